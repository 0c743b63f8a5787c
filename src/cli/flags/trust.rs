//! By which roots chains are judged.

use std::path::PathBuf;

use clap::Args;

use super::NamedFile;

/// By which roots chains are judged.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Trust")]
pub struct TrustFlags {
    /// Trust store beside `mozilla`, which is built in; each chain is judged by
    /// every store (repeatable; `scripts/trust-store` makes `microsoft`)
    #[arg(long, value_name = "NAME=FILE.pem", value_parser = NamedFile::parse)]
    pub trust_store: Vec<NamedFile>,

    /// Root certificates to add to every trust store, recorded in the manifest
    #[arg(long, value_name = "FILE.pem")]
    pub extra_root: Vec<PathBuf>,
}
