package space.bananatech.backend

import com.sun.net.httpserver.HttpServer
import java.io.File
import java.io.IOException
import java.math.BigDecimal
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.sql.SQLException
import java.time.Duration
import java.time.Instant
import java.util.UUID
import java.util.concurrent.CopyOnWriteArrayList
import java.util.logging.Handler
import java.util.logging.Level
import java.util.logging.LogRecord
import java.util.logging.Logger
import javax.sql.DataSource
import kotlin.concurrent.thread
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withTimeout
import okhttp3.OkHttpClient
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import org.junit.jupiter.params.provider.ValueSource
import runBackend
import space.bananatech.Alter
import space.bananatech.AnyResponse
import space.bananatech.Apply
import space.bananatech.Assign
import space.bananatech.Assumptions
import space.bananatech.BananaTechException
import space.bananatech.CardId
import space.bananatech.CardStatus
import space.bananatech.CardTemplate
import space.bananatech.Counts
import space.bananatech.ErrorCode
import space.bananatech.Event
import space.bananatech.Fee
import space.bananatech.GetBalance
import space.bananatech.GetInformation
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.NotSentException
import space.bananatech.Notice
import space.bananatech.Outcome
import space.bananatech.Plan
import space.bananatech.Recharge
import space.bananatech.Redacted
import space.bananatech.SentState
import space.bananatech.TemplateId
import space.bananatech.TrackedOperation
import space.bananatech.UpdateStatus
import space.bananatech.UserId
import space.bananatech.Verdict
import space.bananatech.call
import space.bananatech.exclusiveSince
import space.bananatech.plan

private val USER = UserId(12345)
private const val PIN = "482915"
private val NOTHING = Counts(0, 0, 0, 0, 0, 0)

/** The backend against the real sandbox, on both databases. */
@Timeout(120)
class BackendTest {
    private val events = CopyOnWriteArrayList<BackendEvent>()

    private fun backend(store: Store, sender: Sender = Sender.jdk()) = Backend(
        Sandbox.merchant(), Assumptions.exclusiveSince(Instant.now() - Duration.ofDays(1)), store, sender, onEvent = events::add,
    )

    @AfterEach
    fun nobodyTakesWebhooks() {
        Sandbox.take = { 503 }
    }

    /** Hands notices on until the one about a reference is there, which it answers. */
    private suspend fun Backend.told(reference: String, notices: MutableList<Notice> = mutableListOf()): Notice =
        withTimeout(60_000) {
            while (true) {
                notices.find { it.operation?.reference == reference }?.let { return@withTimeout it }
                delay(20)
                deliver { notices += it }
            }
            error("it doesn't come here")
        }

    private fun Notice.outcome() = (this as Notice.Settled).operation.outcome

    private fun assign(number: String) = plan(Assign(USER, TemplateId(1), Redacted(number)))

    private fun recharge(card: CardId, amount: String) = plan(Recharge(USER, card, BigDecimal(amount)))

    private fun change(card: CardId, alter: Alter, pin: String? = null): Plan =
        plan(UpdateStatus(USER, card, alter, pin?.let { Redacted(it) }))

    private inline fun refused(code: ErrorCode, work: () -> Unit) {
        assertEquals(code, assertThrows<BananaTechException> { work() }.code)
    }

    /** Assigns and activates one. */
    private suspend fun Backend.newCard(): CardId {
        send(assign(Sandbox.cardInThePost()), "assign")
        val card = (told("assign").outcome() as Outcome.Succeeded).cardId!!
        send(change(card, Alter.ACTIVATE, PIN), "activate")
        told("activate")
        return card
    }

