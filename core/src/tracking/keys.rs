//! The keys by which operations and evidence find each other, and the key of an event.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::canonical::canonical;
use super::evidence::{Kinds, Thing, ThingId};
use super::operation::{TrackedKind, TrackedOperation};
use crate::error::{Code, Invalid};
use crate::ids::{CardId, TransactionId, UserId};
use crate::json::{self, Json};

/// What a row of operations or things is found by. As text: `card:12345`, `user:6`, `assign`, `tx:7`, `new:12345`,
/// `registration:6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub enum Key {
    /// All assignments, and evidence about one that names no user.
    Assign,
    /// A user's applications and assignments.
    User(UserId),
    /// A card's recharges and changes of status.
    Card(CardId),
    /// A transaction.
    Transaction(TransactionId),
    /// A card that came into being.
    NewCard(CardId),
    /// A registered user.
    Registration(UserId),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assign => f.write_str("assign"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Card(id) => write!(f, "card:{id}"),
            Self::Transaction(id) => write!(f, "tx:{id}"),
            Self::NewCard(id) => write!(f, "new:{id}"),
            Self::Registration(id) => write!(f, "registration:{id}"),
        }
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Key {
    type Err = Invalid;

    /// Errors with [`Code::FieldType`] for any other text (caused by the caller).
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || {
            Invalid::new(
                "key",
                Code::FieldType,
                "such as card:12345, user:6 or assign",
            )
        };
        if text == "assign" {
            return Ok(Self::Assign);
        }
        let (what, id) = text.split_once(':').ok_or_else(wrong)?;
        let id: u64 = id.parse().map_err(|_| wrong())?;
        Ok(match what {
            "user" => Self::User(UserId::new(id)?),
            "card" => Self::Card(CardId::new(id)?),
            "tx" => Self::Transaction(TransactionId::new(id)?),
            "new" => Self::NewCard(CardId::new(id)?),
            "registration" => Self::Registration(UserId::new(id)?),
            _ => return Err(wrong()),
        })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, str::parse)
    }
}

impl Key {
    /// Whether it stands for one thing, which has one owner.
    pub(super) const fn is_of_one_thing(self) -> bool {
        matches!(
            self,
            Self::Transaction(_) | Self::NewCard(_) | Self::Registration(_)
        )
    }
}

impl TrackedOperation {
    /// The keys by which a store finds its row.
    ///
    /// ```
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Key, OperationId, Timestamp, ConfirmedOperation, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(6), CardId::from(12345));
    /// let operation = lock.tracked(OperationId::from_random_bytes([7; 16]), Timestamp::from_millis(0));
    /// assert_eq!(operation.keys(), [Key::Card(CardId::from(12345))]);
    /// ```
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(3);
        match self.kind {
            TrackedKind::Register => keys.extend(self.user_id.map(Key::Registration)),
            TrackedKind::Apply | TrackedKind::Assign => keys.extend(self.user_id.map(Key::User)),
            _ => keys.extend(self.card_id.map(Key::Card)),
        }
        if self.kind == TrackedKind::Assign {
            keys.push(Key::Assign);
        }
        if let Some(found) = self.found {
            keys.extend(found.transaction_id.map(Key::Transaction));
            if self.kind.makes_card() {
                keys.extend(found.card_id.map(Key::NewCard));
            }
        }
        keys
    }
}

impl Thing {
    /// The keys by which a store finds its row.
    ///
    /// ```
    /// # let text = r#"{"id":"tx:7","seq":1,"kinds":["recharge"],"labels":["recharge"],"succeeded":true,"failed":false,"cards":[12345]}"#;
    /// use bananatech_core::{CardId, Key, Thing, TransactionId};
    /// let thing = Thing::from_json(text)?;
    /// assert_eq!(thing.keys(), [Key::Transaction(TransactionId::from(7)), Key::Card(CardId::from(12345))]);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(3);
        match self.id {
            ThingId::Transaction(id) => keys.push(Key::Transaction(id)),
            ThingId::Registration(id) => keys.push(Key::Registration(id)),
            ThingId::NewCard(_) | ThingId::Event(_) => {}
        }
        if self.is_about_money() || self.is_about_status() {
            keys.extend(self.cards.iter().copied().map(Key::Card));
        }
        if self.kinds.meets(Kinds::NEW_CARD) {
            if self.users.is_empty() {
                keys.push(Key::Assign);
            }
            keys.extend(self.users.iter().copied().map(Key::User));
            if self.succeeded {
                keys.extend(self.cards.iter().copied().map(Key::NewCard));
            }
        }
        keys
    }
}

/// Where somebody else was found to act: a card's money or status, a user, or assignments at large. As text: `card:12345:money`,
/// `card:12345:status`, `user:6`, `assign`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub enum Scope {
    /// A card's recharges.
    CardMoney(CardId),
    /// A card's activation, locking, unlocking and closing.
    CardStatus(CardId),
    /// A user's applications and assignments.
    User(UserId),
    /// Assignments whose event names no user.
    Assign,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CardMoney(id) => write!(f, "card:{id}:money"),
            Self::CardStatus(id) => write!(f, "card:{id}:status"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Assign => f.write_str("assign"),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Thing {
    /// The groups of rows that it can have to do with: a card's, or those of new cards.
    pub(super) fn groups(&self) -> Vec<Key> {
        if self.kinds.meets(Kinds::NEW_CARD) {
            return vec![Key::Assign];
        }
        self.cards.iter().copied().map(Key::Card).collect()
    }

    /// Where somebody else acts, if this is somebody else's.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        let mut scopes = Vec::with_capacity(2);
        for card in &self.cards {
            if self.is_about_money() {
                scopes.push(Scope::CardMoney(*card));
            }
            if self.is_about_status() {
                scopes.push(Scope::CardStatus(*card));
            }
        }
        if self.kinds.meets(Kinds::NEW_CARD) {
            if self.users.is_empty() {
                scopes.push(Scope::Assign);
            }
            scopes.extend(self.users.iter().copied().map(Scope::User));
        }
        scopes
    }
}

/// Stands for what an event said: equal for two deliveries of one event, also if it was sealed anew, with another key, or with its
/// fields in another order. 64 hexadecimal digits.
///
/// It is the SHA-256 of the signed data in canonical form (RFC 8785, but a number keeps all its digits). The `type` isn't in
/// it, since it isn't signed. Of digits that could be a card number only the last four are in it, so that no card number can be
/// found from a key by trying.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The key of an event's data.
    ///
    /// ```
    /// use bananatech_core::{Fingerprint, Json};
    /// let key = |text| Fingerprint::of(&Json::parse(text).unwrap());
    /// assert_eq!(key(r#"{"a": 1.0, "b": "\u0041"}"#), key(r#"{"b":"A","a":1}"#));
    /// assert_ne!(key(r#"{"a": 1}"#), key(r#"{"a": 2}"#));
    /// ```
    pub fn of(data: &Json) -> Self {
        Self(bananatech_cipher::sha256(&canonical(data.as_str())))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bananatech_cipher::hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = Invalid;

    /// Errors with [`Code::FieldType`] for any other text (caused by the caller).
    fn from_str(text: &str) -> Result<Self, Invalid> {
        bananatech_cipher::mac_from_hex(text)
            .filter(|_| text.bytes().all(|byte| !byte.is_ascii_uppercase()))
            .map(Self)
            .ok_or_else(|| Invalid::new("fingerprint", Code::FieldType, "64 hexadecimal digits"))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::parsed(deserializer, str::parse)
    }
}
