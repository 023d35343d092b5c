//! JSON out in the order it was written and with exact amounts; JSON in read strictly, field by field.

use std::collections::BTreeMap;

use serde::de::{MapAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::Refusal;
use crate::money::Money;

/// A JSON value that the sandbox says. Unlike `serde_json::Value` it keeps the order of fields and exact amounts.
#[derive(Clone, Debug)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An amount, written as a JSON number.
    Money(Money),
    /// Text.
    Text(String),
    /// JSON that was already text.
    Raw(Box<RawValue>),
    /// A list.
    Array(Vec<Json>),
    /// An object, its fields in this order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value as JSON text.
    pub fn text(&self) -> String {
        // Writing this tree to a string has no way to fail.
        serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
    }

    /// The value as `serde_json` sees it, for looking into. Amounts become floats there: compare them as text or in
    /// minor units where it matters.
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_str(&self.text()).unwrap_or(serde_json::Value::Null)
    }

    /// Already written JSON; `null` when it isn't JSON.
    pub(crate) fn raw(text: String) -> Json {
        RawValue::from_string(text).map_or(Json::Null, Json::Raw)
    }

    /// An object that was written before, to change some of its fields; `null` when the text isn't one.
    pub(crate) fn object(text: &str) -> Json {
        serde_json::from_str(text).map_or(Json::Null, |InOrder(fields)| {
            Json::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name, Json::Raw(value)))
                    .collect(),
            )
        })
    }

    /// Changes a field of an object, if it has it.
    pub(crate) fn change(&mut self, name: &str, change: impl FnOnce(&Json) -> Json) {
        if let Json::Object(fields) = self
            && let Some((_, value)) = fields.iter_mut().find(|(known, _)| known == name)
        {
            *value = change(value);
        }
    }

    /// Adds a field to an object.
    pub(crate) fn push(&mut self, name: &str, value: impl Into<Json>) {
        if let Json::Object(fields) = self {
            fields.push((name.to_owned(), value.into()));
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Int(value) => serializer.serialize_i64(*value),
            Json::Money(value) => value.serialize(serializer),
            Json::Text(value) => serializer.serialize_str(value),
            Json::Raw(value) => value.serialize(serializer),
            Json::Array(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(value)?;
                }
                list.end()
            }
            Json::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),*) => {$(
        impl From<$type> for Json {
            fn from(value: $type) -> Json { Json::$variant(value.into()) }
        }
    )*};
}
from!(bool => Bool, i64 => Int, i32 => Int, u32 => Int, Money => Money, &str => Text, String => Text, Vec<Json> => Array);

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}

/// A [`Json`] object: `json_object! { "card_id": 5, "status": "SUCCESS" }`.
macro_rules! json_object {
    ($($name:literal : $value:expr),* $(,)?) => {
        $crate::json::Json::Object(vec![$(($name.to_owned(), $crate::json::Json::from($value))),*])
    };
}
pub(crate) use json_object;

