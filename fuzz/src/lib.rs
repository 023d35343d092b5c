//! What the fuzz targets share.

use std::fmt::{Debug, Display};
use std::sync::LazyLock;

use bananatech_core::{Endpoints, Error, Iv, KeyRing, Merchant, MerchantId, SecretKey};

/// Texts that stand in no error of ours: one as names and words have them, one of digits.
pub const CANARIES: [&str; 2] = ["Zq7xCanary9Wk", "9824516532746983"];

/// A merchant with two keys.
pub static MERCHANT: LazyLock<Merchant> = LazyLock::new(|| {
    let key = |byte| SecretKey::from_bytes(&[byte; 32]).expect("32 bytes");
    Merchant::new(
        MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10").expect("a UUID"),
        KeyRing::new("new", key(2))
            .and_then(|ring| ring.also_opens("old", key(1)))
            .expect("two names"),
        Endpoints::new("https://api.example").expect("a URL"),
    )
});

/// An IV; that it is always the same does no harm here.
pub fn iv() -> Iv {
    Iv::from_random_bytes([9; 16])
}

/// The first byte, to choose by, and what follows it.
pub fn choice(data: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((usize::from(*first), rest))
}

/// A choice, and the rest as text.
pub fn text(data: &[u8]) -> Option<(usize, &str)> {
    let (first, rest) = choice(data)?;
    Some((first, std::str::from_utf8(rest).ok()?))
}

/// The text as it is, and with each canary put in at a place that the choice decides.
pub fn with_canaries(at: usize, text: &str) -> [String; 3] {
    let mut at = if text.is_empty() {
        0
    } else {
        at * 7 % (text.len() + 1)
    };
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let (before, after) = text.split_at(at);
    [
        text.to_owned(),
        format!("{before}{}{after}", CANARIES[0]),
        format!("{before}{}{after}", CANARIES[1]),
    ]
}

/// No error carries what came in.
pub fn no_echo(error: &(impl Display + Debug)) {
    for told in [
        format!("{error}"),
        format!("{error:?}"),
        format!("{error:#?}"),
    ] {
        for canary in CANARIES {
            assert!(!told.contains(canary), "an error repeats its input: {told}");
        }
    }
}

/// As [`no_echo`], and the error's parts.
pub fn no_echo_in_parts(error: &Error) {
    no_echo(error);
    if let Some(field) = error.field() {
        no_echo(&field);
    }
}

/// The value, after a look at the error if it is one.
pub fn checked<T, E: Display + Debug>(result: Result<T, E>) -> Option<T> {
    result.inspect_err(no_echo).ok()
}