    @ParameterizedTest
    @EnumSource
    fun aCardsLife(kind: Kind) = runBlocking {
        val database = kind.database()
        val sender = if (kind == Kind.SQLITE) Sender.jdk() else OkHttpSender(OkHttpClient())
        var backend = backend(kind.open(database), sender)
        // Another instance takes the webhooks.
        var webhooks = backend(kind.open(database)).blocking()
        Sandbox.take = { webhooks.receive(it).status }
        val notices = mutableListOf<Notice>()

        val failed = backend.send(assign("1234567890123465"), "mistyped")
        assertTrue(failed.state is SentState.Taken, "${failed.state}")
        assertEquals(Outcome.Failed(Redacted("101:0")), backend.told("mistyped", notices).outcome())

        backend.send(assign(Sandbox.cardInThePost()), "assign")
        val card = (backend.told("assign", notices).outcome() as Outcome.Succeeded).cardId!!
        assertEquals(CardStatus.ToBeActivated, backend.card(card)?.status())

        refused(ErrorCode.STATE_NOT_ALLOWED) { backend.send(recharge(card, "20"), "too early") }
        assertNull(backend.operationByReference("too early"))

        backend.send(change(card, Alter.ACTIVATE, PIN), "activate")
        backend.told("activate", notices)
        assertEquals(CardStatus.Active, backend.card(card)?.status())

        // All of it again, from what is stored. What wasn't told is told now.
        val locked = backend.send(change(card, Alter.LOCK), "lock").operation
        withTimeout(60_000) { while (backend.operation(locked.id)?.outcome == null) delay(20) }
        Sandbox.take = { 503 }
        backend = backend(kind.open(database), sender)
        webhooks = backend(kind.open(database)).blocking()
        Sandbox.take = { webhooks.receive(it).status }
        assertTrue(backend.counts().untold >= 1)
        assertTrue(backend.told("lock", notices).outcome() is Outcome.Succeeded)
        assertEquals(CardStatus.Locked, backend.card(card)?.status())
        backend.send(change(card, Alter.UNLOCK), "unlock")
        backend.told("unlock", notices)

        // The second one waits for the first, and each is carried out once.
        val one = backend.send(recharge(card, "20"), "recharge", CardTemplate(TemplateId(1), rechargeFee = BigDecimal.ONE), Fee.FLAT)
        assertEquals(0, one.operation.least!!.compareTo(BigDecimal(19)))
        val again = backend.send(recharge(card, "20"), "recharge")
        assertEquals(SentState.Known to one.operation.id, again.state to again.operation.id)
        val two = backend.send(recharge(card, "30"), "second")
        assertTrue(two.state is SentState.Waits || two.state is SentState.Taken, "${two.state}")
        backend.told("recharge", notices)
        withTimeout(60_000) { while (two.state is SentState.Waits && backend.sweep().sent == 0L) delay(20) }
        backend.told("second", notices)
        // Also of what a sweep sends.
        assertEquals(1, events.count { it == BackendEvent.Sending(two.operation.id, "second") })
        refused(ErrorCode.TRACKING_KNOWN) { backend.send(recharge(card, "31"), "second") }

        val refused = backend.send(recharge(card, "1"), "refused")
        assertEquals(400, (refused.state as SentState.Refused).rejection.status)
        backend.told("refused", notices)

        val order = listOf("mistyped", "assign", "activate", "lock", "unlock", "recharge", "second", "refused")
        assertEquals(order, notices.map { it.operation?.reference })
        assertEquals(order.drop(2), backend.operationsOf(card).map { it.reference })
        assertTrue(backend.operation(two.operation.id)?.outcome is Outcome.Succeeded)
        assertEquals(NOTHING, backend.counts())

        asking(backend, card)
        anAnswerThatIsLost(backend, kind.open(database), card)
        aNoticeThatIsNotTaken(backend, card)
        persons(backend)

        val kinds = events.map { it::class }.toSet()
        val all = listOf(
            BackendEvent.Sending::class, BackendEvent.Sent::class, BackendEvent.Changed::class, BackendEvent.Webhook::class, BackendEvent.NotTaken::class,
        )
        // Whether an answer shows it by then is the issuer's affair.
        assertEquals(all.toSet(), kinds - BackendEvent.NotAnswered::class)
        assertTrue(events.any { it is BackendEvent.Webhook && it.verdict == Verdict.Settled })
        val told = events.joinToString() + notices + listOf(failed, one, two, refused)
        val stored = rows(database)
        for (secret in listOf(PIN, "1234567890123465", Sandbox.KEY)) {
            assertFalse(secret in told, secret)
            assertFalse(secret in stored, secret)
        }
    }

