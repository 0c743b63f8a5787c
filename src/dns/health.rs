//! Is it them or is it us? A resolver that stops answering, or can no longer find anything out, must
//! not become a column.
//!
//! Questions that got no answer at all are counted, and those that a resolver could not answer; when
//! there are too many of either, everybody waits until it is known whose fault that is. Zones may be
//! broken, so that it takes far more failures than lost questions to ask.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Answers looked back on.
const WINDOW: usize = 10_000;
/// Share of lost questions that means trouble, in percent.
const TROUBLE: usize = 2;
/// Questions lost in a row that mean trouble, whatever the share.
const IN_A_ROW: usize = 24;
/// Before this many answers the share says nothing.
const ENOUGH: usize = 1_000;
/// Questions looked back on for failures: few, because what failed may have to be asked again.
const FAILURES: usize = 400;
/// Share of failures that may be trouble, in percent: of real zones far fewer are broken.
const MANY: usize = 25;

/// What may be wrong with the resolvers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// They do not answer.
    Silent,
    /// They answer that they cannot find out.
    Failing,
}

/// The recent past of all resolvers together.
#[derive(Default)]
pub struct Health {
    past: Mutex<Past>,
    trouble: watch::Sender<Option<Trouble>>,
    /// How often the resolvers were really down.
    outages: AtomicU32,
}

#[derive(Default)]
struct Past {
    lost: Share,
    in_a_row: usize,
    failed: Share,
}

/// How many of the last ones were bad.
#[derive(Default)]
struct Share {
    bad: VecDeque<bool>,
    sum: usize,
}

impl Share {
    fn note(&mut self, bad: bool, window: usize) {
        self.bad.push_back(bad);
        self.sum += usize::from(bad);
        if self.bad.len() > window {
            let oldest = self.bad.pop_front().unwrap_or_default();
            self.sum -= usize::from(oldest);
        }
    }

    /// Whether so many are known, and more than these percent of them are bad.
    fn is_above(&self, percent: usize, enough: usize) -> bool {
        let seen = self.bad.len();
        seen >= enough && self.sum * 100 > seen * percent
    }
}

impl Health {
    /// Takes note of a question that was sent: lost or answered.
    pub fn note(&self, lost: bool) {
        let mut past = self.past();
        past.lost.note(lost, WINDOW);
        past.in_a_row = if lost { past.in_a_row + 1 } else { 0 };
        if past.in_a_row >= IN_A_ROW || past.lost.is_above(TROUBLE, ENOUGH) {
            self.pause(Trouble::Silent);
        }
    }

    /// Takes note of a question that nothing more is done about: whether a resolver said that it
    /// could not find out.
    pub fn note_failure(&self, failed: bool) {
        let mut past = self.past();
        past.failed.note(failed, FAILURES);
        if past.failed.is_above(MANY, FAILURES) {
            self.pause(Trouble::Failing);
        }
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self, trouble: Trouble) {
        let first = |known: &mut Option<Trouble>| {
            let is_news = known.is_none();
            known.get_or_insert(trouble);
            is_news
        };
        self.trouble.send_if_modified(first);
    }

    /// How often the resolvers were really down so far.
    pub fn outages(&self) -> u32 {
        self.outages.load(Ordering::Relaxed)
    }

    /// Forgets the past: the resolvers answer. `was_down` tells an outage from many names that are
    /// slow or broken.
    pub fn recovered(&self, was_down: bool) {
        self.outages
            .fetch_add(u32::from(was_down), Ordering::Relaxed);
        *self.past() = Past::default();
        self.trouble.send_replace(None);
    }

    /// Waits while there is trouble.
    pub async fn gate(&self) {
        // The sender lives as long as `self`.
        let _ = self.trouble.subscribe().wait_for(Option::is_none).await;
    }

    /// Waits until there is trouble.
    pub async fn trouble(&self) -> Trouble {
        let mut trouble = self.trouble.subscribe();
        let found = trouble.wait_for(Option::is_some).await;
        found
            .ok()
            .and_then(|found| *found)
            .unwrap_or(Trouble::Silent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(health: &Health) -> Option<Trouble> {
        *health.trouble.borrow()
    }

    #[test]
    fn two_percent_lost_pauses_and_recovery_forgets() {
        let health = Health::default();
        for number in 0..ENOUGH * 2 {
            health.note(number % 60 == 0);
            assert_eq!(found(&health), None, "below two percent, at {number}");
        }
        let health = Health::default();
        for number in 0..ENOUGH * 2 {
            health.note(number % 40 == 0);
        }
        assert_eq!(found(&health), Some(Trouble::Silent));
        health.recovered(true);
        assert_eq!(found(&health), None);
    }

    #[test]
    fn a_resolver_that_falls_silent_is_noticed_at_once() {
        let health = Health::default();
        for _ in 0..IN_A_ROW {
            assert_eq!(found(&health), None);
            health.note(true);
        }
        assert_eq!(found(&health), Some(Trouble::Silent));
    }

    #[test]
    fn a_quarter_of_failures_pauses_and_what_is_long_ago_does_not_count() {
        let health = Health::default();
        for number in 0..FAILURES * 4 {
            health.note_failure(number % 4 == 0);
            assert_eq!(found(&health), None, "not more than a quarter, at {number}");
        }
        for _ in 0..4 {
            health.note_failure(true);
        }
        assert_eq!(found(&health), Some(Trouble::Failing));
        health.recovered(false);
        assert_eq!(found(&health), None);
        assert_eq!(health.outages(), 0);
    }
}
