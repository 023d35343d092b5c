import BananaTech
import Foundation

/// One physical card's whole life, from the box in the post to its closing: what the vendor's guides 04-Physical-Cards and
/// 05-Card-Operations describe, over real HTTP against the sandbox, with a real receiver of webhooks.
///
/// It ends with success only if every step ended as the contract says, the failures included.
struct Life {
    let backend: Backend
    let timeline: Timeline

    // The approved user, the physical template and the card in the post that the sandbox starts with.
    private let userId: UserId = 12345
    private let templateId: TemplateId = 1
    private let cardInThePost: CardNumber = "1234567890123456"
    /// A number that no card of the provider has.
    private let mistyped: CardNumber = "1234567890123465"

    func run() async throws {
        let before = try await start()
        let template = try await cardTemplate()
        try await assignmentThatFails()
        let cardId = try await assignment()
        try await earlyRecharge(cardId)
        try await activation(cardId)
        try await recharge(cardId, template)
        try await questions(cardId)
        try await locking(cardId)
        try await newPin(cardId)
        try await closing(cardId)

        let after = try await merchantBalance()
        timeline.note("the merchant has \(after): the whole life cost \(before - after) in fees")
    }

    private func start() async throws -> Decimal {
        timeline.step("the merchant and its card template")
        let balance = try await merchantBalance()
        timeline.note("the merchant has \(balance)")
        return balance
    }

    private func cardTemplate() async throws -> CardTemplate {
        let templates = try await backend.ask(GetCardTemplates())
        let template = try templates.data.first { $0.id == templateId }.needed("the template")
        let (description, least) = (template.description ?? "no description", shown(template.rechargeMinLimit))
        timeline.note("template \(templateId): \(description), recharges from \(least)")
        return template
    }

    private func assign(_ number: CardNumber) -> Assign {
        Assign(userId: userId, templateId: templateId, cardNumber: number)
    }

    private func assignmentThatFails() async throws {
        timeline.step("an assignment that fails: the number was mistyped")
        guard case .failed(let reason) = try await backend.carryOut(assign(mistyped)) else {
            throw Failure("a mistyped number was assigned")
        }
        try ensure(
            reason?.expose() == "101:0 - card number not exist", "another reason than the contract's")
        timeline.note("no card was created; the assignment may be sent again")
    }

    private func assignment() async throws -> CardId {
        timeline.step("the assignment")
        let assigned = try await backend.carryOut(assign(cardInThePost))
        guard case .succeeded(let cardId?) = assigned else {
            throw Failure("the assignment should have brought a card: \(assigned)")
        }
        try await backend.expect(cardId, is: .toBeActivated)
        return cardId
    }

    private func recharge(_ cardId: CardId, of amount: Decimal) -> Recharge {
        Recharge(userId: userId, cardId: cardId, amount: amount)
    }

    private func earlyRecharge(_ cardId: CardId) async throws {
        timeline.step("a recharge before the activation is refused here, without a call")
        try await refusedHere(recharge(cardId, of: 100), "Recharge")
    }

    private func activation(_ cardId: CardId) async throws {
        timeline.step("the activation, with a PIN")
        // As a cardholder's page would do it: a plan is made without a key, travels as JSON, and the backend seals it.
        let pin: ActivationPin = "482915"
        try ensure(try PinFacts(activationPin: pin).weaknesses.isEmpty, "a PIN that is easily guessed")
        let json = try Plan(UpdateStatus(userId: userId, cardId: cardId, alter: .activate, pin: pin)).json
        timeline.note("a page plans it, without a key")
        let plan = try Plan(checking: json)
        guard case .updateStatus(let update) = plan.operation, update.userId == userId, update.alter == .activate else {
            throw Failure("not what this cardholder may do")
        }
        timeline.note("the backend sees whose card it is, and seals it")
        try succeeded(await backend.carryOut(update))
        try await backend.expect(cardId, is: .active)
    }

    private func recharge(_ cardId: CardId, _ template: CardTemplate) async throws {
        timeline.step("a recharge of 100.00")
        let rechargeOf100 = recharge(cardId, of: 100)
        try template.check(rechargeOf100)
        let charge = try await template.charge(for: rechargeOf100, fee: .flat, balance: merchantBalance())
        timeline.note(
            "within the template's limits; the merchant will be charged \(charge.amount) and a fee of \(charge.fee)")
        do {
            try template.check(recharge(cardId, of: 1))
            throw Failure("1.00 should be too little")
        } catch let error as BananaTechError {
            try ensure(error.code == .amountBelowMinimum, "1.00 should be too little: \(error)")
        }
        let before = try await merchantBalance()
        try succeeded(await backend.carryOut(rechargeOf100))
        let charged = try await before - merchantBalance()
        try ensure(charged == charge.total, "charged \(charged) instead of \(charge.total)")
        timeline.note("the merchant was charged \(charged), as computed")
    }

