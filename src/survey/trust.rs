//! The trust stores of a survey: read once, and what they say of a chain is asked once, however many
//! servers send it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use super::settings::Settings;
use crate::certificate::{self, TrustStore};
use crate::error::{Error, Result};
use crate::table::codes::{Dates, Pkix};
use crate::table::row::Moment;

/// Chains that are remembered. A provider has few of them and thousands of servers; where there are
/// more, they are judged again.
const REMEMBERED: usize = 1 << 16;

/// What a judgement depends on: the certificates by their hashes, and on which side of the
/// validity of each of them the moment lies.
type Key = (Vec<[u8; 32]>, Vec<Dates>);

/// What is said of a chain.
#[derive(Debug, Clone)]
pub struct Said {
    /// By each store, by its name.
    pub pkix: BTreeMap<String, Pkix>,
    /// Whether the moment lies within its validity.
    pub dates: Dates,
}

/// The stores that chains are judged by.
pub struct Trust {
    stores: Vec<TrustStore>,
    said: Mutex<HashMap<Key, Said>>,
}

impl Trust {
    /// Reads the stores: the one that is built in and those of the operator, each with the further
    /// roots.
    ///
    /// # Errors
    /// When a file cannot be read, or holds no certificates.
    pub fn read(settings: &Settings) -> Result<Self> {
        let mut extra = Vec::new();
        for path in &settings.extra_roots {
            extra.extend(certificate::read_pem(path)?);
        }
        let mut stores = vec![TrustStore::mozilla(&extra)];
        for (name, path) in &settings.trust_stores {
            if stores.iter().any(|store| store.name == *name) {
                return Err(Error::Usage(twice(name)));
            }
            let roots = certificate::read_pem(path)?;
            stores.push(TrustStore::of_file(name, &roots, &extra));
        }
        Ok(Self::new(stores))
    }

    fn new(stores: Vec<TrustStore>) -> Self {
        Self {
            stores,
            said: Mutex::default(),
        }
    }

    /// Names and versions of the stores.
    pub fn versions(&self) -> impl Iterator<Item = (&str, &str)> {
        let stores = self.stores.iter();
        stores.map(|store| (store.name.as_str(), store.version.as_str()))
    }

    /// What each store says of a chain, leaf first, as of a moment. Where a path of one of them is valid
    /// then, what else was sent need not be.
    pub fn judge(&self, chain: &[&[u8]], at: Moment) -> Said {
        let hashes = chain.iter().map(|der| certificate::sha256(der)).collect();
        let key = (hashes, certificate::states(chain, at));
        let said = || self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = said().get(&key) {
            return known.clone();
        }
        let one = |store: &TrustStore| (store.name.clone(), certificate::judge(store, chain, at));
        let judged = Said {
            dates: self.dates(chain, at),
            pkix: self.stores.iter().map(one).collect(),
        };
        let mut said = said();
        if said.len() >= REMEMBERED {
            said.clear();
        }
        said.insert(key, judged.clone());
        judged
    }

    /// Paths are only searched where not all is current that was sent.
    fn dates(&self, chain: &[&[u8]], at: Moment) -> Dates {
        let sent = certificate::dates(chain, at);
        let mut stores = self.stores.iter();
        let is_open = sent != Dates::Current;
        match is_open && stores.any(|store| certificate::is_valid_at(store, chain, at)) {
            true => Dates::Current,
            false => sent,
        }
    }
}

fn twice(name: &str) -> String {
    match name {
        certificate::BUILT_IN => format!(
            "--trust-store {name}=…: that store is built in; give yours another name, or add roots \
             to it by --extra-root"
        ),
        _ => format!("--trust-store {name}=… is there twice; give each store a name of its own"),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    use super::*;

    /// A root, and a leaf under it.
    fn pair(name: &str) -> (Vec<u8>, Vec<u8>) {
        let mut root = CertificateParams::default();
        root.distinguished_name.push(DnType::CommonName, name);
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = root.self_signed(&key).unwrap().der().to_vec();
        let leaf = CertificateParams::new(["mx.example.org".to_owned()]).unwrap();
        let own = KeyPair::generate().unwrap();
        let leaf = leaf.signed_by(&own, &Issuer::new(root, key)).unwrap();
        (der, leaf.der().to_vec())
    }

    fn said(trust: &Trust, chain: &[&[u8]]) -> Vec<(String, Pkix)> {
        let said = trust.judge(chain, Moment::now());
        said.pkix.into_iter().collect()
    }

    #[test]
    fn each_store_says_its_own_word_and_says_it_once() {
        let ((root, leaf), (other, _)) = (pair("one"), pair("other"));
        let trust = Trust::new(vec![
            TrustStore::of_file("one", std::slice::from_ref(&root), &[]),
            TrustStore::of_file("other", &[other], &[]),
        ]);
        let of = |one, other| vec![("one".to_owned(), one), ("other".to_owned(), other)];
        let alone = of(Pkix::Valid, Pkix::MissingIntermediate);
        assert_eq!(said(&trust, &[&leaf]), alone);
        let with_root = of(Pkix::Valid, Pkix::UnknownIssuer);
        assert_eq!(said(&trust, &[&leaf, &root]), with_root);
        let known = || trust.said.lock().unwrap().len();
        assert_eq!(known(), 2);
        // The same at another moment of its validity is the same question.
        assert_eq!(said(&trust, &[&leaf]), alone);
        assert_eq!(known(), 2);
        trust.judge(&[&leaf], Moment(0));
        assert_eq!(
            known(),
            3,
            "a moment on the other side of a date is another one"
        );
    }
}
