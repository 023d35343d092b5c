use zeroize::Zeroizing;

use super::check_positive;
use crate::amount::{Amount, AsNumber};
use crate::confirmation::{Pending, PendingKind};
use crate::error::Invalid;
use crate::event::EventType;
use crate::ids::{CardId, UserId};
use crate::json::object;
use crate::operation::Operation;
use crate::operations::{Acknowledgement, operation};
use crate::write::JsonWriter;

object! { closed
    /// Add funds to a card (05-Card-Operations). The answer only acknowledges: wait for `CARD_RECHARGE_RESULT`.
    ///
    /// The card has to be ACTIVE, the amount at least the template's `recharge_min_limit`
    /// ([`CardTemplate::check_recharge`](crate::operations::merchant::CardTemplate::check_recharge)), and the merchant's
    /// account is charged the amount and a fee. There is no idempotency key: sent twice, it may recharge twice.
    pub struct Recharge {
        /// The card's user.
        pub user_id: UserId,
        /// The card.
        pub card_id: CardId,
        /// How much, in major units (`100.00` is a hundred dollars).
        pub amount: Amount = given,
    }
}

impl Operation for Recharge {
    operation!(Recharge => Acknowledgement);

    /// [`Code::AmountNotPositive`](crate::Code::AmountNotPositive) for zero or less.
    fn check(&self) -> Result<(), Invalid> {
        check_positive("amount", self.amount)
    }

    fn awaited(&self) -> Option<Pending> {
        Some(Pending {
            user_id: Some(self.user_id),
            card_id: Some(self.card_id),
            amount: Some(self.amount),
            ..Pending::of_kind(PendingKind::Recharge)
        })
    }

    fn confirmed_by(&self) -> Option<EventType> {
        Some(EventType::CardRechargeResult)
    }

    fn wire_body(&self) -> Zeroizing<String> {
        let mut out = JsonWriter::default();
        out.open();
        out.field("user_id", &self.user_id);
        out.field("card_id", &self.card_id);
        out.field("amount", &AsNumber(self.amount));
        out.close();
        Zeroizing::new(out.into_text())
    }
}
