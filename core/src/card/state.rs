use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::CardStatus;
use super::facts::{self, KnownBalance, KnownStatus};
use crate::error::{Code, Invalid};
use crate::events::{Event, OperationStatus};
use crate::ids::CardId;
use crate::json::{self, Extra};
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

    /// Whether it is allowed in a status. In one that this library doesn't know, nothing is refused: the API decides.
    fn is_allowed_in(self, status: &CardStatus) -> bool {
        match status {
            CardStatus::Other(_) => true,
            CardStatus::Closed => false,
            CardStatus::ToBeActivated => self == Self::Activate,
            CardStatus::Active => !matches!(self, Self::Activate | Self::Unlock),
            CardStatus::Locked => matches!(self, Self::Unlock | Self::Close),
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
    /// It changed what is known: store the state.
    Applied,
    /// It is what was known already. Nothing changed.
    Duplicate,
    /// It is older than what was known: late, or repeated. Nothing changed.
    Stale,
    /// It says nothing about this card's state: another card's, or an operation that failed. Nothing changed.
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

/// A card's state, folded from its events in whatever order they come, by one machine or by several
/// ([`CardState::merge`]).
///
/// The newest by `occur_time` counts, and a closed card stays closed, so every order ends in the same state. It can be
/// stored as JSON, and holds no secret.
///
/// **Of the same millisecond:** of two balances, the one that began where the other ended is the later one, by
/// `before_available`; that goes for chains of up to 16, too. Of two statuses, a card is TBA before it is ACTIVE or
/// LOCKED, and those before it is closed. Where that doesn't decide, what is known is *unclear* until something later
/// comes: there is no status or no balance then, only all that are possible.
///
/// **What was observed** is stamped with the caller's clock, which may be ahead of the vendor's by up to five minutes. So
/// an observation counts for more than an event only if the event is more than five minutes older. If the event is
/// later than the observation, the event counts. In between, the status is unclear if they contradict one another: ask
/// again five minutes after the event. By a clock that is behind, an observation counts for less than it is worth. All
/// of one merchant's machines are taken to have the same time, so of two observations the later one counts.
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
#[serde(from = "Stored")]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(rename = "CardStateData", optional_fields)
)]
pub struct CardState {
    /// Which version's fields it has, at least. A newer version only adds fields, and an older one keeps them.
    pub version: u32,
    /// The card.
    pub card_id: CardId,
    /// Whether the card's template has `needs_activation`: what a successful application makes of a virtual card.
    pub needs_activation: Option<bool>,
    /// What was said of its status and wasn't superseded yet. The function `status` says what follows from it.
    pub statuses: Vec<KnownStatus>,
    /// What was said of its balance and wasn't superseded yet. The function `balance` says what follows from it.
    pub balances: Vec<KnownBalance>,
    /// Fields that a newer version stored, as they came.
    #[serde(flatten)]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub extra: Extra,
}

/// What may stand in a stored state: facts in any order, and what version 0 had.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    version: u32,
    card_id: CardId,
    needs_activation: Option<bool>,
    #[serde(default)]
    statuses: Vec<KnownStatus>,
    #[serde(default)]
    balances: Vec<KnownBalance>,
    known_status: Option<CardStatus>,
    status_as_of: Option<Timestamp>,
    balance: Option<KnownBalance>,
    #[serde(flatten)]
    extra: Extra,
}

impl From<Stored> for CardState {
    fn from(stored: Stored) -> Self {
        let mut state = Self {
            version: stored.version.max(Self::VERSION),
            needs_activation: stored.needs_activation,
            extra: stored.extra,
            ..Self::new(stored.card_id)
        };
        // Version 0 didn't say who had said it. An observation claims less.
        let old = stored.known_status.zip(stored.status_as_of);
        let old = old.map(|(status, as_of)| KnownStatus {
            status: Some(status),
            as_of,
            observed: true,
            extra: Extra::new(),
        });
        for fact in stored.statuses.into_iter().chain(old) {
            facts::take(&mut state.statuses, fact);
        }
        for fact in stored.balances.into_iter().chain(stored.balance) {
            facts::take(&mut state.balances, fact);
        }
        state
    }
}

impl CardState {
    /// The version that this library writes.
    pub const VERSION: u32 = 1;

