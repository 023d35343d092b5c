use crate::text::{FieldText, digit, is_blank, is_space, split};
use crate::verdict::{FieldReason, FieldVerdict, Validity};

/// A month of a year, by the caller's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    /// The year, with its century: 2026.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
}

/// How an expiry date is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExpiryRules {
    /// The month that it is now. A month that isn't 1 to 12 is judged as it compares.
    pub now: YearMonth,
    /// How many years ahead of now's a card may expire: 19 by `card-validator`.
    pub max_years: u16,
}

impl ExpiryRules {
    /// The usual rules: up to 19 years ahead.
    pub const fn at(now: YearMonth) -> Self {
        Self { now, max_years: 19 }
    }
}

/// An expiry date that is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExpiryField {
    /// The verdict.
    pub verdict: FieldVerdict,
    /// The date, if the text says one, though it may be past or too far ahead: the card is good to the end of that month.
    pub value: Option<YearMonth>,
}

/// Judges an expiry date, in the spellings that `card-validator` takes: `12/27`, `12 / 2027`, `12 27`, `1227`, `122027`,
/// `2027-12`, and months of one digit. White space of several kinds, where nothing else is typed or only the month, is as one,
/// where `card-validator` refuses some.
///
/// ```
/// use bananatech_fields::{ExpiryRules, FieldReason, Validity, YearMonth, expiry};
/// let rules = ExpiryRules::at(YearMonth { year: 2026, month: 11 });
/// assert_eq!(expiry("12 / 27", rules).value, Some(YearMonth { year: 2027, month: 12 }));
/// assert_eq!(expiry("1", rules).verdict.validity, Validity::Potential);
/// assert_eq!(expiry("10/26", rules).verdict.reason, Some(FieldReason::Expired));
/// ```
pub fn expiry(text: &str, rules: ExpiryRules) -> ExpiryField {
    expiry_in(&FieldText::of(text), rules)
}

pub(crate) fn expiry_in(text: &FieldText, rules: ExpiryRules) -> ExpiryField {
    if text.is_oversized() {
        return ExpiryField {
            verdict: FieldVerdict::invalid(FieldReason::TooLong),
            value: None,
        };
    }
    let text = text.units();
    let (month, year) = parse(text, rules.now);
    let month = self::month(month);
    let year = self::year(year, rules);
    let value = month
        .value
        .zip(year.value)
        .map(|(month, year)| YearMonth { year, month });
    let verdict = match (month.verdict.validity, year.verdict.validity, value) {
        (Validity::Valid, _, Some(value)) if value.year == rules.now.year => {
            if value.month >= rules.now.month {
                FieldVerdict::VALID
            } else {
                FieldVerdict::invalid(FieldReason::Expired)
            }
        }
        (Validity::Valid, Validity::Valid, _) => FieldVerdict::VALID,
        (Validity::Invalid, ..) => month.verdict,
        (_, Validity::Invalid, _) => year.verdict,
        _ => FieldVerdict::unfinished(is_blank(text)),
    };
    ExpiryField { verdict, value }
}

/// A part of the date.
struct Part<T> {
    verdict: FieldVerdict,
    value: Option<T>,
}

impl<T> Part<T> {
    const fn without(verdict: FieldVerdict) -> Self {
        Self {
            verdict,
            value: None,
        }
    }
}

/// A part's number, however many zeros lead it. `None` for one that isn't all digits; what is too large stays so.
fn number(part: &[u8]) -> Option<u16> {
    let mut number = 0_u16;
    for unit in part {
        number = number
            .saturating_mul(10)
            .saturating_add(u16::from(digit(*unit)?));
    }
    Some(number)
}

fn month(part: &[u8]) -> Part<u8> {
    if part == b"0" || is_blank(part) {
        return Part::without(FieldVerdict::potential(FieldReason::Incomplete));
    }
    match number(part).map(u8::try_from) {
        None => Part::without(FieldVerdict::invalid(FieldReason::Characters)),
        Some(Ok(month @ 1..=12)) => Part {
            verdict: FieldVerdict::VALID,
            value: Some(month),
        },
        Some(_) => Part::without(FieldVerdict::invalid(FieldReason::Month)),
    }
}

fn year(part: &[u8], rules: ExpiryRules) -> Part<u16> {
    let incomplete = Part::without(FieldVerdict::potential(FieldReason::Incomplete));
    if is_blank(part) {
        return incomplete;
    }
    let Some(number) = number(part) else {
        return Part::without(FieldVerdict::invalid(FieldReason::Characters));
    };
    let now = rules.now.year;
    let (century, now_in_century) = (now / 100, now % 100);
    let (year, now_as_written) = match part.len() {
        1 => return incomplete,
        2 if number == century => return incomplete,
        2 => (
            century.saturating_mul(100).saturating_add(number),
            now_in_century,
        ),
        3 if number / 10 == century => return incomplete,
        4 => (number, now),
        _ => return Part::without(FieldVerdict::invalid(FieldReason::Year)),
    };
    let verdict = if number < now_as_written {
        FieldVerdict::invalid(FieldReason::Expired)
    } else if number - now_as_written > rules.max_years {
        FieldVerdict::invalid(FieldReason::TooFar)
    } else {
        FieldVerdict::VALID
    };
    Part {
        verdict,
        value: Some(year),
    }
}

/// The month's and the year's text.
fn parse(text: &[u8], now: YearMonth) -> (&[u8], &[u8]) {
    // `2027-12`, as <input type="month"> has it.
    if let [year @ .., b'-', _] | [year @ .., b'-', _, _] = text
        && year.len() == 4
        && number(year).is_some()
        && let (_, [_, month @ ..]) = split(text, 4)
        && number(month).is_some()
    {
        return (month, year);
    }
    let around = |separator: u8| {
        let at = text.iter().position(|unit| *unit == separator)?;
        let (before, after) = split(text, at);
        Some((before, split(after, 1).1))
    };
    if let Some((mut month, mut year)) = around(b'/') {
        while let [rest @ .., last] = month
            && is_space(*last)
        {
            month = rest;
        }
        while let [first, rest @ ..] = year
            && is_space(*first)
        {
            year = rest;
        }
        return (month, year);
    }
    if let Some((month, mut year)) = around(b' ') {
        while let [b' ', rest @ ..] = year {
            year = rest;
        }
        return (month, year);
    }
    // A text with another white space is no date, whatever its parts are taken to be.
    if text.iter().any(|unit| is_space(*unit)) {
        return (text, &[]);
    }
    split(text, month_digits(text, now))
}

/// How many of a run of digits are the month's.
fn month_digits(text: &[u8], now: YearMonth) -> usize {
    match text {
        [b'0', ..] => 2,
        [b'1', rest @ ..] if matches!(rest, [b'0'..=b'2', ..]) => {
            // `1` and a year, if there can be such a year: `122` is 1/22 until 2022.
            let year = year(rest, ExpiryRules::at(now));
            if year.verdict.is_potentially_valid() {
                1
            } else {
                2
            }
        }
        [b'0'..=b'9', ..] => 1,
        _ if text.len() > 5 => 2,
        _ => 1,
    }
}
