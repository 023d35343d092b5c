//! What can go wrong: the caller's doing (a [`Refusal`]) or the sandbox's own (an [`Error`]).

use std::borrow::Cow;

use crate::json::{Json, json_object};

/// Why a request was refused. It never repeats a value that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable code (a guess: the contract knows no codes).
    pub code: &'static str,
    /// One sentence for a person.
    pub message: Cow<'static, str>,
    /// The field that is to blame, if one is.
    pub field: Option<Cow<'static, str>>,
}

impl Refusal {
    pub(crate) const fn new(code: &'static str, message: &'static str) -> Refusal {
        Refusal {
            code,
            message: Cow::Borrowed(message),
            field: None,
        }
    }

    pub(crate) fn missing(field: &'static str) -> Refusal {
        Refusal::new("missing_field", "A required field is missing").on(field)
    }

    pub(crate) fn invalid(field: &'static str, message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal {
            code: "invalid_field",
            message: message.into(),
            field: Some(Cow::Borrowed(field)),
        }
    }

    /// A field that isn't one of the operation's. Its name helps whoever misspelt it, but it came in from outside: it is
    /// repeated only if it is a word, which no card number and no PIN is.
    pub(crate) fn unknown(name: &str) -> Refusal {
        let refusal = Refusal::new("unknown_field", "A field is not part of this operation");
        let is_word = name.len() <= 64
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match is_word {
            true => refusal.on(name.to_owned()),
            false => refusal,
        }
    }

    pub(crate) fn on(mut self, field: impl Into<Cow<'static, str>>) -> Refusal {
        self.field = Some(field.into());
        self
    }

    /// The body that says so.
    pub(crate) fn body(&self) -> Json {
        let mut body = json_object! { "message": self.message.as_ref(), "code": self.code };
        if let Some(field) = &self.field {
            body.push("field", field.as_ref());
        }
        body
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.field {
            Some(field) => write!(f, " ({field})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

/// What stops the sandbox itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database failed: the file can't be opened, is held by another sandbox, or the disk is full.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The seed isn't one. The text says where, without repeating a value.
    #[error("seed: {0}")]
    Seed(String),
    /// The database was made by another version of the sandbox.
    #[error("the database has schema version {found}, this sandbox reads {expected}")]
    Schema {
        /// What the file says.
        found: i64,
        /// What this sandbox reads.
        expected: i64,
    },
    /// An invariant of the sandbox doesn't hold. This is a bug in the sandbox.
    #[error("broken invariant: {0}")]
    Invariant(&'static str),
}

/// Why a piece of work stopped. Either way its database transaction is rolled back.
#[derive(Debug)]
pub(crate) enum Stop {
    Refused(Refusal),
    Failed(Error),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Stop {
        Stop::Failed(Error::Database(error))
    }
}
