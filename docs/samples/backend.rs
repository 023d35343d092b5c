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

// #region run
async fn run(merchant: Merchant, listener: TcpListener, file: std::path::PathBuf) -> Result<()> {
    let since = Timestamp::from_millis(1_767_225_600_000); // 2026-01-01: written down once
    let (user_id, template_id) = (UserId::from(12345), TemplateId::from(2));

    use bananatech_backend::{Backend, Https, Notice, Sqlite, webhooks};
    use bananatech_core::{Assumptions, operations::card::Apply};
    use std::sync::Arc;
    use tokio::signal::unix::{SignalKind, signal};

    let store = Sqlite::open(file)?;
    let assumptions = Assumptions::exclusive_since(since); // since then only this backend acts for these cards
    let sender = Https::new(merchant.clone())?;
    let backend = Arc::new(Backend::new(merchant, assumptions, store, sender));

    // Containers are stopped by SIGTERM.
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };

    // Webhooks, and requests of yours. At the signal the server takes no more of them, ends those that it has, and then ends itself.
    let app = webhooks("/webhooks/bananatech", Arc::clone(&backend));
    let server = axum::serve(listener, app).with_graceful_shutdown(stop);
    let server = tokio::spawn(async move { server.await });

    // A virtual card. The reference is your name for it; a second request with the same one isn't carried out.
    let apply = Apply::new(user_id, template_id);
    let sent = backend.send(apply, "order 7").await?;
    println!("{:?}", sent.state); // see the table of states

    let (for_the_task, apply) = (Arc::clone(&backend), Apply::new(user_id, template_id));

    // In a handler of axum's: from a task of its own.
    let sending = tokio::spawn(async move { for_the_task.send(apply, "order 7").await });
    let sent = sending.await??;

    println!("{:?}", sent.state); // known: the reference was used before

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
    backend.work(take, server).await; // until the server has ended

    Ok(())
}
// #endregion run

/// The same on PostgreSQL begins so.
#[expect(
    dead_code,
    reason = "it needs a PostgreSQL; the crate's other tests have one"
)]
async fn on_postgres(connection_string: &str) -> Result<bananatech_backend::Postgres> {
    use bananatech_backend::Postgres;
    use deadpool_postgres::{Manager, Pool, tokio_postgres::NoTls};

    // The pool is yours: it decides about TLS, connections and timeouts.
    let manager = Manager::new(connection_string.parse()?, NoTls);
    let pool = Pool::builder(manager).max_size(16).build()?;
    let store = Postgres::new(pool).await?;

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
