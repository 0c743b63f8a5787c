//! Which domains: lists are read to their end, normalised, deduplicated and put into the order of
//! work before the first packet leaves.
//!
//! Hands out `ingest`. `list` reads lists in their formats (`plain`, `csv`, `zone`), `name`
//! normalises, `rejects` keeps what is no domain; `failed` reads an older survey in place of lists.
//! The rest goes to the spool with its `facts`, and `selection` keeps a `shard` or a `sample` of it.

mod csv;
mod facts;
mod failed;
mod format;
mod lines;
pub mod list;
pub mod name;
mod plain;
mod quotes;
pub mod rejects;
mod sample;
mod selection;
mod shard;
pub(crate) mod source;
mod zone;

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::order::Order;
use crate::spool::{Spool, SpoolWriter};
use crate::table::manifest::{Counts, ListSummary};
pub use facts::Facts;
pub use failed::identify;
pub use format::Format;
use list::Found;
use rejects::Rejects;
pub use sample::{Sample, Stratify};
pub use shard::Shard;

/// Folder of the spool of domains, relative to the survey directory.
pub const SPOOL: &str = "spool/domains";
/// The same of every domain read, where not all of them are surveyed.
const WHOLE: &str = "spool/listed";

/// What is read, and what is taken of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    /// Lists of domains; `-` is standard input.
    pub lists: Vec<PathBuf>,
    /// Format of the lists.
    pub format: Format,
    /// The survey of which the failures are taken, in place of lists.
    pub only_failed: Option<PathBuf>,
    /// Which of them.
    pub take: Take,
}

/// Which of the domains read are surveyed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Take {
    /// Every one.
    #[default]
    All,
    /// A stratified sample. There is no shard of a sample: what is drawn are the lowest places in
    /// the order of work, which lie in the first shards.
    Sample(Sample),
    /// A range of the order of work.
    Shard(Shard),
}

/// What the lists became.
#[derive(Debug)]
pub struct Ingested {
    /// The lists in the order given.
    pub lists: Vec<ListSummary>,
    /// The domains to survey; their payload is that of [`Facts`].
    pub spool: Spool,
    /// Domains before the selection.
    listed: u64,
    /// Domains of the older survey that is read in place of lists.
    older: u64,
}

impl Ingested {
    /// What became of every line.
    pub fn counts(&self) -> Counts {
        let sum = |of: fn(&ListSummary) -> u64| self.lists.iter().map(of).sum::<u64>();
        let domains = self.spool.keys();
        let failed = if self.older > 0 { self.listed } else { 0 };
        Counts {
            lines: sum(|list| list.lines) + self.older,
            blank: sum(|list| list.blank),
            comments: sum(|list| list.comments),
            others: sum(|list| list.others),
            rejects: sum(|list| list.rejects),
            duplicates: sum(|list| list.names) + failed - self.listed,
            left_out: (self.older - failed) + (self.listed - domains),
            domains,
        }
    }
}

/// Reads the input to its end and leaves `rejects.csv` and the spool of domains in the survey
/// directory. A spool that is there is replaced; after an error the next call starts over.
///
/// Where several lines name a domain, the first that gives a rank or a tag decides it.
///
/// # Errors
/// When no list is given, one cannot be read to its end or has no domain, the selection does not
/// fit, or writing fails.
pub fn ingest(input: &Input, dir: &Path, order: Order) -> Result<Ingested> {
    if input.lists.is_empty() && input.only_failed.is_none() {
        return Err(Error::Usage(
            "no list is given; name at least one, or - for standard input".to_owned(),
        ));
    }
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    let selected = dir.join(SPOOL);
    let folder = match input.take {
        Take::All => selected.clone(),
        _ => dir.join(WHOLE),
    };
    let mut rejects = Rejects::create(dir)?;
    let mut spool = SpoolWriter::create(&folder, order)?.folding(facts::merged);
    let mut lists = Vec::with_capacity(input.lists.len());
    for path in &input.lists {
        lists.push(read(path, input.format, &mut spool, &mut rejects)?);
    }
    let older = match &input.only_failed {
        Some(older) => failed::read(older, |domain, facts| spool.push(domain, &facts.payload()?))?,
        None => 0,
    };
    rejects.finish()?;
    let whole = spool.finish()?;
    let listed = whole.keys();
    let spool = select(whole, &input.take, &selected, order)?;
    Ok(Ingested {
        lists,
        spool,
        listed,
        older,
    })
}

fn select(whole: Spool, take: &Take, dir: &Path, order: Order) -> Result<Spool> {
    let selected = match take {
        Take::All => return Ok(whole),
        Take::Sample(sample) => selection::sample(&whole, sample, dir, order)?,
        Take::Shard(shard) => selection::shard(&whole, *shard, dir, order)?,
    };
    whole.remove()?;
    Ok(selected)
}

fn read(
    path: &Path,
    format: Format,
    spool: &mut SpoolWriter,
    rejects: &mut Rejects,
) -> Result<ListSummary> {
    let name = path.display().to_string();
    list::read(path, format, |found| match found {
        Found::Name(domain, facts) => spool.push(&domain, &facts.payload()?),
        Found::Reject { line, reason, text } => rejects.push(&name, line, reason, text),
    })
}

#[cfg(test)]
#[path = "ingest_tests.rs"]
mod tests;
