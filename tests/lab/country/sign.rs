//! Signing zones in memory (RFC 4034, RFC 5155): some sixty thousand signatures a second and core,
//! where a process for each zone would make a few hundred.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

use super::keys::{ALGORITHM, ZoneKey};
use super::record::{
    A, CDS, DNSKEY, DS, NS, NSEC, NSEC3, NSEC3PARAM, RRSIG, Record, TTL, canonical, labels, wire,
};

const DAY: u64 = 86_400;

/// How a zone is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// Not at all.
    Unsigned,
    /// As it should be.
    Sound { nsec3: bool },
    /// With signatures that have expired.
    Expired,
    /// With wrong signatures over one type.
    Forged(u16),
}

/// Signs zones.
pub struct Signer {
    pub key: ZoneKey,
    now: u64,
}

/// One RRset.
struct Set<'a> {
    owner: &'a str,
    kind: u16,
    rdata: Vec<&'a [u8]>,
}

impl Signer {
    pub fn new(key: ZoneKey) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            key,
            now: now.map_or(0, |now| now.as_secs()),
        }
    }

    /// The DS record of a zone with the country's key (RFC 4034 5.1.4).
    pub fn ds(&self, zone: &str) -> Record {
        self.ds_by(zone, 2, &SHA256)
    }

    /// The CDS record of a zone: the same as its DS (RFC 7344 3.1).
    pub fn cds(&self, zone: &str) -> Record {
        Record {
            kind: CDS,
            ..self.ds(zone)
        }
    }

    /// The same by SHA-1, which validators leave aside where the other one is (RFC 4509 3).
    pub fn ds_by_sha1(&self, zone: &str) -> Record {
        self.ds_by(zone, 1, &SHA1_FOR_LEGACY_USE_ONLY)
    }

    fn ds_by(&self, zone: &str, number: u8, algorithm: &'static Algorithm) -> Record {
        let mut data = wire(zone);
        data.extend_from_slice(&self.key.dnskey);
        let mut rdata = self.key.tag.to_be_bytes().to_vec();
        rdata.extend_from_slice(&[ALGORITHM, number]);
        rdata.extend_from_slice(digest(algorithm, &data).as_ref());
        Record::new(zone, DS, rdata)
    }

    /// The file of a zone, on so many threads.
    pub fn file(
        &self,
        zone: &str,
        mut records: Vec<Record>,
        how: Signing,
        threads: usize,
    ) -> String {
        let mut out = String::with_capacity(records.len() * 128);
        if how == Signing::Unsigned {
            records.iter().for_each(|record| record.write(&mut out));
            return out;
        }
        let nsec3 = how == Signing::Sound { nsec3: true };
        records.push(Record::new(zone, DNSKEY, self.key.dnskey.clone()));
        if nsec3 {
            // SHA-1, no flags, no iterations, no salt (RFC 9276 3.1).
            records.push(Record::new(zone, NSEC3PARAM, vec![1, 0, 0, 0, 0]));
        }
        records.sort_by_cached_key(|record| {
            let owner: Vec<String> = canonical(&record.owner)
                .into_iter()
                .map(str::to_owned)
                .collect();
            (owner, record.kind, record.rdata.clone())
        });
        let cuts = cuts(zone, &records);
        let denials = match nsec3 {
            true => nsec3_chain(zone, &records, &cuts),
            false => nsec_chain(zone, &records, &cuts),
        };
        records.iter().for_each(|record| record.write(&mut out));
        denials.iter().for_each(|record| record.write(&mut out));
        let mut sets: Vec<Set<'_>> = sets(&records, &cuts);
        sets.extend(denials.iter().map(|record| Set {
            owner: &record.owner,
            kind: record.kind,
            rdata: vec![&record.rdata],
        }));
        let chunk = sets.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let parts: Vec<_> = sets
                .chunks(chunk)
                .map(|part| scope.spawn(move || self.signatures(zone, part, how)))
                .collect();
            for part in parts {
                out.push_str(&part.join().expect("a thread that signs"));
            }
        });
        out
    }

    /// The signature over one set, made when it is asked for.
    pub fn over(&self, zone: &str, records: &[Record]) -> Record {
        let mut rdata: Vec<&[u8]> = records.iter().map(|one| one.rdata.as_slice()).collect();
        rdata.sort_unstable();
        let set = Set {
            owner: &records[0].owner,
            kind: records[0].kind,
            rdata,
        };
        self.signature(zone, &set, Signing::Sound { nsec3: false })
    }

    fn signatures(&self, zone: &str, sets: &[Set<'_>], how: Signing) -> String {
        let mut out = String::with_capacity(sets.len() * 320);
        for set in sets {
            self.signature(zone, set, how).write(&mut out);
        }
        out
    }

    /// RFC 4034 3.1 and 3.1.8.1.
    fn signature(&self, zone: &str, set: &Set<'_>, how: Signing) -> Record {
        let (from, until) = match how {
            Signing::Expired => (self.now - 60 * DAY, self.now - 30 * DAY),
            _ => (self.now - DAY, self.now + 90 * DAY),
        };
        let mut rdata = set.kind.to_be_bytes().to_vec();
        rdata.extend_from_slice(&[ALGORITHM, labels(set.owner)]);
        rdata.extend(TTL.to_be_bytes());
        rdata.extend((until as u32).to_be_bytes());
        rdata.extend((from as u32).to_be_bytes());
        rdata.extend(self.key.tag.to_be_bytes());
        rdata.extend(wire(zone));
        let mut data = rdata.clone();
        let owner = wire(set.owner);
        for one in &set.rdata {
            data.extend_from_slice(&owner);
            data.extend(set.kind.to_be_bytes());
            data.extend(1_u16.to_be_bytes());
            data.extend(TTL.to_be_bytes());
            data.extend((one.len() as u16).to_be_bytes());
            data.extend_from_slice(one);
        }
        rdata.extend(self.key.sign(&data));
        if how == Signing::Forged(set.kind)
            && let Some(last) = rdata.last_mut()
        {
            *last ^= 1;
        }
        Record::new(set.owner, RRSIG, rdata)
    }
}

