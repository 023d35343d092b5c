"""The security envelope, written from the API's security guide and from nothing else.

    payload = base64(IV || AES-CBC(key, IV, PKCS7(plaintext)))
    hmac    = hex(HMAC-SHA256(key, ASCII text of payload))

One key serves both. The guide doesn't say how the key's text becomes bytes, hence four codecs.
"""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16


def key_bytes(codec, text):
    """The key's bytes for a text that is known to be good; keys.json holds the refusals."""
    if codec == "utf8":
        key = text.encode()
    elif codec == "hex":
        key = bytes.fromhex(text)
    elif codec == "base64":
        key = base64.b64decode(text, validate=True)
    elif codec == "sha256":
        key = hashlib.sha256(text.encode()).digest()
    else:
        raise ValueError(codec)
    assert len(key) in (16, 24, 32), (codec, text, len(key))
    return key


def pad(plain):
    count = BLOCK - len(plain) % BLOCK
    return plain + bytes([count]) * count


def encrypt(key, iv, padded):
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def decrypt(key, iv, ciphertext):
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(ciphertext) + decryptor.finalize()


def mac(key, payload):
    """Hex MAC over the payload's text (UTF-8, which is ASCII for every honest payload)."""
    return hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()


def payload_of(key, iv, padded):
    return base64.b64encode(iv + encrypt(key, iv, padded)).decode()


def fixed_iv(name):
    """An IV that never changes: vectors must. A real one is random, new for each message."""
    return hashlib.sha256(("iv of " + name).encode()).digest()[:BLOCK]


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def response_body(payload, tag):
    return compact({"encrypted_payload": payload, "hmac": tag})


def webhook_body(payload, kind, tag):
    return compact({"encrypted_payload": payload, "type": kind, "hmac": tag})


def seal(codec, key_text, iv, plaintext):
    """(payload, hmac) of a text."""
    key = key_bytes(codec, key_text)
    payload = payload_of(key, iv, pad(plaintext.encode()))
    return payload, mac(key, payload)
