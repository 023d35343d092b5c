//! What became of operations. The tracker crosses as an object: it holds everything that was sent and seen, which nobody wants
//! read anew for one event.

use bananatech_core::operations::merchant::{CardTemplate, Fee};
use bananatech_core::{
    AnyResponse, Assumptions, Code, Event, EventType, Inquiry, Invalid, Json, Operation,
    OperationId, Outcome, Rejection, Report, ThingId, Timestamp, TrackedOperation, Tracker,
    TransactionId, Verdict, json,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::error::{Result, unexpected};
use crate::numbers::{timestamp, unsigned};
use crate::out::{LARGEST, check, parsed, plain};
use crate::plans::own_plan;

/// All operations that are waited for, and all evidence. It has another name than the package's own class.
#[wasm_bindgen]
pub struct TrackerHolder(Tracker);

/// What is assumed. `shared` stands for the time that isn't there, so that nobody leaves it out by mistake.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assumed {
    #[serde(skip_serializing_if = "Option::is_none")]
    exclusive_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<bool>,
    clock_tolerance_ms: Option<i64>,
    trust_type: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    final_after_ms: Option<i64>,
}

impl Assumed {
    pub(crate) fn read(self) -> core::result::Result<Assumptions, Invalid> {
        let base = match (self.exclusive_since, self.shared) {
            (Some(since), None | Some(false)) => Assumptions::exclusive_since(since),
            (None, Some(true)) => Assumptions::shared(),
            (Some(_), Some(true)) => {
                let expected = "not to be true beside exclusive_since";
                return Err(Invalid::new("shared", Code::FieldType, expected));
            }
            (None, None | Some(false)) => {
                let expected = "a time, or shared: true in its place";
                return Err(Invalid::new(
                    "exclusive_since",
                    Code::FieldRequired,
                    expected,
                ));
            }
        };
        Ok(Assumptions {
            clock_tolerance_ms: self.clock_tolerance_ms.unwrap_or(base.clock_tolerance_ms),
            trust_type: self.trust_type.unwrap_or(base.trust_type),
            final_after_ms: self.final_after_ms,
            ..base
        })
    }

    fn of(assumptions: &Assumptions) -> Self {
        Self {
            exclusive_since: assumptions.exclusive_since,
            shared: assumptions.exclusive_since.is_none().then_some(true),
            clock_tolerance_ms: Some(assumptions.clock_tolerance_ms),
            trust_type: Some(assumptions.trust_type),
            final_after_ms: assumptions.final_after_ms,
        }
    }
}

/// What is to be waited for once a plan is sent; nothing if no event confirms it.
#[wasm_bindgen]
pub fn tracked(
    plan: String,
    id: String,
    sent_at: f64,
    ask_at: Option<f64>,
    reference: Option<String>,
    template: Option<String>,
    fee: Option<String>,
) -> Result {
    let (id, sent_at) = (id.parse()?, timestamp("sent_at", sent_at)?);
    let Some(mut operation) = TrackedOperation::of(own_plan(&plan)?.operation(), id, sent_at)
    else {
        return Ok(JsValue::NULL);
    };
    if let Some(ask_at) = ask_at {
        operation.ask_at = timestamp("ask_at", ask_at)?;
    }
    if let Some(reference) = reference {
        operation = operation.with_reference(&reference);
    }
    if let Some(template) = template {
        let fee = fee.ok_or_else(|| Invalid::new("fee", Code::FieldRequired, "flat or percent"))?;
        let template = CardTemplate::from_json(&template)?;
        operation = operation.with_template(&template, Fee::parse(&fee)?)?;
    }
    Ok(parsed(&operation)?)
}

/// The name of an operation, out of 16 random bytes.
#[wasm_bindgen(js_name = operationId)]
pub fn operation_id(random: &[u8]) -> Result<String> {
    let bytes = <[u8; 16]>::try_from(random)
        .map_err(|_| Invalid::new("id", Code::OperationIdFormat, "16 random bytes"))?;
    Ok(OperationId::from_random_bytes(bytes).to_string())
}

/// An event as it is passed on.
#[derive(Deserialize)]
struct PassedOn {
    data: Json,
}

/// What an event's data may have that is kept, and told again, as a number.
const NUMBERS: [&str; 4] = ["card_id", "user_id", "template_id", "occur_time"];

