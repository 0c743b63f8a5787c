//! The files of the truth: threads write parts of them, which are joined in the end, so that memory
//! does not grow with the country.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// The files; the last one is there in a second wave only.
pub const NAMES: [&str; 6] = [
    "domains",
    "hosts",
    "endpoints",
    "policies",
    "verdicts",
    "changes",
];

/// One thread's part of each file.
pub struct Truth {
    files: Vec<(PathBuf, BufWriter<File>)>,
}

impl Truth {
    /// Begins the part of this number.
    ///
    /// # Errors
    /// When a file cannot be made.
    pub fn create(dir: &Path, part: usize) -> io::Result<Self> {
        let files = NAMES.iter().map(|name| {
            let path = dir.join(format!("truth/{name}.{part}"));
            File::create(&path).map(|file| (path, BufWriter::new(file)))
        });
        Ok(Self {
            files: files.collect::<io::Result<_>>()?,
        })
    }

    /// Appends a row to the file of a name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, name: &str, row: &impl Serialize) -> io::Result<()> {
        let place = NAMES.iter().position(|known| *known == name);
        let (_, file) = &mut self.files[place.expect("a file of the truth")];
        serde_json::to_writer(&mut *file, row)?;
        file.write_all(b"\n")
    }
}

/// Makes whole files of the parts.
///
/// # Errors
/// When a file cannot be read or written.
pub fn join(dir: &Path, mut parts: Vec<Truth>, second_wave: bool) -> io::Result<()> {
    for (at, name) in NAMES.iter().enumerate() {
        let is_wanted = second_wave || *name != "changes";
        let mut whole = match is_wanted {
            true => Some(File::create(dir.join(format!("truth/{name}.jsonl")))?),
            false => None,
        };
        for part in &mut parts {
            let (path, file) = &mut part.files[at];
            file.flush()?;
            if let Some(whole) = &mut whole {
                io::copy(&mut File::open(&path)?, whole)?;
            }
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
