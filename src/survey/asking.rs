//! A stage that asks the DNS about every key of a spool: many at a time within a bound, once more
//! at the end about what failed, and nothing about what is committed already.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

use super::ahead::Ahead;
use super::retry::RetrySpool;
use super::settings::{Screen, Settings};
use super::traced::Traced;
use super::{Context, Watch};
use crate::dns;
use crate::error::{Error, Result};
use crate::order::BUCKETS;
use crate::pace::{Excluded, Owners};
use crate::spool::{Entry, Spool, SpoolWriter};
use crate::table::rows::TableName;
use crate::table::{Flush, Writer};
use crate::trace;

/// What a stage asks.
pub trait Ask: Clone + Serialize + DeserializeOwned + Send + 'static {
    /// Name of the stage, what it counts, and the table whose keys tell what is done.
    const STAGE: (&'static str, &'static str, TableName);

    /// What gathers the answers for a commit.
    type Rows: Flush<Item = Self> + Default;

    /// Nothing is known yet but what the spool says.
    ///
    /// # Errors
    /// When the spool is damaged.
    fn begin(entry: Entry, settings: &Settings) -> Result<Self>;

    /// What it is about.
    fn key(&self) -> &str;

    /// What is traced of the stage.
    ///
    /// # Errors
    /// When a table cannot be read.
    fn traced(_: &Context<'_>) -> Result<Traced> {
        Ok(Traced::default())
    }

    /// Asks everything that has no answer yet.
    fn ask(self, client: Arc<dns::Client>) -> impl Future<Output = Self> + Send + 'static;

    /// What is written instead of asking, where the operator of the survey wants that.
    fn spared(&self, _: &Excluded) -> Option<Self> {
        None
    }

    /// Adds what follows from the answers.
    fn conclude(self, _: &Owners) -> Self {
        self
    }

    /// Whether a question has no answer yet.
    fn has_failed(&self) -> bool;

    /// What is written when asking panicked.
    fn panicked(self) -> Self;

    /// A word for how it ended.
    fn outcome(&self) -> &'static str;
}

/// Asks about every key of a spool that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run<A: Ask>(
    context: &Context<'_>,
    client: &Arc<dns::Client>,
    spool: &Spool,
) -> Result<()> {
    let (name, unit, table) = A::STAGE;
    let done = context.store().rows(table).min(spool.keys());
    let watch = context.screen.stage(name, unit, spool.keys(), done);
    let writer = Writer::start(context.store.clone(), A::Rows::default());
    let ahead = Ahead::new(context.settings, client, spool.keys() - done);
    let asked = ask_all::<A>(
        context,
        client,
        spool,
        writer.sender(),
        watch.clone(),
        ahead,
    )
    .await;
    // What is whole is committed also when the survey stops; and if writing failed, that is why.
    writer.close().await?;
    asked?;
    watch.finish();
    Ok(())
}

async fn ask_all<A: Ask>(
    context: &Context<'_>,
    client: &Arc<dns::Client>,
    spool: &Spool,
    sender: mpsc::Sender<A>,
    watch: Arc<dyn Watch>,
    ahead: Ahead,
) -> Result<()> {
    let (name, unit, _) = A::STAGE;
    let mut asking = Asking {
        context,
        client: client.clone(),
        sender,
        watch,
        ahead,
        traced: A::traced(context)?,
        retry: Some(RetrySpool::create(&context.settings.out, name)?),
        tasks: JoinSet::new(),
        running: HashMap::new(),
    };
    let done = committed::<A>(context)?;
    let settings = context.settings;
    let open = (0..BUCKETS).flat_map(|bucket| open_in(spool, &done, bucket, settings));
    asking.all(open).await?;
    done.remove()?;
    let Some(retry) = asking.retry.take() else {
        return Ok(());
    };
    // Who does not wait asks once: what failed is told as that.
    let once = context.settings.is_in_a_hurry();
    if retry.waiting() > 0 && !once {
        let waiting = retry.waiting();
        let text = format!("{name}: asking once more about {waiting} {unit}");
        context.screen.note(&text);
    }
    client.next_pass();
    if once {
        for failed in retry.drain()? {
            asking.write(failed?).await?;
        }
        return Ok(());
    }
    asking.all(retry.drain()?).await
}

