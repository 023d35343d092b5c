import Foundation

extension CardNumberFacts {
    /// Checks a card number: 16 to 19 digits, without spaces. The check digit is no rule but a verdict, ``luhn``.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `card_number.digits`, `card_number.length`.
    public init(_ number: Redacted) throws {
        self = try cardNumber(text: number)
    }
}

extension PinFacts {
    /// Checks a new PIN for a physical card: 4 to 6 digits.
    ///
    /// - Parameters:
    ///   - newPin: The PIN.
    ///   - context: What is known of the cardholder.
    /// - Throws: ``BananaTechError``, caused by the caller: `pin.digits`, `pin.length`.
    public init(newPin: Redacted, context: PinContext? = nil) throws {
        self = try pin(text: newPin, context: context)
    }

    /// Checks the PIN that activates a physical card: exactly 6 digits.
    ///
    /// - Parameters:
    ///   - activationPin: The PIN.
    ///   - context: What is known of the cardholder.
    /// - Throws: ``BananaTechError``, caused by the caller: `pin.digits`, `pin.length`.
    public init(activationPin: Redacted, context: PinContext? = nil) throws {
        self = try BananaTech.activationPin(text: activationPin, context: context)
    }
}

extension PinContext {
    /// Says why a PIN of 4 to 6 digits is easily guessed; nothing if it isn't, as far as can be told. Nothing of it is kept.
    ///
    /// It is advice: the vendor recommends against repeated digits and simple patterns, and doesn't refuse them
    /// (04-Physical-Cards). Without a context it finds fault with about a tenth of all PINs, which is what keeps a thief from the likely
    /// ones without driving people to the next likely (Markert et al., "This PIN Can Be Easily Guessed", IEEE S&P 2020).
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `pin.digits`, `pin.length`.
    public func weaknesses(of pin: Redacted) throws -> [Weakness] {
        try reviewPin(pin: pin, context: self)
    }

    /// The same as a rule: refuses a PIN that is easily guessed.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `pin.digits`, `pin.length`, `pin.weak`.
    public func requireStrong(_ pin: Redacted) throws {
        try requireStrongPin(pin: pin, context: self)
    }
}

extension CvvLength {
    /// How many digits a brand's security code has; three or four while the brand isn't known.
    public init(of brand: Brand?) {
        self = cvvLength(brand: brand)
    }

    /// Checks a card verification value: 3 or 4 digits.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `cvv.digits`, `cvv.length`.
    public static func check(_ cvv: Redacted) throws {
        try BananaTech.cvv(text: cvv)
    }
}

extension Expiry {
    /// Reads an expiry date, written as `MM/YY`.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `expiry.format`, `expiry.month`.
    public init(_ text: String) throws {
        self = try expiry(text: text)
    }

    /// Whether a card is past this date in a month: it is good to the end of the month that it names.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `expiry.month` for a month that isn't 1 to 12.
    public func isExpired(in month: YearMonth = YearMonth(of: Date())) throws -> Bool {
        try BananaTech.isExpired(expiry: self, year: Int32(clamping: month.year), month: Int32(clamping: month.month))
    }
}

extension BirthDate {
    /// Reads a birth date, written as `YYYY-MM-DD`.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `birth_date.format`.
    public init(_ text: Redacted) throws {
        self = try birthDate(text: text)
    }
}

extension Decimal {
    /// Reads an amount that somebody typed, in major units: plain decimal digits, with a point and a minus sign at most. Exact, or an
    /// error: the platform's own readers take more, and some of it otherwise than it was meant.
    ///
    /// Write amounts in code in this way too, `Decimal(amount: "10.07")`, or as whole numbers. Swift makes a literal with a fraction by way
    /// of a binary float. What isn't exact after that is refused as an amount (`amount.format`), but not what is calculated from it.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `amount.format`, `amount.range` for what can't be held exactly (more than
    ///   28 digits).
    public init(amount text: String) throws {
        self = try amount(text: text)
    }
}
