//! The card network's side, which control simulates: purchases from authorisation to refund, corrections, 3DS requests
//! and wallet verifications.

use rusqlite::{OptionalExtension, params};

use crate::error::{Error, Refusal, Stop};
use crate::json::{Json, json_object};
use crate::ledger::{self, Account};
use crate::money::Money;
use crate::operations;
use crate::outbox::{self, Event};
use crate::random;
use crate::store::{self, Card, NewTransaction, Work};

/// How long a 3DS request or a one-time password holds.
const CHALLENGE_MS: i64 = 5 * 60_000;

fn card(work: &Work<'_>, id: i64) -> Result<Card, Stop> {
    Ok(store::card(work.db, id)?.ok_or_else(store::card_not_found)?)
}

fn positive(amount: Money) -> Result<(), Refusal> {
    match amount.is_positive() {
        true => Ok(()),
        false => Err(Refusal::invalid("amount", "must be positive")),
    }
}

fn tell(work: &Work<'_>, card: &Card, kind: &'static str, payload: Json) -> Result<(), Stop> {
    outbox::enqueue(
        work,
        Event {
            merchant_id: &card.merchant_id,
            kind,
            operation_id: None,
            user_id: Some(card.user_id),
            card_id: Some(card.id),
            payload,
            timed: true,
            silent: false,
        },
    )?;
    Ok(())
}

/// A transaction as the contract shows one.
pub(crate) fn show(work: &Work<'_>, transaction: i64) -> Result<Json, rusqlite::Error> {
    work.db
        .prepare_cached("SELECT * FROM transactions WHERE id = ?1")?
        .query_row([transaction], operations::transaction)
}

fn record(work: &Work<'_>, card: &Card, new: &NewTransaction<'_>) -> Result<Json, Stop> {
    let id = store::insert_transaction(work, &card.merchant_id, card.user_id, new)?;
    let shown = show(work, id)?;
    tell(work, card, "TRANSACTION_CREATED", shown.clone())?;
    Ok(shown)
}

/// A purchase is authorised, or declined and why. A PIN, if one is given, must be the card's.
pub(crate) fn authorize(
    work: &Work<'_>,
    card_id: i64,
    amount: Money,
    merchant_name: &str,
    pin: Option<&str>,
) -> Result<Json, Stop> {
    positive(amount)?;
    let card = card(work, card_id)?;
    let declined = declined(work, &card, amount, pin)?;
    let before = ledger::balance(work.db, Account::Card(card_id))?;
    if declined.is_none() {
        ledger::post(
            work.db,
            work.now,
            "authorization",
            &[
                (Account::Card(card_id), -amount),
                (Account::Hold(card_id), amount),
            ],
        )?;
    }
    let transaction = record(
        work,
        &card,
        &NewTransaction {
            card_id,
            kind: "PURCHASE",
            status: if declined.is_some() {
                "FAILED"
            } else {
                "PENDING"
            },
            amount,
            cleared: Money::ZERO,
            merchant_name,
            parent_id: None,
        },
    )?;
    if declined.is_none() {
        outbox::balance_changed(work, &card, before, false)?;
    }
    Ok(
        json_object! { "approved": declined.is_none(), "declined": declined, "transaction": transaction },
    )
}

fn declined(
    work: &Work<'_>,
    card: &Card,
    amount: Money,
    pin: Option<&str>,
) -> Result<Option<&'static str>, Stop> {
    let template = store::template(work.db, card.template_id)?;
    let spent = |since: i64| -> Result<Money, rusqlite::Error> {
        work.db
            .prepare_cached(
                "SELECT coalesce(sum(amount), 0) FROM transactions
                 WHERE card_id = ?1 AND type = 'PURCHASE' AND status IN ('PENDING', 'SUCCESS') AND created_at >= ?2",
            )?
            .query_row([card.id, since], |row| row.get(0))
            .map(Money::from_minor)
    };
    Ok(if card.status != "ACTIVE" {
        Some("card_not_active")
    } else if pin.is_some_and(|pin| {
        !card
            .pin
            .as_deref()
            .is_some_and(|stored| random::is_pin(stored, pin))
    }) {
        Some("wrong_pin")
    } else if amount > template.limit_per_tx {
        Some("limit_per_tx")
    } else if spent(work.now.start_of_day().0)? + amount > template.limit_per_day {
        Some("limit_per_day")
    } else if spent(work.now.start_of_month().0)? + amount > template.limit_per_month {
        Some("limit_per_month")
    } else if ledger::balance(work.db, Account::Card(card.id))? < amount {
        Some("insufficient_funds")
    } else {
        None
    })
}

