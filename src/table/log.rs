//! `parts.jsonl`: the log of committed parts. A file that it does not name does not exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::rows::TableName;
use crate::error::{Error, Result};

/// One committed file of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The table.
    pub table: TableName,
    /// File name, relative to the survey directory.
    pub file: String,
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 of the file in hex.
    pub sha256: String,
    /// First key by the order of the table's key columns, and last.
    pub keys: (String, String),
    /// Number of the commit. Parts of one commit count only together.
    pub commit: u64,
    /// How many parts the commit has.
    pub of: usize,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A part was committed.
    Part(Part),
    /// All parts of a table were replaced by these: the end of a compaction, or of a table that is
    /// made anew.
    Replaced {
        /// The table.
        table: TableName,
        /// What is there now.
        parts: Vec<Part>,
    },
    /// A file was found missing; its rows will be made again.
    Missing {
        /// The file.
        file: String,
    },
    /// Everything of a stage is committed.
    Finished {
        /// Name of the stage.
        stage: String,
    },
}

/// What the log says is there.
#[derive(Debug, Default)]
pub struct State {
    /// Files of each table.
    pub live: BTreeMap<TableName, Vec<Part>>,
    /// Stages that are finished.
    pub finished: BTreeSet<String>,
    /// The next commit number.
    pub next_commit: u64,
    /// Bytes of the log that are whole; what follows is a torn write.
    pub whole: u64,
}

impl State {
    /// Replays a log. A torn last line, or a commit that is not whole, never happened.
    ///
    /// # Errors
    /// When a line in the middle is damaged.
    pub fn replay(path: &Path, text: &str) -> Result<Self> {
        let mut state = Self::default();
        let mut open: Vec<Part> = Vec::new();
        let mut end = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            end += line.len() as u64;
            let parsed = serde_json::from_str(line.trim_end());
            let line = match parsed {
                Ok(parsed) if line.ends_with('\n') => parsed,
                _ if end == text.len() as u64 => break,
                _ => {
                    let problem = format!(
                        "line {} is damaged; restore the file from a copy, or survey into a new \
                         directory",
                        number + 1
                    );
                    return Err(Error::directory(path, problem));
                }
            };
            if state.apply(line, &mut open) {
                state.whole = end;
            }
        }
        Ok(state)
    }

    /// Applies a line; false while a commit is still open.
    fn apply(&mut self, line: Line, open: &mut Vec<Part>) -> bool {
        match line {
            Line::Part(part) => {
                open.retain(|other| other.commit == part.commit);
                self.next_commit = self.next_commit.max(part.commit + 1);
                let of = part.of;
                open.push(part);
                if open.len() < of {
                    return false;
                }
                for part in open.drain(..) {
                    self.live.entry(part.table).or_default().push(part);
                }
            }
            Line::Replaced { table, parts } => {
                let last = parts.iter().map(|part| part.commit + 1).max();
                self.next_commit = self.next_commit.max(last.unwrap_or(0));
                self.live.insert(table, parts);
            }
            Line::Missing { file } => {
                for parts in self.live.values_mut() {
                    parts.retain(|part| part.file != file);
                }
                self.reopen(&[file]);
            }
            Line::Finished { stage } => {
                self.finished.insert(stage);
            }
        }
        true
    }

    /// Opens the stages again whose rows are gone. What was judged is judged anew; what was observed
    /// is asked anew, and everything after it.
    pub fn reopen(&mut self, missing: &[String]) {
        let judged = [TableName::Verdicts, TableName::Compliance];
        let is_judged = |file: &String| {
            let table = file.split('/').next();
            judged.iter().any(|name| table == Some(name.as_str()))
        };
        if missing.iter().all(is_judged) {
            self.finished.remove("verdict");
        } else {
            self.finished.clear();
        }
    }
}

/// Appends lines in one write and waits until they are on the disk.
///
/// # Errors
/// When writing or syncing fails.
pub fn append(file: &mut File, path: &Path, lines: &[Line]) -> Result<()> {
    let mut text = String::new();
    for line in lines {
        let line = serde_json::to_string(line).map_err(|err| Error::Internal(err.to_string()))?;
        text.push_str(&line);
        text.push('\n');
    }
    file.write_all(text.as_bytes())
        .map_err(Error::io("write", path))?;
    file.sync_data().map_err(Error::io("sync", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(table: TableName, file: &str, commit: u64, of: usize) -> Line {
        Line::Part(Part {
            table,
            file: file.to_owned(),
            rows: 1,
            sha256: String::new(),
            keys: (String::new(), String::new()),
            commit,
            of,
        })
    }

    fn text(lines: &[Line]) -> String {
        lines
            .iter()
            .map(|line| serde_json::to_string(line).expect("lines serialise") + "\n")
            .collect()
    }

    #[test]
    fn a_commit_of_two_parts_counts_only_whole() {
        let lines = [
            part(TableName::Zones, "a", 0, 2),
            part(TableName::Domains, "b", 0, 2),
            part(TableName::Zones, "c", 1, 2),
        ];
        let state = State::replay(Path::new("log"), &text(&lines)).expect("replays");
        assert_eq!(state.live[&TableName::Zones].len(), 1);
        assert_eq!(state.live[&TableName::Domains].len(), 1);
        assert_eq!(state.whole, text(&lines[..2]).len() as u64);
        assert_eq!(state.next_commit, 2);
    }

    #[test]
    fn a_torn_last_line_never_happened_and_a_damaged_middle_is_said() {
        let whole = text(&[part(TableName::Hosts, "a", 0, 1)]);
        let torn = format!("{whole}{{\"part\":{{\"table\"");
        let state = State::replay(Path::new("log"), &torn).expect("replays");
        assert_eq!(state.whole, whole.len() as u64);
        let damaged = format!("garbage\n{whole}");
        assert!(State::replay(Path::new("log"), &damaged).is_err());
    }

    #[test]
    fn a_missing_file_opens_the_stages_again() {
        let lines = [
            part(TableName::Hosts, "a", 0, 1),
            Line::Finished {
                stage: "hosts".to_owned(),
            },
            Line::Missing {
                file: "a".to_owned(),
            },
        ];
        let state = State::replay(Path::new("log"), &text(&lines)).expect("replays");
        assert!(state.live[&TableName::Hosts].is_empty());
        assert!(state.finished.is_empty());
    }

    #[test]
    fn missing_verdicts_are_judged_anew_and_nobody_is_asked() {
        let finished = |stage: &str| Line::Finished {
            stage: stage.to_owned(),
        };
        let missing = |file: &str| Line::Missing {
            file: file.to_owned(),
        };
        let mut lines = vec![finished("dns"), finished("verdict")];
        lines.push(missing("compliance/nukib-2021/part"));
        let state = State::replay(Path::new("log"), &text(&lines)).expect("replays");
        assert!(state.finished.contains("dns") && !state.finished.contains("verdict"));
    }
}
