//! How others are asked, for every command that asks anybody.

use std::path::PathBuf;

use clap::Args;

use super::{IdentityFlags, MannerFlags, ResolverFlags};

/// How others are asked.
#[derive(Debug, Clone, Args)]
pub struct AskingFlags {
    /// Who asks, and from where.
    #[command(flatten)]
    pub identity: IdentityFlags,

    /// Whom the DNS is asked, and how fast.
    #[command(flatten)]
    pub resolvers: ResolverFlags,

    /// What strangers get from us.
    #[command(flatten)]
    pub manners: MannerFlags,
}

/// How others are asked by commands that are called often, about a few names.
#[derive(Debug, Clone, Args)]
pub struct CallFlags {
    /// Where the dials of the last minutes are kept, so that the next call knows of them [default:
    /// mailcensus in $XDG_STATE_HOME, or ~/.local/state/mailcensus]
    #[arg(long, value_name = "DIR", help_heading = "Manners")]
    pub state: Option<PathBuf>,

    /// The rest.
    #[command(flatten)]
    pub asking: AskingFlags,
}
