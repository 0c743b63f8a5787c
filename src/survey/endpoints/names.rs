//! The host names that lead to one address: which of them is asked for next, and which chains count
//! for each.
//!
//! A server may have thousands of names and show each its own certificate. The most used name is
//! asked for first. Where its leaf has all the others, they share it. Else one that it has not is
//! asked for: where that is shown the same chain, or the one that is shown without any name, there
//! is a chain for whoever has none of his own, and the others share that one. Names for which a
//! shared chain says nothing are asked for one by one, as far as the connections to the address go.

use super::addresses::{Address, Host, Hosts};
use super::agenda::{Ask, Purpose, ServerName, Wait, What};
use super::sights::Sight;
use super::story::Story;
use crate::certificate;
use crate::pace::Limits;
use crate::probe::tls::Keys;
use crate::table::codes::{ChainSource, ErrorCode, NameMatch};
use crate::table::row::Moment;
use crate::tls_names::alert::UNRECOGNIZED_NAME;

/// The names of an address, and what it showed them.
pub struct Names<'a> {
    story: &'a Story,
    /// Most domains first: the first one is the most used.
    hosts: Vec<(ServerName, &'a Host)>,
    sharing: Sharing,
    /// Names of the leaf that is shared, or else of that of the most used name.
    leaf: certificate::Names,
}

/// With whom a chain is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    /// Nobody knows yet.
    Undecided,
    /// The chain at this place, with every name that was not shown one of its own.
    All(usize),
    /// Each name has its own.
    None,
}

/// What counts for one name.
pub struct Counts<'a> {
    /// The handshake for this name, if there was one.
    pub sight: Option<&'a Sight>,
    /// Places of chains.
    pub chains: Vec<usize>,
    /// Whose they are.
    pub source: ChainSource,
    /// Why this name was not shown a chain of its own, where that is wanted.
    pub error: Option<ErrorCode>,
}

impl<'a> Names<'a> {
    /// Those of an address.
    pub fn of(hosts: &'a Hosts, address: &'a Address, story: &'a Story) -> Self {
        let name = |(at, (place, host))| match at {
            0 => (ServerName::MostUsed, host),
            _ => (ServerName::Of(place), host),
        };
        let hosts = hosts.placed(address).enumerate().map(name);
        let mut names = Self {
            story,
            hosts: hosts.collect(),
            sharing: Sharing::Undecided,
            leaf: certificate::Names::of(&[]),
        };
        if let Some(usual) = names.usual() {
            names.leaf = certificate::Names::of(names.leaf(usual));
            names.sharing = names.sharing(usual);
            match names.sharing {
                Sharing::All(at) if at != usual => {
                    names.leaf = certificate::Names::of(names.leaf(at));
                }
                _ => {}
            }
        }
        names
    }

    /// Every name with its host, most used first.
    pub fn all(&self) -> impl Iterator<Item = (ServerName, &'a Host)> {
        self.hosts.iter().copied()
    }

    /// What is asked once the address itself is done with: a name by a handshake of its own, or
    /// what the TLSA records of a name leave open.
    pub fn next(&self, limits: &Limits) -> Option<Ask> {
        self.usual()?;
        let used = u32::from(self.story.connections);
        let name = || self.next_name().filter(|_| used < limits.in_survey);
        let keys = || {
            self.next_keys()
                .filter(|_| used < limits.in_survey + limits.extra)
        };
        name().or_else(keys)
    }

    /// The name whose TLSA records are to be asked for again after this connection: a chain that
    /// none of them wants is looked at once more.
    pub fn in_doubt(&self, ask: &Ask) -> Option<ServerName> {
        let What::Full { name, keys, .. } = &ask.what else {
            return None;
        };
        match (ask.purpose, keys) {
            (Purpose::Beside, Some(keys)) => {
                let host = self.hosts.iter().find(|(other, _)| other == name)?.1;
                self.is_mismatch(*name, host, *keys).then_some(*name)
            }
            (Purpose::Beside, None) => None,
            _ => self.story.is_mismatch().then_some(ServerName::MostUsed),
        }
    }

