//! The banking provider: what becomes of an operation that was acknowledged. Each is decided in one database
//! transaction, together with its ledger entries and its webhooks.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Stop};
use crate::json::{Json, json_object};
use crate::ledger::{self, Account};
use crate::magic;
use crate::money::Money;
use crate::operations::may_alter;
use crate::outbox::{self, Event};
use crate::random;
use crate::store::{self, Card, NewTransaction, Work};
use crate::time::Timestamp;

/// An operation that waits for its turn.
struct Operation {
    id: i64,
    merchant_id: String,
    kind: String,
    user_id: i64,
    card_id: Option<i64>,
    template_id: Option<i64>,
    transaction_id: Option<i64>,
    amount: Money,
    fee: Money,
    card_number: Option<String>,
    pin: Option<String>,
}

/// The first operation that is due, if one is.
pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Option<i64>, rusqlite::Error> {
    db.prepare_cached("SELECT id FROM operations WHERE state = 'PENDING' AND due_at <= ?1 ORDER BY due_at, id LIMIT 1")?
        .query_row([now.0], |row| row.get(0))
        .optional()
}

/// When the provider wants to be asked again.
pub(crate) fn next_due(db: &Connection) -> Result<Option<Timestamp>, rusqlite::Error> {
    db.prepare_cached("SELECT min(due_at) FROM operations WHERE state = 'PENDING'")?
        .query_row([], |row| row.get::<_, Option<i64>>(0))
        .map(|at| at.map(Timestamp))
}

/// Decides an operation.
pub(crate) fn process(work: &mut Work<'_>, id: i64) -> Result<(), Stop> {
    let operation = work
        .db
        .prepare_cached("SELECT * FROM operations WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Operation {
                id: row.get("id")?,
                merchant_id: row.get("merchant_id")?,
                kind: row.get("kind")?,
                user_id: row.get("user_id")?,
                card_id: row.get("card_id")?,
                template_id: row.get("template_id")?,
                transaction_id: row.get("transaction_id")?,
                amount: Money::from_minor(row.get("amount")?),
                fee: Money::from_minor(row.get("fee")?),
                card_number: row.get("card_number")?,
                pin: row.get("pin")?,
            })
        })?;
    let email: String = work
        .db
        .prepare_cached("SELECT email FROM users WHERE id = ?1")?
        .query_row([operation.user_id], |row| row.get(0))?;
    let reason = match operation.kind.as_str() {
        "REGISTER" => {
            let rejected = magic::email_says(&email, "reject");
            decide_user(work, operation.user_id, !rejected, None)?;
            return Ok(());
        }
        "APPLY" => apply(work, &operation, &email)?,
        "ASSIGN" => assign(work, &operation, &email)?,
        "RECHARGE" => recharge(work, &operation, &email)?,
        _ => alter(work, &operation, &email)?,
    };
    finish(work, id, reason)?;
    Ok(())
}

/// `reason` is why it failed, if it did.
fn finish(work: &Work<'_>, id: i64, reason: Option<&str>) -> Result<(), rusqlite::Error> {
    work.db
        .prepare_cached("UPDATE operations SET state = ?2, reason = ?3, finished_at = ?4, due_at = NULL, pin = NULL WHERE id = ?1")?
        .execute(params![id, if reason.is_some() { "FAILED" } else { "SUCCESS" }, reason, work.now.0])
        .map(drop)
}

