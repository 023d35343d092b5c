use core::fmt;

#[cfg(feature = "alloc")]
use alloc::string::String;

use crate::brand::{self, Brands};
use crate::text::{FieldText, LONGEST, count_digits, from, is_any_digit, is_date_separator, to};

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

impl FieldEdit<'_> {
    /// What is taken out, if it takes anything out but what it says itself: the selection, or the character at the caret.
    fn part(&self, selection: FieldSelection, length: usize) -> FieldSelection {
        let caret = selection.start.min(length);
        match self {
            _ if selection.start < selection.end => selection,
            Self::DeleteBackward => FieldSelection {
                start: caret.saturating_sub(1),
                end: caret,
            },
            Self::DeleteForward => FieldSelection {
                start: caret,
                end: caret + 1,
            },
            _ => selection,
        }
    }
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

/// Edits a text: what was typed, and where the caret is, become what is to be shown, and where the caret goes. Decimal digits
/// of all scripts (Unicode's general category Nd) become 0 to 9; what the field doesn't have is dropped.
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
        FieldEdit::Replace { range, .. } => Act::Replace(range),
        FieldEdit::Changed { selection, .. } => Act::Changed(selection),
        FieldEdit::Format => Act::Format,
        _ => Act::Replace(edit.part(selection, seen.len())),
    };
    let mut result = Ok(());
    let mut write = |unit: u8| {
        if result.is_ok() {
            result = out.write_char(char::from(unit));
        }
    };
    if let Some(selection) = edit_in(
        format,
        usize::MAX,
        &seen,
        selection,
        act,
        &other,
        &mut write,
    ) {
        return result.map(|()| selection);
    }
    write_as_is((text, seen.len()), selection, edit, out)
}

/// What becomes of a text that is too long to be looked at.
fn write_as_is(
    (text, units): (&str, usize),
    selection: FieldSelection,
    edit: FieldEdit<'_>,
    out: &mut impl fmt::Write,
) -> Result<FieldSelection, fmt::Error> {
    let (range, inserted) = match edit {
        FieldEdit::Changed { text, selection } => {
            out.write_str(text)?;
            return Ok(selection);
        }
        FieldEdit::Format => {
            out.write_str(text)?;
            return Ok(selection);
        }
        FieldEdit::Insert { text } => (selection, text),
        FieldEdit::Replace { range, text } => (range, text),
        _ => (edit.part(selection, units), ""),
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
    /// The platform has made the other text of it.
    Changed(FieldSelection),
    /// Nothing.
    Format,
}

/// The most digits of a card number of any brand (ISO/IEC 7812-1).
const MOST: usize = 19;

/// As [`edit_into`], with a limit of digits beside the format's own. Nothing if the text is too long to be looked at, and is to
/// stay as it is.
pub fn edit_in(
    format: FieldFormat,
    limit: usize,
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
    let mut change = Change::of(text, selection, act, other.units());
    loop {
        let mut composed = Composed::empty();
        composed.fill(text, &change);
        if composed.length > LONGEST {
            return None;
        }
        let (digits, brand) = (composed.digits.units(), composed.brand());
        let is_expiry = matches!(format, FieldFormat::Expiry);
        let most = match (format, brand) {
            (FieldFormat::Digits { most }, _) => usize::from(most),
            (FieldFormat::Number, Some(brand)) => brand.longest(),
            (FieldFormat::Expiry, _) => composed.month() + composed.most_of_year(),
            _ => MOST,
        };
        let most = most.min(limit);
        // One more digit than there is room for isn't taken; the loop ends, as nothing is inserted any more.
        if change.types_one_digit && digits.len() > most {
            change = Change::replace(text, FieldSelection::caret(selection.start), &[]);
            continue;
        }
        return Some(if is_expiry {
            composed.write_date(&change, out)
        } else {
            let gaps = match format {
                FieldFormat::Digits { .. } => &[],
                _ => brand::gaps(brand),
            };
            composed.write_grouped(&change, gaps, out)
        });
    }
}

/// What an edit comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Insertion,
    Deletion,
    Formatting,
}

/// A part of a text, and what takes its place.
struct Change<'a> {
    part: FieldSelection,
    inserted: &'a [u8],
    /// How much of what is inserted is before the caret.
    caret: usize,
    kind: Kind,
    /// Whether a single digit is typed, and none taken out.
    types_one_digit: bool,
    /// How many digits before the caret a kept selection begins.
    selected: usize,
}

