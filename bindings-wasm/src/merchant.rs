//! The merchant: the one object that crosses, because it holds the key.

use bananatech_core::{
    AnyOperation, Endpoints, Iv, KeyCodec, KeyRing, Merchant as Core, MerchantId, Plan, SecretKey,
    ToJson,
};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::ours;
use crate::thrown::{Result, unexpected};
use crate::values::kind;

/// A merchant with its Secret Key. It lives in this library's memory, so that the key is read once and can be wiped.
#[wasm_bindgen]
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

#[wasm_bindgen]
impl Merchant {
    /// Takes what a merchant got when it was set up. The key stands in the arguments because this is where it enters.
    #[wasm_bindgen(constructor)]
    pub fn new(
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

    /// A newer key: what is sealed from now on is sealed with it, and the older ones still open.
    pub fn rotate(&mut self, key_id: &str, secret_key: String, codec: &str) -> Result<()> {
        self.keys = self.keys.clone().rotated(key_id, key(secret_key, codec)?)?;
        self.renew();
        Ok(())
    }

    /// Another path for an operation.
    pub fn path(&mut self, operation: &str, path: &str) -> Result<()> {
        self.endpoints = self.endpoints.clone().with_path(kind(operation)?, path)?;
        self.renew();
        Ok(())
    }

    /// Takes success only from sealed answers.
    #[wasm_bindgen(js_name = sealedAnswersOnly)]
    pub fn sealed_answers_only(&mut self) {
        self.sealed_answers_only = true;
        self.renew();
    }

    fn renew(&mut self) {
        self.core = Core::new(self.id.clone(), self.keys.clone(), self.endpoints.clone());
        if self.sealed_answers_only {
            self.core = self.core.clone().sealed_answers_only();
        }
    }

    /// Seals an operation, given as its name and the JSON of its body. The IV is 16 random bytes. Answers lines: the URL, each
    /// header's name and value, and last the body.
    pub fn seal(&self, operation: &str, body: &str, iv: &[u8]) -> Result<String> {
        let operation = AnyOperation::from_json(kind(operation)?, body)?;
        self.sealed(body, operation, iv)
    }

    /// Seals a plan that was made elsewhere.
    #[wasm_bindgen(js_name = sealPlan)]
    pub fn seal_plan(&self, plan: &str, iv: &[u8]) -> Result<String> {
        self.sealed(plan, Plan::from_json(plan)?.into_operation(), iv)
    }

    fn sealed(&self, text: &str, operation: AnyOperation, iv: &[u8]) -> Result<String> {
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

    /// Reads the answer to an operation. Answers the id of the key that opened it (empty if none did), a line feed, and the
    /// response's JSON.
    pub fn read(&self, operation: &str, status: u16, body: &[u8]) -> Result<String> {
        let operation = kind(operation)?;
        let answer = self.core.read_any(operation, status, body)?;
        let key_id = answer.sealed_with().unwrap_or_default().to_owned();
        let response = answer.into_response().to_javascript().map_err(unexpected)?;
        Ok(format!("{key_id}\n{response}"))
    }

    /// Reads the answer, given as text.
    #[wasm_bindgen(js_name = readText)]
    pub fn read_text(&self, operation: &str, status: u16, body: &str) -> Result<String> {
        self.read(operation, status, body.as_bytes())
    }

    /// Verifies, opens and types a webhook. Answers the fingerprint (64 characters), the key's id, a line feed, and the
    /// event's JSON.
    pub fn receive(&self, raw_body: &[u8]) -> Result<String> {
        let delivery = self.core.receive(raw_body)?;
        let event = delivery.event().to_javascript().map_err(unexpected)?;
        let mut text = String::with_capacity(event.len() + 96);
        text.push_str(delivery.fingerprint().as_str());
        text.push_str(delivery.key_id());
        text.push('\n');
        text.push_str(&event);
        Ok(text)
    }

    /// Receives a webhook, given as text.
    #[wasm_bindgen(js_name = receiveText)]
    pub fn receive_text(&self, raw_body: &str) -> Result<String> {
        self.receive(raw_body.as_bytes())
    }

    /// Why a body can't be opened; nothing if it can. For operators only.
    pub fn diagnose(&self, raw_body: &[u8]) -> Option<String> {
        self.core
            .diagnose(raw_body)
            .map(|failure| failure.as_str().to_owned())
    }

    /// A webhook's body as BananaTech would send it, for tests of a receiver.
    #[wasm_bindgen(js_name = testWebhook)]
    pub fn test_webhook(&self, event_type: &str, data: &str, iv: &[u8]) -> Result<String> {
        Ok(self.core.test_webhook(event_type, data, Iv::try_from(iv)?))
    }

    /// A sealed answer as BananaTech would send it, for tests of a caller.
    #[wasm_bindgen(js_name = testAnswer)]
    pub fn test_answer(&self, json: &str, iv: &[u8]) -> Result<String> {
        Ok(self.core.test_answer(json, Iv::try_from(iv)?))
    }
}
