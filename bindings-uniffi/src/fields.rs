//! Card fields: what somebody has typed so far, judged at each keystroke, and written with the gaps that a card has.
//!
//! Nothing here fails because of what was typed, so that a form can call it at each keystroke; only the functions that say so do.

use bananatech_core as core;
use core::fields;
use core::{BirthDate, Brand, Luhn, Weakness};
use fields::{
    CvvLength, ExpiryField, ExpiryRules, FieldFormat, FieldReason, FieldSelection, FieldVerdict,
    NumberRules, PinLength, Validity, Weaknesses,
};

use crate::Result;
use crate::values::{FieldText, Length, Redacted, RedactedFieldText};

/// A card number that is being typed.
#[derive(uniffi::Record)]
pub struct NumberField {
    /// The verdict for a checkout, where a card of any issuer pays: the number has to be one of a known brand, by the semantics of
    /// `card-validator`. For a card of this issuer that is to be assigned, look at `assignment` instead: the vendor's own sample number is of an
    /// unknown brand here.
    pub verdict: FieldVerdict,
    /// The verdict for a card of this issuer that is to be assigned to a user: it takes 16 to 19 digits of any brand
    /// (04-Physical-Cards), and doesn't ask for the check digit, which its own sample fails. For a checkout, look at `verdict`.
    pub assignment: FieldVerdict,
    /// The text without spaces and hyphens: what is sent, if the verdict is valid.
    pub value: Redacted,
    /// The brand, once only one is possible.
    pub brand: Option<Brand>,
    /// The brands that are still possible; none if the text has other characters than digits, spaces and hyphens.
    pub brands: Vec<Brand>,
    /// The verdict on the check digit alone, whatever the brand; nothing before 12 digits, the least that a brand has.
    pub luhn: Option<Luhn>,
}

/// Judges a card number: digits, with spaces and hyphens wherever they were typed. There are two verdicts: `assignment` is for a card of this
/// issuer that is to be assigned, `verdict` for any card at a checkout.
#[uniffi::export(default(rules))]
pub fn number_field(text: RedactedFieldText, rules: NumberRules) -> NumberField {
    let field = fields::number(text.expose(), rules);
    NumberField {
        verdict: field.verdict,
        assignment: field.assignment,
        value: field.value().into(),
        brand: field.brand,
        brands: field.brands.iter().collect(),
        luhn: field.luhn,
    }
}

/// What is the same for all numbers of a brand.
#[derive(uniffi::Record)]
pub struct BrandFacts {
    /// The name to show: `American Express`.
    pub name: String,
    /// How many digits its numbers have, the least first.
    pub lengths: Vec<Length>,
    /// After how many digits a gap is written.
    pub gaps: Vec<Length>,
    /// The brand's own name of the security code: `CVV`, `CVC`, `CID` …
    pub security_code: String,
    /// How many digits the security code has.
    pub security_code_length: Length,
}

/// What is the same for all numbers of a brand.
#[uniffi::export]
pub fn brand_facts(brand: Brand) -> BrandFacts {
    let all = |lengths: &[u8]| {
        lengths
            .iter()
            .map(|length| Length(i32::from(*length)))
            .collect()
    };
    BrandFacts {
        name: brand.name().to_owned(),
        lengths: all(brand.lengths()),
        gaps: all(brand.gaps()),
        security_code: brand.security_code().to_owned(),
        security_code_length: Length(brand.security_code_length().into()),
    }
}

/// Judges an expiry date, in the spellings that `card-validator` takes: `12/27`, `12 / 2027`, `12 27`, `1227`, `122027`,
/// `2027-12`, and months of one digit. White space of several kinds, where nothing else is typed or only the month, is as one,
/// where `card-validator` refuses some.
#[uniffi::export]
pub fn expiry_field(text: FieldText, rules: ExpiryRules) -> ExpiryField {
    fields::expiry(text.as_str(), rules)
}

/// A field's text without the white space around it, and its verdict.
#[derive(uniffi::Record)]
pub struct PlainField {
    /// The verdict.
    pub verdict: FieldVerdict,
    /// The clean value: what is sent, if the verdict is valid.
    pub value: Redacted,
}

impl From<fields::PlainField<'_>> for PlainField {
    fn from(field: fields::PlainField<'_>) -> Self {
        // Without `..`, so that a field which the core gains can't be forgotten.
        let fields::PlainField { verdict, value } = field;
        Self {
            verdict,
            value: value.into(),
        }
    }
}

