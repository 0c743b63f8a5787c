//! What strangers get from us.

use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;

use crate::pace::{HTTPS_OPERATOR_RATE, HTTPS_RATE, OPEN, OPERATOR_RATE, RATE, WINDOW};

/// What strangers get from us.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Manners")]
pub struct MannerFlags {
    /// New connections per second in all
    #[arg(long, value_name = "N", default_value_t = RATE.usual)]
    pub rate: u32,

    /// New connections per second to one operator, and to one /24 or /56
    #[arg(long, value_name = "N", default_value_t = OPERATOR_RATE.usual)]
    pub operator_rate: u32,

    /// New web connections per second to one address and port, for MTA-STS policies and webmail
    #[arg(long, value_name = "N", default_value_t = HTTPS_RATE.usual)]
    pub https_rate: u32,

    /// New web connections per second to one operator
    #[arg(long, value_name = "N", default_value_t = HTTPS_OPERATOR_RATE.usual)]
    pub https_operator_rate: u32,

    /// Connections open at a time in all
    #[arg(long, value_name = "N", default_value_t = OPEN.usual)]
    pub connections: u32,

    /// Whom to leave alone, one a line: address, prefix, domain (with all below it), mx:SUFFIX of
    /// mail hosts, AS number; read again when it changes; repeatable
    #[arg(long, value_name = "FILE")]
    pub exclude: Vec<PathBuf>,

    /// Survey only these prefixes, and drop the rules that protect strangers: for tests against
    /// servers of your own; repeatable
    #[arg(long, value_name = "CIDR")]
    pub lab: Vec<IpNet>,

    /// Seconds in which an address gets three connections; only with --lab below 600
    #[arg(long, value_name = "SECONDS", default_value_t = WINDOW.usual)]
    pub address_window: u32,

    /// Who runs which mail hosts, instead of the table that ships (data/operators.toml)
    #[arg(long, value_name = "FILE.toml")]
    pub operator_table: Option<PathBuf>,

    /// Which AS announces which addresses: `prefix asn` a line, RouteViews pfx2as, or the ranges of
    /// iptoasn.com, which have countries, too
    #[arg(long, value_name = "FILE")]
    pub asn_table: Option<PathBuf>,
}
