package space.bananatech

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ObjectNode
import java.math.BigDecimal
import java.net.URI
import java.time.Duration
import java.time.Instant
import java.util.stream.Collectors
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Each operation all the way, and all that goes with it: cards' states, pages, templates, keys. */
class OperationsTest {

    @Test
    fun eachOperationIsPlannedAndReadAnew() {
        assertEquals(OperationKind.entries, SAMPLES.map { it.operation.kind })
        for (sample in SAMPLES) {
            val plan = sample.plan()
            assertEquals(sample.json, plan.json.expose(), sample.name)
            assertEquals(sample.operation, plan.operation, sample.name)
            assertEquals(plan, plan(sample.operation), sample.name)
            assertEquals(plan, checkPlanWithOpenFields(plan.json, OperationKind.entries), sample.name)
            val closed = runCatching { checkPlan(plan.json) }
            if (sample.isOpen) {
                assertEquals(ErrorCode.FIELD_UNKNOWN, (closed.exceptionOrNull() as BananaTechException.InvalidInput).code)
            } else {
                assertEquals(plan, closed.getOrThrow(), sample.name)
            }
        }
    }

    @Test
    fun eachOperationIsSealedAndItsAnswerRead() = merchant().use { merchant ->
        for (sample in SAMPLES) {
            val call = sample.call(merchant, IV)
            assertEquals(sample.operation, call.operation)
            val request = call.request
            assertEquals(merchant.seal(sample.operation, IV), request)
            val plan = checkPlanWithOpenFields(sample.plan().json, listOf(sample.operation.kind))
            assertEquals(request, merchant.call(plan.operation, IV).request)
            assertEquals("POST", request.method)
            assertEquals("https://api.example/" + sample.name.replace('.', '/'), request.url.toString())
            val headers = request.headers.associate { it.name to it.value.expose() }
            assertEquals(setOf("Content-Type", "Merchant-ID", "X-HMAC"), headers.keys)
            assertEquals(OPTIONS.merchantId, headers["Merchant-ID"])
            assertTrue(Regex("[0-9a-f]{64}").matches(headers.getValue("X-HMAC")))

            val body = merchant.testAnswer(Redacted(sample.answer))
            val answer = call.answer(200, body)
            assertEquals("2026-11", answer.sealedWith)
            assertEquals(call.read(200, body), answer.response)
            assertEquals(sample.answer, answer.raw.expose())
            assertEquals(mapper.readTree(sample.answer), flat(wire(answer.response)), sample.name)
            assertNull(call.answer(200, sample.answer.toByteArray()).sealedWith)
            // It travels, too.
            val any = merchant.read(sample.operation.kind, 200, body).response
            assertEquals(mapper.readTree(sample.answer), writeResponse(any).node(), sample.name)
            assertEquals(any, readResponse(sample.operation.kind, writeResponse(any)))
        }
    }

    /** Unknown fields stand among the others. */
    private fun flat(node: JsonNode): JsonNode {
        if (node is ObjectNode) {
            (node.remove("extra") as ObjectNode?)?.let { node.setAll<JsonNode>(it) }
            node.get("data")?.forEach(::flat)
        }
        return node
    }

    /** Key and algorithm are the same in both directions. */
    @Test
    fun anAnswerThatIsTheRequestItselfIsRefused() = merchant().use { merchant ->
        for (sample in SAMPLES) {
            val call = sample.call(merchant, null)
            val mac = call.request.headers.single { it.name == "X-HMAC" }.value.expose()
            val reflected = call.request.body.dropLast(1) + ""","hmac":"$mac"}"""
            val anew = merchant.testAnswer(Redacted(opened(merchant, reflected)))
            for (body in listOf(reflected.toByteArray(), anew)) {
                assertThrows<BananaTechException.NotAuthentic>(sample.name) { call.read(200, body) }
            }
        }
    }

    private fun opened(merchant: Merchant, body: String): String = assertThrows<BananaTechException.Rejected> {
        merchant.read(OperationKind.SET_PIN, 400, body.toByteArray())
    }.rejection.body.expose()

