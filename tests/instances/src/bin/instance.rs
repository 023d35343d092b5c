//! One instance of the backend, in Rust. See the library for what an instance is.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use bananatech_backend::{BackendError, Https, Notice, Postgres, webhooks};
use bananatech_core::{
    Assumptions, Endpoints, KeyCodec, KeyRing, Merchant, MerchantId, OperationKind, Outcome, Plan,
    SecretKey, Timestamp,
};
use deadpool_postgres::{Manager, Pool};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_postgres::NoTls;

type Backend = Arc<bananatech_backend::Backend<Postgres, Https>>;
type Answer = (StatusCode, Json<Value>);

fn set(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} isn't set"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let key = SecretKey::from_text(&set("SECRET_KEY")?, KeyCodec::Utf8)?;
    let merchant = Merchant::new(
        MerchantId::parse(&set("MERCHANT_ID")?)?,
        KeyRing::new("sandbox", key)?,
        Endpoints::new(&set("API_URL")?)?,
    )
    .sealed_answers_only();
    let manager = Manager::new(set("DATABASE_URL")?.parse()?, NoTls);
    let store = Postgres::new(Pool::builder(manager).max_size(8).build()?).await?;
    // Nobody else ever acts in this sandbox.
    let assumptions = Assumptions::exclusive_since(Timestamp::from_millis(0))
        .final_after(set("FINAL_AFTER_MS")?.parse()?);
    let api = Https::with_client(merchant.clone(), Https::client().no_proxy().build()?);
    let backend = bananatech_backend::Backend::new(merchant, assumptions, store, api);
    let ask_after = Duration::from_millis(set("ASK_AFTER_MS")?.parse()?);
    let backend = backend
        .ask_after(ask_after)
        .rest(Duration::from_millis(200));
    let backend = Arc::new(backend);

    let commands = Router::new()
        .route("/send", post(send))
        .route("/say", post(say))
        .route("/operation", get(operation))
        .route("/counts", get(counts))
        .with_state(Arc::clone(&backend));
    let app = webhooks("/webhooks", Arc::clone(&backend)).merge(commands);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    tokio::spawn(work(backend, set("NOTICES_URL")?));
    // It ends with whoever started it.
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    std::process::exit(0)
}

/// Hands each notice to whoever started it.
async fn work(backend: Backend, notices: String) {
    let client = Https::client().no_proxy().build().unwrap_or_default();
    let take = |notice: Notice| {
        let told = client.post(&notices).json(&json!({
            "kind": notice.kind(),
            "operation": notice.operation(),
        }));
        async move { told.send().await?.error_for_status().map(drop) }
    };
    backend.work(take, std::future::pending::<()>()).await;
}

/// `{plan, reference}`
async fn send(State(backend): State<Backend>, Json(asked): Json<Value>) -> Answer {
    let reference = asked["reference"].as_str().unwrap_or_default();
    let plan = Plan::from_json_with_open_fields(&asked["plan"].to_string(), OperationKind::ALL);
    let sent = match plan {
        Ok(plan) => backend.send(plan.into_operation(), reference).await,
        Err(invalid) => Err(invalid.into()),
    };
    answered(sent.map(|sent| sent.state.as_str()))
}

/// `{reference, said}`
async fn say(State(backend): State<Backend>, Json(asked): Json<Value>) -> Answer {
    let reference = asked["reference"].as_str().unwrap_or_default();
    let id = match backend.operation_by_reference(reference).await {
        Ok(Some(row)) => row.id,
        other => return answered(other),
    };
    let noted = match asked["said"].as_str() {
        Some("succeeded") => {
            let outcome = Outcome::Succeeded { card_id: None };
            backend.find(id, &outcome, None).await
        }
        Some("failed") => {
            let outcome = Outcome::Failed { reason: None };
            backend.find(id, &outcome, None).await
        }
        _ => backend.withdraw(id).await,
    };
    answered(noted.map(|_| "noted"))
}

/// `?reference=…`
async fn operation(State(backend): State<Backend>, Query(asked): Query<Value>) -> Answer {
    let reference = asked["reference"].as_str().unwrap_or_default();
    answered(backend.operation_by_reference(reference).await)
}

async fn counts(State(backend): State<Backend>) -> Answer {
    answered(backend.counts().await)
}

fn answered(result: Result<impl serde::Serialize, BackendError>) -> Answer {
    match result {
        Ok(value) => (StatusCode::OK, Json(json!(value))),
        Err(BackendError::Invalid(invalid)) => (
            StatusCode::CONFLICT,
            Json(json!({ "code": invalid.code() })),
        ),
        Err(error) => {
            eprintln!("{error:?}");
            (StatusCode::SERVICE_UNAVAILABLE, Json(Value::Null))
        }
    }
}
