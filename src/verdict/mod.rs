//! What the rules make of the facts: no network, no clock.
//!
//! [`Evidence`] joins the facts about servers and zones; [`judge`] streams the domains and gives each
//! its rows. Every check in [`checks`] is a pure function of a [`Case`] and its [`Parameters`]; a
//! [`Profile`] is a rule book, whose points name checks. [`advice`] says what to do about a result.

mod advice;
pub mod case;
pub mod checks;
mod class;
mod compliance;
mod country;
mod evidence;
pub mod facts;
mod parameters;
pub mod profile;
pub mod sts;
pub mod web;

#[cfg(test)]
mod tests;

pub use advice::advice;
pub use case::Case;
pub use compliance::Assignment;
pub use evidence::Evidence;
pub use parameters::{Parameters, Requirement, Ruleset, Unreached};
pub use profile::{Exceptions, ListOf, NameList, Profile};

use std::collections::BTreeMap;

use crate::error::Result;
use crate::table::Store;
use crate::table::rows::{CheckId, TableName, VerdictRow};

/// What judging came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Domains.
    pub domains: u64,
    /// Rows by profile.
    pub rows: BTreeMap<String, u64>,
    /// What somebody should know.
    pub notes: Vec<String>,
}

/// Judges every domain: replaces the verdicts, and the rows of every profile given.
///
/// # Errors
/// When a table cannot be read or written.
pub fn judge(store: &mut Store, assignments: &[Assignment]) -> Result<Judged> {
    let evidence = Evidence::read(store)?;
    let domains = evidence::domains(store);
    let mut judged = Judged::default();
    let batches = domains.map(|batch| {
        let rows: Vec<VerdictRow> = batch?
            .iter()
            .map(|domain| verdict(&evidence.case(domain)))
            .collect();
        judged.domains += rows.len() as u64;
        Store::batch_of(&rows)
    });
    store.replace(TableName::Verdicts, batches)?;
    for assignment in assignments {
        let rows = compliance::judge(store, &evidence, assignment, &mut judged.notes)?;
        judged.rows.insert(assignment.profile.name.clone(), rows);
    }
    Ok(judged)
}

fn verdict(case: &Case<'_>) -> VerdictRow {
    let domain = case.domain;
    let (country, country_basis) = country::country(case);
    let mut row = VerdictRow {
        domain: domain.domain.clone(),
        tld: domain.tld.clone(),
        mail_operator: domain.mail_operator.clone(),
        country: country.map(|country| country.to_string()),
        country_basis,
        mx_kind: domain.mx.kind,
        class: class::class(case),
        non_sending: case
            .existence()
            .is_none()
            .then(|| checks::senders::non_sending(domain))
            .flatten(),
        tags: domain.tags.clone(),
        weight: domain.weight,
        endpoints: case.endpoints().count() as u32,
        endpoints_reached: case.endpoints().filter(|one| one.server.reached).count() as u32,
        ..VerdictRow::default()
    };
    for id in CheckId::ALL {
        *row.finding_mut(*id) = checks::run(*id, case, Parameters::usual(*id));
    }
    row
}
