//! What the operator typed, and what will happen because of it.

mod call;
mod check;
mod completions;
mod config;
mod config_file;
mod console;
mod explain;
mod export;
mod finished;
mod flags;
mod input;
mod json;
mod man;
#[cfg(feature = "metrics")]
mod metrics;
mod page;
mod probing;
mod profiles;
mod report;
mod running;
mod schema;
mod settings;
mod sts_map;
mod survey;
mod tlsa;
mod verdict;

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::FromArgMatches;

use crate::error::{Error, Result};
use crate::text::{lines, one_line};
use flags::{Command, Flags};

/// Exit code where a profile is not met.
const NOT_MET: u8 = 4;

/// Runs the command that was typed. The exit code is 0 for complete, 1 for complete with local
/// trouble worth reading, 2 for an error, 3 for an interruption that the same command resumes, 4 for
/// a profile that is not met.
pub fn run() -> ExitCode {
    match typed() {
        Ok(code) => ExitCode::from(code),
        Err(err) => {
            complain(&err);
            ExitCode::from(err.exit_code())
        }
    }
}

fn typed() -> Result<u8> {
    let (matches, effective) = config::parse(std::env::args_os().collect())?;
    // The command that matched is the one that the flags were made from.
    let flags = Flags::from_arg_matches(&matches).unwrap_or_else(|err| err.exit());
    match flags.command {
        Command::Survey(flags) => survey::run(&flags, effective),
        Command::Check(flags) => check::run(&flags),
        Command::Verdict(flags) => verdict::run(&flags),
        Command::Explain(flags) => explain::run(&flags),
        Command::Profiles(flags) => profiles::run(&flags),
        Command::Report(flags) => report::run(&flags),
        Command::Export(flags) => export::run(&flags),
        Command::Tlsa(flags) => tlsa::run(&flags),
        Command::StsMap(flags) => sts_map::run(&flags),
        Command::ProbingTxt(flags) => probing::run(&flags),
        Command::Schema(flags) => schema::run(&flags),
        Command::Completions(flags) => completions::run(&flags),
        Command::Man(flags) => man::run(&flags),
    }
}

/// Says a sentence on standard error; nothing in it acts in a terminal, whoever's words it quotes.
fn complain(words: &impl Display) {
    eprintln!("mailcensus: {}", one_line(&words.to_string()));
}

/// Prints lines for people to standard output; nothing in them acts in a terminal.
///
/// # Errors
/// As [`print`].
fn print_lines(text: &str) -> Result<()> {
    print(lines(text).as_bytes())
}

/// Prints to standard output, as it is.
///
/// # Errors
/// When it cannot be written, unless whoever reads it closed the pipe: somebody read enough.
fn print(text: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(err) if err.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Error::io("write", Path::new("standard output"))),
    }
}
