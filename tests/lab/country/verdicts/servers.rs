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
use crate::lab::national::truth::{Endpoint, Heard};

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
    /// Whether what is seen then says nothing of this one: there is a certificate for each name.
    pub by_sni: bool,
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
                by_sni,
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
            (_, "completed" | "hello_only") => PASS,
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
            (_, "completed" | "hello_only") => judged(),
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

    /// Whether the newest version is one of these.
    fn speaks(&self, versions: &[&str]) -> bool {
        let version = self.endpoint.version.as_deref();
        version.is_some_and(|version| versions.contains(&version))
    }

    pub fn tls_1_2(&self) -> Results {
        self.behind(|| told(self.speaks(&["TLS 1.2", "TLS 1.3"])))
    }

    pub fn tls_1_3(&self) -> Results {
        self.behind(|| self.only_of_handshakes(told(self.speaks(&["TLS 1.3"]))))
    }

    /// Where there was no handshake, nobody needs to be sure of what it would have had.
    fn only_of_handshakes(&self, judged: Results) -> Results {
        match self.endpoint.tls.as_str() {
            "completed" => judged,
            _ => judged.or_unknown(),
        }
    }

    /// What hellos say.
    fn heard(&self, judged: impl FnOnce(&Heard) -> Results) -> Results {
        self.behind(|| self.endpoint.heard.as_ref().map_or(UNKNOWN, judged))
    }

    /// Whether none of these versions is accepted.
    fn refuses(&self, versions: [&str; 2]) -> Results {
        self.heard(|heard| every(versions.map(|version| refused(&heard.versions[version]))))
    }

    fn no_ssl(&self) -> Results {
        self.refuses(["ssl2", "ssl3"])
    }

    fn no_tls_1_0_1_1(&self) -> Results {
        self.refuses(["tls1_0", "tls1_1"])
    }

    fn no_weak_ciphers(&self) -> Results {
        self.heard(|heard| refused(&heard.weak))
    }

    fn forward_secrecy(&self) -> Results {
        self.heard(|heard| told(heard.ephemeral))
    }

    fn pq_key_exchange(&self) -> Results {
        self.heard(|heard| self.only_of_handshakes(told(heard.pq_group.is_some())))
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
        // Keys are on P-256 or by RSA, every signature is over SHA-256.
        self.certificate(told(self.endpoint.strong))
    }
}

/// What a check makes of words about something that should be refused.
fn refused(words: &[String]) -> Results {
    let judged = words.iter().map(|word| match word.as_str() {
        "accepted" => FAIL,
        "unknown" => UNKNOWN,
        _ => PASS,
    });
    let first = judged.clone().next().unwrap_or(UNKNOWN);
    match judged.skip(1).any(|other| other == UNKNOWN) {
        true => first.or_unknown(),
        false => first,
    }
}

impl Case<'_> {
    pub(super) fn servers(&self) -> Judged {
        /// There is no list to go by.
        fn unlisted(server: &Server) -> Results {
            server.behind(|| UNKNOWN)
        }
        let checks: [(&str, Check); 14] = [
            ("starttls", Server::starttls),
            ("tls_1_2", Server::tls_1_2),
            ("tls_1_3", Server::tls_1_3),
            ("no_ssl", Server::no_ssl),
            ("no_tls_1_0_1_1", Server::no_tls_1_0_1_1),
            ("no_weak_ciphers", Server::no_weak_ciphers),
            ("ciphers_within", unlisted),
            ("groups_within", unlisted),
            ("forward_secrecy", Server::forward_secrecy),
            ("pq_key_exchange", Server::pq_key_exchange),
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
