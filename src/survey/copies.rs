//! The texts that a survey was judged by, beside its rows.
//!
//! New ones are staged, then the manifest names them by their hash, then they take their place. A
//! crash at any instant leaves every text that the manifest names in one of the two places.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::table::manifest::{Manifest, ProfileRecord, exceptions_copy, list_copy, profile_copy};
use crate::table::whole;
use crate::text::sha256_of;
use crate::verdict::{Assignment, ListOf};

/// Puts texts beside those of before.
///
/// # Errors
/// When writing fails.
pub fn stage(dir: &Path, assignments: &[Assignment]) -> Result<()> {
    for assignment in assignments {
        let name = &assignment.profile.name;
        let copy = profile_copy(dir, name);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        whole::replace(&staged(&copy), &assignment.profile.text)?;
        if let Some(exceptions) = &assignment.exceptions {
            whole::replace(&staged(&exceptions_copy(dir, name)), &exceptions.text)?;
        }
        for list in &assignment.lists {
            let copy = list_copy(dir, name, list.of.as_str());
            whole::replace(&staged(&copy), &list.text)?;
        }
    }
    Ok(())
}

/// Gives the staged texts that the manifest names their place.
///
/// # Errors
/// When renaming fails.
pub fn settle(dir: &Path, manifest: &Manifest) -> Result<()> {
    for (name, record) in &manifest.profiles {
        for (copy, sha256) in named(dir, name, record) {
            let staged = staged(&copy);
            if holds(&staged, sha256) {
                whole::rename(&staged, &copy)?;
            }
        }
    }
    Ok(())
}

/// Removes what the manifest does not name any more of these profiles.
///
/// # Errors
/// When removing fails.
pub fn clear(dir: &Path, assignments: &[Assignment]) -> Result<()> {
    for assignment in assignments {
        let name = &assignment.profile.name;
        let exceptions = exceptions_copy(dir, name);
        let mut gone = vec![staged(&profile_copy(dir, name)), staged(&exceptions)];
        if assignment.exceptions.is_none() {
            gone.push(exceptions);
        }
        for of in ListOf::ALL {
            let list = list_copy(dir, name, of.as_str());
            gone.push(staged(&list));
            if !assignment.lists.iter().any(|given| given.of == of) {
                gone.push(list);
            }
        }
        for path in gone {
            match fs::remove_file(&path) {
                Err(err) if err.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path)(err));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Where the text of a copy stands.
///
/// # Errors
/// When it is gone, or is not the one that the manifest names.
pub fn find(copy: PathBuf, sha256: &str) -> Result<PathBuf> {
    let staged = staged(&copy);
    if holds(&copy, sha256) {
        return Ok(copy);
    }
    if holds(&staged, sha256) {
        return Ok(staged);
    }
    // What keeps it from being read says more.
    fs::read(&copy).map_err(Error::io("read", &copy))?;
    let problem = "is not the text that the survey was judged by";
    Err(Error::directory(&copy, problem))
}

/// The copies of a profile, each with the hash that the manifest has.
fn named<'a>(
    dir: &Path,
    name: &str,
    record: &'a ProfileRecord,
) -> impl Iterator<Item = (PathBuf, &'a str)> {
    let exceptions = record.exceptions.as_deref();
    let exceptions = exceptions.map(|sha256| (exceptions_copy(dir, name), sha256));
    let lists = record.lists.iter();
    let lists = lists.map(|(of, sha256)| (list_copy(dir, name, of), sha256.as_str()));
    let profile = (profile_copy(dir, name), record.sha256.as_str());
    let all: Vec<_> = std::iter::once(profile)
        .chain(exceptions)
        .chain(lists)
        .collect();
    all.into_iter()
}

fn staged(copy: &Path) -> PathBuf {
    let mut name = copy.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    copy.with_file_name(name)
}

fn holds(path: &Path, sha256: &str) -> bool {
    fs::read(path).is_ok_and(|bytes| sha256_of(&bytes) == sha256)
}
