//! `check`: some domains now. A survey of them alone runs in a directory of its own, which nobody
//! else sees and which goes at the end; then each has the page that `explain` shows.
//!
//! [`rest`] says when servers may be asked again.

mod rest;

use std::path::Path;

use super::call::{self, Call};
use super::explain::{self, Facts};
use super::flags::CheckFlags;
use super::json::{print_json, value};
use super::settings::{knowing, trusting};
use super::{NOT_MET, complain, print_lines, verdict};
use crate::error::Result;
use crate::survey::{Settings, judging};
use crate::table::Store;
use crate::table::codes::{CheckResult, Level};
use crate::table::manifest::Manifest;
use crate::table::tls_codes::Depth;
use crate::verdict::{Assignment, profile};
use rest::Rests;

/// Looks at the domains, and prints a page for each.
///
/// # Errors
/// When they cannot be looked at: a flag that does not fit, a resolver that does not validate, trouble
/// of this machine, or an interruption.
pub fn run(flags: &CheckFlags) -> Result<u8> {
    // Before anything is made or anybody is asked.
    let domains = call::domains(&flags.domains)?;
    let profiles = verdict::assignments(&flags.profile, profile::open)?;
    let mut call = Call::open(&flags.call, flags.wait)?;
    call.settings = settings(flags, call.settings);
    let (_scratch, trouble) = call.survey(&domains)?;
    judge(&call.settings.out, &profiles)?;
    let (manifest, store) = explain::open(&call.settings.out)?;
    let rests = Rests::read(&call)?;
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

/// The settings of a check.
fn settings(flags: &CheckFlags, asked: Settings) -> Settings {
    Settings {
        depth: match flags.deep {
            true => Depth::Deep,
            false => Depth::Standard,
        },
        clients: flags.clients || flags.deep,
        ..knowing(&flags.tables, trusting(&flags.trust, asked))
    }
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
