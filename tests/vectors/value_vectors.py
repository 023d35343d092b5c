"""card_number.json, pin.json, cvv.json, expiry.json and amount.json.

What is accepted, refused and with which code is written in by hand; the rules below are there to contradict a slip.
"""

import json
import re
from decimal import Context, Decimal, Inexact

from field_rules import brand, luhn, weaknesses

OWN = "Rules of the library, expectations written in by hand and checked by the rules in value_vectors.py."

FULL_WIDTH = str.maketrans("0123456789", "".join(chr(0xFF10 + i) for i in range(10)))
ARABIC_INDIC = str.maketrans("0123456789", "".join(chr(0x0660 + i) for i in range(10)))
DEVANAGARI = str.maketrans("0123456789", "".join(chr(0x0966 + i) for i in range(10)))


def digits_rule(text, field, low, high):
    """None if good, else the code. Digits are looked at first; an empty text has no wrong digit, only a wrong length."""
    if any(c not in "0123456789" for c in text):
        return field + ".digits"
    if not low <= len(text) <= high:
        return field + ".length"
    return None


# --- card numbers -------------------------------------------------------------------------------------------------


def luhn_again(number):
    """The same as field_rules has it, by table, as a check on that."""
    table = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    odd = sum(int(d) for d in number[-1::-2])
    even = sum(table[int(d)] for d in number[-2::-2])
    return (odd + even) % 10 == 0


def number(prefix, length):
    """The number with that prefix, then zeros, then the right check digit."""
    stem = prefix + "0" * (length - 1 - len(prefix))
    return next(stem + d for d in "0123456789" if luhn(stem + d))


