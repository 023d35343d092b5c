//! What signed data prove, and what is said of one thing together.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::OperationId;
use super::keys::Fingerprint;
use super::operation::TrackedKind;
use super::ordered::set_of;
use crate::amount::Amount;
use crate::error::{Code, Invalid};
use crate::events::EventType;
use crate::ids::{CardId, TemplateId, TransactionId, UserId};
use crate::json::{self, Extra, Json};
use crate::operations::card::{Transaction, TransactionStatus, TransactionType};
use crate::time::Timestamp;

/// A set of kinds of operation, and perhaps of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Kinds(u16);

impl Kinds {
    /// Perhaps no operation's result.
    pub(super) const NONE: Self = Self(1 << 15);
    const CARD: Self = Self::of(&[
        TrackedKind::Recharge,
        TrackedKind::Activate,
        TrackedKind::Lock,
        TrackedKind::Unlock,
        TrackedKind::Close,
    ]);
    const STATUS: Self = Self::of(&[
        TrackedKind::Activate,
        TrackedKind::Lock,
        TrackedKind::Unlock,
        TrackedKind::Close,
    ]);
    const LOCKING: Self = Self::of(&[TrackedKind::Lock, TrackedKind::Unlock]);
    pub(super) const NEW_CARD: Self = Self::of(&[TrackedKind::Apply, TrackedKind::Assign]);

    pub(super) const fn of(kinds: &[TrackedKind]) -> Self {
        let (mut bits, mut rest) = (0, kinds);
        while let [first, others @ ..] = rest {
            bits |= Self::bit(*first);
            rest = others;
        }
        Self(bits)
    }

    const fn bit(kind: TrackedKind) -> u16 {
        match kind {
            TrackedKind::Register => 1,
            TrackedKind::Apply => 1 << 1,
            TrackedKind::Assign => 1 << 2,
            TrackedKind::Recharge => 1 << 3,
            TrackedKind::Activate => 1 << 4,
            TrackedKind::Lock => 1 << 5,
            TrackedKind::Unlock => 1 << 6,
            TrackedKind::Close => 1 << 7,
        }
    }

    pub(super) const fn has(self, kind: TrackedKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether the result belongs to a card that exists already.
    pub(super) const fn are_of_a_card(self) -> bool {
        !self.meets(Self::NEW_CARD) && !self.has(TrackedKind::Register)
    }

    /// How many types of event they have: locking and unlocking have one.
    pub(super) const fn types(self) -> u32 {
        let rest = Self(self.0 & !Self::LOCKING.0);
        if self.meets(Self::LOCKING) {
            rest.len() + 1
        } else {
            rest.len()
        }
    }

    pub(super) const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The kinds whose result an event of this type says.
    fn of_type(event_type: &EventType) -> Self {
        let mut kinds = Self::default();
        for kind in TrackedKind::ALL {
            if kind.confirmed_by() == *event_type {
                kinds = kinds.or(Self::of(&[*kind]));
            }
        }
        kinds
    }
}

impl Serialize for Kinds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = TrackedKind::ALL.iter().filter(|kind| self.has(**kind));
        let none = self.meets(Self::NONE).then_some(None);
        serializer.collect_seq(known.map(Some).chain(none))
    }
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<Option<TrackedKind>>::deserialize(deserializer)?;
        Ok(words.into_iter().fold(Self::default(), |kinds, word| {
            kinds.or(word.map_or(Self::NONE, |kind| Self::of(&[kind])))
        }))
    }
}

/// What evidence is about. A transaction ends once, and a card comes into being once, so all that is said of one is one thing,
/// which belongs to one request. Any other event is a thing by itself.
///
/// As text: `tx:7`, `new:12345` (a new card), `user:6` (a registered user), `event:` and the event's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub enum ThingId {
    /// A transaction.
    Transaction(TransactionId),
    /// A card that came into being.
    NewCard(CardId),
    /// A user that was registered.
    Registration(UserId),
    /// An event that names neither.
    Event(Fingerprint),
}

impl fmt::Display for ThingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction(id) => write!(f, "tx:{id}"),
            Self::NewCard(id) => write!(f, "new:{id}"),
            Self::Registration(id) => write!(f, "user:{id}"),
            Self::Event(key) => write!(f, "event:{key}"),
        }
    }
}

impl FromStr for ThingId {
    type Err = Invalid;

