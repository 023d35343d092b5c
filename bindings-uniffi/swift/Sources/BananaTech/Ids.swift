// Ids of several kinds, so that none can stand in another's place. Each is coded as its number.

/// A user's id.
public struct UserId: RawRepresentable, Hashable, Codable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
    public let rawValue: Int64

    /// The id of that number.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The id of that number.
    public init(_ number: Int64) {
        self.init(rawValue: number)
    }

    public init(integerLiteral number: Int64) {
        self.init(rawValue: number)
    }

    public var description: String { String(rawValue) }
}

/// A card's id.
public struct CardId: RawRepresentable, Hashable, Codable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
    public let rawValue: Int64

    /// The id of that number.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The id of that number.
    public init(_ number: Int64) {
        self.init(rawValue: number)
    }

    public init(integerLiteral number: Int64) {
        self.init(rawValue: number)
    }

    public var description: String { String(rawValue) }
}

/// A card template's id.
public struct TemplateId: RawRepresentable, Hashable, Codable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
    public let rawValue: Int64

    /// The id of that number.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The id of that number.
    public init(_ number: Int64) {
        self.init(rawValue: number)
    }

    public init(integerLiteral number: Int64) {
        self.init(rawValue: number)
    }

    public var description: String { String(rawValue) }
}

/// A transaction's id.
public struct TransactionId: RawRepresentable, Hashable, Codable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// 0 to 2^63 - 1. What is out of range is refused where it is used, as `id.range`.
    public let rawValue: Int64

    /// The id of that number.
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The id of that number.
    public init(_ number: Int64) {
        self.init(rawValue: number)
    }

    public init(integerLiteral number: Int64) {
        self.init(rawValue: number)
    }

    public var description: String { String(rawValue) }
}
