//! Pending operations: acknowledged, or not even that, and settled by the event that belongs to them or by asking.
//!
//! An answer says only that a request was taken. What became of it comes by webhook, which may be late, come twice, or not
//! at all, and which names no request. So an operation is remembered from before it is sent; an event settles it only if it
//! can't be another's; and when no event comes in time, the operation is *not known*, never *failed*: the API is asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::answer::Answer;
use crate::card::CardStatus;
use crate::error::{Code, Invalid, Rejection, RejectionMeaning};
use crate::events::{Event, EventType, OperationStatus, UserStatus};
use crate::ids::{CardId, TemplateId, TransactionId, UserId};
use crate::json;
use crate::operation::{AnyOperation, AnyResponse, Operation, OperationKind};
use crate::operations::Acknowledgement;
use crate::operations::card::{
    Alter, Applied, Assigned, CardInformation, GetBalance, GetInformation, GetTransactions,
};
use crate::operations::merchant::GetWebhookRecords;
use crate::operations::user::{GetUsers, Registered};
use crate::personal::Personal;
use crate::time::Timestamp;

/// How far apart the two clocks may be before an event counts as older than the request.
const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// A response that acknowledges an operation, and the ids that it may bring. An [`Answer`](crate::Answer) of
/// one is one too.
pub trait Acknowledges {
    /// The user that was registered, if the response says so.
    fn user_id(&self) -> Option<UserId> {
        None
    }

    /// The card of an assignment or application, if the response says so.
    fn card_id(&self) -> Option<CardId> {
        None
    }
}

impl Acknowledges for Acknowledgement {}

impl Acknowledges for Registered {
    fn user_id(&self) -> Option<UserId> {
        self.user_id
    }
}

impl Acknowledges for Applied {
    fn card_id(&self) -> Option<CardId> {
        self.card_id
    }
}

impl Acknowledges for Assigned {
    fn card_id(&self) -> Option<CardId> {
        Some(self.card_id)
    }
}

impl Acknowledges for AnyResponse {
    fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Register(registered) => registered.user_id,
            _ => None,
        }
    }

    fn card_id(&self) -> Option<CardId> {
        match self {
            Self::Apply(applied) => applied.card_id,
            Self::Assign(assigned) => Some(assigned.card_id),
            _ => None,
        }
    }
}

impl<R: Acknowledges> Acknowledges for Answer<R> {
    fn user_id(&self) -> Option<UserId> {
        self.response.user_id()
    }

    fn card_id(&self) -> Option<CardId> {
        self.response.card_id()
    }
}

/// What kind of operation is pending: one of those that an event confirms.
///
/// # As JSON
///
/// One word: for a change of status, what is to be done (`lock`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "Word", from = "Word")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "Word"))]
pub enum PendingKind {
    /// A registration.
    Register,
    /// An application for a virtual card.
    Apply,
    /// An assignment of a physical card.
    Assign,
    /// A recharge.
    Recharge,
    /// An activation, locking, unlocking or closing.
    UpdateStatus(Alter),
}

/// A [`PendingKind`] as JSON.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "PendingKind"))]
enum Word {
    Register,
    Apply,
    Assign,
    Recharge,
    Activate,
    Lock,
    Unlock,
    Close,
}

impl From<PendingKind> for Word {
    fn from(kind: PendingKind) -> Self {
        match kind {
            PendingKind::Register => Self::Register,
            PendingKind::Apply => Self::Apply,
            PendingKind::Assign => Self::Assign,
            PendingKind::Recharge => Self::Recharge,
            PendingKind::UpdateStatus(Alter::Activate) => Self::Activate,
            PendingKind::UpdateStatus(Alter::Lock) => Self::Lock,
            PendingKind::UpdateStatus(Alter::Unlock) => Self::Unlock,
            PendingKind::UpdateStatus(Alter::Close) => Self::Close,
        }
    }
}

impl From<Word> for PendingKind {
    fn from(word: Word) -> Self {
        match word {
            Word::Register => Self::Register,
            Word::Apply => Self::Apply,
            Word::Assign => Self::Assign,
            Word::Recharge => Self::Recharge,
            Word::Activate => Self::UpdateStatus(Alter::Activate),
            Word::Lock => Self::UpdateStatus(Alter::Lock),
            Word::Unlock => Self::UpdateStatus(Alter::Unlock),
            Word::Close => Self::UpdateStatus(Alter::Close),
        }
    }
}

impl PendingKind {
    /// The operation that it is.
    ///
    /// ```
    /// use bananatech_core::{OperationKind, PendingKind};
    /// assert_eq!(PendingKind::Recharge.operation(), OperationKind::Recharge);
    /// ```
    pub const fn operation(self) -> OperationKind {
        match self {
            Self::Register => OperationKind::Register,
            Self::Apply => OperationKind::Apply,
            Self::Assign => OperationKind::Assign,
            Self::Recharge => OperationKind::Recharge,
            Self::UpdateStatus(_) => OperationKind::UpdateStatus,
        }
    }

    /// The event that settles it.
    ///
    /// ```
    /// use bananatech_core::{EventType, PendingKind};
    /// assert_eq!(PendingKind::Recharge.confirmed_by(), EventType::CardRechargeResult);
    /// ```
    pub const fn confirmed_by(self) -> EventType {
        match self {
            Self::Register => EventType::UserCreateResult,
            Self::Apply => EventType::CardApplyResult,
            Self::Assign => EventType::CardAssignResult,
            Self::Recharge => EventType::CardRechargeResult,
            Self::UpdateStatus(alter) => alter.confirmed_by(),
        }
    }
}

