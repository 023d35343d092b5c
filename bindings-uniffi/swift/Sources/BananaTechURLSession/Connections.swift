import BananaTech
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

typealias HTTPAnswer = (status: Int, body: Data)

/// A session, which keeps its connections until this is gone.
final class Connections: Sendable {
    private let session: URLSession
    private let delegate = Delegate()

    init(_ configuration: URLSessionConfiguration) {
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.urlCredentialStorage = nil
        // Each request says its own.
        configuration.timeoutIntervalForRequest = longest + 1
        session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: nil)
    }

    deinit {
        // The session holds its delegate, and itself, until then.
        session.invalidateAndCancel()
    }

    func exchange(_ request: SealedRequest, within seconds: TimeInterval, largest: Int) async throws -> HTTPAnswer {
        let seconds = seconds > 0 ? min(seconds, longest) : 0
        let task = session.dataTask(with: urlRequest(request, within: seconds))
        let exchange = Exchange(task, largest: largest)
        delegate[task] = exchange
        defer { delegate[task] = nil }
        do {
            return try await exchange.run(within: seconds)
        } catch {
            // Not by whoever cancels us: on Linux it waits for the session, which may wait for them.
            task.cancel()
            throw error
        }
    }
}

/// In seconds: what a clock can count. Nobody waits longer.
private let longest: TimeInterval = 86_400

private func urlRequest(_ request: SealedRequest, within seconds: TimeInterval) -> URLRequest {
    // The session's own time-out counts from the last byte, and on Linux in whole seconds: ours is first.
    let later = seconds.rounded(.up) + 1
    var sent = URLRequest(url: request.url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: later)
    sent.httpMethod = request.method
    for header in request.headers {
        sent.setValue(header.value.expose(), forHTTPHeaderField: header.name)
    }
    sent.httpBody = Data(request.body.utf8)
    sent.httpShouldHandleCookies = false
    return sent
}

/// Tells each exchange what becomes of its task. It refuses redirects, which only a session's delegate can on Linux.
private final class Delegate: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var exchanges: [Int: Exchange] = [:]

    /// Nil once it has ended.
    subscript(task: URLSessionTask) -> Exchange? {
        get { lock.withLock { exchanges[task.taskIdentifier] } }
        set { lock.withLock { exchanges[task.taskIdentifier] = newValue } }
    }

    func urlSession(
        _: URLSession, task _: URLSessionTask, willPerformHTTPRedirection _: HTTPURLResponse, newRequest _: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        // The redirection is the answer then, and no success.
        completionHandler(nil)
    }

    func urlSession(_: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        self[dataTask]?.take(data)
    }

    func urlSession(
        _: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        #if canImport(FoundationNetworking)
            // On Linux only a 401 gets here, once it is whole, and without a password to try it would wait for ever.
            self[task]?.finish()
            completionHandler(.cancelAuthenticationChallenge, nil)
        #else
            let isServer = challenge.protectionSpace.authenticationMethod == NSURLAuthenticationMethodServerTrust
            completionHandler(isServer ? .performDefaultHandling : .rejectProtectionSpace, nil)
        #endif
    }

    func urlSession(_: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            self[task]?.end(.failure(notSent(task, error) ?? error))
        } else {
            self[task]?.finish()
        }
    }
}

/// The library's error, if nothing of a task's request can have left. The code alone doesn't say so: on Linux, a connection that is lost after
/// the request was sent is told as one that was refused, if another address of the host had refused before.
private func notSent(_ task: URLSessionTask, _ error: any Error) -> BananaTechError? {
    let error = error as NSError
    let codes: [URLError.Code] = [.cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .notConnectedToInternet]
    let isConnecting = error.domain == NSURLErrorDomain && codes.contains { $0.rawValue == error.code }
    guard isConnecting && task.countOfBytesSent == 0 else { return nil }
    return .notSent(summary: "no connection could be made, so nothing was sent (URLError \(error.code)) [request.not_sent]")
}

/// One request and its answer.
private final class Exchange: @unchecked Sendable {
    private let task: URLSessionTask
    private let largest: Int
    // Only the delegate's calls, one after the other, use it.
    private var body = Data()

    // It ends once, by the session, the clock or the caller's task: what the lock guards.
    private let lock = NSLock()
    private var ended = false
    private var waiting: CheckedContinuation<HTTPAnswer, any Error>?
    private var clock: Task<Void, Never>?

    init(_ task: URLSessionTask, largest: Int) {
        self.task = task
        self.largest = largest
    }

    func run(within seconds: TimeInterval) async throws -> HTTPAnswer {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { start($0, within: seconds) }
        } onCancel: {
            end(.failure(CancellationError()))
        }
    }

    private func start(_ continuation: CheckedContinuation<HTTPAnswer, any Error>, within seconds: TimeInterval) {
        lock.lock()
        defer { lock.unlock() }
        if ended {
            continuation.resume(throwing: CancellationError())
            return
        }
        waiting = continuation
        task.resume()
        clock = Task { [weak self] in
            guard (try? await Task.sleep(nanoseconds: UInt64(seconds * 1_000_000_000))) != nil else { return }
            self?.end(.failure(URLError(.timedOut)))
        }
    }

    func end(_ result: Result<HTTPAnswer, any Error>) {
        lock.lock()
        let (waiting, clock) = (self.waiting, self.clock)
        (self.waiting, self.clock) = (nil, nil)
        ended = true
        lock.unlock()
        clock?.cancel()
        waiting?.resume(with: result)
    }

    func take(_ data: Data) {
        guard body.count + data.count <= largest else {
            end(.failure(URLError(.dataLengthExceedsMaximum)))
            return
        }
        body.append(data)
    }

    func finish() {
        guard let response = task.response as? HTTPURLResponse else { return end(.failure(URLError(.badServerResponse))) }
        end(.success((response.statusCode, body)))
    }
}
