package space.bananatech

import com.fasterxml.jackson.databind.JsonNode
import java.io.File
import java.math.BigDecimal
import java.time.Clock
import java.time.YearMonth
import java.time.ZoneOffset
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** The cases that every language reads. */
@OptIn(ExperimentalStdlibApi::class)
class VectorsTest {
    /** Checks each case of a file's lists, and prints how many there were. */
    private fun run(file: String, vararg lists: Pair<String, (JsonNode) -> Unit>) {
        val vectors = mapper.readTree(File(System.getProperty("bananatech.vectors"), "$file.json"))
        var count = 0
        for ((list, check) in lists) {
            val cases = vectors.get(list)
            assertTrue(cases.size() > 0, "$file.json has no $list")
            for (case in cases) {
                try {
                    check(case)
                } catch (error: Throwable) {
                    throw AssertionError("$file.json: $list: ${case.text("name")}", error)
                }
            }
            count += cases.size()
        }
        println("$file.json: $count cases")
    }

    private fun JsonNode.flag(name: String) = get(name).booleanValue()

    private fun JsonNode.code() = ErrorCode(text("code"))

    private fun <R> JsonNode.merchant(use: (Merchant) -> R): R =
        merchant(text("key_text"), KeyCodec.valueOf(text("codec").uppercase())).use(use)

    private fun JsonNode.int(name: String) = get(name).intValue()

    private fun JsonNode.textOrNull(name: String) = get(name)?.textValue()

    private fun JsonNode.texts(name: String) = get(name).map { it.textValue() }

    /** The value of an enum that has this code. */
    private fun <E> List<E>.coded(code: String, codeOf: (E) -> String) = single { codeOf(it) == code }

    private fun brand(code: String) = Brand.entries.coded(code) { it.code }

    private fun JsonNode.brand() = textOrNull("brand")?.let(::brand)

    private fun JsonNode.weaknesses() = texts("weaknesses").map { code -> Weakness.entries.coded(code) { it.code } }

    private fun JsonNode.verdict() = FieldVerdict(
        Validity.entries.coded(text("validity")) { it.code },
        textOrNull("reason")?.let { code -> FieldReason.entries.coded(code) { it.code } },
    )

    private fun JsonNode.selection(name: String) = get(name).let { FieldSelection(it[0].intValue(), it[1].intValue()) }

    private fun code(work: () -> Unit): ErrorCode = assertThrows<BananaTechException> { work() }.code

    /** A rejection hands out its body as it was opened. */
    private fun opened(merchant: Merchant, body: ByteArray): String {
        val error = assertThrows<BananaTechException.Rejected> { merchant.read(OperationKind.GET_ACCOUNT_BALANCE, 400, body) }
        assertTrue(error.rejection.authenticated)
        return error.rejection.body.expose()
    }

    @Test
    fun envelope() {
        var requests = 0
        run("envelope", "cases" to { case ->
            val iv = case.text("iv_hex").hexToByteArray()
            val plaintext = case.text("plaintext")
            val body = case.text("response_body").toByteArray()
            val isJson = !case.text("name").startsWith("text-ends-like") && plaintext.isNotEmpty()
            case.merchant { merchant ->
                assertEquals(if (isJson) null else "not_json", merchant.diagnose(body))
                if (!isJson) {
                    assertEquals(case.text("response_body"), merchant.testAnswer(Redacted(plaintext), iv).decodeToString())
                    return@merchant
                }
                assertEquals(plaintext, opened(merchant, body))
                assertEquals(case.text("response_body"), merchant.testAnswer(Redacted(plaintext), iv).decodeToString())
                merchant(case.text("key_hex"), KeyCodec.HEX).use {
                    assertEquals(case.text("response_body"), it.testAnswer(Redacted(plaintext), iv).decodeToString())
                }
                for (kind in OperationKind.entries) {
                    val request = try {
                        val plan = checkPlan(Redacted("""{"operation":"${kind.travelsAs}","body":$plaintext}"""))
                        merchant.seal(plan.operation, iv)
                    } catch (_: BananaTechException) {
                        continue
                    }
                    // Only where our JSON is the vector's very text can the bytes be the same.
                    if (request.body != case.text("request_body")) continue
                    assertEquals(case.text("hmac"), request.headers.single { it.name == "X-HMAC" }.value.expose())
                    requests += 1
                }
            }
        })
        assertTrue(requests >= 10, "only $requests vectors were an operation's own text")
    }

