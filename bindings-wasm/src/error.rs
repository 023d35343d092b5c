//! What is thrown.

use bananatech_core::{Category, Code, Error, Invalid, Rejection};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::out::LARGEST;

#[wasm_bindgen(raw_module = "../error.js")]
extern "C" {
    /// The package's class.
    type BananaTechError;

    #[wasm_bindgen(constructor)]
    fn new(parts: JsValue) -> BananaTechError;
}

/// An [`Error`] on its way to JavaScript, where it is a `BananaTechError`.
pub struct Thrown(Error);

pub(crate) type Result<T = JsValue> = core::result::Result<T, Thrown>;

impl<E: Into<Error>> From<E> for Thrown {
    fn from(error: E) -> Self {
        Self(match error.into() {
            Error::Invalid(invalid) => Error::Invalid(in_numbers(invalid)),
            Error::Unexpected(invalid) => Error::Unexpected(in_numbers(invalid)),
            other => other,
        })
    }
}

/// The core's ids go further than JavaScript's numbers do: what was expected of one is told in these.
fn in_numbers(invalid: Invalid) -> Invalid {
    match invalid.code() {
        Code::IdRange => Invalid::new(
            invalid.field().to_owned(),
            Code::IdRange,
            format!("a whole number up to {LARGEST}"),
        ),
        _ => invalid,
    }
}

impl From<Thrown> for JsValue {
    fn from(Thrown(error): Thrown) -> Self {
        let parts = Parts {
            message: error.to_string(),
            code: error.code(),
            category: error.category(),
            field: error.field(),
            rejection: match &error {
                Error::Rejected(rejection) => Some(rejection),
                _ => None,
            },
            answer: match &error {
                Error::NotKnown(answer) => Some(answer),
                _ => None,
            },
        };
        BananaTechError::new(crate::out::plain(&parts)).into()
    }
}

#[derive(Serialize)]
struct Parts<'a> {
    message: String,
    code: Code,
    category: Category,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<&'a Rejection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a Rejection>,
}

/// Caused by what the API sent.
pub(crate) fn unexpected(error: Invalid) -> Thrown {
    Error::Unexpected(error).into()
}
