import Foundation

extension Merchant {
    /// The library's version, as `0.1.0`.
    public static var libraryVersion: String { version() }
}

extension Event {
    /// Types an event that a backend passed on. Nothing vouches for it but the way that it came. Data that aren't what a documented type
    /// has arrive as an event too: unrecognized, with the field and the reason.
    ///
    /// - Throws: ``BananaTechError``, caused by whoever passed it on: `json.syntax`, `json.duplicate_field`, `field.required`,
    ///   `field.type`.
    public init(json: Redacted) throws {
        self = try readEvent(json: json)
    }

    /// As JSON, `{"type": …, "data": …}`, to be stored or passed on. It holds what the event holds: of an activation, the card's number.
    public func json() throws -> Redacted {
        try writeEvent(event: self)
    }

    /// What is asked of every event: its type, its card and its time.
    public func facts() throws -> EventFacts {
        try eventFacts(event: self)
    }

    /// Judges when it happened against the clock. A late event isn't by itself a forged one: what to do about it is for you to decide.
    ///
    /// - Parameters:
    ///   - now: Now, by your clock.
    ///   - window: How late and how early it may be: up to a day late, and five minutes early, unless you say it.
    public func freshness(at now: Date = Date(), within window: TimeWindow? = nil) throws -> Freshness {
        try judgeTime(event: self, now: now, window: window)
    }
}

extension AnyResponse {
    /// Types a response that a backend passed on.
    ///
    /// - Throws: ``BananaTechError``, caused by whoever passed it on: the code of the field that is wrong.
    public init(to operation: OperationKind, json: Redacted) throws {
        self = try readResponse(operation: operation, json: json)
    }

    /// As JSON, to be stored or passed on.
    public func json() throws -> Redacted {
        try writeResponse(response: self)
    }
}

extension CardState {
    /// Reads what ``json()`` wrote.
    ///
    /// - Throws: ``BananaTechError``, caused by whoever changed the text: the code of the field that is wrong.
    public init(json: String) throws {
        self = try readCardState(json: json)
    }

    /// Refuses an operation on this card that its state rules out, before it is sealed. Any other operation is let pass.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `state.not_allowed`.
    public func checkOperation<Operation: TypedOperation>(operation: Operation) throws {
        try checkOperation(operation: operation.any)
    }
}

extension Tracker {
    /// Reads what ``toJson()`` wrote, by this version or a newer one, whose fields are kept.
    ///
    /// - Throws: ``BananaTechError``, caused by whoever changed the text: the code of the field that is wrong.
    public convenience init(json: String) throws {
        self.init(unsafeFromHandle: try Tracker.fromJson(text: json).uniffiCloneHandle())
    }

    /// A tracker that knows the same, and changes by itself from now on. Work on a copy, save its ``toJson()``, and only then put it in the
    /// place of this one: if saving fails, this one is as it was, and what comes again isn't taken for a repetition.
    public func copy() throws -> Tracker {
        try Tracker(json: toJson())
    }
}

extension TrackedOperation {
    /// Reads what ``json()`` wrote, by this version or a newer one, whose fields are kept.
    ///
    /// - Throws: ``BananaTechError``, caused by whoever changed the text: the code of the field that is wrong.
    public init(json: String) throws {
        self = try readTrackedOperation(json: json)
    }

    /// As JSON, to be stored. It holds no secret and no personal data.
    public func json() throws -> String {
        try writeTrackedOperation(operation: self)
    }
}

extension Outcome {
    /// Reads what ``json()`` wrote.
    ///
    /// - Throws: ``BananaTechError``, caused by whoever changed the text: the code of the field that is wrong.
    public init(json: Redacted) throws {
        self = try readOutcome(json: json)
    }

    /// As JSON, `{"kind": "succeeded", "card_id": …}` or `{"kind": "failed", "reason": …}`, to be stored. The API's words for a failure are in it.
    public func json() throws -> Redacted {
        try writeOutcome(outcome: self)
    }
}

// What is stored is coded as the JSON that the library writes, as one text: exact, and checked when it is decoded.

extension CardState: Codable {
    public init(from decoder: any Decoder) throws {
        self = try CardState(json: decoder.jsonText())
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(json())
    }
}

extension Tracker: Codable {
    public convenience init(from decoder: any Decoder) throws {
        try self.init(json: decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(toJson())
    }
}

/// It is coded as one text, so that each number in it stays as it was written.
extension Event: Codable {
    /// Takes that text, or the object `{"type": …, "data": …}` that a backend in another language passed on.
    public init(from decoder: any Decoder) throws {
        self = try Event(json: Redacted(decoder.jsonText()))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(json().expose())
    }
}

extension TrackedOperation {
    /// How far it is.
    public var state: OperationState {
        if contradicted { return .contradicted }
        if doubted { return .doubted }
        return switch outcome {
        case .succeeded: .succeeded
        case .failed: .failed
        // One that waits has no place in the order yet.
        case nil: seq == 0 ? .waiting : .open
        }
    }
}

extension TrackedOperation: Codable {
    public init(from decoder: any Decoder) throws {
        self = try TrackedOperation(json: decoder.jsonText())
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(json())
    }
}

extension Outcome: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Outcome(json: Redacted(decoder.jsonText()))
    }

    /// The API's words for a failure are in it in clear.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(json().expose())
    }
}

/// It is coded as its ``state``.
extension Inquiry: Codable {
    public init(from decoder: any Decoder) throws {
        self = try readInquiry(state: Redacted(decoder.singleValueContainer().decode(String.self)))
    }

    /// What the API answered so far is in it in clear, and an e-mail address that was said.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(state.expose())
    }
}