/// Names below the apex that have NS records.
fn cuts(zone: &str, records: &[Record]) -> BTreeSet<String> {
    let below = records
        .iter()
        .filter(|record| record.kind == NS && record.owner != zone);
    below.map(|record| record.owner.clone()).collect()
}

/// Whether the zone's own data ends above this name: addresses of name servers below a cut.
fn is_glue(record: &Record, cuts: &BTreeSet<String>) -> bool {
    if record.kind != A {
        return false;
    }
    let mut name = record.owner.as_str();
    while let Some((_, parent)) = name.split_once('.') {
        if cuts.contains(parent) {
            return true;
        }
        name = parent;
    }
    cuts.contains(&record.owner)
}

fn sets<'a>(records: &'a [Record], cuts: &BTreeSet<String>) -> Vec<Set<'a>> {
    let mut sets: Vec<Set<'a>> = Vec::with_capacity(records.len());
    for record in records {
        // The parent's copy of NS records is not signed (RFC 4035 2.2).
        if (record.kind == NS && cuts.contains(&record.owner)) || is_glue(record, cuts) {
            continue;
        }
        match sets.last_mut() {
            Some(set) if set.owner == record.owner && set.kind == record.kind => {
                set.rdata.push(&record.rdata);
            }
            _ => sets.push(Set {
                owner: &record.owner,
                kind: record.kind,
                rdata: vec![&record.rdata],
            }),
        }
    }
    sets
}

