//! Exact money: integer minor units inside, decimal text at the border, a binary float nowhere.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The largest amount that is read, in minor units. Sums of many such amounts still fit an `i64`.
const LARGEST: i64 = 1_000_000_000_000;

/// An amount in the minor unit of its currency (cents), which may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing at all.
    pub const ZERO: Money = Money(0);

    /// An amount of so many minor units: `from_minor(150)` is `1.50`.
    pub const fn from_minor(minor: i64) -> Money {
        Money(minor)
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Reads the text of a JSON number exactly. `None` when it isn't a number, has a fraction of a minor unit, or is
    /// absurdly large.
    pub fn parse(text: &str) -> Option<Money> {
        let decimal = decimal(text)?;
        let minor = decimal.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
        if minor.scale() != 0 {
            return None;
        }
        minor
            .to_i64()
            .filter(|minor| (-LARGEST..=LARGEST).contains(minor))
            .map(Money)
    }

    /// Whether the amount is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl std::ops::Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl std::ops::Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(self.0.saturating_neg())
    }
}

/// As the vendor's samples write amounts: at least one decimal (`100.0`, `150.5`, `0.25`).
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let minor = self.0.unsigned_abs();
        let (units, cents) = (minor / 100, minor % 100);
        if cents % 10 == 0 {
            write!(f, "{sign}{units}.{}", cents / 10)
        } else {
            write!(f, "{sign}{units}.{cents:02}")
        }
    }
}

/// Written as a JSON number. Only `serde_json`'s own writers keep it exact.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(&self.to_string()).serialize(serializer)
    }
}

/// Read from a JSON number. Only `serde_json`'s own readers can do it.
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Money::parse(raw.get()).ok_or_else(|| {
            D::Error::custom("an amount must be a JSON number with at most 2 decimals")
        })
    }
}

/// A fee: a flat amount, or a share of the amount that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fee {
    /// Always this amount.
    Flat(Money),
    /// This many per cent of the amount, rounded half away from zero to the minor unit.
    Percent(Decimal),
}

impl Fee {
    /// The fee on `amount`.
    pub fn on(self, amount: Money) -> Money {
        match self {
            Fee::Flat(fee) => fee,
            Fee::Percent(percent) => Decimal::from(amount.minor())
                .checked_mul(percent)
                .and_then(|product| product.checked_div(Decimal::ONE_HUNDRED))
                .map(|fee| fee.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
                .and_then(|fee| fee.to_i64())
                .map_or(Money::ZERO, Money::from_minor),
        }
    }

    /// Reads `"5.00"` as flat and `"2.5%"` as per cent. `None` for anything else, and for a negative fee.
    pub fn parse(text: &str) -> Option<Fee> {
        match text.strip_suffix('%') {
            Some(percent) => decimal(percent)
                .filter(|percent| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(percent))
                .map(|percent| Fee::Percent(percent.normalize())),
            None => Money::parse(text)
                .filter(|fee| *fee >= Money::ZERO)
                .map(Fee::Flat),
        }
    }

    /// The bare number that a template shows; whether it is flat or per cent, the API doesn't say.
    pub(crate) fn number(self) -> String {
        match self {
            Fee::Flat(fee) => fee.to_string(),
            Fee::Percent(percent) if percent.scale() == 0 => format!("{percent}.0"),
            Fee::Percent(percent) => percent.to_string(),
        }
    }
}

impl std::fmt::Display for Fee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fee::Flat(fee) => write!(f, "{fee}"),
            Fee::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// A flat fee is a JSON number, a share is text with a per cent sign.
impl<'de> Deserialize<'de> for Fee {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fee, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = serde_json::from_str::<String>(raw.get())
            .ok()
            .filter(|text| text.ends_with('%'))
            .unwrap_or_else(|| raw.get().to_owned());
        Fee::parse(&text)
            .ok_or_else(|| D::Error::custom("a fee is a number (flat) or text such as \"2.5%\""))
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    }
}

/// A JSON number with exactly this text.
pub(crate) fn number(text: &str) -> Box<RawValue> {
    // The text was made by this module from digits, so it is a JSON number; `null` can't happen.
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_exactly() {
        for (text, minor) in [
            ("100.0", 10_000),
            ("0.1", 10),
            ("150.55", 15_055),
            ("-3", -300),
            ("1e2", 10_000),
            ("1.50000", 150),
            ("9999999999.99", 999_999_999_999),
        ] {
            assert_eq!(Money::parse(text), Some(Money(minor)), "{text}");
        }
        for text in [
            "0.001",
            "\"1\"",
            "",
            "null",
            "1e400",
            "1e30",
            "99999999999999",
            "NaN",
            "1 ",
        ] {
            assert_eq!(Money::parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_as_the_samples_do() {
        for (minor, text) in [
            (10_000, "100.0"),
            (15_050, "150.5"),
            (7, "0.07"),
            (-105, "-1.05"),
            (0, "0.0"),
        ] {
            assert_eq!(Money(minor).to_string(), text);
            assert_eq!(
                serde_json::to_string(&Money(minor)).ok().as_deref(),
                Some(text)
            );
            assert_eq!(Money::parse(text), Some(Money(minor)));
        }
    }

    #[test]
    fn fees_are_flat_or_a_share() {
        let flat: Fee = serde_json::from_str("5").unwrap();
        assert_eq!(flat.on(Money(1)), Money(500));
        let share: Fee = serde_json::from_str("\"2.5%\"").unwrap();
        assert_eq!(share.on(Money(5_000)), Money(125));
        assert_eq!(
            share.on(Money(20)),
            Money(1),
            "half a cent rounds away from zero"
        );
        assert_eq!(share.number(), "2.5");
        assert_eq!(Fee::parse(&share.to_string()), Some(share));
        for text in ["\"5\"", "-1", "\"-1%\"", "\"101%\"", "true"] {
            assert!(serde_json::from_str::<Fee>(text).is_err(), "{text}");
        }
    }
}
