//! The mail servers of the stage `probe`: `hosts` in, `endpoints` and `certificates` out, each address
//! asked once.
//!
//! [`addresses`] turns hosts into distinct addresses, `pace` says when each may be dialled,
//! [`attempts`] whether it is asked once more, and [`rows`] makes rows of what it did, one for each
//! host name that leads there.

mod addresses;
mod attempts;
mod rows;

use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::chains::Known;
use super::faults::{self, Faults};
use super::settings::Screen;
use super::traced::Traced;
use super::{Context, Watch};
use crate::certificate::{self, TrustStore};
use crate::error::{Error, Result};
use crate::pace::{
    self, Back, Clearance, Heard, Journal, MachineKey, Pace, Queues, Rules, Ruling, Target,
};
use crate::probe::{smtp, tls};
use crate::table::codes::ErrorCode;
use crate::table::row::Moment;
use crate::table::rows::{CertificateRow, EndpointRow, TableName};
use crate::table::{Batch, Flush, Store, Writer};
use crate::trace;
use addresses::Address;
pub use addresses::Hosts;
use attempts::{Next, Story};
use rows::Scribe;

/// What is learned of one address: committed together.
#[derive(Default)]
struct Learned {
    endpoints: Vec<EndpointRow>,
    certificates: Vec<CertificateRow>,
}

/// An address on its way through the queues.
struct Job {
    address: Address,
    /// None before the first connection: most jobs only wait.
    story: Option<Box<Story>>,
}

impl Job {
    fn story(&mut self) -> &mut Story {
        self.story.get_or_insert_default()
    }
}

/// Asks every address that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, trust: Arc<TrustStore>, rules: Rules) -> Result<()> {
    let hosts = Arc::new(Hosts::read(&context.store())?);
    let done = committed(&context.store())?;
    let order = context.store().order();
    let open: Vec<Address> = hosts
        .addresses(order, &context.tables.owners)
        .into_iter()
        .filter(|address| !done.contains(&address.socket.ip().to_string()))
        .collect();
    let total = (open.len() + done.len()) as u64;
    let watch = context
        .screen
        .stage("probe", "addresses", total, done.len() as u64);
    let writer = Writer::start(context.store.clone(), Learned::default());
    let asked = ask_all(
        context,
        rules,
        hosts,
        open,
        trust,
        writer.sender(),
        watch.clone(),
    )
    .await;
    writer.close().await?;
    asked?;
    watch.finish();
    Ok(())
}

/// The addresses that are committed already.
///
/// # Errors
/// When the table cannot be read.
pub fn committed(store: &Store) -> Result<HashSet<String>> {
    #[derive(Deserialize)]
    struct Key {
        ip: String,
    }
    let mut done = HashSet::new();
    for batch in store.scan::<Key>(TableName::Endpoints, &["ip"]) {
        done.extend(batch?.into_iter().map(|key| key.ip));
    }
    Ok(done)
}

/// The budgets of this survey, as earlier processes and the pre-flight left them.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn pace_of(context: &Context<'_>, rules: Rules) -> Result<Arc<Pace>> {
    let settings = context.settings;
    let (journal, past) = Journal::open(&settings.out, Moment::now())?;
    let rates = context.tables.rates();
    let limits = settings.limits.clone();
    Ok(Pace::new(limits, rules, rates, journal, &past))
}

