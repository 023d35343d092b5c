//! Going through all pages of a list.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Invalid};
use crate::json::{self, Json};
use crate::operation::{AnyOperation, AnyResponse, Operation, OperationKind, Plan};
use crate::operations::Page;
use crate::operations::card::{GetTransactions, Transaction};
use crate::operations::merchant::GetWebhookRecords;
use crate::operations::user::GetUsers;

/// A list that comes in pages: transactions, webhook records, users.
pub trait Paged: Operation<Response = Page<Self::Record>> {
    /// What the list is of.
    type Record: Clone + PartialEq;

    /// How many records to skip.
    fn skip(&self) -> Option<u64>;
    /// How many to return at most.
    fn limit(&self) -> Option<u64>;
    /// The same request for another page.
    #[must_use]
    fn page(self, skip: u64, limit: u64) -> Self;
    /// What a record is known by when it comes again: its id, or a number that is made of all of it.
    fn key(record: &Self::Record) -> u64;
}

macro_rules! paged {
    ($($name:ident of $record:ty: $key:expr),+) => {$(
        impl Paged for $name {
            type Record = $record;
            fn skip(&self) -> Option<u64> {
                self.skip
            }
            fn limit(&self) -> Option<u64> {
                self.limit
            }
            fn page(mut self, skip: u64, limit: u64) -> Self {
                self.skip = Some(skip);
                self.limit = Some(limit);
                self
            }
            fn key(record: &Self::Record) -> u64 {
                let key: fn(&$record) -> u64 = $key;
                key(record)
            }
        }
    )+};
}

paged!(
    GetTransactions of Transaction: |transaction| transaction.id.get(),
    GetWebhookRecords of Json: whole,
    GetUsers of Json: whole
);

/// A number made of all of a record's text: FNV-1a, which is the same in every version that reads what was stored, folded to the 53
/// bits that a number in JavaScript holds.
fn whole(record: &Json) -> u64 {
    let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash: u64 = record.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    (hash >> 53) ^ (hash & ((1 << 53) - 1))
}

/// Goes through a list page by page: it yields requests, and takes the answers.
///
/// It ends at `total`, as long as each page says the same and none goes beyond it; otherwise at an empty page, and in any
/// case after three pages in a row without a new record. All records that come are handed out. At the end,
/// [`Pages::is_complete`] and [`Pages::is_stable`] say whether that was the whole list: read it anew if they aren't true.
///
/// The API pages by position, so a record that is added or goes away meanwhile shifts others: sort by something that
/// stays. A `total` that is too small and a multiple of the limit can't be told from a true one.
///
/// ```
/// use bananatech_core::operations::{card::GetTransactions, Page};
/// use bananatech_core::{CardId, Pages};
/// let filter = GetTransactions { card_id: Some(CardId::from(67890)), limit: Some(2), ..Default::default() };
/// let mut pages = Pages::new(filter);
/// let mut ids = Vec::new();
/// let answers = [r#"{"data":[{"id":1,"amount":5},{"id":2,"amount":5}],"total":3}"#, r#"{"data":[{"id":3,"amount":5}],"total":3}"#];
/// for body in answers {
///     let request = pages.next_page().unwrap(); // merchant.call(request, iv), send it, call.read(…)
///     let page = bananatech_core::Operation::read_response(&request, body).unwrap();
///     ids.extend(pages.accept(page).unwrap().into_iter().map(|transaction| transaction.id.get()));
/// }
/// assert_eq!(ids, [1, 2, 3]);
/// assert!(pages.next_page().is_none());
/// assert!(pages.is_complete() && pages.is_stable());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages<O> {
    filter: O,
    cursor: Cursor,
}

/// Where the next page begins, and what came before it.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    start: u64,
    skip: u64,
    limit: u64,
    /// How many records there are, by the last page that said so.
    total: Option<u64>,
    /// Whether a page came.
    begun: bool,
    /// Whether a page said another total than the one before it, or went beyond it.
    unsteady: bool,
    /// Whether a record came again.
    repeated: bool,
    /// How many pages in a row had records, but no new one.
    barren: u8,
    ended: bool,
    /// The keys of all records that came.
    seen: BTreeSet<u64>,
}

/// After so many pages in a row without a new record, the API is taken to repeat itself for ever.
const MOST_BARREN: u8 = 3;

impl Cursor {
    fn new(skip: Option<u64>, limit: Option<u64>) -> Self {
        let start = skip.unwrap_or(0);
        Self {
            start,
            skip: start,
            limit: limit.filter(|limit| *limit > 0).unwrap_or(DEFAULT_LIMIT),
            total: None,
            begun: false,
            unsteady: false,
            repeated: false,
            barren: 0,
            ended: false,
            seen: BTreeSet::new(),
        }
    }

