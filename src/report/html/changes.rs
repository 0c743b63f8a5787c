//! What became of the domains since older surveys, check by check and point by point.

use super::lang::fill;
use super::profiles::title_of;
use super::share::Teller;
use super::strange::{cut, folder, short};
use super::words;
use crate::report::change::Changes;
use crate::report::figures::{Comparison, Named, ProfileFigures, Report};
use crate::table::rows::CheckId;

/// Older surveys whose changes are shown; the others are in the CSV.
const SHOWN: usize = 4;
/// Points of a rule book whose changes are shown.
const POINTS: usize = 100;
/// Letters of the title of a point that are shown.
const LETTERS: usize = 200;

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
    /// The title of a point and its language; empty for a check.
    pub title: (String, &'static str),
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
    let shown = shown.map(|(number, one)| view(number, report, one, teller));
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

fn view(number: usize, report: &Report, one: &Comparison, teller: Teller) -> ComparisonView {
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
    let profiles = one.profiles.0.iter().map(|(name, points)| {
        let profile = report.profiles.get(name);
        (short(name), points_of(points, profile, teller))
    });
    ComparisonView {
        number,
        title: fill(
            texts.since,
            &[&lang.day(&one.against.date), &folder(&one.against.dir)],
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
        profiles: profiles.collect(),
    }
}

fn points_of(
    points: &Named<Changes>,
    profile: Option<&ProfileFigures>,
    teller: Teller,
) -> Vec<ChangeRow> {
    let shown = points.0.iter().take(POINTS).map(|(id, changes)| {
        let point = profile.and_then(|profile| Some((profile, profile.points.get(id)?)));
        let title = point.map(|(profile, point)| {
            let (title, lang) = title_of(teller.lang, profile, point);
            (cut(title, LETTERS), lang)
        });
        ChangeRow {
            title: title.unwrap_or_default(),
            ..row("", id, changes, teller)
        }
    });
    shown.collect()
}

fn row(name: &'static str, id: &str, changes: &Changes, teller: Teller) -> ChangeRow {
    let counts = changes.counts();
    ChangeRow {
        name,
        title: Default::default(),
        id: short(id),
        counts: counts.map(|count| (teller.lang.count(count), count)).into(),
    }
}
