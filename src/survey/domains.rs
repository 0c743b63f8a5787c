//! The stage `dns`: the spool of domains in, `domains` and `zones` out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::pool::{self, Work};
use super::retry::RetrySpool;
use super::{Context, Stage, Watch};
use crate::dns::domain::Walk;
use crate::dns::{self, preflight};
use crate::error::{Error, Result};
use crate::order::BUCKETS;
use crate::spool::Spool;
use crate::stop::Stop;
use crate::table::codes::{ErrorCode, Existence, Outcome};
use crate::table::rows::{DomainRow, TableName, ZoneRow};
use crate::table::{Batch, Flush, Writer};
use crate::targets::name;

/// How often a resolver that fell silent is tried again, and for how long.
const RECOVERY: (Duration, u32) = (Duration::from_secs(5), 24);

/// Asks about every domain that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, client: &Arc<dns::Client>, spool: &Spool) -> Result<()> {
    let committed = context.store().rows(TableName::Domains);
    let watch = context
        .screen
        .stage("dns", "domains", spool.keys(), committed);
    let writer = Writer::start(context.store.clone(), Rows::default());
    let asked = ask_all(context, client, spool, writer.sender(), watch.clone()).await;
    writer.close().await?;
    asked?;
    watch.finish();
    context
        .store()
        .finish(Stage::Dns.as_str(), &[TableName::Domains, TableName::Zones])
}

async fn ask_all(
    context: &Context<'_>,
    client: &Arc<dns::Client>,
    spool: &Spool,
    sender: mpsc::Sender<Walk>,
    watch: Arc<dyn Watch>,
) -> Result<()> {
    let limit = context.settings.dns_in_flight;
    let retry = Some(RetrySpool::create(&context.settings.out, "dns")?);
    let mut walks = Walks {
        client: client.clone(),
        sender,
        watch,
        retry,
    };
    let jobs = (0..BUCKETS).flat_map(|bucket| open_in(context, spool, bucket));
    pool::run(context.stop, limit, jobs, &mut walks).await?;
    if let Some(retry) = walks.retry.take() {
        let waiting = retry.waiting();
        if waiting > 0 {
            context
                .screen
                .note(&format!("dns: asking once more about {waiting} domains"));
        }
        pool::run(context.stop, limit, retry.drain()?, &mut walks).await?;
    }
    Ok(())
}

/// The domains of a bucket that are not committed yet.
fn open_in(context: &Context<'_>, spool: &Spool, bucket: usize) -> Vec<Result<Walk>> {
    let entries = spool.bucket(bucket);
    let committed = context.store().committed(TableName::Domains, bucket);
    let (entries, committed) = match (entries, committed) {
        (Ok(entries), Ok(committed)) => (entries, committed),
        (Err(err), _) | (_, Err(err)) => return vec![Err(err)],
    };
    entries
        .into_iter()
        .filter(|entry| !committed.contains(&entry.key))
        .map(|entry| Ok(Walk::new(&entry.key, name::unicode(&entry.key))))
        .collect()
}

/// The walks of this stage. While there is a retry spool, what failed goes there.
struct Walks {
    client: Arc<dns::Client>,
    sender: mpsc::Sender<Walk>,
    watch: Arc<dyn Watch>,
    retry: Option<RetrySpool<Walk>>,
}

impl Work for Walks {
    type Job = Walk;
    type Done = Walk;

    fn start(&self, mut walk: Walk) -> impl Future<Output = Walk> + Send + 'static {
        let client = self.client.clone();
        async move {
            walk.ask(&client).await;
            walk
        }
    }

    fn panicked(&self, mut walk: Walk) -> Walk {
        walk.row.existence = Existence::Failed;
        walk.row.mx.outcome = Outcome::Failed;
        walk.row.mx.error = Some(ErrorCode::InternalError);
        walk
    }

    async fn done(&mut self, walk: Walk, in_flight: usize) -> Result<()> {
        if let Some(retry) = self.retry.as_mut().filter(|_| walk.has_failed()) {
            return retry.push(&walk);
        }
        self.watch.done(walk.row.existence.as_str(), in_flight);
        let gone = |_| Error::Internal("the writer of the stage ended".to_owned());
        self.sender.send(walk).await.map_err(gone)
    }
}

/// Rows gathered for one commit.
#[derive(Default)]
struct Rows {
    domains: Vec<DomainRow>,
    zones: Vec<ZoneRow>,
}

impl Flush for Rows {
    type Item = Walk;

    fn add(&mut self, walk: Walk) -> usize {
        self.domains.push(walk.row);
        self.zones.extend(walk.zone);
        self.domains.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        let batches = vec![Batch::new(&self.zones)?, Batch::new(&self.domains)?];
        self.domains.clear();
        self.zones.clear();
        Ok(batches)
    }
}

/// While a resolver is silent everybody waits; if it stays so, the survey stops.
pub async fn watch_resolver(
    client: Arc<dns::Client>,
    resolvers: Vec<SocketAddr>,
    names: preflight::Names,
    stop: Stop,
) {
    loop {
        tokio::select! {
            () = client.health().trouble() => {}
            () = stop.requested() => return,
        }
        let mut tries = 0;
        while !preflight::answers(&client, resolvers.len(), &names).await {
            tries += 1;
            if tries >= RECOVERY.1 {
                let list: Vec<_> = resolvers.iter().map(SocketAddr::to_string).collect();
                stop.request(Error::Resolver {
                    resolver: list.join(", "),
                    problem: "stopped answering; mend it and run the same command again, nothing \
                              of this was written down as an answer"
                        .to_owned(),
                });
                return;
            }
            tokio::time::sleep(RECOVERY.0).await;
        }
        client.health().recovered();
    }
}
