//! Instances in several languages on one PostgreSQL, killed again and again, while the issuer's webhooks are lost, late, doubled and changed on
//! their way. At the end every operation is known, as it stands in the issuer's books.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bananatech_core::operations::card::{Recharge, UpdateStatus};
use bananatech_core::{Amount, AnyOperation, CardId, Plan, UserId};
use bananatech_instances::{
    Asked, Card, Happened, Kind, Notices, Options, Patience, Row, Stage, judge,
};
use clap::Parser;
use serde_json::json;

/// Kills instances of a backend, and compares what they know with the issuer's books.
#[derive(Parser)]
struct Arguments {
    /// The sandbox's program.
    #[arg(long, value_name = "FILE")]
    sandbox: PathBuf,
    /// An instance, as a JSON list: its name, its program, its arguments. Several.
    #[arg(long = "instance", value_name = "LIST", required = true)]
    kinds: Vec<Kind>,
    /// How many operations.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    operations: usize,
    /// On how many cards.
    #[arg(long, value_name = "N", default_value_t = 50)]
    cards: usize,
    /// To ask for the same operations again. When something is killed depends on the machine.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// Equal ones, some that fail, one whose webhooks never come, one that is slow, and one that the issuer refuses.
const AMOUNTS: [&str; 16] = [
    "20", "20", "20", "20", "20", "20", "20", "20", "30.5", "30.5", "66.01", "66.01", "66.02",
    "66.03", "5", "5",
];
/// What goes wrong with webhooks.
const FAULTS: [&str; 12] = [
    "delay",
    "drop",
    "duplicate",
    "reorder",
    "wrong_mac",
    "broken_padding",
    "old_key",
    "cut_connection",
    "wrong_type",
    "relabelled",
    "extra_fields",
    "unknown_status",
];
const USERS: usize = 8;
/// So many are sent at a time.
const SENDERS: usize = 8;
const ASK_AFTER_MS: u32 = 5_000;
/// A request that hasn't arrived after so long never left: whoever had it was killed.
const FINAL_AFTER_MS: u32 = 60_000;

/// An operation that is to be asked for.
struct Order {
    reference: String,
    plan: String,
}

/// What the parts of a run share.
struct Run {
    stage: Stage,
    notices: Arc<Notices>,
    dice: Arc<Mutex<fastrand::Rng>>,
    /// Orders of one list are asked for one after the other.
    orders: Vec<Vec<Order>>,
    next: AtomicUsize,
    /// How many orders an instance took.
    taken: AtomicUsize,
    refused: Mutex<Vec<String>>,
    sent_again: AtomicUsize,
    kills: AtomicUsize,
    all_sent: AtomicBool,
}

fn below(dice: &Mutex<fastrand::Rng>, count: usize) -> usize {
    let mut dice = dice.lock().unwrap_or_else(PoisonError::into_inner);
    dice.usize(..count.max(1))
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let began = Instant::now();
    let (notices, heard) = (Arc::<Notices>::default(), AtomicUsize::new(0));
    let dice = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
    let (told, drawn) = (
        Arc::clone(&notices),
        Mutex::new(fastrand::Rng::with_seed(!seed)),
    );
    let options = Options {
        sandbox: arguments.sandbox,
        kinds: arguments.kinds,
        cards: arguments.cards,
        users: USERS,
        ask_after_ms: ASK_AFTER_MS,
        final_after_ms: FINAL_AFTER_MS,
        first: Box::new(move |count| below(&drawn, count)),
        observe: Box::new(move |happened| {
            if let Happened::Notice { notice, .. } = happened {
                told.add(notice);
                let heard = heard.fetch_add(1, Ordering::SeqCst) + 1;
                if heard.is_multiple_of(100) {
                    println!("{heard} outcomes");
                }
            }
        }),
    };
    let stage = Stage::set(options).await?;
    let orders = orders(&dice, &stage.cards, arguments.operations)?;
    let run = Arc::new(Run {
        stage,
        notices,
        dice,
        orders,
        next: AtomicUsize::new(0),
        taken: AtomicUsize::new(0),
        refused: Mutex::default(),
        sent_again: AtomicUsize::new(0),
        kills: AtomicUsize::new(0),
        all_sent: AtomicBool::new(false),
    });
    // A short run is over sooner.
    let kill_every_ms = if arguments.operations < 1000 {
        500
    } else {
        1000
    };
    let done = run.all(Duration::from_millis(kill_every_ms)).await;
    let run = Arc::into_inner(run).context("nothing runs any more")?;
    let mut good = false;
    let (requests, deliveries) = (run.stage.sandbox.requests(), run.stage.sandbox.deliveries());
    run.stage
        .clear(|books| {
            let asked = done?;
            let mut judgement = judge(&asked, &Row::read_all(books)?);
            for notice in run.notices.others() {
                judgement.wrong += 1;
                judgement.problems.push(format!("told without a reason: {notice}"));
            }
            for problem in &judgement.problems {
                println!("{problem}");
            }
            println!(
                "\n{} operations, {} carried out, {} refused, {requests} requests, {deliveries} deliveries\n\
                {} kills, {} sent again, {} outcomes delivered, {} delivered again\n\
                {} changes of status found done that were so before\n\
                {} lost, {} doubled, {} wrong, {} open, after {} seconds",
                asked.len(),
                judgement.carried_out,
                judgement.refused,
                run.kills.load(Ordering::SeqCst),
                run.sent_again.load(Ordering::SeqCst),
                judgement.told,
                judgement.told_again,
                judgement.was_so,
                judgement.lost,
                judgement.doubled,
                judgement.wrong,
                judgement.open,
                began.elapsed().as_secs(),
            );
            good = judgement.is_good();
            Ok(())
        })
        .await?;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What is asked for: activations; then mostly recharges, cards that are locked and at once unlocked, and now and then one that is closed.
fn orders(dice: &Mutex<fastrand::Rng>, cards: &[Card], count: usize) -> Result<Vec<Vec<Order>>> {
    let mut lists: Vec<Vec<AnyOperation>> = Vec::new();
    for card in cards.iter().filter(|card| card.to_be_activated) {
        let (user_id, card_id) = ids(card)?;
        lists.push(vec![
            UpdateStatus::activate_virtual(user_id, card_id).into(),
        ]);
    }
    let mut made = lists.len();
    while made < count {
        let card = cards.get(below(dice, cards.len())).context("no card")?;
        let (user_id, card_id) = ids(card)?;
        let list = match below(dice, 1000) {
            0..5 => vec![UpdateStatus::close(user_id, card_id).into()],
            5..100 if made + 2 <= count => vec![
                UpdateStatus::lock(user_id, card_id).into(),
                UpdateStatus::unlock(user_id, card_id).into(),
            ],
            _ => {
                let amount = AMOUNTS
                    .get(below(dice, AMOUNTS.len()))
                    .context("no amount")?;
                let recharge = Recharge {
                    user_id,
                    card_id,
                    amount: Amount::parse(amount)?,
                };
                vec![recharge.into()]
            }
        };
        made += list.len();
        lists.push(list);
    }
    let mut number = 0;
    let mut order = |operation| {
        number += 1;
        Ok(Order {
            reference: format!("order-{number}"),
            plan: Plan::new(operation)?.to_json().to_string(),
        })
    };
    lists
        .into_iter()
        .map(|list| list.into_iter().map(&mut order).collect())
        .collect()
}

fn ids(card: &Card) -> Result<(UserId, CardId)> {
    Ok((UserId::new(card.user_id)?, CardId::new(card.card_id)?))
}

impl Run {
    /// Everything: answers what was heard of each operation.
    async fn all(self: &Arc<Self>, kill_every: Duration) -> Result<Vec<Asked>> {
        let fleet = &self.stage.fleet;
        for at in 0..fleet.len() {
            fleet.start(at).await?;
            println!("{} runs", fleet.name(at));
        }
        let mut others = tokio::task::JoinSet::new();
        let run = Arc::clone(self);
        others.spawn(async move { run.kill(kill_every).await });
        let run = Arc::clone(self);
        others.spawn(async move { run.spoil().await });
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..SENDERS {
            let run = Arc::clone(self);
            senders.spawn(async move { run.send().await });
        }
        let sent = ended(senders).await;
        self.all_sent.store(true, Ordering::SeqCst);
        let killed = ended(others).await;
        sent.and(killed)?;
        println!("all were sent, and no more is killed");
        self.stage
            .sandbox
            .control("faults/clear", &json!({}))
            .await?;
        self.wait().await?;
        self.asked().await
    }

    /// Kills one after the other, and starts it again: until all is sent, and one for each tenth operation at least. Starting takes its time.
    async fn kill(&self, every: Duration) -> Result<()> {
        let fleet = &self.stage.fleet;
        let least = self.orders.iter().flatten().count() / 10;
        loop {
            tokio::time::sleep(every).await;
            let enough = self.kills.load(Ordering::SeqCst) >= least;
            if enough && self.all_sent.load(Ordering::SeqCst) {
                return Ok(());
            }
            let at = below(&self.dice, fleet.len());
            fleet.kill(at).await?;
            self.kills.fetch_add(1, Ordering::SeqCst);
            fleet.start(at).await?;
        }
    }

    /// Has something go wrong with webhooks, again and again.
    async fn spoil(&self) -> Result<()> {
        while !self.all_sent.load(Ordering::SeqCst) {
            let kind = FAULTS
                .get(below(&self.dice, FAULTS.len()))
                .context("none")?;
            let fault = json!({ "kind": kind, "count": 1 + below(&self.dice, 3) });
            self.stage.sandbox.control("faults", &fault).await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok(())
    }

    /// Asks random instances for what is next.
    async fn send(&self) -> Result<()> {
        while let Some(list) = self.orders.get(self.next.fetch_add(1, Ordering::SeqCst)) {
            let mut patience = Patience::new(0);
            // Not all at once: some are to find their card idle, and some are to wait for their turn.
            while self.taken.load(Ordering::SeqCst)
                > self.notices.operations() + 2 * self.stage.cards.len()
            {
                patience.wait(self.notices.len()).await?;
            }
            for order in list {
                self.send_one(order).await?;
            }
        }
        Ok(())
    }

    /// Asks for one, and asks another instance if the first one dies over it, as a merchant would.
    async fn send_one(&self, order: &Order) -> Result<()> {
        let fleet = &self.stage.fleet;
        let mut patience = Patience::new(0);
        loop {
            let live = fleet.live();
            if let Some(at) = live.get(below(&self.dice, live.len())) {
                match fleet.send(*at, &order.plan, &order.reference).await {
                    Ok((200, _)) => {
                        self.taken.fetch_add(1, Ordering::SeqCst);
                        return Ok(());
                    }
                    Ok((409, said)) => {
                        ensure!(said == json!({ "code": "state.not_allowed" }), "{said}");
                        let mut refused =
                            self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                        refused.push(order.reference.clone());
                        return Ok(());
                    }
                    Ok((status, _)) if !fleet.live().is_empty() => {
                        println!("{} answered {status}", fleet.name(*at));
                    }
                    _ => {}
                }
                self.sent_again.fetch_add(1, Ordering::SeqCst);
            }
            patience.wait(self.kills.load(Ordering::SeqCst)).await?;
        }
    }

    /// Waits until nothing is open, for as long as something goes on.
    async fn wait(&self) -> Result<()> {
        let mut patience = Patience::new(None);
        let mut rounds = 0_u32;
        loop {
            let counts = self.stage.fleet.ask("/counts").await?;
            let none = |name: &str| counts.get(name) == Some(&json!(0));
            if none("open") && none("waiting") && none("untold") {
                return Ok(());
            }
            rounds += 1;
            if rounds.is_multiple_of(100) {
                println!("not over yet: {counts}");
            }
            let seen = (counts, self.notices.len(), self.stage.sandbox.deliveries());
            if let Err(error) = patience.wait(Some(seen)).await {
                println!("{error}");
                return Ok(());
            }
        }
    }

    /// What was heard of each operation.
    async fn asked(&self) -> Result<Vec<Asked>> {
        let refused = self
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut asked = Vec::new();
        for order in self.orders.iter().flatten() {
            let path = format!("/operation?reference={}", order.reference);
            asked.push(Asked {
                known: self.stage.fleet.ask(&path).await?,
                refused_here: refused.contains(&order.reference),
                notices: self.notices.of(&order.reference),
                reference: order.reference.clone(),
            });
        }
        Ok(asked)
    }
}

/// Waits for all of them; the first error ends the others.
async fn ended(mut tasks: tokio::task::JoinSet<Result<()>>) -> Result<()> {
    while let Some(task) = tasks.join_next().await {
        if let Err(error) = task.map_err(anyhow::Error::from).flatten() {
            tasks.shutdown().await;
            return Err(error);
        }
    }
    Ok(())
}