/// How many digits a security code has, by brand; three or four while it isn't known.
#[uniffi::export]
pub fn cvv_length(brand: Option<Brand>) -> CvvLength {
    CvvLength::of(brand)
}

/// Judges a security code (CVV): digits only, nothing around them.
#[uniffi::export]
pub fn cvv_field(text: RedactedFieldText, length: CvvLength) -> PlainField {
    fields::cvv(text.expose(), length).into()
}

/// Judges the name of a card's holder: anything but nothing, and nothing that looks like a card number. 255 UTF-16 code units
/// at most.
#[uniffi::export]
pub fn cardholder_name_field(text: FieldText) -> PlainField {
    fields::cardholder_name(text.as_str()).into()
}

/// Judges a postal code of any country: it begins with letters (A to Z) or digits, and has at least `minLength` characters
/// (UTF-16 code units, at least one); `card-validator` asks for 2.
#[uniffi::export(default(min_length = 2))]
pub fn postal_code_field(text: FieldText, min_length: i32) -> PlainField {
    // What is negative is as good as none.
    let min_length = usize::try_from(min_length).unwrap_or(0);
    fields::postal_code(text.as_str(), min_length).into()
}

/// What is known of the cardholder, and so is among a thief's first guesses.
#[derive(uniffi::Record)]
pub struct PinContext {
    /// When the cardholder was born.
    #[uniffi(default)]
    pub birth_date: Option<BirthDate>,
    /// The phone number, in any spelling: only its digits 0 to 9 count.
    #[uniffi(default)]
    pub phone: Option<RedactedFieldText>,
    /// The number of the card, in any spelling.
    #[uniffi(default)]
    pub card_number: Option<RedactedFieldText>,
}

impl PinContext {
    fn core(&self) -> core::PinContext<'_> {
        core::PinContext {
            birth_date: self.birth_date,
            phone: self.phone.as_ref().map(RedactedFieldText::expose),
            card_number: self.card_number.as_ref().map(RedactedFieldText::expose),
        }
    }
}

/// The core's context; of nobody, if there is none.
pub(crate) fn context(context: &Option<PinContext>) -> core::PinContext<'_> {
    context.as_ref().map(PinContext::core).unwrap_or_default()
}

/// How a PIN is judged.
#[derive(uniffi::Record)]
pub struct PinRules {
    /// How many digits it has; 4 to 6 if nothing is said.
    #[uniffi(default)]
    pub length: Option<PinLength>,
    /// Whether a weak PIN is refused. The vendor only advises against it (04-Physical-Cards, "recommended"), so that it isn't
    /// by default.
    #[uniffi(default)]
    pub refuse_weak: bool,
    /// What is known of the cardholder.
    #[uniffi(default)]
    pub context: Option<PinContext>,
}

impl PinRules {
    fn core(&self) -> fields::PinRules<'_> {
        fields::PinRules {
            length: self.length.unwrap_or_default(),
            refuse_weak: self.refuse_weak,
            context: context(&self.context),
        }
    }
}

/// A PIN that is being typed. It holds nothing of it.
#[derive(uniffi::Record)]
pub struct PinField {
    /// The verdict.
    pub verdict: FieldVerdict,
    /// Why it is easily guessed, once it has the digits that it may have.
    pub weaknesses: Vec<Weakness>,
}

/// Judges a PIN: digits only, nothing around them.
#[uniffi::export(default(rules))]
pub fn pin_field(text: RedactedFieldText, rules: PinRules) -> PinField {
    let fields::PinField {
        verdict,
        weaknesses,
    } = fields::pin(text.expose(), rules.core());
    PinField {
        verdict,
        weaknesses: listed(weaknesses),
    }
}

/// Each of a set of weaknesses.
pub(crate) fn listed(weaknesses: Weaknesses) -> Vec<Weakness> {
    weaknesses.iter().collect()
}

