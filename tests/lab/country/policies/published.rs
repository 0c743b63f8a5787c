//! Which policy records stand where.

use std::net::Ipv4Addr;

use super::super::domain::{Domain, Mail, Text};
use super::super::record::Record;
use super::super::zones::Policy;
use super::super::{Country, orgs, plan};
use super::dkim::{self, COMMON, Key};
use super::dmarc::applies::Step;
use super::dmarc::kinds::{Kind as DmarcKind, of_providers};
use super::dmarc::record::{Dmarc, Rua};
use super::others::Caa;
use super::spf::graph::Own;
use super::spf::kinds::Kind as SpfKind;
use super::spf::library::of_provider;
use super::spf::record::Spf;
use super::spf::record::Term::{A, All, Mx};
use super::sts::{Policy as Sts, Served};
use super::txt::Txt;

/// The zone where servers of MTA-STS policies have their names.
pub const STS_ZONE: &str = "sts.cz";
/// The top-level domain with a DMARC record, and its CAA.
pub const PUBLIC: (&str, Caa) = ("nz", Caa::Two);
/// Where a provider keeps the DMARC record of its customers.
const CUSTOMERS: &str = "_customers";

/// The DMARC record of [`PUBLIC`].
pub fn of_public() -> Dmarc {
    let record = Dmarc {
        p: Some("reject"),
        sp: Some("quarantine"),
        np: Some("reject"),
        psd: Some("y"),
        rua: vec![Rua::elsewhere(super::dmarc::kinds::REPORTS, "found")],
        ..Dmarc::default()
    };
    record.written()
}

/// The DMARC record of a wildcard.
fn of_wildcard() -> Dmarc {
    DmarcKind::Silent("reject").records("").remove(0)
}

fn txt(record: &Dmarc) -> Txt {
    Txt::policy(record.text.clone())
}

impl Country {
    /// The SPF records of a domain.
    pub fn spf(&self, domain: &Domain) -> Vec<Spf> {
        let sends = !matches!(domain.mail, Mail::Null | Mail::Nothing);
        let locked = || vec![Spf::of([All("-all")])];
        let providers = self.providers.len();
        let [provider, other] = [domain.provider, (domain.provider + 1) % providers];
        match domain.text {
            _ if !domain.has_zone() => Vec::new(),
            Text::TwoSpf => vec![
                Spf::of([Mx(None), All("-all")]),
                Spf::of([A(None), All("~all")]),
            ],
            Text::Large => vec![Spf::of([Mx(None), All("-all")])],
            Text::Locked => locked(),
            _ if !domain.spf => Vec::new(),
            _ if !sends => locked(),
            _ => {
                let kind = domain.policies.spf;
                kind.record(&domain.name, of_provider(provider), of_provider(other))
                    .into_iter()
                    .collect()
            }
        }
    }

    /// The domain as `a` and `mx` of its record see it.
    pub fn as_sender<'a>(&self, domain: &'a Domain, spf: &'a [Spf]) -> Own<'a> {
        let exchanges = self.mx(domain).into_iter().map(|(_, name)| {
            let addresses = match name == "." {
                true => Vec::new(),
                false => self.host(domain, &name).addresses,
            };
            (name, addresses)
        });
        let implicit = matches!(domain.mail, Mail::Implicit | Mail::WebOnly);
        let address = self.own_address(domain, &domain.name).filter(|_| implicit);
        Own {
            name: &domain.name,
            spf,
            addresses: address.into_iter().collect(),
            exchanges: exchanges.collect(),
        }
    }

    /// The DMARC records of a domain itself.
    pub fn dmarc(&self, domain: &Domain) -> Vec<Dmarc> {
        let kind = match domain.text {
            _ if !domain.has_zone() => return Vec::new(),
            Text::JunkAtDmarc => DmarcKind::Junk,
            Text::TwoDmarc => DmarcKind::Several,
            _ if domain.dmarc => domain.policies.dmarc,
            Text::Wildcard if domain.policies.wildcard_dmarc => return vec![of_wildcard()],
            _ => return Vec::new(),
        };
        kind.records(&domain.name)
    }

    /// Whether its DMARC record is a wildcard's.
    pub fn dmarc_is_synthesised(&self, domain: &Domain) -> bool {
        domain.text == Text::Wildcard && !domain.dmarc
    }

