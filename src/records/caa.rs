//! CAA (RFC 8659 4): one record's flags, tag and value.

use std::ops::Range;

use super::dmarc;
use super::finding::{Findings, Parsed};
use super::tags;
use crate::table::record_codes::{Fault, ReportScheme};

/// The bit of the flags that says critical (RFC 8659 4.1).
const CRITICAL: u8 = 0x80;

/// One record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Whether a CA that does not know the tag must not issue.
    pub critical: bool,
    /// The tag, in lower case.
    pub tag: String,
    /// The value.
    pub value: Vec<u8>,
    /// Of `issue`, `issuewild` and `issuemail` (RFC 9495): the CA's domain, in lower case; empty
    /// where nobody may, which is also what a value says that breaks the grammar (RFC 8659 4.2).
    pub issuer: Option<String>,
}

/// Reads the data of a record (RFC 8659 4.1). Fatal is what leaves the record without a tag, and a
/// value that its tag does not allow.
pub fn parse(rdata: &[u8]) -> Parsed<Record> {
    let mut findings = Findings::default();
    let Some((flags, tag, value)) = split(rdata) else {
        findings.fatal(Fault::Syntax, 0..rdata.len());
        return findings.with(None);
    };
    if flags & !CRITICAL != 0 {
        // Reserved bits: "MUST be ignored".
        findings.odd(Fault::BadValue, 0..1);
    }
    let tag_span = 2..2 + tag.len();
    if !tag.iter().all(u8::is_ascii_alphanumeric) {
        findings.fatal(Fault::BadValue, tag_span);
        return findings.with(None);
    }
    if tag.len() > 15 {
        // RFC 6844 5.1: "SHOULD be no more than 15", which RFC 8659 dropped.
        findings.odd(Fault::TooLong, tag_span.clone());
    }
    let mut record = Record {
        critical: flags & CRITICAL != 0,
        tag: String::from_utf8_lossy(tag).to_ascii_lowercase(),
        value: value.to_vec(),
        issuer: None,
    };
    let value_span = tag_span.end..rdata.len();
    match record.tag.as_str() {
        "issue" | "issuewild" | "issuemail" => {
            record.issuer = Some(issuer(value).unwrap_or_default());
            if issuer(value).is_none() {
                findings.fatal(Fault::BadValue, value_span);
            }
        }
        "iodef" if !is_report_url(value) => findings.fatal(Fault::BadUri, value_span),
        // Registered with IANA: RFC 8659 4.4, CA/Browser Forum (the contacts), BIMI (VMC).
        "iodef" | "contactemail" | "contactphone" | "issuevmc" => {}
        _ => findings.odd(Fault::UnknownTag, tag_span),
    }
    findings.with(Some(record))
}

/// Flags, a tag of at least one byte, and the value.
fn split(rdata: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&flags, rest) = rdata.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (tag, value) = rest.split_at_checked(usize::from(length))?;
    (!tag.is_empty()).then_some((flags, tag, value))
}

/// RFC 8659 4.2: `*WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]]`; none where it is not.
fn issuer(value: &[u8]) -> Option<String> {
    let semicolon = value.iter().position(|byte| *byte == b';');
    let end = semicolon.unwrap_or(value.len());
    let name = std::str::from_utf8(&value[tags::trim(value, 0..end, tags::is_wsp)]).ok()?;
    let name_is_one = name.is_empty() || name.split('.').all(|label| is_label(label.as_bytes()));
    let parameters = semicolon.map_or(value.len()..value.len(), |at| at + 1..value.len());
    let sound = name_is_one && are_parameters(value, parameters);
    sound.then(|| name.to_ascii_lowercase())
}

/// `(ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT))`
fn is_label(label: &[u8]) -> bool {
    let inner = label
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    inner && ends(label.first()) && ends(label.last())
}

/// Nothing, or `tag *WSP "=" *WSP value` between semicolons, none at the end.
fn are_parameters(value: &[u8], span: Range<usize>) -> bool {
    if tags::trim(value, span.clone(), tags::is_wsp).is_empty() {
        return true;
    }
    let is_one = |span: &Range<usize>| {
        let Some(equals) = value[span.clone()].iter().position(|byte| *byte == b'=') else {
            return false;
        };
        let equals = span.start + equals;
        let name = tags::trim(value, span.start..equals, tags::is_wsp);
        let content = tags::trim(value, equals + 1..span.end, tags::is_wsp);
        is_label(&value[name]) && value[content].iter().all(u8::is_ascii_graphic)
    };
    tags::elements(value, span, b';', tags::is_wsp)
        .iter()
        .all(is_one)
}

