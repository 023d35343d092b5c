//! Going through all pages of a list.

use bananatech_core as core;
use core::{AnyOperation, AnyPages, AnyResponse, Json};

use crate::Result;
use crate::values::Unsigned as _;

/// Goes through a list page by page: it yields operations, and takes the responses. With a key at hand, `Merchant.pages` does
/// all of it.
///
/// It ends at `total`, as long as each page says the same and none goes beyond it; otherwise at an empty page, and in any case after
/// three pages in a row without a new record. All records that come are handed out. At the end, `isComplete` and `isStable` say
/// whether that was the whole list: read it anew if they aren't true.
///
/// The API pages by position, so a record that is added or goes away meanwhile shifts others: sort by something that stays.
#[derive(uniffi::Record)]
pub struct Pages {
    /// How far it is, to be stored.
    pub state: Json,
    /// How many records there are in all, by the last page that said so.
    #[uniffi(default)]
    pub total: Option<i64>,
    /// Whether the list has ended and as many different records came as its `total` says; where the API gives none, whether it ended
    /// with an empty page. It is proof only together with `isStable`.
    #[uniffi(default = false)]
    pub is_complete: bool,
    /// Whether the list has ended and nothing was seen to move meanwhile: each page said the same `total` and none went beyond it,
    /// and no record came twice. Records without an id of their own that are equal count as one that came twice.
    #[uniffi(default = false)]
    pub is_stable: bool,
}

/// The start of a list, from its `skip` on, with `limit` records to a page (10 if it has none).
///
/// Errors, caused by the caller: `plan.operation` for an operation without pages.
#[uniffi::export]
pub fn pages(list: AnyOperation) -> Result<Pages> {
    written(&AnyPages::new(core::Plan::new(list)?)?)
}

fn written(pages: &AnyPages) -> Result<Pages> {
    Ok(Pages {
        state: Json::parse(&pages.to_json())?,
        total: pages.total().signed(),
        is_complete: pages.is_complete(),
        is_stable: pages.is_stable(),
    })
}

#[uniffi::export]
impl Pages {
    /// The operation for the next page; none at the end. Asked again before an answer was accepted, it is the same one.
    ///
    /// Errors, caused by whoever changed `state`: the code of the field that is wrong.
    pub fn next(&self) -> Result<Option<AnyOperation>> {
        let plan = AnyPages::from_json(self.state.as_str())?.next_page();
        Ok(plan.map(core::Plan::into_operation))
    }

    /// Takes the response to the operation that `next` answered.
    ///
    /// Errors: `page.mismatch` after the end, or for the response to another list (caused by a mix-up of responses).
    pub fn accept(&self, response: AnyResponse) -> Result<Pages> {
        let mut pages = AnyPages::from_json(self.state.as_str())?;
        pages.accept(&response)?;
        written(&pages)
    }
}
