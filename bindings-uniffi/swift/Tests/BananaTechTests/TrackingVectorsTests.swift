import BananaTech
import Foundation
import XCTest

/// What is certain of operations, against the vectors.
///
/// A tracker draws `seq` itself, and its state is JSON: so each event is taken in by one whose last `seq` is the one before the event's.
/// What was said becomes the state's `things`, with no operation in sight, and then the operations are put beside them and judged.
final class TrackingVectorsTests: XCTestCase {
    func testTracking() throws {
        XCTAssertEqual(try vectors("tracking").count, 67)
        try each("tracking") { vector in
            let history = try History(XCTUnwrap(vector["history"]))
            let expect = try XCTUnwrap(vector["expect"])
            let judged = try history.judged()
            XCTAssertEqual(judged.mapValues(claim), try XCTUnwrap(expect["claims"]?.fields).mapValues(\.text), vector.name)
            let byCount = Set(judged.filter(\.value.byCount).keys)
            XCTAssertEqual(byCount, Set((expect["by_count"]?.list ?? []).compactMap(\.text)), vector.name)
            if let cards = expect["cards"]?.fields {
                let made = judged.filter { $0.value.kind == .apply || $0.value.kind == .assign }.mapValues { Set($0.cards) }
                XCTAssertEqual(made, cards.mapValues { Set(($0.list ?? []).compactMap { $0.int.map { CardId(Int64($0)) } }) }, vector.name)
            }
            let states: [String: OperationState] = ["S": .succeeded, "F": .failed]
            for row in judged.values where !row.contradicted && !row.doubted {
                XCTAssertEqual(row.state, claim(row).flatMap { states[$0] } ?? .open, vector.name)
            }
            if let note = expect["note_found"] {
                let answer = try history.noted(XCTUnwrap(note["op"]?.text), XCTUnwrap(note["found"]))
                XCTAssertEqual(answer, note["answer"]?.text?.components(separatedBy: ": S").first, vector.name)
            }
        }
    }

    private func claim(_ row: TrackedOperation) -> String? {
        switch row.outcome {
        case nil: row.contradicted ? "!" : "?"
        // That the event of what was withdrawn came is said aloud, and isn't asked for here.
        case _ where row.contradicted && !row.withdrawn: "!"
        case _ where row.doubted: "?"
        case .succeeded: "S"
        case .failed: "F"
        }
    }
}

/// What was sent and seen.
private struct History {
    private let operations, events, records, foreign: [Value]
    private let assumptions: Assumptions
    private let merchant: Merchant

    init(_ history: Value) throws {
        let part = { (name: String) in try XCTUnwrap(history[name]?.list, name) }
        operations = try part("ops")
        events = try part("events").sorted { ($0["seq"]?.int ?? 0) < ($1["seq"]?.int ?? 0) }
        records = try part("records")
        foreign = try part("foreign")
        let config = try XCTUnwrap(history["cfg"])
        let since = try date(XCTUnwrap(config["since"]))
        assumptions = try Assumptions(
            exclusiveSince: config["exclusive"]?.flag == true ? since : nil,
            clockToleranceMs: Int64(XCTUnwrap(config["tol"]?.int)), trustType: XCTUnwrap(config["trust_type"]?.flag))
        merchant = try BananaTechTests.merchant()
    }

    func judged() throws -> [String: TrackedOperation] {
        var judged: [String: TrackedOperation] = [:]
        for operation in operations {
            let name = try XCTUnwrap(operation["id"]?.text)
            judged[name] = try look(at: name, in: tracker())
        }
        return judged
    }

    /// What is said to one who found something out, in the vectors' words.
    func noted(_ name: String, _ found: Value) throws -> String {
        let tracker = try tracker()
        for operation in operations { _ = try look(at: XCTUnwrap(operation["id"]?.text), in: tracker) }
        let card = found["card"]?.int.map { CardId(Int64($0)) }
        let outcome = found["outcome"]?.text == "S" ? Outcome.succeeded(cardId: card) : .failed(reason: nil)
        let transaction = found["tx"]?.int.map { TransactionId(Int64($0)) }
        do {
            let at = Date(timeIntervalSince1970: 0)
            let report = try tracker.find(id: id(name), outcome: outcome, at: at, transactionId: transaction)
            return report.verdict == .alreadyEnded ? "already ended" : "noted"
        } catch let error as BananaTechError {
            switch error.code {
            case .trackingUnknown: return "refused: no such operation"
            case .trackingOwned: return "refused: it has an owner"
            default: return "refused: no explanation has it"
            }
        }
    }

    /// Judges an operation anew, by saying of it what changes nothing.
    private func look(at name: String, in tracker: Tracker) throws -> TrackedOperation {
        let kind = try XCTUnwrap(tracker.operation(id: id(name))).kind
        try tracker.acknowledge(id: id(name), response: answer(to: kind))
        return try XCTUnwrap(tracker.operation(id: id(name)))
    }