/// Approves or rejects a user, and settles the registration that waits for it.
pub(crate) fn decide_user(
    work: &Work<'_>,
    user_id: i64,
    approve: bool,
    message: Option<&str>,
) -> Result<(), Stop> {
    let (merchant_id, email): (String, String) = work
        .db
        .prepare_cached("SELECT merchant_id, email FROM users WHERE id = ?1")?
        .query_row([user_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let status = if approve { "APPROVED" } else { "REJECTED" };
    let message = (!approve).then(|| message.unwrap_or("identity could not be verified"));
    work.db
        .prepare_cached("UPDATE users SET status = ?2, message = ?3 WHERE id = ?1")?
        .execute(params![user_id, status, message])?;
    let operation: Option<i64> = work
        .db
        .prepare_cached("SELECT id FROM operations WHERE user_id = ?1 AND kind = 'REGISTER' AND state = 'PENDING'")?
        .query_row([user_id], |row| row.get(0))
        .optional()?;
    if let Some(id) = operation {
        finish(work, id, message)?;
    }
    let mut payload = json_object! { "user_id": user_id, "status": status };
    if let Some(message) = message {
        payload.push("message", message);
    }
    outbox::enqueue(
        work,
        Event {
            merchant_id: &merchant_id,
            kind: "USER_CREATE_RESULT",
            operation_id: operation,
            user_id: Some(user_id),
            card_id: None,
            payload,
            timed: false,
            silent: magic::email_says(&email, "silent"),
        },
    )?;
    Ok(())
}

/// Takes an operation's money out of the reserve: to where it belongs, or back.
fn release(
    work: &Work<'_>,
    operation: &Operation,
    card: Option<i64>,
    purpose: &'static str,
) -> Result<(), Stop> {
    let (amount, fee) = (operation.amount, operation.fee);
    let reserve = (Account::Reserve(&operation.merchant_id), -(amount + fee));
    match card {
        Some(card) => ledger::post(
            work.db,
            work.now,
            purpose,
            &[reserve, (Account::Card(card), amount), (Account::Fees, fee)],
        ),
        None => ledger::post(
            work.db,
            work.now,
            purpose,
            &[
                reserve,
                (Account::Merchant(&operation.merchant_id), amount + fee),
            ],
        ),
    }
}

fn tell(
    work: &Work<'_>,
    operation: &Operation,
    kind: &'static str,
    payload: Json,
    silent: bool,
) -> Result<(), Stop> {
    outbox::enqueue(
        work,
        Event {
            merchant_id: &operation.merchant_id,
            kind,
            operation_id: Some(operation.id),
            user_id: Some(operation.user_id),
            card_id: operation.card_id,
            payload,
            timed: true,
            silent,
        },
    )?;
    Ok(())
}

fn ids(operation: &Operation) -> Result<(i64, i64), Error> {
    operation
        .card_id
        .zip(operation.template_id)
        .ok_or(Error::Invariant(
            "an operation on a card names it and its template",
        ))
}

struct NewCard<'a> {
    number: &'a str,
    cvv: &'a str,
    expiry: &'a str,
    status: &'static str,
}

fn create_card(work: &Work<'_>, operation: &Operation, new: &NewCard<'_>) -> Result<(), Stop> {
    let (card_id, template_id) = ids(operation)?;
    work.db
        .prepare_cached(
            "INSERT INTO cards (id, merchant_id, user_id, template_id, number, cvv, expiry, status, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            card_id,
            operation.merchant_id,
            operation.user_id,
            template_id,
            new.number,
            new.cvv,
            new.expiry,
            new.status,
            work.now.0,
        ])?;
    Ok(())
}

fn apply(
    work: &mut Work<'_>,
    operation: &Operation,
    email: &str,
) -> Result<Option<&'static str>, Stop> {
    let (card_id, template_id) = ids(operation)?;
    let template = store::template(work.db, template_id)?;
    let silent = magic::email_says(email, "silent");
    let rejected =
        magic::email_says(email, "apply-fails") || operation.amount == magic::AMOUNT_REJECTED;
    let reason = rejected.then_some(magic::REASON_REJECTED);
    if rejected {
        release(work, operation, None, "application failed")?;
    } else {
        let prefix = if template.payment_system == "Mastercard" {
            "520000"
        } else {
            "400000"
        };
        let number = loop {
            let number = random::card_number(work.entropy, prefix);
            let taken = work
                .db
                .prepare_cached("SELECT 1 FROM cards WHERE number = ?1 UNION SELECT 1 FROM stock WHERE number = ?1")?
                .exists([&number])?;
            if !taken {
                break number;
            }
        };
        let cvv = random::digits(work.entropy, 3);
        create_card(
            work,
            operation,
            &NewCard {
                number: &number,
                cvv: &cvv,
                expiry: &work.now.expiry_in_years(3),
                status: if template.needs_activation {
                    "TBA"
                } else {
                    "ACTIVE"
                },
            },
        )?;
        release(work, operation, Some(card_id), "application")?;
        if operation.amount.is_positive() {
            store::insert_transaction(
                work,
                &operation.merchant_id,
                operation.user_id,
                &NewTransaction {
                    card_id,
                    kind: "RECHARGE",
                    status: "SUCCESS",
                    amount: operation.amount,
                    cleared: Money::ZERO,
                    merchant_name: "RECHARGE",
                    parent_id: None,
                },
            )?;
            work.db
                .execute("UPDATE cards SET recharged = 1 WHERE id = ?1", [card_id])?;
        }
    }
    let mut payload = json_object! {
        "template_id": template_id,
        "user_id": operation.user_id,
        "card_id": card_id,
        "status": status(reason),
    };
    if let Some(reason) = reason {
        payload.push("error_reason", reason);
    }
    tell(work, operation, "CARD_APPLY_RESULT", payload, silent)?;
    if reason.is_none() && operation.amount.is_positive() {
        balance_changed(work, card_id, Money::ZERO, silent)?;
    }
    Ok(reason)
}