def card_number():
    cases = []

    def good(name, text, expected_brand, verdict="valid"):
        assert digits_rule(text, "card_number", 16, 19) is None, name
        assert luhn(text) == luhn_again(text) == (verdict == "valid"), name
        assert brand(text) == expected_brand, name
        masked = "*" * (len(text) - 4) + text[-4:]
        assert len(masked) == len(text)
        cases.append({
            "name": name, "text": text, "ok": True, "luhn": verdict, "masked": masked, "last4": text[-4:],
            "bin6": text[:6], "bin8": text[:8], "brand": expected_brand,
        })

    def bad(name, text, code):
        assert digits_rule(text, "card_number", 16, 19) == code, name
        cases.append({"name": name, "text": text, "ok": False, "code": code})

    good("vendor-sample", "1234567890123456", None, "invalid")
    good("visa-all-ones", "4111111111111111", "visa")
    good("visa-42", "4242424242424242", "visa")
    good("visa-4012", "4012888888881881", "visa")
    good("visa-luhn-invalid", "4111111111111112", "visa", "invalid")
    good("visa-two-digits-swapped", "4242424242424224", "visa", "invalid")
    good("visa-17-digits", number("4", 17), "visa")
    good("visa-18-digits", number("4", 18), "visa")
    good("visa-19-digits", number("4", 19), "visa")
    good("visa-19-digits-luhn-invalid", "4111111111111111111", "visa", "invalid")
    good("mastercard-5555", "5555555555554444", "mastercard")
    good("mastercard-5105", "5105105105105100", "mastercard")
    good("mastercard-2223", "2223003122003222", "mastercard")
    good("mastercard-51-first", number("51", 16), "mastercard")
    good("mastercard-55-last", number("55", 16), "mastercard")
    good("mastercard-2221-first", number("2221", 16), "mastercard")
    good("mastercard-2720-last", number("2720", 16), "mastercard")
    good("mastercard-2300-middle", number("2300", 16), "mastercard")
    good("no-brand-2220-before-mastercard", number("2220", 16), None)
    good("no-brand-2721-after-mastercard", number("2721", 16), None)
    good("maestro-50-before-mastercard", number("5000", 16), "maestro")
    good("maestro-56-after-mastercard", number("56", 16), "maestro")
    good("unionpay-62", number("62", 16), "unionpay")
    good("unionpay-62-19-digits", number("62", 19), "unionpay")
    good("unionpay-81", number("81", 16), "unionpay")
    good("no-brand-80", number("80", 16), None)
    good("no-brand-82", number("82", 16), None)
    good("discover-6011", "6011111111111117", "discover")
    good("discover-644-first", number("644", 16), "discover")
    good("discover-649-last", number("649", 16), "discover")
    good("discover-65", number("65", 16), "discover")
    good("discover-65-19-digits", number("65", 19), "discover")
    good("maestro-6010", number("6010", 16), "maestro")
    good("maestro-6012", number("6012", 16), "maestro")
    good("maestro-643", number("643", 16), "maestro")
    good("maestro-66", number("66", 16), "maestro")
    good("jcb-3530", "3530111333300000", "jcb")
    good("jcb-3528-first", number("3528", 16), "jcb")
    good("jcb-3589-last", number("3589", 16), "jcb")
    good("jcb-19-digits", number("3566", 19), "jcb")
    good("no-brand-3527", number("3527", 16), None)
    good("no-brand-3590", number("3590", 16), None)
    for prefix in ("5018", "5020", "5038", "5893", "6304", "6759", "6761", "6762", "6763"):
        good("maestro-" + prefix, number(prefix, 16), "maestro")
    good("maestro-19-digits", number("6759", 19), "maestro")
    good("maestro-5019", number("5019", 16), "maestro")
    good("maestro-6760", number("6760", 16), "maestro")
    good("maestro-6764", number("6764", 16), "maestro")
    good("mir-2200-first", number("2200", 16), "mir")
    good("mir-2204-last", number("2204", 16), "mir")
    good("mir-19-digits", number("2202", 19), "mir")
    good("no-brand-2199", number("2199", 16), None)
    good("no-brand-2205", number("2205", 16), None)
    good("american-express-prefix-with-16-digits", number("37", 16), "american-express")
    good("all-zeros", "0" * 16, None)
    good("all-nines", "9" * 16, None, "invalid")
    good("leading-zeros-kept", number("0042", 16), None)

    plain = "4111111111111111"
    bad("empty", "", "card_number.length")
    bad("one-digit", "4", "card_number.length")
    bad("thirteen-digits-visa", "4222222222222", "card_number.length")
    bad("fourteen-digits-diners", "30569309025904", "card_number.length")
    bad("fifteen-digits-amex", "378282246310005", "card_number.length")
    bad("twenty-digits", number("4", 20), "card_number.length")
    bad("thousand-digits", "4" * 1000, "card_number.length")
    bad("grouped-by-spaces", "4111 1111 1111 1111", "card_number.digits")
    bad("grouped-by-dashes", "4111-1111-1111-1111", "card_number.digits")
    bad("leading-space", " " + plain, "card_number.digits")
    bad("trailing-space", plain + " ", "card_number.digits")
    bad("trailing-newline", plain + "\n", "card_number.digits")
    bad("no-break-space", "4111\u00a0111111111111", "card_number.digits")
    bad("zero-width-space", plain + "\u200b", "card_number.digits")
    bad("nul-at-the-end", plain + "\x00", "card_number.digits")
    bad("plus-sign", "+" + plain, "card_number.digits")
    bad("minus-sign", "-" + plain[1:], "card_number.digits")
    bad("point-in-the-middle", "41111111.11111111", "card_number.digits")
    bad("letter-o-for-zero", "411111111111111O", "card_number.digits")
    bad("masked", "************1111", "card_number.digits")
    bad("full-width-digits", plain.translate(FULL_WIDTH), "card_number.digits")
    bad("one-full-width-digit", plain[:-1] + "\uff11", "card_number.digits")
    bad("arabic-indic-digits", plain.translate(ARABIC_INDIC), "card_number.digits")
    bad("devanagari-digits", plain.translate(DEVANAGARI), "card_number.digits")
    bad("mathematical-digit", plain[:-1] + "\U0001D7CF", "card_number.digits")
    bad("superscript-digit", plain[:-1] + "\u00b9", "card_number.digits")
    bad("letters-and-wrong-length", "abc", "card_number.digits")
    bad("only-a-space", " ", "card_number.digits")
    return {
        "about": "Card numbers: 16 to 19 ASCII digits, nothing trimmed or taken out. A wrong character is told before a wrong "
        "length. luhn is a verdict beside, not a condition. brand is by the longest fitting prefix of those that credit-card-type 10 "
        "has, or null.",
        "source": OWN,
        "cases": cases,
    }


# --- PIN, CVV, expiry ---------------------------------------------------------------------------------------------

