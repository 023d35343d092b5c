//! The oracle of tracking against its vectors, and against the truth of random histories.
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use bananatech_tests::each;
use bananatech_tests::tracking::generator::{Options, Truth, generate};
use bananatech_tests::tracking::history::{Found, History, Outcome};
use bananatech_tests::tracking::oracle::{Claim, Verdict, judge, note_found};
use bananatech_tests::tracking::reasons::{Reason, classify_open};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(rename = "reason")]
    _reason: String,
    history: History,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    claims: BTreeMap<String, Claim>,
    broken: BTreeSet<String>,
    cards: Option<BTreeMap<String, BTreeSet<i64>>>,
    #[serde(default)]
    by_count: BTreeSet<String>,
    note_found: Option<NoteFound>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteFound {
    op: String,
    found: Found,
    answer: String,
}

#[test]
fn vectors() {
    each("tracking.json", "cases", |case: Case| {
        let Case {
            name,
            history,
            expect,
            ..
        } = case;
        let verdict = judge(&history);
        assert_eq!(verdict.claims, expect.claims, "{name}");
        assert_eq!(verdict.broken, expect.broken, "{name}");
        assert_eq!(verdict.by_count, expect.by_count, "{name}");
        if let Some(cards) = expect.cards {
            assert_eq!(verdict.cards, cards, "{name}");
        }
        if let Some(noted) = expect.note_found {
            let answer = note_found(&history, &noted.op, &noted.found);
            assert_eq!(answer.to_string(), noted.answer, "{name}");
        }
        let reasons = classify_open(&history, &verdict);
        assert!(reasons.values().all(|r| *r != Reason::Other), "{name}");
    });
}

/// What is wrong about a verdict on a history in which every assumption holds.
fn lies(verdict: &Verdict, truth: &Truth) -> Vec<String> {
    let mut lies = Vec::new();
    if !verdict.broken.is_empty() {
        lies.push(format!("broken: {:?}", verdict.broken));
    }
    let mut counted = 0_i32;
    for (id, claim) in &verdict.claims {
        let outcome = truth[id].outcome();
        if verdict.by_count.contains(id) {
            counted += i32::from(*claim == Claim::Succeeded);
            counted -= i32::from(outcome == Outcome::Success);
        } else if *claim != Claim::Open && *claim != outcome.into() {
            lies.push(format!("{id} is claimed as {claim:?}"));
        }
    }
    if counted != 0 {
        lies.push(format!("by count, {counted} successes too many"));
    }
    lies
}

/// As a vector has it.
fn text(history: &History) -> String {
    serde_json::to_string(history).expect("JSON")
}

fn number_of_histories() -> u64 {
    std::env::var("TRACKING_HISTORIES").map_or(1500, |n| n.parse().expect("a number"))
}

/// Also each operation that ended, but stays open, has a reason. What came of it isn't called lost.
#[test]
fn honest_histories_are_judged_by_their_truth() {
    let mut claims = BTreeMap::<Claim, usize>::new();
    let mut incomplete = BTreeMap::<Reason, usize>::new();
    for seed in 0..number_of_histories() {
        let (history, truth) = generate(seed, Options::small(true));
        let verdict = judge(&history);
        let lies = lies(&verdict, &truth);
        assert!(
            lies.is_empty(),
            "{seed}: {lies:?}\n{}\n{truth:?}",
            text(&history)
        );
        for claim in verdict.claims.values() {
            *claims.entry(*claim).or_default() += 1;
        }
        for (id, reason) in classify_open(&history, &verdict) {
            let lot = truth[&id];
            let context = || format!("{seed}: {id} {reason:?}\n{}\n{truth:?}", text(&history));
            assert_ne!(reason, Reason::Other, "{}", context());
            let says_nothing_came = matches!(
                reason,
                Reason::LostEvent | Reason::OtherWordTold | Reason::ClockApart
            );
            assert!(!(says_nothing_came && lot.told), "{}", context());
            if lot.ended.is_some() {
                *incomplete.entry(reason).or_default() += 1;
            }
        }
    }
    println!("claims: {claims:?}");
    println!("ended, but open or by count: {incomplete:#?}");
}

#[test]
fn where_assumptions_are_broken_each_open_operation_has_a_reason() {
    let mut seen = BTreeMap::<Reason, usize>::new();
    for seed in 0..number_of_histories() {
        let (history, _) = generate(seed, Options::small(false));
        let verdict = judge(&history);
        for (id, reason) in classify_open(&history, &verdict) {
            assert_ne!(reason, Reason::Other, "{seed}: {id}\n{}", text(&history));
            *seen.entry(reason).or_default() += 1;
        }
    }
    println!("open, or by count: {seen:#?}");
}

#[test]
fn the_order_of_lists_means_nothing() {
    let mut rng = fastrand::Rng::with_seed(7);
    for seed in 0..number_of_histories() / 5 {
        let (mut history, _) = generate(seed, Options::small(seed % 2 == 0));
        let verdict = judge(&history);
        rng.shuffle(&mut history.ops);
        rng.shuffle(&mut history.events);
        rng.shuffle(&mut history.records);
        assert_eq!(judge(&history), verdict, "{seed}");
    }
}
