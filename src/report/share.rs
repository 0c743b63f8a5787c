//! One check over all domains: counts of its results, and the share they stand for.
//!
//! In a survey of a whole list a share is what was counted. In a sample each domain stands for
//! `weight` domains of the list, and the share is an estimate with an interval.

use std::collections::BTreeMap;

use crate::table::codes::CheckResult;

/// Quantile of the normal distribution for intervals of 95 %.
const Z_95: f64 = 1.96;

/// Counts of the four results of one check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Domains that pass.
    pub pass: u64,
    /// Domains that fail.
    pub fail: u64,
    /// Domains that the check does not concern.
    pub not_applicable: u64,
    /// Domains that could not be measured.
    pub unknown: u64,
}

impl Tally {
    /// Domains that pass or fail.
    pub fn of(&self) -> u64 {
        self.pass + self.fail
    }

    fn all(&self) -> u64 {
        self.of() + self.not_applicable + self.unknown
    }

    fn add(&mut self, result: CheckResult) {
        match result {
            CheckResult::Pass => self.pass += 1,
            CheckResult::Fail => self.fail += 1,
            CheckResult::NotApplicable => self.not_applicable += 1,
            CheckResult::Unknown => self.unknown += 1,
        }
    }
}

/// The results of one check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Share {
    /// Strata by the bits of their weight. Strata of one weight were sampled alike and count as one.
    strata: BTreeMap<u64, Tally>,
}

/// A share of the domains of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Between 0 and 1.
    pub share: f64,
    /// Half of the 95 % interval around it; 0 where every domain was asked.
    pub margin: f64,
}

impl Share {
    /// Adds the result of one domain, which stands for `weight` domains of the list.
    pub fn add(&mut self, result: CheckResult, weight: f64) {
        self.strata.entry(weight.to_bits()).or_default().add(result);
    }

    /// What was counted, each domain as one.
    pub fn tally(&self) -> Tally {
        self.strata
            .values()
            .fold(Tally::default(), |sum, one| Tally {
                pass: sum.pass + one.pass,
                fail: sum.fail + one.fail,
                not_applicable: sum.not_applicable + one.not_applicable,
                unknown: sum.unknown + one.unknown,
            })
    }

    /// Whether the domains stand for others, too.
    pub fn is_sample(&self) -> bool {
        self.strata.keys().any(|bits| f64::from_bits(*bits) != 1.0)
    }

    /// pass / (pass + fail) of the list; none where neither occurs.
    ///
    /// The ratio estimator of a stratified sample, its variance by linearisation and with the
    /// finite population correction (Cochran, Sampling Techniques, 6.11). Unknown domains are left
    /// out, as if they were like the others: the interval says nothing of them.
    pub fn estimate(&self) -> Option<Estimate> {
        let weighted = |of: fn(&Tally) -> u64| -> f64 {
            let each = self.strata.iter();
            each.map(|(bits, tally)| f64::from_bits(*bits) * of(tally) as f64)
                .sum()
        };
        let of = weighted(Tally::of);
        if of <= 0.0 {
            return None;
        }
        let share = weighted(|tally| tally.pass) / of;
        let variance: f64 = self
            .strata
            .iter()
            .map(|(bits, tally)| variance_of(f64::from_bits(*bits), tally, share))
            .sum();
        Some(Estimate {
            share,
            margin: Z_95 * variance.max(0.0).sqrt() / of,
        })
    }
}

/// What one stratum adds to the variance of the total of pass − share × (pass + fail).
fn variance_of(weight: f64, tally: &Tally, share: f64) -> f64 {
    let n = tally.all() as f64;
    if weight <= 1.0 || n < 2.0 {
        return 0.0;
    }
    let (pass, fail) = (tally.pass as f64, tally.fail as f64);
    let sum = pass * (1.0 - share) - fail * share;
    let squares = pass * (1.0 - share).powi(2) + fail * share.powi(2);
    let spread = (squares - sum * sum / n) / (n - 1.0);
    let size = weight * n;
    size * size * (1.0 - n / size) * spread / n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(strata: &[(f64, u64, u64, u64)]) -> Share {
        let mut share = Share::default();
        for (weight, pass, fail, unknown) in strata {
            let results = [
                (CheckResult::Pass, pass),
                (CheckResult::Fail, fail),
                (CheckResult::Unknown, unknown),
            ];
            for (result, times) in results {
                (0..*times).for_each(|_| share.add(result, *weight));
            }
        }
        share
    }

    #[test]
    fn a_whole_list_is_counted() {
        let whole = share(&[(1.0, 3, 1, 2)]);
        let estimate = whole.estimate().expect("a share");
        assert_eq!((estimate.share, estimate.margin), (0.75, 0.0));
        assert!(!whole.is_sample());
        assert_eq!(whole.tally().of(), 4);
        assert_eq!(share(&[(1.0, 0, 0, 5)]).estimate(), None);
    }

    #[test]
    fn a_domain_counts_by_its_weight() {
        let sample = share(&[(100.0, 10, 10, 0), (1.0, 0, 20, 0)]);
        let estimate = sample.estimate().expect("a share");
        assert!((estimate.share - 1_000.0 / 2_020.0).abs() < 1e-12);
        assert!(sample.is_sample());
    }

    #[test]
    fn the_interval_of_a_simple_sample_is_the_one_of_the_books() {
        // 400 of 10,000, half of them pass: sqrt(p q / (n - 1) × (1 - n / N)).
        let estimate = share(&[(25.0, 200, 200, 0)]).estimate().expect("a share");
        let books = 1.96 * (0.25_f64 / 399.0 * (1.0 - 0.04)).sqrt();
        assert!((estimate.margin - books).abs() < 1e-9, "{estimate:?}");
    }

    #[test]
    fn strata_narrow_the_interval() {
        let mixed = share(&[(25.0, 200, 200, 0)]).estimate().expect("a share");
        let apart = share(&[(25.0, 190, 10, 0), (24.0, 10, 190, 0)]);
        assert!(apart.estimate().expect("a share").margin < mixed.margin);
    }
}
