import BananaTech
import Foundation
import XCTest

// What the documentation shows of programs in Swift is between the lines with `#region`.

// #region webhook
/// What becomes of operations, in memory and in a database.
actor Desk {
    private let merchant: Merchant
    private var tracker: Tracker
    /// Saves, in one transaction, the tracker's JSON and what you do about each operation that ended.
    private let save: @Sendable (String, [Settled]) throws -> Void

    init(_ merchant: Merchant, _ tracker: Tracker, save: @escaping @Sendable (String, [Settled]) throws -> Void) {
        (self.merchant, self.tracker, self.save) = (merchant, tracker, save)
    }

    /// Takes a webhook's raw body; the status to answer with. Nothing in it awaits, so one webhook is taken after the other.
    func take(_ body: Data) -> Int {
        do {
            let delivery = try merchant.receive(rawBody: body)
            let next = try tracker.copy()
            let report = try next.receive(delivery: delivery)
            try save(next.toJson(), report.settled)
            tracker = next // only now: if it wasn't saved, the next delivery isn't a repetition
            return 200
        } catch let error as BananaTechError {
            return error.code == .messageTooLong ? 413 : 400
        } catch {
            return 503
        }
    }
}
// #endregion webhook

final class SamplesTests: XCTestCase {
    func testAWebhookThatWasNotSavedIsTakenAgain() async throws {
        final class Database: @unchecked Sendable {
            var isDown = true
            var saved: [(json: String, settled: [Settled])] = []
        }
        let (merchant, database) = (try merchant(), Database())
        let tracker = try Tracker(assumptions: .exclusiveSince(Date(timeIntervalSince1970: 0)))
        let now = Date()
        let operation = try merchant.call(recharge).tracked(sentAt: now)
        try tracker.store(operation: operation)
        let desk = Desk(merchant, tracker) { json, settled in
            if database.isDown { throw Unknown(what: "the database is down") }
            database.saved.append((json, settled))
        }
        let event = CardRechargeResult(
            cardId: 67890, transactionId: 1, receiveAmount: 100, status: .success, currency: "USD", occurTime: now)
        let body = try merchant.testEvent(event: .cardRechargeResult(event))
        var status = await desk.take(body)
        XCTAssertEqual(status, 503)
        database.isDown = false
        status = await desk.take(body)
        XCTAssertEqual(status, 200)
        XCTAssertEqual(database.saved.map { $0.settled.map(\.operation.id) }, [[operation.id]])
        status = await desk.take(body)
        XCTAssertEqual(status, 200)
        XCTAssertEqual(database.saved.last?.settled, [])
        status = await desk.take("{}".data)
        XCTAssertEqual(status, 400)
        XCTAssertEqual(try Tracker(json: XCTUnwrap(database.saved.last).json).operation(id: operation.id)?.outcome, .succeeded(cardId: 67890))
    }
}