    /** Nothing confirms a PIN but the answer, so it has to say that it was set. */
    @Test
    fun aPinWhoseAnswerDoesntSaySoIsNotKnownToBeSet() = merchant().use { merchant ->
        val call = merchant.call(SetPin(UserId(1), CardId(2), Redacted("60817")))
        for (answer in listOf("{}", """{"message":"ok"}""", """{"success":true,"error":"no"}""", """{"success":true,"code":7}""")) {
            val body = merchant.testAnswer(Redacted(answer))
            val rejection = assertThrows<BananaTechException.NotKnown>(answer) { call.read(200, body) }.answer
            assertEquals(RejectionMeaning.NOT_KNOWN, rejection.meaning)
            assertEquals(answer to true, rejection.body.expose() to rejection.authenticated)
        }
        val set = call.read(200, merchant.testAnswer(Redacted("""{"message":"PIN set successfully"}""")))
        assertEquals("PIN set successfully", set.message?.expose())
    }

    @Test
    fun typedFixturesAreWhatIsRead() = merchant().use { merchant ->
        val failed = Event.CardRechargeResult(
            CardRechargeResult(
                CardId(67890), status = OperationStatus.Failed, description = Redacted("declined"), occurTime = Instant.ofEpochMilli(1),
                extra = mapOf("note" to Redacted("[1.10]")),
            ),
        )
        assertEquals(failed, merchant.receive(merchant.testEvent(failed)).event)
        val raw = Event.Card3ds(Redacted("""{"otp":"123456"}"""))
        assertEquals(raw, merchant.receive(merchant.testEvent(raw)).event)
        val balance = AccountBalance(BigDecimal("7.50"), "USD")
        val body = merchant.testResponse(AnyResponse.GetAccountBalance(balance))
        assertEquals(balance, merchant.call(GetAccountBalance()).read(200, body))
    }

    @Test
    fun whatIsAuthenticIsReadWhateverElseStandsInIt() = merchant().use { merchant ->
        val data = """{"card_id":"none","status":"SUCCESS","occur_time":1,"otp":"123456"}"""
        val delivery = merchant.receive(merchant.testWebhook("CARD_STATUS_CHANGE", Redacted(data)))
        val event = (delivery.event as Event.Unrecognized).data
        assertEquals(EventType.CardStatusChange to "card_id", event.eventType to event.field)
        assertEquals(ErrorCode.ID_RANGE to data, event.code to event.data.expose())
        assertEquals(data, delivery.raw.expose())
        assertFalse("123456" in delivery.toString())
        assertEquals(delivery.event, readEvent(writeEvent(delivery.event)))
        assertEquals("CARD_STATUS_CHANGE", eventFacts(delivery.event).eventType)
        // In another order, with other spellings and more fields it says the same.
        val odd = """{"x":[1e400],"occur_time":"1.7E12","status":"SUCCESS","card_id":"200001.0"}"""
        val closed = (merchant.event("CARD_CLOSE_RESULT", odd) as Event.CardCloseResult).data
        assertEquals(CardId(200001) to Instant.ofEpochMilli(1_700_000_000_000), closed.cardId to closed.occurTime)
        assertEquals("[1e400]", closed.extra["x"]?.expose())
    }

    @Test
    fun withoutAnIvRandomnessIsTaken() = merchant().use { merchant ->
        assertEquals(200, (1..200).map { merchant.call(RECHARGE).request.body }.toSet().size)
    }

