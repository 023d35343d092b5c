"""fields.json.

What is expected is written in by hand, save where a case says that it is only counted through; field_rules.py is there to
contradict a slip. What an edit comes to is by hand alone: as somebody at a checkout page would want it.
"""

import re
import unicodedata

import field_rules as rules
from field_rules import VALID, invalid, potential
from value_vectors import ARABIC_INDIC, DEVANAGARI, FULL_WIDTH, number as made

PERSIAN = str.maketrans("0123456789", "".join(chr(0x06F0 + i) for i in range(10)))
INCOMPLETE = potential("incomplete")
EMPTY = potential("empty")
CHARACTERS = invalid("characters")
TOO_LONG = invalid("too_long")
UNKNOWN = invalid("unknown_brand")


def verdict(of):
    return {"validity": of[0], "reason": of[1]}


def brands():
    return [
        {"name": code, "title": title, "lengths": lengths, "gaps": gaps, "security_code": name, "security_code_length": size}
        for code, (title, lengths, gaps, name, size, _) in rules.BRANDS.items()
    ]


# --- card numbers -------------------------------------------------------------------------------------------------

# Prefixes of each brand's numbers: the first and the last of a range, and some that a shorter one of another brand covers.
PREFIXES = {
    "visa": ["4", "453978"],
    "mastercard": ["51", "55", "2221", "2720"],
    "american-express": ["34", "37"],
    "diners-club": ["300", "305", "36", "38", "39"],
    "discover": ["6011", "644", "649", "65"],
    "troy": ["9792", "650052", "65083702", "65878311"],
    "jcb": ["2131", "1800", "3528", "3589"],
    "unionpay": ["620", "62185", "622126", "6270", "627781", "810", "8171"],
    "naranja": ["589562", "402918", "527572"],
    "verve": ["506099", "506163", "507941"],
    "maestro": ["493698", "500000", "56", "63", "67", "69"],
    "elo": ["401178", "504175", "506778", "627780", "655021"],
    "mir": ["2200", "2204"],
    "hiper": ["637095", "63737423"],
    "hipercard": ["606282"],
}


def mistyped(text):
    """The same with another last digit, which is the wrong check digit."""
    return text[:-1] + str((int(text[-1]) + 1) % 10)


def numbers():
    cases = []

    def case(name, text, expected, brand=None, possible=None, assignment=None, luhn=..., **how):
        judged = rules.number(text, **how)
        assert judged["verdict"] == expected, (name, judged)
        assert judged["brand"] == brand, (name, judged)
        assert judged["brands"] == (possible if possible is not None else [brand] if brand else []), (name, judged)
        assert assignment in (None, judged["assignment"]), (name, judged)
        assert luhn in (..., judged["luhn"]), (name, judged)
        cases.append({
            "name": "number-" + name, "text": text, **({"rules": how} if how else {}), **verdict(judged["verdict"]),
            "assignment": verdict(judged["assignment"]), "value": judged["value"], "brand": judged["brand"],
            "brands": judged["brands"], "luhn": judged["luhn"],
        })

    assert PREFIXES.keys() == rules.BRANDS.keys()
    for code, prefixes in PREFIXES.items():
        lengths = rules.BRANDS[code][1]
        shortest, longest = lengths[0], lengths[-1]
        is_checked = code != "unionpay"
        for prefix in prefixes:
            case(f"{code}-{prefix}-of-{shortest}", made(prefix, shortest), VALID, code, luhn="valid")
        prefix = prefixes[0]
        if longest > shortest:
            case(f"{code}-of-{longest}", made(prefix, longest), VALID, code, luhn="valid")
            case(f"{code}-of-{shortest}-mistyped", mistyped(made(prefix, shortest)),
                 potential("check_digit") if is_checked else VALID, code, luhn="invalid")
        case(f"{code}-of-{longest}-mistyped", mistyped(made(prefix, longest)),
             invalid("check_digit") if is_checked else VALID, code, luhn="invalid")
        case(f"{code}-one-short", made(prefix, shortest)[:-1], INCOMPLETE, code)
        case(f"{code}-one-too-many", made(prefix, longest + 1), TOO_LONG, code)

    everyone = list(rules.BRANDS)
    case("empty", "", EMPTY, possible=everyone, assignment=EMPTY, luhn=None)
    case("only-spaces", "   ", EMPTY, possible=everyone, assignment=EMPTY)
    case("only-hyphens", "--", EMPTY, possible=everyone)
    for digits, possible in {
        "1": ["jcb"], "2": ["mastercard", "jcb", "mir"], "22": ["mastercard", "mir"], "21": ["jcb"],
        "3": ["american-express", "diners-club", "jcb"], "4": ["visa", "naranja", "maestro", "elo"],
        "40": ["visa", "naranja", "elo"], "49369": ["visa", "maestro"],
        "5": ["mastercard", "naranja", "verve", "maestro", "elo"], "52": ["mastercard", "naranja"],
        "52757": ["mastercard", "naranja"], "50": ["verve", "maestro", "elo"], "58": ["naranja", "maestro"],
        "6": ["discover", "troy", "unionpay", "maestro", "elo", "hiper", "hipercard"],
        "60": ["discover", "maestro", "hipercard"], "62": ["unionpay", "maestro", "elo"],
        "65": ["discover", "troy", "maestro", "elo"], "6500": ["discover", "troy", "maestro", "elo"],
        "6373742": ["maestro", "hiper"], "8": ["unionpay"], "9": ["troy"],
    }.items():
        brand = possible[0] if len(possible) == 1 else None
        case(f"may-still-be-{digits}", digits, INCOMPLETE, brand, possible, assignment=INCOMPLETE, luhn=None)
    for digits, brand in {
        "41": "visa", "51": "mastercard", "5275730": "mastercard", "34": "american-express", "6011": "discover",
        "650053": "discover", "650052": "troy", "493698": "maestro", "493699": "visa", "402918": "naranja", "402919": "visa",
        "504175": "elo", "504176": "maestro", "606282": "hipercard", "606283": "maestro", "627780": "elo", "63737423": "hiper",
        "63737424": "maestro", "62183": "maestro",
    }.items():
        case(f"only-{digits}", digits, INCOMPLETE, brand)
    for digits in ("0", "7", "12", "18001", "20", "2132", "3527", "9793", "8172", "1234"):
        if rules.brands(digits):
            case(f"still-{digits}", digits, INCOMPLETE, rules.brand(digits), rules.brands(digits))
        else:
            case(f"of-no-brand-{digits}", digits, UNKNOWN, assignment=INCOMPLETE)
    case("vendor-sample", "1234567890123456", UNKNOWN, assignment=VALID, luhn="invalid")
    case("of-no-brand-with-19-digits", "7" * 19, UNKNOWN, assignment=VALID)
    case("of-no-brand-with-20-digits", "7" * 20, UNKNOWN, assignment=TOO_LONG)
    case("american-express-to-assign", "378282246310005", VALID, "american-express", assignment=INCOMPLETE, luhn="valid")
    case("maestro-of-12-to-assign", "675900000009", potential("check_digit"), "maestro", assignment=INCOMPLETE)
    case("visa-of-13", "4222222222222", INCOMPLETE, "visa", luhn="valid")
    case("visa-of-17", made("4", 17), INCOMPLETE, "visa", assignment=VALID)
    case("two-digits-swapped", "4242424242424224", potential("check_digit"), "visa", assignment=VALID, luhn="invalid")

    plain = "4111111111111111"
    grouped = "4111 1111 1111 1111"
    case("grouped-by-spaces", grouped, VALID, "visa", assignment=VALID, luhn="valid")
    case("grouped-by-hyphens", "4111-1111-1111-1111", VALID, "visa", assignment=VALID)
    case("grouped-at-random", " 41-1 1--11111 11 11111- ", VALID, "visa")
    case("no-break-spaces", grouped.replace(" ", "\u00a0"), VALID, "visa")
    case("narrow-no-break-spaces", grouped.replace(" ", "\u202f"), VALID, "visa")
    case("tab-and-newline", "\t" + plain + "\r\n", VALID, "visa")
    case("byte-order-mark", "\ufeff" + plain, VALID, "visa")
    case("zero-width-space", plain + "\u200b", CHARACTERS, assignment=CHARACTERS, luhn=None)
    case("letter", "4111a", CHARACTERS, assignment=CHARACTERS, luhn=None)
    case("letter-o-for-zero", "411111111111111O", CHARACTERS)
    case("point", "4111.1111.1111.1111", CHARACTERS)
    case("en-dash", "4111\u20131111\u20131111\u20131111", CHARACTERS)
    case("plus-sign", "+" + plain, CHARACTERS)
    case("full-width-digits", plain.translate(FULL_WIDTH), CHARACTERS)
    case("arabic-indic-digits", plain.translate(ARABIC_INDIC), CHARACTERS)
    case("emoji", plain + "\U0001F34C", CHARACTERS)
    case("nul", plain + "\x00", CHARACTERS)
    case("longest-text", plain.ljust(1024), VALID, "visa")
    case("longer-than-the-longest-text", plain.ljust(1025), TOO_LONG, assignment=TOO_LONG, luhn=None)
    case("longer-in-utf16-code-units", "\U0001F34C" * 513, TOO_LONG, assignment=TOO_LONG, luhn=None)

    case("at-most-16-of-16", plain, VALID, "visa", max_length=16)
    case("at-most-16-of-16-mistyped", mistyped(plain), invalid("check_digit"), "visa", max_length=16)
    case("at-most-16-of-17", made("4", 17), TOO_LONG, "visa", max_length=16)
    case("at-most-15-of-14", plain[:14], INCOMPLETE, "visa", max_length=15)
    case("at-most-15-of-15", plain[:15], TOO_LONG, "visa", max_length=15)
    case("at-most-17-of-17", made("4", 17), TOO_LONG, "visa", max_length=17)
    case("at-most-30-of-20", made("4", 20), TOO_LONG, "visa", max_length=30)
    case("at-most-none-is-no-rule", plain, VALID, "visa", max_length=0)
    case("at-most-one-of-several-brands", "62", INCOMPLETE, None, ["unionpay", "maestro", "elo"], max_length=1)
    case("luhn-not-asked", mistyped(plain), VALID, "visa", luhn="invalid", skip_luhn=True)
    case("luhn-not-asked-of-too-few", plain[:15], INCOMPLETE, "visa", skip_luhn=True)
    case("luhn-of-unionpay", made("620", 16), VALID, "unionpay", luhn_unionpay=True)
    case("luhn-of-unionpay-mistyped", mistyped(made("620", 16)), potential("check_digit"), "unionpay", luhn_unionpay=True)
    case("luhn-of-unionpay-mistyped-of-19", mistyped(made("620", 19)), invalid("check_digit"), "unionpay", luhn_unionpay=True)
    case("luhn-of-unionpay-not-asked", mistyped(made("620", 19)), VALID, "unionpay", skip_luhn=True, luhn_unionpay=True)
    return cases


