//! The spool: keys in the order of work, deduplicated, in 256 files on disk.
//!
//! Hands out `SpoolWriter` to fill one and `Spool` to read it a bucket at a time. What a key is,
//! and what its payload says, is the business of whoever fills it. Bucket `ab` is the file
//! `ab.tsv` with lines `key<TAB>count<TAB>payload` in hash order; `index.json` is written last,
//! so a folder without it is unfinished.

mod writer;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use writer::{Fold, SpoolWriter};

use crate::error::{Error, Result};
use crate::order::{BUCKETS, Order};

const INDEX: &str = "index.json";
/// What to do about a spool that is not what was written.
const REMEDY: &str = "delete the spool folder and run the same command again";

/// A key with what was pushed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// How often it was pushed.
    pub count: u64,
    /// What came with it the first time, or what a fold made of all that came.
    pub payload: String,
}

/// A finished spool.
#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
    index: Index,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Index {
    /// Place of the empty key, which tells the orders apart.
    order: String,
    buckets: Vec<Tally>,
}

/// What is in a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    /// Distinct keys, which is the number of lines of the file.
    keys: u64,
    /// Lines that were pushed.
    lines: u64,
}

impl Spool {
    /// Opens a spool; none if there is none or it is unfinished.
    ///
    /// # Errors
    /// When it is damaged, belongs to another order, or cannot be read.
    pub fn open(dir: &Path, order: Order) -> Result<Option<Self>> {
        let path = dir.join(INDEX);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(Error::io("read", &path)(err)),
        };
        let index: Index =
            serde_json::from_slice(&text).map_err(|_| damaged(&path, "is damaged"))?;
        if index.buckets.len() != BUCKETS {
            return Err(damaged(&path, "is damaged"));
        }
        if index.order != fingerprint(order) {
            return Err(damaged(&path, "belongs to another seed"));
        }
        let spool = Self {
            dir: dir.to_owned(),
            index,
        };
        (0..BUCKETS).try_for_each(|bucket| spool.verify(bucket))?;
        Ok(Some(spool))
    }

    /// The keys of a bucket (0 to 255) in hash order.
    ///
    /// # Errors
    /// When the bucket is damaged or cannot be read.
    pub fn bucket(&self, bucket: usize) -> Result<Vec<Entry>> {
        let tally = self.index.buckets[bucket];
        if tally.keys == 0 {
            return Ok(Vec::new());
        }
        let path = bucket_path(&self.dir, bucket);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let entries: Option<Vec<Entry>> = text.lines().map(Entry::parse).collect();
        let entries = entries.ok_or_else(|| damaged(&path, "is damaged"))?;
        let lines = entries.iter().map(|entry| entry.count).sum();
        if (Tally {
            keys: entries.len() as u64,
            lines,
        }) != tally
        {
            return Err(damaged(&path, "does not agree with index.json"));
        }
        Ok(entries)
    }

    /// Distinct keys.
    pub fn keys(&self) -> u64 {
        self.index.buckets.iter().map(|tally| tally.keys).sum()
    }

    /// Keys as they were pushed, duplicates among them.
    pub fn entries(&self) -> u64 {
        self.index.buckets.iter().map(|tally| tally.lines).sum()
    }

    /// Distinct keys of a bucket (0 to 255).
    pub fn keys_in(&self, bucket: usize) -> u64 {
        self.index.buckets[bucket].keys
    }

    /// Deletes the folder.
    ///
    /// # Errors
    /// When something in it cannot be deleted.
    pub fn remove(self) -> Result<()> {
        wipe(&self.dir)
    }

    /// Compares the lines of a bucket's file with the index, without keeping them.
    fn verify(&self, bucket: usize) -> Result<()> {
        let keys = self.index.buckets[bucket].keys;
        if keys == 0 {
            return Ok(());
        }
        let path = bucket_path(&self.dir, bucket);
        let lines = match File::open(&path).and_then(count_lines) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => 0,
            other => other.map_err(Error::io("read", &path))?,
        };
        if lines == keys {
            return Ok(());
        }
        let problem = format!("has {lines} whole lines where index.json says {keys}");
        Err(damaged(&path, &problem))
    }
}

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let (key, rest) = line.split_once('\t')?;
        let (count, payload) = rest.split_once('\t')?;
        Some(Self {
            key: key.to_owned(),
            count: count.parse().ok()?,
            payload: payload.to_owned(),
        })
    }
}

fn bucket_path(dir: &Path, bucket: usize) -> PathBuf {
    dir.join(format!("{bucket:02x}.tsv"))
}

fn fingerprint(order: Order) -> String {
    format!("{:016x}", order.hash(""))
}

fn damaged(path: &Path, what: &str) -> Error {
    Error::directory(path, format!("{what}; {REMEDY}"))
}

/// Lines that end with a newline.
fn count_lines(file: File) -> io::Result<u64> {
    let mut reader = BufReader::with_capacity(64 * 1024, file);
    let mut lines = 0;
    loop {
        let block = reader.fill_buf()?;
        if block.is_empty() {
            return Ok(lines);
        }
        lines += block
            .iter()
            .map(|&byte| u64::from(byte == b'\n'))
            .sum::<u64>();
        let length = block.len();
        reader.consume(length);
    }
}

/// Deletes a spool, the index first: what is left after a crash is unfinished.
fn wipe(dir: &Path) -> Result<()> {
    let index = dir.join(INDEX);
    absent_is_fine(fs::remove_file(&index)).map_err(Error::io("delete", &index))?;
    absent_is_fine(fs::remove_dir_all(dir)).map_err(Error::io("delete", dir))
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
