use crate::text::{FieldText, are_digits, from, is_blank, is_space, to};
use crate::verdict::{FieldReason, FieldVerdict};

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

/// As [`expiry`].
pub fn expiry_in(text: &FieldText, rules: ExpiryRules) -> ExpiryField {
    if text.is_oversized() {
        return ExpiryField {
            verdict: FieldVerdict::invalid(FieldReason::TooLong),
            value: None,
        };
    }
    let text = text.units();
    let (month, year) = parse(text, rules.now);
    let month_number = number(month).unwrap_or(0);
    let month = judge_month(month, month_number);
    let (year, year_number) = judge_year(year, rules);
    let value = YearMonth {
        year: u16::try_from(year_number).unwrap_or(0),
        month: u8::try_from(month_number).unwrap_or(0),
    };
    let is_date = month.is_valid() && year_number > 0;
    let verdict = if is_date && value.year == rules.now.year {
        // Of this year, whatever it is said of the year alone.
        if value.month >= rules.now.month {
            FieldVerdict::VALID
        } else {
            FieldVerdict::invalid(FieldReason::Expired)
        }
    } else if month.is_valid() && year.is_valid() {
        FieldVerdict::VALID
    } else if !month.is_potentially_valid() {
        month
    } else if !year.is_potentially_valid() {
        year
    } else {
        FieldVerdict::unfinished(is_blank(text))
    };
    ExpiryField {
        verdict,
        value: is_date.then_some(value),
    }
}

/// A part's number, however many zeros lead it. `None` for one that isn't all digits; what is too large stays so.
fn number(part: &[u8]) -> Option<u32> {
    let mut number = 0;
    for unit in part {
        // A month or a year of more than four digits is none, however many they are.
        number = (number * 10 + u32::from(*unit)).min(99_999);
    }
    are_digits(part).then_some(number)
}

fn judge_month(part: &[u8], number: u32) -> FieldVerdict {
    if part == [0] || is_blank(part) {
        FieldVerdict::potential(FieldReason::Incomplete)
    } else if !are_digits(part) {
        FieldVerdict::invalid(FieldReason::Characters)
    } else if (1..=12).contains(&number) {
        FieldVerdict::VALID
    } else {
        FieldVerdict::invalid(FieldReason::Month)
    }
}

/// The verdict, and the year with its century, if it says one: 0 if not.
fn judge_year(part: &[u8], rules: ExpiryRules) -> (FieldVerdict, u32) {
    let incomplete = FieldVerdict::potential(FieldReason::Incomplete);
    if is_blank(part) {
        return (incomplete, 0);
    }
    let Some(number) = number(part) else {
        return (FieldVerdict::invalid(FieldReason::Characters), 0);
    };
    let now = u32::from(rules.now.year);
    let century = now / 100;
    let year = match part.len() {
        1 => return (incomplete, 0),
        2 if number == century => return (incomplete, 0),
        2 => century * 100 + number,
        3 if number / 10 == century => return (incomplete, 0),
        4 => number,
        _ => return (FieldVerdict::invalid(FieldReason::Year), 0),
    };
    let verdict = if year < now {
        FieldVerdict::invalid(FieldReason::Expired)
    } else if year - now > u32::from(rules.max_years) {
        FieldVerdict::invalid(FieldReason::TooFar)
    } else {
        FieldVerdict::VALID
    };
    (verdict, year)
}

/// The month's and the year's text.
fn parse(text: &[u8], now: YearMonth) -> (&[u8], &[u8]) {
    // `2027-12`, as <input type="month"> has it.
    if let [year @ .., b'-', _] | [year @ .., b'-', _, _] = text
        && year.len() == 4
        && are_digits(year)
        && let month = from(text, 5)
        && are_digits(month)
    {
        return (month, year);
    }
    for separator in [b'/', b' '] {
        let Some(at) = text.iter().position(|unit| *unit == separator) else {
            continue;
        };
        let (mut month, mut year) = (to(text, at), from(text, at + 1));
        // White space around the slash is no part of either; around a space, only spaces are.
        let is_around = |unit: u8| match separator {
            b'/' => is_space(unit),
            _ => unit == separator,
        };
        while let [rest @ .., last] = month
            && is_around(*last)
        {
            month = rest;
        }
        while let [first, rest @ ..] = year
            && is_around(*first)
        {
            year = rest;
        }
        return (month, year);
    }
    // A text with another white space is no date, whatever its parts are taken to be.
    if text.iter().any(|unit| is_space(*unit)) {
        return (text, &[]);
    }
    let month = month_digits(text, now);
    (to(text, month), from(text, month))
}

/// How many of a run of digits are the month's.
fn month_digits(text: &[u8], now: YearMonth) -> usize {
    match text {
        [0, ..] => 2,
        [1, rest @ ..] if matches!(rest, [0..=2, ..]) => {
            // `1` and a year, if there can be such a year: `122` is 1/22 until 2022.
            let (year, _) = judge_year(rest, ExpiryRules::at(now));
            if year.is_potentially_valid() { 1 } else { 2 }
        }
        [0..=9, ..] => 1,
        _ if text.len() > 5 => 2,
        _ => 1,
    }
}
