//! What differs between the databases' SQL, and values in and out of rows.

use crate::store::{Dialect, Statement, StoreError, Value};

/// So many changes are one statement at most: the text of each number of them is prepared on its own.
const JOINED: usize = 8;

impl Dialect {
    /// Plain words as one value: a JSON list, and in PostgreSQL an array, whose elements are written alike.
    pub(crate) fn list(self, words: impl IntoIterator<Item = impl ToString>) -> Value {
        let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
        let json = serde_json::Value::from(words).to_string();
        match self {
            Dialect::Sqlite => Value::Text(json),
            Dialect::Postgres => Value::Text(format!("{{{}}}", &json[1..json.len() - 1])),
        }
    }

    /// Selects the words of a list, as `value`.
    pub(crate) fn elements(self, list: &str) -> String {
        match self {
            Dialect::Sqlite => format!("SELECT value FROM json_each({list})"),
            Dialect::Postgres => format!("SELECT unnest({list}::text::text[]) AS value"),
        }
    }

    /// That a column is in a list. PostgreSQL plans a statement once, and not anew for the length of each list, if the list is selected.
    pub(crate) fn is_in(self, list: &str) -> String {
        self.is_among(&self.elements(list))
    }

    /// That a column is among what is selected. PostgreSQL looks an array up by an index, also where it knows little of the tables yet.
    pub(crate) fn is_among(self, selected: &str) -> String {
        match self {
            Dialect::Sqlite => format!("IN ({selected})"),
            Dialect::Postgres => format!("= ANY(ARRAY({selected}))"),
        }
    }

    /// A number within a column of JSON.
    pub(crate) fn number_in(self, column: &str, name: &str) -> String {
        match self {
            Dialect::Sqlite => format!("{column} ->> '{name}'"),
            Dialect::Postgres => format!("CAST(CAST({column} AS json) ->> '{name}' AS BIGINT)"),
        }
    }

    pub(crate) const fn skip_locked(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Changes of different rows, as one statement where the database can: there is one way to it for all of them.
    pub(crate) fn joined(self, changes: Vec<Statement>) -> Vec<Statement> {
        if self == Self::Sqlite || changes.len() < 2 || changes.len() > JOINED {
            return changes;
        }
        let (mut parts, mut values) = (Vec::new(), Vec::new());
        for (at, change) in changes.into_iter().enumerate() {
            let sql =
                with_placeholders(&change.sql, |number| format!("${}", values.len() + number));
            parts.push(format!("change_{at} AS ({sql})"));
            values.extend(change.values);
        }
        let sql = format!("WITH {} SELECT 1", parts.join(", ")).into();
        vec![Statement { sql, values }]
    }
}

/// A statement's text with other placeholders: each is made from its number. No statement has a `$` that isn't one.
pub(crate) fn with_placeholders(sql: &str, mut placeholder: impl FnMut(usize) -> String) -> String {
    let mut parts = sql.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        out.push_str(&placeholder(number.parse().unwrap_or_default()));
        out.push_str(rest);
    }
    out
}

pub(crate) fn text(value: &impl ToString) -> Value {
    Value::Text(value.to_string())
}

pub(crate) fn optional(value: Option<impl ToString>) -> Value {
    value.map_or(Value::Null, |value| Value::Text(value.to_string()))
}

pub(crate) fn integer(value: u64) -> Value {
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

/// A text of a row.
pub(crate) fn text_at(row: &[Value], at: usize) -> Result<&str, StoreError> {
    match row.get(at) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(StoreError::Failed("a column isn't a text".into())),
    }
}

pub(crate) fn integer_at(row: &[Value], at: usize) -> Result<i64, StoreError> {
    match row.get(at) {
        Some(Value::Integer(number)) => Ok(*number),
        // Some drivers give large numbers as texts, so that nothing is rounded.
        Some(Value::Text(digits)) => digits.parse().map_err(|_| not_a_number()),
        _ => Err(not_a_number()),
    }
}

pub(crate) fn seq_at(row: &[Value], at: usize) -> Result<u64, StoreError> {
    u64::try_from(integer_at(row, at)?).map_err(|_| not_a_number())
}

pub(crate) fn not_a_number() -> StoreError {
    StoreError::Failed("a column isn't a number".into())
}
