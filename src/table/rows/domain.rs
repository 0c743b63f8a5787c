//! `domains`: what the DNS says of each domain.

use std::collections::BTreeMap;

use super::Ede;
use crate::table::codes::{Denial, ErrorCode, Existence, MxKind, Outcome, Security};
use crate::table::row::Moment;

crate::row! {
    /// What the DNS says of one domain.
    pub struct DomainRow {
        /// The domain as A-labels in lower case, without the final dot.
        pub domain: String,
        /// The domain as people write it (U-labels).
        pub domain_unicode: String,
        /// The last label.
        pub tld: String,
        /// Public suffix plus one label, by the public suffix list with its private section; null
        /// for a name that is itself a public suffix.
        pub registrable_domain: Option<String>,
        /// Rank by the lists; null where none gives one.
        pub rank: Option<u32>,
        /// Further columns of the lists, by their name in the header; empty cells left out.
        pub tags: BTreeMap<String, String>,
        /// Stratum that the domain was drawn from; null without sampling.
        pub stratum: Option<String>,
        /// How many domains of its stratum the domain stands for; 1 without sampling.
        pub weight: f64,
        /// When the first question was asked.
        pub observed_at: Moment,
        /// From the first question to the last answer, in milliseconds.
        pub elapsed_ms: u32,
        /// DNS queries sent for this row, retries included.
        pub queries: u32,
        /// Whether the domain exists.
        pub existence: Existence,
        /// NS records at the name.
        pub delegation: Delegation,
        /// Key of `zones`: the domain itself, or the enclosing zone where the name is no zone cut;
        /// null when no answer told.
        pub zone: Option<String>,
        /// MX records.
        pub mx: Mx,
        /// Operator of the mail host with the smallest preference, ties by name: by the operator
        /// table of the survey, else the registrable domain of the host. An implicit MX is the
        /// domain itself; null where no host is known.
        pub mail_operator: Option<String> => derived,
        /// TXT at the name, version tag `v=spf1` (RFC 7208).
        pub spf: TxtAnswer,
        /// TXT at `_dmarc`, version tag `v=DMARC1` (RFC 9989).
        pub dmarc: TxtAnswer,
        /// TXT at `_mta-sts`, version tag `v=STSv1` (RFC 8461).
        pub mta_sts: TxtAnswer,
        /// TXT at `_smtp._tls`, version tag `v=TLSRPTv1` (RFC 8460).
        pub tls_rpt: TxtAnswer,
    }
}

crate::row! {
    /// NS records at the name.
    pub struct Delegation {
        /// What became of the question.
        pub outcome: Outcome,
        /// How the DNS said no.
        pub denial: Option<Denial>,
        /// Why there is no usable answer.
        pub error: Option<ErrorCode>,
        /// What the resolver added.
        pub ede: Option<Ede>,
        /// Security status of the answer.
        pub security: Security,
        /// Names of the name servers, sorted.
        pub nameservers: Vec<String>,
    }
}

crate::row! {
    /// MX records and what they make of the domain.
    pub struct Mx {
        /// How the domain takes mail; null when a failed question leaves it open.
        pub kind: Option<MxKind> => derived,
        /// What became of the question.
        pub outcome: Outcome,
        /// How the DNS said no.
        pub denial: Option<Denial>,
        /// Why there is no usable answer.
        pub error: Option<ErrorCode>,
        /// What the resolver added.
        pub ede: Option<Ede>,
        /// Security status of the answer, or of its denial.
        pub security: Security,
        /// Whether more than the ten records kept were there.
        pub truncated: bool,
        /// Whether a wildcard made the records (signed zones only; else null).
        pub synthesised: Option<bool>,
        /// The records by preference, ties by name; at most ten.
        pub records: Vec<MxRecord>,
    }
}

crate::row! {
    /// One MX record.
    pub struct MxRecord {
        /// Preference: the smallest is tried first.
        pub preference: u16,
        /// Exchange: A-labels in lower case without the final dot; `.` for a null MX.
        pub host: String,
    }
}

impl MxRecord {
    /// The records that name a mail host, in their order. Two preferences for one host are still
    /// one host.
    pub fn naming_hosts(records: &[Self]) -> impl Iterator<Item = &Self> {
        let is_first = |at: usize, host: &str| {
            host != "." && records[..at].iter().all(|earlier| earlier.host != host)
        };
        let numbered = records.iter().enumerate();
        numbered.filter_map(move |(at, record)| is_first(at, &record.host).then_some(record))
    }
}

crate::row! {
    /// TXT records at a name that carries a policy.
    pub struct TxtAnswer {
        /// What became of the question: found means a record with the version tag.
        pub outcome: Outcome,
        /// How the DNS said no.
        pub denial: Option<Denial>,
        /// Why there is no usable answer.
        pub error: Option<ErrorCode>,
        /// What the resolver added.
        pub ede: Option<Ede>,
        /// Security status of the answer, or of its denial.
        pub security: Security,
        /// Whether a wildcard made the answer (signed zones only; else null).
        pub synthesised: Option<bool>,
        /// The first record with the version tag, its strings joined; bytes other than printable
        /// ASCII as `\xNN`, the backslash doubled; cut at 8 KiB.
        pub record: Option<String> => personal,
        /// How many records have the version tag.
        pub count: u16,
        /// Every TXT record at the name, escaped like `record`; 64 KiB in all are kept.
        pub texts: Vec<String> => personal,
        /// Whether something of `record` or `texts` was cut off.
        pub truncated: bool,
    }
}
