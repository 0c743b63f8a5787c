//! Fills a spool: first unsorted by bucket, then each bucket sorted and folded in memory.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{INDEX, Index, Spool, Tally, bucket_path, damaged, fingerprint, wipe};
use crate::error::{Error, Result};
use crate::order::{BUCKETS, Order};

/// Bytes of a bucket that are kept in memory before they are appended to its file.
const BUFFER: usize = 16 * 1024;

/// Makes one payload of all that came with a key, in the order in which they came.
pub type Fold = for<'a> fn(&[&'a str]) -> Result<Cow<'a, str>>;

/// A spool that is being filled. It counts only after `finish`.
#[derive(Debug)]
pub struct SpoolWriter {
    dir: PathBuf,
    order: Order,
    buffers: Vec<Vec<u8>>,
    tallies: Vec<Tally>,
    fold: Fold,
}

impl SpoolWriter {
    /// Begins a spool in a folder of its own; everything in the folder is deleted.
    ///
    /// # Errors
    /// When the folder cannot be deleted or created.
    pub fn create(dir: &Path, order: Order) -> Result<Self> {
        wipe(dir)?;
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        Ok(Self {
            dir: dir.to_owned(),
            order,
            buffers: vec![Vec::new(); BUCKETS],
            tallies: vec![Tally::default(); BUCKETS],
            fold: |payloads| Ok(Cow::Borrowed(payloads.first().copied().unwrap_or_default())),
        })
    }

    /// The same with another fold than the usual one, by which the first payload counts.
    pub fn folding(self, fold: Fold) -> Self {
        Self { fold, ..self }
    }

    /// Adds a key. Neither key nor payload may have a tab or a newline.
    ///
    /// # Errors
    /// When writing fails.
    pub fn push(&mut self, key: &str, payload: &str) -> Result<()> {
        debug_assert!(!key.contains(['\t', '\n', '\r']), "{key:?}");
        debug_assert!(!payload.contains(['\t', '\n', '\r']), "{payload:?}");
        let bucket = Order::bucket(self.order.hash(key));
        self.tallies[bucket].lines += 1;
        let buffer = &mut self.buffers[bucket];
        let length = key.len() + payload.len() + 2;
        if !buffer.is_empty() && buffer.len() + length > BUFFER {
            append(&raw_path(&self.dir, bucket), buffer)?;
        }
        for part in [key, "\t", payload, "\n"] {
            buffer.extend_from_slice(part.as_bytes());
        }
        Ok(())
    }

    /// Sorts and folds every bucket and writes the index.
    ///
    /// # Errors
    /// When reading, writing or syncing fails.
    pub fn finish(mut self) -> Result<Spool> {
        for bucket in 0..BUCKETS {
            if self.tallies[bucket].lines > 0 {
                self.sort(bucket)?;
            }
        }
        let index = Index {
            order: fingerprint(self.order),
            buckets: self.tallies,
        };
        write_index(&self.dir, &index)?;
        Ok(Spool {
            dir: self.dir,
            index,
        })
    }

    fn sort(&mut self, bucket: usize) -> Result<()> {
        let raw = raw_path(&self.dir, bucket);
        append(&raw, &mut self.buffers[bucket])?;
        self.buffers[bucket] = Vec::new();
        let text = fs::read_to_string(&raw).map_err(Error::io("read", &raw))?;
        let lines = sorted(&text, self.order).ok_or_else(|| damaged(&raw, "is damaged"))?;
        if lines.len() as u64 != self.tallies[bucket].lines {
            return Err(damaged(&raw, "has lost lines"));
        }
        let path = bucket_path(&self.dir, bucket);
        self.tallies[bucket].keys = write_folded(&path, &lines, self.fold)?;
        fs::remove_file(&raw).map_err(Error::io("delete", &raw))
    }
}

/// A line with the place of its key.
type Placed<'a> = (u64, &'a str, &'a str);

/// Lines by place, then key; equal keys stay in the order in which they came.
fn sorted(text: &str, order: Order) -> Option<Vec<Placed<'_>>> {
    let placed =
        |line| str::split_once(line, '\t').map(|(key, payload)| (order.hash(key), key, payload));
    let mut lines: Vec<Placed<'_>> = text.lines().map(placed).collect::<Option<_>>()?;
    lines.sort_by_key(|&(hash, key, _)| (hash, key));
    Some(lines)
}

/// Writes one line per key, synced; the number of keys.
fn write_folded(path: &Path, lines: &[Placed<'_>], fold: Fold) -> Result<u64> {
    let mut file = BufWriter::new(File::create(path).map_err(Error::io("create", path))?);
    let mut keys = 0;
    let mut payloads = Vec::new();
    for same in lines.chunk_by(|a, b| a.1 == b.1) {
        let (_, key, payload) = same[0];
        let payload = match same {
            [_] => Cow::Borrowed(payload),
            _ => {
                payloads.clear();
                payloads.extend(same.iter().map(|(_, _, payload)| *payload));
                fold(&payloads)?
            }
        };
        writeln!(file, "{key}\t{}\t{payload}", same.len()).map_err(Error::io("write", path))?;
        keys += 1;
    }
    file.flush()
        .and_then(|()| file.get_ref().sync_all())
        .map_err(Error::io("sync", path))?;
    Ok(keys)
}

fn raw_path(dir: &Path, bucket: usize) -> PathBuf {
    dir.join(format!("{bucket:02x}.raw"))
}

/// Appends a buffer to a file and empties it. Files are not kept open: a survey needs its
/// descriptors for connections.
fn append(path: &Path, buffer: &mut Vec<u8>) -> Result<()> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(buffer))
        .map_err(Error::io("write", path))?;
    buffer.clear();
    Ok(())
}

/// Writes the index under another name, syncs it, and renames it.
fn write_index(dir: &Path, index: &Index) -> Result<()> {
    let (temporary, path) = (dir.join("index.json.tmp"), dir.join(INDEX));
    let text = serde_json::to_vec(index).map_err(|err| Error::Internal(err.to_string()))?;
    let mut file = File::create(&temporary).map_err(Error::io("create", &temporary))?;
    file.write_all(&text)
        .and_then(|()| file.sync_all())
        .map_err(Error::io("write", &temporary))?;
    sync_folder(dir)?;
    fs::rename(&temporary, &path).map_err(Error::io("rename", &path))?;
    sync_folder(dir)?;
    dir.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .map_or(Ok(()), sync_folder)
}

fn sync_folder(dir: &Path) -> Result<()> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(Error::io("sync", dir))
}
