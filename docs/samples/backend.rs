//! A backend on one machine, as docs/backend.md shows it, against the sandbox: an application for a virtual card, from the request to the notice.

use std::net::Ipv4Addr;
use std::sync::OnceLock;

use bananatech_core::{
    Endpoints, KeyCodec, KeyRing, Merchant, MerchantId, Outcome, SecretKey, TemplateId, Timestamp,
    TrackedOperation, UserId,
};
use bananatech_sandbox::{Command, Issuer, Seed, Settings, random, server};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let webhooks = format!("http://{}/webhooks/bananatech", listener.local_addr()?);
    let merchant = merchant(&sandbox(&webhooks).await?)?;
    let folder = tempfile::tempdir()?;
    let (sender, mut booked) = mpsc::unbounded_channel();
    BOOKED.set(sender).map_err(|_| "there is one run")?;
    tokio::select! {
        ended = run(merchant, listener, folder.path().join("backend.db")) => ended?,
        operation = booked.recv() => {
            let operation = operation.ok_or("nothing was booked")?;
            assert_eq!(operation.reference.as_deref(), Some("order 7"));
            assert!(matches!(operation.outcome, Some(Outcome::Succeeded { .. })));
        }
    }
    Ok(())
}

async fn run(merchant: Merchant, listener: TcpListener, file: std::path::PathBuf) -> Result<()> {
    let since = Timestamp::from_millis(1_767_225_600_000); // 2026-01-01: written down once
    let (user_id, template_id) = (UserId::from(12345), TemplateId::from(2));

    use bananatech_backend::{Backend, Https, Notice, Sqlite, webhooks};
    use bananatech_core::{Assumptions, operations::card::Apply};
    use std::sync::Arc;

    let store = Sqlite::open(file)?;
    let assumptions = Assumptions::exclusive_since(since); // since then only this backend acts for these cards
    let sender = Https::new(merchant.clone())?;
    let backend = Arc::new(Backend::new(merchant, assumptions, store, sender));

    // Webhooks:
    let app = webhooks("/webhooks/bananatech", Arc::clone(&backend));
    tokio::spawn(async move { axum::serve(listener, app).await });

    // A virtual card. The reference is your name for it; a second request with the same one isn't carried out.
    let apply = Apply::new(user_id, template_id);
    let sent = backend.send(apply, "order 7").await?;
    println!("{:?}", sent.state); // see the table of states

    // From now on: ask what is overdue, send what waited, and tell what became known.
    let take = |notice| async move {
        match notice {
            // By its reference and its outcome.
            Notice::Settled(operation) | Notice::NotSent { operation, .. } => {
                book(*operation).await
            }
            other => alert(other).await,
        }
    };
    backend.work(take, tokio::signal::ctrl_c()).await;

    Ok(())
}

/// The same on PostgreSQL begins so.
#[expect(
    dead_code,
    reason = "it needs a PostgreSQL; the crate's other tests have one"
)]
async fn on_postgres(pool: deadpool_postgres::Pool) -> Result<bananatech_backend::Postgres> {
    use bananatech_backend::Postgres;

    // The crate's feature `postgres`. The pool is yours: it decides about TLS, connections and timeouts.
    let store = Postgres::new(pool).await?; // a deadpool_postgres::Pool

    Ok(store)
}

static BOOKED: OnceLock<mpsc::UnboundedSender<TrackedOperation>> = OnceLock::new();

async fn book(operation: TrackedOperation) -> Result<(), String> {
    let sender = BOOKED.get().ok_or("nobody books")?;
    sender.send(operation).map_err(|error| error.to_string())
}

async fn alert(notice: bananatech_backend::Notice) -> Result<(), String> {
    Err(format!("a person has to look: {notice:?}"))
}

/// The sandbox, on a port of its own; its address.
async fn sandbox(webhooks: &str) -> Result<String> {
    let now = server::clock();
    let settings = Settings::default();
    let mut issuer =
        Issuer::open_in_memory(Seed::standard(), settings, random::reproducible(3), now)?;
    issuer.control(Command::set_webhook_url(webhooks), now)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(server::serve(
        listener,
        issuer,
        server::no_log(),
        std::future::pending(),
    ));
    Ok(url)
}

fn merchant(url: &str) -> Result<Merchant> {
    let key = SecretKey::from_text("sandbox-secret-key-0123456789abc", KeyCodec::Utf8)?;
    let id = MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?;
    Ok(Merchant::new(
        id,
        KeyRing::new("2026-11", key)?,
        Endpoints::new(url)?,
    ))
}
