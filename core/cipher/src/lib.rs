//! What the SDK seals and opens with: AES-CBC with PKCS7, HMAC-SHA256 and base64, by the libraries of RustCrypto and `base64`.
//!
//! It is a crate of its own so that it alone can be compiled for speed where everything else is compiled for size
//! (WebAssembly). What is sealed, and what a failure means, is the core's business.

#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::unreachable
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

use std::sync::Arc;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::consts::U16;
use aes::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit,
    KeyInit,
};
use aes::{Aes128Dec, Aes128Enc, Aes192Dec, Aes192Enc, Aes256Dec, Aes256Enc};
use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{PAD, STANDARD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Standard alphabet, padding required, no stray bits: one text for one payload.
const STRICT: GeneralPurpose = STANDARD;

/// The same base64, with the machine's vector instructions where the library has them.
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
))]
fn base64_engine() -> impl Engine {
    base64::engine::Simd::standard(PAD)
}
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
)))]
fn base64_engine() -> impl Engine {
    let _ = PAD;
    STRICT
}

/// The length of an initialisation vector.
pub const IV_BYTES: usize = 16;
const BLOCK: usize = 16;
/// Both 3 (base64) and 16 (AES) divide it, and a chunk's text is whole SHA-256 blocks.
const CHUNK: usize = 768;

/// Why a payload can't be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It isn't base64 (standard alphabet, padded, no stray bits).
    NotBase64,
    /// It isn't an IV and at least one whole block.
    Length,
    /// The padding is wrong.
    Padding,
}

/// A platform's own cryptography with one key, which does the same and is quicker with long messages: `node:crypto`. Where it can't, or a
/// payload isn't what it has to be, it answers nothing and what is here is asked, so that every failure is told by the same code.
pub trait Platform: Send + Sync {
    /// Seals: writes the payload's text and its MAC. Answers whether it did.
    fn seal(
        &self,
        iv: &[u8; IV_BYTES],
        plaintext: &[u8],
        payload: &mut [u8],
        mac: &mut Mac32,
    ) -> bool;
    /// Whether the MAC over a payload's text is this key's, in constant time.
    fn verify(&self, payload: &[u8], mac: &Mac32) -> Option<bool>;
    /// Decodes and decrypts a payload's text. Answers the plaintext's length.
    fn open(&self, payload: &[u8], plaintext: &mut [u8]) -> Option<usize>;
}

/// A platform with a key, and from how many bytes on it is quicker.
#[derive(Clone)]
pub struct OnPlatform {
    /// From how many bytes on it is quicker to seal, and from a text of how many on to open.
    pub from: usize,
    /// The platform with the key.
    pub key: Arc<dyn Platform>,
}

/// The key schedules and the MAC's key state, made once: they are reused for every message.
#[derive(Clone)]
pub struct Key {
    cipher: Cipher,
    mac: Hmac<Sha256>,
    platform: Option<OnPlatform>,
}

#[derive(Clone)]
enum Cipher {
    Aes128(Box<(Aes128Enc, Aes128Dec)>),
    Aes192(Box<(Aes192Enc, Aes192Dec)>),
    Aes256(Box<(Aes256Enc, Aes256Dec)>),
}

