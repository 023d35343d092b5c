//! The judge in core against the vectors, against the brute-force oracle on random histories, and against itself: selected
//! rows against all rows, and one order of processing against another.
#![allow(missing_docs)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use bananatech_core::operations::card::Recharge;
use bananatech_core::{
    Amount, AnyResponse, Assumptions, CardId, Changes, Code, ConfirmedOperation, Decision,
    EventType, Fingerprint, Found, Input, Inquiry, Invalid, Json, Key, OperationId, OperationKind,
    Outcome, Query, Step, TemplateId, Thing, ThingId, Timestamp, TrackedKind, TrackedOperation,
    TransactionId, UserId, Verdict,
};
use bananatech_tests::tracking::generator::{Options, generate};
use bananatech_tests::tracking::history::{self, History, Kind};
use bananatech_tests::tracking::oracle::{self, Claim};
use serde::Deserialize;

/// Rows, looked up by going through all of them.
#[derive(Clone, Default)]
struct Store {
    operations: BTreeMap<OperationId, TrackedOperation>,
    things: BTreeMap<ThingId, Thing>,
    /// Answers every question with all rows.
    answers_all: bool,
    /// How many rows were handed out.
    read: usize,
}

impl Store {
    fn matches(&self, query: &Query) -> (Vec<TrackedOperation>, Vec<Thing>) {
        let selected = |keys: Vec<Key>, by: &[Key], done: bool| {
            let has = |asked: &[Key]| keys.iter().any(|key| asked.contains(key));
            has(by) && (query.done || !done) || has(&query.live_by) && !done
        };
        let operations = self.operations.values().filter(|row| {
            self.answers_all
                || query.operation == Some(row.id)
                || selected(row.keys(), &query.operations_by, row.done)
        });
        let things = self.things.values().filter(|thing| {
            query.things.contains(&thing.id)
                || (self.answers_all || selected(thing.keys(), &query.things_by, thing.done))
                    && query.seen_after.is_none_or(|seq| thing.seq > seq)
        });
        (operations.cloned().collect(), things.cloned().collect())
    }

    fn decide(&mut self, assumptions: Assumptions, input: Input) -> Result<Changes, Invalid> {
        let mut decision = Decision::new(assumptions, input);
        loop {
            match decision.step()? {
                Step::Read(query) => {
                    let (operations, things) = self.matches(&query);
                    self.read += operations.len() + things.len();
                    decision.add(
                        operations.into_iter().map(Cow::Owned),
                        things.into_iter().map(Cow::Owned),
                    );
                }
                Step::Decided(changes) => {
                    for row in &changes.operations {
                        self.operations.insert(row.id, row.clone());
                    }
                    for thing in &changes.things {
                        self.things.insert(thing.id, thing.clone());
                    }
                    return Ok(*changes);
                }
            }
        }
    }

    /// What is claimed of each operation now. What was told and is doubted is open again.
    fn claims(&self) -> BTreeMap<String, Claim> {
        self.operations
            .values()
            .map(|row| (name(row.id), claim(row)))
            .collect()
    }
}

fn claim(row: &TrackedOperation) -> Claim {
    match &row.outcome {
        _ if row.contradicted => Claim::Contradiction,
        Some(_) if row.doubted => Claim::Open,
        Some(outcome) if outcome.succeeded() => Claim::Succeeded,
        Some(_) => Claim::Failed,
        None => Claim::Open,
    }
}

/// A history's name of an operation, as a UUID: in its first six bytes.
fn id(name: &str) -> OperationId {
    assert!(name.len() <= 6);
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    OperationId::from_random_bytes(bytes)
}

fn name(id: OperationId) -> String {
    let text = id.to_string().replace('-', "");
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    let bytes = (0..12).step_by(2).map(byte);
    bytes
        .take_while(|byte| *byte != 0)
        .map(char::from)
        .collect()
}

fn amount(units: i64) -> Amount {
    Amount::parse(&units.to_string()).unwrap()
}

fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap()
}

fn card(number: i64) -> CardId {
    CardId::new(positive(number)).unwrap()
}

