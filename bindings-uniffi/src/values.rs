//! How the core's values cross: UniFFI's remote types over the core's own, and custom types where a value is a text or a
//! number. A field or variant that is added in the core and forgotten here doesn't compile.

use std::collections::HashMap;

use bananatech_core::operations::Acknowledgement;
use bananatech_core::operations::card::{Alter, Recharge};
use bananatech_core::{
    Amount, CardActivateResult, CardApplyResult, CardAssignResult, CardBalanceChange,
    CardCloseResult, CardId, CardRechargeResult, CardStatus, CardStatusChange, Currency,
    DisplayedNumber, Event, Extra, Json, KeyCodec, Luhn, OperationStatus, Outcome, Pending,
    PendingKind, PendingOperations, Plan, TemplateId, Timestamp, TransactionId, UnknownEvent,
    UserCreateResult, UserId, UserStatus,
};
use zeroize::Zeroizing;

use crate::error::BananaTechError;

/// A text that must not be seen: a card number, a PIN, a key. Wiped on drop; `Debug` shows nothing of it.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// In clear, for the core to read.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}

uniffi::custom_type!(SecretText, String, {
    lower: |text| text.expose().to_owned(),
    try_lift: |text| Ok(SecretText(Zeroizing::new(text))),
});

/// A value that the core parses: its error must be the functions' own, or else UniFFI panics.
macro_rules! parsed {
    ($type:ident, $builtin:ty, $lower:expr, $parse:expr) => {
        uniffi::custom_type!($type, $builtin, {
            remote,
            lower: $lower,
            try_lift: |value| {
                let parse: fn($builtin) -> Result<$type, BananaTechError> = $parse;
                Ok(parse(value)?)
            },
        });
    };
}

macro_rules! ids {
    ($($type:ident),+) => {$(
        parsed!(
            $type,
            i64,
            // Every id fits: it is one of 0 to 2^63 - 1.
            |id| i64::try_from(id.get()).unwrap_or(i64::MAX),
            // A negative number is as far out of range as one beyond it, and the core says so.
            |id| Ok($type::new(u64::try_from(id).unwrap_or(u64::MAX))?)
        );
    )+};
}

ids!(UserId, CardId, TemplateId, TransactionId);
parsed!(Amount, String, |amount| amount.to_string(), |text| Ok(
    Amount::parse(&text)?
));
parsed!(Currency, String, |code| code.as_str().to_owned(), |text| {
    Ok(Currency::parse(&text)?)
});
parsed!(Json, String, |json| json.as_str().to_owned(), |text| Ok(
    Json::parse(&text)?
));
parsed!(Plan, String, |plan| plan.to_json().to_string(), |text| Ok(
    Plan::from_json(&text)?
));
parsed!(
    PendingOperations,
    String,
    |operations| operations.to_json(),
    |text| PendingOperations::from_json(&text).map_err(BananaTechError::from)
);
parsed!(Timestamp, i64, |time| time.as_millis(), |millis| Ok(
    Timestamp::from_millis(millis)
));
parsed!(
    DisplayedNumber,
    String,
    |number| match number {
        DisplayedNumber::Full(number) => number.expose().to_owned(),
        DisplayedNumber::Masked(text) => text,
    },
    |text| Ok(DisplayedNumber::from(text))
);

type Fields = HashMap<String, Json>;
parsed!(
    Extra,
    Fields,
    |extra| extra
        .iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect(),
    |fields| Ok(fields
        .into_iter()
        .fold(Extra::new(), |extra, (name, value)| extra
            .with(&name, value)))
);

#[uniffi::remote(Enum)]
pub enum KeyCodec {
    Utf8,
    Hex,
    Base64,
    Sha256,
}

#[uniffi::remote(Enum)]
pub enum Luhn {
    Valid,
    Invalid,
}

#[uniffi::remote(Enum)]
pub enum OperationStatus {
    Success,
    Failed,
    Other(String),
}

