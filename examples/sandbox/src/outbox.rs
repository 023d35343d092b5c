//! The outbox: webhooks are written in the same database transaction as the change that they tell of, and leave later,
//! each at least once.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;

use crate::Entropy;
use crate::envelope::{self, Sealed, SecretKey};
use crate::error::{Error, Refusal, Stop};
use crate::json::{Json, json_object};
use crate::ledger::{self, Account};
use crate::money::Money;
use crate::operations;
use crate::random;
use crate::store::{self, Card, Id, Work};
use crate::time::Timestamp;

/// A webhook to be sent now.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which one. Its outcome is told under this id.
    pub id: i64,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// The event's type.
    pub event_type: String,
    /// Where to.
    pub url: String,
    /// The request's body.
    pub body: Vec<u8>,
    /// A fault: the connection is to be cut in the middle of the body.
    pub cut: bool,
    /// How long an attempt may take.
    pub timeout_ms: i64,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered with this status. 200 is success, nothing else is.
    Answered(u16),
    /// No answer in time.
    TimedOut,
    /// The connection failed.
    Unreachable,
    /// The sandbox cut the connection, as a fault told it to.
    Cut,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Answered(status) => write!(f, "{status}"),
            Outcome::TimedOut => f.write_str("timed out"),
            Outcome::Unreachable => f.write_str("unreachable"),
            Outcome::Cut => f.write_str("cut"),
        }
    }
}

/// All types of events.
const EVENT_TYPES: [&str; 12] = [
    "USER_CREATE_RESULT",
    "CARD_APPLY_RESULT",
    "CARD_ACTIVATE_RESULT",
    "CARD_ASSIGN_RESULT",
    "CARD_STATUS_CHANGE",
    "CARD_RECHARGE_RESULT",
    "CARD_CLOSE_RESULT",
    "TRANSACTION_CREATED",
    "CARD_CORRECTION",
    "CARD_3DS",
    "CARD_VERIFICATION",
    "CARD_BALANCE_CHANGE",
];

/// A `status` that the contract doesn't know.
const UNKNOWN_STATUS: &str = "UNDER_REVIEW";

/// A `card_status` that the contract doesn't know.
const UNKNOWN_CARD_STATUS: &str = "FROZEN";

/// What can be made to go wrong: with deliveries, or (the last two) with operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Comes `ms` late (default 1000).
    Delay,
    /// Never comes. It can be resent.
    Drop,
    /// Comes twice, each time sealed anew.
    Duplicate,
    /// Comes after a later one; after `ms` (default 2000) at the latest.
    Reorder,
    /// The MAC isn't the payload's.
    WrongMac,
    /// The MAC is right, the padding inside isn't.
    BrokenPadding,
    /// Sealed with the merchant's oldest key; with one that the merchant never had if there is only one.
    OldKey,
    /// `occur_time` is `ms` ahead (default one hour); negative: behind.
    SkewedClock,
    /// The connection is cut in the middle of the body.
    CutConnection,
    /// The outer `type`, which the MAC doesn't cover, is another event's: always the same one.
    WrongType,
    /// The outer `type` is any other event's, drawn from all that there are.
    Relabelled,
    /// The data have fields that the contract doesn't know.
    ExtraFields,
    /// The data's status words are ones that the contract doesn't know.
    UnknownStatus,
    /// Assign answers with the number of the assignment, not with the card's id.
    AssignmentNumber,
    /// Just before a recharge somebody recharges the same card with the same amount from the vendor's console. Its result
    /// comes `ms` late (default 0).
    ConsoleRecharge,
}

