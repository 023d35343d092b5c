//! What became of each operation, by brute force: what do all explanations of a history agree on?
//!
//! An explanation gives each thing one owner: an operation, or a stranger. A thing is all that is said of one
//! transaction, or of one new card, or else one event.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::history::{Config, Event, Found, History, Kind, Operation, Outcome, Record};

/// What is certain of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Claim {
    /// It was done.
    #[serde(rename = "S")]
    Succeeded,
    /// It wasn't, and won't be.
    #[serde(rename = "F")]
    Failed,
    /// It is told two ways.
    #[serde(rename = "!")]
    Contradiction,
    /// Nothing yet.
    #[serde(rename = "?")]
    Open,
}

impl From<Outcome> for Claim {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self::Succeeded,
            Outcome::Failure => Self::Failed,
        }
    }
}

/// What became of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// By the operation's id.
    pub claims: BTreeMap<String, Claim>,
    /// The cards that an application or assignment may have made.
    pub cards: BTreeMap<String, BTreeSet<i64>>,
    /// The names of the transactions of operations that ended, where they are certain. What is given by count is left out.
    pub transactions: BTreeMap<String, String>,
    /// Where strangers act, although they were ruled out.
    pub broken: BTreeSet<String>,
    /// Operations whose outcomes are given by their number only: which of them has which means nothing.
    pub by_count: BTreeSet<String>,
}

/// Judges a history.
#[must_use]
pub fn judge(history: &History) -> Verdict {
    Judged::new(history).verdict()
}

/// What is said to one who reports what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is believed.
    Noted,
    /// It was settled before.
    AlreadyEnded(Claim),
    /// Nothing was sent under this id.
    NoSuchOperation,
    /// The transaction is another's.
    HasAnOwner,
    /// It goes against what is certain.
    Unexplained,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Noted => "noted",
            Self::AlreadyEnded(Claim::Succeeded) => "already ended: S",
            Self::AlreadyEnded(Claim::Failed) => "already ended: F",
            Self::AlreadyEnded(Claim::Contradiction | Claim::Open) => "already ended: !",
            Self::NoSuchOperation => "refused: no such operation",
            Self::HasAnOwner => "refused: it has an owner",
            Self::Unexplained => "refused: no explanation has it",
        })
    }
}

/// Whether it may be noted that an operation was found so.
#[must_use]
pub fn note_found(history: &History, id: &str, found: &Found) -> Answer {
    let before = judge(history);
    let Some(at) = history.ops.iter().position(|op| op.id == id) else {
        return Answer::NoSuchOperation;
    };
    if before.claims[id] != Claim::Open {
        return Answer::AlreadyEnded(before.claims[id]);
    }
    if found.tx.is_some() && history.ops.iter().any(|op| found_tx(op) == found.tx) {
        return Answer::HasAnOwner;
    }
    let mut with = history.clone();
    with.ops[at].found = Some(found.clone());
    let after = judge(&with);
    let upset = before.claims.iter().any(|(id, claim)| {
        matches!(claim, Claim::Succeeded | Claim::Failed) && after.claims[id] != *claim
    });
    if after.claims[id] != Claim::Contradiction && !upset && after.broken.is_subset(&before.broken)
    {
        Answer::Noted
    } else if found.tx.is_some() {
        Answer::HasAnOwner
    } else {
        Answer::Unexplained
    }
}

/// A set of kinds, and whether it may be no operation's result at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    const EMPTY: Self = Self(0);
    const NONE: Self = Self(1 << 15);
    const REGISTER: Self = Self::of(&[Kind::Register]);
    const NEW_CARD: Self = Self::of(&[Kind::Assign, Kind::Apply]);
    const LOCKS: Self = Self::of(&[Kind::Lock, Kind::Unlock]);
    const STATUS: Self = Self::of(&[Kind::Activate, Kind::Lock, Kind::Unlock, Kind::Close]);

    const fn of(kinds: &[Kind]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < kinds.len() {
            set |= 1 << kinds[at] as u16;
            at += 1;
        }
        Self(set)
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn meets(self, other: Self) -> bool {
        !self.and(other).is_empty()
    }

    const fn within(self, other: Self) -> bool {
        self.without(other).is_empty()
    }

    pub(super) const fn has(self, kind: Kind) -> bool {
        self.meets(Self::of(&[kind]))
    }

    /// Whether only the unsigned type says which it is. `card_status` has one type for both of its kinds.
    const fn needs_type(self) -> bool {
        let others = self.without(Self::LOCKS).0.count_ones();
        others + self.meets(Self::LOCKS) as u32 > 1
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds
            .into_iter()
            .fold(Self::EMPTY, |set, kind| set.or(Self::of(&[kind])))
    }
}

