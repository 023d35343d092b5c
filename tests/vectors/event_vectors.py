"""events.json: a webhook's plaintext, sealed, and the typed event that it is.

Expected events and refusals are written in by hand; judge() is there to contradict a slip.
"""

from sealing import fixed_iv, key_bytes, seal, webhook_body
from value_vectors import Refused
from wire import NUMBER, Pairs, parse, typed, whole

CODEC, KEY_TEXT = "utf8", "webhook-test-key-of-32-bytes-000"

FIELDS = {
    "USER_CREATE_RESULT": {"user_id": "id", "status": "text", "message": "text"},
    "CARD_APPLY_RESULT": {"template_id": "id", "user_id": "id", "card_id": "id", "status": "text", "occur_time": "time"},
    "CARD_ACTIVATE_RESULT": {"card_id": "id", "card_number": "text", "status": "text", "occur_time": "time"},
    "CARD_ASSIGN_RESULT": {"card_id": "id", "user_id": "id", "status": "text", "error_reason": "text", "occur_time": "time"},
    "CARD_STATUS_CHANGE": {"card_id": "id", "status": "text", "card_status": "text", "occur_time": "time"},
    "CARD_RECHARGE_RESULT": {
        "card_id": "id", "transaction_id": "id", "receive_amount": "amount", "status": "text", "currency": "text",
        "occur_time": "time", "template_id": "id", "user_id": "id", "description": "text",
    },
    "CARD_CLOSE_RESULT": {
        "card_id": "id", "transaction_id": "id", "refund_amount": "amount", "status": "text", "occur_time": "time",
    },
    "CARD_BALANCE_CHANGE": {
        "card_id": "id", "amount": "amount", "available": "amount", "before_available": "amount", "currency": "text",
        "occur_time": "time",
    },
}
RAW = ["TRANSACTION_CREATED", "CARD_CORRECTION", "CARD_3DS", "CARD_VERIFICATION"]

# type: (always required, required unless FAILED, required if FAILED)
REQUIRED = {
    "USER_CREATE_RESULT": ("user_id status", "", ""),
    "CARD_APPLY_RESULT": ("user_id status occur_time", "template_id card_id", ""),
    "CARD_ACTIVATE_RESULT": ("card_id status occur_time", "card_number", ""),
    "CARD_ASSIGN_RESULT": ("status occur_time", "card_id", "user_id"),
    "CARD_STATUS_CHANGE": ("card_id status occur_time", "card_status", ""),
    "CARD_RECHARGE_RESULT": ("card_id status occur_time", "transaction_id receive_amount currency", ""),
    "CARD_CLOSE_RESULT": ("card_id status occur_time", "transaction_id refund_amount", ""),
    "CARD_BALANCE_CHANGE": ("card_id amount available before_available currency occur_time", "", ""),
}
SIGNATURE = {
    "CARD_APPLY_RESULT": "template_id",
    "CARD_ACTIVATE_RESULT": "card_number",
    "CARD_ASSIGN_RESULT": "error_reason",
    "CARD_STATUS_CHANGE": "card_status",
    "CARD_RECHARGE_RESULT": "receive_amount",
    "CARD_CLOSE_RESULT": "refund_amount",
    "CARD_BALANCE_CHANGE": "before_available",
}

