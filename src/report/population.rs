//! What kinds of domains there are.

use std::collections::BTreeMap;

use arrow::array::StringArray;

use super::columns::Columns;
use crate::error::Result;
use crate::table::codes::Class;

/// Domains by class, and by whether they say that they send no mail.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Population {
    /// Domains of each class by the bits of their weight, in the order of [`Class::CODES`].
    classes: [BTreeMap<u64, u64>; Class::CODES.len()],
    /// Domains that say they send no mail, that do not say so, and of which it is not known.
    pub non_sending: [u64; 3],
}

impl Population {
    /// Counts a domain.
    fn add(&mut self, class: usize, weight: f64, non_sending: Option<bool>) {
        let domains = &mut self.classes[class];
        *domains.entry(weight.to_bits()).or_default() += 1;
        let at = match non_sending {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        };
        self.non_sending[at] += 1;
    }

    /// Each class, its domains, and those of the list that they stand for.
    pub fn classes(&self) -> impl Iterator<Item = (&'static str, u64, f64)> {
        let each = Class::CODES.iter().zip(&self.classes);
        each.map(|(code, domains)| (code.word, domains.values().sum(), weighted(domains)))
    }

    /// Both together.
    pub fn plus(mut self, other: &Self) -> Self {
        for (sum, one) in self.classes.iter_mut().zip(&other.classes) {
            for (weight, domains) in one {
                *sum.entry(*weight).or_default() += domains;
            }
        }
        for (sum, one) in self.non_sending.iter_mut().zip(other.non_sending) {
            *sum += one;
        }
        self
    }
}

/// Domains of the list that domains, by the bits of their weight, stand for. Lighter ones first:
/// the sum is the same however the domains came.
pub fn weighted(domains: &BTreeMap<u64, u64>) -> f64 {
    domains.iter().fold(0.0, |sum, (weight, domains)| {
        sum + f64::from_bits(*weight) * *domains as f64
    })
}

/// The columns that [`count`] wants.
pub const COLUMNS: [&str; 2] = ["class", "non_sending"];

/// Counts every domain of a batch, each in its group.
///
/// # Errors
/// When a column is not as this program makes it.
pub fn count(
    columns: &Columns<'_>,
    weights: &[f64],
    groups: &[u32],
    populations: &mut Vec<Population>,
) -> Result<()> {
    let classes = columns.text("class")?;
    let non_sending = columns.truths("non_sending")?;
    for (row, group) in groups.iter().enumerate() {
        let class = class(classes, row).ok_or_else(|| columns.foreign("class"))?;
        let group = *group as usize;
        if populations.len() <= group {
            populations.resize(group + 1, Population::default());
        }
        populations[group].add(class, weights[row], non_sending[row]);
    }
    Ok(())
}

fn class(words: &StringArray, row: usize) -> Option<usize> {
    let word = words.value(row);
    Class::CODES.iter().position(|code| code.word == word)
}
