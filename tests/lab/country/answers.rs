//! What the DNS says of a domain.

use super::Country;
use super::domain::{self, Dns, Domain, Mail};
use super::hosts::{KEPT, is_answered};
use super::zones::{self, Policy};
use crate::lab::national::truth;

impl Country {
    /// What a survey must find the domain to be.
    pub fn domain_truth(&self, domain: &Domain) -> truth::Domain {
        let (existence, delegation) = match domain.dns {
            Dns::Nxdomain => ("nxdomain", "absent"),
            Dns::Undelegated => ("undelegated", "absent"),
            _ if is_answered(domain) => ("exists", "found"),
            _ => ("failed", "failed"),
        };
        let zone = match domain.dns {
            _ if domain.has_zone() => Some(domain.name.clone()),
            Dns::Nxdomain | Dns::Undelegated => Some(domain.tld.to_owned()),
            _ => None,
        };
        let nameservers = match domain.has_zone() {
            true => zones::name_servers(domain.hoster).to_vec(),
            false => Vec::new(),
        };
        truth::Domain {
            domain: domain.name.clone(),
            tld: domain.tld.to_owned(),
            kind: domain.kind(),
            existence: existence.to_owned(),
            zone,
            delegation: delegation.to_owned(),
            nameservers,
            mx: self.mx_truth(domain),
            spf: text(domain, Policy::Spf),
            dmarc: text(domain, Policy::Dmarc),
            mta_sts: text(domain, Policy::MtaSts),
            tls_rpt: text(domain, Policy::TlsRpt),
        }
    }

    fn mx_truth(&self, domain: &Domain) -> truth::Mx {
        let security = domain.mx_security();
        let mut mx = truth::Mx {
            outcome: "absent".to_owned(),
            error: (security == "bogus").then(|| "bogus".to_owned()),
            security: security.to_owned(),
            ..truth::Mx::default()
        };
        if !domain.has_zone() {
            match domain.dns {
                Dns::Nxdomain => mx.denial = Some("nxdomain".to_owned()),
                Dns::Undelegated => mx.denial = Some("nodata".to_owned()),
                _ => mx.outcome = "failed".to_owned(),
            }
            mx.kind = is_answered(domain).then(|| "none".to_owned());
            return mx;
        }
        let kind = match domain.mail {
            Mail::Implicit | Mail::WebOnly => "implicit",
            Mail::Nothing => "none",
            Mail::Null => "null",
            _ => "explicit",
        };
        mx.kind = Some(kind.to_owned());
        mx.records = self.mx(domain);
        mx.truncated = mx.records.len() > KEPT;
        mx.records.truncate(KEPT);
        match mx.records.is_empty() {
            true => mx.denial = Some("nodata".to_owned()),
            false => mx.outcome = "found".to_owned(),
        }
        mx
    }
}

fn text(domain: &Domain, policy: Policy) -> truth::Text {
    if matches!(domain.dns, Dns::Nxdomain) || !is_answered(domain) {
        return truth::Text {
            outcome: "not_attempted".to_owned(),
            ..truth::Text::default()
        };
    }
    let records = match domain.has_zone() {
        true => zones::texts(domain, policy),
        false => Vec::new(),
    };
    let claimed = records.iter().filter(|text| text.starts_with(policy.tag()));
    let count = claimed.count() as u16;
    let is_apex = policy.label().is_empty();
    let by_wildcard = domain.has_zone() && domain.text == domain::Text::Wildcard && !is_apex;
    let denial = match (count, records.is_empty()) {
        (1.., _) => None,
        (0, false) => Some("other_txt"),
        (0, true) if by_wildcard => Some("other_txt"),
        (0, true) if is_apex => Some("nodata"),
        (0, true) => Some("nxdomain"),
    };
    truth::Text {
        outcome: if count > 0 { "found" } else { "absent" }.to_owned(),
        denial: denial.map(str::to_owned),
        count,
    }
}
