package example

import java.math.BigDecimal
import java.net.URI
import java.net.http.HttpClient
import java.time.Duration
import java.time.Instant
import space.bananatech.AnyOperation
import space.bananatech.AnyResponse
import space.bananatech.BananaTechException
import space.bananatech.Call
import space.bananatech.CardAction
import space.bananatech.CardId
import space.bananatech.CardState
import space.bananatech.CardStatus
import space.bananatech.Event
import space.bananatech.Fold
import space.bananatech.Freshness
import space.bananatech.GetAccountBalance
import space.bananatech.GetTransactions
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.Novelty
import space.bananatech.Outcome
import space.bananatech.PendingId
import space.bananatech.PendingOperations
import space.bananatech.RecentDeliveries
import space.bananatech.Redacted
import space.bananatech.Settlement
import space.bananatech.Settling
import space.bananatech.Transaction
import space.bananatech.TransactionPage
import space.bananatech.call
import space.bananatech.cardNumber
import space.bananatech.eventFacts
import space.bananatech.jdk.execute
import space.bananatech.judgeTime
import space.bananatech.kind
import space.bananatech.operationName
import space.bananatech.pages
import space.bananatech.word

/** A merchant's backend, small: it holds the key, sends calls, takes webhooks, and knows what is pending and how cards are. */
class Backend(url: String, private val receiver: Receiver, private val timeline: Timeline) : AutoCloseable {
    /** What is pending. In earnest it is stored at each step. */
    var pending = PendingOperations()
        private set

    val events: List<Event> get() = received

    /**
     * The merchant that the sandbox starts with. Its key protects nothing. The sandbox seals every success, so nothing else is
     * taken for one.
     */
    private val merchant = Merchant(
        MerchantOptions(
            merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
            baseUrl = URI(url),
            secretKey = Redacted("sandbox-secret-key-0123456789abc"),
            keyId = "sandbox",
            sealedAnswersOnly = true,
        ),
    )
    private val http = HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build()
    private val cards = mutableMapOf<CardId, CardState>()
    private val deliveries = RecentDeliveries(1000u)
    private val received = mutableListOf<Event>()

    /** Asks for something: the answer is all there is. */
    fun <R> ask(operation: Merchant.() -> Call<R>): R = ask(merchant.operation())

    private fun <R> ask(call: Call<R>): R {
        timeline.request(call.operation.kind.operationName)
        return http.execute(call).also { timeline.answer("200, sealed") }
    }

    /** All records of a list, each page asked for when it is needed. */
    fun transactions(list: GetTransactions, page: (TransactionPage) -> Unit): Sequence<Transaction> =
        merchant.pages(list) { call -> ask(call).also(page) }

    /** Not documented: the sandbox answers as the library guesses. */
    fun balance(): BigDecimal = checkNotNull(http.execute(merchant.call(GetAccountBalance())).balance) { "a balance" }

    /** Carries out something that an event confirms: sends it, and waits for its event. */
    fun carryOut(operation: AnyOperation): Outcome {
        check(operation)
        val call = merchant.call(operation)
        val now = Instant.now()
        val deadline = now + PATIENCE
        val waiting = checkNotNull(call.pending(now, deadline)) { "an operation that an event confirms" }
        // In earnest it is stored here, before it is sent.
        val (added, id) = pending.add(waiting)
        pending = added

        var settlement = try {
            val response = exchange(call)
            describe(response)
            step(pending.acknowledge(id, response))
        } catch (error: BananaTechException.Rejected) {
            // Where the outcome isn't known, it stays pending, and is asked for.
            return step(pending.reject(id, error.rejection)).outcomeOf(id) ?: throw error
        }
        while (true) {
            settlement.outcomeOf(id)?.let { return it }
            val body = receiver.next(deadline) ?: error(
                "no webhook came; whether it was carried out is not known: ask " +
                    pending.inquiries(id).map { it.kind.operationName },
            )
            settlement = takeWebhook(body)
        }
    }

