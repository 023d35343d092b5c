//! The same work by others, as well as a careful programmer would write it: keys, contexts and algorithms are prepared
//! once, JSON is read into derived structs that borrow where they can.

use anyhow::{Result, ensure};
use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::md::Md;
use openssl::md_ctx::MdCtx;
use openssl::pkey::{PKey, Private};
use serde::{Deserialize, Serialize};

use crate::{BASE_URL, MERCHANT_ID, PATH};

/// The request that is sealed: the fields of the operation that is measured.
#[derive(Clone, Serialize)]
pub(crate) struct Body {
    /// The user.
    pub(crate) user_id: u64,
    /// The card.
    pub(crate) card_id: u64,
    /// A text that gives the size.
    pub(crate) search: String,
}

/// What is sent.
pub(crate) struct Request {
    pub(crate) url: String,
    pub(crate) merchant_id: String,
    pub(crate) hmac: String,
    pub(crate) body: String,
}

/// An answer's data.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) message: Option<String>,
    #[serde(rename = "success")]
    _success: Option<bool>,
}

/// A sealed answer or webhook.
#[derive(Deserialize)]
struct Envelope<'a> {
    encrypted_payload: &'a str,
    hmac: &'a str,
    #[serde(rename = "type")]
    event_type: Option<&'a str>,
}

/// A webhook's data: amounts as floats, which loses exactness and is quicker.
#[derive(Deserialize)]
pub(crate) struct RechargeResult {
    pub(crate) card_id: u64,
    pub(crate) transaction_id: Option<u64>,
    #[serde(rename = "receive_amount")]
    _receive_amount: Option<f64>,
    #[serde(rename = "status")]
    _status: String,
    #[serde(rename = "currency")]
    _currency: Option<String>,
    #[serde(rename = "template_id")]
    _template_id: Option<u64>,
    #[serde(rename = "user_id")]
    _user_id: Option<u64>,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "occur_time")]
    _occur_time: i64,
}

/// Seals bytes into text and a signature, and opens them.
pub(crate) trait Peer {
    fn seal(&mut self, plaintext: Vec<u8>, iv: [u8; 16]) -> Result<(String, [u8; 32])>;
    fn open(&mut self, payload: &str, mac: &[u8; 32]) -> Result<Vec<u8>>;

    /// The whole request.
    fn request(&mut self, body: &Body, iv: [u8; 16]) -> Result<Request> {
        let (payload, mac) = self.seal(serde_json::to_vec(body)?, iv)?;
        Ok(Request {
            url: format!("{BASE_URL}{PATH}"),
            merchant_id: MERCHANT_ID.to_owned(),
            hmac: base16ct::lower::encode_string(&mac),
            body: format!("{{\"encrypted_payload\":\"{payload}\"}}"),
        })
    }

    /// The plaintext of a body, and the type that stands beside it.
    fn opened<'a>(&mut self, raw: &'a [u8]) -> Result<(Vec<u8>, Option<&'a str>)> {
        let envelope: Envelope<'a> = serde_json::from_slice(raw)?;
        let mut mac = [0; 32];
        let mac_len = base16ct::mixed::decode(envelope.hmac, &mut mac)
            .map_err(anyhow::Error::msg)?
            .len();
        ensure!(mac_len == mac.len());
        Ok((
            self.open(envelope.encrypted_payload, &mac)?,
            envelope.event_type,
        ))
    }

    /// A typed answer.
    fn answer(&mut self, raw: &[u8]) -> Result<Answer> {
        Ok(serde_json::from_slice(&self.opened(raw)?.0)?)
    }

    /// A typed event.
    fn event(&mut self, raw: &[u8]) -> Result<RechargeResult> {
        let (plaintext, event_type) = self.opened(raw)?;
        ensure!(event_type == Some("CARD_RECHARGE_RESULT"));
        Ok(serde_json::from_slice(&plaintext)?)
    }
}

/// OpenSSL of the system: EVP for all three, with fetched algorithms and contexts that keep their key.
pub(crate) struct OpenSsl {
    encrypt: CipherCtx,
    decrypt: CipherCtx,
    md: Md,
    mac_key: PKey<Private>,
}

