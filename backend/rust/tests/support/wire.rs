//! The issuer in this process, with a clock that only moves when it is told to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bananatech_backend::{CallError, Gateway, Progress};
use bananatech_core::{
    Answer, CardId, Endpoints, Iv, KeyCodec, KeyRing, Merchant, MerchantId, Operation, SecretKey,
    Timestamp,
};
use bananatech_sandbox::{
    ApiRequest, Command, Fault, FaultKind, Issuer, Outcome, Seed, Settings, random, seed,
};
use serde_json::{Value, json};

const BASE: &str = "https://api.example";
/// From here on the merchant acts alone.
pub const START: i64 = 1_705_314_600_000;
/// Its first operation comes when the clocks can't confuse that any more.
pub const FIRST: i64 = START + 600_000;

pub struct Wire {
    issuer: Mutex<Issuer>,
    merchant: Merchant,
    now: AtomicI64,
    drawn: AtomicU64,
    /// Nobody listens there.
    pub is_unreachable: AtomicBool,
    /// Requests arrive, and their answers don't.
    pub loses_answers: AtomicBool,
    /// Requests that arrived at the issuer.
    pub arrived: AtomicU64,
    /// Requests arrive, and something between answers with this status.
    pub answers_with: AtomicU16,
    /// What an operator was told.
    pub told: Mutex<Vec<Progress>>,
}

fn at(now: i64) -> bananatech_sandbox::Timestamp {
    bananatech_sandbox::Timestamp(now)
}

impl Wire {
    /// An issuer where the merchant has money, and so many activated cards.
    pub fn new(cards: usize) -> (Arc<Self>, Vec<CardId>) {
        let issuer = Issuer::open_in_memory(
            Seed::standard(),
            Settings::default(),
            random::reproducible(1),
            at(START),
        );
        let key = SecretKey::from_text(seed::SECRET_KEY, KeyCodec::Utf8).unwrap();
        let merchant = Merchant::new(
            MerchantId::parse(seed::MERCHANT_ID).unwrap(),
            KeyRing::new("old", key).unwrap(),
            Endpoints::new(BASE).unwrap(),
        );
        let wire = Self {
            issuer: Mutex::new(issuer.unwrap()),
            merchant: merchant.sealed_answers_only(),
            now: AtomicI64::new(START),
            drawn: AtomicU64::new(0),
            is_unreachable: AtomicBool::new(false),
            loses_answers: AtomicBool::new(false),
            arrived: AtomicU64::new(0),
            answers_with: AtomicU16::new(0),
            told: Mutex::default(),
        };
        wire.control(Command::set_webhook_url("http://127.0.0.1:9/"));
        wire.post("merchants/top-up", &json!({ "amount": 1_000_000.0 }));
        let stock = Seed::standard().stock;
        let numbers = stock.iter().filter(|number| number.starts_with("5200"));
        let mut made = Vec::new();
        for number in numbers.take(cards) {
            let assign = json!({ "user_id": super::USER, "template_id": 1, "card_number": number });
            made.push(
                wire.query("/card/assign", &assign)["card_id"]
                    .as_u64()
                    .unwrap(),
            );
        }
        assert_eq!(made.len(), cards);
        wire.pass(1000);
        wire.webhooks();
        for card in &made {
            let activate = json!({ "user_id": super::USER, "card_id": card, "alter": "ACTIVATE", "pin": "482916" });
            wire.query("/card/update_status", &activate);
        }
        wire.pass(FIRST - START - 1000);
        wire.webhooks();
        let cards = made
            .into_iter()
            .map(|id| CardId::new(id).unwrap())
            .collect();
        (Arc::new(wire), cards)
    }

    pub fn merchant(&self) -> Merchant {
        self.merchant.clone()
    }

    fn issuer(&self) -> MutexGuard<'_, Issuer> {
        self.issuer.lock().unwrap()
    }

    fn time(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    fn control(&self, command: Command) -> Value {
        self.issuer()
            .control(command, at(self.time()))
            .unwrap()
            .value()
    }

    /// A control command as it comes over HTTP.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let command = Command::parse("POST", path, "", body.to_string().as_bytes());
        self.control(command.unwrap().unwrap())
    }

    /// Asks the issuer behind the merchant's back.
    pub fn query(&self, path: &str, body: &Value) -> Value {
        self.control(Command::call(path, &body.to_string()).unwrap())["body"].clone()
    }

    /// What is due, to be told what became of it.
    pub fn due(&self) -> Vec<(i64, Vec<u8>)> {
        let due = self.issuer().due(at(self.time())).unwrap();
        due.into_iter()
            .map(|delivery| (delivery.id, delivery.body))
            .collect()
    }

    pub fn delivered(&self, id: i64, outcome: Outcome) {
        let now = at(self.time());
        self.issuer().delivered(id, outcome, now).unwrap();
    }

    /// Something goes wrong from now on, a few times.
    pub fn add_fault(&self, kind: FaultKind, count: u32, ms: Option<i64>) {
        self.control(Command::AddFault(Fault {
            kind,
            count: Some(count),
            ms,
            event_type: None,
        }));
    }

    /// How many recharges the issuer carried out, by card and amount in minor units.
    pub fn carried_out(&self) -> BTreeMap<(i64, i64), i64> {
        let issuer = self.issuer();
        let sql = "SELECT card_id, amount, count(*) FROM operations WHERE kind = 'RECHARGE' AND state = 'SUCCESS' GROUP BY 1, 2";
        let mut statement = issuer.books().prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// The bodies of all webhooks that are due, each taken by the merchant.
    pub fn webhooks(&self) -> Vec<Vec<u8>> {
        let now = at(self.time());
        let mut issuer = self.issuer();
        let due = issuer.due(now).unwrap();
        for delivery in &due {
            issuer
                .delivered(delivery.id, Outcome::Answered(200), now)
                .unwrap();
        }
        due.into_iter().map(|delivery| delivery.body).collect()
    }
}

impl Gateway for Wire {
    async fn call<O: Operation>(&self, operation: O) -> Result<Answer<O::Response>, CallError> {
        let call = self
            .merchant
            .call(operation, Iv::from_random_bytes(self.random_bytes()))?;
        if self.is_unreachable.load(Ordering::SeqCst) {
            return Err(CallError::NotSent("nobody listens there".into()));
        }
        let request = call.request();
        let headers = request.headers().iter();
        let request = ApiRequest {
            path: request.url().strip_prefix(BASE).unwrap().to_owned(),
            headers: headers
                .map(|header| (header.name.to_owned(), header.value.clone()))
                .collect(),
            body: request.body().as_bytes().to_vec(),
        };
        self.arrived.fetch_add(1, Ordering::SeqCst);
        let response = self.issuer().handle(&request, at(self.time()));
        if self.loses_answers.load(Ordering::SeqCst) {
            return Err(CallError::NoAnswer("the connection was cut".into()));
        }
        match self.answers_with.load(Ordering::SeqCst) {
            0 => Ok(call.read(response.status, &response.body)?),
            status => Ok(call.read(status, b"Bad Gateway")?),
        }
    }

    async fn tell(&self, progress: Progress) {
        self.told.lock().unwrap().push(progress);
    }

    fn random_bytes(&self) -> [u8; 16] {
        let drawn = self.drawn.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        bytes[8..].copy_from_slice(&drawn.to_le_bytes());
        bytes
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.time())
    }
}
