use core::fmt;

#[cfg(feature = "alloc")]
use alloc::string::String;

use crate::brand::{self, Prefix};
use crate::text::{FieldText, LONGEST, any_digit, count_digits, digit, is_date_separator, split};

/// What a text is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldFormat {
    /// A card number, with the gaps of its brand and as many digits as the brand's longest: `4111 1111 1111 1111`.
    Number,
    /// The number of a card to assign: the same with up to 19 digits whatever the brand.
    AssignedNumber,
    /// An expiry date: `12/27`, or `12/2027` if it is written so.
    Expiry,
    /// Digits without gaps: a PIN, a security code.
    Digits {
        /// The most digits to take.
        most: u8,
    },
}

/// A part of a text, or the caret if both are the same: positions before a UTF-16 code unit. One beyond the text's end is its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSelection {
    /// Where it begins.
    pub start: usize,
    /// Where it ends, not before its start.
    pub end: usize,
}

impl FieldSelection {
    /// No selection, only the caret.
    pub const fn caret(position: usize) -> Self {
        Self {
            start: position,
            end: position,
        }
    }

    const fn is_caret(self) -> bool {
        self.start == self.end
    }
}

/// What happens to a text. `Debug` doesn't show what is inserted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FieldEdit<'a> {
    /// Typed or pasted: takes the selection's place.
    Insert {
        /// What is typed or pasted.
        text: &'a str,
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
        text: &'a str,
    },
    /// The platform has made an edit already, as browsers and Android do: what was typed is told by what differs. A text that
    /// has nothing to do with the one before (autofill) is taken as pasted over all.
    Changed {
        /// The text after it.
        text: &'a str,
        /// The selection after it.
        selection: FieldSelection,
    },
    /// Nothing but writing the text as it should be, with the selection kept.
    Format,
}

impl fmt::Debug for FieldEdit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insert { .. } => "Insert(…)",
            Self::DeleteBackward => "DeleteBackward",
            Self::DeleteForward => "DeleteForward",
            Self::Replace { .. } => "Replace(…)",
            Self::Changed { .. } => "Changed(…)",
            Self::Format => "Format",
        })
    }
}

/// A text after an edit. `Debug` doesn't show it.
#[cfg(feature = "alloc")]
#[derive(Clone, PartialEq, Eq)]
pub struct Edited {
    /// The text, as it should be written.
    pub text: String,
    /// The selection in it.
    pub selection: FieldSelection,
}

#[cfg(feature = "alloc")]
impl fmt::Debug for Edited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edited")
            .field("selection", &self.selection)
            .finish_non_exhaustive()
    }
}

/// Edits a text: what was typed, and where the caret is, become what is to be shown, and where the caret goes. Digits of
/// other scripts become 0 to 9; what the field doesn't have is dropped.
///
/// One more digit than the field takes isn't taken. A longer text that is pasted is kept whole, so that no number is cut to
/// another one unseen: [`number`](crate::number()) says that it is too long. A text of more than [`LONGEST`](crate::LONGEST)
/// code units stays as it is.
///
/// It allocates the answer; [`edit_into`] doesn't.
///
/// ```
/// use bananatech_fields::{FieldEdit, FieldFormat, FieldSelection, edit};
/// let typed = edit(FieldFormat::Number, "4111", FieldSelection::caret(4), FieldEdit::Insert { text: "1" });
/// assert_eq!((typed.text.as_str(), typed.selection), ("4111 1", FieldSelection::caret(6)));
/// let back = edit(FieldFormat::Number, "4111 1", FieldSelection::caret(5), FieldEdit::DeleteBackward);
/// assert_eq!((back.text.as_str(), back.selection), ("4111", FieldSelection::caret(3)));
/// ```
#[cfg(feature = "alloc")]
pub fn edit(
    format: FieldFormat,
    text: &str,
    selection: FieldSelection,
    edit: FieldEdit<'_>,
) -> Edited {
    let mut out = String::new();
    // Writing to a String doesn't fail.
    let selection = edit_into(format, text, selection, edit, &mut out).unwrap_or_default();
    Edited {
        text: out,
        selection,
    }
}

