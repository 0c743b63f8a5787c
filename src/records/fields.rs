//! Fields as in `v=STSv1; id=1` (RFC 8461 3.1, RFC 8460 3), a stricter sort of tags: [`split`].

use std::ops::Range;

use super::finding::Findings;
use super::tags;
use crate::table::record_codes::Fault;

/// Where the first field ends.
pub(super) fn first_field(record: &[u8]) -> usize {
    let end = record.iter().position(|byte| *byte == b';');
    end.unwrap_or(record.len())
}

/// A field behind the version.
pub(super) struct Field<'a> {
    /// Letters, digits, `_`, `-` and `.`.
    pub(super) name: &'a [u8],
    /// Printable ASCII.
    pub(super) value: &'a [u8],
    /// From the name to the end of the value.
    pub(super) span: Range<usize>,
}

/// The fields behind the version of a record that has one, as RFC 8461 3.1 and RFC 8460 3 have them:
/// `1*(*WSP ";" *WSP field) [*WSP ";" *WSP]`, and no space around `=`. The value of an extension is
/// read here, that of the `known` field is not.
pub(super) fn split<'a>(record: &'a [u8], known: &[u8], findings: &mut Findings) -> Vec<Field<'a>> {
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
            false => fields.extend(field(record, span, known, findings)),
        }
        start = end + 1;
    }
    fields
}

fn field<'a>(
    record: &'a [u8],
    span: Range<usize>,
    known: &[u8],
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
        let is_known = field.name == known;
        tags::is_extension_name(field.name) && (is_known || tags::is_extension_value(field.value))
    };
    let field = field.filter(sound);
    if field.is_none() {
        findings.fatal(Fault::Syntax, span);
    }
    field
}
