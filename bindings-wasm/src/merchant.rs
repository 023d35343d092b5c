//! The merchant: the one object that crosses, because it holds the key.

use std::collections::BTreeMap;
use std::sync::Arc;

use bananatech_core::{
    AnyOperation, AnyResponse, CardId, Endpoints, Event, Fingerprint, Header, Iv, KeyCodec,
    KeyRing, Merchant, MerchantId, OnPlatform, Platform, SecretKey, Timestamp, TransactionId,
    UserId, json,
};
use serde::{Deserialize, Serialize, Serializer};
use wasm_bindgen::prelude::*;

use crate::backend::BackendHolder;
use crate::error::{Result, unexpected};
use crate::out::{Apart, check, parsed, written};
use crate::plans::{kind, read_plan};

/// A merchant with its Secret Key. It lives in this library's memory, so that the key is read once and can be wiped. It has
/// another name than the package's own class.
#[wasm_bindgen]
pub struct KeyHolder(Merchant);

/// What a merchant got when it was set up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    merchant_id: String,
    base_url: String,
    secret_key: String,
    codec: Option<String>,
    key_id: Option<String>,
    other_keys: Option<Vec<OtherKey>>,
    paths: Option<BTreeMap<String, String>>,
    sealed_answers_only: Option<bool>,
    max_webhook_bytes: Option<usize>,
    max_answer_bytes: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherKey {
    key_id: String,
    secret_key: String,
    codec: Option<String>,
}

/// Where a request goes.
#[derive(Serialize)]
struct Head<'a> {
    url: &'a str,
    #[serde(serialize_with = "as_fields")]
    headers: &'a [Header],
}

pub(crate) fn as_fields<S: Serializer>(
    headers: &[Header],
    serializer: S,
) -> core::result::Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().map(|header| (header.name, &header.value)))
}

/// A webhook that was opened.
#[derive(Serialize)]
struct Opened<'a> {
    event: Apart<&'a Event>,
    /// The type as it came, where the event's is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'a str>,
    facts: Facts,
    fingerprint: Fingerprint,
    key_id: &'a str,
}

/// What an event is about, whatever its type, where a documented field says so.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Facts {
    user_id: Option<UserId>,
    card_id: Option<CardId>,
    transaction_id: Option<TransactionId>,
    occurred_at: Option<Timestamp>,
}

/// An answer that was opened.
#[derive(Serialize)]
struct Answered<'a> {
    response: Apart<&'a AnyResponse>,
    sealed_with: Option<&'a str>,
}

#[wasm_bindgen(raw_module = "../with-text.js")]
extern "C" {
    /// A value of the core's, given as JSON, and beside it a text that may be long: both in one crossing.
    #[wasm_bindgen(js_name = withText)]
    pub(crate) fn with_text(json: &str, text: &str) -> JsValue;
}

#[wasm_bindgen(raw_module = "../platform.js")]
extern "C" {
    #[wasm_bindgen(js_name = takeKey)]
    fn take_key(key: &[u8]) -> u32;
    #[wasm_bindgen(js_name = dropKey)]
    fn drop_key(key: u32);
    #[wasm_bindgen(js_name = seal)]
    fn platform_seal(
        key: u32,
        iv: &[u8],
        plaintext: &[u8],
        payload: &mut [u8],
        mac: &mut [u8],
    ) -> bool;
    #[wasm_bindgen(js_name = verify)]
    fn platform_verify(key: u32, payload: &[u8], mac: &[u8]) -> Option<bool>;
    #[wasm_bindgen(js_name = open)]
    fn platform_open(key: u32, payload: &[u8], plaintext: &mut [u8]) -> Option<usize>;
    /// As [`with_text`], of a text that is ASCII.
    #[wasm_bindgen(js_name = withAscii)]
    fn with_ascii(json: &str, text: &[u8]) -> JsValue;
}

/// A key that the platform holds, by its number there.
struct PlatformKey(u32);

