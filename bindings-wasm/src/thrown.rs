//! What is thrown: the JSON of an error. The package makes a real `Error` of it.

use bananatech_core::{Error, Invalid, ToJson};
use wasm_bindgen::JsValue;

/// The JSON of an [`Error`].
pub struct Thrown(String);

pub(crate) type Result<T> = core::result::Result<T, Thrown>;

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        Self::from_str(&thrown.0)
    }
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        Self(error.to_json_text())
    }
}

impl From<Invalid> for Thrown {
    fn from(error: Invalid) -> Self {
        invalid(error)
    }
}

/// Caused by the caller.
pub(crate) fn invalid(error: Invalid) -> Thrown {
    Error::Invalid(error).into()
}

/// Caused by what the API sent.
pub(crate) fn unexpected(error: Invalid) -> Thrown {
    Error::Unexpected(error).into()
}
