//! What the operator typed, and what will happen because of it.

mod console;
mod export;
mod flags;
mod schema;
mod settings;
mod survey;

use std::process::ExitCode;

use clap::Parser;

pub use console::Console;
pub use flags::{Command, Flags, SurveyFlags};
pub use settings::settings;

/// Runs the command that was typed. The exit code is 0 for complete, 1 for complete with local
/// trouble worth reading, 2 for an error, 3 for an interruption that the same command resumes.
pub fn run() -> ExitCode {
    let result = match Flags::parse().command {
        Command::Survey(flags) => survey::run(&flags),
        Command::Export(flags) => export::run(&flags),
        Command::Schema(flags) => schema::run(&flags),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(err) => {
            eprintln!("mailcensus: {err}");
            ExitCode::from(err.exit_code())
        }
    }
}
