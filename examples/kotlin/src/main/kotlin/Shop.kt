package example

import com.sun.net.httpserver.HttpServer
import java.math.BigDecimal
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import org.sqlite.SQLiteDataSource
import space.bananatech.AnyOperation
import space.bananatech.AnyResponse
import space.bananatech.Assumptions
import space.bananatech.BananaTechException
import space.bananatech.CardId
import space.bananatech.CardStatus
import space.bananatech.ErrorCode
import space.bananatech.Event
import space.bananatech.GetAccountBalance
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.Notice
import space.bananatech.OperationKind
import space.bananatech.Outcome
import space.bananatech.Plan
import space.bananatech.Redacted
import space.bananatech.Rejection
import space.bananatech.SentState
import space.bananatech.backend.Backend
import space.bananatech.backend.BackendBlocking
import space.bananatech.backend.Received
import space.bananatech.backend.Sender
import space.bananatech.backend.Sqlite
import space.bananatech.call
import space.bananatech.cardNumber
import space.bananatech.eventFacts
import space.bananatech.exclusiveSince
import space.bananatech.jdk.execute
import space.bananatech.kind
import space.bananatech.operationName
import space.bananatech.plan
import space.bananatech.word

/** How long to wait for a webhook before asking. */
private val PATIENCE: Duration = Duration.ofSeconds(20)

/** What takes the webhooks: a server of its own, which a merchant has already. */
fun newServer(): HttpServer = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)

/** A merchant's own code around the library's backend: it asks, has things carried out, and follows what the webhooks say. */
class Shop(file: Path, api: String, webhooks: HttpServer, val timeline: Timeline) : AutoCloseable {
    /**
     * The merchant that the sandbox starts with. Its key protects nothing. The sandbox seals every success, so nothing else is
     * taken for one.
     */
    private val merchant = Merchant(
        MerchantOptions(
            merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
            baseUrl = URI(api),
            secretKey = Redacted("sandbox-secret-key-0123456789abc"),
            keyId = "sandbox",
            sealedAnswersOnly = true,
        ),
    )
    private val http = HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build()
    private val store = Sqlite(SQLiteDataSource().apply { url = "jdbc:sqlite:$file" })

    /** Nobody else ever acts in this sandbox. In production this is when the last of the others stopped. */
    private val alone = Assumptions.exclusiveSince(Instant.EPOCH)
    val backend = Backend(merchant, alone, store, Sender.jdk(http), askAfter = PATIENCE).blocking()

    /** What the webhooks said. */
    val events = mutableListOf<Event>()

    /** What became known, one thing at a time: by a webhook, or without one. */
    private val known = LinkedBlockingQueue<Pair<Received?, List<Notice>>>()

    init {
        webhooks.createContext("/webhooks") { exchange ->
            // The raw bytes, not a parsed body; and 200 only once they are stored: after that the webhook doesn't come again.
            val body = exchange.requestBody.readAllBytes()
            exchange.sendResponseHeaders(learn { backend.receive(body) }.status, -1)
            exchange.close()
        }
        webhooks.start()
    }

    /** Does something, and takes what is certain because of it, so that the one is told before the other. */
    private fun <R : Received?> learn(work: () -> R): R = synchronized(known) {
        val received = work()
        val notices = buildList { backend.deliver { add(it) } }
        known.put(received to notices)
        received
    }

    /** Asks for something: the answer is all there is. */
    fun <R> ask(operation: OperationKind, ask: (BackendBlocking) -> R): R {
        timeline.request(operation.operationName)
        return ask(backend).also { timeline.answer("200, sealed") }
    }

    /** Not documented: the sandbox answers as the library guesses. */
    fun balance(): BigDecimal {
        return checkNotNull(backend.ask(GetAccountBalance()).balance) { "a balance" }
    }

