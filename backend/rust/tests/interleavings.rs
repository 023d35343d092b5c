//! Two instances at once: one is stopped at each point of what it does, the other does its part meanwhile or waits, and then the first goes on, or
//! is killed and begins again. The end is as if one had gone after the other.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bananatech_backend::{Backend, Postgres, Sqlite, Store};
use bananatech_core::operations::card::{Assign, UpdateStatus};
use bananatech_core::{AnyOperation, CardId, CardNumber, EventType, TemplateId, Timestamp, UserId};

use support::gate::{Gate, Gated};
use support::postgres::{self, Database};
use support::wire::Wire;
use support::{USER, instance, notices, recharge};

/// What an instance does.
#[expect(clippy::large_enum_variant, reason = "there are few")]
#[derive(Clone, Debug)]
enum Act {
    /// A request with this reference.
    Send(AnyOperation, &'static str),
    /// The webhook of this number.
    Receive(usize),
    Sweep,
    /// The request with this reference, if it waits.
    Cancel(&'static str),
    /// All that is over.
    Forget,
}

/// What happened before, and what two instances do at once.
#[derive(Clone, Copy)]
struct Scene {
    name: &'static str,
    /// Requests that were made an hour before, and ended.
    long_ago: fn(&[CardId]) -> Vec<(AnyOperation, &'static str)>,
    /// Requests that were made before, all at once if so.
    before: fn(&[CardId]) -> Vec<(AnyOperation, &'static str)>,
    all_at_once: bool,
    /// So many of their webhooks were taken before.
    taken: usize,
    acts: fn(&[CardId]) -> [Act; 2],
}

/// Nothing happened before.
const EMPTY: Scene = Scene {
    name: "",
    long_ago: |_| Vec::new(),
    before: |_| Vec::new(),
    all_at_once: false,
    taken: 0,
    acts: |_| [Act::Sweep, Act::Sweep],
};

fn lock(card: CardId) -> AnyOperation {
    UpdateStatus::lock(UserId::from(USER), card).into()
}

fn assign(number: &str) -> AnyOperation {
    let (user_id, template_id) = (UserId::from(USER), TemplateId::from(1));
    let card_number = CardNumber::parse(number).unwrap();
    Assign {
        user_id,
        template_id,
        card_number,
    }
    .into()
}

const SCENES: &[Scene] = &[
    Scene {
        name: "one webhook, delivered twice",
        before: |cards| vec![(recharge(cards[0], "20").into(), "a")],
        acts: |_| [Act::Receive(0), Act::Receive(0)],
        ..EMPTY
    },
    Scene {
        name: "webhooks of twins",
        before: |cards| {
            vec![
                (recharge(cards[0], "20").into(), "a"),
                (recharge(cards[0], "20").into(), "b"),
            ]
        },
        all_at_once: true,
        acts: |_| [Act::Receive(0), Act::Receive(1)],
        ..EMPTY
    },
    Scene {
        name: "a webhook of a card for which another request is made",
        before: |cards| vec![(recharge(cards[0], "20").into(), "a")],
        all_at_once: true,
        acts: |cards| {
            [
                Act::Receive(0),
                Act::Send(recharge(cards[0], "20").into(), "b"),
            ]
        },
        ..EMPTY
    },
    Scene {
        name: "the same, where one waits for the other",
        before: |cards| vec![(recharge(cards[0], "20").into(), "a")],
        acts: |cards| {
            [
                Act::Send(recharge(cards[0], "30").into(), "b"),
                Act::Receive(0),
            ]
        },
        ..EMPTY
    },
    Scene {
        name: "one request, made twice",
        acts: |cards| {
            [
                Act::Send(recharge(cards[0], "20").into(), "a"),
                Act::Send(recharge(cards[0], "20").into(), "a"),
            ]
        },
        ..EMPTY
    },
    Scene {
        name: "two requests for one card",
        acts: |cards| {
            [
                Act::Send(recharge(cards[0], "20").into(), "a"),
                Act::Send(recharge(cards[0], "30").into(), "b"),
            ]
        },
        ..EMPTY
    },
    Scene {
        name: "one reference for two cards, of which one has to wait",
        before: |cards| vec![(recharge(cards[1], "20").into(), "c")],
        acts: |cards| {
            [
                Act::Send(recharge(cards[0], "20").into(), "a"),
                Act::Send(recharge(cards[1], "20").into(), "a"),
            ]
        },
        ..EMPTY
    },
    Scene {
        name: "what waits is cancelled while a webhook ends the one before it",
        before: |cards| {
            vec![
                (recharge(cards[0], "20").into(), "a"),
                (recharge(cards[0], "20").into(), "b"),
            ]
        },
        acts: |_| [Act::Cancel("b"), Act::Receive(0)],
        ..EMPTY
    },
    Scene {
        name: "what waits is cancelled twice",
        before: |cards| {
            vec![
                (recharge(cards[0], "20").into(), "a"),
                (recharge(cards[0], "30").into(), "b"),
            ]
        },
        acts: |_| [Act::Cancel("b"), Act::Cancel("b")],
        ..EMPTY
    },
    Scene {
        name: "a webhook that rules a request out",
        before: |cards| vec![(lock(cards[0]), "a")],
        acts: |cards| {
            [
                Act::Receive(0),
                Act::Send(recharge(cards[0], "30").into(), "b"),
            ]
        },
        ..EMPTY
    },
    Scene {
        name: "assignments that fail, told by events that name no user",
        before: |_| {
            vec![
                (assign("1234567890123465"), "a"),
                (assign("1234567890123473"), "b"),
            ]
        },
        acts: |_| [Act::Receive(0), Act::Receive(1)],
        ..EMPTY
    },
    Scene {
        name: "an assignment's webhook and another assignment",
        before: |_| vec![(assign("1234567890123456"), "a")],
        acts: |_| [Act::Receive(0), Act::Send(assign("4000001200000016"), "b")],
        ..EMPTY
    },
    Scene {
        name: "two sweeps where one waits for its turn",
        before: |cards| {
            vec![
                (recharge(cards[0], "1").into(), "a"),
                (recharge(cards[0], "20").into(), "b"),
                (recharge(cards[0], "30").into(), "c"),
            ]
        },
        taken: 1,
        acts: |_| [Act::Sweep, Act::Sweep],
        ..EMPTY
    },
    Scene {
        name: "what waits is cancelled while a sweep sends it",
        acts: |_| [Act::Cancel("b"), Act::Sweep],
        ..TWO_WAIT
    },
    Scene {
        name: "a sweep, while what it would send is cancelled",
        acts: |_| [Act::Sweep, Act::Cancel("b")],
        ..TWO_WAIT
    },
    Scene {
        name: "a webhook of a card of which something is forgotten",
        before: |cards| vec![(recharge(cards[0], "20").into(), "b")],
        acts: |_| [Act::Receive(NEW), Act::Forget],
        ..LONG_AGO
    },
    Scene {
        name: "something is forgotten of a card whose webhook comes",
        before: |cards| vec![(recharge(cards[0], "20").into(), "b")],
        acts: |_| [Act::Forget, Act::Receive(NEW)],
        ..LONG_AGO
    },
    Scene {
        name: "a webhook comes again while what it told of is forgotten",
        acts: |_| [Act::Receive(0), Act::Forget],
        ..LONG_AGO
    },
    Scene {
        name: "something is forgotten while its webhook comes again",
        acts: |_| [Act::Forget, Act::Receive(0)],
        ..LONG_AGO
    },
    Scene {
        name: "a request for a card of which something is forgotten",
        acts: |cards| [Act::Send(recharge(cards[0], "20").into(), "b"), Act::Forget],
        ..LONG_AGO
    },
    Scene {
        name: "something is forgotten of a card for which a request is made",
        acts: |cards| [Act::Forget, Act::Send(recharge(cards[0], "20").into(), "b")],
        ..LONG_AGO
    },
    Scene {
        name: "a request is made again while it is forgotten",
        acts: |cards| [Act::Send(recharge(cards[0], "20").into(), "a"), Act::Forget],
        ..LONG_AGO
    },
    Scene {
        name: "a request is forgotten while its reference is used for another card",
        acts: |cards| [Act::Forget, Act::Send(recharge(cards[1], "20").into(), "a")],
        ..LONG_AGO
    },
];

/// The first of a card has ended, and two wait for their turn.
const TWO_WAIT: Scene = Scene {
    before: |cards| {
        vec![
            (recharge(cards[0], "20").into(), "a"),
            (recharge(cards[0], "30").into(), "b"),
            (recharge(cards[0], "40").into(), "c"),
        ]
    },
    taken: 1,
    ..EMPTY
};

/// A recharge of each card ended an hour ago, told by a webhook.
const LONG_AGO: Scene = Scene {
    long_ago: |cards| {
        vec![
            (recharge(cards[0], "20").into(), "a"),
            (recharge(cards[1], "30").into(), "c"),
        ]
    },
    ..EMPTY
};
/// The first webhook after those of [`LONG_AGO`].
const NEW: usize = 2;

/// What is the same whichever way it came about: without ids, times, and the numbers of our own order.
type End = BTreeSet<String>;

async fn act<S: Store>(backend: &Backend<S, Arc<Wire>>, act: &Act, webhooks: &[Vec<u8>]) {
    match act {
        Act::Send(operation, reference) => {
            // What the card's state rules out isn't sent.
            let _ = backend.send(operation.clone(), reference).await;
        }
        Act::Receive(number) => {
            let body = webhooks
                .get(*number)
                .unwrap_or_else(|| panic!("{} webhooks", webhooks.len()));
            backend.receive(body).await.unwrap();
        }
        Act::Sweep => {
            backend.sweep().await.unwrap();
        }
        Act::Cancel(reference) => {
            let row = backend.operation_by_reference(reference).await.unwrap();
            backend.cancel(row.unwrap().id).await.unwrap();
        }
        Act::Forget => {
            let ever = Timestamp::from_millis(i64::MAX);
            backend.forget_before(ever).await.unwrap();
        }
    }
}

/// Takes what is left, and says how all of it ended.
async fn end<S: Store>(backend: &Backend<S, Arc<Wire>>, wire: &Wire, cards: &[CardId]) -> End {
    let mut end = End::new();
    for notice in notices(backend).await {
        let operation = notice.operation();
        let kind = format!("{notice:?}")
            .split(['(', ' ', '{'])
            .next()
            .unwrap()
            .to_owned();
        let name = operation.and_then(|operation| operation.reference.clone());
        let outcome = operation.and_then(|operation| {
            operation
                .outcome
                .as_ref()
                .map(|outcome| outcome.succeeded())
        });
        assert!(
            end.insert(format!("{kind} {name:?} {outcome:?}")),
            "told twice: {kind} {name:?}"
        );
    }
    for reference in ["a", "b", "c"] {
        if let Some(row) = backend.operation_by_reference(reference).await.unwrap() {
            let outcome = row.outcome.as_ref().map(|outcome| outcome.succeeded());
            end.insert(format!(
                "{reference}: {outcome:?} {} {}",
                row.acknowledged, row.done
            ));
        }
    }
    for card in cards {
        end.insert(format!(
            "{:?}",
            backend
                .card(*card)
                .await
                .unwrap()
                .map(|card| card.to_string())
        ));
    }
    end.insert(format!("arrived: {}", wire.arrived.load(Ordering::SeqCst)));
    end.insert(format!("{:?}", backend.counts().await.unwrap()));
    // What rows there are of what is over.
    wire.pass(LONG_MS);
    let ever = Timestamp::from_millis(i64::MAX);
    let forgotten = backend.forget_before(ever).await.unwrap();
    end.insert(format!("forgotten later: {forgotten}"));
    end
}

/// After so long, what is over can be forgotten.
const LONG_MS: i64 = 3_600_000;

/// Some time passes. Answers the webhooks that say how operations ended.
fn outcomes(wire: &Wire) -> Vec<Vec<u8>> {
    let mut webhooks = Vec::new();
    for _ in 0..5 {
        wire.pass(1000);
        webhooks.extend(wire.webhooks());
    }
    webhooks.retain(|body| {
        let delivery = wire.merchant().receive(body).unwrap();
        delivery.event_type() != EventType::CardBalanceChange
    });
    webhooks
}

/// The world as it is before the two act, and the webhooks that came or are due.
async fn prepare<S: Store>(scene: &Scene, store: S) -> (Arc<Wire>, Vec<CardId>, Vec<Vec<u8>>) {
    let (wire, cards) = Wire::new(2);
    let backend = with(scene, store, &wire);
    for (operation, reference) in (scene.long_ago)(&cards) {
        backend.send(operation, reference).await.unwrap();
    }
    let mut webhooks = outcomes(&wire);
    for body in &webhooks {
        backend.receive(body).await.unwrap();
    }
    if !webhooks.is_empty() {
        notices(&backend).await;
        wire.pass(LONG_MS);
    }
    for (operation, reference) in (scene.before)(&cards) {
        backend.send(operation, reference).await.unwrap();
    }
    let due = outcomes(&wire);
    for body in due.iter().take(scene.taken) {
        backend.receive(body).await.unwrap();
    }
    webhooks.extend(due);
    (wire, cards, webhooks)
}

fn with<S: Store>(scene: &Scene, store: S, wire: &Arc<Wire>) -> Backend<S, Arc<Wire>> {
    let backend = instance(store, wire);
    if scene.all_at_once {
        backend.all_at_once()
    } else {
        backend
    }
}

/// The ends that one after the other has.
async fn one_after_the_other(scene: &Scene) -> Vec<End> {
    let mut ends = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let store = Sqlite::in_memory().unwrap();
        let (wire, cards, webhooks) = prepare(scene, store.clone()).await;
        let backend = with(scene, store, &wire);
        let acts = (scene.acts)(&cards);
        for at in order {
            act(&backend, &acts[at], &webhooks).await;
        }
        ends.push(end(&backend, &wire, &cards).await);
    }
    ends
}

/// Whether somebody waits for a lock in this database.
async fn is_waited_for(watcher: &deadpool_postgres::Object) -> bool {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    watcher.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0
}

struct Stage {
    database: Database,
    store: Postgres,
    watcher: deadpool_postgres::Object,
}

impl Stage {
    async fn new() -> Option<Self> {
        let database = postgres::database().await?;
        let store = database.store().await;
        let watcher = database.pool().get().await.unwrap();
        Some(Self {
            database,
            store,
            watcher,
        })
    }

    async fn empty(&self) {
        let tables = "bananatech_operations, bananatech_operation_keys, bananatech_waiting, bananatech_events, bananatech_things, \
            bananatech_thing_keys, bananatech_cards, bananatech_outbox, bananatech_since";
        self.watcher
            .batch_execute(&format!("TRUNCATE {tables}"))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn two_at_once_are_as_one_after_the_other() {
    let Some(stage) = Stage::new().await else {
        return;
    };
    let other = stage.database.store().await;
    for scene in SCENES {
        let ends = one_after_the_other(scene).await;
        let (mut points, mut waits) = (0, 0);
        for point in 0.. {
            stage.empty().await;
            let (wire, cards, webhooks) = prepare(scene, stage.store.clone()).await;
            let [first, second] = (scene.acts)(&cards);
            let gate = Gate::after(point);
            let gated = Gated {
                store: stage.store.clone(),
                gate: Arc::clone(&gate),
            };
            let one = with(scene, gated, &wire);
            let (their_webhooks, done) = (webhooks.clone(), Arc::clone(&gate));
            let stopped = tokio::spawn(async move {
                act(&one, &first, &their_webhooks).await;
                // If it ended without being stopped.
                done.open();
            });
            let is_over = tokio::select! {
                () = gate.reached() => false,
                () = wait_for(|| stopped.is_finished()) => true,
            };
            if is_over {
                stopped.await.unwrap();
                break;
            }
            points += 1;
            let two = with(scene, other.clone(), &wire);
            let their_webhooks = webhooks.clone();
            let meanwhile = tokio::spawn(async move { act(&two, &second, &their_webhooks).await });
            while !meanwhile.is_finished() {
                if is_waited_for(&stage.watcher).await {
                    waits += 1;
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            gate.open();
            stopped.await.unwrap();
            meanwhile.await.unwrap();
            let backend = with(scene, stage.store.clone(), &wire);
            let end = end(&backend, &wire, &cards).await;
            assert!(
                ends.contains(&end),
                "{}, stopped after {point}: {end:#?}\ninstead of one of {ends:#?}",
                scene.name
            );
        }
        println!(
            "{}: {points} points, {waits} times the other waited",
            scene.name
        );
        assert!(points > 5, "{}: {points} points", scene.name);
    }
}

async fn wait_for(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Killed at each point, and done again as the vendor or the merchant's own code does it: a webhook comes again, a request is made
/// again with the same reference.
#[tokio::test]
async fn what_was_killed_is_done_again() {
    let Some(stage) = Stage::new().await else {
        return;
    };
    for scene in SCENES {
        let mut ends = Vec::new();
        for point in 0.. {
            stage.empty().await;
            let (wire, cards, webhooks) = prepare(scene, stage.store.clone()).await;
            let [first, _] = (scene.acts)(&cards);
            let gate = Gate::after(point);
            let gated = Gated {
                store: stage.store.clone(),
                gate: Arc::clone(&gate),
            };
            let one = with(scene, gated, &wire);
            let arrived_before = wire.arrived.load(Ordering::SeqCst);
            let was_killed = tokio::select! {
                () = gate.reached() => true,
                () = act(&one, &first, &webhooks) => false,
            };
            let backend = with(scene, stage.store.clone(), &wire);
            act(&backend, &first, &webhooks).await;
            let arrived = wire.arrived.load(Ordering::SeqCst) - arrived_before;
            assert!(
                arrived <= 1,
                "{}, killed after {point}: sent {arrived} times",
                scene.name
            );
            ends.push(end(&backend, &wire, &cards).await);
            if !was_killed {
                break;
            }
        }
        let expected = ends.pop().unwrap();
        for (point, end) in ends.iter().enumerate() {
            // What was stored and perhaps not sent, or sent and not answered, is found out later.
            let is_open = end.iter().any(|line| line.contains("None false"));
            assert!(
                is_open || *end == expected,
                "{}, killed after {point}: {end:#?}\ninstead of {expected:#?}",
                scene.name
            );
        }
    }
}
