//! The core's errors, one category each.

use bananatech_core::{Error, Invalid};

use crate::values::SecretText;

/// Everything that a function of this library can end in, other than well. No value that came in is shown by it.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum BananaTechError {
    /// The caller gave something that isn't allowed. Nothing was sent.
    #[error("{summary}")]
    InvalidInput {
        /// The rule that was broken: stable.
        code: String,
        /// The field, as a path from the outermost object; empty if it is about the whole.
        field: String,
        /// In words.
        summary: String,
    },
    /// BananaTech answered, but not with success.
    #[error("{summary}")]
    Rejected {
        /// Always `rejected`.
        code: String,
        /// The HTTP status.
        status: u16,
        /// Whether it is known that nothing was done.
        meaning: RejectionMeaning,
        /// Whether the body was sealed. A plain one may come from anything between here and the API.
        authenticated: bool,
        /// The API's words, where the body has some. They may repeat what was sent.
        words: Option<SecretText>,
        /// The body, opened where it was sealed, otherwise as it came.
        body: SecretText,
        /// In words.
        summary: String,
    },
    /// A message could not be opened: forged, damaged, or sealed with another key.
    #[error("{summary}")]
    NotAuthentic {
        /// Always `not_authentic`.
        code: String,
        /// In words.
        summary: String,
    },
    /// A message that isn't what the contract says.
    #[error("{summary}")]
    Unexpected {
        /// The rule that was broken: stable.
        code: String,
        /// The field, as a path from the outermost object; empty if it is about the whole.
        field: String,
        /// In words.
        summary: String,
    },
    /// The platform has no random bytes.
    #[error("{summary}")]
    NoRandomness {
        /// In words.
        summary: String,
    },
}

/// What a rejection means for the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RejectionMeaning {
    /// The request was refused and nothing was done: it may be mended and sent again.
    Refused,
    /// It can't be told whether something was done. Ask before sending again.
    NotKnown,
}

impl BananaTechError {
    pub(crate) fn no_randomness() -> Self {
        Self::NoRandomness {
            summary: "the platform has no random bytes".to_owned(),
        }
    }
}

impl From<Invalid> for BananaTechError {
    fn from(invalid: Invalid) -> Self {
        Error::Invalid(invalid).into()
    }
}

impl From<Error> for BananaTechError {
    fn from(error: Error) -> Self {
        let summary = error.to_string();
        let code = error.code().to_string();
        let field = error.field().unwrap_or_default().to_owned();
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
                summary,
                status: rejection.status(),
                meaning: match rejection.meaning() {
                    bananatech_core::RejectionMeaning::Refused => RejectionMeaning::Refused,
                    bananatech_core::RejectionMeaning::NotKnown => RejectionMeaning::NotKnown,
                },
                authenticated: rejection.is_authenticated(),
                words: rejection.message().map(SecretText::from),
                body: rejection.body().into(),
            },
        }
    }
}
