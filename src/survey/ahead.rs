//! What the budget of the resolvers allows for the rest of a stage.

use std::time::{Duration, Instant};

use super::settings::Settings;
use crate::dns;
use crate::pace::Outlook;

/// How often it is worked out.
const EVERY: Duration = Duration::from_secs(1);

/// The rest of a stage that asks the DNS.
pub struct Ahead {
    /// Queries per second in all; 0 means no limit.
    rate: u64,
    left: u64,
    done: u64,
    /// Queries sent before the stage.
    queries: u64,
    told: Instant,
}

impl Ahead {
    /// A stage that begins with so many keys left.
    pub fn new(settings: &Settings, client: &dns::Client, left: u64) -> Self {
        Self {
            rate: u64::from(settings.dns.rate) * settings.dns.resolvers.len() as u64,
            left,
            done: 0,
            queries: client.queries(),
            told: Instant::now(),
        }
    }

    /// One more is done; now and then what lies ahead, if the rest takes as many queries each.
    pub fn after_one_more(&mut self, client: &dns::Client) -> Option<Outlook> {
        self.done += 1;
        self.left = self.left.saturating_sub(1);
        if self.told.elapsed() < EVERY {
            return None;
        }
        self.told = Instant::now();
        let queries = client.queries() - self.queries;
        Some(Outlook {
            left: self.left,
            paused: 0,
            seconds: seconds(self.left, queries, self.done, self.rate),
        })
    }
}

fn seconds(left: u64, queries: u64, done: u64, rate: u64) -> u64 {
    let expected = u128::from(left) * u128::from(queries);
    let per_second = u128::from(done) * u128::from(rate);
    let seconds = expected.checked_div(per_second).unwrap_or(0);
    u64::try_from(seconds).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_many_queries_each_as_what_is_done() {
        assert_eq!(seconds(1_000, 800, 100, 500), 16);
        assert_eq!(seconds(1_000, 800, 100, 0), 0, "no budget, no floor");
        assert_eq!(seconds(1_000, 0, 0, 500), 0, "nothing is known yet");
        assert_eq!(seconds(10_000_000, 80_000_000, 10_000_000, 1), 80_000_000);
    }
}
