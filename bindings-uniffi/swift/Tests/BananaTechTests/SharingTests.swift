import BananaTech
import Foundation
import XCTest

final class ThreadsTests: XCTestCase {
    private final class Tally: @unchecked Sendable {
        private let lock = NSLock()
        private var count = 0
        private var errors: [String] = []

        func add(_ count: Int) { lock.withLock { self.count += count } }
        func fail(_ error: any Error) { lock.withLock { errors.append("\(error)") } }
        var all: (Int, [String]) { lock.withLock { (count, errors) } }
    }

    /// One thread's share: it seals, reads, receives and fails, and asks whether a delivery is new.
    private static func work(_ merchant: Merchant, _ deliveries: RecentDeliveries, _ bodies: [Data]) throws -> Int {
        var new = 0
        let answer = try merchant.testAnswer(response: #"{"message":"ok"}"#)
        for body in bodies {
            let call = try merchant.call(recharge)
            guard try call.read(status: 200, body: answer).message == "ok" else { throw Unknown(what: "answer") }
            guard try merchant.opened(call.request).contains("67890") else { throw Unknown(what: "request") }
            guard (try? merchant.receive(rawBody: answer)) == nil else { throw Unknown(what: "no error") }
            let delivery = try merchant.receive(rawBody: body)
            if try deliveries.remember(fingerprint: delivery.fingerprint) == .new { new += 1 }
        }
        return new
    }

    private func bodies(_ merchant: Merchant) throws -> [Data] {
        try (0..<100).map { try merchant.testWebhook(eventType: "CARD_3DS", data: Redacted(#"{"id":\#($0)}"#)) }
    }

    func testThreadsShareAMerchant() throws {
        let (merchant, deliveries, tally) = (try merchant(), RecentDeliveries(), Tally())
        let bodies = try bodies(merchant)
        let group = DispatchGroup()
        for _ in 1...16 {
            group.enter()
            Thread.detachNewThread {
                do { tally.add(try Self.work(merchant, deliveries, bodies)) } catch { tally.fail(error) }
                group.leave()
            }
        }
        XCTAssertEqual(group.wait(timeout: .now() + 60), .success)
        XCTAssertEqual(tally.all.1, [])
        // Each delivery was new to one of them.
        XCTAssertEqual(tally.all.0, bodies.count)
    }

    /// Each event comes to two tasks: one of them is told how the operation ended.
    func testTasksShareATracker() async throws {
        let (merchant, sentAt) = (try merchant(), Date(timeIntervalSince1970: 1_691_249_025))
        let tracker = try Tracker(assumptions: .exclusiveSince(sentAt.addingTimeInterval(-3600)))
        let (tasks, each) = (16, 25)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    for card in task * each..<(task + 1) * each {
                        let call = try merchant.call(Recharge(userId: 1, cardId: CardId(Int64(card)), amount: 100))
                        let operation = call.tracked(sentAt: sentAt)
                        try tracker.store(operation: operation)
                    }
                }
            }
            try await group.waitForAll()
        }
        let settled = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    try (task * each..<(task + 2) * each).map { $0 % (tasks * each) }.reduce(0) { count, card in
                        let data = #"{"card_id":\#(card),"transaction_id":\#(card),"receive_amount":100,"status":"SUCCESS","#
                            + #""currency":"USD","occur_time":1691249025085}"#
                        let body = try merchant.testWebhook(eventType: "CARD_RECHARGE_RESULT", data: Redacted(data))
                        return try count + tracker.receive(delivery: merchant.receive(rawBody: body)).settled.count
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        XCTAssertEqual(settled, tasks * each)
    }

    func testTasksShareAMerchant() async throws {
        let (merchant, deliveries) = (try merchant(), RecentDeliveries())
        let bodies = try bodies(merchant)
        let new = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...16 { group.addTask { try Self.work(merchant, deliveries, bodies) } }
            return try await group.reduce(0, +)
        }
        XCTAssertEqual(new, bodies.count)
    }

    /// All of them are made and freed by many at once.
    func testMerchantsComeAndGo() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...16 {
                group.addTask { for _ in 1...100 { _ = try BananaTechTests.merchant().call(recharge) } }
            }
            try await group.waitForAll()
        }
    }
}

/// A backend runs for months: what one message takes must be given back.
final class GrowthTests: XCTestCase {
    /// Bytes in memory; where the system doesn't tell, the most that there ever were.
    private func resident() throws -> Int {
        #if os(Linux)
            let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return try XCTUnwrap(Int(pages[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
        #else
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }

    private func rounds(_ count: Int, _ work: () throws -> Void) throws -> Int {
        for _ in 0..<count / 100 {
            #if canImport(Darwin)
                try autoreleasepool { for _ in 0..<100 { try work() } }
            #else
                for _ in 0..<100 { try work() }
            #endif
        }
        return try resident()
    }

    private func grows(_ what: String, rounds count: Int, limit: Int, _ work: () throws -> Void) throws {
        let before = try rounds(count / 5, work)
        let after = try rounds(count, work)
        print("\(what): \(after - before) bytes more after \(count) rounds")
        XCTAssertLessThan(after - before, limit, what)
    }

    func testCallsTakeNoMemory() throws {
        let merchant = try merchant()
        let data =
            #"{"card_id":67890,"transaction_id":1,"receive_amount":1.0,"status":"SUCCESS","currency":"USD","occur_time":1}"#
        let body = try merchant.testWebhook(eventType: "CARD_RECHARGE_RESULT", data: Redacted(data))
        let wrong = SetPin(userId: 1, cardId: 2, pin: "1").any
        // Three calls a round: a leak of 100 bytes in one of them would take 3.4 MB.
        try grows("seal, receive, an error", rounds: 34_000, limit: 2_000_000) {
            _ = try merchant.seal(operation: recharge.any, iv: iv)
            _ = try merchant.receive(rawBody: body)
            do {
                _ = try merchant.seal(operation: wrong, iv: iv)
                XCTFail("nothing was thrown")
            } catch {}
        }
    }

    func testMerchantsTakeNoMemory() throws {
        let options = try merchantOptions()
        try grows("a merchant", rounds: 20_000, limit: 1_500_000) { _ = try Merchant(options: options) }
    }
}
