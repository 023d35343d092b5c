/**
 * One physical card's whole life, from the box in the post to its closing: what the vendor's guides 04-Physical-Cards and
 * 05-Card-Operations describe, over real HTTP against the sandbox, with a real receiver of webhooks.
 *
 * It ends with success only if every step ended as the contract says, the failures included.
 */
package example

import java.math.BigDecimal
import java.nio.file.Files
import kotlin.system.exitProcess
import space.bananatech.Alter
import space.bananatech.AnyOperation
import space.bananatech.AnyResponse
import space.bananatech.Assign
import space.bananatech.CardAction
import space.bananatech.CardStatus
import space.bananatech.Counts
import space.bananatech.ErrorCode
import space.bananatech.Event
import space.bananatech.Fee
import space.bananatech.GetBalance
import space.bananatech.GetCardTemplates
import space.bananatech.GetInformation
import space.bananatech.GetTransactions
import space.bananatech.OperationKind
import space.bananatech.Outcome
import space.bananatech.Recharge
import space.bananatech.Redacted
import space.bananatech.SetPin
import space.bananatech.TemplateId
import space.bananatech.Transaction
import space.bananatech.UpdateStatus
import space.bananatech.UserId
import space.bananatech.activationPin
import space.bananatech.cardNumber
import space.bananatech.charge
import space.bananatech.checkPlan
import space.bananatech.checkTemplate
import space.bananatech.kind
import space.bananatech.pages
import space.bananatech.plan
import space.bananatech.word

/** The approved user, the physical template and the card in the post that the sandbox starts with. */
private val USER = UserId(12345)
private val TEMPLATE = TemplateId(1)
private val CARD_IN_THE_POST = Redacted("1234567890123456")

/** A number that no card of the provider has. */
private val MISTYPED = Redacted("1234567890123465")

fun main(arguments: Array<String>) {
    if (arguments.size != 2 || arguments[0] != "--sandbox") {
        System.err.println("Usage: --sandbox FILE")
        exitProcess(2)
    }
    try {
        run(arguments[1])
    } catch (error: Exception) {
        System.err.println("Error: ${error.message ?: error}")
        exitProcess(1)
    }
}

private fun run(program: String) {
    val timeline = Timeline()
    val server = newServer()
    val folder = Files.createTempDirectory("bananatech-demo-")
    try {
        val webhooks = "http://127.0.0.1:${server.address.port}/webhooks"
        val sandbox = Sandbox(program, webhooks)
        timeline.note("sandbox at ${sandbox.url}, webhooks to $webhooks")
        try {
            Shop(folder.resolve("shop.db"), sandbox.url, server, timeline).use { lifeOfACard(it, timeline) }
        } finally {
            sandbox.stop()
        }
    } finally {
        server.stop(0)
        folder.toFile().deleteRecursively()
    }
    timeline.end("every step ended as the contract says")
}

