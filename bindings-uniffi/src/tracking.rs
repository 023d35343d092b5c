//! What became of what was asked for: the tracker, and what to ask when no event comes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bananatech_core as core;
use core::operations::merchant::{CardTemplate, Fee};
use core::{
    AnyOperation, AnyResponse, Assumptions, Event, Json, OperationId, OperationState, Outcome,
    Personal, Report, ThingId, Timestamp, TrackedOperation, TransactionId,
};

use crate::Result;
use crate::error::Rejection;
use crate::merchant::Delivery;

/// All operations that are waited for and all evidence, in memory, for one process; threads may share it. It says of each operation
/// what is certain: that it succeeded, that it failed, or that it is still to be asked for.
///
/// Its JSON (`toJson`) holds no secret and no personal data. Write it before a request is sent and before a webhook is answered
/// with 200, together with what is done about the outcome. Call `forgetBefore` now and then.
#[derive(uniffi::Object)]
pub struct Tracker(Mutex<core::Tracker>);

impl Tracker {
    fn locked(&self) -> MutexGuard<'_, core::Tracker> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[uniffi::export]
impl Tracker {
    /// Nothing is waited for yet. The assumptions have no default: say whether only this system acts for its users and cards.
    #[uniffi::constructor]
    pub fn new(assumptions: Assumptions) -> Result<Arc<Self>> {
        Ok(Arc::new(Self(Mutex::new(core::Tracker::new(assumptions)))))
    }

    /// Reads what `toJson` wrote, by this version or a newer one, whose fields are kept.
    ///
    /// Errors, caused by whoever changed it: the code of the field that is wrong.
    #[uniffi::constructor]
    pub fn from_json(text: String) -> Result<Arc<Self>> {
        let tracker = core::Tracker::from_json(&text)?;
        Ok(Arc::new(Self(Mutex::new(tracker))))
    }

