//! What is shown while a check runs: a line for each step on a terminal, elsewhere nothing. What is
//! worth reading afterwards is said at the end.

use std::io::IsTerminal;
use std::sync::Arc;

use crate::cli::complain;
use crate::pace::Outlook;
use crate::survey::{Screen, Watch};

/// A screen that says little.
pub struct Quiet {
    is_terminal: bool,
}

impl Quiet {
    /// One on standard error.
    pub fn new() -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
        }
    }
}

impl Screen for Quiet {
    fn note(&self, text: &str) {
        if self.is_terminal {
            complain(&text);
        }
    }

    fn stage(
        &self,
        name: &'static str,
        unit: &'static str,
        total: u64,
        _done: u64,
    ) -> Arc<dyn Watch> {
        if total > 0 {
            self.note(&format!("{name}: asking about {total} {unit}"));
        }
        Arc::new(Unwatched)
    }
}

/// Nobody looks at the counts of a check.
struct Unwatched;

impl Watch for Unwatched {
    fn done(&self, _outcome: &'static str, _in_flight: usize) {}

    fn outlook(&self, _ahead: Outlook) {}

    fn finish(&self) {}
}
