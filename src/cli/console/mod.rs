//! What the operator sees while a survey runs: bars on a terminal, plain lines elsewhere.
//!
//! Whoever works only counts; one thread looks at the counts a few times a second and draws, so
//! that the screen moves also while everybody waits.

mod eta;
mod progress;

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressDrawTarget};

use super::complain;
use crate::survey::{Screen, Tally, Watch};
use progress::Progress;

/// How often the bars are drawn.
const DRAW_EVERY: Duration = Duration::from_millis(250);

/// The screen.
pub struct Console(Arc<Shared>);

struct Shared {
    bars: Option<MultiProgress>,
    running: Mutex<Vec<Arc<Progress>>>,
}

impl Console {
    /// Bars if standard error is a terminal.
    pub fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bars =
            is_terminal.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        let shared = Arc::new(Shared {
            bars,
            running: Mutex::default(),
        });
        let weak = Arc::downgrade(&shared);
        std::thread::spawn(move || draw(&weak));
        Self(shared)
    }

    /// Lets no bar move any more: a stage that is not over was broken off.
    pub fn close(&self) {
        for progress in self.0.running().drain(..) {
            progress.close();
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

fn draw(shared: &Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        shared.running().retain(|progress| progress.tick());
        drop(shared);
        std::thread::sleep(DRAW_EVERY);
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, Vec<Arc<Progress>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Screen for Console {
    fn note(&self, text: &str) {
        let write = || complain(&text);
        match &self.0.bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }

    fn stage(
        &self,
        name: &'static str,
        unit: &'static str,
        total: u64,
        done: u64,
    ) -> Arc<dyn Watch> {
        let tally = Tally::new(total, done);
        let progress = Arc::new(Progress::new(name, unit, tally, self.0.bars.as_ref()));
        self.0.running().push(progress.clone());
        progress
    }
}
