//! Mail servers: providers, shared addresses, and one server for each manner.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::draw::Draw;
use super::{Settings, keys, numbers, plan, tls};
use crate::lab::national::manners::{Certificate, MANNERS, Manner, Serves, place};

/// The zone of the servers that show the manners.
pub const MANNERS_ZONE: &str = "manners.cz";

/// A mail server at one address.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name in the greeting; its key is drawn from it, too.
    pub name: String,
    /// Its place in the table of manners.
    pub manner: usize,
    /// For whom its certificates are.
    pub names: Names,
}

/// For whom a certificate is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// One name, whatever is asked for.
    One(String),
    /// Whatever name is asked for.
    BySni,
}

/// TLSA records of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dane {
    None,
    /// 3 1 1 of the server's key.
    Right,
    /// 3 1 1 of another key.
    Wrong,
    /// 3 1 1 of the server's key by ECDSA, though it has one by RSA besides.
    One,
    /// 2 1 1 of the CA.
    Ca,
    /// 1 1 1, which SMTP does not use (RFC 7672 3.1.3).
    Unusable,
    /// `Right` and `Ca`.
    Both,
    /// `Right`, and 3 1 1 of a key that is to come.
    Next,
}

/// A mail provider.
#[derive(Debug, Clone)]
pub struct Provider {
    pub zone: String,
    pub signed: bool,
    /// Its parent has a digest by SHA-1 besides.
    pub sha1: bool,
    pub hosts: Vec<ProviderHost>,
}

/// A mail host of a provider.
#[derive(Debug, Clone)]
pub struct ProviderHost {
    pub name: String,
    pub preference: u16,
    pub dane: Dane,
    pub addresses: Vec<(Ipv4Addr, Server)>,
}

/// An address that many domains' own mail hosts share.
#[derive(Debug, Clone)]
pub struct Shared {
    pub ip: Ipv4Addr,
    pub server: Server,
}

impl Server {
    /// What it does.
    pub fn manner(&self) -> &'static Manner {
        &MANNERS[self.manner]
    }

    /// SubjectPublicKeyInfo of its keys: one, or one by ECDSA and one by RSA.
    pub fn keys(&self, seed: u64) -> Vec<Vec<u8>> {
        let (by_ecdsa, by_rsa) = tls::repertoire(self.manner()).keys();
        let by_ecdsa = by_ecdsa.then(|| keys::public(seed, &self.name));
        let by_rsa = by_rsa.then(|| keys::rsa(seed, &self.name, self.rsa_bits()));
        by_ecdsa.into_iter().chain(by_rsa).collect()
    }

    /// Size of its key by RSA.
    pub fn rsa_bits(&self) -> usize {
        match self.manner().certificate {
            Certificate::Short => 1_024,
            _ => 2_048,
        }
    }

    /// The name in the certificate for a client that asks for this one.
    pub fn certified<'a>(&'a self, asked: &'a str) -> &'a str {
        match (&self.names, self.manner().certificate) {
            (_, Certificate::WrongName) => "another-name.example",
            (Names::BySni, _) => asked,
            (Names::One(name), _) => name,
        }
    }
}

/// The provider of a rank.
pub fn provider(settings: &Settings, rank: usize) -> Provider {
    let mut draw = Draw::of(settings.seed, "provider", rank as u64);
    let zone = format!("mail{rank}.cz");
    let manner = match rank < numbers::SOUND_PROVIDERS {
        true => place("healthy"),
        false => manner(settings, &mut draw),
    };
    let signed = draw.chance(numbers::PROVIDER_SIGNED);
    let dane = match signed {
        true if draw.chance(numbers::PROVIDER_TLSA) => dane(&mut draw),
        false if draw.chance(numbers::INSECURE_TLSA) => Dane::Right,
        _ => Dane::None,
    };
    let wildcard = draw.chance(numbers::WILDCARD_CERTIFICATE);
    let mut next = 0;
    let count = draw.pick(&numbers::PROVIDER_HOSTS);
    let mut uneven = Draw::of(settings.seed, "uneven provider", rank as u64);
    let is_uneven = rank >= numbers::SOUND_PROVIDERS
        && manner == place("healthy")
        && uneven.chance(numbers::PROVIDER_UNEVEN);
    let hosts = (1..=count).map(|number| {
        let manner = match is_uneven && count > 1 && number == count {
            true => place("tls12_only"),
            false => manner,
        };
        let name = format!("mx{number}.{zone}");
        let certified = match wildcard {
            true => format!("*.{zone}"),
            false => name.clone(),
        };
        let addresses = 1 + usize::from(draw.chance(numbers::SECOND_ADDRESS));
        let addresses = (0..addresses).map(|at| {
            next += 1;
            let refuses = at > 0 && draw.chance(numbers::SECOND_REFUSES);
            let manner = if refuses { place("refused") } else { manner };
            let server = Server {
                name: name.clone(),
                manner,
                names: Names::One(certified.clone()),
            };
            (plan::provider(rank, next, is_dead(server.manner)), server)
        });
        ProviderHost {
            addresses: addresses.collect(),
            preference: number as u16 * 10,
            dane,
            name,
        }
    });
    let hosts = hosts.collect();
    Provider {
        zone,
        sha1: signed && draw.chance(numbers::SHA1),
        signed,
        hosts,
    }
}

