package space.bananatech.backend

import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import java.lang.reflect.Proxy
import java.math.BigDecimal
import java.net.URI
import java.sql.Connection
import java.sql.PreparedStatement
import java.sql.SQLException
import java.sql.Statement
import java.time.Duration
import java.time.Instant
import java.util.Base64
import java.util.UUID
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import javax.crypto.Cipher
import javax.crypto.spec.IvParameterSpec
import javax.crypto.spec.SecretKeySpec
import javax.sql.DataSource
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import org.postgresql.PGConnection
import space.bananatech.Assumptions
import space.bananatech.CardId
import space.bananatech.Counts
import space.bananatech.HttpAnswer
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.OperationId
import space.bananatech.Outcome
import space.bananatech.Recharge
import space.bananatech.Redacted
import space.bananatech.SealedRequest
import space.bananatech.UserId
import space.bananatech.exclusiveSince
import space.bananatech.plan

private const val USER = 12345
private const val CARD = 67890
private val AMOUNTS = mapOf("a" to 20, "b" to 30)

/** BananaTech, as a merchant of its own sees it. Each recharge succeeds; a webhook says so, and the list of transactions. */
private class World(private val isOverdue: Boolean) {
    private val merchant = Merchant(
        MerchantOptions(UUID.randomUUID().toString(), URI("https://api.example"), Redacted(Sandbox.KEY), sealedAnswersOnly = true),
    )
    private val assumptions = Assumptions.exclusiveSince(Instant.now() - Duration.ofDays(1))
    private val lines = mutableListOf<String>()

    /** Recharges of which the merchant can't know yet how they ended. One at a time is under way. */
    val open: MutableSet<String> = ConcurrentHashMap.newKeySet()
    val arrived = CopyOnWriteArrayList<String>()
    val early = CopyOnWriteArrayList<String>()
    val webhooks = ConcurrentHashMap<String, ByteArray>()
    val ids = ConcurrentHashMap<String, OperationId>()
    val told = CopyOnWriteArrayList<String>()

    private fun opened(request: SealedRequest): String {
        val bytes = Base64.getDecoder().decode(request.body.substringAfter(":\"").substringBefore('"'))
        val cipher = Cipher.getInstance("AES/CBC/PKCS5Padding")
        cipher.init(Cipher.DECRYPT_MODE, SecretKeySpec(Sandbox.KEY.toByteArray(), "AES"), IvParameterSpec(bytes, 0, 16))
        return String(cipher.doFinal(bytes, 16, bytes.size - 16))
    }

    @Synchronized
    private fun answer(request: SealedRequest): String {
        if (!request.url.path.endsWith("/card/recharge")) {
            open.clear()
            return """{"data":$lines,"total":${lines.size}}"""
        }
        val amount = BigDecimal(opened(request).substringAfter("\"amount\":").trimEnd('}')).toInt()
        val reference = AMOUNTS.entries.single { it.value == amount }.key
        if (open.isNotEmpty()) early += reference
        arrived += reference
        open += reference
        val (transaction, now) = arrived.size to Instant.now()
        val result = """{"user_id":$USER,"card_id":$CARD,"transaction_id":$transaction,"receive_amount":$amount,"status":"SUCCESS","currency":"USD",
            "occur_time":${now.toEpochMilli()}}"""
        webhooks[reference] = merchant.testWebhook("CARD_RECHARGE_RESULT", Redacted(result))
        lines += """{"id":$transaction,"card_id":$CARD,"amount":$amount,"type":"RECHARGE","status":"SUCCESS","created_at":"$now"}"""
        return """{"message":"Card recharge request sent successfully"}"""
    }

    fun backend(store: Store): BackendBlocking = Backend(
        merchant, assumptions, store, { HttpAnswer(200, merchant.testAnswer(Redacted(answer(it)))) },
        askAfter = Duration.ZERO.takeIf { isOverdue },
        onEvent = {},
    ).blocking()
}

private typealias Act = (BackendBlocking, World) -> Unit

private fun send(reference: String): Act = { backend, world ->
    val recharge = Recharge(UserId(USER.toLong()), CardId(CARD.toLong()), BigDecimal(AMOUNTS.getValue(reference)))
    world.ids[reference] = backend.send(plan(recharge), reference).operation.id
}

private fun receive(reference: String): Act = { backend, world ->
    world.open -= reference
    val received = backend.receive(world.webhooks.getValue(reference))
    if (received is Received.Failed) throw received.error
}

private fun cancel(reference: String): Act = { backend, world -> backend.cancel(world.ids.getValue(reference)) }

private val SWEEP: Act = { backend, _ -> backend.sweep() }

private val DELIVER: Act = { backend, world ->
    backend.deliver { notice -> world.told += "${notice.operation?.reference}: ${notice.javaClass.simpleName} ${word(notice.operation?.outcome)}" }
}

private fun word(outcome: Outcome?) = outcome?.javaClass?.simpleName

