//! TLS-RPT (RFC 8460 3).

use std::ops::Range;

use super::dmarc::{self, Uri};
use super::fields;
use super::finding::{Findings, Parsed};
use super::tags;
use super::version::Kind;
use crate::table::record_codes::{Fault, ReportScheme};

/// What the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// URIs for reports.
    pub rua: Vec<Uri>,
}

/// Reads a record. Without a URI that can be used it is not valid; one that cannot be used beside
/// others is told and left out. Several `rua` are one list: the grammar has `1*` of them.
pub fn parse(record: &[u8]) -> Parsed<Record> {
    let mut findings = Findings::default();
    if !Kind::TlsRpt.claims(record) {
        findings.fatal(Fault::BadVersion, 0..fields::first_field(record));
        return findings.with(None);
    }
    let mut value = Record::default();
    let mut bad = Vec::new();
    let mut named = 0;
    for field in fields::split(record, b"rua", &mut findings) {
        if field.name != b"rua" {
            findings.odd(Fault::UnknownTag, field.span);
            continue;
        }
        named += 1;
        if named > 1 {
            findings.odd(Fault::Duplicate, field.span.clone());
        }
        let start = field.span.end - field.value.len();
        let list = start..field.span.end;
        bad.extend(uris(record, list, &mut value));
    }
    for span in bad {
        findings.add(Fault::BadUri, span, value.rua.is_empty());
    }
    if named == 0 {
        findings.fatal(Fault::Missing, record.len()..record.len());
    }
    findings.with(Some(value))
}

/// Takes the URIs of a list, and hands out the spans of those that cannot be used: "Two URI schemes
/// are supported: mailto and https."
fn uris(record: &[u8], list: Range<usize>, value: &mut Record) -> Vec<Range<usize>> {
    let mut bad = Vec::new();
    for span in tags::elements(record, list, b',', tags::is_wsp) {
        let uri = dmarc::parse_uri(&record[span.clone()]);
        match uri.filter(|uri| uri.scheme != ReportScheme::Other) {
            Some(uri) => value.rua.push(uri),
            None => bad.push(span),
        }
    }
    bad
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{Told, told};
    use super::*;

    #[test]
    fn records_are_read() {
        use Fault::{
            BadUri, BadVersion, Duplicate, Missing, NotAscii, Syntax, TrailingJunk, UnknownTag,
        };
        let one = &["mailto:a@b.cz"][..];
        let two = &["mailto:a@b.cz", "https://r.example/v1"][..];
        // RFC 8460 3: the text, the URIs, and the faults with whether they are fatal.
        let table: &[(&str, &[&str], Told)] = &[
            ("v=TLSRPTv1;rua=mailto:a@b.cz", one, &[]),
            ("v=TLSRPTv1; rua=mailto:a@b.cz;", one, &[]),
            ("v=TLSRPTv1; rua=mailto:a@b.cz ; ", one, &[]),
            (
                "v=TLSRPTv1;rua=mailto:a@b.cz , https://r.example/v1",
                two,
                &[],
            ),
            // 1*(field-delim tlsrpt-field): the same field may come again.
            (
                "v=TLSRPTv1;rua=mailto:a@b.cz;rua=https://r.example/v1",
                two,
                &[(Duplicate, false)],
            ),
            // "unknown fields SHALL be ignored".
            (
                "v=TLSRPTv1;x-1.b=c;rua=mailto:a@b.cz",
                one,
                &[(UnknownTag, false)],
            ),
            (
                "v=TLSRPTv1;RUA=mailto:a@b.cz",
                &[],
                &[(UnknownTag, false), (Missing, true)],
            ),
            (
                "v=TLSRPTv1;rua=mailto:a@b.cz,ftp://x.cz",
                one,
                &[(BadUri, false)],
            ),
            ("v=TLSRPTv1;rua=mailto:a@b.cz,", one, &[(BadUri, false)]),
            ("v=TLSRPTv1;rua=a@b.cz", &[], &[(BadUri, true)]),
            ("v=TLSRPTv1;rua=", &[], &[(BadUri, true)]),
            // Exclamation points "MUST be encoded": there is no size limit here.
            ("v=TLSRPTv1;rua=mailto:a@b.cz!10m", &[], &[(BadUri, true)]),
            ("v=TLSRPTv1;", &[], &[(Missing, true)]),
            // Space stands beside semicolons and commas only.
            (
                "v=TLSRPTv1; rua = mailto:a@b.cz",
                &[],
                &[(Syntax, true), (Missing, true)],
            ),
            (
                "v=TLSRPTv1;rua=mailto:a@b.cz ",
                one,
                &[(TrailingJunk, true)],
            ),
            ("v=TLSRPTv1;;rua=mailto:a@b.cz", one, &[(Syntax, true)]),
            ("v=TLSRPTv1;rua=mailto:a@b.cz;x", one, &[(Syntax, true)]),
            ("v=TLSRPTv1;x=;rua=mailto:a@b.cz", one, &[(Syntax, true)]),
            (
                "v=TLSRPTv1;rua=mailto:ž@b.cz",
                &[],
                &[(NotAscii, true), (Missing, true)],
            ),
            (
                "v=TLSRPTv1;rua=mailto:a@b.cz;x=\0",
                one,
                &[(NotAscii, true)],
            ),
            // Records that do not begin with "v=TLSRPTv1;" are discarded.
            ("v=TLSRPTv1", &[], &[(BadVersion, true)]),
            ("v=TLSRPTv1 ;rua=mailto:a@b.cz", &[], &[(BadVersion, true)]),
            ("v=tlsrptv1;rua=mailto:a@b.cz", &[], &[(BadVersion, true)]),
            ("rua=mailto:a@b.cz;v=TLSRPTv1;", &[], &[(BadVersion, true)]),
            ("", &[], &[(BadVersion, true)]),
        ];
        for (text, uris, faults) in table {
            let parsed = parse(text.as_bytes());
            assert_eq!(told(&parsed), *faults, "{text:?}");
            let value = parsed.value.unwrap_or_default();
            let texts: Vec<_> = value.rua.iter().map(|uri| uri.text.as_str()).collect();
            assert_eq!(texts, *uris, "{text:?}");
        }
    }

    #[test]
    fn spans_are_those_of_the_uris() {
        let text = "v=TLSRPTv1; rua=a, mailto:a@b.cz ,b";
        let parsed = parse(text.as_bytes());
        let told = parsed.findings.iter().map(|f| &text[f.span.clone()]);
        assert_eq!(told.collect::<Vec<_>>(), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(
            texts in prop::collection::vec("(mailto:(%2C|[+])?[a-z]{1,9}@|https://)[a-z]{1,9}\\.cz", 1..5),
            comma in "[ \t]{0,2},[ \t]{0,2}",
            delimiter in "[ \t]{0,2};[ \t]{0,2}",
            ended: bool,
        ) {
            let uris = texts.iter().map(|text| dmarc::parse_uri(text.as_bytes()).unwrap());
            let rua = uris.collect();
            let end = if ended { delimiter.as_str() } else { "" };
            let text = format!("v=TLSRPTv1;rua={}{end}", texts.join(&comma));
            let parsed = parse(text.as_bytes());
            prop_assert_eq!(parsed.findings, []);
            prop_assert_eq!(parsed.value, Some(Record { rua }));
        }
    }
}
