"""responses.json: what the API answers, sealed and plain, and what it means. Expectations are written in by hand."""

from sealing import compact, fixed_iv, key_bytes, mac, response_body, seal
from value_vectors import Refused
from wire import NUMBER, Pairs, parse, typed

CODEC, KEY_TEXT = "utf8", "response-test-key-of-32-bytes-00"

TRANSACTION = {
    "id": "id", "card_id": "id", "amount": "amount", "currency": "text", "type": "text", "status": "text",
    "created_at": "text", "merchant_name": "text",
}
FIELDS = {
    "card.recharge": {"message": "text"},
    "card.update_status": {"message": "text"},
    "card.get_balance": {"balance": "amount", "refund_amount": "amount", "currency": "text"},
    "card.get_information": {
        "number": "text", "cvv": "text", "expiry_date": "text", "status": "text", "template_id": "id",
    },
    "card.get_transactions": {"data": TRANSACTION, "total": "count"},
    "card.assign": {"card_id": "id"},
    "card.set_pin": {"success": "bool", "message": "text"},
}


def responses():
    cases = []
    assert len(key_bytes(CODEC, KEY_TEXT)) == 32

    def sealed_body(name, plaintext):
        payload, tag = seal(CODEC, KEY_TEXT, fixed_iv("response " + name), plaintext)
        return response_body(payload, tag)

    def case(name, operation, status, plaintext, sealed, outcome, body=None):
        if body is None:
            body = sealed_body(name, plaintext) if sealed else plaintext
        cases.append({
            "name": name, "operation": operation, "status": status, "sealed": sealed, "plaintext": plaintext, **outcome,
            "codec": CODEC, "key_text": KEY_TEXT, "body": body,
        })

    def good(name, operation, plaintext, response, plain_too=False):
        response = {**response, "extra": response.get("extra", {})}
        assert typed(FIELDS[operation], parse(plaintext), "shape") == response, name
        case(name, operation, 200, plaintext, True, {"ok": True, "response": response})
        if plain_too:
            case(name + "-plain", operation, 200, plaintext, False, {"ok": True, "response": response})

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
         {"number": "************3456", "cvv": "***", "expiry_date": "12/25", "status": "ACTIVE", "template_id": 1})
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
    refused("rejected-429", 429, "", None)
    refused("rejected-500", 500, compact({"message": "Internal error"}), "Internal error")
    refused("rejected-502-html", 502, "<html><body>Bad gateway</body></html>", None)
    refused("rejected-503-empty", 503, "", None)

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
        value = parse(plaintext)
        if isinstance(value, Pairs):
            try:
                found = typed(FIELDS[operation], value, "shape")
            except Refused:
                return
            assert not {"balance", "card_id", "data"} & set(found), name

    shapeless("array", "card.get_balance", "[]")
    shapeless("text", "card.get_balance", '"150.5"')
    shapeless("null", "card.get_balance", "null")
    shapeless("balance-missing", "card.get_balance", '{"refund_amount":0.0,"currency":"USD"}')
    shapeless("balance-not-an-amount", "card.get_balance", '{"balance":"many","refund_amount":0.0,"currency":"USD"}')
    shapeless("balance-true", "card.get_balance", '{"balance":true,"refund_amount":0.0,"currency":"USD"}')
    shapeless("assign-card-missing", "card.assign", '{"message":"Operation requested"}')
    shapeless("assign-card-as-text", "card.assign", '{"card_id":"12345"}')
    shapeless("assign-card-negative", "card.assign", '{"card_id":-1}')
    shapeless("assign-card-fraction", "card.assign", '{"card_id":12345.5}')
    shapeless("transactions-data-missing", "card.get_transactions", '{"total":0}')
    shapeless("transactions-data-not-a-list", "card.get_transactions", '{"data":{},"total":0}')
    shapeless("transactions-item-not-an-object", "card.get_transactions", '{"data":[1],"total":1}')
    return {
        "about": "Answers by operation. body is as received, sealed or (sealed: false) plain JSON. response holds typed fields "
        "by the API's names (ids as numbers, amounts as text, absent fields absent), unknown ones under extra. rejected: any "
        "status but 2xx; message is the text under message, else under error, else null. failure: not_authentic or "
        "unexpected_answer.",
        "source": "The documentation's examples, and bodies put together where it has none (no error body is documented); "
        "expectations written in by hand.",
        "cases": cases,
    }


FILES = {"responses.json": responses}
