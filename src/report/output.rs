//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What stands for standard output.
pub const STANDARD: &str = "-";

/// A file on its way: until it is finished it has another name. What is not a plain file (a pipe, a
/// device, standard output) is written to as it is.
pub struct Output {
    writer: BufWriter<Box<dyn Write>>,
    path: PathBuf,
    /// The name until it is whole; none where it is written to as it is.
    temporary: Option<PathBuf>,
}

impl Output {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> Result<Self> {
        if path == Path::new(STANDARD) {
            return Ok(Self::plain(path, Box::new(io::stdout())));
        }
        // The target of a link is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_special = fs::metadata(&path).is_ok_and(|there| !there.is_file());
        if is_special {
            let file = File::options()
                .write(true)
                .open(&path)
                .map_err(Error::io("write", &path))?;
            return Ok(Self::plain(&path, Box::new(file)));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        // Left over from a crash of a process of the same number.
        let _ = fs::remove_file(&temporary);
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&temporary)
            .map_err(Error::io("create", &path))?;
        let mut output = Self::plain(&path, Box::new(file));
        output.temporary = Some(temporary);
        Ok(output)
    }

    fn plain(path: &Path, writer: Box<dyn Write>) -> Self {
        Self {
            writer: BufWriter::new(writer),
            path: path.to_owned(),
            temporary: None,
        }
    }

    fn is_left(&self, err: &io::Error) -> bool {
        self.temporary.is_none() && err.kind() == io::ErrorKind::BrokenPipe
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When what was written does not reach the disk.
    pub fn finish(mut self) -> Result<()> {
        let flushed = self.writer.flush();
        let Some(temporary) = self.temporary.take() else {
            return match flushed {
                Err(err) if self.is_left(&err) => Ok(()),
                other => other.map_err(Error::io("write", &self.path)),
            };
        };
        let done = flushed
            .and_then(|()| File::open(&temporary)?.sync_all())
            .and_then(|()| fs::rename(&temporary, &self.path));
        if done.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        done.map_err(Error::io("write", &self.path))
    }

    /// Writes all that `fill` hands over, and finishes. Where it fails there is no file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn whole(path: &Path, fill: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<()> {
        let mut output = Self::create(path)?;
        let filled = fill(&mut output);
        filled.map_err(Error::io("write", &output.path))?;
        output.finish()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.writer.write(bytes) {
            // Somebody read enough.
            Err(err) if self.is_left(&err) => Ok(bytes.len()),
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let dir = tempfile::TempDir::new().expect("a directory");
        let path = dir.path().join("report.json");
        let names = || {
            let entries = fs::read_dir(dir.path()).expect("entries");
            entries
                .map(|entry| entry.expect("an entry").file_name())
                .collect::<Vec<_>>()
        };
        let mut output = Output::create(&path).expect("a file");
        output.write_all(b"half").expect("written");
        assert!(!path.exists());
        drop(output);
        assert!(names().is_empty());
        Output::whole(&path, |to| to.write_all(b"old")).expect("written");
        Output::whole(&path, |to| to.write_all(b"new")).expect("written");
        let half = |to: &mut Output| {
            to.write_all(b"half")?;
            Err(io::Error::other("no more"))
        };
        let problem = Output::whole(&path, half).expect_err("half of it");
        assert!(problem.to_string().contains("no more"), "{problem}");
        assert_eq!(fs::read_to_string(&path).expect("a text"), "new");
        assert_eq!(names(), ["report.json"]);
    }

    #[test]
    fn a_link_and_a_device_stay_what_they_are() {
        let dir = tempfile::TempDir::new().expect("a directory");
        let (link, target) = (dir.path().join("link"), dir.path().join("target"));
        fs::write(&target, "old").expect("written");
        std::os::unix::fs::symlink(&target, &link).expect("a link");
        Output::whole(&link, |to| to.write_all(b"new")).expect("written");
        assert_eq!(fs::read_to_string(&target).expect("a text"), "new");
        assert!(link.is_symlink());
        Output::whole(Path::new("/dev/null"), |to| to.write_all(b"gone")).expect("written");
        assert!(!Path::new("/dev/null").is_file());
        assert!(Output::whole(dir.path(), |_| Ok(())).is_err());
        let missing = dir.path().join("none/report.json");
        let problem = Output::whole(&missing, |_| Ok(()))
            .expect_err("no folder")
            .to_string();
        assert!(problem.contains("check the path"), "{problem}");
    }
}