    private suspend fun asking(backend: Backend, card: CardId) {
        val balance = backend.ask(GetBalance(USER, card))
        assertEquals("USD", balance.currency)
        val information = backend.ask(GetInformation(USER, card))
        assertEquals(CardStatus.Active, information.status)
        refused(ErrorCode.OPERATION_UNSUITABLE) { backend.ask(recharge(card, "20")) }
        assertThrows<BananaTechException.Rejected> { backend.ask(GetBalance(USER, CardId(999_999))) }
        assertThrows<IOException> { backend(broken(), { throw IOException("gone") }).ask(plan(GetBalance(USER, CardId(1)))) }
        // Its webhook never comes.
        val silent = backend.send(recharge(card, "66.02"), "silent")
        val waiting = backend.send(recharge(card, "5"), "waiting")
        assertEquals(SentState.Waits, waiting.state)
        assertTrue(backend.cancel(waiting.operation.id)?.outcome is Outcome.Failed)
        assertNull(backend.cancel(silent.operation.id))
        assertTrue(backend.told("waiting").outcome() is Outcome.Failed)
        withTimeout(60_000) { while (backend.inquire(silent.operation.id)?.outcome == null) delay(20) }
        assertTrue(backend.told("silent").outcome() is Outcome.Succeeded)
        assertNull(backend.inquire(UUID.randomUUID()))
    }

    private suspend fun anAnswerThatIsLost(backend: Backend, store: Store, card: CardId) {
        val jdk = Sender.jdk()
        val cut = backend(store, sender = { request ->
            jdk.send(request)
            throw IOException("the connection was cut")
        })
        assertEquals(SentState.NotKnown, cut.send(change(card, Alter.LOCK), "cut lock").state)
        backend.told("cut lock")
        val causes = events.filterIsInstance<BackendEvent.Sent>().mapNotNull { it.error?.message }
        assertEquals(listOf("the connection was cut"), causes)
        assertEquals(SentState.NotKnown, cut.send(change(card, Alter.UNLOCK), "cut unlock").state)
        backend.told("cut unlock")
    }

    private suspend fun aNoticeThatIsNotTaken(backend: Backend, card: CardId) {
        backend.send(recharge(card, "7"), "not taken")
        var offered = 0
        val fails: suspend (Notice) -> Unit = {
            offered += 1
            error("no")
        }
        withTimeout(60_000) { while (offered == 0) backend.deliver(fails) }
        assertEquals(0, backend.deliver(fails))
        assertEquals(1, backend.counts().untold)
    }

    private suspend fun persons(backend: Backend) {
        refused(ErrorCode.TRACKING_UNKNOWN) { backend.withdraw(UUID.randomUUID()) }
        refused(ErrorCode.TRACKING_UNKNOWN) { backend.find(UUID.randomUUID(), Outcome.Failed(null)) }
        refused(ErrorCode.FIELD_TYPE) { backend.nameForeign("nothing") }
        refused(ErrorCode.REFERENCE_LENGTH) { backend.send(assign("1234567890123465"), "") }
        // Nothing was quiet for ten minutes.
        assertEquals(0, backend.forgetBefore(Instant.now()))
    }

    @ParameterizedTest
    @EnumSource
    fun whatTwoInstancesDoAtOnceIsDoneOnce(kind: Kind) = runBlocking {
        val database = kind.database()
        val instances = List(2) { backend(kind.open(database)) }
        // Each webhook comes to both, at once.
        Sandbox.take = { body ->
            runBlocking { instances.map { async(Dispatchers.Default) { it.receive(body).status } }.awaitAll().max() }
        }
        val card = instances[0].newCard()
        val references = List(6) { "recharge $it" }
        val sent = references.flatMapIndexed { at, reference ->
            instances.map { async(Dispatchers.Default) { it.send(recharge(card, "${20 + at}"), reference) } }
        }.awaitAll()
        assertEquals(6, sent.count { it.state != SentState.Known }, "${sent.map { it.state }}")
        assertEquals(references.toSet(), sent.map { it.operation.reference }.toSet())

        val told = CopyOnWriteArrayList<String>()
        withTimeout(90_000) {
            while (told.size < 6) {
                instances.map {
                    async(Dispatchers.Default) {
                        it.sweep()
                        it.deliver { notice -> if (notice is Notice.Settled) told += notice.operation.reference!! }
                    }
                }.awaitAll()
                delay(20)
            }
        }
        // One recharge of a card is under way at a time, in the order in which they were stored. Who took it is for chance to say.
        assertEquals(references.toSet(), told.filter { it in references }.toSet())
        assertEquals(told.size, told.toSet().size)
        assertEquals(NOTHING, instances[1].counts())
        val balance = instances[0].ask(GetBalance(USER, card)).balance
        assertEquals(0, balance.compareTo(BigDecimal((20..25).sum())), "$balance")
    }

