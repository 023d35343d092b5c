//! Operations on users.

use rusqlite::params;

use super::{Page, Pending, ask_provider, list};
use crate::error::{Refusal, Stop};
use crate::json::{Fields, Json, json_object};
use crate::magic;
use crate::store::{self, Id, Merchant, Work};
use crate::time::Timestamp;

pub(super) fn register(
    work: &Work<'_>,
    merchant: &Merchant,
    fields: &Fields,
) -> Result<Json, Stop> {
    fields.only(&[
        "email",
        "template_id",
        "dial_code",
        "phone_number",
        "kyc_data",
    ])?;
    let email = fields.text("email")?;
    let valid = email.len() <= 254
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !domain.contains('@')
        });
    if !valid {
        return Err(Refusal::invalid("email", "must be an e-mail address").into());
    }
    let template = store::template(work.db, fields.id("template_id")?)?;
    let dial_code = fields.opt_text("dial_code")?;
    let phone_number = fields.opt_text("phone_number")?;
    for (name, value) in [("dial_code", &dial_code), ("phone_number", &phone_number)] {
        match value {
            None if template.requires_phone_only => return Err(Refusal::missing(name).into()),
            Some(text) if !is_phone(text) => {
                return Err(Refusal::invalid(name, "must be digits").into());
            }
            _ => {}
        }
    }
    let kyc = fields.opt_object("kyc_data")?;
    match &kyc {
        None if template.requires_kyc => return Err(Refusal::missing("kyc_data").into()),
        None => {}
        Some(kyc) => check_kyc(kyc)?,
    }
    let id = store::next_id(work.db, Id::User)?;
    // Nothing of kyc_data is kept: that it was there is all that the sandbox needs.
    work.db
        .prepare_cached(
            "INSERT INTO users (id, merchant_id, email, template_id, has_kyc, has_phone, status, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'PENDING', ?7)",
        )?
        .execute(params![
            id,
            merchant.id,
            email,
            template.id,
            kyc.is_some(),
            dial_code.is_some() && phone_number.is_some(),
            work.now.0,
        ])?;
    ask_provider(
        work,
        merchant,
        &Pending {
            kind: "REGISTER",
            user_id: id,
            slow: magic::email_says(&email, "slow"),
            undecided: magic::email_says(&email, "pending"),
            ..Pending::default()
        },
    )?;
    Ok(json_object! { "user_id": id })
}

fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Which of these the vendor requires isn't known: a person and a document must be named, the rest may be absent.
fn check_kyc(kyc: &Fields) -> Result<(), Refusal> {
    const REQUIRED: [&str; 5] = [
        "first_name",
        "last_name",
        "date_of_birth",
        "identification_type",
        "identification_number",
    ];
    const TEXT: [&str; 9] = [
        "gender",
        "front_img_base64",
        "back_img_base64",
        "handheld_img_base64",
        "country_code",
        "region",
        "city",
        "postcode",
        "address_line",
    ];
    const INTEGERS: [&str; 2] = ["issue", "expiry"];
    let known: Vec<&str> = REQUIRED.into_iter().chain(TEXT).chain(INTEGERS).collect();
    kyc.only(&known)?;
    REQUIRED
        .iter()
        .try_for_each(|name| kyc.text(name).map(drop))?;
    TEXT.iter()
        .try_for_each(|name| kyc.opt_text(name).map(drop))?;
    INTEGERS
        .iter()
        .try_for_each(|name| kyc.opt_int(name).map(drop))
}

/// Nothing of this operation is in the contract: it takes what the other lists take.
pub(super) fn users(work: &Work<'_>, merchant: &Merchant, fields: &Fields) -> Result<Json, Stop> {
    const WHERE: &str = "merchant_id = ?1 AND (?2 IS NULL OR instr(lower(email), lower(?2)) > 0)
        AND (?3 IS NULL OR status = ?3) AND (?4 IS NULL OR id = ?4)
        AND (?5 IS NULL OR created_at >= ?5) AND (?6 IS NULL OR created_at < ?6)";
    let page = Page::read(fields, &["status", "user_id"])?;
    let order = page.order(
        fields,
        &[
            ("id", ["id", "id DESC"]),
            ("created_at", ["created_at, id", "created_at DESC, id DESC"]),
        ],
    )?;
    let status = fields.opt_text("status")?.filter(|text| !text.is_empty());
    let values = params![
        merchant.id,
        page.search,
        status,
        fields.opt_id("user_id")?,
        page.from,
        page.to
    ];
    let total = work
        .db
        .prepare_cached(&format!("SELECT count(*) FROM users WHERE {WHERE}"))?
        .query_row(values, |row| row.get(0))?;
    let data = work
        .db
        .prepare_cached(&format!(
            "SELECT * FROM users WHERE {WHERE} ORDER BY {order} LIMIT {} OFFSET {}",
            page.limit, page.skip
        ))?
        .query_map(values, |row| {
            let mut user = json_object! {
                "user_id": row.get::<_, i64>("id")?,
                "email": row.get::<_, String>("email")?,
                "template_id": row.get::<_, i64>("template_id")?,
                "status": row.get::<_, String>("status")?,
                "created_at": Timestamp(row.get("created_at")?).iso(),
            };
            if let Some(message) = row.get::<_, Option<String>>("message")? {
                user.push("message", message);
            }
            Ok(user)
        })?
        .collect::<Result<_, _>>()?;
    Ok(list(data, total))
}
