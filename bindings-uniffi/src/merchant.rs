//! With the Secret Key: never in an app that is shipped.

use std::collections::HashMap;
use std::sync::Arc;

use bananatech_core as core;
use core::{
    AnyOperation, AnyResponse, Code, Endpoints, Event, Invalid, Iv, Json, KeyCodec, KeyRing,
    MerchantId, OperationKind, SecretKey,
};

use crate::Result;
use crate::error::BananaTechError;
use crate::values::{Address, Redacted};

/// What a merchant got when it was set up.
#[derive(uniffi::Record)]
pub struct MerchantOptions {
    /// The Merchant-ID, a UUID. It isn't secret.
    pub merchant_id: String,
    /// The URL that the operations' paths stand behind: `https`, or `http` on a loopback host.
    pub base_url: Address,
    /// The Secret Key, which seals and opens. **Never in a shipped app**, where everybody can read it: there, make plans
    /// and let a backend seal them.
    pub secret_key: Redacted,
    /// How the key's text becomes bytes: UTF-8 if not given. The vendor doesn't say which it is.
    #[uniffi(default)]
    pub codec: Option<KeyCodec>,
    /// Your own name for the key: it tells which key opened a message.
    #[uniffi(default = "default")]
    pub key_id: String,
    /// Further keys. They open, and never seal. In a rotation the new key stands here until BananaTech uses it. Afterwards the
    /// old one does.
    #[uniffi(default)]
    pub other_keys: Vec<MerchantKey>,
    /// Paths in place of the default ones, most of which are inferred.
    #[uniffi(default)]
    pub paths: HashMap<OperationKind, String>,
    /// Whether success is taken only from a sealed answer (`answer.not_sealed` otherwise).
    #[uniffi(default = false)]
    pub sealed_answers_only: bool,
    /// How many bytes a webhook's body may have (`message.too_long` otherwise): 1 MiB if not given.
    #[uniffi(default)]
    pub max_webhook_bytes: Option<i32>,
    /// How many bytes an answer's body may have (`message.too_long` otherwise): 16 MiB if not given.
    #[uniffi(default)]
    pub max_answer_bytes: Option<i32>,
}

/// One key of a merchant.
#[derive(uniffi::Record)]
pub struct MerchantKey {
    /// Your own name for the key: it tells which key opened a message.
    pub key_id: String,
    /// The Secret Key.
    pub secret_key: Redacted,
    /// How the text becomes bytes: UTF-8 if not given.
    #[uniffi(default)]
    pub codec: Option<KeyCodec>,
}

fn key(text: &Redacted, codec: Option<KeyCodec>) -> Result<SecretKey> {
    let codec = codec.unwrap_or(KeyCodec::Utf8);
    Ok(SecretKey::from_text(text.expose(), codec)?)
}

/// A request, ready to be sent with any HTTP client. Send it once: an operation that moves money has no idempotency key.
#[derive(uniffi::Record)]
pub struct SealedRequest {
    /// The HTTP method: always `POST`.
    pub method: String,
    /// Where to send it.
    pub url: Address,
    /// All headers that it needs.
    pub headers: Vec<Header>,
    /// The sealed body, to be sent as it is.
    pub body: String,
}

/// A header of a request.
#[derive(uniffi::Record)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value, ASCII. Keep the one of `X-HMAC` out of logs: with the body, it can be sent again.
    pub value: Redacted,
}

impl From<&core::SealedRequest> for SealedRequest {
    fn from(request: &core::SealedRequest) -> Self {
        let header = |header: &core::Header| Header {
            name: header.name.to_owned(),
            value: header.value.as_str().into(),
        };
        Self {
            method: core::SealedRequest::METHOD.to_owned(),
            url: Address::new(request.url()),
            headers: request.headers().iter().map(header).collect(),
            body: request.body().to_owned(),
        }
    }
}