/// As [`edit`], without allocation: the text is written to `out`, whose errors are the only ones.
pub fn edit_into(
    format: FieldFormat,
    text: &str,
    selection: FieldSelection,
    edit: FieldEdit<'_>,
    out: &mut impl fmt::Write,
) -> Result<FieldSelection, fmt::Error> {
    let seen = FieldText::of(text);
    let other = FieldText::of(match edit {
        FieldEdit::Insert { text }
        | FieldEdit::Replace { text, .. }
        | FieldEdit::Changed { text, .. } => text,
        FieldEdit::DeleteBackward | FieldEdit::DeleteForward | FieldEdit::Format => "",
    });
    let act = match edit {
        FieldEdit::Insert { .. } => Act::Replace(selection),
        FieldEdit::DeleteBackward => Act::DeleteBackward,
        FieldEdit::DeleteForward => Act::DeleteForward,
        FieldEdit::Replace { range, .. } => Act::Replace(range),
        FieldEdit::Changed { selection, .. } => Act::Changed(selection),
        FieldEdit::Format => Act::Format,
    };
    let mut result = Ok(());
    let mut write = |unit: u8| {
        if result.is_ok() {
            result = out.write_char(char::from(unit));
        }
    };
    if let Some(selection) = edit_in(format, &seen, selection, act, &other, &mut write) {
        return result.map(|()| selection);
    }
    write_as_is(text, selection, edit, out)
}

/// What becomes of a text that is too long to be looked at.
fn write_as_is(
    text: &str,
    selection: FieldSelection,
    edit: FieldEdit<'_>,
    out: &mut impl fmt::Write,
) -> Result<FieldSelection, fmt::Error> {
    let FieldSelection { start, end } = selection;
    let (range, inserted) = match edit {
        FieldEdit::Insert { text } => (selection, text),
        FieldEdit::Replace { range, text } => (range, text),
        FieldEdit::DeleteBackward if start == end => (
            FieldSelection {
                start: start.saturating_sub(1),
                end,
            },
            "",
        ),
        FieldEdit::DeleteForward if start == end => (
            FieldSelection {
                start,
                end: end.saturating_add(1),
            },
            "",
        ),
        FieldEdit::DeleteBackward | FieldEdit::DeleteForward => (selection, ""),
        FieldEdit::Changed { text, selection } => {
            out.write_str(text)?;
            return Ok(selection);
        }
        FieldEdit::Format => {
            out.write_str(text)?;
            return Ok(selection);
        }
    };
    // By characters, so that none is cut in two.
    let mut at = 0;
    let mut caret = None;
    let mut insert = |out: &mut dyn fmt::Write, at: usize| {
        if caret.is_none() {
            caret = Some(at + inserted.encode_utf16().count());
            out.write_str(inserted)?;
        }
        Ok(())
    };
    for c in text.chars() {
        if at >= range.start {
            insert(out, at)?;
        }
        if at < range.start || at >= range.end {
            out.write_char(c)?;
        }
        at += c.len_utf16();
    }
    insert(out, at)?;
    Ok(FieldSelection::caret(caret.unwrap_or(at)))
}

/// What happens to a text, whose other text stands beside it.
#[derive(Clone, Copy)]
pub enum Act {
    /// The other text takes the place of a part: typed or pasted if that is the selection.
    Replace(FieldSelection),
    /// Backspace.
    DeleteBackward,
    /// Delete.
    DeleteForward,
    /// The platform has made the other text of it.
    Changed(FieldSelection),
    /// Nothing.
    Format,
}

