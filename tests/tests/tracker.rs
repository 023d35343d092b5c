//! The tracker, as a merchant's backend uses it.
#![allow(missing_docs)]

use bananatech_core::operations::card::{Apply, Assign, GetTransactions, Recharge, UpdateStatus};
use bananatech_core::operations::merchant::{CardTemplate, Fee};
use bananatech_core::operations::user::Register;
use bananatech_core::{
    Amount, AnyOperation, AnyResponse, Assumptions, CardId, CardNumber, Code, ConfirmedOperation,
    Event, Inquiry, Operation, OperationId, OperationKind, OperationState, Outcome, Rejection,
    Report, TemplateId, ThingId, Timestamp, TrackedOperation, Tracker, TransactionId, UserId,
    Verdict,
};

const HOUR: i64 = 60 * 60 * 1000;
const START: Timestamp = Timestamp::from_millis(1_691_249_000_000);

fn at(minutes: i64) -> Timestamp {
    START.after(HOUR + minutes * 60_000)
}

fn id(number: u8) -> OperationId {
    OperationId::from_random_bytes([number; 16])
}

fn tracker() -> Tracker {
    Tracker::new(Assumptions::exclusive_since(START))
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn tracked(operation: impl ConfirmedOperation, number: u8, minutes: i64) -> TrackedOperation {
    operation.tracked(id(number), at(minutes))
}

fn recharge(number: u8, units: &str, minutes: i64) -> TrackedOperation {
    let recharge = Recharge {
        user_id: UserId::from(1),
        card_id: CardId::from(11),
        amount: amount(units),
    };
    tracked(recharge, number, minutes)
}

fn lock(number: u8, minutes: i64) -> TrackedOperation {
    tracked(
        UpdateStatus::lock(UserId::from(1), CardId::from(11)),
        number,
        minutes,
    )
}

fn assign(number: u8, user: u32, card_number: &str, minutes: i64) -> TrackedOperation {
    let assign = Assign {
        user_id: UserId::from(user),
        template_id: TemplateId::from(7),
        card_number: CardNumber::parse(card_number).unwrap(),
    };
    tracked(assign, number, minutes)
}

/// An event, with its type and what its data have beside the status and the time.
fn event(kind: &str, status: &str, minutes: i64, rest: &str) -> Event {
    let time = at(minutes).as_millis();
    Event::from_json(&format!(
        r#"{{"type":"{kind}","data":{{"status":"{status}","occur_time":{time},{rest}}}}}"#
    ))
    .unwrap()
}

fn recharged(transaction: u32, units: &str, status: &str, minutes: i64) -> Event {
    let rest = format!(
        r#""card_id":11,"transaction_id":{transaction},"receive_amount":{units},"currency":"USD""#
    );
    event("CARD_RECHARGE_RESULT", status, minutes, &rest)
}

fn succeeded(report: &Report) -> Vec<OperationId> {
    let settled = report.settled.iter();
    settled
        .filter(|settled| settled.outcome.succeeded())
        .map(|settled| settled.operation.id)
        .collect()
}

/// Answers an inquiry's requests, one after the other.
fn answer(inquiry: &mut Inquiry, minutes: i64, mut answer: impl FnMut(&AnyOperation) -> String) {
    while let Some(plan) = inquiry.next_request() {
        let operation = plan.operation();
        let response = AnyResponse::from_json(operation.kind(), &answer(operation)).unwrap();
        inquiry.accept(&response, at(minutes)).unwrap();
    }
}

fn line(transaction: u32, units: &str, status: &str, time: &str) -> String {
    format!(
        r#"{{"id":{transaction},"card_id":11,"amount":{units},"type":"RECHARGE","status":"{status}","created_at":"{time}"}}"#
    )
}

/// `at(5)`, as a list shows it.
const FIVE: &str = "2023-08-05T16:28:20Z";

#[test]
fn five_is_five() {
    let five = humantime::parse_rfc3339(FIVE).unwrap();
    let millis = five
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    assert_eq!(i64::try_from(millis).unwrap(), at(5).as_millis());
}

#[test]
fn a_repetition_proves_nothing_new() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    let event = recharged(7, "10", "SUCCESS", 1);
    assert_eq!(succeeded(&tracker.take(&event)), [id(1)]);
    tracker.store(recharge(2, "10", 2)).unwrap();
    assert_eq!(tracker.take(&event).verdict, Verdict::Repeated);
    assert!(tracker.operation(id(2)).unwrap().is_open());
}

/// What is known of an operation's transaction.
fn arrived(tracker: &Tracker, number: u8) -> (Option<u64>, Option<Amount>) {
    let row = tracker.operation(id(number)).unwrap();
    (
        row.transaction_id.map(TransactionId::get),
        row.receive_amount,
    )
}

#[test]
fn what_arrived_is_told_with_its_transaction() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    assert_eq!(arrived(&tracker, 1), (None, None));
    let report = tracker.take(&recharged(7, "9.70", "SUCCESS", 1));
    let told = &report.settled[0].operation;
    assert_eq!(told.transaction_id, TransactionId::new(7).ok());
    assert_eq!(told.receive_amount, Some(amount("9.7")));
    // A failure has a transaction too, and whatever its event says, nothing arrived.
    tracker.store(recharge(2, "20", 2)).unwrap();
    tracker.take(&recharged(8, "20", "FAILED", 3));
    assert_eq!(arrived(&tracker, 2), (Some(8), None));
    let read = TrackedOperation::from_json(&tracker.operation(id(1)).unwrap().to_json());
    assert_eq!(read.unwrap().receive_amount, Some(amount("9.7")));
}

