//! Flags of the commands that make what others read: tables for Postfix, files for web servers.

use clap::Args;

use crate::cli::sts_map::Testing;

const STS_MAP: &str = "\
Examples:
  What a survey knows of policies, for Postfix:
    mailcensus sts-map cz-2026 > /etc/postfix/sts
    postmap /etc/postfix/sts
    postconf smtp_tls_policy_maps=hash:/etc/postfix/sts smtp_tls_security_level=dane

Domains with DANE get no line: MTA-STS must not outweigh it (RFC 8461 section 2),
and a line would keep Postfix from looking for TLSA records.

Exit codes: 0 complete, 1 some policies are not known, 2 error.";

/// Flags of `sts-map`.
#[derive(Debug, Args)]
#[command(after_help = STS_MAP)]
pub struct StsMapFlags {
    /// Directory of a finished survey
    #[arg(required = true, value_name = "DIR")]
    pub from: Vec<String>,

    /// What a domain gets whose policy is only tested
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub testing: Testing,

    /// Make the table for this moment, as 2026-01-31T12:00:00Z: policies end [default: now]
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<String>,
}