/// Refuses numbers that JavaScript would round, or has rounded: also where the event's type has no such field.
fn check_numbers<'n>(
    data: &Json,
    names: impl IntoIterator<Item = &'n &'static str>,
) -> core::result::Result<(), Invalid> {
    let Ok(fields) = data.fields() else {
        return Ok(());
    };
    for name in names {
        let value = fields.get(name).map_or("", Json::as_str);
        let number = value.trim_matches('"').parse::<f64>();
        if number.is_ok_and(|number| number.abs() > LARGEST as f64) {
            let expected = format!("a whole number up to {LARGEST}");
            return Err(Invalid::new(*name, Code::IdRange, expected));
        }
    }
    Ok(())
}

/// An event's type, and its data as they are written.
fn event_parts(event: &str) -> core::result::Result<(EventType, Json), Invalid> {
    let typed = Event::from_json(event)?;
    let data = match &typed {
        // It may have been passed on within another one.
        Event::Unrecognized(event) => event.data.clone(),
        _ => json::from_str::<PassedOn>(event)?.data,
    };
    Ok((typed.event_type(), data))
}

#[wasm_bindgen]
impl TrackerHolder {
    /// Nothing is waited for yet.
    #[wasm_bindgen(constructor)]
    pub fn new(assumptions: String) -> Result<Self> {
        let assumed: Assumed = json::from_str(&assumptions)?;
        check(&assumed)?;
        Ok(Self(Tracker::new(assumed.read()?)))
    }

    /// Reads what was stored.
    #[wasm_bindgen(js_name = fromJson)]
    pub fn from_json(text: String) -> Result<Self> {
        let tracker = Tracker::from_json(&text)?;
        tracker.operations().try_for_each(check)?;
        tracker.things().try_for_each(check)?;
        Ok(Self(tracker))
    }

    /// As JSON, to be stored.
    #[wasm_bindgen(js_name = toJson)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Result {
        Ok(parsed(&Assumed::of(self.0.assumptions()))?)
    }

    /// Stores an operation.
    pub fn store(&mut self, operation: String) -> Result {
        let operation = TrackedOperation::from_json(&operation)?;
        check(&operation)?;
        reported(self.0.store(operation))
    }

    /// Notes the answer to a request.
    pub fn acknowledge(&mut self, id: String, response: String) -> Result {
        let id = id.parse()?;
        let kind = self.0.operation(id).map(|operation| operation.kind);
        let kind = kind.ok_or_else(|| {
            let expected = "the id of an operation that is stored";
            Invalid::new("id", Code::TrackingUnknown, expected)
        })?;
        let response = AnyResponse::from_json(kind.operation(), &response)?;
        check(&response)?;
        reported(self.0.acknowledge(id, &response))
    }

    /// Notes that the API refused a request.
    pub fn reject(&mut self, id: String, rejection: String) -> Result {
        let rejection: Rejection = json::from_str(&rejection)?;
        reported(self.0.reject(id.parse()?, &rejection))
    }

    /// Takes a delivery's exact text. What is authentic isn't refused: with an id that JavaScript can't hold it settles nothing. A
    /// transaction's is told as text.
    pub fn receive(&mut self, delivery: String) -> Result {
        let (event_type, data) = event_parts(&delivery)?;
        if check_numbers(&data, &NUMBERS).is_err() {
            return reported(Ok(Report::nothing(Verdict::Noted)));
        }
        reported(Ok(self.0.take_data(event_type, &data)))
    }

    /// Takes an event that was passed on: its data count as they are written.
    pub fn take(&mut self, event: String) -> Result {
        let (event_type, data) = event_parts(&event)?;
        check_numbers(&data, NUMBERS.iter().chain(&["transaction_id"]))?;
        reported(Ok(self.0.take_data(event_type, &data)))
    }

    /// What to ask the API now.
    pub fn overdue(&mut self, now: f64) -> Result<Vec<String>> {
        texts(self.0.overdue(timestamp("now", now)?))
    }

    /// Takes the answers to an inquiry.
    pub fn learn(&mut self, inquiry: String) -> Result {
        reported(self.0.learn(&Inquiry::from_json(&inquiry)?))
    }

    /// Notes what a person found out.
    pub fn find(
        &mut self,
        id: String,
        outcome: String,
        transaction_id: Option<f64>,
        at: f64,
    ) -> Result {
        let outcome: Outcome = json::from_str(&outcome)?;
        check(&outcome)?;
        let transaction_id = match transaction_id {
            Some(number) => Some(TransactionId::try_from(unsigned(
                "transaction_id",
                number,
            )?)?),
            None => None,
        };
        let at = timestamp("at", at)?;
        reported(self.0.find(id.parse()?, &outcome, transaction_id, at))
    }

    /// Notes that a request was never sent.
    pub fn withdraw(&mut self, id: String) -> Result {
        reported(self.0.withdraw(id.parse()?))
    }

    /// Notes that a thing is somebody else's.
    #[wasm_bindgen(js_name = nameForeign)]
    pub fn name_foreign(&mut self, thing: String) -> Result {
        reported(self.0.name_foreign(thing.parse::<ThingId>()?))
    }

    /// One operation, if it is stored.
    pub fn operation(&self, id: String) -> Result {
        match self.0.operation(id.parse()?) {
            Some(operation) => Ok(parsed(operation)?),
            None => Ok(JsValue::NULL),
        }
    }

    /// The operation with a reference, if there is one.
    #[wasm_bindgen(js_name = operationByReference)]
    pub fn operation_by_reference(&self, reference: &str) -> Result {
        match self.0.operation_by_reference(reference) {
            Some(operation) => Ok(parsed(operation)?),
            None => Ok(JsValue::NULL),
        }
    }

    /// All operations, in the order in which they were stored.
    pub fn operations(&self) -> Result {
        let mut operations: Vec<_> = self.0.operations().collect();
        operations.sort_unstable_by_key(|operation| operation.seq);
        Ok(parsed(&operations)?)
    }

    /// Forgets what can't be of use any more.
    #[wasm_bindgen(js_name = forgetBefore)]
    pub fn forget_before(&mut self, time: f64) -> Result<f64> {
        Ok(self.0.forget_before(timestamp("time", time)?) as f64)
    }
}

