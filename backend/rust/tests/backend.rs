//! What a backend does, in each kind of database.

mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bananatech_backend::{
    Backend, BackendError, Counts, Dialect, Gateway as _, Https, Notice, Progress, Received, Sent,
    SentState, Sqlite, SqliteTransaction, Statement, Store, StoreError, Swept, Transaction as _,
    Value, webhooks_with,
};
use bananatech_core::operations::card::{
    Apply, Assign, GetBalance, GetInformation, SetPin, UpdateStatus,
};
use bananatech_core::operations::merchant::Fee;
use bananatech_core::operations::user::Register;
use bananatech_core::{
    ActivationPin, Amount, AnyResponse, Assumptions, CardNumber, CardStatus, Code, EventType, Iv,
    Outcome, Personal, Pin, TemplateId, ThingId, TransactionId, UserId, Verdict,
};

use support::wire::Wire;
use support::{USER, instance, notices, postgres, recharge, take_webhooks};

/// Each test in each kind of database.
macro_rules! in_each {
    ($($name:ident)+) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(bananatech_backend::Sqlite::in_memory().unwrap()).await;
            })+
        }
        mod postgresql {
            $(#[tokio::test]
            async fn $name() {
                if let Some(database) = super::postgres::database().await {
                    super::$name(database.store().await).await;
                }
            })+
        }
    };
}

in_each! {
    a_recharge_is_sent_and_settled_by_its_webhook
    a_reference_is_carried_out_once
    another_deposit_is_another_request
    a_second_recharge_waits_for_the_first
    what_waits_can_be_cancelled
    an_operator_is_told_of_each_request
    nothing_is_sent_before_the_assumption_holds
    another_assumption_is_noticed
    what_the_state_rules_out_is_not_sent
    what_waited_and_is_ruled_out_by_now_is_told
    what_is_not_settled_is_listed_the_oldest_first
    a_lost_answer_is_asked_for
    the_api_is_asked_as_early_as_wished
    what_is_refused_has_failed
    what_asking_tells_of_a_card_is_kept
    a_person_asks_before_it_is_overdue
    what_a_person_asks_of_a_card_is_kept
    what_is_not_authentic_leaves_no_trace
    a_notice_that_is_not_taken_comes_again
    somebody_else_is_told_with_what_shows_it
    persons_find_and_withdraw
    a_failure_has_its_code
    what_is_over_is_forgotten
    an_event_is_remembered_from_when_it_came
    what_never_left_has_failed_and_holds_up_nothing
    what_waits_too_long_is_not_sent
    no_notice_is_handed_on_once_its_lease_is_over
    what_is_settled_at_once_is_told_in_order
    no_row_has_a_secret
}

async fn a_recharge_is_sent_and_settled_by_its_webhook(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let sent = backend
        .send(recharge(cards[0], "20"), "order 1")
        .await
        .unwrap();
    assert!(
        matches!(sent.state, SentState::Taken(_)),
        "{:?}",
        sent.state
    );
    assert!(sent.operation.is_open());
    assert_eq!(backend.counts().await.unwrap().open, 1);

    take_webhooks(&backend, &wire).await;
    let told = notices(&backend).await;
    let [Notice::Settled(operation)] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(operation.reference.as_deref(), Some("order 1"));
    assert!(matches!(operation.outcome, Some(Outcome::Succeeded { .. })));
    assert!(notices(&backend).await.is_empty());
    assert_eq!(backend.counts().await.unwrap(), Counts::default());
    let card = backend.card(cards[0]).await.unwrap().unwrap();
    assert!(card.balance().is_some());
    let stored = backend.operation(sent.operation.id).await.unwrap().unwrap();
    assert_eq!(
        Some(&stored),
        backend
            .operation_by_reference("order 1")
            .await
            .unwrap()
            .as_ref()
    );
    assert!(!stored.is_open());
}

async fn a_reference_is_carried_out_once(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let first = backend
        .send(recharge(cards[0], "20"), "order 1")
        .await
        .unwrap();
    let again = backend
        .send(recharge(cards[0], "20"), "order 1")
        .await
        .unwrap();
    assert!(matches!(again.state, SentState::Known));
    assert_eq!(again.operation.id, first.operation.id);
    assert_eq!(wire.arrived.load(Ordering::SeqCst), 1);
    let other = backend
        .send(recharge(cards[0], "21"), "order 1")
        .await
        .unwrap_err();
    assert!(
        matches!(&other, BackendError::Invalid(invalid) if invalid.code() == Code::TrackingKnown),
        "{other:?}"
    );
    for reference in ["", &"x".repeat(201)] {
        let error = backend
            .send(recharge(cards[0], "21"), reference)
            .await
            .unwrap_err();
        assert!(matches!(error, BackendError::Invalid(_)));
    }
    // Also while it waits.
    backend
        .send(recharge(cards[0], "30"), "order 2")
        .await
        .unwrap();
    let again = backend
        .send(recharge(cards[0], "30"), "order 2")
        .await
        .unwrap();
    assert!(matches!(again.state, SentState::Known));
    assert_eq!(wire.arrived.load(Ordering::SeqCst), 1);
}

async fn another_deposit_is_another_request(store: impl Store) {
    let (wire, _) = Wire::new(0);
    let backend = instance(store, &wire);
    let apply = |template: u32, deposit: Option<&str>| Apply {
        deposit_amount: deposit.map(|units| Amount::parse(units).unwrap()),
        ..Apply::new(UserId::from(USER), TemplateId::from(template))
    };
    // The sandbox's template 3 takes a deposit, 2 takes none.
    for (template, deposit, same, others) in [
        (3, Some("50"), Some("50.00"), [Some("500"), None]),
        (2, None, None, [Some("50"), Some("0.01")]),
    ] {
        let reference = format!("order {template}");
        let send = |deposit| backend.send(apply(template, deposit), &reference);
        let first = send(deposit).await.unwrap();
        assert!(matches!(first.state, SentState::Taken(_)), "{first:?}");
        let arrived = wire.arrived.load(Ordering::SeqCst);
        let again = send(same).await.unwrap();
        assert!(matches!(again.state, SentState::Known), "{again:?}");
        assert_eq!(again.operation.id, first.operation.id);
        for other in others {
            let error = send(other).await.unwrap_err();
            assert!(
                matches!(&error, BackendError::Invalid(invalid) if invalid.code() == Code::TrackingKnown),
                "{other:?}: {error:?}"
            );
        }
        assert_eq!(wire.arrived.load(Ordering::SeqCst), arrived);
    }
}

