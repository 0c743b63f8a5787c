//! Policies of receiving: MTA-STS, TLS-RPT, and whether anything keeps senders from clear text.

use super::results::{FAIL, NOT_APPLICABLE, Results, UNKNOWN, Word};
use super::{Case, Judged};
use crate::country::zones::{Policy, texts};

impl Case<'_> {
    /// The records of a policy.
    pub(super) fn records(&self, policy: Policy) -> Vec<String> {
        if !self.domain.has_zone() {
            return Vec::new();
        }
        let mut records = texts(self.domain, policy);
        records.retain(|text| text.starts_with(policy.tag()));
        records
    }

    /// By the number of records: none, one, several.
    pub(super) fn by_records(&self, policy: Policy, judged: [Results; 3]) -> Results {
        judged[self.records(policy).len().min(2)]
    }

    pub(super) fn policies(&self) -> Judged {
        // What a single record says, and the policy behind it, is not looked at yet.
        let mta_sts = |judged| self.of_receivers(|| self.by_records(Policy::MtaSts, judged));
        let enforced = mta_sts([NOT_APPLICABLE, UNKNOWN, FAIL]);
        let covers = mta_sts([NOT_APPLICABLE, UNKNOWN, NOT_APPLICABLE]);
        let tls_rpt = || self.by_records(Policy::TlsRpt, [FAIL, UNKNOWN, FAIL]);
        vec![
            ("mta_sts", mta_sts([FAIL, UNKNOWN, FAIL])),
            ("mta_sts_enforced", enforced),
            ("mta_sts_covers_mx", covers),
            ("tls_rpt", self.of_receivers(tls_rpt)),
            (
                "downgrade_protected",
                self.of_receivers(|| self.downgrade_protected(enforced, covers)),
            ),
        ]
    }

    fn downgrade_protected(&self, enforced: Results, covers: Results) -> Results {
        let dane = self.dnssec_domain().with(self.dane_valid(), both);
        dane.with(enforced.with(covers, both), either)
    }
}

/// What is not applicable does not protect.
fn protects(word: Word) -> Word {
    match word {
        Word::NotApplicable => Word::Fail,
        other => other,
    }
}

fn both(one: Word, other: Word) -> Word {
    protects(one).max(protects(other))
}

fn either(one: Word, other: Word) -> Word {
    protects(one).min(protects(other))
}