# --- expiry -------------------------------------------------------------------------------------------------------

def expiries():
    cases = []
    expired, too_far = invalid("expired"), invalid("too_far")

    def case(name, text, expected, month=None, year=None, now="2026-11", max_years=None):
        now = {"year": int(now[:4]), "month": int(now[5:])}
        told = rules.expiry(text, now, 19 if max_years is None else max_years)
        assert told == (expected, month, year), (name, told)
        cases.append({
            "name": "expiry-" + name, "text": text, "now": now, **({} if max_years is None else {"max_years": max_years}),
            **verdict(expected), "month": month, "year": year,
        })

    case("empty", "", EMPTY)
    case("only-spaces", "  ", EMPTY)
    case("slash", "/", INCOMPLETE)
    case("spaces-of-several-kinds", " \t ", EMPTY)
    case("slash-between-spaces", " / ", INCOMPLETE)
    case("typing-0", "0", INCOMPLETE)
    case("typing-1", "1", INCOMPLETE)
    case("typing-12", "12", INCOMPLETE)
    case("typing-12-slash", "12/", INCOMPLETE)
    case("typing-12-slash-2", "12/2", INCOMPLETE)
    case("typing-12-slash-20", "12/20", INCOMPLETE)
    case("typing-12-slash-202", "12/202", INCOMPLETE)
    case("month-and-space", "12 ", INCOMPLETE)
    case("month-zero-and-slash", "0/", INCOMPLETE)
    case("year-alone", "/27", INCOMPLETE)
    case("usual", "12/27", VALID, 12, 2027)
    case("with-century", "12/2027", VALID, 12, 2027)
    case("spaces-around-the-slash", "12 / 27", VALID, 12, 2027)
    case("no-break-spaces-around-the-slash", "12\u00a0/\u00a02027", VALID, 12, 2027)
    case("space", "12 27", VALID, 12, 2027)
    case("space-and-century", "12 2027", VALID, 12, 2027)
    case("several-spaces", "12   27", VALID, 12, 2027)
    case("month-of-one-digit", "1/27", VALID, 1, 2027)
    case("run-of-four", "1227", VALID, 12, 2027)
    case("run-of-six", "122027", VALID, 12, 2027)
    case("run-of-three-from-2", "327", VALID, 3, 2027)
    case("run-of-five-from-2", "32027", VALID, 3, 2027)
    case("run-of-three-from-0", "032", INCOMPLETE)
    case("run-of-three-from-13", "127", VALID, 1, 2027)
    case("run-of-three-with-a-past-year", "122", INCOMPLETE)
    case("run-of-three-with-the-year-then", "122", VALID, 1, 2022, now="2022-01")
    case("run-from-13", "1327", invalid("year"))
    case("month-input", "2027-12", VALID, 12, 2027)
    case("month-input-of-one-digit", "2027-1", VALID, 1, 2027)
    case("month-input-past", "2026-10", expired, 10, 2026)
    case("month-input-typed", "2027-", CHARACTERS)
    case("hyphen", "12-27", CHARACTERS)
    case("point", "12.27", CHARACTERS)
    case("day-too", "31/12/27", invalid("month"))
    case("two-slashes", "12//27", CHARACTERS)
    case("slash-at-the-end", "12/27/", CHARACTERS)
    case("leading-space", " 12/27", CHARACTERS)
    case("trailing-space", "12/27 ", CHARACTERS)
    case("tab", "12\t27", CHARACTERS)
    case("letter", "12/2a", CHARACTERS)
    case("letters", "dec 27", CHARACTERS)
    case("full-width-digits", "12/27".translate(FULL_WIDTH), CHARACTERS)
    case("emoji", "\U0001F34C", CHARACTERS)
    case("month-00", "00/27", invalid("month"))
    case("month-13", "13/27", invalid("month"))
    case("month-99-alone", "99/", invalid("month"))
    case("month-256", "256/27", invalid("month"))
    case("month-with-many-zeros", "00012/27", VALID, 12, 2027)
    case("month-of-many-digits", "9" * 40 + "/27", invalid("month"))
    case("year-of-five-digits", "12/20270", invalid("year"))
    case("year-of-three-digits", "12/270", invalid("year"))
    case("year-of-many-digits", "12/" + "2" * 40, invalid("year"))
    case("this-month", "11/26", VALID, 11, 2026)
    case("this-month-with-century", "11/2026", VALID, 11, 2026)
    case("last-month", "10/26", expired, 10, 2026)
    case("next-month", "12/26", VALID, 12, 2026)
    case("last-year", "12/25", expired, 12, 2025)
    case("last-year-with-century", "12/2025", expired, 12, 2025)
    case("last-year-without-a-month", "/25", expired)
    case("other-century", "12/1999", expired, 12, 1999)
    case("year-99", "12/99", too_far, 12, 2099)
    case("19-years-ahead", "12/45", VALID, 12, 2045)
    case("20-years-ahead", "01/46", too_far, 1, 2046)
    case("20-years-ahead-with-century", "01/2046", too_far, 1, 2046)
    case("no-year-ahead", "12/26", VALID, 12, 2026, max_years=0)
    case("one-year-ahead-of-none", "01/27", too_far, 1, 2027, max_years=0)
    case("30-years-ahead-of-30", "12/56", VALID, 12, 2056, max_years=30)
    case("in-december-december", "12/26", VALID, 12, 2026, now="2026-12")
    case("in-december-november", "11/26", expired, 11, 2026, now="2026-12")
    case("in-december-january", "01/27", VALID, 1, 2027, now="2026-12")
    case("in-january-december", "12/26", expired, 12, 2026, now="2027-01")
    case("in-january-january", "01/27", VALID, 1, 2027, now="2027-01")
    case("year-20-in-2020", "12/20", INCOMPLETE, now="2020-05")
    case("year-2020-in-2020", "12/2020", VALID, 12, 2020, now="2020-05")
    case("year-21-in-2021", "12/21", VALID, 12, 2021, now="2021-05")
    case("year-00-in-2099", "01/00", expired, 1, 2000, now="2099-12")
    case("year-2100-in-2099", "01/2100", VALID, 1, 2100, now="2099-12")
    case("longest-text", "12/27".rjust(1024), CHARACTERS)
    case("longer-than-the-longest-text", "12/27".rjust(1025), TOO_LONG)
    return cases


