//! The facts that the checks look at: domains as they stream by, servers and zones as they are kept
//! in memory. Small and without strings, since there are millions of them.

mod clients;
mod policies;
mod tls;

pub use crate::tls_names::{Version, Weakness};
pub use clients::{Behind, ClientPort, Reach};
pub use policies::{Dkim, DkimKey, Dmarc, ReportTarget, Spf};
pub use tls::{Gap, NameSet, Seen, Tls, Weak};

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::table::codes::{
    ChainSource, Dates, ErrorCode, Existence, MxKind, NameMatch, Outcome, Pkix, Rpki, Security,
};
use crate::table::country::Country;
use crate::table::record_codes::Fault;
use crate::table::rows::{ClientHost, ClientSearch, MxRecord};

/// Columns of `domains` that are read.
pub const DOMAIN_COLUMNS: &[&str] = &[
    "domain",
    "tld",
    "registrable_domain",
    "tags",
    "observed_at",
    "weight",
    "existence",
    "zone",
    "mail_operator",
    "mx.kind",
    "mx.outcome",
    "mx.error",
    "mx.security",
    "mx.truncated",
    "mx.records",
    "spf.outcome",
    "spf.error",
    "spf.count",
    "spf.record",
    "spf.valid",
    "spf.fault",
    "spf.effective_all",
    "spf.lookups",
    "spf.void_lookups",
    "spf.mx_names",
    "spf.depends_on_sender",
    "spf.ipv4_addresses",
    "spf.ipv6_addresses",
    "spf.includes_all",
    "spf.graph_error",
    "spf.graph_fault",
    "dmarc.outcome",
    "dmarc.error",
    "dmarc.count",
    "dmarc.valid",
    "dmarc.fault",
    "dmarc.inherited",
    "dmarc.p",
    "dmarc.sp",
    "dmarc.np",
    "dmarc.t",
    "dmarc.adkim",
    "dmarc.aspf",
    "dmarc.rua_targets",
    "dmarc.effective_policy",
    "dmarc.outcome_7489",
    "dmarc.error_7489",
    "dmarc.count_7489",
    "dmarc.found_at_7489",
    "dmarc.valid_7489",
    "dmarc.fault_7489",
    "dmarc.p_7489",
    "dmarc.sp_7489",
    "dmarc.pct_7489",
    "dmarc.rua_targets_7489",
    "dmarc.effective_policy_7489",
    "dkim.existence",
    "dkim.error",
    "dkim.wildcard_value",
    "dkim.keys",
    "mta_sts.outcome",
    "mta_sts.error",
    "mta_sts.count",
    "mta_sts.valid",
    "mta_sts.fault",
    "tls_rpt.outcome",
    "tls_rpt.error",
    "tls_rpt.count",
    "tls_rpt.valid",
    "tls_rpt.fault",
    "clients",
    "client_search",
];

/// A domain.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Domain {
    /// The domain.
    pub domain: String,
    /// The last label.
    pub tld: String,
    /// Public suffix plus one label.
    pub registrable_domain: Option<String>,
    /// Further columns of the lists.
    pub tags: BTreeMap<String, String>,
    /// When the first question was asked, in microseconds since 1970.
    pub observed_at: i64,
    /// How many domains it stands for.
    pub weight: f64,
    /// Whether it exists.
    pub existence: Existence,
    /// The zone that holds it.
    pub zone: Option<String>,
    /// Who runs its mail.
    pub mail_operator: Option<String>,
    /// Its MX records.
    pub mx: Mx,
    /// SPF.
    pub spf: Spf,
    /// DMARC.
    pub dmarc: Dmarc,
    /// DKIM.
    pub dkim: Dkim,
    /// MTA-STS.
    pub mta_sts: Text,
    /// TLS-RPT.
    pub tls_rpt: Text,
    /// Hosts that its mail clients use.
    #[serde(default)]
    pub clients: Vec<ClientHost>,
    /// What became of the search for them.
    #[serde(default)]
    pub client_search: ClientSearch,
}