/// Edits a text. Nothing if it would be one that is too long to be looked at.
pub(crate) fn edit_in(
    format: FieldFormat,
    text: &FieldText,
    selection: FieldSelection,
    act: Act,
    other: &FieldText,
    out: &mut dyn FnMut(u8),
) -> Option<FieldSelection> {
    if text.is_oversized() || other.is_oversized() {
        return None;
    }
    let text = text.units();
    let mut pieces = Pieces::of(text, selection, act, other.units());
    if pieces.before.len() + pieces.inserted.len() + pieces.after.len() > LONGEST {
        return None;
    }
    let mut digits = pieces.digits();
    let is_refused = pieces.types_one_digit()
        && match format {
            FieldFormat::Digits { most } => digits.len() > usize::from(most),
            FieldFormat::AssignedNumber => digits.len() > MOST,
            FieldFormat::Number => {
                digits.len() > brand_of(&digits).map_or(MOST, crate::Brand::longest)
            }
            FieldFormat::Expiry => Date::of(&pieces, digits.units()).is_too_long(),
        };
    if is_refused {
        pieces = Pieces::at(text, FieldSelection::caret(selection.start), &[]);
        digits = pieces.digits();
    }
    Some(match format {
        FieldFormat::Digits { .. } => pieces.write_grouped(digits.units(), &[], out),
        FieldFormat::Number | FieldFormat::AssignedNumber => {
            pieces.write_grouped(digits.units(), brand::gaps(brand_of(&digits)), out)
        }
        FieldFormat::Expiry => {
            Date::of(&pieces, digits.units()).write(&pieces, digits.units(), out)
        }
    })
}

/// The most digits of a card number of any brand (ISO/IEC 7812-1).
const MOST: usize = 19;

fn brand_of(digits: &FieldText) -> Option<crate::Brand> {
    let mut prefix = Prefix::default();
    for unit in digits.units() {
        prefix.push(digit(*unit).unwrap_or(0));
    }
    prefix.brands().only()
}

/// What an edit comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Insertion,
    Deletion,
    Formatting,
}

/// A text after an edit, not written as it should be yet: the caret is between `inserted` and `after`.
#[derive(Clone, Copy)]
struct Pieces<'a> {
    before: &'a [u8],
    inserted: &'a [u8],
    after: &'a [u8],
    kind: Kind,
    /// Whether the edit took digits out.
    removes_digits: bool,
    /// How many digits before the caret a kept selection begins.
    selected: usize,
}

impl<'a> Pieces<'a> {
    /// A part of the text is replaced.
    fn at(text: &'a [u8], range: FieldSelection, inserted: &'a [u8]) -> Self {
        let (before, removed, after) = cut(text, range);
        Self {
            before,
            inserted,
            after,
            kind: match (inserted, removed) {
                ([], []) => Kind::Formatting,
                ([], _) => Kind::Deletion,
                _ => Kind::Insertion,
            },
            removes_digits: count_digits(removed) > 0,
            selected: 0,
        }
    }

    fn of(text: &'a [u8], selection: FieldSelection, act: Act, other: &'a [u8]) -> Self {
        match act {
            Act::Replace(range) => Self::replace(text, selection, range, other),
            Act::DeleteBackward if selection.is_caret() => Self::backward(text, selection.start),
            Act::DeleteForward if selection.is_caret() => Self::forward(text, selection.start),
            Act::DeleteBackward | Act::DeleteForward => Self::at(text, selection, &[]),
            Act::Changed(now) if text == other => Self::of(text, now, Act::Format, &[]),
            Act::Changed(now) => Self::changed(text, selection, other, now.end),
            Act::Format => Self {
                selected: count_digits(cut(text, selection).1),
                ..Self::at(text, FieldSelection::caret(selection.end), &[])
            },
        }
    }

    /// Takes the digit before the caret away, and leaves what is between them.
    fn backward(text: &'a [u8], caret: usize) -> Self {
        let mut before = split(text, caret).0;
        while let [rest @ .., last] = before {
            before = rest;
            if any_digit(*last).is_some() {
                return Self::at(text, one_at(rest.len()), &[]);
            }
        }
        Self::at(text, FieldSelection::caret(caret), &[])
    }

