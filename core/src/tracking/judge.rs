//! What all explanations of the evidence agree on.
//!
//! An **explanation** gives each thing one owner: an operation, or a stranger. No operation owns two things. A stranger is free
//! only where an assumption allows it. What all explanations agree on is certain; what they don't agree on is still open.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::OperationId;
use super::assumptions::Assumptions;
use super::by_count::Explanation;
use super::evidence::{Kinds, Thing, ThingId};
use super::keys::{Key, Scope};
use super::matching::{self, Exchanges, Matching};
use super::operation::{TrackedKind, TrackedOperation};
use super::ordered::set_of;
use super::owners::{Known, Set, Table};
use super::sets::in_both;
use crate::ids::CardId;
use crate::time::Timestamp;

/// What is certain of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    Open,
    Succeeded,
    Failed,
    Contradicted,
}

/// What follows from all rows.
#[derive(Default)]
pub(super) struct Judgement {
    pub(super) claims: HashMap<OperationId, Claim>,
    /// The cards that may have come into being by an application or assignment.
    pub(super) cards: HashMap<OperationId, Vec<CardId>>,
    /// Given by count.
    pub(super) by_count: BTreeSet<OperationId>,
    /// Where somebody else acts.
    pub(super) broken: BTreeSet<Scope>,
    /// Operations that own one thing in every explanation, and the things that are theirs.
    pub(super) done: BTreeSet<OperationId>,
    pub(super) done_things: BTreeSet<ThingId>,
    /// Of these: whose a thing is, where that is the same in every explanation.
    pub(super) owner_of: BTreeMap<ThingId, OperationId>,
    /// Things that no operation of the table may own, or only one that shouldn't have been carried out any more.
    pub(super) unowned: BTreeSet<ThingId>,
    /// The operations that own one of the things that were asked about in some explanation.
    pub(super) candidates: BTreeSet<OperationId>,
    /// Things that fit an operation but for the clocks: by how many milliseconds the event is too early.
    pub(super) early_by_ms: HashMap<ThingId, i64>,
}

/// What is assumed, and from when on evidence of a group of rows is kept.
pub(super) struct Since<'a> {
    pub(super) assumptions: Assumptions,
    pub(super) of_group: &'a HashMap<Key, Timestamp>,
}

impl Since<'_> {
    /// From when on a thing would be one of ours; `None` if others act too.
    fn of(&self, thing: &Thing) -> Option<Timestamp> {
        let since = self.assumptions.exclusive_since?;
        let groups = thing.groups().into_iter();
        let of_group = groups.filter_map(|key| self.of_group.get(&key)).max();
        Some(of_group.map_or(since, |of_group| since.max(*of_group)))
    }
}

/// Operations and evidence that can have to do with each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// Of one card.
    Card(Option<CardId>),
    Registrations,
    /// Applications and assignments, of all users.
    NewCards,
}

impl Group {
    fn of(operation: &TrackedOperation) -> Self {
        match operation.kind {
            TrackedKind::Register => Self::Registrations,
            TrackedKind::Apply | TrackedKind::Assign => Self::NewCards,
            _ => Self::Card(operation.card_id),
        }
    }

    fn of_thing(thing: &Thing) -> Self {
        if matches!(thing.id, ThingId::Registration(_)) {
            Self::Registrations
        } else if thing.kinds.meets(Kinds::NEW_CARD) {
            Self::NewCards
        } else {
            Self::Card(thing.cards.first().copied())
        }
    }
}

/// A group's table, its things, who may own each, and which of them no stranger may own.
pub(super) struct Prepared<'r> {
    pub(super) table: Table<'r>,
    things: Vec<&'r Thing>,
    pub(super) owners: Vec<Set>,
    ours: Vec<usize>,
}

