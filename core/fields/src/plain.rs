//! The fields that are only counted or looked through.

use crate::Brand;
use crate::text::{FieldText, are_digits, is_blank, is_digit, is_separator, trim, trim_units};
use crate::verdict::{FieldReason, FieldVerdict};

/// A field's text without the white space around it, and its verdict. `Debug` doesn't show the text.
#[derive(Clone, Copy)]
pub struct PlainField<'t> {
    /// The verdict.
    pub verdict: FieldVerdict,
    /// The clean value: what is sent, if the verdict is valid.
    pub value: &'t str,
}

impl core::fmt::Debug for PlainField<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PlainField")
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

/// How many digits a security code has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CvvLength {
    /// Three, as most brands have.
    #[default]
    Three,
    /// Four, as American Express has.
    Four,
    /// Three or four: while the brand isn't known.
    ThreeOrFour,
}

impl CvvLength {
    /// The length by brand; three or four while it isn't known.
    ///
    /// ```
    /// use bananatech_fields::{Brand, CvvLength};
    /// assert_eq!(CvvLength::of(Some(Brand::AmericanExpress)), CvvLength::Four);
    /// ```
    pub const fn of(brand: Option<Brand>) -> Self {
        match brand {
            None => Self::ThreeOrFour,
            Some(brand) => match brand.security_code_length() {
                4 => Self::Four,
                _ => Self::Three,
            },
        }
    }

    /// The most digits.
    pub(crate) const fn most(self) -> usize {
        match self {
            Self::Three => 3,
            Self::Four | Self::ThreeOrFour => 4,
        }
    }

    const fn least(self) -> usize {
        match self {
            Self::Three | Self::ThreeOrFour => 3,
            Self::Four => 4,
        }
    }
}

/// Judges a security code (CVV): digits only, nothing around them.
///
/// ```
/// use bananatech_fields::{CvvLength, cvv};
/// assert!(cvv("123", CvvLength::Three).verdict.is_valid());
/// assert!(!cvv("123", CvvLength::Four).verdict.is_valid());
/// ```
pub fn cvv(text: &str, length: CvvLength) -> PlainField<'_> {
    PlainField {
        verdict: cvv_in(&FieldText::of(text), length),
        value: text,
    }
}

/// As [`cvv`].
pub fn cvv_in(text: &FieldText, length: CvvLength) -> FieldVerdict {
    digits(text, length.least(), length.most())
}

/// Digits only, from so many to so many.
pub(crate) fn digits(text: &FieldText, least: usize, most: usize) -> FieldVerdict {
    if text.is_oversized() {
        FieldVerdict::invalid(FieldReason::TooLong)
    } else if !are_digits(text.units()) {
        FieldVerdict::invalid(FieldReason::Characters)
    } else if text.len() < least {
        FieldVerdict::unfinished(text.len() == 0)
    } else if text.len() > most {
        FieldVerdict::invalid(FieldReason::TooLong)
    } else {
        FieldVerdict::VALID
    }
}

/// The longest name, in UTF-16 code units.
pub const MAX_NAME: usize = 255;

/// Judges the name of a card's holder: anything but nothing, and nothing that looks like a card number.
///
/// ```
/// use bananatech_fields::{FieldReason, cardholder_name};
/// assert!(cardholder_name("Zoë Özdemir").verdict.is_valid());
/// assert_eq!(cardholder_name("4111 1111").verdict.reason, Some(FieldReason::LooksLikeNumber));
/// ```
pub fn cardholder_name(text: &str) -> PlainField<'_> {
    PlainField {
        verdict: name_in(&FieldText::of(text)),
        value: trim(text),
    }
}

/// As [`cardholder_name`].
pub fn name_in(text: &FieldText) -> FieldVerdict {
    let is_of_number = |unit: &u8| is_digit(*unit) || is_separator(*unit);
    if text.len() > MAX_NAME {
        FieldVerdict::invalid(FieldReason::TooLong)
    } else if is_blank(text.units()) {
        FieldVerdict::unfinished(true)
    } else if text.units().iter().all(is_of_number) {
        FieldVerdict::potential(FieldReason::LooksLikeNumber)
    } else {
        FieldVerdict::VALID
    }
}

/// Judges a postal code of any country: it begins with letters (A to Z) or digits, and has at least `min_length` characters
/// (UTF-16 code units, at least one); `card-validator` asks for 2.
///
/// ```
/// use bananatech_fields::postal_code;
/// assert!(postal_code("SW1A 1AA", 2).verdict.is_valid());
/// assert!(!postal_code("1", 2).verdict.is_valid());
/// ```
pub fn postal_code(text: &str, min_length: usize) -> PlainField<'_> {
    PlainField {
        verdict: postal_code_in(&FieldText::of(text), min_length),
        value: trim(text),
    }
}

/// As [`postal_code`].
pub fn postal_code_in(text: &FieldText, min_length: usize) -> FieldVerdict {
    let min_length = min_length.max(1);
    let value = trim_units(text.units());
    if text.is_oversized() {
        FieldVerdict::invalid(FieldReason::TooLong)
    } else if value.is_empty() || text.len() < min_length {
        FieldVerdict::unfinished(value.is_empty())
    } else if !value
        .iter()
        .take(min_length)
        .all(|unit| is_digit(*unit) || unit.is_ascii_alphabetic())
    {
        FieldVerdict::potential(FieldReason::Characters)
    } else {
        FieldVerdict::VALID
    }
}