/// What becomes of a recharge of so much when so much arrives, with a template's fee.
fn arrives(sent: &str, fee: &str, meant_as: Fee, received: &str) -> Verdict {
    let mut tracker = tracker();
    let template = CardTemplate::from_json(&format!(r#"{{"id":1,"recharge_fee":{fee}}}"#)).unwrap();
    let row = recharge(1, sent, 0);
    tracker
        .store(row.with_template(&template, meant_as).unwrap())
        .unwrap();
    tracker.take(&recharged(7, received, "SUCCESS", 1)).verdict
}

#[test]
fn a_fee_may_have_been_rounded_up_to_a_cent() {
    for (sent, fee, meant_as, least, less) in [
        // 0.49995, so 0.50.
        ("33.33", "1.5", Fee::Percent, "32.83", "32.82"),
        // 0.501, so 0.51, and so on.
        ("33.40", "1.50000", Fee::Percent, "32.89", "32.88"),
        ("0.02", "1", Fee::Percent, "0.01", "0"),
        ("100", "0.001", Fee::Flat, "99.99", "99.98"),
        // A currency with three decimals: what it rounds by is less than a cent.
        ("10.005", "1.5", Fee::Percent, "9.845", "9.844"),
        // A fee of whole cents, in whatever spelling, isn't rounded.
        ("100", "1.5", Fee::Percent, "98.5", "98.4999"),
        ("100", "1.5000", Fee::Flat, "98.5", "98.49"),
        ("10.005", "0.5", Fee::Flat, "9.505", "9.504"),
        ("100", "0.000", Fee::Flat, "100", "99.99"),
    ] {
        let case = format!("{sent} {fee} {meant_as:?}");
        assert_eq!(
            arrives(sent, fee, meant_as, least),
            Verdict::Settled,
            "{case}"
        );
        assert_eq!(
            arrives(sent, fee, meant_as, less),
            Verdict::ForeignActivity,
            "{case}"
        );
    }
    // What rounds to nothing is negative all the same.
    let template = CardTemplate::from_json(r#"{"id":1,"recharge_fee":-0.001}"#).unwrap();
    let error = recharge(1, "10", 0).with_template(&template, Fee::Flat);
    assert_eq!(error.unwrap_err().field(), "recharge_fee");
}

#[test]
fn what_a_list_says_is_not_what_arrived() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    let mut inquiry = tracker.overdue(at(30)).remove(0);
    answer(&mut inquiry, 30, |_| {
        format!(
            r#"{{"data":[{}],"total":1}}"#,
            line(7, "10", "SUCCESS", FIVE)
        )
    });
    assert_eq!(succeeded(&tracker.learn(&inquiry).unwrap()), [id(1)]);
    assert_eq!(arrived(&tracker, 1), (Some(7), None));
    // Its event comes late, and says it.
    tracker.take(&recharged(7, "9.70", "SUCCESS", 5));
    assert_eq!(arrived(&tracker, 1), (Some(7), Some(amount("9.7"))));
}

#[test]
fn whose_transaction_it_is_is_not_guessed() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.store(recharge(2, "10", 0)).unwrap();
    tracker.take(&recharged(7, "10", "SUCCESS", 1));
    let report = tracker.take(&recharged(8, "10", "SUCCESS", 2));
    assert_eq!(report.settled.len(), 2);
    assert_eq!(arrived(&tracker, 1), (None, None));
    assert_eq!(arrived(&tracker, 2), (None, None));
}

#[test]
fn what_is_given_by_count_has_no_transaction() {
    let mut tracker = tracker();
    for number in 1..=3 {
        tracker.store(recharge(number, "10", 0)).unwrap();
    }
    tracker.take(&recharged(7, "10", "FAILED", 1));
    tracker.take(&recharged(8, "9.70", "SUCCESS", 2));
    let report = tracker.take(&recharged(9, "9.70", "SUCCESS", 3));
    assert_eq!(report.verdict, Verdict::SettledByCount);
    // Nor later, when what was given by count counts as found.
    let taken = AnyResponse::from_json(OperationKind::Recharge, "{}").unwrap();
    tracker.acknowledge(id(1), &taken).unwrap();
    for number in 1..=3 {
        assert_eq!(arrived(&tracker, number), (None, None));
    }
}

#[test]
fn two_amounts_of_one_transaction_are_none() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.take(&recharged(7, "9.70", "SUCCESS", 1));
    tracker.take(&recharged(7, "9.60", "SUCCESS", 1));
    assert_eq!(arrived(&tracker, 1), (Some(7), None));
}

#[test]
fn an_event_that_was_relabelled_before_is_no_repetition() {
    let mut tracker = tracker();
    tracker.store(lock(1, 0)).unwrap();
    let rest = r#""card_id":11"#;
    // The type isn't signed. A bare failure may be any change of the card, and only a lock is there.
    let relabelled = event("CARD_RECHARGE_RESULT", "FAILED", 1, rest);
    assert_eq!(tracker.take(&relabelled).verdict, Verdict::Open);
    let report = tracker.take(&event("CARD_STATUS_CHANGE", "FAILED", 1, rest));
    assert_eq!(report.verdict, Verdict::Settled);
    assert!(!report.settled[0].outcome.succeeded());
}

#[test]
fn a_type_that_is_changed_does_not_choose() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    let close = tracked(UpdateStatus::close(UserId::from(1), CardId::from(11)), 2, 0);
    tracker.store(close).unwrap();
    let rest = r#""card_id":11,"refund_amount":5"#;
    let report = tracker.take(&event("CARD_RECHARGE_RESULT", "FAILED", 1, rest));
    let settled: Vec<OperationId> = report
        .settled
        .iter()
        .map(|settled| settled.operation.id)
        .collect();
    assert_eq!(settled, [id(2)]);
}

