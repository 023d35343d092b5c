import BananaTech
import Foundation

/// Compares what the library gave with JSON, field by field and by reflection, so that no field is left out: one that is there
/// in JSON has to be there, and the other way round. Answers what differs.
func differences(_ got: Any, _ expected: Value?, _ path: String = "") -> [String] {
    let differs = ["\(path): got \(got), expected \(expected.map { "\($0)" } ?? "nothing")"]
    func judge(_ equal: Bool) -> [String] { equal ? [] : differs }
    let mirror = Mirror(reflecting: got)
    guard let expected else { return differs }
    switch got {
    case let flag as Bool: return judge(expected == .flag(flag))
    case let text as String: return judge(expected == .text(text))
    case let text as Redacted: return judge(expected == .text(text.expose()))
    case let amount as Decimal: return judge(expected.text.flatMap { Decimal(string: $0) } == amount)
    case let date as Date: return judge(expected.int.map { Date(timeIntervalSince1970: Double($0) / 1000) } == date)
    case let date as Expiry: return judge(expected == .text(date.description))
    case let number as Int64: return judge(expected == .number(Decimal(number)))
    case let number as Int32: return judge(expected == .number(Decimal(number)))
    case let id as UserId: return judge(expected == .number(Decimal(id.rawValue)))
    case let id as CardId: return judge(expected == .number(Decimal(id.rawValue)))
    case let id as TemplateId: return judge(expected == .number(Decimal(id.rawValue)))
    case let id as TransactionId: return judge(expected == .number(Decimal(id.rawValue)))
    case let raw as Raw:
        if case .exact(let text) = expected { return judge(raw.json.expose() == text) }
        return judge(parsed(raw.json) == expected)
    case let list as [Redacted]: return judge(list.map(parsed) == expected.list)
    case let list as [Any]:
        guard let items = expected.list, items.count == list.count else { return differs }
        return zip(list, items).enumerated().flatMap { differences($1.0, $1.1, "\(path)[\($0)]") }
    default: break
    }
    if mirror.displayStyle == .enum { return judge(expected == .text(word(got))) }
    guard mirror.displayStyle == .struct, let fields = expected.fields else { return differs }
    // Unknown fields stand apart here and in the vectors; in JSON they stand among the others. A documented field of another
    // type, as a CVV of asterisks, counts as unknown.
    var there: [String: Any] = [:]
    for child in mirror.children {
        if let extra = child.value as? [String: Redacted], child.label == "extra" {
            for (name, json) in extra { there[name] = Raw(json: json) }
        } else if let value = present(child.value) {
            there[wireName(child.label ?? "")] = value
        }
    }
    let flat = expected.flat.fields ?? fields
    return Set(there.keys).union(flat.keys).sorted().flatMap { name in
        there[name].map { differences($0, flat[name], "\(path).\(name)") } ?? ["\(path).\(name): not there"]
    }
}

/// A field's value as JSON.
private struct Raw { let json: Json }

/// The value of an optional; none if it has none.
private func present(_ value: Any) -> Any? {
    let mirror = Mirror(reflecting: value)
    return mirror.displayStyle == .optional ? mirror.children.first?.value : value
}

/// JSON that isn't JSON is equal to none.
private func parsed(_ json: Json) -> Value {
    (try? Value(json.expose())) ?? .text("not JSON: \(UUID())")
}

/// `receiveAmount` is `receive_amount` in JSON; two fields are named otherwise, as `type` says too little by itself.
private func wireName(_ name: String) -> String {
    if name == "transactionType" || name == "templateType" { return "type" }
    return snake(name)
}

func snake(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
}

/// A word as the API writes it.
func word(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    if let other = mirror.children.first?.value as? String { return other }
    switch value {
    case CardStatus.toBeActivated: return "TBA"
    case is TemplateType, is PaymentSystem: return "\(value)".capitalized
    case EventType.card3ds: return "CARD_3DS"
    case let luhn as Luhn: return luhn.code
    case let brand as Brand: return brand.code
    default: return snake("\(value)").uppercased()
    }
}

/// A response, out of those of all operations.
func inner(_ response: AnyResponse) -> Any {
    Mirror(reflecting: response).children.first?.value ?? response
}

/// What differs between an event and a vector's: the fields of a documented type, or the data whole.
func differences(_ event: Event, type: String, _ expected: Value) -> [String] {
    func raw(_ data: Json, _ of: String) -> [String] {
        let equal = expected["data_text"].map { .text(data.expose()) == $0 } ?? ((try? Value(data.expose())) == expected["data"])
        return equal && expected.fields?.count == 1 && of == type ? [] : ["raw data of \(of)"]
    }
    switch event {
    case .transactionCreated(let data): return raw(data, "TRANSACTION_CREATED")
    case .cardCorrection(let data): return raw(data, "CARD_CORRECTION")
    case .card3ds(let data): return raw(data, "CARD_3DS")
    case .cardVerification(let data): return raw(data, "CARD_VERIFICATION")
    case .unknown(let unknown): return raw(unknown.data, unknown.eventType)
    default:
        let child = Mirror(reflecting: event).children.first
        let name = snake(child?.label ?? "").uppercased()
        return (name == type ? [] : ["type \(name)"]) + differences(child?.value ?? event, expected)
    }
}
