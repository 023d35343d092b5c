//! JSON: an exact reader for serde's derives, and values that are kept as the text that they came in.
//!
//! `serde_json` would round the numbers of a field that isn't known (serde's `flatten` buffers them as floats), and its error
//! texts repeat their input. So there is one `Deserializer` of our own over JSON text. Its error is [`Invalid`], with the
//! field's path, and what isn't known is handed out as its text.

mod deserializer;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::io::Write;
use std::thread::LocalKey;

use bananatech_json::{check, unescape_lossy};
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::error::{Code, Invalid};
use crate::secret::{SecretText, wipe};
use deserializer::Deserializer;

/// Reads a value from JSON text, exactly.
///
/// Errors, caused by whoever wrote the text: [`Code::JsonSyntax`], [`Code::JsonDuplicateField`], [`Code::FieldRequired`],
/// [`Code::FieldType`], [`Code::FieldUnknown`], or the code of the value that is wrong. Each names the field.
///
/// ```
/// use bananatech_core::{json, operations::card::Recharge};
/// let text = r#"{"user_id": 12345, "card_id": 67890, "amount": "1O.00"}"#;
/// let error = json::from_str::<Recharge>(text).unwrap_err();
/// assert_eq!(error.to_string(), "amount: expected a plain decimal number such as 100.00 [amount.format]");
/// ```
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Invalid> {
    T::deserialize(Deserializer::new(text, false))
}

/// The same for what the vendor sends, who is free to write the same in other ways: a whole number as `1.7E12` or as a text,
/// an empty text for what is absent, half of a surrogate pair in a text.
pub(crate) fn from_vendor<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Invalid> {
    T::deserialize(Deserializer::new(text, true))
}

/// Writes a value as JSON text, which is wiped when it is dropped: it may hold a card number or a PIN.
///
/// Errors with [`Code::FieldType`] for what JSON can't hold, which no value of this library is.
///
/// ```
/// use bananatech_core::{CardId, json};
/// assert_eq!(json::to_string(&CardId::from(7)).unwrap().as_str(), "7");
/// ```
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<Zeroizing<String>, Invalid> {
    to_string_up_to(value, u64::MAX)
}

/// The same for a reader whose integers end somewhere: JavaScript's at 2^53 - 1.
///
/// Errors with [`Code::IdRange`] for one that is larger, and names the field.
///
/// ```
/// use bananatech_core::{AnyResponse, Code, OperationKind, json};
/// let assigned = AnyResponse::from_json(OperationKind::Assign, r#"{"card_id": 300}"#).unwrap();
/// let error = json::to_string_up_to(&assigned, 255).unwrap_err();
/// assert_eq!((error.code(), error.field()), (Code::IdRange, "card_id"));
/// ```
pub fn to_string_up_to<T: Serialize + ?Sized>(
    value: &T,
    largest: u64,
) -> Result<Zeroizing<String>, Invalid> {
    written(largest, &|writer| value.serialize(writer))
}

type Writer<'a> = serde_json::Serializer<&'a mut Buffer, UpTo>;