/// An operation whose outcome isn't known yet. It holds no secret, and survives a restart as JSON.
///
/// ```
/// use bananatech_core::{operations::card::UpdateStatus, CardId, Event, Outcome, Pending, Timestamp, UserId, Verdict};
/// let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345));
/// let pending = Pending::of(&lock, Timestamp::from_millis(1000), Timestamp::from_millis(60_000)).unwrap();
/// let stored = pending.to_json();
///
/// // … after a restart, the webhook comes:
/// let pending = Pending::from_json(&stored).unwrap();
/// let event = Event::from_json(
///     r#"{"type":"CARD_STATUS_CHANGE","data":{"card_id":12345,"status":"SUCCESS","card_status":"LOCKED","occur_time":2000}}"#,
/// ).unwrap();
/// assert_eq!(pending.judge(&event), Verdict::Settled(Outcome::Succeeded { card_id: Some(CardId::from(12345)) }));
/// ```
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Pending {
    /// What was asked for.
    pub kind: PendingKind,
    /// The user, where the request or its answer names one.
    pub user_id: Option<UserId>,
    /// The card. For an assignment or application: the id in the answer, once there was one.
    pub card_id: Option<CardId>,
    /// The template, where the request names one.
    pub template_id: Option<TemplateId>,
    /// The amount of a recharge or deposit.
    pub amount: Option<Amount>,
    /// When the request was sent, by the caller's clock.
    pub sent_at: Timestamp,
    /// Until when to wait for the event.
    pub deadline: Timestamp,
    /// Whether the API answered that it took the request.
    pub acknowledged: bool,
    /// A name of the caller's for it, such as the number of an order.
    pub reference: Option<String>,
}

/// How an operation ended.
///
/// # As JSON
///
/// `{"kind": "succeeded", "card_id": …}` or `{"kind": "failed", "reason": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub enum Outcome {
    /// It was carried out.
    Succeeded {
        #[serde(skip_serializing_if = "Option::is_none")]
        /// The card, where the event or answer names it: for an assignment, the id to use from now on.
        card_id: Option<CardId>,
    },
    /// It was not carried out, and won't be.
    Failed {
        #[serde(skip_serializing_if = "Option::is_none")]
        /// The API's words, if any. They may repeat what was sent: keep them out of logs.
        reason: Option<Personal>,
    },
}

impl Outcome {
    /// Reads an outcome from JSON again. Errors name the field (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::Outcome;
    /// assert_eq!(Outcome::from_json(r#"{"kind":"failed"}"#), Ok(Outcome::Failed { reason: None }));
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        #[derive(Deserialize)]
        struct Parts {
            kind: String,
            card_id: Option<CardId>,
            reason: Option<Personal>,
        }

        let Parts {
            kind,
            card_id,
            reason,
        } = json::from_str(text)?;
        match kind.as_str() {
            "succeeded" => Ok(Self::Succeeded { card_id }),
            "failed" => Ok(Self::Failed { reason }),
            _ => Err(Invalid::new("kind", Code::FieldType, "succeeded or failed")),
        }
    }
}

/// What an event or answer means for one pending operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it is about something else.
    Unrelated,
    /// It belongs to it and says how it ended. If other operations of the same kind are pending for the same card or user,
    /// it may be theirs: see [`PendingOperations`], which keeps them apart.
    Settled(Outcome),
    /// It belongs to it, but doesn't say for sure how it ended: a status that isn't documented, or a recharge's failure that
    /// names neither transaction nor amount, so that only its unsigned type says that it is one. Keep waiting, or ask.
    Unclear {
        /// The word that came.
        status: String,
    },
}

impl Pending {
    /// What to wait for after an operation is sent; `None` if no event confirms it. `sent_at` is the caller's clock.
    ///
    /// ```
    /// use bananatech_core::{operations::card::GetBalance, CardId, Pending, Timestamp, UserId};
    /// let ask = GetBalance { user_id: UserId::from(1), card_id: CardId::from(2) };
    /// assert!(Pending::of(&ask, Timestamp::from_millis(0), Timestamp::from_millis(1)).is_none());
    /// ```
    pub fn of<O: Operation>(
        operation: &O,
        sent_at: Timestamp,
        deadline: Timestamp,
    ) -> Option<Self> {
        let awaited = Self::awaited(&operation.clone().into())?;
        Some(Self {
            sent_at,
            deadline,
            ..awaited
        })
    }

    /// What to wait for after an operation, at no time yet.
    fn awaited(operation: &AnyOperation) -> Option<Self> {
        Some(match operation {
            AnyOperation::Register(register) => Self {
                template_id: Some(register.template_id),
                ..Self::of_kind(PendingKind::Register)
            },
            AnyOperation::Apply(apply) => Self {
                user_id: Some(apply.user_id),
                template_id: Some(apply.template_id),
                amount: apply.deposit_amount,
                ..Self::of_kind(PendingKind::Apply)
            },
            AnyOperation::Assign(assign) => Self {
                user_id: Some(assign.user_id),
                template_id: Some(assign.template_id),
                ..Self::of_kind(PendingKind::Assign)
            },
            AnyOperation::Recharge(recharge) => Self {
                user_id: Some(recharge.user_id),
                card_id: Some(recharge.card_id),
                amount: Some(recharge.amount),
                ..Self::of_kind(PendingKind::Recharge)
            },
            AnyOperation::UpdateStatus(update) => Self {
                user_id: Some(update.user_id),
                card_id: Some(update.card_id),
                ..Self::of_kind(PendingKind::UpdateStatus(update.alter))
            },
            _ => return None,
        })
    }

    /// One of a kind about which nothing is said yet.
    pub(crate) fn of_kind(kind: PendingKind) -> Self {
        Self {
            kind,
            user_id: None,
            card_id: None,
            template_id: None,
            amount: None,
            sent_at: Timestamp::from_millis(0),
            deadline: Timestamp::from_millis(0),
            acknowledged: false,
            reference: None,
        }
    }

    /// The operation as JSON, to be stored.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1)).unwrap();
    /// assert_eq!(Pending::from_json(&pending.to_json()).unwrap(), pending);
    /// ```
    pub fn to_json(&self) -> String {
        std::mem::take(&mut json::text(self))
    }