fn assign(
    work: &Work<'_>,
    operation: &Operation,
    email: &str,
) -> Result<Option<&'static str>, Stop> {
    let (card_id, _) = ids(operation)?;
    let number = operation
        .card_number
        .as_deref()
        .ok_or(Error::Invariant("an assignment names a card number"))?;
    let plastic: Option<(String, String, Option<i64>)> = work
        .db
        .prepare_cached("SELECT cvv, expiry, card_id FROM stock WHERE number = ?1")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let reason = match (number, &plastic) {
        (magic::CARD_NUMBER_PROVIDER_TROUBLE, _) => Some(magic::REASON_PROVIDER),
        (magic::CARD_NUMBER_ALREADY_ASSIGNED, _) | (_, Some((_, _, Some(_)))) => {
            Some(magic::REASON_ALREADY_ASSIGNED)
        }
        (_, None) => Some(magic::REASON_NOT_FOUND),
        (_, Some((_, _, None))) => None,
    };
    let silent = number == magic::CARD_NUMBER_SILENT || magic::email_says(email, "silent");
    match (reason, plastic) {
        (None, Some((cvv, expiry, _))) => {
            create_card(
                work,
                operation,
                &NewCard {
                    number,
                    cvv: &cvv,
                    expiry: &expiry,
                    status: "TBA",
                },
            )?;
            work.db
                .prepare_cached("UPDATE stock SET card_id = ?2 WHERE number = ?1")?
                .execute(params![number, card_id])?;
            release(work, operation, Some(card_id), "assignment")?;
            tell(
                work,
                operation,
                "CARD_ASSIGN_RESULT",
                json_object! { "card_id": card_id, "status": "SUCCESS" },
                silent,
            )?;
        }
        _ => {
            release(work, operation, None, "assignment failed")?;
            // As in the vendor's guide: no card_id, since there is no card.
            let payload = json_object! { "status": "FAILED", "error_reason": reason, "user_id": operation.user_id };
            let nobody = Operation {
                card_id: None,
                ..operation.shallow()
            };
            tell(work, &nobody, "CARD_ASSIGN_RESULT", payload, silent)?;
        }
    }
    Ok(reason)
}

impl Operation {
    /// What a webhook needs to know of it.
    fn shallow(&self) -> Operation {
        Operation {
            merchant_id: self.merchant_id.clone(),
            kind: self.kind.clone(),
            card_number: None,
            pin: None,
            ..*self
        }
    }
}

fn recharge(
    work: &Work<'_>,
    operation: &Operation,
    email: &str,
) -> Result<Option<&'static str>, Stop> {
    let (card_id, template_id) = ids(operation)?;
    let card = existing(work, card_id)?;
    let transaction_id = operation
        .transaction_id
        .ok_or(Error::Invariant("a recharge has a transaction"))?;
    let reason = if operation.amount == magic::AMOUNT_REJECTED
        || magic::email_says(email, "recharge-fails")
    {
        Some(magic::REASON_REJECTED)
    } else if card.status != "ACTIVE" {
        Some(magic::REASON_CARD_STATE)
    } else {
        None
    };
    let silent = operation.amount == magic::AMOUNT_SILENT || magic::email_says(email, "silent");
    let before = ledger::balance(work.db, Account::Card(card_id))?;
    let received = match reason {
        None => {
            release(work, operation, Some(card_id), "recharge")?;
            work.db
                .execute("UPDATE cards SET recharged = 1 WHERE id = ?1", [card_id])?;
            operation.amount
        }
        Some(_) => {
            release(work, operation, None, "recharge failed")?;
            Money::ZERO
        }
    };
    store::set_transaction_status(work.db, transaction_id, status(reason))?;
    let currency =
        store::merchant(work.db, &operation.merchant_id)?.map(|merchant| merchant.currency);
    let payload = json_object! {
        "template_id": template_id,
        "user_id": operation.user_id,
        "card_id": card_id,
        "transaction_id": transaction_id,
        "receive_amount": received,
        "status": status(reason),
        "currency": currency,
        "description": reason.unwrap_or("RECHARGE"),
    };
    tell(work, operation, "CARD_RECHARGE_RESULT", payload, silent)?;
    if reason.is_none() {
        outbox::balance_changed(work, &card, before, silent)?;
    }
    Ok(reason)
}

