/**
 * One physical card's whole life, from the box in the post to its closing: what the vendor's guides 04-Physical-Cards and
 * 05-Card-Operations describe, over real HTTP against the sandbox, with a real receiver of webhooks.
 *
 * It ends with success only if every step ended as the contract says, the failures included.
 */
package example

import java.math.BigDecimal
import kotlin.system.exitProcess
import space.bananatech.Alter
import space.bananatech.AnyOperation
import space.bananatech.Assign
import space.bananatech.BananaTechException
import space.bananatech.CardId
import space.bananatech.CardStatus
import space.bananatech.ErrorCode
import space.bananatech.Event
import space.bananatech.Fee
import space.bananatech.GetBalance
import space.bananatech.GetCardTemplates
import space.bananatech.GetInformation
import space.bananatech.GetTransactions
import space.bananatech.Outcome
import space.bananatech.Recharge
import space.bananatech.Redacted
import space.bananatech.SetPin
import space.bananatech.UpdateStatus
import space.bananatech.activationPin
import space.bananatech.call
import space.bananatech.cardNumber
import space.bananatech.charge
import space.bananatech.checkPlan
import space.bananatech.checkTemplate
import space.bananatech.plan
import space.bananatech.word

/** The approved user, the physical template and the card in the post that the sandbox starts with. */
private const val USER = 12345L
private const val TEMPLATE = 1L
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
    Receiver().use { receiver ->
        val sandbox = Sandbox(program, receiver.url)
        timeline.note("sandbox at ${sandbox.url}, webhooks to ${receiver.url}")
        try {
            Backend(sandbox.url, receiver, timeline).use { lifeOfACard(it, timeline) }
        } finally {
            sandbox.stop()
        }
    }
    timeline.end("every step ended as the contract says")
}

