import Foundation

/// A text that may hold what must not be seen: a card number, a PIN, a key, a one-time password, a person's data. Nothing of it
/// is in its description, so that it can't get into a log by way of the value that it stands in.
public struct Redacted: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    private let text: String

    /// That text, hidden.
    public init(_ text: String) {
        self.text = text
    }

    public init(stringLiteral text: String) {
        self.text = text
    }

    public init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
    }

    /// What is put together of texts is hidden as a whole.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity)
        }

        public mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        /// Another one's text, not its description.
        public mutating func appendInterpolation(_ other: Redacted) {
            text += other.expose()
        }

        public mutating func appendInterpolation(_ value: some LosslessStringConvertible) {
            text += value.description
        }
    }

    /// The text in clear; keep it out of logs.
    public func expose() -> String { text }

    public var description: String { "…" }
    public var debugDescription: String { "…" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension DefaultStringInterpolation {
    /// Writes `…`. Put into a text that is sent, as in `"{\"number\": \"\(cardNumber)\"}"`, it is most likely a mistake, so the compiler warns of it.
    @available(*, deprecated, message: "this writes “…”, not the text: write expose() for the text, or String(describing:) to print it hidden")
    public mutating func appendInterpolation(_ hidden: Redacted) {
        appendLiteral(hidden.description)
    }
}

/// A card's expiry date: it is good to the end of that month.
public struct Expiry: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 12.
    public let month: Int
    /// With its century, 2000 to 2099.
    public let year: Int

    /// That date. What is out of range is refused where it is used, as `expiry.format` or `expiry.month`.
    public init(month: Int, year: Int) {
        self.month = month
        self.year = year
    }

    /// As it stands on a card: `MM/YY`.
    public var description: String {
        let text = { (number: Int) in (number < 10 ? "0" : "") + String(number) }
        return text(month) + "/" + text(year % 100)
    }

    var number: Int32 {
        (0...99).contains(month) && (0...9999).contains(year) ? Int32(year * 100 + month) : 0
    }
}

extension Expiry: Comparable {
    public static func < (one: Self, other: Self) -> Bool { (one.year, one.month) < (other.year, other.month) }
}

/// It is coded as `MM/YY`.
extension Expiry: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Expiry(decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Decoder {
    /// A value's JSON: of a text, what it says, and otherwise the value as it stands there.
    func jsonText() throws -> String {
        if let text = try? singleValueContainer().decode(String.self) { return text }
        return String(decoding: try JSONEncoder().encode(JSONValue(from: self)), as: UTF8.self)
    }
}

/// JSON, as coders of each format have it.
enum JSONValue: Codable {
    case null
    case flag(Bool)
    case integer(Int64)
    case number(Decimal)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Decimal.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .integer(let integer): try container.encode(integer)
        case .number(let number):
            // Some platforms' decoders make a float of it, which may be another number.
            guard !amountText(number).hasPrefix("~") else { throw UnexpectedValue() }
            try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }
}

/// The library answered with what this platform can't hold. It never does.
struct UnexpectedValue: Error {}

/// An exact amount from the core's text, which has 28 digits at most; `Decimal` holds 38.
func decimal(_ text: String) throws -> Decimal {
    guard let amount = Decimal(string: text) else { throw UnexpectedValue() }
    return amount
}

/// An amount in plain digits. One that is a binary float's value, as a literal is, with more digits than floats have (3.133 is
/// 3.132999999999999488 then) is marked, for the library to refuse: up to 15 digits are exact. What was calculated from such a value is seldom a
/// float's value any more, and isn't marked.
func amountText(_ amount: Decimal) -> String {
    let isLong = amount.exponent < 0 && amount.significand.description.count > 15
    let isOfFloat = isLong && Decimal(NSDecimalNumber(decimal: amount).doubleValue) == amount
    return isOfFloat ? "~" + amount.description : amount.description
}

func url(_ text: String) throws -> URL {
    guard let url = URL(string: text) else { throw UnexpectedValue() }
    return url
}

func uuid(_ text: String) throws -> UUID {
    guard let id = UUID(uuidString: text) else { throw UnexpectedValue() }
    return id
}

/// Milliseconds since 1970; for what they can't count, the nearest that they can.
func epochMillis(_ time: Date) -> Int64 {
    let millis = (time.timeIntervalSince1970 * 1000).rounded()
    return Int64(exactly: millis) ?? (millis < 0 ? .min : .max)
}