/// RFC 8659 4.4: a URL of `mailto`, `http` or `https`.
fn is_report_url(value: &[u8]) -> bool {
    dmarc::parse_uri(value).is_some_and(|uri| {
        let http = uri
            .text
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("http:"));
        uri.scheme != ReportScheme::Other || (http && uri.host.is_some())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{Told, told};
    use super::*;

    fn rdata(flags: u8, tag: &str, value: &str) -> Vec<u8> {
        let length = u8::try_from(tag.len()).unwrap();
        [&[flags, length], tag.as_bytes(), value.as_bytes()].concat()
    }

    #[test]
    fn issuers_are_read() {
        let table = [
            // RFC 8659 4.2 and its examples.
            ("ca1.example.net", Some("ca1.example.net")),
            ("CA.Example; account=230123", Some("ca.example")),
            (" ca.example \t; a=b ; c-1 = d:e=f ", Some("ca.example")),
            ("ca.example;", Some("ca.example")),
            ("ca.example; a=", Some("ca.example")),
            (";", Some("")),
            ("", Some("")),
            (" ; a=b", Some("")),
            // "%%%%%" is malformed, and "treated the same as one with an empty issuer-domain-name".
            ("%%%%%", None),
            ("ca.example; a=b;", None),
            ("ca.example; a", None),
            ("ca.example; a=b c", None),
            ("ca.example; -a=b", None),
            ("ca.example ca2.example", None),
            ("ca..example", None),
            ("-ca.example", None),
            ("ca.example.", None),
            ("ca_1.example", None),
            ("ca.example;;", None),
            ("ž.example", None),
            ("\0", None),
        ];
        for (value, expected) in table {
            for tag in ["issue", "IssueWild", "issuemail"] {
                let parsed = parse(&rdata(0, tag, value));
                assert_eq!(parsed.is_valid(), expected.is_some(), "{value:?}");
                let fault = expected.map_or(Some(Fault::BadValue), |_| None);
                assert_eq!(parsed.fault(), fault, "{value:?}");
                let record = parsed.value.unwrap();
                assert_eq!(record.issuer.as_deref(), Some(expected.unwrap_or("")));
                assert_eq!(record.tag, tag.to_ascii_lowercase());
                assert_eq!(record.value, value.as_bytes());
            }
        }
    }

    #[test]
    fn flags_and_tags_are_read() {
        use Fault::{BadUri, BadValue, Syntax, TooLong, UnknownTag};
        let long = "a".repeat(16);
        // RFC 8659 4.1; the rdata, and the faults with whether they are fatal.
        let table: &[(Vec<u8>, Told)] = &[
            (rdata(0x80, "issue", ";"), &[]),
            (rdata(1, "issue", ";"), &[(BadValue, false)]),
            (rdata(0, "tbs", "Unknown"), &[(UnknownTag, false)]),
            (
                rdata(0, &long, ""),
                &[(TooLong, false), (UnknownTag, false)],
            ),
            (rdata(0, "contactemail", "a@b.cz"), &[]),
            // RFC 8659 4.4.
            (rdata(0, "iodef", "mailto:security@example.com"), &[]),
            (rdata(0, "iodef", "http://iodef.example.com/"), &[]),
            (rdata(0, "iodef", "https://iodef.example.com/"), &[]),
            (
                rdata(0, "iodef", "ftp://iodef.example.com/"),
                &[(BadUri, true)],
            ),
            (rdata(0, "iodef", "http:///"), &[(BadUri, true)]),
            (rdata(0, "iodef", "security@example.com"), &[(BadUri, true)]),
            // A tag has letters and digits only, and at least one.
            (rdata(0, "is-sue", ";"), &[(BadValue, true)]),
            (rdata(0, "", ";"), &[(Syntax, true)]),
            (vec![0, 6, b'i'], &[(Syntax, true)]),
            (vec![0], &[(Syntax, true)]),
            (vec![], &[(Syntax, true)]),
        ];
        for (rdata, faults) in table {
            let parsed = parse(rdata);
            assert_eq!(told(&parsed), *faults, "{rdata:?}");
        }
        assert!(parse(&rdata(0x80, "tbs", "")).value.unwrap().critical);
        assert!(!parse(&rdata(0x7f, "tbs", "")).value.unwrap().critical);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(
            critical: bool,
            tag in prop::sample::select(vec!["issue", "issuewild", "issuemail"]),
            issuer in "([a-z0-9]([a-z0-9-]{0,4}[a-z0-9])?(\\.[a-z]{2,4}){0,3})?",
            parameters in prop::collection::vec("[a-z]([a-z-]{0,3}[a-z0-9])?[ \t]?=[ \t]?[!-:<-~]{0,9}", 0..4),
            space in "[ \t]{0,2}",
        ) {
            let list = parameters.join(&format!("{space};{space}"));
            let semicolon = if list.is_empty() { "" } else { ";" };
            let value = format!("{space}{issuer}{space}{semicolon}{space}{list}{space}");
            let parsed = parse(&rdata(if critical { 0x80 } else { 0 }, tag, &value));
            prop_assert_eq!(parsed.findings, []);
            let expected = Record {
                critical,
                tag: tag.to_owned(),
                value: value.into_bytes(),
                issuer: Some(issuer),
            };
            prop_assert_eq!(parsed.value, Some(expected));
        }
    }
}
