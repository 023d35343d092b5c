//! Answers to all 15 operations, sealed, plain and broken, of every status.
#![no_main]

use std::sync::LazyLock;

use bananatech_core::{AnyOperation, Error, OperationKind};
use bananatech_fuzz::{MERCHANT, choice, iv, no_echo_in_parts, with_canaries};
use libfuzzer_sys::fuzz_target;

/// One of each.
static OPERATIONS: LazyLock<Vec<AnyOperation>> = LazyLock::new(|| {
    OperationKind::ALL
        .iter()
        .map(|kind| {
            let body = match kind {
                OperationKind::SetWebhookUrl => r#"{"url":"https://merchant.example/hook"}"#,
                OperationKind::Register => r#"{"email":"ada@example.com","template_id":1}"#,
                OperationKind::Apply => r#"{"user_id":1,"template_id":1}"#,
                OperationKind::Recharge => r#"{"user_id":1,"card_id":2,"amount":"1.00"}"#,
                OperationKind::UpdateStatus => r#"{"user_id":1,"card_id":2,"alter":"LOCK"}"#,
                OperationKind::GetBalance | OperationKind::GetInformation => {
                    r#"{"user_id":1,"card_id":2}"#
                }
                OperationKind::Assign => {
                    r#"{"user_id":1,"template_id":1,"card_number":"1234567890123456"}"#
                }
                OperationKind::SetPin => r#"{"user_id":1,"card_id":2,"pin":"6789"}"#,
                _ => "{}",
            };
            AnyOperation::from_json(*kind, body).expect("a right body")
        })
        .collect()
});

fn read(operation: &AnyOperation, status: u16, body: &[u8]) {
    match MERCHANT.read(operation, status, body) {
        Ok(answer) => {
            assert!((200..300).contains(&status));
            let _ = serde_json::to_string(&*answer).expect("a response can be written");
        }
        Err(error) => {
            assert!(
                !matches!(error, Error::Invalid(_)),
                "an answer isn't the caller's fault"
            );
            no_echo_in_parts(&error);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = choice(data) else {
        return;
    };
    let operation = &OPERATIONS[first % OPERATIONS.len()];
    read(operation, 200, rest);
    if let Ok(text) = std::str::from_utf8(rest) {
        for text in with_canaries(first, text) {
            let sealed = MERCHANT.test_answer(&text, iv());
            for status in [200, 400] {
                read(operation, status, text.as_bytes());
                read(operation, status, sealed.as_bytes());
            }
        }
    }
    if let [high, low, rest @ ..] = rest {
        read(operation, u16::from_be_bytes([*high, *low]), rest);
    }
});
