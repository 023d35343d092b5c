"""JSON read without loss, and typed fields, for events and responses."""

import json

from value_vectors import Refused, amount_text

NUMBER = "\ue000"  # generate.py writes a text that starts with this as a JSON number, as it stands


class Integer(str):
    """A number literal without point and exponent."""


class Decimal_(str):
    """Any other number literal."""


class Pairs(list):
    """An object, with duplicates and order."""


def refuse(word):
    raise ValueError(word)


def parse(text):
    return json.loads(text, parse_int=Integer, parse_float=Decimal_, parse_constant=refuse, object_pairs_hook=Pairs)


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


def typed(fields, value, code):
    """Known fields by kind, the others under extra; null counts as absent for a known field."""
    result, extra = {}, {}
    for key, item in value:
        kind = fields.get(key)
        if kind is None:
            extra[key] = whole(item)
        elif item is None:
            pass
        elif kind in ("id", "time", "count"):
            if type(item) is not Integer or not 0 <= int(item) < 2**63:
                raise Refused(code)
            result[key] = int(item)
        elif kind == "amount":
            if type(item) not in (Integer, Decimal_, str):
                raise Refused(code)
            result[key] = amount_text(str(item), type(item) is not str)
        elif kind == "text":
            if type(item) is not str:
                raise Refused(code)
            result[key] = item
        elif kind == "bool":
            if type(item) is not bool:
                raise Refused(code)
            result[key] = item
        else:  # a list of objects
            if type(item) is not list or not all(isinstance(one, Pairs) for one in item):
                raise Refused(code)
            result[key] = [typed(kind, one, code) for one in item]
    result["extra"] = extra
    return result
