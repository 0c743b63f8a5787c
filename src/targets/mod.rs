//! Which domains: lists become normalised names in the order of work.

pub mod name;