    /// Errors with [`Code::FieldType`] for any other text (caused by the caller).
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || {
            Invalid::new(
                "thing",
                Code::FieldType,
                "such as tx:7, new:12345 or event:…",
            )
        };
        let (what, id) = text.split_once(':').ok_or_else(wrong)?;
        let number = || id.parse::<u64>().map_err(|_| wrong());
        Ok(match what {
            "tx" => Self::Transaction(TransactionId::new(number()?)?),
            "new" => Self::NewCard(CardId::new(number()?)?),
            "user" => Self::Registration(UserId::new(number()?)?),
            "event" => Self::Event(id.parse().map_err(|_| wrong())?),
            _ => return Err(wrong()),
        })
    }
}

impl Serialize for ThingId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ThingId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, str::parse)
    }
}

/// All that is said of one [thing](ThingId). It is stored as JSON, and what a newer version stored is kept.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    /// What it is about.
    pub id: ThingId,
    /// Its place in the order in which this system stored operations and first saw evidence.
    pub seq: u64,
    /// A person said that it is somebody else's.
    #[serde(default)]
    pub foreign: bool,
    /// It is one of our operations' in every explanation. Nothing that is still to come can change that, unless a stranger is
    /// found to act.
    #[serde(default)]
    pub done: bool,
    /// Whose it is, where that is the same in every explanation.
    pub owner: Option<OperationId>,
    /// The kinds of operation whose result it may be.
    pub(super) kinds: Kinds,
    /// The kinds that the types of its events name.
    pub(super) labels: Kinds,
    pub(super) succeeded: bool,
    pub(super) failed: bool,
    #[serde(default)]
    pub(super) cards: BTreeSet<CardId>,
    /// Something that was said of it names no card.
    #[serde(default)]
    pub(super) without_card: bool,
    #[serde(default)]
    pub(super) users: BTreeSet<UserId>,
    #[serde(default)]
    pub(super) templates: BTreeSet<TemplateId>,
    /// The most and the least that is said to have arrived. A failure says nothing of the least.
    pub(super) most: Option<Amount>,
    pub(super) least: Option<Amount>,
    /// The `receive_amount` of each of its events that succeeded. A list's amount isn't known to be the same.
    #[serde(default)]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) received: BTreeSet<Amount>,
    pub(super) earliest: Option<Timestamp>,
    pub(super) latest: Option<Timestamp>,
    /// Something that was said of it has no time.
    #[serde(default)]
    pub(super) timeless: bool,
    /// The vendor's code for why it failed, such as `101:0`.
    pub(super) reason: Option<String>,
    #[serde(flatten)]
    pub(super) extra: Extra,
}

/// The fields of an event's data that say what it proves, whatever its type.
#[derive(Deserialize)]
struct Data {
    status: Option<String>,
    card_id: Option<CardId>,
    user_id: Option<UserId>,
    template_id: Option<TemplateId>,
    transaction_id: Option<TransactionId>,
    occur_time: Option<Timestamp>,
    receive_amount: Option<Amount>,
    refund_amount: Option<IgnoredAny>,
    card_status: Option<String>,
    card_number: Option<IgnoredAny>,
    error_reason: Option<Json>,
    merchant_name: Option<IgnoredAny>,
    before_available: Option<IgnoredAny>,
    #[serde(flatten)]
    extra: Extra,
}

impl Data {
    fn failed(&self) -> bool {
        self.status.as_deref() == Some("FAILED")
    }

    fn succeeded(&self) -> bool {
        self.status.as_deref() == Some("SUCCESS")
    }

