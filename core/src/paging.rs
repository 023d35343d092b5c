//! Going through all pages of a list.

use crate::error::{Code, Invalid};
use crate::json::Json;
use crate::operation::Operation;
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
    skip: u64,
    limit: u64,
    total: Option<u64>,
    ended: bool,
    last: Vec<R>,
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
            skip: filter.skip().unwrap_or(0),
            limit: filter
                .limit()
                .filter(|limit| *limit > 0)
                .unwrap_or(DEFAULT_LIMIT),
            filter,
            total: None,
            ended: false,
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
        (!self.ended).then(|| self.filter.clone().page(self.skip, self.limit))
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
        let count = u64::try_from(page.data.len()).unwrap_or(u64::MAX);
        if self.ended || count > self.limit || (count > 0 && page.data == self.last) {
            return Err(Invalid::new(
                "data",
                Code::PageMismatch,
                "the answer to the page that was asked for",
            ));
        }
        self.total = page.total.or(self.total);
        self.skip = self.skip.saturating_add(count);
        self.ended = count == 0 || self.total.is_some_and(|total| self.skip >= total);
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
        self.total
    }
}
