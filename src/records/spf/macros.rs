//! Macro strings and domain-specs (RFC 7208 7.1): their grammar.

use std::ops::Range;

use crate::table::record_codes::Fault;

/// What may stand between `}` and the letter besides digits and `r`.
const DELIMITERS: &[u8] = b".-+,/_=";

/// Where a macro string stands, which decides the letters that it may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a record.
    Record,
    /// In the text that `exp` leads to, where spaces and `c`, `r`, `t` may stand, too.
    Explanation,
}

/// A part of a macro string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// As it stands there.
    Literal(&'a str),
    /// `%%`, `%_` or `%-`: what it stands for.
    Fixed(&'static str),
    /// `%{...}`
    Macro(Macro<'a>),
}

/// `%{...}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Macro<'a> {
    /// Its letter, in lower case.
    pub letter: u8,
    /// Whether the letter was upper case, which asks for the escapes of URLs.
    pub escaped: bool,
    /// How many parts are kept, from the right.
    pub keep: Option<usize>,
    /// Whether the parts are turned round.
    pub reversed: bool,
    /// What the value is split at; empty means dots.
    pub delimiters: &'a str,
}

/// The parts of a macro string of visible ASCII.
///
/// # Errors
/// Where it has a macro that is none.
pub(super) fn pieces(text: &str, place: Place) -> Result<Vec<Piece<'_>>, Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let (piece, length) = match rest.find('%') {
            Some(0) => expansion(rest, place).ok_or_else(|| at..at + macro_length(rest))?,
            Some(length) => (Piece::Literal(&rest[..length]), length),
            None => (Piece::Literal(rest), rest.len()),
        };
        found.push(piece);
        at += length;
    }
    Ok(found)
}

/// How much of a text that begins with a broken macro belongs to it.
fn macro_length(text: &str) -> usize {
    let end = match text.as_bytes().get(1) {
        Some(b'{') => text.find('}').map_or(text.len(), |close| close + 1),
        Some(byte) if byte.is_ascii() => 2,
        _ => 1,
    };
    end.min(text.len())
}

/// The macro that a text begins with, and its length.
fn expansion(text: &str, place: Place) -> Option<(Piece<'_>, usize)> {
    match text.as_bytes().get(1)? {
        b'%' => Some((Piece::Fixed("%"), 2)),
        b'_' => Some((Piece::Fixed(" "), 2)),
        b'-' => Some((Piece::Fixed("%20"), 2)),
        b'{' => {
            let close = text.find('}')?;
            let inner = Macro::read(&text[2..close], place)?;
            Some((Piece::Macro(inner), close + 1))
        }
        _ => None,
    }
}

impl<'a> Macro<'a> {
    /// Reads what stands between the braces.
    fn read(text: &'a str, place: Place) -> Option<Self> {
        let first = *text.as_bytes().first()?;
        let letter = first.to_ascii_lowercase();
        let is_known = b"slodiphv".contains(&letter)
            || place == Place::Explanation && b"crt".contains(&letter);
        if !is_known {
            return None;
        }
        let rest = &text[1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let keep = number(&rest[..digits])?;
        let rest = &rest[digits..];
        let unreversed = rest.strip_prefix(['r', 'R']);
        let delimiters = unreversed.unwrap_or(rest);
        let are_known = delimiters.bytes().all(|byte| DELIMITERS.contains(&byte));
        are_known.then_some(Self {
            letter,
            escaped: first.is_ascii_uppercase(),
            keep,
            reversed: unreversed.is_some(),
            delimiters,
        })
    }
}

/// How many parts the digits ask for; more than there can be is all. Zero is not allowed (RFC 7208
/// 7.3).
fn number(digits: &str) -> Option<Option<usize>> {
    if digits.is_empty() {
        return Some(None);
    }
    let number = digits.parse().unwrap_or(usize::MAX);
    (number != 0).then_some(Some(number))
}

/// Checks a domain-spec of visible ASCII: its macros, and that it ends in a macro or a toplabel.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn check_domain_spec(text: &str) -> Result<(), (Fault, Range<usize>)> {
    let found = pieces(text, Place::Record).map_err(|span| (Fault::BadMacro, span))?;
    let is_ended = match found.last() {
        Some(Piece::Literal(tail)) => ends_in_toplabel(tail),
        Some(_) => true,
        None => false,
    };
    is_ended
        .then_some(())
        .ok_or((Fault::BadName, 0..text.len()))
}

/// `"." toplabel [ "." ]`
fn ends_in_toplabel(tail: &str) -> bool {
    let tail = tail.strip_suffix('.').unwrap_or(tail);
    tail.rsplit_once('.')
        .is_some_and(|(_, label)| is_toplabel(label))
}

/// Letters, digits and hyphens, no hyphen at either end, and not only digits.
fn is_toplabel(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    label.bytes().all(is_inner)
        && is_edge(label.bytes().next())
        && is_edge(label.bytes().next_back())
        && !label.bytes().all(|byte| byte.is_ascii_digit())
}

/// Splits the prefix lengths off a domain-spec. Neither a toplabel nor what may follow it has a
/// slash, so the first one behind the last dot or macro begins them.
///
/// # Errors
/// Where it has a macro that is none.
pub(super) fn split_prefixes(text: &str) -> Result<(&str, &str), Range<usize>> {
    let found = pieces(text, Place::Record)?;
    let Some(Piece::Literal(tail)) = found.last() else {
        return Ok((text, ""));
    };
    let label = tail.rfind('.').map_or(0, |dot| dot + 1);
    let slash = tail[label..].find('/').map(|slash| label + slash);
    let end = slash.map_or(text.len(), |slash| text.len() - tail.len() + slash);
    Ok(text.split_at(end))
}
