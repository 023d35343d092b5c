//! JavaScript bindings of the BananaTech SDK: the core's functions as JavaScript can call them. No logic lives here.
//!
//! The package's hand-written modules (`npm/`) put names and shapes over these functions; programs use that package.
//!
//! # What crosses, and how
//!
//! Structured values cross as **JSON text**, both ways: `JSON.stringify` there, the core's own readers here; the core's
//! own writer here, `JSON.parse` there. Only small scalars cross as themselves, and an object crosses only where it holds a
//! key ([`Merchant`](merchant::Merchant)). Each function is one crossing, and those that need no key are behind one export
//! ([`call`](calls::call)). What is thrown is the JSON of an error; the package makes an `Error` of it.
//!
//! `serde-wasm-bindgen`, which builds JavaScript objects field by field, isn't used: the core keeps what it doesn't know as
//! the exact JSON text that came, and its readers take exact JSON text, whereas there every number is a float by the time
//! that Rust sees it and raw JSON has no counterpart at all.
//!
//! An integer that JavaScript's `number` can't hold is an error on its way in and out, never rounded.

pub mod calls;
mod card;
pub mod merchant;
mod pending;
pub mod thrown;
mod values;

use bananatech_core::{Invalid, PendingId, Timestamp, ToJson, Written};

use thrown::Result;

/// JSON of what the caller gave.
fn ours(value: &dyn Written) -> Result<String> {
    Ok(value.to_javascript()?)
}

/// A JavaScript number that is a whole one. Within the range in which doubles hold all of them, the conversion is exact.
fn whole(number: f64) -> Option<i64> {
    let exact = number % 1.0 == 0.0
        && (-9_007_199_254_740_991.0..=9_007_199_254_740_991.0).contains(&number);
    exact.then_some(number as i64)
}

/// An id that came as a JavaScript number.
fn id<T: TryFrom<u64, Error = Invalid>>(field: &'static str, number: f64) -> Result<T> {
    let number = whole(number).and_then(|number| u64::try_from(number).ok());
    let number = number.ok_or_else(|| {
        Invalid::new(
            field,
            bananatech_core::Code::IdRange,
            "a whole number up to 9007199254740991, the largest that JavaScript holds exactly",
        )
    })?;
    Ok(T::try_from(number)?)
}

/// A name that only the package itself chooses: a mistake of its own shall not pass for an answer.
fn no_such(field: &'static str) -> Invalid {
    Invalid::new(
        field,
        bananatech_core::Code::FieldType,
        "a name of the binding's",
    )
}

fn timestamp(field: &'static str, millis: f64) -> Result<Timestamp> {
    let millis = whole(millis).ok_or_else(|| {
        Invalid::new(
            field,
            bananatech_core::Code::TimestampFormat,
            "a whole number of milliseconds",
        )
    })?;
    Ok(Timestamp::from_millis(millis))
}

fn pending_id(number: f64) -> Result<PendingId> {
    let number = whole(number).and_then(|number| u64::try_from(number).ok());
    let number = number.ok_or_else(|| {
        Invalid::new(
            "id",
            bananatech_core::Code::IdRange,
            "the id that adding answered",
        )
    })?;
    Ok(PendingId::new(number))
}
