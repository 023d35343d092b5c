//! The issuer as a child process, its books in a file.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::stage::Card;

/// The merchant that the sandbox starts with. Its key protects nothing.
pub const MERCHANT_ID: &str = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
/// Its key, which protects nothing.
pub const SECRET_KEY: &str = "sandbox-secret-key-0123456789abc";

/// What a new sandbox has, as it stands in its sources.
pub(crate) const SEED: &str = include_str!("../../../examples/sandbox/src/seed.json");

/// The issuer.
pub struct Sandbox {
    child: Child,
    client: Client,
    /// Where it listens.
    pub url: String,
    /// Its books: an SQLite file.
    pub books: PathBuf,
    counted: Arc<Counted>,
}

#[derive(Default)]
struct Counted {
    requests: AtomicU64,
    deliveries: AtomicU64,
}

impl Sandbox {
    /// Starts it on a free port. It ends when this process does: its standard input closes then.
    pub(crate) async fn start(
        program: &Path,
        seed: &Path,
        books: PathBuf,
        client: Client,
    ) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["--port", "0", "--exit-with-stdin", "--retry-base-ms", "100"])
            .arg("--seed")
            .arg(seed)
            .arg("--database")
            .arg(&books)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("its standard output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let url = line
            .as_deref()
            .and_then(|line| line.strip_prefix("bananatech-sandbox listening on "))
            .context("the sandbox should say its address first")?
            .to_owned();
        // One line per request and per delivery.
        let counted: Arc<Counted> = Arc::default();
        let log = child.stderr.take().context("its standard error")?;
        let (mut log, counts) = (BufReader::new(log).lines(), Arc::clone(&counted));
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                if line.starts_with("request POST /card/") {
                    counts.requests.fetch_add(1, Ordering::SeqCst);
                } else if line.starts_with("delivery ") {
                    counts.deliveries.fetch_add(1, Ordering::SeqCst);
                } else if line.starts_with("error ") {
                    eprintln!("sandbox: {line}");
                }
            }
        });
        Ok(Self {
            child,
            client,
            url,
            books,
            counted,
        })
    }

    /// How many requests about cards it got.
    pub fn requests(&self) -> u64 {
        self.counted.requests.load(Ordering::SeqCst)
    }

    /// How often it delivered a webhook, or tried to.
    pub fn deliveries(&self) -> u64 {
        self.counted.deliveries.load(Ordering::SeqCst)
    }

    /// A command to its control interface.
    pub async fn control(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/_sandbox/{path}", self.url);
        let response = self.client.post(url).json(body).send().await?;
        let status = response.status();
        let answer: Value = response.json().await?;
        ensure!(status.is_success(), "{path}: {answer}");
        Ok(answer)
    }

    /// What it says of itself.
    pub(crate) async fn state(&self) -> Result<Value> {
        self.look("state").await
    }

    async fn look(&self, path: &str) -> Result<Value> {
        let url = format!("{}/_sandbox/{path}", self.url);
        Ok(self.client.get(url).send().await?.json().await?)
    }

    /// How many operations and webhooks it still has to do with.
    pub async fn under_way(&self) -> Result<u64> {
        let state = self.state().await?;
        let places = [
            "/operations/PENDING",
            "/deliveries/PENDING",
            "/deliveries/SENDING",
        ];
        let counts = places
            .iter()
            .filter_map(|place| state.pointer(place)?.as_u64());
        Ok(counts.sum())
    }

    /// Sends all webhooks of this type again, as they should have been, but for those of cards that were there before.
    pub async fn send_again(&self, event_type: &str, before: &[Card]) -> Result<()> {
        let list = self.look(&format!("deliveries?type={event_type}")).await?;
        let deliveries = list.get("deliveries").and_then(Value::as_array);
        let is_new = |delivery: &&Value| {
            let card_id = delivery.get("card_id").and_then(Value::as_u64);
            !before.iter().any(|card| Some(card.card_id) == card_id)
        };
        for delivery in deliveries.context("deliveries")?.iter().filter(is_new) {
            let again = json!({ "delivery_id": delivery.get("id") });
            self.control("deliveries/resend", &again).await?;
        }
        Ok(())
    }

    /// Ends it. From now on its books can be read.
    pub async fn stop(&mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait().await?;
        ensure!(status.success(), "the sandbox ended with {status}");
        Ok(())
    }
}
