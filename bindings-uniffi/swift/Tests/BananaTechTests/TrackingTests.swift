import BananaTech
import Foundation
import XCTest

/// What became of operations: stored before they are sent, and settled by events, answers, and asking.
final class TrackingTests: XCTestCase {
    private let start = Date(timeIntervalSince1970: 1_691_249_025)
    private var deadline: Date { start.addingTimeInterval(600) }

    private func tracker() throws -> Tracker { try Tracker(assumptions: .exclusiveSince(start.addingTimeInterval(-3600))) }

    private func delivery(_ type: String, _ data: String) throws -> Delivery {
        let merchant = try merchant()
        return try merchant.receive(rawBody: merchant.testWebhook(eventType: type, data: Redacted(data)))
    }

    private func recharged(_ transaction: Int = 1, _ status: String = "SUCCESS", of amount: String = "100.0") throws -> Delivery {
        try delivery(
            "CARD_RECHARGE_RESULT",
            #"{"card_id":67890,"transaction_id":\#(transaction),"receive_amount":\#(amount),"status":"\#(status)","#
                + #""currency":"USD","occur_time":1691249025085}"#)
    }

    /// Stores a recharge; its id.
    private func stored(in tracker: Tracker) throws -> OperationId {
        let call = try merchant().call(recharge)
        let operation = call.tracked(sentAt: start, askAt: deadline)
        XCTAssertEqual(try tracker.store(operation: operation).verdict, .noted)
        return operation.id
    }

    private func transactions(_ transaction: Int? = nil) throws -> AnyResponse {
        let lines = transaction.map {
            #"{"id":\#($0),"card_id":67890,"amount":100,"type":"RECHARGE","status":"SUCCESS","created_at":"2023-08-05T15:23:45Z"}"#
        }
        return try AnyResponse(to: .getTransactions, json: Redacted(#"{"data":[\#(lines ?? "")],"total":\#(lines == nil ? 0 : 1)}"#))
    }

    func testWhatAnEventConfirmsIsTracked() throws {
        let (call, id) = (try merchant().call(recharge), UUID())
        let operation = call.tracked(id: id, sentAt: start, reference: "order 7")
        XCTAssertEqual(
            operation,
            TrackedOperation(
                id: id, kind: .recharge, userId: 12345, cardId: 67890, amount: 100, sentAt: start, askAt: deadline,
                reference: "order 7"))
        XCTAssertEqual(Set((0..<100).map { _ in call.tracked(sentAt: start).id }).count, 100)
        XCTAssertEqual(try TrackedOperation(recharge, id: id, sentAt: start, reference: "order 7"), operation)
        XCTAssertEqual(try thrown { try TrackedOperation(Recharge(userId: -1, cardId: 2, amount: 1), sentAt: start) }.code, .idRange)
        // Of one whose type isn't known it may be nil.
        let any = try merchant().call(recharge.any).tracked(id: id, sentAt: start, reference: "order 7")
        XCTAssertEqual(any, operation)
        XCTAssertNil(try merchant().call(GetUsers().any).tracked(sentAt: start))
        XCTAssertNil(try TrackedOperation(SetPin(userId: 1, cardId: 2, pin: "6081").any, id: id, sentAt: start))
        let assign = Assign(userId: 1, templateId: 2, cardNumber: "1234567890123456").any
        XCTAssertEqual(try TrackedOperation(assign, id: id, sentAt: start)?.lastFour, "3456")

        let template = CardTemplate(id: 1, rechargeFee: 1.5)
        XCTAssertEqual(try operation.with(template: template, fee: .percent).least, 98.5)
        XCTAssertNil(try operation.with(template: CardTemplate(id: 1), fee: .flat).least)
        let negative = CardTemplate(id: 1, rechargeFee: -1)
        XCTAssertEqual(try thrown { try operation.with(template: negative, fee: .flat) }.code, .fieldType)
    }

    func testWhatTheTypesSayIsConfirmedIs() throws {
        let confirmed: [any ConfirmedOperation] = [
            Register(email: "ada@a.example", templateId: 1), Apply(userId: 1, templateId: 2), recharge,
            UpdateStatus(userId: 1, cardId: 2, alter: .lock), Assign(userId: 1, templateId: 2, cardNumber: "1234567890123456"),
        ]
        for operation in confirmed {
            XCTAssertNotNil(try merchant().call(operation.any).tracked(sentAt: start), operation.any.kind.rawValue)
        }
        let others: [any TypedOperation] = [
            GetAccountBalance(), GetCardTemplates(), SetWebhookUrl(url: URL(string: "https://a.example")!), GetWebhookRecords(), GetUsers(),
            GetBalance(userId: 1, cardId: 2), GetInformation(userId: 1, cardId: 2), GetTransactions(), SetPin(userId: 1, cardId: 2, pin: "6081"), Confirm3ds(),
        ]
        for operation in others {
            XCTAssertFalse(operation is any ConfirmedOperation)
            XCTAssertNil(try merchant().call(operation.any).tracked(sentAt: start), operation.any.kind.rawValue)
        }
        XCTAssertEqual(Set((confirmed + others).map(\.any.kind)), Set(OperationKind.allCases))
    }

    func testAssumptionsAreSaid() throws {
        XCTAssertEqual(
            Assumptions.exclusiveSince(start), Assumptions(exclusiveSince: start, clockToleranceMs: 300_000, trustType: false))
        var day = Assumptions.shared
        XCTAssertNil(day.exclusiveSince)
        day.finalAfterMs = 86_400_000
        let tracker = try Tracker(assumptions: day)
        XCTAssertEqual(try tracker.assumptions(), day)
        XCTAssertEqual(try Tracker(json: tracker.toJson()).assumptions(), day)
    }

    func testWhatWasSentIsSettledOnceAndAfterARestart() throws {
        let tracker = try tracker()
        let call = try merchant().call(recharge)
        var operation = call.tracked(sentAt: start, reference: "order 7")
        XCTAssertEqual(
            try tracker.store(operation: operation),
            Report(
                verdict: .noted, settled: [], doubted: [], contradicted: [], foreignActivity: [], candidates: [], things: []))
        XCTAssertEqual(try thrown { try tracker.store(operation: operation) }.code, .trackingKnown)
        let taken = try call.answer(status: 200, body: #"{"message":"ok"}"#.data).any
        try tracker.acknowledge(id: operation.id, response: taken)
        (operation.seq, operation.acknowledged) = (1, true)
        XCTAssertEqual(try tracker.operation(id: operation.id), operation)
        XCTAssertNil(try tracker.operation(id: UUID()))
        XCTAssertEqual(try thrown { try tracker.acknowledge(id: UUID(), response: taken) }.code, .trackingUnknown)

        // Only the text was stored.
        let restarted = try Tracker(json: tracker.toJson())
        XCTAssertEqual(try restarted.operations(), [operation])
        let report = try restarted.receive(delivery: recharged())
        XCTAssertEqual(report.verdict, .settled)
        XCTAssertEqual(report.settled.map(\.operation.reference), ["order 7"])
        XCTAssertEqual(report.settled.map(\.outcome), [.succeeded(cardId: 67890)])
        XCTAssertEqual(report.settled.first?.operation.transactionId, 1)
        XCTAssertEqual(report.settled.first?.operation.receiveAmount, 100)
        XCTAssertEqual(try restarted.operation(id: operation.id)?.outcome, .succeeded(cardId: 67890))
        XCTAssertEqual(try restarted.receive(delivery: recharged()).verdict, .repeated)
        XCTAssertEqual(try Tracker(json: restarted.toJson()).receive(delivery: recharged()).verdict, .repeated)
    }

    /// The key is made of what was signed, and not of what was read of it.
    func testAnEventHasTheSameKeyInEveryLanguage() throws {
        let tracker = try tracker()
        let data = #"{"z":1.10, "card_id" :"7","odd":"\u0041", "n":12345678901234567890.10}"#
        let delivery = try delivery("CARD_STATUS_CHANGE", data)
        try tracker.receive(delivery: delivery)
        // SHA-256 of {"card_id":"7","n":12345678901234567890.1,"odd":"A","z":1.1}
        let key = "2dd3ae377b07dd8b7f53a5ff4b9706b6bd2b69e021a8e0963fba3349f4b8d831"
        XCTAssertEqual(delivery.fingerprint, key)
        XCTAssertEqual(try Value(tracker.toJson())["events"]?.list?.first?["key"]?.text, key)
    }

    func testWhatIsUncertainStaysOpen() throws {
        let tracker = try tracker()
        let ids = try [stored(in: tracker), stored(in: tracker)]
        let open = try tracker.receive(delivery: recharged(1))
        XCTAssertEqual(open.verdict, .open)
        XCTAssertEqual(Set(open.candidates), Set(ids))
        XCTAssertEqual(open.things, ["tx:1"])
        // Says nothing about an end.
        XCTAssertEqual(try tracker.receive(delivery: recharged(3, "ODD")).verdict, .noted)
        XCTAssertEqual(try tracker.receive(delivery: recharged(2)).settled.map(\.operation.id), ids)
        XCTAssertEqual(try tracker.take(event: delivery("CARD_3DS", "{}").event).verdict, .noted)
    }

    func testAnswersSettleToo() throws {
        let tracker = try tracker()
        let (id, other, call) = (try stored(in: tracker), try stored(in: tracker), try merchant().call(recharge))
        let rejection = { status in
            let error = try thrown { try call.read(status: status, body: #"{"message":"no"}"#.data) }
            return try XCTUnwrap(error.rejection ?? error.answer)
        }
        XCTAssertEqual(try tracker.reject(id: id, rejection: rejection(502)).verdict, .open)
        XCTAssertNil(try tracker.operation(id: id)?.outcome)
        XCTAssertEqual(try tracker.reject(id: id, rejection: rejection(400)).settled.map(\.outcome), [.failed(reason: "no")])
        // The words may be personal: they aren't stored.
        XCTAssertEqual(try tracker.operation(id: id)?.outcome, .failed(reason: nil))
        XCTAssertEqual(try tracker.receive(delivery: recharged(1, "FAILED")).settled.map(\.operation.id), [other])
    }

    func testWhatIsOverdueIsAskedFor() throws {
        let tracker = try tracker()
        let id = try stored(in: tracker)
        XCTAssertEqual(try tracker.overdue(now: deadline.addingTimeInterval(-1)), [])
        let inquiries = try tracker.overdue(now: deadline)
        XCTAssertEqual(inquiries.map(\.operationId), [id])
        // It was asked for; it is asked for again later.
        XCTAssertEqual(try tracker.overdue(now: deadline), [])
        XCTAssertEqual(try tracker.overdue(now: deadline.addingTimeInterval(90_000)).count, 1)
        let request = try XCTUnwrap(inquiries[0].nextRequest())
        guard case .getTransactions(let list) = request else { return XCTFail("\(request)") }
        XCTAssertEqual(list.cardId, 67890)
        XCTAssertNoThrow(try merchant().call(request))
        let wrong = try thrown { try inquiries[0].accept(response: .recharge(Acknowledgement()), askedAt: deadline) }
        XCTAssertEqual(wrong.code, .pageMismatch)

        let answered = try inquiries[0].accept(response: transactions(7), askedAt: deadline)
        XCTAssertNil(try answered.nextRequest())
        XCTAssertFalse("\(answered)".contains("67890"))
        XCTAssertEqual(try tracker.learn(inquiry: answered).settled.map(\.operation.id), [id])
        XCTAssertEqual(try tracker.overdue(now: .distantFuture), [])
        // Its late event is its own, and not that of a later recharge of the card.
        let later = try stored(in: tracker)
        XCTAssertEqual(try tracker.receive(delivery: recharged(7)).verdict, .alreadyEnded)
        XCTAssertEqual(try tracker.receive(delivery: recharged(8)).settled.map(\.operation.id), [later])
    }

    func testAListThatDoesntShowItProvesNothing() throws {
        let tracker = try tracker()
        let id = try stored(in: tracker)
        let inquiry = try XCTUnwrap(tracker.overdue(now: deadline).first).accept(response: transactions(), askedAt: deadline)
        XCTAssertEqual(try tracker.learn(inquiry: inquiry).settled, [])
        XCTAssertNil(try tracker.operation(id: id)?.outcome)
    }

    func testARegistrationIsAskedForByItsAddress() throws {
        let tracker = try tracker()
        let call = try merchant().call(Register(email: "ada@example.com", templateId: 1))
        try tracker.store(operation: call.tracked(sentAt: start))
        let inquiry = try XCTUnwrap(tracker.overdue(now: deadline).first).withEmail(address: "ada@example.com")
        XCTAssertFalse(try tracker.toJson().contains("ada@"))
        guard case .getUsers(let list)? = try inquiry.nextRequest() else { return XCTFail() }
        XCTAssertEqual(list.search, "ada@example.com")
        let users = JsonPage(data: [#"{"id":12345,"email":"ada@example.com","status":"APPROVED"}"#], total: 1)
        let answered = try inquiry.accept(response: .getUsers(users), askedAt: deadline)
        XCTAssertEqual(try tracker.learn(inquiry: answered).verdict, .settled)
    }

    func testAPersonSaysWhatWasFoundOut() throws {
        let tracker = try tracker()
        let ids = try (0..<3).map { _ in try stored(in: tracker) }
        let succeeded = Outcome.succeeded(cardId: 67890)
        let find = { (id, outcome, transaction) in
            try tracker.find(id: id, outcome: outcome, at: self.deadline, transactionId: transaction)
        }
        XCTAssertEqual(try find(ids[0], succeeded, 1).verdict, .settled)
        XCTAssertEqual(try find(ids[0], .failed(reason: nil), nil).verdict, .alreadyEnded)
        XCTAssertEqual(try thrown { try find(ids[1], succeeded, 1) }.code, .trackingOwned)
        XCTAssertEqual(try thrown { try find(UUID(), succeeded, nil) }.code, .trackingUnknown)
        XCTAssertEqual(try tracker.withdraw(id: ids[1]).settled.map(\.operation.id), [ids[1]])
        XCTAssertEqual(try thrown { try tracker.withdraw(id: UUID()) }.code, .trackingUnknown)
        // The one that is left.
        XCTAssertEqual(try tracker.receive(delivery: recharged(2)).settled.map(\.operation.id), [ids[2]])
    }

    func testStrangersAreSaidAloudAndNamed() throws {
        let tracker = try tracker()
        let id = try stored(in: tracker)
        let report = try tracker.receive(delivery: recharged(1, of: "5000"))
        XCTAssertEqual(report.verdict, .foreignActivity)
        XCTAssertEqual(report.foreignActivity, ["card:67890:money"])
        XCTAssertEqual(report.things, ["tx:1"])
        XCTAssertEqual(try tracker.receive(delivery: recharged(2)).settled, [])
        XCTAssertEqual(try tracker.nameForeign(thing: "tx:1").settled.map(\.operation.id), [id])
        XCTAssertEqual(try thrown { try tracker.nameForeign(thing: "tx:9") }.code, .trackingUnknown)
        XCTAssertEqual(try thrown { try tracker.nameForeign(thing: "tx:2") }.code, .trackingRefuted)
        XCTAssertEqual(try thrown { try tracker.nameForeign(thing: "order 7") }.code, .fieldType)
    }

    func testClocksThatDifferAreTold() throws {
        let tracker = try Tracker(assumptions: .exclusiveSince(Date(timeIntervalSince1970: 0)))
        let late = Date(timeIntervalSince1970: 1_691_249_025.085 + 600)
        try tracker.store(operation: merchant().call(recharge).tracked(sentAt: late))
        XCTAssertEqual(try tracker.receive(delivery: recharged()).verdict, .clocksDiffer(milliseconds: 600_000))
    }

    func testWhatEndedIsForgotten() throws {
        let tracker = try tracker()
        _ = try stored(in: tracker)
        let later = start.addingTimeInterval(1_000_000)
        XCTAssertEqual(try tracker.forgetBefore(time: later), 0)
        try tracker.receive(delivery: recharged())
        XCTAssertEqual(try tracker.forgetBefore(time: later), 1)
        XCTAssertEqual(try tracker.operations(), [])
        // What is said later of the time before is nobody's, and no alarm.
        XCTAssertEqual(try tracker.receive(delivery: recharged(2)).verdict, .noted)
    }

    func testACopyKnowsTheSameAndChangesByItself() throws {
        let tracker = try tracker()
        let id = try stored(in: tracker)
        _ = try tracker.overdue(now: deadline)
        let copy = try tracker.copy()
        XCTAssertEqual(try copy.toJson(), try tracker.toJson())
        XCTAssertEqual(try copy.overdue(now: deadline), [])
        XCTAssertEqual(try copy.receive(delivery: recharged()).verdict, .settled)
        XCTAssertNil(try tracker.operation(id: id)?.outcome)
        XCTAssertEqual(try tracker.receive(delivery: recharged()).verdict, .settled)
    }

    func testWhatWasStoredIsCheckedAndWhatANewerVersionStoredIsKept() throws {
        let tracker = try tracker()
        let id = try stored(in: tracker)
        let json = try tracker.toJson()
        XCTAssertEqual(try thrown { try Tracker(json: "{}") }.code, .fieldRequired)
        let wrong = json.replacingOccurrences(of: id.uuidString.lowercased(), with: "order 7")
        XCTAssertEqual(try thrown { try Tracker(json: wrong) }.code, .operationIdFormat)
        let newer = try Tracker(json: json.replacingOccurrences(of: #""seq":"#, with: #""news":[1.10],"seq":"#))
        XCTAssertEqual(try newer.operations().map { $0.extra["news"] }, ["[1.10]"])
        XCTAssertEqual(try newer.toJson().components(separatedBy: #""news":[1.10]"#).count, 3)
        var inquiry = try XCTUnwrap(tracker.overdue(now: deadline).first)
        inquiry.state = "{}"
        XCTAssertEqual(try thrown { try inquiry.nextRequest() }.code, .fieldRequired)
    }
}
