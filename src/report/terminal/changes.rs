//! What became of the domains, on the terminal.

use std::fmt::Write;

use super::lines::{cut, line, padded};
use crate::report::change::Changes;
use crate::report::figures::{Comparison, Report};
use crate::text::count;

/// A line for each check and point.
pub fn comparison(text: &mut String, one: &Comparison, report: &Report) {
    line(text, "");
    line(
        text,
        &format!(
            "since {} ({}): {} domains in both, {} new, {} gone",
            cut(&one.against.dir, 40),
            cut(&one.against.date, 10),
            count(one.compared),
            count(one.new),
            count(one.gone)
        ),
    );
    line(
        text,
        &format!(
            "{:<22}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}",
            "check", "adopted", "regressed", "unknown", "known", "applies", "n/a", "same"
        ),
    );
    let (mut same, mut all) = (0, 0);
    let mut show = |text: &mut String, name: &str, changes: &Changes| {
        all += 1;
        if changes.unchanged == one.compared {
            same += 1;
        } else {
            line(text, &change_line(name, changes));
        }
    };
    for (name, changes) in &one.checks.0 {
        if !report.not_measured.contains(&name.as_str()) {
            show(text, name, changes);
        }
    }
    for (profile, points) in &one.profiles.0 {
        for (id, changes) in &points.0 {
            show(text, &format!("{profile} {id}"), changes);
        }
    }
    if same > 0 {
        line(
            text,
            &format!("nothing changed in {same} of {all} checks and points"),
        );
    }
}

fn change_line(name: &str, changes: &Changes) -> String {
    let mut row = padded(&cut(name, 21), 22);
    for changed in changes.counts() {
        let _ = write!(row, "{:>11}", count(changed));
    }
    row
}