    /// Reads what [`Pending::to_json`] wrote. Errors name the field (caused by whoever changed it).
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1)).unwrap();
    /// assert_eq!(Pending::from_json(&pending.to_json()).unwrap(), pending);
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        json::from_str(text)
    }

    /// With a name of the caller's, such as an order's number.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1)).unwrap();
    /// assert_eq!(pending.with_reference("order 7").reference.as_deref(), Some("order 7"));
    /// ```
    #[must_use]
    pub fn with_reference(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_owned());
        self
    }

    /// Notes that the API took the request, and the ids that its answer brought.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::Assign, CardId, CardNumber, Operation, Pending, TemplateId, Timestamp, UserId};
    /// # let assign = Assign { user_id: UserId::from(1), template_id: TemplateId::from(1), card_number: CardNumber::parse("1234567890123456").unwrap() };
    /// # let mut pending = Pending::of(&assign, Timestamp::from_millis(0), Timestamp::from_millis(1)).unwrap();
    /// let response = assign.read_response(r#"{"card_id": 12345}"#).unwrap();
    /// pending.acknowledge(&response);
    /// assert_eq!(pending.card_id, Some(CardId::from(12345)));
    /// ```
    pub fn acknowledge(&mut self, response: &impl Acknowledges) {
        self.acknowledged = true;
        self.user_id = response.user_id().or(self.user_id);
        self.card_id = response.card_id().or(self.card_id);
    }

    /// What a rejection means for it: failed only where the status says that the request was refused, otherwise still open.
    ///
    /// Such a verdict is only as good as the way that the answer came: an error's body need not be sealed.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// use bananatech_core::{Error, Timestamp, Verdict};
    /// let pending = call.pending(Timestamp::from_millis(0), Timestamp::from_millis(9)).expect("an event confirms it");
    /// let Err(Error::Rejected(rejection)) = call.read(502, b"Bad Gateway") else { panic!() };
    /// // A gateway's error doesn't say whether the card was locked.
    /// assert!(matches!(pending.judge_rejection(&rejection), Verdict::Unclear { .. }));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn judge_rejection(&self, rejection: &Rejection) -> Verdict {
        match rejection.meaning() {
            RejectionMeaning::Refused => Verdict::Settled(Outcome::Failed {
                reason: rejection.message().map(Personal::from),
            }),
            RejectionMeaning::NotKnown => Verdict::Unclear {
                status: rejection.status().to_string(),
            },
        }
    }

    /// What an event means for this operation alone. Give it each event once (see [`Duplicates`](crate::Duplicates)): a
    /// repeated delivery of an earlier recharge's event would look like this one's.
    ///
    /// An event from more than five minutes before the request was sent is another's.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Event, Pending, Timestamp, UserId, Verdict};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1)).unwrap();
    /// let event = Event::from_json(r#"{"type":"CARD_3DS","data":{}}"#).unwrap();
    /// assert_eq!(pending.judge(&event), Verdict::Unrelated);
    /// ```
    pub fn judge(&self, event: &Event) -> Verdict {
        let too_early = event
            .occurred_at()
            .is_some_and(|at| at.after(CLOCK_TOLERANCE_MS) < self.sent_at);
        if too_early || !self.belongs(event) || !event.is_borne_out() {
            return Verdict::Unrelated;
        }
        let succeeded = |card_id| Verdict::Settled(Outcome::Succeeded { card_id });
        let failed = |reason| Verdict::Settled(Outcome::Failed { reason });
        let (status, reason) = match event {
            Event::UserCreateResult(event) => {
                // No other word is documented: it may mean rejected, and it may mean "still being checked".
                return match &event.status {
                    UserStatus::Approved => succeeded(None),
                    UserStatus::Other(word) => Verdict::Unclear {
                        status: word.clone(),
                    },
                };
            }
            Event::CardAssignResult(event) => (&event.status, event.error_reason.clone()),
            Event::CardApplyResult(event) => (&event.status, None),
            Event::CardActivateResult(event) => (&event.status, None),
            Event::CardStatusChange(event) => (&event.status, None),
            Event::CardRechargeResult(event) => (&event.status, None),
            Event::CardCloseResult(event) => (&event.status, None),
            _ => return Verdict::Unrelated,
        };
        // The type isn't signed. A failure without anything that only a recharge's event has may be a failed locking of the
        // same card under another type, and a recharge that is wrongly taken for failed is paid for twice.
        if let Event::CardRechargeResult(event) = event
            && event.status == OperationStatus::Failed
            && event.transaction_id.is_none()
            && event.receive_amount.is_none()
        {
            return Verdict::Unclear {
                status: event.status.as_str().to_owned(),
            };
        }
        match status {
            OperationStatus::Success => succeeded(event.card_id()),
            OperationStatus::Failed => {
                // A reason isn't documented for the others; if it comes, it comes under this name or `message` (guess).
                let told = || {
                    let extra = event.extra()?;
                    ["error_reason", "message"]
                        .iter()
                        .find_map(|name| Some(extra.get(name)?.text()?.into_owned().into()))
                };
                failed(reason.or_else(told))
            }
            OperationStatus::Other(word) => Verdict::Unclear {
                status: word.clone(),
            },
        }
    }

    /// Whether an event is about what this operation is about.
    fn belongs(&self, event: &Event) -> bool {
        if event.event_type() != self.kind.confirmed_by() {
            return false;
        }
        let same_user = || self.user_id.is_some() && event.user_id() == self.user_id;
        let same_card = || self.card_id.is_some() && event.card_id() == self.card_id;
        match event {
            Event::UserCreateResult(_) => same_user(),
            Event::CardApplyResult(event) => {
                let template = event
                    .template_id
                    .is_none_or(|id| Some(id) == self.template_id);
                same_user()
                    && template
                    && (self.card_id.is_none() || event.card_id.is_none() || same_card())
            }
            // A failure names only the user. A success names the card, whose id the answer brought.
            Event::CardAssignResult(event) => {
                if event.card_id.is_some() && self.card_id.is_some() {
                    same_card()
                } else {
                    same_user()
                }
            }
            Event::CardStatusChange(event) => {
                let reached = match (self.kind, &event.card_status) {
                    (PendingKind::UpdateStatus(Alter::Lock), Some(status)) => {
                        *status == CardStatus::Locked
                    }
                    (PendingKind::UpdateStatus(Alter::Unlock), Some(status)) => {
                        *status == CardStatus::Active
                    }
                    _ => true,
                };
                same_card() && (reached || event.status != OperationStatus::Success)
            }
            _ => same_card(),
        }
    }

    /// What the card's information means for an activation, locking, unlocking or closing: done if the card is in the status
    /// that it leads to (whoever's request led there), otherwise still not known, since it may yet be carried out.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::{CardInformation, UpdateStatus}, CardId, Outcome, Pending, Timestamp, UserId, Verdict};
    /// let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1)).unwrap();
    /// let information: CardInformation = serde_json::from_str(r#"{"status":"LOCKED"}"#).unwrap();
    /// assert_eq!(pending.judge_information(&information), Verdict::Settled(Outcome::Succeeded { card_id: Some(CardId::from(2)) }));
    /// ```
    pub fn judge_information(&self, information: &CardInformation) -> Verdict {
        let PendingKind::UpdateStatus(alter) = self.kind else {
            return Verdict::Unrelated;
        };
        let goal = match alter {
            Alter::Activate | Alter::Unlock => CardStatus::Active,
            Alter::Lock => CardStatus::Locked,
            Alter::Close => CardStatus::Closed,
        };
        if information.status == goal {
            Verdict::Settled(Outcome::Succeeded {
                card_id: self.card_id,
            })
        } else {
            Verdict::Unclear {
                status: information.status.as_str().to_owned(),
            }
        }
    }

    /// Whether the event should have come by now.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap();
    /// assert!(!pending.is_overdue(Timestamp::from_millis(999)));
    /// assert!(pending.is_overdue(Timestamp::from_millis(1000)));
    /// ```
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        now >= self.deadline
    }

    /// What to ask the API when the event doesn't come: its own state first, the record of webhooks last. The answers may
    /// show that the operation was carried out; that they don't show it yet is no proof that it failed.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, AnyOperation, CardId, Pending, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap();
    /// assert!(matches!(pending.inquiries()[0], AnyOperation::GetInformation(_)));
    /// ```
    pub fn inquiries(&self) -> Vec<AnyOperation> {
        let mut inquiries = Vec::new();
        let records = GetWebhookRecords {
            callback_type: Some(self.kind.confirmed_by()),
            user_id: self.user_id,
            card_id: match self.kind {
                // A failed assignment's webhook has no card.
                PendingKind::Assign | PendingKind::Apply => None,
                _ => self.card_id,
            },
            desc: Some(true),
            ..GetWebhookRecords::default()
        };
        if let (Some(user_id), Some(card_id)) = (self.user_id, self.card_id) {
            match self.kind {
                PendingKind::Recharge => {
                    inquiries.push(
                        GetTransactions {
                            user_id: Some(user_id),
                            card_id: Some(card_id),
                            ..GetTransactions::default()
                        }
                        .into(),
                    );
                    inquiries.push(GetBalance { user_id, card_id }.into());
                }
                _ => inquiries.push(GetInformation { user_id, card_id }.into()),
            }
        }
        if self.kind == PendingKind::Register {
            inquiries.push(GetUsers::default().into());
        }
        inquiries.push(records.into());
        inquiries
    }
}

