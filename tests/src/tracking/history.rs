//! A history: what was sent, what was seen of it, and what was found out. The form is that of `vectors/tracking.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// All that a judge is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct History {
    /// What is assumed.
    pub cfg: Config,
    /// What was sent.
    pub ops: Vec<Operation>,
    /// Webhooks.
    pub events: Vec<Event>,
    /// Lines of transaction lists.
    pub records: Vec<Record>,
    /// Things that the caller named as somebody else's.
    #[serde(default)]
    pub foreign: Vec<String>,
}

/// What is assumed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Config {
    /// By how much the vendor's clock and ours may differ, in milliseconds.
    pub tol: i64,
    /// When tracking began.
    pub since: i64,
    /// Nobody else acts for our users and cards.
    pub exclusive: bool,
    /// The unsigned type narrows what the signed data leave open.
    #[serde(default)]
    pub trust_type: bool,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Register,
    Apply,
    Assign,
    Recharge,
    Activate,
    Lock,
    Unlock,
    Close,
}

impl Kind {
    /// Whether its success brings a new card.
    #[must_use]
    pub fn makes_card(self) -> bool {
        matches!(self, Self::Apply | Self::Assign)
    }
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done.
    #[serde(rename = "S")]
    Success,
    /// It wasn't, and won't be.
    #[serde(rename = "F")]
    Failure,
}

impl Outcome {
    /// Only two words are outcomes. All others prove nothing.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "SUCCESS" => Some(Self::Success),
            "FAILED" => Some(Self::Failure),
            _ => None,
        }
    }

    /// The vendor's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::Failure => "FAILED",
        }
    }
}

/// What asking showed, or a person said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// How it ended.
    pub outcome: Outcome,
    /// The transaction that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx: Option<i64>,
    /// The card that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<i64>,
}

/// A request, as it was stored before it was sent, and what was learnt about it since.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// Ours.
    pub id: String,
    /// What was asked for.
    pub kind: Kind,
    /// Its place in our own order, which events and records share.
    pub seq: i64,
    /// When it was sent, by our clock.
    pub sent: i64,
    /// Whom it is for. A registration has it once it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<i64>,
    /// The card that it acts on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<i64>,
    /// What is to be loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// The least of it that may arrive: without it any fee is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<i64>,
    /// What an application deposits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<i64>,
    /// The template of the card asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<i64>,
    /// What asking showed, or a person said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// No event of it occurs later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// The answer refused it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub refused: bool,
    /// It was never sent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub withdrawn: bool,
    /// What wasn't seen of it by now won't be carried out.
    #[serde(default, rename = "final", skip_serializing_if = "is_false")]
    pub is_final: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// The same for the same data.
    pub key: String,
    /// The type beside the data: nothing signs it.
    #[serde(rename = "type")]
    pub label: String,
    /// When it was first seen here, in our own order.
    pub seq: i64,
    /// The signed data.
    pub data: Map<String, Value>,
}

/// A line of a list of transactions: only recharges stand in a history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The transaction.
    pub tx: i64,
    /// Whose money moved.
    pub card: i64,
    /// What arrived.
    pub amount: i64,
    /// The vendor's word.
    pub status: String,
    /// When it occurred, by the vendor's clock.
    pub time: i64,
    /// When it was first seen here, in our own order.
    pub seq: i64,
}
