//! One rule book, point by point beside the numbering of its source.

use serde_json::{Value, json};

use super::list::{by_whom, head, words};
use super::{Page, flat};
use crate::cli::json::settings;
use crate::error::Result;
use crate::verdict::Profile;
use crate::verdict::profile::{Due, Point, Wanted, When, text_of};

/// Where the words about a point begin.
const BESIDE: usize = 14;

/// The profile and its points.
pub fn page(profile: &Profile) -> Page {
    let mut page = Page::default();
    page.words(0, &format!("{}: {}", profile.name, flat(&profile.title)));
    original(&mut page, 2, profile, &profile.title_original);
    page.words(2, &by_whom(profile));
    page.words(2, &flat(&profile.note));
    groups(&mut page, profile);
    for one in &profile.points {
        page.gap();
        point(&mut page, profile, one);
    }
    page
}

fn original(page: &mut Page, indent: usize, profile: &Profile, title: &str) {
    if !title.is_empty() {
        page.words(indent, &format!("{} ({})", flat(title), profile.language));
    }
}

fn groups(page: &mut Page, profile: &Profile) {
    let groups = &profile.groups;
    if groups.groups.is_empty() {
        return;
    }
    page.gap();
    page.words(
        0,
        &format!("Who is obliged, by the tag `{}` of the list:", groups.tag),
    );
    for group in &groups.groups {
        page.entry(2, &group.id, 22, &flat(&group.title));
        original(page, 22, profile, &group.title_original);
        if !group.inferred_from.is_empty() {
            page.words(
                22,
                &format!("also where the tag `{}` is there", group.inferred_from),
            );
        }
    }
}

fn point(page: &mut Page, profile: &Profile, point: &Point) {
    let mut facts = vec![point.level.to_string(), words(point.observable).to_owned()];
    if !point.section.is_empty() {
        facts.push(format!("section {}", point.section));
    }
    if point.justifiable {
        facts.push("may be justified".to_owned());
    }
    if point.senders_only {
        facts.push("only of domains that send mail".to_owned());
    }
    page.entry(0, &point.id, BESIDE, &facts.join("; "));
    page.words(BESIDE, &flat(&point.title));
    original(page, BESIDE, profile, &point.title_original);
    page.words(BESIDE, &flat(&point.why));
    if !point.checks.is_empty() {
        let checks: Vec<_> = point.checks.iter().map(check).collect();
        page.entry(BESIDE, "checks:", BESIDE + 8, &checks.join(", "));
    }
    if let Some(wanted) = &point.prerequisite {
        page.words(
            BESIDE,
            &format!("only where this passes: {}", check(wanted)),
        );
    }
    for one in &point.due {
        page.words(BESIDE, &format!("due: {}", due(one)));
    }
}

fn check(wanted: &Wanted) -> String {
    format!("{}{}", wanted.check, settings(&wanted.set))
}

fn due(due: &Due) -> String {
    let when = match &due.when {
        When::On(day) => text_of(*day),
        When::After { tag, months } => format!("{months} months after the day in the tag `{tag}`"),
    };
    match due.note.is_empty() {
        true => format!("{} {when}", due.group),
        false => format!("{} {when}, {}", due.group, flat(&due.note)),
    }
}

/// The same for programs.
///
/// # Errors
/// When it cannot be JSON, which is a fault in this program.
pub fn json(profile: &Profile) -> Result<Value> {
    let mut shown = head(profile)?;
    let groups = profile.groups.groups.iter().map(|group| {
        json!({
            "id": group.id,
            "title": flat(&group.title),
            "title_original": flat(&group.title_original),
            "inferred_from": group.inferred_from,
        })
    });
    shown["groups"] = json!({
        "tag": profile.groups.tag,
        "groups": groups.collect::<Vec<_>>(),
    });
    let points = profile.points.iter().map(point_json);
    shown["points"] = points.collect();
    Ok(shown)
}

fn point_json(point: &Point) -> Value {
    let checks = point.checks.iter().map(check_json);
    json!({
        "id": &*point.id,
        "section": point.section,
        "level": point.level.as_str(),
        "title": flat(&point.title),
        "title_original": flat(&point.title_original),
        "observable": point.observable.as_str(),
        "why": flat(&point.why),
        "justifiable": point.justifiable,
        "senders_only": point.senders_only,
        "prerequisite": point.prerequisite.as_ref().map(check_json),
        "checks": checks.collect::<Vec<_>>(),
        "due": point.due.iter().map(due_json).collect::<Vec<_>>(),
    })
}

fn check_json(wanted: &Wanted) -> Value {
    let set: Value = serde_json::from_str(&wanted.set).unwrap_or_default();
    json!({ "id": wanted.check.as_str(), "parameters": set })
}

fn due_json(due: &Due) -> Value {
    let (date, months, after) = match &due.when {
        When::On(day) => (Some(text_of(*day)), None, None),
        When::After { tag, months } => (None, Some(*months), Some(tag)),
    };
    json!({
        "group": due.group,
        "date": date,
        "months": months,
        "after": after,
        "note": due.note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::profiles::shipped;

    #[test]
    fn every_point_is_beside_its_number() {
        for profile in shipped().expect("profiles") {
            let text = page(&profile).into_text();
            let json = json(&profile).expect("JSON");
            for (at, point) in profile.points.iter().enumerate() {
                let begins = |line: &str| line.split(' ').next() == Some(&point.id);
                assert!(text.lines().any(begins), "{}", point.id);
                let shown = &json["points"][at];
                assert_eq!(shown["id"], *point.id);
                assert_eq!(
                    shown["checks"].as_array().map(Vec::len),
                    Some(point.checks.len())
                );
            }
            for line in text.lines() {
                assert!(line.chars().count() <= 100, "{}: {line}", profile.name);
            }
        }
    }

    #[test]
    fn parameters_and_deadlines_are_told() {
        let profiles = shipped().expect("profiles");
        let text = page(&profiles[0]).into_text();
        let flat = flat(&text);
        for words in [
            "cert_trusted (stores = [\"mozilla\",\"microsoft\"])",
            "due: presidency 2022-01-01",
            "due: designated_later 14 months after the day in the tag `designated_at`",
            "registered_later 2022-07-01, without undue delay",
            "may be justified",
            "must; seen in part; section 1",
            "(cs)",
        ] {
            assert!(flat.contains(words), "no {words:?} in {text}");
        }
        let json = json(&profiles[0]).expect("JSON");
        let due = &json["points"][0]["due"];
        assert_eq!(due[0]["date"], "2022-01-01");
        assert_eq!(
            (&due[3]["months"], &due[3]["after"]),
            (&json!(14), &json!("designated_at"))
        );
        assert_eq!(json["groups"]["tag"], "group");
    }
}