/// Says why a PIN of 4 to 6 digits is easily guessed; nothing if it isn't, as far as can be told. Nothing of it is kept.
///
/// It is advice: the vendor recommends against repeated digits and simple patterns, and doesn't refuse them
/// (04-Physical-Cards). Without a context it finds fault with about a tenth of all PINs, which is what keeps a thief from
/// the likely ones without driving people to the next likely (Markert et al., "This PIN Can Be Easily Guessed", IEEE S&P 2020).
///
/// Errors, caused by the caller: `pin.digits`, `pin.length`.
#[uniffi::export(default(context))]
pub fn review_pin(pin: Redacted, context: PinContext) -> Result<Vec<Weakness>> {
    let pin = core::Pin::parse(pin.expose())?;
    Ok(listed(pin.review(&context.core())))
}

/// The same as a rule: refuses a PIN that is easily guessed.
///
/// Errors, caused by the caller: `pin.digits`, `pin.length`, `pin.weak`.
#[uniffi::export(default(context))]
pub fn require_strong_pin(pin: Redacted, context: PinContext) -> Result<()> {
    let pin = core::Pin::parse(pin.expose())?;
    Ok(pin.require_strong(&context.core())?)
}

/// Reads a birth date for a PIN's context: `YYYY-MM-DD`.
///
/// Errors, caused by the caller: `birth_date.format`.
#[uniffi::export]
pub fn birth_date(text: Redacted) -> Result<BirthDate> {
    Ok(core::birth_date(text.expose())?)
}

/// What happens to a text.
#[derive(uniffi::Enum)]
pub enum FieldEdit {
    /// Typed or pasted: takes the selection's place.
    Insert {
        /// What is typed or pasted.
        text: RedactedFieldText,
    },
    /// Backspace: the selection, or the character before the caret; across a gap, the digit before the gap.
    DeleteBackward,
    /// Delete: the selection, or the character after the caret; across a gap, the digit after the gap.
    DeleteForward,
    /// Another text takes the place of a part, as UIKit asks for it. Where that part is only a gap and the text is empty, it
    /// is a deletion across the gap.
    Replace {
        /// The part.
        range: FieldSelection,
        /// What takes its place.
        text: RedactedFieldText,
    },
    /// The platform has made an edit already, as Android and SwiftUI do: the difference shows what was typed. A text that
    /// has nothing to do with the one before (autofill) is taken as pasted over all.
    Changed {
        /// The text after it.
        text: RedactedFieldText,
        /// The selection after it.
        selection: FieldSelection,
    },
    /// Nothing but writing the text as it should be, with the selection kept.
    Format,
}

impl FieldEdit {
    fn core(&self) -> fields::FieldEdit<'_> {
        match self {
            Self::Insert { text } => fields::FieldEdit::Insert {
                text: text.expose(),
            },
            Self::DeleteBackward => fields::FieldEdit::DeleteBackward,
            Self::DeleteForward => fields::FieldEdit::DeleteForward,
            Self::Replace { range, text } => fields::FieldEdit::Replace {
                range: *range,
                text: text.expose(),
            },
            Self::Changed { text, selection } => fields::FieldEdit::Changed {
                text: text.expose(),
                selection: *selection,
            },
            Self::Format => fields::FieldEdit::Format,
        }
    }
}

/// A text after an edit.
#[derive(uniffi::Record)]
pub struct Edited {
    /// The text, as it should be written.
    pub text: Redacted,
    /// The selection in it.
    pub selection: FieldSelection,
}

/// Edits a text: what was typed, and where the caret is, become what is to be shown, and where the caret goes. Decimal digits
/// of all scripts (Unicode's general category Nd) become 0 to 9; what the field doesn't have is dropped.
///
/// One more digit than the field takes isn't taken. A longer text that is pasted is kept whole, so that no number is cut to
/// another one unseen: its verdict says that it is too long. A text of more than 1024 UTF-16 code units stays as it is.
#[uniffi::export]
pub fn edit_field(
    format: FieldFormat,
    text: RedactedFieldText,
    selection: FieldSelection,
    edit: FieldEdit,
) -> Edited {
    let fields::Edited { text, selection } =
        fields::edit(format, text.expose(), selection, edit.core());
    Edited {
        text: text.into(),
        selection,
    }
}

macro_rules! codes {
    ($($name:ident: $type:ident),+) => {$(
        /// Its stable code, to choose words by.
        #[uniffi::export]
        pub fn $name(value: $type) -> String {
            value.as_str().to_owned()
        }
    )+};
}

codes!(
    brand_code: Brand,
    field_reason_code: FieldReason,
    luhn_code: Luhn,
    validity_code: Validity,
    weakness_code: Weakness
);
