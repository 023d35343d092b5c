//! What has to hold for every field, not only for the examples.
#![allow(missing_docs)]

use bananatech_core::fields::{
    Brand, CvvLength, Edited, ExpiryRules, FieldEdit, FieldFormat, FieldSelection, LONGEST,
    NumberRules, PinContext, PinLength, PinRules, Validity, YearMonth, cardholder_name, cvv, edit,
    expiry, number, pin, postal_code, review,
};
use proptest::prelude::*;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// The share of PINs that the policy finds weak, in percent.
fn weak_share(length: usize) -> f64 {
    let all = 10_u32.pow(u32::try_from(length).unwrap());
    let weak = (0..all)
        .filter(|pin| {
            !review(&format!("{pin:0length$}"), &PinContext::default())
                .unwrap()
                .is_empty()
        })
        .count();
    100.0 * weak as f64 / f64::from(all)
}

#[test]
fn about_a_tenth_of_all_pins_is_weak() {
    for length in [4, 6] {
        let share = weak_share(length);
        println!("weak PINs of {length} digits: {share:.2} %");
        assert!((8.0..=12.0).contains(&share), "{length} digits: {share} %");
    }
}

#[test]
fn the_most_common_pins_are_weak() {
    let of_four = "1234 1111 0000 1212 7777 1004 2000 4444 2222 6969 9999 3333 5555 6666 1122 1313 8888 4321 2001 1010";
    let of_six = "123456 654321 111111 000000 123123 666666 121212 112233 789456 159753";
    for common in of_four.split(' ').chain(of_six.split(' ')) {
        let weaknesses = review(common, &PinContext::default()).unwrap();
        assert!(!weaknesses.is_empty(), "{common}");
        let strict = PinRules {
            refuse_weak: true,
            ..PinRules::default()
        };
        assert!(!pin(common, strict).verdict.is_valid(), "{common}");
    }
}

const FORMATS: [FieldFormat; 4] = [
    FieldFormat::Number,
    FieldFormat::AssignedNumber,
    FieldFormat::Expiry,
    FieldFormat::Digits { most: 6 },
];

fn format() -> impl Strategy<Value = FieldFormat> {
    prop::sample::select(FORMATS.to_vec())
}

fn format_without_date() -> impl Strategy<Value = FieldFormat> {
    let grouped = FORMATS
        .into_iter()
        .filter(|format| *format != FieldFormat::Expiry);
    prop::sample::select(grouped.collect::<Vec<_>>())
}

/// What people type, and what they don't.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{0,24}",
        "[0-9 /.-]{0,24}",
        "[0-9]{1,2}/[0-9]{0,4}",
        "(34|37|4|5[1-5]|62|6011|36)[0-9]{0,17}",
        "[0-9\u{660}-\u{669}\u{6f0}-\u{6f9}\u{966}-\u{96f}\u{ff10}-\u{ff19} \u{a0}\u{1f34c}a]{0,24}",
        "\\PC{0,24}",
    ]
}

fn selection() -> impl Strategy<Value = FieldSelection> {
    (0_usize..26, prop_oneof![Just(0_usize), 0_usize..26]).prop_map(|(start, length)| {
        FieldSelection {
            start,
            end: start + length,
        }
    })
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A text's parts before, in and after a selection that splits no character.
fn parts(text: &str, selection: FieldSelection) -> Option<[String; 3]> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let end = selection.end.min(units.len());
    let start = selection.start.min(end);
    let part = |range: &[u16]| String::from_utf16(range).ok();
    Some([
        part(&units[..start])?,
        part(&units[start..end])?,
        part(&units[end..])?,
    ])
}

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
        .filter_map(value)
        .filter_map(|value| char::from_digit(value, 10))
        .collect()
}

/// Digits that a date may be written with in another order, and with a zero before the month.
fn of_date(digits: &str) -> String {
    let mut digits: Vec<char> = digits.chars().filter(|digit| *digit != '0').collect();
    digits.sort_unstable();
    digits.into_iter().collect()
}

fn has_same_digits(format: FieldFormat, one: &str, other: &str) -> bool {
    match format {
        FieldFormat::Expiry => {
            of_date(one) == of_date(other) && one.len().abs_diff(other.len()) <= 1
        }
        _ => one == other,
    }
}

fn insert(format: FieldFormat, before: &Edited, text: &str) -> Edited {
    edit(
        format,
        &before.text,
        before.selection,
        FieldEdit::Insert { text },
    )
}

fn empty() -> Edited {
    Edited {
        text: String::new(),
        selection: FieldSelection::caret(0),
    }
}

