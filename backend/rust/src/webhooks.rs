//! A handler of webhooks for axum.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use bananatech_core::Merchant;
use tracing::warn;

use crate::backend::Backend;
use crate::gateway::Gateway;
use crate::store::Store;

/// A route that takes webhooks at a path, such as `/webhooks/bananatech`. It answers 200 once a webhook is stored, 400 to what
/// isn't authentic, and 503 if the database failed.
pub fn webhooks<S: Store + 'static, G: Gateway + 'static>(
    path: &str,
    backend: Arc<Backend<S, G>>,
) -> Router {
    Router::new()
        .route(path, post(take::<S, G>))
        .layer(DefaultBodyLimit::max(Merchant::MAX_WEBHOOK_BYTES))
        .with_state(backend)
}

async fn take<S: Store, G: Gateway>(
    State(backend): State<Arc<Backend<S, G>>>,
    body: Bytes,
) -> StatusCode {
    match backend.receive(&body).await {
        Ok(_) => StatusCode::OK,
        Err(error) => {
            warn!(%error, "a webhook wasn't taken");
            StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}
