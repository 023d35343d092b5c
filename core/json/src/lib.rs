//! Tells JSON texts apart, without reading their values. A crate of its own so that it can be compiled for speed where the rest
//! of the library is compiled for size: every byte that comes in passes here.

#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

use std::borrow::Cow;

use hifijson::escape::{Lex as _, Lit};
use hifijson::num::Lex as _;
use hifijson::str::LexAlloc as _;
use hifijson::token::Lex as _;
use hifijson::{Read as _, SliceLexer};

/// The text isn't JSON (RFC 8259).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson;

type Result<T> = std::result::Result<T, NotJson>;

/// An item of an array or object: its name as it is written, for an object's, and its value.
pub type Item<'a> = (&'a str, &'a str);

/// Checks that a text is JSON (RFC 8259). Answers it without the white space around it.
///
/// ```
/// use bananatech_json::{NotJson, check};
/// assert_eq!(check(" [1, 2] "), Ok("[1, 2]"));
/// assert_eq!(check("[1,]"), Err(NotJson));
/// ```
pub fn check(text: &str) -> Result<&str> {
    let mut lexer = SliceLexer::new(text.as_bytes());
    lexer.eat_whitespace();
    let start = lexer.as_slice().len();
    skip_value(&mut lexer)?;
    let rest = lexer.as_slice().len();
    end(&mut lexer)?;
    text.get(text.len() - start..text.len() - rest)
        .ok_or(NotJson)
}

/// The items of an array or object, one after the other. What is nested in an item is checked, but not told apart.
///
/// ```
/// use bananatech_json::Items;
/// let mut items = Items::of(r#" {"a": [1, 2]} "#);
/// assert_eq!(items.next(), Some(Ok(("\"a\"", "[1, 2]"))));
/// assert_eq!(items.next(), None);
/// ```
pub struct Items<'a> {
    text: &'a str,
    lexer: SliceLexer<'a>,
    /// The bracket that ends it, once it has begun.
    close: Option<u8>,
    ended: bool,
}

impl<'a> Items<'a> {
    /// Those of a text. If it is neither an array nor an object, the first item is an error.
    pub fn of(text: &'a str) -> Self {
        Self {
            text,
            lexer: SliceLexer::new(text.as_bytes()),
            close: None,
            ended: false,
        }
    }

    fn at(&self) -> usize {
        self.text.len() - self.lexer.as_slice().len()
    }

    fn advance(&mut self) -> Result<Option<Item<'a>>> {
        let close = match self.close {
            Some(close) => {
                let next = self.lexer.ws_peek().ok_or(NotJson)?;
                self.lexer.take_next();
                if next == close {
                    return self.end();
                }
                if next != b',' {
                    return Err(NotJson);
                }
                self.lexer.eat_whitespace();
                close
            }
            None => {
                let open = self.lexer.ws_peek().ok_or(NotJson)?;
                self.lexer.take_next();
                let close = closing(open).ok_or(NotJson)?;
                self.close = Some(close);
                if self.lexer.ws_peek() == Some(close) {
                    self.lexer.take_next();
                    return self.end();
                }
                close
            }
        };
        let mut name = "";
        if close == b'}' {
            let start = self.at();
            skip_string(&mut self.lexer)?;
            name = self.text.get(start..self.at()).ok_or(NotJson)?;
            colon(&mut self.lexer)?;
        }
        let start = self.at();
        skip_value(&mut self.lexer)?;
        let value = self.text.get(start..self.at()).ok_or(NotJson)?;
        Ok(Some((name, value)))
    }

    fn end(&mut self) -> Result<Option<Item<'a>>> {
        self.ended = true;
        end(&mut self.lexer).map(|()| None)
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Item<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.advance();
        if item.is_err() {
            self.ended = true;
        }
        item.transpose()
    }
}

fn closing(open: u8) -> Option<u8> {
    match open {
        b'{' => Some(b'}'),
        b'[' => Some(b']'),
        _ => None,
    }
}

fn colon(lexer: &mut SliceLexer<'_>) -> Result<()> {
    lexer.expect(SliceLexer::ws_peek, b':').ok_or(NotJson)?;
    lexer.eat_whitespace();
    Ok(())
}

/// Nothing but white space is left.
fn end(lexer: &mut SliceLexer<'_>) -> Result<()> {
    lexer.eat_whitespace();
    if lexer.as_slice().is_empty() {
        Ok(())
    } else {
        Err(NotJson)
    }
}

/// Passes over a value, without recursion, so that no depth exhausts the stack.
fn skip_value(lexer: &mut SliceLexer<'_>) -> Result<()> {
    // The brackets that are still to be closed.
    let mut due = Vec::new();
    loop {
        let mut opened = false;
        match lexer.peek_next().ok_or(NotJson)? {
            open @ (b'{' | b'[') => {
                lexer.take_next();
                due.extend(closing(open));
                opened = true;
            }
            _ => skip_scalar(lexer)?,
        }
        // What follows a value, until the next one begins.
        loop {
            let Some(close) = due.last().copied() else {
                return Ok(());
            };
            let next = lexer.ws_peek().ok_or(NotJson)?;
            if next == close {
                lexer.take_next();
                due.pop();
                opened = false;
                continue;
            }
            if !opened {
                if next != b',' {
                    return Err(NotJson);
                }
                lexer.take_next();
                lexer.eat_whitespace();
            }
            if close == b'}' {
                skip_string(lexer)?;
                colon(lexer)?;
            }
            break;
        }
    }
}

