//! `verdict`: what the rules make of a finished survey, without a packet.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::flags::VerdictFlags;
use super::{complain, print_lines};
use crate::error::{Error, Result};
use crate::report::Summary;
use crate::survey::judging;
use crate::table::Store;
use crate::table::manifest::{Manifest, profile_copy};
use crate::text::{count, domains};
use crate::verdict::{Assignment, Judged, ListOf, NameList, Profile, profile};

/// Judges a survey, and prints what that came to.
pub fn run(flags: &VerdictFlags) -> Result<u8> {
    let dir = &flags.survey;
    // Before anything is made or read to its end: what is mistyped leaves nothing behind.
    let manifest = Manifest::of(dir)?;
    let mut assignments = chosen(flags, &manifest)?;
    again(dir, &manifest, &assignments)?;
    let lock = Store::lock(dir)?;
    // Another process may have had it until now.
    let mut manifest = Manifest::of(dir)?;
    judging::measured(dir, &manifest)?;
    let (before, skipped) = again(dir, &manifest, &assignments)?;
    let forgotten = forgotten(&manifest, &assignments);
    assignments.extend(before);
    let mut store = Store::open(dir, lock, &manifest.survey, manifest.order()?)?;
    let judged = judging::judge(&mut store, &mut manifest, &assignments)?;
    let notes = skipped.iter().chain(&forgotten).chain(&judged.notes);
    let notes: Vec<_> = notes.collect();
    for note in &notes {
        complain(&format_args!("note: {note}"));
    }
    print_lines(&told(flags, &assignments, &judged))?;
    print_lines(&closing(&store)?)?;
    Ok(u8::from(!notes.is_empty()))
}

/// The last words: what the survey adds up to now.
fn closing(store: &Store) -> Result<String> {
    Ok(format!("\n{}\n", Summary::read(store)?))
}

/// The profiles of before that are judged by again, and a note on each of them that cannot be: all
/// where none is chosen, and beside those that are where judging was not finished, for then their rows
/// may not fit each other.
fn again(
    dir: &Path,
    manifest: &Manifest,
    chosen: &[Assignment],
) -> Result<(Vec<Assignment>, Vec<String>)> {
    if !chosen.is_empty() && manifest.judged.is_some() {
        return Ok((Vec::new(), Vec::new()));
    }
    let names = chosen.iter().map(|one| one.profile.name.as_str()).collect();
    let recorded = judging::recorded(dir, manifest, &names);
    if chosen.is_empty() {
        let all = recorded.into_iter().collect::<Result<_>>()?;
        return Ok((all, Vec::new()));
    }
    Ok(judging::apart(recorded))
}

/// A profile that ships or a file; else one that this survey was judged by before, from its copy.
fn open(given: &str, dir: &Path, manifest: &Manifest) -> Result<Profile> {
    let is_own = manifest.profiles.contains_key(given) && profile::shipped(given).is_none();
    match is_own && !Path::new(given).exists() {
        true => profile::read(&profile_copy(dir, given)),
        false => profile::open(given),
    }
}

/// Chosen profiles that were judged by with exceptions or a list before, and are now without.
fn forgotten(manifest: &Manifest, assignments: &[Assignment]) -> Vec<String> {
    let mut notes = Vec::new();
    for one in assignments {
        let name = &one.profile.name;
        let Some(record) = manifest.profiles.get(name) else {
            continue;
        };
        if record.exceptions.is_some() && one.exceptions.is_none() {
            notes.push(format!(
                "{name}: judged without the exceptions of before; give them again with --exceptions \
                 if they still hold"
            ));
        }
        let is_given = |of: &str| one.lists.iter().any(|list| list.of.as_str() == of);
        let lists = record.lists.keys().filter(|of| !is_given(of));
        notes.extend(lists.map(|of| {
            format!(
                "{name}: judged without the list of {of} of before; give it again with --{of} if it \
                 still holds"
            )
        }));
    }
    notes
}

fn chosen(flags: &VerdictFlags, manifest: &Manifest) -> Result<Vec<Assignment>> {
    let mut assignments =
        assignments(&flags.profile, |given| open(given, &flags.survey, manifest))?;
    if let Some(path) = &flags.exceptions {
        let assignment = single(&mut assignments, "exceptions")?;
        let exceptions = judging::exceptions(path, &assignment.profile)?;
        assignment.exceptions = Some(exceptions);
    }
    for (of, path) in lists(flags) {
        let assignment = single(&mut assignments, of.as_str())?;
        let list = NameList::read(path, of)?;
        let given = assignment.give(list);
        given.map_err(|problem| Error::Usage(format!("--{}: {problem}", of.as_str())))?;
    }
    Ok(assignments)
}

/// The profiles that were named, none of them twice.
///
/// # Errors
/// When one cannot be opened, or two have one name.
pub fn assignments(
    given: &[String],
    open: impl Fn(&str) -> Result<Profile>,
) -> Result<Vec<Assignment>> {
    let mut names = BTreeSet::new();
    let mut assignments = Vec::with_capacity(given.len());
    for given in given {
        let profile = open(given)?;
        refuse_namesake(given, &profile)?;
        if !names.insert(profile.name.clone()) {
            let name = &profile.name;
            return Err(Error::Usage(format!(
                "--profile {given}: a profile {name} is there already; give one of the two another \
                 name in its file"
            )));
        }
        assignments.push(Assignment::of(profile));
    }
    Ok(assignments)
}

/// The lists that were given, each with what it is of.
fn lists(flags: &VerdictFlags) -> impl Iterator<Item = (ListOf, &Path)> {
    let path = |of| match of {
        ListOf::Suites => flags.suites.as_deref(),
        ListOf::Groups => flags.groups.as_deref(),
    };
    let all = ListOf::ALL.into_iter();
    all.filter_map(move |of| path(of).map(|path| (of, path)))
}

/// Without --profile one that ships is taken as it ships, so that another of its name would be
/// exchanged for it.
fn refuse_namesake(given: &str, profile: &Profile) -> Result<()> {
    match profile::shipped(&profile.name).transpose()? {
        Some(shipped) if shipped.sha256 != profile.sha256 => Err(Error::Usage(format!(
            "--profile {given}: {} is the name of one that ships; give yours another",
            profile.name
        ))),
        _ => Ok(()),
    }
}

/// The only profile, for what belongs to one.
fn single<'a>(assignments: &'a mut [Assignment], flag: &str) -> Result<&'a mut Assignment> {
    match assignments {
        [assignment] => Ok(assignment),
        _ => Err(Error::Usage(format!(
            "--{flag} without one --profile: it belongs to points of a profile; name it"
        ))),
    }
}

/// What was done.
fn told(flags: &VerdictFlags, assignments: &[Assignment], judged: &Judged) -> String {
    let dir = flags.survey.display();
    let mut text = format!("{dir}: {} judged\n", domains(judged.domains));
    for assignment in assignments {
        let profile = &assignment.profile;
        let rows = judged.rows.get(&profile.name).copied().unwrap_or(0);
        let mut with: Vec<&str> = assignment.exceptions.iter().map(|_| "exceptions").collect();
        with.extend(assignment.lists.iter().map(|list| list.of.as_str()));
        let with = match with.is_empty() {
            true => String::new(),
            false => format!(", with {}", with.join(", ")),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {:>13}  compliance/{}, version {}{with}",
            count(rows),
            profile.name,
            profile.version
        );
    }
    text
}
