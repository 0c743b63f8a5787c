//! What lies ahead of the queues, for whoever watches, and before they are begun.

use std::time::Duration;

use super::budget::{OperatorRates, interval};
use super::limits::Limits;

/// What lies ahead of the queues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Targets that are not done with.
    pub left: u64,
    /// Operators that are paused.
    pub paused: u32,
    /// Seconds that the budgets take for what is left, however fast the servers answer.
    pub seconds: u64,
}

/// What the queues hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Ahead {
    /// Targets that wait.
    pub left: u64,
    /// Connections that they will take.
    pub connections: u64,
    /// For each operator: how long it is paused, from one connection to the next, and how many
    /// connections are to come.
    pub operators: Vec<(Duration, Duration, u64)>,
    /// The most connections that are to come for one operator in one prefix.
    pub longest_lane: u64,
    /// Until the last one that waits for its moment is due.
    pub latest: Duration,
}

impl Ahead {
    /// The same for whoever watches; `out` targets are being talked to.
    pub(super) fn outlook(&self, out: u64, limits: &Limits) -> Outlook {
        let paused = |(pause, ..): &&(Duration, Duration, u64)| *pause > Duration::ZERO;
        let of_one =
            |(pause, interval, left): &(Duration, Duration, u64)| *pause + times(*interval, *left);
        let wait = self
            .operators
            .iter()
            .map(of_one)
            .max()
            .unwrap_or_default()
            .max(times(interval(limits.rate), self.connections))
            .max(times(interval(limits.prefix_rate), self.longest_lane))
            .max(self.latest);
        Outlook {
            left: self.left + out,
            paused: self.operators.iter().filter(paused).count() as u32,
            seconds: whole(wait),
        }
    }
}

/// Seconds that the budgets take for so many connections, by operator and by prefix, when nobody puts us
/// off: the longest of what the total, each operator and each prefix take. Every connection is to one
/// operator and one prefix.
pub fn expected<'a>(
    operators: impl IntoIterator<Item = (&'a str, u64)>,
    prefixes: impl IntoIterator<Item = u64>,
    limits: &Limits,
    rates: &OperatorRates,
) -> u64 {
    let mut connections = 0;
    let own = |(name, count): (&str, u64)| {
        connections += count;
        let rate = rates(name).unwrap_or(limits.operator_rate);
        (Duration::ZERO, interval(rate), count)
    };
    let operators = operators.into_iter().map(own).collect();
    let ahead = Ahead {
        left: 0,
        connections,
        operators,
        longest_lane: prefixes.into_iter().max().unwrap_or(0),
        latest: Duration::ZERO,
    };
    ahead.outlook(0, limits).seconds
}

fn times(interval: Duration, count: u64) -> Duration {
    interval.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A second that was begun counts.
fn whole(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn limits() -> Limits {
        Limits {
            rate: 50,
            operator_rate: 2,
            prefix_rate: 2,
            ..Limits::default()
        }
    }

    #[test]
    fn the_tightest_budget_says_how_long_it_takes() {
        let rates: OperatorRates = Arc::new(|name| (name == "big").then_some(20));
        let seconds = |operators: &[(&'static str, u64)], prefixes: &[u64]| {
            expected(
                operators.iter().copied(),
                prefixes.iter().copied(),
                &limits(),
                &rates,
            )
        };
        assert_eq!(seconds(&[], &[]), 0);
        assert_eq!(seconds(&[("a", 1)], &[1]), 1);
        // The operator: two a second, or its own rate.
        assert_eq!(seconds(&[("a", 1_000), ("b", 1)], &[1; 1_001]), 500);
        assert_eq!(seconds(&[("big", 1_000)], &[1; 1_000]), 50);
        // The prefix: two a second.
        assert_eq!(seconds(&[("big", 1_000)], &[900, 100]), 450);
        // The total: fifty a second.
        let many = vec![("a", 10); 1_000];
        assert_eq!(seconds(&many, &[10; 1_000]), 200);
    }

    #[test]
    fn pauses_and_late_targets_count() {
        let second = Duration::from_secs(1);
        let mut ahead = Ahead {
            left: 4,
            connections: 4,
            operators: vec![(second * 600, second / 2, 4)],
            longest_lane: 4,
            latest: second * 300,
        };
        let told = Outlook {
            left: 5,
            paused: 1,
            seconds: 602,
        };
        assert_eq!(ahead.outlook(1, &limits()), told);
        ahead.operators[0].0 = Duration::ZERO;
        assert_eq!(ahead.outlook(1, &limits()).seconds, 300);
    }
}
