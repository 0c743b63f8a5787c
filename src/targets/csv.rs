//! CSV with a header (RFC 4180): the column `domain`, `rank` if there is one, and every further
//! column as a tag.
//!
//! Hands out `read`, and `delimiter_of` for the detection of formats. The `csv` crate splits the
//! fields; it is handed one line at a time, so that a quote that is never closed, or is closed by
//! a stray one, costs the line it stands on, and no more memory than a record may have.

use std::io::{self, Read};

use ::csv::{ByteRecord, ReaderBuilder, Terminator};

use super::facts::Facts;
use super::format;
use super::lines::{LONGEST_RECORD, Lines};
use super::list::{Sink, Stop};
use super::name::{self, Reject};
use super::quotes::Quotes;

/// What may stand between fields.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The delimiter with which a line is a header with a column `domain`.
pub(super) fn delimiter_of(line: &str) -> Option<u8> {
    DELIMITERS.into_iter().find(|delimiter| {
        let mut record = ByteRecord::new();
        let read = builder(*delimiter)
            .from_reader(line.as_bytes())
            .read_byte_record(&mut record);
        read.is_ok_and(|read| read)
            && record
                .iter()
                .any(|name| name.trim_ascii().eq_ignore_ascii_case(b"domain"))
    })
}

/// Whether the first line that says something holds what may stand between fields.
pub(super) fn has_columns(head: &[u8]) -> bool {
    let line = header_line(head).trim_ascii();
    line.iter().any(|byte| DELIMITERS.contains(byte))
}

/// Reads a list to its end. Where its header shows no delimiter, it is the comma.
///
/// # Errors
/// When reading fails, the header cannot be used, and what the receiver returns.
pub(super) fn read(lines: Lines<'_>, head: &[u8], sink: &mut Sink<'_>) -> Result<bool, Stop> {
    let first = String::from_utf8_lossy(header_line(head));
    let delimiter = delimiter_of(&first).unwrap_or(b',');
    let builder = builder(delimiter);
    let mut csv = builder.from_reader(Feed::new(lines, Quotes::new(delimiter)));
    let mut record = ByteRecord::new();
    let mut header: Option<Header> = None;
    while csv.get_mut().begin(header.as_ref(), sink)? {
        let read = csv.read_byte_record(&mut record);
        let feed = csv.get_mut();
        if let Some(reason) = feed.broken.take() {
            let Some(_) = header else {
                return Err(Stop::Refused(format!(
                    "has a header that cannot be read ({}); mend it",
                    reason.as_str()
                )));
            };
            sink.reject(feed.number, reason, &feed.record[..feed.first])?;
            feed.give_back();
            // What the reader knows of the record ends with it.
            csv = builder.from_reader(csv.into_inner());
            continue;
        }
        read.map_err(|err| Stop::Io(io_error(err)))?;
        match &header {
            None => {
                header = Some(Header::of(&record).map_err(Stop::Refused)?);
                sink.other();
            }
            Some(header) => match header.target(&record) {
                Ok((domain, facts)) => sink.name(domain, facts)?,
                Err(reason) => sink.reject(feed.number, reason, &feed.record)?,
            },
        }
    }
    Ok(csv.get_ref().lines.unterminated)
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder
        .delimiter(delimiter)
        .has_headers(false)
        // The number of fields is looked at below.
        .flexible(true)
        .terminator(Terminator::Any(b'\n'));
    builder
}

