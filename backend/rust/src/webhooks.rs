//! A handler of webhooks for axum.

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{Future, ready};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::post;
use bananatech_core::Merchant;
use tracing::warn;

use crate::backend::{Backend, Received};
use crate::gateway::Gateway;
use crate::store::Store;

/// A route that takes webhooks at a path, such as `/webhooks/bananatech`. It answers 200 once a webhook is stored, 400 to what
/// isn't authentic, and 503 if the database failed.
pub fn webhooks<S: Store + 'static, G: Gateway + 'static>(
    path: &str,
    backend: Arc<Backend<S, G>>,
) -> Router {
    webhooks_with(path, backend, |_| ready(Ok::<(), Infallible>(())))
}

/// The same, with code of your own. It is handed each authentic webhook once that is stored, also if it came before
/// ([`Verdict::Repeated`](bananatech_core::Verdict::Repeated)). Use it for what isn't the outcome of an operation, such as a purchase;
/// outcomes are told by notices. If it fails, the answer is 503, so that the webhook comes again. Make it idempotent, by
/// [`Delivery::fingerprint`](bananatech_core::Delivery::fingerprint) for example, and be done within 10 seconds.
pub fn webhooks_with<S, G, F, E>(
    path: &str,
    backend: Arc<Backend<S, G>>,
    take: impl Fn(Received) -> F + Clone + Send + Sync + 'static,
) -> Router
where
    S: Store + 'static,
    G: Gateway + 'static,
    F: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    let handle = async move |body: Bytes| answer(&backend, &body, take).await;
    Router::new()
        .route(path, post(handle))
        .layer(DefaultBodyLimit::max(Merchant::MAX_WEBHOOK_BYTES))
}

async fn answer<S: Store, G: Gateway, F, E>(
    backend: &Backend<S, G>,
    body: &[u8],
    take: impl Fn(Received) -> F,
) -> StatusCode
where
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let received = match backend.receive(body).await {
        Ok(received) => received,
        Err(error) => {
            warn!(%error, "a webhook wasn't taken");
            let status = StatusCode::from_u16(error.http_status());
            return status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let event_type = received.delivery.event_type();
    match take(received).await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            warn!(event_type = event_type.as_str(), %error, "your code didn't take a webhook: it is to come again");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