/// The keys that are committed already, in buckets: one pass over the table.
fn committed<A: Ask>(context: &Context<'_>) -> Result<Spool> {
    let (name, _, table) = A::STAGE;
    let dir = context.settings.out.join(format!("spool/done-{name}"));
    let store = context.store();
    let mut writer = SpoolWriter::create(&dir, store.order())?;
    store.keys(table, |key| writer.push(key, ""))?;
    writer.finish()
}

/// The keys of a bucket that are not committed yet.
fn open_in<A: Ask>(
    spool: &Spool,
    done: &Spool,
    bucket: usize,
    settings: &Settings,
) -> Vec<Result<A>> {
    let (entries, done) = match (spool.bucket(bucket), done.bucket(bucket)) {
        (Ok(entries), Ok(done)) => (entries, done),
        (Err(err), _) | (_, Err(err)) => return vec![Err(err)],
    };
    let done: HashSet<String> = done.into_iter().map(|entry| entry.key).collect();
    entries
        .into_iter()
        .filter(|entry| !done.contains(&entry.key))
        .map(|entry| A::begin(entry, settings))
        .collect()
}

/// The questions under way. While there is a retry spool, what failed goes there.
struct Asking<'a, A: Ask> {
    context: &'a Context<'a>,
    client: Arc<dns::Client>,
    sender: mpsc::Sender<A>,
    watch: Arc<dyn Watch>,
    ahead: Ahead,
    traced: Traced,
    retry: Option<RetrySpool<A>>,
    tasks: JoinSet<A>,
    running: HashMap<Id, A>,
}

impl<A: Ask> Asking<'_, A> {
    async fn all(&mut self, items: impl Iterator<Item = Result<A>>) -> Result<()> {
        for item in items {
            let item = item?;
            self.context.stop.check()?;
            while self.tasks.len() >= self.context.settings.dns_in_flight {
                self.settle().await?;
            }
            if let Some(row) = item.spared(&self.context.tables.exclusions.now()) {
                self.write(row).await?;
                continue;
            }
            let work = item.clone().ask(self.client.clone());
            let handle = self
                .tasks
                .spawn(trace::scope(self.traced.of(item.key()), work));
            self.running.insert(handle.id(), item);
        }
        while !self.tasks.is_empty() {
            self.settle().await?;
        }
        Ok(())
    }

    /// Waits for one answer. On a stop the others are dropped with the set: the next process asks
    /// again.
    async fn settle(&mut self) -> Result<()> {
        let joined = tokio::select! {
            joined = self.tasks.join_next_with_id() => joined,
            () = self.context.stop.requested() => return self.context.stop.check(),
        };
        match joined {
            Some(Ok((id, item))) => {
                self.running.remove(&id);
                self.done(item).await
            }
            // A panic costs one row, never the survey.
            Some(Err(err)) => match self.running.remove(&err.id()) {
                Some(item) => self.write(item.panicked()).await,
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    async fn done(&mut self, item: A) -> Result<()> {
        match self.retry.as_mut().filter(|_| item.has_failed()) {
            Some(retry) => retry.push(&item),
            None => self.write(item).await,
        }
    }

    async fn write(&mut self, item: A) -> Result<()> {
        let item = item.conclude(&self.context.tables.owners);
        self.watch.done(item.outcome(), self.tasks.len());
        if let Some(ahead) = self.ahead.after_one_more(&self.client) {
            self.watch.outlook(ahead);
        }
        let gone = |_| Error::Internal("the writer of the stage ended".to_owned());
        self.sender.send(item).await.map_err(gone)
    }
}
