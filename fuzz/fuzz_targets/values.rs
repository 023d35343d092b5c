//! Every value that is made from text: what is taken keeps the rules, what isn't is told without repeating it.
#![no_main]

use bananatech_core::{
    ActivationPin, Brand, CardNumber, Currency, Cvv, DisplayedNumber, Endpoints, EventType, Expiry,
    Iv, KeyCodec, KeyRing, MerchantId, OperationKind, Pin, PinContext, SecretKey,
};
use bananatech_fuzz::{CANARIES, checked, text, with_canaries};
use libfuzzer_sys::fuzz_target;

fn digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn values(text: &str) {
    let number = checked(CardNumber::parse(text));
    assert_eq!(number.is_some(), digits(text, 16..=19));
    if let Some(number) = number {
        assert_eq!(number.expose(), text);
        assert_eq!(number.masked().len(), text.len());
        assert!(!format!("{number:?}").contains(&text[..6]));
        let _ = (number.luhn(), number.brand(), number.bin6(), number.bin8());
    }
    let _ = Brand::of(text).map(Brand::as_str);
    let displayed = DisplayedNumber::from(text.to_owned());
    assert_eq!(displayed.full().is_some(), digits(text, 16..=19));
    let masked = displayed.masked();
    assert!(masked.chars().rev().skip(4).all(|c| !c.is_ascii_digit()));

    let pin = checked(Pin::parse(text));
    assert_eq!(pin.is_some(), digits(text, 4..=6));
    let weaknesses = pin.map(|pin| pin.review(&PinContext::default()));
    let activation = checked(ActivationPin::parse(text));
    assert_eq!(activation.is_some(), digits(text, 6..=6));
    if let Some(activation) = activation {
        assert_eq!(Some(activation.review(&PinContext::default())), weaknesses);
    }
    assert_eq!(checked(Cvv::parse(text)).is_some(), digits(text, 3..=4));
    if let Some(expiry) = checked(Expiry::parse(text)) {
        assert_eq!(expiry.to_string(), text);
        assert_eq!(expiry.is_expired(expiry.year(), expiry.month()), Ok(false));
    }
    if let Some(currency) = checked(Currency::parse(text)) {
        assert_eq!(currency.as_str(), text);
    }
    if let Some(id) = checked(MerchantId::parse(text)) {
        assert_eq!(id.as_str(), text);
    }
    checked(KeyCodec::parse(text));
    for codec in [
        KeyCodec::Utf8,
        KeyCodec::Hex,
        KeyCodec::Base64,
        KeyCodec::Sha256,
    ] {
        if let Some(key) = checked(SecretKey::from_text(text, codec)) {
            for canary in CANARIES {
                assert!(!format!("{key:?}").contains(canary));
            }
            if let Some(ring) = checked(KeyRing::new(text, key.clone())) {
                checked(ring.also_opens("another", key));
            }
        }
    }
    checked(SecretKey::from_bytes(text.as_bytes()));
    assert_eq!(
        checked(Iv::try_from(text.as_bytes())).is_some(),
        text.len() == 16
    );
    if let Some(endpoints) = checked(Endpoints::new(text)) {
        let url = endpoints.url(OperationKind::SetPin);
        assert!(url.starts_with("https://") || url.starts_with("http://"));
        assert!(url.is_ascii() && !url.contains([' ', '\n', '\r', '#', '@']) || url.contains('@'));
    }
    let endpoints = Endpoints::new("https://api.example").expect("a URL");
    if let Some(endpoints) = checked(endpoints.with_path(OperationKind::SetPin, text)) {
        assert!(endpoints.url(OperationKind::SetPin).is_ascii());
    }
    assert_eq!(EventType::from(text).as_str(), text);
    if let Some(kind) = OperationKind::from_name(text) {
        assert_eq!(kind.name(), text);
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = text(data) else {
        return;
    };
    for text in with_canaries(first, text) {
        values(&text);
    }
    values(&format!("https://{text}"));
    values(&format!("http://[{text}]"));
    values(&format!("/{text}"));
});
