//! The figures that a reader sees first.

use super::bar::Bar;
use super::lang::fill;
use super::share::{Teller, Told};
use super::words;
use crate::report::figures::Report;
use crate::table::rows::CheckId;

/// Of whom a headline is a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Those that could be measured.
    Measured,
    /// All that take mail: where a check only concerns those who have something, a share of those
    /// would look as if everybody did.
    Receiving,
}

/// The checks that stand for a survey, or a group, and of whom they are told.
pub const HEADLINES: [(CheckId, Basis); 8] = [
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
    let name = lang.of(&words.name);
    let (tally, receiving) = (&figures.tally, report.all.receiving);
    let (text, pass, of) = match basis {
        Basis::Measured => (texts.of_measured, tally.pass, tally.of()),
        Basis::Receiving => (texts.of_receiving, figures.receiving_pass, receiving),
    };
    let share = teller.by(basis, figures, is_measured);
    let numbers = [pass, of, tally.unknown].map(|number| lang.count(number));
    let [pass, of, unknown] = &numbers;
    Some(Headline {
        name,
        says: lang.of(&words.says),
        of: match share.is_share {
            true => fill(text, &[pass, of, unknown]),
            false => String::new(),
        },
        share,
        bar: match basis {
            Basis::Measured => Bar::of_results(lang, name, tally),
            Basis::Receiving => {
                let without = receiving.saturating_sub(figures.receiving_pass);
                let parts = [
                    ("pass", texts.pass, figures.receiving_pass),
                    ("na", texts.without, without),
                ];
                Bar::of(lang, name, &parts)
            }
        },
    })
}
