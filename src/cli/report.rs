//! `report`: what a survey adds up to, for people, as JSON, as CSV and as a page of HTML.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::finished;
use super::flags::ReportFlags;
use super::{NOT_MET, complain, print_lines};
use crate::error::{Error, Result};
use crate::report::csv::table;
use crate::report::{
    ChangeList, Judged, Output, Report, Request, STANDARD, html, report, terminal,
};
use crate::text::count;

/// Makes the report, and writes what was asked for.
///
/// # Errors
/// When a survey cannot be reported on, or a file not written.
pub fn run(flags: &ReportFlags) -> Result<u8> {
    let outputs = [&flags.json, &flags.csv, &flags.html, &flags.changes];
    let outputs: Vec<_> = outputs.into_iter().flatten().collect();
    apart(&outputs)?;
    if flags.changes.is_some() && flags.against.len() > 1 {
        let problem = "--changes lists what changed since one survey; give --against once";
        return Err(Error::Usage(problem.to_owned()));
    }
    for path in &outputs {
        outside(path, flags)?;
    }
    let judged = open(&flags.survey)?;
    let against = flags.against.iter().map(|dir| open(dir));
    let against = against.collect::<Result<Vec<_>>>()?;
    let made = make(flags, &judged, &against)?;
    if let Some(path) = &flags.json {
        Output::whole(path, |to| made.json(to))?;
    }
    if let Some(path) = &flags.csv {
        Output::whole(path, |to| table(&made, to))?;
    }
    if let Some(path) = &flags.html {
        Output::whole(path, |to| html::page(&made, flags.lang, to))?;
    }
    if !outputs.iter().any(|path| is_standard(path)) {
        print_lines(&terminal::text(&made))?;
    }
    Ok(if flags.require { required(&made) } else { 0 })
}

/// Two outputs in one place would be neither.
fn apart(outputs: &[&PathBuf]) -> Result<()> {
    let mut seen = BTreeSet::new();
    let twice = outputs.iter().find(|path| !seen.insert(place(path)));
    twice.map_or(Ok(()), |path| {
        let path = path.display();
        Err(Error::Usage(format!(
            "{path}: two outputs go there; give each a file of its own"
        )))
    })
}

/// A report among the files of a survey would take their place, or be read as one of them.
fn outside(path: &Path, flags: &ReportFlags) -> Result<()> {
    let goes = place(path);
    let surveys = flags.against.iter().chain([&flags.survey]);
    let inside = surveys
        .filter_map(|dir| fs::canonicalize(dir).ok())
        .find(|dir| goes.starts_with(dir));
    inside.map_or(Ok(()), |dir| {
        let (path, dir) = (path.display(), dir.display());
        Err(Error::Usage(format!(
            "{path}: lies in the directory of a survey, {dir}; choose a place outside"
        )))
    })
}

/// Where an output goes, however it is spelled.
fn place(path: &Path) -> PathBuf {
    let there = || fs::canonicalize(path).ok();
    // One that is not there yet has a folder that is.
    let anew = || {
        let folder = match path.parent()? {
            here if here.as_os_str().is_empty() => Path::new("."),
            folder => folder,
        };
        Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    let found = if is_standard(path) {
        None
    } else {
        there().or_else(anew)
    };
    found.unwrap_or_else(|| path.to_owned())
}

fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD)
}

fn open(dir: &Path) -> Result<Judged> {
    let (store, manifest) = finished::open(dir, "report on it")?;
    Judged::new(store, &manifest)
}

fn make(flags: &ReportFlags, judged: &Judged, against: &[Judged]) -> Result<Report> {
    let mut named = BTreeSet::new();
    let profiles = flags.profile.iter().filter(|name| named.insert(*name));
    let request = Request {
        profiles: profiles.cloned().collect(),
        by: flags.by.clone(),
        k: flags.k,
        top: flags.top as usize,
    };
    let Some(path) = &flags.changes else {
        return report(judged, against, &request, None);
    };
    let mut list = ChangeList::new(Output::create(path)?)?;
    let made = report(judged, against, &request, Some(&mut |line| list.add(line)))?;
    list.finish()?.finish()?;
    Ok(made)
}

/// Says which points are not met.
fn required(made: &Report) -> u8 {
    let unmet = made.unmet();
    for (profile, point, domains) in &unmet {
        let (domains, verb) = match domains {
            1 => ("1 domain".to_owned(), "fails"),
            more => (format!("{} domains", count(*more)), "fail"),
        };
        complain(&format_args!("{domains} {verb} {profile} {point}"));
    }
    if unmet.is_empty() { 0 } else { NOT_MET }
}
