//! A list of domains in any of its formats, read to its end with bounded memory.
//!
//! Hands out `read`, which passes on every name and every reject and sums up the list, and
//! `hash_only`, which tells at resume whether a list is still the same.

use std::io::{self, BufRead, Cursor, Read};
use std::path::Path;

use super::facts::Facts;
use super::format::{self, Format};
use super::lines::Lines;
use super::name::Reject;
use super::source::{self, Packing, Source};
use super::{csv, plain, zone};
use crate::error::{Error, Result};
use crate::table::manifest::ListSummary;
use crate::text::count;

/// A line worth passing on.
#[derive(Debug, PartialEq)]
pub enum Found<'a> {
    /// A domain, normalised, and what the list says of it.
    Name(String, Facts),
    /// Something else.
    Reject {
        /// Number of the line, from 1; of the first one of a record over several lines.
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
/// When the list cannot be read, is cut off or damaged, is UTF-16, cannot be used as the format it
/// is in, or has no domain; and what `each` returns.
pub fn read(
    path: &Path,
    format: Format,
    mut each: impl FnMut(Found<'_>) -> Result<()>,
) -> Result<ListSummary> {
    let mut summary = ListSummary {
        name: path.display().to_string(),
        ..ListSummary::default()
    };
    let mut source = Source::open(path)?;
    let (packing, reader) = source.text()?;
    let name = summary.name.clone();
    let mut sink = Sink {
        summary: &mut summary,
        each: &mut each,
        first: None,
        has_columns: false,
    };
    let unterminated = parse(reader, format, &mut sink).map_err(|stop| match stop {
        Stop::Io(err) => source::complaint(&name, packing, &err),
        Stop::Refused(problem) => source::input(&name, problem),
        Stop::Error(err) => err,
    })?;
    let (first, has_columns) = (sink.first, sink.has_columns);
    summary.unterminated = packing == Packing::Plain && unterminated;
    (summary.sha256, summary.bytes) = source.finish()?;
    if summary.names == 0 {
        let problem = nothing(&summary, first, has_columns);
        return Err(source::input(&name, problem));
    }
    Ok(summary)
}

/// Reads the text of a list; says whether its last line has no newline.
fn parse(
    mut reader: Box<dyn BufRead + '_>,
    format: Format,
    sink: &mut Sink<'_>,
) -> Result<bool, Stop> {
    let head = format::head(&mut reader)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        let problem = "is UTF-16; convert it first (iconv -f UTF-16 -t UTF-8)";
        return Err(Stop::Refused(problem.to_owned()));
    }
    let format = match format {
        Format::Auto => {
            let detected = format::detect(&head);
            sink.has_columns = detected == Format::Plain && csv::has_columns(&head);
            detected
        }
        chosen => chosen,
    };
    format.as_str().clone_into(&mut sink.summary.format);
    let whole = Cursor::new(&head[..]).chain(reader);
    let mut lines = Lines::new(Box::new(whole), format.longest());
    match format {
        Format::Csv => return csv::read(lines, &head, sink),
        Format::Tranco => plain::read_tranco(&mut lines, sink)?,
        Format::Zone => zone::read(&mut lines, sink)?,
        Format::Auto | Format::Plain => plain::read(&mut lines, sink)?,
    }
    Ok(lines.unterminated)
}

/// Whether a file can be opened. What is no file, a named pipe say, has to be there: opened and
/// closed, it would lose what somebody writes into it.
///
/// # Errors
/// When it cannot.
pub fn reachable(path: &Path) -> Result<()> {
    source::reachable(path)
}

/// SHA-256 in hex and size of a list's bytes as they are, to compare with its `ListSummary`.
///
/// # Errors
/// When the list cannot be read.
pub fn hash_only(path: &Path) -> Result<(String, u64)> {
    Source::open(path)?.finish()
}

/// Why a list is not read to its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// Reading failed.
    Io(io::Error),
    /// The list cannot be used; a sentence says why.
    Refused(String),
    /// The receiver failed.
    Error(Error),
}

impl From<io::Error> for Stop {
    fn from(err: io::Error) -> Self {
        Self::Io(err)
    }
}

impl From<Error> for Stop {
    fn from(err: Error) -> Self {
        Self::Error(err)
    }
}

/// Counts what a list holds, every line as one thing, and passes on what is worth it.
pub(super) struct Sink<'a> {
    summary: &'a mut ListSummary,
    each: &'a mut dyn FnMut(Found<'_>) -> Result<()>,
    /// The first reject: line and reason.
    first: Option<(u64, Reject)>,
    /// Whether the list, whose format nobody chose, begins like CSV with another header.
    has_columns: bool,
}

impl Sink<'_> {
    pub(super) fn blank(&mut self) {
        self.summary.lines += 1;
        self.summary.blank += 1;
    }

    pub(super) fn comment(&mut self) {
        self.summary.lines += 1;
        self.summary.comments += 1;
    }

    /// A header, a directive, a record that is no delegation.
    pub(super) fn other(&mut self) {
        self.summary.lines += 1;
        self.summary.others += 1;
    }

    pub(super) fn name(&mut self, domain: String, facts: Facts) -> Result<()> {
        self.summary.lines += 1;
        self.summary.names += 1;
        (self.each)(Found::Name(domain, facts))
    }

    pub(super) fn reject(&mut self, line: u64, reason: Reject, text: &[u8]) -> Result<()> {
        self.summary.lines += 1;
        self.summary.rejects += 1;
        self.first.get_or_insert((line, reason));
        (self.each)(Found::Reject { line, reason, text })
    }
}

/// Why a list without a domain is refused, and what to do.
fn nothing(summary: &ListSummary, first: Option<(u64, Reject)>, has_columns: bool) -> String {
    let remedy = match summary.format.as_str() {
        "csv" => "give the domains in the column domain",
        "tranco" => "give one rank,domain per line",
        "zone" => "give a zone with delegations, and $ORIGIN where names are relative",
        _ if has_columns => "give one domain per line or CSV with a column named domain",
        _ => "give one domain per line",
    };
    // `rejects.csv` may be gone by the time this is read.
    match first {
        None if summary.bytes == 0 => "is empty; fetch the list again".to_owned(),
        None => format!("has no domain; {remedy}"),
        Some((line, reason)) => {
            let reason = reason.as_str();
            let refused = match summary.rejects {
                1 => format!("1 line is refused (line {line}: {reason})"),
                n => format!(
                    "{} lines are refused (the first is line {line}: {reason})",
                    count(n)
                ),
            };
            format!("has no domain: {refused}; {remedy}, or choose another --list-format")
        }
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
