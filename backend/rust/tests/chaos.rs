//! Three instances on one PostgreSQL, killed again and again in the middle of what they do, while the issuer's webhooks are lost, late, doubled and
//! changed on their way. At the end every operation is known, as it stands in the issuer's books.
//!
//! To repeat a run: `CHAOS_SEED`. For more operations: `CHAOS_OPERATIONS`.

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bananatech_backend::{Backend, BackendError, Notice, Postgres};
use bananatech_core::{CardId, OperationId};
use bananatech_sandbox::{FaultKind, Outcome};

use support::gate::{Gate, Gated};
use support::postgres;
use support::wire::Wire;
use support::{instance, recharge};

const CARDS: usize = 8;
const INSTANCES: usize = 3;
/// Equal ones, one that fails, one whose webhook never comes, one that is slow, and one that the issuer refuses.
const AMOUNTS: [&str; 8] = ["20", "20", "20", "30.5", "66.01", "66.02", "66.03", "5"];
const FAULTS: [FaultKind; 11] = [
    FaultKind::Delay,
    FaultKind::Drop,
    FaultKind::Duplicate,
    FaultKind::Reorder,
    FaultKind::WrongMac,
    FaultKind::BrokenPadding,
    FaultKind::OldKey,
    FaultKind::WrongType,
    FaultKind::Relabelled,
    FaultKind::ExtraFields,
    FaultKind::UnknownStatus,
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[derive(Default)]
struct Tally {
    kills: u64,
    deliveries: u64,
    repetitions_of_notices: u64,
}

type Killable = Backend<Gated<Postgres>, Arc<Wire>>;

struct Run {
    wire: Arc<Wire>,
    stores: Vec<Postgres>,
    dice: fastrand::Rng,
    tally: Tally,
}

impl Run {
    /// An instance that is killed at some point of what it does next, or isn't.
    fn instance(&mut self) -> (Killable, Arc<Gate>) {
        let after = if self.dice.u8(..100) < 25 {
            self.dice.u64(..30)
        } else {
            u64::MAX - 1
        };
        let (gate, at) = (Gate::after(after), self.dice.usize(..INSTANCES));
        let gated = Gated {
            store: self.stores[at].clone(),
            gate: Arc::clone(&gate),
        };
        // Days pass in it.
        let backend = instance(gated, &self.wire).wait_at_most(Duration::MAX);
        (backend, gate)
    }
}

/// Does something until the instance is killed: then there is no result.
async fn alive<T>(gate: &Gate, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = gate.reached() => None,
        done = work => Some(done),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_is_known_in_the_end() {
    let Some(database) = postgres::database().await else {
        return;
    };
    let seed = number("CHAOS_SEED").unwrap_or_else(|| fastrand::u64(..));
    let count = number("CHAOS_OPERATIONS").unwrap_or(60);
    println!("to repeat it: CHAOS_SEED={seed}");
    let (wire, cards) = Wire::new(CARDS);
    let mut stores = Vec::new();
    for _ in 0..INSTANCES {
        stores.push(database.store().await);
    }
    let mut run = Run {
        wire: Arc::clone(&wire),
        stores,
        dice: fastrand::Rng::with_seed(seed),
        tally: Tally::default(),
    };
    let told: Arc<Mutex<BTreeMap<OperationId, Vec<Notice>>>> = Arc::default();
    // Requests that are made, and made again with the same reference, until they were made.
    let mut wanted: Vec<(CardId, &str, String)> = Vec::new();
    let mut made = 0;
    let mut quiet = 0;
    while quiet < 3 {
        let mut tasks = Vec::new();
        for _ in 0..4 {
            if made < count {
                let card = cards[run.dice.usize(..cards.len())];
                wanted.push((
                    card,
                    AMOUNTS[run.dice.usize(..AMOUNTS.len())],
                    format!("order {made}"),
                ));
                made += 1;
            }
        }
        for (card, amount, reference) in std::mem::take(&mut wanted) {
            let (backend, gate) = run.instance();
            tasks.push(tokio::spawn(async move {
                let sent = alive(&gate, backend.send(recharge(card, amount), &reference)).await;
                match sent {
                    Some(sent) => {
                        sent.unwrap();
                        None
                    }
                    None => Some((card, amount, reference)),
                }
            }));
        }
        let mut receivers = Vec::new();
        for (id, body) in wire.due() {
            run.tally.deliveries += 1;
            let ((backend, gate), wire) = (run.instance(), Arc::clone(&wire));
            receivers.push(tokio::spawn(async move {
                let received = alive(&gate, backend.receive(&body)).await;
                wire.delivered(
                    id,
                    match &received {
                        Some(Ok(_)) => Outcome::Answered(200),
                        Some(Err(error)) => Outcome::Answered(error.http_status()),
                        None => Outcome::Unreachable,
                    },
                );
                let failed = matches!(received, Some(Err(BackendError::Store(_))));
                (received.is_none(), failed)
            }));
        }
        let mut others = Vec::new();
        for _ in 0..2 {
            let ((backend, gate), told) = (run.instance(), Arc::clone(&told));
            others.push(tokio::spawn(async move {
                let swept = alive(&gate, backend.sweep()).await;
                let take = |notice: Notice| {
                    let operation = notice.operation().map(|operation| operation.id);
                    let mut told = told.lock().unwrap();
                    told.entry(operation.unwrap()).or_default().push(notice);
                    std::future::ready(Ok::<(), String>(()))
                };
                let delivered = alive(&gate, backend.deliver(take)).await;
                if let Some(swept) = &swept {
                    assert!(swept.is_ok(), "{swept:?}");
                }
                swept.is_none() || delivered.is_none()
            }));
        }
        for task in tasks {
            let again = task.await.unwrap();
            run.tally.kills += u64::from(again.is_some());
            wanted.extend(again);
        }
        for receiver in receivers {
            let (killed, failed) = receiver.await.unwrap();
            assert!(!failed, "the database failed");
            run.tally.kills += u64::from(killed);
        }
        for other in others {
            run.tally.kills += u64::from(other.await.unwrap());
        }
        let all_made = made == count && wanted.is_empty();
        if !all_made && run.dice.u8(..100) < 30 {
            let kind = FAULTS[run.dice.usize(..FAULTS.len())];
            wire.add_fault(kind, run.dice.u32(1..4), None);
        }
        // Once all were made, time goes by until the API has been asked about everything.
        wire.pass(if all_made {
            300_000
        } else {
            run.dice.i64(200..3000)
        });
        let backend = instance(run.stores[0].clone(), &wire);
        let counts = backend.counts().await.unwrap();
        let nothing_left = counts.open + counts.waiting + counts.untold == 0;
        quiet = if all_made && nothing_left {
            quiet + 1
        } else {
            0
        };
    }

    let backend = instance(run.stores[0].clone(), &wire);
    let mut succeeded: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    let told = std::mem::take(&mut *told.lock().unwrap());
    for order in 0..count {
        let reference = format!("order {order}");
        let row = backend
            .operation_by_reference(&reference)
            .await
            .unwrap()
            .unwrap();
        assert!(!row.doubted && !row.contradicted, "{row:?}");
        let notices = &told[&row.id];
        run.tally.repetitions_of_notices += u64::try_from(notices.len()).unwrap() - 1;
        for notice in notices {
            assert!(
                matches!(notice, Notice::Settled(told) if told.outcome == row.outcome),
                "{notice:?}"
            );
        }
        if row.outcome.unwrap().succeeded() {
            let minor = row.amount.unwrap().to_string().parse::<f64>().unwrap() * 100.0;
            #[expect(clippy::cast_possible_truncation, reason = "small amounts")]
            let minor = minor.round() as i64;
            *succeeded
                .entry((i64::try_from(row.card_id.unwrap().get()).unwrap(), minor))
                .or_default() += 1;
        }
    }
    assert_eq!(succeeded, wire.carried_out());
    println!(
        "{count} operations, {} carried out, {} requests, {} deliveries, {} kills, {} notices again",
        succeeded.values().sum::<i64>(),
        wire.arrived.load(Ordering::SeqCst),
        run.tally.deliveries,
        run.tally.kills,
        run.tally.repetitions_of_notices,
    );
}
