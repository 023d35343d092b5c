//! How requests reach the API, and what time it is.

use std::future::Future;
use std::sync::Arc;

use bananatech_core::{Answer, Code, Operation, OperationId, ThingId, Timestamp};
use serde::Serialize;

use crate::backend::system_time;

/// Why a call brought no answer that counts.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// What the API answered, or what was wrong with the request.
    #[error(transparent)]
    Api(#[from] bananatech_core::Error),
    /// No connection could be made: the request never left.
    #[error("no connection to the API could be made")]
    NotSent(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer came. Whether the API took the request isn't known.
    #[error("no answer came from the API")]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What an operator follows: how far a request got, and what became known. Never a secret, nor what is personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Progress {
    /// It is stored, and is sent now.
    Sending {
        /// The operation.
        operation: OperationId,
        /// The caller's name for it.
        reference: String,
    },
    /// It is known what became of it so far, also if nothing was sent.
    Sent {
        /// The operation.
        operation: OperationId,
        /// The caller's name for it.
        reference: String,
        /// As [`SentState::as_str`](crate::SentState::as_str).
        state: &'static str,
        /// Why the API didn't take it, or why its answer doesn't say so.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<Code>,
        /// The HTTP status of a refusal. If all requests are refused, the key is wrong.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// The API was asked about an operation, and didn't say. It is asked again later.
    NotAnswered {
        /// The operation.
        operation: OperationId,
        /// The caller's name for it.
        reference: String,
        /// Why the answer that came can't be used. Nothing if none came, or if it doesn't show what became of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<Code>,
    },
    /// A webhook, an answer or a person changed what is known of an operation. The merchant's own code is told by a notice.
    Changed {
        /// The operation.
        operation: OperationId,
        /// `succeeded`, `failed`, `doubted` or `contradicted`.
        state: &'static str,
    },
    /// Another instance, or an earlier start, assumed another [`exclusive_since`](bananatech_core::Assumptions::exclusive_since). All must
    /// assume the same, and a time that moves with each start leaves open what was sent before it.
    AssumptionDiffers,
    /// Somebody else acts here.
    ForeignActivity {
        /// Where.
        scope: String,
        /// What it came out by. Some may be your own.
        things: Vec<ThingId>,
    },
}

/// The way to the API. [`Https`](crate::Https) is one.
pub trait Gateway: Send + Sync {
    /// Seals a request, sends it once, and reads the answer. It never sends again by itself, and follows no redirect. It says
    /// [`CallError::NotSent`] only if nothing of the request can have left.
    fn call<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = Result<Answer<O::Response>, CallError>> + Send;

    /// 16 new random bytes, for the id of an operation.
    fn random_bytes(&self) -> [u8; 16];

    /// Tells an operator what happens. Does nothing unless it says otherwise: events of `tracing` tell the same.
    fn tell(&self, progress: Progress) -> impl Future<Output = ()> + Send {
        let _ = progress;
        async {}
    }

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

    async fn tell(&self, progress: Progress) {
        G::tell(self, progress).await;
    }

    fn now(&self) -> Timestamp {
        G::now(self)
    }
}
