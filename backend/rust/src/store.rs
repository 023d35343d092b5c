//! Where rows are kept: what the backend needs of a database, and the values that go in and out.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Which database it is. The tables and nearly all statements are the same for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite. A transaction that writes has the whole database for itself.
    Sqlite,
    /// PostgreSQL, or what speaks as it does. Transactions run side by side, and lock what they need.
    Postgres,
}

/// A value in a statement or in a row. As JSON it is what it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no. SQLite has 1 and 0.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
}

/// Why a database didn't do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another transaction was in the way. The same transaction may succeed when it is begun again.
    #[error("another transaction was in the way")]
    Conflict(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else. Its words come from the database, and may repeat what is stored: ids and amounts, never a secret.
    #[error("the database failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A statement, with values as `$1`, `$2`, and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its text.
    pub sql: Cow<'static, str>,
    /// Its values.
    pub values: Vec<Value>,
}

/// The rows that a statement answers.
pub type Rows = Vec<Vec<Value>>;

/// A transaction under way. Dropped before it was committed, it leaves no trace.
pub trait Transaction: Send {
    /// Runs statements in this order, and returns the rows of each. A driver that can hand over all of them at once saves the way to
    /// the database and back for each.
    fn run(
        &mut self,
        statements: &[Statement],
    ) -> impl Future<Output = Result<Vec<Rows>, StoreError>> + Send;

    /// Runs statements in this order, and makes all of the transaction lasting.
    fn commit(
        self,
        statements: &[Statement],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes all of it back.
    fn roll_back(self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A database. Implemented for SQLite and PostgreSQL here, and by whoever has another driver.
pub trait Store: Send + Sync {
    /// Its transactions.
    type Transaction: Transaction;

    /// Which kind it is.
    fn dialect(&self) -> Dialect;

    /// Begins a transaction. In SQLite, one that may write.
    fn begin(&self) -> impl Future<Output = Result<Self::Transaction, StoreError>> + Send;
}

/// Several instances in one process may share one.
impl<S: Store> Store for Arc<S> {
    type Transaction = S::Transaction;

    fn dialect(&self) -> Dialect {
        S::dialect(self)
    }

    async fn begin(&self) -> Result<Self::Transaction, StoreError> {
        S::begin(self).await
    }
}
