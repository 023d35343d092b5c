//! The front door: credentials and endpoints in, calls and events out.

use std::fmt;
use std::sync::Arc;

use crate::confirmation::{Acknowledges, Pending};
use crate::credentials::{KeyRing, MerchantId};
use crate::duplicates::Fingerprint;
use crate::endpoints::Endpoints;
use crate::envelope::{self, Iv, OpenFailure, Opened};
use crate::error::{Code, Error, Invalid, Rejection};
use crate::event::{Event, EventType};
use crate::http::{Header, Request};
use crate::ids::{CardId, UserId};
use crate::json::{Object, string};
use crate::operation::{AnyOperation, AnyResponse, Operation, OperationKind, Plan};
use crate::time::Timestamp;

/// A merchant with its Secret Key: seals operations into calls, opens answers and webhooks.
///
/// For backends. A browser or a shipped app must never hold a Secret Key, so there [`Plan`] is the way. Cloning it is
/// cheap, and it can be shared between threads.
#[derive(Clone)]
pub struct Merchant(Arc<Inner>);

struct Inner {
    id: MerchantId,
    keys: KeyRing,
    endpoints: Endpoints,
    sealed_answers_only: bool,
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant")
            .field("id", &self.0.id)
            .field("keys", &self.0.keys)
            .field("endpoints", &self.0.endpoints)
            .finish_non_exhaustive()
    }
}

impl Merchant {
    /// ```
    /// use bananatech_core::{Endpoints, KeyCodec, KeyRing, Merchant, MerchantId, SecretKey};
    /// let key = SecretKey::from_text("an example key of 32 characters!", KeyCodec::Utf8)?;
    /// let merchant = Merchant::new(
    ///     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    ///     KeyRing::new("2026-11", key)?,
    ///     Endpoints::new("https://api.example")?,
    /// );
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn new(id: MerchantId, keys: KeyRing, endpoints: Endpoints) -> Self {
        Self(Arc::new(Inner {
            id,
            keys,
            endpoints,
            sealed_answers_only: false,
        }))
    }

    /// The same merchant, taking success only from a sealed answer ([`Code::AnswerNotSealed`] otherwise).
    ///
    /// Answers are documented as sealed, those to errors not, so both are read unless this is set, and
    /// [`Answer::sealed_with`] tells which it was. What an event has to confirm is confirmed by a sealed webhook in any case.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// let merchant = merchant.sealed_answers_only();
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    #[must_use]
    pub fn sealed_answers_only(self) -> Self {
        Self(Arc::new(Inner {
            id: self.0.id.clone(),
            keys: self.0.keys.clone(),
            endpoints: self.0.endpoints.clone(),
            sealed_answers_only: true,
        }))
    }

    /// Seals an operation into a call. The IV must be random and new.
    ///
    /// Errors are the operation's own rules, caused by the caller: nothing is sealed then.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::card::GetBalance, CardId, Iv, UserId};
    /// let operation = GetBalance { user_id: UserId::from(12345), card_id: CardId::from(67890) };
    /// let call = merchant.call(operation, Iv::from_random_bytes([9; 16]))?;
    /// assert_eq!(call.request().url(), "https://api.example/card/get_balance");
    /// // … send it with any HTTP client, then:
    /// let answer = call.read(200, br#"{"balance":150.5,"refund_amount":0.0,"currency":"USD"}"#)?;
    /// assert_eq!(answer.balance.to_string(), "150.5");
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn call<O: Operation>(&self, operation: O, iv: Iv) -> Result<Call<O>, Error> {
        operation.check()?;
        operation.check_extra()?;
        let mut plaintext = operation.wire_body();
        let sealed = envelope::seal_request(self.0.keys.newest(), &iv, &plaintext);
        // Quicker than what `Zeroizing` does on drop, which would count in a long request.
        envelope::wipe(std::mem::take(&mut *plaintext).into_bytes());
        let header = |name, value, sensitive| Header {
            name,
            value,
            sensitive,
        };
        let request = Request {
            url: self.0.endpoints.url(operation.kind()),
            headers: [
                header("Content-Type", "application/json".to_owned(), false),
                header("Merchant-ID", self.0.id.as_str().to_owned(), false),
                header("X-HMAC", sealed.hmac, true),
            ],
            body: sealed.body,
        };
        Ok(Call {
            operation,
            request,
            merchant: self.clone(),
        })
    }

