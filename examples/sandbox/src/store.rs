//! The database: how it is opened, its schema, and the few things that every part of the sandbox reads.

use rusqlite::{Connection, OptionalExtension, params};

use crate::Entropy;
use crate::envelope::{KeyCodec, SecretKey};
use crate::error::{Error, Refusal, Stop};
use crate::money::{Fee, Money};
use crate::seed::Seed;
use crate::time::Timestamp;

const SCHEMA_VERSION: i64 = 1;

/// How the sandbox behaves. None of it is stored: each start says it anew.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long the banking provider takes over an operation.
    pub processing_delay_ms: i64,
    /// How business refusals travel.
    pub errors: ErrorStyle,
    /// The wait after the first failed attempt of a delivery; it doubles with each further one.
    pub retry_base_ms: i64,
    /// The longest wait between two attempts.
    pub retry_max_ms: i64,
    /// How long an attempt may take. Its lease ends a second later.
    pub delivery_timeout_ms: i64,
    /// How long a request's head may take to come in, and then its body.
    pub request_timeout_ms: u32,
    /// How long the server waits at its end for requests that are under way.
    pub shutdown_timeout_ms: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            processing_delay_ms: 50,
            errors: ErrorStyle::Plain,
            retry_base_ms: 500,
            retry_max_ms: 60_000,
            delivery_timeout_ms: 10_000,
            request_timeout_ms: 30_000,
            shutdown_timeout_ms: 5_000,
        }
    }
}

/// How business refusals travel: the contract doesn't say. An envelope that can't be opened is always answered plainly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorStyle {
    /// As plain JSON.
    #[default]
    Plain,
    /// Sealed, as every other answer.
    Sealed,
}

/// What a piece of work has at hand: an open database transaction, the time, and randomness.
pub(crate) struct Work<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) now: Timestamp,
    pub(crate) entropy: &'a mut Entropy,
    pub(crate) settings: &'a Settings,
}

/// Makes the database ready: settings of the connection, schema, and the seed if it is new.
pub(crate) fn prepare(
    db: &mut Connection,
    seed: &Seed,
    entropy: &mut Entropy,
    now: Timestamp,
) -> Result<(), Error> {
    // One process per database, for its whole life: two would deliver everything twice.
    db.busy_timeout(std::time::Duration::from_millis(500))?;
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.set_prepared_statement_cache_capacity(128);
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    match tx.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => {
            tx.execute_batch(include_str!("schema.sql"))?;
            tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            plant(&tx, seed, entropy, now)?;
        }
        SCHEMA_VERSION => {
            // Whoever held these leases is gone. Whether the receiver got them isn't known, so they are sent again.
            tx.execute(
                "UPDATE deliveries SET state = 'PENDING', lease_until = NULL, next_attempt_at = min(next_attempt_at, ?1)
                 WHERE state = 'SENDING'",
                [now.plus_ms(clock_offset(&tx)?).0],
            )?;
        }
        found => {
            return Err(Error::Schema {
                found,
                expected: SCHEMA_VERSION,
            });
        }
    }
    tx.commit()?;
    Ok(())
}

/// Forgets everything and plants the seed.
pub(crate) fn reset(
    db: &Connection,
    seed: &Seed,
    entropy: &mut Entropy,
    now: Timestamp,
) -> Result<(), Error> {
    db.execute_batch(
        "DELETE FROM challenges; DELETE FROM faults; DELETE FROM deliveries; DELETE FROM entries; DELETE FROM journals;
         DELETE FROM accounts; UPDATE transactions SET parent_id = NULL; DELETE FROM transactions;
         DELETE FROM operations; DELETE FROM cards; DELETE FROM stock; DELETE FROM users; DELETE FROM templates;
         DELETE FROM merchant_keys; DELETE FROM merchants; DELETE FROM meta;
         DELETE FROM sequences WHERE name <> 'delivery'", // an attempt on its way must not settle another delivery
    )?;
    plant(db, seed, entropy, now)
}

