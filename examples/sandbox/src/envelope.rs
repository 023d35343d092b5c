//! The security envelope, written from the contract and on purpose not shared with the SDK that it judges.
//!
//! * plaintext: a JSON text
//! * cipher: AES-CBC with PKCS#7 padding, a fresh random 16-byte IV
//! * payload: `base64(IV ‖ ciphertext)`
//! * MAC: lower-case hex of HMAC-SHA256 over the payload's base64 text
//!
//! One key does both. The contract doesn't say how a key's text becomes bytes, hence [`KeyCodec`].

use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const BLOCK: usize = 16;

/// How a Secret Key's text becomes key bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyCodec {
    /// The text's own bytes.
    #[default]
    Utf8,
    /// Hexadecimal digits.
    Hex,
    /// Standard base64 with padding.
    Base64,
    /// The SHA-256 of the text's bytes.
    Sha256,
}

impl KeyCodec {
    /// The codec's name in seeds and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            KeyCodec::Utf8 => "utf8",
            KeyCodec::Hex => "hex",
            KeyCodec::Base64 => "base64",
            KeyCodec::Sha256 => "sha256",
        }
    }

    /// The codec of that name.
    pub fn named(name: &str) -> Option<KeyCodec> {
        [
            KeyCodec::Utf8,
            KeyCodec::Hex,
            KeyCodec::Base64,
            KeyCodec::Sha256,
        ]
        .into_iter()
        .find(|codec| codec.name() == name)
    }
}

/// A key for AES-128, -192 or -256 that also keys the MAC. Wiped when dropped, and never shown.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(redacted)")
    }
}

impl SecretKey {
    /// Makes a key from its text. `None` unless that gives 16, 24 or 32 bytes.
    pub fn new(text: &str, codec: KeyCodec) -> Option<SecretKey> {
        let bytes = Zeroizing::new(match codec {
            KeyCodec::Utf8 => text.as_bytes().to_vec(),
            KeyCodec::Hex => base16ct::mixed::decode_vec(text).ok()?,
            KeyCodec::Base64 => STANDARD.decode(text).ok()?,
            KeyCodec::Sha256 => Sha256::digest(text.as_bytes()).to_vec(),
        });
        matches!(bytes.len(), 16 | 24 | 32).then_some(SecretKey(bytes))
    }

    /// A key that no merchant has, derived from this one: what a delivery sealed with an old key looks like to a
    /// merchant that has forgotten it.
    pub(crate) fn forgotten(&self) -> SecretKey {
        SecretKey(Zeroizing::new(hmac(self, b"forgotten").to_vec()))
    }
}

/// A sealed payload and its MAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// `base64(IV ‖ ciphertext)`
    pub encrypted_payload: String,
    /// Lower-case hex.
    pub hmac: String,
}

/// What was wrong with an envelope. For the operator's log only: outside, every failure looks the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The MAC isn't the payload's under any of the keys.
    Mac,
    /// The payload isn't base64 of an IV and whole blocks.
    Payload,
    /// The padding is wrong.
    Padding,
}

/// Seals `plaintext` under `key` with this IV, which must be random and used once.
pub fn seal(key: &SecretKey, iv: [u8; BLOCK], plaintext: &[u8]) -> Sealed {
    finish(key, iv, encrypt::<Pkcs7>(key, iv, plaintext))
}

/// Seals with a padding that can't be removed, under a MAC that is right.
pub(crate) fn seal_with_broken_padding(
    key: &SecretKey,
    iv: [u8; BLOCK],
    plaintext: &[u8],
) -> Sealed {
    let mut padded = plaintext.to_vec();
    padded.resize((plaintext.len() / BLOCK + 1) * BLOCK, 0);
    finish(key, iv, encrypt::<NoPadding>(key, iv, &padded))
}

fn finish(key: &SecretKey, iv: [u8; BLOCK], ciphertext: Vec<u8>) -> Sealed {
    let mut bytes = iv.to_vec();
    bytes.extend_from_slice(&ciphertext);
    let encrypted_payload = STANDARD.encode(bytes);
    let hmac = base16ct::lower::encode_string(&hmac(key, encrypted_payload.as_bytes()));
    Sealed {
        encrypted_payload,
        hmac,
    }
}

/// Opens a payload with the first of the keys under which its MAC is right, and says which one that was. Nothing is
/// decoded before the MAC is known to be right; all keys are tried, each in constant time.
pub fn open(
    keys: &[SecretKey],
    encrypted_payload: &str,
    mac_hex: &str,
) -> Result<(usize, Vec<u8>), OpenError> {
    let given = base16ct::mixed::decode_vec(mac_hex).map_err(|_| OpenError::Mac)?;
    let mut matching = None;
    for (index, key) in keys.iter().enumerate() {
        let right = bool::from(hmac(key, encrypted_payload.as_bytes()).ct_eq(given.as_slice()));
        if right && matching.is_none() {
            matching = Some((index, key));
        }
    }
    let (index, key) = matching.ok_or(OpenError::Mac)?;
    let bytes = STANDARD
        .decode(encrypted_payload)
        .map_err(|_| OpenError::Payload)?;
    let (iv, ciphertext) = bytes
        .split_first_chunk::<BLOCK>()
        .ok_or(OpenError::Payload)?;
    if ciphertext.is_empty() || ciphertext.len() % BLOCK != 0 {
        return Err(OpenError::Payload);
    }
    Ok((
        index,
        decrypt(key, *iv, ciphertext).ok_or(OpenError::Padding)?,
    ))
}

/// HMAC-SHA256 under the key.
pub fn hmac(key: &SecretKey, message: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(&key.0) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().into()
        }
        // HMAC takes a key of any length.
        Err(_) => [0; 32],
    }
}

fn encrypt<P: aes::cipher::block_padding::Padding>(
    key: &SecretKey,
    iv: [u8; BLOCK],
    plaintext: &[u8],
) -> Vec<u8> {
    let mut buffer = plaintext.to_vec();
    buffer.resize(plaintext.len() + BLOCK, 0);
    macro_rules! with {
        ($cipher:ty) => {
            cbc::Encryptor::<$cipher>::new_from_slices(&key.0, &iv)
                .ok()
                .and_then(|cipher| {
                    cipher
                        .encrypt_padded::<P>(&mut buffer, plaintext.len())
                        .ok()
                        .map(<[u8]>::to_vec)
                })
        };
    }
    match key.0.len() {
        16 => with!(Aes128),
        24 => with!(Aes192),
        _ => with!(Aes256),
    }
    // The key's length was checked when it was made and the buffer has room for the padding.
    .unwrap_or_default()
}

fn decrypt(key: &SecretKey, iv: [u8; BLOCK], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let mut buffer = ciphertext.to_vec();
    macro_rules! with {
        ($cipher:ty) => {
            cbc::Decryptor::<$cipher>::new_from_slices(&key.0, &iv)
                .ok()?
                .decrypt_padded::<Pkcs7>(&mut buffer)
                .ok()
                .map(<[u8]>::to_vec)
        };
    }
    match key.0.len() {
        16 => with!(Aes128),
        24 => with!(Aes192),
        _ => with!(Aes256),
    }
}
