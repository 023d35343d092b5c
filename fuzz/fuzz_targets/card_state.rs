//! A card's state is the same in whatever order its events come, however often, and wherever.
#![no_main]

use bananatech_core::{CardId, CardState, Event, Fold};
use libfuzzer_sys::fuzz_target;

fn event(kind: u8, word: u8, time: u8) -> Option<Event> {
    let status = if word % 5 == 4 { "FAILED" } else { "SUCCESS" };
    let card_status =
        ["TBA", "ACTIVE", "LOCKED", "CLOSED", "FROZEN", "STOLEN"][usize::from(word / 5 % 6)];
    let head = format!(
        r#""card_id":{},"status":"{status}","occur_time":{}"#,
        1 + u32::from(word == 255),
        time % 8
    );
    let (event_type, data) = match kind % 6 {
        0 => (
            "CARD_APPLY_RESULT",
            format!(r#"{{"template_id":1,"user_id":1,{head}}}"#),
        ),
        1 => ("CARD_ASSIGN_RESULT", format!("{{{head}}}")),
        2 => (
            "CARD_ACTIVATE_RESULT",
            format!(r#"{{"card_number":"**** 3456",{head}}}"#),
        ),
        3 => (
            "CARD_STATUS_CHANGE",
            format!(r#"{{"card_status":"{card_status}",{head}}}"#),
        ),
        4 => (
            "CARD_CLOSE_RESULT",
            format!(r#"{{"transaction_id":1,"refund_amount":1,{head}}}"#),
        ),
        _ => (
            "CARD_BALANCE_CHANGE",
            format!(
                r#"{{"card_id":1,"amount":{},"available":{}.{},"before_available":{},"currency":"USD","occur_time":{}}}"#,
                word % 4,
                word % 3,
                "0".repeat(1 + usize::from(word % 2)),
                word / 16 % 3,
                time % 8
            ),
        ),
    };
    Event::from_json(&format!(r#"{{"type":"{event_type}","data":{data}}}"#)).ok()
}

fuzz_target!(|data: &[u8]| {
    let Some((settings, steps)) = data.split_first() else {
        return;
    };
    let events: Vec<Event> = steps
        .chunks_exact(3)
        .take(24)
        .filter_map(|step| event(*step.first()?, *step.get(1)?, *step.get(2)?))
        .collect();
    let start = || {
        let mut state = CardState::new(CardId::from(1));
        state.needs_activation = [None, Some(true), Some(false)][usize::from(settings % 3)];
        state
    };
    let mut forwards = start();
    for event in &events {
        forwards.fold(event);
        assert_ne!(
            forwards.clone().fold(event),
            Fold::Applied,
            "an event counts once"
        );
    }
    let mut backwards = start();
    for event in events.iter().rev() {
        backwards.fold(event);
    }
    assert_eq!(forwards, backwards);
    let mut turned = start();
    let middle = usize::from(settings / 3) % events.len().max(1);
    for event in events.iter().cycle().skip(middle).take(events.len() * 2) {
        turned.fold(event);
    }
    assert_eq!(forwards, turned);
    let (mut here, mut there) = (start(), start());
    for (at, event) in events.iter().enumerate() {
        let state = if at % 2 == 0 { &mut here } else { &mut there };
        state.fold(event);
    }
    let other = here.clone();
    here.merge(&there).expect("one card's");
    there.merge(&other).expect("one card's");
    assert_eq!((&forwards, &forwards), (&here, &there));
    let possible = forwards.possible_balances().len();
    assert_eq!(forwards.balance().is_some(), possible == 1);
    let stored = serde_json::to_string(&forwards).expect("it can be stored");
    assert_eq!(
        serde_json::from_str::<CardState>(&stored).ok(),
        Some(forwards)
    );
});
