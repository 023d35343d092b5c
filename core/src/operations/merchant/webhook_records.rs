use crate::event::EventType;
use crate::ids::{CardId, UserId};
use crate::json::{Json, object};
use crate::operation::Operation;
use crate::operations::{Page, operation};
use crate::personal::Personal;

object! { closed
    /// Get Webhook Records: which webhooks were sent. All fields are filters; that all are optional is inferred.
    ///
    /// The records' fields aren't documented, so they are raw JSON.
    #[derive(Default)]
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
}

impl Operation for GetWebhookRecords {
    operation!(GetWebhookRecords => Page<Json>);
    operation!(wire);
}
