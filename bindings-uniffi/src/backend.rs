//! A backend's work, step by step: the JVM brings the database and the network. The artifact `bananatech-backend` does what the
//! steps say. Phones don't have it: only the feature `backend` brings it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use backend::steps::{self, Reply, Step, StepBackend, Steps, Tasks, World};
use backend::{BackendError, CallError, Progress};
use bananatech_backend as backend;
use bananatech_core as core;
use core::operations::merchant::{CardTemplate, Fee};
use core::{
    AnyOperation, AnyResponse, Assumptions, CardId, Invalid, OperationId, Outcome, Report, ThingId,
    Timestamp, TrackedOperation, TransactionId,
};

use crate::card::CardState;
use crate::error::Rejection;
use crate::merchant::{Delivery, Merchant, SealedRequest};
use crate::{ErrorCode, Result};

/// What became of a request right after it was made.
#[derive(uniffi::Record)]
pub struct Sent {
    /// The operation as it is stored now, with what was noted of the answer.
    pub operation: TrackedOperation,
    /// What is known already. How it ended is told later, by a notice.
    pub state: SentState,
}

/// What is known of a request right after it was made.
#[derive(uniffi::Enum)]
pub enum SentState {
    /// The API took it.
    Taken {
        /// What it answered.
        response: AnyResponse,
    },
    /// The API refused it: it failed.
    Refused {
        /// Why.
        rejection: Rejection,
    },
    /// Whether the API took it isn't known: no answer came, or one that doesn't say so. It isn't sent again; a webhook or asking
    /// tells.
    NotKnown,
    /// No connection to the API could be made, so the request never left: it failed. Make it again under another reference, if it is
    /// still wanted.
    NotSent,
    /// It waits for its turn: another one like it is under way for the card.
    Waits,
    /// A request with this reference was made before. Nothing was sent now.
    Known,
}

/// What a sweep did.
#[derive(uniffi::Record)]
pub struct Swept {
    /// So many operations had waited and were sent.
    pub sent: i64,
    /// About so many operations the API was asked.
    pub asked: i64,
}

/// How much there is of what an operator watches.
#[derive(uniffi::Record)]
pub struct Counts {
    /// Operations that were sent, and of which it isn't known how they ended.
    pub open: i64,
    /// Operations about which the API is to be asked by now.
    pub overdue: i64,
    /// Operations that were certain and aren't any more. A person has to look.
    pub doubted: i64,
    /// Operations of which what is known can't all be true. A person has to look.
    pub contradicted: i64,
    /// Operations that wait for their turn.
    pub waiting: i64,
    /// Notices that weren't taken yet.
    pub untold: i64,
}

/// Something that the merchant's own code is told, at least once, in order per card. It holds no secret and no personal data.
#[derive(uniffi::Enum)]
pub enum Notice {
    /// It is certain how an operation ended: its `outcome` says how, with the vendor's code for a failure, such as `101:0`. Told
    /// again once the card that it made is certain, if that wasn't at first, and once a doubt about it is over:
    /// what is told again replaces what was told, since it may have another transaction.
    Settled {
        /// The operation.
        operation: TrackedOperation,
    },
    /// It was certain how it ended, and isn't any more: somebody else acts for this user or card. Ask a person to look.
    Doubted {
        /// The operation.
        operation: TrackedOperation,
    },
    /// What is known of it can't all be true. Ask a person to look.
    Contradicted {
        /// The operation.
        operation: TrackedOperation,
    },
    /// Somebody else acts here. Operations there stay open until they are found by asking, or until a person names the thing that is
    /// somebody else's (`nameForeign`).
    ForeignActivity {
        /// Where, such as `card:12345:money`.
        scope: String,
        /// What it came out by, such as the transaction `tx:7`. Some of these may be your own, and the one that isn't may have come before:
        /// look at the vendor's console.
        things: Vec<ThingId>,
    },
    /// An operation was never sent, so it failed: no connection to the API could be made, or it had waited for its turn, and by then
    /// the card's state ruled it out or it had waited for too long.
    NotSent {
        /// The operation.
        operation: TrackedOperation,
        /// Why: `request.not_sent`, `state.not_allowed`, `wait.expired`.
        code: String,
    },
}

/// For the artifact `bananatech-backend`: which database it is.
#[derive(uniffi::Enum)]
pub enum BackendDialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// For the artifact `bananatech-backend`: a value in a statement or in a row.
#[derive(uniffi::Enum)]
pub enum BackendValue {
    /// Nothing.
    Null,
    /// Yes or no. SQLite has 1 and 0.
    Flag {
        /// Which.
        value: bool,
    },
    /// A whole number.
    Number {
        /// Which.
        value: i64,
    },
    /// A text.
    Text {
        /// Which.
        value: String,
    },
}

