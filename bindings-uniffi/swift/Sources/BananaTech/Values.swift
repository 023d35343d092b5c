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

    /// The text in clear; keep it out of logs.
    public func expose() -> String { text }

    public var description: String { "…" }
    public var debugDescription: String { "…" }
    public var customMirror: Mirror { Mirror(self, children: []) }
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

/// The library answered with what this platform can't hold. It never does.
struct UnexpectedValue: Error {}

/// An exact amount from the core's text, which has 28 digits at most; `Decimal` holds 38.
func decimal(_ text: String) throws -> Decimal {
    guard let amount = Decimal(string: text) else { throw UnexpectedValue() }
    return amount
}

/// An amount in plain digits. One that went through a binary float on its way, as a literal does, and isn't what was written any more
/// (3.133 is 3.132999999999999488 then) is marked, for the library to refuse: up to 15 digits are exact.
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