private fun lifeOfACard(shop: Shop, timeline: Timeline) {
    val hundred = BigDecimal("100.00")

    timeline.step("the merchant and its card template")
    val before = shop.balance()
    timeline.note("the merchant has ${before.toPlainString()}")
    val templates = shop.ask(OperationKind.GET_CARD_TEMPLATES) { it.ask(GetCardTemplates()) }
    val template = templates.data.find { it.id == TEMPLATE } ?: error("the template isn't there")
    timeline.note(
        "template $TEMPLATE: ${template.description ?: "no description"}, " +
            "recharges from ${template.rechargeMinLimit?.toPlainString() ?: NOT_STATED}",
    )

    timeline.step("an assignment that fails: the number was mistyped")
    fun assign(number: Redacted) = plan(Assign(USER, TEMPLATE, number))
    val outcome = shop.carryOut(assign(MISTYPED), "mistyped")
    // The reason is the contract's.
    check(outcome == Outcome.Failed(Redacted("101:0"))) { "$outcome" }
    timeline.note("no card was created; the assignment may be sent again")

    timeline.step("the assignment")
    val cardId = shop.succeed(assign(CARD_IN_THE_POST), "assign", CardStatus.ToBeActivated)

    timeline.step("a recharge before the activation is refused here, without a call")
    fun recharge(amount: BigDecimal) = plan(Recharge(USER, cardId, amount))
    shop.refusedHere(recharge(hundred), "too early")

    timeline.step("the activation, with a PIN")
    // As a cardholder's page would do it: a plan is made without a key, travels as JSON, and the backend seals it.
    val pin = Redacted("482915")
    check(activationPin(pin).weaknesses.isEmpty()) { "a PIN that is easily guessed" }
    val travelling = plan(UpdateStatus(USER, cardId, Alter.ACTIVATE, pin)).json
    timeline.note("a page plans it, without a key")
    val planned = checkPlan(travelling)
    val update = (planned.operation as? AnyOperation.UpdateStatus)?.operation
    check(update?.userId == USER && update.alter == Alter.ACTIVATE) { "not what this cardholder may do" }
    timeline.note("the backend sees whose card it is, and seals it")
    shop.succeed(planned, "activate", CardStatus.Active)

    timeline.step("a recharge of 100.00")
    val rechargeOf100 = recharge(hundred)
    checkTemplate(template, rechargeOf100.operation)
    val charge = charge(template, rechargeOf100.operation, Fee.FLAT, shop.balance())
    timeline.note(
        "within the template's limits; the merchant will be charged ${charge.amount.toPlainString()} " +
            "and a fee of ${charge.fee.toPlainString()}",
    )
    val tooLittle = refusal { checkTemplate(template, recharge(BigDecimal("1.00")).operation) }
    check(tooLittle?.code == ErrorCode.AMOUNT_BELOW_MINIMUM) { "1.00 should be too little: $tooLittle" }
    val beforeRecharge = shop.balance()
    shop.succeed(rechargeOf100, "recharge", CardStatus.Active)
    val charged = beforeRecharge - shop.balance()
    check(charged isWorth charge.total) { "charged $charged instead of ${charge.total}" }
    timeline.note("the merchant was charged ${charged.toPlainString()}, as computed")

    timeline.step("the balance")
    val balance = shop.ask(OperationKind.GET_BALANCE) { it.ask(GetBalance(USER, cardId)) }
    check(balance.balance isWorth hundred) { "the balance is ${balance.balance}" }
    timeline.note("${balance.balance.toPlainString()} ${balance.currency.orEmpty()}")

    timeline.step("the card's information, shown masked")
    val information = shop.ask(OperationKind.GET_INFORMATION) { it.ask(GetInformation(USER, cardId)) }
    check(information.status == CardStatus.Active) { "it is ${information.status.word}" }
    val number = cardNumber(information.number ?: error("a number is missing")).masked
    check(number == "************3456") { "masked as $number" }
    timeline.note("$number, good to ${information.expiryDate ?: NOT_STATED}, ${information.status.word}")

    timeline.step("the transactions, page by page")
    var pages = pages(AnyOperation.GetTransactions(GetTransactions(cardId = cardId, limit = 1)))
    val transactions = mutableListOf<Transaction>()
    while (true) {
        val next = pages.next() ?: break
        val page = shop.ask(next.kind) { it.ask(plan(next)) }
        pages = pages.accept(page)
        transactions += (page as AnyResponse.GetTransactions).response.data
    }
    check(pages.total == transactions.size.toLong()) { "${transactions.size} of ${pages.total} transactions" }
    for (transaction in transactions) {
        timeline.note(
            "${transaction.id} ${transaction.transactionType?.word ?: NOT_STATED} ${transaction.amount.toPlainString()} " +
                "at ${transaction.createdAt ?: "no time"}",
        )
    }
    check(transactions.any { it.amount isWorth hundred }) { "the recharge isn't among the transactions" }

    timeline.step("locking")
    fun change(alter: Alter) = plan(UpdateStatus(USER, cardId, alter))
    shop.succeed(change(Alter.LOCK), "lock", CardStatus.Locked)

    timeline.step("a recharge while locked is refused, here and by the API")
    shop.refusedHere(recharge(hundred), "while locked")
    val beforeRefusal = shop.balance()
    shop.refusedThere(recharge(hundred).operation)
    check(shop.balance() isWorth beforeRefusal) { "the refused recharge was charged" }

    timeline.step("unlocking")
    shop.succeed(change(Alter.UNLOCK), "unlock", CardStatus.Active)

    timeline.step("a new PIN: the answer is the outcome, no webhook comes")
    val set = shop.ask(OperationKind.SET_PIN) { it.ask(SetPin(USER, cardId, Redacted("60817"))) }
    timeline.note(set.message?.expose() ?: "done")

    timeline.step("closing, with a refund of what is left")
    val beforeClose = shop.balance()
    shop.succeed(change(Alter.CLOSE), "close", CardStatus.Closed)
    val refund = shop.events.filterIsInstance<Event.CardCloseResult>().firstOrNull()?.data?.refundAmount
        ?: error("the closing's event should say what was refunded")
    val refunded = shop.balance() - beforeClose
    check(refund.signum() > 0 && refunded isWorth refund) { "refunded $refunded, said $refund" }
    timeline.note("${refund.toPlainString()} came back to the merchant")
    val allowed = shop.backend.card(cardId)?.allowed()
    check(allowed == emptyList<CardAction>()) { "a closed card still allows $allowed" }
    // Nothing is open, and everything was told.
    val counts = shop.backend.counts()
    check(counts == Counts(0, 0, 0, 0, 0, 0)) { "something didn't end: $counts" }

    val after = shop.balance()
    timeline.note(
        "the merchant has ${after.toPlainString()}: the whole life cost ${(before - after).toPlainString()} in fees",
    )
}

private const val NOT_STATED = "not stated"

/** Equal as numbers: to [BigDecimal.equals], 1.0 and 1.00 are two. */
private infix fun BigDecimal.isWorth(other: BigDecimal): Boolean = compareTo(other) == 0
