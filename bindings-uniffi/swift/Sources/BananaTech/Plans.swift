import Foundation

extension Plan {
    /// Plans an operation without a key, so in an app too: for a backend to seal.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: the codes of the operation's fields and rules.
    public init<Operation: TypedOperation>(_ operation: Operation) throws {
        self = try plan(operation: operation.any)
    }

    /// Reads a plan that was made elsewhere, and checks it anew. Who may do what is for the backend to decide: look at its ``operation``
    /// before sealing that.
    ///
    /// - Parameter openFields: The operations that may have fields which the contract doesn't name (`extra`). Whoever can have a text
    ///   of their own sealed, and sees the result, could play it back as an answer or a webhook: open them to nobody whom you don't trust
    ///   with the Secret Key.
    /// - Throws: ``BananaTechError``, caused by whoever made the plan: `plan.operation`, `field.unknown`, `json.syntax`,
    ///   `json.duplicate_field`, or the code of the field that is wrong.
    public init(checking json: Redacted, openFields: [OperationKind] = []) throws {
        self = try checkPlanWithOpenFields(json: json, operations: openFields)
    }
}

extension CardTemplate {
    /// Checks a registration, an application or a recharge against this template, before it is sent. A limit that the template doesn't
    /// have isn't checked.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `template.mismatch`; `field.required` for what the template requires of a
    ///   user; `deposit.required`, `deposit.not_taken`; `amount.below_minimum`, `amount.above_maximum`; `plan.operation` for another
    ///   operation.
    public func check<Operation: TypedOperation>(_ operation: Operation) throws {
        try checkTemplate(template: self, operation: operation.any)
    }

    /// What the merchant's account will be charged for an application (deposit and `applyFee`) or a recharge (amount and
    /// `rechargeFee`): exact, not rounded.
    ///
    /// - Parameters:
    ///   - operation: The application or the recharge.
    ///   - fee: How the template's fee is meant, which isn't documented.
    ///   - balance: What the merchant's account has, in major units: a charge that it doesn't cover is refused.
    /// - Throws: ``BananaTechError``, caused by the caller: `merchant.balance` (add funds to the merchant's account); `amount.range`
    ///   if it can't be computed exactly; `plan.operation` for another operation.
    public func charge<Operation: TypedOperation>(for operation: Operation, fee: Fee, balance: Decimal? = nil) throws -> Charge {
        try BananaTech.charge(template: self, operation: operation.any, fee: fee, balance: balance)
    }
}

extension Pages {
    /// The start of a list, from its `skip` on, with `limit` records to a page (10 if it has none).
    public init<List: PagedOperation>(of list: List) throws {
        try self.init(of: list.any)
    }

    /// The start of a list of any kind.
    ///
    /// - Throws: ``BananaTechError``, caused by the caller: `plan.operation` for an operation without pages.
    public init(of list: AnyOperation) throws {
        self = try pages(list: list)
    }
}

extension TrackedOperation: Identifiable {}

extension TrackedOperation {
    /// What is to be waited for after an operation is sent. A call's `tracked(sentAt:)` makes it too.
    ///
    /// - Parameters:
    ///   - operation: What is sent.
    ///   - id: Your own name for it, a random one unless you give one.
    ///   - sentAt: When the request is sent, by your clock.
    ///   - askAt: From when on the API is to be asked, if nothing came until then: 10 minutes after it was sent, unless you say it.
    ///   - reference: What it is about, such as an order's number.
    /// - Throws: ``BananaTechError``, caused by the caller: the codes of the operation's fields.
    public init<Operation: ConfirmedOperation>(
        _ operation: Operation, id: UUID = UUID(), sentAt: Date, askAt: Date? = nil, reference: String? = nil
    ) throws {
        let made = try tracked(operation: operation.any, id: id, sentAt: sentAt, askAt: askAt, reference: reference)
        guard let made else { throw UnexpectedValue() }
        self = made
    }

    /// The same for an operation of any kind; nil if no event confirms it.
    public init?(_ operation: AnyOperation, id: UUID = UUID(), sentAt: Date, askAt: Date? = nil, reference: String? = nil) throws {
        let made = try tracked(operation: operation, id: id, sentAt: sentAt, askAt: askAt, reference: reference)
        guard let made else { return nil }
        self = made
    }

    /// The same operation with the least that may arrive of a recharge, by the card's template: the amount less the fee, should the fee
    /// be taken from it. Without it, recharges of one card with unequal amounts often can't be told apart.
    ///
    /// - Parameters:
    ///   - template: The card's.
    ///   - fee: How the template's fee is meant, which isn't documented.
    /// - Throws: ``BananaTechError``, caused by the template: `amount.range` if the fee is out of all bounds, `field.type` if it is
    ///   negative.
    public func with(template: CardTemplate, fee: Fee) throws -> TrackedOperation {
        try withTemplate(operation: self, template: template, fee: fee)
    }
}

/// A plan is coded as the object that other languages take, `{"operation": …, "body": …}`, and checked when it is decoded. That a field stands in it
/// twice is only seen by ``init(checking:openFields:)``: Foundation's decoders keep one of the two.
extension Plan: Codable {
    /// Takes the object, or its JSON as one text.
    public init(from decoder: any Decoder) throws {
        self = try Plan(checking: Redacted(decoder.jsonText()))
    }

    /// A PIN or card number is in it in clear.
    public func encode(to encoder: any Encoder) throws {
        try JSONDecoder().decode(JSONValue.self, from: Data(json.expose().utf8)).encode(to: encoder)
    }
}
