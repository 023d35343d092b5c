//! The core's card fields for `bananatech/forms`, which has to weigh next to nothing. No logic lives here.
//!
//! wasm-bindgen isn't used: its glue for texts alone is as large as all of this. The package writes UTF-16 to [`texts`] in the
//! module's memory, one text behind the other, and calls with their lengths. What a function tells lies at [`answer`] then, and
//! it returns how many numbers that are. These places never move, nothing is allocated, and the module imports nothing.
//! `npm/forms-core.js` is the other side, and wipes both places after each call.

#![cfg_attr(target_family = "wasm", no_std)]
// `no_mangle` is all that is unsafe here: two functions of the same name would be taken for each other.
#![allow(unsafe_code)]

use core::sync::atomic::{AtomicU16, Ordering};

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

/// A selection, and the longest text that is looked at with a gap behind each digit.
const MOST_TOLD: usize = 2 + 2 * LONGEST;

// Atomics, because the other side writes and reads here: without threads they are plain loads and stores.
static TEXTS: [AtomicU16; ROOM] = [const { AtomicU16::new(0) }; ROOM];
static ANSWER: [AtomicU16; MOST_TOLD] = [const { AtomicU16::new(0) }; MOST_TOLD];

/// Where texts are taken from.
#[unsafe(no_mangle)]
pub extern "C" fn texts() -> usize {
    (&raw const TEXTS) as usize
}

/// Where is what a function told.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    (&raw const ANSWER) as usize
}

/// Writes numbers to the answer, from a place on. How many are there now.
#[inline(never)]
fn tell(from: usize, numbers: &[u16]) -> usize {
    for (place, number) in ANSWER.iter().skip(from).zip(numbers) {
        place.store(*number, Ordering::Relaxed);
    }
    from + numbers.len()
}

/// What was written to the room, one text behind the other.
struct Texts {
    taken: usize,
}

impl Texts {
    const fn new() -> Self {
        Self { taken: 0 }
    }

    /// The next text, of so many code units.
    #[inline(never)]
    fn next(&mut self, length: usize) -> FieldText {
        let from = self.taken;
        self.taken += length;
        let units = TEXTS.get(from..self.taken).unwrap_or(&[]);
        FieldText::from_utf16(units.iter().map(|unit| unit.load(Ordering::Relaxed)))
    }
}

/// A verdict as two numbers: how far (0 invalid, 1 potential, 2 valid), and why, its place in the list of reasons from one on.
#[inline(never)]
fn told(verdict: FieldVerdict) -> [u16; 2] {
    let validity = match verdict.validity {
        Validity::Invalid => 0,
        Validity::Potential => 1,
        Validity::Valid => 2,
    };
    let reason = verdict.reason.map_or(0, |reason| reason as u16 + 1);
    [validity, reason]
}

// Answers name a reason by its place in the core's list, which the package has from its build.
const _: () = {
    let mut at = 0;
    while at < FieldReason::ALL.len() {
        assert!(FieldReason::ALL[at] as usize == at);
        at += 1;
    }
};

/// Judges a card number; `max_length` 0 is the brand's own. Tells the verdict, the one for an assignment, the check digit (0
/// not told, 1 right, 2 wrong), and the possible brands, a bit for each.
#[unsafe(no_mangle)]
pub extern "C" fn number(
    length: usize,
    max_length: u32,
    skip_luhn: u32,
    luhn_unionpay: u32,
) -> usize {
    let rules = NumberRules {
        max_length: Some(max_length.min(255) as u8),
        skip_luhn: skip_luhn != 0,
        luhn_unionpay: luhn_unionpay != 0,
    };
    let field = units::number(&Texts::new().next(length), rules);
    let luhn = match field.luhn {
        None => 0,
        Some(Luhn::Valid) => 1,
        Some(Luhn::Invalid) => 2,
    };
    tell(0, &told(field.verdict));
    tell(2, &told(field.assignment));
    tell(4, &[luhn, field.brands.bits()])
}

