"""responses.json: what the API answers, sealed and plain, and what it means.

The expectations of single cases are written in by hand, those of tables are put together from an example and the one
thing that is varied. judge() reads each body by the rules, and contradicts a slip.
"""

import json
import re

from sealing import compact, fixed_iv, key_bytes, mac, response_body, seal
from wire import NUMBER, Decimal_, Integer, Pairs, Wrong, blank, check_names, holdable, parse, readable, split_extra, typed, unsafe, whole, whole_number

CODEC, KEY_TEXT = "utf8", "response-test-key-of-32-bytes-00"

TRANSACTION = {
    "id": "id", "card_id": "id", "amount": "amount", "currency": "currency", "type": "text", "status": "text",
    "created_at": "text", "merchant_name": "text",
}
TEMPLATE = {
    "id": "id", "description": "text?", "type": "text?", "payment_system": "text?", "apply_fee": "amount?",
    "recharge_fee": "amount?", "refund_fee": "amount?", "activate_min_limit": "amount?", "recharge_min_limit": "amount?",
    "recharge_max_limit": "amount?", "limit_per_tx": "amount?", "limit_per_day": "amount?", "limit_per_month": "amount?",
    "requires_kyc": "bool?", "requires_phone_only": "bool?", "needs_activation": "bool?", "requires_initial_deposit": "bool?",
}
ACKNOWLEDGED = {"success": "bool?", "message": "text?"}
# A kind with "?" is only guessed, or known to be shown otherwise: what doesn't fit is as absent.
FIELDS = {
    "merchant.get_account_balance": {"balance": "amount?", "currency": "currency?"},
    "merchant.set_webhook_url": ACKNOWLEDGED,
    "user.register": {"user_id": "id?", "message": "text?"},
    "card.apply": {"card_id": "id?", "message": "text?"},
    "card.recharge": ACKNOWLEDGED,
    "card.update_status": ACKNOWLEDGED,
    "card.get_balance": {"balance": "amount", "refund_amount": "amount", "currency": "currency"},
    "card.get_information": {
        "number": "text?", "cvv": "cvv?", "expiry_date": "expiry?", "status": "text", "template_id": "id?",
    },
    "card.assign": {"card_id": "id"},
    "card.set_pin": ACKNOWLEDGED,
    "card.3ds_confirm": ACKNOWLEDGED,
}
# Lists: the fields of a record and what it must have, or None where records are kept whole.
LISTS = {
    "merchant.get_card_templates": (TEMPLATE, ["id"]),
    "merchant.get_webhook_records": (None, []),
    "user.get_users": (None, []),
    "card.get_transactions": (TRANSACTION, ["id", "amount"]),
}
REQUIRED = {"card.get_balance": ["balance"], "card.get_information": ["status"], "card.assign": ["card_id"]}
# What an event confirms is only taken; all other answers are believed.
CONFIRMED = ["user.register", "card.apply", "card.recharge", "card.update_status", "card.assign"]
OPERATIONS = [*FIELDS, *LISTS]
BELIEVED = [operation for operation in OPERATIONS if operation not in CONFIRMED]
PIN_SET = "PIN set successfully"

# A body for a plan of each operation.
REQUESTS = {
    "merchant.get_account_balance": "{}",
    "merchant.get_card_templates": "{}",
    "merchant.set_webhook_url": '{"url":"https://merchant.example/webhooks"}',
    "merchant.get_webhook_records": '{"skip":0,"limit":10}',
    "user.register": '{"email":"ada@example.com","template_id":1}',
    "user.get_users": '{"skip":0,"limit":10}',
    "card.apply": '{"user_id":1,"template_id":1}',
    "card.recharge": '{"user_id":1,"card_id":2,"amount":"5"}',
    "card.update_status": '{"user_id":1,"card_id":2,"alter":"LOCK"}',
    "card.get_balance": '{"user_id":1,"card_id":2}',
    "card.get_information": '{"user_id":1,"card_id":2}',
    "card.get_transactions": '{"card_id":2}',
    "card.assign": '{"user_id":1,"template_id":1,"card_number":"1234567890123456"}',
    "card.set_pin": '{"user_id":1,"card_id":2,"pin":"6789"}',
    "card.3ds_confirm": '{"user_id":1,"card_id":2}',
}
# A good answer to each, and what it says.
GOOD = {
    "merchant.get_account_balance": ('{"balance":150.5,"currency":"USD"}', {"balance": "150.5", "currency": "USD"}),
    "merchant.get_card_templates": ('{"data":[{"id":1,"type":"Virtual"}]}', {"data": [{"id": 1, "type": "Virtual", "extra": {}}]}),
    "merchant.set_webhook_url": ('{"message":"ok"}', {"message": "ok"}),
    "merchant.get_webhook_records": ('{"data":[{"id":1}],"total":1}', {"data": [{"id": 1}], "total": 1}),
    "user.register": ('{"user_id":12345}', {"user_id": 12345}),
    "user.get_users": ('{"data":[{"id":1}],"total":1}', {"data": [{"id": 1}], "total": 1}),
    "card.apply": ('{"card_id":67890}', {"card_id": 67890}),
    "card.recharge": ('{"message":"ok"}', {"message": "ok"}),
    "card.update_status": ('{"message":"ok"}', {"message": "ok"}),
    "card.get_balance": ('{"balance":150.5,"refund_amount":0.0,"currency":"USD"}',
                         {"balance": "150.5", "refund_amount": "0.0", "currency": "USD"}),
    "card.get_information": ('{"number":"1234567890123456","cvv":"123","expiry_date":"12/25","status":"ACTIVE","template_id":1}',
                             {"number": "1234567890123456", "cvv": "123", "expiry_date": "12/25", "status": "ACTIVE",
                              "template_id": 1}),
    "card.get_transactions": ('{"data":[{"id":1,"amount":5}],"total":1}',
                              {"data": [{"id": 1, "amount": "5", "extra": {}}], "total": 1}),
    "card.assign": ('{"card_id":12345}', {"card_id": 12345}),
    "card.set_pin": ('{"success":true,"message":"PIN set successfully"}', {"success": True, "message": PIN_SET}),
    "card.3ds_confirm": ('{"message":"ok"}', {"message": "ok"}),
}


def record(fields, required, item):
    if fields is None:
        return whole(item)
    if not isinstance(item, Pairs):
        raise Wrong("", "field.type")
    known, extra = typed(fields, item, required)
    held, others = split_extra(extra)
    assert not others
    return {**known, "extra": held}


