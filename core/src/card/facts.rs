//! What a card's state keeps: what was said of the card, and when. Whatever the order in which it came, the same is left.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::CardStatus;
use crate::amount::{Amount, Currency};
use crate::json::Extra;
use crate::time::Timestamp;

/// How far the caller's clock may be ahead of the vendor's.
const CLOCKS_MS: i64 = 5 * 60 * 1000;

/// How many things that were said of the same millisecond can be told apart. One more is kept, which says that there were more.
const MOST: usize = 16;

/// What was said of a card's status.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct KnownStatus {
    /// The status. Missing where an application for a virtual card succeeded: that is TBA or ACTIVE, as the template's
    /// `needs_activation` says.
    pub status: Option<CardStatus>,
    /// When that was so: by the vendor's clock if an event said it, by the caller's if it was observed.
    pub as_of: Timestamp,
    /// Whether the API answered so when it was asked. Otherwise an event said it.
    pub observed: bool,
    /// Fields that a newer version stored, as they came.
    #[serde(flatten)]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub extra: Extra,
}

/// A card's balance, as an event said it.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct KnownBalance {
    /// The whole balance, in major units.
    pub amount: Amount,
    /// What can be spent of it.
    pub available: Amount,
    /// The currency.
    pub currency: Currency,
    /// When that was so.
    pub as_of: Timestamp,
    /// What could be spent before. It tells which of two events of the same millisecond is the later one.
    pub before_available: Option<Amount>,
    /// Fields that a newer version stored, as they came.
    #[serde(flatten)]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub extra: Extra,
}

/// Something that was said. What is superseded is superseded by whatever supersedes that, too: so the order doesn't matter.
pub(super) trait Fact: Sized {
    /// Whether this makes the other one worthless, for sure and for ever.
    fn supersedes(&self, other: &Self) -> bool;
    /// Equal for two that say the same.
    fn order(&self, other: &Self) -> Ordering;
    /// Takes over what the same fact has elsewhere beside what it says.
    fn absorb(&mut self, same: Self);
    /// Those that are counted together.
    fn group(&self) -> bool;
}

/// Takes a fact in, and drops what it supersedes.
pub(super) fn take<F: Fact>(facts: &mut Vec<F>, new: F) {
    if facts.iter().any(|known| known.supersedes(&new)) {
        return;
    }
    facts.retain(|known| !new.supersedes(known));
    match facts.binary_search_by(|known| known.order(&new)) {
        Ok(at) => {
            if let Some(known) = facts.get_mut(at) {
                known.absorb(new);
            }
        }
        Err(at) => facts.insert(at, new),
    }
    // Always the first ones in order, so that it doesn't matter when the others came.
    let mut count = [0, 0];
    facts.retain(|fact| {
        let [no, yes] = &mut count;
        let count = if fact.group() { yes } else { no };
        *count += 1;
        *count <= MOST + 1
    });
}

impl KnownStatus {
    fn is_closed(&self) -> bool {
        self.status == Some(CardStatus::Closed)
    }

    /// Whether this comes later in a card's life, where that is certain: nothing leads back to where a card is issued or TBA.
    pub(super) fn is_later_in_life(&self, other: &Self) -> bool {
        let stage = |known: &Self| match &known.status {
            None => Some(0),
            Some(CardStatus::ToBeActivated) => Some(1),
            Some(CardStatus::Active | CardStatus::Locked) => Some(2),
            Some(CardStatus::Closed) => Some(3),
            Some(CardStatus::Other(_)) => None,
        };
        stage(self)
            .zip(stage(other))
            .is_some_and(|(this, other)| this > other)
    }
}

impl Fact for KnownStatus {
    fn supersedes(&self, other: &Self) -> bool {
        match (self.is_closed(), other.is_closed()) {
            (true, false) => return true,
            (false, true) => return false,
            _ => {}
        }
        let ahead = if self.observed && !other.observed {
            CLOCKS_MS
        } else {
            0
        };
        let is_one_clock = self.observed == other.observed;
        self.as_of > other.as_of.after(ahead)
            || (is_one_clock && self.as_of == other.as_of && self.is_later_in_life(other))
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |known: &Self| (known.observed, known.as_of);
        key(self)
            .cmp(&key(other))
            .then_with(|| self.status.cmp(&other.status))
    }

    fn absorb(&mut self, same: Self) {
        self.extra.absorb(same.extra);
    }

    fn group(&self) -> bool {
        self.observed
    }
}

impl KnownBalance {
    /// Whether it says the same balance, from whatever it came.
    fn is_as(&self, other: &Self) -> bool {
        (self.amount, self.available, &self.currency)
            == (other.amount, other.available, &other.currency)
    }

    /// Whether this event began where the other one ended.
    fn follows(&self, other: &Self) -> bool {
        self.before_available == Some(other.available) && self.currency == other.currency
    }
}

impl Fact for KnownBalance {
    fn supersedes(&self, other: &Self) -> bool {
        self.as_of > other.as_of
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |known: &Self| {
            (
                known.as_of,
                known.available,
                known.amount,
                known.before_available,
            )
        };
        key(self)
            .cmp(&key(other))
            .then_with(|| self.currency.cmp(&other.currency))
    }

    fn absorb(&mut self, same: Self) {
        // 1.0 and 1.00 are the same amount. That with more decimals stays.
        let longer = |a: Amount, b: Amount| {
            if b.to_string().len() > a.to_string().len() {
                b
            } else {
                a
            }
        };
        self.amount = longer(self.amount, same.amount);
        self.available = longer(self.available, same.available);
        self.before_available = self
            .before_available
            .zip(same.before_available)
            .map(|(a, b)| longer(a, b));
        self.extra.absorb(same.extra);
    }

    fn group(&self) -> bool {
        false
    }
}

/// Those that nothing supersedes.
pub(super) fn newest<F: Fact>(facts: &[F]) -> Vec<&F> {
    let is_newest = |fact: &&F| !facts.iter().any(|other| other.supersedes(fact));
    facts.iter().filter(is_newest).collect()
}

/// The balances that may be the last one, each once: several if it can't be told.
pub(super) fn last_balances(known: &[KnownBalance]) -> Vec<&KnownBalance> {
    let newest = newest(known);
    if newest.len() > MOST {
        return newest;
    }
    let is_among = |facts: &[&KnownBalance], fact| facts.iter().any(|one| std::ptr::eq(*one, fact));
    // It and all that came after it, step by step.
    let from = |first| {
        let mut chain = vec![first];
        let mut at = 0;
        while let Some(here) = chain.get(at).copied() {
            at += 1;
            for next in newest.iter().copied() {
                if next.follows(here) && !is_among(&chain, next) {
                    chain.push(next);
                }
            }
        }
        chain
    };
    let mut last: Vec<&KnownBalance> = Vec::new();
    for fact in newest.iter().copied() {
        // In a circle, each comes after each.
        let is_last = from(fact)
            .into_iter()
            .all(|later| is_among(&from(later), fact));
        if is_last && !last.iter().any(|other| other.is_as(fact)) {
            last.push(fact);
        }
    }
    last
}
