//! Every field: a verdict and a reason go together, nothing is changed but how it is written, and positions stay within the text.
#![no_main]

use bananatech_core::fields::{
    BirthDate, Brand, Brands, CvvLength, ExpiryRules, FieldEdit, FieldFormat, FieldSelection,
    FieldVerdict, LONGEST, Luhn, NumberRules, PinContext, PinLength, PinRules, Validity, YearMonth,
    cardholder_name, cvv, edit, expiry, luhn, number, pin, postal_code, review,
};
use bananatech_fuzz::choice;
use libfuzzer_sys::fuzz_target;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

fn checked(verdict: FieldVerdict) -> FieldVerdict {
    assert_eq!(
        verdict.validity == Validity::Valid,
        verdict.reason.is_none()
    );
    assert_eq!(verdict.is_valid(), verdict.validity == Validity::Valid);
    assert_eq!(
        verdict.is_potentially_valid(),
        verdict.validity != Validity::Invalid
    );
    verdict
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The digits 0 to 9 of a text, in whichever of the scripts that a field takes.
fn digits(text: &str) -> String {
    let is_digit = |c: u32| {
        char::from_u32(c).is_some_and(|c| c.general_category() == GeneralCategory::DecimalNumber)
    };
    // Each script's ten stand in a row, 0 first, and where rows touch, they do so in tens.
    let value = |c: char| {
        let c = u32::from(c);
        let before = (0..c).rev().take_while(|c| is_digit(*c)).count();
        is_digit(c).then(|| u32::try_from(before % 10).unwrap_or(0))
    };
    text.chars()
        .filter_map(|c| char::from_digit(value(c)?, 10))
        .collect()
}

fn judge(choices: [usize; 4], text: &str, other: &str) {
    let [first, second, third, fourth] = choices;
    let rules = NumberRules {
        max_length: (first % 2 == 0).then(|| u8::try_from(second).unwrap_or(0)),
        skip_luhn: third % 2 == 0,
        luhn_unionpay: fourth % 2 == 0,
    };
    let field = number(text, rules);
    let verdict = checked(field.verdict);
    let value = field.value();
    let is_digits = value.bytes().all(|byte| byte.is_ascii_digit());
    if checked(field.assignment).is_valid() {
        assert!(is_digits && (16..=19).contains(&value.len()));
    }
    if verdict.is_valid() {
        let brand = field.brand.expect("a valid number has a brand");
        assert!(
            brand
                .lengths()
                .iter()
                .any(|length| usize::from(*length) == value.len())
        );
        assert!(
            is_digits
                && (luhn(&value) == Luhn::Valid || rules.skip_luhn || brand == Brand::UnionPay)
        );
    }
    assert_eq!(field.brand, field.brands.only());
    if is_digits && units(text) <= LONGEST {
        assert_eq!(field.brands, Brands::of(&value));
    }
    assert_eq!(
        usize::try_from(field.brands.len()),
        Ok(field.brands.iter().count())
    );

    let now = YearMonth {
        year: u16::try_from(second * 256 + third).unwrap_or(0),
        month: u8::try_from(fourth).unwrap_or(0),
    };
    for now in [
        now,
        YearMonth {
            year: 2026,
            month: 11,
        },
    ] {
        let mut rules = ExpiryRules::at(now);
        for max_years in [19, 0, u16::MAX] {
            rules.max_years = max_years;
            let field = expiry(text, rules);
            if checked(field.verdict).is_valid() {
                let value = field.value.expect("a valid date is one");
                assert!(value >= now && (1..=12).contains(&value.month));
            }
        }
    }
    for length in [CvvLength::Three, CvvLength::Four, CvvLength::ThreeOrFour] {
        checked(cvv(text, length).verdict);
    }
    checked(cardholder_name(text).verdict);
    checked(postal_code(text, first).verdict);

    let context = PinContext {
        birth_date: BirthDate::parse(other),
        phone: Some(other),
        card_number: (first % 3 == 0).then_some(text),
    };
    for length in [PinLength::FourToSix, PinLength::Six] {
        for refuse_weak in [false, true] {
            let field = pin(
                text,
                PinRules {
                    length,
                    refuse_weak,
                    context,
                },
            );
            if checked(field.verdict).is_valid() {
                assert!(!refuse_weak || field.weaknesses.is_empty());
                assert_eq!(review(text, &context), Ok(field.weaknesses));
                // Whatever else is known of somebody only adds to it.
                let without = review(text, &PinContext::default()).expect("it is a PIN");
                assert!(
                    without
                        .iter()
                        .all(|weakness| field.weaknesses.contains(weakness))
                );
            }
        }
    }
}

fn edits(choices: [usize; 4], text: &str, other: &str) {
    let [first, second, third, fourth] = choices;
    let most = u8::try_from(first).unwrap_or(0);
    // Most are within the text, some far beyond it.
    let selection = |start: usize, end: usize| FieldSelection {
        start: if start == 255 { usize::MAX } else { start % 40 },
        end: if end == 255 { usize::MAX } else { end % 40 },
    };
    let (now, then) = (selection(first, second), selection(third, fourth));
    for format in [
        FieldFormat::Number,
        FieldFormat::AssignedNumber,
        FieldFormat::Expiry,
        FieldFormat::Digits { most },
    ] {
        for what in [
            FieldEdit::Insert { text: other },
            FieldEdit::DeleteBackward,
            FieldEdit::DeleteForward,
            FieldEdit::Replace {
                range: then,
                text: other,
            },
            FieldEdit::Replace {
                range: then,
                text: "",
            },
            FieldEdit::Changed {
                text: other,
                selection: then,
            },
            FieldEdit::Format,
        ] {
            let after = edit(format, text, now, what);
            let length = units(&after.text);
            assert!(after.selection.start <= after.selection.end && after.selection.end <= length);
            let have = digits(text).len() + digits(other).len();
            let is_written = units(text) + units(other) <= LONGEST;
            if is_written {
                assert!(
                    after
                        .text
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'/'))
                );
                assert!(digits(&after.text).len() <= have + 1);
                let again = edit(format, &after.text, after.selection, FieldEdit::Format);
                if format != FieldFormat::Expiry || what == FieldEdit::Format {
                    assert!(again == after, "written otherwise the second time");
                }
            }
            if what == FieldEdit::Format && format != FieldFormat::Expiry && is_written {
                assert!(digits(&after.text) == digits(text));
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut choices = [0; 4];
    let mut rest = data;
    for place in &mut choices {
        let Some((chosen, following)) = choice(rest) else {
            return;
        };
        (*place, rest) = (chosen, following);
    }
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    // What is typed stands behind a line's end, if there is one.
    let (text, other) = text.split_once('\n').unwrap_or((text, text));
    judge(choices, text, other);
    edits(choices, text, other);
    edits(choices, other, text);
});
