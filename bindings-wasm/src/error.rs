//! The core's errors as JavaScript's `Error`.

use bananatech_core::{Category, Code, Error, Invalid, Rejection};
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::text::Unsafe;

/// What is thrown: an `Error` with `name`, `code`, `category` and, where there is one, `field`. A rejection also has
/// `status` and, out of sight of whatever prints errors, `rejection` with the API's own words.
pub struct Thrown(js_sys::Error);

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        thrown.0.into()
    }
}

impl From<Invalid> for Thrown {
    fn from(invalid: Invalid) -> Self {
        Error::Invalid(invalid).into()
    }
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        let thrown = Self::build(
            &error.to_string(),
            error.code().as_str(),
            error.category(),
            error.field(),
        );
        if let Error::Rejected(rejection) = &error {
            thrown.set("status", &JsValue::from(rejection.status()));
            thrown.hide("rejection", &words(rejection));
        }
        thrown
    }
}

impl Thrown {
    fn build(message: &str, code: &str, category: Category, field: Option<&str>) -> Self {
        let thrown = Self(js_sys::Error::new(message));
        thrown.0.set_name("BananaTechError");
        thrown.set("code", &code.into());
        thrown.set("category", &category.as_str().into());
        if let Some(field) = field {
            thrown.set("field", &field.into());
        }
        thrown
    }

    /// An integer that a double can't hold: the caller's, or one that came from the API.
    pub(crate) fn rounded(category: Category, found: &Unsafe) -> Self {
        let field = if found.field.is_empty() {
            None
        } else {
            Some(found.field.as_str())
        };
        let message = format!(
            "{}: expected a whole number up to 9007199254740991, the largest that JavaScript holds exactly [{}]",
            found.field,
            Code::IdRange,
        );
        Self::build(&message, Code::IdRange.as_str(), category, field)
    }

    /// The platform has no `crypto.getRandomValues`. Nobody else's fault, and nothing to catch: a plain `Error`.
    pub(crate) fn no_randomness() -> Self {
        Self(js_sys::Error::new(
            "no random bytes: the platform has no crypto.getRandomValues",
        ))
    }

    fn set(&self, name: &str, value: &JsValue) {
        // It can't fail on an object that was made here.
        let _ = Reflect::set(&self.0, &name.into(), value);
    }

    /// A property that `console.log` and `JSON.stringify` don't show.
    fn hide(&self, name: &str, value: &JsValue) {
        let descriptor = Object::new();
        let _ = Reflect::set(&descriptor, &"value".into(), value);
        let _ = Reflect::define_property(&self.0, &name.into(), &descriptor);
    }
}

fn words(rejection: &Rejection) -> JsValue {
    let words = Object::new();
    for (name, value) in [
        ("status", JsValue::from(rejection.status())),
        (
            "message",
            rejection.message().map_or(JsValue::NULL, JsValue::from),
        ),
        ("body", rejection.body().into()),
        ("authenticated", rejection.is_authenticated().into()),
        ("meaning", rejection.meaning().as_str().into()),
    ] {
        let _ = Reflect::set(&words, &name.into(), &value);
    }
    words.into()
}
