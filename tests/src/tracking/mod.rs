//! What became of what was sent: a definition by brute force, and random histories to judge.
//!
//! Nothing here is shared with the library, so that its judge can be checked by this.

pub mod generator;
pub mod history;
pub mod oracle;
pub mod reasons;