# The documentation's examples; the marked ones are put together from its tables.
USER_CREATE = '{"user_id":12345,"status":"APPROVED"}'  # put together
APPLY = '{"template_id":123,"user_id":12345,"card_id":67890,"status":"SUCCESS","occur_time":1691249025085}'  # put together
ACTIVATE = '{"card_id":12345,"card_number":"1234567890123456","status":"SUCCESS","occur_time":1691249025085}'
ASSIGN = '{"card_id":12345,"status":"SUCCESS","occur_time":1691249025085}'
ASSIGN_FAILED = (
    '{"status":"FAILED","error_reason":"101:0 - card number not exist","user_id":67890,"occur_time":1691249025085}'
)
STATUS = '{"card_id":12345,"status":"SUCCESS","card_status":"LOCKED","occur_time":1691249025085}'
RECHARGE = (
    '{"card_id":12345,"transaction_id":67890,"receive_amount":100.0,"status":"SUCCESS","currency":"USD",'
    '"occur_time":1691249025085}'
)
CLOSE = '{"card_id":12345,"transaction_id":67890,"refund_amount":100.0,"status":"SUCCESS","occur_time":1691550780785}'
BALANCE = (
    '{"card_id":12345,"amount":150.5,"available":140.0,"before_available":150.5,"currency":"USD",'
    '"occur_time":1691249025085}'
)  # put together
SUCCESS = {
    "USER_CREATE_RESULT": USER_CREATE, "CARD_APPLY_RESULT": APPLY, "CARD_ACTIVATE_RESULT": ACTIVATE,
    "CARD_ASSIGN_RESULT": ASSIGN, "CARD_STATUS_CHANGE": STATUS, "CARD_RECHARGE_RESULT": RECHARGE,
    "CARD_CLOSE_RESULT": CLOSE, "CARD_BALANCE_CHANGE": BALANCE,
}
SHAPE = "webhook.shape"
WHOLE = object()


def judge(kind, text):
    value = parse(text)
    if kind not in FIELDS and kind not in RAW:
        return {"data": whole(value)}
    if not isinstance(value, Pairs):
        raise Refused(SHAPE)
    names = [key for key, _ in value]
    if len(set(names)) != len(names):
        raise Refused("json.duplicate_field")
    if kind in RAW:
        for other, example in SUCCESS.items():
            required = {key for key, _ in parse(example)}
            optional = set(FIELDS[other]) - required if other in FIELDS else set()
            if SIGNATURE.get(other) in names and required <= set(names) <= required | optional:
                raise Refused(SHAPE)
        return {"data": whole(value)}
    event = typed(FIELDS[kind], value, SHAPE)
    always, unless_failed, if_failed = (field.split() for field in REQUIRED[kind])
    failed = event.get("status") == "FAILED"
    if any(field not in event for field in always + (if_failed if failed else unless_failed)):
        raise Refused(SHAPE)
    present = {key for key, item in value if item is not None}
    own = SIGNATURE.get(kind)
    foreign = set(SIGNATURE.values()) - {own}
    if kind == "CARD_RECHARGE_RESULT":
        foreign -= {"template_id"}
    # A failed assignment is known by its reason together with the missing card: others may state a reason too.
    if "card_id" in present:
        foreign -= {"error_reason"}
    # template_id stands in recharges as well, so it doesn't vouch for an application.
    vouched = own in present and kind != "CARD_APPLY_RESULT"
    if kind == "CARD_ASSIGN_RESULT":
        vouched = own in present and "card_id" not in present
    # A declined purchase is no failed operation: a transaction has an id of its own and the name of a shop.
    transaction = {"id", "merchant_name"} <= present
    if not vouched and (present & foreign or transaction):
        raise Refused(SHAPE)
    return event


def dashed(kind):
    return kind.lower().replace("_", "-")