impl FaultKind {
    const ALL: [(FaultKind, &'static str, i64); 15] = [
        (FaultKind::Delay, "delay", 1000),
        (FaultKind::Drop, "drop", 0),
        (FaultKind::Duplicate, "duplicate", 0),
        (FaultKind::Reorder, "reorder", 2000),
        (FaultKind::WrongMac, "wrong_mac", 0),
        (FaultKind::BrokenPadding, "broken_padding", 0),
        (FaultKind::OldKey, "old_key", 0),
        (FaultKind::SkewedClock, "skewed_clock", 3_600_000),
        (FaultKind::CutConnection, "cut_connection", 0),
        (FaultKind::WrongType, "wrong_type", 0),
        (FaultKind::Relabelled, "relabelled", 0),
        (FaultKind::ExtraFields, "extra_fields", 0),
        (FaultKind::UnknownStatus, "unknown_status", 0),
        (FaultKind::AssignmentNumber, "assignment_number", 0),
        (FaultKind::ConsoleRecharge, "console_recharge", 0),
    ];

    /// Whether it is a delivery that goes wrong.
    fn is_of_deliveries(self) -> bool {
        !matches!(
            self,
            FaultKind::AssignmentNumber | FaultKind::ConsoleRecharge
        )
    }

    fn entry(self) -> (&'static str, i64) {
        Self::ALL
            .iter()
            .find(|entry| entry.0 == self)
            .map_or(("", 0), |entry| (entry.1, entry.2))
    }

    fn named(name: &str) -> Option<FaultKind> {
        Self::ALL
            .iter()
            .find(|entry| entry.1 == name)
            .map(|entry| entry.0)
    }
}

/// A fault to add.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// With how many deliveries or operations; `None` with all.
    #[serde(default)]
    pub count: Option<u32>,
    /// By how much, for the kinds that have a measure.
    #[serde(default)]
    pub ms: Option<i64>,
    /// Only with events of this type. Not for a fault of operations.
    #[serde(default)]
    pub event_type: Option<String>,
}

/// An event to be told.
pub(crate) struct Event<'a> {
    pub(crate) merchant_id: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) operation_id: Option<i64>,
    pub(crate) user_id: Option<i64>,
    pub(crate) card_id: Option<i64>,
    /// The payload without `occur_time`, which is put behind it when the webhook is sealed.
    pub(crate) payload: Json,
    /// Whether the payload has an `occur_time`: all have but one.
    pub(crate) timed: bool,
    /// A magic value: it never comes.
    pub(crate) silent: bool,
}

/// Writes an event into the outbox.
pub(crate) fn enqueue(work: &Work<'_>, event: Event<'_>) -> Result<(), rusqlite::Error> {
    let id = store::next_id(work.db, Id::Delivery)?;
    let lane = match (event.card_id, event.user_id) {
        (Some(card), _) => format!("card:{card}"),
        (None, Some(user)) => format!("user:{user}"),
        (None, None) => String::new(),
    };
    work.db
        .prepare_cached(
            "INSERT INTO deliveries (id, merchant_id, type, operation_id, user_id, card_id, lane, payload, occur_time,
                                     state, last_outcome, next_attempt_at, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)",
        )?
        .execute(params![
            id,
            event.merchant_id,
            event.kind,
            event.operation_id,
            event.user_id,
            event.card_id,
            lane,
            event.payload.text(),
            event.timed.then_some(work.now.0),
            if event.silent { "DROPPED" } else { "PENDING" },
            event.silent.then_some("silent"),
            work.now.0,
        ])?;
    Ok(())
}

/// Tells that a card's balance has changed: what it was before is given, what it is now is looked up.
pub(crate) fn balance_changed(
    work: &Work<'_>,
    card: &Card,
    before: Money,
    silent: bool,
) -> Result<(), Stop> {
    let available = ledger::balance(work.db, Account::Card(card.id))?;
    let held = ledger::balance(work.db, Account::Hold(card.id))?;
    let currency = store::merchant(work.db, &card.merchant_id)?.map(|merchant| merchant.currency);
    enqueue(
        work,
        Event {
            merchant_id: &card.merchant_id,
            kind: "CARD_BALANCE_CHANGE",
            operation_id: None,
            user_id: Some(card.user_id),
            card_id: Some(card.id),
            payload: json_object! {
                "card_id": card.id,
                "amount": available + held,
                "available": available,
                "before_available": before,
                "currency": currency,
            },
            timed: true,
            silent,
        },
    )?;
    Ok(())
}

/// A row that is due.
struct Due {
    id: i64,
    merchant_id: String,
    event_type: String,
    lane: String,
    payload: String,
    occur_time: Option<i64>,
    deferred: bool,
    attempts: i64,
    url: String,
}

