use core::fmt;

#[cfg(feature = "alloc")]
use alloc::string::String;

use crate::brand::{Brand, Brands};
use crate::text::{FieldText, is_digit, is_separator, trim};
use crate::verdict::{FieldReason, FieldVerdict};

/// Whether a card number's last digit is the right check digit (ISO/IEC 7812-1, annex B).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Luhn {
    /// The check digit is right.
    Valid,
    /// The check digit is wrong: most likely a typing error, though issuers' samples may fail it as well.
    Invalid,
}

impl Luhn {
    /// A stable name: `valid`, `invalid`.
    ///
    /// ```
    /// assert_eq!(bananatech_fields::Luhn::Valid.as_str(), "valid");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
        }
    }
}

/// The verdict on the check digit of a number. What isn't a digit is passed over.
///
/// ```
/// use bananatech_fields::{Luhn, luhn};
/// assert_eq!(luhn("4111 1111 1111 1111"), Luhn::Valid);
/// assert_eq!(luhn("1234567890123456"), Luhn::Invalid);
/// ```
pub fn luhn(number: &str) -> Luhn {
    let digits = number.bytes().map(|byte| byte.wrapping_sub(b'0'));
    luhn_of(digits.filter(|digit| is_digit(*digit)))
}

/// The same for the values of digits. They are taken two at a time, from the last one on, so that none has to be asked whether
/// it counts twice.
pub fn luhn_of(mut digits: impl DoubleEndedIterator<Item = u8>) -> Luhn {
    let mut sum = 0_u32;
    while let Some(digit) = digits.next_back() {
        sum += u32::from(digit);
        if let Some(doubled) = digits.next_back() {
            let doubled = u32::from(doubled) * 2;
            sum += if doubled > 9 { doubled - 9 } else { doubled };
        }
    }
    if sum.is_multiple_of(10) {
        Luhn::Valid
    } else {
        Luhn::Invalid
    }
}

/// How strictly a card number is judged. The default is `card-validator`'s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NumberRules {
    /// The most digits to take, if that is fewer than the brand has; 0 is as nothing.
    pub max_length: Option<u8>,
    /// Whether a wrong check digit is let pass, for all brands.
    pub skip_luhn: bool,
    /// Whether UnionPay's numbers have to have the right check digit as well: many of them don't.
    pub luhn_unionpay: bool,
}

/// A card number that is being typed.
///
/// `Debug` doesn't show it.
#[derive(Clone, Copy)]
pub struct NumberField<'t> {
    text: &'t str,
    /// The verdict as a card number of its brand, by the semantics of `card-validator`.
    pub verdict: FieldVerdict,
    /// The verdict on it as the number of a card to assign to a user: this issuer takes 16 to 19 digits of any brand
    /// (04-Physical-Cards), and doesn't ask for the check digit, which its own sample fails.
    pub assignment: FieldVerdict,
    /// The brand, once only one is possible.
    pub brand: Option<Brand>,
    /// The brands that are still possible; none if the text has other characters than digits, spaces and hyphens.
    pub brands: Brands,
    /// The verdict on the check digit alone, whatever the brand; nothing before 12 digits, the least that a brand has.
    pub luhn: Option<Luhn>,
}

/// Judges a card number: digits, with spaces and hyphens wherever they were typed.
///
/// ```
/// use bananatech_fields::{Brand, FieldReason, NumberRules, Validity, number};
/// let typing = number("4111 11", NumberRules::default());
/// assert_eq!(typing.verdict.validity, Validity::Potential);
/// assert_eq!(typing.verdict.reason, Some(FieldReason::Incomplete));
/// assert_eq!(typing.brand, Some(Brand::Visa));
/// assert!(number("4111 1111 1111 1111", NumberRules::default()).verdict.is_valid());
/// ```
pub fn number(text: &str, rules: NumberRules) -> NumberField<'_> {
    NumberField {
        text,
        ..number_in(&FieldText::of(text), rules)
    }
}

/// As [`number`], without the clean value.
pub fn number_in(text: &FieldText, rules: NumberRules) -> NumberField<'static> {
    let mut field = NumberField {
        text: "",
        verdict: FieldVerdict::invalid(FieldReason::TooLong),
        assignment: FieldVerdict::invalid(FieldReason::TooLong),
        brand: None,
        brands: Brands::NONE,
        luhn: None,
    };
    if text.is_oversized() {
        return field;
    }
    let mut length = 0;
    for unit in text.units() {
        if is_digit(*unit) {
            length += 1;
        } else if !is_separator(*unit) {
            field.verdict = FieldVerdict::invalid(FieldReason::Characters);
            field.assignment = field.verdict;
            return field;
        }
    }
    field.brands = Brands::of_units(text.units());
    field.brand = field.brands.only();
    if length >= LEAST {
        let digits = text.units().iter().copied();
        field.luhn = Some(luhn_of(digits.filter(|unit| is_digit(*unit))));
    }
    field.assignment = match length {
        0..=15 => FieldVerdict::unfinished(length == 0),
        16..=19 => FieldVerdict::VALID,
        _ => FieldVerdict::invalid(FieldReason::TooLong),
    };
    field.verdict = match field.brand {
        None if field.brands.is_empty() => FieldVerdict::invalid(FieldReason::UnknownBrand),
        None => FieldVerdict::unfinished(length == 0),
        Some(brand) => judge(brand, length, field.luhn, rules),
    };
    field
}

/// The fewest digits that a brand's numbers have.
const LEAST: usize = 12;

fn judge(brand: Brand, length: usize, luhn: Option<Luhn>, rules: NumberRules) -> FieldVerdict {
    let most = match rules.max_length {
        Some(most @ 1..) => brand.longest().min(usize::from(most)),
        Some(0) | None => brand.longest(),
    };
    let is_luhn_exempt = rules.skip_luhn || brand == Brand::UnionPay && !rules.luhn_unionpay;
    let has_length = brand
        .lengths()
        .iter()
        .any(|possible| usize::from(*possible) == length);
    if length > most {
        FieldVerdict::invalid(FieldReason::TooLong)
    } else if !has_length {
        // One that `max_length` cut off below all of the brand's lengths can't be finished.
        if length < most {
            FieldVerdict::unfinished(length == 0)
        } else {
            FieldVerdict::invalid(FieldReason::TooLong)
        }
    } else if is_luhn_exempt || luhn == Some(Luhn::Valid) {
        FieldVerdict::VALID
    } else if length < most {
        FieldVerdict::potential(FieldReason::CheckDigit)
    } else {
        FieldVerdict::invalid(FieldReason::CheckDigit)
    }
}

impl NumberField<'_> {
    /// The text without spaces and hyphens: what is sent, if the verdict is valid. Without allocation.
    pub fn chars(&self) -> impl Iterator<Item = char> {
        self.text
            .chars()
            .filter(|c| !trim(c.encode_utf8(&mut [0; 4])).is_empty() && *c != '-')
    }

    /// The text without spaces and hyphens. It allocates.
    ///
    /// ```
    /// let field = bananatech_fields::number("4111-1111", Default::default());
    /// assert_eq!(field.value(), "41111111");
    /// ```
    #[cfg(feature = "alloc")]
    pub fn value(&self) -> String {
        self.chars().collect()
    }
}

impl fmt::Debug for NumberField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NumberField")
            .field("verdict", &self.verdict)
            .field("assignment", &self.assignment)
            .field("brand", &self.brand)
            .finish_non_exhaustive()
    }
}
