//! What the mail servers do: STARTTLS, TLS, certificates.
//!
//! An address is asked once, by one of the names that lead there. Versions and suites are the
//! address's own; a certificate is that for the name asked for, and says something of another name
//! only where it has it.

use super::super::Country;
use super::super::hosts::MailHost;
use super::super::servers::{MANNERS_ZONE, Names};
use super::results::{FAIL, NOT_APPLICABLE, PASS, Results, UNKNOWN, every, told};
use super::{Case, Judged};
use crate::lab::national::truth::Endpoint;

/// What a check makes of one server.
pub type Check = fn(&Server) -> Results;

/// A mail host with its servers.
pub struct Host {
    pub mail: MailHost,
    pub servers: Vec<Server>,
}

/// An address of a host.
pub struct Server {
    /// What it does for a client that asks for this host.
    pub endpoint: Endpoint,
    /// Whether another name may be asked for in its stead.
    pub leans: bool,
    /// Whether what is seen then does not have this name.
    hides: bool,
}

impl Host {
    pub fn of(country: &Country, mail: MailHost) -> Self {
        let leans = country.is_shared(&mail);
        let servers = country.endpoints(&mail).into_iter().map(|endpoint| {
            let ip = endpoint.ip.parse().expect("an address");
            let by_sni = country
                .servers
                .get(&ip)
                .is_some_and(|server| server.names == Names::BySni);
            let is_named = endpoint.name_match.as_deref() != Some("none");
            Server {
                leans,
                hides: leans && (by_sni || !is_named),
                endpoint,
            }
        });
        Self {
            servers: servers.collect(),
            mail,
        }
    }

    /// The servers that count. One that was not reached is left out where another one was.
    fn counted(&self) -> impl Iterator<Item = &Server> {
        let any = self.servers.iter().any(Server::is_reached);
        let dialled = self.servers.iter().filter(|server| !server.is_special());
        dialled.filter(move |server| !any || server.is_reached())
    }

    /// A check that every server of the host has to pass.
    pub fn judge(&self, check: impl Fn(&Server) -> Results) -> Results {
        every(self.counted().map(check))
    }
}

impl Country {
    /// Whether other names lead to the addresses of a host: those on shared addresses, aliases, and
    /// the hosts of providers that aliases may lead to.
    fn is_shared(&self, host: &MailHost) -> bool {
        let is_shown = host.name.ends_with(MANNERS_ZONE);
        let first = |zone: &str| host.name == format!("mx1.{zone}");
        let zone = host.name.split_once('.').map_or("", |(_, zone)| zone);
        !is_shown && (!host.is_common || first(zone))
    }
}

impl Server {
    pub fn is_reached(&self) -> bool {
        self.endpoint.banner_code == Some(220)
    }

    /// Whether nobody may dial it.
    pub fn is_special(&self) -> bool {
        self.endpoint.manner == "special"
    }

    pub fn starttls(&self) -> Results {
        let endpoint = &self.endpoint;
        match (endpoint.starttls.as_str(), endpoint.tls.as_str()) {
            (_, "completed") => PASS,
            ("not_offered", _) => FAIL,
            ("refused", _) if endpoint.error.is_none() => FAIL,
            ("refused" | "stripped", _) | (_, "failed") => FAIL.or_unknown(),
            _ => UNKNOWN,
        }
    }

    /// What can only be seen behind STARTTLS. A server that has none takes no part; one whose
    /// handshake breaks has it.
    pub fn behind(&self, judged: impl FnOnce() -> Results) -> Results {
        let endpoint = &self.endpoint;
        match (endpoint.starttls.as_str(), endpoint.tls.as_str()) {
            (_, "completed") => judged(),
            ("not_offered", _) => NOT_APPLICABLE,
            ("refused", _) if endpoint.error.is_none() => NOT_APPLICABLE,
            ("refused" | "stripped", _) => NOT_APPLICABLE.or_unknown(),
            _ => UNKNOWN,
        }
    }

    /// What the certificate says.
    fn certificate(&self, judged: Results) -> Results {
        self.behind(|| match self.hides {
            true => judged.or_unknown(),
            false => judged,
        })
    }

    /// The word of one of the columns about the certificate.
    fn column(&self, word: &Option<String>, right: &[&str]) -> Results {
        let word = word.as_deref();
        self.certificate(told(word.is_some_and(|word| right.contains(&word))))
    }

    pub fn tls_1_2(&self) -> Results {
        // Nobody in the country speaks an older one.
        self.behind(|| PASS)
    }

    pub fn tls_1_3(&self) -> Results {
        self.behind(|| told(self.endpoint.version.as_deref() == Some("TLS 1.3")))
    }

    pub fn cert_trusted(&self) -> Results {
        self.column(&self.endpoint.pkix, &["valid"])
    }

    pub fn cert_name(&self) -> Results {
        self.column(&self.endpoint.name_match, &["san", "san_wildcard"])
    }

    pub fn cert_current(&self) -> Results {
        self.column(&self.endpoint.dates, &["current"])
    }

    pub fn cert_strong(&self) -> Results {
        // Every key is on P-256, every signature over SHA-256.
        self.certificate(PASS)
    }
}

impl Case<'_> {
    pub(super) fn servers(&self) -> Judged {
        /// Bare hellos are not sent yet.
        fn unseen(server: &Server) -> Results {
            server.behind(|| UNKNOWN)
        }
        let checks: [(&str, Check); 14] = [
            ("starttls", Server::starttls),
            ("tls_1_2", Server::tls_1_2),
            ("tls_1_3", Server::tls_1_3),
            ("no_ssl", unseen),
            ("no_tls_1_0_1_1", unseen),
            ("no_weak_ciphers", unseen),
            ("ciphers_within", unseen),
            ("groups_within", unseen),
            // All suites of the servers have ECDHE.
            ("forward_secrecy", |server| server.behind(|| PASS)),
            // The servers take the first group of the client that they know, which is the hybrid
            // one; it needs TLS 1.3.
            ("pq_key_exchange", Server::tls_1_3),
            ("cert_trusted", Server::cert_trusted),
            ("cert_name", Server::cert_name),
            ("cert_current", Server::cert_current),
            ("cert_strong", Server::cert_strong),
        ];
        let judged = checks.map(|(name, check)| {
            let all = || self.unless_cut(every(self.hosts.iter().map(|host| host.judge(check))));
            (name, self.of_receivers(all))
        });
        judged.into()
    }
}