/// The results that come under a type.
fn kinds_of_label(label: &str) -> Kinds {
    match label {
        "USER_CREATE_RESULT" => Kinds::REGISTER,
        "CARD_APPLY_RESULT" => Kinds::of(&[Kind::Apply]),
        "CARD_ASSIGN_RESULT" => Kinds::of(&[Kind::Assign]),
        "CARD_ACTIVATE_RESULT" => Kinds::of(&[Kind::Activate]),
        "CARD_STATUS_CHANGE" => Kinds::LOCKS,
        "CARD_RECHARGE_RESULT" => Kinds::of(&[Kind::Recharge]),
        "CARD_CLOSE_RESULT" => Kinds::of(&[Kind::Close]),
        _ => Kinds::EMPTY,
    }
}

/// A field's value. Null is as absent.
fn field<'d>(data: &'d Map<String, Value>, name: &str) -> Option<&'d Value> {
    data.get(name).filter(|value| !value.is_null())
}

fn number(data: &Map<String, Value>, name: &str) -> Option<i64> {
    field(data, name).and_then(Value::as_i64)
}

fn word<'d>(data: &'d Map<String, Value>, name: &str) -> &'d str {
    field(data, name).and_then(Value::as_str).unwrap_or("")
}

/// The kinds of operation whose result these signed fields may be.
pub(super) fn proven(data: &Map<String, Value>) -> Kinds {
    let has = |name| field(data, name).is_some();
    let failed = word(data, "status") == "FAILED";
    if has("merchant_name") || has("before_available") || !has("status") {
        return Kinds::NONE;
    }
    if has("receive_amount") {
        return Kinds::of(&[Kind::Recharge]);
    }
    if has("refund_amount") {
        return Kinds::of(&[Kind::Close]);
    }
    if has("card_status") {
        // Which of the two words a failure has isn't documented.
        return match (failed, word(data, "card_status")) {
            (true, _) => Kinds::LOCKS,
            (false, "LOCKED") => Kinds::of(&[Kind::Lock]),
            (false, "ACTIVE") => Kinds::of(&[Kind::Unlock]),
            (false, _) => Kinds::NONE,
        };
    }
    if has("card_number") {
        return Kinds::of(&[Kind::Activate]);
    }
    if has("transaction_id") {
        return if failed && has("card_id") {
            Kinds::of(&[Kind::Recharge, Kind::Close])
        } else {
            Kinds::NONE
        };
    }
    if !has("occur_time") {
        return if has("user_id") && !has("card_id") {
            Kinds::REGISTER
        } else {
            Kinds::NONE
        };
    }
    let of_a_card = Kinds::STATUS.or(Kinds::of(&[Kind::Recharge]));
    match (has("user_id"), has("card_id"), failed) {
        // The failure of an application isn't documented: it may look as an assignment's.
        (true, false, true) if has("error_reason") => Kinds::NEW_CARD,
        (true, true, true) => of_a_card.or(Kinds::NONE),
        (true, ..) if has("template_id") => Kinds::of(&[Kind::Apply]),
        (true, false, true) => Kinds::NEW_CARD.or(Kinds::NONE),
        (true, _, false) => Kinds::NEW_CARD,
        (false, true, _) => {
            // Here only bareness proves: with a field more it may be something undocumented.
            let bare = ["card_id", "status", "occur_time", "error_reason"];
            let plain = data.keys().all(|name| bare.contains(&name.as_str()));
            let kinds = if failed {
                of_a_card
            } else {
                Kinds::of(&[Kind::Assign])
            };
            if plain { kinds } else { kinds.or(Kinds::NONE) }
        }
        (false, false, _) => Kinds::NONE,
    }
}

