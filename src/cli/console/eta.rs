//! When a stage will be over: by what was measured, and never sooner than the budgets allow.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::survey::Tally;

/// How often the number of those done is remembered.
const EVERY: Duration = Duration::from_secs(2);
/// How many such numbers are kept: the rate is that of the last two minutes.
const KEPT: usize = 60;

/// How fast a stage went lately.
pub struct Speed {
    past: VecDeque<(Instant, u64)>,
}

impl Speed {
    /// A stage that begins now, with so many done before.
    pub fn new(now: Instant, done: u64) -> Self {
        Self {
            past: VecDeque::from([(now, done)]),
        }
    }

    /// How many per second are done; `done` is how many there are now.
    pub fn per_second(&mut self, now: Instant, done: u64) -> f64 {
        if self.past.back().is_none_or(|(at, _)| now - *at >= EVERY) {
            self.past.push_back((now, done));
            if self.past.len() > KEPT {
                self.past.pop_front();
            }
        }
        let Some((since, before)) = self.past.front() else {
            return 0.0;
        };
        let seconds = (now - *since).as_secs_f64();
        match seconds > 0.0 {
            true => done.saturating_sub(*before) as f64 / seconds,
            false => 0.0,
        }
    }
}

/// Seconds until a stage is over; none while nobody can tell.
pub fn seconds_left(tally: &Tally, per_second: f64) -> Option<u64> {
    let left = tally.left();
    let measured = (per_second > 0.0).then(|| (left as f64 / per_second).ceil() as u64);
    let allowed = (tally.ahead.seconds > 0).then_some(tally.ahead.seconds);
    match left {
        0 => Some(0),
        // None sorts below every number.
        _ => measured.max(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Outlook;

    #[test]
    fn the_rate_is_that_of_the_last_two_minutes() {
        let start = Instant::now();
        let mut speed = Speed::new(start, 1_000);
        assert_eq!(speed.per_second(start, 1_000), 0.0);
        for second in 1..=600 {
            let done = 1_000 + second * 10;
            let rate = speed.per_second(start + Duration::from_secs(second), done);
            assert!((rate - 10.0).abs() < 0.001, "{rate} after {second} s");
        }
        // Then nothing comes any more.
        let mut rates = (601..=900).map(|second| {
            let now = start + Duration::from_secs(second);
            speed.per_second(now, 7_000)
        });
        let after_a_minute = rates.nth(59).unwrap_or_default();
        assert!((4.0..6.0).contains(&after_a_minute), "{after_a_minute}");
        assert_eq!(rates.last(), Some(0.0));
        assert!(speed.past.len() <= KEPT);
    }

    #[test]
    fn the_budgets_are_a_floor() {
        let mut tally = Tally::new(1_000, 0);
        tally.done = 500;
        assert_eq!(seconds_left(&tally, 10.0), Some(50));
        assert_eq!(seconds_left(&tally, 0.0), None, "nothing was measured yet");
        tally.ahead = Outlook {
            left: 500,
            paused: 1,
            seconds: 600,
        };
        assert_eq!(seconds_left(&tally, 10.0), Some(600));
        assert_eq!(seconds_left(&tally, 0.0), Some(600));
        assert_eq!(seconds_left(&tally, 0.5), Some(1_000));
        tally.done = 1_000;
        assert_eq!(seconds_left(&tally, 10.0), Some(0));
    }
}