    @ParameterizedTest
    @EnumSource
    fun webhooksAreAnsweredByWhatBecameOfThem(kind: Kind) = runBlocking {
        val backend = backend(kind.open(kind.database()))
        val body = Sandbox.merchant().testWebhook("CARD_3DS", Redacted("""{"card_id":1}"""))
        val taken = backend.receive(body) as Received.Taken
        assertEquals(200, taken.status)
        assertFalse(taken.delivery.event is Event.Unknown)
        assertEquals(Sandbox.merchant().receive(body).fingerprint, taken.delivery.fingerprint)
        assertEquals(Verdict.Repeated, (backend.receive(body) as Received.Taken).report.verdict)
        val unknown = backend.receive(Sandbox.merchant().testWebhook("CARD_NEWS", Redacted("{}"))) as Received.Taken
        assertTrue(unknown.delivery.event is Event.Unknown)

        fun failed(received: Received) = received as Received.Failed
        for (bad in listOf("{}", "", "\u0000", """{"type":"CARD_3DS","data":"AAAA"}""")) {
            assertEquals(400, failed(backend.receive(bad.toByteArray())).status, bad)
        }
        val other = Redacted("another-secret-key-0123456789abc")
        val forged = Merchant(MerchantOptions("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", URI("https://api.example"), other))
            .testWebhook("CARD_3DS", Redacted("{}"))
        val error = failed(backend.receive(forged)).error
        assertTrue(error is BananaTechException.NotAuthentic, "$error")
        val long = failed(backend.receive(ByteArray(2 * 1024 * 1024)))
        assertEquals(413 to ErrorCode.MESSAGE_TOO_LONG, long.status to (long.error as BananaTechException).code)
        assertTrue(events.any { it is BackendEvent.WebhookFailed && it.status == 413 && it.code == "message.too_long" })

        val gone = backend(broken())
        val answer = failed(gone.receive(body))
        assertEquals(503, answer.status)
        assertTrue(answer.error is SQLException, "${answer.error}")
        assertThrows<SQLException> { gone.counts() }
        Unit
    }

    @Test
    fun aClientThatFollowsRedirectsIsRefusedAtOnce() {
        val client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()
        assertThrows<IllegalArgumentException> { Sender.jdk(client) }
        assertThrows<IllegalArgumentException> { Sender.jdk(timeout = Duration.ZERO) }
    }

    /** Frameworks and mocks look at all that a class has, and fail if something of it isn't there. */
    @Test
    fun onlyTheSenderForOkHttpNeedsIt() {
        val folder = File(Backend::class.java.protectionDomain.codeSource.location.toURI())
        val classes = folder.walk().filter { it.extension == "class" }
            .map { Class.forName(it.relativeTo(folder).path.removeSuffix(".class").replace('/', '.'), false, javaClass.classLoader) }
        val needing = classes.filter { type ->
            val all = type.declaredMethods.map { it.toString() } + type.declaredConstructors.map { it.toString() } +
                type.declaredFields.map { it.toString() }
            all.any { "okhttp3" in it }
        }
        assertEquals(listOf(OkHttpSender::class.java), needing.toList())
    }

    /** By both clients: nobody listens, or a server takes the request and says nothing. */
    @Test
    fun whatNeverLeftHasFailed() = runBlocking {
        val closed = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { server ->
            thread(isDaemon = true) {
                runCatching { while (true) server.accept().use { it.getInputStream().read() } }
            }
            for ((name, sender) in listOf("jdk" to Sender.jdk(), "okhttp" to OkHttpSender(OkHttpClient()))) {
                fun backend(host: String, port: Int): Backend {
                    val options = MerchantOptions("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", URI("http://$host:$port"), Redacted(Sandbox.KEY))
                    return Backend(Merchant(options), Assumptions(null), Kind.SQLITE.open(Kind.SQLITE.database()), sender, onEvent = events::add)
                }
                val sent = backend("127.0.0.1", closed).send(plan(Apply(USER, TemplateId(2))), "closed")
                val failed = Outcome.Failed(Redacted("request.not_sent"))
                assertEquals(SentState.NotSent to failed, sent.state to sent.operation.outcome, name)
                assertEquals(BackendEvent.Changed(sent.operation.id, "failed"), events.last())
                val told = events.last { it is BackendEvent.Sent } as BackendEvent.Sent
                assertEquals("request.not_sent", told.code)
                assertInstanceOf(NotSentException::class.java, told.error)
                val torn = backend("127.0.0.1", server.localPort).send(plan(Apply(USER, TemplateId(2))), "torn")
                assertEquals(SentState.NotKnown, torn.state, name)
            }
        }
    }

