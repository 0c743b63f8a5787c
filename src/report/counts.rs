//! Results counted by subject (a check, or a point of a profile), by group of domains, and by weight.
//!
//! Hands out [`Counts`], filled a domain at a time, and [`Figures`], what a subject comes to in some
//! groups.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::population::weighted;
use super::reasons::{ByReason, Reasons};
use super::share::{Stratum, Tally, estimate};
use crate::table::codes::CheckResult;
use crate::table::rows::is_unmeasured;

/// Results by subject, group and weight.
#[derive(Debug, Default)]
pub struct Counts {
    subjects: usize,
    /// Number of the slot of a group and the bits of a weight.
    numbers: HashMap<(u32, u64), usize>,
    slots: Vec<Slot>,
    /// Slots of each group.
    groups: Vec<Vec<usize>>,
    /// Domains by the bits of their weight.
    sampled: HashMap<u64, u64>,
    /// One for each slot and subject.
    cells: Vec<Cell>,
    /// One for each subject.
    reasons: Vec<Reasons>,
    /// For each subject, domains that pass.
    passed: Vec<u64>,
    /// For each subject, domains of which it is unknown because nothing measures it.
    unmeasured: Vec<u64>,
}

/// The domains of one group and weight.
#[derive(Debug, Clone, Copy)]
struct Slot {
    weight: f64,
    domains: u64,
    receiving: u64,
}

/// What a subject came to among them.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    results: [u64; 4],
    receiving_pass: u64,
    receiving_unknown: u64,
}

/// A domain on its way into the counts.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    slot: usize,
    group: u32,
    receiving: bool,
}

/// What one check or point comes to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Domains by result.
    #[serde(flatten)]
    pub tally: Tally,
    /// pass / (pass + fail) of the list; null where neither occurs, or nothing measures who passes.
    pub share: Option<f64>,
    /// Half of its 95 % interval; 0 where every domain was asked.
    pub margin: Option<f64>,
    /// Domains that pass and take mail.
    pub receiving_pass: u64,
    /// Domains of which it is unknown, and that take mail.
    pub receiving_unknown: u64,
    /// Those that pass among all that take mail; null where none does.
    pub share_of_receiving: Option<f64>,
    /// Half of its 95 % interval.
    pub margin_of_receiving: Option<f64>,
    /// Domains by reason.
    pub reasons: ByReason,
}

impl Counts {
    /// Nothing is counted yet.
    pub fn new(subjects: usize) -> Self {
        Self {
            subjects,
            reasons: (0..subjects).map(|_| Reasons::default()).collect(),
            passed: vec![0; subjects],
            unmeasured: vec![0; subjects],
            ..Self::default()
        }
    }

    /// Counts a domain, which stands for `weight` domains of the list.
    pub fn domain(&mut self, group: u32, weight: f64, receiving: bool) -> Place {
        let next = self.slots.len();
        let slot = *self
            .numbers
            .entry((group, weight.to_bits()))
            .or_insert(next);
        if slot == next {
            self.slots.push(Slot {
                weight,
                domains: 0,
                receiving: 0,
            });
            let cells = self.cells.len() + self.subjects;
            self.cells.resize(cells, Cell::default());
            if self.groups.len() <= group as usize {
                self.groups.resize(group as usize + 1, Vec::new());
            }
            self.groups[group as usize].push(slot);
        }
        *self.sampled.entry(weight.to_bits()).or_default() += 1;
        self.slots[slot].domains += 1;
        self.slots[slot].receiving += u64::from(receiving);
        Place {
            slot,
            group,
            receiving,
        }
    }

    /// Counts what a subject came to for a domain.
    pub fn add(&mut self, place: Place, subject: usize, result: CheckResult, reason: &str) {
        let cell = &mut self.cells[place.slot * self.subjects + subject];
        cell.results[at(result)] += 1;
        if result == CheckResult::Pass {
            cell.receiving_pass += u64::from(place.receiving);
            self.passed[subject] += 1;
        } else {
            let word = reason.split(':').next().unwrap_or_default();
            self.reasons[subject].add(word, place.group, at(result));
        }
        if result == CheckResult::Unknown {
            cell.receiving_unknown += u64::from(place.receiving);
            self.unmeasured[subject] += u64::from(is_unmeasured(reason));
        }
    }

    /// Whether a share of the subject says something. Where nobody can pass because nothing measures
    /// that, those that certainly fail are no share of anything.
    pub fn has_share(&self, subject: usize) -> bool {
        self.unmeasured[subject] == 0 || self.passed[subject] > 0
    }

