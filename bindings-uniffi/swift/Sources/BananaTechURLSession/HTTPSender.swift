import BananaTech
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Sends calls with `URLSession`, each request once and to one place: no redirect is followed, nothing is tried again, and
/// each request has a connection of its own (HTTP clients try again by themselves when one that they kept open turns out to
/// be dead).
///
/// ```swift
/// let sender = HTTPSender()
/// let balance = try await sender.send(merchant.call(GetBalance(userId: 12345, cardId: 200001)))
/// for try await transaction in merchant.pages(GetTransactions(), send: sender.send) { … }
/// ```
public struct HTTPSender: Sendable {
    /// An answer with more bytes is given up. The longest that the API gives are lists, of some hundred bytes a record.
    public static let largestAnswer = 16 * 1024 * 1024

    /// How many seconds the whole exchange may take.
    public let timeout: TimeInterval

    private let configuration: @Sendable () -> URLSessionConfiguration

    /// A sender.
    ///
    /// - Parameters:
    ///   - timeout: How many seconds the whole exchange may take.
    ///   - configuration: Makes the configuration of each request's session: a proxy, versions of TLS, headers for a gateway of yours. Caches, cookies,
    ///     stored credentials and time-outs are set by the sender.
    public init(timeout: TimeInterval = 30, configuration: @escaping @Sendable () -> URLSessionConfiguration = { .ephemeral }) {
        self.timeout = timeout
        self.configuration = configuration
    }

    /// Sends the call's request, and reads the answer.
    ///
    /// - Throws: ``SentBefore`` if the call was sent before; what ``Call/read(status:body:)`` throws; `URLError` if no whole answer came (`timedOut`,
    ///   `dataLengthExceedsMaximum`, …); `CancellationError` if the task was cancelled. Except where BananaTech refused, it
    ///   isn't known then whether the operation was carried out.
    public func send<Response>(_ call: Call<Response>) async throws -> Response {
        try await answer(call).response
    }

    /// Sends the call's request, reads the answer, and tells how it was sealed.
    ///
    /// - Throws: As ``send(_:)`` does.
    public func answer<Response>(_ call: Call<Response>) async throws -> Answer<Response> {
        // It never leaves then, and may be sent later.
        try Task.checkCancellation()
        try call.sendOnce()
        let (status, body) = try await exchange(call.request)
        return try call.answer(status: status, body: body)
    }

    /// Sends a request, and gives its answer as it came: for ``Merchant/read(operation:status:body:request:)``.
    ///
    /// - Throws: `URLError`, `CancellationError`.
    public func exchange(_ request: Request) async throws -> (status: Int, body: Data) {
        try await Exchange(request, configuration(), timeout: timeout, largest: Self.largestAnswer).run()
    }
}

/// One request and its answer. It refuses redirects, which only a session's delegate can on Linux.
private final class Exchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private typealias Answer = (status: Int, body: Data)

    private let request: URLRequest
    private let configuration: URLSessionConfiguration
    private let timeout: TimeInterval
    private let largest: Int
    // Only the delegate's calls, one after the other, use it.
    private var body = Data()

    // It ends once, by the session, the clock or the caller's task: what the lock guards.
    private let lock = NSLock()
    private var ended = false
    private var waiting: CheckedContinuation<Answer, any Error>?
    private var session: URLSession?
    private var clock: Task<Void, Never>?

    init(_ request: Request, _ configuration: URLSessionConfiguration, timeout: TimeInterval, largest: Int) {
        // What a clock can count; nobody waits longer.
        self.timeout = timeout > 0 ? min(timeout, 86_400) : 0
        self.largest = largest
        // The session has a time-out of its own, which counts from the last byte, and on Linux in whole seconds: ours is first.
        let later = self.timeout.rounded(.up) + 1

        var sent = URLRequest(url: request.url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: later)
        sent.httpMethod = request.method
        for header in request.headers {
            sent.setValue(header.value.expose(), forHTTPHeaderField: header.name)
        }
        sent.httpBody = Data(request.body.utf8)
        sent.httpShouldHandleCookies = false
        self.request = sent

        self.configuration = configuration
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.urlCredentialStorage = nil
        configuration.timeoutIntervalForRequest = later
    }

    func run() async throws -> (status: Int, body: Data) {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { start($0) }
        } onCancel: {
            end(.failure(CancellationError()))
        }
    }

    private func start(_ continuation: CheckedContinuation<Answer, any Error>) {
        lock.lock()
        defer { lock.unlock() }
        if ended {
            continuation.resume(throwing: CancellationError())
            return
        }
        waiting = continuation
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        self.session = session
        session.dataTask(with: request).resume()
        clock = Task { [weak self, timeout] in
            guard (try? await Task.sleep(nanoseconds: UInt64(timeout * 1_000_000_000))) != nil else { return }
            self?.end(.failure(URLError(.timedOut)))
        }
    }

    private func end(_ result: Result<Answer, any Error>) {
        lock.lock()
        let (waiting, session, clock) = (self.waiting, self.session, self.clock)
        (self.waiting, self.session, self.clock) = (nil, nil, nil)
        ended = true
        lock.unlock()
        clock?.cancel()
        // The session holds its delegate until then.
        session?.invalidateAndCancel()
        waiting?.resume(with: result)
    }

    func urlSession(
        _: URLSession, task _: URLSessionTask, willPerformHTTPRedirection _: HTTPURLResponse, newRequest _: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        // The redirection is the answer then, and no success.
        completionHandler(nil)
    }

    func urlSession(_: URLSession, dataTask _: URLSessionDataTask, didReceive data: Data) {
        guard body.count + data.count <= largest else {
            end(.failure(URLError(.dataLengthExceedsMaximum)))
            return
        }
        body.append(data)
    }

    func urlSession(
        _: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        #if canImport(FoundationNetworking)
            // On Linux only a 401 gets here, once it is whole, and without a password to try it would wait for ever.
            finish(task)
            completionHandler(.cancelAuthenticationChallenge, nil)
        #else
            let isServer = challenge.protectionSpace.authenticationMethod == NSURLAuthenticationMethodServerTrust
            completionHandler(isServer ? .performDefaultHandling : .rejectProtectionSpace, nil)
        #endif
    }

    func urlSession(_: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            end(.failure(error))
        } else {
            finish(task)
        }
    }

    private func finish(_ task: URLSessionTask) {
        guard let response = task.response as? HTTPURLResponse else { return end(.failure(URLError(.badServerResponse))) }
        end(.success((response.statusCode, body)))
    }
}
