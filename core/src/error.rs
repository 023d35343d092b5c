//! What can go wrong, and who caused it.
//!
//! There are five categories and a stable [`Code`] for each error. No error, in any language, carries a value that
//! came in: it says which field, and what was expected.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Who caused an error, and so who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Category {
    /// The caller gave something that isn't allowed. Nothing was sent.
    InvalidInput,
    /// BananaTech answered that it won't do it: nothing was done.
    Rejected,
    /// A message could not be opened with any key of the ring: forged, damaged, or sealed with another key.
    NotAuthentic,
    /// A message that isn't what the contract says: another shape, or not the raw body.
    Unexpected,
    /// BananaTech, or what stands between, answered without saying whether it did it. Ask, and don't send it again.
    NotKnown,
}

impl Category {
    /// The stable name of the category, for logs and for other languages.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Category::InvalidInput.as_str(), "invalid_input");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Rejected => "rejected",
            Self::NotAuthentic => "not_authentic",
            Self::Unexpected => "unexpected",
            Self::NotKnown => "not_known",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// The stable code of an error. The text never changes its meaning; new ones may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ErrorCode"))]
        pub enum Code {
            $(
                $(#[$doc])*
                #[cfg_attr(feature = "ts", ts(rename = $text))]
                $name,
            )+
        }

