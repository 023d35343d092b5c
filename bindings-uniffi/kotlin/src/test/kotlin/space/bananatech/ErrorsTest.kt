package space.bananatech

import java.math.BigDecimal
import java.math.BigInteger
import java.net.URI
import java.time.Instant
import java.time.YearMonth
import java.util.UUID
import kotlin.random.Random
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Errors say which rule was broken and by which field, and whatever comes in, nothing else than they comes out. */
class ErrorsTest {
    /** Without an `else`: the compiler finds a category that is missing. */
    private fun category(error: BananaTechException): String = when (error) {
        is BananaTechException.InvalidInput -> "invalid_input"
        is BananaTechException.Rejected -> "rejected"
        is BananaTechException.NotAuthentic -> "not_authentic"
        is BananaTechException.Unexpected -> "unexpected"
        is BananaTechException.NotKnown -> "not_known"
        is BananaTechException.NoRandomness -> "no_randomness"
    }

    private class Told(val category: String, val code: ErrorCode, val field: String?, val message: String)

    private fun check(expected: Told, work: () -> Unit) {
        val error = thrown(work)
        assertEquals(expected.category, category(error))
        assertEquals(expected.code, error.code)
        assertEquals(expected.field, error.field)
        assertEquals(expected.message, error.message)
        assertEquals(expected.message, error.summary)
        val name = "space.bananatech.BananaTechException\$${error.javaClass.simpleName}"
        assertEquals("$name: ${expected.message}", error.toString())
        assertNull(error.cause)
    }

    /** Of each way that an error takes: a function, a method, a constructor, and one that is written by hand over them. */
    @Test
    fun aTraceBeginsWithWhatWasCalled() = merchant().use { merchant ->
        val begins = listOf<Pair<String, () -> Unit>>(
            "pin" to { pin(Redacted("12")) },
            "plan" to { plan(SetPin(UserId(1), CardId(2), Redacted("12"))) },
            "receive" to { merchant.receive(ByteArray(0)) },
            "read" to { merchant.call(RECHARGE).read(400, ByteArray(0)) },
            "<init>" to { Merchant(OPTIONS.copy(merchantId = "nobody")) },
        )
        for ((name, work) in begins) {
            val trace = thrown(work).stackTrace
            assertEquals(name, trace[0].methodName, "${trace.take(3)}")
            assertTrue(trace.any { "ErrorsTest" in it.className }, name)
        }
    }

    @Test
    fun eachCategoryTellsCodeFieldAndWords() = merchant().use { merchant ->
        val call = merchant.call(RECHARGE)
        check(Told("invalid_input", ErrorCode.PIN_LENGTH, "pin", "pin: expected 4 to 6 digits [pin.length]")) {
            pin(Redacted("12"))
        }
        check(
            Told(
                "rejected", ErrorCode.REJECTED, null,
                "the API answered with HTTP status 400: not carried out; its words, if any, are beside this error [rejected]",
            ),
        ) { call.read(400, """{"message":"no"}""".toByteArray()) }
        val unopened = "the message could not be opened: it is not authentic, or was sealed with another key [not_authentic]"
        check(Told("not_authentic", ErrorCode.NOT_AUTHENTIC, null, unopened)) {
            call.read(200, merchant("another key, also of 32 letters!").use { it.testAnswer(Redacted("{}")) })
        }
        check(
            Told(
                "unexpected", ErrorCode.WEBHOOK_RAW_BODY, null,
                "unexpected message: expected the raw request body as it was delivered: not a parsed object, not one that " +
                    "was parsed and serialised again, and not an empty body whose stream was read before [webhook.raw_body]",
            ),
        ) { merchant.receive("{}".toByteArray()) }
        val notKnown = thrown { merchant.call(SetPin(UserId(1), CardId(2), Redacted("60817"))).read(200, """{"message":"no"}""".toByteArray()) }
        assertEquals("not_known" to ErrorCode.ANSWER_NOT_KNOWN, category(notKnown) to notKnown.code)
        val answer = thrown { merchant.call(GetBalance(UserId(1), CardId(2))).read(200, """{"balance":"many"}""".toByteArray()) }
        assertEquals(ErrorCode.ANSWER_SHAPE to "balance", answer.code to answer.field)
        // It can't be brought about here; it is like the others.
        val none = BananaTechException.NoRandomness("none")
        assertEquals("no_randomness" to "none", category(none) to none.message)
        assertEquals(ErrorCode.NO_RANDOMNESS to null, none.code to none.field)
    }

