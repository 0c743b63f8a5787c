//! Policies of receiving: MTA-STS, TLS-RPT, and whether anything keeps senders from clear text.

use super::results::{FAIL, NOT_APPLICABLE, PASS, Results, UNKNOWN, Word, every, told};
use super::servers::Server;
use super::{Case, Judged};
use crate::country::policies::sts::{Policy as Sts, Served, covers};
use crate::country::zones::Policy;

/// Life of a policy that is long enough to count, in seconds.
const DAY: u32 = 86_400;

/// What comes of MTA-STS.
#[derive(Clone, Copy)]
struct MtaSts {
    works: Results,
    enforced: Results,
    covers: Results,
}

/// A policy that nobody can use, though there should be one.
const BROKEN: MtaSts = MtaSts {
    works: FAIL,
    enforced: FAIL,
    covers: NOT_APPLICABLE,
};

impl MtaSts {
    /// Where the failure may be somebody else's.
    fn or_unknown(self) -> Self {
        Self {
            works: self.works.or_unknown(),
            enforced: self.enforced.or_unknown(),
            covers: self.covers.or_unknown(),
        }
    }

    /// What nobody can know.
    const UNKNOWN: Self = Self {
        works: UNKNOWN,
        enforced: UNKNOWN,
        covers: UNKNOWN,
    };
}

impl Case<'_> {
    pub(super) fn policies(&self) -> Judged {
        let sts = self.mta_sts();
        let tls_rpt = || {
            let text = self.country.tls_rpt_truth(self.domain).text;
            self.of_text(|| told(text.valid == Some(true)))
        };
        let [enforced, covers] =
            [sts.enforced, sts.covers].map(|judged| self.of_receivers(|| judged));
        vec![
            ("mta_sts", self.of_receivers(|| sts.works)),
            ("mta_sts_enforced", enforced),
            ("mta_sts_covers_mx", covers),
            ("tls_rpt", self.of_receivers(tls_rpt)),
            (
                "downgrade_protected",
                self.of_receivers(|| self.downgrade_protected(enforced, covers)),
            ),
        ]
    }

    fn mta_sts(&self) -> MtaSts {
        if !self.is_believed() {
            return MtaSts::UNKNOWN;
        }
        let record = self.country.text_truth(self.domain, Policy::MtaSts);
        let served = self.domain.policies.served;
        match record.count {
            0 => MtaSts {
                works: FAIL,
                enforced: NOT_APPLICABLE,
                covers: NOT_APPLICABLE,
            },
            2.. => BROKEN,
            1 if !self.domain.policies.sts.fault().is_empty() => BROKEN,
            1 => self.served(served),
        }
    }

    fn served(&self, served: Served) -> MtaSts {
        match served {
            Served::Policy(policy) if policy.fault().is_empty() => self.policy(policy),
            Served::Tarpit => MtaSts::UNKNOWN,
            // Whether anybody elsewhere gets further, one vantage cannot tell.
            Served::Alert | Served::Special => BROKEN.or_unknown(),
            _ => BROKEN,
        }
    }

    fn policy(&self, policy: Sts) -> MtaSts {
        let mode = policy.mode();
        let lasts = policy.max_age().is_some_and(|age| age >= DAY);
        MtaSts {
            works: told(mode != "none"),
            enforced: told(mode == "enforce" && lasts),
            covers: match mode {
                // It takes back what was there before.
                "none" => NOT_APPLICABLE,
                _ => self.unless_cut(self.covers(policy)),
            },
        }
    }

    /// Every mail host is named, and shows a certificate that senders trust.
    fn covers(&self, policy: Sts) -> Results {
        let patterns = self.country.sts_patterns(self.domain, policy);
        every(self.with_addresses().map(|host| {
            let is_named = patterns
                .iter()
                .any(|pattern| covers(pattern, &host.mail.name));
            match is_named {
                true => host.judge(is_taken),
                false => FAIL,
            }
        }))
    }

    fn downgrade_protected(&self, enforced: Results, covers: Results) -> Results {
        let dane = self.dnssec_domain().with(self.dane_valid(), both);
        dane.with(enforced.with(covers, both), either)
    }
}

/// Whether senders take the certificate of a server. Without STARTTLS it has none.
fn is_taken(server: &Server) -> Results {
    let shown = [
        server.cert_trusted(),
        server.cert_name(),
        server.cert_current(),
    ];
    every(shown).with(PASS, |word, _| protects(word))
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