def pin():
    cases = []
    bounds = {"activation": (6, 6), "change": (4, 6)}

    def good(name, kind, text, *expected):
        assert digits_rule(text, "pin", *bounds[kind]) is None and weaknesses(text) == list(expected), name
        cases.append({"name": name, "kind": kind, "text": text, "ok": True, "weaknesses": list(expected)})

    def bad(name, kind, text, code):
        assert digits_rule(text, "pin", *bounds[kind]) == code, name
        cases.append({"name": name, "kind": kind, "text": text, "ok": False, "code": code})

    good("activation-vendor-sample", "activation", "123456", "sequence", "keypad_shape")
    good("activation-plain", "activation", "493071")
    good("activation-leading-zeros", "activation", "004927")
    good("activation-all-same", "activation", "111111", "repeat", "date")
    good("activation-all-zeros", "activation", "000000", "repeat")
    good("activation-descending", "activation", "654321", "sequence", "keypad_shape")
    good("activation-ascending-from-zero", "activation", "012345", "sequence", "date")
    good("activation-ascending-to-nine", "activation", "456789", "sequence", "keypad_shape")
    good("activation-descending-to-zero", "activation", "543210", "sequence")
    good("activation-ascending-wrapped", "activation", "789012", "sequence")
    good("activation-ascending-wrapped-late", "activation", "567890", "sequence")
    good("activation-descending-wrapped", "activation", "210987", "sequence", "date")
    good("activation-block-of-two", "activation", "121212", "repeated_block", "date")
    good("activation-block-of-three", "activation", "123123", "repeated_block", "date", "keypad_shape")
    good("activation-block-of-three-plain", "activation", "749749", "repeated_block")
    good("activation-block-of-four-cut-off", "activation", "749274")
    good("activation-palindrome", "activation", "123321", "palindrome", "keypad_shape")
    good("activation-pairs", "activation", "112233", "sequence", "couplets", "date")
    good("activation-steps-of-two", "activation", "135791", "sequence")
    good("activation-run-broken-at-the-end", "activation", "123457")
    good("activation-run-broken-at-the-start", "activation", "023456")
    good("activation-five-same", "activation", "111112", "date")
    good("activation-up-and-down", "activation", "123432")
    good("change-vendor-sample", "change", "6789", "sequence")
    good("change-four-plain", "change", "4930")
    good("change-five-plain", "change", "49307")
    good("change-six-plain", "change", "493071")
    good("change-four-same", "change", "7777", "repeat")
    good("change-four-ascending", "change", "1234", "sequence")
    good("change-four-descending", "change", "9876", "sequence")
    good("change-four-block-of-two", "change", "1212", "repeated_block", "date")
    good("change-four-wrapped", "change", "7890", "sequence")
    good("change-four-pairs", "change", "1122", "couplets", "date")
    good("change-four-palindrome", "change", "1221", "palindrome", "date")
    good("change-five-ascending", "change", "34567", "sequence")
    good("change-five-descending", "change", "43210", "sequence")
    good("change-five-same", "change", "00000", "repeat")
    good("change-five-block-cut-off", "change", "12121", "palindrome")
    good("change-six-block-of-three", "change", "360360", "repeated_block")
    good("change-six-block-of-two", "change", "909090", "repeated_block")

    bad("activation-empty", "activation", "", "pin.length")
    bad("activation-four", "activation", "4930", "pin.length")
    bad("activation-five", "activation", "49307", "pin.length")
    bad("activation-seven", "activation", "4930712", "pin.length")
    bad("activation-thousand-digits", "activation", "1" * 1000, "pin.length")
    bad("change-empty", "change", "", "pin.length")
    bad("change-three", "change", "493", "pin.length")
    bad("change-seven", "change", "4930712", "pin.length")
    for kind in bounds:
        bad(kind + "-letter", kind, "49307a", "pin.digits")
        bad(kind + "-leading-space", kind, " 49307", "pin.digits")
        bad(kind + "-trailing-space", kind, "49307 ", "pin.digits")
        bad(kind + "-trailing-newline", kind, "49307\n", "pin.digits")
        bad(kind + "-trailing-newline-after-six", kind, "493071\n", "pin.digits")
        bad(kind + "-plus-sign", kind, "+49307", "pin.digits")
        bad(kind + "-minus-sign", kind, "-49307", "pin.digits")
        bad(kind + "-point", kind, "493.71", "pin.digits")
        bad(kind + "-exponent", kind, "4e3071", "pin.digits")
        bad(kind + "-full-width-digits", kind, "493071".translate(FULL_WIDTH), "pin.digits")
        bad(kind + "-arabic-indic-digits", kind, "493071".translate(ARABIC_INDIC), "pin.digits")
        bad(kind + "-one-full-width-digit", kind, "49307\uff11", "pin.digits")
        bad(kind + "-emoji", kind, "\U0001F34C49307", "pin.digits")
        bad(kind + "-masked", kind, "******", "pin.digits")
        bad(kind + "-letters-and-wrong-length", kind, "abc", "pin.digits")
        bad(kind + "-only-a-space", kind, " ", "pin.digits")
        bad(kind + "-nul-at-the-end", kind, "49307\x00", "pin.digits")
    return {
        "about": "PINs. activation: exactly 6 ASCII digits; change: 4 to 6. A wrong character is told before a wrong length. "
        "weaknesses is advice, not a refusal: why it is easily guessed, of those reasons that need no context; fields.json has "
        "all of them.",
        "source": OWN,
        "cases": cases,
    }


