//! Operations on cards.

mod apply;
mod assign;
mod balance;
mod confirm_3ds;
mod information;
mod recharge;
mod set_pin;
mod transactions;
mod update_status;

pub use apply::{Applied, Apply};
pub use assign::{Assign, Assigned};
pub use balance::{CardBalance, GetBalance};
pub use confirm_3ds::Confirm3ds;
pub use information::{CardInformation, GetInformation};
pub use recharge::Recharge;
pub use set_pin::{PinSet, SetPin};
pub use transactions::{GetTransactions, Transaction, TransactionStatus, TransactionType};
pub use update_status::{Alter, UpdateStatus};

use crate::amount::Amount;
use crate::error::{Code, Invalid};

fn check_positive(field: &'static str, amount: Amount) -> Result<(), Invalid> {
    if amount.is_positive() {
        return Ok(());
    }
    Err(Invalid::new(
        field,
        Code::AmountNotPositive,
        "more than zero",
    ))
}
