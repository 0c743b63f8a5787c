//! `--country-table`: in which country addresses are registered.
//!
//! Hands out [`Countries`]. Takes what registries publish (the files `delegated-*`, alone, one behind
//! the other, or as the NRO's one file of all five), and `prefix country` or `first last country` (as
//! DB-IP and iptoasn.com have them); apart by spaces, tabs or commas.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use super::lines::{self, Block, MOST};
use super::prefixes::{Blocks, Prefixes};
use crate::error::Result;
use crate::table::country::Country;
use ipnet::IpNet;

/// Words by which tables say that they know no country.
const NONE: [&str; 3] = ["None", "Unknown", "-"];
/// What a line has to look like.
const SHAPE: &str = "neither `prefix country`, `first last country` nor a line of a registry; mend \
                     the line, or take it out";

/// Countries by address.
#[derive(Debug)]
pub struct Countries {
    prefixes: Prefixes,
    version: String,
}

impl Countries {
    /// Reads a table: plain, gzip or zstd.
    ///
    /// # Errors
    /// When it cannot be read to its end, or a line is none of a table; with the number of the line.
    pub fn read(path: &Path) -> Result<Self> {
        let mut blocks = Blocks::default();
        let version = lines::read(path, |line| add(&mut blocks, line))?;
        if blocks.len() == 0 {
            return Err(lines::empty(path, "`prefix country` a line"));
        }
        Ok(Self::of(blocks, version))
    }

    /// A table of blocks whose numbers are [`number_of`] their countries.
    pub fn of(blocks: Blocks, version: String) -> Self {
        Self {
            prefixes: blocks.finish(),
            version,
        }
    }

    /// The country of an address.
    pub fn get(&self, ip: IpAddr) -> Option<Country> {
        self.prefixes.get(ip).and_then(Country::of_number)
    }

    /// SHA-256 of the file.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// The number of a country in a table; 0 where the table says that it knows none.
///
/// # Errors
/// When it is no country.
pub fn number_of(code: &str) -> Result<u32, &'static str> {
    if Country::is_none(code) || NONE.iter().any(|none| none.eq_ignore_ascii_case(code)) {
        return Ok(0);
    }
    let country = Country::parse(code).ok_or("the country is not of two letters; mend the line")?;
    Ok(country.number())
}

fn add(blocks: &mut Blocks, line: &str) -> Result<(), &'static str> {
    if blocks.len() == MOST {
        return Err("more prefixes than 8 million; split the table");
    }
    if line.contains('|') {
        return delegated(blocks, line);
    }
    let mut words = lines::words(line);
    let block = Block::take(&mut words).ok_or(SHAPE)?;
    let country = number_of(words.next().ok_or(SHAPE)?)?;
    match block {
        Block::Net(net) => blocks.add_net(net, country),
        Block::Range(first, last) => blocks.add(first, last, country)?,
    }
    Ok(())
}

