//! Whom the DNS is asked, and how fast.

use clap::Args;

use crate::pace::{DNS_RATE, IN_FLIGHT};

/// Whom the DNS is asked, and how fast.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "DNS")]
pub struct ResolverFlags {
    /// Validating recursive resolver; repeatable
    #[arg(long, value_name = "IP[:PORT]", default_value = "127.0.0.1")]
    pub resolver: Vec<String>,

    /// Believe AD bits of a resolver on another machine
    #[arg(long)]
    pub trust_ad: bool,

    /// DNS queries per second to each resolver; 0 means no limit (only with --lab)
    #[arg(long, value_name = "N", default_value_t = DNS_RATE.usual)]
    pub dns_rate: u32,

    /// Domains asked about at a time
    #[arg(long, value_name = "N", default_value_t = IN_FLIGHT.usual)]
    pub dns_in_flight: u32,
}