async fn a_second_recharge_waits_for_the_first(store: impl Store) {
    let (wire, cards) = Wire::new(2);
    let backend = instance(store, &wire);
    backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    let second = backend.send(recharge(cards[0], "20"), "2").await.unwrap();
    assert!(matches!(second.state, SentState::Waits));
    // Another card, and another kind of operation, go on.
    let other = backend.send(recharge(cards[1], "20"), "3").await.unwrap();
    assert!(matches!(other.state, SentState::Taken(_)));
    let lock = backend
        .send(UpdateStatus::lock(UserId::from(USER), cards[1]), "4")
        .await
        .unwrap();
    assert!(matches!(lock.state, SentState::Taken(_)));
    assert_eq!(backend.sweep().await.unwrap().sent, 0);
    assert_eq!(backend.counts().await.unwrap().waiting, 1);
    for (card, references) in [(cards[0], ["1", "2"]), (cards[1], ["3", "4"])] {
        let listed = backend.operations_of(card).await.unwrap();
        let listed: Vec<_> = listed
            .iter()
            .filter_map(|row| row.reference.as_deref())
            .collect();
        assert_eq!(listed, references);
    }
    assert!(
        backend
            .operation(second.operation.id)
            .await
            .unwrap()
            .is_some()
    );

    take_webhooks(&backend, &wire).await;
    assert_eq!(backend.sweep().await.unwrap().sent, 1);
    let sent = backend
        .operation(second.operation.id)
        .await
        .unwrap()
        .unwrap();
    assert!(sent.sent_at > second.operation.sent_at);
    take_webhooks(&backend, &wire).await;
    let told = notices(&backend).await;
    let references: Vec<_> = told
        .iter()
        .filter_map(|notice| notice.operation()?.reference.as_deref())
        .collect();
    assert_eq!(references.len(), 4);
    let of_the_card: Vec<_> = references
        .into_iter()
        .filter(|reference| ["1", "2"].contains(reference))
        .collect();
    assert_eq!(of_the_card, ["1", "2"]);
}

async fn what_waits_can_be_cancelled(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let first = backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    let second = backend.send(recharge(cards[0], "20"), "2").await.unwrap();
    let third = backend.send(recharge(cards[0], "30"), "3").await.unwrap();
    // What was sent can't be taken back, and what isn't known neither.
    assert!(backend.cancel(first.operation.id).await.unwrap().is_none());
    let unknown = bananatech_core::OperationId::from_random_bytes([1; 16]);
    assert!(backend.cancel(unknown).await.unwrap().is_none());

    let cancelled = backend.cancel(second.operation.id).await.unwrap().unwrap();
    let cancelled_by = Some("cancelled".into());
    let failed = Some(Outcome::Failed {
        reason: cancelled_by,
    });
    assert_eq!(cancelled.outcome, failed);
    assert!(backend.cancel(second.operation.id).await.unwrap().is_none());
    let again = backend.send(recharge(cards[0], "20"), "2").await.unwrap();
    assert!(matches!(again.state, SentState::Known));
    // The first is decided by its own event, though the one that was cancelled is equal to it.
    take_webhooks(&backend, &wire).await;
    assert_eq!(backend.sweep().await.unwrap().sent, 1);
    take_webhooks(&backend, &wire).await;
    let told = notices(&backend).await;
    let told: Vec<_> = told
        .iter()
        .filter_map(|notice| {
            let operation = notice.operation()?;
            let succeeded = operation.outcome.as_ref()?.succeeded();
            Some((operation.id, succeeded))
        })
        .collect();
    let expected = [
        (second.operation.id, false),
        (first.operation.id, true),
        (third.operation.id, true),
    ];
    assert_eq!(told, expected);
    assert_eq!(wire.arrived.load(Ordering::SeqCst), 2);
}

async fn an_operator_is_told_of_each_request(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let first = backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    assert!(first.operation.acknowledged);
    let second = backend.send(recharge(cards[0], "30"), "2").await.unwrap();
    backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    take_webhooks(&backend, &wire).await;
    wire.loses_answers.store(true, Ordering::SeqCst);
    assert_eq!(backend.sweep().await.unwrap().sent, 1);
    take_webhooks(&backend, &wire).await;
    wire.loses_answers.store(false, Ordering::SeqCst);
    let third = backend.send(recharge(cards[0], "1"), "3").await.unwrap();
    wire.answers_with.store(502, Ordering::SeqCst);
    let fourth = backend.send(recharge(cards[0], "40"), "4").await.unwrap();

    let sending = |sent: &Sent, reference: &str| Progress::Sending {
        operation: sent.operation.id,
        reference: reference.to_owned(),
    };
    let is_now = |sent: &Sent, reference: &str, state, code| Progress::Sent {
        operation: sent.operation.id,
        reference: reference.to_owned(),
        state,
        code,
        status: (state == "refused").then_some(400),
    };
    let changed = |sent: &Sent, state| Progress::Changed {
        operation: sent.operation.id,
        state,
    };
    let told = wire.told.lock().unwrap().clone();
    let expected = [
        sending(&first, "1"),
        is_now(&first, "1", "taken", None),
        is_now(&second, "2", "waits", None),
        is_now(&first, "1", "known", None),
        changed(&first, "succeeded"),
        sending(&second, "2"),
        is_now(&second, "2", "not_known", None),
        changed(&second, "succeeded"),
        sending(&third, "3"),
        is_now(&third, "3", "refused", Some(Code::Rejected)),
        changed(&third, "failed"),
        sending(&fourth, "4"),
        is_now(&fourth, "4", "not_known", Some(Code::AnswerNotKnown)),
    ];
    assert_eq!(told, expected);
    // So is what was asked in vain.
    wire.told.lock().unwrap().clear();
    wire.answers_with.store(404, Ordering::SeqCst);
    backend.inquire(fourth.operation.id).await.unwrap();
    let told = wire.told.lock().unwrap().clone();
    let expected = Progress::NotAnswered {
        operation: fourth.operation.id,
        reference: "4".to_owned(),
        code: Some(Code::Rejected),
    };
    assert_eq!(told, [expected]);
}

