//! What the runs under faults have found, each in its smallest form.
#![allow(missing_docs)]

use bananatech_core::operations::card::Recharge;
use bananatech_core::{
    Amount, Assumptions, CardId, ConfirmedOperation, Event, OperationId, Outcome, Report,
    Timestamp, TrackedOperation, Tracker, TransactionId, UserId, Verdict,
};

/// Long after the merchant began to act alone.
const START: i64 = 3_600_000;
const HOUR: i64 = 3_600_000;

fn alone() -> Tracker {
    Tracker::new(Assumptions::exclusive_since(Timestamp::from_millis(0)))
}

fn recharge_of(card: u32, amount: &str, at: i64) -> TrackedOperation {
    let recharge = Recharge {
        user_id: UserId::from(67890),
        card_id: CardId::from(card),
        amount: Amount::parse(amount).unwrap(),
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&at.to_le_bytes());
    bytes[9] = u8::try_from(card % 251).unwrap();
    recharge.tracked(
        OperationId::from_random_bytes(bytes),
        Timestamp::from_millis(at),
    )
}

/// Stores a recharge of card 12345, sent a moment after the start; no two at the same.
fn recharge(tracker: &mut Tracker, amount: &str, after: i64) -> OperationId {
    let operation = recharge_of(12345, amount, START + after);
    let id = operation.id;
    tracker.store(operation).unwrap();
    id
}

fn told(transaction: u32, amount: &str, status: &str, at: i64) -> Event {
    Event::from_json(&format!(
        r#"{{"type":"CARD_RECHARGE_RESULT","data":{{"card_id":12345,"transaction_id":{transaction},"receive_amount":{amount},
            "status":"{status}","currency":"USD","occur_time":{at}}}}}"#
    ))
    .unwrap()
}

fn ended(report: &Report) -> Vec<(OperationId, bool)> {
    let settled = report.settled.iter();
    settled
        .map(|settled| (settled.operation.id, settled.outcome.succeeded()))
        .collect()
}

/// One recharge never arrived, another was found by asking. The event, which could have been either's, must not become the
/// first one's when the second is forgotten.
#[test]
fn forgetting_one_operation_concludes_nothing_about_another() {
    for (status, outcome) in [
        ("SUCCESS", Outcome::Succeeded { card_id: None }),
        ("FAILED", Outcome::Failed { reason: None }),
    ] {
        let mut tracker = alone();
        let lost = recharge(&mut tracker, "10", 0);
        let found = recharge(&mut tracker, "20", 1);
        let report = tracker.take(&told(7, "0", status, START + 1000));
        assert_eq!(report.verdict, Verdict::Open);
        let at = Timestamp::from_millis(START + 5000);
        tracker.find(found, &outcome, None, at).unwrap();
        tracker.forget_before(Timestamp::from_millis(START + 48 * HOUR));

        // Anything that makes it draw conclusions.
        let other = recharge_of(12345, "10", START + 49 * HOUR);
        let id = other.id;
        tracker.store(other).unwrap();
        let report = tracker.take(&told(8, "10", "SUCCESS", START + 49 * HOUR));
        assert!(ended(&report).iter().all(|(ended, _)| *ended == id));
        assert!(
            tracker.operation(lost).unwrap().is_open(),
            "still not known"
        );
    }
}

/// One transaction's event, told at two times: the second is no second recharge's.
#[test]
fn one_transaction_settles_one_operation() {
    let mut tracker = alone();
    let first = recharge(&mut tracker, "10", 0);
    let second = recharge(&mut tracker, "20", 1);
    let report = tracker.take(&told(7, "10", "SUCCESS", START + 2000));
    assert_eq!(report.candidates.len(), 2);
    let report = tracker.take(&told(7, "10", "SUCCESS", START + 2001));
    assert_eq!(ended(&report), []);
    assert_eq!(report.verdict, Verdict::Open);
    // The next one does.
    let report = tracker.take(&told(8, "10", "SUCCESS", START + 2002));
    let mut both = ended(&report);
    both.sort_unstable();
    let mut expected = vec![(first, true), (second, true)];
    expected.sort_unstable();
    assert_eq!(both, expected);
}

