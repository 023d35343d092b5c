use serde::{Deserialize, Serialize};

use crate::card::ActivationPin;
use crate::error::{Code, Invalid};
use crate::events::EventType;
use crate::ids::{CardId, UserId};
use crate::operation::{Operation, operation};
use crate::operations::Acknowledgement;

/// What is to be done to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Alter {
    /// Activate a card that is TBA (04-Physical-Cards).
    Activate,
    /// Lock a card that is ACTIVE (05-Card-Operations).
    Lock,
    /// Unlock a card that is LOCKED (05-Card-Operations).
    Unlock,
    /// Close a card for good; what is left on it is refunded (05-Card-Operations).
    Close,
}

impl Alter {
    /// The API's word.
    ///
    /// ```
    /// assert_eq!(bananatech_core::operations::card::Alter::Lock.as_str(), "LOCK");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activate => "ACTIVATE",
            Self::Lock => "LOCK",
            Self::Unlock => "UNLOCK",
            Self::Close => "CLOSE",
        }
    }

    /// The event that confirms it.
    ///
    /// ```
    /// use bananatech_core::{operations::card::Alter, EventType};
    /// assert_eq!(Alter::Lock.confirmed_by(), EventType::CardStatusChange);
    /// ```
    pub const fn confirmed_by(self) -> EventType {
        match self {
            Self::Activate => EventType::CardActivateResult,
            Self::Lock | Self::Unlock => EventType::CardStatusChange,
            Self::Close => EventType::CardCloseResult,
        }
    }
}

/// Activate, lock, unlock or close a card. The answer only acknowledges: wait for `CARD_ACTIVATE_RESULT`,
/// `CARD_STATUS_CHANGE` (to lock or unlock) or `CARD_CLOSE_RESULT`.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct UpdateStatus {
    /// The card's user.
    pub user_id: UserId,
    /// The card. After an assignment, use the id that the webhook brought.
    pub card_id: CardId,
    /// What is to be done.
    pub alter: Alter,
    /// Only to activate a physical card: exactly 6 digits (04-Physical-Cards).
    pub pin: Option<ActivationPin>,
}

impl UpdateStatus {
    /// Activates a physical card, and sets its PIN.
    ///
    /// ```
    /// use bananatech_core::{operations::card::UpdateStatus, ActivationPin, CardId, UserId};
    /// let pin = ActivationPin::parse("482915").unwrap();
    /// let activate = UpdateStatus::activate_physical(UserId::from(12345), CardId::from(67890), pin);
    /// assert!(activate.pin.is_some());
    /// ```
    pub fn activate_physical(user_id: UserId, card_id: CardId, pin: ActivationPin) -> Self {
        Self {
            pin: Some(pin),
            ..Self::new(user_id, card_id, Alter::Activate)
        }
    }

    /// Activates a virtual card. That this goes without a PIN is inferred.
    ///
    /// ```
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, UserId};
    /// assert!(UpdateStatus::activate_virtual(UserId::from(12345), CardId::from(67890)).pin.is_none());
    /// ```
    pub fn activate_virtual(user_id: UserId, card_id: CardId) -> Self {
        Self::new(user_id, card_id, Alter::Activate)
    }

    /// Locks a card.
    ///
    /// ```
    /// use bananatech_core::{operations::card::{Alter, UpdateStatus}, CardId, UserId};
    /// assert_eq!(UpdateStatus::lock(UserId::from(12345), CardId::from(67890)).alter, Alter::Lock);
    /// ```
    pub fn lock(user_id: UserId, card_id: CardId) -> Self {
        Self::new(user_id, card_id, Alter::Lock)
    }

    /// Unlocks a card.
    ///
    /// ```
    /// use bananatech_core::{operations::card::{Alter, UpdateStatus}, CardId, UserId};
    /// assert_eq!(UpdateStatus::unlock(UserId::from(12345), CardId::from(67890)).alter, Alter::Unlock);
    /// ```
    pub fn unlock(user_id: UserId, card_id: CardId) -> Self {
        Self::new(user_id, card_id, Alter::Unlock)
    }

    /// Closes a card for good.
    ///
    /// ```
    /// use bananatech_core::{operations::card::{Alter, UpdateStatus}, CardId, UserId};
    /// assert_eq!(UpdateStatus::close(UserId::from(12345), CardId::from(67890)).alter, Alter::Close);
    /// ```
    pub fn close(user_id: UserId, card_id: CardId) -> Self {
        Self::new(user_id, card_id, Alter::Close)
    }

    fn new(user_id: UserId, card_id: CardId, alter: Alter) -> Self {
        Self {
            user_id,
            card_id,
            alter,
            pin: None,
        }
    }
}

impl Operation for UpdateStatus {
    operation!(UpdateStatus => Acknowledgement);

    /// [`Code::PinNotTaken`] for a PIN with anything but `ACTIVATE`.
    fn check(&self) -> Result<(), Invalid> {
        if self.pin.is_some() && self.alter != Alter::Activate {
            return Err(Invalid::new(
                "pin",
                Code::PinNotTaken,
                "no PIN, except to activate",
            ));
        }
        Ok(())
    }

    fn confirmed_by(&self) -> Option<EventType> {
        Some(self.alter.confirmed_by())
    }
}
