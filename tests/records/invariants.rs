//! What holds for any bytes, whatever a parser makes of them: one function for each parser.
//!
//! The targets of fuzz/ call these functions, too, by the path of this file.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use mailcensus::certificate::usable;
use mailcensus::records::dmarc::{self, Rules};
use mailcensus::records::spf::graph::{self, Facts, Known};
use mailcensus::records::version::Kind;
use mailcensus::records::{
    Parsed, bimi, caa, dkim, hsts as strict, mta_sts, spf as sender_policy, tls_rpt as reports,
};
use mailcensus::table::rows::TlsaRecord;

/// Longest life of a policy, in seconds (RFC 8461 3.2).
const LONGEST_MAX_AGE: u32 = 31_557_600;

/// What holds for every parser: findings lie in the bytes and in their order, and a record of which
/// nothing can be read has a fault. Hands out the value of a valid record.
fn valid<T>(bytes: &[u8], parsed: Parsed<T>) -> Option<T> {
    let mut from = 0;
    for finding in &parsed.findings {
        within(bytes, &finding.span);
        assert!(finding.span.start >= from, "{:?}", parsed.findings);
        from = finding.span.start;
    }
    assert!(parsed.value.is_some() || parsed.fault().is_some());
    let is_valid = parsed.is_valid();
    parsed.value.filter(|_| is_valid)
}

fn within(bytes: &[u8], span: &Range<usize>) {
    assert!(
        span.start <= span.end && span.end <= bytes.len(),
        "{span:?}"
    );
}

/// A record that is valid says by its first bytes that it is one.
fn claimed(kind: Kind, bytes: &[u8]) {
    assert!(kind.claims(bytes), "valid, but no record");
}

/// SPF; a record that is valid and printed says the same.
pub fn spf(bytes: &[u8]) {
    let parsed = sender_policy::parse(bytes);
    let mut end = 0;
    for directive in parsed.value.iter().flat_map(|record| &record.directives) {
        within(bytes, &directive.span);
        assert!(directive.span.start >= end, "directives overlap");
        end = directive.span.end;
    }
    let Some(record) = valid(bytes, parsed) else {
        return;
    };
    claimed(Kind::Spf, bytes);
    followed(&record, bytes);
    let printed = record.to_string();
    let again = sender_policy::parse(printed.as_bytes());
    assert!(again.is_valid(), "{printed:?} {:?}", again.findings);
    let again = again.value.expect("a valid record");
    assert_eq!(without_spans(record), without_spans(again), "{printed:?}");
}

/// A world in which every name has this record, an address and a mail host.
struct Everywhere<'a>(&'a [u8]);

impl Facts for Everywhere<'_> {
    fn policy(&self, _name: &str) -> Option<Known<Vec<u8>>> {
        Some(Known::Data(vec![self.0.to_vec()]))
    }

    fn addresses(&self, _name: &str) -> Option<Known<IpAddr>> {
        Some(Known::Data(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))
    }

    fn exchanges(&self, _name: &str) -> Option<Known<String>> {
        Some(Known::Data(vec!["mail.example.org".to_owned()]))
    }
}

/// A record that leads to itself wherever it leads comes to an end, with every question answered.
fn followed(record: &sender_policy::Record, bytes: &[u8]) {
    let graph = graph::evaluate("example.org", record, &Everywhere(bytes));
    assert!(graph.open.is_empty(), "{:?}", graph.open);
    assert!(graph.lookups <= graph::LOOKUPS_COUNTED, "{graph:?}");
    assert!(graph.ipv4_addresses <= 1 << 32, "{graph:?}");
}

fn without_spans(mut record: sender_policy::Record) -> sender_policy::Record {
    for directive in &mut record.directives {
        directive.span = 0..0;
    }
    record
}

