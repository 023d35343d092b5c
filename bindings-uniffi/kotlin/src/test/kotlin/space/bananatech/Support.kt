package space.bananatech

import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature
import com.fasterxml.jackson.databind.json.JsonMapper
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import java.lang.reflect.Modifier
import java.math.BigDecimal
import java.net.URI
import java.time.Instant
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.assertThrows

internal const val KEY = "webhook-test-key-of-32-bytes-000"
internal val IV = ByteArray(16) { it.toByte() }
internal val SENT_AT: Instant = Instant.ofEpochMilli(1691249025000)
internal val LONG_BEFORE: Instant = SENT_AT.minusSeconds(3600)
internal val DEADLINE: Instant = SENT_AT.plusSeconds(600)

internal val OPTIONS = MerchantOptions(
    merchantId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
    baseUrl = URI("https://api.example"),
    secretKey = Redacted(KEY),
    keyId = "2026-11",
)

internal fun merchant(key: String = KEY, codec: KeyCodec? = null) =
    Merchant(OPTIONS.copy(secretKey = Redacted(key), codec = codec))

/** The event that a merchant makes of a webhook with these data. */
internal fun Merchant.event(type: String, data: String): Event = receive(testWebhook(type, Redacted(data))).event

internal fun rechargeResult(transaction: Int = 1, status: String = "SUCCESS") =
    """{"card_id":67890,"transaction_id":$transaction,"receive_amount":100.0,"status":"$status","currency":"USD",""" +
        """"occur_time":1691249025085}"""

/** What is refused, by code and field. */
internal fun refused(code: ErrorCode, field: String? = null, what: String = "", work: () -> Unit) {
    val error = assertThrows<BananaTechException.InvalidInput>(what) { work() }
    assertEquals(code to field, error.code to error.field, what)
}

internal fun thrown(work: () -> Unit): BananaTechException = assertThrows<BananaTechException> { work() }

/** Exact numbers: with their scale, and of any size. */
internal val mapper: JsonMapper = JsonMapper.builder()
    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
    .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
    .build()

private val nodes = JsonNodeFactory.withExactBigDecimals(true)

internal fun Json.node(): JsonNode = mapper.readTree(expose())

internal fun JsonNode.text(name: String): String = get(name).textValue()

/** The names that the operations travel under, in the order of [OperationKind]. */
private val NAMES = listOf(
    "merchant.get_account_balance", "merchant.get_card_templates", "merchant.set_webhook_url", "merchant.get_webhook_records",
    "user.register", "user.get_users", "card.apply", "card.recharge", "card.update_status", "card.get_balance",
    "card.get_information", "card.get_transactions", "card.assign", "card.set_pin", "card.3ds_confirm",
)

internal val OperationKind.travelsAs: String get() = NAMES[ordinal]

/** An operation: how it travels, the functions for its type, and what may be answered to it. */
internal class Sample(
    val operation: AnyOperation,
    val body: String,
    val answer: String,
    val plan: () -> Plan,
    val call: (Merchant, ByteArray?) -> Call<Any>,
) {
    val name: String get() = operation.kind.travelsAs
    val isOpen: Boolean get() = fields(fields(operation).single().second!!)
        .any { (name, value) -> name == "extra" && (value as Map<*, *>).isNotEmpty() }
    val json: String get() = """{"operation":"$name","body":$body}"""
}

private val webhookUrl = checkPlan(
    Redacted("""{"operation":"merchant.set_webhook_url","body":{"url":"https://merchant.example/webhooks"}}"""),
).operation as AnyOperation.SetWebhookUrl

