use serde::{Deserialize, Serialize};

use crate::card::Pin;
use crate::error::{Code, Invalid};
use crate::ids::{CardId, UserId};
use crate::json::{self, Extra};
use crate::operation::{Operation, operation};
use crate::operations::Response;
use crate::personal::Personal;

/// Change a physical card's PIN (05-Card-Operations). No event confirms it: the answer is the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SetPin {
    /// The card's user.
    pub user_id: UserId,
    /// The card.
    pub card_id: CardId,
    /// The new PIN, 4 to 6 digits.
    pub pin: Pin,
}

impl Operation for SetPin {
    operation!(SetPin => PinSet);
}

/// The answer to [`SetPin`]: the PIN was set. Nothing else reads as this, since no event confirms it.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct PinSet {
    /// `true` on the page "Set PIN"; the guide 05-Card-Operations doesn't have it.
    #[serde(default, deserialize_with = "json::guess")]
    pub success: Option<bool>,
    /// The API's words.
    #[serde(default, deserialize_with = "json::guess")]
    pub message: Option<Personal>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The words on both pages that describe the operation.
const DONE: &str = "PIN set successfully";

impl Response for PinSet {
    /// [`Code::AnswerNotKnown`] for an answer that doesn't say that the PIN was set.
    fn read(text: &str) -> Result<Self, Invalid> {
        let answer: Self = json::from_vendor(text)?;
        let told = || {
            let words = answer.message.as_ref().map(Personal::as_str);
            words == Some(DONE)
        };
        if answer.success == Some(true) || (answer.success.is_none() && told()) {
            return Ok(answer);
        }
        Err(Invalid::new(
            "",
            Code::AnswerNotKnown,
            "an answer which says that the PIN was set",
        ))
    }
}
