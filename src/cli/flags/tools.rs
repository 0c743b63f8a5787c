//! Flags of the commands that make what others read: zone files, tables for Postfix, pages for web
//! servers.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use super::{CallFlags, TrustFlags};
use crate::cli::probing::Language;
use crate::cli::sts_map::Testing;
use crate::cli::tlsa::{Matching, Selector, Usage};

const TLSA: &str = "\
Examples:
  Records for what two mail servers show now:
    mailcensus tlsa mx1.example.cz mx2.example.cz --ehlo probe.example.cz \\
        --contact mail@example.cz > tlsa.zone

  For the authority above a certificate, and for IMAP:
    mailcensus tlsa imap.example.cz:993 --usage dane-ta ...

Every line that is no record is a comment: what a record was made of, whether it
is published, and what to do with it. docs/tools.md says what they mean.

An address and port gets at most 3 connections in 10 minutes, also from several
calls: DIR of --state has the dials of earlier ones.

Exit codes: 0 all addresses were seen, 1 some were not, 2 error, 3 interrupted.";

/// Flags of `tlsa`.
#[derive(Debug, Args)]
#[command(after_help = TLSA)]
pub struct TlsaFlags {
    /// The hosts: mail servers, by their names
    #[arg(required = true, value_name = "HOST[:PORT]")]
    pub hosts: Vec<String>,

    /// Port of hosts that are given without one: 25, 110, 143, 465, 587, 993 or 995
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 25,
        help_heading = "Records"
    )]
    pub port: u16,

    /// What a record names
    #[arg(
        long,
        value_enum,
        default_value = "dane-ee",
        value_name = "USAGE",
        help_heading = "Records"
    )]
    pub usage: Usage,

    /// What of it
    #[arg(
        long,
        value_enum,
        default_value = "spki",
        value_name = "SELECTOR",
        help_heading = "Records"
    )]
    pub selector: Selector,

    /// In which form
    #[arg(
        long,
        value_enum,
        default_value = "sha256",
        value_name = "TYPE",
        help_heading = "Records"
    )]
    pub matching: Matching,

    /// Time to live of the records, at most 2147483647 [default: that of the zone]
    // More has the sign bit set, and counts as zero (RFC 2181 section 8).
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u32).range(..=0x7fff_ffff),
        help_heading = "Records"
    )]
    pub ttl: Option<u32>,

    /// How they are asked.
    #[command(flatten)]
    pub call: CallFlags,
}

const STS_MAP: &str = "\
Examples:
  What a survey knows of policies, for Postfix:
    mailcensus sts-map cz-2026 > /etc/postfix/sts
    postmap /etc/postfix/sts
    postconf smtp_tls_policy_maps=hash:/etc/postfix/sts \\
        smtp_tls_security_level=dane smtp_dns_support_level=dnssec

  The same for a few domains, asked now; no mail server is dialled:
    mailcensus sts-map example.cz example.org --ehlo probe.example.cz \\
        --contact mail@example.cz

Domains with DANE get no line: MTA-STS must not outweigh it (RFC 8461 section 2),
and a line would keep Postfix from looking for TLSA records.

Exit codes: 0 complete, 1 some policies are not known, 2 error, 3 interrupted.";

/// Flags of `sts-map`.
#[derive(Debug, Args)]
#[command(after_help = STS_MAP)]
pub struct StsMapFlags {
    /// Directory of a finished survey, or domains to ask about now
    #[arg(required = true, value_name = "DIR|DOMAIN")]
    pub from: Vec<String>,

    /// What a domain gets whose policy is only tested
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHAT",
        help_heading = "Table"
    )]
    pub testing: Testing,

    /// Make the table for this moment, as 2026-01-31T12:00:00Z: policies end [default: now]
    #[arg(long, value_name = "MOMENT", help_heading = "Table")]
    pub at: Option<String>,

    /// By which roots chains are judged.
    #[command(flatten)]
    pub trust: TrustFlags,

    /// How they are asked.
    #[command(flatten)]
    pub call: CallFlags,
}

const PROBING: &str = "\
Examples:
  Look at the file:
    mailcensus probing-txt --ehlo survey.example.cz --contact mail@example.cz

  Write it, and pages in two languages, for the web server of that name:
    mailcensus probing-txt --ehlo survey.example.cz --contact mail@example.cz \\
        --lang en --lang cs --source-address 192.0.2.1 --out /var/www/survey

Make it again before it expires.";

/// Flags of `probing-txt`.
#[derive(Debug, Args)]
#[command(after_help = PROBING)]
pub struct ProbingFlags {
    /// Name of the host that surveys: that of --ehlo in a survey
    #[arg(long, value_name = "NAME")]
    pub ehlo: String,

    /// Who answers for the survey: a mail address, or a URI that begins with https:, mailto: or tel:
    #[arg(long, value_name = "MAIL|URI")]
    pub contact: String,

    /// Where the page will be [default: https://NAME/]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// Folder of the web server to write .well-known/probing.txt and the pages to; without it the
    /// file is printed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Language of a page, index.html of the first one; repeatable [default: en]
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub lang: Vec<Language>,

    /// Address that strangers see the survey come from; repeatable
    #[arg(long, value_name = "IP")]
    pub source_address: Vec<IpAddr>,

    /// Days until the file expires
    #[arg(long, value_name = "DAYS", default_value_t = 180, value_parser = clap::value_parser!(u16).range(1..=365))]
    pub days: u16,
}
