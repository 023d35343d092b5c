//! What the runs under faults have found, each in its smallest form.
#![allow(missing_docs)]

use bananatech_core::operations::card::Recharge;
use bananatech_core::{
    Amount, CardId, Event, Outcome, Pending, PendingOperations, Settlement, Timestamp,
    TransactionId, UserId,
};

fn recharge(amount: &str, sent_at: i64) -> Pending {
    let recharge = Recharge {
        user_id: UserId::from(67890),
        card_id: CardId::from(12345),
        amount: Amount::parse(amount).unwrap(),
    };
    let sent_at = Timestamp::from_millis(sent_at);
    Pending::of(&recharge, sent_at, sent_at.after(20_000)).unwrap()
}

fn event(card: u32, status: &str, at: i64) -> Event {
    Event::from_json(&format!(
        r#"{{"type":"CARD_RECHARGE_RESULT","data":{{"card_id":{card},"transaction_id":{card},"receive_amount":0,
            "status":"{status}","currency":"USD","occur_time":{at}}}}}"#
    ))
    .unwrap()
}

/// One recharge never arrived, another failed and was found by asking. Its event, which could have been either's, must not
/// become the first one's when the second is forgotten.
#[test]
fn forgetting_one_operation_concludes_nothing_about_another() {
    const DAYS: i64 = 2 * 86_400_000;
    for (status, outcome) in [
        ("SUCCESS", Outcome::Succeeded { card_id: None }),
        ("FAILED", Outcome::Failed { reason: None }),
    ] {
        let mut operations = PendingOperations::new();
        let lost = operations.add(recharge("10", 1000));
        let found = operations.add(recharge("20", 1000));
        assert_eq!(
            operations.settle(&event(12345, status, 2000)),
            Settlement::Ambiguous {
                ids: vec![lost, found]
            }
        );
        assert_eq!(
            operations.resolve(found, &outcome, None),
            Settlement::Unrelated
        );
        operations.tidy(Timestamp::from_millis(DAYS));

        // Anything that makes it draw conclusions.
        let other = operations.add(Pending {
            card_id: Some(CardId::from(7)),
            ..recharge("10", DAYS)
        });
        let Settlement::Settled {
            operations: settled,
        } = operations.settle(&event(7, "SUCCESS", DAYS))
        else {
            panic!("only one recharge of that card is pending");
        };
        assert_eq!(settled.len(), 1);
        assert_eq!(settled[0].id, other);
        assert!(operations.get(lost).is_some(), "still not known");
    }
}

/// One transaction's event, told at two times: the second is no second recharge's.
#[test]
fn one_transaction_settles_one_operation() {
    let mut operations = PendingOperations::new();
    let both = vec![
        operations.add(recharge("10", 1000)),
        operations.add(recharge("10", 1000)),
    ];
    let first = operations.settle(&event(12345, "SUCCESS", 2000));
    assert_eq!(first, Settlement::Ambiguous { ids: both });
    let again = operations.settle(&event(12345, "SUCCESS", 2001));
    assert_eq!(again, Settlement::Duplicate);
}

/// The type travels outside the MAC: a declined purchase under another type would be a failed recharge of its card.
#[test]
fn a_declined_purchase_is_no_failed_operation() {
    let purchase = r#"{"id":300003,"card_id":12345,"amount":7.5,"currency":"USD","type":"PURCHASE","status":"FAILED",
        "created_at":"2024-01-15T10:30:00Z","merchant_name":"Coffee","occur_time":1705314600000}"#;
    for event_type in [
        "CARD_ACTIVATE_RESULT",
        "CARD_STATUS_CHANGE",
        "CARD_RECHARGE_RESULT",
        "CARD_CLOSE_RESULT",
    ] {
        let text = format!(r#"{{"type":"{event_type}","data":{purchase}}}"#);
        let mut operations = PendingOperations::new();
        let id = operations.add(recharge("10", 1000));
        operations.settle(&Event::from_json(&text).unwrap());
        assert!(operations.get(id).is_some(), "{event_type}");
    }
    let text = format!(r#"{{"type":"TRANSACTION_CREATED","data":{purchase}}}"#);
    assert!(Event::from_json(&text).is_ok());
}

/// A failed locking under the type of a recharge: nothing in it says that it isn't one, so it must not count as one.
#[test]
fn a_bare_failure_is_no_failed_recharge() {
    let bare = r#"{"type":"CARD_RECHARGE_RESULT","data":{"card_id":12345,"status":"FAILED","occur_time":2000}}"#;
    let mut operations = PendingOperations::new();
    let id = operations.add(recharge("10", 1000));
    assert!(matches!(
        operations.settle(&Event::from_json(bare).unwrap()),
        Settlement::Unclear { id: unclear, .. } if unclear == id
    ));
    assert!(operations.get(id).is_some());
    assert!(matches!(
        operations.settle(&event(12345, "FAILED", 2000)),
        Settlement::Settled { .. }
    ));
}

/// Once it is known that one of two was refused, the event that came is the other's.
#[test]
fn withdrawing_one_operation_settles_the_other() {
    let mut operations = PendingOperations::new();
    let refused = operations.add(recharge("10", 1000));
    let done = operations.add(recharge("20", 1000));
    assert!(matches!(
        operations.settle(&event(12345, "SUCCESS", 2000)),
        Settlement::Ambiguous { .. }
    ));
    let Settlement::Settled {
        operations: settled,
    } = operations.withdraw(refused)
    else {
        panic!("only one can have been carried out");
    };
    assert_eq!(settled[0].id, done);
    assert!(matches!(settled[0].outcome, Outcome::Succeeded { .. }));
}

/// Many recharges of one card at once: slow reasoning would hold up a webhook's handler.
#[test]
fn many_recharges_of_one_card() {
    const MANY: u32 = 300;
    let mut operations = PendingOperations::new();
    for _ in 0..MANY {
        operations.add(recharge("10", 1000));
    }
    let mut settled = 0;
    for transaction in 1..=MANY {
        let event = Event::from_json(&format!(
            r#"{{"type":"CARD_RECHARGE_RESULT","data":{{"card_id":12345,"transaction_id":{transaction},"receive_amount":10,
                "status":"SUCCESS","currency":"USD","occur_time":2000}}}}"#
        ))
        .unwrap();
        if let Settlement::Settled { operations: list } = operations.settle(&event) {
            settled += list.len();
        }
    }
    assert_eq!(settled, 300);
}

/// One event was lost and its recharge found by asking. The recharges after it must settle by their events again.
#[test]
fn one_lost_event_doesn_t_blur_the_recharges_after_it() {
    const HOUR: i64 = 3_600_000;
    let told = |transaction: u32, at: i64| {
        Event::from_json(&format!(
            r#"{{"type":"CARD_RECHARGE_RESULT","data":{{"card_id":12345,"transaction_id":{transaction},"receive_amount":10,
                "status":"SUCCESS","currency":"USD","occur_time":{at}}}}}"#
        ))
        .unwrap()
    };
    let mut operations = PendingOperations::new();
    let lost = operations.add(recharge("10", 0));
    let found = TransactionId::from(1);
    operations.resolve(lost, &Outcome::Succeeded { card_id: None }, Some(found));
    for transaction in 2..=200 {
        let now = i64::from(transaction) * HOUR;
        operations.tidy(Timestamp::from_millis(now));
        let id = operations.add(recharge("10", now));
        let Settlement::Settled { operations } = operations.settle(&told(transaction, now)) else {
            panic!("recharge {transaction} should be settled by its event");
        };
        assert_eq!(operations[0].id, id);
    }
}
