//! The core's card fields for `bananatech/forms`, which has to weigh next to nothing. No logic lives here.
//!
//! wasm-bindgen isn't used: its glue for texts alone is as large as all of this. The package writes UTF-16 to [`room`] in the
//! module's memory, one text behind the other, and calls with their lengths; verdicts come back as the bits of a number, and
//! an edited text behind that room. These places never move, nothing is allocated, and the module imports nothing.
//! `npm/forms.js` is the other side, and wipes both places after each call.

#![cfg_attr(target_family = "wasm", no_std)]
// `no_mangle` is all that is unsafe here: two functions of the same name would be taken for each other.
#![allow(unsafe_code)]

use core::sync::atomic::{AtomicU8, AtomicU16, Ordering};

use bananatech_fields::units::{self, Act, FieldText, Known};
use bananatech_fields::{
    CvvLength, ExpiryRules, FieldFormat, FieldReason, FieldSelection, FieldVerdict, LONGEST, Luhn,
    NumberRules, PinLength, Validity, YearMonth,
};

/// A panic traps, as it does in every module of ours; without words for it, which would be most of the module.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Four texts of the longest that are looked at, and one code unit more, so that a longer one is seen to be.
const ROOM: usize = 4 * (LONGEST + 1);

/// The longest text that is looked at, with a gap behind each digit, and a zero.
const ANSWER: usize = 2 * LONGEST + 1;

// Atomics, because the other side writes and reads here: without threads they are plain loads and stores.
#[repr(C)]
struct Shared {
    texts: [AtomicU16; ROOM],
    answer: [AtomicU8; ANSWER],
}

static SHARED: Shared = Shared {
    texts: [const { AtomicU16::new(0) }; ROOM],
    answer: [const { AtomicU8::new(0) }; ANSWER],
};

/// Where texts are taken from. Right behind, an edited text is given, in ASCII, to the first zero.
#[unsafe(no_mangle)]
pub extern "C" fn room() -> usize {
    (&raw const SHARED) as usize
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
        let units = SHARED.texts.get(from..self.taken).unwrap_or(&[]);
        FieldText::from_utf16(units.iter().map(|unit| unit.load(Ordering::Relaxed)))
    }
}

/// A verdict in six bits: how far (0 invalid, 1 potential, 3 valid), and why, its place in the list of reasons from one on.
fn packed(verdict: FieldVerdict) -> u32 {
    let validity = match verdict.validity {
        Validity::Invalid => 0,
        Validity::Potential => 1,
        Validity::Valid => 3,
    };
    validity | verdict.reason.map_or(0, |reason| reason as u32 + 1) << 2
}

// Answers name a reason by its place in the core's list, which `forms.js` has from its build.
const _: () = {
    let mut at = 0;
    while at < FieldReason::ALL.len() {
        assert!(FieldReason::ALL[at] as usize == at);
        at += 1;
    }
};

/// Judges a text, and answers the verdict in the lowest six bits. By `kind`:
///
/// * 0, a card number. `a` is the most digits, 0 for the brand's own; `b` has bit 0 to skip the check digit, bit 1 to check
///   UnionPay's. Answers in six bits more the verdict for an assignment, in two more the check digit (0 not told, 1 right, 2
///   wrong), and in fifteen more the possible brands.
/// * 1, an expiry date in the year `a` and month `b`, at most `c` years ahead. Answers in four bits more the month and in
///   fourteen more the year; zeros if there is no date.
/// * 2, a security code of `a` digits: 3, 4, or (0) either. 3, a cardholder's name. 4, a postal code of at least `a`.
/// * From 5 on, a PIN; behind it in the room are the birth date, phone and card number of lengths `a`, `b` and `c`, empty for
///   what isn't known. One more is for exactly six digits, two more to refuse a weak one. Answers in twelve bits more the
///   weaknesses, and in one more whether the birth date is none.
#[unsafe(no_mangle)]
pub extern "C" fn judge(kind: u32, length: usize, a: usize, b: usize, c: usize) -> u32 {
    let mut texts = Texts { taken: 0 };
    let text = texts.next(length);
    match kind {
        0 => {
            let rules = NumberRules {
                max_length: Some(a.min(255) as u8),
                skip_luhn: b & 1 != 0,
                luhn_unionpay: b & 2 != 0,
            };
            let field = units::number(&text, rules);
            let luhn = match field.luhn {
                None => 0,
                Some(Luhn::Valid) => 1,
                Some(Luhn::Invalid) => 2,
            };
            packed(field.verdict)
                | packed(field.assignment) << 6
                | luhn << 12
                | u32::from(field.brands.bits()) << 14
        }
        1 => {
            let rules = ExpiryRules {
                now: YearMonth {
                    year: a as u16,
                    month: b as u8,
                },
                max_years: c as u16,
            };
            let field = units::expiry(&text, rules);
            let date = field.value.map_or(0, |date| {
                u32::from(date.month) << 6 | u32::from(date.year) << 10
            });
            packed(field.verdict) | date
        }
        2 => packed(units::cvv(
            &text,
            match a {
                3 => CvvLength::Three,
                4 => CvvLength::Four,
                _ => CvvLength::ThreeOrFour,
            },
        )),
        3 => packed(units::cardholder_name(&text)),
        4 => packed(units::postal_code(&text, a)),
        _ => {
            let (born, phone, card_number) = (texts.next(a), texts.next(b), texts.next(c));
            let known = Known {
                birth_date: units::birth_date(&born),
                phone: phone.units(),
                card_number: card_number.units(),
            };
            let rules = kind - 5;
            let digits = if rules & 1 != 0 {
                PinLength::Six
            } else {
                PinLength::FourToSix
            };
            let field = units::pin(&text, digits, rules & 2 != 0, &known);
            let is_no_date = a > 0 && known.birth_date.is_none();
            packed(field.verdict)
                | u32::from(field.weaknesses.bits()) << 6
                | u32::from(is_no_date) << 18
        }
    }
}

/// Edits a text; behind it in the room: what takes a part's place, or the text after a change. `format`: 0 number, 1 assigned
/// number, 2 expiry, from 3 on digits, so many more at most. `act`: 0 replace the part from `a` to `b`, 1 changed, with the
/// selection from `a` to `b` now, 2 format. Answers the selection, its end in the upper 16 bits; -1 for a text that is to
/// stay as it is. The edited text is behind the [`room`].
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
) -> i32 {
    let mut texts = Texts { taken: 0 };
    let (text, other) = (texts.next(length), texts.next(other));
    let format = match format {
        0 => FieldFormat::Number,
        1 => FieldFormat::AssignedNumber,
        2 => FieldFormat::Expiry,
        more => FieldFormat::Digits {
            most: (more - 3).min(255) as u8,
        },
    };
    let part = FieldSelection { start: a, end: b };
    let act = match act {
        0 => Act::Replace(part),
        1 => Act::Changed(part),
        _ => Act::Format,
    };
    let mut places = SHARED.answer.iter();
    let mut write = |unit: u8| {
        if let Some(place) = places.next() {
            place.store(unit, Ordering::Relaxed);
        }
    };
    let selection = FieldSelection { start, end };
    let edited = units::edit(format, &text, selection, act, &other, &mut write);
    edited.map_or(-1, |now| (now.start | now.end << 16) as i32)
}
