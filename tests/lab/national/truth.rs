//! The truth of a country: what a survey of it must come to, computed from the model that made it
//! and never by asking.
//!
//! `DIR/truth` has four files of JSON objects, one a line, in no order:
//!
//! * `domains.jsonl`: [`Domain`], one for each line of `domains.txt`
//! * `hosts.jsonl`: [`Host`], one for each mail host that one of them leads to
//! * `endpoints.jsonl`: [`Endpoint`], one for each host and address
//! * `verdicts.jsonl`: [`Verdict`], one for each domain
//!
//! A word has the meaning it has in docs/schema.md. Where the truth and a survey may differ:
//!
//! * an endpoint says what a client is told that asks for this very host by SNI; a survey that asked
//!   for another name of the address knows less
//! * a verdict lists every result that a right survey can come to: the first one is what the servers
//!   do, the others are those of a vantage that cannot tell

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What the DNS says of a domain.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    /// A-labels in lower case.
    pub domain: String,
    /// The last label.
    pub tld: String,
    /// What is odd about it, for people: words of `numbers.rs`.
    pub kind: String,
    /// exists, nxdomain, undelegated, failed.
    pub existence: String,
    /// The enclosing zone; null where no server tells.
    pub zone: Option<String>,
    /// The answer to NS.
    pub delegation: String,
    /// Names of its name servers, sorted.
    pub nameservers: Vec<String>,
    /// The answer to MX.
    pub mx: Mx,
    /// TXT at the name.
    pub spf: Text,
    /// TXT at `_dmarc`.
    pub dmarc: Text,
    /// TXT at `_mta-sts`.
    pub mta_sts: Text,
    /// TXT at `_smtp._tls`.
    pub tls_rpt: Text,
}

/// The answer to MX.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mx {
    /// explicit, implicit, null, none; null where nobody can know.
    pub kind: Option<String>,
    /// found, absent, failed.
    pub outcome: String,
    /// nodata, nxdomain.
    pub denial: Option<String>,
    /// bogus, servfail, ...
    pub error: Option<String>,
    /// secure, insecure, bogus, not_checked.
    pub security: String,
    /// Whether there are more than ten.
    pub truncated: bool,
    /// The first ten by preference, ties by name.
    pub records: Vec<(u16, String)>,
}

/// The answer to TXT.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// found, absent, failed, not_attempted.
    pub outcome: String,
    /// nodata, nxdomain, other_txt.
    pub denial: Option<String>,
    /// Records with the version tag.
    pub count: u16,
}

/// What the DNS says of a mail host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// A-labels in lower case.
    pub host: String,
    /// Domains that lead to it.
    pub domains: u64,
    /// found, absent, failed.
    pub outcome: String,
    /// bogus, servfail, ...
    pub error: Option<String>,
    /// secure, insecure, bogus, not_checked.
    pub security: String,
    /// Addresses, sorted.
    pub ips: Vec<String>,
    /// The end of its CNAME chain.
    pub canonical_name: Option<String>,
    /// The answer to TLSA: found, absent, failed, not_attempted.
    pub tlsa: String,
    /// Security of that answer.
    pub tlsa_security: String,
    /// The records.
    pub tlsa_records: Vec<Tlsa>,
}

/// One TLSA record.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tlsa {
    /// Certificate usage.
    pub usage: u8,
    /// Selector.
    pub selector: u8,
    /// Matching type.
    pub matching_type: u8,
    /// Association data in hex.
    pub data: String,
}

/// What an address does for a host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The host.
    pub host: String,
    /// The address.
    pub ip: String,
    /// A name of the table of manners; `special` for an address outside the lab.
    pub manner: String,
    /// connected, failed.
    pub tcp: String,
    /// Code of the greeting.
    pub banner_code: Option<u16>,
    /// accepted, not_offered, refused, stripped, injected, not_attempted.
    pub starttls: String,
    /// completed, failed, not_attempted.
    pub tls: String,
    /// TLS 1.3, TLS 1.2.
    pub version: Option<String>,
    /// Why the conversation broke, wherever it did.
    pub error: Option<String>,
    /// What a store with the lab's CA says of the chain.
    pub pkix: Option<String>,
    /// current, expired.
    pub dates: Option<String>,
    /// How the leaf names the host.
    pub name_match: Option<String>,
    /// Whether a TLSA record of the host matches the chain.
    pub tlsa_match: Option<bool>,
}

/// What the checks make of a domain.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The domain.
    pub domain: String,
    /// Pairs of mail host and address.
    pub endpoints: u32,
    /// Those that greet with 220.
    pub endpoints_reached: u32,
    /// explicit_mx, implicit_mx, implicit_unknown, web_only, null_mx, no_mail, mx_unusable,
    /// nonexistent, undelegated, unknown.
    pub class: String,
    /// Whether it says that it sends no mail; null where nobody can know.
    pub non_sending: Option<bool>,
    /// For every check the results that a right survey can come to: pass, fail, not_applicable,
    /// unknown.
    pub checks: BTreeMap<String, Vec<String>>,
}

/// Reads a file of the truth by a key that no two rows share.
///
/// # Panics
/// When the file is not what the generator writes.
pub fn read<T: DeserializeOwned>(path: &Path, key: impl Fn(&T) -> String) -> HashMap<String, T> {
    let file = File::open(path).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
    let mut rows = HashMap::new();
    for line in BufReader::new(file).lines() {
        let row: T = serde_json::from_str(&line.expect("a line")).expect("a row of the truth");
        let name = key(&row);
        assert!(
            rows.insert(key(&row), row).is_none(),
            "{}: {name} twice",
            path.display()
        );
    }
    rows
}
