use crate::card::Pin;
use crate::ids::{CardId, UserId};
use crate::json::object;
use crate::operation::Operation;
use crate::operations::{Acknowledgement, operation};

object! { closed
    /// Change a physical card's PIN (05-Card-Operations). No event confirms it: the answer is the outcome.
    pub struct SetPin {
        /// The card's user.
        pub user_id: UserId,
        /// The card.
        pub card_id: CardId,
        /// The new PIN, 4 to 6 digits.
        pub pin: Pin,
    }
}

impl Operation for SetPin {
    operation!(SetPin => Acknowledgement);
    operation!(wire);
}