#[uniffi::remote(Enum)]
pub enum UserStatus {
    Approved,
    Other(String),
}

#[uniffi::remote(Enum)]
pub enum CardStatus {
    ToBeActivated,
    Active,
    Locked,
    Closed,
    Other(String),
}

#[uniffi::remote(Record)]
pub struct Recharge {
    pub user_id: UserId,
    pub card_id: CardId,
    pub amount: Amount,
}

#[uniffi::remote(Record)]
pub struct Acknowledgement {
    pub success: Option<bool>,
    pub message: Option<String>,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct UserCreateResult {
    pub user_id: UserId,
    pub status: UserStatus,
    pub message: Option<String>,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct CardApplyResult {
    pub template_id: Option<TemplateId>,
    pub user_id: UserId,
    pub card_id: Option<CardId>,
    pub status: OperationStatus,
    pub occur_time: Timestamp,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct CardActivateResult {
    pub card_id: CardId,
    pub card_number: Option<DisplayedNumber>,
    pub status: OperationStatus,
    pub occur_time: Timestamp,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct CardAssignResult {
    pub card_id: Option<CardId>,
    pub user_id: Option<UserId>,
    pub status: OperationStatus,
    pub error_reason: Option<String>,
    pub occur_time: Timestamp,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct CardStatusChange {
    pub card_id: CardId,
    pub status: OperationStatus,
    pub card_status: Option<CardStatus>,
    pub occur_time: Timestamp,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct CardRechargeResult {
    pub card_id: CardId,
    pub transaction_id: Option<TransactionId>,
    pub receive_amount: Option<Amount>,
    pub status: OperationStatus,
    pub currency: Option<Currency>,
    pub template_id: Option<TemplateId>,
    pub user_id: Option<UserId>,
    pub description: Option<String>,
    pub occur_time: Timestamp,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct CardCloseResult {
    pub card_id: CardId,
    pub transaction_id: Option<TransactionId>,
    pub refund_amount: Option<Amount>,
    pub status: OperationStatus,
    pub occur_time: Timestamp,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct CardBalanceChange {
    pub card_id: CardId,
    pub amount: Amount,
    pub available: Amount,
    pub before_available: Amount,
    pub currency: Currency,
    pub occur_time: Timestamp,
    pub extra: Extra,
}

#[uniffi::remote(Record)]
pub struct UnknownEvent {
    pub event_type: String,
    pub data: Json,
}

#[uniffi::remote(Enum)]
pub enum Event {
    UserCreateResult(UserCreateResult),
    CardApplyResult(CardApplyResult),
    CardActivateResult(CardActivateResult),
    CardAssignResult(CardAssignResult),
    CardStatusChange(CardStatusChange),
    CardRechargeResult(CardRechargeResult),
    CardCloseResult(CardCloseResult),
    CardBalanceChange(CardBalanceChange),
    TransactionCreated(Json),
    CardCorrection(Json),
    Card3ds(Json),
    CardVerification(Json),
    Unknown(UnknownEvent),
}

#[uniffi::remote(Enum)]
pub enum Alter {
    Activate,
    Lock,
    Unlock,
    Close,
}

#[uniffi::remote(Enum)]
pub enum PendingKind {
    Register,
    Apply,
    Assign,
    Recharge,
    UpdateStatus(Alter),
}

#[uniffi::remote(Record)]
pub struct Pending {
    pub kind: PendingKind,
    pub user_id: Option<UserId>,
    pub card_id: Option<CardId>,
    pub template_id: Option<TemplateId>,
    pub amount: Option<Amount>,
    pub sent_at: Timestamp,
    pub deadline: Timestamp,
    pub acknowledged: bool,
    pub reference: Option<String>,
}

#[uniffi::remote(Enum)]
pub enum Outcome {
    Succeeded { card_id: Option<CardId> },
    Failed { reason: Option<String> },
}
