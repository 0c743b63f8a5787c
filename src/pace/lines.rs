//! Tables of people, a line at a time: plain, gzip or zstd; comments and empty lines are left out.
//!
//! Hands out [`read`], [`each`] and [`words`]. Whatever is wrong is told with the number of its line.

use std::io::{BufRead, Read};
use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;

use crate::error::{Error, Result};
use crate::targets::source::{self, Packing, Source};

/// Bytes of a line that are looked at: room for a long set of origins, or a long name.
const LINE: u64 = 4096;
/// Lines of a table that count; the Internet has 1.3 million prefixes. Bounds the memory.
pub const MOST: usize = 8_000_000;

/// Hands every line of a file to `each`.
///
/// Returns the SHA-256 of the file, as the manifest has it.
///
/// # Errors
/// When it cannot be read to its end, or `line` refuses one.
pub fn read(path: &Path, line: impl FnMut(&str) -> Result<(), &'static str>) -> Result<String> {
    let name = path.display().to_string();
    let mut source = Source::open(path)?;
    let (packing, mut reader) = source.text()?;
    each(&name, packing, &mut reader, line)?;
    drop(reader);
    version(source)
}

/// SHA-256 of what was read.
///
/// # Errors
/// When reading what is left fails.
pub fn version(source: Source) -> Result<String> {
    let (sha256, _) = source.finish()?;
    Ok(format!("sha256:{sha256}"))
}

/// Hands every line of a reader to `line`.
///
/// # Errors
/// As [`read`].
pub fn each(
    name: &str,
    packing: Packing,
    reader: &mut impl BufRead,
    mut line: impl FnMut(&str) -> Result<(), &'static str>,
) -> Result<()> {
    let (mut bytes, mut number) = (Vec::new(), 0_u64);
    loop {
        bytes.clear();
        let read = Read::take(&mut *reader, LINE)
            .read_until(b'\n', &mut bytes)
            .map_err(|err| source::complaint(name, packing, &err))?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        let told = text(&bytes).and_then(|text| match text {
            Some(text) => line(text),
            None => Ok(()),
        });
        told.map_err(|problem| source::input(name, format!("line {number}: {problem}")))?;
    }
}

/// The complaint that a table has nothing.
pub fn empty(path: &Path, shape: &str) -> Error {
    source::input(
        &path.display().to_string(),
        format!("has no line that counts; give {shape}"),
    )
}

/// One line; none for a comment or an empty one.
fn text(line: &[u8]) -> Result<Option<&str>, &'static str> {
    if line.len() as u64 == LINE && !line.ends_with(b"\n") {
        return Err("longer than 4096 bytes; give one prefix a line");
    }
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8; give a text file")?;
    let text = text.trim();
    Ok((!text.is_empty() && !text.starts_with(['#', ';'])).then_some(text))
}

/// The words of a line: apart by commas where one stands behind the first word, else by spaces and
/// tabs. Quotes around a word go.
pub fn words(line: &str) -> impl Iterator<Item = &str> {
    let by_comma = line.find([',', ' ', '\t']).map(|at| line.as_bytes()[at]) == Some(b',');
    let apart = move |letter: char| match by_comma {
        true => letter == ',',
        false => letter == ' ' || letter == '\t',
    };
    let words = line.split(apart);
    let words = words.map(|word| word.trim().trim_matches('"'));
    words.filter(|word| !word.is_empty())
}

/// Addresses as a table names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// A prefix.
    Net(IpNet),
    /// All addresses between two, both inclusive.
    Range(IpAddr, IpAddr),
}

impl Block {
    /// Takes `prefix`, `network length` or `first last` off the words of a line.
    pub fn take<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
        let first = words.next()?;
        if first.contains('/') {
            return first
                .parse::<IpNet>()
                .ok()
                .map(|net| Self::Net(net.trunc()));
        }
        let (first, second) = (first.parse::<IpAddr>().ok()?, words.next()?);
        if let Ok(last) = second.parse::<IpAddr>() {
            return Some(Self::Range(first, last));
        }
        let net = IpNet::new(first, second.parse().ok()?).ok()?;
        Some(Self::Net(net.trunc()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_behind_the_first_word_parts_all_of_them() {
        let all = |line| words(line).collect::<Vec<_>>();
        assert_eq!(all("a b\tc d"), ["a", "b", "c", "d"]);
        assert_eq!(all("a, b c ,\"d\""), ["a", "b c", "d"]);
        assert_eq!(all("a\t{1,2}"), ["a", "{1,2}"]);
        assert_eq!(all("a"), ["a"]);
    }

    #[test]
    fn a_block_is_a_prefix_or_two_addresses() {
        let take = |line| {
            let mut words = words(line);
            (Block::take(&mut words), words.next())
        };
        let net = |text: &str| Some(Block::Net(text.parse().expect("a prefix")));
        assert_eq!(take("192.0.2.7/24 CZ"), (net("192.0.2.0/24"), Some("CZ")));
        assert_eq!(take("192.0.2.0 24 1"), (net("192.0.2.0/24"), Some("1")));
        let range = |first: &str, last: &str| {
            let ip = |text: &str| text.parse().expect("an address");
            Some(Block::Range(ip(first), ip(last)))
        };
        assert_eq!(
            take("192.0.2.0,192.0.2.9,CZ"),
            (range("192.0.2.0", "192.0.2.9"), Some("CZ"))
        );
        for line in [
            "192.0.2.0/33",
            "192.0.2.0",
            "192.0.2.0 33",
            "x 24",
            "192.0.2.0 x",
        ] {
            assert_eq!(take(line).0, None, "{line}");
        }
    }
}
