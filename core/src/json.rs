//! JSON without loss: values that aren't understood are kept as the text that they came in.
//!
//! serde's derived readers would buffer unknown fields through a value type (rounding numbers through a float), and their
//! error texts repeat their input. So objects are read here field by field: exact, with the field's path in the error.

use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::fmt;

use bananatech_json::{Item, split, unescape};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::{Code, Invalid};
use crate::sorted::Sorted;
use crate::write::{JsonWriter, Written};

/// A JSON value, kept as its exact text. `Debug` doesn't show it: it may be anything, a one-time password too.
#[derive(Clone)]
pub struct Json(Box<str>);

impl Json {
    /// Takes JSON text.
    ///
    /// Errors with [`Code::JsonSyntax`] if it isn't JSON (caused by the caller).
    ///
    /// ```
    /// use bananatech_core::Json;
    /// assert_eq!(Json::parse(r#"{"limit": 1.10}"#).unwrap().as_str(), r#"{"limit": 1.10}"#);
    /// assert!(Json::parse("{").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Raw::parse(text).map(|json| Self(json.get().into()))
    }

    /// The exact text.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Json::parse("1.10").unwrap().as_str(), "1.10");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text of a string, if it is one.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        string(Raw(&self.0))
    }

    /// The value as a type of the caller's.
    ///
    /// Errors with [`Code::FieldType`] if the JSON is of another type.
    ///
    /// ```
    /// use bananatech_core::Json;
    /// let code: String = Json::parse(r#""4711""#).unwrap().to().unwrap();
    /// assert_eq!(code, "4711");
    /// ```
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, Invalid> {
        serde_json::from_str(self.as_str())
            .map_err(|_| Invalid::new("", Code::FieldType, "another JSON type"))
    }
}

impl Json {
    /// The fields of an object, for records and data that aren't documented.
    ///
    /// Errors with [`Code::FieldType`] if it isn't an object, [`Code::JsonDuplicateField`] if a field stands in it twice.
    ///
    /// ```
    /// use bananatech_core::Json;
    /// let record = Json::parse(r#"{"id": 7}"#).unwrap();
    /// assert_eq!(record.fields().unwrap().get("id").unwrap().as_str(), "7");
    /// ```
    pub fn fields(&self) -> Result<Extra, Invalid> {
        Object::parse(self.as_str()).map(Object::rest)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json(…)")
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(self.as_str())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl Written for Json {
    fn write(&self, out: &mut JsonWriter) {
        out.raw(self.as_str());
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self(raw.into()))
    }
}

/// The fields of an object that the contract doesn't name, kept as they came. `Debug` shows their names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extra(Sorted<String, Json>);

impl Extra {
    /// No fields.
    ///
    /// ```
    /// assert!(bananatech_core::Extra::new().is_empty());
    /// ```
    pub const fn new() -> Self {
        Self(Sorted::new())
    }

    /// The same fields and one more, for a request whose fields the contract doesn't know.
    ///
    /// ```
    /// use bananatech_core::{Extra, Json};
    /// let extra = Extra::new().with("currency", Json::parse("\"USD\"").unwrap());
    /// assert_eq!(extra.get("currency").unwrap().as_str(), "\"USD\"");
    /// ```
    #[must_use]
    pub fn with(mut self, name: &str, value: Json) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// One field.
    ///
    /// ```
    /// assert!(bananatech_core::Extra::new().get("region").is_none());
    /// ```
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name)
    }

    /// All fields, by name.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Extra::new().iter().count(), 0);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    ///
    /// ```
    /// assert!(bananatech_core::Extra::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extra {
    /// Writes them among an object's fields.
    pub(crate) fn write_into(&self, out: &mut JsonWriter) {
        for (name, value) in self.0.iter() {
            out.name(name);
            value.write(out);
        }
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

fn syntax() -> Invalid {
    Invalid::new("", Code::JsonSyntax, "JSON")
}

pub(crate) fn wrong_type(expected: &'static str) -> Invalid {
    Invalid::new("", Code::FieldType, expected)
}

/// JSON text that was checked, without white space around it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// Checks a text.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Invalid> {
        split(text, &mut Vec::new()).map(Self).ok_or_else(syntax)
    }

    pub(crate) fn get(self) -> &'a str {
        self.0
    }

    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The text of a string.
    pub(crate) fn text(self) -> Result<Cow<'a, str>, Invalid> {
        string(self).ok_or_else(|| wrong_type("a string"))
    }

    /// The items of an array.
    fn items(self) -> Result<Vec<Item<'a>>, Invalid> {
        if !self.0.starts_with('[') {
            return Err(wrong_type("an array"));
        }
        let mut items = Vec::new();
        split(self.0, &mut items).ok_or_else(syntax)?;
        Ok(items)
    }
}