async fn nothing_is_sent_before_the_assumption_holds(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let later = wire.now().after(1);
    let assumptions = Assumptions::exclusive_since(later);
    let backend = Backend::new(wire.merchant(), assumptions, store, Arc::clone(&wire));
    let error = backend.send(recharge(cards[0], "20"), "1").await;
    let Err(BackendError::Invalid(invalid)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(invalid.field(), "exclusive_since");
    assert_eq!(invalid.code(), Code::ExclusiveSinceFuture);
    assert_eq!(wire.arrived.load(Ordering::SeqCst), 0);
    wire.pass(1);
    assert!(backend.send(recharge(cards[0], "20"), "1").await.is_ok());
}

async fn another_assumption_is_noticed(store: impl Store) {
    let (wire, _) = Wire::new(0);
    let store = Arc::new(store);
    let backend = instance(Arc::clone(&store), &wire);
    for _ in 0..2 {
        backend.sweep().await.unwrap();
    }
    assert_eq!(*wire.told.lock().unwrap(), []);
    let since = Assumptions::exclusive_since(wire.now());
    let backend = Backend::new(wire.merchant(), since, store, Arc::clone(&wire));
    for _ in 0..2 {
        backend.sweep().await.unwrap();
    }
    assert_eq!(*wire.told.lock().unwrap(), [Progress::AssumptionDiffers]);
}

async fn what_the_state_rules_out_is_not_sent(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let lock = UpdateStatus::lock(UserId::from(USER), cards[0]);
    backend.send(lock.clone(), "lock").await.unwrap();
    take_webhooks(&backend, &wire).await;
    let arrived = wire.arrived.load(Ordering::SeqCst);
    let error = backend
        .send(recharge(cards[0], "20"), "1")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, BackendError::Invalid(invalid) if invalid.code() == Code::StateNotAllowed),
        "{error:?}"
    );
    assert_eq!(wire.arrived.load(Ordering::SeqCst), arrived);
    assert!(backend.operation_by_reference("1").await.unwrap().is_none());
    // An event doesn't confirm this, so it isn't sent either.
    let balance = GetBalance {
        user_id: UserId::from(USER),
        card_id: cards[0],
    };
    let error = backend.send(balance.clone(), "2").await.unwrap_err();
    assert!(matches!(error, BackendError::Invalid(_)));
    assert!(backend.ask(balance).await.is_ok());
    assert!(matches!(
        backend.ask(lock).await.unwrap_err(),
        BackendError::Invalid(_)
    ));
}

async fn what_waited_and_is_ruled_out_by_now_is_told(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    backend.send(recharge(cards[0], "20"), "2").await.unwrap();
    backend
        .send(UpdateStatus::lock(UserId::from(USER), cards[0]), "lock")
        .await
        .unwrap();
    take_webhooks(&backend, &wire).await;
    assert_eq!(backend.sweep().await.unwrap().sent, 0);
    let told = notices(&backend).await;
    let not_sent = told.iter().find_map(|notice| match notice {
        Notice::NotSent { operation, code } => Some((operation, code.as_str())),
        _ => None,
    });
    let (not_sent, code) = not_sent.unwrap();
    assert_eq!(
        (not_sent.reference.as_deref(), code),
        (Some("2"), "state.not_allowed")
    );
    assert!(matches!(not_sent.outcome, Some(Outcome::Failed { .. })));
    // It is told once, not as settled too.
    let about = |notice: &&Notice| notice.operation().is_some_and(|row| row.id == not_sent.id);
    assert_eq!(told.iter().filter(about).count(), 1, "{told:?}");
    assert_eq!(backend.counts().await.unwrap(), Counts::default());

    // Its reference isn't free, also once the card allows it again.
    let stored = backend.operation_by_reference("2").await.unwrap();
    assert_eq!(stored.as_ref(), Some(not_sent.as_ref()));
    let unlock = UpdateStatus::unlock(UserId::from(USER), cards[0]);
    backend.send(unlock, "unlock").await.unwrap();
    take_webhooks(&backend, &wire).await;
    let again = backend.send(recharge(cards[0], "20"), "2").await.unwrap();
    assert!(matches!(again.state, SentState::Known), "{:?}", again.state);
    assert_eq!(again.operation, **not_sent);
}

async fn what_is_not_settled_is_listed_the_oldest_first(store: impl Store) {
    let (wire, cards) = Wire::new(3);
    let backend = instance(store, &wire);
    let references = async || {
        let rows = backend.unsettled(10).await.unwrap();
        rows.into_iter()
            .map(|row| row.reference.unwrap())
            .collect::<Vec<_>>()
    };
    for (card, reference) in cards.iter().zip(["1", "2", "3"]) {
        backend
            .send(recharge(*card, "20"), reference)
            .await
            .unwrap();
        wire.pass(1000);
    }
    assert_eq!(references().await, ["1", "2", "3"]);
    let first = backend.unsettled(1).await.unwrap();
    assert_eq!(first[0].reference.as_deref(), Some("1"));
    assert_eq!(backend.unsettled(0).await.unwrap(), []);

    // It is asked about in vain: the next time is later than for the others.
    wire.loses_answers.store(true, Ordering::SeqCst);
    let asked = backend.inquire(first[0].id).await.unwrap();
    assert!(asked.is_some_and(|row| row.is_open()));
    wire.loses_answers.store(false, Ordering::SeqCst);
    assert_eq!(references().await, ["1", "2", "3"]);

    take_webhooks(&backend, &wire).await;
    assert_eq!(references().await, Vec::<String>::new());
}