/// The name of a pending operation within [`PendingOperations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "number"))]
pub struct PendingId(u64);

impl PendingId {
    /// The name again, from its number.
    ///
    /// ```
    /// assert_eq!(bananatech_core::PendingId::new(7).get(), 7);
    /// ```
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, PendingOperations, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap();
    /// assert_eq!(PendingOperations::new().add(pending).get(), 1);
    /// ```
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// An operation whose outcome is known now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SettledOperation {
    /// Its name; it is pending no longer.
    pub id: PendingId,
    /// What it was.
    pub pending: Pending,
    /// How it ended.
    pub outcome: Outcome,
}

/// What an event, or an answer, did to the operations that are pending.
///
/// # As JSON
///
/// `{"kind": "settled", "operations": […]}`, and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Settlement {
    /// Nothing became known: an event that belongs to none that is pending (to one that was resolved by asking, perhaps), or an
    /// answer that was noted.
    Unrelated,
    /// It was taken before.
    Duplicate,
    /// It settled these, which are pending no longer: mostly one. More than one if events came that could be any of
    /// several operations', and all of them turned out to have ended alike.
    Settled {
        /// What was settled.
        operations: Vec<SettledOperation>,
    },
    /// It belongs to one of these, and can't be told to which: two recharges of one card, two assignments to one user
    /// whose failure carries no card. All stay pending until their other events come; or ask.
    Ambiguous {
        /// Those that it may belong to.
        ids: Vec<PendingId>,
    },
    /// It belongs to this one, but doesn't say for sure how it ended: an event whose status isn't documented, or a rejection that
    /// leaves it open. It stays pending.
    Unclear {
        /// The operation.
        id: PendingId,
        /// The word that came; of a rejection, its HTTP status.
        status: String,
    },
}

