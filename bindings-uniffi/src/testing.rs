//! What only tests and benchmarks call.

use std::hint::black_box;
use std::time::Instant;

use bananatech_core::{AnyOperation, Event, Iv, Json};

use crate::Result;
use crate::merchant::{Delivery, Header, Merchant, SealedRequest};
use crate::values::{Address, Redacted};

/// Panics, to see what becomes of it on the other side.
#[uniffi::export]
#[expect(clippy::panic, reason = "that is its purpose")]
pub fn testing_panic() -> Result<()> {
    panic!("as a test asked for")
}

/// Times `count` runs of something, in nanoseconds.
fn nanos<T>(count: i32, mut run: impl FnMut() -> T) -> i64 {
    let started = Instant::now();
    for _ in 0..count {
        black_box(run());
    }
    i64::try_from(started.elapsed().as_nanos()).unwrap_or(i64::MAX)
}

#[uniffi::export]
impl Merchant {
    /// Takes what `seal` takes and answers what it answers for 200 bytes, without any work: what the border alone costs.
    #[uniffi::method(default(iv = None))]
    pub fn testing_echo_request(
        &self,
        operation: AnyOperation,
        iv: Option<Vec<u8>>,
    ) -> Result<SealedRequest> {
        drop((operation, iv));
        let header = |name: &str, value: &str| Header {
            name: name.to_owned(),
            value: Redacted::from(value),
        };
        Ok(SealedRequest {
            method: "POST".to_owned(),
            url: Address::new("https://api.example/card/get_transactions"),
            headers: vec![
                header("Content-Type", "application/json"),
                header("Merchant-ID", "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10"),
                header("X-HMAC", &"0".repeat(64)),
            ],
            body: "b".repeat(324),
        })
    }

    /// Takes what `receive` takes, and answers what it answers, which is given as JSON once, without any work.
    pub fn testing_echo_delivery(&self, raw_body: Vec<u8>) -> Result<Delivery> {
        static EVENT: std::sync::OnceLock<Event> = std::sync::OnceLock::new();
        drop(raw_body);
        let event = match EVENT.get() {
            Some(event) => event.clone(),
            None => {
                let event = Event::from_json(
                    r#"{"type":"CARD_RECHARGE_RESULT","data":{"card_id":67890,"transaction_id":4711,"receive_amount":100.0,
                    "status":"SUCCESS","currency":"USD","template_id":123,"user_id":12345,"description":"Recharge of the card now",
                    "occur_time":1691249025085}}"#,
                )?;
                EVENT.get_or_init(|| event).clone()
            }
        };
        Ok(Delivery {
            event,
            fingerprint: "0".repeat(64),
            key_id: "default".to_owned(),
            raw: Json::parse("{}")?,
        })
    }

    /// How many nanoseconds the core takes, from Rust, to seal that operation so many times.
    pub fn testing_seal_nanos(&self, operation: AnyOperation, count: i32) -> Result<i64> {
        Ok(nanos(count, || {
            self.0
                .call(operation.clone(), Iv::from_random_bytes([9; 16]))
        }))
    }

    /// How many nanoseconds the core takes, from Rust, to receive that webhook so many times.
    pub fn testing_receive_nanos(&self, raw_body: Vec<u8>, count: i32) -> Result<i64> {
        Ok(nanos(count, || self.0.receive(&raw_body)))
    }
}