#[test]
fn a_strangers_event_is_said_and_can_be_named() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    let report = tracker.take(&recharged(7, "5000", "SUCCESS", 1));
    assert_eq!(report.verdict, Verdict::ForeignActivity);
    let scopes: Vec<String> = report
        .foreign_activity
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(scopes, ["card:11:money"]);
    // From here on, what fits may be the stranger's too.
    assert_eq!(
        tracker.take(&recharged(8, "10", "FAILED", 2)).verdict,
        Verdict::Open
    );
    let report = tracker.name_foreign(report.things[0]).unwrap();
    assert_eq!(report.verdict, Verdict::Settled);
    assert!(!report.settled[0].outcome.succeeded());
}

#[test]
fn what_was_settled_before_a_stranger_came_is_doubted_once() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    assert_eq!(
        tracker.take(&recharged(7, "10", "SUCCESS", 1)).verdict,
        Verdict::Settled
    );
    let report = tracker.take(&recharged(8, "5000", "SUCCESS", 2));
    assert_eq!(
        (report.verdict, report.doubted),
        (Verdict::Doubted, vec![id(1)])
    );
    assert!(tracker.operation(id(1)).unwrap().outcome.is_some());
    let report = tracker.take(&recharged(9, "6000", "SUCCESS", 3));
    assert_eq!((report.verdict, report.doubted), (Verdict::Noted, vec![]));
    // Found with its transaction, it is certain again, whoever else acts.
    let outcome = Outcome::Succeeded { card_id: None };
    let transaction = Some(TransactionId::from(7));
    let report = tracker.find(id(1), &outcome, transaction, at(9)).unwrap();
    assert!(!tracker.operation(id(1)).unwrap().doubted);
    // Whoever was told of the doubt is told that it is over.
    let told: Vec<OperationId> = report.settled.iter().map(|it| it.operation.id).collect();
    assert_eq!(told, [id(1)]);
}

#[test]
fn once_the_stranger_is_named_all_that_was_doubted_is_told_again() {
    let mut tracker = tracker();
    for (number, transaction) in [(1, 7), (2, 8)] {
        let sent = recharge(number, "10", i64::from(number));
        tracker.store(sent).unwrap();
        tracker.take(&recharged(transaction, "10", "SUCCESS", i64::from(number)));
    }
    let stranger = tracker.take(&recharged(9, "5000", "SUCCESS", 4));
    assert_eq!(stranger.doubted, [id(1), id(2)]);
    let state = |tracker: &Tracker| tracker.operation(id(2)).unwrap().state();
    assert_eq!(state(&tracker), OperationState::Doubted);
    let report = tracker.name_foreign(stranger.things[0]).unwrap();
    assert_eq!(report.verdict, Verdict::Settled);
    let told: Vec<OperationId> = report.settled.iter().map(|it| it.operation.id).collect();
    assert_eq!(told, [id(1), id(2)]);
    assert_eq!(state(&tracker), OperationState::Succeeded);
}

#[test]
fn what_contradicts_itself_is_not_told_as_settled_once_a_doubt_is_over() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.take(&recharged(9, "10", "SUCCESS", 1));
    let stranger = tracker.take(&recharged(7, "5000", "SUCCESS", 2));
    assert_eq!(stranger.doubted, [id(1)]);
    let refusal = Rejection::new(400, None, "", true);
    let report = tracker.reject(id(1), &refusal).unwrap();
    assert_eq!(report.contradicted, [id(1)]);
    let report = tracker.name_foreign(stranger.things[0]).unwrap();
    assert_eq!(report.settled, []);
    let row = tracker.operation(id(1)).unwrap();
    assert_eq!(row.state(), OperationState::Contradicted);
}

#[test]
fn a_reference_stands_for_one_operation() {
    let mut tracker = tracker();
    let named = |number| recharge(number, "10", 0).with_reference("order 7");
    tracker.store(named(1)).unwrap();
    let error = tracker.store(named(2)).unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        (Code::TrackingKnown, "reference")
    );
    let mut tracker = Tracker::from_json(&tracker.to_json()).unwrap();
    let found = tracker.operation_by_reference("order 7").unwrap().id;
    assert_eq!(found, id(1));
    assert!(tracker.operation_by_reference("order 8").is_none());
    assert!(tracker.store(named(2)).is_err());
    // An empty one names nothing.
    for number in [3, 4] {
        let unnamed = recharge(number, "10", 0).with_reference("");
        tracker.store(unnamed).unwrap();
        tracker.withdraw(id(number)).unwrap();
    }
    assert!(tracker.operation_by_reference("").is_none());
    // Once it is forgotten, the reference is free.
    tracker.withdraw(id(1)).unwrap();
    assert_eq!(tracker.forget_before(at(100_000_000)), 3);
    assert!(tracker.operation_by_reference("order 7").is_none());
    tracker.store(named(2)).unwrap();
}

#[test]
fn a_transaction_has_one_owner() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.store(recharge(2, "10", 0)).unwrap();
    let outcome = Outcome::Succeeded { card_id: None };
    let seven = Some(TransactionId::from(7));
    tracker.find(id(1), &outcome, seven, at(1)).unwrap();
    let error = tracker.find(id(2), &outcome, seven, at(1)).unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        (Code::TrackingOwned, "transaction_id")
    );
    let report = tracker.take(&recharged(7, "10", "FAILED", 1));
    assert_eq!(
        (report.verdict, report.contradicted),
        (Verdict::Contradiction, vec![id(1)])
    );
}

