use crate::card::{CardStatus, Cvv, DisplayedNumber, Expiry};
use crate::ids::{CardId, TemplateId, UserId};
use crate::json::object;
use crate::operation::Operation;
use crate::operations::operation;

object! { closed
    /// Get a card's details (05-Card-Operations). The answer is sensitive: show it, don't store it.
    pub struct GetInformation {
        /// The card's user.
        pub user_id: UserId,
        /// The card.
        pub card_id: CardId,
    }
}

object! { open
    /// A card's details. What the merchant's permissions hide may be missing or masked; how isn't documented.
    pub struct CardInformation {
        /// The card number, full or masked.
        pub number: Option<DisplayedNumber> = guess,
        /// The CVV, if it is shown as digits.
        pub cvv: Option<Cvv> = guess,
        /// The expiry date.
        pub expiry_date: Option<Expiry> = guess,
        /// The card's status now.
        pub status: CardStatus,
        /// The template that it was made from.
        pub template_id: Option<TemplateId> = guess,
    }
}

impl Operation for GetInformation {
    operation!(GetInformation => CardInformation);
    operation!(wire);
}
