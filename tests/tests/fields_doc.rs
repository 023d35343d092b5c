//! What docs/fields.md says of the fields, against the fields.
#![allow(missing_docs)]

use std::collections::BTreeSet;

use bananatech_core::fields::{
    BirthDate, Brand, Brands, CvvLength, ExpiryRules, FieldReason, FieldVerdict, NumberRules,
    PinContext, PinLength, PinRules, Weakness, YearMonth, cardholder_name, cvv, expiry, number,
    pin, postal_code, review,
};

/// The rows of the table below a heading, without the table's own two. Codes and examples lose their backticks.
fn table(heading: &str) -> Vec<Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fields.md");
    let document = std::fs::read_to_string(path).unwrap();
    let section = document
        .split("\n## ")
        .find(|part| part.starts_with(heading))
        .unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells = |row: &str| {
        row.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    rows.map(cells).collect()
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn list(numbers: &[u8]) -> String {
    let numbers: Vec<_> = numbers.iter().map(u8::to_string).collect();
    numbers.join(", ")
}

#[test]
fn every_brand_stands_there_as_it_is() {
    let rows = table("Brands");
    assert_eq!(rows.len(), Brand::ALL.len());
    for (row, brand) in rows.iter().zip(Brand::ALL) {
        let (first_digits, facts) = row.split_last().unwrap();
        let expected = [
            code(brand.as_str()),
            brand.name().to_owned(),
            list(brand.lengths()),
            list(brand.gaps()),
            brand.security_code().to_owned(),
            brand.security_code_length().to_string(),
        ];
        assert_eq!(facts, expected);
        for prefix in first_digits
            .split(|c: char| !c.is_ascii_digit())
            .filter(|text| !text.is_empty())
        {
            assert!(Brands::of(prefix).contains(brand), "{brand:?}: {prefix}");
        }
    }
}

/// A reason, the field, and how far its text has come.
type Given = BTreeSet<(String, String, String)>;

const TEXTS: &[&str] = &[
    "",
    " ",
    "1",
    "4",
    "41",
    "x",
    "[[[[",
    "9999",
    "1234",
    "121212",
    "1234567",
    "4111 1111 1111 1111",
    "4111 1111 1111 1112",
    "4111 1111 1111 1111 112",
    "411111111111111111112",
    "5555 5555 5555 4445",
    "13/27",
    "12/1",
    "12/271",
    "10/26",
    "12/99",
];

/// What the fields say of texts of many kinds.
fn given() -> Given {
    let long = "4".repeat(2000);
    let now = YearMonth {
        year: 2026,
        month: 11,
    };
    let mut given = Given::new();
    for text in TEXTS.iter().copied().chain([long.as_str()]) {
        let strict = |length| PinRules {
            length,
            refuse_weak: true,
            ..PinRules::default()
        };
        let verdicts: [(&str, FieldVerdict); 8] = [
            ("number", number(text, NumberRules::default()).verdict),
            ("number", number(text, NumberRules::default()).assignment),
            ("expiry", expiry(text, ExpiryRules::at(now)).verdict),
            ("cvv", cvv(text, CvvLength::ThreeOrFour).verdict),
            ("name", cardholder_name(text).verdict),
            ("postal code", postal_code(text, 2).verdict),
            ("pin", pin(text, strict(PinLength::FourToSix)).verdict),
            ("pin", pin(text, strict(PinLength::Six)).verdict),
        ];
        for (field, verdict) in verdicts {
            if let Some(reason) = verdict.reason {
                given.insert((
                    code(reason.as_str()),
                    field.to_owned(),
                    verdict.validity.as_str().to_owned(),
                ));
            }
        }
    }
    given
}

#[test]
fn every_reason_stands_there_with_its_fields() {
    let rows = table("Reasons");
    let codes: Vec<_> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(codes, FieldReason::ALL.map(|reason| code(reason.as_str())));
    let mut told = Given::new();
    for row in &rows {
        for (fields, validities) in row[1]
            .split("; ")
            .map(|part| part.split_once(": ").unwrap())
        {
            for field in fields.split(", ") {
                for validity in validities.split(", ") {
                    told.insert((row[0].clone(), field.to_owned(), validity.to_owned()));
                }
            }
        }
    }
    assert_eq!(told, given());
}

/// How many of all PINs of so many digits have each weakness, and how many have one at all.
fn counts(digits: usize) -> ([u32; Weakness::ALL.len()], u32) {
    let (mut each, mut any) = ([0; Weakness::ALL.len()], 0);
    for pin in 0..10_u32.pow(u32::try_from(digits).unwrap()) {
        let weaknesses = review(&format!("{pin:0digits$}"), &PinContext::default()).unwrap();
        any += u32::from(!weaknesses.is_empty());
        for (count, weakness) in each.iter_mut().zip(Weakness::ALL) {
            *count += u32::from(weaknesses.contains(weakness));
        }
    }
    (each, any)
}

#[test]
fn every_weakness_stands_there_with_its_share() {
    let known = PinContext {
        birth_date: BirthDate::parse("1987-03-14"),
        phone: Some("+49 170 482 9315"),
        card_number: Some("4111 1111 1122 5937"),
    };
    let rows = table("Easily guessed PINs");
    assert_eq!(rows.len(), Weakness::ALL.len());
    let (of_four, four) = counts(4);
    let (of_six, six) = counts(6);
    for (at, (row, weakness)) in rows.iter().zip(Weakness::ALL).enumerate() {
        assert_eq!(row[0], code(weakness.as_str()));
        assert!(
            review(row[1].trim_matches('`'), &known)
                .unwrap()
                .contains(weakness),
            "{weakness:?}"
        );
        assert_eq!(
            row[2].replace(',', ""),
            of_four[at].to_string(),
            "{weakness:?}"
        );
        assert_eq!(
            row[3].replace(',', ""),
            of_six[at].to_string(),
            "{weakness:?}"
        );
    }
    // The shares that stand below the table: 11.21 % and 8.90 %.
    assert_eq!((four, six), (1_121, 89_010));
}

/// The one code block of a language.
fn shown<'t>(document: &'t str, language: &str) -> &'t str {
    let blocks = document.split("```").skip(1).step_by(2);
    let of_language = |block: &&'t str| block.strip_prefix(language)?.strip_prefix('\n');
    let found: Vec<_> = blocks.filter_map(|block| of_language(&block)).collect();
    assert_eq!(found.len(), 1, "{language}");
    found[0]
}

#[test]
fn what_is_shown_for_frameworks_is_what_the_packages_readme_shows_and_its_tests_run() {
    let document = include_str!("../../docs/fields.md");
    let readme = include_str!("../../bindings-wasm/npm/README.md");
    for language in ["tsx", "vue"] {
        assert_eq!(shown(document, language), shown(readme, language));
    }
}
