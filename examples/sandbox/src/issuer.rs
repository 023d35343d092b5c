//! The front door.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::Entropy;
use crate::control::{self, Command};
use crate::envelope::{self, OpenError, SecretKey};
use crate::error::{Error, Refusal, Stop};
use crate::json::{Fields, Json, json_object};
use crate::ledger;
use crate::money::Money;
use crate::operations::{Operation, PATHS};
use crate::outbox::{self, Delivery, Outcome};
use crate::provider;
use crate::random;
use crate::seed::Seed;
use crate::store::{self, ErrorStyle, Merchant, Settings, Work};
use crate::time::Timestamp;

/// A request to the API, as it came over the wire. Every operation is a `POST`.
#[derive(Clone, Debug, Default)]
pub struct ApiRequest {
    /// The path, from its first slash.
    pub path: String,
    /// The headers. Names are compared without regard to case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl ApiRequest {
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value.trim()),
            // A header that is given twice says nothing.
            _ => None,
        }
    }
}

/// An answer of the API. Its body is always JSON.
#[derive(Clone, Debug)]
pub struct ApiResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// What happened, in a word, for the operator's log. It tells more than the answer does and holds no secret.
    pub outcome: &'static str,
}

/// Why a control command did nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// The command is wrong, or not possible now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The sandbox itself failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<Stop> for ControlError {
    fn from(stop: Stop) -> ControlError {
        match stop {
            Stop::Refused(refusal) => ControlError::Refused(refusal),
            Stop::Failed(error) => ControlError::Failed(error),
        }
    }
}

/// What an inspection of the books found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// The sum over all accounts: nothing, or money was made or lost.
    pub ledger_sum: Money,
    /// Per kind of account, the sum of its balances.
    pub totals: Vec<(String, Money)>,
    /// Journals that don't sum to nothing.
    pub unbalanced_journals: i64,
    /// Accounts whose balance isn't the sum of their entries.
    pub wrong_balances: i64,
    /// Accounts that are overdrawn and mustn't be.
    pub overdrawn_accounts: i64,
    /// Merchants whose reserve isn't what their pending operations set aside.
    pub wrong_reserves: i64,
    /// Cards whose hold isn't the sum of their open purchases.
    pub wrong_holds: i64,
    /// Decided operations without exactly one webhook that tells of it.
    pub untold_operations: i64,
    /// Operations that the provider hasn't decided yet.
    pub pending_operations: i64,
    /// Webhooks that haven't been delivered yet.
    pub pending_deliveries: i64,
}

impl Audit {
    /// Whether everything that must hold at any moment does.
    pub fn is_sound(&self) -> bool {
        self.ledger_sum == Money::ZERO
            && self.unbalanced_journals == 0
            && self.wrong_balances == 0
            && self.overdrawn_accounts == 0
            && self.wrong_reserves == 0
            && self.wrong_holds == 0
            && self.untold_operations == 0
    }

    /// The same as JSON.
    pub(crate) fn json(&self) -> Json {
        json_object! {
            "sound": self.is_sound(),
            "sum": self.ledger_sum,
            "totals": Json::Object(self.totals.iter().map(|(kind, sum)| (kind.clone(), Json::Money(*sum))).collect()),
            "unbalanced_journals": self.unbalanced_journals,
            "wrong_balances": self.wrong_balances,
            "overdrawn_accounts": self.overdrawn_accounts,
            "wrong_reserves": self.wrong_reserves,
            "wrong_holds": self.wrong_holds,
            "untold_operations": self.untold_operations,
        }
    }
}

