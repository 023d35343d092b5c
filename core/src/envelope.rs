//! Seal and open, as the API Security Implementation Guide says: AES-CBC with PKCS7 under the Secret Key,
//! `base64(IV ‖ ciphertext)`, and over that text an HMAC-SHA256 with the same key, in hex.
//!
//! The only room where cipher and MAC are touched.

use std::fmt;

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
use serde_json::value::RawValue;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::credentials::KeyRing;
use crate::error::{Code, Invalid};
use crate::json::{Object, string};

/// Standard alphabet, padding required, no stray bits: one text for one payload.
pub(crate) const STRICT: GeneralPurpose = STANDARD;

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

const IV_BYTES: usize = 16;
const BLOCK: usize = 16;
/// Both 3 (base64) and 16 (AES) divide it, and a chunk's text is whole SHA-256 blocks.
const CHUNK: usize = 768;

/// An initialisation vector: 16 bytes from a secure random source, for one message.
///
/// It can be neither copied nor cloned, so that it isn't used twice by accident.
#[derive(Debug)]
pub struct Iv([u8; IV_BYTES]);

impl Iv {
    /// Takes the bytes. They must be random (`getrandom`, `crypto.getRandomValues`), and new for each message.
    ///
    /// ```
    /// let iv = bananatech_core::Iv::from_random_bytes([7; 16]); // in earnest: from the system's random source
    /// ```
    pub const fn from_random_bytes(bytes: [u8; IV_BYTES]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for Iv {
    type Error = Invalid;

    /// Errors with [`Code::IvLength`] unless there are 16 bytes (caused by the caller).
    fn try_from(bytes: &[u8]) -> Result<Self, Invalid> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| Invalid::new("iv", Code::IvLength, "16 bytes"))
    }
}

/// The key schedules and the MAC's key state, made once: they are reused for every message.
#[derive(Clone)]
pub(crate) struct Key {
    cipher: Cipher,
    mac: Hmac<Sha256>,
}

#[derive(Clone)]
enum Cipher {
    Aes128(Box<(Aes128Enc, Aes128Dec)>),
    Aes192(Box<(Aes192Enc, Aes192Dec)>),
    Aes256(Box<(Aes256Enc, Aes256Dec)>),
}

impl Key {
    /// `None` unless there are 16, 24 or 32 bytes.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let cipher = match bytes.len() {
            16 => Cipher::Aes128(Box::new(schedules(bytes)?)),
            24 => Cipher::Aes192(Box::new(schedules(bytes)?)),
            32 => Cipher::Aes256(Box::new(schedules(bytes)?)),
            _ => return None,
        };
        let mac = Hmac::new_from_slice(bytes).ok()?;
        Some(Self { cipher, mac })
    }

    /// Seals in one pass, chunk by chunk: encrypt, encode behind `prefix`, feed the MAC while it is still at hand.
    /// Answers the body up to the end of the payload, and the MAC.
    pub(crate) fn seal(
        &self,
        iv: &Iv,
        plaintext: &[u8],
        prefix: &str,
        spare: usize,
    ) -> (Vec<u8>, Mac32) {
        match &self.cipher {
            Cipher::Aes128(keys) => self.seal_with(&keys.0, iv, plaintext, prefix, spare),
            Cipher::Aes192(keys) => self.seal_with(&keys.0, iv, plaintext, prefix, spare),
            Cipher::Aes256(keys) => self.seal_with(&keys.0, iv, plaintext, prefix, spare),
        }
    }

    fn seal_with<C: BlockCipherEncrypt<BlockSize = U16>>(
        &self,
        cipher: &C,
        iv: &Iv,
        plaintext: &[u8],
        prefix: &str,
        spare: usize,
    ) -> (Vec<u8>, Mac32) {
        let sealed_len = IV_BYTES + (plaintext.len() / BLOCK + 1) * BLOCK;
        let end = prefix.len() + sealed_len.div_ceil(3) * 4;
        let mut body = Vec::with_capacity(end + spare);
        body.extend_from_slice(prefix.as_bytes());
        body.resize(end, 0);

        let engine = base64_engine();
        let mut mac = self.mac.clone();
        let mut cbc = cbc::Encryptor::inner_iv_init(cipher, &Array(iv.0));
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
            start.copy_from_slice(&iv.0);
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

    fn verify(&self, payload: &str, mac: &Mac32) -> bool {
        let mut state = self.mac.clone();
        state.update(payload.as_bytes());
        // Constant time.
        state.verify_slice(mac).is_ok()
    }

    /// Decrypts in place behind the IV; where the plaintext ends, or `None` for a wrong padding.
    fn decrypt(&self, iv: &[u8; IV_BYTES], blocks: &mut [u8]) -> Option<usize> {
        match &self.cipher {
            Cipher::Aes128(keys) => decrypt_with(&keys.1, iv, blocks),
            Cipher::Aes192(keys) => decrypt_with(&keys.1, iv, blocks),
            Cipher::Aes256(keys) => decrypt_with(&keys.1, iv, blocks),
        }
    }

    /// A MAC over bytes that aren't a payload, for fingerprints: the label keeps the two apart.
    pub(crate) fn tag(&self, label: &str, bytes: &[u8]) -> Mac32 {
        let mut state = self.mac.clone();
        state.update(label.as_bytes());
        state.update(&[0]);
        state.update(bytes);
        state.finalize().into_bytes().into()
    }
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
pub(crate) type Mac32 = [u8; 32];

pub(crate) fn hex(mac: &Mac32) -> String {
    base16ct::lower::encode_string(mac)
}

/// The body and signature of something sealed.
pub(crate) struct Sealed {
    pub(crate) body: String,
    pub(crate) hmac: String,
}

/// A request's body, `{"encrypted_payload": …}`; its signature travels in the `X-HMAC` header.
pub(crate) fn seal_request(key: &Key, iv: &Iv, plaintext: &str) -> Sealed {
    const END: &str = "\"}";
    let (mut body, mac) = key.seal(
        iv,
        plaintext.as_bytes(),
        "{\"encrypted_payload\":\"",
        END.len(),
    );
    body.extend_from_slice(END.as_bytes());
    Sealed {
        body: into_text(body),
        hmac: hex(&mac),
    }
}

/// What the API sends, `{"encrypted_payload": …, "type"?: …, "hmac": …}`: for tests of a receiver.
pub(crate) fn seal_message(
    key: &Key,
    iv: &Iv,
    plaintext: &str,
    event_type: Option<&str>,
) -> String {
    let (body, mac) = key.seal(iv, plaintext.as_bytes(), "{\"encrypted_payload\":\"", 128);
    let mut body = into_text(body);
    if let Some(word) = event_type {
        body.push_str("\",\"type\":");
        // A string always has a JSON form.
        body.push_str(&serde_json::to_string(word).unwrap_or_default());
        body.push_str(",\"hmac\":\"");
    } else {
        body.push_str("\",\"hmac\":\"");
    }
    body.push_str(&hex(&mac));
    body.push_str("\"}");
    body
}

/// Base64 and what is put around it are ASCII.
fn into_text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_default()
}

