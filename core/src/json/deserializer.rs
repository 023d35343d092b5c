//! The deserializer, and what errors become.

use std::borrow::Cow;
use std::fmt;

use bananatech_json::{Items, NotJson, check, unescape, unescape_lossy};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Unexpected, Visitor};
use zeroize::Zeroizing;

use super::{required, syntax, twice, wrong_type};
use crate::error::{Code, Invalid};

impl From<NotJson> for Invalid {
    fn from(_: NotJson) -> Self {
        syntax()
    }
}

/// `A, B or C`.
fn one_of(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => [&rest.join(", "), " or ", last].concat(),
        _ => words.concat(),
    }
}

impl Invalid {
    /// The same error for whichever format is read: the code takes the place of the value, which no error shows.
    pub(crate) fn into_serde<E: de::Error>(self) -> E {
        E::invalid_value(Unexpected::Other(self.code().as_str()), &self.expected())
    }
}

/// serde's own words repeat what came in, so none of them is taken over: only names that are known, and what was expected.
impl de::Error for Invalid {
    fn custom<T: fmt::Display>(_: T) -> Self {
        wrong_type("another value")
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        match expected.to_string().as_str() {
            "u8" | "u16" | "u32" | "u64" => wrong_type("a whole number, not negative"),
            "i64" => wrong_type("a whole number"),
            words => wrong_type(words.to_owned()),
        }
    }

    fn invalid_value(value: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let code = match value {
            Unexpected::Other(code) => Code::parse(code),
            _ => None,
        };
        match code {
            Some(code) => Self::new("", code, expected.to_string()),
            None => Self::invalid_type(value, expected),
        }
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        wrong_type(one_of(expected))
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        let expected = ["no other fields than ", &expected.join(", ")].concat();
        // A name helps whoever mistyped it. What doesn't look like one may be a value.
        let is_name = name.len() <= 32
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        let name = if is_name { name } else { "" };
        Self::new(name.to_owned(), Code::FieldUnknown, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        required(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        twice(field)
    }
}

/// A whole number in any of JSON's spellings: `1700000000000`, `1.7E12`, `200001.0`. `None` for what isn't one.
pub(super) fn whole(number: &str) -> Option<i128> {
    let (negative, rest) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (significand, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    let digits = [whole, fraction].concat();
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let digits = digits.trim_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    // The places between the last digit that counts and the point. What doesn't fit is far out of range either way.
    let places = exponent
        .parse::<i32>()
        .ok()?
        .checked_sub(i32::try_from(fraction.len()).ok()?)?
        .checked_add(i32::try_from(zeros).ok()?)?;
    let factor = 10_i128.checked_pow(u32::try_from(places).ok()?)?;
    let value = digits.parse::<i128>().ok()?.checked_mul(factor)?;
    Some(if negative { -value } else { value })
}

/// Reads a text. Of an array or object, only the text of its items is looked through until they are read themselves.
pub(super) struct Deserializer<'de> {
    text: &'de str,
    /// Whether the text is known to be JSON, without white space around it.
    checked: bool,
    /// Whether the vendor wrote it.
    tolerant: bool,
}

impl<'de> Deserializer<'de> {
    pub(super) fn new(text: &'de str, tolerant: bool) -> Self {
        Self {
            text,
            checked: false,
            tolerant,
        }
    }

    /// Of the vendor's text that was looked through.
    pub(super) fn of_json(text: &'de str) -> Self {
        Self {
            text,
            checked: true,
            tolerant: true,
        }
    }

    #[inline(never)]
    fn checked(&self) -> Result<&'de str, Invalid> {
        if self.checked {
            return Ok(self.text);
        }
        Ok(check(self.text)?)
    }

    /// A value that is no array and no object. Null counts as missing.
    #[inline(never)]
    fn scalar(&self) -> Result<&'de str, Invalid> {
        match self.checked()? {
            "null" => Err(required("")),
            text => Ok(text),
        }
    }

