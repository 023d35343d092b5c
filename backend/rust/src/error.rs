//! What can go wrong.

use bananatech_core::{Code, Error, Invalid};

use crate::gateway::CallError;
use crate::store::StoreError;

/// What can go wrong in a backend, and who caused it.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// Caused by the caller: nothing was sent or changed. Correct the field that it names.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Caused by whoever sent the webhook, or by a wrong key.
    #[error(transparent)]
    Webhook(Error),
    /// Caused by the API, or the way there.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Caused by the database. Nothing was changed, unless the connection was lost during a commit.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The core's, of a request that couldn't be made or whose answer doesn't count.
impl From<Error> for BackendError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => Self::Invalid(invalid),
            error => Self::Call(error.into()),
        }
    }
}

impl BackendError {
    /// What to answer to a webhook that ended so: 400 for what isn't authentic and 413 for what is too long, which are not to be
    /// sent again, and 503 if the database failed, so that it is.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Webhook(error) if error.code() == Code::MessageTooLong => 413,
            Self::Webhook(_) => 400,
            _ => 503,
        }
    }
}
