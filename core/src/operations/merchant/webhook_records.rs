use serde::{Deserialize, Serialize};

use crate::events::EventType;
use crate::ids::{CardId, UserId};
use crate::json::Json;
use crate::operation::{Operation, operation};
use crate::operations::Page;
use crate::personal::Personal;

/// Get Webhook Records: which webhooks were sent. All fields are filters; that all are optional is inferred.
///
/// The records' fields aren't documented, so they are raw JSON.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct GetWebhookRecords {
    /// How many records to skip.
    pub skip: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
    /// A search term.
    pub search: Option<Personal>,
    /// From this date on. The format isn't documented.
    pub start_date: Option<String>,
    /// Up to this date. The format isn't documented.
    pub end_date: Option<String>,
    /// Only events of this type. That it takes the names of event types is inferred.
    pub callback_type: Option<EventType>,
    /// Only this user's.
    pub user_id: Option<UserId>,
    /// Only this card's.
    pub card_id: Option<CardId>,
    /// The column to sort by. Which there are isn't documented.
    pub order_by: Option<String>,
    /// Whether to sort downwards.
    pub desc: Option<bool>,
}

impl Operation for GetWebhookRecords {
    operation!(GetWebhookRecords => Page<Json>);
}
