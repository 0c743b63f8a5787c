//! BIMI (draft-brand-indicators-for-message-identification): the record at `default._bimi`.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::ops::Range;

use super::dmarc;
use super::finding::{Findings, Parsed};
use super::tags::{self, Piece, Tag};
use super::version::Kind;
use crate::table::record_codes::{Fault, ReportScheme};

/// What the record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// `l=`; empty where the domain declines.
    pub location: Option<String>,
    /// `a=`.
    pub authority: Option<String>,
}

/// Reads a record (section 4.3 of the draft). Without `l=` (REQUIRED), with a location that is no
/// URI of HTTPS, and with a tag twice (RFC 6376 3.2) it cannot be used, nor where anything else is
/// no tag: receivers "MUST NOT attempt to fix syntactical or capitalization errors".
pub fn parse(record: &[u8]) -> Parsed<Record> {
    let mut findings = Findings::default();
    let mut pieces = tags::split(record, tags::is_wsp).into_iter();
    let first = pieces.next();
    if !Kind::Bimi.claims(record) {
        let end = record.iter().position(|byte| *byte == b';');
        findings.fatal(Fault::BadVersion, 0..end.unwrap_or(record.len()));
        return findings.with(None);
    }
    let mut seen = HashSet::new();
    if let Some(Piece::Tag(version)) = first {
        seen.insert(version.name);
    }
    let mut value = Record::default();
    for piece in pieces {
        match piece {
            Piece::Tag(tag) if !seen.insert(tag.name) => {
                findings.fatal(Fault::Duplicate, tag.span);
            }
            Piece::Tag(tag) => take(&mut value, &tag, record, &mut findings),
            Piece::Empty(span) => findings.fatal(Fault::Syntax, span),
            Piece::Junk(span) => junk(record, span, &mut findings),
            Piece::Rest(_) => {}
        }
    }
    if !seen.contains("l") {
        findings.fatal(Fault::Missing, record.len()..record.len());
    }
    findings.with(Some(value))
}

fn take(value: &mut Record, tag: &Tag<'_>, record: &[u8], findings: &mut Findings) {
    let place = match tag.name {
        "l" => &mut value.location,
        "a" => &mut value.authority,
        // Preference of avatars and selectors by local part, from revisions 8 and 9 on.
        "avp" | "lps" => return,
        _ => return findings.odd(Fault::UnknownTag, tag.span.clone()),
    };
    if let Some(span) = tags::not_ascii(record, tag.span.clone(), tags::is_wsp).first() {
        return findings.fatal(Fault::NotAscii, span.clone());
    }
    let text = tag.text().unwrap_or_default();
    let https = |text: &str| {
        let uri = dmarc::parse_uri(text.as_bytes());
        let uri = uri.filter(|uri| uri.scheme == ReportScheme::Https);
        // Of `a`: it "MUST contain a fully qualified domain name (FQDN)".
        let named = |host: String| host.contains('.') && host.parse::<Ipv4Addr>().is_err();
        let sound = uri.is_some_and(|uri| tag.name == "l" || uri.host.is_some_and(named));
        // "commas within a URI (ASCII ; 0x2C) MUST be encoded".
        sound && !text.contains(',')
    };
    match text.is_empty() || https(text) {
        true => *place = Some(text.to_owned()),
        false => findings.fatal(Fault::BadUri, tag.value_span.clone()),
    }
}