private val records = GetWebhookRecords(skip = 0, limit = 2, callbackType = EventType.CardRechargeResult, cardId = CardId(67890))
private val register = Register(
    email = Redacted("ada@example.com"),
    templateId = TemplateId(1),
    dialCode = Redacted("380"),
    phoneNumber = Redacted("5550100"),
    kycData = KycData(firstName = Redacted("Ada"), gender = Gender.Female, identificationType = IdentificationType.Passport),
)
private val users = GetUsers(search = Redacted("ada"), limit = 2, desc = true, extra = mapOf("region" to Redacted("[1.10]")))
private val apply = Apply(userId = UserId(12345), templateId = TemplateId(1), depositAmount = BigDecimal("20.00"))
internal val RECHARGE = Recharge(userId = UserId(12345), cardId = CardId(67890), amount = BigDecimal("100.00"))
private val activate = UpdateStatus(userId = UserId(12345), cardId = CardId(67890), alter = Alter.ACTIVATE, pin = Redacted("482915"))
private val balance = GetBalance(userId = UserId(12345), cardId = CardId(67890))
private val information = GetInformation(userId = UserId(12345), cardId = CardId(67890))
internal val TRANSACTIONS = GetTransactions(
    cardId = CardId(67890), limit = 2, status = TransactionStatus.Success, transactionType = TransactionType.Recharge,
)
private val assign = Assign(userId = UserId(12345), templateId = TemplateId(1), cardNumber = Redacted("4111111111111111"))
private val setPin = SetPin(userId = UserId(12345), cardId = CardId(67890), pin = Redacted("60817"))
private val confirm = Confirm3ds(cardId = CardId(67890), extra = mapOf("approve" to Redacted("true")))

private const val TAKEN = """{"message":"Operation requested"}"""
private const val RECORDS = """{"data":[{"type":"CARD_3DS","sum":1.10},7],"total":2}"""

/** One of each operation. */
internal val SAMPLES = listOf(
    Sample(
        AnyOperation.GetAccountBalance(GetAccountBalance()), "{}", """{"balance":"9000.50","currency":"USD"}""",
        { plan(GetAccountBalance()) }, { merchant, iv -> merchant.call(GetAccountBalance(), iv) },
    ),
    Sample(
        AnyOperation.GetCardTemplates(GetCardTemplates()), "{}",
        """{"data":[{"id":1,"type":"Physical","payment_system":"Visa","recharge_fee":"1.0","requires_kyc":true,"x":[]}]}""",
        { plan(GetCardTemplates()) }, { merchant, iv -> merchant.call(GetCardTemplates(), iv) },
    ),
    Sample(
        webhookUrl, """{"url":"https://merchant.example/webhooks"}""", """{"success":true}""",
        { plan(webhookUrl.operation) }, { merchant, iv -> merchant.call(webhookUrl.operation, iv) },
    ),
    Sample(
        AnyOperation.GetWebhookRecords(records),
        """{"skip":0,"limit":2,"callback_type":"CARD_RECHARGE_RESULT","card_id":67890}""", RECORDS,
        { plan(records) }, { merchant, iv -> merchant.call(records, iv) },
    ),
    Sample(
        AnyOperation.Register(register),
        """{"email":"ada@example.com","template_id":1,"dial_code":"380","phone_number":"5550100","kyc_data":""" +
            """{"first_name":"Ada","gender":"FEMALE","identification_type":"PASSPORT"}}""",
        """{"user_id":12345,"message":"ok"}""",
        { plan(register) }, { merchant, iv -> merchant.call(register, iv) },
    ),
    Sample(
        AnyOperation.GetUsers(users), """{"limit":2,"search":"ada","desc":true,"region":[1.10]}""", RECORDS,
        { plan(users) }, { merchant, iv -> merchant.call(users, iv) },
    ),
    Sample(
        AnyOperation.Apply(apply), """{"user_id":12345,"template_id":1,"deposit_amount":"20.00"}""",
        """{"card_id":67890,"message":"ok","queue":1.50}""",
        { plan(apply) }, { merchant, iv -> merchant.call(apply, iv) },
    ),
    Sample(
        AnyOperation.Recharge(RECHARGE), """{"user_id":12345,"card_id":67890,"amount":"100.00"}""", TAKEN,
        { plan(RECHARGE) }, { merchant, iv -> merchant.call(RECHARGE, iv) },
    ),
    Sample(
        AnyOperation.UpdateStatus(activate), """{"user_id":12345,"card_id":67890,"alter":"ACTIVATE","pin":"482915"}""", TAKEN,
        { plan(activate) }, { merchant, iv -> merchant.call(activate, iv) },
    ),
    Sample(
        AnyOperation.GetBalance(balance), """{"user_id":12345,"card_id":67890}""",
        """{"balance":"150.50","refund_amount":"0.0","currency":"USD"}""",
        { plan(balance) }, { merchant, iv -> merchant.call(balance, iv) },
    ),
    Sample(
        AnyOperation.GetInformation(information), """{"user_id":12345,"card_id":67890}""",
        """{"number":"4111111111111111","cvv":"123","expiry_date":"12/29","status":"TBA","template_id":1}""",
        { plan(information) }, { merchant, iv -> merchant.call(information, iv) },
    ),
    Sample(
        AnyOperation.GetTransactions(TRANSACTIONS), """{"card_id":67890,"limit":2,"status":"SUCCESS","type":"RECHARGE"}""",
        """{"data":[{"id":1,"card_id":67890,"amount":"-12.30","type":"PURCHASE","status":"PENDING"}],"total":1}""",
        { plan(TRANSACTIONS) }, { merchant, iv -> merchant.call(TRANSACTIONS, iv) },
    ),
    Sample(
        AnyOperation.Assign(assign), """{"user_id":12345,"template_id":1,"card_number":"4111111111111111"}""",
        """{"card_id":67890}""",
        { plan(assign) }, { merchant, iv -> merchant.call(assign, iv) },
    ),
    Sample(
        AnyOperation.SetPin(setPin), """{"user_id":12345,"card_id":67890,"pin":"60817"}""",
        """{"success":true,"message":"PIN set successfully"}""",
        { plan(setPin) }, { merchant, iv -> merchant.call(setPin, iv) },
    ),
    Sample(
        AnyOperation.Confirm3ds(confirm), """{"card_id":67890,"approve":true}""", TAKEN,
        { plan(confirm) }, { merchant, iv -> merchant.call(confirm, iv) },
    ),
)

