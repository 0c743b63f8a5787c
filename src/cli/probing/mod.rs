//! `probing-txt`.
use super::flags::ProbingFlags;
use crate::error::Result;
use clap::ValueEnum;
/// Language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English
    En,
    /// Czech
    Cs,
}
/// Stub.
pub fn run(_: &ProbingFlags) -> Result<u8> {
    Ok(0)
}
