//! The tables, by version. A version that was released never changes; what is new is a new version.

use crate::store::Dialect;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use crate::store::StoreError;

/// Which versions a database has.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const VERSIONS: &str =
    "CREATE TABLE IF NOT EXISTS bananatech_schema (version BIGINT PRIMARY KEY)";

pub(crate) const SQLITE: &[&str] = &[include_str!("../schema/sqlite/0001.sql")];

pub(crate) const POSTGRES: &[&str] = &[include_str!("../schema/postgres/0001.sql")];

/// The statements of each version, from the first on. A version has several.
pub fn schema(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    }
}

/// The versions that a database lacks, with their number.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn lacking<'s>(
    all: &'s [&'s str],
    version: i64,
) -> Result<Vec<(i64, &'s str)>, StoreError> {
    let numbered: Vec<(i64, &str)> = (1..).zip(all.iter().copied()).collect();
    if numbered.last().is_some_and(|(newest, _)| *newest < version) {
        let words = "the tables were made by a newer version of this library";
        return Err(StoreError::Failed(words.into()));
    }
    Ok(numbered
        .into_iter()
        .filter(|(number, _)| *number > version)
        .collect())
}
