//! A backend's work step by step, for languages that bring their own database and network: they are told what to do, do it, and
//! say what came of it.
//!
//! ```
//! use bananatech_backend::Dialect;
//! use bananatech_backend::steps::{Reply, Step, Tasks, World};
//! # use bananatech_core::{Assumptions, Endpoints, KeyRing, Merchant, MerchantId, SecretKey, Timestamp};
//! # let merchant = Merchant::new(
//! #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
//! #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
//! #     Endpoints::new("https://api.example")?,
//! # );
//! let world = World { dialect: Dialect::Sqlite, now: || Timestamp::from_millis(0), random_bytes: || [7; 16] };
//! let tasks = Tasks { merchant, assumptions: Assumptions::shared(), world, one_at_a_time: true, wait_at_most: None, ask_after: None };
//! let mut steps = tasks.begin(async |backend| backend.counts().await);
//! assert!(matches!(steps.next(Reply::Done), Step::Begin));
//! assert!(matches!(steps.next(Reply::Done), Step::Run(statements) if statements.len() == 1));
//! # Ok::<(), bananatech_core::Invalid>(())
//! ```

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bananatech_core::{Answer, Assumptions, Iv, Merchant, Operation, SealedRequest, Timestamp};

use crate::backend::Backend;
use crate::gateway::{CallError, Gateway, Progress};
pub use crate::schema::schema;
use crate::sql::with_placeholders;
use crate::store::{Dialect, Rows, Statement, Store, StoreError, Transaction, Value};

/// What is to be done next.
#[derive(Debug)]
pub enum Step<T> {
    /// Begin a transaction; in SQLite one that may write. If one is open, take it back first: it was given up.
    Begin,
    /// Run statements in it, in this order, and reply with the rows of each. They may go to the database all at once.
    Run(Vec<Statement>),
    /// Make the transaction lasting.
    Commit,
    /// Take the transaction back.
    RollBack,
    /// Send a request, once, without following redirects, and reply with the answer.
    Send(SealedRequest),
    /// Tell an operator what happens.
    Tell(Progress),
    /// It is over. If a transaction is open, take it back.
    Done(T),
}

/// A statement for a driver whose placeholders have no number, such as JDBC's: each is `?`, and has a value of its own.
///
/// ```
/// use bananatech_backend::{Value, steps::unnumbered};
/// let values = [Value::Integer(1), Value::Null];
/// let (sql, values) = unnumbered("SELECT $2, $1, $2", &values);
/// assert_eq!(sql, "SELECT ?, ?, ?");
/// assert_eq!(values, [Value::Null, Value::Integer(1), Value::Null]);
/// ```
pub fn unnumbered(sql: &str, values: &[Value]) -> (String, Vec<Value>) {
    let mut placed = Vec::new();
    let sql = with_placeholders(sql, |number| {
        let value = number.checked_sub(1).and_then(|at| values.get(at));
        placed.push(value.cloned().unwrap_or(Value::Null));
        "?".to_owned()
    });
    (sql, placed)
}

/// What came of a step.
#[derive(Debug)]
pub enum Reply {
    /// It was done. Also what the first step is asked for with.
    Done,
    /// The rows of each statement.
    Rows(Vec<Rows>),
    /// What the API answered.
    Answer {
        /// The HTTP status.
        status: u16,
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

/// What a language brings besides database and network.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// Which database it is.
    pub dialect: Dialect,
    /// The time.
    pub now: fn() -> Timestamp,
    /// 16 new random bytes.
    pub random_bytes: fn() -> [u8; 16],
}

/// Work under way.
pub struct Steps<T> {
    work: Pin<Box<dyn Future<Output = T> + Send>>,
    line: Line,
}

/// What a backend works with. Each piece of its work is begun here.
#[derive(Clone)]
pub struct Tasks {
    /// The merchant.
    pub merchant: Merchant,
    /// What is assumed; all instances must have the same.
    pub assumptions: Assumptions,
    /// What the language brings.
    pub world: World,
    /// `false`: as [`Backend::all_at_once`].
    pub one_at_a_time: bool,
    /// As [`Backend::wait_at_most`], if it is given.
    pub wait_at_most: Option<Duration>,
    /// As [`Backend::ask_after`], if it is given.
    pub ask_after: Option<Duration>,
}

impl Tasks {
    /// Begins some work of a backend.
    pub fn begin<T, F>(&self, work: impl FnOnce(StepBackend) -> F) -> Steps<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (line, world) = (Line::default(), self.world);
        let store = StepStore {
            dialect: world.dialect,
            line: line.clone(),
        };
        let gateway = StepGateway {
            merchant: self.merchant.clone(),
            world,
            line: line.clone(),
        };
        let mut backend = Backend::new(self.merchant.clone(), self.assumptions, store, gateway);
        if !self.one_at_a_time {
            backend = backend.all_at_once();
        }
        if let Some(time) = self.wait_at_most {
            backend = backend.wait_at_most(time);
        }
        if let Some(time) = self.ask_after {
            backend = backend.ask_after(time);
        }
        Steps {
            work: Box::pin(work(backend)),
            line,
        }
    }
}

