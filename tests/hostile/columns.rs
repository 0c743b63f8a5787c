//! Every column of text: what letters it may hold, and whether strangers or lists fill it.
//!
//! A column that is new stands in no line here, and a test says so: whoever adds one says what it may
//! hold, and, where the text is not ours, has [`super::wire`] fill it.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use mailcensus::table::row::{Column, Shape};
use mailcensus::table::rows::TableName;

use Fill::{Closed, Fed};
use Holds::{Address, Any, Hex, Iana, Json, Name, Printable, Words};

/// What letters a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Whatever the list or the profile says: it is made harmless where it is shown.
    Any,
    /// Printable ASCII: bytes of strangers, escaped.
    Printable,
    /// A name of the DNS or a URI without blanks, printable.
    Name,
    /// Hexadecimal digits in lower case.
    Hex,
    /// Addresses and prefixes.
    Address,
    /// Names of registries of IANA and of ours, of letters, digits and a few signs.
    Iana,
    /// Reasons: words, numbers, and the signs between them.
    Words,
    /// An object of JSON.
    Json,
}

/// Who fills a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// Strangers or lists: hostile text arrives there, as far as its alphabet lets it.
    Fed,
    /// We, or a parser that lets nothing else pass.
    Closed,
}

impl Holds {
    /// Whether a text is one that the column may hold.
    pub fn allows(self, text: &str) -> bool {
        let all = |is: fn(u8) -> bool| text.bytes().all(is);
        match self {
            Any => true,
            Printable => all(|byte| matches!(byte, b' '..=b'~')),
            Name => all(|byte| matches!(byte, b'!'..=b'~')),
            Hex => all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
            Address => all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b':' | b'.' | b'/')),
            Iana => all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte)),
            Words => all(|byte| byte.is_ascii_alphanumeric() || b"_-. :/~?+,;%()".contains(&byte)),
            Json => text.is_empty() || text.starts_with('{'),
        }
    }
}

/// The columns; `*` at the start stands for any path, in the middle for one name. The first line that
/// fits counts.
pub const COLUMNS: &[(&str, Holds, Fill)] = &[
    ("*.ede.text", Printable, Fed),
    ("*.tls.detail", Printable, Closed),
    ("*.tls.version", Iana, Closed),
    ("*.tls.cipher", Iana, Closed),
    ("*.tls.group", Iana, Closed),
    ("*.tls.signature_scheme", Iana, Closed),
    ("*.tls.sni", Name, Closed),
    ("domains.domain", Name, Closed),
    ("domains.domain_unicode", Any, Fed),
    ("domains.tld", Name, Closed),
    ("domains.registrable_domain", Name, Closed),
    ("domains.tags", Any, Fed),
    ("domains.stratum", Any, Fed),
    ("domains.delegation.nameservers", Name, Fed),
    ("domains.zone", Name, Closed),
    ("domains.mx.records.host", Name, Fed),
    ("domains.mail_operator", Any, Fed),
    ("domains.*.record", Printable, Fed),
    ("domains.*.texts", Printable, Fed),
    ("domains.spf.redirect", Printable, Fed),
    ("domains.spf.includes", Printable, Fed),
    ("domains.spf.dangling", Printable, Fed),
    ("domains.spf.graph_fault_at", Printable, Fed),
    ("domains.dmarc.found_at", Name, Closed),
    ("domains.dmarc.org_domain", Name, Closed),
    ("domains.dmarc.rua", Printable, Fed),
    ("domains.dmarc.ruf", Printable, Fed),
    ("domains.dmarc.rua_targets.host", Name, Fed),
    ("domains.dmarc.record_7489", Printable, Fed),
    ("domains.dmarc.found_at_7489", Name, Closed),
    ("domains.dmarc.rua_targets_7489.host", Name, Fed),
    ("domains.dkim.provider", Iana, Closed),
    ("domains.dkim.selectors", Name, Closed),
    ("domains.dkim.wildcard_value", Printable, Fed),
    ("domains.dkim.keys.selector", Name, Closed),
    ("domains.dkim.keys.canonical_name", Name, Fed),
    ("domains.dkim.keys.key_type", Printable, Fed),
    // At most 32 letters and digits, or it is not valid and left out.
    ("domains.mta_sts.id", Iana, Closed),
    ("domains.tls_rpt.rua", Printable, Fed),
    ("domains.bimi.location", Printable, Fed),
    ("domains.bimi.authority", Printable, Fed),
    ("domains.caa.found_at", Name, Closed),
    ("domains.caa.issue", Printable, Fed),
    ("domains.caa.issuewild", Printable, Fed),
    ("domains.caa.issuemail", Printable, Fed),
    ("domains.clients.host", Name, Fed),
    // Made of the name of the domain.
    ("domains.web.host", Name, Closed),
    // Letters of a host and a port, or it is left out.
    ("domains.web.redirect", Name, Closed),
    ("zones.zone", Name, Closed),
    ("zones.parent", Name, Closed),
    ("hosts.host", Name, Fed),
    ("hosts.zone", Name, Closed),
    ("hosts.addresses.ips", Address, Closed),
    ("hosts.addresses.canonical_name", Name, Fed),
    ("hosts.tlsa.base", Name, Fed),
    ("hosts.tlsa.records.data", Hex, Closed),
    ("endpoints.host", Name, Fed),
    ("endpoints.ip", Address, Closed),
    ("endpoints.operator", Any, Fed),
    ("endpoints.prefix", Address, Closed),
    ("endpoints.route", Address, Closed),
    // Two letters.
    ("endpoints.country", Iana, Closed),
    ("endpoints.banner", Printable, Fed),
    ("endpoints.ehlo.capabilities", Printable, Fed),
    ("endpoints.ehlo_tls.capabilities", Printable, Fed),
    ("endpoints.chains.key_type", Iana, Closed),
    ("endpoints.chains.sni", Name, Closed),
    ("endpoints.chains.certificates", Hex, Closed),
    // The names of root stores.
    ("endpoints.chains.pkix", Iana, Closed),
    ("endpoints.tlsa_again.records.data", Hex, Closed),
    ("endpoints.weak_cipher", Iana, Closed),
    ("endpoints.ciphers.accepted", Iana, Closed),
    ("endpoints.groups.accepted", Iana, Closed),
    ("endpoints.pq_group", Iana, Closed),
    ("endpoints.hellos.*", Iana, Closed),
    ("hellos.ip", Address, Closed),
    ("hellos.*", Iana, Closed),
    ("certificates.sha256", Hex, Closed),
    ("certificates.spki_sha256", Hex, Closed),
    ("certificates.subject", Printable, Fed),
    ("certificates.issuer", Printable, Fed),
    ("certificates.serial", Hex, Closed),
    ("certificates.dns_names", Printable, Fed),
    ("certificates.key_type", Iana, Closed),
    ("certificates.curve", Iana, Closed),
    ("certificates.signature_algorithm", Iana, Closed),
    ("certificates.signature_hash", Iana, Closed),
    ("sts_policies.domain", Name, Closed),
    ("sts_policies.host", Name, Closed),
    ("sts_policies.ip", Address, Closed),
    ("sts_policies.operator", Any, Closed),
    ("sts_policies.content_type", Printable, Fed),
    ("sts_policies.content_encoding", Printable, Fed),
    ("sts_policies.chain", Hex, Closed),
    ("sts_policies.pkix", Iana, Closed),
    ("sts_policies.version", Printable, Fed),
    // Patterns by their grammar, others are left out.
    ("sts_policies.mx", Name, Closed),
    ("sts_policies.raw", Printable, Fed),
    ("webmail.domain", Name, Closed),
    ("webmail.host", Name, Closed),
    ("webmail.*.ip", Address, Closed),
    ("webmail.*.operator", Any, Closed),
    ("webmail.*.redirect", Name, Closed),
    ("webmail.chain", Hex, Closed),
    ("webmail.pkix", Iana, Closed),
    ("webmail.hsts", Printable, Fed),
    ("verdicts.domain", Name, Closed),
    ("verdicts.tld", Name, Closed),
    ("verdicts.mail_operator", Any, Fed),
    ("verdicts.country", Iana, Closed),
    ("verdicts.tags", Any, Fed),
    ("verdicts.*.reason", Words, Closed),
    ("compliance.domain", Name, Closed),
    ("compliance.tld", Name, Closed),
    ("compliance.tags", Any, Fed),
    ("compliance.point", Any, Closed),
    ("compliance.reason", Words, Closed),
    ("compliance.checks.id", Iana, Closed),
    ("compliance.checks.parameters", Json, Closed),
    ("compliance.checks.reason", Words, Closed),
    ("compliance.profile_version", Any, Closed),
];

