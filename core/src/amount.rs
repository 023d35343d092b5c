//! Exact money, and the currency beside it.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::error::{Code, Invalid};
use crate::json::{FromJson, Raw, Slot, deserialize_from_json, string, wrong_type};

/// Digits that are surely held exactly.
const MAX_DIGITS: usize = 28;
const MANTISSA_END: u128 = 10_u128.pow(28);
const MAX_SCALE: u32 = 28;

/// An amount of money in major units (`100.50` is a hundred and a half dollars), exact.
///
/// It is read from a JSON number or string without passing through a float, keeps the decimals that it was written with,
/// and compares by value (`1.0 == 1.00`). It is written to the API as a JSON number (05-Card-Operations) and everywhere
/// else as a string, because JSON numbers are rounded by most readers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Takes a plain decimal: `100`, `100.50`, `-3.2`. No plus sign, exponent, separators or spaces.
    ///
    /// Errors, caused by the caller: [`Code::AmountFormat`]; [`Code::AmountRange`] with more than 28 digits.
    ///
    /// ```
    /// use bananatech_core::Amount;
    /// assert_eq!(Amount::parse("100.50").unwrap().to_string(), "100.50");
    /// assert!(Amount::parse("1e2").is_err());
    /// assert!(Amount::parse("1,000.00").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(['e', 'E']) {
            return Err(format_error());
        }
        Self::from_number(text)
    }

    /// Takes an amount that a program gave as JSON: a string, or a number that is surely the one that was meant.
    ///
    /// Errors, caused by the caller: those of [`Amount::parse`]; [`Code::FieldType`]; [`Code::AmountRange`] for a number of
    /// more than 15 digits, which is how `0.1 + 0.2` comes out of binary floats.
    ///
    /// ```
    /// use bananatech_core::Amount;
    /// assert_eq!(Amount::from_json("100.5"), Amount::from_json("\"100.5\""));
    /// assert!(Amount::from_json("0.30000000000000004").is_err());
    /// ```
    pub fn from_json(json: &str) -> Result<Self, Invalid> {
        let mut amount = Self::ZERO;
        Given(&mut amount).read(Raw::parse(json)?)?;
        Ok(amount)
    }

    /// The grammar of a JSON number (RFC 8259, section 6).
    fn from_number(text: &str) -> Result<Self, Invalid> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (significand, exponent) = match rest.split_once(['e', 'E']) {
            Some((significand, exponent)) => (significand, Some(exponent)),
            None => (rest, None),
        };
        let (whole, fraction) = match significand.split_once('.') {
            Some((_, "")) => return Err(format_error()),
            Some((whole, fraction)) => (whole, fraction),
            None => (significand, ""),
        };
        let digits_only = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !digits_only(whole) || !digits_only(fraction) {
            return Err(format_error());
        }
        let exponent = match exponent {
            None => 0,
            Some(exponent) => {
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !digits_only(digits) {
                    return Err(format_error());
                }
                // Far out of range either way once it doesn't fit.
                exponent.parse::<i32>().map_err(|_| range_error())?
            }
        };

        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let significant = digits.trim_start_matches('0');
        if significant.len() > MAX_DIGITS {
            return Err(range_error());
        }
        let mantissa: i128 = match significant {
            "" => 0,
            digits => digits.parse().map_err(|_| range_error())?,
        };
        let places =
            i64::try_from(fraction.len()).map_err(|_| range_error())? - i64::from(exponent);
        let (mantissa, scale) = if places >= 0 {
            (mantissa, u32::try_from(places).map_err(|_| range_error())?)
        } else {
            let zeros = u32::try_from(-places).map_err(|_| range_error())?;
            let factor = if mantissa == 0 {
                Some(1)
            } else {
                10_i128.checked_pow(zeros)
            };
            let expanded = factor.and_then(|factor| mantissa.checked_mul(factor));
            (expanded.ok_or_else(range_error)?, 0)
        };
        from_parts(Some(if negative { -mantissa } else { mantissa }), scale)
    }

    /// Whether it is more than zero.
    ///
    /// ```
    /// use bananatech_core::Amount;
    /// assert!(Amount::parse("0.01").unwrap().is_positive());
    /// assert!(!Amount::ZERO.is_positive());
    /// ```
    pub fn is_positive(&self) -> bool {
        *self > Self::ZERO
    }

    /// The exact sum. Errors with [`Code::AmountRange`] if it can't be held exactly.
    ///
    /// ```
    /// use bananatech_core::Amount;
    /// let sum = Amount::parse("0.1").unwrap().plus(Amount::parse("0.2").unwrap()).unwrap();
    /// assert_eq!(sum, Amount::parse("0.3").unwrap());
    /// ```
    pub fn plus(self, other: Self) -> Result<Self, Invalid> {
        // Brought to one scale first: the library's own addition would round what doesn't fit.
        let scale = self.0.scale().max(other.0.scale());
        let mantissa = at_scale(self.0, scale)
            .zip(at_scale(other.0, scale))
            .and_then(|(a, b)| a.checked_add(b));
        from_parts(mantissa, scale)
    }

    /// The exact difference. Errors with [`Code::AmountRange`] if it can't be held exactly.
    ///
    /// ```
    /// use bananatech_core::Amount;
    /// let left = Amount::parse("100").unwrap().minus(Amount::parse("0.01").unwrap()).unwrap();
    /// assert_eq!(left.to_string(), "99.99");
    /// ```
    pub fn minus(self, other: Self) -> Result<Self, Invalid> {
        self.plus(Self(-other.0))
    }

    /// So many per cent of it, exactly, not rounded to cents: how a fee is rounded isn't documented.
    /// Errors with [`Code::AmountRange`] if it can't be held exactly.
    ///
    /// ```
    /// use bananatech_core::Amount;
    /// let fee = Amount::parse("100.00").unwrap().percent(Amount::parse("1.5").unwrap()).unwrap();
    /// assert_eq!(fee, Amount::parse("1.5").unwrap());
    /// ```
    pub fn percent(self, percent: Self) -> Result<Self, Invalid> {
        let (a, b) = (self.0.normalize(), percent.0.normalize());
        let mut mantissa = a.mantissa().checked_mul(b.mantissa());
        let mut scale = a.scale() + b.scale() + 2;
        while scale > 0 && mantissa.is_some_and(|m| m % 10 == 0) {
            mantissa = mantissa.map(|m| m / 10);
            scale -= 1;
        }
        from_parts(mantissa, scale)
    }
}

