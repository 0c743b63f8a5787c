//! Why a check failed, or could not be measured: counted by word and group.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::counts::{Of, at};
use crate::table::codes::CheckResult;

/// Domains by the word of the reason, for each result that wants one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ByReason {
    /// Of those that fail.
    pub fail: Words,
    /// Of those that are unknown.
    pub unknown: Words,
    /// Of those that the check does not concern.
    pub not_applicable: Words,
}

/// Domains by word, sorted by word. Every subject of every group has some of the same few words, so
/// that they are told by all together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Box<[(Arc<str>, u64)]>);

impl Words {
    /// Each word and how many domains have it.
    pub fn of(words: impl Iterator<Item = (Arc<str>, u64)>) -> Self {
        let mut words: Vec<_> = words.collect();
        words.sort_unstable();
        Self(words.into())
    }

    /// The words, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(word, domains)| (&**word, *domains))
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The reasons of one subject.
#[derive(Debug, Default)]
pub struct Reasons {
    numbers: HashMap<Arc<str>, usize>,
    /// Each word, and for each group how often it was the reason of each result.
    words: Vec<(Arc<str>, Vec<[u64; 4]>)>,
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
        let word: Arc<str> = word.into();
        self.numbers.insert(word.clone(), self.words.len());
        self.words.push((word, Vec::new()));
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
            Words::of(some.map(|(word, count)| (word.clone(), count)))
        };
        ByReason {
            fail: counted(CheckResult::Fail),
            unknown: counted(CheckResult::Unknown),
            not_applicable: counted(CheckResult::NotApplicable),
        }
    }
}
