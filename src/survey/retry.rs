//! The retry spool: what failed waits on disk, and is asked once more at the end of its stage.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// A retry spool that is being filled. Nothing in it is committed, so a crash loses nothing: the
/// next process asks again from the start.
pub struct RetrySpool<T> {
    path: PathBuf,
    file: BufWriter<File>,
    waiting: u64,
    of: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> RetrySpool<T> {
    /// Begins an empty one.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(dir: &Path, name: &str) -> Result<Self> {
        let folder = dir.join("spool");
        std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let path = folder.join(format!("retry-{name}.jsonl"));
        let file = File::create(&path).map_err(Error::io("create", &path))?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
            waiting: 0,
            of: PhantomData,
        })
    }

    /// Puts something aside.
    ///
    /// # Errors
    /// When writing fails.
    pub fn push(&mut self, item: &T) -> Result<()> {
        let line = serde_json::to_string(item).map_err(|err| Error::Internal(err.to_string()))?;
        self.waiting += 1;
        writeln!(self.file, "{line}").map_err(Error::io("write", &self.path))
    }

    /// How much was put aside.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Everything that was put aside, one by one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn drain(mut self) -> Result<impl Iterator<Item = Result<T>>> {
        self.file.flush().map_err(Error::io("write", &self.path))?;
        let file = File::open(&self.path).map_err(Error::io("open", &self.path))?;
        // The name may go; the open file stays readable to its end.
        let _ = std::fs::remove_file(&self.path);
        let path = self.path;
        Ok(BufReader::new(file).lines().map(move |line| {
            let line = line.map_err(Error::io("read", &path))?;
            serde_json::from_str(&line).map_err(|err| Error::Internal(err.to_string()))
        }))
    }
}
