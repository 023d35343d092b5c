//! A card's state: whatever the order and the place in which things are folded, the same is known, and what is told is true.

use bananatech_core::operations::card::CardInformation;
use bananatech_core::{
    Amount, CardAction, CardId, CardState, CardStatus, Code, Event, Fold, KnownBalance, Timestamp,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

const MINUTE: i64 = 60 * 1000;

fn card() -> CardState {
    CardState::new(CardId::from(1))
}

fn event(event_type: &str, data: &str) -> Event {
    Event::from_json(&format!(r#"{{"type":"{event_type}","data":{data}}}"#)).unwrap()
}

fn change(status: &str, at: i64) -> Event {
    let data =
        format!(r#"{{"card_id":1,"status":"SUCCESS","card_status":"{status}","occur_time":{at}}}"#);
    event("CARD_STATUS_CHANGE", &data)
}

fn result(event_type: &str, at: i64) -> Event {
    let more = match event_type {
        "CARD_APPLY_RESULT" => r#""template_id":1,"user_id":5"#,
        "CARD_ASSIGN_RESULT" => r#""user_id":5"#,
        "CARD_ACTIVATE_RESULT" => r#""card_number":"**** 3456""#,
        _ => r#""transaction_id":1,"refund_amount":5"#,
    };
    event(
        event_type,
        &format!(r#"{{"card_id":1,"status":"SUCCESS","occur_time":{at},{more}}}"#),
    )
}

fn balance(before: &str, after: &str, at: i64) -> Event {
    balance_of(after, before, after, at)
}

fn balance_of(amount: &str, before: &str, after: &str, at: i64) -> Event {
    let data = format!(
        r#"{{"card_id":1,"amount":{amount},"available":{after},"before_available":{before},"currency":"USD","occur_time":{at}}}"#
    );
    event("CARD_BALANCE_CHANGE", &data)
}

fn information(status: &str) -> CardInformation {
    serde_json::from_str(&format!(r#"{{"status":"{status}"}}"#)).unwrap()
}

/// What can be taken in.
#[derive(Clone, Debug)]
enum Step {
    Event(Event),
    Observed(String, i64),
}

impl Step {
    fn take(&self, state: &mut CardState) -> Fold {
        match self {
            Self::Event(event) => state.fold(event),
            Self::Observed(status, at) => {
                state.observe(&information(status), Timestamp::from_millis(*at))
            }
        }
    }
}

fn folded(steps: &[Step]) -> CardState {
    let mut state = card();
    for step in steps {
        step.take(&mut state);
    }
    state
}

fn folded_events(events: &[Event]) -> CardState {
    folded(&events.iter().cloned().map(Step::Event).collect::<Vec<_>>())
}

fn status(state: &CardState) -> &str {
    state.status().map_or("?", CardStatus::as_str)
}

fn possible(state: &CardState) -> Vec<&str> {
    state
        .possible_statuses()
        .into_iter()
        .map(CardStatus::as_str)
        .collect()
}

fn available(state: &CardState) -> Option<String> {
    state.balance().map(|balance| balance.available.to_string())
}

/// Each order of a few things.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for at in 0..things.len() {
        let mut others = things.to_vec();
        let first = others.remove(at);
        for mut order in orders(&others) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

#[test]
fn of_two_balances_of_one_millisecond_the_one_that_begins_where_the_other_ends_is_later() {
    // The larger is the later one, and the smaller.
    for (first, second, last) in [
        (balance("100", "90", 5), balance("90", "80", 5), "80"),
        (balance("80", "90.0", 5), balance("90", "100", 5), "100"),
    ] {
        for order in orders(&[first, second]) {
            assert_eq!(available(&folded_events(&order)).as_deref(), Some(last));
        }
    }
}

#[test]
fn a_chain_within_one_millisecond_is_followed_to_its_end() {
    let chain = [
        balance("100", "90", 5),
        balance("90", "70", 5),
        balance("70", "95", 5),
        balance("95", "20", 5),
    ];
    let state = folded_events(&chain);
    for order in orders(&chain) {
        let other = folded_events(&order);
        assert_eq!(other, state);
        assert_eq!(available(&other).as_deref(), Some("20"));
    }
    // While a link is missing it is unclear; the link, though it isn't the last one, makes it clear.
    let mut gap = folded_events(&[chain[0].clone(), chain[2].clone(), chain[3].clone()]);
    assert_eq!(gap.balance(), None);
    assert_eq!(gap.possible_balances().len(), 2);
    assert_eq!(gap.fold(&chain[1]), Fold::Applied);
    assert_eq!(gap, folded_events(&chain[..4]));
    assert_eq!(available(&gap).as_deref(), Some("20"));
}

#[test]
fn balances_that_nothing_orders_are_unclear_until_a_later_event() {
    for events in [
        // No link; a fork; a circle; a circle after something else.
        vec![balance("100", "90", 5), balance("80", "70", 5)],
        vec![balance("100", "90", 5), balance("100", "80", 5)],
        vec![balance("100", "90", 5), balance("90", "100", 5)],
        vec![
            balance("50", "100", 5),
            balance("100", "90", 5),
            balance("90", "100.5", 5),
            balance("100.5", "90", 5),
        ],
    ] {
        for order in orders(&events) {
            let mut state = folded_events(&order);
            assert_eq!(state.balance(), None);
            assert_eq!(state.possible_balances().len(), 2);
            assert_eq!(state.fold(&balance("1", "2", 6)), Fold::Applied);
            assert_eq!(available(&state).as_deref(), Some("2"));
            assert_eq!(state.possible_balances().len(), 1);
            assert_eq!(state.fold(&events[0]), Fold::Stale);
        }
    }
}

#[test]
fn a_balance_that_all_agree_on_is_clear() {
    let state = folded_events(&[balance("100", "90", 5), balance("80", "90", 5)]);
    assert_eq!(available(&state).as_deref(), Some("90"));
    // What was set aside was settled: the amount changed, and not what can be spent.
    let settled = [
        balance_of("100", "100", "90", 5),
        balance_of("90", "90", "90", 5),
    ];
    for order in orders(&settled) {
        let state = folded_events(&order);
        let amount = state.balance().map(|balance| balance.amount);
        assert_eq!(amount, Some(Amount::parse("90").unwrap()));
    }
}

#[test]
fn another_currency_is_no_link() {
    let data = r#"{"card_id":1,"amount":80,"available":80,"before_available":90,"currency":"EUR","occur_time":5}"#;
    let state = folded_events(&[balance("100", "90", 5), event("CARD_BALANCE_CHANGE", data)]);
    assert_eq!(state.balance(), None);
}

#[test]
fn more_than_sixteen_of_one_millisecond_are_unclear_in_any_order() {
    let link = |at: u32| balance(&at.to_string(), &(at + 1).to_string(), 5);
    let sixteen: Vec<_> = (0..16).map(link).collect();
    assert_eq!(
        available(&folded_events(&sixteen)).as_deref(),
        Some("16"),
        "a chain of sixteen is followed"
    );
    let many: Vec<_> = (0..40).map(link).collect();
    let mut turned = many.clone();
    turned.reverse();
    let mut swapped = many.clone();
    swapped.rotate_left(17);
    let state = folded_events(&many);
    for order in [turned, swapped] {
        assert_eq!(folded_events(&order), state);
    }
    assert_eq!(state.balances.len(), 17);
    assert_eq!(state.balance(), None);
    // Though all that are kept say the same.
    let same: Vec<_> = (100..140)
        .map(|before| balance(&before.to_string(), "7", 5))
        .collect();
    let state = folded_events(&same);
    assert_eq!(state.balance(), None);
    assert!(state.possible_balances().len() > 1);

    let words: Vec<_> = (0..40).map(|at| change(&format!("WORD{at}"), 5)).collect();
    let mut state = folded_events(&words);
    assert_eq!(possible(&state).len(), 17);
    assert_eq!(state.fold(&change("LOCKED", 6)), Fold::Applied);
    assert_eq!(status(&state), "LOCKED");
}

#[test]
fn of_two_statuses_of_one_millisecond_only_a_certain_order_counts() {
    let assigned = result("CARD_ASSIGN_RESULT", 5);
    let activated = result("CARD_ACTIVATE_RESULT", 5);
    let closed = result("CARD_CLOSE_RESULT", 5);
    let applied = result("CARD_APPLY_RESULT", 5);
    for (events, expected) in [
        (vec![assigned.clone(), activated.clone()], vec!["ACTIVE"]),
        (vec![assigned.clone(), change("LOCKED", 5)], vec!["LOCKED"]),
        (vec![applied, change("LOCKED", 5)], vec!["LOCKED"]),
        (
            vec![change("ACTIVE", 5), change("LOCKED", 5)],
            vec!["ACTIVE", "LOCKED"],
        ),
        (
            vec![assigned.clone(), change("FROZEN", 5)],
            vec!["TBA", "FROZEN"],
        ),
        (
            vec![assigned, change("FROZEN", 5), change("LOCKED", 5)],
            vec!["LOCKED", "FROZEN"],
        ),
        (
            vec![change("ACTIVE", 5), change("LOCKED", 5), closed],
            vec!["CLOSED"],
        ),
    ] {
        for order in orders(&events) {
            let mut state = folded_events(&order);
            assert_eq!(possible(&state), expected);
            assert_eq!(state.status().is_some(), expected.len() == 1);
            assert_eq!(state.status_as_of().is_some(), expected.len() == 1);
            if expected != ["CLOSED"] {
                state.fold(&change("ACTIVE", 6));
                assert_eq!(possible(&state), ["ACTIVE"]);
            }
        }
    }
}

#[test]
fn while_it_is_unclear_what_may_be_allowed_is() {
    let state = folded_events(&[change("ACTIVE", 5), change("LOCKED", 5)]);
    assert_eq!(state.to_string(), "card 1 is ACTIVE or LOCKED");
    let allowed: Vec<_> = state.allowed().collect();
    assert!(allowed.contains(&CardAction::Unlock) && allowed.contains(&CardAction::Recharge));
    assert!(!allowed.contains(&CardAction::Activate));
    assert!(state.check(CardAction::Recharge).is_ok());
    let error = state.check(CardAction::Activate).unwrap_err();
    assert_eq!(error.code(), Code::StateNotAllowed);
}

#[test]
fn an_application_counts_by_its_template_whenever_that_is_known() {
    let applied = result("CARD_APPLY_RESULT", 5);
    let mut state = folded_events(std::slice::from_ref(&applied));
    assert_eq!(possible(&state), ["TBA", "ACTIVE"]);
    state.needs_activation = Some(true);
    assert_eq!(status(&state), "TBA");
    state.needs_activation = Some(false);
    assert_eq!(status(&state), "ACTIVE");
    let mut early = card();
    early.needs_activation = Some(false);
    assert_eq!(early.fold(&applied), Fold::Applied);
    assert_eq!(early, state);
}

#[test]
fn an_observation_beats_only_events_that_are_older_by_more_than_the_clocks_may_differ() {
    let at = 100 * MINUTE;
    let observed = Step::Observed("LOCKED".to_owned(), at);
    for (occurred, expected) in [
        (at - 5 * MINUTE - 1, vec!["LOCKED"]),
        (at - 5 * MINUTE, vec!["ACTIVE", "LOCKED"]),
        (at - 1, vec!["ACTIVE", "LOCKED"]),
        (at, vec!["ACTIVE", "LOCKED"]),
        (at + 1, vec!["ACTIVE"]),
    ] {
        for order in orders(&[observed.clone(), Step::Event(change("ACTIVE", occurred))]) {
            assert_eq!(possible(&folded(&order)), expected, "{}", occurred - at);
        }
    }
    // It ends with an event that is surely later, or with a later observation.
    let unclear = [observed, Step::Event(change("ACTIVE", at))];
    for (end, expected) in [
        (Step::Event(change("ACTIVE", at + 1)), "ACTIVE"),
        (
            Step::Observed("LOCKED".to_owned(), at + 6 * MINUTE),
            "LOCKED",
        ),
    ] {
        for order in orders(&[unclear[0].clone(), unclear[1].clone(), end]) {
            assert_eq!(status(&folded(&order)), expected);
        }
    }
}

#[test]
fn an_observation_that_agrees_or_fits_a_cards_life_leaves_nothing_unclear() {
    let at = 100 * MINUTE;
    for (observed, event, expected) in [
        ("ACTIVE", change("ACTIVE", at - MINUTE), "ACTIVE"),
        (
            "ACTIVE",
            result("CARD_ASSIGN_RESULT", at - MINUTE),
            "ACTIVE",
        ),
        ("TBA", result("CARD_ACTIVATE_RESULT", at - MINUTE), "ACTIVE"),
        ("CLOSED", change("ACTIVE", at + 600 * MINUTE), "CLOSED"),
        (
            "ACTIVE",
            result("CARD_CLOSE_RESULT", at - 600 * MINUTE),
            "CLOSED",
        ),
    ] {
        for order in orders(&[Step::Observed(observed.to_owned(), at), Step::Event(event)]) {
            assert_eq!(status(&folded(&order)), expected);
        }
    }
    let agreed = folded(&[
        Step::Observed("ACTIVE".to_owned(), at),
        Step::Event(change("ACTIVE", at - 1)),
    ]);
    assert_eq!(agreed.status_as_of(), Some(Timestamp::from_millis(at)));
}

#[test]
fn closed_is_final_whatever_is_said_later() {
    let later = change("FROZEN", 600 * MINUTE);
    for order in orders(&[result("CARD_CLOSE_RESULT", 5), later]) {
        let state = folded_events(&order);
        assert_eq!(possible(&state), ["CLOSED"]);
        assert_eq!(state.statuses.len(), 1);
    }
}

#[test]
fn of_two_observations_the_later_one_counts() {
    let steps = [
        Step::Observed("ACTIVE".to_owned(), 5),
        Step::Observed("LOCKED".to_owned(), 6),
    ];
    for order in orders(&steps) {
        assert_eq!(status(&folded(&order)), "LOCKED");
    }
    let mut state = folded(&steps);
    assert_eq!(steps[0].take(&mut state), Fold::Stale);
    assert_eq!(steps[1].take(&mut state), Fold::Duplicate);
}

#[test]
fn states_that_cannot_be_one_cards_are_not_merged() {
    let mut ours = card();
    ours.needs_activation = Some(true);
    let before = ours.clone();
    let refused = |ours: &mut CardState, theirs: &CardState, field| {
        let error = ours.merge(theirs).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::StateMismatch, field));
    };
    refused(&mut ours, &CardState::new(CardId::from(2)), "card_id");
    let mut theirs = card();
    theirs.needs_activation = Some(false);
    theirs.fold(&change("LOCKED", 5));
    refused(&mut ours, &theirs, "needs_activation");
    assert_eq!(ours, before);
    theirs.needs_activation = None;
    ours.merge(&theirs).unwrap();
    assert_eq!(ours.needs_activation, Some(true));
    assert_eq!(status(&ours), "LOCKED");
}

#[test]
fn what_a_newer_version_stored_is_kept() {
    let stored = r#"{"version":7,"card_id":1,"statuses":[{"status":"LOCKED","as_of":5,"observed":false,"who":"x"}],
        "balances":[{"amount":"1.0","available":"1","currency":"USD","as_of":5,"before_available":"2","fee":1.10}],
        "limits":{"daily":1.10},"then":[1]}"#;
    let mut state = CardState::from_json(stored).unwrap();
    assert_eq!(status(&state), "LOCKED");
    let kept = |state: &CardState| {
        let written = state.to_json();
        for part in [
            r#""version":7"#,
            r#""who":"x""#,
            r#""fee":1.10"#,
            r#""limits":{"daily":1.10}"#,
            r#""then":[1]"#,
        ] {
            assert!(written.contains(part), "{part} in {written}");
        }
        assert_eq!(CardState::from_json(&written).as_ref(), Ok(state));
    };
    kept(&state);
    // Also when the same events come again, and when it is merged, either way.
    assert_eq!(state.fold(&change("LOCKED", 5)), Fold::Duplicate);
    assert_eq!(
        state.fold(&balance_of("1.00", "2", "1", 5)),
        Fold::Duplicate
    );
    kept(&state);
    let ours = folded_events(&[change("LOCKED", 5), balance_of("1.00", "2", "1", 5)]);
    assert!(ours.to_json().contains(r#""version":1"#));
    let mut merged = ours.clone();
    merged.merge(&state).unwrap();
    kept(&merged);
    state.merge(&ours).unwrap();
    assert_eq!(state.to_json(), merged.to_json());
    // What this version can't merge, it doesn't.
    let mut other = CardState::from_json(&stored.replace("[1]", "[2]")).unwrap();
    let error = other.merge(&state).unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        (Code::StateMismatch, "extra")
    );
    let mut other = CardState::from_json(&stored.replace(r#""x""#, r#""y""#)).unwrap();
    let mut one = CardState::from_json(stored).unwrap();
    one.merge(&other).unwrap();
    other.merge(&CardState::from_json(stored).unwrap()).unwrap();
    assert_eq!(one.to_json(), other.to_json());
}

#[test]
fn what_the_version_before_stored_is_read() {
    let stored = r#"{"card_id":1,"known_status":"LOCKED","status_as_of":900000,
        "balance":{"amount":"5","available":"4","currency":"USD","as_of":5}}"#;
    let mut state = CardState::from_json(stored).unwrap();
    assert_eq!(status(&state), "LOCKED");
    assert_eq!(available(&state).as_deref(), Some("4"));
    assert_eq!(state.version, CardState::VERSION);
    assert!(!state.to_json().contains("known_status"));
    // It may have been an observation.
    state.fold(&change("ACTIVE", 899_999));
    assert_eq!(possible(&state), ["ACTIVE", "LOCKED"]);
}

#[test]
fn facts_are_put_in_order_when_they_are_read() {
    let stored = r#"{"card_id":1,"balances":[],"statuses":[{"status":"LOCKED","as_of":5,"observed":false},
        {"status":"ACTIVE","as_of":9,"observed":false},{"status":"ACTIVE","as_of":7,"observed":false}]}"#;
    let state = CardState::from_json(stored).unwrap();
    assert_eq!(state, folded_events(&[change("ACTIVE", 9)]));
}

fn step() -> impl Strategy<Value = Step> {
    // Few moments, so that many things fall on the same one, and some of them within the clocks' difference.
    let at = prop_oneof![Just(0_i64), Just(4), Just(6), Just(11)].prop_map(|at| at * MINUTE);
    (0_u8..10, at, 0_usize..5, 0_usize..5).prop_map(|(kind, at, one, two)| {
        let amounts = ["1", "2.0", "2.00", "3", "4"];
        let words = ["ACTIVE", "LOCKED", "FROZEN", "TBA", "CLOSED"];
        match kind {
            0 => Step::Event(result("CARD_APPLY_RESULT", at)),
            1 => Step::Event(result("CARD_ASSIGN_RESULT", at)),
            2 => Step::Event(result("CARD_ACTIVATE_RESULT", at)),
            3 => Step::Event(change(words[one], at)),
            4 | 5 => Step::Event(change(words[one % 3], at)),
            6 | 7 => Step::Observed(words[one % (3 + two % 3)].to_owned(), at),
            _ => Step::Event(balance(amounts[one], amounts[two], at)),
        }
    })
}

/// One after the other.
fn merged(states: &[&CardState]) -> CardState {
    let mut all = states[0].clone();
    for state in &states[1..] {
        all.merge(state).unwrap();
    }
    all
}

proptest! {
    /// Each thing is seen by one machine at least, in its own order, and what they know is put together.
    #[test]
    fn merged_states_are_what_one_state_would_be(
        seen in prop::collection::vec((step(), 1_u8..8), 0..14), order in Just((0..14).collect::<Vec<_>>()).prop_shuffle(),
        template in prop::option::of(any::<bool>()),
    ) {
        let mut one = folded(&seen.iter().map(|(step, _)| step.clone()).collect::<Vec<_>>());
        let mut states = [card(), card(), card()];
        for at in order {
            let Some((step, machines)) = seen.get(at) else { continue };
            for (machine, state) in states.iter_mut().enumerate() {
                if machines >> machine & 1 == 1 {
                    step.take(state);
                }
            }
        }
        one.needs_activation = template;
        states[0].needs_activation = template;
        for order in orders(&states.iter().collect::<Vec<_>>()) {
            let all = merged(&order);
            prop_assert_eq!(&all, &one);
            prop_assert_eq!(all.to_json(), one.to_json());
            // Put together in the other way, and again.
            let mut right = order[1].clone();
            right.merge(order[2]).unwrap();
            prop_assert_eq!(&merged(&[order[0], &right]), &one);
            prop_assert_eq!(&merged(&[&all, order[1], &all]), &one);
        }
        for (step, _) in &seen {
            prop_assert!(step.take(&mut one.clone()) != Fold::Applied);
        }
        prop_assert_eq!(CardState::from_json(&one.to_json()), Ok(one));
    }

    /// Many of the same moment, more than are kept.
    #[test]
    fn the_bound_is_the_same_in_any_order(
        seen in prop::collection::vec((0_u32..40, any::<bool>()), 0..60), order in Just((0..60).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let take = |state: &mut CardState, at: usize| {
            let Some((word, observed)) = seen.get(at) else { return };
            let words = ["ACTIVE", "LOCKED", "TBA"];
            let status = words.get(*word as usize).map_or(format!("WORD{word}"), |word| (*word).to_owned());
            match observed {
                true => Step::Observed(status, 6).take(state),
                // Now and then a later one, which leaves only the observations beside it.
                false => state.fold(&change(&status, if word % 20 == 7 { 5 } else { 4 })),
            };
            state.fold(&balance(&word.to_string(), "7", 5));
        };
        let (mut one, mut left, mut right) = (card(), card(), card());
        for at in 0..60 {
            take(&mut one, at);
        }
        for at in order {
            take(if at % 2 == 0 { &mut left } else { &mut right }, at);
        }
        prop_assert_eq!(&merged(&[&left, &right]), &one);
        prop_assert_eq!(&merged(&[&right, &left]), &one);
        prop_assert!(one.statuses.len() <= 34 && one.balances.len() <= 17);
    }

    /// A balance that truly went up and down within one millisecond: what is told is where it ended.
    #[test]
    fn a_balance_that_is_told_is_the_last_one(steps in prop::collection::vec(0_u8..9, 2..8)) {
        let events: Vec<_> = steps
            .windows(2)
            .map(|pair| balance(&pair[0].to_string(), &pair[1].to_string(), 5))
            .collect();
        let mut sorted = events.clone();
        sorted.sort_by_key(|event| event.to_json().to_string());
        let state = folded_events(&sorted);
        let last = Amount::parse(&steps[steps.len() - 1].to_string()).unwrap();
        if let Some(told) = state.balance() {
            prop_assert_eq!(told.available, last);
        }
        prop_assert!(state.possible_balances().iter().any(|possible: &&KnownBalance| possible.available == last));
        let different: std::collections::BTreeSet<_> = steps.iter().collect();
        if different.len() == steps.len() {
            prop_assert!(state.balance().is_some(), "nothing came twice");
        }
    }

    /// A card's true life, of which some events may be lost, and which is looked at by a clock that is wrong: a status that is told is
    /// the last one of which anything was heard. Only by a clock that is behind, and with lost events, something else may be told.
    #[test]
    fn a_status_that_is_told_is_true(
        life in prop::collection::vec((1_i64..4 * MINUTE, any::<bool>()), 2..9), closes: bool,
        looks in prop::collection::vec(0_i64..40 * MINUTE, 0..4), (off, loses) in prop_oneof![
            (0..=5 * MINUTE, Just(true)), (-5 * MINUTE..=5 * MINUTE, Just(false)),
        ], seed: u64,
    ) {
        let start = 1000 * MINUTE;
        let mut now = start;
        let mut events = Vec::new();
        let count = life.len();
        for (step, (pause, is_lost)) in life.into_iter().enumerate() {
            now += pause;
            let status = match step {
                0 => "TBA",
                _ if closes && step + 1 == count => "CLOSED",
                _ if step % 2 == 1 => "ACTIVE",
                _ => "LOCKED",
            };
            events.push((now, status, is_lost && loses));
        }
        // What is heard, each with when it truly was so.
        let mut heard: Vec<(i64, &str, Step)> = events
            .iter()
            .filter(|(_, _, is_lost)| !is_lost)
            .map(|(at, status, _)| (*at, *status, Step::Event(change(status, *at))))
            .collect();
        for look in looks {
            let at = start + look;
            if let Some((_, status, _)) = events.iter().rev().find(|(occurred, _, _)| *occurred <= at) {
                heard.push((at, status, Step::Observed((*status).to_owned(), at + off)));
            }
        }
        let last = heard.iter().max_by_key(|(at, _, _)| *at).map(|(_, status, _)| *status);
        let mut keyed: Vec<_> = heard.iter().enumerate().collect();
        keyed.sort_by_key(|(at, _)| (*at as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let state = folded(&keyed.iter().map(|(_, (_, _, step))| step.clone()).collect::<Vec<_>>());
        let true_one = last.ok_or_else(|| TestCaseError::reject("nothing was heard"));
        let true_one = true_one?;
        prop_assert!(possible(&state).contains(&true_one), "{} of {:?}", true_one, possible(&state));
        if let Some(told) = state.status() {
            prop_assert_eq!(told.as_str(), true_one);
        }
    }
}
