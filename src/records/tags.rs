//! Lists of tags as in `v=DMARC1; p=none` (RFC 6376 3.2), and the small rules of ABNF that several
//! records share.

use std::ops::Range;

/// A piece of a list, between two semicolons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A name, `=` and a value, without the space around them.
    Tag(Tag<'a>),
    /// Nothing but space; the span is that of the semicolon behind it.
    Empty(Range<usize>),
    /// Something without `=`, or whose name is none.
    Junk(Range<usize>),
    /// Nothing but space, at least one, behind the last semicolon or tag of the list.
    Rest(Range<usize>),
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// The name, as it stands there.
    pub(super) name: &'a str,
    /// The value: any bytes.
    pub(super) value: &'a [u8],
    /// From the name to the end of the value.
    pub(super) span: Range<usize>,
    /// Of the value.
    pub(super) value_span: Range<usize>,
}

impl Tag<'_> {
    /// The value, where it has only characters that are printable ASCII or space.
    pub(super) fn text(&self) -> Option<&str> {
        let printable = self
            .value
            .iter()
            .all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        let text = std::str::from_utf8(self.value).ok();
        text.filter(|_| printable)
    }
}

/// Splits a list; `space` says what may stand around names, values and semicolons.
pub(super) fn split(record: &[u8], space: fn(u8) -> bool) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for part in record.split(|byte| *byte == b';') {
        let end = start + part.len();
        let inner = trim(record, start..end, space);
        pieces.push(match inner.is_empty() {
            true if end == record.len() => Piece::Rest(start..end),
            true => Piece::Empty(end..end + 1),
            false => tag(record, inner, space),
        });
        start = end + 1;
    }
    pieces
}

fn tag(record: &[u8], span: Range<usize>, space: fn(u8) -> bool) -> Piece<'_> {
    let Some(equals) = record[span.clone()].iter().position(|byte| *byte == b'=') else {
        return Piece::Junk(span);
    };
    let equals = span.start + equals;
    let name = &record[trim(record, span.start..equals, space)];
    let value_span = trim(record, equals + 1..span.end, space);
    let Some(name) = std::str::from_utf8(name).ok().filter(|name| is_name(name)) else {
        return Piece::Junk(span);
    };
    Piece::Tag(Tag {
        name,
        value: &record[value_span.clone()],
        span,
        value_span,
    })
}

/// RFC 6376 3.2: `tag-name = ALPHA *ALNUMPUNC`.
fn is_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// RFC 6376 3.5: `hyphenated-word = ALPHA [*(ALPHA / DIGIT / "-") (ALPHA / DIGIT)]`.
pub(super) fn is_hyphenated_word(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && !word.ends_with('-')
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// RFC 8461 3.1, RFC 8460 3: the name of an extension, at most 32 letters, digits, `_`, `-` and `.`.
pub(super) fn is_extension_name(name: &[u8]) -> bool {
    name.len() <= 32
        && name.first().is_some_and(u8::is_ascii_alphanumeric)
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
}

/// RFC 8461 3.1, RFC 8460 3: the value of an extension, visible ASCII without `=` and `;`.
pub(super) fn is_extension_value(value: &[u8]) -> bool {
    !value.is_empty()
        && value
            .iter()
            .all(|byte| byte.is_ascii_graphic() && !b"=;".contains(byte))
}

/// A host name by its letters: labels of letters, digits, `-` and `_`, 253 octets in all.
pub(super) fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        matches!(label.len(), 1..=63)
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// RFC 5234 B.1: `WSP = SP / HTAB`.
pub(super) fn is_wsp(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A span without the space at its ends.
pub(super) fn trim(record: &[u8], span: Range<usize>, space: fn(u8) -> bool) -> Range<usize> {
    let bytes = &record[span.clone()];
    let Some(first) = bytes.iter().position(|byte| !space(*byte)) else {
        return span.start..span.start;
    };
    let last = bytes.iter().rposition(|byte| !space(*byte));
    span.start + first..span.start + last.map_or(first, |last| last + 1)
}

/// The spans between the commas or colons of a list, without the space around them.
pub(super) fn elements(
    record: &[u8],
    span: Range<usize>,
    separator: u8,
    space: fn(u8) -> bool,
) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = span.start;
    for part in record[span].split(|byte| *byte == separator) {
        let end = start + part.len();
        spans.push(trim(record, start..end, space));
        start = end + 1;
    }
    spans
}

/// The spans of runs of bytes that are neither printable ASCII nor space.
pub(super) fn not_ascii(
    record: &[u8],
    span: Range<usize>,
    space: fn(u8) -> bool,
) -> Vec<Range<usize>> {
    let strange = |byte: u8| !space(byte) && !(b' '..=b'~').contains(&byte);
    let mut spans: Vec<Range<usize>> = Vec::new();
    for at in span.filter(|at| strange(record[*at])) {
        match spans.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => spans.push(at..at + 1),
        }
    }
    spans
}
