//! What hellos offer: suites, groups and signature schemes in the order of preference.

use std::sync::LazyLock;

use crate::tls_names::{self, Version};

/// Signature schemes, the strong ones first; MD5 with RSA last, for servers that have nothing else.
const SCHEMES: [u16; 22] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401,
    0x0501, 0x0601, 0x0402, 0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101,
];

/// Signature schemes that came with TLS 1.3 or later (RFC 8734, RFC 8998, ML-DSA with its draft): no
/// older hello offers them.
const NEW_SCHEMES: [u16; 7] = [0x081a, 0x081b, 0x081c, 0x0904, 0x0905, 0x0906, 0x0708];

/// Signature schemes with SHA-1.
pub const SHA1_SCHEMES: [u16; 3] = [0x0203, 0x0201, 0x0202];

/// Groups that come first; the others follow by number.
const COMMON_GROUPS: [u16; 5] = [0x001d, 0x0017, 0x0018, 0x0019, 0x001e];
/// Groups of TLS 1.3 (RFC 8446 4.2.7, RFC 8734, RFC 8998, hybrid ones with their drafts), hybrid first.
const GROUPS_1_3: [u16; 24] = [
    0x11ec, 0x11eb, 0x11ed, 0x11ee, 0x6399, 0x639a, 0x0201, 0x0202, 0x0200, 0x001d, 0x0017, 0x0018,
    0x0019, 0x001e, 0x001f, 0x0020, 0x0021, 0x0029, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 0x0016,
];

/// Suites that come first, strong ones before weak ones: what most servers have. Some old servers look
/// at the first 64 suites only.
const COMMON: [u16; 60] = [
    0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc02b, 0xc02f, 0x009f, 0xccaa, 0x009e, 0xc024, 0xc028, 0x006b,
    0xc023, 0xc027, 0x0067, 0xc00a, 0xc014, 0x0039, 0xc009, 0xc013, 0x0033, 0x009d, 0x009c, 0x003d,
    0x003c, 0x0035, 0x002f, 0x0084, 0x0041, 0x0096, 0x0007, 0xc008, 0xc012, 0x0016, 0x000a, 0xc007,
    0xc011, 0x0005, 0x0004, 0x0015, 0x0009, 0x0014, 0x0008, 0x0006, 0x0003, 0x0062, 0x0064, 0x0034,
    0x003a, 0x0018, 0x001b, 0x001a, 0x0019, 0x0017, 0xc018, 0xc019, 0xc006, 0xc010, 0x0002, 0x0001,
];

/// Suites up to TLS 1.2 in the order of preference, with the first version that may use them.
static SUITES: LazyLock<Vec<(u16, Version)>> = LazyLock::new(|| {
    let usable = tls_names::suites().filter(|(_, name)| is_usable(name));
    let mut suites: Vec<_> = usable
        .map(|(number, name)| (number, first_version(number, name)))
        .collect();
    let rank = |number| {
        let common = COMMON.iter().position(|common| *common == number);
        (common.unwrap_or(COMMON.len()), number)
    };
    suites.sort_by_key(|(number, _)| rank(*number));
    suites
});

/// Every suite that can be used up to a version; of TLS 1.3 its own alone.
pub fn suites(version: Version) -> Vec<u16> {
    if version == Version::Tls1_3 {
        let new = tls_names::suites().filter(|(_, name)| tls_names::is_1_3(name));
        return new.map(|(number, _)| number).collect();
    }
    let usable = SUITES.iter().filter(|(_, first)| *first <= version);
    usable.map(|(number, _)| *number).collect()
}

/// Every group that is offered up to a version. Before TLS 1.3 prime fields (RFC 7919) are not: a
/// server that knows them would choose one, and hide the prime that everybody else gets.
pub fn groups(version: Version) -> Vec<u16> {
    if version == Version::Tls1_3 {
        return GROUPS_1_3.to_vec();
    }
    // Up to 28 they are those of RFC 8422 and RFC 7027, of which some are gone from the registry.
    let others = (1..=0x001c).filter(|group| !COMMON_GROUPS.contains(group));
    // The weakest curves last.
    COMMON_GROUPS.into_iter().chain(others.rev()).collect()
}

/// Every signature scheme that is offered up to a version.
pub fn schemes(version: Version) -> Vec<u16> {
    let new = NEW_SCHEMES
        .into_iter()
        .filter(|_| version == Version::Tls1_3);
    SCHEMES.into_iter().chain(new).collect()
}

