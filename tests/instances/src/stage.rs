//! All that is there: PostgreSQL, the issuer with cards, the instances, and what stands between them.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use bananatech_postgres::Server;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::fleet::{Fleet, Kind};
use crate::sandbox::{MERCHANT_ID, SECRET_KEY, SEED, Sandbox};

/// A virtual card that is active at once.
const ACTIVE: u32 = 2;
/// One that is to be activated. Every fifth is.
const TO_BE_ACTIVATED: u32 = 4;
const FIRST_USER: u64 = 20_001;
/// Those who have no card at the beginning.
const FIRST_WITHOUT_CARD: u64 = 30_001;

/// A card, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// Its user.
    pub user_id: u64,
    /// Its id.
    pub card_id: u64,
    /// Whether it is to be activated before anything else.
    pub to_be_activated: bool,
}

/// Something that is told as it happens.
#[derive(Debug)]
pub enum Happened {
    /// An instance answered a webhook, or died over it.
    Webhook {
        /// The instance.
        at: usize,
        /// The outer type, which may be false.
        event_type: String,
        /// What it answered.
        status: Option<u16>,
    },
    /// An instance delivers a notice. It is taken when this was told.
    Notice {
        /// The instance.
        at: usize,
        /// `{kind, operation}`
        notice: Value,
    },
}

/// What is to be there.
pub struct Options {
    /// The issuer's program.
    pub sandbox: PathBuf,
    /// The instances.
    pub kinds: Vec<Kind>,
    /// How many cards.
    pub cards: usize,
    /// How many users have them.
    pub users: usize,
    /// How many users have none yet.
    pub users_without_card: usize,
    /// How many physical cards there are to be assigned. Of every six, two have the same last four digits.
    pub plastic: usize,
    /// When the API is asked about an operation whose webhook didn't come, in milliseconds.
    pub ask_after_ms: u32,
    /// When what the API doesn't show won't be carried out, in milliseconds.
    pub final_after_ms: u32,
    /// Which of so many instances gets the next webhook first.
    pub first: Box<dyn Fn(usize) -> usize + Send + Sync>,
    /// Is told what happens.
    pub observe: Box<dyn Fn(Happened) + Send + Sync>,
}

struct Between {
    fleet: Arc<Fleet>,
    first: Box<dyn Fn(usize) -> usize + Send + Sync>,
    observe: Box<dyn Fn(Happened) + Send + Sync>,
}

/// All that is there.
pub struct Stage {
    /// The instances.
    pub fleet: Arc<Fleet>,
    /// The issuer.
    pub sandbox: Sandbox,
    /// The cards.
    pub cards: Vec<Card>,
    /// Users who have no card.
    pub users_without_card: Vec<u64>,
    /// The numbers of physical cards that can be assigned.
    pub plastic: Vec<String>,
    postgres: Server,
    _folder: TempDir,
}

impl Stage {
    /// Starts everything but the instances.
    ///
    /// Errors if something doesn't start, or PostgreSQL isn't installed.
    pub async fn set(options: Options) -> Result<Self> {
        let started = tokio::task::spawn_blocking(Server::start).await?;
        let postgres = started?.context("PostgreSQL isn't installed")?;
        let database_url = postgres.database()?;
        let folder = tempfile::tempdir()?;
        let client = reqwest::Client::builder().no_proxy().build()?;

        let seed = folder.path().join("seed.json");
        let users: Vec<u64> = (FIRST_USER..).take(options.users).collect();
        let users_without_card: Vec<u64> = (FIRST_WITHOUT_CARD..)
            .take(options.users_without_card)
            .collect();
        let plastic: Vec<String> = (0..options.plastic)
            .map(|at| {
                format!(
                    "410000{at:06}{:04}",
                    (at - usize::from(at % 6 == 1)) % 10_000
                )
            })
            .collect();
        std::fs::write(
            &seed,
            seed_of([&users[..], &users_without_card].concat(), &plastic)?,
        )?;
        let books = folder.path().join("books.db");
        let sandbox = Sandbox::start(&options.sandbox, &seed, books, client.clone()).await?;

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let own_url = format!("http://{}", listener.local_addr()?);
        let environment = vec![
            ("DATABASE_URL", database_url),
            ("API_URL", sandbox.url.clone()),
            ("MERCHANT_ID", MERCHANT_ID.to_owned()),
            ("SECRET_KEY", SECRET_KEY.to_owned()),
            ("ASK_AFTER_MS", options.ask_after_ms.to_string()),
            ("FINAL_AFTER_MS", options.final_after_ms.to_string()),
        ];
        let notices = format!("{own_url}/notices");
        let fleet = Arc::new(Fleet::new(options.kinds, environment, notices, client));
        let between = Arc::new(Between {
            fleet: Arc::clone(&fleet),
            first: options.first,
            observe: options.observe,
        });
        let app = Router::new()
            .route("/before", post(|| async { StatusCode::OK }))
            .route("/webhooks", post(forward))
            .route("/notices/{at}", post(take_notice))
            .with_state(between);
        tokio::spawn(async move { axum::serve(listener, app).await });

        let cards = make_cards(&sandbox, options.cards, &users, &own_url).await?;
        Ok(Self {
            fleet,
            sandbox,
            cards,
            users_without_card,
            plastic,
            postgres,
            _folder: folder,
        })
    }

