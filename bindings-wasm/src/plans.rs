//! Plans, events and responses as they are passed on, and going through a list.

use bananatech_core::operations::merchant::{CardTemplate, Fee};
use bananatech_core::{
    Amount, AnyOperation, AnyPages, AnyResponse, Code, Event, Invalid, OperationKind, Plan,
    TimeWindow, json,
};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::{Result, unexpected};
use crate::numbers::timestamp;
use crate::out::{Apart, parsed, plain, written};

pub(crate) fn kind(operation: &str) -> core::result::Result<OperationKind, Invalid> {
    OperationKind::from_name(operation)
        .ok_or_else(|| Invalid::new("operation", Code::PlanOperation, "the name of an operation"))
}

/// The operations of these names.
fn kinds(names: &[String]) -> core::result::Result<Vec<OperationKind>, Invalid> {
    names.iter().map(|name| kind(name)).collect()
}

/// A plan that was made elsewhere; the operations named may have fields that the contract doesn't name.
pub(crate) fn read_plan(plan: &str, open_fields: &[String]) -> core::result::Result<Plan, Invalid> {
    Plan::from_json_with_open_fields(plan, &kinds(open_fields)?)
}

/// A plan that this package made: whoever made it gave it the fields that it has.
pub(crate) fn own_plan(plan: &str) -> core::result::Result<Plan, Invalid> {
    Plan::from_json_with_open_fields(plan, OperationKind::ALL)
}

/// The library's version.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Plans an operation, `card.recharge` for one, from its body.
#[wasm_bindgen]
pub fn plan(operation: String, body: String) -> Result {
    let operation = AnyOperation::from_json(kind(&operation)?, &body)?;
    Ok(parsed(&Plan::new(operation)?)?)
}

/// Reads a plan that was made elsewhere, and checks it anew.
#[wasm_bindgen(js_name = checkPlan)]
pub fn check_plan(plan: String, open_fields: Vec<String>) -> Result {
    Ok(parsed(&read_plan(&plan, &open_fields)?)?)
}

/// Types an event that was passed on. One with an integer that JavaScript can't hold is kept whole.
#[wasm_bindgen(js_name = readEvent)]
pub fn read_event(event: String) -> Result {
    let typed = parsed(&Apart(Event::from_json(&event)?));
    Ok(typed.or_else(|error| parsed(&Event::unrecognized_from_json(&event, &error)?))?)
}

/// An event as JavaScript has it, as JSON that can be passed on: what stands apart stands among the other fields.
#[wasm_bindgen(js_name = flatEvent)]
pub fn flat_event(event: String) -> Result<String> {
    let event = json::with_extra_apart(|| Event::from_json(&event))?;
    Ok(written(&event)?)
}

/// Types a response that was passed on.
#[wasm_bindgen(js_name = readResponse)]
pub fn read_response(operation: String, response: String) -> Result {
    let response = AnyResponse::from_json(kind(&operation)?, &response)?;
    parsed(&Apart(response)).map_err(unexpected)
}

/// The same of a response as JavaScript has it.
#[wasm_bindgen(js_name = flatResponse)]
pub fn flat_response(operation: String, response: String) -> Result<String> {
    let kind = kind(&operation)?;
    let response = json::with_extra_apart(|| AnyResponse::from_json(kind, &response))?;
    written(&response).map_err(unexpected)
}

/// What may be printed of a plan.
#[wasm_bindgen(js_name = showPlan)]
pub fn show_plan(plan: String) -> Result {
    let plan = own_plan(&plan)?;
    shown(&plan)
}

/// What may be printed of an event.
#[wasm_bindgen(js_name = showEvent)]
pub fn show_event(event: String) -> Result {
    shown(&Apart(Event::from_json(&event)?))
}

/// What may be printed of a response.
#[wasm_bindgen(js_name = showResponse)]
pub fn show_response(operation: String, response: String) -> Result {
    shown(&Apart(AnyResponse::from_json(
        kind(&operation)?,
        &response,
    )?))
}

/// A value without what is secret or personal.
fn shown(value: &impl Serialize) -> Result {
    Ok(json::with_secrets_hidden(|| parsed(value))?)
}

/// Judges when an event happened against the clock.
#[wasm_bindgen(js_name = judgeTime)]
pub fn judge_time(event: String, now: f64, window: String) -> Result {
    let window: TimeWindow = json::from_str(&window)?;
    let occurred_at = Event::from_json(&event)?.occurred_at();
    Ok(plain(&window.judge(occurred_at, timestamp("now", now)?)))
}

/// Checks a registration, an application or a recharge against a card template.
#[wasm_bindgen(js_name = checkTemplate)]
pub fn check_template(template: String, plan: String) -> Result<()> {
    let template = CardTemplate::from_json(&template)?;
    Ok(template.check_operation(own_plan(&plan)?.operation())?)
}

/// What the merchant will be charged for an application or a recharge. With a balance: refused if that doesn't cover it.
#[wasm_bindgen]
pub fn charge(template: String, plan: String, fee: String, balance: Option<String>) -> Result {
    let template = CardTemplate::from_json(&template)?;
    let charge = template.operation_charge(own_plan(&plan)?.operation(), Fee::parse(&fee)?)?;
    if let Some(balance) = balance {
        charge.covered_by(Amount::from_json(&balance)?)?;
    }
    Ok(plain(&charge))
}

/// Begins going through a list. Answers the text that stands for how far that is.
#[wasm_bindgen(js_name = beginPages)]
pub fn begin_pages(plan: String) -> Result<String> {
    Ok(AnyPages::new(own_plan(&plan)?)?.to_json())
}

/// The plan for the next page, if there is one.
#[wasm_bindgen(js_name = nextPage)]
pub fn next_page(pages: String) -> Result {
    match AnyPages::from_json(&pages)?.next_page() {
        Some(plan) => Ok(parsed(&plan)?),
        None => Ok(JsValue::NULL),
    }
}

/// Takes the response to the next page's plan. Answers the new text.
#[wasm_bindgen(js_name = acceptPage)]
pub fn accept_page(pages: String, response: String) -> Result<String> {
    let mut pages = AnyPages::from_json(&pages)?;
    let response = AnyResponse::from_json(pages.kind(), &response)?;
    pages.accept(&response).map_err(unexpected)?;
    Ok(pages.to_json())
}

/// What is known of the list.
#[derive(Serialize)]
struct Progress {
    total: Option<f64>,
    is_complete: bool,
    is_stable: bool,
}

/// How many records there are in all, and whether the list was read whole.
#[wasm_bindgen(js_name = progressOfPages)]
pub fn progress_of_pages(pages: String) -> Result {
    let pages = AnyPages::from_json(&pages)?;
    Ok(plain(&Progress {
        total: pages.total().map(|total| total as f64),
        is_complete: pages.is_complete(),
        is_stable: pages.is_stable(),
    }))
}
