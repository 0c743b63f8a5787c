//! What the records of a domain say of mail that is sent in its name.

use serde::Deserialize;

use crate::table::codes::{ErrorCode, Outcome};
use crate::table::record_codes::{
    Alignment, DkimExistence, DmarcPolicy, Fault, Inherited, ReportScheme, SpfAll,
};

/// SPF, with what it comes to over its includes and redirects.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Spf {
    /// What became of the question.
    pub outcome: Outcome,
    /// Why there is no usable answer.
    pub error: Option<ErrorCode>,
    /// How many records have the version tag.
    pub count: u16,
    /// The first of them.
    pub record: Option<String>,
    /// Whether there is one, and it can be used.
    pub valid: Option<bool>,
    /// Why it cannot.
    pub fault: Option<Fault>,
    /// The `all` that decides.
    pub effective_all: Option<SpfAll>,
    /// Terms that ask the DNS.
    pub lookups: Option<u16>,
    /// Names asked for that have nothing.
    pub void_lookups: Option<u16>,
    /// Most names behind one `mx`.
    pub mx_names: Option<u16>,
    /// Whether a term depends on the sender, so that it is not followed.
    pub depends_on_sender: Option<bool>,
    /// Addresses of IPv4 that may send.
    pub ipv4_addresses: Option<u64>,
    /// Addresses of IPv6 that may send.
    pub ipv6_addresses: Option<f64>,
    /// Whether an included record lets everybody send.
    pub includes_all: Option<bool>,
    /// Why a part of it has no answer; what is counted is then a lower bound.
    pub graph_error: Option<ErrorCode>,
    /// What is wrong with a record that is included or redirected to.
    pub graph_fault: Option<Fault>,
}

/// DMARC by the tree walk of RFC 9989, and by RFC 7489 in the fields with `_7489`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Dmarc {
    /// What became of the walk.
    pub outcome: Outcome,
    /// Why that is not known.
    pub error: Option<ErrorCode>,
    /// How many records stand there.
    pub count: u16,
    /// Whether the record that applies can be used.
    pub valid: Option<bool>,
    /// Why it cannot, or why none applies.
    pub fault: Option<Fault>,
    /// Whose record it is.
    pub inherited: Option<Inherited>,
    /// Policy.
    pub p: Option<DmarcPolicy>,
    /// Policy for subdomains.
    pub sp: Option<DmarcPolicy>,
    /// Policy for names that do not exist.
    pub np: Option<DmarcPolicy>,
    /// Whether the policy is only tried.
    pub t: Option<bool>,
    /// Alignment of DKIM.
    pub adkim: Option<Alignment>,
    /// Alignment of SPF.
    pub aspf: Option<Alignment>,
    /// Where reports go.
    pub rua_targets: Vec<ReportTarget>,
    /// Policy for this very name.
    pub effective_policy: Option<DmarcPolicy>,
    /// What became of the questions.
    pub outcome_7489: Outcome,
    /// Why that is not known.
    pub error_7489: Option<ErrorCode>,
    /// How many records stand there.
    pub count_7489: u16,
    /// The name that has the record.
    pub found_at_7489: Option<String>,
    /// Whether it can be used.
    pub valid_7489: Option<bool>,
    /// Why it cannot.
    pub fault_7489: Option<Fault>,
    /// Policy.
    pub p_7489: Option<DmarcPolicy>,
    /// Policy for subdomains.
    pub sp_7489: Option<DmarcPolicy>,
    /// Share of mail the policy is for, in per cent.
    pub pct_7489: Option<u8>,
    /// Where reports go.
    pub rua_targets_7489: Vec<ReportTarget>,
    /// Policy for this very name.
    pub effective_policy_7489: Option<DmarcPolicy>,
}

/// Where reports are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct ReportTarget {
    /// Scheme of the URI.
    pub scheme: ReportScheme,
    /// Whether that lies outside the organisational domain.
    pub external: bool,
    /// Whether it authorises the reports.
    pub authorised: Outcome,
    /// Why that is not known.
    pub error: Option<ErrorCode>,
}

/// DKIM, as far as it can be seen without a message.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Dkim {
    /// What was seen comes to.
    pub existence: DkimExistence,
    /// Why it is not known.
    pub error: Option<ErrorCode>,
    /// What is at a selector that nobody has.
    pub wildcard_value: Option<String>,
    /// The keys found.
    pub keys: Vec<DkimKey>,
}

/// A key at a selector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct DkimKey {
    /// `rsa` or `ed25519`, or what the record says.
    pub key_type: Option<String>,
    /// Size of the key, in bits.
    pub bits: Option<u16>,
    /// Whether it was taken back.
    pub revoked: bool,
    /// Whether the domain only tests DKIM.
    pub testing: bool,
    /// Why the record cannot be used.
    pub fault: Option<Fault>,
}

impl DkimKey {
    /// Whether a signature can be verified by it.
    pub fn is_live(&self) -> bool {
        !self.revoked && self.fault.is_none()
    }
}