/// One piece of evidence: an event or a record that tells an outcome.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    kinds: Kinds,
    pub(super) says: Outcome,
    card: Option<i64>,
    user: Option<i64>,
    template: Option<i64>,
    got: Option<i64>,
    pub(super) time: Option<i64>,
    seq: i64,
    /// The kinds of its type.
    label: Kinds,
}

/// A fact, and the name of the thing that it is about.
fn fact_of_event(event: &Event, cfg: &Config) -> Option<(String, Fact)> {
    let data = &event.data;
    let says = Outcome::of_word(word(data, "status"))?;
    let label = kinds_of_label(&event.label);
    let mut kinds = proven(data);
    if cfg.trust_type {
        kinds = kinds.and(label);
        if kinds.is_empty() {
            kinds = Kinds::NONE;
        }
    }
    if kinds == Kinds::NONE || kinds == Kinds::REGISTER {
        return None;
    }
    let card = number(data, "card_id");
    let name = match (number(data, "transaction_id"), card) {
        (_, Some(card)) if says == Outcome::Success && kinds.within(Kinds::NEW_CARD) => {
            format!("new:{card}")
        }
        (Some(tx), _) => tx_name(tx),
        (None, _) => event.key.clone(),
    };
    let fact = Fact {
        kinds,
        says,
        card,
        user: number(data, "user_id"),
        template: number(data, "template_id"),
        got: number(data, "receive_amount"),
        time: number(data, "occur_time"),
        seq: event.seq,
        label,
    };
    Some((name, fact))
}

fn fact_of_record(record: &Record) -> Option<(String, Fact)> {
    let recharge = Kinds::of(&[Kind::Recharge]);
    let fact = Fact {
        kinds: recharge,
        says: Outcome::of_word(&record.status)?,
        card: Some(record.card),
        user: None,
        template: None,
        got: Some(record.amount),
        time: Some(record.time),
        seq: record.seq,
        label: recharge,
    };
    Some((tx_name(record.tx), fact))
}

fn tx_name(tx: i64) -> String {
    format!("tx:{tx}")
}

pub(super) fn found_tx(op: &Operation) -> Option<i64> {
    op.found.as_ref()?.tx
}

/// The card that an application or assignment was found to have made.
fn found_card(op: &Operation) -> Option<i64> {
    op.found.as_ref()?.card.filter(|_| op.kind.makes_card())
}

/// What would hold if the operation could own the fact by what was known when it was sent.
fn could_own_when_sent(op: &Operation, fact: &Fact) -> bool {
    if !fact.kinds.has(op.kind) || fact.seq < op.seq {
        return false;
    }
    if fact.user.is_some() && fact.user != op.user {
        return false;
    }
    if !op.kind.makes_card() && fact.card != op.card {
        return false;
    }
    let templates_differ = matches!((fact.template, op.template), (Some(a), Some(b)) if a != b);
    if op.kind == Kind::Apply && templates_differ {
        return false;
    }
    match (op.kind, fact.got, op.amount) {
        (Kind::Recharge, Some(got), Some(amount)) => {
            // A failed one may have received nothing.
            let least = match fact.says {
                Outcome::Success => op.least.unwrap_or(0),
                Outcome::Failure => 0,
            };
            (least..=amount).contains(&got)
        }
        _ => true,
    }
}

fn clock_allows(op: &Operation, fact: &Fact, cfg: &Config) -> bool {
    fact.time.is_none_or(|time| time >= op.sent - cfg.tol)
}

/// Whether what was learnt since allows that the operation owns the fact.
fn learnt_allows(op: &Operation, name: &str, fact: &Fact) -> bool {
    if op.refused || op.withdrawn {
        return false;
    }
    if matches!((fact.time, op.until), (Some(time), Some(until)) if time > until) {
        return false;
    }
    let Some(found) = &op.found else { return true };
    if let Some(tx) = found.tx {
        return name == tx_name(tx);
    }
    let same_card = found_card(op).is_none_or(|card| fact.card == Some(card));
    fact.says == found.outcome && same_card
}

