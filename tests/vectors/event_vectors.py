"""events.json: a webhook's plaintext, sealed, and the event that it is.

The expectations of single cases are written in by hand, those of tables are put together from an example's and the one
thing that is varied. judge() reads each text by the rules, and contradicts a slip.
"""

import json

from sealing import compact, fixed_iv, key_bytes, seal, webhook_body
from wire import NUMBER, Pairs, Wrong, holdable, parse, split_extra, typed, unsafe, whole

CODEC, KEY_TEXT = "utf8", "webhook-test-key-of-32-bytes-000"

FIELDS = {
    "USER_CREATE_RESULT": {"user_id": "id", "status": "text", "message": "text"},
    "CARD_APPLY_RESULT": {"template_id": "id", "user_id": "id", "card_id": "id", "status": "text", "occur_time": "time"},
    "CARD_ACTIVATE_RESULT": {"card_id": "id", "card_number": "text", "status": "text", "occur_time": "time"},
    "CARD_ASSIGN_RESULT": {"card_id": "id", "user_id": "id", "status": "text", "error_reason": "text", "occur_time": "time"},
    "CARD_STATUS_CHANGE": {"card_id": "id", "status": "text", "card_status": "text", "occur_time": "time"},
    "CARD_RECHARGE_RESULT": {
        "card_id": "id", "transaction_id": "id", "receive_amount": "amount", "status": "text", "currency": "currency",
        "occur_time": "time", "template_id": "id", "user_id": "id", "description": "text",
    },
    "CARD_CLOSE_RESULT": {
        "card_id": "id", "transaction_id": "id", "refund_amount": "amount", "status": "text", "occur_time": "time",
    },
    "CARD_BALANCE_CHANGE": {
        "card_id": "id", "amount": "amount", "available": "amount", "before_available": "amount", "currency": "currency",
        "occur_time": "time",
    },
}
RAW = ["TRANSACTION_CREATED", "CARD_CORRECTION", "CARD_3DS", "CARD_VERIFICATION"]