/// What is due now, leased: until its outcome is told or the lease ends, it isn't due again. One per lane at a time, so
/// that without faults a card's events arrive in the order in which they happened.
pub(crate) fn lease(work: &mut Work<'_>) -> Result<Vec<Delivery>, Error> {
    work.db
        .prepare_cached(
            "UPDATE deliveries SET state = 'PENDING', lease_until = NULL, next_attempt_at = ?1
             WHERE state = 'SENDING' AND lease_until <= ?1",
        )?
        .execute([work.now.0])?;
    let due: Vec<Due> = work
        .db
        .prepare_cached(
            "SELECT d.id, d.merchant_id, d.type, d.lane, d.payload, d.occur_time, d.deferred, d.attempts, m.webhook_url
             FROM deliveries d JOIN merchants m ON m.id = d.merchant_id
             WHERE d.state = 'PENDING' AND d.next_attempt_at <= ?1 AND m.webhook_url IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.state = 'SENDING' AND s.lane = d.lane)
             ORDER BY d.id LIMIT 256",
        )?
        .query_map([work.now.0], |row| {
            Ok(Due {
                id: row.get(0)?,
                merchant_id: row.get(1)?,
                event_type: row.get(2)?,
                lane: row.get(3)?,
                payload: row.get(4)?,
                occur_time: row.get(5)?,
                deferred: row.get(6)?,
                attempts: row.get(7)?,
                url: row.get(8)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let mut lanes: Vec<String> = Vec::new();
    let mut deliveries = Vec::new();
    for row in due {
        if lanes.contains(&row.lane) {
            continue;
        }
        let before = deliveries.len();
        dispatch(work, &row, &mut deliveries)?;
        if deliveries.len() > before {
            lanes.push(row.lane);
        }
    }
    Ok(deliveries)
}

fn dispatch(work: &mut Work<'_>, row: &Due, deliveries: &mut Vec<Delivery>) -> Result<(), Error> {
    let faults = faults_for(work.db, &row.event_type)?;
    if !row.deferred {
        // One that makes it late comes alone: the others wait for the moment at which it leaves.
        let late = faults
            .iter()
            .find(|fault| matches!(fault.kind, FaultKind::Delay | FaultKind::Reorder));
        if let Some(fault) = late {
            consume(work.db, fault)?;
            work.db
                .prepare_cached(
                    "UPDATE deliveries SET deferred = 1, overtake = ?2, next_attempt_at = ?3 WHERE id = ?1",
                )?
                .execute(params![row.id, fault.kind == FaultKind::Reorder, work.now.plus_ms(fault.ms).0])?;
            return Ok(());
        }
    }
    let (mut plan, mut copies, mut cut) = (Seal::default(), 1, false);
    let mut dropped = false;
    for fault in faults
        .iter()
        .filter(|fault| !matches!(fault.kind, FaultKind::Delay | FaultKind::Reorder))
    {
        consume(work.db, fault)?;
        match fault.kind {
            FaultKind::Drop => dropped = true,
            FaultKind::Duplicate => copies += 1,
            FaultKind::WrongMac => plan.wrong_mac = true,
            FaultKind::BrokenPadding => plan.broken_padding = true,
            FaultKind::OldKey => plan.old_key = true,
            FaultKind::SkewedClock => plan.skew_ms += fault.ms,
            FaultKind::WrongType => plan.wrong_type = true,
            FaultKind::Relabelled => plan.relabelled = true,
            FaultKind::ExtraFields => plan.extra_fields = true,
            FaultKind::UnknownStatus => plan.unknown_status = true,
            FaultKind::CutConnection => cut = true,
            FaultKind::Delay
            | FaultKind::Reorder
            | FaultKind::AssignmentNumber
            | FaultKind::ConsoleRecharge => {}
        }
    }
    if dropped {
        work.db
            .prepare_cached(
                "UPDATE deliveries SET state = 'DROPPED', last_outcome = 'dropped' WHERE id = ?1",
            )?
            .execute([row.id])?;
        return Ok(());
    }
    let keys = store::keys(work.db, &row.merchant_id)?;
    for copy in 1..=copies {
        deliveries.push(Delivery {
            id: row.id,
            attempt: row.attempts + copy,
            event_type: row.event_type.clone(),
            url: row.url.clone(),
            body: plan.body(work, &keys, row)?,
            cut,
            timeout_ms: work.settings.delivery_timeout_ms,
        });
    }
    work.db
        .prepare_cached(
            "UPDATE deliveries SET state = 'SENDING', overtake = 0, attempts = attempts + ?2, lease_until = ?3 WHERE id = ?1",
        )?
        .execute(params![row.id, copies, work.now.plus_ms(work.settings.delivery_timeout_ms + 1000).0])?;
    Ok(())
}

/// How a webhook is sealed, faults included.
#[derive(Default)]
struct Seal {
    wrong_mac: bool,
    broken_padding: bool,
    old_key: bool,
    wrong_type: bool,
    relabelled: bool,
    extra_fields: bool,
    unknown_status: bool,
    skew_ms: i64,
}

impl Seal {
    fn body(&self, work: &mut Work<'_>, keys: &[SecretKey], row: &Due) -> Result<Vec<u8>, Error> {
        let newest = keys
            .first()
            .ok_or(Error::Invariant("a merchant has at least one key"))?;
        let forgotten = newest.forgotten();
        let key = match keys {
            _ if !self.old_key => newest,
            [_, .., oldest] => oldest,
            _ => &forgotten,
        };
        let plaintext = payload(
            &self.data(&row.payload),
            row.occur_time.map(|time| time.saturating_add(self.skew_ms)),
        );
        let iv = random::iv(work.entropy);
        let mut sealed = match self.broken_padding {
            false => envelope::seal(key, iv, plaintext.as_bytes()),
            true => envelope::seal_with_broken_padding(key, iv, plaintext.as_bytes()),
        };
        if self.wrong_mac {
            let last = if sealed.hmac.ends_with('0') { "1" } else { "0" };
            sealed.hmac.truncate(63);
            sealed.hmac.push_str(last);
        }
        let event_type = match row.event_type.as_str() {
            kind if self.relabelled => other_type(work.entropy, kind),
            kind if !self.wrong_type => kind,
            "CARD_RECHARGE_RESULT" => "CARD_CLOSE_RESULT",
            _ => "CARD_RECHARGE_RESULT",
        };
        let Sealed {
            encrypted_payload,
            hmac,
        } = sealed;
        Ok(
            json_object! { "encrypted_payload": encrypted_payload, "type": event_type, "hmac": hmac }
                .text()
                .into_bytes(),
        )
    }

    /// The event's data, with what faults do to them. What is stored stays as it is: another attempt tells the truth.
    fn data(&self, stored: &str) -> String {
        if !self.extra_fields && !self.unknown_status {
            return stored.to_owned();
        }
        let mut data = Json::object(stored);
        if self.unknown_status {
            data.change("status", |_| UNKNOWN_STATUS.into());
            data.change("card_status", |_| UNKNOWN_CARD_STATUS.into());
        }
        if self.extra_fields {
            // One of each kind of value, and a number that fits no machine integer.
            data.push(
                "provider_sequence",
                Json::raw("98765432109876543210".to_owned()),
            );
            data.push(
                "provider",
                json_object! { "name": "sandbox", "region": None::<&str> },
            );
            data.push("labels", vec![Json::from("a"), Json::from(1)]);
            data.push("is_test", true);
            data.push("note", None::<&str>);
        }
        data.text()
    }
}

/// Another type than this one, drawn at random.
fn other_type(entropy: &mut Entropy, kind: &str) -> &'static str {
    let others: Vec<&'static str> = EVENT_TYPES
        .into_iter()
        .filter(|other| *other != kind)
        .collect();
    let mut drawn = [0];
    entropy(&mut drawn);
    let [drawn] = drawn;
    others
        .get(usize::from(drawn) % others.len())
        .copied()
        .unwrap_or("CARD_RECHARGE_RESULT")
}

/// The payload as it is told, with its `occur_time` behind it.
fn payload(stored: &str, occur_time: Option<i64>) -> String {
    match (stored.strip_suffix('}'), occur_time) {
        (Some(fields), Some(time)) => format!("{fields},\"occur_time\":{time}}}"),
        _ => stored.to_owned(),
    }
}

/// The same payload with its card number masked, if it has one.
fn masked(stored: &str) -> String {
    let mut payload = Json::object(stored);
    payload.change("card_number", |number| {
        let number: String = serde_json::from_str(&number.text()).unwrap_or_default();
        operations::masked(&number).into()
    });
    payload.text()
}

/// Takes note of what came of an attempt.
pub(crate) fn settle(work: &Work<'_>, id: i64, outcome: Outcome) -> Result<(), Error> {
    let row: Option<(String, String, i64, i64)> = work
        .db
        .prepare_cached(
            "SELECT state, merchant_id, attempts, next_attempt_at FROM deliveries WHERE id = ?1",
        )?
        .query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    // Unknown: the sandbox was reset meanwhile.
    let Some((state, merchant, attempts, next_attempt_at)) = row else {
        return Ok(());
    };
    if outcome == Outcome::Answered(200) {
        work.db
            .prepare_cached(
                "UPDATE deliveries SET state = 'DELIVERED', lease_until = NULL, last_outcome = '200',
                        delivered_at = coalesce(delivered_at, ?2) WHERE id = ?1",
            )?
            .execute(params![id, work.now.0])?;
        // Those that were to be overtaken have been.
        work.db
            .prepare_cached(
                "UPDATE deliveries SET overtake = 0, next_attempt_at = ?2
                 WHERE state = 'PENDING' AND overtake = 1 AND merchant_id = ?1",
            )?
            .execute(params![merchant, work.now.0])?;
    } else if state != "DELIVERED" {
        let doublings = u32::try_from((attempts - 1).clamp(0, 20)).unwrap_or(20);
        let wait = (work.settings.retry_base_ms << doublings).min(work.settings.retry_max_ms);
        // A resend that was asked for meanwhile is not put off.
        let next = if state == "SENDING" {
            work.now.plus_ms(wait).0
        } else {
            next_attempt_at
        };
        work.db
            .prepare_cached(
                "UPDATE deliveries SET state = CASE state WHEN 'SENDING' THEN 'PENDING' ELSE state END,
                        lease_until = NULL, last_outcome = ?2, next_attempt_at = ?3 WHERE id = ?1",
            )?
            .execute(params![id, outcome.to_string(), next])?;
    }
    Ok(())
}

/// When the outbox wants to be asked again.
pub(crate) fn next_due(db: &Connection) -> Result<Option<Timestamp>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT min(at) FROM (
             SELECT min(d.next_attempt_at) AS at FROM deliveries d JOIN merchants m ON m.id = d.merchant_id
             WHERE d.state = 'PENDING' AND m.webhook_url IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.state = 'SENDING' AND s.lane = d.lane)
             UNION ALL
             SELECT min(lease_until) FROM deliveries WHERE state = 'SENDING')",
    )?
    .query_row([], |row| row.get::<_, Option<i64>>(0))
    .map(|at| at.map(Timestamp))
}

