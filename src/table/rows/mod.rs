//! The rows of every table, in the order of a domain's road.

mod certificate;
mod clients;
mod compliance;
mod domain;
mod endpoint;
mod hello;
mod host;
mod records;
mod sts_policies;
mod tls;
mod verdict;
mod webmail;
mod zone;

pub use certificate::CertificateRow;
pub use clients::{ClientHost, ClientSearch, Searched};
pub use compliance::{ComplianceRow, PointCheck};
pub use domain::{Delegation, DomainRow, Mx, MxRecord};
pub use endpoint::{Attempt, CERTIFICATES, Chain, Ehlo, EndpointRow, Starttls, Tcp, TlsaAgain};
pub use hello::HelloRow;
pub use host::{Addresses, HostRow, Tlsa, TlsaRecord};
pub use records::{
    Bimi, Caa, Dkim, DkimKey, Dmarc, IPV6_NETWORK, MtaSts, RecordFinding, ReportTarget, Spf,
    TlsRpt, TxtAnswer, TxtColumns, TxtRead,
};
pub use sts_policies::{PolicyAttempt, StsPolicyRow};
pub use tls::{Hello, Offer, Tls, VersionFact, Versions};
pub use verdict::{CheckId, Finding, VerdictRow, is_unmeasured};
pub use webmail::{Web, WebAttempt, WebPort, WebmailRow};
pub use zone::{DnsKey, Ds, ZoneRow};

use super::codes::{Denial, ErrorCode, Outcome, Security};
use super::row::{Cell, Column, Columns};

crate::row! {
    /// Extended DNS error (RFC 8914).
    pub struct Ede {
        /// INFO-CODE.
        pub code: u16,
        /// EXTRA-TEXT, escaped and capped.
        pub text: Option<String> => personal,
    }
}

crate::row! {
    /// What became of one question.
    pub struct Asked {
        /// Found, absent or failed.
        pub outcome: Outcome,
        /// How the DNS said no.
        pub denial: Option<Denial>,
        /// Why there is no usable answer.
        pub error: Option<ErrorCode>,
        /// What the resolver added.
        pub ede: Option<Ede>,
        /// Security status of the answer, or of its denial.
        pub security: Security,
    }
}

/// A table: its name, its key and its columns.
pub trait Table: Columns + Cell + serde::Serialize + serde::de::DeserializeOwned + Send {
    /// Name of the table and of its folder.
    const NAME: TableName;
}

/// The tables of a survey.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum TableName {
    /// What the DNS says of each domain.
    Domains,
    /// Zone cuts and their keys.
    Zones,
    /// Hosts that are dialled: addresses, and TLSA of mail hosts.
    Hosts,
    /// What each address of each mail host did.
    Endpoints,
    /// Bare hellos of deep surveys.
    Hellos,
    /// Certificates, each once.
    Certificates,
    /// Policies of MTA-STS.
    StsPolicies,
    /// How webmail is served.
    Webmail,
    /// What the checks make of each domain.
    Verdicts,
    /// What a profile makes of each domain; one folder per profile.
    Compliance,
}

impl TableName {
    /// Every table, in the order of the road.
    pub const ALL: [Self; 10] = [
        Self::Domains,
        Self::Zones,
        Self::Hosts,
        Self::Endpoints,
        Self::Hellos,
        Self::Certificates,
        Self::StsPolicies,
        Self::Webmail,
        Self::Verdicts,
        Self::Compliance,
    ];

    /// Name of the folder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Domains => "domains",
            Self::Zones => "zones",
            Self::Hosts => "hosts",
            Self::Endpoints => "endpoints",
            Self::Hellos => "hellos",
            Self::Certificates => "certificates",
            Self::StsPolicies => "sts_policies",
            Self::Webmail => "webmail",
            Self::Verdicts => "verdicts",
            Self::Compliance => "compliance",
        }
    }

    /// One sentence for the dictionary.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Domains => "What the DNS says of each domain of the list; one row per domain.",
            Self::Zones => "Zone cuts, their DS and their keys; one row per zone.",
            Self::Hosts => {
                "Hosts that are dialled: mail hosts with their addresses and TLSA records, hosts of \
                 mail clients and of MTA-STS policies with their addresses; one row per host name."
            }
            Self::Endpoints => {
                "What the mail servers do; one row per host name, address and port. Each address \
                 is asked once: rows with `connections` 0 lean on the row that opened it."
            }
            Self::Hellos => {
                "Bare hellos of deep surveys (`--depth deep`), each with its answer; one row per hello. \
                 What they add up to is in `endpoints`."
            }
            Self::Certificates => "Every certificate seen, once, with its DER.",
            Self::StsPolicies => {
                "Policies of MTA-STS (RFC 8461); one row per domain with exactly one MTA-STS record."
            }
            Self::Webmail => {
                "How webmail is served, by HTTPS and in the clear; one row per domain with a webmail \
                 host, where the survey was to look for it (--clients)."
            }
            Self::Verdicts => "What the checks make of the facts; one row per domain.",
            Self::Compliance => {
                "What the points of a profile make of the verdicts; one row per domain and point. \
                 Each profile has a folder of its own: `compliance/<profile>`."
            }
        }
    }

    /// Columns that identify a row; files are sorted by them.
    pub fn key(self) -> &'static [&'static str] {
        match self {
            Self::Domains | Self::StsPolicies | Self::Webmail | Self::Verdicts => &["domain"],
            Self::Zones => &["zone"],
            Self::Hosts => &["host"],
            Self::Endpoints => &["host", "ip", "port"],
            Self::Hellos => &["ip", "port", "number"],
            Self::Certificates => &["sha256"],
            Self::Compliance => &["domain", "point"],
        }
    }

    /// The columns.
    pub fn columns(self) -> Vec<Column> {
        match self {
            Self::Domains => DomainRow::columns(),
            Self::Zones => ZoneRow::columns(),
            Self::Hosts => HostRow::columns(),
            Self::Endpoints => EndpointRow::columns(),
            Self::Hellos => HelloRow::columns(),
            Self::Certificates => CertificateRow::columns(),
            Self::StsPolicies => StsPolicyRow::columns(),
            Self::Webmail => WebmailRow::columns(),
            Self::Verdicts => VerdictRow::columns(),
            Self::Compliance => ComplianceRow::columns(),
        }
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

macro_rules! tables {
    ($($row:ty => $name:ident),* $(,)?) => {
        $(impl Table for $row {
            const NAME: TableName = TableName::$name;
        })*
    };
}

tables! {
    DomainRow => Domains,
    ZoneRow => Zones,
    HostRow => Hosts,
    EndpointRow => Endpoints,
    HelloRow => Hellos,
    CertificateRow => Certificates,
    StsPolicyRow => StsPolicies,
    WebmailRow => Webmail,
    VerdictRow => Verdicts,
    ComplianceRow => Compliance,
}
