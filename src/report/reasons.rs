//! Why a check failed, or could not be measured: counted by word and group.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::counts::{Of, at};
use crate::table::codes::CheckResult;

/// Domains by the word of the reason, for each result that wants one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ByReason {
    /// Of those that fail.
    pub fail: BTreeMap<String, u64>,
    /// Of those that are unknown.
    pub unknown: BTreeMap<String, u64>,
    /// Of those that the check does not concern.
    pub not_applicable: BTreeMap<String, u64>,
}

/// The reasons of one subject.
#[derive(Debug, Default)]
pub struct Reasons {
    numbers: HashMap<Box<str>, usize>,
    /// Each word, and for each group how often it was the reason of each result.
    words: Vec<(Box<str>, Vec<[u64; 4]>)>,
    /// Neighbours often have the same reason.
    last: usize,
}

impl Reasons {
    /// Counts a word as the reason of a result, which is given by its place.
    pub fn add(&mut self, word: &str, group: u32, result: usize) {
        if self
            .words
            .get(self.last)
            .is_none_or(|(last, _)| **last != *word)
        {
            self.last = self.number(word);
        }
        let counts = &mut self.words[self.last].1;
        if counts.len() <= group as usize {
            counts.resize(group as usize + 1, [0; 4]);
        }
        counts[group as usize][result] += 1;
    }

    fn number(&mut self, word: &str) -> usize {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        self.numbers.insert(word.into(), self.words.len());
        self.words.push((word.into(), Vec::new()));
        self.words.len() - 1
    }

    /// The words of some groups.
    pub fn of(&self, of: Of) -> ByReason {
        let counted = |result| {
            let words = self.words.iter().map(|(word, counts)| {
                let count = match of {
                    Of::All => counts.iter().map(|one| one[at(result)]).sum(),
                    Of::Group(group) => counts.get(group as usize).map_or(0, |one| one[at(result)]),
                };
                (word, count)
            });
            let some = words.filter(|(_, count)| *count > 0);
            some.map(|(word, count)| (word.to_string(), count))
                .collect()
        };
        ByReason {
            fail: counted(CheckResult::Fail),
            unknown: counted(CheckResult::Unknown),
            not_applicable: counted(CheckResult::NotApplicable),
        }
    }
}