// Once, and not for each type.
fn written(
    largest: u64,
    write: &dyn Fn(&mut Writer<'_>) -> Result<(), serde_json::Error>,
) -> Result<Zeroizing<String>, Invalid> {
    let mut out = Buffer(Vec::with_capacity(512));
    let _back = Back::replace(&LARGEST, largest);
    let written = write(&mut Writer::with_formatter(&mut out, UpTo(largest)));
    let text = Zeroizing::new(String::from_utf8(std::mem::take(&mut out.0)).unwrap_or_default());
    match written {
        Ok(()) => Ok(text),
        Err(error) if error.is_io() => {
            // What was written ends in the field's name.
            let name = text
                .strip_suffix("\":")
                .and_then(|before| before.rsplit('"').next());
            let expected = format!("a whole number up to {largest}");
            Err(Invalid::new(
                name.unwrap_or_default().to_owned(),
                Code::IdRange,
                expected,
            ))
        }
        Err(_) => Err(wrong_type("what JSON can hold")),
    }
}

// A field knows nothing of the formatter that it is written by.
thread_local! {
    static LARGEST: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Whether the reader of what is being written can hold a number.
pub(crate) fn can_hold(number: u64) -> bool {
    number <= LARGEST.get()
}

/// Refuses integers that are larger.
struct UpTo(u64);

impl UpTo {
    fn check(&self, number: u64) -> std::io::Result<()> {
        if number > self.0 {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        Ok(())
    }
}

impl Formatter for UpTo {
    fn write_u64<W: Write + ?Sized>(&mut self, out: &mut W, number: u64) -> std::io::Result<()> {
        self.check(number)?;
        CompactFormatter.write_u64(out, number)
    }

    fn write_i64<W: Write + ?Sized>(&mut self, out: &mut W, number: i64) -> std::io::Result<()> {
        self.check(number.unsigned_abs())?;
        CompactFormatter.write_i64(out, number)
    }
}

/// The same for values of this library, which can always be written. What is sent or stored is never hidden.
pub(crate) fn text<T: Serialize + ?Sized>(value: &T) -> Zeroizing<String> {
    let _back = Back::replace(&HIDDEN, false);
    to_string(value).unwrap_or_default()
}

/// So many bytes are left free for what follows.
const SPARE: usize = 256;

/// Grows without leaving what it held behind.
struct Buffer(Vec<u8>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            // One long text is mostly all of it, and little follows: that it fits spares a copy of all.
            let capacity = (needed + SPARE).max(2 * self.0.capacity());
            let mut larger = Vec::with_capacity(capacity);
            larger.extend_from_slice(&self.0);
            wipe(std::mem::replace(&mut self.0, larger));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    // All of it at once, without a loop for each bracket.
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        // Mostly it is a quote, a comma or the like: copying is dear for one byte.
        if let [byte] = bytes
            && self.0.len() < self.0.capacity()
        {
            self.0.push(*byte);
            return Ok(());
        }
        self.write(bytes).map(drop)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        wipe(std::mem::take(&mut self.0));
    }
}

/// A JSON value, kept as its exact text and wiped on drop. `Debug` doesn't show it: it may be anything, a one-time password too.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(type = "null | boolean | number | string | Json[] | { [name: string]: Json | undefined }")
)]
pub struct Json(SecretText);

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
        Ok(Self(check(text)?.into()))
    }

    /// Takes a text that is known to be JSON, or is about to be looked at.
    pub(crate) fn unchecked(text: SecretText) -> Self {
        Self(text)
    }

    pub(crate) fn null() -> Self {
        Self("null".into())
    }

    /// The exact text.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Json::parse("1.10").unwrap().as_str(), "1.10");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
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
        serde_json::from_str(self.as_str()).map_err(|_| wrong_type("another JSON type"))
    }

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
        from_vendor(self.as_str())
    }

    /// The text of a string, if it is one.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        unescape_lossy(self.as_str())
    }

    /// Whether it says nothing: null, or an empty text.
    pub(crate) fn is_blank(&self) -> bool {
        is_blank(self.as_str())
    }
}

pub(crate) fn is_blank(json: &str) -> bool {
    matches!(json, "null" | "\"\"")
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json(…)")
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if HIDDEN.get() {
            return serializer.serialize_str(SHOWN);
        }
        serde_json::from_str::<&RawValue>(self.as_str())
            .map_err(|_| serde::ser::Error::custom("not JSON"))?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    /// From the readers of this module it is the exact text. From another one it is what that makes of it; a float of more than
    /// 15 digits is refused, since it may have been rounded.
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(AnyJson)?;
        Ok(Self(text.into_owned().into()))
    }
}

struct AnyJson;

impl AnyJson {
    fn of<'de, T: Serialize + ?Sized, E: de::Error>(value: &T) -> Result<Cow<'de, str>, E> {
        let text = to_string(value).map_err(Invalid::into_serde)?;
        Ok(Cow::Owned(text.to_string()))
    }

    /// The text that [`Deserializer`] hands out.
    fn text<E: de::Error>(bytes: &[u8]) -> Result<&str, E> {
        let text = std::str::from_utf8(bytes).map_err(|_| syntax().into_serde())?;
        check(text).map_err(|error| Invalid::from(error).into_serde())
    }
}

