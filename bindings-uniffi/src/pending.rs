//! What is pending, as a value: the state goes in as text, and comes out as text beside what became known.

use bananatech_core as core;
use core::operations::Acknowledgement;
use core::operations::card::Recharge;
use core::{AnyResponse, Event, Outcome, Pending, PendingId, PendingOperations, Timestamp};

use crate::error::BananaTechError;

/// One pending operation with its id.
#[derive(uniffi::Record)]
pub struct PendingEntry {
    /// Its name among the others.
    pub id: u64,
    /// The operation.
    pub pending: Pending,
}

/// An operation whose outcome became known.
#[derive(uniffi::Record)]
pub struct SettledOperation {
    /// Its name among the others.
    pub id: u64,
    /// The operation.
    pub pending: Pending,
    /// How it ended.
    pub outcome: Outcome,
}

/// What an event did to the operations that are pending.
#[derive(uniffi::Enum)]
pub enum Settlement {
    /// Nothing: it belongs to none of them.
    Unrelated,
    /// It was taken before.
    Duplicate,
    /// It settled these, which are pending no longer.
    Settled {
        /// Mostly one.
        operations: Vec<SettledOperation>,
    },
    /// It belongs to one of these, and can't be told to which.
    Ambiguous {
        /// All of them stay pending.
        ids: Vec<u64>,
    },
    /// It belongs to this one, but its status isn't documented. It stays pending.
    Unclear {
        /// The operation.
        id: u64,
        /// The word that came.
        status: String,
    },
}

impl From<core::Settlement> for Settlement {
    fn from(settlement: core::Settlement) -> Self {
        match settlement {
            core::Settlement::Unrelated => Self::Unrelated,
            core::Settlement::Duplicate => Self::Duplicate,
            core::Settlement::Settled { operations } => Self::Settled {
                operations: operations
                    .into_iter()
                    .map(|settled| SettledOperation {
                        id: settled.id.get(),
                        pending: settled.pending,
                        outcome: settled.outcome,
                    })
                    .collect(),
            },
            core::Settlement::Ambiguous { ids } => Self::Ambiguous {
                ids: ids.into_iter().map(PendingId::get).collect(),
            },
            core::Settlement::Unclear { id, status } => Self::Unclear {
                id: id.get(),
                status,
            },
        }
    }
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
    pub id: u64,
}

/// What waits for its event once a recharge is sent. Times are the caller's clock.
#[uniffi::export(default(reference = None))]
pub fn pending_recharge(
    recharge: Recharge,
    sent_at: Timestamp,
    deadline: Timestamp,
    reference: Option<String>,
) -> Result<Option<Pending>, BananaTechError> {
    let pending = Pending::of(&recharge, sent_at, deadline);
    Ok(match (pending, reference) {
        (Some(pending), Some(reference)) => Some(pending.with_reference(&reference)),
        (pending, _) => pending,
    })
}

/// No operations pending.
#[uniffi::export]
pub fn pending_none() -> PendingOperations {
    PendingOperations::new()
}

/// Adds an operation.
#[uniffi::export]
pub fn pending_add(
    mut operations: PendingOperations,
    pending: Pending,
) -> Result<PendingAdded, BananaTechError> {
    let id = operations.add(pending).get();
    Ok(PendingAdded { operations, id })
}

/// Notes the answer to a recharge; an event that came before it may settle the operation now.
#[uniffi::export]
pub fn pending_acknowledge_recharge(
    mut operations: PendingOperations,
    id: u64,
    response: Acknowledgement,
) -> Result<Settling, BananaTechError> {
    let settlement = operations.acknowledge(PendingId::new(id), &AnyResponse::Recharge(response));
    Ok(Settling {
        operations,
        settlement: settlement.into(),
    })
}

/// Takes an event, and tells what is known by it.
#[uniffi::export]
pub fn pending_settle(
    mut operations: PendingOperations,
    event: Event,
) -> Result<Settling, BananaTechError> {
    let settlement = operations.settle(&event).into();
    Ok(Settling {
        operations,
        settlement,
    })
}

/// Those that are pending, oldest first.
#[uniffi::export]
pub fn pending_list(operations: PendingOperations) -> Result<Vec<PendingEntry>, BananaTechError> {
    Ok(operations
        .iter()
        .map(|(id, pending)| PendingEntry {
            id: id.get(),
            pending: pending.clone(),
        })
        .collect())
}
