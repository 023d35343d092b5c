//! The 15 operations, one file each, with its response and rules beside it.
//!
//! Field names are the API's own. What the contract doesn't know is optional, or goes into `extra` as raw JSON; what it
//! infers or guesses is said to be so in the field's documentation.

pub mod card;
pub mod merchant;
pub mod user;

use serde::Serialize;

use crate::error::Invalid;
use crate::json::{Extra, FromJson, Object, Raw, Slot, object};
use crate::personal::Personal;
use crate::write::{JsonWriter, Written};

object! { open
    /// The API took the request. For everything that an event confirms, that is all it says: the outcome comes by webhook.
    pub struct Acknowledgement {
        /// `false` would be a refusal. Only the page "Set PIN" shows it (`true`); the guide 05-Card-Operations doesn't.
        pub success: Option<bool> = guess,
        /// The API's words, such as `Operation requested`.
        pub message: Option<Personal> = guess,
    }
}

/// A page of a list: `{"data": […], "total": n}`. That envelope was seen for transactions (05-Card-Operations), begun for
/// webhook records, and is a guess for users; a bare array is read too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The records.
    pub data: Vec<T>,
    /// How many there are in all, over all pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<T: Written> Written for Page<T> {
    fn write(&self, out: &mut JsonWriter) {
        out.open();
        out.field("data", &self.data);
        out.field("total", &self.total);
        self.extra.write_into(out);
        out.close();
    }
}

impl<T: FromJson> FromJson for Page<T> {
    fn blank() -> Self {
        Self {
            data: Vec::new(),
            total: None,
            extra: Extra::new(),
        }
    }
}

impl<T: FromJson> Slot for Page<T> {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        read_page(json, &mut self.data, Some(&mut self.total), &mut self.extra)
    }
}

/// A page's parts: its records, how many there are in all, and what else it has.
fn read_page(
    json: Raw<'_>,
    data: &mut dyn Slot,
    total: Option<&mut dyn Slot>,
    extra: &mut Extra,
) -> Result<(), Invalid> {
    if json.get().starts_with('[') {
        return data.read(json);
    }
    let object = Object::parse(json.get())?;
    match total {
        Some(total) => object.read_into(
            &[("data", false), ("total", true)],
            &mut [data, total],
            Some(extra),
        ),
        None => object.read_into(&[("data", false)], &mut [data], Some(extra)),
    }
}

/// The parts of [`Operation`](crate::Operation) that are alike for all: kind, wire form, reader.
macro_rules! operation {
    ($name:ident => $response:ty) => {
        type Response = $response;
        fn kind(&self) -> crate::operation::OperationKind {
            $name::KIND
        }
        fn check_extra(&self) -> Result<(), crate::error::Invalid> {
            crate::json::Extended::check_extra(self)
        }
        fn read_response(&self, json: &str) -> Result<Self::Response, crate::error::Invalid> {
            crate::json::read(json)
        }
    };
    (wire) => {
        fn wire_body(&self) -> zeroize::Zeroizing<String> {
            zeroize::Zeroizing::new(crate::write::text(self))
        }
    };
}
use operation;
