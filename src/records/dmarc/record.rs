//! One DMARC record: [`parse`].
//!
//! What decides where the RFCs leave room:
//!
//! - Names of tags and the words among their values are strings of ABNF, and so in any case
//!   (RFC 5234 2.3); `DMARC1` is not.
//! - "Syntax errors in the remainder of the record" behind the version are "discarded in favor of
//!   default values (if any) or ignored outright" (RFC 9989 4.8, RFC 7489 6.3): they are told, and
//!   are not fatal. A tag with bytes that are not ASCII is such an error as a whole.
//! - The syntax is that of tag lists (RFC 9989 4.7, RFC 7489 6.3), of which RFC 6376 3.2 says that
//!   with a tag that "does occur more than once, the entire tag-list is invalid": fatal.
//! - With a `p` that is not valid, or such an `sp` (or `np`, RFC 9989 only), a record with one valid
//!   URI in `rua` counts as `p=none`, and another one not at all (RFC 9989 4.10.1, RFC 7489 6.6.3).
//! - So it is without `p` by RFC 7489, where it is REQUIRED. By RFC 9989 4.7 a record without it "is
//!   treated as if it included p=none", with or without `rua`.

use std::collections::HashSet;
use std::ops::Range;

use super::super::finding::{Findings, Parsed};
use super::super::tags::{self, Piece, Tag};
use super::super::version::Kind;
use super::uri::{self, Uri};
use super::values;
use crate::table::record_codes::{Alignment, DmarcPolicy, Fault, PsdFlag, ReportScheme};

/// A record; a tag that it does not have, or with a value that is none, is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Policy.
    pub p: Option<DmarcPolicy>,
    /// Policy for subdomains.
    pub sp: Option<DmarcPolicy>,
    /// Policy for names that do not exist.
    pub np: Option<DmarcPolicy>,
    /// Share of mail, in per cent (RFC 7489 6.3).
    pub pct: Option<u8>,
    /// Whether the policy is only tried.
    pub t: Option<bool>,
    /// Alignment of DKIM.
    pub adkim: Option<Alignment>,
    /// Alignment of SPF.
    pub aspf: Option<Alignment>,
    /// Whether the name is a public suffix.
    pub psd: Option<PsdFlag>,
    /// URIs for aggregate reports.
    pub rua: Vec<Uri>,
    /// URIs for failure reports.
    pub ruf: Vec<Uri>,
    /// Whether the record counts as if it were `p=none`, whatever it says: a policy is not valid, or
    /// missing by RFC 7489, and there is a URI in `rua` (RFC 9989 4.10.1, RFC 7489 6.6.3).
    pub counts_as_none: bool,
}

/// Whose rules a record is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// RFC 9989.
    Rfc9989,
    /// RFC 7489.
    Rfc7489,
}

/// Reads a record. Findings that are fatal by these rules only are so only there.
pub fn parse(record: &[u8], rules: Rules) -> Parsed<Record> {
    let mut findings = Findings::default();
    let mut pieces = tags::split(record, tags::is_wsp).into_iter();
    let first = pieces.next();
    let version = match first {
        Some(Piece::Tag(tag)) if Kind::Dmarc.claims(record) => tag,
        _ => {
            let end = record.iter().position(|byte| *byte == b';');
            findings.fatal(Fault::BadVersion, 0..end.unwrap_or(record.len()));
            return findings.with(None);
        }
    };
    let mut reader = Reader {
        record,
        rules,
        seen: HashSet::from([version.name.to_ascii_lowercase()]),
        value: Record::default(),
        bad_policies: Vec::new(),
        findings,
    };
    for (position, piece) in pieces.enumerate() {
        reader.piece(piece, position);
    }
    reader.finish()
}

struct Reader<'a> {
    record: &'a [u8],
    rules: Rules,
    seen: HashSet<String>,
    value: Record,
    /// Where a policy is that is not valid, and what is wrong with it.
    bad_policies: Vec<(Fault, Range<usize>)>,
    findings: Findings,
}

