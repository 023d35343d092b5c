use zeroize::Zeroizing;

use super::{check_digits, secret_digits};
use crate::error::{Code, Invalid};

/// The PIN that activates a physical card: exactly 6 digits (04-Physical-Cards).
#[derive(Clone)]
pub struct ActivationPin(Zeroizing<String>);

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

    /// Whether it is one that the vendor advises against: repeated, or a simple pattern (04-Physical-Cards).
    /// Advice for the cardholder, not a rule of the API. The vendor doesn't define "simple"; here it is one digit
    /// repeated, digits that count up or down, or a shorter block repeated.
    ///
    /// ```
    /// use bananatech_core::ActivationPin;
    /// assert!(ActivationPin::parse("123456").unwrap().is_simple());
    /// assert!(!ActivationPin::parse("482915").unwrap().is_simple());
    /// ```
    pub fn is_simple(&self) -> bool {
        is_simple(&self.0)
    }
}

secret_digits!(ActivationPin, "482915");

/// A new PIN for a physical card: 4 to 6 digits (05-Card-Operations).
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

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

    /// As [`ActivationPin::is_simple`].
    ///
    /// ```
    /// assert!(bananatech_core::Pin::parse("1212").unwrap().is_simple());
    /// ```
    pub fn is_simple(&self) -> bool {
        is_simple(&self.0)
    }
}

secret_digits!(Pin, "6789");

fn is_simple(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let steps = |step: i16| {
        digits
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if i16::from(*b) - i16::from(*a) == step))
    };
    let repeats = (1..=digits.len() / 2)
        .filter(|length| digits.len().is_multiple_of(*length))
        .any(|length| {
            let mut blocks = digits.chunks(length);
            let first = blocks.next();
            blocks.all(|block| Some(block) == first)
        });
    repeats || steps(1) || steps(-1)
}
