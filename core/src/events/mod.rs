//! Every webhook event, typed; the ones that aren't known, or can't be read, kept whole.

mod card;
mod unread;
mod user;
mod words;

pub use card::{
    CardActivateResult, CardApplyResult, CardAssignResult, CardBalanceChange, CardCloseResult,
    CardRechargeResult, CardStatusChange,
};
pub use unread::{UnknownEvent, UnrecognizedEvent};
pub use user::UserCreateResult;
pub use words::{EventType, OperationStatus, UserStatus};

use serde::{Deserialize, Serialize};
use unread::PassedOn;

use crate::card::CardNumber;
use crate::error::Invalid;
use crate::ids::{CardId, TransactionId, UserId};
use crate::json::{self, Extra, Json};
use crate::time::Timestamp;

/// What a webhook said.
///
/// As JSON it is `{"type": …, "data": {…}}`, with the API's field names and amounts as strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "data")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Event {
    /// A user was registered, or not.
    #[serde(rename = "USER_CREATE_RESULT")]
    UserCreateResult(UserCreateResult),
    /// A virtual card was issued, or not.
    #[serde(rename = "CARD_APPLY_RESULT")]
    CardApplyResult(CardApplyResult),
    /// A card was activated, or not.
    #[serde(rename = "CARD_ACTIVATE_RESULT")]
    CardActivateResult(CardActivateResult),
    /// A physical card was assigned, or not.
    #[serde(rename = "CARD_ASSIGN_RESULT")]
    CardAssignResult(CardAssignResult),
    /// A card was locked or unlocked, or not.
    #[serde(rename = "CARD_STATUS_CHANGE")]
    CardStatusChange(CardStatusChange),
    /// A card was recharged, or not.
    #[serde(rename = "CARD_RECHARGE_RESULT")]
    CardRechargeResult(CardRechargeResult),
    /// A card was closed, or not.
    #[serde(rename = "CARD_CLOSE_RESULT")]
    CardCloseResult(CardCloseResult),
    /// A card's balance changed.
    #[serde(rename = "CARD_BALANCE_CHANGE")]
    CardBalanceChange(CardBalanceChange),
    /// A new transaction: fields not documented, so raw (guess: those of a
    /// [`Transaction`](crate::operations::card::Transaction) and `occur_time`).
    #[serde(rename = "TRANSACTION_CREATED")]
    TransactionCreated(Json),
    /// A correction: fields not documented, so raw.
    #[serde(rename = "CARD_CORRECTION")]
    CardCorrection(Json),
    /// A 3-D Secure request: fields not documented, so raw. It may hold a secret for the cardholder.
    #[serde(rename = "CARD_3DS")]
    Card3ds(Json),
    /// A verification request: fields not documented, so raw. It may hold a one-time password.
    #[serde(rename = "CARD_VERIFICATION")]
    CardVerification(Json),
    /// Of a documented type, but not what that type has: kept whole. It settles nothing.
    #[serde(rename = "unrecognized")]
    Unrecognized(UnrecognizedEvent),
    /// Of a type that this library doesn't know, kept whole.
    #[serde(untagged)]
    Unknown(UnknownEvent),
}

/// Fields that only one type's event has, by the documentation.
const SIGNATURES: &[&str] = &[
    "card_number",
    "card_status",
    "receive_amount",
    "refund_amount",
    "before_available",
];

impl Event {
    /// Reads what a webhook brought. It never fails: what can't be read as its type is kept whole.
    pub(crate) fn read(event_type: &str, data: &Json) -> Self {
        let event_type = EventType::from(event_type);
        let text = data.as_str();
        let raw = || trimmed(data);
        let event = match &event_type {
            EventType::UserCreateResult => json::from_vendor(text).map(Self::UserCreateResult),
            EventType::CardApplyResult => json::from_vendor(text).map(Self::CardApplyResult),
            EventType::CardActivateResult => json::from_vendor(text).map(Self::CardActivateResult),
            EventType::CardAssignResult => CardAssignResult::read(text).map(Self::CardAssignResult),
            EventType::CardStatusChange => json::from_vendor(text).map(Self::CardStatusChange),
            EventType::CardRechargeResult => json::from_vendor(text).map(Self::CardRechargeResult),
            EventType::CardCloseResult => json::from_vendor(text).map(Self::CardCloseResult),
            EventType::CardBalanceChange => json::from_vendor(text).map(Self::CardBalanceChange),
            EventType::TransactionCreated => Ok(Self::TransactionCreated(raw())),
            EventType::CardCorrection => Ok(Self::CardCorrection(raw())),
            EventType::Card3ds => Ok(Self::Card3ds(raw())),
            EventType::CardVerification => Ok(Self::CardVerification(raw())),
            EventType::Other(word) => Ok(Self::Unknown(UnknownEvent {
                event_type: word.clone(),
                data: raw(),
            })),
        };
        event.unwrap_or_else(|error| Self::unrecognized(event_type, data, &error))
    }

