//! Card fields: what somebody has typed so far, judged at each keystroke, and written with the gaps that a card has.
//!
//! Everything here is a pure function of its arguments, without a clock, without allocation (the few functions that answer a
//! `String` say so) and without the rest of the core, so that a page which wants only fields gets only this.
//!
//! Verdicts follow npm's `card-validator` 10 and `credit-card-type` 10, which most checkout pages are used to; where they
//! differ, the item says so. What the issuer itself asks for (04-Physical-Cards, 05-Card-Operations) stands beside:
//! [`NumberField::assignment`], [`PinLength`].
//!
//! Positions in a text count **UTF-16 code units**, as browsers, UIKit and Android do. A text of more than [`LONGEST`] code
//! units isn't looked at: it is [`FieldReason::TooLong`].

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::unreachable
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod brand;
mod edit;
mod expiry;
mod number;
mod pin;
mod plain;
mod policy;
mod text;
mod verdict;

pub use brand::{Brand, Brands};
#[cfg(feature = "alloc")]
pub use edit::{Edited, edit};
pub use edit::{FieldEdit, FieldFormat, FieldSelection, edit_into};
pub use expiry::{ExpiryField, ExpiryRules, YearMonth, expiry};
pub use number::{Luhn, NumberField, NumberRules, luhn, number};
pub use pin::{PinField, PinLength, PinRules, pin, review};
pub use plain::{CvvLength, MAX_NAME, PlainField, cardholder_name, cvv, postal_code};
pub use policy::{BirthDate, PinContext, Weakness, Weaknesses};
pub use text::LONGEST;
pub use verdict::{FieldReason, FieldVerdict, Validity};

/// The same for texts that aren't Rust's: what `bananatech/forms` is made of.
#[doc(hidden)]
pub mod units {
    pub use crate::edit::{Act, edit_in as edit};
    pub use crate::expiry::expiry_in as expiry;
    pub use crate::number::{luhn_of as luhn, number_in as number};
    pub use crate::pin::pin_in as pin;
    pub use crate::plain::{
        cvv_in as cvv, name_in as cardholder_name, postal_code_in as postal_code,
    };
    pub use crate::policy::Known;
    pub use crate::text::FieldText;

    /// As [`BirthDate::parse`](crate::BirthDate::parse).
    pub fn birth_date(text: &FieldText) -> Option<crate::BirthDate> {
        crate::BirthDate::read(text.units())
    }
}
