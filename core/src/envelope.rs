//! Seal and open, as the API Security Implementation Guide says: AES-CBC with PKCS7 under the Secret Key,
//! `base64(IV ‖ ciphertext)`, and over that text an HMAC-SHA256 with the same key, in hex.
//!
//! The only room where something is sealed or opened; the cipher and the MAC themselves are `bananatech-cipher`'s.

use std::borrow::Cow;
use std::fmt;

use bananatech_cipher::{Failure, IV_BYTES, mac_from_hex};
pub(crate) use bananatech_cipher::{Key, hex};
use bananatech_json::{Items, unescape, unescape_lossy};

use crate::credentials::KeyRing;
use crate::error::{Code, Invalid};
use crate::json;
use crate::secret::SecretText;

/// An initialisation vector: 16 bytes from a secure random source, for one message.
///
/// It can be neither copied nor cloned, so that it isn't used twice by accident.
#[derive(Debug)]
pub struct Iv([u8; IV_BYTES]);

impl Iv {
    /// Takes the bytes. They must be random (`getrandom`, `crypto.getRandomValues`), and new for each message.
    ///
    /// ```
    /// let iv = bananatech_core::Iv::from_random_bytes([7; 16]); // outside of examples: from the system's random source
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

/// The body and signature of something sealed.
pub(crate) struct Sealed {
    pub(crate) body: String,
    pub(crate) hmac: String,
}

/// A request's body, `{"encrypted_payload": …}`; its signature travels in the `X-HMAC` header.
pub(crate) fn seal_request(key: &Key, iv: &Iv, plaintext: &str) -> Sealed {
    const END: &str = "\"}";
    let (mut body, mac) = key.seal(
        &iv.0,
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
    let (body, mac) = key.seal(
        &iv.0,
        plaintext.as_bytes(),
        "{\"encrypted_payload\":\"",
        128,
    );
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
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
    pub(crate) plaintext: SecretText,
    pub(crate) key_id: &'k str,
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
        match bananatech_json::check(&self.plaintext) {
            Ok(_) => Ok(()),
            Err(_) => Err(OpenFailure::NotJson),
        }
    }
}

/// What the API sends, before anything of it is believed. Other fields are passed over, so that no number of them costs more than
/// the look at their text.
#[derive(Default)]
pub(crate) struct Envelope<'a> {
    pub(crate) encrypted_payload: Part<'a>,
    pub(crate) hmac: Part<'a>,
    pub(crate) event_type: Part<'a>,
}

/// A field of an envelope.
#[derive(Default)]
pub(crate) enum Part<'a> {
    #[default]
    Absent,
    Text(Cow<'a, str>),
    /// Null, or anything else.
    NotText,
}

impl Part<'_> {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::NotText => None,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<'a> Envelope<'a> {
    /// Reads a body. `None` if it isn't a JSON object, or one of the fields stands in it twice.
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        Self::from_text(std::str::from_utf8(body).ok()?).ok()
    }

    /// The same, and why not.
    pub(crate) fn from_text(text: &'a str) -> Result<Self, Invalid> {
        let not_an_object = || json::wrong_type("an object");
        if !text.trim_start().starts_with('{') {
            return Err(not_an_object());
        }
        let mut envelope = Self::default();
        for item in Items::of(text) {
            let (name, value) = item?;
            let (part, field) = match &*unescape(name).ok_or_else(not_an_object)? {
                "encrypted_payload" => (&mut envelope.encrypted_payload, "encrypted_payload"),
                "hmac" => (&mut envelope.hmac, "hmac"),
                "type" => (&mut envelope.event_type, "type"),
                _ => continue,
            };
            if !part.is_absent() {
                return Err(json::twice(field));
            }
            *part = unescape_lossy(value).map_or(Part::NotText, Part::Text);
        }
        Ok(envelope)
    }

    /// Opens it: verify, then decode, then decrypt.
    pub(crate) fn open<'k>(&self, ring: &'k KeyRing) -> Result<Opened<'k>, OpenFailure> {
        let not_an_envelope = OpenFailure::NotAnEnvelope;
        let payload = self.encrypted_payload.text().ok_or(not_an_envelope)?;
        let hmac = self.hmac.text().ok_or(not_an_envelope)?;

        let mac = mac_from_hex(hmac).ok_or(OpenFailure::MacFormat)?;
        let (key_id, key) = ring
            .iter()
            .find(|(_, key)| key.verify(payload, &mac))
            .ok_or(OpenFailure::MacMismatch)?;
        Ok(Opened {
            plaintext: decrypt(key, payload)?,
            key_id,
        })
    }
}

/// Decodes and decrypts a payload whose signature was verified.
pub(crate) fn decrypt(key: &Key, payload: &str) -> Result<SecretText, OpenFailure> {
    let plaintext = key.open(payload).map_err(|failure| match failure {
        Failure::NotBase64 => OpenFailure::PayloadNotBase64,
        Failure::Length => OpenFailure::PayloadLength,
        Failure::Padding => OpenFailure::Padding,
    })?;
    SecretText::from_utf8(plaintext).ok_or(OpenFailure::NotUtf8)
}
