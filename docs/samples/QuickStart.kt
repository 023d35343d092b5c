import java.net.URI
import java.time.Instant
import space.bananatech.*

fun main() {
    val merchant = Merchant(
        MerchantOptions(
            merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
            baseUrl = URI("https://api.example"),
            secretKey = Redacted("only-for-trying-it-out: 32 bytes"),
        )
    )
    val call = merchant.call(Recharge(UserId(12345), CardId(200001), "100.00".toBigDecimal()))

    // Since then only this system acts for your users and cards. If others act too, use Assumptions.shared().
    val tracker = Tracker(Assumptions.exclusiveSince(Instant.parse("2026-01-01T00:00:00Z")))
    val operation = call.tracked(sentAt = Instant.now())
    tracker.store(operation)
    // Store tracker.toJson() here. Then send call.request once, with any HTTP client, such as
    // HttpClient.newHttpClient().execute(call) from space.bananatech.jdk.
    val answer = call.answer(200, merchant.testAnswer(Redacted("""{"message": "request sent"}""")))
    tracker.acknowledge(operation.id, answer.any)

    val event = """
        {"card_id": 200001, "transaction_id": 1, "receive_amount": 100, "currency": "USD", "status": "SUCCESS",
         "occur_time": ${System.currentTimeMillis()}}
    """
    val delivery = merchant.receive(merchant.testWebhook("CARD_RECHARGE_RESULT", Redacted(event)))
    println(tracker.receive(delivery).verdict == Verdict.Settled) // true
}
