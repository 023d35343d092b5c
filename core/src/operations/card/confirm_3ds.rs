use serde::{Deserialize, Serialize};

use crate::ids::{CardId, UserId};
use crate::json::Extra;
use crate::operation::{Operation, operation};
use crate::operations::Acknowledgement;

/// Confirm a 3-D Secure request. Only its title is documented: that it answers a `CARD_3DS` event is inferred, and
/// everything in it is a guess. Take what the event brought and put it into `extra`.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Confirm3ds {
    /// The card's user (guess).
    pub user_id: Option<UserId>,
    /// The card (guess).
    pub card_id: Option<CardId>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Confirm3ds {
    /// With fields that the contract doesn't know.
    ///
    /// ```
    /// use bananatech_core::{operations::card::Confirm3ds, Extra, Json};
    /// let confirm = Confirm3ds::with(Extra::new().with("transaction_id", Json::parse("7").unwrap()));
    /// assert!(confirm.extra.get("transaction_id").is_some());
    /// ```
    pub fn with(extra: Extra) -> Self {
        Self {
            extra,
            ..Self::default()
        }
    }
}

impl Operation for Confirm3ds {
    operation!(Confirm3ds => Acknowledgement);

    fn open_fields(&self) -> Option<&'static str> {
        (!self.extra.is_empty()).then_some("")
    }
}
