//! The points of a profile on the terminal.

use super::lines::{WIDTH, cut, line, listed};
use crate::report::figures::{PointFigures, ProfileFigures};
use crate::text::{count, one_line, percent};

/// A line for each point that is seen, and what is to be told of others.
pub fn points(text: &mut String, name: &str, profile: &ProfileFigures) {
    line(text, "");
    line(
        text,
        &cut(
            &format!(
                "{name}, version {}, {}: {}",
                profile.version, profile.status, profile.title
            ),
            WIDTH,
        ),
    );
    line(
        text,
        &format!(
            "{:<14}{:<9}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "point", "level", "pass", "of", "share", "unknown", "n/a"
        ),
    );
    for (id, point) in &profile.points.0 {
        if point.observable != "no" {
            line(text, &point_line(id, point));
        }
    }
    told(text, profile, "overdue: ", |point| point.duty.overdue);
    told(text, profile, "to be justified: ", |point| {
        point.duty.to_be_justified
    });
    told(text, profile, "justified: ", |point| point.duty.justified);
    let hidden = profile
        .points
        .0
        .iter()
        .filter(|(_, point)| point.observable == "no");
    let hidden: Vec<_> = hidden.map(|(id, _)| one_line(id)).collect();
    if !hidden.is_empty() {
        listed(text, "not seen from outside: ", &hidden);
    }
}

fn point_line(id: &str, point: &PointFigures) -> String {
    let tally = &point.figures.tally;
    format!(
        "{:<14}{:<9}{:>9}{:>9}{:>9}{:>9}{:>9}  {}",
        cut(id, 13),
        point.level,
        count(tally.pass),
        count(tally.of()),
        percent(point.figures.share),
        count(tally.unknown),
        count(tally.not_applicable),
        cut(&point.title, 28)
    )
}

/// The points of which something is to be told, each with how many domains.
fn told(text: &mut String, profile: &ProfileFigures, what: &str, of: fn(&PointFigures) -> u64) {
    let points = profile.points.0.iter();
    let some = points.filter(|(_, point)| of(point) > 0);
    let some: Vec<_> = some
        .map(|(id, point)| format!("{} of {}", count(of(point)), one_line(id)))
        .collect();
    if !some.is_empty() {
        listed(text, what, &some);
    }
}
