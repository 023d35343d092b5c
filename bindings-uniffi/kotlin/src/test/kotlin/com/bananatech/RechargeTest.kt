package com.bananatech

import java.time.Instant
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** One operation all the way: planned, sealed, answered, confirmed by a webhook; and its errors. */
class RechargeTest {
    private val recharge = Recharge(userId = 12345, cardId = 67890, amount = "100.00".toBigDecimal())
    private val sentAt = Instant.ofEpochMilli(1691249025000)
    private val deadline = sentAt.plusSeconds(600)

    private fun result(transaction: Int = 1, status: String = "SUCCESS") =
        """{"card_id":67890,"transaction_id":$transaction,"receive_amount":100.0,"status":"$status",""" +
            """"currency":"USD","occur_time":1691249025085}"""

    @Test
    fun aPlanNeedsNoKey() {
        val plan = planRecharge(recharge)
        assertEquals(
            """{"operation":"card.recharge","body":{"user_id":12345,"card_id":67890,"amount":"100.00"}}""",
            plan.expose(),
        )
        assertEquals("…", plan.toString())
    }

    @Test
    fun aRequestEqualsTheVector() {
        eachCase("envelope") { case ->
            if (case.text("name") != "request-card-recharge") return@eachCase
            merchant(case.text("key_text"), codec(case.text("codec"))).use { merchant ->
                val iv = case.text("iv_hex").hexToByteArray()
                val request = merchant.recharge(recharge.copy(amount = "100.0".toBigDecimal()), iv)
                assertEquals("POST", request.method)
                assertEquals("https://api.example/card/recharge", request.url)
                assertEquals(case.text("request_body"), request.body)
                val headers = request.headers.associate { it.name to it.value }
                assertEquals(case.text("hmac"), headers["X-HMAC"])
                assertEquals(setOf("Content-Type", "Merchant-ID", "X-HMAC"), headers.keys)
            }
        }
    }

    @Test
    fun aPlanIsSealedToTheSameRequest() = merchant().use { merchant ->
        val iv = ByteArray(16) { it.toByte() }
        assertEquals(merchant.recharge(recharge, iv), merchant.seal(planRecharge(recharge), iv))
    }

    @Test
    fun withoutAnIvRandomnessIsTaken() = merchant().use { merchant ->
        assertEquals(100, (1..100).map { merchant.recharge(recharge).body }.toSet().size)
    }

    @Test
    fun theWebhookSettlesWhatWasPending() = merchant().use { merchant ->
        val pending = pendingRecharge(recharge, sentAt, deadline, "order 7")!!
        val (added, id) = pendingAdd(pendingNone(), pending)
        val answer = merchant.readRecharge(recharge, 200u, merchant.testAnswer("""{"message":"ok"}""").toByteArray())
        assertEquals("ok", answer.response.message)
        assertEquals("2026-11", answer.sealedWith)
        val acknowledged = pendingAcknowledgeRecharge(added, id, answer.response).operations
        assertTrue(pendingList(acknowledged).single().pending.acknowledged)

        // After a restart:
        val stored = Redacted(acknowledged.expose())
        val delivery = merchant.receive(merchant.testWebhook("CARD_RECHARGE_RESULT", result()).toByteArray())
        val event = (delivery.event as Event.CardRechargeResult).v1
        assertEquals("100.0".toBigDecimal(), event.receiveAmount)
        val (operations, settlement) = pendingSettle(stored, delivery.event)
        val settled = (settlement as Settlement.Settled).operations.single()
        assertEquals(id, settled.id)
        assertEquals("order 7", settled.pending.reference)
        assertEquals(Outcome.Succeeded(67890), settled.outcome)
        assertEquals(Settlement.Duplicate, pendingSettle(operations, delivery.event).settlement)
        assertEquals(emptyList<PendingEntry>(), pendingList(operations))
    }

