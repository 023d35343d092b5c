//! Operations on cards.

use rusqlite::params;

use super::{Page, Pending, ask_provider, eligible, list};
use crate::error::{Error, Refusal, Stop};
use crate::json::{Fields, Json, json_object};
use crate::ledger::{self, Account};
use crate::magic;
use crate::money::Money;
use crate::outbox::{self, FaultKind};
use crate::random;
use crate::seed::is_card_number;
use crate::store::{self, Card, Id, Merchant, NewTransaction, Work};
use crate::time::Timestamp;

pub(super) fn apply(work: &Work<'_>, merchant: &Merchant, fields: &Fields) -> Result<Json, Stop> {
    fields.only(&["user_id", "template_id", "deposit_amount"])?;
    let user = store::user(work.db, &merchant.id, fields.id("user_id")?)?;
    let template = store::template(work.db, fields.id("template_id")?)?;
    let deposit = fields.opt_amount("deposit_amount")?;
    if template.is_physical() {
        return Err(Refusal::new(
            "template_is_physical",
            "A physical card is assigned, not applied for",
        )
        .on("template_id")
        .into());
    }
    eligible(&user, &template)?;
    let deposit = match (template.requires_initial_deposit, deposit) {
        (true, None) => return Err(Refusal::missing("deposit_amount").into()),
        (true, Some(amount)) if amount < template.activate_min_limit => {
            return Err(below_minimum("deposit_amount").into());
        }
        (true, Some(amount)) if amount > template.recharge_max_limit => {
            return Err(above_maximum("deposit_amount").into());
        }
        (true, Some(amount)) => amount,
        (false, Some(_)) => {
            return Err(Refusal::invalid("deposit_amount", "is not for this template").into());
        }
        (false, None) => Money::ZERO,
    };
    let card_id = store::next_id(work.db, Id::Card)?;
    ask_provider(
        work,
        merchant,
        &Pending {
            kind: "APPLY",
            user_id: user.id,
            card_id: Some(card_id),
            template_id: Some(template.id),
            amount: deposit,
            fee: template.apply_fee.on(deposit),
            slow: magic::email_says(&user.email, "slow"),
            ..Pending::default()
        },
    )?;
    Ok(json_object! { "card_id": card_id })
}

pub(super) fn assign(work: &Work<'_>, merchant: &Merchant, fields: &Fields) -> Result<Json, Stop> {
    fields.only(&["user_id", "template_id", "card_number"])?;
    let user = store::user(work.db, &merchant.id, fields.id("user_id")?)?;
    let template = store::template(work.db, fields.id("template_id")?)?;
    let number = fields.text("card_number")?;
    if !is_card_number(&number) {
        return Err(
            Refusal::new("card_number_format", "The card number must be 16-19 digits")
                .on("card_number")
                .into(),
        );
    }
    if !template.is_physical() {
        return Err(Refusal::new(
            "template_is_virtual",
            "A virtual card is applied for, not assigned",
        )
        .on("template_id")
        .into());
    }
    eligible(&user, &template)?;
    let card_id = store::next_id(work.db, Id::Card)?;
    ask_provider(
        work,
        merchant,
        &Pending {
            kind: "ASSIGN",
            user_id: user.id,
            card_id: Some(card_id),
            template_id: Some(template.id),
            fee: template.apply_fee.on(Money::ZERO),
            slow: number == magic::CARD_NUMBER_SLOW || magic::email_says(&user.email, "slow"),
            card_number: Some(&number),
            ..Pending::default()
        },
    )?;
    let told = match outbox::take_fault(work.db, FaultKind::AssignmentNumber)? {
        Some(_) => store::next_id(work.db, Id::Assignment)?,
        None => card_id,
    };
    Ok(json_object! { "card_id": told })
}

