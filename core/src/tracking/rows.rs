//! Rows in memory, found by their keys.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::OperationId;
use super::decide::Query;
use super::evidence::{Thing, ThingId};
use super::forgetting::{Span, quiet_time};
use super::keys::Key;
use super::operation::TrackedOperation;
use super::ordered::set_of;
use crate::ids::TransactionId;
use crate::time::Timestamp;

/// All rows, and where to find them.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) operations: BTreeMap<OperationId, TrackedOperation>,
    pub(super) things: BTreeMap<ThingId, Thing>,
    /// From when on evidence of a group of rows is kept.
    pub(super) since: BTreeMap<Key, Timestamp>,
    /// When to ask about operations.
    pub(super) due: BTreeSet<(Timestamp, OperationId)>,
    pub(super) by_reference: HashMap<String, OperationId>,
    index: HashMap<Key, OfKey>,
}

/// The rows of one key.
#[derive(Clone, Debug, Default)]
struct OfKey {
    operations: BTreeSet<OperationId>,
    done_operations: BTreeSet<OperationId>,
    /// By when they were first seen.
    things: BTreeSet<(u64, ThingId)>,
    done_things: BTreeSet<(u64, ThingId)>,
}

impl Rows {
    pub(super) fn look_up(
        &self,
        query: &Query,
    ) -> (Vec<Cow<'_, TrackedOperation>>, Vec<Cow<'_, Thing>>) {
        let mut operations = set_of(query.operation);
        let mut things = set_of(query.things.iter().copied());
        for rows in query
            .operations_by
            .iter()
            .filter_map(|key| self.index.get(key))
        {
            operations.extend(&rows.operations);
            if query.done {
                operations.extend(&rows.done_operations);
            }
        }
        let first = ThingId::Transaction(TransactionId::from(0));
        let after = (
            query.seen_after.map_or(0, |seq| seq.saturating_add(1)),
            first,
        );
        for rows in query.things_by.iter().filter_map(|key| self.index.get(key)) {
            things.extend(rows.things.range(after..).map(|(_, id)| *id));
            if query.done {
                things.extend(rows.done_things.range(after..).map(|(_, id)| *id));
            }
        }
        for rows in query.live_by.iter().filter_map(|key| self.index.get(key)) {
            operations.extend(&rows.operations);
            things.extend(rows.things.iter().map(|(_, id)| *id));
        }
        let operations = operations.iter().filter_map(|id| self.operations.get(id));
        let things = things.iter().filter_map(|id| self.things.get(id));
        (
            operations.map(Cow::Borrowed).collect(),
            things.map(Cow::Borrowed).collect(),
        )
    }

    pub(super) fn put_operation(&mut self, row: TrackedOperation) {
        self.remove_operation(row.id);
        self.index_operation(&row);
        self.operations.insert(row.id, row);
    }

    fn remove_operation(&mut self, id: OperationId) {
        if let Some(old) = self.operations.remove(&id) {
            for key in old.keys() {
                if let Some(rows) = self.index.get_mut(&key) {
                    rows.operations.remove(&id);
                    rows.done_operations.remove(&id);
                    self.remove_key_if_empty(key);
                }
            }
            self.due.remove(&(old.ask_at, id));
            if let Some(reference) = &old.reference
                && self.by_reference.get(reference) == Some(&id)
            {
                self.by_reference.remove(reference);
            }
        }
    }

    fn remove_key_if_empty(&mut self, key: Key) {
        let rows = self.index.get(&key);
        if rows.is_some_and(|rows| {
            rows.operations.is_empty()
                && rows.done_operations.is_empty()
                && rows.things.is_empty()
                && rows.done_things.is_empty()
        }) {
            self.index.remove(&key);
        }
    }

    pub(super) fn put_thing(&mut self, thing: Thing) {
        self.remove_thing(thing.id);
        self.index_thing(&thing);
        self.things.insert(thing.id, thing);
    }

    fn remove_thing(&mut self, id: ThingId) {
        if let Some(old) = self.things.remove(&id) {
            for key in old.keys() {
                if let Some(rows) = self.index.get_mut(&key) {
                    rows.things.remove(&(old.seq, id));
                    rows.done_things.remove(&(old.seq, id));
                    self.remove_key_if_empty(key);
                }
            }
        }
    }

    fn index_operation(&mut self, row: &TrackedOperation) {
        for key in row.keys() {
            let rows = self.index.entry(key).or_default();
            let of_kind = if row.done {
                &mut rows.done_operations
            } else {
                &mut rows.operations
            };
            of_kind.insert(row.id);
        }
        if let Some(reference) = row.reference.as_ref().filter(|text| !text.is_empty()) {
            let first = self.by_reference.entry(reference.clone());
            first.or_insert(row.id);
        }
        if let Some(at) = row.due_at() {
            self.due.insert((at, row.id));
        }
    }

    fn index_thing(&mut self, thing: &Thing) {
        for key in thing.keys() {
            let rows = self.index.entry(key).or_default();
            let of_kind = if thing.done {
                &mut rows.done_things
            } else {
                &mut rows.things
            };
            of_kind.insert((thing.seq, thing.id));
        }
    }

    /// From when on the rows that are asked for are kept.
    pub(super) fn since_of(&self, query: &Query) -> Vec<(Key, Timestamp)> {
        let keys = query.operations_by.iter().chain(&query.things_by);
        let keys = keys.chain(&query.live_by);
        let since = |key: &Key| self.since.get(key).map(|since| (*key, *since));
        keys.chain([&Key::Assign]).filter_map(since).collect()
    }

    /// The place in our own order of the first row that is left.
    pub(super) fn first_seq(&self) -> Option<u64> {
        let operations = self.operations.values().map(|row| row.seq);
        let things = self.things.values().map(|thing| thing.seq);
        operations.chain(things).min()
    }

    /// Forgets, for each group of rows that can have to do with each other, what is before a quiet time.
    pub(super) fn forget_before(&mut self, time: Timestamp) {
        let mut groups: HashMap<Key, Vec<Span>> = HashMap::new();
        for row in self.operations.values() {
            if let Some(key) = row.group() {
                groups.entry(key).or_default().push(row.span(time));
            }
        }
        for thing in self.things.values() {
            if let Some(span) = thing.span() {
                for key in thing.groups() {
                    groups.entry(key).or_default().push(span);
                }
            }
        }
        for (key, spans) in groups {
            if let Some(quiet) = quiet_time(spans, time) {
                let since = self.since.entry(key).or_insert(quiet);
                *since = quiet.max(*since);
            }
        }
        let forgotten = |key: Key, at: Timestamp| {
            let since = self.since.get(&key);
            since.is_some_and(|since| at < *since)
        };
        let operations = self.operations.values().filter(|row| match row.group() {
            Some(key) => forgotten(key, row.sent_at),
            None => row.is_over(time) && row.sent_at < time,
        });
        let operations: Vec<OperationId> = operations.map(|row| row.id).collect();
        let things = self.things.values().filter(|thing| {
            let mut keys = thing.groups().into_iter();
            match thing.latest {
                Some(latest) => keys.all(|key| forgotten(key, latest)),
                None => false,
            }
        });
        let things: Vec<ThingId> = things.map(|thing| thing.id).collect();
        operations.iter().for_each(|id| self.remove_operation(*id));
        things.iter().for_each(|id| self.remove_thing(*id));
    }
}
