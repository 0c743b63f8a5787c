//! Which kind of list it is: told from the first line that is neither blank nor a comment.
//!
//! Hands out `Format` and `detect`.

use std::io::{self, BufRead, Read};

use super::csv;
use super::lines::LONGEST_RECORD;
use super::name::LONGEST_LINE;
use super::zone;

/// How much of a list is looked at: enough for a long licence in front.
const LOOKED_AT: usize = 1 << 20;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The kinds of lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// As the first line looks
    #[default]
    Auto,
    /// One domain per line
    Plain,
    /// CSV with a header that has a column `domain`; `rank` and tags besides
    Csv,
    /// rank,domain without a header
    Tranco,
    /// Zone file of a TLD: its delegations
    Zone,
}

impl Format {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Plain => "plain",
            Self::Csv => "csv",
            Self::Tranco => "tranco",
            Self::Zone => "zone",
        }
    }

    /// Longest line, or record over several lines, in bytes.
    pub(super) fn longest(self) -> usize {
        match self {
            Self::Csv | Self::Zone => LONGEST_RECORD,
            _ => LONGEST_LINE,
        }
    }
}

/// The beginning of a list without its byte order mark, up to the end of its first line that is neither blank nor a comment.
///
/// # Errors
/// When reading fails.
pub(super) fn head(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut start = 0;
    while head.len() < LOOKED_AT {
        let room = (LOOKED_AT - head.len()) as u64;
        if reader.by_ref().take(room).read_until(b'\n', &mut head)? == 0 {
            break;
        }
        if says_something(&head[start..]) {
            break;
        }
        start = head.len();
    }
    if head.starts_with(MARK) {
        head.drain(..MARK.len());
    }
    Ok(head)
}

/// The format that the beginning of a list shows.
pub(super) fn detect(head: &[u8]) -> Format {
    let mut lines = head.split(|byte| *byte == b'\n');
    let Some(line) = lines.find(|line| says_something(line)) else {
        return Format::Plain;
    };
    let text = String::from_utf8_lossy(line);
    if csv::delimiter_of(&text).is_some() {
        Format::Csv
    } else if is_tranco(&text) {
        Format::Tranco
    } else if zone::looks_like_it(line) {
        Format::Zone
    } else {
        Format::Plain
    }
}

/// Whether a line is neither blank nor a comment of any format.
pub(super) fn says_something(line: &[u8]) -> bool {
    let line = line.strip_prefix(MARK).unwrap_or(line);
    let text = line.trim_ascii();
    !text.is_empty() && !text.starts_with(b"#") && !text.starts_with(b";")
}

fn is_tranco(line: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    line.trim()
        .split_once(',')
        .is_some_and(|(rank, domain)| digits(rank.trim()) && !domain.contains(','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_says_something_tells_the_format() {
        let cases = [
            ("example.cz\n1,b.cz\n", Format::Plain),
            ("# zone\n\n  example.cz\n", Format::Plain),
            ("bad name.cz\n", Format::Plain),
            ("a.cz ns.cz\n", Format::Plain),
            ("domainer.cz\n", Format::Plain),
            ("", Format::Plain),
            ("# nothing\n; nothing\n", Format::Plain),
            ("domain\na.cz\n", Format::Csv),
            ("\u{feff}Domain;rank\r\n", Format::Csv),
            ("# list\n\"DOMAIN\",x\n", Format::Csv),
            ("rank\tsector, old\tdomain\n", Format::Csv),
            ("\"a,b\";domain\n", Format::Csv),
            ("1,example.cz\r\n", Format::Tranco),
            ("1,example.cz,x\n", Format::Plain),
            ("; dump of cz\n\n$ORIGIN cz.\n", Format::Zone),
            ("$TTL 3600\n", Format::Zone),
            ("$INCLUDE cz.zone\n", Format::Zone),
            ("cz.\t86400\tin\tsoa\ta. b. 1 2 3 4 5\n", Format::Zone),
            ("@ IN SOA a. b. (\n1 2 3 4 5 )\n", Format::Zone),
            ("example NS a.ns.cz.\n", Format::Zone),
            ("example IN 1h ns a.ns.cz.\n", Format::Zone),
            ("example 3600 TYPE65280 \\# 0\n", Format::Zone),
        ];
        for (text, expected) in cases {
            let mut reader = text.as_bytes();
            let head = head(&mut reader).unwrap();
            assert_eq!(detect(&head), expected, "{text:?}");
        }
    }

    #[test]
    fn the_look_ahead_is_bounded() {
        let mut reader = io::Read::take(io::repeat(b'#'), 1 << 30);
        let mut reader = io::BufReader::new(&mut reader);
        assert_eq!(head(&mut reader).unwrap().len(), LOOKED_AT);
        let comments = "# a line\n".repeat(1 << 18);
        let mut reader = comments.as_bytes();
        assert_eq!(head(&mut reader).unwrap().len(), LOOKED_AT);
    }
}
