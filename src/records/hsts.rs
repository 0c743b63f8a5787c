//! Strict-Transport-Security (RFC 6797 6.1): how long a browser is to use HTTPS alone.

use std::ops::Range;

use super::finding::{Findings, Parsed};
use super::tags;
use crate::table::record_codes::Fault;

/// Longest field that is read, in bytes.
const LONGEST: usize = 8 * 1024;
/// Characters of a token beside letters and digits (RFC 9110 5.6.2).
const TOKEN: &[u8] = b"!#$%&'*+-.^_`|~";

/// What a field says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hsts {
    /// `max-age`, in seconds; more than there is room for is as much as there is.
    pub max_age: Option<u64>,
    /// `includeSubDomains`.
    pub include_subdomains: bool,
    /// `preload`, which no RFC knows: the lists of browsers ask for it.
    pub preload: bool,
}

/// Reads a field. A browser ignores it as a whole where it breaks the grammar, says something twice or
/// lacks `max-age`; directives that the RFC does not know are ignored one by one (RFC 6797 6.1, 8.1).
pub fn parse(field: &[u8]) -> Parsed<Hsts> {
    let mut findings = Findings::default();
    if field.len() > LONGEST {
        findings.fatal(Fault::TooLong, LONGEST..field.len());
        return findings.with(None);
    }
    for span in tags::not_ascii(field, 0..field.len(), tags::is_wsp) {
        findings.fatal(Fault::NotAscii, span);
    }
    let mut hsts = Hsts::default();
    let mut seen: Vec<String> = Vec::new();
    for span in directives(field) {
        let Some((name, value)) = directive(field, span.clone()) else {
            findings.fatal(Fault::Syntax, span);
            continue;
        };
        let name = String::from_utf8_lossy(&field[name]).to_ascii_lowercase();
        if seen.contains(&name) {
            findings.fatal(Fault::Duplicate, span);
            continue;
        }
        take(&mut hsts, &name, field, (span, value), &mut findings);
        seen.push(name);
    }
    if !seen.iter().any(|name| name == "max-age") {
        findings.fatal(Fault::Missing, field.len()..field.len());
    }
    findings.with((!seen.is_empty()).then_some(hsts))
}

/// The spans between semicolons outside quotes, without space around them; empty ones left out.
fn directives(field: &[u8]) -> Vec<Range<usize>> {
    let (mut spans, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in field.iter().chain(b";").enumerate() {
        let is_end = at == field.len();
        match byte {
            _ if is_escaped && !is_end => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted || is_end => {
                spans.push(tags::trim(field, start..at, tags::is_wsp));
                start = at + 1;
            }
            _ => {}
        }
    }
    spans.retain(|span| !span.is_empty());
    spans
}

/// `token [ "=" ( token | quoted-string ) ]`: the spans of the name and of what stands for the value,
/// without quotes.
fn directive(field: &[u8], span: Range<usize>) -> Option<(Range<usize>, Option<Range<usize>>)> {
    let equals = field[span.clone()].iter().position(|byte| *byte == b'=');
    let name_end = equals.map_or(span.end, |equals| span.start + equals);
    let name = tags::trim(field, span.start..name_end, tags::is_wsp);
    if !is_token(&field[name.clone()]) {
        return None;
    }
    if equals.is_none() {
        return Some((name, None));
    }
    let value = tags::trim(field, name_end + 1..span.end, tags::is_wsp);
    match &field[value.clone()] {
        [b'"', inner @ .., b'"'] => {
            is_quoted(inner).then_some((name, Some(value.start + 1..value.end - 1)))
        }
        token => is_token(token).then_some((name, Some(value))),
    }
}

fn is_token(bytes: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || TOKEN.contains(byte);
    !bytes.is_empty() && bytes.iter().all(is_token)
}

/// What may stand between quotes (RFC 9110 5.6.4): no quote that no backslash stands before.
fn is_quoted(inner: &[u8]) -> bool {
    let mut is_escaped = false;
    for byte in inner {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return false,
            _ => {}
        }
    }
    !is_escaped
}

fn take(
    hsts: &mut Hsts,
    name: &str,
    field: &[u8],
    (span, value): (Range<usize>, Option<Range<usize>>),
    findings: &mut Findings,
) {
    match name {
        "max-age" => {
            hsts.max_age = value.and_then(|value| seconds(&field[value]));
            if hsts.max_age.is_none() {
                findings.fatal(Fault::BadValue, span);
            }
        }
        // RFC 6797 6.1.2: a directive without a value.
        "includesubdomains" => match value {
            None => hsts.include_subdomains = true,
            Some(_) => findings.fatal(Fault::BadValue, span),
        },
        "preload" => {
            hsts.preload = true;
            findings.odd(Fault::UnknownTag, span);
        }
        _ => findings.odd(Fault::UnknownTag, span),
    }
}