/// Why a message could not be opened. For operators only: to whoever sent it, every failure has to look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenFailure {
    /// It is no envelope: `encrypted_payload` or `hmac` is missing or no text.
    NotAnEnvelope,
    /// The signature isn't 64 hexadecimal digits.
    MacFormat,
    /// No key of the ring makes this signature: a wrong key or codec, a changed payload, or a forgery.
    MacMismatch,
    /// The payload isn't base64 (standard alphabet, padded), though its signature is right.
    PayloadNotBase64,
    /// The payload isn't an IV and at least one whole block, though its signature is right.
    PayloadLength,
    /// The padding is wrong, though the signature is right.
    Padding,
    /// The plaintext isn't UTF-8.
    NotUtf8,
    /// The plaintext isn't JSON.
    NotJson,
}

impl OpenFailure {
    /// A stable name.
    ///
    /// ```
    /// assert_eq!(bananatech_core::OpenFailure::MacMismatch.as_str(), "mac_mismatch");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAnEnvelope => "not_an_envelope",
            Self::MacFormat => "mac_format",
            Self::MacMismatch => "mac_mismatch",
            Self::PayloadNotBase64 => "payload_not_base64",
            Self::PayloadLength => "payload_length",
            Self::Padding => "padding",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
        }
    }
}

/// A message that was opened: authentic, but not yet known to be JSON. Whoever reads it finds out by reading; only where
/// that fails, or nothing is read, is [`Opened::check_json`] worth another pass over the text.
pub(crate) struct Opened<'k> {
    pub(crate) plaintext: Plaintext,
    pub(crate) key_id: &'k str,
    pub(crate) key: &'k Key,
}

/// An opened text, wiped on drop: as `Zeroizing` does, but by whole words instead of byte by byte, which is a tenth of the
/// time that opening a long message takes.
pub(crate) struct Plaintext(String);

impl Plaintext {
    fn new(bytes: Vec<u8>) -> Result<Self, OpenFailure> {
        String::from_utf8(bytes).map(Self).map_err(|error| {
            wipe(error.into_bytes());
            OpenFailure::NotUtf8
        })
    }
}

impl std::ops::Deref for Plaintext {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Drop for Plaintext {
    fn drop(&mut self) {
        wipe(std::mem::take(&mut self.0).into_bytes());
    }
}

/// Overwrites all that was allocated, in a way that the compiler must not leave out.
pub(crate) fn wipe(mut bytes: Vec<u8>) {
    bytes.clear();
    bytes.resize(bytes.capacity(), 0);
    zeroize::optimization_barrier(bytes.as_slice());
}

impl fmt::Debug for Opened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl Opened<'_> {
    /// Errors with [`OpenFailure::NotJson`].
    pub(crate) fn check_json(&self) -> Result<(), OpenFailure> {
        match serde_json::from_str::<&RawValue>(&self.plaintext) {
            Ok(_) => Ok(()),
            Err(_) => Err(OpenFailure::NotJson),
        }
    }
}

