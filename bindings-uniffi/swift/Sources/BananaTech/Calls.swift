import Foundation

/// An operation whose response is known by its type: what ``Merchant/call(_:iv:)`` and ``Plan/init(_:)`` take. Of ``AnyOperation``, such as one
/// that came in a plan, it is ``AnyResponse``.
public protocol TypedOperation: Sendable {
    /// What its answer holds.
    associatedtype Response: Sendable
    /// It, among the others.
    var any: AnyOperation { get }
    /// The response, out of the others; nil for another operation's.
    static func typed(_ response: AnyResponse) -> Response?
}

/// An operation that an event confirms: what can be stored in a ``Tracker``. All operations of the library that are so conform to it;
/// don't conform a type of yours.
public protocol ConfirmedOperation: TypedOperation {}

extension AnyOperation: TypedOperation {
    public var any: AnyOperation { self }

    public static func typed(_ response: AnyResponse) -> AnyResponse? { response }
}

/// A sealed operation: the request to send, and the reader of its answer.
public struct Call<Operation: TypedOperation>: Sendable {
    /// What its answer holds.
    public typealias Response = Operation.Response

    /// What was sealed. A PIN or card number is in it.
    public let operation: AnyOperation
    /// What to send. Send it once: an operation that moves money has no idempotency key.
    public let request: SealedRequest
    private let merchant: Merchant
    // Copies of a call share it.
    private let sending = Sending()

    /// Any operation will do whose response is of that type: a list's pages are made of `AnyOperation`.
    init(_ merchant: Merchant, _ operation: AnyOperation, iv: Data?) throws {
        self.merchant = merchant
        self.operation = operation
        request = try merchant.seal(operation: operation, iv: iv)
    }

    /// Whether ``sendOnce()`` was called for it, which the senders of this library do before they send. It is false again if no connection could
    /// be made (``noteNotSent()``). If code of yours sends ``request`` without that, this says nothing. If all your senders call it, and it is
    /// false, nothing was sent: ``Tracker/withdraw(id:)`` it.
    public var wasSent: Bool { sending.hasBegun }

    /// Notes that it is sent now. A sender of yours calls this before it sends.
    ///
    /// - Throws: ``SentBefore`` if it was sent before. Sent again, it may move money twice.
    public func sendOnce() throws {
        try sending.begin()
    }

    /// Notes that nothing of the request left after all, since no connection could be made: ``wasSent`` is false again. A sender of yours calls
    /// this only if that is sure, before it throws ``BananaTechError/notSent(summary:)``. Never send a call whose operation was withdrawn: it counts
    /// as failed.
    public func noteNotSent() {
        sending.takeBack()
    }

    /// Reads the answer: its HTTP status, and its body as it came.
    ///
    /// - Throws: ``BananaTechError``: `.rejected` (BananaTech refused, and nothing was done). After the others it isn't known whether
    ///   the operation was carried out, and the ``Tracker`` will tell: `.notKnown` (the answer, HTTP 500 for example, doesn't say),
    ///   `.notAuthentic` (it doesn't open, or is the request itself), `.unexpected` (it isn't what the contract says).
    public func read(status: Int, body: Data) throws -> Response {
        try answer(status: status, body: body).response
    }

    /// Reads the answer, as ``read(status:body:)`` does, and tells how it was sealed.
    public func answer(status: Int, body: Data) throws -> Answer<Response> {
        let answer = try merchant.read(
            operation: operation.kind, status: Int32(clamping: status), body: body, request: request.body)
        guard let response = Operation.typed(answer.response) else { throw UnexpectedValue() }
        return Answer(response: response, any: answer.response, sealedWith: answer.sealedWith, raw: answer.raw)
    }

    // What was sealed was checked, and the rest of it can't be wrong.
    private func waitedFor(_ id: OperationId, _ sentAt: Date, _ askAt: Date?, _ reference: String?) -> TrackedOperation? {
        try! BananaTech.tracked(operation: operation, id: id, sentAt: sentAt, askAt: askAt, reference: reference)
    }
}

