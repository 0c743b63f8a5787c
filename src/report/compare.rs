//! Two surveys side by side: what became of each check of each domain that is in both.
//!
//! Both tables are sorted by domain, so that one walk over them is enough, in the memory of a batch
//! of each.

use std::cmp::Ordering;

use super::change::{Change, Changes};
use super::counts::Counts;
use super::judged::Judged;
use super::points::Points;
use super::side::{Found, Side};
use crate::error::{Error, Result};
use crate::table::codes::CheckResult;
use crate::table::rows::CheckId;
use crate::text::one_line;

/// What became of the domains of two surveys.
#[derive(Debug)]
pub struct Compared {
    /// Domains in both.
    pub both: u64,
    /// Domains only in the newer one.
    pub new: u64,
    /// Domains only in the older one.
    pub gone: u64,
    /// By check, in the order of [`CheckId::ALL`].
    pub checks: Vec<Changes>,
    /// By profile and point.
    pub points: Vec<Vec<Changes>>,
    /// The checks of the older one.
    pub older: Counts,
}

/// One check or point of one domain that changed.
pub struct Line<'a> {
    /// The domain.
    pub domain: &'a str,
    /// The check; `profile/point` for a point.
    pub check: &'a str,
    /// The result in the older survey, and its reason.
    pub before: (CheckResult, &'a str),
    /// The result in the newer one, and its reason.
    pub after: (CheckResult, &'a str),
    /// What became of it.
    pub change: Change,
}

/// Takes the lines that changed.
pub type Log<'a> = dyn FnMut(&Line<'_>) -> Result<()> + 'a;

/// Compares two surveys, also by the points of some profiles. Every line that changed goes to `log`.
///
/// # Errors
/// When a table cannot be read, or a profile had another version, and what `log` returns.
pub fn compare(
    newer: &Judged,
    older: &Judged,
    profiles: &[String],
    mut log: Option<&mut Log<'_>>,
) -> Result<Compared> {
    let mut after = Side::open(newer, profiles, false)?;
    let mut before = Side::open(older, profiles, true)?;
    same_versions(newer, older, &after.points, &before.points)?;
    let names = names(&after.points);
    let mut compared = Compared::new(&after.points);
    loop {
        let order = match (before.domain(), after.domain()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => before.cmp(after),
        };
        match order {
            Ordering::Less => compared.gone += 1,
            Ordering::Greater => compared.new += 1,
            Ordering::Equal => {
                before.take_points(log.is_some())?;
                after.take_points(log.is_some())?;
                compared.domain(&before, &after, &names, log.as_deref_mut())?;
            }
        }
        if order.is_le() {
            before.advance()?;
        }
        if order.is_ge() {
            after.advance()?;
        }
    }
    compared.older = before.counts.unwrap_or_default();
    Ok(compared)
}

/// A profile of another text may judge the same facts otherwise.
fn same_versions(
    newer: &Judged,
    older: &Judged,
    after: &[Points],
    before: &[Points],
) -> Result<()> {
    for (after, before) in after.iter().zip(before) {
        let (after, before) = (&after.profile, &before.profile);
        if after.sha256 != before.sha256 {
            let name = one_line(&after.name);
            let dir = newer.dir().display();
            let (old, new) = (one_line(&before.version), one_line(&after.version));
            let differ = match old == new {
                true => format!("another text of {name} version {old} than {dir}"),
                false => format!("{name} version {old}, and {dir} by version {new}"),
            };
            return Err(Error::directory(
                older.dir(),
                format!(
                    "was judged by {differ}; run {} --profile {name}",
                    older.remedy.command
                ),
            ));
        }
    }
    Ok(())
}

fn names(points: &[Points]) -> Vec<Vec<String>> {
    let of = |points: &Points| {
        let profile = &points.profile;
        let each = profile.points.iter();
        each.map(|point| format!("{}/{}", profile.name, point.id))
            .collect()
    };
    points.iter().map(of).collect()
}

impl Compared {
    fn new(points: &[Points]) -> Self {
        let of = |points: &Points| vec![Changes::default(); points.profile.points.len()];
        Self {
            both: 0,
            new: 0,
            gone: 0,
            checks: vec![Changes::default(); CheckId::ALL.len()],
            points: points.iter().map(of).collect(),
            older: Counts::default(),
        }
    }

    /// Counts a domain that is in both surveys.
    fn domain(
        &mut self,
        before: &Side<'_>,
        after: &Side<'_>,
        names: &[Vec<String>],
        mut log: Option<&mut Log<'_>>,
    ) -> Result<()> {
        self.both += 1;
        let domain = after.domain().unwrap_or_default();
        let mut pair = |changes: &mut Changes, check: &str, before: Found<'_>, after: Found<'_>| {
            let change = Change::of(before.0, after.0);
            changes.add(change);
            match &mut log {
                Some(log) if change != Change::Unchanged => log(&Line {
                    domain,
                    check,
                    before,
                    after,
                    change,
                }),
                _ => Ok(()),
            }
        };
        for (at, check) in CheckId::ALL.iter().enumerate() {
            let (before, after) = (before.check(at), after.check(at));
            pair(&mut self.checks[at], check.as_str(), before, after)?;
        }
        for (profile, names) in names.iter().enumerate() {
            for (at, name) in names.iter().enumerate() {
                let (before, after) = (before.point(profile, at), after.point(profile, at));
                pair(&mut self.points[profile][at], name, before, after)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