/// The line of a column.
pub fn line(path: &str) -> Option<&'static (&'static str, Holds, Fill)> {
    COLUMNS.iter().find(|(pattern, ..)| fits(pattern, path))
}

fn fits(pattern: &str, path: &str) -> bool {
    if let Some(end) = pattern.strip_prefix("*.") {
        return path.ends_with(&format!(".{end}"));
    }
    let (mut wanted, mut names) = (pattern.split('.'), path.split('.'));
    loop {
        match (wanted.next(), names.next()) {
            (None, None) => return true,
            (Some(wanted), Some(name)) if wanted == "*" || wanted == name => {}
            _ => return false,
        }
    }
}

/// The paths of all columns of text; of a map, the path of its keys and values is that of the map.
pub fn of_text() -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for table in TableName::ALL {
        walk(table.as_str(), &table.columns(), &mut paths);
    }
    paths
}

fn walk(above: &str, columns: &[Column], paths: &mut BTreeSet<String>) {
    for column in columns {
        visit(&format!("{above}.{}", column.name), &column.shape, paths);
    }
}

fn visit(path: &str, shape: &Shape, paths: &mut BTreeSet<String>) {
    match shape {
        Shape::Leaf(DataType::Utf8) => drop(paths.insert(path.to_owned())),
        Shape::Leaf(_) | Shape::Word(_) => {}
        Shape::Struct(columns) => walk(path, columns, paths),
        Shape::List(item) => visit(path, item, paths),
        // The keys are text, whatever the values are.
        Shape::Map(item) => {
            paths.insert(path.to_owned());
            visit(path, item, paths);
        }
    }
}

#[test]
fn every_column_of_text_has_its_line_and_every_line_its_columns() {
    let paths = of_text();
    assert!(paths.len() > 150, "{}", paths.len());
    let lacking: Vec<_> = paths.iter().filter(|path| line(path).is_none()).collect();
    assert!(lacking.is_empty(), "what may they hold? {lacking:#?}");
    for (pattern, ..) in COLUMNS {
        let counts = |path: &String| line(path).is_some_and(|line| line.0 == *pattern);
        assert!(paths.iter().any(counts), "no column is {pattern}");
    }
}