/// All facts about one thing, who may own it, and why a stranger may.
#[derive(Debug)]
pub(super) struct Thing {
    pub(super) name: String,
    pub(super) facts: Vec<Fact>,
    /// What all its facts may be.
    kinds: Kinds,
    owners: Vec<usize>,
    /// Operations that could own it if clocks didn't count, where none can by the clocks.
    pub(super) but_for_clock: Vec<usize>,
    /// Whether an assumption allows that it is a stranger's.
    free: bool,
}

impl Thing {
    fn new(name: String, facts: Vec<Fact>, history: &History) -> Self {
        let (cfg, ops) = (&history.cfg, &history.ops);
        let places = |test: &dyn Fn(&Operation, &Fact) -> bool| -> Vec<usize> {
            let fits = |op: &Operation| facts.iter().all(|fact| test(op, fact));
            (0..ops.len()).filter(|at| fits(&ops[*at])).collect()
        };
        let when_sent =
            places(&|op, fact| could_own_when_sent(op, fact) && clock_allows(op, fact, cfg));
        let but_for_clock = if when_sent.is_empty() {
            places(&could_own_when_sent)
        } else {
            Vec::new()
        };
        let mut owners = when_sent.clone();
        owners.retain(|at| {
            facts
                .iter()
                .all(|fact| learnt_allows(&ops[*at], &name, fact))
        });

        // What was found to be another's is another's.
        if let Some(owner) = ops
            .iter()
            .position(|op| found_tx(op).is_some_and(|tx| tx_name(tx) == name))
        {
            owners.retain(|at| *at == owner);
        }
        for fact in &facts {
            let is_new_card = fact.says == Outcome::Success && fact.kinds.meets(Kinds::NEW_CARD);
            let owner = ops
                .iter()
                .position(|op| found_card(op).is_some() && found_card(op) == fact.card);
            if let (true, Some(owner)) = (is_new_card, owner) {
                owners.retain(|at| *at == owner || !ops[*at].kind.makes_card());
            }
        }
        let named = history.foreign.contains(&name);
        if named {
            owners.clear();
        }

        let kinds = facts
            .iter()
            .map(|fact| fact.kinds)
            .reduce(Kinds::and)
            .unwrap_or(Kinds::NONE);
        let label = facts
            .iter()
            .fold(Kinds::EMPTY, |all, fact| all.or(fact.label));
        // Only what was known when sending counts here, so that nothing learnt later makes a stranger free.
        let sent: Kinds = when_sent.iter().map(|at| ops[*at].kind).collect();
        let no_result = kinds.is_empty() || kinds.meets(Kinds::NONE);
        let unsent_type = kinds.needs_type() && !sent.is_empty() && !label.meets(sent);
        let clock_apart = !but_for_clock.is_empty();
        let mut thing = Self {
            name,
            facts,
            kinds,
            owners,
            but_for_clock,
            free: !cfg.exclusive || named || no_result || unsent_type || clock_apart,
        };
        thing.free |= thing.may_be_from_before(cfg);
        thing
    }

    pub(super) fn may_be_from_before(&self, cfg: &Config) -> bool {
        let limit = cfg.since + cfg.tol;
        self.facts
            .iter()
            .any(|fact| fact.time.is_none_or(|time| time < limit))
    }

    /// Whether its data may be several kinds' result, or no operation's.
    pub(super) fn leaves_kind_open(&self) -> bool {
        self.kinds.is_empty() || self.kinds.meets(Kinds::NONE) || self.kinds.needs_type()
    }

    fn says(&self, outcome: Outcome) -> bool {
        self.facts.iter().any(|fact| fact.says == outcome)
    }

    pub(super) fn is_told_two_ways(&self) -> bool {
        self.says(Outcome::Success) && self.says(Outcome::Failure)
    }

    /// Where it would show that a stranger acts.
    fn scopes(&self) -> BTreeSet<String> {
        let mut scopes = BTreeSet::new();
        for fact in &self.facts {
            let card = fact
                .card
                .map_or_else(|| "None".to_owned(), |card| card.to_string());
            if self.kinds.has(Kind::Recharge) {
                scopes.insert(format!("card:{card}:money"));
            }
            if self.kinds.meets(Kinds::STATUS) {
                scopes.insert(format!("card:{card}:status"));
            }
            if self.kinds.meets(Kinds::NEW_CARD) {
                scopes.insert(
                    fact.user
                        .map_or_else(|| "assign".to_owned(), |user| format!("user:{user}")),
                );
            }
        }
        scopes
    }
}

