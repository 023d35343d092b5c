//! Operations on the merchant itself.

use rusqlite::params;

use super::{Page, list};
use crate::error::{Refusal, Stop};
use crate::json::{Fields, Json, json_object};
use crate::ledger::{self, Account};
use crate::money::{self, Money};
use crate::outbox::{self, RecordFilter};
use crate::store::{self, Merchant, Work};

pub(super) fn account_balance(
    work: &Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    fields.only(&[])?;
    let balance = ledger::balance(work.db, Account::Merchant(&merchant.id))?;
    Ok(json_object! { "balance": balance, "currency": merchant.currency.as_str() })
}

pub(super) fn card_templates(work: &Work<'_>, fields: &Fields) -> Result<Json, Stop> {
    fields.only(&[])?;
    let templates: Vec<Json> = store::templates(work.db)?
        .into_iter()
        .map(|template| {
            json_object! {
                "id": template.id,
                "description": template.description,
                "type": template.kind,
                "payment_system": template.payment_system,
                "apply_fee": Json::Raw(money::number(&template.apply_fee.number())),
                "recharge_fee": Json::Raw(money::number(&template.recharge_fee.number())),
                "refund_fee": Json::Raw(money::number(&template.refund_fee.number())),
                "activate_min_limit": template.activate_min_limit,
                "recharge_min_limit": template.recharge_min_limit,
                "recharge_max_limit": template.recharge_max_limit,
                "limit_per_tx": template.limit_per_tx,
                "limit_per_day": template.limit_per_day,
                "limit_per_month": template.limit_per_month,
                "requires_kyc": template.requires_kyc,
                "requires_phone_only": template.requires_phone_only,
                "needs_activation": template.needs_activation,
                "requires_initial_deposit": template.requires_initial_deposit,
            }
        })
        .collect();
    let total = i64::try_from(templates.len()).unwrap_or(i64::MAX);
    Ok(list(templates, total))
}

/// The contract doesn't know the field's name: both likely ones are read.
pub(super) fn set_webhook_url(
    work: &Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    fields.only(&["url", "webhook_url"])?;
    let url = match (fields.opt_text("url")?, fields.opt_text("webhook_url")?) {
        (Some(url), None) | (None, Some(url)) => url,
        (None, None) => return Err(Refusal::missing("url").into()),
        (Some(_), Some(_)) => return Err(Refusal::invalid("url", "is given twice").into()),
    };
    change_webhook_url(work, &merchant.id, Some(&url))?;
    Ok(json_object! { "message": "Webhook URL set successfully" })
}

/// Sets where a merchant's webhooks go; nowhere keeps them waiting.
pub(crate) fn change_webhook_url(
    work: &Work<'_>,
    merchant: &str,
    url: Option<&str>,
) -> Result<(), Stop> {
    if url.is_some_and(|url| !store::is_webhook_url(url)) {
        return Err(
            Refusal::invalid("url", "must start with http:// (the sandbox speaks no TLS)").into(),
        );
    }
    let found = work.db.execute(
        "UPDATE merchants SET webhook_url = ?2 WHERE id = ?1",
        params![merchant, url],
    )?;
    match found {
        0 => Err(merchant_not_found().into()),
        _ => Ok(()),
    }
}

pub(crate) fn merchant_not_found() -> Refusal {
    Refusal::new("merchant_not_found", "There is no such merchant").on("merchant_id")
}

/// Pays money in, from the merchant's bank.
pub(crate) fn top_up(work: &Work<'_>, merchant: &str, amount: Money) -> Result<(), Stop> {
    if !amount.is_positive() {
        return Err(Refusal::invalid("amount", "must be positive").into());
    }
    if store::merchant(work.db, merchant)?.is_none() {
        return Err(merchant_not_found().into());
    }
    ledger::post(
        work.db,
        work.now,
        "top-up",
        &[
            (Account::Funding, -amount),
            (Account::Merchant(merchant), amount),
        ],
    )
}

pub(super) fn webhook_records(
    work: &Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    let page = Page::read(fields, &["callback_type", "user_id", "card_id"])?;
    let order = page.order(
        fields,
        &[
            ("id", ["id", "id DESC"]),
            ("created_at", ["created_at, id", "created_at DESC, id DESC"]),
        ],
    )?;
    let filter = RecordFilter {
        merchant_id: Some(merchant.id.clone()),
        event_type: fields
            .opt_text("callback_type")?
            .filter(|text| !text.is_empty()),
        search: page.search.clone(),
        user_id: fields.opt_id("user_id")?,
        card_id: fields.opt_id("card_id")?,
        from: page.from,
        to: page.to,
        state: None,
        // The numbers were in the webhooks. A list that is read by people and kept in logs needn't repeat them.
        masked: true,
    };
    let (records, total) = outbox::records(work.db, &filter, order, page.skip, page.limit)?;
    Ok(list(records, total))
}