impl<'a> From<&'a RawValue> for Raw<'a> {
    fn from(raw: &'a RawValue) -> Self {
        Self(raw.get())
    }
}

/// The text of a JSON string, if it is one.
pub(crate) fn string(json: Raw<'_>) -> Option<Cow<'_, str>> {
    unescape(json.0)
}

/// A place for a value that can be read from JSON text exactly, with an error that names the field and not the value.
pub(crate) trait Slot {
    /// Reads the value; the error's field is relative to it (empty for itself). After an error, what stands in the place isn't a
    /// value: it is thrown away, unless it may be absent, and then is.
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid>;

    /// Whether the value may be missing.
    fn is_optional(&self) -> bool {
        false
    }
}

/// A type whose values are read. Objects are made blank and filled in place by one function for all of them, which is a
/// fraction of the code of a reader for each.
pub(crate) trait FromJson: Slot + Sized {
    /// A place to read into.
    fn blank() -> Self;

    /// Reads a whole text.
    fn read_text(&mut self, text: &str) -> Result<(), Invalid> {
        self.read(Raw::parse(text)?)
    }
}

/// A place for an object whose fields were told apart.
pub(crate) trait ObjectSlot {
    fn read_object(&mut self, object: Object<'_>) -> Result<(), Invalid>;
}

/// For `skip_serializing_if`.
pub(crate) fn is_absent<T: Written>(value: &T) -> bool {
    value.is_absent()
}

/// A whole text as a value.
pub(crate) fn read<T: FromJson>(text: &str) -> Result<T, Invalid> {
    let mut value = T::blank();
    value.read_text(text)?;
    Ok(value)
}

impl FromJson for Json {
    fn blank() -> Self {
        Self(Box::default())
    }
}

impl Slot for Json {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        self.0 = json.get().into();
        Ok(())
    }
}

impl FromJson for String {
    fn blank() -> Self {
        Self::new()
    }
}

impl Slot for String {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        *self = json.text()?.into_owned();
        Ok(())
    }
}

impl FromJson for bool {
    fn blank() -> Self {
        false
    }
}

impl Slot for bool {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        *self = match json.get() {
            "true" => true,
            "false" => false,
            _ => return Err(wrong_type("true or false")),
        };
        Ok(())
    }
}

impl FromJson for u64 {
    fn blank() -> Self {
        0
    }
}

impl Slot for u64 {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        *self = json
            .get()
            .parse()
            .map_err(|_| wrong_type("a whole number, not negative"))?;
        Ok(())
    }
}

impl FromJson for i64 {
    fn blank() -> Self {
        0
    }
}

impl Slot for i64 {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        *self = json
            .get()
            .parse()
            .map_err(|_| wrong_type("a whole number"))?;
        Ok(())
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn blank() -> Self {
        None
    }
}

impl<T: FromJson> Slot for Option<T> {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        if json.is_null() {
            *self = None;
            return Ok(());
        }
        let result = self.insert(T::blank()).read(json);
        if result.is_err() {
            *self = None;
        }
        result
    }

    fn is_optional(&self) -> bool {
        true
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }
}

impl<T: FromJson> Slot for Box<T> {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        (**self).read(json)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }
}

impl<T: FromJson> Slot for Vec<T> {
    fn read(&mut self, json: Raw<'_>) -> Result<(), Invalid> {
        read_list(self, json)
    }
}

/// A list of any type.
trait List {
    /// One place more.
    fn add(&mut self) -> Option<&mut dyn Slot>;
}

impl<T: FromJson> List for Vec<T> {
    fn add(&mut self) -> Option<&mut dyn Slot> {
        self.push(T::blank());
        let last = self.last_mut()?;
        Some(last)
    }
}

fn read_list(list: &mut dyn List, json: Raw<'_>) -> Result<(), Invalid> {
    for (at, (_, item)) in json.items()?.into_iter().enumerate() {
        if let Some(slot) = list.add() {
            slot.read(Raw(item)).map_err(|error| {
                let mut place = String::from("[");
                place.push_str(itoa::Buffer::new().format(at));
                place.push(']');
                error.within(&place)
            })?;
        }
    }
    Ok(())
}

