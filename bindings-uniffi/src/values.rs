//! How the core's values cross. Its records and enums are declared to UniFFI by `build.rs`, as remote types with the core's
//! documentation; here are the values that are a text or a number in other languages.

use std::collections::HashMap;

use bananatech_core::fields::{BirthDate, FieldSelection, YearMonth};
use bananatech_core::{
    ActivationPin, Amount, CardId, CardNumber, Currency, Cvv, DisplayedNumber, Expiry, Extra,
    Invalid, Json, OperationId, Personal, Pin, Scope, TemplateId, ThingId, Timestamp,
    TransactionId, Url, UserId,
};
use zeroize::Zeroizing;

use crate::error::BananaTechError;

/// A text that must not be seen: a card number, a PIN, a key. Wiped on drop; `Debug` shows nothing of it.
pub struct Redacted(Zeroizing<String>);

impl Redacted {
    /// In clear, for the core to read.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Redacted {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl From<String> for Redacted {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Redacted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redacted(…)")
    }
}

uniffi::custom_type!(Redacted, String, {
    lower: |text| text.expose().to_owned(),
    try_lift: |text| Ok(Redacted(Zeroizing::new(text))),
});

/// What somebody typed into a field. It crosses whatever it is: in a language whose texts may hold half of a character, as some
/// keyboards leave it, U+FFFD stands for that.
pub struct FieldText(String);