fn io_error(err: ::csv::Error) -> io::Error {
    match err.into_kind() {
        ::csv::ErrorKind::Io(err) => err,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The first line that is neither blank nor a comment.
fn header_line(head: &[u8]) -> &[u8] {
    head.split(|byte| *byte == b'\n')
        .find(|line| format::says_something(line))
        .unwrap_or_default()
}

/// Gives the reader the lines of one record, and says where it cannot end.
struct Feed<'a> {
    lines: Lines<'a>,
    /// The lines of the record so far, each with its newline.
    record: Vec<u8>,
    /// Where the first of them ends.
    first: usize,
    /// How much of them the reader has.
    given: usize,
    /// Number of the first line.
    number: u64,
    /// Why the record is no record.
    broken: Option<Reject>,
    quotes: Quotes,
    /// Whether the lines so far are strict: only then may another one follow.
    strict: bool,
}

impl<'a> Feed<'a> {
    fn new(lines: Lines<'a>, quotes: Quotes) -> Self {
        Self {
            lines,
            record: Vec::new(),
            first: 0,
            given: 0,
            number: 0,
            broken: None,
            quotes,
            strict: true,
        }
    }

    /// Goes to the next record, over blank lines and comments; false at the end of the list. In
    /// front of the header comments are those of any format. Behind it a line is a comment only
    /// where a domain would have to stand: another column may begin with `#`.
    fn begin(&mut self, header: Option<&Header>, sink: &mut Sink<'_>) -> Result<bool, Stop> {
        let is_comment = |text: &[u8]| match header {
            None => !format::says_something(text),
            Some(header) => header.domain == 0 && text.starts_with(b"#"),
        };
        loop {
            let Some(line) = self.lines.next()? else {
                return Ok(false);
            };
            let text = line.text.trim_ascii();
            if text.is_empty() {
                sink.blank();
            } else if is_comment(text) {
                sink.comment();
            } else {
                self.number = line.number;
                self.broken = line.too_long.then_some(Reject::LineTooLong);
                self.record.clear();
                self.record.extend_from_slice(line.text);
                self.record.push(b'\n');
                self.first = self.record.len();
                self.given = 0;
                self.quotes.begin();
                self.strict = self.quotes.add(&self.record);
                return Ok(true);
            }
        }
    }

    /// Adds a line to a record that goes on; false where that cannot be.
    fn more(&mut self) -> io::Result<bool> {
        if !self.strict {
            return Ok(false);
        }
        let Some(line) = self.lines.next()? else {
            return Ok(false);
        };
        let start = self.record.len();
        self.record.extend_from_slice(line.text);
        self.record.push(b'\n');
        self.strict = self.quotes.add(&self.record[start..]);
        Ok(self.strict && self.record.len() <= LONGEST_RECORD + 1)
    }

    /// Everything behind the first line is read again.
    fn give_back(&mut self) {
        self.lines.give_back(&self.record[self.first..]);
    }
}

impl Read for Feed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.record.len() && self.broken.is_none() && !self.more()? {
            self.broken = Some(Reject::UnclosedQuote);
        }
        if self.broken.is_some() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = (&self.record[self.given..]).read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

/// What the columns are.
#[derive(Debug)]
struct Header {
    columns: usize,
    domain: usize,
    rank: Option<usize>,
    tags: Vec<(usize, String)>,
}

impl Header {
    /// Reads the names of the columns, or says what is wrong with them.
    fn of(record: &ByteRecord) -> Result<Self, String> {
        let mut header = Self {
            columns: record.len(),
            domain: usize::MAX,
            rank: None,
            tags: Vec::new(),
        };
        let mut seen: Vec<String> = Vec::with_capacity(record.len());
        for (at, name) in record.iter().enumerate() {
            let name = std::str::from_utf8(name)
                .map_err(|_| "has a header that is not UTF-8; convert the list first (iconv)")?
                .trim();
            let lower = name.to_lowercase();
            if name.is_empty() {
                let column = at + 1;
                return Err(format!(
                    "has no name for column {column} in its header; give it one"
                ));
            }
            if seen.contains(&lower) {
                return Err(format!(
                    "has the column {name} twice in its header; rename one"
                ));
            }
            match lower.as_str() {
                "domain" => header.domain = at,
                "rank" => header.rank = Some(at),
                _ => header.tags.push((at, name.to_owned())),
            }
            seen.push(lower);
        }
        if header.domain == usize::MAX {
            return Err(
                "has no column domain in its header; name the column with the domains so, or \
                 choose another --list-format"
                    .to_owned(),
            );
        }
        Ok(header)
    }

    /// The domain of a record and what is said of it.
    fn target(&self, record: &ByteRecord) -> Result<(String, Facts), Reject> {
        // A field too many or too few: who knows what belongs to which column.
        if record.len() != self.columns {
            return Err(Reject::FieldCount);
        }
        let field = |at: usize| {
            let field = record.get(at).unwrap_or_default();
            std::str::from_utf8(field)
                .map(str::trim)
                .map_err(|_| Reject::NotUtf8)
        };
        let domain = name::normalise(field(self.domain)?)?;
        let mut facts = Facts::default();
        if let Some(at) = self.rank {
            facts.rank = name::rank(field(at)?)?;
        }
        for (at, name) in &self.tags {
            let value = field(*at)?;
            if !value.is_empty() {
                facts.tags.insert(name.clone(), value.to_owned());
            }
        }
        Ok((domain, facts))
    }
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
