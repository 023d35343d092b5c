// Ids of several kinds, so that none can stand in another's place. Each is coded as its number.

/// An id, which is a number.
public protocol NumberedId: RawRepresentable, Hashable, Codable, Comparable, Sendable, ExpressibleByIntegerLiteral, LosslessStringConvertible
where RawValue == Int64 {
    /// The id of that number: 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
    init(rawValue: Int64)
}

extension NumberedId {
    /// The id of that number.
    public init(_ number: Int64) {
        self.init(rawValue: number)
    }

    /// The id of that number.
    public init(_ number: some BinaryInteger) {
        // What is too large is out of range as well.
        self.init(rawValue: Int64(exactly: number) ?? -1)
    }

    /// The id that a text has, such as a part of a path; nil if it isn't a whole number.
    public init?(_ text: String) {
        guard let number = Int64(text) else { return nil }
        self.init(rawValue: number)
    }

    public init(integerLiteral number: Int64) {
        self.init(rawValue: number)
    }

    public var description: String { String(rawValue) }

    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// A user's id.
public struct UserId: NumberedId {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// A card's id.
public struct CardId: NumberedId {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// A card template's id.
public struct TemplateId: NumberedId {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// A transaction's id.
public struct TransactionId: NumberedId {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}
