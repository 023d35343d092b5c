//! Responses that acknowledge an operation.

use crate::answer::Answer;
use crate::ids::{CardId, UserId};
use crate::operation::AnyResponse;
use crate::operations::Acknowledgement;
use crate::operations::card::{Applied, Assigned};
use crate::operations::user::Registered;

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
}

impl Acknowledges for Acknowledgement {}

impl Acknowledges for Registered {
    fn user_id(&self) -> Option<UserId> {
        self.user_id
    }
}

impl Acknowledges for Applied {
    fn card_id(&self) -> Option<CardId> {
        self.card_id
    }
}

impl Acknowledges for Assigned {
    fn card_id(&self) -> Option<CardId> {
        Some(self.card_id)
    }
}

impl Acknowledges for AnyResponse {
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
    fn user_id(&self) -> Option<UserId> {
        self.response.user_id()
    }

    fn card_id(&self) -> Option<CardId> {
        self.response.card_id()
    }
}
