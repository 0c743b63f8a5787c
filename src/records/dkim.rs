//! DKIM keys (RFC 6376 3.6.1, RFC 8301, RFC 8463).

use super::finding::Parsed;

/// A key record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key {
    /// `k=`, in lower case: `rsa` where the record has none.
    pub key_type: String,
    /// Size of the key, in bits: the modulus of RSA, 256 for Ed25519; none where it cannot be read.
    pub bits: Option<u16>,
    /// Whether `p=` is empty.
    pub revoked: bool,
    /// Whether `t=` has `y`.
    pub testing: bool,
    /// Hashes that `h=` names.
    pub hashes: Vec<String>,
}

/// Reads a key record. A TXT record that is no DKIM key at all is fatal (`bad_version`, `missing`).
pub fn parse(_record: &[u8]) -> Parsed<Key> {
    unimplemented!()
}