# --- the fields that are only looked through ----------------------------------------------------------------------

def cvvs():
    cases = []

    def case(name, text, length, expected):
        assert rules.cvv(text, length) == expected, name
        cases.append({"name": "cvv-" + name, "text": text, "length": length, **verdict(expected)})

    for length, fate in {
        "three": [EMPTY, INCOMPLETE, INCOMPLETE, VALID, TOO_LONG, TOO_LONG],
        "four": [EMPTY, INCOMPLETE, INCOMPLETE, INCOMPLETE, VALID, TOO_LONG],
        "three_or_four": [EMPTY, INCOMPLETE, INCOMPLETE, VALID, VALID, TOO_LONG],
    }.items():
        for count, expected in enumerate(fate):
            case(f"{count}-of-{length}".replace("_", "-"), "01234"[:count], length, expected)
    case("letter", "12a", "three", CHARACTERS)
    case("leading-space", " 123", "three", CHARACTERS)
    case("trailing-newline", "123\n", "three", CHARACTERS)
    case("sign", "-12", "three", CHARACTERS)
    case("full-width-digits", "123".translate(FULL_WIDTH), "three", CHARACTERS)
    case("letters-beyond-the-length", "abcde", "three", CHARACTERS)
    case("emoji", "\U0001F34C", "four", CHARACTERS)
    case("longest-text", "1" * 1024, "three", TOO_LONG)
    case("longer-than-the-longest-text", "a" * 1025, "three", TOO_LONG)
    return cases


def names():
    cases = []

    def case(name, text, expected, value):
        assert rules.cardholder_name(text) == (expected, value), (name, rules.cardholder_name(text))
        cases.append({"name": "name-" + name, "text": text, **verdict(expected), "value": value})

    looks_like_number = potential("looks_like_number")
    case("empty", "", EMPTY, "")
    case("only-spaces", " \u00a0\u3000", EMPTY, "")
    case("usual", "Ada Lovelace", VALID, "Ada Lovelace")
    case("one-letter", "X", VALID, "X")
    case("space-around", "  Ada Lovelace\n", VALID, "Ada Lovelace")
    case("no-break-space-around", "\u00a0Ada\ufeff", VALID, "Ada")
    case("zero-width-space-kept", "\u200bAda", VALID, "\u200bAda")
    case("diacritics", "Zo\u00eb \u00d6zdemir", VALID, "Zo\u00eb \u00d6zdemir")
    case("chinese", "\u738b\u5c0f\u660e", VALID, "\u738b\u5c0f\u660e")
    case("apostrophe-and-hyphen", "Jean-Luc O'Neil", VALID, "Jean-Luc O'Neil")
    case("with-a-digit", "John 3rd", VALID, "John 3rd")
    case("digits", "4111", looks_like_number, "4111")
    case("card-number", "4111 1111 1111 1111", looks_like_number, "4111 1111 1111 1111")
    case("card-number-by-hyphens", " 4111-1111 ", looks_like_number, "4111-1111")
    case("hyphen", "-", looks_like_number, "-")
    case("full-width-digits", "41".translate(FULL_WIDTH), VALID, "41".translate(FULL_WIDTH))
    case("longest", "a" * 255, VALID, "a" * 255)
    case("too-long", "a" * 256, TOO_LONG, "a" * 256)
    case("too-long-by-spaces", "a" + " " * 255, TOO_LONG, "a")
    case("longest-in-utf16-code-units", "\U0001F34C" * 127 + "a", VALID, "\U0001F34C" * 127 + "a")
    case("too-long-in-utf16-code-units", "\U0001F34C" * 128, TOO_LONG, "\U0001F34C" * 128)
    case("digits-too-long", "1" * 256, TOO_LONG, "1" * 256)
    return cases


def postal_codes():
    cases = []

    def case(name, text, expected, value=None, min_length=2):
        value = text if value is None else value
        assert rules.postal_code(text, min_length) == (expected, value), (name, rules.postal_code(text, min_length))
        cases.append({"name": "postal-" + name, "text": text, "min_length": min_length, **verdict(expected), "value": value})

    case("empty", "", EMPTY)
    case("only-spaces", "   ", EMPTY, "")
    case("one-of-two", "1", INCOMPLETE)
    case("two-of-two", "12", VALID)
    case("american", "94103", VALID)
    case("american-of-nine", "94103-1234", VALID)
    case("british", "SW1A 1AA", VALID)
    case("canadian", "k1a 0b1", VALID)
    case("space-around", " 94103 ", VALID, "94103")
    case("space-makes-up-the-length", "1 ", VALID, "1")
    case("hyphen-first", "-1234", potential("characters"))
    case("space-within-the-least", "1 234", potential("characters"))
    case("space-past-the-least", "12 34", VALID)
    case("accented", "\u00c9A1", potential("characters"))
    case("full-width-digits", "94103".translate(FULL_WIDTH), potential("characters"))
    case("kelvin-sign", "\u212aA1", potential("characters"))
    case("emoji", "\U0001F34C\U0001F34C", potential("characters"))
    case("emoji-by-utf16-code-units", "\U0001F34C", potential("characters"))
    case("four-of-five", "9410", INCOMPLETE, min_length=5)
    case("five-of-five", "94103", VALID, min_length=5)
    case("hyphen-within-five", "94-103", potential("characters"), min_length=5)
    case("one-of-one", "1", VALID, min_length=1)
    case("longest-text", "9" * 1024, VALID)
    case("longer-than-the-longest-text", "9" * 1025, TOO_LONG)
    return cases