    /// What stands at `_dmarc` of the domain and of all names above it.
    pub fn dmarc_steps(&self, domain: &Domain) -> Vec<Step> {
        let mut steps = vec![Step {
            name: domain.name.clone(),
            records: self.dmarc(domain),
        }];
        if let Some(place) = domain.org() {
            let department = orgs::department(place);
            let org = &self.orgs[place];
            if domain.name.ends_with(&format!(".{department}")) {
                let records = org.department.map(|kind| kind.records(&department));
                steps.push(Step {
                    records: records.unwrap_or_default(),
                    name: department,
                });
            }
            let records = org.dmarc.map(|kind| kind.records(&org.zone));
            steps.push(Step {
                name: org.zone.clone(),
                records: records.unwrap_or_default(),
            });
        }
        let public = domain.tld == PUBLIC.0;
        steps.push(Step {
            name: domain.tld.to_owned(),
            records: public.then(of_public).into_iter().collect(),
        });
        steps
    }

    /// The names whose CAA records may count, the domain first, with what they have.
    pub fn caa_steps(&self, domain: &Domain) -> Vec<(String, Caa)> {
        let own = match domain.has_zone() {
            true => domain.policies.caa,
            false => Caa::Nothing,
        };
        let mut steps = vec![(domain.name.clone(), own)];
        if let Some(place) = domain.org() {
            steps.push((orgs::name(place), self.orgs[place].caa));
        }
        if domain.tld == PUBLIC.0 {
            steps.push((domain.tld.to_owned(), PUBLIC.1));
        }
        steps
    }

    /// The TXT records of a domain where a policy stands; a wildcard's aside.
    pub fn texts(&self, domain: &Domain, policy: Policy) -> Vec<Txt> {
        let records = domain.policies;
        let own = |has: bool, txt: Txt| if has { vec![txt] } else { Vec::new() };
        match (policy, domain.text) {
            _ if !domain.has_zone() => Vec::new(),
            (Policy::Spf, text) => {
                let mut texts: Vec<Txt> = self.spf(domain).iter().map(Spf::txt).collect();
                if text == Text::Large {
                    // Some 3,000 bytes, which go over TCP.
                    texts.extend((1..=24).map(|at| Txt::other(format!("token-{at}={at:0100}"))));
                } else if texts.is_empty() && domain.spf && records.spf == SpfKind::Other {
                    texts.push(Txt::other("v=spf10 mx -all"));
                }
                texts
            }
            (Policy::Dmarc, text) => {
                let kind = match text {
                    Text::JunkAtDmarc => Some(DmarcKind::Junk),
                    _ if self.dmarc_is_synthesised(domain) => return Vec::new(),
                    _ => domain.dmarc.then_some(records.dmarc),
                };
                let others = kind.map_or(&[][..], DmarcKind::others).iter();
                let own = self.dmarc(domain);
                own.iter()
                    .map(txt)
                    .chain(others.map(|text| Txt::other(*text)))
                    .collect()
            }
            (Policy::MtaSts, Text::TwoSts) => ["1", "2"]
                .map(|id| Txt::policy(format!("v=STSv1; id={id};")))
                .to_vec(),
            (Policy::TlsRpt, Text::TwoSts) => {
                let text = |at: &str| format!("v=TLSRPTv1; rua=mailto:{at}@{}", domain.name);
                ["one", "two"].map(|at| Txt::policy(text(at))).to_vec()
            }
            (Policy::MtaSts, _) => own(domain.mta_sts, records.sts.txt()),
            (Policy::TlsRpt, _) => own(domain.tls_rpt, records.tls_rpt.txt(&domain.name)),
        }
    }

    /// The text of the wildcard.
    pub fn wildcard(&self, domain: &Domain) -> Option<Txt> {
        let text = match domain.policies.wildcard_dmarc {
            true => txt(&of_wildcard()),
            false => Txt::other("every name has this"),
        };
        (domain.text == Text::Wildcard).then_some(text)
    }

