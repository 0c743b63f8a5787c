//! Exclusion files: read at the start, and again whenever they change.
//!
//! Hands out [`Exclusions`], which everybody who is about to ask somebody holds a copy of. A new
//! version counts from the moment it was read. A broken one changes nothing: the old one stays in
//! force, and the screen says so once.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use super::exclusions::{Entry, Excluded, parse};
use super::operators::sha256_of;
use crate::error::{Error, Result};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Whom to leave alone, at this moment.
#[derive(Debug, Clone, Default)]
pub struct Exclusions(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    now: RwLock<Arc<Excluded>>,
    files: Mutex<Vec<File>>,
    /// Whether an AS number may stand in a file.
    has_asns: bool,
}

/// One exclusion file.
#[derive(Debug)]
struct File {
    path: PathBuf,
    /// What was read.
    entries: BTreeSet<Entry>,
    /// Every version that was in force, by SHA-256.
    versions: Vec<String>,
    /// The file as it was when it was read last.
    read: Option<Stamp>,
    /// The file at the last look.
    seen: Option<Stamp>,
}

/// What tells one version of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Exclusions {
    /// Reads the files.
    ///
    /// # Errors
    /// When one cannot be read or has a line that is no entry; with the number of the line.
    pub fn read(paths: &[PathBuf], has_asns: bool) -> Result<Self> {
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let stamp = Stamp::of(path);
            let (entries, version) = load(path, has_asns).map_err(|problem| Error::Input {
                path: path.display().to_string(),
                problem,
            })?;
            files.push(File {
                path: path.clone(),
                entries,
                versions: vec![version],
                read: stamp,
                seen: stamp,
            });
        }
        let shared = Shared {
            now: RwLock::new(Arc::new(together(&files))),
            files: Mutex::new(files),
            has_asns,
        };
        Ok(Self(Arc::new(shared)))
    }

    /// What is excluded now.
    pub fn now(&self) -> Arc<Excluded> {
        let now = self.0.now.read().unwrap_or_else(PoisonError::into_inner);
        now.clone()
    }

    /// Each file with the SHA-256 of every version of it that was in force, the last one last.
    pub fn versions(&self) -> Vec<(String, Vec<String>)> {
        let files = self.files();
        let version = |file: &File| (file.path.display().to_string(), file.versions.clone());
        files.iter().map(version).collect()
    }

    /// Looks at the files again and again, and says what changed.
    pub async fn watch(&self, note: impl Fn(&str)) -> Infallible {
        loop {
            tokio::time::sleep(LOOK).await;
            for text in self.look() {
                note(&text);
            }
        }
    }

    /// Looks at every file once; says what changed.
    fn look(&self) -> Vec<String> {
        let mut files = self.files();
        let mut changed = false;
        let mut notes = Vec::new();
        for file in files.iter_mut() {
            match file.look(self.0.has_asns) {
                Look::Same => {}
                Look::Changed(text) => {
                    changed = true;
                    notes.push(text);
                }
                Look::Broken(text) => notes.push(text),
            }
        }
        if changed {
            let new = Arc::new(together(&files));
            *self.0.now.write().unwrap_or_else(PoisonError::into_inner) = new;
        }
        notes
    }

    fn files(&self) -> MutexGuard<'_, Vec<File>> {
        self.0.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a look at a file came to.
enum Look {
    Same,
    Changed(String),
    Broken(String),
}

impl File {
    /// A file that is being written is left until it was the same for one look: half a list would
    /// let through whom the other half names.
    fn look(&mut self, has_asns: bool) -> Look {
        let stamp = Stamp::of(&self.path);
        let settled = stamp == self.seen;
        self.seen = stamp;
        if stamp == self.read || !settled {
            return Look::Same;
        }
        let loaded = load(&self.path, has_asns);
        if Stamp::of(&self.path) != stamp {
            return Look::Same;
        }
        self.read = stamp;
        match loaded {
            Ok((entries, version)) => self.take(entries, version),
            Err(problem) => Look::Broken(format!(
                "{}: {problem}; what it said before stays in force",
                self.path.display()
            )),
        }
    }

    fn take(&mut self, entries: BTreeSet<Entry>, version: String) -> Look {
        if self.versions.last() != Some(&version) {
            self.versions.push(version);
        }
        let new = entries.difference(&self.entries).count();
        let gone = self.entries.difference(&entries).count();
        self.entries = entries;
        Look::Changed(format!(
            "{}: read again: {} entries in force, {new} new, {gone} gone",
            self.path.display(),
            self.entries.len()
        ))
    }
}

impl Stamp {
    /// None where there is no file.
    fn of(path: &Path) -> Option<Self> {
        let facts = fs::metadata(path).ok()?;
        Some(Self {
            device: facts.dev(),
            inode: facts.ino(),
            size: facts.size(),
            modified: (facts.mtime(), facts.mtime_nsec()),
        })
    }
}

