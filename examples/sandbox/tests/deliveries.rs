//! The outbox: retries, leases, order, and everything that can be made to go wrong.

mod common;

use bananatech_sandbox::envelope::{KeyCodec, OpenError, SecretKey, open};
use bananatech_sandbox::{Command, Delivery, Issuer, Outcome, Seed, Settings, magic, random};
use common::{Bench, key, read_webhook};
use serde_json::{Value, json};

fn assign(bench: &mut Bench, number: &str) {
    bench.ok(
        "/card/assign",
        json!({ "user_id": 12345, "template_id": 1, "card_number": number }),
    );
}

/// What a receiver makes of a body.
fn verdict(delivery: &Delivery) -> Result<Value, OpenError> {
    let body: Value = serde_json::from_slice(&delivery.body).unwrap();
    open(
        &[key()],
        body["encrypted_payload"].as_str().unwrap(),
        body["hmac"].as_str().unwrap(),
    )
    .map(|(_, plaintext)| serde_json::from_slice(&plaintext).unwrap())
}

fn ok(_: &Delivery) -> Outcome {
    Outcome::Answered(200)
}

#[test]
fn retries_double_their_wait_until_a_200() {
    let mut bench = Bench::with(Settings {
        retry_base_ms: 1000,
        retry_max_ms: 8000,
        ..Settings::default()
    });
    assign(&mut bench, "1234567890123456");
    let outcomes = [
        Outcome::Unreachable,
        Outcome::TimedOut,
        Outcome::Answered(500),
        Outcome::Answered(204),
        Outcome::Answered(302),
        Outcome::Cut,
        Outcome::Answered(200),
    ];
    let mut waits = Vec::new();
    let mut last = bench.now;
    for (index, outcome) in outcomes.into_iter().enumerate() {
        bench.now = bench.issuer.next_due(bench.now).unwrap().unwrap();
        // The first is the provider's turn, at which the webhook leaves too.
        let due = bench.issuer.due(bench.now).unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].attempt, i64::try_from(index).unwrap() + 1);
        bench
            .issuer
            .delivered(due[0].id, outcome, bench.now)
            .unwrap();
        waits.push(bench.now.0 - last.0);
        last = bench.now;
    }
    assert_eq!(waits, [50, 1000, 2000, 4000, 8000, 8000, 8000]);
    assert!(bench.run(3_600_000).is_empty());
}

#[test]
fn every_attempt_is_sealed_anew() {
    let mut bench = Bench::new();
    assign(&mut bench, "1234567890123456");
    let attempts = bench.attempts(3000, |delivery| match delivery.attempt {
        1 => Outcome::Answered(500),
        _ => Outcome::Answered(200),
    });
    assert_eq!(attempts.len(), 2);
    assert_ne!(attempts[0].body, attempts[1].body);
    assert_eq!(read_webhook(&attempts[0]), read_webhook(&attempts[1]));
}

#[test]
fn a_lease_ends_if_nobody_tells_the_outcome() {
    let mut bench = Bench::new();
    assign(&mut bench, "1234567890123456");
    bench.now = bench.now.plus_ms(50);
    assert_eq!(bench.issuer.due(bench.now).unwrap().len(), 1);
    assert!(
        bench.issuer.due(bench.now).unwrap().is_empty(),
        "it is on its way"
    );
    let again = bench.issuer.next_due(bench.now).unwrap().unwrap();
    assert_eq!(again.0 - bench.now.0, 11_000);
    assert_eq!(bench.issuer.due(again).unwrap()[0].attempt, 2);
    // The answer to the first comes after all.
    bench
        .issuer
        .delivered(1, Outcome::Answered(200), again)
        .unwrap();
    bench.issuer.delivered(1, Outcome::TimedOut, again).unwrap();
    assert_eq!(
        bench.issuer.next_due(again).unwrap(),
        None,
        "delivered is delivered"
    );
}