impl<T> Steps<T> {
    /// Takes what came of the last step, and tells the next one.
    pub fn next(&mut self, reply: Reply) -> Step<T> {
        self.line.set_reply(reply);
        let mut context = Context::from_waker(Waker::noop());
        match self.work.as_mut().poll(&mut context) {
            Poll::Ready(result) => Step::Done(result),
            Poll::Pending => match self.line.take_question() {
                Question::Begin => Step::Begin,
                Question::Run(statements) => Step::Run(statements),
                Question::Commit => Step::Commit,
                Question::RollBack => Step::RollBack,
                Question::Send(request) => Step::Send(request),
                Question::Tell(progress) => Step::Tell(progress),
            },
        }
    }
}

/// A backend whose database and network are elsewhere.
pub type StepBackend = Backend<StepStore, StepGateway>;

enum Question {
    Begin,
    Run(Vec<Statement>),
    Commit,
    RollBack,
    Send(SealedRequest),
    Tell(Progress),
}

/// What goes to and fro between the work and whoever does its steps.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<Ends>>);

#[derive(Default)]
struct Ends {
    question: Option<Question>,
    reply: Option<Reply>,
}

impl Line {
    fn set_reply(&self, reply: Reply) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).reply = Some(reply);
    }

    fn take_question(&self) -> Question {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The work waits for nothing else.
        ends.question.take().unwrap_or(Question::RollBack)
    }

    /// Asks, and waits until there is a reply.
    async fn ask(&self, question: Question) -> Reply {
        {
            let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            ends.question = Some(question);
            ends.reply = None;
        }
        std::future::poll_fn(|_| {
            let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            ends.reply.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    async fn ask_store(&self, question: Question) -> Result<Vec<Rows>, StoreError> {
        match self.ask(question).await {
            Reply::Done => Ok(Vec::new()),
            Reply::Rows(rows) => Ok(rows),
            Reply::Conflict => Err(StoreError::Conflict("another transaction".into())),
            _ => Err(StoreError::Failed("the database failed".into())),
        }
    }
}

/// A database that is elsewhere.
pub struct StepStore {
    dialect: Dialect,
    line: Line,
}

impl Store for StepStore {
    type Transaction = StepTransaction;

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn begin(&self) -> Result<StepTransaction, StoreError> {
        self.line.ask_store(Question::Begin).await?;
        Ok(StepTransaction(self.line.clone()))
    }
}

/// A transaction that is elsewhere.
pub struct StepTransaction(Line);

impl Transaction for StepTransaction {
    async fn run(&mut self, statements: &[Statement]) -> Result<Vec<Rows>, StoreError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let question = Question::Run(statements.to_vec());
        self.0.ask_store(question).await
    }

    async fn commit(mut self, statements: &[Statement]) -> Result<(), StoreError> {
        self.run(statements).await?;
        self.0.ask_store(Question::Commit).await.map(drop)
    }

    async fn roll_back(self) -> Result<(), StoreError> {
        self.0.ask_store(Question::RollBack).await.map(drop)
    }
}

/// A network that is elsewhere.
pub struct StepGateway {
    merchant: Merchant,
    world: World,
    line: Line,
}

impl Gateway for StepGateway {
    async fn call<O: Operation>(&self, operation: O) -> Result<Answer<O::Response>, CallError> {
        let iv = Iv::from_random_bytes(self.random_bytes());
        let call = self.merchant.call(operation, iv)?;
        match self.line.ask(Question::Send(call.request().clone())).await {
            Reply::Answer { status, body } => Ok(call.read(status, &body)?),
            Reply::NotSent => Err(CallError::NotSent("no connection could be made".into())),
            _ => Err(CallError::NoAnswer("no answer came".into())),
        }
    }

    fn random_bytes(&self) -> [u8; 16] {
        (self.world.random_bytes)()
    }

    async fn tell(&self, progress: Progress) {
        self.line.ask(Question::Tell(progress)).await;
    }

    fn now(&self) -> Timestamp {
        (self.world.now)()
    }
}
