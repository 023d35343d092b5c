//! JSON without loss: values that aren't understood are kept as the text that they came in.
//!
//! serde's derived readers would buffer unknown fields through a value type (rounding numbers through a float), and their
//! error texts repeat their input. So objects are read here field by field: exact, with the field's path in the error.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::{Code, Invalid};
use crate::write::{JsonWriter, ToJson};

/// A JSON value, kept as its exact text. `Debug` doesn't show it: it may be anything, a one-time password too.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

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
        match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => Ok(Self(raw.to_owned())),
            Err(_) => Err(syntax()),
        }
    }

    /// The exact text.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Json::parse("1.10").unwrap().as_str(), "1.10");
    /// ```
    pub fn as_str(&self) -> &str {
        self.0.get()
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
        self.0.serialize(serializer)
    }
}

impl ToJson for Json {
    fn write(&self, out: &mut JsonWriter) {
        out.raw(self.as_str());
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

/// The fields of an object that the contract doesn't name, kept as they came. `Debug` shows their names only.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Extra(BTreeMap<String, Json>);

impl Extra {
    /// No fields.
    ///
    /// ```
    /// assert!(bananatech_core::Extra::new().is_empty());
    /// ```
    pub const fn new() -> Self {
        Self(BTreeMap::new())
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
        for (name, value) in &self.0 {
            out.name(name);
            value.write(out);
        }
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn syntax() -> Invalid {
    Invalid::new("", Code::JsonSyntax, "JSON")
}

pub(crate) fn wrong_type(expected: &'static str) -> Invalid {
    Invalid::new("", Code::FieldType, expected)
}

/// A value that can be read from JSON text exactly, with an error that names the field and not the value.
pub(crate) trait FromJson: Sized {
    /// Reads the value; the error's field is relative to it (empty for itself).
    fn from_json(raw: &RawValue) -> Result<Self, Invalid>;

    /// Reads the value from a whole text.
    fn from_text(text: &str) -> Result<Self, Invalid> {
        Self::from_json(serde_json::from_str(text).map_err(|_| syntax())?)
    }

    /// What a missing field means: an error, unless the type can be absent.
    fn from_absent() -> Option<Self> {
        None
    }
}

/// For `skip_serializing_if`.
pub(crate) fn is_absent<T: ToJson>(value: &T) -> bool {
    value.is_absent()
}

/// A whole text as a value.
pub(crate) fn read<T: FromJson>(text: &str) -> Result<T, Invalid> {
    T::from_text(text)
}

/// The text of a JSON string, if it is one.
pub(crate) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    // It is known to be JSON: without escapes, what stands between the quotes is the text.
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    serde_json::from_str::<String>(raw.get())
        .ok()
        .map(Cow::Owned)
}

impl FromJson for Json {
    fn from_json(raw: &RawValue) -> Result<Self, Invalid> {
        Ok(Self(raw.to_owned()))
    }
}

impl FromJson for String {
    fn from_json(raw: &RawValue) -> Result<Self, Invalid> {
        string(raw)
            .map(Cow::into_owned)
            .ok_or_else(|| wrong_type("a string"))
    }
}

impl FromJson for bool {
    fn from_json(raw: &RawValue) -> Result<Self, Invalid> {
        match raw.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(wrong_type("true or false")),
        }
    }
}

impl FromJson for u64 {
    fn from_json(raw: &RawValue) -> Result<Self, Invalid> {
        raw.get()
            .parse()
            .map_err(|_| wrong_type("a whole number, not negative"))
    }
}

impl FromJson for i64 {
    fn from_json(raw: &RawValue) -> Result<Self, Invalid> {
        raw.get().parse().map_err(|_| wrong_type("a whole number"))
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(raw: &RawValue) -> Result<Self, Invalid> {
        if raw.get() == "null" {
            return Ok(None);
        }
        T::from_json(raw).map(Some)
    }

    fn from_absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(raw: &RawValue) -> Result<Self, Invalid> {
        T::from_json(raw).map(Self::new)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(raw: &RawValue) -> Result<Self, Invalid> {
        if !raw.get().starts_with('[') {
            return Err(wrong_type("an array"));
        }
        let items: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| syntax())?;
        items
            .into_iter()
            .enumerate()
            .map(|(at, item)| T::from_json(item).map_err(|e| e.within(&format!("[{at}]"))))
            .collect()
    }
}

/// The fields of a JSON object, still as text.
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads an object. Errors: not JSON, not an object, a field twice.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Invalid> {
        let object: Self = match serde_json::from_str(text) {
            Ok(object) => object,
            // Only after a failure is it worth finding out which.
            Err(_) if serde_json::from_str::<&RawValue>(text).is_ok() => {
                return Err(wrong_type("an object"));
            }
            Err(_) => return Err(syntax()),
        };
        let mut names: Vec<&str> = object.0.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        if names
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a == b))
        {
            return Err(Invalid::new(
                "",
                Code::JsonDuplicateField,
                "each field of an object once",
            ));
        }
        Ok(object)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, raw)| *raw)
    }

    /// Whether the field is there and isn't null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|raw| raw.get() != "null")
    }

    /// The names of the fields that aren't null.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(_, raw)| raw.get() != "null")
            .map(|(name, _)| name.as_ref())
    }

    fn remove(&mut self, name: &str) -> Option<&'a RawValue> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Takes a field out. A null counts as missing.
    pub(crate) fn take<T: FromJson>(&mut self, name: &'static str) -> Result<T, Invalid> {
        match self.remove(name) {
            Some(raw) if raw.get() != "null" => T::from_json(raw).map_err(|e| rename(e, name)),
            _ => T::from_absent().ok_or_else(|| Invalid::new(name, Code::FieldRequired, "a value")),
        }
    }

    /// Takes a field out that the contract only infers or guesses: of another type, it stays among the unknown ones.
    pub(crate) fn take_guess<T: FromJson>(&mut self, name: &'static str) -> Option<T> {
        let value = T::from_json(self.get(name)?).ok()?;
        self.remove(name);
        Some(value)
    }

    /// What is left: the unknown fields.
    pub(crate) fn rest(self) -> Extra {
        Extra(
            self.0
                .into_iter()
                .map(|(name, raw)| (name.into_owned(), Json(raw.to_owned())))
                .collect(),
        )
    }

    /// Refuses unknown fields. Their names came from outside, so the error doesn't repeat them.
    pub(crate) fn finish(self) -> Result<(), Invalid> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Invalid::new("", Code::FieldUnknown, "no other fields"))
    }
}

