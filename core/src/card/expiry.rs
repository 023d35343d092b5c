use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Code, Invalid};
use crate::json;

/// A card's expiry date, `MM/YY` (05-Card-Operations). The card is good to the end of that month.
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "string", rename = "string")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry {
    // The order of the fields is the order of time.
    year: u16,
    month: u8,
}

impl Expiry {
    /// Takes `MM/YY`. Errors, caused by the caller: [`Code::ExpiryFormat`], [`Code::ExpiryMonth`].
    ///
    /// ```
    /// use bananatech_core::Expiry;
    /// let expiry = Expiry::parse("12/25").unwrap();
    /// assert_eq!((expiry.month(), expiry.year()), (12, 2025));
    /// assert!(Expiry::parse("13/25").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let format = || Invalid::new("expiry_date", Code::ExpiryFormat, "a date as MM/YY");
        let two_digits = |part: &str| -> Option<u8> {
            if part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) {
                part.parse().ok()
            } else {
                None
            }
        };
        let (month, year) = text.split_once('/').ok_or_else(format)?;
        let (month, year) = two_digits(month).zip(two_digits(year)).ok_or_else(format)?;
        if !(1..=12).contains(&month) {
            return Err(Invalid::new(
                "expiry_date",
                Code::ExpiryMonth,
                "a month from 01 to 12",
            ));
        }
        Ok(Self {
            year: 2000 + u16::from(year),
            month,
        })
    }

    /// The month, 1 to 12.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Expiry::parse("12/25").unwrap().month(), 12);
    /// ```
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The year, with its century: `25` is 2025.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Expiry::parse("12/25").unwrap().year(), 2025);
    /// ```
    pub const fn year(self) -> u16 {
        self.year
    }

    /// A date from its month, 1 to 12, and year, 2000 to 2099: what `MM/YY` can say.
    ///
    /// Errors with [`Code::ExpiryMonth`] and [`Code::ExpiryFormat`] (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::Expiry;
    /// assert_eq!(Expiry::new(12, 2025), Expiry::parse("12/25"));
    /// assert!(Expiry::new(12, 25).is_err());
    /// ```
    pub fn new(month: u8, year: u16) -> Result<Self, Invalid> {
        if !(2000..=2099).contains(&year) {
            return Err(Invalid::new(
                "expiry_date",
                Code::ExpiryFormat,
                "a year from 2000 to 2099",
            ));
        }
        check_month("expiry_date", month)?;
        Ok(Self { year, month })
    }

    /// Whether the card is past it in a given month, by the caller's calendar: it is good to the end of the month that it
    /// names.
    ///
    /// Errors with [`Code::ExpiryMonth`] for a month that isn't 1 to 12 (caused by the caller).
    ///
    /// ```
    /// let expiry = bananatech_core::Expiry::parse("12/25")?;
    /// assert!(!expiry.is_expired(2025, 12)?);
    /// assert!(expiry.is_expired(2026, 1)?);
    /// assert!(expiry.is_expired(2026, 13).is_err());
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn is_expired(self, year: u16, month: u8) -> Result<bool, Invalid> {
        check_month("month", month)?;
        Ok((year, month) > (self.year, self.month))
    }
}

fn check_month(field: &'static str, month: u8) -> Result<(), Invalid> {
    if !(1..=12).contains(&month) {
        return Err(Invalid::new(
            field,
            Code::ExpiryMonth,
            "a month from 1 to 12",
        ));
    }
    Ok(())
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{:02}", self.month, self.year % 100)
    }
}

impl FromStr for Expiry {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, Self::parse)
    }
}
