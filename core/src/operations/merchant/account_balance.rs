use crate::amount::{Amount, Currency};
use crate::json::{Extra, object};
use crate::operation::Operation;
use crate::operations::operation;

object! { open
    /// Get Account Balance. Nothing of its page could be read but the title: that it takes no fields is a guess.
    #[derive(Default)]
    pub struct GetAccountBalance {}
}

object! { open
    /// The merchant's balance. Both fields are guesses at an undocumented response; `extra` holds what else came.
    pub struct AccountBalance {
        /// What is left to spend on cards and fees (guess).
        pub balance: Option<Amount> = guess,
        /// Its currency (guess).
        pub currency: Option<Currency> = guess,
    }
}

impl Operation for GetAccountBalance {
    operation!(GetAccountBalance => AccountBalance);
    operation!(wire);
}

impl GetAccountBalance {
    /// With fields that the contract doesn't know.
    ///
    /// ```
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Extra};
    /// assert_eq!(GetAccountBalance::with(Extra::new()), GetAccountBalance::default());
    /// ```
    pub fn with(extra: Extra) -> Self {
        Self { extra }
    }
}
