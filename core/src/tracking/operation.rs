//! What an operation asked for, and what is known of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::assumptions::least_of;
use crate::amount::Amount;
use crate::error::{Code, Invalid};
use crate::events::EventType;
use crate::ids::{CardId, TemplateId, TransactionId, UserId};
use crate::json::{self, Extra};
use crate::operation::OperationKind;
use crate::operations::merchant::{CardTemplate, Fee};
use crate::personal::Personal;
use crate::time::Timestamp;

/// The caller's name of an operation: a UUID. The API has none for it.
///
/// ```
/// use bananatech_core::OperationId;
/// let id: OperationId = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10".parse()?;
/// assert_eq!(id.to_string(), "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10");
/// # Ok::<(), bananatech_core::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct OperationId(uuid::Uuid);

impl OperationId {
    /// An id out of random bytes: a UUID of version 4.
    ///
    /// ```
    /// use bananatech_core::OperationId;
    /// assert_eq!(OperationId::from_random_bytes([0; 16]).to_string(), "00000000-0000-4000-8000-000000000000");
    /// ```
    pub const fn from_random_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}

impl FromStr for OperationId {
    type Err = Invalid;

    /// Errors with [`Code::OperationIdFormat`] for what isn't a UUID (caused by the caller).
    fn from_str(text: &str) -> Result<Self, Invalid> {
        uuid::Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| Invalid::new("id", Code::OperationIdFormat, "a UUID"))
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl Serialize for OperationId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OperationId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, str::parse)
    }
}

/// The kinds of operation whose outcome comes by webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum TrackedKind {
    /// A registration.
    Register,
    /// An application for a virtual card.
    Apply,
    /// An assignment of a physical card.
    Assign,
    /// A recharge.
    Recharge,
    /// An activation.
    Activate,
    /// A card is locked.
    Lock,
    /// A card is unlocked.
    Unlock,
    /// A card is closed.
    Close,
}

impl TrackedKind {
    /// All of them.
    ///
    /// ```
    /// assert_eq!(bananatech_core::TrackedKind::ALL.len(), 8);
    /// ```
    pub const ALL: &'static [Self] = &[
        Self::Register,
        Self::Apply,
        Self::Assign,
        Self::Recharge,
        Self::Activate,
        Self::Lock,
        Self::Unlock,
        Self::Close,
    ];

    /// The operation that it is.
    ///
    /// ```
    /// use bananatech_core::{OperationKind, TrackedKind};
    /// assert_eq!(TrackedKind::Lock.operation(), OperationKind::UpdateStatus);
    /// ```
    pub const fn operation(self) -> OperationKind {
        match self {
            Self::Register => OperationKind::Register,
            Self::Apply => OperationKind::Apply,
            Self::Assign => OperationKind::Assign,
            Self::Recharge => OperationKind::Recharge,
            Self::Activate | Self::Lock | Self::Unlock | Self::Close => OperationKind::UpdateStatus,
        }
    }

    /// The event that says how it ended.
    ///
    /// ```
    /// use bananatech_core::{EventType, TrackedKind};
    /// assert_eq!(TrackedKind::Recharge.confirmed_by(), EventType::CardRechargeResult);
    /// ```
    pub const fn confirmed_by(self) -> EventType {
        match self {
            Self::Register => EventType::UserCreateResult,
            Self::Apply => EventType::CardApplyResult,
            Self::Assign => EventType::CardAssignResult,
            Self::Recharge => EventType::CardRechargeResult,
            Self::Activate => EventType::CardActivateResult,
            Self::Lock | Self::Unlock => EventType::CardStatusChange,
            Self::Close => EventType::CardCloseResult,
        }
    }

    /// Whether it changes a card's status.
    pub(super) const fn changes_status(self) -> bool {
        matches!(
            self,
            Self::Activate | Self::Lock | Self::Unlock | Self::Close
        )
    }

    /// Whether a card comes into being by it.
    pub(super) const fn makes_card(self) -> bool {
        matches!(self, Self::Apply | Self::Assign)
    }
}

