//! `sts_policies`: policies of MTA-STS, as their hosts serve them (RFC 8461 3.3).

use std::collections::BTreeMap;

use super::endpoint::Tcp;
use super::records::RecordFinding;
use super::tls::Tls;
use crate::table::codes::{Dates, ErrorCode, NameMatch, Outcome, Pkix};
use crate::table::record_codes::{Fault, PolicyMode};
use crate::table::row::Moment;

crate::row! {
    /// What became of the policy of a domain with exactly one MTA-STS record. Where it was asked for
    /// more than once, that is what the attempt saw that got furthest, the first of equals.
    pub struct StsPolicyRow {
        /// The domain.
        pub domain: String,
        /// Host of the policy: `mta-sts.` and the domain. What the DNS says of it is in `hosts`.
        pub host: String,
        /// The address that was asked, in canonical text: the first that took a connection, else
        /// one that says why none did; null where there is none.
        pub ip: Option<String>,
        /// When the connection was opened, or the row made.
        pub observed_at: Moment,
        /// From dialling to the close of the connection, in milliseconds.
        pub elapsed_ms: u32,
        /// Connections opened, also those of other attempts and to other addresses.
        pub connections: u16,
        /// Operator whose budget the connection was charged to; null where nothing was dialled.
        pub operator: Option<String>,
        /// Found: an answer with status 200 came whole. Absent: the host has no address, or the
        /// answer has another status, in `http_status`. Failed: there is no whole answer; `error`
        /// says why.
        pub outcome: Outcome,
        /// Why there is no whole answer, or why nothing was asked.
        pub error: Option<ErrorCode>,
        /// The TCP connection.
        pub tcp: Tcp,
        /// The handshake. It is completed whatever the certificate.
        pub tls: Tls,
        /// Status of the answer (RFC 9110 15). Redirects are not followed (RFC 8461 3.3).
        pub http_status: Option<u16>,
        /// Content-Type of the answer, escaped, cut at 128 bytes; RFC 8461 3.2 wants `text/plain`.
        pub content_type: Option<String>,
        /// Content-Encoding of the answer, escaped, cut at 128 bytes; nothing is ever decoded.
        pub content_encoding: Option<String>,
        /// SHA-256 of the certificates in hex, in the order sent (leaf first); at most ten.
        pub chain: Vec<String>,
        /// Per store: whether the chain leads to one of its roots at some moment of its validity.
        pub pkix: BTreeMap<String, Pkix> => derived,
        /// Whether `observed_at` lies within the validity of the chain; null without one.
        pub dates: Option<Dates> => derived,
        /// How the leaf names the host of the policy; null without a chain.
        pub name_match: Option<NameMatch> => derived,
        /// `version` of the policy, escaped, cut at 16 bytes.
        pub version: Option<String>,
        /// `mode` of the policy; null where it has none that is known.
        pub mode: Option<PolicyMode>,
        /// `mx` patterns of the policy, in lower case, in their order.
        pub mx: Vec<String>,
        /// `max_age` of the policy, in seconds.
        pub max_age: Option<u32>,
        /// Whether the policy can be used as RFC 8461 3.2 says; null without one.
        pub valid: Option<bool> => derived,
        /// Why it cannot; null where it can.
        pub fault: Option<Fault> => derived,
        /// Everything wrong with the policy or odd about it, in the order of its bytes; at most 16.
        pub findings: Vec<RecordFinding> => derived,
        /// The policy: bytes other than printable ASCII as `\xNN`, the backslash doubled; cut at
        /// 8 KiB.
        pub raw: Option<String> => personal,
        /// Size of the policy in bytes.
        pub body_bytes: Option<u32>,
        /// Whether something of `raw` was cut off.
        pub truncated: bool,
        /// Every attempt in its order where a negative was asked once more; empty when one was
        /// enough.
        pub attempts: Vec<PolicyAttempt>,
    }
}

crate::row! {
    /// One of several attempts to get a policy.
    pub struct PolicyAttempt {
        /// When its connection was opened, or given up.
        pub observed_at: Moment,
        /// As in the row.
        pub outcome: Outcome,
        /// Why there is no whole answer.
        pub error: Option<ErrorCode>,
        /// Status of the answer.
        pub http_status: Option<u16>,
    }
}

impl PolicyAttempt {
    /// What it says of the policy: it is there, it is not, or nothing. What ran out of time, or was
    /// not asked, or is our own fault says nothing.
    pub fn answer(&self) -> Option<bool> {
        use ErrorCode::{
            Closed, ProtocolError, Refused, Reset, SpecialPurpose, TlsAlert, TooLarge,
        };
        match (self.outcome, self.error) {
            (Outcome::Found, _) => Some(true),
            (Outcome::Absent, _) => Some(false),
            (
                _,
                Some(
                    Closed | ProtocolError | Refused | Reset | SpecialPurpose | TlsAlert | TooLarge,
                ),
            ) => Some(false),
            _ => None,
        }
    }
}

impl StsPolicyRow {
    /// The attempt that is shown.
    pub fn shown(&self) -> PolicyAttempt {
        PolicyAttempt {
            observed_at: self.observed_at,
            outcome: self.outcome,
            error: self.error,
            http_status: self.http_status,
        }
    }
}
