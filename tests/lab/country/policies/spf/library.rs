//! SPF records that domains include: those of providers, and those of `policies.cz`, which are
//! there to be stumbled over.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::super::draw::Draw;
use super::super::super::numbers;
use super::super::super::record::Record;
use super::super::txt::Txt;
use super::kinds::WRONG;
use super::record::Spf;
use super::record::Term::{self, A, All, Include, Ip4, Ip6, Mx, Wrong};

/// The zone with everything to stumble over.
pub const ZONE: &str = "policies.cz";
/// A name in a zone that its servers could not load.
pub const BROKEN: &str = "_spf.broken.cz";
/// The zone itself.
pub const BROKEN_ZONE: &str = "broken.cz";
/// Names of records that, included, come to so many terms that ask the DNS.
pub const CHAIN_10: &str = "chain9";
/// See [`CHAIN_10`].
pub const CHAIN_11: &str = "chain10";
/// See [`CHAIN_10`].
pub const CHAIN_25: &str = "chain24";
/// Mail hosts of `eleven`, one more than anybody asks for (RFC 7208 4.6.4).
const ELEVEN: u8 = 11;

/// What a provider's record is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderSpf {
    /// Its networks.
    Flat,
    /// Three records with its networks.
    Nested,
    /// Names.
    Names,
    /// Ten terms by itself: eleven for who includes it.
    Heavy,
}

/// What stands at a name.
#[derive(Debug, Clone, PartialEq)]
pub enum At {
    /// SPF records.
    Records(Vec<Spf>),
    /// TXT records of another kind.
    Other,
    /// Nothing.
    Nothing,
    /// Nobody can know.
    Failed,
}

