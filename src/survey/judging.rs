//! Judging what a survey saw, as often as there are new rules: no packet, no clock but the one that
//! dates it.
//!
//! [`judge`] judges by some profiles; [`recorded`] tells those that the manifest knows of. It leaves
//! the rows, the texts that made them ([`copies`]), and a manifest that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::{Stage, copies};
use crate::error::{Error, Result};
use crate::table::Store;
use crate::table::manifest::{self, JudgedBy, Manifest, ProfileRecord};
use crate::table::manifest::{exceptions_copy, list_copy, profile_copy};
use crate::table::rows::TableName;
use crate::targets::name::normalise;
use crate::text::{count, one_line};
use crate::verdict::{self, Assignment, Exceptions, Judged, ListOf, NameList, Profile, profile};

/// Unknown domains that are named.
const NAMED: usize = 5;

/// What has to be there before anything can be judged: every stage before, and every file of its
/// tables. Nothing is touched.
///
/// # Errors
/// Which stage is not finished, or which file is gone.
pub fn measured(dir: &Path, manifest: &Manifest) -> Result<()> {
    let then = "judge it";
    if !Store::has_log(dir) {
        return Err(Stage::Dns.unfinished(dir, then));
    }
    let store = Store::look(dir, &manifest.survey, manifest.order()?)?;
    if let Some(stage) = Stage::first_open(&store).filter(|stage| *stage < Stage::Verdict) {
        return Err(stage.unfinished(dir, then));
    }
    let judged = [TableName::Verdicts, TableName::Compliance];
    let tables = TableName::ALL.into_iter();
    let mut observed = tables.filter(|table| !judged.contains(table));
    observed.try_for_each(|table| store.refuse_gone(table))
}

/// The exceptions from a profile.
///
/// # Errors
/// When the file cannot be read or a line is wrong.
pub fn exceptions(path: &Path, profile: &Profile) -> Result<Exceptions> {
    Exceptions::read(path, profile, |name| normalise(name).ok())
}

/// The profiles that a survey was judged by, but for those of some names, each with its exceptions.
/// One that ships is taken as it ships now, any other from the copy in the directory. Where a copy
/// cannot be read or does not fit any more, the error says so and what to do.
pub fn recorded(dir: &Path, manifest: &Manifest, but: &BTreeSet<&str>) -> Vec<Result<Assignment>> {
    let records = manifest.profiles.iter();
    let wanted = records.filter(|(name, _)| !but.contains(name.as_str()));
    let again = wanted.map(|(name, record)| {
        again(dir, name, record).map_err(|err| {
            let problem = format!(
                "cannot be judged by the profile {} as before ({err}); judge by it again with \
                 --profile",
                one_line(name)
            );
            Error::directory(dir, problem)
        })
    });
    again.collect()
}

/// The profiles that can be judged by, and a note on each that cannot.
pub fn apart(recorded: Vec<Result<Assignment>>) -> (Vec<Assignment>, Vec<String>) {
    let (mut assignments, mut notes) = (Vec::new(), Vec::new());
    for one in recorded {
        match one {
            Ok(assignment) => assignments.push(assignment),
            Err(err) => notes.push(err.to_string()),
        }
    }
    (assignments, notes)
}

fn again(dir: &Path, name: &str, record: &ProfileRecord) -> Result<Assignment> {
    let profile = match profile::shipped(name) {
        Some(profile) => profile?,
        None => profile::read(&copies::find(profile_copy(dir, name), &record.sha256)?)?,
    };
    let mut assignment = Assignment::of(profile);
    if let Some(sha256) = &record.exceptions {
        let path = copies::find(exceptions_copy(dir, name), sha256)?;
        assignment.exceptions = Some(exceptions(&path, &assignment.profile)?);
    }
    for of in ListOf::ALL {
        if let Some(sha256) = record.lists.get(of.as_str()) {
            let path = copies::find(list_copy(dir, name, of.as_str()), sha256)?;
            let given = assignment.give(NameList::read(&path, of)?);
            given.map_err(|problem| Error::directory(&path, problem))?;
        }
    }
    Ok(assignment)
}

/// Judges every domain, and by these profiles. Until everything is there the manifest says that
/// nobody judged the survey, and by which profiles somebody was about to: after a crash the rows may
/// be from before and from after.
///
/// # Errors
/// When reading or writing fails.
pub fn judge(
    store: &mut Store,
    manifest: &mut Manifest,
    assignments: &[Assignment],
) -> Result<Judged> {
    let dir = store.dir().to_owned();
    copies::settle(&dir, manifest)?;
    copies::stage(&dir, assignments)?;
    begin(manifest, assignments);
    manifest.write(&dir)?;
    copies::settle(&dir, manifest)?;
    let mut judged = verdict::judge(store, assignments)?;
    let at = manifest::now();
    for assignment in assignments {
        let name = &assignment.profile.name;
        if let Some(record) = manifest.profiles.get_mut(name) {
            record.judged_at.clone_from(&at);
            record.rows = judged.rows.get(name).copied().unwrap_or(0);
        }
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
    manifest.write(&dir)?;
    copies::clear(&dir, assignments)?;
    Ok(judged)
}

/// Has the manifest say what is about to be done.
fn begin(manifest: &mut Manifest, assignments: &[Assignment]) {
    if manifest.judged.take().is_none() {
        // Nobody vouches for rows that are left as they are.
        let names = assignments.iter().map(|one| one.profile.name.as_str());
        let names: BTreeSet<_> = names.collect();
        manifest
            .profiles
            .retain(|name, _| names.contains(name.as_str()));
    }
    for assignment in assignments {
        let profile = &assignment.profile;
        let record = ProfileRecord {
            version: profile.version.to_string(),
            sha256: profile.sha256.clone(),
            exceptions: assignment.exceptions.as_ref().map(|one| one.sha256.clone()),
            lists: sums(&assignment.lists),
            ..ProfileRecord::default()
        };
        manifest.profiles.insert(profile.name.clone(), record);
    }
}

/// The lists that a profile was given, by what they are of.
fn sums(lists: &[NameList]) -> BTreeMap<String, String> {
    let lists = lists.iter();
    lists
        .map(|list| (list.of.as_str().to_owned(), list.sha256.clone()))
        .collect()
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
