//! `domains`: what the DNS says of each domain.

use std::collections::BTreeMap;

use super::Ede;
use super::clients::{ClientHost, ClientSearch};
use super::records::{Bimi, Caa, Dkim, Dmarc, MtaSts, Spf, TlsRpt, TxtColumns};
use super::webmail::Web;
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
        /// DNS queries sent for this row, retries included. What many domains need takes queries of
        /// the one that asked first.
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
        /// SPF.
        pub spf: Spf,
        /// DMARC.
        pub dmarc: Dmarc,
        /// DKIM, as far as it can be seen without a message.
        pub dkim: Dkim,
        /// MTA-STS.
        pub mta_sts: MtaSts,
        /// TLS-RPT.
        pub tls_rpt: TlsRpt,
        /// BIMI.
        pub bimi: Bimi,
        /// CAA.
        pub caa: Caa,
        /// Hosts that mail clients may use, as far as the survey was to look for them; at most four of
        /// each service, in the order in which clients would try them.
        pub clients: Vec<ClientHost>,
        /// What became of the search for them.
        pub client_search: ClientSearch,
        /// How its webmail is served; filled by the stage `probe`.
        pub web: Web,
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

    /// The mail hosts of a domain, by preference: itself where it takes mail without a record
    /// (RFC 5321 5.1).
    pub fn hosts<'a>(
        kind: Option<MxKind>,
        domain: &'a str,
        records: &'a [Self],
    ) -> impl Iterator<Item = &'a str> {
        let implicit = (kind == Some(MxKind::Implicit)).then_some(domain);
        let records = match kind {
            Some(MxKind::Explicit) => records,
            _ => &[],
        };
        let named = Self::naming_hosts(records).map(|record| record.host.as_str());
        implicit.into_iter().chain(named)
    }
}

impl DomainRow {
    /// What became of the questions for records that carry policies, and why.
    pub fn policies(&self) -> [(Outcome, Option<ErrorCode>); 4] {
        [
            self.spf.asked(),
            self.dmarc.asked(),
            self.mta_sts.asked(),
            self.tls_rpt.asked(),
        ]
    }
}
