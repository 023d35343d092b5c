//! Control: what a developer or a test does to the sandbox from behind the scenes.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::envelope::{KeyCodec, SecretKey};
use crate::error::{Error, Refusal, Stop};
use crate::issuer::Audit;
use crate::json::{Json, json_object};
use crate::ledger::{self, Account};
use crate::money::Money;
use crate::outbox::{self, Fault, RecordFilter};
use crate::seed::{self, Seed};
use crate::store::{self, Work};
use crate::{network, operations, provider};

/// A control command. Over HTTP each has its path under `/_sandbox/`; [`Command::parse`] knows them.
#[derive(Debug)]
#[non_exhaustive]
pub enum Command {
    /// Counts, balances and an inspection of the books.
    State,
    /// The issuer's clock.
    Clock,
    /// Sets the issuer's clock further ahead.
    AdvanceClock {
        /// By so many milliseconds.
        ms: i64,
    },
    /// The faults that are active.
    Faults,
    /// Makes deliveries or operations go wrong.
    AddFault(Fault),
    /// Makes nothing go wrong any more.
    ClearFaults,
    /// Decides a user's KYC case, also one that was decided before.
    DecideUser {
        /// Who.
        user_id: i64,
        /// Approved or rejected.
        approve: bool,
        /// Why rejected.
        message: Option<String>,
    },
    /// Somebody recharges a card in the vendor's console: the merchant didn't ask for it.
    ConsoleRecharge {
        /// Which card.
        card_id: i64,
        /// With how much of the merchant's balance.
        amount: Money,
    },
    /// A purchase asks for authorisation.
    Authorize {
        /// With which card.
        card_id: i64,
        /// For how much.
        amount: Money,
        /// At which shop.
        merchant_name: String,
        /// The PIN, if the shop asked for it.
        pin: Option<String>,
    },
    /// An authorised purchase is cleared.
    Clear {
        /// Which.
        transaction_id: i64,
        /// For less than was authorised, if given.
        amount: Option<Money>,
    },
    /// An authorised purchase is taken back.
    Reverse {
        /// Which.
        transaction_id: i64,
    },
    /// A cleared purchase is refunded.
    Refund {
        /// Which.
        transaction_id: i64,
        /// In part, if given.
        amount: Option<Money>,
    },
    /// The network corrects a card's balance.
    Correct {
        /// Which card's.
        card_id: i64,
        /// By how much: up, or, if negative, down.
        amount: Money,
        /// Why.
        reason: String,
    },
    /// A shop asks for the cardholder's consent.
    Request3ds {
        /// With which card.
        card_id: i64,
        /// For how much.
        amount: Money,
        /// At which shop.
        merchant_name: String,
    },
    /// All 3DS requests and what has become of them.
    List3ds,
    /// The card is put into a wallet.
    VerifyWallet {
        /// Which card.
        card_id: i64,
        /// Which wallet.
        wallet: String,
    },
    /// The outbox.
    Deliveries {
        /// Only those in this state.
        state: Option<String>,
        /// Only those of this type.
        event_type: Option<String>,
    },
    /// Sends a delivery again.
    Resend {
        /// Which.
        delivery_id: i64,
    },
    /// Sets where a merchant's webhooks go.
    SetWebhookUrl {
        /// Whose; the first merchant's if not given.
        merchant_id: Option<String>,
        /// Where to; nowhere keeps them waiting.
        url: Option<String>,
    },
    /// Pays into a merchant's balance.
    TopUp {
        /// Whose; the first merchant's if not given.
        merchant_id: Option<String>,
        /// How much.
        amount: Money,
    },
    /// Gives a merchant a new key. It seals from now on; the older ones still open.
    RotateKey {
        /// Whose; the first merchant's if not given.
        merchant_id: Option<String>,
        /// The new key.
        key: seed::Key,
    },
    /// Forgets all of a merchant's keys but the newest.
    RetireKeys {
        /// Whose; the first merchant's if not given.
        merchant_id: Option<String>,
    },
    /// Seals a body as a merchant would, sends it the ordinary way, and opens the answer.
    Call {
        /// Whose; the first merchant's if not given.
        merchant_id: Option<String>,
        /// The operation's path.
        path: String,
        /// The operation's body.
        body: Box<RawValue>,
    },
    /// Forgets everything and plants the seed again.
    Reset,
    /// Forgets everything and plants another seed.
    Seed(Box<Seed>),
}

