//! `--asn-table`: which autonomous system announces an address (RFC 1930).
//!
//! Hands out [`AsnTable`] and [`asn_of`], which reads `AS64500`. Takes the plain tables that people
//! have: `prefix asn` (pyasn, bgp.tools) and `network length asn` (RouteViews pfx2as), apart by
//! spaces, tabs or a comma.

use std::io::BufRead;
use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;

use super::prefixes::Prefixes;
use crate::error::{Error, Result};
use crate::targets::source::{self, Source};

/// Bytes of a line that are looked at: a prefix, a number, and room for a long set of origins.
const LINE: u64 = 4096;
/// Prefixes of a table; the Internet has 1.3 million. Bounds memory at some 400 MB while reading.
const PREFIXES: usize = 8_000_000;

/// Autonomous systems by prefix.
#[derive(Debug)]
pub struct AsnTable {
    prefixes: Prefixes,
    version: String,
}

impl AsnTable {
    /// Reads a table: plain, gzip or zstd.
    ///
    /// # Errors
    /// When it cannot be read to its end, or a line is none of a table; with the number of the line.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let mut source = Source::open(path)?;
        let (format, mut reader) = source.text()?;
        let (mut entries, mut text, mut number) = (Vec::new(), Vec::new(), 0_u64);
        let wrong = |number: u64, problem: &str| Error::Input {
            path: name.clone(),
            problem: format!("line {number}: {problem}"),
        };
        loop {
            text.clear();
            let read = std::io::Read::take(&mut reader, LINE)
                .read_until(b'\n', &mut text)
                .map_err(|err| source::complaint(&name, format, &err))?;
            if read == 0 {
                break;
            }
            number += 1;
            match parse(&text) {
                Ok(Some(entry)) => entries.push(entry),
                Ok(None) => {}
                Err(problem) => return Err(wrong(number, problem)),
            }
            if entries.len() > PREFIXES {
                return Err(wrong(
                    number,
                    "more prefixes than 8 million; split the table",
                ));
            }
        }
        drop(reader);
        if entries.is_empty() {
            return Err(wrong(number, "no prefix was found; give `prefix asn`"));
        }
        let (sha256, _) = source.finish()?;
        Ok(Self {
            prefixes: Prefixes::new(entries),
            version: format!("sha256:{sha256}"),
        })
    }

    /// The number of the system that announces an address.
    pub fn get(&self, ip: IpAddr) -> Option<u32> {
        self.prefixes.get(ip)
    }

    /// SHA-256 of the file.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// `AS64500` or `64500` as a number.
pub fn asn_of(text: &str) -> Option<u32> {
    let bare = match text.get(..2) {
        Some(start) if start.eq_ignore_ascii_case("as") => &text[2..],
        _ => text,
    };
    let digits = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| bare.parse().ok()).flatten()
}

/// One line; none for a comment or an empty one. What follows the number is left aside.
fn parse(line: &[u8]) -> Result<Option<(IpNet, u32)>, &'static str> {
    const SHAPE: &str =
        "neither `prefix asn` nor `network length asn`; mend the line, or take it out";
    if line.len() as u64 == LINE && !line.ends_with(b"\n") {
        return Err("longer than 4096 bytes; give one prefix a line");
    }
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8; give a text file")?;
    let text = text.trim();
    if text.is_empty() || text.starts_with(['#', ';']) {
        return Ok(None);
    }
    let mut words = text.split([' ', '\t', ',']).filter(|word| !word.is_empty());
    let mut word = || words.next().ok_or(SHAPE);
    let first = word()?;
    let net = match first.contains('/') {
        true => first.parse::<IpNet>().ok(),
        false => match (first.parse::<IpAddr>(), word()?.parse::<u8>()) {
            (Ok(ip), Ok(length)) => IpNet::new(ip, length).ok(),
            _ => None,
        },
    };
    let net = net.ok_or(SHAPE)?.trunc();
    // Several origins (`1_2`) and sets (`{1,2}`): the first one stands for all.
    let origin = word()?.trim_start_matches('{').split(['_', '}']).next();
    let asn = asn_of(origin.unwrap_or_default()).ok_or(SHAPE)?;
    Ok(Some((net, asn)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(name: &str, bytes: &[u8]) -> Result<AsnTable> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        AsnTable::read(&path)
    }

    const TABLE: &str = "; pyasn\n# and others\n\n192.0.2.0/24\t64500\n198.51.100.0/24 AS64501\n\
                         203.0.113.0/24,64502,Example Net\n203.0.113.0\t25\t64503_64504\r\n\
                         2001:db8::/32 64505\n2001:db8:1::\t48\t{64506,64507}\n192.0.2.128/25 0\n";

    #[test]
    fn reads_the_formats_that_people_have() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(TABLE.as_bytes()).expect("packs");
        let gzip = gzip.finish().expect("packs");
        let zstd = zstd::encode_all(TABLE.as_bytes(), 3).expect("packs");
        for (name, bytes) in [
            ("table", TABLE.as_bytes()),
            ("table.gz", &gzip),
            ("table.zst", &zstd),
        ] {
            let table = read(name, bytes).expect("a table");
            let get = |ip: &str| table.get(ip.parse().expect("an address"));
            assert_eq!(get("192.0.2.1"), Some(64500), "{name}");
            assert_eq!(get("192.0.2.200"), None, "AS 0 announces nothing");
            assert_eq!(get("198.51.100.255"), Some(64501));
            assert_eq!(
                get("203.0.113.1"),
                Some(64503),
                "the longest, the first origin"
            );
            assert_eq!(get("203.0.113.200"), Some(64502));
            assert_eq!(get("2001:db8::1"), Some(64505));
            assert_eq!(get("2001:db8:1::1"), Some(64506));
            assert_eq!(get("10.0.0.1"), None);
        }
    }

    #[test]
    fn a_bad_line_is_refused_with_its_number() {
        for bad in [
            "192.0.2.0/33 1",
            "192.0.2.0/24",
            "192.0.2.0/24 ASx",
            "192.0.2.0/24 -1",
            "192.0.2.0/24 99999999999",
            "1.0.0.0\t1.0.0.255\t13335",
            "192.0.2.0 24",
            "example.cz 1",
            "network,autonomous_system_number",
        ] {
            let text = format!("# table\n192.0.2.0/24 1\n{bad}\n");
            let sentence = read("table", text.as_bytes()).expect_err(bad).to_string();
            assert!(sentence.contains("line 3: neither"), "{bad}: {sentence}");
        }
        let long = format!("192.0.2.0/24 1 {}\n", "x".repeat(5000));
        let sentence = read("table", long.as_bytes())
            .expect_err("long")
            .to_string();
        assert!(sentence.contains("line 1: longer"), "{sentence}");
        let sentence = read("table", b"# nothing\n")
            .expect_err("empty")
            .to_string();
        assert!(sentence.contains("no prefix"), "{sentence}");
    }

    #[test]
    fn a_packed_table_that_was_cut_off_is_refused() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(TABLE.repeat(500).as_bytes()).expect("packs");
        let gzip = gzip.finish().expect("packs");
        let sentence = read("table.gz", &gzip[..gzip.len() / 2]).expect_err("cut");
        assert!(sentence.to_string().contains("ends early"), "{sentence}");
    }
}