fn skip_scalar(lexer: &mut SliceLexer<'_>) -> Result<()> {
    match lexer.peek_next().ok_or(NotJson)? {
        b'"' => skip_string(lexer),
        b'-' | b'0'..=b'9' => match lexer.num_ignore().validate() {
            Ok(_) => Ok(()),
            Err(_) => Err(NotJson),
        },
        _ => lexer.null_or_bool().map(drop).ok_or(NotJson),
    }
}

/// Whether a control character stands in a text, which a string must not hold as it is. Eight bytes at once, spelled out: a
/// compiler for size wouldn't make words of a loop over bytes.
fn has_control(text: &[u8]) -> bool {
    const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, rest) = text.as_chunks();
    // Taking away sets a byte's highest bit where the byte is less; a borrow begins at such a byte only.
    let found = words.iter().fold(0, |found, word| {
        let word = u64::from_ne_bytes(*word);
        found | (word.wrapping_sub(SPACES) & !word)
    });
    found & HIGHEST != 0 || rest.iter().any(|byte| *byte < b' ')
}

fn skip_string(lexer: &mut SliceLexer<'_>) -> Result<()> {
    lexer.expect(SliceLexer::peek_next, b'"').ok_or(NotJson)?;
    loop {
        let text = lexer.as_slice();
        let at = memchr::memchr2(b'"', b'\\', text).ok_or(NotJson)?;
        let (plain, rest) = text.split_at_checked(at).ok_or(NotJson)?;
        if has_control(plain) {
            return Err(NotJson);
        }
        *lexer = SliceLexer::new(rest);
        if lexer.take_next() == Some(b'"') {
            return Ok(());
        }
        match lexer.take_next().ok_or(NotJson)? {
            // Surrogates count once the text is wanted.
            b'u' => {
                lexer.hex::<u16>().map_err(|_| NotJson)?;
            }
            other => {
                Lit::try_from(other).ok_or(NotJson)?;
            }
        }
    }
}

/// The text of a JSON string that is known to be JSON. `None` if it isn't a string, or holds half of a surrogate pair.
///
/// ```
/// assert_eq!(bananatech_json::unescape(r#""\u00e9""#).as_deref(), Some("é"));
/// assert_eq!(bananatech_json::unescape(r#""\ud83d""#), None);
/// assert_eq!(bananatech_json::unescape("1"), None);
/// ```
pub fn unescape(quoted: &str) -> Option<Cow<'_, str>> {
    let inner = quoted.strip_prefix('"')?;
    // It is known to be JSON: without escapes, what stands between the quotes is the text.
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return inner.strip_suffix('"').map(Cow::Borrowed);
    }
    SliceLexer::new(inner.as_bytes()).str_string().ok()
}

/// The same, with U+FFFD in the place of each half of a surrogate pair that stands alone.
///
/// ```
/// assert_eq!(bananatech_json::unescape_lossy(r#""no \ud83d""#).as_deref(), Some("no \u{fffd}"));
/// ```
pub fn unescape_lossy(quoted: &str) -> Option<Cow<'_, str>> {
    unescape(quoted).or_else(|| {
        let mended = mend_surrogates(quoted.strip_prefix('"')?)?;
        let text = SliceLexer::new(mended.as_bytes()).str_string().ok()?;
        Some(Cow::Owned(text.into_owned()))
    })
}

/// A string's inside with the escape of U+FFFD for each surrogate that stands alone.
fn mend_surrogates(mut inner: &str) -> Option<String> {
    let escaped = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok();
    let mut mended = String::with_capacity(inner.len());
    while let Some(at) = inner.find('\\') {
        let (before, rest) = inner.split_at_checked(at)?;
        mended.push_str(before);
        let length = match (escaped(rest), rest.get(6..).and_then(escaped)) {
            (None, _) => 2,
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.push_str("\\ufffd");
                inner = rest.get(6..)?;
                continue;
            }
            (Some(_), _) => 6,
        };
        let (escape, after) = rest.split_at_checked(length)?;
        mended.push_str(escape);
        inner = after;
    }
    mended.push_str(inner);
    Some(mended)
}

/// Whether a text is a JSON number.
///
/// ```
/// use bananatech_json::is_number;
/// assert!(is_number("-1.5e3"));
/// assert!(!is_number("01") && !is_number("+1") && !is_number(" 1") && !is_number(""));
/// ```
pub fn is_number(text: &str) -> bool {
    let mut lexer = SliceLexer::new(text.as_bytes());
    matches!(lexer.peek_next(), Some(b'-' | b'0'..=b'9'))
        && lexer.num_ignore().validate().is_ok()
        && lexer.as_slice().is_empty()
}
