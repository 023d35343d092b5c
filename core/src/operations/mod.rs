//! The 15 operations, one file each, with its response and rules beside it.
//!
//! Field names are the API's own. What the contract doesn't know is optional, or goes into `extra` as raw JSON; what it
//! infers or guesses is said to be so in the field's documentation.

pub mod card;
pub mod merchant;
pub mod user;

use bananatech_json::{Items, unescape_lossy};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Invalid};
use crate::json::{self, Extra};
use crate::personal::Personal;

/// The API took the request. For everything that an event confirms, that is all it says: the outcome comes by webhook.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Acknowledgement {
    /// `false` would be a refusal. Only the page "Set PIN" shows it (`true`); the guide 05-Card-Operations doesn't.
    #[serde(default, deserialize_with = "json::guess")]
    pub success: Option<bool>,
    /// The API's words, such as `Operation requested`.
    #[serde(default, deserialize_with = "json::guess")]
    pub message: Option<Personal>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A page of a list: `{"data": […], "total": n}`. That envelope was seen for transactions (05-Card-Operations), begun for
/// webhook records, and is a guess for users; a bare array is read too.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Page<T> {
    /// The records.
    pub data: Vec<T>,
    /// How many there are in all, over all pages.
    #[serde(default, deserialize_with = "json::guess")]
    pub total: Option<u64>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What an answer holds, and how it is read.
pub(crate) trait Response: DeserializeOwned {
    /// Reads it from JSON.
    fn read(text: &str) -> Result<Self, Invalid> {
        json::from_vendor(text)
    }
}

impl Response for Acknowledgement {}
impl Response for user::Registered {}
impl Response for card::Applied {}
impl Response for card::Assigned {}
impl Response for card::CardBalance {}
impl Response for card::CardInformation {}
impl Response for merchant::AccountBalance {}

impl<T: DeserializeOwned> Response for Page<T> {
    fn read(text: &str) -> Result<Self, Invalid> {
        list(text, |data| Self {
            data,
            total: None,
            extra: Extra::new(),
        })
    }
}

impl Response for merchant::CardTemplates {
    fn read(text: &str) -> Result<Self, Invalid> {
        list(text, |data| Self {
            data,
            extra: Extra::new(),
        })
    }
}

/// Reads a list that may also come as a bare array.
fn list<T, R>(text: &str, bare: impl FnOnce(Vec<T>) -> R) -> Result<R, Invalid>
where
    T: DeserializeOwned,
    R: DeserializeOwned,
{
    if text.trim_start().starts_with('[') {
        return json::from_vendor(text).map(bare);
    }
    json::from_vendor(text)
}

/// Reads a successful answer. What an event confirms is believed for no more than that the request was taken. Every other answer
/// is believed for what it says, so it must not speak of an error: [`Code::AnswerNotKnown`] then.
pub(crate) fn read_response<R: Response>(confirmed: bool, text: &str) -> Result<R, Invalid> {
    if !confirmed && contradicts_itself(text) {
        return Err(Invalid::new(
            "",
            Code::AnswerNotKnown,
            "an answer that speaks of no error",
        ));
    }
    R::read(text)
}

/// Whether a successful answer speaks of an error all the same. How errors look isn't documented: the names are guesses, and so
/// are the codes of a success.
fn contradicts_itself(text: &str) -> bool {
    let number = |json| json::from_vendor::<i64>(json).ok();
    let word = |json| unescape_lossy(json);
    let says = |json, said| word(json).is_some_and(|word| word.eq_ignore_ascii_case(said));
    let mut contradicts = false;
    // An array has items too, but no names.
    for item in Items::of(text) {
        // What isn't JSON is for the reader to refuse.
        let Ok((name, json)) = item else {
            return false;
        };
        if json::is_blank(json) {
            continue;
        }
        contradicts |= match word(name).as_deref() {
            Some("error") => !matches!(json, "false" | "[]") && number(json) != Some(0),
            Some("code") => {
                !matches!(number(json), Some(0 | 200))
                    && !says(json, "ok")
                    && !says(json, "success")
            }
            Some("success") => json != "true" && word(json).as_deref() != Some("true"),
            _ => false,
        };
    }
    contradicts
}
