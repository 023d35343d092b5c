//! Events and responses that travel, and what is asked of every event.

use std::sync::{Mutex, PoisonError};

use bananatech_core as core;
use core::{
    AnyResponse, CardId, Duplicates as _, Event, Freshness, Json, Novelty, OperationKind,
    TimeWindow, Timestamp,
};

use crate::Result;

/// Types an event that a backend passed on. Nothing vouches for it but the way that it came.
///
/// Data that aren't what a documented type has arrive as an event too: unrecognized, with the field and the reason.
///
/// Errors, caused by whoever passed it on: `json.syntax`, `json.duplicate_field`, `field.required`, `field.type`.
#[uniffi::export]
pub fn read_event(json: Json) -> Result<Event> {
    Ok(Event::from_json(json.as_str())?)
}

/// An event as JSON, `{"type": …, "data": …}`, to be stored or passed on. It holds what the event holds: of an activation, the
/// card's number.
#[uniffi::export]
pub fn write_event(event: Event) -> Result<Json> {
    Ok(Json::parse(&event.to_json())?)
}

/// Types a response that a backend passed on.
///
/// Errors, caused by whoever passed it on: the code of the field that is wrong.
#[uniffi::export]
pub fn read_response(operation: OperationKind, json: Json) -> Result<AnyResponse> {
    Ok(AnyResponse::from_json(operation, json.as_str())?)
}

/// A response as JSON, to be passed on.
#[uniffi::export]
pub fn write_response(response: AnyResponse) -> Result<Json> {
    Ok(Json::parse(&core::json::to_string(&response)?)?)
}

/// What is asked of every event.
#[derive(uniffi::Record)]
pub struct EventFacts {
    /// The API's name for its type, as `CARD_RECHARGE_RESULT`.
    pub event_type: String,
    /// The card that it is about, if it names one.
    pub card_id: Option<CardId>,
    /// When it happened, if it says so.
    pub occurred_at: Option<Timestamp>,
}

/// What is asked of every event: its type, its card and its time.
#[uniffi::export]
pub fn event_facts(event: Event) -> Result<EventFacts> {
    Ok(EventFacts {
        event_type: event.event_type().as_str().to_owned(),
        card_id: event.card_id(),
        occurred_at: event.occurred_at(),
    })
}

/// Judges when an event happened against the clock. A late event isn't by itself a forged one: what to do about it is for you
/// to decide. Without a window: up to a day late, and five minutes early.
#[uniffi::export(default(window = None))]
pub fn judge_time(event: Event, now: Timestamp, window: Option<TimeWindow>) -> Result<Freshness> {
    Ok(window.unwrap_or_default().judge(event.occurred_at(), now))
}

/// The most recent deliveries, in memory: for one process, and forgotten with it. Several processes need a shared store.
/// Threads may share it.
#[derive(uniffi::Object)]
pub struct RecentDeliveries(Mutex<core::RecentDeliveries>);

#[uniffi::export]
impl RecentDeliveries {
    /// Remembers so many; the oldest is forgotten first.
    #[uniffi::constructor(default(capacity = 10000))]
    pub fn new(capacity: i32) -> Self {
        let capacity = usize::try_from(capacity).unwrap_or(0);
        Self(Mutex::new(core::RecentDeliveries::new(capacity)))
    }

    /// Remembers a delivery's fingerprint, and says whether it was known: then answer 200, and do nothing. If what you do about
    /// a new one fails, `forget` it, or its repetition is taken for a duplicate.
    ///
    /// Errors, caused by the caller: `field.type` for what isn't a fingerprint.
    pub fn remember(&self, fingerprint: String) -> Result<Novelty> {
        let Ok(novelty) = self.locked().remember(&fingerprint.parse()?);
        Ok(novelty)
    }

    /// Forgets a delivery again: if handling it failed, so that a repetition of it isn't taken for a duplicate and lost.
    ///
    /// Errors, caused by the caller: `field.type` for what isn't a fingerprint.
    pub fn forget(&self, fingerprint: String) -> Result<()> {
        self.locked().forget(&fingerprint.parse()?);
        Ok(())
    }
}

impl RecentDeliveries {
    fn locked(&self) -> std::sync::MutexGuard<'_, core::RecentDeliveries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
