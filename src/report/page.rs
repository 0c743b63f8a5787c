//! Verdicts a batch at a time: what counting and comparing read of them, in the order of the domains.

use arrow::array::{Array, RecordBatch, StringArray};

use super::columns::{Columns, Findings, Remedy};
use super::counts::Counts;
use super::judged::Judged;
use crate::error::Result;
use crate::table::Batches;
use crate::table::codes::CheckResult;
use crate::table::rows::{CheckId, TableName};

/// Some rows of `verdicts`.
pub struct Page {
    /// The domains.
    pub domains: StringArray,
    /// How many domains of the list each stands for.
    pub weights: Vec<f64>,
    /// What each check came to, in the order of [`CheckId::ALL`].
    pub checks: Vec<Findings>,
}

impl Page {
    /// Takes a batch apart.
    ///
    /// # Errors
    /// When a column is missing or not as this program makes it.
    pub fn of(columns: &Columns<'_>) -> Result<Self> {
        let checks = CheckId::ALL.iter();
        let checks = checks.map(|check| columns.findings(check.as_str()));
        Ok(Self {
            domains: columns.text("domain")?.clone(),
            weights: columns.numbers("weight")?.to_vec(),
            checks: checks.collect::<Result<_>>()?,
        })
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.domains.len()
    }

    /// What a check came to.
    pub fn result(&self, check: CheckId, row: usize) -> CheckResult {
        self.checks[check as usize].results[row]
    }

    /// Whether a domain takes mail.
    pub fn receives(&self, row: usize) -> bool {
        self.result(CheckId::ReceivesMail, row) == CheckResult::Pass
    }

    /// Counts every check of every row, each in its group.
    pub fn count(&self, groups: &[u32], counts: &mut Counts) {
        let places = groups.iter().enumerate();
        let places =
            places.map(|(row, group)| counts.domain(*group, self.weights[row], self.receives(row)));
        let places: Vec<_> = places.collect();
        for (check, findings) in self.checks.iter().enumerate() {
            let rows = places.iter().zip(&findings.results).enumerate();
            for (row, (place, result)) in rows {
                counts.add(*place, check, *result, findings.reasons.value(row));
            }
        }
    }
}

/// The columns that a page takes, and others.
pub fn wanted(others: &[&'static str]) -> Vec<&'static str> {
    let own = ["domain", "weight"].into_iter();
    let checks = CheckId::ALL.iter().map(|check| check.as_str());
    own.chain(checks).chain(others.iter().copied()).collect()
}

/// The pages of a survey; each domain comes after the one before it.
pub struct Pages<'a> {
    batches: Batches,
    order: Order,
    remedy: &'a Remedy,
}

impl<'a> Pages<'a> {
    /// The pages, with further columns beside them.
    pub fn of(judged: &'a Judged, others: &[&'static str]) -> Self {
        Self {
            batches: judged.store.batches(TableName::Verdicts, &wanted(others)),
            order: Order::default(),
            remedy: &judged.remedy,
        }
    }

    fn page(&mut self, batch: RecordBatch) -> Result<(Page, RecordBatch)> {
        let page = Page::of(&Columns::of(&batch, self.remedy))?;
        if !page
            .domains
            .iter()
            .flatten()
            .all(|name| self.order.admits(name))
        {
            let wrong = "has verdicts that are not sorted by domain";
            return Err(self.remedy.complain(wrong));
        }
        Ok((page, batch))
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<(Page, RecordBatch)>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        Some(batch.and_then(|batch| self.page(batch)))
    }
}

/// That names come in order, each once.
#[derive(Debug, Default)]
struct Order(Option<String>);

impl Order {
    fn admits(&mut self, name: &str) -> bool {
        match &mut self.0 {
            Some(last) if last.as_str() >= name => false,
            Some(last) => {
                last.clear();
                last.push_str(name);
                true
            }
            None => {
                self.0 = Some(name.to_owned());
                true
            }
        }
    }
}