    /// Seals a plan that was made elsewhere, without a key. Look at [`Plan::operation`] first: who may do what is not for
    /// the plan to say.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{Iv, Plan};
    /// let plan = Plan::from_json(r#"{"operation":"card.get_balance","body":{"user_id":12345,"card_id":67890}}"#)?;
    /// let call = merchant.seal(plan, Iv::from_random_bytes([9; 16]))?;
    /// assert_eq!(call.request().url(), "https://api.example/card/get_balance");
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn seal(&self, plan: Plan, iv: Iv) -> Result<Call<AnyOperation>, Error> {
        self.call(plan.into_operation(), iv)
    }

    /// Reads the answer to an operation, for those who don't keep the [`Call`]; see [`Call::read`].
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::card::GetBalance, CardId, UserId};
    /// let operation = GetBalance { user_id: UserId::from(12345), card_id: CardId::from(67890) };
    /// assert!(merchant.read(&operation, 400, b"").is_err());
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn read<O: Operation>(
        &self,
        operation: &O,
        status: u16,
        body: &[u8],
    ) -> Result<Answer<O::Response>, Error> {
        self.read_with(status, body, |json| operation.read_response(json))
    }

    /// Reads the answer to an operation of which only the kind is at hand; see [`Call::read`].
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{AnyResponse, OperationKind};
    /// let answer = merchant.read_any(OperationKind::Assign, 200, br#"{"card_id":12345}"#)?;
    /// assert!(matches!(answer.into_response(), AnyResponse::Assign(assigned) if assigned.card_id.get() == 12345));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn read_any(
        &self,
        kind: OperationKind,
        status: u16,
        body: &[u8],
    ) -> Result<Answer<AnyResponse>, Error> {
        self.read_with(status, body, |json| AnyResponse::from_json(kind, json))
    }

    fn read_with<R>(
        &self,
        status: u16,
        body: &[u8],
        read: impl FnOnce(&str) -> Result<R, Invalid>,
    ) -> Result<Answer<R>, Error> {
        let success = (200..300).contains(&status);
        let text = std::str::from_utf8(body);
        let envelope = text
            .ok()
            .and_then(|text| Object::parse(text).ok())
            .filter(|object| object.has("encrypted_payload"));
        let opened = match &envelope {
            // What claims to be sealed has to open.
            Some(envelope) => {
                Some(envelope::open(&self.0.keys, envelope).map_err(|_| Error::NotAuthentic)?)
            }
            None => None,
        };
        let plain = opened.as_ref().map_or_else(
            || String::from_utf8_lossy(body),
            |opened| std::borrow::Cow::Borrowed(&*opened.plaintext),
        );
        let rejection = || {
            Error::Rejected(Box::new(Rejection {
                status,
                message: message_of(&plain),
                body: plain.clone().into_owned(),
                authenticated: opened.is_some(),
            }))
        };
        // What opens and isn't JSON counts as what doesn't open.
        let not_json = || {
            opened
                .as_ref()
                .is_some_and(|opened| opened.check_json().is_err())
        };
        if !success || says_failure(&plain) {
            return Err(if not_json() {
                Error::NotAuthentic
            } else {
                rejection()
            });
        }
        if opened.is_none() && self.0.sealed_answers_only {
            return Err(Error::Unexpected(Invalid::new(
                "",
                Code::AnswerNotSealed,
                "a sealed answer",
            )));
        }
        let response = read(&plain).map_err(|error| {
            if not_json() {
                return Error::NotAuthentic;
            }
            Error::Unexpected(Invalid::new(
                error.field().to_owned(),
                Code::AnswerShape,
                error.expected().to_owned(),
            ))
        })?;
        Ok(Answer {
            response,
            sealed_with: opened.map(|opened| opened.key_id.to_owned()),
        })
    }

    /// Verifies, opens and types a webhook. Give it the raw bytes of the request's body, then answer HTTP 200 within 10
    /// seconds and do heavy work afterwards (Webhook Integration Guide).
    ///
    /// Deliveries may come twice, late and in any order: see [`Delivery::fingerprint`], [`TimeWindow`](crate::TimeWindow)
    /// and [`CardState`](crate::CardState).
    ///
    /// Errors: [`Error::NotAuthentic`] for whatever can't be opened; [`Error::Unexpected`] with [`Code::WebhookRawBody`] for
    /// something that isn't a delivery's body, with [`Code::WebhookShape`] or [`Code::JsonDuplicateField`] for authentic
    /// data that aren't what the `type` says.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{Event, Iv};
    /// let body = merchant.test_webhook("USER_CREATE_RESULT", r#"{"user_id":12345,"status":"APPROVED"}"#,
    ///     Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert!(matches!(delivery.event(), Event::UserCreateResult(event) if event.user_id.get() == 12345));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn receive(&self, raw_body: &[u8]) -> Result<Delivery, Error> {
        let raw = || {
            Error::Unexpected(Invalid::new(
                "",
                Code::WebhookRawBody,
                "the raw request body as it was delivered: not a parsed object, not one that was parsed and serialised \
                 again, and not an empty body whose stream was read before",
            ))
        };
        let text = std::str::from_utf8(raw_body).map_err(|_| raw())?;
        let envelope = Object::parse(text).map_err(|_| raw())?;
        if !envelope.has("encrypted_payload") && !envelope.has("hmac") {
            return Err(raw());
        }
        let event_type = envelope.get("type").and_then(string);
        let opened = envelope::open(&self.0.keys, &envelope).map_err(|_| Error::NotAuthentic)?;
        // What opens and isn't JSON counts as what doesn't open.
        let unexpected = |invalid| match opened.check_json() {
            Ok(()) => Error::Unexpected(invalid),
            Err(_) => Error::NotAuthentic,
        };
        // The type isn't signed: without one there is nothing to read the data by.
        let event_type = event_type.ok_or_else(|| {
            unexpected(Invalid::new("type", Code::WebhookShape, "the event's type"))
        })?;
        let event = Event::read(&event_type, &opened.plaintext).map_err(unexpected)?;
        Ok(Delivery {
            event,
            fingerprint: Fingerprint::of(&opened),
            key_id: opened.key_id.to_owned(),
        })
    }

    /// Why a webhook's or an answer's body can't be opened, for operators: `None` if it can. Never tell it to whoever sent
    /// the body.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::OpenFailure;
    /// assert_eq!(merchant.diagnose(b"{}"), Some(OpenFailure::NotAnEnvelope));
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    pub fn diagnose(&self, raw_body: &[u8]) -> Option<OpenFailure> {
        match self.open(raw_body) {
            Ok(opened) => opened.check_json().err(),
            Err(failure) => Some(failure),
        }
    }

    fn open(&self, raw_body: &[u8]) -> Result<Opened<'_>, OpenFailure> {
        let text = std::str::from_utf8(raw_body).map_err(|_| OpenFailure::NotAnEnvelope)?;
        let envelope = Object::parse(text).map_err(|_| OpenFailure::NotAnEnvelope)?;
        envelope::open(&self.0.keys, &envelope)
    }

    /// A webhook's body as BananaTech would send it, for tests of a receiver.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::Iv;
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// assert!(merchant.receive(body.as_bytes()).is_ok());
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn test_webhook(&self, event_type: &str, data: &str, iv: Iv) -> String {
        envelope::seal_message(self.0.keys.newest(), &iv, data, Some(event_type))
    }

    /// A sealed answer as BananaTech would send it, for tests of a caller.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Iv};
    /// let body = merchant.test_answer(r#"{"balance": 10.5}"#, Iv::from_random_bytes([9; 16]));
    /// let answer = merchant.read(&GetAccountBalance::default(), 200, body.as_bytes())?;
    /// assert_eq!(answer.sealed_with(), Some("2026-11"));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn test_answer(&self, json: &str, iv: Iv) -> String {
        envelope::seal_message(self.0.keys.newest(), &iv, json, None)
    }
}

