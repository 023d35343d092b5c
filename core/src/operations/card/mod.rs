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

/// A guess: how many the API takes isn't documented. Its currency, USD, has two.
const MAX_DECIMALS: u32 = 8;

/// Whether an amount can be one that is to be moved.
fn check_amount(field: &'static str, amount: Amount) -> Result<(), Invalid> {
    if !amount.is_positive() {
        return Err(Invalid::new(
            field,
            Code::AmountNotPositive,
            "more than zero",
        ));
    }
    if amount.decimals() > MAX_DECIMALS {
        return Err(Invalid::new(
            field,
            Code::AmountDecimals,
            "at most 8 decimals",
        ));
    }
    Ok(())
}
