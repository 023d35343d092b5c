//! What a transaction has for itself: no other reads or changes rows with the same keys until it ends.

use std::collections::BTreeSet;

use bananatech_core::{Key, OperationId};

/// The locks that a transaction holds, or has to hold.
///
/// They are always taken in one order: the reference, the operation, then what all assignments share, then the keys. Evidence that may be about any
/// user's assignment has all users' new cards for itself. Everything else about new cards shares that lock, and has its user for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Locks {
    /// Of a request that is made: no other is made with it at the same time, whatever it is about.
    pub(crate) reference: Option<String>,
    pub(crate) operation: Option<OperationId>,
    pub(crate) keys: BTreeSet<Key>,
}

impl Locks {
    pub(crate) fn of(operation: Option<OperationId>, keys: impl IntoIterator<Item = Key>) -> Self {
        let keys = keys.into_iter().collect();
        Self {
            reference: None,
            operation,
            keys,
        }
    }

    pub(crate) fn with_reference(mut self, reference: Option<&str>) -> Self {
        self.reference = reference.map(str::to_owned);
        self
    }

    /// Whether rows with this key may be read and changed.
    pub(crate) fn cover(&self, key: Key) -> bool {
        self.keys.contains(&key) || matches!(key, Key::User(_)) && self.keys.contains(&Key::Assign)
    }

    /// Whether what all assignments share is needed, and whether alone.
    pub(crate) fn assignments(&self) -> Option<Assignments> {
        if self.keys.contains(&Key::Assign) {
            return Some(Assignments::Alone);
        }
        let users = self.keys.iter().any(|key| matches!(key, Key::User(_)));
        users.then_some(Assignments::Shared)
    }
}

/// How much of all assignments a transaction has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assignments {
    Shared,
    Alone,
}