/// All things of a history.
fn things_of(history: &History) -> Vec<Thing> {
    let events = history
        .events
        .iter()
        .filter_map(|event| fact_of_event(event, &history.cfg));
    let mut facts = BTreeMap::<String, Vec<Fact>>::new();
    for (name, fact) in events.chain(history.records.iter().filter_map(fact_of_record)) {
        facts.entry(name).or_default().push(fact);
    }
    facts
        .into_iter()
        .map(|(name, facts)| Thing::new(name, facts, history))
        .collect()
}

/// A set of things, by their places.
type Things = u64;

/// The operation that owns each thing. None is a stranger.
#[derive(Debug)]
struct Explanation {
    owners: Vec<Option<usize>>,
    /// Things that are a stranger's although no assumption allows it.
    against: Things,
}

impl Explanation {
    fn thing_of(&self, op: usize) -> Option<usize> {
        self.owners.iter().position(|owner| *owner == Some(op))
    }
}

/// All explanations: thing by thing, each by an operation that has none yet, or by a stranger.
fn explanations(things: &[Thing], ops: usize) -> Vec<Explanation> {
    fn go_on(
        things: &[Thing],
        owners: &mut Vec<Option<usize>>,
        is_owner: &mut [bool],
        against: Things,
        all: &mut Vec<Explanation>,
    ) {
        let at = owners.len();
        let Some(thing) = things.get(at) else {
            all.push(Explanation {
                owners: owners.clone(),
                against,
            });
            return;
        };
        for &op in &thing.owners {
            if !is_owner[op] {
                is_owner[op] = true;
                owners.push(Some(op));
                go_on(things, owners, is_owner, against, all);
                owners.pop();
                is_owner[op] = false;
            }
        }
        owners.push(None);
        let against = against | Things::from(!thing.free) << at;
        go_on(things, owners, is_owner, against, all);
        owners.pop();
    }

    assert!(things.len() < 64, "too much to try by brute force");
    let mut all = Vec::new();
    go_on(things, &mut Vec::new(), &mut vec![false; ops], 0, &mut all);
    all
}

/// What an operation may own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    things: Things,
    /// It may own none.
    nothing: bool,
}

impl Row {
    pub(super) fn things(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |at| self.things >> at & 1 == 1)
    }

    pub(super) fn same_things(self, other: Self) -> bool {
        self.things == other.things
    }

    pub(super) fn shares_with(self, other: Self) -> bool {
        self.things & other.things != 0
    }

    pub(super) fn may_be_nothing(self) -> bool {
        self.nothing
    }

    /// All that it may own: a thing, or none.
    fn choices(self) -> impl Iterator<Item = Option<usize>> {
        self.things()
            .map(Some)
            .chain(self.nothing.then_some(None::<usize>))
    }
}

/// A history with the explanations that are left.
pub(super) struct Judged<'h> {
    pub(super) history: &'h History,
    pub(super) things: Vec<Thing>,
    broken: BTreeSet<String>,
    /// Things where strangers act.
    doubtful: Things,
    kept: Vec<Explanation>,
    /// For each operation, what it may own by the explanations that are left.
    pub(super) rows: Vec<Row>,
}

