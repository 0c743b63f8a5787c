//! Why two parsers read one record differently: each reason has a name, which docs/differences.md
//! explains with the sentence of the RFC that decides.

use super::peers::Peer;
use super::reading::{Kind, Reading, Record, ours};

/// Two readings of one record that are not the same.
pub struct Difference<'a> {
    pub record: &'a Record,
    pub peer: Peer,
    pub ours: &'a Reading,
    pub theirs: &'a Reading,
    /// What is not the same: `valid`, or a fact of both.
    pub field: String,
}

/// The name of a reason, and whether it is the one.
type Class = (&'static str, fn(&Difference<'_>) -> bool);

/// Reasons by peer and kind of record; the first one that holds is the one.
const CLASSES: &[(Peer, Kind, &[Class])] = &[
    (
        Peer::Pyspf,
        Kind::Spf,
        &[
            ("pyspf-spf-modifier-twice", |d| {
                strict(d, "MUST appear at most once")
            }),
            ("pyspf-spf-empty-label", |d| {
                strict(d, "No valid SPF record for included domain") && found(d, "bad_name")
            }),
            ("pyspf-spf-macro", |d| lenient(d, &["bad_macro"])),
            ("pyspf-spf-control-character", |d| {
                lenient(d, &["not_ascii"])
            }),
        ],
    ),
    (
        Peer::Checkdmarc,
        Kind::Spf,
        &[
            ("checkdmarc-spf-version-case", |d| {
                strict(d, "Expected version_tag")
            }),
            ("checkdmarc-spf-slash", |d| {
                strict(d, "is not a valid CIDR prefix length")
            }),
            ("checkdmarc-spf-after-all", |d| {
                lenient(d, &[]) && is_sound_until_all(d.record)
            }),
            ("checkdmarc-spf-name", |d| lenient(d, &["bad_name"])),
            ("checkdmarc-spf-modifier-macro", |d| {
                lenient(d, &["bad_macro"])
            }),
            ("checkdmarc-spf-white-space", |d| lenient(d, &["not_ascii"])),
        ],
    ),
    (
        Peer::Checkdmarc,
        Kind::Dmarc,
        &[
            ("checkdmarc-dmarc-remainder", |d| {
                strict(d, "DMARCSyntaxError")
            }),
            ("checkdmarc-dmarc-value", |d| {
                strict(d, "InvalidDMARCTagValue")
            }),
            ("checkdmarc-dmarc-uri", |d| {
                strict(d, "InvalidDMARCReportURI")
            }),
            ("checkdmarc-dmarc-white-space", |d| {
                (lenient(d, &["not_ascii"]) || fact(d, &["p"])) && found(d, "not_ascii")
            }),
            ("checkdmarc-dmarc-duplicate", |d| lenient(d, &["duplicate"])),
            ("checkdmarc-dmarc-uri-junk", |d| {
                fact(d, &["rua", "ruf"]) && found(d, "bad_uri")
            }),
        ],
    ),
    (
        Peer::Checkdmarc,
        Kind::MtaSts,
        &[
            ("checkdmarc-mta-sts-version-space", |d| {
                lenient(d, &["bad_version"])
            }),
            ("checkdmarc-mta-sts-white-space", |d| {
                lenient(d, &["not_ascii"])
            }),
        ],
    ),
    (
        Peer::Checkdmarc,
        Kind::MtaStsPolicy,
        &[
            ("checkdmarc-policy-blank-line", |d| {
                lenient(d, &["syntax"]) && has_blank_line(d.record)
            }),
            ("checkdmarc-policy-last-line", |d| {
                lenient(d, &["not_ascii"]) && d.record.bytes.ends_with(b"\r")
            }),
            ("checkdmarc-policy-second-field", |d| {
                lenient(d, &["syntax", "not_ascii"])
            }),
        ],
    ),
    (
        Peer::Checkdmarc,
        Kind::TlsRpt,
        &[
            ("checkdmarc-tls-rpt-one-bad-uri", |d| {
                strict(d, "SMTPTLSReportingSyntaxError") && found(d, "bad_uri")
            }),
            ("checkdmarc-tls-rpt-version-space", |d| {
                lenient(d, &["bad_version"])
            }),
            ("checkdmarc-tls-rpt-white-space", |d| {
                lenient(d, &["not_ascii"])
            }),
        ],
    ),
    (
        Peer::Checkdmarc,
        Kind::Bimi,
        &[
            ("checkdmarc-bimi-avp", |d| {
                strict(d, "Acceptable avp tag values")
            }),
            ("checkdmarc-bimi-tag-case", |d| {
                lenient(d, &["missing"]) || strict(d, "Duplicate l tags")
            }),
        ],
    ),
    (
        Peer::MailAuth,
        Kind::Spf,
        &[
            ("mail-auth-spf-version", |d| lenient(d, &["bad_version"])),
            ("mail-auth-spf-unknown-mechanism", |d| {
                lenient(d, &["unknown_mechanism"])
            }),
            ("mail-auth-spf-no-term", |d| lenient(d, &["syntax"])),
            ("mail-auth-spf-address", |d| lenient(d, &["bad_address"])),
            ("mail-auth-spf-prefix", |d| lenient(d, &["bad_prefix"])),
            ("mail-auth-spf-name", |d| lenient(d, &["bad_name"])),
            ("mail-auth-spf-macro", |d| lenient(d, &["bad_macro"])),
            ("mail-auth-spf-bytes", |d| lenient(d, &["not_ascii"])),
            ("mail-auth-spf-equals", |d| {
                strict(d, "ParseError") || fact(d, &["mechanisms"])
            }),
        ],
    ),
    (
        Peer::MailAuth,
        Kind::Dmarc,
        &[
            ("mail-auth-dmarc-remainder", |d| strict(d, "ParseError")),
            ("mail-auth-dmarc-duplicate", |d| lenient(d, &["duplicate"])),
            ("mail-auth-dmarc-version", |d| lenient(d, &["bad_version"])),
            ("mail-auth-dmarc-space", |d| {
                lenient(d, &["bad_value", "not_ascii"])
            }),
            ("mail-auth-dmarc-counts-as-none", |d| {
                fact(d, &["p", "sp", "np"]) && found(d, "bad_value")
            }),
            ("mail-auth-dmarc-swallowed-tag", |d| {
                !fact(d, &["valid"]) && (found(d, "syntax") || found(d, "not_ascii"))
            }),
            ("mail-auth-dmarc-uri-junk", |d| {
                fact(d, &["rua", "ruf"]) && found(d, "bad_uri")
            }),
            ("mail-auth-dmarc-not-by-mail", |d| fact(d, &["rua", "ruf"])),
        ],
    ),
    (
        Peer::MailAuth,
        Kind::Dkim,
        &[
            ("mail-auth-dkim-revoked", |d| strict(d, "RevokedPublicKey")),
            ("mail-auth-dkim-key", |d| lenient(d, &["bad_key"])),
            ("mail-auth-dkim-version", |d| lenient(d, &["bad_version"])),
            ("mail-auth-dkim-duplicate", |d| lenient(d, &["duplicate"])),
            ("mail-auth-dkim-grammar", |d| {
                lenient(d, &["syntax", "not_ascii", "trailing_junk", "bad_value"])
            }),
        ],
    ),
    (
        Peer::MailAuth,
        Kind::MtaSts,
        &[
            ("mail-auth-mta-sts-version", |d| {
                lenient(d, &["bad_version"])
            }),
            ("mail-auth-mta-sts-id", |d| {
                lenient(d, &["bad_value", "not_ascii"])
            }),
            ("mail-auth-mta-sts-grammar", |d| {
                lenient(d, &["syntax", "missing"])
            }),
            ("mail-auth-mta-sts-second-id", |d| fact(d, &["id"])),
        ],
    ),
    (
        Peer::MailAuth,
        Kind::TlsRpt,
        &[
            ("mail-auth-tls-rpt-version", |d| {
                lenient(d, &["bad_version"])
            }),
            ("mail-auth-tls-rpt-uri", |d| lenient(d, &["bad_uri"])),
            ("mail-auth-tls-rpt-grammar", |d| {
                lenient(d, &["syntax", "missing", "not_ascii"])
            }),
            ("mail-auth-tls-rpt-one-bad-uri", |d| {
                strict(d, "InvalidRecordType") && found(d, "bad_uri")
            }),
            ("mail-auth-tls-rpt-several", |d| fact(d, &["rua"])),
        ],
    ),
];

