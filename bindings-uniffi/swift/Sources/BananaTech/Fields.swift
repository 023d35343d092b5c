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
public struct YearMonth: Hashable, Codable, Comparable, Sendable {
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

    public static func < (one: Self, other: Self) -> Bool { (one.year, one.month) < (other.year, other.month) }

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

extension NumberField {
    /// Judges a card number: digits, with spaces and hyphens wherever they were typed. There are two verdicts: ``assignment`` is for a card of
    /// this issuer that is to be assigned, ``verdict`` for any card at a checkout.
    public init(_ text: Redacted, rules: NumberRules = NumberRules()) {
        self = numberField(text: text, rules: rules)
    }
}

extension ExpiryField {
    /// Judges an expiry date, in the spellings that `card-validator` takes: `12/27`, `12 / 2027`, `12 27`, `1227`, `122027`, `2027-12`,
    /// and months of one digit. White space of several kinds, where nothing else is typed or only the month, is as one, where
    /// `card-validator` refuses some.
    public init(_ text: String, rules: ExpiryRules) {
        self = expiryField(text: text, rules: rules)
    }

    /// Judges an expiry date by the usual rules: cards expire up to 19 years ahead.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - date: Now, by the clock of the platform.
    ///   - timeZone: Where the month begins.
    public init(_ text: String, at date: Date = Date(), in timeZone: TimeZone = .current) {
        self.init(text, rules: ExpiryRules(now: YearMonth(of: date, in: timeZone)))
    }
}

extension PinField {
    /// Judges a PIN: digits only, nothing around them.
    public init(_ text: Redacted, rules: PinRules = PinRules()) {
        self = pinField(text: text, rules: rules)
    }
}

extension PlainField {
    /// Judges a security code (CVV): digits only, nothing around them.
    public init(cvv text: Redacted, length: CvvLength) {
        self = cvvField(text: text, length: length)
    }

    /// Judges the name of a card's holder: anything but nothing, and nothing that looks like a card number. 255 UTF-16 code units at
    /// most.
    public init(cardholderName text: String) {
        self = cardholderNameField(text: text)
    }

    /// Judges a postal code of any country: it begins with letters (A to Z) or digits, and has at least `minLength` characters (UTF-16
    /// code units, at least one); `card-validator` asks for 2.
    public init(postalCode text: String, minLength: Int = 2) {
        self = postalCodeField(text: text, minLength: Int32(clamping: minLength))
    }
}

extension FieldFormat {
    /// Edits a text: what was typed, and where the caret is, become what is to be shown, and where the caret goes. Decimal digits of all
    /// scripts (Unicode's general category Nd) become 0 to 9; what the field doesn't have is dropped.
    ///
    /// One more digit than the field takes isn't taken. A longer text that is pasted is kept whole, so that no number is cut to another
    /// one unseen: its verdict says that it is too long. A text of more than 1024 UTF-16 code units stays as it is.
    ///
    /// - Parameters:
    ///   - text: The text before the edit.
    ///   - selection: What was selected in it, or the caret.
    ///   - edit: What happens to it.
    public func edited(_ text: Redacted, selection: FieldSelection, by edit: FieldEdit) -> Edited {
        editField(format: self, text: text, selection: selection, edit: edit)
    }
}
