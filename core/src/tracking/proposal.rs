//! What an input says, before it is judged together with the rows.

use super::asking::overdue;
use super::decide::Decision;
use super::evidence::Thing;
use super::input::Input;
use super::operation::{Outcome, TrackedKind, TrackedOperation};
use super::report::{Changes, Report, Verdict};
use crate::error::{Code, Invalid};

/// What an input says, before it is judged.
#[derive(Default)]
pub(super) struct Proposal {
    /// The operations that it says something of, as they are then.
    pub(super) operations: Vec<TrackedOperation>,
    /// A thing that a person says is somebody else's.
    pub(super) foreign: Option<Thing>,
    /// What it says is a claim, which the evidence may refute.
    pub(super) is_claim: bool,
}

impl Decision<'_> {
    /// What is decided without more rows than those that the input names.
    pub(super) fn decided_at_once(&self) -> Result<Option<Changes>, Invalid> {
        Ok(match &self.input {
            Input::Stored(operation) => {
                if self.operations.contains_key(&operation.id) {
                    let expected = "an id that no other operation has";
                    return Err(Invalid::new("id", Code::TrackingKnown, expected));
                }
                // It can't be about what was seen before it was sent.
                self.things.is_empty().then(|| Changes {
                    operations: vec![operation.as_ref().clone()],
                    ..Changes::nothing(Verdict::Noted)
                })
            }
            Input::Event { .. } if self.evidence.is_empty() => {
                Some(Changes::nothing(Verdict::Noted))
            }
            Input::Event { .. } => None,
            Input::Foreign { thing } if !self.things.contains_key(thing) => {
                let expected = "a thing that something was said of";
                return Err(Invalid::new("thing", Code::TrackingUnknown, expected));
            }
            Input::Foreign { .. } => None,
            Input::Answered { .. } => {
                self.row()?;
                None
            }
            Input::Refused { .. } => {
                let row = self.row()?;
                match row.outcome {
                    Some(Outcome::Failed { .. }) => Some(already_ended()),
                    // An event is signed, a refusal needn't be.
                    Some(Outcome::Succeeded { .. }) => Some(Changes {
                        report: Report {
                            contradicted: vec![row.id],
                            ..Report::nothing(Verdict::Contradiction)
                        },
                        operations: vec![TrackedOperation {
                            contradicted: true,
                            ..row.clone()
                        }],
                        ..Changes::nothing(Verdict::Contradiction)
                    }),
                    None => None,
                }
            }
            Input::Found { found, .. } => {
                let row = self.row()?;
                // What was settled by events alone is surer once it was found as well.
                let confirms = row.confirms(*found);
                (!row.is_asked_for() && !confirms).then(already_ended)
            }
            Input::Withdrawn { .. } => {
                let row = self.row()?;
                if row.is_asked_for() && row.acknowledged {
                    return Err(refuted(
                        "id",
                        "an operation that the API hasn't acknowledged",
                    ));
                }
                (!row.is_asked_for()).then(already_ended)
            }
            Input::Inquired { .. } => {
                let row = self.row()?;
                let of_use = row.is_asked_for() || row.lacks_card() || !self.evidence.is_empty();
                (!of_use).then(already_ended)
            }
            Input::Overdue { now, .. } => Some(overdue(self.row()?, *now)),
        })
    }

    /// What the input says. Of an inquiry, as far as the rows that are read allow.
    pub(super) fn proposal(&self) -> Proposal {
        let named = |change: &dyn Fn(&mut TrackedOperation)| {
            let mut rows: Vec<TrackedOperation> = self.row().cloned().into_iter().collect();
            rows.iter_mut().for_each(change);
            rows
        };
        match &self.input {
            Input::Stored(operation) => Proposal {
                operations: vec![operation.as_ref().clone()],
                ..Proposal::default()
            },
            Input::Answered {
                user_id, card_id, ..
            } => Proposal {
                operations: named(&|row| {
                    row.acknowledged = true;
                    // It was sent after all.
                    row.contradicted |= row.withdrawn;
                    if row.kind == TrackedKind::Register {
                        row.contradicted |=
                            user_id.is_some() && row.user_id.is_some() && row.user_id != *user_id;
                        row.user_id = row.user_id.or(*user_id);
                    } else if row.kind.makes_card() {
                        row.answer_id = row.answer_id.or(*card_id);
                    }
                }),
                ..Proposal::default()
            },
            Input::Refused { .. } => Proposal {
                operations: named(&|row| row.refused = true),
                ..Proposal::default()
            },
            Input::Found { found, at, .. } => Proposal {
                operations: named(&|row| row.find(*found, *at)),
                is_claim: true,
                ..Proposal::default()
            },
            Input::Withdrawn { .. } => Proposal {
                operations: named(&|row| row.withdrawn = true),
                is_claim: true,
                ..Proposal::default()
            },
            Input::Foreign { thing } => Proposal {
                foreign: self.things.get(thing).map(|thing| Thing {
                    foreign: true,
                    ..thing.as_ref().clone()
                }),
                is_claim: true,
                ..Proposal::default()
            },
            Input::Inquired { inquiry, seq } => self.learned(inquiry, *seq),
            Input::Event { .. } | Input::Overdue { .. } => Proposal::default(),
        }
    }
}

pub(super) const fn already_ended() -> Changes {
    Changes::nothing(Verdict::AlreadyEnded)
}

pub(super) fn refuted(field: &'static str, expected: &'static str) -> Invalid {
    Invalid::new(field, Code::TrackingRefuted, expected)
}
