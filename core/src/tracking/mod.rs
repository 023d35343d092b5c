//! What became of what was asked for: decided by evidence.
//!
//! An answer says only that a request was taken. What became of it comes by webhook, which names no request, may be late, come
//! twice, under another type, or not at all. So each operation is stored before it is sent, everything that is said later is kept
//! as evidence, and [`decide`](Decision) tells of each operation what is certain: that it succeeded, that it failed, or that it is
//! still to be asked for. What is certain is what all explanations of the evidence agree on, under the [`Assumptions`] that the
//! caller makes.
//!
//! The rooms: what an operation asked and knows (`operation`), what signed data prove (`evidence`), who may own it (`owners`),
//! explanations (`matching`, `sets`), what they agree on (`judge`, `by_count`), the decision about one `input` (`proposal`, `decide`, `conclusion`,
//! `report`), what to ask the API and what its answers say (`inquiry`, `asking`), what is over (`forgetting`), keys (`keys`, `canonical`),
//! and all of it in memory (`tracker`, `rows`).

mod acknowledges;
mod asking;
mod assumptions;
mod by_count;
mod canonical;
mod conclusion;
mod confirmed;
mod decide;
mod evidence;
mod forgetting;
mod input;
mod inquiry;
mod judge;
mod keys;
mod matching;
mod operation;
mod ordered;
mod owners;
mod proposal;
mod report;
mod rows;
mod sets;
mod tracker;

pub use acknowledges::Acknowledges;
pub use assumptions::Assumptions;
pub use confirmed::ConfirmedOperation;
pub use decide::{Decision, Query, Step};
pub use evidence::{Thing, ThingId};
pub use forgetting::Forgettable;
pub use input::Input;
pub use inquiry::Inquiry;
pub use keys::{Fingerprint, Key, Scope};
pub use operation::{Found, OperationId, OperationState, Outcome, TrackedKind, TrackedOperation};
pub use report::{Changes, Report, Settled, Verdict};
pub use tracker::Tracker;
