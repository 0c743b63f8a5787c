//! The points of a profile: read beside the verdicts, domain by domain, and counted.

use std::collections::HashMap;

use arrow::array::StringArray;

use super::columns::{Columns, Remedy};
use super::counts::{Counts, Of};
use super::judged::Judged;
use super::page::Page;
use crate::error::Result;
use crate::table::Batches;
use crate::table::codes::CheckResult;
use crate::verdict::Profile;

const COLUMNS: [&str; 7] = [
    "domain",
    "point",
    "result",
    "reason",
    "due",
    "justified",
    "profile_version",
];

/// What one point came to for one domain.
pub struct Seen<'a> {
    /// Its place in the profile.
    pub point: usize,
    /// The result.
    pub result: CheckResult,
    /// Why.
    pub reason: &'a str,
    /// By when, as days since 1970-01-01.
    pub due: Option<i32>,
    /// Whether a fail is justified; none where that is not asked.
    pub justified: Option<bool>,
}

/// The rows of a profile, in the order of the domains.
pub struct Points {
    /// The profile.
    pub profile: Profile,
    places: HashMap<String, usize>,
    batches: Batches,
    remedy: Remedy,
    page: Option<Rows>,
    row: usize,
    /// The points of this domain that were handed over.
    taken: Vec<bool>,
}

struct Rows {
    domains: StringArray,
    points: Vec<usize>,
    results: Vec<CheckResult>,
    reasons: StringArray,
    due: Vec<Option<i32>>,
    justified: Vec<Option<bool>>,
}

impl Points {
    /// Opens the rows of a profile.
    ///
    /// # Errors
    /// When the survey was not judged by it.
    pub fn open(judged: &Judged, name: &str) -> Result<Self> {
        let (profile, remedy) = judged.profile(name)?;
        let places = profile.points.iter().enumerate();
        Ok(Self {
            places: places
                .map(|(place, point)| (point.id.to_string(), place))
                .collect(),
            batches: judged.store.compliance_batches(name, &COLUMNS),
            taken: vec![false; profile.points.len()],
            profile,
            remedy,
            page: None,
            row: 0,
        })
    }

    /// Hands over every point of the next domain, which has to be this one.
    ///
    /// # Errors
    /// When it is another one, or a point is missing or there twice.
    pub fn take(&mut self, domain: &str, mut each: impl FnMut(Seen<'_>)) -> Result<()> {
        self.taken.fill(false);
        for _ in 0..self.profile.points.len() {
            let whole = self.page.as_ref().map_or(0, |page| page.points.len());
            if self.row == whole {
                self.refill()?;
            }
            let Some(page) = &self.page else {
                return Err(self.foreign());
            };
            if page.domains.value(self.row) != domain {
                return Err(self.foreign());
            }
            let seen = page.seen(self.row);
            if std::mem::replace(&mut self.taken[seen.point], true) {
                return Err(self.foreign());
            }
            each(seen);
            self.row += 1;
        }
        Ok(())
    }

    fn refill(&mut self) -> Result<()> {
        self.row = 0;
        self.page = None;
        // Empty batches do not come out of files, but cost nothing here.
        for batch in self.batches.by_ref() {
            let batch = batch?;
            if batch.num_rows() > 0 {
                self.page = Some(self.rows(&Columns::of(&batch, &self.remedy))?);
                break;
            }
        }
        Ok(())
    }

    fn rows(&self, columns: &Columns<'_>) -> Result<Rows> {
        let versions = columns.text("profile_version")?;
        if versions
            .iter()
            .flatten()
            .any(|one| *one != *self.profile.version)
        {
            let wrong = "has rows of another version than its copy of the profile";
            return Err(self.remedy.complain(wrong));
        }
        let point = |id: Option<&str>| {
            let place = id.and_then(|id| self.places.get(id));
            place.copied().ok_or_else(|| self.foreign())
        };
        let results = columns.results("result")?;
        let justified = columns.truths("justified")?;
        // Only a fail wants a reason.
        let mut pairs = results.iter().zip(&justified);
        if pairs.any(|(result, justified)| *result != CheckResult::Fail && justified.is_some()) {
            return Err(columns.foreign("justified"));
        }
        Ok(Rows {
            domains: columns.text("domain")?.clone(),
            points: columns
                .text("point")?
                .iter()
                .map(point)
                .collect::<Result<_>>()?,
            results,
            reasons: columns.text("reason")?.clone(),
            due: columns.days("due")?,
            justified,
        })
    }

    fn foreign(&self) -> crate::error::Error {
        let wrong = "has rows of the profile that do not belong to its domains";
        self.remedy.complain(wrong)
    }
}

impl Rows {
    fn seen(&self, row: usize) -> Seen<'_> {
        Seen {
            point: self.points[row],
            result: self.results[row],
            reason: self.reasons.value(row),
            due: self.due[row],
            justified: self.justified[row],
        }
    }
}