def events():
    cases = []
    key = key_bytes(CODEC, KEY_TEXT)
    assert len(key) == 32

    def add(name, kind, data, expected, **more):
        try:
            found = judge(kind, data)
        except Refused as refused:
            found = str(refused)
        if expected is WHOLE:
            expected = {"data": whole(parse(data))}
        elif isinstance(expected, dict):
            expected = {**expected, "extra": expected.get("extra", {})}
        assert found == expected, (name, found, expected)
        outcome = {"ok": False, "code": expected} if isinstance(expected, str) else {"ok": True, "event": expected}
        iv = fixed_iv("event " + name)
        payload, tag = seal(CODEC, KEY_TEXT, iv, data)
        cases.append({
            "name": name, "type": kind, "data": data, **outcome, **more,
            "codec": CODEC, "key_text": KEY_TEXT, "iv_hex": iv.hex(), "body": webhook_body(payload, kind, tag),
        })

    at = 1691249025085

    # Documented examples.
    add("user-create-approved", "USER_CREATE_RESULT", USER_CREATE, {"user_id": 12345, "status": "APPROVED"})
    add("card-apply-success", "CARD_APPLY_RESULT", APPLY,
        {"template_id": 123, "user_id": 12345, "card_id": 67890, "status": "SUCCESS", "occur_time": at})
    add("card-activate-success", "CARD_ACTIVATE_RESULT", ACTIVATE,
        {"card_id": 12345, "card_number": "1234567890123456", "status": "SUCCESS", "occur_time": at})
    add("card-assign-success", "CARD_ASSIGN_RESULT", ASSIGN, {"card_id": 12345, "status": "SUCCESS", "occur_time": at})
    add("card-assign-failed", "CARD_ASSIGN_RESULT", ASSIGN_FAILED,
        {"user_id": 67890, "status": "FAILED", "error_reason": "101:0 - card number not exist", "occur_time": at})
    add("card-status-change-locked", "CARD_STATUS_CHANGE", STATUS,
        {"card_id": 12345, "status": "SUCCESS", "card_status": "LOCKED", "occur_time": at})
    add("card-recharge-success", "CARD_RECHARGE_RESULT", RECHARGE,
        {"card_id": 12345, "transaction_id": 67890, "receive_amount": "100.0", "status": "SUCCESS", "currency": "USD",
         "occur_time": at})
    add("card-close-success", "CARD_CLOSE_RESULT", CLOSE,
        {"card_id": 12345, "transaction_id": 67890, "refund_amount": "100.0", "status": "SUCCESS",
         "occur_time": 1691550780785})
    add("card-balance-change", "CARD_BALANCE_CHANGE", BALANCE,
        {"card_id": 12345, "amount": "150.5", "available": "140.0", "before_available": "150.5", "currency": "USD",
         "occur_time": at})

    # Put together: more of what the tables allow.
    add("user-create-rejected-with-message", "USER_CREATE_RESULT",
        '{"user_id":12345,"status":"REJECTED","message":"Document is not readable"}',
        {"user_id": 12345, "status": "REJECTED", "message": "Document is not readable"})
    add("user-create-message-null", "USER_CREATE_RESULT", '{"user_id":12345,"status":"APPROVED","message":null}',
        {"user_id": 12345, "status": "APPROVED"})
    add("user-create-message-in-another-script", "USER_CREATE_RESULT",
        '{"user_id":12345,"status":"REJECTED","message":"\u8b49\u4ef6\u4e0d\u6e05 \U0001F34C"}',
        {"user_id": 12345, "status": "REJECTED", "message": "\u8b49\u4ef6\u4e0d\u6e05 \U0001F34C"})
    add("user-create-with-occur-time", "USER_CREATE_RESULT",
        '{"user_id":12345,"status":"APPROVED","occur_time":1691249025085}',
        {"user_id": 12345, "status": "APPROVED", "extra": {"occur_time": at}})
    add("card-apply-failed-minimal", "CARD_APPLY_RESULT", '{"user_id":12345,"status":"FAILED","occur_time":1691249025085}',
        {"user_id": 12345, "status": "FAILED", "occur_time": at})
    add("card-apply-failed-with-template", "CARD_APPLY_RESULT",
        '{"template_id":123,"user_id":12345,"card_id":null,"status":"FAILED","occur_time":1691249025085}',
        {"template_id": 123, "user_id": 12345, "status": "FAILED", "occur_time": at})
    add("card-activate-failed-minimal", "CARD_ACTIVATE_RESULT",
        '{"card_id":12345,"status":"FAILED","occur_time":1691249025085}',
        {"card_id": 12345, "status": "FAILED", "occur_time": at})
    add("card-activate-failed-with-number", "CARD_ACTIVATE_RESULT",
        '{"card_id":12345,"card_number":"4111111111111111","status":"FAILED","occur_time":1691249025085}',
        {"card_id": 12345, "card_number": "4111111111111111", "status": "FAILED", "occur_time": at})
    add("card-assign-success-with-user", "CARD_ASSIGN_RESULT",
        '{"card_id":12345,"user_id":67890,"status":"SUCCESS","occur_time":1691249025085}',
        {"card_id": 12345, "user_id": 67890, "status": "SUCCESS", "occur_time": at})
    add("card-assign-success-with-nulls", "CARD_ASSIGN_RESULT",
        '{"card_id":12345,"user_id":null,"status":"SUCCESS","error_reason":null,"occur_time":1691249025085}',
        {"card_id": 12345, "status": "SUCCESS", "occur_time": at})
    add("card-assign-failed-without-reason", "CARD_ASSIGN_RESULT",
        '{"user_id":67890,"status":"FAILED","occur_time":1691249025085}',
        {"user_id": 67890, "status": "FAILED", "occur_time": at})
    add("card-assign-failed-with-card-null", "CARD_ASSIGN_RESULT",
        '{"card_id":null,"user_id":67890,"status":"FAILED","error_reason":"provider trouble","occur_time":1691249025085}',
        {"user_id": 67890, "status": "FAILED", "error_reason": "provider trouble", "occur_time": at})
    add("card-status-change-active", "CARD_STATUS_CHANGE",
        '{"card_id":12345,"status":"SUCCESS","card_status":"ACTIVE","occur_time":1691249025085}',
        {"card_id": 12345, "status": "SUCCESS", "card_status": "ACTIVE", "occur_time": at})
    add("card-status-change-failed-minimal", "CARD_STATUS_CHANGE",
        '{"card_id":12345,"status":"FAILED","occur_time":1691249025085}',
        {"card_id": 12345, "status": "FAILED", "occur_time": at})
    add("card-recharge-nine-fields", "CARD_RECHARGE_RESULT",
        '{"card_id":12345,"template_id":123,"user_id":54321,"transaction_id":67890,"receive_amount":98.5,"status":"SUCCESS",'
        '"currency":"USD","description":"Top up","occur_time":1691249025085}',
        {"card_id": 12345, "template_id": 123, "user_id": 54321, "transaction_id": 67890, "receive_amount": "98.5",
         "status": "SUCCESS", "currency": "USD", "description": "Top up", "occur_time": at})
    add("card-recharge-failed-minimal", "CARD_RECHARGE_RESULT",
        '{"card_id":12345,"status":"FAILED","occur_time":1691249025085}',
        {"card_id": 12345, "status": "FAILED", "occur_time": at})
    add("card-recharge-failed-with-template-and-user", "CARD_RECHARGE_RESULT",
        '{"card_id":12345,"template_id":123,"user_id":54321,"status":"FAILED","description":"Declined",'
        '"occur_time":1691249025085}',
        {"card_id": 12345, "template_id": 123, "user_id": 54321, "status": "FAILED", "description": "Declined",
         "occur_time": at})
    add("card-recharge-failed-with-nulls", "CARD_RECHARGE_RESULT",
        '{"card_id":12345,"transaction_id":null,"receive_amount":null,"status":"FAILED","currency":null,'
        '"occur_time":1691249025085}',
        {"card_id": 12345, "status": "FAILED", "occur_time": at})
    add("card-close-failed-minimal", "CARD_CLOSE_RESULT",
        '{"card_id":12345,"status":"FAILED","occur_time":1691249025085}',
        {"card_id": 12345, "status": "FAILED", "occur_time": at})
    add("card-close-nothing-to-refund", "CARD_CLOSE_RESULT",
        '{"card_id":12345,"transaction_id":67890,"refund_amount":0.0,"status":"SUCCESS","occur_time":1691550780785}',
        {"card_id": 12345, "transaction_id": 67890, "refund_amount": "0.0", "status": "SUCCESS",
         "occur_time": 1691550780785})
    add("card-balance-change-negative", "CARD_BALANCE_CHANGE",
        '{"card_id":12345,"amount":-1.25,"available":-11.75,"before_available":0,"currency":"USD","occur_time":1691249025085}',
        {"card_id": 12345, "amount": "-1.25", "available": "-11.75", "before_available": "0", "currency": "USD",
         "occur_time": at})

    # Spelling of the JSON.
    add("fields-in-another-order", "CARD_STATUS_CHANGE",
        '{"occur_time":1691249025085,"card_status":"LOCKED","status":"SUCCESS","card_id":12345}',
        {"card_id": 12345, "status": "SUCCESS", "card_status": "LOCKED", "occur_time": at})
    add("pretty-printed", "CARD_STATUS_CHANGE",
        '{\n  "card_id": 12345,\n  "status": "SUCCESS",\n  "card_status": "LOCKED",\n  "occur_time": 1691249025085\n}\n',
        {"card_id": 12345, "status": "SUCCESS", "card_status": "LOCKED", "occur_time": at})
    add("escaped-field-name-and-text", "CARD_STATUS_CHANGE",
        '{"card\\u005fid":12345,"status":"\\u0053UCCESS","card_status":"LOCKED","occur_time":1691249025085}',
        {"card_id": 12345, "status": "SUCCESS", "card_status": "LOCKED", "occur_time": at})

    # Amounts.
    def recharge(amount):
        return RECHARGE.replace("100.0", amount)

    def recharged(amount):
        return {"card_id": 12345, "transaction_id": 67890, "receive_amount": amount, "status": "SUCCESS",
                "currency": "USD", "occur_time": at}

    for name, given, text in [
        ("integer", "100", "100"), ("two-places", "100.00", "100.00"), ("string", '"100.00"', "100.00"),
        ("string-integer", '"7"', "7"), ("exponent", "1e2", "100"), ("negative-exponent", "1.5E-3", "0.0015"),
        ("zero", "0", "0"), ("not-exact-in-binary", "0.1", "0.1"), ("beyond-double", "9007199254740993.07", "9007199254740993.07"),
        ("28-digits", "9" * 28, "9" * 28),
    ]:
        add("amount-" + name, "CARD_RECHARGE_RESULT", recharge(given), recharged(text))

    # Unknown fields and words are kept.
    add("unknown-fields-kept", "CARD_RECHARGE_RESULT",
        RECHARGE[:-1] + ',"fee":1.50,"channel":"WEB","final":true,"note":null,"tags":["a",2,{"b":[]}],'
        '"big":9007199254740993,"precise":0.1234567890123456789012345,"nested":{"x":{"y":0.10}}}',
        {**recharged("100.0"), "extra": {
            "fee": NUMBER + "1.50", "channel": "WEB", "final": True, "note": None, "tags": ["a", 2, {"b": []}],
            "big": 9007199254740993, "precise": NUMBER + "0.1234567890123456789012345", "nested": {"x": {"y": NUMBER + "0.10"}}}})
    add("unknown-field-with-empty-name", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"":"x"}',
        {"card_id": 12345, "status": "SUCCESS", "occur_time": at, "extra": {"": "x"}})
    add("unknown-field-in-another-case", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"Card_Id":1}',
        {"card_id": 12345, "status": "SUCCESS", "occur_time": at, "extra": {"Card_Id": 1}})
    add("unknown-field-called-proto", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"__proto__":{"polluted":true}}',
        {"card_id": 12345, "status": "SUCCESS", "occur_time": at, "extra": {"__proto__": {"polluted": True}}})
    add("own-signature-allows-foreign-one", "CARD_STATUS_CHANGE", STATUS[:-1] + ',"template_id":123}',
        {"card_id": 12345, "status": "SUCCESS", "card_status": "LOCKED", "occur_time": at, "extra": {"template_id": 123}})
    add("unknown-user-status", "USER_CREATE_RESULT", '{"user_id":12345,"status":"UNDER_REVIEW"}',
        {"user_id": 12345, "status": "UNDER_REVIEW"})
    add("unknown-card-status", "CARD_STATUS_CHANGE", STATUS.replace("LOCKED", "FROZEN_BY_ISSUER"),
        {"card_id": 12345, "status": "SUCCESS", "card_status": "FROZEN_BY_ISSUER", "occur_time": at})
    add("unknown-event-status", "CARD_ASSIGN_RESULT", ASSIGN.replace("SUCCESS", "PROCESSING"),
        {"card_id": 12345, "status": "PROCESSING", "occur_time": at})
    add("lower-case-status-is-unknown", "CARD_ASSIGN_RESULT", ASSIGN.replace("SUCCESS", "success"),
        {"card_id": 12345, "status": "success", "occur_time": at})
    add("unknown-currency", "CARD_RECHARGE_RESULT", RECHARGE.replace("USD", "XTS"), {**recharged("100.0"), "currency": "XTS"})

    # Ids.
    top = 2**63 - 1
    add("id-zero", "CARD_ASSIGN_RESULT", ASSIGN.replace("12345,", "0,"), {"card_id": 0, "status": "SUCCESS", "occur_time": at})
    add("id-largest-safe-in-javascript", "CARD_ASSIGN_RESULT", ASSIGN.replace("12345,", f"{2**53 - 1},"),
        {"card_id": 2**53 - 1, "status": "SUCCESS", "occur_time": at})
    add("id-first-unsafe-in-javascript", "CARD_ASSIGN_RESULT", ASSIGN.replace("12345,", f"{2**53},"),
        {"card_id": 2**53, "status": "SUCCESS", "occur_time": at}, javascript_unsafe=True)
    add("id-largest", "CARD_ASSIGN_RESULT", ASSIGN.replace("12345,", f"{top},"),
        {"card_id": top, "status": "SUCCESS", "occur_time": at}, javascript_unsafe=True)
    for name, literal in {
        "too-large": str(top + 1), "far-too-large": "9" * 40, "negative": "-1", "fraction": "12345.0", "exponent": "1e3",
        "string": '"12345"', "string-empty": '""', "true": "true", "null": "null", "array": "[12345]", "object": "{}",
    }.items():
        add("id-" + name, "CARD_ASSIGN_RESULT", ASSIGN.replace("12345,", literal + ","), SHAPE)
    add("id-string-in-optional-field", "CARD_RECHARGE_RESULT", RECHARGE[:-1] + ',"template_id":"123"}', SHAPE)
    add("id-string-of-transaction", "CARD_RECHARGE_RESULT", RECHARGE.replace("67890", '"67890"'), SHAPE)
    add("id-fraction-of-user", "USER_CREATE_RESULT", '{"user_id":12345.5,"status":"APPROVED"}', SHAPE)

    # A required field is missing, or null.
    for kind, example in SUCCESS.items():
        always, unless_failed, _ = (field.split() for field in REQUIRED[kind])
        pairs = example[1:-1].split(",")
        for field in always + unless_failed:
            (index,) = [i for i, pair in enumerate(pairs) if pair.startswith(f'"{field}":')]
            less = pairs[:index] + pairs[index + 1:]
            add(f"{dashed(kind)}-without-{dashed(field)}", kind, "{" + ",".join(less) + "}", SHAPE)
            nothing = pairs[:index] + [f'"{field}":null'] + pairs[index + 1:]
            add(f"{dashed(kind)}-with-null-{dashed(field)}", kind, "{" + ",".join(nothing) + "}", SHAPE)
    add("card-assign-failed-without-user", "CARD_ASSIGN_RESULT",
        '{"status":"FAILED","error_reason":"101:0 - card number not exist","occur_time":1691249025085}', SHAPE)
    add("card-assign-failed-with-card-but-no-user", "CARD_ASSIGN_RESULT", ASSIGN.replace("SUCCESS", "FAILED"), SHAPE)
    add("card-apply-failed-without-user", "CARD_APPLY_RESULT", '{"status":"FAILED","occur_time":1691249025085}', SHAPE)
    for kind in ("CARD_ACTIVATE_RESULT", "CARD_STATUS_CHANGE", "CARD_RECHARGE_RESULT", "CARD_CLOSE_RESULT"):
        add(f"{dashed(kind)}-failed-without-card", kind, '{"status":"FAILED","occur_time":1691249025085}', SHAPE)
        add(f"{dashed(kind)}-failed-without-time", kind, '{"card_id":12345,"status":"FAILED"}', SHAPE)
        add(f"{dashed(kind)}-minimal-but-unknown-status", kind,
            '{"card_id":12345,"status":"DECLINED","occur_time":1691249025085}', SHAPE)
    add("empty-object", "CARD_RECHARGE_RESULT", "{}", SHAPE)
    add("status-is-a-number", "CARD_ASSIGN_RESULT", '{"card_id":12345,"status":1,"occur_time":1691249025085}', SHAPE)

    # A documented type with another type's data.
    for source, example in [*SUCCESS.items(), ("CARD_ASSIGN_RESULT-FAILED", ASSIGN_FAILED)]:
        for kind in FIELDS:
            if not source.startswith(kind):
                add(f"{dashed(source)}-data-under-{dashed(kind)}", kind, example, SHAPE)
    add("card-close-failed-with-refund-under-card-recharge-result", "CARD_RECHARGE_RESULT",
        CLOSE.replace("SUCCESS", "FAILED"), SHAPE)
    add("card-recharge-failed-with-amount-under-card-close-result", "CARD_CLOSE_RESULT",
        RECHARGE.replace("SUCCESS", "FAILED"), SHAPE)
    add("card-status-change-failed-with-status-under-card-activate-result", "CARD_ACTIVATE_RESULT",
        STATUS.replace("SUCCESS", "FAILED"), SHAPE)
    add("card-activate-failed-with-number-under-card-status-change", "CARD_STATUS_CHANGE",
        ACTIVATE.replace("SUCCESS", "FAILED"), SHAPE)
    for field, literal in {
        "template_id": "123", "card_number": '"4111111111111111"', "card_status": '"LOCKED"', "receive_amount": "100.0",
        "refund_amount": "100.0", "before_available": "150.5",
    }.items():
        add(f"card-assign-success-with-{dashed(field)}", "CARD_ASSIGN_RESULT", f'{ASSIGN[:-1]},"{field}":{literal}}}', SHAPE)
        add(f"user-create-with-{dashed(field)}", "USER_CREATE_RESULT", f'{USER_CREATE[:-1]},"{field}":{literal}}}', SHAPE)
    # A reason doesn't make a failed assignment of what names its card.
    for kind, example in (("CARD_ACTIVATE_RESULT", ACTIVATE), ("CARD_STATUS_CHANGE", STATUS), ("CARD_CLOSE_RESULT", CLOSE)):
        add(f"{dashed(kind)}-failed-with-reason", kind,
            '{"card_id":12345,"status":"FAILED","error_reason":"provider declined","occur_time":1691249025085}',
            {"card_id": 12345, "status": "FAILED", "occur_time": at, "extra": {"error_reason": "provider declined"}})
    add("card-recharge-failed-with-reason", "CARD_RECHARGE_RESULT",
        '{"card_id":12345,"status":"FAILED","error_reason":"provider declined","occur_time":1691249025085}',
        {"card_id": 12345, "status": "FAILED", "occur_time": at, "extra": {"error_reason": "provider declined"}})
    add("card-apply-failed-with-reason-and-card", "CARD_APPLY_RESULT",
        '{"template_id":123,"user_id":12345,"card_id":67890,"status":"FAILED","error_reason":"declined",'
        '"occur_time":1691249025085}',
        {"template_id": 123, "user_id": 12345, "card_id": 67890, "status": "FAILED", "occur_time": at,
         "extra": {"error_reason": "declined"}})
    add("card-recharge-of-nine-fields-under-card-apply-result", "CARD_APPLY_RESULT",
        RECHARGE[:-1] + ',"template_id":123,"user_id":12345,"description":"top-up"}', SHAPE)
    add("card-recharge-of-nine-fields-under-card-3ds", "CARD_3DS",
        RECHARGE[:-1] + ',"template_id":123,"user_id":12345,"description":"top-up"}', SHAPE)
    purchase = (
        '{"id":300003,"card_id":12345,"amount":7.5,"currency":"USD","type":"PURCHASE","status":"FAILED",'
        '"created_at":"2024-01-15T10:30:00Z","merchant_name":"Coffee","occur_time":1705314600000}')
    for kind in ("CARD_ACTIVATE_RESULT", "CARD_STATUS_CHANGE", "CARD_RECHARGE_RESULT", "CARD_CLOSE_RESULT"):
        add(f"declined-purchase-under-{dashed(kind)}", kind, purchase, SHAPE)
    add("declined-purchase", "TRANSACTION_CREATED", purchase, WHOLE)
    add("user-create-with-error-reason", "USER_CREATE_RESULT", USER_CREATE[:-1] + ',"error_reason":"x"}', SHAPE)

    # No object, or a field twice.
    for name, data in {
        "array": "[" + RECHARGE + "]", "string": '"SUCCESS"', "number": "12345", "null": "null", "true": "true",
        "empty-array": "[]", "json-in-a-string": '"{}"',
    }.items():
        add("data-is-" + name, "CARD_RECHARGE_RESULT", data, SHAPE)
    twice = "json.duplicate_field"
    add("duplicate-id", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"card_id":67890}', twice)
    add("duplicate-same-value", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"card_id":12345}', twice)
    add("duplicate-amount", "CARD_RECHARGE_RESULT", RECHARGE[:-1] + ',"receive_amount":1000000.0}', twice)
    add("duplicate-status", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"status":"FAILED"}', twice)
    add("duplicate-by-escape", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"card\\u005fid":67890}', twice)
    add("duplicate-unknown-field", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"note":1,"note":2}', twice)
    add("duplicate-with-null", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"card_id":null}', twice)
    add("duplicate-in-raw-type", "CARD_3DS", '{"otp":"123456","otp":"654321"}', twice)

    # The four types whose fields are not documented: kept whole.
    made_up = {
        "TRANSACTION_CREATED": '{"id":12345,"card_id":67890,"amount":12.30,"currency":"USD","type":"PURCHASE","status":"SUCCESS",'
        '"merchant_name":"COFFEE","occur_time":1691249025085}',
        "CARD_CORRECTION": '{"card_id":67890,"transaction_id":12345,"amount":-0.50,"currency":"USD","occur_time":1691249025085}',
        "CARD_3DS": '{"card_id":67890,"amount":25.00,"currency":"USD","merchant_name":"SHOP","expires_at":1691249325085}',
        "CARD_VERIFICATION": '{"card_id":67890,"wallet":"GOOGLE_PAY","otp":"123456","occur_time":1691249025085}',
    }
    assert list(made_up) == RAW
    for kind, data in made_up.items():
        add(dashed(kind) + "-kept-whole", kind, data, WHOLE)
        add(dashed(kind) + "-empty-object", kind, "{}", WHOLE)
        add(dashed(kind) + "-array", kind, "[]", SHAPE)
        add(dashed(kind) + "-string", kind, '"123456"', SHAPE)
        add(dashed(kind) + "-null", kind, "null", SHAPE)
        for source in SIGNATURE:
            if source != "CARD_ASSIGN_RESULT":
                add(f"{dashed(source)}-data-under-{dashed(kind)}", kind, SUCCESS[source], SHAPE)
    add("card-3ds-like-recharge-with-one-field-more", "CARD_3DS", RECHARGE[:-1] + ',"challenge":"abc"}', WHOLE)
    add("card-3ds-like-recharge-with-one-field-less", "CARD_3DS", RECHARGE.replace('"currency":"USD",', ""), WHOLE)
    add("card-correction-like-assignment", "CARD_CORRECTION", ASSIGN, WHOLE)
    add("card-verification-like-user-create", "CARD_VERIFICATION", USER_CREATE, WHOLE)

    # Types that nobody knows yet: any JSON value, kept whole.
    for name, data in {
        "object": '{"card_id":12345,"reason":"x","amount":0.10,"big":9007199254740993}', "array": '[1,2.50,"three",null]',
        "string": '"text"', "number": "42", "fraction": "0.10", "null": "null", "false": "false", "empty-object": "{}",
    }.items():
        add("unknown-type-" + name, "CARD_FUTURE_EVENT", data, WHOLE)
    add("unknown-type-with-known-data", "CARD_FUTURE_EVENT", RECHARGE, WHOLE)
    add("unknown-type-in-lower-case", "card_recharge_result", RECHARGE, WHOLE)
    add("unknown-type-with-space", "CARD_RECHARGE_RESULT ", RECHARGE, WHOLE)
    add("unknown-type-empty", "", RECHARGE, WHOLE)
    add("unknown-type-not-ascii", "CARD_\U0001F34C", '{"a":1}', WHOLE)
    return {
        "about": "Webhooks: data is the exact plaintext, body the delivery as sent. event holds typed fields by the API's names "
        "(ids and times as numbers, amounts as text, absent fields absent) and the unknown ones under extra; for the four "
        "types without documented fields and for unknown types it is {data: the JSON value, whole}. Numbers under extra and "
        "data stand as they were written. javascript_unsafe marks ids that JavaScript's number can't hold.",
        "source": "The documentation's examples, verbatim where it has one, else put together from its tables; expectations "
        "written in by hand and checked by the rules in event_vectors.py.",
        "cases": cases,
    }


FILES = {"events.json": events}
