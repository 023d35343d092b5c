use serde::{Deserialize, Serialize};

use crate::card::CardNumber;
use crate::events::EventType;
use crate::ids::{CardId, TemplateId, UserId};
use crate::json::Extra;
use crate::operation::{Operation, operation};

/// Assign a physical card to a user (04-Physical-Cards). The answer only acknowledges: wait for `CARD_ASSIGN_RESULT`.
///
/// What may go wrong then: the number isn't known to the provider ("Card Number Not Found": read it from the card
/// again), it is another user's ("Card Already Assigned"), or the provider has trouble ("Provider System Errors":
/// try later). Nothing is created in these cases, and the assignment may be sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Assign {
    /// A user whose registration was `APPROVED`.
    pub user_id: UserId,
    /// The kind of card.
    pub template_id: TemplateId,
    /// The number that is printed on the card.
    pub card_number: CardNumber,
}

/// The answer to [`Assign`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Assigned {
    /// It "represents the card assignment operation" (04-Physical-Cards): no card exists yet. For what comes after,
    /// use the id in the webhook; whether the two are always equal isn't documented.
    pub card_id: CardId,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Operation for Assign {
    operation!(Assign => Assigned);

    fn confirmed_by(&self) -> Option<EventType> {
        Some(EventType::CardAssignResult)
    }
}