    /// An event whose data can't be read, kept whole.
    pub(crate) fn unrecognized(event_type: EventType, data: &Json, error: &Invalid) -> Self {
        Self::Unrecognized(UnrecognizedEvent {
            event_type,
            data: trimmed(data),
            field: error.field().to_owned(),
            code: error.code(),
            expected: error.expected().to_owned(),
        })
    }

    /// Whether its own fields prove that it is of its type. The type travels outside the signature, so it picks the reader and
    /// isn't believed: an event may have been sent on under another type. A success has what only its type has; a failure,
    /// which may carry little, has nothing that only another type has.
    pub(crate) fn is_borne_out(&self) -> bool {
        let extra = self.extra();
        let says = |name: &str| extra.is_some_and(|extra| extra.says(name));
        // A declined purchase under another type would be a failed operation.
        let transaction = says("id") && says("merchant_name");
        let foreign = transaction || SIGNATURES.iter().any(|name| says(name));
        let success = |status: &OperationStatus| *status == OperationStatus::Success;
        match self {
            Self::UserCreateResult(_) => !foreign,
            Self::CardApplyResult(event) if success(&event.status) => {
                event.card_id.is_some() && event.template_id.is_some() && !foreign
            }
            // A failed assignment has a reason, and neither card nor template.
            Self::CardApplyResult(event) => {
                let assignment = says("error_reason") && event.card_id.is_none();
                !foreign && (event.template_id.is_some() || !assignment)
            }
            Self::CardActivateResult(event) if success(&event.status) => {
                event.card_number.is_some()
            }
            Self::CardAssignResult(event) if success(&event.status) => {
                event.card_id.is_some() && !foreign
            }
            // Without a reason, or with a template, it may be the failure of an application for a card.
            Self::CardAssignResult(event) => {
                event.user_id.is_some()
                    && event.error_reason.is_some()
                    && !says("template_id")
                    && !foreign
            }
            Self::CardStatusChange(event) if success(&event.status) => event.card_status.is_some(),
            Self::CardRechargeResult(event) if success(&event.status) => {
                event.receive_amount.is_some() && event.transaction_id.is_some()
            }
            Self::CardCloseResult(event) if success(&event.status) => event.refund_amount.is_some(),
            Self::CardBalanceChange(_) => true,
            Self::CardActivateResult(_)
            | Self::CardStatusChange(_)
            | Self::CardRechargeResult(_)
            | Self::CardCloseResult(_) => !foreign,
            _ => false,
        }
    }

