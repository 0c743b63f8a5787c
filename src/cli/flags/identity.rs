//! Who asks, and from where.

use clap::Args;

/// Who asks, and from where.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Identity")]
pub struct IdentityFlags {
    /// Name that we give in EHLO: this host's name, whose address leads back to it
    #[arg(long, value_name = "NAME")]
    pub ehlo: Option<String>,

    /// Who answers for the survey: a mail address or a URL, recorded in the manifest
    #[arg(long, value_name = "MAIL|URL")]
    pub contact: Option<String>,

    /// Name to try the resolver with: secure=NAME, bogus=NAME, unsigned=NAME; repeatable
    #[arg(long, value_name = "STATUS=NAME")]
    pub preflight: Vec<String>,
}
