//! TLSA records, and the certificates that they are about.

use super::super::servers::Dane;
use super::Case;
use super::results::{FAIL, NOT_APPLICABLE, PASS, Results, UNKNOWN, Word, every, told};
use super::servers::{Host, Server};

/// Whether a client uses the TLSA records of a host (RFC 7672 2.2, 3.1).
fn is_used(host: &Host) -> bool {
    let mail = &host.mail;
    let is_usable = !matches!(mail.dane, Dane::None | Dane::Unusable);
    mail.security == "secure" && mail.tlsa_security == "secure" && is_usable
}

/// Whether the certificate of a server is one of the records'.
fn matches(dane: Dane, server: &Server) -> Results {
    let endpoint = &server.endpoint;
    match endpoint.tlsa_match {
        // Only old hellos show the other certificate, and each of them once.
        _ if dane == Dane::One => FAIL.or_unknown(),
        Some(true) if endpoint.has_tls() => PASS,
        // Another name may have another certificate.
        _ if endpoint.has_tls() && server.leans => FAIL.or_unknown(),
        _ if endpoint.has_tls() => FAIL,
        // It has TLS, and nobody saw which certificate.
        _ if endpoint.tls == "failed" => UNKNOWN,
        _ => server.starttls(),
    }
}

impl Case<'_> {
    pub(super) fn dane_published(&self) -> Results {
        let before = self.dnssec_domain();
        match before {
            PASS => told(self.with_addresses().all(is_used)),
            _ => before,
        }
    }

    pub(super) fn dane_valid(&self) -> Results {
        if self.dnssec_domain() != PASS {
            return NOT_APPLICABLE;
        }
        let used = self.with_addresses().filter(|host| is_used(host));
        let judged = every(used.map(|host| host.judge(|server| matches(host.mail.dane, server))));
        // What hosts without records do, nobody can hold against the others.
        judged.with(self.dane_published(), |judged, published| {
            match (judged, published) {
                (Word::Pass, Word::Fail) => Word::NotApplicable,
                _ => judged,
            }
        })
    }

    /// Where every host has records.
    pub(super) fn dane_rollover(&self) -> Results {
        let hosts = self.with_addresses();
        every(hosts.map(|host| match host.mail.dane {
            Dane::None | Dane::Unusable => NOT_APPLICABLE,
            // One for each of its certificates, of which one may not have been seen.
            Dane::Right if self.country.tlsa(&host.mail).len() > 1 => FAIL.or_unknown(),
            Dane::Right | Dane::One | Dane::Wrong | Dane::Ca => FAIL,
            Dane::Both => {
                let is_seen = |server: &Server| {
                    let ip = server.endpoint.ip.parse().expect("an address");
                    server.endpoint.has_tls() && self.country.is_anchored(&host.mail, ip)
                };
                match host.servers.iter().any(is_seen) {
                    true => PASS,
                    false => UNKNOWN,
                }
            }
            // Whether the other key is in use, too, would take a second handshake.
            Dane::Next => UNKNOWN,
        }))
    }
}
