//! A backend's work, step by step: JavaScript brings the database and the network.

use std::time::Duration;

use bananatech_backend::steps::{Reply, Step, StepBackend, Steps, Tasks, World};
use bananatech_backend::{
    BackendError, CallError, Dialect, Notice, Progress, Rows, Sent, SentState, Statement,
    StoreError,
};
use bananatech_core::operations::merchant::{CardTemplate, Fee};
use bananatech_core::{
    AnyResponse, CardId, Code, Header, Invalid, Merchant, OperationId, Outcome, Rejection, Report,
    ThingId, Timestamp, TrackedOperation, TransactionId, Verdict, json,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::error::Result;
use crate::merchant::as_fields;
use crate::numbers::{timestamp, unsigned};
use crate::out::{Apart, check, parsed, plain, written};
use crate::plans::own_plan;
use crate::tracking::Assumed;

#[wasm_bindgen(raw_module = "../random.js")]
extern "C" {
    /// 16 new random bytes.
    fn random16() -> Vec<u8>;
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since 1970.
    #[wasm_bindgen(js_namespace = Date)]
    fn now() -> f64;
}

/// What a backend works with. Each piece of work is a [`BackendTask`] of its own.
#[wasm_bindgen]
pub struct BackendHolder(Tasks);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    assumptions: json::Json,
    dialect: String,
    one_at_a_time: Option<bool>,
    wait_at_most_ms: Option<u64>,
    ask_after_ms: Option<u64>,
}

type Outcomes = core::result::Result<String, BackendError>;

/// Work under way.
#[wasm_bindgen]
pub struct BackendTask(Steps<Outcomes>);

/// A step as JavaScript sees it.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Told<'a> {
    Begin,
    Run {
        statements: &'a [Statement],
    },
    Commit,
    RollBack,
    Send {
        url: &'a str,
        #[serde(serialize_with = "as_fields")]
        headers: &'a [Header],
        body: &'a str,
    },
    Tell {
        event: &'a Progress,
    },
    /// The database failed, with the error that it threw.
    Failed,
    /// No answer came to what was asked.
    NoAnswer,
    Done {
        result: &'a str,
    },
}

/// What came of a step, as JSON.
#[derive(Default, Deserialize)]
struct Came {
    rows: Option<Vec<Rows>>,
    status: Option<u16>,
    not_sent: Option<bool>,
    no_answer: Option<bool>,
    conflict: Option<bool>,
    failed: Option<bool>,
}

/// What became of a request right after it was made.
#[derive(Serialize)]
struct Made<'a> {
    operation: &'a TrackedOperation,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Apart<&'a AnyResponse>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<&'a Rejection>,
}

/// A notice, as it is told.
#[derive(Serialize)]
struct Untold<'a> {
    position: i64,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a TrackedOperation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    things: Option<&'a [ThingId]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

impl<'a> Untold<'a> {
    fn of((position, notice): &'a (i64, Notice)) -> Self {
        let (foreign, code) = match notice {
            Notice::ForeignActivity(foreign) => (Some(foreign), None),
            Notice::NotSent { code, .. } => (None, Some(code.as_str())),
            Notice::Settled(_) | Notice::Doubted(_) | Notice::Contradicted(_) => (None, None),
        };
        Self {
            position: *position,
            kind: notice.kind(),
            operation: notice.operation(),
            scope: foreign.map(|foreign| foreign.scope.as_str()),
            things: foreign.map(|foreign| foreign.things.as_slice()),
            code,
        }
    }
}

fn told(value: &impl Serialize) -> Outcomes {
    Ok(written(value)?)
}

fn sent(sent: &Sent) -> Outcomes {
    let (response, rejection) = match &sent.state {
        SentState::Taken(answer) => {
            let response: &AnyResponse = answer;
            (Some(Apart(response)), None)
        }
        SentState::Refused(rejection) => (None, Some(&**rejection)),
        SentState::NotKnown | SentState::NotSent | SentState::Waits | SentState::Known => {
            (None, None)
        }
    };
    told(&Made {
        operation: &sent.operation,
        state: sent.state.as_str(),
        response,
        rejection,
    })
}

fn time() -> Timestamp {
    Timestamp::from_millis(now() as i64)
}

fn random_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    // Fewer bytes would end all of it here: never an IV that isn't random.
    bytes.copy_from_slice(&random16());
    bytes
}

