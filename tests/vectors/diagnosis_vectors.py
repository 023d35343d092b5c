"""Bodies that a receiver can't open or read, each with the step that it fails at, and with a word of the cause."""

import base64
import gzip
import json

from sealing import compact, fixed_iv, key_bytes, mac, pad, payload_of, seal, webhook_body

UTF8_KEY = "an example key of 32 characters!"
# 32 bytes by both codecs; which one is meant, only the signature tells.
HEX_KEY = "00112233445566778899aabbccddeeff"
OTHER_KEY = "another key, of 32 characters ..."[:32]
KIND = "CARD_RECHARGE_RESULT"
DATA = compact({
    "card_id": 12345,
    "transaction_id": 7,
    "receive_amount": 100.0,
    "currency": "USD",
    "status": "SUCCESS",
    "occur_time": 1691252605085,
})


def cases():
    found = []

    def add(name, step, hint, body, keys=(UTF8_KEY,)):
        case = {"name": name, "keys": list(keys), "step": step, "hint": hint}
        if isinstance(body, str):
            case["body"] = body
        else:
            case["body_hex"] = body.hex()
        found.append(case)

    def webhook(data=DATA, kind=KIND, key_text=UTF8_KEY, codec="utf8"):
        payload, tag = seal(codec, key_text, fixed_iv("diagnosis"), data)
        return webhook_body(payload, kind, tag)

    def signed(payload):
        return webhook_body(payload, KIND, mac(key_bytes("utf8", UTF8_KEY), payload))

    good = webhook()
    parts = json.loads(good)
    payload, tag = parts["encrypted_payload"], parts["hmac"]
    assert "+" in payload, "the case of the form needs one"

    add("all-holds", None, "", good)
    add("all-holds-by-hex", None, "codec hex", webhook(key_text=HEX_KEY, codec="hex"), [HEX_KEY])
    add("all-holds-by-sha256", None, "codec sha256", webhook(key_text="pass phrase", codec="sha256"), ["pass phrase"])
    add("all-holds-by-the-second-key", None, "key 2", good, [OTHER_KEY, UTF8_KEY])

    add("body-empty", "body", "stream", "")
    add("body-of-white-space", "body", "stream", " \r\n")
    add("body-gzip", "body", "gzip", gzip.compress(good.encode(), mtime=0))
    add("body-utf-16", "body", "UTF-16", good.encode("utf-16"))
    add("body-not-utf-8", "body", "UTF-8", b'{"hmac":"\xff"}')
    add("body-byte-order-mark", "body", "byte order mark", "\ufeff" + good)
    add("body-object-as-text", "body", "parsed", "[object Object]")
    add("body-base64-of-a-gateway", "body", "gateway", base64.b64encode(good.encode()).decode())
    add("body-form", "body", "form", "encrypted_payload=" + payload + "&hmac=" + tag)
    add("body-cut-off", "body", "cut off", good[:-10])
    add("body-serialised-twice", "body", "twice", json.dumps(good))
    add("body-array", "body", "no object", "[" + good + "]")
    add("body-field-twice", "body", "`hmac`", good[:-1] + ',"hmac":"' + tag + '"}')

    add("envelope-opened-before", "envelope", "opened", compact({"type": KIND, "data": json.loads(DATA)}))
    add("envelope-of-a-request", "envelope", "X-HMAC", compact({"encrypted_payload": payload}))
    add("envelope-null", "envelope", "no text", compact({"encrypted_payload": None, "hmac": tag}))

    add("keys-none", "keys", "no key", good, [])
    add("keys-empty", "keys", "empty", good, [""])

    add("mac-base64", "mac_format", "base64",
        webhook_body(payload, KIND, base64.b64encode(bytes.fromhex(tag)).decode()))
    add("mac-short", "mac_format", "62", webhook_body(payload, KIND, tag[:62]))

    add("mac-of-another-key", "mac", "another merchant", good, [OTHER_KEY])
    add("mac-key-with-newline", "mac", "white space", good, [UTF8_KEY + "\n"])
    add("mac-key-in-quotes", "mac", "quotes", good, ['"' + UTF8_KEY + '"'])
    add("mac-plus-as-space", "mac", "`+`", webhook_body(payload.replace("+", " "), KIND, tag))
    add("mac-lines-broken", "mac", "lines", webhook_body(payload[:64] + "\n" + payload[64:], KIND, tag))
    add("mac-of-another-message", "mac", "the key is right", webhook_body(payload, KIND, "0" * 64))

    add("payload-url-safe", "base64", "alphabet", signed(payload.replace("+", "-").replace("/", "_")))
    add("payload-iv-only", "length", "16 bytes", signed(base64.b64encode(bytes(16)).decode()))
    key = key_bytes("utf8", UTF8_KEY)
    add("padding-of-another-key", "padding", "another key",
        signed(payload_of(key_bytes("utf8", OTHER_KEY), fixed_iv("diagnosis"), pad(DATA.encode()))))
    add("plaintext-not-utf-8", "utf8", "UTF-8", signed(payload_of(key, fixed_iv("diagnosis"), pad(b"\xff\xfe"))))
    add("plaintext-not-json", "json", "JSON", webhook("approved"))

    add("type-missing", "type", "answer", compact({"encrypted_payload": payload, "hmac": tag}))
    add("type-null", "type", "no text", webhook_body(payload, None, tag))
    add("type-unknown", "type", "doesn't know", webhook(kind="CARD_TELEPORT_RESULT"))
    add("field-missing", "fields", "`card_id`", webhook(compact({"status": "SUCCESS", "occur_time": 1691252605085})))
    add("field-wrong", "fields", "`occur_time`", webhook(DATA.replace("1691252605085", '"yesterday"')))
    return found


def diagnosis():
    return {
        "about": "bodies that don't open or can't be read: the first step that doesn't hold, and a word that must be in what is "
                 "said of it (where all holds: in what is said of the signature)",
        "source": "the security envelope of the API Security Implementation Guide; the causes are those that people report",
        "cases": cases(),
    }


FILES = {"diagnosis.json": diagnosis}
