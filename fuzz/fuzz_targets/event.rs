//! Events as JSON, and everything else that is stored as JSON: pending operations, a card's state, any JSON.
#![no_main]

use bananatech_core::{
    AnyOperation, CardAction, CardState, Event, Json, Operation, Pending, PendingOperations,
    TimeWindow, Timestamp, json,
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
        if let Some(pending) = stored::<Pending>(&text) {
            for inquiry in pending.inquiries() {
                let kind = inquiry.kind();
                assert!(AnyOperation::from_json(kind, &inquiry.wire_body()).is_ok());
            }
        }
        if let Some(mut operations) = stored::<PendingOperations>(&text) {
            operations.tidy(Timestamp::from_millis(i64::MAX));
            assert!(
                operations.overdue(Timestamp::from_millis(i64::MAX)).count()
                    <= operations.iter().count()
            );
            // Stored state that no run of ours wrote must not panic either.
            let first = operations.iter().map(|(id, _)| id).next();
            if let Some(id) = first {
                operations.withdraw(id);
            }
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