impl BackendHolder {
    pub(crate) fn of(merchant: &Merchant, options: &str) -> Result<Self> {
        let options: Options = json::from_str(options)?;
        let assumed: Assumed = json::from_str(options.assumptions.as_str())?;
        check(&assumed)?;
        let dialect = match options.dialect.as_str() {
            "sqlite" => Dialect::Sqlite,
            "postgres" => Dialect::Postgres,
            _ => {
                let expected = "sqlite or postgres";
                return Err(Invalid::new("dialect", Code::FieldType, expected).into());
            }
        };
        Ok(Self(Tasks {
            merchant: merchant.clone(),
            assumptions: assumed.read()?,
            world: World {
                dialect,
                now: time,
                random_bytes,
            },
            one_at_a_time: options.one_at_a_time.unwrap_or(true),
            wait_at_most: options.wait_at_most_ms.map(Duration::from_millis),
            ask_after: options.ask_after_ms.map(Duration::from_millis),
        }))
    }

    fn task<F>(&self, work: impl FnOnce(StepBackend) -> F) -> BackendTask
    where
        F: Future<Output = Outcomes> + Send + 'static,
    {
        BackendTask(self.0.begin(work))
    }
}

#[wasm_bindgen]
impl BackendHolder {
    /// Has an operation carried out.
    pub fn send(
        &self,
        plan: String,
        reference: String,
        template: Option<String>,
        fee: Option<String>,
    ) -> Result<BackendTask> {
        let operation = own_plan(&plan)?.into_operation();
        check(&operation)?;
        let Some(template) = template else {
            return Ok(
                self.task(async move |backend| sent(&backend.send(operation, &reference).await?))
            );
        };
        let fee = fee.ok_or_else(|| Invalid::new("fee", Code::FieldRequired, "flat or percent"))?;
        let (template, fee) = (CardTemplate::from_json(&template)?, Fee::parse(&fee)?);
        Ok(self.task(async move |backend| {
            sent(
                &backend
                    .send_by_template(operation, &reference, &template, fee)
                    .await?,
            )
        }))
    }

    /// Asks the API something, or sets a PIN.
    pub fn ask(&self, plan: String) -> Result<BackendTask> {
        let operation = own_plan(&plan)?.into_operation();
        check(&operation)?;
        Ok(self.task(async move |backend| {
            let answer = backend.ask(operation).await?;
            let response: &AnyResponse = &answer;
            told(&Apart(response))
        }))
    }

    /// Asks the API now what became of an operation.
    pub fn inquire(&self, id: String) -> Result<BackendTask> {
        let id: OperationId = id.parse()?;
        Ok(self.task(async move |backend| told(&backend.inquire(id).await?)))
    }

    /// Has an operation that waits not be sent.
    pub fn cancel(&self, id: String) -> Result<BackendTask> {
        let id: OperationId = id.parse()?;
        Ok(self.task(async move |backend| told(&backend.cancel(id).await?)))
    }

    /// Takes a webhook's body. It is stored by then, so an id in the report that JavaScript can't hold is no error.
    pub fn receive(&self, body: Vec<u8>) -> BackendTask {
        self.task(async move |backend| {
            let report = backend.receive(&body).await?.report;
            told(&report).or_else(|_| told(&Report::nothing(Verdict::Noted)))
        })
    }

    /// Sends what waited, and asks about what is overdue.
    pub fn sweep(&self) -> BackendTask {
        self.task(async |backend| told(&backend.sweep().await?))
    }

    /// The notices that nobody has. One with an id that JavaScript can't hold is left to an instance in another language.
    pub fn untold(&self) -> BackendTask {
        self.task(async |backend| {
            let notices = backend.untold().await?;
            let all = notices.iter().map(Untold::of);
            told(
                &all.filter(|notice| check(notice).is_ok())
                    .collect::<Vec<_>>(),
            )
        })
    }

    /// Notes that a notice was taken.
    pub fn told(&self, position: f64) -> BackendTask {
        self.task(async move |backend| {
            backend.told(position as i64).await?;
            told(&())
        })
    }

    /// One operation.
    pub fn operation(&self, id: String) -> Result<BackendTask> {
        let id: OperationId = id.parse()?;
        Ok(self.task(async move |backend| told(&backend.operation(id).await?)))
    }

    /// The operation with a reference.
    #[wasm_bindgen(js_name = operationByReference)]
    pub fn operation_by_reference(&self, reference: String) -> BackendTask {
        self.task(async move |backend| told(&backend.operation_by_reference(&reference).await?))
    }

