use std::fmt;

use serde::{Deserialize, Serialize};

use super::CardStatus;
use crate::amount::{Amount, Currency};
use crate::error::{Code, Invalid};
use crate::events::{Event, OperationStatus};
use crate::ids::CardId;
use crate::json;
use crate::operation::AnyOperation;
use crate::operations::card::{Alter, CardInformation};
use crate::time::Timestamp;

/// What can be done to a card that depends on its state. Asking for its balance, information or transactions always goes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum CardAction {
    /// Activate: only what is TBA (04-Physical-Cards).
    Activate,
    /// Recharge: only what is ACTIVE (05-Card-Operations).
    Recharge,
    /// Lock: only what is ACTIVE (05-Card-Operations).
    Lock,
    /// Unlock: only what is LOCKED (inferred: it is what unlocking is for).
    Unlock,
    /// Close: what is ACTIVE (05-Card-Operations) or LOCKED (inferred).
    Close,
    /// Change the PIN: only what is ACTIVE (05-Card-Operations).
    SetPin,
}

impl CardAction {
    /// All of them.
    ///
    /// ```
    /// assert_eq!(bananatech_core::CardAction::ALL.len(), 6);
    /// ```
    pub const ALL: &'static [Self] = &[
        Self::Activate,
        Self::Recharge,
        Self::Lock,
        Self::Unlock,
        Self::Close,
        Self::SetPin,
    ];

    /// What an operation does to its card, and to which; `None` if it doesn't depend on a card's state.
    ///
    /// ```
    /// use bananatech_core::{operations::card::UpdateStatus, CardAction, CardId, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890)).into();
    /// assert_eq!(CardAction::of(&lock), Some((CardAction::Lock, CardId::from(67890))));
    /// ```
    pub fn of(operation: &AnyOperation) -> Option<(Self, CardId)> {
        match operation {
            AnyOperation::Recharge(recharge) => Some((Self::Recharge, recharge.card_id)),
            AnyOperation::SetPin(set_pin) => Some((Self::SetPin, set_pin.card_id)),
            AnyOperation::UpdateStatus(update) => Some((
                match update.alter {
                    Alter::Activate => Self::Activate,
                    Alter::Lock => Self::Lock,
                    Alter::Unlock => Self::Unlock,
                    Alter::Close => Self::Close,
                },
                update.card_id,
            )),
            _ => None,
        }
    }

    /// Whether it is allowed in a status. In one that isn't known, nothing is refused: the API decides.
    /// A stable name.
    ///
    /// ```
    /// assert_eq!(bananatech_core::CardAction::SetPin.as_str(), "set_pin");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Recharge => "recharge",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Close => "close",
            Self::SetPin => "set_pin",
        }
    }

    /// The action of that name. Errors with [`Code::FieldType`] for another word (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::CardAction;
    /// assert_eq!(CardAction::parse("set_pin"), Ok(CardAction::SetPin));
    /// assert!(CardAction::parse("shred").is_err());
    /// ```
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let mut all = Self::ALL.iter().copied();
        all.find(|action| action.as_str() == name).ok_or_else(|| {
            Invalid::new(
                "action",
                Code::FieldType,
                "activate, recharge, lock, unlock, close or set_pin",
            )
        })
    }

    fn is_allowed_in(self, status: Option<&CardStatus>) -> bool {
        match status {
            None | Some(CardStatus::Other(_)) => true,
            Some(CardStatus::Closed) => false,
            Some(CardStatus::ToBeActivated) => self == Self::Activate,
            Some(CardStatus::Active) => !matches!(self, Self::Activate | Self::Unlock),
            Some(CardStatus::Locked) => matches!(self, Self::Unlock | Self::Close),
        }
    }

    const fn needs(self) -> &'static str {
        match self {
            Self::Activate => "a card that is TBA",
            Self::Unlock => "a card that is LOCKED",
            Self::Close => "a card that is ACTIVE or LOCKED",
            Self::Recharge | Self::Lock | Self::SetPin => "a card that is ACTIVE",
        }
    }
}

/// What folding an event into a card's state did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Fold {
    /// It is newer than what was known, and counts now.
    Applied,
    /// It is what was known already.
    Duplicate,
    /// It is older than what was known: late, or repeated.
    Stale,
    /// It says nothing about this card's state: another card's, or an operation that failed.
    Irrelevant,
}

impl Fold {
    /// A stable name.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Fold::Stale.as_str(), "stale");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::Irrelevant => "irrelevant",
        }
    }
}

/// A card's balance as of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct KnownBalance {
    /// The whole balance, in major units.
    pub amount: Amount,
    /// What can be spent of it.
    pub available: Amount,
    /// The currency.
    pub currency: Currency,
    /// When that was so.
    pub as_of: Timestamp,
}