fn manner(settings: &Settings, draw: &mut Draw) -> usize {
    let name = if draw.chance(settings.dead_share) {
        "dead"
    } else if draw.chance(settings.slow_share) {
        draw.pick(&numbers::SLOW)
    } else {
        draw.pick(&numbers::MANNERS)
    };
    place(name)
}

fn dane(draw: &mut Draw) -> Dane {
    let others = [
        (Dane::Wrong, numbers::TLSA_WRONG),
        (Dane::Ca, numbers::TLSA_CA),
        (Dane::Unusable, numbers::TLSA_UNUSABLE),
        (Dane::Both, numbers::TLSA_BOTH),
        (Dane::Next, numbers::TLSA_NEXT),
    ];
    let right = 1.0 - others.iter().map(|(_, share)| share).sum::<f64>();
    let mut all = vec![(Dane::Right, right)];
    all.extend(others);
    draw.pick(&all)
}

/// The shared address of a rank.
pub fn shared(settings: &Settings, rank: usize) -> Shared {
    let mut draw = Draw::of(settings.seed, "shared", rank as u64);
    let name = format!("s{rank}.hosting.cz");
    let names = match draw.chance(numbers::SHARED_BY_SNI) {
        true => Names::BySni,
        false => Names::One(name.clone()),
    };
    // The first one works, as the large ones do.
    let manner = match rank {
        0 => place("healthy"),
        _ => manner(settings, &mut draw),
    };
    let server = Server {
        name,
        manner,
        names,
    };
    Shared {
        ip: plan::shared(rank, is_dead(server.manner)),
        server,
    }
}

/// The server that shows a manner, its host name and what TLSA records that has.
pub fn shown(at: usize) -> (Ipv4Addr, Server, Dane) {
    let manner = &MANNERS[at];
    let name = format!("{}.{MANNERS_ZONE}", manner.name.replace('_', "-"));
    let dane = match manner.name {
        "dane_right" => Dane::Right,
        "dane_wrong" => Dane::Wrong,
        "dane_one_of_two" => Dane::One,
        "dane_ca" => Dane::Ca,
        _ => Dane::None,
    };
    let server = Server {
        names: Names::One(name.clone()),
        name,
        manner: at,
    };
    (plan::manner(at, is_dead(at)), server, dane)
}

/// Every server by its address.
pub fn all(providers: &[Provider], shared: &[Shared]) -> HashMap<Ipv4Addr, Server> {
    let of_providers = providers.iter().flat_map(|provider| &provider.hosts);
    let of_providers = of_providers.flat_map(|host| host.addresses.iter().cloned());
    let of_shared = shared
        .iter()
        .map(|shared| (shared.ip, shared.server.clone()));
    let of_manners = (0..MANNERS.len()).map(|at| {
        let (ip, server, _) = shown(at);
        (ip, server)
    });
    of_providers.chain(of_shared).chain(of_manners).collect()
}

/// Whether packets to servers of a manner vanish.
pub fn is_dead(manner: usize) -> bool {
    MANNERS[manner].serves == Serves::Void
}

/// Whether somebody listens.
pub fn listens(server: &Server) -> bool {
    matches!(server.manner().serves, Serves::Server(_))
}