/// What the points of a profile come to.
pub struct PointCounts {
    /// The rows.
    pub points: Points,
    /// Their results.
    pub counts: Counts,
    /// By group and point.
    duties: Vec<Duty>,
    day: i32,
}

/// What is said of a point besides its results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Duty {
    /// Domains that had to meet the point by the day on which the survey began.
    pub due: u64,
    /// Those of them that fail.
    pub overdue: u64,
    /// Domains that fail, and that the text allows to give a reason.
    pub to_be_justified: u64,
    /// Domains that fail and have given one.
    pub justified: u64,
}

impl PointCounts {
    /// Nothing is counted yet.
    ///
    /// # Errors
    /// When the survey was not judged by the profile.
    pub fn open(judged: &Judged, name: &str) -> Result<Self> {
        let points = Points::open(judged, name)?;
        Ok(Self {
            counts: Counts::new(points.profile.points.len()),
            duties: Vec::new(),
            day: judged.day()?,
            points,
        })
    }

    /// Counts every point of every row of a page, each in its group.
    ///
    /// # Errors
    /// When the rows are not those of the domains.
    pub fn count(&mut self, page: &Page, groups: &[u32]) -> Result<()> {
        let all = self.points.profile.points.len();
        for (row, group) in groups.iter().enumerate() {
            let place = self
                .counts
                .domain(*group, page.weights[row], page.receives(row));
            let first = *group as usize * all;
            if self.duties.len() < first + all {
                self.duties.resize(first + all, Duty::default());
            }
            let (counts, duties, day) = (&mut self.counts, &mut self.duties, self.day);
            self.points.take(page.domains.value(row), |seen| {
                counts.add(place, seen.point, seen.result, seen.reason);
                duties[first + seen.point].add(&seen, day);
            })?;
        }
        Ok(())
    }

    /// What is said of a point besides its results.
    pub fn duty(&self, point: usize, of: Of) -> Duty {
        let all = self.points.profile.points.len();
        match of {
            Of::Group(group) => {
                let duty = self.duties.get(group as usize * all + point);
                duty.copied().unwrap_or_default()
            }
            Of::All => {
                let duties = self.duties.iter().skip(point).step_by(all.max(1));
                duties.fold(Duty::default(), |sum, duty| sum.plus(*duty))
            }
        }
    }
}

impl Duty {
    fn add(&mut self, seen: &Seen<'_>, day: i32) {
        let failed = seen.result == CheckResult::Fail;
        let due = seen.due.is_some_and(|due| due <= day);
        self.due += u64::from(due);
        self.overdue += u64::from(due && failed);
        self.to_be_justified += u64::from(seen.justified == Some(false));
        self.justified += u64::from(seen.justified == Some(true));
    }

    fn plus(self, other: Self) -> Self {
        Self {
            due: self.due + other.due,
            overdue: self.overdue + other.overdue,
            to_be_justified: self.to_be_justified + other.to_be_justified,
            justified: self.justified + other.justified,
        }
    }
}

#[cfg(test)]
#[path = "points_tests.rs"]
pub mod tests;