    /// As JSON, to be stored.
    pub fn to_json(&self) -> Result<String> {
        Ok(self.locked().to_json())
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Result<Assumptions> {
        Ok(*self.locked().assumptions())
    }

    /// Stores an operation. Do it, and store the tracker, before the request is sent, so that the operation is known after a crash
    /// or a time-out too.
    ///
    /// Errors, caused by the caller: `tracking.known` for an id or a reference that is taken.
    pub fn store(&self, operation: TrackedOperation) -> Result<Report> {
        Ok(self.locked().store(operation)?)
    }

    /// Notes the answer to a request, and the ids that it brought: an event that overtook it may settle the operation now.
    ///
    /// Errors, caused by the caller: `tracking.unknown` for an operation that isn't stored.
    pub fn acknowledge(&self, id: OperationId, response: AnyResponse) -> Result<Report> {
        Ok(self.locked().acknowledge(id, &response)?)
    }

    /// Notes that the API refused a request: the operation failed, and other operations may be settled by that. With a rejection that
    /// means something else (`rejection.meaning`), it stays open.
    ///
    /// It is only as good as the way that the answer came: an error's body need not be sealed.
    ///
    /// Errors, caused by the caller: `tracking.unknown` for an operation that isn't stored.
    pub fn reject(&self, id: OperationId, rejection: Rejection) -> Result<Report> {
        Ok(self.locked().reject(id, &rejection.into_core())?)
    }

    /// Takes what a webhook brought. Deliveries may come twice, late and in any order.
    pub fn receive(&self, delivery: Delivery) -> Result<Report> {
        let event_type = delivery.event.event_type();
        Ok(self.locked().take_data(event_type, &delivery.raw))
    }

    /// Takes an event that somebody passed on. Nothing vouches for it but the way that it came.
    pub fn take(&self, event: Event) -> Result<Report> {
        Ok(self.locked().take(&event))
    }

    /// What to ask the API now, for each operation whose event should have come by its `askAt`. Each is asked for again later, after
    /// as long as it was waited for, but within a day.
    ///
    /// This sets when each of them is asked for next. So store the tracker afterwards, and don't call it to count: for that, look at the
    /// operations that are open or doubted, and at their `askAt`.
    pub fn overdue(&self, now: Timestamp) -> Result<Vec<Inquiry>> {
        let inquiries = self.locked().overdue(now);
        inquiries.iter().map(Inquiry::of).collect()
    }

    /// Takes the answers to an inquiry.
    ///
    /// Errors, caused by the caller: `tracking.unknown` for an operation that isn't stored; the code of the field that is wrong
    /// for an inquiry whose state was changed.
    pub fn learn(&self, inquiry: Inquiry) -> Result<Report> {
        let inquiry = inquiry.core()?;
        Ok(self.locked().learn(&inquiry)?)
    }

    /// Notes what a person found out: in the vendor's console, from its support; `at` is the caller's clock. Name the transaction or
    /// the new card if it is known: without it, the event of this operation may still be taken for another's, for a day. An operation
    /// that has ended already stays as it was.
    ///
    /// Errors, caused by the caller: `tracking.unknown`, `tracking.owned` for a transaction or card of another operation,
    /// `tracking.refuted` for what the evidence rules out.
    #[uniffi::method(default(transaction_id = None))]
    pub fn find(
        &self,
        id: OperationId,
        outcome: Outcome,
        at: Timestamp,
        transaction_id: Option<TransactionId>,
    ) -> Result<Report> {
        Ok(self.locked().find(id, &outcome, transaction_id, at)?)
    }

    /// Notes that a request was never sent: the process ended between storing and sending. It then counts as failed, and can't be
    /// taken for the owner of an event any more, so that others may be settled. Don't withdraw a request that was
    /// answered, whatever the answer was: it was sent. An operation that was refused has ended already.
    ///
    /// Errors, caused by the caller: `tracking.unknown`, `tracking.refuted` for a request that the API acknowledged or whose event came.
    pub fn withdraw(&self, id: OperationId) -> Result<Report> {
        Ok(self.locked().withdraw(id)?)
    }

    /// Notes that a transaction, a new card or an event is somebody else's, so that the other evidence there counts again. A report's
    /// `things` has their names.
    ///
    /// Errors, caused by the caller: `tracking.unknown` for a thing of which nothing was said, `tracking.refuted` if an operation
    /// was settled by it, `field.type` for what is no such name.
    pub fn name_foreign(&self, thing: ThingId) -> Result<Report> {
        Ok(self.locked().name_foreign(thing)?)
    }

    /// One operation; none if it isn't stored.
    pub fn operation(&self, id: OperationId) -> Result<Option<TrackedOperation>> {
        Ok(self.locked().operation(id).cloned())
    }

    /// The operation with this reference; none if there is none. Look for it before you make a request again.
    pub fn operation_by_reference(&self, reference: String) -> Result<Option<TrackedOperation>> {
        Ok(self.locked().operation_by_reference(&reference).cloned())
    }

    /// All operations, in the order in which they were stored.
    pub fn operations(&self) -> Result<Vec<TrackedOperation>> {
        let mut operations: Vec<_> = self.locked().operations().cloned().collect();
        operations.sort_unstable_by_key(|operation| operation.seq);
        Ok(operations)
    }

    /// Forgets what ended before a time and can't be of use any more. Returns how many operations it forgot. For each card, and for
    /// applications and assignments together, it forgets up to a quiet time: one with nothing for ten minutes before and after
    /// it, and no operation before it that is open, doubted, contradicted or given by count.
    ///
    /// Later evidence about the forgotten time is taken for somebody else's. It is no sign that somebody else acts now.
    pub fn forget_before(&self, time: Timestamp) -> Result<i64> {
        let forgotten = self.locked().forget_before(time);
        Ok(i64::try_from(forgotten).unwrap_or(i64::MAX))
    }
}

/// A question to the API about one operation, and what was answered so far. Lists are read page by page. Nothing is asked that
/// moves money.
///
/// Nothing changes in place: each step returns the new value.
#[derive(uniffi::Record)]
pub struct Inquiry {
    /// The operation that it is about.
    pub operation_id: OperationId,
    /// How far it is, to be stored. What the API answered is in it, and an e-mail address that was said.
    pub state: Json,
}

impl Inquiry {
    fn of(inquiry: &core::Inquiry) -> Result<Self> {
        Ok(Self {
            operation_id: inquiry.operation_id,
            state: Json::parse(&inquiry.to_json())?,
        })
    }

