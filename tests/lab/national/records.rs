//! The truth about the policy records of a domain: parts of its row in `domains.jsonl`.
//!
//! A list of words that is called `…fault` has every word that is right; none of them where nothing
//! is wrong. A number that nobody needs to agree on is null.

use serde::{Deserialize, Serialize};

/// The answer to TXT.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// found, absent, failed, not_attempted.
    pub outcome: String,
    /// nodata, nxdomain, other_txt.
    pub denial: Option<String>,
    /// Records with the version tag.
    pub count: u16,
    /// The first of them by its bytes.
    pub record: Option<String>,
    /// All records, sorted.
    pub texts: Vec<String>,
    /// Whether there is exactly one, and it can be used; null where there is none.
    pub valid: Option<bool>,
    /// Why it cannot.
    pub fault: Vec<String>,
}

/// SPF, and what it comes to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spf {
    /// TXT at the name.
    pub text: Text,
    /// Its own `all`.
    pub all: Option<String>,
    /// Target of `redirect`.
    pub redirect: Option<String>,
    /// Targets of `include`.
    pub includes: Vec<String>,
    /// What its graph comes to; null without a record that can be used.
    pub graph: Option<Graph>,
    /// Whether the graph may rest on answers that do not validate, so that nobody needs to know it.
    pub vague: bool,
}

/// What an SPF record comes to over its includes and redirects.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// `all` that decides; null where nobody can know.
    pub effective_all: Option<String>,
    /// Terms that ask the DNS, counted on to 20.
    pub lookups: u16,
    /// Names without what is asked for.
    pub void_lookups: u16,
    /// Most names behind one `mx`.
    pub mx_names: u16,
    /// Targets without a record, sorted.
    pub dangling: Vec<String>,
    /// Whether a term depends on the sender.
    pub depends_on_sender: bool,
    /// Addresses of IPv4.
    pub ipv4_addresses: Option<u64>,
    /// Addresses of IPv6.
    pub ipv6_addresses: Option<f64>,
    /// Whether an included record lets everybody send.
    pub includes_all: bool,
    /// Whether a part has no answer.
    pub failed: bool,
    /// What is wrong with a record further down.
    pub fault: Vec<String>,
    /// The name of that record, or of the one without an answer.
    pub fault_at: Option<String>,
}

/// DMARC by one of the two rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Dmarc {
    /// found, absent, failed, not_attempted.
    pub outcome: String,
    /// How many records stand where the one that applies does, or should.
    pub count: u16,
    /// The record.
    pub record: Option<String>,
    /// The name that has it.
    pub found_at: Option<String>,
    /// The organisational domain.
    pub org_domain: Option<String>,
    /// own, org, psd.
    pub inherited: Option<String>,
    /// Whether it can be used; null where there is none.
    pub valid: Option<bool>,
    /// Why it cannot.
    pub fault: Vec<String>,
    /// What it says: `p`, `sp`, `np`, `adkim`, `aspf`, `psd`.
    pub words: [Option<String>; 6],
    /// `pct`
    pub pct: Option<u8>,
    /// `t`
    pub t: Option<bool>,
    /// `rua`
    pub rua: Vec<String>,
    /// `ruf`
    pub ruf: Vec<String>,
    /// Where `rua` leads.
    pub targets: Vec<Target>,
    /// Policy for this very name.
    pub effective_policy: Option<String>,
}

/// Where reports go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// mailto, https.
    pub scheme: String,
    /// Domain or host.
    pub host: String,
    /// Whether it is another organisation's.
    pub external: bool,
    /// found, absent, failed, not_attempted.
    pub authorised: String,
}

/// DKIM.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Dkim {
    /// key_found, subtree_exists, absent, wildcard, compact_denial; null where nothing is asked.
    pub existence: Option<String>,
    /// Keys at the selectors that everybody may have, up to the first one that is in use.
    pub keys: Vec<Key>,
    /// Whether nobody needs to find that out: the name servers deny `_domainkey` though there are keys
    /// below it, no answer validates, or nothing is there.
    pub hides: bool,
}

/// A key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// The selector.
    pub selector: String,
    /// Where a CNAME leads.
    pub canonical_name: Option<String>,
    /// rsa, ed25519.
    pub key_type: String,
    /// Size; null where there is no key.
    pub bits: Option<u16>,
    /// Whether it was taken back.
    pub revoked: bool,
    /// Whether it is in test mode.
    pub testing: bool,
    /// Why it cannot be used.
    pub fault: Vec<String>,
}

/// MTA-STS: the record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MtaSts {
    /// TXT at `_mta-sts`.
    pub text: Text,
    /// `id`
    pub id: Option<String>,
}

/// TLS-RPT.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TlsRpt {
    /// TXT at `_smtp._tls`.
    pub text: Text,
    /// `rua`
    pub rua: Vec<String>,
}

/// BIMI, asked for where DMARC enforces.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Bimi {
    /// found, absent, not_attempted.
    pub outcome: String,
    /// `l=`
    pub location: Option<String>,
    /// `a=`
    pub authority: Option<String>,
}

/// CAA of the name or of the nearest one above, asked for where mail is taken. Where no answer
/// validates, nobody needs to know it; the outcome is empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Caa {
    /// found, absent, not_attempted.
    pub outcome: String,
    /// The name that has the records.
    pub found_at: Option<String>,
    /// Values of `issue`, `issuewild` and `issuemail`, each sorted.
    pub values: [Vec<String>; 3],
}