def cvv():
    cases = []

    def good(name, text):
        assert digits_rule(text, "cvv", 3, 4) is None
        cases.append({"name": name, "text": text, "ok": True})

    def bad(name, text, code):
        assert digits_rule(text, "cvv", 3, 4) == code, name
        cases.append({"name": name, "text": text, "ok": False, "code": code})

    good("vendor-sample", "123")
    good("four-digits", "1234")
    good("zeros", "000")
    good("leading-zero", "012")
    good("four-leading-zeros", "0007")
    bad("empty", "", "cvv.length")
    bad("one-digit", "1", "cvv.length")
    bad("two-digits", "12", "cvv.length")
    bad("five-digits", "12345", "cvv.length")
    bad("letter", "12a", "cvv.digits")
    bad("leading-space", " 123", "cvv.digits")
    bad("trailing-space", "12 ", "cvv.digits")
    bad("trailing-newline", "123\n", "cvv.digits")
    bad("plus-sign", "+12", "cvv.digits")
    bad("minus-sign", "-123", "cvv.digits")
    bad("point", "1.23", "cvv.digits")
    bad("masked", "***", "cvv.digits")
    bad("full-width-digits", "123".translate(FULL_WIDTH), "cvv.digits")
    bad("arabic-indic-digits", "123".translate(ARABIC_INDIC), "cvv.digits")
    bad("one-two-byte-letter-and-two-digits", "12\u00e9", "cvv.digits")
    bad("letters-and-wrong-length", "ab", "cvv.digits")
    return {
        "about": "Card verification values: 3 or 4 ASCII digits. A wrong character is told before a wrong length.",
        "source": OWN,
        "cases": cases,
    }


def expiry_rule(text):
    if not re.fullmatch(r"[0-9]{2}/[0-9]{2}", text, re.ASCII):
        return "expiry.format"
    return None if 1 <= int(text[:2]) <= 12 else "expiry.month"