    /// Takes a page in, by its records' keys.
    fn accept(
        &mut self,
        keys: impl Iterator<Item = u64>,
        total: Option<u64>,
    ) -> Result<(), Invalid> {
        if self.ended {
            return Err(mismatch());
        }
        let (mut count, mut new) = (0_u64, 0_u64);
        for key in keys {
            count = count.saturating_add(1);
            new = new.saturating_add(u64::from(self.seen.insert(key)));
        }
        self.skip = self.skip.saturating_add(count);
        self.repeated |= new < count;
        self.barren = match count > 0 && new == 0 {
            true => self.barren.saturating_add(1),
            false => 0,
        };
        let is_beyond = count > 0 && total.is_some_and(|total| self.skip > total);
        self.unsteady |= is_beyond || (self.begun && total != self.total);
        self.begun = true;
        self.total = total.or(self.total);
        let is_at_total = !self.unsteady && total.is_some_and(|total| self.skip >= total);
        self.ended = count == 0 || is_at_total || self.barren >= MOST_BARREN;
        Ok(())
    }

    fn is_complete(&self) -> bool {
        let count = u64::try_from(self.seen.len()).unwrap_or(u64::MAX);
        let are_all = match self.total {
            Some(total) => count >= total.saturating_sub(self.start),
            None => self.barren < MOST_BARREN,
        };
        self.ended && are_all
    }

    fn is_stable(&self) -> bool {
        self.ended && !self.unsteady && !self.repeated
    }
}

fn mismatch() -> Invalid {
    Invalid::new(
        "data",
        Code::PageMismatch,
        "the answer to the page that was asked for",
    )
}

/// How many records a page has unless the request says otherwise: the number in the vendor's examples.
const DEFAULT_LIMIT: u64 = 10;

impl<O: Paged> Pages<O> {
    /// All pages of a list, from the request's `skip` on, with its `limit` (10 if it has none) to each.
    ///
    /// ```
    /// use bananatech_core::{operations::card::GetTransactions, Operation, Pages};
    /// let pages = Pages::new(GetTransactions::default());
    /// assert_eq!(pages.next_page().unwrap().limit, Some(10));
    /// ```
    pub fn new(filter: O) -> Self {
        Self {
            cursor: Cursor::new(filter.skip(), filter.limit()),
            filter,
        }
    }

    /// The request for the next page; `None` at the end. Asked again before an answer was accepted, it is the same one.
    ///
    /// ```
    /// use bananatech_core::{operations::card::GetTransactions, Operation, Pages};
    /// let pages = Pages::new(GetTransactions::default());
    /// assert_eq!(pages.next_page().unwrap().skip, Some(0));
    /// ```
    pub fn next_page(&self) -> Option<O> {
        (!self.cursor.ended).then(|| {
            self.filter
                .clone()
                .page(self.cursor.skip, self.cursor.limit)
        })
    }

    /// Takes the answer to [`Pages::next_page`], and hands out its records.
    ///
    /// Errors with [`Code::PageMismatch`] after the end (caused by a mix-up of answers). More records than were asked for
    /// are taken: an API may have its own limit.
    ///
    /// ```
    /// use bananatech_core::{operations::card::GetTransactions, Operation, Pages};
    /// let mut pages = Pages::new(GetTransactions::default());
    /// let page = pages.next_page().unwrap().read_response(r#"{"data":[{"id":1,"amount":5.0}],"total":1}"#).unwrap();
    /// assert_eq!(pages.accept(page).unwrap().len(), 1);
    /// assert!(pages.next_page().is_none());
    /// ```
    pub fn accept(&mut self, page: Page<O::Record>) -> Result<Vec<O::Record>, Invalid> {
        self.cursor
            .accept(page.data.iter().map(O::key), page.total)?;
        Ok(page.data)
    }

    /// How many records there are in all, by the last page that said so.
    ///
    /// ```
    /// use bananatech_core::{operations::card::GetTransactions, Operation, Pages};
    /// let pages = Pages::new(GetTransactions::default());
    /// assert_eq!(pages.total(), None);
    /// ```
    pub fn total(&self) -> Option<u64> {
        self.cursor.total
    }

    /// Whether the list has ended and as many different records came as its `total` says; where the API gives none,
    /// whether it ended with an empty page. It is proof only together with [`Pages::is_stable`].
    ///
    /// ```
    /// let pages = bananatech_core::Pages::new(bananatech_core::operations::user::GetUsers::default());
    /// assert!(!pages.is_complete());
    /// ```
    pub fn is_complete(&self) -> bool {
        self.cursor.is_complete()
    }

    /// Whether the list has ended and nothing was seen to move meanwhile: each page said the same `total` and none went
    /// beyond it, and no record came twice. Records without an id of their own that are equal count as one that came
    /// twice.
    ///
    /// ```
    /// let pages = bananatech_core::Pages::new(bananatech_core::operations::user::GetUsers::default());
    /// assert!(!pages.is_stable());
    /// ```
    pub fn is_stable(&self) -> bool {
        self.cursor.is_stable()
    }
}

/// [`Pages`] over whichever list a plan asks for, as one value that can be stored as JSON: for borders that types can't cross.
///
/// ```
/// use bananatech_core::{AnyPages, AnyResponse, OperationKind, Plan};
/// let plan = Plan::from_json(r#"{"operation":"user.get_users","body":{}}"#).unwrap();
/// let mut pages = AnyPages::new(plan).unwrap();
/// let page = AnyResponse::from_json(OperationKind::GetUsers, r#"{"data":[{"id":1}],"total":1}"#).unwrap();
/// pages.accept(&page).unwrap();
/// assert!(pages.next_page().is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnyPages {
    plan: Plan,
    cursor: Cursor,
}

