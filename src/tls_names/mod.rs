//! Names of TLS: versions, cipher suites, groups and signature schemes as the IANA registries spell
//! them, and what the name of a suite says about it.
//!
//! [`suite()`], [`group`] and [`scheme`] name a number, [`suites`] lists them all; [`is_aead`],
//! [`is_ephemeral`] and [`weakness`] judge a suite by its name. [`Version`] is a version on the wire,
//! [`alert`] has numbers of alerts.

pub mod alert;
mod suite;
mod version;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use suite::{Weakness, is_1_3, is_aead, is_ephemeral, is_hybrid, weakness};
pub use version::Version;

static SUITES: LazyLock<Registry> =
    LazyLock::new(|| Registry::of(include_str!("../../data/tls/suites.csv")));
static GROUPS: LazyLock<Registry> =
    LazyLock::new(|| Registry::of(include_str!("../../data/tls/groups.csv")));
static SCHEMES: LazyLock<Registry> =
    LazyLock::new(|| Registry::of(include_str!("../../data/tls/schemes.csv")));

/// Suites of SSL 2.0 (draft-hickman-netscape-ssl-00, C.4), whose numbers have three bytes.
pub const SSL2_KINDS: [(u32, &str); 7] = [
    (0x01_00_80, "SSL_CK_RC4_128_WITH_MD5"),
    (0x02_00_80, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"),
    (0x03_00_80, "SSL_CK_RC2_128_CBC_WITH_MD5"),
    (0x04_00_80, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"),
    (0x05_00_80, "SSL_CK_IDEA_128_CBC_WITH_MD5"),
    (0x06_00_40, "SSL_CK_DES_64_CBC_WITH_MD5"),
    (0x07_00_C0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
];

/// Name of a cipher suite; `0x1234` for a number that has none.
pub fn suite(number: u16) -> String {
    SUITES.name(number)
}

/// Number of a cipher suite.
pub fn suite_number(name: &str) -> Option<u16> {
    SUITES.number(name)
}

/// Every cipher suite that has a name, by number. Signals (`TLS_FALLBACK_SCSV`, 0x00FF) are none.
pub fn suites() -> impl Iterator<Item = (u16, &'static str)> {
    SUITES.list.iter().copied()
}

/// Name of a suite of SSL 2.0; `0x123456` for a number that has none.
pub fn ssl2_kind(number: u32) -> String {
    let known = SSL2_KINDS.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("0x{number:06x}"), |(_, name)| (*name).to_owned())
}

/// Name of a group; `0x1234` for a number that has none.
pub fn group(number: u16) -> String {
    GROUPS.name(number)
}

/// Number of a group.
pub fn group_number(name: &str) -> Option<u16> {
    GROUPS.number(name)
}

/// Name of a signature scheme; pairs of a hash and a signature of TLS 1.2 that the registry of TLS 1.3
/// leaves out are named in its manner (`dsa_sha1`). `0x1234` for a number that has none.
pub fn scheme(number: u16) -> String {
    SCHEMES.name(number)
}

/// Number of a signature scheme.
pub fn scheme_number(name: &str) -> Option<u16> {
    SCHEMES.number(name)
}

/// Numbers and names of one registry.
struct Registry {
    list: Vec<(u16, &'static str)>,
    names: HashMap<u16, &'static str>,
    numbers: HashMap<&'static str, u16>,
}

impl Registry {
    /// Lines `0x1234,name`; those that start with `#` are remarks.
    fn of(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let list: Vec<_> = lines
            .map(|line| entry(line).expect("a registry of ours has only entries"))
            .collect();
        Self {
            names: list.iter().copied().collect(),
            numbers: list.iter().map(|(number, name)| (*name, *number)).collect(),
            list,
        }
    }

    fn name(&self, number: u16) -> String {
        let known = self.names.get(&number);
        known.map_or_else(|| format!("0x{number:04x}"), |name| (*name).to_owned())
    }

    fn number(&self, name: &str) -> Option<u16> {
        self.numbers.get(name).copied()
    }
}

fn entry(line: &'static str) -> Option<(u16, &'static str)> {
    let (number, name) = line.split_once(',')?;
    let number = u16::from_str_radix(number.strip_prefix("0x")?, 16).ok()?;
    Some((number, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_names_of_the_registries() {
        for (number, name) in [
            (0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"),
            (0x0009, "TLS_RSA_WITH_DES_CBC_SHA"),
            (0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"),
            (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"),
            (0x1301, "TLS_AES_128_GCM_SHA256"),
            (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
            (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        ] {
            assert_eq!(suite(number), name);
            assert_eq!(suite_number(name), Some(number));
        }
        assert_eq!(suite(0x5600), "0x5600");
        assert_eq!(ssl2_kind(0x02_00_80), "SSL_CK_RC4_128_EXPORT40_WITH_MD5");
        assert_eq!(ssl2_kind(0x00_00_01), "0x000001");
        assert_eq!(group(0x001d), "x25519");
        assert_eq!(group_number("X25519MLKEM768"), Some(0x11ec));
        assert_eq!(group(0x0a0a), "0x0a0a");
        assert_eq!(scheme(0x0804), "rsa_pss_rsae_sha256");
        assert_eq!(scheme_number("dsa_sha1"), Some(0x0202));
    }

    #[test]
    fn every_number_and_every_name_is_there_once() {
        for registry in [&SUITES, &GROUPS, &SCHEMES] {
            assert!(registry.list.len() > 40);
            assert_eq!(registry.names.len(), registry.list.len());
            assert_eq!(registry.numbers.len(), registry.list.len());
            assert!(registry.list.is_sorted());
        }
    }
}
