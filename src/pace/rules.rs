//! Which addresses may be dialled at all.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::asn::AsnTable;
use super::exclusion_files::Exclusions;
use super::exclusions::Excluded;
use super::own;
use super::special::Special;
use crate::table::codes::ErrorCode;

/// Which addresses may be dialled at all. A copy sees the same exclusions.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The only prefixes that may be dialled; empty outside the lab.
    lab: Vec<IpNet>,
    /// Whether this machine has IPv6.
    has_ipv6: bool,
    /// Addresses of this machine; none in the lab, which is on it.
    own: Arc<[IpAddr]>,
    /// Why nobody can be reached from here, over IPv4 and over IPv6.
    unreachable: [Option<ErrorCode>; 2],
    special: Special,
    exclusions: Exclusions,
    asns: Option<Arc<AsnTable>>,
}

impl Rules {
    /// The rules of a lab, or of the Internet when no prefix is given.
    pub fn new(lab: Vec<IpNet>, has_ipv6: bool) -> Self {
        let own = match lab.as_slice() {
            [] => own::addresses().into(),
            _ => Arc::default(),
        };
        Self {
            lab,
            has_ipv6,
            own,
            ..Self::default()
        }
    }

    /// The same, with whom to leave alone; the table tells what belongs to an AS number.
    pub fn leaving_alone(self, exclusions: Exclusions, asns: Option<Arc<AsnTable>>) -> Self {
        Self {
            exclusions,
            asns,
            ..self
        }
    }

    /// The same rules from a place from where nobody can be reached over IPv4, or IPv6, for these
    /// reasons.
    pub fn unreachable(self, ipv4: Option<ErrorCode>, ipv6: Option<ErrorCode>) -> Self {
        Self {
            unreachable: [ipv4, ipv6],
            ..self
        }
    }

    /// Why an address is not dialled; asked again before every dial, because exclusions change.
    pub fn forbids(&self, ip: IpAddr) -> Option<ErrorCode> {
        let special = match self.lab.as_slice() {
            [] => self.special.contains(ip),
            lab => !lab.iter().any(|net| net.contains(&ip)),
        };
        let asn = || self.asns.as_ref().and_then(|table| table.get(ip));
        if special {
            Some(ErrorCode::SpecialPurpose)
        } else if self.own.contains(&ip) || self.excluded().address(ip, asn()) {
            Some(ErrorCode::Excluded)
        } else if ip.is_ipv6() && !self.has_ipv6 {
            Some(ErrorCode::NoIpv6Vantage)
        } else {
            self.unreachable[usize::from(ip.is_ipv6())]
        }
    }

    /// What is excluded now, for those who know names.
    pub fn excluded(&self) -> Arc<Excluded> {
        self.exclusions.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn excluding(rules: Rules, text: &str) -> Rules {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("exclude.txt");
        std::fs::write(&path, text).expect("writes");
        let table = dir.path().join("asn.txt");
        std::fs::write(&table, "8.8.4.0/24 64500\n").expect("writes");
        let table = AsnTable::read(&table, None).expect("a table");
        let exclusions = Exclusions::read(&[path], true).expect("entries");
        rules.leaving_alone(exclusions, Some(Arc::new(table)))
    }

    #[test]
    fn each_reason_has_its_word() {
        let rules = excluding(Rules::new(Vec::new(), false), "8.8.8.0/24\nAS64500\n::1\n");
        assert_eq!(rules.forbids(ip("8.8.8.8")), Some(ErrorCode::Excluded));
        assert_eq!(rules.forbids(ip("8.8.4.4")), Some(ErrorCode::Excluded));
        assert_eq!(rules.forbids(ip("9.9.9.9")), None);
        assert_eq!(rules.forbids(ip("::1")), Some(ErrorCode::SpecialPurpose));
        assert_eq!(rules.forbids(ip("2a00::1")), Some(ErrorCode::NoIpv6Vantage));
    }

    #[test]
    fn the_lab_is_the_only_place_that_may_be_dialled() {
        let lab = vec!["192.0.2.0/24".parse().expect("a prefix")];
        let rules = excluding(Rules::new(lab, true), "192.0.2.7\n");
        assert_eq!(rules.forbids(ip("192.0.2.8")), None);
        assert_eq!(rules.forbids(ip("192.0.2.7")), Some(ErrorCode::Excluded));
        assert_eq!(
            rules.forbids(ip("8.8.8.8")),
            Some(ErrorCode::SpecialPurpose)
        );
        assert_eq!(
            rules.forbids(ip("127.0.0.1")),
            Some(ErrorCode::SpecialPurpose)
        );
    }

    #[test]
    fn this_machine_does_not_call_itself() {
        let mut rules = Rules::new(Vec::new(), true);
        assert!(rules.own.contains(&ip("127.0.0.1")), "{:?}", rules.own);
        rules.own = vec![ip("8.8.8.8")].into();
        assert_eq!(rules.forbids(ip("8.8.8.8")), Some(ErrorCode::Excluded));
        assert_eq!(rules.forbids(ip("8.8.8.9")), None);
        let lab = Rules::new(vec!["127.0.0.0/8".parse().expect("a prefix")], true);
        assert_eq!(lab.forbids(ip("127.0.0.1")), None, "the lab is on it");
    }
}
