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
pub use pin::{PinField, PinLength, PinRules, pin};
pub use plain::{CvvLength, MAX_NAME, PlainField, cardholder_name, cvv, postal_code};
pub use policy::{BirthDate, PinContext, Weakness, Weaknesses, review};
pub use text::LONGEST;

pub use verdict::{FieldReason, FieldVerdict, Validity};

/// The same for texts that aren't Rust's: what `bananatech/forms` is made of.
#[doc(hidden)]
pub mod units {
    pub use crate::edit::Act;
    pub use crate::policy::Known;
    pub use crate::text::FieldText;

    use crate::{
        BirthDate, CvvLength, ExpiryField, ExpiryRules, FieldFormat, FieldSelection, FieldVerdict,
        NumberField, NumberRules, PinField, PinLength,
    };

    /// As [`number`](crate::number()), without the clean value.
    pub fn number(text: &FieldText, rules: NumberRules) -> NumberField<'static> {
        crate::number::number_in(text, rules)
    }

    /// As [`expiry`](crate::expiry()).
    pub fn expiry(text: &FieldText, rules: ExpiryRules) -> ExpiryField {
        crate::expiry::expiry_in(text, rules)
    }

    /// As [`cvv`](crate::cvv).
    pub fn cvv(text: &FieldText, length: CvvLength) -> FieldVerdict {
        crate::plain::cvv_in(text, length)
    }

    /// As [`cardholder_name`](crate::cardholder_name).
    pub fn cardholder_name(text: &FieldText) -> FieldVerdict {
        crate::plain::name_in(text)
    }

    /// As [`postal_code`](crate::postal_code).
    pub fn postal_code(text: &FieldText, min_length: usize) -> FieldVerdict {
        crate::plain::postal_code_in(text, min_length)
    }

    /// As [`pin`](crate::pin()).
    pub fn pin(
        text: &FieldText,
        length: PinLength,
        refuse_weak: bool,
        known: &Known<'_>,
    ) -> PinField {
        crate::pin::pin_in(text, length, refuse_weak, known)
    }

    /// As [`BirthDate::parse`].
    pub fn birth_date(text: &FieldText) -> Option<BirthDate> {
        BirthDate::read(text.units())
    }

    /// As [`edit_into`](crate::edit_into()). Nothing if the text is too long to be looked at, and is to stay as it is.
    pub fn edit(
        format: FieldFormat,
        text: &FieldText,
        selection: FieldSelection,
        act: Act,
        other: &FieldText,
        out: &mut dyn FnMut(u8),
    ) -> Option<FieldSelection> {
        crate::edit::edit_in(format, text, selection, act, other, out)
    }
}
