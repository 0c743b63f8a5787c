//! `--min-interval`: the same servers are not asked again so soon, only because somebody began the
//! same survey in another directory.

use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::error::{Error, Result};
use crate::table::manifest::{self, ListSummary, Manifest};

/// Refuses a new survey of lists whose mail servers were asked a few days ago by another survey
/// beside it.
///
/// # Errors
/// When there is such a survey.
pub fn check(settings: &Settings, ours: &Manifest) -> Result<()> {
    if settings.min_interval == 0 || !settings.lab.is_empty() {
        return Ok(());
    }
    let days = settings.min_interval;
    // Times are written in UTC to the same pattern, and sort as text.
    let earliest = manifest::days_ago(days);
    let latest = beside(&settings.out)
        .filter_map(|(dir, manifest)| {
            let at = asked(&manifest, ours)?;
            // One that is under way, or was killed, has written down no end but every dial.
            let dialled = manifest::written_at(&dir.join("dials.journal"));
            Some((dialled.unwrap_or_default().max(at), dir))
        })
        .max();
    match latest {
        Some((at, dir)) if at > earliest => {
            let date = at.get(..10).unwrap_or(&at);
            let problem = format!(
                "asked the same servers on {date}, and servers are asked once in {days} days; \
                 wait, or override by --min-interval 0"
            );
            Err(Error::directory(&dir, problem))
        }
        _ => Ok(()),
    }
}

/// The other surveys in the folder of this one. What cannot be read is none.
fn beside(out: &Path) -> impl Iterator<Item = (PathBuf, Manifest)> {
    let out = out.canonicalize().unwrap_or_else(|_| out.to_owned());
    let entries = out.parent().map(std::fs::read_dir);
    let entries = entries.and_then(std::io::Result::ok);
    entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(move |dir| *dir != out)
        .filter_map(|dir| {
            let manifest = Manifest::read(&dir).ok().flatten()?;
            Some((dir, manifest))
        })
}

/// When a survey outside the lab last asked, or may have asked, the mail servers that this one is
/// about: the same lists, but for another shard of them, or the failures of the same survey.
fn asked(theirs: &Manifest, ours: &Manifest) -> Option<String> {
    let lab = theirs.configuration.get("lab")?.as_array()?;
    let shares = |list: &ListSummary| ours.lists.iter().any(|ours| is_same(ours, list));
    let failures = |of: &Manifest| of.only_failed.as_ref().map(|older| older.survey.clone());
    let same_failures = failures(theirs).is_some() && failures(theirs) == failures(ours);
    let shard = |of: &Manifest| of.configuration.get("shard").cloned();
    let other_shard = theirs.seed == ours.seed && shard(theirs) != shard(ours);
    let same = same_failures || theirs.lists.iter().any(shares);
    if !lab.is_empty() || !same || other_shard {
        return None;
    }
    let begun = theirs.probed_at.clone()?;
    let ended = theirs.runs.last().and_then(|run| run.ended_at.clone());
    Some(ended.unwrap_or_default().max(begun))
}

/// Whether two lists are one: the same bytes, or a newer edition under the same file name.
fn is_same(ours: &ListSummary, theirs: &ListSummary) -> bool {
    let (ours_name, theirs_name) = (Path::new(&ours.name), Path::new(&theirs.name));
    // Standard input has no name.
    let has_name = ours.name != "-" && ours_name.file_name().is_some();
    ours.sha256 == theirs.sha256 || (has_name && ours_name.file_name() == theirs_name.file_name())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::table::manifest::{Older, Run};

    fn list(name: &str, sha256: &str) -> ListSummary {
        ListSummary {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            ..ListSummary::default()
        }
    }

    fn manifest(lab: serde_json::Value, probed_at: Option<&str>) -> Manifest {
        Manifest {
            configuration: [("lab".to_owned(), lab)].into(),
            lists: vec![list("/data/cz.txt", "aa")],
            probed_at: probed_at.map(str::to_owned),
            ..Manifest::default()
        }
    }

    #[test]
    fn surveys_of_the_same_list_count_once_they_asked() {
        let at = Some("2026-01-02T03:04:05Z");
        let outside = manifest(json!([]), at);
        let counts = |manifest: &Manifest, ours: ListSummary| {
            let ours = Manifest {
                lists: vec![ours],
                ..Manifest::default()
            };
            asked(manifest, &ours).is_some()
        };
        assert!(counts(&outside, list("other.txt", "aa")), "the same bytes");
        assert!(
            counts(&outside, list("lists/cz.txt", "bb")),
            "the same name"
        );
        assert!(!counts(&outside, list("sk.txt", "bb")));
        assert!(!counts(&outside, list("-", "bb")), "standard input");
        assert!(!counts(&manifest(json!([]), None), list("cz.txt", "aa")));
        let lab = manifest(json!(["127.0.0.0/8"]), at);
        assert!(!counts(&lab, list("cz.txt", "aa")), "the lab");
    }
    #[test]
    fn shards_of_one_survey_do_not_stand_in_each_others_way() {
        let shard = |shard: &str, seed: &str| {
            let mut manifest = manifest(json!([]), Some("2026-01-02T03:04:05Z"));
            let shard = ("shard".to_owned(), json!(shard));
            manifest.configuration.extend([shard]);
            manifest.seed = seed.to_owned();
            manifest
        };
        let first = shard("1/4", "7");
        assert_eq!(asked(&first, &shard("2/4", "7")), None);
        assert!(asked(&first, &shard("1/4", "7")).is_some());
        assert!(asked(&first, &shard("2/4", "8")).is_some());
    }

    #[test]
    fn failures_are_asked_again_once() {
        let failures = |survey: &str| {
            let mut manifest = manifest(json!([]), Some("2026-01-02T03:04:05Z"));
            manifest.lists.clear();
            manifest.only_failed = Some(Older {
                survey: survey.to_owned(),
                ..Older::default()
            });
            manifest
        };
        assert!(asked(&failures("a"), &failures("a")).is_some());
        assert_eq!(asked(&failures("a"), &failures("b")), None);
    }

    #[test]
    fn a_survey_counts_from_its_end() {
        let mut theirs = manifest(json!([]), Some("2026-01-02T03:04:05Z"));
        let ours = theirs.clone();
        let run = |ended_at: Option<&str>| Run {
            ended_at: ended_at.map(str::to_owned),
            ..Run::default()
        };
        theirs.runs = vec![run(Some("2026-01-09T00:00:00Z"))];
        assert_eq!(
            asked(&theirs, &ours).as_deref(),
            Some("2026-01-09T00:00:00Z")
        );
        theirs.runs = vec![run(None)];
        assert_eq!(
            asked(&theirs, &ours).as_deref(),
            Some("2026-01-02T03:04:05Z")
        );
    }
}