/// DMARC, by both rules.
pub fn dmarc(bytes: &[u8]) {
    for rules in [Rules::Rfc9989, Rules::Rfc7489] {
        let parsed = dmarc::parse(bytes, rules);
        if let Some(record) = &parsed.value {
            assert!(record.pct.is_none_or(|pct| pct <= 100));
        }
        if valid(bytes, parsed).is_some() {
            claimed(Kind::Dmarc, bytes);
        }
    }
}

/// DKIM keys; one that is valid was taken back, or is of a known size or an unknown type.
pub fn dkim(bytes: &[u8]) {
    if let Some(key) = valid(bytes, dkim::parse(bytes)) {
        let known = matches!(key.key_type.as_str(), "rsa" | "ed25519");
        assert!(key.revoked || key.bits.is_some() || !known, "{key:?}");
    }
}

/// HSTS; what is valid and printed says the same (RFC 6797 6.1).
pub fn hsts(bytes: &[u8]) {
    let Some(hsts) = valid(bytes, strict::parse(bytes)) else {
        return;
    };
    let max_age = hsts.max_age.expect("a valid field has it");
    let mut printed = format!("max-age={max_age}");
    for (is_there, name) in [
        (hsts.include_subdomains, "includeSubDomains"),
        (hsts.preload, "preload"),
    ] {
        if is_there {
            printed = format!("{printed}; {name}");
        }
    }
    let again = valid(printed.as_bytes(), strict::parse(printed.as_bytes()));
    assert_eq!(again, Some(hsts), "{printed:?}");
}

/// MTA-STS records; the identifier is one (RFC 8461 3.1).
pub fn mta_sts(bytes: &[u8]) {
    if let Some(record) = valid(bytes, mta_sts::parse(bytes)) {
        claimed(Kind::MtaSts, bytes);
        assert!((1..=32).contains(&record.id.len()), "{record:?}");
        assert!(record.id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}

/// MTA-STS policies; one that is valid has all that it needs (RFC 8461 3.2).
pub fn mta_sts_policy(bytes: &[u8]) {
    if let Some(policy) = valid(bytes, mta_sts::parse_policy(bytes)) {
        assert_eq!(policy.version.as_deref(), Some("STSv1"));
        assert!(policy.max_age.is_some_and(|age| age <= LONGEST_MAX_AGE));
        let mode = policy.mode.expect("a mode");
        assert!(mode == mta_sts::Mode::None || !policy.mx.is_empty());
        // Whatever it asks for, the question has an answer.
        policy.mx.iter().for_each(|pattern| {
            mta_sts::covers(pattern, "mail.example.org");
        });
    }
}

/// TLS-RPT; a record that is valid says where reports go.
pub fn tls_rpt(bytes: &[u8]) {
    if let Some(record) = valid(bytes, reports::parse(bytes)) {
        claimed(Kind::TlsRpt, bytes);
        assert!(!record.rua.is_empty());
    }
}

/// BIMI; a record that is valid has a location, maybe an empty one.
pub fn bimi(bytes: &[u8]) {
    if let Some(record) = valid(bytes, bimi::parse(bytes)) {
        assert!(record.location.is_some(), "{record:?}");
    }
}

/// CAA; the tag of a valid record is one (RFC 8659 4.1).
pub fn caa(bytes: &[u8]) {
    if let Some(record) = valid(bytes, caa::parse(bytes)) {
        assert!(!record.tag.is_empty(), "{record:?}");
        assert!(record.tag.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}

/// TLSA: three numbers, and the rest as text; one that is usable has whole octets of data.
pub fn tlsa(bytes: &[u8]) {
    let Some((&[usage, selector, matching_type], data)) = bytes.split_first_chunk() else {
        return;
    };
    let record = TlsaRecord {
        usage,
        selector,
        matching_type,
        data: String::from_utf8_lossy(data).into_owned(),
        usable: false,
    };
    if usable(&record) {
        assert!(!record.data.is_empty() && record.data.len().is_multiple_of(2));
        assert!(record.data.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
