//! Exclusion files: read at the start, and again whenever they change.
//!
//! Hands out [`Exclusions`], which everybody who is about to ask somebody holds a copy of. What a new
//! version adds counts from the moment it was read; what it leaves out is dropped only when the file
//! stayed the same for a while. A broken version changes nothing, nor does one that is empty or cut
//! off: the old one stays in force, and the screen says so once.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use super::exclusions::{Entry, Excluded, parse};
use crate::error::{Error, Result};
use crate::text::sha256_of;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Looks at which a file has to be the same before entries that are not in it any more are dropped:
/// programs that write in place leave it empty or half for some seconds.
const SETTLED: u32 = 5;

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
    /// What is in force.
    entries: BTreeSet<Entry>,
    /// Every version that was in force, in part or as a whole, by SHA-256.
    versions: Vec<String>,
    /// The file at the last look.
    seen: Option<Stamp>,
    /// Looks since then at which it was the same.
    same: u32,
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
            let wrong = |problem| Error::Input {
                path: path.display().to_string(),
                problem,
            };
            let text = load(path).map_err(wrong)?;
            files.push(File {
                path: path.clone(),
                entries: parse(&text, has_asns).map_err(wrong)?,
                versions: vec![sha256_of(text.as_bytes())],
                seen: stamp,
                same: SETTLED,
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
    /// Reads a file that changed twice: at once, for whom it names anew, and when it has settled, for
    /// whom it names no more. A list that is being written must not let through whom the rest of it
    /// names.
    fn look(&mut self, has_asns: bool) -> Look {
        let stamp = Stamp::of(&self.path);
        self.same = match stamp == self.seen {
            true => self.same.saturating_add(1),
            false => 0,
        };
        self.seen = stamp;
        let settled = self.same == SETTLED;
        if self.same > 0 && !settled {
            return Look::Same;
        }
        let read = read_again(&self.path, has_asns);
        if Stamp::of(&self.path) != stamp {
            return Look::Same;
        }
        match read {
            Ok((entries, version)) => self.take(entries, version, settled),
            Err(_) if !settled => Look::Same,
            Err(problem) => Look::Broken(format!(
                "{}: {problem}; what it said before stays in force",
                self.path.display()
            )),
        }
    }

    /// Takes over what is new; with `all` also drops what is gone.
    fn take(&mut self, mut entries: BTreeSet<Entry>, version: String, all: bool) -> Look {
        let new = entries.difference(&self.entries).count();
        let gone = self.entries.difference(&entries).count();
        let known = self.versions.last() == Some(&version);
        let waits = new == 0 && gone > 0 && !all;
        if waits || (known && new + gone == 0) {
            return Look::Same;
        }
        if !known {
            self.versions.push(version);
        }
        let gone = if all { gone } else { 0 };
        if !all {
            entries.append(&mut self.entries);
        }
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

fn load(path: &Path) -> Result<String, String> {
    fs::read_to_string(path)
        .map_err(|err| format!("cannot read the exclusion file: {err}; check the path"))
}

/// Entries and SHA-256 of a version that is to take the place of another.
fn read_again(path: &Path, has_asns: bool) -> Result<(BTreeSet<Entry>, String), String> {
    let text = load(path)?;
    // A comment alone is meant; nothing at all is what a program leaves that only begins to write.
    let is_empty = text.lines().all(|line| line.trim().is_empty());
    if is_empty || !text.ends_with('\n') {
        return Err(
            "is empty or cut off (every line has to end; a comment line alone lifts all)"
                .to_owned(),
        );
    }
    Ok((parse(&text, has_asns)?, sha256_of(text.as_bytes())))
}

fn together(files: &[File]) -> Excluded {
    Excluded::new(files.iter().flat_map(|file| &file.entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is looked at.
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

        /// Looks until nothing more comes of it.
        fn settle(&self) -> Vec<String> {
            let looks = (0..=SETTLED).map(|_| self.exclusions.look());
            looks.flatten().collect()
        }

        fn holds(&self, domain: &str) -> bool {
            self.exclusions.now().domain(domain)
        }
    }

    #[test]
    fn a_new_version_counts_and_says_what_changed() {
        let watched = watched("a.cz\nb.cz\n");
        assert!(watched.settle().is_empty(), "nothing changed");
        watched.replace("b.cz\nc.cz\nd.cz\n");
        let notes = watched.exclusions.look();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].contains("4 entries in force, 2 new, 0 gone"),
            "{notes:?}"
        );
        assert!(watched.holds("c.cz"), "who is added is spared at once");
        assert!(watched.holds("a.cz"), "who is gone may come back yet");
        for _ in 1..SETTLED {
            assert!(watched.exclusions.look().is_empty());
        }
        assert!(watched.holds("a.cz"));
        let notes = watched.exclusions.look();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].contains("3 entries in force, 0 new, 1 gone"),
            "{notes:?}"
        );
        assert!(watched.holds("c.cz") && !watched.holds("a.cz"));
        assert!(watched.settle().is_empty(), "said once");
        let versions = watched.exclusions.versions();
        assert_eq!(versions.len(), 1);
        assert_eq!(versions[0].1.len(), 2, "both versions are on record");
    }

    #[test]
    fn an_empty_file_or_a_half_one_lifts_nothing() {
        let watched = watched("a.cz\nb.cz\n");
        let path = watched.dir.path().join("exclude.txt");
        // What `curl > exclude.txt` does: nothing for some seconds, then half a line.
        for text in ["", "\n", "a.cz", "a.cz\nb.c"] {
            fs::write(&path, text).expect("writes");
            let notes = watched.settle();
            assert_eq!(notes.len(), 1, "{text:?}: {notes:?}");
            assert!(notes[0].contains("is empty or cut off"), "{notes:?}");
            assert!(watched.holds("a.cz") && watched.holds("b.cz"), "{text:?}");
        }
        // Half a file that ends with a line.
        fs::write(&path, "a.cz\n").expect("writes");
        assert!(watched.exclusions.look().is_empty());
        fs::write(&path, "a.cz\nb.cz\nc.cz\n").expect("writes");
        assert_eq!(watched.settle().len(), 1);
        assert!(
            ["a.cz", "b.cz", "c.cz"]
                .iter()
                .all(|one| watched.holds(one))
        );
        // What nobody writes by accident.
        fs::write(&path, "# nobody any more\n").expect("writes");
        let notes = watched.settle();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("0 entries in force, 0 new, 3 gone"));
        assert!(!watched.holds("a.cz"));
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
        assert_eq!(watched.settle().len(), 2, "b.cz is new, then a.cz is gone");
        assert!(watched.holds("b.cz") && !watched.holds("a.cz"));
    }

    #[test]
    fn a_broken_version_keeps_the_old_one_and_is_told_once() {
        let watched = watched("a.cz\n");
        watched.replace("a.cz\nb@b.cz\n");
        let notes = watched.settle();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("exclude.txt: line 2: "), "{notes:?}");
        assert!(notes[0].contains("stays in force"), "{notes:?}");
        assert!(watched.settle().is_empty(), "told once");
        assert!(watched.holds("a.cz"));
        fs::remove_file(watched.dir.path().join("exclude.txt")).expect("removes");
        let notes = watched.settle();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("cannot read"), "{notes:?}");
        assert!(watched.settle().is_empty() && watched.holds("a.cz"));
        watched.replace("b.cz\n");
        assert_eq!(watched.settle().len(), 2, "b.cz is new, then a.cz is gone");
        assert!(watched.holds("b.cz") && !watched.holds("a.cz"));
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
        for _ in 0..=SETTLED {
            exclusions.look();
        }
        let now = exclusions.now();
        assert!(now.domain("a.cz"), "the other file still says so");
        assert!(now.domain("b.cz"));
    }
}
