use crate::card::CardNumber;
use crate::confirmation::{Pending, PendingKind};
use crate::event::EventType;
use crate::ids::{CardId, TemplateId, UserId};
use crate::json::object;
use crate::operation::Operation;
use crate::operations::operation;

object! { closed
    /// Assign a physical card to a user (04-Physical-Cards). The answer only acknowledges: wait for `CARD_ASSIGN_RESULT`.
    ///
    /// What may go wrong then: the number isn't known to the provider ("Card Number Not Found": read it from the card
    /// again), it is another user's ("Card Already Assigned"), or the provider has trouble ("Provider System Errors":
    /// try later). Nothing is created in these cases, and the assignment may be sent again.
    pub struct Assign {
        /// A user whose registration was `APPROVED`.
        pub user_id: UserId,
        /// The kind of card.
        pub template_id: TemplateId,
        /// The number that is printed on the card.
        pub card_number: CardNumber,
    }
}

object! { open
    /// The answer to [`Assign`].
    pub struct Assigned {
        /// It "represents the card assignment operation" (04-Physical-Cards): no card exists yet. For what comes after,
        /// use the id in the webhook; whether the two are always equal isn't documented.
        pub card_id: CardId,
    }
}

impl Operation for Assign {
    operation!(Assign => Assigned);
    operation!(wire);

    fn awaited(&self) -> Option<Pending> {
        Some(Pending {
            user_id: Some(self.user_id),
            template_id: Some(self.template_id),
            ..Pending::of_kind(PendingKind::Assign)
        })
    }

    fn confirmed_by(&self) -> Option<EventType> {
        Some(EventType::CardAssignResult)
    }
}
