//! JavaScript's numbers as the integers that they are.

use bananatech_core::{Code, Invalid, Timestamp};

use crate::out::LARGEST;

/// A whole number. Within the range in which doubles hold all of them, the conversion is exact.
fn whole(number: f64) -> Option<i64> {
    let exact = number % 1.0 == 0.0 && number.abs() <= LARGEST as f64;
    exact.then_some(number as i64)
}

/// A number that isn't negative, as ids are.
pub(crate) fn unsigned(field: &'static str, number: f64) -> Result<u64, Invalid> {
    let number = whole(number).and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| {
        Invalid::new(
            field,
            Code::IdRange,
            format!("a whole number up to {LARGEST}"),
        )
    })
}

/// A time in milliseconds since 1970.
pub(crate) fn timestamp(field: &'static str, millis: f64) -> Result<Timestamp, Invalid> {
    let millis = whole(millis).ok_or_else(|| {
        Invalid::new(
            field,
            Code::TimestampFormat,
            "a whole number of milliseconds",
        )
    })?;
    Ok(Timestamp::from_millis(millis))
}
