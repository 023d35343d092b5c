//! The API's fifteen operations: what is checked at once, and what is acknowledged.

mod card;
mod merchant;
mod user;

pub(crate) use card::{console_recharge, masked, may_alter, transaction};
pub(crate) use merchant::{change_webhook_url, merchant_not_found, top_up};

use rusqlite::params;

use crate::error::{Refusal, Stop};
use crate::json::{Fields, Json, json_object};
use crate::ledger::{self, Account};
use crate::money::Money;
use crate::store::{Merchant, Template, User, Work};
use crate::time::Timestamp;

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    AccountBalance,
    CardTemplates,
    SetWebhookUrl,
    WebhookRecords,
    Register,
    Users,
    Apply,
    Recharge,
    UpdateStatus,
    Balance,
    Information,
    Transactions,
    Assign,
    SetPin,
    Confirm3ds,
}

/// Every operation's path. Five of them are the contract's, the others follow from its rule.
pub const PATHS: [&str; 15] = [
    "/merchant/get_account_balance",
    "/merchant/get_card_templates",
    "/merchant/set_webhook_url",
    "/merchant/get_webhook_records",
    "/user/register",
    "/user/get_users",
    "/card/apply",
    "/card/recharge",
    "/card/update_status",
    "/card/get_balance",
    "/card/get_information",
    "/card/get_transactions",
    "/card/assign",
    "/card/set_pin",
    "/card/3ds_confirm",
];

const OPERATIONS: [Operation; 15] = [
    Operation::AccountBalance,
    Operation::CardTemplates,
    Operation::SetWebhookUrl,
    Operation::WebhookRecords,
    Operation::Register,
    Operation::Users,
    Operation::Apply,
    Operation::Recharge,
    Operation::UpdateStatus,
    Operation::Balance,
    Operation::Information,
    Operation::Transactions,
    Operation::Assign,
    Operation::SetPin,
    Operation::Confirm3ds,
];

impl Operation {
    pub(crate) fn at(path: &str) -> Option<Operation> {
        PATHS
            .iter()
            .zip(OPERATIONS)
            .find(|(known, _)| **known == path)
            .map(|(_, operation)| operation)
    }

    /// Does what the merchant asks for, or refuses.
    pub(crate) fn run(
        self,
        work: &mut Work<'_>,
        merchant: &Merchant,
        fields: &Fields,
    ) -> Result<Json, Stop> {
        match self {
            Operation::AccountBalance => merchant::account_balance(work, merchant, fields),
            Operation::CardTemplates => merchant::card_templates(work, fields),
            Operation::SetWebhookUrl => merchant::set_webhook_url(work, merchant, fields),
            Operation::WebhookRecords => merchant::webhook_records(work, merchant, fields),
            Operation::Register => user::register(work, merchant, fields),
            Operation::Users => user::users(work, merchant, fields),
            Operation::Apply => card::apply(work, merchant, fields),
            Operation::Recharge => card::recharge(work, merchant, fields),
            Operation::UpdateStatus => card::update_status(work, merchant, fields),
            Operation::Balance => card::balance(work, merchant, fields),
            Operation::Information => card::information(work, merchant, fields),
            Operation::Transactions => card::transactions(work, merchant, fields),
            Operation::Assign => card::assign(work, merchant, fields),
            Operation::SetPin => card::set_pin(work, merchant, fields),
            Operation::Confirm3ds => card::confirm_3ds(work, merchant, fields),
        }
    }
}

/// What the banking provider is asked to do.
#[derive(Default)]
struct Pending<'a> {
    kind: &'static str,
    user_id: i64,
    card_id: Option<i64>,
    template_id: Option<i64>,
    transaction_id: Option<i64>,
    amount: Money,
    fee: Money,
    card_number: Option<&'a str>,
    pin: Option<String>,
    slow: bool,
    late_ms: i64,
    undecided: bool,
}