async fn a_lost_answer_is_asked_for(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    wire.loses_answers.store(true, Ordering::SeqCst);
    let sent = backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    assert!(matches!(sent.state, SentState::NotKnown));
    wire.loses_answers.store(false, Ordering::SeqCst);
    // Its webhook is lost as well.
    wire.pass(1000);
    assert!(!wire.webhooks().is_empty());
    assert_eq!(backend.sweep().await.unwrap().asked, 0);
    wire.pass(3_600_000);
    assert_eq!(backend.counts().await.unwrap().overdue, 1);
    assert_eq!(backend.sweep().await.unwrap().asked, 1);
    let told = notices(&backend).await;
    assert!(matches!(told.as_slice(), [Notice::Settled(_)]), "{told:?}");
    assert_eq!(backend.sweep().await.unwrap().asked, 0);
}

async fn the_api_is_asked_as_early_as_wished(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire).ask_after(Duration::from_secs(20));
    let sent = backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    let SentState::Taken(answer) = sent.state else {
        panic!("{:?}", sent.state)
    };
    assert!(matches!(**answer, AnyResponse::Recharge(_)), "{answer:?}");
    // Also what waits: from when it is sent.
    backend.send(recharge(cards[0], "20"), "2").await.unwrap();
    wire.pass(19_999);
    // Its webhooks are lost.
    assert!(!wire.webhooks().is_empty());
    assert_eq!(backend.sweep().await.unwrap(), Swept::default());
    wire.pass(1);
    assert_eq!(backend.sweep().await.unwrap().asked, 1);
    assert_eq!(backend.sweep().await.unwrap().sent, 1);
    wire.pass(19_999);
    assert!(!wire.webhooks().is_empty());
    assert_eq!(backend.sweep().await.unwrap().asked, 0);
    wire.pass(1);
    assert_eq!(backend.sweep().await.unwrap().asked, 1);
    let told = notices(&backend).await;
    assert_eq!(told.len(), 2, "{told:?}");
}

async fn what_asking_tells_of_a_card_is_kept(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let lock = UpdateStatus::lock(UserId::from(USER), cards[0]);
    backend.send(lock, "1").await.unwrap();
    wire.pass(1000);
    assert!(!wire.webhooks().is_empty(), "its webhook is lost");
    wire.pass(3_600_000);
    assert_eq!(backend.sweep().await.unwrap().asked, 1);
    let told = notices(&backend).await;
    assert!(matches!(told.as_slice(), [Notice::Settled(_)]), "{told:?}");
    let card = backend.card(cards[0]).await.unwrap().unwrap();
    assert_eq!(card.status(), Some(&CardStatus::Locked));
    // What it rules out isn't sent, and a new PIN neither.
    let pin = SetPin {
        user_id: UserId::from(USER),
        card_id: cards[0],
        pin: Pin::parse("60817").unwrap(),
    };
    let arrived = wire.arrived.load(Ordering::SeqCst);
    let error = backend.ask(pin).await.unwrap_err();
    assert!(
        matches!(&error, BackendError::Invalid(invalid) if invalid.code() == Code::StateNotAllowed),
        "{error:?}"
    );
    assert_eq!(wire.arrived.load(Ordering::SeqCst), arrived);
}

async fn a_person_asks_before_it_is_overdue(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let sent = backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    let waits = backend.send(recharge(cards[0], "20"), "2").await.unwrap();
    wire.pass(1000);
    assert!(!wire.webhooks().is_empty(), "its webhook is lost");
    assert_eq!(backend.sweep().await.unwrap(), Swept::default());
    let id = sent.operation.id;
    wire.loses_answers.store(true, Ordering::SeqCst);
    assert!(backend.inquire(id).await.unwrap().unwrap().is_open());
    wire.loses_answers.store(false, Ordering::SeqCst);
    assert!(!backend.inquire(id).await.unwrap().unwrap().is_open());
    let told = notices(&backend).await;
    assert!(matches!(told.as_slice(), [Notice::Settled(_)]), "{told:?}");
    // Of what is known, or waits for its turn, nobody is asked.
    let arrived = wire.arrived.load(Ordering::SeqCst);
    assert!(!backend.inquire(id).await.unwrap().unwrap().is_open());
    let waiting = backend.inquire(waits.operation.id).await.unwrap().unwrap();
    assert!(waiting.is_open());
    assert_eq!(wire.arrived.load(Ordering::SeqCst), arrived);
    let unknown = bananatech_core::OperationId::from_random_bytes([1; 16]);
    assert!(backend.inquire(unknown).await.unwrap().is_none());
}

async fn what_a_person_asks_of_a_card_is_kept(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let lock = serde_json::json!({ "user_id": USER, "card_id": cards[0], "alter": "LOCK" });
    wire.query("/card/update_status", &lock);
    wire.pass(1000);
    assert!(!wire.webhooks().is_empty(), "its webhook is lost");
    assert!(backend.card(cards[0]).await.unwrap().is_none());
    let information = GetInformation {
        user_id: UserId::from(USER),
        card_id: cards[0],
    };
    backend.ask(information).await.unwrap();
    let card = backend.card(cards[0]).await.unwrap().unwrap();
    assert_eq!(card.status(), Some(&CardStatus::Locked));
}

async fn what_is_refused_has_failed(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    // Below the template's minimum.
    let sent = backend.send(recharge(cards[0], "1"), "1").await.unwrap();
    assert!(
        matches!(sent.state, SentState::Refused(_)),
        "{:?}",
        sent.state
    );
    let told = notices(&backend).await;
    let [Notice::Settled(operation)] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(operation.outcome, Some(Outcome::Failed { reason: None }));
    // The next one needn't wait.
    let next = backend.send(recharge(cards[0], "20"), "2").await.unwrap();
    assert!(matches!(next.state, SentState::Taken(_)));
}

async fn what_is_not_authentic_leaves_no_trace(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    wire.pass(1000);
    let body = wire.webhooks().remove(0);
    let mut forged = body.clone();
    let last = forged.iter().rposition(u8::is_ascii_digit).unwrap();
    forged[last] = if forged[last] == b'1' { b'2' } else { b'1' };
    for bad in [&forged[..], b"", b"{}"] {
        assert_eq!(backend.receive(bad).await.unwrap_err().http_status(), 400);
    }
    let long = vec![b' '; bananatech_core::Merchant::MAX_WEBHOOK_BYTES + 1];
    assert_eq!(backend.receive(&long).await.unwrap_err().http_status(), 413);
    assert_ne!(
        backend.receive(&body).await.unwrap().report.verdict,
        Verdict::Repeated
    );
    let again = backend.receive(&body).await.unwrap();
    assert_eq!(again.report.verdict, Verdict::Repeated);
}

