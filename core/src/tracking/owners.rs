//! Who may own a thing.

use std::collections::HashMap;

use fixedbitset::FixedBitSet;

use super::assumptions::Assumptions;
use super::evidence::{Kinds, Thing, ThingId};
use super::operation::{TrackedKind, TrackedOperation};
use crate::amount::Amount;
use crate::ids::{CardId, TemplateId, UserId};
use crate::time::Timestamp;

/// A set of operations, by their place in the table.
pub(super) type Set = FixedBitSet;

/// By what was known, and what is left out of account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// By all that is known.
    Now,
    /// By what was known when each was sent, whatever was found out since: later facts never make evidence a stranger's.
    AsSent,
    /// The same, whatever the clocks say.
    AsSentWithoutClocks,
}

/// Operations that evidence may be about, prepared so that the possible owners of a thing are an intersection of sets.
pub(super) struct Table<'r> {
    pub(super) operations: Vec<&'r TrackedOperation>,
    tolerance_ms: i64,
    kinds: [Set; TrackedKind::ALL.len()],
    users: HashMap<Option<UserId>, Set>,
    cards: HashMap<Option<CardId>, Set>,
    templates: HashMap<Option<TemplateId>, Set>,
    /// Neither refused nor withdrawn.
    sent: Set,
    /// Found with a transaction, and which.
    with_transaction: Set,
    transactions: HashMap<ThingId, usize>,
    /// Found without a transaction.
    found_succeeded: Set,
    found_failed: Set,
    /// Of these: found with the card that came into being.
    found_with_card: Set,
    /// All found with the card that came into being, and which card.
    new_cards: HashMap<CardId, usize>,
    by_seq: Order<u64>,
    by_sent_at: Order<Timestamp>,
    by_amount: Order<Amount>,
    by_least: Order<Amount>,
    by_until: Order<Timestamp>,
    by_final_seq: Order<u64>,
}

impl<'r> Table<'r> {
    pub(super) fn new(
        mut operations: Vec<&'r TrackedOperation>,
        assumptions: &Assumptions,
    ) -> Self {
        operations.sort_unstable_by_key(|operation| (operation.seq, operation.id));
        let count = operations.len();
        let empty = || Set::with_capacity(count);
        let which = |fits: &dyn Fn(&TrackedOperation) -> bool| {
            let mut set = empty();
            for (at, operation) in operations.iter().enumerate() {
                set.set(at, fits(operation));
            }
            set
        };
        let found = |operation: &TrackedOperation, succeeded| {
            operation
                .found
                .is_some_and(|found| found.transaction_id.is_none() && found.succeeded == succeeded)
        };
        let new_card = |operation: &TrackedOperation| {
            let found = operation.found.filter(|_| operation.kind.makes_card())?;
            found.card_id
        };
        let mut table = Self {
            tolerance_ms: assumptions.clock_tolerance_ms,
            kinds: std::array::from_fn(|at| {
                which(&|operation| TrackedKind::ALL.get(at) == Some(&operation.kind))
            }),
            users: HashMap::new(),
            cards: HashMap::new(),
            templates: HashMap::new(),
            sent: which(&|operation| !operation.refused && !operation.withdrawn),
            with_transaction: which(&|operation| {
                operation
                    .found
                    .is_some_and(|found| found.transaction_id.is_some())
            }),
            transactions: HashMap::new(),
            found_succeeded: which(&|operation| found(operation, true)),
            found_failed: which(&|operation| found(operation, false)),
            found_with_card: which(&|operation| {
                new_card(operation).is_some()
                    && operation
                        .found
                        .is_some_and(|found| found.transaction_id.is_none())
            }),
            new_cards: HashMap::new(),
            by_seq: Order::new(&operations, |operation| operation.seq),
            by_sent_at: Order::new(&operations, |operation| operation.sent_at),
            by_amount: Order::new(&operations, |operation| {
                operation.amount.unwrap_or(Amount::ZERO)
            }),
            by_least: Order::new(&operations, |operation| {
                operation.least.unwrap_or(Amount::ZERO)
            }),
            by_until: Order::new(&operations, |operation| {
                operation.until.unwrap_or(Timestamp::from_millis(i64::MAX))
            }),
            by_final_seq: Order::new(&operations, |operation| {
                operation.final_seq.unwrap_or(u64::MAX)
            }),
            operations,
        };
        for (at, operation) in table.operations.iter().enumerate() {
            let add = |set: &mut Set| {
                set.grow(count);
                set.insert(at);
            };
            add(table.users.entry(operation.user_id).or_default());
            add(table.cards.entry(operation.card_id).or_default());
            add(table.templates.entry(operation.template_id).or_default());
            if let Some(transaction) = operation.found.and_then(|found| found.transaction_id) {
                table
                    .transactions
                    .insert(ThingId::Transaction(transaction), at);
            }
            if let Some(card) = new_card(operation) {
                table.new_cards.insert(card, at);
            }
        }
        table
    }

