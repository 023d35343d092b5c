//! One decision: what an input changes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::OperationId;
use super::assumptions::Assumptions;
use super::evidence::{Thing, ThingId};
use super::input::Input;
use super::judge::{Claim, Judgement, Since, judge};
use super::keys::{Key, Scope};
use super::operation::{Outcome, TrackedOperation};
use super::ordered::{map_of, set_of};
use super::proposal::{Proposal, already_ended, refuted};
use super::report::{Changes, Report, Settled, Verdict};
use crate::error::{Code, Invalid};
use crate::json::{self, Json};
use crate::personal::Personal;
use crate::time::Timestamp;

/// What a decision has to know next: rows that a store looks up by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Query {
    /// This operation.
    pub operation: Option<OperationId>,
    /// These things.
    pub things: Vec<ThingId>,
    /// All operations with one of these keys.
    pub operations_by: Vec<Key>,
    /// All things with one of these keys.
    pub things_by: Vec<Key>,
    /// Of these, also operations and things that are `done`. Otherwise a store may leave them out.
    pub done: bool,
    /// All operations and things with one of these keys. A store may leave out those that are `done`.
    pub live_by: Vec<Key>,
    /// Only things with a larger `seq`.
    pub seen_after: Option<u64>,
}

/// How far a decision is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look these rows up, hand them over with [`Decision::add`], and go on.
    Read(Query),
    /// It is decided.
    Decided(Box<Changes>),
}

/// A decision under way. It says which rows it has to know, takes them, and ends in [`Changes`]. It stores nothing: the caller
/// does, in the transaction that read the rows and holds their locks.
///
/// Given what was sent before what was first seen, the order in which inputs are processed doesn't matter.
#[derive(Clone, Debug)]
pub struct Decision<'r> {
    pub(super) assumptions: Assumptions,
    pub(super) input: Input,
    /// What the input itself says.
    pub(super) evidence: BTreeMap<ThingId, Thing>,
    pub(super) operations: BTreeMap<OperationId, Cow<'r, TrackedOperation>>,
    pub(super) things: BTreeMap<ThingId, Cow<'r, Thing>>,
    /// From when on evidence is kept, by groups of rows.
    since: HashMap<Key, Timestamp>,
    begun: bool,
    /// Whether all rows of the scope are needed, also those that are done.
    whole: bool,
    asked_operations: BTreeSet<Key>,
    asked_things: BTreeSet<Key>,
}

type Operations<'a> = BTreeMap<OperationId, &'a TrackedOperation>;
type Things<'a> = BTreeMap<ThingId, &'a Thing>;

impl<'r> Decision<'r> {
    /// Begins to decide about an input.
    pub fn new(assumptions: Assumptions, input: Input) -> Self {
        let mut evidence: BTreeMap<ThingId, Thing> = BTreeMap::new();
        for thing in input.evidence(assumptions.trust_type) {
            match evidence.get_mut(&thing.id) {
                Some(known) => known.merge(thing),
                None => {
                    evidence.insert(thing.id, thing);
                }
            }
        }
        Self {
            whole: !matches!(input, Input::Event { .. }),
            assumptions,
            input,
            evidence,
            operations: BTreeMap::new(),
            things: BTreeMap::new(),
            since: HashMap::new(),
            begun: false,
            asked_operations: BTreeSet::new(),
            asked_things: BTreeSet::new(),
        }
    }

    /// Takes rows of the store. A row that was taken already stays as it was.
    pub fn add(
        &mut self,
        operations: impl IntoIterator<Item = Cow<'r, TrackedOperation>>,
        things: impl IntoIterator<Item = Cow<'r, Thing>>,
    ) {
        for operation in operations {
            self.operations.entry(operation.id).or_insert(operation);
        }
        for thing in things {
            self.things.entry(thing.id).or_insert(thing);
        }
    }

    /// Takes from when on a store has kept what happened: for a card ([`Key::Card`]), or for applications and assignments
    /// together ([`Key::Assign`]). What is said of the time before is no sign that somebody else acts.
    pub fn add_since(&mut self, since: impl IntoIterator<Item = (Key, Timestamp)>) {
        self.since.extend(since);
    }