/// The type travels outside the MAC: a declined purchase under another type would be a failed recharge of its card.
#[test]
fn a_declined_purchase_is_no_failed_operation() {
    let at = START + 1000;
    let purchase = format!(
        r#"{{"id":300003,"card_id":12345,"amount":7.5,"currency":"USD","type":"PURCHASE","status":"FAILED",
        "created_at":"1970-01-01T01:00:01Z","merchant_name":"Coffee","occur_time":{at}}}"#
    );
    for event_type in [
        "CARD_ACTIVATE_RESULT",
        "CARD_STATUS_CHANGE",
        "CARD_RECHARGE_RESULT",
        "CARD_CLOSE_RESULT",
        "TRANSACTION_CREATED",
    ] {
        let text = format!(r#"{{"type":"{event_type}","data":{purchase}}}"#);
        let mut tracker = alone();
        let id = recharge(&mut tracker, "10", 0);
        tracker.take(&Event::from_json(&text).unwrap());
        assert!(tracker.operation(id).unwrap().is_open(), "{event_type}");
    }
}

/// A failed locking under the type of a recharge: while a locking is open, nothing in it says that it isn't that one's.
#[test]
fn a_bare_failure_may_be_of_any_kind() {
    use bananatech_core::operations::card::UpdateStatus;
    let bare = format!(
        r#"{{"type":"CARD_RECHARGE_RESULT","data":{{"card_id":12345,"status":"FAILED","occur_time":{}}}}}"#,
        START + 1000
    );
    let bare = Event::from_json(&bare).unwrap();
    let mut tracker = alone();
    let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345));
    let lock_id = OperationId::from_random_bytes([9; 16]);
    let sent_at = Timestamp::from_millis(START);
    let lock = lock.tracked(lock_id, sent_at);
    tracker.store(lock).unwrap();
    let id = recharge(&mut tracker, "10", 0);
    assert_eq!(tracker.take(&bare).verdict, Verdict::Open);
    assert!(tracker.operation(id).unwrap().is_open());
    let report = tracker.take(&told(7, "0", "FAILED", START + 2000));
    // The one is the recharge's, so the other is the lock's.
    assert_eq!(report.verdict, Verdict::Settled);
    assert!(ended(&report).contains(&(id, false)));
    assert!(ended(&report).contains(&(lock_id, false)));
}

/// Once it is known that one of two wasn't sent, the event that came is the other's.
#[test]
fn withdrawing_one_operation_settles_the_other() {
    let mut tracker = alone();
    let never_sent = recharge(&mut tracker, "10", 0);
    let done = recharge(&mut tracker, "20", 1);
    let report = tracker.take(&told(7, "10", "SUCCESS", START + 2000));
    assert_eq!(report.verdict, Verdict::Open);
    let report = tracker.withdraw(never_sent).unwrap();
    assert!(ended(&report).contains(&(done, true)));
}

/// Many recharges of one card at once: slow reasoning would hold up a webhook's handler.
#[test]
fn many_recharges_of_one_card() {
    const MANY: u32 = 300;
    let mut tracker = alone();
    for at in 0..MANY {
        recharge(&mut tracker, "10", i64::from(at));
    }
    let mut settled = 0;
    for transaction in 1..=MANY {
        let report = tracker.take(&told(transaction, "10", "SUCCESS", START + 2000));
        settled += report.settled.len();
    }
    assert_eq!(settled, 300);
}

/// One event was lost and its recharge found by asking. The recharges after it must settle by their events again.
#[test]
fn one_lost_event_doesn_t_blur_the_recharges_after_it() {
    let mut tracker = alone();
    let lost = recharge(&mut tracker, "10", 0);
    let outcome = Outcome::Succeeded { card_id: None };
    let found = TransactionId::from(1);
    let at = Timestamp::from_millis(START + 1000);
    tracker.find(lost, &outcome, Some(found), at).unwrap();
    for transaction in 2..=200 {
        let after = i64::from(transaction) * HOUR;
        tracker.forget_before(Timestamp::from_millis(START + after - HOUR));
        let id = recharge(&mut tracker, "10", after);
        let report = tracker.take(&told(transaction, "10", "SUCCESS", START + after));
        assert_eq!(ended(&report), [(id, true)], "recharge {transaction}");
    }
}