impl Domain {
    /// Takes answers for none that do not validate: no validating client sees a record of those, and
    /// their denials say nothing (RFC 4035 5.5). MX records are used all the same, since most senders do
    /// not validate.
    pub fn disbelieve(&mut self) {
        let (spf, dmarc) = (&mut self.spf, &mut self.dmarc);
        let (mta_sts, tls_rpt) = (&mut self.mta_sts, &mut self.tls_rpt);
        for (outcome, error) in [
            (&mut spf.outcome, spf.error),
            (&mut dmarc.outcome, dmarc.error),
            (&mut dmarc.outcome_7489, dmarc.error_7489),
            (&mut mta_sts.outcome, mta_sts.error),
            (&mut tls_rpt.outcome, tls_rpt.error),
        ] {
            if error == Some(ErrorCode::Bogus) {
                *outcome = Outcome::Failed;
            }
        }
    }
}

/// MX records.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Mx {
    /// How the domain takes mail.
    pub kind: Option<MxKind>,
    /// What became of the question.
    pub outcome: Outcome,
    /// Why there is no usable answer.
    pub error: Option<ErrorCode>,
    /// Security of the answer.
    pub security: Security,
    /// Whether there were more records than are kept.
    pub truncated: bool,
    /// The records by preference.
    pub records: Vec<MxRecord>,
}

/// TXT records with a version tag, of which there has to be exactly one.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Text {
    /// What became of the question.
    pub outcome: Outcome,
    /// Why there is no usable answer.
    pub error: Option<ErrorCode>,
    /// How many records have the version tag.
    pub count: u16,
    /// Whether there is one, and it can be used.
    pub valid: Option<bool>,
    /// Why it cannot.
    pub fault: Option<Fault>,
}

/// A mail host.
#[derive(Debug, Clone, Copy, Default)]
pub struct Host {
    /// What became of the address questions.
    pub addresses: Outcome,
    /// Whether one of the two has no answer, so that there may be more addresses.
    pub is_half: bool,
    /// Whether there were more addresses than are kept.
    pub truncated: bool,
    /// Security of the addresses.
    pub security: Security,
    /// What became of AAAA.
    pub aaaa: Outcome,
    /// Whether the host is a CNAME.
    pub is_alias: bool,
    /// What became of the TLSA question.
    pub tlsa: Outcome,
    /// Security of the TLSA records.
    pub tlsa_security: Security,
    /// TLSA records that can be used, by position; see [`place`].
    pub usable: u64,
    /// Those of them that senders go by.
    pub counting: u64,
    /// Those of them with usage DANE-TA.
    pub anchors: u64,
    /// The zone that holds the name.
    pub zone: Option<u32>,
}

/// A mail server: what one address did, whoever it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    /// Whether its address is IPv6.
    pub ipv6: bool,
    /// Whether it greeted.
    pub reached: bool,
    /// Whether it answered a connection with RST.
    pub refused: bool,
    /// Whether the address may not be dialled by anybody.
    pub special: bool,
    /// The country that its address is registered in.
    pub country: Option<Country>,
    /// What the RPKI says of the route to it.
    pub rpki: Option<Rpki>,
    /// What it said to STARTTLS.
    pub starttls: Answered,
    /// What is behind STARTTLS.
    pub tls: Tls,
}

/// The outcome of STARTTLS and the handshake behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// A handshake completed, or the server's whole first flight was seen.
    Works,
    /// STARTTLS is not offered.
    NotOffered,
    /// The offer was overwritten, and not on our side of the path.
    Stripped,
    /// STARTTLS is refused for good.
    Refused,
    /// What was seen, or that nothing was, may well be the doing of this vantage and its network.
    Vantage,
    /// The handshake broke, and did so again without what old servers stumble over.
    Broken,
    /// One attempt said no, another one said yes.
    Inconsistent,
    /// It said no once, and could not be asked again.
    Unconfirmed,
    /// It could not be measured.
    Unknown(ErrorCode),
}

