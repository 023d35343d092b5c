//! Every webhook event, typed; the ones that aren't known kept whole.

use serde::Serialize;

use crate::amount::{Amount, Currency};
use crate::card::{CardNumber, CardStatus, DisplayedNumber};
use crate::error::{Code, Invalid};
use crate::ids::{CardId, TemplateId, TransactionId, UserId};
use crate::json::{Extra, FromJson, Json, Object, ObjectSlot, object, words};
use crate::personal::Personal;
use crate::time::Timestamp;
use crate::write::{JsonWriter, Written};

words! {
    /// What a webhook tells of. Twelve are documented; another is kept.
    ///
    /// ```
    /// use bananatech_core::EventType;
    /// assert_eq!(EventType::from_word("CARD_3DS"), EventType::Card3ds);
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

words! {
    /// How an operation ended. `SUCCESS` and `FAILED` are written out for assignment, activation and recharge, and
    /// inferred for the others.
    ///
    /// ```
    /// use bananatech_core::OperationStatus;
    /// assert_eq!(OperationStatus::from_word("FAILED"), OperationStatus::Failed);
    /// assert_eq!(OperationStatus::Success.as_str(), "SUCCESS");
    /// ```
    pub enum OperationStatus {
        /// Done.
        Success = "SUCCESS",
        /// Not done.
        Failed = "FAILED",
    }
}

words! {
    /// A user's status. Only `APPROVED` was seen, and only it allows ordering a card.
    ///
    /// ```
    /// use bananatech_core::UserStatus;
    /// assert_eq!(UserStatus::from_word("APPROVED"), UserStatus::Approved);
    /// assert_eq!(UserStatus::from_word("REJECTED").as_str(), "REJECTED");
    /// ```
    pub enum UserStatus {
        /// May have cards.
        Approved = "APPROVED",
    }
}

object! { open
    /// `USER_CREATE_RESULT`: the outcome of a registration and its KYC check.
    pub struct UserCreateResult {
        /// The user.
        pub user_id: UserId,
        /// What became of it.
        pub status: UserStatus,
        /// Why, if it was rejected.
        pub message: Option<Personal>,
    }
}

object! { open
    /// `CARD_APPLY_RESULT`: the outcome of an application for a virtual card. What a failure looks like isn't documented.
    pub struct CardApplyResult {
        /// The template.
        pub template_id: Option<TemplateId>,
        /// The user.
        pub user_id: UserId,
        /// The card. Missing only if it failed (inferred).
        pub card_id: Option<CardId>,
        /// How it ended.
        pub status: OperationStatus,
        /// When, in milliseconds since 1970.
        pub occur_time: Timestamp,
    }
}

object! { open
    /// `CARD_ACTIVATE_RESULT`: the outcome of an activation.
    pub struct CardActivateResult {
        /// The card.
        pub card_id: CardId,
        /// Its number, in full in the vendor's example. Missing only if it failed (inferred).
        pub card_number: Option<DisplayedNumber>,
        /// How it ended.
        pub status: OperationStatus,
        /// When, in milliseconds since 1970.
        pub occur_time: Timestamp,
    }
}

object! { open
    /// `CARD_ASSIGN_RESULT`: the outcome of an assignment. A failure carries no `card_id`: only the user links it to the
    /// request (04-Physical-Cards).
    pub struct CardAssignResult {
        /// The card, if it succeeded. Use this id from now on.
        pub card_id: Option<CardId>,
        /// The user; at least if it failed.
        pub user_id: Option<UserId>,
        /// How it ended.
        pub status: OperationStatus,
        /// Why it failed, such as `101:0 - card number not exist`.
        pub error_reason: Option<Personal>,
        /// When, in milliseconds since 1970.
        pub occur_time: Timestamp,
    }
}

object! { open
    /// `CARD_STATUS_CHANGE`: the outcome of locking or unlocking.
    pub struct CardStatusChange {
        /// The card.
        pub card_id: CardId,
        /// How it ended.
        pub status: OperationStatus,
        /// The card's new status. Missing only if it failed (inferred).
        pub card_status: Option<CardStatus>,
        /// When, in milliseconds since 1970.
        pub occur_time: Timestamp,
    }
}

object! { open
    /// `CARD_RECHARGE_RESULT`: the outcome of a recharge.
    pub struct CardRechargeResult {
        /// The card.
        pub card_id: CardId,
        /// The transaction. This and the two below are missing only if it failed (inferred).
        pub transaction_id: Option<TransactionId>,
        /// "Amount received on the card" in one page, "recharge amount" in another: they may differ by a fee.
        pub receive_amount: Option<Amount>,
        /// How it ended.
        pub status: OperationStatus,
        /// The currency.
        pub currency: Option<Currency>,
        /// The template: in one version of the documentation only.
        pub template_id: Option<TemplateId>,
        /// The user: in one version of the documentation only.
        pub user_id: Option<UserId>,
        /// A description: in one version of the documentation only.
        pub description: Option<Personal>,
        /// When, in milliseconds since 1970.
        pub occur_time: Timestamp,
    }
}

object! { open
    /// `CARD_CLOSE_RESULT`: the outcome of closing a card.
    pub struct CardCloseResult {
        /// The card.
        pub card_id: CardId,
        /// The refund's transaction. This and the amount are missing only if it failed (inferred).
        pub transaction_id: Option<TransactionId>,
        /// What was refunded, in major units.
        pub refund_amount: Option<Amount>,
        /// How it ended.
        pub status: OperationStatus,
        /// When, in milliseconds since 1970.
        pub occur_time: Timestamp,
    }
}

object! { open
    /// `CARD_BALANCE_CHANGE`: a card's balance changed, for whatever reason.
    pub struct CardBalanceChange {
        /// The card.
        pub card_id: CardId,
        /// The whole balance now.
        pub amount: Amount,
        /// What can be spent of it now.
        pub available: Amount,
        /// What could be spent before.
        pub before_available: Amount,
        /// The currency.
        pub currency: Currency,
        /// When, in milliseconds since 1970.
        pub occur_time: Timestamp,
    }
}

/// What a webhook said.
///
/// As JSON it is `{"type": …, "data": {…}}`, with the API's field names and amounts as strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "data")]
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
    /// Of a type that this library doesn't know, kept whole.
    #[serde(untagged)]
    Unknown(UnknownEvent),
}

