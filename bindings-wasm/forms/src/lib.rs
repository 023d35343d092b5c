//! The core's card fields for `bananatech/forms`, which has to weigh next to nothing. No logic lives here.
//!
//! wasm-bindgen isn't used: its glue for texts alone is as large as all of this. Texts cross in two places of the module's
//! memory instead, whose addresses never change: the package writes UTF-16 to [`room`], one text behind the other, and calls
//! with their lengths; what comes back stands at [`answer`] in 16-bit units, numbers first, then ASCII. Nothing is allocated, and the module imports nothing. `npm/forms.js` is the other side, and wipes both places after each call.

#![cfg_attr(target_family = "wasm", no_std)]
// `no_mangle` is all that is unsafe here: two functions of the same name would be taken for each other.
#![allow(unsafe_code)]

use core::sync::atomic::{AtomicU16, Ordering};

use bananatech_fields::units::{self, Act, FieldText, Known};
use bananatech_fields::{
    Brand, CvvLength, ExpiryRules, FieldFormat, FieldReason, FieldSelection, FieldVerdict, LONGEST,
    Luhn, NumberRules, PinLength, Validity, Weakness, YearMonth,
};

/// A panic traps, as it does in every module of ours; without words for it, which would be most of the module.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Two texts of the longest that are looked at, and one code unit more, so that a longer one is seen to be.
const ROOM: usize = 2 * (LONGEST + 1);

/// Numbers, and a text of the longest that is looked at.
const ANSWER: usize = 16 + 2 * LONGEST;

// Atomics, because the other side writes and reads here: without threads they are plain loads and stores.
static IN: [AtomicU16; ROOM] = [const { AtomicU16::new(0) }; ROOM];
static OUT: [AtomicU16; ANSWER] = [const { AtomicU16::new(0) }; ANSWER];

/// Where texts are taken from.
#[unsafe(no_mangle)]
pub extern "C" fn room() -> usize {
    IN.as_ptr() as usize
}

/// Where answers are given.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    OUT.as_ptr() as usize
}

/// What was written to the room, one text behind the other.
struct Texts {
    taken: usize,
}

impl Texts {
    /// The next text, of so many code units.
    fn next(&mut self, length: usize) -> FieldText {
        let from = self.taken;
        self.taken += length;
        let units = IN.get(from..self.taken).unwrap_or(&[]);
        FieldText::from_utf16(units.iter().map(|unit| unit.load(Ordering::Relaxed)))
    }
}

/// The only text.
fn text(length: usize) -> FieldText {
    Texts { taken: 0 }.next(length)
}

/// Writes the answer.
struct Answer {
    at: usize,
}

impl Answer {
    fn number(&mut self, number: u16) {
        if let Some(place) = OUT.get(self.at) {
            place.store(number, Ordering::Relaxed);
        }
        self.at += 1;
    }

    /// How far, and why: the reason's place in the list, from one on; 0 for none.
    fn verdict(&mut self, verdict: FieldVerdict) {
        self.number(match verdict.validity {
            Validity::Invalid => 0,
            Validity::Potential => 1,
            Validity::Valid => 3,
        });
        self.number(verdict.reason.map_or(0, |reason| reason as u16 + 1));
    }
}

/// The core's words, so that they are nowhere else: the reasons, the weaknesses, and the brands. Items end in `,`, lists in `;`.
/// A brand is `code:name:lengths:gaps:security code's length:its name`, its lengths and gaps of two digits each.
struct Words {
    bytes: [u8; 1024],
    length: usize,
}

