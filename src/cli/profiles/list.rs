//! The rule books that ship, one after the other.

use serde_json::{Value, json};

use super::{Page, flat};
use crate::cli::json;
use crate::error::Result;
use crate::table::codes::Level;
use crate::text::count;
use crate::verdict::Profile;
use crate::verdict::profile::{Observable, text_of};

const LEVELS: [Level; 3] = [Level::Must, Level::Should, Level::Guidance];
const OBSERVABLE: [Observable; 3] = [Observable::Full, Observable::Partial, Observable::No];

/// Each with its status, its authority, and how many points it has.
pub fn page(profiles: &[Profile]) -> Page {
    let mut page = Page::default();
    for profile in profiles {
        page.gap();
        page.entry(0, &profile.name, 20, &flat(&profile.title));
        page.words(20, &by_whom(profile));
        let levels = LEVELS.map(|level| (level_of(profile, level), level.as_str()));
        let seen = OBSERVABLE.map(|seen| (seen_of(profile, seen), words(seen)));
        let total = count(profile.points.len() as u64);
        page.words(20, &format!("{total} points: {}", listed(&levels)));
        page.words(20, &format!("from outside: {}", listed(&seen)));
    }
    page.gap();
    page.words(
        0,
        "`mailcensus profiles NAME` shows the points of one, `mailcensus profiles --checks` what they \
         are made of, `mailcensus verdict DIR --profile NAME` judges a survey by it.",
    );
    page
}

/// Version, status, authority, reference and dates of a profile.
pub fn by_whom(profile: &Profile) -> String {
    let mut parts = vec![
        format!("version {}", profile.version),
        profile.status.words().to_owned(),
    ];
    parts.extend(
        [&profile.authority, &profile.reference]
            .into_iter()
            .filter(|words| !words.is_empty())
            .map(|words| flat(words)),
    );
    for (what, day) in [
        ("issued", profile.issued),
        ("valid from", profile.valid_from),
        ("valid until", profile.valid_until),
    ] {
        if let Some(day) = day {
            parts.push(format!("{what} {}", text_of(day)));
        }
    }
    parts.join("; ")
}

/// How much of a point is seen, in words.
pub fn words(observable: Observable) -> &'static str {
    match observable {
        Observable::Full => "seen in full",
        Observable::Partial => "seen in part",
        Observable::No => "not seen",
    }
}

fn listed(counts: &[(usize, &str)]) -> String {
    let some = counts.iter().filter(|(points, _)| *points > 0);
    let some = some.map(|(points, what)| format!("{} {what}", count(*points as u64)));
    some.collect::<Vec<_>>().join(", ")
}

fn level_of(profile: &Profile, level: Level) -> usize {
    profile
        .points
        .iter()
        .filter(|point| point.level == level)
        .count()
}

fn seen_of(profile: &Profile, seen: Observable) -> usize {
    profile
        .points
        .iter()
        .filter(|point| point.observable == seen)
        .count()
}

/// The same for programs.
///
/// # Errors
/// When it cannot be JSON, which is a fault in this program.
pub fn json(profiles: &[Profile]) -> Result<Value> {
    let profiles = profiles.iter().map(|profile| {
        let mut shown = head(profile)?;
        let level = |level: Level| level_of(profile, level);
        let seen = |observable| seen_of(profile, observable);
        shown["points"] = json!({
            "total": profile.points.len(),
            "must": level(Level::Must),
            "should": level(Level::Should),
            "guidance": level(Level::Guidance),
            "full": seen(Observable::Full),
            "partial": seen(Observable::Partial),
            "no": seen(Observable::No),
        });
        Ok(shown)
    });
    Ok(json!({ "profiles": profiles.collect::<Result<Vec<_>>>()? }))
}

/// What a profile says of itself.
///
/// # Errors
/// When it cannot be JSON, which is a fault in this program.
pub fn head(profile: &Profile) -> Result<Value> {
    Ok(json!({
        "name": profile.name,
        "version": &*profile.version,
        "sha256": profile.sha256,
        "title": flat(&profile.title),
        "title_original": flat(&profile.title_original),
        "language": profile.language,
        "authority": profile.authority,
        "reference": profile.reference,
        "status": json::value(&profile.status)?,
        "issued": profile.issued.map(text_of),
        "valid_from": profile.valid_from.map(text_of),
        "valid_until": profile.valid_until.map(text_of),
        "note": flat(&profile.note),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::profiles::shipped;

    #[test]
    fn every_profile_that_ships_is_listed() {
        let profiles = shipped().expect("profiles");
        let text = page(&profiles).into_text();
        for words in [
            "nukib-2021 ",
            "nzism-15.2 ",
            "modern ",
            "in force",
            "NÚKIB",
            "must",
        ] {
            assert!(text.contains(words), "no {words:?} in {text}");
        }
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
        let json = json(&profiles).expect("JSON");
        let first = &json["profiles"][0];
        assert_eq!(first["name"], "nukib-2021");
        assert_eq!(first["status"], "in_force");
        assert_eq!(first["issued"], "2021-10-11");
        let points = &first["points"];
        let sum = |keys: [&str; 3]| {
            keys.iter()
                .filter_map(|key| points[key].as_u64())
                .sum::<u64>()
        };
        assert_eq!(points["total"], sum(["must", "should", "guidance"]));
        assert_eq!(points["total"], sum(["full", "partial", "no"]));
    }
}
