//! Exact money, and the currency beside it.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::{Code, Invalid};
use crate::json;

/// 28 digits are surely held exactly.
const MANTISSA_END: u128 = 10_u128.pow(28);
const MAX_SCALE: u32 = 28;

/// An amount of money in major units (`100.50` is a hundred and a half dollars), exact.
///
/// It is read from a JSON number or string without passing through a float, keeps the decimals that it was written with,
/// and compares by value (`1.0 == 1.00`). It is written to the API as a JSON number (05-Card-Operations) and everywhere
/// else as a string, because JSON numbers are rounded by most readers.
///
/// From a format that has floats, one of up to 15 significant digits is taken: it is surely the number that was meant.
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
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
        /// An amount that was given.
        #[derive(serde::Deserialize)]
        #[serde(transparent)]
        struct Given(#[serde(deserialize_with = "given")] Amount);

        json::from_str::<Given>(json).map(|Given(amount)| amount)
    }

    /// Takes a JSON number, with or without an exponent.
    fn from_number(text: &str) -> Result<Self, Invalid> {
        // What else `Decimal` would take (a plus sign, underscores) is no number of JSON's.
        if !bananatech_json::is_number(text) {
            return Err(format_error());
        }
        let (significand, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let value = Decimal::from_str_exact(significand).map_err(|_| range_error())?;
        // Far out of range either way where it doesn't fit.
        let exponent = exponent.parse::<i32>().map_err(|_| range_error())?;
        let scale = i64::from(value.scale()) - i64::from(exponent);
        match u32::try_from(scale) {
            Ok(scale) => from_parts(Some(value.mantissa()), scale),
            Err(_) => {
                let zeros = u32::try_from(-scale).map_err(|_| range_error())?;
                let factor = match value.is_zero() {
                    true => Some(1),
                    false => 10_i128.checked_pow(zeros),
                };
                let mantissa = factor.and_then(|factor| value.mantissa().checked_mul(factor));
                from_parts(mantissa, 0)
            }
        }
    }

    /// Takes a JSON number, or a JSON string that holds one.
    fn from_text(json: &str) -> Result<Self, Invalid> {
        match json.as_bytes().first() {
            Some(b'"') => Self::parse(&bananatech_json::unescape(json).ok_or_else(format_error)?),
            Some(b'-' | b'0'..=b'9') => Self::from_number(json),
            _ if json == "null" => Err(json::required("")),
            _ => Err(wrong_type()),
        }
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

    /// How many decimals it has, zeros at the end left out.
    pub(crate) fn decimals(self) -> u32 {
        self.0.normalize().scale()
    }

    /// The same, rounded up where it has more decimals than that.
    pub(crate) fn rounded_up(self, decimals: u32) -> Self {
        let up = RoundingStrategy::ToPositiveInfinity;
        Self(self.0.round_dp_with_strategy(decimals, up))
    }
}

/// Writes the amount as the API takes it: a JSON number.
pub(crate) fn as_number<S: Serializer>(amount: &Amount, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(amount.to_string())
        .map_err(serde::ser::Error::custom)?
        .serialize(serializer)
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

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor(Amount::from_text))
    }
}

/// Reads an amount that a program gave. Many programs hold numbers as binary floats, whose shortest spelling has up to 15
/// digits where they hold what was meant; more is the trace of a calculation, and 2^53 cents are 15 digits too.
pub(crate) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
    deserializer.deserialize_any(AmountVisitor(|json| {
        let amount = Amount::from_text(json)?;
        if json.starts_with('"') || json::significant_digits(json) <= 15 {
            Ok(amount)
        } else {
            Err(too_many_digits())
        }
    }))
}

/// The same for one that may be missing.
pub(crate) fn given_or_none<'de, D>(deserializer: D) -> Result<Option<Amount>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(serde::Deserialize)]
    #[serde(transparent)]
    struct Given(#[serde(deserialize_with = "given")] Amount);

    Ok(Option::<Given>::deserialize(deserializer)?.map(|Given(amount)| amount))
}

/// Takes JSON text from this library's own reader, and from another one what is exact.
struct AmountVisitor(fn(&str) -> Result<Amount, Invalid>);

impl AmountVisitor {
    fn exact<E: de::Error>(text: &str) -> Result<Amount, E> {
        Amount::from_number(text).map_err(Invalid::into_serde)
    }
}

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a string that holds one")
    }

    fn visit_bytes<E: de::Error>(self, json: &[u8]) -> Result<Amount, E> {
        let json = std::str::from_utf8(json).map_err(|_| wrong_type().into_serde())?;
        (self.0)(json).map_err(Invalid::into_serde)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        Amount::parse(text).map_err(Invalid::into_serde)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Amount, E> {
        Self::exact(&number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount, E> {
        Self::exact(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Amount, E> {
        let text = json::exact_float(number).ok_or_else(|| too_many_digits().into_serde())?;
        Self::exact(&text)
    }
}

fn wrong_type() -> Invalid {
    json::wrong_type("a number, or a string that holds one")
}

fn too_many_digits() -> Invalid {
    Invalid::new(
        "amount",
        Code::AmountRange,
        "a string, for a number of more than 15 digits",
    )
}

/// A currency's code. Only `USD` appears in the documentation; that others are ISO 4217 codes is inferred, so any short
/// code of ASCII letters and digits is taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "string", rename = "string")
)]
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

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, Self::parse)
    }
}