async fn ask_all(
    context: &Context<'_>,
    rules: Rules,
    hosts: Arc<Hosts>,
    open: Vec<Address>,
    trust: Arc<TrustStore>,
    sender: mpsc::Sender<Learned>,
    watch: Arc<dyn Watch>,
) -> Result<()> {
    let excluded = rules.excluded();
    // Whom nobody but an excluded host leads to would only hold up the queues.
    let (open, spared): (Vec<_>, Vec<_>) = open
        .into_iter()
        .map(target)
        .partition(|target| hosts.leads_to(&target.load.address, &excluded));
    let pace = pace_of(context, rules.clone())?;
    let Queues {
        mut rulings,
        backs,
        mut notes,
        mut ahead,
        task,
    } = pace::start(pace.clone(), open, context.stop.clone());
    let mut stage = Probing {
        context,
        pace,
        plan: Arc::new(plan(context)),
        client: Arc::default(),
        traced: Traced::hosts(context)?,
        scribe: Arc::new(Scribe {
            hosts,
            trust,
            known: Known::read(&context.store())?,
        }),
        rules,
        tasks: JoinSet::new(),
        sender,
        backs,
        watch,
        faults: Faults::default(),
    };
    for target in spared {
        stage.never(ErrorCode::Excluded, target).await?;
    }
    loop {
        tokio::select! {
            ruling = rulings.recv() => match ruling {
                // After a stop nothing is dialled, also of what was cleared before it.
                Some(Ruling::Go(..)) if context.stop.is_requested() => {}
                Some(Ruling::Go(clearance, target)) => stage.go(clearance, target).await?,
                Some(Ruling::Never(error, target)) => stage.never(error, target).await?,
                None => break,
            },
            Some(joined) = stage.tasks.join_next() => stage.settle(joined).await?,
            Some(note) = notes.recv() => context.screen.note(&note),
            Ok(()) = ahead.changed() => stage.watch.outlook(*ahead.borrow_and_update()),
        }
    }
    // The queues are empty or stopping: conversations end at their deadline.
    while let Some(joined) = stage.tasks.join_next().await {
        stage.settle(joined).await?;
    }
    task.await
        .map_err(|err| Error::Internal(format!("queues: {err}")))??;
    while let Ok(note) = notes.try_recv() {
        context.screen.note(&note);
    }
    context.stop.check()
}

fn plan(context: &Context<'_>) -> smtp::Plan {
    smtp::Plan {
        ehlo: context.settings.ehlo.clone(),
        sni: None,
        patience: smtp::Patience::default(),
    }
}

fn target(address: Address) -> Target<Job> {
    Target {
        address: address.socket,
        operator: address.operator.clone(),
        extra: false,
        load: Job {
            address,
            story: None,
        },
    }
}

/// What came of one connection.
struct Spoken {
    target: Target<Job>,
    /// None when a stop came before the connection was there.
    conversation: Option<smtp::Conversation>,
}

struct Probing<'a> {
    context: &'a Context<'a>,
    pace: Arc<Pace>,
    plan: Arc<smtp::Plan>,
    client: Arc<tls::Client>,
    traced: Traced,
    scribe: Arc<Scribe>,
    rules: Rules,
    tasks: JoinSet<Result<Spoken, Box<Target<Job>>>>,
    sender: mpsc::Sender<Learned>,
    backs: mpsc::UnboundedSender<Back<Job>>,
    watch: Arc<dyn Watch>,
    faults: Faults,
}