impl<'h> Judged<'h> {
    pub(super) fn new(history: &'h History) -> Self {
        let things = things_of(history);
        let mut kept = explanations(&things, history.ops.len());

        // Strangers are believed only where nothing goes without them, and as few of them as possible.
        let fewest = kept.iter().map(|e| e.against.count_ones()).min();
        let suspects = kept
            .iter()
            .filter(|e| Some(e.against.count_ones()) == fewest)
            .fold(0, |all, e| all | e.against);
        let mut broken = BTreeSet::new();
        for (at, thing) in things.iter().enumerate() {
            if suspects >> at & 1 == 1 {
                broken.extend(thing.scopes());
            }
        }
        // Where one stranger acts, any thing may be a stranger's.
        let mut doubtful = 0;
        for (at, thing) in things.iter().enumerate() {
            doubtful |= Things::from(!thing.scopes().is_disjoint(&broken)) << at;
        }
        kept.retain(|e| e.against & !doubtful == 0);

        let mut rows = vec![
            Row {
                things: 0,
                nothing: false
            };
            history.ops.len()
        ];
        for explanation in &kept {
            let mut with = 0_u64;
            for (thing, owner) in explanation.owners.iter().enumerate() {
                if let Some(op) = owner {
                    rows[*op].things |= 1 << thing;
                    with |= 1 << op;
                }
            }
            for (op, row) in rows.iter_mut().enumerate() {
                row.nothing |= with >> op & 1 == 0;
            }
        }
        Self {
            history,
            things,
            broken,
            doubtful,
            kept,
            rows,
        }
    }

    pub(super) fn is_doubtful(&self, thing: usize) -> bool {
        self.doubtful >> thing & 1 == 1
    }

    /// Whether it is a stranger's in an explanation that is left.
    pub(super) fn may_be_a_strangers(&self, thing: usize) -> bool {
        self.kept.iter().any(|e| e.owners[thing].is_none())
    }

    /// What became of an operation that owns this.
    pub(super) fn fate(&self, op: usize, thing: Option<usize>) -> Claim {
        let op = &self.history.ops[op];
        let thing = thing.map(|at| &self.things[at]);
        let says = |outcome| thing.is_some_and(|thing| thing.says(outcome));
        let told = (says(Outcome::Success), says(Outcome::Failure));
        if let Some(found) = &op.found {
            return match (found.outcome, told) {
                (Outcome::Success, (_, true)) | (Outcome::Failure, (true, _)) => {
                    Claim::Contradiction
                }
                (outcome, _) => outcome.into(),
            };
        }
        if op.refused || op.withdrawn {
            return Claim::Failed;
        }
        match told {
            (true, true) => Claim::Contradiction,
            (true, false) => Claim::Succeeded,
            (false, true) => Claim::Failed,
            (false, false) if op.is_final => Claim::Failed,
            (false, false) => Claim::Open,
        }
    }

    /// Whether what is said of the transaction that was found goes against what was found.
    fn is_found_otherwise(&self, op: &Operation) -> bool {
        let Some((found, tx)) = op.found.as_ref().and_then(|f| Some((f, f.tx?))) else {
            return false;
        };
        let name = tx_name(tx);
        let facts = self.things.iter().filter(|thing| thing.name == name);
        self.history.foreign.contains(&name)
            || facts.flat_map(|thing| &thing.facts).any(|fact| {
                fact.says != found.outcome
                    || !could_own_when_sent(op, fact)
                    || !clock_allows(op, fact, &self.history.cfg)
                    || !learnt_allows(op, &name, fact)
            })
    }

    /// A registration is told by its user's id alone, which the answer brings. Only one word of it is documented.
    fn is_told_approved(&self, op: &Operation) -> bool {
        op.kind == Kind::Register
            && op.user.is_some()
            && self.history.events.iter().any(|event| {
                proven(&event.data) == Kinds::REGISTER
                    && word(&event.data, "status") == "APPROVED"
                    && number(&event.data, "user_id") == op.user
            })
    }

    fn claim(&self, at: usize) -> Claim {
        let op = &self.history.ops[at];
        let fates: BTreeSet<Claim> = self.rows[at]
            .choices()
            .map(|thing| self.fate(at, thing))
            .collect();
        let claim = match fates.first() {
            _ if self.is_found_otherwise(op) => Claim::Contradiction,
            Some(fate) if fates.len() == 1 => *fate,
            _ => Claim::Open,
        };
        if self.is_told_approved(op) {
            // What is said by the vendor beats that it wasn't seen for long. What was said against it doesn't go with it.
            let found_otherwise = op
                .found
                .as_ref()
                .is_some_and(|f| f.outcome == Outcome::Failure);
            return if op.refused || op.withdrawn || found_otherwise {
                Claim::Contradiction
            } else {
                Claim::Succeeded
            };
        }
        claim
    }