    /** Has something carried out that an event confirms, and waits until it is certain how it ended. */
    fun carryOut(plan: Plan, reference: String): Outcome {
        timeline.request(plan.operation.kind.operationName)
        val sent = backend.send(plan, reference)
        when (val state = sent.state) {
            is SentState.Taken -> timeline.answer(described(state.response))
            is SentState.Refused -> refused(state.rejection)
            else -> timeline.refused("$state")
        }
        learn { null }
        val deadline = Instant.now() + PATIENCE
        while (true) {
            val next = known.poll(Duration.between(Instant.now(), deadline).toMillis(), TimeUnit.MILLISECONDS)
            if (next == null) {
                // No webhook came.
                check(backend.sweep().asked > 0) { "the API doesn't tell whether it was carried out" }
                learn { null }
                continue
            }
            val (received, notices) = next
            received?.let(::follow)
            val settled = notices.filterIsInstance<Notice.Settled>().find { it.operation.id == sent.operation.id }
            settled?.operation?.outcome?.let { return it }
        }
    }

    /** The same for what should succeed, and leave the card in a status. */
    fun succeed(plan: Plan, reference: String, status: CardStatus): CardId {
        val outcome = carryOut(plan, reference)
        val card = checkNotNull((outcome as? Outcome.Succeeded)?.cardId) { "it should have succeeded: $outcome" }
        val known = backend.card(card)?.status()
        check(known == status) { "the card is ${known?.word} instead of ${status.word}" }
        return card
    }

    /** The card's state rules it out, so no call is made. */
    fun refusedHere(plan: Plan, reference: String) {
        val error = refusal { backend.send(plan, reference) }
        check(error?.code == ErrorCode.STATE_NOT_ALLOWED) { "it should be refused: $error" }
        timeline.refused("Recharge: ${error?.message}")
    }

    /** Goes past the backend, which wouldn't send this, to see what the API says. */
    fun refusedThere(operation: AnyOperation) {
        timeline.request(operation.kind.operationName)
        val error = refusal { http.execute(merchant.call(operation)) }
        check(error is BananaTechException.Rejected && error.rejection.status == 400) { "it should be refused: $error" }
        refused(error.rejection)
    }

    private fun refused(rejection: Rejection) =
        timeline.refused("${rejection.status}, ${rejection.words?.expose() ?: "no message"}")

    /** Says what a webhook says, and how the card is now. */
    private fun follow(received: Received) {
        val event = when (received) {
            is Received.Taken -> received.delivery.event
            is Received.Failed -> throw received.error
        }
        val facts = eventFacts(event)
        timeline.webhook(facts.eventType + told(event))
        events += event
        val card = facts.cardId?.let(backend::card) ?: return
        val balance = card.balance()
        when {
            event is Event.CardRechargeResult -> Unit
            event is Event.CardBalanceChange && balance != null ->
                timeline.state("card ${card.cardId} has ${balance.available.toPlainString()} ${balance.currency} to spend")
            else -> timeline.state("card ${card.cardId} is ${card.status()?.word ?: "UNKNOWN"}")
        }
    }

    override fun close() {
        store.close()
        merchant.close()
    }
}

fun refusal(work: () -> Unit): BananaTechException? = try {
    work()
    null
} catch (error: BananaTechException) {
    error
}

private fun described(response: AnyResponse): String = "200, sealed: " + when (response) {
    is AnyResponse.Assign -> "card_id ${response.response.cardId} for the assignment"
    is AnyResponse.Recharge -> response.response.message?.expose() ?: "taken"
    is AnyResponse.UpdateStatus -> response.response.message?.expose() ?: "taken"
    else -> "taken"
}

/** What an event says beside its type. */
private fun told(event: Event): String = when (event) {
    is Event.CardAssignResult -> " ${event.data.status.word}" + event.data.errorReason?.let { ": ${it.expose()}" }.orEmpty()
    is Event.CardActivateResult ->
        " ${event.data.status.word}" + event.data.cardNumber?.let { " ${cardNumber(it).masked}" }.orEmpty()
    is Event.CardStatusChange -> " ${event.data.status.word}"
    is Event.CardRechargeResult ->
        " ${event.data.status.word}" + event.data.receiveAmount?.let { " ${it.toPlainString()}" }.orEmpty()
    is Event.CardCloseResult ->
        " ${event.data.status.word}" + event.data.refundAmount?.let { " refund ${it.toPlainString()}" }.orEmpty()
    else -> ""
}
