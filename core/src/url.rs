//! Absolute URLs.

use std::fmt;

use serde::Serialize;

use crate::endpoints::check_url;
use crate::error::Invalid;
use crate::json::{FromJson, Raw, Slot, deserialize_from_json};

/// An absolute URL: `https`, or `http` on a loopback host, without user information and fragment.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Url(String);

impl Url {
    /// Reads a URL. It stays as it is written. Errors with [`Code::UrlFormat`](crate::Code::UrlFormat) (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::Url;
    /// assert_eq!(Url::parse("https://merchant.example/webhooks").unwrap().as_str(), "https://merchant.example/webhooks");
    /// assert!(Url::parse("http://merchant.example/webhooks").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_url("url", text, true)?;
        Ok(Self(text.to_owned()))
    }

    /// The text.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Url::parse("http://localhost").unwrap().as_str(), "http://localhost");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({})", self.0)
    }
}

impl FromJson for Url {
    fn blank() -> Self {
        Self(String::new())
    }
}

impl Slot for Url {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        *self = Self::parse(&json.text()?)?;
        Ok(())
    }
}

impl crate::write::Written for Url {
    fn write(&self, out: &mut crate::write::JsonWriter) {
        out.string(&self.0);
    }
}

deserialize_from_json!(Url);
