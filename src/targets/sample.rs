//! A stratified sample: how many domains of each stratum, and which.
//!
//! Hands out `Sample` and `Stratify`, `Strata` to count and `Plan` to draw. Seats are given one at a time by a rule that does
//! not look at how many there are: a larger sample of the same order holds the smaller one. First
//! every stratum gets one, then a second where it has two, then whoever has the highest
//! size / (2 × seats + 1): the proportional allocation of Sainte-Laguë, which unlike that of the
//! largest remainder never takes a seat away when there are more. In a stratum the lowest places
//! in the order of work are drawn.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::str::FromStr;

use super::facts::Facts;

/// Stratum of a domain without a rank, or without the tag.
const NONE: &str = "none";
/// Last rank of each band.
const BANDS: [(u32, &str); 4] = [
    (1_000, "1-1000"),
    (10_000, "1001-10000"),
    (100_000, "10001-100000"),
    (1_000_000, "100001-1000000"),
];
/// Beyond the last band.
const BEYOND: &str = "1000001-";

/// How many domains to draw, and by what they are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Domains in all.
    pub size: u64,
    /// What makes a stratum.
    pub by: Stratify,
}

/// What makes a stratum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Stratify {
    /// The last label.
    #[default]
    Tld,
    /// The band of the rank.
    Rank,
    /// The value of this tag.
    Tag(String),
}

impl FromStr for Stratify {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("tag:")) {
            ("tld", _) => Ok(Self::Tld),
            ("rank", _) => Ok(Self::Rank),
            (_, Some(name)) if !name.is_empty() => Ok(Self::Tag(name.to_owned())),
            _ => Err("give tld, rank or tag:NAME".to_owned()),
        }
    }
}

impl fmt::Display for Stratify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tld => f.write_str("tld"),
            Self::Rank => f.write_str("rank"),
            Self::Tag(name) => write!(f, "tag:{name}"),
        }
    }
}

impl Stratify {
    /// The stratum of a domain.
    pub fn stratum<'a>(&self, domain: &'a str, facts: &'a Facts) -> &'a str {
        match self {
            Self::Tld => domain.rsplit('.').next().unwrap_or(domain),
            Self::Rank => facts.rank.map_or(NONE, band),
            Self::Tag(name) => facts.tags.get(name).map_or(NONE, String::as_str),
        }
    }
}

fn band(rank: u32) -> &'static str {
    let fits = |(last, _): &&(u32, &str)| rank <= *last;
    BANDS.iter().find(fits).map_or(BEYOND, |(_, name)| name)
}

/// Sizes of the strata, counted before anything is drawn.
#[derive(Debug, Default)]
pub struct Strata {
    sizes: BTreeMap<String, u64>,
}

impl Strata {
    /// Counts a domain.
    pub fn count(&mut self, stratum: &str) {
        match self.sizes.get_mut(stratum) {
            Some(size) => *size += 1,
            None => {
                self.sizes.insert(stratum.to_owned(), 1);
            }
        }
    }

    /// How many strata there are.
    pub fn len(&self) -> u64 {
        self.sizes.len() as u64
    }

    /// Whether no domain has a value that could tell it apart.
    pub fn tell_nothing_apart(&self) -> bool {
        self.sizes.keys().all(|stratum| stratum == NONE)
    }

    /// Gives `seats` seats to the strata; none has more than its size.
    pub fn allocate(self, seats: u64) -> Plan {
        let mut waiting: BinaryHeap<Claim> = self
            .sizes
            .into_iter()
            .map(|(name, size)| Claim {
                name,
                size,
                seats: 0,
            })
            .collect();
        let mut served = BTreeMap::new();
        for _ in 0..seats {
            // A list that is smaller than the sample is taken whole.
            let Some(mut claim) = waiting.pop() else {
                break;
            };
            claim.seats += 1;
            if claim.seats == claim.size {
                served.insert(claim.name.clone(), Quota::of(&claim));
            } else {
                waiting.push(claim);
            }
        }
        let rest = waiting.into_iter();
        served.extend(rest.map(|claim| (claim.name.clone(), Quota::of(&claim))));
        Plan { quotas: served }
    }
}

/// A stratum that waits for its next seat; the greatest claim is served first.
#[derive(Debug)]
struct Claim {
    name: String,
    size: u64,
    seats: u64,
}

impl Ord for Claim {
    fn cmp(&self, other: &Self) -> Ordering {
        // The first two seats come before all proportion.
        let early = |claim: &Self| claim.seats.min(2);
        let weight = |claim: &Self, against: &Self| {
            u128::from(claim.size) * (2 * u128::from(against.seats) + 1)
        };
        early(other)
            .cmp(&early(self))
            .then_with(|| weight(self, other).cmp(&weight(other, self)))
            .then_with(|| other.name.cmp(&self.name))
    }
}

