//! DMARC by both rules.

use super::super::super::Country;
use super::super::super::domain::Domain;
use super::super::dmarc::applies::{Applies, by_suffix, by_walk};
use super::super::dmarc::record::{Dmarc as Record, Rua};
use super::super::txt::shown;
use super::{is_asked, word, words};
use crate::lab::national::records::{Dmarc, Target};

impl Country {
    /// The DMARC record that applies by the tree walk.
    pub fn dmarc_applies(&self, domain: &Domain) -> Applies {
        by_walk(&self.dmarc_steps(domain))
    }

    pub fn dmarc_truth(&self, domain: &Domain) -> Dmarc {
        if !is_asked(domain) {
            return not_asked();
        }
        let applies = self.dmarc_applies(domain);
        let mut truth = dmarc_truth(&applies);
        // Some that do not count stand at the name itself.
        let own = self.dmarc(domain);
        if let (None, Some(first)) = (&applies.record, own.first()) {
            truth.outcome = "found".to_owned();
            truth.record = Some(shown(&first.text));
            truth.valid = Some(false);
        }
        let usable = applies.usable();
        let effective = usable.map(|record| record.effective_9989(applies.is_own()));
        truth.effective_policy = word(effective);
        if let Some((record, _)) = &applies.record {
            truth.rua = record.rua.iter().map(|rua| rua.uri.clone()).collect();
            truth.ruf.clone_from(&record.ruf);
            let said = [
                record.p,
                record.sp,
                record.np,
                record.adkim,
                record.aspf,
                record.psd,
            ];
            truth.words = said.map(word);
            (truth.pct, truth.t) = (record.pct, record.t);
        }
        truth
    }

    pub fn dmarc_7489_truth(&self, domain: &Domain) -> Dmarc {
        if !is_asked(domain) {
            return not_asked();
        }
        let steps = self.dmarc_steps(domain);
        let org = domain.org().map(|_| &steps[steps.len() - 2]);
        let applies = by_suffix(&steps[0], org);
        let mut truth = dmarc_truth(&applies);
        if applies.count > 0 {
            truth.outcome = "found".to_owned();
        }
        let usable = applies.usable();
        let effective = usable.map(|record| record.effective(applies.is_own()));
        truth.effective_policy = word(effective);
        if let Some((record, _)) = &applies.record {
            truth.words = [record.p, record.sp, None, None, None, None].map(word);
            truth.pct = Some(record.pct.unwrap_or(100));
        }
        truth
    }
}

fn not_asked() -> Dmarc {
    Dmarc {
        outcome: "not_attempted".to_owned(),
        ..Dmarc::default()
    }
}

fn dmarc_truth(applies: &Applies) -> Dmarc {
    let record = applies.record.as_ref();
    let targets = record.map(|(record, _)| targets(record));
    Dmarc {
        outcome: if record.is_some() { "found" } else { "absent" }.to_owned(),
        count: applies.count,
        record: record.map(|(record, _)| shown(&record.text)),
        found_at: record.map(|(_, at)| at.clone()),
        org_domain: applies.org_domain.clone(),
        inherited: word(applies.inherited),
        valid: record.map(|_| applies.fault.is_empty()),
        fault: words(applies.fault),
        targets: targets.unwrap_or_default(),
        ..Dmarc::default()
    }
}

fn targets(record: &Record) -> Vec<Target> {
    let target = |rua: &Rua| Target {
        scheme: rua.scheme.to_owned(),
        host: rua.host.clone(),
        external: rua.external,
        authorised: rua.authorised.to_owned(),
    };
    record.rua.iter().map(target).collect()
}
