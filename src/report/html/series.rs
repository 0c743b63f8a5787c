//! Shares over the surveys: a small drawing for each check, and the same as a table.

use super::headlines::{Basis, HEADLINES};
use super::lang::fill;
use super::share::{Cell, Teller};
use super::strange::{folder, short};
use super::words;
use crate::report::figures::{Moment, Report};
use crate::table::rows::CheckId;
use crate::verdict::profile::{date_of, day_of};

/// Surveys shown; the older ones are in the CSV.
const SHOWN: usize = 24;

/// The drawing: 240 wide, 142 high; the plot lies between these.
const LEFT: f64 = 42.0;
const RIGHT: f64 = 182.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 118.0;

/// The shares of a check over the surveys.
pub struct Line {
    /// What it is called.
    pub name: &'static str,
    /// What it shows, in words.
    pub label: String,
    /// Points of a line, for each run of surveys that have a share.
    pub runs: Vec<String>,
    /// Where each survey stands, and what it says.
    pub dots: Vec<Dot>,
    /// What stands beside the last dot: height and share.
    pub last: Option<(String, String)>,
}

/// A survey in a drawing.
pub struct Dot {
    /// Where it stands.
    pub x: String,
    /// How high.
    pub y: String,
    /// What it says.
    pub title: String,
    /// The ends of its interval; none where every domain was asked.
    pub margin: Option<(String, String)>,
}

/// A row of the table.
pub struct MomentRow {
    /// The day.
    pub day: String,
    /// The same for programs.
    pub date: String,
    /// The same for sorting; negative where it is no day.
    pub order: i64,
    /// Its directory.
    pub dir: String,
    /// Its domains, as people read them and for sorting.
    pub domains: (String, u64),
    /// A share for each check.
    pub cells: Vec<Cell>,
}

/// The shares over the surveys.
pub struct Series {
    /// The drawings.
    pub lines: Vec<Line>,
    /// The heads of the table.
    pub heads: Vec<&'static str>,
    /// The table.
    pub rows: Vec<MomentRow>,
    /// First and last day.
    pub ends: (String, String),
    /// The same, short.
    pub ends_short: (String, String),
    /// Whether some of the surveys are samples, and some are not.
    pub mixed: bool,
    /// What is not shown; empty where all is.
    pub rest: String,
}

/// The series of a report; none of one survey.
pub fn series(report: &Report, teller: Teller) -> Option<Series> {
    let all = report.series.as_slice();
    if all.len() < 2 {
        return None;
    }
    let lang = teller.lang;
    let shown = &all[all.len().saturating_sub(SHOWN)..];
    let places = places(shown);
    let lines = HEADLINES
        .iter()
        .map(|(id, basis)| line(shown, &places, *id, *basis, teller));
    let heads = HEADLINES
        .iter()
        .map(|(id, _)| lang.of(&words::check(*id).name));
    let day = |moment: Option<&Moment>| moment.map_or(String::new(), |one| lang.day(&one.date));
    let short_day =
        |moment: Option<&Moment>| moment.map_or(String::new(), |one| lang.short_day(&one.date));
    Some(Series {
        lines: lines.filter(|line| !line.dots.is_empty()).collect(),
        heads: heads.collect(),
        rows: shown.iter().map(|moment| row(moment, teller)).collect(),
        ends: (day(shown.first()), day(shown.last())),
        ends_short: (short_day(shown.first()), short_day(shown.last())),
        mixed: shown.iter().any(|one| one.sample != shown[0].sample),
        rest: match all.len() {
            more if more > SHOWN => fill(
                lang.texts().series_rest,
                &[&lang.count(SHOWN as u64), &lang.count(more as u64)],
            ),
            _ => String::new(),
        },
    })
}

/// Where each survey stands between 0 and 1: by its day, or one beside the other where they share it.
fn places(shown: &[Moment]) -> Vec<f64> {
    let days = shown
        .iter()
        .map(|one| day_of(&one.date).map(|day| f64::from(date_of(day).0)));
    let days: Option<Vec<f64>> = days.collect();
    let ends = |days: &[f64]| Some((*days.first()?, *days.last()?));
    let apart = days.and_then(|days| {
        let (first, last) = ends(&days)?;
        let place = |day: f64| (day - first) / (last - first);
        (last > first).then(|| days.into_iter().map(place).collect())
    });
    let steps = shown.len().saturating_sub(1).max(1) as f64;
    apart.unwrap_or_else(|| (0..shown.len()).map(|at| at as f64 / steps).collect())
}

fn line(shown: &[Moment], places: &[f64], id: CheckId, basis: Basis, teller: Teller) -> Line {
    let lang = teller.lang;
    let name = lang.of(&words::check(id).name);
    let height = |share: f64| BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP);
    let (mut runs, mut run, mut dots, mut said) =
        (Vec::new(), String::new(), Vec::new(), Vec::new());
    let mut last = None;
    for (moment, place) in shown.iter().zip(places) {
        let point = moment.checks.get(id.as_str());
        let (share, margin) = point.map_or((None, None), |point| basis.of_point(moment, point));
        let Some(share) = share else {
            runs.extend((!run.is_empty()).then(|| std::mem::take(&mut run)));
            continue;
        };
        let (x, y) = (LEFT + place * (RIGHT - LEFT), height(share));
        run.push_str(&format!("{x:.1},{y:.1} "));
        let told = teller.moment(moment, point, basis);
        let title = format!("{}: {}", lang.day(&moment.date), told.whole());
        said.push(title.clone());
        let margin = margin.filter(|margin| moment.sample && *margin > 0.0);
        dots.push(Dot {
            x: format!("{x:.1}"),
            y: format!("{y:.1}"),
            title,
            margin: margin.map(|half| {
                (
                    format!("{:.1}", height(share + half)),
                    format!("{:.1}", height(share - half)),
                )
            }),
        });
        last = Some((format!("{:.1}", y + 4.0), lang.percent(share)));
    }
    runs.extend((!run.is_empty()).then_some(run));
    Line {
        name,
        label: fill("{0}: {1}", &[name, &said.join("; ")]),
        runs,
        dots,
        last,
    }
}

fn row(moment: &Moment, teller: Teller) -> MomentRow {
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let cells = HEADLINES.iter().map(|(id, basis)| {
        let point = moment.checks.get(id.as_str());
        let counts = point.map(|point| basis.counts_of_point(moment, point));
        let (of, unknown) = counts.map_or_else(Default::default, |(pass, of, unknown)| {
            let of = fill(texts.cell_of, &[&lang.count(pass), &lang.count(of)]);
            (of, teller.unknown(unknown))
        });
        Cell {
            share: teller.moment(moment, point, *basis),
            of,
            unknown,
        }
    });
    MomentRow {
        day: lang.day(&moment.date),
        date: short(&moment.date),
        order: day_of(&moment.date).map_or(-1, |day| i64::from(date_of(day).0)),
        dir: folder(&moment.dir),
        domains: (lang.count(moment.domains), moment.domains),
        cells: cells.collect(),
    }
}