#[test]
fn the_clock_can_be_advanced_without_ending_leases() {
    let mut bench = Bench::new();
    assign(&mut bench, magic::CARD_NUMBER_SLOW);
    assert!(bench.run(1000).is_empty());
    let clock = bench.control("clock/advance", json!({ "ms": 3_600_000 }));
    assert_eq!(clock["ahead_ms"], 3_600_000);
    let due = bench.issuer.due(bench.now).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(
        verdict(&due[0]).unwrap()["occur_time"],
        bench.now.0 + 3_600_000
    );
    bench.control("clock/advance", json!({ "ms": 3_600_000 }));
    assert!(bench.issuer.due(bench.now).unwrap().is_empty());
    assert_eq!(
        bench.control_refused("clock/advance", json!({ "ms": -1 })),
        "invalid_field"
    );
}

#[test]
fn a_card_s_events_come_in_order_while_others_overtake() {
    let mut bench = Bench::new();
    let id = bench.plastic();
    bench.ok(
        "/card/recharge",
        json!({ "user_id": 12345, "card_id": id, "amount": 50 }),
    );
    assign(&mut bench, "4000001200000010");
    bench.now = bench.now.plus_ms(50);
    let types = |due: &[Delivery]| {
        due.iter()
            .map(|delivery| delivery.event_type.clone())
            .collect::<Vec<_>>()
    };
    let due = bench.issuer.due(bench.now).unwrap();
    // That number isn't in stock, so the second event is the user's and not a card's.
    assert_eq!(types(&due), ["CARD_RECHARGE_RESULT", "CARD_ASSIGN_RESULT"]);
    bench
        .issuer
        .delivered(due[0].id, Outcome::Answered(200), bench.now)
        .unwrap();
    assert_eq!(
        types(&bench.issuer.due(bench.now).unwrap()),
        ["CARD_BALANCE_CHANGE"]
    );
}

#[test]
fn a_silent_operation_can_be_resent() {
    let mut bench = Bench::new();
    assign(&mut bench, magic::CARD_NUMBER_SILENT);
    assert!(bench.run(3_600_000).is_empty());
    let list = bench
        .issuer
        .control(
            Command::parse("GET", "deliveries", "state=dropped", b"")
                .unwrap()
                .unwrap(),
            bench.now,
        )
        .unwrap()
        .value();
    assert_eq!(list["total"], 1);
    bench.control(
        "deliveries/resend",
        json!({ "delivery_id": list["deliveries"][0]["id"] }),
    );
    assert_eq!(bench.types(), ["CARD_ASSIGN_RESULT"]);
    assert_eq!(
        bench.control_refused("deliveries/resend", json!({ "delivery_id": 99 })),
        "delivery_not_found"
    );
    bench.sound();
}

/// Assigns a card under a fault for one delivery, with a receiver that answers 200 to what it can open and 400 to what
/// it can't, and gives the attempts.
fn under(fault: Value) -> (Bench, Vec<Delivery>) {
    let mut bench = Bench::new();
    bench.control("faults", fault);
    assign(&mut bench, "1234567890123456");
    let attempts = bench.attempts(10_000, |delivery| match (delivery.cut, verdict(delivery)) {
        (true, _) => Outcome::Cut,
        (false, Ok(_)) => Outcome::Answered(200),
        (false, Err(_)) => Outcome::Answered(400),
    });
    bench.sound();
    (bench, attempts)
}

#[test]
fn fault_wrong_mac() {
    let (_, attempts) = under(json!({ "kind": "wrong_mac", "count": 2 }));
    assert_eq!(attempts.len(), 3);
    assert_eq!(verdict(&attempts[0]), Err(OpenError::Mac));
    assert_eq!(verdict(&attempts[1]), Err(OpenError::Mac));
    assert!(verdict(&attempts[2]).is_ok());
}

#[test]
fn fault_broken_padding() {
    let (_, attempts) = under(json!({ "kind": "broken_padding", "count": 1 }));
    assert_eq!(attempts.len(), 2);
    assert_eq!(verdict(&attempts[0]), Err(OpenError::Padding));
}

