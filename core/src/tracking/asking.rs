//! When to ask the API, and what its answers say of the operations that are open.

use std::borrow::Cow;

use super::decide::Decision;
use super::inquiry::{Inquiry, Question};
use super::operation::{Found, Outcome, TrackedKind, TrackedOperation};
use super::proposal::{Proposal, already_ended};
use super::report::{Changes, Verdict};
use crate::time::Timestamp;

/// How long to wait at least before the API is asked again.
const ASK_AGAIN_MS: i64 = 60 * 1000;
/// How long at most.
const ASK_AGAIN_AT_MOST_MS: i64 = 24 * 60 * 60 * 1000;

/// What to ask about an operation whose event didn't come, and when to ask again: after as long as it was waited for.
pub(super) fn overdue(row: &TrackedOperation, now: Timestamp) -> Changes {
    if !row.is_asked_for() && !row.lacks_card() {
        return already_ended();
    }
    let mut changes = Changes::nothing(Verdict::Open);
    if row.ask_at <= now {
        let waited = now.as_millis().saturating_sub(row.sent_at.as_millis());
        changes.ask = Inquiry::about(row);
        changes.operations = vec![TrackedOperation {
            ask_at: now.after(waited.clamp(ASK_AGAIN_MS, ASK_AGAIN_AT_MOST_MS)),
            ..row.clone()
        }];
    }
    changes
}

impl Decision<'_> {
    /// What the answers to an inquiry show.
    pub(super) fn learned(&self, inquiry: &Inquiry, seq: u64) -> Proposal {
        let (Ok(row), Some(at)) = (self.row(), inquiry.asked_at) else {
            return Proposal::default();
        };
        let is_final = |row: &TrackedOperation| {
            let wait = self.assumptions.final_after_ms;
            let long_enough = wait.is_some_and(|wait| row.sent_at.after(wait) <= at);
            long_enough && row.seq < seq && row.is_asked_for()
        };
        let mut changed = row.clone();
        match &inquiry.question {
            Question::Transactions { card_id, .. } => {
                // What a complete list doesn't show so long after sending won't be carried out.
                let rows = self.operations.values().map(Cow::as_ref);
                let finals = rows
                    .filter(|row| row.kind == TrackedKind::Recharge)
                    .filter(|row| row.card_id == Some(*card_id) && is_final(row))
                    .filter(|_| inquiry.shows_all_recharges())
                    .map(|row| TrackedOperation {
                        is_final: true,
                        final_seq: row.final_seq.or(Some(seq)),
                        ..row.clone()
                    });
                return Proposal {
                    operations: finals.collect(),
                    ..Proposal::default()
                };
            }
            Question::Information { .. } if row.kind.makes_card() => match inquiry.made_card(row) {
                Some(found) if !self.has_rival(row) => changed.find(found, at),
                _ => return Proposal::default(),
            },
            Question::Information { .. } => {
                let Some(reached) = inquiry.status_reached(row.kind) else {
                    return Proposal::default();
                };
                // A card is closed once, and for good. Another change of status may be another request's.
                let closed = reached && row.kind == TrackedKind::Close;
                if !closed && self.has_rival(row) {
                    return Proposal::default();
                }
                if reached {
                    changed.find(Found::outcome(true), at);
                } else if is_final(row) {
                    changed.is_final = true;
                    changed.final_seq = row.final_seq.or(Some(seq));
                } else {
                    return Proposal::default();
                }
            }
            Question::Users {
                approved, listed, ..
            } => {
                changed.user_id = row.user_id.or(*approved).or(*listed);
                if approved.is_some() && changed.user_id == *approved {
                    changed.find(Found::outcome(true), at);
                } else if listed.is_none() && is_final(row) && inquiry.shows_all_users() {
                    changed.is_final = true;
                }
            }
        }
        Proposal {
            operations: vec![changed],
            is_claim: true,
            ..Proposal::default()
        }
    }

    /// Whether what was shown of a card may be another operation's doing: another change of its status that isn't known to have
    /// ended before this one was sent, or another assignment of a number with the same last digits.
    fn has_rival(&self, row: &TrackedOperation) -> bool {
        self.operations.values().any(|other| {
            let same = match row.kind {
                TrackedKind::Assign => other.kind == row.kind && other.last_four == row.last_four,
                TrackedKind::Apply => {
                    other.kind == row.kind
                        && other.user_id == row.user_id
                        && other.template_id == row.template_id
                }
                _ => other.kind.changes_status() && other.card_id == row.card_id,
            };
            let may_act = if row.kind.makes_card() {
                other.is_asked_for() || other.lacks_card()
            } else {
                other.is_asked_for() || other.seq > row.seq
            };
            let failed = matches!(other.outcome, Some(Outcome::Failed { .. }));
            other.id != row.id && same && may_act && !failed
        })
    }
}
