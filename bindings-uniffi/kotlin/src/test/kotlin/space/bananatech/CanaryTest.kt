package space.bananatech

import com.fasterxml.jackson.annotation.JsonAutoDetect
import com.fasterxml.jackson.annotation.PropertyAccessor
import com.fasterxml.jackson.databind.SerializationFeature
import com.fasterxml.jackson.databind.json.JsonMapper
import com.google.gson.Gson
import com.squareup.moshi.Moshi
import com.squareup.moshi.kotlin.reflect.KotlinJsonAdapterFactory
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.math.BigDecimal
import java.net.URI
import java.time.Instant
import java.util.UUID
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.serialization.serializer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Secrets that went in are found in nothing that is written for people: texts of values, exceptions, the console. */
class CanaryTest {
    private val pan = "4929771234567894"
    private val activationPin = "917364"
    private val pin = "58203"
    private val cvv = "7391"
    private val key = "canary-key-ZQXJ-0123456789abcdef"
    private val otp = "OTP-66021894"
    private val email = "canary.person@example.org"
    private val payload = "canary-payload-that-is-no-envelope"
    private val canaries = listOf(pan, activationPin, pin, cvv, key, otp, email, payload)

    /** Operations' ids and addresses: they may have the digits of a short one. */
    private val random = Regex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(@|0x)[0-9a-f]{6,12}\\b")

    private var looked = 0
    private var carried = mutableSetOf<String>()

    private fun clean(what: String, text: String?) {
        looked += 1
        val own = text.orEmpty().replace(random, "")
        for (canary in canaries) assertTrue(canary !in own) { "$what shows $canary: $text" }
    }

    /** The text of a value and of all that it is made of. */
    private fun look(what: String, value: Any?) {
        if (value == null) return
        clean(what, value.toString())
        when (value) {
            is Redacted -> canaries.filterTo(carried) { it in value.expose() }
            is Throwable -> {
                clean(what, value.message)
                clean(what, value.localizedMessage)
                clean(what, value.stackTraceToString())
                generateSequence(value.cause) { it.cause }.forEach { clean(what, it.stackTraceToString()) }
                value.suppressed.forEach { look(what, it) }
                if (value is BananaTechException) {
                    clean(what, "${value.code} ${value.field} ${value.summary}")
                    fields(value).forEach { (name, field) -> look("$what.$name", field) }
                }
            }
            is Iterable<*> -> value.forEach { look(what, it) }
            is Map<*, *> -> value.forEach { (name, field) -> look("$what.$name", field).also { look(what, name) } }
            is String, is Number, is Boolean, is Enum<*>, is Instant, is URI, is UUID, is ByteArray, is Merchant, is Tracker,
            is AtomicBoolean, is Function<*>,
            -> Unit
            else -> fields(value).forEach { (name, field) -> look("$what.$name", field) }
        }
    }

    /** Looks at what comes out, whichever way. */
    private fun <R> tried(what: String, work: () -> R): R? = try {
        work().also { look(what, it) }
    } catch (error: Throwable) {
        if (error is AssertionError) throw error
        null.also { look(what, error) }
    }

    /** What libraries write that take any object apart. */
    @Test
    fun nothingIsWrittenAsJson() {
        val jackson = JsonMapper.builder()
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .build()
        val gson = Gson()
        val moshi = Moshi.Builder().addLast(KotlinJsonAdapterFactory()).build()
        assertEquals("{\"text\":\"seen\"}", moshi.adapter(Open::class.java).toJson(Open("seen")))
        assertTrue("\"cardNumber\":{}" in gson.toJson(Assign(UserId(1), TemplateId(1), secret(pan))))
        for (operation in operations) {
            clean("Gson", gson.toJson(operation))
            clean("Jackson", jackson.writeValueAsString(operation))
            // They refuse to write what they weren't told how.
            tried("Moshi") { moshi.adapter<Any>(operation.javaClass).toJson(operation) }
            tried("kotlinx.serialization") { kotlinx.serialization.json.Json.encodeToString(serializer(operation.javaClass), operation) }
        }
        for (text in canaries) {
            tried("Moshi") { moshi.adapter(Redacted::class.java).toJson(secret(text)) }
            tried("kotlinx.serialization") { kotlinx.serialization.json.Json.encodeToString(serializer(Redacted::class.java), secret(text)) }
        }
    }

    /** What Moshi shows of a class that hides nothing. */
    class Open(val text: String)

    private fun secret(text: String) = Redacted(text)

    private val operations = listOf(
        AnyOperation.Assign(Assign(UserId(1), TemplateId(1), secret(pan))),
        AnyOperation.UpdateStatus(UpdateStatus(UserId(1), CardId(2), Alter.ACTIVATE, secret(activationPin))),
        AnyOperation.SetPin(SetPin(UserId(1), CardId(2), secret(pin))),
        AnyOperation.Register(
            Register(
                secret(email), TemplateId(1), secret(otp), secret(otp),
                KycData(firstName = secret(email), identificationNumber = secret(pan), extra = mapOf("x" to Redacted("7"))),
                mapOf("y" to secret("\"$otp\"")),
            ),
        ),
        AnyOperation.Confirm3ds(Confirm3ds(cardId = CardId(2), extra = mapOf("otp" to secret("\"$otp\"")))),
        AnyOperation.GetUsers(GetUsers(search = secret(email), extra = mapOf("email" to secret("\"$email\"")))),
    )

