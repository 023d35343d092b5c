use crate::plain::digits;
use crate::policy::{Known, PinContext, Weaknesses, review_in};
use crate::text::FieldText;
use crate::verdict::{FieldReason, FieldVerdict};

/// How many digits a PIN has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PinLength {
    /// 4 to 6: a new PIN for a card (05-Card-Operations).
    #[default]
    FourToSix,
    /// Exactly 6: the PIN that activates a physical card (04-Physical-Cards).
    Six,
}

impl PinLength {
    /// The fewest digits.
    pub const fn least(self) -> u8 {
        match self {
            Self::FourToSix => 4,
            Self::Six => 6,
        }
    }

    /// The most digits.
    pub const fn most(self) -> u8 {
        6
    }
}

/// How a PIN is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PinRules<'c> {
    /// How many digits it has.
    pub length: PinLength,
    /// Whether a weak PIN is refused. The vendor only advises against it (04-Physical-Cards, "recommended"), so that it isn't
    /// by default.
    pub refuse_weak: bool,
    /// What is known of the cardholder.
    pub context: PinContext<'c>,
}

/// A PIN that is being typed. It holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinField {
    /// The verdict.
    pub verdict: FieldVerdict,
    /// Why it is easily guessed, once it has the digits that it may have.
    pub weaknesses: Weaknesses,
}

/// Judges a PIN: digits only, nothing around them.
///
/// ```
/// use bananatech_fields::{FieldReason, PinRules, Weakness, pin};
/// let field = pin("1212", PinRules::default());
/// assert!(field.verdict.is_valid());
/// assert!(field.weaknesses.contains(Weakness::RepeatedBlock));
/// let strict = PinRules { refuse_weak: true, ..PinRules::default() };
/// assert_eq!(pin("121212", strict).verdict.reason, Some(FieldReason::Weak));
/// ```
pub fn pin(text: &str, rules: PinRules<'_>) -> PinField {
    let about = rules.context;
    let [phone, card_number] =
        [about.phone, about.card_number].map(|text| FieldText::of(text.unwrap_or("")));
    let known = Known {
        birth_date: about.birth_date,
        phone: phone.units(),
        card_number: card_number.units(),
    };
    pin_in(
        &FieldText::of(text),
        rules.length,
        rules.refuse_weak,
        &known,
    )
}

/// As [`pin`].
pub fn pin_in(
    text: &FieldText,
    length: PinLength,
    refuse_weak: bool,
    known: &Known<'_>,
) -> PinField {
    let (least, most) = (usize::from(length.least()), usize::from(length.most()));
    let mut field = PinField {
        verdict: digits(text, least, most),
        weaknesses: Weaknesses::default(),
    };
    if field.verdict.is_valid() {
        field.weaknesses = review_in(text, known);
        if refuse_weak && !field.weaknesses.is_empty() {
            field.verdict = if text.len() < most {
                FieldVerdict::potential(FieldReason::Weak)
            } else {
                FieldVerdict::invalid(FieldReason::Weak)
            };
        }
    }
    field
}

/// Says why a PIN of 4 to 6 digits is easily guessed. Nothing of it is kept.
///
/// It is advice: the vendor recommends against repeated digits and simple patterns, and doesn't refuse them
/// (04-Physical-Cards). Without a context it finds fault with about a tenth of all PINs, which is what keeps a thief from
/// the likely ones without driving people to the next likely (Markert et al., "This PIN Can Be Easily Guessed", IEEE S&P 2020).
///
/// Errors with what else the text is than a PIN: [`FieldReason::Empty`], [`FieldReason::Incomplete`],
/// [`FieldReason::Characters`], [`FieldReason::TooLong`].
///
/// ```
/// use bananatech_fields::{BirthDate, PinContext, Weakness, review};
/// let context = PinContext {
///     birth_date: Some(BirthDate { year: 1987, month: 3, day: 14 }),
///     ..PinContext::default()
/// };
/// assert!(review("8703", &context)?.contains(Weakness::BirthDate));
/// assert!(review("8305", &context)?.is_empty());
/// # Ok::<(), bananatech_fields::FieldReason>(())
/// ```
pub fn review(pin: &str, context: &PinContext<'_>) -> Result<Weaknesses, FieldReason> {
    let rules = PinRules {
        context: *context,
        ..PinRules::default()
    };
    let field = self::pin(pin, rules);
    match field.verdict.reason {
        Some(reason) => Err(reason),
        None => Ok(field.weaknesses),
    }
}
