//! What a survey must find the policy records of a domain to be: the text of each here, what the
//! larger ones come to in files of their own.

mod dkim;
mod dmarc;
mod spf;
mod sts;

use super::super::Country;
use super::super::domain::{Dns, Domain, Mail, Odd};
use super::super::hosts::is_answered;
use super::super::zones::Policy;
use super::txt::shown;
use crate::lab::national::records::{Bimi, Caa, Text, TlsRpt};

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn word(word: Option<&str>) -> Option<String> {
    word.map(str::to_owned)
}

/// Whether anything is asked about its records.
fn is_asked(domain: &Domain) -> bool {
    domain.dns != Dns::Nxdomain && is_answered(domain)
}

impl Country {
    /// The answer where a policy of the domain stands.
    pub fn text_truth(&self, domain: &Domain, policy: Policy) -> Text {
        if !is_asked(domain) {
            return Text {
                outcome: "not_attempted".to_owned(),
                ..Text::default()
            };
        }
        let is_apex = policy.label().is_empty();
        let mut records = self.texts(domain, policy);
        let wildcard = self
            .wildcard(domain)
            .filter(|_| domain.has_zone() && !is_apex);
        if records.is_empty() {
            let is_policy = policy == Policy::Dmarc && domain.policies.wildcard_dmarc;
            records.extend(wildcard.map(|text| text.seen_as(is_policy)));
        }
        let mut claimed: Vec<_> = records.iter().filter(|text| text.claimed).collect();
        claimed.sort_by(|one, other| one.bytes.cmp(&other.bytes));
        let denial = match (claimed.len(), records.is_empty()) {
            (1.., _) => None,
            (0, false) => Some("other_txt"),
            (0, true) if is_apex => Some("nodata"),
            (0, true) if domain.odd == Odd::Compact => Some("compact"),
            (0, true) => Some("nxdomain"),
        };
        let mut texts: Vec<_> = records.iter().map(|text| shown(&text.bytes)).collect();
        texts.sort();
        Text {
            outcome: if claimed.is_empty() {
                "absent"
            } else {
                "found"
            }
            .to_owned(),
            denial: word(denial),
            count: claimed.len() as u16,
            record: claimed.first().map(|text| shown(&text.bytes)),
            texts,
            ..Text::default()
        }
    }

    /// The same with what is wrong with a single record.
    fn judged(&self, domain: &Domain, policy: Policy, fault: &[&str]) -> Text {
        let mut text = self.text_truth(domain, policy);
        let fault = if text.count > 1 {
            &["several_records"]
        } else {
            fault
        };
        if text.count > 0 {
            text.valid = Some(fault.is_empty());
            text.fault = words(fault);
        }
        text
    }

    pub fn tls_rpt_truth(&self, domain: &Domain) -> TlsRpt {
        let record = domain.policies.tls_rpt;
        let text = self.judged(domain, Policy::TlsRpt, record.fault());
        TlsRpt {
            rua: match text.valid {
                Some(true) => record.uris(&domain.name),
                _ => Vec::new(),
            },
            text,
        }
    }

    pub fn bimi_truth(&self, domain: &Domain) -> Bimi {
        let policy = self.dmarc_truth(domain).effective_policy;
        let policies = domain.policies;
        let outcome = match policy.as_deref() {
            None | Some("none") => "not_attempted",
            // A name without a delegation is asked as any other, and has nothing.
            _ if domain.dns == Dns::Undelegated => "absent",
            // What is not there is not asked for a logo.
            _ if !domain.has_zone() => "not_attempted",
            _ if policies.bimi.txt(&domain.name).is_some() => "found",
            _ => "absent",
        };
        let found = outcome == "found";
        Bimi {
            outcome: outcome.to_owned(),
            location: policies.bimi.location(&domain.name).filter(|_| found),
            authority: policies.bimi.authority(&domain.name).filter(|_| found),
        }
    }

    pub fn caa_truth(&self, domain: &Domain) -> Caa {
        if domain.security() == "bogus" {
            return Caa::default();
        }
        let takes_mail = !matches!(domain.mail, Mail::Null | Mail::Nothing) && domain.has_zone();
        if !takes_mail {
            return Caa {
                outcome: "not_attempted".to_owned(),
                ..Caa::default()
            };
        }
        let steps = self.caa_steps(domain);
        let found = steps.into_iter().find(|(_, caa)| !caa.values().is_empty());
        let Some((found_at, caa)) = found else {
            return Caa {
                outcome: "absent".to_owned(),
                ..Caa::default()
            };
        };
        let of = |tag: &str| {
            let values = caa.values().iter().filter(|(is, _)| *is == tag);
            let mut values: Vec<_> = values.map(|(_, value)| (*value).to_owned()).collect();
            values.sort();
            values
        };
        Caa {
            outcome: "found".to_owned(),
            found_at: Some(found_at),
            values: ["issue", "issuewild", "issuemail"].map(of),
        }
    }
}
