//! What only tests and benchmarks call.

use bananatech_core::AnyOperation;

use crate::Result;
use crate::merchant::{Header, Request};
use crate::values::{Address, Redacted};

/// Panics, to see what becomes of it on the other side.
#[uniffi::export]
#[expect(clippy::panic, reason = "that is its purpose")]
pub fn testing_panic() -> Result<()> {
    panic!("as a test asked for")
}

/// Takes what sealing takes and answers what sealing answers, without any work: what the border alone costs.
#[uniffi::export(default(iv = None))]
pub fn testing_echo(operation: AnyOperation, iv: Option<Vec<u8>>, body: String) -> Result<Request> {
    drop((operation, iv));
    let header = |name: &str, value: &str| Header {
        name: name.to_owned(),
        value: Redacted::from(value),
    };
    Ok(Request {
        method: "POST".to_owned(),
        url: Address::new("https://api.example/card/recharge"),
        headers: vec![
            header("Content-Type", "application/json"),
            header("Merchant-ID", "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10"),
            header("X-HMAC", &"0".repeat(64)),
        ],
        body,
    })
}
