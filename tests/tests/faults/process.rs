//! The sandbox as a program that is killed again and again, a merchant's backend with real HTTP, and its load.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use bananatech_core::operations::card::{Assign, Recharge};
use bananatech_core::{
    Amount, AnyOperation, Assumptions, CardId, CardNumber, Endpoints, KeyCodec, KeyRing, Merchant,
    MerchantId, SealedRequest, SecretKey, TemplateId, Timestamp, UserId,
};
use bananatech_sandbox::{Money, Seed, seed};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::client::{Client, PATIENCE_MS};
use super::dice::Dice;

const KILLS: u32 = 15;
/// How many operations have to be acknowledged for all of it to be worth something.
const ENOUGH: usize = 50;
const USERS: [u64; 2] = [12345, 67890];
/// Nobody else acts in this sandbox.
const ALONE_FOR_MS: i64 = 24 * 60 * 60 * 1000;

/// The program, beside this test. It is built if it isn't there or is older than its sources.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program = profile.join("bananatech-sandbox");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/sandbox/src");
    let built = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    if built(&program) > newest(&sources) {
        return program;
    }
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--quiet", "-p", "bananatech-sandbox"])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .arg("--target-dir")
        .arg(profile.parent().unwrap());
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());
    program
}

/// When the youngest file in a folder was changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| match path.is_dir() {
            true => newest(&path),
            false => path.metadata().unwrap().modified().ok(),
        })
        .max()
}

/// A running sandbox. Its standard input is closed when this process ends, and then it ends as well.
struct Sandbox {
    child: Child,
    base: String,
}

impl Sandbox {
    fn start(program: &Path, port: u16, database: &Path, webhooks: &str) -> Self {
        let mut child = Command::new(program)
            .args(["--exit-with-stdin", "--processing-delay-ms", "10"])
            .args(["--retry-base-ms", "20", "--webhook-url", webhooks])
            .args(["--port", &port.to_string(), "--database"])
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let base = line
            .trim_end()
            .strip_prefix("bananatech-sandbox listening on ")
            .expect("the one line that it prints")
            .to_owned();
        Self { child, base }
    }
}

