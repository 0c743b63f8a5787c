//! Text of strangers: one line that does not act, and not too much of it.

use std::fs;
use std::path::Path;

use crate::text::one_line;

/// Letters of a name that are shown.
const LETTERS: usize = 80;

/// A name, cut where it is long.
pub fn short(text: &str) -> String {
    cut(text, LETTERS)
}

/// The last part of the name of a directory: the page is published, the paths of a machine are not.
/// `.` and `..` are called as the directory is; what has no name is a dash.
pub fn folder(dir: &str) -> String {
    let name = |path: &Path| Some(short(&path.file_name()?.to_string_lossy()));
    let given = Path::new(dir);
    let real = || name(&fs::canonicalize(given).ok()?);
    name(given)
        .or_else(real)
        .unwrap_or_else(|| "\u{2013}".to_owned())
}

/// A text of so many letters at the most.
pub fn cut(text: &str, limit: usize) -> String {
    let mut letters = text.chars();
    let kept: String = letters.by_ref().take(limit).collect();
    let line = one_line(&kept);
    match letters.next() {
        Some(_) => line + "…",
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_machine_is_not_told() {
        let dir = tempfile::TempDir::new().unwrap();
        let survey = dir.path().join("survey");
        fs::create_dir(&survey).unwrap();
        fs::create_dir(survey.join("below")).unwrap();
        let up = survey.join("below/..");
        for (given, told) in [
            ("/home/me/cz", "cz"),
            ("/home/me/cz/.", "cz"),
            (up.to_str().unwrap(), "survey"),
            ("/home/me/that/is/not/there/..", "\u{2013}"),
            ("/", "\u{2013}"),
            ("", "\u{2013}"),
        ] {
            assert_eq!(folder(given), told, "{given}");
        }
    }
}