private fun lifeOfACard(backend: Backend, timeline: Timeline) {
    val hundred = BigDecimal("100.00")

    timeline.step("the merchant and its card template")
    val before = backend.balance()
    timeline.note("the merchant has ${before.toPlainString()}")
    val template = backend.ask { call(GetCardTemplates()) }.data.find { it.id == TEMPLATE } ?: error("the template isn't there")
    timeline.note(
        "template $TEMPLATE: ${template.description ?: "no description"}, " +
            "recharges from ${template.rechargeMinLimit?.toPlainString() ?: NOT_STATED}",
    )

    timeline.step("an assignment that fails: the number was mistyped")
    fun assign(number: Redacted) = AnyOperation.Assign(Assign(USER, TEMPLATE, number))
    when (val outcome = backend.carryOut(assign(MISTYPED))) {
        is Outcome.Failed -> check(outcome.reason?.expose() == "101:0 - card number not exist") {
            "another reason than the contract's: ${outcome.reason?.expose()}"
        }
        is Outcome.Succeeded -> error("a mistyped number was assigned")
    }
    timeline.note("no card was created; the assignment may be sent again")

    timeline.step("the assignment")
    val cardId = succeeded(backend.carryOut(assign(CARD_IN_THE_POST))) ?: error("the assignment should have brought a card")
    backend.expectStatus(cardId, CardStatus.ToBeActivated)

    timeline.step("a recharge before the activation is refused here, without a call")
    fun recharge(amount: BigDecimal) = AnyOperation.Recharge(Recharge(USER, cardId, amount))
    refusedHere(backend, recharge(hundred), timeline)

    timeline.step("the activation, with a PIN")
    // As a cardholder's page would do it: a plan is made without a key, travels as JSON, and the backend seals it.
    val pin = Redacted("482915")
    check(activationPin(pin).weaknesses.isEmpty()) { "a PIN that is easily guessed" }
    val travelling = plan(UpdateStatus(USER, cardId, Alter.ACTIVATE, pin)).json
    timeline.note("a page plans it, without a key")
    val planned = checkPlan(travelling).operation
    val update = (planned as? AnyOperation.UpdateStatus)?.operation
    check(update?.userId == USER && update.alter == Alter.ACTIVATE) { "not what this cardholder may do" }
    timeline.note("the backend sees whose card it is, and seals it")
    succeeded(backend.carryOut(planned))
    backend.expectStatus(cardId, CardStatus.Active)

    timeline.step("a recharge of 100.00")
    checkTemplate(template, recharge(hundred))
    val charge = charge(template, recharge(hundred), Fee.FLAT, backend.balance())
    timeline.note(
        "within the template's limits; the merchant will be charged ${charge.amount.toPlainString()} " +
            "and a fee of ${charge.fee.toPlainString()}",
    )
    val tooLittle = refusal { checkTemplate(template, recharge(BigDecimal("1.00"))) }
    check(tooLittle?.code == ErrorCode.AMOUNT_BELOW_MINIMUM) { "1.00 should be too little: $tooLittle" }
    val beforeRecharge = backend.balance()
    succeeded(backend.carryOut(recharge(hundred)))
    val charged = beforeRecharge - backend.balance()
    check(charged isWorth charge.total) { "charged $charged instead of ${charge.total}" }
    timeline.note("the merchant was charged ${charged.toPlainString()}, as computed")

    timeline.step("the balance")
    val balance = backend.ask { call(GetBalance(USER, cardId)) }
    check(balance.balance isWorth hundred) { "the balance is ${balance.balance}" }
    timeline.note("${balance.balance.toPlainString()} ${balance.currency.orEmpty()}")

    timeline.step("the card's information, shown masked")
    val information = backend.ask { call(GetInformation(USER, cardId)) }
    check(information.status == CardStatus.Active) { "it is ${information.status.word}" }
    val number = cardNumber(information.number ?: error("a number is missing")).masked
    check(number == "************3456") { "masked as $number" }
    timeline.note("$number, good to ${information.expiryDate ?: NOT_STATED}, ${information.status.word}")

    timeline.step("the transactions, page by page")
    var total: ULong? = null
    val transactions = backend.transactions(GetTransactions(cardId = cardId, limit = 1u)) { total = it.total }.toList()
    check(total == transactions.size.toULong()) { "${transactions.size} of $total transactions" }
    for (transaction in transactions) {
        timeline.note(
            "${transaction.id} ${transaction.transactionType?.word ?: NOT_STATED} ${transaction.amount.toPlainString()} " +
                "at ${transaction.createdAt ?: "no time"}",
        )
    }
    check(transactions.any { it.amount isWorth hundred }) { "the recharge isn't among the transactions" }

    timeline.step("locking")
    fun change(alter: Alter) = AnyOperation.UpdateStatus(UpdateStatus(USER, cardId, alter))
    succeeded(backend.carryOut(change(Alter.LOCK)))
    backend.expectStatus(cardId, CardStatus.Locked)

    timeline.step("a recharge while locked is refused, here and by the API")
    refusedHere(backend, recharge(hundred), timeline)
    val beforeRefusal = backend.balance()
    val refused = refusal { backend.tryAnyway(recharge(hundred)) }
    check((refused as? BananaTechException.Rejected)?.rejection?.status == 400.toUShort()) {
        "a locked card's recharge ended in ${refused ?: "success"}"
    }
    check(backend.balance() isWorth beforeRefusal) { "the refused recharge was charged" }

    timeline.step("unlocking")
    succeeded(backend.carryOut(change(Alter.UNLOCK)))
    backend.expectStatus(cardId, CardStatus.Active)

    timeline.step("a new PIN: the answer is the outcome, no webhook comes")
    val setPin = SetPin(USER, cardId, Redacted("60817"))
    backend.check(AnyOperation.SetPin(setPin))
    timeline.note(backend.ask { call(setPin) }.message?.expose() ?: "done")

    timeline.step("closing, with a refund of what is left")
    val beforeClose = backend.balance()
    succeeded(backend.carryOut(change(Alter.CLOSE)))
    backend.expectStatus(cardId, CardStatus.Closed)
    val refund = backend.events.filterIsInstance<Event.CardCloseResult>().firstOrNull()?.data?.refundAmount
        ?: error("the closing's event should say what was refunded")
    val refunded = backend.balance() - beforeClose
    check(refund.signum() > 0 && refunded isWorth refund) { "refunded $refunded, said $refund" }
    timeline.note("${refund.toPlainString()} came back to the merchant")
    check(backend.allowed(cardId).isEmpty()) { "a closed card still allows ${backend.allowed(cardId)}" }
    check(backend.open.isEmpty()) { "something didn't end: ${backend.open}" }

    val after = backend.balance()
    timeline.note(
        "the merchant has ${after.toPlainString()}: the whole life cost ${(before - after).toPlainString()} in fees",
    )
}

private const val NOT_STATED = "not stated"

/** The card's state rules it out, so no call is made. */
private fun refusedHere(backend: Backend, operation: AnyOperation, timeline: Timeline) {
    val name = operation.javaClass.simpleName
    val error = refusal { backend.check(operation) }
    check(error?.code == ErrorCode.STATE_NOT_ALLOWED) { "$name should be refused: $error" }
    timeline.refused("$name: ${error?.message}")
}

private fun refusal(work: () -> Unit): BananaTechException? = try {
    work()
    null
} catch (error: BananaTechException) {
    error
}

private fun succeeded(outcome: Outcome): CardId? = when (outcome) {
    is Outcome.Succeeded -> outcome.cardId
    is Outcome.Failed -> error("it failed: ${outcome.reason?.expose() ?: "no reason"}")
}

/** Equal as numbers: to [BigDecimal.equals], 1.0 and 1.00 are two. */
private infix fun BigDecimal.isWorth(other: BigDecimal): Boolean = compareTo(other) == 0
