use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::check_amount;
use crate::amount::{self, Amount};
use crate::error::Invalid;
use crate::events::EventType;
use crate::ids::{CardId, TemplateId, UserId};
use crate::json::{self, Extra};
use crate::operation::{Operation, operation};
use crate::personal::Personal;

/// Order a virtual card (03-Virtual-Cards). The answer only acknowledges: wait for `CARD_APPLY_RESULT`.
///
/// There is no idempotency key: sent twice, it may order two cards.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Apply {
    /// A user whose registration was `APPROVED`.
    pub user_id: UserId,
    /// The kind of card.
    pub template_id: TemplateId,
    /// The first deposit, in major units: only if the template has `requires_initial_deposit`.
    #[serde(default, deserialize_with = "amount::given_or_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "AmountInput"))]
    pub deposit_amount: Option<Amount>,
}

/// The answer to [`Apply`]. Both fields are guesses, after the answer to an assignment.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Applied {
    /// The card's id (guess).
    #[serde(default, deserialize_with = "json::guess")]
    pub card_id: Option<CardId>,
    /// The API's words (guess).
    #[serde(default, deserialize_with = "json::guess")]
    pub message: Option<Personal>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Apply {
    /// An application without a deposit.
    ///
    /// ```
    /// use bananatech_core::{operations::card::Apply, TemplateId, UserId};
    /// let apply = Apply::new(UserId::from(12345), TemplateId::from(123));
    /// assert_eq!(apply.deposit_amount, None);
    /// ```
    pub fn new(user_id: UserId, template_id: TemplateId) -> Self {
        Self {
            user_id,
            template_id,
            deposit_amount: None,
        }
    }
}

impl Operation for Apply {
    operation!(Apply => Applied);

    /// [`Code::AmountNotPositive`](crate::Code::AmountNotPositive) for a deposit of zero or less, and
    /// [`Code::AmountDecimals`](crate::Code::AmountDecimals).
    fn check(&self) -> Result<(), Invalid> {
        self.deposit_amount
            .map_or(Ok(()), |amount| check_amount("deposit_amount", amount))
    }

    fn confirmed_by(&self) -> Option<EventType> {
        Some(EventType::CardApplyResult)
    }

    fn wire_body(&self) -> Zeroizing<String> {
        /// As the API takes it: the amount is a number.
        #[derive(Serialize)]
        struct Number(#[serde(serialize_with = "amount::as_number")] Amount);

        #[serde_with::skip_serializing_none]
        #[derive(Serialize)]
        struct Body {
            user_id: UserId,
            template_id: TemplateId,
            deposit_amount: Option<Number>,
        }

        let Self {
            user_id,
            template_id,
            deposit_amount,
        } = *self;
        json::text(&Body {
            user_id,
            template_id,
            deposit_amount: deposit_amount.map(Number),
        })
    }
}
