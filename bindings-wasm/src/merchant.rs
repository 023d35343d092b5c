//! The merchant: the one object that crosses, because it holds the key.

use bananatech_core::{
    AnyOperation, Endpoints, Iv, KeyCodec, KeyRing, Merchant as Core, MerchantId, Plan, SecretKey,
    ToJson,
};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::thrown::{Result, Thrown, unexpected};
use crate::values::kind;
use crate::{no_such, ours};

/// A merchant with its Secret Key. It lives in this library's memory, so that the key is read once and can be wiped. In
/// JavaScript it goes by another name, so that the package's own class keeps this one.
#[wasm_bindgen(js_name = KeyHolder)]
pub struct Merchant {
    id: MerchantId,
    keys: KeyRing,
    endpoints: Endpoints,
    sealed_answers_only: bool,
    core: Core,
}

fn key(text: String, codec: &str) -> Result<SecretKey> {
    // It came as a copy of its own: nothing of it stays behind.
    let text = Zeroizing::new(text);
    Ok(SecretKey::from_text(&text, KeyCodec::parse(codec)?)?)
}

/// Whether there are digits in which a number can stand that JavaScript rounded before it came here: worth a closer look.
fn has_long_number(text: &str) -> bool {
    let mut run = 0;
    text.bytes().any(|byte| {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        run == 16
    })
}

/// What came as text, or as bytes.
fn body(text: Option<String>, bytes: Option<Vec<u8>>) -> Vec<u8> {
    text.map(String::into_bytes).or(bytes).unwrap_or_default()
}

// Few exports that do several things each: what wasm-bindgen makes for one is more than most of them are.
#[wasm_bindgen(js_class = KeyHolder)]
impl Merchant {
    /// Takes what a merchant got when it was set up. The key stands in the arguments because this is where it enters.
    #[wasm_bindgen(constructor)]
    pub fn new(
        merchant_id: &str,
        base_url: &str,
        key_id: &str,
        secret_key: String,
        codec: &str,
    ) -> core::result::Result<Self, Thrown> {
        Ok(Self::with(
            merchant_id,
            base_url,
            key_id,
            secret_key,
            codec,
        )?)
    }

    /// Changes it: `rotate` (a newer key's id, the key and its codec: what is sealed from now on is sealed with it, and the
    /// older ones still open), `path` (an operation, and another path for it), or `sealedAnswersOnly`.
    pub fn set(
        &mut self,
        what: &str,
        a: &str,
        b: String,
        c: &str,
    ) -> core::result::Result<(), Thrown> {
        Ok(self.change(what, a, b, c)?)
    }

    /// Seals an operation, given as its name and the JSON of its body, or without a name a plan that was made elsewhere. The
    /// IV is 16 random bytes. Answers lines: the URL, each header's name and value, and last the body.
    pub fn seal(
        &self,
        operation: Option<String>,
        body: &str,
        iv: &[u8],
    ) -> core::result::Result<String, Thrown> {
        Ok(self.sealed(operation, body, iv)?)
    }

    /// Reads the answer to an operation, given as text or as bytes. Answers the id of the key that opened it (empty if none
    /// did), a line feed, and the response's JSON.
    pub fn read(
        &self,
        operation: &str,
        status: u16,
        text: Option<String>,
        bytes: Option<Vec<u8>>,
    ) -> core::result::Result<String, Thrown> {
        Ok(self.response(operation, status, &body(text, bytes))?)
    }

    /// Verifies, opens and types a webhook, given as text or as bytes. Answers the fingerprint (64 characters), the key's id,
    /// a line feed, and the event's JSON.
    pub fn receive(
        &self,
        text: Option<String>,
        bytes: Option<Vec<u8>>,
    ) -> core::result::Result<String, Thrown> {
        Ok(self.delivery(&body(text, bytes))?)
    }

    /// Why a body can't be opened; nothing if it can. For operators only.
    pub fn diagnose(&self, text: Option<String>, bytes: Option<Vec<u8>>) -> Option<String> {
        self.core
            .diagnose(&body(text, bytes))
            .map(|failure| failure.as_str().to_owned())
    }

    /// What BananaTech would send, for tests: the body of a webhook of a type, or without one a sealed answer.
    pub fn test(
        &self,
        event_type: Option<String>,
        json: &str,
        iv: &[u8],
    ) -> core::result::Result<String, Thrown> {
        let iv = Iv::try_from(iv).map_err(bananatech_core::Error::from)?;
        Ok(match event_type {
            Some(event_type) => self.core.test_webhook(&event_type, json, iv),
            None => self.core.test_answer(json, iv),
        })
    }
}

impl Merchant {
    fn with(
        merchant_id: &str,
        base_url: &str,
        key_id: &str,
        secret_key: String,
        codec: &str,
    ) -> Result<Self> {
        let keys = KeyRing::new(key_id, key(secret_key, codec)?)?;
        let id = MerchantId::parse(merchant_id)?;
        let endpoints = Endpoints::new(base_url)?;
        let core = Core::new(id.clone(), keys.clone(), endpoints.clone());
        Ok(Self {
            id,
            keys,
            endpoints,
            sealed_answers_only: false,
            core,
        })
    }

    fn change(&mut self, what: &str, a: &str, b: String, c: &str) -> Result<()> {
        match what {
            "rotate" => self.keys = self.keys.clone().rotated(a, key(b, c)?)?,
            "path" => self.endpoints = self.endpoints.clone().with_path(kind(a)?, &b)?,
            "sealedAnswersOnly" => self.sealed_answers_only = true,
            _ => return Err(no_such("what").into()),
        }
        self.renew();
        Ok(())
    }

    fn renew(&mut self) {
        self.core = Core::new(self.id.clone(), self.keys.clone(), self.endpoints.clone());
        if self.sealed_answers_only {
            self.core = self.core.clone().sealed_answers_only();
        }
    }

    fn sealed(&self, operation: Option<String>, text: &str, iv: &[u8]) -> Result<String> {
        let operation = match operation {
            Some(name) => AnyOperation::from_json(kind(&name)?, text)?,
            None => Plan::from_json(text)?.into_operation(),
        };
        if has_long_number(text) {
            ours(&operation)?;
        }
        let call = self.core.call(operation, Iv::try_from(iv)?)?;
        let request = call.request();
        let mut lines = String::with_capacity(request.body().len() + 256);
        lines.push_str(request.url());
        for header in request.headers() {
            for part in [header.name, &header.value] {
                lines.push('\n');
                lines.push_str(part);
            }
        }
        lines.push('\n');
        lines.push_str(request.body());
        Ok(lines)
    }

    fn response(&self, operation: &str, status: u16, body: &[u8]) -> Result<String> {
        let operation = kind(operation)?;
        let answer = self.core.read_any(operation, status, body)?;
        let key_id = answer.sealed_with().unwrap_or_default().to_owned();
        let response = answer.into_response().to_javascript().map_err(unexpected)?;
        Ok([&key_id, "\n", &response].concat())
    }

    fn delivery(&self, raw_body: &[u8]) -> Result<String> {
        let delivery = self.core.receive(raw_body)?;
        let event = delivery.event().to_javascript().map_err(unexpected)?;
        let parts = [
            delivery.fingerprint().as_str(),
            delivery.key_id(),
            "\n",
            &event,
        ];
        Ok(parts.concat())
    }
}
