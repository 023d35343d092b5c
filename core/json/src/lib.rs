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

/// An item of an array or object: its name as it is written, for an object's, and its value.
pub type Item<'a> = (&'a str, &'a str);

/// Checks that a text is JSON (RFC 8259), and splits the outermost array or object into its items. What is nested deeper is
/// only checked, without recursion, so that no depth exhausts the stack. Answers the text without white space around it.
///
/// ```
/// let mut items = Vec::new();
/// assert_eq!(bananatech_json::split(r#" {"a": [1, 2]} "#, &mut items), Some(r#"{"a": [1, 2]}"#));
/// assert_eq!(items, [("\"a\"", "[1, 2]")]);
/// assert_eq!(bananatech_json::split("[1,]", &mut items), None);
/// ```
pub fn split<'a>(text: &'a str, items: &mut Vec<Item<'a>>) -> Option<&'a str> {
    let mut lexer = SliceLexer::new(text.as_bytes());
    let at = |lexer: &SliceLexer<'_>| text.len() - lexer.as_slice().len();
    lexer.eat_whitespace();
    let begin = at(&lexer);
    let (mut name, mut start) = ("", begin);
    // The brackets that are still to be closed.
    let mut due = Vec::new();
    loop {
        let mut opened = true;
        match lexer.peek_next()? {
            b'{' => due.push(b'}'),
            b'[' => due.push(b']'),
            _ => opened = false,
        }
        if opened {
            lexer.take_next();
        } else {
            skip_scalar(&mut lexer)?;
        }
        // What follows a value, until the next one begins.
        loop {
            let end = at(&lexer);
            let Some(close) = due.last().copied() else {
                lexer.eat_whitespace();
                let rest = lexer.as_slice();
                return rest.is_empty().then(|| text.get(begin..end)).flatten();
            };
            let outermost = due.len() == 1;
            if outermost && !opened {
                items.push((name, text.get(start..end)?));
            }
            let next = lexer.ws_peek()?;
            if next == close {
                lexer.take_next();
                due.pop();
                opened = false;
                continue;
            }
            if !opened {
                if next != b',' {
                    return None;
                }
                lexer.take_next();
                lexer.eat_whitespace();
            }
            if close == b'}' {
                let begin = at(&lexer);
                skip_string(&mut lexer)?;
                if outermost {
                    name = text.get(begin..at(&lexer))?;
                }
                lexer.expect(SliceLexer::ws_peek, b':')?;
                lexer.eat_whitespace();
            }
            if outermost {
                start = at(&lexer);
            }
            break;
        }
    }
}

fn skip_scalar(lexer: &mut SliceLexer<'_>) -> Option<()> {
    match lexer.peek_next()? {
        b'"' => skip_string(lexer),
        b'-' | b'0'..=b'9' => lexer.num_ignore().validate().ok().map(drop),
        _ => lexer.null_or_bool().map(drop),
    }
}

const CHUNK: usize = 32;

/// Whether a byte of a chunk has a meaning in a string. Eight bytes at once in a word, without a branch per byte: a long text
/// would otherwise take longer to look through than to decrypt. Spelled out, since a compiler for size wouldn't make it of a loop.
fn is_special(chunk: &[u8; CHUNK]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);
    const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);
    // Taking away sets a byte's highest bit where the byte is less than what is taken away; a borrow begins at such a byte only.
    let less = |word: u64, than: u64| word.wrapping_sub(than) & !word;
    let words = chunk.as_chunks::<8>().0.iter();
    let found = words.fold(0, |found, word| {
        let word = u64::from_ne_bytes(*word);
        found | less(word ^ QUOTES, ONES) | less(word ^ BACKSLASHES, ONES) | less(word, SPACES)
    });
    found & HIGHEST != 0
}

/// Whether a text can stand in a JSON string as it is.
///
/// ```
/// assert!(bananatech_json::is_plain("é"));
/// assert!(!bananatech_json::is_plain("a\"b"));
/// ```
pub fn is_plain(text: &str) -> bool {
    let (chunks, rest) = text.as_bytes().as_chunks::<CHUNK>();
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    !chunks.iter().any(is_special) && !rest.iter().any(special)
}

fn skip_string(lexer: &mut SliceLexer<'_>) -> Option<()> {
    lexer.expect(SliceLexer::peek_next, b'"')?;
    loop {
        let text = lexer.as_slice();
        let plain = text.as_chunks::<CHUNK>().0;
        let plain = plain.iter().take_while(|chunk| !is_special(chunk)).count();
        *lexer = SliceLexer::new(text.get(plain * CHUNK..)?);
        lexer.skip_until(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        match lexer.take_next()? {
            b'"' => return Some(()),
            // Surrogates count once the text is wanted.
            b'\\' => match lexer.take_next()? {
                b'u' => {
                    lexer.hex::<u16>().ok()?;
                }
                other => {
                    Lit::try_from(other)?;
                }
            },
            _ => return None,
        }
    }
}

/// The text of a JSON string that is known to be JSON, if it is one.
///
/// ```
/// assert_eq!(bananatech_json::unescape(r#""\u00e9""#).as_deref(), Some("é"));
/// assert_eq!(bananatech_json::unescape("1"), None);
/// ```
pub fn unescape(quoted: &str) -> Option<Cow<'_, str>> {
    let inner = quoted.strip_prefix('"')?;
    // It is known to be JSON: without escapes, what stands between the quotes is the text.
    if !inner.as_bytes().contains(&b'\\') {
        return inner.strip_suffix('"').map(Cow::Borrowed);
    }
    SliceLexer::new(inner.as_bytes()).str_string().ok()
}
