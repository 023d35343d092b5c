import Foundation

/// A part of a text, or the caret if both are the same: positions before a UTF-16 code unit, as `NSRange` and UIKit have them.
public struct FieldSelection: Hashable, Sendable {
    /// Where it begins. What is before the text is its start.
    public let start: Int
    /// Where it ends, not before its start. What is beyond the text is its end.
    public let end: Int

    /// That part.
    public init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// No selection, only the caret.
    public init(caret: Int) {
        self.init(start: caret, end: caret)
    }

    /// The part that UIKit or AppKit tells.
    public init(_ range: NSRange) {
        self.init(start: range.location, end: range.location.addingReportingOverflow(range.length).partialValue)
    }

    /// The same for UIKit or AppKit.
    public var range: NSRange { NSRange(location: start, length: end - start) }

    init(number: Int64) {
        self.init(start: Int(number >> 31), end: Int(number & 0x7fff_ffff))
    }

    var number: Int64 {
        let part = { (position: Int) in Int64(min(max(position, 0), 0x7fff_ffff)) }
        return part(start) << 31 | part(end)
    }
}

/// A month of a year, by the Gregorian calendar.
public struct YearMonth: Hashable, Sendable {
    /// The year, with its century: 2026.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int

    /// That month.
    public init(year: Int, month: Int) {
        self.year = year
        self.month = month
    }

    /// The month that a moment is in.
    public init(of date: Date, in timeZone: TimeZone = .current) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        self.init(year: calendar.component(.year, from: date), month: calendar.component(.month, from: date))
    }

    var number: Int32 {
        (0...9999).contains(year) && (0...99).contains(month) ? Int32(year * 100 + month) : 0
    }
}

/// A day on which somebody was born. Nothing of it is in its description.
public struct BirthDate: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The year, with its century: 1987.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day, 1 to 31.
    public let day: Int

    /// That day.
    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    public var description: String { "…" }
    public var debugDescription: String { "…" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    var number: Int32 {
        let isDate = (0...9999).contains(year) && (0...99).contains(month) && (0...99).contains(day)
        return isDate ? Int32((year * 100 + month) * 100 + day) : 0
    }
}

extension FieldVerdict {
    /// Whether it can be sent as it is.
    public var isValid: Bool { validity == .valid }

    /// Whether it is valid or can become so by typing on.
    public var isPotentiallyValid: Bool { validity != .invalid }
}

extension Brand {
    /// A stable code, to choose words by.
    public var code: String { brandCode(value: self) }

    /// What is the same for all numbers of the brand.
    public var facts: BrandFacts { brandFacts(brand: self) }
}

extension FieldReason {
    /// A stable code, to choose words by.
    public var code: String { fieldReasonCode(value: self) }
}

extension Luhn {
    /// A stable code, to choose words by.
    public var code: String { luhnCode(value: self) }
}

extension Validity {
    /// A stable code, to choose words by.
    public var code: String { validityCode(value: self) }
}

extension Weakness {
    /// A stable code, to choose words by.
    public var code: String { weaknessCode(value: self) }
}

/// Judges an expiry date by the usual rules: cards expire up to 19 years ahead.
///
/// - Parameters:
///   - text: What was typed.
///   - date: Now, by the clock of the platform.
///   - timeZone: Where the month begins.
public func expiryField(text: String, at date: Date = Date(), in timeZone: TimeZone = .current) -> ExpiryField {
    expiryField(text: text, rules: ExpiryRules(now: YearMonth(of: date, in: timeZone)))
}