async fn a_notice_that_is_not_taken_comes_again(store: impl Store) {
    let (wire, cards) = Wire::new(2);
    let backend = instance(store, &wire);
    for (at, card) in cards.iter().enumerate() {
        backend
            .send(recharge(*card, "1"), &format!("{at} refused"))
            .await
            .unwrap();
        backend
            .send(recharge(*card, "2"), &format!("{at} refused too"))
            .await
            .unwrap();
    }
    // The first card's can't be taken.
    let mut taken = Vec::new();
    let take = |notice: Notice| {
        let operation = notice.operation().unwrap();
        let fails = operation.card_id == Some(cards[0]);
        if !fails {
            taken.push(operation.reference.clone().unwrap());
        }
        std::future::ready(if fails { Err("no") } else { Ok(()) })
    };
    assert_eq!(backend.deliver(take).await.unwrap(), 2);
    assert_eq!(taken, ["1 refused", "1 refused too"]);
    // Nobody else gets them until the lease is over, and then in order.
    assert!(notices(&backend).await.is_empty());
    wire.pass(60_000);
    // A panic is a failure like others.
    let panics = |_: Notice| async { panic!("the taker's own") };
    let nothing = backend.deliver::<_, String>(panics).await;
    assert_eq!(nothing.unwrap(), 0);
    wire.pass(60_000);
    let told = notices(&backend).await;
    let references: Vec<_> = told
        .iter()
        .map(|notice| notice.operation().unwrap().reference.as_deref().unwrap())
        .collect();
    assert_eq!(references, ["0 refused", "0 refused too"]);
}

async fn somebody_else_is_told_with_what_shows_it(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    let sent = backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    take_webhooks(&backend, &wire).await;
    let settled = notices(&backend).await;
    let data = format!(
        r#"{{"card_id":{},"transaction_id":999999,"receive_amount":5000,"status":"SUCCESS","occur_time":{}}}"#,
        cards[0],
        wire.now().as_millis()
    );
    let iv = Iv::from_random_bytes([9; 16]);
    let body = wire
        .merchant()
        .test_webhook("CARD_RECHARGE_RESULT", &data, iv);
    backend.receive(body.as_bytes()).await.unwrap();
    let told = notices(&backend).await;
    let [Notice::Doubted(doubted), Notice::ForeignActivity(foreign)] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(doubted.id, sent.operation.id);
    assert_eq!(foreign.scope, format!("card:{}:money", cards[0]));
    let thing = ThingId::Transaction(TransactionId::from(999_999));
    assert_eq!(foreign.things, [thing]);
    let progress = wire.told.lock().unwrap().split_off(3);
    let expected = [
        Progress::Changed {
            operation: sent.operation.id,
            state: "doubted",
        },
        Progress::ForeignActivity {
            scope: foreign.scope.clone(),
            things: vec![thing],
        },
    ];
    assert_eq!(progress, expected);
    // Once a person says whose it is, what was doubted is told again as it was.
    backend.name_foreign(foreign.things[0]).await.unwrap();
    assert_eq!(notices(&backend).await, settled);
}

async fn persons_find_and_withdraw(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire).all_at_once();
    wire.loses_answers.store(true, Ordering::SeqCst);
    let template = serde_json::from_str(r#"{"id": 1, "recharge_fee": 1}"#).unwrap();
    let one = backend
        .send_by_template(recharge(cards[0], "20"), "1", &template, Fee::Percent)
        .await
        .unwrap();
    assert_eq!(one.operation.least.unwrap().to_string(), "19.8");
    let two = backend.send(recharge(cards[0], "30"), "2").await.unwrap();
    assert!(matches!(two.state, SentState::NotKnown));
    let found = backend
        .find(
            one.operation.id,
            &Outcome::Succeeded { card_id: None },
            None,
        )
        .await
        .unwrap();
    assert_eq!(found.verdict, Verdict::Settled);
    assert_eq!(
        backend.withdraw(two.operation.id).await.unwrap().verdict,
        Verdict::Settled
    );
    assert_eq!(notices(&backend).await.len(), 2);
    let unknown = bananatech_core::OperationId::from_random_bytes([1; 16]);
    let error = backend.withdraw(unknown).await.unwrap_err();
    assert!(
        matches!(&error, BackendError::Invalid(invalid) if invalid.code() == Code::TrackingUnknown)
    );
}

async fn a_failure_has_its_code(store: impl Store) {
    let (wire, _) = Wire::new(0);
    let backend = instance(store, &wire);
    let sent = backend.send(assign("1234567890123465"), "1").await.unwrap();
    assert!(
        matches!(sent.state, SentState::Taken(_)),
        "{:?}",
        sent.state
    );
    take_webhooks(&backend, &wire).await;
    let told = notices(&backend).await;
    let [Notice::Settled(operation)] = told.as_slice() else {
        panic!("{told:?}")
    };
    let code = Some(Personal::from("101:0"));
    assert_eq!(operation.outcome, Some(Outcome::Failed { reason: code }));
}

