//! Events whose data aren't read: of a type that isn't known, or not what their type has.

use serde::{Deserialize, Serialize};

use super::EventType;
use crate::error::Code;
use crate::json::{self, Json};

/// An event of a type that this library doesn't know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct UnknownEvent {
    /// The type, as it came. It isn't signed.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "ts", ts(type = "OtherWord"))]
    pub event_type: String,
    /// The data, as they came.
    pub data: Json,
}

/// An event of a documented type whose data can't be read as what that type has. It is authentic, and kept whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct UnrecognizedEvent {
    /// The type, as it came. It isn't signed: perhaps the data are another type's.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The data, as they came.
    pub data: Json,
    /// The field that can't be read, as a path; empty if it is about the whole.
    pub field: String,
    /// The rule that it broke.
    pub code: Code,
    /// What was expected.
    pub expected: String,
}

/// An event as it is passed on.
#[derive(Deserialize)]
pub(super) struct PassedOn {
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) data: Json,
}

impl PassedOn {
    /// The event within one that wasn't recognized.
    pub(super) fn unwrapped(self) -> Self {
        if self.event_type == UNRECOGNIZED
            && let Ok(within) = json::from_str(self.data.as_str())
        {
            return within;
        }
        self
    }
}

/// The word that stands for the type of an event that wasn't recognized: in small letters, as no type of the API's is.
const UNRECOGNIZED: &str = "unrecognized";