    /// What an operation of a kind is answered. The id in it takes no part.
    private func answer(to kind: TrackedKind) -> AnyResponse {
        switch kind {
        case .register: .register(Registered())
        case .apply: .apply(Applied())
        case .assign: .assign(Assigned(cardId: 1))
        case .recharge: .recharge(Acknowledgement())
        case .activate, .lock, .unlock, .close: .updateStatus(Acknowledgement())
        }
    }

    /// A history's name of an operation, as a UUID.
    private func id(_ name: String) -> OperationId {
        let place = operations.firstIndex { $0["id"]?.text == name } ?? 255
        return UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(place)))
    }

    /// A tracker that has the whole history, not yet judged.
    private func tracker() throws -> Tracker {
        let things = try things()
        let named = things.map { $0.with(["foreign": .flag(foreign.contains($0["id"] ?? .null))]) }
        XCTAssertEqual(named.filter { $0["foreign"]?.flag == true }.count, foreign.count)
        let state = try state(assumptions).with(["things": .list(named), "operations": .list(operations.map(row))])
        return try Tracker(json: state.json)
    }

    /// A tracker's state in which nothing happened yet.
    private func state(_ assumptions: Assumptions) throws -> Value {
        try Value(Tracker(assumptions: assumptions).toJson())
    }

    /// The things of a history, as they are with no operation in sight.
    private func things() throws -> [Value] {
        var assumptions = assumptions
        assumptions.exclusiveSince = nil
        var state = try state(assumptions)
        func take(_ of: Value, _ operation: [Value], _ work: (Tracker) throws -> Report) throws {
            let seq = try XCTUnwrap(of["seq"]?.int)
            state = state.with(["seq": .number(Decimal(seq - 1)), "operations": .list(operation)])
            let tracker = try Tracker(json: state.json)
            _ = try work(tracker)
            state = try Value(tracker.toJson())
        }
        for event in events {
            let (type, data) = try (XCTUnwrap(event["type"]?.text), XCTUnwrap(event["data"]))
            let body = try merchant.testWebhook(eventType: type, data: Redacted(data.json))
            try take(event, []) { try $0.receive(delivery: merchant.receive(rawBody: body)) }
        }
        for record in records {
            let inquiry = try inquiry(record)
            // It is asked about an operation that nothing is ever of.
            let nobodys = asker(record).with(["withdrawn": .flag(true), "outcome": .object(["kind": .text("failed")])])
            try take(record, [nobodys]) { try $0.learn(inquiry: inquiry) }
        }
        return try XCTUnwrap(state["things"]?.list).map { $0.with(["owner": nil, "done": nil]) }
    }

    /// The answer to an inquiry: a list with one line.
    private func inquiry(_ record: Value) throws -> Inquiry {
        let time = try date(XCTUnwrap(record["time"]))
        let format = ISO8601DateFormatter()
        format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let line = Value.object([
            "type": .text("RECHARGE"),
            // A list shows whole seconds; the one that may have begun is added.
            "created_at": .text(format.string(from: time.addingTimeInterval(-1))),
        ]).with(["id": record["tx"], "card_id": record["card"], "amount": record["amount"], "status": record["status"]])
        let page = Value.object(["data": .list([line]), "total": .number(1)])
        let answer = try AnyResponse(to: .getTransactions, json: Redacted(page.json))
        let state = try state(assumptions).with(["operations": .list([asker(record)])])
        let inquiries = try Tracker(json: state.json).overdue(now: time)
        return try XCTUnwrap(inquiries.first).accept(response: answer, askedAt: time)
    }

    private func asker(_ record: Value) -> Value {
        Value.object([
            "id": .text("ffffffff-0000-4000-8000-000000000000"), "kind": .text("recharge"), "user_id": .number(1),
            "amount": .text("1"), "sent_at": .number(0), "ask_at": .number(0),
        ]).with(["card_id": record["card"]])
    }

    /// An operation's row, and what was found out about it.
    private func row(_ operation: Value) -> Value {
        let found = operation["found"].map { found in
            Value.object(["succeeded": .flag(found["outcome"]?.text == "S")])
                .with(["transaction_id": found["tx"], "card_id": found["card"]])
        }
        return Value.object(["id": .text(id(operation["id"]?.text ?? "").uuidString)]).with([
            "kind": operation["kind"], "seq": operation["seq"], "sent_at": operation["sent"], "ask_at": operation["sent"],
            "user_id": operation["user"], "card_id": operation["card"], "template_id": operation["template"],
            "amount": operation["amount"], "least": operation["least"], "until": operation["until"],
            "refused": operation["refused"], "withdrawn": operation["withdrawn"], "is_final": operation["final"], "found": found,
        ])
    }
}

private func date(_ millis: Value) throws -> Date {
    try Date(timeIntervalSince1970: Double(XCTUnwrap(millis.int)) / 1000)
}

extension Value {
    /// As JSON. What stands in these texts needs no escapes.
    fileprivate var json: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let number): "\(number)"
        case .text(let text), .exact(let text): "\"\(text)\""
        case .list(let list): "[\(list.map(\.json).joined(separator: ","))]"
        case .object(let fields): "{\(fields.map { "\"\($0.key)\":\($0.value.json)" }.joined(separator: ","))}"
        }
    }
}