impl Probing<'_> {
    /// Exclusions are looked at once more: the files may have changed since the queues let it go,
    /// and only here are the names known. What was reserved for it counts as dialled.
    async fn go(&mut self, clearance: Clearance, mut target: Target<Job>) -> Result<()> {
        let address = &mut target.load.address;
        let hosts = &self.scribe.hosts;
        let forbidden = match self.rules.forbids(address.socket.ip()) {
            None if !address.spare(hosts, &self.rules.excluded()) => Some(ErrorCode::Excluded),
            forbidden => forbidden,
        };
        match forbidden {
            None => self.start(clearance, target),
            Some(error) => {
                drop(clearance);
                self.back(Back::Done);
                self.never(error, target).await?;
            }
        }
        Ok(())
    }

    fn start(&mut self, clearance: Clearance, mut target: Target<Job>) {
        let (plan, client, scribe) = (self.plan.clone(), self.client.clone(), self.scribe.clone());
        let address = &target.load.address;
        let hosts = scribe.hosts.of(address).map(|host| host.host.as_str());
        let trace = self.traced.of_address(address.socket, hosts);
        self.tasks.spawn(async move {
            let name = scribe.hosts.name_of(&target.load.address);
            let story = target.load.story.get_or_insert_default();
            let sni = (!story.without_sni).then(|| name.to_owned());
            story.connections += 1;
            let plan = smtp::Plan {
                sni,
                ..(*plan).clone()
            };
            let talk = async move { smtp::talk(clearance, &plan, &client).await };
            let talk = tokio::spawn(trace::scope(trace, talk));
            match talk.await {
                Ok(conversation) => Ok(Spoken {
                    target,
                    conversation,
                }),
                Err(_) => Err(Box::new(target)),
            }
        });
    }

    async fn settle(
        &mut self,
        joined: Result<Result<Spoken, Box<Target<Job>>>, tokio::task::JoinError>,
    ) -> Result<()> {
        let spoken = joined.map_err(|err| Error::Internal(format!("probe: {err}")))?;
        match spoken {
            Ok(spoken) => self.spoken(spoken).await,
            // A panic in the probe costs this address, not the survey.
            Err(target) => {
                self.back(Back::Done);
                self.never(ErrorCode::InternalError, *target).await
            }
        }
    }

    async fn spoken(&mut self, spoken: Spoken) -> Result<()> {
        let Spoken {
            mut target,
            conversation,
        } = spoken;
        let Some(seen) = conversation else {
            // The next run asks again.
            self.back(Back::Done);
            return Ok(());
        };
        let is_local = seen.tcp.error == Some(ErrorCode::LocalFault);
        self.faults.count(is_local, self.context.stop);
        self.tell(&target, &seen);
        let mismatch = self.scribe.is_mismatch(&target.load.address, &seen);
        let window = self.context.settings.limits.window;
        let wait = match target.load.story().take(seen, mismatch) {
            Next::Write => {
                self.back(Back::Done);
                return self.write(target.load).await;
            }
            Next::AfterLocalFault => faults::PAUSE,
            Next::WithoutName => window / 10,
            Next::Confirm => {
                target.extra = true;
                window / 2
            }
        };
        self.back(Back::Again(target, Instant::now() + wait));
        Ok(())
    }

    /// Tells the budgets how we were received, and by which machine.
    fn tell(&self, target: &Target<Job>, seen: &smtp::Conversation) {
        let heard = match (seen.put_off, seen.ehlo.code) {
            (true, _) => Heard::PutOff,
            (false, Some(250)) => Heard::Well,
            _ => Heard::Nothing,
        };
        self.pace.heard(&target.operator, heard);
        self.pace.same_machine(target.address, &keys(seen));
    }

    /// No connection is had for the target; what earlier ones saw stays.
    async fn never(&mut self, error: ErrorCode, mut target: Target<Job>) -> Result<()> {
        target.load.story().end(error);
        self.write(target.load).await
    }

    async fn write(&mut self, mut job: Job) -> Result<()> {
        let story = job.story.take().unwrap_or_default();
        let (outcome, learned) = self.scribe.rows(&job.address, &story);
        self.watch.done(outcome, self.tasks.len());
        let gone = |_| Error::Internal("the writer of the stage ended".to_owned());
        self.sender.send(learned).await.map_err(gone)
    }

    fn back(&self, back: Back<Job>) {
        // Queues that stopped want nothing back.
        let _ = self.backs.send(back);
    }
}

/// What the machine behind an address is known by.
fn keys(seen: &smtp::Conversation) -> Vec<MachineKey> {
    let leaf = seen.chain.first();
    let spki = leaf.and_then(|der| certificate::row(der).spki_sha256);
    let greeting = seen
        .banner
        .as_deref()
        .filter(|_| seen.banner_code == Some(220));
    let name = greeting.and_then(MachineKey::of_greeting);
    let leaf = spki.as_deref().map(MachineKey::of_leaf);
    leaf.into_iter().chain(name).collect()
}

impl Flush for Learned {
    type Item = Self;

    fn add(&mut self, learned: Self) -> usize {
        self.endpoints.extend(learned.endpoints);
        self.certificates.extend(learned.certificates);
        self.endpoints.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        let batches = vec![
            Batch::new(&self.certificates)?,
            Batch::new(&self.endpoints)?,
        ];
        *self = Self::default();
        Ok(batches)
    }
}

#[cfg(test)]
mod tests {
    use super::Job;

    #[test]
    fn a_job_that_waits_takes_little_room() {
        assert!(size_of::<Job>() <= 112);
    }
}
