use serde::Serialize;
use zeroize::Zeroizing;

use super::{check_digits, secret_digits};
use crate::error::{Code, Invalid};
use crate::json;

/// A card verification value: 3 digits in the vendor's example; 4 are taken too, as some schemes have.
// Serialized in clear: a request has to carry it, and a plan on its way to the backend.
#[derive(Clone, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "string", rename = "string")
)]
pub struct Cvv(#[serde(serialize_with = "json::unless_hidden")] Zeroizing<String>);

impl Cvv {
    /// Takes a CVV. Errors, caused by the caller: [`Code::CvvDigits`], [`Code::CvvLength`].
    ///
    /// ```
    /// use bananatech_core::Cvv;
    /// assert!(Cvv::parse("123").is_ok());
    /// assert!(Cvv::parse("12").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_digits(
            "cvv",
            text,
            3..=4,
            (Code::CvvDigits, Code::CvvLength),
            "3 or 4 digits",
        )?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

secret_digits!(Cvv, "123");