struct Purchase {
    id: i64,
    card: Card,
    status: String,
    amount: Money,
    cleared: Money,
    refunded: Money,
    merchant_name: String,
}

fn purchase(work: &Work<'_>, id: i64, status: &str) -> Result<Purchase, Stop> {
    let found = work
        .db
        .prepare_cached(
            "SELECT card_id, status, amount, cleared, refunded, merchant_name FROM transactions
             WHERE id = ?1 AND type = 'PURCHASE'",
        )?
        .query_row([id], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get(2).map(Money::from_minor)?,
                row.get(3).map(Money::from_minor)?,
                row.get(4).map(Money::from_minor)?,
                row.get::<_, String>(5)?,
            ))
        })
        .optional()?;
    let (card_id, found_status, amount, cleared, refunded, merchant_name) =
        found.ok_or_else(|| {
            Refusal::new("transaction_not_found", "There is no such purchase").on("transaction_id")
        })?;
    if found_status != status {
        return Err(Refusal::new(
            "transaction_state",
            "The purchase is not in a state for this",
        )
        .on("transaction_id")
        .into());
    }
    let card = card(work, card_id)?;
    Ok(Purchase {
        id,
        card,
        status: found_status,
        amount,
        cleared,
        refunded,
        merchant_name,
    })
}

/// An authorised purchase is cleared, for its amount or for less; what is left of the hold comes back.
pub(crate) fn clear(
    work: &Work<'_>,
    transaction: i64,
    amount: Option<Money>,
) -> Result<Json, Stop> {
    let purchase = purchase(work, transaction, "PENDING")?;
    let amount = amount.unwrap_or(purchase.amount);
    positive(amount)?;
    if amount > purchase.amount {
        return Err(Refusal::invalid("amount", "is more than was authorised").into());
    }
    let before = ledger::balance(work.db, Account::Card(purchase.card.id))?;
    ledger::post(
        work.db,
        work.now,
        "clearing",
        &[
            (Account::Hold(purchase.card.id), -purchase.amount),
            (Account::Network, amount),
            (Account::Card(purchase.card.id), purchase.amount - amount),
        ],
    )?;
    work.db
        .prepare_cached(
            "UPDATE transactions SET status = 'SUCCESS', amount = ?2, cleared = ?2 WHERE id = ?1",
        )?
        .execute(params![purchase.id, amount.minor()])?;
    outbox::balance_changed(work, &purchase.card, before, false)?;
    Ok(json_object! { "transaction": show(work, purchase.id)? })
}

/// An authorised purchase is taken back before it was cleared.
pub(crate) fn reverse(work: &Work<'_>, transaction: i64) -> Result<Json, Stop> {
    let purchase = purchase(work, transaction, "PENDING")?;
    debug_assert_eq!(purchase.status, "PENDING");
    let before = ledger::balance(work.db, Account::Card(purchase.card.id))?;
    ledger::post(
        work.db,
        work.now,
        "reversal",
        &[
            (Account::Hold(purchase.card.id), -purchase.amount),
            (Account::Card(purchase.card.id), purchase.amount),
        ],
    )?;
    store::set_transaction_status(work.db, purchase.id, "REVERSED")?;
    outbox::balance_changed(work, &purchase.card, before, false)?;
    Ok(json_object! { "transaction": show(work, purchase.id)? })
}

/// A cleared purchase is refunded, whole or in part. It may come after the card was closed.
pub(crate) fn refund(
    work: &Work<'_>,
    transaction: i64,
    amount: Option<Money>,
) -> Result<Json, Stop> {
    let purchase = purchase(work, transaction, "SUCCESS")?;
    let left = purchase.cleared - purchase.refunded;
    let amount = amount.unwrap_or(left);
    positive(amount)?;
    if amount > left {
        return Err(Refusal::invalid("amount", "is more than is left of the purchase").into());
    }
    let before = ledger::balance(work.db, Account::Card(purchase.card.id))?;
    ledger::post(
        work.db,
        work.now,
        "refund",
        &[
            (Account::Network, -amount),
            (Account::Card(purchase.card.id), amount),
        ],
    )?;
    work.db
        .prepare_cached("UPDATE transactions SET refunded = refunded + ?2 WHERE id = ?1")?
        .execute(params![purchase.id, amount.minor()])?;
    let transaction = record(
        work,
        &purchase.card,
        &NewTransaction {
            card_id: purchase.card.id,
            kind: "REFUND",
            status: "SUCCESS",
            amount,
            cleared: Money::ZERO,
            merchant_name: &purchase.merchant_name,
            parent_id: Some(purchase.id),
        },
    )?;
    outbox::balance_changed(work, &purchase.card, before, false)?;
    Ok(json_object! { "transaction": transaction })
}

