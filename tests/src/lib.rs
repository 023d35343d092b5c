//! What the tests share: the vectors, a merchant to test with, and an oracle for what became of operations.

pub mod diagnosis;
pub mod tracking;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use bananatech_core::{Endpoints, KeyCodec, KeyRing, Merchant, MerchantId, SecretKey};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The cases of a list in a file of `tests/vectors/`.
///
/// # Panics
/// If the file isn't there or isn't what it should be: a test can't go on then.
pub fn cases<T: DeserializeOwned>(file: &str, list: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut file: Value = serde_json::from_str(&text).expect("a vector file is JSON");
    let cases: Vec<T> =
        serde_json::from_value(file[list].take()).expect("the cases are of the stated form");
    assert!(!cases.is_empty(), "no cases in {list}");
    cases
}

/// Checks each case of a list: all of them, so that a run shows everything that is wrong.
///
/// # Panics
/// If a check panics, once all were done.
pub fn each<T: DeserializeOwned>(file: &str, list: &str, check: impl Fn(T)) {
    let wrong = cases::<T>(file, list)
        .into_iter()
        .filter_map(|case| catch_unwind(AssertUnwindSafe(|| check(case))).err())
        .count();
    assert_eq!(wrong, 0, "cases of {list} in {file} are wrong");
}

/// A merchant with one key, named `test`.
///
/// # Panics
/// If the key isn't one.
pub fn merchant(codec: &str, key_text: &str) -> Merchant {
    let codec = KeyCodec::parse(codec).expect("a codec");
    merchant_with(SecretKey::from_text(key_text, codec).expect("a key"))
}

/// A merchant with this key, named `test`.
///
/// # Panics
/// Never: the rest is constant.
pub fn merchant_with(key: SecretKey) -> Merchant {
    Merchant::new(
        MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10").expect("a UUID"),
        KeyRing::new("test", key).expect("a name"),
        Endpoints::new("https://api.example").expect("a URL"),
    )
}
