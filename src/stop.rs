//! Stopping a survey: a signal or our own trouble, said once, seen everywhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::error::Error;

/// A request to stop, shared by everything that works on a survey.
#[derive(Clone)]
pub struct Stop {
    requested: Arc<watch::Sender<bool>>,
    reason: Arc<Mutex<Option<Error>>>,
    /// Whether there is something to bring to an end.
    begun: Arc<AtomicBool>,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            requested: Arc::new(watch::Sender::new(false)),
            reason: Arc::default(),
            begun: Arc::default(),
        }
    }
}

impl Stop {
    /// Asks everything to stop. The first reason counts.
    pub fn request(&self, reason: Error) {
        if let Ok(mut slot) = self.reason.lock() {
            slot.get_or_insert(reason);
        }
        self.requested.send_replace(true);
    }

    /// From here on there is work that wants to be brought to an end.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// Whether there is. Before that a list is read, and leaving at once loses nothing.
    pub fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Whether somebody asked.
    pub fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }

    /// Waits until somebody asks.
    pub async fn requested(&self) {
        let mut receiver = self.requested.subscribe();
        // The sender lives as long as `self`.
        let _ = receiver.wait_for(|requested| *requested).await;
    }

    /// The reason, if somebody asked.
    ///
    /// # Errors
    /// The reason to stop.
    pub fn check(&self) -> Result<(), Error> {
        if !self.is_requested() {
            return Ok(());
        }
        let reason = self.reason.lock().ok().and_then(|mut slot| slot.take());
        Err(reason.unwrap_or(Error::Interrupted))
    }
}
