//! A country: who is in it, its zones, its servers and its truth.
//!
//! [`numbers`] has every share and weight. [`Country`] draws hosters, providers and shared addresses
//! from the seed, and [`domain`] one domain at a time, so that nothing grows with their number but
//! the files. [`zones`] turns them into records, [`sign`] signs those, [`write`] writes all of it;
//! [`routes`] has the networks and countries of the servers, [`answers`], [`hosts`], [`tls`] and [`verdicts`] say what a survey must find, [`changes`] what a second one
//! must find changed; [`list`] has what it is given.

pub mod answers;
pub mod changes;
pub mod domain;
pub mod draw;
pub mod files;
pub mod hosts;
pub mod keys;
pub mod list;
pub mod numbers;
pub mod orgs;
pub mod plan;
pub mod policies;
pub mod record;
pub mod routes;
pub mod servers;
pub mod sign;
pub mod tls;
pub mod verdicts;
pub mod write;
pub mod zones;

use std::collections::HashMap;
use std::net::Ipv4Addr;

use domain::{Domain, Odd};
use draw::{Draw, Zipf};
use orgs::Org;
use policies::spf::library::Library;
use servers::{Provider, Server, Shared};

use super::lab::national::manners::MANNERS;

/// What a country is made from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Domains in the list.
    pub domains: usize,
    /// Where all chance comes from.
    pub seed: u64,
    /// Share of mail servers that are slow.
    pub slow_share: f64,
    /// Share of mail servers and of domains' name servers that never answer.
    pub dead_share: f64,
    /// Share of domains that changed since the first survey; none in the first one.
    pub changes: Option<f64>,
}

/// Everybody but the domains.
pub struct Country {
    pub settings: Settings,
    /// Number of hosters of name servers, one aside that answers in ways of its own.
    pub hosters: usize,
    pub providers: Vec<Provider>,
    pub shared: Vec<Shared>,
    pub orgs: Vec<Org>,
    /// What SPF records lead to.
    pub library: Library,
    /// Every mail server by its address.
    pub servers: HashMap<Ipv4Addr, Server>,
    by_hoster: Zipf,
    by_provider: Zipf,
    by_shared: Zipf,
    /// Manners that a domain of the list shows.
    shown: Vec<usize>,
}

impl Country {
    pub fn new(settings: Settings) -> Self {
        let among =
            |(least, most): (usize, usize), per: usize| (settings.domains / per).clamp(least, most);
        let hosters = among(numbers::HOSTERS, numbers::DOMAINS_PER_HOSTER);
        let providers = among(numbers::PROVIDERS, numbers::DOMAINS_PER_PROVIDER);
        let shared = settings.domains * 12 / 100 / numbers::NAMES_PER_SHARED + 4;
        let providers: Vec<_> = (0..providers)
            .map(|place| servers::provider(&settings, place))
            .collect();
        let shared: Vec<_> = (0..shared)
            .map(|place| servers::shared(&settings, place))
            .collect();
        let shown = (0..MANNERS.len()).filter(|place| {
            let name = MANNERS[*place].name;
            let is_slow = numbers::SLOW.iter().any(|(slow, _)| *slow == name);
            (!is_slow || settings.slow_share > 0.0)
                && (!servers::is_dead(*place) || settings.dead_share > 0.0)
        });
        let orgs = (0..orgs::count(settings.domains)).map(|place| orgs::org(settings.seed, place));
        Self {
            orgs: orgs.collect(),
            library: Library::new(settings.seed, providers.len()),
            servers: servers::all(&providers, &shared),
            by_hoster: Zipf::over(hosters),
            by_provider: Zipf::over(providers.len()),
            by_shared: Zipf::over(shared.len()),
            shown: shown.collect(),
            settings,
            hosters,
            providers,
            shared,
        }
    }

    /// The domain of a number in the first wave. The first ones show the manners.
    pub fn domain(&self, number: usize) -> Domain {
        let Settings {
            seed, dead_share, ..
        } = self.settings;
        let manner = self.shown.get(number).copied();
        let mut draw = Draw::of(seed, "leanings", number as u64);
        let domain = domain::draw(seed, number, manner, dead_share, self.orgs.len());
        let hoster = self.by_hoster.rank(&mut draw);
        Domain {
            // Those that are odd have one of their own, behind all others.
            hoster: if domain.odd == Odd::No {
                hoster
            } else {
                self.hosters
            },
            provider: self.by_provider.rank(&mut draw),
            shared: self.by_shared.rank(&mut draw),
            ..domain
        }
    }
}