# --- PINs ---------------------------------------------------------------------------------------------------------

def pins():
    cases = []

    def case(name, text, expected, *weaknesses, length="four_to_six", refuse_weak=False, **context):
        told = rules.pin(text, length, refuse_weak, **context)
        assert told == (expected, list(weaknesses)), (name, told)
        cases.append({
            "name": "pin-" + name, "text": text, "length": length, "refuse_weak": refuse_weak, "context": context,
            **verdict(expected), "weaknesses": list(weaknesses),
        })

    def weak(name, text, *weaknesses, **context):
        case(name, text, VALID, *weaknesses, **context)

    case("empty", "", EMPTY)
    case("one", "4", INCOMPLETE)
    case("three-alike", "111", INCOMPLETE)
    case("four", "4830", VALID)
    case("five", "48307", VALID)
    case("six", "483072", VALID)
    case("seven", "4830729", TOO_LONG)
    case("letter", "48a", CHARACTERS)
    case("space", "48 30", CHARACTERS)
    case("trailing-newline", "4830\n", CHARACTERS)
    case("full-width-digits", "4830".translate(FULL_WIDTH), CHARACTERS)
    case("letters-beyond-the-length", "abcdefgh", CHARACTERS)
    case("emoji", "\U0001F34C", CHARACTERS)
    case("longer-than-the-longest-text", "a" * 1025, TOO_LONG)
    for name, text, expected in (
        ("empty-of-six", "", EMPTY), ("four-of-six", "1111", INCOMPLETE), ("five-of-six", "12345", INCOMPLETE),
        ("six-of-six", "483072", VALID), ("seven-of-six", "4830729", TOO_LONG),
    ):
        case(name, text, expected, length="six")
    case("weak-of-six", "121212", VALID, "repeated_block", "date", length="six")

    weak("repeat", "7777", "repeat")
    weak("repeat-of-five", "77777", "repeat")
    weak("repeat-of-six", "000000", "repeat")
    weak("repeat-that-is-a-date", "1111", "repeat", "date")
    weak("sequence", "3456", "sequence")
    weak("sequence-down", "9876", "sequence")
    weak("sequence-past-nine", "8901", "sequence")
    weak("sequence-past-zero", "1098", "sequence")
    weak("sequence-by-two", "2468", "sequence", "keypad_shape")
    weak("sequence-by-three-down", "9630", "sequence")
    weak("sequence-that-is-a-date", "1234", "sequence")
    weak("sequence-of-five", "34567", "sequence")
    weak("sequence-of-six", "345678", "sequence")
    weak("sequence-of-two-keypad-rows", "123456", "sequence", "keypad_shape")
    weak("sequence-of-numbers", "101112", "sequence", "date")
    weak("sequence-of-tens", "102030", "sequence", "date")
    weak("sequence-of-tens-down", "706050", "sequence")
    weak("sequence-of-elevens", "617283", "sequence")
    weak("sequence-of-numbers-past-99", "989900", "sequence")
    weak("steps-of-four", "0482")
    weak("sequence-broken", "3457")
    weak("block-of-two", "4949", "repeated_block")
    weak("block-of-two-of-six", "909090", "repeated_block")
    weak("block-of-three", "749749", "repeated_block")
    weak("block-cut-off", "49494", "palindrome")
    weak("couplets", "4499", "couplets")
    weak("couplets-of-six", "449977", "couplets")
    weak("triplets", "777888", "couplets")
    weak("couplets-that-count", "778899", "sequence", "couplets")
    weak("couplets-of-five", "44997")
    weak("palindrome", "4994", "palindrome")
    weak("palindrome-of-six", "749947", "palindrome")
    weak("year", "1987", "year")
    weak("year-first", "1930", "year")
    weak("year-before-the-first", "1929")
    weak("year-last", "2029", "year")
    weak("year-after-the-last", "2048")
    weak("date-day-first", "2512", "date")
    weak("date-month-first", "1225", "date")
    weak("date-leap-day", "2902", "date")
    weak("no-date-in-february", "3002")
    weak("no-date-in-april", "3104")
    weak("no-date", "1340")
    weak("date-with-year", "251287", "date")
    weak("date-month-first-with-year", "122587", "date")
    weak("date-year-first", "870425", "date")
    weak("date-of-month-and-year", "091987", "date")
    weak("date-of-year-and-month", "198709", "date")
    weak("no-date-of-year-and-month", "192909")
    weak("keypad-column", "2580", "keypad_walk")
    weak("keypad-way-round", "147896", "keypad_walk")
    weak("keypad-way-of-five", "14785", "keypad_walk")
    weak("keypad-way-across", "1593")
    weak("keypad-corners", "1397", "keypad_shape")
    weak("keypad-corners-crossed", "9173", "keypad_shape")
    weak("keypad-cross", "8246", "keypad_shape")
    weak("keypad-lines", "159357", "keypad_shape")
    weak("keypad-columns", "147369", "keypad_shape")
    weak("keypad-column-down-to-zero", "580741", "keypad_shape")
    weak("keypad-line-and-none", "147382")

    born = {"birth_date": "1974-08-30"}
    weak("birth-year-in-full", "1974", "year", "birth_date", **born)
    weak("birth-year-and-month", "7408", "birth_date", **born)
    weak("birth-day-and-year", "3074", "sequence", "birth_date", **born)
    weak("birth-year-twice", "7474", "repeated_block", "birth_date", **born)
    weak("birth-date", "300874", "date", "birth_date", **born)
    weak("birth-date-shuffled", "743008", "birth_date", **born)
    weak("birth-year-in-full-and-day", "197430", "birth_date", **born)
    weak("birth-day-and-year-in-full", "301974", "birth_date", **born)
    weak("birth-date-of-another", "7409", **born)
    weak("birth-date-cut-through", "8743", **born)
    weak("birth-date-in-five", "30874", **born)
    weak("phone", "5501", "phone", phone="+1 (415) 555-0134")
    weak("phone-across-its-spelling", "1349", phone="+1 (415) 555-0134")
    weak("phone-end", "0134", "phone", phone="+1 (415) 555-0134")
    weak("phone-in-other-digits", "5501", phone="4155550134".translate(FULL_WIDTH))
    weak("phone-without-digits", "4830", phone="none")
    weak("card-number-end", "8394", "card_number", card_number="4929 7712 3456 8394")
    weak("card-number-across-a-gap", "6839", "card_number", card_number="4929 7712 3456 8394")
    weak("card-number-of-another", "8395", card_number="4929 7712 3456 8394")
    weak("all-of-the-context", "0830", "date", "birth_date", "phone", "card_number",
         birth_date="1974-08-30", phone="0830", card_number="083083083083083083")

    case("weak-refused-may-go-on", "7777", potential("weak"), "repeat", refuse_weak=True)
    case("weak-refused-may-go-on-from-five", "77777", potential("weak"), "repeat", refuse_weak=True)
    case("weak-refused", "777777", invalid("weak"), "repeat", refuse_weak=True)
    case("weak-refused-of-six", "345678", invalid("weak"), "sequence", refuse_weak=True, length="six")
    case("weak-refused-by-context", "483072", invalid("weak"), "phone", refuse_weak=True, phone="0483072")
    case("strong-not-refused", "4830", VALID, refuse_weak=True)
    case("too-few-not-refused", "777", INCOMPLETE, refuse_weak=True)
    case("too-many-not-weak", "7777777", TOO_LONG, refuse_weak=True)
    return cases


