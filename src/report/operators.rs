//! Who runs the mail of how many domains, and how much of it is in few hands.

use serde::Serialize;

use super::leaders::{Count, Leaders};

/// Operators whose share together is told.
const LEADING: usize = 5;

/// The operators of domains that take mail, as they are counted.
#[derive(Debug, Default)]
pub struct Operators {
    known: Leaders,
    without: u64,
}

/// How much of the mail is in few hands.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Concentration {
    /// Domains that take mail and whose operator is known.
    pub domains: u64,
    /// Domains that take mail and whose operator is not known; in none of the shares.
    pub without_operator: u64,
    /// Operators.
    pub operators: u64,
    /// The largest by share, among those with k domains or more.
    pub top: Vec<Leader>,
    /// Share of the five largest together; null where there is none.
    pub top_5_share: Option<f64>,
    /// Sum of the squared shares of all (Herfindahl-Hirschman index): 1 is a monopoly.
    pub hhi: Option<f64>,
    /// Those with most domains that pass `dane_valid`, among those with k domains or more.
    pub dane: Vec<DaneLeader>,
}

/// An operator and its domains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leader {
    /// Its name.
    pub operator: String,
    /// Domains that take mail there.
    pub domains: u64,
    /// Their share, weighted.
    pub share: f64,
}

/// An operator and its domains with DANE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DaneLeader {
    /// Its name.
    pub operator: String,
    /// Domains that take mail there and pass `dane_valid`.
    pub domains: u64,
}

impl Operators {
    /// Counts a domain that takes mail.
    pub fn add(&mut self, operator: Option<&str>, weight: f64, dane: bool) {
        match operator {
            Some(operator) => self.known.add(operator, weight, dane),
            None => self.without += 1,
        }
    }

    /// What it comes to: the `top` largest by name, but only those of `k` domains or more.
    pub fn concentration(&self, k: u64, top: usize) -> Concentration {
        let counts = self.known.counts();
        let all: f64 = counts.iter().map(|one| one.weight).sum();
        let mut shares: Vec<f64> = counts.iter().map(|one| one.weight / all).collect();
        shares.sort_unstable_by(|a, b| b.total_cmp(a));
        let some = !shares.is_empty();
        let leader = |(name, count): (&str, Count)| Leader {
            operator: name.to_owned(),
            domains: count.domains,
            share: count.weight / all,
        };
        let dane = |(name, count): (&str, Count)| DaneLeader {
            operator: name.to_owned(),
            domains: count.dane,
        };
        let by_domains = self.known.largest(k, top, |one| one.weight);
        let by_dane = self.known.largest(k, top, |one| one.dane as f64);
        Concentration {
            domains: counts.iter().map(|one| one.domains).sum(),
            without_operator: self.without,
            operators: counts.len() as u64,
            top: by_domains.into_iter().map(leader).collect(),
            top_5_share: some.then(|| shares.iter().take(LEADING).sum()),
            hhi: some.then(|| shares.iter().map(|share| share * share).sum()),
            dane: by_dane.into_iter().map(dane).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operators(rows: &[(&str, u64, f64, u64)]) -> Operators {
        let mut operators = Operators::default();
        for (name, domains, weight, dane) in rows {
            for number in 0..*domains {
                operators.add(Some(name), *weight, number < *dane);
            }
        }
        operators
    }

    fn leaders(found: &Concentration) -> Vec<(&str, u64, f64)> {
        let each = found.top.iter();
        each.map(|one| (one.operator.as_str(), one.domains, one.share))
            .collect()
    }

    #[test]
    fn shares_are_of_domains_whose_operator_is_known() {
        let mut operators = operators(&[("b", 6, 1.0, 1), ("a", 2, 1.0, 2), ("c", 2, 1.0, 0)]);
        operators.add(None, 1.0, true);
        let found = operators.concentration(1, 2);
        assert_eq!((found.domains, found.without_operator), (10, 1));
        assert_eq!(found.operators, 3);
        assert_eq!(leaders(&found), [("b", 6, 0.6), ("a", 2, 0.2)]);
        assert!((found.hhi.expect("an index") - 0.44).abs() < 1e-12);
        assert!((found.top_5_share.expect("a share") - 1.0).abs() < 1e-12);
        let dane: Vec<_> = found
            .dane
            .iter()
            .map(|one| (&*one.operator, one.domains))
            .collect();
        assert_eq!(dane, [("a", 2), ("b", 1)]);
    }

    #[test]
    fn the_five_largest_are_five() {
        let rows: Vec<_> = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
            .iter()
            .map(|name| (*name, 1, 1.0, 0))
            .collect();
        let found = operators(&rows).concentration(1, 3);
        assert!((found.top_5_share.expect("a share") - 0.5).abs() < 1e-12);
        assert!((found.hhi.expect("an index") - 0.1).abs() < 1e-12);
        assert_eq!(found.top.len(), 3);
        assert!(found.dane.is_empty());
    }

    #[test]
    fn a_small_operator_counts_and_has_no_name() {
        let found =
            operators(&[("big", 5, 1.0, 0), ("own.example", 1, 1.0, 1)]).concentration(5, 9);
        assert_eq!(leaders(&found), [("big", 5, 5.0 / 6.0)]);
        assert!(found.dane.is_empty());
        assert_eq!(found.operators, 2);
    }

    #[test]
    fn a_sample_is_weighted() {
        let found = operators(&[("a", 1, 30.0, 0), ("b", 2, 5.0, 0)]).concentration(1, 9);
        assert_eq!(leaders(&found), [("a", 1, 0.75), ("b", 2, 0.25)]);
        assert!((found.hhi.expect("an index") - 0.625).abs() < 1e-12);
        assert_eq!(
            Operators::default().concentration(1, 9),
            Concentration::default()
        );
    }
}