/// For the artifact `bananatech-backend`: a statement.
#[derive(uniffi::Record)]
pub struct BackendStatement {
    /// Its text, with values as `?`.
    pub sql: String,
    /// Its values.
    pub values: Vec<BackendValue>,
}

/// For the artifact `bananatech-backend`: what is to be done next.
#[derive(uniffi::Enum)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for as long as it takes to cross"
)]
pub enum BackendStep {
    /// Begin a transaction; in SQLite one that may write. If one is open, take it back first.
    Begin,
    /// Run statements in it, in this order, and reply with the rows of each. They may go to the database all at once.
    Run {
        /// The statements.
        statements: Vec<BackendStatement>,
    },
    /// Make the transaction lasting.
    Commit,
    /// Take the transaction back.
    RollBack,
    /// Send a request, once, without following redirects, and reply with the answer.
    Send {
        /// The request.
        request: SealedRequest,
    },
    /// Tell an operator that an operation is stored, and is sent now.
    Sending {
        /// The operation.
        operation: OperationId,
        /// The caller's name for it.
        reference: String,
    },
    /// Tell an operator what became of a request so far.
    Sent {
        /// The operation.
        operation: OperationId,
        /// The caller's name for it.
        reference: String,
        /// `taken`, `refused`, `not_known`, `not_sent`, `waits` or `known`.
        state: String,
        /// Why the API didn't take it, or why its answer doesn't say so.
        code: Option<String>,
        /// The HTTP status of a refusal.
        status: Option<i32>,
    },
    /// Tell an operator that what is known of an operation changed.
    Changed {
        /// The operation.
        operation: OperationId,
        /// `succeeded`, `failed`, `doubted` or `contradicted`.
        state: String,
    },
    /// Tell an operator that another instance, or an earlier start, assumed another `exclusiveSince`.
    AssumptionDiffers,
    /// Tell an operator that somebody else acts.
    ForeignActivity {
        /// Where.
        scope: String,
        /// What it came out by.
        things: Vec<ThingId>,
    },
    /// Tell an operator that the API was asked about an operation, and didn't say.
    NotAnswered {
        /// The operation.
        operation: OperationId,
        /// The caller's name for it.
        reference: String,
        /// Why the answer that came can't be used.
        code: Option<String>,
    },
    /// It is over. If a transaction is open, take it back.
    Done {
        /// What came of it.
        result: BackendResult,
    },
    /// It is over: the database failed.
    Failed,
    /// It is over: no answer came to what was asked.
    NoAnswer,
}

/// For the artifact `bananatech-backend`: what came of a step.
#[derive(uniffi::Enum)]
pub enum BackendReply {
    /// It was done. Also what the first step is asked for with.
    Done,
    /// The rows of each statement.
    Rows {
        /// Each row with its values.
        rows: Vec<Vec<Vec<BackendValue>>>,
    },
    /// What the API answered.
    Answer {
        /// The HTTP status.
        status: i32,
        /// The body, as it came.
        body: Vec<u8>,
    },
    /// No connection could be made: nothing of the request left.
    NotSent,
    /// No answer came.
    NoAnswer,
    /// The database says that another transaction was in the way.
    Conflict,
    /// The database failed otherwise.
    Failed,
}

/// For the artifact `bananatech-backend`: what a task ends with.
#[derive(uniffi::Enum)]
pub enum BackendResult {
    /// Of a task that only does something.
    Nothing,
    /// Of `send`.
    Sent {
        /// What became of it.
        sent: Sent,
    },
    /// Of `ask`.
    Answer {
        /// What the API answered.
        response: AnyResponse,
    },
    /// Of `receive`.
    Received {
        /// The webhook, also if it came before.
        delivery: Delivery,
        /// What it means.
        report: Report,
    },
    /// Of `sweep`.
    Swept {
        /// What it did.
        swept: Swept,
    },
    /// Of `untold`.
    Untold {
        /// The notices, each with its position.
        notices: Vec<BackendUntold>,
    },
    /// Of `operation`, `operation_by_reference`, `inquire` and `cancel`.
    Operation {
        /// As it is known.
        operation: Option<TrackedOperation>,
    },
    /// Of `operations_of` and `unsettled`.
    Operations {
        /// As they are known.
        operations: Vec<TrackedOperation>,
    },
    /// Of `card`.
    Card {
        /// As it is known.
        card: Option<CardState>,
    },
    /// Of `counts`.
    Counts {
        /// How much there is.
        counts: Counts,
    },
    /// Of `forget_before`.
    Forgotten {
        /// How many rows.
        count: i64,
    },
    /// Of what a person says.
    Report {
        /// What it means.
        report: Report,
    },
}