    @Test
    fun aRejectionTellsWhatWasAnswered() = merchant().use { merchant ->
        val body = """{"message":"the words of card 4111111111111111"}"""
        for ((bytes, sealed) in listOf(body.toByteArray() to false, merchant.testAnswer(Redacted(body)) to true)) {
            val error = assertThrows<BananaTechException.Rejected> { merchant.call(RECHARGE).read(400, bytes) }
            val expected = Rejection(
                400, RejectionMeaning.REFUSED, Redacted("the words of card 4111111111111111"), Redacted(body), sealed,
            )
            assertEquals(expected, error.rejection)
        }
        for (status in listOf(Int.MIN_VALUE, -1, 0, 300, 500, 999, 1000, Int.MAX_VALUE)) {
            val error = assertThrows<BananaTechException.NotKnown> { merchant.call(RECHARGE).read(status, ByteArray(0)) }
            assertEquals(RejectionMeaning.NOT_KNOWN, error.answer.meaning, "$status")
        }
    }

    @Test
    fun eachWrongFieldIsNamed() = merchant().use { merchant ->
        val key = Redacted("k".repeat(32))
        val cases = listOf<Triple<ErrorCode, String?, () -> Unit>>(
            Triple(ErrorCode.AMOUNT_DECIMALS, "amount") { plan(RECHARGE.copy(amount = (0.1 + 0.2).toBigDecimal())) },
            Triple(ErrorCode.AMOUNT_NOT_POSITIVE, "amount") { plan(RECHARGE.copy(amount = BigDecimal("0.00"))) },
            Triple(ErrorCode.AMOUNT_RANGE, "amount") { plan(RECHARGE.copy(amount = BigDecimal("1e40"))) },
            Triple(ErrorCode.ID_RANGE, "user_id") { plan(RECHARGE.copy(userId = UserId(-1))) },
            Triple(ErrorCode.ID_RANGE, "card_id") { merchant.call(RECHARGE.copy(cardId = CardId(Long.MIN_VALUE))) },
            Triple(ErrorCode.CARD_NUMBER_DIGITS, "card_number") { plan(Assign(UserId(1), TemplateId(1), Redacted("4111 1111 1111 1111"))) },
            Triple(ErrorCode.CARD_NUMBER_LENGTH, "card_number") { cardNumber(Redacted("")) },
            Triple(ErrorCode.PIN_DIGITS, "pin") { plan(SetPin(UserId(1), CardId(2), Redacted("12a4"))) },
            Triple(ErrorCode.PIN_LENGTH, "pin") { activationPin(Redacted("12345")) },
            Triple(ErrorCode.PIN_NOT_TAKEN, "pin") { plan(UpdateStatus(UserId(1), CardId(2), Alter.LOCK, Redacted("123456"))) },
            Triple(ErrorCode.CVV_LENGTH, "cvv") { cvv(Redacted("12")) },
            Triple(ErrorCode.EXPIRY_FORMAT, "expiry_date") { expiry("1225") },
            Triple(ErrorCode.EXPIRY_MONTH, "expiry_date") { Expiry(13, 2025).isExpired(YearMonth.of(2025, 1)) },
            Triple(ErrorCode.MERCHANT_ID_FORMAT, "merchant_id") { Merchant(OPTIONS.copy(merchantId = "x")) },
            Triple(ErrorCode.URL_FORMAT, "base_url") { Merchant(OPTIONS.copy(baseUrl = URI("http://api.example"))) },
            Triple(ErrorCode.URL_FORMAT, "base_url") { Merchant(OPTIONS.copy(baseUrl = URI("x"))) },
            Triple(ErrorCode.KEY_LENGTH, "secret_key") { Merchant(OPTIONS.copy(secretKey = Redacted("short"))) },
            Triple(ErrorCode.KEY_ENCODING, "secret_key") { Merchant(OPTIONS.copy(secretKey = key, codec = KeyCodec.HEX)) },
            Triple(ErrorCode.KEY_ID, "key_id") { Merchant(OPTIONS.copy(keyId = "")) },
            Triple(ErrorCode.FIELD_TYPE, "max_webhook_bytes") { Merchant(OPTIONS.copy(maxWebhookBytes = -1)) },
            Triple(ErrorCode.FIELD_TYPE, "max_answer_bytes") { Merchant(OPTIONS.copy(maxAnswerBytes = Int.MIN_VALUE)) },
            Triple(ErrorCode.IV_LENGTH, "iv") { merchant.call(RECHARGE, ByteArray(15)) },
            Triple(ErrorCode.PLAN_OPERATION, "operation") { checkPlan(Redacted("""{"operation":"card.eat","body":{}}""")) },
            Triple(ErrorCode.JSON_SYNTAX, null) { checkPlan(Redacted("{")) },
            Triple(ErrorCode.FIELD_UNKNOWN, "x") {
                checkPlan(Redacted("""{"operation":"card.get_balance","body":{"user_id":1,"card_id":2,"x":3}}"""))
            },
            Triple(ErrorCode.FIELD_UNKNOWN, null) {
                checkPlanWithOpenFields(Redacted("""{"operation":"card.3ds_confirm","body":{"x":3}}"""), listOf(OperationKind.GET_USERS))
            },
            Triple(ErrorCode.FIELD_REQUIRED, "card_id") {
                checkPlan(Redacted("""{"operation":"card.get_balance","body":{"user_id":1}}"""))
            },
            Triple(ErrorCode.JSON_DUPLICATE_FIELD, "user_id") {
                checkPlan(Redacted("""{"operation":"card.get_balance","body":{"user_id":1,"user_id":1,"card_id":2}}"""))
            },
        )
        val all = cases.map { (code, field, work) ->
            val error = thrown(work)
            Triple(category(error), error.code, error.field) to Triple("invalid_input", code, field)
        }
        assertEquals(all.map { it.second }, all.map { it.first })
    }

