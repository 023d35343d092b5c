//! What a sandbox starts with: merchants, templates, users and a stock of plastic.

use rusqlite::{Connection, params};
use serde::Deserialize;

use crate::Entropy;
use crate::envelope::{KeyCodec, SecretKey};
use crate::error::{Error, Stop};
use crate::ledger::{self, Account};
use crate::money::{Fee, Money};
use crate::random;
use crate::store;
use crate::time::Timestamp;

/// The merchant of [`Seed::standard`].
pub const MERCHANT_ID: &str = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
/// That merchant's Secret Key, as [`KeyCodec::Utf8`]: 32 bytes, so AES-256. It protects nothing but a sandbox.
pub const SECRET_KEY: &str = "sandbox-secret-key-0123456789abc";
/// What that merchant starts with: 10000.00 USD.
pub const MERCHANT_BALANCE: Money = Money::from_minor(1_000_000);
/// An approved user of that merchant.
pub const USER_ID: i64 = 12345;
/// Another one.
pub const OTHER_USER_ID: i64 = 67890;
/// A plastic card that is in stock: the number of the vendor's own samples (its check digit is wrong).
pub const CARD_NUMBER: &str = "1234567890123456";
/// Template: plastic. Recharge from 10 to 5000; fees: issue 5.00, recharge 1.00, refund 0.50.
pub const TEMPLATE_PHYSICAL: i64 = 1;
/// Template: virtual, active at once.
pub const TEMPLATE_VIRTUAL: i64 = 2;
/// Template: virtual with an initial deposit of at least 50; fees are per cent.
pub const TEMPLATE_VIRTUAL_DEPOSIT: i64 = 3;
/// Template: virtual, to be activated.
pub const TEMPLATE_VIRTUAL_ACTIVATION: i64 = 4;
/// Template: virtual, its users must give `kyc_data`.
pub const TEMPLATE_VIRTUAL_KYC: i64 = 5;
/// Template: virtual, its users must give a phone number.
pub const TEMPLATE_VIRTUAL_PHONE: i64 = 6;

/// What a sandbox starts with. As JSON it is the file that `--seed` reads; a field that isn't known is an error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Who may call.
    pub merchants: Vec<Merchant>,
    /// The kinds of card there are.
    pub templates: Vec<Template>,
    /// Users who are there already.
    #[serde(default)]
    pub users: Vec<User>,
    /// Numbers of plastic cards that can be assigned, 16-19 digits each.
    #[serde(default)]
    pub stock: Vec<String>,
}

/// A merchant of a [`Seed`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// A UUID.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it starts with.
    pub balance: Money,
    /// The only currency its cards have.
    #[serde(default = "usd")]
    pub currency: String,
    /// Where its webhooks go.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// Whether Get Information shows its cards' whole numbers. Otherwise they are masked.
    #[serde(default = "yes")]
    pub full_card_numbers: bool,
    /// From the oldest to the newest: the newest seals, all of them open.
    pub keys: Vec<Key>,
}

/// A key of a [`Merchant`].
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The key's text.
    pub text: String,
    /// How the text becomes bytes.
    #[serde(default)]
    pub codec: KeyCodec,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}

/// A card template of a [`Seed`]. The fields are the API's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The `template_id` of calls.
    pub id: i64,
    /// Its name.
    pub description: String,
    /// What it is made of.
    #[serde(rename = "type")]
    pub kind: CardKind,
    /// `Visa`, `Mastercard`.
    pub payment_system: String,
    /// For issuing the card; a share is of the deposit.
    pub apply_fee: Fee,
    /// For each recharge.
    pub recharge_fee: Fee,
    /// For the refund at closing.
    pub refund_fee: Fee,
    /// The smallest deposit and the smallest first recharge.
    pub activate_min_limit: Money,
    /// The smallest recharge.
    pub recharge_min_limit: Money,
    /// The largest recharge.
    pub recharge_max_limit: Money,
    /// The largest purchase.
    pub limit_per_tx: Money,
    /// The most that may be spent in a day (UTC).
    pub limit_per_day: Money,
    /// The most that may be spent in a month (UTC).
    pub limit_per_month: Money,
    /// Users must give `kyc_data`.
    #[serde(default)]
    pub requires_kyc: bool,
    /// Users must give a phone number.
    #[serde(default)]
    pub requires_phone_only: bool,
    /// A new card is to be activated.
    #[serde(default)]
    pub needs_activation: bool,
    /// Applying takes a deposit.
    #[serde(default)]
    pub requires_initial_deposit: bool,
}

/// What a card is made of. Of the two words only `Virtual` is the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum CardKind {
    /// Nothing.
    Virtual,
    /// Plastic.
    Physical,
}

impl CardKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            CardKind::Virtual => "Virtual",
            CardKind::Physical => "Physical",
        }
    }
}

/// A user of a [`Seed`], approved and with everything that any template requires.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The `user_id` of calls.
    pub id: i64,
    /// Whose user.
    pub merchant_id: String,
    /// An address; its magic words work here too.
    pub email: String,
    /// The template that the user registered for.
    pub template_id: i64,
}

fn usd() -> String {
    "USD".to_owned()
}

const fn yes() -> bool {
    true
}

impl Seed {
    /// The seed that is used when none is given: [`MERCHANT_ID`] with [`SECRET_KEY`], six templates, two approved users
    /// and a stock of plastic.
    pub fn standard() -> Seed {
        // The file is part of the program, and a test reads it.
        Seed::from_json(include_bytes!("seed.json")).unwrap_or_else(|_| Seed {
            merchants: Vec::new(),
            templates: Vec::new(),
            users: Vec::new(),
            stock: Vec::new(),
        })
    }

