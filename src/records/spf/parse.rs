//! A record from its bytes (RFC 7208 4.6.1). [`super::term`] reads the single term.

use std::ops::Range;

use super::term::{self, Term};
use super::{DomainSpec, Mechanism, Record, name};
use crate::records::finding::{Finding, Parsed};
use crate::records::version::Kind;
use crate::table::record_codes::Fault;

/// Length of `v=spf1`.
const VERSION: usize = 6;

/// Reads a record: the strings of the TXT record, joined (RFC 7208 3.3).
///
/// Everything that RFC 7208 4.6 calls a syntax error is fatal. A domain without macros that the
/// grammar allows though the DNS cannot have it (RFC 7208 4.8) is a finding and no more: such a
/// name does not exist, and the RFC leaves open what follows. Terms that could not be read are
/// missing in the value; of a modifier that is there twice, the first counts.
pub fn parse(record: &[u8]) -> Parsed<Record> {
    let mut reader = Reader::default();
    if !Kind::Spf.claims(record) {
        let end = record.iter().position(|byte| *byte == b' ');
        reader.fatal(Fault::BadVersion, 0..end.unwrap_or(record.len()));
        return Parsed {
            value: None,
            findings: reader.findings,
        };
    }
    let mut at = VERSION;
    for bytes in record[VERSION..].split(|byte| *byte == b' ') {
        if !bytes.is_empty() {
            reader.term(bytes, at..at + bytes.len());
        }
        at += bytes.len() + 1;
    }
    reader.finish()
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    record: Record,
    findings: Vec<Finding>,
    /// Whether there was an `exp`, also one that could not be read.
    exp: bool,
    /// Where the first `redirect` stands, also one that could not be read.
    redirect: Option<Range<usize>>,
}

impl Reader {
    fn fatal(&mut self, fault: Fault, span: Range<usize>) {
        self.found(fault, span, true);
    }

    fn found(&mut self, fault: Fault, span: Range<usize>, fatal: bool) {
        self.findings.push(Finding { fault, span, fatal });
    }

    /// Reads the term with these bytes, which stands at `span`.
    fn term(&mut self, bytes: &[u8], span: Range<usize>) {
        let is_foreign = |byte: &u8| !byte.is_ascii_graphic();
        if let Some(first) = bytes.iter().position(is_foreign) {
            let last = bytes.iter().rposition(is_foreign).unwrap_or(first);
            return self.fatal(Fault::NotAscii, span.start + first..span.start + last + 1);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.fatal(Fault::NotAscii, span);
        };
        self.count_modifier(text, &span);
        match term::read(text, &span) {
            Ok(term) => self.take(term, text, span),
            Err((fault, inner)) => {
                self.fatal(fault, span.start + inner.start..span.start + inner.end);
            }
        }
    }

    /// Notes `redirect` and `exp`, neither of which may be there twice (RFC 7208 6).
    fn count_modifier(&mut self, text: &str, span: &Range<usize>) {
        let name = text.split_once('=').map_or("", |(name, _)| name);
        if name.eq_ignore_ascii_case("exp") {
            if self.exp {
                self.fatal(Fault::Duplicate, span.clone());
            }
            self.exp = true;
        } else if name.eq_ignore_ascii_case("redirect") {
            if self.redirect.is_some() {
                self.fatal(Fault::Duplicate, span.clone());
            }
            self.redirect.get_or_insert_with(|| span.clone());
        }
    }

    /// Keeps a term.
    fn take(&mut self, term: Term, text: &str, span: Range<usize>) {
        let domain = match &term {
            Term::Directive(directive) => directive.mechanism.domain(),
            Term::Redirect(domain) | Term::Exp(domain) => Some(domain),
            Term::Unknown(..) => None,
        };
        if domain.is_some_and(|domain| !name::is_possible(domain)) {
            let start = text.find([':', '=']).map_or(0, |at| at + 1);
            let length = domain.map_or(0, |domain| domain.text.len());
            let start = span.start + start;
            self.found(Fault::BadName, start..start + length, false);
        }
        match term {
            Term::Directive(directive) => {
                if matches!(directive.mechanism, Mechanism::Ptr(_)) {
                    self.found(Fault::UsesPtr, span, false);
                }
                self.record.directives.push(directive);
            }
            Term::Redirect(domain) => keep_first(&mut self.record.redirect, domain),
            Term::Exp(domain) => keep_first(&mut self.record.exp, domain),
            Term::Unknown(name, value) => self.record.unknown.push((name, value)),
        }
    }

    /// What is to be said about the record as a whole, and the record.
    fn finish(mut self) -> Parsed<Record> {
        let directives = &self.record.directives;
        let all = directives
            .iter()
            .position(|directive| directive.mechanism == Mechanism::All);
        if let Some(all) = all {
            let behind = &directives[all + 1..];
            if let (Some(first), Some(last)) = (behind.first(), behind.last()) {
                let span = first.span.start..last.span.end;
                self.found(Fault::AfterAll, span, false);
            }
            if let Some(span) = self.redirect.clone() {
                self.found(Fault::RedirectUnused, span, false);
            }
        }
        self.findings
            .sort_by_key(|finding| (finding.span.start, finding.span.end));
        Parsed {
            value: Some(self.record),
            findings: self.findings,
        }
    }
}

fn keep_first(kept: &mut Option<DomainSpec>, domain: DomainSpec) {
    kept.get_or_insert(domain);
}
