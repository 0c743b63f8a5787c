//! What was typed.

use std::path::PathBuf;

use clap::Parser;

/// A fake country on this machine: signed zones, name servers, a validating resolver and mail
/// servers of every manner, with the truth about all of them. Needs Debian 12 and root.
#[derive(Debug, Parser)]
#[command(
    name = "lab",
    after_help = "\
Without a command it prints one line that begins with `ready`, and stays until standard input ends, \
SIGTERM or SIGINT. With one, it runs that command inside, with the words of that line in its \
environment (LAB_DIR, LAB_PID, RESOLVER, LIST, LIST_CSV, TRUTH, CA, LAB, PREFLIGHT), and ends with its \
status. \
Others enter by `nsenter -t PID -n -- COMMAND`."
)]
pub struct Flags {
    /// Domains in the list
    #[arg(long, default_value_t = 1_000)]
    pub domains: usize,

    /// Where all chance comes from: the same seed makes the same country
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Where to put it; made if it is not there. Without it, a temporary directory that goes at the
    /// end
    #[arg(long)]
    pub dir: Option<PathBuf>,

    /// Share of mail servers that are slow: some greet after seconds, some never
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub slow_share: f64,

    /// Share of mail servers, and of domains' name servers, that never answer
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub dead_share: f64,

    /// 1: the country as it is first; 2: the same country some time later
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub wave: u8,

    /// Share of domains that changed until the second wave
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    pub changes: f64,

    /// Only write the files
    #[arg(long)]
    pub generate_only: bool,

    /// Use this machine's loopback instead of a network of its own; nothing is dead there
    #[arg(long, conflicts_with = "dead_share")]
    pub no_namespace: bool,

    /// A command to run inside
    #[arg(last = true)]
    pub command: Vec<String>,
}
