use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Currency};
use crate::ids::{CardId, UserId};
use crate::json::Extra;
use crate::operation::{Operation, operation};

/// Get a card's balance (05-Card-Operations).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct GetBalance {
    /// The card's user.
    pub user_id: UserId,
    /// The card.
    pub card_id: CardId,
}

/// A card's balance.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardBalance {
    /// What can be spent, in major units.
    pub balance: Amount,
    /// What can be refunded, if anything.
    pub refund_amount: Option<Amount>,
    /// The currency of both.
    pub currency: Option<Currency>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Operation for GetBalance {
    operation!(GetBalance => CardBalance);
}
