//! A merchant's backend, ready to use: it sends operations, takes webhooks on any number of instances, survives being killed, and
//! tells what became of each operation.
//!
//! The core decides ([`bananatech_core::Decision`]); this crate brings the database, the network and the order of things together.
//! `docs/backend.md` says how to begin.
//!
//! ```no_run
//! use std::sync::Arc;
//! use bananatech_backend::{Backend, Https, Notice, Sqlite, webhooks};
//! use bananatech_core::{Assumptions, operations::card::Recharge};
//! # use bananatech_core::{Amount, CardId, Endpoints, KeyRing, Merchant, MerchantId, SecretKey, Timestamp, TrackedOperation, UserId};
//! # async fn book(_: Box<TrackedOperation>) -> Result<(), String> { Ok(()) }
//! # async fn alert(_: Notice) -> Result<(), String> { Ok(()) }
//! # async fn run(listener: tokio::net::TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Box<dyn std::error::Error>> {
//! # let (user_id, card_id, amount) = (UserId::from(1), CardId::from(2), Amount::parse("100")?);
//! # let since = Timestamp::from_millis(0);
//! # let merchant = Merchant::new(
//! #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
//! #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
//! #     Endpoints::new("https://api.example")?,
//! # );
//!
//! let store = Sqlite::open("backend.db")?;
//! let assumptions = Assumptions::exclusive_since(since); // since then only this backend acts for these cards
//! let backend = Arc::new(Backend::new(merchant.clone(), assumptions, store, Https::new(merchant)?));
//!
//! // Webhooks, and requests of yours:
//! let app = webhooks("/webhooks/bananatech", Arc::clone(&backend));
//! let server = axum::serve(listener, app).with_graceful_shutdown(stop);
//! let server = tokio::spawn(async move { server.await });
//!
//! // A recharge. The reference is your name for it; a second request with the same one isn't carried out.
//! let sent = backend.send(Recharge { user_id, card_id, amount }, "order 7").await?;
//!
//! // From now on: ask what is overdue, send what waited, and tell what became known.
//! let take = |notice| async move {
//!     match notice {
//!         // By its reference and its outcome.
//!         Notice::Settled(operation) | Notice::NotSent { operation, .. } => book(operation).await,
//!         other => alert(other).await,
//!     }
//! };
//! backend.work(take, server).await; // until the server has ended
//! # Ok(())
//! # }
//! ```
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
mod queries;
mod schema;
mod session;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod steps;
mod store;
#[cfg(feature = "axum")]
mod webhooks;
mod work;
#[cfg(feature = "tokio")]
mod worker;

pub use backend::{Backend, Counts, Received, Sent, SentState, Swept};
pub use error::BackendError;
pub use gateway::{CallError, Gateway, Progress};
#[cfg(feature = "reqwest")]
pub use https::Https;
pub use notice::{ForeignActivity, Notice};
#[cfg(feature = "postgres")]
pub use postgres::{Postgres, PostgresTransaction};
#[cfg(feature = "sqlite")]
pub use sqlite::{Sqlite, SqliteTransaction};
pub use store::{Dialect, Rows, Statement, Store, StoreError, Transaction, Value};
#[cfg(feature = "axum")]
pub use webhooks::{webhooks, webhooks_with};