/// The owners in canonical order, each with its types.
fn owners<'a>(records: &'a [Record], cuts: &BTreeSet<String>) -> Vec<(&'a str, BTreeSet<u16>)> {
    let mut owners: Vec<(&str, BTreeSet<u16>)> = Vec::new();
    for record in records.iter().filter(|record| !is_glue(record, cuts)) {
        match owners.last_mut() {
            Some((owner, kinds)) if *owner == record.owner => {
                kinds.insert(record.kind);
            }
            _ => owners.push((&record.owner, BTreeSet::from([record.kind]))),
        }
    }
    owners
}

/// RFC 4034 4.
fn nsec_chain(zone: &str, records: &[Record], cuts: &BTreeSet<String>) -> Vec<Record> {
    let owners = owners(records, cuts);
    let next = owners.iter().skip(1).map(|(owner, _)| *owner).chain([zone]);
    let chain = owners.iter().zip(next).map(|((owner, kinds), next)| {
        let mut kinds = kinds.clone();
        kinds.extend([RRSIG, NSEC]);
        let mut rdata = wire(next);
        rdata.extend(bitmap(&kinds));
        Record::new(*owner, NSEC, rdata)
    });
    chain.collect()
}

/// RFC 5155 7.1, without opt-out.
fn nsec3_chain(zone: &str, records: &[Record], cuts: &BTreeSet<String>) -> Vec<Record> {
    let mut hashed: Vec<(Vec<u8>, BTreeSet<u16>)> = Vec::new();
    let owners = owners(records, cuts);
    let known: BTreeSet<&str> = owners.iter().map(|(owner, _)| *owner).collect();
    let mut empty: BTreeSet<&str> = BTreeSet::new();
    for (owner, kinds) in &owners {
        let mut kinds = kinds.clone();
        // An unsigned delegation has nothing that is signed.
        if !cuts.contains(*owner) || kinds.contains(&DS) {
            kinds.insert(RRSIG);
        }
        hashed.push((hash(owner), kinds));
        let mut name = *owner;
        while let Some((_, parent)) = name
            .split_once('.')
            .filter(|(_, parent)| parent.len() > zone.len())
        {
            if !known.contains(parent) {
                empty.insert(parent);
            }
            name = parent;
        }
    }
    hashed.extend(empty.into_iter().map(|name| (hash(name), BTreeSet::new())));
    hashed.sort();
    let next: Vec<Vec<u8>> = hashed
        .iter()
        .cycle()
        .skip(1)
        .take(hashed.len())
        .map(|(hash, _)| hash.clone())
        .collect();
    let chain = hashed.iter().zip(next).map(|((hash, kinds), next)| {
        let mut rdata = vec![1, 0, 0, 0, 0, next.len() as u8];
        rdata.extend(next);
        rdata.extend(bitmap(kinds));
        Record::new(format!("{}.{zone}", base32(hash)), NSEC3, rdata)
    });
    chain.collect()
}

fn hash(name: &str) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, &wire(name))
        .as_ref()
        .to_vec()
}

/// RFC 4648 7, in lower case; 20 bytes need no padding.
fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut text = String::with_capacity(32);
    for five in bytes.chunks(5) {
        let bits = five
            .iter()
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for at in (0..8).rev() {
            text.push(char::from(DIGITS[(bits >> (at * 5)) as usize & 31]));
        }
    }
    text
}

/// Type bit maps (RFC 4034 4.1.2).
pub fn bitmap(kinds: &BTreeSet<u16>) -> Vec<u8> {
    let mut map = Vec::new();
    let windows: BTreeSet<u8> = kinds.iter().map(|kind| (kind >> 8) as u8).collect();
    for window in windows {
        let here = kinds.iter().filter(|kind| **kind >> 8 == u16::from(window));
        let mut bits = Vec::new();
        for low in here.map(|kind| usize::from(*kind & 0xff)) {
            bits.resize(low / 8 + 1, 0_u8);
            bits[low / 8] |= 0x80 >> (low % 8);
        }
        map.extend([window, bits.len() as u8]);
        map.extend(bits);
    }
    map
}
