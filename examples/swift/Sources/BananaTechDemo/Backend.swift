import BananaTech
import BananaTechURLSession
import Foundation

/// A merchant's backend, small: it holds the key, sends calls, takes webhooks, and knows what became of them and how the
/// cards are.
actor Backend {
    private(set) var events: [Event] = []
    /// How many records the list that was asked for last has in all.
    private(set) var total: Int64?

    private let merchant: Merchant
    private let sender = HTTPSender()
    private let receiver: Receiver
    private let timeline: Timeline
    /// What becomes of each operation. In production it is stored at each step.
    private let tracker: Tracker
    private var cards: [CardId: CardState] = [:]

    /// How long to wait for a webhook before asking.
    private let patience: TimeInterval = 20

    init(url: String, receiver: Receiver, timeline: Timeline) throws {
        self.receiver = receiver
        self.timeline = timeline
        // Nobody but this demo ever acts at its sandbox.
        tracker = try Tracker(assumptions: .exclusiveSince(Date(timeIntervalSince1970: 0)))
        // The merchant that the sandbox starts with. Its key protects nothing. The sandbox seals every success, so nothing else
        // is taken for one.
        merchant = try Merchant(
            options: MerchantOptions(
                merchantId: "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", baseUrl: URL(string: url).needed("an URL"),
                secretKey: "sandbox-secret-key-0123456789abc", keyId: "sandbox", sealedAnswersOnly: true))
    }

    /// Asks for something: the answer is all there is.
    func ask<Operation: TypedOperation>(_ operation: Operation) async throws -> Operation.Response {
        try await ask(merchant.call(operation))
    }

    func askQuietly<Operation: TypedOperation>(_ operation: Operation) async throws -> Operation.Response {
        try await sender.send(merchant.call(operation))
    }

    /// All records of a list, each page asked for when it is needed.
    nonisolated func pages<List: PagedOperation>(_ list: List) -> Records<List> {
        merchant.pages(list) { try await self.page($0) }
    }

    private func page<List: PagedOperation>(_ call: Call<List>) async throws -> List.Response {
        let page = try await ask(call)
        if let page = page as? CardTransactionPage { total = page.total }
        return page
    }

    private func ask<Operation: TypedOperation>(_ call: Call<Operation>) async throws -> Operation.Response {
        timeline.request(call.operation.kind.rawValue)
        let response = try await sender.send(call)
        timeline.answer("200, sealed")
        return response
    }

    /// Carries out something that an event confirms: sends it, and waits for its event.
    func carryOut<Operation: ConfirmedOperation>(_ operation: Operation) async throws -> Outcome {
        try check(operation)
        let call = try merchant.call(operation)
        let now = Date()
        let tracked = call.tracked(sentAt: now, askAt: now.addingTimeInterval(patience))
        // In production the tracker is stored here, before it is sent.
        try tracker.store(operation: tracked)

        if let report = try await send(call, tracked.id), let outcome = try outcome(of: tracked.id, by: report) { return outcome }
        while let body = await receiver.next(before: tracked.askAt) {
            if let outcome = try outcome(of: tracked.id, by: take(webhook: body)) { return outcome }
        }
        for report in try await askWhatIsOverdue() {
            if let outcome = try outcome(of: tracked.id, by: report) { return outcome }
        }
        throw Failure("no webhook came, and asking didn't show whether it was carried out")
    }

    /// What isn't a refusal says nothing about the operation: it stays open, and is asked about later.
    private func send<Operation: TypedOperation>(_ call: Call<Operation>, _ id: OperationId) async throws -> Report? {
        do {
            let response = try await exchange(call).any
            try describe(response)
            return try tracker.acknowledge(id: id, response: response)
        } catch BananaTechError.rejected(let rejection, _) {
            return try tracker.reject(id: id, rejection: rejection)
        } catch BananaTechError.notSent {
            return try tracker.withdraw(id: id)
        } catch BananaTechError.notKnown {
            return nil
        } catch is URLError {
            return nil
        }
    }

    /// Asks the API what became of operations whose event didn't come.
    private func askWhatIsOverdue() async throws -> [Report] {
        var reports: [Report] = []
        for var inquiry in try tracker.overdue(now: Date()) {
            while let request = try inquiry.nextRequest() {
                let askedAt = Date()
                inquiry = try await inquiry.accept(response: ask(merchant.call(request)), askedAt: askedAt)
            }
            try reports.append(tracker.learn(inquiry: inquiry))
        }
        return reports
    }

    private func outcome(of id: OperationId, by report: Report) throws -> Outcome? {
        switch report.verdict {
        case .foreignActivity, .doubted, .contradiction, .clocksDiffer:
            // In production that is an alarm, and no end.
            throw Failure("a person has to look: \(report.verdict) at \(report.things)")
        default:
            return report.settled.first { $0.operation.id == id }?.outcome
        }
    }

    /// What isn't known to have ended yet.
    func open() throws -> [TrackedOperation] {
        try tracker.operations().filter { $0.outcome == nil }
    }

    /// Sends what the card's state rules out, to see what the API says.
    func tryAnyway<Operation: TypedOperation>(_ operation: Operation) async throws -> Operation.Response {
        try await exchange(merchant.call(operation)).response
    }

    private func exchange<Operation: TypedOperation>(_ call: Call<Operation>) async throws -> Answer<Operation.Response> {
        timeline.request(call.operation.kind.rawValue)
        do {
            return try await sender.answer(call)
        } catch BananaTechError.rejected(let rejection, let summary) {
            timeline.refused("\(rejection.status), \(rejection.words?.expose() ?? "no message")")
            throw BananaTechError.rejected(rejection, summary: summary)
        } catch {
            // A torn connection says nothing about the operation.
            timeline.refused("\(error)")
            throw error
        }
    }

    private func describe(_ response: AnyResponse) throws {
        switch response {
        case .assign(let assigned): timeline.answer("200, sealed: card_id \(assigned.cardId) for the assignment")
        case .recharge(let taken), .updateStatus(let taken): timeline.answer("200, sealed: \(taken.message?.expose() ?? "taken")")
        default: timeline.answer("200, sealed")
        }
    }

    /// In production the tracker, the card and what is done about them are stored together, before the webhook is answered with 200.
    private func take(webhook body: Data) throws -> Report {
        let delivery = try merchant.receive(rawBody: body)
        let event = delivery.event
        let facts = try event.facts()
        timeline.webhook(try facts.eventType + told(event))
        let report = try tracker.receive(delivery: delivery)
        if report.verdict == .repeated {
            timeline.state("a repetition: nothing to do")
            return report
        }
        // An event that comes late is no less true: the tracker minds its time, and so does the card's state.
        let freshness = try event.freshness(at: Date())
        if freshness != .fresh && freshness != .notStated { timeline.state("by this clock it is \(freshness)") }
        if let cardId = facts.cardId {
            let folded = try (cards[cardId] ?? CardState(cardId: cardId)).fold(event: event)
            cards[cardId] = folded.state
            if folded.fold == .applied {
                if case .cardBalanceChange = event, let balance = try folded.state.balance() {
                    timeline.state("card \(cardId) has \(balance.available) \(balance.currency) to spend")
                } else {
                    timeline.state("card \(cardId) is \(try folded.state.status()?.rawValue ?? "not known")")
                }
            }
        }
        events.append(event)
        return report
    }

    /// Refuses what the card's state rules out, before a call is made.
    func check<Operation: TypedOperation>(_ operation: Operation) throws {
        // A card's state lets operations on other cards pass.
        for card in cards.values { try card.checkOperation(operation: operation) }
    }

    func expect(_ cardId: CardId, is status: CardStatus) throws {
        let known = try cards[cardId]?.status()
        try ensure(known == status, "the card is \(shown(known)) instead of \(status.rawValue)")
    }

    func allowed(_ cardId: CardId) throws -> [CardAction] {
        try cards[cardId]?.allowed() ?? []
    }
}