fn load(path: &Path, has_asns: bool) -> Result<(BTreeSet<Entry>, String), String> {
    let text = fs::read_to_string(path)
        .map_err(|err| format!("cannot read the exclusion file: {err}; check the path"))?;
    Ok((parse(&text, has_asns)?, sha256_of(text.as_bytes())))
}

fn together(files: &[File]) -> Excluded {
    Excluded::new(files.iter().flat_map(|file| &file.entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file, and what two looks at it say.
    struct Watched {
        dir: tempfile::TempDir,
        exclusions: Exclusions,
    }

    fn watched(text: &str) -> Watched {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("exclude.txt");
        fs::write(&path, text).expect("writes");
        let exclusions = Exclusions::read(&[path], false).expect("entries");
        Watched { dir, exclusions }
    }

    impl Watched {
        /// Replaces the file atomically.
        fn replace(&self, text: &str) {
            let new = self.dir.path().join("new");
            fs::write(&new, text).expect("writes");
            fs::rename(new, self.dir.path().join("exclude.txt")).expect("renames");
        }

        fn look_twice(&self) -> Vec<String> {
            let mut notes = self.exclusions.look();
            notes.extend(self.exclusions.look());
            notes
        }

        fn holds(&self, domain: &str) -> bool {
            self.exclusions.now().domain(domain)
        }
    }

    #[test]
    fn a_new_version_counts_and_says_what_changed() {
        let watched = watched("a.cz\nb.cz\n");
        assert!(watched.look_twice().is_empty(), "nothing changed");
        watched.replace("b.cz\nc.cz\nd.cz\n");
        let notes = watched.look_twice();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].contains("3 entries in force, 2 new, 1 gone"),
            "{notes:?}"
        );
        assert!(watched.holds("c.cz") && !watched.holds("a.cz"));
        assert!(watched.look_twice().is_empty(), "said once");
        let versions = watched.exclusions.versions();
        assert_eq!(versions.len(), 1);
        assert_eq!(versions[0].1.len(), 2, "both versions are on record");
    }

    #[test]
    fn a_file_of_the_same_size_and_time_is_another_by_its_inode() {
        let watched = watched("a.cz\n");
        let path = watched.dir.path().join("exclude.txt");
        let time = fs::metadata(&path).expect("facts").modified();
        let new = watched.dir.path().join("new");
        fs::write(&new, "b.cz\n").expect("writes");
        let file = fs::File::options().write(true).open(&new).expect("opens");
        file.set_modified(time.expect("a time")).expect("sets");
        fs::rename(new, path).expect("renames");
        assert_eq!(watched.look_twice().len(), 1);
        assert!(watched.holds("b.cz"));
    }

    #[test]
    fn a_broken_version_keeps_the_old_one_and_is_told_once() {
        let watched = watched("a.cz\n");
        watched.replace("a.cz\nb@b.cz\n");
        let notes = watched.look_twice();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("exclude.txt: line 2: "), "{notes:?}");
        assert!(notes[0].contains("stays in force"), "{notes:?}");
        assert!(watched.look_twice().is_empty(), "told once");
        assert!(watched.holds("a.cz"));
        fs::remove_file(watched.dir.path().join("exclude.txt")).expect("removes");
        let notes = watched.look_twice();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("cannot read"), "{notes:?}");
        assert!(watched.look_twice().is_empty() && watched.holds("a.cz"));
        watched.replace("b.cz\n");
        assert_eq!(watched.look_twice().len(), 1);
        assert!(watched.holds("b.cz") && !watched.holds("a.cz"));
    }

    #[test]
    fn a_file_that_is_being_written_is_left_alone() {
        let watched = watched("a.cz\n");
        let path = watched.dir.path().join("exclude.txt");
        // What a program does that writes in place: for a moment there is nothing.
        fs::write(&path, "").expect("writes");
        assert!(watched.exclusions.look().is_empty());
        assert!(watched.holds("a.cz"));
        fs::write(&path, "a.cz\nb.cz\n").expect("writes");
        assert!(watched.exclusions.look().is_empty());
        assert_eq!(watched.exclusions.look().len(), 1);
        assert!(watched.holds("a.cz") && watched.holds("b.cz"));
    }

    #[test]
    fn files_add_up() {
        let dir = tempfile::tempdir().expect("a directory");
        let paths = ["one", "two"].map(|name| dir.path().join(name));
        fs::write(&paths[0], "a.cz\n").expect("writes");
        fs::write(&paths[1], "a.cz\nb.cz\n").expect("writes");
        let exclusions = Exclusions::read(&paths, false).expect("entries");
        fs::remove_file(&paths[1]).expect("removes");
        fs::write(&paths[1], "b.cz\n").expect("writes");
        exclusions.look();
        exclusions.look();
        let now = exclusions.now();
        assert!(now.domain("a.cz"), "the other file still says so");
        assert!(now.domain("b.cz"));
    }
}
