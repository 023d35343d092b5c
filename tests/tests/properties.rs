//! What has to hold for every input, not only for the examples.
#![allow(missing_docs)]

use bananatech_core::operations::card::{Assign, Recharge, UpdateStatus};
use bananatech_core::operations::merchant::GetAccountBalance;
use bananatech_core::{
    Amount, AnyOperation, CardId, CardNumber, CardState, Error, Event, Fold, Iv, Plan, SecretKey,
    TemplateId, UserId, json,
};
use bananatech_tests::merchant_with;
use proptest::prelude::*;

fn key() -> impl Strategy<Value = SecretKey> {
    prop_oneof![
        any::<[u8; 16]>().prop_map(|bytes| SecretKey::from_bytes(&bytes).unwrap()),
        any::<[u8; 24]>().prop_map(|bytes| SecretKey::from_bytes(&bytes).unwrap()),
        any::<[u8; 32]>().prop_map(|bytes| SecretKey::from_bytes(&bytes).unwrap()),
    ]
}

/// JSON text of any length, so that it ends anywhere in a block and in a chunk.
fn json_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,200}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        (0_usize..5000).prop_map(|length| format!("\"{}\"", "x".repeat(length))),
    ]
}

proptest! {
    #[test]
    fn what_is_sealed_opens(key in key(), iv in any::<[u8; 16]>(), text in json_text()) {
        let merchant = merchant_with(key);
        let body = merchant.test_answer(&text, Iv::from_random_bytes(iv));
        match merchant.read(&GetAccountBalance::default(), 400, body.as_bytes()) {
            Err(Error::Rejected(rejection)) => {
                prop_assert!(rejection.is_authenticated());
                prop_assert_eq!(rejection.body(), text);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn no_changed_byte_opens(
        key in key(), iv in any::<[u8; 16]>(), text in json_text(), at in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let merchant = merchant_with(key);
        let mut body = merchant.test_webhook("CARD_3DS", &text, Iv::from_random_bytes(iv)).into_bytes();
        // Within the payload: what stands around it isn't signed.
        let start = body.windows(4).position(|w| w == b"d\":\"").unwrap() + 4;
        let end = start + body[start..].iter().position(|b| *b == b'"').unwrap();
        let at = start + at.index(end - start);
        body[at] ^= 1 << bit;
        prop_assert!(merchant.receive(&body).is_err());
    }

    #[test]
    fn no_other_key_opens(one in any::<[u8; 32]>(), other in any::<[u8; 32]>(), iv in any::<[u8; 16]>()) {
        prop_assume!(one != other);
        let sealed = merchant_with(SecretKey::from_bytes(&one).unwrap())
            .test_webhook("CARD_3DS", "{}", Iv::from_random_bytes(iv));
        let merchant = merchant_with(SecretKey::from_bytes(&other).unwrap());
        prop_assert_eq!(merchant.receive(sealed.as_bytes()).unwrap_err(), Error::NotAuthentic);
    }

    #[test]
    fn amounts_keep_every_digit(whole in 0_u64..=999_999_999_999_999_999, fraction in "[0-9]{0,10}", negative: bool) {
        let sign = if negative { "-" } else { "" };
        let dot = if fraction.is_empty() { "" } else { "." };
        let text = format!("{sign}{whole}{dot}{fraction}");
        let amount = Amount::parse(&text).unwrap();
        let shown = amount.to_string();
        // Minus zero is zero.
        let expected = if amount == Amount::ZERO { text.trim_start_matches('-') } else { &text };
        prop_assert_eq!(&shown, expected);
        prop_assert_eq!(json::from_str::<Amount>(&text).unwrap(), amount);
        prop_assert_eq!(json::from_str::<Amount>(&format!("\"{text}\"")).unwrap(), amount);
        // serde_json has made a float of a number with a fraction. Up to 15 digits are exact, and a large one is refused.
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        match serde_json::from_str::<Amount>(&text) {
            Ok(read) if digits <= 15 || fraction.is_empty() => prop_assert_eq!(read, amount),
            Ok(_) => prop_assert!(whole < 1_000_000_000_000_000),
            Err(_) => prop_assert!(digits > 15 && !fraction.is_empty()),
        }
        prop_assert_eq!(serde_json::from_str::<Amount>(&format!("\"{text}\"")).unwrap(), amount);
    }

    #[test]
    fn sums_come_back(a in -1_000_000_000_000_i64..1_000_000_000_000, b in -1_000_000_000_000_i64..1_000_000_000_000) {
        let cents = |n: i64| {
            let sign = if n < 0 { "-" } else { "" };
            Amount::parse(&format!("{sign}{}.{:02}", n.unsigned_abs() / 100, n.unsigned_abs() % 100)).unwrap()
        };
        prop_assert_eq!(cents(a).plus(cents(b)).unwrap(), cents(a + b));
        prop_assert_eq!(cents(a).minus(cents(b)).unwrap(), cents(a - b));
        prop_assert_eq!(cents(a).plus(cents(b)).unwrap().minus(cents(b)).unwrap(), cents(a));
    }

    #[test]
    fn an_event_reads_again_as_it_came(
        before in "[ \t\n\r]{0,3}", data in json_text(), after in "[ \t\n\r]{0,3}",
        kind in prop::sample::select(vec!["CARD_ACTIVATE_RESULT", "CARD_3DS", "CARD_NEWS"]), iv in any::<[u8; 16]>(),
    ) {
        let merchant = merchant_with(SecretKey::from_bytes(&[7; 32]).unwrap());
        let body = merchant.test_webhook(kind, &format!("{before}{data}{after}"), Iv::from_random_bytes(iv));
        let delivery = merchant.receive(body.as_bytes()).unwrap();
        let again = Event::from_json(&delivery.event().to_json()).unwrap();
        prop_assert_eq!(delivery.event(), &again);
    }

    #[test]
    fn plans_travel_unchanged(user: u32, card: u32, cents in 1_u64..1_000_000_000_000, digits in "[0-9]{16,19}") {
        let amount = Amount::parse(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap();
        let (user_id, card_id) = (UserId::from(user), CardId::from(card));
        let operations: [AnyOperation; 3] = [
            Recharge { user_id, card_id, amount }.into(),
            UpdateStatus::close(user_id, card_id).into(),
            Assign { user_id, template_id: TemplateId::from(1), card_number: CardNumber::parse(&digits).unwrap() }.into(),
        ];
        for operation in operations {
            let plan = Plan::new(operation).unwrap();
            prop_assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
        }
    }
}

/// An event of card 1 (or, now and then, of card 2), at one of a few moments, so that ties and repetitions happen.
fn event() -> impl Strategy<Value = Event> {
    let status = prop_oneof![3 => Just("SUCCESS"), 1 => Just("FAILED")];
    let card = prop_oneof![9 => Just(1), 1 => Just(2)];
    (0_usize..6, card, status, 0_u8..6, 0_u8..3).prop_map(|(kind, card, status, at, which)| {
        let (event_type, more) = match kind {
            0 => ("CARD_ASSIGN_RESULT", r#","user_id":5"#.to_owned()),
            1 => ("CARD_ACTIVATE_RESULT", r#","card_number":"1234567890123456""#.to_owned()),
            2 | 3 => {
                let card_status = ["LOCKED", "ACTIVE", "FROZEN"][usize::from(which)];
                ("CARD_STATUS_CHANGE", format!(r#","card_status":"{card_status}""#))
            }
            4 => ("CARD_CLOSE_RESULT", r#","transaction_id":1,"refund_amount":5"#.to_owned()),
            _ => {
                let text = format!(
                    r#"{{"type":"CARD_BALANCE_CHANGE","data":{{"card_id":{card},"amount":{which},"available":{which},
                       "before_available":0,"currency":"USD","occur_time":{at}}}}}"#
                );
                return Event::from_json(&text).unwrap();
            }
        };
        let text = format!(
            r#"{{"type":"{event_type}","data":{{"card_id":{card},"status":"{status}","occur_time":{at}{more}}}}}"#
        );
        Event::from_json(&text).unwrap()
    })
}

proptest! {
    #[test]
    fn a_cards_state_is_the_same_in_any_order(
        events in prop::collection::vec(event(), 0..12), again in any::<prop::sample::Index>(), seed: u64,
    ) {
        let mut in_order = CardState::new(CardId::from(1));
        for event in &events {
            in_order.fold(event);
        }
        let mut shuffled = events.clone();
        if !events.is_empty() {
            shuffled.push(events[again.index(events.len())].clone());
        }
        // A shuffle that proptest can shrink: by a key that the seed decides.
        let mut keyed: Vec<_> = shuffled.into_iter().enumerate().collect();
        keyed.sort_by_key(|(at, _)| (*at as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let mut in_disorder = CardState::new(CardId::from(1));
        for (_, event) in &keyed {
            in_disorder.fold(event);
        }
        prop_assert_eq!(&in_order, &in_disorder);
        // Once in, nothing counts a second time.
        for (_, event) in &keyed {
            prop_assert!(in_disorder.fold(event) != Fold::Applied);
        }
        prop_assert_eq!(&in_order, &in_disorder);
        let stored = serde_json::to_string(&in_order).unwrap();
        prop_assert_eq!(serde_json::from_str::<CardState>(&stored).unwrap(), in_order);
    }
}