/// A line of a registry: `registry|country|type|start|value|date|status`, where `value` is how many
/// IPv4 addresses, or the length of an IPv6 prefix (RIR Statistics Exchange Format). Of space that
/// nobody holds, of AS numbers and in the lines of a head there is no country.
fn delegated(blocks: &mut Blocks, line: &str) -> Result<(), &'static str> {
    let fields: Vec<&str> = line.split('|').collect();
    let is_head = fields[0].parse::<f32>().is_ok() || fields.get(5) == Some(&"summary");
    if is_head {
        return Ok(());
    }
    let [_, country, kind, start, value, _, status, ..] = fields.as_slice() else {
        return Err(SHAPE);
    };
    let country = match *status {
        "allocated" | "assigned" => number_of(country)?,
        "available" | "reserved" => 0,
        _ => return Err(SHAPE),
    };
    match *kind {
        "asn" => Ok(()),
        "ipv4" => {
            let (start, count) = start
                .parse::<Ipv4Addr>()
                .ok()
                .zip(value.parse::<u32>().ok())
                .ok_or(SHAPE)?;
            let last = count
                .checked_sub(1)
                .and_then(|more| start.to_bits().checked_add(more));
            let last = Ipv4Addr::from_bits(last.ok_or(SHAPE)?);
            blocks.add(start.into(), last.into(), country)
        }
        "ipv6" => {
            let net = format!("{start}/{value}").parse::<IpNet>();
            let net = net.ok().filter(|net| net.addr().is_ipv6());
            blocks.add_net(net.ok_or(SHAPE)?.trunc(), country);
            Ok(())
        }
        _ => Err(SHAPE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Countries> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("table");
        std::fs::write(&path, text).expect("writes");
        Countries::read(&path)
    }

    #[track_caller]
    fn assert_countries(text: &str, expected: &[(&str, Option<&str>)]) {
        let table = read(text).expect("a table");
        for (ip, country) in expected {
            let found = table.get(ip.parse().expect("an address"));
            assert_eq!(found.as_ref().map(Country::as_str), *country, "{ip}");
        }
    }

    #[test]
    fn a_registry_counts_addresses_of_ipv4_and_gives_the_length_of_ipv6() {
        assert_countries(
            "2|ripencc|20260101|5|19830705|20251231|+0100\n\
             ripencc|*|ipv4|*|2|summary\n\
             # comment\n\
             ripencc|FR|asn|7|1|19930901|allocated|f6f8e8ae\n\
             ripencc|CZ|ipv4|192.0.2.0|192|20120401|allocated|a\n\
             ripencc|EU|ipv4|192.0.2.192|32|20120401|assigned|a\n\
             ripencc||ipv4|192.0.2.224|32||available\n\
             ripencc|ZZ|ipv4|198.51.100.0|256||reserved|ripencc\n\
             2.3|arin|20260101|5|19830705|20251231|-0500\n\
             arin|US|ipv6|2001:db8::|32|20120401|assigned\n",
            &[
                ("192.0.2.0", Some("CZ")),
                ("192.0.2.191", Some("CZ")),
                ("192.0.2.192", None),
                ("192.0.2.224", None),
                ("198.51.100.1", None),
                ("2001:db8:ffff::1", Some("US")),
                ("2001:db9::1", None),
                ("::ffff:192.0.2.7", Some("CZ")),
            ],
        );
    }

    #[test]
    fn lists_have_a_prefix_or_two_addresses_and_the_narrower_counts() {
        assert_countries(
            "192.0.2.0/24,CZ\n192.0.2.128/25,sk\n\"198.51.100.0\",\"198.51.100.9\",\"DE\"\n\
             203.0.113.0/24 ZZ\n2001:db8::\t2001:db8::ff\tNZ\n192.0.2.255\t192.0.2.255\tNone\n",
            &[
                ("192.0.2.1", Some("CZ")),
                ("192.0.2.129", Some("SK")),
                ("192.0.2.255", None),
                ("198.51.100.9", Some("DE")),
                ("198.51.100.10", None),
                ("203.0.113.1", None),
                ("2001:db8::ff", Some("NZ")),
                ("2001:db8::100", None),
            ],
        );
    }

    #[test]
    fn a_bad_line_is_refused_with_its_number() {
        for bad in [
            "192.0.2.0/24",
            "192.0.2.0/24,Czechia",
            "192.0.2.0/33,CZ",
            "192.0.2.9,192.0.2.0,CZ",
            "192.0.2.9,2001:db8::,CZ",
            "network,country",
            "ripencc|CZ|ipv4|192.0.2.0|0|20120401|allocated",
            "ripencc|CZ|ipv4|255.255.255.0|257|20120401|allocated",
            "ripencc|CZ|ipv4|2001:db8::|256|20120401|allocated",
            "ripencc|CZ|ipv6|2001:db8::|129|20120401|allocated",
            "ripencc|CZ|ipv6|192.0.2.0|24|20120401|allocated",
            "ripencc|CZ|ipv5|192.0.2.0|24|20120401|allocated",
            "ripencc|CZ|ipv4|192.0.2.0|256|20120401|given",
            "ripencc|CZE|ipv4|192.0.2.0|256|20120401|allocated",
            "ripencc|CZ|ipv4|192.0.2.0",
        ] {
            let text = format!("# table\n192.0.2.0/24 CZ\n{bad}\n");
            let sentence = read(&text).expect_err(bad).to_string();
            assert!(sentence.contains("line 3: "), "{bad}: {sentence}");
        }
        let sentence = read("# nothing\n").expect_err("empty").to_string();
        assert!(sentence.contains("has no line that counts"), "{sentence}");
    }
}
