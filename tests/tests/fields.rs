//! The fields against the vectors of an independent implementation.
#![allow(missing_docs)]

use bananatech_core::fields::{
    BirthDate, Brand, Brands, CvvLength, ExpiryRules, FieldEdit, FieldFormat, FieldSelection,
    FieldVerdict, Luhn, NumberRules, PinContext, PinLength, PinRules, Weaknesses, YearMonth,
    cardholder_name, cvv, edit, expiry, number, pin, postal_code, review,
};
use bananatech_tests::cases;
use serde::Deserialize;

#[derive(Deserialize, Debug, PartialEq)]
struct Verdict {
    validity: String,
    reason: Option<String>,
}

impl From<FieldVerdict> for Verdict {
    fn from(verdict: FieldVerdict) -> Self {
        Self {
            validity: verdict.validity.as_str().to_owned(),
            reason: verdict.reason.map(|reason| reason.as_str().to_owned()),
        }
    }
}

#[derive(Deserialize)]
struct BrandCase {
    name: String,
    title: String,
    lengths: Vec<u8>,
    gaps: Vec<u8>,
    security_code: String,
    security_code_length: u8,
}

#[test]
fn knows_every_brand() {
    let cases = cases::<BrandCase>("fields.json", "brands");
    assert_eq!(cases.len(), Brand::ALL.len());
    for (case, brand) in cases.into_iter().zip(Brand::ALL) {
        assert_eq!(brand.as_str(), case.name);
        assert_eq!(brand.name(), case.title);
        assert_eq!(brand.lengths(), case.lengths);
        assert_eq!(brand.gaps(), case.gaps);
        assert_eq!(brand.security_code(), case.security_code);
        assert_eq!(brand.security_code_length(), case.security_code_length);
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Rules {
    max_length: Option<u8>,
    skip_luhn: bool,
    luhn_unionpay: bool,
}

#[derive(Deserialize)]
struct NumberCase {
    name: String,
    text: String,
    #[serde(default)]
    rules: Rules,
    #[serde(flatten)]
    verdict: Verdict,
    assignment: Verdict,
    value: String,
    brand: Option<String>,
    brands: Vec<String>,
    luhn: Option<String>,
}

fn codes(brands: Brands) -> Vec<&'static str> {
    brands.iter().map(Brand::as_str).collect()
}

#[test]
fn judges_numbers() {
    for case in cases::<NumberCase>("fields.json", "number") {
        let name = &case.name;
        let field = number(
            &case.text,
            NumberRules {
                max_length: case.rules.max_length,
                skip_luhn: case.rules.skip_luhn,
                luhn_unionpay: case.rules.luhn_unionpay,
            },
        );
        assert_eq!(Verdict::from(field.verdict), case.verdict, "{name}");
        assert_eq!(Verdict::from(field.assignment), case.assignment, "{name}");
        assert_eq!(field.value(), case.value, "{name}");
        let brand = field.brand.map(Brand::as_str);
        assert_eq!(brand, case.brand.as_deref(), "{name}");
        assert_eq!(codes(field.brands), case.brands, "{name}");
        let luhn = field.luhn.map(Luhn::as_str);
        assert_eq!(luhn, case.luhn.as_deref(), "{name}");
        if case.value.bytes().all(|byte| byte.is_ascii_digit()) && case.text.len() <= 1024 {
            assert_eq!(codes(Brands::of(&case.text)), case.brands, "{name}");
        }
    }
}

#[derive(Deserialize)]
struct Moment {
    year: u16,
    month: u8,
}

#[derive(Deserialize)]
struct ExpiryCase {
    name: String,
    text: String,
    now: Moment,
    max_years: Option<u16>,
    #[serde(flatten)]
    verdict: Verdict,
    month: Option<u8>,
    year: Option<u16>,
}

#[test]
fn judges_expiry_dates() {
    for case in cases::<ExpiryCase>("fields.json", "expiry") {
        let now = YearMonth {
            year: case.now.year,
            month: case.now.month,
        };
        let mut rules = ExpiryRules::at(now);
        if let Some(max_years) = case.max_years {
            rules.max_years = max_years;
        }
        let field = expiry(&case.text, rules);
        assert_eq!(Verdict::from(field.verdict), case.verdict, "{}", case.name);
        let told = field.value.map(|value| (value.year, value.month));
        assert_eq!(told, case.year.zip(case.month), "{}", case.name);
    }
}

#[derive(Deserialize)]
struct CvvCase {
    name: String,
    text: String,
    length: String,
    #[serde(flatten)]
    verdict: Verdict,
}

#[test]
fn judges_security_codes() {
    for case in cases::<CvvCase>("fields.json", "cvv") {
        let length = match case.length.as_str() {
            "three" => CvvLength::Three,
            "four" => CvvLength::Four,
            "three_or_four" => CvvLength::ThreeOrFour,
            other => panic!("a new length: {other}"),
        };
        let field = cvv(&case.text, length);
        assert_eq!(Verdict::from(field.verdict), case.verdict, "{}", case.name);
    }
}

#[derive(Deserialize)]
struct PlainCase {
    name: String,
    text: String,
    #[serde(default)]
    min_length: usize,
    #[serde(flatten)]
    verdict: Verdict,
    value: String,
}

#[test]
fn judges_names_and_postal_codes() {
    for case in cases::<PlainCase>("fields.json", "cardholder_name") {
        let field = cardholder_name(&case.text);
        assert_eq!(Verdict::from(field.verdict), case.verdict, "{}", case.name);
        assert_eq!(field.value, case.value, "{}", case.name);
    }
    for case in cases::<PlainCase>("fields.json", "postal_code") {
        let field = postal_code(&case.text, case.min_length);
        assert_eq!(Verdict::from(field.verdict), case.verdict, "{}", case.name);
        assert_eq!(field.value, case.value, "{}", case.name);
    }
}

#[derive(Deserialize)]
struct Context {
    birth_date: Option<String>,
    phone: Option<String>,
    card_number: Option<String>,
}

#[derive(Deserialize)]
struct PinCase {
    name: String,
    text: String,
    length: String,
    refuse_weak: bool,
    context: Context,
    #[serde(flatten)]
    verdict: Verdict,
    weaknesses: Vec<String>,
}

#[test]
fn judges_pins() {
    let codes =
        |found: Weaknesses| -> Vec<&str> { found.iter().map(|code| code.as_str()).collect() };
    for case in cases::<PinCase>("fields.json", "pin") {
        let name = &case.name;
        let birth_date = case.context.birth_date.as_deref();
        let context = PinContext {
            birth_date: birth_date.map(|text| BirthDate::parse(text).unwrap()),
            phone: case.context.phone.as_deref(),
            card_number: case.context.card_number.as_deref(),
        };
        let rules = PinRules {
            length: match case.length.as_str() {
                "four_to_six" => PinLength::FourToSix,
                "six" => PinLength::Six,
                other => panic!("a new length: {other}"),
            },
            refuse_weak: case.refuse_weak,
            context,
        };
        let field = pin(&case.text, rules);
        assert_eq!(Verdict::from(field.verdict), case.verdict, "{name}");
        assert_eq!(codes(field.weaknesses), case.weaknesses, "{name}");
        if rules.length == PinLength::FourToSix {
            match review(&case.text, &context) {
                Ok(found) => assert_eq!(codes(found), case.weaknesses, "{name}"),
                Err(reason) => assert_eq!(
                    Some(reason.as_str()),
                    case.verdict.reason.as_deref(),
                    "{name}"
                ),
            }
        }
    }
}

#[derive(Deserialize, Clone, Copy, Debug, PartialEq)]
struct Selection(usize, usize);

impl From<Selection> for FieldSelection {
    fn from(Selection(start, end): Selection) -> Self {
        Self { start, end }
    }
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Format {
    Number,
    AssignedNumber,
    Expiry,
    Digits { most: u8 },
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Edit {
    Insert { text: String },
    DeleteBackward,
    DeleteForward,
    Replace { range: Selection, text: String },
    Changed { text: String, selection: Selection },
    Format,
}

#[derive(Deserialize)]
struct Written {
    text: String,
    selection: Selection,
}

#[derive(Deserialize)]
struct EditCase {
    name: String,
    format: Format,
    text: String,
    selection: Selection,
    edit: Edit,
    result: Written,
}

#[test]
fn edits() {
    for case in cases::<EditCase>("fields.json", "edit") {
        let format = match case.format {
            Format::Number => FieldFormat::Number,
            Format::AssignedNumber => FieldFormat::AssignedNumber,
            Format::Expiry => FieldFormat::Expiry,
            Format::Digits { most } => FieldFormat::Digits { most },
        };
        let what = match &case.edit {
            Edit::Insert { text } => FieldEdit::Insert { text },
            Edit::DeleteBackward => FieldEdit::DeleteBackward,
            Edit::DeleteForward => FieldEdit::DeleteForward,
            Edit::Replace { range, text } => FieldEdit::Replace {
                range: (*range).into(),
                text,
            },
            Edit::Changed { text, selection } => FieldEdit::Changed {
                text,
                selection: (*selection).into(),
            },
            Edit::Format => FieldEdit::Format,
        };
        let edited = edit(format, &case.text, case.selection.into(), what);
        assert_eq!(edited.text, case.result.text, "{}", case.name);
        let expected = FieldSelection::from(case.result.selection);
        assert_eq!(edited.selection, expected, "{}", case.name);
    }
}
