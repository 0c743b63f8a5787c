//! What holds for every parser, whatever the bytes.

use proptest::prelude::*;

use super::bimi;
use super::caa;
use super::dkim;
use super::dmarc;
use super::finding::Parsed;
use super::hsts;
use super::mta_sts;
use super::tls_rpt;
use crate::table::record_codes::Fault;

/// Faults, with whether they are fatal.
pub(super) type Told = &'static [(Fault, bool)];

/// The faults of a record, with whether they are fatal.
pub(super) fn told<T>(parsed: &Parsed<T>) -> Vec<(Fault, bool)> {
    let findings = parsed.findings.iter();
    findings
        .map(|finding| (finding.fault, finding.fatal))
        .collect()
}

/// Spans lie inside the record and in order, and a record that cannot be used says why.
pub(super) fn assert_sound<T>(record: &[u8], parsed: &Parsed<T>) {
    let starts: Vec<_> = parsed.findings.iter().map(|f| f.span.start).collect();
    assert!(starts.is_sorted(), "{starts:?}");
    for finding in &parsed.findings {
        assert!(finding.span.start <= finding.span.end, "{finding:?}");
        assert!(finding.span.end <= record.len(), "{finding:?}");
    }
    assert_eq!(parsed.is_valid(), parsed.fault().is_none());
}

/// Bytes: any, or those of a text that is likely to matter to a grammar.
pub(super) fn bytes(likely: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let any_bytes = prop::collection::vec(any::<u8>(), 0..80);
    prop_oneof![any_bytes, likely.prop_map(String::into_bytes)]
}

fn all_parsers(record: &[u8]) {
    assert_sound(record, &bimi::parse(record));
    assert_sound(record, &caa::parse(record));
    assert_sound(record, &dkim::parse(record));
    assert_sound(record, &dmarc::parse(record, dmarc::Rules::Rfc9989));
    assert_sound(record, &dmarc::parse(record, dmarc::Rules::Rfc7489));
    assert_sound(record, &hsts::parse(record));
    assert_sound(record, &mta_sts::parse(record));
    assert_sound(record, &mta_sts::parse_policy(record));
    assert_sound(record, &tls_rpt::parse(record));
}

#[test]
fn long_records_are_read() {
    let starts = [
        "",
        "v=DMARC1; rua=",
        "v=DKIM1; p=",
        "v=STSv1;",
        "v=TLSRPTv1;rua=",
        "v=BIMI1;",
    ];
    let patterns = [
        ";",
        "a=1;",
        ",",
        "\0",
        "é",
        " ",
        "\r\n",
        "A",
        "a:\n",
        "mx: a\n",
        "x:\u{1}\n",
        "%",
    ];
    for start in starts {
        for pattern in patterns {
            let filling = pattern.repeat(65_535 / pattern.len());
            all_parsers(format!("{start}{filling}").as_bytes());
        }
    }
    // As many names as there is room for.
    let names: String = (0..9_000).map(|number| format!("t{number}=;")).collect();
    all_parsers(format!("v=DMARC1;{names}").as_bytes());
    all_parsers(names.replace("=;", ":x\n").as_bytes());
}

proptest! {
    #[test]
    fn any_bytes_are_read(
        start in prop::sample::select(vec![
            "", "v=DMARC1;", "v=DKIM1;p=", "v=STSv1;id=", "v=TLSRPTv1;rua=", "v=BIMI1;l=",
        ]),
        bytes in bytes("[;=,:!. a-zA-Z0-9\t\r\n\0é/@%]{0,80}"),
    ) {
        all_parsers(&[start.as_bytes(), &bytes].concat());
    }
}