    /// Whether it ended in all explanations.
    fn ended(&self, at: usize) -> bool {
        self.rows[at]
            .choices()
            .all(|thing| matches!(self.fate(at, thing), Claim::Succeeded | Claim::Failed))
    }

    fn cards(&self, at: usize) -> BTreeSet<i64> {
        if let Some(card) = found_card(&self.history.ops[at]) {
            return BTreeSet::from([card]);
        }
        self.rows[at]
            .things()
            .flat_map(|thing| &self.things[thing].facts)
            .filter(|fact| fact.says == Outcome::Success)
            .filter_map(|fact| fact.card)
            .collect()
    }

    /// The transaction that it is in all explanations, or the one that was found.
    fn transaction(&self, at: usize) -> Option<String> {
        let owned: Vec<Option<usize>> = self.rows[at].choices().collect();
        let named = match owned.as_slice() {
            [Some(thing)] => Some(&self.things[*thing].name).filter(|name| name.starts_with("tx:")),
            _ => None,
        };
        let found = self.history.ops[at]
            .found
            .as_ref()
            .and_then(|found| found.tx);
        named.cloned().or(found.map(tx_name))
    }

    /// Operations that ended, and that nothing tells apart, here or at the vendor. Assignments have numbers of cards.
    fn twins(&self, claims: &BTreeMap<String, Claim>) -> Vec<Vec<usize>> {
        let mut groups = Vec::<Vec<usize>>::new();
        for (at, op) in self.history.ops.iter().enumerate() {
            let is_open = claims[&op.id] == Claim::Open && op.found.is_none();
            if op.kind == Kind::Assign || !is_open || !self.ended(at) {
                continue;
            }
            let is_twin = |group: &&mut Vec<usize>| {
                let other = &self.history.ops[group[0]];
                are_alike(op, other) && self.rows[at].same_things(self.rows[group[0]])
            };
            match groups.iter_mut().find(is_twin) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
        groups.retain(|group| group.len() > 1);
        groups
    }

    /// How many of them succeeded, if all ended and all explanations have the same number.
    fn successes(&self, group: &[usize]) -> Option<usize> {
        let mut known = None;
        for explanation in &self.kept {
            let mut successes = 0;
            for &op in group {
                match self.fate(op, explanation.thing_of(op)) {
                    Claim::Succeeded => successes += 1,
                    Claim::Failed => {}
                    Claim::Contradiction | Claim::Open => return None,
                }
            }
            if *known.get_or_insert(successes) != successes {
                return None;
            }
        }
        known
    }

    fn verdict(&self) -> Verdict {
        let ops = &self.history.ops;
        let mut claims = BTreeMap::new();
        let mut cards = BTreeMap::new();
        for (at, op) in ops.iter().enumerate() {
            claims.insert(op.id.clone(), self.claim(at));
            if op.kind.makes_card() {
                cards.insert(op.id.clone(), self.cards(at));
            }
        }
        let mut by_count = BTreeSet::new();
        for mut group in self.twins(&claims) {
            if let Some(successes) = self.successes(&group) {
                group.sort_by_key(|at| ops[*at].seq);
                for (place, at) in group.into_iter().enumerate() {
                    let claim = if place < successes {
                        Claim::Succeeded
                    } else {
                        Claim::Failed
                    };
                    claims.insert(ops[at].id.clone(), claim);
                    by_count.insert(ops[at].id.clone());
                }
            }
        }
        let ended = ops.iter().enumerate().filter(|(_, op)| {
            let claim = claims[&op.id];
            matches!(claim, Claim::Succeeded | Claim::Failed) && !by_count.contains(&op.id)
        });
        let known = ended.filter_map(|(at, op)| Some((op.id.clone(), self.transaction(at)?)));
        Verdict {
            transactions: known.collect(),
            claims,
            cards,
            broken: self.broken.clone(),
            by_count,
        }
    }
}

/// Whether two operations ask for the same.
pub(super) fn are_alike(one: &Operation, other: &Operation) -> bool {
    let asked = |op: &Operation| {
        (
            op.kind,
            op.user,
            op.card,
            op.amount,
            op.deposit,
            op.template,
        )
    };
    asked(one) == asked(other)
}
