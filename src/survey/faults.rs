//! Connections that fail on this machine: given time, and when nothing helps the survey stops.

use std::time::Duration;

use crate::error::Error;
use crate::stop::Stop;

/// How long this machine gets to recover from a failed connection.
pub const PAUSE: Duration = Duration::from_secs(5);
/// Connections that fail on this machine before what they were for is given up.
pub const TRIES: u16 = 2;
/// Connections in a row that failed on this machine before the survey stops.
const TROUBLE: u32 = 20;

/// Connections in a row that failed on this machine.
#[derive(Default)]
pub struct Faults(u32);

impl Faults {
    /// Counts one more connection; asks everything to stop where too many failed.
    pub fn count(&mut self, is_local: bool, stop: &Stop) {
        if !is_local {
            self.0 = 0;
            return;
        }
        self.0 += 1;
        if self.0 >= TROUBLE {
            stop.request(Error::Machine(format!(
                "{TROUBLE} connections in a row failed on this machine (descriptors, ports or \
                 routes); mend it and run the same command again"
            )));
        }
    }
}