    /// Domains of some groups.
    pub fn domains(&self, of: Of) -> u64 {
        self.slots(of).map(|slot| self.slots[slot].domains).sum()
    }

    /// Domains of some groups that take mail.
    pub fn receiving(&self, of: Of) -> u64 {
        let slots = self.slots(of);
        slots.map(|slot| self.slots[slot].receiving).sum()
    }

    /// Domains of the list that those of some groups stand for.
    pub fn weight(&self, of: Of) -> f64 {
        let mut domains = BTreeMap::new();
        for slot in self.slots(of).map(|slot| &self.slots[slot]) {
            *domains.entry(slot.weight.to_bits()).or_default() += slot.domains;
        }
        weighted(&domains)
    }

    /// Whether the domains stand for others, too.
    pub fn is_sample(&self) -> bool {
        self.slots.iter().any(|slot| slot.weight != 1.0)
    }

    /// What a subject comes to in some groups.
    pub fn figures(&self, subject: usize, of: Of) -> Figures {
        let (pass, fail) = (at(CheckResult::Pass), at(CheckResult::Fail));
        let all = |_: &Slot, cell: &Cell| (cell.results[pass], cell.results[fail]);
        let receiving = |slot: &Slot, cell: &Cell| {
            let rest = slot.receiving - cell.receiving_pass;
            (cell.receiving_pass, rest)
        };
        let has_share = self.has_share(subject);
        let share = |strata: Vec<Stratum>| has_share.then(|| estimate(&strata)).flatten();
        let of_receiving = share(self.strata(subject, of, receiving));
        let share = share(self.strata(subject, of, all));
        let sum = |count: fn(&Cell) -> u64| {
            let cells = self.slots(of).map(|slot| self.cell(slot, subject));
            cells.map(count).sum()
        };
        Figures {
            tally: self.tally(subject, of),
            share: share.map(|estimate| estimate.share),
            margin: share.map(|estimate| estimate.margin),
            receiving_pass: sum(|cell| cell.receiving_pass),
            receiving_unknown: sum(|cell| cell.receiving_unknown),
            share_of_receiving: of_receiving.map(|estimate| estimate.share),
            margin_of_receiving: of_receiving.map(|estimate| estimate.margin),
            reasons: self.reasons[subject].of(of),
        }
    }

    fn tally(&self, subject: usize, of: Of) -> Tally {
        let sum = |result| {
            let cells = self.slots(of).map(|slot| self.cell(slot, subject));
            cells.map(|cell| cell.results[at(result)]).sum()
        };
        Tally {
            pass: sum(CheckResult::Pass),
            fail: sum(CheckResult::Fail),
            not_applicable: sum(CheckResult::NotApplicable),
            unknown: sum(CheckResult::Unknown),
        }
    }

    /// yes and no by weight. A group is a part of the strata that it was drawn from: how many
    /// domains these have is counted over all groups.
    fn strata(
        &self,
        subject: usize,
        of: Of,
        split: impl Fn(&Slot, &Cell) -> (u64, u64),
    ) -> Vec<Stratum> {
        let mut strata: BTreeMap<u64, Stratum> = BTreeMap::new();
        for number in self.slots(of) {
            let slot = &self.slots[number];
            let (yes, no) = split(slot, self.cell(number, subject));
            let bits = slot.weight.to_bits();
            let sum = strata.entry(bits).or_insert_with(|| Stratum {
                weight: slot.weight,
                sampled: self.sampled[&bits],
                yes: 0,
                no: 0,
            });
            sum.yes += yes;
            sum.no += no;
        }
        strata.into_values().collect()
    }

    fn cell(&self, slot: usize, subject: usize) -> &Cell {
        &self.cells[slot * self.subjects + subject]
    }

    fn slots(&self, of: Of) -> Box<dyn Iterator<Item = usize> + '_> {
        match of {
            Of::All => Box::new(0..self.slots.len()),
            Of::Group(group) => {
                let slots = self.groups.get(group as usize);
                Box::new(slots.into_iter().flatten().copied())
            }
        }
    }
}

/// Of which groups.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// Of all.
    All,
    /// Of the one of a number.
    Group(u32),
}

/// The place of a result among the counts.
pub fn at(result: CheckResult) -> usize {
    match result {
        CheckResult::Pass => 0,
        CheckResult::Fail => 1,
        CheckResult::NotApplicable => 2,
        CheckResult::Unknown => 3,
    }
}

#[cfg(test)]
#[path = "counts_tests.rs"]
mod tests;
