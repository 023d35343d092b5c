// One instance of the backend, on the JVM. See ../src/lib.rs for what an instance is.
package instance

import com.fasterxml.jackson.databind.ObjectMapper
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import com.zaxxer.hikari.HikariDataSource
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration
import java.time.Instant
import java.util.concurrent.Executors
import kotlin.concurrent.thread
import kotlin.system.exitProcess
import org.postgresql.ds.PGSimpleDataSource
import space.bananatech.Assumptions
import space.bananatech.BananaTechException
import space.bananatech.KeyCodec
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.Notice
import space.bananatech.OperationKind
import space.bananatech.Outcome
import space.bananatech.Redacted
import space.bananatech.TrackedOperation
import space.bananatech.backend.Backend
import space.bananatech.backend.Postgres
import space.bananatech.backend.Sender
import space.bananatech.backend.operation
import space.bananatech.checkPlanWithOpenFields
import space.bananatech.exclusiveSince

private val json = ObjectMapper()
private val http: HttpClient = HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build()

private fun set(name: String): String = System.getenv(name) ?: error("$name isn't set")

private val database = HikariDataSource().apply {
    val at = URI(set("DATABASE_URL"))
    dataSource = PGSimpleDataSource().apply {
        setURL("jdbc:postgresql://${at.authority.substringAfter('@')}${at.path}")
        user = at.userInfo
    }
    maximumPoolSize = 8
}

private val backend = Backend(
    merchant = Merchant(
        MerchantOptions(
            merchantId = set("MERCHANT_ID"),
            baseUrl = URI(set("API_URL")),
            secretKey = Redacted(set("SECRET_KEY")),
            codec = KeyCodec.UTF8,
            sealedAnswersOnly = true,
        ),
    ),
    // Nobody else ever acts in this sandbox.
    assumptions = Assumptions.exclusiveSince(Instant.EPOCH).copy(finalAfterMs = set("FINAL_AFTER_MS").toLong()),
    store = Postgres(database),
    sender = Sender.jdk(http),
    askAfter = Duration.ofMillis(set("ASK_AFTER_MS").toLong()),
).blocking()

/** What the conductor compares with the issuer's books. */
private fun told(operation: TrackedOperation?): Map<String, Any?>? = operation?.run {
    mapOf(
        "reference" to reference,
        "kind" to kind.name.lowercase(),
        "user_id" to userId?.value,
        "card_id" to cardId?.value,
        "amount" to amount?.toPlainString(),
        "seq" to seq,
        "outcome" to outcome?.let {
            when (it) {
                is Outcome.Succeeded -> mapOf("kind" to "succeeded", "card_id" to it.cardId?.value)
                is Outcome.Failed -> mapOf("kind" to "failed")
            }
        },
        "found" to found?.let { mapOf("succeeded" to it.succeeded, "transaction_id" to it.transactionId?.value) },
        "cards" to cards.map { it.value },
        "acknowledged" to acknowledged,
        "refused" to refused,
        "withdrawn" to withdrawn,
        "doubted" to doubted,
        "contradicted" to contradicted,
    )
}

private fun answer(exchange: HttpExchange): Pair<Int, Any?> = try {
    when (exchange.requestURI.path) {
        "/send" -> {
            val asked = json.readTree(exchange.requestBody)
            val plan = checkPlanWithOpenFields(Redacted(asked["plan"].toString()), OperationKind.entries)
            200 to backend.send(plan, asked["reference"].asText()).state.javaClass.simpleName
        }
        "/say" -> {
            val asked = json.readTree(exchange.requestBody)
            val id = checkNotNull(backend.operationByReference(asked["reference"].asText())).id
            when (asked["said"].asText()) {
                "succeeded" -> backend.find(id, Outcome.Succeeded(null))
                "failed" -> backend.find(id, Outcome.Failed(null))
                else -> backend.withdraw(id)
            }
            200 to "noted"
        }
        "/operation" -> 200 to told(backend.operationByReference(exchange.requestURI.query.removePrefix("reference=")))
        "/counts" -> 200 to backend.counts().run {
            mapOf("open" to open.toLong(), "waiting" to waiting.toLong(), "untold" to untold.toLong())
        }
        else -> 404 to null
    }
} catch (error: BananaTechException) {
    409 to mapOf("code" to error.code.value)
} catch (error: Exception) {
    System.err.println(error)
    503 to null
}

private fun tell(notice: Notice) {
    val kind = when (notice) {
        is Notice.Settled -> "settled"
        is Notice.Doubted -> "doubted"
        is Notice.Contradicted -> "contradicted"
        is Notice.NotSent -> "not_sent"
        is Notice.ForeignActivity -> "foreign_activity"
    }
    val body = json.writeValueAsString(mapOf("kind" to kind, "operation" to told(notice.operation)))
    val request = HttpRequest.newBuilder(URI(set("NOTICES_URL"))).header("content-type", "application/json")
    val answer = http.send(request.POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.discarding())
    check(answer.statusCode() == 200) { "not taken" }
}

fun main() {
    val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    server.executor = Executors.newCachedThreadPool()
    server.createContext("/webhooks") { exchange ->
        exchange.use { it.sendResponseHeaders(backend.receive(it.requestBody.readAllBytes()).status, -1) }
    }
    server.createContext("/") { exchange ->
        exchange.use {
            val (status, said) = answer(it)
            val body = json.writeValueAsBytes(said)
            it.responseHeaders.add("content-type", "application/json")
            it.sendResponseHeaders(status, body.size.toLong())
            it.responseBody.write(body)
        }
    }
    server.start()
    println("listening on http://127.0.0.1:${server.address.port}")
    // It ends with whoever started it.
    thread {
        System.`in`.readAllBytes()
        exitProcess(0)
    }
    backend.work(::tell)
}