    @Test
    fun envelopeAccepted() = run("envelope_accepted", "cases" to { case ->
        case.merchant { assertEquals(case.text("plaintext"), opened(it, case.text("body").toByteArray())) }
    })

    private val diagnoses = mapOf(
        "mac_not_hex" to "mac_format", "mac_length" to "mac_format", "payload_too_short" to "payload_length",
        "payload_not_blocks" to "payload_length", "bad_padding" to "padding",
    )

    @Test
    fun envelopeRejected() = run("envelope_rejected", "cases" to { case ->
        val body = case.text("body").toByteArray()
        case.merchant { merchant ->
            for (status in listOf(200, 400)) {
                assertThrows<BananaTechException.NotAuthentic> {
                    merchant.read(OperationKind.GET_ACCOUNT_BALANCE, status, body)
                }
            }
            if ("\"type\"" in case.text("body")) assertThrows<BananaTechException.NotAuthentic> { merchant.receive(body) }
            assertEquals(case.text("reason").let { diagnoses[it] ?: it }, merchant.diagnose(body))
        }
    })

    @Test
    fun keys() = run("keys", "cases" to { case ->
        if (case.flag("ok")) {
            val sealed = { merchant: Merchant -> merchant.testAnswer(Redacted("{}"), IV).decodeToString() }
            assertEquals(merchant(case.text("key_hex"), KeyCodec.HEX).use(sealed), case.merchant(sealed))
        } else {
            val error = assertThrows<BananaTechException.InvalidInput> { case.merchant {} }
            assertEquals(case.code(), error.code)
            case.get("got_bytes")?.let { assertTrue("got $it" in error.summary, error.summary) }
        }
    })

    @Test
    fun cardNumber() = run("card_number", "cases" to { case ->
        val text = Redacted(case.text("text"))
        if (case.flag("ok")) {
            val expected = CardNumberFacts(
                luhn = Luhn.valueOf(case.text("luhn").uppercase()),
                masked = case.text("masked"),
                last4 = case.text("last4"),
                bin6 = case.text("bin6"),
                bin8 = case.text("bin8"),
                brand = case.brand(),
            )
            assertEquals(expected, cardNumber(text))
        } else {
            assertEquals(case.code(), code { cardNumber(text) })
        }
    })

    @Test
    fun pin() = run("pin", "cases" to { case ->
        val text = Redacted(case.text("text"))
        val check = { if (case.text("kind") == "activation") activationPin(text) else pin(text) }
        if (case.flag("ok")) {
            assertEquals(case.weaknesses(), check().weaknesses)
        } else {
            assertEquals(case.code(), code { check() })
        }
    })

    @Test
    fun cvv() = run("cvv", "cases" to { case ->
        val text = Redacted(case.text("text"))
        if (case.flag("ok")) cvv(text) else assertEquals(case.code(), code { cvv(text) })
    })

    @Test
    fun expiry() = run("expiry", "cases" to { case ->
        val text = case.text("text")
        if (case.flag("ok")) {
            val date = expiry(text)
            assertEquals(Expiry(case.get("month").intValue(), case.get("year").intValue()), date)
            assertEquals(text, date.toString())
            assertEquals(date, Expiry(checkNotNull(expiryField(text, ExpiryRules(YearMonth.of(2026, 1))).value)))
            assertTrue(case.get("expired_at_cases").size() > 0)
            for (now in case.get("expired_at_cases")) {
                val expired = date.isExpired(YearMonth.of(now.get("year").intValue(), now.get("month").intValue()))
                assertEquals(now.flag("expired"), expired, "$now")
            }
        } else {
            assertEquals(case.code(), code { expiry(text) })
        }
    })

