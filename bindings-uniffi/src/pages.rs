//! Going through all pages of a list.

use bananatech_core as core;
use core::{AnyOperation, AnyPages, AnyResponse, Json};

use crate::Result;

/// Goes through a list page by page: it yields operations, and takes the responses. With a key at hand, `Merchant.pages` does
/// all of it.
///
/// It ends at `total`, or at an empty page where the API gives no `total`. The API pages by position, so a record that is added
/// meanwhile may shift others: sort by something that stays.
#[derive(uniffi::Record)]
pub struct Pages {
    /// How far it is, to be stored.
    pub state: Json,
    /// How many records there are in all, once a page said so.
    #[uniffi(default)]
    pub total: Option<u64>,
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
        total: pages.total(),
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
    /// Errors: `page.mismatch` after the end, for more records than were asked for, or for the same page once more (caused by the
    /// API or by a mix-up of responses).
    pub fn accept(&self, response: AnyResponse) -> Result<Pages> {
        let mut pages = AnyPages::from_json(self.state.as_str())?;
        pages.accept(&response)?;
        written(&pages)
    }
}
