//! DKIM keys (RFC 6376 3.6.1, RFC 8301, RFC 8463).
//!
//! A record that "does not adhere to the format" is a `key syntax error` (RFC 6376 6.1.2), so that
//! whatever breaks the grammar is fatal.

mod key;

use std::collections::HashSet;
use std::ops::Range;

use super::finding::{Findings, Parsed};
use super::tags::{self, Piece, Tag};
use crate::table::record_codes::Fault;

/// A key record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key {
    /// `k=`, in lower case: `rsa` where the record has none.
    pub key_type: String,
    /// Size of the key, in bits: the modulus of RSA, 256 for Ed25519; none where it cannot be read.
    pub bits: Option<u16>,
    /// Whether `p=` is empty.
    pub revoked: bool,
    /// Whether `t=` has `y`.
    pub testing: bool,
    /// Hashes that `h=` names; none stands for all.
    pub hashes: Vec<String>,
}

impl Key {
    /// Whether a signature with SHA-256 counts, the only hash that may be used (RFC 8301 3.1).
    pub fn takes_sha256(&self) -> bool {
        self.hashes.is_empty() || self.hashes.iter().any(|hash| hash == "sha256")
    }
}

/// Reads a key record. A TXT record that is no DKIM key at all is fatal (`bad_version`, `missing`),
/// and has no value without `p=`. A revoked key, and one that is short, are sound records.
pub fn parse(record: &[u8]) -> Parsed<Key> {
    let mut reader = Reader {
        record,
        key: Key {
            key_type: "rsa".to_owned(),
            ..Key::default()
        },
        data: None,
        findings: Findings::default(),
    };
    for span in broken_folds(record) {
        reader.findings.fatal(Fault::Syntax, span);
    }
    let mut seen = HashSet::new();
    for (position, piece) in tags::split(record, is_fws).into_iter().enumerate() {
        match piece {
            Piece::Tag(tag) if seen.insert(tag.name.to_owned()) => reader.tag(&tag, position),
            Piece::Tag(tag) => reader.findings.fatal(Fault::Duplicate, tag.span),
            Piece::Empty(span) => reader.findings.fatal(Fault::Syntax, span),
            Piece::Junk(span) => reader.junk(span),
            Piece::Rest(span) if span.is_empty() => {}
            Piece::Rest(span) => reader.findings.fatal(Fault::TrailingJunk, span),
        }
    }
    reader.finish()
}

struct Reader<'a> {
    record: &'a [u8],
    key: Key,
    /// Where the key itself is.
    data: Option<Range<usize>>,
    findings: Findings,
}

impl Reader<'_> {
    fn tag(&mut self, tag: &Tag<'_>, position: usize) {
        if self.tell_not_ascii(tag.span.clone()) {
            return;
        }
        let value = std::str::from_utf8(tag.value).unwrap_or_default();
        let sound = match tag.name {
            "v" => {
                if position > 0 || value != "DKIM1" {
                    self.findings.fatal(Fault::BadVersion, tag.span.clone());
                }
                true
            }
            "p" => {
                self.data = Some(tag.value_span.clone());
                true
            }
            "k" => {
                self.key.key_type = value.to_ascii_lowercase();
                matches!(self.key.key_type.as_str(), "rsa" | "ed25519")
            }
            "h" => {
                self.key.hashes = words(value);
                are_words(&self.key.hashes)
            }
            "t" => {
                let flags = words(value);
                self.key.testing = flags.iter().any(|flag| flag == "y");
                are_words(&flags)
            }
            "s" => is_for_mail(value),
            "n" => return self.notes(tag),
            // RFC 4871 3.6.1, which RFC 6376 removed (its C.2).
            "g" => return self.findings.odd(Fault::Obsolete, tag.span.clone()),
            _ => return self.findings.odd(Fault::UnknownTag, tag.span.clone()),
        };
        if !sound {
            self.findings.fatal(Fault::BadValue, tag.value_span.clone());
        }
    }

    /// Notes are for people: "no interpretation is made by any program", so none of them is fatal.
    fn notes(&mut self, tag: &Tag<'_>) {
        if !is_quoted_printable(tag.value) {
            self.findings.odd(Fault::BadValue, tag.value_span.clone());
        }
    }

    fn junk(&mut self, span: Range<usize>) {
        if !self.tell_not_ascii(span.clone()) {
            self.findings.fatal(Fault::Syntax, span);
        }
    }

    fn tell_not_ascii(&mut self, span: Range<usize>) -> bool {
        let spans = tags::not_ascii(self.record, span, is_fws);
        let any = !spans.is_empty();
        for span in spans {
            self.findings.fatal(Fault::NotAscii, span);
        }
        any
    }

    fn finish(mut self) -> Parsed<Key> {
        let Some(span) = self.data else {
            let end = self.record.len();
            self.findings.fatal(Fault::Missing, end..end);
            return self.findings.with(None);
        };
        self.key.revoked = span.is_empty();
        self.key.bits = key::bits(&self.key.key_type, &self.record[span.clone()]);
        let known = matches!(self.key.key_type.as_str(), "rsa" | "ed25519");
        if known && !self.key.revoked && self.key.bits.is_none() {
            self.findings.fatal(Fault::BadKey, span);
        }
        self.findings.with(Some(self.key))
    }
}

/// The bytes of folding white space (RFC 6376 2.8).
fn is_fws(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Ends of lines that fold nothing: `FWS = [*WSP CRLF] 1*WSP`.
fn broken_folds(record: &[u8]) -> Vec<Range<usize>> {
    let before = |at: usize| at.checked_sub(1).map(|at| record[at]);
    let broken = |at: &usize| match record[*at] {
        b'\r' => record.get(at + 1) != Some(&b'\n'),
        b'\n' => {
            let folds = record.get(at + 1).is_some_and(|byte| tags::is_wsp(*byte));
            before(*at) != Some(b'\r') || !folds
        }
        _ => false,
    };
    let spans = (0..record.len()).filter(broken);
    spans.map(|at| at..at + 1).collect()
}

/// The words between colons, in lower case.
fn words(value: &str) -> Vec<String> {
    let words = value.split(':');
    words.map(|word| word.trim().to_ascii_lowercase()).collect()
}

fn are_words(words: &[String]) -> bool {
    words.iter().all(|word| tags::is_hyphenated_word(word))
}

/// Whether `s=` is well-formed and names mail: a verifier "for this service type MUST ignore this
/// record if the appropriate type is not listed".
fn is_for_mail(value: &str) -> bool {
    let services = words(value);
    let is_one = |word: &String| word == "*" || tags::is_hyphenated_word(word);
    let mail = |word: &String| word == "*" || word == "email";
    services.iter().all(is_one) && services.iter().any(mail)
}

/// RFC 2045 6.7: `=` only before two hex digits in upper case.
fn is_quoted_printable(value: &[u8]) -> bool {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    let mut parts = value.split(|byte| *byte == b'=');
    parts.next();
    parts.all(|part| {
        part.get(..2)
            .is_some_and(|digits| digits.iter().all(is_hex))
    })
}

#[cfg(test)]
mod tests;