/** What happened before, and what two instances do at once. */
private class Scene(
    val name: String,
    val acts: Pair<Act, Act>,
    val before: List<Act> = emptyList(),
    /** The API may be asked as soon as something was sent. */
    val isOverdue: Boolean = false,
    /** It is the same the other way round. */
    val isAlike: Boolean = acts.first === acts.second,
)

private fun twice(act: Act) = act to act

private val SCENES = listOf(
    Scene("one request, made twice", twice(send("a"))),
    Scene("two requests for one card", send("a") to send("b"), isAlike = true),
    Scene("one webhook, delivered twice", twice(receive("a")), listOf(send("a"))),
    Scene("a webhook, and a request that waits for it", receive("a") to send("b"), listOf(send("a"))),
    Scene("a webhook, while the API is asked", receive("a") to SWEEP, listOf(send("a")), isOverdue = true),
    Scene("two sweeps that ask", twice(SWEEP), listOf(send("a")), isOverdue = true),
    Scene("two sweeps that send", twice(SWEEP), listOf(send("a"), send("b"), receive("a"))),
    Scene("what waits is cancelled, while a sweep sends it", cancel("b") to SWEEP, listOf(send("a"), send("b"), receive("a"))),
    Scene("two that deliver", twice(DELIVER), listOf(send("a"), send("b"), receive("a"), SWEEP, receive("b"))),
)

/**
 * Lets so many round trips to the database through, and stops the next one. That goes on when it is told, or its connection is ended, and
 * all later ones fail.
 */
private class Gate(count: Int) {
    private val left = AtomicInteger(count)
    @Volatile
    private var isDead = false
    val reached = CompletableFuture<Unit>()
    val goOn = CompletableFuture<((Connection) -> Unit)?>()

    fun pass(connection: Connection) {
        if (left.getAndDecrement() == 0) {
            reached.complete(Unit)
            val kill = goOn.join() ?: return
            isDead = true
            kill(connection)
        }
        // As PostgreSQL's driver says it.
        if (isDead) throw SQLException("killed", "08006")
    }
}

/** The same thing, with each call of it in the hands of [around]. */
private inline fun <reified T : Any> T.proxied(crossinline around: (Method, List<Any?>, () -> Any?) -> Any?): T =
    T::class.java.cast(
        Proxy.newProxyInstance(Gate::class.java.classLoader, arrayOf(T::class.java)) { _, method, arguments ->
            val all = arguments.orEmpty()
            around(method, all.asList()) {
                try {
                    method.invoke(this, *all)
                } catch (error: InvocationTargetException) {
                    throw error.targetException
                }
            }
        },
    )

/** A database, and two instances that have it open. */
private class Stage(private val kind: Kind) : AutoCloseable {
    private val database = kind.database()
    private val waiting = AtomicInteger()
    private val watcher = database.connection
    private val opened = mutableListOf<AutoCloseable>(watcher)

    @Volatile
    private var gate: Gate? = null
    val store = open { null }
    private var gated = open { gate }

    /** The one that stops at a gate. What dies isn't used again; a pool gives another connection by itself. */
    fun gated(new: Gate, dies: Boolean): Store {
        gate = null
        if (dies && kind == Kind.SQLITE) gated = open { gate }
        gate = new
        return gated
    }

    private fun open(gate: () -> Gate?): Store {
        fun Connection.step(sql: String?, call: () -> Any?): Any? {
            gate()?.pass(this)
            val result = if (sql == "BEGIN IMMEDIATE") begun(call) else call()
            // Also between the commit and what follows.
            if (sql == "COMMIT") gate()?.pass(this)
            return result
        }
        fun Connection.statement(made: Any?, sql: String?) = when (made) {
            is PreparedStatement -> made.proxied { method, _, call -> if (method.name == "execute") step(sql, call) else call() }
            else -> (made as Statement).proxied { method, arguments, call ->
                if (method.name == "executeUpdate") step(arguments.single() as String, call) else call()
            }
        }
        val source = database.proxied { method, _, call ->
            val made = call()
            if (method.name != "getConnection") return@proxied made
            val connection = made as Connection
            connection.proxied { called, arguments, run ->
                when (called.name) {
                    "createStatement", "prepareStatement" -> connection.statement(run(), arguments.firstOrNull() as? String)
                    "commit", "rollback" -> connection.step(called.name.uppercase(), run)
                    else -> run()
                }
            }
        }
        if (kind == Kind.POSTGRESQL) return Postgres(pool(source).also { opened += it })
        return Sqlite(source).also { opened += it }.apply {
            begin().apply {
                script("PRAGMA busy_timeout = 0")
                commit()
            }
        }
    }

    override fun close() = opened.forEach { it.close() }

    /** SQLite's own way to wait can't be seen from outside. */
    private fun begun(call: () -> Any?): Any? {
        var isWaiting = false
        try {
            while (true) {
                try {
                    return call()
                } catch (error: SQLException) {
                    if (!store.isConflict(error)) throw error
                    if (!isWaiting) waiting.incrementAndGet()
                    isWaiting = true
                    Thread.sleep(1)
                }
            }
        } finally {
            if (isWaiting) waiting.decrementAndGet()
        }
    }