#[test]
fn fault_old_key() {
    let (_, attempts) = under(json!({ "kind": "old_key", "count": 1 }));
    assert_eq!(
        verdict(&attempts[0]),
        Err(OpenError::Mac),
        "with one key: one that the merchant never had"
    );

    let mut bench = Bench::new();
    bench.control(
        "merchants/rotate-key",
        json!({ "key": { "text": "the-new-key-0123" } }),
    );
    bench.control("faults", json!({ "kind": "old_key", "count": 1 }));
    // Answers are sealed with the new key, which the bench's receiver doesn't have.
    let body = json!({ "user_id": 12345, "template_id": 1, "card_number": "1234567890123456" });
    bench.control("call", json!({ "path": "/card/assign", "body": body }));
    let new = SecretKey::new("the-new-key-0123", KeyCodec::Utf8).unwrap();
    let attempts = bench.attempts(10_000, |delivery| match delivery.attempt {
        1 => Outcome::Answered(400),
        _ => Outcome::Answered(200),
    });
    assert!(verdict(&attempts[0]).is_ok(), "the old key");
    assert_eq!(verdict(&attempts[1]), Err(OpenError::Mac), "the new key");
    let body: Value = serde_json::from_slice(&attempts[1].body).unwrap();
    let (payload, hmac) = (
        body["encrypted_payload"].as_str().unwrap(),
        body["hmac"].as_str().unwrap(),
    );
    assert!(open(std::slice::from_ref(&new), payload, hmac).is_ok());
    // Calls under the old key are read until it is retired.
    let request = common::request("/merchant/get_account_balance", "{}");
    let answer = bench.issuer.handle(&request, bench.now);
    assert_eq!(answer.outcome, "ok");
    bench.control("merchants/retire-keys", json!({}));
    assert_eq!(
        bench.issuer.handle(&request, bench.now).outcome,
        "envelope_mac"
    );
}

#[test]
fn fault_skewed_clock() {
    let (bench, attempts) = under(json!({ "kind": "skewed_clock", "count": 1, "ms": -60_000 }));
    let truth = bench.now.0 - 10_000 + 50;
    assert_eq!(verdict(&attempts[0]).unwrap()["occur_time"], truth - 60_000);
}

#[test]
fn fault_wrong_type() {
    let (_, attempts) = under(json!({ "kind": "wrong_type", "count": 1 }));
    assert_eq!(
        read_webhook(&attempts[0]).unwrap().0,
        "CARD_RECHARGE_RESULT"
    );
    assert!(
        verdict(&attempts[0]).unwrap()["transaction_id"].is_null(),
        "yet its data are an assignment's"
    );
}

#[test]
fn fault_cut_connection() {
    let (_, attempts) = under(json!({ "kind": "cut_connection", "count": 1 }));
    assert_eq!(
        attempts
            .iter()
            .map(|delivery| delivery.cut)
            .collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn fault_duplicate() {
    let (_, attempts) = under(json!({ "kind": "duplicate", "count": 1 }));
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].id, attempts[1].id);
    assert_ne!(attempts[0].body, attempts[1].body);
    assert_eq!(verdict(&attempts[0]), verdict(&attempts[1]));
}

#[test]
fn fault_drop() {
    let (mut bench, attempts) = under(json!({ "kind": "drop", "count": 1 }));
    assert!(attempts.is_empty());
    bench.control("deliveries/resend", json!({ "delivery_id": 1 }));
    assert_eq!(bench.types(), ["CARD_ASSIGN_RESULT"]);
}

#[test]
fn fault_delay() {
    let mut bench = Bench::new();
    bench.control("faults", json!({ "kind": "delay", "ms": 5000 }));
    assign(&mut bench, "1234567890123456");
    assert!(bench.attempts(5000, ok).is_empty());
    assert_eq!(
        bench.attempts(50, ok).len(),
        1,
        "delayed once, although the fault is for all"
    );
}