impl PartialOrd for Claim {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Claim {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Claim {}

/// How many of each stratum are still to be drawn.
#[derive(Debug)]
pub struct Plan {
    quotas: BTreeMap<String, Quota>,
}

#[derive(Debug)]
struct Quota {
    left: u64,
    weight: f64,
}

impl Quota {
    fn of(claim: &Claim) -> Self {
        Self {
            left: claim.seats,
            weight: claim.size as f64 / claim.seats as f64,
        }
    }
}

impl Plan {
    /// Draws a domain if a seat of its stratum is left: its weight, which is the size of the stratum
    /// by the number drawn from it.
    pub fn draw(&mut self, stratum: &str) -> Option<f64> {
        let quota = self.quotas.get_mut(stratum)?;
        quota.left = quota.left.checked_sub(1)?;
        Some(quota.weight)
    }

    /// Whether every seat is taken.
    pub fn is_drawn(&self) -> bool {
        self.quotas.values().all(|quota| quota.left == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strata(sizes: &[(&str, u64)]) -> Strata {
        let pair = |(name, size): &(&str, u64)| ((*name).to_owned(), *size);
        Strata {
            sizes: sizes.iter().map(pair).collect(),
        }
    }

    fn seats(sizes: &[(&str, u64)], n: u64) -> Vec<u64> {
        let plan = strata(sizes).allocate(n);
        let seats = plan.quotas.values().map(|quota| quota.left);
        seats.collect()
    }

    #[test]
    fn seats_are_proportional_above_two_for_everybody() {
        let sizes = [("a", 7_000), ("b", 2_000), ("c", 990), ("d", 9), ("e", 1)];
        assert_eq!(seats(&sizes, 5), [1, 1, 1, 1, 1]);
        assert_eq!(seats(&sizes, 7), [2, 2, 1, 1, 1]);
        assert_eq!(seats(&sizes, 9), [2, 2, 2, 2, 1]);
        assert_eq!(seats(&sizes, 1_000), [698, 200, 99, 2, 1]);
        assert_eq!(seats(&sizes, 20_000), [7_000, 2_000, 990, 9, 1]);
    }

    #[test]
    fn more_seats_take_none_away() {
        let sizes = [("a", 600), ("b", 600), ("c", 200), ("d", 31), ("e", 1)];
        let mut before = seats(&sizes, 5);
        for n in 6..=1_432 {
            let now = seats(&sizes, n);
            assert_eq!(now.iter().sum::<u64>(), n);
            assert!(
                before.iter().zip(&now).all(|(then, now)| then <= now),
                "{n}"
            );
            before = now;
        }
    }

    #[test]
    fn what_makes_a_stratum() {
        let facts = |rank, tags: &[(&str, &str)]| Facts {
            rank,
            tags: tags
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Facts::default()
        };
        let by = |text: &str| text.parse::<Stratify>().unwrap();
        let plain = facts(None, &[]);
        assert_eq!(by("tld").stratum("a.co.uk", &plain), "uk");
        for (rank, band) in [
            (0, "1-1000"),
            (1_000, "1-1000"),
            (1_001, "1001-10000"),
            (100_000, "10001-100000"),
            (1_000_000, "100001-1000000"),
            (1_000_001, "1000001-"),
        ] {
            assert_eq!(by("rank").stratum("a.cz", &facts(Some(rank), &[])), band);
        }
        assert_eq!(by("rank").stratum("a.cz", &plain), "none");
        let tagged = facts(None, &[("sector", "bank")]);
        assert_eq!(by("tag:sector").stratum("a.cz", &tagged), "bank");
        assert_eq!(by("tag:sector").stratum("a.cz", &plain), "none");
        for text in ["", "tag", "tag:", "TLD", "country"] {
            assert!(text.parse::<Stratify>().is_err(), "{text}");
        }
        for text in ["tld", "rank", "tag:a b"] {
            assert_eq!(by(text).to_string(), text);
        }
    }

    #[test]
    fn weights_sum_to_the_size_of_the_stratum() {
        let mut plan = strata(&[("a", 1_000), ("b", 3)]).allocate(7);
        let mut sum = 0.0;
        while let Some(weight) = plan.draw("a") {
            sum += weight;
        }
        assert!((sum - 1_000.0).abs() < 1e-9, "{sum}");
        assert!(!plan.is_drawn());
        while plan.draw("b").is_some() {}
        assert!(plan.is_drawn());
        assert_eq!(plan.draw("c"), None);
    }
}