    private fun isAny(sql: String) = watcher.createStatement().use { statement -> statement.executeQuery(sql).use { it.next() } }

    fun isWaitedFor(): Boolean = when (kind) {
        Kind.SQLITE -> waiting.get() > 0
        Kind.POSTGRESQL -> isAny("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    }

    fun kill(connection: Connection) {
        connection.close()
        if (kind == Kind.POSTGRESQL) {
            val number = connection.unwrap(PGConnection::class.java).backendPID
            // Until then it has its locks.
            while (isAny("SELECT FROM pg_stat_activity WHERE pid = $number")) Thread.sleep(1)
        }
    }

    /** So that what died has nothing for itself any more. */
    fun aMinutePasses() = store.begin().apply {
        for (table in listOf("operations", "outbox")) query("UPDATE bananatech_$table SET leased_until = 0")
    }.commit()
}

/**
 * Two instances at once: one is stopped at each round trip to the database, the other does its part meanwhile or waits, and then the first goes on, or dies and its work
 * is done again. The end is as if one had gone after the other. The crate's tests have more pairs of the same decisions; here the stores' own
 * transactions are tried, and what does the steps.
 */
@Timeout(300)
class InterleavingsTest {
    private val threads = Executors.newCachedThreadPool { Thread(it).apply { isDaemon = true } }

    @ParameterizedTest
    @EnumSource
    fun twoAtOnceAreAsOneAfterTheOther(kind: Kind) = all(kind, dies = false)

    @ParameterizedTest
    @EnumSource
    fun whatDiedIsDoneAgain(kind: Kind) = all(kind, dies = true)

    private fun all(kind: Kind, dies: Boolean) = Stage(kind).use { stage ->
        for (scene in SCENES) {
            val (one, two) = scene.acts
            val ends = listOf(listOf(one, two), listOf(two, one)).map { order ->
                val world = begun(scene, stage)
                order.forEach { it(world.backend(stage.store), world) }
                end(world, stage.store).second
            }
            for ((first, second) in if (scene.isAlike) listOf(one to two) else listOf(one to two, two to one)) {
                var point = 0
                val isTried = {
                    runCatching { isTried(stage, scene, first, second, point, dies, ends) }
                        .getOrElse { throw AssertionError("${scene.name}, stopped after $point", it) }
                }
                while (isTried()) point += 1
                assertTrue(point >= 4) { "${scene.name}, stopped at $point points" }
            }
        }
    }

    private fun begun(scene: Scene, stage: Stage): World {
        val world = World(scene.isOverdue)
        scene.before.forEach { it(world.backend(stage.store), world) }
        return world
    }

    /** Whether the first is stopped there. */
    private fun isTried(stage: Stage, scene: Scene, one: Act, two: Act, point: Int, dies: Boolean, ends: List<String>): Boolean {
        val world = begun(scene, stage)
        val gate = Gate(point)
        val gated = stage.gated(gate, dies)
        fun begin(act: Act, store: Store) = CompletableFuture.runAsync({ act(world.backend(store), world) }, threads)
        val first = begin(one, gated)
        CompletableFuture.anyOf(gate.reached, first).join()
        if (!gate.reached.isDone) return false
        val second = begin(two, stage.store)
        while (!second.isDone && !stage.isWaitedFor()) Thread.sleep(1)
        gate.goOn.complete(if (dies) stage::kill else null)
        if (dies) assertThrows<CompletionException> { first.join() } else first.join()
        second.join()
        if (dies) {
            stage.aMinutePasses()
            one(world.backend(stage.store), world)
        }
        val (isLost, end) = end(world, stage.store)
        // What died between storing and sending has nothing that it is like.
        if (!(dies && isLost)) assertTrue(end in ends) { "$end instead of $ends" }
        if (!dies) assertEquals(world.told.distinct(), world.told, "told twice")
        return true
    }

    /** All that is left is done: webhooks come, what waits is sent, notices are told. Answers whether something never left, and how all of it ended. */
    private fun end(world: World, store: Store): Pair<Boolean, String> {
        assertEquals(emptyList<String>(), world.early, "sent before its turn")
        val last = world.backend(store)
        var isLost = false
        do {
            for (operation in last.unsettled(10)) {
                val reference = operation.reference!!
                if (reference in world.arrived) {
                    receive(reference)(last, world)
                } else {
                    // A person finds that out.
                    last.withdraw(operation.id)
                    isLost = true
                }
            }
        } while (last.sweep().sent > 0)
        DELIVER(last, world)
        assertEquals(Counts(0, 0, 0, 0, 0, 0), last.counts())
        assertEquals(world.arrived.distinct(), world.arrived, "sent twice")
        val outcomes = last.operationsOf(CardId(CARD.toLong())).map { it.reference to word(it.outcome) }
        for ((reference, outcome) in outcomes) {
            assertEquals(if (reference in world.arrived) "Succeeded" else "Failed", outcome, reference)
            assertTrue("$reference: Settled $outcome" in world.told) { "$reference $outcome, but told was ${world.told}" }
        }
        return isLost to "${world.arrived} $outcomes ${world.told.distinct()}"
    }
}
