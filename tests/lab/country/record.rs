//! Records: as text for NSD, as bytes for signatures.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::keys::hex;

/// Time to live of everything.
pub const TTL: u32 = 3_600;

/// Type codes.
pub const A: u16 = 1;
/// See [`A`].
pub const NS: u16 = 2;
/// See [`A`].
pub const CNAME: u16 = 5;
/// See [`A`].
pub const SOA: u16 = 6;
/// See [`A`].
pub const MX: u16 = 15;
/// See [`A`].
pub const TXT: u16 = 16;
/// See [`A`].
pub const AAAA: u16 = 28;
/// See [`A`].
pub const DS: u16 = 43;
/// See [`A`].
pub const RRSIG: u16 = 46;
/// See [`A`].
pub const NSEC: u16 = 47;
/// See [`A`].
pub const DNSKEY: u16 = 48;
/// See [`A`].
pub const NSEC3: u16 = 50;
/// See [`A`].
pub const NSEC3PARAM: u16 = 51;
/// See [`A`].
pub const TLSA: u16 = 52;
/// See [`A`].
pub const CDS: u16 = 59;
/// See [`A`]: a name that does not exist (RFC 9824 2).
pub const NXNAME: u16 = 128;
/// See [`A`].
pub const CAA: u16 = 257;

/// One record. Names are lower case, without the final dot; the root is empty.
#[derive(Debug, Clone)]
pub struct Record {
    pub owner: String,
    pub kind: u16,
    pub rdata: Vec<u8>,
}

impl Record {
    pub fn new(owner: impl Into<String>, kind: u16, rdata: Vec<u8>) -> Self {
        Self {
            owner: owner.into(),
            kind,
            rdata,
        }
    }

    pub fn a(owner: impl Into<String>, ip: Ipv4Addr) -> Self {
        Self::new(owner, A, ip.octets().to_vec())
    }

    pub fn aaaa(owner: impl Into<String>, ip: Ipv6Addr) -> Self {
        Self::new(owner, AAAA, ip.octets().to_vec())
    }

    pub fn ns(owner: impl Into<String>, target: &str) -> Self {
        Self::new(owner, NS, wire(target))
    }

    pub fn cname(owner: impl Into<String>, target: &str) -> Self {
        Self::new(owner, CNAME, wire(target))
    }

    pub fn mx(owner: impl Into<String>, preference: u16, exchange: &str) -> Self {
        let mut rdata = preference.to_be_bytes().to_vec();
        rdata.extend(wire(exchange));
        Self::new(owner, MX, rdata)
    }

    /// In strings of so many bytes.
    pub fn txt(owner: impl Into<String>, text: &[u8], string: usize) -> Self {
        let mut rdata = Vec::with_capacity(text.len() + 1);
        for part in text.chunks(string) {
            rdata.push(part.len() as u8);
            rdata.extend_from_slice(part);
        }
        Self::new(owner, TXT, rdata)
    }

    pub fn soa(zone: &str, primary: &str) -> Self {
        let mut rdata = wire(primary);
        rdata.extend(wire("hostmaster.invalid"));
        for number in [1, 3_600, 600, 86_400, 300_u32] {
            rdata.extend(number.to_be_bytes());
        }
        Self::new(zone, SOA, rdata)
    }

    /// Appends a line of a zone file. RDATA is in the generic form (RFC 3597 5), which NSD reads
    /// for every type; what people may want to read stands behind it.
    pub fn write(&self, out: &mut String) {
        let Self { owner, kind, rdata } = self;
        let data = hex(rdata);
        let length = rdata.len();
        let _ = write!(out, "{owner}. {TTL} IN TYPE{kind} \\# {length} {data}");
        match *kind {
            TXT => {
                let text: String = rdata[1..].iter().map(|byte| char::from(*byte)).collect();
                let _ = write!(out, " ; TXT {}", text.escape_debug());
            }
            A if rdata.len() == 4 => {
                let _ = write!(
                    out,
                    " ; A {}.{}.{}.{}",
                    rdata[0], rdata[1], rdata[2], rdata[3]
                );
            }
            MX => {
                let preference = u16::from_be_bytes([rdata[0], rdata[1]]);
                let _ = write!(out, " ; MX {preference} {}.", text(&rdata[2..]));
            }
            NS | CNAME => {
                let _ = write!(out, " ; {}.", text(rdata));
            }
            _ => {}
        }
        out.push('\n');
    }
}

/// A name in wire form.
pub fn wire(name: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(name.len() + 2);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

/// A name in lower case from wire form, and its length there.
pub fn parse_name(bytes: &[u8]) -> Option<(String, usize)> {
    let (mut name, mut at) = (String::new(), 0);
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some((name, at));
        }
        let label = bytes.get(at - length..at)?;
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&String::from_utf8_lossy(label).to_ascii_lowercase());
    }
}

/// A name from wire form.
fn text(mut bytes: &[u8]) -> String {
    let mut labels = Vec::new();
    while let Some((&length, rest)) = bytes.split_first().filter(|(length, _)| **length > 0) {
        let (label, rest) = rest.split_at(usize::from(length));
        labels.push(String::from_utf8_lossy(label).into_owned());
        bytes = rest;
    }
    labels.join(".")
}

/// Labels, without a wildcard's (RFC 4034 3.1.3).
pub fn labels(name: &str) -> u8 {
    let all = name
        .split('.')
        .filter(|label| !label.is_empty() && *label != "*");
    all.count() as u8
}

/// What names are sorted by (RFC 4034 6.1).
pub fn canonical(name: &str) -> Vec<&str> {
    name.rsplit('.').filter(|label| !label.is_empty()).collect()
}