impl OpenSsl {
    pub(crate) fn new(key: &[u8]) -> Result<Self> {
        let cipher = Cipher::fetch(None, "AES-256-CBC", None)?;
        let mut encrypt = CipherCtx::new()?;
        encrypt.encrypt_init(Some(&cipher), Some(key), Some(&[0; 16]))?;
        let mut decrypt = CipherCtx::new()?;
        decrypt.decrypt_init(Some(&cipher), Some(key), Some(&[0; 16]))?;
        Ok(Self {
            encrypt,
            decrypt,
            md: Md::fetch(None, "SHA256", None)?,
            mac_key: PKey::hmac(key)?,
        })
    }

    fn mac(&self, text: &str) -> Result<[u8; 32]> {
        let mut mac = [0; 32];
        let mut context = MdCtx::new()?;
        context.digest_sign_init(Some(&self.md), &self.mac_key)?;
        context.digest_sign_update(text.as_bytes())?;
        context.digest_sign_final(Some(&mut mac))?;
        Ok(mac)
    }
}

impl Peer for OpenSsl {
    fn seal(&mut self, plaintext: Vec<u8>, iv: [u8; 16]) -> Result<(String, [u8; 32])> {
        self.encrypt.encrypt_init(None, None, Some(&iv))?;
        let mut sealed = Vec::with_capacity(16 + plaintext.len() + 32);
        sealed.extend_from_slice(&iv);
        self.encrypt.cipher_update_vec(&plaintext, &mut sealed)?;
        self.encrypt.cipher_final_vec(&mut sealed)?;
        let payload = openssl::base64::encode_block(&sealed);
        let mac = self.mac(&payload)?;
        Ok((payload, mac))
    }

    fn open(&mut self, payload: &str, mac: &[u8; 32]) -> Result<Vec<u8>> {
        ensure!(openssl::memcmp::eq(&self.mac(payload)?, mac));
        let sealed = openssl::base64::decode_block(payload)?;
        let (iv, ciphertext) = sealed.split_at(16);
        self.decrypt.decrypt_init(None, None, Some(iv))?;
        let mut plaintext = Vec::with_capacity(ciphertext.len() + 16);
        self.decrypt.cipher_update_vec(ciphertext, &mut plaintext)?;
        self.decrypt.cipher_final_vec(&mut plaintext)?;
        Ok(plaintext)
    }
}

/// aws-lc-rs for cipher and MAC, the `base64` crate for the text.
pub(crate) struct AwsLc {
    encrypt: PaddedBlockEncryptingKey,
    decrypt: PaddedBlockDecryptingKey,
    mac_key: hmac::Key,
}

impl AwsLc {
    pub(crate) fn new(key: &[u8]) -> Result<Self> {
        Ok(Self {
            encrypt: PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key)?)?,
            decrypt: PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key)?)?,
            mac_key: hmac::Key::new(hmac::HMAC_SHA256, key),
        })
    }
}

impl Peer for AwsLc {
    fn seal(&mut self, mut plaintext: Vec<u8>, iv: [u8; 16]) -> Result<(String, [u8; 32])> {
        let context = EncryptionContext::Iv128(FixedLength::from(iv));
        self.encrypt.less_safe_encrypt(&mut plaintext, context)?;
        let mut sealed = Vec::with_capacity(16 + plaintext.len());
        sealed.extend_from_slice(&iv);
        sealed.extend_from_slice(&plaintext);
        let payload = STANDARD.encode(&sealed);
        let mac = hmac::sign(&self.mac_key, payload.as_bytes());
        Ok((payload, mac.as_ref().try_into()?))
    }

    fn open(&mut self, payload: &str, mac: &[u8; 32]) -> Result<Vec<u8>> {
        hmac::verify(&self.mac_key, payload.as_bytes(), mac)?;
        let mut sealed = STANDARD.decode(payload)?;
        let (iv, ciphertext) = sealed.split_at_mut(16);
        let iv: [u8; 16] = (&*iv).try_into()?;
        let context = DecryptionContext::Iv128(FixedLength::from(iv));
        Ok(self.decrypt.decrypt(ciphertext, context)?.to_vec())
    }
}