def expiry():
    cases = []

    def good(name, text, month, year, at):
        assert expiry_rule(text) is None and (int(text[:2]), 2000 + int(text[3:])) == (month, year), name
        moments = []
        for y, m, gone in at:
            assert gone == ((y, m) > (year, month)), name
            moments.append({"year": y, "month": m, "expired": gone})
        cases.append({"name": name, "text": text, "ok": True, "month": month, "year": year, "expired_at_cases": moments})

    def bad(name, text, code):
        assert expiry_rule(text) == code, name
        cases.append({"name": name, "text": text, "ok": False, "code": code})

    good("vendor-sample", "12/25", 12, 2025,
         [(2024, 12, False), (2025, 1, False), (2025, 11, False), (2025, 12, False), (2026, 1, True), (2026, 12, True)])
    good("january", "01/26", 1, 2026,
         [(2025, 12, False), (2026, 1, False), (2026, 2, True), (2027, 1, True)])
    good("june", "06/30", 6, 2030,
         [(2029, 7, False), (2030, 5, False), (2030, 6, False), (2030, 7, True), (2031, 1, True)])
    good("year-00", "09/00", 9, 2000, [(2000, 9, False), (2000, 10, True), (1999, 12, False), (2025, 1, True)])
    good("year-99", "12/99", 12, 2099, [(2099, 12, False), (2100, 1, True), (2025, 1, False)])
    for month in (2, 3, 4, 5, 7, 8, 10, 11):
        good(f"month-{month:02}", f"{month:02}/28", month, 2028, [(2028, month, False), (2028, month + 1, True)])
    bad("month-00", "00/25", "expiry.month")
    bad("month-13", "13/25", "expiry.month")
    bad("month-20", "20/25", "expiry.month")
    bad("month-99", "99/99", "expiry.month")
    bad("day-and-month-order-doubtful", "25/12", "expiry.month")
    for name, text in {
        "empty": "", "only-a-slash": "/", "no-slash": "1225", "dash": "12-25", "point": "12.25", "space": "12 25",
        "backslash": "12\\25", "full-width-slash": "12\uff0f25", "fraction-slash": "12\u204425",
        "one-digit-month": "1/25", "one-digit-year": "12/5", "four-digit-year": "12/2025", "year-first": "2025/12",
        "iso-month": "2025-12", "iso-date": "2025-12-31", "three-digit-month": "012/25", "spaces-around-slash": "12 / 25",
        "leading-space": " 12/25", "trailing-space": "12/25 ", "trailing-newline": "12/25\n", "letters": "ab/cd",
        "letter-in-year": "12/2x", "sign-in-month": "+1/25", "sign-in-year": "12/-5", "space-for-zero": " 1/25",
        "full-width-digits": "\uff11\uff12/\uff12\uff15", "arabic-indic-digits": "\u0661\u0662/\u0662\u0665",
        "two-slashes": "12//25", "day-too": "31/12/25", "nul-at-the-end": "12/25\x00", "missing-month": "/25",
        "missing-year": "12/", "bad-month-and-bad-form": "13/2025",
    }.items():
        bad(name, text, "expiry.format")
    return {
        "about": "Card expiry: MM/YY, five ASCII characters, year 2000+YY. A wrong form is told before a wrong month. A card is "
        "good through the end of its month; expired_at_cases ask for a year and month.",
        "source": OWN,
        "cases": cases,
    }


# --- amounts ------------------------------------------------------------------------------------------------------

GRAMMAR = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?", re.ASCII)


class Refused(Exception):
    pass


def amount_text(token, exponent_allowed):
    """Plain decimal text of a JSON number's grammar, by digits alone."""
    match = GRAMMAR.fullmatch(token)
    if not match or (match[4] is not None and not exponent_allowed):
        raise Refused("amount.format")
    sign, whole, fraction, exponent = match[1], match[2], match[3] or "", int(match[4] or "0")
    digits, places = whole + fraction, len(fraction) - exponent
    nonzero = digits.strip("0") != ""
    if places > 28 or (nonzero and len(digits.lstrip("0")) - places > 28):
        raise Refused("amount.range")
    if places < 0:
        digits, places = (digits + "0" * -places if nonzero else "0"), 0
    if len(digits.lstrip("0")) > 28:
        raise Refused("amount.range")
    digits = digits.lstrip("0").rjust(places + 1, "0")
    text = digits[: len(digits) - places] + ("." + digits[len(digits) - places:] if places else "")
    return ("-" if sign and nonzero else "") + text


EXACT = Context(prec=200, traps=[Inexact])


def plain(value):
    return format(value, "f")


def fits(value):
    text = plain(value.copy_abs())
    whole, _, fraction = text.partition(".")
    return len(fraction) <= 28 and len((whole + fraction).lstrip("0")) <= 28 and value.copy_abs() < Decimal(10) ** 28


def amount_of_json(raw):
    class Number(str):
        pass

    value = json.loads(raw, parse_int=Number, parse_float=Number)
    if isinstance(value, Number):
        return amount_text(value, True)
    if isinstance(value, str):
        return amount_text(value, False)
    raise Refused("field.type")


