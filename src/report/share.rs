//! Counts of the results of one check, and the share they stand for.
//!
//! In a survey of a whole list a share is what was counted. In a sample each domain stands for
//! `weight` domains of the list, and the share is an estimate with an interval.

/// Quantile of the normal distribution for intervals of 95 %.
const Z_95: f64 = 1.96;
/// The largest variance of a yes or no.
const WIDEST: f64 = 0.25;

/// Counts of the four results of one check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
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
}

/// What the domains of one weight came to. Strata of one weight were sampled alike and count as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// Domains of the list that each stands for.
    pub weight: f64,
    /// Domains surveyed, also those outside of the share.
    pub sampled: u64,
    /// Domains with what the share is of.
    pub yes: u64,
    /// Domains without.
    pub no: u64,
}

/// A share of the domains of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Between 0 and 1.
    pub share: f64,
    /// Half of the 95 % interval around it; 0 where every domain was asked.
    pub margin: f64,
}

/// yes / (yes + no) of the list; none where neither occurs.
///
/// The ratio estimator of a stratified sample, its variance by linearisation and with the
/// finite population correction (Cochran, Sampling Techniques, 6.11). Unknown domains are left
/// out, as if they were like the others: the interval says nothing of them. Where all that were
/// drawn agree there is no variance to estimate, and the margin is how many might differ without
/// one of them being drawn (Clopper and Pearson, 1934: 1 − 0.05^(1/n)).
pub fn estimate(strata: &[Stratum]) -> Option<Estimate> {
    let weighted = |of: fn(&Stratum) -> u64| -> f64 {
        let each = strata.iter();
        each.map(|stratum| stratum.weight * of(stratum) as f64)
            .sum()
    };
    let of = weighted(|stratum| stratum.yes + stratum.no);
    if of <= 0.0 {
        return None;
    }
    let share = weighted(|stratum| stratum.yes) / of;
    let variances = strata.iter().map(|stratum| variance_of(stratum, share));
    let variance = variances.sum::<f64>().max(0.0);
    let margin = match variance > 0.0 {
        true => Z_95 * variance.sqrt() / of,
        false => unseen(strata) / of,
    };
    Some(Estimate { share, margin })
}

/// Domains of the list that may differ although nobody who was drawn does.
fn unseen(strata: &[Stratum]) -> f64 {
    let drawn = strata.iter().filter(|stratum| stratum.weight > 1.0);
    let (mut domains, mut size) = (0, 0.0);
    for stratum in drawn {
        domains += stratum.yes + stratum.no;
        size += stratum.weight * (stratum.yes + stratum.no) as f64;
    }
    match domains {
        0 => 0.0,
        domains => size * (1.0 - 0.05_f64.powf(1.0 / domains as f64)),
    }
}

/// What one stratum adds to the variance of the total of yes − share × (yes + no).
fn variance_of(stratum: &Stratum, share: f64) -> f64 {
    let n = stratum.sampled as f64;
    if stratum.weight <= 1.0 {
        return 0.0;
    }
    let (yes, no) = (stratum.yes as f64, stratum.no as f64);
    let sum = yes * (1.0 - share) - no * share;
    let squares = yes * (1.0 - share).powi(2) + no * share.powi(2);
    let spread = match n < 2.0 {
        // One domain shows no spread: the largest that there can be.
        true => WIDEST * (yes + no),
        false => (squares - sum * sum / n) / (n - 1.0),
    };
    let size = stratum.weight * n;
    size * size * (1.0 - n / size) * spread / n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strata(strata: &[(f64, u64, u64, u64)]) -> Vec<Stratum> {
        let stratum = |&(weight, sampled, yes, no)| Stratum {
            weight,
            sampled,
            yes,
            no,
        };
        strata.iter().map(stratum).collect()
    }

    fn share(of: &[(f64, u64, u64, u64)]) -> Estimate {
        estimate(&strata(of)).expect("a share")
    }

    #[test]
    fn a_whole_list_is_counted() {
        let whole = share(&[(1.0, 6, 3, 1)]);
        assert_eq!((whole.share, whole.margin), (0.75, 0.0));
        assert_eq!(estimate(&strata(&[(1.0, 5, 0, 0)])), None);
        assert_eq!(estimate(&[]), None);
    }

    #[test]
    fn a_domain_counts_by_its_weight() {
        let sample = share(&[(100.0, 20, 10, 10), (1.0, 20, 0, 20)]);
        assert!((sample.share - 1_000.0 / 2_020.0).abs() < 1e-12);
    }

    #[test]
    fn the_interval_of_a_simple_sample_is_the_one_of_the_books() {
        // 400 of 10,000, half of them pass: sqrt(p q / (n - 1) × (1 - n / N)).
        let sample = share(&[(25.0, 400, 200, 200)]);
        let books = 1.96 * (0.25_f64 / 399.0 * (1.0 - 0.04)).sqrt();
        assert!((sample.margin - books).abs() < 1e-9, "{sample:?}");
    }

    #[test]
    fn a_sample_of_one_mind_is_not_certain() {
        let sample = share(&[(25.0, 34, 34, 0)]);
        assert_eq!(sample.share, 1.0);
        assert!((sample.margin - (1.0 - 0.05_f64.powf(1.0 / 34.0))).abs() < 1e-12);
        // Of the list a part was asked whole: there is no doubt about that part.
        let half = share(&[(1.0, 850, 850, 0), (25.0, 34, 34, 0)]);
        assert!((half.margin - sample.margin / 2.0).abs() < 1e-12);
        assert_eq!(share(&[(1.0, 34, 34, 0)]).margin, 0.0);
    }

    #[test]
    fn one_domain_of_a_stratum_shows_no_spread() {
        let sample = share(&[(1_000.0, 1, 1, 0), (1.0, 1_000, 0, 1_000)]);
        assert!(sample.margin > 0.4, "{sample:?}");
        let other = share(&[(1_000.0, 1, 0, 0), (10.0, 100, 50, 50)]);
        assert_eq!(other.margin, share(&[(10.0, 100, 50, 50)]).margin);
    }

    #[test]
    fn strata_narrow_the_interval() {
        let mixed = share(&[(25.0, 400, 200, 200)]);
        let apart = share(&[(25.0, 200, 190, 10), (24.0, 200, 10, 190)]);
        assert!(apart.margin < mixed.margin);
    }

    #[test]
    fn a_part_of_a_stratum_is_less_certain_than_a_stratum_of_its_size() {
        // Of whom the part consists is chance, too: the domains outside of it count as zeros.
        let strata_of = |sampled| [(25.0, sampled, 90, 10), (5.0, sampled, 10, 90)];
        let (part, whole) = (share(&strata_of(1_000)), share(&strata_of(100)));
        assert_eq!(part.share, whole.share);
        assert!(part.margin > whole.margin);
    }
}
