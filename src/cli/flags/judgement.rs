//! Flags of the commands that judge, and that show what was judged.

use std::path::PathBuf;

use clap::Args;

const VERDICT: &str = "\
Examples:
  Judge a finished survey by a rule book that ships:
    mailcensus verdict cz-2026 --profile nukib-2021

  The same with a list of what is justified:
    mailcensus verdict cz-2026 --profile nukib-2021 --exceptions granted.csv

  The same against the suites that the authority recommends:
    mailcensus verdict cz-2026 --profile nukib-2021 --suites recommended.txt

  By a rule book of your own:
    mailcensus verdict cz-2026 --profile ministry.toml

Exceptions are CSV with the header domain,point,reason,until; an empty until
has no end. They hold on the day that a domain was observed. A list of suites,
or groups, has one name of the IANA registry a line; # begins a comment. Both
are kept with the survey, and count whenever it is judged again.

Exit codes: 0 complete, 1 complete with notes worth reading, 2 error.";

/// Flags of `verdict`.
#[derive(Debug, Args)]
#[command(after_help = VERDICT)]
pub struct VerdictFlags {
    /// Directory of the survey
    #[arg(value_name = "DIR")]
    pub survey: PathBuf,

    /// Rule book to judge by: one that ships, or a file (repeatable); without it those that the
    /// survey was judged by before
    #[arg(long, value_name = "NAME|FILE")]
    pub profile: Vec<String>,

    /// What is justified; needs exactly one --profile
    #[arg(long, value_name = "FILE")]
    pub exceptions: Option<PathBuf>,

    /// Cipher suites that are allowed where the profile leaves the list open (ciphers_within); needs
    /// exactly one --profile
    #[arg(long, value_name = "FILE")]
    pub suites: Option<PathBuf>,

    /// The same for groups of the key exchange (groups_within)
    #[arg(long, value_name = "FILE")]
    pub groups: Option<PathBuf>,
}

/// Flags of `profiles`.
#[derive(Debug, Args)]
pub struct ProfilesFlags {
    /// One rule book point by point: one that ships, or a file
    #[arg(value_name = "NAME|FILE", conflicts_with = "checks")]
    pub profile: Option<String>,

    /// The checks that points are made of, with their parameters
    #[arg(long)]
    pub checks: bool,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const EXPLAIN: &str = "\
Examples:
  Why does a domain pass or fail?
    mailcensus explain cz-2026 example.cz

  Its points under one rule book, for a program:
    mailcensus explain cz-2026 example.cz --profile nukib-2021 --json";

/// Flags of `explain`.
#[derive(Debug, Args)]
#[command(after_help = EXPLAIN)]
pub struct ExplainFlags {
    /// Directory of the survey
    #[arg(value_name = "DIR")]
    pub survey: PathBuf,

    /// The domain, as A-labels or as people write it
    pub domain: String,

    /// Show its points under this profile only (repeatable)
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
