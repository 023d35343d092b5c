//! The receiver of webhooks: takes the raw body, answers at once, and hands the body on.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub(crate) struct Receiver {
    address: SocketAddr,
    bodies: UnboundedReceiver<Bytes>,
}

impl Receiver {
    pub(crate) async fn bind() -> Result<Self> {
        let (sender, bodies) = unbounded_channel();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let app = Router::new()
            .route("/webhooks", post(take))
            .with_state(sender);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, bodies })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/webhooks", self.address)
    }

    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        self.bodies.recv().await
    }
}

/// The raw bytes, not a parsed body; and 200 only once they are in safe hands. In earnest that is a table, not a channel:
/// after the 200 the webhook doesn't come again.
async fn take(State(bodies): State<UnboundedSender<Bytes>>, body: Bytes) -> StatusCode {
    match bodies.send(body) {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
