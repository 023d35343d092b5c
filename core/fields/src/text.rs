//! Characters and positions as JavaScript knows them.

/// The longest text that is looked at, in UTF-16 code units.
pub const LONGEST: usize = 1024;

/// A text's length in UTF-16 code units.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Whether a text is too long to be looked at.
pub(crate) fn is_oversized(text: &str) -> bool {
    // A code unit takes at most three bytes, so that most texts need no counting.
    text.len() > LONGEST && units(text) > LONGEST
}

/// What JavaScript's `\s` and `trim` take for white space (ECMA-262, WhiteSpace and LineTerminator).
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}'
        | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
}

/// An ASCII digit's value.
pub(crate) const fn digit(c: char) -> Option<u8> {
    // Not `to_digit`, whose answer is wider.
    match c {
        '0' => Some(0),
        '1' => Some(1),
        '2' => Some(2),
        '3' => Some(3),
        '4' => Some(4),
        '5' => Some(5),
        '6' => Some(6),
        '7' => Some(7),
        '8' => Some(8),
        '9' => Some(9),
        _ => None,
    }
}

/// A digit's value, in the scripts that keyboards write digits in besides ASCII: full width, Arabic, Persian, Devanagari.
pub(crate) fn any_digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return digit(c);
    }
    [0xff10, 0x660, 0x6f0, 0x966]
        .iter()
        .find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10))
        .and_then(|value| u8::try_from(value).ok())
}

/// Splits a text at a position; one beyond its end is its end, one within a character is before it.
pub(crate) fn split(text: &str, position: usize) -> (&str, &str) {
    let mut at = 0;
    for (byte, c) in text.char_indices() {
        at += c.len_utf16();
        if at > position {
            return text.split_at(byte);
        }
    }
    (text, "")
}