    /// The policy records of a domain's zone.
    pub fn policy_records(&self, domain: &Domain) -> Vec<Record> {
        let (name, policies) = (&domain.name, domain.policies);
        let mut records = Vec::new();
        for policy in Policy::ALL {
            let owner = format!("{}{name}", policy.label());
            if policy == Policy::Dmarc && self.has_dmarc_alias(domain) {
                let target = format!("{CUSTOMERS}.{}", self.providers[domain.provider].zone);
                records.push(Record::cname(owner, &target));
                continue;
            }
            let texts = self.texts(domain, policy).into_iter();
            records.extend(texts.map(|text| text.record(owner.as_str())));
        }
        records.extend(
            self.wildcard(domain)
                .map(|text| text.record(format!("*.{name}"))),
        );
        for (selector, key) in policies.dkim.keys() {
            let owner = format!("{selector}._domainkey.{name}");
            records.push(key.txt(&owner).record(owner.as_str()));
        }
        if policies.dkim == dkim::Kind::Alias {
            let target = self.dkim_alias(domain);
            records.push(Record::cname(
                format!("{}._domainkey.{name}", COMMON[1]),
                &target,
            ));
        }
        let bimi = policies.bimi.txt(name);
        records.extend(bimi.map(|text| text.record(format!("default._bimi.{name}"))));
        records.extend(policies.caa.records(name));
        records.extend(self.sts_host(domain));
        records
    }

    /// Whether a CNAME leads from `_dmarc` to the provider's record.
    pub fn has_dmarc_alias(&self, domain: &Domain) -> bool {
        let odd = matches!(domain.text, Text::JunkAtDmarc | Text::TwoDmarc);
        domain.dmarc && domain.policies.dmarc == DmarcKind::Alias && !odd
    }

    /// Where a CNAME at a selector leads.
    pub fn dkim_alias(&self, domain: &Domain) -> String {
        format!(
            "{}._domainkey.{}",
            COMMON[1], self.providers[domain.provider].zone
        )
    }

    /// Patterns of a policy for the mail hosts of a domain, or for its own name where it has none.
    pub fn sts_patterns(&self, domain: &Domain, policy: Sts) -> Vec<String> {
        let mut hosts: Vec<String> = self.mx(domain).into_iter().map(|(_, host)| host).collect();
        hosts.retain(|host| host != ".");
        if hosts.is_empty() {
            hosts.push(domain.name.clone());
        }
        policy.patterns(&hosts)
    }

    /// Whether there is something behind an MTA-STS record.
    pub fn has_policy_host(&self, domain: &Domain) -> bool {
        let has_record = domain.mta_sts || domain.text == Text::TwoSts;
        has_record && domain.has_zone()
    }

    /// The address of the host of a policy.
    pub fn sts_address(&self, domain: &Domain) -> Option<Ipv4Addr> {
        let ip = match domain.policies.served {
            Served::NoAddress => return None,
            Served::Special => plan::SPECIAL,
            _ => plan::policy(domain.number),
        };
        self.has_policy_host(domain).then_some(ip)
    }

    /// What a CNAME of the host of a policy leads to; none where it has none.
    pub fn sts_alias(&self, domain: &Domain) -> Option<String> {
        let is_alias = domain.policies.served_by_alias && self.sts_address(domain).is_some();
        is_alias.then(|| format!("p{}.{STS_ZONE}", domain.number))
    }

    fn sts_host(&self, domain: &Domain) -> Option<Record> {
        let owner = format!("mta-sts.{}", domain.name);
        let ip = self.sts_address(domain)?;
        Some(match self.sts_alias(domain) {
            Some(target) => Record::cname(owner, &target),
            None => Record::a(owner, ip),
        })
    }

    /// The records of [`STS_ZONE`]: addresses of hosts of policies that are an alias.
    pub fn sts_aliases(&self) -> Vec<Record> {
        let domains = self.numbers().filter_map(|number| self.listed(number));
        let records = domains.filter_map(|domain| {
            let alias = self.sts_alias(&domain)?;
            Some(Record::a(alias, self.sts_address(&domain)?))
        });
        records.collect()
    }
}

/// The policy records of a provider's zone that its customers lead to.
pub fn for_customers(zone: &str) -> [Record; 2] {
    let selector = format!("{}._domainkey.{zone}", COMMON[1]);
    [
        txt(&of_providers()).record(format!("{CUSTOMERS}.{zone}")),
        Key::Rsa(2048).txt(&selector).record(selector.as_str()),
    ]
}

/// The policy records of an organisation's zone.
pub fn of_org(org: &orgs::Org, place: usize) -> Vec<Record> {
    let mut records = org.caa.records(&org.zone);
    for (name, kind) in [
        (org.zone.clone(), org.dmarc),
        (orgs::department(place), org.department),
    ] {
        let texts = kind.into_iter().flat_map(|kind| {
            let others = kind.others().iter().map(|text| Txt::other(*text));
            let own: Vec<Txt> = kind.records(&name).iter().map(txt).collect();
            own.into_iter().chain(others)
        });
        records.extend(texts.map(|text| text.record(format!("_dmarc.{name}"))));
    }
    records
}
