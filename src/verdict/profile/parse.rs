//! The text of a profile: strict TOML, complaints with the number of the line.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use time::{Date as Day, Month};
use toml::Spanned;
use toml::value::Datetime;

use super::due::{When, date_of};
use super::{Due, Group, Groups, Observable, Point, Profile, Status, Wanted};
use crate::error::{Error, Result};
use crate::table::codes::Level;
use crate::table::row::Date;
use crate::table::rows::CheckId;
use crate::text::{line_of, sha256_of};
use crate::verdict::Parameters;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Spanned<String>,
    version: Spanned<String>,
    title: String,
    #[serde(default)]
    title_original: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    authority: String,
    #[serde(default)]
    reference: String,
    status: Status,
    issued: Option<Spanned<Datetime>>,
    valid_from: Option<Spanned<Datetime>>,
    valid_until: Option<Spanned<Datetime>>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    groups: GroupsEntry,
    point: Vec<PointEntry>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct GroupsEntry {
    tag: Option<Spanned<String>>,
    #[serde(default)]
    group: Vec<GroupEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    id: Spanned<String>,
    title: String,
    #[serde(default)]
    title_original: String,
    #[serde(default)]
    inferred_from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PointEntry {
    id: Spanned<String>,
    #[serde(default)]
    section: String,
    level: Level,
    title: String,
    #[serde(default)]
    title_original: String,
    observable: Observable,
    why: String,
    #[serde(default)]
    justifiable: bool,
    #[serde(default)]
    senders_only: bool,
    #[serde(default)]
    checks: Vec<Spanned<toml::Table>>,
    prerequisite: Option<Spanned<String>>,
    #[serde(default)]
    due: Vec<DueEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DueEntry {
    group: Spanned<String>,
    date: Option<Spanned<Datetime>>,
    months: Option<u32>,
    after: Option<String>,
    #[serde(default)]
    note: String,
}

/// The longest time that a text gives anybody: a hundred years.
const MONTHS: u32 = 1_200;

/// Where something is wrong in the text, and what.
type Fault = (Option<Range<usize>>, String);

fn fault<T, S>(place: &Spanned<S>, problem: impl Into<String>) -> Result<T, Fault> {
    Err((Some(place.span()), problem.into()))
}

/// Reads the text of a profile that is called `path`.
///
/// # Errors
/// When something in it is wrong; with the number of the line.
pub fn parse(path: &str, text: &str) -> Result<Profile> {
    let wrong = |(span, problem): Fault| Error::Input {
        path: path.to_owned(),
        problem: match span {
            Some(span) => format!("line {}: {problem}", line_of(text, &span)),
            None => problem,
        },
    };
    let file: File = toml::from_str(text).map_err(|err| {
        let problem = err.message().lines().next().unwrap_or("not TOML");
        let advice = "data/profiles/modern.toml shows how a profile is written";
        wrong((err.span(), format!("{problem}; {advice}")))
    })?;
    profile(file, text).map_err(wrong)
}

fn profile(file: File, text: &str) -> Result<Profile, Fault> {
    let groups = groups(file.groups)?;
    let mut seen = BTreeSet::new();
    let mut points = Vec::with_capacity(file.point.len());
    for entry in file.point {
        if !seen.insert(entry.id.get_ref().clone()) {
            let problem = format!("the point {} is there twice", entry.id.get_ref());
            return fault(&entry.id, problem);
        }
        points.push(point(entry, &groups)?);
    }
    if points.is_empty() {
        return fault(
            &file.name,
            "the profile has no point; give at least one [[point]]",
        );
    }
    let valid_from = file.valid_from.as_ref().map(date).transpose()?;
    let valid_until = file.valid_until.as_ref().map(date).transpose()?;
    if let (Some(end), true) = (
        &file.valid_until,
        valid_until.is_some() && valid_until < valid_from,
    ) {
        return fault(end, "the validity ends before it begins");
    }
    Ok(Profile {
        name: proper_name(&file.name)?,
        version: Arc::from(proper_text(&file.version)?),
        title: file.title,
        title_original: file.title_original,
        language: file.language,
        authority: file.authority,
        reference: file.reference,
        status: file.status,
        issued: file.issued.as_ref().map(date).transpose()?,
        valid_from,
        valid_until,
        note: file.note,
        groups,
        points,
        sha256: sha256_of(text.as_bytes()),
        text: text.to_owned(),
    })
}

/// A name that can be a folder everywhere.
fn proper_name(name: &Spanned<String>) -> Result<String, Fault> {
    let text = name.get_ref();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inside = |byte: u8| plain(byte) || byte == b'-' || byte == b'.';
    let first = text.bytes().next().is_some_and(plain);
    if !first || text.len() > 60 || !text.bytes().all(inside) {
        let problem = format!("the name {text:?} cannot be a folder; use a-z, 0-9, - and .");
        return fault(name, problem);
    }
    Ok(text.clone())
}

fn proper_text(text: &Spanned<String>) -> Result<&str, Fault> {
    let words = text.get_ref().as_str();
    if words.is_empty() || words.trim() != words || words.contains(char::is_control) {
        return fault(text, format!("{words:?} is no text of one line; give one"));
    }
    Ok(words)
}

fn groups(entry: GroupsEntry) -> Result<Groups, Fault> {
    let mut groups: Vec<Group> = Vec::with_capacity(entry.group.len());
    for group in entry.group {
        let id = proper_text(&group.id)?.to_owned();
        if groups.iter().any(|other| other.id == id) {
            return fault(&group.id, format!("the group {id} is there twice"));
        }
        groups.push(Group {
            id,
            title: group.title,
            title_original: group.title_original,
            inferred_from: group.inferred_from,
        });
    }
    let tag = entry.tag.as_ref().map(proper_text).transpose()?;
    Ok(Groups {
        tag: tag.unwrap_or_default().to_owned(),
        groups,
    })
}

fn point(entry: PointEntry, groups: &Groups) -> Result<Point, Fault> {
    let id = proper_text(&entry.id)?;
    let mut checks: Vec<Wanted> = Vec::with_capacity(entry.checks.len());
    for given in &entry.checks {
        let wanted = wanted(given)?;
        if checks.contains(&wanted) {
            return fault(given, format!("check {} is there twice", wanted.check));
        }
        checks.push(wanted);
    }
    if (entry.observable == Observable::No) != checks.is_empty() {
        let problem = match checks.is_empty() {
            true => {
                format!("point {id} names no check; say observable = \"no\", or which shows it")
            }
            false => format!("point {id} cannot be seen from outside, and names checks; leave one"),
        };
        return fault(&entry.id, problem);
    }
    if entry.title.trim().is_empty() {
        return fault(
            &entry.id,
            format!("point {id} has no title; give title = \"…\""),
        );
    }
    if entry.why.is_empty() {
        let problem = format!("point {id} does not say why it is so observable; give why = \"…\"");
        return fault(&entry.id, problem);
    }
    let mut obliged = BTreeSet::new();
    if let Some(twice) = entry
        .due
        .iter()
        .find(|due| !obliged.insert(due.group.get_ref()))
    {
        let problem = format!(
            "the group {} has two deadlines; leave one",
            twice.group.get_ref()
        );
        return fault(&twice.group, problem);
    }
    let due = entry.due.iter().map(|due| deadline(due, groups));
    Ok(Point {
        id: Arc::from(id),
        due: due.collect::<Result<_, _>>()?,
        prerequisite: entry.prerequisite.as_ref().map(usual).transpose()?,
        section: entry.section,
        level: entry.level,
        title: entry.title,
        title_original: entry.title_original,
        observable: entry.observable,
        why: entry.why,
        justifiable: entry.justifiable,
        senders_only: entry.senders_only,
        checks,
    })
}

/// A check with its usual parameters.
fn usual(name: &Spanned<String>) -> Result<Wanted, Fault> {
    let check = named(name, name.get_ref())?;
    Ok(Wanted {
        check,
        parameters: Parameters::usual(check).clone(),
        set: Arc::from("{}"),
    })
}

fn named<S>(place: &Spanned<S>, name: &str) -> Result<CheckId, Fault> {
    match CheckId::named(name) {
        Some(check) => Ok(check),
        None => fault(place, format!("there is no check {name}{}", nearest(name))),
    }
}

/// The check that a mistyped name comes nearest to, if one does.
fn nearest(name: &str) -> String {
    let shared = |known: &&str| {
        let same = known.bytes().zip(name.bytes());
        same.take_while(|(a, b)| a == b).count()
    };
    let names = CheckId::ALL.iter().map(|check| check.as_str());
    // Of names that begin alike the shortest is nearest.
    let nearness = |known: &&str| (shared(known), std::cmp::Reverse(known.len()));
    match names.max_by_key(nearness).filter(|known| shared(known) > 2) {
        Some(known) => format!("; is {known} meant?"),
        None => "; `mailcensus profiles --checks` lists them".to_owned(),
    }
}

fn wanted(entry: &Spanned<toml::Table>) -> Result<Wanted, Fault> {
    let mut parameters = entry.get_ref().clone();
    let Some(toml::Value::String(id)) = parameters.remove("id") else {
        return fault(entry, "a check without id; give { id = \"…\" }");
    };
    let check = named(entry, &id)?;
    let set = serde_json::to_string(&parameters).unwrap_or_default();
    match Parameters::of(check, &parameters) {
        Ok(parameters) => Ok(Wanted {
            check,
            parameters,
            set: Arc::from(set),
        }),
        Err(problem) => fault(entry, problem),
    }
}

fn deadline(entry: &DueEntry, groups: &Groups) -> Result<Due, Fault> {
    let group = entry.group.get_ref();
    if !groups.groups.iter().any(|known| known.id == *group) {
        let problem = format!("there is no group {group}; name it below [groups]");
        return fault(&entry.group, problem);
    }
    let when = match (&entry.date, entry.months, &entry.after) {
        (Some(day), None, None) => When::On(date(day)?),
        (None, Some(months), Some(tag)) if months <= MONTHS && !tag.is_empty() => When::After {
            tag: tag.clone(),
            months,
        },
        _ => {
            let problem =
                "a deadline is a date, or up to 1200 months after a tag; give one of the two";
            return fault(&entry.group, problem);
        }
    };
    Ok(Due {
        group: group.clone(),
        when,
        note: entry.note.clone(),
    })
}

fn date(text: &Spanned<Datetime>) -> Result<Date, Fault> {
    let moment = text.get_ref();
    let day = moment
        .date
        .filter(|_| moment.time.is_none())
        .and_then(|day| {
            let month = Month::try_from(day.month).ok()?;
            Day::from_calendar_date(i32::from(day.year), month, day.day).ok()
        });
    match day {
        Some(day) => Ok(date_of(day)),
        None => fault(text, format!("{moment} is no day; give year-month-day")),
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
