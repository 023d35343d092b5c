use serde::{Deserialize, Serialize};

use crate::card::{CardStatus, Cvv, DisplayedNumber, Expiry};
use crate::ids::{CardId, TemplateId, UserId};
use crate::json::{self, Extra};
use crate::operation::{Operation, operation};

/// Get a card's details (05-Card-Operations). The answer is sensitive: show it, don't store it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct GetInformation {
    /// The card's user.
    pub user_id: UserId,
    /// The card.
    pub card_id: CardId,
}

/// A card's details. What the merchant's permissions hide may be missing or masked; how isn't documented.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardInformation {
    /// The card number, full or masked.
    #[serde(default, deserialize_with = "json::guess")]
    pub number: Option<DisplayedNumber>,
    /// The CVV, if it is shown as digits.
    #[serde(default, deserialize_with = "json::guess")]
    pub cvv: Option<Cvv>,
    /// The expiry date.
    #[serde(default, deserialize_with = "json::guess")]
    pub expiry_date: Option<Expiry>,
    /// The card's status now.
    pub status: CardStatus,
    /// The template that it was made from.
    #[serde(default, deserialize_with = "json::guess")]
    pub template_id: Option<TemplateId>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Operation for GetInformation {
    operation!(GetInformation => CardInformation);
}