    private func questions(_ cardId: CardId) async throws {
        timeline.step("the balance")
        let balance = try await backend.ask(GetBalance(userId: userId, cardId: cardId))
        try ensure(balance.balance == 100, "the balance is \(balance.balance)")
        timeline.note("\(balance.balance) \(balance.currency ?? "")")

        timeline.step("the card's information, shown masked")
        let information = try await backend.ask(GetInformation(userId: userId, cardId: cardId))
        try ensure(information.status == .active, "it is \(information.status.rawValue)")
        let number = try CardNumberFacts(information.number.needed("a number")).masked
        try ensure(number == "************3456", "masked as \(number)")
        timeline.note("\(number), good to \(shown(information.expiryDate)), \(information.status.rawValue)")

        timeline.step("the transactions, page by page")
        var transactions: [CardTransaction] = []
        for try await transaction in backend.pages(GetTransactions(cardId: cardId, limit: 1)) {
            transactions.append(transaction)
        }
        let total = await backend.total
        try ensure(total == Int64(transactions.count), "\(transactions.count) of \(shown(total)) transactions")
        for transaction in transactions {
            let (type, time) = (transaction.transactionType.map(\.rawValue), transaction.createdAt ?? "no time")
            timeline.note("\(transaction.id) \(shown(type)) \(transaction.amount) at \(time)")
        }
        try ensure(
            transactions.contains { $0.amount == 100 }, "the recharge isn't among the transactions")
    }

    private func locking(_ cardId: CardId) async throws {
        timeline.step("locking")
        try succeeded(await backend.carryOut(change(cardId, .lock)))
        try await backend.expect(cardId, is: .locked)

        timeline.step("a recharge while locked is refused, here and by the API")
        try await refusedHere(recharge(cardId, of: 100), "Recharge")
        let before = try await merchantBalance()
        do {
            let answer = try await backend.tryAnyway(recharge(cardId, of: 100))
            throw Failure("a locked card was recharged: \(answer)")
        } catch BananaTechError.rejected(let rejection, let summary) {
            try ensure(rejection.status == 400, summary)
        }
        let after = try await merchantBalance()
        try ensure(after == before, "the refused recharge was charged")

        timeline.step("unlocking")
        try succeeded(await backend.carryOut(change(cardId, .unlock)))
        try await backend.expect(cardId, is: .active)
    }

    private func change(_ cardId: CardId, _ alter: Alter) -> UpdateStatus {
        UpdateStatus(userId: userId, cardId: cardId, alter: alter)
    }

    private func newPin(_ cardId: CardId) async throws {
        timeline.step("a new PIN: the answer is the outcome, no webhook comes")
        let setPin = SetPin(userId: userId, cardId: cardId, pin: "60817")
        try await backend.check(setPin)
        let answer = try await backend.ask(setPin)
        timeline.note(answer.message?.expose() ?? "done")
    }

    private func closing(_ cardId: CardId) async throws {
        timeline.step("closing, with a refund of what is left")
        let before = try await merchantBalance()
        try succeeded(await backend.carryOut(change(cardId, .close)))
        try await backend.expect(cardId, is: .closed)
        let refund = try await backend.events.lazy.compactMap { event -> Decimal? in
            if case .cardCloseResult(let closed) = event { closed.refundAmount } else { nil }
        }.first.needed("what was refunded, in the closing's event")
        let refunded = try await merchantBalance() - before
        try ensure(refund > 0 && refunded == refund, "refunded \(refunded), said \(refund)")
        timeline.note("\(refund) came back to the merchant")
        let allowed = try await backend.allowed(cardId)
        try ensure(allowed.isEmpty, "a closed card still allows \(allowed)")
        let open = try await backend.open()
        try ensure(open.isEmpty, "something didn't end: \(open)")
    }

    /// Not documented: the sandbox answers as the library guesses.
    private func merchantBalance() async throws -> Decimal {
        try await backend.askQuietly(GetAccountBalance()).balance.needed("a balance")
    }

    /// The card's state rules it out, so no call is made.
    private func refusedHere<Operation: TypedOperation>(_ operation: Operation, _ action: String) async throws {
        do {
            try await backend.check(operation)
        } catch let error as BananaTechError where error.code == .stateNotAllowed {
            timeline.refused("\(action): \(error)")
            return
        }
        throw Failure("\(action) should be refused")
    }

    private func succeeded(_ outcome: Outcome) throws {
        if case .failed(let reason) = outcome { throw Failure("it failed: \(reason?.expose() ?? "no reason")") }
    }
}

func shown<T>(_ value: T?) -> String {
    value.map { "\($0)" } ?? "not stated"
}
