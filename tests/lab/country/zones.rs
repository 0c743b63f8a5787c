//! The records of every zone.

use super::domain::{Dns, Domain, Mail, Text};
use super::hosts::MailHost;
use super::policies::dmarc::kinds::{DEAF, REPORTS};
use super::policies::published::{PUBLIC, STS_ZONE, for_customers, of_public};
use super::policies::spf::library::ZONE as POLICIES;
use super::policies::txt::Txt;
use super::record::{MX, Record, TLSA};
use super::servers::{MANNERS_ZONE, shown};
use super::sign::{Signer, Signing};
use super::{Country, plan};
use crate::lab::national::manners::MANNERS;

/// An algorithm number that is nobody's (RFC 4034 appendix A.1).
const UNKNOWN: u8 = 200;
/// A zone that is fine, one that is bogus and one that is not signed, to try resolvers with.
pub const PREFLIGHT: [(&str, Signing); 3] = [
    ("secure.cz", Signing::Sound { nsec3: false }),
    ("bogus.cz", Signing::Expired),
    ("unsigned.cz", Signing::Unsigned),
];
/// The zone whose name server never answers.
const SILENT: &str = "silent.cz";

/// A zone that is no domain's of the list.
pub struct Zone {
    pub name: String,
    pub hoster: usize,
    pub records: Vec<Record>,
    pub how: Signing,
    /// Whether its parent has a digest by SHA-1 besides.
    pub sha1: bool,
}

/// A record that carries a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    Spf,
    Dmarc,
    MtaSts,
    TlsRpt,
}

impl Policy {
    pub const ALL: [Self; 4] = [Self::Spf, Self::Dmarc, Self::MtaSts, Self::TlsRpt];

    /// Where it stands, before the domain's name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Spf => "",
            Self::Dmarc => "_dmarc.",
            Self::MtaSts => "_mta-sts.",
            Self::TlsRpt => "_smtp._tls.",
        }
    }
}

/// The name servers of a hoster.
pub fn name_servers(hoster: usize) -> [String; 2] {
    [format!("ns1.dns{hoster}.cz"), format!("ns2.dns{hoster}.cz")]
}

pub fn apex(zone: &str, hoster: usize) -> Vec<Record> {
    let servers = name_servers(hoster);
    let soa = Record::soa(zone, &servers[0]);
    let ns = servers.iter().map(|server| Record::ns(zone, server));
    [soa].into_iter().chain(ns).collect()
}

/// How a domain's zone is signed.
pub fn signing(domain: &Domain) -> Signing {
    match domain.dns {
        Dns::Expired => Signing::Expired,
        Dns::ForgedMx => Signing::Forged(MX),
        Dns::ForgedTlsa => Signing::Forged(TLSA),
        _ if domain.is_signed() => Signing::Sound {
            nsec3: domain.nsec3,
        },
        _ => Signing::Unsigned,
    }
}

impl Country {
    /// The records of a domain's zone.
    pub fn zone(&self, domain: &Domain) -> Vec<Record> {
        let name = &domain.name;
        let mut records = apex(name, domain.hoster);
        for (preference, host) in self.mx(domain) {
            let host = if host == "." { "" } else { &host };
            records.push(Record::mx(name, preference, host));
        }
        let implicit = matches!(domain.mail, Mail::Implicit | Mail::WebOnly);
        let mut own: Vec<String> = self.mx(domain).into_iter().map(|(_, host)| host).collect();
        own.retain(|host| host.ends_with(&format!(".{name}")));
        own.extend(implicit.then(|| name.clone()));
        for host in own {
            if let Some(ip) = self.own_address(domain, &host) {
                records.push(Record::a(host, ip));
            }
        }
        match domain.mail {
            Mail::Alias => {
                let target = &self.providers[domain.provider].hosts[0].name;
                records.push(Record::cname(format!("mx.{name}"), target));
            }
            Mail::Own => {
                for host in self.hosts(domain) {
                    records.extend(self.tlsa_records(&host));
                }
            }
            _ => {}
        }
        records.extend(self.policy_records(domain));
        if domain.text == Text::Wildcard {
            records.push(Record::mx(format!("*.{name}"), 99, "elsewhere.invalid"));
        }
        records
    }

