//! Pacing of DNS queries: one permission per query, at even distances.
//!
//! Waiting is first come, first served, and a waiting query costs one timer: each caller takes the
//! next free slot and sleeps until it comes (a virtual schedule, GCRA without a bucket).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Permission to send one query.
#[must_use]
pub struct QueryLeave(());

/// The budget of one resolver.
pub struct DnsPace {
    /// Nanoseconds between two queries; 0 means no limit.
    interval: u64,
    start: Instant,
    /// The next free slot, in nanoseconds since `start`.
    next: AtomicU64,
}

impl DnsPace {
    /// A budget in queries per second; 0 means no limit.
    pub fn new(per_second: u32) -> Self {
        Self {
            interval: 1_000_000_000_u64
                .checked_div(u64::from(per_second))
                .unwrap_or(0),
            start: Instant::now(),
            next: AtomicU64::new(0),
        }
    }

    /// Waits for the next free slot.
    pub async fn admit(&self) -> QueryLeave {
        if self.interval > 0 {
            let now = self.elapsed();
            let slot = self
                .next
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
                    Some(next.max(now) + self.interval)
                })
                .map_or(now, |next| next.max(now));
            if slot > now {
                tokio::time::sleep_until(self.start + Duration::from_nanos(slot)).await;
            }
        }
        QueryLeave(())
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn queries_leave_at_even_distances_in_the_order_they_came() {
        let pace = DnsPace::new(100);
        let start = Instant::now();
        for number in 0..50 {
            let _leave = pace.admit().await;
            let at = start.elapsed().as_millis();
            assert!(at >= number * 10, "query {number} left at {at} ms");
        }
        assert!(start.elapsed() < Duration::from_millis(520));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_budget_does_not_pile_up() {
        let pace = DnsPace::new(10);
        let _first = pace.admit().await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        let start = Instant::now();
        for _ in 0..3 {
            let _leave = pace.admit().await;
        }
        assert!(start.elapsed() >= Duration::from_millis(200));
    }
}
