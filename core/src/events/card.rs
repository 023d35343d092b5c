//! Events of cards.

use serde::{Deserialize, Serialize};

use super::OperationStatus;
use crate::amount::{Amount, Currency};
use crate::card::{CardStatus, DisplayedNumber};
use crate::error::Invalid;
use crate::ids::{CardId, TemplateId, TransactionId, UserId};
use crate::json::{self, Extra};
use crate::personal::Personal;
use crate::time::Timestamp;

/// `CARD_APPLY_RESULT`: the outcome of an application for a virtual card. What a failure looks like isn't documented.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardApplyResult {
    /// The template.
    pub template_id: Option<TemplateId>,
    /// The user.
    pub user_id: UserId,
    /// The card. Missing only if it failed (inferred).
    pub card_id: Option<CardId>,
    /// How it ended.
    pub status: OperationStatus,
    /// When it happened. In JSON, milliseconds since 1970.
    pub occur_time: Timestamp,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `CARD_ACTIVATE_RESULT`: the outcome of an activation.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardActivateResult {
    /// The card.
    pub card_id: CardId,
    /// Its number, in full in the vendor's example. Missing only if it failed (inferred).
    pub card_number: Option<DisplayedNumber>,
    /// How it ended.
    pub status: OperationStatus,
    /// When it happened. In JSON, milliseconds since 1970.
    pub occur_time: Timestamp,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `CARD_ASSIGN_RESULT`: the outcome of an assignment. A failure carries no `card_id`: only the user links it to the
/// request (04-Physical-Cards).
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardAssignResult {
    /// The card, if it succeeded. Use this id from now on.
    pub card_id: Option<CardId>,
    /// The user; at least if it failed.
    pub user_id: Option<UserId>,
    /// How it ended.
    pub status: OperationStatus,
    /// Why it failed, such as `101:0 - card number not exist`.
    pub error_reason: Option<Personal>,
    /// When it happened. In JSON, milliseconds since 1970.
    pub occur_time: Timestamp,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `CARD_STATUS_CHANGE`: the outcome of locking or unlocking.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardStatusChange {
    /// The card.
    pub card_id: CardId,
    /// How it ended.
    pub status: OperationStatus,
    /// The card's new status. Missing only if it failed (inferred).
    pub card_status: Option<CardStatus>,
    /// When it happened. In JSON, milliseconds since 1970.
    pub occur_time: Timestamp,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `CARD_RECHARGE_RESULT`: the outcome of a recharge.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardRechargeResult {
    /// The card.
    pub card_id: CardId,
    /// The transaction. This and the two below are missing only if it failed (inferred).
    pub transaction_id: Option<TransactionId>,
    /// "Amount received on the card" in one page, "recharge amount" in another: they may differ by a fee.
    pub receive_amount: Option<Amount>,
    /// How it ended.
    pub status: OperationStatus,
    /// The currency.
    pub currency: Option<Currency>,
    /// The template: in one version of the documentation only.
    pub template_id: Option<TemplateId>,
    /// The user: in one version of the documentation only.
    pub user_id: Option<UserId>,
    /// A description: in one version of the documentation only.
    pub description: Option<Personal>,
    /// When it happened. In JSON, milliseconds since 1970.
    pub occur_time: Timestamp,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `CARD_CLOSE_RESULT`: the outcome of closing a card.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CardCloseResult {
    /// The card.
    pub card_id: CardId,
    /// The refund's transaction. This and the amount are missing only if it failed (inferred).
    pub transaction_id: Option<TransactionId>,
    /// What was refunded, in major units.
    pub refund_amount: Option<Amount>,
    /// How it ended.
    pub status: OperationStatus,
    /// When it happened. In JSON, milliseconds since 1970.
    pub occur_time: Timestamp,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// `CARD_BALANCE_CHANGE`: a card's balance changed, for whatever reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CardBalanceChange {
    /// The card.
    pub card_id: CardId,
    /// The whole balance now.
    pub amount: Amount,
    /// What can be spent of it now.
    pub available: Amount,
    /// What could be spent before.
    pub before_available: Amount,
    /// The currency.
    pub currency: Currency,
    /// When it happened. In JSON, milliseconds since 1970.
    pub occur_time: Timestamp,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CardAssignResult {
    pub(super) fn read(text: &str) -> Result<Self, Invalid> {
        let event: Self = json::from_vendor(text)?;
        if event.card_id.is_none() && event.user_id.is_none() {
            return Err(json::required("card_id"));
        }
        Ok(event)
    }
}
