//! What can go wrong: the caller's doing (a [`Refusal`]) or the sandbox's own (an [`Error`]).

use crate::json::{Json, json_object};

/// Why a request was refused. It never repeats a value that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable code (a guess: the contract knows no codes).
    pub code: &'static str,
    /// One sentence for a person.
    pub message: &'static str,
    /// The field that is to blame, if one is.
    pub field: Option<&'static str>,
}

impl Refusal {
    pub(crate) const fn new(code: &'static str, message: &'static str) -> Refusal {
        Refusal {
            code,
            message,
            field: None,
        }
    }

    pub(crate) const fn missing(field: &'static str) -> Refusal {
        Refusal {
            code: "missing_field",
            message: "A required field is missing",
            field: Some(field),
        }
    }

    pub(crate) const fn invalid(field: &'static str, message: &'static str) -> Refusal {
        Refusal {
            code: "invalid_field",
            message,
            field: Some(field),
        }
    }

    pub(crate) const fn on(mut self, field: &'static str) -> Refusal {
        self.field = Some(field);
        self
    }

    /// The body that says so.
    pub(crate) fn body(&self) -> Json {
        let mut body = json_object! { "message": self.message, "code": self.code };
        if let Some(field) = self.field {
            body.push("field", field);
        }
        body
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match self.field {
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
