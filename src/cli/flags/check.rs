//! Flags of `check`.

use clap::Args;

use super::{CallFlags, TableFlags, TrustFlags};

const EXAMPLES: &str = "\
Examples:
  What is there to mend?
    mailcensus check example.cz --ehlo probe.example.cz --contact mail@example.cz

  Does it meet a rule book (exit code 4 if not)?
    mailcensus check example.cz --profile modern ...

  The same for a program:
    mailcensus check example.cz --profile modern --json ... | jq '.[].checks'

An address and port gets at most 3 connections in 10 minutes, also from several
calls: DIR of --state has the dials of earlier ones. What would have to wait is
unknown (budget, unconfirmed); --wait waits for it, as a survey does, which takes
a quarter of an hour or more.

docs/check.md says what each field of --json is.

Exit codes: 0 done, 1 done with local trouble worth reading, 2 error,
3 interrupted, 4 a point of level must of a --profile fails.";

/// Flags of `check`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckFlags {
    /// The domains, as A-labels or as people write them
    #[arg(required = true, value_name = "DOMAIN")]
    pub domains: Vec<String>,

    /// Judge by this rule book, too: one that ships, or a file (repeatable)
    #[arg(long, value_name = "NAME|FILE", help_heading = "Check")]
    pub profile: Vec<String>,

    /// Print JSON: a list with one object for each domain
    #[arg(long, help_heading = "Check")]
    pub json: bool,

    /// Wait for what an address may be asked only later, instead of leaving it unknown
    #[arg(long, help_heading = "Check")]
    pub wait: bool,

    /// Ask for every suite, group and version, over hours; needs --wait, includes --clients
    #[arg(long, requires = "wait", help_heading = "Check")]
    pub deep: bool,

    /// Also look at what mail clients use: hosts of IMAP, POP3 and submission, and webmail
    #[arg(long, help_heading = "Check")]
    pub clients: bool,

    /// By which roots chains are judged.
    #[command(flatten)]
    pub trust: TrustFlags,

    /// How they are asked.
    #[command(flatten)]
    pub call: CallFlags,

    /// What is known of addresses beforehand.
    #[command(flatten)]
    pub tables: TableFlags,
}