/// Something of names, by the zone and the name's first label.
#[derive(Debug)]
struct Names<T>(BTreeMap<String, BTreeMap<String, T>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Names<T> {
    fn insert(&mut self, name: &str, here: T) {
        let (label, zone) = name.split_once('.').expect("a name in a zone");
        self.0
            .entry(zone.to_owned())
            .or_default()
            .insert(label.to_owned(), here);
    }

    fn get(&self, name: &str) -> Option<&T> {
        let (label, zone) = name.split_once('.')?;
        self.0.get(zone)?.get(label)
    }

    /// Everything in a zone, by full name.
    fn of(&self, zone: &str) -> impl Iterator<Item = (String, &T)> {
        let here = self.0.get(zone).into_iter().flatten();
        here.map(move |(label, here)| (format!("{label}.{zone}"), here))
    }
}

/// Everything that records lead to.
#[derive(Debug, Default)]
pub struct Library {
    records: Names<At>,
    /// Addresses of names.
    addresses: Names<(Vec<Ipv4Addr>, Vec<Ipv6Addr>)>,
    /// Mail hosts of names.
    exchanges: Names<Vec<String>>,
}

/// A name of [`ZONE`].
pub fn at(name: &str) -> String {
    format!("{name}.{ZONE}")
}

/// Where a provider's record stands.
pub fn of_provider(rank: usize) -> String {
    format!("_spf.mail{rank}.cz")
}

impl Library {
    /// With the records of so many providers.
    pub fn new(seed: u64, providers: usize) -> Self {
        let mut library = Self::default();
        (0..providers).for_each(|rank| library.provider(seed, rank));
        library.pitfalls();
        library
    }

    /// What stands at a name.
    pub fn at(&self, name: &str) -> &At {
        self.records.get(name).unwrap_or(&At::Nothing)
    }

    /// The addresses of a name.
    pub fn addresses(&self, name: &str) -> (Vec<Ipv4Addr>, Vec<Ipv6Addr>) {
        self.addresses.get(name).cloned().unwrap_or_default()
    }

    /// The mail hosts of a name.
    pub fn exchanges(&self, name: &str) -> &[String] {
        self.exchanges.get(name).map_or(&[], Vec::as_slice)
    }

    /// The records of a zone.
    pub fn zone(&self, zone: &str) -> Vec<Record> {
        let mut records = Vec::new();
        for (name, here) in self.records.of(zone) {
            match here {
                At::Records(here) => {
                    records.extend(here.iter().map(|spf| spf.txt().record(name.as_str())));
                }
                At::Other => records.push(Txt::other("nothing of that kind").record(name)),
                At::Nothing | At::Failed => {}
            }
        }
        for (name, (v4, v6)) in self.addresses.of(zone) {
            records.extend(v4.iter().map(|ip| Record::a(name.as_str(), *ip)));
            records.extend(v6.iter().map(|ip| Record::aaaa(name.as_str(), *ip)));
        }
        for (name, hosts) in self.exchanges.of(zone) {
            records.extend(hosts.iter().map(|host| Record::mx(name.as_str(), 10, host)));
        }
        records
    }

    fn add(&mut self, name: &str, terms: impl Into<Vec<Term>>) {
        self.records.insert(name, At::Records(vec![Spf::of(terms)]));
    }

    fn provider(&mut self, seed: u64, rank: usize) {
        let mut draw = Draw::of(seed, "provider's SPF", rank as u64);
        let zone = format!("mail{rank}.cz");
        let net = |at: usize| Ip4(network(rank, at), 25);
        let v6 = Ip6(Ipv6Addr::new(0x2001, 0xdb8, 1, rank as u16, 0, 0, 0, 0), 64);
        let all = All(draw.pick(&numbers::PROVIDER_ALL));
        let terms = match draw.pick(&numbers::PROVIDER_SPF) {
            ProviderSpf::Flat => vec![net(0), net(1), v6, all],
            ProviderSpf::Nested => {
                let name = |at: usize| format!("_spf{at}.{zone}");
                // Two of them have one network in common.
                self.add(&name(1), [net(0), All("~all")]);
                self.add(&name(2), [net(0), net(1), v6, All("~all")]);
                self.add(&name(3), [Ip4(network(rank, 1), 32), All("-all")]);
                vec![Include(name(1)), Include(name(2)), Include(name(3)), all]
            }
            ProviderSpf::Names => {
                let name = format!("out.{zone}");
                self.addresses
                    .insert(&name, (vec![network(rank, 0)], Vec::new()));
                vec![A(Some(name)), net(1), all]
            }
            ProviderSpf::Heavy => {
                let names: Vec<_> = (1..=10).map(|at| format!("_spf{at}.{zone}")).collect();
                for (at, name) in names.iter().enumerate() {
                    self.add(name, [Ip4(network(rank, at), 32), All("~all")]);
                }
                names.into_iter().map(Include).chain([all]).collect()
            }
        };
        self.add(&of_provider(rank), terms);
    }

    fn pitfalls(&mut self) {
        let (bytes, words) = WRONG[0];
        self.add(&at("wrong"), [Wrong(bytes, words), All("-all")]);
        let two = [Spf::of([All("-all")]), Spf::of([Mx(None), All("-all")])];
        self.records.insert(&at("two"), At::Records(two.into()));
        self.add(&at("one"), [Include(at("other-one")), All("-all")]);
        self.add(&at("other-one"), [Include(at("one")), All("-all")]);
        self.add(&at("everybody"), [All("+all")]);
        self.records.insert(&at("other"), At::Other);
        self.records.insert(BROKEN, At::Failed);
        let ip = Ipv4Addr::new(192, 0, 2, 1);
        self.add(
            &at("chain1"),
            [A(Some(at("both"))), Ip4(ip, 24), All("~all")],
        );
        for length in 2..=24 {
            let next = Include(at(&format!("chain{}", length - 1)));
            self.add(&at(&format!("chain{length}")), [next, All("~all")]);
        }
        let v6 = Ipv6Addr::new(0x2001, 0xdb8, 2, 0, 0, 0, 0, 1);
        self.addresses
            .insert(&at("both"), (vec![Ipv4Addr::new(192, 0, 2, 80)], vec![v6]));
        let hosts = (1..=ELEVEN).map(|number| {
            let name = at(&format!("host{number}"));
            let ip = Ipv4Addr::new(192, 0, 2, number);
            self.addresses.insert(&name, (vec![ip], Vec::new()));
            name
        });
        let hosts = hosts.collect();
        self.exchanges.insert(&at("eleven"), hosts);
    }
}

/// A network that mail of a provider comes from: nobody's, since nobody sends any.
fn network(rank: usize, at: usize) -> Ipv4Addr {
    Ipv4Addr::new(100, 64 + (rank >> 8) as u8, rank as u8, (at << 7) as u8)
}
