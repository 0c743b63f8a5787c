//! MTA-STS (RFC 8461): the record, and the server of the policy.

use super::txt::Txt;

/// What stands at `_mta-sts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// As it should be.
    Good,
    /// Without the last semicolon, with an extension that nobody knows.
    Extended,
    /// Without `id`.
    NoId,
    /// An `id` with other characters than letters and digits.
    BadId,
    /// An `id` that is too long by one.
    LongId,
}

/// What the server of the policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// A policy.
    Policy(Policy),
    /// Another status than 200.
    Status(u16),
    /// The policy stands elsewhere.
    Moved,
    /// A certificate for another name.
    WrongName,
    /// A certificate that has expired.
    Expired,
    /// A certificate signed by itself.
    SelfSigned,
    /// Nobody listens.
    Refused,
    /// It takes connections and says nothing.
    Tarpit,
    /// It answers with an alert.
    Alert,
    /// There is no such name.
    NoAddress,
    /// The address is private.
    Special,
    /// More than anybody reads (RFC 8461 3.3).
    TooLarge,
    /// A page for people.
    Page,
}

/// A policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// `mode` as it is named, for the domain's mail hosts.
    Mode(&'static str),
    /// Enforced for an hour only.
    Short,
    /// Enforced, for somebody else's mail hosts.
    Misses,
    /// Enforced, by a wildcard.
    Wildcard,
    /// Enforced, by a wildcard that stands for two labels, which it does not (RFC 8461 4.1).
    DeepWildcard,
    /// Enforced, as a page: only a finding.
    Html,
    /// Lines that end in LF (RFC 8461 3.2 lets them), with a field that nobody knows.
    Lf,
    /// Without `version`.
    NoVersion,
    /// `mode: strict`
    BadMode,
    /// Without `max_age`.
    NoAge,
    /// Without `mx`.
    NoMx,
}

impl Record {
    /// The record.
    pub fn txt(self) -> Txt {
        Txt::policy(match self {
            Self::Good => "v=STSv1; id=20260101T000000;".to_owned(),
            Self::Extended => "v=STSv1; id=1; note=more".to_owned(),
            Self::NoId => "v=STSv1;".to_owned(),
            Self::BadId => "v=STSv1; id=2026-01-01;".to_owned(),
            Self::LongId => format!("v=STSv1; id={};", "7".repeat(33)),
        })
    }

    /// Its `id`.
    pub fn id(self) -> Option<&'static str> {
        match self {
            Self::Good => Some("20260101T000000"),
            Self::Extended => Some("1"),
            Self::NoId | Self::BadId | Self::LongId => None,
        }
    }

    /// Words for why nobody can use it.
    pub fn fault(self) -> &'static [&'static str] {
        match self {
            Self::Good | Self::Extended => &[],
            Self::NoId => &["missing"],
            Self::BadId => &["bad_value"],
            Self::LongId => &["bad_value", "too_long"],
        }
    }
}

impl Served {
    /// The policy, where one is sent: whatever the certificate, that of a good server.
    pub fn policy(self) -> Option<Policy> {
        match self {
            Self::Policy(policy) => Some(policy),
            Self::WrongName | Self::Expired | Self::SelfSigned => Some(Policy::Mode("enforce")),
            _ => None,
        }
    }
}

impl Policy {
    /// `mode`, as it stands there.
    pub fn mode(self) -> &'static str {
        match self {
            Self::Mode(mode) => mode,
            Self::BadMode => "strict",
            _ => "enforce",
        }
    }

    /// `max_age`
    pub fn max_age(self) -> Option<u32> {
        match self {
            Self::Short => Some(3_600),
            Self::NoAge => None,
            _ => Some(604_800),
        }
    }

    /// Words for why nobody can use it (RFC 8461 3.2).
    pub fn fault(self) -> &'static [&'static str] {
        match self {
            Self::NoVersion | Self::NoAge | Self::NoMx => &["missing"],
            Self::BadMode => &["bad_value"],
            _ => &[],
        }
    }

    /// Patterns for these mail hosts.
    pub fn patterns(self, hosts: &[String]) -> Vec<String> {
        match self {
            Self::NoMx => Vec::new(),
            Self::Misses => vec!["mx.elsewhere.cz".to_owned()],
            Self::Wildcard => hosts
                .iter()
                .map(|host| format!("*.{}", behind(host)))
                .collect(),
            Self::DeepWildcard => {
                let ends = hosts.iter().map(|host| behind(behind(host)));
                ends.map(|end| format!("*.{end}")).collect()
            }
            _ => hosts.to_vec(),
        }
    }

    /// What is sent, with these patterns.
    pub fn body(self, patterns: &[String]) -> String {
        let mut lines = Vec::new();
        if self != Self::NoVersion {
            lines.push("version: STSv1".to_owned());
        }
        lines.push(format!("mode: {}", self.mode()));
        lines.extend(patterns.iter().map(|mx| format!("mx: {mx}")));
        lines.extend(self.max_age().map(|age| format!("max_age: {age}")));
        if self == Self::Lf {
            lines.push("note: <script>alert(1)</script>".to_owned());
        }
        let end = if self == Self::Lf { "\n" } else { "\r\n" };
        lines.into_iter().map(|line| line + end).collect()
    }

    /// `Content-Type`
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html",
            _ => "text/plain; charset=utf-8",
        }
    }
}

/// Whether a pattern stands for a mail host: a wildcard for one label (RFC 8461 4.1).
pub fn covers(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(end) => host.split_once('.').is_some_and(|(_, rest)| rest == end),
        None => pattern == host,
    }
}

/// A name without its first label.
fn behind(host: &str) -> &str {
    host.split_once('.').map_or(host, |(_, rest)| rest)
}