pub(super) fn recharge(
    work: &Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    fields.only(&["user_id", "card_id", "amount"])?;
    let (user_id, card_id, amount) = (
        fields.id("user_id")?,
        fields.id("card_id")?,
        fields.amount("amount")?,
    );
    store::user(work.db, &merchant.id, user_id)?;
    let card = store::card_of(work.db, &merchant.id, user_id, card_id)?;
    let template = store::template(work.db, card.template_id)?;
    if card.status != "ACTIVE" {
        return Err(wrong_state("The card is not ACTIVE").into());
    }
    let minimum = match card.recharged {
        true => template.recharge_min_limit,
        false => template.recharge_min_limit.max(template.activate_min_limit),
    };
    if amount < minimum {
        return Err(below_minimum("amount").into());
    }
    if amount > template.recharge_max_limit {
        return Err(above_maximum("amount").into());
    }
    // Somebody else's recharge must not be why this one is refused: it happens only if there is money for both.
    let cost = amount + template.recharge_fee.on(amount);
    if ledger::balance(work.db, Account::Merchant(&merchant.id))? >= cost + cost
        && let Some(late_ms) = outbox::take_fault(work.db, FaultKind::ConsoleRecharge)?
    {
        request_recharge(work, merchant, &card, amount, late_ms)?;
    }
    request_recharge(work, merchant, &card, amount, 0)?;
    Ok(json_object! { "message": "Card recharge request sent successfully" })
}

/// A recharge that the merchant didn't ask for: somebody made it in the vendor's console. The console isn't bound by the
/// template's limits. Nothing tells the two apart from outside. Gives the transaction's id.
pub(crate) fn console_recharge(work: &Work<'_>, card_id: i64, amount: Money) -> Result<i64, Stop> {
    if !amount.is_positive() {
        return Err(Refusal::invalid("amount", "must be positive").into());
    }
    let card = store::card(work.db, card_id)?.ok_or_else(store::card_not_found)?;
    if card.status != "ACTIVE" {
        return Err(wrong_state("The card is not ACTIVE").into());
    }
    let merchant = store::merchant(work.db, &card.merchant_id)?
        .ok_or(Error::Invariant("a card's merchant exists"))?;
    request_recharge(work, &merchant, &card, amount, 0)
}

/// Asks the provider for a recharge that was found to be in order. Gives its transaction's id.
fn request_recharge(
    work: &Work<'_>,
    merchant: &Merchant,
    card: &Card,
    amount: Money,
    late_ms: i64,
) -> Result<i64, Stop> {
    let user = store::user(work.db, &merchant.id, card.user_id)?;
    let template = store::template(work.db, card.template_id)?;
    let transaction_id = store::insert_transaction(
        work,
        &merchant.id,
        user.id,
        &NewTransaction {
            card_id: card.id,
            kind: "RECHARGE",
            status: "PENDING",
            amount,
            cleared: Money::ZERO,
            merchant_name: "RECHARGE",
            parent_id: None,
        },
    )?;
    ask_provider(
        work,
        merchant,
        &Pending {
            kind: "RECHARGE",
            user_id: user.id,
            card_id: Some(card.id),
            template_id: Some(template.id),
            transaction_id: Some(transaction_id),
            amount,
            fee: template.recharge_fee.on(amount),
            slow: amount == magic::AMOUNT_SLOW || magic::email_says(&user.email, "slow"),
            late_ms,
            ..Pending::default()
        },
    )?;
    Ok(transaction_id)
}

pub(super) fn update_status(
    work: &mut Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    fields.only(&["user_id", "card_id", "alter", "pin"])?;
    let (user_id, card_id, alter) = (
        fields.id("user_id")?,
        fields.id("card_id")?,
        fields.text("alter")?,
    );
    let pin = fields.opt_text("pin")?;
    let kind = match alter.as_str() {
        "ACTIVATE" => "ACTIVATE",
        "LOCK" => "LOCK",
        "UNLOCK" => "UNLOCK",
        "CLOSE" => "CLOSE",
        _ => {
            return Err(
                Refusal::invalid("alter", "must be ACTIVATE, LOCK, UNLOCK or CLOSE").into(),
            );
        }
    };
    let user = store::user(work.db, &merchant.id, user_id)?;
    let card = store::card_of(work.db, &merchant.id, user_id, card_id)?;
    let physical = store::template(work.db, card.template_id)?.is_physical();
    match (kind, pin.as_deref()) {
        ("ACTIVATE", None) if physical => return Err(Refusal::missing("pin").into()),
        ("ACTIVATE", Some(pin)) if physical && !is_pin(pin, 6..=6) => {
            return Err(
                Refusal::new("pin_format", "The PIN must be exactly 6 digits")
                    .on("pin")
                    .into(),
            );
        }
        ("ACTIVATE", Some(_)) if physical => {}
        (_, Some(_)) => {
            return Err(Refusal::invalid("pin", "is only for activating a physical card").into());
        }
        (_, None) => {}
    }
    may_alter(work, kind, &card)?;
    let busy = work
        .db
        .prepare_cached(
            "SELECT 1 FROM operations WHERE card_id = ?1 AND state = 'PENDING'
             AND kind IN ('ACTIVATE', 'LOCK', 'UNLOCK', 'CLOSE')",
        )?
        .exists([card_id])?;
    if busy {
        return Err(Refusal::new(
            "operation_pending",
            "Another change of this card's status is pending",
        )
        .on("card_id")
        .into());
    }
    let pin = pin.map(|pin| random::hash_pin(work.entropy, &pin));
    ask_provider(
        work,
        merchant,
        &Pending {
            kind,
            user_id,
            card_id: Some(card_id),
            template_id: Some(card.template_id),
            pin,
            slow: magic::email_says(&user.email, "slow"),
            ..Pending::default()
        },
    )?;
    Ok(json_object! { "message": "Operation requested" })
}

