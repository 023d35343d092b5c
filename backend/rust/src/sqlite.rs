//! SQLite, in a file or in memory.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, params_from_iter};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::schema;
use crate::store::{Dialect, Rows, Statement, Store, StoreError, Transaction, Value};

/// How long a statement waits while another process writes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two attempts of what SQLite doesn't wait for.
const PAUSE: Duration = Duration::from_millis(5);

/// An SQLite database, for the instances of one machine.
///
/// Statements run on the thread that polls: each takes microseconds, a commit to a file a few milliseconds.
#[derive(Clone)]
pub struct Sqlite {
    connection: Arc<Mutex<Connection>>,
}

impl Sqlite {
    /// Opens a file, or makes it, and brings its tables up to date.
    ///
    /// Errors if the file can't be used, or was written by a newer version of this library.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::of(Connection::open(path).map_err(failed)?)
    }

    /// A database in memory: it is gone with the process.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::of(Connection::open_in_memory().map_err(failed)?)
    }

    fn of(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(PAUSE).map_err(failed)?;
        write_ahead(&connection)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        // A commit is on the disk before it is answered.
        connection
            .pragma_update(None, "synchronous", "FULL")
            .map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(64);
        migrate(&mut connection)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }
}

/// Sets write-ahead logging. While another process does, SQLite answers "busy" at once, whatever its timeout is.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(failed)
        {
            Err(StoreError::Conflict(_)) if Instant::now() < until => thread::sleep(PAUSE),
            result => return result,
        }
    }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed)?;
    transaction
        .execute_batch(schema::VERSIONS)
        .map_err(failed)?;
    let sql = "SELECT coalesce(max(version), 0) FROM bananatech_schema";
    let version: i64 = transaction
        .query_row(sql, [], |row| row.get(0))
        .map_err(failed)?;
    for (version, sql) in schema::lacking(schema::SQLITE, version)? {
        transaction.execute_batch(sql).map_err(failed)?;
        let sql = "INSERT INTO bananatech_schema (version) VALUES (?1)";
        transaction.execute(sql, [version]).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

fn failed(error: rusqlite::Error) -> StoreError {
    let in_the_way = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    );
    if in_the_way {
        return StoreError::Conflict(error.into());
    }
    StoreError::Failed(error.into())
}

impl Store for Sqlite {
    type Transaction = SqliteTransaction;

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn begin(&self) -> Result<SqliteTransaction, StoreError> {
        let connection = Arc::clone(&self.connection).lock_owned().await;
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(failed)?;
        Ok(SqliteTransaction { connection })
    }
}

/// A transaction that has the database for itself.
pub struct SqliteTransaction {
    connection: OwnedMutexGuard<Connection>,
}

impl SqliteTransaction {
    fn query(&self, statement: &Statement) -> Result<Rows, StoreError> {
        let sql = statement.sql.replace('$', "?");
        let mut prepared = self.connection.prepare_cached(&sql).map_err(failed)?;
        let columns = prepared.column_count();
        let values = params_from_iter(&statement.values);
        let mut rows = prepared.query(values).map_err(failed)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let values: Result<_, _> = (0..columns)
                .map(|at| row.get_ref(at).map(Value::from))
                .collect();
            found.push(values.map_err(failed)?);
        }
        Ok(found)
    }
}

impl Transaction for SqliteTransaction {
    async fn run(&mut self, statements: &[Statement]) -> Result<Vec<Rows>, StoreError> {
        statements.iter().map(|one| self.query(one)).collect()
    }

    async fn commit(mut self, statements: &[Statement]) -> Result<(), StoreError> {
        self.run(statements).await?;
        self.connection.execute_batch("COMMIT").map_err(failed)
    }

    async fn roll_back(self) -> Result<(), StoreError> {
        self.connection.execute_batch("ROLLBACK").map_err(failed)
    }
}

impl Drop for SqliteTransaction {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // The next one could not begin otherwise. There is nobody to tell that it failed.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Boolean(yes) => ValueRef::Integer((*yes).into()),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            _ => Self::Null,
        }
    }
}
