//! Going through all pages of a list.

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
}

macro_rules! paged {
    ($($name:ident of $record:ty),+) => {$(
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
        }
    )+};
}

paged!(GetTransactions of Transaction, GetWebhookRecords of Json, GetUsers of Json);

/// Goes through a list page by page: it yields requests, and takes the answers.
///
/// It ends at `total`, or at an empty page where the API gives no `total`. The API pages by position, so a record that is
/// added meanwhile may shift others: sort by something that stays.
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
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages<O, R> {
    filter: O,
    cursor: Cursor,
    last: Vec<R>,
}

/// Where the next page begins.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    skip: u64,
    limit: u64,
    total: Option<u64>,
    ended: bool,
}

impl Cursor {
    fn new(skip: Option<u64>, limit: Option<u64>) -> Self {
        Self {
            skip: skip.unwrap_or(0),
            limit: limit.filter(|limit| *limit > 0).unwrap_or(DEFAULT_LIMIT),
            total: None,
            ended: false,
        }
    }

    fn accept(&mut self, count: usize, total: Option<u64>, same: bool) -> Result<(), Invalid> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        if self.ended || count > self.limit || (count > 0 && same) {
            return Err(Invalid::new(
                "data",
                Code::PageMismatch,
                "the answer to the page that was asked for",
            ));
        }
        self.total = total.or(self.total);
        self.skip = self.skip.saturating_add(count);
        self.ended = count == 0 || self.total.is_some_and(|total| self.skip >= total);
        Ok(())
    }
}

/// How many records a page has unless the request says otherwise: the number in the vendor's examples.
const DEFAULT_LIMIT: u64 = 10;

impl<O: Paged> Pages<O, O::Record> {
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
            last: Vec::new(),
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
    /// Errors with [`Code::PageMismatch`] after the end, for more records than were asked for, or for the same page once
    /// more (caused by the API or by a mix-up of answers): going on by position would skip records, or never end.
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
            .accept(page.data.len(), page.total, page.data == self.last)?;
        self.last.clone_from(&page.data);
        Ok(page.data)
    }

    /// How many records there are in all, once a page said so.
    ///
    /// ```
    /// use bananatech_core::{operations::card::GetTransactions, Operation, Pages};
    /// let pages = Pages::new(GetTransactions::default());
    /// assert_eq!(pages.total(), None);
    /// ```
    pub fn total(&self) -> Option<u64> {
        self.cursor.total
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
    last: String,
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
        Ok(Self {
            plan,
            cursor,
            last: String::new(),
        })
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

    /// Takes the answer to [`AnyPages::next_page`], whose records are the response's. Errors as [`Pages::accept`] does.
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, AnyResponse, OperationKind, Plan};
    /// let mut pages = AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap();
    /// let page = AnyResponse::from_json(OperationKind::GetUsers, "[]").unwrap();
    /// assert!(pages.accept(&page).is_ok());
    /// assert!(pages.accept(&page).is_err());
    /// ```
    pub fn accept(&mut self, response: &AnyResponse) -> Result<(), Invalid> {
        let (count, total, records) = match response {
            AnyResponse::GetTransactions(page) => {
                (page.data.len(), page.total, json::text(&page.data))
            }
            AnyResponse::GetWebhookRecords(page) | AnyResponse::GetUsers(page) => {
                (page.data.len(), page.total, json::text(&page.data))
            }
            _ => {
                return Err(Invalid::new(
                    "data",
                    Code::PageMismatch,
                    "the answer to the page that was asked for",
                ));
            }
        };
        self.cursor.accept(count, total, *records == self.last)?;
        self.last = records.to_string();
        Ok(())
    }

    /// How many records there are in all, once a page said so.
    ///
    /// ```
    /// use bananatech_core::{operations::user::GetUsers, AnyPages, Plan};
    /// assert_eq!(AnyPages::new(Plan::new(GetUsers::default()).unwrap()).unwrap().total(), None);
    /// ```
    pub fn total(&self) -> Option<u64> {
        self.cursor.total
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
            last: String,
        }

        let Stored { plan, cursor, last } = json::from_str(text)?;
        // It was checked when it was planned: what is stored isn't somebody else's.
        let plan = Plan::from_json_with(plan.as_str(), OperationKind::ALL);
        Ok(Self {
            plan: plan.map_err(|error| error.within("plan"))?,
            cursor,
            last,
        })
    }
}
