//! `hosts`: hosts that are dialled, their addresses and TLSA records.

use super::{Asked, Ede};
use crate::table::codes::{Denial, ErrorCode, Outcome, Role, Security};
use crate::table::row::Moment;

crate::row! {
    /// What the DNS says of one host that is dialled.
    pub struct HostRow {
        /// Host name: A-labels in lower case without the final dot.
        pub host: String,
        /// Why the host is here.
        pub roles: Vec<Role>,
        /// The zone that holds the name; null when no answer told.
        pub zone: Option<String>,
        /// When the first question was asked.
        pub observed_at: Moment,
        /// DNS queries sent for this row, retries included.
        pub queries: u32,
        /// How many domains of the list lead to this host, each once for every role.
        pub domains: u64,
        /// Addresses of both families together.
        pub addresses: Addresses,
        /// The A question alone.
        pub a: Asked,
        /// The AAAA question alone.
        pub aaaa: Asked,
        /// TLSA at `_25._tcp` (RFC 7672), of mail hosts.
        pub tlsa: Tlsa,
    }
}

crate::row! {
    /// Addresses of both families together.
    pub struct Addresses {
        /// Found if one family is; failed if none is found and one failed; else absent.
        pub outcome: Outcome,
        /// How the DNS said no.
        pub denial: Option<Denial>,
        /// Why there is no usable answer; also set when one family failed beside a found one.
        pub error: Option<ErrorCode>,
        /// The weaker of the two answers.
        pub security: Security,
        /// The addresses in canonical text, IPv4 first; at most eight.
        pub ips: Vec<String>,
        /// Whether more than the eight addresses kept were there.
        pub truncated: bool,
        /// The name at the end of the CNAME chain; null without one.
        pub canonical_name: Option<String>,
    }
}

crate::row! {
    /// TLSA records for port 25 (RFC 6698, RFC 7672 2.2).
    pub struct Tlsa {
        /// What became of the question at `base`.
        pub outcome: Outcome,
        /// How the DNS said no.
        pub denial: Option<Denial>,
        /// Why there is no usable answer.
        pub error: Option<ErrorCode>,
        /// What the resolver added.
        pub ede: Option<Ede>,
        /// Security status of the answer.
        pub security: Security,
        /// TLSA base domain: the end of a secure CNAME chain where records are there, else the host
        /// (RFC 7672 2.2.2).
        pub base: Option<String>,
        /// Whether a wildcard made the records (signed zones only; else null).
        pub synthesised: Option<bool>,
        /// The records as answered.
        pub records: Vec<TlsaRecord>,
    }
}

crate::row! {
    /// One TLSA record (RFC 6698 2.1).
    pub struct TlsaRecord {
        /// Certificate usage: 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE.
        pub usage: u8,
        /// Selector: 0 the certificate, 1 its public key.
        pub selector: u8,
        /// Matching type: 0 the bytes themselves, 1 SHA-256, 2 SHA-512.
        pub matching_type: u8,
        /// Certificate association data in lower-case hex; cut at 4 KiB of hex.
        pub data: String,
        /// Whether an SMTP client can use it: usage 2 or 3, known selector and matching type, data
        /// of the right length (RFC 7672 3.1).
        pub usable: bool => derived,
    }
}

/// Matching types that are digests (RFC 6698 2.1.3): the weaker one, and the stronger one.
const DIGESTS: [u8; 2] = [1, 2];

impl TlsaRecord {
    /// Whether clients do not look at it, since a usable record of the same usage and selector has a
    /// stronger digest: SHA-512 before SHA-256 (RFC 7671 9, for SMTP RFC 7672 5). So do OpenSSL, and
    /// with it Postfix and Exim. A record that has the whole certificate or key is never outweighed.
    pub fn is_outweighed(&self, records: &[Self]) -> bool {
        let [weaker, stronger] = DIGESTS;
        let outweighs = |other: &Self| {
            let alike = (other.usage, other.selector) == (self.usage, self.selector);
            alike && other.usable && other.matching_type == stronger
        };
        self.matching_type == weaker && records.iter().any(outweighs)
    }

    /// Whether clients go by it.
    pub fn counts(&self, records: &[Self]) -> bool {
        self.usable && !self.is_outweighed(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(usage: u8, selector: u8, matching_type: u8) -> TlsaRecord {
        TlsaRecord {
            usage,
            selector,
            matching_type,
            data: String::new(),
            usable: true,
        }
    }

    #[test]
    fn the_strongest_digest_of_a_usage_and_selector_counts_alone() {
        let counts = |beside: TlsaRecord| {
            let records = [record(3, 1, 1), beside];
            [0, 1].map(|at| records[at].counts(&records))
        };
        assert_eq!(counts(record(3, 1, 2)), [false, true]);
        // Whole keys, other selectors and usages, and what cannot be used weigh nothing.
        assert_eq!(counts(record(3, 1, 1)), [true, true]);
        assert_eq!(counts(record(3, 1, 0)), [true, true]);
        assert_eq!(counts(record(3, 0, 2)), [true, true]);
        assert_eq!(counts(record(2, 1, 2)), [true, true]);
        let unusable = TlsaRecord {
            usable: false,
            ..record(3, 1, 2)
        };
        assert_eq!(counts(unusable), [true, false]);
        let records = [record(3, 1, 0), record(3, 1, 2)];
        assert!(records.iter().all(|one| one.counts(&records)));
    }
}