    /** Sends what the card's state rules out, to see what the API says. */
    fun tryAnyway(operation: AnyOperation): AnyResponse = exchange(merchant.call(operation))

    private fun <R> exchange(call: Call<R>): R {
        timeline.request(call.operation.kind.operationName)
        try {
            return http.execute(call)
        } catch (error: BananaTechException.Rejected) {
            timeline.refused("${error.rejection.status}, ${error.rejection.words?.expose() ?: "no message"}")
            throw error
        }
    }

    private fun step(settling: Settling): Settlement {
        pending = settling.operations
        return settling.settlement
    }

    private fun describe(response: AnyResponse) = timeline.answer(
        when (response) {
            is AnyResponse.Assign -> "200, sealed: card_id ${response.response.cardId} for the assignment"
            is AnyResponse.Recharge -> "200, sealed: ${response.response.message?.expose() ?: "taken"}"
            is AnyResponse.UpdateStatus -> "200, sealed: ${response.response.message?.expose() ?: "taken"}"
            else -> "200, sealed"
        },
    )

    private fun takeWebhook(body: ByteArray): Settlement {
        val delivery = merchant.receive(body)
        val event = delivery.event
        val facts = eventFacts(event)
        timeline.webhook(facts.eventType + told(event))
        if (deliveries.remember(delivery.fingerprint) == Novelty.DUPLICATE) {
            timeline.state("a repetition: nothing to do")
            return Settlement.Duplicate
        }
        val freshness = judgeTime(event, Instant.now())
        check(freshness == Freshness.Fresh || freshness == Freshness.NotStated) { "an event that is $freshness" }
        facts.cardId?.let { fold(it, event) }
        received += event
        return step(pending.settle(event))
    }

    private fun fold(cardId: CardId, event: Event) {
        val (card, fold) = (cards[cardId] ?: CardState(cardId)).fold(event)
        cards[cardId] = card
        if (fold != Fold.APPLIED) return
        val balance = card.balance()
        timeline.state(
            if (event is Event.CardBalanceChange && balance != null) {
                "card $cardId has ${balance.available.toPlainString()} ${balance.currency} to spend"
            } else {
                "card $cardId is ${card.status()?.word ?: "UNKNOWN"}"
            },
        )
    }

    /** Refuses what a card's state rules out, before a call is made. A state lets operations on other cards pass. */
    fun check(operation: AnyOperation) = cards.values.forEach { it.checkOperation(operation) }

    fun expectStatus(cardId: CardId, status: CardStatus) {
        val known = cards[cardId]?.status()
        check(known == status) { "the card is ${known?.word} instead of ${status.word}" }
    }

    fun allowed(cardId: CardId): List<CardAction> = cards[cardId]?.allowed().orEmpty()

    override fun close() {
        deliveries.close()
        merchant.close()
    }

    private companion object {
        /** How long to wait for a webhook before asking. */
        val PATIENCE: Duration = Duration.ofSeconds(20)
    }
}

/** How one operation ended, if that became known. */
private fun Settlement.outcomeOf(id: PendingId): Outcome? =
    (this as? Settlement.Settled)?.operations?.find { it.id == id }?.outcome

/** What an event says beside its type. */
private fun told(event: Event): String = when (event) {
    is Event.CardAssignResult -> " ${event.data.status.word}" + event.data.errorReason?.let { ": ${it.expose()}" }.orEmpty()
    is Event.CardActivateResult ->
        " ${event.data.status.word} " + event.data.cardNumber?.let { cardNumber(it).masked }.orEmpty()
    is Event.CardStatusChange -> " ${event.data.status.word}"
    is Event.CardRechargeResult -> " ${event.data.status.word} " + event.data.receiveAmount?.toPlainString().orEmpty()
    is Event.CardCloseResult -> " ${event.data.status.word} refund " + event.data.refundAmount?.toPlainString().orEmpty()
    else -> ""
}