/// `"success": false`: nobody should have to look for that in a successful answer.
fn says_failure(body: &str) -> bool {
    // Mostly it isn't there at all, which is quicker to see; an escape could spell it in another way.
    if !body.contains("success") && !body.contains("\\u") {
        return false;
    }
    Object::parse(body)
        .ok()
        .and_then(|object| object.get("success"))
        .is_some_and(|raw| raw.get() == "false")
}

/// Where an error's words may stand: a guess, since no error's body is documented.
fn message_of(body: &str) -> Option<String> {
    let object = Object::parse(body).ok()?;
    ["message", "error", "error_reason", "detail"]
        .into_iter()
        .find_map(|name| object.get(name).and_then(string))
        .map(std::borrow::Cow::into_owned)
}

/// An operation that was sealed: the request to send, and the reader of its answer.
pub struct Call<O> {
    operation: O,
    request: Request,
    merchant: Merchant,
}

impl<O: fmt::Debug> fmt::Debug for Call<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl<O: Operation> Call<O> {
    /// What to send. Send it once: an operation that moves money has no idempotency key.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// assert_eq!(call.request().url(), "https://api.example/card/update_status");
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The operation.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// assert_eq!(call.operation().card_id, CardId::from(67890));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn operation(&self) -> &O {
        &self.operation
    }

    /// Reads the answer: its HTTP status, and its body as it came.
    ///
    /// Errors: [`Error::Rejected`] for any status but 2xx, and for `"success": false`; [`Error::NotAuthentic`] for an envelope that doesn't open;
    /// [`Error::Unexpected`] for a body that isn't what the contract says. After the last two it isn't known whether the
    /// operation was carried out: its [`Call::pending`] will tell.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// assert_eq!(call.read(200, br#"{"message":"Operation requested"}"#)?.message, Some("Operation requested".into()));
    /// assert!(matches!(call.read(400, b""), Err(bananatech_core::Error::Rejected(_))));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn read(&self, status: u16, body: &[u8]) -> Result<Answer<O::Response>, Error> {
        self.merchant.read(&self.operation, status, body)
    }

    /// What is to be waited for, if an event confirms the operation. Store it before the request is sent, so that the
    /// operation is known after a crash, a time-out or a torn connection too.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// use bananatech_core::Timestamp;
    /// let now = Timestamp::from_millis(1_691_249_025_085);
    /// let pending = call.pending(now, now.after(10 * 60 * 1000)).expect("an event confirms it");
    /// assert!(!pending.is_overdue(now));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn pending(&self, sent_at: Timestamp, deadline: Timestamp) -> Option<Pending> {
        Pending::of(&self.operation, sent_at, deadline)
    }
}

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<R> {
    response: R,
    sealed_with: Option<String>,
}

