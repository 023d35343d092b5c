use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use bananatech_fields::{self as fields, Brand, Luhn};

use super::{check_digits, secret_digits};
use crate::error::{Code, Invalid};
use crate::json;
use crate::secret::SecretText;

/// A card number (PAN): 16 to 19 digits (04-Physical-Cards).
///
/// The Luhn check digit is a separate verdict, [`CardNumber::luhn`]: the vendor's own sample number fails it, so it can't
/// be a rule. `Debug` shows nothing of it, [`CardNumber::masked`] the last four digits.
// Serialized in clear: a request has to carry it, and a plan on its way to the backend.
#[derive(Clone, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "string", rename = "string")
)]
pub struct CardNumber(SecretText);

impl CardNumber {
    /// Takes a number as digits, without separators.
    ///
    /// Errors, caused by the caller: [`Code::CardNumberDigits`], [`Code::CardNumberLength`].
    ///
    /// ```
    /// use bananatech_core::CardNumber;
    /// let number = CardNumber::parse("1234567890123456").unwrap();
    /// assert_eq!(number.masked(), "************3456");
    /// assert!(CardNumber::parse("1234 5678 9012 3456").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_digits(
            "card_number",
            text,
            16..=19,
            (Code::CardNumberDigits, Code::CardNumberLength),
            "16 to 19 digits",
        )?;
        Ok(Self(text.into()))
    }

    /// The verdict on the check digit.
    ///
    /// ```
    /// use bananatech_core::{CardNumber, Luhn};
    /// assert_eq!(CardNumber::parse("4111111111111111").unwrap().luhn(), Luhn::Valid);
    /// assert_eq!(CardNumber::parse("1234567890123456").unwrap().luhn(), Luhn::Invalid);
    /// ```
    pub fn luhn(&self) -> Luhn {
        fields::luhn(&self.0)
    }

    /// The card scheme, by the strongest match of its first digits. A hint for a form's picture, not a rule.
    ///
    /// ```
    /// use bananatech_core::{Brand, CardNumber};
    /// assert_eq!(CardNumber::parse("4111111111111111").unwrap().brand(), Some(Brand::Visa));
    /// ```
    pub fn brand(&self) -> Option<Brand> {
        Brand::of(&self.0)
    }

    /// Every digit but the last four replaced by `*`.
    ///
    /// ```
    /// use bananatech_core::CardNumber;
    /// assert_eq!(CardNumber::parse("4111111111111111").unwrap().masked(), "************1111");
    /// ```
    pub fn masked(&self) -> String {
        let hidden = self.0.len().saturating_sub(4);
        let mut text = "*".repeat(hidden);
        text.push_str(self.last4());
        text
    }

    /// The last four digits.
    ///
    /// ```
    /// use bananatech_core::CardNumber;
    /// assert_eq!(CardNumber::parse("4111111111111111").unwrap().last4(), "1111");
    /// ```
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or("")
    }

    /// The first six digits: the issuer's BIN (IIN) as it was until 2022, which PCI DSS lets be shown.
    ///
    /// ```
    /// use bananatech_core::CardNumber;
    /// assert_eq!(CardNumber::parse("4111111111111111").unwrap().bin6(), "411111");
    /// ```
    pub fn bin6(&self) -> &str {
        self.0.get(..6).unwrap_or("")
    }

    /// The first eight digits: the issuer's BIN (IIN) by ISO/IEC 7812-1:2017.
    ///
    /// ```
    /// use bananatech_core::CardNumber;
    /// assert_eq!(CardNumber::parse("4111111111111111").unwrap().bin8(), "41111111");
    /// ```
    pub fn bin8(&self) -> &str {
        self.0.get(..8).unwrap_or("")
    }
}

secret_digits!(CardNumber, "1234567890123456");

/// A card number as the API shows it: full, or masked where the merchant's permissions ask for that (05-Card-Operations).
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "string"))]
pub enum DisplayedNumber {
    /// The full number.
    Full(CardNumber),
    /// A number that isn't one of 16 to 19 digits; how it is masked isn't documented, so its text is kept.
    Masked(
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        #[serde(serialize_with = "json::unless_hidden")]
        Zeroizing<String>,
    ),
}

impl DisplayedNumber {
    /// A form that may be shown: a full number masked, a masked one with all but its last four digits hidden.
    ///
    /// ```
    /// use bananatech_core::DisplayedNumber;
    /// let number = DisplayedNumber::from("123456******3456");
    /// assert_eq!(number.masked(), "************3456");
    /// ```
    pub fn masked(&self) -> String {
        match self {
            Self::Full(number) => number.masked(),
            Self::Masked(text) => {
                let shown = text.chars().count().saturating_sub(4);
                text.chars()
                    .enumerate()
                    .map(|(at, c)| {
                        if at < shown && c.is_ascii_digit() {
                            '*'
                        } else {
                            c
                        }
                    })
                    .collect()
            }
        }
    }

    /// Its last four digits, if they are shown.
    ///
    /// ```
    /// use bananatech_core::DisplayedNumber;
    /// assert_eq!(DisplayedNumber::from("123456******3456").last4(), Some("3456"));
    /// assert_eq!(DisplayedNumber::from("****************").last4(), None);
    /// ```
    pub fn last4(&self) -> Option<&str> {
        match self {
            Self::Full(number) => Some(number.last4()),
            Self::Masked(text) => {
                let start = text.len().checked_sub(4)?;
                text.get(start..)
                    .filter(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
            }
        }
    }

    /// The full number, if it was given.
    ///
    /// ```
    /// use bananatech_core::DisplayedNumber;
    /// assert!(DisplayedNumber::from("**** 3456").full().is_none());
    /// ```
    pub fn full(&self) -> Option<&CardNumber> {
        match self {
            Self::Full(number) => Some(number),
            Self::Masked(_) => None,
        }
    }
}

impl From<&str> for DisplayedNumber {
    fn from(text: &str) -> Self {
        match CardNumber::parse(text) {
            Ok(number) => Self::Full(number),
            Err(_) => Self::Masked(Zeroizing::new(text.to_owned())),
        }
    }
}

impl From<String> for DisplayedNumber {
    fn from(text: String) -> Self {
        Self::from(Zeroizing::new(text).as_str())
    }
}

impl fmt::Debug for DisplayedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(…)",
            Self::Masked(_) => "Masked(…)",
        })
    }
}

impl<'de> Deserialize<'de> for DisplayedNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, |text| Ok(Self::from(text)))
    }
}