/// An event of a type that this library doesn't know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownEvent {
    /// The type, as it came. It isn't signed.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The data, as they came.
    pub data: Json,
}

impl Written for UnknownEvent {
    fn write(&self, out: &mut JsonWriter) {
        out.open();
        out.tag("type", &self.event_type);
        out.field("data", &self.data);
        out.close();
    }
}

impl Written for Event {
    fn write(&self, out: &mut JsonWriter) {
        let data: &dyn Written = match self {
            Self::UserCreateResult(event) => event,
            Self::CardApplyResult(event) => event,
            Self::CardActivateResult(event) => event,
            Self::CardAssignResult(event) => event,
            Self::CardStatusChange(event) => event,
            Self::CardRechargeResult(event) => event,
            Self::CardCloseResult(event) => event,
            Self::CardBalanceChange(event) => event,
            Self::TransactionCreated(data)
            | Self::CardCorrection(data)
            | Self::Card3ds(data)
            | Self::CardVerification(data) => data,
            Self::Unknown(event) => return event.write(out),
        };
        out.open();
        out.tag("type", self.event_type().as_str());
        out.field("data", data);
        out.close();
    }
}

/// The shape of a documented event: what a success has to carry, and the field that no other type has.
struct Shape {
    event_type: EventType,
    fields: &'static [&'static str],
    optional: &'static [&'static str],
    failed: &'static [&'static str],
    signature: Option<&'static str>,
}