/// The name of the reason of a difference; none where there is none.
pub fn class(difference: &Difference<'_>) -> Option<&'static str> {
    let here = |(peer, kind, _): &&(Peer, Kind, &[Class])| {
        *peer == difference.peer && *kind == difference.record.kind
    };
    let mut classes = CLASSES
        .iter()
        .filter(here)
        .flat_map(|(.., classes)| *classes);
    classes
        .find(|(_, holds)| holds(difference))
        .map(|(name, _)| *name)
}

/// Every name, in the order of the table, with the peer and the kind of record.
pub fn names() -> impl Iterator<Item = (&'static str, Peer, Kind)> {
    let named = |(peer, kind, classes): &(Peer, Kind, &'static [Class])| {
        let (peer, kind) = (*peer, *kind);
        classes.iter().map(move |(name, _)| (*name, peer, kind))
    };
    CLASSES.iter().flat_map(named)
}

/// Whether only they take the record, and why we do not is one of these faults, or any.
fn lenient(difference: &Difference<'_>, faults: &[&str]) -> bool {
    let ours = difference.ours;
    difference.theirs.valid
        && !ours.valid
        && (faults.is_empty() || faults.contains(&ours.why.as_str()))
}

/// Whether only we take the record, and these words are in their reason not to.
fn strict(difference: &Difference<'_>, words: &str) -> bool {
    difference.ours.valid && !difference.theirs.valid && difference.theirs.why.contains(words)
}

/// Whether it is one of these facts that differs.
fn fact(difference: &Difference<'_>, fields: &[&str]) -> bool {
    fields.contains(&difference.field.as_str())
}

/// Whether we found this fault, fatal or not.
fn found(difference: &Difference<'_>, fault: &str) -> bool {
    difference.ours.findings.contains(&fault)
}

/// Whether an SPF record is valid if it ends with its first `all`.
fn is_sound_until_all(record: &Record) -> bool {
    let mut end = 0;
    for term in record.bytes.split_inclusive(|byte| *byte == b' ') {
        end += term.len();
        let word = term.trim_ascii_end();
        let unqualified = match word {
            [b'+' | b'-' | b'~' | b'?', rest @ ..] => rest,
            _ => word,
        };
        if unqualified.eq_ignore_ascii_case(b"all") {
            let bytes = record.bytes[..end].to_vec();
            let kind = Kind::Spf;
            return ours(&Record { kind, bytes }).valid;
        }
    }
    false
}

fn has_blank_line(record: &Record) -> bool {
    let text = String::from_utf8_lossy(&record.bytes).replace('\r', "");
    text.contains("\n\n") || text.starts_with('\n')
}