    /** Whatever is done with extreme values: it goes, or it is refused in the library's own way. */
    private fun onlyOurs(what: String, work: () -> Unit) {
        try {
            work()
        } catch (_: BananaTechException) {
        } catch (error: Throwable) {
            throw AssertionError("$what: ${error.javaClass.name} came out", error)
        }
    }

    @Test
    fun extremeAmounts() {
        val amounts = listOf(
            "1E+999999999", "-1E+999999999", "1E-999999999", "0E+999999999", "0E-999999999", "1E+2147483647", "1E-2147483647",
            "1E+100", "1E+101", "1E-100", "1E-101",
        ).map(::BigDecimal) + BigDecimal(BigInteger.ONE.shiftLeft(100_000)) + BigDecimal(Double.MIN_VALUE)
        for (amount in amounts) {
            val error = thrown { plan(RECHARGE.copy(amount = amount)) }
            val zero = amount.signum() == 0 && amount.scale() < 0
            val code = if (zero) ErrorCode.AMOUNT_NOT_POSITIVE else ErrorCode.AMOUNT_RANGE
            assertEquals(code to "amount", error.code to error.field)
            onlyOurs("a charge") { charge(CardTemplate(TemplateId(1), rechargeFee = amount), AnyOperation.Recharge(RECHARGE), Fee.PERCENT) }
            onlyOurs("an event") {
                writeEvent(Event.CardBalanceChange(CardBalanceChange(CardId(1), amount, amount, amount, "USD", Instant.EPOCH)))
            }
        }
        assertEquals("100", plan(RECHARGE.copy(amount = BigDecimal("1E+2"))).json.node().get("body").text("amount"))
    }

