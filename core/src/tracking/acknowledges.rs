//! Responses that acknowledge an operation.

use crate::answer::Answer;
use crate::ids::{CardId, UserId};
use crate::operation::AnyResponse;
use crate::operations::Acknowledgement;
use crate::operations::card::{Applied, Assigned};
use crate::operations::user::Registered;
use crate::tracking::TrackedKind;

/// A response that acknowledges an operation, and the ids that it may bring. An [`Answer`] of one is one too.
pub trait Acknowledges {
    /// The user that was registered, if the response says so.
    fn user_id(&self) -> Option<UserId> {
        None
    }

    /// The id in the answer to an assignment or application, if the response says so.
    fn card_id(&self) -> Option<CardId> {
        None
    }

    /// Whether operations of a kind are answered like this.
    fn answers(&self, kind: TrackedKind) -> bool;
}

impl Acknowledges for Acknowledgement {
    fn answers(&self, kind: TrackedKind) -> bool {
        use TrackedKind::{Activate, Apply, Assign, Close, Lock, Recharge, Register, Unlock};
        match kind {
            Recharge | Activate | Lock | Unlock | Close => true,
            Register | Apply | Assign => false,
        }
    }
}

impl Acknowledges for Registered {
    fn answers(&self, kind: TrackedKind) -> bool {
        kind == TrackedKind::Register
    }

    fn user_id(&self) -> Option<UserId> {
        self.user_id
    }
}

impl Acknowledges for Applied {
    fn answers(&self, kind: TrackedKind) -> bool {
        kind == TrackedKind::Apply
    }

    fn card_id(&self) -> Option<CardId> {
        self.card_id
    }
}

impl Acknowledges for Assigned {
    fn answers(&self, kind: TrackedKind) -> bool {
        kind == TrackedKind::Assign
    }

    fn card_id(&self) -> Option<CardId> {
        Some(self.card_id)
    }
}

impl Acknowledges for AnyResponse {
    fn answers(&self, kind: TrackedKind) -> bool {
        use TrackedKind::{Activate, Close, Lock, Recharge, Unlock};
        match self {
            Self::Register(response) => response.answers(kind),
            Self::Apply(response) => response.answers(kind),
            Self::Assign(response) => response.answers(kind),
            Self::Recharge(_) => kind == Recharge,
            Self::UpdateStatus(_) => matches!(kind, Activate | Lock | Unlock | Close),
            _ => false,
        }
    }

    fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Register(registered) => registered.user_id,
            _ => None,
        }
    }

    fn card_id(&self) -> Option<CardId> {
        match self {
            Self::Apply(applied) => applied.card_id,
            Self::Assign(assigned) => Some(assigned.card_id),
            _ => None,
        }
    }
}

impl<R: Acknowledges> Acknowledges for Answer<R> {
    fn answers(&self, kind: TrackedKind) -> bool {
        self.response.answers(kind)
    }

    fn user_id(&self) -> Option<UserId> {
        self.response.user_id()
    }

    fn card_id(&self) -> Option<CardId> {
        self.response.card_id()
    }
}
