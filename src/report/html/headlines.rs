//! The figures that a reader sees first.

use super::bar::Bar;
use super::lang::fill;
use super::share::{Teller, Told};
use super::words;
use crate::report::figures::Report;
use crate::table::rows::CheckId;

/// Of whom a headline is a share.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// Those that could be measured.
    Measured,
    /// All that take mail: where a check only concerns those who have something, a share of those
    /// would look as if everybody did.
    Receiving,
}

const HEADLINES: [(CheckId, Basis); 8] = [
    (CheckId::ReceivesMail, Basis::Measured),
    (CheckId::Starttls, Basis::Measured),
    (CheckId::DnssecDomain, Basis::Measured),
    (CheckId::DaneValid, Basis::Receiving),
    (CheckId::MtaSts, Basis::Measured),
    (CheckId::Spf, Basis::Measured),
    (CheckId::Dmarc, Basis::Measured),
    (CheckId::DmarcEnforced, Basis::Receiving),
];

/// A figure that a reader sees first.
pub struct Headline {
    /// What it is called.
    pub name: &'static str,
    /// What it means.
    pub says: &'static str,
    /// The share.
    pub share: Told,
    /// Of whom.
    pub of: String,
    /// The four results.
    pub bar: Bar,
}

/// The headlines of a report.
pub fn headlines(report: &Report, teller: Teller) -> Vec<Headline> {
    let made = HEADLINES
        .iter()
        .filter_map(|(id, basis)| headline(report, teller, *id, *basis));
    made.collect()
}

fn headline(report: &Report, teller: Teller, id: CheckId, basis: Basis) -> Option<Headline> {
    let figures = report.all.checks.get(id.as_str())?;
    let is_measured = !report.not_measured.contains(&id.as_str());
    let (lang, texts) = (teller.lang, teller.lang.texts());
    let words = words::check(id);
    let (share, text, pass, of) = match basis {
        Basis::Measured => (
            teller.share(figures, is_measured),
            texts.of_measured,
            figures.tally.pass,
            figures.tally.of(),
        ),
        Basis::Receiving => (
            teller.share_of_receiving(figures, is_measured),
            texts.of_receiving,
            figures.receiving_pass,
            report.all.receiving,
        ),
    };
    let name = lang.of(&words.name);
    Some(Headline {
        name,
        says: lang.of(&words.says),
        of: match share.is_share {
            true => fill(text, &[&lang.count(pass), &lang.count(of)]),
            false => String::new(),
        },
        share,
        bar: Bar::of_results(lang, name, &figures.tally),
    })
}
