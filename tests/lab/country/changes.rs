//! What changed between two surveys: the same country some time later.

use super::Country;
use super::domain::{Dns, Domain, Mail, Odd, Text};
use super::draw::Draw;
use super::numbers;
use super::zones::Policy;
use crate::lab::national::truth;

/// What happened to a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Its zone is signed now, or no longer.
    Signing,
    /// It is at another provider.
    Moved,
    /// A record appeared, or went.
    Record(Policy),
    /// There are TLSA records for its own mail host.
    OwnTlsa,
    /// Its name servers died: an outage, which changes nothing about it.
    Silent,
    /// They no longer speak for it.
    Lame,
    /// What was wrong in the DNS is mended.
    Mended,
}

impl Change {
    /// Whether it makes a difference to such a domain.
    fn fits(self, domain: &Domain) -> bool {
        let is_own = domain.mail == Mail::Own;
        match self {
            Self::Mended => domain.dns != Dns::Works,
            _ if domain.dns != Dns::Works => false,
            Self::Signing | Self::Silent => true,
            Self::Lame => domain.org().is_none(),
            Self::Moved => is_own || domain.mail == Mail::Provider,
            Self::Record(_) => domain.text == Text::Plain,
            Self::OwnTlsa => is_own && !(domain.own_tlsa && domain.signed),
        }
    }
}

impl Country {
    /// Numbers that the domains of the list have; some of them left it, the last ones joined.
    pub fn numbers(&self) -> std::ops::Range<usize> {
        let joined = self.settings.changes.map_or(0, |share| {
            (self.settings.domains as f64 * share * numbers::JOINED).ceil() as usize
        });
        0..self.settings.domains + joined
    }

    /// What happened to the domain of a number; none where nothing did or it left the list.
    fn change(&self, number: usize, before: &Domain) -> (bool, Option<Change>) {
        let Some(share) = self.settings.changes else {
            return (false, None);
        };
        let mut draw = Draw::of(self.settings.seed, "change", number as u64);
        let stays = matches!(before.mail, Mail::Manner(_)) || before.odd != Odd::No;
        if number >= self.settings.domains || stays || !draw.chance(share) {
            return (false, None);
        }
        if draw.chance(numbers::LEFT) {
            return (true, None);
        }
        let mut fitting = numbers::CHANGES.to_vec();
        fitting.retain(|(change, _)| change.fits(before));
        (false, Some(draw.pick(&fitting)))
    }

    /// The domain of a number as it is in the list now; none where it left.
    pub fn listed(&self, number: usize) -> Option<Domain> {
        let before = self.domain(number);
        match self.change(number, &before) {
            (true, _) => None,
            (false, None) => Some(before),
            (false, Some(change)) => Some(self.changed(before, change)),
        }
    }

    fn changed(&self, mut domain: Domain, change: Change) -> Domain {
        domain.changed = Some(change);
        match change {
            Change::Signing => domain.signed = !domain.signed,
            Change::Moved => {
                domain.provider = (domain.provider + 1) % self.providers.len();
                domain.mail = Mail::Provider;
            }
            Change::Record(policy) => {
                let has = match policy {
                    Policy::Spf => &mut domain.spf,
                    Policy::Dmarc => &mut domain.dmarc,
                    Policy::MtaSts => &mut domain.mta_sts,
                    Policy::TlsRpt => &mut domain.tls_rpt,
                };
                *has = !*has;
            }
            Change::OwnTlsa => (domain.signed, domain.own_tlsa) = (true, true),
            Change::Silent => domain.dns = Dns::Silent,
            Change::Lame => domain.dns = Dns::Lame,
            Change::Mended => domain.dns = Dns::Works,
        }
        domain.sha1 &= domain.signed && domain.dns == Dns::Works;
        domain
    }

    /// What a comparison with the first survey must find about the domain of a number.
    pub fn changes_truth(&self, number: usize) -> Vec<truth::Change> {
        let before = self.domain(number);
        let of_list = |word: &str| truth::Change {
            domain: before.name.clone(),
            list: Some(word.to_owned()),
            ..truth::Change::default()
        };
        if number >= self.settings.domains {
            return vec![of_list("new")];
        }
        let change = match self.change(number, &before) {
            (true, _) => return vec![of_list("gone")],
            (false, None) => return Vec::new(),
            (false, Some(change)) => change,
        };
        let was = self.verdict_truth(&before).checks;
        let is = self.verdict_truth(&self.changed(before.clone(), change));
        let differing = is.checks.into_iter().filter_map(|(check, after)| {
            let before = was.get(&check).cloned().unwrap_or_default();
            (before != after).then_some((check, before, after))
        });
        let rows = differing.map(|(check, before, after)| truth::Change {
            domain: is.domain.clone(),
            list: None,
            check: Some(check),
            before,
            after,
        });
        rows.collect()
    }
}