/// Opens what the API sent: verify, then decode, then decrypt.
pub(crate) fn open<'k>(
    ring: &'k KeyRing,
    envelope: &Object<'_>,
) -> Result<Opened<'k>, OpenFailure> {
    let text = |name| envelope.get(name).and_then(string);
    let payload = text("encrypted_payload").ok_or(OpenFailure::NotAnEnvelope)?;
    let hmac = text("hmac").ok_or(OpenFailure::NotAnEnvelope)?;

    let mut mac = [0; 32];
    match base16ct::mixed::decode(hmac.as_bytes(), &mut mac) {
        Ok(bytes) if bytes.len() == size_of::<Mac32>() => {}
        _ => return Err(OpenFailure::MacFormat),
    }
    let (key_id, key) = ring
        .iter()
        .find(|(_, key)| key.verify(&payload, &mac))
        .ok_or(OpenFailure::MacMismatch)?;

    let mut sealed = Zeroizing::new(
        base64_engine()
            .decode(payload.as_bytes())
            .map_err(|_| OpenFailure::PayloadNotBase64)?,
    );
    let (iv, blocks) = sealed
        .split_first_chunk_mut::<IV_BYTES>()
        .filter(|(_, blocks)| !blocks.is_empty() && blocks.len().is_multiple_of(BLOCK))
        .ok_or(OpenFailure::PayloadLength)?;
    let length = key.decrypt(iv, blocks).ok_or(OpenFailure::Padding)?;

    // The plaintext moves to the front of the same buffer, which becomes the text: no second copy of it is left behind.
    let mut buffer = std::mem::take(&mut *sealed);
    buffer.copy_within(IV_BYTES..IV_BYTES + length, 0);
    buffer.truncate(length);
    let plaintext = Plaintext::new(buffer)?;
    Ok(Opened {
        plaintext,
        key_id,
        key,
    })
}

#[cfg(test)]
mod tests {
    //! The steps inside the envelope, which the public functions don't show, against the published vectors.

    use serde_json::Value;

    use super::*;

    fn cases(text: &str) -> Vec<Value> {
        let file: Value = serde_json::from_str(text).unwrap();
        file["cases"].as_array().unwrap().clone()
    }

    fn bytes(case: &Value, field: &str) -> Vec<u8> {
        base16ct::lower::decode_vec(case[field].as_str().unwrap()).unwrap()
    }

    #[test]
    fn aes_cbc_as_in_sp800_38a() {
        for case in cases(include_str!("../../tests/vectors/aes_cbc_sp800_38a.json")) {
            let key = Key::new(&bytes(&case, "key_hex")).unwrap();
            let iv: [u8; 16] = bytes(&case, "iv_hex").try_into().unwrap();
            let (plaintext, ciphertext) = (
                bytes(&case, "plaintext_hex"),
                bytes(&case, "ciphertext_hex"),
            );

            let (body, _) = key.seal(&Iv(iv), &plaintext, "", 0);
            let sealed = STRICT.decode(&body).unwrap();
            // The standard's example has no padding: ours follows it, a block of its own.
            assert_eq!(sealed[16..16 + ciphertext.len()], ciphertext);
            assert_eq!(sealed.len(), 16 + ciphertext.len() + 16);

            let mut blocks = sealed[16..].to_vec();
            assert_eq!(key.decrypt(&iv, &mut blocks), Some(plaintext.len()));
            assert_eq!(blocks[..plaintext.len()], plaintext);
        }
    }

    #[test]
    fn hmac_sha256_as_in_rfc4231() {
        for case in cases(include_str!("../../tests/vectors/hmac_rfc4231.json")) {
            let mut state = Hmac::<Sha256>::new_from_slice(&bytes(&case, "key_hex")).unwrap();
            state.update(&bytes(&case, "data_hex"));
            let mac = bytes(&case, "mac_hex");
            assert_eq!(state.finalize().into_bytes()[..mac.len()], mac);
        }
    }

    #[test]
    fn every_step_of_sealing() {
        for case in cases(include_str!("../../tests/vectors/envelope.json")) {
            let key = Key::new(&bytes(&case, "key_hex")).unwrap();
            let iv: [u8; 16] = bytes(&case, "iv_hex").try_into().unwrap();
            let padded = bytes(&case, "padded_hex");
            let ciphertext = bytes(&case, "ciphertext_hex");

            let (body, mac) = key.seal(&Iv(iv), &bytes(&case, "plaintext_hex"), "", 0);
            assert_eq!(body, case["payload"].as_str().unwrap().as_bytes());
            assert_eq!(hex(&mac), case["hmac"].as_str().unwrap());

            let mut blocks = ciphertext.clone();
            let length = key.decrypt(&iv, &mut blocks).unwrap();
            assert_eq!(blocks, padded);
            assert_eq!(blocks[..length], bytes(&case, "plaintext_hex"));
        }
    }
}