/// A card's state, folded from its events in whatever order they come.
///
/// The newest by `occur_time` counts, and a closed card stays closed, so every order ends in the same state. It can be
/// stored as JSON, and holds no secret.
///
/// ```
/// use bananatech_core::{CardAction, CardId, CardState, CardStatus, Event, Fold};
/// let mut card = CardState::new(CardId::from(12345));
/// let assigned = Event::from_json(r#"{"type":"CARD_ASSIGN_RESULT","data":{"card_id":12345,"status":"SUCCESS","occur_time":1000}}"#)?;
/// let locked = Event::from_json(r#"{"type":"CARD_STATUS_CHANGE","data":{"card_id":12345,"status":"SUCCESS","card_status":"LOCKED","occur_time":2000}}"#)?;
/// assert_eq!(card.fold(&locked), Fold::Applied);
/// assert_eq!(card.fold(&assigned), Fold::Stale);
/// assert_eq!(card.status(), Some(&CardStatus::Locked));
/// assert!(card.check(CardAction::Recharge).is_err());
/// # Ok::<(), bananatech_core::Invalid>(())
/// ```
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(rename = "CardStateData", optional_fields)
)]
pub struct CardState {
    /// The card.
    pub card_id: CardId,
    /// Whether the card's template has `needs_activation`: what a successful application makes of a virtual card.
    pub needs_activation: Option<bool>,
    /// Its status, as far as it is known: [`CardState::status`].
    pub known_status: Option<CardStatus>,
    /// When it got that status.
    pub status_as_of: Option<Timestamp>,
    /// Its balance, as far as it is known.
    pub balance: Option<KnownBalance>,
}

impl CardState {
    /// A card of which nothing is known yet.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState};
    /// assert_eq!(CardState::new(CardId::from(12345)).status(), None);
    /// ```
    pub const fn new(card_id: CardId) -> Self {
        Self {
            card_id,
            needs_activation: None,
            known_status: None,
            status_as_of: None,
            balance: None,
        }
    }

    /// The state as JSON, to be stored.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState};
    /// let card = CardState::new(CardId::from(12345));
    /// assert_eq!(CardState::from_json(&card.to_json()).unwrap(), card);
    /// ```
    pub fn to_json(&self) -> String {
        std::mem::take(&mut json::text(self))
    }

