//! The zone file of a TLD (RFC 1035, section 5): its delegations, each owner of NS records below
//! the apex once. Everything else in it is counted and left alone.
//!
//! Hands out `read`, and `looks_like_it` for the detection of formats. An entry over several
//! lines counts as one; a parenthesis that is never closed costs the line it stands on.

mod tokens;

use super::facts::Facts;
use super::lines::{LONGEST_RECORD, Lines};
use super::list::{Sink, Stop};
use super::name::{self, Reject};
use tokens::{Malformed, Record, is_class, is_ttl, is_type};

/// Words of an SOA record behind its type (RFC 1035, section 3.3.13).
const SOA_WORDS: usize = 7;

/// What an entry is.
#[derive(Debug, PartialEq, Eq)]
enum Entry<'a> {
    Blank,
    Comment,
    /// A directive, or a record that is no delegation.
    Other,
    /// The first NS record of this owner.
    Delegation(&'a [u8]),
}

/// Whether a line can only come from a zone file.
pub(super) fn looks_like_it(line: &[u8]) -> bool {
    let mut record = Record::default();
    if line.starts_with(b"$") {
        return true;
    }
    record.add(line).is_ok() && rdata(&record).is_some()
}

/// Reads a zone file to its end.
///
/// # Errors
/// When reading fails, at `$INCLUDE` and `$GENERATE`, and what the receiver returns.
pub(super) fn read(lines: &mut Lines<'_>, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut zone = Zone::default();
    let mut record = Record::default();
    while let Some((number, whole)) = next(lines, &mut record)? {
        if let Err(reason) = whole {
            zone.lean_on(&record);
            lines.give_back(&record.text[record.first..]);
            sink.reject(number, reason, &record.text[..record.first])?;
            continue;
        }
        match zone.entry(&record, number) {
            Ok(Entry::Blank) => sink.blank(),
            Ok(Entry::Comment) => sink.comment(),
            Ok(Entry::Other) => sink.other(),
            Ok(Entry::Delegation(owner)) => match domain(owner) {
                Ok(domain) => sink.name(domain, Facts::default())?,
                Err(reason) => sink.reject(number, reason, &record.text)?,
            },
            Err(Fault::Reject(reason)) => sink.reject(number, reason, &record.text)?,
            Err(Fault::Refused(problem)) => return Err(Stop::Refused(problem)),
        }
    }
    Ok(())
}

/// What is wrong with an entry.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// It is passed over and named.
    Reject(Reject),
    /// The list cannot be used.
    Refused(String),
}

impl From<Malformed> for Fault {
    fn from(_: Malformed) -> Self {
        Self::Reject(Reject::ZoneSyntax)
    }
}

/// Number of the line where an entry begins, and whether it is whole.
type Begun = (u64, Result<(), Reject>);

/// Reads the next entry.
fn next(lines: &mut Lines<'_>, record: &mut Record) -> Result<Option<Begun>, Stop> {
    record.clear();
    let mut number = None;
    loop {
        let Some(line) = lines.next()? else {
            // The end of the file inside a parenthesis.
            return Ok(number.map(|number| (number, Err(Reject::ZoneSyntax))));
        };
        let begun = *number.get_or_insert(line.number);
        let added = record.add(line.text);
        if line.too_long && begun == line.number {
            return Ok(Some((begun, Err(Reject::LineTooLong))));
        }
        if added.is_err() || record.text.len() > LONGEST_RECORD + 1 {
            return Ok(Some((begun, Err(Reject::ZoneSyntax))));
        }
        if !record.is_open() {
            return Ok(Some((begun, Ok(()))));
        }
    }
}

/// The type of a record and how many words follow it; none where there is no type.
fn rdata(record: &Record) -> Option<(&[u8], usize)> {
    let mut words = record.words().skip(usize::from(!record.owner_is_blank()));
    // TTL and class in either order, each at most once.
    let (mut ttl, mut class) = (false, false);
    loop {
        let word = words.next()?;
        if !ttl && is_ttl(word) {
            ttl = true;
        } else if !class && is_class(word) {
            class = true;
        } else {
            return is_type(word).then(|| (word, words.len()));
        }
    }
}

/// What the entries before say about the next one. Names are without the final dot; the root is
/// empty.
#[derive(Debug, Default)]
struct Zone {
    origin: Option<Vec<u8>>,
    /// Owner of the SOA, else the first origin.
    apex: Option<Vec<u8>>,
    owner: Option<Vec<u8>>,
    /// Owner of the NS record before.
    delegation: Vec<u8>,
}