/// Judges an expiry date. Tells the verdict, and the month and year, zeros if there is no date.
#[unsafe(no_mangle)]
pub extern "C" fn expiry(length: usize, year: u32, month: u32, max_years: u32) -> usize {
    let rules = ExpiryRules {
        now: YearMonth {
            year: year as u16,
            month: month as u8,
        },
        max_years: max_years as u16,
    };
    let field = units::expiry(&Texts::new().next(length), rules);
    tell(0, &told(field.verdict));
    let date = field.value;
    tell(
        2,
        &date.map_or([0; 2], |date| [date.month.into(), date.year]),
    )
}

/// Judges a security code of 3 digits, of 4, or (any other number) of either. Tells the verdict.
#[unsafe(no_mangle)]
pub extern "C" fn cvv(length: usize, size: u32) -> usize {
    let size = match size {
        3 => CvvLength::Three,
        4 => CvvLength::Four,
        _ => CvvLength::ThreeOrFour,
    };
    tell(0, &told(units::cvv(&Texts::new().next(length), size)))
}

/// Judges a cardholder's name. Tells the verdict.
#[unsafe(no_mangle)]
pub extern "C" fn name(length: usize) -> usize {
    tell(0, &told(units::cardholder_name(&Texts::new().next(length))))
}

/// Judges a postal code. Tells the verdict.
#[unsafe(no_mangle)]
pub extern "C" fn postal_code(length: usize, min_length: usize) -> usize {
    let text = Texts::new().next(length);
    tell(0, &told(units::postal_code(&text, min_length)))
}

/// Judges a PIN, beside a birth date, a phone and a card number, which are empty if they aren't known. Tells the verdict, the
/// weaknesses, a bit for each, and whether the birth date is none.
#[unsafe(no_mangle)]
pub extern "C" fn pin(
    length: usize,
    born: usize,
    phone: usize,
    card_number: usize,
    activation: u32,
    refuse_weak: u32,
) -> usize {
    let mut texts = Texts::new();
    let text = texts.next(length);
    let born = texts.next(born);
    let phone = texts.next(phone);
    let card_number = texts.next(card_number);
    let known = Known {
        birth_date: units::birth_date(&born),
        phone: phone.units(),
        card_number: card_number.units(),
    };
    let digits = if activation != 0 {
        PinLength::Six
    } else {
        PinLength::FourToSix
    };
    let field = units::pin(&text, digits, refuse_weak != 0, &known);
    let is_no_date = !born.units().is_empty() && known.birth_date.is_none();
    tell(0, &told(field.verdict));
    tell(2, &[field.weaknesses.bits(), is_no_date.into()])
}

/// Edits a text; `other` takes a part's place, or is the text after a change. `format`: 0 number, 1 assigned number, 2 expiry,
/// from 3 on digits, so many more at most. `act`: 0 replace the part from `a` to `b`, 1 changed, with the selection from `a`
/// to `b` now, 2 format. `limit` is the most digits to take, if that is fewer than the format's own; 0 is as nothing. Tells the
/// selection and the edited text; nothing if the text is to stay as it is.
#[unsafe(no_mangle)]
pub extern "C" fn edit(
    length: usize,
    other: usize,
    format: u32,
    limit: usize,
    start: usize,
    end: usize,
    act: u32,
    a: usize,
    b: usize,
) -> usize {
    let mut texts = Texts::new();
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
    let mut told = 2;
    let mut write = |unit: u8| told = tell(told, &[unit.into()]);
    let selection = FieldSelection { start, end };
    let limit = if limit > 0 { limit } else { usize::MAX };
    match units::edit(format, limit, &text, selection, act, &other, &mut write) {
        Some(now) => {
            tell(0, &[now.start as u16, now.end as u16]);
            told
        }
        None => 0,
    }
}
