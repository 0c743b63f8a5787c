//! How the domains stand under rule books, point by point.

use super::bar::Bar;
use super::checks::{Reasons, reasons};
use super::lang::{Lang, fill};
use super::share::{Teller, Told};
use super::strange::{cut, short};
use crate::report::figures::{PointFigures, ProfileFigures, Report};

/// Points shown at the most; the others are in the CSV.
const SHOWN: usize = 200;
/// Letters of a title or a note that are shown.
const LETTERS: usize = 2_000;

/// A rule book.
pub struct ProfileView {
    /// Its place among those asked for, for references.
    pub number: usize,
    /// Its title.
    pub title: String,
    /// The language of the title.
    pub title_lang: String,
    /// Name and version.
    pub name: String,
    /// Whether it is in force.
    pub status: String,
    /// What a reader must know, in English.
    pub note: String,
    /// Its points.
    pub points: Vec<PointRow>,
    /// What is not shown; empty where all is.
    pub rest: String,
}

/// A point.
pub struct PointRow {
    /// The authority's own number.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The language of the title.
    pub title_lang: &'static str,
    /// How much it is demanded.
    pub level: &'static str,
    /// How much of it is seen.
    pub observable: &'static str,
    /// Whether anything of it is seen.
    pub is_seen: bool,
    /// Share of those that could be measured.
    pub share: Told,
    /// The four results.
    pub bar: Bar,
    /// Results, then duties, as people read them and for sorting.
    pub counts: Vec<(String, u64)>,
    /// Why.
    pub reasons: Vec<Reasons>,
}

/// The rule books of a report.
pub fn profiles(report: &Report, teller: Teller) -> Vec<ProfileView> {
    let profiles = report.profiles.0.iter().enumerate();
    profiles
        .map(|(number, (name, profile))| view(number, name, profile, teller))
        .collect()
}

fn view(number: usize, name: &str, profile: &ProfileFigures, teller: Teller) -> ProfileView {
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let is_own = is_own(lang, profile) && !profile.title_original.is_empty();
    let title = match is_own {
        true => &profile.title_original,
        false => &profile.title,
    };
    let points = profile.points.0.iter().take(SHOWN);
    ProfileView {
        number,
        title: cut(title, LETTERS),
        title_lang: match is_own {
            true => lang.as_str(),
            false => "en",
        }
        .to_owned(),
        name: fill(
            texts.profile_version,
            &[&short(name), &short(&profile.version)],
        ),
        status: match profile.status.as_str() {
            "in force" => texts.status_in_force,
            "superseded" => texts.status_superseded,
            "draft" => texts.status_draft,
            _ => texts.status_informal,
        }
        .to_owned(),
        note: cut(&profile.note, LETTERS),
        points: points
            .map(|(id, point)| row(id, profile, point, teller))
            .collect(),
        rest: match profile.points.0.len() {
            all if all > SHOWN => fill(
                texts.points_rest,
                &[&lang.count(SHOWN as u64), &lang.count(all as u64)],
            ),
            _ => String::new(),
        },
    }
}

/// The title of a point, and its language: that of the page where the rule book is in it.
pub fn title_of<'a>(
    lang: Lang,
    profile: &ProfileFigures,
    point: &'a PointFigures,
) -> (&'a str, &'static str) {
    match is_own(lang, profile) {
        true if !point.title_original.is_empty() => (&point.title_original, lang.as_str()),
        _ => (&point.title, "en"),
    }
}

/// Whether the rule book was written in the language of the page.
fn is_own(lang: Lang, profile: &ProfileFigures) -> bool {
    let language = profile.language.split('-').next();
    language == Some(lang.as_str())
}

fn row(id: &str, profile: &ProfileFigures, point: &PointFigures, teller: Teller) -> PointRow {
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let (title, title_lang) = title_of(lang, profile, point);
    let (tally, duty) = (&point.figures.tally, &point.duty);
    let counts = [
        tally.pass,
        tally.fail,
        tally.unknown,
        tally.not_applicable,
        duty.due,
        duty.overdue,
        duty.to_be_justified,
        duty.justified,
    ];
    let is_seen = point.observable != "no";
    // Where something passes or fails, and there is no share, nothing measures who passes.
    let is_measured = is_seen && (point.figures.share.is_some() || tally.of() == 0);
    PointRow {
        id: short(id),
        title: cut(title, LETTERS),
        title_lang,
        level: match point.level {
            "must" => texts.level_must,
            "should" => texts.level_should,
            _ => texts.level_guidance,
        },
        observable: match point.observable {
            "full" => texts.observable_full,
            "partial" => texts.observable_partial,
            _ => texts.observable_no,
        },
        is_seen,
        share: teller.share(&point.figures, is_measured),
        bar: Bar::of_results(lang, &short(id), tally),
        counts: counts.map(|count| (lang.count(count), count)).into(),
        reasons: reasons(teller, &point.figures),
    }
}