#[test]
fn finding_what_is_known_or_unknown() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.take(&recharged(7, "10", "SUCCESS", 1));
    let failed = Outcome::Failed { reason: None };
    let report = tracker.find(id(1), &failed, None, at(2)).unwrap();
    assert_eq!(report.verdict, Verdict::AlreadyEnded);
    assert!(
        tracker
            .operation(id(1))
            .unwrap()
            .outcome
            .as_ref()
            .unwrap()
            .succeeded()
    );
    // What was found first stays.
    tracker.store(recharge(2, "20", 2)).unwrap();
    let arrived = Outcome::Succeeded { card_id: None };
    tracker.find(id(2), &arrived, None, at(3)).unwrap();
    let known = tracker.operation(id(2)).cloned();
    let other = Some(TransactionId::from(8));
    let report = tracker.find(id(2), &arrived, other, at(4)).unwrap();
    assert_eq!(report.verdict, Verdict::AlreadyEnded);
    assert_eq!(tracker.operation(id(2)).cloned(), known);
    let error = tracker.find(id(9), &failed, None, at(2)).unwrap_err();
    assert_eq!(error.code(), Code::TrackingUnknown);
    let error = tracker.store(recharge(1, "10", 3)).unwrap_err();
    assert_eq!(error.code(), Code::TrackingKnown);
}

#[test]
fn three_hundred_registrations_whose_events_overtake_the_answers() {
    let mut tracker = tracker();
    let register =
        |number: u32| Register::new(&format!("{number}@example.com"), TemplateId::from(1));
    let name = |number: u32| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        OperationId::from_random_bytes(bytes)
    };
    for number in 0..300 {
        let row = register(number).tracked(name(number), at(0));
        tracker.store(row).unwrap();
    }
    for number in 0..300 {
        let text = format!(
            r#"{{"type":"USER_CREATE_RESULT","data":{{"user_id":{},"status":"APPROVED"}}}}"#,
            1000 + number
        );
        assert_eq!(
            tracker.take(&Event::from_json(&text).unwrap()).verdict,
            Verdict::Noted
        );
    }
    for number in 0..300 {
        let text = format!(r#"{{"user_id":{}}}"#, 1000 + number);
        let answer = register(number).read_response(&text).unwrap();
        let report = tracker.acknowledge(name(number), &answer).unwrap();
        assert_eq!(succeeded(&report), [name(number)]);
    }
}

#[test]
fn the_clocks_differ() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 6)).unwrap();
    let report = tracker.take(&recharged(7, "10", "SUCCESS", 0));
    let milliseconds = 6 * 60_000;
    assert_eq!(report.verdict, Verdict::ClocksDiffer { milliseconds });
    assert!(tracker.operation(id(1)).unwrap().is_open());
}

#[test]
fn a_crash_between_storing_and_sending() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.store(recharge(2, "10", 0)).unwrap();
    assert_eq!(
        tracker.take(&recharged(7, "0", "FAILED", 1)).verdict,
        Verdict::Open
    );
    // A person says that the first was never sent: the failure is the other's.
    let report = tracker.withdraw(id(1)).unwrap();
    assert_eq!(report.settled.len(), 2);
    // What was answered was sent.
    tracker.store(recharge(3, "10", 2)).unwrap();
    let answer = AnyResponse::from_json(OperationKind::Recharge, r#"{"message":"ok"}"#).unwrap();
    tracker.acknowledge(id(3), &answer).unwrap();
    assert_eq!(
        tracker.withdraw(id(3)).unwrap_err().code(),
        Code::TrackingRefuted
    );
}

#[test]
fn unequal_recharges_at_once_are_told_apart_by_the_fee() {
    let template = CardTemplate::from_json(r#"{"id":7,"recharge_fee":5}"#).unwrap();
    let mut tracker = tracker();
    for (number, units) in [(1, "100"), (2, "500")] {
        let row = recharge(number, units, 0);
        tracker
            .store(row.with_template(&template, Fee::Flat).unwrap())
            .unwrap();
    }
    assert_eq!(
        succeeded(&tracker.take(&recharged(7, "97", "SUCCESS", 1))),
        [id(1)]
    );
}

#[test]
fn two_equal_recharges_one_of_each() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.store(recharge(2, "10", 0)).unwrap();
    assert_eq!(
        tracker.take(&recharged(7, "10", "SUCCESS", 1)).verdict,
        Verdict::Open
    );
    let report = tracker.take(&recharged(8, "0", "FAILED", 1));
    assert_eq!(report.verdict, Verdict::SettledByCount);
    assert_eq!(succeeded(&report), [id(1)]);
}

/// Applications of one user for one template, of which one succeeds and one fails.
fn two_applications(deposits: [Option<&str>; 2]) -> Report {
    let mut tracker = tracker();
    for (number, deposit) in [1, 2].into_iter().zip(deposits) {
        let apply = Apply {
            deposit_amount: deposit.map(amount),
            ..Apply::new(UserId::from(1), TemplateId::from(7))
        };
        tracker.store(tracked(apply, number, 0)).unwrap();
    }
    let rest = r#""user_id":1,"template_id":7,"card_id":51"#;
    let report = tracker.take(&event("CARD_APPLY_RESULT", "SUCCESS", 1, rest));
    assert_eq!(report.verdict, Verdict::Open);
    let rest = r#""user_id":1,"template_id":7"#;
    tracker.take(&event("CARD_APPLY_RESULT", "FAILED", 1, rest))
}

#[test]
fn applications_with_unequal_deposits_are_not_settled_by_count() {
    for deposits in [[None, None], [Some("50"), Some("50.0")]] {
        let report = two_applications(deposits);
        assert_eq!(report.verdict, Verdict::SettledByCount, "{deposits:?}");
        assert_eq!(succeeded(&report), [id(1)], "{deposits:?}");
    }
    for deposits in [[Some("50"), Some("500")], [Some("50"), None]] {
        let report = two_applications(deposits);
        assert_eq!(report.verdict, Verdict::Open, "{deposits:?}");
    }
}

