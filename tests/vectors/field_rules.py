"""Rules of card fields and of PINs, written from what npm's card-validator 10.0.4 and credit-card-type 10.3.0 do, and from
the library's own documentation where they have nothing.
"""

import itertools
import re
from datetime import date, timedelta

# What JavaScript's \s takes.
SPACE = "\\t\\n\\x0b\\x0c\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
LONGEST = 1024

VALID = ("valid", None)


def potential(reason):
    return ("potential", reason)


def invalid(reason):
    return ("invalid", reason)


def unfinished(is_empty):
    return potential("empty" if is_empty else "incomplete")


def units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_digits(text):
    return re.fullmatch("[0-9]*", text) is not None


def luhn(number):
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value // 10 + value % 10
    return total % 10 == 0


# --- brands -------------------------------------------------------------------------------------------------------

FOURS = [4, 8, 12]

# Title, lengths, gaps, security code and its length, prefixes; in the order of the tests.
BRANDS = {
    "visa": ("Visa", [16, 18, 19], FOURS, "CVV", 3, "4"),
    "mastercard": ("Mastercard", [16], FOURS, "CVC", 3, "51-55 2221-2229 223-229 23-26 270-271 2720"),
    "american-express": ("American Express", [15], [4, 10], "CID", 4, "34 37"),
    "diners-club": ("Diners Club", [14, 16, 19], [4, 10], "CVV", 3, "300-305 36 38 39"),
    "discover": ("Discover", [16, 19], FOURS, "CID", 3, "6011 644-649 65"),
    "troy": ("Troy", [16], FOURS, "CVV", 3, """
        9792 650052 650082-650083 650092 650161 650170 650173 650175 650268 650271 650273-650274 650456-650457 650836
        650846-650850 650923 650987 650990 654997 657366 657998 658758 658767-658768 65083700-65083704 65085800-65085804
        65085900-65085901 65086000 65086100-65086105 65086200-65086203 65875000-65875003 65875009 65875101-65875104
        65875200 65875501 65875601 65875900 65876000-65876002 65876100-65876103 65876110 65876115-65876116
        65876200-65876201 65876500 65876504-65876505 65876600-65876602 65877100-65877101 65877600-65877602 65877700
        65877801-65877802 65878200-65878202 65878300-65878311 65878400-65878405 65878500-65878505 65878600-65878601
        65879800 65880800 65880900"""),
    "jcb": ("JCB", [16, 17, 18, 19], FOURS, "CVV", 3, "2131 1800 3528-3589"),
    "unionpay": ("UnionPay", [14, 15, 16, 17, 18, 19], FOURS, "CVN", 3, """
        620 62100-62182 62184-62187 62185-62197 62200-62205 622010-622999 622018 62207-62209 623-626 6270 6272 6276
        627700-627779 627781-627799 6282-6289 6291 6292 810 8110-8131 8132-8151 8152-8163 8164-8171"""),
    "naranja": ("Naranja", [16], FOURS, "CVV", 3, "589562 402918 527572"),
    "verve": ("Verve", [16, 18, 19], FOURS, "CVV", 3, """
        506099-506127 506129 506133-506150 506158-506163 506166 506168 506170 506173 506176-506180 506184 506187-506188
        506191 506195 506197 507865 507866 507868-507877 507880-507888 507900 507941"""),
    "maestro": ("Maestro", [12, 13, 14, 15, 16, 17, 18, 19], FOURS, "CVC", 3, """
        493698 500000-504174 504176-506698 506779-508999 56-59 63 67 6"""),
    "elo": ("Elo", [16], FOURS, "CVE", 3, """
        401178 401179 438935 457631 457632 431274 451416 457393 504175 506699-506778 509000-509999 627780 636297 636368
        650031-650033 650035-650051 650405-650439 650485-650538 650541-650598 650700-650718 650720-650727 650901-650978
        651652-651679 655000-655019 655021-655058"""),
    "mir": ("Mir", [16, 17, 18, 19], FOURS, "CVP2", 3, "2200-2204"),
    "hiper": ("Hiper", [16], FOURS, "CVC", 3, "637095 63737423 63743358 637568 637599 637609 637612"),
    "hipercard": ("Hipercard", [16], FOURS, "CVC", 3, "606282"),
}


def matched(code, digits):
    """How many digits the brand's first fitting prefix has; None if none fits as far as both go."""
    for prefixes in BRANDS[code][5].split():
        low, _, high = prefixes.partition("-")
        shown = digits[: len(low)]
        if low[: len(shown)] <= shown <= (high or low)[: len(shown)]:
            return len(low)
    return None


