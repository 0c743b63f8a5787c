//! The points of a profile on the terminal.

use super::lines::{WIDTH, cut, line, listed, padded};
use crate::report::figures::{PointFigures, ProfileFigures};
use crate::text::{count, one_line, percent};

/// A line for each point that is seen, and what is to be told of others.
pub fn points(text: &mut String, name: &str, profile: &ProfileFigures, sample: bool) {
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
            line(text, &point_line(id, point, sample));
        }
    }
    let due = |point: &PointFigures| format!(" of {} due", count(point.duty.due));
    told(
        text,
        profile,
        "overdue, of those that had to meet it: ",
        |point| (point.duty.overdue, due(point)),
    );
    let plain = String::new;
    told(text, profile, "fail, to be justified: ", |point| {
        (point.duty.to_be_justified, plain())
    });
    told(text, profile, "fail, justified: ", |point| {
        (point.duty.justified, plain())
    });
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

fn point_line(id: &str, point: &PointFigures, sample: bool) -> String {
    let tally = &point.figures.tally;
    let margin = point.figures.margin.filter(|_| sample);
    let margin = margin.map_or(String::new(), |margin| format!("±{:.1}  ", margin * 100.0));
    let room = 28 - margin.chars().count();
    format!(
        "{}{:<9}{:>9}{:>9}{:>9}{:>9}{:>9}  {margin}{}",
        padded(&cut(id, 13), 14),
        point.level,
        count(tally.pass),
        count(tally.of()),
        percent(point.figures.share),
        count(tally.unknown),
        count(tally.not_applicable),
        cut(&point.title, room)
    )
}

/// The points of which something is to be told, each with how many domains and what belongs to that.
fn told(
    text: &mut String,
    profile: &ProfileFigures,
    what: &str,
    of: impl Fn(&PointFigures) -> (u64, String),
) {
    let points = profile.points.0.iter().map(|(id, point)| (id, of(point)));
    let some = points.filter(|(_, (domains, _))| *domains > 0);
    let some: Vec<_> = some
        .map(|(id, (domains, more))| format!("{}: {}{more}", one_line(id), count(domains)))
        .collect();
    if !some.is_empty() {
        listed(text, what, &some);
    }
}
