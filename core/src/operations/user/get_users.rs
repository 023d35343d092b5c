use crate::json::{Json, object};
use crate::operation::Operation;
use crate::operations::{Page, operation};
use crate::personal::Personal;

object! { open
    /// Get Users. Nothing of its page could be read but the title: the paging fields are a guess, after the other lists,
    /// and the records are raw JSON.
    #[derive(Default)]
    pub struct GetUsers {
        /// How many records to skip (guess).
        pub skip: Option<u64>,
        /// How many to return at most (guess).
        pub limit: Option<u64>,
        /// A search term (guess).
        pub search: Option<Personal>,
        /// The column to sort by (guess).
        pub order_by: Option<String>,
        /// Whether to sort downwards (guess).
        pub desc: Option<bool>,
    }
}

impl Operation for GetUsers {
    operation!(GetUsers => Page<Json>);
    operation!(wire);
}