#[test]
fn a_lost_webhook_is_found_in_the_list() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 4)).unwrap();
    tracker.store(recharge(2, "20", 4)).unwrap();
    let mut inquiries = tracker.overdue(at(30));
    // One list tells of both.
    assert_eq!(inquiries.len(), 1);
    let mut pages = 0;
    answer(&mut inquiries[0], 30, |operation| {
        let AnyOperation::GetTransactions(GetTransactions { skip, limit, .. }) = operation else {
            panic!("the card's transactions are asked for");
        };
        assert_eq!(*limit, Some(100));
        pages += 1;
        assert_eq!(*skip, Some(0));
        let lines = [
            line(7, "10", "SUCCESS", FIVE),
            line(8, "20", "FAILED", FIVE),
        ]
        .join(",");
        format!(r#"{{"data":[{lines}],"total":2}}"#)
    });
    assert_eq!(pages, 1);
    let report = tracker.learn(&inquiries[0]).unwrap();
    assert_eq!(report.settled.len(), 2);
    assert_eq!(succeeded(&report), [id(1)]);
    // The webhooks that come late say what is known.
    assert_eq!(
        tracker.take(&recharged(7, "10", "SUCCESS", 5)).verdict,
        Verdict::AlreadyEnded
    );
    assert!(tracker.overdue(at(1000)).is_empty());
}

/// Whatever else the list shows: the first one had ended, and the second is what was asked about.
#[test]
fn an_inquiry_tells_of_the_operation_that_it_is_about() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.take(&recharged(100, "10", "SUCCESS", 5));
    tracker.store(recharge(2, "20", 30)).unwrap();
    let second = tracker.operation(id(2)).unwrap();
    for mut inquiry in Inquiry::about(second) {
        answer(&mut inquiry, 31, |_| {
            let lines = line(100, "10", "SUCCESS", FIVE);
            format!(r#"{{"data":[{lines}],"total":1}}"#)
        });
        assert_eq!(tracker.learn(&inquiry).unwrap().verdict, Verdict::Open);
    }
}

#[test]
fn absence_counts_only_by_choice_and_after_the_time() {
    let ask = |assumptions: Assumptions, minutes: i64, page: &str| {
        let mut tracker = Tracker::new(assumptions);
        tracker.store(recharge(1, "10", 0)).unwrap();
        let mut inquiry = tracker.overdue(at(minutes)).remove(0);
        answer(&mut inquiry, minutes, |_| page.to_owned());
        tracker.learn(&inquiry).unwrap().verdict
    };
    let base = Assumptions::exclusive_since(START);
    let empty = r#"{"data":[],"total":0}"#;
    assert_eq!(ask(base, 120, empty), Verdict::Open);
    assert_eq!(ask(base.final_after(HOUR), 59, empty), Verdict::Open);
    assert_eq!(ask(base.final_after(HOUR), 60, empty), Verdict::Settled);
    // A recharge that hasn't ended may be this one.
    let pending = format!(
        r#"{{"data":[{}],"total":1}}"#,
        line(7, "10", "PENDING", FIVE)
    );
    assert_eq!(ask(base.final_after(HOUR), 60, &pending), Verdict::Open);
}