/// Whether a card in this state may be altered so. The provider asks again when its turn comes.
pub(crate) fn may_alter(work: &Work<'_>, kind: &str, card: &Card) -> Result<(), Stop> {
    match (kind, card.status.as_str()) {
        ("ACTIVATE", "TBA") | ("LOCK", "ACTIVE") | ("UNLOCK", "LOCKED") => Ok(()),
        ("CLOSE", "ACTIVE" | "LOCKED") => {
            if ledger::balance(work.db, Account::Hold(card.id))?.is_positive() {
                return Err(Refusal::new(
                    "authorization_open",
                    "The card has purchases that are not cleared yet",
                )
                .on("card_id")
                .into());
            }
            Ok(())
        }
        ("ACTIVATE", _) => Err(wrong_state("The card is not in TBA status").into()),
        ("LOCK", _) => Err(wrong_state("The card is not ACTIVE").into()),
        ("UNLOCK", _) => Err(wrong_state("The card is not LOCKED").into()),
        _ => Err(wrong_state("The card is neither ACTIVE nor LOCKED").into()),
    }
}

pub(super) fn set_pin(
    work: &mut Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    fields.only(&["user_id", "card_id", "pin"])?;
    let (user_id, card_id, pin) = (
        fields.id("user_id")?,
        fields.id("card_id")?,
        fields.text("pin")?,
    );
    if !is_pin(&pin, 4..=6) {
        return Err(Refusal::new("pin_format", "The PIN must be 4-6 digits")
            .on("pin")
            .into());
    }
    let card = store::card_of(work.db, &merchant.id, user_id, card_id)?;
    if !store::template(work.db, card.template_id)?.is_physical() {
        return Err(
            Refusal::new("card_is_virtual", "Only a physical card has a PIN")
                .on("card_id")
                .into(),
        );
    }
    if card.status != "ACTIVE" {
        return Err(wrong_state("The card is not ACTIVE").into());
    }
    let stored = random::hash_pin(work.entropy, &pin);
    work.db
        .prepare_cached("UPDATE cards SET pin = ?2 WHERE id = ?1")?
        .execute(params![card_id, stored])?;
    Ok(json_object! { "success": true, "message": "PIN set successfully" })
}

pub(super) fn balance(work: &Work<'_>, merchant: &Merchant, fields: &Fields) -> Result<Json, Stop> {
    fields.only(&["user_id", "card_id"])?;
    let card = store::card_of(
        work.db,
        &merchant.id,
        fields.id("user_id")?,
        fields.id("card_id")?,
    )?;
    let available = ledger::balance(work.db, Account::Card(card.id))?;
    // What comes back to a closed card can't be spent any more.
    let (balance, refund) = match card.status.as_str() {
        "CLOSED" => (Money::ZERO, available),
        _ => (available, Money::ZERO),
    };
    Ok(
        json_object! { "balance": balance, "refund_amount": refund, "currency": merchant.currency.as_str() },
    )
}

pub(super) fn information(
    work: &Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    fields.only(&["user_id", "card_id"])?;
    let card = store::card_of(
        work.db,
        &merchant.id,
        fields.id("user_id")?,
        fields.id("card_id")?,
    )?;
    let number = match merchant.full_card_numbers {
        true => card.number,
        false => masked(&card.number),
    };
    Ok(json_object! {
        "number": number,
        "cvv": if merchant.full_card_numbers { card.cvv.as_str() } else { "***" },
        "expiry_date": card.expiry,
        "status": card.status,
        "template_id": card.template_id,
    })
}

/// A card number with only its first six and its last four digits.
pub(crate) fn masked(number: &str) -> String {
    let shown = number.len().saturating_sub(4);
    number
        .chars()
        .enumerate()
        .map(|(index, digit)| {
            if index < 6 || index >= shown {
                digit
            } else {
                '*'
            }
        })
        .collect()
}

