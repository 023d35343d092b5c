//! Operations that nothing tells apart, and how many of them succeeded.

use std::collections::HashMap;

use super::judge::{Claim, Fates, Judgement, Prepared, Told};
use super::matching::{Exchanges, Matching};
use super::operation::TrackedKind;
use super::owners::Set;
use crate::amount::Amount;
use crate::ids::{CardId, TemplateId, UserId};

/// What makes operations the same to everybody, at BananaTech and here.
#[derive(PartialEq, Eq, Hash)]
struct Twins {
    kind: TrackedKind,
    user_id: Option<UserId>,
    card_id: Option<CardId>,
    template_id: Option<TemplateId>,
    amount: Option<Amount>,
    deposit_amount: Option<Amount>,
    things: Set,
}

/// One explanation, and the exchanges that lead to all others.
pub(super) struct Explanation<'a> {
    pub(super) group: &'a Prepared<'a>,
    pub(super) told: &'a Told,
    pub(super) matching: &'a Matching,
    pub(super) exchanges: &'a Exchanges,
    pub(super) block_of: &'a [usize],
}

impl Explanation<'_> {
    /// Outcomes of twins: nothing tells one from the other, anywhere. Where all explanations agree on how many of them succeeded,
    /// and all ended, who is who has no meaning, and the outcomes are given in order.
    pub(super) fn by_count(&self, allowed: &[Set], fates: &[Fates], judgement: &mut Judgement) {
        let operations = &self.group.table.operations;
        let mut twins: HashMap<Twins, Vec<usize>> = HashMap::new();
        for (((at, operation), things), fates) in
            operations.iter().enumerate().zip(allowed).zip(fates)
        {
            // Assignments have card numbers.
            if operation.kind != TrackedKind::Assign
                && operation.found.is_none()
                && fates.claim() == Claim::Open
                && fates.has_ended()
            {
                let key = Twins {
                    kind: operation.kind,
                    user_id: operation.user_id,
                    card_id: operation.card_id,
                    template_id: operation.template_id,
                    amount: operation.amount,
                    deposit_amount: operation.deposit_amount,
                    things: things.clone(),
                };
                twins.entry(key).or_default().push(at);
            }
        }
        for group in twins.into_values() {
            let mut members = Set::with_capacity(operations.len() + 1);
            members.extend(group.iter().copied());
            if group.len() < 2 || !self.count_is_certain(&members) {
                continue;
            }
            let won = group.iter().filter(|at| self.wins(**at)).count();
            // The table is in the order of `seq`.
            let group = group.iter().filter_map(|at| operations.get(*at));
            for (place, operation) in group.enumerate() {
                let claim = if place < won {
                    Claim::Succeeded
                } else {
                    Claim::Failed
                };
                judgement.claims.insert(operation.id, claim);
                judgement.by_count.insert(operation.id);
            }
        }
    }

    fn wins(&self, operation: usize) -> bool {
        let thing = self.matching.thing_of.get(&operation);
        thing.is_some_and(|thing| self.told.succeeded.contains(*thing))
    }

    /// Whether the number of successes among some operations is the same in all explanations: whether every circle of exchanges
    /// keeps it. Then each node has a level: what is gained on the way to it, whichever way that is.
    fn count_is_certain(&self, members: &Set) -> bool {
        let nobody = self.group.table.len();
        let spare: Vec<&Set> = self
            .group
            .optional()
            .filter(|at| self.told.succeeded.contains(*at))
            .filter_map(|at| self.group.owners.get(at))
            .collect();
        let mut done = Set::with_capacity(nobody + 1);
        for root in 0..=nobody {
            if done.contains(root) {
                continue;
            }
            let mut block = Set::with_capacity(nobody + 1);
            for (at, other) in self.block_of.iter().enumerate() {
                block.set(at, self.block_of.get(root) == Some(other));
            }
            let mut seen = Set::with_capacity(nobody + 1);
            seen.insert(root);
            let mut levels: HashMap<i32, Set> = HashMap::from([(0, seen.clone())]);
            let mut queue = vec![(root, 0)];
            while let Some((node, level)) = queue.pop() {
                let win = i32::from(node != nobody && self.wins(node));
                let lost = if members.contains(node) { win } else { 0 };
                let mut steps: Vec<(&Set, i32)> = self
                    .exchanges
                    .to
                    .get(node)
                    .map(|to| (to, win))
                    .into_iter()
                    .collect();
                if node == nobody {
                    steps.extend(spare.iter().map(|owners| (*owners, 1)));
                }
                for (to, win) in steps {
                    let mut part = block.clone();
                    part.intersect_with(to);
                    for (inside, gained) in [(true, win), (false, 0)] {
                        let mut part = part.clone();
                        if inside {
                            part.intersect_with(members);
                        } else {
                            part.difference_with(members);
                        }
                        let at = level + gained - lost;
                        let known = levels
                            .entry(at)
                            .or_insert_with(|| Set::with_capacity(nobody + 1));
                        let mut elsewhere = part.clone();
                        elsewhere.difference_with(known);
                        if !elsewhere.is_disjoint(&seen) {
                            return false;
                        }
                        part.difference_with(&seen);
                        known.union_with(&part);
                        seen.union_with(&part);
                        queue.extend(part.ones().map(|next| (next, at)));
                    }
                }
            }
            done.union_with(&block);
        }
        true
    }
}