impl<R> Answer<R> {
    /// The id of the key that opened it; `None` if it came as plain JSON, so that nothing vouches for it.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// let answer = call.read(200, br#"{"message":"Operation requested"}"#)?;
    /// assert_eq!(answer.sealed_with(), None); // plain JSON: nothing vouches for it
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn sealed_with(&self) -> Option<&str> {
        self.sealed_with.as_deref()
    }

    /// The response, to be kept.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// let response = call.read(200, br#"{"message":"Operation requested"}"#)?.into_response();
    /// assert_eq!(response.message, Some("Operation requested".into()));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn into_response(self) -> R {
        self.response
    }
}

impl<R: Acknowledges> Acknowledges for Answer<R> {
    fn user_id(&self) -> Option<UserId> {
        self.response.user_id()
    }

    fn card_id(&self) -> Option<CardId> {
        self.response.card_id()
    }
}

impl<R> std::ops::Deref for Answer<R> {
    type Target = R;
    fn deref(&self) -> &R {
        &self.response
    }
}

/// A webhook that was verified, opened and typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    event: Event,
    fingerprint: Fingerprint,
    key_id: String,
}

impl Delivery {
    /// What it said.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert!(matches!(delivery.event(), Event::Card3ds(_)));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// What it said, to be kept.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert!(matches!(delivery.into_event(), Event::Card3ds(_)));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn into_event(self) -> Event {
        self.event
    }

    /// Tells deliveries of the same event apart from others; see [`Duplicates`](crate::Duplicates).
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert_eq!(delivery.fingerprint().as_str().len(), 64);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The id of the key that opened it.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert_eq!(delivery.key_id(), "2026-11");
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The type that the event has.
    ///
    /// ```
    /// # use bananatech_core::{Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// use bananatech_core::{Event, EventType, Iv};
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert_eq!(delivery.event_type(), EventType::Card3ds);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn event_type(&self) -> EventType {
        self.event.event_type()
    }
}