/// Sends a delivery again, whatever has become of it.
pub(crate) fn resend(work: &Work<'_>, id: i64) -> Result<(), Stop> {
    let found = work.db.execute(
        "UPDATE deliveries SET state = 'PENDING', lease_until = NULL, overtake = 0, next_attempt_at = ?2 WHERE id = ?1",
        params![id, work.now.0],
    )?;
    match found {
        0 => Err(
            Refusal::new("delivery_not_found", "There is no such delivery")
                .on("delivery_id")
                .into(),
        ),
        _ => Ok(()),
    }
}

struct Active {
    id: i64,
    kind: FaultKind,
    ms: i64,
}

/// The faults of deliveries that are active for this type.
fn faults_for(db: &Connection, event_type: &str) -> Result<Vec<Active>, rusqlite::Error> {
    Ok(active(db, event_type)?
        .into_iter()
        .filter(|fault| fault.kind.is_of_deliveries())
        .collect())
}

/// Uses a fault of operations if one of that kind is active, and gives its `ms`.
pub(crate) fn take_fault(db: &Connection, kind: FaultKind) -> Result<Option<i64>, rusqlite::Error> {
    // They are for all types: this finds them whatever is asked for.
    let found = active(db, "")?.into_iter().find(|fault| fault.kind == kind);
    if let Some(fault) = &found {
        consume(db, fault)?;
    }
    Ok(found.map(|fault| fault.ms))
}

