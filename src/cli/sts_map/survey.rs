//! What a finished survey knows of policies, read from its tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::map::{Known, Map, Policy, Records};
use crate::cli::finished;
use crate::error::Result;
use crate::table::codes::{CheckResult, ErrorCode, Outcome, Security};
use crate::table::rows::{Addresses, Mx, MxRecord, TableName, Tlsa};
use crate::table::{Scan, Store};
use crate::text::one_line;

/// Adds every domain of a survey to the table; hands out where that is from, in a line.
///
/// Only the policies are kept in memory: few domains of a country have one.
///
/// # Errors
/// When the survey is not finished or not judged, or a table cannot be read.
pub fn read(dir: &Path, map: &mut Map) -> Result<String> {
    let (store, manifest) = finished::open(dir, "make a table of its policies")?;
    manifest.refuse_unjudged(dir)?;
    let mut policies = BTreeMap::new();
    let columns = ["domain", "observed_at", "mode", "mx", "max_age"];
    let rows: Scan<Policy> = store.scan(TableName::StsPolicies, &columns);
    for batch in rows {
        let batch = batch?.into_iter();
        policies.extend(batch.map(|policy| (policy.domain.clone(), policy)));
    }
    let records = records(&store, policies.keys().cloned().collect())?;
    let columns = [
        "domain",
        "dnssec_domain",
        "mta_sts",
        "mta_sts_covers_mx",
        "dane_published",
        "dane_valid",
    ];
    let rows: Scan<Known> = store.scan(TableName::Verdicts, &columns);
    for batch in rows {
        for known in batch? {
            let is_signed = known.dnssec_domain.result == CheckResult::Pass;
            let records = records.get(&known.domain).filter(|_| is_signed);
            let policy = policies.get(&known.domain);
            map.add(&known, policy, records.copied().unwrap_or_default());
        }
    }
    Ok(format!(
        "Survey {} ({}), begun {}",
        one_line(&dir.display().to_string()),
        one_line(&manifest.survey),
        one_line(&manifest.started_at),
    ))
}

#[derive(Deserialize)]
struct DomainFacts {
    domain: String,
    mx: Mx,
}

#[derive(Deserialize)]
struct HostFacts {
    host: String,
    addresses: Addresses,
    tlsa: Tlsa,
}

/// What the mail hosts of some domains have of DANE.
fn records(store: &Store, domains: BTreeSet<String>) -> Result<BTreeMap<String, Records>> {
    let domains: Vec<DomainFacts> = store.find(TableName::Domains, &domains, &["domain", "mx"])?;
    let of = |facts: &DomainFacts| {
        let hosts = MxRecord::hosts(facts.mx.kind, &facts.domain, &facts.mx.records);
        hosts.map(str::to_owned).collect::<Vec<_>>()
    };
    let names = domains.iter().flat_map(of).collect();
    let columns = ["host", "addresses", "tlsa"];
    let hosts: Vec<HostFacts> = store.find(TableName::Hosts, &names, &columns)?;
    let known = hosts
        .iter()
        .map(|facts| (facts.host.as_str(), facts.records()));
    let known: BTreeMap<_, _> = known.collect();
    let of_host = |host: &String| known.get(host.as_str()).copied();
    let together = domains.iter().map(|facts| {
        let records = of(facts).iter().filter_map(of_host).max();
        (facts.domain.clone(), records.unwrap_or_default())
    });
    Ok(together.collect())
}

impl HostFacts {
    /// What a sender comes to that looks for records: nothing where the addresses are not secure
    /// (RFC 7672 2.2).
    fn records(&self) -> Records {
        let tlsa = &self.tlsa;
        match self.addresses.security {
            Security::Secure => {}
            Security::Insecure => return Records::None,
            _ => return Records::Unknown,
        }
        if tlsa.security == Security::Bogus || tlsa.error == Some(ErrorCode::Bogus) {
            return Records::Bogus;
        }
        let is_usable = || tlsa.records.iter().any(|record| record.usable);
        match (tlsa.outcome, tlsa.security) {
            (Outcome::Found, Security::Secure) if is_usable() => Records::Some,
            (Outcome::Found | Outcome::Absent, _) => Records::None,
            _ => Records::Unknown,
        }
    }
}