/// A successful answer.
#[derive(uniffi::Record)]
pub struct AnyAnswer {
    /// What it holds.
    pub response: AnyResponse,
    /// The id of the key that opened it; none if it came as plain JSON, so that nothing vouches for it.
    pub sealed_with: Option<String>,
    /// Its exact text, opened: all that was answered, what isn't understood too.
    pub raw: Json,
}

/// A webhook that was verified, opened and typed.
#[derive(uniffi::Record)]
pub struct Delivery {
    /// What it said.
    pub event: Event,
    /// Equal for deliveries of the same event, 64 hexadecimal digits. It can be stored and logged.
    pub fingerprint: String,
    /// The id of the key that opened it.
    pub key_id: String,
    /// The exact text of its data: all that was sent, what isn't understood too.
    pub raw: Json,
}

impl From<core::Delivery> for Delivery {
    fn from(delivery: core::Delivery) -> Self {
        Self {
            fingerprint: delivery.fingerprint().to_string(),
            key_id: delivery.key_id().to_owned(),
            raw: delivery.data().clone(),
            event: delivery.into_event(),
        }
    }
}

/// A merchant with its Secret Key: seals operations, opens answers and webhooks. Threads may share it.
///
/// **For backends, and for a merchant's own terminals.** The Secret Key never belongs into a shipped app, where everybody can
/// read it and act as the merchant. There, make plans and send them to a backend, which checks them and seals
/// what is in them.
#[derive(uniffi::Object)]
pub struct Merchant(pub(crate) core::Merchant);

/// A limit in bytes. Errors with `field.type` if it is negative (caused by the caller).
fn bytes(field: &'static str, given: Option<i32>, standard: usize) -> Result<usize> {
    let Some(limit) = given else {
        return Ok(standard);
    };
    let expected = "a number of bytes, from 0 on";
    Ok(usize::try_from(limit).map_err(|_| Invalid::new(field, Code::FieldType, expected))?)
}

#[uniffi::export]
impl Merchant {
    /// Takes what a merchant got when it was set up.
    ///
    /// Errors, caused by the caller: `merchant_id.format`, `url.format`, `path.format`, `key.encoding`, `key.length`, `key.id`,
    /// `field.type` for a negative number of bytes.
    #[uniffi::constructor]
    pub fn new(options: MerchantOptions) -> Result<Arc<Self>> {
        let sealing = key(&options.secret_key, options.codec)?;
        let mut keys = KeyRing::new(&options.key_id, sealing)?;
        for other in &options.other_keys {
            keys = keys.also_opens(&other.key_id, key(&other.secret_key, other.codec)?)?;
        }
        let mut endpoints = Endpoints::new(options.base_url.as_str())?;
        for (operation, path) in &options.paths {
            endpoints = endpoints.with_path(*operation, path)?;
        }
        let merchant =
            core::Merchant::new(MerchantId::parse(&options.merchant_id)?, keys, endpoints);
        let merchant = merchant.with_limits(
            bytes("max_webhook_bytes", options.max_webhook_bytes, 1 << 20)?,
            bytes("max_answer_bytes", options.max_answer_bytes, 1 << 24)?,
        );
        Ok(Arc::new(Self(if options.sealed_answers_only {
            merchant.sealed_answers_only()
        } else {
            merchant
        })))
    }

    /// Seals an operation into a request. There is no idempotency key: one that moves money, sent twice, may move it twice.
    /// `iv`, 16 bytes, is for tests: without it the platform's randomness is taken.
    ///
    /// Errors, caused by the caller: the codes of the operation's fields and rules; `iv.length`.
    #[uniffi::method(default(iv = None))]
    pub fn seal(&self, operation: AnyOperation, iv: Option<Vec<u8>>) -> Result<SealedRequest> {
        Ok(self
            .0
            .call(operation, initialisation(iv)?)?
            .request()
            .into())
    }

