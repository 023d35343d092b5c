//! Characters and positions as JavaScript knows them.

use zeroize::Zeroize as _;

/// The longest text that is looked at, in UTF-16 code units.
pub const LONGEST: usize = 1024;

/// The digits of other scripts: this is 0.
const ZERO: u8 = 0x10;

/// A white space that isn't the common one.
const SPACE: u8 = 0x80;

/// A dash or a slash that isn't ASCII's.
const SLASH: u8 = 0x81;

/// All that no field has.
const OTHER: u8 = 0xff;

/// A text as the fields look at it: a byte for each UTF-16 code unit. A digit is its value, other ASCII is itself, and what
/// else counts is what it counts for. It is on the stack, and wiped.
pub struct FieldText {
    units: [u8; LONGEST],
    /// May be more than there is room for.
    length: usize,
}

impl FieldText {
    pub(crate) const fn empty() -> Self {
        Self {
            units: [0; LONGEST],
            length: 0,
        }
    }

    pub(crate) fn of(text: &str) -> Self {
        Self::from_utf16(text.encode_utf16())
    }

    /// Takes UTF-16 code units, whether or not they are characters.
    #[inline(never)]
    pub fn from_utf16(units: impl Iterator<Item = u16>) -> Self {
        let mut text = Self::empty();
        let mut before = 0;
        for unit in units {
            text.push(seen_behind(before, unit));
            before = unit;
        }
        text
    }

    #[inline(never)]
    pub(crate) fn push(&mut self, unit: u8) {
        if let Some(place) = self.units.get_mut(self.length) {
            *place = unit;
        }
        self.length += 1;
    }

    /// Whether it is too long to be looked at.
    pub(crate) const fn is_oversized(&self) -> bool {
        self.length > LONGEST
    }

    /// How many code units it has.
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// What is looked at.
    pub fn units(&self) -> &[u8] {
        self.units.get(..self.length).unwrap_or(&self.units)
    }
}

impl Drop for FieldText {
    fn drop(&mut self) {
        let length = self.length.min(LONGEST);
        if let Some(units) = self.units.get_mut(..length) {
            units.zeroize();
        }
    }
}

/// What code units are seen as: the first, how many, and as what. Digits count up.
const SEEN: [(u16, u8, u8); 13] = [
    (0x30, 10, 0),
    // What JavaScript's `\s` and `trim` take for white space (ECMA-262, WhiteSpace and LineTerminator).
    (0x9, 5, SPACE),
    (0xa0, 1, SPACE),
    (0x1680, 1, SPACE),
    (0x2000, 11, SPACE),
    (0x2028, 2, SPACE),
    (0x202f, 1, SPACE),
    (0x205f, 1, SPACE),
    (0x3000, 1, SPACE),
    (0xfeff, 1, SPACE),
    // En dash, full-width slash.
    (0x2013, 1, SLASH),
    (0xff0f, 1, SLASH),
    // Control characters.
    (0, 0x20, OTHER),
];

/// The zeros of Unicode's decimal digits (general category Nd, Unicode 17) but ASCII's. Unicode puts the other nine behind each.
const ZEROS: [u16; 36] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

/// The same of those beyond the Basic Multilingual Plane, less 0x10000.
const ZEROS_BEYOND: [u16; 40] = [
    0x4a0, 0xd30, 0xd40, 0x1066, 0x10f0, 0x1136, 0x11d0, 0x12f0, 0x1450, 0x14d0, 0x1650, 0x16c0,
    0x16d0, 0x16da, 0x1730, 0x18e0, 0x1950, 0x1bf0, 0x1c50, 0x1d50, 0x1da0, 0x1de0, 0x1f50, 0x6130,
    0x6a60, 0x6ac0, 0x6b50, 0x6d70, 0xccf0, 0xd7ce, 0xd7d8, 0xd7e2, 0xd7ec, 0xd7f6, 0xe140, 0xe2f0,
    0xe4f0, 0xe5f1, 0xe950, 0xfbf0,
];

/// What a code unit is seen as behind another one: of a digit of two code units, the second is the digit.
fn seen_behind(before: u16, unit: u16) -> u8 {
    // All digits beyond the Basic Multilingual Plane are in the plane behind it.
    if let (0xd800..=0xd83f, 0xdc00..=0xdfff) = (before, unit) {
        let place = (before - 0xd800) << 10 | (unit - 0xdc00);
        return digit(&ZEROS_BEYOND, place).unwrap_or(OTHER);
    }
    seen_as(unit)
}

/// A digit by the zeros, in ascending order.
fn digit(zeros: &[u16], place: u16) -> Option<u8> {
    let behind = zeros.partition_point(|zero| *zero <= place);
    let zero = zeros.get(behind.checked_sub(1)?)?;
    match u8::try_from(place - zero) {
        Ok(value @ ..10) => Some(ZERO + value),
        _ => None,
    }
}

fn seen_as(unit: u16) -> u8 {
    for (first, count, class) in SEEN {
        if let Ok(place) = u8::try_from(unit.wrapping_sub(first))
            && place < count
        {
            return if class == 0 { place } else { class };
        }
    }
    match u8::try_from(unit) {
        Ok(ascii @ ..0x80) => ascii,
        _ => digit(&ZEROS, unit).unwrap_or(OTHER),
    }
}

/// White space at a text's ends is no part of a value.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| {
        let mut units = [0; 2];
        matches!(c.encode_utf16(&mut units), [unit] if is_space(seen_as(*unit)))
    })
}

pub(crate) fn trim_units(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    text
}

pub(crate) const fn is_space(unit: u8) -> bool {
    matches!(unit, b' ' | SPACE)
}

/// What may stand between a card number's digits.
#[inline(never)] // Smaller so, where size counts.
pub(crate) const fn is_separator(unit: u8) -> bool {
    unit == b'-' || is_space(unit)
}

/// What may stand between month and year.
pub(crate) const fn is_date_separator(unit: u8) -> bool {
    matches!(unit, b'/' | b'.' | SLASH) || is_separator(unit)
}

/// Whether it is an ASCII digit, which is its value.
pub(crate) const fn is_digit(unit: u8) -> bool {
    unit < 10
}

/// Whether it is a digit of any script, whose value is its lowest four bits.
pub(crate) const fn is_any_digit(unit: u8) -> bool {
    unit & !ZERO < 10
}

pub(crate) fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|unit| is_space(*unit))
}

pub(crate) fn are_digits(text: &[u8]) -> bool {
    text.iter().all(|unit| is_digit(*unit))
}

pub(crate) fn count_digits(text: &[u8]) -> usize {
    let mut count = 0;
    for unit in text {
        count += usize::from(is_any_digit(*unit));
    }
    count
}

/// A text up to a position; one beyond its end is its end.
pub(crate) fn to(text: &[u8], position: usize) -> &[u8] {
    text.get(..position).unwrap_or(text)
}

/// A text from a position on; one beyond its end is its end.
pub(crate) fn from(text: &[u8], position: usize) -> &[u8] {
    text.get(position..).unwrap_or(&[])
}
