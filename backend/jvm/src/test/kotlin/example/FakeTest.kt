package example

import java.math.BigDecimal
import java.net.URI
import java.time.Duration
import java.time.Instant
import java.util.UUID
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.sqlite.SQLiteDataSource
import space.bananatech.AnyOperation
import space.bananatech.Assumptions
import space.bananatech.CardBalance
import space.bananatech.CardId
import space.bananatech.CardRechargeResult
import space.bananatech.CardTemplate
import space.bananatech.Event
import space.bananatech.Fee
import space.bananatech.GetBalance
import space.bananatech.HttpAnswer
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.Notice
import space.bananatech.OperationStatus
import space.bananatech.Plan
import space.bananatech.Recharge
import space.bananatech.Redacted
import space.bananatech.Sent
import space.bananatech.SentState
import space.bananatech.TemplateId
import space.bananatech.TransactionId
import space.bananatech.UserId
import space.bananatech.backend.Backend
import space.bananatech.backend.CardBackend
import space.bananatech.backend.Sender
import space.bananatech.backend.Sqlite
import space.bananatech.exclusiveSince
import space.bananatech.tracked

/** What docs/testing.md says of code that uses a backend. */
class FakeTest {
    // #region service
    class CardService(private val backend: CardBackend) {
        suspend fun load(user: UserId, card: CardId, amount: BigDecimal, order: String): SentState =
            backend.send(Recharge(user, card, amount), order).state

        suspend fun balance(user: UserId, card: CardId): BigDecimal = backend.ask(GetBalance(user, card)).balance
    }
    // #endregion service

    // #region fake
    class FakeBackend : CardBackend {
        val sent = mutableMapOf<String, AnyOperation>()

        // What is sent by its type comes here, as a plan that was checked.
        override suspend fun send(plan: Plan, reference: String): Sent {
            sent[reference] = plan.operation
            val operation = tracked(plan.operation, UUID.randomUUID(), Instant.now(), reference = reference)
            return Sent(checkNotNull(operation), SentState.Waits)
        }

        override suspend fun ask(operation: GetBalance) = CardBalance(BigDecimal("100.00"))
    }
    // #endregion fake

    private val user = UserId(12345)
    private val card = CardId(200001)

    @Test
    fun aFakeStandsInTheBackendsPlace() = runBlocking {
        val backend = FakeBackend()
        val service = CardService(backend)
        assertEquals(SentState.Waits, service.load(user, card, BigDecimal("5.00"), "order 7"))
        assertEquals(mapOf("order 7" to AnyOperation.Recharge(Recharge(user, card, BigDecimal("5.00")))), backend.sent)
        assertEquals(BigDecimal("100.00"), service.balance(user, card))
        val byTemplate = backend.send(Recharge(user, card, BigDecimal("5.00")), "order 8", CardTemplate(TemplateId(1)), Fee.FLAT)
        assertEquals("order 8", byTemplate.operation.reference)
        val lacking = assertThrows<UnsupportedOperationException> { backend.card(card) }
        assertEquals("card", lacking.message)
    }

    @Test
    fun aRealOneInMemoryDoesToo() = runBlocking {
        // #region memory
        val merchant = Merchant(MerchantOptions(MERCHANT_ID, URI("https://api.example"), Redacted("only-for-trying-it-out: 32 bytes")))
        val store = Sqlite(SQLiteDataSource().apply { url = "jdbc:sqlite::memory:" })
        val sender = Sender { HttpAnswer(200, merchant.testAnswer(Redacted("""{"message": "request sent"}"""))) }
        val backend = Backend(merchant, Assumptions.exclusiveSince(Instant.now() - Duration.ofDays(1)), store, sender)

        CardService(backend).load(user, card, BigDecimal("5.00"), "order 7")

        val event = CardRechargeResult(
            card, TransactionId(1), BigDecimal("5.00"), OperationStatus.Success, "USD", occurTime = Instant.now(),
        )
        backend.receive(merchant.testEvent(Event.CardRechargeResult(event)))
        val notices = mutableListOf<Notice>()
        backend.deliver { notices += it }
        assertEquals(listOf("order 7"), notices.map { (it as Notice.Settled).operation.reference })
        // #endregion memory
    }

    private companion object {
        const val MERCHANT_ID = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10"
    }
}