/// For the artifact `bananatech-backend`: a notice that nobody has taken yet.
#[derive(uniffi::Record)]
pub struct BackendUntold {
    /// By which it is noted as told.
    pub position: i64,
    /// The notice.
    pub notice: Notice,
}

type Outcomes = std::result::Result<BackendResult, BackendError>;

/// For the artifact `bananatech-backend`: what a backend works with. Each piece of work is a task of its own.
#[derive(uniffi::Object)]
pub struct BackendTasks(Tasks);

/// For the artifact `bananatech-backend`: work under way.
#[derive(uniffi::Object)]
pub struct BackendTask(Mutex<Steps<Outcomes>>);

/// For the artifact `bananatech-backend`: the statements that make the tables, a text for each version, which has several.
#[uniffi::export]
pub fn backend_schema(dialect: BackendDialect) -> Result<Vec<String>> {
    let versions = steps::schema(dialect.into()).iter();
    Ok(versions.map(|&version| version.to_owned()).collect())
}

#[uniffi::export]
impl BackendTasks {
    /// Takes what a backend works with.
    ///
    /// Errors, caused by the caller: `field.type` for a time that is negative.
    #[uniffi::constructor]
    pub fn new(
        merchant: Arc<Merchant>,
        assumptions: Assumptions,
        dialect: BackendDialect,
        one_at_a_time: bool,
        wait_at_most_ms: Option<i64>,
        ask_after_ms: Option<i64>,
    ) -> Result<Arc<Self>> {
        for (field, time) in [
            ("wait_at_most", wait_at_most_ms),
            ("ask_after", ask_after_ms),
        ] {
            if time.is_some_and(i64::is_negative) {
                let expected = "a time that isn't negative";
                return Err(Invalid::new(field, ErrorCode::FieldType, expected).into());
            }
        }
        Ok(Arc::new(Self(Tasks {
            merchant: merchant.0.clone(),
            assumptions,
            world: World {
                dialect: dialect.into(),
                now,
                random_bytes,
            },
            one_at_a_time,
            wait_at_most: wait_at_most_ms.map(milliseconds),
            ask_after: ask_after_ms.map(milliseconds),
        })))
    }