    #[inline(never)]
    fn string(&self, expected: &'static str) -> Result<Cow<'de, str>, Invalid> {
        let text = self.scalar()?;
        let text = if self.tolerant {
            unescape_lossy(text)
        } else {
            unescape(text)
        };
        text.ok_or_else(|| wrong_type(expected))
    }

    /// A whole number as it has to be written, or in the vendor's ways. `None` for anything else.
    #[inline(never)]
    fn whole(&self) -> Result<Option<i128>, Invalid> {
        let text = self.scalar()?;
        if !self.tolerant {
            return Ok(text.parse().ok());
        }
        let number = match unescape(text) {
            Some(text) if bananatech_json::is_number(&text) => text,
            Some(_) => return Ok(None),
            None => Cow::Borrowed(text),
        };
        Ok(number.parse().ok().or_else(|| whole(&number)))
    }

    /// The items of an array or object.
    #[inline(never)]
    fn items(&self, open: char, expected: &'static str) -> Result<Items<'de>, Invalid> {
        let text = self.text.trim_start_matches([' ', '\t', '\n', '\r']);
        if text.starts_with(open) {
            return Ok(Items::of(text));
        }
        self.scalar()?;
        Err(wrong_type(expected))
    }
}

/// Hands a text to a visitor, in one way only: there are many visitors. A copy that had to be made is wiped: it may be a PIN.
fn visit_text<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value, Invalid> {
    let visited = visitor.visit_str(&text);
    if let Cow::Owned(text) = text {
        drop(Zeroizing::new(text));
    }
    visited
}

impl<'de> de::Deserializer<'de> for Deserializer<'de> {
    type Error = Invalid;

    /// The text, as bytes: so serde's `flatten` keeps it as it is.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_borrowed_bytes(self.checked()?.as_bytes())
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.scalar()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(wrong_type("true or false")),
        }
    }

    /// What isn't a whole number, or too large a one, is a unit: the visitor knows the right error.
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.whole()?.map(i64::try_from) {
            Some(Ok(number)) => visitor.visit_i64(number),
            _ => visitor.visit_unit(),
        }
    }

    /// As [`Deserializer::deserialize_i64`].
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.whole()?.map(u64::try_from) {
            Some(Ok(number)) => visitor.visit_u64(number),
            _ => visitor.visit_unit(),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visit_text(self.string("a string")?, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.text {
            "null" => visitor.visit_none(),
            "\"\"" if self.tolerant => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_seq(List {
            items: self.items('[', "an array")?,
            index: 0,
            tolerant: self.tolerant,
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_map(Object {
            items: self.items('{', "an object")?,
            name: Cow::Borrowed(""),
            value: "",
            tolerant: self.tolerant,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        match unescape(self.scalar()?) {
            Some(word) => visitor.visit_enum(StrDeserializer::new(&word)),
            None => Err(wrong_type(one_of(words))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.checked()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

/// The items of an array, with their index in the error.
struct List<'de> {
    items: Items<'de>,
    index: usize,
    tolerant: bool,
}

impl<'de> SeqAccess<'de> for List<'de> {
    type Error = Invalid;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Invalid> {
        let Some(item) = self.items.next() else {
            return Ok(None);
        };
        let (_, text) = item?;
        let value = seed
            .deserialize(Deserializer {
                text,
                checked: true,
                tolerant: self.tolerant,
            })
            .map_err(|error| error.within(&format!("[{}]", self.index)))?;
        self.index += 1;
        Ok(Some(value))
    }
}

/// The fields of an object, with their name in the error.
struct Object<'de> {
    items: Items<'de>,
    name: Cow<'de, str>,
    value: &'de str,
    tolerant: bool,
}

impl<'de> MapAccess<'de> for Object<'de> {
    type Error = Invalid;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Invalid> {
        match self.next_name()? {
            Some(name) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Invalid> {
        seed.deserialize(self.value())
            .map_err(|error| self.within(error))
    }
}

// What is the same for fields of all types, and so isn't there once for each.
impl<'de> Object<'de> {
    #[inline(never)]
    fn next_name(&mut self) -> Result<Option<&str>, Invalid> {
        let Some(item) = self.items.next() else {
            return Ok(None);
        };
        let (name, text) = item?;
        let name = if self.tolerant {
            unescape_lossy(name)
        } else {
            unescape(name)
        };
        self.name = name.ok_or_else(|| wrong_type("an object"))?;
        self.value = text;
        Ok(Some(&self.name))
    }

    fn value(&self) -> Deserializer<'de> {
        Deserializer {
            text: self.value,
            checked: true,
            tolerant: self.tolerant,
        }
    }

    /// Only a field that is known can be wrong: of the others, any JSON is kept. So no name from outside is repeated.
    #[cold]
    fn within(&self, error: Invalid) -> Invalid {
        error.within(&self.name)
    }
}
