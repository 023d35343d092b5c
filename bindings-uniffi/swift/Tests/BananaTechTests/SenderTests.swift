import BananaTech
import BananaTechURLSession
import Foundation
import XCTest

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The sender against a server of our own, which counts what arrives.
final class SenderTests: XCTestCase {
    private func call(_ server: Server, _ path: String? = nil) throws -> (Merchant, Call<Recharge>) {
        var options = try merchantOptions(url: server.url)
        if let path { options.paths = [.recharge: path] }
        let merchant = try Merchant(options: options)
        return (merchant, try merchant.call(recharge))
    }

    /// A change and a question: what both have to hold.
    private let both = [recharge.any, balance.any]

    private func fails<T: Sendable>(_ code: URLError.Code?, _ work: () async throws -> T) async {
        do {
            _ = try await work()
            XCTFail("nothing was thrown")
        } catch let error as URLError {
            if let code { XCTAssertEqual(error.code, code) }
        } catch {
            // What a torn connection is on Linux.
            XCTAssertEqual((error as NSError).domain, NSURLErrorDomain, "\(error)")
            XCTAssertNil(code, "\(error)")
        }
    }

    private static func http(_ status: String, _ headers: String = "", _ body: Data) -> [Server.Step] {
        [.send("HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\n\(headers)\r\n".data + body)]
    }