/// All operations that are pending, kept apart: an event settles one only if it can't be another's.
///
/// Events name no request. A failed assignment names only the user, a recharge only the card, so that two at once can't be
/// told apart by one event. What can be concluded is: an event with one possible owner is that one's; what is settled is no
/// longer a possible owner of the others; and when as many events came as there are operations that could own them, all of
/// the same outcome, all of these ended so. Everything else stays pending, to be asked for at its deadline.
///
/// **Storing it.** It is one value: read it, change it and write it in one transaction (a row with a lock), together with what
/// is done about the outcome, before the webhook is answered with 200. Keep all operations of one user and of that user's
/// cards in the same value; users may have values of their own, but then a registration, which has no user yet, belongs into
/// one for registrations. Ids are unique within a value. Call [`PendingOperations::tidy`] now and then.
///
/// [`PendingOperations::acknowledge`], [`PendingOperations::resolve`] and [`PendingOperations::withdraw`] answer
/// [`Settlement::Unrelated`] if nothing follows for any operation that is still pending.
///
/// It survives a restart as JSON, and holds no secret that a documented event has. Duplicates are recognised among the last 1024
/// events that belonged to an operation: by type, ids and status, and by `occur_time` where there is no `transaction_id`.
///
/// ```
/// use bananatech_core::operations::card::Recharge;
/// use bananatech_core::{Amount, CardId, Event, Outcome, Pending, PendingOperations, Settlement, Timestamp, UserId};
/// let recharge = |amount| Recharge {
///     user_id: UserId::from(67890),
///     card_id: CardId::from(12345),
///     amount: Amount::parse(amount).unwrap(),
/// };
/// let event = |transaction: u32| Event::from_json(&format!(
///     r#"{{"type":"CARD_RECHARGE_RESULT","data":{{"card_id":12345,"transaction_id":{transaction},"receive_amount":10,
///         "status":"SUCCESS","currency":"USD","occur_time":2000}}}}"#)).unwrap();
/// let pending = |amount| Pending::of(&recharge(amount), Timestamp::from_millis(1000), Timestamp::from_millis(60_000)).unwrap();
///
/// let mut operations = PendingOperations::new();
/// let (a, b) = (operations.add(pending("10")), operations.add(pending("10")));
/// // The first event could be either's; after the second, both are known.
/// assert_eq!(operations.settle(&event(1)), Settlement::Ambiguous { ids: vec![a, b] });
/// assert_eq!(operations.settle(&event(1)), Settlement::Duplicate);
/// assert!(matches!(operations.settle(&event(2)), Settlement::Settled { operations } if operations.len() == 2));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingOperations {
    last_id: u64,
    entries: Vec<Entry>,
    clues: Vec<Clue>,
    early: Vec<Event>,
    seen: Vec<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
struct Entry {
    id: PendingId,
    pending: Pending,
    /// Known by asking, while its event may still come and could be taken for another's.
    resolved: Option<bool>,
    /// The transaction that it was found to be: an event of another one isn't its own.
    transaction_id: Option<TransactionId>,
}

/// An event that came, and whose it may be.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
struct Clue {
    owners: Vec<PendingId>,
    succeeded: bool,
    card_id: Option<CardId>,
    reason: Option<Personal>,
}

/// How many events are remembered to recognise their repetition.
const SEEN: usize = 1024;
/// How many events are kept that came before the answer whose ids they name.
const EARLY: usize = 256;
/// How long after its deadline the event of an operation that was resolved by asking may still come.
const LATE_EVENT_MS: i64 = 24 * 60 * 60 * 1000;

impl Default for PendingOperations {
    fn default() -> Self {
        Self::new()
    }
}

type Settled = Vec<SettledOperation>;

impl PendingOperations {
    /// None pending.
    ///
    /// ```
    /// assert_eq!(bananatech_core::PendingOperations::new().iter().count(), 0);
    /// ```
    pub const fn new() -> Self {
        Self {
            last_id: 0,
            entries: Vec::new(),
            clues: Vec::new(),
            early: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// All of them as JSON, to be stored.
    ///
    /// ```
    /// use bananatech_core::PendingOperations;
    /// let operations = PendingOperations::new();
    /// assert_eq!(PendingOperations::from_json(&operations.to_json()).unwrap(), operations);
    /// ```
    pub fn to_json(&self) -> String {
        std::mem::take(&mut json::text(self))
    }

    /// Reads what [`PendingOperations::to_json`] wrote. Errors name the field (caused by whoever changed it).
    ///
    /// ```
    /// use bananatech_core::PendingOperations;
    /// let operations = PendingOperations::new();
    /// assert_eq!(PendingOperations::from_json(&operations.to_json()).unwrap(), operations);
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        json::from_str(text)
    }

    /// Adds an operation. Do it, and store it, before the request is sent.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, PendingOperations, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap();
    /// let mut operations = PendingOperations::new();
    /// let id = operations.add(pending);
    /// assert!(operations.get(id).is_some());
    /// ```
    pub fn add(&mut self, pending: Pending) -> PendingId {
        self.last_id = self.last_id.saturating_add(1);
        let id = PendingId(self.last_id);
        self.entries.push(Entry {
            id,
            pending,
            resolved: None,
            transaction_id: None,
        });
        id
    }

    /// One that is pending.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, PendingOperations, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap();
    /// # let mut operations = PendingOperations::new();
    /// let id = operations.add(pending);
    /// assert_eq!(operations.get(id).unwrap().card_id, Some(CardId::from(2)));
    /// ```
    pub fn get(&self, id: PendingId) -> Option<&Pending> {
        self.iter()
            .find(|(known, _)| *known == id)
            .map(|(_, pending)| pending)
    }

    /// All that are pending, oldest first.
    ///
    /// ```
    /// assert_eq!(bananatech_core::PendingOperations::new().iter().count(), 0);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (PendingId, &Pending)> {
        self.entries
            .iter()
            .filter(|entry| entry.resolved.is_none())
            .map(|entry| (entry.id, &entry.pending))
    }

    /// Those whose event should have come by now: ask for each of them what [`Pending::inquiries`] says.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, PendingOperations, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap();
    /// # let mut operations = PendingOperations::new();
    /// operations.add(pending);
    /// assert_eq!(operations.overdue(Timestamp::from_millis(2000)).count(), 1);
    /// ```
    pub fn overdue(&self, now: Timestamp) -> impl Iterator<Item = (PendingId, &Pending)> {
        self.iter()
            .filter(move |(_, pending)| pending.is_overdue(now))
    }

