import BananaTech
import Foundation
import XCTest

/// A JSON value, its numbers exact.
enum Value: Decodable, Equatable {
    case null
    case flag(Bool)
    case number(Decimal)
    case text(String)
    case list([Value])
    case object([String: Value])
    /// What other readers of JSON differ about, by its text.
    case exact(String)

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let number = try? value.decode(Decimal.self) {
            self = .number(number)
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let list = try? value.decode([Value].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: Value].self))
        }
    }

    init(_ json: String) throws {
        self = try JSONDecoder().decode(Value.self, from: Data(json.utf8))
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
    var list: [Value]? { if case .list(let list) = self { list } else { nil } }
    var fields: [String: Value]? { if case .object(let fields) = self { fields } else { nil } }
    var int: Int? { if case .number(let number) = self { Int(number.description) } else { nil } }

    subscript(_ field: String) -> Value? { fields?[field] }

    /// An object with some of its fields other than they were.
    func with(_ changes: [String: Value?]) -> Value {
        var fields = self.fields ?? [:]
        for (name, value) in changes { fields[name] = value }
        return .object(fields)
    }

    /// The vectors hold unknown fields apart; in JSON they stand among the others.
    var flat: Value {
        guard let extra = self["extra"]?.fields else { return self }
        return with(["extra": nil]).with(extra.mapValues { $0 })
    }
}

/// One case of a vector file.
struct Vector {
    let value: Value
    var name: String { value["name"]?.text ?? "\(value)" }

    subscript(_ field: String) -> Value? { value[field] }

    func text(_ field: String) throws -> String { try XCTUnwrap(value[field]?.text, "\(name): \(field)") }
    func flag(_ field: String) throws -> Bool { try XCTUnwrap(value[field]?.flag, "\(name): \(field)") }
    func int(_ field: String) throws -> Int { try XCTUnwrap(value[field]?.int, "\(name): \(field)") }
}

/// The cases of a vector file. None is an error: the file was lost, or changed its form.
func vectors(_ file: String, _ list: String = "cases") throws -> [Vector] {
    let folder = try XCTUnwrap(ProcessInfo.processInfo.environment["BANANATECH_VECTORS"], "BANANATECH_VECTORS isn't set")
    let url = URL(fileURLWithPath: folder).appendingPathComponent(file + ".json")
    let all = try JSONDecoder().decode([String: Value].self, from: Data(contentsOf: url))
    let cases = try XCTUnwrap(all[list]?.list, "\(file): no \(list)")
    XCTAssertGreaterThan(cases.count, 0, "\(file): no \(list)")
    return cases.map(Vector.init)
}

/// Runs all cases of a file, and says how many there were.
func each(_ file: String, _ list: String = "cases", _ check: (Vector) throws -> Void) throws {
    let cases = try vectors(file, list)
    for vector in cases {
        do { try check(vector) } catch { XCTFail("\(file): \(vector.name): \(error)") }
    }
    print("\(file) \(list): \(cases.count)")
}

func bytes(_ hex: String) -> Data {
    let digits = Array(hex)
    return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...($0 + 1)]), radix: 16) ?? 0 })
}

let merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10"
let keyText: Redacted = "webhook-test-key-of-32-bytes-000"
let iv = Data(repeating: 5, count: 16)

func merchantOptions(
    _ key: Redacted = keyText, codec: KeyCodec? = nil, url: String = "https://api.example"
) throws -> MerchantOptions {
    let url = try XCTUnwrap(URL(string: url))
    return MerchantOptions(merchantId: merchantId, baseUrl: url, secretKey: key, codec: codec, keyId: "2026-11")
}

func merchant(_ key: Redacted = keyText, codec: KeyCodec? = nil) throws -> Merchant {
    try Merchant(options: merchantOptions(key, codec: codec))
}

func merchant(of vector: Vector) throws -> Merchant {
    var options = try merchantOptions(Redacted(vector.text("key_text")), codec: codec(vector.text("codec")))
    options.maxWebhookBytes = vector["max_bytes"]?.int.map(Int32.init)
    options.maxAnswerBytes = options.maxWebhookBytes
    return try Merchant(options: options)
}

func codec(_ name: String) throws -> KeyCodec {
    switch name {
    case "utf8": .utf8
    case "hex": .hex
    case "base64": .base64
    case "sha256": .sha256
    default: throw Unknown(what: name)
    }
}

struct Unknown: Error { let what: String }

extension String {
    var data: Data { Data(utf8) }
}

extension Data {
    var string: String { String(decoding: self, as: UTF8.self) }
}

/// The error of the library that something ends in; anything else is a failure.
@discardableResult
func thrown<T>(
    _ what: String = "", file: StaticString = #filePath, line: UInt = #line, _ work: () throws -> T
) throws -> BananaTechError {
    do {
        _ = try work()
    } catch let error as BananaTechError {
        return error
    } catch {
        XCTFail("\(what): another error: \(error)", file: file, line: line)
        throw error
    }
    XCTFail("\(what): nothing was thrown", file: file, line: line)
    throw Unknown(what: what)
}

/// The rejection that something ends in.
func rejected<T>(_ what: String = "", _ work: () throws -> T) throws -> Rejection {
    let error = try thrown(what, work)
    guard case .rejected(let rejection, _) = error else { throw error }
    return rejection
}

/// An operation that no test reads anything into.
let recharge = Recharge(userId: 12345, cardId: 67890, amount: 100)

extension Merchant {
    /// An event's delivery, as BananaTech would send it.
    func delivered(_ type: String, _ data: String) throws -> Event {
        try receive(rawBody: testWebhook(eventType: type, data: Redacted(data))).event
    }

    /// What stands in a sealed message: a rejection hands out its body as it was opened.
    func opened(_ body: Data) throws -> String {
        let rejection = try rejected { try read(operation: .getAccountBalance, status: 400, body: body) }
        XCTAssertTrue(rejection.authenticated)
        return rejection.body.expose()
    }

    /// What stands in a request.
    func opened(_ request: SealedRequest) throws -> String {
        let mac = try XCTUnwrap(request.headers.first { $0.name == "X-HMAC" }).value.expose()
        return try opened((request.body.dropLast() + #","hmac":"\#(mac)"}"#).data)
    }
}