def contradicted(value):
    """Whether an answer says, beside whatever else, that it is no success."""
    fields = dict(value)
    error, code, success = fields.get("error"), fields.get("code"), fields.get("success")
    none = blank(error) or error is False or (type(error) is list and not error) or (
        type(error) in (Integer, Decimal_) and whole_number(error) == 0)
    if not none:
        return True
    if not blank(code):
        good = isinstance(code, str) and (whole_number(code) in (0, 200) or str(code).upper() in ("OK", "SUCCESS"))
        if not good:
            return True
    return not blank(success) and success is not True and success != "true"


# The statuses that say that the request itself was refused. The documentation names 400 alone.
REFUSED = (400, 401, 403, 404, 405, 413, 415, 422)


def judge(operation, status, text):
    """(outcome, names of the unknown fields that vectors can't hold) of an opened answer."""
    try:
        value = parse(text)
    except ValueError:
        value = None
        if 200 <= status < 300:
            return {"ok": False, "failure": "unexpected_answer"}, []
    try:
        if isinstance(value, Pairs):
            check_names(value, {})
    except Wrong:
        value = None
    says = dict(value) if isinstance(value, Pairs) else {}
    if not 200 <= status < 300 and status not in REFUSED:
        return {"ok": False, "failure": "not_known"}, []
    if not 200 <= status < 300 or says.get("success") is False:
        words = [says.get(name) for name in ("message", "error") if type(says.get(name)) is str and says.get(name)]
        return {"ok": False, "rejected": {"status": status, "message": readable(words[0]) if words else None}}, []
    # Only a text can be sealed; anything else claims nothing, and says nothing either.
    if "encrypted_payload" in says:
        return {"ok": False, "failure": "unexpected_answer"}, []
    if says and operation in BELIEVED and contradicted(value):
        return {"ok": False, "failure": "not_known"}, []
    try:
        if operation in LISTS:
            fields, required = LISTS[operation]
            if type(value) is list:
                return {"ok": True, "response": {"data": [record(fields, required, item) for item in value], "extra": {}}}, []
            if not isinstance(value, Pairs):
                raise Wrong("", "field.type")
            page = {"total": "count?"} if operation != "merchant.get_card_templates" else {}
            known, extra = typed(page, value)
            data = extra.pop("data", None)
            if type(data) is not list:
                raise Wrong("data", "field.type")
            known = {"data": [record(fields, required, item) for item in data], **known}
        else:
            if not isinstance(value, Pairs):
                raise Wrong("", "field.type")
            known, extra = typed(FIELDS[operation], value, REQUIRED.get(operation, ()))
            if operation == "card.set_pin" and known.get("success") is not True and known.get("message") != PIN_SET:
                return {"ok": False, "failure": "not_known"}, []
    except Wrong:
        return {"ok": False, "failure": "unexpected_answer"}, []
    held, others = split_extra(extra)
    outcome = {"ok": True, "response": {**known, "extra": held}}
    return ({**outcome, "javascript_unsafe": True} if unsafe(known) else outcome), others


