use zeroize::Zeroizing;

use super::check_positive;
use crate::amount::{Amount, AsNumber};
use crate::confirmation::{Pending, PendingKind};
use crate::error::Invalid;
use crate::event::EventType;
use crate::ids::{CardId, TemplateId, UserId};
use crate::json::object;
use crate::operation::Operation;
use crate::operations::operation;
use crate::personal::Personal;
use crate::write::JsonWriter;

object! { closed
    /// Order a virtual card (03-Virtual-Cards). The answer only acknowledges: wait for `CARD_APPLY_RESULT`.
    ///
    /// There is no idempotency key: sent twice, it may order two cards.
    pub struct Apply {
        /// A user whose registration was `APPROVED`.
        pub user_id: UserId,
        /// The kind of card.
        pub template_id: TemplateId,
        /// The first deposit, in major units: only if the template has `requires_initial_deposit`.
        pub deposit_amount: Option<Amount> = given_or_none,
    }
}

object! { open
    /// The answer to [`Apply`]. Both fields are guesses, after the answer to an assignment.
    pub struct Applied {
        /// The card's id (guess).
        pub card_id: Option<CardId> = guess,
        /// The API's words (guess).
        pub message: Option<Personal> = guess,
    }
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

    /// [`Code::AmountNotPositive`](crate::Code::AmountNotPositive) for a deposit of zero or less.
    fn check(&self) -> Result<(), Invalid> {
        self.deposit_amount
            .map_or(Ok(()), |amount| check_positive("deposit_amount", amount))
    }

    fn awaited(&self) -> Option<Pending> {
        Some(Pending {
            user_id: Some(self.user_id),
            template_id: Some(self.template_id),
            amount: self.deposit_amount,
            ..Pending::of_kind(PendingKind::Apply)
        })
    }

    fn confirmed_by(&self) -> Option<EventType> {
        Some(EventType::CardApplyResult)
    }

    fn wire_body(&self) -> Zeroizing<String> {
        let mut out = JsonWriter::default();
        out.open();
        out.field("user_id", &self.user_id);
        out.field("template_id", &self.template_id);
        out.field("deposit_amount", &self.deposit_amount.map(AsNumber));
        out.close();
        Zeroizing::new(out.into_text())
    }
}
