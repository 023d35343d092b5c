import BananaTech
import Foundation
import XCTest

/// What came, and what is known by it.
final class EventsTests: XCTestCase {
    private let start = Date(timeIntervalSince1970: 1_691_249_025)
    private var deadline: Date { start.addingTimeInterval(600) }

    private func recharged(_ transaction: Int = 1, _ status: String = "SUCCESS") throws -> Event {
        try merchant().delivered(
            "CARD_RECHARGE_RESULT",
            #"{"card_id":67890,"transaction_id":\#(transaction),"receive_amount":100.0,"status":"\#(status)","#
                + #""currency":"USD","occur_time":1691249025085}"#)
    }

    private func added(_ operations: PendingOperations, reference: String? = nil) throws -> PendingAdded {
        let call = try merchant().call(recharge)
        return try operations.add(
            pending: XCTUnwrap(call.pending(sentAt: start, deadline: deadline, reference: reference)))
    }

    func testWhatIsPendingIsSettledOnce() throws {
        let added = try added(PendingOperations(), reference: "order 7")
        let pending = try XCTUnwrap(added.operations.get(id: added.id))
        XCTAssertEqual(
            pending,
            Pending(
                kind: .recharge, userId: 12345, cardId: 67890, amount: 100, sentAt: start, deadline: deadline,
                acknowledged: false, reference: "order 7"))
        let taken = try added.operations.acknowledge(id: added.id, response: .recharge(Acknowledgement(message: "ok")))
        XCTAssertEqual(taken.settlement, .unrelated)
        XCTAssertEqual(try taken.operations.list().map(\.pending.acknowledged), [true])

        // As after a restart: only the text was stored.
        let restarted = PendingOperations(json: try Redacted(XCTUnwrap(taken.operations.json).expose()))
        let settling = try restarted.settle(event: recharged())
        guard case .settled(let operations) = settling.settlement else { return XCTFail("\(settling.settlement)") }
        XCTAssertEqual(operations.map(\.id), [added.id])
        XCTAssertEqual(operations.map(\.outcome), [.succeeded(cardId: 67890)])
        XCTAssertEqual(operations.first?.pending.reference, "order 7")
        XCTAssertEqual(try settling.operations.list(), [])
        XCTAssertNil(try settling.operations.get(id: added.id))
        XCTAssertEqual(try settling.operations.settle(event: recharged()).settlement, .duplicate)
        // Nothing changed in place.
        XCTAssertEqual(try restarted.list().count, 1)
    }

    func testTwoRechargesStayApart() throws {
        let first = try added(PendingOperations())
        let second = try added(first.operations)
        let ambiguous = try second.operations.settle(event: recharged(1))
        XCTAssertEqual(ambiguous.settlement, .ambiguous(ids: [first.id, second.id]))
        let settling = try ambiguous.operations.settle(event: recharged(2))
        guard case .settled(let both) = settling.settlement else { return XCTFail("\(settling.settlement)") }
        XCTAssertEqual(both.count, 2)
        let unclear = try first.operations.settle(event: recharged(1, "ODD"))
        XCTAssertEqual(unclear.settlement, .unclear(id: first.id, status: "ODD"))
    }

    func testWhatIsNotKnownIsAskedFor() throws {
        let added = try added(PendingOperations())
        XCTAssertEqual(try added.operations.overdue(now: deadline.addingTimeInterval(-1)), [])
        let overdue = try added.operations.overdue(now: deadline.addingTimeInterval(1))
        XCTAssertEqual(overdue.map(\.id), [added.id])
        let inquiries = try added.operations.inquiries(id: added.id)
        XCTAssertTrue(inquiries.contains { $0.kind == .getTransactions }, "\(inquiries)")
        XCTAssertNoThrow(try inquiries.map { try merchant().call($0) })
        let settling = try added.operations.resolve(id: added.id, outcome: .succeeded(cardId: nil), transactionId: 1)
        // No other became known by it.
        XCTAssertEqual(settling.settlement, .unrelated)
        XCTAssertEqual(try settling.operations.list(), [])
        // A later recharge's event can't be this one's, whose transaction is known.
        let next = try self.added(settling.operations)
        let later = try next.operations.settle(event: recharged(2))
        guard case .settled(let operations) = later.settlement else { return XCTFail("\(later.settlement)") }
        XCTAssertEqual(operations.map(\.id), [next.id])
        XCTAssertEqual(try settling.operations.inquiries(id: added.id), [])
        let tidied = try settling.operations.tidy(now: deadline.addingTimeInterval(10 * 86_400))
        XCTAssertLessThanOrEqual(tidied.json?.expose().count ?? 0, settling.operations.json?.expose().count ?? 0)
    }

    func testRejectionsAndWithdrawals() throws {
        let added = try added(PendingOperations())
        let call = try merchant().call(recharge)
        let rejection = { status in try rejected { try call.read(status: status, body: #"{"message":"no"}"#.data) } }
        let failed = try added.operations.reject(id: added.id, rejection: rejection(400))
        guard case .settled(let operations) = failed.settlement else { return XCTFail("\(failed.settlement)") }
        XCTAssertEqual(operations.map(\.outcome), [.failed(reason: "no")])
        let unknown = try added.operations.reject(id: added.id, rejection: rejection(502))
        XCTAssertEqual(unknown.settlement, .unclear(id: added.id, status: "502"))
        XCTAssertEqual(try unknown.operations.list().count, 1)
        XCTAssertEqual(try added.operations.withdraw(id: added.id).operations.list(), [])
        XCTAssertNil(try merchant().call(GetUsers()).pending(sentAt: start, deadline: deadline))
        XCTAssertNil(try pending(operation: SetPin(userId: 1, cardId: 2, pin: "6081").any, sentAt: start, deadline: deadline))
        XCTAssertEqual(try PendingOperations().list(), [])
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
        XCTAssertNoThrow(try card.checkOperation(operation: GetUsers().any))
        XCTAssertEqual(try readCardState(json: card.json()), card)

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
        XCTAssertEqual(try readCardState(json: folded.state.json()), folded.state)
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
        let newer = try readCardState(json: #"{"version":2,"card_id":67890,"limits":{"daily":1.10}}"#)
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
        XCTAssertEqual(try readEvent(json: writeEvent(event: delivery.event)), delivery.event)
        XCTAssertEqual(try eventFacts(event: delivery.event).eventType, "CARD_STATUS_CHANGE")
        XCTAssertEqual(try added(PendingOperations()).operations.settle(event: delivery.event).settlement, .unrelated)
        // In another order, with other spellings and more fields it says the same.
        let odd = #"{"x":[1e400],"occur_time":"1.7E12","status":"SUCCESS","card_id":"200001.0"}"#
        guard case .cardCloseResult(let closed) = try merchant.delivered("CARD_CLOSE_RESULT", odd) else { return XCTFail() }
        XCTAssertEqual(closed.cardId, 200001)
        XCTAssertEqual(closed.occurTime, Date(timeIntervalSince1970: 1_700_000_000))
        XCTAssertEqual(closed.extra["x"], "[1e400]")
    }

    func testTimesAreJudged() throws {
        let event = try recharged()
        let happened = try XCTUnwrap(eventFacts(event: event).occurredAt)
        XCTAssertEqual(try judgeTime(event: event, now: happened), .fresh)
        XCTAssertEqual(try judgeTime(event: event, now: happened.addingTimeInterval(86_401)), .tooOld(1000))
        XCTAssertEqual(try judgeTime(event: event, now: happened.addingTimeInterval(-301)), .tooNew(1000))
        let window = TimeWindow(pastMs: 1000, futureMs: 0)
        XCTAssertEqual(try judgeTime(event: event, now: happened.addingTimeInterval(1.5), window: window), .tooOld(500))
        XCTAssertEqual(try judgeTime(event: merchant().delivered("CARD_3DS", "{}"), now: happened), .notStated)
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
