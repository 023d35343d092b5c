use crate::ids::{CardId, UserId};
use crate::json::{Extra, object};
use crate::operation::Operation;
use crate::operations::{Acknowledgement, operation};

object! { open
    /// Confirm a 3-D Secure request. Only its title is documented: that it answers a `CARD_3DS` event is inferred, and
    /// everything in it is a guess. Take what the event brought and put it into `extra`.
    #[derive(Default)]
    pub struct Confirm3ds {
        /// The card's user (guess).
        pub user_id: Option<UserId>,
        /// The card (guess).
        pub card_id: Option<CardId>,
    }
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
    operation!(wire);
}