impl Zone {
    /// Takes the owner of an entry that is not whole, or none if that is not sure: the next line may
    /// lean on it, and never on the entry before.
    fn lean_on(&mut self, record: &Record) {
        let owner = record.owner().filter(|word| !word.starts_with(b"$"));
        self.owner = owner.and_then(|word| absolute(word, self.origin.as_deref()));
    }

    fn entry(&mut self, record: &Record, number: u64) -> Result<Entry<'_>, Fault> {
        let Some(first) = record.words().next() else {
            let said = record.text.trim_ascii();
            return Ok(if said.is_empty() {
                Entry::Blank
            } else {
                Entry::Comment
            });
        };
        if first.starts_with(b"$") && !record.owner_is_blank() {
            self.directive(record, number)?;
            return Ok(Entry::Other);
        }
        if !record.owner_is_blank() {
            // Also when the rest is wrong: the next line may lean on it.
            self.owner = absolute(first, self.origin.as_deref());
        }
        let (of, words) = rdata(record).ok_or(Malformed)?;
        let owner = self.owner.as_deref().ok_or(Malformed)?;
        if of.eq_ignore_ascii_case(b"SOA") {
            if words != SOA_WORDS {
                return Err(Malformed.into());
            }
            self.apex = self.owner.clone();
            if self.origin.is_none() {
                self.origin.clone_from(&self.owner);
            }
            return Ok(Entry::Other);
        }
        if !of.eq_ignore_ascii_case(b"NS") {
            return Ok(Entry::Other);
        }
        if words != 1 {
            return Err(Malformed.into());
        }
        if self.apex.is_none() && !owner.contains(&b'.') {
            self.apex = Some(owner.to_vec());
        }
        if self.apex.as_deref() == Some(owner) || self.delegation == owner {
            return Ok(Entry::Other);
        }
        if self
            .apex
            .as_deref()
            .is_some_and(|apex| !is_below(owner, apex))
        {
            return Err(Fault::Reject(Reject::OutOfZone));
        }
        self.delegation.clear();
        self.delegation.extend_from_slice(owner);
        Ok(Entry::Delegation(&self.delegation))
    }

    fn directive(&mut self, record: &Record, number: u64) -> Result<(), Fault> {
        let mut words = record.words();
        let directive = words.next().unwrap_or_default().to_ascii_uppercase();
        let argument = words.next().ok_or(Malformed);
        match directive.as_slice() {
            b"$ORIGIN" => {
                let origin = absolute(argument?, self.origin.as_deref()).ok_or(Malformed)?;
                self.apex.get_or_insert_with(|| origin.clone());
                self.origin = Some(origin);
            }
            b"$TTL" if is_ttl(argument?) => {}
            b"$INCLUDE" => {
                return Err(Fault::Refused(format!(
                    "line {number} has $INCLUDE, and what it names would be lost; take the line \
                     out and give the included file as another list"
                )));
            }
            b"$GENERATE" => {
                return Err(Fault::Refused(format!(
                    "line {number} has $GENERATE, and what it stands for would be lost; write the \
                     zone out first (named-compilezone) and give that"
                )));
            }
            _ => return Err(Malformed.into()),
        }
        Ok(())
    }
}

/// A name in lower case without its final dot; none where it is relative to nothing.
fn absolute(word: &[u8], origin: Option<&[u8]>) -> Option<Vec<u8>> {
    let lower = word.to_ascii_lowercase();
    if lower == b"@" {
        return origin.map(<[u8]>::to_vec);
    }
    let escapes = |text: &[u8]| text.iter().rev().take_while(|byte| **byte == b'\\').count();
    if let Some(name) = lower.strip_suffix(b".")
        && escapes(name) % 2 == 0
    {
        return Some(name.to_vec());
    }
    match origin? {
        b"" => Some(lower),
        origin => Some([&lower, &b"."[..], origin].concat()),
    }
}

fn is_below(name: &[u8], apex: &[u8]) -> bool {
    apex.is_empty()
        || name
            .strip_suffix(apex)
            .is_some_and(|below| below.ends_with(b"."))
}

fn domain(owner: &[u8]) -> Result<String, Reject> {
    let text = std::str::from_utf8(owner).map_err(|_| Reject::NotUtf8)?;
    name::normalise(text)
}

#[cfg(test)]
mod tests;
