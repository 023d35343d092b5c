import BananaTech
import BananaTechURLSession
import Foundation

/// A merchant's backend, small: it holds the key, sends calls, takes webhooks, and knows what is pending and how the cards are.
actor Backend {
    /// What is pending. In earnest it is stored at each step.
    private(set) var pending = PendingOperations()
    private(set) var events: [Event] = []
    /// How many records the list that was asked for last has in all.
    private(set) var total: UInt64?

    private let merchant: Merchant
    private let sender = HTTPSender()
    private let receiver: Receiver
    private let timeline: Timeline
    private let deliveries = RecentDeliveries(capacity: 1000)
    private var cards: [CardId: CardState] = [:]

    /// How long to wait for a webhook before asking.
    private let patience: TimeInterval = 20

    init(url: String, receiver: Receiver, timeline: Timeline) throws {
        self.receiver = receiver
        self.timeline = timeline
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

    private func page<Page: RecordPage>(_ call: Call<Page>) async throws -> Page {
        let page = try await ask(call)
        if let page = page as? CardTransactionPage { total = page.total }
        return page
    }

    private func ask<Response>(_ call: Call<Response>) async throws -> Response {
        timeline.request(call.operation.kind.operationName)
        let response = try await sender.send(call)
        timeline.answer("200, sealed")
        return response
    }

    /// Carries out something that an event confirms: sends it, and waits for its event.
    func carryOut(_ operation: AnyOperation) async throws -> Outcome {
        try check(operation)
        let call = try merchant.call(operation)
        let now = Date()
        let deadline = now.addingTimeInterval(patience)
        let waiting = try call.pending(sentAt: now, deadline: deadline).needed("an operation that an event confirms")
        // In earnest it is stored here, before it is sent.
        let added = try pending.add(pending: waiting)
        pending = added.operations

        var settlement: Settlement
        do {
            let response = try await exchange(call)
            try describe(response)
            settlement = try step(pending.acknowledge(id: added.id, response: response))
        } catch BananaTechError.Rejected(let code, let rejection, let summary) {
            settlement = try step(pending.reject(id: added.id, rejection: rejection))
            guard let outcome = outcome(of: added.id, in: settlement) else {
                // Not known: it stays pending, and is asked for.
                throw BananaTechError.Rejected(code: code, rejection: rejection, summary: summary)
            }
            return outcome
        }
        while true {
            if let outcome = outcome(of: added.id, in: settlement) { return outcome }
            guard let body = await receiver.next(before: deadline) else {
                let asks = try pending.inquiries(id: added.id).map(\.kind.operationName)
                throw Failure("no webhook came; whether it was carried out is not known: ask \(asks)")
            }
            settlement = try take(webhook: body)
        }
    }

    /// Sends what the card's state rules out, to see what the API says.
    func tryAnyway(_ operation: AnyOperation) async throws -> AnyResponse {
        try await exchange(merchant.call(operation))
    }

    private func exchange(_ call: Call<AnyResponse>) async throws -> AnyResponse {
        timeline.request(call.operation.kind.operationName)
        do {
            return try await sender.send(call)
        } catch BananaTechError.Rejected(let code, let rejection, let summary) {
            timeline.refused("\(rejection.status), \(rejection.words?.expose() ?? "no message")")
            throw BananaTechError.Rejected(code: code, rejection: rejection, summary: summary)
        } catch {
            // A torn connection says nothing about the operation.
            timeline.refused("\(error)")
            throw error
        }
    }

    private func step(_ settling: Settling) -> Settlement {
        pending = settling.operations
        return settling.settlement
    }

    private func outcome(of id: PendingId, in settlement: Settlement) -> Outcome? {
        guard case .settled(let operations) = settlement else { return nil }
        return operations.first { $0.id == id }?.outcome
    }

    private func describe(_ response: AnyResponse) throws {
        switch response {
        case .assign(let assigned): timeline.answer("200, sealed: card_id \(assigned.cardId) for the assignment")
        case .recharge(let taken), .updateStatus(let taken): timeline.answer("200, sealed: \(taken.message?.expose() ?? "taken")")
        default: timeline.answer("200, sealed")
        }
    }

    private func take(webhook body: Data) throws -> Settlement {
        let delivery = try merchant.receive(rawBody: body)
        let event = delivery.event
        let facts = try eventFacts(event: event)
        timeline.webhook(try facts.eventType + told(event))
        if try deliveries.remember(fingerprint: delivery.fingerprint) == .duplicate {
            timeline.state("a repetition: nothing to do")
            return .duplicate
        }
        let freshness = try judgeTime(event: event, now: Date())
        try ensure(freshness == .fresh || freshness == .notStated, "an event that is \(freshness)")
        if let cardId = facts.cardId {
            let folded = try (cards[cardId] ?? CardState(cardId: cardId)).fold(event: event)
            cards[cardId] = folded.state
            if folded.fold == .applied {
                if case .cardBalanceChange = event, let balance = try folded.state.balance() {
                    timeline.state("card \(cardId) has \(balance.available) \(balance.currency) to spend")
                } else {
                    timeline.state("card \(cardId) is \(try folded.state.status()?.word ?? "not known")")
                }
            }
        }
        events.append(event)
        return try step(pending.settle(event: event))
    }

    /// Refuses what the card's state rules out, before a call is made.
    func check(_ operation: AnyOperation) throws {
        // A card's state lets operations on other cards pass.
        for card in cards.values { try card.checkOperation(operation: operation) }
    }

    func expect(_ cardId: CardId, is status: CardStatus) throws {
        let known = try cards[cardId]?.status()
        try ensure(known == status, "the card is \(shown(known)) instead of \(status.word)")
    }

    func allowed(_ cardId: CardId) throws -> [CardAction] {
        try cards[cardId]?.allowed() ?? []
    }
}
