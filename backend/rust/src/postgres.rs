//! PostgreSQL, for any number of instances.

use std::error::Error;

use bytes::BytesMut;
use deadpool_postgres::{Object, Pool};
use futures_util::future::{try_join, try_join_all};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type};

use crate::schema;
use crate::store::{Dialect, Rows, Statement, Store, StoreError, Transaction, Value};

/// So many statements are handed over at once.
const AT_ONCE: usize = 16;

/// A PostgreSQL database. Each transaction has a connection of the pool for as long as it lasts.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Takes a pool, and brings the tables up to date. The pool decides about TLS, the number of connections, and timeouts. The
    /// connections' `search_path` decides in which schema the tables are.
    ///
    /// Errors if the database can't be reached or its tables were made by a newer version of this library.
    pub async fn new(pool: Pool) -> Result<Self, StoreError> {
        let store = Self { pool };
        store.migrate().await?;
        Ok(store)
    }

    /// Several instances may start at once: one of them does it.
    async fn migrate(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended('bananatech schema', 0))";
        // Some databases that speak as PostgreSQL does take the words and lock nothing.
        let held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()";
        let rows = transaction.run(&[statement(lock), statement(held)]).await?;
        if rows.iter().any(Vec::is_empty) {
            return Err(StoreError::Failed(
                "the database has no advisory locks".into(),
            ));
        }
        transaction.batch(schema::VERSIONS).await?;
        let sql = "SELECT coalesce(max(version), 0) FROM bananatech_schema";
        let rows = transaction.run(&[statement(sql)]).await?;
        let row = rows.iter().flatten().next();
        let version = crate::sql::integer_at(row.map_or(&[][..], Vec::as_slice), 0)?;
        for (version, sql) in schema::lacking(schema::POSTGRES, version)? {
            transaction.batch(sql).await?;
            let sql = "INSERT INTO bananatech_schema (version) VALUES ($1)";
            let values = vec![Value::Integer(version)];
            let sql = sql.into();
            transaction.run(&[Statement { sql, values }]).await?;
        }
        transaction.commit(&[]).await
    }
}

fn statement(sql: &'static str) -> Statement {
    Statement {
        sql: sql.into(),
        values: Vec::new(),
    }
}

fn failed(error: tokio_postgres::Error) -> StoreError {
    const IN_THE_WAY: &[SqlState] = &[
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        // Two instances made the same row at the same time: the second finds it when it begins again.
        SqlState::UNIQUE_VIOLATION,
    ];
    if error.code().is_some_and(|code| IN_THE_WAY.contains(code)) {
        return StoreError::Conflict(error.into());
    }
    StoreError::Failed(error.into())
}

impl Store for Postgres {
    type Transaction = PostgresTransaction;

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    /// BEGIN is sent before the first statements.
    async fn begin(&self) -> Result<PostgresTransaction, StoreError> {
        let connection = self.pool.get().await;
        let connection = connection.map_err(|error| StoreError::Failed(error.into()))?;
        Ok(PostgresTransaction {
            connection: Some(connection),
            has_begun: false,
        })
    }
}

/// A transaction on a connection of the pool.
pub struct PostgresTransaction {
    /// Nothing once it ended.
    connection: Option<Object>,
    has_begun: bool,
}

/// Whether a transaction goes on after some statements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    Commit,
}

impl PostgresTransaction {
    fn connection(&self) -> Result<&Object, StoreError> {
        let connection = self.connection.as_ref();
        connection.ok_or_else(|| StoreError::Failed("the transaction has ended".into()))
    }

    async fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.connection()?.batch_execute(sql).await.map_err(failed)
    }

    /// They go out in this order without waiting for answers.
    async fn hand_over(
        &mut self,
        statements: &[Statement],
        then: Then,
    ) -> Result<Vec<Rows>, StoreError> {
        if !self.has_begun {
            // What is read after a lock was waited for has to be what is there then. Waited for: were it refused, what is sent behind it
            // would be kept.
            self.batch("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
            self.has_begun = true;
        }
        let connection = self.connection()?;
        // Before the first goes out: what waited to be prepared would be overtaken by what is behind it.
        let mut prepared = Vec::with_capacity(statements.len());
        for statement in statements {
            let ready = connection.prepare_cached(&statement.sql).await;
            prepared.push((ready.map_err(failed)?, &statement.values));
        }
        let queries = try_join_all(prepared.iter().map(async |(statement, values)| {
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(parameter).collect();
            let rows = connection.query(statement, &values).await;
            rows.map_err(failed)?.iter().map(values_of).collect()
        }));
        // What can't even be sent ends it here, so the commit doesn't go out. If PostgreSQL refuses a statement, a commit takes all back.
        let commit = async {
            match then {
                Then::GoOn => Ok(()),
                Then::Commit => self.batch("COMMIT").await,
            }
        };
        let (rows, ()) = try_join(queries, commit).await?;
        Ok(rows)
    }
}

impl Transaction for PostgresTransaction {
    async fn run(&mut self, statements: &[Statement]) -> Result<Vec<Rows>, StoreError> {
        let mut rows = Vec::with_capacity(statements.len());
        // Of more futures than these, `try_join_all` doesn't keep the order.
        for statements in statements.chunks(AT_ONCE) {
            rows.extend(self.hand_over(statements, Then::GoOn).await?);
        }
        Ok(rows)
    }

    async fn commit(mut self, statements: &[Statement]) -> Result<(), StoreError> {
        let whole = statements.len().saturating_sub(1) / AT_ONCE * AT_ONCE;
        let (first, last) = statements.split_at(whole);
        self.run(first).await?;
        self.hand_over(last, Then::Commit).await?;
        // Only now it may go back into the pool.
        drop(self.connection.take());
        Ok(())
    }

    async fn roll_back(mut self) -> Result<(), StoreError> {
        self.batch("ROLLBACK").await?;
        drop(self.connection.take());
        Ok(())
    }
}

impl Drop for PostgresTransaction {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // What it began is still open, so it must not go back into the pool: closing it takes all of it back.
            drop(Object::take(connection));
        }
    }
}

fn values_of(row: &Row) -> Result<Vec<Value>, StoreError> {
    let columns = row.columns().iter().enumerate();
    let values = columns.map(|(at, column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Value::Integer),
            Type::INT4 => row
                .try_get::<_, Option<i32>>(at)?
                .map(|number| Value::Integer(number.into())),
            Type::BOOL => row.try_get::<_, Option<bool>>(at)?.map(Value::Boolean),
            Type::TEXT => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
            _ => None,
        })
    });
    let values: Result<Vec<Option<Value>>, _> = values.collect();
    let values = values.map_err(failed)?.into_iter();
    Ok(values.map(|value| value.unwrap_or(Value::Null)).collect())
}

fn parameter(value: &Value) -> &(dyn ToSql + Sync) {
    value
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql(kind, out),
            Self::Boolean(yes) => yes.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::BOOL | Type::TEXT)
    }

    tokio_postgres::types::to_sql_checked!();
}
