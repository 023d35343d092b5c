import BananaTech
import Foundation
import XCTest

/// What is stored comes back, and what is made by an initialiser is what the function makes.
final class StoringTests: XCTestCase {
    private func stored<T: Codable & Equatable>(_ value: T, line: UInt = #line) throws {
        // In a list: older JSON coders take no text alone.
        let data = try JSONEncoder().encode([value])
        XCTAssertEqual(try JSONDecoder().decode([T].self, from: data), [value], line: line)
    }

    func testWhatIsStoredComesBack() throws {
        try stored(Plan(Recharge(userId: 12345, cardId: 200001, amount: Decimal(amount: "100.10"))))
        let locked = #"{"type":"CARD_STATUS_CHANGE","data":{"card_id":1,"status":"SUCCESS","card_status":"LOCKED","occur_time":2000,"new":1.10}}"#
        let event = try Event(json: Redacted(locked))
        try stored(event)
        try stored(CardState(cardId: 1).fold(event: event).state)
        try stored([CardId(7): UserId(8)])
        XCTAssertEqual(String(decoding: try JSONEncoder().encode([CardId(7)]), as: UTF8.self), "[7]")
        XCTAssertEqual(try JSONDecoder().decode([TransactionId].self, from: Data("[7]".utf8)), [7])
    }

