//! Typed ids, so that a card's id can't stand where a user's belongs.

use std::fmt;

use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::error::{Code, Invalid};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $field:literal;)+) => {$(
        $(#[$doc])*
        ///
        /// The API writes it as a JSON integer. It holds 0 to 2^63 - 1, so that every language's integers can.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "number"))]
        pub struct $name(u64);

        impl $name {
            /// Takes an id. Errors with [`Code::IdRange`] above 2^63 - 1 (caused by the caller).
            ///
            /// ```
            #[doc = concat!("assert!(bananatech_core::", stringify!($name), "::new(u64::MAX).is_err());")]
            /// ```
            pub fn new(id: u64) -> Result<Self, Invalid> {
                if i64::try_from(id).is_err() {
                    return Err(Invalid::new($field, Code::IdRange, EXPECTED));
                }
                Ok(Self(id))
            }

            /// The number.
            ///
            /// ```
            #[doc = concat!("assert_eq!(bananatech_core::", stringify!($name), "::from(7).get(), 7);")]
            /// ```
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl From<u32> for $name {
            fn from(id: u32) -> Self {
                Self(u64::from(id))
            }
        }

        impl TryFrom<u64> for $name {
            type Error = Invalid;
            fn try_from(id: u64) -> Result<Self, Invalid> {
                Self::new(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_u64(IdVisitor).map(Self)
            }
        }
    )+};
}

const EXPECTED: &str = "a whole number from 0 to 9223372036854775807";

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<u64, E> {
        match i64::try_from(id) {
            Ok(_) => Ok(id),
            Err(_) => self.visit_unit(),
        }
    }

    fn visit_i64<E: de::Error>(self, id: i64) -> Result<u64, E> {
        u64::try_from(id).or_else(|_| self.visit_unit())
    }

    /// Anything that isn't such a number.
    fn visit_unit<E: de::Error>(self) -> Result<u64, E> {
        Err(Invalid::new("", Code::IdRange, EXPECTED).into_serde())
    }
}

ids! {
    /// A user (cardholder) of the merchant.
    ///
    /// ```
    /// use bananatech_core::UserId;
    /// assert_eq!(UserId::new(12345).unwrap().get(), 12345);
    /// assert!(UserId::new(u64::MAX).is_err());
    /// ```
    UserId = "user_id";
    /// A card. After an assignment, the id in the webhook is the card's; the one in the answer stands for the assignment
    /// operation (04-Physical-Cards), and whether the two are always equal isn't documented.
    ///
    /// ```
    /// use bananatech_core::CardId;
    /// assert_eq!(CardId::new(67890).unwrap().get(), 67890);
    /// ```
    CardId = "card_id";
    /// A card template: the kind of card, its fees and limits.
    ///
    /// ```
    /// use bananatech_core::TemplateId;
    /// assert_eq!(TemplateId::new(1).unwrap().get(), 1);
    /// ```
    TemplateId = "template_id";
    /// A transaction.
    ///
    /// ```
    /// use bananatech_core::TransactionId;
    /// assert_eq!(TransactionId::new(67890).unwrap().get(), 67890);
    /// ```
    TransactionId = "transaction_id";
}