    @Test
    fun fields() = run(
        "fields",
        "brands" to ::brandFacts,
        "number" to ::numberField,
        "expiry" to ::expiryField,
        "cvv" to { case ->
            val length = CvvLength.valueOf(case.text("length").uppercase())
            val text = Redacted(case.text("text"))
            assertEquals(PlainField(case.verdict(), text), cvvField(text, length))
        },
        "cardholder_name" to { case ->
            assertEquals(PlainField(case.verdict(), Redacted(case.text("value"))), cardholderNameField(case.text("text")))
        },
        "postal_code" to { case ->
            val field = postalCodeField(case.text("text"), case.int("min_length"))
            assertEquals(PlainField(case.verdict(), Redacted(case.text("value"))), field)
            if (case.int("min_length") == 2) assertEquals(field, postalCodeField(case.text("text")))
        },
        "pin" to ::pinField,
        "edit" to ::editField,
    )

    private fun brandFacts(case: JsonNode) {
        val numbers = { name: String -> case.get(name).map { it.intValue() } }
        val expected = BrandFacts(
            name = case.text("title"),
            lengths = numbers("lengths"),
            gaps = numbers("gaps"),
            securityCode = case.text("security_code"),
            securityCodeLength = case.int("security_code_length"),
        )
        val brand = brand(case.text("name"))
        assertEquals(expected, brand.facts)
        val length = if (brand.facts.securityCodeLength == 4) CvvLength.FOUR else CvvLength.THREE
        assertEquals(length, cvvLength(brand))
    }

    private fun numberField(case: JsonNode) {
        val text = Redacted(case.text("text"))
        val rules = case.get("rules")?.let {
            NumberRules(
                maxLength = it.get("max_length")?.intValue(),
                skipLuhn = it.get("skip_luhn")?.booleanValue() ?: false,
                luhnUnionpay = it.get("luhn_unionpay")?.booleanValue() ?: false,
            )
        }
        val expected = NumberField(
            verdict = case.verdict(),
            assignment = case.get("assignment").verdict(),
            value = Redacted(case.text("value")),
            brand = case.brand(),
            brands = case.texts("brands").map(::brand),
            luhn = case.textOrNull("luhn")?.let { code -> Luhn.entries.coded(code) { it.code } },
        )
        assertEquals(expected, if (rules == null) numberField(text) else numberField(text, rules))
        assertEquals(expected.verdict.validity == Validity.VALID, expected.verdict.isValid)
        assertEquals(expected.verdict.validity != Validity.INVALID, expected.verdict.isPotentiallyValid)
    }

