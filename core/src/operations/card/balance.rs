use crate::amount::{Amount, Currency};
use crate::ids::{CardId, UserId};
use crate::json::object;
use crate::operation::Operation;
use crate::operations::operation;

object! { closed
    /// Get a card's balance (05-Card-Operations).
    pub struct GetBalance {
        /// The card's user.
        pub user_id: UserId,
        /// The card.
        pub card_id: CardId,
    }
}

object! { open
    /// A card's balance.
    pub struct CardBalance {
        /// What can be spent, in major units.
        pub balance: Amount,
        /// What can be refunded, if anything.
        pub refund_amount: Option<Amount>,
        /// The currency of both.
        pub currency: Option<Currency>,
    }
}

impl Operation for GetBalance {
    operation!(GetBalance => CardBalance);
    operation!(wire);
}
