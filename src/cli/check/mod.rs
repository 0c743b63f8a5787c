//! `check`: some domains now. A survey of them alone runs in a directory of its own, which nobody
//! else sees and which goes at the end; then each has the page that `explain` shows.
//!
//! [`state`] remembers what servers got from earlier calls, [`rest`] says when they may be asked
//! again, and [`screen`] what happens meanwhile.

mod rest;
mod screen;
mod state;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::explain::{self, Facts};
use super::flags::CheckFlags;
use super::json::{print_json, value};
use super::settings::of_check;
use super::{complain, print_lines, running, verdict};
use crate::error::{Error, Result};
use crate::survey::{Scratch, Settings, judging};
use crate::table::Store;
use crate::table::codes::{CheckResult, Level};
use crate::table::manifest::Manifest;
use crate::verdict::{Assignment, profile};
use rest::Rests;
pub use screen::Quiet;
pub use state::State;

/// A point that has to be met is not.
const NOT_MET: u8 = 4;

/// Looks at the domains, and prints a page for each.
///
/// # Errors
/// When they cannot be looked at: a flag that does not fit, a resolver that does not validate, trouble
/// of this machine, or an interruption.
pub fn run(flags: &CheckFlags) -> Result<u8> {
    // Before anything is made or anybody is asked.
    let mut domains = Vec::new();
    for domain in &flags.domains {
        domains.push(explain::spelled(domain)?);
    }
    let mut seen = HashSet::new();
    domains.retain(|domain| seen.insert(domain.clone()));
    let profiles = verdict::assignments(&flags.profile, profile::open)?;
    let mut settings = of_check(flags)?;
    let state = State::open(flags.state.as_deref(), settings.limits.window)?;
    let scratch = Scratch::new()?;
    settings.ledger = Some(state.ledger());
    place(&mut settings, scratch.path(), &domains)?;
    let trouble = survey(&settings, scratch.path())?;
    judge(&settings.out, &profiles)?;
    let (manifest, store) = explain::open(&settings.out)?;
    let rests = Rests::read(&state, &settings)?;
    let mut pages = Vec::with_capacity(domains.len());
    for domain in &domains {
        let names = profiles.iter().map(|one| one.profile.name.clone());
        pages.push(Facts::read(&store, &manifest, domain, names.collect())?);
    }
    match flags.json {
        true => print_all(&manifest, &pages, &rests)?,
        false => print_lines(&text(&pages, &rests))?,
    }
    for trouble in &trouble {
        complain(&format_args!("note: {trouble}"));
    }
    Ok(match is_met(&pages) {
        false => NOT_MET,
        true => u8::from(!trouble.is_empty()),
    })
}

/// Gives a survey its list, and a directory.
///
/// # Errors
/// When the list cannot be written.
pub fn place(settings: &mut Settings, scratch: &Path, domains: &[String]) -> Result<()> {
    let list = scratch.join("domains.txt");
    let lines: String = domains.iter().map(|domain| format!("{domain}\n")).collect();
    fs::write(&list, lines).map_err(Error::io("write", &list))?;
    settings.input.lists = vec![list];
    settings.out = scratch.join("survey");
    Ok(())
}

/// Asks everybody; gives local trouble worth reading.
///
/// # Errors
/// What ended the survey.
pub fn survey(settings: &Settings, scratch: &Path) -> Result<Vec<String>> {
    let screen = Arc::new(Quiet::new());
    let shown = screen.clone();
    let scratch = scratch.to_owned();
    // A second signal ends the process where nothing is dropped any more.
    let leave = move || drop(fs::remove_dir_all(scratch));
    let outcome = running::to_the_end(settings, screen, || Ok(shown), leave)?;
    Ok(outcome.trouble)
}

/// Judges by the profiles that were named; the checks are judged already.
fn judge(dir: &Path, profiles: &[Assignment]) -> Result<()> {
    if profiles.is_empty() {
        return Ok(());
    }
    let lock = Store::lock(dir)?;
    let mut manifest = Manifest::of(dir)?;
    let mut store = Store::open(dir, lock, &manifest.survey, manifest.order()?)?;
    for note in judging::judge(&mut store, &mut manifest, profiles)?.notes {
        complain(&format_args!("note: {note}"));
    }
    Ok(())
}

fn text(pages: &[Facts], rests: &Rests) -> String {
    let shown = pages.iter().map(|facts| {
        let mut page = explain::page(facts);
        rests.tell(&mut page, facts);
        page.into_text()
    });
    let rule = format!("\n{}\n\n", "=".repeat(80));
    shown.collect::<Vec<_>>().join(&rule)
}

fn print_all(manifest: &Manifest, pages: &[Facts], rests: &Rests) -> Result<()> {
    let mut all = Vec::with_capacity(pages.len());
    for facts in pages {
        let mut object = explain::object(manifest, facts)?;
        object["not_asked_yet"] = value(&rests.of(facts))?;
        all.push(object);
    }
    print_json(&all.into())?;
    Ok(())
}

/// Whether no point fails that has to be met; says which do.
fn is_met(pages: &[Facts]) -> bool {
    let mut is_met = true;
    for facts in pages {
        let domain = &facts.domain.domain;
        for points in &facts.profiles {
            let must = || points.rows.iter().filter(|row| row.level == Level::Must);
            let failed = must().filter(|row| row.result == CheckResult::Fail);
            let failed = failed.filter(|row| row.justified != Some(true));
            let failed: Vec<_> = failed.map(|row| row.point.to_string()).collect();
            let unknown = must().filter(|row| row.result == CheckResult::Unknown);
            let name = &points.name;
            if !failed.is_empty() {
                is_met = false;
                let points = failed.join(", ");
                complain(&format_args!(
                    "{domain}: profile {name} is not met: {points}"
                ));
            }
            match unknown.count() {
                0 => {}
                some => complain(&format_args!(
                    "{domain}: profile {name}: {some} points of level must are unknown, which is not \
                     failed"
                )),
            }
        }
    }
    is_met
}