    /// Takes the digit after the caret away. The caret stays where it is by digits.
    fn forward(text: &'a [u8], caret: usize) -> Self {
        for (at, unit) in (caret..).zip(split(text, caret).1) {
            if any_digit(*unit).is_some() {
                return Self::at(text, one_at(at), &[]);
            }
        }
        Self::at(text, FieldSelection::caret(caret), &[])
    }

    fn replace(
        text: &'a [u8],
        selection: FieldSelection,
        range: FieldSelection,
        inserted: &'a [u8],
    ) -> Self {
        let removed = cut(text, range).1;
        let is_gap = !removed.is_empty() && count_digits(removed) == 0;
        if inserted.is_empty() && is_gap && selection != range {
            return if selection == FieldSelection::caret(range.start) {
                Self::forward(text, range.start)
            } else {
                Self::backward(text, range.end)
            };
        }
        Self::at(text, range, inserted)
    }

    /// What stands before and after the caret now and stood there before is what wasn't edited.
    fn changed(text: &'a [u8], selection: FieldSelection, changed: &'a [u8], caret: usize) -> Self {
        let (to_caret, after) = split(changed, caret);
        let (before, _, unselected) = cut(text, selection);
        if !selection.is_caret()
            && unselected == after
            && let Some(inserted) = to_caret.strip_prefix(before)
        {
            return Self::at(text, selection, inserted);
        }
        let Some(old) = text.strip_suffix(after) else {
            return Self {
                // The caret stays by digits.
                inserted: to_caret,
                after,
                ..Self::at(text, whole(text), changed)
            };
        };
        let mut same = 0;
        while same < old.len() && old.get(same) == to_caret.get(same) {
            same += 1;
        }
        let range = FieldSelection {
            start: same,
            end: old.len(),
        };
        Self::replace(text, selection, range, split(to_caret, same).1)
    }

    fn digits(&self) -> FieldText {
        let mut digits = FieldText::empty();
        for piece in [self.before, self.inserted, self.after] {
            for unit in piece {
                if let Some(value) = any_digit(*unit) {
                    digits.push(b'0' + value);
                }
            }
        }
        digits
    }

    /// How many digits are before the caret.
    fn caret(&self) -> usize {
        count_digits(self.before) + count_digits(self.inserted)
    }

    fn types_one_digit(&self) -> bool {
        !self.removes_digits && count_digits(self.inserted) == 1
    }

    /// Writes the digits with gaps after some of them, and none at the end.
    fn write_grouped(&self, digits: &[u8], gaps: &[u8], out: &mut dyn FnMut(u8)) -> FieldSelection {
        let end = self.caret();
        let start = end - self.selected.min(end);
        let mut selection = FieldSelection { start, end };
        for (at, digit) in digits.iter().enumerate() {
            if gaps.iter().any(|gap| usize::from(*gap) == at) {
                out(b' ');
                // A caret at a gap is before it, where the digit is that was typed or kept.
                selection.start += usize::from(start > at);
                selection.end += usize::from(end > at);
            }
            out(*digit);
        }
        selection
    }
}

/// What is before, in, and behind a part of a text.
fn cut(text: &[u8], range: FieldSelection) -> (&[u8], &[u8], &[u8]) {
    let (before, rest) = split(text, range.start);
    let (part, after) = split(rest, range.end.saturating_sub(range.start));
    (before, part, after)
}

const fn one_at(start: usize) -> FieldSelection {
    FieldSelection {
        start,
        end: start + 1,
    }
}

const fn whole(text: &[u8]) -> FieldSelection {
    FieldSelection {
        start: 0,
        end: text.len(),
    }
}

/// An expiry date by its digits.
struct Date {
    /// How many digits are the month's, of those that were typed.
    month: usize,
    /// How many are the year's.
    year: usize,
    /// Whether the year begins with the century.
    has_century: bool,
    /// Whether a zero is written before the month.
    is_padded: bool,
    /// Whether the month can't be continued.
    is_month_complete: bool,
    /// Whether the year came first, as in `2027-12`.
    is_year_first: bool,
    /// Whether something stands between month and year.
    is_separated: bool,
    /// Whether the caret is behind that.
    is_caret_past: bool,
}