async fn what_is_over_is_forgotten(store: impl Store) {
    const HOUR_MS: i64 = 3_600_000;
    let (wire, cards) = Wire::new(2);
    let backend = instance(store, &wire);
    let send = async |card, reference: &str| {
        let sent = backend.send(recharge(card, "20"), reference).await;
        sent.unwrap();
    };
    let is_known = async |reference: &str| {
        let row = backend.operation_by_reference(reference).await;
        row.unwrap().is_some()
    };
    send(cards[0], "over").await;
    wire.pass(5000);
    let old = wire.webhooks();
    assert_eq!(old.len(), 1);
    backend.receive(&old[0]).await.unwrap();
    // Its webhook is lost.
    send(cards[1], "open").await;
    wire.pass(5000);
    wire.webhooks();
    wire.pass(HOUR_MS);
    send(cards[0], "new").await;

    let now = wire.now();
    // Between the two there is quiet, and before the first there isn't.
    assert_eq!(
        backend
            .forget_before(now.after(-2 * HOUR_MS))
            .await
            .unwrap(),
        0
    );
    assert!(is_known("over").await);
    assert_eq!(
        backend
            .forget_before(now.after(-HOUR_MS / 2))
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        backend
            .forget_before(now.after(-HOUR_MS / 2))
            .await
            .unwrap(),
        0
    );
    assert!(!is_known("over").await);
    assert!(is_known("open").await && is_known("new").await);

    // What comes again is neither the new one's nor a stranger's.
    let report = backend.receive(&old[0]).await.unwrap().report;
    assert_eq!(
        (report.settled.len(), report.foreign_activity.len()),
        (0, 0)
    );
    notices(&backend).await;
    take_webhooks(&backend, &wire).await;
    let told = notices(&backend).await;
    let [Notice::Settled(operation)] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(operation.reference.as_deref(), Some("new"));
    assert_eq!(backend.counts().await.unwrap().open, 1);
}

async fn an_event_is_remembered_from_when_it_came(store: impl Store) {
    const DAY_MS: i64 = 86_400_000;
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire);
    wire.pass(200 * DAY_MS);
    let merchant = wire.merchant();
    let purchase = |transaction: u64, occurred: i64| {
        let data = format!(
            r#"{{"card_id":{},"transaction_id":{transaction},"receive_amount":20,"status":"SUCCESS","occur_time":{occurred}}}"#,
            cards[0]
        );
        let iv = Iv::from_random_bytes([7; 16]);
        merchant.test_webhook("CARD_RECHARGE_RESULT", &data, iv)
    };
    let verdict = async |body: &str| {
        let received = backend.receive(body.as_bytes()).await.unwrap();
        received.report.verdict
    };
    let now = wire.now().as_millis();
    let (late, recent) = (purchase(1, now - 100 * DAY_MS), purchase(2, now));
    for body in [&recent, &late] {
        assert_ne!(verdict(body).await, Verdict::Repeated);
    }
    // What the late one is about was long ago. That it came wasn't.
    backend
        .forget_before(wire.now().after(-90 * DAY_MS))
        .await
        .unwrap();
    for body in [&recent, &late] {
        assert_eq!(verdict(body).await, Verdict::Repeated);
    }
    wire.pass(91 * DAY_MS);
    backend
        .forget_before(wire.now().after(-90 * DAY_MS))
        .await
        .unwrap();
    assert_ne!(verdict(&recent).await, Verdict::Repeated);
}

async fn what_never_left_has_failed_and_holds_up_nothing(store: impl Store) {
    let (wire, cards) = Wire::new(2);
    let backend = instance(store, &wire);
    wire.is_unreachable.store(true, Ordering::SeqCst);
    let first = backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    assert!(matches!(first.state, SentState::NotSent));
    let failed = |why: &str| {
        let reason = Some(why.into());
        Some(Outcome::Failed { reason })
    };
    assert_eq!(first.operation.outcome, failed("request.not_sent"));
    // Why is still known later.
    let stored = backend.operation(first.operation.id).await.unwrap();
    assert_eq!(stored.unwrap().outcome, failed("request.not_sent"));
    let told = notices(&backend).await;
    let [Notice::NotSent { operation, code }] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(
        (operation.id, code.as_str()),
        (first.operation.id, "request.not_sent")
    );
    let progress = wire.told.lock().unwrap()[1].clone();
    assert!(
        matches!(
            progress,
            Progress::Sent {
                state: "not_sent",
                code: Some(Code::RequestNotSent),
                ..
            }
        ),
        "{progress:?}"
    );
    assert_eq!(backend.counts().await.unwrap(), Counts::default());
    // Its reference stays taken.
    let again = backend.send(recharge(cards[0], "20"), "1").await.unwrap();
    assert!(matches!(again.state, SentState::Known));

    wire.is_unreachable.store(false, Ordering::SeqCst);
    for (at, card) in cards.iter().enumerate() {
        for turn in ["first", "second"] {
            let reference = format!("{at} {turn}");
            let sent = backend.send(recharge(*card, "20"), &reference).await;
            let waits = matches!(sent.unwrap().state, SentState::Waits);
            assert_eq!(waits, turn == "second");
        }
    }
    take_webhooks(&backend, &wire).await;
    // One finds out that nobody is there; the other keeps waiting.
    wire.is_unreachable.store(true, Ordering::SeqCst);
    let arrived = wire.arrived.load(Ordering::SeqCst);
    assert_eq!(backend.sweep().await.unwrap().sent, 0);
    assert_eq!(backend.counts().await.unwrap().waiting, 1);
    wire.is_unreachable.store(false, Ordering::SeqCst);
    assert_eq!(backend.sweep().await.unwrap().sent, 1);
    assert_eq!(wire.arrived.load(Ordering::SeqCst), arrived + 1);
}

async fn what_waits_too_long_is_not_sent(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire).wait_at_most(Duration::from_secs(60));
    for reference in ["1", "2", "3"] {
        backend
            .send(recharge(cards[0], "20"), reference)
            .await
            .unwrap();
        wire.pass(30_000);
    }
    take_webhooks(&backend, &wire).await;
    assert_eq!(backend.sweep().await.unwrap().sent, 1);
    take_webhooks(&backend, &wire).await;
    let told = notices(&backend).await;
    let told: Vec<_> = told
        .iter()
        .map(|notice| (notice.kind(), notice.operation().unwrap()))
        .map(|(kind, row)| (kind, row.reference.as_deref().unwrap()))
        .collect();
    // The second had waited for a minute and more, the third for less.
    assert_eq!(
        told,
        [("settled", "1"), ("not_sent", "2"), ("settled", "3")]
    );
    assert_eq!(backend.counts().await.unwrap(), Counts::default());

    // Also while the one before it stays open.
    wire.loses_answers.store(true, Ordering::SeqCst);
    for reference in ["4", "5"] {
        backend
            .send(recharge(cards[0], "20"), reference)
            .await
            .unwrap();
    }
    wire.pass(60_001);
    assert_eq!(backend.sweep().await.unwrap().sent, 0);
    let told = notices(&backend).await;
    let [Notice::NotSent { operation, code }] = told.as_slice() else {
        panic!("{told:?}")
    };
    let reference = operation.reference.as_deref();
    assert_eq!((reference, code.as_str()), (Some("5"), "wait.expired"));
    let failed = Progress::Changed {
        operation: operation.id,
        state: "failed",
    };
    assert_eq!(wire.told.lock().unwrap().last(), Some(&failed));
    let counts = backend.counts().await.unwrap();
    assert_eq!((counts.open, counts.waiting), (1, 0));
}