    @Test
    fun twoRechargesOfOneCardStayApart() = merchant().use { merchant ->
        var operations = pendingNone()
        val ids = (1..2).map {
            val added = pendingAdd(operations, pendingRecharge(recharge, sentAt, deadline)!!)
            operations = added.operations
            added.id
        }
        val event = { transaction: Int ->
            merchant.receive(merchant.testWebhook("CARD_RECHARGE_RESULT", result(transaction)).toByteArray()).event
        }
        val first = pendingSettle(operations, event(1))
        assertEquals(Settlement.Ambiguous(ids), first.settlement)
        val second = pendingSettle(first.operations, event(2)).settlement
        assertEquals(2, (second as Settlement.Settled).operations.size)
    }

    @Test
    fun errorsNameCodeAndFieldAndNotTheValue() {
        val zero = assertThrows<BananaTechException.InvalidInput> { planRecharge(recharge.copy(amount = "0.00".toBigDecimal())) }
        assertEquals("amount.not_positive" to "amount", zero.code to zero.field)
        // Found while the arguments cross, and still this function's own error:
        val id = assertThrows<BananaTechException.InvalidInput> { planRecharge(recharge.copy(cardId = -1)) }
        assertEquals("id.range" to "card_id", id.code to id.field)
        val amount = assertThrows<BananaTechException.InvalidInput> { planRecharge(recharge.copy(amount = "1e40".toBigDecimal())) }
        assertEquals("amount.range", amount.code)

        val canary = "canary-4111111111111111"
        for (run in listOf<() -> Unit>(
            { checkCardNumber(Redacted(canary)) },
            { checkPin(Redacted(canary)) },
            { merchant(canary) },
            { merchant(canary, KeyCodec.HEX) },
            { Merchant(canary, "https://api.example", "k", Redacted("k".repeat(32)), KeyCodec.UTF8) },
            { Merchant("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", canary, "k", Redacted("k".repeat(32)), KeyCodec.UTF8) },
            { merchant().use { it.seal(Redacted(canary)) } },
            { pendingList(Redacted(canary)) },
        )) {
            val error = assertThrows<BananaTechException.InvalidInput> { run() }
            assertFalse(error.stackTraceToString().contains(canary))
        }
    }

    @Test
    fun aRejectionDoesntShowItsWords() = merchant().use { merchant ->
        val body = """{"message":"the words of card 4111111111111111"}"""
        val error = assertThrows<BananaTechException.Rejected> { merchant.readRecharge(recharge, 400u, body.toByteArray()) }
        assertEquals(RejectionMeaning.REFUSED, error.meaning)
        assertEquals("the words of card 4111111111111111", error.words?.expose())
        assertEquals(body, error.body.expose())
        assertFalse(error.stackTraceToString().contains("4111"))
    }

    @Test
    fun whatCantBeOpenedOrIsNoBodyIsTold() = merchant().use { merchant ->
        val body = merchant.testWebhook("CARD_3DS", """{"code":"123456"}""")
        val event = merchant.receive(body.toByteArray()).event
        assertFalse(event.toString().contains("123456"))
        merchant("another key, also of 32 letters!").use { other ->
            assertThrows<BananaTechException.NotAuthentic> { other.receive(body.toByteArray()) }
        }
        val raw = assertThrows<BananaTechException.Unexpected> { merchant.receive("{}".toByteArray()) }
        assertEquals("webhook.raw_body", raw.code)
        assertThrows<BananaTechException.Unexpected> { merchant.receive(byteArrayOf(-1, -2)) }
        assertNull(merchant.readRecharge(recharge, 200u, "{}".toByteArray()).sealedWith)
    }

    @Test
    fun anActivatedCardsNumberIsNotShown() = merchant().use { merchant ->
        val data = """{"card_id":1,"card_number":"4111111111111111","status":"SUCCESS","occur_time":1}"""
        val event = merchant.receive(merchant.testWebhook("CARD_ACTIVATE_RESULT", data).toByteArray()).event
        assertFalse(event.toString().contains("4111"))
        assertEquals("4111111111111111", (event as Event.CardActivateResult).v1.cardNumber?.expose())
    }
}
