//! `completions`: what a shell needs to complete commands and flags.

use clap::CommandFactory;

use super::flags::{CompletionFlags, Flags};
use super::print;
use crate::error::Result;

/// Prints the completions of a shell.
pub fn run(flags: &CompletionFlags) -> Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(flags.shell, &mut Flags::command(), "mailcensus", &mut text);
    print(&text)?;
    Ok(0)
}