# Whom an event is about, how it ended and when; of a balance all. What only a success needs isn't required, whatever the status.
REQUIRED = {
    "USER_CREATE_RESULT": ["user_id", "status"],
    "CARD_APPLY_RESULT": ["user_id", "status", "occur_time"],
    "CARD_ACTIVATE_RESULT": ["card_id", "status", "occur_time"],
    "CARD_ASSIGN_RESULT": ["status", "occur_time"],  # and card_id or user_id
    "CARD_STATUS_CHANGE": ["card_id", "status", "occur_time"],
    "CARD_RECHARGE_RESULT": ["card_id", "status", "occur_time"],
    "CARD_CLOSE_RESULT": ["card_id", "status", "occur_time"],
    "CARD_BALANCE_CHANGE": ["card_id", "amount", "available", "before_available", "currency", "occur_time"],
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
AT = 1691249025085
# What the examples say.
EVENTS = {
    "USER_CREATE_RESULT": {"user_id": 12345, "status": "APPROVED"},
    "CARD_APPLY_RESULT": {"template_id": 123, "user_id": 12345, "card_id": 67890, "status": "SUCCESS", "occur_time": AT},
    "CARD_ACTIVATE_RESULT": {"card_id": 12345, "card_number": "1234567890123456", "status": "SUCCESS", "occur_time": AT},
    "CARD_ASSIGN_RESULT": {"card_id": 12345, "status": "SUCCESS", "occur_time": AT},
    "CARD_STATUS_CHANGE": {"card_id": 12345, "status": "SUCCESS", "card_status": "LOCKED", "occur_time": AT},
    "CARD_RECHARGE_RESULT": {
        "card_id": 12345, "transaction_id": 67890, "receive_amount": "100.0", "status": "SUCCESS", "currency": "USD",
        "occur_time": AT,
    },
    "CARD_CLOSE_RESULT": {
        "card_id": 12345, "transaction_id": 67890, "refund_amount": "100.0", "status": "SUCCESS", "occur_time": 1691550780785,
    },
    "CARD_BALANCE_CHANGE": {
        "card_id": 12345, "amount": "150.5", "available": "140.0", "before_available": "150.5", "currency": "USD",
        "occur_time": AT,
    },
}
ASSIGN_FAILED_EVENT = {
    "user_id": 67890, "status": "FAILED", "error_reason": "101:0 - card number not exist", "occur_time": AT,
}


class Unrecognized:
    """Authentic, and not to be read as the type that it came under."""

    def __init__(self, field, code):
        self.found = {"field": field, "code": code}


class Failed:
    """Not even a delivery."""

    def __init__(self, code):
        self.code = code


WHOLE = object()
NOT_JSON = Failed("not_authentic")
TWICE = "json.duplicate_field"
REQUIRED_CODE = "field.required"


def judge(kind, text):
    """(outcome, names of the unknown fields that vectors can't hold)"""
    try:
        value = parse(text)
    except ValueError:
        return {"ok": False, "code": "not_authentic"}, []
    if kind not in FIELDS:
        return {"ok": True, "event": {"data": whole(value)} if holdable(value) else {"data_text": text}}, []
    try:
        if not isinstance(value, Pairs):
            raise Wrong("", "field.required" if value is None else "field.type")
        event, extra = typed(FIELDS[kind], value, REQUIRED[kind])
        if kind == "CARD_ASSIGN_RESULT" and not {"card_id", "user_id"} & set(event):
            raise Wrong("card_id", "field.required")
    except Wrong as wrong:
        return {"ok": True, "unrecognized": {"field": wrong.field, "code": wrong.code}}, []
    held, others = split_extra(extra)
    outcome = {"ok": True, "event": {**event, "extra": held}}
    return ({**outcome, "javascript_unsafe": True} if unsafe(event) else outcome), others


def dashed(kind):
    return kind.lower().replace("_", "-")


def pairs_of(example):
    """An example's fields, names and values as they are written."""
    return [pair.split(":", 1) for pair in example[1:-1].split(",")]


def with_field(example, name, literal):
    """The example with a field of this value: in its place, or at the end. None takes it out."""
    pairs = pairs_of(example)
    quoted = f'"{name}"'
    if literal is None:
        pairs = [pair for pair in pairs if pair[0] != quoted]
    elif any(pair[0] == quoted for pair in pairs):
        pairs = [[key, literal if key == quoted else value] for key, value in pairs]
    else:
        pairs = [*pairs, [quoted, literal]]
    return "{" + ",".join(":".join(pair) for pair in pairs) + "}"


def without(event, *names):
    return {name: value for name, value in event.items() if name not in names}


TOP = 2**63 - 1
# Whole numbers, spelled as JSON and not; the number, or None where it is none from -2^63 to 2^63-1.
SPELLINGS = [
    ("integer", "200001", 200001), ("zero", "0", 0), ("minus-zero", "-0", 0), ("one-place", "200001.0", 200001),
    ("many-places", "200001." + "0" * 40, 200001), ("zero-with-places", "0.000", 0), ("minus-zero-with-places", "-0.0", 0),
    ("exponent", "2e5", 200000), ("exponent-upper-case", "2E5", 200000), ("exponent-plus", "2e+5", 200000),
    ("exponent-upper-case-plus", "2E+5", 200000), ("exponent-zero", "200001e0", 200001),
    ("exponent-minus-zero", "200001e-0", 200001), ("exponent-leading-zeros", "2e0005", 200000),
    ("exponent-moves-point", "2.00001e5", 200001), ("exponent-moves-point-upper-case", "2.00001E+5", 200001),
    ("exponent-beyond-places", "2.5e5", 250000), ("exponent-negative", "2000010e-1", 200001),
    ("exponent-negative-upper-case", "200001000E-3", 200001), ("exponent-negative-of-places", "2000010.0e-1", 200001),
    ("exponent-lifts-small", "0.000000200001e12", 200001), ("exponent-on-zero", "0e5", 0),
    ("exponent-negative-on-zero", "0e-5", 0), ("exponent-huge-on-zero", "0e400", 0),
    ("exponent-beyond-64-bit-on-zero", "0e99999999999999999999", 0),
    ("exponent-minus-beyond-64-bit-on-zero", "-0.0e-99999999999999999999", 0),
    ("exponent-undoes-a-thousand-zeros", "7" + "0" * 1000 + "e-1000", 7),
    ("exponent-lifts-behind-a-thousand-zeros", "0." + "0" * 1000 + "7e1001", 7),
    ("largest-safe-in-javascript", "9007199254740991", 2**53 - 1),
    ("largest-safe-in-javascript-as-exponent", "9.007199254740991e15", 2**53 - 1),
    ("first-unsafe-in-javascript", "9007199254740992", 2**53),
    ("not-exact-in-binary", "9007199254740993.0", 2**53 + 1),
    ("not-exact-in-binary-as-exponent", "9.007199254740993E15", 2**53 + 1),
    ("largest", str(TOP), TOP), ("largest-with-places", f"{TOP}.00", TOP),
    ("largest-as-exponent", "9.223372036854775807e18", TOP), ("power-18", "1e18", 10**18),
    ("too-large", str(TOP + 1), None), ("too-large-by-exponent", "9.223372036854775808e18", None),
    ("power-19", "1e19", None), ("unsigned-64-bit", "18446744073709551615", None), ("far-too-large", "9" * 40, None),
    ("exponent-400", "1e400", None), ("exponent-billions", "1e999999999999", None),
    ("exponent-beyond-64-bit", "1e99999999999999999999", None), ("exponent-of-a-thousand-digits", "1e" + "9" * 1000, None),
    ("exponent-minus-400", "1e-400", None), ("exponent-minus-billions", "1e-999999999999", None),
    ("exponent-minus-beyond-64-bit", "1e-99999999999999999999", None), ("half", "200001.5", None),
    ("hair-above", "200001." + "0" * 30 + "1", None), ("hair-below", "200000." + "9" * 30, None),
    ("fraction-by-exponent", "200001e-1", None), ("fraction-beyond-double", "9007199254740993.5", None),
    ("smallest-fraction", "0.1", None),
]
NEGATIVE = [
    ("minus-one", "-1", -1), ("minus-one-with-places", "-1.0", -1), ("negative-exponent-form", "-2E+5", -200000),
    ("negative-safe-in-javascript", "-9007199254740991", -(2**53 - 1)), ("negative-unsafe", "-9007199254740992", -(2**53)),
    ("smallest", str(-(2**63)), -(2**63)), ("too-small", str(-(2**63) - 1), None), ("negative-half", "-0.5", None),
]
# What JSON doesn't allow as a number: the whole text isn't JSON then. As a text it is a text, but no number.
NOT_NUMBERS = {
    "leading-zero": "0200001", "leading-plus": "+200001", "ends-in-point": "200001.", "starts-with-point": ".5e1",
    "exponent-without-digits": "2e", "exponent-with-sign-only": "2e+", "exponent-with-point": "2e5.0", "two-minus": "--1",
    "hex": "0x30d41", "underscore": "200_001", "infinity": "Infinity", "nan": "NaN", "minus-leading-zero": "-01",
}
NO_TEXTS = {
    "leading-space": " 200001", "trailing-space": "200001 ", "trailing-newline": "200001\n", "inner-space": "200 001",
    "only-space": " ", "tab": "\t200001", "no-break-space": "\u00a0200001", "full-width-digits": "\uff12\uff10\uff10",
    "arabic-indic-digits": "\u0662\u0660", "superscript": "2\u00b2", "comma": "200,001", "thousands-point": "200.001.000",
    "letters": "none", "word-null": "null", "quoted-twice": '"200001"', "nul-at-the-end": "200001\x00",
    "unicode-minus": "\u22121", "suffix": "200001n", "lone-surrogate": "200001\ud83d",
}
NO_NUMBERS = {"true": "true", "false": "false", "array": "[]", "array-of-one": "[200001]", "object": "{}",
              "object-with-value": '{"value":200001}'}


def events():
    cases = []
    key = key_bytes(CODEC, KEY_TEXT)
    assert len(key) == 32

    def add(name, kind, data, expected, extra_text=None, **more):
        """expected: the typed fields, WHOLE, Unrecognized or Failed. extra_text: unknown fields by their exact text."""
        if expected is WHOLE:
            value = parse(data)
            outcome = {"ok": True, "event": {"data": whole(value)} if holdable(value) else {"data_text": data}}
        elif isinstance(expected, Unrecognized):
            outcome = {"ok": True, "unrecognized": expected.found}
        elif isinstance(expected, Failed):
            outcome = {"ok": False, "code": expected.code}
        else:
            outcome = {"ok": True, "event": {**expected, "extra": expected.get("extra", {})}}
            if unsafe(expected):
                more = {"javascript_unsafe": True, **more}
        found, others = judge(kind, data)
        assert found == {**outcome, **more}, (name, found, outcome, more)
        assert sorted(others) == sorted(extra_text or {}), (name, others)
        if extra_text:
            assert all(":" + text in data for text in extra_text.values()), name
            more = {"extra_text": extra_text, **more}
        iv = fixed_iv("event " + name)
        payload, tag = seal(CODEC, KEY_TEXT, iv, data)
        cases.append({
            "name": name, "type": kind, "data": data, **outcome, **more,
            "codec": CODEC, "key_text": KEY_TEXT, "iv_hex": iv.hex(), "body": webhook_body(payload, kind, tag),
        })

    at = AT

    def varied(name, kind, field, literal, expected):
        """The type's example with one field varied: expected is its value, None for an absent one, or Unrecognized."""
        if not isinstance(expected, (Unrecognized, Failed)):
            event = without(EVENTS[kind], field)
            expected = event if expected is None else {**event, field: expected}
        add(name, kind, with_field(SUCCESS[kind], field, literal), expected)

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
    for name, literal, value in [
        ("zero", "0", 0), ("largest-safe-in-javascript", str(2**53 - 1), 2**53 - 1),
        ("first-unsafe-in-javascript", str(2**53), 2**53), ("largest", str(TOP), TOP), ("fraction", "12345.0", 12345),
        ("exponent", "1e3", 1000), ("string", '"12345"', 12345),
    ]:
        varied("id-" + name, "CARD_ASSIGN_RESULT", "card_id", literal, value)
    for name, literal in {
        "too-large": str(TOP + 1), "far-too-large": "9" * 40, "negative": "-1", "true": "true", "array": "[12345]",
        "object": "{}",
    }.items():
        varied("id-" + name, "CARD_ASSIGN_RESULT", "card_id", literal, Unrecognized("card_id", "id.range"))
    # Without a user, a blank card leaves nobody whom the event is about.
    for name, literal in {"string-empty": '""', "null": "null"}.items():
        varied("id-" + name, "CARD_ASSIGN_RESULT", "card_id", literal, Unrecognized("card_id", REQUIRED_CODE))
    varied("id-string-in-optional-field", "CARD_RECHARGE_RESULT", "template_id", '"123"', 123)
    varied("id-string-of-transaction", "CARD_RECHARGE_RESULT", "transaction_id", '"67890"', 67890)
    varied("id-fraction-of-user", "USER_CREATE_RESULT", "user_id", "12345.5", Unrecognized("user_id", "id.range"))

    # Every spelling of a whole number: in an id, in a time, and as text in both.
    for field, code, spellings in [
        ("card_id", "id.range", SPELLINGS + [(name, literal, None) for name, literal, _ in NEGATIVE]),
        ("occur_time", "timestamp.format", SPELLINGS + NEGATIVE),
    ]:
        refused = Unrecognized(field, code)
        what = "id" if field == "card_id" else "time"
        for name, literal, value in spellings:
            expected = refused if value is None else value
            varied(f"{what}-spelled-{name}", "CARD_STATUS_CHANGE", field, literal, expected)
            varied(f"{what}-spelled-{name}-in-text", "CARD_STATUS_CHANGE", field, f'"{literal}"', expected)
        for name, literal in NOT_NUMBERS.items():
            varied(f"{what}-no-number-{name}", "CARD_STATUS_CHANGE", field, literal, NOT_JSON)
            varied(f"{what}-no-number-{name}-in-text", "CARD_STATUS_CHANGE", field, f'"{literal}"', refused)
        for name, text in NO_TEXTS.items():
            varied(f"{what}-no-text-{name}", "CARD_STATUS_CHANGE", field, json.dumps(text), refused)
        for name, literal in NO_NUMBERS.items():
            varied(f"{what}-no-number-{name}", "CARD_STATUS_CHANGE", field, literal, refused)
        varied(f"{what}-digits-escaped-in-text", "CARD_STATUS_CHANGE", field, '"2\\u00300001"', 200001)

    # Each field of each type: left out, null, blank, of a wrong type.
    wrong = {
        "id": ("id.range", ["5.5", "-1", '"none"', "true", "[]", "{}"]),
        "time": ("timestamp.format", ["5.5", '"today"', '"2023-08-05T15:23:45Z"', "true", "[]", "{}"]),
        "amount": ("field.type", ["true", "[]", "{}"]),
        "text": ("field.type", ["5", "true", "[]", "{}"]),
        "currency": ("field.type", ["840", "true", "[]", "{}"]),
    }
    words = {"5.5": "half", "-1": "minus-one", '"none"': "word", "true": "true", "[]": "array", "{}": "object", "5": "number",
             '"today"': "word", '"2023-08-05T15:23:45Z"': "date", "840": "number"}
    for kind, fields in FIELDS.items():
        for field, what in fields.items():
            missing = Unrecognized(field, REQUIRED_CODE)
            optional = field not in REQUIRED[kind] and (kind, field) != ("CARD_ASSIGN_RESULT", "card_id")
            nothing = None if optional else missing
            varied(f"{dashed(kind)}-without-{dashed(field)}", kind, field, None, nothing)
            varied(f"{dashed(kind)}-with-null-{dashed(field)}", kind, field, "null", nothing)
            code, no_values = wrong[what]
            # Where a value has to be, a blank text is a wrong one. A text that is blank isn't there.
            no_value = {"amount": "amount.format", "currency": "currency.format", "text": REQUIRED_CODE}.get(what, code)
            varied(f"{dashed(kind)}-with-blank-{dashed(field)}", kind, field, '""',
                   Unrecognized(field, no_value) if field in REQUIRED[kind] else nothing)
            for literal in no_values:
                varied(f"{dashed(kind)}-with-{words[literal]}-as-{dashed(field)}", kind, field, literal,
                       Unrecognized(field, code))
            if what in ("id", "time"):
                for name, literal in {"places": "54321.000", "exponent": "5.4321E+4", "text": '"54321"',
                                      "text-with-places": '"54321.0"', "text-with-exponent": '"54321e0"'}.items():
                    varied(f"{dashed(kind)}-{dashed(field)}-as-{name}", kind, field, literal, 54321)
    # Nothing but whom it is about, how it ended and when, whatever the status says.
    for kind in FIELDS:
        for status in ("SUCCESS", "FAILED", "DECLINED", "APPROVED"):
            if "status" in FIELDS[kind]:
                about = REQUIRED[kind][0] if kind != "CARD_ASSIGN_RESULT" else "card_id"
                time = {} if kind == "USER_CREATE_RESULT" else {"occur_time": at}
                event = {about: 12345, "status": status, **time}
                add(f"{dashed(kind)}-minimal-{dashed(status)}", kind, compact(event), event)
    add("card-balance-change-of-a-card-alone", "CARD_BALANCE_CHANGE", '{"card_id":12345}', Unrecognized("amount", REQUIRED_CODE))
    for kind in FIELDS:
        first = Unrecognized(REQUIRED[kind][0], REQUIRED_CODE)
        add(f"{dashed(kind)}-empty-object", kind, "{}", first)
        fields = ",".join(f'"{field}":null' for field in FIELDS[kind])
        add(f"{dashed(kind)}-all-null", kind, "{" + fields + "}", first)
        if kind != "CARD_ASSIGN_RESULT":
            add(f"{dashed(kind)}-all-blank", kind, "{" + fields.replace("null", '""') + "}",
                Unrecognized(REQUIRED[kind][0], "id.range"))
    # An assignment tells its card or its user.
    here = {"absent": None, "null": "null", "blank": '""', "there": "12345"}
    for card, card_literal in here.items():
        for user, user_literal in here.items():
            told = {name: 12345 for name, literal in (("card_id", card), ("user_id", user)) if literal == "there"}
            expected = {**told, "status": "FAILED", "occur_time": at} if told else Unrecognized("card_id", REQUIRED_CODE)
            data = with_field(with_field(ASSIGN.replace("SUCCESS", "FAILED"), "card_id", card_literal), "user_id", user_literal)
            add(f"card-assign-with-card-{card}-and-user-{user}", "CARD_ASSIGN_RESULT", data, expected)
    add("card-assign-failed-without-user", "CARD_ASSIGN_RESULT",
        '{"status":"FAILED","error_reason":"101:0 - card number not exist","occur_time":1691249025085}',
        Unrecognized("card_id", REQUIRED_CODE))
    add("card-assign-failed-with-card-but-no-user", "CARD_ASSIGN_RESULT", ASSIGN.replace("SUCCESS", "FAILED"),
        {"card_id": 12345, "status": "FAILED", "occur_time": at})
    add("card-assign-with-bad-card-but-a-user", "CARD_ASSIGN_RESULT",
        '{"card_id":"none","user_id":12345,"status":"SUCCESS","occur_time":1691249025085}', Unrecognized("card_id", "id.range"))
    add("card-apply-failed-without-user", "CARD_APPLY_RESULT", '{"status":"FAILED","occur_time":1691249025085}',
        Unrecognized("user_id", REQUIRED_CODE))
    for kind in ("CARD_ACTIVATE_RESULT", "CARD_STATUS_CHANGE", "CARD_RECHARGE_RESULT", "CARD_CLOSE_RESULT"):
        add(f"{dashed(kind)}-failed-without-card", kind, '{"status":"FAILED","occur_time":1691249025085}',
            Unrecognized("card_id", REQUIRED_CODE))
        add(f"{dashed(kind)}-failed-without-time", kind, '{"card_id":12345,"status":"FAILED"}',
            Unrecognized("occur_time", REQUIRED_CODE))
        add(f"{dashed(kind)}-minimal-but-unknown-status", kind,
            '{"card_id":12345,"status":"DECLINED","occur_time":1691249025085}',
            {"card_id": 12345, "status": "DECLINED", "occur_time": at})
    add("empty-object", "CARD_RECHARGE_RESULT", "{}", Unrecognized("card_id", REQUIRED_CODE))
    add("status-is-a-number", "CARD_ASSIGN_RESULT", '{"card_id":12345,"status":1,"occur_time":1691249025085}',
        Unrecognized("status", "field.type"))

    # Any word for a status.
    any_words = {
        "lower-case": '"success"', "mixed-case": '"Success"', "unknown": '"ON_HOLD"', "with-space": '"SUCCESS "',
        "only-space": '" "', "number-in-text": '"1"', "null-in-text": '"null"', "another-script": '"\u6210\u529f"',
        "long": '"' + "S" * 300 + '"', "escaped": '"\\u0046AILED"', "prototype": '"__proto__"', "control": '"a\\u0000b"',
    }
    for kind, fields in FIELDS.items():
        for field in fields:
            if field in ("status", "card_status"):
                for name, literal in any_words.items():
                    varied(f"{dashed(kind)}-{dashed(field)}-{name}", kind, field, literal, json.loads(literal))
                varied(f"{dashed(kind)}-{dashed(field)}-broken", kind, field, '"OK\\ud83d"', "OK\ufffd")

    # Amounts in every spelling, as numbers and as text.
    for kind, fields in FIELDS.items():
        for field, what in fields.items():
            if what != "amount":
                continue
            for name, literal, text in [
                ("integer", "7", "7"), ("places", "7.00", "7.00"), ("exponent", "7e2", "700"),
                ("exponent-upper-case-plus", "7E+2", "700"), ("exponent-negative", "75e-1", "7.5"), ("negative", "-7.25", "-7.25"),
                ("minus-zero", "-0.00", "0.00"), ("text", '"7.00"', "7.00"), ("text-integer", '"7"', "7"),
                ("text-negative", '"-7.25"', "-7.25"), ("text-escaped", '"7\\u002e50"', "7.50"),
                ("beyond-double", "9007199254740993.07", "9007199254740993.07"),
                ("28-places", "0." + "0" * 27 + "1", "0." + "0" * 27 + "1"),
            ]:
                varied(f"{dashed(kind)}-{dashed(field)}-{name}", kind, field, literal, text)
            for name, literal, code in [
                ("29-digits", "9" * 29, "amount.range"), ("29-digits-in-text", '"' + "9" * 29 + '"', "amount.range"),
                ("29-places", "1e-29", "amount.range"), ("exponent-400", "1e400", "amount.range"),
                ("exponent-minus-400", "1e-400", "amount.range"),
                ("exponent-beyond-64-bit", "1e99999999999999999999", "amount.range"),
                ("exponent-minus-beyond-64-bit", "1e-99999999999999999999", "amount.range"),
                ("text-exponent", '"7e2"', "amount.format"), ("text-word", '"many"', "amount.format"),
                ("text-comma", '"7,00"', "amount.format"), ("text-currency", '"7.00 USD"', "amount.format"),
                ("text-only-space", '" "', "amount.format"), ("text-leading-space", '" 7"', "amount.format"),
                ("text-leading-plus", '"+7"', "amount.format"), ("text-leading-zero", '"07"', "amount.format"),
                ("text-full-width", '"\uff17"', "amount.format"), ("text-broken", '"7\\ud83d"', "amount.format"),
            ]:
                varied(f"{dashed(kind)}-{dashed(field)}-{name}", kind, field, literal, Unrecognized(field, code))
            varied(f"{dashed(kind)}-{dashed(field)}-leading-zero", kind, field, "07", NOT_JSON)
            varied(f"{dashed(kind)}-{dashed(field)}-leading-plus", kind, field, "+7", NOT_JSON)
    # A currency is a short code.
    for kind in ("CARD_RECHARGE_RESULT", "CARD_BALANCE_CHANGE"):
        for name, literal in {"lower-case": '"usd"', "numeric": '"840"', "long": '"USDTTRC20"', "longest": '"' + "A" * 16 + '"'}.items():
            varied(f"{dashed(kind)}-currency-{name}", kind, "currency", literal, json.loads(literal))
        for name, literal in {"too-long": '"' + "A" * 17 + '"', "with-space": '"US D"', "sign": '"$"', "not-ascii": '"\u20ac"',
                              "broken": '"US\\ud83d"', "full-width": '"\uff35\uff33\uff24"'}.items():
            varied(f"{dashed(kind)}-currency-{name}", kind, "currency", literal, Unrecognized("currency", "currency.format"))

    # More fields than are documented: at the top, nested, and under the names that other types know.
    nested = '{"a":{"b":[1,2.50,{"c":null,"d":""}]},"card_id":"none","":[]}'
    more = {
        "region": "EU", "level": 2, "fee": NUMBER + "1.50", "flag": True, "nothing": None, "blank": "",
        "object": {"a": {"b": [1, NUMBER + "2.50", {"c": None, "d": ""}]}, "card_id": "none", "": []},
        "array": [[], {}, "x", NUMBER + "1.0", [[[]]]],
    }
    more_text = (',"region":"EU","level":2,"fee":1.50,"flag":true,"nothing":null,"blank":"","object":' + nested
                 + ',"array":[[],{},"x",1.0,[[[]]]]}')
    elsewhere = {
        "template_id": ("123", 123), "user_id": ("54321", 54321), "card_id": ("54321", 54321), "transaction_id": ("67890", 67890),
        "card_number": ('"4111111111111111"', "4111111111111111"), "card_status": ('"LOCKED"', "LOCKED"),
        "receive_amount": ("100.0", NUMBER + "100.0"), "refund_amount": ("100.0", NUMBER + "100.0"),
        "before_available": ("150.5", NUMBER + "150.5"), "available": ("140.0", NUMBER + "140.0"), "amount": ("7.5", NUMBER + "7.5"),
        "currency": ('"USD"', "USD"), "error_reason": ('"provider declined"', "provider declined"), "message": ('"no"', "no"),
        "description": ('"Top up"', "Top up"), "occur_time": ("1691249025085", at), "id": ("300003", 300003),
        "merchant_name": ('"Coffee"', "Coffee"), "status": ('"SUCCESS"', "SUCCESS"), "success": ("false", False),
        "code": ("1001", 1001), "error": ('"no"', "no"), "type": ('"CARD_3DS"', "CARD_3DS"), "data": ("{}", {}),
        "extra": ('{"x":1}', {"x": 1}), "field": ('"card_id"', "card_id"), "__proto__": ('{"x":1}', {"x": 1}),
        "constructor": ("1", 1), "toString": ("null", None),
    }
    for kind, fields in FIELDS.items():
        add(f"{dashed(kind)}-with-more-fields", kind, SUCCESS[kind][:-1] + more_text, {**EVENTS[kind], "extra": more})
        add(f"{dashed(kind)}-with-more-fields-before", kind, "{" + more_text[1:-1] + "," + SUCCESS[kind][1:],
            {**EVENTS[kind], "extra": more})
        for field, (literal, value) in elsewhere.items():
            if field not in fields:
                name = {"__proto__": "proto", "toString": "to-string"}.get(field, dashed(field))
                add(f"{dashed(kind)}-with-field-{name}", kind, with_field(SUCCESS[kind], field, literal),
                    {**EVENTS[kind], "extra": {field: value}})
        # Under a name that another type gives a meaning, nothing has to be what it is there.
        odd = [field for field in ("template_id", "receive_amount", "before_available", "card_number") if field not in fields]
        add(f"{dashed(kind)}-with-fields-of-others-of-other-types", kind,
            SUCCESS[kind][:-1] + "".join(f',"{field}":{{"value":1}}' for field in odd) + "}",
            {**EVENTS[kind], "extra": {field: {"value": 1} for field in odd}})
        # Numbers that no double holds are kept to the digit.
        add(f"{dashed(kind)}-with-number-beyond-double", kind, SUCCESS[kind][:-1] + ',"huge":1e400}', EVENTS[kind],
            extra_text={"huge": "1e400"})
    # The name of a field is told as it is written once it is read.
    add("unknown-field-name-escaped", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"re\\u0067ion":"EU"}',
        {**EVENTS["CARD_ASSIGN_RESULT"], "extra": {"region": "EU"}})

    # A reason doesn't make a failed assignment of another type, and nothing else makes one either.
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
    for field, literal, value in [
        ("template_id", "123", 123), ("card_number", '"4111111111111111"', "4111111111111111"),
        ("card_status", '"LOCKED"', "LOCKED"), ("receive_amount", "100.0", NUMBER + "100.0"),
        ("refund_amount", "100.0", NUMBER + "100.0"), ("before_available", "150.5", NUMBER + "150.5"),
    ]:
        add(f"card-assign-success-with-{dashed(field)}", "CARD_ASSIGN_RESULT", f'{ASSIGN[:-1]},"{field}":{literal}}}',
            {**EVENTS["CARD_ASSIGN_RESULT"], "extra": {field: value}})
        add(f"user-create-with-{dashed(field)}", "USER_CREATE_RESULT", f'{USER_CREATE[:-1]},"{field}":{literal}}}',
            {**EVENTS["USER_CREATE_RESULT"], "extra": {field: value}})
    add("user-create-with-error-reason", "USER_CREATE_RESULT", USER_CREATE[:-1] + ',"error_reason":"x"}',
        {**EVENTS["USER_CREATE_RESULT"], "extra": {"error_reason": "x"}})

    # One type's data under another type's name: read as what they came as, whatever they prove.
    texts = {  # the unknown fields' values as they are written
        "template_id": 123, "card_number": "1234567890123456", "card_status": "LOCKED", "transaction_id": 67890,
        "receive_amount": NUMBER + "100.0", "refund_amount": NUMBER + "100.0", "currency": "USD", "amount": NUMBER + "150.5",
        "available": NUMBER + "140.0", "before_available": NUMBER + "150.5",
    }

    def relabelled(kind, source, event):
        """Another type's event as it is read under this type."""
        for field in REQUIRED[kind]:
            if field not in event:
                return Unrecognized(field, REQUIRED_CODE)
        if kind == "CARD_ASSIGN_RESULT" and not {"card_id", "user_id"} & set(event):
            return Unrecognized("card_id", REQUIRED_CODE)
        known = {field: value for field, value in event.items() if field in FIELDS[kind]}
        return {**known, "extra": {field: texts.get(field, value) for field, value in event.items() if field not in known}}

    sources = [(source, SUCCESS[source], EVENTS[source]) for source in SUCCESS]
    sources.append(("CARD_ASSIGN_RESULT-FAILED", ASSIGN_FAILED, ASSIGN_FAILED_EVENT))
    for source, example, event in sources:
        for kind in FIELDS:
            if not source.startswith(kind):
                add(f"{dashed(source)}-data-under-{dashed(kind)}", kind, example, relabelled(kind, source, event))
    add("card-close-failed-with-refund-under-card-recharge-result", "CARD_RECHARGE_RESULT",
        CLOSE.replace("SUCCESS", "FAILED"),
        {"card_id": 12345, "transaction_id": 67890, "status": "FAILED", "occur_time": 1691550780785,
         "extra": {"refund_amount": NUMBER + "100.0"}})
    add("card-recharge-failed-with-amount-under-card-close-result", "CARD_CLOSE_RESULT",
        RECHARGE.replace("SUCCESS", "FAILED"),
        {"card_id": 12345, "transaction_id": 67890, "status": "FAILED", "occur_time": at,
         "extra": {"receive_amount": NUMBER + "100.0", "currency": "USD"}})
    add("card-status-change-failed-with-status-under-card-activate-result", "CARD_ACTIVATE_RESULT",
        STATUS.replace("SUCCESS", "FAILED"),
        {"card_id": 12345, "status": "FAILED", "occur_time": at, "extra": {"card_status": "LOCKED"}})
    add("card-activate-failed-with-number-under-card-status-change", "CARD_STATUS_CHANGE",
        ACTIVATE.replace("SUCCESS", "FAILED"),
        {"card_id": 12345, "status": "FAILED", "occur_time": at, "extra": {"card_number": "1234567890123456"}})
    nine = RECHARGE[:-1] + ',"template_id":123,"user_id":12345,"description":"top-up"}'
    add("card-recharge-of-nine-fields-under-card-apply-result", "CARD_APPLY_RESULT", nine,
        {"template_id": 123, "user_id": 12345, "card_id": 12345, "status": "SUCCESS", "occur_time": at,
         "extra": {"transaction_id": 67890, "receive_amount": NUMBER + "100.0", "currency": "USD", "description": "top-up"}})
    add("card-recharge-of-nine-fields-under-card-3ds", "CARD_3DS", nine, WHOLE)
    purchase = (
        '{"id":300003,"card_id":12345,"amount":7.5,"currency":"USD","type":"PURCHASE","status":"FAILED",'
        '"created_at":"2024-01-15T10:30:00Z","merchant_name":"Coffee","occur_time":1705314600000}')
    bought = {"id": 300003, "amount": NUMBER + "7.5", "currency": "USD", "type": "PURCHASE",
              "created_at": "2024-01-15T10:30:00Z", "merchant_name": "Coffee"}
    for kind in ("CARD_ACTIVATE_RESULT", "CARD_STATUS_CHANGE", "CARD_RECHARGE_RESULT", "CARD_CLOSE_RESULT"):
        known = {"currency": "USD"} if kind == "CARD_RECHARGE_RESULT" else {}
        add(f"declined-purchase-under-{dashed(kind)}", kind, purchase,
            {"card_id": 12345, "status": "FAILED", "occur_time": 1705314600000, **known, "extra": without(bought, *known)})
    add("declined-purchase", "TRANSACTION_CREATED", purchase, WHOLE)

    # No object, or a field twice.
    for name, data in {
        "array": "[" + RECHARGE + "]", "string": '"SUCCESS"', "number": "12345", "null": "null", "true": "true",
        "empty-array": "[]", "json-in-a-string": '"{}"',
    }.items():
        code = REQUIRED_CODE if name == "null" else "field.type"
        add("data-is-" + name, "CARD_RECHARGE_RESULT", data, Unrecognized("", code))
    for kind in FIELDS:
        for name, data in {
            "array": "[]", "array-of-itself": f"[{SUCCESS[kind]}]", "array-of-values": '[12345,"SUCCESS",1]', "text": '"SUCCESS"',
            "blank": '""', "json-in-a-text": json.dumps(SUCCESS[kind]), "number": "12345", "huge-number": "1e400", "true": "true",
            "false": "false", "broken-text": '"\\ud83d"',
        }.items():
            add(f"{dashed(kind)}-data-is-{name}", kind, data, Unrecognized("", "field.type"))
        add(f"{dashed(kind)}-data-is-null", kind, "null", Unrecognized("", REQUIRED_CODE))
    card_twice = Unrecognized("card_id", TWICE)
    add("duplicate-id", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"card_id":67890}', card_twice)
    add("duplicate-same-value", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"card_id":12345}', card_twice)
    add("duplicate-amount", "CARD_RECHARGE_RESULT", RECHARGE[:-1] + ',"receive_amount":1000000.0}',
        Unrecognized("receive_amount", TWICE))
    add("duplicate-status", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"status":"FAILED"}', Unrecognized("status", TWICE))
    add("duplicate-by-escape", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"card\\u005fid":67890}', card_twice)
    add("duplicate-unknown-field", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"note":1,"note":2}', Unrecognized("", TWICE))
    add("duplicate-with-null", "CARD_ASSIGN_RESULT", ASSIGN[:-1] + ',"card_id":null}', card_twice)
    add("duplicate-in-raw-type", "CARD_3DS", '{"otp":"123456","otp":"654321"}', WHOLE)
    for kind, fields in FIELDS.items():
        for field, what in fields.items():
            written = {name.strip('"'): literal for name, literal in pairs_of(SUCCESS[kind])}
            literal = written.get(field) or {"id": "54321", "text": '"x"'}[what]
            once = with_field(SUCCESS[kind], field, literal)
            add(f"{dashed(kind)}-with-{dashed(field)}-twice", kind, f'{{"{field}":{literal},' + once[1:],
                Unrecognized(field, TWICE))
            if field not in REQUIRED[kind]:
                # What is absent for a reader stands there all the same.
                add(f"{dashed(kind)}-with-{dashed(field)}-after-null", kind, f'{{"{field}":null,' + once[1:],
                    Unrecognized(field, TWICE))
        add(f"{dashed(kind)}-with-unknown-field-twice", kind, SUCCESS[kind][:-1] + ',"note":null,"n\\u006fte":null}',
            Unrecognized("", TWICE))
        # Inside an unknown field nothing is believed, and so nothing refused.
        add(f"{dashed(kind)}-with-nested-field-twice", kind, SUCCESS[kind][:-1] + ',"note":{"card_id":1,"card_id":2}}',
            EVENTS[kind], extra_text={"note": '{"card_id":1,"card_id":2}'})
        add(f"{dashed(kind)}-with-nested-field-twice-in-array", kind, SUCCESS[kind][:-1] + ',"note":[{"a":1,"a":1}]}',
            EVENTS[kind], extra_text={"note": '[{"a":1,"a":1}]'})

    # A half of a surrogate pair that stands alone: U+FFFD in what is read, and as it came in what is kept.
    broken = [
        ("high", "no \\ud83d", "no \ufffd"), ("high-upper-case", "no \\uD83D", "no \ufffd"), ("low", "\\ude00 no", "\ufffd no"),
        ("reversed", "\\ude00\\ud83d", "\ufffd\ufffd"), ("two-high", "\\ud83d\\ud83d", "\ufffd\ufffd"),
        ("two-low", "\\ude00\\ude00", "\ufffd\ufffd"), ("first-high", "\\ud800", "\ufffd"), ("last-high", "\\udbff!", "\ufffd!"),
        ("first-low", "\\udc00", "\ufffd"), ("last-low", "\\udfff!", "\ufffd!"), ("pair", "\\ud83d\\ude00", "\U0001F600"),
        ("high-then-pair", "\\ud83d\\ud83d\\ude00", "\ufffd\U0001F600"),
        ("pair-then-low", "\\ud83d\\ude00\\ude00", "\U0001F600\ufffd"), ("between-pairs", "\\ud83d\\ude00\\ud83d\\ud83d\\ude00", "\U0001F600\ufffd\U0001F600"),
        ("high-then-letter", "\\ud83dA", "\ufffdA"), ("high-then-escaped-letter", "\\ud83d\\u0041", "\ufffdA"),
        ("high-then-short-escape", "\\ud83d\\n", "\ufffd\n"), ("high-then-escaped-backslash", "\\ud83d\\\\ude00", "\ufffd\\ude00"),
        ("high-then-raw-character", "\\ud83d\U0001F600", "\ufffd\U0001F600"), ("with-raw-character", "\U0001F600\\ude00", "\U0001F600\ufffd"),
        ("replacement-itself", "\\ufffd\\ud83d", "\ufffd\ufffd"), ("no-surrogate", "\\ud7ff\\ue001", "\ud7ff\ue001"),
        ("escaped-backslash-only", "\\\\ud83d", "\\ud83d"),
    ]
    for name, written, text in broken:
        add("broken-text-" + name, "USER_CREATE_RESULT", f'{{"user_id":12345,"status":"REJECTED","message":"{written}"}}',
            {"user_id": 12345, "status": "REJECTED", "message": text})
        exact = f'"{written}"'
        held = holdable(parse(exact))
        add("broken-text-unknown-" + name, "USER_CREATE_RESULT", f'{{"user_id":12345,"status":"REJECTED","note":{exact}}}',
            {"user_id": 12345, "status": "REJECTED", "extra": {"note": text} if held else {}},
            extra_text=None if held else {"note": exact})
        add("broken-text-nested-" + name, "USER_CREATE_RESULT",
            f'{{"user_id":12345,"status":"REJECTED","note":{{"a":[{exact}]}}}}',
            {"user_id": 12345, "status": "REJECTED", "extra": {"note": {"a": [text]}} if held else {}},
            extra_text=None if held else {"note": f'{{"a":[{exact}]}}'})
        add("broken-text-name-" + name, "USER_CREATE_RESULT", f'{{"user_id":12345,"status":"REJECTED",{exact}:1}}',
            {"user_id": 12345, "status": "REJECTED", "extra": {text: 1}})
        add("broken-text-raw-" + name, "CARD_VERIFICATION", f'{{"otp":{exact}}}', WHOLE)
        add("broken-text-unknown-type-" + name, "CARD_FUTURE_EVENT", exact, WHOLE)
    for kind, fields in FIELDS.items():
        for field, what in fields.items():
            if what == "text":
                varied(f"{dashed(kind)}-{dashed(field)}-broken-text", kind, field, '"\\ude00x\\ud83d"', "\ufffdx\ufffd")
    add("broken-names-that-read-alike", "USER_CREATE_RESULT",
        '{"user_id":12345,"status":"REJECTED","\\ud83d":1,"\\ud83e":2}', Unrecognized("", TWICE))
    add("broken-name-nested", "USER_CREATE_RESULT", '{"user_id":12345,"status":"REJECTED","note":{"\\ud83d":1,"\\ud83e":2}}',
        {"user_id": 12345, "status": "REJECTED"}, extra_text={"note": '{"\\ud83d":1,"\\ud83e":2}'})

    # The four types whose fields are not documented: any JSON value, kept whole.
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
        for name, value in {
            "empty-object": "{}", "array": "[]", "string": '"123456"', "null": "null", "number": "42.10", "true": "true",
            "blank": '""', "object-in-array": f"[{data}]", "pretty-printed": '{\n  "otp": "123456"\n}', "huge-number": '{"a":1e400}',
            "broken-text": '{"a":"\\ud83d"}', "field-twice": '{"a":1,"a":2}', "nested-field-twice": '{"b":[{"a":1,"a":2}]}',
            "with-odd-ids": '{"card_id":"none","user_id":-1.5,"occur_time":{}}',
        }.items():
            add(f"{dashed(kind)}-{name}", kind, value, WHOLE)
        for source in [*SUCCESS, "CARD_ASSIGN_RESULT-FAILED"]:
            add(f"{dashed(source)}-data-under-{dashed(kind)}", kind, SUCCESS.get(source, ASSIGN_FAILED), WHOLE)
    add("card-3ds-like-recharge-with-one-field-more", "CARD_3DS", RECHARGE[:-1] + ',"challenge":"abc"}', WHOLE)
    add("card-3ds-like-recharge-with-one-field-less", "CARD_3DS", RECHARGE.replace('"currency":"USD",', ""), WHOLE)
    add("card-correction-like-assignment", "CARD_CORRECTION", ASSIGN, WHOLE)
    add("card-verification-like-user-create", "CARD_VERIFICATION", USER_CREATE, WHOLE)

    # Types that nobody knows yet: any JSON value, kept whole.
    for name, data in {
        "object": '{"card_id":12345,"reason":"x","amount":0.10,"big":9007199254740993}', "array": '[1,2.50,"three",null]',
        "string": '"text"', "number": "42", "fraction": "0.10", "null": "null", "false": "false", "empty-object": "{}",
        "huge-number": "1e400", "field-twice": '{"a":1,"a":2}', "broken-name": '{"\\ud83d":1}', "blank": '""',
    }.items():
        add("unknown-type-" + name, "CARD_FUTURE_EVENT", data, WHOLE)
    add("unknown-type-with-known-data", "CARD_FUTURE_EVENT", RECHARGE, WHOLE)
    add("unknown-type-in-lower-case", "card_recharge_result", RECHARGE, WHOLE)
    add("unknown-type-with-space", "CARD_RECHARGE_RESULT ", RECHARGE, WHOLE)
    add("unknown-type-empty", "", RECHARGE, WHOLE)
    add("unknown-type-not-ascii", "CARD_\U0001F34C", '{"a":1}', WHOLE)
    # The name by which an event that can't be read is passed on is no type of the vendor's.
    add("unknown-type-called-unrecognized", "unrecognized", '{"card_id":12345}', WHOLE)
    add("unknown-type-called-unrecognized-with-null", "unrecognized", "null", WHOLE)

    # Authentic messages that were once refused, or read wrongly.
    add("reading-assignment-with-template", "CARD_ASSIGN_RESULT",
        '{"card_id":12345,"status":"SUCCESS","template_id":3,"occur_time":1691249025085}',
        {"card_id": 12345, "status": "SUCCESS", "occur_time": at, "extra": {"template_id": 3}})
    add("reading-failed-application-with-reason", "CARD_APPLY_RESULT",
        '{"user_id":12345,"template_id":1,"status":"FAILED","error_reason":"102:0 - insufficient merchant balance",'
        '"occur_time":1691249025085}',
        {"user_id": 12345, "template_id": 1, "status": "FAILED", "occur_time": at,
         "extra": {"error_reason": "102:0 - insufficient merchant balance"}})
    add("reading-recharge-rejected", "CARD_RECHARGE_RESULT",
        '{"card_id":12345,"status":"REJECTED","occur_time":1691249025085}',
        {"card_id": 12345, "status": "REJECTED", "occur_time": at})
    add("reading-application-declined", "CARD_APPLY_RESULT",
        '{"user_id":12345,"status":"DECLINED","occur_time":1691249025085}',
        {"user_id": 12345, "status": "DECLINED", "occur_time": at})
    add("reading-failed-recharge-with-blanks", "CARD_RECHARGE_RESULT",
        '{"card_id":12345,"status":"FAILED","receive_amount":"","currency":"","occur_time":1691249025085}',
        {"card_id": 12345, "status": "FAILED", "occur_time": at})
    add("reading-failed-application-with-blank-card", "CARD_APPLY_RESULT",
        '{"user_id":12345,"card_id":"","status":"FAILED","occur_time":1691249025085}',
        {"user_id": 12345, "status": "FAILED", "occur_time": at})
    locked = {"card_id": 200001, "status": "SUCCESS", "card_status": "LOCKED", "occur_time": 1700000000000}
    add("reading-numbers-spelled-otherwise", "CARD_STATUS_CHANGE",
        '{"card_id":200001.0,"status":"SUCCESS","card_status":"LOCKED","occur_time":1.7E12}', locked)
    add("reading-card-that-is-no-whole-number", "CARD_STATUS_CHANGE",
        '{"card_id":200001.5,"status":"SUCCESS","card_status":"LOCKED","occur_time":1700000000000}',
        Unrecognized("card_id", "id.range"))
    add("reading-numbers-as-text", "CARD_STATUS_CHANGE",
        '{"card_id":"200001","status":"SUCCESS","card_status":"LOCKED","occur_time":"1700000000000"}', locked)
    add("reading-broken-message", "USER_CREATE_RESULT", '{"user_id":12345,"status":"REJECTED","message":"no \\ud83d"}',
        {"user_id": 12345, "status": "REJECTED", "message": "no \ufffd"})
    add("reading-card-that-is-no-number", "CARD_ASSIGN_RESULT", '{"card_id":"none","status":"SUCCESS"}',
        Unrecognized("card_id", "id.range"))
    add("reading-status-change-under-recharge", "CARD_RECHARGE_RESULT",
        '{"card_id":12345,"status":"SUCCESS","card_status":"LOCKED","occur_time":1691249025085}',
        {"card_id": 12345, "status": "SUCCESS", "occur_time": at, "extra": {"card_status": "LOCKED"}})

    return {
        "about": "Webhooks: data is the exact plaintext, body the delivery as sent. event holds typed fields by the API's names "
        "(ids and times as numbers, amounts as text, absent fields absent) and the unknown ones under extra, or in extra_text "
        "by their exact JSON text; for the four types without documented fields and for unknown types it is {data: the JSON "
        "value, whole} or {data_text: its exact text}. unrecognized: authentic, but not to be read as its type. Numbers under "
        "extra and data stand as they were written. javascript_unsafe marks numbers that JavaScript's number can't hold.",
        "source": "The documentation's examples, verbatim where it has one, else put together from its tables; expectations "
        "written in by hand, for tables from an example and the one thing that is varied, and checked by the rules in "
        "event_vectors.py.",
        "cases": cases,
        "deliveries": deliveries(),
    }


