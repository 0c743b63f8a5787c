//! Chains of certificates, with what many of them share kept once.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::once::Once;
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::{ChainSource, Dates, NameMatch, Pkix};
use crate::table::rows::TableName;
use crate::verdict::facts::{Chain, Key, Trust, place};

const COLUMNS: [&str; 7] = [
    "sha256",
    "key_type",
    "key_bits",
    "curve",
    "signature_hash",
    "signature_algorithm",
    "self_signed",
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
    /// Kinds of certificates by the first half of their hash.
    kind_of: HashMap<u128, u32>,
    kinds: Once<Key>,
    trust: Once<Trust>,
    /// Kinds of a whole chain.
    keys: Once<Vec<u32>>,
}

impl Chains {
    /// Reads what is needed of the certificates.
    pub fn read(store: &Store) -> Result<Self> {
        let mut chains = Self {
            kind_of: HashMap::new(),
            kinds: Once::default(),
            trust: Once::default(),
            keys: Once::default(),
        };
        for batch in store.scan::<Certificate>(TableName::Certificates, &COLUMNS) {
            for row in batch? {
                let hash = half(&row.sha256);
                let kind = chains.kinds.number(key(row));
                chains.kind_of.insert(hash, kind);
            }
        }
        Ok(chains)
    }

    /// The chain of an endpoint. A certificate that is in no table is one that cannot be parsed.
    pub fn chain(&mut self, row: &Row) -> Chain {
        let mut kinds = Vec::with_capacity(row.certificates.len());
        for sha256 in &row.certificates {
            let known = self.kind_of.get(&half(sha256)).copied();
            kinds.push(known.unwrap_or_else(|| self.kinds.number(Key::default())));
        }
        let trust = row.pkix.iter().map(|(store, pkix)| (store.clone(), *pkix));
        let matches = row.tlsa_matches.iter();
        Chain {
            source: row.source,
            dates: row.dates,
            name_match: row.name_match,
            matches: matches.fold(0, |mask, at| mask | place(usize::from(*at))),
            matches_again: !row.tlsa_again_matches.is_empty(),
            seen: row.seen,
            is_rsa: row.is_rsa(),
            trust: self.trust.number(trust.collect()),
            keys: self.keys.number(kinds),
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
