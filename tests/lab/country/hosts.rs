//! The mail hosts of a domain: their addresses, their TLSA records, and what a client finds there.

use std::net::Ipv4Addr;

use super::domain::{Dns, Domain, Mail};
use super::keys::{public, sha256_hex};
use super::servers::{Dane, Provider, Server, shown};
use super::tls;
use super::{Country, plan};
use crate::lab::national::manners::{Certificate, Manner, Serves};
use crate::lab::national::truth::{Endpoint, Host, Tlsa};
use crate::lab::old_tls::Library;

/// MX records that a survey keeps.
pub const KEPT: usize = 10;

/// A mail host.
#[derive(Debug, Clone, PartialEq)]
pub struct MailHost {
    pub name: String,
    pub addresses: Vec<Ipv4Addr>,
    /// Security of its addresses.
    pub security: &'static str,
    /// The end of its CNAME chain.
    pub canonical: Option<String>,
    pub dane: Dane,
    pub tlsa_security: &'static str,
    /// Whether more than one domain may lead to it.
    pub is_common: bool,
}

impl Country {
    /// The MX records of a domain, by preference and name.
    pub fn mx(&self, domain: &Domain) -> Vec<(u16, String)> {
        let name = &domain.name;
        let provider = &self.providers[domain.provider];
        let of_provider = || {
            let hosts = provider.hosts.iter();
            hosts.map(|host| (host.preference, host.name.clone()))
        };
        match domain.mail {
            Mail::Provider => of_provider().collect(),
            Mail::Own => vec![(10, format!("mail.{name}"))],
            Mail::Implicit | Mail::WebOnly | Mail::Nothing => Vec::new(),
            Mail::Null => vec![(0, ".".to_owned())],
            Mail::Alias | Mail::Special => vec![(10, format!("mx.{name}"))],
            Mail::Literal => vec![(10, plan::RESOLVER.to_string())],
            Mail::Missing => vec![(10, format!("gone.{name}"))],
            Mail::Many => (1..=12)
                .map(|at| (at, format!("mx{at:02}.{name}")))
                .collect(),
            Mail::NullBeside => [(0, ".".to_owned())]
                .into_iter()
                .chain(of_provider().take(1))
                .collect(),
            Mail::Manner(at) => vec![(10, shown(at).1.name)],
        }
    }

    /// The mail hosts that a survey keeps of a domain, as far as the DNS can know them.
    pub fn hosts(&self, domain: &Domain) -> Vec<MailHost> {
        if !domain.has_zone() {
            return Vec::new();
        }
        if matches!(domain.mail, Mail::Implicit | Mail::WebOnly) {
            return vec![self.host(domain, &domain.name)];
        }
        let named = self
            .mx(domain)
            .into_iter()
            .take(KEPT)
            .filter(|(_, name)| name != ".");
        named.map(|(_, name)| self.host(domain, &name)).collect()
    }

    /// A host that one of the domain's MX records names.
    pub fn host(&self, domain: &Domain, name: &str) -> MailHost {
        let security = domain.security();
        let own = MailHost {
            name: name.to_owned(),
            addresses: self.own_address(domain, name).into_iter().collect(),
            security,
            canonical: None,
            dane: Dane::None,
            tlsa_security: security,
            is_common: false,
        };
        match domain.mail {
            Mail::Own if domain.own_tlsa && domain.is_signed() => MailHost {
                dane: match domain.next_key {
                    true => Dane::Next,
                    false => Dane::Right,
                },
                tlsa_security: match domain.dns {
                    Dns::ForgedTlsa => "bogus",
                    _ => security,
                },
                ..own
            },
            Mail::Provider | Mail::NullBeside => self.of_provider(domain.provider, name),
            Mail::Alias => self.alias(domain, own),
            // A name below a top-level domain that does not exist.
            Mail::Literal => MailHost {
                security: "secure",
                is_common: true,
                ..own
            },
            Mail::Manner(at) => {
                let (ip, _, dane) = shown(at);
                MailHost {
                    addresses: vec![ip],
                    dane,
                    ..own
                }
            }
            _ => own,
        }
    }