#[test]
fn fault_reorder() {
    let mut bench = Bench::new();
    let id = bench.plastic();
    bench.control("faults", json!({ "kind": "reorder", "count": 1 }));
    bench.ok(
        "/card/recharge",
        json!({ "user_id": 12345, "card_id": id, "amount": 50 }),
    );
    assert_eq!(
        bench.types(),
        ["CARD_BALANCE_CHANGE", "CARD_RECHARGE_RESULT"]
    );
    // With nothing to overtake it, it comes after a while.
    bench.control(
        "faults",
        json!({ "kind": "reorder", "count": 1, "ms": 3000 }),
    );
    bench.ok(
        "/card/update_status",
        json!({ "user_id": 12345, "card_id": id, "alter": "LOCK" }),
    );
    assert!(bench.run(3000).is_empty());
    assert_eq!(bench.types(), ["CARD_STATUS_CHANGE"]);
}

#[test]
fn faults_can_be_for_one_type_listed_and_cleared() {
    let mut bench = Bench::new();
    bench.control(
        "faults",
        json!({ "kind": "drop", "event_type": "CARD_BALANCE_CHANGE" }),
    );
    let listed = bench.control("faults", json!({ "kind": "duplicate", "count": 3 }));
    assert_eq!(listed["faults"][1]["remaining"], 3);
    let id = bench.attempts(0, ok).len();
    assert_eq!(id, 0);
    assign(&mut bench, "1234567890123456");
    bench.attempts(1000, ok);
    let listed = bench
        .issuer
        .control(Command::Faults, bench.now)
        .unwrap()
        .value();
    assert_eq!(listed["faults"][1]["remaining"], 2);
    bench.control("faults/clear", json!({}));
    let listed = bench
        .issuer
        .control(Command::Faults, bench.now)
        .unwrap()
        .value();
    assert_eq!(listed["faults"], json!([]));
    assert_eq!(
        bench.control_refused("faults", json!({ "kind": "drop", "count": 0 })),
        "invalid_field"
    );
    assert!(
        Command::parse("POST", "faults", "", br#"{"kind":"nonsense"}"#)
            .unwrap()
            .is_err()
    );
    assert!(
        Command::parse("POST", "faults", "", br#"{"kind":"drop","nonsense":1}"#)
            .unwrap()
            .is_err()
    );
    assert!(Command::parse("POST", "nonsense", "", b"").is_none());
}

#[test]
fn a_reset_forgets_all_but_the_delivery_numbers() {
    let mut bench = Bench::new();
    bench.funded();
    assign(&mut bench, "4000001200000013");
    bench.now = bench.now.plus_ms(50);
    let under_way = bench.issuer.due(bench.now).unwrap();
    bench.control("clock/advance", json!({ "ms": 1000 }));
    bench.control("reset", json!({}));
    bench.sound();
    assert_eq!(bench.balance(), 10000.0);
    bench
        .issuer
        .delivered(under_way[0].id, Outcome::Answered(200), bench.now)
        .unwrap();
    bench.control(
        "merchants/webhook-url",
        json!({ "url": "http://127.0.0.1:9/" }),
    );
    bench.assigned("1234567890123456");
}

#[test]
fn a_file_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.db");
    let now = common::START;
    let open = |now| {
        Issuer::open_file(
            &path,
            Seed::standard(),
            Settings::default(),
            random::reproducible(2),
            now,
        )
    };
    let mut bench = Bench {
        issuer: open(now).unwrap(),
        now,
    };
    bench.control(
        "merchants/webhook-url",
        json!({ "url": "http://127.0.0.1:9/" }),
    );
    let id = bench.funded();
    bench.ok(
        "/card/update_status",
        json!({ "user_id": 12345, "card_id": id, "alter": "LOCK" }),
    );
    bench.now = bench.now.plus_ms(50);
    assert_eq!(bench.issuer.due(bench.now).unwrap().len(), 1);
    assert!(open(now).is_err(), "one process at a time");
    drop(bench.issuer);
    // The lease was its holder's, who is gone: it is sent again, as the second attempt.
    let mut bench = Bench {
        issuer: open(bench.now).unwrap(),
        now: bench.now,
    };
    let due = bench.issuer.due(bench.now).unwrap();
    assert_eq!(
        (due[0].event_type.as_str(), due[0].attempt),
        ("CARD_STATUS_CHANGE", 2)
    );
    assert_eq!(bench.status(id), "LOCKED");
    bench.sound();
}