    @Test
    fun aCardsStateIsFoldedFromItsEvents() = merchant().use { merchant ->
        fun change(word: String, time: Int) = merchant.event(
            "CARD_STATUS_CHANGE", """{"card_id":67890,"status":"SUCCESS","card_status":"$word","occur_time":$time}""",
        )
        val new = CardState(cardId = CardId(67890))
        assertEquals(CardAction.entries, new.allowed())
        val (locked, fold) = new.fold(change("LOCKED", 20))
        assertEquals(Fold.APPLIED, fold)
        val fact = KnownStatus(CardStatus.Locked, Instant.ofEpochMilli(20), observed = false)
        assertEquals(CardState(CardId(67890), statuses = listOf(fact)), locked)
        assertEquals(CardStatus.Locked, locked.status())
        assertEquals(Instant.ofEpochMilli(20), locked.statusAsOf())
        assertEquals(Fold.DUPLICATE, locked.fold(change("LOCKED", 20)).fold)
        assertEquals(Folded(locked, Fold.STALE), locked.fold(change("ACTIVE", 10)))
        assertEquals(Folded(locked, Fold.IRRELEVANT), locked.fold(merchant.event("CARD_3DS", "{}")))
        assertEquals(setOf(CardAction.UNLOCK, CardAction.CLOSE), locked.allowed().toSet())
        locked.check(CardAction.UNLOCK)
        refused(ErrorCode.STATE_NOT_ALLOWED, "card_id") { locked.check(CardAction.RECHARGE) }
        refused(ErrorCode.STATE_NOT_ALLOWED, "card_id") { locked.checkOperation(AnyOperation.Recharge(RECHARGE)) }
        locked.checkOperation(AnyOperation.Recharge(RECHARGE.copy(cardId = CardId(1))))
        locked.checkOperation(SAMPLES.first().operation)

        // Within five minutes, an observation and an event that contradict one another are unclear.
        val unclear = locked.observe(CardInformation(status = CardStatus.Active), Instant.ofEpochMilli(30)).state
        assertNull(unclear.status())
        assertEquals(listOf(CardStatus.Active, CardStatus.Locked), unclear.possibleStatuses())
        val active = unclear.observe(CardInformation(status = CardStatus.Active), Instant.ofEpochMilli(300_021)).state
        assertEquals(CardStatus.Active, active.status())
        val balance = merchant.event(
            "CARD_BALANCE_CHANGE",
            """{"card_id":67890,"amount":5.00,"available":4.50,"before_available":5,"currency":"USD","occur_time":31}""",
        )
        val known = active.fold(balance).state
        assertEquals(
            KnownBalance(BigDecimal("5.00"), BigDecimal("4.50"), "USD", Instant.ofEpochMilli(31), BigDecimal("5")), known.balance(),
        )
        assertEquals(known, readCardState(known.json()))
        val other = known.fold(change("FROZEN", 700_000)).state
        assertEquals(CardStatus.Other("FROZEN"), other.status())
        assertEquals(CardAction.entries, other.allowed())

        val applied = merchant.event(
            "CARD_APPLY_RESULT",
            """{"template_id":1,"user_id":12345,"card_id":67890,"status":"SUCCESS","occur_time":1}""",
        )
        assertEquals(CardStatus.Active, new.copy(needsActivation = false).fold(applied).state.status())
        assertEquals(CardStatus.ToBeActivated, new.copy(needsActivation = true).fold(applied).state.status())
    }

    @Test
    fun statesOfOneCardAreMerged() = merchant().use { merchant ->
        fun balance(before: Int, after: Int) = merchant.event(
            "CARD_BALANCE_CHANGE",
            """{"card_id":67890,"amount":$after,"available":$after,"before_available":$before,"currency":"USD","occur_time":7}""",
        )
        val new = CardState(cardId = CardId(67890))
        val here = new.fold(balance(90, 80)).state
        val there = new.fold(balance(100, 90)).state.fold(balance(70, 60)).state
        // Of one millisecond: which is the last one isn't clear before the link is there.
        assertNull(there.balance())
        assertEquals(2, there.possibleBalances().size)
        val merged = here.merge(there)
        assertEquals(merged, there.merge(here))
        assertEquals(listOf(60, 80), merged.possibleBalances().map { it.available.toInt() })
        val all = merged.merge(new.fold(balance(80, 70)).state)
        assertEquals(BigDecimal("60"), all.balance()?.available)
        assertEquals(all, all.merge(all))
        refused(ErrorCode.STATE_MISMATCH, "card_id") { here.merge(CardState(cardId = CardId(1))) }
        refused(ErrorCode.STATE_MISMATCH, "needs_activation") {
            here.copy(needsActivation = true).merge(there.copy(needsActivation = false))
        }
        // What a newer version stored is kept.
        val newer = readCardState("""{"version":2,"card_id":67890,"limits":{"daily":1.10}}""")
        assertEquals(2L, newer.version)
        assertEquals("""{"daily":1.10}""", newer.merge(all).extra["limits"]?.expose())
        assertTrue(newer.merge(all).json().contains(""""limits":{"daily":1.10}"""))
        Unit
    }