/// Judges all rows, each once and in the order of their ids, and tells who may own the things that are asked about.
pub(super) fn judge(
    operations: &[&TrackedOperation],
    things: &[&Thing],
    since: &Since<'_>,
    asked_about: &BTreeSet<ThingId>,
) -> Judgement {
    let mut groups: BTreeMap<Group, (Vec<&TrackedOperation>, Vec<&Thing>)> = BTreeMap::new();
    let mut claimed: HashMap<ThingId, Group> = HashMap::new();
    for operation in operations {
        let group = Group::of(operation);
        groups.entry(group).or_default().0.push(operation);
        if let Some(transaction) = operation.found.and_then(|found| found.transaction_id) {
            claimed.insert(ThingId::Transaction(transaction), group);
        }
    }
    for thing in things {
        let group = groups.entry(Group::of_thing(thing)).or_default();
        group.1.push(thing);
    }
    let mut judgement = Judgement::default();
    // First where strangers act, then what is certain: a transaction that is told of two cards is in one group only.
    let mut prepared = Vec::with_capacity(groups.len());
    for (group, (operations, mut things)) in groups {
        if group == Group::Registrations {
            registrations(&operations, &things, asked_about, &mut judgement);
            continue;
        }
        things.retain(|thing| !thing.foreign);
        let table = Table::new(operations, &since.assumptions);
        let elsewhere = |thing: &Thing| claimed.get(&thing.id).is_some_and(|at| *at != group);
        let owners: Vec<Set> = things
            .iter()
            .map(|thing| {
                if elsewhere(thing) {
                    return table.none();
                }
                let mut owners = table.owners(thing, Known::Now);
                table.exclude_by_claims(thing, &mut owners);
                owners
            })
            .collect();
        let mut ours = Vec::new();
        for (at, thing) in things.iter().enumerate() {
            if !may_be_a_strangers(thing, &table, since, &mut judgement) {
                ours.push(at);
            }
        }
        let (owners, late) = without_what_came_too_late(owners, &things, &ours, &table);
        let late = late.iter().filter_map(|at| things.get(*at));
        judgement.unowned.extend(late.map(|thing| thing.id));
        let (_, over) = matching::largest(&owners, &ours, table.len());
        for thing in over.iter().filter_map(|at| things.get(*at)) {
            judgement.broken.extend(thing.scopes());
        }
        prepared.push(Prepared {
            table,
            things,
            owners,
            ours,
        });
    }
    let all: HashMap<ThingId, &Thing> = things.iter().map(|thing| (thing.id, *thing)).collect();
    for mut group in prepared {
        group.ours.retain(|at| {
            group.things.get(*at).is_some_and(|thing| {
                let scopes = thing.scopes();
                !scopes.iter().any(|scope| judgement.broken.contains(scope))
            })
        });
        group.conclude(&all, asked_about, &mut judgement);
    }
    judgement
}

/// Owners without those that won't be carried out, as the API didn't show them before the thing was first seen. Where there are more things
/// than owners then, such an operation was carried out after all, which has to be said: there they stay. Answers also where.
fn without_what_came_too_late(
    mut owners: Vec<Set>,
    things: &[&Thing],
    ours: &[usize],
    table: &Table<'_>,
) -> (Vec<Set>, Vec<usize>) {
    let all = things.iter().zip(&owners);
    let others: Vec<Set> = all
        .map(|(thing, owners)| table.may_still_come(thing, owners))
        .collect();
    if others == owners {
        return (owners, Vec::new());
    }
    let (_, lacking) = matching::largest(&others, ours, table.len());
    for (at, others) in others.into_iter().enumerate() {
        if !lacking.contains(&at)
            && let Some(owners) = owners.get_mut(at)
        {
            *owners = others;
        }
    }
    (owners, lacking)
}

/// A registration is told by its user's id, which the answer brings. No time and no matching: a user is registered once.
fn registrations(
    operations: &[&TrackedOperation],
    things: &[&Thing],
    asked_about: &BTreeSet<ThingId>,
    judgement: &mut Judgement,
) {
    let approving = things
        .iter()
        .filter(|thing| thing.succeeded && !thing.foreign);
    let approved = set_of(approving.flat_map(|thing| thing.users.iter().copied()));
    for operation in operations {
        let told = operation.user_id.is_some_and(|id| approved.contains(&id));
        let said_to_have_failed = match operation.found {
            Some(found) => !found.succeeded,
            None => operation.refused || operation.withdrawn,
        };
        let claim = match (told, said_to_have_failed) {
            (true, true) => Claim::Contradicted,
            (true, false) => Claim::Succeeded,
            (false, true) => Claim::Failed,
            (false, false) if operation.found.is_some() => Claim::Succeeded,
            (false, false) if operation.is_final => Claim::Failed,
            (false, false) => Claim::Open,
        };
        judgement.claims.insert(operation.id, claim);
        let thing = operation.user_id.map(ThingId::Registration);
        if told && thing.is_some_and(|thing| asked_about.contains(&thing)) {
            judgement.candidates.insert(operation.id);
        }
    }
    let users = operations.iter().filter_map(|operation| operation.user_id);
    let ours = set_of(users.map(ThingId::Registration));
    let unowned = things.iter().filter(|thing| !ours.contains(&thing.id));
    judgement.unowned.extend(unowned.map(|thing| thing.id));
}

