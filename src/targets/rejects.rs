//! `rejects.csv`: every line of the lists that is no domain, with the reason.
//!
//! Hands out `Rejects`. The lines come from strangers: they are escaped, cut and kept from being
//! a formula in a spreadsheet.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::name::Reject;
use crate::error::{Error, Result};
use crate::text::{cell, escape};

/// Name of the file in the survey directory.
pub const FILE: &str = "rejects.csv";
/// Bytes of a line that are kept.
const KEPT: usize = 256;

/// Writes the file; it counts only after `finish`.
#[derive(Debug)]
pub struct Rejects {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Rejects {
    /// Begins the file in a survey directory; one that is there is replaced.
    ///
    /// # Errors
    /// When it cannot be created or written.
    pub fn create(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        let file = File::create(&path).map_err(Error::io("create", &path))?;
        let mut file = BufWriter::new(file);
        file.write_all(b"list,line,reason,text\n")
            .map_err(Error::io("write", &path))?;
        Ok(Self { path, file })
    }

    /// Adds a line of a list, of which 256 bytes are kept.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, list: &str, line: u64, reason: Reject, text: &[u8]) -> Result<()> {
        let list = field(list.as_bytes(), usize::MAX);
        let text = field(text.trim_ascii(), KEPT);
        writeln!(self.file, "{list},{line},{},{text}", reason.as_str())
            .map_err(Error::io("write", &self.path))
    }

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    /// When writing or syncing fails.
    pub fn finish(mut self) -> Result<()> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .map_err(Error::io("sync", &self.path))
    }
}

/// A quoted field that no spreadsheet runs.
fn field(bytes: &[u8], limit: usize) -> String {
    let (text, _) = escape(bytes, limit);
    format!("\"{}\"", cell(&text).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_cannot_break_the_file_or_run_anything() {
        let folder = tempfile::tempdir().unwrap();
        let mut rejects = Rejects::create(folder.path()).unwrap();
        let lines: [&[u8]; 5] = [
            b" =HYPERLINK(\"http://x\",\"y\")\r",
            b"@sum",
            b"a,b\x1b[31m\\",
            "ž".as_bytes(),
            &[b'a'; 1000],
        ];
        for (at, text) in (1..).zip(lines) {
            rejects
                .push("zone \"cz\".txt", at, Reject::BadCharacter, text)
                .unwrap();
        }
        rejects.push("-", 9, Reject::NotUtf8, b"-").unwrap();
        rejects.finish().unwrap();

        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let list = "\"zone \"\"cz\"\".txt\"";
        assert_eq!(lines[0], "list,line,reason,text");
        let guarded = format!("{list},1,bad_character,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        assert_eq!(lines[1], guarded);
        assert_eq!(lines[2], format!("{list},2,bad_character,\"'@sum\""));
        assert_eq!(
            lines[3],
            format!("{list},3,bad_character,\"a,b\\x1b[31m\\\\\"")
        );
        assert_eq!(lines[4], format!("{list},4,bad_character,\"\\xc5\\xbe\""));
        assert_eq!(
            lines[5],
            format!("{list},5,bad_character,\"{}\"", "a".repeat(256))
        );
        assert_eq!(lines[6], "\"'-\",9,not_utf8,\"'-\"");
        assert_eq!(lines.len(), 7);
    }
}