#[test]
fn a_lock_is_found_by_the_cards_information() {
    let mut tracker = tracker();
    tracker.store(lock(1, 0)).unwrap();
    let mut inquiry = tracker.overdue(at(20)).remove(0);
    answer(&mut inquiry, 20, |_| r#"{"status":"ACTIVE"}"#.to_owned());
    assert_eq!(tracker.learn(&inquiry).unwrap().verdict, Verdict::Open);
    // Asked again after as long as it was waited for.
    assert!(tracker.overdue(at(39)).is_empty());
    let mut inquiry = tracker.overdue(at(40)).remove(0);
    answer(&mut inquiry, 40, |_| r#"{"status":"LOCKED"}"#.to_owned());
    // While another change is under way, it may be that one's doing.
    let unlock = tracked(
        UpdateStatus::unlock(UserId::from(1), CardId::from(11)),
        2,
        21,
    );
    tracker.store(unlock).unwrap();
    assert_eq!(tracker.learn(&inquiry).unwrap().verdict, Verdict::Open);
    tracker.withdraw(id(2)).unwrap();
    assert_eq!(succeeded(&tracker.learn(&inquiry).unwrap()), [id(1)]);
}

#[test]
fn a_card_shows_what_the_last_change_did() {
    let unlock = |number, minutes| {
        let unlock = UpdateStatus::unlock(UserId::from(1), CardId::from(11));
        tracked(unlock, number, minutes)
    };
    let asked = |tracker: &Tracker, number, minutes, status: &str| {
        let row = tracker.operation(id(number)).unwrap();
        let mut inquiry = Inquiry::about(row).remove(0);
        answer(&mut inquiry, minutes, |_| {
            format!(r#"{{"status":"{status}"}}"#)
        });
        inquiry
    };
    let mut tracker = tracker();
    tracker.store(unlock(1, 0)).unwrap();
    let inquiry = asked(&tracker, 1, 20, "ACTIVE");
    assert_eq!(succeeded(&tracker.learn(&inquiry).unwrap()), [id(1)]);
    // What ended before it was sent has not locked the card.
    tracker.store(lock(2, 30)).unwrap();
    let inquiry = asked(&tracker, 2, 50, "LOCKED");
    assert_eq!(succeeded(&tracker.learn(&inquiry).unwrap()), [id(2)]);
    // What was sent later may have, also if it ended.
    tracker.store(unlock(3, 60)).unwrap();
    tracker.store(lock(4, 61)).unwrap();
    let locked = Outcome::Succeeded { card_id: None };
    tracker.find(id(4), &locked, None, at(70)).unwrap();
    let inquiry = asked(&tracker, 3, 80, "ACTIVE");
    assert_eq!(tracker.learn(&inquiry).unwrap().verdict, Verdict::Open);
}

#[test]
fn a_closing_is_found_by_the_cards_information() {
    let mut tracker = tracker();
    let close = tracked(UpdateStatus::close(UserId::from(1), CardId::from(11)), 1, 0);
    tracker.store(close).unwrap();
    // A card is closed for good, so what came before and after doesn't matter.
    tracker.store(lock(2, 1)).unwrap();
    for (status, settled) in [("ACTIVE", vec![]), ("CLOSED", vec![id(1)])] {
        let row = tracker.operation(id(1)).unwrap();
        let mut inquiry = Inquiry::about(row).remove(0);
        answer(&mut inquiry, 20, |_| format!(r#"{{"status":"{status}"}}"#));
        assert_eq!(
            succeeded(&tracker.learn(&inquiry).unwrap()),
            settled,
            "{status}"
        );
    }
}

#[test]
fn the_answer_to_another_kind_of_operation_is_refused() {
    let answers = [
        (OperationKind::Register, r#"{"user_id":5}"#),
        (OperationKind::Apply, r#"{"card_id":5}"#),
        (OperationKind::Assign, r#"{"card_id":5}"#),
        (OperationKind::Recharge, r#"{"message":"ok"}"#),
        (OperationKind::UpdateStatus, r#"{"message":"ok"}"#),
        (OperationKind::GetBalance, r#"{"balance":1}"#),
    ];
    for (kind, answer) in answers {
        let mut tracker = tracker();
        tracker.store(recharge(1, "10", 1)).unwrap();
        let answer = AnyResponse::from_json(kind, answer).unwrap();
        let report = tracker.acknowledge(id(1), &answer);
        let is_acknowledged = tracker.operation(id(1)).unwrap().acknowledged;
        assert_eq!(is_acknowledged, kind == OperationKind::Recharge, "{kind:?}");
        if let Err(error) = report {
            assert_eq!((error.code(), error.field()), (Code::FieldType, "response"));
        }
    }
}

#[test]
fn an_assignment_is_found_by_the_last_four_digits() {
    let mut tracker = tracker();
    tracker.store(assign(1, 1, "1234567890121111", 0)).unwrap();
    tracker.store(assign(2, 2, "1234567890122222", 0)).unwrap();
    let assigned = AnyResponse::from_json(OperationKind::Assign, r#"{"card_id":999}"#).unwrap();
    tracker.acknowledge(id(1), &assigned).unwrap();
    for card in [51, 52] {
        let rest = format!(r#""card_id":{card}"#);
        tracker.take(&event("CARD_ASSIGN_RESULT", "SUCCESS", 1, &rest));
    }
    // Both succeeded. Who has which card is asked for, the answer's id first.
    for number in [1, 2] {
        let row = tracker.operation(id(number)).unwrap();
        assert_eq!(row.outcome, Some(Outcome::Succeeded { card_id: None }));
        assert_eq!(row.cards, [CardId::from(51), CardId::from(52)]);
    }
    let inquiries = tracker.overdue(at(20));
    let asked: Vec<u64> = inquiries
        .iter()
        .map(
            |inquiry| match inquiry.next_request().unwrap().operation() {
                AnyOperation::GetInformation(ask) => ask.card_id.get(),
                _ => panic!("a card's information is asked for"),
            },
        )
        .collect();
    assert_eq!(asked, [999, 51, 52, 51, 52]);
    let mut second = inquiries[2].clone();
    answer(&mut second, 20, |_| {
        r#"{"status":"TBA","number":"************1111"}"#.to_owned()
    });
    let report = tracker.learn(&second).unwrap();
    // Then the other card is the other's.
    let cards: Vec<_> = report
        .settled
        .iter()
        .map(|settled| settled.outcome.clone())
        .collect();
    let card = |id: u32| Outcome::Succeeded {
        card_id: Some(CardId::from(id)),
    };
    assert_eq!(cards, [card(52), card(51)]);
    assert!(tracker.overdue(at(1000)).is_empty());
}

#[test]
fn of_two_like_applications_nobody_knows_whose_a_card_is() {
    let mut tracker = tracker();
    let apply = Apply::new(UserId::from(1), TemplateId::from(7));
    for number in [1, 2] {
        tracker.store(tracked(apply.clone(), number, 0)).unwrap();
    }
    let rest = r#""card_id":51,"user_id":1"#;
    tracker.take(&event("CARD_APPLY_RESULT", "SUCCESS", 1, rest));
    let mut inquiry = tracker.overdue(at(20)).remove(0);
    answer(&mut inquiry, 20, |_| {
        r#"{"status":"ACTIVE","template_id":7}"#.to_owned()
    });
    assert_eq!(tracker.learn(&inquiry).unwrap().verdict, Verdict::Open);
    // One that was never sent has no card.
    let report = tracker.withdraw(id(2)).unwrap();
    assert_eq!(succeeded(&report), [id(1)]);
}

#[test]
fn what_does_not_name_its_card_settles_nothing() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    let rest = r#""user_id":1,"transaction_id":7,"receive_amount":10,"currency":"USD""#;
    let report = tracker.take(&event("CARD_RECHARGE_RESULT", "SUCCESS", 1, rest));
    assert_eq!(report.verdict, Verdict::Noted);
    assert!(report.candidates.is_empty() && report.things.is_empty());
    let report = tracker.take(&recharged(7, "10", "SUCCESS", 1));
    assert_eq!(succeeded(&report), [id(1)]);
}

#[test]
fn a_registration_is_found_by_its_address() {
    let adam = r#"{"id":5,"email":"adam@example.com","status":"APPROVED"}"#;
    let ada = r#"{"id":6,"email":"Ada@example.com","status":"APPROVED"}"#;
    for users in [[adam, ada], [ada, adam]] {
        let mut tracker = tracker();
        let register = Register::new("ada@example.com", TemplateId::from(1));
        tracker.store(tracked(register, 1, 0)).unwrap();
        let mut inquiry = tracker
            .overdue(at(20))
            .remove(0)
            .with_email("ada@example.com");
        answer(&mut inquiry, 20, |operation| {
            assert!(matches!(operation, AnyOperation::GetUsers(list) if list.search.is_some()));
            format!(r#"{{"data":[{}],"total":2}}"#, users.join(","))
        });
        let report = tracker.learn(&inquiry).unwrap();
        assert_eq!(succeeded(&report), [id(1)]);
        assert_eq!(
            tracker.operation(id(1)).unwrap().user_id,
            Some(UserId::from(6))
        );
    }
}

#[test]
fn it_survives_a_restart_and_keeps_what_a_newer_version_stored() {
    let mut tracker = tracker();
    tracker
        .store(recharge(1, "10", 0).with_reference("order 7"))
        .unwrap();
    tracker.store(recharge(2, "20", 0)).unwrap();
    tracker.take(&recharged(7, "5", "SUCCESS", 1));
    let text = tracker.to_json();
    let newer = text
        .replacen("{\"version\":1", "{\"version\":2,\"news\":{\"a\":1.10}", 1)
        .replacen("\"reference\":", "\"priority\":9,\"reference\":", 1);
    assert_ne!(newer, text);
    let mut tracker = Tracker::from_json(&newer).unwrap();
    let again = tracker.to_json();
    assert!(again.contains(r#""news":{"a":1.10}"#) && again.contains(r#""priority":9"#));
    assert_eq!(
        tracker.take(&recharged(7, "5", "SUCCESS", 1)).verdict,
        Verdict::Repeated
    );
    let row = tracker.operation(id(1)).unwrap();
    assert_eq!(row.reference.as_deref(), Some("order 7"));
    assert!(Tracker::from_json(r#"{"version":0}"#).is_err());
}

#[test]
fn what_is_stored_holds_neither_numbers_nor_words() {
    let mut tracker = tracker();
    tracker.store(assign(1, 1, "1234567890121111", 0)).unwrap();
    let register = Register::new("ada@example.com", TemplateId::from(1));
    tracker.store(tracked(register, 2, 0)).unwrap();
    let rest = r#""user_id":1,"error_reason":"card 1234567890121111 of Ada""#;
    let report = tracker.take(&event("CARD_ASSIGN_RESULT", "FAILED", 1, rest));
    // It is told, and not stored.
    assert!(matches!(
        &report.settled[0].outcome,
        Outcome::Failed { reason: Some(_) }
    ));
    let activated = r#""card_id":11,"card_number":"1234567890121111""#;
    tracker.take(&event("CARD_ACTIVATE_RESULT", "SUCCESS", 1, activated));
    let text = tracker.to_json();
    for secret in ["123456789012", "ada@", "Ada"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn what_is_over_is_forgotten_up_to_a_quiet_time() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.take(&recharged(7, "10", "SUCCESS", 1));
    tracker.store(recharge(2, "10", 60)).unwrap();
    assert!(tracker.to_json().contains("tx:7"));
    assert_eq!(tracker.forget_before(at(90)), 1);
    assert!(!tracker.to_json().contains("tx:7"));
    assert!(tracker.operation(id(1)).is_none());
    // An old transaction that a list shows again, or an event that comes again, is no stranger's.
    let mut inquiry = tracker.overdue(at(90)).remove(0);
    let old = line(7, "10", "SUCCESS", "2023-08-05T16:24:20Z");
    answer(&mut inquiry, 90, |_| {
        format!(r#"{{"data":[{old}],"total":1}}"#)
    });
    let report = tracker.learn(&inquiry).unwrap();
    assert_eq!(
        (report.verdict, report.foreign_activity),
        (Verdict::Open, vec![])
    );
    let report = tracker.take(&recharged(7, "10", "SUCCESS", 1));
    assert_eq!((report.settled.len(), report.foreign_activity), (0, vec![]));
    assert_eq!(
        succeeded(&tracker.take(&recharged(8, "10", "SUCCESS", 61))),
        [id(2)]
    );
}

#[test]
fn a_line_without_a_time_is_no_strangers() {
    let timed = line(9, "5000", "SUCCESS", FIVE);
    let timeless = timed.replace(&format!(r#","created_at":"{FIVE}""#), "");
    assert_ne!(timed, timeless);
    for (line, strangers) in [(timed, 1), (timeless, 0)] {
        let mut tracker = tracker();
        tracker.store(recharge(1, "10", 0)).unwrap();
        let mut inquiry = tracker.overdue(at(20)).remove(0);
        answer(&mut inquiry, 20, |_| {
            format!(r#"{{"data":[{line}],"total":1}}"#)
        });
        let report = tracker.learn(&inquiry).unwrap();
        assert_eq!(report.settled.len(), 0);
        assert_eq!(report.foreign_activity.len(), strangers, "{line}");
        // Its event may be one that was sent again much later.
        let report = tracker.take(&recharged(9, "5000", "SUCCESS", 5));
        assert_eq!(report.foreign_activity.len(), 0, "{line}");
    }
}

#[test]
fn what_was_refused_or_never_sent_is_forgotten_too() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.store(recharge(2, "20", 0)).unwrap();
    tracker.store(recharge(3, "30", 0)).unwrap();
    tracker
        .reject(id(1), &Rejection::new(400, None, "no", false))
        .unwrap();
    tracker.withdraw(id(2)).unwrap();
    // What is open stays, and holds back what is as old.
    assert_eq!(tracker.forget_before(at(90)), 0);
    tracker.take(&recharged(7, "30", "SUCCESS", 1));
    assert_eq!(tracker.forget_before(at(90)), 3);
}

#[test]
fn a_registration_is_forgotten_once_it_is_old() {
    let mut tracker = tracker();
    let register = Register::new("ada@example.com", TemplateId::from(1));
    tracker.store(tracked(register, 1, 10)).unwrap();
    let answer = AnyResponse::from_json(OperationKind::Register, r#"{"user_id":5}"#).unwrap();
    tracker.acknowledge(id(1), &answer).unwrap();
    let event = r#"{"type":"USER_CREATE_RESULT","data":{"user_id":5,"status":"APPROVED"}}"#;
    let report = tracker.take(&Event::from_json(event).unwrap());
    assert_eq!(succeeded(&report), [id(1)]);
    assert_eq!(tracker.forget_before(at(10)), 0);
    assert_eq!(tracker.forget_before(at(11)), 1);
}

#[test]
fn nothing_is_forgotten_without_a_quiet_time() {
    let mut tracker = tracker();
    for (number, minutes) in [(1, 0), (2, 15), (3, 30)] {
        tracker.store(recharge(number, "10", minutes)).unwrap();
        tracker.take(&recharged(u32::from(number), "10", "SUCCESS", minutes + 1));
    }
    assert_eq!(tracker.forget_before(at(35)), 0);
    // It is quiet before 60 as well, whatever comes later.
    tracker.store(recharge(4, "10", 100)).unwrap();
    assert_eq!(tracker.forget_before(at(60)), 3);
}

#[test]
fn a_thing_can_be_named_by_its_text() {
    let thing: ThingId = "tx:7".parse().unwrap();
    assert_eq!(thing, ThingId::Transaction(TransactionId::from(7)));
    for text in ["new:5", "user:6", &format!("event:{}", "0f".repeat(32))] {
        assert_eq!(text.parse::<ThingId>().unwrap().to_string(), text);
    }
    for text in ["", "tx", "tx:", "tx:-1", "tx:x", "card:5", "event:0F"] {
        assert!(text.parse::<ThingId>().is_err(), "{text}");
    }
}

#[test]
fn what_has_ended_and_what_is_asked_survive_a_restart() {
    let mut tracker = tracker();
    tracker.store(recharge(1, "10", 0)).unwrap();
    tracker.store(recharge(2, "20", 0)).unwrap();
    tracker.take(&recharged(7, "10", "SUCCESS", 1));
    tracker.take(&recharged(8, "15", "FAILED", 1));
    for number in [1, 2] {
        assert!(!tracker.operation(id(number)).unwrap().is_open());
    }
    let restarted = Tracker::from_json(&tracker.to_json()).unwrap();
    for number in [1, 2] {
        assert_eq!(
            restarted.operation(id(number)),
            tracker.operation(id(number))
        );
    }

    let register = Register::new("ada@example.com", TemplateId::from(1));
    let user = r#"{"data":[{"id":5,"email":"ada@example.com","status":"APPROVED"}],"total":1}"#;
    let recharges = format!(
        r#"{{"data":[{}],"total":1}}"#,
        line(7, "10", "SUCCESS", FIVE)
    );
    for (operation, answer) in [
        (recharge(1, "10", 0), recharges.as_str()),
        (lock(2, 0), r#"{"status":"LOCKED"}"#),
        (tracked(register, 3, 0), user),
    ] {
        let mut inquiry = Inquiry::about(&operation)
            .remove(0)
            .with_email("ada@example.com");
        assert_eq!(
            Inquiry::from_json(&inquiry.to_json()).as_ref(),
            Ok(&inquiry)
        );
        let plan = inquiry.next_request().unwrap();
        let answer = AnyResponse::from_json(plan.operation().kind(), answer).unwrap();
        inquiry.accept(&answer, Timestamp::from_millis(9)).unwrap();
        assert_eq!(
            Inquiry::from_json(&inquiry.to_json()).as_ref(),
            Ok(&inquiry)
        );
    }
}

#[test]
fn an_assignment_that_was_found_without_a_card_has_not_made_the_next_best_one() {
    let mut tracker = tracker();
    tracker.store(assign(1, 1, "1234567890121111", 0)).unwrap();
    tracker.store(assign(2, 1, "1234567890122222", 0)).unwrap();
    // The event is of one of the two.
    tracker.take(&event(
        "CARD_ASSIGN_RESULT",
        "SUCCESS",
        1,
        r#""card_id":51"#,
    ));
    for number in [1, 2] {
        let outcome = Outcome::Succeeded { card_id: None };
        let report = tracker.find(id(number), &outcome, None, at(2)).unwrap();
        assert_eq!(succeeded(&report), [id(number)]);
        let row = tracker.operation(id(number)).unwrap();
        assert_eq!(row.outcome, Some(Outcome::Succeeded { card_id: None }));
    }
}

#[test]
fn what_will_not_be_carried_out_any_more_does_not_own_a_later_success() {
    let assumptions = Assumptions::exclusive_since(START).final_after(2 * 60_000);
    let mut tracker = Tracker::new(assumptions);
    tracker.store(recharge(1, "10", 0)).unwrap();
    let mut inquiry = tracker.overdue(at(10)).remove(0);
    answer(&mut inquiry, 10, |_| r#"{"data":[],"total":0}"#.to_owned());
    assert_eq!(tracker.learn(&inquiry).unwrap().verdict, Verdict::Settled);

    tracker.store(recharge(2, "10", 11)).unwrap();
    let report = tracker.take(&recharged(7, "10", "SUCCESS", 11));
    assert_eq!((report.doubted.len(), succeeded(&report)), (0, vec![id(2)]));

    // Carried out after all: nobody else can have done it.
    let report = tracker.take(&recharged(8, "10", "SUCCESS", 12));
    assert_ne!(report.verdict, Verdict::Settled);
    assert_ne!(report.verdict, Verdict::Noted);
}
