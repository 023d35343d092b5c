use core::fmt;

use crate::text::{FieldText, is_digit};

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
        Self::read(FieldText::of(text).units())
    }

    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let mut date = 0;
        for (at, unit) in text.iter().enumerate() {
            match (at, unit) {
                (4 | 7, b'-') => {}
                (0..=3 | 5 | 6 | 8 | 9, digit @ 0..=9) => date = date * 10 + u32::from(*digit),
                _ => return None,
            }
        }
        let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
        if text.len() != 10 || !is_day(month, day) {
            return None;
        }
        Some(Self {
            year: u16::try_from(year).ok()?,
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
    /// The phone number, in any spelling: only its digits 0 to 9 count, and of those the ones in the first 1,024 code units.
    pub phone: Option<&'c str>,
    /// The number of the card, in the same way.
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

/// What is known of the cardholder, as it is looked at.
pub struct Known<'c> {
    /// When the cardholder was born.
    pub birth_date: Option<BirthDate>,
    /// The phone number.
    pub phone: &'c [u8],
    /// The number of the card.
    pub card_number: &'c [u8],
}

/// The keys left, right, above and below each, of 0 to 9: bit 1 for the key 1.
const NEIGHBOURS: [u16; 10] = [
    1 << 8,
    1 << 2 | 1 << 4,
    1 << 1 | 1 << 3 | 1 << 5,
    1 << 2 | 1 << 6,
    1 << 1 | 1 << 5 | 1 << 7,
    1 << 2 | 1 << 4 | 1 << 6 | 1 << 8,
    1 << 3 | 1 << 5 | 1 << 9,
    1 << 4 | 1 << 8,
    1 << 5 | 1 << 7 | 1 << 9 | 1,
    1 << 6 | 1 << 8,
];

/// Three keys in a straight line.
const LINES: [u32; 9] = [123, 456, 789, 147, 258, 369, 580, 159, 357];

/// Reviews a text of 4 to 6 digits.
pub(crate) fn review_in(text: &FieldText, known: &Known<'_>) -> Weaknesses {
    let text = text.units();
    let (is_four, is_six) = (text.len() == 4, text.len() == 6);
    // As a number, backwards, and as one of ones only; the digits that were seen; what neighbours have in common.
    let (mut pin, mut reversed, mut ones, mut power) = (0, 0, 0, 1);
    let (mut seen, mut last, mut step) = (0_u32, None, None);
    let (mut is_walk, mut is_counting) = (true, true);
    for unit in text {
        let digit = u32::from(*unit);
        if let Some(last) = last {
            let neighbours = NEIGHBOURS.get(usize::try_from(last).unwrap_or(0));
            is_walk &= u32::from(*neighbours.unwrap_or(&0)) >> digit & 1 == 1;
            let up = (digit + 10 - last) % 10;
            is_counting &= step.is_none_or(|step| step == up) & matches!(up, 1..=3 | 7..=9);
            step = Some(up);
        }
        is_walk &= seen >> digit & 1 == 0;
        seen |= 1 << digit;
        last = Some(digit);
        pin = pin * 10 + digit;
        reversed += digit * power;
        ones += power;
        power *= 10;
    }
    // Two digits each.
    let (first, second, third) = if is_six {
        (pin / 10_000, pin / 100 % 100, pin % 100)
    } else {
        (pin / 100 % 100, pin % 100, pin % 100)
    };
    let (year_first, year_last) = (first * 100 + second, pin % 10_000);
    let (front, back) = (pin / 1000, pin % 1000);

    let is_repeat = pin % ones.max(1) == 0;
    let pair_step = (second + 100 - first) % 100;
    let pairs_count = is_six
        & matches!(pair_step, 1 | 10 | 11 | 89 | 90 | 99)
        & ((third + 100 - second) % 100 == pair_step);
    let is_block =
        (is_four | is_six & (second == third)) & (first == second) | is_six & (front == back);
    let are_pairs = (is_four | is_six) & (first % 11 + second % 11 + third % 11 == 0);
    let is_couplets = are_pairs | is_six & (front % 111 + back % 111 == 0);
    // The four corners, or the four keys between them.
    let is_shape = is_four & matches!(seen, 0b10_1000_1010 | 0b1_0101_0100)
        | is_six & is_line(front, reversed % 1000) & is_line(back, reversed / 1000);

    let starts_with_day = is_day(first, second) | is_day(second, first);
    // With a year of two digits, whichever, or a year of four and a month.
    let is_date = is_four & starts_with_day
        | is_six
            & (starts_with_day
                | is_day(second, third)
                | is_month(first) & is_year(year_last)
                | is_month(third) & is_year(year_first));
    let is_birth_date = known.birth_date.is_some_and(|born| {
        let (day, month) = (u32::from(born.day), u32::from(born.month));
        let year = u32::from(born.year);
        let is_part = |part: u32| (part == day) | (part == month) | (part == year % 100);
        let starts = is_part(first) & is_part(second);
        is_four & (starts | (pin == year))
            | is_six
                & (starts & is_part(third)
                    | is_part(first) & (year_last == year)
                    | is_part(third) & (year_first == year))
    });

    let mut weaknesses = 0;
    // In the order of `Weakness::ALL`, whose first is the lowest bit; so the last comes first.
    for is_so in [
        is_part_of(text, known.card_number),
        is_part_of(text, known.phone),
        is_birth_date,
        is_shape,
        is_walk,
        is_date,
        is_four & is_year(pin),
        !is_repeat & (pin == reversed),
        !is_repeat & is_couplets,
        !is_repeat & is_block,
        is_counting | pairs_count,
        is_repeat,
    ] {
        weaknesses = weaknesses << 1 | u16::from(is_so);
    }
    Weaknesses(weaknesses)
}

fn is_line(keys: u32, backwards: u32) -> bool {
    LINES
        .iter()
        .any(|line| (*line == keys) | (*line == backwards))
}

/// Whether it is a year that somebody may remember.
fn is_year(number: u32) -> bool {
    (1930..=2029).contains(&number)
}

fn is_month(number: u32) -> bool {
    (1..=12).contains(&number)
}

/// Whether there is such a day in some year.
#[inline(never)] // Five times in a module that shall be small.
fn is_day(month: u32, day: u32) -> bool {
    (1..=days(month)).contains(&day)
}

/// How many days a month has at most.
fn days(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Whether a PIN stands, as it is, among the digits of a text.
fn is_part_of(pin: &[u8], text: &[u8]) -> bool {
    let mut rest = text;
    while let [first, after @ ..] = rest {
        // Only from a digit on, so that a long text without digits is gone through once.
        if is_digit(*first) && starts_with(rest, pin) {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether a text's first digits are a PIN.
fn starts_with(text: &[u8], mut pin: &[u8]) -> bool {
    for unit in text {
        if !is_digit(*unit) {
            continue;
        }
        match pin {
            [first, rest @ ..] if first == unit => pin = rest,
            _ => break,
        }
    }
    pin.is_empty()
}