    fn tlsa_records(&self, host: &MailHost) -> Vec<Record> {
        let records = self.tlsa(host).into_iter().map(|tlsa| {
            let mut rdata = vec![tlsa.usage, tlsa.selector, tlsa.matching_type];
            let digits = tlsa.data.as_bytes().chunks(2);
            rdata.extend(
                digits
                    .filter_map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()),
            );
            Record::new(format!("_25._tcp.{}", host.name), TLSA, rdata)
        });
        records.collect()
    }

    /// Every zone that is no domain's of the list.
    pub fn infrastructure(&self) -> Vec<Zone> {
        let sound = Signing::Sound { nsec3: false };
        let mut zones = Vec::new();
        let mut add = |name: &str, hoster, records, how, sha1| {
            zones.push(Zone {
                name: name.to_owned(),
                hoster,
                records,
                how,
                sha1,
            });
        };
        for hoster in 0..=self.hosters {
            let zone = format!("dns{hoster}.cz");
            // The odd one has only domains of the list.
            let at = hoster % self.hosters;
            let mut records = apex(&zone, at);
            records.extend(addresses(hoster));
            add(&zone, at, records, sound, false);
        }
        for (rank, provider) in self.providers.iter().enumerate() {
            let hoster = rank % self.hosters;
            let mut records = apex(&provider.zone, hoster);
            for host in &provider.hosts {
                records.extend(
                    host.addresses
                        .iter()
                        .map(|(ip, _)| Record::a(host.name.as_str(), *ip)),
                );
                records.extend(self.tlsa_records(&self.of_provider(rank, &host.name)));
            }
            records.extend(self.library.zone(&provider.zone));
            records.extend(for_customers(&provider.zone));
            let how = if provider.signed {
                sound
            } else {
                Signing::Unsigned
            };
            add(&provider.zone, hoster, records, how, provider.sha1);
        }
        let mut manners = apex(MANNERS_ZONE, 0);
        for at in 0..MANNERS.len() {
            let (ip, server, dane) = shown(at);
            manners.push(Record::a(server.name.as_str(), ip));
            manners.extend(self.tlsa_records(&MailHost {
                name: server.name,
                addresses: vec![ip],
                security: "secure",
                canonical: None,
                dane,
                tlsa_security: "secure",
                is_common: false,
            }));
        }
        add(MANNERS_ZONE, 0, manners, sound, false);
        for (zone, more) in [
            (POLICIES, self.library.zone(POLICIES)),
            (REPORTS, vec![takes_reports()]),
            (DEAF, Vec::new()),
            (STS_ZONE, self.sts_aliases()),
        ] {
            let records = apex(zone, 0).into_iter().chain(more);
            add(zone, 0, records.collect(), sound, false);
        }
        for (zone, how) in PREFLIGHT {
            add(zone, 0, apex(zone, 0), how, false);
        }
        zones
    }

    /// What the zone of its top-level domain says of a domain.
    pub fn delegation(&self, domain: &Domain, signer: &Signer) -> Vec<Record> {
        let name = domain.name.as_str();
        match domain.dns {
            Dns::Nxdomain => return Vec::new(),
            Dns::Undelegated => {
                let below = Txt::other("the name above is empty");
                return vec![below.record(format!("below.{name}"))];
            }
            Dns::Silent => return vec![Record::ns(name, &format!("ns1.{SILENT}"))],
            _ => {}
        }
        let mut records = delegate(name, domain.hoster);
        if domain.has_zone() && domain.is_signed() && domain.dns != Dns::Island {
            let mut ds = signer.ds(name);
            match domain.dns {
                Dns::WrongDs => ds.rdata[4..].reverse(),
                Dns::UnknownAlgorithm => ds.rdata[2] = UNKNOWN,
                _ => {}
            }
            records.push(ds);
            records.extend(domain.sha1.then(|| signer.ds_by_sha1(name)));
        }
        records
    }
}

/// Whoever wants may send reports here (RFC 9990 4).
fn takes_reports() -> Record {
    Txt::policy("v=DMARC1").record(format!("*._report._dmarc.{REPORTS}"))
}

/// What a top-level domain says of itself.
pub fn public_policies(tld: &str) -> Vec<Record> {
    let (public, caa) = PUBLIC;
    if tld != public {
        return Vec::new();
    }
    let dmarc = Txt::policy(of_public().text).record(format!("_dmarc.{tld}"));
    caa.records(tld).into_iter().chain([dmarc]).collect()
}

/// A delegation to a hoster.
pub fn delegate(zone: &str, hoster: usize) -> Vec<Record> {
    let servers = name_servers(hoster).into_iter();
    servers.map(|server| Record::ns(zone, &server)).collect()
}

/// The addresses of a hoster's name servers.
pub fn addresses(hoster: usize) -> Vec<Record> {
    let servers = name_servers(hoster).into_iter().zip(plan::hoster(hoster));
    servers.map(|(server, ip)| Record::a(server, ip)).collect()
}

/// The delegation to the name server that never answers.
pub fn silent() -> Vec<Record> {
    let server = format!("ns1.{SILENT}");
    vec![
        Record::ns(SILENT, &server),
        Record::a(server, plan::silent_name_server()),
    ]
}

/// The apex of a top-level domain, or of the root.
pub fn top(zone: &str) -> Vec<Record> {
    let server = top_server(zone);
    vec![Record::soa(zone, &server), Record::ns(zone, &server)]
}

/// The name server of a top-level domain, or of the root.
pub fn top_server(zone: &str) -> String {
    match zone {
        "" => "ns.root".to_owned(),
        _ => format!("ns.nic.{zone}"),
    }
}