fn transaction(number: i64) -> TransactionId {
    TransactionId::new(positive(number)).unwrap()
}

fn found(of: &history::Found) -> Found {
    Found {
        succeeded: of.outcome == history::Outcome::Success,
        transaction_id: of.tx.map(transaction),
        card_id: of.card.map(card),
    }
}

fn kind(of: Kind) -> TrackedKind {
    match of {
        Kind::Register => TrackedKind::Register,
        Kind::Apply => TrackedKind::Apply,
        Kind::Assign => TrackedKind::Assign,
        Kind::Recharge => TrackedKind::Recharge,
        Kind::Activate => TrackedKind::Activate,
        Kind::Lock => TrackedKind::Lock,
        Kind::Unlock => TrackedKind::Unlock,
        Kind::Close => TrackedKind::Close,
    }
}

/// The row of an operation, as it was sent.
fn sent(op: &history::Operation) -> TrackedOperation {
    let recharge = Recharge {
        user_id: UserId::from(1),
        card_id: CardId::from(1),
        amount: amount(1),
    };
    let row = recharge.tracked(id(&op.id), Timestamp::from_millis(op.sent));
    TrackedOperation {
        kind: kind(op.kind),
        seq: positive(op.seq),
        user_id: op.user.map(|user| UserId::new(positive(user)).unwrap()),
        card_id: op.card.map(card),
        template_id: op
            .template
            .map(|template| TemplateId::new(positive(template)).unwrap()),
        amount: op.amount.map(amount),
        least: op.least.map(amount),
        deposit_amount: op.deposit.map(amount),
        ..row
    }
}

/// The same, and what was found out about it.
fn known(op: &history::Operation) -> TrackedOperation {
    TrackedOperation {
        found: op.found.as_ref().map(found),
        until: op.until.map(Timestamp::from_millis),
        refused: op.refused,
        withdrawn: op.withdrawn,
        is_final: op.is_final,
        ..sent(op)
    }
}

fn assumptions(history: &History) -> Assumptions {
    let base = if history.cfg.exclusive {
        Assumptions::exclusive_since(Timestamp::from_millis(history.cfg.since))
    } else {
        Assumptions::shared()
    };
    Assumptions {
        clock_tolerance_ms: history.cfg.tol,
        trust_type: history.cfg.trust_type,
        ..base
    }
}

fn data(event: &history::Event) -> Json {
    Json::parse(&serde_json::to_string(&event.data).unwrap()).unwrap()
}

fn event(event: &history::Event) -> Input {
    Input::Event {
        event_type: EventType::from(event.label.as_str()),
        data: data(event),
        seq: positive(event.seq),
    }
}

/// An operation to ask about where a history has none: nothing is ever its own.
fn asker(of: i64) -> TrackedOperation {
    let recharge = Recharge {
        user_id: UserId::from(1),
        card_id: card(of),
        amount: amount(1),
    };
    let asker = OperationId::from_random_bytes([b'z'; 16]);
    let row = recharge.tracked(asker, Timestamp::from_millis(0));
    TrackedOperation {
        withdrawn: true,
        outcome: Some(Outcome::Failed { reason: None }),
        ..row
    }
}