    @Test
    fun aTransactionsTimeIsAnInstant() {
        val transaction = Transaction(id = TransactionId(1), amount = BigDecimal.ONE)
        assertEquals(Instant.ofEpochSecond(1_705_314_600), transaction.copy(createdAt = "2024-01-15T10:30:00Z").createdTime)
        for (text in listOf(null, "", "yesterday", "2024-01-15")) assertNull(transaction.copy(createdAt = text).createdTime)
    }

    @Test
    fun allPagesAreWalkedEachWhenItIsNeeded() = merchant().use { merchant ->
        val all = (1L..5L).map { Transaction(id = TransactionId(it), amount = BigDecimal(it)) }
        val skips = mutableListOf<Long?>()
        val send = { call: Call<TransactionPage> ->
            val list = (call.operation as AnyOperation.GetTransactions).operation
            skips += list.skip
            val data = all.drop(list.skip!!.toInt()).take(list.limit!!.toInt())
            val json = data.joinToString { """{"id":${it.id},"amount":"${it.amount}"}""" }
            call.read(200, merchant.testAnswer(Redacted("""{"data":[$json],"total":5}""")))
        }
        val sequence = merchant.pages(TRANSACTIONS, send)
        assertEquals(emptyList<Long?>(), skips)
        assertEquals(all.take(1), sequence.take(1).toList())
        assertEquals(listOf<Long?>(0), skips)
        assertNull(sequence.end)
        assertEquals(all, sequence.toList())
        assertEquals(listOf<Long?>(0, 0, 2, 4), skips)
        assertEquals(listOf(true, true), listOf(sequence.end?.isComplete, sequence.end?.isStable))
        assertEquals(5L, sequence.end?.total)
        sequence.first()
        assertNull(sequence.end)

        // Records that aren't documented are raw JSON.
        val users = { _: Call<JsonPage> -> JsonPage(data = listOf(Redacted("""{"id":1.10}""")), total = 1) }
        assertEquals(listOf(Redacted("""{"id":1.10}""")), merchant.pages(GetUsers(), users).toList())
        assertEquals(1, merchant.pages(GetWebhookRecords(), users).count())
        // An issuer that always answers the same is left after three such pages, and its records are handed out.
        val same = merchant.pages(GetUsers(limit = 1)) { JsonPage(List(2) { Redacted("1") }, 9) }
        assertEquals(8, same.count())
        assertEquals(listOf(false, false), listOf(same.end?.isComplete, same.end?.isStable))
        // What sending throws comes through.
        val failing = merchant.pages(GetUsers()) { throw java.io.IOException("no route") }
        assertThrows<java.io.IOException> { failing.first() }
        Unit
    }

    @Test
    fun openFieldsAreThoseOfTheOperationsAlone() {
        val open = plan(GetUsers(extra = mapOf("region" to Redacted("1")))).json
        val plan = checkPlanWithOpenFields(open, listOf(OperationKind.GET_USERS))
        assertEquals(setOf("region"), (plan.operation as AnyOperation.GetUsers).operation.extra.keys)
        refused(ErrorCode.FIELD_UNKNOWN, null) { checkPlanWithOpenFields(open, listOf(OperationKind.REGISTER)) }
        refused(ErrorCode.FIELD_UNKNOWN, null) { checkPlan(open) }
        // It is no list of the operations that are allowed.
        val other = plan(RECHARGE)
        assertEquals(other, checkPlanWithOpenFields(other.json, listOf(OperationKind.GET_USERS)))
    }