# --- edits --------------------------------------------------------------------------------------------------------

def at(marked):
    """A text with its caret, `|`, or its selection, `[…]`: the text, and the positions in UTF-16 code units."""
    if "|" in marked:
        before, after = marked.split("|")
        return before + after, [rules.units(before)] * 2
    before, rest = marked.split("[")
    selected, after = rest.split("]")
    start = rules.units(before)
    return before + selected + after, [start, start + rules.units(selected)]


# The zeros of Unicode 17's decimal digits (DerivedGeneralCategory.txt, Nd) but ASCII's. The other nine follow each.
ZEROS = [int(zero, 16) for zero in """
660 6f0 7c0 966 9e6 a66 ae6 b66 be6 c66 ce6 d66 de6 e50 ed0 f20 1040 1090 17e0 1810 1946 19d0 1a80
1a90 1b50 1bb0 1c40 1c50 a620 a8d0 a900 a9d0 a9f0 aa50 abf0 ff10 104a0 10d30 10d40 11066 110f0 11136
111d0 112f0 11450 114d0 11650 116c0 116d0 116da 11730 118e0 11950 11bf0 11c50 11d50 11da0 11de0
11f50 16130 16a60 16ac0 16b50 16d70 1ccf0 1d7ce 1d7d8 1d7e2 1d7ec 1d7f6 1e140 1e2f0 1e4f0 1e5f1
1e950 1fbf0
""".split()]
ANY_DIGIT = {zero + value: str(value) for zero in [ord("0"), *ZEROS] for value in range(10)}
# What Python's Unicode has, however old that is, is among them.
assert all(str(unicodedata.decimal(chr(c), value)) == value for c, value in ANY_DIGIT.items())
assert all(c in ANY_DIGIT for c in range(0x110000) if unicodedata.category(chr(c)) == "Nd")


def digits_of(text):
    return "".join(ANY_DIGIT.get(ord(c), "") for c in text)


def grouped(digits, gaps):
    return "".join(" " * (place in gaps) + digit for place, digit in enumerate(digits))