/// How an operation ended.
///
/// # As JSON
///
/// `{"kind": "succeeded", "card_id": …}` or `{"kind": "failed", "reason": …}`.
///
/// ```
/// use bananatech_core::{Outcome, json};
/// assert_eq!(json::from_str(r#"{"kind":"failed"}"#), Ok(Outcome::Failed { reason: None }));
/// ```
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub enum Outcome {
    /// It was carried out.
    Succeeded {
        /// The card. For an assignment or application: its id, once it is certain which of the new cards it is.
        card_id: Option<CardId>,
    },
    /// It was not carried out, and won't be.
    Failed {
        /// The API's words, if any. They may repeat what was sent: keep them out of logs. A stored operation has only the code that they
        /// begin with, such as `101:0`. Of an operation that a backend never sent: why, `request.not_sent`, `state.not_allowed`,
        /// `wait.expired`, `cancelled`, or the code of the error by which it couldn't be sent.
        reason: Option<Personal>,
    },
}

impl Outcome {
    /// Whether it was carried out.
    ///
    /// ```
    /// use bananatech_core::Outcome;
    /// assert!(!Outcome::Failed { reason: None }.succeeded());
    /// ```
    pub const fn succeeded(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }
}

impl<'de> Deserialize<'de> for Outcome {
    /// By hand, since a tag among other fields is nothing that the reader of JSON hands on.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Parts {
            kind: String,
            card_id: Option<CardId>,
            reason: Option<Personal>,
        }
        let parts = Parts::deserialize(deserializer)?;
        match parts.kind.as_str() {
            "succeeded" => Ok(Self::Succeeded {
                card_id: parts.card_id,
            }),
            "failed" => Ok(Self::Failed {
                reason: parts.reason,
            }),
            _ => {
                let expected = "succeeded or failed";
                Err(Invalid::new("kind", Code::FieldType, expected).into_serde())
            }
        }
    }
}

/// How far an operation is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum OperationState {
    /// It isn't sent yet: a backend keeps it until its turn comes, or it wasn't given to a [`Tracker`](super::Tracker) yet.
    Waiting,
    /// It was sent, or is being sent, and it isn't certain how it ended. [`TrackedOperation::acknowledged`] says whether the API took it.
    Open,
    /// It was carried out.
    Succeeded,
    /// It wasn't carried out, and won't be.
    Failed,
    /// It was certain how it ended, and isn't any more: somebody else acts for this user or card. A person has to look.
    Doubted,
    /// What is known of it can't all be true. A person has to look.
    Contradicted,
}

/// What was found by asking the API, or is said by a person.
#[serde_with::skip_serializing_none]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Found {
    /// Whether it was carried out; otherwise it failed.
    pub succeeded: bool,
    /// The transaction that it is.
    pub transaction_id: Option<TransactionId>,
    /// The card that came into being by it.
    pub card_id: Option<CardId>,
}

impl Found {
    /// What an outcome says, and the transaction that it is, if that is known.
    ///
    /// ```
    /// use bananatech_core::{Found, Outcome};
    /// assert!(!Found::new(&Outcome::Failed { reason: None }, None).succeeded);
    /// ```
    pub const fn new(outcome: &Outcome, transaction_id: Option<TransactionId>) -> Self {
        let card_id = match outcome {
            Outcome::Succeeded { card_id } => *card_id,
            Outcome::Failed { .. } => None,
        };
        Self {
            succeeded: outcome.succeeded(),
            transaction_id,
            card_id,
        }
    }
}

