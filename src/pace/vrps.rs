//! `--rpki-table`: who is authorised to announce a prefix (RFC 6811).
//!
//! Hands out [`Vrps`], the validated ROA payloads of a relying party, and [`Origins`]. Takes what
//! `routinator vrps` and `rpki-client` write: CSV with the columns `ASN`, `IP Prefix` and `Max Length`,
//! or JSON with `roas`.

use std::io::BufRead;
use std::path::Path;

use ipnet::IpNet;
use serde::Deserialize;

use super::asn::asn_of;
use super::lines::{self, MOST};
use super::prefixes::{Blocks, Prefixes};
use crate::error::Result;
use crate::table::codes::Rpki;
use crate::targets::source::{self, Source};

/// Who announces a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins {
    systems: Vec<u32>,
    is_set: bool,
}

impl Origins {
    /// Several systems, or one aggregate of a set of them (AS_SET, RFC 4271 4.3). The first one
    /// stands for all; 0 where there is none.
    pub fn new(systems: Vec<u32>, is_set: bool) -> Self {
        Self { systems, is_set }
    }

    /// The first of them.
    pub fn first(&self) -> u32 {
        self.systems.first().copied().unwrap_or(0)
    }
}

/// Validated ROA payloads.
#[derive(Debug)]
pub struct Vrps {
    /// Place of the narrowest prefix with payloads around an address, counted from 1.
    places: Prefixes,
    nodes: Vec<Node>,
    payloads: Vec<Payload>,
    version: String,
}

/// A prefix with payloads.
#[derive(Debug)]
struct Node {
    length: u8,
    /// Place of the next wider one; 0 where there is none.
    around: u32,
    /// Where its payloads end; they begin where those of the node before end.
    end: u32,
}

/// What a ROA says of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Payload {
    asn: u32,
    max_length: u8,
}

impl Vrps {
    /// Reads a table: plain, gzip or zstd.
    ///
    /// # Errors
    /// When it cannot be read to its end, or something in it is no payload; with the number of the
    /// line.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let mut source = Source::open(path)?;
        let (packing, mut reader) = source.text()?;
        let head = reader
            .fill_buf()
            .map_err(|err| source::complaint(&name, packing, &err))?;
        let entries = if head.trim_ascii_start().starts_with(b"{") {
            json(&mut reader).map_err(|problem| source::input(&name, problem))?
        } else {
            let mut table = Table::default();
            lines::each(&name, packing, &mut reader, |line| table.add(line))?;
            table.entries
        };
        drop(reader);
        if entries.is_empty() {
            return Err(lines::empty(path, "`ASN,IP Prefix,Max Length` a line"));
        }
        Ok(Self::of(entries, lines::version(source)?))
    }

    fn of(mut entries: Vec<(IpNet, Payload)>, version: String) -> Self {
        // A wider prefix comes before those in it.
        entries.sort_unstable();
        entries.dedup();
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let (mut blocks, mut nodes, mut around) = (Blocks::default(), Vec::new(), Vec::new());
        for (at, (net, _)) in entries.iter().enumerate() {
            if at == 0 || entries[at - 1].0 != *net {
                while around
                    .pop_if(|(wider, _): &mut (IpNet, u32)| !wider.contains(net))
                    .is_some()
                {}
                nodes.push(Node {
                    length: net.prefix_len(),
                    around: around.last().map_or(0, |(_, place)| *place),
                    end: 0,
                });
                let place = number(nodes.len());
                around.push((*net, place));
                blocks.add_net(*net, place);
            }
            if let Some(node) = nodes.last_mut() {
                node.end = number(at + 1);
            }
        }
        Self {
            places: blocks.finish(),
            payloads: entries.into_iter().map(|(_, payload)| payload).collect(),
            nodes,
            version,
        }
    }

    /// What the RPKI says of a route that these systems announce: the worst where they are several. A
    /// set of systems is nobody that could be authorised (RFC 6811 2).
    pub fn state(&self, net: IpNet, origins: &Origins) -> Rpki {
        let systems = match origins.is_set {
            true => &[0][..],
            false => &origins.systems,
        };
        let states = systems.iter().map(|asn| self.of_one(net, *asn));
        states.max().unwrap_or(Rpki::NotFound)
    }

    fn of_one(&self, net: IpNet, asn: u32) -> Rpki {
        let mut state = Rpki::NotFound;
        for payload in self.covering(net) {
            // A payload for AS 0 authorises nobody (RFC 6483 4).
            if payload.asn == asn && asn != 0 && net.prefix_len() <= payload.max_length {
                return Rpki::Valid;
            }
            state = Rpki::Invalid;
        }
        state
    }

    /// The payloads of all prefixes around a prefix, itself included.
    fn covering(&self, net: IpNet) -> impl Iterator<Item = Payload> {
        fn at(place: u32) -> Option<usize> {
            place.checked_sub(1).map(|at| at as usize)
        }
        let narrowest = self.places.get(net.network()).and_then(at);
        let all = std::iter::successors(narrowest, |one| at(self.nodes[*one].around));
        let wider = all.filter(move |at| self.nodes[*at].length <= net.prefix_len());
        wider.flat_map(|at| {
            let first = at.checked_sub(1).map_or(0, |before| self.nodes[before].end);
            let payloads = &self.payloads[first as usize..self.nodes[at].end as usize];
            payloads.iter().copied()
        })
    }

    /// SHA-256 of the file.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// A payload, if its numbers fit each other.
