//! How a leaf certificate names a host: [`Names`].
//!
//! Written here and not left to webpki, which gives no answer for names that are no host names.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;

use super::parse::{certificate, dns_names};
use crate::table::codes::NameMatch;

/// How a name of a certificate stands for a host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hit {
    Equal,
    Wildcard,
}

/// The names of a leaf certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// SAN dNSName entries.
    sans: Vec<Vec<u8>>,
    /// Common names of the subject.
    common: Vec<Vec<u8>>,
}

impl Names {
    /// Reads them; none of what is no certificate.
    pub fn of(leaf: &[u8]) -> Self {
        let Some(leaf) = certificate(leaf) else {
            return Self::default();
        };
        Self {
            sans: dns_names(&leaf).iter().map(|name| name.to_vec()).collect(),
            common: common_names(&leaf).map(<[u8]>::to_vec).collect(),
        }
    }

    /// How they name the host (RFC 9525 6.3): SAN dNSName entries decide; that only the common name
    /// matches is noted. The host has to be a DNS name in A-labels without the final dot; nothing
    /// names anything else, an IP address least of all.
    pub fn of_host(&self, host: &str) -> NameMatch {
        if !is_host(host) {
            return NameMatch::None;
        }
        let best = self.sans.iter().filter_map(|name| hit(name, host)).min();
        match best {
            Some(Hit::Equal) => NameMatch::San,
            Some(Hit::Wildcard) => NameMatch::SanWildcard,
            None if self.common.iter().any(|name| hit(name, host).is_some()) => NameMatch::CnOnly,
            None => NameMatch::None,
        }
    }
}

/// Whether a leaf names the host for DANE-TA: as RFC 9525 says or, in a leaf without any SAN
/// dNSName, by its common name (RFC 7672 3.2.3 after RFC 6125 6.4.4).
pub(super) fn names_for_dane(leaf: &[u8], host: &str) -> bool {
    let names = Names::of(leaf);
    match names.of_host(host) {
        NameMatch::San | NameMatch::SanWildcard => true,
        NameMatch::CnOnly => names.sans.is_empty(),
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
        assert_eq!(Names::of(&leaf).of_host("mx.example.org"), NameMatch::San);
        assert_eq!(Names::of(&leaf).of_host("Other.example"), NameMatch::San);
        assert_eq!(Names::of(&leaf).of_host("example.org"), NameMatch::None);
        assert_eq!(
            Names::of(&leaf).of_host("a.mx.example.org"),
            NameMatch::None
        );
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
        assert_eq!(
            Names::of(&leaf).of_host("mx.example.org"),
            NameMatch::SanWildcard
        );
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
            assert_eq!(Names::of(&leaf).of_host(host), NameMatch::None, "{host}");
        }
        let both = with("x", &["*.example.org", "mx.example.org"]);
        assert_eq!(Names::of(&both).of_host("mx.example.org"), NameMatch::San);
    }

    #[test]
    fn the_common_name_is_only_noted() {
        let plain = with("mx.example.org", &[]);
        let beside = with("*.example.org", &["other.example"]);
        assert_eq!(
            Names::of(&plain).of_host("mx.example.org"),
            NameMatch::CnOnly
        );
        assert_eq!(
            Names::of(&beside).of_host("mx.example.org"),
            NameMatch::CnOnly
        );
        assert!(names_for_dane(&plain, "mx.example.org"));
        assert!(!names_for_dane(&beside, "mx.example.org"));
    }

    #[test]
    fn odd_bytes_equal_nothing() {
        let leaf = with("x", &["mx.example.org-evil.test", "mx.example.net."]);
        let nul = patched(&leaf, b".org-evil", b".org\0evil");
        let high = patched(&leaf, b".org-evil", b".org\xffevil");
        for der in [&nul, &high] {
            assert_eq!(Names::of(der).of_host("mx.example.org"), NameMatch::None);
            assert_eq!(
                Names::of(der).of_host("mx.example.org\0evil.test"),
                NameMatch::None
            );
        }
        assert_eq!(Names::of(&leaf).of_host("mx.example.net"), NameMatch::None);
        assert_eq!(Names::of(&leaf).of_host("mx.example.net."), NameMatch::None);
        assert_eq!(Names::of(&leaf).of_host(""), NameMatch::None);
        assert_eq!(
            Names::of(b"junk").of_host("mx.example.org"),
            NameMatch::None
        );
    }

    #[test]
    fn addresses_are_never_named() {
        let mut params = params("192.0.2.1", &["192.0.2.1"], YEAR);
        let address = SanType::IpAddress([192, 0, 2, 1].into());
        params.subject_alt_names.push(address);
        assert_eq!(
            Names::of(&self_signed(&params)).of_host("192.0.2.1"),
            NameMatch::None
        );
    }
}