/// Whether a thing may be a stranger's under the assumptions: they aren't exclusive; it occurred before that time; it may be no
/// operation's result at all; the data leave several types open and its own type fits none of ours; or only the clocks stand
/// against it.
fn may_be_a_strangers(
    thing: &Thing,
    table: &Table<'_>,
    since: &Since<'_>,
    judgement: &mut Judgement,
) -> bool {
    let tolerance = since.assumptions.clock_tolerance_ms;
    let since = since.of(thing);
    let before =
        since.is_some_and(|since| thing.earliest.is_none_or(|at| at < since.after(tolerance)));
    let as_sent = table.owners(thing, Known::AsSent);
    let mut only_the_clock = false;
    if as_sent.is_clear()
        && let Some(earliest) = thing.earliest
    {
        let early = table
            .owners(thing, Known::AsSentWithoutClocks)
            .ones()
            .filter_map(|at| table.operations.get(at))
            .map(|row| row.sent_at.as_millis().saturating_sub(earliest.as_millis()))
            .min();
        only_the_clock = early.is_some();
        // What is from before our time needs no clock to explain it.
        if let Some(early) = early.filter(|_| !before) {
            judgement.early_by_ms.insert(thing.id, early);
        }
    }
    let only_its_type = thing.kinds.types() > 1
        && !as_sent.is_clear()
        && !thing.labels.meets(table.kinds_of(&as_sent));
    since.is_none()
        || thing.timeless
        || before
        || thing.kinds.is_empty()
        || thing.kinds.meets(Kinds::NONE)
        || only_its_type
        || only_the_clock
}

/// The fates that an operation has in the explanations.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fates {
    open: bool,
    succeeded: bool,
    failed: bool,
    contradicted: bool,
}

impl Fates {
    pub(super) fn claim(self) -> Claim {
        match self {
            Self {
                open: false,
                succeeded: true,
                failed: false,
                contradicted: false,
            } => Claim::Succeeded,
            Self {
                open: false,
                succeeded: false,
                failed: true,
                contradicted: false,
            } => Claim::Failed,
            Self {
                open: false,
                succeeded: false,
                failed: false,
                contradicted: true,
            } => Claim::Contradicted,
            _ => Claim::Open,
        }
    }

    pub(super) const fn has_ended(self) -> bool {
        !self.open && !self.contradicted
    }

    fn add(&mut self, succeeded: bool) {
        if succeeded {
            self.succeeded = true;
        } else {
            self.failed = true;
        }
    }
}

/// Things with the same possible owners, and the operations that have them now.
struct Alike {
    things: Set,
    holders: Set,
}

/// The things by what is told of them.
pub(super) struct Told {
    pub(super) succeeded: Set,
    failed: Set,
    both: Set,
}

impl Told {
    /// Those that say this, and those that say something else.
    const fn as_is_and_otherwise(&self, succeeded: bool) -> (&Set, &Set) {
        if succeeded {
            (&self.succeeded, &self.failed)
        } else {
            (&self.failed, &self.succeeded)
        }
    }
}