fn plant(db: &Connection, seed: &Seed, entropy: &mut Entropy, now: Timestamp) -> Result<(), Error> {
    seed.plant(db, entropy, now).map_err(|stop| match stop {
        Stop::Failed(Error::Database(error)) if is_constraint(&error) => {
            Error::Seed("an id, a key or a number is given twice, or refers to nothing".to_owned())
        }
        Stop::Failed(error) => error,
        Stop::Refused(refusal) => Error::Seed(refusal.to_string()),
    })
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

/// How far the sandbox's clock is ahead of the caller's.
pub(crate) fn clock_offset(db: &Connection) -> Result<i64, rusqlite::Error> {
    db.prepare_cached("SELECT value FROM meta WHERE name = 'clock_offset'")?
        .query_row([], |row| row.get(0))
        .optional()
        .map(|offset| offset.unwrap_or(0))
}

/// The next id of a kind. The kinds count from far apart, so that one taken for another is noticed.
pub(crate) fn next_id(db: &Connection, kind: Id) -> Result<i64, rusqlite::Error> {
    let (name, first) = match kind {
        Id::User => ("user", 100_001),
        Id::Card => ("card", 200_001),
        Id::Transaction => ("transaction", 300_001),
        Id::Assignment => ("assignment", 400_001),
        Id::Delivery => ("delivery", 1),
    };
    loop {
        let id = db
            .prepare_cached(
                "INSERT INTO sequences (name, next) VALUES (?1, ?2 + 1)
                 ON CONFLICT (name) DO UPDATE SET next = next + 1 RETURNING next - 1",
            )?
            .query_row(params![name, first], |row| row.get(0))?;
        // A seed chooses its users' ids.
        if kind != Id::User
            || !db
                .prepare_cached("SELECT 1 FROM users WHERE id = ?1")?
                .exists([id])?
        {
            return Ok(id);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    User,
    Card,
    Transaction,
    Assignment,
    Delivery,
}

/// A merchant.
#[derive(Debug)]
pub(crate) struct Merchant {
    pub(crate) id: String,
    pub(crate) currency: String,
    pub(crate) full_card_numbers: bool,
}

pub(crate) fn merchant(db: &Connection, id: &str) -> Result<Option<Merchant>, rusqlite::Error> {
    db.prepare_cached("SELECT id, currency, full_card_numbers FROM merchants WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Merchant {
                id: row.get(0)?,
                currency: row.get(1)?,
                full_card_numbers: row.get(2)?,
            })
        })
        .optional()
}

/// A merchant's keys, the newest first.
pub(crate) fn keys(db: &Connection, merchant: &str) -> Result<Vec<SecretKey>, rusqlite::Error> {
    let texts: Vec<(String, String)> = db
        .prepare_cached(
            "SELECT text, codec FROM merchant_keys WHERE merchant_id = ?1 ORDER BY id DESC",
        )?
        .query_map([merchant], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(texts
        .iter()
        .filter_map(|(text, codec)| SecretKey::new(text, KeyCodec::named(codec)?))
        .collect())
}

/// A card template.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) id: i64,
    pub(crate) description: String,
    pub(crate) kind: String,
    pub(crate) payment_system: String,
    pub(crate) apply_fee: Fee,
    pub(crate) recharge_fee: Fee,
    pub(crate) refund_fee: Fee,
    pub(crate) activate_min_limit: Money,
    pub(crate) recharge_min_limit: Money,
    pub(crate) recharge_max_limit: Money,
    pub(crate) limit_per_tx: Money,
    pub(crate) limit_per_day: Money,
    pub(crate) limit_per_month: Money,
    pub(crate) requires_kyc: bool,
    pub(crate) requires_phone_only: bool,
    pub(crate) needs_activation: bool,
    pub(crate) requires_initial_deposit: bool,
}

impl Template {
    pub(crate) fn is_physical(&self) -> bool {
        self.kind == "Physical"
    }

    fn read(row: &rusqlite::Row<'_>) -> Result<Template, rusqlite::Error> {
        let money = |name| row.get(name).map(Money::from_minor);
        let fee = |name| {
            row.get::<_, String>(name)
                .map(|text| Fee::parse(&text).unwrap_or(Fee::Flat(Money::ZERO)))
        };
        Ok(Template {
            id: row.get("id")?,
            description: row.get("description")?,
            kind: row.get("type")?,
            payment_system: row.get("payment_system")?,
            apply_fee: fee("apply_fee")?,
            recharge_fee: fee("recharge_fee")?,
            refund_fee: fee("refund_fee")?,
            activate_min_limit: money("activate_min_limit")?,
            recharge_min_limit: money("recharge_min_limit")?,
            recharge_max_limit: money("recharge_max_limit")?,
            limit_per_tx: money("limit_per_tx")?,
            limit_per_day: money("limit_per_day")?,
            limit_per_month: money("limit_per_month")?,
            requires_kyc: row.get("requires_kyc")?,
            requires_phone_only: row.get("requires_phone_only")?,
            needs_activation: row.get("needs_activation")?,
            requires_initial_deposit: row.get("requires_initial_deposit")?,
        })
    }
}

pub(crate) fn templates(db: &Connection) -> Result<Vec<Template>, rusqlite::Error> {
    db.prepare_cached("SELECT * FROM templates ORDER BY id")?
        .query_map([], Template::read)?
        .collect()
}