/// A field's name, and whether the contract only infers or guesses it.
pub(crate) type Field = (&'static str, bool);

/// The fields of a JSON object, still as text, sorted by name. One that was taken out has no value any more.
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, Option<Raw<'a>>)>);

impl<'a> Object<'a> {
    /// Reads an object. Errors: not JSON, not an object, a field twice.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Invalid> {
        let mut items = Vec::with_capacity(8);
        let whole = split(text, &mut items).ok_or_else(syntax)?;
        if !whole.starts_with('{') {
            return Err(wrong_type("an object"));
        }
        // Sorted by a heap: little code, and quick for any number of fields.
        let mut sorted = BinaryHeap::with_capacity(items.len());
        for (name, value) in items {
            let name = unescape(name).ok_or_else(|| wrong_type("an object"))?;
            sorted.push((name, Some(Raw(value))));
        }
        let fields = sorted.into_sorted_vec();
        if fields
            .windows(2)
            .any(|pair| matches!(pair, [(a, _), (b, _)] if a == b))
        {
            return Err(Invalid::new(
                "",
                Code::JsonDuplicateField,
                "each field of an object once",
            ));
        }
        Ok(Self(fields))
    }

    pub(crate) fn get(&self, name: &str) -> Option<Raw<'a>> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .and_then(|(_, json)| *json)
    }

    /// Whether the field is there and isn't null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|json| !json.is_null())
    }

    /// The names of the fields that aren't null.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(_, json)| json.is_some_and(|json| !json.is_null()))
            .map(|(name, _)| name.as_ref())
    }

    fn remove(&mut self, name: &str) -> Option<Raw<'a>> {
        self.0
            .iter_mut()
            .find(|(key, _)| key == name)
            .and_then(|(_, json)| json.take())
    }

    /// Takes a field out. A null counts as missing.
    pub(crate) fn take<T: FromJson>(&mut self, name: &'static str) -> Result<T, Invalid> {
        let mut value = T::blank();
        self.take_into(name, &mut value)?;
        Ok(value)
    }

    fn take_into(&mut self, name: &'static str, slot: &mut dyn Slot) -> Result<(), Invalid> {
        match self.remove(name) {
            Some(json) if !json.is_null() => slot.read(json).map_err(|e| rename(e, name)),
            _ if slot.is_optional() => Ok(()),
            _ => Err(Invalid::new(name, Code::FieldRequired, "a value")),
        }
    }

    /// Takes a field out that the contract only infers or guesses: of another type, it stays among the unknown ones.
    fn guess_into(&mut self, name: &'static str, slot: &mut dyn Slot) {
        if let Some(json) = self.get(name)
            && slot.read(json).is_ok()
        {
            self.remove(name);
        }
    }

    /// Takes all fields that are known, and keeps the others as `extra` or refuses them.
    pub(crate) fn read_into(
        mut self,
        fields: &[Field],
        slots: &mut [&mut dyn Slot],
        extra: Option<&mut Extra>,
    ) -> Result<(), Invalid> {
        for ((name, guess), slot) in fields.iter().zip(slots) {
            if *guess {
                self.guess_into(name, *slot);
            } else {
                self.take_into(name, *slot)?;
            }
        }
        match extra {
            Some(extra) => {
                *extra = self.rest();
                Ok(())
            }
            None => self.finish().map_err(|_| {
                let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                let expected = ["no other fields than ", &names.join(", ")].concat();
                Invalid::new("", Code::FieldUnknown, expected)
            }),
        }
    }

    /// What is left: the unknown fields.
    pub(crate) fn rest(self) -> Extra {
        let mut extra = Extra::new();
        for (name, json) in self.0 {
            if let Some(json) = json {
                extra.0.push(name.into_owned(), Json(json.get().into()));
            }
        }
        extra
    }

    /// Refuses unknown fields. Their names came from outside, so the error doesn't repeat them.
    pub(crate) fn finish(self) -> Result<(), Invalid> {
        if self.0.iter().all(|(_, json)| json.is_none()) {
            return Ok(());
        }
        Err(Invalid::new("", Code::FieldUnknown, "no other fields"))
    }
}

/// A value's own error names the kind of value (`card_number`); read from a field, it names the field.
fn rename(error: Invalid, name: &'static str) -> Invalid {
    let field = error.field().as_bytes();
    if field.is_empty() || field.contains(&b'.') || field.contains(&b'[') {
        error.within(name)
    } else {
        error.named(name)
    }
}

/// `Deserialize` by way of [`FromJson`], so that there is one reader and its errors hold no input.
/// It reads from JSON text only (serde_json), where exactness can be kept.
macro_rules! deserialize_from_json {
    ($($type:ty),+ $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)
                    .map_err(|_| serde::de::Error::custom("expected JSON"))?;
                let mut value = <Self as crate::json::FromJson>::blank();
                crate::json::Slot::read(&mut value, crate::json::Raw::from(&*raw))
                    .map_err(serde::de::Error::custom)?;
                Ok(value)
            }
        }
    )+};
}
pub(crate) use deserialize_from_json;

