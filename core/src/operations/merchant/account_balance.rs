use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Currency};
use crate::json::{self, Extra};
use crate::operation::{Operation, operation};

/// Get Account Balance. Nothing of its page could be read but the title: that it takes no fields is a guess.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct GetAccountBalance {
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The merchant's balance. Both fields are guesses at an undocumented response; `extra` holds what else came.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct AccountBalance {
    /// What is left to spend on cards and fees (guess).
    #[serde(default, deserialize_with = "json::guess")]
    pub balance: Option<Amount>,
    /// Its currency (guess).
    #[serde(default, deserialize_with = "json::guess")]
    pub currency: Option<Currency>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Operation for GetAccountBalance {
    operation!(GetAccountBalance => AccountBalance);

    fn open_fields(&self) -> Option<&'static str> {
        (!self.extra.is_empty()).then_some("")
    }
}

impl GetAccountBalance {
    /// With fields that the contract doesn't know.
    ///
    /// ```
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Extra};
    /// assert_eq!(GetAccountBalance::with(Extra::new()), GetAccountBalance::default());
    /// ```
    pub fn with(extra: Extra) -> Self {
        Self { extra }
    }
}
