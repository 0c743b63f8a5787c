//! The failures of a finished survey, to be surveyed again.
//!
//! Hands out `identify` and `read`. A domain is taken when a question about it failed, or a check
//! of it is unknown for a reason that may be gone when the servers are asked once more; what the
//! lists said of it comes along. The tables are read side by side, a batch at a time: both are
//! sorted by domain.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::facts::Facts;
use super::source::input;
use crate::error::Result;
use crate::order::Order;
use crate::table::Store;
use crate::table::codes::{CheckResult, Existence, Outcome};
use crate::table::manifest::{Manifest, Older};
use crate::table::rows::{CheckId, Dmarc, Finding, MtaSts, Mx, Spf, TableName, TlsRpt, TxtColumns};

/// Columns of `domains` that are read.
const DOMAIN_COLUMNS: [&str; 11] = [
    "domain",
    "rank",
    "tags",
    "stratum",
    "weight",
    "existence",
    "mx",
    "spf",
    "dmarc",
    "mta_sts",
    "tls_rpt",
];

#[derive(Deserialize)]
struct Domain {
    domain: String,
    rank: Option<u32>,
    tags: BTreeMap<String, String>,
    stratum: Option<String>,
    weight: f64,
    existence: Existence,
    mx: Mx,
    spf: Spf,
    dmarc: Dmarc,
    mta_sts: MtaSts,
    tls_rpt: TlsRpt,
}

#[derive(Deserialize)]
struct Verdict {
    domain: String,
    #[serde(flatten)]
    checks: BTreeMap<String, Finding>,
}

/// The survey in a directory.
///
/// # Errors
/// When there is none, or it is not finished.
pub fn identify(dir: &Path) -> Result<Older> {
    let complain = |problem: &str| Err(input(&dir.display().to_string(), problem));
    let Some(manifest) = Manifest::read(dir)? else {
        return complain("holds no survey; give the directory of a finished one");
    };
    if manifest.ended_at.is_none() {
        return complain("holds a survey that is not finished; finish it first");
    }
    Ok(Older {
        dir: dir.display().to_string(),
        survey: manifest.survey,
    })
}

/// Hands over every domain that failed in a survey; how many domains that survey has.
///
/// # Errors
/// When a table cannot be read, nothing failed, and what `each` returns.
pub(super) fn read(dir: &Path, mut each: impl FnMut(&str, Facts) -> Result<()>) -> Result<u64> {
    let older = identify(dir)?;
    // The order does not matter to who only scans.
    let store = Store::look(dir, &older.survey, Order::new(0))?;
    let checks = CheckId::ALL.iter().map(|check| check.as_str());
    let columns: Vec<_> = std::iter::once("domain").chain(checks).collect();
    let mut verdicts = rows::<Verdict>(&store, TableName::Verdicts, &columns);
    let (mut domains, mut failed) = (0, 0);
    for domain in rows::<Domain>(&store, TableName::Domains, &DOMAIN_COLUMNS) {
        let domain = domain?;
        let verdict = verdicts.next().transpose()?;
        let Some(verdict) = verdict.filter(|verdict| verdict.domain == domain.domain) else {
            let problem = "has verdicts that do not belong to its domains; run that survey once \
                           more, which judges again";
            return Err(input(&older.dir, problem));
        };
        domains += 1;
        if has_failed(&domain) || is_unknown(&verdict) {
            failed += 1;
            let name = domain.domain;
            let facts = Facts {
                rank: domain.rank,
                tags: domain.tags,
                stratum: domain.stratum,
                weight: domain.weight,
            };
            each(&name, facts)?;
        }
    }
    if failed == 0 {
        return Err(input(
            &older.dir,
            "has no domain that failed; there is nothing to survey again",
        ));
    }
    Ok(domains)
}

fn rows<T: DeserializeOwned>(
    store: &Store,
    table: TableName,
    columns: &[&'static str],
) -> impl Iterator<Item = Result<T>> {
    store
        .scan::<T>(table, columns)
        .flat_map(|batch| match batch {
            Ok(rows) => rows.into_iter().map(Ok).collect(),
            Err(err) => vec![Err(err)],
        })
}

fn has_failed(domain: &Domain) -> bool {
    let texts = [
        domain.spf.asked(),
        domain.dmarc.asked(),
        domain.mta_sts.asked(),
        domain.tls_rpt.asked(),
    ];
    domain.existence == Existence::Failed
        || domain.mx.outcome == Outcome::Failed
        || texts
            .into_iter()
            .any(|(outcome, _)| outcome == Outcome::Failed)
}

fn is_unknown(verdict: &Verdict) -> bool {
    let mut checks = verdict.checks.values();
    checks.any(|check| check.result == CheckResult::Unknown && !check.is_beyond_asking())
}

#[cfg(test)]
#[path = "failed_tests.rs"]
mod tests;
