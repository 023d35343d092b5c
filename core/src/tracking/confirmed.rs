//! The operations that an event confirms, and the row of each.

use super::operation::{OperationId, TrackedKind, TrackedOperation};
use crate::operation::{AnyOperation, Operation};
use crate::operations::card::{Alter, Apply, Assign, Recharge, UpdateStatus};
use crate::operations::user::Register;
use crate::time::Timestamp;

/// An operation that an event confirms: until it comes, an answer says only that the request was taken.
pub trait ConfirmedOperation: Operation {
    /// The row to store before the operation is sent, and to wait for. `sent_at` is the caller's clock. The API is asked from 10
    /// minutes later on; set `ask_at` for another time.
    ///
    /// ```
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, ConfirmedOperation, OperationId, Timestamp, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// # let random_bytes = [7; 16];
    /// let id = OperationId::from_random_bytes(random_bytes);
    /// assert!(lock.tracked(id, Timestamp::from_millis(1_691_249_025_085)).is_open());
    /// ```
    fn tracked(&self, id: OperationId, sent_at: Timestamp) -> TrackedOperation;
}

impl ConfirmedOperation for Register {
    fn tracked(&self, id: OperationId, sent_at: Timestamp) -> TrackedOperation {
        TrackedOperation {
            template_id: Some(self.template_id),
            ..TrackedOperation::new(TrackedKind::Register, id, sent_at)
        }
    }
}

impl ConfirmedOperation for Apply {
    fn tracked(&self, id: OperationId, sent_at: Timestamp) -> TrackedOperation {
        TrackedOperation {
            user_id: Some(self.user_id),
            template_id: Some(self.template_id),
            deposit_amount: self.deposit_amount,
            ..TrackedOperation::new(TrackedKind::Apply, id, sent_at)
        }
    }
}

impl ConfirmedOperation for Assign {
    fn tracked(&self, id: OperationId, sent_at: Timestamp) -> TrackedOperation {
        TrackedOperation {
            user_id: Some(self.user_id),
            template_id: Some(self.template_id),
            last_four: Some(self.card_number.last4().to_owned()),
            ..TrackedOperation::new(TrackedKind::Assign, id, sent_at)
        }
    }
}

impl ConfirmedOperation for Recharge {
    fn tracked(&self, id: OperationId, sent_at: Timestamp) -> TrackedOperation {
        TrackedOperation {
            user_id: Some(self.user_id),
            card_id: Some(self.card_id),
            amount: Some(self.amount),
            ..TrackedOperation::new(TrackedKind::Recharge, id, sent_at)
        }
    }
}

impl ConfirmedOperation for UpdateStatus {
    fn tracked(&self, id: OperationId, sent_at: Timestamp) -> TrackedOperation {
        let kind = match self.alter {
            Alter::Activate => TrackedKind::Activate,
            Alter::Lock => TrackedKind::Lock,
            Alter::Unlock => TrackedKind::Unlock,
            Alter::Close => TrackedKind::Close,
        };
        TrackedOperation {
            user_id: Some(self.user_id),
            card_id: Some(self.card_id),
            ..TrackedOperation::new(kind, id, sent_at)
        }
    }
}

impl TrackedOperation {
    /// The row of an operation of any kind; `None` if no event confirms it. See [`ConfirmedOperation::tracked`], which is for a certain kind.
    ///
    /// ```
    /// use bananatech_core::{operations::card::GetBalance, CardId, OperationId, Timestamp, TrackedOperation, UserId};
    /// let ask = GetBalance { user_id: UserId::from(1), card_id: CardId::from(2) };
    /// let id = OperationId::from_random_bytes([7; 16]);
    /// assert!(TrackedOperation::of(&ask.into(), id, Timestamp::from_millis(0)).is_none());
    /// ```
    pub fn of(operation: &AnyOperation, id: OperationId, sent_at: Timestamp) -> Option<Self> {
        match operation {
            AnyOperation::Register(register) => Some(register.tracked(id, sent_at)),
            AnyOperation::Apply(apply) => Some(apply.tracked(id, sent_at)),
            AnyOperation::Assign(assign) => Some(assign.tracked(id, sent_at)),
            AnyOperation::Recharge(recharge) => Some(recharge.tracked(id, sent_at)),
            AnyOperation::UpdateStatus(update) => Some(update.tracked(id, sent_at)),
            AnyOperation::GetAccountBalance(_)
            | AnyOperation::GetCardTemplates(_)
            | AnyOperation::SetWebhookUrl(_)
            | AnyOperation::GetWebhookRecords(_)
            | AnyOperation::GetUsers(_)
            | AnyOperation::GetBalance(_)
            | AnyOperation::GetInformation(_)
            | AnyOperation::GetTransactions(_)
            | AnyOperation::SetPin(_)
            | AnyOperation::Confirm3ds(_) => None,
        }
    }
}