impl Drop for Sandbox {
    /// As `kill -9` does.
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

struct Backend {
    http: reqwest::Client,
    base: String,
    client: Mutex<Client>,
    /// What came, whatever was answered.
    came: Mutex<BTreeSet<String>>,
    dice: Mutex<Dice>,
    sent: Mutex<Vec<Sent>>,
    /// From when on the merchant listens: before, its first cards are made behind its back.
    listens: AtomicBool,
    end: AtomicBool,
}

/// How sending went, by order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Acknowledged,
    Never,
    NoAnswer,
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// What a webhook is known by: no payload has an id of its own.
fn name_of(event_type: &str, data: &Value) -> String {
    format!(
        "{event_type} {} {} {} {}",
        data["card_id"], data["user_id"], data["transaction_id"], data["occur_time"]
    )
}

async fn receive(State(backend): State<Arc<Backend>>, body: Bytes) -> StatusCode {
    if !backend.listens.load(Ordering::Relaxed) {
        let event = backend.client.lock().unwrap().open(&body);
        let event: Value = serde_json::from_str(&event.to_json()).unwrap();
        let name = name_of(event["type"].as_str().unwrap(), &event["data"]);
        backend.came.lock().unwrap().insert(name);
        return StatusCode::OK;
    }
    let (before, after) = {
        let mut dice = backend.dice.lock().unwrap();
        (dice.percent(10), dice.percent(5))
    };
    if before {
        return StatusCode::BAD_GATEWAY;
    }
    let mut client = backend.client.lock().unwrap();
    let event = client.open(&body);
    let event: Value = serde_json::from_str(&event.to_json()).unwrap();
    let name = name_of(event["type"].as_str().unwrap(), &event["data"]);
    backend.came.lock().unwrap().insert(name);
    client
        .webhook(&body, Timestamp::from_millis(now()))
        .unwrap();
    if after {
        // Handled, but the sandbox doesn't learn of it.
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::OK
}

impl Backend {
    async fn exchange(&self, request: &SealedRequest) -> reqwest::Result<(u16, Vec<u8>)> {
        let mut post = self
            .http
            .post(request.url())
            .body(request.body().to_owned());
        for header in request.headers() {
            post = post.header(header.name, &header.value);
        }
        let response = post.send().await?;
        let status = response.status().as_u16();
        Ok((status, response.bytes().await?.to_vec()))
    }

    /// The same for who can't wait as a task.
    fn exchange_now(&self, request: &SealedRequest) -> (u16, Vec<u8>) {
        tokio::runtime::Handle::current()
            .block_on(self.exchange(request))
            .unwrap()
    }

    /// Sends an operation. Once.
    async fn send(&self, operation: AnyOperation) {
        let (call, number) = {
            let mut client = self.client.lock().unwrap();
            let call = client.seal(operation);
            let number = client.order(&call, Timestamp::from_millis(now()));
            let mut sent = self.sent.lock().unwrap();
            assert_eq!(sent.len(), number);
            sent.push(Sent::NoAnswer);
            (call, number)
        };
        let answer = self.exchange(call.request()).await;
        let mut client = self.client.lock().unwrap();
        let mut sent = self.sent.lock().unwrap();
        match answer {
            Ok((status, body)) => {
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
                client.answer(number, &call, status, &body);
                sent[number] = Sent::Acknowledged;
            }
            // There was nobody to take it.
            Err(error) if error.is_connect() => {
                client.never_sent(number);
                sent[number] = Sent::Never;
            }
            Err(_) => {}
        }
    }

    async fn load(self: Arc<Self>, worker: usize, numbers: Vec<String>, cards: Vec<(u64, u64)>) {
        let mut dice = Dice::new(u64::try_from(worker).unwrap());
        let mut numbers = numbers.into_iter();
        let mut turn: usize = 0;
        let mut recharges: BTreeMap<u64, usize> = BTreeMap::new();
        while !self.end.load(Ordering::Relaxed) {
            turn += 1;
            if turn.is_multiple_of(8)
                && let Some(number) = numbers.next()
            {
                let user = USERS[worker % 2];
                let assign = Assign {
                    user_id: UserId::new(user).unwrap(),
                    template_id: TemplateId::from(1_u32),
                    card_number: CardNumber::parse(&number).unwrap(),
                };
                self.send(assign.into()).await;
            } else {
                let (user, card) = *dice.of(&cards);
                // Of one card further apart than the fee, so that each transaction tells whose it is.
                let before = recharges.entry(card).or_default();
                *before += 1;
                let cents = 1000 + 101 * (worker + 4 * *before);
                let amount = format!("{}.{:02}", cents / 100, cents % 100);
                let recharge = Recharge {
                    user_id: UserId::new(user).unwrap(),
                    card_id: CardId::new(card).unwrap(),
                    amount: Amount::parse(&amount).unwrap(),
                };
                self.send(recharge.into()).await;
            }
            let pause = u64::try_from(dice.below(25)).unwrap();
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    fn acknowledged(&self) -> usize {
        let sent = self.sent.lock().unwrap();
        sent.iter()
            .filter(|sent| **sent == Sent::Acknowledged)
            .count()
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}/_sandbox/{path}", self.base);
        let response = self.http.get(url).send().await.unwrap();
        response.json().await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/_sandbox/{path}", self.base);
        let response = self.http.post(url).json(body).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path} {body}");
        response.json().await.unwrap()
    }

    async fn query(&self, path: &str, body: &Value) -> Value {
        let answer = self
            .post("call", &json!({ "path": path, "body": body }))
            .await;
        answer["body"].clone()
    }

    /// Waits until the sandbox has nothing to do any more.
    async fn settled(&self) -> Value {
        for _ in 0..12_000 {
            let state = self.get("state").await;
            let none = |kind: &str, word: &str| state[kind][word].is_null();
            if none("operations", "PENDING")
                && none("deliveries", "PENDING")
                && none("deliveries", "SENDING")
            {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the sandbox doesn't come to rest");
    }
}

/// JSON's number as cents.
fn cents(amount: &Value) -> i64 {
    Money::parse(&amount.to_string()).unwrap().minor()
}

pub(crate) async fn killed_again_and_again() {
    let program = tokio::task::spawn_blocking(program).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("sandbox.db");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let webhooks = format!("http://{}/", listener.local_addr().unwrap());
    let mut sandbox = Sandbox::start(&program, 0, &database, &webhooks);
    let port = sandbox.base.rsplit(':').next().unwrap().parse().unwrap();

    let key = SecretKey::from_text(seed::SECRET_KEY, KeyCodec::Utf8).unwrap();
    let merchant = Merchant::new(
        MerchantId::parse(seed::MERCHANT_ID).unwrap(),
        KeyRing::new("sandbox", key).unwrap(),
        Endpoints::new(&sandbox.base).unwrap(),
    )
    .sealed_answers_only();
    let mut random = [0; 8];
    getrandom::fill(&mut random).unwrap();
    let backend = Arc::new(Backend {
        http: reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .build()
            .unwrap(),
        base: sandbox.base.clone(),
        client: Mutex::new(Client::new(
            merchant,
            // What doesn't show when it is asked for was sent to a sandbox that was dead.
            Assumptions::exclusive_since(Timestamp::from_millis(now() - ALONE_FOR_MS))
                .final_after(PATIENCE_MS),
            u64::from_le_bytes(random),
        )),
        came: Mutex::default(),
        dice: Mutex::new(Dice::new(7)),
        sent: Mutex::default(),
        listens: AtomicBool::new(false),
        end: AtomicBool::new(false),
    });
    let receiver = Router::new()
        .fallback(receive)
        .with_state(Arc::clone(&backend));
    tokio::spawn(async move { axum::serve(listener, receiver).await });

    // Cards in use, and money enough.
    backend
        .post("merchants/top-up", &json!({ "amount": 9_990_000.0 }))
        .await;
    let mut numbers: Vec<String> = Seed::standard()
        .stock
        .into_iter()
        .filter(|number| !number.starts_with("40000000000"))
        .collect();
    // Many, since recharges of one card can't be told apart by their events while one of them has no answer.
    let mut cards = Vec::new();
    for user in USERS.into_iter().cycle().take(20) {
        let body = json!({ "user_id": user, "template_id": 1, "card_number": numbers.pop() });
        let card = backend.query("/card/assign", &body).await["card_id"].as_u64();
        cards.push((user, card.unwrap()));
    }
    backend.settled().await;
    for (user, card) in &cards {
        let body =
            json!({ "user_id": user, "card_id": card, "alter": "ACTIVATE", "pin": "482916" });
        backend.query("/card/update_status", &body).await;
    }
    backend.settled().await;
    backend.listens.store(true, Ordering::Relaxed);
    tokio::task::block_in_place(|| {
        let mut client = backend.client.lock().unwrap();
        client.templates = cards.iter().map(|(_, card)| (*card, 1)).collect();
        client.learn_templates(&mut |request| Some(backend.exchange_now(request)));
    });

    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let numbers = numbers.iter().skip(worker).step_by(4).cloned().collect();
            tokio::spawn(Arc::clone(&backend).load(worker, numbers, cards.clone()))
        })
        .collect();
    let mut dice = Dice::new(u64::from_le_bytes(random));
    // On a busy machine less gets done between two kills: then there are more of them.
    let mut kills = 0;
    while kills < KILLS || (backend.acknowledged() <= ENOUGH && kills < 40 * KILLS) {
        kills += 1;
        let moment = u64::try_from(30 + dice.below(350)).unwrap();
        tokio::time::sleep(Duration::from_millis(moment)).await;
        drop(sandbox);
        sandbox = Sandbox::start(&program, port, &database, &webhooks);
    }
    backend.end.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.unwrap();
    }
    let state = backend.settled().await;
    assert_eq!(state["ledger"]["sound"], true, "{state}");
    assert_eq!(cents(&state["ledger"]["sum"]), 0);

    // Everything that the sandbox has to tell came.
    for event_type in ["CARD_ASSIGN_RESULT", "CARD_RECHARGE_RESULT"] {
        let told = backend.get(&format!("deliveries?type={event_type}")).await;
        let list = told["deliveries"].as_array().unwrap();
        assert_eq!(told["total"], list.len(), "more than one answer holds");
        let came = backend.came.lock().unwrap();
        for delivery in list {
            let name = name_of(event_type, &delivery["payload"]);
            assert!(came.contains(&name), "{delivery} never came");
        }
    }

    // The merchant asks for what it doesn't know yet.
    let deadline = now() + PATIENCE_MS;
    for _ in 0..2 {
        tokio::task::block_in_place(|| {
            let mut client = backend.client.lock().unwrap();
            client.inquire(Timestamp::from_millis(deadline), &mut |request| {
                Some(backend.exchange_now(request))
            });
        });
    }
    check(&backend, &state, &cards).await;
}

/// Compares what the merchant concluded with what the sandbox has.
async fn check(backend: &Backend, state: &Value, cards: &[(u64, u64)]) {
    let mut transactions = BTreeSet::new();
    let (mut charged, mut on_cards) = (0, BTreeMap::<u64, i64>::new());
    for (_, card) in cards {
        let mut skip = 0;
        loop {
            let body = json!({ "card_id": card, "type": "RECHARGE", "skip": skip, "limit": 100 });
            let page = backend.query("/card/get_transactions", &body).await;
            let data = page["data"].as_array().unwrap();
            skip += data.len();
            for transaction in data {
                assert_eq!(transaction["status"], "SUCCESS");
                let amount = cents(&transaction["amount"]);
                assert!(
                    transactions.insert((*card, amount)),
                    "done twice: {transaction}"
                );
                charged += amount + 100;
                *on_cards.entry(*card).or_default() += amount;
            }
            if data.is_empty() {
                break;
            }
        }
    }
    let mut assigned = BTreeMap::new();
    let told = backend.get("deliveries?type=CARD_ASSIGN_RESULT").await;
    for delivery in told["deliveries"].as_array().unwrap() {
        assert_eq!(delivery["payload"]["status"], "SUCCESS");
        let body = json!({ "user_id": delivery["user_id"], "card_id": delivery["card_id"] });
        let information = backend.query("/card/get_information", &body).await;
        let number = information["number"].as_str().unwrap().to_owned();
        let before = assigned.insert(number, delivery["card_id"].as_u64());
        assert_eq!(before, None, "assigned twice");
        charged += 500;
    }
    assert_eq!(
        cents(&state["merchants"][0]["balance"]),
        1_000_000_000 - charged,
        "the merchant paid for what was done, and for nothing else"
    );
    assert_eq!(cents(&state["merchants"][0]["reserved"]), 0);
    for (user, card) in cards {
        let body = json!({ "user_id": user, "card_id": card });
        let balance = backend.query("/card/get_balance", &body).await;
        assert_eq!(
            cents(&balance["balance"]),
            on_cards.get(card).copied().unwrap_or(0)
        );
    }

    let client = backend.client.lock().unwrap();
    let sent = backend.sent.lock().unwrap();
    let (mut known, mut unknown) = (0, 0);
    for (number, order) in client.orders.iter().enumerate() {
        let row = client.operation(number);
        let done = match &order.number {
            Some(text) => assigned.contains_key(text),
            None => {
                let amount = Money::parse(&row.amount.unwrap().to_string()).unwrap();
                let card = row.card_id.unwrap().get();
                transactions.contains(&(card, amount.minor()))
            }
        };
        match order.told {
            Some(told) => {
                known += 1;
                assert_eq!(told.succeeded, done, "{number} {row:?}");
                if let (Some(text), Some(card)) = (&order.number, told.card) {
                    assert_eq!(assigned[text], Some(card));
                }
            }
            // An assignment that didn't arrive: nothing shows that it never will.
            None => {
                unknown += 1;
                assert!(
                    !done && order.number.is_some(),
                    "{number} could be known: {row:?}"
                );
                assert_eq!(sent[number], Sent::NoAnswer);
            }
        }
        if sent[number] == Sent::Acknowledged {
            assert!(done && order.told.is_some(), "{number} {row:?}");
        }
    }
    let count = |how| sent.iter().filter(|sent| **sent == how).count();
    println!(
        "{} operations: {} acknowledged, {} without an answer, {} not sent; {known} known, {unknown} not; \
         {} webhooks",
        sent.len(),
        count(Sent::Acknowledged),
        count(Sent::NoAnswer),
        count(Sent::Never),
        backend.came.lock().unwrap().len(),
    );
    assert!(count(Sent::Acknowledged) > ENOUGH, "there was work");
}