/// Whether a suite is weak, by its number.
pub fn is_weak(suite: u16) -> bool {
    tls_names::weakness(&tls_names::suite(suite)).is_some()
}

/// Whether a server may choose a suite that knows nothing of us: without a secret or a ticket that was
/// shared before, or hardware that nobody has any more.
fn is_usable(name: &str) -> bool {
    let shared = ["PSK", "KRB5", "SRP", "ECCPWD", "FORTEZZA"];
    !tls_names::is_1_3(name) && !shared.iter().any(|word| name.contains(word))
}

/// The oldest version that a suite may be used with.
fn first_version(number: u16, name: &str) -> Version {
    let hash = name.ends_with("_SHA256") || name.ends_with("_SHA384");
    // RFC 9189.
    let gost = number >> 8 == 0xc1;
    let old = name.ends_with("_OLD") && tls_names::is_aead(name);
    match number {
        _ if hash || gost || old || tls_names::is_aead(name) => Version::Tls1_2,
        // AES (RFC 3268), Camellia (RFC 4132) and SEED (RFC 4162) came with TLS 1.0; but stacks with
        // them take them in SSL 3.0, too.
        0x0001..=0x001b | 0x002f..=0x003a | 0x0041..=0x0046 | 0x0060..=0x0066 => Version::Ssl3,
        0x0084..=0x0089 | 0x0096..=0x009b | 0xfe00..=0xffff => Version::Ssl3,
        // Curves need no extension (RFC 8422 4), and servers of the time do without.
        0xc001..=0xc019 => Version::Ssl3,
        _ => Version::Tls1_0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn names(version: Version) -> HashSet<String> {
        let suites = suites(version);
        let names: HashSet<_> = suites.iter().copied().map(tls_names::suite).collect();
        assert_eq!(names.len(), suites.len(), "offered twice");
        names
    }

    #[test]
    fn what_is_offered_is_known_and_there_once() {
        let schemes = schemes(Version::Tls1_3);
        for list in [&COMMON[..], &groups(Version::Tls1_2), &schemes] {
            assert_eq!(list.iter().collect::<HashSet<_>>().len(), list.len());
        }
        for suite in COMMON {
            assert!(suites(Version::Tls1_2).contains(&suite), "0x{suite:04x}");
        }
        for scheme in schemes {
            assert!(
                !tls_names::scheme(scheme).starts_with("0x"),
                "0x{scheme:04x}"
            );
        }
        for group in [groups(Version::Tls1_2), groups(Version::Tls1_3)].concat() {
            assert!(!tls_names::group(group).starts_with("0x"), "0x{group:04x}");
        }
    }

    #[test]
    fn schemes_of_tls_1_3_are_offered_with_it_alone() {
        let (old, new) = (schemes(Version::Tls1_2), schemes(Version::Tls1_3));
        assert!(new.starts_with(&old));
        let names: Vec<_> = new[old.len()..]
            .iter()
            .map(|one| tls_names::scheme(*one))
            .collect();
        for name in ["ecdsa_brainpoolP256r1tls13_sha256", "mldsa65"] {
            assert!(names.iter().any(|one| one == name), "{names:?}");
        }
    }

    #[test]
    fn each_version_gets_what_it_can_use() {
        let [ssl3, tls1_1, tls1_2, tls1_3] = [
            Version::Ssl3,
            Version::Tls1_1,
            Version::Tls1_2,
            Version::Tls1_3,
        ]
        .map(names);
        assert!(ssl3.is_subset(&tls1_1) && tls1_1.is_subset(&tls1_2));
        assert!(tls1_2.is_disjoint(&tls1_3));
        assert!(ssl3.contains("TLS_RSA_EXPORT_WITH_RC4_40_MD5"));
        assert!(tls1_1.contains("TLS_GOSTR341001_WITH_28147_CNT_IMIT"));
        assert!(
            !tls1_1
                .iter()
                .any(|name| tls_names::is_aead(name) || name.ends_with("SHA256"))
        );
        assert!(tls1_2.contains("TLS_RSA_WITH_NULL_SHA256"));
        assert!(tls1_2.len() > 200, "{}", tls1_2.len());
        assert!(tls1_3.contains("TLS_CHACHA20_POLY1305_SHA256"));
        assert!(
            !tls1_2
                .iter()
                .any(|name| name.contains("PSK") || name.contains("KRB5"))
        );
    }
}