impl<'de> Visitor<'de> for AnyJson {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_borrowed_bytes<E: de::Error>(self, text: &'de [u8]) -> Result<Self::Value, E> {
        Self::text(text).map(Cow::Borrowed)
    }

    fn visit_bytes<E: de::Error>(self, text: &[u8]) -> Result<Self::Value, E> {
        Self::text(text).map(|text| Cow::Owned(text.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Self::of(&())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Self::of(&value)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Self::of(&number)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Self::of(&number)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        match exact_float(number) {
            Some(text) => Ok(Cow::Owned(text)),
            None => Err(wrong_type("a number of at most 15 digits").into_serde()),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Self::of(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list: Vec<Json> = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Self::of(&list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Self::of(&ExtraFields.visit_map(map)?)
    }
}

/// A float's text, if that is the number which was written before it became a float: where that had up to 15 digits, it is.
pub(crate) fn exact_float(number: f64) -> Option<String> {
    let text = serde_json::Number::from_f64(number)?.to_string();
    let exact = number.abs() < 1e15 && significant_digits(&text) <= 15;
    exact.then_some(text)
}

/// How many digits of a number count.
pub(crate) fn significant_digits(number: &str) -> usize {
    let digits = number
        .bytes()
        .take_while(|byte| !matches!(byte, b'e' | b'E'))
        .skip_while(|byte| matches!(byte, b'-' | b'0' | b'.'));
    digits.filter(u8::is_ascii_digit).count()
}

/// The fields of an object that the contract doesn't name, kept as they came. `Debug` shows their names only.
#[derive(Clone, Default, PartialEq, Eq)]
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

    /// Whether there is such a field that says something: that isn't null or an empty text.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.get(name).is_some_and(|json| !json.is_blank())
    }

    /// All fields, by name.
    ///
    /// ```
    /// assert_eq!(bananatech_core::Extra::new().iter().count(), 0);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// One field more, or if it is what stands apart, all that is in it.
    fn put(&mut self, name: String, value: Json) -> Result<(), Invalid> {
        if APART.get() && name == EXTRA {
            // Within it, a field of that name is one like any other.
            if let Ok(within) = apart(false, || from_str::<Self>(value.as_str())) {
                let mut within = within.0.into_iter();
                return within.try_for_each(|(name, value)| self.insert(name, value));
            }
        }
        self.insert(name, value)
    }

    fn insert(&mut self, name: String, value: Json) -> Result<(), Invalid> {
        match self.0.insert(name, value) {
            None => Ok(()),
            // Its name came from outside, so the error doesn't repeat it.
            Some(_) => Err(twice("")),
        }
    }

    /// Takes over the fields of another one. Of two texts of one field the one that is last in order stays, whichever came first.
    pub(crate) fn absorb(&mut self, other: Self) {
        for (name, value) in other.0 {
            match self.0.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                Entry::Occupied(mut place) => {
                    if value.as_str() > place.get().as_str() {
                        place.insert(value);
                    }
                }
            }
        }
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

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

thread_local! {
    static APART: Cell<bool> = const { Cell::new(false) };
    static HIDDEN: Cell<bool> = const { Cell::new(false) };
}

/// What is written in place of what is hidden.
const SHOWN: &str = "…";

/// Does some work in which values are written as `Debug` shows them: what is secret or personal as `…`, and so is what isn't documented. For logs
/// and whatever else prints values as JSON. What the library itself sends or stores, by `to_json` for example, is whole also then.
///
/// ```
/// use bananatech_core::{json, Event};
/// let text = r#"{"type":"CARD_ASSIGN_RESULT","data":{"card_id":7,"status":"FAILED","error_reason":"no such card","occur_time":1}}"#;
/// let event = Event::from_json(text).unwrap();
/// let shown = json::with_secrets_hidden(|| json::to_string(&event)).unwrap();
/// assert!(shown.contains(r#""card_id":7,"status":"FAILED","error_reason":"…""#));
/// ```
pub fn with_secrets_hidden<T>(work: impl FnOnce() -> T) -> T {
    let _back = Back::replace(&HIDDEN, true);
    work()
}

/// A field that is hidden then.
pub(crate) fn unless_hidden<T: Serialize, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if HIDDEN.get() {
        return serializer.serialize_str(SHOWN);
    }
    value.serialize(serializer)
}

/// Does some work in which the fields that the contract doesn't name stand in a field `extra` of their own, whether values are
/// written or read. That is how JavaScript has them, so that no type there takes a misspelt name for such a field.
///
/// ```
/// use bananatech_core::{Event, json};
/// let text = r#"{"type":"USER_CREATE_RESULT","data":{"user_id":12345,"status":"APPROVED","level":2}}"#;
/// let event = Event::from_json(text).unwrap();
/// let apart = json::with_extra_apart(|| event.to_json());
/// assert!(apart.ends_with(r#""extra":{"level":2}}}"#));
/// assert_eq!(json::with_extra_apart(|| Event::from_json(&apart)).unwrap(), event);
/// ```
pub fn with_extra_apart<T>(work: impl FnOnce() -> T) -> T {
    apart(true, work)
}

fn apart<T>(is_apart: bool, work: impl FnOnce() -> T) -> T {
    let _back = Back::replace(&APART, is_apart);
    work()
}

/// What holds while it lives.
struct Back<T: 'static + Copy>(&'static LocalKey<Cell<T>>, T);

impl<T: Copy> Back<T> {
    fn replace(place: &'static LocalKey<Cell<T>>, value: T) -> Self {
        Self(place, place.replace(value))
    }
}

impl<T: Copy> Drop for Back<T> {
    fn drop(&mut self) {
        self.0.set(self.1);
    }
}

/// The name that they stand under then.
const EXTRA: &str = "extra";

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !APART.get() || self.is_empty() {
            return serializer.collect_map(&self.0);
        }
        serializer.collect_map([(EXTRA, &self.0)])
    }
}