/// A card issuer.
///
/// Every method takes the time as its caller has it. Control can set the issuer's own clock ahead of that; times that
/// come out are the caller's again.
pub struct Issuer {
    db: Connection,
    seed: Seed,
    settings: Settings,
    entropy: Entropy,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Issuer {
    /// An issuer that is forgotten when it is dropped.
    pub fn open_in_memory(
        seed: Seed,
        settings: Settings,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<Issuer, Error> {
        Issuer::open(Connection::open_in_memory()?, seed, settings, entropy, now)
    }

    /// An issuer in a file: a new one gets the seed, an old one goes on where it was, whatever had ended it.
    pub fn open_file(
        path: &Path,
        seed: Seed,
        settings: Settings,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<Issuer, Error> {
        Issuer::open(Connection::open(path)?, seed, settings, entropy, now)
    }

    fn open(
        mut db: Connection,
        seed: Seed,
        settings: Settings,
        mut entropy: Entropy,
        now: Timestamp,
    ) -> Result<Issuer, Error> {
        store::prepare(&mut db, &seed, &mut entropy, now)?;
        Ok(Issuer {
            db,
            seed,
            settings,
            entropy,
        })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Answers a request.
    pub fn handle(&mut self, request: &ApiRequest, now: Timestamp) -> ApiResponse {
        let Some(operation) = Operation::at(&request.path) else {
            let refusal = Refusal::new("not_found", "There is no such operation");
            return plain(404, &refusal.body(), refusal.code);
        };
        let (merchant, fields) = match self.admit(request) {
            Ok(Ok(admitted)) => admitted,
            // The same answer whatever was wrong: what an attacker could learn from a difference isn't there.
            Ok(Err(reason)) => {
                let refusal =
                    Refusal::new("invalid_envelope", "The request could not be authenticated");
                return plain(400, &refusal.body(), reason);
            }
            Err(_) => return failed(),
        };
        let answer = self.transact(now, |work| operation.run(work, &merchant, &fields));
        let (status, body, outcome) = match answer {
            Ok(body) => (200, body, "ok"),
            Err(Stop::Refused(refusal)) if self.settings.errors == ErrorStyle::Plain => {
                return plain(400, &refusal.body(), refusal.code);
            }
            Err(Stop::Refused(refusal)) => (400, refusal.body(), refusal.code),
            Err(Stop::Failed(_)) => return failed(),
        };
        match store::keys(&self.db, &merchant.id)
            .ok()
            .and_then(|keys| keys.into_iter().next())
        {
            Some(key) => ApiResponse {
                status,
                body: self.seal(&key, &body),
                outcome,
            },
            None => failed(),
        }
    }

    fn seal(&mut self, key: &SecretKey, body: &Json) -> Vec<u8> {
        let sealed = envelope::seal(key, random::iv(&mut self.entropy), body.text().as_bytes());
        json_object! { "encrypted_payload": sealed.encrypted_payload, "hmac": sealed.hmac }
            .text()
            .into_bytes()
    }

    /// Who asks, and what for; or, for the log, what is wrong with the envelope.
    fn admit(
        &self,
        request: &ApiRequest,
    ) -> Result<Result<(Merchant, Fields), &'static str>, Error> {
        let Some(content_type) = request.header("content-type") else {
            return Ok(Err("envelope_content_type_missing"));
        };
        let kind = content_type.split(';').next().unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/json") {
            return Ok(Err("envelope_content_type"));
        }
        let merchant = match request
            .header("merchant-id")
            .and_then(|id| uuid::Uuid::try_parse(id).ok())
        {
            Some(id) => store::merchant(&self.db, &id.hyphenated().to_string())?,
            None => return Ok(Err("envelope_merchant_id")),
        };
        let Some(merchant) = merchant else {
            return Ok(Err("envelope_merchant_unknown"));
        };
        let Some(hmac) = request.header("x-hmac") else {
            return Ok(Err("envelope_hmac_missing"));
        };
        let Some(body) = Fields::parse(&request.body) else {
            return Ok(Err("envelope_body_not_json"));
        };
        let payload = match (
            body.only(&["encrypted_payload"]),
            body.text("encrypted_payload"),
        ) {
            (Ok(()), Ok(payload)) => payload,
            _ => return Ok(Err("envelope_body_fields")),
        };
        let keys = store::keys(&self.db, &merchant.id)?;
        let plaintext = match envelope::open(&keys, &payload, hmac) {
            Ok((_, plaintext)) => plaintext,
            Err(OpenError::Mac) => return Ok(Err("envelope_mac")),
            Err(OpenError::Payload) => return Ok(Err("envelope_payload")),
            Err(OpenError::Padding) => return Ok(Err("envelope_padding")),
        };
        Ok(match Fields::parse(&plaintext) {
            Some(fields) => Ok((merchant, fields)),
            None => Err("envelope_plaintext_not_json"),
        })
    }

    /// Does a control command.
    pub fn control(&mut self, command: Command, now: Timestamp) -> Result<Json, ControlError> {
        match command {
            Command::Call {
                merchant_id,
                path,
                body,
            } => self.call(merchant_id, path, body.get().as_bytes(), now),
            Command::State => {
                let audit = self.audit()?;
                Ok(self.transact(now, |work| control::state(work, &audit))?)
            }
            Command::Reset => Ok(self.plant(None, now)?),
            Command::Seed(seed) => Ok(self.plant(Some(*seed), now)?),
            command => Ok(self.transact(now, |work| control::run(work, command))?),
        }
    }

    fn plant(&mut self, seed: Option<Seed>, now: Timestamp) -> Result<Json, Stop> {
        let seed = seed.unwrap_or_else(|| self.seed.clone());
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        match store::reset(&tx, &seed, &mut self.entropy, now) {
            Err(Error::Seed(_)) => {
                return Err(Refusal::new(
                    "invalid_seed",
                    "An id is given twice, or refers to nothing",
                )
                .into());
            }
            other => other?,
        }
        tx.commit()?;
        self.seed = seed;
        Ok(json_object! { "message": "Reset" })
    }

    fn call(
        &mut self,
        merchant_id: Option<String>,
        path: String,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Json, ControlError> {
        let merchant_id = control::merchant_or_first(&self.db, merchant_id)?;
        let keys = store::keys(&self.db, &merchant_id).map_err(Error::from)?;
        let key = keys
            .first()
            .ok_or(Error::Invariant("a merchant has at least one key"))?;
        let sealed = envelope::seal(key, random::iv(&mut self.entropy), body);
        let request = ApiRequest {
            path,
            headers: vec![
                ("Content-Type".to_owned(), "application/json".to_owned()),
                ("Merchant-ID".to_owned(), merchant_id),
                ("X-HMAC".to_owned(), sealed.hmac),
            ],
            body: json_object! { "encrypted_payload": sealed.encrypted_payload }
                .text()
                .into_bytes(),
        };
        let response = self.handle(&request, now);
        let opened = Fields::parse(&response.body)
            .and_then(|fields| {
                Some((
                    fields.text("encrypted_payload").ok()?,
                    fields.text("hmac").ok()?,
                ))
            })
            .and_then(|(payload, hmac)| envelope::open(&keys, &payload, &hmac).ok())
            .map_or(response.body, |(_, plaintext)| plaintext);
        let body = String::from_utf8(opened).map_or(Json::Null, Json::raw);
        Ok(json_object! { "status": i64::from(response.status), "body": body })
    }

    /// What is to be done by now: lets the provider decide what it has to, and gives the webhooks that are to be sent.
    /// Each must be followed by [`Issuer::delivered`]; until then, or until its lease ends, it isn't given again.
    pub fn due(&mut self, now: Timestamp) -> Result<Vec<Delivery>, Error> {
        loop {
            let own = now.plus_ms(store::clock_offset(&self.db)?);
            let Some(id) = provider::due(&self.db, own)? else {
                break;
            };
            self.transact(now, |work| provider::process(work, id))
                .map_err(own_fault)?;
        }
        self.transact(now, |work| Ok(outbox::lease(work)?))
            .map_err(own_fault)
    }

    /// What came of an attempt.
    pub fn delivered(&mut self, id: i64, outcome: Outcome, now: Timestamp) -> Result<(), Error> {
        self.transact(now, |work| Ok(outbox::settle(work, id, outcome)?))
            .map_err(own_fault)
    }

    /// When [`Issuer::due`] is to be called next, if nothing else happens until then. It may be in the past.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let offset = store::clock_offset(&self.db)?;
        let (provider, outbox) = (provider::next_due(&self.db)?, outbox::next_due(&self.db)?);
        let first = match (provider, outbox) {
            (Some(provider), Some(outbox)) => Some(provider.min(outbox)),
            (one, other) => one.or(other),
        };
        Ok(first.map(|at| at.plus_ms(-offset).max(now)))
    }

    /// The books themselves, for a test to look into: the tables of `schema.sql`.
    pub fn books(&self) -> &Connection {
        &self.db
    }

    /// Inspects the books.
    pub fn audit(&self) -> Result<Audit, Error> {
        let count = |sql: &str| {
            self.db
                .prepare_cached(sql)?
                .query_row([], |row| row.get::<_, i64>(0))
        };
        Ok(Audit {
            ledger_sum: Money::from_minor(count("SELECT coalesce(sum(amount), 0) FROM entries")?),
            totals: ledger::totals(&self.db)?,
            unbalanced_journals: count(
                "SELECT count(*) FROM (SELECT 1 FROM entries GROUP BY journal_id HAVING sum(amount) <> 0)",
            )?,
            wrong_balances: count(
                "SELECT count(*) FROM accounts WHERE balance <>
                     (SELECT coalesce(sum(amount), 0) FROM entries WHERE entries.account = accounts.name)",
            )?,
            overdrawn_accounts: count(
                "SELECT count(*) FROM accounts WHERE balance < 0 AND kind NOT IN ('funding', 'network')",
            )?,
            wrong_reserves: count(
                "SELECT count(*) FROM merchants m WHERE
                     coalesce((SELECT balance FROM accounts WHERE name = 'reserve:' || m.id), 0) <>
                     (SELECT coalesce(sum(amount + fee), 0) FROM operations WHERE merchant_id = m.id AND state = 'PENDING')",
            )?,
            wrong_holds: count(
                "SELECT count(*) FROM cards c WHERE
                     coalesce((SELECT balance FROM accounts WHERE name = 'hold:' || c.id), 0) <>
                     (SELECT coalesce(sum(amount), 0) FROM transactions
                      WHERE card_id = c.id AND type = 'PURCHASE' AND status = 'PENDING')",
            )?,
            untold_operations: count(
                "SELECT count(*) FROM operations o WHERE state <> 'PENDING'
                     AND (SELECT count(*) FROM deliveries WHERE operation_id = o.id) <> 1",
            )?,
            pending_operations: count("SELECT count(*) FROM operations WHERE state = 'PENDING'")?,
            pending_deliveries: count("SELECT count(*) FROM deliveries WHERE state IN ('PENDING', 'SENDING')")?,
        })
    }

    /// One piece of work in one database transaction: all of it, or nothing.
    fn transact<T>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = now.plus_ms(store::clock_offset(&tx)?);
        let done = work(&mut Work {
            db: &tx,
            now,
            entropy: &mut self.entropy,
            settings: &self.settings,
        })?;
        tx.commit()?;
        Ok(done)
    }

    /// The path if it is an operation's: what a log may show.
    pub fn known_path(path: &str) -> Option<&'static str> {
        PATHS.into_iter().find(|known| *known == path)
    }
}

fn own_fault(stop: Stop) -> Error {
    match stop {
        Stop::Failed(error) => error,
        Stop::Refused(_) => Error::Invariant("the sandbox's own work is not refused"),
    }
}

fn plain(status: u16, body: &Json, outcome: &'static str) -> ApiResponse {
    ApiResponse {
        status,
        body: body.text().into_bytes(),
        outcome,
    }
}

fn failed() -> ApiResponse {
    let refusal = Refusal::new("internal", "The sandbox failed");
    plain(500, &refusal.body(), refusal.code)
}
