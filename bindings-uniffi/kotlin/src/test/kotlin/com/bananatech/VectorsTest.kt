package com.bananatech

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** The cases that every language reads, as far as this surface reaches. */
class VectorsTest {
    @Test
    fun envelope() {
        eachCase("envelope") { case ->
            merchant(case.text("key_text"), codec(case.text("codec"))).use { merchant ->
                val iv = case.text("iv_hex").hexToByteArray()
                assertEquals(case.text("response_body"), merchant.testAnswer(case.text("plaintext"), iv))
            }
        }
    }

    @Test
    fun cardNumber() {
        eachCase("card_number") { case ->
            val check = { checkCardNumber(Redacted(case.text("text"))) }
            if (case.get("ok").booleanValue()) {
                val luhn = Luhn.valueOf(case.text("luhn").uppercase())
                val expected = CardNumberFacts(
                    luhn, case.text("masked"), case.text("last4"), case.text("bin6"), case.text("bin8"), case.text("brand"),
                )
                assertEquals(expected, check())
            } else {
                assertEquals(case.text("code"), assertThrows<BananaTechException> { check() }.code)
            }
        }
    }

    @Test
    fun pin() {
        eachCase("pin") { case ->
            val text = Redacted(case.text("text"))
            val check = { if (case.text("kind") == "activation") checkActivationPin(text) else checkPin(text) }
            if (case.get("ok").booleanValue()) {
                assertEquals(case.get("simple").booleanValue(), check().simple)
            } else {
                assertEquals(case.text("code"), assertThrows<BananaTechException> { check() }.code)
            }
        }
    }

    @Test
    fun events() {
        eachCase("events") { case ->
            merchant(case.text("key_text"), codec(case.text("codec"))).use { merchant ->
                val receive = { merchant.receive(case.text("body").toByteArray()) }
                if (case.get("ok").booleanValue()) {
                    val event = receive().event
                    assertEquals(case.get("event"), shown(event))
                    // It goes back as it came: what was kept is kept on the way in, too.
                    assertEquals(Settlement.Unrelated, pendingSettle(pendingNone(), event).settlement)
                } else {
                    assertEquals(case.text("code"), assertThrows<BananaTechException> { receive() }.code)
                }
            }
        }
    }

    @Test
    fun answersToRecharges() {
        eachCase("responses") { case ->
            if (case.text("operation") != "card.recharge") return@eachCase
            merchant(case.text("key_text"), codec(case.text("codec"))).use { merchant ->
                val recharge = Recharge(12345, 67890, "100.00".toBigDecimal())
                val status = case.get("status").intValue()
                val read = { merchant.readRecharge(recharge, status.toUShort(), case.text("body").toByteArray()) }
                when {
                    case.has("rejected") -> {
                        val error = assertThrows<BananaTechException.Rejected> { read() }
                        assertEquals(status.toUShort(), error.status)
                        assertEquals(case.get("rejected").get("message").textValue(), error.words?.expose())
                        assertEquals(case.get("sealed").booleanValue(), error.authenticated)
                    }
                    case.get("ok").booleanValue() -> {
                        val answer = read()
                        val shown = node("success" to answer.response.success, "message" to answer.response.message)
                        shown.set<JsonNode>("extra", shown(answer.response.extra))
                        assertEquals(case.get("response"), shown)
                        assertEquals(if (case.get("sealed").booleanValue()) "2026-11" else null, answer.sealedWith)
                    }
                    else -> assertThrows<BananaTechException> { read() }
                }
            }
        }
    }

    private val nodes = JsonNodeFactory.withExactBigDecimals(true)

    /** Absent fields are absent, as in the vectors. */
    private fun node(vararg fields: Pair<String, Any?>): ObjectNode {
        val node = nodes.objectNode()
        for ((name, value) in fields) {
            when (value) {
                null -> {}
                is Long -> node.set<JsonNode>(name, nodes.numberNode(value.toBigInteger()))
                is Timestamp -> node.set<JsonNode>(name, nodes.numberNode(value.toEpochMilli().toBigInteger()))
                is Amount -> node.put(name, value.toPlainString())
                is Redacted -> node.put(name, value.expose())
                is Boolean -> node.put(name, value)
                is OperationStatus -> node.put(name, when (value) {
                    OperationStatus.Success -> "SUCCESS"
                    OperationStatus.Failed -> "FAILED"
                    is OperationStatus.Other -> value.v1
                })
                is UserStatus -> node.put(name, when (value) {
                    UserStatus.Approved -> "APPROVED"
                    is UserStatus.Other -> value.v1
                })
                is CardStatus -> node.put(name, when (value) {
                    CardStatus.ToBeActivated -> "TBA"
                    CardStatus.Active -> "ACTIVE"
                    CardStatus.Locked -> "LOCKED"
                    CardStatus.Closed -> "CLOSED"
                    is CardStatus.Other -> value.v1
                })
                else -> node.put(name, value as String)
            }
        }
        return node
    }

    private fun shown(extra: Extra): JsonNode {
        val node = nodes.objectNode()
        for ((name, value) in extra) node.set<JsonNode>(name, json.readTree(value.expose()))
        return node
    }

    private fun raw(data: Json): JsonNode = nodes.objectNode().set("data", json.readTree(data.expose()))

    private fun shown(event: Event): JsonNode {
        val (fields, extra) = when (event) {
            is Event.UserCreateResult -> with(event.v1) {
                node("user_id" to userId, "status" to status, "message" to message) to extra
            }
            is Event.CardApplyResult -> with(event.v1) {
                node(
                    "template_id" to templateId, "user_id" to userId, "card_id" to cardId, "status" to status,
                    "occur_time" to occurTime,
                ) to extra
            }
            is Event.CardActivateResult -> with(event.v1) {
                node("card_id" to cardId, "card_number" to cardNumber, "status" to status, "occur_time" to occurTime) to extra
            }
            is Event.CardAssignResult -> with(event.v1) {
                node(
                    "card_id" to cardId, "user_id" to userId, "status" to status, "error_reason" to errorReason,
                    "occur_time" to occurTime,
                ) to extra
            }
            is Event.CardStatusChange -> with(event.v1) {
                node("card_id" to cardId, "status" to status, "card_status" to cardStatus, "occur_time" to occurTime) to extra
            }
            is Event.CardRechargeResult -> with(event.v1) {
                node(
                    "card_id" to cardId, "transaction_id" to transactionId, "receive_amount" to receiveAmount,
                    "status" to status, "currency" to currency, "template_id" to templateId, "user_id" to userId,
                    "description" to description, "occur_time" to occurTime,
                ) to extra
            }
            is Event.CardCloseResult -> with(event.v1) {
                node(
                    "card_id" to cardId, "transaction_id" to transactionId, "refund_amount" to refundAmount,
                    "status" to status, "occur_time" to occurTime,
                ) to extra
            }
            is Event.CardBalanceChange -> with(event.v1) {
                node(
                    "card_id" to cardId, "amount" to amount, "available" to available, "before_available" to beforeAvailable,
                    "currency" to currency, "occur_time" to occurTime,
                ) to extra
            }
            is Event.TransactionCreated -> return raw(event.v1)
            is Event.CardCorrection -> return raw(event.v1)
            is Event.Card3ds -> return raw(event.v1)
            is Event.CardVerification -> return raw(event.v1)
            is Event.Unknown -> return raw(event.v1.data)
        }
        fields.set<JsonNode>("extra", shown(extra))
        return fields
    }
}
