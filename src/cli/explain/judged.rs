//! What the checks and the profiles make of it, and what to do about it.

use super::Page;
use super::facts::{Facts, Points};
use crate::cli::json::settings;
use crate::table::codes::CheckResult;
use crate::table::rows::{CheckId, ComplianceRow, PointCheck, is_unmeasured};
use crate::verdict::advice;
use crate::verdict::profile::text_of;

/// Where the result of a check begins.
const RESULT: usize = 24;
/// Where what to do about it begins.
const TO_DO: usize = 40;
/// Where the words about a point begin.
const BESIDE: usize = 16;

/// Every check with its result and its reason.
pub fn checks(page: &mut Page, facts: &Facts) {
    page.gap();
    let Some(verdict) = &facts.verdict else {
        page.words(0, "Checks: not judged");
        return;
    };
    page.words(0, "Checks");
    for check in CheckId::ALL {
        let finding = verdict.finding(*check);
        let words = format!("{:<16}{}", finding.result, finding.reason);
        page.entry(2, check.as_str(), RESULT, &words);
        // What nothing measures is no work for anybody.
        if !is_unmeasured(&finding.reason) {
            to_do(page, TO_DO, *check, finding.result, &finding.reason);
        }
    }
}

/// What to do about a result, if anything.
fn to_do(page: &mut Page, column: usize, check: CheckId, result: CheckResult, reason: &str) {
    if let Some(sentence) = advice(check, result, reason) {
        page.entry(column - 2, "-", column, sentence);
    }
}

/// The points of a profile.
pub fn points(page: &mut Page, points: &Points) {
    page.gap();
    let title = points
        .profile
        .as_ref()
        .map(|profile| format!(": {}", profile.title));
    let version = &points.record.version;
    let head = format!(
        "Profile {}, version {version}{}",
        points.name,
        title.unwrap_or_default()
    );
    page.words(0, &head);
    if points.rows.is_empty() {
        page.words(2, "this domain was not judged by it");
    }
    for row in &points.rows {
        point(page, points, row);
    }
}

fn point(page: &mut Page, points: &Points, row: &ComplianceRow) {
    let mut facts = vec![row.level.to_string()];
    facts.extend(row.due.map(|due| format!("due {}", text_of(due))));
    facts.extend(row.justified.map(|justified| match justified {
        true => "justified".to_owned(),
        false => "to be justified".to_owned(),
    }));
    let words = format!("{:<16}{}", row.result, facts.join("; "));
    page.entry(2, &row.point, BESIDE, &words);
    let known = points.profile.as_ref();
    if let Some(point) = known.and_then(|profile| profile.point(&row.point)) {
        page.words(BESIDE, &point.title);
    }
    if row.checks.len() != 1 {
        page.words(BESIDE, &row.reason);
    }
    for one in &row.checks {
        page.words(BESIDE, &check(one));
        if let Some(id) = CheckId::named(&one.id) {
            to_do(page, BESIDE + 2, id, one.result, &one.reason);
        }
    }
    let point = known.and_then(|profile| profile.point(&row.point));
    if let Some(point) = point.filter(|_| row.checks.is_empty()) {
        page.entry(BESIDE, "-", BESIDE + 2, &point.why);
    }
}

fn check(one: &PointCheck) -> String {
    let set = settings(&one.parameters);
    format!("{} {}: {}{set}", one.id, one.result, one.reason)
}
