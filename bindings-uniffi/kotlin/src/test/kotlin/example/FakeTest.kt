package example

import java.math.BigDecimal
import java.net.URI
import java.net.http.HttpClient
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Test
import space.bananatech.Call
import space.bananatech.CardId
import space.bananatech.GetBalance
import space.bananatech.GetTransactions
import space.bananatech.HttpAnswer
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.Redacted
import space.bananatech.SealedRequest
import space.bananatech.Transaction
import space.bananatech.UserId
import space.bananatech.call
import space.bananatech.jdk.exchange
import space.bananatech.pages

/** What docs/testing.md says of code that sends calls of a merchant. */
class FakeTest {
    // #region service
    class CardService(private val merchant: Merchant, private val exchange: (SealedRequest) -> HttpAnswer) {
        fun balance(user: UserId, card: CardId): BigDecimal = send(merchant.call(GetBalance(user, card))).balance

        fun transactions(card: CardId): Sequence<Transaction> = merchant.pages(GetTransactions(cardId = card), ::send)

        private fun <R> send(call: Call<R>): R {
            call.sendOnce()
            val answer = exchange(call.request)
            return call.read(answer.status, answer.body)
        }
    }
    // #endregion service

    private val merchant = Merchant(
        MerchantOptions("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", URI("https://api.example"), Redacted("only-for-trying-it-out: 32 bytes")),
    )
    private val user = UserId(12345)
    private val card = CardId(200001)

    @Test
    fun aFakeAnswersWhatTheTestSays() {
        // #region fake
        val service = CardService(merchant) { HttpAnswer(200, merchant.testAnswer(Redacted("""{"balance": "100.00"}"""))) }
        assertEquals(BigDecimal("100.00"), service.balance(user, card))
        // #endregion fake
        val page = """{"data": [{"id": 1, "amount": "1"}, {"id": 2, "amount": "2"}], "total": 2}"""
        val listing = CardService(merchant) {
            assertEquals("/card/get_transactions", it.url.path)
            HttpAnswer(200, merchant.testAnswer(Redacted(page)))
        }
        assertEquals(listOf(1L, 2L), listing.transactions(card).map { it.id.value }.toList())
    }

    @Test
    fun aRealClientFits() {
        // #region real
        val client = HttpClient.newHttpClient()
        val service = CardService(merchant) { client.exchange(it) } // or an OkHttpClient
        // #endregion real
        assertNotNull(service)
    }
}
