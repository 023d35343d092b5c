//! Points in time. The core has no clock: the caller says what time it is.

use serde::{Serialize, Serializer};

use crate::error::{Code, Invalid};
use crate::json::{FromJson, Raw, Slot, deserialize_from_json};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, as webhooks carry it in `occur_time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl FromJson for Timestamp {
    fn blank() -> Self {
        Self(0)
    }
}

impl Slot for Timestamp {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        self.0 = json.get().parse().map_err(|_| {
            Invalid::new(
                "occur_time",
                Code::TimestampFormat,
                "a whole number of milliseconds",
            )
        })?;
        Ok(())
    }
}

impl crate::write::Written for Timestamp {
    fn write(&self, out: &mut crate::write::JsonWriter) {
        out.signed(self.0);
    }
}

deserialize_from_json!(Timestamp);

/// How far an event's `occur_time` may be from the receiver's clock.
///
/// The contract has no replay window. Because retries of the vendor are undocumented too, a late event isn't by itself a
/// forged one: a verdict is given, and what to do about it is the caller's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