impl<'a> Change<'a> {
    fn replace(text: &[u8], part: FieldSelection, inserted: &'a [u8]) -> Self {
        let removed = cut(text, part);
        Self {
            part,
            inserted,
            caret: inserted.len(),
            kind: match (inserted, removed) {
                ([], []) => Kind::Formatting,
                ([], _) => Kind::Deletion,
                _ => Kind::Insertion,
            },
            types_one_digit: count_digits(removed) == 0 && count_digits(inserted) == 1,
            selected: 0,
        }
    }

    fn of(text: &[u8], selection: FieldSelection, act: Act, other: &'a [u8]) -> Self {
        let (mut part, inserted) = match act {
            Act::Replace(part) => (part, other),
            Act::Changed(now) => {
                // What stands before and after the caret now and stood there before is what wasn't edited.
                let (to_caret, after) = (to(other, now.end), from(other, now.end));
                let is_after_kept = in_common(text, after, true) == after.len();
                let old = text.len().saturating_sub(after.len());
                let same = in_common(to(text, old), to_caret, false);
                if !is_after_kept {
                    let all = FieldSelection {
                        start: 0,
                        end: text.len(),
                    };
                    // The caret stays by digits.
                    return Self {
                        caret: now.end,
                        ..Self::replace(text, all, other)
                    };
                }
                if same == old && text.len() == other.len() {
                    return Self::format(text, now);
                }
                let is_selected = selection.start < selection.end;
                let start = if is_selected && selection.end == old && same >= selection.start {
                    selection.start
                } else {
                    same
                };
                (FieldSelection { start, end: old }, from(to_caret, start))
            }
            Act::Format => return Self::format(text, selection),
        };
        let removed = cut(text, part);
        let is_gap = !removed.is_empty() && count_digits(removed) == 0;
        if inserted.is_empty() && is_gap && part != selection {
            // Across the gap: the digit behind it if the caret is before it, else the digit before it.
            let is_forward = selection == FieldSelection::caret(part.start);
            let mut at = part.start;
            loop {
                at = if is_forward {
                    at + 1
                } else {
                    at.wrapping_sub(1)
                };
                match text.get(at) {
                    None => {
                        at = if is_forward { part.start } else { part.end };
                        part = FieldSelection::caret(at);
                    }
                    Some(unit) if !is_any_digit(*unit) => continue,
                    Some(_) => {
                        part = FieldSelection {
                            start: at,
                            end: at + 1,
                        }
                    }
                }
                break;
            }
        }
        Self::replace(text, part, inserted)
    }

    fn format(text: &[u8], selection: FieldSelection) -> Self {
        Self {
            selected: count_digits(cut(text, selection)),
            ..Self::replace(text, FieldSelection::caret(selection.end), &[])
        }
    }
}

/// How many code units two texts have in common, from their starts or from their ends.
fn in_common(a: &[u8], b: &[u8], from_end: bool) -> usize {
    let at = |text: &[u8], place: usize| {
        let place = if from_end {
            text.len().wrapping_sub(place + 1)
        } else {
            place
        };
        text.get(place).copied()
    };
    let mut count = 0;
    while at(a, count).is_some() && at(a, count) == at(b, count) {
        count += 1;
    }
    count
}

/// A part of a text.
fn cut(text: &[u8], part: FieldSelection) -> &[u8] {
    from(to(text, part.end), part.start)
}

/// A text after an edit, by its digits.
struct Composed {
    digits: FieldText,
    /// How many code units it has.
    length: usize,
    /// How many digits are before the caret.
    caret: usize,
    /// How many digits are before the first date separator, if there is one.
    run: usize,
    is_separated: bool,
    /// Whether the caret is before that.
    is_caret_before: bool,
    /// Whether it begins with a slash.
    begins_with_slash: bool,
}

impl Composed {
    const fn empty() -> Self {
        Self {
            digits: FieldText::empty(),
            length: 0,
            caret: 0,
            run: 0,
            is_separated: false,
            is_caret_before: false,
            begins_with_slash: false,
        }
    }

    fn fill(&mut self, text: &[u8], change: &Change<'_>) {
        let before = to(text, change.part.start);
        let to_caret = before.len() + change.caret;
        let (mut length, mut caret, mut count) = (0, 0, 0);
        // A part that ends before it starts is a caret at its start.
        let end = change.part.end.max(change.part.start);
        for piece in [before, change.inserted, from(text, end)] {
            for unit in piece {
                if is_any_digit(*unit) {
                    self.digits.push(unit & 0xf);
                    count += 1;
                    caret += usize::from(length < to_caret);
                } else if count > 0 && !self.is_separated && is_date_separator(*unit) {
                    self.is_separated = true;
                    self.run = count;
                    self.is_caret_before = length >= to_caret;
                }
                self.begins_with_slash |= length == 0 && *unit == b'/';
                length += 1;
            }
        }
        self.length = length;
        self.caret = caret;
    }

