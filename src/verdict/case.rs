//! One domain with all that is known of its servers and zones: [`Case`], what every check is given.

use std::borrow::Cow;

use super::checks;
use super::facts::{Chain, ClientPort, Domain, Host, Lists, Named, Server};
use super::sts::Policy;
use super::web::Webmail;
use crate::table::client_codes::ClientSource;
use crate::table::codes::{CheckResult, ErrorCode, Existence, Outcome, Protocol};
use crate::table::rows::Finding;

/// One domain.
pub struct Case<'a> {
    /// What the DNS says of it.
    pub domain: &'a Domain,
    /// Its zone, by number.
    pub zone: Option<u32>,
    /// Its mail hosts, by preference.
    pub hosts: Vec<MailHost<'a>>,
    /// The hosts that its mail clients use, each for one protocol.
    pub clients: Vec<Client<'a>>,
    /// Its MTA-STS policy; none where nobody asked for one.
    pub policy: Option<&'a Policy>,
    /// How its webmail is served; none where nobody asked.
    pub webmail: Option<&'a Webmail>,
    /// What the numbers in the facts stand for.
    pub lists: &'a Lists,
    /// Whether it takes mail, on which most checks lean.
    pub mail: Finding,
}

/// A mail host of a domain.
pub struct MailHost<'a> {
    /// Its name.
    pub name: &'a str,
    /// What the DNS says of it; none where it was never asked about.
    pub facts: Option<&'a Host>,
    /// Its addresses.
    pub endpoints: Vec<Endpoint<'a>>,
}

/// An address of a mail host.
pub struct Endpoint<'a> {
    /// What the address did.
    pub server: &'a Server,
    /// The chains that count for this host.
    pub chains: &'a [Chain],
    /// What was done there for the sake of this host.
    pub named: Named,
}

impl Endpoint<'_> {
    /// Why this host was not shown a chain of its own: `usual` where nothing more is known.
    pub fn unseen(&self, usual: &'static str) -> &'static str {
        self.named.unseen.map_or(usual, ErrorCode::as_str)
    }
}

/// A host that the mail clients of a domain use, for one protocol.
pub struct Client<'a> {
    /// What is spoken.
    pub protocol: Protocol,
    /// How the host is known.
    pub source: ClientSource,
    /// What became of the question for its addresses; none where it was never asked.
    pub addresses: Option<Outcome>,
    /// The port of each of its addresses.
    pub ports: Vec<ClientEndpoint<'a>>,
}

/// A port of an address of such a host.
pub struct ClientEndpoint<'a> {
    /// What it did.
    pub port: &'a ClientPort,
    /// The chains that count for this host.
    pub chains: &'a [Chain],
}

impl<'a> Case<'a> {
    /// Puts a domain and its hosts together.
    pub fn new(
        domain: &'a Domain,
        zone: Option<u32>,
        hosts: Vec<MailHost<'a>>,
        policy: Option<&'a Policy>,
        lists: &'a Lists,
    ) -> Self {
        let mut case = Self {
            domain,
            zone,
            hosts,
            clients: Vec::new(),
            policy,
            webmail: None,
            lists,
            mail: Finding::default(),
        };
        case.mail = checks::mail::receives_mail(&case);
        case
    }

    /// The finding for a domain that does not exist, or of which that is not known.
    pub fn existence(&self) -> Option<Finding> {
        match self.domain.existence {
            Existence::Nxdomain => Some(not_applicable("nxdomain")),
            Existence::Failed => Some(unknown(word(self.domain.mx.error))),
            Existence::Exists | Existence::Undelegated => None,
        }
    }

    /// The finding for a domain that takes no mail, or of which that is not known.
    pub fn no_mail(&self) -> Option<Finding> {
        if let Some(finding) = self.existence() {
            return Some(finding);
        }
        match self.mail.result {
            CheckResult::Pass => None,
            CheckResult::Unknown => Some(unknown(self.mail.reason.clone())),
            CheckResult::Fail | CheckResult::NotApplicable => Some(not_applicable("no_mail")),
        }
    }

    /// Why there may be mail hosts that nobody asked about: only so many records are kept. None
    /// where there are not.
    pub fn more_hosts(&self) -> Option<&'static str> {
        self.domain.mx.truncated.then_some("mx_truncated")
    }

    /// Every address of every host.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint<'a>> {
        self.hosts.iter().flat_map(|host| &host.endpoints)
    }
}

fn finding(result: CheckResult, reason: impl Into<Cow<'static, str>>) -> Finding {
    Finding {
        result,
        reason: reason.into(),
    }
}

/// The domain does what the check asks for.
pub fn pass(reason: impl Into<Cow<'static, str>>) -> Finding {
    finding(CheckResult::Pass, reason)
}

/// It does not.
pub fn fail(reason: impl Into<Cow<'static, str>>) -> Finding {
    finding(CheckResult::Fail, reason)
}

/// It could not be measured.
pub fn unknown(reason: impl Into<Cow<'static, str>>) -> Finding {
    finding(CheckResult::Unknown, reason)
}

/// The check presupposes something that is not there.
pub fn not_applicable(reason: impl Into<Cow<'static, str>>) -> Finding {
    finding(CheckResult::NotApplicable, reason)
}

/// The word for why a question was not answered.
pub fn word(error: Option<ErrorCode>) -> &'static str {
    error.map_or("no_answer", ErrorCode::as_str)
}
