//! Two instances of a backend on one PostgreSQL, of which one is killed in the middle: the other one finds out all the same what became of
//! each operation.
//!
//! It ends with success only if every operation is known, as it stands in the issuer's books.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use bananatech_core::operations::card::Recharge;
use bananatech_core::{Amount, CardId, Plan, UserId};
use bananatech_instances::{
    Asked, Card, Happened, Kind, Notices, Options, Patience, Row, Stage, judge,
};
use clap::Parser;
use serde_json::Value;

/// Two instances on one PostgreSQL, and one is killed.
#[derive(Parser)]
struct Arguments {
    /// The sandbox's program.
    #[arg(long, value_name = "FILE")]
    sandbox: PathBuf,
    /// An instance, as a JSON list: its name, its program, its arguments. Twice.
    #[arg(long = "instance", value_name = "LIST", required = true)]
    kinds: Vec<Kind>,
}

/// Equal ones, one that the provider rejects, and one whose webhooks never come.
const AMOUNTS: [&str; 12] = [
    "20.00", "20.00", "20.00", "66.01", "20.00", "20.00", "20.00", "66.02", "20.00", "20.00",
    "35.00", "20.00",
];
/// The first of those that are under way when an instance is killed.
const KILLED_AT: usize = 5;
const CARDS: usize = 3;
const ASK_AFTER_MS: u32 = 3_000;
/// If a request never left, it is known after so long.
const FINAL_AFTER_MS: u32 = 60_000;

#[derive(Clone, Copy)]
struct Timeline(Instant);

impl Timeline {
    fn line(self, sign: &str, text: &str) {
        println!("{:>6} ms  {sign:<9} {text}", self.0.elapsed().as_millis());
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.kinds.len() == 2, "two instances");
    let timeline = Timeline(Instant::now());
    let names: Vec<String> = ["A", "B"].map(str::to_owned).into();
    let told = Arc::<Notices>::default();
    let (next, heard) = (AtomicUsize::new(0), Arc::clone(&told));
    let options = Options {
        sandbox: arguments.sandbox,
        kinds: arguments.kinds,
        cards: CARDS,
        users: CARDS,
        users_without_card: 0,
        plastic: 0,
        ask_after_ms: ASK_AFTER_MS,
        final_after_ms: FINAL_AFTER_MS,
        // In turn.
        first: Box::new(move |count| next.fetch_add(1, Ordering::SeqCst) % count),
        observe: Box::new(move |happened| observe(timeline, &names, &heard, happened)),
    };
    let stage = Stage::set(options).await?;
    timeline.line("", "PostgreSQL and the sandbox run, with three cards");
    let done = run(&stage, timeline, &told).await;
    stage
        .clear(|books| {
            let asked = done?;
            let books = Row::read_all(books)?;
            println!();
            for one in &asked {
                let card = one.known.get("card_id").unwrap_or(&Value::Null);
                let amount = one.known.get("amount").and_then(Value::as_str);
                let outcome = one.known.pointer("/outcome/kind").and_then(Value::as_str);
                println!(
                    "{:>9} of {} on card {card}: {}, told {}",
                    one.reference,
                    amount.unwrap_or("?"),
                    outcome.unwrap_or("open"),
                    match one.notices.len() {
                        1 => "once".to_owned(),
                        count => format!("{count} times"),
                    }
                );
            }
            let judgement = judge(&asked, &books, &[]);
            println!(
                "\nthe issuer's books: {} of {} carried out, {} not as it was told",
                judgement.carried_out,
                asked.len(),
                judgement.problems.len()
            );
            ensure!(judgement.is_good(), judgement.problems.join("\n"));
            Ok(())
        })
        .await?;
    timeline.line(
        "done",
        "every operation is known, as it stands in the issuer's books",
    );
    Ok(())
}

fn observe(timeline: Timeline, names: &[String], heard: &Notices, happened: Happened) {
    let name = |at: usize| names.get(at).map_or("?", String::as_str);
    match happened {
        Happened::Webhook {
            at,
            event_type,
            status,
        } => {
            let answer = status.map_or("died over it".to_owned(), |status| status.to_string());
            let text = format!("{} takes {event_type}: {answer}", name(at));
            timeline.line("  webhook", &text);
        }
        Happened::Notice { at, notice } => {
            let operation = notice.get("operation").cloned().unwrap_or_default();
            let text = |pointer: &str| operation.pointer(pointer).and_then(Value::as_str);
            let reference = text("/reference").unwrap_or("?");
            let outcome = text("/outcome/kind").unwrap_or("?");
            let told = format!("{} tells: {reference} {outcome}", name(at));
            heard.add(notice);
            timeline.line("  outcome", &told);
        }
    }
}

async fn run(stage: &Stage, timeline: Timeline, told: &Notices) -> Result<Vec<Asked>> {
    let fleet = &stage.fleet;
    for at in 0..fleet.len() {
        let id = fleet.start(at).await?;
        timeline.line("start", &format!("{}, process {id}", fleet.name(at)));
    }
    let mut under_way = Vec::new();
    for (number, amount) in AMOUNTS.into_iter().enumerate() {
        let card = stage.cards.get(number % CARDS).context("a card")?;
        let plan = recharge(card, amount)?;
        let (sender, reference) = (Arc::clone(fleet), format!("order {}", number + 1));
        let sending = tokio::spawn(async move {
            // Each in turn; again by the other one if it dies over it.
            let mut turn = number;
            loop {
                let live = sender.live();
                let at = *live.get(turn % live.len().max(1)).context("none lives")?;
                let said = sender.send(at, &plan, &reference).await;
                let text = |said: &str| format!("{reference} by {}: {said}", sender.name(at));
                match said {
                    Ok((200, state)) => {
                        let state = state.as_str().unwrap_or("?").replace('_', " ");
                        timeline.line("request", &text(&state));
                        return anyhow::Ok(());
                    }
                    Ok((status, said)) => {
                        timeline.line("request", &text(&format!("{status} {said}")))
                    }
                    Err(_) => timeline.line("request", &text("it died over it; sent again")),
                }
                turn += 1;
            }
        });
        if number < KILLED_AT {
            sending.await??;
            continue;
        }
        under_way.push(sending);
        if number == KILLED_AT + 2 {
            // Two requests are under way there.
            let id = fleet.kill(1).await?;
            timeline.line("kill -9", &format!("{}, process {id}", fleet.name(1)));
        }
    }
    for sending in under_way {
        sending.await??;
    }
    let id = fleet.start(1).await?;
    timeline.line("start", &format!("{} again, process {id}", fleet.name(1)));

    timeline.line(
        "",
        "what it was about to tell, or to ask, the others take up within a minute",
    );

    let mut asked = Vec::new();
    let mut patience = Patience::new(0);
    for number in 1..=AMOUNTS.len() {
        let reference = format!("order {number}");
        let notices = loop {
            let notices = told.of(&reference);
            if !notices.is_empty() {
                break notices;
            }
            patience.wait(told.len()).await?;
        };
        let path = format!("/operation?reference=order%20{number}");
        asked.push(Asked {
            known: fleet.ask(&path).await?,
            reference,
            like: None,
            refused_here: false,
            notices,
        });
    }
    Ok(asked)
}

fn recharge(card: &Card, amount: &str) -> Result<String> {
    let plan = Plan::new(Recharge {
        user_id: UserId::new(card.user_id)?,
        card_id: CardId::new(card.card_id)?,
        amount: Amount::parse(amount)?,
    })?;
    Ok(plan.to_json().to_string())
}
