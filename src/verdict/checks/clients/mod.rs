//! What mail clients use. [`webmail`] is one of them.

pub mod webmail;
