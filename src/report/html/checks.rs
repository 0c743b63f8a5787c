//! The table of all checks.

use super::bar::Bar;
use super::lang::fill;
use super::share::{Teller, Told};
use super::strange::short;
use super::words;
use crate::report::counts::Figures;
use crate::report::figures::Report;
use crate::report::reasons::Words;
use crate::table::rows::CheckId;

/// Reasons shown of one result; the others are only counted.
const REASONS: usize = 12;

/// A row of the table.
pub struct CheckRow {
    /// Name of its column in the tables.
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What a pass means.
    pub says: &'static str,
    /// What it is about.
    pub area: &'static str,
    /// Share of those that could be measured.
    pub share: Told,
    /// Share of all that take mail.
    pub of_receiving: Told,
    /// The four results.
    pub bar: Bar,
    /// Each result: how many, and the same for sorting.
    pub counts: Vec<(String, u64)>,
    /// Why.
    pub reasons: Vec<Reasons>,
}

/// The reasons of one result, the most frequent first.
pub struct Reasons {
    /// The result.
    pub result: &'static str,
    /// Words for it, the word itself, and how many.
    pub words: Vec<(Option<&'static str>, String, String)>,
    /// Further reasons; empty where all are shown.
    pub others: String,
}

/// The rows of a report.
pub fn rows(report: &Report, teller: Teller) -> Vec<CheckRow> {
    let rows = CheckId::ALL.iter().filter_map(|id| {
        let figures = report.all.checks.get(id.as_str())?;
        Some(row(report, teller, *id, figures))
    });
    rows.collect()
}

fn row(report: &Report, teller: Teller, id: CheckId, figures: &Figures) -> CheckRow {
    let lang = teller.lang;
    let is_measured = !report.not_measured.contains(&id.as_str());
    let words = words::check(id);
    let name = lang.of(&words.name);
    let tally = &figures.tally;
    let counts = [tally.pass, tally.fail, tally.unknown, tally.not_applicable];
    CheckRow {
        id: id.as_str(),
        name,
        says: lang.of(&words.says),
        area: lang.of(&words.area.name()),
        share: teller.share(figures, is_measured),
        of_receiving: teller.share_of_receiving(figures, report.all.receiving, is_measured),
        bar: Bar::of_results(lang, name, tally),
        counts: counts.map(|count| (lang.count(count), count)).into(),
        reasons: reasons(teller, figures),
    }
}

/// Why a check or a point came to what it did.
pub fn reasons(teller: Teller, figures: &Figures) -> Vec<Reasons> {
    let texts = teller.lang.texts();
    let by_result = [
        (texts.fail, &figures.reasons.fail),
        (texts.unknown, &figures.reasons.unknown),
        (texts.not_applicable, &figures.reasons.not_applicable),
    ];
    let told = by_result
        .into_iter()
        .map(|(result, words)| told(teller, result, words));
    told.filter(|reasons| !reasons.words.is_empty()).collect()
}

fn told(teller: Teller, result: &'static str, words: &Words) -> Reasons {
    let mut all: Vec<_> = words.iter().collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let shown = all.iter().take(REASONS).map(|(word, domains)| {
        let plain = words::reason(teller.lang, word);
        (plain, short(word), teller.lang.count(*domains))
    });
    Reasons {
        result,
        words: shown.collect(),
        others: match all.len().saturating_sub(REASONS) as u64 {
            0 => String::new(),
            more => fill(teller.lang.texts().others, &[&teller.lang.count(more)]),
        },
    }
}
