import BananaTech
import Foundation

let merchant = try Merchant(options: MerchantOptions(
    merchantId: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
    baseUrl: URL(string: "https://api.example")!,
    secretKey: "only-for-trying-it-out: 32 bytes"))
let call = try merchant.call(Recharge(userId: 12345, cardId: 200001, amount: Decimal(amount: "100.00")))

// Since then only this system acts for your users and cards. If others act too, use .shared.
let tracker = try Tracker(assumptions: .exclusiveSince(Date(timeIntervalSince1970: 1_767_225_600)))
let operation = call.tracked(sentAt: Date())
try tracker.store(operation: operation)
// Store tracker.toJson() here. Then send call.request once, with any HTTP client: the product BananaTechURLSession has one.
let answer = try call.answer(status: 200, body: merchant.testAnswer(response: #"{"message": "request sent"}"#))
try tracker.acknowledge(id: operation.id, response: answer.any)

let now = Int(Date().timeIntervalSince1970 * 1000)
let event = #"""
    {"card_id": 200001, "transaction_id": 1, "receive_amount": 100, "currency": "USD", "status": "SUCCESS",
     "occur_time": \#(now)}
    """#
let webhook = try merchant.testWebhook(eventType: "CARD_RECHARGE_RESULT", data: Redacted(event))
let delivery = try merchant.receive(rawBody: webhook)
print(try tracker.receive(delivery: delivery).verdict == .settled) // true
