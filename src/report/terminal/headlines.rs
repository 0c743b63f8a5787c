//! The checks that stand for a group or a survey, a column each.

use std::fmt::Write;

use super::lines::WIDTH;
use crate::report::figures::Report;
use crate::text::{percent, width};

/// Columns of the terminal that a share takes.
const COLUMN: usize = 9;

/// A check, and the head of its column.
type Headline = (&'static str, &'static str);

/// Those that matter most come first: not all of them fit beside every name.
const HEADLINES: [Headline; 8] = [
    ("starttls", "STARTTLS"),
    ("tls_1_3", "TLS 1.3"),
    ("cert_trusted", "trusted"),
    ("dnssec_domain", "DNSSEC"),
    (DANE, "DANE"),
    ("mta_sts", "MTA-STS"),
    ("spf", "SPF"),
    ("dmarc", "DMARC"),
];

/// Told of all that take mail: few have DANE, and of those that do nearly all pass.
const DANE: &str = "dane_valid";

/// A share, and that of all that take mail.
type Shares = (Option<f64>, Option<f64>);

/// The checks that are shown.
pub struct Headlines(Vec<Headline>);

impl Headlines {
    /// Those of which this survey has a share, as many as fit beside the head of a table.
    pub fn beside(head: &str, report: &Report) -> Self {
        let measured = HEADLINES.into_iter().filter(|(check, _)| {
            let figures = report.all.checks.get(check);
            let shares = figures.map(|figures| (figures.share, figures.share_of_receiving));
            told(check, shares).is_some()
        });
        let room = WIDTH.saturating_sub(width(head)) / COLUMN;
        Self(measured.take(room).collect())
    }

    /// Adds the heads of their columns.
    pub fn head(&self, row: &mut String) {
        for (_, head) in &self.0 {
            let _ = write!(row, "{head:>COLUMN$}");
        }
    }

    /// Adds the share of each.
    pub fn shares(&self, row: &mut String, of: impl Fn(&str) -> Option<Shares>) {
        for (check, _) in &self.0 {
            let _ = write!(row, "{:>COLUMN$}", percent(told(check, of(check))));
        }
    }
}

fn told(check: &str, shares: Option<Shares>) -> Option<f64> {
    let (share, of_receiving) = shares?;
    if check == DANE { of_receiving } else { share }
}