fn junk(record: &[u8], span: Range<usize>, findings: &mut Findings) {
    let strange = tags::not_ascii(record, span.clone(), tags::is_wsp);
    match strange.first() {
        Some(span) => findings.fatal(Fault::NotAscii, span.clone()),
        None => findings.fatal(Fault::Syntax, span),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{Told, told};
    use super::*;

    #[test]
    fn records_are_read() {
        use Fault::{BadUri, BadVersion, Duplicate, Missing, NotAscii, Syntax, UnknownTag};
        let (l, a) = ("https://b.cz/l.svg", "https://b.cz/a.pem");
        let table: &[(&str, Option<&str>, Option<&str>, Told)] = &[
            ("v=BIMI1; l=https://b.cz/l.svg", Some(l), None, &[]),
            (
                "v=BIMI1;l=https://b.cz/l.svg;a=https://b.cz/a.pem;",
                Some(l),
                Some(a),
                &[],
            ),
            // "components other than bimi-version may appear in any order".
            (
                "v = BIMI1 ; a = https://b.cz/a.pem ; l = https://b.cz/l.svg ; ",
                Some(l),
                Some(a),
                &[],
            ),
            (
                "v=BIMI1; l=https://b.cz/l.svg; avp=brand; lps=x",
                Some(l),
                None,
                &[],
            ),
            // An explicit declination to publish.
            ("v=BIMI1; l=; a=;", Some(""), Some(""), &[]),
            ("v=BIMI1; l=", Some(""), None, &[]),
            ("v=BIMI1;", None, None, &[(Missing, true)]),
            ("v=BIMI1", None, None, &[(Missing, true)]),
            (
                "v=BIMI1; a=https://b.cz/a.pem",
                None,
                Some(a),
                &[(Missing, true)],
            ),
            // "The only supported transport is HTTPS."
            (
                "v=BIMI1; l=http://b.cz/l.svg",
                None,
                None,
                &[(BadUri, true)],
            ),
            ("v=BIMI1; l=b.cz/l.svg", None, None, &[(BadUri, true)]),
            (
                "v=BIMI1; l=https://b.cz/l,m.svg",
                None,
                None,
                &[(BadUri, true)],
            ),
            (
                "v=BIMI1; l=https://b.cz/l.svg; a=self",
                Some(l),
                None,
                &[(BadUri, true)],
            ),
            (
                "v=BIMI1; l=https://b.cz/ž.svg",
                None,
                None,
                &[(NotAscii, true)],
            ),
            (
                "v=BIMI1; l=https://b.cz/l.svg; l=",
                Some(l),
                None,
                &[(Duplicate, true)],
            ),
            ("v=BIMI1; v=BIMI1; l=", Some(""), None, &[(Duplicate, true)]),
            ("v=BIMI1; l=; x=y", Some(""), None, &[(UnknownTag, false)]),
            (
                "v=BIMI1; l=;; x; \0",
                Some(""),
                None,
                &[(Syntax, true), (Syntax, true), (NotAscii, true)],
            ),
            ("v=bimi1; l=", None, None, &[(BadVersion, true)]),
            ("l=; v=BIMI1", None, None, &[(BadVersion, true)]),
            ("v=BIMI1 l=", None, None, &[(BadVersion, true)]),
        ];
        for (text, location, authority, faults) in table {
            let parsed = parse(text.as_bytes());
            assert_eq!(told(&parsed), *faults, "{text:?}");
            let value = parsed.value.unwrap_or_default();
            assert_eq!(value.location.as_deref(), *location, "{text:?}");
            assert_eq!(value.authority.as_deref(), *authority, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(
            location in "(https://[a-z]{1,9}\\.cz/(%2C)?[a-z]{0,3}\\.svg)?",
            authority in prop::option::of("(https://[a-z]{1,9}\\.cz/[a-z]{0,3}\\.pem)?"),
            space in "[ \t]{0,2}",
            first: bool,
        ) {
            let mut tags = vec![format!("l{space}={space}{location}")];
            tags.extend(authority.iter().map(|text| format!("a{space}={space}{text}")));
            if first {
                tags.reverse();
            }
            let text = format!("v=BIMI1{space};{space}{}", tags.join(&format!("{space};{space}")));
            let parsed = parse(text.as_bytes());
            prop_assert_eq!(parsed.findings, []);
            prop_assert_eq!(parsed.value, Some(Record { location: Some(location), authority }));
        }
    }
}
