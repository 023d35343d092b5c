import BananaTech
import Foundation
import XCTest

/// What came, and what is known by it.
final class EventsTests: XCTestCase {
    private func recharged(_ transaction: Int = 1, _ status: String = "SUCCESS") throws -> Event {
        try merchant().delivered(
            "CARD_RECHARGE_RESULT",
            #"{"card_id":67890,"transaction_id":\#(transaction),"receive_amount":100.0,"status":"\#(status)","#
                + #""currency":"USD","occur_time":1691249025085}"#)
    }

    func testACardsState() throws {
        let merchant = try merchant()
        var card = CardState(cardId: 67890)
        XCTAssertEqual(try card.allowed(), CardAction.allCases)
        let changed = { (status: String, time: Int) in
            try merchant.delivered(
                "CARD_STATUS_CHANGE",
                #"{"card_id":67890,"status":"SUCCESS","card_status":"\#(status)","occur_time":\#(time)}"#)
        }
        var folded = try card.fold(event: changed("LOCKED", 2000))
        XCTAssertEqual(folded.fold, .applied)
        card = folded.state
        XCTAssertEqual(try card.status(), .locked)
        XCTAssertEqual(try card.statusAsOf(), Date(timeIntervalSince1970: 2))
        XCTAssertEqual(
            card,
            CardState(
                cardId: 67890,
                statuses: [KnownStatus(status: .locked, asOf: Date(timeIntervalSince1970: 2), observed: false)]))
        XCTAssertEqual(try card.fold(event: changed("ACTIVE", 1000)).fold, .stale)
        XCTAssertEqual(try card.fold(event: changed("LOCKED", 2000)).fold, .duplicate)
        XCTAssertEqual(try card.fold(event: merchant.delivered("CARD_3DS", "{}")).fold, .irrelevant)
        XCTAssertTrue(try card.allowed().contains(.unlock))
        XCTAssertNoThrow(try card.check(action: .unlock))
        XCTAssertEqual(try thrown { try card.check(action: .recharge) }.code, .stateNotAllowed)
        XCTAssertEqual(try thrown { try card.checkOperation(operation: recharge.any) }.code, .stateNotAllowed)
        XCTAssertEqual(try thrown { try card.checkOperation(operation: recharge) }.code, .stateNotAllowed)
        XCTAssertNoThrow(try card.checkOperation(operation: GetUsers()))
        XCTAssertEqual(try CardState(json: card.json()), card)

        // Within five minutes, an observation and an event that contradict one another are unclear.
        folded = try card.observe(information: CardInformation(status: .active), askedAt: Date(timeIntervalSince1970: 3))
        XCTAssertNil(try folded.state.status())
        XCTAssertEqual(try folded.state.possibleStatuses(), [.active, .locked])
        folded = try card.observe(information: CardInformation(status: .active), askedAt: Date(timeIntervalSince1970: 303))
        XCTAssertEqual(try folded.state.status(), .active)
        let balance = try merchant.delivered(
            "CARD_BALANCE_CHANGE",
            #"{"card_id":67890,"amount":100,"available":99.5,"before_available":0,"currency":"USD","occur_time":4000}"#)
        folded = try folded.state.fold(event: balance)
        XCTAssertEqual(
            try folded.state.balance(),
            KnownBalance(
                amount: 100, available: 99.5, currency: "USD", asOf: Date(timeIntervalSince1970: 4), beforeAvailable: 0))
        XCTAssertEqual(try CardState(json: folded.state.json()), folded.state)
    }

    func testStatesOfOneCardAreMerged() throws {
        let merchant = try merchant()
        let seen = { (changes: [(before: Int, after: Int)]) in
            try changes.reduce(CardState(cardId: 67890)) { card, change in
                let event = try merchant.delivered(
                    "CARD_BALANCE_CHANGE",
                    #"{"card_id":67890,"amount":\#(change.after),"available":\#(change.after),"before_available":\#(change.before),"currency":"USD","occur_time":7}"#)
                return try card.fold(event: event).state
            }
        }
        let (here, there) = try (seen([(90, 80)]), seen([(100, 90), (70, 60)]))
        // Of one millisecond: which is the last one isn't clear before the link is there.
        XCTAssertNil(try there.balance())
        XCTAssertEqual(try there.possibleBalances().count, 2)
        let merged = try here.merge(other: there)
        XCTAssertEqual(merged, try there.merge(other: here))
        XCTAssertEqual(try merged.possibleBalances().map(\.available), [60, 80])
        let all = try merged.merge(other: seen([(80, 70)]))
        XCTAssertEqual(try all.balance()?.available, 60)
        XCTAssertEqual(try all.merge(other: all), all)
        XCTAssertEqual(try thrown { try here.merge(other: CardState(cardId: 1)) }.code, .stateMismatch)
        // What a newer version stored is kept.
        let newer = try CardState(json: #"{"version":2,"card_id":67890,"limits":{"daily":1.10}}"#)
        XCTAssertEqual(newer.version, 2)
        XCTAssertEqual(try newer.merge(other: all).extra["limits"], #"{"daily":1.10}"#)
        XCTAssertTrue(try newer.merge(other: all).json().contains(#""limits":{"daily":1.10}"#))
    }

    func testWhatIsAuthenticIsReadWhateverElseStandsInIt() throws {
        let merchant = try merchant()
        let data: Redacted = #"{"card_id":"none","status":"SUCCESS","occur_time":1,"otp":"123456"}"#
        let delivery = try merchant.receive(rawBody: merchant.testWebhook(eventType: "CARD_STATUS_CHANGE", data: data))
        guard case .unrecognized(let event) = delivery.event else { return XCTFail("\(delivery.event)") }
        XCTAssertEqual(event.eventType, .cardStatusChange)
        XCTAssertEqual(event.field, "card_id")
        XCTAssertEqual(event.code, .idRange)
        XCTAssertEqual(event.data, data)
        XCTAssertEqual(delivery.raw, data)
        XCTAssertFalse("\(delivery)".contains("123456"))
        XCTAssertEqual(try Event(json: delivery.event.json()), delivery.event)
        XCTAssertEqual(try delivery.event.facts().eventType, "CARD_STATUS_CHANGE")
        // In another order, with other spellings and more fields it says the same.
        let odd = #"{"x":[1e400],"occur_time":"1.7E12","status":"SUCCESS","card_id":"200001.0"}"#
        guard case .cardCloseResult(let closed) = try merchant.delivered("CARD_CLOSE_RESULT", odd) else { return XCTFail() }
        XCTAssertEqual(closed.cardId, 200001)
        XCTAssertEqual(closed.occurTime, Date(timeIntervalSince1970: 1_700_000_000))
        XCTAssertEqual(closed.extra["x"], "[1e400]")
    }

    func testTimesAreJudged() throws {
        let event = try recharged()
        let happened = try XCTUnwrap(event.facts().occurredAt)
        XCTAssertEqual(try event.freshness(at: happened), .fresh)
        XCTAssertEqual(try event.freshness(at: happened.addingTimeInterval(86_401)), .tooOld(1000))
        XCTAssertEqual(try event.freshness(at: happened.addingTimeInterval(-301)), .tooNew(1000))
        let window = TimeWindow(pastMs: 1000, futureMs: 0)
        XCTAssertEqual(try event.freshness(at: happened.addingTimeInterval(1.5), within: window), .tooOld(500))
        XCTAssertEqual(try merchant().delivered("CARD_3DS", "{}").freshness(at: happened), .notStated)
    }

    func testRepeatedDeliveriesAreKnown() throws {
        let merchant = try merchant()
        let deliveries = RecentDeliveries(capacity: 2)
        let prints = try (1...3).map { transaction in
            try merchant.receive(
                rawBody: merchant.testWebhook(eventType: "CARD_3DS", data: Redacted(#"{"id":\#(transaction)}"#))
            ).fingerprint
        }
        XCTAssertEqual(try deliveries.remember(fingerprint: prints[0]), .new)
        XCTAssertEqual(try deliveries.remember(fingerprint: prints[0]), .duplicate)
        try deliveries.forget(fingerprint: prints[0])
        XCTAssertEqual(try prints.map { try deliveries.remember(fingerprint: $0) }, [.new, .new, .new])
        XCTAssertEqual(try deliveries.remember(fingerprint: prints[0]), .new)
        XCTAssertEqual(try thrown { try deliveries.remember(fingerprint: "?") }.code, .fieldType)
        XCTAssertEqual(try RecentDeliveries().remember(fingerprint: prints[0]), .new)
    }
}