def brands(digits):
    fitting = {code: length for code in BRANDS if (length := matched(code, digits)) is not None}
    if digits and fitting and all(length <= len(digits) for length in fitting.values()):
        longest = max(fitting.values())
        return [next(code for code, length in fitting.items() if length == longest)]
    return list(fitting)


def brand(digits):
    possible = brands(digits)
    return possible[0] if len(possible) == 1 else None


# --- the fields ---------------------------------------------------------------------------------------------------

def number(text, max_length=None, skip_luhn=False, luhn_unionpay=False):
    value = re.sub(f"[-{SPACE}]", "", text)
    told = {"value": value, "brand": None, "brands": [], "luhn": None}

    def answer(verdict, assignment):
        return {"verdict": verdict, "assignment": assignment, **told}

    if units(text) > LONGEST:
        return answer(invalid("too_long"), invalid("too_long"))
    if not is_digits(value):
        return answer(invalid("characters"), invalid("characters"))
    length = len(value)
    told |= {"brand": brand(value), "brands": brands(value)}
    if length >= 12:
        told["luhn"] = "valid" if luhn(value) else "invalid"
    if length < 16:
        assignment = unfinished(length == 0)
    else:
        assignment = VALID if length <= 19 else invalid("too_long")
    if not told["brands"]:
        return answer(invalid("unknown_brand"), assignment)
    if told["brand"] is None:
        return answer(unfinished(length == 0), assignment)
    lengths = BRANDS[told["brand"]][1]
    most = min(lengths[-1], max_length or lengths[-1])
    exempt = skip_luhn or (told["brand"] == "unionpay" and not luhn_unionpay)
    if length > most or (length == most and length not in lengths):
        verdict = invalid("too_long")
    elif length not in lengths:
        verdict = potential("incomplete")
    elif exempt or luhn(value):
        verdict = VALID
    else:
        verdict = ("potential" if length < most else "invalid", "check_digit")
    return answer(verdict, assignment)


def expiry_parts(text, now):
    """The month's and the year's text."""
    if re.fullmatch("[0-9]{4}-[0-9]{1,2}", text):
        return text[5:], text[:4]
    if "/" in text:
        month, *years = re.split(f"[{SPACE}]*/[{SPACE}]*", text)
    elif re.search(f"[{SPACE}]", text):
        month, *years = re.split(" +", text)
        # One rule of its own: white space alone is no wrong year.
        if not "".join(years).strip():
            years = [""]
    else:
        at = month_length(text, now)
        return text[:at], text[at:]
    return month, ",".join(years)


def month_length(text, now):
    if text[:1] == "0":
        return 2
    if re.match("[2-9]|1[3-9]", text):
        return 1
    if text[:1] == "1":
        return 1 if judged_year(text[1:], now, 19)[0][0] != "invalid" else 2
    return 2 if units(text) > 5 else 1


def judged_year(text, now, max_years):
    if re.fullmatch(f"[{SPACE}]*", text):
        return potential("incomplete"), None
    if not is_digits(text):
        return invalid("characters"), None
    century = now["year"] // 100
    if len(text) == 1 or (len(text) in (2, 3) and int(text[:2]) == century):
        return potential("incomplete"), None
    if len(text) not in (2, 4):
        return invalid("year"), None
    year = int(text) if len(text) == 4 else century * 100 + int(text)
    if year < now["year"]:
        return invalid("expired"), year
    return (VALID if year <= now["year"] + max_years else invalid("too_far")), year


def judged_month(text):
    if re.fullmatch(f"0|[{SPACE}]*", text):
        return potential("incomplete"), None
    if not is_digits(text):
        return invalid("characters"), None
    return (VALID, int(text)) if 1 <= int(text) <= 12 else (invalid("month"), None)


def expiry(text, now, max_years=19):
    if units(text) > LONGEST:
        return invalid("too_long"), None, None
    month_text, year_text = expiry_parts(text, now)
    month_verdict, month = judged_month(month_text)
    year_verdict, year = judged_year(year_text, now, max_years)
    if month is None or year is None:
        date_told = (None, None)
    else:
        date_told = (month, year)
    if month_verdict[0] == "invalid":
        verdict = month_verdict
    elif month is not None and year == now["year"]:
        verdict = VALID if month >= now["month"] else invalid("expired")
    elif year_verdict[0] == "invalid":
        verdict = year_verdict
    elif month is not None and year is not None:
        verdict = VALID
    else:
        verdict = unfinished(re.fullmatch(f"[{SPACE}]*", text) is not None)
    return verdict, *date_told


