package space.bananatech

import java.math.BigDecimal
import java.security.MessageDigest
import java.time.Instant
import java.util.UUID
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** What became of operations: stored before they are sent, and settled by events, answers, and asking. */
class TrackingTest {
    private fun tracking(test: (Merchant, Tracker) -> Unit) = merchant().use { merchant ->
        Tracker(Assumptions.exclusiveSince(LONG_BEFORE)).use { tracker -> test(merchant, tracker) }
    }

    private fun Merchant.delivery(type: String, data: String) = receive(testWebhook(type, Redacted(data)))

    private fun Merchant.recharged(transaction: Int = 1, status: String = "SUCCESS") =
        delivery("CARD_RECHARGE_RESULT", rechargeResult(transaction, status))

    /** Stores a recharge; its id. */
    private fun Tracker.recharge(merchant: Merchant, change: (TrackedOperation) -> TrackedOperation = { it }): UUID {
        val operation = change(merchant.call(RECHARGE).tracked(SENT_AT, askAt = DEADLINE))
        assertEquals(Verdict.Noted, store(operation).verdict)
        return operation.id
    }

    private fun transactions(vararg lines: String) = readResponse(
        OperationKind.GET_TRANSACTIONS, Redacted("""{"data":[${lines.joinToString()}],"total":${lines.size}}"""),
    )

    private fun line(transaction: Int, status: String = "SUCCESS") =
        """{"id":$transaction,"card_id":67890,"amount":100,"type":"RECHARGE","status":"$status",""" +
            """"created_at":"2023-08-05T15:23:45Z"}"""

    @Test
    fun everythingThatAnEventConfirmsIsTracked() = merchant().use { merchant ->
        val calls = SAMPLES.map { it.call(merchant, null) }
        val confirmed = calls.filterIsInstance<ConfirmedCall<*>>().onEach { it.tracked(SENT_AT) }.map { it.operation.kind }
        val expected = listOf(
            OperationKind.REGISTER, OperationKind.APPLY, OperationKind.RECHARGE, OperationKind.UPDATE_STATUS,
            OperationKind.ASSIGN,
        )
        assertEquals(expected, confirmed)
        val any = calls.filter { merchant.call(it.operation).tracked(SENT_AT) != null }.map { it.operation.kind }
        assertEquals(expected, any)
        val id = UUID.randomUUID()
        val recharge = merchant.call(RECHARGE).tracked(SENT_AT, id, reference = "order 7")
        assertEquals(
            TrackedOperation(
                id, TrackedKind.RECHARGE, userId = UserId(12345), cardId = CardId(67890), amount = BigDecimal("100.00"), sentAt = SENT_AT,
                askAt = SENT_AT.plusSeconds(600), reference = "order 7",
            ),
            recharge,
        )
        val ids = List(100) { merchant.call(RECHARGE).tracked(SENT_AT).id }
        assertEquals(100, ids.toSet().size)
        assertTrue(ids.all { it.version() == 4 })
        val assigned = tracked(SAMPLES.single { it.operation.kind == OperationKind.ASSIGN }.operation, id, SENT_AT)
        assertEquals("1111", assigned?.lastFour)

        val template = CardTemplate(TemplateId(1), rechargeFee = BigDecimal("1.5"))
        assertEquals(BigDecimal("98.50"), withTemplate(recharge, template, Fee.PERCENT).least)
        assertNull(withTemplate(recharge, CardTemplate(TemplateId(1)), Fee.FLAT).least)
        refused(ErrorCode.FIELD_TYPE, "recharge_fee") {
            withTemplate(recharge, CardTemplate(TemplateId(1), rechargeFee = BigDecimal("-1")), Fee.FLAT)
        }
    }

    @Test
    fun assumptionsAreSaid() {
        assertEquals(Assumptions(SENT_AT, clockToleranceMs = 300_000, trustType = false), Assumptions.exclusiveSince(SENT_AT))
        val shared = Assumptions.shared()
        assertNull(shared.exclusiveSince)
        val day = shared.copy(finalAfterMs = 86_400_000)
        Tracker(day).use { tracker ->
            assertEquals(day, tracker.assumptions())
            Tracker.fromJson(tracker.toJson()).use { assertEquals(day, it.assumptions()) }
        }
    }