fn active(db: &Connection, event_type: &str) -> Result<Vec<Active>, rusqlite::Error> {
    let rows: Vec<(i64, String, i64)> = db
        .prepare_cached(
            "SELECT id, kind, ms FROM faults
             WHERE (event_type IS NULL OR event_type = ?1) AND (remaining IS NULL OR remaining > 0) ORDER BY id",
        )?
        .query_map([event_type], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, kind, ms)| {
            Some(Active {
                id,
                kind: FaultKind::named(&kind)?,
                ms,
            })
        })
        .collect())
}

fn consume(db: &Connection, fault: &Active) -> Result<(), rusqlite::Error> {
    db.prepare_cached(
        "UPDATE faults SET remaining = remaining - 1 WHERE id = ?1 AND remaining IS NOT NULL",
    )?
    .execute([fault.id])?;
    db.prepare_cached("DELETE FROM faults WHERE remaining <= 0")?
        .execute([])
        .map(drop)
}

pub(crate) fn add_fault(db: &Connection, fault: &Fault) -> Result<(), Stop> {
    let (name, default_ms) = fault.kind.entry();
    if fault.count == Some(0) {
        return Err(Refusal::invalid("count", "must be at least 1, or absent for all").into());
    }
    if fault.event_type.is_some() && !fault.kind.is_of_deliveries() {
        return Err(Refusal::invalid("event_type", "is only for faults of deliveries").into());
    }
    db.execute(
        "INSERT INTO faults (kind, ms, event_type, remaining) VALUES (?1, ?2, ?3, ?4)",
        params![
            name,
            fault.ms.unwrap_or(default_ms),
            fault.event_type,
            fault.count
        ],
    )?;
    Ok(())
}