    /// What a backend in another language nests in an answer of its own.
    func testWhatIsPassedOnAsAnObjectIsRead() throws {
        struct Page: Decodable {
            var event: Event
            var card: CardState
            var operation: TrackedOperation
        }
        let event = try Event(
            json: #"{"type":"CARD_RECHARGE_RESULT","data":{"card_id":1,"transaction_id":9223372036854775807,"receive_amount":"100.10","status":"SUCCESS","occur_time":2000}}"#)
        let card = CardState(cardId: 1)
        let operation = try TrackedOperation(
            Recharge(userId: 1, cardId: 2, amount: Decimal(amount: "100.10")), id: UUID(), sentAt: Date(timeIntervalSince1970: 1_700_000_000))
        let text = try "{\"event\":\(event.json().expose()),\"card\":\(card.json()),\"operation\":\(operation.json())}"
        let page = try JSONDecoder().decode(Page.self, from: Data(text.utf8))
        XCTAssertEqual(page.event, event)
        XCTAssertEqual(page.card, card)
        XCTAssertEqual(page.operation, operation)
        XCTAssertThrowsError(try JSONDecoder().decode([Event].self, from: Data("[7]".utf8)))
    }

    func testATrackerIsStoredAmongOthers() throws {
        struct Saved: Codable {
            var tracker: Tracker
            var cards: [CardState]
        }
        let saved = Saved(tracker: try Tracker(assumptions: .shared), cards: [CardState(cardId: 1)])
        let operation = try TrackedOperation(Recharge(userId: 1, cardId: 2, amount: 100), id: UUID(), sentAt: Date())
        try saved.tracker.store(operation: operation)
        let again = try JSONDecoder().decode(Saved.self, from: JSONEncoder().encode(saved))
        XCTAssertEqual(try again.tracker.operations(), try saved.tracker.operations())
        XCTAssertEqual(try again.tracker.toJson(), try saved.tracker.toJson())
        XCTAssertEqual(again.cards, saved.cards)
    }

    func testWhatBecameOfAnOperationIsStored() throws {
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        let tracker = try Tracker(assumptions: .exclusiveSince(start.addingTimeInterval(-3600)))
        let operation = try TrackedOperation(
            Recharge(userId: 1, cardId: 2, amount: Decimal(amount: "100.10")), id: UUID(), sentAt: start, reference: "order 7")
        try stored(operation)
        try tracker.store(operation: operation)
        let inquiries = try tracker.overdue(now: start.addingTimeInterval(3600))
        XCTAssertEqual(inquiries.map(\.operationId), [operation.id])
        try stored(inquiries)

        let event = try CardRechargeResult(
            cardId: 2, transactionId: 9_223_372_036_854_775_807, receiveAmount: Decimal(amount: "99.10"), status: .success,
            currency: "USD", occurTime: start.addingTimeInterval(1))
        let settled = try XCTUnwrap(tracker.take(event: .cardRechargeResult(event)).settled.first)
        XCTAssertEqual(settled.operation.transactionId, 9_223_372_036_854_775_807)
        try stored(settled.operation)
        try stored(settled.outcome)
        try stored([Outcome.succeeded(cardId: nil), .failed(reason: nil), .failed(reason: "101:0 not \u{201C}enough\u{201D}")])
    }

    /// It is the library's own JSON, as a tracker's is.
    func testItIsCodedAsTheLibraryWritesIt() throws {
        func coded<T: Encodable>(_ value: T) throws -> String {
            try JSONDecoder().decode([String].self, from: JSONEncoder().encode([value]))[0]
        }
        XCTAssertEqual(try coded(Outcome.failed(reason: "101:0")), #"{"kind":"failed","reason":"101:0"}"#)
        XCTAssertEqual(try coded(Outcome.succeeded(cardId: 7)), #"{"kind":"succeeded","card_id":7}"#)
        XCTAssertEqual(try Outcome(json: #"{"kind":"succeeded"}"#), .succeeded(cardId: nil))
        let tracker = try Tracker(assumptions: .shared)
        let operation = try TrackedOperation(Recharge(userId: 1, cardId: 2, amount: 100), sentAt: Date())
        try tracker.store(operation: operation)
        let kept = try XCTUnwrap(tracker.operation(id: operation.id))
        XCTAssertEqual(try Value(kept.json()), try Value(tracker.toJson())["operations"]?.list?.first)
        // What a newer version stored stays as it came.
        let newer = try kept.json().dropLast() + #","news":[1.10]}"#
        let read = try TrackedOperation(json: String(newer))
        XCTAssertEqual(read.extra["news"], "[1.10]")
        try stored(read)

        XCTAssertEqual(try thrown { try TrackedOperation(json: "{}") }.code, .fieldRequired)
        XCTAssertEqual(try thrown { try Outcome(json: #"{"kind":"perhaps"}"#) }.code, .fieldType)
        let wrong = Data(#"["{\"operation_id\":\"7\"}"]"#.utf8)
        XCTAssertEqual(try thrown { try JSONDecoder().decode([Inquiry].self, from: wrong) }.code, .operationIdFormat)
    }

    func testAPlanIsCodedAsTheObjectThatItIs() throws {
        struct Order: Codable {
            let number: Int
            let plan: Plan
        }
        let plan = try Plan(Recharge(userId: 12345, cardId: 200001, amount: Decimal(amount: "100.10")))
        let data = try JSONEncoder().encode(Order(number: 1, plan: plan))
        let order = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let body = (order?["plan"] as? [String: Any])?["body"] as? [String: Any]
        XCTAssertEqual(body?["amount"] as? String, "100.1")
        XCTAssertEqual(try JSONDecoder().decode(Order.self, from: data).plan, plan)
        // What an app encoded, another language's checker takes, and the other way round.
        let alone = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
        XCTAssertEqual(try Plan(checking: Redacted(alone)), plan)
        XCTAssertEqual(try JSONDecoder().decode(Plan.self, from: Data(plan.json.expose().utf8)), plan)
        // A field that isn't known keeps its value.
        let open = #"{"operation":"user.register","body":{"email":"a@example.com","template_id":1,"more":{"list":[true,null,1.25,12345678901234567890.5]}}}"#
        let extra = try Plan(checking: Redacted(open), openFields: [.register])
        let again = String(decoding: try JSONEncoder().encode(extra), as: UTF8.self)
        XCTAssertTrue(again.contains("[true,null,1.25,12345678901234567890.5]"), again)
    }

    func testWhatWasChangedIsRefused() throws {
        let changed = Data(#"["{\"operation\":\"card.recharge\",\"body\":{\"user_id\":1,\"card_id\":2,\"amount\":\"-1\"}}"]"#.utf8)
        XCTAssertThrowsError(try JSONDecoder().decode([Plan].self, from: changed)) { error in
            XCTAssertEqual((error as? BananaTechError)?.code, .amountNotPositive)
        }
    }

    func testInitialisersAreTheFunctions() throws {
        let recharge = Recharge(userId: 1, cardId: 2, amount: 100)
        XCTAssertEqual(try Plan(recharge), try Plan(recharge.any))
        XCTAssertEqual(try Plan(checking: Plan(recharge).json), try Plan(recharge))
        let template = CardTemplate(id: 1, rechargeFee: 1, rechargeMinLimit: 200)
        XCTAssertEqual(try template.charge(for: recharge, fee: .flat).total, 101)
        XCTAssertEqual(try thrown { try template.check(recharge) }.code, .amountBelowMinimum)
        XCTAssertEqual(try CardNumberFacts("4111111111111111").last4, "1111")
        XCTAssertEqual(try Expiry("12/27"), Expiry(month: 12, year: 2027))
        XCTAssertEqual(try BirthDate("1987-05-04"), BirthDate(year: 1987, month: 5, day: 4))
        XCTAssertEqual(try Decimal(amount: "3.133").description, "3.133")
    }
}