    /// Reads the answer to an operation: its HTTP status, and its body as it came. `request` is the body that was sent: an answer
    /// that is the same is refused, since it was only sent back.
    ///
    /// Errors: `rejected` (BananaTech refused, and nothing was done). After the others it isn't known whether the operation was
    /// carried out, and the tracker will tell: `answer.not_known` (the answer, HTTP 500 for example, doesn't say), `not_authentic`
    /// (it doesn't open, or is the request itself), `answer.shape`, `answer.not_sealed` or `message.too_long` (it isn't what the
    /// contract says).
    #[uniffi::method(default(request = None))]
    pub fn read(
        &self,
        operation: OperationKind,
        status: i32,
        body: Vec<u8>,
        request: Option<String>,
    ) -> Result<AnyAnswer> {
        // No HTTP status is out of range; what is counts as one that says nothing.
        let status = u16::try_from(status).unwrap_or(0);
        let answer = self
            .0
            .read_any(operation, request.as_deref(), status, &body)?;
        Ok(AnyAnswer {
            sealed_with: answer.sealed_with().map(str::to_owned),
            raw: answer.json().clone(),
            response: answer.into_response(),
        })
    }

    /// Verifies, opens and types a webhook: give it the raw bytes of the body, before any parser. Then answer HTTP 200 within 10
    /// seconds, and do heavy work afterwards. Deliveries may come twice, late and in any order.
    ///
    /// Whatever is authentic is read. Data that aren't what their type says arrive as an unrecognized event, and types that aren't
    /// known as an unknown one: store them, answer 200, and let somebody look.
    ///
    /// Errors: `not_authentic` for whatever can't be opened, and `webhook.raw_body` for what isn't a delivery's body: answer 400.
    /// `message.too_long` for what is longer than the limit: answer 413.
    pub fn receive(&self, raw_body: Vec<u8>) -> Result<Delivery> {
        Ok(self.0.receive(&raw_body)?.into())
    }

    /// Why a webhook's or an answer's body can't be opened, for operators: one of a few words, as `mac_mismatch`; none if it opens.
    /// Never tell it to whoever sent the body.
    pub fn diagnose(&self, raw_body: Vec<u8>) -> Result<Option<String>> {
        Ok(self
            .0
            .diagnose(&raw_body)
            .map(|failure| failure.as_str().to_owned()))
    }

    /// A webhook's body as BananaTech would send it, for tests of a receiver. `data` is sealed as it is: if it isn't JSON, it
    /// reads as not authentic.
    #[uniffi::method(default(iv = None))]
    pub fn test_webhook(
        &self,
        event_type: String,
        data: Redacted,
        iv: Option<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        let iv = initialisation(iv)?;
        Ok(self
            .0
            .test_webhook(&event_type, data.expose(), iv)
            .into_bytes())
    }

    /// The same of a typed event. A field that it doesn't have isn't sent.
    #[uniffi::method(default(iv = None))]
    pub fn test_event(&self, event: Event, iv: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let iv = initialisation(iv)?;
        Ok(self.0.test_event(&event, iv).into_bytes())
    }

    /// A sealed answer as BananaTech would send it, for tests of a caller. `response` is sealed as it is: if it isn't
    /// JSON, it reads as not authentic.
    #[uniffi::method(default(iv = None))]
    pub fn test_answer(&self, response: Redacted, iv: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let iv = initialisation(iv)?;
        Ok(self.0.test_answer(response.expose(), iv).into_bytes())
    }

    /// The same of a typed response.
    #[uniffi::method(default(iv = None))]
    pub fn test_response(&self, response: AnyResponse, iv: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let iv = initialisation(iv)?;
        Ok(self.0.test_response(&response, iv)?.into_bytes())
    }
}

/// The caller's bytes (for tests), or the platform's randomness.
fn initialisation(iv: Option<Vec<u8>>) -> Result<Iv> {
    match iv {
        Some(bytes) => Ok(Iv::try_from(bytes.as_slice())?),
        None => {
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes).map_err(|_| BananaTechError::no_randomness())?;
            Ok(Iv::from_random_bytes(bytes))
        }
    }
}
