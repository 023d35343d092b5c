import BananaTech
import BananaTechURLSession
import Foundation
import XCTest

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The sender against a server of our own, which counts what arrives.
final class SenderTests: XCTestCase {
    private func call(_ server: Server, _ path: String? = nil) throws -> (Merchant, Call<Acknowledgement>) {
        var options = try merchantOptions(url: server.url)
        if let path { options.paths = [.recharge: path] }
        let merchant = try Merchant(options: options)
        return (merchant, try merchant.call(recharge))
    }

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
            let target = "\(other.url)/card/recharge"
            let server = try Server { request in
                request.head.hasPrefix("POST /card/recharge ")
                    ? Self.http(status, "Location: \(target)\r\n", "moved".data)
                    : Self.http("200 OK", "", #"{"message":"at another path"}"#.data)
            }
            defer { server.stop(); other.stop() }
            let (_, call) = try call(server)
            do {
                _ = try await HTTPSender().send(call)
                XCTFail("\(status): followed")
            } catch BananaTechError.notKnown(let rejection, _) {
                XCTAssertEqual("\(rejection.status)", String(status.prefix(3)))
                XCTAssertEqual(rejection.meaning, .notKnown)
                XCTAssertEqual(rejection.body, "moved")
            }
            XCTAssertEqual([server.requests.count, other.requests.count], [1, 0], status)
        }
    }

    func testARefusalIsReadAndNoPasswordAskedFor() async throws {
        let asking = "WWW-Authenticate: Basic realm=\"x\"\r\n"
        let server = try Server { _ in Self.http("401 No", asking, #"{"message":"no"}"#.data) }
        defer { server.stop() }
        let (_, call) = try call(server)
        do {
            _ = try await HTTPSender().send(call)
            XCTFail("nothing was thrown")
        } catch BananaTechError.rejected(let rejection, _) {
            XCTAssertEqual(rejection.status, 401)
            XCTAssertEqual(rejection.words?.expose(), "no")
        }
        XCTAssertEqual(server.requests.count, 1)
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
        let (_, call) = try call(server)
        await fails(nil) { try await HTTPSender().send(call) }
        XCTAssertEqual(server.requests.count, 1)
    }

    func testASlowAnswerIsNotWaitedFor() async throws {
        let drip = [Server.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n".data)]
            + (1...30).flatMap { _ in [.wait(0.1), .send(" ".data)] }
        for steps in [[.wait(3)], drip] {
            let server = try Server { _ in steps }
            defer { server.stop() }
            let (_, call) = try call(server)
            let start = Date()
            await fails(.timedOut) { try await HTTPSender(timeout: 0.4).send(call) }
            let waited = Date().timeIntervalSince(start)
            XCTAssertTrue((0.4..<2).contains(waited), "\(waited)")
            XCTAssertEqual(server.requests.count, 1)
        }
    }

    func testTooLargeAnAnswerIsGivenUp() async throws {
        let largest = HTTPSender.largestAnswer
        for (size, fits) in [(largest, true), (largest + 1, false)] {
            // As JSON that is plain: spaces around an object.
            let body = Data(repeating: UInt8(ascii: " "), count: size - 2) + "{}".data
            let server = try Server { _ in Self.http("200 OK", "", body) }
            defer { server.stop() }
            let (_, call) = try call(server)
            if fits {
                let answer = try await HTTPSender().send(call)
                XCTAssertEqual(answer, Acknowledgement())
            } else {
                await fails(.dataLengthExceedsMaximum) { try await HTTPSender().send(call) }
            }
            XCTAssertEqual(server.requests.count, 1)
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
        await fails(.cannotConnectToHost) { try await HTTPSender().send(merchant.call(recharge)) }
        for timeout in [-1, .nan, .infinity, .greatestFiniteMagnitude] as [TimeInterval] {
            await fails(nil) { try await HTTPSender(timeout: timeout).send(merchant.call(recharge)) }
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

    private func openFiles() throws -> Int {
        #if os(Linux)
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        #else
            try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
        #endif
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    func next() -> Int {
        lock.withLock {
            count += 1
            return count
        }
    }
}
