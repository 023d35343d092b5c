"""JSON read without loss, and the fields of the vendor's messages: tolerant where the vendor is free to choose."""

import json
import re

from value_vectors import GRAMMAR, Refused, amount_text

NUMBER = "\ue000"  # generate.py writes a text that starts with this as a JSON number, as it stands
SAFE = 2**53 - 1  # JavaScript's largest safe integer


class Integer(str):
    """A number literal without point and exponent."""


class Decimal_(str):
    """Any other number literal."""


class Pairs(list):
    """An object, with duplicates and order."""


class Wrong(Exception):
    """What can't be read: the field and the code."""

    def __init__(self, field, code):
        super().__init__(field, code)
        self.field, self.code = field, code


def refuse(word):
    raise ValueError(word)


def parse(text):
    return json.loads(text, parse_int=Integer, parse_float=Decimal_, parse_constant=refuse, object_pairs_hook=Pairs)


def readable(text):
    """A text as it is read: each half of a surrogate pair that stands alone is U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def whole(value):
    """A parsed value as generate.py can write it again, numbers unchanged."""
    if isinstance(value, Pairs):
        return {key: whole(item) for key, item in value}
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, Integer):
        return int(value) if value != "-0" else NUMBER + value
    if isinstance(value, Decimal_):
        return NUMBER + value
    return value


def holdable(value):
    """Whether every language's JSON reader finds the same in it. If not, vectors hold its exact text."""
    if isinstance(value, Pairs):
        names = [key for key, _ in value]
        return len(set(names)) == len(names) and all(holdable(key) and holdable(item) for key, item in value)
    if isinstance(value, list):
        return all(holdable(item) for item in value)
    if isinstance(value, (Integer, Decimal_)):
        return len(value) < 300 and abs(float(value)) < 1e300
    return not isinstance(value, str) or readable(value) == value


def whole_number(token):
    """The whole number that a JSON number equals, however it is spelled, or None. Never a power of ten of any exponent."""
    match = GRAMMAR.fullmatch(token)
    if not match:
        return None
    sign, before, after, exponent = match[1], match[2], match[3] or "", match[4] or "0"
    digits = (before + after).lstrip("0")
    if not digits:
        return 0
    significant = digits.rstrip("0")
    if len(exponent.lstrip("+-0")) > 18:
        return None  # too large, or a fraction: no text has so many digits
    zeros = len(digits) - len(significant) - len(after) + int(exponent)
    if zeros < 0 or len(significant) + zeros > 20:
        return None
    number = int(significant + "0" * zeros)
    return -number if sign else number


RANGES = {"id": (0, 2**63 - 1), "time": (-(2**63), 2**63 - 1), "count": (0, 2**63 - 1)}
CODES = {"id": "id.range", "time": "timestamp.format"}


def blank(item):
    """What is there and says nothing."""
    return item is None or item == ""


def field(kind, item):
    """A field's value. Raises Wrong with the code."""
    if kind in RANGES:
        least, most = RANGES[kind]
        # A number may come as text, which Integer and Decimal_ are too.
        number = whole_number(item) if isinstance(item, str) else None
        if number is None or not least <= number <= most:
            raise Wrong("", CODES.get(kind, "field.type"))
        return number
    if kind == "amount":
        if not isinstance(item, str):
            raise Wrong("", "field.type")
        try:
            return amount_text(str(item), type(item) is not str)
        except Refused as refused:
            raise Wrong("", str(refused)) from None
    if kind in ("text", "currency", "cvv", "expiry"):
        if type(item) is not str:
            raise Wrong("", "field.type")
        text = readable(item)
        pattern = {"text": r"(?s).*", "currency": "[A-Za-z0-9]{1,16}", "cvv": "[0-9]{3,4}", "expiry": "(0[1-9]|1[0-2])/[0-9]{2}"}
        if not re.fullmatch(pattern[kind], text):
            raise Wrong("", {"currency": "currency.format"}.get(kind, "field.type"))
        return text
    if kind == "bool":
        if type(item) is not bool:
            raise Wrong("", "field.type")
        return item
    raise ValueError(kind)


def check_names(value, fields):
    """A name stands once. Names are compared as they are read. An unknown name is never repeated in an error."""
    seen = set()
    for name in (readable(key) for key, _ in value):
        if name in seen:
            raise Wrong(name if name in fields else "", "json.duplicate_field")
        seen.add(name)


def typed(fields, value, required=()):
    """Known fields by kind, and the others under extra (name to parsed value). Raises Wrong.

    A kind that ends in "?" is only guessed: what doesn't fit is as absent. Null is as absent for all, a blank text where a field
    may be absent, and for a text.
    """
    check_names(value, fields)
    result, extra = {}, {}
    for key, item in value:
        kind = fields.get(key)
        if kind is None:
            extra[readable(key)] = item
        elif item is None or item == "" and (key not in required or kind == "text"):
            pass
        elif isinstance(kind, str):
            try:
                result[key] = field(kind.removesuffix("?"), item)
            except Wrong as wrong:
                if not kind.endswith("?"):
                    raise Wrong(key, wrong.code) from None
    for name in required:
        if name not in result:
            raise Wrong(name, "field.required")
    return result, extra


def split_extra(extra):
    """extra as vectors hold it, and the exact texts of what they can't hold."""
    return {name: whole(item) for name, item in extra.items() if holdable(item)}, [
        name for name, item in extra.items() if not holdable(item)]


def unsafe(value):
    """Whether a typed value has a whole number that JavaScript's number can't hold."""
    if isinstance(value, dict):
        return any(unsafe(item) for name, item in value.items() if name != "extra")
    if isinstance(value, list):
        return any(unsafe(item) for item in value)
    return type(value) is int and abs(value) > SAFE
