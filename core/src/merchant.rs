//! The front door: credentials and endpoints in, calls and events out.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::answer::{Answer, check_length, message_of, says_failure};
use crate::credentials::{KeyRing, MerchantId};
use crate::delivery::Delivery;
use crate::endpoints::Endpoints;
use crate::envelope::{self, Envelope, Iv, OpenFailure, Opened};
use crate::error::{Code, Error, Invalid, Rejection};
use crate::events::Event;
use crate::http::{Header, SealedRequest};
use crate::json::{self, Json};
use crate::operation::{self, AnyOperation, AnyResponse, Operation, OperationKind, Plan};
use crate::secret::wipe;
use crate::time::Timestamp;
use crate::tracking::{ConfirmedOperation, OperationId, TrackedOperation};

/// A merchant with its Secret Key: seals operations into calls, opens answers and webhooks.
///
/// For backends. A browser or a shipped app must never hold a Secret Key, so there [`Plan`] is the way. Cloning it is
/// cheap, and it can be shared between threads.
#[derive(Clone)]
pub struct Merchant(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    id: MerchantId,
    keys: KeyRing,
    endpoints: Endpoints,
    sealed_answers_only: bool,
    max_webhook_bytes: usize,
    max_answer_bytes: usize,
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
    /// The longest body of a webhook that is looked at, unless [`Merchant::with_limits`] says another.
    pub const MAX_WEBHOOK_BYTES: usize = 1024 * 1024;

    /// The same for an answer, which may be a long list.
    pub const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

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
            max_webhook_bytes: Self::MAX_WEBHOOK_BYTES,
            max_answer_bytes: Self::MAX_ANSWER_BYTES,
        }))
    }

    /// The same merchant with other limits for what it looks at, in bytes: a webhook's body (1 MiB unless set) and an answer's
    /// (16 MiB). A longer one is refused unseen, with [`Code::MessageTooLong`].
    ///
    /// ```
    /// # use bananatech_core::{Code, Endpoints, KeyRing, Merchant, MerchantId, SecretKey};
    /// # let merchant = Merchant::new(
    /// #     MerchantId::parse("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10")?,
    /// #     KeyRing::new("2026-11", SecretKey::from_bytes(&[7; 32])?)?,
    /// #     Endpoints::new("https://api.example")?,
    /// # );
    /// let merchant = merchant.with_limits(1000, 1_000_000);
    /// assert_eq!(merchant.receive(&[b' '; 1001]).unwrap_err().code(), Code::MessageTooLong);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    #[must_use]
    pub fn with_limits(mut self, max_webhook_bytes: usize, max_answer_bytes: usize) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.max_webhook_bytes = max_webhook_bytes;
        inner.max_answer_bytes = max_answer_bytes;
        self
    }

    /// The same merchant, taking what an answer of HTTP 2xx says only if it is sealed ([`Code::AnswerNotSealed`] otherwise), also
    /// that it failed (`"success": false`).
    ///
    /// Answers are documented as sealed, and answers to errors aren't. So both kinds are read unless this is set.
    /// [`Answer::sealed_with`] says which kind it was. An operation that an event confirms is confirmed by a sealed webhook in any case.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Code, operations::merchant::GetAccountBalance};
    /// let plain = br#"{"success": false}"#;
    /// let ask = GetAccountBalance::default();
    /// assert_eq!(merchant.read(&ask, 200, plain).unwrap_err().code(), Code::Rejected);
    /// let merchant = merchant.sealed_answers_only();
    /// assert_eq!(merchant.read(&ask, 200, plain).unwrap_err().code(), Code::AnswerNotSealed);
    /// # Ok::<(), bananatech_core::Invalid>(())
    /// ```
    #[must_use]
    pub fn sealed_answers_only(mut self) -> Self {
        Arc::make_mut(&mut self.0).sealed_answers_only = true;
        self
    }

    /// The merchant's id.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// assert_eq!(merchant.id().as_str().len(), 36);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn id(&self) -> &MerchantId {
        &self.0.id
    }

    /// Seals an operation into a call. The IV must be random and new.
    ///
    /// Errors are the operation's own rules, caused by the caller: nothing is sealed then.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
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
        operation::check(&operation)?;
        let mut plaintext = operation.wire_body();
        let sealed = envelope::seal_request(self.0.keys.sealing(), &iv, &plaintext);
        // Quicker than what `Zeroizing` does on drop, which would count in a long request.
        wipe(std::mem::take(&mut *plaintext).into_bytes());
        let header = |name, value, sensitive| Header {
            name,
            value,
            sensitive,
        };
        let request = SealedRequest {
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
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
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
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
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
        self.read_with(None, status, body, |json| operation.read_response(json))
    }

    /// Reads the answer to an operation of which only the kind is at hand, and the sealed body of its request if that is: without
    /// it, an answer that is the request itself again can't be told. See [`Call::read`].
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{AnyResponse, OperationKind};
    /// let answer = merchant.read_any(OperationKind::Assign, None, 200, br#"{"card_id":12345}"#)?;
    /// assert!(matches!(answer.into_response(), AnyResponse::Assign(assigned) if assigned.card_id.get() == 12345));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn read_any(
        &self,
        kind: OperationKind,
        request_body: Option<&str>,
        status: u16,
        body: &[u8],
    ) -> Result<Answer<AnyResponse>, Error> {
        self.read_with(request_body, status, body, |json| {
            AnyResponse::from_json(kind, json)
        })
    }

    fn read_with<R>(
        &self,
        request_body: Option<&str>,
        status: u16,
        body: &[u8],
        read: impl FnOnce(&str) -> Result<R, Invalid>,
    ) -> Result<Answer<R>, Error> {
        check_length("body", body, self.0.max_answer_bytes)?;
        let envelope = Envelope::read(body).filter(|body| !body.encrypted_payload.is_absent());
        let payload = envelope.as_ref().map(|body| body.encrypted_payload.text());
        let opened = match (&envelope, payload) {
            // What claims to be sealed has to open.
            (Some(envelope), Some(Some(_))) => Some(
                envelope
                    .open(&self.0.keys)
                    .map_err(|_| Error::NotAuthentic)?,
            ),
            _ => None,
        };
        let plain = opened.as_ref().map_or_else(
            || String::from_utf8_lossy(body),
            |opened| Cow::Borrowed(&*opened.plaintext),
        );
        if request_body.is_some_and(|request| self.reflects(request, &plain)) {
            return Err(Error::NotAuthentic);
        }
        let success = (200..300).contains(&status);
        // Whatever it says, also that it failed.
        if success && opened.is_none() && self.0.sealed_answers_only {
            return Err(Error::Unexpected(Invalid::new(
                "",
                Code::AnswerNotSealed,
                "a sealed answer",
            )));
        }
        let told = || {
            let words = message_of(&plain);
            Box::new(Rejection::new(
                status,
                words.as_deref(),
                &plain,
                opened.is_some(),
            ))
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
                told().into()
            });
        }
        // Neither sealed nor a plain answer.
        if payload == Some(None) {
            return Err(Error::Unexpected(Invalid::new(
                "encrypted_payload",
                Code::AnswerShape,
                "a sealed payload",
            )));
        }
        let response = read(&plain).map_err(|error| {
            if not_json() {
                return Error::NotAuthentic;
            }
            if error.code() == Code::AnswerNotKnown {
                return Box::new(told().not_known()).into();
            }
            Error::Unexpected(error.coded(Code::AnswerShape))
        })?;
        let sealed_with = opened.as_ref().map(|opened| opened.key_id.to_owned());
        let text = match opened {
            Some(opened) => opened.plaintext,
            None => plain.into_owned().into(),
        };
        Ok(Answer {
            response,
            // All of it was looked at.
            json: Json::unchecked(text),
            sealed_with,
        })
    }

    /// Whether an answer is the request itself again, sealed or not: the key and the algorithm are the same in both directions.
    fn reflects(&self, request_body: &str, plain: &str) -> bool {
        let Ok(request) = Envelope::from_text(request_body) else {
            return false;
        };
        let Some(sent) = request.encrypted_payload.text() else {
            return false;
        };
        // A text fills whole blocks after the IV. What has another length needn't be opened to be told apart.
        let blocks = plain.len() / 16 + 2;
        sent.len() == (blocks * 16).div_ceil(3) * 4
            && envelope::decrypt(self.0.keys.sealing(), sent).is_ok_and(|sent| *sent == *plain)
    }

    /// Verifies, opens and types a webhook. Give it the raw bytes of the request's body, then answer HTTP 200 within 10
    /// seconds and do heavy work afterwards (Webhook Integration Guide).
    ///
    /// Deliveries may come twice, late and in any order: see [`Delivery::fingerprint`], [`TimeWindow`](crate::TimeWindow)
    /// and [`CardState`](crate::CardState).
    ///
    /// What is authentic is never refused: data that can't be read as what the `type` says are an
    /// [`Event::Unrecognized`], and of a type that isn't known an [`Event::Unknown`].
    ///
    /// Errors: [`Error::NotAuthentic`] for whatever can't be opened, and [`Error::Unexpected`] with [`Code::WebhookRawBody`] for
    /// something that isn't a delivery's body: answer 400. [`Error::Unexpected`] with [`Code::MessageTooLong`] for one above
    /// [`Merchant::with_limits`]: answer 413.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Event, Iv};
    /// let body = merchant.test_webhook("USER_CREATE_RESULT", r#"{"user_id":12345,"status":"APPROVED"}"#,
    ///     Iv::from_random_bytes([9; 16]));
    /// let delivery = merchant.receive(body.as_bytes())?;
    /// assert!(matches!(delivery.event(), Event::UserCreateResult(event) if event.user_id.get() == 12345));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn receive(&self, raw_body: &[u8]) -> Result<Delivery, Error> {
        let raw = |field| {
            Error::Unexpected(Invalid::new(
                field,
                Code::WebhookRawBody,
                "the raw request body as it was delivered: not a parsed object, not one that was parsed and serialised \
                 again, and not an empty body whose stream was read before",
            ))
        };
        check_length("body", raw_body, self.0.max_webhook_bytes)?;
        let envelope = Envelope::read(raw_body).ok_or_else(|| raw(""))?;
        if envelope.encrypted_payload.is_absent() && envelope.hmac.is_absent() {
            return Err(raw(""));
        }
        let opened = envelope
            .open(&self.0.keys)
            .map_err(|_| Error::NotAuthentic)?;
        let key_id = opened.key_id.to_owned();
        let data = Json::unchecked(opened.plaintext);
        let event = envelope
            .event_type
            .text()
            .map(|event_type| Event::read(event_type, &data));
        // What opens and isn't JSON counts as what doesn't open. Where fields were read, all of the text was looked at.
        let looked_at = event.as_ref().is_some_and(|event| event.extra().is_some());
        if !looked_at && bananatech_json::check(data.as_str()).is_err() {
            return Err(Error::NotAuthentic);
        }
        Ok(Delivery {
            // An answer has no type.
            event: event.ok_or_else(|| raw("type"))?,
            data,
            key_id,
        })
    }

    /// Why a webhook's or an answer's body can't be opened, for operators: `None` if it can. Never tell it to whoever sent
    /// the body.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
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
        Envelope::read(raw_body)
            .ok_or(OpenFailure::NotAnEnvelope)?
            .open(&self.0.keys)
    }

    /// A webhook's body as BananaTech would send it, for tests of a receiver.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::Iv;
    /// let body = merchant.test_webhook("CARD_3DS", "{}", Iv::from_random_bytes([9; 16]));
    /// assert!(merchant.receive(body.as_bytes()).is_ok());
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn test_webhook(&self, event_type: &str, data: &str, iv: Iv) -> String {
        envelope::seal_message(self.0.keys.sealing(), &iv, data, Some(event_type))
    }

    /// The same of a typed event. A field that it doesn't have isn't sent.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{Event, Iv};
    /// let event = Event::from_json(r#"{"type":"CARD_CLOSE_RESULT","data":{"card_id":67890,"status":"FAILED","occur_time":1}}"#)?;
    /// let body = merchant.test_event(&event, Iv::from_random_bytes([9; 16]));
    /// assert_eq!(*merchant.receive(body.as_bytes())?.event(), event);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn test_event(&self, event: &Event, iv: Iv) -> String {
        self.test_webhook(event.event_type().as_str(), event.data().as_str(), iv)
    }

    /// A sealed answer as BananaTech would send it, for tests of a caller.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Iv};
    /// let body = merchant.test_answer(r#"{"balance": 10.5}"#, Iv::from_random_bytes([9; 16]));
    /// let answer = merchant.read(&GetAccountBalance::default(), 200, body.as_bytes())?;
    /// assert_eq!(answer.sealed_with(), Some("2026-11"));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn test_answer(&self, json: &str, iv: Iv) -> String {
        envelope::seal_message(self.0.keys.sealing(), &iv, json, None)
    }

    /// The same of a typed response.
    ///
    /// Errors, caused by the caller: [`Error::Invalid`] for a value that JSON can't hold. A response of this library always can be written.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::merchant::{AccountBalance, GetAccountBalance}, Iv, json};
    /// let balance: AccountBalance = json::from_str(r#"{"balance": 10.50, "currency": "USD"}"#)?;
    /// let body = merchant.test_response(&balance, Iv::from_random_bytes([9; 16]))?;
    /// let answer = merchant.read(&GetAccountBalance::default(), 200, body.as_bytes())?;
    /// assert_eq!(answer.into_response(), balance);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn test_response<R: Serialize>(&self, response: &R, iv: Iv) -> Result<String, Error> {
        Ok(self.test_answer(&json::to_string(response)?, iv))
    }
}

