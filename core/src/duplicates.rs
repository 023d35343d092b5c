//! The same delivery twice.

use std::collections::{HashSet, VecDeque};

use crate::tracking::Fingerprint;

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

/// Where fingerprints are remembered: a table with a unique column, a cache, [`RecentDeliveries`]. A
/// [`Tracker`](crate::Tracker) needs none of it: it recognises repetitions by itself.
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
    /// assert_eq!(recent.remember(&first.fingerprint()), Ok(Novelty::New));
    /// assert_eq!(recent.remember(&again.fingerprint()), Ok(Novelty::Duplicate));
    /// ```
    fn remember(&mut self, fingerprint: &Fingerprint) -> Result<Novelty, Self::Error> {
        if !self.known.insert(*fingerprint) {
            return Ok(Novelty::Duplicate);
        }
        self.order.push_back(*fingerprint);
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        Ok(Novelty::New)
    }
}