/// Records an operation as pending, and sets its money aside so that it can't be spent twice meanwhile.
fn ask_provider(work: &Work<'_>, merchant: &Merchant, pending: &Pending<'_>) -> Result<(), Stop> {
    let total = pending.amount + pending.fee;
    if total.is_positive() {
        if ledger::balance(work.db, Account::Merchant(&merchant.id))? < total {
            return Err(Refusal::new(
                "insufficient_merchant_balance",
                "The merchant's balance doesn't cover amount and fee",
            )
            .into());
        }
        ledger::post(
            work.db,
            work.now,
            "reserve",
            &[
                (Account::Merchant(&merchant.id), -total),
                (Account::Reserve(&merchant.id), total),
            ],
        )?;
    }
    let slow = if pending.slow {
        crate::magic::SLOW_MS
    } else {
        0
    };
    let due = work
        .now
        .plus_ms(work.settings.processing_delay_ms)
        .plus_ms(slow)
        .plus_ms(pending.late_ms);
    work.db
        .prepare_cached(
            "INSERT INTO operations (merchant_id, kind, user_id, card_id, template_id, transaction_id, amount, fee,
                                     card_number, pin, created_at, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            merchant.id,
            pending.kind,
            pending.user_id,
            pending.card_id,
            pending.template_id,
            pending.transaction_id,
            pending.amount.minor(),
            pending.fee.minor(),
            pending.card_number,
            pending.pin,
            work.now.0,
            (!pending.undecided).then_some(due.0),
        ])?;
    Ok(())
}

/// A user who may have a card of this template.
fn eligible(user: &User, template: &Template) -> Result<(), Refusal> {
    if user.status != "APPROVED" {
        return Err(Refusal::new("user_not_approved", "The user is not approved").on("user_id"));
    }
    if template.requires_kyc && !user.has_kyc {
        return Err(
            Refusal::new("kyc_required", "The template requires a user with kyc_data")
                .on("template_id"),
        );
    }
    if template.requires_phone_only && !user.has_phone {
        return Err(Refusal::new(
            "phone_required",
            "The template requires a user with a phone number",
        )
        .on("template_id"));
    }
    Ok(())
}

/// What a page of a list is asked for with.
struct Page {
    skip: i64,
    limit: i64,
    search: Option<String>,
    from: Option<i64>,
    to: Option<i64>,
    descending: bool,
}

impl Page {
    const FIELDS: [&'static str; 7] = [
        "skip",
        "limit",
        "search",
        "start_date",
        "end_date",
        "order_by",
        "desc",
    ];

    fn read(fields: &Fields, also: &[&'static str]) -> Result<Page, Refusal> {
        let known: Vec<&str> = Page::FIELDS.iter().chain(also).copied().collect();
        fields.only(&known)?;
        let skip = fields.opt_int("skip")?.unwrap_or(0);
        let limit = fields.opt_int("limit")?.unwrap_or(10);
        if skip < 0 {
            return Err(Refusal::invalid("skip", "must not be negative"));
        }
        if !(1..=100).contains(&limit) {
            return Err(Refusal::invalid("limit", "must be from 1 to 100"));
        }
        let date = |name: &'static str| -> Result<Option<Timestamp>, Refusal> {
            fields
                .opt_text(name)?
                .filter(|text| !text.is_empty())
                .map_or(Ok(None), |text| {
                    Timestamp::parse(&text).map(Some).ok_or_else(|| {
                        Refusal::invalid(name, "must be YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ")
                    })
                })
        };
        // A day as the end of a range is in the range.
        let end_is_day = fields
            .opt_text("end_date")?
            .is_some_and(|text| text.len() == 10);
        Ok(Page {
            skip,
            limit,
            search: fields.opt_text("search")?.filter(|text| !text.is_empty()),
            from: date("start_date")?.map(|time| time.0),
            to: date("end_date")?
                .map(|time| time.plus_ms(if end_is_day { 86_400_000 } else { 1000 }).0),
            descending: fields.opt_bool("desc")?.unwrap_or(true),
        })
    }

    /// The order, in SQL of the sandbox's own. `known` pairs a caller's word with the two directions.
    fn order(
        &self,
        fields: &Fields,
        known: &[(&str, [&'static str; 2])],
    ) -> Result<&'static str, Refusal> {
        let asked = fields.opt_text("order_by")?.filter(|text| !text.is_empty());
        let asked = asked.as_deref().unwrap_or("id");
        known
            .iter()
            .find(|(word, _)| *word == asked)
            .map(|(_, [ascending, descending])| {
                if self.descending {
                    *descending
                } else {
                    *ascending
                }
            })
            .ok_or_else(|| {
                let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
                Refusal::invalid("order_by", format!("must be one of {}", words.join(", ")))
            })
    }
}

/// A list as the contract shows one.
fn list(data: Vec<Json>, total: i64) -> Json {
    json_object! { "data": data, "total": total }
}
