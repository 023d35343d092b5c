use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Currency};
use crate::ids::{CardId, TransactionId, UserId};
use crate::json::Extra;
use crate::operation::{Operation, operation};
use crate::operations::Page;
use crate::personal::Personal;
use crate::words::api_words;

api_words! {
    /// A transaction's status.
    ///
    /// ```
    /// use bananatech_core::operations::card::TransactionStatus;
    /// assert_eq!(TransactionStatus::from("SUCCESS"), TransactionStatus::Success);
    /// assert_eq!(TransactionStatus::Failed.as_str(), "FAILED");
    /// ```
    pub enum TransactionStatus {
        /// Done: the only word that was seen.
        Success = "SUCCESS",
        /// Not yet done (guess).
        Pending = "PENDING",
        /// Not done (guess).
        Failed = "FAILED",
    }
}

api_words! {
    /// A transaction's type.
    ///
    /// ```
    /// use bananatech_core::operations::card::TransactionType;
    /// assert_eq!(TransactionType::from("RECHARGE"), TransactionType::Recharge);
    /// assert_eq!(TransactionType::from("PURCHASE").as_str(), "PURCHASE");
    /// ```
    pub enum TransactionType {
        /// A recharge: the only word that was seen.
        Recharge = "RECHARGE",
    }
}

/// Get the transactions that match (05-Card-Operations). To go through all pages, see [`Pages`](crate::Pages).
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct GetTransactions {
    /// Only this user's.
    pub user_id: Option<UserId>,
    /// Only this card's.
    pub card_id: Option<CardId>,
    /// How many records to skip.
    pub skip: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
    /// A search term.
    pub search: Option<Personal>,
    /// Only of this status.
    pub status: Option<TransactionStatus>,
    /// Only of this type.
    #[serde(rename = "type")]
    pub transaction_type: Option<TransactionType>,
    /// From this date on. The format isn't documented.
    pub start_date: Option<String>,
    /// Up to this date. The format isn't documented.
    pub end_date: Option<String>,
    /// The column to sort by: on the API's page, but not in the guide.
    pub order_by: Option<String>,
    /// Whether to sort downwards, likewise.
    pub desc: Option<bool>,
}

/// A transaction.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Transaction {
    /// Its id.
    pub id: TransactionId,
    /// The card.
    pub card_id: Option<CardId>,
    /// How much, in major units.
    pub amount: Amount,
    /// The currency.
    pub currency: Option<Currency>,
    /// What it was.
    #[serde(rename = "type")]
    pub transaction_type: Option<TransactionType>,
    /// How far it is.
    pub status: Option<TransactionStatus>,
    /// When, as ISO 8601 in UTC (`2024-01-15T10:30:00Z`).
    pub created_at: Option<String>,
    /// Where; `RECHARGE` for a recharge.
    pub merchant_name: Option<String>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Operation for GetTransactions {
    operation!(GetTransactions => Page<Transaction>);
}