fn typed(format: FieldFormat, text: &str) -> Edited {
    text.chars().fold(empty(), |before, key| {
        insert(format, &before, key.encode_utf8(&mut [0; 4]))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_edit_keeps_all_digits_or_refuses_one(format in format(), text in text(), selection in selection(), put in text()) {
        let after = edit(format, &text, selection, FieldEdit::Insert { text: &put });
        prop_assert!(after.selection.start <= after.selection.end && after.selection.end <= units(&after.text));
        if let Some([before, selected, rest]) = parts(&text, selection) {
            let composed = digits(&format!("{before}{put}{rest}"));
            let is_refused = digits(&put).len() == 1 && digits(&selected).is_empty()
                && has_same_digits(format, &digits(&after.text), &digits(&text));
            prop_assert!(is_refused || has_same_digits(format, &digits(&after.text), &composed), "{:?}", after.text);
        }
    }

    #[test]
    fn taking_back_takes_one_digit_or_the_selection(
        format in format(), text in text(), selection in selection(), is_forward: bool,
    ) {
        let what = if is_forward { FieldEdit::DeleteForward } else { FieldEdit::DeleteBackward };
        let after = edit(format, &text, selection, what);
        prop_assert!(after.selection.start <= after.selection.end && after.selection.end <= units(&after.text));
        if let Some([before, _, rest]) = parts(&text, selection) {
            let (mut before, mut rest) = (digits(&before), digits(&rest));
            if selection.start == selection.end && is_forward {
                rest = rest.chars().skip(1).collect();
            } else if selection.start == selection.end {
                before.pop();
            }
            prop_assert!(has_same_digits(format, &digits(&after.text), &format!("{before}{rest}")), "{:?}", after.text);
        }
    }

    #[test]
    fn formatting_changes_nothing_but_how_it_is_written(format in format(), text in text(), selection in selection()) {
        let once = edit(format, &text, selection, FieldEdit::Format);
        prop_assert!(once.selection.start <= once.selection.end && once.selection.end <= units(&once.text));
        prop_assert!(has_same_digits(format, &digits(&once.text), &digits(&text)), "{:?}", once.text);
        let twice = edit(format, &once.text, once.selection, FieldEdit::Format);
        prop_assert_eq!((&twice.text, twice.selection), (&once.text, once.selection));
    }

    /// A date's month may be left unfinished while it is typed.
    #[test]
    fn what_an_edit_wrote_is_formatted(format in format_without_date(), text in text(), selection in selection(), put in text()) {
        for what in [FieldEdit::Insert { text: &put }, FieldEdit::DeleteBackward, FieldEdit::DeleteForward] {
            let after = edit(format, &text, selection, what);
            let again = edit(format, &after.text, after.selection, FieldEdit::Format);
            prop_assert_eq!((&again.text, again.selection), (&after.text, after.selection));
        }
    }

    #[test]
    fn other_positions_than_the_texts_do_no_harm(
        format in format(), text in "\\PC{0,24}", changed in "\\PC{0,24}", start: usize, end: usize, other: usize,
    ) {
        let selections = [(start, end), (end, start), (start % 30, end % 30), (0, usize::MAX), (other % 30, other)];
        for (start, end) in selections {
            let selection = FieldSelection { start, end };
            for what in [
                FieldEdit::Insert { text: &changed },
                FieldEdit::DeleteBackward,
                FieldEdit::DeleteForward,
                FieldEdit::Replace { range: selection, text: &changed },
                FieldEdit::Replace { range: selection, text: "" },
                FieldEdit::Changed { text: &changed, selection },
                FieldEdit::Format,
            ] {
                let after = edit(format, &text, selection, what);
                prop_assert!(after.selection.start <= after.selection.end && after.selection.end <= units(&after.text));
            }
        }
    }

    #[test]
    fn a_number_typed_is_a_number_pasted(format in format_without_date(), text in "(34|37|4|5[1-5]|62|6011|36|6)[0-9]{0,17}") {
        let most = match format {
            FieldFormat::Digits { most } => usize::from(most),
            FieldFormat::Number => Brand::of(&text).map_or(19, |brand| usize::from(*brand.lengths().last().unwrap())),
            _ => 19,
        };
        let text: String = text.chars().take(most).collect();
        let pasted = insert(format, &empty(), &text);
        prop_assert_eq!(&typed(format, &text), &pasted);
        prop_assert_eq!(pasted.selection, FieldSelection::caret(units(&pasted.text)));
    }

    #[test]
    fn a_date_typed_is_a_date_pasted(
        month in 1_u8..=12, year in 0_u8..=99, century in prop::sample::select(vec!["", "20"]),
        between in prop::sample::select(vec!["", "/", " / ", "-", ".", " "]),
    ) {
        // A year's digits may go for the century's, and a month's for another's, where nothing stands between.
        prop_assume!(!century.is_empty() || year != 20);
        let year = format!("{century}{year:02}");
        let expected = format!("{month:02}/{year}");
        let long = format!("{month:02}{between}{year}");
        let short = format!("{month}{between}{year}");
        prop_assert_eq!(&typed(FieldFormat::Expiry, &long).text, &expected);
        prop_assert_eq!(&typed(FieldFormat::Expiry, &long), &insert(FieldFormat::Expiry, &empty(), &long));
        if !between.is_empty() || (2..=9).contains(&month) {
            prop_assert_eq!(&typed(FieldFormat::Expiry, &short).text, &expected);
            prop_assert_eq!(&typed(FieldFormat::Expiry, &short), &insert(FieldFormat::Expiry, &empty(), &short));
        }
    }

    #[test]
    fn taking_back_each_digit_empties(format in format(), text in text()) {
        let mut left = insert(format, &empty(), &text);
        for _ in 0..digits(&left.text).len() {
            left = edit(format, &left.text, left.selection, FieldEdit::DeleteBackward);
        }
        prop_assert_eq!(left.text, "");
    }

    #[test]
    fn what_a_browser_tells_afterwards_is_the_same_edit(
        format in format(), text in text(), selection in selection(), put in text(),
    ) {
        let text = edit(format, &text, selection, FieldEdit::Format).text;
        let end = selection.end.min(units(&text));
        let selection = FieldSelection { start: selection.start.min(end), end };
        let [before, selected, rest] = parts(&text, selection).unwrap();
        let told = |before: &str, put: &str, rest: &str| {
            let changed = format!("{before}{put}{rest}");
            let caret = FieldSelection::caret(units(before) + units(put));
            edit(format, &text, selection, FieldEdit::Changed { text: &changed, selection: caret })
        };
        prop_assert_eq!(told(&before, &put, &rest), edit(format, &text, selection, FieldEdit::Insert { text: &put }));
        let (mut shorter_before, mut shorter_rest) = (before.clone(), rest.clone());
        if selected.is_empty() {
            shorter_before.pop();
            shorter_rest = rest.chars().skip(1).collect();
        }
        prop_assert_eq!(told(&shorter_before, "", &rest), edit(format, &text, selection, FieldEdit::DeleteBackward));
        prop_assert_eq!(told(&before, "", &shorter_rest), edit(format, &text, selection, FieldEdit::DeleteForward));
    }

    /// What autofill puts in: nothing of the text before is left.
    #[test]
    fn another_text_takes_the_place_of_all(format in format(), text in "[a-z]{1,5}", put in text()) {
        let after = edit(
            format, &text, FieldSelection::caret(1),
            FieldEdit::Changed { text: &put, selection: FieldSelection::caret(units(&put)) },
        );
        prop_assert!(digits(&put).len() == 1 || has_same_digits(format, &digits(&after.text), &digits(&put)));
    }

    #[test]
    fn a_text_beyond_the_longest_stays(format in format(), text in "[0-9a]{1025,1100}", caret in 0_usize..1100) {
        let caret = FieldSelection::caret(caret.min(text.len()));
        let after = edit(format, &text, caret, FieldEdit::Format);
        prop_assert!(text.len() > LONGEST);
        prop_assert_eq!((&after.text, after.selection), (&text, caret));
    }

    /// So that a page which forbids what is invalid never keeps anybody from typing what is valid.
    #[test]
    fn what_is_not_invalid_was_never_invalid(
        text in prop_oneof!["[0-9 -]{0,24}", "(34|37|4|5[1-5]|62|65|6011|36|9792)[0-9]{0,17}", "[0-9]{0,7}", "\\PC{0,12}"],
        max_length in prop::option::of(0_u8..24), skip_luhn: bool, luhn_unionpay: bool, refuse_weak: bool,
    ) {
        let number_rules = NumberRules { max_length, skip_luhn, luhn_unionpay };
        let pin_rules = PinRules { refuse_weak, length: PinLength::FourToSix, ..PinRules::default() };
        let judges: [&dyn Fn(&str) -> Validity; 7] = [
            &|text| number(text, number_rules).verdict.validity,
            &|text| number(text, number_rules).assignment.validity,
            &|text| cvv(text, CvvLength::ThreeOrFour).verdict.validity,
            &|text| cvv(text, CvvLength::Four).verdict.validity,
            &|text| cardholder_name(text).verdict.validity,
            &|text| postal_code(text, 2).verdict.validity,
            &|text| pin(text, pin_rules).verdict.validity,
        ];
        for (which, judge) in judges.into_iter().enumerate() {
            if judge(&text) != Validity::Invalid {
                for (at, _) in text.char_indices() {
                    prop_assert_ne!(judge(&text[..at]), Validity::Invalid, "{}: {} of {:?}", which, at, text);
                }
            }
        }
    }

    /// As the field writes it; `2027-12` is past on its way, as in card-validator, and so is a year of the next century.
    #[test]
    fn a_good_date_was_never_invalid(month in 1_u8..=12, year in 2000_u16..2120, now in (2000_u16..2080, 1_u8..=12)) {
        let now = YearMonth { year: now.0, month: now.1 };
        for text in [format!("{month:02}/{:02}", year % 100), format!("{month:02}/{year}")] {
            if expiry(&text, ExpiryRules::at(now)).verdict.is_potentially_valid() {
                for at in 0..text.len() {
                    prop_assert!(expiry(&text[..at], ExpiryRules::at(now)).verdict.is_potentially_valid(), "{} of {}", at, text);
                }
            }
        }
    }
}

#[test]
fn a_part_that_ends_before_it_starts_is_a_caret() {
    let backwards = FieldSelection { start: 4, end: 2 };
    let what = FieldEdit::Replace {
        range: backwards,
        text: "5",
    };
    let after = edit(FieldFormat::Number, "41111", backwards, what);
    assert_eq!(after.text, "4111 51");
}
