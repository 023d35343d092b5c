//! An issuer on a virtual clock, with a receiver that opens every webhook.
#![allow(dead_code, reason = "every test file uses its own part")]

pub(crate) mod process;

use bananatech_sandbox::envelope::{KeyCodec, SecretKey, open, seal};
use bananatech_sandbox::seed::{MERCHANT_ID, SECRET_KEY};
use bananatech_sandbox::{
    ApiRequest, ApiResponse, Command, Delivery, Issuer, Outcome, Seed, Settings, Timestamp, random,
};
use serde_json::{Value, json};

/// Where the clock starts: 2024-01-15T10:30:00Z.
pub(crate) const START: Timestamp = Timestamp(1_705_314_600_000);

pub(crate) fn key() -> SecretKey {
    SecretKey::new(SECRET_KEY, KeyCodec::Utf8).unwrap()
}

/// The request that the merchant would send.
pub(crate) fn request(path: &str, body: &str) -> ApiRequest {
    let sealed = seal(&key(), [7; 16], body.as_bytes());
    ApiRequest {
        path: path.to_owned(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("merchant-id".to_owned(), MERCHANT_ID.to_owned()),
            ("x-hmac".to_owned(), sealed.hmac),
        ],
        body: json!({ "encrypted_payload": sealed.encrypted_payload })
            .to_string()
            .into_bytes(),
    }
}

/// An answer's plain JSON, sealed or not.
pub(crate) fn read(response: &ApiResponse) -> Value {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    match body["encrypted_payload"].as_str() {
        Some(payload) => {
            let (_, plaintext) = open(&[key()], payload, body["hmac"].as_str().unwrap()).unwrap();
            serde_json::from_slice(&plaintext).unwrap()
        }
        None => body,
    }
}

/// A webhook's type and data, or nothing if it can't be opened.
pub(crate) fn read_webhook(delivery: &Delivery) -> Option<(String, Value)> {
    let body: Value = serde_json::from_slice(&delivery.body).ok()?;
    let (_, plaintext) = open(
        &[key()],
        body["encrypted_payload"].as_str()?,
        body["hmac"].as_str()?,
    )
    .ok()?;
    let data = serde_json::from_slice(&plaintext).ok()?;
    Some((body["type"].as_str()?.to_owned(), data))
}

pub(crate) struct Bench {
    pub(crate) issuer: Issuer,
    pub(crate) now: Timestamp,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Bench {
        let mut issuer =
            Issuer::open_in_memory(Seed::standard(), settings, random::reproducible(1), START)
                .unwrap();
        issuer
            .control(Command::set_webhook_url("http://127.0.0.1:9/"), START)
            .unwrap();
        Bench { issuer, now: START }
    }

    pub(crate) fn call(&mut self, path: &str, body: Value) -> (u16, Value) {
        let response = self
            .issuer
            .handle(&request(path, &body.to_string()), self.now);
        (response.status, read(&response))
    }

    pub(crate) fn ok(&mut self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(path, body);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// The code with which it is refused.
    pub(crate) fn refused(&mut self, path: &str, body: Value) -> String {
        let (status, answer) = self.call(path, body);
        assert_eq!(status, 400, "{path}: {answer}");
        answer["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn control(&mut self, path: &str, body: Value) -> Value {
        let command = Command::parse("POST", path, "", body.to_string().as_bytes())
            .unwrap()
            .unwrap();
        self.issuer.control(command, self.now).unwrap().value()
    }

    pub(crate) fn control_refused(&mut self, path: &str, body: Value) -> String {
        let command = Command::parse("POST", path, "", body.to_string().as_bytes())
            .unwrap()
            .unwrap();
        match self.issuer.control(command, self.now) {
            Err(bananatech_sandbox::ControlError::Refused(refusal)) => refusal.code.to_owned(),
            other => panic!("{other:?}"),
        }
    }

    /// Lets time pass and answers 200 to everything that comes within it.
    pub(crate) fn run(&mut self, ms: i64) -> Vec<(String, Value)> {
        self.attempts(ms, |_| Outcome::Answered(200))
            .iter()
            .filter_map(read_webhook)
            .collect()
    }

    /// Lets time pass, with a receiver of one's own.
    pub(crate) fn attempts(
        &mut self,
        ms: i64,
        mut receive: impl FnMut(&Delivery) -> Outcome,
    ) -> Vec<Delivery> {
        let end = self.now.plus_ms(ms);
        let mut attempts = Vec::new();
        while let Some(next) = self
            .issuer
            .next_due(self.now)
            .unwrap()
            .filter(|next| *next <= end)
        {
            self.now = next;
            let due = self.issuer.due(self.now).unwrap();
            for delivery in due {
                self.issuer
                    .delivered(delivery.id, receive(&delivery), self.now)
                    .unwrap();
                attempts.push(delivery);
            }
        }
        self.now = end;
        attempts
    }

    /// The types of what comes within a second.
    pub(crate) fn types(&mut self) -> Vec<String> {
        self.run(1000).into_iter().map(|(kind, _)| kind).collect()
    }

    /// A plastic card that is active and empty.
    pub(crate) fn plastic(&mut self) -> i64 {
        let id = self.assigned("1234567890123456");
        self.ok(
            "/card/update_status",
            json!({ "user_id": 12345, "card_id": id, "alter": "ACTIVATE", "pin": "123456" }),
        );
        assert_eq!(self.types(), ["CARD_ACTIVATE_RESULT"]);
        id
    }

    /// A plastic card that is to be activated.
    pub(crate) fn assigned(&mut self, number: &str) -> i64 {
        let answer = self.ok(
            "/card/assign",
            json!({ "user_id": 12345, "template_id": 1, "card_number": number }),
        );
        assert_eq!(self.types(), ["CARD_ASSIGN_RESULT"]);
        answer["card_id"].as_i64().unwrap()
    }

    /// A plastic card with money on it.
    pub(crate) fn funded(&mut self) -> i64 {
        let id = self.plastic();
        self.ok(
            "/card/recharge",
            json!({ "user_id": 12345, "card_id": id, "amount": 100.0 }),
        );
        assert_eq!(
            self.types(),
            ["CARD_RECHARGE_RESULT", "CARD_BALANCE_CHANGE"]
        );
        id
    }

    pub(crate) fn balance(&mut self) -> f64 {
        self.ok("/merchant/get_account_balance", json!({}))["balance"]
            .as_f64()
            .unwrap()
    }

    pub(crate) fn status(&mut self, card: i64) -> String {
        self.ok(
            "/card/get_information",
            json!({ "user_id": 12345, "card_id": card }),
        )["status"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn sound(&self) {
        let audit = self.issuer.audit().unwrap();
        assert!(audit.is_sound(), "{audit:?}");
    }
}
