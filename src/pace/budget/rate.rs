//! Rates at even distances, and exact windows.

use std::time::Duration;

use tokio::time::Instant;

/// A rate: one at a time, at even distances. What was not used is lost, so that nothing piles up.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// From one to the next; zero means no limit.
    pub interval: Duration,
    /// When the next one may go.
    pub next: Instant,
}

impl Rate {
    /// So many a second, the first one at once.
    pub fn per_second(number: u32, now: Instant) -> Self {
        Self {
            interval: interval(number),
            next: now,
        }
    }

    /// One goes now.
    pub fn charge(&mut self, now: Instant) {
        self.next = now + self.interval;
    }

    /// One that was charged for earlier goes only now.
    pub fn departed(&mut self, now: Instant) {
        self.next = self.next.max(now + self.interval);
    }
}

/// The distance between two at so many a second.
pub fn interval(per_second: u32) -> Duration {
    Duration::from_secs(1) / per_second.max(1)
}

/// The last connections, oldest first: no more of them than the window allows.
///
/// An exact window instead of a bucket, which would let six connections through in ten minutes where
/// three are allowed.
#[derive(Debug, Default)]
pub struct Window(Vec<Instant>);

impl Window {
    /// Notes a connection; only the newest `most` count.
    pub fn note(&mut self, at: Instant, most: u32) {
        let place = self.0.partition_point(|other| *other <= at);
        self.0.insert(place, at);
        if self.0.len() > most as usize {
            self.0.remove(0);
        }
    }

    /// A connection that was noted for one moment went at another.
    pub fn moved(&mut self, from: Option<Instant>, to: Instant, most: u32) {
        // Nothing there: so many newer ones came that it was pushed out, or the window was over.
        if let Some(place) = self.0.iter().position(|at| Some(*at) == from) {
            self.0.remove(place);
        }
        self.note(to, most);
    }

    /// When the next one may go, if that is not now.
    pub fn busy_until(&self, now: Instant, length: Duration, most: u32) -> Option<Instant> {
        if self.0.len() < most as usize {
            return None;
        }
        let oldest = *self.0.first()?;
        (oldest + length > now).then(|| oldest + length)
    }

    /// Whether nothing of it counts any more.
    pub fn is_over(&self, now: Instant, length: Duration) -> bool {
        self.0.last().is_none_or(|last| *last + length <= now)
    }

    /// The connections it holds.
    pub fn times(&self) -> &[Instant] {
        &self.0
    }
}