    /// Notes the answer to a request. An event that came before it, and names an id that only the answer brought, may
    /// settle the operation now.
    ///
    /// ```
    /// # use bananatech_core::{operations::user::Register, Event, Operation, Pending, PendingOperations, Settlement, TemplateId, Timestamp};
    /// let register = Register::new("ada@example.com", TemplateId::from(1));
    /// let mut operations = PendingOperations::new();
    /// let id = operations.add(Pending::of(&register, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap());
    /// // The webhook overtakes the answer …
    /// let event = Event::from_json(r#"{"type":"USER_CREATE_RESULT","data":{"user_id":12345,"status":"APPROVED"}}"#).unwrap();
    /// assert_eq!(operations.settle(&event), Settlement::Unrelated);
    /// // … and counts as soon as the answer says which user it is.
    /// let answer = register.read_response(r#"{"user_id":12345}"#).unwrap();
    /// assert!(matches!(operations.acknowledge(id, &answer), Settlement::Settled { .. }));
    /// ```
    pub fn acknowledge(&mut self, id: PendingId, response: &impl Acknowledges) -> Settlement {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) else {
            return Settlement::Unrelated;
        };
        entry.pending.acknowledge(response);
        let pending = entry.pending.clone();
        let waiting = std::mem::take(&mut self.early);
        let (mine, others): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|event| pending.judge(event) != Verdict::Unrelated);
        self.early = others;
        let mut settled = Vec::new();
        let mut last = Settlement::Unrelated;
        for event in mine {
            match self.settle(&event) {
                Settlement::Settled { operations } => settled.extend(operations),
                other => last = other,
            }
        }
        if settled.is_empty() {
            last
        } else {
            Settlement::Settled {
                operations: settled,
            }
        }
    }

    /// Takes an event, and tells what is known by it. The order of events doesn't matter, nor does a repetition.
    ///
    /// ```
    /// use bananatech_core::{Event, PendingOperations, Settlement};
    /// let event = Event::from_json(r#"{"type":"CARD_3DS","data":{}}"#).unwrap();
    /// assert_eq!(PendingOperations::new().settle(&event), Settlement::Unrelated);
    /// ```
    pub fn settle(&mut self, event: &Event) -> Settlement {
        let identity = identity(event);
        if self.seen.contains(&identity) {
            return Settlement::Duplicate;
        }
        let mut owners = Vec::new();
        let mut verdict = None;
        let mut told_already = false;
        for entry in &self.entries {
            let too_late = entry.resolved.is_some()
                && event
                    .occurred_at()
                    .is_some_and(|at| at > entry.pending.deadline.after(LATE_EVENT_MS));
            let another = entry
                .transaction_id
                .zip(event.transaction_id())
                .is_some_and(|(found, told)| found != told);
            let own =
                entry.transaction_id.is_some() && entry.transaction_id == event.transaction_id();
            match entry.pending.judge(event) {
                Verdict::Unrelated => {}
                _ if too_late || another => {}
                // What it says was found by asking.
                _ if own => told_already = true,
                other => {
                    owners.push(entry.id);
                    verdict = Some(other);
                }
            }
        }
        if told_already {
            self.remember(identity);
            return Settlement::Unrelated;
        }
        let clue = match verdict {
            None | Some(Verdict::Unrelated) => {
                self.keep_early(event);
                return Settlement::Unrelated;
            }
            Some(Verdict::Unclear { status }) => {
                return match owners.as_slice() {
                    [id] if self.get(*id).is_some() => Settlement::Unclear { id: *id, status },
                    _ => self.ambiguous(owners),
                };
            }
            Some(Verdict::Settled(outcome)) => {
                let (succeeded, card_id, reason) = match outcome {
                    Outcome::Succeeded { card_id } => (true, card_id, None),
                    Outcome::Failed { reason } => (false, None, reason),
                };
                Clue {
                    owners: owners.clone(),
                    succeeded,
                    card_id,
                    reason,
                }
            }
        };
        self.remember(identity);
        self.clues.push(clue);
        let settled = self.conclude();
        if settled.is_empty() {
            self.ambiguous(owners)
        } else {
            Settlement::Settled {
                operations: settled,
            }
        }
    }

    fn remember(&mut self, identity: String) {
        self.seen.push(identity);
        if self.seen.len() > SEEN {
            self.seen.remove(0);
        }
    }

    /// An event that may be any of these's. What was resolved by asking isn't pending, so it isn't told of.
    fn ambiguous(&self, mut owners: Vec<PendingId>) -> Settlement {
        owners.retain(|id| self.get(*id).is_some());
        if owners.is_empty() {
            Settlement::Unrelated
        } else {
            Settlement::Ambiguous { ids: owners }
        }
    }

    /// Notes an outcome that was found by asking, and the transaction that it was found to be, if the answer said so (the
    /// `id` of a [`Transaction`](crate::operations::card::Transaction); that events name the same id is inferred).
    ///
    /// Its event may still come, so for a day after its deadline it stays a possible owner of events. Say the transaction
    /// of a recharge: without it, each later recharge of the card can't be told apart from this one for that long.
    /// What was ambiguous because of it may be settled now.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Outcome, Pending, PendingOperations, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap();
    /// # let mut operations = PendingOperations::new();
    /// let id = operations.add(pending);
    /// operations.resolve(id, &Outcome::Succeeded { card_id: None }, None);
    /// assert!(operations.get(id).is_none());
    /// ```
    pub fn resolve(
        &mut self,
        id: PendingId,
        outcome: &Outcome,
        transaction_id: Option<TransactionId>,
    ) -> Settlement {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) else {
            return Settlement::Unrelated;
        };
        entry.resolved = Some(matches!(outcome, Outcome::Succeeded { .. }));
        entry.transaction_id = transaction_id;
        self.concluded()
    }

    /// Notes that the API refused a request. If that is sure ([`Rejection::meaning`]), the operation is settled as failed, and
    /// others may be by that; otherwise it stays pending ([`Settlement::Unclear`]), and is to be asked for.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Error, Iv, PendingOperations, Settlement, Timestamp, UserId};
    /// let call = merchant.call(UpdateStatus::lock(UserId::from(1), CardId::from(2)), Iv::from_random_bytes([9; 16]))?;
    /// let mut operations = PendingOperations::new();
    /// let pending = call.pending(Timestamp::from_millis(0), Timestamp::from_millis(9)).expect("an event confirms it");
    /// let id = operations.add(pending);
    /// if let Err(Error::Rejected(rejection)) = call.read(400, br#"{"message":"The card is not ACTIVE"}"#) {
    ///     assert!(matches!(operations.reject(id, &rejection), Settlement::Settled { .. }));
    /// }
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn reject(&mut self, id: PendingId, rejection: &Rejection) -> Settlement {
        let Some(pending) = self.get(id).cloned() else {
            return Settlement::Unrelated;
        };
        match pending.judge_rejection(rejection) {
            Verdict::Settled(outcome) => {
                let mut operations = vec![SettledOperation {
                    id,
                    pending,
                    outcome,
                }];
                if let Settlement::Settled { operations: more } = self.withdraw(id) {
                    operations.extend(more);
                }
                Settlement::Settled { operations }
            }
            Verdict::Unclear { status } => Settlement::Unclear { id, status },
            Verdict::Unrelated => Settlement::Unrelated,
        }
    }

    /// Takes out an operation for which no event will come: the API refused the request, or it was never sent. An event that
    /// could have been its own or another's is the other's then, which may be settled by that.
    ///
    /// ```
    /// # use bananatech_core::{operations::card::UpdateStatus, CardId, Pending, PendingOperations, Settlement, Timestamp, UserId};
    /// # let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
    /// # let pending = Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1000)).unwrap();
    /// # let mut operations = PendingOperations::new();
    /// let id = operations.add(pending);
    /// assert_eq!(operations.withdraw(id), Settlement::Unrelated);
    /// assert!(operations.get(id).is_none());
    /// ```
    pub fn withdraw(&mut self, id: PendingId) -> Settlement {
        self.disown(id);
        self.entries.retain(|entry| entry.id != id);
        self.concluded()
    }

    /// Forgets operations that were resolved by asking and whose event can't be expected any more: a day after their deadline.
    ///
    /// ```
    /// use bananatech_core::{PendingOperations, Timestamp};
    /// PendingOperations::new().tidy(Timestamp::from_millis(0));
    /// ```
    pub fn tidy(&mut self, now: Timestamp) {
        let gone: Vec<_> = self
            .entries
            .iter()
            .filter(|entry| {
                entry.resolved.is_some() && now > entry.pending.deadline.after(LATE_EVENT_MS)
            })
            .map(|entry| entry.id)
            .collect();
        // An event that may have been a forgotten one's proves nothing about the others any more.
        self.clues
            .retain(|clue| !clue.owners.iter().any(|owner| gone.contains(owner)));
        self.entries.retain(|entry| !gone.contains(&entry.id));
    }

    /// An event that may be about an operation whose answer hasn't been noted yet.
    fn keep_early(&mut self, event: &Event) {
        let awaited = self.entries.iter().any(|entry| {
            !entry.pending.acknowledged
                && matches!(
                    entry.pending.kind,
                    PendingKind::Register | PendingKind::Apply | PendingKind::Assign
                )
                && entry.pending.kind.confirmed_by() == event.event_type()
        });
        if awaited && !self.early.iter().any(|known| is_same(known, event)) {
            if self.early.len() == EARLY {
                self.early.remove(0);
            }
            self.early.push(event.clone());
        }
    }

    fn disown(&mut self, id: PendingId) {
        for clue in &mut self.clues {
            clue.owners.retain(|owner| *owner != id);
        }
        self.clues.retain(|clue| !clue.owners.is_empty());
    }

    /// What follows for others once one operation is known or gone.
    fn concluded(&mut self) -> Settlement {
        let settled = self.conclude();
        if settled.is_empty() {
            Settlement::Unrelated
        } else {
            Settlement::Settled {
                operations: settled,
            }
        }
    }

    /// Draws every conclusion that the clues allow.
    fn conclude(&mut self) -> Settled {
        let mut settled = Vec::new();
        while self.conclude_single(&mut settled) || self.conclude_group(&mut settled) {}
        settled
    }

    /// A clue with one possible owner is that one's.
    fn conclude_single(&mut self, settled: &mut Settled) -> bool {
        let Some(at) = self.clues.iter().position(|clue| clue.owners.len() == 1) else {
            return false;
        };
        let clue = self.clues.remove(at);
        for owner in clue.owners {
            let outcome = if clue.succeeded {
                Outcome::Succeeded {
                    card_id: clue.card_id,
                }
            } else {
                Outcome::Failed {
                    reason: clue.reason.clone(),
                }
            };
            self.finish(owner, outcome, settled);
        }
        true
    }

    /// As many clues as operations that may own them, and all that aren't known yet ended alike.
    fn conclude_group(&mut self, settled: &mut Settled) -> bool {
        let Some((owners, succeeded)) = self.groups().into_values().find_map(Group::conclusion)
        else {
            return false;
        };
        for owner in owners {
            let card_id = self.get(owner).and_then(|pending| pending.card_id);
            let outcome = if succeeded {
                Outcome::Succeeded { card_id }
            } else {
                // Which of the reasons is whose can't be told.
                Outcome::Failed { reason: None }
            };
            self.finish(owner, outcome, settled);
        }
        true
    }

    /// The clues that share owners, directly or through others, and all these owners.
    fn groups(&self) -> BTreeMap<PendingId, Group> {
        // A forest: each owner under another of its group, up to the one that stands for the group.
        let mut above: BTreeMap<PendingId, PendingId> = BTreeMap::new();
        let top = |above: &BTreeMap<PendingId, PendingId>, mut id: PendingId| {
            while let Some(next) = above.get(&id).filter(|next| **next != id) {
                id = *next;
            }
            id
        };
        let mut before: &[PendingId] = &[];
        for clue in &self.clues {
            // Mostly the same operations may own one event after the other.
            if clue.owners == before {
                continue;
            }
            before = &clue.owners;
            let mut group = None;
            for owner in &clue.owners {
                let of_owner = top(&above, *owner);
                let of_clue = *group.get_or_insert(of_owner);
                above.insert(of_owner, of_clue);
                above.insert(*owner, of_clue);
            }
        }
        let mut groups: BTreeMap<PendingId, Group> = BTreeMap::new();
        for clue in &self.clues {
            if let Some(owner) = clue.owners.first() {
                let id = top(&above, *owner);
                groups.entry(id).or_default().told.add(clue.succeeded);
            }
        }
        for entry in &self.entries {
            if above.contains_key(&entry.id)
                && let Some(group) = groups.get_mut(&top(&above, entry.id))
            {
                group.owners.push(entry.id);
                if let Some(succeeded) = entry.resolved {
                    group.known.add(succeeded);
                }
            }
        }
        groups
    }

    fn finish(&mut self, id: PendingId, outcome: Outcome, settled: &mut Settled) {
        self.disown(id);
        if let Some(at) = self.entries.iter().position(|entry| entry.id == id) {
            let entry = self.entries.remove(at);
            // What was resolved by asking has been told already.
            if entry.resolved.is_none() {
                settled.push(SettledOperation {
                    id,
                    pending: entry.pending,
                    outcome,
                });
            }
        }
    }
}

