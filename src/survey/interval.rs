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
pub fn check(settings: &Settings, lists: &[ListSummary]) -> Result<()> {
    if settings.min_interval == 0 || !settings.lab.is_empty() {
        return Ok(());
    }
    let days = settings.min_interval;
    // Times are written in UTC to the same pattern, and sort as text.
    let earliest = manifest::days_ago(days);
    let latest = beside(&settings.out)
        .filter_map(|(dir, manifest)| Some((asked(&manifest, lists)?.to_owned(), dir)))
        .max();
    match latest {
        Some((at, dir)) if at > earliest => {
            let date = at.get(..10).unwrap_or(&at);
            let problem = format!(
                "surveyed the same list on {date}, and servers are asked once in {days} days; \
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

/// When a survey outside the lab last began to ask the mail servers of one of these lists.
fn asked<'a>(manifest: &'a Manifest, lists: &[ListSummary]) -> Option<&'a str> {
    let lab = manifest.configuration.get("lab")?.as_array()?;
    let shares = |theirs: &ListSummary| lists.iter().any(|ours| is_same(ours, theirs));
    if !lab.is_empty() || !manifest.lists.iter().any(shares) {
        return None;
    }
    manifest.probed_at.as_deref()
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
        let counts = |manifest: &Manifest, ours: ListSummary| asked(manifest, &[ours]).is_some();
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
}
