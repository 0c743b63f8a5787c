//! What a file gives for the parameters of a check: [`Given`], whose values are held against what there
//! is. A word that no certificate has would fail everybody.

use serde::Deserialize;

use super::{Parameters, Requirement, Ruleset, Unreached};
use crate::table::rows::CheckId;

/// What a file may say.
#[derive(Deserialize)]
pub struct Given {
    unreached: Option<Unreached>,
    stores: Option<Vec<String>>,
    rsa_min_bits: Option<u32>,
    zsk_rsa_min_bits: Option<u32>,
    key_types: Option<Vec<String>>,
    curves: Option<Vec<String>>,
    hashes: Option<Vec<String>>,
    algorithms: Option<Vec<u8>>,
    digests: Option<Vec<u8>>,
    host_only: Option<bool>,
    only: Option<bool>,
    suites: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    addresses: Option<u64>,
    ruleset: Option<Ruleset>,
    require: Option<Vec<Requirement>>,
    parts: Option<Vec<String>>,
    starttls_allowed: Option<bool>,
}
impl Given {
    /// These over the usual ones.
    ///
    /// # Errors
    /// Which value does not fit.
    pub fn over(self, usual: Parameters) -> Result<Parameters, String> {
        let parts = self.parts;
        Ok(Parameters {
            unreached: self.unreached.unwrap_or(usual.unreached),
            stores: filled("stores", self.stores, usual.stores)?,
            rsa_min_bits: bits("rsa_min_bits", self.rsa_min_bits, usual.rsa_min_bits)?,
            zsk_rsa_min_bits: bits(
                "zsk_rsa_min_bits",
                self.zsk_rsa_min_bits,
                usual.zsk_rsa_min_bits,
            )?,
            key_types: words("key_types", &KEY_TYPES, self.key_types, usual.key_types)?,
            curves: words("curves", &CURVES, self.curves, usual.curves)?,
            hashes: words("hashes", &HASHES, self.hashes, usual.hashes)?,
            algorithms: filled("algorithms", self.algorithms, usual.algorithms)?,
            digests: filled("digests", self.digests, usual.digests)?,
            host_only: self.host_only.unwrap_or(usual.host_only),
            only: self.only.unwrap_or(usual.only),
            suites: suites(self.suites.unwrap_or(usual.suites))?,
            groups: self.groups.unwrap_or(usual.groups),
            addresses: self.addresses.unwrap_or(usual.addresses),
            ruleset: self.ruleset.unwrap_or(usual.ruleset),
            require: self.require.unwrap_or(usual.require),
            parts: filled("parts", parts, Vec::new())?
                .iter()
                .map(part)
                .collect::<Result<_, _>>()?,
            starttls_allowed: self.starttls_allowed.unwrap_or(usual.starttls_allowed),
        })
    }
}

/// Kinds of keys, as `certificates.key_type` has them.
const KEY_TYPES: [&str; 4] = ["rsa", "ecdsa", "ed25519", "ed448"];
/// Curves, as `certificates.curve` has them.
const CURVES: [&str; 10] = [
    "P-192",
    "P-224",
    "P-256",
    "P-384",
    "P-521",
    "secp256k1",
    "brainpoolP256r1",
    "brainpoolP320r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
];
/// Hashes, as `certificates.signature_hash` has them.
const HASHES: [&str; 7] = ["md2", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

/// A list of known words: a word that no certificate has would fail everybody.
fn words(
    name: &str,
    known: &[&str],
    given: Option<Vec<String>>,
    usual: Vec<String>,
) -> Result<Vec<String>, String> {
    let list = filled(name, given, usual)?;
    match list.iter().find(|word| !known.contains(&word.as_str())) {
        Some(word) => Err(format!(
            "{name} has no {word}; give some of {}",
            known.join(", ")
        )),
        None => Ok(list),
    }
}

/// A size of keys that there are.
fn bits(name: &str, given: Option<u32>, usual: u32) -> Result<u32, String> {
    match given {
        Some(bits @ (0 | 16_385..)) => Err(format!("{name} is {bits}; give 1 to 16384")),
        given => Ok(given.unwrap_or(usual)),
    }
}

/// Names of suites by the registry of TLS (RFC 8446 B.4, RFC 5246 A.5).
fn suites(list: Vec<String>) -> Result<Vec<String>, String> {
    match list.iter().find(|name| !name.starts_with("TLS_")) {
        Some(name) => Err(format!(
            "suites has {name}; give names of the IANA registry, TLS_…"
        )),
        None => Ok(list),
    }
}

/// A list that allows nothing would fail everybody.
fn filled<T>(name: &str, given: Option<Vec<T>>, usual: Vec<T>) -> Result<Vec<T>, String> {
    match given {
        Some(list) if list.is_empty() => Err(format!("{name} is empty; name what is allowed")),
        Some(list) => Ok(list),
        None => Ok(usual),
    }
}

/// Checks over mail servers that may be looked at on the ports for clients.
pub const PARTS: [CheckId; 3] = [CheckId::Tls12, CheckId::NoSsl, CheckId::NoTls10Or11];

fn part(name: &String) -> Result<CheckId, String> {
    let known = CheckId::named(name).filter(|check| PARTS.contains(check));
    known.ok_or_else(|| {
        let may = PARTS.map(CheckId::as_str).join(", ");
        format!("parts has no {name}; give some of {may}")
    })
}