    pub(super) fn len(&self) -> usize {
        self.operations.len()
    }

    pub(super) fn none(&self) -> Set {
        Set::with_capacity(self.len())
    }

    fn only(&self, at: Option<&usize>) -> Set {
        let mut set = self.none();
        if let Some(at) = at {
            set.insert(*at);
        }
        set
    }

    fn kind(&self, kind: TrackedKind) -> Option<&Set> {
        self.kinds
            .iter()
            .zip(TrackedKind::ALL)
            .find_map(|(set, of)| (*of == kind).then_some(set))
    }

    fn of_kinds(&self, kinds: Kinds) -> Set {
        let mut set = self.none();
        for (of, kind) in self.kinds.iter().zip(TrackedKind::ALL) {
            if kinds.has(*kind) {
                set.union_with(of);
            }
        }
        set
    }

    /// The operations of these kinds, and whether they all are: what isn't in the set isn't held to the other condition.
    fn narrow<'a>(&self, set: &mut Set, kinds: Kinds, fitting: impl IntoIterator<Item = &'a Set>) {
        let mut allowed = self.of_kinds(kinds);
        allowed.toggle_range(..self.len());
        for one in fitting {
            allowed.union_with(one);
        }
        set.intersect_with(&allowed);
    }

    /// The operations that may own a thing. All of these must hold: the kind; not refused or withdrawn; sent before it was first
    /// seen; occurred not before it was sent, nor after the last time that its event may have; the user and card that it names;
    /// the template, for an application; between the least and the whole amount, for a recharge; and what was found by asking.
    pub(super) fn owners(&self, thing: &Thing, known: Known) -> Set {
        let mut set = self.of_kinds(thing.kinds);
        if known == Known::Now {
            set.intersect_with(&self.sent);
        }
        set.intersect_with(self.by_seq.up_to(thing.seq));
        if let Some(earliest) = thing.earliest
            && known != Known::AsSentWithoutClocks
        {
            set.intersect_with(self.by_sent_at.up_to(earliest.after(self.tolerance_ms)));
        }
        if let Some(latest) = thing.latest
            && known == Known::Now
        {
            set.intersect_with(&self.by_until.at_least(latest));
        }
        for user in &thing.users {
            intersect(&mut set, self.users.get(&Some(*user)));
        }
        for card in &thing.cards {
            let of_card = Kinds::of(TrackedKind::ALL).without(Kinds::NEW_CARD);
            self.narrow(&mut set, of_card, self.cards.get(&Some(*card)));
        }
        for template in &thing.templates {
            let fitting = [Some(*template), None].map(|id| self.templates.get(&id));
            let apply = Kinds::of(&[TrackedKind::Apply]);
            self.narrow(&mut set, apply, fitting.into_iter().flatten());
        }
        if let Some(most) = thing.most {
            let mut fitting = self.by_amount.at_least(most);
            if let Some(least) = thing.least {
                fitting.intersect_with(self.by_least.up_to(least));
            }
            let recharge = Kinds::of(&[TrackedKind::Recharge]);
            self.narrow(&mut set, recharge, [&fitting]);
        }
        if known == Known::Now {
            set.intersect_with(&self.not_found_to_be_another(thing));
        }
        set
    }

    /// What the API didn't show won't be carried out, so a success that is first seen later is another's. Nothing is left if there is no other.
    pub(super) fn may_still_come(&self, thing: &Thing, owners: &Set) -> Set {
        let mut others = owners.clone();
        if thing.succeeded {
            others.intersect_with(&self.by_final_seq.at_least(thing.seq));
        }
        others
    }

    /// Those that weren't found to be something else.
    fn not_found_to_be_another(&self, thing: &Thing) -> Set {
        let mut set = self.none();
        set.toggle_range(..self.len());
        set.difference_with(&self.with_transaction);
        if thing.failed {
            set.difference_with(&self.found_succeeded);
        }
        if thing.succeeded {
            set.difference_with(&self.found_failed);
        }
        let other_card = |card: Option<&usize>| {
            let mut others = self.found_with_card.clone();
            if let Some(at) = card {
                others.set(*at, false);
            }
            others
        };
        for card in &thing.cards {
            set.difference_with(&other_card(self.new_cards.get(card)));
        }
        if thing.without_card {
            set.difference_with(&other_card(None));
        }
        if let Some(own) = self.transactions.get(&thing.id) {
            set.insert(*own);
        }
        set
    }

    /// Takes out those that can't be a thing's owner since another one was found to be.
    pub(super) fn exclude_by_claims(&self, thing: &Thing, set: &mut Set) {
        if let Some(owner) = self.transactions.get(&thing.id) {
            set.intersect_with(&self.only(Some(owner)));
        }
        if thing.succeeded && thing.kinds.meets(Kinds::NEW_CARD) {
            for card in &thing.cards {
                if let Some(owner) = self.new_cards.get(card) {
                    self.narrow(set, Kinds::NEW_CARD, [&self.only(Some(owner))]);
                }
            }
        }
    }

    /// The kinds of these operations.
    pub(super) fn kinds_of(&self, set: &Set) -> Kinds {
        let mut kinds = Kinds::default();
        for kind in TrackedKind::ALL {
            if self.kind(*kind).is_some_and(|of| !of.is_disjoint(set)) {
                kinds = kinds.or(Kinds::of(&[*kind]));
            }
        }
        kinds
    }
}

