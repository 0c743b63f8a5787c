//! The figures that a reader sees first.

use super::bar::Bar;
use super::lang::fill;
use super::share::{Teller, Told};
use super::words;
use crate::report::counts::Figures;
use crate::report::figures::{Moment, Point, Report};
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

impl Basis {
    /// How many pass, of how many, and of how many it is unknown.
    pub fn counts(self, figures: &Figures, receiving: u64) -> (u64, u64, u64) {
        let tally = &figures.tally;
        match self {
            Self::Measured => (tally.pass, tally.of(), tally.unknown),
            Self::Receiving => (figures.receiving_pass, receiving, figures.receiving_unknown),
        }
    }

    /// The same of a survey of a series.
    pub fn counts_of_point(self, moment: &Moment, point: &Point) -> (u64, u64, u64) {
        match self {
            Self::Measured => (point.pass, point.of, point.unknown),
            Self::Receiving => (
                point.receiving_pass,
                moment.receiving,
                point.receiving_unknown,
            ),
        }
    }

    /// Its share, and half of the interval of that.
    pub fn of_point(self, moment: &Moment, point: &Point) -> (Option<f64>, Option<f64>) {
        match self {
            Self::Measured => (point.share, point.margin),
            // Of nothing that was measured there is no share.
            Self::Receiving if point.receiving_unknown >= moment.receiving => (None, None),
            Self::Receiving => (point.share_of_receiving, point.margin_of_receiving),
        }
    }
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
    /// Those it is a share of, and the unknown.
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
    let (pass, of, unknown) = basis.counts(figures, receiving);
    let text = match basis {
        Basis::Measured => texts.of_measured,
        Basis::Receiving => texts.of_receiving,
    };
    let share = teller.by(basis, figures, receiving, is_measured);
    let numbers = [pass, of, unknown].map(|number| lang.count(number));
    let [passing, all, unseen] = &numbers;
    Some(Headline {
        name,
        says: lang.of(&words.says),
        of: match share.is_share {
            true => fill(text, &[passing, all, unseen]),
            false => String::new(),
        },
        share,
        bar: match basis {
            Basis::Measured => Bar::of_results(lang, name, tally),
            Basis::Receiving => {
                let without = of.saturating_sub(pass + unknown);
                let parts = [
                    ("pass", texts.pass, pass),
                    ("fail", texts.without, without),
                    ("unknown", texts.unknown, unknown),
                ];
                Bar::of(lang, name, &parts)
            }
        },
    })
}
