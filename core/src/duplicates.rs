//! The same delivery twice.

use std::collections::{HashSet, VecDeque};
use std::fmt;

use crate::envelope::{Opened, hex};
use crate::error::{Code, Invalid};

/// Stands for what a webhook said: equal for two deliveries of the same event, also if they were sealed anew.
///
/// It is an HMAC of the opened data with the key that opened them, so it can be stored and logged: no card number can be
/// found from it by trying. The event's `type` isn't in it, since that isn't signed: a delivery that is replayed under
/// another type is still a duplicate. A delivery that is repeated under a rotated key looks new.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(String);

impl Fingerprint {
    pub(crate) fn of(opened: &Opened<'_>) -> Self {
        Self(hex(&opened.key.tag(
            "bananatech webhook fingerprint 1",
            opened.plaintext.as_bytes(),
        )))
    }

    /// 64 hexadecimal digits.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert_eq!(delivery.fingerprint().as_str().len(), 64);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = Invalid;

    /// The fingerprint again, from its text. Errors with [`Code::FieldType`] for any other text (caused by the caller).
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(digits) {
            return Err(Invalid::new(
                "fingerprint",
                Code::FieldType,
                "a delivery's fingerprint: 64 hexadecimal digits",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", self.0)
    }
}

/// Whether a delivery was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Novelty {
    /// For the first time.
    New,
    /// It was there before: answer 200, and do nothing.
    Duplicate,
}

/// Where fingerprints are remembered: a table with a unique column, a cache, [`RecentDeliveries`].
pub trait Duplicates {
    /// What may go wrong in the store; [`std::convert::Infallible`] if nothing.
    type Error;

    /// Remembers a fingerprint, and says whether it was known. Both must be one step (an `INSERT … ON CONFLICT DO NOTHING`):
    /// two deliveries of one event may arrive at the same time. Do it in the transaction that handles the event, or a
    /// crash between the two loses the event.
    fn remember(&mut self, fingerprint: &Fingerprint) -> Result<Novelty, Self::Error>;
}

/// The most recent deliveries, in memory: for one process, and forgotten with it.
#[derive(Clone, Debug)]
pub struct RecentDeliveries {
    known: HashSet<Fingerprint>,
    order: VecDeque<Fingerprint>,
    capacity: usize,
}

impl RecentDeliveries {
    /// Remembers so many deliveries, at least one; the oldest is forgotten first.
    ///
    /// ```
    /// use bananatech_core::RecentDeliveries;
    /// let recent = RecentDeliveries::new(10_000);
    /// assert_eq!(recent.len(), 0);
    /// ```
    pub fn new(capacity: usize) -> Self {
        Self {
            known: HashSet::new(),
            order: VecDeque::new(),
            capacity: capacity.max(1),
        }
    }

    /// How many are remembered.
    ///
    /// ```
    /// assert_eq!(bananatech_core::RecentDeliveries::new(1).len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether none is.
    ///
    /// ```
    /// assert!(bananatech_core::RecentDeliveries::new(1).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

impl RecentDeliveries {
    /// Forgets a delivery again: if handling it failed, so that a repetition of it isn't taken for a duplicate and lost.
    ///
    /// ```
    /// use bananatech_core::{Duplicates, Fingerprint, Novelty, RecentDeliveries};
    /// let fingerprint: Fingerprint = "0f".repeat(32).parse()?;
    /// let mut recent = RecentDeliveries::new(10_000);
    /// assert_eq!(recent.remember(&fingerprint), Ok(Novelty::New));
    /// assert_eq!(recent.remember(&fingerprint), Ok(Novelty::Duplicate));
    /// recent.forget(&fingerprint);
    /// assert_eq!(recent.remember(&fingerprint), Ok(Novelty::New));
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn forget(&mut self, fingerprint: &Fingerprint) {
        if self.known.remove(fingerprint) {
            self.order.retain(|known| known != fingerprint);
        }
    }
}

impl Duplicates for RecentDeliveries {
    type Error = std::convert::Infallible;

    /// ```
    /// # use bananatech_core::{Endpoints, Iv, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10").unwrap(),
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32]).unwrap()).unwrap(),
    /// #     Endpoints::new("https://api.example").unwrap(),
    /// # );
    /// use bananatech_core::{Duplicates, Novelty, RecentDeliveries};
    /// let mut recent = RecentDeliveries::new(10_000);
    /// let data = r#"{"user_id":12345,"status":"APPROVED"}"#;
    /// // Sealed twice, with an IV of its own each time: still the same event.
    /// let first = merchant.test_webhook("USER_CREATE_RESULT", data, Iv::from_random_bytes([1; 16]));
    /// let again = merchant.test_webhook("USER_CREATE_RESULT", data, Iv::from_random_bytes([2; 16]));
    /// let first = merchant.receive(first.as_bytes()).unwrap();
    /// let again = merchant.receive(again.as_bytes()).unwrap();
    /// assert_eq!(recent.remember(first.fingerprint()), Ok(Novelty::New));
    /// assert_eq!(recent.remember(again.fingerprint()), Ok(Novelty::Duplicate));
    /// ```
    fn remember(&mut self, fingerprint: &Fingerprint) -> Result<Novelty, Self::Error> {
        if !self.known.insert(fingerprint.clone()) {
            return Ok(Novelty::Duplicate);
        }
        self.order.push_back(fingerprint.clone());
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        Ok(Novelty::New)
    }
}
