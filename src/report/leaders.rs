//! Domains that take mail, counted by some name, and which names have most of them.

use crate::names::Names;

/// Domains by a name.
#[derive(Debug, Default)]
pub struct Leaders {
    names: Names,
    counts: Vec<Count>,
}

/// The domains of one name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// Domains.
    pub domains: u64,
    /// Their weight.
    pub weight: f64,
    /// Those that pass `dane_valid`.
    pub dane: u64,
}

impl Count {
    /// Counts a domain.
    pub fn add(&mut self, weight: f64, dane: bool) {
        self.domains += 1;
        self.weight += weight;
        self.dane += u64::from(dane);
    }
}

impl Leaders {
    /// Counts a domain.
    pub fn add(&mut self, name: &str, weight: f64, dane: bool) {
        let number = self.names.add(name) as usize;
        self.counts.resize(self.names.len(), Count::default());
        self.counts[number].add(weight, dane);
    }

    /// The counts of every name.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// The `top` names with most of something, ties by name; only those of `k` domains or more.
    pub fn largest(&self, k: u64, top: usize, of: fn(&Count) -> f64) -> Vec<(&str, Count)> {
        let named = (0..).zip(&self.counts);
        let named = named.map(|(number, count)| (self.names.get(number), *count));
        let mut kept: Vec<_> = named
            .filter(|(_, count)| count.domains >= k && of(count) > 0.0)
            .collect();
        kept.sort_unstable_by(|a, b| {
            let order = of(&b.1).total_cmp(&of(&a.1));
            order.then_with(|| a.0.cmp(b.0))
        });
        kept.truncate(top);
        kept
    }
}
