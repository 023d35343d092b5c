package example

import java.io.IOException
import java.math.BigDecimal
import java.net.URI
import java.net.http.HttpClient
import java.time.Duration
import java.time.Instant
import space.bananatech.AnyOperation
import space.bananatech.AnyResponse
import space.bananatech.Assumptions
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
import space.bananatech.Outcome
import space.bananatech.Redacted
import space.bananatech.Report
import space.bananatech.TrackedOperation
import space.bananatech.Tracker
import space.bananatech.Transaction
import space.bananatech.TransactionPage
import space.bananatech.Verdict
import space.bananatech.call
import space.bananatech.cardNumber
import space.bananatech.eventFacts
import space.bananatech.exclusiveSince
import space.bananatech.jdk.execute
import space.bananatech.judgeTime
import space.bananatech.kind
import space.bananatech.operationName
import space.bananatech.pages
import space.bananatech.word

/** A merchant's backend, small: it holds the key, sends calls, takes webhooks, and knows what became of them and how cards are. */
class Backend(url: String, private val receiver: Receiver, private val timeline: Timeline) : AutoCloseable {
    val events: List<Event> get() = received

    /** What isn't known to have ended yet. */
    val open: List<TrackedOperation> get() = tracker.operations().filter { it.outcome == null }

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

    /** What becomes of each operation. Nobody but this demo ever acts at its sandbox. In earnest it is stored at each step. */
    private val tracker = Tracker(Assumptions.exclusiveSince(Instant.EPOCH))
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
        val tracked = checkNotNull(call.tracked(now, askAt = now + PATIENCE)) { "an operation that an event confirms" }
        // In earnest the tracker is stored here, before it is sent.
        tracker.store(tracked)
        fun Report.outcome(): Outcome? {
            look(this)
            return settled.find { it.operation.id == tracked.id }?.outcome
        }

        send(call, tracked)?.outcome()?.let { return it }
        while (true) {
            val body = receiver.next(tracked.askAt) ?: break
            takeWebhook(body).outcome()?.let { return it }
        }
        for (report in askWhatIsOverdue()) report.outcome()?.let { return it }
        error("no webhook came, and asking didn't show whether it was carried out")
    }

    /** Whatever the answer is, and if there is none: the tracker says what is certain by it. */
    private fun send(call: Call<AnyResponse>, tracked: TrackedOperation): Report? = try {
        val response = exchange(call)
        describe(response)
        tracker.acknowledge(tracked.id, response)
    } catch (error: BananaTechException.Rejected) {
        tracker.reject(tracked.id, error.rejection)
    } catch (error: BananaTechException.NotKnown) {
        tracker.reject(tracked.id, error.rejection)
    } catch (error: IOException) {
        // A torn connection says nothing about the operation.
        timeline.refused("no answer: ${error.message}")
        null
    }

    /** Asks the API what became of operations whose event didn't come. */
    private fun askWhatIsOverdue(): List<Report> = tracker.overdue(Instant.now()).map { overdue ->
        var inquiry = overdue
        while (true) {
            val request = inquiry.nextRequest() ?: break
            val askedAt = Instant.now()
            inquiry = inquiry.accept(ask(merchant.call(request)), askedAt)
        }
        tracker.learn(inquiry)
    }

    /** What a person has to look at: in earnest that is an alarm, and no end. */
    private fun look(report: Report) = when (val verdict = report.verdict) {
        Verdict.ForeignActivity, Verdict.Doubted, Verdict.Contradiction, is Verdict.ClocksDiffer ->
            error("a person has to look: $verdict at ${report.things}")
        else -> Unit
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

    private fun describe(response: AnyResponse) = timeline.answer(
        when (response) {
            is AnyResponse.Assign -> "200, sealed: card_id ${response.response.cardId} for the assignment"
            is AnyResponse.Recharge -> "200, sealed: ${response.response.message?.expose() ?: "taken"}"
            is AnyResponse.UpdateStatus -> "200, sealed: ${response.response.message?.expose() ?: "taken"}"
            else -> "200, sealed"
        },
    )

    /** In earnest the tracker, the card and what is done about them are stored together, before the webhook is answered with 200. */
    private fun takeWebhook(body: ByteArray): Report {
        val delivery = merchant.receive(body)
        val event = delivery.event
        val facts = eventFacts(event)
        timeline.webhook(facts.eventType + told(event))
        val report = tracker.receive(delivery)
        if (report.verdict == Verdict.Repeated) {
            timeline.state("a repetition: nothing to do")
            return report
        }
        // An event that comes late is no less true: the tracker minds its time, and so does the card's state.
        val freshness = judgeTime(event, Instant.now())
        if (freshness != Freshness.Fresh && freshness != Freshness.NotStated) timeline.state("by this clock it is $freshness")
        facts.cardId?.let { fold(it, event) }
        received += event
        return report
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
        tracker.close()
        merchant.close()
    }

    private companion object {
        /** How long to wait for a webhook before asking. */
        val PATIENCE: Duration = Duration.ofSeconds(20)
    }
}

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