/// Events and operations that belong together, though not which to which.
#[derive(Default)]
struct Group {
    owners: Vec<PendingId>,
    told: Tally,
    known: Tally,
}

#[derive(Default)]
struct Tally {
    succeeded: usize,
    failed: usize,
}

impl Tally {
    fn add(&mut self, succeeded: bool) {
        if succeeded {
            self.succeeded += 1;
        } else {
            self.failed += 1;
        }
    }

    fn all(&self) -> usize {
        self.succeeded + self.failed
    }
}

impl Group {
    /// How all that isn't known yet ended, if that follows.
    fn conclusion(self) -> Option<(Vec<PendingId>, bool)> {
        let open = self.owners.len().checked_sub(self.known.all())?;
        if self.told.all() != self.owners.len() || open == 0 {
            return None;
        }
        let left = |told: usize, known: usize| told.saturating_sub(known);
        if left(self.told.succeeded, self.known.succeeded) == open {
            Some((self.owners, true))
        } else if left(self.told.failed, self.known.failed) == open {
            Some((self.owners, false))
        } else {
            None
        }
    }
}

/// Whether an event is another one again: by its text, which takes less code than comparing each type of event.
fn is_same(a: &Event, b: &Event) -> bool {
    a.event_type() == b.event_type() && a.to_json() == b.to_json()
}

