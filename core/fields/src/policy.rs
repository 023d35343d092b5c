use core::fmt;

use zeroize::Zeroizing;

use crate::pin::PinRules;
use crate::text::{FieldText, digit};
use crate::verdict::FieldReason;

/// A day on which somebody was born.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BirthDate {
    /// The year, with its century: 1987.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day, 1 to 31.
    pub day: u8,
}

impl BirthDate {
    /// Takes `YYYY-MM-DD`, as `<input type="date">` has it. Nothing for another text, or a day that no year has.
    ///
    /// ```
    /// use bananatech_fields::BirthDate;
    /// assert_eq!(BirthDate::parse("1987-03-14"), Some(BirthDate { year: 1987, month: 3, day: 14 }));
    /// assert_eq!(BirthDate::parse("1987-02-30"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text.as_bytes())
    }

    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let [a, b, c, d, b'-', e, f, b'-', g, h] = *text else {
            return None;
        };
        let number = |units: &[u8]| {
            let mut number = 0;
            for unit in units {
                number = number * 10 + u16::from(digit(*unit)?);
            }
            Some(number)
        };
        let (year, month, day) = (number(&[a, b, c, d])?, number(&[e, f])?, number(&[g, h])?);
        if !(1..=days(month)).contains(&day) {
            return None;
        }
        Some(Self {
            year,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }
}

/// What is known of the cardholder, and so is among a thief's first guesses. `Debug` shows nothing of it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct PinContext<'c> {
    /// When the cardholder was born.
    pub birth_date: Option<BirthDate>,
    /// The phone number, in any spelling: only its digits count.
    pub phone: Option<&'c str>,
    /// The number of the card, in any spelling.
    pub card_number: Option<&'c str>,
}

impl fmt::Debug for PinContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinContext(…)")
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(…)")
    }
}

/// Why a PIN is easily guessed. A stable code, to choose words by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weakness {
    /// One digit repeated: 7777.
    Repeat,
    /// Digits in equal steps of one to three, on past 9 or 0 (1234, 8901, 2468, 9630), or numbers of two digits that count
    /// by one, ten or eleven (101112, 102030).
    Sequence,
    /// A shorter block repeated: 1212, 123123.
    RepeatedBlock,
    /// Groups of equal digits: 1122, 111222, 112233.
    Couplets,
    /// The same backwards: 1221, 123321.
    Palindrome,
    /// A year that somebody may remember, 1930 to 2029: 1987.
    Year,
    /// A date in a usual order: 2512, 1225, 251287, 122587, 871225, 122087, 198712, 121987.
    Date,
    /// A way from key to neighbouring key (left, right, up, down) of a keypad, without coming back: 2580, 1236, 147896.
    KeypadWalk,
    /// A shape on a keypad: the four corners or the four keys between them in any order (1397, 2486), or two straight lines
    /// of three keys (147258, 159357).
    KeypadShape,
    /// The cardholder's birth date or parts of it.
    BirthDate,
    /// A part of the cardholder's phone number.
    Phone,
    /// A part of the card's number.
    CardNumber,
}

impl Weakness {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Repeat,
        Self::Sequence,
        Self::RepeatedBlock,
        Self::Couplets,
        Self::Palindrome,
        Self::Year,
        Self::Date,
        Self::KeypadWalk,
        Self::KeypadShape,
        Self::BirthDate,
        Self::Phone,
        Self::CardNumber,
    ];

    /// The code: `repeated_block`, `keypad_walk` …
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Weakness::KeypadWalk.as_str(), "keypad_walk");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Sequence => "sequence",
            Self::RepeatedBlock => "repeated_block",
            Self::Couplets => "couplets",
            Self::Palindrome => "palindrome",
            Self::Year => "year",
            Self::Date => "date",
            Self::KeypadWalk => "keypad_walk",
            Self::KeypadShape => "keypad_shape",
            Self::BirthDate => "birth_date",
            Self::Phone => "phone",
            Self::CardNumber => "card_number",
        }
    }

    const fn bit(self) -> u16 {
        match self {
            Self::Repeat => 1,
            Self::Sequence => 1 << 1,
            Self::RepeatedBlock => 1 << 2,
            Self::Couplets => 1 << 3,
            Self::Palindrome => 1 << 4,
            Self::Year => 1 << 5,
            Self::Date => 1 << 6,
            Self::KeypadWalk => 1 << 7,
            Self::KeypadShape => 1 << 8,
            Self::BirthDate => 1 << 9,
            Self::Phone => 1 << 10,
            Self::CardNumber => 1 << 11,
        }
    }
}

/// The reasons why a PIN is easily guessed; none if it isn't, as far as can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Weaknesses(u16);

impl Weaknesses {
    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether one is among them.
    pub const fn contains(self, weakness: Weakness) -> bool {
        self.0 & weakness.bit() != 0
    }