    @Test
    fun extremeTimes() = merchant().use { merchant ->
        val event = merchant.event("CARD_RECHARGE_RESULT", rechargeResult())
        val times = listOf(
            Instant.MIN, Instant.MAX, Instant.ofEpochMilli(Long.MIN_VALUE), Instant.ofEpochMilli(Long.MAX_VALUE), Instant.EPOCH,
        )
        for (one in times) {
            for (other in times) {
                for (assumptions in listOf(Assumptions.shared(), Assumptions.exclusiveSince(one))) {
                    onlyOurs("tracked from $one to $other") {
                        Tracker(assumptions.copy(finalAfterMs = Long.MAX_VALUE)).use { tracker ->
                            val operation = tracked(AnyOperation.Recharge(RECHARGE), UUID.randomUUID(), one, other)!!
                            tracker.store(operation)
                            tracker.overdue(other)
                            tracker.forgetBefore(one)
                            tracker.take(event)
                            tracker.find(operation.id, Outcome.Failed(null), other)
                            tracker.forgetBefore(other)
                            Tracker.fromJson(tracker.toJson()).close()
                        }
                    }
                }
            }
            onlyOurs("$one") { judgeTime(event, one) }
            onlyOurs("$one") { judgeTime(event, one, TimeWindow(UInt.MAX_VALUE.toLong(), -1)) }
            val occurred = Event.CardActivateResult(
                CardActivateResult(cardId = CardId(1), cardNumber = null, status = OperationStatus.Success, occurTime = one),
            )
            onlyOurs("$one") { judgeTime(occurred, Instant.MAX) }
            onlyOurs("$one") { judgeTime(occurred, Instant.MIN) }
            onlyOurs("$one") { readEvent(writeEvent(occurred)) }
            onlyOurs("$one") { readCardState(CardState(CardId(1)).fold(occurred).state.json()) }
            onlyOurs("$one") { CardState(CardId(1), statuses = listOf(KnownStatus(CardStatus.Active, one, true)))
                .observe(CardInformation(status = CardStatus.Closed), one) }
        }
    }

    @Test
    fun extremeNumbers() = merchant().use { merchant ->
        for (id in listOf(Long.MIN_VALUE, -1, 0, Long.MAX_VALUE)) {
            onlyOurs("$id") { plan(GetBalance(UserId(id), CardId(id))) }
            onlyOurs("$id") { CardState(CardId(id)).allowed() }
            Tracker(Assumptions.shared()).use { tracker ->
                val operation = merchant.call(RECHARGE).tracked(SENT_AT)
                onlyOurs("$id") { tracker.store(operation.copy(cardId = CardId(id))) }
                onlyOurs("$id") { tracker.find(operation.id, Outcome.Succeeded(CardId(id)), SENT_AT, TransactionId(id)) }
                onlyOurs("$id") { tracker.acknowledge(operation.id, AnyResponse.Assign(Assigned(CardId(id)))) }
                onlyOurs("$id") { tracker.nameForeign("tx:$id") }
            }
            onlyOurs("$id") {
                Tracker(Assumptions(SENT_AT, clockToleranceMs = id, finalAfterMs = id)).use { tracker ->
                    tracker.store(merchant.call(RECHARGE).tracked(SENT_AT))
                    tracker.take(merchant.event("CARD_RECHARGE_RESULT", rechargeResult()))
                    tracker.overdue(Instant.MAX)
                }
            }
        }
        for (many in listOf(0, 1, Long.MAX_VALUE, -1, Long.MIN_VALUE)) {
            onlyOurs("$many") {
                val pages = pages(AnyOperation.GetUsers(GetUsers(skip = many, limit = many)))
                pages.next()
                pages.accept(AnyResponse.GetUsers(JsonPage(listOf(Redacted("1")), many))).next()
            }
        }
        for (number in listOf(Int.MIN_VALUE, -1, 0, 12, 13, 2025, 9999, 10000, Int.MAX_VALUE)) {
            onlyOurs("$number") { Expiry(number, 2025).isExpired(YearMonth.of(2025, 1)) }
            onlyOurs("$number") { Expiry(12, number).isExpired(YearMonth.of(number.coerceIn(-999_999_999, 999_999_999), 12)) }
            Expiry(number, number).toString()
        }
        for (capacity in listOf(0, Int.MAX_VALUE, -1)) {
            RecentDeliveries(capacity).use { assertEquals(Novelty.NEW, it.remember("0".repeat(64))) }
        }
        for (size in listOf(0, 1, 15, 17, 1 shl 20)) {
            onlyOurs("an iv of $size bytes") { merchant.testAnswer(Redacted("{}"), ByteArray(size)) }
        }
    }

