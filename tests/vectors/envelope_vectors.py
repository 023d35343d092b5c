"""envelope.json, envelope_rejected.json, envelope_accepted.json, keys.json and the two published sets."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import padding

from sealing import (
    compact, decrypt, encrypt, fixed_iv, key_bytes, mac, pad, payload_of, response_body, seal, webhook_body,
)

OWN = "Computed by generate.py with Python's cryptography, hmac and hashlib."

KEYS = {
    "utf8-16": ("utf8", "sixteen-byte-key"),
    "utf8-24": ("utf8", "twenty-four-byte-key-24!"),
    "utf8-32": ("utf8", "thirty-two-byte-key-for-the-test"),
    "hex-16": ("hex", "00112233445566778899aabbccddeeff"),
    "hex-24": ("hex", "000102030405060708090a0b0c0d0e0f1011121314151617"),
    "hex-32": ("hex", "8f3c1a5b7d9e0246813579bdf02468ace13579bdf02468ac0f1e2d3c4b5a6978"),
    "base64-16": ("base64", "AQIDBAUGBwgJCgsMDQ4PEA=="),
    "base64-24": ("base64", "/+7dzLuqmYh3ZlVEMyIRAP7cuph2VDIQ"),
    "base64-32": ("base64", "+/v7+/8AESIzRFVmd4iZqrvM3e7/ABEiM0RVZneImao="),
    "sha256": ("sha256", "a passphrase of any length"),
}


def json_text_of(length):
    """JSON-looking ASCII text of exactly `length` bytes."""
    if length == 0:
        return ""
    if length == 2:
        return "{}"
    filler = length - len('{"note":""}')
    letters = "abcdefghijklmnopqrstuvwxyz 0123456789 "
    text = '{"note":"' + (letters * (filler // len(letters) + 1))[:filler] + '"}'
    assert len(text.encode()) == length
    return text


# The documented request bodies, plus built ones where a page gives only field names.
REQUESTS = {
    "user-register-phone": {"email": "ada@example.com", "template_id": 123, "dial_code": "+44", "phone_number": "7700900123"},
    "user-register-kyc": {
        "email": "ada@example.com", "template_id": 123,
        "kyc_data": {
            "first_name": "Ada", "last_name": "Lovelace", "gender": "MALE", "date_of_birth": "1990-12-10",
            "identification_type": "PASSPORT", "identification_number": "X1234567",
            "front_img_base64": "iVBORw0KGgo=", "back_img_base64": "iVBORw0KGgo=", "handheld_img_base64": "iVBORw0KGgo=",
            "issue": 1577836800000, "expiry": 1893456000000,
            "country_code": "GB", "region": "England", "city": "London", "postcode": "SW1A 1AA",
            "address_line": "1 Example Street",
        },
    },
    "merchant-get-webhook-records": {
        "skip": 0, "limit": 10, "search": "", "start_date": "2024-01-01", "end_date": "2024-01-31",
        "callback_type": "CARD_RECHARGE_RESULT", "user_id": 12345, "card_id": 67890, "order_by": "id", "desc": True,
    },
    "card-apply": {"user_id": 12345, "template_id": 123},
    "card-apply-with-deposit": {"user_id": 12345, "template_id": 456, "deposit_amount": 500.0},
    "card-recharge": {"user_id": 12345, "card_id": 67890, "amount": 100.0},
    "card-activate-with-pin": {"user_id": 12345, "card_id": 67890, "alter": "ACTIVATE", "pin": "123456"},
    "card-activate-without-pin": {"user_id": 12345, "card_id": 67890, "alter": "ACTIVATE"},
    "card-lock": {"user_id": 12345, "card_id": 67890, "alter": "LOCK"},
    "card-unlock": {"user_id": 12345, "card_id": 67890, "alter": "UNLOCK"},
    "card-close": {"user_id": 12345, "card_id": 67890, "alter": "CLOSE"},
    "card-get-balance": {"user_id": 12345, "card_id": 67890},
    "card-get-transactions": {"card_id": 67890, "skip": 0, "limit": 10, "status": "SUCCESS"},
    "card-get-transactions-all-filters": {
        "skip": 0, "limit": 10, "search": "", "start_date": "2024-01-01", "end_date": "2024-01-31", "card_id": 67890,
        "user_id": 12345, "status": "SUCCESS", "type": "RECHARGE", "order_by": "created_at", "desc": True,
    },
    "card-assign": {"user_id": 12345, "template_id": 1, "card_number": "1234567890123456"},
    "card-set-pin": {"user_id": 12345, "card_id": 67890, "pin": "6789"},
}

TEXTS = {
    "emoji": '{"note":"\U0001F34C\U0001F4B3\U0001F600"}',
    "emoji-joined-sequence": '{"note":"\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466 \U0001F1FA\U0001F1E6"}',
    "chinese": '{"city":"\u4e0a\u6d77","address_line":"\u5357\u4eac\u8def\u4e00\u53f7"}',
    "japanese-and-korean": '{"first_name":"\u3055\u304f\u3089","last_name":"\uae40"}',
    "arabic-and-hebrew": '{"first_name":"\u0645\u0631\u064a\u0645","last_name":"\u05db\u05d4\u05df"}',
    "combining-marks-not-normalised": '{"a":"e\u0301","b":"\u00e9"}',
    "multi-byte-across-a-block-edge": '{"note":"aaaaa\u00e9\u20ac\U0001F34C"}',
    "escaped-characters": '{"note":"line\\nquote\\" backslash\\\\ \\u00e9 \\ud83c\\udf4c"}',
    "pretty-printed": '{\n  "user_id": 12345,\n  "card_id": 67890\n}\n',
    "ends-like-padding": '{"note":"ends"}\x01',
    "ends-like-whole-padding-block": '{"note":"12345"}' + "\x10" * 16,
}


def envelope_case(name, key, plaintext, iv=None):
    codec, key_text = KEYS[key] if isinstance(key, str) else key
    iv = fixed_iv(name) if iv is None else iv
    raw = key_bytes(codec, key_text)
    plain = plaintext.encode()
    padded = pad(plain)
    padder = padding.PKCS7(128).padder()
    assert padder.update(plain) + padder.finalize() == padded
    ciphertext = encrypt(raw, iv, padded)
    assert decrypt(raw, iv, ciphertext) == padded
    payload = base64.b64encode(iv + ciphertext).decode("ascii")
    tag = mac(raw, payload)
    return {
        "name": name,
        "codec": codec,
        "key_text": key_text,
        "key_hex": raw.hex(),
        "iv_hex": iv.hex(),
        "plaintext": plaintext,
        "plaintext_hex": plain.hex(),
        "padded_hex": padded.hex(),
        "ciphertext_hex": ciphertext.hex(),
        "payload": payload,
        "hmac": tag,
        "request_body": '{"encrypted_payload":"' + payload + '"}',
        "response_body": '{"encrypted_payload":"' + payload + '","hmac":"' + tag + '"}',
    }


LENGTHS = [0, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 95, 96, 97, 143, 144, 145, 191, 192, 193, 200, 255, 256, 1024, 5000]


def envelope():
    cases = []
    small = compact(REQUESTS["card-get-balance"])
    for key in KEYS:
        cases.append(envelope_case("key-" + key, key, small))
    more_keys = {
        "key-utf8-multi-byte-16": ("utf8", "cl\u00e9-\u20ac-\U0001F34C-16"),
        "key-utf8-that-looks-like-hex-32": ("utf8", "00112233445566778899aabbccddeeff"),
        "key-hex-upper-case-32": ("hex", KEYS["hex-32"][1].upper()),
        "key-hex-mixed-case-16": ("hex", "00112233445566778899AaBbCcDdEeFf"),
        "key-sha256-multi-byte": ("sha256", "p\u00e4ss\u4e0a\U0001F34C"),
        "key-sha256-one-character": ("sha256", "k"),
        "key-all-zero-bytes-32": ("hex", "00" * 32),
    }
    for name, key in more_keys.items():
        cases.append(envelope_case(name, key, small))
    cases.append(envelope_case("iv-all-zero", "utf8-32", small, bytes(16)))
    cases.append(envelope_case("iv-all-ones", "utf8-32", small, b"\xff" * 16))
    names = list(KEYS)
    for number, length in enumerate(LENGTHS):
        cases.append(envelope_case(f"length-{length}", names[(number * 3 + 2) % len(names)], json_text_of(length)))
    for number, (name, text) in enumerate(TEXTS.items()):
        cases.append(envelope_case("text-" + name, names[number % len(names)], text))
    for name, body in REQUESTS.items():
        cases.append(envelope_case("request-" + name, "utf8-32", compact(body)))
    return {
        "about": "Seal and open, step by step. Bytes only: whether a plaintext is JSON is a later question "
        "(length-0 is no JSON). request_body and response_body are exact texts.",
        "source": OWN,
        "cases": cases,
    }


def rejected():
    cases = []
    codec, key_text = KEYS["utf8-32"]
    key = key_bytes(codec, key_text)
    good_text = compact({"balance": 150.5, "refund_amount": 0.0, "currency": "USD"})

    def add(name, reason, body, codec=codec, key_text=key_text):
        cases.append({"name": name, "codec": codec, "key_text": key_text, "body": body, "reason": reason})

    # A good message whose base64 holds '+' and '/' and ends in '=', to be bent below.
    for number in range(10000):
        iv = fixed_iv(f"rejected {number}")
        payload, tag = seal(codec, key_text, iv, good_text)
        if "+" in payload and "/" in payload and payload.endswith("=") and not payload.endswith("=="):
            break
    one_equals = payload
    two_equals = None
    for extra in range(1, 64):
        candidate, _ = seal(codec, key_text, iv, good_text + " " * extra)
        if candidate.endswith("==") and "+" in candidate and "/" in candidate:
            two_equals = candidate
            break
    assert two_equals

    raw = base64.b64decode(payload)

    def flipped(position, bit=1):
        bent = bytearray(raw)
        bent[position] ^= bit
        return base64.b64encode(bytes(bent)).decode()

    # The MAC doesn't fit.
    add("iv-first-bit-flipped", "mac_mismatch", response_body(flipped(0, 0x80), tag))
    add("iv-last-bit-flipped", "mac_mismatch", response_body(flipped(15, 1), tag))
    add("ciphertext-first-bit-flipped", "mac_mismatch", response_body(flipped(16, 0x80), tag))
    add("ciphertext-second-last-block-bit-flipped", "mac_mismatch", response_body(flipped(len(raw) - 17, 1), tag))
    add("ciphertext-last-bit-flipped", "mac_mismatch", response_body(flipped(len(raw) - 1, 1), tag))
    add("last-block-cut-off", "mac_mismatch", response_body(base64.b64encode(raw[:-16]).decode(), tag))
    add("block-appended", "mac_mismatch", response_body(base64.b64encode(raw + bytes(16)).decode(), tag))
    add("blocks-swapped", "mac_mismatch",
        response_body(base64.b64encode(raw[:16] + raw[32:48] + raw[16:32] + raw[48:]).decode(), tag))
    add("mac-first-digit-changed", "mac_mismatch", response_body(payload, ("0" if tag[0] != "0" else "1") + tag[1:]))
    add("mac-last-digit-changed", "mac_mismatch", response_body(payload, tag[:-1] + ("0" if tag[-1] != "0" else "1")))
    add("mac-all-zero", "mac_mismatch", response_body(payload, "0" * 64))
    add("mac-of-another-payload", "mac_mismatch", response_body(payload, mac(key, two_equals)))
    add("mac-over-decoded-bytes", "mac_mismatch",
        response_body(payload, hmac.new(key, raw, hashlib.sha256).hexdigest()))
    add("mac-over-ciphertext-without-iv", "mac_mismatch",
        response_body(payload, hmac.new(key, raw[16:], hashlib.sha256).hexdigest()))
    add("mac-over-plaintext", "mac_mismatch",
        response_body(payload, hmac.new(key, good_text.encode(), hashlib.sha256).hexdigest()))
    add("mac-is-a-plain-sha256", "mac_mismatch", response_body(payload, hashlib.sha256(payload.encode()).hexdigest()))
    add("mac-is-sha256-of-key-and-payload", "mac_mismatch",
        response_body(payload, hashlib.sha256(key + payload.encode()).hexdigest()))
    add("mac-byte-order-reversed", "mac_mismatch", response_body(payload, bytes.fromhex(tag)[::-1].hex()))
    add("another-key", "mac_mismatch", response_body(payload, tag), key_text="thirty-two-byte-key-for-the-tesT")
    hex_key = KEYS["hex-32"][1]
    hex_payload, _ = seal("hex", hex_key, iv, good_text)
    add("mac-keyed-with-key-text-instead-of-bytes", "mac_mismatch",
        response_body(hex_payload, hmac.new(hex_key.encode(), hex_payload.encode(), hashlib.sha256).hexdigest()),
        "hex", hex_key)
    same = "00112233445566778899aabbccddeeff"
    utf8_payload, utf8_tag = seal("utf8", same, iv, good_text)
    add("another-codec-for-the-same-key-text", "mac_mismatch", response_body(utf8_payload, utf8_tag), "hex", same)
    add("empty-payload-with-another-mac", "mac_mismatch", response_body("", tag))
    add("payload-not-base64-and-mac-wrong", "mac_mismatch", response_body("not base64!", tag))
    add("webhook-mac-mismatch", "mac_mismatch", webhook_body(flipped(3), "CARD_RECHARGE_RESULT", tag))

    # The MAC can't be one.
    add("mac-with-a-letter-g", "mac_not_hex", response_body(payload, "g" + tag[1:]))
    add("mac-with-leading-space", "mac_not_hex", response_body(payload, " " + tag[:-1]))
    add("mac-with-trailing-newline", "mac_not_hex", response_body(payload, tag[:-1] + "\n"))
    add("mac-with-0x-prefix", "mac_not_hex", response_body(payload, "0x" + tag[:-2]))
    add("mac-with-colon", "mac_not_hex", response_body(payload, tag[:2] + ":" + tag[3:]))
    add("mac-with-sign", "mac_not_hex", response_body(payload, "+" + tag[1:]))
    add("webhook-mac-not-hex", "mac_not_hex", webhook_body(payload, "CARD_CLOSE_RESULT", "z" * 64))
    add("mac-empty", "mac_length", response_body(payload, ""))
    add("mac-one-byte", "mac_length", response_body(payload, tag[:2]))
    add("mac-truncated-to-128-bit", "mac_length", response_body(payload, tag[:32]))
    add("mac-63-digits", "mac_length", response_body(payload, tag[:63]))
    add("mac-65-digits", "mac_length", response_body(payload, tag + "0"))
    add("mac-66-digits", "mac_length", response_body(payload, tag + "00"))
    add("mac-is-a-sha512", "mac_length",
        response_body(payload, hmac.new(key, payload.encode(), hashlib.sha512).hexdigest()))
    add("webhook-mac-too-short", "mac_length", webhook_body(payload, "CARD_CLOSE_RESULT", tag[:62]))

    # From here on the MAC is right, over exactly the text that stands in the body.
    def signed(name, reason, text, webhook=None):
        right = mac(key, text)
        add(name, reason, webhook_body(text, webhook, right) if webhook else response_body(text, right))

    b64 = "payload_not_base64"
    signed("base64-leading-space", b64, " " + payload)
    signed("base64-trailing-space", b64, payload + " ")
    signed("base64-trailing-newline", b64, payload + "\n")
    signed("base64-inner-newline", b64, payload[:64] + "\n" + payload[64:])
    signed("base64-inner-crlf", b64, payload[:76] + "\r\n" + payload[76:])
    signed("base64-inner-tab", b64, payload[:8] + "\t" + payload[8:])
    signed("base64-url-safe-alphabet", b64, payload.replace("+", "-").replace("/", "_"))
    signed("base64-url-safe-minus-only", b64, payload.replace("+", "-"))
    signed("base64-url-safe-underscore-only", b64, payload.replace("/", "_"))
    signed("base64-padding-missing-one", b64, one_equals.rstrip("="))
    signed("base64-padding-missing-two", b64, two_equals.rstrip("="))
    signed("base64-padding-half-missing", b64, two_equals[:-1])
    signed("base64-padding-too-long", b64, one_equals + "=")
    signed("base64-padding-block-appended", b64, one_equals + "====")
    signed("base64-padding-in-the-middle", b64, payload[:4] + "AA==" + payload[4:])
    signed("base64-concatenated", b64, one_equals + one_equals)

    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    def loosened(text):
        stem = text.rstrip("=")
        last = alphabet.index(stem[-1])
        bent = stem[:-1] + alphabet[last | 1] + "=" * (len(text) - len(stem))
        assert bent != text and base64.b64decode(bent) == base64.b64decode(text)
        return bent

    signed("base64-non-canonical-two-trailing-bits", b64, loosened(one_equals))
    signed("base64-non-canonical-four-trailing-bits", b64, loosened(two_equals))
    signed("base64-one-character-over", b64, payload[:-1].rstrip("=") + "AA")
    signed("base64-hex-prefix", b64, "0x" + payload)
    signed("base64-non-ascii", b64, "\u00e9" + payload[1:])
    signed("base64-full-width-letter", b64, payload[:5] + "\uff21" + payload[6:])
    signed("base64-data-uri", b64, "data:application/octet-stream;base64," + payload)
    signed("base64-only-padding", b64, "====")
    signed("base64-plain-json-in-its-place", b64, good_text)
    signed("webhook-base64-url-safe-alphabet", b64, payload.replace("+", "-").replace("/", "_"), "CARD_CLOSE_RESULT")

    def encoded(data):
        return base64.b64encode(data).decode()

    signed("payload-empty", "payload_too_short", "")
    signed("payload-one-byte", "payload_too_short", encoded(raw[:1]))
    signed("payload-15-bytes", "payload_too_short", encoded(raw[:15]))
    signed("payload-iv-only", "payload_too_short", encoded(raw[:16]))
    signed("payload-31-bytes", "payload_too_short", encoded(raw[:31]))
    signed("payload-33-bytes", "payload_not_blocks", encoded(raw[:33]))
    signed("payload-40-bytes", "payload_not_blocks", encoded(raw[:40]))
    signed("payload-47-bytes", "payload_not_blocks", encoded(raw[:47]))
    signed("payload-one-byte-over", "payload_not_blocks", encoded(raw + b"\x00"))
    signed("webhook-payload-not-blocks", "payload_not_blocks", encoded(raw[:-1]), "CARD_CLOSE_RESULT")

    def padded_badly(name, padded, webhook=None):
        assert len(padded) % 16 == 0 and padded
        count = padded[-1]
        assert not (1 <= count <= 16 and padded.endswith(bytes([count]) * count)), name
        signed(name, "bad_padding", payload_of(key, fixed_iv(name), padded), webhook)

    head = b'{"balance":150.5,"currency":"USD"}'  # 34 bytes
    fill = head + b" " * (48 - len(head))
    padded_badly("padding-byte-zero", fill[:-1] + b"\x00")
    padded_badly("padding-byte-17", fill[:-1] + b"\x11")
    padded_badly("padding-17-bytes-of-17", fill[:-17] + b"\x11" * 17)
    padded_badly("padding-32-bytes-of-32", fill[:16] + b"\x20" * 32)
    padded_badly("padding-byte-255", fill[:-1] + b"\xff")
    padded_badly("padding-inconsistent-two", fill[:-2] + b"\x01\x02")
    padded_badly("padding-inconsistent-first-of-four", fill[:-4] + b"\x03\x04\x04\x04")
    padded_badly("padding-inconsistent-first-of-sixteen", fill[:-16] + b"\x0f" + b"\x10" * 15)
    padded_badly("padding-inconsistent-first-of-sixteen-single-block", b"\x00" + b"\x10" * 15)
    padded_badly("padding-inconsistent-middle", fill[:-8] + b"\x08\x08\x08\x09\x08\x08\x08\x08")
    padded_badly("padding-zeros", head + bytes(14))
    padded_badly("padding-ansi-x923", head + bytes(13) + b"\x0e")
    padded_badly("padding-iso-7816", head + b"\x80" + bytes(13))
    padded_badly("padding-iso-10126", head + bytes(range(0x60, 0x6d)) + b"\x0e")
    padded_badly("padding-absent-text-fills-blocks", json_text_of(48).encode())
    padded_badly("padding-all-zero-block", bytes(16))
    padded_badly("webhook-padding-byte-zero", fill[:-1] + b"\x00", "CARD_CLOSE_RESULT")

    def opens_to(name, reason, plain, webhook=None):
        signed(name, reason, payload_of(key, fixed_iv(name), pad(plain)), webhook)

    for name, plain in {
        "utf8-lone-ff": b'{"note":"\xff"}',
        "utf8-lone-continuation": b'{"note":"\x80"}',
        "utf8-overlong-nul": b'{"note":"\xc0\x80"}',
        "utf8-overlong-slash": b'{"note":"\xe0\x80\xaf"}',
        "utf8-surrogate": b'{"note":"\xed\xa0\x80"}',
        "utf8-surrogate-pair-cesu": b'{"note":"\xed\xa0\xbc\xed\xbd\x8c"}',
        "utf8-beyond-last-code-point": b'{"note":"\xf4\x90\x80\x80"}',
        "utf8-cut-emoji": b'{"note":"\xf0\x9f\x8d"}',
        "utf8-cut-at-the-end": b'{"note":"ok"}\xe2\x82',
        "utf8-latin-1": '{"note":"caf\u00e9"}'.encode("latin-1"),
        "utf8-is-utf-16": '{"a":1}'.encode("utf-16"),
        "utf8-random-bytes": hashlib.sha256(b"random bytes").digest(),
    }.items():
        try:
            plain.decode()
        except UnicodeDecodeError:
            pass
        else:
            raise AssertionError(name)
        opens_to(name, "not_utf8", plain)
    opens_to("webhook-utf8-lone-ff", "not_utf8", b'{"note":"\xff"}', "CARD_CLOSE_RESULT")

    def refuse_constant(_):
        raise ValueError("not JSON")

    for name, plain in {
        "json-empty": "",
        "json-only-spaces": "   ",
        "json-plain-word": "hello",
        "json-open-brace": "{",
        "json-cut": '{"balance":150.5,',
        "json-trailing-comma": '{"balance":150.5,}',
        "json-trailing-text": '{"balance":150.5} x',
        "json-two-values": '{"balance":150.5}{"balance":150.5}',
        "json-single-quotes": "{'balance':150.5}",
        "json-bare-keys": "{balance:150.5}",
        "json-comment": '{"balance":150.5} // note',
        "json-nan": '{"balance":NaN}',
        "json-infinity": '{"balance":-Infinity}',
        "json-leading-zero": '{"balance":0150}',
        "json-leading-plus": '{"balance":+150}',
        "json-ends-in-point": '{"balance":150.}',
        "json-starts-with-point": '{"balance":.5}',
        "json-raw-newline-in-text": '{"note":"a\nb"}',
        "json-unknown-escape": '{"note":"\\x41"}',
        "json-python-literals": '{"success":True}',
        "json-html": "<html><body>Bad gateway</body></html>",
        "json-form": "balance=150.5&currency=USD",
    }.items():
        try:
            json.loads(plain, parse_constant=refuse_constant)
        except ValueError:
            pass
        else:
            raise AssertionError(name)
        opens_to(name, "not_json", plain.encode())
    opens_to("webhook-json-plain-word", "not_json", b"hello", "CARD_CLOSE_RESULT")

    return {
        "about": "Bodies that must not open. Outwardly all are ONE error with one message; reason is for operators. "
        "Where the reason comes after the MAC, the MAC is right over the payload's text as it stands. "
        "payload_too_short: fewer than 32 bytes, an IV and one block; payload_not_blocks: 32 or more, not a multiple of 16. "
        "A hmac of the wrong length holds only hex digits, and one that isn't hex has 64 characters.",
        "source": OWN,
        "cases": cases,
    }


def accepted():
    cases = []
    codec, key_text = KEYS["utf8-32"]
    text = compact({"balance": 150.5, "refund_amount": 0.0, "currency": "USD"})
    for number in range(10000):
        iv = fixed_iv(f"accepted {number}")
        payload, tag = seal(codec, key_text, iv, text)
        if "+" in payload and payload.count("/") > 1 and sum(c in "abcdef" for c in tag) > 10:
            break
    mixed = "".join(c.upper() if i % 2 else c for i, c in enumerate(tag))
    assert mixed not in (tag, tag.upper())

    def add(name, body):
        parsed = json.loads(body)
        assert parsed["encrypted_payload"] == payload and parsed["hmac"].lower() == tag, name
        cases.append({"name": name, "codec": codec, "key_text": key_text, "body": body, "plaintext": text})

    add("hmac-lower-case", response_body(payload, tag))
    add("hmac-upper-case", response_body(payload, tag.upper()))
    add("hmac-mixed-case", response_body(payload, mixed))
    add("webhook-hmac-upper-case", webhook_body(payload, "CARD_FUTURE_EVENT", tag.upper()))
    add("fields-in-another-order", compact({"hmac": tag, "encrypted_payload": payload}))
    add("white-space-between-fields", json.dumps({"encrypted_payload": payload, "hmac": tag}, indent=2) + "\n")
    add("unknown-field-beside", compact({"encrypted_payload": payload, "hmac": tag, "version": 2}))
    add("slashes-escaped", response_body(payload, tag).replace("/", "\\/"))
    add("plus-as-unicode-escape", response_body(payload, tag).replace("+", "\\u002b"))
    return {
        "about": "Bodies in unusual spelling that must open. The MAC covers the payload's text after JSON unescaping.",
        "source": OWN,
        "cases": cases,
    }


def rfc4231():
    larger = b"This is a test using a larger than block-size key and a larger than block-size data. " \
             b"The key needs to be hashed before being used by the HMAC algorithm."
    literal = [
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
        (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        (b"\xaa" * 131, larger, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ]
    cases = []
    for number, (key, data, expected) in enumerate(literal, 1):
        computed = hmac.new(key, data, hashlib.sha256).hexdigest()[: len(expected)]
        assert computed == expected, number
        name = f"test-case-{number}" + ("-truncated-to-128-bit" if number == 5 else "")
        cases.append({"name": name, "key_hex": key.hex(), "data_hex": data.hex(), "mac_hex": expected})
    return {
        "about": "HMAC-SHA-256. Case 5 gives the first 128 bits of the MAC only.",
        "source": "RFC 4231, section 4, test cases 1 to 7 (values written in by hand and checked by computation).",
        "cases": cases,
    }


def sp800_38a():
    iv = "000102030405060708090a0b0c0d0e0f"
    plain = ("6bc1bee22e409f96e93d7e117393172a" "ae2d8a571e03ac9c9eb76fac45af8e51"
             "30c81c46a35ce411e5fbc1191a0a52ef" "f69f2445df4f9b17ad2b417be66c3710")
    literal = [
        ("f-2-1-and-f-2-2-cbc-aes128", "2b7e151628aed2a6abf7158809cf4f3c",
         "7649abac8119b246cee98e9b12e9197d" "5086cb9b507219ee95db113a917678b2"
         "73bed6b8e3c1743b7116e69e22229516" "3ff1caa1681fac09120eca307586e1a7"),
        ("f-2-3-and-f-2-4-cbc-aes192", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
         "4f021db243bc633d7178183a9fa071e8" "b4d9ada9ad7dedf4e5e738763f69145a"
         "571b242012fb7ae07fa9baac3df102e0" "08b0e27988598881d920a9e64f5615cd"),
        ("f-2-5-and-f-2-6-cbc-aes256", "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
         "f58c4c04d6e5f1ba779eabfb5f7bfbd6" "9cfc4e967edb808d679f777bc6702c7d"
         "39f23369a9d9bacfa530e26304231461" "b2eb05e2c39be9fcda6c19078c6a9d1b"),
    ]
    cases = []
    for name, key, ciphertext in literal:
        k, v = bytes.fromhex(key), bytes.fromhex(iv)
        assert encrypt(k, v, bytes.fromhex(plain)).hex() == ciphertext, name
        assert decrypt(k, v, bytes.fromhex(ciphertext)).hex() == plain, name
        cases.append({"name": name, "key_hex": key, "iv_hex": iv, "plaintext_hex": plain, "ciphertext_hex": ciphertext})
    return {
        "about": "AES in CBC mode, without padding. Each case serves encryption and decryption.",
        "source": "NIST SP 800-38A, F.2.1 to F.2.6 (values written in by hand and checked by computation).",
        "cases": cases,
    }


def keys():
    cases = []

    def good(name, codec, text, key_hex=None):
        computed = key_bytes(codec, text).hex()
        assert key_hex in (None, computed), name
        cases.append({"name": name, "codec": codec, "key_text": text, "ok": True, "key_hex": computed})

    def short(name, codec, text, got):
        assert got not in (16, 24, 32)
        cases.append({"name": name, "codec": codec, "key_text": text, "ok": False, "code": "key.length", "got_bytes": got})

    def odd(name, codec, text):
        cases.append({"name": name, "codec": codec, "key_text": text, "ok": False, "code": "key.encoding"})

    for name, (codec, text) in KEYS.items():
        good(name, codec, text)

    good("utf8-16-spaces", "utf8", " " * 16, "20" * 16)
    good("utf8-not-trimmed", "utf8", " fifteen-minus1 ", b" fifteen-minus1 ".hex())
    good("utf8-trailing-newline-counts", "utf8", "fifteen-letters\n")
    good("utf8-two-byte-letters-16", "utf8", "\u00e9" * 8, "c3a9" * 8)
    good("utf8-three-byte-letters-24", "utf8", "\u4e0a" * 8, "e4b88a" * 8)
    good("utf8-emoji-32", "utf8", "\U0001F34C" * 8, "f09f8d8c" * 8)
    good("utf8-not-normalised-24", "utf8", "e\u0301" * 8, "65cc81" * 8)
    good("utf8-hex-looking-32-is-raw", "utf8", "00112233445566778899aabbccddeeff", b"00112233445566778899aabbccddeeff".hex())
    short("utf8-empty", "utf8", "", 0)
    short("utf8-1", "utf8", "k", 1)
    short("utf8-15", "utf8", "k" * 15, 15)
    short("utf8-17", "utf8", "k" * 17, 17)
    short("utf8-23", "utf8", "k" * 23, 23)
    short("utf8-25", "utf8", "k" * 25, 25)
    short("utf8-31", "utf8", "k" * 31, 31)
    short("utf8-33", "utf8", "k" * 33, 33)
    short("utf8-33-by-newline", "utf8", KEYS["utf8-32"][1] + "\n", 33)
    short("utf8-64-hex-digits", "utf8", KEYS["hex-32"][1], 64)
    short("utf8-16-letters-of-two-bytes-and-one", "utf8", "\u00e9" * 16 + "k", 33)
    short("utf8-16-letters-but-17-bytes", "utf8", "k" * 15 + "\u00e9", 17)

    good("hex-upper-case-32", "hex", KEYS["hex-32"][1].upper(), KEYS["hex-32"][1])
    good("hex-mixed-case-16", "hex", "00112233445566778899AaBbCcDdEeFf", "00112233445566778899aabbccddeeff")
    good("hex-all-zero-16", "hex", "0" * 32, "0" * 32)
    short("hex-empty", "hex", "", 0)
    short("hex-1", "hex", "ab", 1)
    short("hex-15", "hex", "ab" * 15, 15)
    short("hex-17", "hex", "ab" * 17, 17)
    short("hex-20", "hex", "ab" * 20, 20)
    short("hex-31", "hex", "ab" * 31, 31)
    short("hex-33", "hex", "ab" * 33, 33)
    short("hex-64", "hex", "ab" * 64, 64)
    odd("hex-odd-31-digits", "hex", "a" * 31)
    odd("hex-odd-63-digits", "hex", "a" * 63)
    odd("hex-letter-g", "hex", "g" + "0" * 31)
    odd("hex-0x-prefix", "hex", "0x" + "ab" * 16)
    odd("hex-leading-space", "hex", " " + "ab" * 16)
    odd("hex-trailing-newline", "hex", "ab" * 16 + "\n")
    odd("hex-two-trailing-spaces", "hex", "ab" * 16 + "  ")
    odd("hex-grouped-by-spaces", "hex", " ".join(["abcdabcd"] * 4))
    odd("hex-grouped-by-colons", "hex", ":".join(["ab"] * 16))
    odd("hex-grouped-by-dashes-like-a-uuid", "hex", "00112233-4455-6677-8899-aabbccddeeff")
    odd("hex-full-width-digits", "hex", "\uff11" * 32)
    odd("hex-arabic-indic-digits", "hex", "\u0661" * 32)

    good("base64-all-zero-16", "base64", "A" * 22 + "==", "00" * 16)
    good("base64-all-ones-32", "base64", "/" * 42 + "8=", "ff" * 32)
    short("base64-empty", "base64", "", 0)
    short("base64-1", "base64", "AA==", 1)
    short("base64-15", "base64", base64.b64encode(b"k" * 15).decode(), 15)
    short("base64-17", "base64", base64.b64encode(b"k" * 17).decode(), 17)
    short("base64-31", "base64", base64.b64encode(b"k" * 31).decode(), 31)
    short("base64-33", "base64", base64.b64encode(b"k" * 33).decode(), 33)
    short("base64-48-is-64-hex-digits", "base64", KEYS["hex-32"][1], 48)
    sixteen, thirty_two = KEYS["base64-16"][1], KEYS["base64-32"][1]
    odd("base64-padding-missing", "base64", sixteen.rstrip("="))
    odd("base64-padding-half-missing", "base64", sixteen[:-1])
    odd("base64-padding-missing-32", "base64", thirty_two.rstrip("="))
    odd("base64-padding-too-long", "base64", thirty_two + "=")
    odd("base64-url-safe-alphabet", "base64", thirty_two.replace("+", "-").replace("/", "_"))
    odd("base64-trailing-newline", "base64", sixteen + "\n")
    odd("base64-leading-space", "base64", " " + sixteen)
    odd("base64-inner-space", "base64", sixteen[:8] + " " + sixteen[8:])
    odd("base64-non-canonical-trailing-bits-16", "base64", "A" * 21 + "B==")
    odd("base64-non-canonical-trailing-bits-32", "base64", "A" * 42 + "B=")
    odd("base64-padding-in-the-middle", "base64", "AA==" + sixteen)
    odd("base64-foreign-character", "base64", "*" + sixteen[1:])
    odd("base64-non-ascii", "base64", "\u00e9" + sixteen[1:])
    odd("base64-one-character", "base64", "A")

    good("sha256-abc", "sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    good("sha256-one-space", "sha256", " ")
    good("sha256-trailing-newline-counts", "sha256", "abc\n")
    good("sha256-multi-byte", "sha256", "p\u00e4ss\u4e0a\U0001F34C")
    good("sha256-long", "sha256", "long passphrase " * 64)
    good("sha256-of-hex-looking-text", "sha256", KEYS["hex-32"][1])
    short("sha256-empty", "sha256", "", 0)
    return {
        "about": "How a key's text becomes bytes, by codec, and what is refused. got_bytes is the length after decoding. "
        "Nothing is trimmed. Codecs: utf8 (raw bytes), hex (either case), base64 (standard alphabet, padded, canonical), "
        "sha256 (digest of the UTF-8 text, which must not be empty).",
        "source": OWN,
        "cases": cases,
    }


FILES = {
    "envelope.json": envelope,
    "envelope_rejected.json": rejected,
    "envelope_accepted.json": accepted,
    "hmac_rfc4231.json": rfc4231,
    "aes_cbc_sp800_38a.json": sp800_38a,
    "keys.json": keys,
}
