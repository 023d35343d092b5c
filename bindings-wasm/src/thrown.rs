//! What is thrown: the JSON of an error. The package makes a real `Error` of it.

use bananatech_core::{Error, Invalid, ToJson};
use wasm_bindgen::JsValue;

/// An [`Error`] on its way to JavaScript.
pub struct Thrown(Error);

pub(crate) type Result<T> = core::result::Result<T, Error>;

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        Self::from_str(&thrown.0.to_json_text())
    }
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// Caused by what the API sent.
pub(crate) fn unexpected(error: Invalid) -> Error {
    Error::Unexpected(error)
}