/// A value's own error names the kind of value (`card_number`); read from a field, it names the field.
fn rename(error: Invalid, name: &'static str) -> Invalid {
    if error.field().is_empty() || error.field().contains(['.', '[']) {
        error.within(name)
    } else {
        error.named(name)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Fields<'a> {
            type Value = Object<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(8);
                while let Some((Name(name), value)) = map.next_entry::<Name<'a>, &'a RawValue>()? {
                    fields.push((name, value));
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields(std::marker::PhantomData))
    }
}

/// A field's name: borrowed unless it has escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Text<'a> {
            type Value = Cow<'a, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer
            .deserialize_str(Text(std::marker::PhantomData))
            .map(Name)
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
                <Self as crate::json::FromJson>::from_json(&raw).map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use deserialize_from_json;

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
            fn from_json(raw: &serde_json::value::RawValue) -> Result<Self, crate::error::Invalid> {
                #[allow(unused_mut, reason = "an object may have no fields")]
                let mut object = crate::json::Object::parse(raw.get())?;
                Self::from_object(object)
            }

            // One pass over the text instead of two.
            fn from_text(text: &str) -> Result<Self, crate::error::Invalid> {
                Self::from_object(crate::json::Object::parse(text)?)
            }
        }

        impl $name {
            #[allow(unused_mut, clippy::unnecessary_wraps, reason = "an object may have no fields")]
            pub(crate) fn from_object(mut object: crate::json::Object<'_>) -> Result<Self, crate::error::Invalid> {
                $(let $field = crate::json::object!(@take object $($how)? => crate::json::object!(@wire $field $(($wire))?));)*
                crate::json::object!(@end $mode object extra);
                Ok(crate::json::object!(@build $mode extra { $($field),* }))
            }
        }

        impl crate::write::ToJson for $name {
            fn write(&self, out: &mut crate::write::JsonWriter) {
                out.open();
                $(out.field(crate::json::object!(@wire $field $(($wire))?), &self.$field);)*
                crate::json::object!(@write $mode self out);
                out.close();
            }
        }

        crate::json::deserialize_from_json!($name);
    };
    (@write closed $self:ident $out:ident) => {};
    (@write open $self:ident $out:ident) => { $self.extra.write_into($out); };
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
    (@take $object:ident => $wire:expr) => { $object.take($wire)? };
    (@take $object:ident given => $wire:expr) => { $object.take::<crate::amount::Given>($wire)?.0 };
    (@take $object:ident given_or_none => $wire:expr) => {
        $object.take::<Option<crate::amount::Given>>($wire)?.map(|given| given.0)
    };
    (@take $object:ident guess => $wire:expr) => { $object.take_guess($wire) };
    (@end closed $object:ident $extra:ident) => { $object.finish()?; };
    (@end open $object:ident $extra:ident) => { let $extra = $object.rest(); };
    (@build closed $extra:ident { $($field:ident),* }) => { Self { $($field),* } };
    (@build open $extra:ident { $($field:ident),* }) => { Self { $($field,)* $extra } };
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

        impl crate::write::ToJson for $name {
            fn write(&self, out: &mut crate::write::JsonWriter) {
                out.string(self.as_str());
            }
        }

        impl crate::json::FromJson for $name {
            fn from_json(raw: &serde_json::value::RawValue) -> Result<Self, crate::error::Invalid> {
                crate::json::string(raw)
                    .map(|word| Self::from_word(&word))
                    .ok_or_else(|| crate::json::wrong_type("a string"))
            }
        }

        crate::json::deserialize_from_json!($name);
    };
}
pub(crate) use words;