def edits():
    cases = []

    def case(name, kind, before, edit, after, most=None):
        text, selection = at(before) if isinstance(before, str) else before
        result, end = at(after) if isinstance(after, str) else after
        # By hand is what the caret does; what is written can be contradicted.
        if kind in ("number", "assigned_number") and rules.units(result) <= rules.LONGEST:
            digits = re.sub(" ", "", result)
            brand = rules.brand(digits)
            assert rules.is_digits(digits) and result == grouped(digits, rules.BRANDS[brand][2] if brand else rules.FOURS), name
        if kind == "digits":
            assert rules.is_digits(result), name
        put = edit.get("text")
        if edit["kind"] == "insert" and rules.units(text) <= rules.LONGEST and kind != "expiry":
            utf16 = text.encode("utf-16-le")
            rest = [utf16[: 2 * selection[0]].decode("utf-16-le"), put, utf16[2 * selection[1]:].decode("utf-16-le")]
            assert digits_of(result) in (digits_of("".join(rest)), digits_of(text)), name
        if edit["kind"] == "changed" and kind != "expiry":
            gone = len(digits_of(put)) - len(digits_of(result))
            assert digits_of(result) in (digits_of(put), digits_of(text)) or gone == 1, name
        assert all(0 <= place <= rules.units(result) for place in end), name
        form = {"kind": kind} if most is None else {"kind": kind, "most": most}
        cases.append({
            "name": "edit-" + name, "format": form, "text": text, "selection": selection, "edit": edit,
            "result": {"text": result, "selection": end},
        })

    def insert(text):
        return {"kind": "insert", "text": text}

    def replace(start, end, text):
        return {"kind": "replace", "range": [start, end], "text": text}

    def changed(marked):
        text, selection = at(marked)
        return {"kind": "changed", "text": text, "selection": selection}

    backward, forward, only_format = {"kind": "delete_backward"}, {"kind": "delete_forward"}, {"kind": "format"}

    def typing(name, kind, steps, typed, start="|", **how):
        """Each key, and what is to be seen after it."""
        seen = start
        for place, (key, then) in enumerate(zip(typed, steps, strict=True), start=1):
            case(f"{name}-{place}", kind, seen, insert(key), then, **how)
            seen = then

    def erasing(name, kind, steps, **how):
        for place, (seen, then) in enumerate(zip(steps, steps[1:]), start=1):
            case(f"{name}-{place}", kind, seen, backward, then, **how)

    visa = "4111 1111 1111 1111"
    amex = "3782 822463 10005"

    # A card number, key by key.
    typing("number-typing-visa", "number",
           ["4|", "41|", "411|", "4111|", "4111 1|", "4111 11|", "4111 111|", "4111 1111|", "4111 1111 1|", "4111 1111 11|",
            "4111 1111 111|", "4111 1111 1111|", "4111 1111 1111 1|", "4111 1111 1111 11|", "4111 1111 1111 111|",
            visa + "|"], "4111111111111111")
    typing("number-typing-american-express", "number",
           ["3|", "37|", "378|", "3782|", "3782 8|", "3782 82|", "3782 822|", "3782 8224|", "3782 82246|", "3782 822463|",
            "3782 822463 1|", "3782 822463 10|", "3782 822463 100|", "3782 822463 1000|", amex + "|"], "378282246310005")
    case("number-typing-a-space", "number", "4111|", insert(" "), "4111|")
    case("number-typing-a-letter", "number", "4111 1|", insert("x"), "4111 1|")
    case("number-typing-a-letter-first", "number", "|", insert("x"), "|")
    case("number-typing-in-the-middle", "number", "4111 |1111 1", insert("2"), "4111 2|111 11")
    case("number-typing-before-a-gap", "number", "4111| 1111 1", insert("2"), "4111 2|111 11")
    case("number-typing-up-to-a-gap", "number", "411|2 3456", insert("9"), "4119| 2345 6")
    case("number-typing-in-front", "number", "|111 1", insert("4"), "4|111 1")
    case("number-typing-becomes-american-express", "number", "|7828 2246 310", insert("3"), "3|782 822463 10")
    case("number-typing-over-one-digit", "number", "4[1]11 1111", insert("2"), "42|11 1111")
    case("number-typing-over-a-gap", "number", "4111[ ]1111", insert("2"), "4111 2|111 1")
    case("number-typing-over-all", "number", "[" + visa + "]", insert("5"), "5|")
    case("number-typing-over-the-first-group", "number", "[4111] 1111 1111 1111", insert("5"), "5|111 1111 1111 1")
    case("number-typing-over-a-digit-of-a-full-one", "number", "3782 822463 1000[5]", insert("6"), "3782 822463 10006|")
    case("number-typing-full-width", "number", "4111|", insert("\uff11"), "4111 1|")
    case("number-typing-arabic-indic", "number", "|", insert("\u0664"), "4|")
    case("number-typing-a-seventeenth-visa-digit", "number", visa + "|", insert("1"), "4111 1111 1111 11111|")
    case("number-typing-a-twentieth-visa-digit", "number", "4111 1111 1111 1111111|", insert("1"), "4111 1111 1111 1111111|")
    case("number-typing-a-seventeenth-mastercard-digit", "number", "5555 5555 5555 4444|", insert("4"), "5555 5555 5555 4444|")
    case("number-typing-a-sixteenth-american-express-digit", "number", amex + "|", insert("1"), amex + "|")
    case("number-typing-too-many-in-the-middle", "number", "3782 8|22463 10005", insert("1"), "3782 8|22463 10005")
    case("number-typing-too-many-after-a-gap", "number", "3782 |822463 10005", insert("1"), "3782| 822463 10005")
    case("number-typing-too-many-of-no-brand", "number", "7777 7777 7777 7777777|", insert("7"), "7777 7777 7777 7777777|")
    case("number-typing-a-sixteenth-digit-to-assign", "assigned_number", amex + "|", insert("1"), "3782 822463 100051|")
    case("number-typing-a-seventeenth-digit-to-assign", "assigned_number", "5555 5555 5555 4444|", insert("4"),
         "5555 5555 5555 44444|")
    case("number-typing-a-twentieth-digit-to-assign", "assigned_number", "5555 5555 5555 4444444|", insert("4"),
         "5555 5555 5555 4444444|")

    # Taking back.
    erasing("number-erasing", "number",
            ["4111 1111 1|", "4111 1111|", "4111 111|", "4111 11|", "4111 1|", "4111|", "411|", "41|", "4|", "|", "|"])
    case("number-erasing-across-a-gap", "number", "4123 |4567", backward, "412|4 567")
    case("number-erasing-before-a-gap", "number", "4123| 4567", backward, "412|4 567")
    case("number-erasing-in-the-middle", "number", "4123 45|67", backward, "4123 4|67")
    case("number-erasing-the-first-of-a-group", "number", "4123 4|567", backward, "4123| 567")
    case("number-erasing-at-the-start", "number", "|4123 4567", backward, "|4123 4567")
    case("number-erasing-the-first", "number", "4|123 4567", backward, "|1234 567")
    case("number-erasing-a-selection", "number", "41[23 4]567", backward, "41|56 7")
    case("number-erasing-all", "number", "[" + visa + "]", backward, "|")
    case("number-erasing-a-selected-gap", "number", "4123[ ]4567", backward, "4123| 4567")
    case("number-erasing-becomes-another-brand", "number", "3|782 822463 10005", backward, "|7828 2246 3100 05")
    case("number-erasing-from-too-long", "number", "5555 5555 5555 44443333|", backward, "5555 5555 5555 4444333|")
    case("number-deleting-forward", "number", "41|23 4567", forward, "41|34 567")
    case("number-deleting-forward-across-a-gap", "number", "4123| 4567", forward, "4123| 567")
    case("number-deleting-forward-after-a-gap", "number", "4123 |4567", forward, "4123| 567")
    case("number-deleting-forward-at-the-end", "number", "4123 4567|", forward, "4123 4567|")
    case("number-deleting-forward-a-selection", "number", "4[123 4]567", forward, "4|567")

    # Pasting.
    case("number-pasting", "number", "|", insert("4111111111111111"), visa + "|")
    case("number-pasting-with-spaces", "number", "|", insert(" 4111 1111 1111 1111\n"), visa + "|")
    case("number-pasting-with-hyphens", "number", "|", insert("4111-1111-1111-1111"), visa + "|")
    case("number-pasting-with-words", "number", "|", insert("Card no.: 4111 1111 1111 1111 (Visa)"), visa + "|")
    case("number-pasting-full-width", "number", "|", insert(visa.translate(FULL_WIDTH)), visa + "|")
    case("number-pasting-arabic-indic", "number", "|", insert(visa.translate(ARABIC_INDIC)), visa + "|")
    case("number-pasting-persian", "number", "|", insert(visa.translate(PERSIAN)), visa + "|")
    case("number-pasting-devanagari", "number", "|", insert(visa.translate(DEVANAGARI)), visa + "|")
    case("number-pasting-mathematical-digits", "number", "4|", insert("\U0001D7CF\u00b2\u2460"), "41|")
    case("number-typing-a-digit-of-two-units", "number", "4111|", insert("\U0001D7CF"), "4111 1|")
    case("number-typing-a-digit-of-two-units-too-many", "number", amex + "|", insert("\U0001D7CF"), amex + "|")
    case("number-changed-to-a-digit-of-two-units", "number", "41|11", changed("41\U0001D7D7|11"), "419|1 1")
    case("number-formatting-digits-of-two-units", "number", "\U0001D7D2\U0001D7CF|\U0001D7CF", only_format, "41|1")
    case("number-formatting-within-a-digit-of-two-units", "number", ("\U0001D7D2\U0001D7CF", [3, 3]), only_format, "4|1")
    case("number-pasting-an-emoji", "number", "4111 |1", insert("\U0001F34C"), "4111| 1")
    case("number-pasting-american-express", "number", "|", insert("3782-8224-6310-005"), amex + "|")
    case("number-pasting-over-all", "number", "[" + visa + "]", insert("378282246310005"), amex + "|")
    case("number-pasting-over-a-part", "number", "4111 [1111 1111] 1111", insert("22 22"), "4111 2222| 1111")
    case("number-pasting-in-the-middle", "number", "41|11", insert("2222"), "4122 22|11")
    case("number-pasting-nothing-over-a-part", "number", "4111 [1111] 2222", insert(""), "4111| 2222")
    case("number-pasting-too-long-is-kept", "number", "|", insert("55555555555544443333"), "5555 5555 5555 44443333|")
    case("number-pasting-too-long-in-the-middle-is-kept", "number", "5555 |5555 5555 4444", insert("12"),
         "5555 12|55 5555 554444")
    case("number-typing-after-too-long", "number", "5555 5555 5555 44443333|", insert("1"), "5555 5555 5555 44443333|")
    case("number-pasting-one-digit-too-many", "number", amex + "|", insert(" 1 "), amex + "|")

    # As UIKit asks.
    case("number-replacing-at-the-end", "number", "4111|", replace(4, 4, "1"), "4111 1|")
    case("number-replacing-the-last-by-nothing", "number", "4111 1|", replace(5, 6, ""), "4111|")
    case("number-replacing-a-gap-before-the-caret", "number", "4123 |4567", replace(4, 5, ""), "412|4 567")
    case("number-replacing-a-gap-after-the-caret", "number", "4123| 4567", replace(4, 5, ""), "4123| 567")
    case("number-replacing-a-selected-part", "number", "41[23 4]567", replace(2, 6, "9"), "419|5 67")
    case("number-replacing-all-by-autofill", "number", "41|", replace(0, 2, "5555555555554444"), "5555 5555 5555 4444|")
    case("number-replacing-elsewhere-than-selected", "number", "4123 4567|", replace(1, 2, "99"), "499|2 3456 7")
    case("number-replacing-one-too-many", "number", amex + "|", replace(17, 17, "1"), amex + "|")

    # As browsers and Android tell it afterwards.
    case("number-changed-by-typing", "number", "4111|", changed("41111|"), "4111 1|")
    case("number-changed-by-typing-in-the-middle", "number", "4111 |1111 1", changed("4111 2|1111 1"), "4111 2|111 11")
    case("number-changed-by-typing-the-same-digit-in-front", "number", "|1111", changed("1|1111"), "1|111 1")
    case("number-changed-by-erasing", "number", "4111 1|", changed("4111 |"), "4111|")
    case("number-changed-by-erasing-a-gap", "number", "4123 |4567", changed("4123|4567"), "412|4 567")
    case("number-changed-by-erasing-before-a-gap", "number", "4123| 4567", changed("412| 4567"), "412|4 567")
    case("number-changed-by-deleting-a-gap-forward", "number", "4123| 4567", changed("4123|4567"), "4123| 567")
    case("number-changed-by-deleting-forward", "number", "41|23 4567", changed("41|3 4567"), "41|34 567")
    case("number-changed-by-erasing-a-selection", "number", "41[23 4]567", changed("41|567"), "41|56 7")
    case("number-changed-by-typing-over-all", "number", "[" + visa + "]", changed("5|"), "5|")
    case("number-changed-by-erasing-a-selected-gap", "number", "4123[ ]4567", changed("4123|4567"), "4123| 4567")
    case("number-changed-by-pasting-over-a-digit-of-a-full-one", "number", "3782 822463 1000[5]", changed("3782 822463 100056|"),
         "3782 822463 100056|")
    case("number-changed-by-a-letter", "number", "4111 1|", changed("4111 1x|"), "4111 1|")
    case("number-changed-by-one-too-many", "number", amex + "|", changed(amex + "1|"), amex + "|")
    case("number-changed-by-one-too-many-in-the-middle", "number", "3782 8|22463 10005", changed("3782 81|22463 10005"),
         "3782 8|22463 10005")
    case("number-changed-by-pasting", "number", "|", changed("4111-1111-1111-1111|"), visa + "|")
    case("number-changed-by-pasting-in-the-middle", "number", "41|11", changed("412222|11"), "4122 22|11")
    case("number-changed-by-autofill", "number", "|", changed("4111111111111111|"), visa + "|")
    case("number-changed-by-autofill-over-another", "number", "5555 1|", changed("378282246310005|"), amex + "|")
    case("number-changed-by-autofill-with-the-caret-in-front", "number", "5555 1|", changed("|378282246310005"), "|" + amex)
    case("number-changed-by-autofill-too-long", "number", "4|", changed("55555555555544443333|"), "5555 5555 5555 44443333|")
    case("number-changed-by-clearing", "number", "4111 1|", changed("|"), "|")
    case("number-changed-by-nothing", "number", "4111 1|", changed("4111 1|"), "4111 1|")

    # Only written anew.
    case("number-formatting", "number", "4111111|1", only_format, "4111 111|1")
    case("number-formatting-a-selection", "number", "41[111]1", only_format, "41[11 1]1")
    case("number-formatting-all-selected", "number", "[378282246310005]", only_format, "[" + amex + "]")
    case("number-formatting-what-is-so-already", "number", "4111 [1111 1]111", only_format, "4111[ 1111 1]111")
    case("number-formatting-with-other-characters", "number", "a4-1\u00a01|1\U0001F34C1", only_format, "411|1 1")
    case("number-formatting-beyond-the-end", "number", ("4111", [9, 99]), only_format, "4111|")
    case("number-formatting-within-a-character", "number", ("4\U0001F34C1", [2, 2]), only_format, "4|1")
    case("number-formatting-no-brand", "number", "12345678|", only_format, "1234 5678|")
    case("number-longest-text", "number", "4|" + "1" * 1021, insert("11"), "411|1 1111 1111 " + "1" * 1012)
    case("number-longer-than-the-longest-text", "number", "4|" + "a" * 1023, insert("b"), "4b|" + "a" * 1023)

    # An expiry date.
    typing("expiry-typing-12-27", "expiry", ["1|", "12/|", "12/2|", "12/27|"], "1227")
    typing("expiry-typing-with-the-slash", "expiry", ["1|", "12/|", "12/|", "12/2|", "12/27|"], "12/27")
    typing("expiry-typing-with-century", "expiry", ["0|", "09/|", "09/2|", "09/20|", "09/202|", "09/2027|"], "092027")
    typing("expiry-typing-a-month-of-one-digit", "expiry", ["03/|", "03/2|", "03/27|"], "327")
    typing("expiry-typing-1-and-a-slash", "expiry", ["1|", "01/|", "01/2|", "01/27|"], "1/27")
    typing("expiry-typing-13", "expiry", ["1|", "01/3|", "01/30|"], "130")
    typing("expiry-typing-spaces", "expiry", ["1|", "12/|", "12/|", "12/|", "12/|", "12/2|", "12/27|"], "12 / 27")
    case("expiry-typing-1-and-a-hyphen", "expiry", "1|", insert("-"), "01/|")
    case("expiry-typing-1-and-a-point", "expiry", "1|", insert("."), "01/|")
    case("expiry-typing-1-and-a-space", "expiry", "1|", insert(" "), "01/|")
    case("expiry-typing-0-and-a-slash", "expiry", "0|", insert("/"), "0|")
    case("expiry-typing-a-slash-first", "expiry", "|", insert("/"), "|")
    case("expiry-typing-00", "expiry", "0|", insert("0"), "00/|")
    case("expiry-typing-a-letter", "expiry", "12/2|", insert("x"), "12/2|")
    case("expiry-typing-full-width", "expiry", "1|", insert("\uff12"), "12/|")
    case("expiry-typing-one-too-many", "expiry", "12/27|", insert("8"), "12/27|")
    case("expiry-typing-one-too-many-after-the-slash", "expiry", "12/|27", insert("3"), "12/|27")
    case("expiry-typing-one-too-many-with-century", "expiry", "12/2027|", insert("8"), "12/2027|")
    case("expiry-typing-one-too-many-in-the-month", "expiry", "1|2/27", insert("0"), "1|2/27")
    case("expiry-typing-the-century-in", "expiry", "12/2|7", insert("0"), "12/20|7")
    case("expiry-typing-over-the-year", "expiry", "12/[27]", insert("3"), "12/3|")
    case("expiry-typing-over-a-digit-of-the-year", "expiry", "12/2[7]", insert("8"), "12/28|")
    case("expiry-typing-over-all", "expiry", "[12/27]", insert("3"), "03/|")
    case("expiry-typing-after-the-slash-was-taken-back", "expiry", "12|", insert("2"), "12/2|")
    typing("expiry-typing-another-month", "expiry", ["1|/27", "11/|27"], "11", start="|/27")
    typing("expiry-typing-another-month-from-0", "expiry", ["0|/27", "09/|27"], "09", start="|/27")
    typing("expiry-typing-another-month-of-one-digit", "expiry", ["03/|27"], "3", start="|/27")
    typing("expiry-typing-another-month-and-a-slash", "expiry", ["1|/27", "01/|27"], "1/", start="|/27")
    typing("expiry-typing-over-the-month", "expiry", ["1|/27", "10/|27"], "10", start="[12]/27")
    typing("expiry-typing-over-the-month-from-0", "expiry", ["0|/27", "09/|27"], "09", start="[12]/27")
    case("expiry-typing-the-year-of-a-short-month", "expiry", "1/2|", insert("7"), "01/27|")
    case("expiry-typing-too-many-without-a-month", "expiry", "/27|", insert("8"), "/27|")
    erasing("expiry-erasing", "expiry", ["12/27|", "12/2|", "12|", "1|", "|", "|"])
    case("expiry-erasing-over-the-slash", "expiry", "12/|", backward, "1|")
    case("expiry-erasing-over-the-slash-with-a-year", "expiry", "12/|27", backward, "1|/27")
    case("expiry-erasing-up-to-the-slash", "expiry", "12/2|7", backward, "12/|7")
    case("expiry-erasing-a-padded-month", "expiry", "03/|", backward, "0|")
    erasing("expiry-erasing-the-month", "expiry", ["12|/27", "1|/27", "|/27", "|/27"])
    case("expiry-erasing-a-selected-month", "expiry", "[12]/27", backward, "|/27")
    case("expiry-erasing-a-selected-month-and-slash", "expiry", "[12/]27", backward, "|2/7")
    case("expiry-erasing-the-year-without-a-month", "expiry", "/27|", backward, "/2|")
    case("expiry-erasing-the-year", "expiry", "12/[27]", backward, "12|")
    case("expiry-erasing-all", "expiry", "[12/27]", backward, "|")
    case("expiry-deleting-forward", "expiry", "12/|27", forward, "12/|7")
    case("expiry-deleting-forward-the-month", "expiry", "|2/27", forward, "|/27")
    case("expiry-deleting-forward-over-the-slash", "expiry", "12|/27", forward, "12/|7")
    case("expiry-pasting", "expiry", "|", insert("12/27"), "12/27|")
    case("expiry-pasting-spaces", "expiry", "|", insert("12 / 2027"), "12/2027|")
    case("expiry-pasting-a-run", "expiry", "|", insert("1227"), "12/27|")
    case("expiry-pasting-a-run-with-century", "expiry", "|", insert("122027"), "12/2027|")
    case("expiry-pasting-a-hyphen", "expiry", "|", insert("12-27"), "12/27|")
    case("expiry-pasting-a-month-of-one-digit", "expiry", "|", insert("1/27"), "01/27|")
    case("expiry-pasting-the-year-first", "expiry", "|", insert("2027-12"), "12/2027|")
    case("expiry-pasting-the-year-first-and-one-digit", "expiry", "|", insert("2027-1"), "01/2027|")
    case("expiry-pasting-a-date-behind-a-month", "expiry", "03|", insert("12/27"), "03/1227|")
    case("expiry-pasting-full-width", "expiry", "|", insert("12/27".translate(FULL_WIDTH).replace("/", "\uff0f")), "12/27|")
    case("expiry-pasting-over-all", "expiry", "[12/27]", insert("01/30"), "01/30|")
    case("expiry-pasting-too-long-is-kept", "expiry", "|", insert("12/27/2030"), "12/272030|")
    case("expiry-replacing-the-slash-by-nothing", "expiry", "12/|", replace(2, 3, ""), "1|")
    case("expiry-changed-by-typing", "expiry", "1|", changed("12|"), "12/|")
    case("expiry-changed-by-pasting-the-same-month", "expiry", "[12/27]", changed("12|"), "12/|")
    case("expiry-changed-by-typing-3", "expiry", "|", changed("3|"), "03/|")
    case("expiry-changed-by-erasing-the-slash", "expiry", "12/|", changed("12|"), "1|")
    case("expiry-changed-by-erasing-the-month", "expiry", "[12]/27", changed("|/27"), "|/27")
    case("expiry-changed-by-typing-over-the-month", "expiry", "[12]/27", changed("1|/27"), "1|/27")
    case("expiry-changed-by-erasing-the-year", "expiry", "12/2|", changed("12/|"), "12|")
    case("expiry-changed-by-autofill", "expiry", "|", changed("12/2027|"), "12/2027|")
    case("expiry-changed-by-autofill-from-a-month-input", "expiry", "1|", changed("2027-12|"), "12/2027|")
    case("expiry-changed-by-autofill-of-a-short-month", "expiry", "|", changed("1/27|"), "01/27|")
    case("expiry-formatting", "expiry", "1227|", only_format, "12/27|")
    case("expiry-formatting-a-month", "expiry", "12|", only_format, "12|")
    case("expiry-formatting-a-short-month", "expiry", "1/27|", only_format, "01/27|")
    case("expiry-formatting-without-a-month", "expiry", "|/27", only_format, "|/27")
    case("expiry-formatting-what-is-so-already", "expiry", "12/27|", only_format, "12/27|")
    case("expiry-formatting-with-the-caret-after-the-slash", "expiry", "12/|", only_format, "12/|")
    case("expiry-formatting-with-the-caret-before-the-slash", "expiry", "12|/27", only_format, "12|/27")
    case("expiry-formatting-a-selected-year", "expiry", "12/[27]", only_format, "12/[27]")
    case("expiry-formatting-a-selected-month", "expiry", "[12]/27", only_format, "[12]/27")
    case("expiry-formatting-a-selection", "expiry", "1[2/2]7", only_format, "1[2/2]7")

    # A PIN and a security code.
    typing("pin-typing", "digits", ["4|", "48|", "483|", "4830|", "48307|", "483072|", "483072|"], "4830729", most=6)
    case("cvv-typing-a-fourth", "digits", "123|", insert("4"), "123|", most=3)
    case("pin-typing-a-letter", "digits", "48|", insert("x"), "48|", most=6)
    case("pin-typing-in-the-middle", "digits", "48|30", insert("9"), "489|30", most=6)
    case("pin-typing-over-a-part", "digits", "4[83]0", insert("9"), "49|0", most=6)
    case("pin-typing-over-a-full-one", "digits", "48307[2]", insert("9"), "483079|", most=6)
    case("pin-typing-devanagari", "digits", "4|", insert("\u096e"), "48|", most=6)
    for zero in ZEROS:
        every = "".join(chr(zero + value) for value in range(10))
        around = "".join(chr(c) for c in (zero - 1, zero + 10) if c not in ANY_DIGIT)
        case(f"digits-from-{zero:04x}", "digits", "|", insert(every + around), "0123456789|", most=10)
    # Superscript, circled, a fraction, a Roman numeral, a Chinese number: of a value, but no decimal digits.
    case("digits-that-are-not-decimal", "digits", "4|", insert("\u00b2\u2461\u00bd\u2160\u4e00"), "4|", most=6)
    case("pin-erasing", "digits", "48|30", backward, "4|30", most=6)
    case("pin-deleting-forward", "digits", "48|30", forward, "48|0", most=6)
    case("pin-pasting-with-spaces", "digits", "|", insert(" 48 30 "), "4830|", most=6)
    case("pin-pasting-too-long-is-kept", "digits", "|", insert("4830729"), "4830729|", most=6)
    case("pin-changed-by-one-too-many", "digits", "48307|2", changed("483079|2"), "48307|2", most=6)
    case("pin-changed-by-autofill", "digits", "1|", changed("4830|"), "4830|", most=6)
    case("pin-formatting", "digits", "4-8[-3]-0", only_format, "48[3]0", most=6)
    case("nothing-fits-in-no-digits", "digits", "|", insert("1"), "|", most=0)
    return cases


def fields():
    content = {
        "about": "Fields of a card while they are typed: verdicts by the semantics of npm's card-validator 10.0.4 and "
        "credit-card-type 10.3.0, with reasons; the review of PINs; and what an edit of a field's text comes to. Positions are "
        "UTF-16 code units. A text of more than 1024 of them isn't looked at.",
        "source": "Facts of card-validator and credit-card-type and rules of the library; expectations written in by hand and "
        "checked by the rules in field_rules.py.",
        "brands": brands(),
        "number": numbers(),
        "expiry": expiries(),
        "cvv": cvvs(),
        "cardholder_name": names(),
        "postal_code": postal_codes(),
        "pin": pins(),
        "edit": edits(),
    }
    told = {case[key] for cases in content.values() if isinstance(cases, list) for case in cases for key in case if key == "reason"}
    assert told - {None} == {
        "empty", "incomplete", "characters", "too_long", "unknown_brand", "check_digit", "month", "year", "expired", "too_far",
        "looks_like_number", "weak",
    }, told
    assert {code for case in content["pin"] for code in case["weaknesses"]} == set(rules.WEAKNESSES)
    return content


FILES = {"fields.json": fields}
