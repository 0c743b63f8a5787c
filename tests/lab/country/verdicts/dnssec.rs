//! DNSSEC of the domain and of its mail hosts.

use super::results::{FAIL, PASS, Results, Word, every, told};
use super::{Case, Judged};

impl Case<'_> {
    pub(super) fn dnssec(&self) -> Judged {
        let published = self.of_receivers(|| self.unless_cut(self.dane_published()));
        vec![
            ("dnssec_domain", self.dnssec_domain()),
            (
                "dnssec_mail_hosts",
                self.of_receivers(|| self.unless_cut(self.dnssec_mail_hosts())),
            ),
            (
                "dnssec_algorithms",
                self.of_receivers(|| {
                    Self::after(
                        self.dnssec_domain(),
                        self.unless_cut(self.dnssec_algorithms()),
                    )
                }),
            ),
            ("dane_published", published),
            ("dane_valid", self.of_receivers(|| self.dane_valid())),
            (
                "dane_rollover",
                self.of_receivers(|| Self::after(published, self.dane_rollover())),
            ),
        ]
    }

    pub(super) fn dnssec_domain(&self) -> Results {
        self.of_all(|| told(self.domain.mx_security() == "secure"))
    }

    fn dnssec_mail_hosts(&self) -> Results {
        let is_secure = |security: [&str; 2]| security == ["secure", "secure"];
        let mut hosts = self.with_addresses();
        told(hosts.all(|host| is_secure([host.mail.security, host.mail.tlsa_security])))
    }

    /// One algorithm and one size of keys sign everything; some zones have a digest by SHA-1 in
    /// their parent besides.
    fn dnssec_algorithms(&self) -> Results {
        if self.domain.sha1 && self.domain.has_zone() {
            return FAIL;
        }
        let secure = self
            .with_addresses()
            .filter(|host| host.mail.security == "secure");
        every(secure.map(|host| {
            let mail = &host.mail;
            let end = mail.canonical.as_ref().unwrap_or(&mail.name);
            let provider = self.country.provider_of(end);
            let judged = told(!provider.is_some_and(|provider| provider.sha1));
            match &mail.canonical {
                // Which zone the end of an alias is in, the answers may not tell.
                Some(_) => judged.or_unknown(),
                None => judged,
            }
        }))
        .with(PASS, Word::max)
    }
}
