//! The words that events are told in.

use crate::words::api_words;

api_words! {
    /// What a webhook tells of. Twelve are documented; another is kept.
    ///
    /// ```
    /// use bananatech_core::EventType;
    /// assert_eq!(EventType::from("CARD_3DS"), EventType::Card3ds);
    /// assert_eq!(EventType::CardAssignResult.as_str(), "CARD_ASSIGN_RESULT");
    /// ```
    pub enum EventType {
        /// A user was registered, or not.
        UserCreateResult = "USER_CREATE_RESULT",
        /// A virtual card was issued, or not.
        CardApplyResult = "CARD_APPLY_RESULT",
        /// A card was activated, or not.
        CardActivateResult = "CARD_ACTIVATE_RESULT",
        /// A physical card was assigned, or not.
        CardAssignResult = "CARD_ASSIGN_RESULT",
        /// A card was locked or unlocked, or not.
        CardStatusChange = "CARD_STATUS_CHANGE",
        /// A card was recharged, or not.
        CardRechargeResult = "CARD_RECHARGE_RESULT",
        /// A card was closed, or not.
        CardCloseResult = "CARD_CLOSE_RESULT",
        /// A card's balance changed.
        CardBalanceChange = "CARD_BALANCE_CHANGE",
        /// A new transaction. Its fields aren't documented.
        TransactionCreated = "TRANSACTION_CREATED",
        /// A correction or adjustment. Its fields aren't documented.
        CardCorrection = "CARD_CORRECTION",
        /// A 3-D Secure request that needs the user. Its fields aren't documented.
        Card3ds = "CARD_3DS",
        /// A verification request, such as a one-time password for a wallet. Its fields aren't documented.
        CardVerification = "CARD_VERIFICATION",
    }
}

api_words! {
    /// How an operation ended. `SUCCESS` and `FAILED` are written out for assignment, activation and recharge, and
    /// inferred for the others.
    ///
    /// ```
    /// use bananatech_core::OperationStatus;
    /// assert_eq!(OperationStatus::from("FAILED"), OperationStatus::Failed);
    /// assert_eq!(OperationStatus::Success.as_str(), "SUCCESS");
    /// ```
    pub enum OperationStatus {
        /// Done.
        Success = "SUCCESS",
        /// Not done.
        Failed = "FAILED",
    }
}

api_words! {
    /// A user's status. Only `APPROVED` was seen, and only it allows ordering a card.
    ///
    /// ```
    /// use bananatech_core::UserStatus;
    /// assert_eq!(UserStatus::from("APPROVED"), UserStatus::Approved);
    /// assert_eq!(UserStatus::from("REJECTED").as_str(), "REJECTED");
    /// ```
    pub enum UserStatus {
        /// May have cards.
        Approved = "APPROVED",
    }
}