    private fun expiryField(case: JsonNode) {
        val text = case.text("text")
        val now = case.get("now").let { YearMonth.of(it.int("year"), it.int("month")) }
        val most = case.get("max_years")?.intValue()
        val value = if (case.get("year").isNull) null else YearMonth.of(case.int("year"), case.int("month"))
        val expected = ExpiryField(case.verdict(), value)
        assertEquals(expected, expiryField(text, if (most == null) ExpiryRules(now) else ExpiryRules(now, most)))
        if (most == null || most == 19) {
            val clock = Clock.fixed(now.atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC), ZoneOffset.UTC)
            assertEquals(expected, expiryField(text, clock))
        }
    }

    private fun pinField(case: JsonNode) {
        val text = Redacted(case.text("text"))
        val about = case.get("context")
        val context = PinContext(
            birthDate = about.textOrNull("birth_date")?.let { birthDate(Redacted(it)) },
            phone = about.textOrNull("phone")?.let(::Redacted),
            cardNumber = about.textOrNull("card_number")?.let(::Redacted),
        )
        val length = PinLength.valueOf(case.text("length").uppercase())
        val rules = PinRules(length, case.flag("refuse_weak"), context)
        val field = pinField(text, rules)
        assertEquals(PinField(case.verdict(), case.weaknesses()), field)
        if (rules == PinRules(PinLength.FOUR_TO_SIX, context = PinContext())) assertEquals(field, pinField(text))
        // The same judgement, where a PIN is taken at last.
        if (!pinField(text, PinRules(length)).verdict.isValid) return
        assertEquals(field.weaknesses, reviewPin(text, context))
        assertEquals(field.weaknesses, pin(text, context).weaknesses)
        if (length == PinLength.SIX) assertEquals(field.weaknesses, activationPin(text, context).weaknesses)
        val strong = { requireStrongPin(text, context) }
        if (field.weaknesses.isEmpty()) strong() else assertEquals(ErrorCode.PIN_WEAK, code { strong() })
    }

    private fun editField(case: JsonNode) {
        val format = case.get("format").let {
            when (val kind = it.text("kind")) {
                "number" -> FieldFormat.Number
                "assigned_number" -> FieldFormat.AssignedNumber
                "expiry" -> FieldFormat.Expiry
                "digits" -> FieldFormat.Digits(it.int("most"))
                else -> error("a new format: $kind")
            }
        }
        val edit = case.get("edit").let {
            when (val kind = it.text("kind")) {
                "insert" -> FieldEdit.Insert(Redacted(it.text("text")))
                "delete_backward" -> FieldEdit.DeleteBackward
                "delete_forward" -> FieldEdit.DeleteForward
                "replace" -> FieldEdit.Replace(it.selection("range"), Redacted(it.text("text")))
                "changed" -> FieldEdit.Changed(Redacted(it.text("text")), it.selection("selection"))
                "format" -> FieldEdit.Format
                else -> error("a new edit: $kind")
            }
        }
        val result = case.get("result")
        val expected = Edited(Redacted(result.text("text")), result.selection("selection"))
        val edited = editField(format, Redacted(case.text("text")), case.selection("selection"), edit)
        assertEquals(expected.text.expose(), edited.text.expose())
        assertEquals(expected, edited)
    }

    @Test
    fun amount() = run(
        "amount",
        "cases" to { case ->
            amountAsJson(case)
            amountAsBigDecimal(case)
        },
        "sums" to ::sum,
        "percent" to ::percent,
    )

    /** An event takes every amount, and a plan says what is wrong with one. */
    private fun amountAsJson(case: JsonNode) {
        val event = Redacted(
            """{"type":"CARD_BALANCE_CHANGE","data":{"card_id":1,"available":"1","before_available":"1","currency":"USD",""" +
                """"occur_time":1,"amount":${case.text("json")}}}""",
        )
        if (case.flag("ok")) {
            val amount = (readEvent(event) as Event.CardBalanceChange).data.amount
            assertEquals(case.text("text"), amount.toPlainString())
            return
        }
        val unread = runCatching { readEvent(event) }
        assertTrue(unread.getOrNull() is Event.Unrecognized || unread.exceptionOrNull() is BananaTechException)
        val plan = """{"operation":"card.recharge","body":{"user_id":1,"card_id":2,"amount":${case.text("json")}}}"""
        // No reader of JSON would get as far as some of the wrong amounts, and null counts as absent.
        val expected = when {
            case.text("json") == "null" -> setOf(ErrorCode.FIELD_REQUIRED)
            case.code() == ErrorCode.AMOUNT_FORMAT -> setOf(ErrorCode.AMOUNT_FORMAT, ErrorCode.JSON_SYNTAX)
            else -> setOf(case.code())
        }
        assertTrue(code { checkPlan(Redacted(plan)) } in expected)
    }

    private fun amountAsBigDecimal(case: JsonNode) {
        if (case.flag("ok")) {
            val amount = BigDecimal(case.text("text"))
            if (amount.stripTrailingZeros().scale() > 8 && amount.signum() > 0) {
                assertEquals(ErrorCode.AMOUNT_DECIMALS, code { plan(RECHARGE.copy(amount = amount)) })
            } else if (amount.signum() > 0) {
                val plan = plan(RECHARGE.copy(amount = amount))
                assertEquals(amount, (plan.operation as AnyOperation.Recharge).operation.amount)
                assertEquals(case.text("text"), plan.json.node().get("body").text("amount"))
            } else {
                assertEquals(ErrorCode.AMOUNT_NOT_POSITIVE, code { plan(RECHARGE.copy(amount = amount)) })
            }
            return
        }
        if (case.code() != ErrorCode.AMOUNT_RANGE) return
        // What is too large for a BigDecimal, too, can't be given.
        val amount = case.text("json").trim('"').toBigDecimalOrNull() ?: return
        assertEquals(ErrorCode.AMOUNT_RANGE, code { plan(RECHARGE.copy(amount = amount)) })
    }

    /** A charge adds the fee: the one place where the surface computes. */
    private fun sum(case: JsonNode) {
        val charge = {
            charge(
                CardTemplate(TemplateId(1), rechargeFee = BigDecimal(case.text("b"))),
                AnyOperation.Recharge(RECHARGE.copy(amount = BigDecimal(case.text("a")))),
                Fee.FLAT,
            )
        }
        compare(case, "sum") { charge().total }
    }

    private fun percent(case: JsonNode) {
        val charge = {
            charge(
                CardTemplate(TemplateId(1), rechargeFee = BigDecimal(case.text("percent"))),
                AnyOperation.Recharge(RECHARGE.copy(amount = BigDecimal(case.text("amount")))),
                Fee.PERCENT,
            )
        }
        compare(case, "fee") { charge().fee }
    }

    private fun compare(case: JsonNode, field: String, compute: () -> BigDecimal) {
        val expected = case.get(field).textValue()
        if (expected == null) {
            assertEquals(ErrorCode.AMOUNT_RANGE, code { compute() })
        } else {
            assertEquals(0, BigDecimal(expected).compareTo(compute()))
        }
    }

    /** A merchant that looks at no more bytes than the case says. */
    private fun <R> JsonNode.limited(use: (Merchant) -> R): R {
        val most = get("max_bytes")?.intValue()
        val options = OPTIONS.copy(secretKey = Redacted(text("key_text")), maxWebhookBytes = most, maxAnswerBytes = most)
        return Merchant(options).use(use)
    }

    /** What other readers of JSON differ about stands in the vectors as text. */
    private fun compare(case: JsonNode, expected: JsonNode, value: Any) {
        val texts = case.get("extra_text")?.properties().orEmpty().associate { (name, text) -> name to text.textValue() }
        val extra = fields(value).firstOrNull { it.first == "extra" }?.second as Map<*, *>?
        assertEquals(texts, extra.orEmpty().filterKeys { it in texts }.mapValues { (it.value as Json).expose() })
        assertEquals(expected, wire(value, texts.keys))
    }

    @Test
    fun events() = run(
        "events",
        "cases" to { case -> case.merchant { event(case, it) } },
        "deliveries" to { case ->
            case.limited { merchant ->
                val body = case.text("body").toByteArray()
                if (case.flag("ok")) {
                    val delivery = merchant.receive(body)
                    assertEquals(case.text("type"), eventFacts(delivery.event).eventType)
                    assertEquals(case.text("data"), delivery.raw.expose())
                } else {
                    assertEquals(case.code(), code { merchant.receive(body) })
                }
            }
        },
    )

    private fun event(case: JsonNode, merchant: Merchant) {
        val body = case.text("body").toByteArray()
        if (!case.flag("ok")) {
            assertEquals(case.code(), code { merchant.receive(body) })
            return
        }
        val delivery = merchant.receive(body)
        val (type, data) = case.text("type") to case.text("data")
        assertEquals(type, eventFacts(delivery.event).eventType)
        assertEquals(data, delivery.raw.expose())
        assertEquals("2026-11", delivery.keyId)
        assertTrue(Regex("[0-9a-f]{64}").matches(delivery.fingerprint))
        assertNull(merchant.diagnose(body))
        val expected = case.get("unrecognized") ?: case.get("event")
        when (val held = fields(delivery.event).single().second!!) {
            is UnrecognizedEvent -> {
                assertTrue(case.has("unrecognized"), "${held.field} ${held.code} ${held.expected}")
                assertEquals(expected.text("field") to ErrorCode(expected.text("code")), held.field to held.code)
                assertEquals(type to data, held.eventType.word to held.data.expose())
            }
            is Redacted, is UnknownEvent -> {
                val raw = if (held is UnknownEvent) held.data else held as Json
                assertEquals(data, raw.expose())
                assertEquals(expected.get("data_text")?.textValue() ?: data, data)
            }
            else -> compare(case, expected, held)
        }
        val written = writeEvent(delivery.event)
        assertEquals(delivery.event, readEvent(written))
        assertEquals(written, writeEvent(readEvent(written)))
        val sealed = merchant.testWebhook(type, Redacted(data), case.text("iv_hex").hexToByteArray())
        assertEquals(delivery.event, merchant.receive(sealed).event)
        assertEquals(mapper.readTree(body), mapper.readTree(sealed))
    }

    private fun JsonNode.kind() = OperationKind.entries.single { it.operationName == text("operation") }

    @Test
    fun responses() = run(
        "responses",
        "requests" to { case ->
            val plan = checkPlan(Redacted("""{"operation":"${case.text("operation")}","body":${case.text("body")}}"""))
            assertEquals(case.kind(), plan.operation.kind)
        },
        "cases" to { case ->
            case.merchant { merchant ->
                val (status, body) = case.get("status").intValue() to case.text("body").toByteArray()
                response(case) { merchant.read(case.kind(), status, body, case.textOrNull("request_body")) }
            }
        },
        "limits" to { case ->
            case.limited { merchant ->
                val read = {
                    merchant.read(case.kind(), case.get("status").intValue(), case.text("body").toByteArray())
                }
                if (case.flag("ok")) read() else assertEquals(case.code(), code { read() })
            }
        },
    )

    private fun response(case: JsonNode, read: () -> AnyAnswer) {
        if (case.flag("ok")) {
            val answer = read()
            compare(case, case.get("response"), fields(answer.response).single().second!!)
            assertEquals(if (case.flag("sealed")) "2026-11" else null, answer.sealedWith)
            assertEquals(case.text("plaintext"), answer.raw.expose())
            assertEquals(answer.response, readResponse(case.kind(), writeResponse(answer.response)))
            return
        }
        val error = assertThrows<BananaTechException> { read() }
        val rejection = when (error) {
            is BananaTechException.Rejected -> error.rejection
            is BananaTechException.NotKnown -> error.answer
            else -> null
        }
        val failure = when (error) {
            is BananaTechException.Rejected -> null
            is BananaTechException.NotKnown -> "not_known"
            is BananaTechException.NotAuthentic -> "not_authentic"
            is BananaTechException.Unexpected -> "unexpected_answer"
            else -> throw error
        }
        assertEquals(case.textOrNull("failure"), failure)
        if (rejection == null) return
        assertEquals(case.get("status").intValue(), rejection.status)
        assertEquals(case.flag("sealed"), rejection.authenticated)
        assertEquals(case.text("plaintext"), rejection.body.expose())
        if (failure == null) {
            assertEquals(case.get("rejected").get("message").textValue(), rejection.words?.expose())
        } else {
            assertEquals(RejectionMeaning.NOT_KNOWN, rejection.meaning)
        }
    }
}