const SHAPES: &[Shape] = &[
    Shape {
        event_type: EventType::UserCreateResult,
        fields: &["user_id", "status"],
        optional: &["message"],
        failed: &["user_id", "status"],
        signature: None,
    },
    Shape {
        event_type: EventType::CardApplyResult,
        fields: &["template_id", "user_id", "card_id", "status", "occur_time"],
        optional: &[],
        failed: &["user_id", "status", "occur_time"],
        // A recharge may have it as well, but carries its own.
        signature: Some("template_id"),
    },
    Shape {
        event_type: EventType::CardActivateResult,
        fields: &["card_id", "card_number", "status", "occur_time"],
        optional: &[],
        failed: &["card_id", "status", "occur_time"],
        signature: Some("card_number"),
    },
    Shape {
        event_type: EventType::CardAssignResult,
        fields: &["card_id", "status", "occur_time"],
        optional: &["user_id"],
        failed: &["user_id", "status", "occur_time"],
        signature: None,
    },
    Shape {
        event_type: EventType::CardStatusChange,
        fields: &["card_id", "status", "card_status", "occur_time"],
        optional: &[],
        failed: &["card_id", "status", "occur_time"],
        signature: Some("card_status"),
    },
    Shape {
        event_type: EventType::CardRechargeResult,
        fields: &[
            "card_id",
            "transaction_id",
            "receive_amount",
            "status",
            "currency",
            "occur_time",
        ],
        optional: &["template_id", "user_id", "description"],
        failed: &["card_id", "status", "occur_time"],
        signature: Some("receive_amount"),
    },
    Shape {
        event_type: EventType::CardCloseResult,
        fields: &[
            "card_id",
            "transaction_id",
            "refund_amount",
            "status",
            "occur_time",
        ],
        optional: &[],
        failed: &["card_id", "status", "occur_time"],
        signature: Some("refund_amount"),
    },
    Shape {
        event_type: EventType::CardBalanceChange,
        fields: &[
            "card_id",
            "amount",
            "available",
            "before_available",
            "currency",
            "occur_time",
        ],
        optional: &[],
        failed: &[],
        signature: Some("before_available"),
    },
];

/// The fields of a failed assignment that together no other type has: a reason, and no card.
fn is_failed_assignment(object: &Object<'_>) -> bool {
    object.has("error_reason") && !object.has("card_id")
}

/// What a transaction has (05-Card-Operations) and no other event: a declined purchase under another type would be a
/// failed operation.
fn is_transaction(object: &Object<'_>) -> bool {
    object.has("id") && object.has("merchant_name")
}

impl Shape {
    fn signed_by(&self, object: &Object<'_>) -> bool {
        self.signature.is_some_and(|field| object.has(field))
            || (self.event_type == EventType::CardAssignResult && is_failed_assignment(object))
    }

    fn knows(&self, field: &str) -> bool {
        self.fields.contains(&field) || self.optional.contains(&field)
    }

    /// Whether the fields are exactly those of this type's success.
    fn matches_exactly(&self, object: &Object<'_>) -> bool {
        self.fields.iter().all(|field| object.has(field))
            && object.names().all(|name| self.knows(name))
    }
}

/// `type` travels outside the MAC. It picks the reader; data that are another type's are refused.
fn check_shape(event_type: &EventType, object: &Object<'_>) -> Result<(), Invalid> {
    let others = || {
        SHAPES
            .iter()
            .filter(|shape| shape.event_type != *event_type)
    };
    let Some(own) = SHAPES.iter().find(|shape| shape.event_type == *event_type) else {
        // Undocumented data: only the very shape of another type is a sure sign.
        let relabelled =
            others().any(|shape| shape.signature.is_some() && shape.matches_exactly(object));
        return if relabelled {
            Err(wrong_shape(""))
        } else {
            Ok(())
        };
    };
    let failed = object
        .get("status")
        .is_some_and(|raw| raw.get() == "\"FAILED\"");
    let required = if failed && !own.failed.is_empty() {
        own.failed
    } else {
        own.fields
    };
    if let Some(missing) = required.iter().find(|field| !object.has(field)) {
        return Err(wrong_shape(missing));
    }
    // An application's own field stands in recharges too, so it doesn't vouch for an application.
    let vouched = *event_type != EventType::CardApplyResult && own.signed_by(object);
    let foreign = |shape: &Shape| {
        shape.signed_by(object) && !shape.signature.is_some_and(|field| own.knows(field))
    };
    if !vouched && (others().any(foreign) || is_transaction(object)) {
        return Err(wrong_shape(""));
    }
    Ok(())
}

fn wrong_shape(field: &'static str) -> Invalid {
    Invalid::new(
        field,
        Code::WebhookShape,
        "data of the shape that the event's type has",
    )
}

