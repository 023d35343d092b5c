//! The sandbox under faults: whatever goes wrong between the issuer and a merchant that uses the core, at the end every
//! operation is known, or known not to be known, and the ledger adds up.
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

/// One seed can be repeated with `FAULTS_SEED=…`, more can be run with `FAULTS_SEEDS=…`.
#[test]
fn whatever_goes_wrong_every_operation_is_known_and_the_ledger_adds_up() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seeds = match number("FAULTS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FAULTS_SEEDS").unwrap_or(24),
    };
    let mut sum = Tally::default();
    for seed in seeds {
        let mut world = World::new(seed);
        world.run(150);
        world.next_day();
        world.run(40);
        sum.add(&world.tally);
    }
    println!("{sum:#?}");
    if number("FAULTS_SEED").is_none() {
        // That all this held is worth something only if all this happened.
        assert!(sum.taken > 1000 && sum.crashes > 150 && sum.restarts > 100);
        assert!(sum.refused_forgeries > 500 && sum.other_types > 50 && sum.repetitions > 50);
        assert!(sum.by_events > 500 && sum.by_asking > 100 && sum.by_information > 20);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_any_moment_it_loses_and_doubles_nothing() {
    process::killed_again_and_again().await;
}
