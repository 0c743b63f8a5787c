//! How a leaf certificate names a host: [`name_match`].
//!
//! Written here and not left to webpki, which gives no answer for names that are no host names.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;

use super::parse::{certificate, dns_names};
use crate::table::codes::NameMatch;

/// How a name of a certificate stands for a host.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hit {
    Equal,
    Wildcard,
}

/// How the leaf names the host (RFC 9525 6.3): SAN dNSName entries decide; that only the common
/// name matches is noted. The host has to be a DNS name in A-labels without the final dot; nothing
/// names anything else, an IP address least of all.
pub fn name_match(leaf: &[u8], host: &str) -> NameMatch {
    let Some(leaf) = certificate(leaf) else {
        return NameMatch::None;
    };
    if !is_host(host) {
        return NameMatch::None;
    }
    let sans: Vec<_> = dns_names(&leaf)
        .iter()
        .filter_map(|name| hit(name, host))
        .collect();
    if sans.contains(&Hit::Equal) {
        NameMatch::San
    } else if sans.contains(&Hit::Wildcard) {
        NameMatch::SanWildcard
    } else if common_names(&leaf).any(|name| hit(name, host).is_some()) {
        NameMatch::CnOnly
    } else {
        NameMatch::None
    }
}

/// Whether a leaf names the host for DANE-TA: as RFC 9525 says or, in a leaf without any SAN
/// dNSName, by its common name (RFC 7672 3.2.3 after RFC 6125 6.4.4).
pub(super) fn names_for_dane(leaf: &[u8], host: &str) -> bool {
    match name_match(leaf, host) {
        NameMatch::San | NameMatch::SanWildcard => true,
        NameMatch::CnOnly => certificate(leaf).is_some_and(|leaf| dns_names(&leaf).is_empty()),
        NameMatch::None => false,
    }
}

/// Values of the common names of the subject.
fn common_names<'a>(leaf: &'a X509Certificate<'_>) -> impl Iterator<Item = &'a [u8]> {
    leaf.subject()
        .iter_common_name()
        .map(|name| name.as_slice())
}

/// Whether a text can be a reference identifier (RFC 9525 6.2): labels of printable ASCII, no empty
/// one, no asterisk, no address.
fn is_host(host: &str) -> bool {
    let labels_are_sound = host.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'*')
    });
    host.len() <= 253 && labels_are_sound && host.parse::<IpAddr>().is_err()
}

/// Compares a name of a certificate with a host (RFC 9525 6.3), octet by octet but for ASCII case:
/// a NUL byte, a final dot or a non-ASCII byte equals nothing in a host.
fn hit(name: &[u8], host: &str) -> Option<Hit> {
    if name.eq_ignore_ascii_case(host.as_bytes()) {
        return Some(Hit::Equal);
    }
    let suffix = name.strip_prefix(b"*.")?;
    let (_, rest) = host.split_once('.')?;
    let long_enough = rest.contains('.');
    (long_enough && suffix.eq_ignore_ascii_case(rest.as_bytes())).then_some(Hit::Wildcard)
}

#[cfg(test)]
mod tests {
    use rcgen::SanType;

    use super::super::fixtures::{YEAR, params, patched, self_signed};
    use super::*;

    fn with(common_name: &str, names: &[&str]) -> Vec<u8> {
        self_signed(&params(common_name, names, YEAR))
    }

    #[test]
    fn names_are_compared_without_case() {
        let leaf = with("x", &["MX.Example.ORG", "other.example"]);
        assert_eq!(name_match(&leaf, "mx.example.org"), NameMatch::San);
        assert_eq!(name_match(&leaf, "Other.example"), NameMatch::San);
        assert_eq!(name_match(&leaf, "example.org"), NameMatch::None);
        assert_eq!(name_match(&leaf, "a.mx.example.org"), NameMatch::None);
    }

    #[test]
    fn a_wildcard_is_one_whole_label_above_two() {
        let leaf = with(
            "x",
            &[
                "*.example.org",
                "m*.example.net",
                "a.*.example.com",
                "*.org",
                "*",
            ],
        );
        assert_eq!(name_match(&leaf, "mx.example.org"), NameMatch::SanWildcard);
        for host in [
            "example.org",
            "a.mx.example.org",
            "mx.example.net",
            "a.b.example.com",
            "single.org",
            "host",
            "*.example.org",
            ".example.org",
        ] {
            assert_eq!(name_match(&leaf, host), NameMatch::None, "{host}");
        }
        let both = with("x", &["*.example.org", "mx.example.org"]);
        assert_eq!(name_match(&both, "mx.example.org"), NameMatch::San);
    }

    #[test]
    fn the_common_name_is_only_noted() {
        let plain = with("mx.example.org", &[]);
        let beside = with("*.example.org", &["other.example"]);
        assert_eq!(name_match(&plain, "mx.example.org"), NameMatch::CnOnly);
        assert_eq!(name_match(&beside, "mx.example.org"), NameMatch::CnOnly);
        assert!(names_for_dane(&plain, "mx.example.org"));
        assert!(!names_for_dane(&beside, "mx.example.org"));
    }

    #[test]
    fn odd_bytes_equal_nothing() {
        let leaf = with("x", &["mx.example.org-evil.test", "mx.example.net."]);
        let nul = patched(&leaf, b".org-evil", b".org\0evil");
        let high = patched(&leaf, b".org-evil", b".org\xffevil");
        for der in [&nul, &high] {
            assert_eq!(name_match(der, "mx.example.org"), NameMatch::None);
            assert_eq!(
                name_match(der, "mx.example.org\0evil.test"),
                NameMatch::None
            );
        }
        assert_eq!(name_match(&leaf, "mx.example.net"), NameMatch::None);
        assert_eq!(name_match(&leaf, "mx.example.net."), NameMatch::None);
        assert_eq!(name_match(&leaf, ""), NameMatch::None);
        assert_eq!(name_match(b"junk", "mx.example.org"), NameMatch::None);
    }

    #[test]
    fn addresses_are_never_named() {
        let mut params = params("192.0.2.1", &["192.0.2.1"], YEAR);
        let address = SanType::IpAddress([192, 0, 2, 1].into());
        params.subject_alt_names.push(address);
        assert_eq!(
            name_match(&self_signed(&params), "192.0.2.1"),
            NameMatch::None
        );
    }
}