/// The amount as the API takes it: a JSON number.
pub(crate) struct AsNumber(pub(crate) Amount);

impl crate::write::Written for AsNumber {
    fn write(&self, out: &mut crate::write::JsonWriter) {
        out.raw(&self.0.text());
    }
}

fn at_scale(value: Decimal, scale: u32) -> Option<i128> {
    10_i128
        .checked_pow(scale - value.scale())
        .and_then(|factor| value.mantissa().checked_mul(factor))
}

fn from_parts(mantissa: Option<i128>, scale: u32) -> Result<Amount, Invalid> {
    mantissa
        // What comes out must be what could be read again.
        .filter(|mantissa| mantissa.unsigned_abs() < MANTISSA_END && scale <= MAX_SCALE)
        .and_then(|mantissa| Decimal::try_from_i128_with_scale(mantissa, scale).ok())
        .map(Amount)
        .ok_or_else(range_error)
}

fn format_error() -> Invalid {
    Invalid::new(
        "amount",
        Code::AmountFormat,
        "a plain decimal number such as 100.00",
    )
}

fn range_error() -> Invalid {
    Invalid::new("amount", Code::AmountRange, "a number of at most 28 digits")
}

impl FromStr for Amount {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl Amount {
    /// As `Display` writes it, without the machinery of formatting.
    fn text(self) -> String {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(self.0.mantissa().unsigned_abs());
        let scale = usize::try_from(self.0.scale()).unwrap_or(usize::MAX);
        let mut text = String::with_capacity(digits.len().max(scale) + 3);
        if self.0.is_sign_negative() {
            text.push('-');
        }
        let (whole, fraction) = digits
            .split_at_checked(digits.len().saturating_sub(scale))
            .unwrap_or((digits, ""));
        text.push_str(if whole.is_empty() { "0" } else { whole });
        if scale > 0 {
            text.push('.');
            for _ in fraction.len()..scale {
                text.push('0');
            }
            text.push_str(fraction);
        }
        text
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({})", self.0)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromJson for Amount {
    fn blank() -> Self {
        Self::ZERO
    }
}

impl Slot for Amount {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        *self = match (string(json), json.get().as_bytes().first()) {
            (Some(text), _) => Self::parse(&text)?,
            (None, Some(b'-' | b'0'..=b'9')) => Self::from_number(json.get())?,
            (None, _) => return Err(wrong_type("a number, or a string that holds one")),
        };
        Ok(())
    }
}

impl crate::write::Written for Amount {
    fn write(&self, out: &mut crate::write::JsonWriter) {
        out.string(&self.text());
    }
}

deserialize_from_json!(Amount);

/// An amount in a request. Many programs hold numbers as binary floats, whose shortest spelling has up to 15 digits where
/// they hold what was meant; more is the trace of a calculation, and 2^53 cents are 15 digits too.
pub(crate) struct Given<'a>(pub(crate) &'a mut Amount);

