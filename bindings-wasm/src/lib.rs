//! JavaScript bindings of the BananaTech SDK: the core's functions as JavaScript can call them. No logic lives here.
//!
//! The package's hand-written modules (`npm/`) put names and shapes over these functions; programs use that package.
//!
//! # What crosses, and how
//!
//! Values come in as JSON text (`JSON.stringify` there, the core's exact reader here) and go out as JavaScript values: see
//! `out`. What is thrown is an `Error`, made in one place: see `error`. An object crosses only where it holds a key
//! ([`KeyHolder`](merchant::KeyHolder)) or more than is to be read anew each time
//! ([`TrackerHolder`](tracking::TrackerHolder)), or work under way ([`BackendTask`](backend::BackendTask)). docs/decisions/0003 says why.
//!
//! An integer that JavaScript's `number` can't hold is an error on its way in and out, never rounded. Only an event isn't refused
//! for one: it goes out as one that wasn't recognized.

#[cfg(feature = "merchant")]
pub mod backend;
pub mod cards;
pub mod checks;
#[cfg(feature = "merchant")]
pub mod diagnosis;
pub mod error;
#[cfg(feature = "merchant")]
pub mod merchant;
mod numbers;
mod out;
pub mod plans;
#[cfg(feature = "merchant")]
pub mod tracking;

/// Everything that is given back is overwritten first: texts cross by way of this memory, and what copies them is generated
/// code that doesn't know which of them are secret.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
