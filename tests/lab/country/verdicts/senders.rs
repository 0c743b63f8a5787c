//! Sending mail: SPF, DKIM, DMARC. And what belongs to the people who read mail, which nobody looks
//! at yet.

use super::super::domain::{Dns, Mail};
use super::super::hosts::is_answered;
use super::results::{FAIL, NOT_APPLICABLE, Results, UNKNOWN};
use super::{Case, Judged};
use crate::country::zones::Policy;

/// SPF that lets nobody send (RFC 7208 4.6.2), to the letter.
const LOCKED: &str = "v=spf1 -all";

impl Case<'_> {
    /// Whether it says that it sends no mail; none where nobody can know.
    pub(super) fn non_sending(&self) -> Option<bool> {
        if self.domain.dns == Dns::Nxdomain || !is_answered(self.domain) {
            return None;
        }
        let no_mail = matches!(self.domain.mail, Mail::Null | Mail::Nothing);
        Some(no_mail || !self.domain.has_zone() || self.is_locked())
    }

    fn is_locked(&self) -> bool {
        self.records(Policy::Spf) == [LOCKED]
    }

    pub(super) fn senders(&self) -> Judged {
        let by_spf = |judged| self.of_all(|| self.by_records(Policy::Spf, judged));
        let of_spf = by_spf([NOT_APPLICABLE, UNKNOWN, UNKNOWN]);
        let mut judged = vec![
            ("spf", by_spf([FAIL, UNKNOWN, FAIL])),
            ("spf_lookups", of_spf),
            ("spf_restrictive", of_spf),
            ("spf_hardfail", of_spf),
            ("spf_narrow", of_spf),
            ("non_sending_locked", self.non_sending_locked()),
        ];
        let unseen = [
            "dkim",
            "dkim_keys",
            // By RFC 9989, which walks up the tree.
            "dmarc",
            "dmarc_enforced",
            "dmarc_sampling",
            "dmarc_reject",
            "dmarc_subdomains",
            "dmarc_reports",
            "imap_tls_only",
            "pop3_tls_only",
            "submission_tls_only",
            "client_tls",
            "client_cert",
            "webmail_https",
            "webmail_hsts",
        ];
        judged.extend(unseen.map(|check| (check, self.of_all(|| UNKNOWN))));
        judged
    }

    fn non_sending_locked(&self) -> Results {
        self.of_all(|| match self.non_sending() {
            None => UNKNOWN,
            Some(false) => NOT_APPLICABLE,
            // What DMARC says is not read yet.
            Some(true) if self.is_locked() => UNKNOWN,
            Some(true) => FAIL,
        })
    }
}