/// What makes an event itself: no payload carries an id of its own.
fn identity(event: &Event) -> String {
    let number = |id: Option<u64>| id.map_or_else(String::new, |id| id.to_string());
    let status = match event {
        Event::UserCreateResult(event) => event.status.as_str(),
        Event::CardApplyResult(event) => event.status.as_str(),
        Event::CardActivateResult(event) => event.status.as_str(),
        Event::CardAssignResult(event) => event.status.as_str(),
        Event::CardStatusChange(event) => event
            .card_status
            .as_ref()
            .map_or(event.status.as_str(), CardStatus::as_str),
        Event::CardRechargeResult(event) => event.status.as_str(),
        Event::CardCloseResult(event) => event.status.as_str(),
        _ => "",
    };
    let occurred_at = event
        .occurred_at()
        // A transaction ends once, whenever the sender says that it did.
        .filter(|_| event.transaction_id().is_none())
        .map_or_else(String::new, |at| at.as_millis().to_string());
    [
        event.event_type().as_str(),
        &number(event.user_id().map(UserId::get)),
        &number(event.card_id().map(CardId::get)),
        &number(event.transaction_id().map(TransactionId::get)),
        status,
        &occurred_at,
    ]
    .join("|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::card::UpdateStatus;

    fn event(status: &str) -> Event {
        Event::from_json(&format!(
            r#"{{"type":"CARD_STATUS_CHANGE","data":{{"card_id":2,"status":"{status}","card_status":"LOCKED","occur_time":1}}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn the_late_event_of_what_was_found_by_asking_is_nobody_elses() {
        let recharge = crate::operations::card::Recharge {
            user_id: UserId::from(1),
            card_id: CardId::from(2),
            amount: Amount::parse("10").unwrap(),
        };
        let pending = || {
            Pending::of(
                &recharge,
                Timestamp::from_millis(1),
                Timestamp::from_millis(9),
            )
            .unwrap()
        };
        let event = |transaction: u32| {
            Event::from_json(&format!(
                r#"{{"type":"CARD_RECHARGE_RESULT","data":{{"card_id":2,"transaction_id":{transaction},"receive_amount":10,
                    "status":"SUCCESS","currency":"USD","occur_time":5}}}}"#
            ))
            .unwrap()
        };
        let mut operations = PendingOperations::new();
        let found = operations.add(pending());
        let later = operations.add(pending());
        let outcome = Outcome::Succeeded { card_id: None };
        operations.resolve(found, &outcome, Some(TransactionId::from(7)));
        assert_eq!(operations.settle(&event(7)), Settlement::Unrelated);
        assert_eq!(operations.settle(&event(7)), Settlement::Duplicate);
        let settlement = operations.settle(&event(8));
        assert!(
            matches!(settlement, Settlement::Settled { operations } if operations[0].id == later)
        );
    }

    #[test]
    fn a_rejections_words_are_not_shown() {
        let pending = Pending::of_kind(PendingKind::Recharge);
        let rejection = Rejection::new(400, Some("card 4111111111111111"), "", false);
        let verdict = pending.judge_rejection(&rejection);
        assert!(!format!("{verdict:?}").contains("4111"));
    }

    #[test]
    fn an_event_of_a_resolved_operation_names_none() {
        let lock = UpdateStatus::lock(UserId::from(1), CardId::from(2));
        let pending = || Pending::of(&lock, Timestamp::from_millis(0), Timestamp::from_millis(1));
        for status in ["SUCCESS", "FAILED", "PENDING"] {
            let mut operations = PendingOperations::new();
            let id = operations.add(pending().unwrap());
            operations.resolve(id, &Outcome::Succeeded { card_id: None }, None);
            assert_eq!(operations.settle(&event(status)), Settlement::Unrelated);
        }

        let mut operations = PendingOperations::new();
        let resolved = operations.add(pending().unwrap());
        let open = operations.add(pending().unwrap());
        operations.resolve(resolved, &Outcome::Succeeded { card_id: None }, None);
        let settlement = operations.settle(&event("PENDING"));
        assert_eq!(settlement, Settlement::Ambiguous { ids: vec![open] });
    }
}
