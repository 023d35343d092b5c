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

/// How many digits: an integer of the usual size in other languages, where a list of bytes would be binary data.
pub struct Length(pub(crate) u8);

uniffi::custom_type!(Length, u8, {
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

parsed!(Amount, String, |amount| amount.to_string(), |text| Ok(
    Amount::parse(&text)?
));
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
    use bananatech_core::fields::*;
    use bananatech_core::operations::card::*;
    use bananatech_core::operations::merchant::*;
    use bananatech_core::operations::user::*;
    use bananatech_core::operations::*;
    use bananatech_core::*;

    include!(concat!(env!("OUT_DIR"), "/remote.rs"));
}
