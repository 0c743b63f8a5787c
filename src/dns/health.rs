//! Is it them or is it us? A resolver that stops answering must not become a column.
//!
//! Questions that got no answer at all are counted; when too many do, everybody waits until the
//! resolver answers a known question again. SERVFAIL does not count: that is an answer.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Answers looked back on.
const WINDOW: usize = 10_000;
/// Share of lost questions that means trouble, in percent.
const TROUBLE: usize = 2;
/// Questions lost in a row that mean trouble, whatever the share.
const IN_A_ROW: usize = 24;
/// Before this many answers the share says nothing.
const ENOUGH: usize = 1_000;

/// The recent past of all resolvers together.
pub struct Health {
    past: Mutex<Past>,
    paused: watch::Sender<bool>,
    /// How often the resolvers were really down.
    outages: AtomicU32,
}

struct Past {
    lost: Vec<bool>,
    at: usize,
    sum: usize,
    in_a_row: usize,
}

impl Default for Health {
    fn default() -> Self {
        let past = Past {
            lost: Vec::new(),
            at: 0,
            sum: 0,
            in_a_row: 0,
        };
        Self {
            past: Mutex::new(past),
            paused: watch::Sender::new(false),
            outages: AtomicU32::new(0),
        }
    }
}

impl Health {
    /// Takes note of a question: lost or answered.
    pub fn note(&self, lost: bool) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        if past.lost.len() < WINDOW {
            past.lost.push(lost);
            past.sum += usize::from(lost);
        } else {
            let at = past.at;
            past.sum = past.sum + usize::from(lost) - usize::from(past.lost[at]);
            past.lost[at] = lost;
            past.at = (at + 1) % WINDOW;
        }
        past.in_a_row = if lost { past.in_a_row + 1 } else { 0 };
        let seen = past.lost.len();
        let many = seen >= ENOUGH && past.sum * 100 > seen * TROUBLE;
        if past.in_a_row >= IN_A_ROW || many {
            self.paused
                .send_if_modified(|paused| !std::mem::replace(paused, true));
        }
    }

    /// How often the resolvers were really down so far.
    pub fn outages(&self) -> u32 {
        self.outages.load(Ordering::Relaxed)
    }

    /// Forgets the past: the resolver answers again. `was_down` tells an outage from many names
    /// that are slow.
    pub fn recovered(&self, was_down: bool) {
        self.outages
            .fetch_add(u32::from(was_down), Ordering::Relaxed);
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        *past = Past {
            lost: Vec::new(),
            at: 0,
            sum: 0,
            in_a_row: 0,
        };
        drop(past);
        self.paused.send_replace(false);
    }

    /// Whether everybody waits.
    pub fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Waits while there is trouble.
    pub async fn gate(&self) {
        // The sender lives as long as `self`.
        let _ = self.paused.subscribe().wait_for(|paused| !paused).await;
    }

    /// Waits until there is trouble.
    pub async fn trouble(&self) {
        let _ = self.paused.subscribe().wait_for(|paused| *paused).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_percent_lost_pauses_and_recovery_forgets() {
        let health = Health::default();
        for number in 0..ENOUGH * 2 {
            health.note(number % 60 == 0);
            assert!(!health.is_paused(), "paused below two percent, at {number}");
        }
        let health = Health::default();
        for number in 0..ENOUGH * 2 {
            health.note(number % 40 == 0);
        }
        assert!(health.is_paused());
        health.recovered(true);
        assert!(!health.is_paused());
    }

    #[test]
    fn a_resolver_that_falls_silent_is_noticed_at_once() {
        let health = Health::default();
        for _ in 0..IN_A_ROW {
            assert!(!health.is_paused());
            health.note(true);
        }
        assert!(health.is_paused());
    }
}