/// An operation that is waited for, from before it is sent: what it asked for, and what is known of it. It holds no secret and no
/// personal data, and is stored as JSON.
///
/// ```
/// use bananatech_core::{ConfirmedOperation, operations::card::UpdateStatus, CardId, OperationId, Timestamp, TrackedKind, TrackedOperation, UserId};
/// let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345));
/// let id = OperationId::from_random_bytes([7; 16]);
/// let operation = lock.tracked(id, Timestamp::from_millis(1000));
/// assert_eq!(operation.kind, TrackedKind::Lock);
/// assert_eq!(TrackedOperation::from_json(&operation.to_json()), Ok(operation));
/// ```
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct TrackedOperation {
    /// The caller's name for it.
    pub id: OperationId,
    /// What was asked for.
    pub kind: TrackedKind,
    /// The user. Of a registration: once the answer, or asking, says which.
    pub user_id: Option<UserId>,
    /// The card, where the request names one.
    pub card_id: Option<CardId>,
    /// The template, where the request names one.
    pub template_id: Option<TemplateId>,
    /// The amount of a recharge, in major units.
    pub amount: Option<Amount>,
    /// The least that may arrive of the amount, in major units: without it, any part may.
    pub least: Option<Amount>,
    /// The initial deposit of an application, in major units, if it has one.
    pub deposit_amount: Option<Amount>,
    /// The last four digits of the card number that is assigned.
    pub last_four: Option<String>,
    /// When the request was sent, by the caller's clock. While it waits ([`OperationState::Waiting`]): when it was stored.
    pub sent_at: Timestamp,
    /// From when on the API is to be asked, if nothing came until then.
    pub ask_at: Timestamp,
    /// A name of the caller's for what it is about, such as the number of an order.
    pub reference: Option<String>,
    /// Its place in the order in which this system stored operations and first saw evidence. Whoever stores it draws it.
    #[serde(default)]
    pub seq: u64,

    /// The API answered that it took the request.
    #[serde(default)]
    pub acknowledged: bool,
    /// The id in the answer to an assignment or application. It is the operation's own, perhaps the card's too: the first card to
    /// ask about, and no proof.
    pub answer_id: Option<CardId>,
    /// The API answered that it refuses the request.
    #[serde(default)]
    pub refused: bool,
    /// It was never sent: a person says so, or whoever would have sent it.
    #[serde(default)]
    pub withdrawn: bool,
    /// What was found by asking, or is said by a person.
    pub found: Option<Found>,
    /// No event of it occurs later than this.
    pub until: Option<Timestamp>,
    /// What the API doesn't show of it by now won't be carried out: [`Assumptions::final_after_ms`](super::Assumptions).
    #[serde(default)]
    pub is_final: bool,
    /// Where the answer that didn't show it stands in the order in which this system first saw evidence. A success that is first seen
    /// later is another's, if it can be.
    pub final_seq: Option<u64>,

    /// How it ended, once that is certain.
    pub outcome: Option<Outcome>,
    /// Its transaction, once it has ended and it is certain which one it is. In JavaScript one that a number can't hold is left out.
    #[serde(skip_serializing_if = "is_absent_or_too_large")]
    pub transaction_id: Option<TransactionId>,
    /// The `receive_amount` of the events of its transaction, in major units. One page of the documentation calls it what arrived on the
    /// card, another the amount of the recharge. Nothing where no event came (it was found by asking), or where its events differ.
    pub receive_amount: Option<Amount>,
    /// The outcome is one of a group's that nothing can tell apart: how many succeeded is certain, which of them has no meaning.
    #[serde(default)]
    pub by_count: bool,
    /// It was certain, and isn't any more: somebody else acts for this user or card.
    #[serde(default)]
    pub doubted: bool,
    /// What is known of it contradicts itself. A person has to look.
    #[serde(default)]
    pub contradicted: bool,
    /// The cards that may have come into being by it.
    #[serde(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardId>,
    /// Nothing that is still to come can change what is known of it, unless a stranger is found to act.
    #[serde(default)]
    pub done: bool,
    /// What a newer version stored here.
    #[serde(flatten)]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub extra: Extra,
}

fn is_absent_or_too_large(id: &Option<TransactionId>) -> bool {
    id.is_none_or(|id| !json::can_hold(id.get()))
}

/// How long to wait for the event before the API is asked, unless the caller says otherwise: 10 minutes.
const ASK_AFTER_MS: i64 = 10 * 60 * 1000;

impl TrackedOperation {
    pub(super) const fn new(kind: TrackedKind, id: OperationId, sent_at: Timestamp) -> Self {
        Self {
            id,
            kind,
            user_id: None,
            card_id: None,
            template_id: None,
            amount: None,
            least: None,
            deposit_amount: None,
            last_four: None,
            sent_at,
            ask_at: sent_at.after(ASK_AFTER_MS),
            reference: None,
            seq: 0,
            acknowledged: false,
            answer_id: None,
            refused: false,
            withdrawn: false,
            found: None,
            until: None,
            is_final: false,
            final_seq: None,
            outcome: None,
            transaction_id: None,
            receive_amount: None,
            by_count: false,
            doubted: false,
            contradicted: false,
            cards: Vec::new(),
            done: false,
            extra: Extra::new(),
        }
    }

