//! The core's errors, one category each.

use bananatech_core::{Error, Invalid, RejectionMeaning};

use crate::values::{ErrorCode, Redacted};

/// What a function of this library ends in, other than well. There are these categories and won't be others; which rule was
/// broken is said by `code`, and codes may be added. No value that came in is shown by it.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum BananaTechError {
    /// The caller gave something that isn't allowed. Nothing was sent: correct the field that it names.
    #[error("{summary}")]
    InvalidInput {
        /// The rule that was broken.
        code: ErrorCode,
        /// The field, as a path from the outermost object: `amount`, `kyc_data.gender`, in the API's names. Nothing if it is about the whole.
        field: Option<String>,
        /// In words.
        summary: String,
    },
    /// BananaTech refused, and nothing was done. That is inferred from the status: the vendor documents HTTP 400 alone.
    #[error("{summary}")]
    Rejected {
        /// Always `rejected`.
        code: ErrorCode,
        /// What it answered.
        rejection: Rejection,
        /// In words.
        summary: String,
    },
    /// A message could not be opened: forged, damaged, or sealed with another key. All failures look the same on purpose;
    /// `Merchant.diagnose` tells operators more.
    #[error("{summary}")]
    NotAuthentic {
        /// Always `not_authentic`.
        code: ErrorCode,
        /// In words.
        summary: String,
    },
    /// A message, authentic or plain, that isn't what the contract says.
    #[error("{summary}")]
    Unexpected {
        /// The rule that was broken.
        code: ErrorCode,
        /// The field, as a path from the outermost object, in the API's names. Nothing if it is about the whole.
        field: Option<String>,
        /// In words.
        summary: String,
    },
    /// The answer doesn't say that the operation was carried out, and doesn't refuse it either, as after HTTP 500. Ask, and don't send
    /// it again.
    #[error("{summary}")]
    NotKnown {
        /// Always `answer.not_known`.
        code: ErrorCode,
        /// What was answered.
        rejection: Rejection,
        /// In words.
        summary: String,
    },
    /// The platform has no random bytes, so nothing could be sealed.
    #[error("{summary}")]
    NoRandomness {
        /// In words.
        summary: String,
    },
}

/// What BananaTech answered instead of success. The vendor documents HTTP 400 alone.
#[derive(Debug, uniffi::Record)]
pub struct Rejection {
    /// The HTTP status.
    pub status: i32,
    /// Whether it counts as certain that nothing was done: at the statuses 400, 401, 403, 404, 405, 413, 415 and 422, and at 200 to 299 with
    /// `"success": false`. That is inferred for all but 400.
    pub meaning: RejectionMeaning,
    /// The API's words, where the body has some (guess: not documented). They may repeat what was sent.
    pub words: Option<Redacted>,
    /// The body, opened where it was sealed, otherwise as it came. It may repeat what was sent.
    pub body: Redacted,
    /// Whether the body was sealed. A plain one may come from anything between here and the API.
    pub authenticated: bool,
}

impl Rejection {
    pub(crate) fn into_core(self) -> bananatech_core::Rejection {
        let words = self.words.as_ref().map(Redacted::expose);
        // What is no HTTP status says nothing.
        let (status, body) = (u16::try_from(self.status).unwrap_or(0), self.body.expose());
        let rejection = bananatech_core::Rejection::new(status, words, body, self.authenticated);
        match self.meaning {
            RejectionMeaning::NotKnown => rejection.not_known(),
            // What doesn't follow from the status isn't believed.
            RejectionMeaning::Refused => rejection,
        }
    }
}

impl BananaTechError {
    pub(crate) fn no_randomness() -> Self {
        Self::NoRandomness {
            summary: "the platform has no random bytes [randomness.unavailable]".to_owned(),
        }
    }
}

impl From<Invalid> for BananaTechError {
    fn from(invalid: Invalid) -> Self {
        Error::Invalid(invalid).into()
    }
}

impl From<&bananatech_core::Rejection> for Rejection {
    fn from(rejection: &bananatech_core::Rejection) -> Self {
        Self {
            status: rejection.status().into(),
            meaning: rejection.meaning(),
            words: rejection.message().map(Redacted::from),
            body: rejection.body().into(),
            authenticated: rejection.is_authenticated(),
        }
    }
}

impl From<Error> for BananaTechError {
    fn from(error: Error) -> Self {
        let summary = error.to_string();
        let code = error.code();
        let field = error.field().map(str::to_owned);
        match error {
            Error::Invalid(_) => Self::InvalidInput {
                code,
                field,
                summary,
            },
            Error::Unexpected(_) => Self::Unexpected {
                code,
                field,
                summary,
            },
            Error::NotAuthentic => Self::NotAuthentic { code, summary },
            Error::Rejected(rejection) => Self::Rejected {
                code,
                rejection: (&*rejection).into(),
                summary,
            },
            Error::NotKnown(rejection) => Self::NotKnown {
                code,
                rejection: (&*rejection).into(),
                summary,
            },
        }
    }
}
