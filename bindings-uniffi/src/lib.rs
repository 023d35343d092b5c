//! Swift and Kotlin bindings of the BananaTech SDK: the core's types and functions as these languages can use them. No
//! logic lives here.
//!
//! Values cross by value, and an object only where a key is held ([`Merchant`]). Money crosses as text and is each
//! language's exact decimal there; what must not be seen crosses as text into a class that doesn't show it; ids are 64-bit
//! integers, whose whole range the core's ids fit. Times and initialisation vectors are arguments; without a vector, the
//! platform's randomness is taken.

uniffi::setup_scaffolding!("bananatech");

mod error;
pub mod pending;
mod values;

use std::sync::Arc;

use bananatech_core as core;
use core::operations::Acknowledgement;
use core::operations::card::Recharge;
use core::{Endpoints, Event, Iv, KeyCodec, KeyRing, Luhn, MerchantId, Plan, SecretKey};

pub use error::{BananaTechError, RejectionMeaning};

pub use values::SecretText;

/// The version of the library.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// What may be shown of a card number.
#[derive(uniffi::Record)]
pub struct CardNumberFacts {
    /// Whether the check digit is right: a verdict beside, the vendor's own sample fails it.
    pub luhn: Luhn,
    /// All but the last four digits hidden.
    pub masked: String,
    /// The last four digits.
    pub last4: String,
    /// The first six digits.
    pub bin6: String,
    /// The first eight digits.
    pub bin8: String,
    /// The brand's name, such as `visa`.
    pub brand: String,
}

/// Checks a card number: 16 to 19 digits.
#[uniffi::export]
pub fn check_card_number(text: SecretText) -> Result<CardNumberFacts, BananaTechError> {
    let number = core::CardNumber::parse(text.expose())?;
    Ok(CardNumberFacts {
        luhn: number.luhn(),
        masked: number.masked(),
        last4: number.last4().to_owned(),
        bin6: number.bin6().to_owned(),
        bin8: number.bin8().to_owned(),
        brand: number.brand().as_str().to_owned(),
    })
}

/// What is known of a PIN that may be used.
#[derive(uniffi::Record)]
pub struct PinFacts {
    /// Whether it is one that the vendor advises against: repeated, or a simple pattern.
    pub simple: bool,
}

/// Checks the PIN that activates a physical card: exactly 6 digits.
#[uniffi::export]
pub fn check_activation_pin(text: SecretText) -> Result<PinFacts, BananaTechError> {
    let simple = core::ActivationPin::parse(text.expose())?.is_simple();
    Ok(PinFacts { simple })
}

/// Checks a new PIN: 4 to 6 digits.
#[uniffi::export]
pub fn check_pin(text: SecretText) -> Result<PinFacts, BananaTechError> {
    let simple = core::Pin::parse(text.expose())?.is_simple();
    Ok(PinFacts { simple })
}

/// Plans a recharge, without a key: JSON text for a backend to seal.
#[uniffi::export]
pub fn plan_recharge(recharge: Recharge) -> Result<Plan, BananaTechError> {
    Ok(Plan::new(recharge)?)
}

/// A request, ready to be sent with any HTTP client. Send it once.
#[derive(uniffi::Record)]
pub struct Request {
    /// Always `POST`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// All headers that it needs.
    pub headers: Vec<Header>,
    /// The body, to be sent as it is.
    pub body: String,
}

/// A header of a request.
#[derive(uniffi::Record)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value, ASCII.
    pub value: String,
    /// Whether to keep it out of logs.
    pub sensitive: bool,
}

impl From<&core::Request> for Request {
    fn from(request: &core::Request) -> Self {
        let header = |header: &core::Header| Header {
            name: header.name.to_owned(),
            value: header.value.clone(),
            sensitive: header.sensitive,
        };
        Self {
            method: core::Request::METHOD.to_owned(),
            url: request.url().to_owned(),
            headers: request.headers().iter().map(header).collect(),
            body: request.body().to_owned(),
        }
    }
}