    /// The kinds of operation whose result these data may be: the first rule that fits.
    ///
    /// Which fields an event has is documented in part (webhook-event-types, 05-Card-Operations), so only fields that one kind
    /// alone has prove it. A field that nobody knows refutes nothing. Where only bareness proves, it weakens.
    fn kinds(&self) -> Kinds {
        use TrackedKind as K;
        let failed = self.failed();
        if self.status.is_none() || self.merchant_name.is_some() || self.before_available.is_some()
        {
            return Kinds::NONE;
        }
        if self.receive_amount.is_some() {
            return Kinds::of(&[K::Recharge]);
        }
        if self.refund_amount.is_some() {
            return Kinds::of(&[K::Close]);
        }
        if let Some(status) = &self.card_status {
            return match status.as_str() {
                // What it says of a failure isn't documented: the old status, or the one that was asked for.
                _ if failed => Kinds::LOCKING,
                "LOCKED" => Kinds::of(&[K::Lock]),
                "ACTIVE" => Kinds::of(&[K::Unlock]),
                _ => Kinds::NONE,
            };
        }
        if self.card_number.is_some() {
            return Kinds::of(&[K::Activate]);
        }
        let (user, card) = (self.user_id.is_some(), self.card_id.is_some());
        if self.transaction_id.is_some() {
            return if failed && card {
                Kinds::of(&[K::Recharge, K::Close])
            } else {
                Kinds::NONE
            };
        }
        if self.occur_time.is_none() {
            return if user && !card {
                Kinds::of(&[K::Register])
            } else {
                Kinds::NONE
            };
        }
        match (user, card) {
            (true, true) if failed => Kinds::CARD.or(Kinds::NONE),
            (true, false) if failed && self.error_reason.is_some() => Kinds::NEW_CARD,
            (true, _) if self.template_id.is_some() => Kinds::of(&[K::Apply]),
            (true, false) if failed => Kinds::NEW_CARD.or(Kinds::NONE),
            (true, _) => Kinds::NEW_CARD,
            (false, true) => {
                let plain = if failed {
                    Kinds::CARD
                } else {
                    Kinds::of(&[K::Assign])
                };
                let bare = self.extra.is_empty() && self.template_id.is_none();
                if bare { plain } else { plain.or(Kinds::NONE) }
            }
            (false, false) => Kinds::NONE,
        }
    }
}

impl Thing {
    /// What an event proves; `None` if it is no evidence about an operation.
    pub(super) fn of_event(
        event_type: &EventType,
        data: &Json,
        key: Fingerprint,
        seq: u64,
        trust_type: bool,
    ) -> Option<Self> {
        let data: Data = json::from_vendor(data.as_str()).ok()?;
        let labels = Kinds::of_type(event_type);
        let mut kinds = data.kinds();
        if kinds == Kinds::of(&[TrackedKind::Register]) {
            // For users, only this word is documented.
            let approved = data.status.as_deref() == Some("APPROVED");
            let user_id = data.user_id.filter(|_| approved)?;
            return Some(Self {
                succeeded: true,
                users: set_of([user_id]),
                ..Self::new(ThingId::Registration(user_id), seq, kinds, labels)
            });
        }
        if trust_type {
            let narrowed = kinds.and(labels);
            kinds = if narrowed.is_empty() {
                Kinds::NONE
            } else {
                narrowed
            };
        }
        let ended = data.succeeded() || data.failed();
        // What a card's operation did names its card.
        let nobody = kinds.are_of_a_card() && data.card_id.is_none();
        if !ended || kinds == Kinds::NONE || nobody {
            return None;
        }
        let id = match (data.transaction_id, data.card_id) {
            (Some(id), _) => ThingId::Transaction(id),
            (None, Some(card)) if data.succeeded() && kinds.within(Kinds::NEW_CARD) => {
                ThingId::NewCard(card)
            }
            _ => ThingId::Event(key),
        };
        Some(Self {
            succeeded: data.succeeded(),
            failed: data.failed(),
            cards: set_of(data.card_id),
            without_card: data.card_id.is_none(),
            users: set_of(data.user_id),
            templates: set_of(data.template_id),
            most: data.receive_amount,
            // A failed one may have received nothing.
            least: data.receive_amount.filter(|_| data.succeeded()),
            received: set_of(data.receive_amount.filter(|_| data.succeeded())),
            earliest: data.occur_time,
            latest: data.occur_time,
            timeless: data.occur_time.is_none(),
            reason: data
                .error_reason
                .as_ref()
                .and_then(Json::text)
                .as_deref()
                .and_then(reason_code)
                .map(str::to_owned),
            ..Self::new(id, seq, kinds, labels)
        })
    }