// Derived, it couldn't be flattened.
#[cfg(feature = "ts")]
impl ts_rs::TS for Extra {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(_: &ts_rs::Config) -> String {
        "Extra".to_owned()
    }

    fn inline(config: &ts_rs::Config) -> String {
        Self::name(config)
    }

    fn inline_flattened(config: &ts_rs::Config) -> String {
        format!("{{ {EXTRA}?: {} }}", Self::name(config))
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ExtraFields)
    }
}

struct ExtraFields;

impl<'de> Visitor<'de> for ExtraFields {
    type Value = Extra;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Extra, A::Error> {
        let mut extra = Extra::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value()?;
            extra.put(name, value).map_err(Invalid::into_serde)?;
        }
        Ok(extra)
    }
}

/// For a field that the contract only guesses: what doesn't fit counts as absent. It stays readable in the message's exact text.
pub(crate) fn guess<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: de::Deserializer<'de>,
    T: DeserializeOwned,
{
    let text = deserializer.deserialize_any(AnyJson)?;
    let value = Option::<T>::deserialize(Deserializer::of_json(&text));
    if let Cow::Owned(text) = text {
        wipe(text.into_bytes());
    }
    Ok(value.unwrap_or_default())
}

/// Reads a value that is written as a text. Its error keeps its code, and the text is in no error.
pub(crate) fn parsed<'de, D, T>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, Invalid>,
) -> Result<T, D::Error>
where
    D: de::Deserializer<'de>,
{
    struct Parsed<F>(F);

    impl<'de, T, F: FnOnce(&str) -> Result<T, Invalid>> Visitor<'de> for Parsed<F> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            (self.0)(text).map_err(Invalid::into_serde)
        }
    }

    deserializer.deserialize_str(Parsed(parse))
}

fn syntax() -> Invalid {
    Invalid::new("", Code::JsonSyntax, "JSON")
}

pub(crate) fn wrong_type(expected: impl Into<Cow<'static, str>>) -> Invalid {
    Invalid::new("", Code::FieldType, expected)
}

pub(crate) fn required(field: &'static str) -> Invalid {
    Invalid::new(field, Code::FieldRequired, "a value")
}

pub(crate) fn twice(field: &'static str) -> Invalid {
    Invalid::new(
        field,
        Code::JsonDuplicateField,
        "each field of an object once",
    )
}

#[cfg(test)]
mod tests;