    /// Reads a seed and checks it.
    pub fn from_json(text: &[u8]) -> Result<Seed, Error> {
        let seed: Seed = serde_json::from_slice(text).map_err(|error| {
            // serde's own text may repeat what came in, and a seed holds keys: only the place is told.
            Error::Seed(format!(
                "line {}, column {}: not a seed",
                error.line(),
                error.column()
            ))
        })?;
        seed.check()?;
        Ok(seed)
    }

    fn check(&self) -> Result<(), Error> {
        let fail = |text: String| Err(Error::Seed(text));
        if self.merchants.is_empty() || self.templates.is_empty() {
            return fail("at least one merchant and one template are needed".to_owned());
        }
        for merchant in &self.merchants {
            if uuid::Uuid::try_parse(&merchant.id).is_err() {
                return fail("a merchant's id must be a UUID".to_owned());
            }
            if merchant.balance < Money::ZERO {
                return fail(format!("merchant {}: the balance is negative", merchant.id));
            }
            if merchant.keys.is_empty() {
                return fail(format!(
                    "merchant {}: at least one key is needed",
                    merchant.id
                ));
            }
            for key in &merchant.keys {
                if SecretKey::new(&key.text, key.codec).is_none() {
                    return fail(format!(
                        "merchant {}: a key must be 16, 24 or 32 bytes as {}",
                        merchant.id,
                        key.codec.name()
                    ));
                }
            }
            if merchant
                .webhook_url
                .as_deref()
                .is_some_and(|url| !store::is_webhook_url(url))
            {
                return fail(format!(
                    "merchant {}: the webhook URL must start with http://",
                    merchant.id
                ));
            }
        }
        for template in &self.templates {
            if template.id <= 0 {
                return fail("a template's id must be positive".to_owned());
            }
            let limits = [
                template.activate_min_limit,
                template.recharge_min_limit,
                template.recharge_max_limit,
                template.limit_per_tx,
                template.limit_per_day,
                template.limit_per_month,
            ];
            if limits.iter().any(|limit| *limit < Money::ZERO) {
                return fail(format!("template {}: a limit is negative", template.id));
            }
        }
        for user in &self.users {
            if user.id <= 0
                || !self
                    .merchants
                    .iter()
                    .any(|merchant| merchant.id == user.merchant_id)
                || !self
                    .templates
                    .iter()
                    .any(|template| template.id == user.template_id)
            {
                return fail(format!(
                    "user {}: its id, merchant or template is wrong",
                    user.id
                ));
            }
        }
        if !self.stock.iter().all(|number| is_card_number(number)) {
            return fail("a stock number must be 16-19 digits".to_owned());
        }
        Ok(())
    }

    /// Writes the seed into an empty database.
    pub(crate) fn plant(
        &self,
        db: &Connection,
        entropy: &mut Entropy,
        now: Timestamp,
    ) -> Result<(), Stop> {
        for merchant in &self.merchants {
            db.execute(
                "INSERT INTO merchants (id, name, currency, webhook_url, full_card_numbers) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    merchant.id.to_ascii_lowercase(),
                    merchant.name,
                    merchant.currency,
                    merchant.webhook_url,
                    merchant.full_card_numbers
                ],
            )?;
            for key in &merchant.keys {
                db.execute(
                    "INSERT INTO merchant_keys (merchant_id, text, codec) VALUES (?1, ?2, ?3)",
                    params![merchant.id.to_ascii_lowercase(), key.text, key.codec.name()],
                )?;
            }
            ledger::post(
                db,
                now,
                "seed",
                &[
                    (Account::Funding, -merchant.balance),
                    (
                        Account::Merchant(&merchant.id.to_ascii_lowercase()),
                        merchant.balance,
                    ),
                ],
            )?;
        }
        for template in &self.templates {
            db.execute(
                "INSERT INTO templates VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
                params![
                    template.id,
                    template.description,
                    template.kind.name(),
                    template.payment_system,
                    template.apply_fee.to_string(),
                    template.recharge_fee.to_string(),
                    template.refund_fee.to_string(),
                    template.activate_min_limit.minor(),
                    template.recharge_min_limit.minor(),
                    template.recharge_max_limit.minor(),
                    template.limit_per_tx.minor(),
                    template.limit_per_day.minor(),
                    template.limit_per_month.minor(),
                    template.requires_kyc,
                    template.requires_phone_only,
                    template.needs_activation,
                    template.requires_initial_deposit,
                ],
            )?;
        }
        for user in &self.users {
            db.execute(
                "INSERT INTO users (id, merchant_id, email, template_id, has_kyc, has_phone, status, created_at)
                 VALUES (?1, ?2, ?3, ?4, 1, 1, 'APPROVED', ?5)",
                params![user.id, user.merchant_id.to_ascii_lowercase(), user.email, user.template_id, now.0],
            )?;
        }
        for number in &self.stock {
            db.execute(
                "INSERT INTO stock (number, cvv, expiry) VALUES (?1, ?2, ?3)",
                params![number, random::digits(entropy, 3), now.expiry_in_years(4)],
            )?;
        }
        Ok(())
    }
}

/// Whether the text is 16-19 digits.
pub(crate) fn is_card_number(text: &str) -> bool {
    (16..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
