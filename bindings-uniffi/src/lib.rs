//! Swift and Kotlin bindings of the BananaTech SDK: the core's types and functions as these languages can use them. No
//! logic lives here.
//!
//! Values cross by value, and an object only where something is held: a key ([`Merchant`](merchant::Merchant)), what came lately
//! ([`RecentDeliveries`](event::RecentDeliveries)), or what is waited for ([`Tracker`](tracking::Tracker)). Money crosses as text and is each language's exact decimal there; what must not be seen crosses
//! as text into a type that doesn't show it; ids are 64-bit integers, whose whole range the core's ids fit. Times are
//! arguments; without an initialisation vector, the platform's randomness is taken.

use zeroizing_alloc::ZeroAlloc;

uniffi::setup_scaffolding!("bananatech");

#[cfg(feature = "backend")]
pub mod backend;
pub mod card;
mod error;
pub mod event;
pub mod fields;
pub mod merchant;
pub mod pages;
pub mod plan;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tracking;
mod values;

pub use error::BananaTechError;
pub use values::{Address, ErrorCode, Redacted};

/// Wipes all memory when it is freed: what UniFFI copies on the way across, a PIN or a key too, is in nobody else's reach.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

type Result<T> = std::result::Result<T, BananaTechError>;

/// The version of the library.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
