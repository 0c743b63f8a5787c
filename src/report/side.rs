//! One of two surveys that are compared, and the place in it.

use super::counts::Counts;
use super::judged::Judged;
use super::page::{Page, Pages};
use super::points::Points;
use crate::error::Result;
use crate::table::codes::CheckResult;
use crate::table::rows::CheckId;

/// A result and its reason.
pub type Found<'a> = (CheckResult, &'a str);

/// One survey and the place in it.
pub struct Side<'a> {
    pages: Pages<'a>,
    page: Option<Page>,
    row: usize,
    /// The points of each profile.
    pub points: Vec<Points>,
    /// What the points of the domain came to, by profile.
    found: Vec<Vec<(CheckResult, String)>>,
    /// Whether they are those of this row.
    taken: bool,
    /// Every check counted, where that was asked for.
    pub counts: Option<Counts>,
}

impl<'a> Side<'a> {
    /// Opens a survey at its first domain.
    ///
    /// # Errors
    /// When it cannot be read, or was not judged by a profile.
    pub fn open(judged: &'a Judged, profiles: &[String], counted: bool) -> Result<Self> {
        let points = profiles.iter().map(|name| Points::open(judged, name));
        let points = points.collect::<Result<Vec<_>>>()?;
        let none = |points: &Points| {
            vec![(CheckResult::Unknown, String::new()); points.profile.points.len()]
        };
        let mut side = Self {
            pages: Pages::of(judged, &[]),
            page: None,
            row: 0,
            found: points.iter().map(none).collect(),
            points,
            taken: false,
            counts: counted.then(|| Counts::new(CheckId::ALL.len())),
        };
        side.turn()?;
        Ok(side)
    }

    /// Goes to the next page that has rows.
    fn turn(&mut self) -> Result<()> {
        self.row = 0;
        self.page = None;
        for page in self.pages.by_ref() {
            let (page, _) = page?;
            if page.rows() == 0 {
                continue;
            }
            if let Some(counts) = &mut self.counts {
                page.count(&vec![0; page.rows()], counts);
            }
            self.page = Some(page);
            break;
        }
        Ok(())
    }

    /// The domain; none behind the last one.
    pub fn domain(&self) -> Option<&str> {
        let page = self.page.as_ref()?;
        Some(page.domains.value(self.row))
    }

    /// Goes to the next domain.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn advance(&mut self) -> Result<()> {
        self.take_points(false)?;
        self.taken = false;
        self.row += 1;
        if self
            .page
            .as_ref()
            .is_some_and(|page| self.row < page.rows())
        {
            return Ok(());
        }
        self.turn()
    }

    /// Reads the points of the domain; reasons only where somebody wants them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn take_points(&mut self, reasons: bool) -> Result<()> {
        let Some(page) = self.page.as_ref().filter(|_| !self.taken) else {
            return Ok(());
        };
        let domain = page.domains.value(self.row);
        for (points, found) in self.points.iter_mut().zip(&mut self.found) {
            points.take(domain, |seen| {
                let (result, reason) = &mut found[seen.point];
                *result = seen.result;
                reason.clear();
                if reasons {
                    reason.push_str(seen.reason);
                }
            })?;
        }
        self.taken = true;
        Ok(())
    }

    /// What a check came to.
    pub fn check(&self, at: usize) -> Found<'_> {
        let Some(page) = &self.page else {
            return (CheckResult::Unknown, "");
        };
        let findings = &page.checks[at];
        (findings.results[self.row], findings.reasons.value(self.row))
    }

    /// What a point came to.
    pub fn point(&self, profile: usize, at: usize) -> Found<'_> {
        let (result, reason) = &self.found[profile][at];
        (*result, reason)
    }
}
