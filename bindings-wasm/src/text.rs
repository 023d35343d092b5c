//! JSON text of the core's types, as JavaScript can read it without loss.

use std::io;

use bananatech_core::{Pending, PendingId};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

/// 2^53 - 1, `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;

/// An integer of a typed field that JavaScript would round.
pub(crate) struct Unsafe {
    /// The field that it stands in.
    pub(crate) field: String,
}

/// JSON for `JSON.parse`. An integer beyond [`MAX_SAFE_INTEGER`] (an id, a time) is an error that names its field. Raw JSON
/// that the core kept as it came is passed on as it is.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String, Unsafe> {
    let mut text = Vec::with_capacity(256);
    let mut formatter = SafeIntegers::default();
    let written = {
        let mut writer = serde_json::Serializer::with_formatter(&mut text, &mut formatter);
        value.serialize(&mut writer)
    };
    match written {
        // serde_json writes UTF-8 only.
        Ok(()) => Ok(String::from_utf8(text).unwrap_or_default()),
        Err(_) => Err(Unsafe {
            field: formatter.field,
        }),
    }
}

/// serde_json's compact form, in which each integer is one that a double can hold. It remembers the last field's name.
#[derive(Default)]
struct SafeIntegers {
    field: String,
    in_key: bool,
}

impl SafeIntegers {
    fn check(&self, magnitude: u64) -> io::Result<()> {
        if magnitude > MAX_SAFE_INTEGER {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(())
    }
}

impl Formatter for &mut SafeIntegers {
    fn write_u64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        self.check(value)?;
        CompactFormatter.write_u64(writer, value)
    }

    fn write_i64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        self.check(value.unsigned_abs())?;
        CompactFormatter.write_i64(writer, value)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.in_key = true;
        self.field.clear();
        CompactFormatter.begin_object_key(writer, first)
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if self.in_key {
            self.field.push_str(fragment);
        }
        CompactFormatter.write_string_fragment(writer, fragment)
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.in_key = false;
        CompactFormatter.end_object_key(writer)
    }
}

/// One pending operation with its id.
#[derive(Serialize)]
pub(crate) struct Entry<'a> {
    pub(crate) id: PendingId,
    pub(crate) pending: &'a Pending,
}
