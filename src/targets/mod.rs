//! Which domains: lists become normalised names in the order of work.

mod input;
pub mod list;
pub mod name;
pub mod spool;