        impl Code {
            /// Every code, so that a binding or a translation can show that it knows them all.
            ///
            /// ```
            /// use bananatech_core::Code;
            /// assert!(Code::ALL.contains(&Code::PinLength));
            /// ```
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as text.
            ///
            /// ```
            /// assert_eq!(bananatech_core::Code::PinLength.as_str(), "pin.length");
            /// ```
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The code of that text, if there is one.
            ///
            /// ```
            /// use bananatech_core::Code;
            /// assert_eq!(Code::parse("pin.length"), Some(Code::PinLength));
            /// ```
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

codes! {
    /// The card number has a character that isn't one of 0-9. Strip the spaces that a person typed.
    CardNumberDigits = "card_number.digits",
    /// The card number hasn't 16 to 19 digits (04-Physical-Cards). Read it from the card again.
    CardNumberLength = "card_number.length",
    /// The PIN has a character that isn't one of 0-9.
    PinDigits = "pin.digits",
    /// The PIN hasn't the right length: exactly 6 to activate (04-Physical-Cards), 4 to 6 to change (05-Card-Operations).
    PinLength = "pin.length",
    /// The PIN is easily guessed, and the caller asked for a rule. Let the cardholder choose another one.
    PinWeak = "pin.weak",
    /// The birth date isn't one as `YYYY-MM-DD`.
    BirthDateFormat = "birth_date.format",
    /// A PIN came with a change that takes none: only `ACTIVATE` of a physical card does.
    PinNotTaken = "pin.not_taken",
    /// The CVV has a character that isn't one of 0-9.
    CvvDigits = "cvv.digits",
    /// The CVV hasn't 3 or 4 digits.
    CvvLength = "cvv.length",
    /// The expiry date isn't written `MM/YY`.
    ExpiryFormat = "expiry.format",
    /// The expiry date's month isn't 01 to 12.
    ExpiryMonth = "expiry.month",
    /// The amount isn't a plain decimal number.
    AmountFormat = "amount.format",
    /// The amount has more than 28 digits, or more than 15 as a number of JSON or JavaScript: so `0.1 + 0.2`, which is
    /// 0.30000000000000004 in binary floats. Round it to the currency's decimals, and give it as text.
    AmountRange = "amount.range",
    /// An amount that is to be sent has more than 8 decimals: a limit of this library, and a guess, as the API's isn't
    /// documented. Given as text, 0.30000000000000004 is such an amount. Round it to the currency's decimals.
    AmountDecimals = "amount.decimals",
    /// The amount has to be more than zero.
    AmountNotPositive = "amount.not_positive",
    /// The amount is below the template's minimum. Check `recharge_min_limit` of the card template (05-Card-Operations,
    /// "Insufficient Balance").
    AmountBelowMinimum = "amount.below_minimum",
    /// The amount is above the template's `recharge_max_limit`. Split the recharge, or use another template.
    AmountAboveMaximum = "amount.above_maximum",
    /// The template requires an initial deposit and the application has none. Set `deposit_amount` (03-Virtual-Cards).
    DepositRequired = "deposit.required",
    /// The template takes no initial deposit but the application has one. Leave `deposit_amount` out (03-Virtual-Cards).
    DepositNotTaken = "deposit.not_taken",
    /// The request names another template than the one that it is checked against.
    TemplateMismatch = "template.mismatch",
    /// The merchant's balance doesn't cover the amount and the fee. Add funds to the merchant account
    /// (05-Card-Operations, "Merchant Balance").
    MerchantBalance = "merchant.balance",
    /// The currency isn't a short code of ASCII letters and digits.
    CurrencyFormat = "currency.format",
    /// The id isn't a whole number from 0 to 9223372036854775807.
    IdRange = "id.range",
    /// The time isn't a whole number of milliseconds.
    TimestampFormat = "timestamp.format",
    /// `exclusive_since` is still to come, so that no event could settle anything. Look at the backend's configuration.
    ExclusiveSinceFuture = "exclusive_since.future",
    /// The Merchant-ID isn't a UUID. Copy it from the onboarding data.
    MerchantIdFormat = "merchant_id.format",
    /// The Secret Key's text can't be read by the codec that was stated.
    KeyEncoding = "key.encoding",
    /// The Secret Key hasn't 16, 24 or 32 bytes once its text was read by the codec. Another codec may be the right one.
    KeyLength = "key.length",
    /// The key id is empty, or is in the ring already.
    KeyId = "key.id",
    /// The initialisation vector hasn't 16 bytes.
    IvLength = "iv.length",
    /// The URL isn't an absolute `https` URL without query and fragment (`http` is taken for a loopback host only).
    UrlFormat = "url.format",
    /// The path doesn't start with `/`, or holds a character that a path can't.
    PathFormat = "path.format",
    /// A field that has to be there is missing or null.
    FieldRequired = "field.required",
    /// A field has another type, or another kind of value, than expected.
    FieldType = "field.type",
    /// A field that this request doesn't have. Look for a typing error.
    FieldUnknown = "field.unknown",
    /// The text isn't JSON.
    JsonSyntax = "json.syntax",
    /// The same field stands twice in one JSON object, so that two readers could see two values.
    JsonDuplicateField = "json.duplicate_field",
    /// A plan names an operation that doesn't exist.
    PlanOperation = "plan.operation",
    /// `ask` was given an operation that an event confirms, or `send` one that no event confirms.
    OperationUnsuitable = "operation.unsuitable",
    /// The caller's name for an operation hasn't 1 to 200 characters.
    ReferenceLength = "reference.length",
    /// The operation isn't allowed in the card's present state. Verify that the card is ACTIVE (05-Card-Operations,
    /// "Invalid Card State"), or TBA for an activation (04-Physical-Cards).
    StateNotAllowed = "state.not_allowed",
    /// Two states of cards can't be merged: they are of different cards, or contradict one another in what isn't said by events.
    StateMismatch = "state.mismatch",
    /// The answer doesn't belong to the list that is being read, or the list has ended already.
    PageMismatch = "page.mismatch",
    /// The name of an operation isn't a UUID.
    OperationIdFormat = "operation_id.format",
    /// No operation or thing of that id is stored.
    TrackingUnknown = "tracking.unknown",
    /// Another operation of that id or reference is stored already. Give each one its own.
    TrackingKnown = "tracking.known",
    /// The transaction or card is another operation's.
    TrackingOwned = "tracking.owned",
    /// What was said of an operation contradicts the evidence, or would make what is certain uncertain.
    TrackingRefuted = "tracking.refuted",
    /// BananaTech refused, and nothing was done: see [`Rejection`]. Correct the request, and send it as a new operation.
    Rejected = "rejected",
    /// The message could not be opened. Check that the Secret Key and its codec are right, and that nothing changed the
    /// body on its way.
    NotAuthentic = "not_authentic",
    /// The answer was not sealed though only sealed answers are accepted.
    AnswerNotSealed = "answer.not_sealed",
    /// The answer is not what the contract says. Whether the operation was carried out is not known: ask.
    AnswerShape = "answer.shape",
    /// The answer, such as HTTP 500, doesn't say that the operation was carried out, and doesn't refuse it either. Whether it was is
    /// not known: ask.
    AnswerNotKnown = "answer.not_known",
    /// No connection to BananaTech could be made, so the request never left. Send it again as a new operation, once there is one.
    RequestNotSent = "request.not_sent",
    /// The operation waited for its turn for longer than it may, so it wasn't sent. Decide anew whether it is still wanted.
    WaitExpired = "wait.expired",
    /// The message is longer than the limit, so it wasn't looked at. Raise the limit if BananaTech really sends that much.
    MessageTooLong = "message.too_long",
    /// What was given is not the raw body of the delivery. Pass the bytes as they came, not a parsed object.
    WebhookRawBody = "webhook.raw_body",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("the code of an error"))
    }
}

/// A value that isn't allowed: which field, which rule, and what was expected. Never what was given.
// Boxed, since results with it are passed on in very many places.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Invalid(Box<Fault>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}expected {expected} [{code}]", field, if field.is_empty() { "" } else { ": " })]
struct Fault {
    field: Cow<'static, str>,
    code: Code,
    expected: Cow<'static, str>,
}

impl fmt::Debug for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invalid")
            .field("field", &self.field())
            .field("code", &self.code())
            .field("expected", &self.expected())
            .finish()
    }
}