    @Test
    fun theWebhookSettlesWhatWasSentOnceAndAfterARestart() = tracking { merchant, tracker ->
        val call = merchant.call(RECHARGE)
        val operation = call.tracked(SENT_AT, reference = "order 7")
        assertEquals(Report(Verdict.Noted, listOf(), listOf(), listOf(), listOf(), listOf(), listOf()), tracker.store(operation))
        refused(ErrorCode.TRACKING_KNOWN, "id") { tracker.store(operation) }
        val taken = call.answer(200, """{"message":"ok"}""".toByteArray())
        tracker.acknowledge(operation.id, taken.any)
        assertEquals(operation.copy(seq = 1, acknowledged = true), tracker.operation(operation.id))
        val nobody = UUID.randomUUID()
        assertNull(tracker.operation(nobody))
        refused(ErrorCode.TRACKING_UNKNOWN, "id") { tracker.acknowledge(nobody, taken.any) }

        Tracker.fromJson(tracker.toJson()).use { restarted ->
            assertEquals(tracker.operations(), restarted.operations())
            val report = restarted.receive(merchant.recharged())
            assertEquals(Verdict.Settled, report.verdict)
            val (settled, outcome) = report.settled.single()
            assertEquals("order 7" to operation.id, settled.reference to settled.id)
            assertEquals(Outcome.Succeeded(CardId(67890)), outcome)
            assertEquals(outcome, restarted.operation(operation.id)?.outcome)
            assertEquals(TransactionId(1) to BigDecimal("100.0"), settled.transactionId to settled.receiveAmount)
            // Sealed anew, with another key, with its fields in another order: it is the same event.
            assertEquals(Verdict.Repeated, restarted.receive(merchant.recharged()).verdict)
            merchant("another-key-of-sixteen-or-32-byt").use {
                assertEquals(Verdict.Repeated, restarted.receive(it.recharged()).verdict)
            }
            Tracker.fromJson(restarted.toJson()).use {
                assertEquals(Verdict.Repeated, it.receive(merchant.recharged()).verdict)
            }
        }
    }

    /** The key is made of what was signed, and not of what was read of it. */
    @Test
    fun anEventHasTheSameKeyInEveryLanguage() = tracking { merchant, tracker ->
        val data = """{"z":1.10, "card_id" :"7","odd":"\u0041", "n":12345678901234567890.10}"""
        val delivery = merchant.delivery("CARD_STATUS_CHANGE", data)
        tracker.receive(delivery)
        val canonical = """{"card_id":"7","n":12345678901234567890.1,"odd":"A","z":1.1}"""
        val hash = MessageDigest.getInstance("SHA-256").digest(canonical.toByteArray()).joinToString("") { "%02x".format(it) }
        assertEquals(hash, delivery.fingerprint)
        assertEquals(hash, mapper.readTree(tracker.toJson()).at("/events/0/key").textValue())
    }

    @Test
    fun whatIsUncertainStaysOpen() = tracking { merchant, tracker ->
        val ids = List(2) { tracker.recharge(merchant) }
        val open = tracker.receive(merchant.recharged(1))
        assertEquals(Verdict.Open, open.verdict)
        assertEquals(ids.toSet(), open.candidates.toSet())
        assertEquals(listOf("tx:1"), open.things)
        // Says nothing about an end.
        assertEquals(Verdict.Noted, tracker.receive(merchant.recharged(3, "ODD")).verdict)
        val both = tracker.receive(merchant.recharged(2))
        assertEquals(ids, both.settled.map { it.operation.id })
        assertTrue(both.settled.all { it.outcome == Outcome.Succeeded(CardId(67890)) })
        assertEquals(Verdict.Noted, tracker.take(merchant.event("CARD_3DS", "{}")).verdict)
    }

    @Test
    fun aFailureSettlesToo() = tracking { merchant, tracker ->
        val id = tracker.recharge(merchant)
        val report = tracker.take(merchant.recharged(1, "FAILED").event)
        assertEquals(listOf(Outcome.Failed(null)), report.settled.map { it.outcome })
        assertEquals(Outcome.Failed(null), tracker.operation(id)?.outcome)
    }