extension Call where Operation: ConfirmedOperation {
    /// What to wait for: store it in the ``Tracker``, and that, before the request is sent, so that the operation is known after a
    /// crash or a time-out too. Only calls of operations that an event confirms have it; for all others the answer is all there is.
    ///
    /// - Parameters:
    ///   - id: Your own name for it, a random one unless you give one.
    ///   - sentAt: When the request is sent, by your clock.
    ///   - askAt: From when on the API is to be asked, if nothing came until then: 10 minutes after it was sent, unless you say it.
    ///   - reference: What it is about, such as an order's number.
    public func tracked(id: OperationId = UUID(), sentAt: Date, askAt: Date? = nil, reference: String? = nil) -> TrackedOperation {
        waitedFor(id, sentAt, askAt, reference)!
    }
}

extension Call where Operation == AnyOperation {
    /// What to wait for, as for an operation whose type is known; nil if no event confirms this one: then the answer is all there is.
    public func tracked(id: OperationId = UUID(), sentAt: Date, askAt: Date? = nil, reference: String? = nil) -> TrackedOperation? {
        waitedFor(id, sentAt, askAt, reference)
    }
}

/// Sends calls, as `HTTPSender` of the product `BananaTechURLSession` does. Code of yours that takes one takes a fake in its tests.
///
/// A sender of your own has ``answer(_:)``: it calls ``Call/sendOnce()``, sends ``Call/request``, and returns what ``Call/answer(status:body:)`` reads.
public protocol CallSender: Sendable {
    /// Sends the call's request, reads the answer, and tells how it was sealed.
    ///
    /// - Throws: ``SentBefore`` if the call was sent before; what ``Call/answer(status:body:)`` throws; ``BananaTechError/notSent(summary:)`` if no
    ///   connection could be made; an error of the sender's own if no answer came.
    func answer<Operation: TypedOperation>(_ call: Call<Operation>) async throws -> Answer<Operation.Response>

    /// Sends the call's request, and reads the answer. By default it is ``answer(_:)``.
    ///
    /// - Throws: As ``answer(_:)`` does.
    func send<Operation: TypedOperation>(_ call: Call<Operation>) async throws -> Operation.Response
}

extension CallSender {
    public func send<Operation: TypedOperation>(_ call: Call<Operation>) async throws -> Operation.Response {
        try await answer(call).response
    }
}

/// A call was to be sent again. It wasn't: that may move money twice.
public struct SentBefore: LocalizedError {
    /// For a sender of your own, and for tests.
    public init() {}

    public var errorDescription: String? { "the call was sent before: sent again, it might be carried out twice" }
}

/// Not private: Swift would write an address in place of its name where a call is written.
final class Sending: @unchecked Sendable {
    private let lock = NSLock()
    private var begun = false

    var hasBegun: Bool { lock.withLock { begun } }

    func begin() throws {
        lock.lock()
        defer { lock.unlock() }
        guard !begun else { throw SentBefore() }
        begun = true
    }

    func takeBack() {
        lock.withLock { begun = false }
    }
}

/// A successful answer.
public struct Answer<Response: Sendable>: Sendable {
    /// What it holds.
    public let response: Response
    /// The same among those of all operations, as ``Tracker/acknowledge(id:response:)`` takes it.
    public let any: AnyResponse
    /// The id of the key that opened it; nil if it came as plain JSON, so that nothing vouches for it.
    public let sealedWith: String?
    /// Its exact text, opened: all that was answered, what isn't understood too.
    public let raw: Json
}

extension Merchant {
    /// Seals an operation: send the call's request once, and give the answer to ``Call/read(status:body:)``. Where an event confirms the
    /// operation, store what the call's `tracked(sentAt:)` makes in the ``Tracker``, and that, before it is sent.
    ///
    /// It takes an operation of any kind too, such as one that came in a plan (``Plan/init(checking:openFields:)``). Look at that first: who
    /// may do what is not for the plan to say.
    ///
    /// - Parameters:
    ///   - operation: What to do, or to ask.
    ///   - iv: For tests, 16 bytes: without it the platform's randomness is taken.
    /// - Throws: ``BananaTechError``, caused by the caller: the codes of the operation's fields and rules; `iv.length`.
    public func call<Operation: TypedOperation>(_ operation: Operation, iv: Data? = nil) throws -> Call<Operation> {
        try Call(self, operation.any, iv: iv)
    }
}

extension Assumptions {
    /// Only this system acts for its users and cards since then, and nothing of theirs was under way.
    public static func exclusiveSince(_ since: Date) -> Assumptions { Assumptions(exclusiveSince: since) }

    /// Others act for the same users and cards too: the vendor's console, another system.
    public static let shared = Assumptions(exclusiveSince: nil)
}
