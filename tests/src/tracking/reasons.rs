//! Why an operation stays open: each incomplete one has a name and an explanation.

use std::collections::BTreeMap;

use super::history::{History, Kind, Operation, Outcome};
use super::oracle::{Claim, Judged, Thing, Verdict, are_alike, found_tx, proven};

/// Why nothing is certain of an operation, or only a number. Of several reasons, the first here is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It ended, as others that are just like it. Only how many of them succeeded has a meaning.
    ByCount,
    /// A registration whose answer never came: its user isn't known, so no event can be its own.
    NotAcknowledged,
    /// Nothing that came can be its result, but the vendor said a word of it that is no outcome.
    OtherWordTold,
    /// What came could be its result, if one of the clocks were wrong.
    ClockApart,
    /// Nothing that came can be its result.
    LostEvent,
    /// A stranger acts there, so what fits may be the stranger's.
    StrangersInScope,
    /// Others were said to act too, so what fits may be theirs.
    NotExclusive,
    /// What fits may have occurred before tracking began.
    PerhapsFromBefore,
    /// What fits is told two ways, and may be another's.
    ToldTwoWays,
    /// The data may be another kind's result, or no operation's.
    KindNotProven,
    /// What fits may belong to one that was found without its transaction or card.
    FoundWithoutThing,
    /// What fits names no user, and another user's operation is there.
    UserNotTold,
    /// What fits may be an application's for another template.
    TemplateNotTold,
    /// What fits may be an application's with another deposit.
    DepositNotTold,
    /// A failed recharge may have received less than was sent, so one failure fits several amounts.
    FailureFitsSeveral,
    /// What arrived fits several amounts, since the greatest fee isn't known.
    UnequalWithoutLeast,
    /// What arrived fits several amounts, even with the fees that are known.
    AmountsOverlap,
    /// Others are just like it, and not all of them ended.
    TwinsNotAllEnded,
    /// All of a user's assignments ended, but differently. They aren't counted, since each has a card's number.
    AssignmentsAlike,
    /// Others ask for the same, and all ended. But their times differ, so that they aren't alike in all that they may own.
    TwinsApartInTime,
    /// None of these. It shouldn't occur.
    Other,
}

/// The reason for each operation that stays open, or that is given by count.
///
/// # Panics
/// If the verdict isn't this history's.
#[must_use]
pub fn classify_open(history: &History, verdict: &Verdict) -> BTreeMap<String, Reason> {
    let judged = Judged::new(history);
    let mut reasons = BTreeMap::new();
    for (at, op) in history.ops.iter().enumerate() {
        let reason = if verdict.by_count.contains(&op.id) {
            Reason::ByCount
        } else if verdict.claims[&op.id] != Claim::Open {
            continue;
        } else if judged.rows[at].things().next().is_none() {
            judged.why_nothing(op)
        } else {
            judged.why_unsure(at)
        };
        reasons.insert(op.id.clone(), reason);
    }
    reasons
}