impl Words {
    const fn push(mut self, text: &str) -> Self {
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.length] = text.as_bytes()[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    const fn numbers(mut self, numbers: &[u8]) -> Self {
        let mut at = 0;
        while at < numbers.len() {
            self.bytes[self.length] = b'0' + numbers[at] / 10;
            self.bytes[self.length + 1] = b'0' + numbers[at] % 10;
            self.length += 2;
            at += 1;
        }
        self.push(":")
    }

    const fn all() -> Self {
        let mut words = Self {
            bytes: [0; 1024],
            length: 0,
        };
        // A place in a list is the place in the declaration: answers count on it.
        let mut at = 0;
        while at < FieldReason::ALL.len() {
            assert!(FieldReason::ALL[at] as usize == at);
            words = words.push(FieldReason::ALL[at].as_str()).push(",");
            at += 1;
        }
        words = words.push(";");
        at = 0;
        while at < Weakness::ALL.len() {
            words = words.push(Weakness::ALL[at].as_str()).push(",");
            at += 1;
        }
        words = words.push(";");
        at = 0;
        while at < Brand::ALL.len() {
            let brand = Brand::ALL[at];
            assert!(brand as usize == at);
            words = words
                .push(brand.as_str())
                .push(":")
                .push(brand.name())
                .push(":");
            words = words.numbers(brand.lengths()).numbers(brand.gaps());
            words = words.numbers(&[brand.security_code_length()]);
            words = words.push(brand.security_code()).push(",");
            at += 1;
        }
        words
    }
}

/// The words, in ASCII, to the first zero.
static WORDS: [u8; Words::all().length + 1] = {
    let words = Words::all();
    let mut bytes = [0; Words::all().length + 1];
    let mut at = 0;
    while at < words.length {
        bytes[at] = words.bytes[at];
        at += 1;
    }
    bytes
};

/// Where the words are.
#[unsafe(no_mangle)]
pub extern "C" fn words() -> usize {
    WORDS.as_ptr() as usize
}

/// Answers a verdict and nothing else.
fn answer_verdict(verdict: FieldVerdict) {
    Answer { at: 0 }.verdict(verdict);
}

/// Judges a card number. `max_length` is 0 for none; `rules` has bit 0 to skip the check digit, bit 1 to check UnionPay's.
/// Answers the verdict, that for an assignment, the brand, the check digit, and the possible brands.
#[unsafe(no_mangle)]
pub extern "C" fn number(length: usize, max_length: u8, rules: u32) {
    let rules = NumberRules {
        max_length: Some(max_length),
        skip_luhn: rules & 1 != 0,
        luhn_unionpay: rules & 2 != 0,
    };
    let field = units::number(&text(length), rules);
    let mut answer = Answer { at: 0 };
    answer.verdict(field.verdict);
    answer.verdict(field.assignment);
    answer.number(field.brand.map_or(0, |brand| brand as u16 + 1));
    answer.number(match field.luhn {
        None => 0,
        Some(Luhn::Valid) => 1,
        Some(Luhn::Invalid) => 2,
    });
    answer.number(field.brands.bits());
}

/// Judges an expiry date. Answers the verdict, the year and the month; zeros if there is no date.
#[unsafe(no_mangle)]
pub extern "C" fn expiry(length: usize, year: u16, month: u8, max_years: u16) {
    let now = YearMonth { year, month };
    let field = units::expiry(&text(length), ExpiryRules { now, max_years });
    let mut answer = Answer { at: 0 };
    answer.verdict(field.verdict);
    answer.number(field.value.map_or(0, |date| date.year));
    answer.number(field.value.map_or(0, |date| date.month.into()));
}

/// Judges a security code of 3, 4, or (0) 3 or 4 digits. Answers the verdict.
#[unsafe(no_mangle)]
pub extern "C" fn cvv(length: usize, digits: u32) {
    let digits = match digits {
        3 => CvvLength::Three,
        4 => CvvLength::Four,
        _ => CvvLength::ThreeOrFour,
    };
    answer_verdict(units::cvv(&text(length), digits));
}

/// Judges a cardholder's name. Answers the verdict.
#[unsafe(no_mangle)]
pub extern "C" fn name(length: usize) {
    answer_verdict(units::cardholder_name(&text(length)));
}

/// Judges a postal code. Answers the verdict.
#[unsafe(no_mangle)]
pub extern "C" fn postal(length: usize, min_length: usize) {
    answer_verdict(units::postal_code(&text(length), min_length));
}

/// Judges a PIN; behind it in the room: birth date, phone, card number, empty for what isn't known. `rules` has bit 0 for
/// exactly six digits, bit 1 to refuse a weak one. Answers the verdict, the weaknesses, and whether the birth date is one.
#[unsafe(no_mangle)]
pub extern "C" fn pin(length: usize, rules: u32, born: usize, phone: usize, card: usize) {
    let mut texts = Texts { taken: 0 };
    let pin = texts.next(length);
    let birth_date = texts.next(born);
    let phone = texts.next(phone);
    let card_number = texts.next(card);
    let known = Known {
        birth_date: units::birth_date(&birth_date),
        phone: phone.units(),
        card_number: card_number.units(),
    };
    let length = if rules & 1 != 0 {
        PinLength::Six
    } else {
        PinLength::FourToSix
    };
    let field = units::pin(&pin, length, rules & 2 != 0, &known);
    let mut answer = Answer { at: 0 };
    answer.verdict(field.verdict);
    answer.number(field.weaknesses.bits());
    answer.number((born == 0 || known.birth_date.is_some()).into());
}

/// Edits a text; behind it in the room: what takes a part's place, or the text after a change. `format`: 0 number, 1 assigned
/// number, 2 expiry, from 3 on digits, so many more at most. `act`: 0 replace the part from `a` to `b`, 1 changed, with the
/// selection from `a` to `b` now, 2 format. Answers the selection and the text; tells the answer's
/// length, 0 for a text that is to stay as it is.
#[unsafe(no_mangle)]
pub extern "C" fn edit(
    format: u32,
    length: usize,
    start: usize,
    end: usize,
    act: u32,
    other: usize,
    a: usize,
    b: usize,
) -> usize {
    let mut texts = Texts { taken: 0 };
    let (text, other) = (texts.next(length), texts.next(other));
    let format = match format {
        0 => FieldFormat::Number,
        1 => FieldFormat::AssignedNumber,
        2 => FieldFormat::Expiry,
        more => FieldFormat::Digits {
            most: (more - 3) as u8,
        },
    };
    let part = FieldSelection { start: a, end: b };
    let act = match act {
        0 => Act::Replace(part),
        1 => Act::Changed(part),
        _ => Act::Format,
    };
    // The selection comes first, and is known last.
    let mut answer = Answer { at: 2 };
    let mut write = |unit: u8| answer.number(unit.into());
    let selection = FieldSelection { start, end };
    match units::edit(format, &text, selection, act, &other, &mut write) {
        None => 0,
        Some(selection) => {
            let mut head = Answer { at: 0 };
            head.number(selection.start as u16);
            head.number(selection.end as u16);
            answer.at
        }
    }
}