    /// Reads an event that [`Event::to_json`] wrote, `{"type": …, "data": …}`: as a frontend does with what its backend
    /// passes on. Nothing vouches for it but the way that it came.
    ///
    /// One that wasn't recognized is read anew: a newer version may know it.
    ///
    /// Errors are the JSON's own faults: whatever the data are, there is an event for them.
    ///
    /// ```
    /// use bananatech_core::Event;
    /// let text = r#"{"type":"USER_CREATE_RESULT","data":{"user_id":12345,"status":"APPROVED"}}"#;
    /// assert_eq!(Event::from_json(text).unwrap().to_json().as_str(), text);
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        json::from_str(text)
    }

    /// The same event as an [`Event::Unrecognized`], for a language that can't hold what is in it: JavaScript has no integer above
    /// 2^53 - 1. The error is that of [`json::to_string_up_to`].
    ///
    /// Errors as [`Event::from_json`] does.
    ///
    /// ```
    /// use bananatech_core::{Event, json};
    /// let text = r#"{"type":"USER_CREATE_RESULT","data":{"user_id":300,"status":"APPROVED"}}"#;
    /// let error = json::to_string_up_to(&Event::from_json(text).unwrap(), 255).unwrap_err();
    /// let Event::Unrecognized(event) = Event::unrecognized_from_json(text, &error).unwrap() else { panic!() };
    /// assert_eq!(event.field, "user_id");
    /// ```
    pub fn unrecognized_from_json(text: &str, error: &Invalid) -> Result<Self, Invalid> {
        let event: PassedOn = json::from_str(text)?;
        let event = event.unwrapped();
        let event_type = EventType::from(event.event_type.as_str());
        Ok(Self::unrecognized(event_type, &event.data, error))
    }

    /// The event as JSON, to be stored or passed on. It holds what the webhook brought, a card number too.
    ///
    /// ```
    /// use bananatech_core::Event;
    /// let text = r#"{"type":"CARD_3DS","data":{"id":7}}"#;
    /// assert_eq!(Event::from_json(text).unwrap().to_json().as_str(), text);
    /// ```
    pub fn to_json(&self) -> zeroize::Zeroizing<String> {
        json::text(self)
    }

    /// Its data alone.
    pub(crate) fn data(&self) -> Json {
        let text = self.to_json();
        let event = json::from_str::<PassedOn>(&text);
        let data = event.map_or_else(|_| Json::null(), |event| event.data);
        match self {
            // It is passed on within another one.
            Self::Unrecognized(event) => event.data.clone(),
            _ => data,
        }
    }

    /// The type.
    ///
    /// ```
    /// use bananatech_core::{Event, EventType};
    /// let event = Event::from_json(r#"{"type":"CARD_3DS","data":{}}"#).unwrap();
    /// assert_eq!(event.event_type(), EventType::Card3ds);
    /// ```
    pub fn event_type(&self) -> EventType {
        match self {
            Self::UserCreateResult(_) => EventType::UserCreateResult,
            Self::CardApplyResult(_) => EventType::CardApplyResult,
            Self::CardActivateResult(_) => EventType::CardActivateResult,
            Self::CardAssignResult(_) => EventType::CardAssignResult,
            Self::CardStatusChange(_) => EventType::CardStatusChange,
            Self::CardRechargeResult(_) => EventType::CardRechargeResult,
            Self::CardCloseResult(_) => EventType::CardCloseResult,
            Self::CardBalanceChange(_) => EventType::CardBalanceChange,
            Self::TransactionCreated(_) => EventType::TransactionCreated,
            Self::CardCorrection(_) => EventType::CardCorrection,
            Self::Card3ds(_) => EventType::Card3ds,
            Self::CardVerification(_) => EventType::CardVerification,
            Self::Unrecognized(event) => event.event_type.clone(),
            Self::Unknown(event) => EventType::Other(event.event_type.clone()),
        }
    }

    /// When it happened by the sender's clock, where the event says so.
    ///
    /// ```
    /// use bananatech_core::{Event, Timestamp};
    /// let event = Event::from_json(
    ///     r#"{"type":"CARD_ASSIGN_RESULT","data":{"card_id":12345,"status":"SUCCESS","occur_time":1691249025085}}"#,
    /// ).unwrap();
    /// assert_eq!(event.occurred_at(), Some(Timestamp::from_millis(1691249025085)));
    /// ```
    pub fn occurred_at(&self) -> Option<Timestamp> {
        match self {
            Self::UserCreateResult(_) | Self::Unrecognized(_) | Self::Unknown(_) => None,
            Self::CardApplyResult(event) => Some(event.occur_time),
            Self::CardActivateResult(event) => Some(event.occur_time),
            Self::CardAssignResult(event) => Some(event.occur_time),
            Self::CardStatusChange(event) => Some(event.occur_time),
            Self::CardRechargeResult(event) => Some(event.occur_time),
            Self::CardCloseResult(event) => Some(event.occur_time),
            Self::CardBalanceChange(event) => Some(event.occur_time),
            Self::TransactionCreated(_)
            | Self::CardCorrection(_)
            | Self::Card3ds(_)
            | Self::CardVerification(_) => None,
        }
    }

    /// The card that it is about, where a documented field says so.
    ///
    /// ```
    /// use bananatech_core::{CardId, Event};
    /// let event = Event::from_json(
    ///     r#"{"type":"CARD_ASSIGN_RESULT","data":{"card_id":12345,"status":"SUCCESS","occur_time":1691249025085}}"#,
    /// ).unwrap();
    /// assert_eq!(event.card_id(), Some(CardId::from(12345)));
    /// ```
    pub fn card_id(&self) -> Option<CardId> {
        match self {
            Self::CardApplyResult(event) => event.card_id,
            Self::CardActivateResult(event) => Some(event.card_id),
            Self::CardAssignResult(event) => event.card_id,
            Self::CardStatusChange(event) => Some(event.card_id),
            Self::CardRechargeResult(event) => Some(event.card_id),
            Self::CardCloseResult(event) => Some(event.card_id),
            Self::CardBalanceChange(event) => Some(event.card_id),
            _ => None,
        }
    }

    /// The user that it is about, where a documented field says so.
    ///
    /// ```
    /// use bananatech_core::{Event, UserId};
    /// let event = Event::from_json(
    ///     r#"{"type":"USER_CREATE_RESULT","data":{"user_id":12345,"status":"APPROVED"}}"#,
    /// ).unwrap();
    /// assert_eq!(event.user_id(), Some(UserId::from(12345)));
    /// ```
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::UserCreateResult(event) => Some(event.user_id),
            Self::CardApplyResult(event) => Some(event.user_id),
            Self::CardAssignResult(event) => event.user_id,
            Self::CardRechargeResult(event) => event.user_id,
            _ => None,
        }
    }

    /// The transaction that it is about, where a documented field says so.
    ///
    /// ```
    /// use bananatech_core::Event;
    /// let event = Event::from_json(r#"{"type":"CARD_3DS","data":{}}"#).unwrap();
    /// assert_eq!(event.transaction_id(), None);
    /// ```
    pub fn transaction_id(&self) -> Option<TransactionId> {
        match self {
            Self::CardRechargeResult(event) => event.transaction_id,
            Self::CardCloseResult(event) => event.transaction_id,
            _ => None,
        }
    }

    /// The full card number, if the event carries one.
    ///
    /// ```
    /// use bananatech_core::Event;
    /// let event = Event::from_json(r#"{"type":"CARD_3DS","data":{}}"#).unwrap();
    /// assert!(event.card_number().is_none());
    /// ```
    pub fn card_number(&self) -> Option<&CardNumber> {
        match self {
            Self::CardActivateResult(event) => event.card_number.as_ref()?.full(),
            _ => None,
        }
    }

    /// The fields that the contract doesn't name; `None` where all data are raw.
    ///
    /// ```
    /// use bananatech_core::Event;
    /// let event = Event::from_json(
    ///     r#"{"type":"USER_CREATE_RESULT","data":{"user_id":12345,"status":"APPROVED","level":2}}"#,
    /// ).unwrap();
    /// assert_eq!(event.extra().unwrap().get("level").unwrap().as_str(), "2");
    /// ```
    pub fn extra(&self) -> Option<&Extra> {
        match self {
            Self::UserCreateResult(event) => Some(&event.extra),
            Self::CardApplyResult(event) => Some(&event.extra),
            Self::CardActivateResult(event) => Some(&event.extra),
            Self::CardAssignResult(event) => Some(&event.extra),
            Self::CardStatusChange(event) => Some(&event.extra),
            Self::CardRechargeResult(event) => Some(&event.extra),
            Self::CardCloseResult(event) => Some(&event.extra),
            Self::CardBalanceChange(event) => Some(&event.extra),
            _ => None,
        }
    }
}

/// White space around the data belongs to the delivery, not to the value.
fn trimmed(data: &Json) -> Json {
    Json::unchecked(data.as_str().trim_matches([' ', '\t', '\n', '\r']).into())
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = PassedOn::deserialize(deserializer)?.unwrapped();
        Ok(Self::read(&event.event_type, &event.data))
    }
}
