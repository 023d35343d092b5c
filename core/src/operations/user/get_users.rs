use serde::{Deserialize, Serialize};

use crate::json::{Extra, Json};
use crate::operation::{Operation, operation};
use crate::operations::Page;
use crate::personal::Personal;

/// Get Users. Nothing of its page could be read but the title: the paging fields are a guess, after the other lists,
/// and the records are raw JSON.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
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
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Operation for GetUsers {
    operation!(GetUsers => Page<Json>);

    fn open_fields(&self) -> Option<&'static str> {
        (!self.extra.is_empty()).then_some("")
    }
}
