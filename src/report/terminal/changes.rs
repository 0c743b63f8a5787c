//! What became of the domains, on the terminal.

use std::fmt::Write;

use super::lines::{cut, line, padded};
use crate::report::change::Changes;
use crate::report::figures::{Comparison, Report};
use crate::text::count;

/// A line for each check and point of which some result changed.
pub fn comparison(text: &mut String, one: &Comparison, report: &Report) {
    line(text, "");
    line(
        text,
        &format!(
            "compared with {} ({}): {} domains in both, {} new, {} gone",
            cut(&one.against.dir, 30),
            cut(&one.against.date, 10),
            count(one.compared),
            count(one.new),
            count(one.gone)
        ),
    );
    if one.compared == 0 {
        return;
    }
    let all = seen(one, report);
    let changed = all.iter();
    let changed: Vec<_> = changed
        .filter(|(_, changes)| changes.unchanged < one.compared)
        .collect();
    if !changed.is_empty() {
        line(
            text,
            &format!(
                "{:<22}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}",
                "check", "adopted", "regressed", "unknown", "known", "applies", "n/a", "same"
            ),
        );
    }
    for (name, changes) in &changed {
        line(text, &change_line(name, changes));
    }
    let (same, all) = (all.len() - changed.len(), all.len());
    let what = match one.profiles.0.is_empty() {
        true => "checks",
        false => "checks and points",
    };
    if same > 0 {
        line(
            text,
            &format!("no result changed in {same} of {all} {what}"),
        );
    }
}

/// The checks that are measured, and the points that are seen from outside.
fn seen<'a>(one: &'a Comparison, report: &Report) -> Vec<(String, &'a Changes)> {
    let checks = one.checks.0.iter();
    let checks = checks.filter(|(name, _)| !report.not_measured.contains(&name.as_str()));
    let mut all: Vec<_> = checks
        .map(|(name, changes)| (name.clone(), changes))
        .collect();
    for (profile, points) in &one.profiles.0 {
        let known = report.profiles.get(profile);
        let point = |id: &str| known.and_then(|profile| profile.points.get(id));
        let points = points.0.iter();
        let points =
            points.filter(|(id, _)| point(id).is_some_and(|point| point.observable != "no"));
        all.extend(points.map(|(id, changes)| (format!("{profile} {id}"), changes)));
    }
    all
}

fn change_line(name: &str, changes: &Changes) -> String {
    let mut row = padded(&cut(name, 21), 22);
    for changed in changes.counts() {
        let _ = write!(row, "{:>11}", count(changed));
    }
    row
}
