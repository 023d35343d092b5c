use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::check_amount;
use crate::amount::{self, Amount};
use crate::error::Invalid;
use crate::events::EventType;
use crate::ids::{CardId, UserId};
use crate::json;
use crate::operation::{Operation, operation};
use crate::operations::Acknowledgement;

/// Add funds to a card (05-Card-Operations). The answer only acknowledges: wait for `CARD_RECHARGE_RESULT`.
///
/// The card has to be ACTIVE, the amount at least the template's `recharge_min_limit` (which can be checked against the
/// template before), and the merchant's account is charged the amount and a fee. There is no idempotency key: sent twice, it
/// may recharge twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Recharge {
    /// The card's user.
    pub user_id: UserId,
    /// The card.
    pub card_id: CardId,
    /// How much, in major units (`100.00` is a hundred dollars).
    #[serde(deserialize_with = "amount::given")]
    #[cfg_attr(feature = "ts", ts(type = "AmountInput"))]
    pub amount: Amount,
}

impl Operation for Recharge {
    operation!(Recharge => Acknowledgement);

    /// [`Code::AmountNotPositive`](crate::Code::AmountNotPositive) for zero or less, and
    /// [`Code::AmountDecimals`](crate::Code::AmountDecimals).
    fn check(&self) -> Result<(), Invalid> {
        check_amount("amount", self.amount)
    }

    fn confirmed_by(&self) -> Option<EventType> {
        Some(EventType::CardRechargeResult)
    }

    fn wire_body(&self) -> Zeroizing<String> {
        /// As the API takes it: the amount is a number.
        #[derive(Serialize)]
        struct Body {
            user_id: UserId,
            card_id: CardId,
            #[serde(serialize_with = "amount::as_number")]
            amount: Amount,
        }

        let Self {
            user_id,
            card_id,
            amount,
        } = *self;
        json::text(&Body {
            user_id,
            card_id,
            amount,
        })
    }
}