impl Date {
    fn of(pieces: &Pieces<'_>, digits: &[u8]) -> Self {
        // The digits before the first separator, whether there is one, and whether the caret is before it.
        let mut run = 0;
        let mut is_separated = false;
        let mut is_caret_before = false;
        let to_caret = pieces.before.len() + pieces.inserted.len();
        let typed = pieces.before.iter().chain(pieces.inserted);
        let mut units = typed.chain(pieces.after).copied();
        let mut at = 0;
        // The month of a whole date was taken out, to type another.
        let mut is_month_missing = false;
        while !is_separated && let Some(unit) = units.next() {
            if any_digit(unit).is_some() {
                run += 1;
            } else if run > 0 && is_date_separator(unit) {
                is_separated = true;
                is_caret_before = at >= to_caret;
            } else if at == 0 && unit == b'/' {
                is_month_missing = true;
            }
            at += 1;
        }
        is_month_missing &= !is_separated;
        let total = digits.len();
        let is_year_first = is_separated && run == 4 && matches!(total, 5 | 6);
        let is_separated = is_separated && run <= 2;
        let month = if is_year_first {
            total - 4
        } else if is_month_missing {
            0
        } else if is_separated {
            run
        } else {
            match digits {
                [b'2'..=b'9', ..] | [b'1', b'3'..=b'9', ..] => 1,
                _ => total.min(2),
            }
        };
        // One that is being deleted is left as it is.
        let is_edited_away = pieces.kind == Kind::Deletion;
        // So is one that may get another digit.
        let is_typed = pieces.kind == Kind::Insertion && pieces.caret() == 1;
        let is_open = is_typed && is_separated && is_caret_before;
        let is_followed = !is_open && (is_separated || total > 1);
        let is_padded = month == 1
            && !is_edited_away
            && (is_year_first
                || !matches!(digits, [b'0', ..]) && (is_followed || !matches!(digits, [b'1', ..])));
        let year = split(digits, if is_year_first { 0 } else { month }).1;
        let has_century = year.starts_with(b"20");
        Self {
            month,
            year: total - month,
            has_century,
            is_padded,
            is_month_complete: !is_edited_away && (month == 2 || is_padded),
            is_year_first,
            is_separated,
            is_caret_past: is_separated && !is_caret_before,
        }
    }

    fn is_too_long(&self) -> bool {
        self.year > if self.has_century { 4 } else { 2 }
    }

    fn write(&self, pieces: &Pieces<'_>, digits: &[u8], out: &mut dyn FnMut(u8)) -> FieldSelection {
        let (month, year) = if self.is_year_first {
            let (year, month) = split(digits, self.year);
            (month, year)
        } else {
            split(digits, self.month)
        };
        let is_separated = !year.is_empty()
            || match pieces.kind {
                // Once the month is there, the separator need not be typed; taking it back shall not bring it back.
                Kind::Insertion => self.is_month_complete,
                Kind::Deletion => false,
                Kind::Formatting => self.is_separated,
            };
        let zero = self.is_padded.then_some(b'0');
        let slash = is_separated.then_some(b'/');
        let text = zero.iter().chain(month).chain(&slash).chain(year);
        text.for_each(|unit| out(*unit));

        let padding = usize::from(self.is_padded);
        let column = |digits: usize, is_behind_slash: bool| {
            if self.is_year_first {
                return padding + self.month + 1 + self.year;
            }
            let is_past = digits > self.month || digits == self.month && is_behind_slash;
            let padding = if digits > 0 { padding } else { 0 };
            padding + digits + usize::from(is_separated && is_past)
        };
        let is_typed = pieces.kind == Kind::Insertion && self.is_month_complete;
        let is_behind_slash = is_typed || self.is_caret_past;
        let (end, selected) = (pieces.caret(), pieces.selected);
        FieldSelection {
            start: column(end - selected.min(end), is_behind_slash || selected > 0),
            end: column(end, is_behind_slash),
        }
    }
}
