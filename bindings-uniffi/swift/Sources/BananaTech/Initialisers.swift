import Foundation

// What the functions of the same names do, where Swift looks for it.

extension Plan {
    /// Plans an operation without a key, so in an app too: for a backend to seal.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: the codes of the operation's fields and rules.
    public init<Operation: TypedOperation>(_ operation: Operation) throws {
        self = try plan(operation: operation.any)
    }

    /// Reads a plan that was made elsewhere, as ``checkPlan(json:openFields:)`` does. Who may do what is for the backend to decide.
    public init(checking json: Redacted, openFields: [OperationKind] = []) throws {
        self = try checkPlan(json: json, openFields: openFields)
    }
}

extension CardTemplate {
    /// Checks a registration, an application or a recharge against this template, as ``checkTemplate(template:operation:)`` does.
    public func check<Operation: TypedOperation>(_ operation: Operation) throws {
        try checkTemplate(template: self, operation: operation.any)
    }

    /// What the merchant's account will be charged, as ``BananaTech/charge(template:operation:fee:balance:)`` tells.
    public func charge<Operation: TypedOperation>(for operation: Operation, fee: Fee, balance: Decimal? = nil) throws -> Charge {
        try BananaTech.charge(template: self, operation: operation.any, fee: fee, balance: balance)
    }
}

extension CardNumberFacts {
    /// Checks a card number: 16 to 19 digits, without spaces.
    public init(_ number: Redacted) throws {
        self = try cardNumber(text: number)
    }
}

extension Expiry {
    /// Reads an expiry date, written as `MM/YY`.
    public init(_ text: String) throws {
        self = try expiry(text: text)
    }
}

extension BirthDate {
    /// Reads a birth date, written as `YYYY-MM-DD`.
    public init(_ text: Redacted) throws {
        self = try birthDate(text: text)
    }
}

extension Decimal {
    /// Reads an amount in major units, exactly: plain decimal digits, with a point and a minus sign at most.
    public init(amount text: String) throws {
        self = try amount(text: text)
    }
}

extension Event {
    /// Types an event that a backend passed on.
    public init(json: Redacted) throws {
        self = try readEvent(json: json)
    }

    /// As JSON, to be stored or passed on.
    public func json() throws -> Redacted {
        try writeEvent(event: self)
    }
}

extension CardState {
    /// Reads what ``json()`` wrote.
    public init(json: String) throws {
        self = try readCardState(json: json)
    }
}

/// A plan is coded as the object that other languages take, `{"operation": …, "body": …}`, and checked when it is decoded.
extension Plan: Codable {
    /// Takes the object, or its JSON as one text.
    public init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self = try Plan(checking: Redacted(text))
        } else {
            let text = try JSONEncoder().encode(JSONValue(from: decoder))
            self = try Plan(checking: Redacted(String(decoding: text, as: UTF8.self)))
        }
    }

    /// A PIN or card number is in it in clear.
    public func encode(to encoder: any Encoder) throws {
        try JSONDecoder().decode(JSONValue.self, from: Data(json.expose().utf8)).encode(to: encoder)
    }
}

// What is stored is coded as the JSON that the library writes, as one text: exact, and checked when it is decoded.

extension CardState: Codable {
    public init(from decoder: any Decoder) throws {
        self = try CardState(json: decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(json())
    }
}

extension Event: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Event(json: Redacted(decoder.singleValueContainer().decode(String.self)))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(json().expose())
    }
}