impl Slot for Given<'_> {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        let number = !json.get().starts_with('"');
        self.0.read(json)?;
        let digits = json
            .get()
            .bytes()
            .take_while(|byte| !matches!(byte, b'e' | b'E'))
            .skip_while(|byte| matches!(byte, b'-' | b'0' | b'.'))
            .filter(u8::is_ascii_digit);
        if number && digits.count() > 15 {
            return Err(Invalid::new(
                "amount",
                Code::AmountRange,
                "a string, for a number of more than 15 digits",
            ));
        }
        Ok(())
    }
}

/// The same for one that may be missing.
pub(crate) struct GivenOrNone<'a>(pub(crate) &'a mut Option<Amount>);

impl Slot for GivenOrNone<'_> {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        Given(self.0.insert(Amount::ZERO)).read(json)
    }

    fn is_optional(&self) -> bool {
        true
    }
}

/// A currency's code. Only `USD` appears in the documentation; that others are ISO 4217 codes is inferred, so any short
/// code of ASCII letters and digits is taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(String);

impl Currency {
    /// Takes a code of 1 to 16 ASCII letters and digits. Errors with [`Code::CurrencyFormat`].
    ///
    /// ```
    /// use bananatech_core::Currency;
    /// assert_eq!(Currency::parse("USD").unwrap().as_str(), "USD");
    /// assert!(Currency::parse("").is_err());
    /// ```
    pub fn parse(code: &str) -> Result<Self, Invalid> {
        if code.is_empty() || code.len() > 16 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Invalid::new(
                "currency",
                Code::CurrencyFormat,
                "a currency code such as USD",
            ));
        }
        Ok(Self(code.to_owned()))
    }

    /// The code.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Currency::parse("USD").unwrap().as_str(), "USD");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl FromJson for Currency {
    fn blank() -> Self {
        Self(String::new())
    }
}

impl Slot for Currency {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        *self = Self::parse(&json.text()?)?;
        Ok(())
    }
}

impl crate::write::Written for Currency {
    fn write(&self, out: &mut crate::write::JsonWriter) {
        out.string(&self.0);
    }
}

deserialize_from_json!(Currency);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_text_is_what_display_writes(mantissa: i64, shift in 0_u32..40, scale in 0_u32..=28) {
            let amount = Amount(Decimal::from_i128_with_scale(i128::from(mantissa >> shift), scale));
            prop_assert_eq!(amount.text(), amount.to_string());
        }
    }

    #[test]
    fn zero_and_its_sign_are_written_as_display_does() {
        for text in ["0", "-0", "0.00", "-0.00", "-0.5", "0.05"] {
            let amount = Amount::parse(text).unwrap();
            assert_eq!(amount.text(), amount.to_string(), "{text}");
            let negated = Amount(-amount.0);
            assert_eq!(negated.text(), negated.to_string(), "-({text})");
        }
    }
}