impl Key {
    /// `None` unless there are 16, 24 or 32 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let cipher = match bytes.len() {
            16 => Cipher::Aes128(Box::new(schedules(bytes)?)),
            24 => Cipher::Aes192(Box::new(schedules(bytes)?)),
            32 => Cipher::Aes256(Box::new(schedules(bytes)?)),
            _ => return None,
        };
        let mac = Hmac::new_from_slice(bytes).ok()?;
        Some(Self {
            cipher,
            mac,
            platform: None,
        })
    }

    /// The same with a platform's own cryptography for long messages.
    #[must_use]
    pub fn with_platform(self, platform: OnPlatform) -> Self {
        Self {
            platform: Some(platform),
            ..self
        }
    }

    /// The platform, to seal so many bytes, or to open a text of so many.
    fn platform_for(&self, bytes: usize) -> Option<&dyn Platform> {
        let platform = self.platform.as_ref()?;
        (bytes >= platform.from).then_some(&*platform.key)
    }

    /// Seals in one pass, chunk by chunk: encrypt, encode behind `prefix`, feed the MAC while it is still at hand.
    /// Answers the body up to the end of the payload, and the MAC.
    pub fn seal(
        &self,
        iv: &[u8; IV_BYTES],
        plaintext: &[u8],
        prefix: &str,
        spare: usize,
    ) -> (Vec<u8>, Mac32) {
        if let Some(platform) = self.platform_for(plaintext.len()) {
            let (mut body, mut mac) = (empty_body(plaintext, prefix, spare), [0; 32]);
            let payload = body.get_mut(prefix.len()..).unwrap_or_default();
            if platform.seal(iv, plaintext, payload, &mut mac) {
                return (body, mac);
            }
        }
        match &self.cipher {
            Cipher::Aes128(keys) => self.seal_with(&keys.0, iv, plaintext, prefix, spare),
            Cipher::Aes192(keys) => self.seal_with(&keys.0, iv, plaintext, prefix, spare),
            Cipher::Aes256(keys) => self.seal_with(&keys.0, iv, plaintext, prefix, spare),
        }
    }

    fn seal_with<C: BlockCipherEncrypt<BlockSize = U16>>(
        &self,
        cipher: &C,
        iv: &[u8; IV_BYTES],
        plaintext: &[u8],
        prefix: &str,
        spare: usize,
    ) -> (Vec<u8>, Mac32) {
        let mut body = empty_body(plaintext, prefix, spare);
        let engine = base64_engine();
        let mut mac = self.mac.clone();
        let mut cbc = cbc::Encryptor::inner_iv_init(cipher, &Array(*iv));
        let mut chunk = [0; CHUNK];
        let mut rest = plaintext;
        let mut out = body.get_mut(prefix.len()..).unwrap_or_default();
        let mut emit = |bytes: &[u8]| {
            let (text, after) = std::mem::take(&mut out).split_at_mut(bytes.len().div_ceil(3) * 4);
            // Neither can fail: the text's length is what the bytes need.
            let _ = engine.encode_slice(bytes, text);
            mac.update(text);
            out = after;
        };

        // The IV stands before the first ciphertext.
        let mut head = IV_BYTES;
        if let Some(start) = chunk.get_mut(..IV_BYTES) {
            start.copy_from_slice(iv);
        }
        while let Some((now, later)) = rest.split_at_checked(CHUNK - head) {
            if let Some(space) = chunk.get_mut(head..) {
                space.copy_from_slice(now);
                cbc.encrypt_blocks(Array::slice_as_chunks_mut(space).0);
            }
            emit(&chunk);
            rest = later;
            head = 0;
        }
        // What is left is shorter than the chunk, so its padding fits.
        if let Some(space) = chunk.get_mut(head..) {
            if let Some(last) = space.get_mut(..rest.len()) {
                last.copy_from_slice(rest);
            }
            let written = cbc
                .encrypt_padded::<Pkcs7>(space, rest.len())
                .map_or(0, <[u8]>::len);
            emit(chunk.get(..head + written).unwrap_or_default());
        }
        (body, mac.finalize().into_bytes().into())
    }

    /// Whether the MAC over a payload's text is this key's, in constant time.
    pub fn verify(&self, payload: &str, mac: &Mac32) -> bool {
        let platform = self.platform_for(payload.len());
        let verified = platform.and_then(|platform| platform.verify(payload.as_bytes(), mac));
        if let Some(verified) = verified {
            return verified;
        }
        let mut state = self.mac.clone();
        state.update(payload.as_bytes());
        state.verify_slice(mac).is_ok()
    }

    /// Decodes and decrypts a payload. Verify it first.
    pub fn open(&self, payload: &str) -> Result<Vec<u8>, Failure> {
        if let Some(platform) = self.platform_for(payload.len()) {
            let mut plaintext = Zeroizing::new(vec![0; payload.len() / 4 * 3]);
            if let Some(length) = platform.open(payload.as_bytes(), &mut plaintext) {
                plaintext.truncate(length);
                return Ok(std::mem::take(&mut *plaintext));
            }
        }
        let mut sealed = Zeroizing::new(
            base64_engine()
                .decode(payload.as_bytes())
                .map_err(|_| Failure::NotBase64)?,
        );
        let (iv, blocks) = sealed
            .split_first_chunk_mut::<IV_BYTES>()
            .filter(|(_, blocks)| !blocks.is_empty() && blocks.len().is_multiple_of(BLOCK))
            .ok_or(Failure::Length)?;
        let length = match &self.cipher {
            Cipher::Aes128(keys) => decrypt_with(&keys.1, iv, blocks),
            Cipher::Aes192(keys) => decrypt_with(&keys.1, iv, blocks),
            Cipher::Aes256(keys) => decrypt_with(&keys.1, iv, blocks),
        }
        .ok_or(Failure::Padding)?;

        // The plaintext moves to the front of the same buffer: no second copy of it is left behind.
        let mut buffer = std::mem::take(&mut *sealed);
        buffer.copy_within(IV_BYTES..IV_BYTES + length, 0);
        buffer.truncate(length);
        Ok(buffer)
    }
}

/// A body with room for the payload behind its prefix, and for what follows.
fn empty_body(plaintext: &[u8], prefix: &str, spare: usize) -> Vec<u8> {
    let sealed_len = IV_BYTES + (plaintext.len() / BLOCK + 1) * BLOCK;
    let end = prefix.len() + sealed_len.div_ceil(3) * 4;
    let mut body = Vec::with_capacity(end + spare);
    body.extend_from_slice(prefix.as_bytes());
    body.resize(end, 0);
    body
}

fn schedules<E: KeyInit, D: KeyInit>(bytes: &[u8]) -> Option<(E, D)> {
    Some((
        E::new_from_slice(bytes).ok()?,
        D::new_from_slice(bytes).ok()?,
    ))
}

fn decrypt_with<C: BlockCipherDecrypt<BlockSize = U16>>(
    cipher: &C,
    iv: &[u8; IV_BYTES],
    blocks: &mut [u8],
) -> Option<usize> {
    cbc::Decryptor::inner_iv_init(cipher, &Array(*iv))
        .decrypt_padded::<Pkcs7>(blocks)
        .ok()
        .map(<[u8]>::len)
}

/// The bytes of an HMAC-SHA256.
pub type Mac32 = [u8; 32];

/// Bytes of a MAC as 64 lower-case hexadecimal digits.
pub fn hex(mac: &Mac32) -> String {
    base16ct::lower::encode_string(mac)
}

/// A MAC from 64 hexadecimal digits of either case.
pub fn mac_from_hex(text: &str) -> Option<Mac32> {
    let mut mac = [0; 32];
    match base16ct::mixed::decode(text.as_bytes(), &mut mac) {
        Ok(bytes) if bytes.len() == size_of::<Mac32>() => Some(mac),
        _ => None,
    }
}

/// Bytes from hexadecimal digits of either case.
pub fn bytes_from_hex(text: &str) -> Option<Vec<u8>> {
    base16ct::mixed::decode_vec(text).ok()
}

/// Bytes from base64: standard alphabet, padded, no stray bits.
pub fn bytes_from_base64(text: &str) -> Option<Vec<u8>> {
    STRICT.decode(text).ok()
}

/// The SHA-256 of a text's bytes.
pub fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}