    fn core(&self) -> Result<core::Inquiry> {
        Ok(core::Inquiry::from_json(self.state.as_str())?)
    }
}

/// Each errors, caused by whoever changed `state`, with the code of the field that is wrong.
#[uniffi::export]
impl Inquiry {
    /// The next request to send; none once all is answered: then hand the inquiry to the tracker's `learn`.
    pub fn next_request(&self) -> Result<Option<AnyOperation>> {
        Ok(self.core()?.next_request().map(core::Plan::into_operation))
    }

    /// Takes the answer to `nextRequest`, and when that was asked, by the caller's clock.
    ///
    /// Errors: `page.mismatch` for the answer to something else (caused by the caller, or by the API).
    pub fn accept(&self, response: AnyResponse, asked_at: Timestamp) -> Result<Inquiry> {
        let mut inquiry = self.core()?;
        inquiry.accept(&response, asked_at)?;
        Self::of(&inquiry)
    }

    /// The same question about a registration, for the user with this e-mail address: an operation that is stored doesn't keep it.
    /// Any other question stays as it is.
    pub fn with_email(&self, address: Personal) -> Result<Inquiry> {
        Self::of(&self.core()?.with_email(address.as_str()))
    }
}

/// What is to be waited for after an operation is sent; none if no event confirms it. Times are the caller's clock: the API is asked
/// from `askAt` on, 10 minutes after `sentAt` if not given. `id`, a random UUID, is the caller's name for it; `reference` is what it
/// is about, such as an order's number.
#[uniffi::export(default(ask_at = None, reference = None))]
pub fn tracked(
    operation: AnyOperation,
    id: OperationId,
    sent_at: Timestamp,
    ask_at: Option<Timestamp>,
    reference: Option<String>,
) -> Result<Option<TrackedOperation>> {
    let tracked = TrackedOperation::of(&operation, id, sent_at);
    Ok(tracked.map(|tracked| TrackedOperation {
        ask_at: ask_at.unwrap_or(tracked.ask_at),
        reference,
        ..tracked
    }))
}

/// How far an operation is, in a word.
#[uniffi::export]
pub fn operation_state(operation: TrackedOperation) -> Result<OperationState> {
    Ok(operation.state())
}

/// A stored operation as JSON. It holds no secret and no personal data. This function and the next ones are for Swift's `Codable`; Kotlin
/// doesn't show them.
#[uniffi::export]
pub fn write_tracked_operation(operation: TrackedOperation) -> Result<String> {
    Ok(operation.to_json())
}

/// Reads what `writeTrackedOperation` wrote, by this version or a newer one, whose fields are kept.
///
/// Errors, caused by whoever changed it: the code of the field that is wrong.
#[uniffi::export]
pub fn read_tracked_operation(json: String) -> Result<TrackedOperation> {
    Ok(TrackedOperation::from_json(&json)?)
}

/// How an operation ended, as JSON. The API's words are in it in clear.
#[uniffi::export]
pub fn write_outcome(outcome: Outcome) -> Result<Json> {
    Ok(Json::parse(&core::json::to_string(&outcome)?)?)
}

/// Reads what `writeOutcome` wrote.
///
/// Errors, caused by whoever changed it: the code of the field that is wrong.
#[uniffi::export]
pub fn read_outcome(json: Json) -> Result<Outcome> {
    Ok(core::json::from_str(json.as_str())?)
}

/// Reads an inquiry's `state`.
///
/// Errors, caused by whoever changed it: the code of the field that is wrong.
#[uniffi::export]
pub fn read_inquiry(state: Json) -> Result<Inquiry> {
    Inquiry::of(&core::Inquiry::from_json(state.as_str())?)
}

/// The same operation with the least that may arrive of a recharge, by the card's template: the amount less the fee, should the fee
/// be taken from it. Without it, recharges of one card with unequal amounts often can't be told apart. How the template's fee is
/// meant isn't documented, so the caller says it.
///
/// Errors, caused by the template: `amount.range` if the fee is out of all bounds, `field.type` if it is negative.
#[uniffi::export]
pub fn with_template(
    operation: TrackedOperation,
    template: CardTemplate,
    fee: Fee,
) -> Result<TrackedOperation> {
    Ok(operation.with_template(&template, fee)?)
}
