//! Which domains: lists are read to their end, normalised, deduplicated and put into the order of
//! work before the first packet leaves.
//!
//! Hands out `ingest`. `list` reads lists, `name` normalises, `rejects` keeps what is no domain; the
//! rest goes to the spool.

pub(crate) mod input;
pub mod list;
pub mod name;
pub mod rejects;

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::order::Order;
use crate::spool::{Spool, SpoolWriter};
use crate::table::manifest::ListSummary;
use list::Found;
use rejects::Rejects;

/// Folder of the spool of domains, relative to the survey directory.
pub const SPOOL: &str = "spool/domains";

/// What the lists became.
#[derive(Debug)]
pub struct Ingested {
    /// The lists in the order given.
    pub lists: Vec<ListSummary>,
    /// The domains; their payload is empty.
    pub spool: Spool,
}

impl Ingested {
    /// Lines that repeat a domain of an earlier line, in the same list or another.
    pub fn duplicates(&self) -> u64 {
        let names: u64 = self.lists.iter().map(|list| list.names).sum();
        names - self.spool.keys()
    }
}

/// Reads all lists (`-` is standard input) and leaves `rejects.csv` and the spool of domains in
/// the survey directory. A spool that is there is replaced. After an error the spool is
/// unfinished; the next call starts over.
///
/// # Errors
/// When no list is given, one cannot be read to its end or has no domain, or writing fails.
pub fn ingest(lists: &[PathBuf], dir: &Path, order: Order) -> Result<Ingested> {
    if lists.is_empty() {
        return Err(Error::Usage(
            "no list is given; name at least one, or - for standard input".to_owned(),
        ));
    }
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    let mut rejects = Rejects::create(dir)?;
    let mut spool = SpoolWriter::create(&dir.join(SPOOL), order)?;
    let mut summaries = Vec::with_capacity(lists.len());
    for path in lists {
        let name = path.display().to_string();
        let summary = list::read(path, |found| match found {
            Found::Name(domain) => spool.push(&domain, ""),
            Found::Reject { line, reason, text } => rejects.push(&name, line, reason, text),
        })?;
        summaries.push(summary);
    }
    rejects.finish()?;
    let spool = spool.finish()?;
    Ok(Ingested {
        lists: summaries,
        spool,
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::order::BUCKETS;

    fn order() -> Order {
        Order::new(7)
    }

    fn lists(folder: &TempDir, texts: &[&[u8]]) -> Vec<PathBuf> {
        let write = |(at, text): (usize, &&[u8])| {
            let path = folder.path().join(format!("list{at}.txt"));
            fs::write(&path, text).unwrap();
            path
        };
        texts.iter().enumerate().map(write).collect()
    }

    fn domains(spool: &Spool) -> Vec<(String, u64)> {
        let entries = (0..BUCKETS).flat_map(|bucket| spool.bucket(bucket).unwrap());
        let mut domains: Vec<_> = entries.map(|entry| (entry.key, entry.count)).collect();
        domains.sort();
        domains
    }

    #[test]
    fn every_line_is_accounted_for() {
        let folder = TempDir::new().unwrap();
        let first = "\u{feff}# zone\r\nA.cz\r\n\r\nb.cz\r\nháčky.cz.\r\nno domain\r\na.CZ\r\n";
        let second = "B.cz.\nxn--HKY-ela4t.cz\nc.cz # new\n192.0.2.1\n\na.cz";
        let paths = lists(&folder, &[first.as_bytes(), second.as_bytes()]);
        let dir = folder.path().join("survey");
        let done = ingest(&paths, &dir, order()).unwrap();

        let expected = [
            ("a.cz", 3),
            ("b.cz", 2),
            ("c.cz", 1),
            ("xn--hky-ela4t.cz", 2),
        ];
        assert_eq!(
            domains(&done.spool),
            expected.map(|(name, count)| (name.to_owned(), count))
        );
        assert_eq!(done.duplicates(), 4);
        // P1 lines = blank + comment + reject + duplicate + row.
        let sum = |of: fn(&ListSummary) -> u64| done.lists.iter().map(of).sum::<u64>();
        let others = sum(|list| list.blank) + sum(|list| list.comments) + sum(|list| list.rejects);
        assert_eq!(
            sum(|list| list.lines),
            others + done.duplicates() + done.spool.keys()
        );
        assert_eq!(sum(|list| list.lines), 13);
        assert!(done.lists[1].unterminated && !done.lists[0].unterminated);

        let csv = fs::read_to_string(dir.join(rejects::FILE)).unwrap();
        assert_eq!(csv.lines().count(), 3);
        assert!(csv.contains(",6,bad_character,\"no domain\"\n"));
        assert!(csv.contains(",4,ip_address,\"192.0.2.1\"\n"));
    }

    #[test]
    fn an_archive_that_is_cut_off_leaves_nothing_to_resume_and_a_rerun_starts_over() {
        let folder = TempDir::new().unwrap();
        let dir = folder.path().join("survey");
        let paths = lists(
            &folder,
            &[b"a.cz\nstale.cz\nbad name\n", b"\x1f\x8b\x08\0\0\0\0\0"],
        );
        let result = ingest(&paths, &dir, order());
        assert!(matches!(result, Err(Error::Input { .. })), "{result:?}");
        assert!(Spool::open(&dir.join(SPOOL), order()).unwrap().is_none());

        let paths = lists(&folder, &[b"a.cz\n", b"b.cz\n"]);
        let done = ingest(&paths, &dir, order()).unwrap();
        assert_eq!(
            domains(&done.spool),
            [("a.cz".to_owned(), 1), ("b.cz".to_owned(), 1)]
        );
        let csv = fs::read_to_string(dir.join(rejects::FILE)).unwrap();
        assert_eq!(csv, "list,line,reason,text\n");
        let opened = Spool::open(&dir.join(SPOOL), order()).unwrap().unwrap();
        assert_eq!(opened.keys(), 2);
    }

    #[test]
    fn no_list_is_an_error_of_usage() {
        let folder = TempDir::new().unwrap();
        assert!(matches!(
            ingest(&[], folder.path(), order()),
            Err(Error::Usage(_))
        ));
    }
}
