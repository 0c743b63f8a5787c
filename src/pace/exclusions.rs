//! Whom to leave alone: the entries of exclusion files, and what they cover.
//!
//! Hands out [`Excluded`], the entries in force at one moment; `exclusion_files` reads them, and
//! reads them again. Names are found by walking their labels through a hash set, addresses by one
//! binary search.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use super::asn::asn_of;
use super::prefixes::{Blocks, Prefixes};
use super::suffixes::ends;
use crate::targets::name::normalise;

/// One line of an exclusion file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// `192.0.2.0/24`, `192.0.2.1`: these addresses are not dialled.
    Net(IpNet),
    /// `example.cz`: neither it nor a name below it is asked about, and no mail host below it is
    /// dialled for anybody, nor a host of a policy that is an alias of a name there.
    Domain(String),
    /// `mx:example.cz`: mail hosts at or below this name are not dialled.
    Mx(String),
    /// `AS64500`: addresses that it announces are not dialled.
    Asn(u32),
}

/// The entries in force at one moment.
#[derive(Debug, Default)]
pub struct Excluded {
    nets: Prefixes,
    domains: HashSet<String>,
    mx: HashSet<String>,
    asns: HashSet<u32>,
}

impl Excluded {
    /// What some entries cover together.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut excluded = Self::default();
        let mut nets = Blocks::default();
        for entry in entries {
            match entry {
                Entry::Net(net) => nets.add_net(*net, 1),
                Entry::Domain(name) => drop(excluded.domains.insert(name.clone())),
                Entry::Mx(name) => drop(excluded.mx.insert(name.clone())),
                Entry::Asn(asn) => drop(excluded.asns.insert(*asn)),
            }
        }
        excluded.nets = nets.finish();
        excluded
    }

    /// Whether a domain is not to be asked about.
    pub fn domain(&self, domain: &str) -> bool {
        !self.domains.is_empty() && ends(domain).any(|end| self.domains.contains(end))
    }

    /// Whether a mail host is not to be dialled for its name.
    pub fn host(&self, host: &str) -> bool {
        self.domain(host) || !self.mx.is_empty() && ends(host).any(|end| self.mx.contains(end))
    }

    /// Whether an address, announced by this system, is not to be dialled.
    pub fn address(&self, ip: IpAddr, asn: Option<u32>) -> bool {
        // IPv4 inside IPv6 is the same machine.
        self.nets.get(ip.to_canonical()).is_some()
            || asn.is_some_and(|asn| self.asns.contains(&asn))
    }
}

/// Reads the text of an exclusion file. `has_asns` says whether addresses can be told by AS.
///
/// # Errors
/// What is wrong with the first bad line, its number in front.
pub fn parse(text: &str, has_asns: bool) -> Result<BTreeSet<Entry>, String> {
    let mut entries = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        let content = line.split('#').next().unwrap_or_default();
        let content = content.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if content.is_empty() {
            continue;
        }
        let entry = entry(content).ok_or_else(|| {
            format!(
                "line {number}: {content:?} is no entry; a line holds an address, a prefix \
                 (192.0.2.0/24), a domain (example.cz, with all below it), a mail host suffix \
                 (mx:example.cz) or an AS number (AS64500)"
            )
        })?;
        if let Entry::Asn(asn) = entry
            && !has_asns
        {
            return Err(format!(
                "line {number}: AS{asn} needs --asn-table, which says what belongs to an AS; give \
                 one, or list its prefixes"
            ));
        }
        entries.insert(entry);
    }
    Ok(entries)
}

