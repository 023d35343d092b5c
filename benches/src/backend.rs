//! A backend's event into PostgreSQL: beside a handler by hand, among many open operations, and on several connections.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use bananatech_backend::{Backend, CallError, Gateway, Postgres};
use bananatech_core::operations::card::Recharge;
use bananatech_core::{
    Amount, Answer, Assumptions, CardId, Iv, Merchant, Operation, Timestamp, UserId,
};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, NoTls, Statement};

use crate::measure::{self, Effort, Side, compare, side};
use crate::peers::{AwsLc, Peer as _};
use crate::{IV, KEY, merchant, time};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Takes every request, at once: the network isn't measured.
struct Takes {
    merchant: Merchant,
    drawn: AtomicU32,
}

impl Gateway for Takes {
    async fn call<O: Operation>(&self, operation: O) -> Result<Answer<O::Response>, CallError> {
        let body = self
            .merchant
            .test_answer(r#"{"success":true}"#, Iv::from_random_bytes(IV));
        let answer = self.merchant.read(&operation, 200, body.as_bytes());
        Ok(answer?)
    }

    fn random_bytes(&self) -> [u8; 16] {
        let drawn = self.drawn.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 16];
        // As random ids would lie.
        bytes[..4].copy_from_slice(&drawn.wrapping_mul(0x9e37_79b1).to_le_bytes());
        bytes
    }
}

type Ours = Backend<Postgres, Takes>;

/// A backend, and the card whose recharge comes next.
struct Shop {
    backend: Ours,
    merchant: Merchant,
    card: Cell<u32>,
}

fn pool(url: &str, connections: usize) -> Result<Pool> {
    let manager = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = Manager::from_config(url.parse()?, NoTls, manager);
    Ok(Pool::builder(manager).max_size(connections).build()?)
}

async fn shop(url: &str, connections: usize) -> Result<Shop> {
    let merchant = merchant()?;
    let gateway = Takes {
        merchant: merchant.clone(),
        drawn: AtomicU32::new(0),
    };
    let now = gateway.now().as_millis();
    let assumptions = Assumptions::exclusive_since(Timestamp::from_millis(now - HOUR_MS));
    let store = Postgres::new(pool(url, connections)?).await?;
    Ok(Shop {
        backend: Backend::new(merchant.clone(), assumptions, store, gateway),
        merchant,
        card: Cell::new(0),
    })
}

impl Shop {
    /// Sends a recharge of the next card, and answers its webhook.
    async fn next(&self) -> Result<String> {
        let card = self.card.get() + 1;
        self.card.set(card);
        let recharge = Recharge {
            user_id: UserId::from(12345),
            card_id: CardId::from(card),
            amount: Amount::parse("100")?,
        };
        self.backend
            .send(recharge, &format!("order-{card}"))
            .await?;
        Ok(webhook(&self.merchant, card))
    }

    /// So many more operations that stay open, as copies of one row. Their cards have higher numbers than those that are used.
    async fn fill(&self, url: &str, operations: u32) -> Result<()> {
        self.next().await?;
        let client = connect(url).await?;
        for sql in [
            "INSERT INTO bananatech_operations (merchant, id, content, reference, lane, is_open, is_done, is_doubted, is_contradicted, ask_at) \
             SELECT o.merchant, md5(n::text)::uuid::text, replace(replace(o.content, o.id, md5(n::text)::uuid::text), '\"card_id\":1,', \
             '\"card_id\":' || 1000000 + n || ','), 'filled-' || n, replace(o.lane, ':1:', ':' || 1000000 + n || ':'), true, false, false, \
             false, o.ask_at FROM bananatech_operations AS o, generate_series(1, $1::bigint) AS n",
            "INSERT INTO bananatech_operation_keys (merchant, key, operation, is_done) \
             SELECT k.merchant, 'card:' || 1000000 + n, md5(n::text)::uuid::text, false \
             FROM bananatech_operation_keys AS k, generate_series(1, $1::bigint) AS n WHERE k.key = 'card:1'",
        ] {
            let filled = client.execute(sql, &[&i64::from(operations)]).await?;
            ensure!(filled == u64::from(operations), "{filled} rows");
        }
        client.batch_execute("VACUUM ANALYZE").await?;
        Ok(())
    }
}