pub(super) fn transactions(
    work: &Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    const WHERE: &str =
        "merchant_id = ?1 AND (?2 IS NULL OR card_id = ?2) AND (?3 IS NULL OR user_id = ?3)
        AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR type = ?5)
        AND (?6 IS NULL OR instr(lower(merchant_name), lower(?6)) > 0)
        AND (?7 IS NULL OR created_at >= ?7) AND (?8 IS NULL OR created_at < ?8)";
    let page = Page::read(fields, &["card_id", "user_id", "status", "type"])?;
    let order = page.order(
        fields,
        &[
            ("id", ["id", "id DESC"]),
            ("created_at", ["created_at, id", "created_at DESC, id DESC"]),
            ("amount", ["amount, id", "amount DESC, id DESC"]),
        ],
    )?;
    let wanted = |name| {
        fields
            .opt_text(name)
            .map(|text| text.filter(|text| !text.is_empty()))
    };
    let values = params![
        merchant.id,
        fields.opt_id("card_id")?,
        fields.opt_id("user_id")?,
        wanted("status")?,
        wanted("type")?,
        page.search,
        page.from,
        page.to,
    ];
    let total = work
        .db
        .prepare_cached(&format!("SELECT count(*) FROM transactions WHERE {WHERE}"))?
        .query_row(values, |row| row.get(0))?;
    let data = work
        .db
        .prepare_cached(&format!(
            "SELECT * FROM transactions WHERE {WHERE} ORDER BY {order} LIMIT {} OFFSET {}",
            page.limit, page.skip
        ))?
        .query_map(values, transaction)?
        .collect::<Result<_, _>>()?;
    Ok(list(data, total))
}

/// A transaction as the contract shows one.
pub(crate) fn transaction(row: &rusqlite::Row<'_>) -> Result<Json, rusqlite::Error> {
    Ok(json_object! {
        "id": row.get::<_, i64>("id")?,
        "card_id": row.get::<_, i64>("card_id")?,
        "amount": Money::from_minor(row.get("amount")?),
        "currency": row.get::<_, String>("currency")?,
        "type": row.get::<_, String>("type")?,
        "status": row.get::<_, String>("status")?,
        "created_at": Timestamp(row.get("created_at")?).iso(),
        "merchant_name": row.get::<_, String>("merchant_name")?,
    })
}

/// Nothing of this operation is in the contract. Which challenge is meant may be said, else it is the card's newest;
/// what the user said may be said, else it is yes.
pub(super) fn confirm_3ds(
    work: &Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    fields.only(&["user_id", "card_id", "three_ds_id", "approve"])?;
    let card = store::card_of(
        work.db,
        &merchant.id,
        fields.id("user_id")?,
        fields.id("card_id")?,
    )?;
    let wanted = fields.opt_id("three_ds_id")?;
    let approve = fields.opt_bool("approve")?.unwrap_or(true);
    use rusqlite::OptionalExtension as _;
    let found: Option<(i64, String, i64)> = work
        .db
        .prepare_cached(
            "SELECT id, state, expires_at FROM challenges WHERE card_id = ?1 AND (?2 IS NULL OR id = ?2)
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![card.id, wanted], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match found {
        None => Err(Refusal::new("three_ds_not_found", "There is no such 3DS request").into()),
        Some((_, state, _)) if state != "PENDING" => Err(Refusal::new(
            "three_ds_settled",
            "The 3DS request has been answered already",
        )
        .into()),
        Some((_, _, expires_at)) if expires_at <= work.now.0 => {
            Err(Refusal::new("three_ds_expired", "The 3DS request has expired").into())
        }
        Some((id, _, _)) => {
            work.db.execute(
                "UPDATE challenges SET state = ?2 WHERE id = ?1",
                params![id, if approve { "APPROVED" } else { "DECLINED" }],
            )?;
            Ok(json_object! { "message": "Operation requested" })
        }
    }
}

fn is_pin(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn wrong_state(message: &'static str) -> Refusal {
    Refusal::new("card_state", message).on("card_id")
}

fn below_minimum(field: &'static str) -> Refusal {
    Refusal::new(
        "amount_below_minimum",
        "The amount is below the template's minimum",
    )
    .on(field)
}

fn above_maximum(field: &'static str) -> Refusal {
    Refusal::new(
        "amount_above_maximum",
        "The amount is above the template's maximum",
    )
    .on(field)
}
