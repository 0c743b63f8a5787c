//! Zones that hold mail hosts or names that are no zone cut, and the parents of all zones up to the
//! root: each asked about once, after the hosts.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use super::Context;
use super::asking::{self, Ask};
use super::settings::Settings;
use crate::dns;
use crate::error::Result;
use crate::spool::{Entry, Spool, SpoolWriter};
use crate::table::Rows;
use crate::table::codes::{ErrorCode, Outcome};
use crate::table::rows::{TableName, ZoneRow};

#[derive(Deserialize)]
struct Key {
    zone: Option<String>,
}

#[derive(Deserialize)]
struct Parent {
    parent: Option<String>,
}

/// Asks about every zone that a row leads to and that is not committed yet. Parents become known by
/// the answers about their children, so that it takes a round for each level.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, client: &Arc<dns::Client>) -> Result<()> {
    asking::run::<ZoneRow>(context, client, &spool(context)?).await?;
    let mut asked = BTreeSet::new();
    loop {
        let parents = parents(context)?;
        if parents.is_subset(&asked) {
            return Ok(());
        }
        let spool = spool_of(context, parents.difference(&asked))?;
        asking::run::<ZoneRow>(context, client, &spool).await?;
        asked = parents;
    }
}

/// Parents of the zones that are known by now: few, since most zones stand below the same ones.
fn parents(context: &Context<'_>) -> Result<BTreeSet<String>> {
    let mut parents = BTreeSet::new();
    let store = context.store();
    for batch in store.scan::<Parent>(TableName::Zones, &["parent"]) {
        parents.extend(batch?.into_iter().filter_map(|row| row.parent));
    }
    Ok(parents)
}

fn spool_of<'a>(context: &Context<'_>, zones: impl Iterator<Item = &'a String>) -> Result<Spool> {
    let store = context.store();
    let mut writer = SpoolWriter::create(&folder(context), store.order())?;
    for zone in zones {
        writer.push(zone, "")?;
    }
    writer.finish()
}

fn folder(context: &Context<'_>) -> PathBuf {
    context.settings.out.join("spool/zones")
}

fn spool(context: &Context<'_>) -> Result<Spool> {
    let store = context.store();
    let mut writer = SpoolWriter::create(&folder(context), store.order())?;
    for table in [TableName::Domains, TableName::Hosts] {
        for batch in store.scan::<Key>(table, &["zone"]) {
            for zone in batch?.into_iter().filter_map(|key| key.zone) {
                writer.push(&zone, "")?;
            }
        }
    }
    writer.finish()
}

impl Ask for ZoneRow {
    const STAGE: (&'static str, &'static str, TableName) = ("zones", "zones", TableName::Zones);

    type Rows = Rows<Self>;

    fn begin(entry: Entry, _: &Settings) -> Result<Self> {
        Ok(Self {
            zone: entry.key,
            ..Self::default()
        })
    }

    fn key(&self) -> &str {
        &self.zone
    }

    async fn ask(mut self, client: Arc<dns::Client>) -> Self {
        dns::zone::ask(&client, &mut self).await;
        self
    }

    fn has_failed(&self) -> bool {
        dns::zone::has_failed(self)
    }

    fn panicked(mut self) -> Self {
        self.dnskey_answer.outcome = Outcome::Failed;
        self.error = Some(ErrorCode::InternalError);
        self
    }

    fn outcome(&self) -> &'static str {
        self.security.as_str()
    }
}