    /// Each of them, in the order of [`Weakness::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Weakness> {
        Weakness::ALL
            .into_iter()
            .filter(move |weakness| self.contains(*weakness))
    }

    /// A bit for each: the first of [`Weakness::ALL`] is the lowest.
    pub const fn bits(self) -> u16 {
        self.0
    }
}

/// Says why a PIN of 4 to 6 digits is easily guessed. Nothing of it is kept.
///
/// It is advice: the vendor recommends against repeated digits and simple patterns, and doesn't refuse them
/// (04-Physical-Cards). Without a context it finds fault with about a tenth of all PINs, which is what keeps a thief from
/// the likely ones without driving people to the next likely (Markert et al., "This PIN Can Be Easily Guessed", IEEE S&P 2020).
///
/// Errors with what else the text is than a PIN: [`FieldReason::Empty`], [`FieldReason::Incomplete`],
/// [`FieldReason::Characters`], [`FieldReason::TooLong`].
///
/// ```
/// use bananatech_fields::{BirthDate, PinContext, Weakness, review};
/// let context = PinContext {
///     birth_date: Some(BirthDate { year: 1987, month: 3, day: 14 }),
///     ..PinContext::default()
/// };
/// assert!(review("8703", &context)?.contains(Weakness::BirthDate));
/// assert!(review("8305", &context)?.is_empty());
/// # Ok::<(), bananatech_fields::FieldReason>(())
/// ```
pub fn review(pin: &str, context: &PinContext<'_>) -> Result<Weaknesses, FieldReason> {
    let rules = PinRules {
        context: *context,
        ..PinRules::default()
    };
    let field = crate::pin(pin, rules);
    match field.verdict.reason {
        Some(reason) => Err(reason),
        None => Ok(field.weaknesses),
    }
}

/// What is known of the cardholder, as it is looked at.
pub struct Known<'c> {
    /// When the cardholder was born.
    pub birth_date: Option<BirthDate>,
    /// The phone number.
    pub phone: &'c [u8],
    /// The number of the card.
    pub card_number: &'c [u8],
}

/// Reviews a text of 4 to 6 digits.
pub(crate) fn review_in(pin: &FieldText, known: &Known<'_>) -> Weaknesses {
    let mut room = Zeroizing::new([0; 6]);
    let mut length = 0;
    for (place, unit) in room.iter_mut().zip(pin.units()) {
        *place = digit(*unit).unwrap_or(0);
        length += 1;
    }
    let pin = room.get(..length).unwrap_or(&[]);
    let mut found = Weaknesses::default();
    let mut note = |weakness: Weakness, is_so: bool| {
        if is_so {
            found.0 |= weakness.bit();
        }
    };
    let is_repeat = pin.iter().all(|digit| pin.first() == Some(digit));
    note(Weakness::Repeat, is_repeat);
    note(Weakness::Sequence, is_sequence(pin));
    note(
        Weakness::RepeatedBlock,
        !is_repeat && is_repeated_block(pin),
    );
    note(Weakness::Couplets, !is_repeat && is_couplets(pin));
    note(
        Weakness::Palindrome,
        !is_repeat && pin.iter().eq(pin.iter().rev()),
    );
    note(Weakness::Year, year(pin).is_some());
    note(Weakness::Date, is_date(pin));
    note(Weakness::KeypadWalk, is_keypad_walk(pin));
    note(Weakness::KeypadShape, is_keypad_shape(pin));
    if let Some(date) = known.birth_date {
        note(Weakness::BirthDate, is_of_birth_date(pin, date));
    }
    note(Weakness::Phone, is_part_of(pin, known.phone));
    note(Weakness::CardNumber, is_part_of(pin, known.card_number));
    found
}

fn pairs(pin: &[u8]) -> impl Iterator<Item = (u8, u8)> {
    pin.iter().copied().zip(pin.iter().copied().skip(1))
}

/// The step that all neighbours are apart by, up or down, if it is the same; counted round, so that 9 goes on to 0.
fn step(mut neighbours: impl Iterator<Item = (u16, u16)>, round: u16) -> Option<u16> {
    let up = |(a, b): (u16, u16)| (b + round - a) % round;
    let first = neighbours.next().map(up)?;
    let is_same = neighbours.all(|pair| up(pair) == first);
    is_same.then(|| first.min(round - first))
}

fn is_sequence(pin: &[u8]) -> bool {
    let digits = pairs(pin).map(|(a, b)| (u16::from(a), u16::from(b)));
    let numbers = pin.chunks(2).map(value);
    matches!(step(digits, 10), Some(1..=3))
        || pin.len() == 6
            && matches!(
                step(numbers.clone().zip(numbers.skip(1)), 100),
                Some(1 | 10 | 11)
            )
}

fn is_repeated_block(pin: &[u8]) -> bool {
    [2, 3].into_iter().any(|block| {
        pin.len() > block
            && pin.len().is_multiple_of(block)
            && pin
                .iter()
                .eq(pin.iter().skip(block).chain(pin.iter().take(block)))
    })
}