impl Judged<'_> {
    /// For an operation that owns nothing by all explanations.
    fn why_nothing(&self, op: &Operation) -> Reason {
        if op.kind == Kind::Register && op.user.is_none() {
            return Reason::NotAcknowledged;
        }
        if self.is_told_another_word(op) {
            return Reason::OtherWordTold;
        }
        let cfg = &self.history.cfg;
        let only_a_clock_is_against = |thing: &Thing| {
            let mut places = thing.but_for_clock.iter();
            places.any(|at| self.history.ops[*at].id == op.id)
                && !thing.may_be_from_before(cfg)
                && !self.history.foreign.contains(&thing.name)
        };
        if self.things.iter().any(only_a_clock_is_against) {
            return Reason::ClockApart;
        }
        Reason::LostEvent
    }

    fn is_told_another_word(&self, op: &Operation) -> bool {
        let history = self.history;
        let by_event = history.events.iter().any(|event| {
            let field = |name: &str| event.data.get(name).and_then(|value| value.as_i64());
            let word = event.data.get("status").and_then(|word| word.as_str());
            let of_it = if op.kind == Kind::Register || op.kind.makes_card() {
                field("user_id").is_none() || field("user_id") == op.user
            } else {
                field("card_id") == op.card
            };
            of_it
                && event.seq >= op.seq
                && word.is_some_and(|word| Outcome::of_word(word).is_none())
                && proven(&event.data).has(op.kind)
        });
        by_event
            || op.kind == Kind::Recharge
                && history.records.iter().any(|record| {
                    Some(record.card) == op.card
                        && record.seq >= op.seq
                        && Outcome::of_word(&record.status).is_none()
                })
    }

    /// For an operation that owns something by some explanation, and not by all.
    fn why_unsure(&self, at: usize) -> Reason {
        let mut reasons = Vec::new();
        for place in self.rows[at].things() {
            let thing = &self.things[place];
            let rivals = (0..self.rows.len())
                .filter(|rival| *rival != at && self.rows[*rival].things().any(|t| t == place));
            let rivals: Vec<usize> = rivals.collect();
            if self.may_be_a_strangers(place) {
                reasons.push(self.why_a_strangers(place));
            }
            if !rivals.is_empty() && thing.is_told_two_ways() {
                reasons.push(Reason::ToldTwoWays);
            }
            reasons.extend(
                rivals
                    .iter()
                    .map(|rival| self.why_a_rivals(at, *rival, thing)),
            );
        }
        reasons.into_iter().min().unwrap_or(Reason::Other)
    }

    /// Why what it may own may be a stranger's.
    fn why_a_strangers(&self, place: usize) -> Reason {
        let (thing, cfg) = (&self.things[place], &self.history.cfg);
        if self.is_doubtful(place) {
            Reason::StrangersInScope
        } else if !cfg.exclusive {
            Reason::NotExclusive
        } else if thing.may_be_from_before(cfg) {
            Reason::PerhapsFromBefore
        } else if thing.leaves_kind_open() {
            Reason::KindNotProven
        } else {
            Reason::Other
        }
    }

    /// Why what it may own may be another operation's.
    fn why_a_rivals(&self, at: usize, rival: usize, thing: &Thing) -> Reason {
        let (op, other) = (&self.history.ops[at], &self.history.ops[rival]);
        if op.kind != other.kind {
            return Reason::KindNotProven;
        }
        if other.found.is_some() && found_tx(other).is_none() {
            return Reason::FoundWithoutThing;
        }
        if op.user != other.user {
            return Reason::UserNotTold;
        }
        if op.kind == Kind::Apply && op.template != other.template {
            return Reason::TemplateNotTold;
        }
        if op.kind == Kind::Apply && op.deposit != other.deposit {
            return Reason::DepositNotTold;
        }
        if op.kind == Kind::Recharge && !are_alike(op, other) {
            return if thing.facts.iter().all(|f| f.says == Outcome::Failure) {
                Reason::FailureFitsSeveral
            } else if op.least.is_none() || other.least.is_none() {
                Reason::UnequalWithoutLeast
            } else {
                Reason::AmountsOverlap
            };
        }
        self.why_twins(at)
    }

    /// For an operation that shares what it may own with others that ask for the same.
    fn why_twins(&self, at: usize) -> Reason {
        let ops = &self.history.ops;
        let is_twin = |other: usize| {
            let (a, b) = (&ops[at], &ops[other]);
            let both_assign = a.kind == Kind::Assign && b.kind == Kind::Assign;
            (are_alike(a, b) || both_assign && a.user == b.user)
                && self.rows[at].shares_with(self.rows[other])
        };
        let twins = || (0..ops.len()).filter(|other| is_twin(*other));
        let may_be_open =
            |twin: usize| self.rows[twin].may_be_nothing() && self.fate(twin, None) == Claim::Open;
        if twins().any(may_be_open) {
            Reason::TwinsNotAllEnded
        } else if ops[at].kind == Kind::Assign {
            Reason::AssignmentsAlike
        } else if twins().any(|twin| !self.rows[twin].same_things(self.rows[at])) {
            Reason::TwinsApartInTime
        } else {
            Reason::Other
        }
    }
}