    @Test
    fun whatNobodyFollowsIsLogged() = runBlocking {
        val records = CopyOnWriteArrayList<LogRecord>()
        val handler = object : Handler() {
            override fun publish(record: LogRecord) {
                records += record
            }
            override fun flush() {}
            override fun close() {}
        }
        val logger = Logger.getLogger("space.bananatech.backend")
        logger.addHandler(handler)
        logger.level = Level.FINE
        try {
            val backend = Backend(Sandbox.merchant(), Assumptions(null), broken())
            backend.receive("{}".toByteArray())
            BackendLog.accept(BackendEvent.NotTaken(null, IOException("mine")))
            BackendLog.accept(BackendEvent.Sending(UUID(0, 1), "order 7"))
            BackendLog.accept(BackendEvent.Sent(UUID(0, 1), "order 8", "refused", "rejected", null))
            BackendLog.accept(BackendEvent.Sent(UUID(0, 1), "order 9", "taken", null, null))
            val request = Sandbox.merchant().call(Recharge(USER, CardId(1), BigDecimal.ONE)).request
            val notSent = NotSentException(IOException("nobody listens"), request)
            BackendLog.accept(BackendEvent.Sent(UUID(0, 1), "order 10", "not_sent", "request.not_sent", notSent))
            BackendLog.accept(BackendEvent.NotAnswered(UUID(0, 1), "order 11", null, notSent))
            BackendLog.accept(BackendEvent.Sent(UUID(0, 1), "order 12", "not_known", null, IOException("torn")))
        } finally {
            logger.removeHandler(handler)
            logger.level = null
        }
        val levels = records.map { it.level }
        val warned = Level.WARNING
        assertEquals(listOf(warned, warned, Level.FINE, warned, Level.FINE, warned, warned, warned), levels)
        assertEquals("mine", records[1].thrown.message)
        assertTrue("order 7" in records[2].message)
        assertEquals("${UUID(0, 1)}, order 8: refused: rejected", records[3].message)
        // Where in the HTTP client that was noticed helps nobody.
        val why = "the request to 127.0.0.1 didn't leave: java.io.IOException: nobody listens"
        assertEquals("${UUID(0, 1)}, order 10: not_sent: request.not_sent: $why", records[5].message)
        assertTrue(records[6].message.endsWith("order 11: $why"), records[6].message)
        assertEquals(listOf(null, null, "torn"), records.takeLast(3).map { it.thrown?.message })
    }

    @Test
    fun whatIsNoTimeToWaitIsRefused() {
        val error = assertThrows<BananaTechException.InvalidInput> {
            Backend(Sandbox.merchant(), Assumptions(null), broken(), askAfter = Duration.ofMillis(-1))
        }
        assertEquals("ask_after", error.field)
        val other = assertThrows<BananaTechException.InvalidInput> {
            Backend(Sandbox.merchant(), Assumptions(null), broken(), waitAtMost = Duration.ofMillis(-1))
        }
        assertEquals("wait_at_most", other.field)
        val third = assertThrows<BananaTechException.InvalidInput> {
            Backend(Sandbox.merchant(), Assumptions(null), broken(), rest = Duration.ofMillis(-1))
        }
        assertEquals("rest", third.field)
        assertEquals(listOf(ErrorCode.FIELD_TYPE), listOf(error, other, third).map { it.code }.distinct())
        assertEquals(other.message!!.replace("wait_at_most", "rest"), third.message)
        // Longer than can be counted.
        val eternity = Duration.ofSeconds(Long.MAX_VALUE)
        Backend(Sandbox.merchant(), Assumptions(null), broken(), waitAtMost = eternity, askAfter = eternity, rest = eternity)
        val past = assertThrows<BananaTechException.InvalidInput> {
            Backend(Sandbox.merchant(), Assumptions(null), broken(), askAfter = Duration.ofSeconds(Long.MIN_VALUE))
        }
        assertEquals("ask_after", past.field)
    }

