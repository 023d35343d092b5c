//! The sans-IO core of the BananaTech card-issuing SDK.
//!
//! It builds requests, seals them, checks card numbers and PINs, reads answers and webhooks, and keeps track of what isn't
//! confirmed yet. It opens no socket, has no clock and no source of randomness: time and initialisation vectors are
//! arguments, and requests and answers are plain data.
//!
//! The way of the data: an [operation](operations) becomes a [`Plan`] (no key needed: a browser or an app can make it) or,
//! through [`Merchant`], a [`Call`] (sealed). The caller sends it and gives the answer back: [`Call::read`]. That is only an
//! acknowledgement. Later a webhook comes: [`Merchant::receive`] makes it an [`Event`], which is evidence of what became of the
//! operations that are [tracked](Tracker), and folds into the [card's state](CardState).
//!
//! ```
//! use bananatech_core::operations::card::Recharge;
//! use bananatech_core::{
//!     Amount, CardId, Endpoints, Event, Iv, KeyCodec, KeyRing, Merchant, MerchantId, SecretKey, UserId,
//! };
//!
//! let merchant = Merchant::new(
//!     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
//!     KeyRing::new("2026-11", SecretKey::from_text("an example key of 32 characters!", KeyCodec::Utf8)?)?,
//!     Endpoints::new("https://api.example")?,
//! );
//! let recharge = Recharge {
//!     user_id: UserId::from(12345),
//!     card_id: CardId::from(67890),
//!     amount: Amount::parse("100.00")?,
//! };
//! # let random_bytes = [9; 16];
//! let call = merchant.call(recharge, Iv::from_random_bytes(random_bytes))?;
//! // Send call.request() with any HTTP client, and give the answer back:
//! let answer = call.read(200, br#"{"message": "Card recharge request sent successfully"}"#)?;
//! assert_eq!(answer.message, Some("Card recharge request sent successfully".into()));
//!
//! // Later, in the webhook's handler:
//! # let raw_body = merchant.test_webhook("CARD_RECHARGE_RESULT", r#"{"card_id":67890,"transaction_id":1,
//! #     "receive_amount":100.0,"status":"SUCCESS","currency":"USD","occur_time":1691249025085}"#, Iv::from_random_bytes([8; 16]));
//! let delivery = merchant.receive(raw_body.as_bytes())?;
//! assert!(matches!(delivery.event(), Event::CardRechargeResult(event) if event.card_id.get() == 67890));
//! # Ok::<(), bananatech_core::Error>(())
//! ```
//!
//! What the vendor documents, what is inferred from it and what is a guess is said at each item. Guesses can be overridden:
//! paths ([`Endpoints`]), the key's codec ([`KeyCodec`]), undocumented fields (`extra`).

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::unreachable
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

mod amount;
mod answer;
mod card;
mod credentials;
mod delivery;
mod diagnosis;
mod duplicates;
mod endpoints;
mod envelope;
mod error;
mod events;
mod http;
mod ids;
pub mod json;
mod merchant;
mod operation;
pub mod operations;
mod paging;
mod personal;
mod secret;
mod time;
mod tracking;
mod url;
mod words;

pub use bananatech_fields as fields;

pub use amount::{Amount, Currency};
pub use answer::Answer;
#[doc(hidden)]
pub use bananatech_cipher::{OnPlatform, Platform};
pub use card::{
    ActivationPin, CardAction, CardNumber, CardState, CardStatus, Cvv, DisplayedNumber, Expiry,
    Fold, KnownBalance, KnownStatus, Pin, birth_date,
};
pub use credentials::{KeyCodec, KeyRing, MerchantId, SecretKey};
pub use delivery::Delivery;
pub use diagnosis::{Diagnosis, DiagnosisStep, Finding, diagnose};
pub use duplicates::{Duplicates, Novelty, RecentDeliveries};
pub use endpoints::Endpoints;
pub use envelope::{Iv, OpenFailure};
pub use error::{Category, Code, Error, Invalid, Rejection, RejectionMeaning};
pub use events::{
    CardActivateResult, CardApplyResult, CardAssignResult, CardBalanceChange, CardCloseResult,
    CardRechargeResult, CardStatusChange, Event, EventType, OperationStatus, UnknownEvent,
    UnrecognizedEvent, UserCreateResult, UserStatus,
};
pub use fields::{BirthDate, Brand, Luhn, PinContext, Weakness, Weaknesses};
pub use http::{Header, SealedRequest};
pub use ids::{CardId, TemplateId, TransactionId, UserId};
pub use json::{Extra, Json};
pub use merchant::{Call, Merchant};
#[cfg(feature = "ts")]
pub use operation::Exchange;
pub use operation::{AnyOperation, AnyResponse, Certainty, Operation, OperationKind, Plan};
pub use paging::{AnyPages, Paged, Pages};
pub use personal::Personal;
pub use time::{Freshness, TimeWindow, Timestamp};
pub use tracking::{
    Acknowledges, Assumptions, Changes, ConfirmedOperation, Decision, Fingerprint, Forgettable,
    Found, Input, Inquiry, Key, OperationId, OperationState, Outcome, Query, Report, Scope,
    Settled, Step, Thing, ThingId, TrackedKind, TrackedOperation, Tracker, Verdict,
};
pub use url::Url;
