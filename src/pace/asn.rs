//! `--asn-table`: which autonomous system announces an address (RFC 1930).
//!
//! Hands out [`AsnTable`] and [`asn_of`], which reads `AS64500`. Takes the plain tables that people
//! have: `prefix asn` (pyasn, bgp.tools), `network length asn` (RouteViews pfx2as), and `first last asn
//! country` (iptoasn.com); apart by spaces, tabs or commas.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;

use super::countries::{self, Countries};
use super::lines::{self, Block, MOST};
use super::prefixes::{Blocks, Prefixes};
use super::vrps::{Origins, Vrps};
use crate::error::Result;
use crate::table::codes::Rpki;

/// Autonomous systems by address.
#[derive(Debug)]
pub struct AsnTable {
    /// Number of a route, counted from 1.
    places: Prefixes,
    routes: Vec<Kind>,
    countries: Option<Countries>,
    version: String,
}

/// The route to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The system that announces it; of several the first one.
    pub asn: u32,
    /// The prefix that is announced; none where the table has ranges, which several prefixes make up.
    pub prefix: Option<IpNet>,
    /// What the RPKI says of it, where a table of it was given.
    pub rpki: Option<Rpki>,
}

/// What many routes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    asn: u32,
    length: Option<u8>,
    rpki: Option<Rpki>,
}

impl AsnTable {
    /// Reads a table: plain, gzip or zstd.
    ///
    /// # Errors
    /// When it cannot be read to its end, or a line is none of a table; with the number of the line.
    pub fn read(path: &Path, vrps: Option<&Vrps>) -> Result<Self> {
        let mut draft = Draft::default();
        let version = lines::read(path, |line| draft.add(line, vrps))?;
        if draft.count() == 0 {
            return Err(lines::empty(path, "`prefix asn` a line"));
        }
        Ok(draft.finish(version))
    }

    /// The number of the system that announces an address.
    pub fn get(&self, ip: IpAddr) -> Option<u32> {
        self.kind(ip).map(|kind| kind.asn)
    }

    /// The route to an address.
    pub fn route(&self, ip: IpAddr) -> Option<Route> {
        let kind = self.kind(ip)?;
        let prefix = |length| IpNet::new(ip.to_canonical(), length).ok();
        Some(Route {
            asn: kind.asn,
            prefix: kind.length.and_then(prefix).map(|net| net.trunc()),
            rpki: kind.rpki,
        })
    }

    fn kind(&self, ip: IpAddr) -> Option<&Kind> {
        let place = self.places.get(ip)?;
        self.routes.get(place as usize - 1)
    }

    /// The countries of the addresses, where the table has some.
    pub fn countries(&self) -> Option<&Countries> {
        self.countries.as_ref()
    }

    /// Whether it tells which prefixes are announced.
    pub fn has_prefixes(&self) -> bool {
        self.routes.iter().any(|kind| kind.length.is_some())
    }

    /// SHA-256 of the file.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// `AS64500` or `64500` as a number.
pub fn asn_of(text: &str) -> Option<u32> {
    let bare = match text.get(..2) {
        Some(start) if start.eq_ignore_ascii_case("as") => &text[2..],
        _ => text,
    };
    let digits = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| bare.parse().ok()).flatten()
}

/// A table that is being read.
#[derive(Default)]
struct Draft {
    /// Prefixes wait for all that announce them.
    nets: Vec<(IpNet, Kind)>,
    blocks: Blocks,
    countries: Blocks,
    routes: Vec<Kind>,
    places: HashMap<Kind, u32>,
}

impl Draft {
    fn count(&self) -> usize {
        self.nets.len() + self.blocks.len()
    }

    fn add(&mut self, line: &str, vrps: Option<&Vrps>) -> Result<(), &'static str> {
        const SHAPE: &str = "neither `prefix asn`, `network length asn` nor `first last asn country`; \
                             mend the line, or take it out";
        if self.count() == MOST {
            return Err("more prefixes than 8 million; split the table");
        }
        let mut words = lines::words(line);
        let block = Block::take(&mut words).ok_or(SHAPE)?;
        let origins = words.next().and_then(origins).ok_or(SHAPE)?;
        let mut kind = Kind {
            asn: origins.first(),
            length: None,
            rpki: None,
        };
        match block {
            Block::Net(net) => {
                kind.length = Some(net.prefix_len());
                kind.rpki = vrps.map(|vrps| vrps.state(net, &origins));
                self.nets.push((net, kind));
            }
            Block::Range(first, last) => {
                let place = self.place(kind);
                self.blocks.add(first, last, place)?;
                if let Some(code) = words.next() {
                    let country = countries::number_of(code)?;
                    self.countries.add(first, last, country)?;
                }
            }
        }
        Ok(())
    }

    /// The number of a route; AS 0 announces nothing (RFC 7607).
    fn place(&mut self, kind: Kind) -> u32 {
        if kind.asn == 0 {
            return 0;
        }
        *self.places.entry(kind).or_insert_with(|| {
            self.routes.push(kind);
            u32::try_from(self.routes.len()).unwrap_or_default()
        })
    }

    fn finish(mut self, version: String) -> AsnTable {
        let mut nets = std::mem::take(&mut self.nets);
        // Of several systems that announce a prefix the first one stands for all, and the worst that
        // the RPKI says of one of them.
        nets.sort_by_key(|(net, _)| *net);
        nets.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                first.1.rpki = first.1.rpki.max(later.1.rpki);
            }
            same
        });
        for (net, kind) in nets {
            let place = self.place(kind);
            self.blocks.add_net(net, place);
        }
        let has_countries = self.countries.len() > 0;
        AsnTable {
            places: self.blocks.finish(),
            countries: has_countries.then(|| Countries::of(self.countries, version.clone())),
            routes: self.routes,
            version,
        }
    }
}

/// Who announces a prefix: `64500`, several as `1_2`, a set as `{1,2}` or `1,2`.
fn origins(word: &str) -> Option<Origins> {
    let bare = word.trim_matches(['{', '}']);
    let is_set = bare.len() < word.len() || bare.contains(',');
    let all: Option<Vec<_>> = bare.split(['_', ',']).map(asn_of).collect();
    Some(Origins::new(all?, is_set))
}

#[cfg(test)]
#[path = "asn_tests.rs"]
mod tests;