    /** Every public function that takes a text, given this one in each place. */
    private fun withText(text: String, run: (() -> Unit) -> Unit) {
        val redacted = Redacted(text)
        val any = AnyOperation.Recharge(RECHARGE)
        run { cardNumber(redacted) }
        run { activationPin(redacted) }
        run { pin(redacted) }
        run { cvv(redacted) }
        run { expiry(text) }
        run { readCardState(text) }
        run { readEvent(redacted) }
        run { readEvent(Redacted("""{"type":"CARD_3DS","data":$text}""")) }
        for (kind in OperationKind.entries) run { readResponse(kind, redacted) }
        run { checkPlan(redacted) }
        run { tracked(any, UUID.randomUUID(), SENT_AT, DEADLINE, text) }
        run { Tracker.fromJson(text).close() }
        run { Inquiry(UUID.randomUUID(), redacted).nextRequest() }
        Tracker(Assumptions.shared()).use { tracker -> run { tracker.nameForeign(text) } }
        run { Pages(redacted).next() }
        run { plan(Register(redacted, TemplateId(1), extra = mapOf(text to Redacted("1")))) }
        run { plan(Register(redacted, TemplateId(1), redacted, redacted, KycData(firstName = redacted, gender = Gender.Other(text)))) }
        run { plan(Assign(UserId(1), TemplateId(1), redacted)) }
        run { plan(UpdateStatus(UserId(1), CardId(2), Alter.ACTIVATE, redacted)) }
        run { plan(GetUsers(search = redacted, orderBy = text, extra = mapOf("x" to redacted))) }
        run { plan(GetTransactions(status = TransactionStatus.Other(text), startDate = text)) }
        run { plan(GetWebhookRecords(callbackType = EventType.Other(text))) }
        run { Merchant(OPTIONS.copy(merchantId = text)).close() }
        run { Merchant(OPTIONS.copy(keyId = text)).close() }
        run { Merchant(OPTIONS.copy(otherKeys = listOf(MerchantKey(text, redacted)))).close() }
        run { Merchant(OPTIONS.copy(paths = mapOf(OperationKind.ASSIGN to text))).close() }
        for (codec in KeyCodec.entries) run { Merchant(OPTIONS.copy(secretKey = redacted, codec = codec)).close() }
        merchant().use { merchant ->
            run { merchant.testWebhook(text, Redacted("{}")) }
            run { merchant.testWebhook("CARD_3DS", redacted) }
            run { merchant.testAnswer(redacted) }
            run { writeResponse(merchant.read(OperationKind.SET_PIN, 200, text.encodeToByteArray()).response) }
        }
        run { writeEvent(Event.Unknown(UnknownEvent(text, redacted))) }
        run { writeEvent(Event.CardAssignResult(CardAssignResult(CardId(1), UserId(1), OperationStatus.Other(text), redacted, SENT_AT))) }
        run { CardState(CardId(1), statuses = listOf(KnownStatus(CardStatus.Other(text), SENT_AT, false))).allowed() }
        run { CardState(CardId(1), balances = listOf(KnownBalance(BigDecimal.ONE, BigDecimal.ONE, text, SENT_AT))).json() }
        Tracker(Assumptions.shared()).use { tracker ->
            val id = UUID.randomUUID()
            tracker.store(tracked(any, id, SENT_AT)!!)
            run { tracker.reject(id, Rejection(400, RejectionMeaning.REFUSED, redacted, redacted, true)) }
        }
        RecentDeliveries().use { recent -> run { recent.remember(text) }; run { recent.forget(text) } }
    }

