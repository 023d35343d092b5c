//! What a user of the library assumes about the world, since the API can't say it.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::error::{Code, Invalid};
use crate::operations::merchant::{CardTemplate, Fee};
use crate::time::Timestamp;

/// How far apart the vendor's clock and ours may be.
const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// How a fee is rounded isn't documented. `USD`, the only currency that is, has two decimals.
const FEE_DECIMALS: u32 = 2;

/// What a user of the library assumes. Only the first has no default: whether somebody else acts for the same users and cards.
///
/// What follows from an assumption is certain only while it holds. `docs/certain.md` says what goes wrong if one doesn't.
///
/// ```
/// use bananatech_core::{Assumptions, Timestamp};
/// let assumptions = Assumptions::exclusive_since(Timestamp::from_millis(1_691_249_025_085));
/// assert!(assumptions.exclusive_since.is_some());
/// ```
#[serde_with::skip_serializing_none]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Assumptions {
    /// From this time on only this system acts for its users and cards, and nothing of theirs was under way then. Without it, others
    /// act too (the vendor's console, another system), so no event by itself proves that it is about one of our requests.
    ///
    /// An event of the first minutes (`clock_tolerance_ms`) may be from before, so it proves nothing by itself either. If the
    /// assumption is wrong, a stranger's event that fits is taken for ours when our own was lost.
    pub exclusive_since: Option<Timestamp>,
    /// How far apart the vendor's clock and ours may be, in milliseconds. 5 minutes unless set.
    pub clock_tolerance_ms: i64,
    /// Whether nobody can change an event's `type` on its way, which isn't signed. `false` unless set. It then narrows what the
    /// signed data leave open, and never overrules them.
    pub trust_type: bool,
    /// What the API doesn't show of a request so many milliseconds after it was sent, won't be carried out. Not assumed unless
    /// set: the vendor gives no such time. If it is wrong, an operation counts as failed and is carried out later.
    pub final_after_ms: Option<i64>,
}

impl Assumptions {
    /// Only this system acts for its users and cards since then. Let it lie more than five minutes back (`clock_tolerance_ms`): by itself, an event
    /// of the first five minutes settles nothing.
    ///
    /// ```
    /// use bananatech_core::{Assumptions, Timestamp};
    /// let start = Timestamp::from_millis(1_691_249_025_085);
    /// assert_eq!(Assumptions::exclusive_since(start).exclusive_since, Some(start));
    /// ```
    pub const fn exclusive_since(since: Timestamp) -> Self {
        Self {
            exclusive_since: Some(since),
            ..Self::shared()
        }
    }

    /// Others act for the same users and cards too: the vendor's console, another system. So no event of a card, and no transaction in
    /// a list, proves by itself that it is about one of our requests.
    ///
    /// A recharge then stays open until it is refused, or until its transaction is named by [`Tracker::find`](crate::Tracker::find);
    /// asking doesn't settle it (but see [`Assumptions::final_after`]). A change of a card's status, an assignment and an application are settled by
    /// asking, and a registration by its event. `docs/certain.md` says more.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Assumptions::shared().exclusive_since, None);
    /// ```
    pub const fn shared() -> Self {
        Self {
            exclusive_since: None,
            clock_tolerance_ms: CLOCK_TOLERANCE_MS,
            trust_type: false,
            final_after_ms: None,
        }
    }

    /// The same, assuming that what the API doesn't show so long after a request was sent won't be carried out.
    ///
    /// ```
    /// use bananatech_core::Assumptions;
    /// let day = 24 * 60 * 60 * 1000;
    /// assert_eq!(Assumptions::shared().final_after(day).final_after_ms, Some(day));
    /// ```
    #[must_use]
    pub const fn final_after(mut self, milliseconds: i64) -> Self {
        self.final_after_ms = Some(milliseconds);
        self
    }
}

/// The least that can arrive of a recharge: the amount less the template's fee, rounded up to a cent, if fees are taken from it.
/// `None` if the template names no fee. Errors as sums of amounts do.
pub(super) fn least_of(
    amount: Amount,
    template: &CardTemplate,
    fee: Fee,
) -> Result<Option<Amount>, Invalid> {
    let Some(rate) = template.recharge_fee else {
        return Ok(None);
    };
    let fee = match fee {
        Fee::Flat => rate,
        Fee::Percent => amount.percent(rate)?,
    };
    if fee < Amount::ZERO {
        return Err(Invalid::new(
            "recharge_fee",
            Code::FieldType,
            "a fee that isn't negative",
        ));
    }
    let least = amount.minus(fee.rounded_up(FEE_DECIMALS))?;
    Ok(Some(least.max(Amount::ZERO)))
}
