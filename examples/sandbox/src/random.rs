//! Everything that is drawn from randomness, which callers pass in.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A source of random bytes: fills the slice. A program passes the operating system's, a test a [`reproducible`] one.
pub type Entropy = Box<dyn FnMut(&mut [u8]) + Send>;

/// A source that gives the same bytes for the same seed. For tests: anyone can foresee it.
pub fn reproducible(seed: u64) -> Entropy {
    let mut counter = 0u64;
    Box::new(move |bytes| {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::new()
                .chain_update(seed.to_le_bytes())
                .chain_update(counter.to_le_bytes())
                .finalize();
            counter = counter.wrapping_add(1);
            for (byte, random) in chunk.iter_mut().zip(block) {
                *byte = random;
            }
        }
    })
}

/// An initialisation vector.
pub(crate) fn iv(entropy: &mut Entropy) -> [u8; 16] {
    let mut iv = [0; 16];
    entropy(&mut iv);
    iv
}

/// So many random decimal digits. (The bias of a byte modulo ten is of no account for a sandbox's numbers.)
pub(crate) fn digits(entropy: &mut Entropy, count: usize) -> String {
    let mut bytes = vec![0; count];
    entropy(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(b'0' + byte % 10))
        .collect()
}

/// A 16-digit card number with this beginning and a right check digit.
pub(crate) fn card_number(entropy: &mut Entropy, prefix: &str) -> String {
    let mut number = format!(
        "{prefix}{}",
        digits(entropy, 15usize.saturating_sub(prefix.len()))
    );
    number.push(char::from(b'0' + luhn_check_digit(&number)));
    number
}

/// The digit that makes a number pass the Luhn check when it is put behind it.
pub(crate) fn luhn_check_digit(number: &str) -> u8 {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match index % 2 {
                0 if digit > 4 => digit * 2 - 9,
                0 => digit * 2,
                _ => digit,
            }
        })
        .sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

const ROUNDS: usize = 2000;

/// A PIN as it is stored: salt and stretched hash. The PIN itself is kept nowhere.
pub(crate) fn hash_pin(entropy: &mut Entropy, pin: &str) -> String {
    let salt = iv(entropy);
    format!(
        "{}:{}",
        base16ct::lower::encode_string(&salt),
        base16ct::lower::encode_string(&stretch(&salt, pin))
    )
}

/// Whether the PIN is the stored one.
pub(crate) fn is_pin(stored: &str, pin: &str) -> bool {
    let Some((salt, hash)) = stored.split_once(':') else {
        return false;
    };
    match (
        base16ct::lower::decode_vec(salt),
        base16ct::lower::decode_vec(hash),
    ) {
        (Ok(salt), Ok(hash)) => stretch(&salt, pin).ct_eq(hash.as_slice()).into(),
        _ => false,
    }
}

/// PBKDF2 with HMAC-SHA256, for one block of output.
fn stretch(salt: &[u8], pin: &str) -> [u8; 32] {
    let Ok(keyed) = Hmac::<Sha256>::new_from_slice(pin.as_bytes()) else {
        return [0; 32];
    };
    let round = |message: &[u8]| -> [u8; 32] {
        keyed
            .clone()
            .chain_update(message)
            .finalize()
            .into_bytes()
            .into()
    };
    let mut block = round(&[salt, &[0, 0, 0, 1]].concat());
    let mut key = block;
    for _ in 1..ROUNDS {
        block = round(&block);
        key.iter_mut()
            .zip(block)
            .for_each(|(key, byte)| *key ^= byte);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_pass_the_luhn_check() {
        assert_eq!(luhn_check_digit("7992739871"), 3);
        assert_eq!(luhn_check_digit("411111111111111"), 1);
        let mut entropy = reproducible(1);
        let number = card_number(&mut entropy, "400000");
        assert_eq!(number.len(), 16);
        assert!(number.ends_with(char::from(b'0' + luhn_check_digit(&number[..15]))));
    }

    #[test]
    fn pins_are_known_by_their_hash_alone() {
        let mut entropy = reproducible(1);
        let stored = hash_pin(&mut entropy, "123456");
        assert!(!stored.contains("123456"));
        assert!(is_pin(&stored, "123456"));
        assert!(!is_pin(&stored, "123457"));
        assert_ne!(stored, hash_pin(&mut entropy, "123456"), "salted");
    }

    #[test]
    fn stretching_is_pbkdf2() {
        // python3: hashlib.pbkdf2_hmac("sha256", b"123456", b"salt", 2000).hex()
        assert_eq!(
            base16ct::lower::encode_string(&stretch(b"salt", "123456")),
            PBKDF2
        );
    }
    const PBKDF2: &str = "c54b82a0149d439b377cf856c34afd8c12d65e89d78483599c3aafc1bc334796";
}
