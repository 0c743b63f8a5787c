//! Which domains.

use std::path::PathBuf;

use clap::Args;

/// Which domains.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub struct InputFlags {
    /// Lists of domains, one per line; plain, .gz or .zst; `-` is standard input
    #[arg(required = true, value_name = "LIST", help_heading = None)]
    pub lists: Vec<PathBuf>,

    /// Seed of the order of work [default: random]
    #[arg(long, value_name = "HEX")]
    pub seed: Option<String>,

    /// Keep the normalised list in DIR/spool
    #[arg(long)]
    pub keep_spool: bool,
}
