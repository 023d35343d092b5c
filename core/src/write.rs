//! JSON out: one small writer behind every type, instead of a derived one for each.
//!
//! The types implement serde's `Serialize` too, for whoever stores them in another format. This writer is what the library
//! itself uses: it compiles to a fraction of the code, which counts where the library is downloaded (WebAssembly), and it
//! knows which integers JavaScript would round.

use crate::error::{Code, Invalid};
use crate::json::{Extra, Field};

/// 2^53 - 1, `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;

/// What [`ToJson`] rests on. It is apart from it so that a list of fields of any types doesn't bring every function of every type.
#[doc(hidden)]
pub trait Written {
    /// Writes the value.
    fn write(&self, out: &mut JsonWriter);

    /// Whether the value, as a field, is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A value of this library that can be written as JSON: with the API's field names, and amounts as strings.
pub trait ToJson: Written {
    /// The value as JSON text. Integers have all their digits.
    ///
    /// ```
    /// use bananatech_core::{CardId, ToJson};
    /// assert_eq!(CardId::new(1 << 62).unwrap().to_json_text(), "4611686018427387904");
    /// ```
    fn to_json_text(&self) -> String {
        let mut out = JsonWriter::default();
        self.write(&mut out);
        out.text
    }

    /// The value as JSON text for JavaScript's `JSON.parse`. Raw JSON that was kept as it came is passed on as it is.
    ///
    /// Errors with [`Code::IdRange`] for an integer beyond 2^53 - 1, which `JSON.parse` would round; it names the field.
    ///
    /// ```
    /// use bananatech_core::{CardId, ToJson};
    /// assert_eq!(CardId::from(7).to_javascript().unwrap(), "7");
    /// assert!(CardId::new(1 << 53).unwrap().to_javascript().is_err());
    /// ```
    fn to_javascript(&self) -> Result<String, Invalid> {
        let mut out = JsonWriter::default();
        self.write(&mut out);
        out.into_javascript()
    }
}

impl<T: Written + ?Sized> ToJson for T {}

/// The same as [`ToJson::to_json_text`], compiled once.
pub(crate) fn text(value: &dyn Written) -> String {
    value.to_json_text()
}

/// Where JSON is written to.
#[derive(Default)]
pub struct JsonWriter {
    text: String,
    /// The field that is being written.
    field: &'static str,
    /// The first field with an integer that JavaScript would round.
    rounded: Option<&'static str>,
}

impl JsonWriter {
    fn into_javascript(self) -> Result<String, Invalid> {
        match self.rounded {
            None => Ok(self.text),
            Some(field) => Err(Invalid::new(
                field,
                Code::IdRange,
                "a whole number up to 9007199254740991, the largest that JavaScript holds exactly",
            )),
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        // A value never ends in an opening bracket, so what does is a list that has no item yet.
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    /// JSON as it is.
    pub(crate) fn raw(&mut self, json: &str) {
        self.text.push_str(json);
    }

    pub(crate) fn string(&mut self, text: &str) {
        if bananatech_json::is_plain(text) {
            self.text.push('"');
            self.text.push_str(text);
            self.text.push('"');
        } else {
            // A string always has a JSON form.
            self.text
                .push_str(&serde_json::to_string(text).unwrap_or_default());
        }
    }

    pub(crate) fn unsigned(&mut self, number: u64) {
        if number > MAX_SAFE_INTEGER {
            self.rounded.get_or_insert(self.field);
        }
        self.text.push_str(itoa::Buffer::new().format(number));
    }

    pub(crate) fn signed(&mut self, number: i64) {
        if number < 0 {
            self.text.push('-');
        }
        self.unsigned(number.unsigned_abs());
    }

    /// Begins an object.
    #[doc(hidden)]
    pub fn open(&mut self) {
        self.text.push('{');
    }

    /// Ends an object.
    #[doc(hidden)]
    pub fn close(&mut self) {
        self.text.push('}');
    }

    /// A field, unless it is absent.
    #[doc(hidden)]
    pub fn field(&mut self, name: &'static str, value: &dyn Written) {
        if value.is_absent() {
            return;
        }
        self.name(name);
        self.field = name;
        value.write(self);
    }

    /// An object: its fields, and those that the contract doesn't name.
    pub(crate) fn object(
        &mut self,
        fields: &[Field],
        values: &[&dyn Written],
        extra: Option<&Extra>,
    ) {
        self.open();
        for ((name, _), value) in fields.iter().zip(values) {
            self.field(name, *value);
        }
        if let Some(extra) = extra {
            extra.write_into(self);
        }
        self.close();
    }

    /// A field's name. Those of the caller's and of the API's own fields may need escaping.
    pub(crate) fn name(&mut self, name: &str) {
        self.separate();
        self.string(name);
        self.text.push(':');
    }

    /// `"kind": …` or the like, before the fields of one case of several.
    #[doc(hidden)]
    pub fn tag(&mut self, name: &str, word: &str) {
        self.name(name);
        self.string(word);
    }

    pub(crate) fn list<T: Written>(&mut self, items: &[T]) {
        self.text.push('[');
        for item in items {
            self.separate();
            item.write(self);
        }
        self.text.push(']');
    }
}

impl Written for str {
    fn write(&self, out: &mut JsonWriter) {
        out.string(self);
    }
}

impl Written for String {
    fn write(&self, out: &mut JsonWriter) {
        out.string(self);
    }
}

impl Written for bool {
    fn write(&self, out: &mut JsonWriter) {
        out.raw(if *self { "true" } else { "false" });
    }
}

impl Written for u64 {
    fn write(&self, out: &mut JsonWriter) {
        out.unsigned(*self);
    }
}

impl Written for i64 {
    fn write(&self, out: &mut JsonWriter) {
        out.signed(*self);
    }
}

impl<T: Written + ?Sized> Written for &T {
    fn write(&self, out: &mut JsonWriter) {
        (**self).write(out);
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
}

impl<T: Written> Written for Box<T> {
    fn write(&self, out: &mut JsonWriter) {
        (**self).write(out);
    }
}

impl<T: Written> Written for Option<T> {
    fn write(&self, out: &mut JsonWriter) {
        match self {
            Some(value) => value.write(out),
            None => out.raw("null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Written> Written for Vec<T> {
    fn write(&self, out: &mut JsonWriter) {
        out.list(self);
    }
}
