//! What the rules make of the facts: no network, no clock.
//!
//! [`Evidence`] joins the facts about the mail hosts; [`judge`] streams the domains and gives each
//! its row. Every check in [`checks`] is a pure function of the evidence.

pub mod checks;
mod evidence;
mod parameters;
pub mod profile;

#[cfg(test)]
mod tests;

pub use evidence::{Answered, Domain, Endpoint, Evidence, Host};
pub use parameters::{Parameters, Requirement, Ruleset, Unreached};
pub use profile::{Exceptions, Profile};

use std::collections::BTreeMap;

use crate::error::Result;
use crate::table::Store;
use crate::table::rows::{TableName, VerdictRow};

/// A profile to judge by, and what is justified.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The profile.
    pub profile: Profile,
    /// Its exceptions.
    pub exceptions: Option<Exceptions>,
}

/// What judging came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Domains.
    pub domains: u64,
    /// Rows by the name of the profile.
    pub rows: BTreeMap<String, u64>,
    /// What the lists say that no profile understands.
    pub notes: Vec<String>,
}

/// Judges every domain: replaces the table of verdicts, and the rows of each profile.
///
/// # Errors
/// When a table cannot be read or written.
pub fn judge(store: &mut Store, assignments: &[Assignment]) -> Result<Judged> {
    let evidence = Evidence::read(store)?;
    let domains = store.scan::<Domain>(TableName::Domains, evidence::DOMAIN_COLUMNS);
    let mut judged = Judged::default();
    let batches = domains.map(|batch| {
        let rows: Vec<VerdictRow> = batch?.iter().map(|domain| row(&evidence, domain)).collect();
        judged.domains += rows.len() as u64;
        Store::batch_of(&rows)
    });
    store.replace(TableName::Verdicts, batches)?;
    for assignment in assignments {
        judged.rows.insert(assignment.profile.name.clone(), 0);
    }
    Ok(judged)
}

fn row(evidence: &Evidence, domain: &Domain) -> VerdictRow {
    let hosts = evidence.hosts_of(domain);
    let endpoints = || {
        hosts
            .iter()
            .flat_map(|(_, host)| host.iter())
            .flat_map(|host| &host.endpoints)
    };
    let receives_mail = checks::receives_mail(domain, &hosts);
    VerdictRow {
        domain: domain.domain.clone(),
        tld: domain.tld.clone(),
        mail_operator: domain.mail_operator.clone(),
        mx_kind: domain.mx.kind,
        weight: domain.weight,
        endpoints: endpoints().count() as u32,
        endpoints_reached: endpoints().filter(|endpoint| endpoint.reached).count() as u32,
        starttls: checks::starttls(domain, &hosts, &receives_mail),
        dnssec_domain: checks::dnssec_domain(domain),
        dane_published: checks::dane_published(domain, &hosts, &receives_mail),
        receives_mail,
        ..VerdictRow::default()
    }
}
