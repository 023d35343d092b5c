//! What the merchant's own code is told.

use bananatech_core::{Changes, Code, Invalid, OperationId, ThingId, TrackedOperation, json};
use serde::{Deserialize, Serialize};

/// Something that the merchant's own code is told, at least once, in order per card.
///
/// It holds no secret and no personal data. So of the API's words for a failure only the code is in it: the words are in what
/// [`Backend::receive`](crate::Backend::receive) answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It is certain how an operation ended: its `outcome` says how, with the vendor's code for a failure, such as `101:0`. Told again once the card that it made is certain, if that
    /// wasn't at first, and once a doubt about it is over: what is told again replaces what was told, since it may have another transaction.
    Settled(Box<TrackedOperation>),
    /// It was certain how it ended, and isn't any more: somebody else acts for this user or card. Ask a person to look.
    Doubted(Box<TrackedOperation>),
    /// What is known of it can't all be true. Ask a person to look.
    Contradicted(Box<TrackedOperation>),
    /// Somebody else acts here. Operations there stay open until they are found by asking, or until a person names the thing that is
    /// somebody else's ([`Backend::name_foreign`](crate::Backend::name_foreign)).
    ForeignActivity(ForeignActivity),
    /// An operation was never sent, so it failed: no connection to the API could be made, or it had waited for its turn, and by then
    /// the card's state ruled it out or it had waited for too long.
    NotSent {
        /// The operation, with its outcome.
        operation: Box<TrackedOperation>,
        /// Why: `request.not_sent`, `state.not_allowed`, `wait.expired`.
        code: String,
    },
}

/// That somebody else acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignActivity {
    /// Where, such as `card:12345:money`.
    pub scope: String,
    /// What it came out by, such as the transaction `tx:7`. Some of these may be your own, and the one that isn't may have come before: look at the
    /// vendor's console.
    pub things: Vec<ThingId>,
}

impl Notice {
    /// Which kind it is, in a word: `settled`, `doubted`, `contradicted`, `foreign_activity` or `not_sent`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Settled(_) => "settled",
            Self::Doubted(_) => "doubted",
            Self::Contradicted(_) => "contradicted",
            Self::ForeignActivity(_) => "foreign_activity",
            Self::NotSent { .. } => "not_sent",
        }
    }

    /// The operation that it is about, if it is about one.
    pub fn operation(&self) -> Option<&TrackedOperation> {
        match self {
            Self::Settled(operation)
            | Self::Doubted(operation)
            | Self::Contradicted(operation)
            | Self::NotSent { operation, .. } => Some(operation),
            Self::ForeignActivity(_) => None,
        }
    }

    /// What it is about: notices about one subject are told in order.
    pub(crate) fn subject(&self) -> String {
        match self {
            Self::ForeignActivity(foreign) => foreign.scope.clone(),
            _ => self.operation().map_or_else(String::new, |operation| {
                let id = || operation.id.to_string();
                operation
                    .card_id
                    .map_or_else(id, |card| format!("card:{card}"))
            }),
        }
    }

    /// As it is stored beside its kind: what it is about, and the code.
    pub(crate) fn to_row(&self) -> (String, Option<&str>) {
        match self {
            Self::Settled(operation) | Self::Doubted(operation) | Self::Contradicted(operation) => {
                (operation.to_json(), None)
            }
            Self::ForeignActivity(foreign) => {
                (serde_json::to_string(foreign).unwrap_or_default(), None)
            }
            Self::NotSent { operation, code } => (operation.to_json(), Some(code)),
        }
    }

    pub(crate) fn from_row(kind: &str, content: &str, code: Option<&str>) -> Result<Self, Invalid> {
        let operation = || TrackedOperation::from_json(content).map(Box::new);
        Ok(match kind {
            "settled" => Self::Settled(operation()?),
            "doubted" => Self::Doubted(operation()?),
            "contradicted" => Self::Contradicted(operation()?),
            "foreign_activity" => Self::ForeignActivity(json::from_str(content)?),
            "not_sent" => Self::NotSent {
                operation: operation()?,
                code: code.unwrap_or_default().to_owned(),
            },
            _ => return Err(Invalid::new("kind", Code::FieldType, "a kind of notice")),
        })
    }

    /// What a change means, in the order in which it is told.
    pub(crate) fn of(changes: &Changes) -> Vec<Self> {
        let report = &changes.report;
        let row = |id: &OperationId| {
            let row = changes.operations.iter().find(|row| row.id == *id);
            row.cloned().map(Box::new)
        };
        let settled = report
            .settled
            .iter()
            .map(|settled| Self::Settled(Box::new(settled.operation.clone())));
        let doubted = report.doubted.iter().filter_map(row).map(Self::Doubted);
        let contradicted = report
            .contradicted
            .iter()
            .filter_map(row)
            .map(Self::Contradicted);
        let foreign = report
            .foreign_activity
            .iter()
            .map(|scope| ForeignActivity {
                scope: scope.to_string(),
                things: report.things.clone(),
            })
            .map(Self::ForeignActivity);
        settled
            .chain(doubted)
            .chain(contradicted)
            .chain(foreign)
            .collect()
    }
}
