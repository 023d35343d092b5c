//! What is pending, as a value: the state goes in, and comes out beside what became known.

use bananatech_core as core;
use core::{
    AnyOperation, AnyResponse, Event, Json, Outcome, Pending, PendingId, Settlement, Timestamp,
    TransactionId,
};

use crate::Result;
use crate::error::Rejection;

/// One pending operation with its id.
#[derive(uniffi::Record)]
pub struct PendingEntry {
    /// Its id within `PendingOperations`.
    pub id: PendingId,
    /// What is pending.
    pub pending: Pending,
}

/// All operations that are pending, kept apart: an event settles one only if it can't be another's. When no event comes in time,
/// an operation is not known, never failed: ask the API (`inquiries`).
///
/// It is one value, `json`, and holds no secret that a documented event has. Read it, change it and write it in one transaction,
/// together with what is done about the outcome, before the webhook is answered with 200. Keep all operations of one user and of
/// that user's cards in the same value; registrations, which have no user yet, in one of their own.
///
/// Nothing changes in place: each step answers the new value, to be stored in place of the old one.
#[derive(uniffi::Record)]
pub struct PendingOperations {
    /// The state, to be stored in clear and given again; nothing while nothing was ever pending.
    #[uniffi(default)]
    pub json: Option<Json>,
}

/// The new state, and what became known by the step that led to it.
#[derive(uniffi::Record)]
pub struct Settling {
    /// To be stored in place of the old one.
    pub operations: PendingOperations,
    /// What became known.
    pub settlement: Settlement,
}

/// The new state, and the id of what was added.
#[derive(uniffi::Record)]
pub struct PendingAdded {
    /// To be stored in place of the old one, before the request is sent.
    pub operations: PendingOperations,
    /// The operation's id.
    pub id: PendingId,
}

impl PendingOperations {
    fn core(&self) -> Result<core::PendingOperations> {
        Ok(match &self.json {
            Some(json) => core::PendingOperations::from_json(json.as_str())?,
            None => core::PendingOperations::new(),
        })
    }

    fn of(operations: &core::PendingOperations) -> Result<Self> {
        Ok(Self {
            json: Some(Json::parse(&operations.to_json())?),
        })
    }

    fn step(
        &self,
        step: impl FnOnce(&mut core::PendingOperations) -> Settlement,
    ) -> Result<Settling> {
        let mut operations = self.core()?;
        let settlement = step(&mut operations);
        Ok(Settling {
            operations: Self::of(&operations)?,
            settlement,
        })
    }
}

fn entries<'a>(entries: impl Iterator<Item = (PendingId, &'a Pending)>) -> Vec<PendingEntry> {
    entries
        .map(|(id, pending)| PendingEntry {
            id,
            pending: pending.clone(),
        })
        .collect()
}

/// Each errors, caused by whoever changed `json`, with the code of the field that is wrong.
#[uniffi::export]
impl PendingOperations {
    /// Adds an operation. Do it, and store it, before the request is sent, so that the operation is known after a crash or a
    /// time-out too.
    pub fn add(&self, pending: Pending) -> Result<PendingAdded> {
        let mut operations = self.core()?;
        let id = operations.add(pending);
        Ok(PendingAdded {
            operations: Self::of(&operations)?,
            id,
        })
    }

    /// One that is pending; none if it is pending no longer.
    pub fn get(&self, id: PendingId) -> Result<Option<Pending>> {
        Ok(self.core()?.get(id).cloned())
    }

    /// All that are pending, oldest first.
    pub fn list(&self) -> Result<Vec<PendingEntry>> {
        Ok(entries(self.core()?.iter()))
    }

    /// Those whose event should have come by now.
    pub fn overdue(&self, now: Timestamp) -> Result<Vec<PendingEntry>> {
        Ok(entries(self.core()?.overdue(now)))
    }

    /// Notes that the API took a request, and the ids that its response brought; an event that came before it may settle the
    /// operation now. Unrelated, if nothing became known by it.
    pub fn acknowledge(&self, id: PendingId, response: AnyResponse) -> Result<Settling> {
        self.step(|operations| operations.acknowledge(id, &response))
    }

    /// Notes that the API rejected a request. If that is sure (`rejection.meaning`), the operation is settled as failed;
    /// otherwise it stays pending (unclear), and is to be asked for.
    pub fn reject(&self, id: PendingId, rejection: Rejection) -> Result<Settling> {
        self.step(|operations| operations.reject(id, &rejection.into_core()))
    }

    /// Takes an event. The order of events doesn't matter, nor does a repetition.
    pub fn settle(&self, event: Event) -> Result<Settling> {
        self.step(|operations| operations.settle(&event))
    }

    /// Notes an outcome that was found by asking. Say the transaction of a recharge: without it, later recharges of the card
    /// can't be told apart from this one until a day after its deadline.
    #[uniffi::method(default(transaction_id = None))]
    pub fn resolve(
        &self,
        id: PendingId,
        outcome: Outcome,
        transaction_id: Option<TransactionId>,
    ) -> Result<Settling> {
        self.step(|operations| operations.resolve(id, &outcome, transaction_id))
    }

    /// Takes out an operation whose request was never sent, so that no event will come for it.
    pub fn withdraw(&self, id: PendingId) -> Result<Settling> {
        self.step(|operations| operations.withdraw(id))
    }

    /// Forgets operations that were resolved by asking and whose event can't be expected any more. Call it now and then.
    pub fn tidy(&self, now: Timestamp) -> Result<PendingOperations> {
        let mut operations = self.core()?;
        operations.tidy(now);
        Self::of(&operations)
    }

    /// What to ask the API when the event doesn't come, the most telling first; none if the operation is pending no longer.
    /// That the answers don't show yet that it was carried out is no proof that it failed.
    pub fn inquiries(&self, id: PendingId) -> Result<Vec<AnyOperation>> {
        Ok(self
            .core()?
            .get(id)
            .map_or_else(Vec::new, Pending::inquiries))
    }
}

/// What to wait for once an operation is sent; none if no event confirms it. Times are the caller's clock; `reference` is the
/// caller's own name for the operation, such as an order's number.
#[uniffi::export(default(reference = None))]
pub fn pending(
    operation: AnyOperation,
    sent_at: Timestamp,
    deadline: Timestamp,
    reference: Option<String>,
) -> Result<Option<Pending>> {
    let pending = Pending::of(&operation, sent_at, deadline);
    Ok(match (pending, reference) {
        (Some(pending), Some(reference)) => Some(pending.with_reference(&reference)),
        (pending, _) => pending,
    })
}
