//! Who asks, and from where.

use std::net::IpAddr;

use clap::Args;

/// Who asks, and from where.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Identity")]
pub struct IdentityFlags {
    /// Name that we give in EHLO: this host's name, whose address leads back to it
    #[arg(long, value_name = "NAME")]
    pub ehlo: Option<String>,

    /// Who answers for the survey: a mail address or a URL, recorded in the manifest and given to web
    /// servers as part of the User-Agent
    #[arg(long, value_name = "MAIL|URL")]
    pub contact: Option<String>,

    /// Address that strangers see us come from, where this machine is behind NAT; repeatable
    #[arg(long, value_name = "IP")]
    pub source_address: Vec<IpAddr>,

    /// What to try before anything else. Names to try the resolver with: secure=NAME, bogus=NAME,
    /// unsigned=NAME; mail servers known to be good, to try port 25 with: egress=HOST; repeatable
    #[arg(long, value_name = "WHAT=NAME")]
    pub preflight: Vec<String>,
}