fn entry(text: &str) -> Option<Entry> {
    if let Some(suffix) = text.strip_prefix("mx:") {
        return normalise(suffix.trim()).ok().map(Entry::Mx);
    }
    if text.contains('/') {
        return text.parse().ok().map(|net: IpNet| Entry::Net(net.trunc()));
    }
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(Entry::Net(IpNet::from(ip)));
    }
    // A bare number is a slip rather than an AS.
    match asn_of(text).filter(|_| !text.starts_with(|c: char| c.is_ascii_digit())) {
        Some(asn) => Some(Entry::Asn(asn)),
        None => normalise(text).ok().map(Entry::Domain),
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Net(net) => net.fmt(f),
            Self::Domain(name) => f.write_str(name),
            Self::Mx(name) => write!(f, "mx:{name}"),
            Self::Asn(asn) => write!(f, "AS{asn}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excluded(text: &str) -> Excluded {
        Excluded::new(&parse(text, true).expect("entries"))
    }

    #[test]
    fn every_kind_of_entry_covers_what_it_says() {
        let excluded = excluded(
            "\u{feff}# who asked us not to\n\n192.0.2.0/24\n198.51.100.7 # one host\n\
             2001:db8::/32\nExample.CZ.\nmx:mailhost.net\nas64500\nháčky.cz\n",
        );
        let address = |ip: &str| excluded.address(ip.parse().expect("an address"), None);
        for ip in [
            "192.0.2.0",
            "192.0.2.255",
            "198.51.100.7",
            "2001:db8:ffff::1",
            "::ffff:192.0.2.1",
        ] {
            assert!(address(ip), "{ip} is not covered");
        }
        for ip in ["192.0.1.255", "192.0.3.0", "198.51.100.8", "2001:db9::"] {
            assert!(!address(ip), "{ip} is covered");
        }
        let ip = "203.0.113.1".parse().expect("an address");
        assert!(excluded.address(ip, Some(64500)));
        assert!(!excluded.address(ip, Some(64501)));
        for name in ["example.cz", "a.b.example.cz", "xn--hky-ela4t.cz"] {
            assert!(excluded.domain(name) && excluded.host(name), "{name}");
        }
        for name in ["notexample.cz", "cz", "example.cz.net"] {
            assert!(!excluded.domain(name) && !excluded.host(name), "{name}");
        }
        for name in ["mailhost.net", "mx1.mailhost.net"] {
            assert!(!excluded.domain(name), "{name}: only as a mail host");
            assert!(excluded.host(name), "{name}");
        }
    }

    #[test]
    fn nothing_is_excluded_by_nothing() {
        let none = excluded("# nothing yet\n");
        assert!(!none.domain("example.cz") && !none.host("example.cz"));
        assert!(!none.address("192.0.2.1".parse().expect("an address"), Some(0)));
    }

    #[test]
    fn a_bad_line_is_refused_with_its_number_and_what_is_allowed() {
        for bad in [
            "192.0.2.0/33",
            "192.0.2.0/",
            "192.0.2",
            "192.0.2.1 192.0.2.2",
            "*.example.cz",
            ".example.cz",
            "cz",
            "mx:",
            "mx:cz",
            "mx:192.0.2.1",
            "64500",
            "AS",
            "AS99999999999",
            "a@example.cz",
            "https://example.cz/",
        ] {
            let sentence = parse(&format!("example.cz\n{bad}\n"), true).expect_err(bad);
            assert!(sentence.starts_with("line 2: "), "{bad}: {sentence}");
            assert!(sentence.contains("mx:example.cz"), "{bad}: {sentence}");
            assert!(sentence.contains("AS64500"), "{bad}: {sentence}");
        }
    }

    #[test]
    fn an_as_number_needs_a_table() {
        let sentence = parse("# AS1\nexample.cz\nAS64500\n", false).expect_err("no table");
        assert!(
            sentence.starts_with("line 3: AS64500 needs --asn-table"),
            "{sentence}"
        );
    }

    #[test]
    fn entries_read_as_they_are_written() {
        let text = "192.0.2.0/24\nexample.cz\nmx:mailhost.net\nAS64500\n";
        let entries = parse(text, true).expect("entries");
        let written: String = entries.iter().map(|entry| format!("{entry}\n")).collect();
        assert_eq!(written, text);
        assert_eq!(entries.len(), 4);
    }
}