    /// What counts for a name.
    pub fn counts(&self, name: ServerName, host: &Host) -> Counts<'a> {
        let sight = self.story.sights.best(name);
        let mut own: Vec<usize> = match name {
            ServerName::MostUsed => self.story.own_chains(),
            _ => self.story.sights.chains_of(name).collect(),
        };
        let mut once = std::collections::HashSet::new();
        own.retain(|at| once.insert(*at));
        if !own.is_empty() || name == ServerName::MostUsed {
            return Counts {
                sight,
                chains: own,
                source: ChainSource::Observed,
                error: None,
            };
        }
        let chains = match (self.usual(), self.sharing) {
            // Too old to shake hands with us is too old to choose by name.
            (None, _) => self.story.own_chains(),
            (Some(usual), Sharing::All(at)) if at == usual => self.story.own_chains(),
            (_, Sharing::All(at)) => vec![at],
            (_, Sharing::Undecided | Sharing::None) => Vec::new(),
        };
        let failed = sight.and_then(|sight| sight.tls.error);
        let wanted = self.usual().is_some() && self.wants_own(host);
        Counts {
            sight,
            chains,
            source: ChainSource::Shared,
            error: failed.or(Some(ErrorCode::SniBudget)).filter(|_| wanted),
        }
    }

    /// The chain of the most used name; none where hands were not shaken.
    fn usual(&self) -> Option<usize> {
        let best = self.story.sights.best(ServerName::MostUsed)?;
        best.chain.filter(|_| best.is_done())
    }

    fn leaf(&self, at: usize) -> &'a [u8] {
        let chain = self.story.chains().get(at);
        let leaf = chain.and_then(|shown| shown.chain.first());
        leaf.map_or(&[], Vec::as_slice)
    }

    fn others(&self) -> impl Iterator<Item = (ServerName, &'a Host)> {
        self.hosts.iter().skip(1).copied()
    }

    /// `usual` is the place of the chain of the most used name, whose leaf is in hand.
    fn sharing(&self, usual: usize) -> Sharing {
        let mut strangers = self.others().filter(|(_, host)| !self.has(host)).peekable();
        if strangers.peek().is_none() {
            return Sharing::All(usual);
        }
        let nameless = match self.story.without_name {
            true => Some(usual),
            false => self
                .story
                .sights
                .best(ServerName::None)
                .and_then(|one| one.chain),
        };
        let mut sharing = Sharing::Undecided;
        for (name, _) in strangers {
            let Some(sight) = self.story.sights.best(name) else {
                continue;
            };
            let refused = sight.tls.alert == Some(UNRECOGNIZED_NAME);
            let shown = sight.chain.or(nameless.filter(|_| refused));
            match shown {
                Some(at) if at == usual || Some(at) == nameless => return Sharing::All(at),
                None if !refused => {}
                _ => sharing = Sharing::None,
            }
        }
        sharing
    }

    /// Whether what others were shown leaves something open for a host.
    fn wants_own(&self, host: &Host) -> bool {
        let Sharing::All(at) = self.sharing else {
            return true;
        };
        !self.has(host) || (host.has_tlsa() && !self.takes(host, at))
    }

    /// Whether the leaf in hand names a host.
    fn has(&self, host: &Host) -> bool {
        let by = self.leaf.of_host(&host.host);
        matches!(by, NameMatch::San | NameMatch::SanWildcard)
    }

    /// TLSA records that a chain matches, by position; also those that others outweigh.
    fn matches(&self, host: &Host, at: usize) -> Vec<u8> {
        self.shown(at).map_or(Vec::new(), |(ders, seen)| {
            host.matches(&host.tlsa.records, &ders, seen)
        })
    }

    fn takes(&self, host: &Host, at: usize) -> bool {
        self.shown(at)
            .is_some_and(|(ders, seen)| host.takes(&ders, seen))
    }

    fn shown(&self, at: usize) -> Option<(Vec<&'a [u8]>, Moment)> {
        let shown = self.story.chains().get(at)?;
        let ders = shown.chain.iter().map(Vec::as_slice).collect();
        Some((ders, shown.observed_at))
    }

    /// The name that is asked for next: those with TLSA records first, then the most used ones.
    fn next_name(&self) -> Option<Ask> {
        let is_open = |host: &Host| match self.sharing {
            Sharing::Undecided => !self.has(host),
            Sharing::All(_) | Sharing::None => self.wants_own(host),
        };
        let asked: std::collections::HashSet<u32> = self.story.sights.others().collect();
        let is_new = |name| matches!(name, ServerName::Of(place) if !asked.contains(&place));
        let mut open: Vec<_> = self
            .others()
            .filter(|(name, host)| is_new(*name) && is_open(host))
            .collect();
        open.sort_by_key(|(_, host)| !host.has_tlsa());
        let (name, _) = *open.first()?;
        // What is shown without a name tells more than one of several names does.
        let nameless = self.sharing == Sharing::None
            && open.len() > 1
            && self.story.sights.best(ServerName::None).is_none();
        Some(beside(match nameless {
            true => ServerName::None,
            false => name,
        }))
    }

    /// What the TLSA records of a name leave open: whether there is a certificate with another kind
    /// of key, or whether one that matches none is there to stay.
    fn next_keys(&self) -> Option<Ask> {
        let with_tlsa = self.all().filter(|(_, host)| host.has_tlsa());
        let mut asked = with_tlsa.filter(|(name, _)| {
            let best = self.story.sights.best(*name);
            best.is_some_and(Sight::is_done)
        });
        asked.find_map(|(name, host)| {
            [Keys::Rsa, Keys::Elliptic]
                .into_iter()
                .find_map(|keys| self.ask_for_keys(name, host, keys))
        })
    }

    fn ask_for_keys(&self, name: ServerName, host: &Host, keys: Keys) -> Option<Ask> {
        let sights = self.story.sights.of(name);
        let tries = sights.filter(|sight| sight.keys == Some(keys)).count();
        let seen = self.of_kind(name, keys).len();
        let wait = match (seen, tries) {
            (0, 0) if self.has_unmatched(name, host) => Wait::Tenth,
            (1, 0 | 1) if self.is_mismatch(name, host, keys) => Wait::Half,
            _ => return None,
        };
        let what = What::Full {
            name,
            hybrid: false,
            keys: Some(keys),
        };
        Some(Ask {
            what,
            wait,
            extra: true,
            ..beside(name)
        })
    }

    /// Places of the chains of a name that have this kind of key; one place for each time.
    fn of_kind(&self, name: ServerName, keys: Keys) -> Vec<usize> {
        let mut chains: Vec<usize> = self.story.sights.chains_of(name).collect();
        chains.retain(|at| self.kind(*at) == Some(keys));
        chains
    }

    fn kind(&self, at: usize) -> Option<Keys> {
        Keys::of(certificate::row(self.leaf(at)).key_type.as_deref())
    }

    /// Whether a chain of this kind was shown to a name, and the records want none of them.
    fn is_mismatch(&self, name: ServerName, host: &Host, keys: Keys) -> bool {
        let chains = self.of_kind(name, keys);
        !chains.is_empty() && !chains.iter().any(|at| self.takes(host, *at))
    }

    /// Whether there are usable records that no chain of a name matches.
    fn has_unmatched(&self, name: ServerName, host: &Host) -> bool {
        let chains = self.story.sights.chains_of(name);
        let matched: Vec<u8> = chains.flat_map(|at| self.matches(host, at)).collect();
        let mut records = (0..=u8::MAX).zip(&host.tlsa.records);
        records.any(|(at, record)| record.usable && !matched.contains(&at))
    }
}

/// A handshake for a name. One in a tenth of a window is one per minute.
fn beside(name: ServerName) -> Ask {
    Ask {
        what: What::Full {
            name,
            hybrid: false,
            keys: None,
        },
        purpose: Purpose::Beside,
        wait: Wait::Tenth,
        extra: false,
    }
}
