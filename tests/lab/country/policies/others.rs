//! TLS-RPT (RFC 8460), BIMI and CAA (RFC 8659).

use super::super::record::{CAA, Record};
use super::txt::Txt;

/// What stands at `_smtp._tls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsRpt {
    /// A mailbox.
    Mail,
    /// A mailbox and a web server.
    MailAndWeb,
    /// Without `rua`.
    NoRua,
    /// A scheme that is of no use.
    BadUri,
    /// No URI.
    NoUri,
    /// An extension that nobody knows.
    Extended,
}

impl TlsRpt {
    /// The record.
    pub fn txt(self, name: &str) -> Txt {
        let uris = self.uris(name).join(",");
        Txt::policy(match self {
            Self::NoRua => "v=TLSRPTv1;".to_owned(),
            Self::NoUri => "v=TLSRPTv1; rua=".to_owned(),
            Self::Extended => format!("v=TLSRPTv1; rua={uris}; note=more;"),
            _ => format!("v=TLSRPTv1; rua={uris}"),
        })
    }

    /// Its URIs.
    pub fn uris(self, name: &str) -> Vec<String> {
        let mail = format!("mailto:tls@{name}");
        match self {
            Self::Mail | Self::Extended => vec![mail],
            Self::MailAndWeb => vec![mail, format!("https://{name}/tls-rpt")],
            Self::BadUri => vec![format!("ftp://{name}/tls")],
            Self::NoRua | Self::NoUri => Vec::new(),
        }
    }

    /// Words for why nobody can use it.
    pub fn fault(self) -> &'static [&'static str] {
        match self {
            Self::Mail | Self::MailAndWeb | Self::Extended => &[],
            Self::NoRua => &["missing"],
            Self::BadUri => &["bad_uri"],
            Self::NoUri => &["bad_uri", "missing", "syntax", "bad_value"],
        }
    }
}

/// What stands at `default._bimi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bimi {
    Nothing,
    Logo,
    /// With evidence.
    Evidence,
    /// It wants no logo.
    Declines,
}

impl Bimi {
    /// The record.
    pub fn txt(self, name: &str) -> Option<Txt> {
        let (location, authority) = (self.location(name)?, self.authority(name));
        let mut text = format!("v=BIMI1; l={location};");
        if let Some(authority) = authority {
            text.push_str(&format!(" a={authority}"));
        }
        Some(Txt::policy(text))
    }

    /// `l=`
    pub fn location(self, name: &str) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Declines => Some(String::new()),
            Self::Logo | Self::Evidence => Some(format!("https://{name}/logo.svg")),
        }
    }

    /// `a=`
    pub fn authority(self, name: &str) -> Option<String> {
        match self {
            Self::Evidence => Some(format!("https://{name}/vmc.pem")),
            Self::Declines => Some(String::new()),
            Self::Nothing | Self::Logo => None,
        }
    }
}

/// CAA records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caa {
    Nothing,
    /// Two CAs, one of them with parameters, and no wildcards.
    Two,
    /// Nobody may issue.
    Nobody,
    /// For mail certificates (RFC 9495).
    Mail,
}

impl Caa {
    /// Tags and values.
    pub fn values(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Nothing => &[],
            Self::Two => &[
                ("issue", "ca.example.net; account=230123"),
                ("issue", "ca.example.org"),
                ("issuewild", ";"),
                ("iodef", "mailto:security@example.cz"),
            ],
            Self::Nobody => &[("issue", ";")],
            Self::Mail => &[
                ("issue", "ca.example.org"),
                ("issuemail", "mail.example.net"),
            ],
        }
    }

    /// The records at a name (RFC 8659 4.1).
    pub fn records(self, name: &str) -> Vec<Record> {
        let records = self.values().iter().map(|(tag, value)| {
            let mut rdata = vec![0, tag.len() as u8];
            rdata.extend_from_slice(tag.as_bytes());
            rdata.extend_from_slice(value.as_bytes());
            Record::new(name, CAA, rdata)
        });
        records.collect()
    }
}
