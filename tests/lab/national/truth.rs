//! The truth of a country: what a survey of it must come to, computed from the model that made it
//! and never by asking.
//!
//! `DIR/truth` has files of JSON objects, one a line, in no order:
//!
//! * `domains.jsonl`: [`Domain`], one for each line of `domains.txt`
//! * `hosts.jsonl`: [`Host`], one for each mail host that one of them leads to
//! * `endpoints.jsonl`: [`Endpoint`], one for each host and address
//! * `policies.jsonl`: [`Policy`], one for each domain with one MTA-STS record
//! * `verdicts.jsonl`: [`Verdict`], one for each domain
//! * `changes.jsonl`, with `--wave 2` only: [`Change`], one for each domain that joined or left the
//!   list, and one for each check of another domain that cannot come to what it came to
//!
//! `DIR/asn.txt`, `DIR/countries.csv` and `DIR/vrps.csv` are the tables that a survey may be given.
//! Without them it knows nothing of routes and countries.
//!
//! `DIR/domains.csv` is the list again, with the columns `domain`, `rank`, `group` (`presidency`,
//! `registered_later`, `other`), `designated_at` (a date, where there is no group) and `sector`
//! (`ministry`, `hospital`, `school`, `bank`).
//!
//! A word has the meaning it has in docs/schema.md. Where the truth and a survey may differ:
//!
//! * an endpoint says what a client is told that asks for this very host by SNI; a survey that asked
//!   for another name of the address knows less
//! * a verdict lists every result that a right survey can come to. The first one is what the servers
//!   do. `unknown` stands behind it where
//!   * STARTTLS is answered by 454, stripped, or followed by a handshake that breaks: one vantage
//!     cannot tell whose doing that is
//!   * a check of certificates or of TLSA rests on an address that other names lead to, too, and the
//!     certificate shown for another name does not have this one
//!   * the server of an MTA-STS policy has a private address or answers by an alert, or the zone of
//!     its name does not validate
//!   * name servers deny `_domainkey` against RFC 8020
//!   * the end of an alias is in a zone that its answers may not name (`dnssec_algorithms`)
//!
//!   and in checks that rest on these, such as `mx_uniform` and `downgrade_protected`
//! * between two surveys a check with several such results may change though nothing did: which name
//!   an address is asked for depends on the list
//!
//! A second wave has the infrastructure and the seed of the first one, and so all its providers and
//! servers. The domains that show a manner never change.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::records::{Bimi, Caa, Dkim, Dmarc, MtaSts, Spf, Text, TlsRpt};

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
    /// SPF.
    pub spf: Spf,
    /// TXT at `_dmarc` of the name itself.
    pub dmarc_text: Text,
    /// DMARC by the tree walk.
    pub dmarc: Dmarc,
    /// DMARC by the public suffix list.
    pub dmarc_7489: Dmarc,
    /// DKIM.
    pub dkim: Dkim,
    /// MTA-STS.
    pub mta_sts: MtaSts,
    /// TLS-RPT.
    pub tls_rpt: TlsRpt,
    /// BIMI.
    pub bimi: Bimi,
    /// CAA.
    pub caa: Caa,
    /// Its zone, where it is signed.
    pub signed: Option<Signed>,
}

/// A signed zone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Signed {
    /// Whether it has CDS records.
    pub cds: bool,
    /// nsec, nsec3, compact; null where no denial that validates needs to be seen.
    pub denial: Option<String>,
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
    /// The system that announces its network.
    pub asn: Option<u32>,
    /// The prefix that it announces.
    pub route: Option<String>,
    /// valid, not_found, invalid.
    pub rpki: Option<String>,
    /// The country of its network.
    pub country: Option<String>,
    /// connected, failed.
    pub tcp: String,
    /// Code of the greeting.
    pub banner_code: Option<u16>,
    /// accepted, not_offered, refused, stripped, injected, not_attempted.
    pub starttls: String,
    /// completed, hello_only, failed, not_attempted.
    pub tls: String,
    /// TLS 1.3, TLS 1.2; older ones and SSL 3.0 where only a hello was answered.
    pub version: Option<String>,
    /// What it makes of hellos; nothing where there is no TLS.
    pub heard: Option<Heard>,
    /// Why the conversation broke, wherever it did; also why there was no handshake where a hello
    /// was answered.
    pub error: Option<String>,
    /// What a store with the lab's CA says of the chain.
    pub pkix: Option<String>,
    /// Whether its key is long enough.
    pub strong: bool,
    /// current, expired.
    pub dates: Option<String>,
    /// How the leaf names the host.
    pub name_match: Option<String>,
    /// Whether a TLSA record of the host matches the chain.
    pub tlsa_match: Option<bool>,
}

/// What a server makes of the hellos of a survey of standard depth. Lists have every word that a
/// right survey can come to: first what the server does, then `unknown` where the hellos do not
/// tell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The suite where only a hello was answered.
    pub cipher: Option<String>,
    /// Whether the key exchange of the handshake, or of that suite, is ephemeral.
    pub ephemeral: bool,
    /// accepted, refused, implied_refused, by the names of the columns.
    pub versions: BTreeMap<String, Vec<String>>,
    /// Weak suites: accepted, refused.
    pub weak: Vec<String>,
    /// The one that was accepted.
    pub weak_cipher: Option<String>,
    /// Hybrid post-quantum group.
    pub pq_group: Option<String>,
    /// Size of the prime, where one was shown.
    pub dh_bits: Option<u16>,
    /// Compression; null where no hello before TLS 1.3 was answered that has extensions.
    pub compression: Option<bool>,
    /// Secure renegotiation; null where no hello before TLS 1.3 was answered.
    pub secure_renegotiation: Option<bool>,
    /// Heartbeats; as compression.
    pub heartbeat: Option<bool>,
}

impl Endpoint {
    /// Whether TLS is there: a handshake, or a whole first flight.
    pub fn has_tls(&self) -> bool {
        matches!(self.tls.as_str(), "completed" | "hello_only")
    }
}

/// The MTA-STS policy of a domain with one record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// The domain.
    pub domain: String,
    /// Addresses of the host of the policy.
    pub ips: Vec<String>,
    /// The end of its CNAME chain.
    pub canonical_name: Option<String>,
    /// found, absent, failed, not_attempted.
    pub outcome: String,
    /// Why there is no whole answer.
    pub error: Option<String>,
    /// Status of the answer.
    pub http_status: Option<u16>,
    /// enforce, testing, none.
    pub mode: Option<String>,
    /// `mx`, in their order.
    pub mx: Vec<String>,
    /// `max_age`
    pub max_age: Option<u32>,
    /// Whether it can be used; null without one.
    pub valid: Option<bool>,
    /// What a store with the lab's CA says of the chain; null without one.
    pub pkix: Option<String>,
    /// current, expired.
    pub dates: Option<String>,
    /// san, none.
    pub name_match: Option<String>,
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
    /// Where its mail is taken; null where that is in several countries, or not known.
    pub country: Option<String>,
    /// one, several, not_in_table, addresses_unknown, no_address, no_mail_host.
    pub country_basis: String,
    /// Whether it says that it sends no mail; null where nobody can know.
    pub non_sending: Option<bool>,
    /// For every check the results that a right survey can come to: pass, fail, not_applicable,
    /// unknown.
    pub checks: BTreeMap<String, Vec<String>>,
}

/// What is not as it was in the first survey: of the list, or of a check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The domain.
    pub domain: String,
    /// `new` where it joined the list, `gone` where it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What a right survey could come to before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// What it can come to now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
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