    @Test
    fun aReferenceAloneIsEnoughToTrack() = merchant().use { merchant ->
        val now = Instant.now()
        val call = merchant.call(RECHARGE)
        val any = merchant.call(AnyOperation.Recharge(RECHARGE))
        val reference: String? = null
        for (tracked in listOf(call.tracked(now, "order 9"), call.tracked(now, reference = "order 9"), checkNotNull(any.tracked(now, "order 9")))) {
            assertEquals("order 9", tracked.reference)
            assertEquals(Duration.ofMinutes(10), Duration.between(tracked.sentAt, tracked.askAt))
        }
        assertNull(call.tracked(now, reference = reference).reference)
        assertEquals(now.plusSeconds(1).toEpochMilli(), call.tracked(now, askAt = now.plusSeconds(1), reference = "order 9").askAt.toEpochMilli())
        assertNull(merchant.call(AnyOperation.GetBalance(GetBalance(UserId(1), CardId(2)))).tracked(now, "order 9"))
    }

    @Test
    fun recordsAreAnIterableAndAStreamToo() = merchant().use { merchant ->
        val calls = mutableListOf<Call<JsonPage>>()
        val records = merchant.pages(GetUsers(limit = 1)) { call ->
            calls += call
            JsonPage(listOf(Redacted("${calls.size}")), 3)
        }
        assertEquals(listOf(Redacted("1")), records.asIterable().take(1))
        assertEquals(1, calls.size)
        calls.clear()
        val found = records.stream().limit(2).collect(Collectors.toList())
        assertEquals(listOf("1", "2"), found.map { it.expose() })
        assertNull(records.end)
        calls.clear()
        for ((index, record) in records.asIterable().withIndex()) assertEquals("${index + 1}", record.expose())
        assertEquals(true, records.end?.isComplete)
        val sender = PageSender<JsonPage> { throw java.io.IOException("no route") }
        assertThrows<java.io.IOException> { merchant.pages(GetUsers(), sender).stream().count() }
        Unit
    }

    @Test
    fun pagesGoWithoutAKeyToo() {
        val start = pages(AnyOperation.GetTransactions(TRANSACTIONS))
        assertNull(start.total)
        val list = start.next() as AnyOperation.GetTransactions
        assertEquals(TRANSACTIONS.copy(skip = 0), list.operation)
        assertEquals(list, Pages(start.state).next())
        val two = List(2) { Transaction(id = TransactionId(it + 1L), amount = BigDecimal.ONE) }
        val next = start.accept(AnyResponse.GetTransactions(TransactionPage(two, 3)))
        assertEquals(3L, next.total)
        assertEquals(listOf(false, false), listOf(next.isComplete, next.isStable))
        val end = next.accept(AnyResponse.GetTransactions(TransactionPage(listOf(two[0].copy(id = TransactionId(3))), 3)))
        assertNull(end.next())
        assertEquals(listOf(true, true), listOf(end.isComplete, end.isStable))
        refused(ErrorCode.PAGE_MISMATCH, "data") { end.accept(AnyResponse.GetTransactions(TransactionPage(two, 3))) }
        refused(ErrorCode.PLAN_OPERATION, "operation") { pages(AnyOperation.Recharge(RECHARGE)) }
    }