    private val webhooks = listOf(
        "CARD_ACTIVATE_RESULT" to """{"card_id":1,"card_number":"$pan","status":"SUCCESS","occur_time":1}""",
        "CARD_3DS" to """{"otp":"$otp","pan":"$pan"}""",
        "CARD_VERIFICATION" to """{"otp":"$otp"}""",
        "TRANSACTION_CREATED" to """{"id":1,"merchant_name":"x","pan":"$pan"}""",
        "NEW_TYPE" to "\"$otp\"",
        "USER_CREATE_RESULT" to """{"user_id":1,"status":"APPROVED","pin":"$pin"}""",
        // The API's words may repeat what was sent.
        "USER_CREATE_RESULT" to """{"user_id":1,"status":"REJECTED","message":"$email is taken"}""",
        "CARD_ASSIGN_RESULT" to """{"user_id":1,"status":"FAILED","error_reason":"no card $pan","occur_time":1}""",
        "CARD_RECHARGE_RESULT" to """{"card_id":1,"status":"FAILED","description":"of card $pan","occur_time":1}""",
        // Unrecognized: a field that is missing, a field twice, a wrong value, no object.
        "CARD_CLOSE_RESULT" to """{"card_number":"$pan","status":"SUCCESS","occur_time":1}""",
        "CARD_CLOSE_RESULT" to """{"card_id":"card $pan","status":"SUCCESS","occur_time":1}""",
        "CARD_CLOSE_RESULT" to """{"card_id":1,"card_id":"$pan"}""",
        "CARD_CLOSE_RESULT" to "\"$pan\"",
    )

    private fun right(merchant: Merchant) {
        look("card number", listOf(Redacted(pan), tried("card number") { cardNumber(Redacted(pan)) }))
        tried("activation pin") { activationPin(secret(activationPin)) }
        tried("pin") { pin(secret(pin)) }
        tried("cvv") { cvv(secret(cvv)) }
        typed()
        val tracker = Tracker(Assumptions.shared())
        for (operation in operations) {
            look("operation", operation)
            val plan = tried("plan") { plan(operation) }!!
            tried("plan read") { checkPlan(plan.json) }
            val call = tried("call") { merchant.call(operation) }!!
            val tracked = tried("tracked") { call.tracked(SENT_AT) }
            if (tracked != null) tried("stored") { tracker.store(tracked) }
            clean("stored", tracker.toJson())
            for ((status, body) in answers) tried("answer") { call.answer(status, body.toByteArray()) }
        }
        var state = CardState(CardId(1))
        for ((type, data) in webhooks) {
            val delivery = tried("webhook") { merchant.receive(merchant.testWebhook(type, secret(data))) } ?: continue
            tried("facts") { eventFacts(delivery.event) }
            tried("time") { judgeTime(delivery.event, Instant.MAX) }
            tried("written") { readEvent(writeEvent(delivery.event)) }
            tried("tracked") { tracker.receive(delivery) }
            tried("tracked") { tracker.take(delivery.event) }
            clean("stored", tracker.toJson())
            tried("folded") { state.fold(delivery.event) }?.let { state = it.state }
            clean("stored", state.json())
        }
        val rejection = (runCatching { merchant.call(operations[0]).read(400, answers[0].second.toByteArray()) }
            .exceptionOrNull() as BananaTechException.Rejected).rejection
        look("operations", tracker.operations())
        for (operation in tracker.operations()) tried("rejected") { tracker.reject(operation.id, rejection) }
        clean("stored", tracker.toJson())
        tried("inquiries") { tracker.overdue(Instant.MAX).map { it.withEmail(Redacted(email)) } }
        tracker.close()
        val page = JsonPage(listOf(Redacted("\"$email\"")), 9)
        tried("pages") { pages(operations.last()).let { listOf(it, it.next(), it.accept(AnyResponse.GetUsers(page))) } }
        tried("pages") { merchant.pages(GetUsers(extra = mapOf("email" to secret("\"$email\"")))) { page }.first() }
    }

    /** What a form has of what is typed into it. */
    private fun typed() {
        tried("number field") { numberField(secret(pan)) }
        tried("cvv field") { cvvField(secret(cvv), CvvLength.FOUR) }
        tried("name field") { cardholderNameField(email) }
        tried("postal code field") { postalCodeField(pan) }
        val birthDate = tried("birth date") { birthDate(secret("1987-03-14")) }
        clean("birth date", birthDate.toString().replace("…", "").also { assertTrue(it.isEmpty(), it) })
        val context = PinContext(birthDate, phone = secret(activationPin), cardNumber = secret(pan))
        val rules = PinRules(PinLength.FOUR_TO_SIX, refuseWeak = true, context)
        look("rules", rules)
        tried("pin field") { pinField(secret(pin), rules) }
        tried("review") { reviewPin(secret(pin), context) }
        tried("strong") { requireStrongPin(secret(activationPin), context) }
        val caret = FieldSelection(0)
        for (edit in listOf(
            FieldEdit.Insert(secret(pan)), FieldEdit.Replace(caret, secret(pan)), FieldEdit.Changed(secret(pan), caret),
        )) {
            look("edit", edit)
            look("edited", editField(FieldFormat.Number, secret(activationPin), caret, edit))
        }
    }

