//! What is over, and may be forgotten: what ended before a quiet time.

use super::OperationId;
use super::evidence::{Thing, ThingId};
use super::keys::Key;
use super::operation::{TrackedKind, TrackedOperation};
use crate::ids::CardId;
use crate::time::Timestamp;

/// What a store may drop of a card's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgettable {
    /// The quiet time. The store keeps it, and tells it to every [`Decision`](super::Decision) about the card
    /// ([`Decision::add_since`](super::Decision::add_since)).
    pub since: Timestamp,
    /// Operations that ended before it.
    pub operations: Vec<OperationId>,
    /// What was said of the time before it.
    pub things: Vec<ThingId>,
}

impl Forgettable {
    /// What may be forgotten of a card, of what is before a time: all up to a quiet time, one with nothing for ten minutes before and
    /// after it, and no operation before it that is open, doubted, contradicted or given by count. `None` if there is no such time.
    ///
    /// It takes all rows with the key of the card, also those that are `done`. An application or assignment stays, and so does what
    /// may be about several cards, or has no time.
    ///
    /// ```
    /// use bananatech_core::{CardId, Forgettable, Timestamp};
    /// assert_eq!(Forgettable::of_card(CardId::from(2), &[], &[], Timestamp::from_millis(5)), None);
    /// ```
    pub fn of_card(
        card: CardId,
        operations: &[TrackedOperation],
        things: &[Thing],
        time: Timestamp,
    ) -> Option<Self> {
        let key = Key::Card(card);
        let operations = operations.iter().filter(|row| row.group() == Some(key));
        let things = things.iter().filter(|thing| thing.groups().contains(&key));
        let spans = operations.clone().map(|row| row.span(time));
        let spans = spans.chain(things.clone().filter_map(Thing::span));
        let since = quiet_time(spans.collect(), time)?;
        let operations = operations.filter(|row| row.sent_at < since);
        let things = things.filter(|thing| {
            thing.groups() == [key] && thing.latest.is_some_and(|latest| latest < since)
        });
        Some(Self {
            since,
            operations: operations.map(|row| row.id).collect(),
            things: things.map(|thing| thing.id).collect(),
        })
    }
}

/// How long nothing may have happened before and after a quiet time: twice what the clocks may differ.
const QUIET_MS: i64 = 10 * 60 * 1000;

/// When something happened, and whether it is of no use any more.
#[derive(Clone, Copy)]
pub(super) struct Span {
    from: Timestamp,
    to: Timestamp,
    ended: bool,
}

/// The last quiet time before another time, with only what has ended before it.
pub(super) fn quiet_time(mut spans: Vec<Span>, time: Timestamp) -> Option<Timestamp> {
    spans.sort_unstable_by_key(|span| span.from);
    let mut quiet = None;
    let mut last: Option<Timestamp> = None;
    // Now is a time like any other.
    let end = Span {
        from: time.after(QUIET_MS),
        to: time,
        ended: false,
    };
    for span in spans.into_iter().chain([end]) {
        let at = span.from.after(-QUIET_MS).min(time);
        if last.is_some_and(|last| last.after(QUIET_MS) <= at) {
            quiet = Some(at);
        }
        if !span.ended {
            break;
        }
        last = last.max(Some(span.to));
    }
    quiet
}

impl TrackedOperation {
    /// The rows that can have to do with it: of a card, or of new cards. A registration is on its own.
    pub(super) fn group(&self) -> Option<Key> {
        match self.kind {
            TrackedKind::Register => None,
            TrackedKind::Apply | TrackedKind::Assign => Some(Key::Assign),
            _ => self.card_id.map(Key::Card),
        }
    }

    /// Whether nothing more is to be known of it.
    pub(super) fn is_over(&self, time: Timestamp) -> bool {
        let silent = self.done
            || self.refused
            || self.withdrawn
            || self.until.is_some_and(|until| until < time);
        let registered = self.kind == TrackedKind::Register;
        let settled = !self.is_open() && !self.lacks_card() && !self.by_count;
        settled && !self.doubted && !self.contradicted && (silent || registered)
    }

    pub(super) fn span(&self, time: Timestamp) -> Span {
        Span {
            from: self.sent_at,
            to: self.sent_at,
            ended: self.is_over(time),
        }
    }
}

impl Thing {
    pub(super) fn span(&self) -> Option<Span> {
        Some(Span {
            from: self.earliest?,
            to: self.latest?,
            ended: true,
        })
    }
}