/// A JSON object's fields in the order in which they stand, each value as its exact text.
struct InOrder(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for InOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InOrder, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = InOrder;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(InOrder(fields))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// The fields of a JSON object that came in. A name given twice is refused, and every reader is exact about types.
#[derive(Debug)]
pub(crate) struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    /// Reads a JSON object, or nothing.
    pub(crate) fn parse(text: &[u8]) -> Option<Fields> {
        let InOrder(fields) = serde_json::from_slice(text).ok()?;
        let given = fields.len();
        let fields: BTreeMap<_, _> = fields.into_iter().collect();
        (fields.len() == given).then_some(Fields(fields))
    }

    /// Refuses any field that isn't in the list: the sandbox judges its callers, and a misspelt optional field is a
    /// mistake that a lenient reader would hide.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(Refusal::unknown(name)),
        }
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(|raw| raw.get())
            .filter(|raw| *raw != "null")
    }

    fn read<T>(
        &self,
        name: &'static str,
        kind: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.raw(name) {
            None => Ok(None),
            Some(raw) => read(raw)
                .map(Some)
                .ok_or_else(|| Refusal::invalid(name, kind)),
        }
    }

    pub(crate) fn opt_int(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        self.read(name, "must be an integer", |raw| raw.parse().ok())
    }

    pub(crate) fn opt_id(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        self.read(name, "must be a positive integer", |raw| {
            raw.parse().ok().filter(|id| *id > 0)
        })
    }

    pub(crate) fn id(&self, name: &'static str) -> Result<i64, Refusal> {
        self.opt_id(name)?.ok_or_else(|| Refusal::missing(name))
    }

    pub(crate) fn opt_text(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        self.read(name, "must be text", |raw| serde_json::from_str(raw).ok())
    }

    pub(crate) fn text(&self, name: &'static str) -> Result<String, Refusal> {
        match self.opt_text(name)? {
            Some(text) if text.is_empty() => Err(Refusal::invalid(name, "must not be empty")),
            Some(text) => Ok(text),
            None => Err(Refusal::missing(name)),
        }
    }

    pub(crate) fn opt_bool(&self, name: &'static str) -> Result<Option<bool>, Refusal> {
        self.read(name, "must be true or false", |raw| raw.parse().ok())
    }

    /// A positive amount in major units, as a JSON number with at most two decimals.
    pub(crate) fn opt_amount(&self, name: &'static str) -> Result<Option<Money>, Refusal> {
        self.read(
            name,
            "must be a positive number with at most 2 decimals",
            |raw| Money::parse(raw).filter(|amount| amount.is_positive()),
        )
    }

    pub(crate) fn amount(&self, name: &'static str) -> Result<Money, Refusal> {
        self.opt_amount(name)?.ok_or_else(|| Refusal::missing(name))
    }

    pub(crate) fn opt_object(&self, name: &'static str) -> Result<Option<Fields>, Refusal> {
        self.read(name, "must be an object", |raw| {
            Fields::parse(raw.as_bytes())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_exact_amounts() {
        let value = json_object! { "b": 1, "a": Money::from_minor(10), "list": vec![Json::from("x")], "none": None::<i64> };
        assert_eq!(value.text(), r#"{"b":1,"a":0.1,"list":["x"],"none":null}"#);
    }

    #[test]
    fn an_object_keeps_all_but_what_is_changed() {
        let mut value = Json::object(r#"{"b":1.50,"a":"x","c":{"a":1}}"#);
        value.change("a", |_| "y".into());
        value.change("gone", |_| Json::Null);
        assert_eq!(value.text(), r#"{"b":1.50,"a":"y","c":{"a":1}}"#);
        assert_eq!(Json::object("[]").text(), "null");
    }

    #[test]
    fn an_unknown_field_is_named_if_its_name_is_a_word() {
        for (text, named) in [
            (r#"{"id":5,"usr_id":1}"#, Some("usr_id")),
            (r#"{"userId":1}"#, Some("userId")),
            (r#"{"1234567890123456":1}"#, None),
            (r#"{"a b":1}"#, None),
        ] {
            let refusal = Fields::parse(text.as_bytes())
                .unwrap()
                .only(&["id"])
                .unwrap_err();
            assert_eq!(
                (refusal.code, refusal.field.as_deref()),
                ("unknown_field", named)
            );
        }
    }

    #[test]
    fn reads_strictly() {
        let fields = Fields::parse(
            br#"{"id":5,"amount":0.10,"text":"t","half":5.0,"quoted":"5","null":null}"#,
        )
        .unwrap();
        assert_eq!(fields.id("id").unwrap(), 5);
        assert_eq!(fields.amount("amount").unwrap(), Money::from_minor(10));
        assert_eq!(fields.text("text").unwrap(), "t");
        assert!(fields.id("half").is_err());
        assert!(fields.id("quoted").is_err());
        assert!(fields.amount("quoted").is_err());
        assert!(fields.text("id").is_err());
        assert_eq!(fields.opt_text("null").unwrap(), None);
        assert_eq!(fields.text("gone").unwrap_err().code, "missing_field");
        assert!(fields.only(&["id"]).is_err());
        for text in ["[]", "5", "", "{", r#"{"a":1,"a":1}"#, r#"{"a":1}x"#] {
            assert!(Fields::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
