//! The permission to dial, and an open connection in the books.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::Instant;

use super::Pace;
use crate::stop::Stop;
use crate::table::row::Moment;

/// Permission to open one connection to one address. Only the queues make it; dialling consumes it.
#[must_use]
pub struct Clearance {
    open: Open,
    stop: Stop,
}

impl Clearance {
    /// For a dial that was charged and journalled.
    pub(super) fn of(
        pace: &Arc<Pace>,
        address: SocketAddr,
        operator: &Arc<str>,
        stop: &Stop,
    ) -> Self {
        Self {
            open: Open {
                address,
                operator: operator.clone(),
                at: Moment::now(),
                pace: pace.clone(),
                is_doubtful: false,
            },
            stop: stop.clone(),
        }
    }

    /// The address it is for.
    pub fn address(&self) -> SocketAddr {
        self.open.address
    }

    /// Takes it apart, right before the packet leaves: that is the moment that windows and
    /// distances count from, however long the way from the charge to here took.
    pub(in crate::pace) fn depart(mut self) -> (Open, Stop) {
        self.open.depart();
        (self.open, self.stop)
    }
}

/// An open connection in the books. Dropping it says that the conversation ended.
#[must_use]
pub struct Open {
    address: SocketAddr,
    operator: Arc<str>,
    /// When it was dialled.
    at: Moment,
    pace: Arc<Pace>,
    is_doubtful: bool,
}

impl Open {
    fn depart(&mut self) {
        self.at = Moment::now();
        let most = self.pace.limits.in_window;
        let mut books = self.pace.books();
        books.departed(self.address, &self.operator, Instant::now(), most);
    }

    /// Ends it without a word in the journal: nobody knows what became of the dial.
    pub(in crate::pace) fn leave_doubtful(mut self) {
        self.is_doubtful = true;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.pace.books().release(self.address);
        if !self.is_doubtful {
            self.pace.journal.ended(self.address, self.at);
        }
    }
}