pub(crate) fn faults(db: &Connection) -> Result<Json, rusqlite::Error> {
    db.prepare("SELECT id, kind, ms, event_type, remaining FROM faults ORDER BY id")?
        .query_map([], |row| {
            Ok(json_object! {
                "id": row.get::<_, i64>(0)?,
                "kind": row.get::<_, String>(1)?,
                "ms": row.get::<_, i64>(2)?,
                "event_type": row.get::<_, Option<String>>(3)?,
                "remaining": row.get::<_, Option<i64>>(4)?,
            })
        })?
        .collect::<Result<Vec<_>, _>>()
        .map(Json::Array)
}

/// Which webhook records are wanted.
#[derive(Default)]
pub(crate) struct RecordFilter {
    pub(crate) merchant_id: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) event_type: Option<String>,
    pub(crate) search: Option<String>,
    pub(crate) user_id: Option<i64>,
    pub(crate) card_id: Option<i64>,
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
    /// Card numbers are shown with most digits hidden.
    pub(crate) masked: bool,
}

/// A page of webhook records and how many there are in all. `order` is one of the sandbox's own words, never a caller's.
pub(crate) fn records(
    db: &Connection,
    filter: &RecordFilter,
    order: &'static str,
    skip: i64,
    limit: i64,
) -> Result<(Vec<Json>, i64), rusqlite::Error> {
    const WHERE: &str = "(?1 IS NULL OR merchant_id = ?1) AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR type = ?3)
        AND (?4 IS NULL OR instr(type, upper(?4)) > 0) AND (?5 IS NULL OR user_id = ?5)
        AND (?6 IS NULL OR card_id = ?6) AND (?7 IS NULL OR created_at >= ?7) AND (?8 IS NULL OR created_at < ?8)";
    let values = params![
        filter.merchant_id,
        filter.state,
        filter.event_type,
        filter.search,
        filter.user_id,
        filter.card_id,
        filter.from,
        filter.to,
    ];
    let total = db
        .prepare_cached(&format!("SELECT count(*) FROM deliveries WHERE {WHERE}"))?
        .query_row(values, |row| row.get(0))?;
    let page = db
        .prepare_cached(&format!(
            "SELECT * FROM deliveries WHERE {WHERE} ORDER BY {order} LIMIT {limit} OFFSET {skip}"
        ))?
        .query_map(values, |row| {
            let stored: String = row.get("payload")?;
            let stored = if filter.masked { masked(&stored) } else { stored };
            Ok(json_object! {
                "id": row.get::<_, i64>("id")?,
                "callback_type": row.get::<_, String>("type")?,
                "user_id": row.get::<_, Option<i64>>("user_id")?,
                "card_id": row.get::<_, Option<i64>>("card_id")?,
                "status": row.get::<_, String>("state")?,
                "attempts": row.get::<_, i64>("attempts")?,
                "last_outcome": row.get::<_, Option<String>>("last_outcome")?,
                "payload": Json::raw(payload(&stored, row.get("occur_time")?)),
                "created_at": Timestamp(row.get("created_at")?).iso(),
                "delivered_at": row.get::<_, Option<i64>>("delivered_at")?.map(|at| Timestamp(at).iso()),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok((page, total))
}