    /// Reads what [`CardState::to_json`] wrote. Errors name the field (caused by whoever changed it).
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState};
    /// let card = CardState::new(CardId::from(12345));
    /// assert_eq!(CardState::from_json(&card.to_json()).unwrap(), card);
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        json::from_str(text)
    }

    /// The status; `None` while it isn't known.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState};
    /// assert_eq!(CardState::new(CardId::from(12345)).status(), None);
    /// ```
    pub fn status(&self) -> Option<&CardStatus> {
        self.known_status.as_ref()
    }

    /// Takes an event in. An event of another card, or of a failure, changes nothing.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState, Event, Fold};
    /// let mut card = CardState::new(CardId::from(12345));
    /// let event = Event::from_json(r#"{"type":"CARD_3DS","data":{}}"#).unwrap();
    /// assert_eq!(card.fold(&event), Fold::Irrelevant);
    /// ```
    pub fn fold(&mut self, event: &Event) -> Fold {
        if event.card_id() != Some(self.card_id) || !event.is_borne_out() {
            return Fold::Irrelevant;
        }
        let done = OperationStatus::Success;
        let status = match event {
            Event::CardAssignResult(event) if event.status == done => CardStatus::ToBeActivated,
            Event::CardApplyResult(event) if event.status == done => match self.needs_activation {
                Some(true) => CardStatus::ToBeActivated,
                Some(false) => CardStatus::Active,
                // Issued, but in which status depends on the template.
                None => return Fold::Irrelevant,
            },
            Event::CardActivateResult(event) if event.status == done => CardStatus::Active,
            Event::CardStatusChange(event) if event.status == done => match &event.card_status {
                Some(status) => status.clone(),
                None => return Fold::Irrelevant,
            },
            Event::CardCloseResult(event) if event.status == done => CardStatus::Closed,
            Event::CardBalanceChange(event) => {
                return self.fold_balance(KnownBalance {
                    amount: event.amount,
                    available: event.available,
                    currency: event.currency.clone(),
                    as_of: event.occur_time,
                });
            }
            _ => return Fold::Irrelevant,
        };
        event
            .occurred_at()
            .map_or(Fold::Irrelevant, |at| self.fold_status(status, at))
    }

    /// Takes in what the API answered when it was asked for the card's information, and when it was asked. That is the
    /// caller's clock beside the sender's: if it is behind, the observation may count as older than an event before it.
    ///
    /// ```
    /// use bananatech_core::operations::card::CardInformation;
    /// use bananatech_core::{CardId, CardState, CardStatus, Timestamp};
    /// let mut card = CardState::new(CardId::from(12345));
    /// let information: CardInformation = serde_json::from_str(r#"{"status":"ACTIVE"}"#).unwrap();
    /// card.observe(&information, Timestamp::from_millis(1000));
    /// assert_eq!(card.status(), Some(&CardStatus::Active));
    /// ```
    pub fn observe(&mut self, information: &CardInformation, asked_at: Timestamp) -> Fold {
        self.fold_status(information.status.clone(), asked_at)
    }

    fn fold_status(&mut self, status: CardStatus, at: Timestamp) -> Fold {
        let new = rank(&status, at);
        let known = self
            .known_status
            .as_ref()
            .zip(self.status_as_of)
            .map(|(status, at)| rank(status, at));
        match known.map_or(std::cmp::Ordering::Greater, |known| new.cmp(&known)) {
            std::cmp::Ordering::Less => Fold::Stale,
            std::cmp::Ordering::Equal => Fold::Duplicate,
            std::cmp::Ordering::Greater => {
                self.known_status = Some(status);
                self.status_as_of = Some(at);
                Fold::Applied
            }
        }
    }

    fn fold_balance(&mut self, new: KnownBalance) -> Fold {
        // Of two at the same moment, any order must choose the same.
        let rank = |balance: &KnownBalance| {
            (
                balance.as_of,
                balance.available,
                balance.amount,
                balance.currency.clone(),
            )
        };
        match self
            .balance
            .as_ref()
            .map(|known| rank(&new).cmp(&rank(known)))
        {
            Some(std::cmp::Ordering::Less) => Fold::Stale,
            Some(std::cmp::Ordering::Equal) => Fold::Duplicate,
            Some(std::cmp::Ordering::Greater) | None => {
                self.balance = Some(new);
                Fold::Applied
            }
        }
    }

    /// What is allowed now, as far as is known. While the status isn't known, or is a word that this library doesn't know,
    /// nothing is ruled out.
    ///
    /// ```
    /// use bananatech_core::{CardAction, CardId, CardState};
    /// assert_eq!(CardState::new(CardId::from(12345)).allowed().count(), CardAction::ALL.len());
    /// ```
    pub fn allowed(&self) -> impl Iterator<Item = CardAction> {
        CardAction::ALL
            .iter()
            .copied()
            .filter(|action| action.is_allowed_in(self.status()))
    }

    /// Refuses what the card's state rules out. Errors with [`Code::StateNotAllowed`] (caused by the caller): verify the
    /// card's status first (05-Card-Operations, "Invalid Card State").
    ///
    /// ```
    /// use bananatech_core::{CardAction, CardId, CardState};
    /// assert!(CardState::new(CardId::from(12345)).check(CardAction::Lock).is_ok());
    /// ```
    pub fn check(&self, action: CardAction) -> Result<(), Invalid> {
        if action.is_allowed_in(self.status()) {
            return Ok(());
        }
        Err(Invalid::new(
            "card_id",
            Code::StateNotAllowed,
            action.needs(),
        ))
    }

    /// Refuses an operation on this card that its state rules out, before a call is made; any other operation is let pass.
    /// Errors with [`Code::StateNotAllowed`] (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::operations::card::{CardInformation, UpdateStatus};
    /// use bananatech_core::{CardId, CardState, Timestamp, UserId};
    /// let mut card = CardState::new(CardId::from(12345));
    /// let information: CardInformation = serde_json::from_str(r#"{"status":"LOCKED"}"#).unwrap();
    /// card.observe(&information, Timestamp::from_millis(1000));
    /// let lock = UpdateStatus::lock(UserId::from(67890), CardId::from(12345)).into();
    /// assert!(card.check_operation(&lock).is_err());
    /// ```
    pub fn check_operation(&self, operation: &AnyOperation) -> Result<(), Invalid> {
        match CardAction::of(operation) {
            Some((action, card_id)) if card_id == self.card_id => self.check(action),
            _ => Ok(()),
        }
    }
}

/// What counts more: closed for good first, then what is later, then, at the same moment, what comes later in a card's life.
fn rank(status: &CardStatus, at: Timestamp) -> (bool, Timestamp, u8, &str) {
    let stage = match status {
        CardStatus::ToBeActivated => 0,
        CardStatus::Active => 1,
        CardStatus::Locked => 2,
        CardStatus::Other(_) => 3,
        CardStatus::Closed => 4,
    };
    (*status == CardStatus::Closed, at, stage, status.as_str())
}

impl fmt::Display for CardState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status().map_or("UNKNOWN", CardStatus::as_str);
        write!(f, "card {} is {status}", self.card_id)
    }
}
