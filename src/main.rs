//! The program: see the library for everything.

use std::process::ExitCode;

fn main() -> ExitCode {
    mailcensus::cli::run()
}
