//! Judging what a survey saw, as often as there are new rules: no packet, no clock but the one that
//! dates it.
//!
//! [`judge`] judges by some profiles, [`recorded`] by those that the manifest knows of. Both leave
//! the rows, the texts that made them, and a manifest that says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::Stage;
use crate::error::{Error, Result};
use crate::table::Store;
use crate::table::manifest::{self, JudgedBy, Manifest, ProfileRecord};
use crate::table::manifest::{exceptions_copy, profile_copy};
use crate::table::rows::TableName;
use crate::table::whole;
use crate::targets::name::normalise;
use crate::text::{count, one_line};
use crate::verdict::{self, Assignment, Exceptions, Judged, Profile, profile};

/// Unknown domains that are named.
const NAMED: usize = 5;

/// What has to be finished before anything can be judged.
///
/// # Errors
/// Which stage is not.
pub fn measured(store: &Store) -> Result<()> {
    match Stage::first_open(store).filter(|stage| *stage < Stage::Verdict) {
        None => Ok(()),
        Some(stage) => Err(stage.unfinished(store.dir(), "judge it")),
    }
}

/// The exceptions from a profile.
///
/// # Errors
/// When the file cannot be read or a line is wrong.
pub fn exceptions(path: &Path, profile: &Profile) -> Result<Exceptions> {
    Exceptions::read(path, profile, |name| normalise(name).ok())
}

/// The profiles that a survey was judged by, each with its exceptions. One that ships is taken as it
/// ships now, any other from the copy in the directory.
///
/// # Errors
/// When a copy cannot be read or does not fit any more.
pub fn recorded(dir: &Path, manifest: &Manifest) -> Result<Vec<Assignment>> {
    let one = |(name, record): (&String, &ProfileRecord)| {
        let profile = match profile::shipped(name) {
            Some(profile) => profile?,
            None => profile::read(&profile_copy(dir, name))?,
        };
        let exceptions = match record.exceptions {
            Some(_) => Some(exceptions(&exceptions_copy(dir, name), &profile)?),
            None => None,
        };
        Ok(Assignment {
            profile,
            exceptions,
        })
    };
    manifest.profiles.iter().map(one).collect()
}

/// Judges every domain, and by these profiles. The manifest is written last, when everything that it
/// tells of is there.
///
/// # Errors
/// When reading or writing fails.
pub fn judge(
    store: &mut Store,
    manifest: &mut Manifest,
    assignments: &[Assignment],
) -> Result<Judged> {
    let mut judged = verdict::judge(store, assignments)?;
    let at = manifest::now();
    for assignment in assignments {
        let name = &assignment.profile.name;
        copy(store.dir(), assignment)?;
        let record = ProfileRecord {
            version: assignment.profile.version.to_string(),
            sha256: assignment.profile.sha256.clone(),
            judged_at: at.clone(),
            exceptions: assignment.exceptions.as_ref().map(|one| one.sha256.clone()),
            rows: judged.rows.get(name).copied().unwrap_or(0),
        };
        manifest.profiles.insert(name.clone(), record);
        judged.notes.extend(strangers(store, assignment)?);
    }
    judged.notes.extend(lost(store, manifest));
    if !store.is_finished(Stage::Verdict.as_str()) {
        store.finish(Stage::Verdict.as_str(), &[])?;
    }
    manifest.judged = Some(JudgedBy {
        at,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    });
    manifest.write(store.dir())?;
    Ok(judged)
}

/// The texts that the rows were made by, beside them.
fn copy(dir: &Path, assignment: &Assignment) -> Result<()> {
    let name = &assignment.profile.name;
    let path = profile_copy(dir, name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    whole::replace(&path, &assignment.profile.text)?;
    let path = exceptions_copy(dir, name);
    match &assignment.exceptions {
        Some(exceptions) => whole::replace(&path, &exceptions.text),
        None => match fs::remove_file(&path) {
            Err(err) if err.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io("remove", &path)(err))
            }
            _ => Ok(()),
        },
    }
}

/// A note on exceptions for domains that were not surveyed.
fn strangers(store: &Store, assignment: &Assignment) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Key {
        domain: String,
    }
    let Some(exceptions) = &assignment.exceptions else {
        return Ok(None);
    };
    let mut unknown: BTreeSet<String> = exceptions.domains().map(str::to_owned).collect();
    let known = store.find::<Key>(TableName::Domains, &unknown, &["domain"])?;
    for key in known {
        unknown.remove(&key.domain);
    }
    if unknown.is_empty() {
        return Ok(None);
    }
    let named: Vec<_> = unknown
        .iter()
        .take(NAMED)
        .map(|name| one_line(name))
        .collect();
    let more = if unknown.len() > NAMED { ", …" } else { "" };
    Ok(Some(format!(
        "profile {}: exceptions for domains that are not in the survey ({}): {}{more}",
        assignment.profile.name,
        count(unknown.len() as u64),
        named.join(", ")
    )))
}

/// Notes on profiles of which rows have gone.
fn lost(store: &Store, manifest: &Manifest) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, record) in &manifest.profiles {
        let rows: u64 = store.compliance(name).map(|part| part.rows).sum();
        if rows != record.rows {
            notes.push(format!(
                "profile {name}: {} of its {} rows are there; judge by it again with --profile",
                count(rows),
                count(record.rows)
            ));
        }
    }
    notes
}