    /// A card's operations.
    #[wasm_bindgen(js_name = operationsOf)]
    pub fn operations_of(&self, card_id: f64) -> Result<BackendTask> {
        let card_id = CardId::new(unsigned("card_id", card_id)?)?;
        Ok(self.task(async move |backend| told(&backend.operations_of(card_id).await?)))
    }

    /// The operations that aren't settled for sure.
    pub fn unsettled(&self, most: f64) -> Result<BackendTask> {
        let most = unsigned("most", most)?;
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        Ok(self.task(async move |backend| told(&backend.unsettled(most).await?)))
    }

    /// A card's state, as it is stored.
    pub fn card(&self, id: f64) -> Result<BackendTask> {
        let id = CardId::new(unsigned("card_id", id)?)?;
        Ok(self.task(async move |backend| {
            let card = backend.card(id).await?;
            told(&card.map(|card| card.to_json()))
        }))
    }

    /// What an operator watches.
    pub fn counts(&self) -> BackendTask {
        self.task(async |backend| told(&backend.counts().await?))
    }

    /// Forgets what is over.
    #[wasm_bindgen(js_name = forgetBefore)]
    pub fn forget_before(&self, time: f64) -> Result<BackendTask> {
        let time = timestamp("time", time)?;
        Ok(self.task(async move |backend| told(&backend.forget_before(time).await?)))
    }

    /// Notes what a person found out.
    pub fn find(
        &self,
        id: String,
        outcome: String,
        transaction_id: Option<f64>,
    ) -> Result<BackendTask> {
        let (id, outcome): (OperationId, Outcome) = (id.parse()?, json::from_str(&outcome)?);
        check(&outcome)?;
        let transaction_id = match transaction_id {
            Some(number) => Some(TransactionId::try_from(unsigned(
                "transaction_id",
                number,
            )?)?),
            None => None,
        };
        Ok(self
            .task(async move |backend| reported(backend.find(id, &outcome, transaction_id).await)))
    }

    /// Notes that a request was never sent.
    pub fn withdraw(&self, id: String) -> Result<BackendTask> {
        let id: OperationId = id.parse()?;
        Ok(self.task(async move |backend| reported(backend.withdraw(id).await)))
    }

    /// Notes that a thing is somebody else's.
    #[wasm_bindgen(js_name = nameForeign)]
    pub fn name_foreign(&self, thing: String) -> Result<BackendTask> {
        let thing: ThingId = thing.parse()?;
        Ok(self.task(async move |backend| reported(backend.name_foreign(thing).await)))
    }
}

fn reported(report: core::result::Result<Report, BackendError>) -> Outcomes {
    told(&report?)
}

#[wasm_bindgen]
impl BackendTask {
    /// Takes what came of the last step, as JSON, and an answer's body; tells the next one.
    pub fn next(&mut self, came: Option<String>, body: Vec<u8>) -> Result {
        let came = came.and_then(|came| serde_json::from_str(&came).ok());
        let step = self.0.next(match came.unwrap_or_default() {
            Came {
                rows: Some(rows), ..
            } => Reply::Rows(rows),
            Came {
                status: Some(status),
                ..
            } => Reply::Answer { status, body },
            Came {
                not_sent: Some(true),
                ..
            } => Reply::NotSent,
            Came {
                no_answer: Some(true),
                ..
            } => Reply::NoAnswer,
            Came {
                conflict: Some(true),
                ..
            } => Reply::Conflict,
            Came {
                failed: Some(true), ..
            } => Reply::Failed,
            Came { .. } => Reply::Done,
        });
        Ok(match &step {
            Step::Begin => plain(&Told::Begin),
            Step::Run(statements) => parsed(&Told::Run { statements })?,
            Step::Commit => plain(&Told::Commit),
            Step::RollBack => plain(&Told::RollBack),
            Step::Send(request) => plain(&Told::Send {
                url: request.url(),
                headers: request.headers(),
                body: request.body(),
            }),
            Step::Tell(event) => plain(&Told::Tell { event }),
            Step::Done(Ok(result)) => plain(&Told::Done { result }),
            Step::Done(Err(error)) => match error {
                BackendError::Invalid(invalid) => return Err(invalid.clone().into()),
                BackendError::Webhook(error) | BackendError::Call(CallError::Api(error)) => {
                    return Err(error.clone().into());
                }
                BackendError::Call(CallError::NotSent(_) | CallError::NoAnswer(_)) => {
                    plain(&Told::NoAnswer)
                }
                BackendError::Store(StoreError::Conflict(_) | StoreError::Failed(_)) => {
                    plain(&Told::Failed)
                }
            },
        })
    }
}