/// A successful answer to a recharge.
#[derive(uniffi::Record)]
pub struct RechargeAnswer {
    /// The API took the request. The outcome comes by webhook.
    pub response: Acknowledgement,
    /// The id of the key that opened it; none if it came as plain JSON, so that nothing vouches for it.
    pub sealed_with: Option<String>,
}

/// A webhook that was verified, opened and typed.
#[derive(uniffi::Record)]
pub struct Delivery {
    /// What it said.
    pub event: Event,
    /// Equal for deliveries of the same event. It can be stored and logged.
    pub fingerprint: String,
    /// The id of the key that opened it.
    pub key_id: String,
}

/// A merchant with its Secret Key: never in an app that is shipped, where plans are the way.
#[derive(uniffi::Object)]
pub struct Merchant(core::Merchant);

#[uniffi::export]
impl Merchant {
    /// Takes what a merchant got when it was set up. The key stands in the arguments because this is where it enters.
    #[uniffi::constructor]
    pub fn new(
        merchant_id: String,
        base_url: String,
        key_id: String,
        secret_key: SecretText,
        codec: KeyCodec,
    ) -> Result<Arc<Self>, BananaTechError> {
        let key = SecretKey::from_text(secret_key.expose(), codec)?;
        Ok(Arc::new(Self(core::Merchant::new(
            MerchantId::parse(&merchant_id)?,
            KeyRing::new(&key_id, key)?,
            Endpoints::new(&base_url)?,
        ))))
    }

    /// Seals a recharge. There is no idempotency key: sent twice, it may recharge twice.
    #[uniffi::method(default(iv = None))]
    pub fn recharge(
        &self,
        recharge: Recharge,
        iv: Option<Vec<u8>>,
    ) -> Result<Request, BananaTechError> {
        Ok(self.0.call(recharge, initialisation(iv)?)?.request().into())
    }

    /// Seals a plan that was made elsewhere. Look at it first: who may do what is not for the plan to say.
    #[uniffi::method(default(iv = None))]
    pub fn seal(&self, plan: Plan, iv: Option<Vec<u8>>) -> Result<Request, BananaTechError> {
        Ok(self.0.seal(plan, initialisation(iv)?)?.request().into())
    }

    /// Reads the answer to a recharge: its HTTP status, and its body as it came.
    pub fn read_recharge(
        &self,
        recharge: Recharge,
        status: u16,
        body: Vec<u8>,
    ) -> Result<RechargeAnswer, BananaTechError> {
        let answer = self.0.read(&recharge, status, &body)?;
        Ok(RechargeAnswer {
            sealed_with: answer.sealed_with().map(str::to_owned),
            response: answer.into_response(),
        })
    }

    /// Verifies, opens and types a webhook. Give it the raw bytes of the body.
    pub fn receive(&self, raw_body: Vec<u8>) -> Result<Delivery, BananaTechError> {
        let delivery = self.0.receive(&raw_body)?;
        Ok(Delivery {
            fingerprint: delivery.fingerprint().as_str().to_owned(),
            key_id: delivery.key_id().to_owned(),
            event: delivery.into_event(),
        })
    }

    /// A webhook's body as BananaTech would send it, for tests of a receiver.
    #[uniffi::method(default(iv = None))]
    pub fn test_webhook(
        &self,
        event_type: String,
        data: String,
        iv: Option<Vec<u8>>,
    ) -> Result<String, BananaTechError> {
        Ok(self.0.test_webhook(&event_type, &data, initialisation(iv)?))
    }

    /// A sealed answer as BananaTech would send it, for tests of a caller.
    #[uniffi::method(default(iv = None))]
    pub fn test_answer(
        &self,
        json: String,
        iv: Option<Vec<u8>>,
    ) -> Result<String, BananaTechError> {
        Ok(self.0.test_answer(&json, initialisation(iv)?))
    }
}

/// The caller's bytes (for tests), or the platform's randomness.
fn initialisation(iv: Option<Vec<u8>>) -> Result<Iv, BananaTechError> {
    match iv {
        Some(bytes) => Ok(Iv::try_from(bytes.as_slice())?),
        None => {
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes).map_err(|_| BananaTechError::no_randomness())?;
            Ok(Iv::from_random_bytes(bytes))
        }
    }
}
