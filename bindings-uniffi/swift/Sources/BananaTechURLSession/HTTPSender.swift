import BananaTech
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Sends calls with `URLSession`, each request to one place: no redirect is followed. Make one sender and keep it.
///
/// What changes something, such as a recharge, is sent once: each such request has a connection of its own, since HTTP clients try again
/// by themselves when a connection that they kept turns out to be dead.
///
/// Questions (``OperationKind/isQuestion``: balances, lists, information) share connections, which are kept as long as the sender or a copy of
/// it is. So a question may arrive twice, which does no harm: if its connection was lost, the client or this sender asks once more.
///
/// ```swift
/// let sender = HTTPSender()
/// let balance = try await sender.send(merchant.call(GetBalance(userId: 12345, cardId: 200001)))
/// for try await transaction in merchant.pages(GetTransactions(), send: sender.send) { … }
/// ```
public struct HTTPSender: CallSender {
    /// An answer with more bytes is given up. The longest that the API gives are lists, of some hundred bytes a record.
    public static let largestAnswer = 16 * 1024 * 1024

    /// How many seconds the whole exchange may take.
    public let timeout: TimeInterval

    private let configuration: @Sendable () -> URLSessionConfiguration
    // Copies of a sender share it.
    private let kept = Kept()

    /// A sender.
    ///
    /// - Parameters:
    ///   - timeout: How many seconds the whole exchange may take.
    ///   - configuration: Makes the configuration of each session, one for all questions and one for each other request: a proxy, versions of
    ///     TLS, headers for a gateway of yours. On Apple's platforms its `httpMaximumConnectionsPerHost` may have questions wait for each
    ///     other, and that counts as time of the exchange. Caches, cookies, stored credentials and time-outs are set by the sender.
    public init(timeout: TimeInterval = 30, configuration: @escaping @Sendable () -> URLSessionConfiguration = { .ephemeral }) {
        self.timeout = timeout
        self.configuration = configuration
    }

    /// Sends the call's request, and reads the answer.
    ///
    /// - Throws: ``SentBefore`` if the call was sent before; what ``Call/read(status:body:)`` throws; `BananaTechError.notSent` if no connection
    ///   could be made, after which the call's `wasSent` is false; `URLError` if no whole answer came (`timedOut`,
    ///   `dataLengthExceedsMaximum`, …); `CancellationError` if the task was cancelled. Except where BananaTech refused, or the call's
    ///   `wasSent` is false, it isn't known then whether the operation was carried out.
    public func send<Operation: TypedOperation>(_ call: Call<Operation>) async throws -> Operation.Response {
        try await answer(call).response
    }

    /// Sends the call's request, reads the answer, and tells how it was sealed.
    ///
    /// - Throws: As ``send(_:)`` does.
    public func answer<Operation: TypedOperation>(_ call: Call<Operation>) async throws -> Answer<Operation.Response> {
        // It never leaves then, and may be sent later.
        try Task.checkCancellation()
        try call.sendOnce()
        let isQuestion = call.operation.kind.isQuestion
        do {
            let (status, body) = try await isQuestion ? ask(call.request) : exchange(call.request)
            return try call.answer(status: status, body: body)
        } catch BananaTechError.notSent(let summary) {
            call.noteNotSent()
            throw BananaTechError.notSent(summary: summary)
        }
    }

    /// Sends a request over a connection of its own, whatever it is, and gives its answer as it came: for
    /// ``Merchant/read(operation:status:body:request:)``.
    ///
    /// - Throws: `BananaTechError.notSent` if no connection could be made; `URLError`, `CancellationError`.
    public func exchange(_ request: SealedRequest) async throws -> (status: Int, body: Data) {
        try await exchange(request, within: timeout)
    }

    private func exchange(_ request: SealedRequest, within timeout: TimeInterval) async throws -> (status: Int, body: Data) {
        try await Connections(configuration()).exchange(request, within: timeout, largest: Self.largestAnswer)
    }

    /// Over a kept connection, or once more over a new one if that was lost: not every client does that by itself.
    private func ask(_ request: SealedRequest) async throws -> (status: Int, body: Data) {
        let start = ProcessInfo.processInfo.systemUptime
        do {
            let connections = kept.connections(configuration)
            return try await connections.exchange(request, within: timeout, largest: Self.largestAnswer)
        } catch where isLoss(error) {
            let left = timeout - (ProcessInfo.processInfo.systemUptime - start)
            do {
                return try await exchange(request, within: left)
            } catch BananaTechError.notSent {
                // The first time it may have left.
                throw error
            }
        }
    }
}

/// Whether it is what a lost connection is told as.
private func isLoss(_ error: any Error) -> Bool {
    let error = error as NSError
    guard error.domain == NSURLErrorDomain else { return false }
    #if canImport(FoundationNetworking)
        // On Linux curl begins to send a request again, finds that it can't read the body anew, and that is an unknown error.
        if error.code == URLError.Code.unknown.rawValue { return true }
    #endif
    return error.code == URLError.Code.networkConnectionLost.rawValue
}

/// The connections for questions, from the first question on.
private final class Kept: @unchecked Sendable {
    private let lock = NSLock()
    private var made: Connections?

    func connections(_ configuration: () -> URLSessionConfiguration) -> Connections {
        lock.withLock {
            let connections = made ?? Connections(configuration())
            made = connections
            return connections
        }
    }
}