impl Invalid {
    /// For rules of the caller's own, told in the same way. Keep the value that was given out of `expected`.
    ///
    /// ```
    /// use bananatech_core::{Code, Invalid};
    /// let error = Invalid::new("user_id", Code::IdRange, "a user of this merchant");
    /// assert_eq!(error.to_string(), "user_id: expected a user of this merchant [id.range]");
    /// ```
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: Code,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::of(field.into(), code, expected.into())
    }

    #[cold]
    #[inline(never)]
    fn of(field: Cow<'static, str>, code: Code, expected: Cow<'static, str>) -> Self {
        Self(Box::new(Fault {
            field,
            code,
            expected,
        }))
    }

    /// The same fault, one object further out: `gender` in `kyc_data` becomes `kyc_data.gender`.
    pub(crate) fn within(mut self, outer: &str) -> Self {
        let mut field = String::from(outer);
        if !matches!(self.field().as_bytes().first(), None | Some(b'[')) {
            field.push('.');
        }
        field.push_str(self.field());
        self.0.field = Cow::Owned(field);
        self
    }

    /// The same fault under another code.
    pub(crate) fn coded(mut self, code: Code) -> Self {
        self.0.code = code;
        self
    }

    /// The field, as a path from the outermost object: `amount`, `kyc_data.gender`, `data[3].id`.
    ///
    /// ```
    /// let error = bananatech_core::CardNumber::parse("42").unwrap_err();
    /// assert_eq!(error.field(), "card_number");
    /// ```
    pub fn field(&self) -> &str {
        &self.0.field
    }

    /// The rule that was broken.
    ///
    /// ```
    /// use bananatech_core::{CardNumber, Code};
    /// assert_eq!(CardNumber::parse("42").unwrap_err().code(), Code::CardNumberLength);
    /// ```
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What would have been right, in words.
    ///
    /// ```
    /// let error = bananatech_core::CardNumber::parse("42").unwrap_err();
    /// assert_eq!(error.expected(), "16 to 19 digits");
    /// ```
    pub fn expected(&self) -> &str {
        &self.0.expected
    }
}

/// What an answer without success means for the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum RejectionMeaning {
    /// The request was refused and nothing was done. It may be corrected, and sent as a new operation.
    Refused,
    /// It can't be told whether something was done (a 5xx, a time-out of a proxy …). Don't send it again: ask.
    NotKnown,
}