/** The fields of a value, its private ones too: found by reflection, so that none can be forgotten. */
internal fun fields(value: Any): List<Pair<String, Any?>> =
    value.javaClass.declaredFields.filterNot { Modifier.isStatic(it.modifiers) }.map {
        it.isAccessible = true
        it.name to it.get(value)
    }

/**
 * A value as the vectors write it: the API's names, absent what is null, amounts and secrets as text, unknown fields apart
 * under `extra`.
 *
 * @param without Unknown fields that are left out.
 */
internal fun wire(value: Any, without: Set<String> = emptySet()): JsonNode = when (value) {
    is String -> nodes.textNode(value)
    is Boolean -> nodes.booleanNode(value)
    is Long -> nodes.numberNode(value.toBigInteger())
    is Int -> nodes.numberNode(value.toBigInteger())
    is UserId -> wire(value.value)
    is CardId -> wire(value.value)
    is TemplateId -> wire(value.value)
    is TransactionId -> wire(value.value)
    is BigDecimal -> nodes.textNode(value.toPlainString())
    is Instant -> nodes.numberNode(value.toEpochMilli().toBigInteger())
    is Redacted -> nodes.textNode(value.expose())
    is URI, is Expiry -> nodes.textNode(value.toString())
    is Enum<*> -> nodes.textNode(value.name)
    // Within lists and maps, what is redacted is JSON.
    is List<*> -> nodes.arrayNode().apply { value.forEach { add(if (it is Redacted) it.node() else wire(it!!)) } }
    is Map<*, *> -> nodes.objectNode().apply {
        value.forEach { (name, json) -> set<JsonNode>(name as String, (json as Redacted).node()) }
    }
    else -> word(value)?.let { nodes.textNode(it) } ?: nodes.objectNode().apply {
        for ((name, field) in fields(value)) {
            val there = if (name == "extra") (field as Map<*, *>).filterKeys { it !in without } else field
            if (there != null) set<JsonNode>(apiName(name), wire(there))
        }
    }
}

private fun apiName(name: String) = when (name) {
    "transactionType", "templateType" -> "type"
    else -> name.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() }
}

/** The API's word for a value of an open enum; null if it isn't of one. */
internal fun word(value: Any): String? {
    val type = value.javaClass.superclass
    if (type.declaredClasses.none { it.simpleName == "Other" }) return null
    val name = value.javaClass.simpleName
    return when {
        name == "Other" -> fields(value).single().second as String
        name == "ToBeActivated" -> "TBA"
        type == TemplateType::class.java || type == PaymentSystem::class.java -> name
        else -> name.replace(Regex("(?<=[a-z])[A-Z0-9]")) { "_" + it.value }.uppercase()
    }
}
