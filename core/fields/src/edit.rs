use core::fmt;

use alloc::string::String;

use crate::brand::{self, Prefix};
use crate::text::{LONGEST, any_digit, is_space, split, units};

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
#[derive(Clone, PartialEq, Eq)]
pub struct Edited {
    /// The text, as it should be written.
    pub text: String,
    /// The selection in it.
    pub selection: FieldSelection,
}

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
    let pieces = Pieces::of(text, selection, edit);
    if pieces.is_oversized() {
        return pieces.write_as_is(out);
    }
    let is_refused = |most: usize| pieces.types_one_digit() && pieces.digits().count() > most;
    let unedited = Pieces::at(text, selection.start, selection.start, "");
    match format {
        FieldFormat::Digits { most } => {
            let pieces = if is_refused(usize::from(most)) {
                unedited
            } else {
                pieces
            };
            pieces.write_grouped(&[], out)
        }
        FieldFormat::Number | FieldFormat::AssignedNumber => {
            let brand = pieces.brand();
            let most = match (format, brand) {
                (FieldFormat::Number, Some(brand)) => brand.longest(),
                _ => 19,
            };
            let pieces = if is_refused(most) { unedited } else { pieces };
            pieces.write_grouped(brand::gaps(pieces.brand()), out)
        }
        FieldFormat::Expiry => {
            let date = Date::of(&pieces);
            if pieces.types_one_digit() && date.is_too_long() {
                Date::of(&unedited).write(&unedited, out)
            } else {
                date.write(&pieces, out)
            }
        }
    }
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
    before: &'a str,
    inserted: &'a str,
    after: &'a str,
    kind: Kind,
    /// Whether the edit took digits out.
    removes_digits: bool,
    /// How many units before the caret a kept selection begins.
    selected: usize,
}

impl<'a> Pieces<'a> {
    /// A part of the text is replaced.
    fn at(text: &'a str, start: usize, end: usize, inserted: &'a str) -> Self {
        let (before, rest) = split(text, start);
        let (removed, after) = split(rest, end.saturating_sub(start));
        Self {
            before,
            inserted,
            after,
            kind: match (inserted.is_empty(), removed.is_empty()) {
                (false, _) => Kind::Insertion,
                (true, false) => Kind::Deletion,
                (true, true) => Kind::Formatting,
            },
            removes_digits: has_digits(removed),
            selected: 0,
        }
    }

    fn of(text: &'a str, selection: FieldSelection, edit: FieldEdit<'a>) -> Self {
        let FieldSelection { start, end } = selection;
        match edit {
            FieldEdit::Insert { text: inserted } => Self::at(text, start, end, inserted),
            FieldEdit::DeleteBackward if selection.is_caret() => Self::backward(text, start),
            FieldEdit::DeleteForward if selection.is_caret() => Self::forward(text, start),
            FieldEdit::DeleteBackward | FieldEdit::DeleteForward => Self::at(text, start, end, ""),
            FieldEdit::Replace {
                range,
                text: inserted,
            } => Self::replace(text, selection, range, inserted),
            FieldEdit::Changed {
                text: changed,
                selection: now,
            } => Self::changed(text, selection, changed, now),
            FieldEdit::Format => {
                let (before, _) = split(text, end);
                let (_, selected) = split(before, start);
                Self {
                    selected: count_digits(selected),
                    ..Self::at(text, end, end, "")
                }
            }
        }
    }

    /// Takes the digit before the caret away, and leaves what is between them.
    fn backward(text: &'a str, caret: usize) -> Self {
        let (before, _) = split(text, caret);
        let digit = |(_, c): &(usize, char)| any_digit(*c).is_some();
        let at = before.char_indices().rev().find(digit);
        let start = at.map_or(caret, |(at, _)| units(before.get(..at).unwrap_or("")));
        Self::at(text, start, start + usize::from(at.is_some()), "")
    }

    /// Takes the digit after the caret away. The caret stays where it is by digits.
    fn forward(text: &'a str, caret: usize) -> Self {
        let (_, after) = split(text, caret);
        let digit = |(_, c): &(usize, char)| any_digit(*c).is_some();
        let at = after.char_indices().find(digit);
        let start = caret + at.map_or(0, |(at, _)| units(after.get(..at).unwrap_or("")));
        Self::at(text, start, start + usize::from(at.is_some()), "")
    }

    fn replace(
        text: &'a str,
        selection: FieldSelection,
        range: FieldSelection,
        inserted: &'a str,
    ) -> Self {
        let (_, rest) = split(text, range.start);
        let (removed, _) = split(rest, range.end.saturating_sub(range.start));
        if inserted.is_empty() && !removed.is_empty() && !has_digits(removed) {
            return if selection == FieldSelection::caret(range.start) {
                Self::forward(text, range.start)
            } else {
                Self::backward(text, range.end)
            };
        }
        Self::at(text, range.start, range.end, inserted)
    }

    /// What stands before and after the caret now and stood there before is what wasn't edited.
    fn changed(
        text: &'a str,
        selection: FieldSelection,
        changed: &'a str,
        now: FieldSelection,
    ) -> Self {
        let (to_caret, after) = split(changed, now.end);
        let FieldSelection { start, end } = selection;
        let (before, rest) = split(text, start);
        let (_, unselected) = split(rest, end.saturating_sub(start));
        if !selection.is_caret()
            && unselected == after
            && let Some(inserted) = to_caret.strip_prefix(before)
        {
            return Self::at(text, start, end, inserted);
        }
        let Some(old) = text.strip_suffix(after) else {
            return Self {
                // The caret stays by digits.
                inserted: to_caret,
                after,
                ..Self::at(text, 0, units(text), changed)
            };
        };
        let same: usize = old
            .chars()
            .zip(to_caret.chars())
            .take_while(|(a, b)| a == b)
            .map(|(c, _)| c.len_utf16())
            .sum();
        let (_, inserted) = split(to_caret, same);
        let range = FieldSelection {
            start: same,
            end: units(old),
        };
        Self::replace(text, selection, range, inserted)
    }

