//! What happened, to be decided about.

use super::OperationId;
use super::evidence::{Thing, ThingId};
use super::inquiry::Inquiry;
use super::keys::Fingerprint;
use super::operation::{Found, TrackedOperation};
use crate::events::EventType;
use crate::ids::{CardId, UserId};
use crate::json::Json;
use crate::personal::Personal;
use crate::time::Timestamp;

/// Something that happened, to be decided about. Where a `seq` is asked for: the next number in the order in which this system
/// stores operations and first sees evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// An operation is about to be sent. Store what [`Changes`](super::Changes) says before the request goes out.
    Stored(Box<TrackedOperation>),
    /// The API took the request.
    Answered {
        /// The operation.
        id: OperationId,
        /// The user that was registered, if the answer says so.
        user_id: Option<UserId>,
        /// The id in the answer to an assignment or application.
        card_id: Option<CardId>,
    },
    /// The API refused the request: a rejection that means [`RejectionMeaning::Refused`](crate::RejectionMeaning::Refused).
    Refused {
        /// The operation.
        id: OperationId,
        /// The API's words, if any.
        reason: Option<Personal>,
    },
    /// A webhook said something.
    Event {
        /// Its type, which isn't signed.
        event_type: EventType,
        /// Its data.
        data: Json,
        /// Where it stands in our own order.
        seq: u64,
    },
    /// An inquiry was answered.
    Inquired {
        /// The inquiry, with its answers.
        inquiry: Box<Inquiry>,
        /// Where its answers stand in our own order.
        seq: u64,
    },
    /// A person found out how an operation ended.
    Found {
        /// The operation.
        id: OperationId,
        /// What was found.
        found: Found,
        /// When, by the caller's clock.
        at: Timestamp,
    },
    /// A person says that a request was never sent, or whoever would have sent it.
    Withdrawn {
        /// The operation.
        id: OperationId,
        /// Why, in a word that is stored with its outcome.
        reason: Option<Personal>,
    },
    /// A person says that a transaction, a new card or an event is somebody else's.
    Foreign {
        /// The thing.
        thing: ThingId,
    },
    /// No event came by [`TrackedOperation::ask_at`].
    Overdue {
        /// The operation.
        id: OperationId,
        /// The caller's time.
        now: Timestamp,
    },
}

impl Input {
    pub(super) fn operation_id(&self) -> Option<OperationId> {
        match self {
            Self::Stored(operation) => Some(operation.id),
            Self::Answered { id, .. }
            | Self::Refused { id, .. }
            | Self::Found { id, .. }
            | Self::Withdrawn { id, .. }
            | Self::Overdue { id, .. } => Some(*id),
            Self::Inquired { inquiry, .. } => Some(inquiry.operation_id),
            Self::Event { .. } | Self::Foreign { .. } => None,
        }
    }

    /// What it proves.
    pub(super) fn evidence(&self, trust_type: bool) -> Vec<Thing> {
        match self {
            Self::Event {
                event_type,
                data,
                seq,
            } => {
                let key = Fingerprint::of(data);
                let thing = Thing::of_event(event_type, data, key, *seq, trust_type);
                thing.into_iter().collect()
            }
            Self::Inquired { inquiry, seq } => inquiry
                .lines()
                .filter_map(|(line, card)| Thing::of_transaction(line, card, *seq))
                .collect(),
            _ => Vec::new(),
        }
    }
}
