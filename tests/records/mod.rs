//! Records that carry policies, against parsers of other people and against bytes that nobody meant.
//!
//! [`differential`] compares what [`peers`] and we read from records that [`generate`] makes and that
//! stand in the [`suites`] of the peers; every difference belongs to one of [`classes`], which
//! docs/differences.md explains. [`replay`] feeds the corpora of fuzz/ to [`invariants`].

mod classes;
mod differential;
mod generate;
mod invariants;
mod peers;
mod reading;
mod replay;
mod suites;
