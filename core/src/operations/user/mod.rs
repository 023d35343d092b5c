//! Operations on users (cardholders).

mod get_users;
mod register;

pub use get_users::GetUsers;
pub use register::{Gender, IdentificationType, KycData, Register, Registered};
