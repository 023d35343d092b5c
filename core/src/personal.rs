//! Personal data, and what may hold some: not secret as a key is, but nothing for a log.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::json;

/// A text about a person, such as a name, a document's number or what is searched for, or words of the API that may repeat
/// what was sent. `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "string", rename = "string")
)]
pub struct Personal(#[serde(serialize_with = "json::unless_hidden")] String);

impl Personal {
    /// The text, to be sent or shown to the person.
    ///
    /// ```
    /// let name = bananatech_core::Personal::from("Ada");
    /// assert_eq!(name.as_str(), "Ada");
    /// assert_eq!(format!("{name:?}"), "Personal(…)");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Personal {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(…)")
    }
}