    @Test
    fun aSureRejectionSettlesAndAnyOtherDoesnt() = tracking { merchant, tracker ->
        val id = tracker.recharge(merchant)
        val gateway = assertThrows<BananaTechException.NotKnown> { merchant.call(RECHARGE).read(502, ByteArray(0)) }.answer
        assertEquals(RejectionMeaning.NOT_KNOWN, gateway.meaning)
        assertEquals(Verdict.Open, tracker.reject(id, gateway).verdict)
        assertNull(tracker.operation(id)?.outcome)
        val answer = """{"message":"The card is not ACTIVE"}""".toByteArray()
        val rejection = assertThrows<BananaTechException.Rejected> { merchant.call(RECHARGE).read(400, answer) }.rejection
        val refused = tracker.reject(id, rejection)
        assertEquals(Verdict.Settled, refused.verdict)
        assertEquals("The card is not ACTIVE", (refused.settled.single().outcome as Outcome.Failed).reason?.expose())
        // The words may be personal: they aren't stored.
        assertEquals(Outcome.Failed(null), tracker.operation(id)?.outcome)
        refused(ErrorCode.TRACKING_UNKNOWN, "id") { tracker.reject(UUID.randomUUID(), gateway) }
    }

    @Test
    fun whatIsOverdueIsAskedFor() = tracking { merchant, tracker ->
        val id = tracker.recharge(merchant)
        assertEquals(emptyList<Inquiry>(), tracker.overdue(DEADLINE.minusMillis(1)))
        val inquiry = tracker.overdue(DEADLINE).single()
        assertEquals(id, inquiry.operationId)
        // It was asked for; it is asked for again later.
        assertEquals(emptyList<Inquiry>(), tracker.overdue(DEADLINE))
        assertEquals(1, tracker.overdue(DEADLINE.plusSeconds(90_000)).size)
        val request = inquiry.nextRequest() as AnyOperation.GetTransactions
        assertEquals(CardId(67890), request.operation.cardId)
        assertEquals("POST", merchant.call(request).request.method)
        val mismatch = thrown { inquiry.accept(AnyResponse.Recharge(Acknowledgement()), DEADLINE) }
        assertEquals(ErrorCode.PAGE_MISMATCH, mismatch.code)

        val answered = inquiry.accept(transactions(line(7)), DEADLINE)
        assertNull(answered.nextRequest())
        // The old value is as it was.
        assertNotEquals(inquiry, answered)
        assertFalse("67890" in answered.toString())
        val report = tracker.learn(answered)
        assertEquals(Verdict.Settled, report.verdict)
        assertEquals(listOf(id), report.settled.map { it.operation.id })
        assertEquals(emptyList<Inquiry>(), tracker.overdue(Instant.MAX))
        // Its late event is its own, and not that of a later recharge of the card.
        val later = tracker.recharge(merchant)
        assertEquals(Verdict.AlreadyEnded, tracker.receive(merchant.recharged(7)).verdict)
        assertEquals(listOf(later), tracker.receive(merchant.recharged(8)).settled.map { it.operation.id })
    }

    @Test
    fun aListThatDoesntShowItProvesNothing() = tracking { merchant, tracker ->
        val id = tracker.recharge(merchant)
        val inquiry = tracker.overdue(DEADLINE).single().accept(transactions(), DEADLINE)
        assertEquals(emptyList<Settled>(), tracker.learn(inquiry).settled)
        assertNull(tracker.operation(id)?.outcome)
    }

    @Test
    fun aRegistrationIsAskedForByItsAddress() = tracking { merchant, tracker ->
        val register = SAMPLES.single { it.operation.kind == OperationKind.REGISTER }
        tracker.store((register.call(merchant, null) as ConfirmedCall).tracked(SENT_AT))
        val inquiry = tracker.overdue(DEADLINE).single().withEmail(Redacted("ada@example.com"))
        assertFalse("ada@" in tracker.toJson())
        val list = (inquiry.nextRequest() as AnyOperation.GetUsers).operation
        assertEquals("ada@example.com", list.search?.expose())
        val users = JsonPage(listOf(Redacted("""{"id":12345,"email":"ada@example.com","status":"APPROVED"}""")), 1)
        val answered = inquiry.accept(AnyResponse.GetUsers(users), DEADLINE)
        assertEquals(Verdict.Settled, tracker.learn(answered).verdict)
    }