    /// Sends an operation.
    pub fn send(&self, operation: AnyOperation, reference: String) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| sent(backend.send(operation, &reference).await?))
    }

    /// The same for a recharge, with the card's template.
    pub fn send_by_template(
        &self,
        operation: AnyOperation,
        reference: String,
        template: CardTemplate,
        fee: Fee,
    ) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| {
            let made = backend.send_by_template(operation, &reference, &template, fee);
            sent(made.await?)
        })
    }

    /// Asks the API something, or sets a PIN.
    pub fn ask(&self, operation: AnyOperation) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| {
            let response = backend.ask(operation).await?.into_response();
            Ok(BackendResult::Answer { response })
        })
    }

    /// Asks the API now what became of an operation.
    pub fn inquire(&self, id: OperationId) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| found(backend.inquire(id).await))
    }

    /// Cancels an operation that still waits for its turn.
    pub fn cancel(&self, id: OperationId) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| found(backend.cancel(id).await))
    }

    /// Takes a webhook's body.
    pub fn receive(&self, raw_body: Vec<u8>) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| {
            let backend::Received { delivery, report } = backend.receive(&raw_body).await?;
            let delivery = delivery.into();
            Ok(BackendResult::Received { delivery, report })
        })
    }

    /// Sends what waited, and asks about what is overdue.
    pub fn sweep(&self) -> Result<Arc<BackendTask>> {
        self.task(async |backend| {
            let backend::Swept { sent, asked } = backend.sweep().await?;
            let (sent, asked) = (number(sent), number(asked));
            let swept = Swept { sent, asked };
            Ok(BackendResult::Swept { swept })
        })
    }

    /// The notices that nobody has.
    pub fn untold(&self) -> Result<Arc<BackendTask>> {
        self.task(async |backend| {
            let notices = backend.untold().await?.into_iter();
            let notices = notices.map(|(position, notice)| BackendUntold {
                position,
                notice: notice.into(),
            });
            Ok(BackendResult::Untold {
                notices: notices.collect(),
            })
        })
    }

    /// Notes that a notice was taken.
    pub fn told(&self, position: i64) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| {
            backend.told(position).await?;
            Ok(BackendResult::Nothing)
        })
    }

    /// One operation.
    pub fn operation(&self, id: OperationId) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| found(backend.operation(id).await))
    }

    /// The operation with a reference.
    pub fn operation_by_reference(&self, reference: String) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| found(backend.operation_by_reference(&reference).await))
    }

    /// A card's operations.
    pub fn operations_of(&self, card_id: CardId) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| {
            let operations = backend.operations_of(card_id).await?;
            Ok(BackendResult::Operations { operations })
        })
    }

    /// The operations that aren't settled for sure; below 0, `most` is none.
    pub fn unsettled(&self, most: i32) -> Result<Arc<BackendTask>> {
        let most = u32::try_from(most).unwrap_or(0);
        self.task(async move |backend| {
            let operations = backend.unsettled(most).await?;
            Ok(BackendResult::Operations { operations })
        })
    }

    /// A card's state, as it is stored.
    pub fn card(&self, id: CardId) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| {
            let card = backend.card(id).await?.map(CardState::from);
            Ok(BackendResult::Card { card })
        })
    }

    /// What an operator watches.
    pub fn counts(&self) -> Result<Arc<BackendTask>> {
        self.task(async |backend| {
            let counts = backend.counts().await?;
            Ok(BackendResult::Counts {
                counts: Counts {
                    open: number(counts.open),
                    overdue: number(counts.overdue),
                    doubted: number(counts.doubted),
                    contradicted: number(counts.contradicted),
                    waiting: number(counts.waiting),
                    untold: number(counts.untold),
                },
            })
        })
    }

    /// Forgets what is over.
    pub fn forget_before(&self, time: Timestamp) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| {
            let count = number(backend.forget_before(time).await?);
            Ok(BackendResult::Forgotten { count })
        })
    }

    /// Notes what a person found out.
    pub fn find(
        &self,
        id: OperationId,
        outcome: Outcome,
        transaction_id: Option<TransactionId>,
    ) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| reported(backend.find(id, &outcome, transaction_id).await))
    }

    /// Notes that a request was never sent.
    pub fn withdraw(&self, id: OperationId) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| reported(backend.withdraw(id).await))
    }

    /// Notes that a thing is somebody else's.
    pub fn name_foreign(&self, thing: ThingId) -> Result<Arc<BackendTask>> {
        self.task(async move |backend| reported(backend.name_foreign(thing).await))
    }
}

impl BackendTasks {
    fn task<F>(&self, work: impl FnOnce(StepBackend) -> F) -> Result<Arc<BackendTask>>
    where
        F: Future<Output = Outcomes> + Send + 'static,
    {
        Ok(Arc::new(BackendTask(Mutex::new(self.0.begin(work)))))
    }
}

#[uniffi::export]
impl BackendTask {
    /// Takes what came of the last step, and tells the next one.
    ///
    /// Errors, at its end: caused by the caller, by whoever sent the webhook, or by the API.
    pub fn next(&self, reply: BackendReply) -> Result<BackendStep> {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match steps.next(reply.into()) {
            Step::Begin => BackendStep::Begin,
            Step::Run(statements) => BackendStep::Run {
                statements: statements.iter().map(BackendStatement::from).collect(),
            },
            Step::Commit => BackendStep::Commit,
            Step::RollBack => BackendStep::RollBack,
            Step::Send(request) => BackendStep::Send {
                request: (&request).into(),
            },
            Step::Tell(Progress::Sending {
                operation,
                reference,
            }) => BackendStep::Sending {
                operation,
                reference,
            },
            Step::Tell(Progress::Sent {
                operation,
                reference,
                state,
                code,
                status,
            }) => BackendStep::Sent {
                operation,
                reference,
                state: state.to_owned(),
                code: code.map(|code| code.as_str().to_owned()),
                status: status.map(i32::from),
            },
            Step::Tell(Progress::NotAnswered {
                operation,
                reference,
                code,
            }) => BackendStep::NotAnswered {
                operation,
                reference,
                code: code.map(|code| code.as_str().to_owned()),
            },
            Step::Tell(Progress::Changed { operation, state }) => BackendStep::Changed {
                operation,
                state: state.to_owned(),
            },
            Step::Tell(Progress::AssumptionDiffers) => BackendStep::AssumptionDiffers,
            Step::Tell(Progress::ForeignActivity { scope, things }) => {
                BackendStep::ForeignActivity { scope, things }
            }
            Step::Done(Ok(result)) => BackendStep::Done { result },
            Step::Done(Err(error)) => match error {
                BackendError::Invalid(invalid) => return Err(invalid.into()),
                BackendError::Webhook(error) | BackendError::Call(CallError::Api(error)) => {
                    return Err(error.into());
                }
                BackendError::Call(CallError::NotSent(_) | CallError::NoAnswer(_)) => {
                    BackendStep::NoAnswer
                }
                BackendError::Store(_) => BackendStep::Failed,
            },
        })
    }
}

