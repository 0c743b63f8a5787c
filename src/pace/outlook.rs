//! What lies ahead of the queues, for whoever watches.

/// What lies ahead of the queues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Targets that are not done with.
    pub left: u64,
    /// Operators that are paused.
    pub paused: u32,
    /// Seconds that the budgets take for what is left, however fast the servers answer.
    pub seconds: u64,
}