/// Reads a command's body into a struct of its fields, made up on the spot.
macro_rules! fields {
    ($body:expr, { $($(#[$attribute:meta])* $name:ident : $type:ty),* $(,)? }) => {{
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body { $($(#[$attribute])* $name: $type),* }
        read::<Body>($body)?
    }};
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    let body = if body.trim_ascii().is_empty() {
        b"{}"
    } else {
        body
    };
    serde_json::from_slice(body).map_err(|_| {
        Refusal::new(
            "invalid_command",
            "The body is not JSON with exactly this command's fields; see the README",
        )
    })
}

impl Command {
    /// Sets the first merchant's webhook URL.
    pub fn set_webhook_url(url: &str) -> Command {
        Command::SetWebhookUrl {
            merchant_id: None,
            url: Some(url.to_owned()),
        }
    }

    /// Calls an operation as the first merchant.
    pub fn call(path: &str, body: &str) -> Result<Command, Refusal> {
        let body = RawValue::from_string(body.to_owned())
            .map_err(|_| Refusal::invalid("body", "must be JSON"))?;
        Ok(Command::Call {
            merchant_id: None,
            path: path.to_owned(),
            body,
        })
    }

    /// Reads a command from an HTTP request: its method, its path behind `/_sandbox/`, its query and its body. `None`
    /// when there is no such command.
    pub fn parse(
        method: &str,
        path: &str,
        query: &str,
        body: &[u8],
    ) -> Option<Result<Command, Refusal>> {
        match (method, path) {
            ("GET", "state") => Some(Ok(Command::State)),
            ("GET", "clock") => Some(Ok(Command::Clock)),
            ("GET", "faults") => Some(Ok(Command::Faults)),
            ("GET", "3ds") => Some(Ok(Command::List3ds)),
            ("GET", "deliveries") => Some(deliveries(query)),
            ("DELETE", "faults") | ("POST", "faults/clear") => Some(Ok(Command::ClearFaults)),
            ("POST", path) => post(path, body).transpose(),
            _ => None,
        }
    }
}

fn deliveries(query: &str) -> Result<Command, Refusal> {
    let (mut state, mut event_type) = (None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("state", value)) => state = Some(value.to_ascii_uppercase()),
            Some(("type", value)) => event_type = Some(value.to_ascii_uppercase()),
            _ => {
                return Err(Refusal::new(
                    "invalid_command",
                    "The query knows state and type",
                ));
            }
        }
    }
    Ok(Command::Deliveries { state, event_type })
}

fn post(path: &str, body: &[u8]) -> Result<Option<Command>, Refusal> {
    Ok(Some(match path {
        "clock/advance" => {
            let body = fields!(body, { ms: i64 });
            Command::AdvanceClock { ms: body.ms }
        }
        "faults" => Command::AddFault(read(body)?),
        "users/decide" => {
            #[derive(Deserialize)]
            #[serde(rename_all = "lowercase")]
            enum Decision {
                Approve,
                Reject,
            }
            let body = fields!(body, { user_id: i64, decision: Decision, message: Option<String> });
            let approve = matches!(body.decision, Decision::Approve);
            Command::DecideUser {
                user_id: body.user_id,
                approve,
                message: body.message,
            }
        }
        "console/recharge" => {
            let body = fields!(body, { card_id: i64, amount: Money });
            Command::ConsoleRecharge {
                card_id: body.card_id,
                amount: body.amount,
            }
        }
        "purchases/authorize" => {
            let body = fields!(body, {
                card_id: i64, amount: Money, #[serde(default = "shop")] merchant_name: String, pin: Option<String>
            });
            let (card_id, amount, merchant_name, pin) =
                (body.card_id, body.amount, body.merchant_name, body.pin);
            Command::Authorize {
                card_id,
                amount,
                merchant_name,
                pin,
            }
        }
        "purchases/clear" => {
            let body = fields!(body, { transaction_id: i64, amount: Option<Money> });
            Command::Clear {
                transaction_id: body.transaction_id,
                amount: body.amount,
            }
        }
        "purchases/reverse" => {
            let body = fields!(body, { transaction_id: i64 });
            Command::Reverse {
                transaction_id: body.transaction_id,
            }
        }
        "purchases/refund" => {
            let body = fields!(body, { transaction_id: i64, amount: Option<Money> });
            Command::Refund {
                transaction_id: body.transaction_id,
                amount: body.amount,
            }
        }
        "corrections" => {
            let body = fields!(body, {
                card_id: i64, amount: Money, #[serde(default = "correction")] reason: String
            });
            Command::Correct {
                card_id: body.card_id,
                amount: body.amount,
                reason: body.reason,
            }
        }
        "3ds" => {
            let body = fields!(body, {
                card_id: i64, amount: Money, #[serde(default = "shop")] merchant_name: String
            });
            Command::Request3ds {
                card_id: body.card_id,
                amount: body.amount,
                merchant_name: body.merchant_name,
            }
        }
        "wallet-verifications" => {
            let body =
                fields!(body, { card_id: i64, #[serde(default = "google_pay")] wallet: String });
            Command::VerifyWallet {
                card_id: body.card_id,
                wallet: body.wallet,
            }
        }
        "deliveries/resend" => {
            let body = fields!(body, { delivery_id: i64 });
            Command::Resend {
                delivery_id: body.delivery_id,
            }
        }
        "merchants/webhook-url" => {
            let body = fields!(body, { merchant_id: Option<String>, url: Option<String> });
            Command::SetWebhookUrl {
                merchant_id: body.merchant_id,
                url: body.url,
            }
        }
        "merchants/top-up" => {
            let body = fields!(body, { merchant_id: Option<String>, amount: Money });
            Command::TopUp {
                merchant_id: body.merchant_id,
                amount: body.amount,
            }
        }
        "merchants/rotate-key" => {
            let body = fields!(body, { merchant_id: Option<String>, key: seed::Key });
            Command::RotateKey {
                merchant_id: body.merchant_id,
                key: body.key,
            }
        }
        "merchants/retire-keys" => {
            let body = fields!(body, { merchant_id: Option<String> });
            Command::RetireKeys {
                merchant_id: body.merchant_id,
            }
        }
        "call" => {
            let body = fields!(body, { merchant_id: Option<String>, path: String, #[serde(default = "nothing")] body: Box<RawValue> });
            Command::Call {
                merchant_id: body.merchant_id,
                path: body.path,
                body: body.body,
            }
        }
        "reset" => Command::Reset,
        "seed" => Command::Seed(Box::new(Seed::from_json(body).map_err(|_| {
            Refusal::new("invalid_seed", "The body is not a seed; see the README")
        })?)),
        _ => return Ok(None),
    }))
}

fn shop() -> String {
    "Sandbox Shop".to_owned()
}

fn correction() -> String {
    "correction".to_owned()
}

fn google_pay() -> String {
    "GOOGLE_PAY".to_owned()
}

fn nothing() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// That merchant's id as it is stored, or the first merchant's.
pub(crate) fn merchant_or_first(db: &Connection, id: Option<String>) -> Result<String, Stop> {
    let found = match &id {
        Some(id) => store::merchant(db, &id.to_ascii_lowercase())?.map(|merchant| merchant.id),
        None => db
            .prepare_cached("SELECT merchant_id FROM merchant_keys ORDER BY id LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?,
    };
    found.ok_or_else(|| operations::merchant_not_found().into())
}

/// Does those commands that are one database transaction.
pub(crate) fn run(work: &mut Work<'_>, command: Command) -> Result<Json, Stop> {
    let done = || Ok(json_object! { "message": "Done" });
    match command {
        Command::Clock => clock(work),
        Command::AdvanceClock { ms } => advance_clock(work, ms),
        Command::Faults => Ok(json_object! { "faults": outbox::faults(work.db)? }),
        Command::AddFault(fault) => {
            outbox::add_fault(work.db, &fault)?;
            Ok(json_object! { "faults": outbox::faults(work.db)? })
        }
        Command::ClearFaults => {
            work.db.execute("DELETE FROM faults", [])?;
            Ok(json_object! { "faults": Vec::<Json>::new() })
        }
        Command::DecideUser {
            user_id,
            approve,
            message,
        } => {
            if !work
                .db
                .prepare_cached("SELECT 1 FROM users WHERE id = ?1")?
                .exists([user_id])?
            {
                return Err(Refusal::new("user_not_found", "There is no such user")
                    .on("user_id")
                    .into());
            }
            provider::decide_user(work, user_id, approve, message.as_deref())?;
            done()
        }
        Command::ConsoleRecharge { card_id, amount } => {
            let id = operations::console_recharge(work, card_id, amount)?;
            Ok(json_object! { "transaction": network::show(work, id)? })
        }
        Command::Authorize {
            card_id,
            amount,
            merchant_name,
            pin,
        } => network::authorize(work, card_id, amount, &merchant_name, pin.as_deref()),
        Command::Clear {
            transaction_id,
            amount,
        } => network::clear(work, transaction_id, amount),
        Command::Reverse { transaction_id } => network::reverse(work, transaction_id),
        Command::Refund {
            transaction_id,
            amount,
        } => network::refund(work, transaction_id, amount),
        Command::Correct {
            card_id,
            amount,
            reason,
        } => network::correct(work, card_id, amount, &reason),
        Command::Request3ds {
            card_id,
            amount,
            merchant_name,
        } => network::request_3ds(work, card_id, amount, &merchant_name),
        Command::List3ds => Ok(json_object! { "three_ds": network::three_ds(work)? }),
        Command::VerifyWallet { card_id, wallet } => network::verify_wallet(work, card_id, &wallet),
        Command::Deliveries { state, event_type } => {
            let filter = RecordFilter {
                state,
                event_type,
                ..RecordFilter::default()
            };
            let (records, total) = outbox::records(work.db, &filter, "id", 0, 1000)?;
            Ok(json_object! { "deliveries": records, "total": total })
        }
        Command::Resend { delivery_id } => {
            outbox::resend(work, delivery_id)?;
            done()
        }
        Command::SetWebhookUrl { merchant_id, url } => {
            let merchant = merchant_or_first(work.db, merchant_id)?;
            operations::change_webhook_url(work, &merchant, url.as_deref())?;
            done()
        }
        Command::TopUp {
            merchant_id,
            amount,
        } => {
            let merchant = merchant_or_first(work.db, merchant_id)?;
            operations::top_up(work, &merchant, amount)?;
            Ok(json_object! { "balance": ledger::balance(work.db, Account::Merchant(&merchant))? })
        }
        Command::RotateKey { merchant_id, key } => {
            let merchant = merchant_or_first(work.db, merchant_id)?;
            if SecretKey::new(&key.text, key.codec).is_none() {
                return Err(
                    Refusal::invalid("key", "must be 16, 24 or 32 bytes in its codec").into(),
                );
            }
            let codec: KeyCodec = key.codec;
            work.db.execute(
                "INSERT INTO merchant_keys (merchant_id, text, codec) VALUES (?1, ?2, ?3)",
                params![merchant, key.text, codec.name()],
            )?;
            done()
        }
        Command::RetireKeys { merchant_id } => {
            let merchant = merchant_or_first(work.db, merchant_id)?;
            work.db.execute(
                "DELETE FROM merchant_keys WHERE merchant_id = ?1
                 AND id < (SELECT max(id) FROM merchant_keys WHERE merchant_id = ?1)",
                [merchant],
            )?;
            done()
        }
        Command::State | Command::Call { .. } | Command::Reset | Command::Seed(_) => {
            Err(Error::Invariant("this command isn't one database transaction").into())
        }
    }
}

fn clock(work: &Work<'_>) -> Result<Json, Stop> {
    let ahead = store::clock_offset(work.db)?;
    Ok(json_object! { "now": work.now.0, "iso": work.now.iso(), "ahead_ms": ahead })
}

fn advance_clock(work: &mut Work<'_>, ms: i64) -> Result<Json, Stop> {
    const CENTURY_MS: i64 = 100 * 366 * 86_400_000;
    let ahead = store::clock_offset(work.db)?
        .checked_add(ms)
        .filter(|ahead| (0..=CENTURY_MS).contains(ahead) && ms >= 0);
    let Some(ahead) = ahead else {
        return Err(Refusal::invalid(
            "ms",
            "must not be negative, nor lead further than a century ahead",
        )
        .into());
    };
    work.db.execute(
        "INSERT INTO meta (name, value) VALUES ('clock_offset', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
        [ahead],
    )?;
    // An attempt that is on its way takes as long as it takes, whatever the issuer's clock says.
    work.db.execute(
        "UPDATE deliveries SET lease_until = lease_until + ?1 WHERE state = 'SENDING'",
        [ms],
    )?;
    work.now = work.now.plus_ms(ms);
    clock(work)
}

/// Counts, balances and what an inspection of the books found.
pub(crate) fn state(work: &Work<'_>, audit: &Audit) -> Result<Json, Stop> {
    let counts = |sql: &str| -> Result<Json, rusqlite::Error> {
        let rows: Vec<(String, Json)> = work
            .db
            .prepare_cached(sql)?
            .query_map([], |row| Ok((row.get(0)?, Json::Int(row.get(1)?))))?
            .collect::<Result<_, _>>()?;
        Ok(Json::Object(rows))
    };
    let mut merchants = Vec::new();
    let rows: Vec<(String, String, Option<String>)> = work
        .db
        .prepare_cached("SELECT id, currency, webhook_url FROM merchants ORDER BY id")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (id, currency, webhook_url) in rows {
        merchants.push(json_object! {
            "balance": ledger::balance(work.db, Account::Merchant(&id))?,
            "reserved": ledger::balance(work.db, Account::Reserve(&id))?,
            "id": id,
            "currency": currency,
            "webhook_url": webhook_url,
        });
    }
    Ok(json_object! {
        "clock": clock(work)?,
        "merchants": merchants,
        "users": counts("SELECT status, count(*) FROM users GROUP BY status")?,
        "stock": counts("SELECT iif(card_id IS NULL, 'free', 'assigned'), count(*) FROM stock GROUP BY 1")?,
        "cards": counts("SELECT status, count(*) FROM cards GROUP BY status")?,
        "operations": counts("SELECT state, count(*) FROM operations GROUP BY state")?,
        "transactions": counts("SELECT type, count(*) FROM transactions GROUP BY type")?,
        "deliveries": counts("SELECT state, count(*) FROM deliveries GROUP BY state")?,
        "faults": outbox::faults(work.db)?,
        "ledger": audit.json(),
    })
}
