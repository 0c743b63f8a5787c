//! What was typed: parsed, nothing looked up. One file per group of `survey --help`.

mod asking;
mod check;
mod identity;
mod input;
mod judgement;
mod manners;
mod named_file;
mod report;
mod resolvers;
mod tables;
mod tools;
mod trust;
mod watching;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub use asking::{AskingFlags, CallFlags};
pub use check::CheckFlags;
pub use identity::IdentityFlags;
pub use input::InputFlags;
pub use judgement::{ExplainFlags, ProfilesFlags, VerdictFlags};
pub use manners::MannerFlags;
pub use named_file::NamedFile;
pub use report::ReportFlags;
pub use resolvers::ResolverFlags;
pub use tables::TableFlags;
pub use tools::{ProbingFlags, StsMapFlags, TlsaFlags};
pub use trust::TrustFlags;
pub use watching::WatchingFlags;

use crate::pace::MIN_INTERVAL;
use crate::survey::Stage;
use crate::table::dictionary::Format;
use crate::table::tls_codes::Depth;

/// Surveys the e-mail security of whole national zones: DNS, STARTTLS, certificates and DANE of
/// millions of domains, as Parquet.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None, max_term_width = 100)]
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
    /// Look at some domains now: every check with its reason, and what to do about it
    Check(Box<CheckFlags>),
    /// Judge a finished survey again, by its checks and by rule books; nobody is asked
    Verdict(VerdictFlags),
    /// Say what a survey adds up to: shares, groups, rule books, changes since older surveys
    Report(ReportFlags),
    /// Show one domain of a survey: what was seen, and why each check says what it says
    Explain(ExplainFlags),
    /// Show the rule books that ship, and what of them can be seen from outside
    Profiles(ProfilesFlags),
    /// Copy the tables of a finished survey without the columns that may hold personal data
    Export(ExportFlags),
    /// Print TLSA records for what servers show now, as lines of a zone file
    Tlsa(Box<TlsaFlags>),
    /// Print MTA-STS policies as a table for Postfix (smtp_tls_policy_maps)
    StsMap(Box<StsMapFlags>),
    /// Print what says to others who surveys them: the file of RFC 9511, and a page
    ProbingTxt(ProbingFlags),
    /// Print the tables and columns that a survey leaves
    Schema(SchemaFlags),
    /// Print what completes commands and flags in a shell
    Completions(CompletionFlags),
    /// Print the manual, or write a page for each command
    Man(ManFlags),
}

const EXAMPLES: &str = "\
Examples:
  Say what would be done, without sending anything:
    mailcensus survey cz.txt --out cz-2026 --dry-run

  Survey a list from a host with a validating Unbound and a name of its own:
    mailcensus survey cz.txt --out cz-2026 --resolver 127.0.0.1 \\
        --ehlo survey.example.cz --contact https://survey.example.cz/ \\
        --preflight egress=mail.example.net

  Go on after an interruption or a crash: the same command again.

  Keep what does not change in a file, and change one setting of it:
    mailcensus survey --config cz.toml --rate 20

  The share of domains with STARTTLS on every mail server:
    duckdb -c \"SELECT starttls.result, count(*)
               FROM 'cz-2026/verdicts/*.parquet' GROUP BY 1\"

Settings: each flag may also stand in the environment (--dns-rate as
MAILCENSUS_DNS_RATE; commas between the values of a repeatable flag) or in one
TOML file (--config; dns-rate = 300; a list for a repeatable flag and for
`lists`; paths relative to the folder of the file). A flag outweighs the
environment, and that the file.

Exit codes: 0 complete, 1 complete with local trouble worth reading, 2 error,
3 interrupted.";

/// Flags of `survey`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct SurveyFlags {
    /// Which domains.
    #[command(flatten)]
    pub input: InputFlags,

    /// Directory of the survey; made if it is not there
    #[arg(long, value_name = "DIR", help_heading = "Survey")]
    pub out: PathBuf,

    /// Do only this stage; those before it must be finished
    #[arg(long, value_name = "STAGE", help_heading = "Survey")]
    pub stage: Option<Stage>,

    /// How far to go with each server: `deep` asks for every suite, group and version, over at most 60
    /// more connections to an address, spread over hours; includes --clients
    #[arg(
        long,
        value_name = "DEPTH",
        default_value = Depth::Standard.as_str(),
        value_parser = PossibleValuesParser::new(DEPTHS.map(Depth::as_str)).map(|word| depth(&word)),
        help_heading = "Survey"
    )]
    pub depth: Depth,

    /// Also look at what mail clients use: hosts of IMAP, POP3 and submission, and webmail
    #[arg(long, help_heading = "Survey")]
    pub clients: bool,

    /// Say what would be done and end; nothing is sent to anybody
    #[arg(long, help_heading = "Survey")]
    pub dry_run: bool,

    /// Days between two surveys of the same list below the same folder, by the SHA-256 or the file
    /// name of the list; 0 for none
    #[arg(
        long,
        value_name = "DAYS",
        default_value_t = MIN_INTERVAL.usual,
        help_heading = "Survey"
    )]
    pub min_interval: u32,

    /// By which roots chains are judged.
    #[command(flatten)]
    pub trust: TrustFlags,

    /// How others are asked.
    #[command(flatten)]
    pub asking: AskingFlags,

    /// What is known of addresses beforehand.
    #[command(flatten)]
    pub tables: TableFlags,

    /// Where the settings come from, and who watches.
    #[command(flatten)]
    pub watching: WatchingFlags,
}

/// What `--depth` may be.
const DEPTHS: [Depth; 2] = [Depth::Standard, Depth::Deep];

fn depth(word: &str) -> Depth {
    let known = DEPTHS.into_iter().find(|depth| depth.as_str() == word);
    known.unwrap_or_default()
}

/// Flags of `export`.
#[derive(Debug, Args)]
pub struct ExportFlags {
    /// Directory of the survey
    #[arg(value_name = "DIR")]
    pub survey: PathBuf,

    /// Directory of the copy: a new or an empty one
    #[arg(long, value_name = "OUT")]
    pub public: PathBuf,
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

/// Flags of `completions`.
#[derive(Debug, Args)]
pub struct CompletionFlags {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Flags of `man`.
#[derive(Debug, Args)]
pub struct ManFlags {
    /// Folder to write the pages to; without it they are printed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
