//! MTA-STS (RFC 8461): the record, and what of a policy is matched with hosts. The policy itself is
//! read in [`parse_policy`].

mod policy;

use super::finding::{Findings, Parsed};
use super::tags;
use super::version::Kind;
use crate::table::record_codes::Fault;

pub use policy::{Mode, Policy, covers, parse_policy};

/// What the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// `id`; empty where the record has none that can be read.
    pub id: String,
}

/// Reads a record (RFC 8461 3.1). Whatever breaks the grammar is fatal: of a record that is
/// "syntactically invalid, senders MUST assume the recipient domain does not have an available
/// MTA-STS Policy".
pub fn parse(record: &[u8]) -> Parsed<Record> {
    let mut findings = Findings::default();
    if !Kind::MtaSts.claims(record) {
        findings.fatal(Fault::BadVersion, 0..first_field(record));
        return findings.with(None);
    }
    let mut id = None;
    let fields = fields(record, &mut findings);
    for field in fields {
        match field.name {
            b"id" if id.is_some() => findings.odd(Fault::Duplicate, field.span),
            b"id" => {
                let sound = matches!(field.value.len(), 1..=32)
                    && field.value.iter().all(u8::is_ascii_alphanumeric);
                if !sound {
                    findings.fatal(Fault::BadValue, field.span.clone());
                }
                let text = String::from_utf8_lossy(field.value).into_owned();
                id = Some(if sound { text } else { String::new() });
            }
            _ => findings.odd(Fault::UnknownTag, field.span),
        }
    }
    if id.is_none() {
        findings.fatal(Fault::Missing, record.len()..record.len());
    }
    findings.with(Some(Record {
        id: id.unwrap_or_default(),
    }))
}

/// Where the first field ends.
pub(super) fn first_field(record: &[u8]) -> usize {
    let end = record.iter().position(|byte| *byte == b';');
    end.unwrap_or(record.len())
}

/// A field behind the version.
pub(super) struct Field<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) span: std::ops::Range<usize>,
}

/// The fields behind the version of a record that has one, as RFC 8461 3.1 and RFC 8460 3 have them:
/// `1*(*WSP ";" *WSP field) [*WSP ";" *WSP]`, and no space around `=`. The value of an extension is
/// read here, that of `id` and `rua` is not.
pub(super) fn fields<'a>(record: &'a [u8], findings: &mut Findings) -> Vec<Field<'a>> {
    let mut fields = Vec::new();
    let mut start = first_field(record) + 1;
    while start <= record.len() {
        let end = start + first_field(&record[start..]);
        let last = end == record.len();
        let span = tags::trim(record, start..end, tags::is_wsp);
        if last && span.end < end && !span.is_empty() {
            // Space may only stand beside a semicolon.
            findings.fatal(Fault::TrailingJunk, span.end..end);
        }
        match span.is_empty() {
            true if last => {}
            true => findings.fatal(Fault::Syntax, end..end + 1),
            false => fields.extend(field(record, span, findings)),
        }
        start = end + 1;
    }
    fields
}

fn field<'a>(
    record: &'a [u8],
    span: std::ops::Range<usize>,
    findings: &mut Findings,
) -> Option<Field<'a>> {
    let strange = tags::not_ascii(record, span.clone(), tags::is_wsp);
    if !strange.is_empty() {
        for span in strange {
            findings.fatal(Fault::NotAscii, span);
        }
        return None;
    }
    let bytes = &record[span.clone()];
    let equals = bytes.iter().position(|byte| *byte == b'=');
    let field = equals.map(|equals| Field {
        name: &bytes[..equals],
        value: &bytes[equals + 1..],
        span: span.clone(),
    });
    let sound = |field: &Field<'_>| {
        let known = matches!(field.name, b"id" | b"rua");
        tags::is_extension_name(field.name) && (known || tags::is_extension_value(field.value))
    };
    let field = field.filter(sound);
    if field.is_none() {
        findings.fatal(Fault::Syntax, span);
    }
    field
}
