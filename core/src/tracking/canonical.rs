//! One text for all ways to write the same JSON.

use std::borrow::Cow;

use bananatech_json::{Items, unescape};
use zeroize::Zeroizing;

/// Deeper than that, a value is taken as it is written: no event of the vendor's is so deep.
const DEEPEST: u8 = 32;

/// Fields whose long numbers are card numbers. What could be one is cut to its last four digits.
const CARD_NUMBERS: [&str; 2] = ["card_number", "number"];

/// The canonical form of a JSON text: RFC 8785 (names sorted, no white space, one way to write a text and a number), except that
/// a number keeps all its digits, where the RFC rounds it to a double. The text must be JSON.
pub(super) fn canonical(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    write_value("", text.trim(), DEEPEST, &mut out);
    out
}

fn write_value(name: &str, value: &str, depth: u8, out: &mut String) {
    let rest = depth.saturating_sub(1);
    match value.as_bytes().first() {
        Some(b'{' | b'[') if rest == 0 => out.push_str(value),
        Some(b'{') => {
            let mut fields: Vec<_> = Items::of(value)
                .filter_map(Result::ok)
                .map(|(name, value)| (plain(name), value))
                .collect();
            // The order that the RFC asks for: by UTF-16 code units.
            fields.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            list(out, ['{', '}'], &fields, |(name, value), out| {
                write_text(name, out);
                out.push(':');
                write_value(name, value, rest, out);
            });
        }
        Some(b'[') => {
            let items: Vec<_> = Items::of(value).filter_map(Result::ok).collect();
            list(out, ['[', ']'], &items, |(_, item), out| {
                write_value(name, item, rest, out);
            });
        }
        Some(b'"') => {
            let text = plain(value);
            write_text(without_card_number(name, &text), out);
        }
        // Mostly a whole number, which is written in one way only.
        Some(b'1'..=b'9')
            if value.len() <= 21 && value.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            out.push_str(without_card_number(name, value));
        }
        Some(b'-' | b'0'..=b'9') => match number(value) {
            Some(text) => out.push_str(without_card_number(name, &text)),
            None => out.push_str(value),
        },
        _ => out.push_str(value),
    }
}

fn list<T>(out: &mut String, ends: [char; 2], items: &[T], write: impl Fn(&T, &mut String)) {
    let [open, close] = ends;
    out.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}

/// A string's text. Where it has none, as half of a surrogate pair hasn't, it is the string as it is written.
fn plain(quoted: &str) -> Cow<'_, str> {
    unescape(quoted).unwrap_or(Cow::Borrowed(quoted))
}

fn write_text(text: &str, out: &mut String) {
    let is_escaped = |byte: u8| byte < b' ' || matches!(byte, b'"' | b'\\');
    if !text.bytes().any(is_escaped) {
        out.extend(["\"", text, "\""]);
        return;
    }
    let quoted = serde_json::to_string(text).map(Zeroizing::new);
    out.push_str(&quoted.unwrap_or_default());
}

fn without_card_number<'a>(name: &str, text: &'a str) -> &'a str {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits < 12 || !CARD_NUMBERS.contains(&name) {
        return text;
    }
    let last = text.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    text.get(last..).unwrap_or_default()
}

/// A number as ECMAScript writes it, with all its digits; `None` if its exponent is out of all bounds.
fn number(text: &str) -> Option<String> {
    let (sign, text) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let zeros = all.len() - digits.len();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    // The number is 0.digits times ten to the power of `point`.
    let exponent: i32 = exponent.parse().ok()?;
    let point = i32::try_from(whole.len())
        .ok()?
        .checked_sub(i32::try_from(zeros).ok()?)?
        .checked_add(exponent)?;
    let count = i32::try_from(digits.len()).ok()?;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    Some(match point {
        _ if point >= count && point <= 21 => format!("{sign}{digits}{}", zeros(point - count)),
        1..=21 => {
            let (before, after) = digits.split_at(usize::try_from(point).ok()?);
            format!("{sign}{before}.{after}")
        }
        -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{dot}{rest}e{:+}", point.checked_sub(1)?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfcs_example() {
        let text = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        // The RFC writes 333333333.3333333, the nearest double.
        let expected = r#"{"literals":[null,true,false],"numbers":[333333333.33333329,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
        assert_eq!(*canonical(text), expected);
    }

    #[test]
    fn names_are_sorted_by_utf_16() {
        // RFC 8785, 3.2.3.
        let text = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
        let values: String = canonical(text)
            .chars()
            .zip(canonical(text).chars().skip(1))
            .filter_map(|(before, digit)| (before == ':').then_some(digit))
            .collect();
        assert_eq!(values, "2467153");
    }

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("-0.0", "0"),
            ("100.0", "100"),
            ("1.10", "1.1"),
            ("0.0000010", "0.000001"),
            ("0.00000010", "1e-7"),
            ("123e19", "1.23e+21"),
            ("1e20", "100000000000000000000"),
            ("-12.5E1", "-125"),
            ("18446744073709551617", "18446744073709551617"),
            ("1e99999999999", "1e99999999999"),
        ] {
            assert_eq!(*canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn card_numbers_are_cut() {
        assert_eq!(
            *canonical(r#"{"card_number":"4111 1111 1111 1111"}"#),
            r#"{"card_number":"1111"}"#
        );
        assert_eq!(
            *canonical(r#"{"data":[{"number":4111111111111111}]}"#),
            r#"{"data":[{"number":1111}]}"#
        );
        let id = r#"{"transaction_id":4111111111111111}"#;
        assert_eq!(*canonical(id), id);
    }

    #[test]
    fn half_of_a_pair_and_depth() {
        assert_ne!(canonical(r#""\ud800""#), canonical(r#""\ud801""#));
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(*canonical(&deep), deep);
    }
}
