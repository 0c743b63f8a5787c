//! Chains that servers sent: judged once, whatever names they are for; and which certificates their
//! table does not have yet.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use super::Context;
use super::trust::{Said, Trust};
use crate::certificate;
use crate::error::Result;
use crate::table::codes::{ChainSource, NameMatch};
use crate::table::row::Moment;
use crate::table::rows::{CertificateRow, Chain, TableName};

/// A chain that was sent.
pub struct Sent<'a> {
    /// The certificates, leaf first.
    pub ders: Vec<&'a [u8]>,
    /// The same as rows.
    pub certificates: Vec<CertificateRow>,
    /// Those of the leaf, read once however many hosts lead here.
    names: certificate::Names,
    /// What the stores say of it, and its dates.
    pub said: Said,
}

impl<'a> Sent<'a> {
    /// Judges a chain as of the moment when it was seen.
    pub fn new(chain: &'a [Vec<u8>], at: Moment, trust: &Trust) -> Self {
        let ders: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
        Self {
            names: certificate::Names::of(ders.first().copied().unwrap_or_default()),
            certificates: ders.iter().map(|der| certificate::row(der)).collect(),
            said: trust.judge(&ders, at),
            ders,
        }
    }

    /// How the leaf names a host.
    pub fn of_host(&self, host: &str) -> NameMatch {
        self.names.of_host(host)
    }

    /// The chain as a row has it for a host, but for TLSA records; none where nothing was sent. `sni`:
    /// the server name that was sent.
    pub fn of_row(&self, host: &str, sni: Option<&String>, source: ChainSource) -> Option<Chain> {
        let leaf = self.certificates.first()?;
        let name_match = self.of_host(host);
        // Another name may well get another certificate: only a match says something.
        let says = source == ChainSource::Observed || name_match != NameMatch::None;
        Some(Chain {
            key_type: leaf.key_type.clone(),
            sni: sni.cloned(),
            certificates: self.hashes(),
            source,
            pkix: self.said.pkix.clone(),
            dates: self.said.dates,
            name_match: says.then_some(name_match),
            ..Chain::default()
        })
    }

    /// SHA-256 of the certificates in hex, leaf first.
    pub fn hashes(&self) -> Vec<String> {
        let rows = self.certificates.iter();
        rows.map(|row| row.sha256.clone()).collect()
    }
}

/// Certificates that are in their table, or on the way there.
pub struct Known(Mutex<HashSet<String>>);

impl Known {
    /// Those that are committed. Takes the context, not its store: a lock taken by the caller would
    /// last as long as the caller's statement, in which others lock it, too.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn read(context: &Context<'_>) -> Result<Self> {
        #[derive(Deserialize)]
        struct Key {
            sha256: String,
        }
        let mut known = HashSet::new();
        let store = context.store();
        for batch in store.scan::<Key>(TableName::Certificates, &["sha256"]) {
            known.extend(batch?.into_iter().map(|key| key.sha256));
        }
        Ok(Self(Mutex::new(known)))
    }

    /// Those of some certificates that are new.
    pub fn fresh(&self, certificates: Vec<CertificateRow>) -> Vec<CertificateRow> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |row: &CertificateRow| known.insert(row.sha256.clone());
        certificates.into_iter().filter(is_fresh).collect()
    }
}
