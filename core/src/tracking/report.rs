//! What became known by an input, and what it changes.

use serde::Serialize;

use super::OperationId;
use super::evidence::{Thing, ThingId};
use super::inquiry::Inquiry;
use super::keys::Scope;
use super::operation::{Outcome, TrackedOperation};

/// What an input means, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Verdict {
    /// It is certain now how the operations in `settled` ended: act on it. Answer a webhook with 200.
    Settled,
    /// The same, but nothing tells these operations apart, at BananaTech or here: how many succeeded is certain, and the outcomes
    /// are given in the order of sending.
    SettledByCount,
    /// It is kept, and settles nothing now. Nothing is to be done. Answer a webhook with 200.
    Noted,
    /// It is about one of `candidates`, and can't be told about which. Wait for other events; when an operation is overdue, ask.
    Open,
    /// This event came before. Nothing is to be done. Answer a webhook with 200.
    Repeated,
    /// It says what was known already.
    AlreadyEnded,
    /// Somebody else acts at `foreign_activity`: evidence is there that none of our operations explains. Operations there stay
    /// open until they are found by asking with a transaction or a card. If the evidence is named as somebody else's
    /// ([`Tracker::name_foreign`](super::Tracker::name_foreign)), events settle operations there again.
    ForeignActivity,
    /// Somebody else acts, and the operations in `doubted`, which were settled, may have been settled by that. Ask a person to look.
    Doubted,
    /// What is known of the operations in `contradicted` can't all be true: a transaction is told both ways, or an event says another
    /// thing than was found. Ask a person to look.
    Contradiction,
    /// It fits an operation, but its time is so many milliseconds before the request was sent: the clocks differ by more than
    /// [`Assumptions::clock_tolerance_ms`](super::Assumptions::clock_tolerance_ms). It settles nothing. Set the clock right.
    ClocksDiffer {
        /// By how many milliseconds.
        milliseconds: i64,
    },
}

/// An operation whose outcome is certain now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Settled {
    /// The operation, as it is stored. Its outcome has the code of a failure, and not the API's words.
    pub operation: TrackedOperation,
    /// How it ended, with the API's words for a failure: they are told here only. Given again once the card that it made is certain, if that wasn't at first,
    /// and once a doubt about it is over (then with the code alone). What is given again replaces what was given: the transaction, and what
    /// arrived by it, may be others now.
    pub outcome: Outcome,
}

/// What became known by an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Report {
    /// What the input means, and what to do about it.
    pub verdict: Verdict,
    /// What became certain, in the order of sending.
    pub settled: Vec<Settled>,
    /// What was certain and isn't any more, since somebody else acts. Told once.
    pub doubted: Vec<OperationId>,
    /// What contradicts itself. Told once.
    pub contradicted: Vec<OperationId>,
    /// Where somebody else was found to act. Told once.
    pub foreign_activity: Vec<Scope>,
    /// The operations that the evidence may be about.
    pub candidates: Vec<OperationId>,
    /// What the evidence is about. Of foreign activity: one of these, or of those that settled what is doubted now, is somebody else's. The
    /// others may be your own, so look at the vendor's console before you name one.
    pub things: Vec<ThingId>,
}

/// What an input changes. Store the rows, and tell what is settled, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// What became known.
    pub report: Report,
    /// The operations that are new or changed: replace each row.
    pub operations: Vec<TrackedOperation>,
    /// The things that are new or changed: replace each row.
    pub things: Vec<Thing>,
    /// What to ask the API.
    pub ask: Vec<Inquiry>,
}

impl Report {
    /// A report that says nothing but this.
    ///
    /// ```
    /// use bananatech_core::{Report, Verdict};
    /// assert!(Report::nothing(Verdict::Repeated).settled.is_empty());
    /// ```
    pub const fn nothing(verdict: Verdict) -> Self {
        Self {
            verdict,
            settled: Vec::new(),
            doubted: Vec::new(),
            contradicted: Vec::new(),
            foreign_activity: Vec::new(),
            candidates: Vec::new(),
            things: Vec::new(),
        }
    }
}

impl Changes {
    pub(super) const fn nothing(verdict: Verdict) -> Self {
        Self {
            report: Report::nothing(verdict),
            operations: Vec::new(),
            things: Vec::new(),
            ask: Vec::new(),
        }
    }
}