/// The answer to an inquiry: a list with one line.
fn record(of: &history::Record, asker: &TrackedOperation) -> Input {
    // A list shows whole seconds; the judge adds the one that may have begun.
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis(positive(of.time - 1000));
    let line = serde_json::json!({
        "id": of.tx, "card_id": of.card, "amount": of.amount, "type": "RECHARGE", "status": of.status,
        "created_at": humantime::format_rfc3339_millis(at).to_string(),
    });
    let page = format!(r#"{{"data":[{line}],"total":1}}"#);
    let answer = AnyResponse::from_json(OperationKind::GetTransactions, &page).unwrap();
    let mut inquiry = Inquiry::about(asker).remove(0);
    let at = Timestamp::from_millis(of.time);
    inquiry.accept(&answer, at).unwrap();
    Input::Inquired {
        inquiry: Box::new(inquiry),
        seq: positive(of.seq),
    }
}

/// The things of a history, as they are with no operation in sight.
fn things(history: &History) -> BTreeMap<ThingId, Thing> {
    let assumptions = Assumptions {
        exclusive_since: None,
        ..assumptions(history)
    };
    let mut store = Store::default();
    for of in &history.events {
        store.decide(assumptions, event(of)).unwrap();
    }
    for of in &history.records {
        let asker = asker(of.card);
        let input = record(of, &asker);
        store.operations = BTreeMap::from([(asker.id, asker)]);
        store.decide(assumptions, input).unwrap();
    }
    for thing in store.things.values_mut() {
        thing.foreign = foreign(history).contains(&thing.id);
    }
    store.things
}

/// What a history names as somebody else's.
fn foreign(history: &History) -> Vec<ThingId> {
    let thing = |named: &String| {
        // A history calls an event by a key of its own.
        let event = history.events.iter().find(|event| event.key == *named);
        match event {
            Some(event) => Some(ThingId::Event(Fingerprint::of(&data(event)))),
            None => named.parse().ok(),
        }
    };
    history.foreign.iter().filter_map(thing).collect()
}

/// A history's rows, not yet judged.
fn rows(history: &History) -> Store {
    Store {
        operations: history
            .ops
            .iter()
            .map(known)
            .map(|row| (row.id, row))
            .collect(),
        things: things(history),
        ..Store::default()
    }
}

/// What core says of a history: each operation is looked at anew, with all rows of its scope.
fn judge(history: &History) -> oracle::Verdict {
    let store = rows(history);
    let mut verdict = oracle::Verdict {
        claims: BTreeMap::new(),
        cards: BTreeMap::new(),
        transactions: BTreeMap::new(),
        broken: BTreeSet::new(),
        by_count: BTreeSet::new(),
    };
    for (id, row) in &store.operations {
        let mut looked_at = store.clone();
        looked_at.look(assumptions(history), *id);
        let looked = looked_at.operations[id].clone();
        let name = name(*id);
        // An answer to what was withdrawn is a contradiction of its own, which isn't asked for here.
        let contradicted = looked.contradicted && !(row.withdrawn && looked.outcome.is_some());
        let looked = TrackedOperation {
            contradicted,
            ..looked
        };
        verdict.claims.insert(name.clone(), claim(&looked));
        if looked.by_count {
            verdict.by_count.insert(name.clone());
        }
        if let (Claim::Succeeded | Claim::Failed, Some(transaction)) =
            (claim(&looked), looked.transaction_id)
        {
            let transaction = ThingId::Transaction(transaction).to_string();
            verdict.transactions.insert(name.clone(), transaction);
        }
        if matches!(row.kind, TrackedKind::Apply | TrackedKind::Assign) {
            let cards = looked
                .cards
                .iter()
                .map(|card| i64::try_from(card.get()).unwrap());
            verdict.cards.insert(name, cards.collect());
        }
    }
    verdict
}

impl Store {
    /// Judges an operation anew, by saying of it what changes nothing.
    fn look(&mut self, assumptions: Assumptions, id: OperationId) {
        let answered = Input::Answered {
            id,
            user_id: None,
            card_id: None,
        };
        self.decide(assumptions, answered).unwrap();
    }
}

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    history: History,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    claims: BTreeMap<String, Claim>,
    #[serde(default)]
    cards: BTreeMap<String, BTreeSet<i64>>,
    #[serde(default)]
    by_count: BTreeSet<String>,
    note_found: Option<NoteFound>,
}

#[derive(Deserialize)]
struct NoteFound {
    op: String,
    found: history::Found,
    answer: String,
}

fn vectors() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/tracking.json");
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str::<Vectors>(&text).unwrap().cases
}