def only_digits(text, least, most):
    if units(text) > LONGEST:
        return invalid("too_long")
    if not is_digits(text):
        return invalid("characters")
    if len(text) < least:
        return unfinished(text == "")
    return VALID if len(text) <= most else invalid("too_long")


def cvv(text, length):
    return only_digits(text, *{"three": (3, 3), "four": (4, 4), "three_or_four": (3, 4)}[length])


def trimmed(text):
    return re.sub(f"^[{SPACE}]+|[{SPACE}]+\\Z", "", text)


def cardholder_name(text):
    if units(text) > 255:
        return invalid("too_long"), trimmed(text)
    if trimmed(text) == "":
        return potential("empty"), ""
    if re.fullmatch(f"[-0-9{SPACE}]*", text):
        return potential("looks_like_number"), trimmed(text)
    return VALID, trimmed(text)


def postal_code(text, min_length):
    value = trimmed(text)
    if units(text) > LONGEST:
        return invalid("too_long"), value
    if value == "":
        return potential("empty"), value
    if units(text) < min_length:
        return potential("incomplete"), value
    return VALID if re.fullmatch("[A-Za-z0-9]+", value[:min_length]) else potential("characters"), value


# --- PINs ---------------------------------------------------------------------------------------------------------

WEAKNESSES = [
    "repeat", "sequence", "repeated_block", "couplets", "palindrome", "year", "date", "keypad_walk", "keypad_shape",
    "birth_date", "phone", "card_number",
]

NEIGHBOURS = {"1": "24", "2": "135", "3": "26", "4": "157", "5": "2468", "6": "359", "7": "48", "8": "5790", "9": "68", "0": "8"}
LINES = {line[::way] for line in ("123", "456", "789", "147", "258", "369", "580", "159", "357") for way in (1, -1)}


def sequences():
    for length, start, step in itertools.product((4, 5, 6), range(10), (1, 2, 3, -1, -2, -3)):
        yield "".join(str((start + step * place) % 10) for place in range(length))
    for start, step in itertools.product(range(100), (1, 10, 11, -1, -10, -11)):
        yield "".join(f"{(start + step * place) % 100:02}" for place in range(3))


def dates():
    # A leap year has every day.
    for after in range(366):
        day = date(2000, 1, 1) + timedelta(after)
        yield day.strftime("%d%m")
        yield day.strftime("%m%d")
        for year in range(100):
            yield day.strftime(f"%d%m{year:02}")
            yield day.strftime(f"%m%d{year:02}")
            yield day.strftime(f"{year:02}%m%d")
    for year, month in itertools.product(range(1930, 2030), range(1, 13)):
        yield f"{month:02}{year}"
        yield f"{year}{month:02}"


SEQUENCES = frozenset(sequences())
DATES = frozenset(dates())
YEARS = frozenset(str(year) for year in range(1930, 2030))


def made_of(parts, length):
    return {"".join(chosen) for count in (1, 2, 3) for chosen in itertools.product(parts, repeat=count)
            if sum(map(len, chosen)) == length}


def weaknesses(pin, birth_date=None, phone=None, card_number=None):
    """Why a PIN of 4 to 6 digits is weak."""
    repeat = len(set(pin)) == 1
    found = {
        "repeat": repeat,
        "sequence": pin in SEQUENCES,
        "repeated_block": not repeat and any(pin == pin[:n] * (len(pin) // n) for n in (2, 3)),
        "couplets": not repeat and (len(pin) % 2 == 0 and re.fullmatch(r"((.)\2)+", pin) or re.fullmatch(r"((.)\2\2)+", pin)),
        "palindrome": not repeat and pin == pin[::-1],
        "year": pin in YEARS,
        "date": pin in DATES,
        "keypad_walk": len(set(pin)) == len(pin) and all(b in NEIGHBOURS[a] for a, b in zip(pin, pin[1:])),
        "keypad_shape": set(pin) in (set("1379"), set("2468")) and len(pin) == 4
        or len(pin) == 6 and {pin[:3], pin[3:]} <= LINES,
        "phone": pin in re.sub("[^0-9]", "", phone or ""),
        "card_number": pin in re.sub("[^0-9]", "", card_number or ""),
    }
    if birth_date:
        year, month, day = birth_date.split("-")
        found["birth_date"] = pin in made_of({year, year[2:], month, day}, len(pin))
    return [code for code in WEAKNESSES if found.get(code)]


def pin(text, length="four_to_six", refuse_weak=False, **context):
    least = 6 if length == "six" else 4
    verdict = only_digits(text, least, 6)
    if verdict != VALID:
        return verdict, []
    found = weaknesses(text, **context)
    if refuse_weak and found:
        verdict = ("potential" if len(text) < 6 else "invalid", "weak")
    return verdict, found
