//! What is printed on a card or known by its holder: values that cannot be wrong once they exist, and that don't leak.

mod cvv;
mod expiry;
mod facts;
mod number;
mod pin;
mod state;
mod status;

pub use cvv::Cvv;
pub use expiry::Expiry;
pub use facts::{KnownBalance, KnownStatus};
pub use number::{CardNumber, DisplayedNumber};
pub use pin::{ActivationPin, Pin, birth_date};
pub use state::{CardAction, CardState, Fold};
pub use status::CardStatus;

use crate::error::{Code, Invalid};

/// Digits only, and of the right length; the text itself stays out of the error.
fn check_digits(
    field: &'static str,
    text: &str,
    lengths: std::ops::RangeInclusive<usize>,
    (digits, length): (Code, Code),
    expected: &'static str,
) -> Result<(), Invalid> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Invalid::new(field, digits, "digits 0-9 only"));
    }
    if !lengths.contains(&text.len()) {
        return Err(Invalid::new(field, length, expected));
    }
    Ok(())
}

/// A secret text of digits: redacted in `Debug`, no `Display`, wiped on drop, compared in constant time.
macro_rules! secret_digits {
    ($name:ident, $example:literal) => {
        impl $name {
            /// The digits in clear, to be sent or shown to the cardholder; keep them out of logs.
            ///
            /// ```
            #[doc = concat!("let secret = bananatech_core::", stringify!($name), "::parse(\"", $example, "\").unwrap();")]
            #[doc = concat!("assert_eq!(secret.expose(), \"", $example, "\");")]
            #[doc = concat!("assert_eq!(format!(\"{secret:?}\"), \"", stringify!($name), "(…)\");")]
            /// ```
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                use subtle::ConstantTimeEq;
                self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
            }
        }

        impl Eq for $name {}

        impl std::str::FromStr for $name {
            type Err = crate::error::Invalid;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::json::parsed(deserializer, Self::parse)
            }
        }
    };
}
use secret_digits;
