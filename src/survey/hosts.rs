//! The stage `hosts`: `domains` in, `hosts` out, each mail host once; and the zones nobody asked
//! about yet.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::mpsc;

use super::pool::{self, Work};
use super::retry::RetrySpool;
use super::{Context, Stage, Watch, zones};
use crate::certificate;
use crate::dns;
use crate::error::{Error, Result};
use crate::order::BUCKETS;
use crate::spool::{Spool, SpoolWriter};
use crate::table::codes::{ErrorCode, MxKind, Outcome, Role};
use crate::table::rows::{HostRow, Mx, TableName};
use crate::table::{Batch, Flush, Writer};

#[derive(Deserialize)]
struct DomainFacts {
    domain: String,
    mx: Mx,
}

/// Asks about every mail host that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, client: &Arc<dns::Client>) -> Result<()> {
    let spool = spool(context)?;
    let committed = context.store().rows(TableName::Hosts);
    let watch = context
        .screen
        .stage("hosts", "mail hosts", spool.keys(), committed);
    let writer = Writer::start(context.store.clone(), Rows::default());
    let asked = ask_all(context, client, &spool, writer.sender(), watch.clone()).await;
    writer.close().await?;
    asked?;
    watch.finish();
    zones::run(context, client).await?;
    context
        .store()
        .finish(Stage::Hosts.as_str(), &[TableName::Hosts, TableName::Zones])
}

/// The distinct mail hosts, with how many domains lean on each.
fn spool(context: &Context<'_>) -> Result<Spool> {
    let dir = context.settings.out.join("spool/hosts");
    let store = context.store();
    if let Some(spool) = Spool::open(&dir, store.order())? {
        return Ok(spool);
    }
    let mut writer = SpoolWriter::create(&dir, store.order())?;
    for batch in store.scan::<DomainFacts>(TableName::Domains, &["domain", "mx"]) {
        for domain in batch? {
            match domain.mx.kind {
                Some(MxKind::Explicit) => {
                    // Two preferences for one host are still one host.
                    let mut hosts: Vec<_> = domain
                        .mx
                        .records
                        .iter()
                        .map(|record| record.host.as_str())
                        .collect();
                    hosts.sort_unstable();
                    hosts.dedup();
                    for host in hosts.into_iter().filter(|host| *host != ".") {
                        writer.push(host, "")?;
                    }
                }
                Some(MxKind::Implicit) => writer.push(&domain.domain, "")?,
                _ => {}
            }
        }
    }
    writer.finish()
}

async fn ask_all(
    context: &Context<'_>,
    client: &Arc<dns::Client>,
    spool: &Spool,
    sender: mpsc::Sender<HostRow>,
    watch: Arc<dyn Watch>,
) -> Result<()> {
    let limit = context.settings.dns_in_flight;
    let retry = Some(RetrySpool::create(&context.settings.out, "hosts")?);
    let mut hosts = Hosts {
        client: client.clone(),
        sender,
        watch,
        retry,
    };
    let jobs = (0..BUCKETS).flat_map(|bucket| open_in(context, spool, bucket));
    pool::run(context.stop, limit, jobs, &mut hosts).await?;
    if let Some(retry) = hosts.retry.take() {
        let waiting = retry.waiting();
        if waiting > 0 {
            context.screen.note(&format!(
                "hosts: asking once more about {waiting} mail hosts"
            ));
        }
        pool::run(context.stop, limit, retry.drain()?, &mut hosts).await?;
    }
    Ok(())
}

/// The hosts of a bucket that are not committed yet.
fn open_in(context: &Context<'_>, spool: &Spool, bucket: usize) -> Vec<Result<HostRow>> {
    let entries = spool.bucket(bucket);
    let committed = context.store().committed(TableName::Hosts, bucket);
    let (entries, committed) = match (entries, committed) {
        (Ok(entries), Ok(committed)) => (entries, committed),
        (Err(err), _) | (_, Err(err)) => return vec![Err(err)],
    };
    let row = |host: String, domains| HostRow {
        host,
        domains,
        roles: vec![Role::Mx],
        ..HostRow::default()
    };
    entries
        .into_iter()
        .filter(|entry| !committed.contains(&entry.key))
        .map(|entry| Ok(row(entry.key, entry.count)))
        .collect()
}

/// The hosts of this stage. While there is a retry spool, what failed goes there.
struct Hosts {
    client: Arc<dns::Client>,
    sender: mpsc::Sender<HostRow>,
    watch: Arc<dyn Watch>,
    retry: Option<RetrySpool<HostRow>>,
}

impl Work for Hosts {
    type Job = HostRow;
    type Done = HostRow;

    fn start(&self, mut row: HostRow) -> impl Future<Output = HostRow> + Send + 'static {
        let client = self.client.clone();
        async move {
            dns::host::ask(&client, &mut row, certificate::usable).await;
            row
        }
    }

    fn panicked(&self, mut row: HostRow) -> HostRow {
        row.addresses.outcome = Outcome::Failed;
        row.addresses.error = Some(ErrorCode::InternalError);
        row
    }

    async fn done(&mut self, row: HostRow, in_flight: usize) -> Result<()> {
        if let Some(retry) = self.retry.as_mut().filter(|_| dns::host::has_failed(&row)) {
            return retry.push(&row);
        }
        self.watch.done(row.addresses.outcome.as_str(), in_flight);
        let gone = |_| Error::Internal("the writer of the stage ended".to_owned());
        self.sender.send(row).await.map_err(gone)
    }
}

#[derive(Default)]
struct Rows(Vec<HostRow>);

impl Flush for Rows {
    type Item = HostRow;

    fn add(&mut self, row: HostRow) -> usize {
        self.0.push(row);
        self.0.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        Ok(vec![Batch::new(&std::mem::take(&mut self.0))?])
    }
}