/// An object to which a program may add fields.
pub(crate) trait Extended {
    /// Refuses a field that was added under the name of one that is known: it would stand there twice.
    fn check_extra(&self) -> Result<(), Invalid>;
}

pub(crate) fn check_extra(fields: &[Field], extra: Option<&Extra>) -> Result<(), Invalid> {
    let known = |name: &str| fields.iter().find(|(known, _)| *known == name);
    match extra.and_then(|extra| extra.iter().find_map(|(name, _)| known(name))) {
        Some((name, _)) => Err(Invalid::new(
            *name,
            Code::JsonDuplicateField,
            "the field itself, and none of its name in `extra`",
        )),
        None => Ok(()),
    }
}

/// A JSON object of the API, defined once: the struct, its exact reader and its writer.
///
/// * `closed`: a request. An unknown field is an error.
/// * `open`: what the API sends. Unknown fields are kept in `extra`.
/// * `name ("wire"): Type` for a field whose JSON name can't be a Rust name.
/// * `name: Amount = given` and `name: Option<Amount> = given_or_none` for an amount that a program gives.
/// * `name: Option<Type> = guess` for a field that the contract infers or guesses: of another type it is left in `extra`.
macro_rules! object {
    ($mode:ident $(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$fmeta:meta])* $fvis:vis $field:ident $(($wire:literal))? : $type:ty $(= $how:ident)?,)*
    }) => {
        crate::json::object!(@struct $mode [$(#[$meta])* $vis] $name {
            $([$(#[$fmeta])*] $fvis $field $(($wire))? : $type,)*
        });

        impl crate::json::FromJson for $name {
            fn blank() -> Self {
                crate::json::object!(@blank $mode { $($field),* })
            }

            // One pass over the text instead of two.
            fn read_text(&mut self, text: &str) -> Result<(), crate::error::Invalid> {
                crate::json::ObjectSlot::read_object(self, crate::json::Object::parse(text)?)
            }
        }

        impl crate::json::Slot for $name {
            fn read(&mut self, json: crate::json::Raw<'_>) -> Result<(), crate::error::Invalid> {
                crate::json::ObjectSlot::read_object(self, crate::json::Object::parse(json.get())?)
            }
        }

        impl crate::json::ObjectSlot for $name {
            fn read_object(&mut self, object: crate::json::Object<'_>) -> Result<(), crate::error::Invalid> {
                object.read_into(
                    Self::FIELDS,
                    &mut [$(crate::json::object!(@slot self.$field $(, $how)?)),*],
                    crate::json::object!(@extra $mode self &mut),
                )
            }
        }

        impl crate::json::Extended for $name {
            fn check_extra(&self) -> Result<(), crate::error::Invalid> {
                crate::json::check_extra(Self::FIELDS, crate::json::object!(@extra $mode self &))
            }
        }

        impl $name {
            const FIELDS: &'static [crate::json::Field] = &[
                $((crate::json::object!(@wire $field $(($wire))?), crate::json::object!(@guess $($how)?)),)*
            ];
        }

        impl crate::write::Written for $name {
            fn write(&self, out: &mut crate::write::JsonWriter) {
                out.object(Self::FIELDS, &[$(&self.$field),*], crate::json::object!(@extra $mode self &));
            }
        }

        crate::json::deserialize_from_json!($name);
    };
    (@extra closed $self:ident $($ref:tt)+) => { None };
    (@extra open $self:ident $($ref:tt)+) => { Some($($ref)+ $self.extra) };
    (@slot $self:ident.$field:ident) => { &mut $self.$field };
    (@slot $self:ident.$field:ident, guess) => { &mut $self.$field };
    (@slot $self:ident.$field:ident, given) => { &mut crate::amount::Given(&mut $self.$field) };
    (@slot $self:ident.$field:ident, given_or_none) => { &mut crate::amount::GivenOrNone(&mut $self.$field) };
    (@guess) => { false };
    (@guess guess) => { true };
    (@guess $how:ident) => { false };
    (@blank closed { $($field:ident),* }) => { Self { $($field: crate::json::FromJson::blank(),)* } };
    (@blank open { $($field:ident),* }) => {
        Self { $($field: crate::json::FromJson::blank(),)* extra: crate::json::Extra::new() }
    };
    (@struct closed [$(#[$meta:meta])* $vis:vis] $name:ident { $([$($fmeta:tt)*] $fvis:vis $field:ident $(($wire:literal))? : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        $vis struct $name {
            $($($fmeta)*
            $(#[serde(rename = $wire)])?
            #[serde(skip_serializing_if = "crate::json::is_absent")]
            $fvis $field: $type,)*
        }
    };
    (@struct open [$(#[$meta:meta])* $vis:vis] $name:ident { $([$($fmeta:tt)*] $fvis:vis $field:ident $(($wire:literal))? : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        $vis struct $name {
            $($($fmeta)*
            $(#[serde(rename = $wire)])?
            #[serde(skip_serializing_if = "crate::json::is_absent")]
            $fvis $field: $type,)*
            /// Fields that the contract doesn't name, as they came.
            #[serde(flatten)]
            pub extra: crate::json::Extra,
        }
    };
    (@wire $field:ident) => { stringify!($field) };
    (@wire $field:ident ($wire:literal)) => { $wire };
}
pub(crate) use object;

/// A word of the API that may grow: the known ones, and `Other` with the vendor's own word kept.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
            /// Another word, as it came.
            Other(String),
        }

        impl $name {
            /// The word for this value.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }

            /// The value for a word. Never fails: a word that isn't known is kept.
            pub fn from_word(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl crate::write::Written for $name {
            fn write(&self, out: &mut crate::write::JsonWriter) {
                out.string(self.as_str());
            }
        }

        impl crate::json::FromJson for $name {
            fn blank() -> Self {
                Self::Other(String::new())
            }
        }

        impl crate::json::Slot for $name {
            fn read(&mut self, json: crate::json::Raw<'_>) -> Result<(), crate::error::Invalid> {
                *self = Self::from_word(&json.text()?);
                Ok(())
            }
        }

        crate::json::deserialize_from_json!($name);
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts that are JSON, or nearly.
    fn nearly_json() -> impl Strategy<Value = String> {
        let tokens = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"a\"",
            "\"b\":",
            "\"\\",
            "\\u",
            "d800",
            "DC00",
            "\\n",
            "\\\"",
            "\\x",
            "0",
            "-",
            "1",
            "12",
            ".",
            "e",
            "E+",
            "null",
            "true",
            "false",
            "nul",
            " ",
            "\n",
            "\t",
            "\u{b}",
            "\u{1f}",
            "\u{7f}",
            "é",
            "\u{a0}",
            "{}",
            "[]",
            "[1]",
            "{\"k\":1}",
            "\"\\ud83d\\ude00\"",
            "-0",
            "1e5",
            "0.5",
        ]);
        prop::collection::vec(tokens, 0..12).prop_map(|tokens| tokens.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn is_json_where_serde_json_says_so(text in nearly_json()) {
            let ours = Raw::parse(&text).ok().map(Raw::get);
            let theirs = serde_json::from_str::<&RawValue>(&text).ok().map(RawValue::get);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn splits_as_serde_json_does(inner in nearly_json()) {
            let text = format!("[{inner}]");
            let ours = Raw::parse(&text).and_then(Raw::items).ok();
            let ours: Option<Vec<_>> = ours.map(|items| items.into_iter().map(|(_, json)| json).collect());
            let theirs = serde_json::from_str::<Vec<&RawValue>>(&text).ok();
            let theirs: Option<Vec<_>> = theirs.map(|items| items.into_iter().map(RawValue::get).collect());
            prop_assert_eq!(ours, theirs);

            let text = format!("{{{inner}}}");
            let ours = Object::parse(&text);
            let theirs = serde_json::from_str::<std::collections::BTreeMap<String, &RawValue>>(&text);
            match (ours, theirs) {
                (Ok(ours), Ok(theirs)) => {
                    let ours: Vec<_> = ours.0.iter().map(|(name, json)| (name.as_ref(), json.unwrap().get())).collect();
                    let theirs: Vec<_> = theirs.iter().map(|(name, json)| (name.as_str(), json.get())).collect();
                    prop_assert_eq!(ours, theirs);
                }
                (Err(error), Ok(_)) => prop_assert_eq!(error.code(), Code::JsonDuplicateField),
                (ours, theirs) => prop_assert!(ours.is_err() && theirs.is_err()),
            }
        }

        #[test]
        fn reads_strings_as_serde_json_does(inner in nearly_json()) {
            let text = format!("\"{inner}\"");
            let ours = Raw::parse(&text).and_then(Raw::text).ok();
            let theirs = serde_json::from_str::<String>(&text).ok();
            prop_assert_eq!(ours.as_deref(), theirs.as_deref());
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let text = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(Raw::parse(&text).unwrap().get().len(), text.len());
    }
}
