//! The tracker: an event among many open operations, many recharges of one card, and the size of what is stored. There is no peer.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bananatech_core::operations::card::Recharge;
use bananatech_core::{
    Amount, Assumptions, CardId, ConfirmedOperation, Event, OperationId, Timestamp, Tracker, UserId,
};

use crate::time;

/// So many events are measured, unless there are fewer operations.
const EVENTS: u32 = 1_000;
const SENT_AT: Timestamp = Timestamp::from_millis(1_691_249_025_085);
const HOUR_MS: i64 = 60 * 60 * 1000;

/// So many recharges, open, of so many cards in turn.
fn tracker(operations: u32, cards: u32) -> Result<Tracker> {
    let mut tracker = Tracker::new(Assumptions::exclusive_since(SENT_AT.after(-HOUR_MS)));
    let amount = Amount::parse("100")?;
    for number in 0..operations {
        let recharge = Recharge {
            user_id: UserId::from(12345),
            card_id: CardId::from(number % cards),
            amount,
        };
        let mut bytes = [0; 16];
        // As random ids would lie.
        bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_le_bytes());
        let id = OperationId::from_random_bytes(bytes);
        let mut operation = recharge.tracked(id, SENT_AT);
        operation.least = Some(Amount::parse("99")?);
        tracker.store(operation)?;
    }
    Ok(tracker)
}

/// The event of a card's recharge.
fn event(transaction: u32, card: u32) -> Result<Event> {
    let at = SENT_AT.after(5_000).as_millis();
    Ok(Event::from_json(&format!(
        r#"{{"type":"CARD_RECHARGE_RESULT","data":{{"card_id":{card},"transaction_id":{transaction},"receive_amount":100.0,
            "status":"SUCCESS","currency":"USD","occur_time":{at}}}}}"#
    ))?)
}

/// How long each event took, the shortest first. All have to settle what is theirs by the last one.
fn take(tracker: &mut Tracker, events: &[Event]) -> Result<Vec<Duration>> {
    let mut settled = 0;
    let mut times = Vec::with_capacity(events.len());
    for event in events {
        let started = Instant::now();
        let report = tracker.take(event);
        times.push(started.elapsed());
        settled += report.settled.len();
    }
    ensure!(
        settled == events.len(),
        "{settled} of {} are settled",
        events.len()
    );
    times.sort_unstable();
    Ok(times)
}

fn row(text: &mut String, name: &str, times: &[Duration]) {
    let nanos = |at: usize| {
        let found = times.get(at).copied().unwrap_or_default();
        time(found.as_secs_f64() * 1e9)
    };
    let last = times.len().saturating_sub(1);
    let _ = writeln!(
        text,
        "| {name:<47} | {:<9} | {:<15} | {:<9} |",
        nanos(times.len() / 2),
        nanos(last * 99 / 100),
        nanos(last),
    );
}

/// Measures, and answers the section of the documentation.
pub(crate) fn report(quick: bool) -> Result<String> {
    let mut text = String::from(ABOUT);
    text.push_str("| an event                                        | median    | 99th percentile | longest   |\n");
    text.push_str("|-------------------------------------------------|-----------|-----------------|-----------|\n");
    let many = if quick { 10_000 } else { 1_000_000 };
    for operations in [1_000, many] {
        let mut tracker = tracker(operations, operations)?;
        let step = operations / EVENTS;
        let events: Result<Vec<Event>> = (0..EVENTS).map(|at| event(at + 1, at * step)).collect();
        let times = take(&mut tracker, &events?)?;
        row(
            &mut text,
            &format!("among {operations} open operations, of as many cards"),
            &times,
        );
    }
    let of_one_card = if quick { 200 } else { 2_000 };
    let mut one = tracker(of_one_card, 1)?;
    let open = one.to_json().len();
    let events: Result<Vec<Event>> = (0..of_one_card).map(|at| event(at + 1, 0)).collect();
    let times = take(&mut one, &events?)?;
    row(
        &mut text,
        &format!("of one card with {of_one_card} recharges open"),
        &times,
    );
    let of_each = |bytes: usize| bytes / usize::try_from(of_one_card).unwrap_or(usize::MAX);
    let _ = writeln!(
        text,
        "\nStored as JSON, a recharge that is open is {} bytes, and one that ended by its event {}.",
        of_each(open),
        of_each(one.to_json().len()),
    );
    Ok(text)
}

const ABOUT: &str = "\
### tracking

`Tracker::take`: one event, from the typed event to the report, each measured by itself. All operations are recharges of 100.00, of
which 99.00 or more may arrive. Those of one card are twins, all open at first, and the events come one after the other.

";