fn is_couplets(pin: &[u8]) -> bool {
    [2, 3].into_iter().any(|group| {
        pin.len().is_multiple_of(group)
            && pin
                .chunks(group)
                .all(|group| pairs(group).all(|(a, b)| a == b))
    })
}

/// The number that some digits are.
fn value(digits: &[u8]) -> u16 {
    digits
        .iter()
        .fold(0, |value, digit| value * 10 + u16::from(*digit))
}

fn year(digits: &[u8]) -> Option<u16> {
    let is_year = digits.len() == 4 && (1930..=2029).contains(&value(digits));
    is_year.then(|| value(digits))
}

fn is_month(digits: &[u8]) -> bool {
    (1..=12).contains(&value(digits))
}

/// Whether there is such a day in some year.
fn is_day(month: &[u8], day: &[u8]) -> bool {
    (1..=days(value(month))).contains(&value(day))
}

/// How many days a month has at most.
fn days(month: u16) -> u16 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

fn is_date(pin: &[u8]) -> bool {
    let Some((first, rest)) = pin.split_at_checked(2) else {
        return false;
    };
    let Some((second, third)) = rest.split_at_checked(2) else {
        return false;
    };
    let starts = is_day(first, second) || is_day(second, first);
    match pin.len() {
        4 => starts,
        // With a year of two digits, whichever, or a year of four and a month.
        6 => {
            starts
                || is_day(second, third)
                || is_month(first) && year(rest).is_some()
                || is_month(third) && pin.get(..4).and_then(year).is_some()
        }
        _ => false,
    }
}

/// Where a key is: column and row.
fn key(digit: u8) -> (i8, i8) {
    const KEYS: [(i8, i8); 10] = [
        (1, 3),
        (0, 0),
        (1, 0),
        (2, 0),
        (0, 1),
        (1, 1),
        (2, 1),
        (0, 2),
        (1, 2),
        (2, 2),
    ];
    KEYS.get(usize::from(digit)).copied().unwrap_or_default()
}

/// The way from one key to another.
fn way(a: u8, b: u8) -> (i8, i8) {
    let (from, to) = (key(a), key(b));
    (to.0 - from.0, to.1 - from.1)
}

fn is_keypad_walk(pin: &[u8]) -> bool {
    let mut seen = 0_u16;
    let is_new = |digit: &u8| {
        let bit = 1 << digit;
        let is_new = seen & bit == 0;
        seen |= bit;
        is_new
    };
    pin.iter().all(is_new)
        && pairs(pin).all(|(a, b)| {
            let (right, down) = way(a, b);
            right.abs() + down.abs() == 1
        })
}

fn is_keypad_shape(pin: &[u8]) -> bool {
    match pin.len() {
        4 => {
            let is_all_of = |keys: [u8; 4]| keys.iter().all(|key| pin.contains(key));
            is_all_of([1, 3, 7, 9]) || is_all_of([2, 4, 6, 8])
        }
        6 => pin.chunks(3).all(is_line),
        _ => false,
    }
}

/// Whether keys lie beside each other in a straight line.
fn is_line(keys: &[u8]) -> bool {
    let mut ways = pairs(keys).map(|(a, b)| way(a, b));
    ways.next().is_some_and(|first| {
        first != (0, 0) && first.0.abs() <= 1 && first.1.abs() <= 1 && ways.all(|way| way == first)
    })
}

/// Whether a PIN is put together of a birth date's parts, each in whole: day, month, year of two or four digits.
fn is_of_birth_date(pin: &[u8], date: BirthDate) -> bool {
    let is_part = |digits: &[u8]| {
        let value = value(digits);
        match digits.len() {
            2 => [u16::from(date.day), u16::from(date.month), date.year % 100].contains(&value),
            4 => date.year == value,
            _ => false,
        }
    };
    match pin.len() {
        4 => is_part(pin) || pin.chunks(2).all(is_part),
        6 => {
            let ends = |at: usize| {
                pin.split_at_checked(at)
                    .is_some_and(|(start, end)| is_part(start) && is_part(end))
            };
            pin.chunks(2).all(is_part) || ends(2) || ends(4)
        }
        _ => false,
    }
}

/// Whether a PIN stands, as it is, among the digits of a text.
fn is_part_of(pin: &[u8], text: &[u8]) -> bool {
    let mut rest = text;
    while let [first, after @ ..] = rest {
        // Only from a digit on, so that a long text without digits is gone through once.
        if digit(*first).is_some() && starts_with(rest, pin) {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether a text's first digits are a PIN.
fn starts_with(text: &[u8], mut pin: &[u8]) -> bool {
    for unit in text {
        let Some(value) = digit(*unit) else {
            continue;
        };
        match pin {
            [first, rest @ ..] if *first == value => pin = rest,
            _ => break,
        }
    }
    pin.is_empty()
}