/// Activate, lock, unlock and close.
fn alter(
    work: &Work<'_>,
    operation: &Operation,
    email: &str,
) -> Result<Option<&'static str>, Stop> {
    let (card_id, template_id) = ids(operation)?;
    let card = existing(work, card_id)?;
    let word = match operation.kind.as_str() {
        "ACTIVATE" => "activate-fails",
        "CLOSE" => "close-fails",
        _ => "lock-fails",
    };
    let magic_number =
        operation.kind == "ACTIVATE" && card.number == magic::CARD_NUMBER_ACTIVATION_REJECTED;
    let reason = if magic_number || magic::email_says(email, word) {
        Some(magic::REASON_REJECTED)
    } else {
        match may_alter(work, &operation.kind, &card) {
            Ok(()) => None,
            Err(Stop::Refused(_)) => Some(magic::REASON_CARD_STATE),
            Err(stop) => return Err(stop),
        }
    };
    let silent = magic::email_says(email, "silent");
    let mut payload;
    let kind = match operation.kind.as_str() {
        "ACTIVATE" => {
            if reason.is_none() {
                store::set_card_status(work.db, card_id, "ACTIVE")?;
                work.db.execute(
                    "UPDATE cards SET pin = ?2 WHERE id = ?1",
                    params![card_id, operation.pin],
                )?;
            }
            payload = json_object! { "card_id": card_id, "card_number": card.number.as_str(), "status": status(reason) };
            "CARD_ACTIVATE_RESULT"
        }
        "CLOSE" => {
            return close(work, operation, &card, template_id, reason, silent).map(|()| reason);
        }
        kind => {
            let target = if kind == "LOCK" { "LOCKED" } else { "ACTIVE" };
            let now = if reason.is_none() {
                target
            } else {
                card.status.as_str()
            };
            store::set_card_status(work.db, card_id, now)?;
            payload =
                json_object! { "card_id": card_id, "status": status(reason), "card_status": now };
            "CARD_STATUS_CHANGE"
        }
    };
    if let Some(reason) = reason {
        payload.push("error_reason", reason);
    }
    tell(work, operation, kind, payload, silent)?;
    Ok(reason)
}

fn close(
    work: &Work<'_>,
    operation: &Operation,
    card: &Card,
    template_id: i64,
    reason: Option<&'static str>,
    silent: bool,
) -> Result<(), Stop> {
    let before = ledger::balance(work.db, Account::Card(card.id))?;
    let refund = match reason {
        Some(_) => Money::ZERO,
        None => {
            // What is left may be less than the fee: then the fee takes it all.
            let fee = store::template(work.db, template_id)?
                .refund_fee
                .on(before)
                .min(before);
            ledger::post(
                work.db,
                work.now,
                "close",
                &[
                    (Account::Card(card.id), -before),
                    (Account::Merchant(&operation.merchant_id), before - fee),
                    (Account::Fees, fee),
                ],
            )?;
            store::set_card_status(work.db, card.id, "CLOSED")?;
            before - fee
        }
    };
    let transaction_id = store::insert_transaction(
        work,
        &operation.merchant_id,
        operation.user_id,
        &NewTransaction {
            card_id: card.id,
            kind: "CLOSE",
            status: status(reason),
            amount: refund,
            cleared: Money::ZERO,
            merchant_name: "CLOSE",
            parent_id: None,
        },
    )?;
    let mut payload = json_object! {
        "card_id": card.id,
        "transaction_id": transaction_id,
        "refund_amount": refund,
        "status": status(reason),
    };
    if let Some(reason) = reason {
        payload.push("error_reason", reason);
    }
    tell(work, operation, "CARD_CLOSE_RESULT", payload, silent)?;
    if reason.is_none() && before.is_positive() {
        outbox::balance_changed(work, card, before, silent)?;
    }
    Ok(())
}

fn existing(work: &Work<'_>, card_id: i64) -> Result<Card, Stop> {
    Ok(store::card(work.db, card_id)?.ok_or(Error::Invariant("an operation's card exists"))?)
}

fn balance_changed(work: &Work<'_>, card_id: i64, before: Money, silent: bool) -> Result<(), Stop> {
    outbox::balance_changed(work, &existing(work, card_id)?, before, silent)
}

const fn status(reason: Option<&str>) -> &'static str {
    if reason.is_some() {
        "FAILED"
    } else {
        "SUCCESS"
    }
}
