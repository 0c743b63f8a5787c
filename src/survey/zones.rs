//! Zones that hold mail hosts or names that are no zone cut: each asked about once, after the hosts.

use std::sync::Arc;

use serde::Deserialize;

use super::Context;
use super::asking::{self, Ask};
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

/// Asks about every zone that a row leads to and that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, client: &Arc<dns::Client>) -> Result<()> {
    asking::run::<ZoneRow>(context, client, &spool(context)?).await
}

fn spool(context: &Context<'_>) -> Result<Spool> {
    let dir = context.settings.out.join("spool/zones");
    let store = context.store();
    let mut writer = SpoolWriter::create(&dir, store.order())?;
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

    fn begin(entry: Entry) -> Result<Self> {
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
