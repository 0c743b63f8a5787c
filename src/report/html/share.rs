//! Shares as the page says them: a share that was not measured is words, never 0 %.

use super::headlines::Basis;
use super::lang::{Lang, fill};
use crate::report::counts::Figures;
use crate::report::figures::{Moment, Point};
use crate::report::share::Tally;

/// A share on the page.
pub struct Told {
    /// The share in per cent, or why there is none.
    pub text: String,
    /// Half of its interval, of a sample; else empty.
    pub margin: String,
    /// Whether it is a share.
    pub is_share: bool,
    /// By what it is sorted: what is no share comes last.
    pub sort: String,
}

impl Told {
    /// The share with its margin.
    pub fn whole(&self) -> String {
        match self.margin.is_empty() {
            true => self.text.clone(),
            false => format!("{} {}", self.text, self.margin),
        }
    }
}

/// A share in a table.
pub struct Cell {
    /// The share.
    pub share: Told,
    /// Of how many.
    pub of: String,
    /// How many are unknown; empty where none is.
    pub unknown: String,
}

/// How shares are told.
#[derive(Clone, Copy)]
pub struct Teller {
    /// The language.
    pub lang: Lang,
    /// Whether the domains stand for others, too: then every share has a margin.
    pub sample: bool,
}

/// Why there is no share.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lack {
    NotMeasured,
    AllUnknown,
    Nobody,
}

impl Teller {
    /// The share of those that could be measured.
    pub fn share(self, figures: &Figures, is_measured: bool) -> Told {
        let lack = lack(&figures.tally, is_measured);
        self.told(figures.share, figures.margin, lack)
    }

    /// The share of all that take mail. Where nothing could be measured it would be 0 % of nothing.
    pub fn share_of_receiving(self, figures: &Figures, receiving: u64, is_measured: bool) -> Told {
        let lack = lack(&figures.tally, is_measured);
        let is_known = figures.receiving_unknown < receiving;
        let share = figures.share_of_receiving.filter(|_| is_known);
        self.told(share, figures.margin_of_receiving, lack)
    }

    /// A share of a basis.
    pub fn by(self, basis: Basis, figures: &Figures, receiving: u64, is_measured: bool) -> Told {
        match basis {
            Basis::Measured => self.share(figures, is_measured),
            Basis::Receiving => self.share_of_receiving(figures, receiving, is_measured),
        }
    }

    /// A share of a basis, and of how many it is.
    pub fn cell(self, figures: &Figures, basis: Basis, receiving: u64, is_measured: bool) -> Cell {
        let (pass, of, unknown) = basis.counts(figures, receiving);
        let (pass, of) = (self.lang.count(pass), self.lang.count(of));
        Cell {
            share: self.by(basis, figures, receiving, is_measured),
            of: fill(self.lang.texts().cell_of, &[&pass, &of]),
            unknown: self.unknown(unknown),
        }
    }

    /// So many unknown; empty where none is.
    pub fn unknown(self, domains: u64) -> String {
        match domains {
            0 => String::new(),
            some => fill(self.lang.texts().cell_unknown, &[&self.lang.count(some)]),
        }
    }

    /// A share of a survey of a series; a check without a point was not measured in it.
    pub fn moment(self, moment: &Moment, point: Option<&Point>, basis: Basis) -> Told {
        // Each survey of a series is a sample or not.
        let teller = Self {
            sample: moment.sample,
            ..self
        };
        let Some(point) = point else {
            return teller.told(None, None, Lack::NotMeasured);
        };
        let (share, margin) = basis.of_point(moment, point);
        let lack = match point.unknown {
            0 => Lack::Nobody,
            _ => Lack::AllUnknown,
        };
        teller.told(share, margin, lack)
    }

    fn told(self, share: Option<f64>, margin: Option<f64>, lack: Lack) -> Told {
        let texts = self.lang.texts();
        let share = share.filter(|share| share.is_finite());
        let text = match (share, lack) {
            (Some(share), _) => self.lang.percent(share),
            (None, Lack::NotMeasured) => texts.not_measured.to_owned(),
            (None, Lack::AllUnknown) => texts.all_unknown.to_owned(),
            (None, Lack::Nobody) => texts.nobody.to_owned(),
        };
        let margin = margin.filter(|_| self.sample && share.is_some());
        Told {
            text,
            margin: margin.map_or(String::new(), |margin| self.margin(margin)),
            is_share: share.is_some(),
            sort: share.map_or("-1".to_owned(), |share| share.to_string()),
        }
    }

    /// Half of an interval, in points of a per cent.
    fn margin(self, margin: f64) -> String {
        let points = margin * 100.0;
        // A small margin is not none.
        let (sign, shown) = match points {
            small if small > 0.0 && small < 0.1 => ("<\u{a0}", 0.1),
            usual => ("", usual),
        };
        format!("±\u{a0}{sign}{}", self.lang.decimal(shown, 1))
    }
}

fn lack(tally: &Tally, is_measured: bool) -> Lack {
    match (is_measured, tally.unknown) {
        (false, _) => Lack::NotMeasured,
        (true, 1..) => Lack::AllUnknown,
        (true, 0) => Lack::Nobody,
    }
}
