//! MTA-STS: the record, and the policy behind it.

use super::super::super::Country;
use super::super::super::domain::Domain;
use super::super::super::zones::Policy;
use super::super::sts::{Policy as Sts, Served};
use super::word;
use crate::lab::national::records::MtaSts;
use crate::lab::national::truth;

impl Country {
    pub fn mta_sts_truth(&self, domain: &Domain) -> MtaSts {
        let record = domain.policies.sts;
        let text = self.judged(domain, Policy::MtaSts, record.fault());
        MtaSts {
            id: word(record.id().filter(|_| text.valid == Some(true))),
            text,
        }
    }

    /// What its policy is; none without exactly one record.
    pub fn policy_truth(&self, domain: &Domain) -> Option<truth::Policy> {
        let served = domain.policies.served;
        if self.text_truth(domain, Policy::MtaSts).count != 1 {
            return None;
        }
        let (outcome, error, http_status) = match served {
            Served::Status(status) => ("absent", None, Some(status)),
            Served::Moved => ("absent", None, Some(301)),
            Served::NoAddress => ("absent", None, None),
            Served::Refused => ("failed", Some("refused"), None),
            Served::Tarpit => ("failed", Some("timeout"), None),
            Served::Alert => ("failed", Some("tls_alert"), None),
            Served::TooLarge => ("failed", Some("too_large"), Some(200)),
            Served::Special => ("not_attempted", Some("special_purpose"), None),
            _ => ("found", None, Some(200)),
        };
        let policy = served.policy();
        let has_chain = http_status.is_some();
        let certificate = |bad: bool, is: &str, usual: &str| {
            let seen = if bad { is } else { usual };
            has_chain.then(|| seen.to_owned())
        };
        Some(truth::Policy {
            domain: domain.name.clone(),
            ips: self
                .sts_address(domain)
                .iter()
                .map(ToString::to_string)
                .collect(),
            canonical_name: self.sts_alias(domain),
            outcome: outcome.to_owned(),
            error: word(error),
            http_status,
            mode: policy
                .and_then(|policy| word(Some(policy.mode()).filter(|mode| *mode != "strict"))),
            mx: policy.map_or_else(Vec::new, |policy| self.sts_patterns(domain, policy)),
            max_age: policy.and_then(Sts::max_age),
            valid: (outcome == "found").then(|| policy.is_some_and(|one| one.fault().is_empty())),
            pkix: certificate(served == Served::SelfSigned, "self_signed", "valid"),
            dates: certificate(served == Served::Expired, "expired", "current"),
            name_match: certificate(served == Served::WrongName, "none", "san"),
        })
    }
}