fn payload(net: &str, max_length: Option<u8>, asn: u32) -> Option<(IpNet, Payload)> {
    let net = net.parse::<IpNet>().ok()?.trunc();
    let max_length = max_length.unwrap_or(net.prefix_len());
    let fits = (net.prefix_len()..=net.max_prefix_len()).contains(&max_length);
    fits.then_some((net, Payload { asn, max_length }))
}

/// CSV that is being read.
#[derive(Default)]
struct Table {
    entries: Vec<(IpNet, Payload)>,
    /// Places of AS, prefix and longest length; the order of the tools where there is no head.
    columns: Option<[usize; 3]>,
}

impl Table {
    fn add(&mut self, line: &str) -> Result<(), &'static str> {
        const SHAPE: &str = "not `ASN,IP Prefix,Max Length`; mend the line, or take it out";
        let cells: Vec<&str> = line
            .split(',')
            .map(|cell| cell.trim().trim_matches('"'))
            .collect();
        let place = |name: &str| cells.iter().position(|cell| *cell == name);
        if let Some(asn) = place("ASN").filter(|_| self.columns.is_none()) {
            let (net, max) = (place("IP Prefix"), place("Max Length"));
            let (net, max) = net.zip(max).ok_or(SHAPE)?;
            self.columns = Some([asn, net, max]);
            return Ok(());
        }
        if self.entries.len() == MOST {
            return Err("more payloads than 8 million; split the table");
        }
        let columns = *self.columns.get_or_insert([0, 1, 2]);
        let [asn, net, max] = columns.map(|at| cells.get(at).copied());
        let max = match max.ok_or(SHAPE)? {
            "" => None,
            text => Some(text.parse().map_err(|_| SHAPE)?),
        };
        let asn = asn.and_then(asn_of).ok_or(SHAPE)?;
        let entry = net.and_then(|net| payload(net, max, asn)).ok_or(SHAPE)?;
        self.entries.push(entry);
        Ok(())
    }
}

/// Reads `{"roas": [{"asn": "AS64500", "prefix": "192.0.2.0/24", "maxLength": 24}]}`.
fn json(reader: &mut impl BufRead) -> Result<Vec<(IpNet, Payload)>, String> {
    #[derive(Deserialize)]
    struct Whole {
        roas: Vec<Roa>,
    }
    serde_json::from_reader::<_, Whole>(reader)
        .map(|whole| whole.roas.into_iter().map(|roa| roa.0).collect())
        .map_err(|err| format!("not the JSON of a relying party ({err}); give its `roas` anew"))
}

#[derive(Deserialize)]
#[serde(try_from = "Text")]
struct Roa((IpNet, Payload));

/// A payload as it is written.
#[derive(Deserialize)]
struct Text {
    asn: Asn,
    prefix: String,
    #[serde(rename = "maxLength")]
    max_length: u8,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Asn {
    Number(u32),
    Name(String),
}

impl TryFrom<Text> for Roa {
    type Error = String;

    fn try_from(text: Text) -> Result<Self, String> {
        let asn = match &text.asn {
            Asn::Number(number) => Some(*number),
            Asn::Name(name) => asn_of(name),
        };
        let entry = asn.and_then(|asn| payload(&text.prefix, Some(text.max_length), asn));
        entry
            .map(Self)
            .ok_or_else(|| "no AS, prefix and length that fit each other".to_owned())
    }
}

#[cfg(test)]
#[path = "vrps_tests.rs"]
mod tests;
