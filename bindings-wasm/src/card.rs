//! A card's state, as its JSON.

use bananatech_core::{CardAction, CardId, CardState, Event, Plan};
use wasm_bindgen::prelude::*;

use crate::thrown::Result;
use crate::values::information;
use crate::{id, ours, timestamp};

/// Takes an event. Answers what became of it, a space, and the new state.
#[wasm_bindgen(js_name = cardFold)]
pub fn card_fold(state: &str, event: &str) -> Result<String> {
    let mut state = CardState::from_json(state)?;
    let fold = state.fold(&Event::from_json(event)?);
    Ok(format!("{} {}", fold.as_str(), ours(&state)?))
}

/// Takes the card's information. Answers what became of it, a space, and the new state.
#[wasm_bindgen(js_name = cardObserve)]
pub fn card_observe(state: &str, information: &str, asked_at: f64) -> Result<String> {
    let mut state = CardState::from_json(state)?;
    let information = self::information(information)?;
    let fold = state.observe(&information, timestamp("asked_at", asked_at)?);
    Ok(format!("{} {}", fold.as_str(), ours(&state)?))
}

/// The state of a card of which nothing is known yet.
#[wasm_bindgen(js_name = cardNew)]
pub fn card_new(card_id: f64, needs_activation: Option<bool>) -> Result<String> {
    let mut state = CardState::new(id::<CardId>("card_id", card_id)?);
    state.needs_activation = needs_activation;
    ours(&state)
}

/// Reads a state that was stored.
#[wasm_bindgen(js_name = cardRead)]
pub fn card_read(state: &str) -> Result<String> {
    ours(&CardState::from_json(state)?)
}

/// What is allowed now: names with spaces between.
#[wasm_bindgen(js_name = cardAllowed)]
pub fn card_allowed(state: &str) -> Result<String> {
    let state = CardState::from_json(state)?;
    let names: Vec<_> = state.allowed().map(CardAction::as_str).collect();
    Ok(names.join(" "))
}

/// Refuses what the card's state rules out.
#[wasm_bindgen(js_name = cardCheck)]
pub fn card_check(state: &str, action: &str) -> Result<()> {
    Ok(CardState::from_json(state)?.check(CardAction::parse(action)?)?)
}

/// Refuses a plan for this card that its state rules out.
#[wasm_bindgen(js_name = cardCheckPlan)]
pub fn card_check_plan(state: &str, plan: &str) -> Result<()> {
    let plan = Plan::from_json(plan)?;
    Ok(CardState::from_json(state)?.check_operation(plan.operation())?)
}
