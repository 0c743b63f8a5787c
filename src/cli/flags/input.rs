//! Which domains.

use std::path::PathBuf;

use clap::Args;

use crate::targets::{Format, Shard, Stratify};

/// Which domains.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub struct InputFlags {
    /// Lists of domains: one per line, CSV with a column `domain`, rank,domain, or the zone file of
    /// a TLD; plain, .gz or .zst; `-` is standard input
    #[arg(required_unless_present = "only_failed", value_name = "LIST", help_heading = None)]
    pub lists: Vec<PathBuf>,

    /// Format of the lists
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub list_format: Format,

    /// Survey again what failed in this finished survey, in place of lists
    #[arg(long, value_name = "OLDER")]
    pub only_failed: Option<PathBuf>,

    /// Survey so many domains: a stratified sample, with weights in the tables
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub sample: Option<u64>,

    /// What makes a stratum of the sample: tld, rank (in bands) or tag:NAME [default: tld]
    #[arg(long, value_name = "BY")]
    pub stratify: Option<Stratify>,

    /// Survey one of N shards of the lists, so that N machines share them; wants the same --seed on
    /// each
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Seed of the order of work [default: random]
    #[arg(long, value_name = "HEX")]
    pub seed: Option<String>,

    /// Keep the normalised list in DIR/spool
    #[arg(long)]
    pub keep_spool: bool,
}
