//! What became of the domains since older surveys, check by check and point by point.

use super::lang::fill;
use super::share::Teller;
use super::strange::short;
use super::words;
use crate::report::change::Changes;
use crate::report::figures::{Comparison, Named, Report};
use crate::table::rows::CheckId;

/// Older surveys whose changes are shown; the others are in the CSV.
const SHOWN: usize = 4;
/// Points of a rule book whose changes are shown.
const POINTS: usize = 100;

/// What became of the domains since one older survey.
pub struct ComparisonView {
    /// Its place, for references.
    pub number: usize,
    /// Since when.
    pub title: String,
    /// How many domains are compared.
    pub compared: String,
    /// The checks.
    pub checks: Vec<ChangeRow>,
    /// The points of each profile.
    pub profiles: Vec<(String, Vec<ChangeRow>)>,
}

/// What became of a check or a point.
pub struct ChangeRow {
    /// What it is called; empty for a point.
    pub name: &'static str,
    /// Its id.
    pub id: String,
    /// The seven changes, as people read them and for sorting.
    pub counts: Vec<(String, u64)>,
}

/// The newest comparisons, and what is not shown; empty where all is.
pub fn comparisons(report: &Report, teller: Teller) -> (Vec<ComparisonView>, String) {
    let mut newest: Vec<_> = report.comparisons.iter().collect();
    newest.sort_by(|a, b| b.against.date.cmp(&a.against.date));
    let shown = newest.iter().take(SHOWN).enumerate();
    let shown = shown.map(|(number, one)| view(number, one, teller));
    let lang = teller.lang;
    let rest = match newest.len() {
        all if all > SHOWN => fill(
            lang.texts().comparisons_rest,
            &[&lang.count(SHOWN as u64), &lang.count(all as u64)],
        ),
        _ => String::new(),
    };
    (shown.collect(), rest)
}

fn view(number: usize, one: &Comparison, teller: Teller) -> ComparisonView {
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let checks = CheckId::ALL.iter().filter_map(|id| {
        let changes = one.checks.get(id.as_str())?;
        Some(row(
            lang.of(&words::check(*id).name),
            id.as_str(),
            changes,
            teller,
        ))
    });
    let profiles = one.profiles.0.iter();
    ComparisonView {
        number,
        title: fill(
            texts.since,
            &[&lang.day(&one.against.date), &short(&one.against.dir)],
        ),
        compared: fill(
            texts.compared,
            &[
                &lang.count(one.compared),
                &lang.count(one.new),
                &lang.count(one.gone),
            ],
        ),
        checks: checks.collect(),
        profiles: profiles
            .map(|(name, points)| (short(name), points_of(points, teller)))
            .collect(),
    }
}

fn points_of(points: &Named<Changes>, teller: Teller) -> Vec<ChangeRow> {
    let shown = points.0.iter().take(POINTS);
    shown
        .map(|(id, changes)| row("", id, changes, teller))
        .collect()
}

fn row(name: &'static str, id: &str, changes: &Changes, teller: Teller) -> ChangeRow {
    let counts = changes.counts();
    ChangeRow {
        name,
        id: short(id),
        counts: counts.map(|count| (teller.lang.count(count), count)).into(),
    }
}