    fn is_oversized(&self) -> bool {
        let pieces = [self.before, self.inserted, self.after];
        let total = |length: fn(&str) -> usize| pieces.into_iter().map(length).sum::<usize>();
        // A code unit takes at least one byte, so that most texts need no counting.
        total(str::len) > LONGEST && total(units) > LONGEST
    }

    fn write_as_is(&self, out: &mut impl fmt::Write) -> Result<FieldSelection, fmt::Error> {
        for piece in [self.before, self.inserted, self.after] {
            out.write_str(piece)?;
        }
        Ok(FieldSelection::caret(
            units(self.before) + units(self.inserted),
        ))
    }

    fn chars(&self) -> impl Iterator<Item = char> + Clone + 'a {
        self.before
            .chars()
            .chain(self.inserted.chars())
            .chain(self.after.chars())
    }

    fn digits(&self) -> impl Iterator<Item = u8> + Clone + 'a {
        self.chars().filter_map(any_digit)
    }

    /// How many digits are before the caret.
    fn caret(&self) -> usize {
        count_digits(self.before) + count_digits(self.inserted)
    }

    fn types_one_digit(&self) -> bool {
        !self.removes_digits && count_digits(self.inserted) == 1
    }

    fn brand(&self) -> Option<crate::Brand> {
        let mut prefix = Prefix::default();
        for digit in self.digits() {
            prefix.push(digit);
        }
        prefix.brands().only()
    }

    /// Writes the digits with gaps after some of them, and none at the end.
    fn write_grouped(
        &self,
        gaps: &[u8],
        out: &mut impl fmt::Write,
    ) -> Result<FieldSelection, fmt::Error> {
        let is_gap = |at: usize| gaps.iter().any(|gap| usize::from(*gap) == at);
        for (at, digit) in self.digits().enumerate() {
            if is_gap(at) {
                out.write_char(' ')?;
            }
            out.write_char(char::from(b'0' + digit))?;
        }
        // A caret at a gap is before it, where the digit is that was typed or kept.
        let column = |digits: usize| {
            digits
                + gaps
                    .iter()
                    .filter(|gap| usize::from(**gap) < digits)
                    .count()
        };
        let end = self.caret();
        Ok(FieldSelection {
            start: column(end - self.selected.min(end)),
            end: column(end),
        })
    }
}

fn write_digits(mut digits: impl Iterator<Item = u8>, out: &mut impl fmt::Write) -> fmt::Result {
    digits.try_for_each(|digit| out.write_char(char::from(b'0' + digit)))
}

fn has_digits(text: &str) -> bool {
    text.chars().any(|c| any_digit(c).is_some())
}

fn count_digits(text: &str) -> usize {
    text.chars().filter_map(any_digit).count()
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

/// What may stand between month and year.
fn is_date_separator(c: char) -> bool {
    matches!(c, '/' | '-' | '.' | '\u{2013}' | '\u{ff0f}') || is_space(c)
}

impl Date {
    fn of(pieces: &Pieces<'_>) -> Self {
        // The digits before the first separator, whether there is one, and whether the caret is before it.
        let mut run = 0;
        let mut is_separated = false;
        let mut is_caret_before = false;
        let to_caret = pieces.before.chars().chain(pieces.inserted.chars()).count();
        for (at, c) in pieces.chars().enumerate() {
            if any_digit(c).is_some() {
                run += 1;
            } else if run > 0 && is_date_separator(c) {
                is_separated = true;
                is_caret_before = at >= to_caret;
                break;
            }
        }
        // The month of a whole date was taken out, to type another.
        let is_month_missing = !is_separated && pieces.chars().next() == Some('/');
        let total = pieces.digits().count();
        let mut digits = pieces.digits();
        let (first, second) = (digits.next(), digits.next());
        let is_year_first = is_separated && run == 4 && matches!(total, 5 | 6);
        let is_separated = is_separated && run <= 2;
        let month = if is_year_first {
            total - 4
        } else if is_month_missing {
            0
        } else if is_separated {
            run
        } else {
            match (first, second) {
                (Some(2..), _) | (Some(1), Some(3..)) => 1,
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
            && (is_year_first || first != Some(0) && (is_followed || first > Some(1)));
        let mut year = pieces.digits().skip(if is_year_first { 0 } else { month });
        let has_century = year.next() == Some(2) && year.next() == Some(0);
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

    fn write(
        &self,
        pieces: &Pieces<'_>,
        out: &mut impl fmt::Write,
    ) -> Result<FieldSelection, fmt::Error> {
        if self.is_padded {
            out.write_char('0')?;
        }
        let (month, year) = if self.is_year_first {
            (self.year, 0)
        } else {
            (0, self.month)
        };
        write_digits(pieces.digits().skip(month).take(self.month), out)?;
        let is_separated = self.year > 0
            || match pieces.kind {
                // Once the month is there, the separator need not be typed; taking it back shall not bring it back.
                Kind::Insertion => self.is_month_complete,
                Kind::Deletion => false,
                Kind::Formatting => self.is_separated,
            };
        if is_separated {
            out.write_char('/')?;
        }
        write_digits(pieces.digits().skip(year).take(self.year), out)?;

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
        Ok(FieldSelection {
            start: column(end - selected.min(end), is_behind_slash || selected > 0),
            end: column(end, is_behind_slash),
        })
    }
}