impl FieldText {
    /// For the core to read.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

uniffi::custom_type!(FieldText, String, {
    lower: |text| text.0,
    try_lift: |text| Ok(FieldText(text)),
});

/// The same, where it must not be seen.
pub struct RedactedFieldText(Redacted);

impl RedactedFieldText {
    /// In clear, for the core to read.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

uniffi::custom_type!(RedactedFieldText, String, {
    lower: |text| text.expose().to_owned(),
    try_lift: |text| Ok(RedactedFieldText(text.into())),
});

/// A URL that isn't checked as it crosses: the one that comes in is checked with its own name, the one that goes out was made here.
pub struct Address(String);

impl Address {
    pub(crate) fn new(url: &str) -> Self {
        Self(url.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

uniffi::custom_type!(Address, String, {
    lower: |url| url.0,
    try_lift: |url| Ok(Address(url)),
});

/// How many digits: an integer of the usual size in Swift.
pub struct Length(pub(crate) i32);

uniffi::custom_type!(Length, i32, {
    lower: |length| length.0,
    try_lift: |length| Ok(Length(length)),
});

/// A value that the core parses: its error must be the functions' own, or else UniFFI panics.
macro_rules! parsed {
    ($type:ident, $builtin:ty, $lower:expr, $parse:expr) => {
        uniffi::custom_type!($type, $builtin, {
            remote,
            lower: $lower,
            try_lift: |value| {
                let parse: fn($builtin) -> Result<$type, BananaTechError> = $parse;
                Ok(parse(value)?)
            },
        });
    };
}

/// Which rule was broken: a stable code, as `pin.length`.
pub use bananatech_core::Code as ErrorCode;
parsed!(ErrorCode, String, |code| code.as_str().to_owned(), |text| {
    let code = ErrorCode::parse(&text);
    Ok(code.ok_or_else(|| Invalid::new("code", ErrorCode::FieldType, "an error's code"))?)
});

macro_rules! ids {
    ($($type:ident),+) => {$(
        parsed!(
            $type,
            i64,
            // Every id fits: it is one of 0 to 2^63 - 1.
            |id| i64::try_from(id.get()).unwrap_or(i64::MAX),
            // A negative number is as far out of range as one beyond it, and the core says so.
            |id| Ok($type::new(u64::try_from(id).unwrap_or(u64::MAX))?)
        );
    )+};
}

ids!(UserId, CardId, TemplateId, TransactionId);

parsed!(OperationId, String, |id| id.to_string(), |text| {
    Ok(text.parse()?)
});
parsed!(ThingId, String, |id| id.to_string(), |text| {
    Ok(text.parse()?)
});
parsed!(Scope, String, |scope| scope.to_string(), |_| {
    // It is told, and nothing takes it.
    Err(Invalid::new("foreign_activity", ErrorCode::FieldType, "nothing").into())
});

/// Digits that must not be seen, checked on the way in.
macro_rules! secret_digits {
    ($($type:ident),+) => {$(
        parsed!(
            $type,
            Redacted,
            |digits| digits.expose().into(),
            |text| Ok($type::parse(text.expose())?)
        );
    )+};
}

secret_digits!(ActivationPin, CardNumber, Cvv, Pin);

parsed!(Amount, String, |amount| amount.to_string(), |text| {
    if text.starts_with('~') {
        // Swift's, of a literal with a fraction.
        let expected = "an exact amount: a literal of Decimal is a binary float first, so write Decimal(amount: \"100.10\")";
        return Err(Invalid::new("amount", ErrorCode::AmountFormat, expected).into());
    }
    Ok(Amount::parse(&text)?)
});
parsed!(Url, String, |url| url.as_str().to_owned(), |text| Ok(
    Url::parse(&text)?
));
parsed!(Currency, String, |code| code.as_str().to_owned(), |text| {
    Ok(Currency::parse(&text)?)
});
parsed!(Json, Redacted, |json| json.as_str().into(), |text| Ok(
    Json::parse(text.expose())?
));
parsed!(Personal, Redacted, |text| text.as_str().into(), |text| Ok(
    Personal::from(text.expose())
));
parsed!(Timestamp, i64, |time| time.as_millis(), |millis| Ok(
    Timestamp::from_millis(millis)
));
parsed!(
    DisplayedNumber,
    Redacted,
    |number| match number {
        DisplayedNumber::Full(number) => number.expose().into(),
        DisplayedNumber::Masked(text) => text.as_str().into(),
    },
    |text| Ok(DisplayedNumber::from(text.expose()))
);
parsed!(
    Expiry,
    i32,
    // Month and year in one number: 1125 is no less plain than "11/25", and there is nothing to parse on the other side.
    |expiry| i32::from(expiry.year()) * 100 + i32::from(expiry.month()),
    |number| {
        let month = u8::try_from(number.rem_euclid(100)).unwrap_or(0);
        let year = u16::try_from(number.div_euclid(100)).unwrap_or(0);
        Ok(Expiry::new(month, year)?)
    }
);

parsed!(
    YearMonth,
    i32,
    |month| i32::from(month.year) * 100 + i32::from(month.month),
    |number| Ok(YearMonth {
        year: u16::try_from(number.div_euclid(100)).unwrap_or(0),
        month: u8::try_from(number.rem_euclid(100)).unwrap_or(0),
    })
);
parsed!(
    BirthDate,
    i32,
    |date| (i32::from(date.year) * 100 + i32::from(date.month)) * 100 + i32::from(date.day),
    |number| Ok(BirthDate {
        year: u16::try_from(number.div_euclid(10_000)).unwrap_or(0),
        month: u8::try_from(number.div_euclid(100).rem_euclid(100)).unwrap_or(0),
        day: u8::try_from(number.rem_euclid(100)).unwrap_or(0),
    })
);
parsed!(
    FieldSelection,
    i64,
    // Both in one number. No text that fits a field is too long for that.
    |selection| {
        let part = |position| i64::try_from(position).map_or(HALF - 1, |part| part.min(HALF - 1));
        part(selection.start) * HALF + part(selection.end)
    },
    |number| {
        // What is before the text is its start.
        let position = |part| usize::try_from(part).unwrap_or(0);
        Ok(FieldSelection {
            start: position(number.div_euclid(HALF)),
            end: position(number.rem_euclid(HALF)),
        })
    }
);

/// A number that is never negative, or none: Java has no unsigned numbers, so it crosses as a signed one that is wide enough.
pub(crate) trait Unsigned: Sized {
    /// What it crosses as.
    type Signed;

    /// What is too large even so is the largest that there is.
    fn signed(self) -> Self::Signed;

    /// Of a short number, the nearest that there is: fields judge, and don't fail. Of a long one, errors with `field.type`, by that name,
    /// for what is negative or too large (caused by the caller).
    fn of(signed: Self::Signed, field: &'static str) -> Result<Self, BananaTechError>;
}

macro_rules! unsigned {
    ($($type:ident as $signed:ident, |$given:ident, $field:ident| $of:expr;)+) => {$(
        impl Unsigned for $type {
            type Signed = $signed;

            fn signed(self) -> $signed {
                $signed::try_from(self).unwrap_or($signed::MAX)
            }

            fn of($given: $signed, $field: &'static str) -> Result<Self, BananaTechError> {
                $of
            }
        }
    )+};
}

unsigned! {
    u8 as i32, |given, _field| Ok(u8::try_from(given.max(0)).unwrap_or(u8::MAX));
    u16 as i32, |given, _field| Ok(u16::try_from(given.max(0)).unwrap_or(u16::MAX));
    u32 as i64, |given, field| {
        let expected = "a whole number from 0 to 4294967295";
        Ok(u32::try_from(given).map_err(|_| Invalid::new(field, ErrorCode::FieldType, expected))?)
    };
    u64 as i64, |given, field| {
        let expected = "a whole number from 0 on";
        Ok(u64::try_from(given).map_err(|_| Invalid::new(field, ErrorCode::FieldType, expected))?)
    };
}

impl<T: Unsigned> Unsigned for Option<T> {
    type Signed = Option<T::Signed>;

    fn signed(self) -> Self::Signed {
        self.map(T::signed)
    }

    fn of(signed: Self::Signed, field: &'static str) -> Result<Self, BananaTechError> {
        signed.map(|signed| T::of(signed, field)).transpose()
    }
}

/// Has a type of the core cross as another, of the same name, which UniFFI knows.
macro_rules! crosses_as {
    ($type:ty, $as:ty) => {
        #[expect(unsafe_code, reason = "as what UniFFI's derives write: all is left to the other type's")]
        unsafe impl uniffi::FfiConverter<crate::UniFfiTag> for $type {
            uniffi::ffi_converter_rust_buffer_lift_and_lower!(crate::UniFfiTag);

            fn write(value: Self, buf: &mut Vec<u8>) {
                <$as as uniffi::FfiConverter<crate::UniFfiTag>>::write(value.into(), buf);
            }

            fn try_read(buf: &mut &[u8]) -> uniffi::deps::anyhow::Result<Self> {
                let crossed = <$as as uniffi::FfiConverter<crate::UniFfiTag>>::try_read(buf)?;
                Ok(crossed.try_into()?)
            }

            const TYPE_ID_META: uniffi::MetadataBuffer =
                <$as as uniffi::FfiConverter<crate::UniFfiTag>>::TYPE_ID_META;
        }

        uniffi::derive_ffi_traits!(local $type);
    };
}

/// How many positions a half of a selection's number has room for.
const HALF: i64 = 1 << 31;

type Fields = HashMap<String, Json>;
parsed!(
    Extra,
    Fields,
    |extra| extra
        .iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect(),
    |fields| Ok(fields
        .into_iter()
        .fold(Extra::new(), |extra, (name, value)| extra
            .with(&name, value)))
);

/// The core's records and enums.
mod remote {
    use super::Unsigned;
    use crate::error::BananaTechError;
    use bananatech_core::fields::*;
    use bananatech_core::operations::card::*;
    use bananatech_core::operations::merchant::*;
    use bananatech_core::operations::user::*;
    use bananatech_core::operations::*;
    use bananatech_core::*;

    include!(concat!(env!("OUT_DIR"), "/remote.rs"));
}
