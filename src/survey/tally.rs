//! How far a stage is: what its bar, its line in the log and its metrics are made of.

use std::collections::BTreeMap;

use crate::pace::Outlook;
use crate::text::count;

/// How far a stage is.
#[derive(Debug, Clone)]
pub struct Tally {
    /// How many there are in all.
    pub total: u64,
    /// How many are done, by whichever process.
    pub done: u64,
    /// How many earlier processes did.
    pub inherited: u64,
    /// How many are being worked on.
    pub in_flight: usize,
    /// What the budgets say of the rest.
    pub ahead: Outlook,
    /// How those of this process ended.
    pub outcomes: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// A stage that begins, with what earlier processes did of it.
    pub fn new(total: u64, inherited: u64) -> Self {
        Self {
            total,
            done: inherited,
            inherited,
            in_flight: 0,
            ahead: Outlook::default(),
            outcomes: BTreeMap::new(),
        }
    }

    /// One more is done.
    pub fn add(&mut self, outcome: &'static str, in_flight: usize) {
        self.done += 1;
        self.in_flight = in_flight;
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    /// How many are not done yet.
    pub fn left(&self) -> u64 {
        self.total.saturating_sub(self.done)
    }

    /// `9,800 tls, 1,200 timeout`: most frequent first, so that a line may be cut off.
    pub fn outcomes(&self) -> String {
        let mut outcomes: Vec<_> = self.outcomes.iter().collect();
        outcomes.sort_by_key(|(word, number)| (std::cmp::Reverse(**number), **word));
        let words = outcomes
            .into_iter()
            .map(|(word, number)| format!("{} {word}", count(*number)));
        words.collect::<Vec<_>>().join(", ")
    }
}