    /// The address of a host below the domain's own name.
    pub fn own_address(&self, domain: &Domain, name: &str) -> Option<Ipv4Addr> {
        let number: usize = name
            .trim_start_matches("mx")
            .get(..2)
            .and_then(|two| two.parse().ok())
            .unwrap_or(0);
        let shared = &self.shared[(domain.shared + number) % self.shared.len()];
        match domain.mail {
            Mail::Own | Mail::Implicit | Mail::Many => Some(shared.ip),
            Mail::WebOnly => Some(plan::web(domain.shared)),
            Mail::Special => Some(plan::SPECIAL),
            _ => None,
        }
    }

    pub fn of_provider(&self, provider: usize, name: &str) -> MailHost {
        let provider = &self.providers[provider];
        let host = provider.hosts.iter().find(|host| host.name == name);
        let host = host.expect("a host of the provider");
        let security = if provider.signed {
            "secure"
        } else {
            "insecure"
        };
        MailHost {
            name: name.to_owned(),
            addresses: host.addresses.iter().map(|(ip, _)| *ip).collect(),
            security,
            canonical: None,
            dane: host.dane,
            tlsa_security: security,
            is_common: true,
        }
    }

    /// A CNAME of the provider's first host. Where the whole chain is secure, TLSA records are
    /// looked for at its end first (RFC 7672 2.2.2).
    fn alias(&self, domain: &Domain, own: MailHost) -> MailHost {
        let target = &self.providers[domain.provider].hosts[0].name;
        let target = self.of_provider(domain.provider, target);
        let is_secure = own.security == "secure" && target.security == "secure";
        let security = match own.security {
            "bogus" => "bogus",
            _ if is_secure => "secure",
            _ => "insecure",
        };
        MailHost {
            addresses: target.addresses,
            security,
            canonical: Some(target.name),
            dane: if is_secure { target.dane } else { Dane::None },
            ..own
        }
    }

    /// The TLSA records of a host.
    pub fn tlsa(&self, host: &MailHost) -> Vec<Tlsa> {
        let seed = self.settings.seed;
        let server = host.addresses.first().and_then(|ip| self.servers.get(ip));
        let own = || match server {
            Some(server) => server.keys(seed),
            None => vec![public(seed, &host.name)],
        };
        let other = |whose| vec![public(seed, whose)];
        let records: Vec<(u8, Vec<Vec<u8>>)> = match host.dane {
            Dane::None => vec![],
            Dane::Right => vec![(3, own())],
            Dane::One => vec![(3, own()[..1].to_vec())],
            Dane::Wrong => vec![(3, other("nobody"))],
            Dane::Ca => vec![(2, other("ca"))],
            Dane::Unusable => vec![(1, own())],
            Dane::Both => vec![(2, other("ca")), (3, own())],
            Dane::Next => vec![(3, own()), (3, other("next"))],
        };
        let records = records.into_iter().flat_map(|(usage, keys)| {
            keys.into_iter().map(move |key| Tlsa {
                usage,
                selector: 1,
                matching_type: 1,
                data: sha256_hex(&key),
            })
        });
        records.collect()
    }

    /// What a survey must find the host to be.
    pub fn host_truth(&self, host: &MailHost, domains: u64) -> Host {
        let found = !host.addresses.is_empty();
        let mut ips = host.addresses.clone();
        ips.sort();
        let records = self.tlsa(host);
        let tlsa = match (found, records.is_empty()) {
            (false, _) => "not_attempted",
            (true, true) => "absent",
            (true, false) => "found",
        };
        Host {
            host: host.name.clone(),
            domains,
            outcome: if found { "found" } else { "absent" }.to_owned(),
            error: (host.security == "bogus").then(|| "bogus".to_owned()),
            security: host.security.to_owned(),
            ips: ips.iter().map(Ipv4Addr::to_string).collect(),
            canonical_name: host.canonical.clone(),
            tlsa: tlsa.to_owned(),
            tlsa_security: if found {
                host.tlsa_security
            } else {
                "not_checked"
            }
            .to_owned(),
            tlsa_records: records,
        }
    }

    /// What its addresses do for it.
    pub fn endpoints(&self, host: &MailHost) -> Vec<Endpoint> {
        let addresses = host.addresses.iter();
        addresses.map(|ip| self.endpoint(host, *ip)).collect()
    }

