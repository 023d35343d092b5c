// Measures the backend for the JVM with PostgreSQL beside a handler by hand: prints Markdown. `DATABASE_URL` is a new database.
package benchmark

import com.fasterxml.jackson.databind.ObjectMapper
import com.zaxxer.hikari.HikariDataSource
import java.math.BigDecimal
import java.net.URI
import java.security.MessageDigest
import java.sql.Connection
import java.time.Instant
import java.util.Base64
import javax.crypto.Cipher
import javax.crypto.Mac
import javax.crypto.spec.IvParameterSpec
import javax.crypto.spec.SecretKeySpec
import org.postgresql.ds.PGSimpleDataSource
import space.bananatech.Assumptions
import space.bananatech.CardId
import space.bananatech.HttpAnswer
import space.bananatech.KeyCodec
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.Recharge
import space.bananatech.Redacted
import space.bananatech.UserId
import space.bananatech.backend.Backend
import space.bananatech.backend.Postgres
import space.bananatech.backend.Received
import space.bananatech.backend.Sender
import space.bananatech.exclusiveSince
import space.bananatech.plan

private const val SECRET = "an example key of 32 characters!"
private const val BLOCKS = 9

private val source = PGSimpleDataSource().apply {
    val at = URI(System.getenv("DATABASE_URL"))
    setURL("jdbc:postgresql://${at.authority.substringAfter('@')}${at.path}")
    user = at.userInfo
}

/** One of the two that are compared. */
private interface Side {
    fun send(card: Long)

    fun receive(body: ByteArray)
}

private class Ours(merchant: Merchant) : Side {
    private val pool = HikariDataSource().apply {
        dataSource = source
        maximumPoolSize = 1
    }

    // The network isn't measured: every request is taken at once.
    private val backend = Backend(
        merchant = merchant,
        assumptions = Assumptions.exclusiveSince(Instant.now().minusSeconds(3600)),
        store = Postgres(pool),
        sender = Sender { HttpAnswer(200, """{"success":true}""".toByteArray()) },
    ).blocking()

    override fun send(card: Long) {
        backend.send(plan(Recharge(userId = UserId(12345), cardId = CardId(card), amount = BigDecimal(100))), "order-$card")
    }

    override fun receive(body: ByteArray) {
        val received = backend.receive(body)
        check(received is Received.Taken && received.report.settled.size == 1) { "nothing was settled" }
    }
}

private class ByHand : Side {
    private val connection: Connection = source.connection
    private val key = SecretKeySpec(SECRET.toByteArray(), "AES")
    private val mac = Mac.getInstance("HmacSHA256").apply { init(SecretKeySpec(SECRET.toByteArray(), "HmacSHA256")) }
    private val cipher = Cipher.getInstance("AES/CBC/PKCS5Padding")
    private val json = ObjectMapper()

    init {
        connection.createStatement().use {
            it.execute(
                """
                CREATE TABLE events (transaction_id BIGINT PRIMARY KEY, body TEXT NOT NULL);
                CREATE TABLE recharges (id BIGINT PRIMARY KEY, card_id BIGINT NOT NULL, status TEXT, transaction_id BIGINT);
                CREATE INDEX recharges_open ON recharges (card_id) WHERE status IS NULL
                """,
            )
        }
    }

    private val insertRecharge = connection.prepareStatement("INSERT INTO recharges (id, card_id) VALUES (?, ?)")
    private val insertEvent =
        connection.prepareStatement("INSERT INTO events (transaction_id, body) VALUES (?, ?) ON CONFLICT DO NOTHING")
    private val update = connection.prepareStatement(
        "UPDATE recharges SET status = 'SUCCESS', transaction_id = ? WHERE card_id = ? AND status IS NULL",
    )

    override fun send(card: Long) {
        insertRecharge.setLong(1, card)
        insertRecharge.setLong(2, card)
        insertRecharge.executeUpdate()
    }

    override fun receive(body: ByteArray) {
        val envelope = json.readTree(body)
        val payload = envelope["encrypted_payload"].textValue()
        val told = mac.doFinal(payload.toByteArray()).joinToString("") { "%02x".format(it) }
        check(MessageDigest.isEqual(told.toByteArray(), envelope["hmac"].textValue().toByteArray()))
        val bytes = Base64.getDecoder().decode(payload)
        cipher.init(Cipher.DECRYPT_MODE, key, IvParameterSpec(bytes, 0, 16))
        val data = json.readTree(cipher.doFinal(bytes, 16, bytes.size - 16))
        connection.autoCommit = false
        insertEvent.setLong(1, data["transaction_id"].longValue())
        insertEvent.setString(2, String(body))
        insertEvent.executeUpdate()
        update.setLong(1, data["transaction_id"].longValue())
        update.setLong(2, data["card_id"].longValue())
        check(update.executeUpdate() == 1) { "nothing was settled" }
        connection.commit()
        connection.autoCommit = true
    }
}

private fun median(numbers: List<Double>): Double = numbers.sorted()[numbers.size / 2]

fun main(arguments: Array<String>) {
    val quick = "--quick" in arguments
    val merchant = Merchant(
        MerchantOptions(
            merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
            baseUrl = URI("https://api.example"),
            secretKey = Redacted(SECRET),
            codec = KeyCodec.UTF8,
        ),
    )
    val sides = listOf(Ours(merchant), ByHand())
    val times = sides.map { mutableListOf<Double>() }
    // The virtual machine compiles what is used often.
    val warm = if (quick) 100 else 1000
    val rounds = if (quick) 45 else 369
    for (round in 1L..warm + rounds) {
        for ((at, side) in sides.withIndex()) {
            side.send(round)
            val data = """{"card_id":$round,"transaction_id":$round,"receive_amount":100.0,"status":"SUCCESS",""" +
                """"currency":"USD","occur_time":${System.currentTimeMillis()}}"""
            val body = merchant.testWebhook("CARD_RECHARGE_RESULT", Redacted(data))
            val started = System.nanoTime()
            side.receive(body)
            if (round > warm) times[at] += (System.nanoTime() - started) / 1e6
        }
    }
    val ratios = times[0].zip(times[1]) { ours, theirs -> ours / theirs }
    val blocks = ratios.chunked((rounds + BLOCKS - 1) / BLOCKS).map(::median)
    println("### JVM ${Runtime.version().feature()}\n")
    println("| | ours | by hand | ours takes (least-most) |\n|---|---|---|---|")
    println(
        "| an event | %.2f ms | %.2f ms | %.2f (%.2f-%.2f) |".format(
            median(times[0]), median(times[1]), median(ratios), blocks.min(), blocks.max(),
        ),
    )
    // HikariCP's threads would wait for more.
    System.exit(0)
}