    /// How far it is.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, Assumptions, CardId, OperationId, Timestamp, ConfirmedOperation, Tracker, UserId};
    /// use bananatech_core::OperationState;
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// let id = operation.id;
    /// assert_eq!(operation.state(), OperationState::Waiting);
    /// let mut tracker = Tracker::new(Assumptions::shared());
    /// tracker.store(operation)?;
    /// assert_eq!(tracker.operation(id).unwrap().state(), OperationState::Open);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub const fn state(&self) -> OperationState {
        match &self.outcome {
            _ if self.contradicted => OperationState::Contradicted,
            _ if self.doubted => OperationState::Doubted,
            Some(Outcome::Succeeded { .. }) => OperationState::Succeeded,
            Some(Outcome::Failed { .. }) => OperationState::Failed,
            // One that waits has no place in the order yet.
            None if self.seq == 0 => OperationState::Waiting,
            None => OperationState::Open,
        }
    }

    /// With a name of the caller's, such as an order's number.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, OperationId, Timestamp, ConfirmedOperation, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// assert_eq!(operation.with_reference("order 7").reference.as_deref(), Some("order 7"));
    /// ```
    #[must_use]
    pub fn with_reference(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_owned());
        self
    }

    /// With the least that may arrive of a recharge, by the card's template: the amount less the fee, should the fee be taken from
    /// it. Without it, recharges of one card with unequal amounts often can't be told apart.
    ///
    /// How a fee is rounded isn't documented, so one with more than two decimals counts as rounded up to two: of 33.33 at 1.5 per cent
    /// (0.49995) at least 32.83 arrives. For a currency without decimals, where it may be rounded up to a whole unit, lower `least` yourself.
    ///
    /// Errors with [`Code::AmountRange`] if the fee is out of all bounds (caused by the template).
    ///
    /// ```
    /// use bananatech_core::operations::{card::Recharge, merchant::{CardTemplate, Fee}};
    /// use bananatech_core::{Amount, CardId, OperationId, Timestamp, ConfirmedOperation, UserId};
    /// let recharge = Recharge { user_id: UserId::from(1), card_id: CardId::from(2), amount: Amount::parse("100")? };
    /// let template = CardTemplate::from_json(r#"{"id": 1, "recharge_fee": 1.5}"#)?;
    /// let operation = recharge.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0))
    ///     .with_template(&template, Fee::Percent)?;
    /// assert_eq!(operation.least, Some(Amount::parse("98.5")?));
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn with_template(mut self, template: &CardTemplate, fee: Fee) -> Result<Self, Invalid> {
        if self.kind == TrackedKind::Recharge
            && let Some(amount) = self.amount
        {
            self.least = least_of(amount, template, fee)?;
        }
        Ok(self)
    }

    /// Whether it is still to be found out how it ended.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, OperationId, Timestamp, ConfirmedOperation, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// assert!(operation.is_open());
    /// ```
    pub const fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// When the API is to be asked about it next, if something is still to be found out.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, OperationId, Timestamp, ConfirmedOperation, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// assert_eq!(operation.due_at(), Some(operation.ask_at));
    /// ```
    pub fn due_at(&self) -> Option<Timestamp> {
        (self.is_asked_for() || self.lacks_card()).then_some(self.ask_at)
    }

    /// As JSON, to be stored.
    ///
    /// ```
    /// # use bananatech_core::{ConfirmedOperation, operations::card::UpdateStatus, CardId, OperationId, Timestamp, TrackedOperation, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// assert_eq!(TrackedOperation::from_json(&operation.to_json()), Ok(operation));
    /// ```
    pub fn to_json(&self) -> String {
        std::mem::take(&mut json::text(self))
    }

    /// Reads what [`TrackedOperation::to_json`] wrote, by this version or a newer one. Errors name the field (caused by whoever
    /// changed it).
    ///
    /// ```
    /// assert!(bananatech_core::TrackedOperation::from_json("{}").is_err());
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        json::from_str(text)
    }

    /// The card that it is about or made, as far as that is certain.
    pub(super) fn known_card(&self) -> Option<CardId> {
        if self.kind.makes_card() {
            return match (self.found, self.cards.as_slice()) {
                (Some(found), _) if found.card_id.is_some() => found.card_id,
                // What was found without a card may have made one of which nothing is known.
                (_, [card]) if self.done => Some(*card),
                _ => None,
            };
        }
        self.card_id
    }
}