impl Prepared<'_> {
    fn conclude(
        &self,
        all: &HashMap<ThingId, &Thing>,
        asked_about: &BTreeSet<ThingId>,
        judgement: &mut Judgement,
    ) {
        let count = self.table.len();
        // Things of a scope where strangers act aren't ours, so all that are can be matched.
        let (matching, _) = matching::largest(&self.owners, &self.ours, count);
        let alike = self.alike(&matching);
        let mut owned_by = vec![self.no_things(); count];
        for (owners, alike) in &alike {
            for owner in owners.ones() {
                if let Some(things) = owned_by.get_mut(owner) {
                    things.union_with(&alike.things);
                }
            }
        }
        let freeable = self.freeable(&matching, &owned_by);
        let exchanges = self.exchanges(&matching, &alike);
        let block_of = exchanges.blocks();
        let mut of_block: HashMap<usize, Set> = HashMap::new();
        for (thing, owner) in &matching.owner_of {
            if let Some(block) = block_of.get(*owner) {
                let things = of_block.entry(*block).or_default();
                things.grow_and_insert(*thing);
            }
        }
        // What an operation owns in some explanation.
        let mut allowed = owned_by;
        for (at, things) in allowed.iter_mut().enumerate() {
            if !freeable.contains(at) {
                match block_of.get(at).and_then(|block| of_block.get(block)) {
                    Some(block) => things.intersect_with(block),
                    None => things.clear(),
                }
            }
        }
        let mut asked = self.no_things();
        for (at, thing) in self.things.iter().enumerate() {
            if asked_about.contains(&thing.id) {
                asked.insert(at);
            }
            if self.owners.get(at).is_none_or(Set::is_clear) {
                judgement.unowned.insert(thing.id);
            }
        }
        let told = self.told();
        let mut fates = Vec::with_capacity(count);
        for ((at, operation), allowed) in self.table.operations.iter().enumerate().zip(&allowed) {
            let fate = self.fates(operation, allowed, freeable.contains(at), &told, all);
            judgement.claims.insert(operation.id, fate.claim());
            fates.push(fate);
            if !allowed.is_disjoint(&asked) {
                judgement.candidates.insert(operation.id);
            }
            if operation.kind.makes_card() {
                let cards = self.cards(operation, allowed);
                judgement.cards.insert(operation.id, cards);
            }
            if !freeable.contains(at) {
                judgement.done.insert(operation.id);
                let own = matching.thing_of.get(&at);
                if let Some(thing) = own.and_then(|at| self.things.get(*at)) {
                    judgement.done_things.insert(thing.id);
                    if allowed.count_ones(..) == 1 {
                        judgement.owner_of.insert(thing.id, operation.id);
                    }
                }
            }
        }
        let explanation = Explanation {
            group: self,
            told: &told,
            matching: &matching,
            exchanges: &exchanges,
            block_of: &block_of,
        };
        explanation.by_count(&allowed, &fates, judgement);
    }

    fn no_things(&self) -> Set {
        Set::with_capacity(self.things.len())
    }

    fn told(&self) -> Told {
        let which = |fits: &dyn Fn(&Thing) -> bool| {
            let mut set = self.no_things();
            for (at, thing) in self.things.iter().enumerate() {
                set.set(at, fits(thing));
            }
            set
        };
        Told {
            succeeded: which(&|thing| thing.succeeded && !thing.failed),
            failed: which(&|thing| thing.failed && !thing.succeeded),
            both: which(&Thing::is_told_both_ways),
        }
    }

    fn alike(&self, matching: &Matching) -> HashMap<&Set, Alike> {
        let mut classes: HashMap<&Set, Alike> = HashMap::new();
        for (at, owners) in self.owners.iter().enumerate() {
            let class = classes.entry(owners).or_insert_with(|| Alike {
                things: self.no_things(),
                holders: Set::with_capacity(self.table.len() + 1),
            });
            class.things.insert(at);
            if let Some(owner) = matching.owner_of.get(&at) {
                class.holders.insert(*owner);
            }
        }
        classes
    }

    /// The operations that own nothing in some explanation: that have nothing, or can hand on what they have to one that can.
    fn freeable(&self, matching: &Matching, owned_by: &[Set]) -> Set {
        let mut freeable = self.table.none();
        for at in 0..self.table.len() {
            freeable.set(at, !matching.thing_of.contains_key(&at));
        }
        let mut ours = self.no_things();
        ours.extend(self.ours.iter().copied());
        let mut queue: Vec<usize> = freeable.ones().collect();
        while let Some(at) = queue.pop() {
            let Some(things) = owned_by.get(at) else {
                continue;
            };
            let new: Vec<usize> = in_both(things, &ours).collect();
            for thing in new {
                ours.set(thing, false);
                if let Some(owner) = matching.owner_of.get(&thing)
                    && !freeable.put(*owner)
                {
                    queue.push(*owner);
                }
            }
        }
        freeable
    }

    /// Who may take what others have. The last node stands for nobody: for who has nothing, and for strangers.
    fn exchanges(&self, matching: &Matching, alike: &HashMap<&Set, Alike>) -> Exchanges {
        let nobody = self.table.len();
        let mut from = vec![Set::with_capacity(nobody + 1); nobody + 1];
        let mut to = from.clone();
        for (owners, alike) in alike {
            for owner in owners.ones() {
                if let Some(from) = from.get_mut(owner) {
                    from.union_with(&alike.holders);
                }
            }
        }
        let mut from_nobody = Set::with_capacity(nobody + 1);
        let mut to_nobody = from_nobody.clone();
        for (at, to) in to.iter_mut().enumerate().take(nobody) {
            match matching
                .thing_of
                .get(&at)
                .and_then(|thing| self.owners.get(*thing))
            {
                Some(owners) => {
                    to.union_with(owners);
                    to.set(at, false);
                    from_nobody.insert(at);
                }
                None => {
                    to.insert(nobody);
                    to_nobody.insert(at);
                }
            }
        }
        for owners in self.optional().filter_map(|thing| self.owners.get(thing)) {
            from_nobody.union_with(owners);
        }
        for at in from_nobody.ones() {
            if let Some(from) = from.get_mut(at) {
                from.insert(nobody);
            }
        }
        if let (Some(to), Some(from)) = (to.get_mut(nobody), from.get_mut(nobody)) {
            *to = from_nobody;
            *from = to_nobody;
        }
        Exchanges { to, from }
    }

    /// The things that may be a stranger's.
    pub(super) fn optional(&self) -> impl Iterator<Item = usize> {
        (0..self.things.len()).filter(|at| self.ours.binary_search(at).is_err())
    }

    fn fates(
        &self,
        operation: &TrackedOperation,
        allowed: &Set,
        freeable: bool,
        told: &Told,
        all: &HashMap<ThingId, &Thing>,
    ) -> Fates {
        let mut fates = Fates::default();
        let owns = |what: &Set| !allowed.is_disjoint(what);
        if let Some(found) = operation.found {
            let (as_found, otherwise) = told.as_is_and_otherwise(found.succeeded);
            fates.contradicted = owns(otherwise) || owns(&told.both);
            if freeable || owns(as_found) {
                fates.add(found.succeeded);
            }
            // What is said of that very transaction counts, whoever may own it.
            if let Some(id) = found.transaction_id.map(ThingId::Transaction)
                && let Some(thing) = all.get(&id)
                && (thing.foreign
                    || thing.succeeded != found.succeeded
                    || thing.failed == found.succeeded
                    || !self.may_own(operation.id, id))
            {
                fates = Fates {
                    contradicted: true,
                    ..Fates::default()
                };
            }
        } else if operation.refused || operation.withdrawn {
            fates.failed = true;
        } else {
            fates.succeeded = owns(&told.succeeded);
            fates.failed = owns(&told.failed) || freeable && operation.is_final;
            fates.contradicted = owns(&told.both);
            fates.open = freeable && !operation.is_final;
        }
        fates
    }

    fn may_own(&self, operation: OperationId, id: ThingId) -> bool {
        let thing = self.things.iter().position(|thing| thing.id == id);
        thing
            .and_then(|at| self.owners.get(at))
            .is_some_and(|owners| {
                owners
                    .ones()
                    .filter_map(|at| self.table.operations.get(at))
                    .any(|owner| owner.id == operation)
            })
    }

    fn cards(&self, operation: &TrackedOperation, allowed: &Set) -> Vec<CardId> {
        if let Some(card) = operation.found.and_then(|found| found.card_id) {
            return vec![card];
        }
        let mut cards: Vec<CardId> = allowed
            .ones()
            .filter_map(|at| self.things.get(at))
            .filter(|thing| thing.succeeded)
            .flat_map(|thing| thing.cards.iter().copied())
            .take(MOST_CARDS)
            .collect();
        cards.sort_unstable();
        cards.dedup();
        cards
    }
}

/// So many of the cards that an operation may have made stand in its row: the first of them are asked for first.
const MOST_CARDS: usize = 64;
