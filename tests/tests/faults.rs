//! The sandbox under faults: whatever goes wrong between the issuer and a merchant that uses the core, at the end every
//! operation is known, or is for a person to look up, and the ledger adds up.
#![allow(missing_docs)]

#[path = "faults/client.rs"]
mod client;
#[path = "faults/dice.rs"]
mod dice;
#[path = "faults/process.rs"]
mod process;
#[path = "faults/world.rs"]
mod world;

use world::{Tally, World};

/// Size and number of runs can be set: `FAULTS_OPERATIONS=500 FAULTS_CARDS=20 FAULTS_SEEDS=4`, or `FAULTS_SEED=…` to repeat one.
#[test]
fn whatever_goes_wrong_every_operation_is_known_and_the_ledger_adds_up() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seeds = match number("FAULTS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FAULTS_SEEDS").unwrap_or(8),
    };
    let operations =
        number("FAULTS_OPERATIONS").map_or(100, |number| u32::try_from(number).unwrap());
    let cards = number("FAULTS_CARDS").map_or(5, |number| usize::try_from(number).unwrap());
    let mut sum = Tally::default();
    for seed in seeds {
        let mut world = World::new(seed, cards);
        world.run(operations);
        sum.add(&world.tally);
    }
    println!("{sum:#?}");
    if std::env::vars().all(|(name, _)| !name.starts_with("FAULTS_")) {
        // That all this held is worth something only if all this happened.
        assert!(sum.taken > 500 && sum.crashes > 50 && sum.kills > 100);
        assert!(sum.refused_forgeries > 100 && sum.other_types > 50 && sum.repetitions > 50);
        assert!(sum.altered > 20 && sum.out_of_time > 0 && sum.console_recharges > 2);
        assert!(sum.by_event > 200 && sum.by_inquiry > 50 && sum.doubted > 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_any_moment_it_loses_and_doubles_nothing() {
    process::killed_again_and_again().await;
}
