//! Zones that hold mail hosts or names that are no zone cut: each asked about once, after the hosts.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::mpsc;

use super::pool::{self, Work};
use super::{Context, Watch};
use crate::dns;
use crate::error::{Error, Result};
use crate::order::BUCKETS;
use crate::spool::{Spool, SpoolWriter};
use crate::table::codes::{ErrorCode, Outcome};
use crate::table::rows::{TableName, ZoneRow};
use crate::table::{Batch, Flush, Writer};

#[derive(Deserialize)]
struct Key {
    zone: Option<String>,
}

/// Asks about every zone that a row leads to and that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, client: &Arc<dns::Client>) -> Result<()> {
    let spool = spool(context)?;
    let committed = context.store().rows(TableName::Zones);
    let watch = context
        .screen
        .stage("zones", "zones", spool.keys(), committed.min(spool.keys()));
    let writer = Writer::start(context.store.clone(), Rows::default());
    let mut zones = Zones {
        client: client.clone(),
        sender: writer.sender(),
        watch: watch.clone(),
    };
    let jobs = (0..BUCKETS).flat_map(|bucket| open_in(context, &spool, bucket));
    let asked = pool::run(
        context.stop,
        context.settings.dns_in_flight,
        jobs,
        &mut zones,
    )
    .await;
    drop(zones);
    writer.close().await?;
    asked?;
    watch.finish();
    Ok(())
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

fn open_in(context: &Context<'_>, spool: &Spool, bucket: usize) -> Vec<Result<String>> {
    let entries = spool.bucket(bucket);
    let committed = context.store().committed(TableName::Zones, bucket);
    let (entries, committed) = match (entries, committed) {
        (Ok(entries), Ok(committed)) => (entries, committed),
        (Err(err), _) | (_, Err(err)) => return vec![Err(err)],
    };
    let open = entries
        .into_iter()
        .filter(|entry| !committed.contains(&entry.key));
    open.map(|entry| Ok(entry.key)).collect()
}

struct Zones {
    client: Arc<dns::Client>,
    sender: mpsc::Sender<ZoneRow>,
    watch: Arc<dyn Watch>,
}

impl Work for Zones {
    type Job = String;
    type Done = ZoneRow;

    fn start(&self, zone: String) -> impl Future<Output = ZoneRow> + Send + 'static {
        let client = self.client.clone();
        async move { dns::zone::survey(&client, &zone).await }
    }

    fn panicked(&self, zone: String) -> ZoneRow {
        let mut row = ZoneRow {
            zone,
            ..ZoneRow::default()
        };
        row.dnskey_answer.outcome = Outcome::Failed;
        row.error = Some(ErrorCode::InternalError);
        row
    }

    async fn done(&mut self, row: ZoneRow, in_flight: usize) -> Result<()> {
        self.watch.done(row.security.as_str(), in_flight);
        let gone = |_| Error::Internal("the writer of the stage ended".to_owned());
        self.sender.send(row).await.map_err(gone)
    }
}

#[derive(Default)]
struct Rows(Vec<ZoneRow>);

impl Flush for Rows {
    type Item = ZoneRow;

    fn add(&mut self, row: ZoneRow) -> usize {
        self.0.push(row);
        self.0.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        Ok(vec![Batch::new(&std::mem::take(&mut self.0))?])
    }
}
