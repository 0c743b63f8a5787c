//! A list of domains, one per line, read to its end with bounded memory.
//!
//! Hands out `read`, which passes on every name and every reject and sums up the list, and
//! `hash_only`, which tells at resume whether a list is still the same.

use std::io::{self, BufRead, Read};
use std::path::Path;

use super::input::{self, Format, Source};
use super::name::{self, LONGEST_LINE, Line, Reject};
use crate::error::Result;
use crate::table::manifest::ListSummary;

/// A line worth passing on.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A domain, normalised.
    Name(String),
    /// Something else.
    Reject {
        /// Number of the line, from 1.
        line: u64,
        /// Why it is no domain.
        reason: Reject,
        /// The line, or the start of one that is too long.
        text: &'a [u8],
    },
}

/// Reads a list (`-` is standard input) to its end, plain or packed with gzip or zstd.
///
/// # Errors
/// When the list cannot be read, is cut off or damaged, is UTF-16 or has no domain; and what
/// `each` returns.
pub fn read(path: &Path, mut each: impl FnMut(Found<'_>) -> Result<()>) -> Result<ListSummary> {
    let mut summary = ListSummary {
        name: path.display().to_string(),
        ..ListSummary::default()
    };
    let mut source = Source::open(path)?;
    let (format, reader) = source.text()?;
    let mut lines = Lines::new(reader);
    while let Some(text) = lines
        .next()
        .map_err(|err| input::complaint(&summary.name, format, &err))?
    {
        if summary.lines == 0 {
            refuse_utf16(&summary.name, text)?;
        }
        let parsed = name::parse(text);
        summary.count(&parsed);
        match parsed {
            Ok(Line::Name(name)) => each(Found::Name(name))?,
            Ok(Line::Blank | Line::Comment) => {}
            Err(reason) => each(Found::Reject {
                line: summary.lines,
                reason,
                text,
            })?,
        }
    }
    summary.unterminated = format == Format::Plain && lines.unterminated;
    drop(lines);
    (summary.sha256, summary.bytes) = source.finish()?;
    summary.refuse_nothing()?;
    Ok(summary)
}

/// Whether a list can be opened.
///
/// # Errors
/// When it cannot.
pub fn reachable(path: &Path) -> Result<()> {
    Source::open(path).map(drop)
}

/// SHA-256 in hex and size of a list's bytes as they are, to compare with its `ListSummary`.
///
/// # Errors
/// When the list cannot be read.
pub fn hash_only(path: &Path) -> Result<(String, u64)> {
    Source::open(path)?.finish()
}

impl ListSummary {
    fn count(&mut self, parsed: &Result<Line, Reject>) {
        self.lines += 1;
        match parsed {
            Ok(Line::Name(_)) => self.names += 1,
            Ok(Line::Blank) => self.blank += 1,
            Ok(Line::Comment) => self.comments += 1,
            Err(_) => self.rejects += 1,
        }
    }

    fn refuse_nothing(&self) -> Result<()> {
        if self.names > 0 {
            return Ok(());
        }
        let problem = match (self.bytes, self.rejects) {
            (0, _) => "is empty; fetch the list again".to_owned(),
            (_, 0) => "has no domain; give one domain per line".to_owned(),
            (_, rejects) => format!(
                "has no domain, and rejects.csv says what is wrong with its {rejects} lines; give \
                 one domain per line"
            ),
        };
        Err(input::input(&self.name, problem))
    }
}

fn refuse_utf16(name: &str, first: &[u8]) -> Result<()> {
    if first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]) {
        let problem = "is UTF-16; convert it first (iconv -f UTF-16 -t UTF-8)";
        return Err(input::input(name, problem));
    }
    Ok(())
}

/// Lines without their newline and without a byte order mark in front of the first.
struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    first: bool,
    /// The last line had no newline.
    unterminated: bool,
}

impl<R: BufRead> Lines<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            line: Vec::with_capacity(LONGEST_LINE + 1),
            first: true,
            unterminated: false,
        }
    }

    /// The next line, of which `LONGEST_LINE` + 1 bytes at most are kept.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        if self.fill()? == 0 {
            return Ok(None);
        }
        let kept = self.line.len() - usize::from(self.line.ends_with(b"\n"));
        if kept > LONGEST_LINE {
            self.skip()?;
        }
        self.unterminated = !self.line.ends_with(b"\n");
        let kept = kept.min(LONGEST_LINE + 1);
        let mark = std::mem::take(&mut self.first) && self.line.starts_with(b"\xef\xbb\xbf");
        Ok(Some(&self.line[if mark { 3 } else { 0 }..kept]))
    }

    /// Appends at most as many bytes as a line may have with its newline.
    fn fill(&mut self) -> io::Result<usize> {
        let limit = LONGEST_LINE as u64 + 1;
        self.reader
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.line)
    }

    /// Reads to the end of a line that is too long.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            self.line.truncate(LONGEST_LINE + 1);
            if self.fill()? == 0 || self.line.ends_with(b"\n") {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
