//! What the points of a profile make of the domains.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Parameters;
use super::case::Case;
use super::checks;
use super::evidence;
use super::evidence::Evidence;
use super::facts::Domain;
use super::profile::{Misread, NameList, Observable, Point, Profile, due};
use crate::error::Result;
use crate::table::Store;
use crate::table::codes::CheckResult;
use crate::table::row::Date;
use crate::table::rows::{CheckId, ComplianceRow, Finding, PointCheck};
use crate::text::domains;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Domains whose rows are made at a time.
const FEW: usize = 1_024;
/// Misread tags that are told one by one.
const TOLD: usize = 5;
/// Misread tags that are kept apart: a list may have as many as it has lines.
const KEPT: usize = 1_000;

/// What tags say that the profile does not understand, with how many domains.
#[derive(Default)]
struct Misreadings {
    known: BTreeMap<Misread, u64>,
    /// Domains whose tags are not kept apart any more.
    others: u64,
}

impl Misreadings {
    fn add(&mut self, what: Misread) {
        if self.known.len() < KEPT || self.known.contains_key(&what) {
            *self.known.entry(what).or_default() += 1;
        } else {
            self.others += 1;
        }
    }
}

/// A profile to judge by, and what is justified under it.
pub struct Assignment {
    /// The profile.
    pub profile: Profile,
    /// What is justified.
    pub exceptions: Option<super::profile::Exceptions>,
    /// Lists that the profile left open, and has taken.
    pub lists: Vec<NameList>,
}

impl Assignment {
    /// A profile alone.
    pub fn of(profile: Profile) -> Self {
        Self {
            profile,
            exceptions: None,
            lists: Vec::new(),
        }
    }

    /// Gives a list to the profile.
    ///
    /// # Errors
    /// When it has no check that wants one.
    pub fn give(&mut self, list: NameList) -> Result<(), String> {
        self.profile.take(&list)?;
        self.lists.push(list);
        Ok(())
    }
}

/// Judges every domain by a profile; how many rows that are.
///
/// # Errors
/// When a table cannot be read or written.
pub fn judge(
    store: &mut Store,
    evidence: &Evidence,
    assignment: &Assignment,
    notes: &mut Vec<String>,
) -> Result<u64> {
    let plan = Plan::new(assignment);
    let mut misread = Misreadings::default();
    let mut rows = 0;
    let domains = evidence::domains(store);
    let batches = few(domains).map(|domains| {
        let mut made = Vec::new();
        for domain in &domains? {
            plan.rows(&evidence.case(domain), &mut made, &mut misread);
        }
        rows += made.len() as u64;
        Store::batch_of(&made)
    });
    store.replace_compliance(&assignment.profile.name, batches)?;
    notes.extend(told(&assignment.profile, &misread));
    Ok(rows)
}

/// The same domains, fewer at a time: each has a row for every point.
fn few(
    mut batches: impl Iterator<Item = Result<Vec<Domain>>>,
) -> impl Iterator<Item = Result<Vec<Domain>>> {
    let mut open = Vec::new().into_iter();
    std::iter::from_fn(move || {
        loop {
            let some: Vec<Domain> = open.by_ref().take(FEW).collect();
            if !some.is_empty() {
                return Some(Ok(some));
            }
            match batches.next()? {
                Ok(batch) => open = batch.into_iter(),
                Err(err) => return Some(Err(err)),
            }
        }
    })
}

/// A profile, ready for domains: each check with each set of parameters is run once.
struct Plan<'a> {
    assignment: &'a Assignment,
    runs: Vec<(CheckId, &'a Parameters)>,
    points: Vec<PlannedPoint<'a>>,
}

struct PlannedPoint<'a> {
    point: &'a Point,
    /// Places of its checks in the runs.
    checks: Vec<usize>,
    prerequisite: Option<usize>,
}

impl<'a> Plan<'a> {
    fn new(assignment: &'a Assignment) -> Self {
        let mut plan = Self {
            assignment,
            runs: Vec::new(),
            points: Vec::new(),
        };
        // Keys come sorted, and so do points.
        let mut points: Vec<_> = assignment.profile.points.iter().collect();
        points.sort_by(|one, other| one.id.cmp(&other.id));
        for point in points {
            let checks = point.checks.iter();
            let checks = checks.map(|wanted| plan.run(wanted.check, &wanted.parameters));
            let checks = checks.collect();
            let prerequisite = point
                .prerequisite
                .as_ref()
                .map(|wanted| plan.run(wanted.check, &wanted.parameters));
            plan.points.push(PlannedPoint {
                point,
                checks,
                prerequisite,
            });
        }
        plan
    }

    fn run(&mut self, check: CheckId, parameters: &'a Parameters) -> usize {
        let known = self.runs.iter().position(|run| *run == (check, parameters));
        known.unwrap_or_else(|| {
            self.runs.push((check, parameters));
            self.runs.len() - 1
        })
    }

