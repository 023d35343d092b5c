//! A card's state, as its JSON.

use bananatech_core::{CardAction, CardId, CardState, Event, Plan};

use crate::thrown::Result;
use crate::values::information;
use crate::{id, ours, timestamp};

/// Takes an event. Answers what became of it, a space, and the new state.
pub(crate) fn fold(state: &str, event: &str) -> Result<String> {
    let mut state = CardState::from_json(state)?;
    let fold = state.fold(&Event::from_json(event)?);
    Ok([fold.as_str(), " ", &ours(&state)?].concat())
}

/// Takes the card's information. Answers what became of it, a space, and the new state.
pub(crate) fn observe(state: &str, information: &str, asked_at: f64) -> Result<String> {
    let mut state = CardState::from_json(state)?;
    let information = self::information(information)?;
    let fold = state.observe(&information, timestamp("asked_at", asked_at)?);
    Ok([fold.as_str(), " ", &ours(&state)?].concat())
}

/// The state of a card of which nothing is known yet. Whether it needs an activation: `true`, `false`, or not known.
pub(crate) fn new(card_id: f64, needs_activation: Option<&str>) -> Result<String> {
    let mut state = CardState::new(id::<CardId>("card_id", card_id)?);
    state.needs_activation = needs_activation.map(|word| word == "true");
    ours(&state)
}

/// Reads a state that was stored.
pub(crate) fn read(state: &str) -> Result<String> {
    ours(&CardState::from_json(state)?)
}

/// What is allowed now: names with spaces between.
pub(crate) fn allowed(state: &str) -> Result<String> {
    let state = CardState::from_json(state)?;
    let names: Vec<_> = state.allowed().map(CardAction::as_str).collect();
    Ok(names.join(" "))
}

/// Refuses what the card's state rules out.
pub(crate) fn check(state: &str, action: &str) -> Result<()> {
    Ok(CardState::from_json(state)?.check(CardAction::parse(action)?)?)
}

/// Refuses a plan for this card that its state rules out.
pub(crate) fn check_plan(state: &str, plan: &str) -> Result<()> {
    let plan = Plan::from_json(plan)?;
    Ok(CardState::from_json(state)?.check_operation(plan.operation())?)
}