    private val answers = listOf(
        400 to """{"message":"card $pan of $email is unknown"}""",
        500 to pan,
        200 to """["$pan"]""",
        200 to """{"message":"of card $pan"}""",
        200 to """{"card_id":"${pan}x"}""",
        200 to """{"number":"$pan","cvv":"$cvv","expiry_date":"12/29","status":"ACTIVE","pin":"$pin"}""",
        200 to """{"card_id":1,"user_id":1,"data":["$email"],"pin":"$pin"}""",
    )

    private fun wrong(merchant: Merchant) {
        for (canary in canaries) {
            for (text in listOf("$canary ", "$canary$canary$canary", "\"$canary", "-$canary.$canary", "$canary\uDC00")) {
                val redacted = secret(text)
                // Of what is long enough, the first and last digits may be shown.
                tried("card number") { cardNumber(redacted).let {} }
                tried("activation pin") { activationPin(redacted) }
                tried("pin") { pin(redacted) }
                tried("cvv") { cvv(redacted) }
                tried("expiry") { expiry(text) }
                tried("expiry field") { expiryField(text) }
                tried("birth date") { birthDate(redacted) }
                tried("review") { reviewPin(redacted) }
                tried("strong") { requireStrongPin(redacted, PinContext(phone = redacted)) }
                for (codec in KeyCodec.entries) {
                    tried("key") { Merchant(OPTIONS.copy(secretKey = redacted, codec = codec)).close() }
                }
                tried("merchant id") { Merchant(OPTIONS.copy(merchantId = text)) }
                tried("path") { Merchant(OPTIONS.copy(paths = mapOf(OperationKind.ASSIGN to text))) }
                tried("webhook") { merchant.receive(text.toByteArray()) }
                tried("diagnosis") { merchant.diagnose(text.toByteArray()) }
                tried("event") { readEvent(redacted) }
                tried("stored") { Tracker.fromJson(text) }
                tried("thing") { Tracker(Assumptions.shared()).use { it.nameForeign(text) } }
                tried("inquiry") { Inquiry(UUID(0, 0), redacted).nextRequest() }
                tried("state") { readCardState(text) }
                tried("pages") { Pages(redacted).next() }
                tried("fingerprint") { RecentDeliveries().use { it.remember(text) } }
                tried("plan") { plan(Assign(UserId(1), TemplateId(1), redacted)) }
                tried("plan") { plan(SetPin(UserId(1), CardId(1), redacted)) }
                tried("plan") { checkPlan(redacted) }
                val json = mapper.writeValueAsString(text)
                for (kind in OperationKind.entries) {
                    val bodies = listOf(
                        "{$json:1}", json,
                        """{"user_id":$json,"card_id":$json,"alter":$json,"pin":$json,"skip":$json,"url":$json}""",
                        """{"user_id":1,"card_id":2,"template_id":3,"amount":$json,"alter":$json,"pin":$json,"limit":$json}""",
                    )
                    for (body in bodies) {
                        tried("plan") { checkPlan(Redacted("""{"operation":"${kind.travelsAs}","body":$body}""")).json }
                        // What is taken shows its unknown fields' names.
                        tried("answer") { readResponse(kind, Redacted(body)).let {} }
                    }
                }
                tried("plan") { checkPlan(Redacted("""{"operation":$json,"body":{}}""")) }
                tried("event") { readEvent(Redacted("""{"type":"CARD_ASSIGN_RESULT","data":{"status":$json}}""")) }
            }
        }
        tried("amount") { plan(RECHARGE.copy(amount = BigDecimal("${pan}E+99"))) }
        tried("a closed one") { merchant(key).also { it.close() }.call(RECHARGE) }
        tried("a panic") { testingPanic() }
    }

    @Test
    fun nothingWrittenForPeopleHoldsASecret() {
        val options = OPTIONS.copy(secretKey = Redacted(key), otherKeys = listOf(MerchantKey("old", Redacted(key))))
        val (out, err) = System.out to System.err
        val console = ByteArrayOutputStream()
        try {
            PrintStream(console, true).let {
                System.setOut(it)
                System.setErr(it)
            }
            look("options", options)
            Merchant(options).use { merchant ->
                clean("merchant", merchant.toString())
                right(merchant)
                wrong(merchant)
            }
        } finally {
            System.setOut(out)
            System.setErr(err)
        }
        clean("the console", console.toString())
        assertTrue(looked > 10_000, "$looked texts were looked at")
        // They were there, where they belong.
        assertTrue(carried.containsAll(canaries - payload)) { "only $carried was carried" }
    }
}