impl RejectionMeaning {
    /// A stable name.
    ///
    /// ```
    /// assert_eq!(bananatech_core::RejectionMeaning::NotKnown.as_str(), "not_known");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NotKnown => "not_known",
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Refused => "not carried out",
            Self::NotKnown => "not known whether it was carried out",
        }
    }

    const fn code(self) -> Code {
        match self {
            Self::Refused => Code::Rejected,
            Self::NotKnown => Code::AnswerNotKnown,
        }
    }
}

/// BananaTech answered, but not with success.
///
/// The vendor documents HTTP 400 for: an invalid HMAC, a malformed payload, decrypted data that isn't JSON, an invalid
/// Merchant-ID. Neither other statuses nor the body of an error are documented, so the body is kept whole and `message`
/// is a guess at the field that carries one. `Display` and `Debug` hold only the status, since a message may repeat what was sent.
///
/// Some statuses are taken to say that nothing was done: 400, 401, 403, 404, 405, 413, 415, 422, and 2xx with `"success": false`
/// (inferred for all but 400). With them it comes in [`Error::Rejected`], with any other in [`Error::NotKnown`].
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[error(
    "the API answered with HTTP status {status}: {}; its words, if any, are beside this error [{}]",
    meaning.in_words(),
    meaning.code()
)]
pub struct Rejection {
    pub(crate) status: u16,
    pub(crate) message: Option<String>,
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub(crate) body: Zeroizing<String>,
    pub(crate) authenticated: bool,
    pub(crate) meaning: RejectionMeaning,
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("status", &self.status)
            .field("authenticated", &self.authenticated)
            .finish_non_exhaustive()
    }
}

impl Rejection {
    /// A rejection from its parts again, for one that crossed a border.
    ///
    /// ```
    /// use bananatech_core::{Rejection, RejectionMeaning};
    /// assert_eq!(Rejection::new(502, None, "Bad Gateway", false).meaning(), RejectionMeaning::NotKnown);
    /// ```
    pub fn new(status: u16, message: Option<&str>, body: &str, authenticated: bool) -> Self {
        Self {
            status,
            message: message.map(str::to_owned),
            body: Zeroizing::new(body.to_owned()),
            authenticated,
            meaning: match status {
                200..=299 | 400 | 401 | 403 | 404 | 405 | 413 | 415 | 422 => {
                    RejectionMeaning::Refused
                }
                _ => RejectionMeaning::NotKnown,
            },
        }
    }

    /// The same, of an answer that doesn't refuse: whether the operation was carried out isn't known, whatever the status is.
    ///
    /// ```
    /// use bananatech_core::{Rejection, RejectionMeaning};
    /// assert_eq!(Rejection::new(200, None, "{}", true).not_known().meaning(), RejectionMeaning::NotKnown);
    /// ```
    pub fn not_known(mut self) -> Self {
        self.meaning = RejectionMeaning::NotKnown;
        self
    }