#[test]
fn the_vectors() {
    let mut wrong = Vec::new();
    for case in vectors() {
        let verdict = judge(&case.history);
        let mut check = |what: &str, got: String, expected: String| {
            if got != expected {
                wrong.push(format!("{}: {what} {got}, not {expected}", case.name));
            }
        };
        check(
            "claims",
            format!("{:?}", verdict.claims),
            format!("{:?}", case.expect.claims),
        );
        if !case.expect.cards.is_empty() {
            check(
                "cards",
                format!("{:?}", verdict.cards),
                format!("{:?}", case.expect.cards),
            );
        }
        check(
            "by count",
            format!("{:?}", verdict.by_count),
            format!("{:?}", case.expect.by_count),
        );
        if let Some(note) = &case.expect.note_found {
            check(
                "found",
                note_found(&case.history, note).to_owned(),
                note.answer.split(": S").next().unwrap().to_owned(),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is said to one who found something out, in the vectors' words.
fn note_found(history: &History, note: &NoteFound) -> &'static str {
    let mut store = rows(history);
    let ids: Vec<OperationId> = store.operations.keys().copied().collect();
    for id in ids {
        store.look(assumptions(history), id);
    }
    let found = Input::Found {
        id: id(&note.op),
        found: found(&note.found),
        at: Timestamp::from_millis(0),
    };
    match store.decide(assumptions(history), found) {
        Ok(changes) if changes.report.verdict == Verdict::AlreadyEnded => "already ended",
        Ok(_) => "noted",
        Err(error) if error.code() == Code::TrackingUnknown => "refused: no such operation",
        Err(error) if error.code() == Code::TrackingOwned => "refused: it has an owner",
        Err(_) => "refused: no explanation has it",
    }
}

/// How many random histories: more with the environment's `TRACKING_HISTORIES`.
fn count(usual: u64) -> u64 {
    let set = std::env::var("TRACKING_HISTORIES");
    set.ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A random history. Events with the same data have the same key, as they do for core.
fn random(seed: u64) -> History {
    let (mut history, _) = generate(seed, Options::small(seed.is_multiple_of(2)));
    let first: Vec<String> = history
        .events
        .iter()
        .map(|event| {
            let mut all = history.events.iter();
            all.find(|other| other.data == event.data)
                .unwrap()
                .key
                .clone()
        })
        .collect();
    for (event, key) in history.events.iter_mut().zip(first) {
        event.key = key;
    }
    // Only what something was said of can be named.
    let known = things(&history);
    let named = std::mem::take(&mut history.foreign);
    for name in named {
        let of = History {
            foreign: vec![name.clone()],
            ..history.clone()
        };
        if foreign(&of).iter().any(|thing| known.contains_key(thing)) {
            history.foreign.push(name);
        }
    }
    history
}

#[test]
fn as_the_oracle_says() {
    let (mut unsound, mut different) = (0, Vec::new());
    for seed in 0..count(1000) {
        let history = random(seed);
        let (core, mut oracle) = (judge(&history), oracle::judge(&history));
        // Core goes on from what is given by count: who failed has no card.
        for id in &oracle.by_count {
            if let (Some(one), Some(other)) = (oracle.cards.get_mut(id), core.cards.get(id)) {
                assert!(other.is_subset(one));
                one.clone_from(other);
            }
        }
        if (
            &core.claims,
            &core.cards,
            &core.by_count,
            &core.transactions,
        ) != (
            &oracle.claims,
            &oracle.cards,
            &oracle.by_count,
            &oracle.transactions,
        ) {
            let claims = core.claims.iter();
            unsound += claims
                .filter(|(id, claim)| **claim != Claim::Open && oracle.claims[*id] != **claim)
                .count();
            different.push(seed);
        }
    }
    if let Some(seed) = different.first() {
        let history = random(*seed);
        panic!(
            "{} differ, {unsound} claims are unsound; the first: {seed}\n{}\ncore   {:?}\noracle {:?}",
            different.len(),
            serde_json::to_string(&history).unwrap(),
            judge(&history),
            oracle::judge(&history),
        );
    }
}

/// A history as what happens one after the other: the place in our own order after which it can, and what it is.
fn inputs(history: &History, rng: &mut fastrand::Rng) -> Vec<(u64, Input)> {
    let last = history.events.iter().map(|event| event.seq);
    let last = last
        .chain(history.records.iter().map(|record| record.seq))
        .max();
    let last = positive(last.unwrap_or(0)).max(
        history
            .ops
            .iter()
            .map(|op| positive(op.seq))
            .max()
            .unwrap_or(0),
    );
    let mut inputs = Vec::new();
    for op in &history.ops {
        let row = sent(op);
        let (id, seq) = (row.id, row.seq);
        inputs.push((seq, Input::Stored(Box::new(row))));
        let later = rng.u64(seq..=last);
        if let Some(of) = &op.found {
            let day = 24 * 60 * 60 * 1000;
            let at = op.until.map_or(i64::MAX, |until| until - day);
            let at = Timestamp::from_millis(at);
            let found = found(of);
            inputs.push((later, Input::Found { id, found, at }));
        }
        if op.refused {
            inputs.push((later, Input::Refused { id, reason: None }));
        }
        if op.withdrawn {
            inputs.push((later, Input::Withdrawn { id, reason: None }));
        }
        if op.is_final && op.kind == Kind::Recharge {
            let mut inquiry = Inquiry::about(&sent(op)).remove(0);
            let empty =
                AnyResponse::from_json(OperationKind::GetTransactions, r#"{"data":[],"total":0}"#);
            let at = Timestamp::from_millis(op.sent + 1);
            inquiry.accept(&empty.unwrap(), at).unwrap();
            let inquiry = Box::new(inquiry);
            inputs.push((
                last + 1,
                Input::Inquired {
                    inquiry,
                    seq: last + 1,
                },
            ));
        }
    }
    for of in &history.events {
        inputs.push((positive(of.seq), event(of)));
    }
    for of in &history.records {
        // Only what was asked for is shown.
        let asked = |op: &&history::Operation| {
            op.kind == Kind::Recharge && op.card == Some(of.card) && op.seq <= of.seq
        };
        if let Some(op) = history.ops.iter().find(asked) {
            inputs.push((positive(of.seq), record(of, &sent(op))));
        }
    }
    for thing in foreign(history) {
        inputs.push((last + 2, Input::Foreign { thing }));
    }
    inputs.sort_by_key(|(after, _)| *after);
    inputs
}

/// The same in another order. Only what was sent before something was first seen comes before it still.
fn shuffled(inputs: &[(u64, Input)], rng: &mut fastrand::Rng) -> Vec<Input> {
    let mut keyed: Vec<(u64, u64, &Input)> = Vec::new();
    for (after, input) in inputs {
        // Operations stay at their place; all else may come any time later.
        let at = match input {
            Input::Stored(_) => *after,
            _ => *after + rng.u64(0..4),
        };
        let at_one_time = if matches!(input, Input::Stored(_)) {
            0
        } else {
            rng.u64(1..1000)
        };
        keyed.push((at, at_one_time, input));
    }
    keyed.sort_by_key(|(at, among, _)| (*at, *among));
    keyed
        .into_iter()
        .map(|(_, _, input)| input.clone())
        .collect()
}

/// What was told of a history, and what is claimed if all its rows are judged at once.
struct Told {
    store: Store,
    by_count: bool,
    refused: bool,
}

fn run(history: &History, inputs: impl IntoIterator<Item = Input>, seed: u64) -> Told {
    let assumptions = Assumptions {
        final_after_ms: Some(1),
        ..assumptions(history)
    };
    let (mut selected, mut all) = (
        Store::default(),
        Store {
            answers_all: true,
            ..Store::default()
        },
    );
    let (mut by_count, mut refused) = (false, false);
    for input in inputs {
        let one = selected.decide(assumptions, input.clone());
        let other = all.decide(assumptions, input.clone());
        let context = || {
            format!(
                "{seed}: {input:?}\n{}",
                serde_json::to_string(history).unwrap()
            )
        };
        assert_eq!(
            one,
            other,
            "selected rows and all rows differ: {}",
            context()
        );
        assert_eq!(selected.operations, all.operations, "{}", context());
        assert_eq!(selected.things, all.things, "{}", context());
        let claims = matches!(
            input,
            Input::Found { .. } | Input::Withdrawn { .. } | Input::Refused { .. }
        );
        refused |= match &one {
            Ok(changes) => claims && changes.report.verdict == Verdict::AlreadyEnded,
            Err(_) => true,
        };
        by_count |= selected.operations.values().any(|row| row.by_count);
        // What was told is what follows from all rows.
        for (id, row) in &selected.operations {
            let mut looked_at = selected.clone();
            looked_at.look(assumptions, *id);
            let now = &looked_at.operations[id];
            let acknowledged = TrackedOperation {
                acknowledged: true,
                contradicted: row.contradicted || row.withdrawn,
                ..row.clone()
            };
            assert_eq!(
                *now,
                acknowledged,
                "what was told doesn't follow: {}",
                context()
            );
        }
    }
    Told {
        store: selected,
        by_count,
        refused,
    }
}

#[test]
fn step_by_step_with_selected_rows_and_in_any_order() {
    // In this one, a thing's only owner is done, and all others should have been carried out before it was seen.
    const LATE: u64 = 16_164;
    for seed in (0..count(300)).chain([LATE]) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let history = random(seed);
        let inputs = inputs(&history, &mut rng);
        let told = run(
            &history,
            inputs.iter().map(|(_, input)| input.clone()),
            seed,
        );
        let again = run(&history, shuffled(&inputs, &mut rng), seed);
        // When it was said decides what is given by count, whether a person is believed, and which of two contradicting
        // statements came too late.
        let by_order = |told: &Told| {
            let mut rows = told.store.operations.values();
            told.by_count || told.refused || rows.any(|row| row.contradicted)
        };
        // What is told already isn't asked about: so when an answer came decides whether it counts that an operation wasn't in it. And what
        // was found by asking stays, where an event alone is doubted, if a transaction is told both ways and named a stranger's.
        let finals = |told: &Told| {
            let rows = told.store.operations.values();
            rows.map(|row| (row.is_final, row.final_seq))
                .collect::<Vec<_>>()
        };
        let asked_late = finals(&told) != finals(&again);
        let both_ways = told.store.things.values().any(|thing| {
            let thing: serde_json::Value = serde_json::from_str(&thing.to_json()).unwrap();
            thing["foreign"] == true && thing["succeeded"] == true && thing["failed"] == true
        });
        let by_person = asked_late || both_ways;
        if !by_order(&told) && !by_order(&again) && !by_person {
            let text = serde_json::to_string(&history).unwrap();
            assert_eq!(told.store.claims(), again.store.claims(), "{seed}: {text}");
            let arrived = |told: &Told| {
                let rows = told.store.operations.values();
                let arrived = rows.map(|row| (row.transaction_id, row.receive_amount));
                arrived.collect::<Vec<_>>()
            };
            assert_eq!(arrived(&told), arrived(&again), "{seed}: {text}");
        }
    }
}

#[test]
fn what_is_told_is_true() {
    for seed in (0..count(1000)).step_by(2) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (_, truth) = generate(seed, Options::small(true));
        let history = random(seed);
        // What is told before a stranger is named rests on there being none.
        if !history.foreign.is_empty() {
            continue;
        }
        let mut store = Store::default();
        for (_, input) in inputs(&history, &mut rng) {
            let _ = store.decide(assumptions(&history), input);
            for row in store.operations.values() {
                assert!(!row.doubted && !row.contradicted, "{seed}: {row:?}");
                if let Some(outcome) = row.outcome.as_ref().filter(|_| !row.by_count) {
                    let lot = truth[&name(row.id)];
                    let succeeded = lot.outcome() == history::Outcome::Success;
                    assert_eq!(
                        outcome.succeeded(),
                        succeeded,
                        "{seed}: {row:?}\n{}",
                        serde_json::to_string(&history).unwrap()
                    );
                }
            }
        }
        let by_count = store.operations.values().filter(|row| row.by_count);
        let (told, true_ones) = by_count.fold((0, 0), |(told, true_ones), row| {
            let succeeded = truth[&name(row.id)].outcome() == history::Outcome::Success;
            let outcome = row.outcome.as_ref().unwrap().succeeded();
            (told + i32::from(outcome), true_ones + i32::from(succeeded))
        });
        assert_eq!(told, true_ones, "{seed}");
    }
}