pub(crate) fn template(db: &Connection, id: i64) -> Result<Template, Stop> {
    db.prepare_cached("SELECT * FROM templates WHERE id = ?1")?
        .query_row([id], Template::read)
        .optional()?
        .ok_or_else(|| {
            Refusal::new("template_not_found", "There is no such card template")
                .on("template_id")
                .into()
        })
}

/// A user.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) status: String,
    pub(crate) has_kyc: bool,
    pub(crate) has_phone: bool,
}

pub(crate) fn user(db: &Connection, merchant: &str, id: i64) -> Result<User, Stop> {
    db.prepare_cached("SELECT id, email, status, has_kyc, has_phone FROM users WHERE id = ?1 AND merchant_id = ?2")?
        .query_row(params![id, merchant], |row| {
            Ok(User {
                id: row.get(0)?,
                email: row.get(1)?,
                status: row.get(2)?,
                has_kyc: row.get(3)?,
                has_phone: row.get(4)?,
            })
        })
        .optional()?
        .ok_or_else(|| Refusal::new("user_not_found", "There is no such user").on("user_id").into())
}

/// A card.
pub(crate) struct Card {
    pub(crate) id: i64,
    pub(crate) merchant_id: String,
    pub(crate) user_id: i64,
    pub(crate) template_id: i64,
    pub(crate) number: String,
    pub(crate) cvv: String,
    pub(crate) expiry: String,
    pub(crate) status: String,
    pub(crate) pin: Option<String>,
    pub(crate) recharged: bool,
}

pub(crate) fn card(db: &Connection, id: i64) -> Result<Option<Card>, rusqlite::Error> {
    db.prepare_cached("SELECT * FROM cards WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Card {
                id: row.get("id")?,
                merchant_id: row.get("merchant_id")?,
                user_id: row.get("user_id")?,
                template_id: row.get("template_id")?,
                number: row.get("number")?,
                cvv: row.get("cvv")?,
                expiry: row.get("expiry")?,
                status: row.get("status")?,
                pin: row.get("pin")?,
                recharged: row.get("recharged")?,
            })
        })
        .optional()
}

/// A card that belongs to this merchant's user. Anyone else's card is as unknown as one that doesn't exist.
pub(crate) fn card_of(db: &Connection, merchant: &str, user: i64, id: i64) -> Result<Card, Stop> {
    card(db, id)?
        .filter(|card| card.merchant_id == merchant && card.user_id == user)
        .ok_or_else(|| card_not_found().into())
}

pub(crate) fn card_not_found() -> Refusal {
    Refusal::new("card_not_found", "There is no such card").on("card_id")
}

/// What a new transaction starts with.
pub(crate) struct NewTransaction<'a> {
    pub(crate) card_id: i64,
    pub(crate) kind: &'static str,
    pub(crate) status: &'static str,
    pub(crate) amount: Money,
    pub(crate) cleared: Money,
    pub(crate) merchant_name: &'a str,
    pub(crate) parent_id: Option<i64>,
}

/// Records a transaction on a card.
pub(crate) fn insert_transaction(
    work: &Work<'_>,
    merchant: &str,
    user: i64,
    new: &NewTransaction<'_>,
) -> Result<i64, rusqlite::Error> {
    let id = next_id(work.db, Id::Transaction)?;
    work.db
        .prepare_cached(
            "INSERT INTO transactions
                 (id, merchant_id, user_id, card_id, type, status, amount, cleared, currency, merchant_name, parent_id, created_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, currency, ?9, ?10, ?11 FROM merchants WHERE id = ?2",
        )?
        .execute(params![
            id,
            merchant,
            user,
            new.card_id,
            new.kind,
            new.status,
            new.amount.minor(),
            new.cleared.minor(),
            new.merchant_name,
            new.parent_id,
            work.now.0,
        ])?;
    Ok(id)
}

pub(crate) fn set_transaction_status(
    db: &Connection,
    id: i64,
    status: &str,
) -> Result<(), rusqlite::Error> {
    db.prepare_cached("UPDATE transactions SET status = ?2 WHERE id = ?1")?
        .execute(params![id, status])
        .map(drop)
}

pub(crate) fn set_card_status(
    db: &Connection,
    id: i64,
    status: &str,
) -> Result<(), rusqlite::Error> {
    db.prepare_cached("UPDATE cards SET status = ?2 WHERE id = ?1")?
        .execute(params![id, status])
        .map(drop)
}

/// Whether the sandbox can deliver there: it speaks plain HTTP only.
pub(crate) fn is_webhook_url(url: &str) -> bool {
    url.starts_with("http://")
        && url.len() > "http://".len()
        && url.len() <= 2048
        && url.is_ascii()
        && !url
            .bytes()
            .any(|byte| byte.is_ascii_control() || byte == b' ')
}
