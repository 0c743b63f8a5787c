//! What a finished survey knows of policies, read from its tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::map::{Known, Map, Policy};
use crate::cli::finished;
use crate::error::Result;
use crate::table::codes::{CheckResult, Outcome, Security};
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
    let in_part = with_records(&store, policies.keys().cloned().collect())?;
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
            let in_part = is_signed && in_part.contains(&known.domain);
            map.add(&known, policies.get(&known.domain), in_part);
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

/// Those of some domains of which some mail host has TLSA records that senders use (RFC 7672 2.2).
fn with_records(store: &Store, domains: BTreeSet<String>) -> Result<BTreeSet<String>> {
    let domains: Vec<DomainFacts> = store.find(TableName::Domains, &domains, &["domain", "mx"])?;
    let of = |facts: &DomainFacts| {
        let hosts = MxRecord::hosts(facts.mx.kind, &facts.domain, &facts.mx.records);
        hosts.map(str::to_owned).collect::<Vec<_>>()
    };
    let names = domains.iter().flat_map(of).collect();
    let columns = ["host", "addresses", "tlsa"];
    let hosts: Vec<HostFacts> = store.find(TableName::Hosts, &names, &columns)?;
    let has_records = |host: &HostFacts| {
        host.addresses.security == Security::Secure
            && host.tlsa.outcome == Outcome::Found
            && host.tlsa.security == Security::Secure
            && host.tlsa.records.iter().any(|record| record.usable)
    };
    let good = hosts.into_iter().filter(has_records);
    let good: BTreeSet<_> = good.map(|facts| facts.host).collect();
    let has_one = |facts: &&DomainFacts| of(facts).iter().any(|host| good.contains(host));
    let domains = domains.iter().filter(has_one);
    Ok(domains.map(|facts| facts.domain.clone()).collect())
}