/// An operation that was sealed: the request to send, and the reader of its answer.
pub struct Call<O> {
    operation: O,
    request: SealedRequest,
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
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// assert_eq!(call.request().url(), "https://api.example/card/update_status");
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn request(&self) -> &SealedRequest {
        &self.request
    }

    /// The operation.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
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
    /// Errors: [`Error::Rejected`] where BananaTech refused and nothing was done (see [`Rejection`]); [`Error::NotKnown`] for an
    /// answer that says neither that it was done nor that it was refused, such as HTTP 500; [`Error::NotAuthentic`] for an envelope
    /// that doesn't open, or an answer that is the request itself again; [`Error::Unexpected`] for a body that isn't what the
    /// contract says. After the last three it isn't known whether the operation was carried out: its [`Call::tracked`] will tell,
    /// or asking.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// assert_eq!(call.read(200, br#"{"message":"Operation requested"}"#)?.message, Some("Operation requested".into()));
    /// assert!(matches!(call.read(400, b""), Err(bananatech_core::Error::Rejected(_))));
    /// assert!(matches!(call.read(500, b""), Err(bananatech_core::Error::NotKnown(_))));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn read(&self, status: u16, body: &[u8]) -> Result<Answer<O::Response>, Error> {
        self.merchant
            .read_with(Some(self.request.body()), status, body, |json| {
                self.operation.read_response(json)
            })
    }
}

impl<O: ConfirmedOperation> Call<O> {
    /// The row to store before the request is sent, so that the operation is known after a crash, a time-out or a torn
    /// connection too. For a call of [`AnyOperation`](crate::AnyOperation) there is [`TrackedOperation::of`].
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::card::UpdateStatus, CardId, Iv, OperationId, Timestamp, UserId};
    /// let lock = UpdateStatus::lock(UserId::from(12345), CardId::from(67890));
    /// let call = merchant.call(lock, Iv::from_random_bytes([9; 16]))?;
    /// # let random_bytes = [7; 16];
    /// let id = OperationId::from_random_bytes(random_bytes);
    /// assert!(call.tracked(id, Timestamp::from_millis(1_691_249_025_085)).is_open());
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn tracked(&self, id: OperationId, sent_at: Timestamp) -> TrackedOperation {
        self.operation.tracked(id, sent_at)
    }
}