    fn endpoint(&self, host: &MailHost, ip: Ipv4Addr) -> Endpoint {
        let network = self.network(ip);
        let announced = network.as_ref().filter(|network| network.asn.is_some());
        let mut endpoint = Endpoint {
            host: host.name.clone(),
            ip: ip.to_string(),
            asn: announced.and_then(|network| network.asn),
            route: announced.map(|network| network.prefix.clone()),
            rpki: announced.and_then(|network| network.rpki.map(str::to_owned)),
            country: network.and_then(|network| network.country.map(str::to_owned)),
            tcp: "failed".to_owned(),
            starttls: "not_attempted".to_owned(),
            tls: "not_attempted".to_owned(),
            ..Endpoint::default()
        };
        let Some(server) = self.servers.get(&ip) else {
            let special = ip == plan::SPECIAL;
            endpoint.manner = if special { "special" } else { "refused" }.to_owned();
            let error = if special {
                "special_purpose"
            } else {
                "refused"
            };
            endpoint.error = Some(error.to_owned());
            return endpoint;
        };
        let manner = server.manner();
        endpoint.manner = manner.name.to_owned();
        endpoint.error = manner.seen.error.map(str::to_owned);
        if matches!(manner.serves, Serves::Server(_)) {
            endpoint.tcp = "connected".to_owned();
        }
        endpoint.banner_code = manner.seen.banner;
        endpoint.starttls = manner.seen.starttls.to_owned();
        endpoint.version = manner.seen.version.map(str::to_owned);
        match (manner.seen.starttls, manner.seen.version) {
            (_, Some(_)) => self.certified(&mut endpoint, host, server, manner),
            ("accepted", None) => endpoint.tls = "failed".to_owned(),
            _ => {}
        }
        endpoint
    }

    fn certified(
        &self,
        endpoint: &mut Endpoint,
        host: &MailHost,
        server: &Server,
        manner: &Manner,
    ) {
        let word = |word: &str| Some(word.to_owned());
        let kind = manner.certificate;
        let repertoire = tls::repertoire(manner);
        endpoint.tls = "completed".to_owned();
        if repertoire.library == Library::None {
            endpoint.tls = "hello_only".to_owned();
            endpoint.error = word("tls_alert");
        }
        endpoint.heard = Some(tls::heard(&repertoire));
        endpoint.strong = kind != Certificate::Short;
        endpoint.pkix = word(match kind {
            Certificate::SelfSigned => "self_signed",
            Certificate::Alone => "missing_intermediate",
            _ => "valid",
        });
        endpoint.dates = word(if kind == Certificate::Expired {
            "expired"
        } else {
            "current"
        });
        endpoint.name_match = word(name_match(server.certified(&host.name), &host.name));
        endpoint.tlsa_match = match host.dane {
            Dane::None => None,
            Dane::Right | Dane::One | Dane::Both | Dane::Next => Some(true),
            Dane::Ca => Some(is_anchored(host, server)),
            Dane::Wrong | Dane::Unusable => Some(false),
        };
    }

    /// Whether the certificate that an address shows for a host is one that DANE-TA takes.
    pub fn is_anchored(&self, host: &MailHost, ip: Ipv4Addr) -> bool {
        let server = self.servers.get(&ip);
        server.is_some_and(|server| is_anchored(host, server))
    }

    /// The provider that has a mail host.
    pub fn provider_of(&self, host: &str) -> Option<&Provider> {
        let zone = host.split_once('.')?.1;
        let rank = zone.strip_prefix("mail")?.strip_suffix(".cz")?;
        let provider = self.providers.get(rank.parse::<usize>().ok()?)?;
        (provider.zone == zone).then_some(provider)
    }
}

/// RFC 7672 3.1.2: with DANE-TA the path, the dates and the name count.
fn is_anchored(host: &MailHost, server: &Server) -> bool {
    let names = |asked: &str| name_match(server.certified(&host.name), asked) != "none";
    let is_named = names(&host.name) || host.canonical.as_deref().is_some_and(names);
    let kind = server.manner().certificate;
    matches!(kind, Certificate::Good | Certificate::Short) && is_named
}

fn name_match(certified: &str, asked: &str) -> &'static str {
    let parent = asked.split_once('.').map(|(_, parent)| parent);
    match certified.strip_prefix("*.") {
        None if certified == asked => "san",
        Some(base) if parent == Some(base) => "san_wildcard",
        _ => "none",
    }
}

/// Whether an answer about the domain can be had at all.
pub fn is_answered(domain: &Domain) -> bool {
    !matches!(domain.dns, Dns::Lame | Dns::Servfail | Dns::Silent)
}
