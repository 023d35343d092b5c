//! What an operation's row takes over from a judgement.

use std::mem;

use super::evidence::{Thing, reason_code};
use super::judge::{Claim, Judgement};
use super::operation::{Found, Outcome, TrackedOperation};
use crate::personal::Personal;
use crate::time::Timestamp;

/// After it was found out how an operation ended, its event may still be on its way. It won't have occurred later than this.
const LATEST_EVENT_MS: i64 = 24 * 60 * 60 * 1000;

impl Found {
    /// Only whether it was carried out.
    pub(super) const fn outcome(succeeded: bool) -> Self {
        Self {
            succeeded,
            transaction_id: None,
            card_id: None,
        }
    }
}

impl TrackedOperation {
    /// Whether it is for the API, or a person, to tell how it ended.
    pub(super) const fn is_asked_for(&self) -> bool {
        (self.outcome.is_none() || self.doubted) && !self.contradicted
    }

    /// Whether what was found says the same as what is settled, and says it first.
    pub(super) fn confirms(&self, found: Found) -> bool {
        let outcome = self.outcome.as_ref().map(Outcome::succeeded);
        outcome == Some(found.succeeded) && self.found.is_none() && !self.contradicted
    }

    /// Whether it made a card, and it isn't certain which.
    pub(super) fn lacks_card(&self) -> bool {
        self.kind.makes_card() && matches!(self.outcome, Some(Outcome::Succeeded { card_id: None }))
    }

    pub(super) fn find(&mut self, found: Found, at: Timestamp) {
        self.found = Some(found);
        self.until = Some(at.after(LATEST_EVENT_MS));
    }

    /// Takes over what is certain now, with the thing that is its own. Returns the outcome if it became certain now.
    pub(super) fn conclude(
        &mut self,
        after: &Judgement,
        own: Option<&Thing>,
        reason: Option<Personal>,
    ) -> Option<Outcome> {
        if self.kind.makes_card() {
            self.cards = after.cards.get(&self.id).cloned().unwrap_or_default();
        }
        self.done = after.done.contains(&self.id);
        (self.transaction_id, self.receive_amount) = (None, None);
        let succeeded = match after.claims.get(&self.id)? {
            Claim::Open => {
                self.doubted |= self.outcome.is_some();
                return None;
            }
            Claim::Contradicted => {
                self.contradicted = true;
                return None;
            }
            Claim::Succeeded => true,
            Claim::Failed => false,
        };
        let told = self.outcome.as_ref().map(Outcome::succeeded);
        if told.is_some_and(|told| told != succeeded) {
            self.contradicted = true;
            return None;
        }
        // Which of a group has which outcome means nothing, and so does its transaction.
        if !self.by_count && !after.by_count.contains(&self.id) {
            let found = self.found.and_then(|found| found.transaction_id);
            self.transaction_id = own.and_then(Thing::transaction_id).or(found);
            self.receive_amount = own.and_then(Thing::receive_amount);
        }
        // Whoever was told of the doubt is told that it is over.
        let was_doubted = mem::take(&mut self.doubted);
        if let Some(outcome) = &self.outcome
            && (!self.lacks_card() || self.known_card().is_none())
        {
            return (was_doubted && !self.contradicted).then(|| outcome.clone());
        }
        if after.by_count.contains(&self.id) {
            self.by_count = true;
            // From now on it is as if it had been found so: what was told isn't given to another one later.
            self.found = self.found.or(Some(Found::outcome(succeeded)));
        }
        if succeeded {
            let outcome = Outcome::Succeeded {
                card_id: self.known_card(),
            };
            self.outcome = Some(outcome.clone());
            return Some(outcome);
        }
        // The API's words aren't stored, and ours are: they stand for what was never sent.
        let code = reason.as_ref().map(Personal::as_str).and_then(reason_code);
        let stored = if self.withdrawn {
            reason.clone()
        } else {
            code.map(Personal::from)
        };
        self.outcome = Some(Outcome::Failed { reason: stored });
        Some(Outcome::Failed { reason })
    }
}