fn webhook(merchant: &Merchant, card: u32) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let at = since.unwrap_or_default().as_millis();
    let data = format!(
        r#"{{"card_id":{card},"transaction_id":{card},"receive_amount":100.0,"status":"SUCCESS","currency":"USD","occur_time":{at}}}"#
    );
    merchant.test_webhook("CARD_RECHARGE_RESULT", &data, Iv::from_random_bytes(IV))
}

async fn connect(url: &str) -> Result<Client> {
    let config: Config = url.parse()?;
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// What one writes at first: verify, decrypt, insert, update, commit. It has no answer to twins, repetitions of what it forgot, strangers or
/// contradictions.
struct ByHand {
    client: Client,
    insert: Statement,
    update: Statement,
    crypto: RefCell<AwsLc>,
}

impl ByHand {
    async fn new(url: &str) -> Result<Self> {
        let client = connect(url).await?;
        client
            .batch_execute(
                "CREATE TABLE IF NOT EXISTS events (transaction_id BIGINT PRIMARY KEY, body TEXT NOT NULL); \
                 CREATE TABLE IF NOT EXISTS recharges (id BIGINT PRIMARY KEY, card_id BIGINT NOT NULL, status TEXT, transaction_id BIGINT); \
                 CREATE INDEX IF NOT EXISTS recharges_open ON recharges (card_id) WHERE status IS NULL",
            )
            .await?;
        let insert =
            "INSERT INTO events (transaction_id, body) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let update = "UPDATE recharges SET status = 'SUCCESS', transaction_id = $2 WHERE card_id = $1 AND status IS NULL";
        Ok(Self {
            insert: client.prepare(insert).await?,
            update: client.prepare(update).await?,
            client,
            crypto: RefCell::new(AwsLc::new(KEY)?),
        })
    }

    async fn send(&self, card: u32) -> Result<()> {
        let sql = "INSERT INTO recharges (id, card_id) VALUES ($1, $1)";
        self.client.execute(sql, &[&i64::from(card)]).await?;
        Ok(())
    }

    async fn receive(&self, body: &str) -> Result<()> {
        let event = self.crypto.borrow_mut().event(body.as_bytes())?;
        let transaction = i64::try_from(event.transaction_id.context("a transaction")?)?;
        let card = i64::try_from(event.card_id)?;
        self.client.batch_execute("BEGIN").await?;
        let new = self
            .client
            .execute(&self.insert, &[&transaction, &body])
            .await?;
        ensure!(new == 1, "repeated");
        let settled = self
            .client
            .execute(&self.update, &[&card, &transaction])
            .await?;
        ensure!(settled == 1, "{settled} are settled");
        self.client.batch_execute("COMMIT").await?;
        Ok(())
    }
}

/// One webhook after the other, each of an operation that was sent before it was measured.
fn ours<'a>(runtime: &'a Runtime, shop: &'a Shop, failed: &'a Cell<u32>) -> Side<'a> {
    side(
        || runtime.block_on(shop.next()),
        |body| {
            let settled = body.is_ok_and(|body| {
                let received = runtime.block_on(shop.backend.receive(body.as_bytes()));
                received.is_ok_and(|received| received.report.settled.len() == 1)
            });
            failed.set(failed.get() + u32::from(!settled));
        },
    )
}

fn by_hand<'a>(
    runtime: &'a Runtime,
    hand: &'a ByHand,
    merchant: &'a Merchant,
    failed: &'a Cell<u32>,
) -> Side<'a> {
    let mut card = 0;
    side(
        move || {
            card += 1;
            let sent = runtime.block_on(hand.send(card));
            sent.map(|()| webhook(merchant, card))
        },
        |body| {
            let taken = body.is_ok_and(|body| runtime.block_on(hand.receive(&body)).is_ok());
            failed.set(failed.get() + u32::from(!taken));
        },
    )
}

