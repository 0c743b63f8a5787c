//! What a macro string stands for (RFC 7208 7.3).

use std::fmt::Write;

use super::macros::{self, Macro, Piece, Place};

/// Bytes at the end of an expanded domain-spec that matter: a name that is too long loses its first
/// labels (RFC 7208 7.3).
const END: usize = 512;

/// Expands a macro string; `value` says what a letter (in lower case) stands for. None where it
/// does not know one, or where the text is no macro string. Of a name much longer than the DNS can
/// have the end is kept: 64 KiB of macros stand for megabytes.
pub(super) fn expand(
    text: &str,
    place: Place,
    mut value: impl FnMut(u8) -> Option<String>,
) -> Option<String> {
    let mut expanded = String::new();
    for piece in macros::pieces(text, place).ok()? {
        match piece {
            Piece::Literal(text) | Piece::Fixed(text) => expanded.push_str(text),
            Piece::Macro(transformers) => {
                let value = transformed(&value(transformers.letter)?, &transformers);
                expanded.push_str(&value);
            }
        }
        if matches!(place, Place::Record) && expanded.len() > 2 * END {
            let end = expanded.len() - END..expanded.len();
            let start = end.clone().find(|at| expanded.is_char_boundary(*at));
            expanded.drain(..start.unwrap_or(end.end));
        }
    }
    Some(expanded)
}

/// Splits a value, turns its parts round, keeps some, and joins them with dots.
fn transformed(value: &str, transformers: &Macro<'_>) -> String {
    let delimiters = match transformers.delimiters {
        "" => ".",
        given => given,
    };
    let mut parts: Vec<&str> = value.split(|letter| delimiters.contains(letter)).collect();
    if transformers.reversed {
        parts.reverse();
    }
    let kept = transformers.keep.unwrap_or(parts.len());
    let joined = parts[parts.len().saturating_sub(kept)..].join(".");
    if transformers.escaped {
        escaped(&joined)
    } else {
        joined
    }
}

/// As a URL has it: everything but unreserved characters as `%XX` (RFC 3986 2.3).
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