    /// The keys of the rows that the input itself is about. Whoever locks rows by key has to lock these, and those of each
    /// [`Query`].
    ///
    /// ```
    /// use bananatech_core::{Assumptions, CardId, Decision, EventType, Input, Json, Key};
    /// let data = Json::parse(r#"{"card_id": 2, "status": "SUCCESS", "receive_amount": 5}"#)?;
    /// let input = Input::Event { event_type: EventType::CardRechargeResult, data, seq: 1 };
    /// assert_eq!(Decision::new(Assumptions::shared(), input).keys(), [Key::Card(CardId::from(2))]);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.evidence.values().flat_map(Thing::keys).collect();
        if let Input::Stored(operation) = &self.input {
            keys.extend(operation.keys());
        }
        keys
    }

    /// What to look up next, or the decision.
    ///
    /// Errors, caused by the caller: [`Code::TrackingUnknown`] for an operation or thing that isn't stored,
    /// [`Code::TrackingKnown`] for an operation whose id is taken, [`Code::TrackingOwned`] for a transaction or card that is
    /// another operation's, [`Code::TrackingRefuted`] for what the evidence rules out. Nothing is changed then.
    pub fn step(&mut self) -> Result<Step, Invalid> {
        if !self.begun {
            self.begun = true;
            if let Some(query) = self.named() {
                return Ok(Step::Read(query));
            }
        }
        if let Some(changes) = self.decided_at_once()? {
            return Ok(Step::Decided(Box::new(changes)));
        }
        if !self.whole && self.is_known() {
            // What is done may change.
            self.need_whole();
        }
        loop {
            if let Some(query) = self.related() {
                return Ok(Step::Read(query));
            }
            if let Some(changes) = self.decide()? {
                return Ok(Step::Decided(Box::new(changes)));
            }
            self.need_whole();
        }
    }

    /// From now on all rows of the scope are needed.
    fn need_whole(&mut self) {
        self.whole = true;
        self.asked_operations.clear();
        self.asked_things.clear();
    }

    /// Whether a transaction or new card of the evidence is known already.
    fn is_known(&self) -> bool {
        let keys = self.evidence.values().flat_map(Thing::keys);
        let named = set_of(keys.filter(|key| key.is_of_one_thing()));
        let of_operations = self.operations.values().flat_map(|row| row.keys());
        let of_things = self.things.values().flat_map(|thing| thing.keys());
        let mut keys = of_operations.chain(of_things);
        keys.any(|key| named.contains(&key))
            || self.things.keys().any(|id| self.evidence.contains_key(id))
    }

    /// The rows that the input itself names: its operation, and the transactions and new cards that it is about. Of an event, also
    /// what is live around it: mostly nothing else is needed.
    fn named(&mut self) -> Option<Query> {
        let keys = self.evidence.values().flat_map(Thing::keys);
        let keys = set_of(keys.filter(|key| key.is_of_one_thing()));
        let mut query = Query {
            operation: self.input.operation_id(),
            things: self.evidence.keys().copied().collect(),
            operations_by: keys.iter().copied().collect(),
            things_by: keys.into_iter().collect(),
            done: true,
            live_by: Vec::new(),
            seen_after: None,
        };
        match &self.input {
            Input::Stored(operation) => {
                query.things_by = operation.keys();
                query.seen_after = Some(operation.seq);
            }
            Input::Foreign { thing } => query.things.push(*thing),
            Input::Event { .. } if self.evidence.is_empty() => return None,
            Input::Event { .. } => {
                let keys = set_of(self.evidence.values().flat_map(Thing::keys));
                self.asked_operations.extend(&keys);
                self.asked_things.extend(&keys);
                query.live_by = keys.into_iter().collect();
            }
            _ => {}
        }
        Some(query)
    }

    /// The row of the operation that the input names.
    pub(super) fn row(&self) -> Result<&TrackedOperation, Invalid> {
        let id = self.input.operation_id();
        id.and_then(|id| self.operations.get(&id))
            .map(Cow::as_ref)
            .ok_or_else(|| {
                let expected = "the id of an operation that is stored";
                Invalid::new("id", Code::TrackingUnknown, expected)
            })
    }

    /// The rows that can have to do with the input: operations lead to things, and things to operations, until nothing is added.
    fn related(&mut self) -> Option<Query> {
        let proposal = self.proposal();
        let mut operations_by: BTreeSet<Key> = BTreeSet::new();
        let mut things_by: BTreeSet<Key> = BTreeSet::new();
        let rows = self.operations.values().map(Cow::as_ref);
        for row in rows.chain(&proposal.operations) {
            things_by.extend(row.keys());
            if self.input.operation_id() == Some(row.id) {
                operations_by.extend(row.keys());
            }
        }
        let things = self.things.values().map(Cow::as_ref);
        for thing in things.chain(self.evidence.values()) {
            let keys = thing.keys();
            things_by.extend(keys.iter().filter(|key| key.is_of_one_thing()));
            operations_by.extend(keys);
        }
        let said = self.evidence.values().chain(&proposal.foreign);
        things_by.extend(said.flat_map(Thing::keys));
        operations_by.retain(|key| self.asked_operations.insert(*key));
        things_by.retain(|key| self.asked_things.insert(*key));
        if operations_by.is_empty() && things_by.is_empty() {
            return None;
        }
        Some(Query {
            operations_by: operations_by.into_iter().collect(),
            things_by: things_by.into_iter().collect(),
            done: self.whole,
            ..Query::default()
        })
    }

    /// Decides by the rows that are read; `None` if it needs all of their scope.
    fn decide(&self) -> Result<Option<Changes>, Invalid> {
        let proposal = self.proposal();
        let evidence = self.merged_evidence();
        let before_rows: Operations<'_> = rows(&self.operations);
        let before_things: Things<'_> = rows(&self.things);
        let mut after_rows = before_rows.clone();
        after_rows.extend(proposal.operations.iter().map(|row| (row.id, row)));
        let mut after_things = before_things.clone();
        let said = evidence.iter().chain(&proposal.foreign);
        after_things.extend(said.map(|thing| (thing.id, thing)));

        let after = self.judge(&after_rows, &after_things);
        if !self.whole && self.needs_all(&after, &after_things) {
            return Ok(None);
        }
        let mut new_scopes = after.broken.clone();
        if proposal.is_claim || !new_scopes.is_empty() {
            let before = self.judge(&before_rows, &before_things);
            new_scopes.retain(|scope| !before.broken.contains(scope));
            if proposal.is_claim
                && let Err(error) = self.check(&proposal, &before, &after, &new_scopes)
            {
                let ended = self.row().is_ok_and(|row| !row.is_asked_for());
                return match self.input {
                    // What the API showed is no mistake of the caller's: it just doesn't settle anything.
                    Input::Inquired { .. } => Ok(Some(Changes::nothing(Verdict::Open))),
                    Input::Found { .. } if ended => Ok(Some(already_ended())),
                    _ => Err(error),
                };
            }
        }
        Ok(Some(self.changes(
            &after_rows,
            &after_things,
            after,
            new_scopes,
        )))
    }

    /// The evidence, together with what was said before of the same things.
    fn merged_evidence(&self) -> Vec<Thing> {
        let merged = |thing: &Thing| match self.things.get(&thing.id) {
            Some(known) => {
                let mut known = known.as_ref().clone();
                known.merge(thing.clone());
                known
            }
            None => thing.clone(),
        };
        self.evidence.values().map(merged).collect()
    }

    fn judge(&self, operations: &Operations<'_>, things: &Things<'_>) -> Judgement {
        let operations: Vec<_> = operations.values().copied().collect();
        let things: Vec<_> = things.values().copied().collect();
        let asked_about = set_of(self.evidence.keys().copied());
        judge(
            &operations,
            &things,
            &Since {
                assumptions: self.assumptions,
                of_group: &self.since,
            },
            &asked_about,
        )
    }

    /// What is done may be left out only while all evidence proves one kind, has an owner that isn't done, nothing contradicts itself, and
    /// no stranger acts.
    fn needs_all(&self, after: &Judgement, things: &Things<'_>) -> bool {
        let lonely = |thing: &Thing| {
            let is_new = self.evidence.contains_key(&thing.id);
            if thing.foreign {
                return is_new;
            }
            (is_new || !thing.done) && after.unowned.contains(&thing.id)
        };
        // What was told isn't certain any more, or the evidence has no explanation.
        let contradicts = |row: &TrackedOperation| {
            let told = row.outcome.as_ref().map(Outcome::succeeded);
            match after.claims.get(&row.id) {
                Some(Claim::Contradicted) => true,
                Some(Claim::Open) => told.is_some(),
                Some(Claim::Succeeded) => told == Some(false),
                Some(Claim::Failed) => told == Some(true),
                None => false,
            }
        };
        self.operations.values().any(|row| contradicts(row))
            || !after.broken.is_empty()
            || things
                .values()
                .any(|thing| lonely(thing) || thing.is_of_several_types())
    }

    /// Refuses a claim that no explanation has: it contradicts evidence, makes what is certain uncertain, or needs a stranger.
    fn check(
        &self,
        proposal: &Proposal,
        before: &Judgement,
        after: &Judgement,
        new_scopes: &BTreeSet<Scope>,
    ) -> Result<(), Invalid> {
        let claimed = proposal.operations.iter().find_map(|row| row.found);
        if let Some(transaction) = claimed.and_then(|found| found.transaction_id) {
            let owned = |row: &TrackedOperation| {
                Some(row.id) != self.input.operation_id()
                    && row.found.and_then(|found| found.transaction_id) == Some(transaction)
            };
            if self.operations.values().any(|row| owned(row)) {
                return Err(owned_by_another("transaction_id"));
            }
        }
        let contradicted = proposal
            .operations
            .iter()
            .any(|row| after.claims.get(&row.id) == Some(&Claim::Contradicted));
        let ended = |claim: &Claim| matches!(claim, Claim::Succeeded | Claim::Failed);
        let mut was_certain = before.claims.iter().filter(|(_, claim)| ended(claim));
        let lost = was_certain.any(|(id, claim)| after.claims.get(id) != Some(claim));
        if !contradicted && !lost && new_scopes.is_empty() {
            return Ok(());
        }
        Err(match claimed {
            Some(found) if found.transaction_id.is_some() => owned_by_another("transaction_id"),
            Some(found) if found.card_id.is_some() => owned_by_another("card_id"),
            None if matches!(self.input, Input::Foreign { .. }) => {
                refuted("thing", "what the evidence allows")
            }
            _ => refuted("id", "what the evidence allows"),
        })
    }

    fn changes(
        &self,
        operations: &Operations<'_>,
        things: &Things<'_>,
        mut after: Judgement,
        new_scopes: BTreeSet<Scope>,
    ) -> Changes {
        let mut rows = map_of(operations.iter().map(|(id, row)| (*id, (*row).clone())));
        // In the order of sending.
        let mut settled: BTreeMap<(u64, OperationId), Outcome> = BTreeMap::new();
        loop {
            let mut given_by_count = false;
            let owned = after.owner_of.iter();
            let owned = owned.filter_map(|(id, owner)| Some((*owner, *things.get(id)?)));
            let owned: HashMap<OperationId, &Thing> = owned.collect();
            for (id, row) in &mut rows {
                // What was found names its own.
                let found = row.found.and_then(|found| found.transaction_id);
                let found = found.and_then(|id| things.get(&ThingId::Transaction(id)));
                let own = owned.get(id).or(found).copied();
                let reason = self.reason(row, own);
                if let Some(outcome) = row.conclude(&after, own, reason) {
                    settled.insert((row.seq, *id), outcome);
                    given_by_count |= row.by_count;
                }
            }
            // What is given by count counts as found from now on, and that may say more.
            if !given_by_count {
                break;
            }
            after = self.judge(&map_of(rows.iter().map(|(id, row)| (*id, row))), things);
        }
        let mut changes = Changes::nothing(Verdict::Noted);
        for (id, row) in &rows {
            let old = self.operations.get(id);
            if row.doubted && !old.is_some_and(|old| old.doubted) {
                changes.report.doubted.push(*id);
            }
            if row.contradicted && !old.is_some_and(|old| old.contradicted) {
                changes.report.contradicted.push(*id);
            }
            if old.is_none_or(|old| **old != *row) {
                changes.operations.push(row.clone());
            }
        }
        for ((_, id), outcome) in settled {
            if let Some(operation) = rows.get(&id).cloned() {
                changes.report.settled.push(Settled { operation, outcome });
            }
        }
        for thing in things.values() {
            let new = Thing {
                owner: after.owner_of.get(&thing.id).copied(),
                done: after.done_things.contains(&thing.id),
                ..(*thing).clone()
            };
            if self.things.get(&new.id).is_none_or(|old| **old != new) {
                changes.things.push(new);
            }
        }
        changes.report.candidates = after.candidates.iter().copied().collect();
        changes.report.foreign_activity = new_scopes.into_iter().collect();
        changes.report.things = self.evidence.keys().copied().collect();
        changes.report.verdict = self.verdict(&changes.report, &rows, &after);
        changes
    }

    fn verdict(
        &self,
        report: &Report,
        operations: &BTreeMap<OperationId, TrackedOperation>,
        after: &Judgement,
    ) -> Verdict {
        if !report.contradicted.is_empty() {
            return Verdict::Contradiction;
        }
        if !report.doubted.is_empty() {
            return Verdict::Doubted;
        }
        if !report.foreign_activity.is_empty() {
            return Verdict::ForeignActivity;
        }
        if !report.settled.is_empty() {
            let by_count = |settled: &Settled| settled.operation.by_count;
            return if report.settled.iter().all(by_count) {
                Verdict::SettledByCount
            } else {
                Verdict::Settled
            };
        }
        let early = self
            .evidence
            .keys()
            .find_map(|id| after.early_by_ms.get(id));
        let is_event = matches!(self.input, Input::Event { .. });
        if let Some(milliseconds) = early.filter(|_| is_event) {
            return Verdict::ClocksDiffer {
                milliseconds: *milliseconds,
            };
        }
        // An inquiry is about one operation, whatever else was shown.
        let asked = match &self.input {
            Input::Inquired { .. } => self.input.operation_id(),
            _ => None,
        };
        if asked.is_some_and(|id| operations.get(&id).is_some_and(TrackedOperation::is_open)) {
            return Verdict::Open;
        }
        let mut candidates = report.candidates.iter().filter_map(|id| operations.get(id));
        if candidates.clone().any(|row| row.is_open()) {
            return Verdict::Open;
        }
        if candidates.next().is_some() {
            return Verdict::AlreadyEnded;
        }
        match &self.input {
            Input::Inquired { .. } => Verdict::Open,
            Input::Found { .. } => Verdict::AlreadyEnded,
            _ => Verdict::Noted,
        }
    }

    /// Why an operation failed: the API's words where they are at hand, else the code that is stored.
    fn reason(&self, row: &TrackedOperation, own: Option<&Thing>) -> Option<Personal> {
        match &self.input {
            Input::Refused { id, reason } | Input::Withdrawn { id, reason } if *id == row.id => {
                return reason.clone();
            }
            _ => {}
        }
        let thing = own?;
        let words = match &self.input {
            Input::Event { data, .. } if self.evidence.contains_key(&thing.id) => words(data),
            _ => None,
        };
        words.or_else(|| thing.reason.as_deref().map(Personal::from))
    }
}

fn rows<'a, K: Ord + Copy, T: Clone>(rows: &'a BTreeMap<K, Cow<'_, T>>) -> BTreeMap<K, &'a T> {
    map_of(rows.iter().map(|(id, row)| (*id, row.as_ref())))
}

fn owned_by_another(field: &'static str) -> Invalid {
    Invalid::new(
        field,
        Code::TrackingOwned,
        "one that no other operation has",
    )
}

/// The API's words for why something failed. Only `error_reason` of a failed assignment is documented; `message` is a guess.
fn words(data: &Json) -> Option<Personal> {
    #[derive(Deserialize)]
    struct Words {
        error_reason: Option<Personal>,
        message: Option<Personal>,
    }
    let words: Words = json::from_vendor(data.as_str()).ok()?;
    words.error_reason.or(words.message)
}