/// The network corrects a card's balance, up or down.
pub(crate) fn correct(
    work: &Work<'_>,
    card_id: i64,
    amount: Money,
    reason: &str,
) -> Result<Json, Stop> {
    if amount == Money::ZERO {
        return Err(Refusal::invalid("amount", "must not be zero").into());
    }
    let card = card(work, card_id)?;
    let before = ledger::balance(work.db, Account::Card(card_id))?;
    if before + amount < Money::ZERO {
        return Err(Refusal::invalid("amount", "would overdraw the card").into());
    }
    ledger::post(
        work.db,
        work.now,
        "correction",
        &[
            (Account::Network, -amount),
            (Account::Card(card_id), amount),
        ],
    )?;
    let id = store::insert_transaction(
        work,
        &card.merchant_id,
        card.user_id,
        &NewTransaction {
            card_id,
            kind: "CORRECTION",
            status: "SUCCESS",
            amount,
            cleared: Money::ZERO,
            merchant_name: "CORRECTION",
            parent_id: None,
        },
    )?;
    let shown = show(work, id)?;
    let currency = store::merchant(work.db, &card.merchant_id)?.map(|merchant| merchant.currency);
    tell(
        work,
        &card,
        "CARD_CORRECTION",
        json_object! {
            "card_id": card_id,
            "transaction_id": id,
            "amount": amount,
            "currency": currency,
            "reason": reason,
        },
    )?;
    outbox::balance_changed(work, &card, before, false)?;
    Ok(json_object! { "transaction": shown })
}

/// A shop asks for the cardholder's consent.
pub(crate) fn request_3ds(
    work: &Work<'_>,
    card_id: i64,
    amount: Money,
    merchant_name: &str,
) -> Result<Json, Stop> {
    positive(amount)?;
    let card = card(work, card_id)?;
    if card.status != "ACTIVE" {
        return Err(Refusal::new("card_state", "The card is not ACTIVE")
            .on("card_id")
            .into());
    }
    let expires_at = work.now.plus_ms(CHALLENGE_MS);
    work.db.execute(
        "INSERT INTO challenges (card_id, amount, merchant_name, state, expires_at) VALUES (?1, ?2, ?3, 'PENDING', ?4)",
        params![card_id, amount.minor(), merchant_name, expires_at.0],
    )?;
    let id = work.db.last_insert_rowid();
    let currency = store::merchant(work.db, &card.merchant_id)?.map(|merchant| merchant.currency);
    tell(
        work,
        &card,
        "CARD_3DS",
        json_object! {
            "three_ds_id": id,
            "card_id": card_id,
            "user_id": card.user_id,
            "amount": amount,
            "currency": currency,
            "merchant_name": merchant_name,
            "expires_at": expires_at.0,
        },
    )?;
    Ok(json_object! { "three_ds_id": id })
}

/// What has become of a 3DS request.
pub(crate) fn three_ds(work: &Work<'_>) -> Result<Json, Error> {
    let list = work
        .db
        .prepare("SELECT id, card_id, state FROM challenges ORDER BY id")?
        .query_map([], |row| {
            Ok(json_object! {
                "three_ds_id": row.get::<_, i64>(0)?,
                "card_id": row.get::<_, i64>(1)?,
                "state": row.get::<_, String>(2)?,
            })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Json::Array(list))
}

/// The card is put into a wallet, which wants a one-time password shown to the cardholder.
pub(crate) fn verify_wallet(work: &mut Work<'_>, card_id: i64, wallet: &str) -> Result<Json, Stop> {
    let card = card(work, card_id)?;
    if card.status != "ACTIVE" {
        return Err(Refusal::new("card_state", "The card is not ACTIVE")
            .on("card_id")
            .into());
    }
    let otp = random::digits(work.entropy, 6);
    tell(
        work,
        &card,
        "CARD_VERIFICATION",
        json_object! {
            "card_id": card_id,
            "user_id": card.user_id,
            "wallet": wallet,
            "otp": otp,
            "expires_at": work.now.plus_ms(CHALLENGE_MS).0,
        },
    )?;
    Ok(json_object! { "message": "Verification requested" })
}