    /// Ends all of it, in order. What is in the books is lost then.
    pub async fn clear(mut self, judge: impl FnOnce(&std::path::Path) -> Result<()>) -> Result<()> {
        self.fleet.stop().await?;
        self.sandbox.stop().await?;
        let judged = judge(&self.sandbox.books);
        let postgres = self.postgres;
        tokio::task::spawn_blocking(move || drop(postgres)).await?;
        judged
    }
}

/// The sandbox's own seed, with more users and physical cards, and money enough.
fn seed_of(users: Vec<u64>, plastic: &[String]) -> Result<String> {
    let mut seed: Value = serde_json::from_str(SEED)?;
    let users = users.into_iter().map(|id| {
        let email = format!("user{id}@example.com");
        json!({ "id": id, "merchant_id": MERCHANT_ID, "email": email, "template_id": ACTIVE })
    });
    let known = seed.get_mut("users").and_then(Value::as_array_mut);
    known.context("the seed has users")?.extend(users);
    let stock = seed.get_mut("stock").and_then(Value::as_array_mut);
    let stock = stock.context("the seed has physical cards")?;
    stock.extend(plastic.iter().map(|number| json!(number)));
    if let Some(balance) = seed.pointer_mut("/merchants/0/balance") {
        *balance = json!(10_000_000.0);
    }
    Ok(seed.to_string())
}

/// Makes cards behind the backends' backs, before anything else happens: their webhooks go nowhere.
async fn make_cards(
    sandbox: &Sandbox,
    count: usize,
    users: &[u64],
    own_url: &str,
) -> Result<Vec<Card>> {
    let send_to = |path: &str| json!({ "url": format!("{own_url}/{path}") });
    sandbox
        .control("merchants/webhook-url", &send_to("before"))
        .await?;
    let mut cards = Vec::new();
    for (at, user_id) in users.iter().copied().cycle().take(count).enumerate() {
        let to_be_activated = at % 5 == 4;
        let template_id = if to_be_activated {
            TO_BE_ACTIVATED
        } else {
            ACTIVE
        };
        let body = json!({ "user_id": user_id, "template_id": template_id });
        let call = json!({ "path": "/card/apply", "body": body });
        let answer = sandbox.control("call", &call).await?;
        let card_id = answer.pointer("/body/card_id").and_then(Value::as_u64);
        let card_id = card_id.with_context(|| format!("no card: {answer}"))?;
        cards.push(Card {
            user_id,
            card_id,
            to_be_activated,
        });
    }
    loop {
        if sandbox.under_way().await? == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sandbox
        .control("merchants/webhook-url", &send_to("webhooks"))
        .await?;
    Ok(cards)
}

/// Hands a webhook to an instance that lives. If there is none, the sender is told to send it again.
async fn forward(State(between): State<Arc<Between>>, body: Bytes) -> StatusCode {
    let outer: Value = serde_json::from_slice(&body).unwrap_or_default();
    let event_type = outer.get("type").and_then(Value::as_str).unwrap_or("?");
    let mut live = between.fleet.live();
    if !live.is_empty() {
        let first = (between.first)(live.len());
        live.rotate_left(first);
    }
    for at in live {
        let status = between.fleet.webhook(at, body.to_vec()).await.ok();
        (between.observe)(Happened::Webhook {
            at,
            event_type: event_type.to_owned(),
            status,
        });
        if let Some(status) = status {
            return StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        }
    }
    StatusCode::SERVICE_UNAVAILABLE
}

async fn take_notice(
    State(between): State<Arc<Between>>,
    Path(at): Path<usize>,
    notice: axum::Json<Value>,
) -> StatusCode {
    let axum::Json(notice) = notice;
    (between.observe)(Happened::Notice { at, notice });
    StatusCode::OK
}