fn line(text: &mut String, name: &str, result: &measure::Result) {
    let (ours, theirs) = (result.nanos[0], result.nanos[1]);
    let ratio = &result.ratios[0];
    let _ = writeln!(
        text,
        "| {name} | {} | {} | {:.2} ({:.2}-{:.2}) |",
        time(ours),
        time(theirs),
        // How much longer it takes.
        1.0 / ratio.median,
        1.0 / ratio.most,
        1.0 / ratio.least,
    );
}

/// Events in a second, taken by so many connections at once.
fn throughput(runtime: &Runtime, url: &str, connections: usize, events: u32) -> Result<f64> {
    let shop = runtime.block_on(shop(url, connections))?;
    let mut bodies = Vec::new();
    for _ in 0..events {
        bodies.push(runtime.block_on(shop.next())?);
    }
    let each = bodies.len().div_ceil(connections);
    let backend = &shop.backend;
    let took = runtime.block_on(async {
        let started = Instant::now();
        let parts = bodies.chunks(each).map(async |part| {
            for body in part {
                backend.receive(body.as_bytes()).await?;
            }
            Ok::<(), bananatech_backend::BackendError>(())
        });
        futures_util::future::try_join_all(parts).await?;
        Ok::<Duration, anyhow::Error>(started.elapsed())
    })?;
    let counts = runtime.block_on(backend.counts())?;
    ensure!(counts.open == 0, "{} are open", counts.open);
    Ok(f64::from(events) / took.as_secs_f64())
}

/// Measures, and answers the section of the documentation.
pub(crate) fn report(urls: &[String], quick: bool) -> Result<String> {
    let [beside, few, many, one, two, four] = urls else {
        anyhow::bail!("six databases are needed");
    };
    let runtime = Runtime::new()?;
    let effort = Effort {
        sample: Duration::from_micros(1),
        blocks: if quick { 3 } else { 9 },
        rounds: if quick { 11 } else { 41 },
    };
    let failed = Cell::new(0);
    let mut text = String::from(ABOUT);
    text.push_str("| | ours | by hand | ours takes (least-most) |\n|---|---|---|---|\n");
    {
        let shop = runtime.block_on(shop(beside, 1))?;
        let hand = runtime.block_on(ByHand::new(beside))?;
        let merchant = merchant()?;
        let sides = vec![
            ours(&runtime, &shop, &failed),
            by_hand(&runtime, &hand, &merchant, &failed),
        ];
        line(&mut text, "an event", &compare(effort, sides));
    }
    let (less, more) = (1_000, if quick { 20_000 } else { 1_000_000 });
    text.push_str(
        "\n| | among 1,000 open | among more | more take (least-most) |\n|---|---|---|---|\n",
    );
    {
        let shops = [
            runtime.block_on(shop(few, 1))?,
            runtime.block_on(shop(many, 1))?,
        ];
        runtime.block_on(shops[0].fill(few, less))?;
        runtime.block_on(shops[1].fill(many, more))?;
        let sides = vec![
            ours(&runtime, &shops[1], &failed),
            ours(&runtime, &shops[0], &failed),
        ];
        let mut result = compare(effort, sides);
        result.nanos.reverse();
        line(&mut text, &format!("an event, of {more}"), &result);
    }
    ensure!(failed.get() == 0, "{} events settled nothing", failed.get());
    text.push_str("\n| connections | events in a second |\n|---|---|\n");
    let events = if quick { 100 } else { 1_000 };
    for (connections, url) in [(1, one), (2, two), (4, four)] {
        let rate = throughput(&runtime, url, connections, events)?;
        let _ = writeln!(text, "| {connections} | {rate:.0} |");
    }
    Ok(text)
}

const ABOUT: &str = "\
### Rust

";
