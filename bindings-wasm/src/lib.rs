//! JavaScript bindings of the BananaTech SDK: the core's functions as JavaScript can call them. No logic lives here.
//!
//! The package's hand-written modules (`npm/`) put names and types over these functions; programs use that package.
//!
//! # What crosses, and how
//!
//! Structured values cross as **JSON text**, both ways: `JSON.stringify` there, the core's own readers here; the core's
//! own writers here, `JSON.parse` there. Only small scalars and short lists of texts cross as themselves, and an object
//! crosses only where it holds a key ([`Merchant`]).
//!
//! `serde-wasm-bindgen`, which builds JavaScript objects field by field, isn't used: the core keeps what it doesn't know as
//! the exact JSON text that came, and its readers take exact JSON text, whereas there every number is a float by the time
//! that Rust sees it and raw JSON has no counterpart at all. Text also is one crossing where objects are one per field. Only
//! errors are built as objects, of four properties, by hand.
//!
//! An integer that JavaScript's `number` can't hold is an error on its way in and out, never rounded: see `text.rs`.

mod error;
mod text;

use bananatech_core as core;
use core::{
    AnyOperation, Category, Code, Endpoints, Event, Invalid, Iv, KeyCodec, KeyRing, MerchantId,
    Operation, OperationKind, PendingId, PendingOperations, Plan, SecretKey, Settlement, Timestamp,
};
use wasm_bindgen::prelude::*;

use error::Thrown;