impl AnyPages {
    /// All pages of the list that a plan asks for; see [`Pages::new`].
    ///
    /// Errors with [`Code::PlanOperation`] if the plan's operation has no pages (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::{operations::merchant::GetAccountBalance, AnyPages, Plan};
    /// assert!(AnyPages::new(Plan::new(GetAccountBalance::default()).unwrap()).is_err());
    /// ```
    pub fn new(plan: Plan) -> Result<Self, Invalid> {
        let cursor = match plan.operation() {
            AnyOperation::GetTransactions(list) => Cursor::new(list.skip, list.limit),
            AnyOperation::GetWebhookRecords(list) => Cursor::new(list.skip, list.limit),
            AnyOperation::GetUsers(list) => Cursor::new(list.skip, list.limit),
            _ => {
                return Err(Invalid::new(
                    "operation",
                    Code::PlanOperation,
                    "an operation whose answer comes in pages",
                ));
            }
        };
        Ok(Self { plan, cursor })
    }

    /// The plan for the next page; `None` at the end.
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, Plan};
    /// let pages = AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap();
    /// assert!(pages.next_page().is_some());
    /// ```
    pub fn next_page(&self) -> Option<Plan> {
        if self.cursor.ended {
            return None;
        }
        let (skip, limit) = (self.cursor.skip, self.cursor.limit);
        let mut operation = self.plan.operation().clone();
        let (skips, limits) = match &mut operation {
            AnyOperation::GetTransactions(list) => (&mut list.skip, &mut list.limit),
            AnyOperation::GetWebhookRecords(list) => (&mut list.skip, &mut list.limit),
            AnyOperation::GetUsers(list) => (&mut list.skip, &mut list.limit),
            _ => return None,
        };
        *skips = Some(skip);
        *limits = Some(limit);
        Plan::new(operation).ok()
    }

    /// Takes the answer to [`AnyPages::next_page`], whose records are the response's. Errors as [`Pages::accept`] does,
    /// and for the response to another list.
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, AnyResponse, OperationKind, Plan};
    /// let mut pages = AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap();
    /// let page = AnyResponse::from_json(OperationKind::GetUsers, "[]").unwrap();
    /// assert!(pages.accept(&page).is_ok());
    /// assert!(pages.accept(&page).is_err());
    /// ```
    pub fn accept(&mut self, response: &AnyResponse) -> Result<(), Invalid> {
        match response {
            AnyResponse::GetTransactions(page) => self
                .cursor
                .accept(page.data.iter().map(GetTransactions::key), page.total),
            AnyResponse::GetWebhookRecords(page) | AnyResponse::GetUsers(page) => self
                .cursor
                .accept(page.data.iter().map(GetUsers::key), page.total),
            _ => Err(mismatch()),
        }
    }

    /// How many records there are in all, by the last page that said so.
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, Plan};
    /// assert_eq!(AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap().total(), None);
    /// ```
    pub fn total(&self) -> Option<u64> {
        self.cursor.total
    }

    /// Whether the list has ended and as many different records came as its `total` says; where the API gives none,
    /// whether it ended with an empty page. It is proof only together with [`AnyPages::is_stable`].
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, Plan};
    /// let pages = AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap();
    /// assert!(!pages.is_complete());
    /// ```
    pub fn is_complete(&self) -> bool {
        self.cursor.is_complete()
    }

    /// Whether the list has ended and nothing was seen to move meanwhile: each page said the same `total` and none went
    /// beyond it, and no record came twice. Records without an id of their own that are equal count as one that came
    /// twice.
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, Plan};
    /// let pages = AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap();
    /// assert!(!pages.is_stable());
    /// ```
    pub fn is_stable(&self) -> bool {
        self.cursor.is_stable()
    }

    /// Which operation's pages.
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, OperationKind, Plan};
    /// let pages = AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap();
    /// assert_eq!(pages.kind(), OperationKind::GetUsers);
    /// ```
    pub fn kind(&self) -> OperationKind {
        self.plan.operation().kind()
    }

    /// How far it is as JSON, to be stored.
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, Plan};
    /// let pages = AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap();
    /// assert_eq!(AnyPages::from_json(&pages.to_json()), Ok(pages));
    /// ```
    pub fn to_json(&self) -> String {
        std::mem::take(&mut json::text(self))
    }

    /// Reads what [`AnyPages::to_json`] wrote. Errors name the field (caused by whoever changed it).
    ///
    /// ```
    /// assert!(bananatech_core::AnyPages::from_json("{}").is_err());
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Invalid> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Stored {
            plan: Json,
            cursor: Cursor,
        }

        let Stored { plan, cursor } = json::from_str(text)?;
        // It was checked when it was planned: what is stored isn't somebody else's.
        let plan = Plan::from_json_with_open_fields(plan.as_str(), OperationKind::ALL);
        Ok(Self {
            plan: plan.map_err(|error| error.within("plan"))?,
            cursor,
        })
    }
}