/// How far an operation is.
#[wasm_bindgen(js_name = operationState)]
pub fn operation_state(operation: &str) -> Result {
    Ok(plain(&TrackedOperation::from_json(operation)?.state()))
}

fn reported(report: core::result::Result<Report, Invalid>) -> Result {
    Ok(parsed(&report?)?)
}

// Inquiries are values: they cross as the text that they are stored as.

/// An inquiry's text, if JavaScript can hold what is in it.
fn ours(inquiry: &Inquiry) -> Result<String> {
    check(inquiry)?;
    Ok(inquiry.to_json())
}

fn texts(inquiries: Vec<Inquiry>) -> Result<Vec<String>> {
    inquiries.iter().map(ours).collect()
}

/// What to ask the API about an operation.
#[wasm_bindgen(js_name = inquiriesAbout)]
pub fn inquiries_about(operation: String) -> Result<Vec<String>> {
    texts(Inquiry::about(&TrackedOperation::from_json(&operation)?))
}

/// Reads an inquiry that was stored.
#[wasm_bindgen(js_name = readInquiry)]
pub fn read_inquiry(inquiry: String) -> Result<String> {
    ours(&Inquiry::from_json(&inquiry)?)
}

/// The operation that an inquiry is about.
#[wasm_bindgen(js_name = operationOfInquiry)]
pub fn operation_of_inquiry(inquiry: String) -> Result<String> {
    Ok(Inquiry::from_json(&inquiry)?.operation_id.to_string())
}

/// The same question about a registration, for the user with this e-mail address.
#[wasm_bindgen(js_name = inquiryWithEmail)]
pub fn inquiry_with_email(inquiry: String, address: String) -> Result<String> {
    ours(&Inquiry::from_json(&inquiry)?.with_email(&address))
}

/// The plan of an inquiry's next request, if there is one.
#[wasm_bindgen(js_name = nextRequest)]
pub fn next_request(inquiry: String) -> Result {
    match Inquiry::from_json(&inquiry)?.next_request() {
        Some(plan) => Ok(parsed(&plan)?),
        None => Ok(JsValue::NULL),
    }
}

/// Takes the answer to the next request. Answers the new text.
#[wasm_bindgen(js_name = acceptAnswer)]
pub fn accept_answer(inquiry: String, response: String, asked_at: f64) -> Result<String> {
    let mut inquiry = Inquiry::from_json(&inquiry)?;
    let plan = inquiry.next_request().ok_or_else(|| {
        let expected = "no more answers";
        unexpected(Invalid::new("response", Code::PageMismatch, expected))
    })?;
    let response = AnyResponse::from_json(plan.operation().kind(), &response)?;
    let asked_at = timestamp("asked_at", asked_at)?;
    inquiry.accept(&response, asked_at).map_err(unexpected)?;
    ours(&inquiry)
}
