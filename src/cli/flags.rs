//! What was typed: parsed, nothing looked up.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;

use crate::survey::Stage;
use crate::table::dictionary::Format;

/// Surveys the e-mail security of whole national zones: DNS, STARTTLS, certificates and DANE of
/// millions of domains, as Parquet.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None, propagate_version = true, max_term_width = 100)]
pub struct Flags {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a survey, or resume it (the same command again resumes)
    Survey(Box<SurveyFlags>),
    /// Print the tables and columns that a survey leaves
    Schema(SchemaFlags),
}

const EXAMPLES: &str = "\
Examples:
  Say what would be done, without sending anything:
    mailcensus survey cz.txt --out cz-2026 --dry-run

  Survey a list from a host with a validating Unbound and a name of its own:
    mailcensus survey cz.txt --out cz-2026 --resolver 127.0.0.1 \\
        --ehlo survey.example.cz --contact https://survey.example.cz/

  Go on after an interruption or a crash: the same command again.

  The share of domains with STARTTLS on every mail server:
    duckdb -c \"SELECT starttls.result, count(*) FROM 'cz-2026/verdicts/*.parquet' GROUP BY 1\"

Exit codes: 0 complete, 1 complete with local trouble worth reading, 2 error, 3 interrupted.";

/// Flags of `survey`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct SurveyFlags {
    /// Lists of domains, one per line; plain, .gz or .zst; `-` is standard input
    #[arg(required = true, value_name = "LIST")]
    pub lists: Vec<PathBuf>,

    /// Directory of the survey; made if it is not there
    #[arg(long, value_name = "DIR", env = "MAILCENSUS_OUT")]
    pub out: PathBuf,

    /// Do only this stage; those before it must be finished
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<Stage>,

    /// Say what would be done and end
    #[arg(long)]
    pub dry_run: bool,

    /// Name that we give in EHLO: this host's name, whose address leads back to it
    #[arg(long, value_name = "NAME", env = "MAILCENSUS_EHLO")]
    pub ehlo: Option<String>,

    /// Who answers for the survey: a mail address or a URL, recorded in the manifest
    #[arg(long, value_name = "MAIL|URL", env = "MAILCENSUS_CONTACT")]
    pub contact: Option<String>,

    /// Validating recursive resolver; repeatable [default: 127.0.0.1]
    #[arg(
        long,
        value_name = "IP[:PORT]",
        env = "MAILCENSUS_RESOLVER",
        value_delimiter = ','
    )]
    pub resolver: Vec<String>,

    /// Believe AD bits of a resolver on another machine
    #[arg(long)]
    pub trust_ad: bool,

    /// DNS queries per second to each resolver; 0 means no limit (only with --lab)
    #[arg(
        long,
        value_name = "N",
        default_value_t = 500,
        env = "MAILCENSUS_DNS_RATE"
    )]
    pub dns_rate: u32,

    /// Domains asked about at a time
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub dns_in_flight: usize,

    /// Name to try the resolver with: secure=NAME, bogus=NAME, unsigned=NAME; repeatable
    #[arg(long, value_name = "STATUS=NAME")]
    pub preflight: Vec<String>,

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

    /// Root certificates to add to every trust store, recorded in the manifest
    #[arg(long, value_name = "FILE.pem")]
    pub extra_root: Vec<PathBuf>,

    /// Seed of the order of work [default: random]
    #[arg(long, value_name = "HEX")]
    pub seed: Option<String>,

    /// Keep the normalised list in DIR/spool
    #[arg(long)]
    pub keep_spool: bool,
}

/// Flags of `schema`.
#[derive(Debug, Args)]
pub struct SchemaFlags {
    /// Only this table
    pub table: Option<String>,

    /// How to print
    #[arg(long, value_enum, default_value = "markdown")]
    pub format: Format,
}
