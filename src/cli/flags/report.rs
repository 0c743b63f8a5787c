//! Flags of `report`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::report::By;
use crate::report::html::Lang;

const EXAMPLES: &str = "\
Examples:
  The figures of a survey, by operator of mail, and as files:
    mailcensus report cz-2026 --by mail_operator --json cz.json --csv cz.csv

  What became of the domains since last year, domain by domain:
    mailcensus report cz-2026 --against cz-2025 --changes changes.csv

  A page for those who decide, in Czech:
    mailcensus report cz-2026 --html cz.html --lang cs

  Whether everybody meets what a rule book demands (exit code 4 if not):
    mailcensus report gov-2026 --profile nukib-2021 --require

docs/report.md says what each number is.

Exit codes: 0 done, 2 error, 4 --require: a point of level must fails.";

/// Flags of `report`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReportFlags {
    /// Directory of the survey
    #[arg(value_name = "DIR")]
    pub survey: PathBuf,

    /// Count the points of this profile, too; repeatable
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,

    /// Count by group, too: tld, mail_operator, country or tag:NAME
    #[arg(long, value_name = "BY")]
    pub by: Option<By>,

    /// Compare with an older survey; repeatable
    #[arg(long, value_name = "OLDER")]
    pub against: Vec<PathBuf>,

    /// List each check of each domain that changed, as CSV; `-` is standard output
    #[arg(long, value_name = "FILE", requires = "against")]
    pub changes: Option<PathBuf>,

    /// Write the report as CSV; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Write the report as one page of HTML for people; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Language of that page
    #[arg(
        long,
        value_name = "LANG",
        default_value = Lang::En.as_str(),
        requires = "html",
        value_parser = PossibleValuesParser::new(Lang::ALL.map(Lang::as_str)).try_map(|word| word.parse::<Lang>())
    )]
    pub lang: Lang,

    /// Write the report as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Name only groups, operators and countries of K domains or more; 1 names all
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub k: u64,

    /// Name so many operators, and countries
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub top: u32,

    /// End with exit code 4 where a domain fails a point of level must without a reason
    #[arg(long, requires = "profile")]
    pub require: bool,
}
