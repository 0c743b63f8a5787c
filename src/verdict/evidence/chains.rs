//! Chains of certificates, with what many of them share kept once.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;

use super::once::Once;
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{ChainSource, Dates, NameMatch, Pkix};
use crate::table::rows::TableName;
use crate::verdict::facts::{Chain, Key, Trust, place};

const COLUMNS: [&str; 9] = [
    "sha256",
    "key_type",
    "key_bits",
    "curve",
    "signature_hash",
    "signature_algorithm",
    "self_signed",
    "subject",
    "issuer",
];

#[derive(Deserialize)]
struct Certificate {
    sha256: String,
    key_type: Option<String>,
    key_bits: Option<u32>,
    curve: Option<String>,
    signature_hash: Option<String>,
    signature_algorithm: Option<String>,
    self_signed: Option<bool>,
    subject: Option<String>,
    issuer: Option<String>,
}

/// What is kept of a certificate.
#[derive(Clone, Copy)]
struct Known {
    /// Its kind.
    kind: u32,
    /// A hash of the name of its subject; none where it could not be parsed.
    subject: Option<u64>,
    /// The same of its issuer.
    issuer: Option<u64>,
}

/// A chain as an endpoint has it.
#[derive(Deserialize)]
pub struct Row {
    source: ChainSource,
    dates: Dates,
    name_match: Option<NameMatch>,
    tlsa_matches: Vec<u8>,
    #[serde(default)]
    tlsa_again_matches: Vec<u8>,
    #[serde(default)]
    seen: u8,
    key_type: Option<String>,
    pkix: BTreeMap<String, Pkix>,
    certificates: Vec<String>,
}

impl Row {
    /// Whether it is what this very name gets.
    pub fn is_own(&self) -> bool {
        self.source == ChainSource::Observed
    }

    /// Whether its leaf has an RSA key.
    pub fn is_rsa(&self) -> bool {
        self.key_type.as_deref() == Some("rsa")
    }
}

/// What is known of certificates, and of chains so far.
pub struct Chains {
    /// Certificates by the first half of their hash.
    known: HashMap<u128, Known>,
    kinds: Once<Key>,
    trust: Once<Trust>,
    /// Kinds of a whole chain.
    keys: Once<Vec<u32>>,
}

impl Chains {
    /// Reads what is needed of the certificates.
    pub fn read(store: &Store) -> Result<Self> {
        let mut chains = Self {
            known: HashMap::new(),
            kinds: Once::default(),
            trust: Once::default(),
            keys: Once::default(),
        };
        for batch in store.scan::<Certificate>(TableName::Certificates, &COLUMNS) {
            for row in batch? {
                let hash = half(&row.sha256);
                let (subject, issuer) = (name(&row.subject), name(&row.issuer));
                let kind = chains.kinds.number(key(row));
                let known = Known {
                    kind,
                    subject,
                    issuer,
                };
                chains.known.insert(hash, known);
            }
        }
        Ok(chains)
    }

    /// The chain of an endpoint. A certificate that is in no table is one that cannot be parsed. `again`:
    /// the TLSA records that count of those that were asked for again.
    pub fn chain(&mut self, row: &Row, again: u64) -> Chain {
        let mut sent = Vec::with_capacity(row.certificates.len());
        for sha256 in &row.certificates {
            let known = self.known.get(&half(sha256)).copied();
            sent.push(known.unwrap_or_else(|| Known {
                kind: self.kinds.number(Key::default()),
                subject: None,
                issuer: None,
            }));
        }
        let trust = row.pkix.iter().map(|(store, pkix)| (store.clone(), *pkix));
        let places = |list: &[u8]| {
            let places = list.iter().map(|at| place(usize::from(*at)));
            places.fold(0, |mask, one| mask | one)
        };
        Chain {
            source: row.source,
            dates: row.dates,
            name_match: row.name_match,
            matches: places(&row.tlsa_matches),
            matches_again: places(&row.tlsa_again_matches) & again != 0,
            seen: row.seen,
            is_rsa: row.is_rsa(),
            trust: self.trust.number(trust.collect()),
            keys: self.keys.number(needed(&sent)),
        }
    }

    /// What the numbers stand for: trust of chains, and keys in them.
    pub fn lists(self) -> (Vec<Trust>, Vec<Vec<Key>>) {
        let kinds = self.kinds.list();
        let keys = self.keys.list().into_iter();
        let keys = keys.map(|chain| {
            let kinds = chain.into_iter().map(|kind| kinds[kind as usize].clone());
            kinds.collect()
        });
        (self.trust.list(), keys.collect())
    }
}

/// Kinds of the certificates that a verifier may need: the leaf, which comes first, who issued it, who
/// issued those, and what could not be parsed. What else was sent nobody looks at.
fn needed(sent: &[Known]) -> Vec<u32> {
    let mut is_needed: Vec<_> = sent.iter().map(|one| one.subject.is_none()).collect();
    let mut open: Vec<usize> = (0..sent.len().min(1)).collect();
    while let Some(at) = open.pop() {
        is_needed[at] = true;
        let issued = |other: &usize| sent[*other].subject == sent[at].issuer;
        open.extend(
            (0..sent.len())
                .filter(issued)
                .filter(|other| !is_needed[*other]),
        );
    }
    let needed = sent.iter().zip(is_needed).filter(|(_, needed)| *needed);
    needed.map(|(one, _)| one.kind).collect()
}

fn name(name: &Option<String>) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    name.as_ref()?.hash(&mut hasher);
    Some(hasher.finish())
}

/// The first 128 bits of a SHA-256 in hex: no two certificates share them by chance.
fn half(sha256: &str) -> u128 {
    let digits = sha256.get(..32).unwrap_or_default();
    u128::from_str_radix(digits, 16).unwrap_or_default()
}

fn key(row: Certificate) -> Key {
    Key {
        kind: row.key_type,
        bits: row.key_bits,
        curve: row.curve,
        hash: row.signature_hash,
        signature: row.signature_algorithm,
        is_self_signed: row.self_signed == Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_issuers_of_the_leaf_are_needed() {
        let known = |(kind, (subject, issuer))| Known {
            kind,
            subject: Some(subject),
            issuer: Some(issuer),
        };
        let needed_of = |names: &[(u64, u64)]| {
            let sent: Vec<_> = (0..).zip(names.iter().copied()).map(known).collect();
            needed(&sent)
        };
        assert_eq!(needed_of(&[]), Vec::<u32>::new());
        assert_eq!(
            needed_of(&[(1, 2), (3, 4), (2, 5), (5, 5), (6, 6)]),
            [0, 2, 3]
        );
        // Issued by each other, by themselves, and several by one name.
        assert_eq!(needed_of(&[(1, 2), (2, 3), (3, 2), (2, 2)]), [0, 1, 2, 3]);
        let unread = Known {
            kind: 7,
            subject: None,
            issuer: None,
        };
        assert_eq!(needed(&[known((0, (1, 2))), unread]), [0, 7]);
        assert_eq!(needed(&[unread, known((0, (1, 2)))]), [7]);
    }
}
