//! Matchings between things and operations, and what all of them have in common.
//!
//! An explanation of the evidence gives each thing its own operation. What is the same in all explanations is certain. One
//! matching is enough to tell: every other one differs from it by exchanges along alternating paths and cycles.

use std::collections::HashMap;
use std::collections::VecDeque;

use super::owners::Set;
use super::sets::{in_both, in_first_only};

/// One owner for each of some things, no operation twice.
#[derive(Clone, Default)]
pub(super) struct Matching {
    /// The operation of a thing.
    pub(super) owner_of: HashMap<usize, usize>,
    /// The thing of an operation.
    pub(super) thing_of: HashMap<usize, usize>,
}

impl Matching {
    fn give(&mut self, thing: usize, operation: usize) {
        self.owner_of.insert(thing, operation);
        self.thing_of.insert(operation, thing);
    }
}

/// A matching of as many of the wanted things as can be, and the things that some such matching leaves out.
pub(super) fn largest(owners: &[Set], wanted: &[usize], count: usize) -> (Matching, Vec<usize>) {
    let mut matching = Matching::default();
    let mut free = Set::with_capacity(count);
    free.toggle_range(..count);
    let mut left = Vec::new();
    for thing in wanted {
        match owners
            .get(*thing)
            .and_then(|owners| in_both(owners, &free).next())
        {
            Some(operation) => {
                matching.give(*thing, operation);
                free.set(operation, false);
            }
            None => left.push(*thing),
        }
    }
    left.retain(|thing| !augment(owners, &mut matching, *thing, count));
    // What is left out may be exchanged for whatever an alternating path from it leads to.
    let mut over = left.clone();
    let mut queue = VecDeque::from(left);
    let mut seen = Set::with_capacity(count);
    while let Some(thing) = queue.pop_front() {
        let Some(owners) = owners.get(thing) else {
            continue;
        };
        let new: Vec<usize> = in_first_only(owners, &seen).collect();
        for operation in new {
            seen.insert(operation);
            if let Some(other) = matching.thing_of.get(&operation)
                && !over.contains(other)
            {
                over.push(*other);
                queue.push_back(*other);
            }
        }
    }
    (matching, over)
}

/// Matches one more thing, along a shortest path of exchanges; whether there is one.
fn augment(owners: &[Set], matching: &mut Matching, thing: usize, count: usize) -> bool {
    let mut reached_from: HashMap<usize, usize> = HashMap::new();
    let mut seen = Set::with_capacity(count);
    let mut queue = VecDeque::from([thing]);
    while let Some(at) = queue.pop_front() {
        let Some(owners) = owners.get(at) else {
            continue;
        };
        let new: Vec<usize> = in_first_only(owners, &seen).collect();
        for operation in new {
            seen.insert(operation);
            reached_from.insert(operation, at);
            let Some(next) = matching.thing_of.get(&operation) else {
                // Free: everybody on the path takes the next one.
                let mut operation = Some(operation);
                while let Some(free) = operation {
                    let Some(taker) = reached_from.get(&free).copied() else {
                        return false;
                    };
                    operation = matching.owner_of.get(&taker).copied();
                    matching.give(taker, free);
                }
                return true;
            };
            queue.push_back(*next);
        }
    }
    false
}

/// Who may have what others have: from each node (an operation, and one more for "nobody") an edge to each that may take what
/// it has.
pub(super) struct Exchanges {
    pub(super) to: Vec<Set>,
    pub(super) from: Vec<Set>,
}

impl Exchanges {
    /// The nodes from which, and to which, exchanges lead around: those of a block can hand on what they have in a circle.
    pub(super) fn blocks(&self) -> Vec<usize> {
        let count = self.to.len();
        let mut left = Set::with_capacity(count);
        left.toggle_range(..count);
        let mut block_of = vec![0; count];
        for root in self.by_end_of_search().into_iter().rev() {
            if !left.contains(root) {
                continue;
            }
            left.set(root, false);
            let mut queue = vec![root];
            while let Some(node) = queue.pop() {
                if let Some(block) = block_of.get_mut(node) {
                    *block = root;
                }
                let Some(from) = self.from.get(node) else {
                    continue;
                };
                let new: Vec<usize> = in_both(from, &left).collect();
                for node in new {
                    left.set(node, false);
                    queue.push(node);
                }
            }
        }
        block_of
    }

    /// The nodes in the order in which a depth-first search leaves them (Kosaraju's algorithm).
    fn by_end_of_search(&self) -> Vec<usize> {
        let count = self.to.len();
        let mut seen = Set::with_capacity(count);
        let mut order = Vec::with_capacity(count);
        for root in 0..count {
            if seen.put(root) {
                continue;
            }
            let mut stack = vec![root];
            while let Some(node) = stack.last() {
                match self
                    .to
                    .get(*node)
                    .and_then(|to| in_first_only(to, &seen).next())
                {
                    Some(next) => {
                        seen.insert(next);
                        stack.push(next);
                    }
                    None => order.extend(stack.pop()),
                }
            }
        }
        order
    }
}
