//! A card issuer that behaves as the BananaTech contract says, for development and tests.
//!
//! It is sans-IO: [`Issuer`] takes requests, control commands and the outcomes of deliveries, each with the time, and
//! gives answers and the webhooks that are due. No socket, no clock, no thread; [`server`] puts those around it.
//!
//! ```
//! use bananatech_sandbox::{Command, Issuer, Outcome, Seed, Settings, Timestamp, random, seed};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let start = Timestamp(1_700_000_000_000);
//! let mut issuer = Issuer::open_in_memory(Seed::standard(), Settings::default(), random::reproducible(1), start)?;
//! issuer.control(Command::set_webhook_url("http://127.0.0.1:9/hook"), start)?;
//!
//! // Seals the body as the merchant would, takes the ordinary way in, and opens the answer.
//! let answer = issuer.control(
//!     Command::call("/card/assign", r#"{"user_id":12345,"template_id":1,"card_number":"1234567890123456"}"#)?,
//!     start,
//! )?;
//! assert_eq!(answer.value()["body"]["card_id"], 200_001);
//!
//! // The webhook is due when the banking provider has decided.
//! let later = issuer.next_due(start)?.ok_or("something is due")?;
//! for delivery in issuer.due(later)? {
//!     assert_eq!(delivery.event_type, "CARD_ASSIGN_RESULT");
//!     issuer.delivered(delivery.id, Outcome::Answered(200), later)?;
//! }
//! assert!(issuer.audit()?.is_sound());
//! # Ok(())
//! # }
//! ```
//!
//! It judges the SDK, so it shares no code with it: envelope, JSON and rules are written from the contract alone.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod control;
pub mod envelope;
mod error;
mod issuer;
mod json;
mod ledger;
pub mod magic;
mod money;
mod network;
mod operations;
mod outbox;
mod provider;
pub mod random;
pub mod seed;
pub mod server;
mod store;
mod time;

pub use control::Command;
pub use error::{Error, Refusal};
pub use issuer::{ApiRequest, ApiResponse, Audit, ControlError, Issuer};
pub use json::Json;
pub use money::{Fee, Money};
pub use operations::PATHS;
pub use outbox::{Delivery, Fault, FaultKind, Outcome};
pub use random::Entropy;
pub use seed::Seed;
pub use store::{ErrorStyle, Settings};
pub use time::Timestamp;