/// `1*DIGIT` (RFC 6797 6.1.1).
fn seconds(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add((digit - b'0').into());
    is_number.then(|| digits.iter().fold(0, add))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::records::tests::{Told, assert_sound, bytes, told};

    fn read(field: &str) -> Hsts {
        let parsed = parse(field.as_bytes());
        assert!(parsed.is_valid(), "{field}: {:?}", parsed.findings);
        parsed.value.expect("a value")
    }

    #[test]
    fn fields_of_the_rfc_are_read() {
        // RFC 6797 6.2.
        for (field, max_age, include_subdomains) in [
            ("max-age=31536000", 31_536_000, false),
            ("max-age=15768000 ; includeSubDomains", 15_768_000, true),
            ("max-age=\"31536000\"", 31_536_000, false),
            ("max-age=0", 0, false),
            ("max-age=0; includeSubDomains", 0, true),
            // Names are in any case, order does not matter, and neither do empty directives.
            (" ;INCLUDESUBDOMAINS;; Max-Age = 1 ;", 1, true),
            ("max-age=0000000000000000000000000000001", 1, false),
            ("max-age=99999999999999999999999999", u64::MAX, false),
        ] {
            let hsts = read(field);
            assert_eq!(hsts.max_age, Some(max_age), "{field}");
            assert_eq!(hsts.include_subdomains, include_subdomains, "{field}");
            assert!(!hsts.preload);
        }
        let hsts = read("max-age=1; preload; x=\"a;b\\\";c\"; y=z");
        assert_eq!((hsts.max_age, hsts.preload), (Some(1), true));
    }

    #[test]
    fn a_field_that_breaks_the_grammar_is_ignored_as_a_whole() {
        use Fault::{BadValue, Duplicate, Missing, NotAscii, Syntax, TooLong, UnknownTag};
        let long = format!("max-age=1;{}", "a".repeat(LONGEST));
        let table: [(&str, Told); 18] = [
            ("", &[(Missing, true)]),
            (";;", &[(Missing, true)]),
            ("includeSubDomains", &[(Missing, true)]),
            ("max-age", &[(BadValue, true)]),
            ("max-age=", &[(Syntax, true), (Missing, true)]),
            ("max-age=-1", &[(BadValue, true)]),
            ("max-age=1.5", &[(BadValue, true)]),
            ("max-age=1h", &[(BadValue, true)]),
            ("max-age=\"\"", &[(BadValue, true)]),
            ("max-age=\"1", &[(Syntax, true), (Missing, true)]),
            ("max-age=1 2", &[(Syntax, true), (Missing, true)]),
            ("max-age: 1", &[(Syntax, true), (Missing, true)]),
            ("max-age=1, max-age=1", &[(Syntax, true), (Missing, true)]),
            ("max-age=1; max-age=1", &[(Duplicate, true)]),
            ("max-age=1; a; A", &[(UnknownTag, false), (Duplicate, true)]),
            ("max-age=1; includeSubDomains=true", &[(BadValue, true)]),
            ("max-age=1; b\u{e9}", &[(Syntax, true), (NotAscii, true)]),
            (&long, &[(TooLong, true)]),
        ];
        for (field, expected) in table {
            let parsed = parse(field.as_bytes());
            assert_eq!(told(&parsed), expected, "{field:?}");
            assert_sound(field.as_bytes(), &parsed);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(
            start in prop::sample::select(vec!["", "max-age=1;", "max-age=\"1"]),
            bytes in bytes("[;=,\" \\\\a-zA-Z0-9\t\r\n\0é-]{0,60}"),
        ) {
            let field = [start.as_bytes(), &bytes].concat();
            assert_sound(&field, &parse(&field));
        }

        #[test]
        fn what_is_printed_is_read(max_age: u64, subdomains: bool, quoted: bool) {
            let mut field = match quoted {
                true => format!("max-age=\"{max_age}\""),
                false => format!("max-age={max_age}"),
            };
            if subdomains {
                field.insert_str(0, "includeSubDomains; ");
            }
            let hsts = read(&field);
            prop_assert_eq!(hsts.max_age, Some(max_age));
            prop_assert_eq!(hsts.include_subdomains, subdomains);
        }
    }
}
