//! Where the settings come from, and who watches.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Where the settings come from, and who watches.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings and watching")]
pub struct WatchingFlags {
    /// TOML file with settings: names of flags without the dashes
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Serve counters for Prometheus on http://IP:PORT/metrics
    #[arg(long, value_name = "IP:PORT")]
    pub metrics: Option<SocketAddr>,

    /// Show all that is said on the wire about this domain and its mail servers, also in
    /// DIR/survey.log; repeatable
    #[arg(long, value_name = "DOMAIN")]
    pub trace_domain: Vec<String>,
}
