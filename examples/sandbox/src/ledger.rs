//! The double-entry ledger. Money is neither made nor lost: every journal sums to zero, and so does the whole.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Stop};
use crate::money::Money;
use crate::time::Timestamp;

/// Where money can be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Account<'a> {
    /// A merchant's spendable balance.
    Merchant(&'a str),
    /// A merchant's money that is set aside for an operation the provider hasn't decided yet.
    Reserve(&'a str),
    /// A card's available balance.
    Card(i64),
    /// A card's money that is held for authorised purchases.
    Hold(i64),
    /// What the issuer has earned.
    Fees,
    /// The card network: purchases go there, refunds come from there.
    Network,
    /// The bank that merchants pay in from.
    Funding,
}

impl Account<'_> {
    fn name(self) -> String {
        match self {
            Account::Merchant(id) => format!("merchant:{id}"),
            Account::Reserve(id) => format!("reserve:{id}"),
            Account::Card(id) => format!("card:{id}"),
            Account::Hold(id) => format!("hold:{id}"),
            _ => self.kind().to_owned(),
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Account::Merchant(_) => "merchant",
            Account::Reserve(_) => "reserve",
            Account::Card(_) => "card",
            Account::Hold(_) => "hold",
            Account::Fees => "fees",
            Account::Network => "network",
            Account::Funding => "funding",
        }
    }
}

/// What is on an account.
pub(crate) fn balance(db: &Connection, account: Account<'_>) -> Result<Money, rusqlite::Error> {
    db.prepare_cached("SELECT balance FROM accounts WHERE name = ?1")?
        .query_row([account.name()], |row| row.get(0))
        .optional()
        .map(|balance| balance.map_or(Money::ZERO, Money::from_minor))
}

/// Moves money: each line adds to an account, and together they must add up to nothing.
pub(crate) fn post(
    db: &Connection,
    now: Timestamp,
    purpose: &'static str,
    lines: &[(Account<'_>, Money)],
) -> Result<(), Stop> {
    if lines
        .iter()
        .map(|(_, amount)| i128::from(amount.minor()))
        .sum::<i128>()
        != 0
    {
        return Err(Error::Invariant("a journal must sum to zero").into());
    }
    let lines = lines.iter().filter(|(_, amount)| *amount != Money::ZERO);
    let mut journal = None;
    for (account, amount) in lines {
        let journal = match journal {
            Some(journal) => journal,
            None => {
                db.prepare_cached("INSERT INTO journals (purpose, created_at) VALUES (?1, ?2)")?
                    .execute(params![purpose, now.0])?;
                *journal.insert(db.last_insert_rowid())
            }
        };
        let name = account.name();
        // An update first: the check on a new row's balance would see the amount alone.
        let updated = db
            .prepare_cached("UPDATE accounts SET balance = balance + ?2 WHERE name = ?1")?
            .execute(params![name, amount.minor()])?;
        if updated == 0 {
            db.prepare_cached("INSERT INTO accounts (name, kind, balance) VALUES (?1, ?2, ?3)")?
                .execute(params![name, account.kind(), amount.minor()])?;
        }
        db.prepare_cached("INSERT INTO entries (journal_id, account, amount) VALUES (?1, ?2, ?3)")?
            .execute(params![journal, name, amount.minor()])?;
    }
    Ok(())
}

/// The sum of all balances per kind of account.
pub(crate) fn totals(db: &Connection) -> Result<Vec<(String, Money)>, rusqlite::Error> {
    db.prepare("SELECT kind, SUM(balance) FROM accounts GROUP BY kind ORDER BY kind")?
        .query_map([], |row| Ok((row.get(0)?, Money::from_minor(row.get(1)?))))?
        .collect()
}