    /// A card of which nothing is known yet.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState};
    /// assert_eq!(CardState::new(CardId::from(12345)).status(), None);
    /// ```
    pub const fn new(card_id: CardId) -> Self {
        Self {
            version: Self::VERSION,
            card_id,
            needs_activation: None,
            statuses: Vec::new(),
            balances: Vec::new(),
            extra: Extra::new(),
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

    /// The status; `None` while it isn't known, or unclear.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState};
    /// assert_eq!(CardState::new(CardId::from(12345)).status(), None);
    /// ```
    pub fn status(&self) -> Option<&CardStatus> {
        only(&self.possible_statuses())
    }

    /// As of when it is known to have that status; `None` where [`CardState::status`] is.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState};
    /// assert_eq!(CardState::new(CardId::from(12345)).status_as_of(), None);
    /// ```
    pub fn status_as_of(&self) -> Option<Timestamp> {
        self.status()?;
        self.last_statuses().iter().map(|known| known.as_of).max()
    }

    /// All statuses that are possible: none while nothing is known, several if it is unclear which is the last one. Of more
    /// than 16 at one moment, some are missing.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState, CardStatus, Event};
    /// let mut card = CardState::new(CardId::from(12345));
    /// for status in ["LOCKED", "ACTIVE"] {
    ///     let data = format!(r#"{{"card_id":12345,"status":"SUCCESS","card_status":"{status}","occur_time":1000}}"#);
    ///     card.fold(&Event::from_json(&format!(r#"{{"type":"CARD_STATUS_CHANGE","data":{data}}}"#)).unwrap());
    /// }
    /// assert_eq!(card.possible_statuses(), [&CardStatus::Active, &CardStatus::Locked]);
    /// assert_eq!(card.status(), None);
    /// ```
    pub fn possible_statuses(&self) -> Vec<&CardStatus> {
        static TBA: CardStatus = CardStatus::ToBeActivated;
        static ACTIVE: CardStatus = CardStatus::Active;
        let mut possible = BTreeSet::new();
        for known in self.last_statuses() {
            match &known.status {
                Some(status) => possible.extend([status]),
                None => {
                    possible.extend((self.needs_activation != Some(false)).then_some(&TBA));
                    possible.extend((self.needs_activation != Some(true)).then_some(&ACTIVE));
                }
            }
        }
        possible.into_iter().collect()
    }

    /// What was said last. An event and an observation may both be: then what is later in a card's life counts.
    fn last_statuses(&self) -> Vec<&KnownStatus> {
        let newest = facts::newest(&self.statuses);
        let is_last = |known: &&KnownStatus| {
            let mut others = newest.iter();
            !others.any(|other| other.is_later_in_life(known))
        };
        newest.iter().copied().filter(is_last).collect()
    }

    /// The balance; `None` while it isn't known, or unclear.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState};
    /// assert_eq!(CardState::new(CardId::from(12345)).balance(), None);
    /// ```
    pub fn balance(&self) -> Option<&KnownBalance> {
        only(&self.possible_balances())
    }

    /// All balances that are possible: none while nothing is known, several if it is unclear which is the last one. If more
    /// than 16 events have the same time, none of them counts as the last one, and some are missing.
    ///
    /// ```
    /// use bananatech_core::{CardId, CardState, Event};
    /// let mut card = CardState::new(CardId::from(12345));
    /// for (before, after) in [(90, 80), (100, 90)] {
    ///     let data = format!(
    ///         r#"{{"card_id":12345,"amount":{after},"available":{after},"before_available":{before},"currency":"USD","occur_time":1000}}"#
    ///     );
    ///     card.fold(&Event::from_json(&format!(r#"{{"type":"CARD_BALANCE_CHANGE","data":{data}}}"#)).unwrap());
    /// }
    /// assert_eq!(card.possible_balances().len(), 1);
    /// assert_eq!(card.balance().unwrap().available.to_string(), "80");
    /// ```
    pub fn possible_balances(&self) -> Vec<&KnownBalance> {
        facts::last_balances(&self.balances)
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
            Event::CardAssignResult(event) if event.status == done => {
                Some(CardStatus::ToBeActivated)
            }
            Event::CardApplyResult(event) if event.status == done => None,
            Event::CardActivateResult(event) if event.status == done => Some(CardStatus::Active),
            Event::CardStatusChange(event) if event.status == done => match &event.card_status {
                Some(status) => Some(status.clone()),
                None => return Fold::Irrelevant,
            },
            Event::CardCloseResult(event) if event.status == done => Some(CardStatus::Closed),
            Event::CardBalanceChange(event) => {
                let balance = KnownBalance {
                    amount: event.amount,
                    available: event.available,
                    currency: event.currency.clone(),
                    as_of: event.occur_time,
                    before_available: Some(event.before_available),
                    extra: Extra::new(),
                };
                return fold(&mut self.balances, balance);
            }
            _ => return Fold::Irrelevant,
        };
        let Some(as_of) = event.occurred_at() else {
            return Fold::Irrelevant;
        };
        let status = KnownStatus {
            status,
            as_of,
            observed: false,
            extra: Extra::new(),
        };
        fold(&mut self.statuses, status)
    }

    /// Takes in what the API answered when it was asked for the card's information, and when it was asked, by the
    /// caller's clock. How that is weighed against events is said at [`CardState`].
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
        let status = KnownStatus {
            status: Some(information.status.clone()),
            as_of: asked_at,
            observed: true,
            extra: Extra::new(),
        };
        fold(&mut self.statuses, status)
    }

