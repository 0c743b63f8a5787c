//! Sending mail: SPF, DKIM, and whether a domain without mail is locked; [`super::dmarc`] has DMARC.
//! And what belongs to the people who read mail, which nobody looks at yet.

use super::super::domain::{Dns, Mail};
use super::super::hosts::is_answered;
use super::results::{FAIL, NOT_APPLICABLE, PASS, Results, UNKNOWN, Word, told};
use super::{Case, Judged};
use crate::country::policies::dkim::{Key, Kind};
use crate::country::policies::spf::graph::{COUNTED, Graph};
use crate::country::policies::spf::record::Spf;
use crate::country::policies::spf::record::Term::All;
use crate::lab::national::records;

/// Terms that may ask the DNS, and names behind an `mx` (RFC 7208 4.6.4).
const LOOKUPS: u16 = 10;
/// Names that may have nothing (RFC 7208 4.6.4).
const VOIDS: u16 = 2;
/// Addresses of a /16.
const NARROW: u64 = 65_536;
/// Size of an RSA key (RFC 8301 3.2).
const RSA: u16 = 1_024;

impl Case<'_> {
    /// Whether it says that it sends no mail; none where nobody can know.
    pub(super) fn non_sending(&self) -> Option<bool> {
        if self.domain.dns == Dns::Nxdomain || !is_answered(self.domain) {
            return None;
        }
        let no_mail = matches!(self.domain.mail, Mail::Null | Mail::Nothing);
        match no_mail || !self.domain.has_zone() {
            true => Some(true),
            false => self.is_believed().then(|| self.is_locked()),
        }
    }

    fn is_locked(&self) -> bool {
        self.country.spf(self.domain) == [Spf::of([All("-all")])]
    }

    pub(super) fn senders(&self) -> Judged {
        let mut judged = vec![
            ("spf", self.of_text(|| self.vague(self.spf()))),
            ("spf_lookups", self.behind_spf(lookups)),
            (
                "spf_restrictive",
                self.behind_spf(|graph| ends_in(graph, &["-all", "~all"])),
            ),
            (
                "spf_hardfail",
                self.behind_spf(|graph| ends_in(graph, &["-all"])),
            ),
            ("spf_narrow", self.behind_spf(narrow)),
            ("dkim", self.of_all(|| self.dkim())),
            ("dkim_keys", self.of_all(|| self.dkim_keys())),
            (
                "non_sending_locked",
                self.of_all(|| self.non_sending_locked()),
            ),
        ];
        judged.extend(self.dmarc());
        let of_clients = [
            "imap_tls_only",
            "pop3_tls_only",
            "submission_tls_only",
            "client_tls",
            "client_cert",
            "webmail_https",
            "webmail_hsts",
        ];
        judged.extend(of_clients.map(|check| (check, self.of_receivers(|| UNKNOWN))));
        judged
    }

    fn non_sending_locked(&self) -> Results {
        match self.non_sending() {
            None => UNKNOWN,
            Some(false) => NOT_APPLICABLE,
            Some(true) if !self.is_believed() => UNKNOWN,
            Some(true) => {
                let applies = self.country.dmarc_applies(self.domain);
                let effective = applies
                    .usable()
                    .map(|one| one.effective_9989(applies.is_own()));
                told(self.is_locked() && effective == Some("reject"))
            }
        }
    }

    fn spf(&self) -> Results {
        match self.country.spf_graph(self.domain) {
            None => FAIL,
            Some(graph) if graph.fault.is_some() => FAIL,
            Some(graph) if graph.failed.is_some() => UNKNOWN,
            Some(_) => PASS,
        }
    }

    /// Where terms lead to what does not validate.
    fn vague(&self, judged: Results) -> Results {
        let is_usable = self.country.spf_graph(self.domain).is_some();
        match is_usable && self.country.spf_is_vague(self.domain) {
            true => judged.or_unknown(),
            false => judged,
        }
    }

    fn behind_spf(&self, judge: impl Fn(&Graph) -> Results) -> Results {
        self.of_text(|| match self.country.spf_graph(self.domain) {
            Some(graph) => self.vague(judge(&graph)),
            None => NOT_APPLICABLE,
        })
    }

    fn dkim(&self) -> Results {
        let dkim = self.country.dkim_truth(self.domain);
        let kind = self.domain.policies.dkim;
        let judged = match dkim.existence.as_deref() {
            Some("key_found") if dkim.keys.iter().any(is_live) => PASS,
            Some("key_found") => match dkim.keys.iter().all(|key| key.revoked) {
                true => FAIL,
                // Others may have a key that is sound.
                false => UNKNOWN,
            },
            Some("subtree_exists") => PASS,
            Some("absent") => FAIL,
            // An empty key for every selector.
            Some("wildcard") if kind == Kind::Wildcard(Key::Revoked) => FAIL,
            _ => UNKNOWN,
        };
        if dkim.hides {
            judged.or_unknown()
        } else {
            judged
        }
    }

    fn dkim_keys(&self) -> Results {
        let dkim = self.country.dkim_truth(self.domain);
        let mut live = dkim.keys.iter().filter(|key| is_live(key)).peekable();
        let keys = match live.peek() {
            None => UNKNOWN,
            Some(_) => told(live.all(is_strong)),
        };
        self.dkim().with(keys, |there, keys| match there {
            Word::Pass => keys,
            Word::Fail => Word::NotApplicable,
            open => open,
        })
    }
}

/// Every limit of RFC 7208 4.6.4.
fn lookups(graph: &Graph) -> Results {
    let fault = graph.fault.as_ref();
    let is_loop = fault.is_some_and(|(fault, _)| *fault == ["loop"]);
    let is_beyond = graph.lookups > LOOKUPS || graph.mx_names > LOOKUPS || graph.voids > VOIDS;
    match (is_beyond || is_loop, graph.failed.is_some()) {
        (true, _) => FAIL,
        (false, true) => UNKNOWN,
        (false, false) => PASS,
    }
}

fn ends_in(graph: &Graph, allowed: &[&str]) -> Results {
    match graph.effective_all {
        Some(all) => told(allowed.contains(&all)),
        None if graph.failed.is_some() => UNKNOWN,
        None => FAIL,
    }
}

/// Nobody has many addresses in IPv6.
fn narrow(graph: &Graph) -> Results {
    let everybody = graph.effective_all == Some("+all") || graph.includes_all;
    if everybody || graph.ipv4_addresses() > NARROW {
        return FAIL;
    }
    match graph.failed.is_some() || graph.depends_on_sender {
        true => UNKNOWN,
        // Nobody needs to follow that many.
        false if graph.lookups > COUNTED => PASS.or_unknown(),
        false => PASS,
    }
}

fn is_live(key: &records::Key) -> bool {
    !key.revoked && key.fault.is_empty()
}

fn is_strong(key: &records::Key) -> bool {
    let is_long = key.key_type == "ed25519" || key.bits.is_some_and(|bits| bits >= RSA);
    is_long && !key.testing
}
