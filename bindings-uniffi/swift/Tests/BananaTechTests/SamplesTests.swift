import BananaTech
import Foundation
import XCTest

// What the documentation shows of programs in Swift is between the lines with `#region`.

// #region webhook
/// What becomes of operations, in memory and in a database.
actor Desk {
    private let merchant: Merchant
    private var tracker: Tracker
    /// Saves, in one transaction, the tracker's JSON and what you do about each operation that ended.
    private let save: @Sendable (String, [Settled]) throws -> Void

    init(_ merchant: Merchant, _ tracker: Tracker, save: @escaping @Sendable (String, [Settled]) throws -> Void) {
        (self.merchant, self.tracker, self.save) = (merchant, tracker, save)
    }

    /// Takes a webhook's raw body; the status to answer with. Nothing in it awaits, so one webhook is taken after the other.
    func take(_ body: Data) -> Int {
        do {
            let delivery = try merchant.receive(rawBody: body)
            let next = try tracker.copy()
            let report = try next.receive(delivery: delivery)
            try save(next.toJson(), report.settled)
            tracker = next // only now: if it wasn't saved, the next delivery isn't a repetition
            return 200
        } catch let error as BananaTechError {
            return error.code == .messageTooLong ? 413 : 400
        } catch {
            return 503
        }
    }
}
// #endregion webhook

// #region fake
/// Your code: it takes any sender.
struct Shop {
    let merchant: Merchant
    let sender: any CallSender

    func fee() async throws -> Decimal? {
        try await sender.send(merchant.call(GetCardTemplates())).data.first?.rechargeFee
    }
}

/// Answers what a test says, sealed as BananaTech would seal it.
struct FakeSender: CallSender {
    let merchant: Merchant
    let answers: @Sendable (AnyOperation) throws -> (status: Int, json: Redacted)

    func answer<Operation: TypedOperation>(_ call: Call<Operation>) async throws -> Answer<Operation.Response> {
        try call.sendOnce()
        let (status, json) = try answers(call.operation)
        return try call.answer(status: status, body: merchant.testAnswer(response: json))
    }
}
// #endregion fake

final class SamplesTests: XCTestCase {
    func testAFakeAnswers() async throws {
        let merchant = try merchant()
        let fake = FakeSender(merchant: merchant) { operation in
            switch operation {
            case .getCardTemplates: (200, #"{"data": [{"id": 1, "recharge_fee": 1.5}]}"#)
            case .getTransactions(let list): (200, Redacted(#"{"data": [{"id": \#((list.skip ?? 0) + 1), "amount": 1}], "total": 2}"#))
            case .recharge: (400, #"{"message": "the card is LOCKED"}"#)
            case .setPin: throw BananaTechError.notSent(summary: "no connection [request.not_sent]")
            default: (500, "{}")
            }
        }
        let fee = try await Shop(merchant: merchant, sender: fake).fee()
        XCTAssertEqual(fee, 1.5)
        // Of any kind, and a list's pages.
        let sender: any CallSender = fake
        let templates = try await sender.send(merchant.call(GetCardTemplates().any))
        guard case .getCardTemplates = templates else { return XCTFail("\(templates)") }
        var ids: [TransactionId] = []
        for try await transaction in merchant.pages(GetTransactions(limit: 1), send: sender.send) { ids.append(transaction.id) }
        XCTAssertEqual(ids, [1, 2])
        let call = try merchant.call(recharge)
        do {
            _ = try await sender.send(call)
            XCTFail("nothing was thrown")
        } catch let error as BananaTechError {
            XCTAssertEqual(error.rejection?.words, "the card is LOCKED")
        }
        do {
            _ = try await sender.answer(call)
            XCTFail("it was sent again")
        } catch is SentBefore {}
        do {
            _ = try await sender.send(merchant.call(Apply(userId: 1, templateId: 1)))
            XCTFail("nothing was thrown")
        } catch BananaTechError.notKnown {}
        do {
            _ = try await sender.send(merchant.call(SetPin(userId: 1, cardId: 2, pin: "6081")))
            XCTFail("nothing was thrown")
        } catch BananaTechError.notSent {}
    }

    func testAWebhookThatWasNotSavedIsTakenAgain() async throws {
        final class Database: @unchecked Sendable {
            var isDown = true
            var saved: [(json: String, settled: [Settled])] = []
        }
        let (merchant, database) = (try merchant(), Database())
        let tracker = try Tracker(assumptions: .exclusiveSince(Date(timeIntervalSince1970: 0)))
        let now = Date()
        let operation = try merchant.call(recharge).tracked(sentAt: now)
        try tracker.store(operation: operation)
        let desk = Desk(merchant, tracker) { json, settled in
            if database.isDown { throw Unknown(what: "the database is down") }
            database.saved.append((json, settled))
        }
        let event = CardRechargeResult(
            cardId: 67890, transactionId: 1, receiveAmount: 100, status: .success, currency: "USD", occurTime: now)
        let body = try merchant.testEvent(event: .cardRechargeResult(event))
        var status = await desk.take(body)
        XCTAssertEqual(status, 503)
        database.isDown = false
        status = await desk.take(body)
        XCTAssertEqual(status, 200)
        XCTAssertEqual(database.saved.map { $0.settled.map(\.operation.id) }, [[operation.id]])
        status = await desk.take(body)
        XCTAssertEqual(status, 200)
        XCTAssertEqual(database.saved.last?.settled, [])
        status = await desk.take("{}".data)
        XCTAssertEqual(status, 400)
        XCTAssertEqual(try Tracker(json: XCTUnwrap(database.saved.last).json).operation(id: operation.id)?.outcome, .succeeded(cardId: 67890))
    }
}
