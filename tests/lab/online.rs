//! Name servers that answer in ways that no zone file has: denials made for each question (RFC
//! 9824), and denials of names that only have others below them, against RFC 8020.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use crate::country::domain::Odd;
use crate::country::record::{
    CNAME, DNSKEY, NSEC, NXNAME, RRSIG, Record, SOA, TTL, parse_name, wire,
};
use crate::country::sign::{Signer, bitmap};
use crate::country::{Country, plan};

/// Response codes (RFC 1035 4.1.1).
const NOERROR: u8 = 0;
/// See [`NOERROR`].
const NXDOMAIN: u8 = 3;
/// See [`NOERROR`].
const REFUSED: u8 = 5;
/// Header (RFC 1035 4.1.1).
const HEADER: usize = 12;

/// A zone.
struct Zone {
    odd: Odd,
    records: HashMap<String, Vec<Record>>,
    /// Names that only have others below them.
    hollow: BTreeSet<String>,
}

/// The zones of all such domains.
struct Online {
    zones: HashMap<String, Zone>,
    signer: Signer,
}

/// Starts the servers.
///
/// # Errors
/// When an address cannot be listened on.
pub fn start(country: &Country, signer: Signer) -> io::Result<()> {
    let domains = country
        .numbers()
        .filter_map(|number| country.listed(number));
    let zones = domains
        .filter(|domain| domain.odd != Odd::No)
        .map(|domain| {
            let name = &domain.name;
            let mut records = country.zone(&domain);
            if domain.is_signed() {
                records.push(Record::new(name, DNSKEY, signer.key.dnskey.clone()));
                records.extend(domain.policies.cds.then(|| signer.cds(name)));
            }
            (name.clone(), Zone::new(name, domain.odd, records))
        });
    let online = Arc::new(Online {
        zones: zones.collect(),
        signer,
    });
    for ip in plan::hoster(country.hosters) {
        let socket = UdpSocket::bind(SocketAddr::from((ip, 53)))?;
        let online = online.clone();
        std::thread::spawn(move || online.serve(&socket));
    }
    Ok(())
}

impl Zone {
    fn new(name: &str, odd: Odd, all: Vec<Record>) -> Self {
        let mut records: HashMap<String, Vec<Record>> = HashMap::new();
        for record in all {
            records
                .entry(record.owner.clone())
                .or_default()
                .push(record);
        }
        let mut hollow = BTreeSet::new();
        for owner in records.keys() {
            let mut above = owner.as_str();
            while let Some((_, parent)) = above.split_once('.').filter(|_| above != name) {
                if !records.contains_key(parent) {
                    hollow.insert(parent.to_owned());
                }
                above = parent;
            }
        }
        Self {
            odd,
            records,
            hollow,
        }
    }
}

impl Online {
    fn serve(&self, socket: &UdpSocket) {
        let mut question = [0; 1_500];
        while let Ok((length, peer)) = socket.recv_from(&mut question) {
            if let Some(answer) = self.answer(&question[..length]) {
                let _ = socket.send_to(&answer, peer);
            }
        }
    }

    /// None for what is no question.
    fn answer(&self, question: &[u8]) -> Option<Vec<u8>> {
        let (name, length) = parse_name(question.get(HEADER..)?)?;
        let end = HEADER + length + 4;
        let kind = question.get(end - 4..end - 2)?;
        let kind = u16::from_be_bytes([kind[0], kind[1]]);
        let (code, answers, denials) = match self.zone(&name) {
            Some((zone, found)) => self.of_zone(zone, found, &name, kind),
            None => (REFUSED, Vec::new(), Vec::new()),
        };
        // An authoritative answer, with the question repeated and EDNS as large as Unbound's.
        let mut packet = question[..2].to_vec();
        packet.extend([0x84, code, 0, 1]);
        packet.extend((answers.len() as u16).to_be_bytes());
        packet.extend((denials.len() as u16).to_be_bytes());
        packet.extend([0, 1]);
        packet.extend_from_slice(&question[HEADER..end]);
        for record in answers.iter().chain(&denials) {
            packet.extend(wire(&record.owner));
            packet.extend(record.kind.to_be_bytes());
            packet.extend([0, 1]);
            packet.extend(TTL.to_be_bytes());
            packet.extend((record.rdata.len() as u16).to_be_bytes());
            packet.extend_from_slice(&record.rdata);
        }
        packet.extend([0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 0]);
        Some(packet)
    }

    fn zone(&self, name: &str) -> Option<(&str, &Zone)> {
        let mut above = name;
        loop {
            if let Some((name, zone)) = self.zones.get_key_value(above) {
                return Some((name, zone));
            }
            above = above.split_once('.')?.1;
        }
    }

    fn of_zone(
        &self,
        apex: &str,
        zone: &Zone,
        name: &str,
        kind: u16,
    ) -> (u8, Vec<Record>, Vec<Record>) {
        let here = zone.records.get(name).map_or(&[][..], Vec::as_slice);
        let of = |kind: u16| {
            here.iter()
                .filter(move |record| record.kind == kind)
                .cloned()
        };
        let mut answers: Vec<Record> = of(kind).collect();
        if answers.is_empty() {
            answers = of(CNAME).collect();
        }
        let signs = zone.odd == Odd::Compact;
        if !answers.is_empty() {
            let signature = signs.then(|| self.signer.over(apex, &answers));
            answers.extend(signature);
            return (NOERROR, answers, Vec::new());
        }
        let soa = zone.records[apex]
            .iter()
            .filter(|record| record.kind == SOA);
        let mut denials: Vec<Record> = soa.cloned().collect();
        if !signs {
            let code = if here.is_empty() { NXDOMAIN } else { NOERROR };
            return (code, Vec::new(), denials);
        }
        let mut kinds: BTreeSet<u16> = here.iter().map(|record| record.kind).collect();
        kinds.extend([RRSIG, NSEC]);
        if here.is_empty() && !zone.hollow.contains(name) {
            kinds.insert(NXNAME);
        }
        // The name right behind the one asked for (RFC 9824 3.2).
        let mut rdata = vec![1, 0];
        rdata.extend(wire(name));
        rdata.extend(bitmap(&kinds));
        let nsec = vec![Record::new(name, NSEC, rdata)];
        denials.push(self.signer.over(apex, &denials));
        denials.push(self.signer.over(apex, &nsec));
        denials.extend(nsec);
        (NOERROR, Vec::new(), denials)
    }
}