impl Event {
    /// Reads an event's JSON. Errors: [`Code::WebhookShape`], [`Code::JsonDuplicateField`].
    pub(crate) fn read(event_type: &str, data: &str) -> Result<Self, Invalid> {
        let event_type = EventType::from_word(event_type);
        if let EventType::Other(word) = event_type {
            return Ok(Self::Unknown(UnknownEvent {
                event_type: word,
                data: Json::parse(data)?,
            }));
        }
        let object = Object::parse(data).map_err(as_shape)?;
        check_shape(&event_type, &object)?;
        let raw = || Json::parse(data).map_err(as_shape);
        let mut event = match event_type {
            EventType::UserCreateResult => Self::UserCreateResult(FromJson::blank()),
            EventType::CardApplyResult => Self::CardApplyResult(FromJson::blank()),
            EventType::CardActivateResult => Self::CardActivateResult(FromJson::blank()),
            EventType::CardAssignResult => Self::CardAssignResult(FromJson::blank()),
            EventType::CardStatusChange => Self::CardStatusChange(FromJson::blank()),
            EventType::CardRechargeResult => Self::CardRechargeResult(FromJson::blank()),
            EventType::CardCloseResult => Self::CardCloseResult(FromJson::blank()),
            EventType::CardBalanceChange => Self::CardBalanceChange(FromJson::blank()),
            EventType::TransactionCreated => return raw().map(Self::TransactionCreated),
            EventType::CardCorrection => return raw().map(Self::CardCorrection),
            EventType::Card3ds => return raw().map(Self::Card3ds),
            EventType::CardVerification => return raw().map(Self::CardVerification),
            EventType::Other(_) => return Err(wrong_shape("")),
        };
        if let Some(slot) = event.slot() {
            slot.read_object(object).map_err(as_shape)?;
        }
        Ok(event)
    }

    /// Where the documented fields go.
    fn slot(&mut self) -> Option<&mut dyn ObjectSlot> {
        Some(match self {
            Self::UserCreateResult(event) => event,
            Self::CardApplyResult(event) => event,
            Self::CardActivateResult(event) => event,
            Self::CardAssignResult(event) => event,
            Self::CardStatusChange(event) => event,
            Self::CardRechargeResult(event) => event,
            Self::CardCloseResult(event) => event,
            Self::CardBalanceChange(event) => event,
            _ => return None,
        })
    }

    /// Reads an event that [`Event::to_json`] wrote, `{"type": …, "data": …}`: as a frontend does with what its backend
    /// passes on. Nothing vouches for it but the way that it came.
    ///
    /// Errors: [`Code::WebhookShape`], or the JSON's own faults.
    ///
    /// ```
    /// use bananatech_core::Event;
    /// let text = r#"{"type":"USER_CREATE_RESULT","data":{"user_id":12345,"status":"APPROVED"}}"#;
    /// assert_eq!(Event::from_json(text).unwrap().to_json().as_str(), text);
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        let mut object = Object::parse(text)?;
        let event_type: String = object.take("type")?;
        // Null is missing for a field, but it may be all that an unknown event has.
        let data = object
            .get("data")
            .ok_or_else(|| Invalid::new("data", Code::FieldRequired, "the event's data"))?;
        Self::read(&event_type, data.get())
    }

    /// The event as JSON, to be stored or passed on. It holds what the webhook brought, a card number too.
    ///
    /// ```
    /// use bananatech_core::Event;
    /// let text = r#"{"type":"CARD_3DS","data":{"id":7}}"#;
    /// assert_eq!(Event::from_json(text).unwrap().to_json().as_str(), text);
    /// ```
    pub fn to_json(&self) -> zeroize::Zeroizing<String> {
        zeroize::Zeroizing::new(crate::write::text(self))
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
            Self::UserCreateResult(_) | Self::Unknown(_) => None,
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

/// A field of the wrong type is a wrong shape too; a field that stands twice stays what it is.
fn as_shape(error: Invalid) -> Invalid {
    match error.code() {
        Code::JsonDuplicateField | Code::WebhookShape => error,
        _ => Invalid::new(
            error.field().to_owned(),
            Code::WebhookShape,
            error.expected().to_owned(),
        ),
    }
}