def responses():
    cases = []
    assert len(key_bytes(CODEC, KEY_TEXT)) == 32

    def sealed_body(name, plaintext):
        payload, tag = seal(CODEC, KEY_TEXT, fixed_iv("response " + name), plaintext)
        return response_body(payload, tag)

    def case(name, operation, status, plaintext, sealed, outcome, body=None, **more):
        if body is None:
            body = sealed_body(name, plaintext) if sealed else plaintext
        if outcome.get("failure") != "not_authentic":
            found, others = judge(operation, status, plaintext)
            if outcome["ok"] and unsafe({key: item for key, item in outcome["response"].items() if key != "extra"}):
                outcome = {**outcome, "javascript_unsafe": True}
            assert found == outcome, (name, found, outcome)
            assert sorted(others) == sorted(more.get("extra_text", {})), (name, others)
        cases.append({
            "name": name, "operation": operation, "status": status, "sealed": sealed, "plaintext": plaintext, **outcome, **more,
            "codec": CODEC, "key_text": KEY_TEXT, "body": body,
        })

    def good(name, operation, plaintext, response, plain_too=False, sealed=True, **more):
        response = {**response, "extra": response.get("extra", {})}
        case(name, operation, 200, plaintext, sealed, {"ok": True, "response": response}, **more)
        if plain_too:
            case(name + "-plain", operation, 200, plaintext, False, {"ok": True, "response": response}, **more)

    # The documentation's examples.
    good("recharge", "card.recharge", '{"message":"Card recharge request sent successfully"}',
         {"message": "Card recharge request sent successfully"}, True)
    good("update-status", "card.update_status", '{"message":"Operation requested"}', {"message": "Operation requested"}, True)
    good("get-balance", "card.get_balance", '{"balance":150.5,"refund_amount":0.0,"currency":"USD"}',
         {"balance": "150.5", "refund_amount": "0.0", "currency": "USD"}, True)
    good("get-information", "card.get_information",
         '{"number":"1234567890123456","cvv":"123","expiry_date":"12/25","status":"ACTIVE","template_id":1}',
         {"number": "1234567890123456", "cvv": "123", "expiry_date": "12/25", "status": "ACTIVE", "template_id": 1}, True)
    good("get-transactions", "card.get_transactions",
         '{"data":[{"id":12345,"card_id":67890,"amount":100.0,"currency":"USD","type":"RECHARGE","status":"SUCCESS",'
         '"created_at":"2024-01-15T10:30:00Z","merchant_name":"RECHARGE"}],"total":1}',
         {"data": [{"id": 12345, "card_id": 67890, "amount": "100.0", "currency": "USD", "type": "RECHARGE",
                    "status": "SUCCESS", "created_at": "2024-01-15T10:30:00Z", "merchant_name": "RECHARGE", "extra": {}}],
          "total": 1}, True)
    good("assign", "card.assign", '{"card_id":12345}', {"card_id": 12345}, True)
    good("set-pin", "card.set_pin", '{"message":"PIN set successfully"}', {"message": "PIN set successfully"}, True)
    good("set-pin-with-success", "card.set_pin", '{"success":true,"message":"PIN set successfully"}',
         {"success": True, "message": "PIN set successfully"}, True)

    # What may come beyond the examples.
    good("recharge-unknown-field", "card.recharge", '{"message":"ok","request_id":9007199254740993,"fee":1.50}',
         {"message": "ok", "extra": {"request_id": 9007199254740993, "fee": NUMBER + "1.50"}})
    good("recharge-message-in-another-script", "card.recharge", '{"message":"\u5145\u503c\u8bf7\u6c42\u5df2\u53d1\u9001 \U0001F34C"}',
         {"message": "\u5145\u503c\u8bf7\u6c42\u5df2\u53d1\u9001 \U0001F34C"})
    good("get-balance-amounts-as-text", "card.get_balance", '{"balance":"150.50","refund_amount":"0.00","currency":"USD"}',
         {"balance": "150.50", "refund_amount": "0.00", "currency": "USD"})
    good("get-balance-negative", "card.get_balance", '{"balance":-0.01,"refund_amount":0,"currency":"USD"}',
         {"balance": "-0.01", "refund_amount": "0", "currency": "USD"})
    good("get-balance-beyond-double", "card.get_balance",
         '{"balance":9007199254740993.07,"refund_amount":0.1,"currency":"USD"}',
         {"balance": "9007199254740993.07", "refund_amount": "0.1", "currency": "USD"})
    good("get-balance-without-refund", "card.get_balance", '{"balance":150.5,"currency":"USD"}',
         {"balance": "150.5", "currency": "USD"})
    good("get-information-masked", "card.get_information",
         '{"number":"************3456","cvv":"***","expiry_date":"12/25","status":"ACTIVE","template_id":1}',
         {"number": "************3456", "expiry_date": "12/25", "status": "ACTIVE", "template_id": 1})
    good("get-information-unknown-status", "card.get_information",
         '{"number":"4111111111111111","cvv":"123","expiry_date":"12/25","status":"FROZEN_BY_ISSUER","template_id":1}',
         {"number": "4111111111111111", "cvv": "123", "expiry_date": "12/25", "status": "FROZEN_BY_ISSUER", "template_id": 1})
    good("get-information-unknown-field", "card.get_information",
         '{"number":"4111111111111111","cvv":"123","expiry_date":"12/25","status":"TBA","template_id":1,"holder":"ADA"}',
         {"number": "4111111111111111", "cvv": "123", "expiry_date": "12/25", "status": "TBA", "template_id": 1,
          "extra": {"holder": "ADA"}})
    good("get-transactions-none", "card.get_transactions", '{"data":[],"total":0}', {"data": [], "total": 0})
    good("get-transactions-more-than-the-page", "card.get_transactions",
         '{"data":[{"id":1,"card_id":67890,"amount":-12.30,"currency":"USD","type":"PURCHASE","status":"PENDING",'
         '"created_at":"2024-01-15T10:30:00Z","merchant_name":"COFFEE \u2615","mcc":"5814"},'
         '{"id":2,"card_id":67890,"amount":"0.10","currency":"USD","type":"RECHARGE","status":"SUCCESS",'
         '"created_at":"2024-01-16T00:00:00Z","merchant_name":"RECHARGE"}],"total":250,"next":10}',
         {"data": [
             {"id": 1, "card_id": 67890, "amount": "-12.30", "currency": "USD", "type": "PURCHASE", "status": "PENDING",
              "created_at": "2024-01-15T10:30:00Z", "merchant_name": "COFFEE \u2615", "extra": {"mcc": "5814"}},
             {"id": 2, "card_id": 67890, "amount": "0.10", "currency": "USD", "type": "RECHARGE", "status": "SUCCESS",
              "created_at": "2024-01-16T00:00:00Z", "merchant_name": "RECHARGE", "extra": {}}],
          "total": 250, "extra": {"next": 10}})
    good("assign-unknown-field", "card.assign", '{"card_id":12345,"status":"PENDING"}',
         {"card_id": 12345, "extra": {"status": "PENDING"}})

    # The API refuses. The documentation shows no error body: whatever comes, the status counts.
    def refused(name, status, plaintext, message, sealed=False, operation="card.recharge"):
        case(name, operation, status, plaintext, sealed, {"ok": False, "rejected": {"status": status, "message": message}})

    low = "Amount is below the minimum"
    refused("rejected-success-false", 200, '{"success":false,"message":"PIN not set"}', "PIN not set", operation="card.set_pin")
    refused("rejected-success-false-sealed", 200, '{"success":false,"message":"PIN not set"}', "PIN not set", True,
            operation="card.set_pin")
    refused("rejected-message", 400, compact({"message": low}), low)
    refused("rejected-message-sealed", 400, compact({"message": low}), low, True)
    refused("rejected-message-among-others", 400, compact({"code": 1001, "message": low, "details": {}}), low)
    refused("rejected-message-in-another-script", 400, compact({"message": "\u91d1\u989d\u592a\u5c0f"}), "\u91d1\u989d\u592a\u5c0f")
    refused("rejected-error", 400, compact({"error": "HMAC verification failed"}), "HMAC verification failed")
    refused("rejected-error-sealed", 400, compact({"error": low}), low, True)
    refused("rejected-message-before-error", 400, compact({"error": "Bad Request", "message": low}), low)
    refused("rejected-html", 400, "<html><body><h1>400 Bad Request</h1></body></html>", None)
    refused("rejected-empty", 400, "", None)
    refused("rejected-plain-text", 400, "Bad Request", None)
    refused("rejected-empty-object", 400, "{}", None)
    refused("rejected-message-null", 400, '{"message":null}', None)
    refused("rejected-message-number", 400, '{"message":42}', None)
    refused("rejected-array", 400, '["Bad Request"]', None)
    refused("rejected-null", 400, "null", None)
    refused("rejected-assign", 400, compact({"message": "101:0 - card number not exist"}), "101:0 - card number not exist",
            True, "card.assign")
    refused("rejected-401", 401, compact({"message": "Unauthorized"}), "Unauthorized")
    refused("rejected-403", 403, compact({"message": "Forbidden"}), "Forbidden")
    refused("rejected-404", 404, compact({"message": "Not found"}), "Not found")
    for status in (405, 413, 415, 422):
        refused(f"rejected-{status}", status, "", None)

    # What another status says of the operation isn't known: it may come from anything between here and the API.
    def unsure(name, status, plaintext, sealed=False):
        case(f"not-known-status-{name}", "card.recharge", status, plaintext, sealed, {"ok": False, "failure": "not_known"})

    for status in (402, 406, 408, 409, 410, 418, 425, 428, 429, 451, 501, 504, 520):
        unsure(status, status, "")
    unsure("500", 500, compact({"message": "Internal error"}))
    unsure("500-sealed", 500, compact({"message": low}), True)
    unsure("500-success-false", 500, '{"success":false,"message":"no"}', True)
    unsure("502-html", 502, "<html><body>Bad gateway</body></html>")
    unsure("503-empty", 503, "")

    # Status 200, and yet no answer.
    def failed(name, operation, plaintext, sealed, failure, body=None):
        case(name, operation, 200, plaintext, sealed, {"ok": False, "failure": failure}, body)

    balance = '{"balance":150.5,"refund_amount":0.0,"currency":"USD"}'
    payload, tag = seal(CODEC, KEY_TEXT, fixed_iv("response failure"), balance)
    other = "another--test-key-of-32-bytes-00"
    failed("failure-mac-changed", "card.get_balance", balance, True, "not_authentic",
           response_body(payload, tag[:-1] + ("0" if tag[-1] != "0" else "1")))
    failed("failure-mac-of-another-key", "card.get_balance", balance, True, "not_authentic",
           response_body(payload, mac(key_bytes("utf8", other), payload)))
    failed("failure-mac-missing", "card.get_balance", balance, True, "not_authentic",
           compact({"encrypted_payload": payload}))
    failed("failure-html", "card.get_balance", "<html><body>Maintenance</body></html>", False, "unexpected_answer")
    failed("failure-empty", "card.get_balance", "", False, "unexpected_answer")

    def shapeless(name, operation, plaintext):
        failed("failure-" + name, operation, plaintext, True, "unexpected_answer")

    shapeless("array", "card.get_balance", "[]")
    shapeless("text", "card.get_balance", '"150.5"')
    shapeless("null", "card.get_balance", "null")
    shapeless("balance-missing", "card.get_balance", '{"refund_amount":0.0,"currency":"USD"}')
    shapeless("balance-not-an-amount", "card.get_balance", '{"balance":"many","refund_amount":0.0,"currency":"USD"}')
    shapeless("balance-true", "card.get_balance", '{"balance":true,"refund_amount":0.0,"currency":"USD"}')
    shapeless("assign-card-missing", "card.assign", '{"message":"Operation requested"}')
    good("failure-assign-card-as-text", "card.assign", '{"card_id":"12345"}', {"card_id": 12345})
    shapeless("assign-card-negative", "card.assign", '{"card_id":-1}')
    shapeless("assign-card-fraction", "card.assign", '{"card_id":12345.5}')
    shapeless("transactions-data-missing", "card.get_transactions", '{"total":0}')
    shapeless("transactions-data-not-a-list", "card.get_transactions", '{"data":{},"total":0}')
    shapeless("transactions-item-not-an-object", "card.get_transactions", '{"data":[1],"total":1}')

    def dashed(name):
        return name.replace("merchant.", "").replace("user.", "").replace("card.", "").replace("_", "-")

    # Every operation: a good answer, more fields than are documented, and what is none.
    more = (',"region":"EU","fee":1.50,"flag":true,"nothing":null,"blank":"","object":{"a":{"b":[1,2.50,{"c":null}]},"":[]},'
            '"array":[[],{},"x",1.0]}')
    more_values = {
        "region": "EU", "fee": NUMBER + "1.50", "flag": True, "nothing": None, "blank": "",
        "object": {"a": {"b": [1, NUMBER + "2.50", {"c": None}]}, "": []}, "array": [[], {}, "x", NUMBER + "1.0"],
    }
    for operation, (plaintext, response) in GOOD.items():
        name = dashed(operation)
        good(f"{name}-good", operation, plaintext, response, True)
        good(f"{name}-with-more-fields", operation, plaintext[:-1] + more, {**response, "extra": more_values}, True)
        good(f"{name}-with-number-beyond-double", operation, plaintext[:-1] + ',"huge":1e400}', response,
             extra_text={"huge": "1e400"})
        good(f"{name}-with-broken-text", operation, plaintext[:-1] + ',"note":"no \\ud83d"}', response,
             extra_text={"note": '"no \\ud83d"'})
        good(f"{name}-with-broken-name", operation, plaintext[:-1] + ',"\\ude00":1}', {**response, "extra": {"\ufffd": 1}})
        good(f"{name}-with-nested-field-twice", operation, plaintext[:-1] + ',"note":{"a":1,"a":2}}', response,
             extra_text={"note": '{"a":1,"a":2}'})
        shapeless(f"{name}-with-unknown-field-twice", operation, plaintext[:-1] + ',"note":1,"n\\u006fte":1}')
        first = parse(plaintext)[0][0]
        shapeless(f"{name}-with-known-field-twice", operation, f'{{"{first}":null,' + plaintext[1:])
        for what, text in {"text": '"ok"', "number": "5", "null": "null", "true": "true", "blank": '""',
                           "broken-text": '"\\ud83d"', "huge-number": "1e400"}.items():
            shapeless(f"{name}-is-{what}", operation, text)
        if operation not in LISTS:
            shapeless(f"{name}-is-array", operation, "[]")
            shapeless(f"{name}-is-array-of-itself", operation, f"[{plaintext}]")
        failed(f"failure-{name}-not-json", operation, "ok", False, "unexpected_answer")
        failed(f"failure-{name}-empty", operation, "", False, "unexpected_answer")
        # A text claims to be sealed and has to open. Anything else claims nothing, and says nothing either.
        for what, value in {"null": None, "number": 5, "true": True, "object": {}, "array": []}.items():
            text = compact({"encrypted_payload": value, "hmac": "00"})
            failed(f"failure-{name}-payload-{what}", operation, text, False, "unexpected_answer")
        failed(f"failure-{name}-payload-blank", operation, '{"encrypted_payload":"","hmac":"00"}', False, "not_authentic")
        # "success": false is a refusal whatever stands beside it.
        refused(f"{name}-success-false", 200, plaintext.replace('"success":true,', "")[:-1] + ',"success":false}',
                response.get("message"), True, operation)
        refused(f"{name}-success-false-plain", 200, '{"success":false}', None, False, operation)
    failed("failure-payload-null-alone", "card.recharge", '{"encrypted_payload":null}', False, "unexpected_answer")
    failed("failure-payload-null-and-more", "card.recharge", '{"encrypted_payload":null,"hmac":null,"message":"ok"}', False,
           "unexpected_answer")
    failed("failure-payload-null-and-set", "card.set_pin", '{"encrypted_payload":null,"success":true,"message":"PIN set successfully"}',
           False, "unexpected_answer")
    failed("failure-payload-null-and-data", "card.get_balance", '{"encrypted_payload":null,"balance":150.5}', False, "unexpected_answer")
    for name, value in {"null": None, "number": 5, "blank": "", "true": True, "array": [tag]}.items():
        failed("failure-mac-" + name, "card.get_balance", balance, True, "not_authentic",
               compact({"encrypted_payload": payload, "hmac": value}))
    refused("rejected-payload-null", 400, '{"encrypted_payload":null,"message":"no"}', "no")
    refused("rejected-payload-number", 400, '{"encrypted_payload":5,"message":"no"}', "no")
    refused("rejected-payload-null-and-success-false", 200, '{"encrypted_payload":null,"success":false,"message":"no"}', "no")
    case("failure-payload-text-at-status-400", "card.recharge", 400, "", True, {"ok": False, "failure": "not_authentic"},
         '{"encrypted_payload":"no","message":"no"}')
    for status in (201, 202, 204, 299):
        case(f"recharge-status-{status}", "card.recharge", status, '{"message":"ok"}', True,
             {"ok": True, "response": {"message": "ok", "extra": {}}})
    case("failure-status-204-empty", "card.recharge", 204, "", False, {"ok": False, "failure": "unexpected_answer"})
    for status in (100, 199, 300, 302, 304, 599):
        unsure(status, status, '{"message":"ok"}', True)

    # A message that says nothing, or isn't whole.
    refused("rejected-message-blank", 400, '{"message":""}', None)
    refused("rejected-message-blank-before-error", 400, '{"message":"","error":"no"}', "no")
    refused("rejected-message-null-before-error", 400, '{"message":null,"error":"no"}', "no")
    refused("rejected-message-number-before-error", 400, '{"message":1,"error":"no"}', "no")
    refused("rejected-message-broken", 400, '{"message":"no \\ud83d"}', "no \ufffd")
    refused("rejected-message-broken-sealed", 400, '{"message":"\\ude00\\ud83d\\ud83d\\ude00"}', "\ufffd\ufffd\U0001F600", True)
    refused("rejected-success-false-broken", 200, '{"success":false,"message":"\\ude00"}', "\ufffd", True, "card.set_pin")
    refused("rejected-success-false-name-escaped", 200, '{"\\u0073uccess":false,"message":"no"}', "no", True, "card.set_pin")

    # set_pin: believed only if it says so.
    def unknown(name, operation, plaintext, plain_too=True):
        failed("not-known-" + name, operation, plaintext, True, "not_known")
        if plain_too:
            failed(f"not-known-{name}-plain", operation, plaintext, False, "not_known")

    for name, plaintext in {
        "empty": "{}", "another-message": '{"message":"ok"}', "insufficient-balance": '{"code":1001,"message":"Insufficient balance"}',
        "message-in-lower-case": '{"message":"pin set successfully"}', "message-with-space": '{"message":"PIN set successfully "}',
        "message-with-point": '{"message":"PIN set successfully."}', "message-longer": '{"message":"PIN set successfully requested"}',
        "message-not-set": '{"message":"PIN not set"}', "message-blank": '{"message":""}', "message-null": '{"message":null}',
        "message-number": '{"message":200}', "message-in-array": '{"message":["PIN set successfully"]}',
        "message-broken": '{"message":"PIN set successfully\\ud83d"}', "message-requested": '{"message":"Operation requested"}',
        "message-elsewhere": '{"detail":"PIN set successfully"}', "message-nested": '{"data":{"success":true,"message":"PIN set successfully"}}',
        "success-null": '{"success":null}', "success-blank": '{"success":""}', "success-text": '{"success":"true"}',
        "success-one": '{"success":1}', "success-word": '{"success":"yes"}', "success-in-array": '{"success":[true]}',
        "success-in-another-case": '{"Success":true}', "success-null-and-other-message": '{"success":null,"message":"ok"}',
        "success-text-and-other-message": '{"success":"true","message":"ok"}',
        "success-text-false": '{"success":"false","message":"PIN set successfully"}',
        "success-zero": '{"success":0,"message":"PIN set successfully"}',
        "success-one-with-message": '{"success":1,"message":"PIN set successfully"}',
        "status-only": '{"status":"SUCCESS"}', "code-only": '{"code":0}', "code-and-other-message": '{"code":200,"message":"OK"}',
        "error-only": '{"error":"no"}', "other-fields": '{"card_id":2,"user_id":1}',
    }.items():
        unknown("set-pin-" + name, "card.set_pin", plaintext)
    for name, plaintext, response in [
        ("success-alone", '{"success":true}', {"success": True}),
        ("success-and-other-message", '{"success":true,"message":"ok"}', {"success": True, "message": "ok"}),
        ("success-and-blank-message", '{"success":true,"message":""}', {"success": True}),
        ("success-and-null-message", '{"success":true,"message":null}', {"success": True}),
        ("success-and-message-that-is-none", '{"success":true,"message":{"en":"ok"}}', {"success": True}),
        ("success-and-broken-message", '{"success":true,"message":"ok \\ud83d"}', {"success": True, "message": "ok \ufffd"}),
        ("message-and-null-success", '{"success":null,"message":"PIN set successfully"}', {"message": PIN_SET}),
        ("message-and-blank-success", '{"success":"","message":"PIN set successfully"}', {"message": PIN_SET}),
        ("message-and-success-as-text", '{"success":"true","message":"PIN set successfully"}', {"message": PIN_SET}),
        ("message-escaped", '{"message":"PIN\\u0020set successfully"}', {"message": PIN_SET}),
    ]:
        good("set-pin-" + name, "card.set_pin", plaintext, response, True)

    # What is believed is not known if an error, or a code that isn't a success, stands beside it.
    against = {
        "code": '"code":1001', "code-as-text": '"code":"1001"', "code-word": '"code":"INSUFFICIENT_BALANCE"', "code-one": '"code":1',
        "code-negative": '"code":-1', "code-400": '"code":400', "code-500-as-text": '"code":"500"', "code-201": '"code":201',
        "code-fraction": '"code":200.5', "code-huge": '"code":1e400', "code-true": '"code":true', "code-false": '"code":false',
        "code-array": '"code":[0]', "code-object": '"code":{}', "code-space": '"code":" "', "code-broken": '"code":"OK\\ud83d"',
        "code-escaped": '"c\\u006fde":1001', "error": '"error":"Insufficient balance"', "error-number": '"error":5',
        "error-one": '"error":1', "error-true": '"error":true', "error-object": '"error":{"code":1001}', "error-empty-object": '"error":{}',
        "error-array": '"error":["no"]', "error-array-of-null": '"error":[null]', "error-space": '"error":" "', "error-escaped": '"\\u0065rror":"x"', "error-broken": '"error":"\\ud83d"',
        "success-text-false": '"success":"false"', "success-zero": '"success":0', "success-one": '"success":1',
        "success-word": '"success":"no"', "success-object": '"success":{}',
        "code-good-and-error": '"code":0,"error":"no"', "code-and-message": '"code":1001,"msg":"Insufficient balance"',
    }
    alongside = [
        ("code-zero", '"code":0', {"code": 0}), ("code-zero-as-text", '"code":"0"', {"code": "0"}), ("code-200", '"code":200', {"code": 200}),
        ("code-200-with-places", '"code":200.0', {"code": NUMBER + "200.0"}), ("code-200-as-text", '"code":"200"', {"code": "200"}),
        ("code-200-as-exponent", '"code":2E2', {"code": NUMBER + "2E2"}), ("code-ok", '"code":"OK"', {"code": "OK"}),
        ("code-success", '"code":"SUCCESS"', {"code": "SUCCESS"}), ("code-success-in-lower-case", '"code":"success"', {"code": "success"}),
        ("code-null", '"code":null', {"code": None}), ("code-blank", '"code":""', {"code": ""}),
        ("error-null", '"error":null', {"error": None}), ("error-blank", '"error":""', {"error": ""}),
        ("error-false", '"error":false', {"error": False}), ("error-zero", '"error":0', {"error": 0}),
        ("error-empty-array", '"error":[]', {"error": []}), ("error-null-and-code-zero", '"error":null,"code":0', {"error": None, "code": 0}),
        ("errors-of-another-name", '"errors":[],"error_code":0,"Error":"x"', {"errors": [], "error_code": 0, "Error": "x"}),
    ]
    for operation in BELIEVED:
        plaintext, response = GOOD[operation]
        for name, text in against.items():
            # Another word for success may not stand beside set_pin's own.
            base = plaintext.replace('"success":true,', "") if '"success"' in text else plaintext
            unknown(f"{dashed(operation)}-beside-{name}", operation, base[:-1] + "," + text + "}", plain_too=name in ("code", "error"))
            if name in ("code-and-message", "error"):
                unknown(f"{dashed(operation)}-only-{name}", operation, "{" + text + "}")
        for name, text, extra in alongside:
            good(f"{dashed(operation)}-beside-{name}", operation, plaintext[:-1] + "," + text + "}", {**response, "extra": extra})
    # What is only taken is confirmed by its event, which alone is believed.
    for operation in CONFIRMED:
        plaintext, response = GOOD[operation]
        good(f"{dashed(operation)}-beside-code-and-error", operation, plaintext[:-1] + ',"code":1001,"error":"no"}',
             {**response, "extra": {"code": 1001, "error": "no"}})

    # What is only guessed takes what fits. The rest is as absent, and stays in the exact text alone.
    def with_field(plaintext, name, literal):
        value = dict(parse(plaintext))
        if name in value:
            return re.sub(rf'"{name}":("[^"]*"|[^,}}]*)', lambda _: f'"{name}":{literal}', plaintext)
        return plaintext[:-1] + ("," if value else "") + f'"{name}":{literal}}}'

    unfit = {
        "text": {"number": "5", "true": "true", "array": "[]", "object": '{"en":"x"}'},
        "bool": {"text": '"true"', "one": "1", "zero": "0", "array": "[true]"},
        "id": {"half": "5.5", "minus-one": "-1", "word": '"none"', "true": "true", "array": "[5]", "too-large": str(2**63)},
        "amount": {"word": '"many"', "exponent-in-text": '"1e2"', "true": "true", "array": "[5]", "29-digits": "9" * 29, "exponent-400": "1e400"},
        "currency": {"number": "840", "sign": '"$"', "long": '"' + "A" * 17 + '"', "array": '["USD"]'},
        "cvv": {"masked": '"***"', "number": "123", "two-digits": '"12"', "five-digits": '"12345"', "full-width": '"\uff11\uff12\uff13"'},
        "expiry": {"long": '"12/2025"', "iso": '"2025-12"', "month-13": '"13/25"', "number": "1225", "masked": '"**/**"', "object": '{"month":12}'},
    }
    fit = {
        "text": [("word", '"x y"', "x y"), ("broken", '"x\\ud83d"', "x\ufffd"), ("another-script", '"\u6210"', "\u6210")],
        "bool": [("true", "true", True), ("false", "false", False)],
        "id": [("integer", "54321", 54321), ("places", "54321.0", 54321), ("exponent", "5.4321E4", 54321), ("text", '"54321"', 54321),
               ("text-with-places", '"54321.0"', 54321)],
        "amount": [("integer", "7", "7"), ("places", "7.00", "7.00"), ("exponent", "7e2", "700"), ("text", '"7.00"', "7.00"),
                   ("negative", "-7", "-7")],
        "currency": [("word", '"USDT"', "USDT")],
        "cvv": [("three", '"123"', "123"), ("four", '"1234"', "1234")],
        "expiry": [("date", '"01/30"', "01/30")],
    }

    def in_answer(operation, plaintext, response):
        """The answer as it is, or as the only record of a list."""
        if operation in LISTS:
            return f'{{"data":[{plaintext}]}}', {"data": [{**response, "extra": response.get("extra", {})}]}
        return plaintext, response

    samples = {
        **{operation: GOOD[operation] for operation in FIELDS},
        "merchant.get_card_templates": ('{"id":1}', {"id": 1}),
        "card.get_transactions": ('{"id":1,"amount":5}', {"id": 1, "amount": "5"}),
    }
    for operation, (plaintext, response) in samples.items():
        fields, required = LISTS[operation] if operation in LISTS else (FIELDS[operation], REQUIRED.get(operation, []))
        for field, kind in fields.items():
            if field == "success" or (operation, field) == ("card.set_pin", "message"):
                if operation == "card.set_pin":
                    continue  # told above
                if field == "success":
                    for name, literal in {"text": '"true"', "one": "1", "null": "null", "blank": '""'}.items():
                        if operation in CONFIRMED or name in ("text", "null", "blank"):
                            good(f"{dashed(operation)}-success-{name}", operation, with_field(plaintext, field, literal), response)
                    good(f"{dashed(operation)}-success-true", operation, with_field(plaintext, field, "true"), {**response, field: True})
                    continue
            name, base = f"{dashed(operation)}-{field.replace('_', '-')}", {key: value for key, value in response.items() if key != field}
            guessed, kind = kind.endswith("?"), kind.removesuffix("?")

            def read(label, literal, value, plaintext=plaintext, base=base, name=name, field=field, operation=operation):
                text, expected = in_answer(operation, with_field(plaintext, field, literal), base if value is None else {**base, field: value})
                good(f"{name}-{label}", operation, text, expected)

            def not_read(label, literal, plaintext=plaintext, name=name, field=field, operation=operation):
                shapeless(f"{name}-{label}", operation, in_answer(operation, with_field(plaintext, field, literal), {})[0])

            for label, literal in {"null": "null", "blank": '""'}.items():
                if field in required:
                    not_read(label, literal)
                else:
                    read(label, literal, None)
            for label, literal, value in fit[kind]:
                read("as-" + label, literal, value)
            for label, literal in unfit[kind].items():
                if guessed:
                    read("unfit-" + label, literal, None)
                else:
                    not_read("unfit-" + label, literal)
    for name, literal in {"masked": '"************3456"', "grouped": '"1234 5678 9012 3456"', "short": '"3456"', "word": '"hidden"'}.items():
        good("get-information-number-shown-" + name, "card.get_information", f'{{"number":{literal},"status":"ACTIVE"}}',
             {"number": json.loads(literal), "status": "ACTIVE"})
    for name, literal in {"lower-case": '"active"', "unknown": '"FROZEN"', "space": '" "', "broken": '"\\ud83d"'}.items():
        good("get-information-status-word-" + name, "card.get_information", f'{{"status":{literal}}}', {"status": readable(json.loads(literal))})

    # Lists: as a page, or as a bare array; and how many there are in all.
    for operation, (fields, _) in LISTS.items():
        name = dashed(operation)
        one, read_one = ('{"id":1,"amount":5}', {"id": 1, "amount": "5"} if operation == "card.get_transactions" else {"id": 1})
        unknown_rest = {} if operation == "card.get_transactions" else {"amount": 5}
        item = {**read_one, "extra": unknown_rest} if fields else {"id": 1, "amount": 5}
        good(f"{name}-bare-array", operation, f"[{one}]", {"data": [item]}, True)
        good(f"{name}-bare-array-of-two", operation, f"[{one},{one}]", {"data": [item, item]})
        good(f"{name}-bare-array-empty", operation, "[]", {"data": []}, True)
        good(f"{name}-page-empty", operation, '{"data":[]}', {"data": []}, True)
        good(f"{name}-page-without-total", operation, f'{{"data":[{one}]}}', {"data": [item]})
        for label, text in {"missing": "{}", "null": '{"data":null}', "blank": '{"data":""}', "object": '{"data":{}}', "text": '{"data":"[]"}',
                            "number": '{"data":5}', "total-only": '{"total":0}'}.items():
            shapeless(f"{name}-data-{label}", operation, text)
        shapeless(f"{name}-data-twice", operation, '{"data":[],"data":[]}')
        if fields:
            for label, text in {"null": "[null]", "number": "[1]", "text": '["x"]', "array": "[[]]", "empty-object": "[{}]",
                                "second-of-two": f"[{one},1]", "null-id": '[{"id":null,"amount":5}]', "blank-id": '[{"id":"","amount":5}]',
                                "field-twice": '[{"id":1,"amount":5,"id":1}]', "unknown-field-twice": '[{"id":1,"amount":5,"x":1,"x":2}]'}.items():
                shapeless(f"{name}-record-{label}", operation, f'{{"data":{text}}}')
                shapeless(f"{name}-bare-record-{label}", operation, text)
            good(f"{name}-record-with-more-fields", operation, f'{{"data":[{one[:-1] + more}]}}',
                 {"data": [{**read_one, "extra": {**unknown_rest, **more_values}}]})
            # An error inside a record is the record's, not the answer's.
            good(f"{name}-record-with-error-and-code", operation, f'{{"data":[{one[:-1]},"error":"no","code":1001}}]}}',
                 {"data": [{**read_one, "extra": {**unknown_rest, "error": "no", "code": 1001}}]})
        else:
            for label, text in {"mixed": '[null,1,"x",[],{}]', "with-error": '[{"error":"no","code":1001}]', "nested": '[{"a":{"b":[1.50]}}]'}.items():
                good(f"{name}-records-{label}", operation, f'{{"data":{text}}}', {"data": whole(parse(text))})
        if operation == "merchant.get_card_templates":
            good(f"{name}-with-total", operation, f'{{"data":[{one}],"total":1}}', {"data": [item], "extra": {"total": 1}})
            continue
        for label, literal, value in [
            ("integer", "250", 250), ("zero", "0", 0), ("minus-zero", "-0", 0), ("places", "250.0", 250), ("many-places", "250.000", 250),
            ("exponent", "2.5e2", 250), ("exponent-upper-case-plus", "2.5E+2", 250), ("exponent-negative", "2500e-1", 250),
            ("exponent-huge-on-zero", "0e400", 0), ("text", '"250"', 250), ("text-with-places", '"250.0"', 250), ("text-with-exponent", '"2.5e2"', 250),
            ("largest-safe-in-javascript", str(2**53 - 1), 2**53 - 1), ("first-unsafe-in-javascript", str(2**53), 2**53),
            ("largest", str(2**63 - 1), 2**63 - 1),
            ("null", "null", None), ("blank", '""', None), ("negative", "-1", None), ("half", "250.5", None), ("beyond-64-bit", "18446744073709551616", None),
            ("exponent-400", "1e400", None), ("exponent-minus-400", "1e-400", None), ("exponent-beyond-64-bit", "1e99999999999999999999", None),
            ("word", '"many"', None), ("text-with-space", '" 250"', None), ("text-full-width", '"\uff12"', None), ("text-leading-zero", '"0250"', None),
            ("text-leading-plus", '"+250"', None), ("true", "true", None), ("array", "[250]", None), ("object", "{}", None),
        ]:
            page = {"data": []} if value is None else {"data": [], "total": value}
            good(f"{name}-total-{label}", operation, f'{{"data":[],"total":{literal}}}', page)
        failed(f"failure-{name}-total-leading-zero", operation, '{"data":[],"total":0250}', False, "unexpected_answer")

    # Ids of answers beyond what JavaScript holds.
    for name, literal, value in [("first-unsafe", str(2**53), 2**53), ("largest", str(2**63 - 1), 2**63 - 1), ("largest-in-text", f'"{2**63 - 1}"', 2**63 - 1)]:
        good(f"assign-card-{name}", "card.assign", f'{{"card_id":{literal}}}', {"card_id": value})
    for name, literal in {"too-large": str(2**63), "exponent-400": "1e400", "exponent-minus-400": "1e-400", "word": '"none"', "null": "null",
                          "blank": '""', "space": '" "', "inner-space": '"1 2"', "full-width": '"\uff11"', "leading-zero-in-text": '"01"'}.items():
        shapeless(f"assign-card-{name}", "card.assign", f'{{"card_id":{literal}}}')

    # An answer that is the request itself, sealed as it was, sealed anew, or plain.
    def request_of(operation):
        text = REQUESTS[operation].replace('"amount":"5"', '"amount":5')
        payload, tag = seal(CODEC, KEY_TEXT, fixed_iv("request " + operation), text)
        return text, payload, tag, compact({"encrypted_payload": payload})

    def reflected(name, operation, status, text, body, request_body, sealed=True):
        case("reflection-" + name, operation, status, text, sealed, {"ok": False, "failure": "not_authentic"}, body, request_body=request_body)

    for operation in OPERATIONS:
        text, payload_sent, tag_sent, request_body = request_of(operation)
        name = dashed(operation)
        for status in (200, 400):
            reflected(f"{name}-{status}", operation, status, text, response_body(payload_sent, tag_sent), request_body)
        reflected(f"{name}-sealed-anew", operation, 200, text, sealed_body("reflection " + name, text), request_body)
        reflected(f"{name}-plain", operation, 200, text, text, request_body, sealed=False)
        # A true answer is read as always, and so is a true refusal.
        plaintext, response = GOOD[operation]
        good(f"{name}-not-reflected", operation, plaintext, response, True, request_body=request_body)
        case(f"rejected-{name}-not-reflected", operation, 400, '{"message":"no"}', True,
             {"ok": False, "rejected": {"status": 400, "message": "no"}}, request_body=request_body)
    text, payload_sent, tag_sent, request_body = request_of("card.recharge")
    for name, body in {
        "hmac-in-upper-case": response_body(payload_sent, tag_sent.upper()),
        "fields-in-another-order": compact({"hmac": tag_sent, "encrypted_payload": payload_sent}),
        "with-more-fields": compact({"encrypted_payload": payload_sent, "hmac": tag_sent, "status": "SUCCESS", "message": "ok"}),
        "with-white-space": json.dumps({"encrypted_payload": payload_sent, "hmac": tag_sent}, indent=2),
        "escaped": response_body(payload_sent, tag_sent).replace(payload_sent, f"\\u{ord(payload_sent[0]):04x}" + payload_sent[1:]),
        "without-hmac": request_body,
        "of-a-webhook": compact({"encrypted_payload": payload_sent, "type": "CARD_RECHARGE_RESULT", "hmac": tag_sent}),
    }.items():
        reflected(name, "card.recharge", 200, text, body, request_body)
    for status in (202, 401, 500, 502):
        reflected(f"status-{status}", "card.recharge", status, text, response_body(payload_sent, tag_sent), request_body)
    # Part of the request in an answer is nothing special: an echo of what was asked for.
    good("recharge-echoes-fields", "card.recharge", '{"message":"ok","user_id":1,"card_id":2,"amount":5}',
         {"message": "ok", "extra": {"user_id": 1, "card_id": 2, "amount": 5}}, True, request_body=request_body)

    # Among the samples of what was once read wrongly.
    good("reading-pin-set", "card.set_pin", '{"success":true,"message":"PIN set successfully"}', {"success": True, "message": PIN_SET},
         sealed=False)
    good("reading-pin-set-by-message", "card.set_pin", '{"message":"PIN set successfully"}', {"message": PIN_SET}, sealed=False)

    limits = []

    def limited(name, body, max_bytes, **outcome):
        limits.append({"name": "limit-" + name, "operation": "card.recharge", "status": 200, "max_bytes": max_bytes, **outcome,
                       "codec": CODEC, "key_text": KEY_TEXT, "body": body})

    plain, sealed = '{"message":"ok"}', sealed_body("limit", '{"message":"ok"}')
    for name, body in {"plain": plain, "sealed": sealed}.items():
        limited(name + "-as-long", body, len(body), ok=True)
        limited(name + "-longer", body, len(body) - 1, ok=False, code="message.too_long")
        limited(name + "-space-beyond", body + " ", len(body), ok=False, code="message.too_long")
    limited("bytes-not-characters", '{"message":"\u6210"}', 16, ok=False, code="message.too_long")
    limited("not-authentic", sealed[:-66] + "0" * 64 + '"}', len(sealed) - 1, ok=False, code="message.too_long")
    limited("no-json", "x" * 100, 99, ok=False, code="message.too_long")
    return {
        "about": "Answers by operation. body is as received, sealed or (sealed: false) plain JSON; request_body, where it stands, is "
        "the sealed body that was sent. response holds typed fields by the API's names (ids as numbers, amounts as text, absent "
        "fields absent), unknown ones under extra, or in extra_text by their exact JSON text. rejected: a status that "
        "refuses, or 2xx with success: false; message is the text under message, else under error, else null. failure: not_authentic, "
        "unexpected_answer or not_known (another status, or believed answers that don't bear out success). requests: a body for a plan of each "
        "operation. limits: answers against max_bytes.",
        "source": "The documentation's examples, and bodies put together where it has none (no error body is documented); "
        "expectations written in by hand, for tables from an example and the one thing that is varied, and checked by the rules "
        "in response_vectors.py.",
        "requests": [{"name": "request-" + dashed(operation), "operation": operation, "body": body} for operation, body in REQUESTS.items()],
        "cases": cases,
        "limits": limits,
    }


FILES = {"responses.json": responses}