impl Platform for PlatformKey {
    fn seal(
        &self,
        iv: &[u8; 16],
        plaintext: &[u8],
        payload: &mut [u8],
        mac: &mut [u8; 32],
    ) -> bool {
        platform_seal(self.0, iv, plaintext, payload, mac)
    }

    fn verify(&self, payload: &[u8], mac: &[u8; 32]) -> Option<bool> {
        platform_verify(self.0, payload, mac)
    }

    fn open(&self, payload: &[u8], plaintext: &mut [u8]) -> Option<usize> {
        platform_open(self.0, payload, plaintext)
    }
}

impl Drop for PlatformKey {
    fn drop(&mut self) {
        drop_key(self.0);
    }
}

#[wasm_bindgen]
impl KeyHolder {
    /// Takes the options as JSON. The key stands in them because this is where it enters. If the platform has cryptography of its own: from
    /// how many bytes on it is quicker.
    #[wasm_bindgen(constructor)]
    pub fn new(options: String, platform_from: Option<usize>) -> Result<Self> {
        let options: Options = json::from_str(&options)?;
        let key = |text: &str, codec: Option<&str>| -> Result<SecretKey> {
            let codec = codec.map(KeyCodec::parse).transpose()?.unwrap_or_default();
            Ok(SecretKey::on_platform(text, codec, |bytes| {
                platform_from.map(|from| OnPlatform {
                    from,
                    key: Arc::new(PlatformKey(take_key(bytes))),
                })
            })?)
        };
        let sealing = key(&options.secret_key, options.codec.as_deref())?;
        let mut keys = KeyRing::new(options.key_id.as_deref().unwrap_or("default"), sealing)?;
        for other in options.other_keys.iter().flatten() {
            let opening = key(&other.secret_key, other.codec.as_deref())?;
            keys = keys.also_opens(&other.key_id, opening)?;
        }
        let mut endpoints = Endpoints::new(&options.base_url)?;
        for (operation, path) in options.paths.into_iter().flatten() {
            endpoints = endpoints.with_path(kind(&operation)?, &path)?;
        }
        let id = MerchantId::parse(&options.merchant_id)?;
        let mut merchant = Merchant::new(id, keys, endpoints).with_limits(
            options
                .max_webhook_bytes
                .unwrap_or(Merchant::MAX_WEBHOOK_BYTES),
            options
                .max_answer_bytes
                .unwrap_or(Merchant::MAX_ANSWER_BYTES),
        );
        if options.sealed_answers_only == Some(true) {
            merchant = merchant.sealed_answers_only();
        }
        Ok(Self(merchant))
    }

    /// Seals an operation, given as its name and its body. The IV is 16 random bytes.
    pub fn call(&self, operation: String, body: Vec<u8>, iv: &[u8]) -> Result {
        wiped(|| {
            let body = text(body);
            let operation = AnyOperation::from_json(kind(&operation)?, &body)?;
            self.sealed(operation, &body, iv)
        })
    }

    /// Seals a plan that was made elsewhere. The operations named may have fields that the contract doesn't name.
    pub fn seal(&self, plan: Vec<u8>, open_fields: Vec<String>, iv: &[u8]) -> Result {
        wiped(|| {
            let plan = text(plan);
            let operation = read_plan(&plan, &open_fields)?.into_operation();
            self.sealed(operation, &plan, iv)
        })
    }

    /// Reads the answer to an operation; with the body that was sent, so that it isn't taken for its own answer. Answers what
    /// it says, and if wished how it came.
    pub fn read(
        &self,
        operation: String,
        sent: Option<Vec<u8>>,
        status: u16,
        body: &[u8],
        is_whole: bool,
    ) -> Result {
        wiped(|| {
            let sent = sent.map(text);
            self.answered(&operation, sent.as_deref(), status, body, is_whole)
        })
    }

    /// Verifies, opens and types a webhook.
    pub fn receive(&self, body: &[u8]) -> Result {
        wiped(|| self.received(body))
    }

    /// Why a body can't be opened; nothing if it can. For operators only.
    pub fn diagnose(&self, body: &[u8]) -> Option<String> {
        self.0
            .diagnose(body)
            .map(|failure| failure.as_str().to_owned())
    }