/// The version of the library.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Plans an operation, `card.recharge` for one, from the JSON of its body. No key is needed. Answers the plan's JSON.
#[wasm_bindgen]
pub fn plan(operation: &str, body: &str) -> Result<String, Thrown> {
    // The core has the reader of bodies by kind; an unknown name is the plan's error, so the plan says it.
    let operation = match OperationKind::from_name(operation) {
        Some(kind) => AnyOperation::from_json(kind, body)?,
        None => Plan::from_json(r#"{"operation":""}"#)?.into_operation(),
    };
    let plan = Plan::new(operation)?;
    ours(plan.operation())?;
    Ok(plan.to_json().to_string())
}

/// Reads a plan that was made elsewhere, and checks it anew. Answers its JSON.
#[wasm_bindgen(js_name = checkPlan)]
pub fn check_plan(plan: &str) -> Result<String, Thrown> {
    let plan = Plan::from_json(plan)?;
    ours(plan.operation())?;
    Ok(plan.to_json().to_string())
}

/// Checks a card number. Answers the JSON of what may be shown of it: luhn, masked, last4, bin6, bin8, brand.
#[wasm_bindgen(js_name = cardNumber)]
pub fn card_number(text: &str) -> Result<String, Thrown> {
    let number = core::CardNumber::parse(text)?;
    Ok(serde_json::json!({
        "luhn": number.luhn().as_str(),
        "masked": number.masked(),
        "last4": number.last4(),
        "bin6": number.bin6(),
        "bin8": number.bin8(),
        "brand": number.brand().as_str(),
    })
    .to_string())
}

/// Checks a PIN that activates a card. Answers whether it is one that the vendor advises against.
#[wasm_bindgen(js_name = activationPin)]
pub fn activation_pin(text: &str) -> Result<bool, Thrown> {
    Ok(core::ActivationPin::parse(text)?.is_simple())
}

/// Checks a new PIN. Answers whether it is one that the vendor advises against.
#[wasm_bindgen(js_name = pin)]
pub fn pin(text: &str) -> Result<bool, Thrown> {
    Ok(core::Pin::parse(text)?.is_simple())
}

/// A merchant with its Secret Key. It lives in this library's memory, so that the key is read once and can be wiped.
#[wasm_bindgen]
pub struct Merchant(core::Merchant);

#[wasm_bindgen]
impl Merchant {
    /// Takes what a merchant got when it was set up. The key stands in the arguments because this is where it enters.
    #[wasm_bindgen(constructor)]
    pub fn new(
        merchant_id: &str,
        base_url: &str,
        key_id: &str,
        secret_key: &str,
        codec: &str,
    ) -> Result<Self, Thrown> {
        let key = SecretKey::from_text(secret_key, KeyCodec::parse(codec)?)?;
        Ok(Self(core::Merchant::new(
            MerchantId::parse(merchant_id)?,
            KeyRing::new(key_id, key)?,
            Endpoints::new(base_url)?,
        )))
    }

    /// Seals a plan. Answers the request: its method, URL and body, then names and values of its headers by turns.
    pub fn seal(&self, plan: &str, iv: Option<Vec<u8>>) -> Result<Vec<String>, Thrown> {
        let call = self.0.seal(Plan::from_json(plan)?, initialisation(iv)?)?;
        let request = call.request();
        let mut parts = vec![
            core::Request::METHOD.to_owned(),
            request.url().to_owned(),
            request.body().to_owned(),
        ];
        for header in request.headers() {
            parts.extend([header.name.to_owned(), header.value.clone()]);
        }
        Ok(parts)
    }

    /// Reads the answer to a plan that was sealed. Answers the response's JSON, and the id of the key that opened it, if one did.
    pub fn read(&self, plan: &str, status: u16, body: &JsValue) -> Result<Vec<String>, Thrown> {
        let plan = Plan::from_json(plan)?;
        let answer = self.0.read(plan.operation(), status, &raw(body))?;
        let key_id = answer.sealed_with().map(str::to_owned);
        let response = theirs(&answer.into_response())?;
        Ok(std::iter::once(response).chain(key_id).collect())
    }

    /// Verifies, opens and types a webhook. Answers the event's JSON, the fingerprint, and the key's id.
    pub fn receive(&self, raw_body: &JsValue) -> Result<Vec<String>, Thrown> {
        let delivery = self.0.receive(&raw(raw_body))?;
        let event = theirs(delivery.event())?;
        Ok(vec![
            event,
            delivery.fingerprint().as_str().to_owned(),
            delivery.key_id().to_owned(),
        ])
    }

    /// A webhook's body as BananaTech would send it, for tests of a receiver.
    #[wasm_bindgen(js_name = testWebhook)]
    pub fn test_webhook(
        &self,
        event_type: &str,
        data: &str,
        iv: Option<Vec<u8>>,
    ) -> Result<String, Thrown> {
        Ok(self.0.test_webhook(event_type, data, initialisation(iv)?))
    }

    /// A sealed answer as BananaTech would send it, for tests of a caller.
    #[wasm_bindgen(js_name = testAnswer)]
    pub fn test_answer(&self, json: &str, iv: Option<Vec<u8>>) -> Result<String, Thrown> {
        Ok(self.0.test_answer(json, initialisation(iv)?))
    }
}

/// What waits for its event once a plan is sent, as JSON; nothing if no event confirms it. Times are milliseconds since 1970.
#[wasm_bindgen]
pub fn pending(
    plan: &str,
    sent_at: f64,
    deadline: f64,
    reference: Option<String>,
) -> Result<Option<String>, Thrown> {
    let plan = Plan::from_json(plan)?;
    let pending = core::Pending::of(
        plan.operation(),
        timestamp("sent_at", sent_at)?,
        timestamp("deadline", deadline)?,
    );
    let pending = match (pending, reference) {
        (Some(pending), Some(reference)) => Some(pending.with_reference(&reference)),
        (pending, _) => pending,
    };
    pending.map(|pending| ours(&pending)).transpose()
}

/// No operations pending. The text stands for all of them, and is to be stored as it is.
#[wasm_bindgen(js_name = pendingNone)]
pub fn pending_none() -> String {
    PendingOperations::new().to_json()
}

/// Adds an operation. Answers the new text, and the operation's id.
#[wasm_bindgen(js_name = pendingAdd)]
pub fn pending_add(operations: &str, pending: &str) -> Result<Vec<String>, Thrown> {
    let mut operations = PendingOperations::from_json(operations)?;
    let id = operations.add(core::Pending::from_json(pending)?);
    Ok(vec![operations.to_json(), id.get().to_string()])
}

/// Notes the answer to a plan, as [`Merchant::read`] answered it. Answers the new text, and what became known by it.
#[wasm_bindgen(js_name = pendingAcknowledge)]
pub fn pending_acknowledge(
    operations: &str,
    id: f64,
    plan: &str,
    response: &str,
) -> Result<Vec<String>, Thrown> {
    let mut operations = PendingOperations::from_json(operations)?;
    let response = Plan::from_json(plan)?.operation().read_response(response)?;
    let settlement = operations.acknowledge(pending_id(id)?, &response);
    answer(&operations, &settlement)
}

/// Takes an event. Answers the new text, and what became known by it.
#[wasm_bindgen(js_name = pendingSettle)]
pub fn pending_settle(operations: &str, event: &str) -> Result<Vec<String>, Thrown> {
    let mut operations = PendingOperations::from_json(operations)?;
    let settlement = operations.settle(&Event::from_json(event)?);
    answer(&operations, &settlement)
}

/// Those that are pending, as a JSON array of `{id, pending}`.
#[wasm_bindgen(js_name = pendingList)]
pub fn pending_list(operations: &str) -> Result<String, Thrown> {
    let operations = PendingOperations::from_json(operations)?;
    let entries: Vec<_> = operations
        .iter()
        .map(|(id, pending)| text::Entry { id, pending })
        .collect();
    ours(&entries)
}

fn answer(operations: &PendingOperations, settlement: &Settlement) -> Result<Vec<String>, Thrown> {
    let settlement = ours(settlement)?;
    Ok(vec![operations.to_json(), settlement])
}

/// The text or bytes of a body; of anything else nothing, which the core refuses as not being a raw body.
fn raw(body: &JsValue) -> Vec<u8> {
    if let Some(text) = body.as_string() {
        return text.into_bytes();
    }
    body.dyn_ref::<js_sys::Uint8Array>()
        .map(js_sys::Uint8Array::to_vec)
        .unwrap_or_default()
}

/// The caller's bytes (for tests), or the platform's randomness: `crypto.getRandomValues`.
fn initialisation(iv: Option<Vec<u8>>) -> Result<Iv, Thrown> {
    match iv {
        Some(bytes) => Ok(Iv::try_from(bytes.as_slice())?),
        None => {
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes).map_err(|_| Thrown::no_randomness())?;
            Ok(Iv::from_random_bytes(bytes))
        }
    }
}

/// A JavaScript number that is a whole one. Within the range in which doubles hold all of them, the conversion is exact.
fn whole(number: f64) -> Option<i64> {
    let exact = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0;
    exact.then_some(number as i64)
}

fn timestamp(field: &'static str, millis: f64) -> Result<Timestamp, Thrown> {
    let millis = whole(millis).ok_or_else(|| {
        Invalid::new(
            field,
            Code::TimestampFormat,
            "a whole number of milliseconds",
        )
    })?;
    Ok(Timestamp::from_millis(millis))
}

fn pending_id(number: f64) -> Result<PendingId, Thrown> {
    let number = whole(number)
        .and_then(|number| u64::try_from(number).ok())
        .ok_or_else(|| Invalid::new("id", Code::IdRange, "the id that adding answered"))?;
    Ok(PendingId::new(number))
}

/// JSON of what the caller gave.
fn ours(value: &impl serde::Serialize) -> Result<String, Thrown> {
    text::to_json(value).map_err(|found| Thrown::rounded(Category::InvalidInput, &found))
}

/// JSON of what the API sent.
fn theirs(value: &impl serde::Serialize) -> Result<String, Thrown> {
    text::to_json(value).map_err(|found| Thrown::rounded(Category::Unexpected, &found))
}