    @Test
    fun recentDeliveriesAreRememberedAndForgotten() = merchant().use { merchant ->
        RecentDeliveries(2).use { recent ->
            val prints = (1..3).map {
                merchant.receive(merchant.testWebhook("CARD_RECHARGE_RESULT", Redacted(rechargeResult(it)))).fingerprint
            }
            assertEquals(3, prints.toSet().size)
            assertEquals(Novelty.NEW, recent.remember(prints[0]))
            assertEquals(Novelty.DUPLICATE, recent.remember(prints[0]))
            recent.forget(prints[0])
            assertEquals(Novelty.NEW, recent.remember(prints[0]))
            assertEquals(Novelty.NEW, recent.remember(prints[1]))
            assertEquals(Novelty.NEW, recent.remember(prints[2]))
            assertEquals(Novelty.NEW, recent.remember(prints[0]), "the oldest is forgotten first")
            refused(ErrorCode.FIELD_TYPE, "fingerprint") { recent.remember("x") }
        }
        // The same event, sealed anew, is the same delivery.
        val again = (1..2).map { merchant.receive(merchant.testWebhook("CARD_3DS", Redacted("{}"))).fingerprint }
        assertEquals(again[0], again[1])
    }

    private val template = CardTemplate(
        id = TemplateId(1), rechargeFee = BigDecimal("1.5"), applyFee = BigDecimal("5"), rechargeMinLimit = BigDecimal.TEN,
        rechargeMaxLimit = BigDecimal("500"), requiresPhoneOnly = true, requiresInitialDeposit = true,
    )

    @Test
    fun aTemplatesRulesAreChecked() {
        val recharge = { amount: String -> AnyOperation.Recharge(RECHARGE.copy(amount = BigDecimal(amount))) }
        checkTemplate(template, recharge("10.00"))
        refused(ErrorCode.AMOUNT_BELOW_MINIMUM, "amount") { checkTemplate(template, recharge("9.99")) }
        refused(ErrorCode.AMOUNT_ABOVE_MAXIMUM, "amount") { checkTemplate(template, recharge("500.01")) }
        val apply = Apply(userId = UserId(1), templateId = TemplateId(1))
        refused(ErrorCode.DEPOSIT_REQUIRED, "deposit_amount") { checkTemplate(template, AnyOperation.Apply(apply)) }
        refused(ErrorCode.TEMPLATE_MISMATCH, "template_id") {
            checkTemplate(template, AnyOperation.Apply(apply.copy(templateId = TemplateId(2))))
        }
        refused(ErrorCode.DEPOSIT_NOT_TAKEN, "deposit_amount") {
            checkTemplate(
                template.copy(requiresInitialDeposit = false),
                AnyOperation.Apply(apply.copy(depositAmount = BigDecimal.TEN)),
            )
        }
        val register = Register(email = Redacted("ada@example.com"), templateId = TemplateId(1), dialCode = Redacted("380"))
        refused(ErrorCode.FIELD_REQUIRED, "phone_number") { checkTemplate(template, AnyOperation.Register(register)) }
        checkTemplate(template, AnyOperation.Register(register.copy(phoneNumber = Redacted("5550100"))))
        refused(ErrorCode.PLAN_OPERATION, "operation") { checkTemplate(template, SAMPLES.first().operation) }
    }

    @Test
    fun aChargeIsComputedExactly() {
        val recharge = AnyOperation.Recharge(RECHARGE)
        assertEquals(
            Charge(BigDecimal("100.00"), BigDecimal("1.5"), BigDecimal("101.50")), charge(template, recharge, Fee.FLAT),
        )
        val percent = charge(template, recharge, Fee.PERCENT, BigDecimal("101.50"))
        assertEquals(0, percent.total.compareTo(BigDecimal("101.5")))
        refused(ErrorCode.MERCHANT_BALANCE, "balance") { charge(template, recharge, Fee.FLAT, BigDecimal("101.49")) }
        val apply = AnyOperation.Apply(Apply(userId = UserId(1), templateId = TemplateId(1), depositAmount = BigDecimal("20")))
        assertEquals(BigDecimal("25"), charge(template, apply, Fee.FLAT).total)
    }