    /// Takes in what another state of the same card knows: afterwards this one is as if it had folded all that either has. It
    /// doesn't matter which is merged into which, in which order, or how often.
    ///
    /// Errors with [`Code::StateMismatch`], and changes nothing, if it is another card's, if `needs_activation` differs, or
    /// if the two differ in a field that a newer version stored (caused by the caller; for the last, merge with that
    /// version).
    ///
    /// ```
    /// use bananatech_core::operations::card::CardInformation;
    /// use bananatech_core::{CardId, CardState, CardStatus, Timestamp};
    /// let mut here = CardState::new(CardId::from(12345));
    /// let mut there = here.clone();
    /// let locked: CardInformation = serde_json::from_str(r#"{"status":"LOCKED"}"#).unwrap();
    /// there.observe(&locked, Timestamp::from_millis(1000));
    /// here.merge(&there).unwrap();
    /// assert_eq!(here.status(), Some(&CardStatus::Locked));
    /// assert!(here.merge(&CardState::new(CardId::from(67890))).is_err());
    /// ```
    pub fn merge(&mut self, other: &Self) -> Result<(), Invalid> {
        let mismatch = |field, expected| Err(Invalid::new(field, Code::StateMismatch, expected));
        if self.card_id != other.card_id {
            return mismatch("card_id", "a state of the same card");
        }
        let template = self.needs_activation.zip(other.needs_activation);
        if template.is_some_and(|(ours, theirs)| ours != theirs) {
            return mismatch("needs_activation", "the same in both states");
        }
        let mut theirs = other.extra.iter();
        if theirs.any(|(name, value)| self.extra.get(name).is_some_and(|ours| ours != value)) {
            return mismatch(
                "extra",
                "the same in both states, or the version that stored it",
            );
        }
        self.version = self.version.max(other.version);
        self.needs_activation = self.needs_activation.or(other.needs_activation);
        self.extra.absorb(other.extra.clone());
        for status in &other.statuses {
            facts::take(&mut self.statuses, status.clone());
        }
        for balance in &other.balances {
            facts::take(&mut self.balances, balance.clone());
        }
        Ok(())
    }

    /// What the card's state allows now. While the status isn't known, or is a word that this library doesn't know, it rules
    /// nothing out. While the status is unclear, an action is allowed if one of the possible statuses allows it.
    ///
    /// ```
    /// use bananatech_core::{CardAction, CardId, CardState};
    /// assert_eq!(CardState::new(CardId::from(12345)).allowed().count(), CardAction::ALL.len());
    /// ```
    pub fn allowed(&self) -> impl Iterator<Item = CardAction> {
        let actions = CardAction::ALL.iter().copied();
        actions.filter(|action| self.allows(*action))
    }

    fn allows(&self, action: CardAction) -> bool {
        let possible = self.possible_statuses();
        possible.is_empty() || possible.iter().any(|status| action.is_allowed_in(status))
    }

    /// Refuses what the card's state rules out. Errors with [`Code::StateNotAllowed`] (caused by the caller): verify the
    /// card's status first (05-Card-Operations, "Invalid Card State").
    ///
    /// ```
    /// use bananatech_core::{CardAction, CardId, CardState};
    /// assert!(CardState::new(CardId::from(12345)).check(CardAction::Lock).is_ok());
    /// ```
    pub fn check(&self, action: CardAction) -> Result<(), Invalid> {
        if self.allows(action) {
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

/// Takes a fact in, and says what that did.
fn fold<F: facts::Fact + Clone + PartialEq>(known: &mut Vec<F>, fact: F) -> Fold {
    let before = known.clone();
    let is_known = known.iter().any(|one| one.order(&fact).is_eq());
    facts::take(known, fact);
    match (*known != before, is_known) {
        (true, _) => Fold::Applied,
        (false, true) => Fold::Duplicate,
        (false, false) => Fold::Stale,
    }
}

fn only<'a, T>(possible: &[&'a T]) -> Option<&'a T> {
    match possible {
        [one] => Some(one),
        _ => None,
    }
}

impl fmt::Display for CardState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "card {} is ", self.card_id)?;
        match self.possible_statuses().as_slice() {
            [] => f.write_str("UNKNOWN"),
            [first, others @ ..] => {
                f.write_str(first.as_str())?;
                others
                    .iter()
                    .try_for_each(|other| write!(f, " or {}", other.as_str()))
            }
        }
    }
}