    @Test
    fun extremeTexts() {
        val texts = listOf(
            "", " ", "\u0000", "{\u0000}", "null", "0", "\"\"", "[]", "{}", "{\"a\":{}}", "\uFEFF{}", "\uFFFF", "\uD83C\uDF4C",
            "x".repeat(1 shl 17), "[".repeat(20_000), "{\"a\":".repeat(20_000), "9".repeat(20_000), "\"\\ud800\"",
        )
        for (text in texts) withText(text) { onlyOurs("'${text.take(12)}'", it) }
    }

    /** A text that is no valid UTF-16 can't cross: it is refused before the core is reached. */
    @Test
    fun aLoneSurrogateNeverGetsIn() {
        var refused = 0
        for (text in listOf("\uD800", "\uDC00", "4111111111111111\uDC00", "\uD83C{}")) {
            withText(text) {
                val error = runCatching(it).exceptionOrNull()
                if (error is BananaTechException.InvalidInput && error.summary.contains("surrogate")) refused += 1
                assertTrue(error == null || error is BananaTechException) { "$error came out" }
                assertTrue("4111" !in (error?.stackTraceToString() ?: ""))
            }
        }
        assertTrue(refused > 100)
    }

    @Test
    fun hugeAndGarbageBodies() = merchant().use { merchant ->
        val random = Random(7)
        val bodies = List(100) { random.nextBytes(random.nextInt(200)) } +
            List(100) {
                merchant.testWebhook("CARD_3DS", Redacted("{}"), IV).also { body ->
                    repeat(3) { body[random.nextInt(body.size)] = random.nextInt().toByte() }
                }
            } +
            listOf(
                ByteArray(0), ByteArray(1 shl 20), ByteArray(1 shl 20) { '['.code.toByte() }, byteArrayOf(-1, -2),
                ByteArray(1 shl 20) { "{\"a\":"[it % 5].code.toByte() }, "\uFEFF{}".toByteArray(),
                """{"encrypted_payload":"${"A".repeat(1 shl 20)}","hmac":"${"0".repeat(64)}"}""".toByteArray(),
            )
        for (body in bodies) {
            onlyOurs("received") { merchant.receive(body) }
            onlyOurs("diagnosed") { merchant.diagnose(body) }
            for (status in listOf(200, 400, 502)) onlyOurs("read") { merchant.call(RECHARGE, IV).read(status, body) }
        }
        // A large body that is right goes through.
        val large = """{"note":"${"x".repeat(1 shl 19)}"}"""
        assertEquals(large, (merchant.event("CARD_3DS", large) as Event.Card3ds).data.expose())
    }

    /** Whatever path the core takes makes a URL. */
    @Test
    fun eachPathThatIsTakenMakesAUrl() {
        for (code in 1..255) {
            onlyOurs("a path with character $code") {
                Merchant(OPTIONS.copy(paths = mapOf(OperationKind.RECHARGE to "/a${code.toChar()}b"))).use { it.call(RECHARGE) }
            }
        }
    }
}