    @Test
    fun anEventsFactsAndTimeAreTold() = merchant().use { merchant ->
        val event = merchant.event("CARD_RECHARGE_RESULT", rechargeResult())
        val occurred = Instant.ofEpochMilli(1691249025085)
        assertEquals(EventFacts("CARD_RECHARGE_RESULT", CardId(67890), occurred), eventFacts(event))
        assertEquals(EventFacts("NEW", null, null), eventFacts(merchant.event("NEW", "7")))
        assertEquals(Freshness.Fresh, judgeTime(event, occurred))
        assertEquals(Freshness.TooOld(1), judgeTime(event, occurred.plusMillis(86_400_001)))
        assertEquals(Freshness.TooNew(1), judgeTime(event, occurred.minusMillis(300_001)))
        assertEquals(Freshness.TooOld(5), judgeTime(event, occurred.plusMillis(15), TimeWindow(10, 10)))
        assertEquals(Freshness.NotStated, judgeTime(merchant.event("CARD_3DS", "{}"), occurred))
    }

    @Test
    fun afterARotationOlderKeysStillOpenAndSealNoMore() {
        val old = merchant("a key before the one before, 32!")
        val options = OPTIONS.copy(
            keyId = "2026-12",
            secretKey = Redacted("00112233445566778899aabbccddeeff"),
            codec = KeyCodec.HEX,
            otherKeys = listOf(
                MerchantKey("2026-11", Redacted(KEY)),
                MerchantKey("2026-10", Redacted("a key before the one before, 32!")),
            ),
        )
        Merchant(options).use { rotated ->
            val newest = Merchant(options.copy(otherKeys = emptyList()))
            merchant().use { before ->
                for ((sealer, id) in listOf(newest to "2026-12", before to "2026-11", old to "2026-10")) {
                    assertEquals(id, rotated.receive(sealer.testWebhook("CARD_3DS", Redacted("{}"))).keyId)
                    val answer = sealer.testAnswer(Redacted("""{"balance":"1"}"""))
                    assertEquals(id, rotated.call(GetAccountBalance()).answer(200, answer).sealedWith)
                }
                assertEquals(newest.call(RECHARGE, IV).request, rotated.call(RECHARGE, IV).request)
                assertNotEquals(before.call(RECHARGE, IV).request, rotated.call(RECHARGE, IV).request)
                assertEquals("mac_mismatch", before.diagnose(newest.testWebhook("CARD_3DS", Redacted("{}"))))
            }
            newest.close()
        }
        old.close()
        refused(ErrorCode.KEY_ID, "key_id") { Merchant(options.copy(keyId = "2026-10")) }
    }

    @Test
    fun pathsAndTheRuleForPlainAnswersCanBeSet() {
        val options = OPTIONS.copy(paths = mapOf(OperationKind.RECHARGE to "/v2/top-up"), sealedAnswersOnly = true)
        Merchant(options).use { merchant ->
            assertEquals(URI("https://api.example/v2/top-up"), merchant.call(RECHARGE).request.url)
            assertEquals(URI("https://api.example/card/get_balance"), merchant.call(GetBalance(UserId(1), CardId(2))).request.url)
            val call = merchant.call(RECHARGE)
            val plain = assertThrows<BananaTechException.Unexpected> { call.read(200, """{"message":"ok"}""".toByteArray()) }
            assertEquals(ErrorCode.ANSWER_NOT_SEALED, plain.code)
            assertEquals(Redacted("ok"), call.read(200, merchant.testAnswer(Redacted("""{"message":"ok"}"""))).message)
        }
        refused(ErrorCode.PATH_FORMAT, "path") { Merchant(OPTIONS.copy(paths = mapOf(OperationKind.RECHARGE to "x"))) }
    }

    @Test
    fun closingIsFinalAndMayBeRepeated() {
        val merchant = merchant()
        val call = merchant.call(RECHARGE)
        merchant.close()
        merchant.close()
        assertTrue(merchant.uniffiIsDestroyed)
        assertThrows<IllegalStateException> { merchant.call(RECHARGE) }
        assertThrows<IllegalStateException> { call.read(200, ByteArray(0)) }
        // What needs no key still goes.
        assertNotNull(call.tracked(SENT_AT))
        assertFalse(version().isEmpty())
    }
}