    /** A database whose tables are gone. */
    private fun broken(): Store = Sqlite(Kind.SQLITE.database()).also { store ->
        store.begin().apply {
            script("DROP TABLE bananatech_operations; DROP TABLE bananatech_events")
            commit()
        }
    }

    /** All that is stored, as one text. */
    private fun rows(database: DataSource): String = database.connection.use { connection ->
        connection.createStatement().use { statement ->
            listOf("operations", "operation_keys", "waiting", "events", "things", "thing_keys", "cards", "outbox").joinToString { table ->
                statement.executeQuery("SELECT * FROM bananatech_$table").use { rows ->
                    buildString { while (rows.next()) repeat(rows.metaData.columnCount) { append(rows.getString(it + 1)).append(' ') } }
                }
            }
        }
    }

    /** docs/samples/Backend.kt, which docs/backend.md shows. */
    @Test
    fun theDocumentationsProgramRuns(@TempDir folder: Path) = runBlocking {
        val webhooks = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
        val hook = URI("http://127.0.0.1:${webhooks.address.port}/webhooks/bananatech")
        Sandbox.take = { body ->
            val request = HttpRequest.newBuilder(hook).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build()
            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode()
        }
        val booked = CompletableDeferred<TrackedOperation>()
        val program = launch(Dispatchers.IO) {
            val alert = { notice: Notice -> error("a person has to look: $notice") }
            runBackend(
                merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
                baseUrl = URI(Sandbox.url),
                secretKey = Redacted(Sandbox.KEY),
                file = folder.resolve("backend.db"),
                webhooks,
                since = Instant.now() - Duration.ofDays(1),
                book = { booked.complete(it) },
                alert,
            )
        }
        val operation = withTimeout(60_000) { booked.await() }
        program.cancelAndJoin()
        webhooks.stop(0)
        assertEquals("order 7", operation.reference)
        assertInstanceOf(Outcome.Succeeded::class.java, operation.outcome)
        Unit
    }

    /** What fails doesn't end it, a webhook begins a round although the rest has hours to go, and it ends when it is told to. */
    @ParameterizedTest
    @ValueSource(booleans = [true, false])
    fun itWorksUntilItIsStopped(isSuspending: Boolean) = runBlocking {
        val store = Kind.SQLITE.open(Kind.SQLITE.database())
        fun rename(from: String, to: String) = store.begin().run {
            script("ALTER TABLE $from RENAME TO $to")
            commit()
        }
        rename("bananatech_outbox", "away")
        val hasFailed = CompletableDeferred<Exception>()
        val backend = Backend(
            Sandbox.merchant(), Assumptions.exclusiveSince(Instant.now() - Duration.ofDays(1)), store, rest = Duration.ofHours(10),
        ) { if (it is BackendEvent.WorkFailed) hasFailed.complete(it.error) }
        val told = Channel<String?>(Channel.UNLIMITED)
        val working = launch(Dispatchers.IO) {
            if (isSuspending) {
                backend.work { told.send(it.operation?.reference) }
            } else {
                runInterruptible { backend.blocking().work { told.trySend(it.operation?.reference) } }
            }
        }
        assertInstanceOf(SQLException::class.java, hasFailed.await())
        rename("away", "bananatech_outbox")
        Sandbox.take = { runBlocking { backend.receive(it).status } }
        for (reference in listOf("first", "second")) {
            backend.send(plan(Apply(USER, TemplateId(2))), reference)
            assertEquals(reference, withTimeout(60_000) { told.receive() })
        }
        working.cancelAndJoin()
    }

    /** What isn't settled is told, until it is. */
    @Test
    fun whatIsNotSettledIsTold() = runBlocking {
        val backend = backend(Kind.SQLITE.open(Kind.SQLITE.database()))
        backend.send(plan(Apply(USER, TemplateId(2))), "unsettled")
        assertEquals(listOf("unsettled"), backend.unsettled(10).map { it.reference })
        assertEquals(listOf("unsettled"), backend.blocking().unsettled(10).map { it.reference })
        Sandbox.take = { runBlocking { backend.receive(it).status } }
        backend.told("unsettled")
        assertTrue(backend.unsettled(10).isEmpty())
    }
}