    fn brand(&self) -> Option<crate::Brand> {
        Brands::of_units(self.digits.units()).only()
    }

    /// Writes the digits with gaps after some of them, and none at the end.
    fn write_grouped(
        &self,
        change: &Change<'_>,
        gaps: &[u8],
        out: &mut dyn FnMut(u8),
    ) -> FieldSelection {
        let end = self.caret;
        let start = end - change.selected.min(end);
        let mut selection = FieldSelection { start, end };
        for (at, digit) in self.digits.units().iter().enumerate() {
            if gaps.iter().any(|gap| usize::from(*gap) == at) {
                out(b' ');
                // A caret at a gap is before it, where the digit is that was typed or kept.
                selection.start += usize::from(start > at);
                selection.end += usize::from(end > at);
            }
            out(b'0' + digit);
        }
        selection
    }

    /// Whether the year came first, as in `2027-12`.
    fn is_year_first(&self) -> bool {
        self.is_separated
            && self.run == 4
            && matches!(self.digits.len(), 5 | 6)
            && matches!(self.digits.units(), [2, 0, ..] | [1, 9, ..])
    }

    /// Whether something stands behind a month.
    const fn is_month_separated(&self) -> bool {
        self.is_separated && self.run <= 2
    }

    /// How many digits are the month's.
    fn month(&self) -> usize {
        let digits = self.digits.units();
        if self.is_year_first() {
            digits.len() - 4
        } else if self.begins_with_slash && !self.is_separated {
            // The month of a whole date was taken out, to type another.
            0
        } else if self.is_month_separated() {
            self.run
        } else {
            match digits {
                [2..=9, ..] | [1, 3..=9, ..] => 1,
                _ => digits.len().min(2),
            }
        }
    }

    /// How many digits the year may have.
    fn most_of_year(&self) -> usize {
        let month = if self.is_year_first() {
            0
        } else {
            self.month()
        };
        if from(self.digits.units(), month).starts_with(&[2, 0]) {
            4
        } else {
            2
        }
    }

    fn write_date(&self, change: &Change<'_>, out: &mut dyn FnMut(u8)) -> FieldSelection {
        let digits = self.digits.units();
        let (month, is_year_first) = (self.month(), self.is_year_first());
        let is_insertion = change.kind == Kind::Insertion;
        let is_deletion = change.kind == Kind::Deletion;
        let is_separated = self.is_month_separated();
        // One that may get another digit is left as it is; so is one that is being deleted.
        let is_open = is_insertion && self.caret == 1 && is_separated && self.is_caret_before;
        let is_followed = !is_open && (is_separated || digits.len() > 1);
        let is_padded = month == 1
            && !is_deletion
            && (is_year_first
                || match digits {
                    [0, ..] => false,
                    [1, ..] => is_followed,
                    _ => true,
                });
        let (months, years) = if is_year_first {
            (from(digits, 4), to(digits, 4))
        } else {
            (to(digits, month), from(digits, month))
        };
        // Once the month is there, the separator need not be typed; taking it back shall not bring it back.
        let is_month_complete = is_insertion && (month == 2 || is_padded);
        let has_slash = !years.is_empty()
            || is_month_complete
            || change.kind == Kind::Formatting && is_separated;
        if is_padded {
            out(b'0');
        }
        months.iter().for_each(|digit| out(b'0' + digit));
        if has_slash {
            out(b'/');
        }
        years.iter().for_each(|digit| out(b'0' + digit));

        let is_behind_slash = is_month_complete || is_separated && !self.is_caret_before;
        let column = |digits: usize, is_behind_slash: bool| {
            if is_year_first {
                return usize::from(is_padded) + month + 1 + years.len();
            }
            let is_past = digits > month || digits == month && is_behind_slash;
            digits + usize::from(is_padded && digits > 0) + usize::from(has_slash && is_past)
        };
        let (end, selected) = (self.caret, change.selected);
        FieldSelection {
            start: column(end - selected.min(end), is_behind_slash || selected > 0),
            end: column(end, is_behind_slash),
        }
    }
}