def deliveries():
    """The body around the sealed data."""
    cases = []
    data = '{"user_id":12345,"status":"APPROVED"}'
    iv = fixed_iv("delivery")
    payload, tag = seal(CODEC, KEY_TEXT, iv, data)

    def add(name, body, outcome, **more):
        cases.append({"name": name, **outcome, **more, "codec": CODEC, "key_text": KEY_TEXT, "body": body})

    def bad(name, body, code="webhook.raw_body", **more):
        add("delivery-" + name, body, {"ok": False, "code": code}, **more)

    def good(name, body, kind, **more):
        add("delivery-" + name, body, {"ok": True, "type": kind, "data": data}, **more)

    good("as-documented", webhook_body(payload, "USER_CREATE_RESULT", tag), "USER_CREATE_RESULT")
    good("with-more-fields", compact({"id": 7, "encrypted_payload": payload, "type": "USER_CREATE_RESULT", "hmac": tag,
                                      "attempt": 1.5, "meta": {"a": [None]}}), "USER_CREATE_RESULT")
    good("type-escaped", webhook_body(payload, "USER_CREATE_RESULT", tag).replace("USER_", "USER\\u005f"), "USER_CREATE_RESULT")
    good("type-broken", webhook_body(payload, "X", tag).replace('"X"', '"CARD_\\ud83d"'), "CARD_\ufffd")
    good("type-unknown", webhook_body(payload, "user_create_result", tag), "user_create_result")
    bad("without-type", compact({"encrypted_payload": payload, "hmac": tag}))
    for name, value in {"null": None, "number": 5, "true": True, "array": ["USER_CREATE_RESULT"], "object": {}}.items():
        bad("type-" + name, compact({"encrypted_payload": payload, "type": value, "hmac": tag}))
    for name, body in {
        "empty": "", "only-space": " ", "text": "hello", "html": "<html></html>", "array": "[]", "null": "null", "number": "5",
        "json-in-a-text": json.dumps(webhook_body(payload, "USER_CREATE_RESULT", tag)), "empty-object": "{}",
        "opened-data": data, "cut": webhook_body(payload, "USER_CREATE_RESULT", tag)[:-1],
        "form": "encrypted_payload=x&type=USER_CREATE_RESULT", "in-an-array": "[" + webhook_body(payload, "X", tag) + "]",
        "type-twice": webhook_body(payload, "X", tag)[:-1] + ',"type":"USER_CREATE_RESULT"}',
        "payload-twice": webhook_body(payload, "USER_CREATE_RESULT", tag)[:-1] + ',"encrypted_payload":"x"}',
    }.items():
        bad(name, body)
    for name, value in {"null": None, "number": 5, "blank": "", "object": {}}.items():
        bad("payload-" + name, compact({"encrypted_payload": value, "type": "USER_CREATE_RESULT", "hmac": tag}), "not_authentic")
        bad("hmac-" + name, compact({"encrypted_payload": payload, "type": "USER_CREATE_RESULT", "hmac": value}), "not_authentic")
    bad("without-hmac", compact({"encrypted_payload": payload, "type": "USER_CREATE_RESULT"}), "not_authentic")
    bad("without-payload", compact({"type": "USER_CREATE_RESULT", "hmac": tag}), "not_authentic")
    # The limit is on the body's bytes, and comes before everything else.
    body = webhook_body(payload, "USER_CREATE_RESULT", tag)
    good("as-long-as-the-limit", body, "USER_CREATE_RESULT", max_bytes=len(body))
    bad("longer-than-the-limit", body, "message.too_long", max_bytes=len(body) - 1)
    bad("space-beyond-the-limit", body + " ", "message.too_long", max_bytes=len(body))
    bad("longer-than-the-limit-and-not-authentic", body.replace(tag, "0" * 64), "message.too_long", max_bytes=len(body) - 1)
    bad("longer-than-the-limit-and-no-delivery", "x" * 100, "message.too_long", max_bytes=99)
    return cases


FILES = {"events.json": events}
