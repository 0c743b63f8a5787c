//! The groups of `--by`, with the shares that stand for them.

use super::headlines::HEADLINES;
use super::lang::fill;
use super::share::{Cell, Teller};
use super::strange::short;
use super::words;
use crate::report::figures::{GroupFigures, Report};
use crate::report::groups::Kind;

/// Groups shown at the most; the others are in the CSV.
const SHOWN: usize = 100;

/// The groups.
pub struct Groups {
    /// By what they were made.
    pub by: String,
    /// The names of the checks.
    pub heads: Vec<&'static str>,
    /// The largest.
    pub rows: Vec<GroupRow>,
    /// What is not shown; empty where all is.
    pub rest: String,
}

/// A group.
pub struct GroupRow {
    /// Its name.
    pub name: String,
    /// Domains, and those that take mail, as people read them and for sorting.
    pub counts: Vec<(String, u64)>,
    /// A share for each check.
    pub cells: Vec<Cell>,
}

/// The groups of a report; none where none were asked for.
pub fn groups(report: &Report, teller: Teller) -> Option<Groups> {
    let by = report.by.as_ref()?;
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let heads = HEADLINES
        .iter()
        .map(|(id, _)| lang.of(&words::check(*id).name));
    // Those that have no name of their own are shown whatever their size.
    let (named, others): (Vec<_>, Vec<_>) = report
        .groups
        .iter()
        .partition(|group| group.kind == Kind::Value && special(report, group, teller).is_none());
    let shown = named.iter().take(SHOWN).chain(&others);
    Some(Groups {
        by: match by.as_str() {
            "tld" => texts.by_tld.to_owned(),
            "country" => texts.by_country.to_owned(),
            "mail_operator" => texts.by_operator.to_owned(),
            other => fill(texts.by_other, &[&short(other)]),
        },
        heads: heads.collect(),
        rows: shown.map(|group| row(report, group, teller)).collect(),
        rest: match named.len() {
            all if all > SHOWN => fill(
                texts.groups_rest,
                &[&lang.count(SHOWN as u64), &lang.count(all as u64)],
            ),
            _ => String::new(),
        },
    })
}

fn row(report: &Report, group: &GroupFigures, teller: Teller) -> GroupRow {
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let cells = HEADLINES.iter().map(|(id, basis)| {
        let figures = group.part.checks.get(id.as_str()).cloned();
        let is_measured = !report.not_measured.contains(&id.as_str());
        teller.cell(
            &figures.unwrap_or_default(),
            *basis,
            group.part.receiving,
            is_measured,
        )
    });
    let counts = [group.part.domains, group.part.receiving];
    GroupRow {
        name: match (special(report, group, teller), group.kind) {
            (Some(name), _) => name.to_owned(),
            (None, Kind::Value) => short(&group.group),
            (None, Kind::None) => texts.group_none.to_owned(),
            (None, Kind::Other) => fill(texts.group_other, &[&lang.count(group.holds)]),
        },
        counts: counts.map(|count| (lang.count(count), count)).into(),
        cells: cells.collect(),
    }
}

/// What a group of `--by country` is called that is not one country.
fn special(report: &Report, group: &GroupFigures, teller: Teller) -> Option<&'static str> {
    let texts = teller.lang.texts();
    match (report.by.as_deref()?, group.group.as_str()) {
        ("country", "(several)") => Some(texts.group_several),
        ("country", "(not_in_table)") => Some(texts.group_not_in_table),
        ("country", "(addresses_unknown)") => Some(texts.group_addresses_unknown),
        ("country", "(no_address)") => Some(texts.group_no_address),
        ("country", "(none)") => Some(texts.group_no_host),
        _ => None,
    }
}
