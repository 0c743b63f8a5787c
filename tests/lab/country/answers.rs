//! What the DNS says of a domain.

use super::Country;
use super::domain::{Dns, Domain, Mail, Odd, Text};
use super::hosts::{KEPT, is_answered};
use super::policies::dkim::Kind;
use super::sign::Signing;
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
            Dns::Nxdomain | Dns::Undelegated => Some(domain.parent()),
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
            spf: self.spf_truth(domain),
            dmarc_text: self.text_truth(domain, Policy::Dmarc),
            dmarc: self.dmarc_truth(domain),
            dmarc_7489: self.dmarc_7489_truth(domain),
            dkim: self.dkim_truth(domain),
            mta_sts: self.mta_sts_truth(domain),
            tls_rpt: self.tls_rpt_truth(domain),
            bimi: self.bimi_truth(domain),
            caa: self.caa_truth(domain),
            signed: signed(domain),
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

fn signed(domain: &Domain) -> Option<truth::Signed> {
    let nsec3 = zones::signing(domain) == Signing::Sound { nsec3: true };
    let denial = match nsec3 {
        true => "nsec3",
        false if domain.odd == Odd::Compact => "compact",
        false => "nsec",
    };
    // A wildcard may answer everything, and a key that is found ends the questions for names that
    // do not exist, which alone show compact denial.
    let hides =
        domain.odd == Odd::Compact && !matches!(domain.policies.dkim, Kind::Nothing | Kind::Odd);
    let denies = domain.text != Text::Wildcard && domain.security() != "bogus" && !hides;
    (domain.has_zone() && domain.is_signed()).then(|| truth::Signed {
        cds: domain.policies.cds,
        denial: denies.then(|| denial.to_owned()),
    })
}
