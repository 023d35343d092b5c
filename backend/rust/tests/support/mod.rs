//! An issuer in this process, and databases to run against.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each file of tests uses its own part"
)]

pub mod gate;
pub mod postgres;
pub mod wire;

use std::sync::Arc;

use bananatech_backend::{Backend, Notice, Store};
use bananatech_core::operations::card::Recharge;
use bananatech_core::{Amount, Assumptions, CardId, Timestamp, UserId};

use wire::{START, Wire};

pub const USER: u32 = 12345;

/// An instance. Nobody else acts for the merchant.
pub fn instance<S: Store>(store: S, wire: &Arc<Wire>) -> Backend<S, Arc<Wire>> {
    let assumptions =
        Assumptions::exclusive_since(Timestamp::from_millis(START)).final_after(3_600_000);
    Backend::new(wire.merchant(), assumptions, store, Arc::clone(wire))
}

pub fn recharge(card: CardId, amount: &str) -> Recharge {
    Recharge {
        user_id: UserId::from(USER),
        card_id: card,
        amount: Amount::parse(amount).unwrap(),
    }
}

/// All notices, taken.
pub async fn notices<S: Store>(backend: &Backend<S, Arc<Wire>>) -> Vec<Notice> {
    let mut taken = Vec::new();
    let take = |notice| {
        taken.push(notice);
        std::future::ready(Ok::<(), String>(()))
    };
    backend.deliver(take).await.unwrap();
    taken
}

/// Lets the issuer decide, and takes all webhooks, once each.
pub async fn take_webhooks<S: Store>(backend: &Backend<S, Arc<Wire>>, wire: &Wire) {
    for _ in 0..5 {
        wire.pass(1000);
        for body in wire.webhooks() {
            backend.receive(&body).await.unwrap();
        }
    }
}