    /// The HTTP status.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Error, RejectionMeaning};
    /// let body = br#"{"message":"Invalid HMAC"}"#;
    /// let Err(Error::Rejected(rejection)) = merchant.read(&GetAccountBalance::default(), 400, body) else { panic!() };
    /// assert_eq!(rejection.status(), 400);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The API's words, if the body has a text in `message`, `error`, `error_reason` or `detail` (guess: not documented).
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Error, RejectionMeaning};
    /// let body = br#"{"message":"Invalid HMAC"}"#;
    /// let Err(Error::Rejected(rejection)) = merchant.read(&GetAccountBalance::default(), 400, body) else { panic!() };
    /// assert_eq!(rejection.message(), Some("Invalid HMAC"));
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The body, opened where it was sealed, otherwise as it came (bytes that aren't UTF-8 replaced). It may
    /// repeat what was sent: keep it out of logs.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Error, RejectionMeaning};
    /// let body = br#"{"message":"Invalid HMAC"}"#;
    /// let Err(Error::Rejected(rejection)) = merchant.read(&GetAccountBalance::default(), 400, body) else { panic!() };
    /// assert_eq!(rejection.body().as_bytes(), body);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Whether the body was sealed with a key of the ring. A plain body may come from anything between here and the API.
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Error, RejectionMeaning};
    /// let body = br#"{"message":"Invalid HMAC"}"#;
    /// let Err(Error::Rejected(rejection)) = merchant.read(&GetAccountBalance::default(), 400, body) else { panic!() };
    /// assert!(!rejection.is_authenticated());
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// Whether the operation is known not to have been carried out.
    ///
    /// Only statuses that say that the request itself was refused count as that (the vendor documents 400 alone), and an
    /// answer that says `"success": false` (inferred from the `true` of the page "Set PIN").
    ///
    /// ```
    /// # let merchant = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/merchant.rs"));
    /// use bananatech_core::{operations::merchant::GetAccountBalance, Error, RejectionMeaning};
    /// let body = br#"{"message":"Invalid HMAC"}"#;
    /// let Err(Error::Rejected(rejection)) = merchant.read(&GetAccountBalance::default(), 400, body) else { panic!() };
    /// assert_eq!(rejection.meaning(), RejectionMeaning::Refused);
    /// # Ok::<(), bananatech_core::Error>(())
    /// ```
    pub fn meaning(&self) -> RejectionMeaning {
        self.meaning
    }
}

/// Everything that a call or a webhook can end in, other than well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Caused by the caller: nothing was sent. Correct the field that it names.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Caused by the API: it refused, and nothing was done. Correct the request, and send it as a new operation.
    #[error(transparent)]
    Rejected(Box<Rejection>),
    /// Caused by whoever sent the message, or by a wrong key: it could not be opened. All failures look the same on
    /// purpose; [`Merchant::diagnose`](crate::Merchant::diagnose) tells operators more.
    #[error(
        "the message could not be opened: it is not authentic, or was sealed with another key [not_authentic]"
    )]
    NotAuthentic,
    /// Caused by the API or by what stands between: authentic or plain, but not what the contract says.
    #[error("unexpected message: {0}")]
    Unexpected(Invalid),
    /// Caused by the API, or by what stands between: the answer (HTTP 500, for example) says neither that the operation was carried
    /// out nor that it was refused. Whether it was is not known: ask, and don't send it again. It holds what came.
    #[error(transparent)]
    NotKnown(Box<Rejection>),
}

impl From<Box<Rejection>> for Error {
    fn from(rejection: Box<Rejection>) -> Self {
        match rejection.meaning {
            RejectionMeaning::Refused => Self::Rejected(rejection),
            RejectionMeaning::NotKnown => Self::NotKnown(rejection),
        }
    }
}

impl Error {
    /// The stable code.
    ///
    /// ```
    /// use bananatech_core::{Code, Error};
    /// assert_eq!(Error::NotAuthentic.code(), Code::NotAuthentic);
    /// ```
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid(invalid) | Self::Unexpected(invalid) => invalid.code(),
            Self::Rejected(_) => Code::Rejected,
            Self::NotAuthentic => Code::NotAuthentic,
            Self::NotKnown(_) => Code::AnswerNotKnown,
        }
    }

    /// Who caused it.
    ///
    /// ```
    /// use bananatech_core::{Category, Error};
    /// assert_eq!(Error::NotAuthentic.category(), Category::NotAuthentic);
    /// ```
    pub fn category(&self) -> Category {
        match self {
            Self::Invalid(_) => Category::InvalidInput,
            Self::Rejected(_) => Category::Rejected,
            Self::NotAuthentic => Category::NotAuthentic,
            Self::Unexpected(_) => Category::Unexpected,
            Self::NotKnown(_) => Category::NotKnown,
        }
    }

    /// The field that it is about, if it is about one.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Error::NotAuthentic.field(), None);
    /// ```
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) | Self::Unexpected(invalid) if !invalid.field().is_empty() => {
                Some(invalid.field())
            }
            _ => None,
        }
    }
}
