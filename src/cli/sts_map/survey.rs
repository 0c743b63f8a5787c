//! What a finished survey knows of policies, read from its tables.

use std::collections::BTreeMap;
use std::path::Path;

use super::map::{Known, Map, Policy};
use crate::cli::finished;
use crate::error::Result;
use crate::table::Scan;
use crate::table::rows::TableName;
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
    let columns = [
        "domain",
        "mta_sts",
        "mta_sts_covers_mx",
        "dane_published",
        "dane_valid",
    ];
    let rows: Scan<Known> = store.scan(TableName::Verdicts, &columns);
    for batch in rows {
        for known in batch? {
            map.add(&known, policies.get(&known.domain));
        }
    }
    Ok(format!(
        "Survey {} ({}), begun {}",
        one_line(&dir.display().to_string()),
        one_line(&manifest.survey),
        one_line(&manifest.started_at),
    ))
}