def amount():
    cases = []

    def good(name, raw, text):
        assert amount_of_json(raw) == text, (name, amount_of_json(raw))
        given = json.loads(raw, parse_int=Decimal, parse_float=Decimal)
        assert EXACT.compare(Decimal(given), Decimal(text)) == 0 and fits(Decimal(text)), name
        cases.append({"name": name, "json": raw, "ok": True, "text": text})

    def bad(name, raw, code):
        try:
            amount_of_json(raw)
        except Refused as refused:
            assert str(refused) == code, (name, str(refused))
        else:
            raise AssertionError(name)
        cases.append({"name": name, "json": raw, "ok": False, "code": code})

    for name, raw, text in [
        ("vendor-100-0", "100.0", "100.0"),
        ("vendor-150-5", "150.5", "150.5"),
        ("vendor-500-0", "500.0", "500.0"),
        ("vendor-0-0", "0.0", "0.0"),
        ("integer", "100", "100"),
        ("zero", "0", "0"),
        ("two-places", "100.00", "100.00"),
        ("cent", "0.01", "0.01"),
        ("tenth", "0.1", "0.1"),
        ("not-exact-in-binary", "1234567.89", "1234567.89"),
        ("beyond-double-integer", "9007199254740993", "9007199254740993"),
        ("beyond-double-decimal", "9007199254740993.07", "9007199254740993.07"),
        ("seventeen-places", "0.30000000000000004", "0.30000000000000004"),
        ("negative", "-150.5", "-150.5"),
        ("negative-cent", "-0.01", "-0.01"),
        ("negative-zero", "-0", "0"),
        ("negative-zero-scaled", "-0.00", "0.00"),
        ("zero-scaled", "0.000", "0.000"),
        ("trailing-zeros-kept", "1.5000", "1.5000"),
        ("exponent-plain", "1e2", "100"),
        ("exponent-upper-case", "1E2", "100"),
        ("exponent-plus", "1e+2", "100"),
        ("exponent-zero", "5e0", "5"),
        ("exponent-minus-zero", "5.50e-0", "5.50"),
        ("exponent-leading-zeros", "1e0002", "100"),
        ("exponent-negative", "1.5E-3", "0.0015"),
        ("exponent-negative-integer", "150e-1", "15.0"),
        ("exponent-negative-to-whole-scale", "100e-2", "1.00"),
        ("exponent-eats-places", "1.25e1", "12.5"),
        ("exponent-eats-all-places", "1.25e2", "125"),
        ("exponent-beyond-places", "1.25e3", "1250"),
        ("exponent-keeps-trailing-zero", "1.50e1", "15.0"),
        ("exponent-on-zero-point", "0.05e2", "5"),
        ("exponent-on-zero", "0e5", "0"),
        ("exponent-on-zero-negative", "0e-3", "0.000"),
        ("exponent-on-scaled-zero", "0.00e1", "0.0"),
        ("exponent-on-negative-zero", "-0e0", "0"),
        ("exponent-huge-on-zero", "0e400", "0"),
        ("exponent-negative-value", "-1e2", "-100"),
        ("largest-integer", "9" * 28, "9" * 28),
        ("largest-integer-negative", "-" + "9" * 28, "-" + "9" * 28),
        ("power-27", "1e27", "1" + "0" * 27),
        ("power-27-written-out", "1" + "0" * 27, "1" + "0" * 27),
        ("smallest-place", "1e-28", "0." + "0" * 27 + "1"),
        ("smallest-place-written-out", "0." + "0" * 27 + "1", "0." + "0" * 27 + "1"),
        ("twenty-eight-nines-behind-point", "0." + "9" * 28, "0." + "9" * 28),
        ("twenty-eight-digits-across-point", "1234567890123456.789012345678", "1234567890123456.789012345678"),
        ("zero-with-28-places", "0." + "0" * 28, "0." + "0" * 28),
        ("white-space-around", " 100.50 ", "100.50"),
        ("string-integer", '"100"', "100"),
        ("string-two-places", '"100.00"', "100.00"),
        ("string-one-place", '"150.5"', "150.5"),
        ("string-zero", '"0"', "0"),
        ("string-negative", '"-0.01"', "-0.01"),
        ("string-negative-zero", '"-0"', "0"),
        ("string-negative-zero-scaled", '"-0.00"', "0.00"),
        ("string-largest", '"' + "9" * 28 + '"', "9" * 28),
        ("string-smallest-place", '"0.' + "0" * 27 + '1"', "0." + "0" * 27 + "1"),
        ("string-with-unicode-escape", '"1\\u00300.50"', "100.50"),
    ]:
        good(name, raw, text)

    for name, raw in [
        ("twenty-nine-nines", "9" * 29),
        ("power-28", "1e28"),
        ("power-28-written-out", "1" + "0" * 28),
        ("power-28-negative", "-1e28"),
        ("power-27-times-twelve", "12e27"),
        ("place-29", "1e-29"),
        ("place-29-written-out", "0." + "0" * 28 + "1"),
        ("zero-with-29-places", "0." + "0" * 29),
        ("twenty-nine-digits-across-point", "1234567890123456.7890123456789"),
        ("twenty-nine-digits-by-trailing-zero", "9" * 28 + ".0"),
        ("one-with-28-places", "1." + "0" * 28),
        ("exponent-400", "1e400"),
        ("exponent-minus-400", "1e-400"),
        ("exponent-billions", "1e999999999999"),
        ("exponent-minus-billions", "1e-999999999999"),
        ("exponent-beyond-64-bit", "1e99999999999999999999"),
        ("exponent-minus-beyond-64-bit", "1e-99999999999999999999"),
        ("exponent-brings-too-many-places", "1.5e-28"),
        ("thousand-digits", "7" * 1000),
        ("string-twenty-nine-nines", '"' + "9" * 29 + '"'),
        ("string-place-29", '"0.' + "0" * 28 + '1"'),
    ]:
        bad(name, raw, "amount.range")

    for name, text in {
        "empty": "", "only-space": " ", "leading-space": " 1", "trailing-space": "1 ", "trailing-newline": "1\n",
        "inner-space": "1 000", "leading-plus": "+1", "only-minus": "-", "two-minus": "--1", "minus-then-space": "- 1",
        "trailing-minus": "1-", "leading-zero": "01", "leading-zeros-with-point": "00.5", "negative-leading-zero": "-01",
        "ends-in-point": "1.", "starts-with-point": ".5", "negative-starts-with-point": "-.5", "only-point": ".",
        "two-points": "1.2.3", "comma": "1,5", "thousands-comma": "1,000.00", "thousands-underscore": "1_000",
        "exponent": "1e2", "exponent-upper-case": "1E2", "exponent-negative": "1.5E-3", "exponent-zero": "1e0",
        "hex": "0x10", "octal": "0o17", "nan": "NaN", "infinity": "Infinity", "minus-infinity": "-Infinity", "inf": "inf",
        "null-word": "null", "letters": "abc", "currency-sign": "$100", "currency-code": "100 USD", "percent-sign": "5%",
        "unicode-minus": "\u22121", "full-width-digits": "\uff11\uff10\uff10", "arabic-indic-digits": "\u0661\u0660",
        "arabic-decimal-separator": "1\u066b5", "nul-at-the-end": "1\x00", "parentheses": "(5)", "fraction": "1/2",
    }.items():
        bad("string-" + name, json.dumps(text), "amount.format")

    for name, raw in {
        "null": "null", "true": "true", "false": "false", "array": "[]", "array-of-number": "[100.0]", "object": "{}",
        "object-with-value": '{"value":100.0}',
    }.items():
        bad("type-" + name, raw, "field.type")

    sums = []

    def add(name, a, b, total, difference):
        for text, value in ((total, EXACT.add(Decimal(a), Decimal(b))), (difference, EXACT.subtract(Decimal(a), Decimal(b)))):
            assert (text is not None) == fits(value), (name, value)
            assert text is None or Decimal(text) == value, (name, value)
        sums.append({"name": name, "a": a, "b": b, "sum": total, "difference": difference})

    nines = "9" * 28
    add("sum-integers", "100", "50", "150", "50")
    add("sum-tenths", "0.1", "0.2", "0.3", "-0.1")
    add("sum-cents", "19.99", "0.01", "20.00", "19.98")
    add("sum-recharge-and-fee", "100.00", "1.50", "101.50", "98.50")
    add("sum-different-scales", "100.0", "0.25", "100.25", "99.75")
    add("sum-to-zero", "-5.50", "5.5", "0", "-11.00")
    add("sum-equal", "150.5", "150.50", "301.00", "0")
    add("sum-with-zero", "0", "7.25", "7.25", "-7.25")
    add("sum-zeros", "0.00", "0", "0", "0")
    add("sum-negatives", "-1.25", "-2.5", "-3.75", "1.25")
    add("sum-carry-chain", "999999999.99", "0.01", "1000000000.00", "999999999.98")
    add("sum-beyond-double", "9007199254740993", "0.01", "9007199254740993.01", "9007199254740992.99")
    add("sum-smallest-places", "0." + "0" * 27 + "1", "0." + "0" * 27 + "2", "0." + "0" * 27 + "3", "-0." + "0" * 27 + "1")
    add("sum-largest-and-zero", nines, "0", nines, nines)
    add("sum-largest-does-not-fit", nines, "1", None, "9" * 27 + "8")
    add("sum-largest-twice-does-not-fit", nines, nines, None, "0")
    add("sum-negative-largest-does-not-fit", "-" + nines, "1", "-" + "9" * 27 + "8", None)
    add("sum-needs-29-digits", nines, "0.1", None, None)
    add("sum-far-apart-scales", "1000000000000000", "0.000000000000000001", None, None)

    compare = []

    def order(name, a, b, expected):
        assert int(EXACT.compare(Decimal(a), Decimal(b))) == expected, name
        compare.append({"name": name, "a": a, "b": b, "order": expected})

    order("order-scales-equal", "1.0", "1.00", 0)
    order("order-integer-and-scaled", "100", "100.000", 0)
    order("order-zeros", "0", "0.00", 0)
    order("order-negative-zero", "-0.0", "0", 0)
    order("order-less", "99.99", "100", -1)
    order("order-greater", "100.01", "100", 1)
    order("order-not-as-text", "9", "10", -1)
    order("order-not-as-text-behind-point", "1.09", "1.1", -1)
    order("order-negatives", "-2", "-1", -1)
    order("order-signs", "-1", "1", -1)
    order("order-negative-equal", "-1.50", "-1.5", 0)
    order("order-negative-and-zero", "-0.01", "0", -1)
    order("order-beyond-double", "9007199254740993", "9007199254740992", 1)
    order("order-beyond-double-behind-point", "0.30000000000000004", "0.3", 1)
    order("order-smallest-place", "0." + "0" * 27 + "1", "0", 1)
    order("order-largest", nines, "9" * 27 + "8", 1)
    order("order-largest-and-smallest-place", nines, "0." + "0" * 27 + "1", 1)
    order("order-largest-scales", "0.1", "0.1" + "0" * 27, 0)

    percent = []

    def fee(name, value, rate, expected):
        exact = EXACT.scaleb(EXACT.multiply(Decimal(value), Decimal(rate)), -2)
        text = plain(exact)
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        text = "0" if Decimal(text) == 0 else text
        assert text == expected and fits(exact), (name, text)
        percent.append({"name": name, "amount": value, "percent": rate, "fee": expected})

    fee("percent-one", "100", "1", "1")
    fee("percent-one-and-a-half", "100.00", "1.5", "1.5")
    fee("percent-of-vendor-amount", "150.5", "2", "3.01")
    fee("percent-not-rounded", "33.33", "2.9", "0.96657")
    fee("percent-of-a-cent", "0.01", "0.01", "0.000001")
    fee("percent-zero", "500.0", "0", "0")
    fee("percent-of-zero", "0.00", "3.5", "0")
    fee("percent-hundred", "123.45", "100", "123.45")
    fee("percent-above-hundred", "10", "250", "25")
    fee("percent-quarter", "0.1", "0.25", "0.00025")
    fee("percent-of-negative", "-50", "3", "-1.5")
    fee("percent-negative", "50", "-3", "-1.5")
    fee("percent-trailing-zeros-gone", "200.00", "5.00", "10")
    fee("percent-many-digits", "1234567.89", "1.2345", "15240.74060205")
    fee("percent-beyond-double", "9007199254740993", "1", "90071992547409.93")
    return {
        "about": "Amounts: exact decimals. json is the raw JSON text, a number or a string of the same grammar without exponent. "
        "text keeps the scale as given, exponents expanded, zero without sign. Limits: 28 significant digits (trailing zeros "
        "count), 28 decimal places, below 10^28. sums, compare and percent (amount * percent / 100) are exact and compared as "
        "numbers, not as text; null says that the result doesn't fit the limits, which is an error and never a rounded value.",
        "source": OWN,
        "cases": cases,
        "sums": sums,
        "compare": compare,
        "percent": percent,
    }


FILES = {
    "card_number.json": card_number,
    "pin.json": pin,
    "cvv.json": cvv,
    "expiry.json": expiry,
    "amount.json": amount,
}
