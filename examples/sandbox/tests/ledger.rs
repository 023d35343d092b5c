//! Whatever is asked for in whatever order, money is neither made nor lost, and nobody owes what they don't have.

mod common;

use bananatech_sandbox::{Command, Money, Outcome};
use common::{Bench, request};
use proptest::prelude::*;
use serde_json::json;

#[derive(Clone, Debug)]
enum Step {
    Assign {
        user: i64,
        number: usize,
    },
    Apply {
        user: i64,
        template: i64,
        deposit: Option<i64>,
    },
    Alter {
        card: usize,
        word: &'static str,
    },
    Recharge {
        card: usize,
        amount: i64,
    },
    Authorize {
        card: usize,
        amount: i64,
    },
    Clear {
        purchase: i64,
        amount: Option<i64>,
    },
    Reverse {
        purchase: i64,
    },
    Refund {
        purchase: i64,
        amount: Option<i64>,
    },
    Correct {
        card: usize,
        amount: i64,
    },
    Console {
        card: usize,
        amount: i64,
    },
    ConsoleFault,
    TopUp {
        amount: i64,
    },
    Wait {
        ms: i64,
    },
    Deliver {
        status: u16,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let user = prop_oneof![Just(12345_i64), Just(67890)];
    let amount = prop_oneof![4 => 1..60_000_i64, 1 => 6601..=6603_i64, 1 => -5..1_000_000_i64];
    let part = prop::option::of(1..20_000_i64);
    let card = 0..6_usize;
    let purchase = 300_001..300_040_i64;
    let word = prop_oneof![4 => Just("ACTIVATE"), 1 => Just("LOCK"), 1 => Just("UNLOCK"), 1 => Just("CLOSE")];
    prop_oneof![
        2 => (user.clone(), 0..6_usize).prop_map(|(user, number)| Step::Assign { user, number }),
        2 => (user, 1..8_i64, prop::option::of(amount.clone()))
            .prop_map(|(user, template, deposit)| Step::Apply { user, template, deposit }),
        4 => (card.clone(), word).prop_map(|(card, word)| Step::Alter { card, word }),
        6 => (card.clone(), amount.clone()).prop_map(|(card, amount)| Step::Recharge { card, amount }),
        4 => (card.clone(), 1..20_000_i64).prop_map(|(card, amount)| Step::Authorize { card, amount }),
        2 => (purchase.clone(), part.clone()).prop_map(|(purchase, amount)| Step::Clear { purchase, amount }),
        1 => purchase.clone().prop_map(|purchase| Step::Reverse { purchase }),
        2 => (purchase, part).prop_map(|(purchase, amount)| Step::Refund { purchase, amount }),
        1 => (card.clone(), amount).prop_map(|(card, amount)| Step::Console { card, amount }),
        1 => Just(Step::ConsoleFault),
        1 => (card, -20_000..20_000_i64).prop_map(|(card, amount)| Step::Correct { card, amount }),
        1 => (1..100_000_i64).prop_map(|amount| Step::TopUp { amount }),
        4 => (1..40_000_i64).prop_map(|ms| Step::Wait { ms }),
        4 => prop_oneof![3 => Just(200_u16), 1 => Just(500)].prop_map(|status| Step::Deliver { status }),
    ]
}

const NUMBERS: [&str; 6] = [
    "1234567890123456",
    "4000001200000013",
    "4000000000010100",
    "4000000000050007",
    "4000000000090003",
    "4000000000090201",
];

impl Step {
    fn take(&self, bench: &mut Bench, cards: &mut Vec<(i64, i64)>) {
        let at = |index: usize| cards.get(index).copied().unwrap_or((12345, 200_001));
        let money = Money::from_minor;
        let text = |minor: i64| Money::from_minor(minor).to_string();
        let optional = |name: &str, minor: &Option<i64>| {
            minor.map_or(String::new(), |minor| {
                format!(",\"{name}\":{}", text(minor))
            })
        };
        match self {
            Step::Assign { user, number } => {
                let body =
                    json!({ "user_id": user, "template_id": 1, "card_number": NUMBERS[*number] });
                let (status, answer) = bench.call("/card/assign", body);
                if status == 200 {
                    cards.push((*user, answer["card_id"].as_i64().unwrap()));
                }
            }
            Step::Apply {
                user,
                template,
                deposit,
            } => {
                let body = format!(
                    "{{\"user_id\":{user},\"template_id\":{template}{}}}",
                    optional("deposit_amount", deposit)
                );
                let response = bench
                    .issuer
                    .handle(&request("/card/apply", &body), bench.now);
                if response.status == 200 {
                    cards.push((*user, common::read(&response)["card_id"].as_i64().unwrap()));
                }
            }
            Step::Alter { card, word } => {
                let (user, card) = at(*card);
                let mut body = json!({ "user_id": user, "card_id": card, "alter": word });
                let virtual_too = bench.call("/card/update_status", body.clone());
                if virtual_too.1["code"] == "missing_field" {
                    body["pin"] = json!("123456");
                    bench.call("/card/update_status", body);
                }
            }
            Step::Recharge { card, amount } => {
                let (user, card) = at(*card);
                let body = format!(
                    "{{\"user_id\":{user},\"card_id\":{card},\"amount\":{}}}",
                    text(*amount)
                );
                bench
                    .issuer
                    .handle(&request("/card/recharge", &body), bench.now);
            }
            Step::Authorize { card, amount } => {
                let (card_id, amount) = (at(*card).1, money(*amount));
                let merchant_name = "Shop".to_owned();
                let command = Command::Authorize {
                    card_id,
                    amount,
                    merchant_name,
                    pin: None,
                };
                control(bench, command);
            }
            Step::Clear { purchase, amount } => {
                control(
                    bench,
                    Command::Clear {
                        transaction_id: *purchase,
                        amount: amount.map(money),
                    },
                );
            }
            Step::Reverse { purchase } => control(
                bench,
                Command::Reverse {
                    transaction_id: *purchase,
                },
            ),
            Step::Refund { purchase, amount } => {
                control(
                    bench,
                    Command::Refund {
                        transaction_id: *purchase,
                        amount: amount.map(money),
                    },
                );
            }
            Step::Correct { card, amount } => {
                let (card_id, amount, reason) = (at(*card).1, money(*amount), "test".to_owned());
                control(
                    bench,
                    Command::Correct {
                        card_id,
                        amount,
                        reason,
                    },
                );
            }
            Step::Console { card, amount } => {
                let (card_id, amount) = (at(*card).1, money(*amount));
                control(bench, Command::ConsoleRecharge { card_id, amount });
            }
            Step::ConsoleFault => {
                bench.control("faults", json!({ "kind": "console_recharge", "count": 1 }));
            }
            Step::TopUp { amount } => control(
                bench,
                Command::TopUp {
                    merchant_id: None,
                    amount: money(*amount),
                },
            ),
            Step::Wait { ms } => bench.now = bench.now.plus_ms(*ms),
            Step::Deliver { status } => {
                for delivery in bench.issuer.due(bench.now).unwrap() {
                    bench
                        .issuer
                        .delivered(delivery.id, Outcome::Answered(*status), bench.now)
                        .unwrap();
                }
            }
        }
    }
}

/// A refusal is fine; a failure of the sandbox (such as the database's own check of a balance) isn't.
fn control(bench: &mut Bench, command: Command) {
    let result = bench.issuer.control(command, bench.now);
    assert!(
        !matches!(result, Err(bananatech_sandbox::ControlError::Failed(_))),
        "{result:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_are_sound_at_every_moment(steps in prop::collection::vec(step(), 1..120)) {
        let mut bench = Bench::new();
        let mut cards = Vec::new();
        for step in &steps {
            step.take(&mut bench, &mut cards);
            let audit = bench.issuer.audit().unwrap();
            prop_assert!(audit.is_sound(), "{step:?}: {audit:?}");
        }
        // In the end nothing is left undone.
        bench.run(3_600_000);
        let audit = bench.issuer.audit().unwrap();
        prop_assert!(audit.is_sound());
        prop_assert_eq!((audit.pending_operations, audit.pending_deliveries), (0, 0));
    }
}
