//! Points in time, which callers pass in: nothing in the library reads a clock.

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This time, so many milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms))
    }

    /// As ISO-8601 in UTC, to the second: `2024-01-15T10:30:00Z`.
    pub fn iso(self) -> String {
        let (year, month, day) = civil(self.0.div_euclid(DAY_MS));
        let seconds = self.0.rem_euclid(DAY_MS) / 1000;
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }

    /// Reads `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SSZ`.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, time.strip_suffix('Z')?),
            None => (text, "00:00:00"),
        };
        let [year, month, day] = three(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = three(time, ':', [2, 2, 2])?;
        let days = days(year, month, day);
        if civil(days) != (year, month, day) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Timestamp(
            days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000,
        ))
    }

    /// The first moment of this time's day, in UTC.
    #[must_use]
    pub const fn start_of_day(self) -> Timestamp {
        Timestamp(self.0 - self.0.rem_euclid(DAY_MS))
    }

    /// The first moment of this time's month, in UTC.
    #[must_use]
    pub fn start_of_month(self) -> Timestamp {
        let (year, month, _) = civil(self.0.div_euclid(DAY_MS));
        Timestamp(days(year, month, 1) * DAY_MS)
    }

    /// A card's expiry date so many years from now, as `MM/YY`.
    pub(crate) fn expiry_in_years(self, years: i64) -> String {
        let (year, month, _) = civil(self.0.div_euclid(DAY_MS));
        format!("{month:02}/{:02}", (year + years).rem_euclid(100))
    }
}

fn three(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.split(separator);
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// The Gregorian date of a day counted from 1970-01-01 (after Howard Hinnant's `civil_from_days`).
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + (month <= 2) as i64;
    (year, month, day)
}

/// The inverse of [`civil`].
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - (month <= 2) as i64;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_and_back() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_705_314_600_000, "2024-01-15T10:30:00Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00Z"),
            (-1000, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp(ms).iso(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp(ms)));
        }
        assert_eq!(
            Timestamp::parse("2024-01-15"),
            Some(Timestamp(1_705_276_800_000))
        );
        for text in [
            "2023-02-29",
            "2024-13-01",
            "2024-1-1",
            "2024-01-15T24:00:00Z",
            "2024-01-15T10:30:00",
            "",
            "é024-01-15",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn starts() {
        let time = Timestamp(1_705_314_600_123);
        assert_eq!(time.start_of_day().iso(), "2024-01-15T00:00:00Z");
        assert_eq!(time.start_of_month().iso(), "2024-01-01T00:00:00Z");
        assert_eq!(time.expiry_in_years(3), "01/27");
    }
}
