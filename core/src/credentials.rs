//! Who the merchant is and what it seals with.

use std::fmt;

use bananatech_cipher::{Key, OnPlatform, bytes_from_base64, bytes_from_hex, sha256};
use zeroize::Zeroizing;

use crate::error::{Code, Invalid};

/// The Merchant-ID, a UUID given at onboarding. It isn't secret: it travels in a header of every request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MerchantId(String);

impl MerchantId {
    /// Takes a UUID, and keeps its spelling. Errors with [`Code::MerchantIdFormat`] (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::MerchantId;
    /// assert!(MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10").is_ok());
    /// assert!(MerchantId::parse("acme").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        // Only the hyphenated form: it goes into a header as it is.
        match uuid::Uuid::try_parse(text) {
            Ok(_) if text.len() == uuid::fmt::Hyphenated::LENGTH => Ok(Self(text.to_owned())),
            _ => Err(Invalid::new(
                "merchant_id",
                Code::MerchantIdFormat,
                "a UUID as 8-4-4-4-12 hexadecimal digits",
            )),
        }
    }

    /// The UUID as it was given.
    ///
    /// ```
    /// use bananatech_core::MerchantId;
    /// let id = MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10").unwrap();
    /// assert_eq!(id.as_str().len(), 36);
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How the Secret Key's text becomes bytes. The vendor doesn't say (its code sample is missing), so every one of these is
/// a guess; UTF-8 is the default.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum KeyCodec {
    /// The text's own bytes.
    #[default]
    Utf8,
    /// Hexadecimal digits in either case.
    Hex,
    /// Base64, the standard alphabet with padding (RFC 4648, section 4).
    Base64,
    /// The SHA-256 of the text's bytes.
    Sha256,
}

impl KeyCodec {
    pub(crate) const ALL: [Self; 4] = [Self::Utf8, Self::Hex, Self::Base64, Self::Sha256];

    /// The codec's name.
    ///
    /// ```
    /// assert_eq!(bananatech_core::KeyCodec::default().as_str(), "utf8");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Sha256 => "sha256",
        }
    }

    /// The codec of that name: `utf8`, `hex`, `base64`, `sha256`. Errors with [`Code::KeyEncoding`].
    ///
    /// ```
    /// use bananatech_core::KeyCodec;
    /// assert_eq!(KeyCodec::parse("hex").unwrap(), KeyCodec::Hex);
    /// ```
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|codec| codec.as_str() == name)
            .ok_or_else(|| Invalid::new("codec", Code::KeyEncoding, "utf8, hex, base64 or sha256"))
    }
}

/// The merchant's Secret Key: it encrypts and signs (API Security Implementation Guide).
///
/// It belongs on a backend. A browser or a shipped app must never hold it: they make [plans](crate::Plan) instead.
/// `Debug` shows nothing of it, and it is wiped on drop.
#[derive(Clone)]
pub struct SecretKey(pub(crate) Key);

impl SecretKey {
    /// Reads the key's text by a codec.
    ///
    /// Errors, caused by the caller: [`Code::KeyEncoding`]; [`Code::KeyLength`] unless there are 16, 24 or 32 bytes
    /// (AES-128, -192, -256; which one isn't documented).
    ///
    /// ```
    /// use bananatech_core::{KeyCodec, SecretKey};
    /// assert!(SecretKey::from_text("an example key of 32 characters!", KeyCodec::Utf8).is_ok());
    /// let error = SecretKey::from_text("too short", KeyCodec::Utf8).err().unwrap();
    /// assert_eq!(error.expected(), "16, 24 or 32 bytes by the codec utf8, got 9");
    /// ```
    pub fn from_text(text: &str, codec: KeyCodec) -> Result<Self, Invalid> {
        Self::on_platform(text, codec, |_| None)
    }

    /// The same with a platform's own cryptography for long messages. For this library's JavaScript binding.
    #[doc(hidden)]
    pub fn on_platform(
        text: &str,
        codec: KeyCodec,
        platform: impl FnOnce(&[u8]) -> Option<OnPlatform>,
    ) -> Result<Self, Invalid> {
        let encoding = || {
            Invalid::new(
                "secret_key",
                Code::KeyEncoding,
                format!("text of the codec {}", codec.as_str()),
            )
        };
        let bytes = Zeroizing::new(match codec {
            KeyCodec::Utf8 => text.as_bytes().to_vec(),
            KeyCodec::Hex => bytes_from_hex(text).ok_or_else(encoding)?,
            KeyCodec::Base64 => bytes_from_base64(text).ok_or_else(encoding)?,
            // An empty text is a missing key, not a key.
            KeyCodec::Sha256 if text.is_empty() => Vec::new(),
            KeyCodec::Sha256 => sha256(text).to_vec(),
        });
        let key = Self::with_codec(&bytes, codec.as_str())?;
        Ok(match platform(&bytes) {
            Some(platform) => Self(key.0.with_platform(platform)),
            None => key,
        })
    }