async fn no_notice_is_handed_on_once_its_lease_is_over(store: impl Store) {
    let (wire, cards) = Wire::new(2);
    let backend = instance(store, &wire);
    wire.answers_with.store(400, Ordering::SeqCst);
    for (reference, card) in ["1", "2"].into_iter().zip(cards) {
        backend.send(recharge(card, "20"), reference).await.unwrap();
    }
    let elsewhere = std::sync::Mutex::new(Vec::new());
    // Both are leased at once. The first takes longer than that lasts, and another instance takes what is left.
    let take = async |_: Notice| {
        wire.pass(60_000);
        let untold = backend.untold().await.unwrap();
        elsewhere.lock().unwrap().extend(untold);
        Ok::<(), String>(())
    };
    assert_eq!(backend.deliver(take).await.unwrap(), 1);
    let references: Vec<_> = elsewhere
        .into_inner()
        .unwrap()
        .iter()
        .filter_map(|(_, notice)| notice.operation()?.reference.clone())
        .collect();
    assert_eq!(references, ["1", "2"]);
}

async fn what_is_settled_at_once_is_told_in_order(store: impl Store) {
    let (wire, cards) = Wire::new(1);
    let backend = instance(store, &wire).all_at_once();
    let mut ids = Vec::new();
    for (amount, reference) in [("20", "1"), ("30", "2"), ("40", "3")] {
        let sent = backend.send(recharge(cards[0], amount), reference).await;
        ids.push(sent.unwrap().operation.id);
    }
    // The webhooks are lost, and one list tells of all.
    wire.pass(5000);
    wire.webhooks();
    backend.inquire(ids[0]).await.unwrap();
    let told = notices(&backend).await;
    let references: Vec<_> = told
        .iter()
        .filter_map(|notice| notice.operation()?.reference.as_deref())
        .collect();
    assert_eq!(references, ["1", "2", "3"]);
}

fn assign(number: &str) -> Assign {
    Assign {
        user_id: UserId::from(USER),
        template_id: TemplateId::from(1),
        card_number: CardNumber::parse(number).unwrap(),
    }
}

/// Everything that has a PIN, a card number or somebody's words goes through, waiting or not, and all rows are looked at.
async fn no_row_has_a_secret(store: impl Store) {
    let (number, pin) = ("4000001200000016", "736194");
    let (wire, cards) = Wire::new(1);
    let store = Arc::new(store);
    let backend = instance(Arc::clone(&store), &wire);
    backend.send(assign(number), "1").await.unwrap();
    backend.send(assign("1234567890123465"), "2").await.unwrap();
    backend
        .send(UpdateStatus::lock(UserId::from(USER), cards[0]), "3")
        .await
        .unwrap();
    backend
        .send(UpdateStatus::unlock(UserId::from(USER), cards[0]), "4")
        .await
        .unwrap();
    // Another one is under way for the card, and yet it doesn't wait: its PIN would have to be stored.
    let activate = UpdateStatus::activate_physical(
        UserId::from(USER),
        cards[0],
        ActivationPin::parse(pin).unwrap(),
    );
    let sent = backend.send(activate, "5").await.unwrap();
    assert!(!matches!(sent.state, SentState::Waits));
    let register = Register::new("ada@canary.example", TemplateId::from(1));
    backend.send(register, "6").await.unwrap();
    assert_eq!(backend.counts().await.unwrap().waiting, 1);
    take_webhooks(&backend, &wire).await;

    let mut transaction = store.begin().await.unwrap();
    let mut rows = 0;
    for table in TABLES {
        let sql = format!("SELECT * FROM bananatech_{table}");
        let statement = Statement {
            sql: sql.into(),
            values: Vec::new(),
        };
        let found = transaction.run(&[statement]).await.unwrap();
        for row in found.into_iter().flatten() {
            rows += 1;
            let row = format!("{row:?}");
            for secret in [
                number,
                pin,
                "canary",
                "card number not exist",
                "sandbox-secret-key",
            ] {
                assert!(!row.contains(secret), "{table}: {row}");
            }
        }
    }
    assert!(rows > 20, "{rows} rows");
}

const TABLES: &[&str] = &[
    "operations",
    "operation_keys",
    "waiting",
    "events",
    "things",
    "thing_keys",
    "since",
    "cards",
    "outbox",
];

#[tokio::test]
async fn a_file_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (wire, cards) = Wire::new(1);
    let open = || Sqlite::open(folder.path().join("backend.db")).unwrap();
    let sent = instance(open(), &wire)
        .send(recharge(cards[0], "20"), "1")
        .await
        .unwrap();
    take_webhooks(&instance(open(), &wire), &wire).await;
    // Two instances of one machine share it.
    let (one, other) = (instance(open(), &wire), instance(open(), &wire));
    assert!(
        !one.operation(sent.operation.id)
            .await
            .unwrap()
            .unwrap()
            .is_open()
    );
    assert_eq!(notices(&other).await.len(), 1);
    assert!(notices(&one).await.is_empty());
}

