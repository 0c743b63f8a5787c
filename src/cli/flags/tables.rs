//! What is known of addresses beforehand, beside who runs them. Files are plain, gzip or zstd; nothing is downloaded.

use std::path::PathBuf;

use clap::Args;

/// What is known of addresses beforehand.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Tables")]
pub struct TableFlags {
    /// In which country addresses are registered: `prefix country` or `first last country` a line, or
    /// what a registry publishes as delegated (nro-delegated-stats has all five)
    #[arg(long, value_name = "FILE")]
    pub country_table: Option<PathBuf>,

    /// Who may announce which prefix: the VRPs of routinator or rpki-client, CSV or JSON; needs an
    /// --asn-table of prefixes
    #[arg(long, value_name = "FILE")]
    pub rpki_table: Option<PathBuf>,
}
