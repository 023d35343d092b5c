//! Amounts: text and JSON there and back, and arithmetic against whole numbers.
#![no_main]

use bananatech_core::{Amount, json};
use bananatech_fuzz::{checked, text, with_canaries};
use libfuzzer_sys::fuzz_target;

/// The number as a whole one of 10^-scale, if that fits: a second reading, by other means.
fn whole(amount: Amount) -> (i128, u32) {
    let text = amount.to_string();
    let scale = text
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let digits = text.replace('.', "");
    (
        digits.parse().expect("an amount's digits fit"),
        u32::try_from(scale).expect("few"),
    )
}

fn at(scale: u32, (digits, own): (i128, u32)) -> Option<i128> {
    digits.checked_mul(10_i128.checked_pow(scale - own)?)
}

fn arithmetic(a: Amount, b: Amount) {
    let (wa, wb) = (whole(a), whole(b));
    let scale = wa.1.max(wb.1);
    let both = at(scale, wa).zip(at(scale, wb));
    if let Some((x, y)) = both {
        assert_eq!(a.cmp(&b), x.cmp(&y));
        assert_eq!(a == b, x == y);
    }
    for (result, expected) in [
        (a.plus(b), both.and_then(|(x, y)| x.checked_add(y))),
        (a.minus(b), both.and_then(|(x, y)| x.checked_sub(y))),
    ] {
        if let Some(result) = checked(result) {
            let expected = expected.expect("what doesn't fit 127 bits doesn't fit 96");
            let result = whole(result);
            assert_eq!(
                at(scale.max(result.1), result),
                at(scale.max(result.1), (expected, scale))
            );
        }
    }
    if let Some(part) = checked(a.percent(b)) {
        // part * 100 = a * b, exactly.
        let part = whole(part);
        if let Some(product) = wa.0.checked_mul(wb.0) {
            let (left, left_scale) = (part.0.checked_mul(100), part.1);
            let scale = left_scale.max(wa.1 + wb.1);
            let left = left.and_then(|left| at(scale, (left, left_scale)));
            let right = at(scale, (product, wa.1 + wb.1));
            if let (Some(left), Some(right)) = (left, right) {
                assert_eq!(left, right);
            }
        }
    }
}

fn amount(text: &str) -> Option<Amount> {
    let from_json: Option<Amount> = checked(json::from_str(text));
    if let Some(amount) = from_json {
        let written = serde_json::to_string(&amount).expect("it can be written");
        let again: Amount = json::from_str(&written).expect("our own JSON is read");
        assert_eq!((amount, amount.to_string()), (again, again.to_string()));
    }
    let amount = checked(Amount::parse(text))?;
    // It keeps its spelling (but not the sign of nothing).
    if amount != Amount::ZERO {
        assert_eq!(amount.to_string(), text);
    }
    assert_eq!(checked(Amount::parse(&amount.to_string())), Some(amount));
    assert_eq!(amount.is_positive(), amount > Amount::ZERO);
    Some(amount)
}

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = text(data) else {
        return;
    };
    for text in with_canaries(first, text) {
        amount(&text);
    }
    let mut amounts = text.split([' ', '\n']).filter_map(amount);
    if let (Some(a), Some(b)) = (amounts.next(), amounts.next()) {
        arithmetic(a, b);
        arithmetic(b, a);
        arithmetic(a, a);
    }
});
