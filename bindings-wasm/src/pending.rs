//! Operations whose outcome isn't known yet. All of them are one text, to be stored as it is: numbers in it may be larger than
//! JavaScript holds.

use bananatech_core::{
    AnyResponse, Event, Outcome, Pending, PendingId, PendingOperations, Plan, Rejection,
    Settlement, TransactionId, json,
};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Result;
use crate::numbers::{timestamp, unsigned};
use crate::out::{parsed, plain};
use crate::plans::own_plan;

/// What became known, and the new text.
#[derive(Serialize)]
struct Taken {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    settlement: JsValue,
    operations: String,
}

impl Taken {
    fn plain(settlement: &Settlement, operations: &PendingOperations) -> Result {
        Ok(plain(&Self {
            settlement: parsed(settlement)?,
            operations: operations.to_json(),
        }))
    }
}

/// What waits for its event once a plan is sent; nothing if no event confirms it.
#[wasm_bindgen]
pub fn pending(plan: String, sent_at: f64, deadline: f64, reference: Option<String>) -> Result {
    let pending = Pending::of(
        own_plan(&plan)?.operation(),
        timestamp("sent_at", sent_at)?,
        timestamp("deadline", deadline)?,
    );
    let pending = match (pending, reference) {
        (Some(pending), Some(reference)) => pending.with_reference(&reference),
        (Some(pending), None) => pending,
        (None, _) => return Ok(JsValue::NULL),
    };
    Ok(parsed(&pending)?)
}

/// No operations pending, or those of a stored text, checked.
#[wasm_bindgen(js_name = openPending)]
pub fn open(stored: Option<String>) -> Result<String> {
    let operations = match stored {
        Some(text) => PendingOperations::from_json(&text)?,
        None => PendingOperations::new(),
    };
    Ok(operations.to_json())
}

#[derive(Serialize)]
struct Added {
    id: PendingId,
    operations: String,
}

/// Adds an operation.
#[wasm_bindgen(js_name = addPending)]
pub fn add(operations: String, pending: String) -> Result {
    let mut operations = PendingOperations::from_json(&operations)?;
    let id = operations.add(Pending::from_json(&pending)?);
    Ok(plain(&Added {
        id,
        operations: operations.to_json(),
    }))
}

/// Notes the answer to an operation's request.
#[wasm_bindgen(js_name = acknowledgePending)]
pub fn acknowledge(operations: String, response: String, id: f64) -> Result {
    let mut operations = PendingOperations::from_json(&operations)?;
    let id = pending_id(id)?;
    let settlement = match operations.get(id) {
        Some(pending) => {
            let response = AnyResponse::from_json(pending.kind.operation(), &response)?;
            operations.acknowledge(id, &response)
        }
        None => Settlement::Unrelated,
    };
    Taken::plain(&settlement, &operations)
}

/// Notes that a request was rejected.
#[wasm_bindgen(js_name = rejectPending)]
pub fn reject(operations: String, rejection: String, id: f64) -> Result {
    let mut operations = PendingOperations::from_json(&operations)?;
    let rejection: Rejection = json::from_str(&rejection)?;
    let settlement = operations.reject(pending_id(id)?, &rejection);
    Taken::plain(&settlement, &operations)
}

/// Takes an event.
#[wasm_bindgen(js_name = settlePending)]
pub fn settle(operations: String, event: String) -> Result {
    let mut operations = PendingOperations::from_json(&operations)?;
    let settlement = operations.settle(&Event::from_json(&event)?);
    Taken::plain(&settlement, &operations)
}

/// Notes what was found by asking.
#[wasm_bindgen(js_name = resolvePending)]
pub fn resolve(
    operations: String,
    outcome: String,
    operation: f64,
    transaction_id: Option<f64>,
) -> Result {
    let mut operations = PendingOperations::from_json(&operations)?;
    let outcome = Outcome::from_json(&outcome)?;
    let transaction_id = match transaction_id {
        Some(number) => Some(TransactionId::try_from(unsigned(
            "transaction_id",
            number,
        )?)?),
        None => None,
    };
    let settlement = operations.resolve(pending_id(operation)?, &outcome, transaction_id);
    Taken::plain(&settlement, &operations)
}

/// Forgets an operation whose request was never sent.
#[wasm_bindgen(js_name = withdrawPending)]
pub fn withdraw(operations: String, id: f64) -> Result {
    let mut operations = PendingOperations::from_json(&operations)?;
    let settlement = operations.withdraw(pending_id(id)?);
    Taken::plain(&settlement, &operations)
}

/// Forgets what isn't needed any more. Answers the new text.
#[wasm_bindgen(js_name = tidyPending)]
pub fn tidy(operations: String, now: f64) -> Result<String> {
    let mut operations = PendingOperations::from_json(&operations)?;
    operations.tidy(timestamp("now", now)?);
    Ok(operations.to_json())
}

/// One pending operation with its id.
#[derive(Serialize)]
struct Entry<'a> {
    id: PendingId,
    pending: &'a Pending,
}

/// Those that are pending, or with a time only those that are overdue then.
#[wasm_bindgen(js_name = listPending)]
pub fn list(operations: String, overdue_at: Option<f64>) -> Result {
    let operations = PendingOperations::from_json(&operations)?;
    let now = overdue_at.map(|now| timestamp("now", now)).transpose()?;
    let entries: Vec<_> = operations
        .iter()
        .filter(|(_, pending)| now.is_none_or(|now| pending.is_overdue(now)))
        .map(|(id, pending)| Entry { id, pending })
        .collect();
    Ok(parsed(&entries)?)
}

/// What to ask the API about an operation whose event doesn't come: plans.
#[wasm_bindgen(js_name = inquiriesOfPending)]
pub fn inquiries(operations: String, id: f64) -> Result {
    let operations = PendingOperations::from_json(&operations)?;
    let plans: Vec<Plan> = operations
        .get(pending_id(id)?)
        .map(Pending::inquiries)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|operation| Plan::new(operation).ok())
        .collect();
    Ok(parsed(&plans)?)
}

fn pending_id(number: f64) -> Result<PendingId> {
    Ok(PendingId::new(unsigned("id", number)?))
}
