//! How requests reach the API, and what time it is.

use std::future::Future;
use std::sync::Arc;

use bananatech_core::{Answer, Operation, Timestamp};

use crate::backend::system_time;

/// Why a call brought no answer that counts.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// What the API answered, or what was wrong with the request.
    #[error(transparent)]
    Api(#[from] bananatech_core::Error),
    /// No answer came. Whether the API took the request isn't known.
    #[error("no answer came from the API")]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The way to the API. [`Https`](crate::Https) is one.
pub trait Gateway: Send + Sync {
    /// Seals a request, sends it once, and reads the answer. It never sends again by itself, and follows no redirect.
    fn call<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = Result<Answer<O::Response>, CallError>> + Send;

    /// 16 new random bytes, for the id of an operation.
    fn random_bytes(&self) -> [u8; 16];

    /// The time.
    fn now(&self) -> Timestamp {
        system_time()
    }
}

/// Several instances may share one.
impl<G: Gateway> Gateway for Arc<G> {
    async fn call<O: Operation>(&self, operation: O) -> Result<Answer<O::Response>, CallError> {
        G::call(self, operation).await
    }

    fn random_bytes(&self) -> [u8; 16] {
        G::random_bytes(self)
    }

    fn now(&self) -> Timestamp {
        G::now(self)
    }
}
