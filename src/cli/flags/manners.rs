//! What strangers get from us.

use clap::Args;
use ipnet::IpNet;

use crate::pace;

/// What strangers get from us.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Manners")]
pub struct MannerFlags {
    /// New connections per second in all
    #[arg(long, value_name = "N", env = "MAILCENSUS_RATE")]
    pub rate: Option<u32>,

    /// New connections per second to one operator, and to one /24 or /56
    #[arg(long, value_name = "N")]
    pub operator_rate: Option<u32>,

    /// Connections open at a time in all
    #[arg(long, value_name = "N")]
    pub connections: Option<u32>,

    /// Survey only these prefixes, and drop the rules that protect strangers: for tests against
    /// servers of your own; repeatable
    #[arg(long, value_name = "CIDR")]
    pub lab: Vec<IpNet>,

    /// Seconds in which an address gets three connections; only with --lab below 600
    #[arg(long, value_name = "SECONDS")]
    pub address_window: Option<u32>,

    /// Days between two surveys of the same list below the same folder, by the SHA-256 or the file
    /// name of the list; 0 for none
    #[arg(long, value_name = "DAYS", default_value_t = pace::MIN_INTERVAL.usual)]
    pub min_interval: u32,
}