impl Reader<'_> {
    fn piece(&mut self, piece: Piece<'_>, position: usize) {
        match piece {
            Piece::Tag(tag) => self.tag(&tag, position),
            Piece::Empty(span) => self.findings.odd(Fault::Syntax, span),
            Piece::Junk(span) => {
                if !self.tell_not_ascii(span.clone()) {
                    self.findings.odd(Fault::Syntax, span);
                }
            }
            // RFC 9989 4.8: space may follow the last semicolon.
            Piece::Rest(_) => {}
        }
    }

    fn tag(&mut self, tag: &Tag<'_>, position: usize) {
        let name = tag.name.to_ascii_lowercase();
        if !self.seen.insert(name.clone()) {
            return self.findings.fatal(Fault::Duplicate, tag.span.clone());
        }
        let is_policy =
            matches!(name.as_str(), "p" | "sp") || (name == "np" && self.rules == Rules::Rfc9989);
        if is_policy {
            return self.policy(&name, tag, position);
        }
        if self.tell_not_ascii(tag.span.clone()) {
            return;
        }
        let text = tag.text().unwrap_or_default();
        let new = self.rules == Rules::Rfc9989;
        let sound = match name.as_str() {
            "adkim" => set(&mut self.value.adkim, values::alignment(text)),
            "aspf" => set(&mut self.value.aspf, values::alignment(text)),
            "t" if new => set(&mut self.value.t, values::yes_or_no(text)),
            "psd" if new => set(&mut self.value.psd, values::psd(text)),
            "rua" => return self.value.rua = self.uris(tag),
            "ruf" => return self.value.ruf = self.uris(tag),
            "fo" => values::is_fo(text, self.rules),
            "pct" | "rf" | "ri" => return self.old(&name, tag),
            _ => return self.findings.odd(Fault::UnknownTag, tag.span.clone()),
        };
        if !sound {
            self.findings.odd(Fault::BadValue, tag.value_span.clone());
        }
    }

    /// `p`, `sp` and `np`; whether one that is not valid is fatal is known at the end.
    fn policy(&mut self, name: &str, tag: &Tag<'_>, position: usize) {
        if name == "p" && position > 0 && self.rules == Rules::Rfc7489 {
            // RFC 7489 6.4: only what comes behind `v` and `p` "may appear in any order".
            self.findings.odd(Fault::Syntax, tag.span.clone());
        }
        let value = tag.text().and_then(values::policy);
        let strange = tags::not_ascii(self.record, tag.span.clone(), tags::is_wsp);
        if let Some(span) = strange.first() {
            self.bad_policies.push((Fault::NotAscii, span.clone()));
        } else if value.is_none() {
            self.bad_policies
                .push((Fault::BadValue, tag.value_span.clone()));
        }
        match name {
            "p" => self.value.p = value,
            "sp" => self.value.sp = value,
            _ => self.value.np = value,
        }
    }

    /// Tags that RFC 9989 removed (its C.5.2): read by both rules, told of by each.
    fn old(&mut self, name: &str, tag: &Tag<'_>) {
        let text = tag.text().unwrap_or_default();
        let sound = match name {
            "pct" => set(&mut self.value.pct, values::pct(text)),
            "ri" => values::is_digits(text) && text.parse::<u32>().is_ok(),
            _ => text
                .split(':')
                .all(|word| tags::is_hyphenated_word(word.trim())),
        };
        if self.rules == Rules::Rfc9989 {
            self.findings.odd(Fault::Obsolete, tag.span.clone());
        } else if !sound {
            self.findings.odd(Fault::BadValue, tag.value_span.clone());
        }
    }

    /// RFC 9989 4.8: `dmarc-urilist`.
    fn uris(&mut self, tag: &Tag<'_>) -> Vec<Uri> {
        let mut uris = Vec::new();
        let spans = tags::elements(self.record, tag.value_span.clone(), b',', tags::is_wsp);
        for span in spans {
            let bytes = &self.record[span.clone()];
            let limit = bytes.iter().position(|byte| *byte == b'!');
            let end = limit.map_or(span.end, |at| span.start + at);
            let limit_is_one = end == span.end || values::is_limit(&self.record[end + 1..span.end]);
            let uri = uri::parse(&self.record[span.start..end]).filter(|_| limit_is_one);
            let usable = |uri: &Uri| uri.scheme != ReportScheme::Other;
            if !uri.as_ref().is_some_and(usable) {
                self.findings.odd(Fault::BadUri, span);
            } else if end < span.end && self.rules == Rules::Rfc9989 {
                self.findings.odd(Fault::Obsolete, end..span.end);
            }
            uris.extend(uri);
        }
        uris
    }

    /// Tells of bytes that are not ASCII, and says whether there are any.
    fn tell_not_ascii(&mut self, span: Range<usize>) -> bool {
        let spans = tags::not_ascii(self.record, span, tags::is_wsp);
        let any = !spans.is_empty();
        for span in spans {
            self.findings.odd(Fault::NotAscii, span);
        }
        any
    }

    fn finish(mut self) -> Parsed<Record> {
        let end = self.record.len();
        match self.rules {
            _ if self.seen.contains("p") => {}
            Rules::Rfc9989 => self.findings.odd(Fault::Missing, end..end),
            Rules::Rfc7489 => self.bad_policies.push((Fault::Missing, end..end)),
        }
        let reports = !self.value.rua.is_empty();
        self.value.counts_as_none = reports && !self.bad_policies.is_empty();
        for (fault, span) in self.bad_policies {
            self.findings.add(fault, span, !reports);
        }
        self.findings.with(Some(self.value))
    }
}

/// Stores a value, and says whether it is one.
fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
