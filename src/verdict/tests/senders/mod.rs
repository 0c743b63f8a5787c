//! Sending mail: SPF, DKIM, DMARC, and domains that send none.

mod dkim;
mod dmarc;
mod locked;
mod spf;

use super::*;

/// The checks of sending mail.
const SENDING: [CheckId; 14] = [
    CheckId::Spf,
    CheckId::SpfLookups,
    CheckId::SpfRestrictive,
    CheckId::SpfHardfail,
    CheckId::SpfNarrow,
    CheckId::Dkim,
    CheckId::DkimKeys,
    CheckId::Dmarc,
    CheckId::DmarcEnforced,
    CheckId::DmarcSampling,
    CheckId::DmarcReject,
    CheckId::DmarcSubdomains,
    CheckId::DmarcReports,
    CheckId::NonSendingLocked,
];

#[test]
fn domains_that_do_not_exist_are_not_judged() {
    for check in SENDING {
        assert_eq!(gone().says(check), "not_applicable nxdomain", "{check}");
        assert_eq!(lost().says(check), "unknown servfail", "{check}");
    }
}

#[test]
fn sending_is_judged_whether_mail_is_taken_or_not() {
    for facts in [takes_none(), of_kind(None, &[])] {
        let facts = facts.but(|it| {
            it.domain.spf.outcome = Outcome::Absent;
            it.domain.dmarc = dmarc_asked(Outcome::Absent, None);
            it.domain.dkim = dkim_seen(DkimExistence::Absent);
        });
        assert_eq!(facts.says(CheckId::Spf), "fail no_record");
        assert_eq!(facts.says(CheckId::Dmarc), "fail no_record");
        assert_eq!(facts.says(CheckId::Dkim), "fail no_key");
    }
}

#[test]
fn what_was_not_asked_is_not_absent() {
    for check in SENDING {
        let says = takes_none().says(check);
        assert!(says.starts_with("unknown "), "{check}: {says}");
    }
}
