//! Instances in several languages on one PostgreSQL, killed again and again, while the issuer's webhooks are lost, late, doubled and changed on
//! their way. At the end every operation is known, as it stands in the issuer's books.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bananatech_core::operations::card::{Apply, Assign, Recharge, UpdateStatus};
use bananatech_core::operations::user::Register;
use bananatech_core::{Amount, AnyOperation, CardId, CardNumber, Plan, TemplateId, UserId};
use bananatech_instances::{
    Asked, Card, Happened, Kind, Made, Notices, Options, Patience, Row, Stage, judge, left_open,
    say,
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
/// The first deposits of virtual cards, in minor units: equal ones, one that fails, and one that the issuer refuses.
const DEPOSITS: [u32; 6] = [5000, 5000, 5000, 5000, 6601, 500];
/// What may stand in a new user's e-mail address: that the registration fails, or that its webhooks never come.
const WORDS: [&str; 8] = ["", "", "", "", "", "", "+reject", "+silent"];
/// A physical card that doesn't exist.
const NO_CARD: &str = "4000000000010100";
const PHYSICAL: u32 = 1;
const VIRTUAL: u32 = 2;
const WITH_DEPOSIT: u32 = 3;
/// The webhooks that tell of new users and cards.
const OF_NEW_ONES: [&str; 3] = [
    "USER_CREATE_RESULT",
    "CARD_APPLY_RESULT",
    "CARD_ASSIGN_RESULT",
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
/// Few, so that requests of one user meet.
const USERS_WITHOUT_CARD: usize = 4;
/// So many are sent at a time.
const SENDERS: usize = 8;
const ASK_AFTER_MS: u32 = 5_000;
/// How the references of operations of a card begin.
const ORDER: &str = "order-";
/// How those of what makes a user or a card begin.
const NEW: &str = "new-";
/// A request that hasn't arrived after so long never left: whoever had it was killed.
const FINAL_AFTER_MS: u32 = 60_000;

/// An operation that is to be asked for.
struct Order {
    reference: String,
    plan: String,
    /// Of what makes a user or a card: what is asked for, in words.
    like: Option<String>,
}

/// An operation, and in which words it is asked for if it makes a user or a card.
type Wish = (AnyOperation, Option<String>);

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
        users_without_card: USERS_WITHOUT_CARD,
        plastic: arguments.operations,
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
    let orders = orders(&dice, &stage, arguments.operations)?;
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
    let mut run = Arc::into_inner(run).context("nothing runs any more")?;
    let done = match done {
        Ok(()) => run.ask_a_person().await,
        Err(error) => Err(error),
    };
    let mut good = false;
    let (requests, deliveries) = (run.stage.sandbox.requests(), run.stage.sandbox.deliveries());
    let cards = run.stage.cards.clone();
    run.stage
        .clear(|books| {
            let (asked, by_person) = done?;
            let made = Made::read_all(books, &cards)?;
            let mut judgement = judge(&asked, &Row::read_all(books)?, &made);
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
                {} users and cards made, of {} of which nothing tells by which of like requests; {by_person} outcomes said by a person\n\
                {} lost, {} doubled, {} wrong, {} open, after {} seconds",
                asked.len(),
                judgement.carried_out,
                judgement.refused,
                run.kills.load(Ordering::SeqCst),
                run.sent_again.load(Ordering::SeqCst),
                judgement.told,
                judgement.told_again,
                judgement.was_so,
                judgement.made,
                judgement.not_told_apart,
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

/// What is asked for: activations; then mostly recharges, cards that are locked and at once unlocked, new users and cards, and now and then a card
/// that is closed.
fn orders(dice: &Mutex<fastrand::Rng>, stage: &Stage, count: usize) -> Result<Vec<Vec<Order>>> {
    let mut lists: Vec<Vec<Wish>> = Vec::new();
    for card in stage.cards.iter().filter(|card| card.to_be_activated) {
        let (user_id, card_id) = ids(card)?;
        let activate = UpdateStatus::activate_virtual(user_id, card_id);
        lists.push(vec![(activate.into(), None)]);
    }
    let mut made = lists.len();
    let mut plastic = stage.plastic.iter().map(String::as_str);
    while made < count {
        let card = one_of(dice, &stage.cards)?;
        let (user_id, card_id) = ids(card)?;
        let list: Vec<AnyOperation> = match below(dice, 1000) {
            0..5 => vec![UpdateStatus::close(user_id, card_id).into()],
            5..100 if made + 2 <= count => vec![
                UpdateStatus::lock(user_id, card_id).into(),
                UpdateStatus::unlock(user_id, card_id).into(),
            ],
            100..140 if made + 3 <= count => {
                // Each in a list of its own: several senders ask for them at once.
                for wish in like_ones(dice, stage, made, &mut plastic)? {
                    made += 1;
                    lists.push(vec![wish]);
                }
                continue;
            }
            _ => vec![
                Recharge {
                    user_id,
                    card_id,
                    amount: Amount::parse(one_of(dice, &AMOUNTS)?)?,
                }
                .into(),
            ],
        };
        made += list.len();
        lists.push(
            list.into_iter()
                .map(|operation| (operation, None))
                .collect(),
        );
    }
    let mut number = 0;
    let mut order = |(operation, like): Wish| {
        number += 1;
        let what = if like.is_some() { NEW } else { ORDER };
        Ok(Order {
            reference: format!("{what}{number}"),
            plan: Plan::new(operation)?.to_json().to_string(),
            like,
        })
    };
    lists
        .into_iter()
        .map(|list| list.into_iter().map(&mut order).collect())
        .collect()
}

/// Two or three requests of one user that are nearly, or quite, the same.
fn like_ones<'a>(
    dice: &Mutex<fastrand::Rng>,
    stage: &Stage,
    number: usize,
    plastic: &mut impl Iterator<Item = &'a str>,
) -> Result<Vec<Wish>> {
    let user = *one_of(dice, &stage.users_without_card)?;
    let user_id = UserId::new(user)?;
    let (kind, word) = (below(dice, 4), *one_of(dice, &WORDS)?);
    let mut last = NO_CARD;
    let mut wishes = Vec::new();
    for _ in 0..2 + below(dice, 2) {
        let (operation, like): Wish = match kind {
            0 => {
                let email = format!("new{number}{word}@example.com");
                let register = Register::new(&email, TemplateId::from(VIRTUAL));
                (register.into(), Some(format!("register {email}")))
            }
            1 => {
                let apply = Apply::new(user_id, TemplateId::from(VIRTUAL));
                (apply.into(), Some(format!("apply {user} {VIRTUAL} 0")))
            }
            2 => {
                let deposit = *one_of(dice, &DEPOSITS)?;
                let units = format!("{}.{:02}", deposit / 100, deposit % 100);
                let apply = Apply {
                    deposit_amount: Some(Amount::parse(&units)?),
                    ..Apply::new(user_id, TemplateId::from(WITH_DEPOSIT))
                };
                let like = format!("apply {user} {WITH_DEPOSIT} {deposit}");
                (apply.into(), Some(like))
            }
            _ => {
                // Now and then one that another request has, or that doesn't exist.
                if below(dice, 5) > 0 {
                    last = plastic.next().context("no physical card")?;
                }
                let assign = Assign {
                    user_id,
                    template_id: TemplateId::from(PHYSICAL),
                    card_number: CardNumber::parse(last)?,
                };
                (assign.into(), Some(format!("assign {user} {last}")))
            }
        };
        wishes.push((operation, like));
    }
    Ok(wishes)
}

fn one_of<'a, T>(dice: &Mutex<fastrand::Rng>, all: &'a [T]) -> Result<&'a T> {
    all.get(below(dice, all.len())).context("there is none")
}

fn ids(card: &Card) -> Result<(UserId, CardId)> {
    Ok((UserId::new(card.user_id)?, CardId::new(card.card_id)?))
}

impl Run {
    /// Everything, until only a person can tell what became of what is open.
    async fn all(self: &Arc<Self>, kill_every: Duration) -> Result<()> {
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
        // What makes a user or a card is in no list by which a backend could find it: its webhook has to come.
        for event_type in OF_NEW_ONES {
            let (sandbox, cards) = (&self.stage.sandbox, &self.stage.cards);
            sandbox.send_again(event_type, cards).await?;
        }
        let mut patience = Patience::new(0);
        while self.stage.sandbox.under_way().await? > 0 {
            patience.wait(self.stage.sandbox.deliveries()).await?;
        }
        self.wait().await
    }

    /// A person reads the issuer's books, and says what became of what is open: a registration whose answer was lost, what never arrived, what failed
    /// and whose failure nothing tells of. Answers what was heard of each operation, and how many a person told of.
    async fn ask_a_person(&mut self) -> Result<(Vec<Asked>, usize)> {
        self.stage.sandbox.stop().await?;
        let books = Made::read_all(&self.stage.sandbox.books, &self.stage.cards)?;
        let asked = self.asked(|order| order.like.is_some()).await?;
        let left = left_open(&asked, &books);
        ensure!(
            left.is_empty(),
            "open, though the webhooks tell of it: {left:?}"
        );
        let mut by_person = 0;
        loop {
            // What is said of one may settle others.
            let asked = self.asked(|order| order.like.is_some()).await?;
            let Some((reference, said)) = say(&asked, &books) else {
                break;
            };
            let at = below(&self.dice, self.stage.fleet.len());
            let (status, answer) = self.stage.fleet.say(at, reference, said).await?;
            ensure!(status == 200, "{reference} {}: {answer}", said.as_str());
            by_person += 1;
        }
        self.wait().await?;
        Ok((self.asked(|_| true).await?, by_person))
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
                > self.notices.operations(ORDER) + 2 * self.stage.cards.len()
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
                        // What makes something may stay open until a person says what became of it.
                        let counts = usize::from(order.like.is_none());
                        self.taken.fetch_add(counts, Ordering::SeqCst);
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

    /// Waits until nothing is open but what makes users and cards, for as long as something goes on.
    async fn wait(&self) -> Result<()> {
        let orders = self.orders.iter().flatten();
        let making = orders.filter(|order| order.like.is_some()).count();

        let mut patience = Patience::new(None);
        let mut rounds = 0_u32;
        loop {
            let counts = self.stage.fleet.ask("/counts").await?;
            let none = |name: &str| counts.get(name) == Some(&json!(0));
            let not_made = making.saturating_sub(self.notices.operations(NEW));
            if counts.get("open") == Some(&json!(not_made)) && none("waiting") && none("untold") {
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

    /// What was heard of each of these operations.
    async fn asked(&self, which: impl Fn(&Order) -> bool) -> Result<Vec<Asked>> {
        let refused = self
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut asked = Vec::new();
        for order in self.orders.iter().flatten().filter(|order| which(order)) {
            let path = format!("/operation?reference={}", order.reference);
            asked.push(Asked {
                known: self.stage.fleet.ask(&path).await?,
                refused_here: refused.contains(&order.reference),
                like: order.like.clone(),
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