fn intersect(set: &mut Set, with: Option<&Set>) {
    match with {
        Some(with) => set.intersect_with(with),
        None => set.clear(),
    }
}

/// Operations by a value, with the set of those up to each place.
struct Order<T> {
    values: Vec<T>,
    up_to: Vec<Set>,
}

impl<T: Ord + Copy> Order<T> {
    fn new(operations: &[&TrackedOperation], value: impl Fn(&TrackedOperation) -> T) -> Self {
        let mut places: Vec<(T, usize)> = operations
            .iter()
            .enumerate()
            .map(|(at, operation)| (value(operation), at))
            .collect();
        places.sort_unstable();
        let mut set = Set::with_capacity(operations.len());
        let mut up_to = vec![set.clone()];
        for (_, at) in &places {
            set.insert(*at);
            up_to.push(set.clone());
        }
        Self {
            values: places.into_iter().map(|(value, _)| value).collect(),
            up_to,
        }
    }

    fn before(&self, count: usize) -> &Set {
        static NONE: Set = Set::new();
        self.up_to.get(count).unwrap_or(&NONE)
    }

    /// Those whose value is at most this.
    fn up_to(&self, value: T) -> &Set {
        self.before(self.values.partition_point(|known| *known <= value))
    }

    /// Those whose value is at least this.
    fn at_least(&self, value: T) -> Set {
        let less = self.values.partition_point(|known| *known < value);
        let mut set = self.before(self.values.len()).clone();
        set.difference_with(self.before(less));
        set
    }
}
