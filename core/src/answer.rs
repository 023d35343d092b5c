//! What an operation was answered.

use std::borrow::Cow;

use bananatech_json::{Items, NotJson, unescape_lossy};
use memchr::{memchr, memmem};

use crate::error::{Code, Error, Invalid};
use crate::json::{self, Extra, Json};

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<R> {
    pub(crate) response: R,
    pub(crate) json: Json,
    pub(crate) sealed_with: Option<String>,
}

impl<R> Answer<R> {
    /// The id of the key that opened it; `None` if it came as plain JSON, so that nothing vouches for it.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// let answer = call.read(200, br#"{"message":"Operation requested"}"#)?;
    /// assert_eq!(answer.sealed_with(), None); // plain JSON: nothing vouches for it
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn sealed_with(&self) -> Option<&str> {
        self.sealed_with.as_deref()
    }

    /// The exact text of the answer, opened: with all that the contract doesn't name, and what doesn't fit where it only guesses.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::operations::merchant::GetAccountBalance;
    /// let answer = merchant.read(&GetAccountBalance::default(), 200, br#"{"balance": "plenty"}"#)?;
    /// assert_eq!(answer.balance, None);
    /// assert_eq!(answer.json().as_str(), r#"{"balance": "plenty"}"#);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// The response, to be kept.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// let response = call.read(200, br#"{"message":"Operation requested"}"#)?.into_response();
    /// assert_eq!(response.message, Some("Operation requested".into()));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn into_response(self) -> R {
        self.response
    }
}

impl<R> std::ops::Deref for Answer<R> {
    type Target = R;
    fn deref(&self) -> &R {
        &self.response
    }
}

pub(crate) fn check_length(field: &'static str, body: &[u8], limit: usize) -> Result<(), Error> {
    if body.len() <= limit {
        return Ok(());
    }
    let expected = format!("at most {limit} bytes");
    Err(Error::Unexpected(Invalid::new(
        field,
        Code::MessageTooLong,
        expected,
    )))
}

/// `"success": false`: nobody should have to look for that in a successful answer.
pub(crate) fn says_failure(body: &str) -> bool {
    // Mostly it says nothing of the kind, and then needn't be taken apart for it. A name may be written with escapes.
    let bytes = body.as_bytes();
    if memmem::find(bytes, b"success").is_none() && memchr(b'\\', bytes).is_none() {
        return false;
    }
    let mut said = None;
    for item in Items::of(body) {
        match item {
            // What isn't JSON, or says it twice, is for the reader to refuse.
            Err(NotJson) => return false,
            Ok((name, json)) if unescape_lossy(name).as_deref() == Some("success") => {
                if said.replace(json).is_some() {
                    return false;
                }
            }
            Ok(_) => {}
        }
    }
    said == Some("false")
}

/// Where an error's words may stand: a guess, since no error's body is documented.
pub(crate) fn message_of(body: &str) -> Option<String> {
    let fields: Extra = json::from_vendor(body).ok()?;
    ["message", "error", "error_reason", "detail"]
        .into_iter()
        .filter_map(|name| fields.get(name)?.text())
        .find(|words| !words.is_empty())
        .map(Cow::into_owned)
}