    /// Takes the key's bytes. Errors with [`Code::KeyLength`] unless there are 16, 24 or 32 (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::SecretKey;
    /// assert!(SecretKey::from_bytes(&[7; 32]).is_ok());
    /// assert!(SecretKey::from_bytes(&[7; 20]).is_err());
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Invalid> {
        Self::with_codec(bytes, "bytes")
    }

    fn with_codec(bytes: &[u8], codec: &str) -> Result<Self, Invalid> {
        Key::new(bytes).map(Self).ok_or_else(|| {
            Invalid::new(
                "secret_key",
                Code::KeyLength,
                format!(
                    "16, 24 or 32 bytes by the codec {codec}, got {}",
                    bytes.len()
                ),
            )
        })
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// The keys that are in use, for rotation: one seals, and each opens.
#[derive(Clone, Debug)]
pub struct KeyRing {
    sealing: (String, SecretKey),
    others: Vec<(String, SecretKey)>,
}

/// Key ids go into logs, line by line.
fn is_name(id: &str) -> bool {
    !id.is_empty() && !id.contains(|c: char| c.is_control())
}

impl KeyRing {
    /// A ring of one key, which seals and opens. The id is the caller's own name for it, and tells later which key a message was opened with;
    /// the API knows no key ids. Errors with [`Code::KeyId`] if it is empty (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::{KeyRing, SecretKey};
    /// let ring = KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32]).unwrap()).unwrap();
    /// assert_eq!(ring.sealing_id(), "2026-11");
    /// ```
    pub fn new(id: &str, key: SecretKey) -> Result<Self, Invalid> {
        if !is_name(id) {
            return Err(Invalid::new(
                "key_id",
                Code::KeyId,
                "a name for the key, without control characters",
            ));
        }
        Ok(Self {
            sealing: (id.to_owned(), key),
            others: Vec::new(),
        })
    }

    /// The ring with one more key, which only opens.
    ///
    /// BananaTech refuses what is sealed with a key that it doesn't use yet. So in a rotation the new key is one that only opens, until
    /// BananaTech has changed it too. From then on the old one is.
    ///
    /// Errors with [`Code::KeyId`] if the id is empty or in the ring (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::{KeyRing, SecretKey};
    /// let (old, new) = (SecretKey::from_bytes(&[1; 32])?, SecretKey::from_bytes(&[2; 32])?);
    /// let before = KeyRing::new("old", old.clone())?.also_opens("new", new.clone())?; // BananaTech still has the old key
    /// assert_eq!(before.sealing_id(), "old");
    /// let after = KeyRing::new("new", new)?.also_opens("old", old)?; // BananaTech has the new key
    /// assert_eq!(after.ids().collect::<Vec<_>>(), ["new", "old"]);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn also_opens(mut self, id: &str, key: SecretKey) -> Result<Self, Invalid> {
        if !is_name(id) || self.ids().any(|known| known == id) {
            return Err(Invalid::new(
                "key_id",
                Code::KeyId,
                "a name that no other key of the ring has, without control characters",
            ));
        }
        self.others.push((id.to_owned(), key));
        Ok(self)
    }

    /// The id of the key that seals.
    ///
    /// ```
    /// use bananatech_core::{KeyRing, SecretKey};
    /// let ring = KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32]).unwrap()).unwrap();
    /// assert_eq!(ring.sealing_id(), "2026-11");
    /// ```
    pub fn sealing_id(&self) -> &str {
        &self.sealing.0
    }

    /// All ids, that of the key that seals first.
    ///
    /// ```
    /// use bananatech_core::{KeyRing, SecretKey};
    /// let ring = KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32]).unwrap()).unwrap();
    /// assert_eq!(ring.ids().count(), 1);
    /// ```
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(id, _)| id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Key)> {
        std::iter::once(&self.sealing)
            .chain(&self.others)
            .map(|(id, key)| (id.as_str(), &key.0))
    }

    pub(crate) fn sealing(&self) -> &Key {
        &self.sealing.1.0
    }
}
