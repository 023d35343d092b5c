import BananaTech
import Foundation

// Swift beside the core called from Rust, in the same process: in turns, after a warm-up. Prints rows of a table.

let quick = CommandLine.arguments.contains("--quick")
let count = quick ? 500 : 4000
let rounds = quick ? 9 : 61

/// Keeps the compiler from leaving out what nothing uses.
@inline(never)
func use<T>(_ value: T) {}

func nanos(_ work: () throws -> Void) rethrows -> Double {
    let started = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<count { try work() }
    return Double(DispatchTime.now().uptimeNanoseconds - started) / Double(count)
}

func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
}

func micros(_ nanos: Double) -> String {
    String(format: "%.2f µs", nanos / 1000)
}

func row(_ name: String, ours: () throws -> Void, echo: () throws -> Void, core: () throws -> Int64) throws {
    for _ in 0..<3 { _ = try (nanos(ours), nanos(echo), core()) }
    var times: [(ours: Double, echo: Double, core: Double)] = []
    for _ in 0..<rounds {
        times.append((try nanos(ours), try nanos(echo), Double(try core()) / Double(count)))
    }
    let ratio = median(times.map { $0.ours / $0.core })
    let all = [times.map(\.ours), times.map(\.core), times.map(\.echo)].map { micros(median($0)) }
    print("| \(name) | \(all[0]) | \(all[1]) | \(String(format: "%.2f", ratio)) | \(all[2]) |")
}

let merchant = try Merchant(
    options: MerchantOptions(
        merchantId: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", baseUrl: URL(string: "https://api.example")!,
        secretKey: "an example key of 32 characters!"))
let iv = Data("0123456789abcdef".utf8)
let operation = AnyOperation.getTransactions(
    GetTransactions(userId: 12345, cardId: 67890, search: Redacted(String(repeating: "s", count: 155))))
let data: Redacted = """
    {"card_id":67890,"transaction_id":4711,"receive_amount":100.0,"status":"SUCCESS","currency":"USD","template_id":123,\
    "user_id":12345,"description":"Recharge of the card now","occur_time":1691249025085}
    """
let webhook = try merchant.testWebhook(eventType: "CARD_RECHARGE_RESULT", data: data, iv: iv)

print("| | ours | the core, from Rust | ours / core | echo |")
print("|---|---|---|---|---|")
try row(
    "seal 200 B",
    ours: { use(try merchant.seal(operation: operation, iv: iv)) },
    echo: { use(try merchant.testingEchoRequest(operation: operation, iv: iv)) },
    core: { try merchant.testingSealNanos(operation: operation, count: Int32(count)) })
try row(
    "webhook 200 B",
    ours: { use(try merchant.receive(rawBody: webhook)) },
    echo: { use(try merchant.testingEchoDelivery(rawBody: webhook)) },
    core: { try merchant.testingReceiveNanos(rawBody: webhook, count: Int32(count)) })