impl Answered {
    /// The word for it in a reason.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Works => "starttls",
            Self::NotOffered => "not_offered",
            Self::Stripped => "stripped",
            Self::Refused => "refused",
            Self::Vantage => "vantage",
            Self::Broken => "handshake",
            Self::Inconsistent => "inconsistent",
            Self::Unconfirmed => "unconfirmed",
            Self::Unknown(error) => error.as_str(),
        }
    }

    /// Whether it is certain that there is no STARTTLS.
    pub fn is_none(self) -> bool {
        matches!(self, Self::NotOffered | Self::Stripped | Self::Refused)
    }
}

/// A chain of certificates, as far as one host name is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// Whether the handshake was for this name.
    pub source: ChainSource,
    /// Whether it was within its validity.
    pub dates: Dates,
    /// How the leaf names the host; none where a shared chain does not.
    pub name_match: Option<NameMatch>,
    /// TLSA records that it matches, by position; see [`place`].
    pub matches: u64,
    /// Whether it matches one of those that were asked for again.
    pub matches_again: bool,
    /// How often this name was shown it.
    pub seen: u8,
    /// Whether its leaf has an RSA key.
    pub is_rsa: bool,
    /// What the stores say of it: a place in [`Lists::trust`].
    pub trust: u32,
    /// Keys and signatures in it: a place in [`Lists::keys`].
    pub keys: u32,
}

impl Chain {
    /// Whether it is what this very name gets.
    pub fn is_own(&self) -> bool {
        self.source == ChainSource::Observed
    }

    /// Whether the leaf names the host.
    pub fn is_named(&self) -> bool {
        matches!(
            self.name_match,
            Some(NameMatch::San | NameMatch::SanWildcard)
        )
    }
}

/// What was done at an address for the sake of one host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Named {
    /// Why the name was not shown a chain of its own, where that was wanted.
    pub unseen: Option<ErrorCode>,
    /// What became of its TLSA records when they were asked for again.
    pub again: Again,
    /// Whether it is known if there is a certificate with another kind of key.
    pub knows_other_key: bool,
}

/// TLSA records that were asked for again, right after a second handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Again {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// There was no answer that can be relied on.
    Failed,
    /// None is left that can be used.
    Gone,
    /// They are there.
    Found,
}

/// Key and signature of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Key {
    /// `rsa`, `ecdsa`, `ed25519`, `ed448`, `other`; none where the certificate could not be parsed.
    pub kind: Option<String>,
    /// Size of an RSA modulus.
    pub bits: Option<u32>,
    /// Curve of an ECDSA key.
    pub curve: Option<String>,
    /// Hash of the signature; none where its algorithm has none of its own.
    pub hash: Option<String>,
    /// Name of the signature algorithm.
    pub signature: Option<String>,
    /// Whether it signed itself, so that its signature proves nothing.
    pub is_self_signed: bool,
}

/// DS and keys of a zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ZoneKeys {
    /// Algorithm and digest type of each DS.
    pub ds: Vec<(u8, u8)>,
    /// Algorithm, size and SEP flag of each DNSKEY.
    pub keys: Vec<(u8, Option<u16>, bool)>,
}

/// A zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Zone {
    /// Whether both questions about it were answered.
    pub is_known: bool,
    /// Its parent; none for the root.
    pub parent: Option<u32>,
    /// A place in [`Lists::zone_keys`].
    pub keys: u32,
}

/// The bit of a TLSA record at a position. The last bit stands for all that come later: a chain
/// matches usable records only, so that a match there is one whichever of them it is.
pub fn place(position: usize) -> u64 {
    1 << position.min(63)
}

/// What each store says of a chain, by its name.
pub type Trust = Vec<(String, Pkix)>;

/// What many rows share, by number.
#[derive(Debug, Default)]
pub struct Lists {
    /// What the stores say of a chain.
    pub trust: Vec<Trust>,
    /// Keys and signatures of a chain.
    pub keys: Vec<Vec<Key>>,
    /// Zones.
    pub zones: Vec<Zone>,
    /// DS and keys of zones.
    pub zone_keys: Vec<ZoneKeys>,
    /// Suites and groups of servers.
    pub names: Vec<NameSet>,
    /// Whether the survey had a table of countries.
    pub has_countries: bool,
    /// Whether it had a table of who may announce which prefix.
    pub has_rpki: bool,
}
