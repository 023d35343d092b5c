//! A card's state. It crosses as the text that it is stored as.

use bananatech_core::{
    AnyResponse, CardAction, CardId, CardState, CardStatus, Code, Event, Fold, Invalid,
    KnownBalance, OperationKind, Timestamp,
};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Result;
use crate::numbers::{timestamp, unsigned};
use crate::out::{parsed, plain};
use crate::plans::own_plan;

/// What became of what was taken in, and the new state.
#[derive(Serialize)]
struct Folded {
    fold: Fold,
    state: String,
}

impl Folded {
    fn plain(fold: Fold, state: &CardState) -> Result {
        let state = ours(state)?;
        Ok(plain(&Self { fold, state }))
    }
}

/// What a state comes to.
#[derive(Serialize)]
struct Known<'a> {
    status: Option<&'a CardStatus>,
    status_as_of: Option<Timestamp>,
    possible_statuses: Vec<&'a CardStatus>,
    balance: Option<&'a KnownBalance>,
    possible_balances: Vec<&'a KnownBalance>,
}

/// A state's text, if JavaScript can hold what is in it.
fn ours(state: &CardState) -> Result<String> {
    crate::out::check(state)?;
    Ok(state.to_json())
}

/// The state of a card of which nothing is known yet, and whether it needs an activation, if that is known.
#[wasm_bindgen(js_name = newCard)]
pub fn new(card_id: f64, needs_activation: Option<bool>) -> Result<String> {
    let mut state = CardState::new(CardId::try_from(unsigned("card_id", card_id)?)?);
    state.needs_activation = needs_activation;
    ours(&state)
}

/// Reads a state that was stored.
#[wasm_bindgen(js_name = readCard)]
pub fn read(state: String) -> Result<String> {
    ours(&CardState::from_json(&state)?)
}

/// What is known of the card.
#[wasm_bindgen(js_name = knownOfCard)]
pub fn known(state: String) -> Result {
    let state = CardState::from_json(&state)?;
    Ok(parsed(&Known {
        status: state.status(),
        status_as_of: state.status_as_of(),
        possible_statuses: state.possible_statuses(),
        balance: state.balance(),
        possible_balances: state.possible_balances(),
    })?)
}

/// Takes in what another state of the same card knows.
#[wasm_bindgen(js_name = mergeCards)]
pub fn merge(state: String, other: String) -> Result<String> {
    let mut state = CardState::from_json(&state)?;
    state.merge(&CardState::from_json(&other)?)?;
    ours(&state)
}

/// Takes an event in.
#[wasm_bindgen(js_name = foldCard)]
pub fn fold(state: String, event: String) -> Result {
    let mut state = CardState::from_json(&state)?;
    let fold = state.fold(&Event::from_json(&event)?);
    Folded::plain(fold, &state)
}

/// Takes in what the API answered when it was asked for the card's information.
#[wasm_bindgen(js_name = observeCard)]
pub fn observe(state: String, information: String, asked_at: f64) -> Result {
    let mut state = CardState::from_json(&state)?;
    let AnyResponse::GetInformation(information) =
        AnyResponse::from_json(OperationKind::GetInformation, &information)?
    else {
        return Err(Invalid::new("", Code::FieldType, "a card's information").into());
    };
    let fold = state.observe(&information, timestamp("asked_at", asked_at)?);
    Folded::plain(fold, &state)
}

/// What is allowed now.
#[wasm_bindgen(js_name = allowedOfCard)]
pub fn allowed(state: String) -> Result<Vec<String>> {
    let state = CardState::from_json(&state)?;
    let names = state.allowed().map(CardAction::as_str);
    Ok(names.map(str::to_owned).collect())
}

/// Refuses what the card's state rules out.
#[wasm_bindgen(js_name = checkCard)]
pub fn check(state: String, action: String) -> Result<()> {
    Ok(CardState::from_json(&state)?.check(CardAction::parse(&action)?)?)
}

/// Refuses a plan for this card that its state rules out.
#[wasm_bindgen(js_name = checkCardPlan)]
pub fn check_plan(state: String, plan: String) -> Result<()> {
    let plan = own_plan(&plan)?;
    Ok(CardState::from_json(&state)?.check_operation(plan.operation())?)
}
