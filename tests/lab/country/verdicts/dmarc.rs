//! DMARC by the tree walk (RFC 9989).

use super::results::{FAIL, NOT_APPLICABLE, PASS, Results, UNKNOWN, told};
use super::{Case, Judged};
use crate::country::policies::dmarc::record::{Dmarc, strictness};

impl Case<'_> {
    pub(super) fn dmarc(&self) -> Judged {
        let applies = self.country.dmarc_applies(self.domain);
        let usable = applies.usable();
        let effective = usable.map(|record| record.effective_9989(applies.is_own()));
        let at_least = |policy: &str| {
            told(effective.is_some_and(|effective| strictness(effective) >= strictness(policy)))
        };
        let behind = |judge: &dyn Fn(&Dmarc) -> Results| {
            self.of_text(|| usable.map_or(NOT_APPLICABLE, judge))
        };
        vec![
            ("dmarc", self.of_text(|| told(usable.is_some()))),
            ("dmarc_enforced", behind(&|_| at_least("quarantine"))),
            ("dmarc_reject", behind(&|_| at_least("reject"))),
            (
                "dmarc_sampling",
                behind(&|record| told(record.t != Some(true))),
            ),
            (
                "dmarc_subdomains",
                behind(&|record| told(record.covers_subdomains())),
            ),
            ("dmarc_reports", behind(&reports)),
        ]
    }
}

/// One mailbox that takes them is enough.
fn reports(record: &Dmarc) -> Results {
    let mailboxes = record.rua.iter().filter(|rua| rua.scheme == "mailto");
    let mailboxes = mailboxes.map(|rua| match (rua.external, rua.authorised) {
        (false, _) | (true, "found") => PASS,
        (true, "failed") => UNKNOWN,
        (true, _) => FAIL,
    });
    let all: Vec<_> = mailboxes.collect();
    let has = |result| all.contains(&result);
    match (has(PASS), has(UNKNOWN)) {
        (true, _) => PASS,
        (false, true) => UNKNOWN,
        (false, false) => FAIL,
    }
}
