package benchmark

import com.fasterxml.jackson.databind.json.JsonMapper
import java.math.BigDecimal
import java.net.URI
import java.security.MessageDigest
import java.util.Base64
import javax.crypto.Cipher
import javax.crypto.Mac
import javax.crypto.spec.IvParameterSpec
import javax.crypto.spec.SecretKeySpec
import space.bananatech.*

// Kotlin beside an echo of the same shape, and beside javax.crypto: in turns, after a warm-up. Prints rows of a table.

private const val MERCHANT = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10"
private const val KEY = "an example key of 32 characters!"
private const val BASE = "https://api.example"

private val operation = GetTransactions(userId = UserId(12345), cardId = CardId(67890), search = Redacted("s".repeat(155)))
private val iv = "0123456789abcdef".toByteArray()
private val webhookData = """{"card_id":67890,"transaction_id":4711,"receive_amount":100.0,"status":"SUCCESS",""" +
    """"currency":"USD","template_id":123,"user_id":12345,"description":"Recharge of the card now","occur_time":1691249025085}"""

/** The same work with what the platform has. */
private class Platform {
    private val key = SecretKeySpec(KEY.toByteArray(), "AES")
    private val mac = Mac.getInstance("HmacSHA256").apply { init(SecretKeySpec(KEY.toByteArray(), "HmacSHA256")) }
    private val cipher = Cipher.getInstance("AES/CBC/PKCS5Padding")
    private val mapper = JsonMapper()

    private fun hex(bytes: ByteArray): String {
        val out = StringBuilder(bytes.size * 2)
        for (byte in bytes) out.append(DIGITS[byte.toInt() shr 4 and 15]).append(DIGITS[byte.toInt() and 15])
        return out.toString()
    }

    fun seal(operation: GetTransactions): SealedRequest {
        val text = """{"user_id":${operation.userId},"card_id":${operation.cardId},"search":"${operation.search?.expose()}"}"""
        cipher.init(Cipher.ENCRYPT_MODE, key, IvParameterSpec(iv))
        val sealed = cipher.doFinal(text.toByteArray())
        val payload = Base64.getEncoder().encodeToString(iv + sealed)
        return SealedRequest(
            "POST",
            URI("$BASE/card/get_transactions"),
            listOf(
                Header("Content-Type", Redacted("application/json")),
                Header("Merchant-ID", Redacted(MERCHANT)),
                Header("X-HMAC", Redacted(hex(mac.doFinal(payload.toByteArray())))),
            ),
            """{"encrypted_payload":"$payload"}""",
        )
    }

    fun receive(body: ByteArray): CardRechargeResult {
        val envelope = mapper.readTree(body)
        val payload = envelope.get("encrypted_payload").textValue()
        val told = envelope.get("hmac").textValue()
        check(MessageDigest.isEqual(hex(mac.doFinal(payload.toByteArray())).toByteArray(), told.toByteArray()))
        val bytes = Base64.getDecoder().decode(payload)
        cipher.init(Cipher.DECRYPT_MODE, key, IvParameterSpec(bytes, 0, 16))
        val data = mapper.readTree(cipher.doFinal(bytes, 16, bytes.size - 16))
        return CardRechargeResult(
            cardId = CardId(data.get("card_id").longValue()),
            transactionId = TransactionId(data.get("transaction_id").longValue()),
            receiveAmount = BigDecimal(data.get("receive_amount").asText()),
            status = if (data.get("status").textValue() == "SUCCESS") OperationStatus.Success else OperationStatus.Failed,
            currency = data.get("currency").textValue(),
            templateId = TemplateId(data.get("template_id").longValue()),
            userId = UserId(data.get("user_id").longValue()),
            description = Redacted(data.get("description").textValue()),
            occurTime = java.time.Instant.ofEpochMilli(data.get("occur_time").longValue()),
        )
    }

    private companion object {
        const val DIGITS = "0123456789abcdef"
    }
}

private var sink: Any? = null

private fun nanos(count: Int, work: () -> Any?): Double {
    val started = System.nanoTime()
    repeat(count) { sink = work() }
    return (System.nanoTime() - started).toDouble() / count
}

private fun median(values: List<Double>): Double = values.sorted()[values.size / 2]

/** The core's nanoseconds from Rust, and the sides' as measured here: medians of as many rounds, and ratios to the first. */
private fun row(name: String, quick: Boolean, core: (Int) -> Long, sides: List<() -> Any?>) {
    val (count, rounds) = if (quick) 500 to 9 else 2000 to 61
    repeat(if (quick) 5 else 20) { for (side in sides) nanos(count, side) }
    val times = List(sides.size) { mutableListOf<Double>() }
    val cores = mutableListOf<Double>()
    repeat(rounds) {
        for ((at, side) in sides.withIndex()) times[at] += nanos(count, side)
        cores += core(count).toDouble() / count
    }
    val ours = times[0]
    val told = sides.indices.drop(1).map { at -> times[at] to median(times[at].zip(ours) { theirs, our -> theirs / our }) }
    val micros = { nanos: Double -> "%.2f µs".format(java.util.Locale.ROOT, nanos / 1000) }
    val ratio = { value: Double -> "%.2f".format(java.util.Locale.ROOT, value) }
    val (echo, echoRatio) = told[0]
    val (platform, platformRatio) = told[1]
    println(
        "| $name | ${micros(median(ours))} | ${micros(median(echo))} | ${ratio(1 / echoRatio)} | " +
            "${micros(median(platform))} | ${ratio(platformRatio)} | ${micros(median(cores))} |",
    )
}

internal fun main(arguments: Array<String>) {
    val quick = "--quick" in arguments
    val platform = Platform()
    Merchant(MerchantOptions(MERCHANT, URI(BASE), Redacted(KEY))).use { merchant ->
        val any = AnyOperation.GetTransactions(operation)
        val webhook = merchant.testWebhook("CARD_RECHARGE_RESULT", Redacted(webhookData), iv)
        check(merchant.seal(any, iv) == platform.seal(operation)) { "requests differ" }
        check((merchant.receive(webhook).event as Event.CardRechargeResult).data == platform.receive(webhook)) { "events differ" }
        println("| | ours | echo | ours / echo | javax.crypto | ratio | the core, from Rust |")
        println("|---|---|---|---|---|---|---|")
        row(
            "seal 200 B", quick, { merchant.testingSealNanos(any, it) },
            listOf({ merchant.seal(any, iv) }, { merchant.testingEchoRequest(any, iv) }, { platform.seal(operation) }),
        )
        row(
            "webhook 200 B", quick, { merchant.testingReceiveNanos(webhook, it) },
            listOf({ merchant.receive(webhook) }, { merchant.testingEchoDelivery(webhook) }, { platform.receive(webhook) }),
        )
    }
    println("\nJava ${System.getProperty("java.version")}, JNA ${com.sun.jna.Native.VERSION}.")
}