    func testARequestArrivesAsItIs() async throws {
        let plain = try merchant()
        let body = try plain.testAnswer(response: #"{"message":"taken"}"#)
        let server = try Server { _ in Self.http("200 OK", "", body) }
        defer { server.stop() }
        let (_, call) = try call(server)
        let answer = try await HTTPSender().answer(call)
        XCTAssertEqual(answer.response.message, "taken")
        XCTAssertEqual(answer.sealedWith, "2026-11")

        let request = try XCTUnwrap(server.requests.first)
        XCTAssertEqual(server.requests.count, 1)
        XCTAssertTrue(request.head.hasPrefix("POST /card/recharge HTTP/1.1\r\n"), request.head)
        XCTAssertEqual(request.body.string, call.request.body)
        for header in call.request.headers {
            let line = "\(header.name): \(header.value.expose())\r\n"
            XCTAssertNotNil(request.head.range(of: line, options: .caseInsensitive), header.name)
        }
    }

    func testAConfigurationIsUsed() async throws {
        let server = try Server { _ in Self.http("200 OK", "", Data()) }
        defer { server.stop() }
        let sender = HTTPSender {
            let configuration = URLSessionConfiguration.ephemeral
            configuration.httpAdditionalHeaders = ["X-Gateway": "ours"]
            return configuration
        }
        let answer = try await sender.exchange(call(server).1.request)
        XCTAssertEqual(answer.status, 200)
        let head = try XCTUnwrap(server.requests.first?.head)
        XCTAssertTrue(head.contains("X-Gateway: ours\r\n"), head)
    }

    func testACallIsSentOnce() async throws {
        let server = try Server { _ in Self.http("400 Bad Request", "", #"{"message":"no"}"#.data) }
        defer { server.stop() }
        let (_, call) = try call(server)
        let copy = call
        XCTAssertFalse(copy.wasSent)
        do {
            _ = try await HTTPSender().send(call)
            XCTFail("it isn't refused")
        } catch BananaTechError.rejected {}
        do {
            _ = try await HTTPSender().send(copy)
            XCTFail("it is sent again")
        } catch is SentBefore {}
        XCTAssertTrue(copy.wasSent)
        XCTAssertEqual(server.requests.count, 1)
    }

    func testALargeRequestArrivesOnce() async throws {
        let server = try Server { _ in Self.http("200 OK", "", #"{"user_id":1}"#.data) }
        defer { server.stop() }
        let image = Redacted(String(repeating: "A", count: 3 << 20))
        let register = Register(email: "ada@a.example", templateId: 1, kycData: KycData(frontImgBase64: image))
        let call = try Merchant(options: merchantOptions(url: server.url)).call(register)
        let registered = try await HTTPSender().send(call)
        XCTAssertEqual(registered.userId, 1)
        XCTAssertEqual(server.requests.count, 1)
        XCTAssertTrue(server.requests.first?.body == call.request.body.data)
    }

    func testARedirectIsRefused() async throws {
        for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
            let other = try Server { _ in Self.http("200 OK", "", #"{"message":"stolen"}"#.data) }
            let target = "\(other.url)/card/elsewhere"
            let server = try Server { request in
                request.head.hasPrefix("POST /card/elsewhere ")
                    ? Self.http("200 OK", "", #"{"message":"at another path"}"#.data)
                    : Self.http(status, "Location: \(target)\r\n", "moved".data)
            }
            defer { server.stop(); other.stop() }
            let (merchant, _) = try call(server)
            for operation in both {
                do {
                    _ = try await HTTPSender().send(merchant.call(operation))
                    XCTFail("\(status): followed")
                } catch BananaTechError.notKnown(let answer, _) {
                    XCTAssertEqual("\(answer.status)", String(status.prefix(3)))
                    XCTAssertEqual(answer.meaning, .notKnown)
                    XCTAssertEqual(answer.body, "moved")
                }
            }
            XCTAssertEqual([server.requests.count, other.requests.count], [2, 0], status)
        }
    }

    func testARefusalIsReadAndNoPasswordAskedFor() async throws {
        let asking = "WWW-Authenticate: Basic realm=\"x\"\r\n"
        let server = try Server { _ in Self.http("401 No", asking, #"{"message":"no"}"#.data) }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        let sender = HTTPSender()
        for (at, operation) in (both + both).enumerated() {
            do {
                _ = try await sender.send(merchant.call(operation))
                XCTFail("nothing was thrown")
            } catch BananaTechError.rejected(let rejection, _) {
                XCTAssertEqual(rejection.status, 401)
                XCTAssertEqual(rejection.words?.expose(), "no")
            }
            XCTAssertEqual(server.requests.count, at + 1)
        }
    }

    func testNothingIsSentTwiceOverADroppedConnection() async throws {
        // The first answer leaves its connection open: whoever used it again, and then found it closed, would try once more.
        let server = try Server { request in
            request.head.hasPrefix("POST /drop ") ? [.close] : Self.http("200 OK", "", #"{"message":"ok"}"#.data)
        }
        defer { server.stop() }
        let sender = HTTPSender()
        for round in 1...3 {
            let (_, good) = try call(server)
            let (_, dropped) = try call(server, "/drop")
            _ = try await sender.send(good)
            await fails(nil) { try await sender.send(dropped) }
            try await Task.sleep(nanoseconds: 50_000_000)
            XCTAssertEqual(server.requests.count, 2 * round)
            XCTAssertEqual(server.connections, 2 * round)
        }
    }

    func testHalfAnAnswerIsNone() async throws {
        let server = try Server { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"mess".data), .close] }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        await fails(nil) { try await HTTPSender().send(merchant.call(recharge)) }
        XCTAssertEqual(server.requests.count, 1)
        // It is asked once more.
        await fails(nil) { try await HTTPSender().send(merchant.call(balance)) }
        XCTAssertEqual(server.requests.count, 3)
    }

    func testASlowAnswerIsNotWaitedFor() async throws {
        let drip = [Server.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n".data)]
            + (1...30).flatMap { _ in [.wait(0.1), .send(" ".data)] }
        for steps in [[.wait(3)], drip] {
            let server = try Server { _ in steps }
            defer { server.stop() }
            let (merchant, _) = try call(server)
            for (at, operation) in both.enumerated() {
                let start = Date()
                await fails(.timedOut) { try await HTTPSender(timeout: 0.4).send(merchant.call(operation)) }
                let waited = Date().timeIntervalSince(start)
                XCTAssertTrue((0.4..<2).contains(waited), "\(waited)")
                XCTAssertEqual(server.requests.count, at + 1)
            }
        }
    }

    func testTooLargeAnAnswerIsGivenUp() async throws {
        let largest = HTTPSender.largestAnswer
        for (size, fits) in [(largest, true), (largest + 1, false)] {
            // As JSON that is plain: spaces around an object.
            let body = Data(repeating: UInt8(ascii: " "), count: size - 2) + "{}".data
            let server = try Server { _ in Self.http("200 OK", "", body) }
            defer { server.stop() }
            let (merchant, _) = try call(server)
            // That it has no fields shows that it was read.
            for operation in [recharge.any, GetUsers().any] {
                if fits {
                    do {
                        let answer = try await HTTPSender().send(merchant.call(operation))
                        XCTAssertEqual(answer, .recharge(Acknowledgement()))
                    } catch BananaTechError.unexpected(let code, _, _) where operation.kind.isQuestion {
                        XCTAssertEqual(code, .answerShape)
                    }
                } else {
                    await fails(.dataLengthExceedsMaximum) { try await HTTPSender().send(merchant.call(operation)) }
                }
            }
            XCTAssertEqual(server.requests.count, 2)
        }
    }

    func testACancelledTaskWaitsNoMore() async throws {
        let server = try Server { _ in [.wait(5)] }
        defer { server.stop() }
        let (_, call) = try call(server)
        let start = Date()
        let task = Task { try await HTTPSender().send(call) }
        try await Task.sleep(nanoseconds: 200_000_000)
        task.cancel()
        do {
            _ = try await task.value
            XCTFail("nothing was thrown")
        } catch is CancellationError {}
        let (_, other) = try self.call(server)
        let late = Task {
            // Cancelled before it starts.
            while !Task.isCancelled { await Task.yield() }
            return try await HTTPSender().send(other)
        }
        late.cancel()
        do {
            _ = try await late.value
            XCTFail("nothing was thrown")
        } catch is CancellationError {}
        XCTAssertTrue(call.wasSent)
        XCTAssertFalse(other.wasSent)
        XCTAssertLessThan(Date().timeIntervalSince(start), 3)
        XCTAssertEqual(server.requests.count, 1)
    }

    func testNobodyAnswers() async throws {
        let server = try Server { _ in [] }
        let (merchant, _) = try call(server)
        server.stop()
        for operation in both {
            let call = try merchant.call(operation)
            await isNotSent { try await HTTPSender().send(call) }
            XCTAssertFalse(call.wasSent)
        }
        await isNotSent { try await HTTPSender().exchange(merchant.call(recharge).request) }
        for timeout in [.infinity, .greatestFiniteMagnitude] as [TimeInterval] {
            await isNotSent { try await HTTPSender(timeout: timeout).send(merchant.call(recharge)) }
        }
        // Its time is over as it starts: which of both is first isn't certain.
        for timeout in [-1, .nan] as [TimeInterval] {
            let call = try merchant.call(recharge)
            do {
                _ = try await HTTPSender(timeout: timeout).send(call)
                XCTFail("nothing was thrown")
            } catch BananaTechError.notSent {
                XCTAssertFalse(call.wasSent)
            } catch let error as URLError {
                XCTAssertEqual(error.code, .timedOut)
                XCTAssertTrue(call.wasSent)
            }
        }
    }

    private func isNotSent<T: Sendable>(_ work: () async throws -> T) async {
        do {
            _ = try await work()
            XCTFail("nothing was thrown")
        } catch let error as BananaTechError {
            XCTAssertEqual(error.code, .requestNotSent)
            XCTAssertTrue(error.summary.hasSuffix("(URLError -1004) [request.not_sent]"), error.summary)
        } catch {
            XCTFail("\(error)")
        }
    }

    /// The tracker lets it be withdrawn.
    func testWhatWasNotSentIsWithdrawn() async throws {
        let server = try Server { _ in Self.http("200 OK", "", #"{"message":"ok"}"#.data) }
        let (_, call) = try call(server)
        let tracker = try Tracker(assumptions: .exclusiveSince(Date(timeIntervalSince1970: 0)))
        let operation = call.tracked(sentAt: Date())
        try tracker.store(operation: operation)
        server.stop()
        await isNotSent { try await HTTPSender().send(call) }
        XCTAssertFalse(call.wasSent)
        XCTAssertEqual(try tracker.withdraw(id: operation.id).settled.map(\.operation.id), [operation.id])
    }

    /// Whoever didn't withdraw it may send the same call, once there is a connection, and only once.
    func testWhatWasNotSentCanBeSent() async throws {
        let server = try Server { _ in Self.http("200 OK", "", #"{"message":"ok"}"#.data) }
        let (_, call) = try call(server)
        server.stop()
        await isNotSent { try await HTTPSender().send(call) }
        XCTAssertNoThrow(try call.sendOnce())
        XCTAssertThrowsError(try call.sendOnce())
    }

    /// `localhost` has an address at which nobody listens, and one at which the request is taken, and not answered: on Linux that is told as
    /// a connection that couldn't be made.
    func testWhatWasTakenIsNotSaidToBeUnsent() async throws {
        for drop in [Server.Step.close, .reset] {
            let server = try Server { _ in [drop] }
            defer { server.stop() }
            let url = server.url.replacingOccurrences(of: "127.0.0.1", with: "localhost")
            let call = try Merchant(options: merchantOptions(url: url)).call(recharge)
            await fails(nil) { try await HTTPSender().send(call) }
            XCTAssertTrue(call.wasSent)
            XCTAssertEqual(server.requests.count, 1)
        }
    }

    func testPagesAreSent() async throws {
        let asked = Counter()
        let server = try Server { _ in
            let at = asked.next()
            return Self.http("200 OK", "", "{\"data\":[{\"id\":\(at),\"amount\":1}],\"total\":3}".data)
        }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        let sender = HTTPSender()
        var ids: [TransactionId] = []
        for try await transaction in merchant.pages(GetTransactions(limit: 1), send: sender.send) { ids.append(transaction.id) }
        XCTAssertEqual(ids, [1, 2, 3])
        XCTAssertEqual(server.connections, 1)
    }

    func testQuestionsShareAConnection() async throws {
        let server = try Server { _ in Self.http("200 OK", "Set-Cookie: seen=1\r\nCache-Control: max-age=60\r\n", #"{"balance":1}"#.data) }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        let sender = HTTPSender()
        let copy = sender
        let call = try merchant.call(balance)
        for _ in 1...3 {
            _ = try await sender.send(merchant.call(balance))
            _ = try await copy.send(merchant.call(balance.any))
        }
        _ = try await sender.send(call)
        do {
            _ = try await copy.send(call)
            XCTFail("it is sent again")
        } catch is SentBefore {}
        XCTAssertEqual(server.requests.map(\.before), Array(0...6))
        XCTAssertEqual(server.connections, 1)
        XCTAssertFalse(server.requests.contains { $0.head.contains("seen=1") })
    }

    func testAChangeHasAConnectionOfItsOwn() async throws {
        let server = try Server { _ in Self.http("200 OK", "", #"{"balance":1,"message":"ok"}"#.data) }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        let sender = HTTPSender()
        for _ in 1...3 {
            _ = try await sender.send(merchant.call(balance))
            _ = try await sender.send(merchant.call(recharge))
            // Nobody says what it is.
            _ = try await sender.exchange(merchant.call(balance).request)
        }
        XCTAssertEqual(server.requests.map(\.connection), [1, 2, 3, 1, 4, 5, 1, 6, 7])
    }

    func testAChangeArrivesOnceWhereKeptConnectionsAreDropped() async throws {
        for drop in [Server.Step.close, .reset] {
            // Whoever sends a second request over a connection gets no answer, nor does a recharge.
            let server = try Server { request in
                request.before > 0 || request.head.hasPrefix("POST /drop ") ? [drop] : Self.http("200 OK", "", #"{"balance":1,"message":"ok"}"#.data)
            }
            defer { server.stop() }
            let (merchant, _) = try call(server)
            let (_, dropped) = try call(server, "/drop")
            let sender = HTTPSender()
            _ = try await sender.send(merchant.call(balance))
            _ = try await sender.send(merchant.call(recharge))
            await fails(nil) { try await sender.send(dropped) }
            try await Task.sleep(nanoseconds: 50_000_000)
            XCTAssertEqual(server.requests.map(\.connection), [1, 2, 3])
        }
    }

    func testAQuestionOverADeadConnectionIsAnswered() async throws {
        for drop in [Server.Step.close, .reset] {
            // The connection ends after an answer, or as the next question comes over it.
            for isLate in [false, true] {
                let server = try Server { request in
                    if request.before > 0 { return [drop] }
                    return Self.http("200 OK", "", #"{"balance":1}"#.data) + (isLate ? [] : [.wait(0.05), drop])
                }
                defer { server.stop() }
                let (merchant, _) = try call(server)
                let sender = HTTPSender()
                for _ in 1...3 {
                    let answer = try await sender.send(merchant.call(balance))
                    XCTAssertEqual(answer.balance, 1)
                    if !isLate { try await Task.sleep(nanoseconds: 150_000_000) }
                }
                XCTAssertGreaterThanOrEqual(server.connections, 3)
                XCTAssertLessThanOrEqual(server.requests.count, 5)
            }
        }
    }

    func testALostQuestionIsAskedOnceMore() async throws {
        let sender = HTTPSender(timeout: 5) {
            let configuration = URLSessionConfiguration.ephemeral
            configuration.protocolClasses = [Losing.self]
            return configuration
        }
        let merchant = try Merchant(options: merchantOptions(url: "http://127.0.0.1:9"))
        Losing.begin(losing: 1)
        let answer = try await sender.send(merchant.call(balance))
        XCTAssertEqual(answer.balance, 1)
        XCTAssertEqual(Losing.asked.count, 2)

        Losing.begin(losing: 5)
        await fails(.networkConnectionLost) { try await sender.send(merchant.call(balance)) }
        XCTAssertEqual(Losing.asked.count, 2)

        Losing.begin(losing: 1)
        await fails(.networkConnectionLost) { try await sender.send(merchant.call(recharge)) }
        XCTAssertEqual(Losing.asked.count, 1)

        Losing.begin(losing: 1)
        await fails(.networkConnectionLost) { try await sender.exchange(merchant.call(balance).request) }
        XCTAssertEqual(Losing.asked.count, 1)
    }

    func testConcurrentQuestionsGetTheirOwnAnswers() async throws {
        // Each answer tells its request's MAC, in two parts with time between them, and is longer or shorter.
        let server = try Server { request in
            let mac = Self.mac(request.head)
            let body = #"{"balance":1,"mac":"\#(mac)","filler":"\#(String(repeating: mac, count: 100 * (request.body.count % 7)))"}"#.data
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".data
            return [.send(head + body.prefix(40)), .wait(0.01), .send(body.dropFirst(40))]
        }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        let sender = HTTPSender()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for at in 1...60 {
                let isQuestion = at % 6 != 0
                group.addTask {
                    let call = try merchant.call(isQuestion ? balance.any : recharge.any)
                    let raw = try await sender.answer(call).raw.expose()
                    let mac = try XCTUnwrap(call.request.headers.first { $0.name == "X-HMAC" }).value.expose()
                    XCTAssertTrue(raw.contains("\"mac\":\"\(mac)\""))
                }
            }
            try await group.waitForAll()
        }
        XCTAssertEqual(server.requests.count, 60)
        let shared = Set(server.requests.filter { $0.before > 0 }.map(\.connection))
        XCTAssertFalse(shared.isEmpty)
        XCTAssertFalse(server.requests.contains { $0.head.hasPrefix("POST /card/recharge ") && shared.contains($0.connection) })
    }

    private static func mac(_ head: String) -> String {
        let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("x-hmac:") }
        return line.map { $0.dropFirst(7).trimmingCharacters(in: .whitespaces) } ?? ""
    }

    func testQuestionsThatAreGivenUpLeaveTheOthersAlone() async throws {
        let asked = Counter()
        // Of three, one is answered late.
        let server = try Server { _ in
            (asked.next() % 3 == 0 ? [.wait(0.4)] : []) + Self.http("200 OK", "", #"{"balance":1}"#.data)
        }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        let sender = HTTPSender(timeout: 0.2)
        for _ in 1...5 {
            let outcomes = await withTaskGroup(of: Bool?.self) { group in
                for at in 1...12 {
                    group.addTask {
                        let asking = Task { try await sender.send(merchant.call(balance)) }
                        // Some are cancelled, at any time.
                        if at % 4 == 0 {
                            try? await Task.sleep(nanoseconds: UInt64(at) * 300_000)
                            asking.cancel()
                        }
                        do {
                            return try await asking.value.balance == 1
                        } catch is CancellationError {
                            return at % 4 == 0 ? nil : false
                        } catch let error as URLError where error.code == .timedOut {
                            return nil
                        } catch {
                            XCTFail("\(error)")
                            return false
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            XCTAssertFalse(outcomes.contains(false))
            XCTAssertTrue(outcomes.contains(true))
        }
    }

    func testAQuestionThatIsGivenUpHasItsConnectionClosed() async throws {
        let server = try Server { _ in [] }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        let sender = HTTPSender(timeout: 0.3)
        await fails(.timedOut) { try await sender.send(merchant.call(balance)) }
        XCTAssertEqual(server.requests.count, 1)
        try await allAreClosed(server)

        let asking = Task { try await sender.send(merchant.call(balance)) }
        while server.requests.count < 2 { try await Task.sleep(nanoseconds: 5_000_000) }
        asking.cancel()
        do {
            _ = try await asking.value
            XCTFail("nothing was thrown")
        } catch is CancellationError {}
        try await allAreClosed(server)
        // So that it is there until now.
        XCTAssertEqual(sender.timeout, 0.3)
    }

    func testConnectionsEndWithTheSender() async throws {
        let server = try Server { _ in Self.http("200 OK", "", #"{"balance":1}"#.data) }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        func round() async throws {
            var sender: HTTPSender? = HTTPSender()
            var copy = sender
            _ = try await sender?.send(merchant.call(balance))
            sender = nil
            _ = try await copy?.send(merchant.call(balance))
            XCTAssertEqual(server.openConnections, 1)
            copy = nil
            try await allAreClosed(server)
        }
        try await round()
        let before = try openFiles()
        for _ in 1...30 { try await round() }
        let after = try openFiles()
        XCTAssertEqual(server.connections, 31)
        XCTAssertLessThan(after, before + 15)
    }

    func testManyAtOnceAndNoneLeftOpen() async throws {
        let server = try Server { _ in Self.http("200 OK", "", #"{"message":"ok"}"#.data) }
        defer { server.stop() }
        let (merchant, _) = try call(server)
        let sender = HTTPSender()
        func round() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...50 { group.addTask { _ = try await sender.send(merchant.call(recharge)) } }
                try await group.waitForAll()
            }
            try await Task.sleep(nanoseconds: 200_000_000)
        }
        try await round()
        let before = try openFiles()
        for _ in 1...4 { try await round() }
        let after = try openFiles()
        print("open files: \(before), then \(after)")
        XCTAssertLessThan(after, before + 25)
        XCTAssertEqual(server.requests.count, 250)
    }

    private func allAreClosed(_ server: Server) async throws {
        let end = Date(timeIntervalSinceNow: 5)
        while server.openConnections > 0, Date() < end { try await Task.sleep(nanoseconds: 5_000_000) }
        XCTAssertEqual(server.openConnections, 0)
    }

    private func openFiles() throws -> Int {
        #if os(Linux)
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        #else
            try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
        #endif
    }
}

private let balance = GetBalance(userId: 12345, cardId: 67890)

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var last = 0

    var count: Int { lock.withLock { last } }

    func next() -> Int {
        lock.withLock {
            last += 1
            return last
        }
    }
}

/// Loses the connection some times, and answers then.
private final class Losing: URLProtocol {
    nonisolated(unsafe) private(set) static var asked = Counter()
    nonisolated(unsafe) private static var losing = 0

    static func begin(losing times: Int) {
        (asked, losing) = (Counter(), times)
    }

    override class func canInit(with _: URLRequest) -> Bool { true }

    override class func canonicalRequest(for request: URLRequest) -> URLRequest { request }

    override func startLoading() {
        guard let url = request.url, Self.asked.next() > Self.losing else {
            client?.urlProtocol(self, didFailWithError: URLError(.networkConnectionLost))
            return
        }
        if let response = HTTPURLResponse(url: url, statusCode: 200, httpVersion: nil, headerFields: nil) {
            client?.urlProtocol(self, didReceive: response, cacheStoragePolicy: .notAllowed)
        }
        client?.urlProtocol(self, didLoad: #"{"balance":1}"#.data)
        client?.urlProtocolDidFinishLoading(self)
    }

    override func stopLoading() {}
}
