//! Points in time. The core has no clock: the caller says what time it is.

use std::fmt;

use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::error::{Code, Invalid};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, as webhooks carry it in `occur_time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "number"))]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    ///
    /// ```
    /// use bananatech_core::Timestamp;
    /// assert_eq!(Timestamp::from_millis(1_691_249_025_085).as_millis(), 1_691_249_025_085);
    /// ```
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Timestamp::from_millis(5).as_millis(), 5);
    /// ```
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// So many milliseconds later, at most the end of time.
    ///
    /// ```
    /// use bananatech_core::Timestamp;
    /// assert_eq!(Timestamp::from_millis(5).after(10), Timestamp::from_millis(15));
    /// ```
    #[must_use]
    pub const fn after(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(MillisVisitor).map(Self)
    }
}

struct MillisVisitor;

impl Visitor<'_> for MillisVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of milliseconds")
    }

    fn visit_i64<E: de::Error>(self, millis: i64) -> Result<i64, E> {
        Ok(millis)
    }

    fn visit_u64<E: de::Error>(self, millis: u64) -> Result<i64, E> {
        i64::try_from(millis).or_else(|_| self.visit_unit())
    }

    /// Anything that isn't such a number.
    fn visit_unit<E: de::Error>(self) -> Result<i64, E> {
        let expected = "a whole number of milliseconds";
        Err(Invalid::new("", Code::TimestampFormat, expected).into_serde())
    }
}

/// How far an event's `occur_time` may be from the receiver's clock.
///
/// The contract has no replay window. Because retries of the vendor are undocumented too, a late event isn't by itself a
/// forged one: a verdict is given, and what to do about it is the caller's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct TimeWindow {
    /// How long ago an event may have happened, in milliseconds.
    pub past_ms: u32,
    /// How far ahead of the receiver's clock the sender's may be, in milliseconds.
    pub future_ms: u32,
}

impl Default for TimeWindow {
    /// A day back, for retries after an outage, and five minutes ahead, for clocks. A choice of this library.
    fn default() -> Self {
        Self {
            past_ms: 24 * 60 * 60 * 1000,
            future_ms: 5 * 60 * 1000,
        }
    }
}

/// Where a time lies against a [`TimeWindow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "verdict", content = "by_ms", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Freshness {
    /// Inside the window.
    Fresh,
    /// Before the window, by so many milliseconds.
    TooOld(u64),
    /// After the window, by so many milliseconds.
    TooNew(u64),
    /// The event carries no time (`USER_CREATE_RESULT`, raw and unknown events).
    NotStated,
}

impl TimeWindow {
    /// Judges when an event happened against the clock that is passed in.
    ///
    /// ```
    /// use bananatech_core::{Freshness, TimeWindow, Timestamp};
    /// let window = TimeWindow { past_ms: 1000, future_ms: 0 };
    /// let now = Timestamp::from_millis(5000);
    /// assert_eq!(window.judge(Some(Timestamp::from_millis(4500)), now), Freshness::Fresh);
    /// assert_eq!(window.judge(Some(Timestamp::from_millis(3000)), now), Freshness::TooOld(1000));
    /// assert_eq!(window.judge(None, now), Freshness::NotStated);
    /// ```
    pub fn judge(&self, occurred_at: Option<Timestamp>, now: Timestamp) -> Freshness {
        let Some(at) = occurred_at else {
            return Freshness::NotStated;
        };
        let age = i128::from(now.0) - i128::from(at.0);
        let beyond = |excess: i128| u64::try_from(excess).unwrap_or(u64::MAX);
        if age > i128::from(self.past_ms) {
            Freshness::TooOld(beyond(age - i128::from(self.past_ms)))
        } else if -age > i128::from(self.future_ms) {
            Freshness::TooNew(beyond(-age - i128::from(self.future_ms)))
        } else {
            Freshness::Fresh
        }
    }
}
