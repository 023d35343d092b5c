//! Events as JSON, and everything else that is stored as JSON: a tracker, a card's state, any JSON.
#![no_main]

use bananatech_core::{
    CardAction, CardState, Event, Inquiry, Json, Thing, TimeWindow, Timestamp, TrackedOperation,
    Tracker, json,
};
use bananatech_fuzz::{checked, text, with_canaries};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Read, written and read again it is the same.
fn stored<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(text: &str) -> Option<T> {
    let value: T = checked(json::from_str(text))?;
    let written = json::to_string(&value).expect("it can be written");
    let again: T = json::from_str(&written).expect("our own JSON is read");
    assert_eq!(value, again);
    Some(value)
}

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = text(data) else {
        return;
    };
    for text in with_canaries(first, text) {
        if let Some(event) = checked(Event::from_json(&text)) {
            let written = event.to_json();
            let again = Event::from_json(&written).expect("our own JSON is read");
            assert_eq!(event, again);
            assert_eq!(written, again.to_json());
            let _ = TimeWindow::default().judge(event.occurred_at(), Timestamp::from_millis(0));
        }
        if let Some(row) = stored::<TrackedOperation>(&text) {
            for inquiry in Inquiry::about(&row) {
                let again = Inquiry::from_json(&inquiry.to_json()).expect("our own JSON is read");
                assert_eq!(inquiry, again);
            }
        }
        if let Some(inquiry) = checked(Inquiry::from_json(&text)) {
            assert_eq!(Inquiry::from_json(&inquiry.to_json()), Ok(inquiry));
        }
        let _ = stored::<Thing>(&text);
        // Stored state that no run of ours wrote must not panic either.
        if let Some(mut tracker) = checked(Tracker::from_json(&text)) {
            let again = Tracker::from_json(&tracker.to_json()).expect("our own JSON is read");
            assert_eq!(again.to_json(), tracker.to_json());
            let ids: Vec<_> = tracker.operations().map(|row| row.id).collect();
            for id in ids {
                let _ = checked(tracker.withdraw(id));
            }
            tracker.overdue(Timestamp::from_millis(i64::MAX));
            tracker.forget_before(Timestamp::from_millis(i64::MAX));
        }
        if let Some(state) = stored::<CardState>(&text) {
            for action in CardAction::ALL {
                let allowed = state.allowed().any(|allowed| allowed == *action);
                assert_eq!(checked(state.check(*action)).is_some(), allowed);
            }
            let _ = state.to_string();
        }
        if let Some(json) = checked(Json::parse(&text)) {
            assert_eq!(checked(Json::parse(json.as_str())).as_ref(), Some(&json));
            let _ = checked(json.to::<String>());
        }
    }
});