    fn rows(&self, case: &Case<'_>, made: &mut Vec<ComplianceRow>, misread: &mut Misreadings) {
        let runs = self.runs.iter();
        let findings: Vec<Finding> = runs
            .map(|(check, parameters)| checks::run(*check, case, parameters))
            .collect();
        let domain = case.domain;
        let tags = Arc::new(domain.tags.clone());
        let profile = &self.assignment.profile;
        let group = profile.groups.of(&domain.tags).unwrap_or_else(|what| {
            misread.add(what);
            None
        });
        let sends_none = checks::senders::non_sending(domain) == Some(true);
        let mut odd = None;
        for planned in &self.points {
            let point = planned.point;
            let due = due(&point.due, group, &domain.tags).unwrap_or_else(|what| {
                odd = Some(what);
                None
            });
            let (result, reason) = match point.senders_only && sends_none {
                true => (CheckResult::NotApplicable, "sends_no_mail".into()),
                false => planned.result(&findings),
            };
            made.push(ComplianceRow {
                domain: domain.domain.clone(),
                tld: domain.tld.clone(),
                tags: tags.clone(),
                weight: domain.weight,
                point: point.id.clone(),
                level: point.level,
                due,
                result,
                reason,
                justified: self.justified(domain, point, result),
                checks: planned.checks(&findings),
                profile_version: profile.version.clone(),
            });
        }
        if let Some(what) = odd {
            misread.add(what);
        }
    }

    fn justified(&self, domain: &Domain, point: &Point, result: CheckResult) -> Option<bool> {
        let day = Date(i32::try_from(domain.observed_at.div_euclid(DAY)).unwrap_or(i32::MAX));
        (point.justifiable && result == CheckResult::Fail).then(|| {
            let exceptions = self.assignment.exceptions.as_ref();
            exceptions.is_some_and(|list| list.justifies(&domain.domain, &point.id, day))
        })
    }
}

impl PlannedPoint<'_> {
    /// any fail → fail; else any unknown → unknown; else any pass → pass; else not_applicable.
    fn result(&self, findings: &[Finding]) -> (CheckResult, Cow<'static, str>) {
        if self.point.observable == Observable::No {
            return (CheckResult::Unknown, "not_observable".into());
        }
        if let Some(at) = self.prerequisite {
            let (wanted, finding) = (&self.point.prerequisite, &findings[at]);
            let name = wanted.as_ref().map_or("", |wanted| wanted.check.as_str());
            let result = match finding.result {
                CheckResult::Pass => None,
                CheckResult::Unknown => Some(CheckResult::Unknown),
                CheckResult::Fail | CheckResult::NotApplicable => Some(CheckResult::NotApplicable),
            };
            if let Some(result) = result {
                return (result, told_as(name, finding));
            }
        }
        use CheckResult::{Fail, NotApplicable, Pass, Unknown};
        for wanted in [Fail, Unknown, Pass, NotApplicable] {
            let mut checks = self.checks.iter().zip(&self.point.checks);
            if let Some((at, check)) = checks.find(|(at, _)| findings[**at].result == wanted) {
                return (wanted, told_as(check.check.as_str(), &findings[*at]));
            }
        }
        (Unknown, "not_observable".into())
    }

    fn checks(&self, findings: &[Finding]) -> Vec<PointCheck> {
        let checks = self.checks.iter().zip(&self.point.checks);
        let check = |(at, wanted): (&usize, &super::profile::Wanted)| PointCheck {
            id: wanted.check.as_str().into(),
            parameters: wanted.set.clone(),
            result: findings[*at].result,
            reason: findings[*at].reason.clone(),
        };
        checks.map(check).collect()
    }
}

fn told_as(check: &str, finding: &Finding) -> Cow<'static, str> {
    format!("{check}: {}", finding.reason).into()
}

/// What the tags of a list say that the profile does not understand.
fn told(profile: &Profile, misread: &Misreadings) -> Vec<String> {
    let name = &profile.name;
    let sentence = |(what, number): (&Misread, &u64)| {
        let domains = domains(*number);
        match what {
            Misread::Group(group) => format!(
                "{name}: the group {group:?} of {domains} is none that the profile knows: no due dates"
            ),
            Misread::Day(tag, text) => format!(
                "{name}: {tag} {text:?} of {domains} is no day (year-month-day): no due dates"
            ),
        }
    };
    let mut told: Vec<_> = misread.known.iter().take(TOLD).map(sentence).collect();
    let rest: u64 = misread.known.values().skip(TOLD).sum::<u64>() + misread.others;
    if rest > 0 {
        told.push(format!(
            "{name}: and tags of {} more, which the profile does not understand",
            domains(rest)
        ));
    }
    told
}
