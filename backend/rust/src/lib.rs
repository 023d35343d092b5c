//! A merchant's backend, ready to use: it sends operations, takes webhooks on any number of instances, survives being killed, and
//! tells what became of each operation.
//!
//! The core decides ([`bananatech_core::Decision`]); this crate brings the database, the network and the order of things together.
//! `docs/backend.md` tells how to begin.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::unreachable
)]

mod backend;
mod error;
mod gateway;
#[cfg(feature = "reqwest")]
mod https;
mod lane;
mod locks;
mod notice;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod schema;
mod session;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod steps;
mod store;
#[cfg(feature = "axum")]
mod webhooks;
mod work;

pub use backend::{Backend, Counts, Received, Sent, SentState, Swept};
pub use error::BackendError;
pub use gateway::{CallError, Gateway};
#[cfg(feature = "reqwest")]
pub use https::Https;
pub use notice::Notice;
#[cfg(feature = "postgres")]
pub use postgres::{Postgres, PostgresTransaction};
#[cfg(feature = "sqlite")]
pub use sqlite::{Sqlite, SqliteTransaction};
pub use store::{Dialect, Store, StoreError, Transaction, Value};
#[cfg(feature = "axum")]
pub use webhooks::webhooks;