    /// A backend of this merchant, with its options as JSON.
    pub fn backend(&self, options: String) -> Result<BackendHolder> {
        BackendHolder::of(&self.0, &options)
    }

    /// The body of a webhook as BananaTech would send it, for tests.
    #[wasm_bindgen(js_name = testWebhook)]
    pub fn test_webhook(&self, event_type: String, data: String, iv: &[u8]) -> Result<String> {
        Ok(self.0.test_webhook(&event_type, &data, Iv::try_from(iv)?))
    }

    /// A sealed answer as BananaTech would send it, for tests.
    #[wasm_bindgen(js_name = testAnswer)]
    pub fn test_answer(&self, response: String, iv: &[u8]) -> Result<String> {
        Ok(self.0.test_answer(&response, Iv::try_from(iv)?))
    }
}

impl KeyHolder {
    fn answered(
        &self,
        operation: &str,
        sent: Option<&str>,
        status: u16,
        body: &[u8],
        is_whole: bool,
    ) -> Result {
        let answer = self.0.read_any(kind(operation)?, sent, status, body)?;
        if !is_whole {
            return parsed(&Apart(&*answer)).map_err(unexpected);
        }
        let value = Answered {
            response: Apart(&*answer),
            sealed_with: answer.sealed_with(),
        };
        let value = written(&value).map_err(unexpected)?;
        Ok(with_text(&value, answer.json().as_str()))
    }

    fn received(&self, body: &[u8]) -> Result {
        let delivery = self.0.receive(body)?;
        let opened = |event: &Event| {
            written(&Opened {
                event: Apart(event),
                facts: Facts {
                    user_id: event.user_id(),
                    card_id: event.card_id(),
                    transaction_id: event.transaction_id(),
                    occurred_at: event.occurred_at(),
                },
                event_type: match event {
                    Event::Unrecognized(event) => Some(event.event_type.as_str()),
                    _ => None,
                },
                fingerprint: delivery.fingerprint(),
                key_id: delivery.key_id(),
            })
        };
        // What is authentic isn't refused, an id neither that JavaScript can't hold.
        let opened = opened(delivery.event())
            .or_else(|error| opened(&delivery.unrecognized(&error)))
            .map_err(unexpected)?;
        Ok(with_text(&opened, delivery.data().as_str()))
    }

    fn sealed(&self, operation: AnyOperation, text: &str, iv: &[u8]) -> Result {
        if has_long_number(text) {
            check(&operation)?;
        }
        let call = self.0.call(operation, Iv::try_from(iv)?)?;
        let request = call.request();
        let head = Head {
            url: request.url(),
            headers: request.headers(),
        };
        Ok(with_ascii(&written(&head)?, request.body().as_bytes()))
    }
}

/// Does some work, and overwrites what it left on the stack: the cipher has its blocks there, and values are moved about.
fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let done = work();
    wipe_stack();
    done
}

/// Where the work had its frames, this has its own.
#[inline(never)]
fn wipe_stack() {
    std::hint::black_box(&mut [0u8; 4096]);
}

/// A text that crossed as its bytes: of a long one, the generated glue would look at each character.
fn text(bytes: Vec<u8>) -> String {
    // JavaScript encoded it.
    String::from_utf8(bytes).unwrap_or_default()
}

/// So many digits has the least number that JavaScript rounds.
const LONG: usize = 16;

/// Whether there are digits in which a number can stand that JavaScript rounded before it came here: worth a closer look. So many in a
/// row have one at every so many places.
fn has_long_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    (LONG - 1..bytes.len()).step_by(LONG).any(|at| {
        let (before, after) = bytes.split_at(at);
        let behind = after.iter().take_while(|byte| byte.is_ascii_digit());
        let ahead = before.iter().rev().take_while(|byte| byte.is_ascii_digit());
        match behind.count() {
            0 => false,
            count => count + ahead.count() >= LONG,
        }
    })
}
