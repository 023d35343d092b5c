//! Operations whose outcome isn't known yet. All of them are one text, to be stored as it is.

use bananatech_core::{
    AnyResponse, Event, Outcome, Pending, PendingId, PendingOperations, Plan, Rejection,
    Settlement, ToJson, TransactionId, Written,
};

use crate::thrown::Result;
use crate::{id, ours, pending_id, timestamp};

/// What waits for its event once a plan is sent, as JSON; nothing if no event confirms it. Times are milliseconds since 1970.
pub(crate) fn pending(
    plan: &str,
    sent_at: f64,
    deadline: f64,
    reference: Option<&str>,
) -> Result<Option<String>> {
    let plan = Plan::from_json(plan)?;
    let pending = Pending::of(
        plan.operation(),
        timestamp("sent_at", sent_at)?,
        timestamp("deadline", deadline)?,
    );
    let pending = match (pending, reference) {
        (Some(pending), Some(reference)) => Some(pending.with_reference(reference)),
        (pending, _) => pending,
    };
    pending.map(|pending| ours(&pending)).transpose()
}

/// No operations pending, or those of a stored text, checked.
pub(crate) fn open(stored: Option<&str>) -> Result<String> {
    let operations = match stored {
        Some(text) => PendingOperations::from_json(text)?,
        None => PendingOperations::new(),
    };
    Ok(operations.to_json())
}

/// Adds an operation. Answers its id, a space, and the new text.
pub(crate) fn add(operations: &str, pending: &str) -> Result<String> {
    let mut operations = PendingOperations::from_json(operations)?;
    let id = operations.add(Pending::from_json(pending)?);
    Ok([&id.to_json_text(), " ", &operations.to_json()].concat())
}

/// Notes the answer to an operation's request. Answers the settlement, a line feed, and the new text.
pub(crate) fn acknowledge(operations: &str, id: f64, response: &str) -> Result<String> {
    let mut operations = PendingOperations::from_json(operations)?;
    let id = pending_id(id)?;
    let settlement = match operations.get(id) {
        Some(pending) => {
            let response = AnyResponse::from_json(pending.kind.operation(), response)?;
            operations.acknowledge(id, &response)
        }
        None => Settlement::Unrelated,
    };
    answer(&settlement, &operations)
}

/// Notes that a request was rejected.
pub(crate) fn reject(operations: &str, id: f64, rejection: &str) -> Result<String> {
    let mut operations = PendingOperations::from_json(operations)?;
    let rejection = Rejection::from_json(rejection)?;
    let settlement = operations.reject(pending_id(id)?, &rejection);
    answer(&settlement, &operations)
}

/// Takes an event.
pub(crate) fn settle(operations: &str, event: &str) -> Result<String> {
    let mut operations = PendingOperations::from_json(operations)?;
    let settlement = operations.settle(&Event::from_json(event)?);
    answer(&settlement, &operations)
}

/// Notes what was found by asking.
pub(crate) fn resolve(
    operations: &str,
    operation: f64,
    outcome: &str,
    transaction_id: Option<f64>,
) -> Result<String> {
    let mut operations = PendingOperations::from_json(operations)?;
    let outcome = Outcome::from_json(outcome)?;
    let transaction_id = transaction_id
        .map(|number| id::<TransactionId>("transaction_id", number))
        .transpose()?;
    let settlement = operations.resolve(pending_id(operation)?, &outcome, transaction_id);
    answer(&settlement, &operations)
}

/// Forgets an operation whose request was never sent.
pub(crate) fn withdraw(operations: &str, id: f64) -> Result<String> {
    let mut operations = PendingOperations::from_json(operations)?;
    let settlement = operations.withdraw(pending_id(id)?);
    answer(&settlement, &operations)
}

/// Forgets what isn't needed any more. Answers the new text.
pub(crate) fn tidy(operations: &str, now: f64) -> Result<String> {
    let mut operations = PendingOperations::from_json(operations)?;
    operations.tidy(timestamp("now", now)?);
    Ok(operations.to_json())
}

/// One pending operation with its id.
struct Entry<'a>(PendingId, &'a Pending);

impl Written for Entry<'_> {
    fn write(&self, out: &mut bananatech_core::JsonWriter) {
        out.open();
        out.field("id", &self.0);
        out.field("pending", self.1);
        out.close();
    }
}

/// Those that are pending, or with a time only those that are overdue then, as a JSON array of `{id, pending}`.
pub(crate) fn list(operations: &str, overdue_at: Option<f64>) -> Result<String> {
    let operations = PendingOperations::from_json(operations)?;
    let now = overdue_at.map(|now| timestamp("now", now)).transpose()?;
    let entries: Vec<_> = operations
        .iter()
        .filter(|(_, pending)| now.is_none_or(|now| pending.is_overdue(now)))
        .map(|(id, pending)| Entry(id, pending))
        .collect();
    ours(&entries)
}

/// What to ask the API about an operation whose event doesn't come, as a JSON array of plans.
pub(crate) fn inquiries(operations: &str, id: f64) -> Result<String> {
    let operations = PendingOperations::from_json(operations)?;
    let plans: Vec<Plan> = operations
        .get(pending_id(id)?)
        .map(Pending::inquiries)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|operation| Plan::new(operation).ok())
        .collect();
    ours(&plans)
}

fn answer(settlement: &Settlement, operations: &PendingOperations) -> Result<String> {
    Ok([&ours(settlement)?, "\n", &operations.to_json()].concat())
}