/// Negative ones were refused.
const fn milliseconds(milliseconds: i64) -> Duration {
    Duration::from_millis(milliseconds.unsigned_abs())
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp::from_millis(number(since.unwrap_or_default().as_millis()))
}

fn random_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    #[expect(
        clippy::expect_used,
        reason = "a machine without random numbers can't seal"
    )]
    getrandom::fill(&mut bytes).expect("the system's random source");
    bytes
}

fn number(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

fn sent(sent: backend::Sent) -> Outcomes {
    let state = match sent.state {
        backend::SentState::Taken(answer) => SentState::Taken {
            response: answer.into_response(),
        },
        backend::SentState::Refused(rejection) => SentState::Refused {
            rejection: (&*rejection).into(),
        },
        backend::SentState::NotKnown => SentState::NotKnown,
        backend::SentState::NotSent => SentState::NotSent,
        backend::SentState::Waits => SentState::Waits,
        backend::SentState::Known => SentState::Known,
    };
    let operation = sent.operation;
    let sent = Sent { operation, state };
    Ok(BackendResult::Sent { sent })
}

fn found(operation: std::result::Result<Option<TrackedOperation>, BackendError>) -> Outcomes {
    let operation = operation?;
    Ok(BackendResult::Operation { operation })
}

fn reported(report: std::result::Result<Report, BackendError>) -> Outcomes {
    let report = report?;
    Ok(BackendResult::Report { report })
}

impl From<backend::Notice> for Notice {
    fn from(notice: backend::Notice) -> Self {
        use backend::Notice as From;
        match notice {
            From::Settled(operation) => Self::Settled {
                operation: *operation,
            },
            From::Doubted(operation) => Self::Doubted {
                operation: *operation,
            },
            From::Contradicted(operation) => Self::Contradicted {
                operation: *operation,
            },
            From::ForeignActivity(foreign) => Self::ForeignActivity {
                scope: foreign.scope,
                things: foreign.things,
            },
            From::NotSent { operation, code } => Self::NotSent {
                operation: *operation,
                code,
            },
        }
    }
}

impl From<BackendDialect> for backend::Dialect {
    fn from(dialect: BackendDialect) -> Self {
        match dialect {
            BackendDialect::Sqlite => Self::Sqlite,
            BackendDialect::Postgres => Self::Postgres,
        }
    }
}

impl From<&backend::Statement> for BackendStatement {
    fn from(statement: &backend::Statement) -> Self {
        let (sql, values) = steps::unnumbered(&statement.sql, &statement.values);
        let values = values.into_iter().map(BackendValue::from).collect();
        Self { sql, values }
    }
}

impl From<backend::Value> for BackendValue {
    fn from(value: backend::Value) -> Self {
        match value {
            backend::Value::Null => Self::Null,
            backend::Value::Boolean(value) => Self::Flag { value },
            backend::Value::Integer(value) => Self::Number { value },
            backend::Value::Text(value) => Self::Text { value },
        }
    }
}

impl From<BackendValue> for backend::Value {
    fn from(value: BackendValue) -> Self {
        match value {
            BackendValue::Null => Self::Null,
            BackendValue::Flag { value } => Self::Boolean(value),
            BackendValue::Number { value } => Self::Integer(value),
            BackendValue::Text { value } => Self::Text(value),
        }
    }
}

fn rows_of(rows: Vec<Vec<BackendValue>>) -> backend::Rows {
    let values = |row: Vec<BackendValue>| row.into_iter().map(backend::Value::from).collect();
    rows.into_iter().map(values).collect()
}

impl From<BackendReply> for Reply {
    fn from(reply: BackendReply) -> Self {
        match reply {
            BackendReply::Done => Self::Done,
            BackendReply::Rows { rows } => Self::Rows(rows.into_iter().map(rows_of).collect()),
            BackendReply::Answer { status, body } => Self::Answer {
                // What is no HTTP status says nothing.
                status: u16::try_from(status).unwrap_or(0),
                body,
            },
            BackendReply::NotSent => Self::NotSent,
            BackendReply::NoAnswer => Self::NoAnswer,
            BackendReply::Conflict => Self::Conflict,
            BackendReply::Failed => Self::Failed,
        }
    }
}