    @Test
    fun aPersonSaysWhatWasFoundOut() = tracking { merchant, tracker ->
        val (first, second, third) = List(3) { tracker.recharge(merchant) }
        val succeeded = Outcome.Succeeded(CardId(67890))
        assertEquals(Verdict.Settled, tracker.find(first, succeeded, DEADLINE, TransactionId(1)).verdict)
        assertEquals(Verdict.AlreadyEnded, tracker.find(first, Outcome.Failed(null), DEADLINE).verdict)
        refused(ErrorCode.TRACKING_OWNED, "transaction_id") { tracker.find(second, succeeded, DEADLINE, TransactionId(1)) }
        refused(ErrorCode.TRACKING_UNKNOWN, "id") { tracker.find(UUID.randomUUID(), succeeded, DEADLINE) }
        assertEquals(listOf(second), tracker.withdraw(second).settled.map { it.operation.id })
        refused(ErrorCode.TRACKING_UNKNOWN, "id") { tracker.withdraw(UUID.randomUUID()) }
        // The one that is left.
        assertEquals(listOf(third), tracker.receive(merchant.recharged(2)).settled.map { it.operation.id })
    }

    @Test
    fun strangersAreSaidAloudAndNamed() = tracking { merchant, tracker ->
        val id = tracker.recharge(merchant) { it.copy(sentAt = SENT_AT.plusMillis(20)) }
        val more = merchant.delivery("CARD_RECHARGE_RESULT", rechargeResult().replace("100.0", "5000"))
        val report = tracker.receive(more)
        assertEquals(Verdict.ForeignActivity, report.verdict)
        assertEquals(listOf("card:67890:money"), report.foreignActivity)
        assertEquals(listOf("tx:1"), report.things)
        assertEquals(emptyList<Settled>(), tracker.receive(merchant.recharged(2)).settled)
        assertEquals(listOf(id), tracker.nameForeign("tx:1").settled.map { it.operation.id })
        refused(ErrorCode.TRACKING_UNKNOWN, "thing") { tracker.nameForeign("tx:9") }
        refused(ErrorCode.TRACKING_REFUTED, "thing") { tracker.nameForeign("tx:2") }
        refused(ErrorCode.FIELD_TYPE, "thing") { tracker.nameForeign("order 7") }
    }

    @Test
    fun clocksThatDifferAreTold() = merchant().use { merchant ->
        Tracker(Assumptions.exclusiveSince(Instant.EPOCH)).use { tracker ->
            tracker.recharge(merchant) { it.copy(sentAt = Instant.ofEpochMilli(1691249025085).plusSeconds(600)) }
            assertEquals(Verdict.ClocksDiffer(600_000), tracker.receive(merchant.recharged()).verdict)
        }
    }

    @Test
    fun whatEndedIsForgotten() = tracking { merchant, tracker ->
        tracker.recharge(merchant)
        val later = SENT_AT.plusSeconds(1_000_000)
        assertEquals(0L, tracker.forgetBefore(later))
        tracker.receive(merchant.recharged())
        assertEquals(1L, tracker.forgetBefore(later))
        assertEquals(emptyList<TrackedOperation>(), tracker.operations())
        // What is said later of the time before is nobody's, and no alarm.
        assertEquals(Verdict.Noted, tracker.receive(merchant.recharged(2)).verdict)
    }

    @Test
    fun whatWasStoredIsCheckedAndWhatANewerVersionStoredIsKept() = tracking { merchant, tracker ->
        tracker.recharge(merchant)
        val json = tracker.toJson()
        assertEquals(ErrorCode.FIELD_REQUIRED, thrown { Tracker.fromJson("{}") }.code)
        assertEquals(ErrorCode.FIELD_TYPE, thrown { Tracker.fromJson(json.replace("\"version\":1", "\"version\":0")) }.code)
        val wrong = json.replace(Regex("\"id\":\"[^\"]+\""), "\"id\":\"order 7\"")
        assertEquals(ErrorCode.OPERATION_ID_FORMAT, thrown { Tracker.fromJson(wrong) }.code)
        val newer = json.replace("\"seq\":", "\"news\":[1.10],\"seq\":")
        Tracker.fromJson(newer).use {
            assertEquals("[1.10]", it.operations().single().extra["news"]?.expose())
            assertEquals(2, Regex("\"news\":\\[1.10]").findAll(it.toJson()).count())
        }
        val inquiry = tracker.overdue(DEADLINE).single()
        assertEquals(ErrorCode.FIELD_REQUIRED, thrown { inquiry.copy(state = Redacted("{}")).nextRequest() }.code)
    }
}