    /// What a line of a card's transactions proves; `None` if it is no recharge that ended.
    pub(super) fn of_transaction(line: &Transaction, card: CardId, seq: u64) -> Option<Self> {
        let kinds = Kinds::of(&[TrackedKind::Recharge]);
        let succeeded = match line.status.as_ref()? {
            TransactionStatus::Success => true,
            TransactionStatus::Failed => false,
            _ => return None,
        };
        if line.transaction_type != Some(TransactionType::Recharge) {
            return None;
        }
        // The list's times are cut to seconds, so it was before the next one.
        let at = line
            .created_at
            .as_deref()
            .and_then(|text| humantime::parse_rfc3339(text).ok())
            .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_millis()).ok())
            .map(|millis| Timestamp::from_millis(millis).after(1000));
        Some(Self {
            succeeded,
            failed: !succeeded,
            cards: set_of([line.card_id.unwrap_or(card)]),
            most: Some(line.amount),
            least: Some(line.amount).filter(|_| succeeded),
            earliest: at,
            latest: at,
            timeless: at.is_none(),
            ..Self::new(ThingId::Transaction(line.id), seq, kinds, kinds)
        })
    }

    const fn new(id: ThingId, seq: u64, kinds: Kinds, labels: Kinds) -> Self {
        Self {
            id,
            seq,
            foreign: false,
            done: false,
            owner: None,
            kinds,
            labels,
            succeeded: false,
            failed: false,
            cards: BTreeSet::new(),
            without_card: false,
            users: BTreeSet::new(),
            templates: BTreeSet::new(),
            most: None,
            least: None,
            received: BTreeSet::new(),
            earliest: None,
            latest: None,
            timeless: false,
            reason: None,
            extra: Extra::new(),
        }
    }

    /// Takes in what else was said of the same thing.
    pub(super) fn merge(&mut self, other: Self) {
        self.seq = self.seq.min(other.seq);
        self.foreign |= other.foreign;
        self.kinds = self.kinds.and(other.kinds);
        self.labels = self.labels.or(other.labels);
        self.succeeded |= other.succeeded;
        self.failed |= other.failed;
        self.cards.extend(other.cards);
        self.without_card |= other.without_card;
        self.users.extend(other.users);
        self.templates.extend(other.templates);
        self.most = self.most.max(other.most);
        self.least = least(self.least, other.least);
        self.received.extend(other.received);
        self.earliest = least(self.earliest, other.earliest);
        self.latest = self.latest.max(other.latest);
        self.timeless |= other.timeless;
        self.reason = self.reason.take().or(other.reason);
    }

    /// Its transaction, if it names one.
    pub(super) const fn transaction_id(&self) -> Option<TransactionId> {
        match self.id {
            ThingId::Transaction(id) => Some(id),
            _ => None,
        }
    }

    /// The `receive_amount`, if its events agree on it.
    pub(super) fn receive_amount(&self) -> Option<Amount> {
        let mut amounts = self.received.iter();
        amounts.next().copied().filter(|_| amounts.next().is_none())
    }

    /// Whether it is told both ways.
    pub(super) const fn is_told_both_ways(&self) -> bool {
        self.succeeded && self.failed
    }

    /// Whether the data leave open of which of several types it is.
    pub(super) fn is_of_several_types(&self) -> bool {
        self.kinds.len() > 1 && !self.kinds.within(Kinds::LOCKING)
    }

    /// As JSON, to be stored.
    ///
    /// ```
    /// assert!(bananatech_core::Thing::from_json("{}").is_err());
    /// ```
    pub fn to_json(&self) -> String {
        std::mem::take(&mut json::text(self))
    }

    /// Reads what [`Thing::to_json`] wrote, by this version or a newer one. Errors name the field (caused by whoever changed it).
    ///
    /// ```
    /// assert!(bananatech_core::Thing::from_json("{}").is_err());
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        json::from_str(text)
    }

    /// Whether it may be about a card's money, and about its status.
    pub(super) fn is_about_money(&self) -> bool {
        self.kinds.has(TrackedKind::Recharge)
    }

    pub(super) fn is_about_status(&self) -> bool {
        self.kinds.meets(Kinds::STATUS)
    }
}

/// The smaller of two; one that isn't there doesn't count.
fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The code that a reason of the vendor's begins with: `101:0` of `101:0 - card number not exist` (04-Physical-Cards). The words may
/// repeat what was sent, so they aren't stored.
pub(super) fn reason_code(reason: &str) -> Option<&str> {
    let code = reason.split_whitespace().next()?;
    let (one, other) = code.split_once(':')?;
    let is_short =
        |part: &str| matches!(part.len(), 1..=4) && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_short(one) && is_short(other)).then_some(code)
}