/// Instances that start together. They rarely meet: it takes a moment only.
#[test]
fn many_may_open_an_empty_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let barrier = std::sync::Barrier::new(4);
    let open_all = || {
        let open = |number| {
            barrier.wait();
            Sqlite::open(folder.path().join(format!("{number}.db"))).err()
        };
        (0..300).filter_map(open).collect::<Vec<_>>()
    };
    let failures: Vec<_> = std::thread::scope(|scope| {
        let threads = [(); 4].map(|()| scope.spawn(open_all));
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(failures.is_empty(), "{failures:?}");
}

/// It is used from many tasks.
#[tokio::test]
async fn its_futures_can_be_spawned() {
    let (wire, _) = Wire::new(0);
    let backend = std::sync::Arc::new(instance(Sqlite::in_memory().unwrap(), &wire));
    let swept = tokio::spawn({
        let backend = std::sync::Arc::clone(&backend);
        async move { backend.sweep().await.unwrap() }
    });
    assert_eq!(swept.await.unwrap(), Swept::default());
    let delivered = tokio::spawn(async move {
        let take = |_| std::future::ready(Ok::<(), String>(()));
        backend.deliver(take).await.unwrap()
    });
    assert_eq!(delivered.await.unwrap(), 0);
}

/// Each mistake of a caller has a code of its own, and nothing is sent.
#[tokio::test]
async fn what_a_caller_does_wrong_has_a_code() {
    let (wire, cards) = Wire::new(1);
    let arrived = wire.arrived.load(Ordering::SeqCst);
    let backend = instance(Sqlite::in_memory().unwrap(), &wire);
    let recharge = recharge(cards[0], "20");
    let code = |error: BackendError| match error {
        BackendError::Invalid(invalid) => invalid.code(),
        other => panic!("{other:?}"),
    };
    let long = "x".repeat(201);
    for reference in ["", &long] {
        let error = backend.send(recharge.clone(), reference).await.unwrap_err();
        assert_eq!(code(error), Code::ReferenceLength);
    }
    let balance = GetBalance {
        user_id: UserId::from(USER),
        card_id: cards[0],
    };
    let error = backend.send(balance, "1").await.unwrap_err();
    assert_eq!(code(error), Code::OperationUnsuitable);
    let error = backend.ask(recharge).await.unwrap_err();
    assert_eq!(code(error), Code::OperationUnsuitable);
    assert_eq!(wire.arrived.load(Ordering::SeqCst), arrived);
}

/// A purchase isn't the outcome of an operation: whoever books it must not lose it.
#[tokio::test]
async fn what_your_code_fails_to_take_comes_again() {
    let (wire, _) = Wire::new(0);
    let backend = Arc::new(instance(Sqlite::in_memory().unwrap(), &wire));
    let (offered, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let fails = Arc::new(AtomicBool::new(true));
    let take = move |received: Received| {
        let event = (received.delivery.event_type(), received.report.verdict);
        offered.send(event).unwrap();
        let fails = fails.swap(false, Ordering::Relaxed);
        std::future::ready(if fails { Err("no") } else { Ok(()) })
    };
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    tokio::spawn(
        async move { axum::serve(listener, webhooks_with("/hooks", backend, take)).await },
    );
    let client = Https::client().no_proxy().build().unwrap();
    let post = async |body: String| client.post(&url).body(body).send().await.unwrap().status();
    let iv = Iv::from_random_bytes([9; 16]);
    let body = wire
        .merchant()
        .test_webhook("TRANSACTION_CREATED", r#"{"amount":7}"#, iv);
    assert_eq!(post(body.clone()).await, 503);
    assert_eq!(post(body).await, 200);
    assert_eq!(post("{}".into()).await, 400);
    let (event_type, first) = seen.recv().await.unwrap();
    assert_eq!(event_type, EventType::TransactionCreated);
    assert_ne!(first, Verdict::Repeated);
    assert_eq!(seen.recv().await, Some((event_type, Verdict::Repeated)));
    assert!(seen.try_recv().is_err());
}

/// A database that fails once.
struct FailsOnce(Sqlite, Arc<AtomicBool>);

impl Store for FailsOnce {
    type Transaction = SqliteTransaction;

    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    async fn begin(&self) -> Result<SqliteTransaction, StoreError> {
        if self.1.swap(true, Ordering::Relaxed) {
            self.0.begin().await
        } else {
            Err(StoreError::Failed("gone".into()))
        }
    }
}

/// What fails doesn't end it, a webhook begins a round although the rest has hours to go, and it ends when it is told to.
#[tokio::test]
async fn it_works_until_it_is_stopped() {
    let (wire, cards) = Wire::new(1);
    let failed = Arc::new(AtomicBool::new(false));
    let store = FailsOnce(Sqlite::in_memory().unwrap(), Arc::clone(&failed));
    let backend = Arc::new(instance(store, &wire).rest(Duration::from_secs(36_000)));
    let (told, mut notices) = tokio::sync::mpsc::unbounded_channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn({
        let backend = Arc::clone(&backend);
        async move {
            let take = |notice| std::future::ready(told.send(notice));
            backend.work(take, stopped).await;
        }
    });
    while !failed.load(Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
    for reference in ["first", "second"] {
        backend
            .send(recharge(cards[0], "20"), reference)
            .await
            .unwrap();
        take_webhooks(&backend, &wire).await;
        let notice = notices.recv().await.unwrap();
        let operation = notice.operation().unwrap();
        assert_eq!(operation.reference.as_deref(), Some(reference));
    }
    stop.send(()).unwrap();
    working.await.unwrap();
}

/// They go out without waiting for one another, and so does the commit: nothing but the order in which they are handed over keeps it.
#[tokio::test]
async fn many_statements_reach_postgresql_in_their_order() {
    let Some(database) = postgres::database().await else {
        return;
    };
    let store = database.store().await;
    let statement = |sql: &'static str| Statement {
        sql: sql.into(),
        values: Vec::new(),
    };
    for count in [2, 15, 16, 17, 29, 30, 31, 100] {
        let mut transaction = store.begin().await.unwrap();
        let draws = vec![statement("SELECT nextval('bananatech_order')"); count];
        let rows = transaction.run(&draws).await.unwrap();
        let numbers: Vec<i64> = rows
            .into_iter()
            .flatten()
            .flatten()
            .map(|value| match value {
                Value::Integer(number) => number,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(numbers.len(), count);
        assert!(numbers.is_sorted(), "{count}: {numbers:?}");
        // The table is gone with the commit: what came after it would fail.
        let table = statement("CREATE TEMPORARY TABLE in_order (at BIGINT) ON COMMIT DROP");
        transaction.run(&[table]).await.unwrap();
        let inserts = vec![statement("INSERT INTO in_order VALUES (1)"); count];
        transaction.commit(&inserts).await.unwrap();
    }
}
