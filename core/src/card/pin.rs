use bananatech_fields::{self as fields, BirthDate, PinContext, Weaknesses};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{check_digits, secret_digits};
use crate::error::{Code, Invalid};
use crate::json;

/// The PIN that activates a physical card: exactly 6 digits (04-Physical-Cards).
// Serialized in clear: a request has to carry it, and a plan on its way to the backend.
#[derive(Clone, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "string", rename = "string")
)]
pub struct ActivationPin(#[serde(serialize_with = "json::unless_hidden")] Zeroizing<String>);

impl ActivationPin {
    /// Takes a PIN. Errors, caused by the caller: [`Code::PinDigits`], [`Code::PinLength`].
    ///
    /// ```
    /// use bananatech_core::ActivationPin;
    /// assert!(ActivationPin::parse("482915").is_ok());
    /// assert!(ActivationPin::parse("4829").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_digits(
            "pin",
            text,
            6..=6,
            (Code::PinDigits, Code::PinLength),
            "exactly 6 digits",
        )?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

secret_digits!(ActivationPin, "482915");

/// A new PIN for a physical card: 4 to 6 digits (05-Card-Operations).
// Serialized in clear: a request has to carry it, and a plan on its way to the backend.
#[derive(Clone, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "string", rename = "string")
)]
pub struct Pin(#[serde(serialize_with = "json::unless_hidden")] Zeroizing<String>);

impl Pin {
    /// Takes a PIN. Errors, caused by the caller: [`Code::PinDigits`], [`Code::PinLength`].
    ///
    /// ```
    /// use bananatech_core::Pin;
    /// assert!(Pin::parse("6789").is_ok());
    /// assert!(Pin::parse("678").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_digits(
            "pin",
            text,
            4..=6,
            (Code::PinDigits, Code::PinLength),
            "4 to 6 digits",
        )?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

secret_digits!(Pin, "6789");

/// The PIN policy, which is the same for both.
macro_rules! policy {
    ($name:ident, $weak:literal, $strong:literal) => {
        impl $name {
            /// Why it is easily guessed. Advice: the vendor recommends against repeated digits and simple patterns, and
            /// doesn't refuse them (04-Physical-Cards). See [`fields::review`](bananatech_fields::review).
            ///
            /// ```
            #[doc = concat!("use bananatech_core::{", stringify!($name), ", PinContext, Weakness};")]
            #[doc = concat!("let pin = ", stringify!($name), "::parse(\"", $weak, "\").unwrap();")]
            /// assert!(pin.review(&PinContext::default()).contains(Weakness::RepeatedBlock));
            /// ```
            pub fn review(&self, context: &PinContext<'_>) -> Weaknesses {
                // It is one of 4 to 6 digits, which is all that a review can refuse.
                fields::review(&self.0, context).unwrap_or_default()
            }

            /// The same as a rule: refuses a PIN that is easily guessed.
            ///
            /// Errors, caused by the caller: [`Code::PinWeak`].
            ///
            /// ```
            #[doc = concat!("use bananatech_core::{", stringify!($name), ", PinContext};")]
            #[doc = concat!("assert!(", stringify!($name), "::parse(\"", $strong, "\")?.require_strong(&PinContext::default()).is_ok());")]
            #[doc = concat!("assert!(", stringify!($name), "::parse(\"", $weak, "\")?.require_strong(&PinContext::default()).is_err());")]
            /// # Ok::<(), bananatech_core::Invalid>(())
            /// ```
            pub fn require_strong(&self, context: &PinContext<'_>) -> Result<(), Invalid> {
                if self.review(context).is_empty() {
                    return Ok(());
                }
                Err(Invalid::new(
                    "pin",
                    Code::PinWeak,
                    "a PIN that isn't easily guessed",
                ))
            }
        }
    };
}

policy!(ActivationPin, "121212", "482905");
policy!(Pin, "1212", "6785");

/// Reads a birth date for a [`PinContext`]: `YYYY-MM-DD`.
///
/// Errors, caused by the caller: [`Code::BirthDateFormat`].
///
/// ```
/// assert_eq!(bananatech_core::birth_date("1987-03-14").unwrap().year, 1987);
/// assert!(bananatech_core::birth_date("14.03.1987").is_err());
/// ```
pub fn birth_date(text: &str) -> Result<BirthDate, Invalid> {
    BirthDate::parse(text)
        .ok_or_else(|| Invalid::new("birth_date", Code::BirthDateFormat, "a day as YYYY-MM-DD"))
}
