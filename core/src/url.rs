//! Absolute URLs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::endpoints::check_url;
use crate::error::Invalid;
use crate::json;

/// An absolute URL: `https`, or `http` on a loopback host, without user information and fragment.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "string", rename = "string")
)]
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

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, Self::parse)
    }
}
