//! The stage `probe`: `hosts` in, `endpoints` and `certificates` out, each address asked once.
//!
//! [`addresses`] turns hosts into distinct addresses, `pace` says when each may be dialled, and
//! [`rows`] makes rows of what it did, one for each host name that leads there.

mod addresses;
mod rows;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::settings::Screen;
use super::traced::Traced;
use super::{Context, Stage, Watch};
use crate::certificate::TrustStore;
use crate::error::{Error, Result};
use crate::pace::{self, Back, Clearance, Journal, Pace, Rules, Ruling, Target};
use crate::probe::{smtp, tls};
use crate::table::codes::{ErrorCode, TcpOutcome, TlsOutcome};
use crate::table::row::Moment;
use crate::table::rows::{CertificateRow, EndpointRow, TableName};
use crate::table::{Batch, Flush, Writer};
use crate::trace;
use addresses::Address;
pub use addresses::Hosts;
use rows::Scribe;

/// Alert 112, unrecognized_name (RFC 6066 3): the server wants no server name, or another one.
const UNRECOGNIZED_NAME: u8 = 112;
/// Connections that fail on this machine before an address is given up.
const LOCAL_TRIES: u16 = 2;
/// Addresses in a row that failed on this machine before the survey stops.
const LOCAL_TROUBLE: u32 = 20;

/// What is learned of one address: committed together.
#[derive(Default)]
struct Learned {
    endpoints: Vec<EndpointRow>,
    certificates: Vec<CertificateRow>,
}

/// An address on its way through the queues.
struct Job {
    address: Address,
    /// What earlier connections of this survey saw.
    seen: Option<Box<smtp::Conversation>>,
    connections: u16,
    without_sni: bool,
    local_faults: u16,
}

/// Asks every address that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, trust: Arc<TrustStore>, rules: Rules) -> Result<()> {
    let hosts = Arc::new(Hosts::read(&context.store())?);
    let done = committed(context)?;
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
    let tables = [TableName::Endpoints, TableName::Certificates];
    context.store().finish(Stage::Probe.as_str(), &tables)
}

/// The addresses that are committed already.
fn committed(context: &Context<'_>) -> Result<HashSet<String>> {
    #[derive(Deserialize)]
    struct Key {
        ip: String,
    }
    let mut done = HashSet::new();
    for batch in context.store().scan::<Key>(TableName::Endpoints, &["ip"]) {
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
    Ok(Pace::new(settings.limits.clone(), rules, journal, &past))
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
    let (mut rulings, backs, queues) = pace::start(pace, open, context.stop.clone());
    let mut stage = Probing {
        context,
        plan: Arc::new(plan(context)),
        client: Arc::default(),
        traced: Traced::hosts(context)?,
        scribe: Arc::new(Scribe {
            hosts,
            trust,
            known: rows::known(&context.store())?,
        }),
        rules,
        tasks: JoinSet::new(),
        sender,
        backs,
        watch,
        faults: 0,
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
        }
    }
    // The queues are empty or stopping: conversations end at their deadline.
    while let Some(joined) = stage.tasks.join_next().await {
        stage.settle(joined).await?;
    }
    queues
        .await
        .map_err(|err| Error::Internal(format!("queues: {err}")))??;
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
        load: Job {
            address,
            seen: None,
            connections: 0,
            without_sni: false,
            local_faults: 0,
        },
    }
}

/// What came of one connection.
struct Spoken {
    target: Target<Job>,
    conversation: smtp::Conversation,
}

struct Probing<'a> {
    context: &'a Context<'a>,
    plan: Arc<smtp::Plan>,
    client: Arc<tls::Client>,
    traced: Traced,
    scribe: Arc<Scribe>,
    rules: Rules,
    tasks: JoinSet<Result<Spoken, Box<Target<Job>>>>,
    sender: mpsc::Sender<Learned>,
    backs: mpsc::UnboundedSender<Back<Job>>,
    watch: Arc<dyn Watch>,
    /// Connections in a row that failed on this machine.
    faults: u32,
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
            let sni = match target.load.without_sni {
                true => None,
                false => Some(scribe.hosts.name_of(&target.load.address).to_owned()),
            };
            let plan = smtp::Plan {
                sni,
                ..(*plan).clone()
            };
            target.load.connections += 1;
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
        if conversation.tcp.error == Some(ErrorCode::LocalFault) {
            self.faults += 1;
            if self.faults >= LOCAL_TROUBLE {
                self.context.stop.request(Error::Machine(format!(
                    "{LOCAL_TROUBLE} connections in a row failed on this machine (descriptors, \
                     ports or routes); mend it and run the same command again"
                )));
            }
            if target.load.local_faults < LOCAL_TRIES {
                target.load.local_faults += 1;
                let later = Instant::now() + Duration::from_secs(5);
                self.back(Back::Again(target, later));
                return Ok(());
            }
        } else {
            self.faults = 0;
        }
        if conversation.tls.alert == Some(UNRECOGNIZED_NAME) && !target.load.without_sni {
            target.load.without_sni = true;
            target.load.seen = Some(Box::new(conversation));
            let later = Instant::now() + self.context.settings.limits.window / 10;
            self.back(Back::Again(target, later));
            return Ok(());
        }
        self.back(Back::Done);
        // A second connection that got less far hides nothing of what the first one saw.
        let earlier = target.load.seen.take();
        let conversation = match earlier {
            Some(earlier) if !got_to_tls(&conversation) => *earlier,
            _ => conversation,
        };
        self.write(&target.load, conversation).await
    }

    async fn never(&mut self, error: ErrorCode, mut target: Target<Job>) -> Result<()> {
        // What an earlier connection saw outweighs that a further one is not allowed.
        match target.load.seen.take() {
            Some(conversation) => self.write(&target.load, *conversation).await,
            None => self.write_undialled(error, target).await,
        }
    }

    async fn write_undialled(&mut self, error: ErrorCode, target: Target<Job>) -> Result<()> {
        let mut conversation = smtp::Conversation {
            observed_at: Moment::now(),
            ..smtp::Conversation::default()
        };
        conversation.tcp.outcome = TcpOutcome::Failed;
        conversation.tcp.error = Some(error);
        self.write(&target.load, conversation).await
    }

    async fn write(&mut self, job: &Job, conversation: smtp::Conversation) -> Result<()> {
        let outcome = rows::outcome(&conversation);
        let connections = job.connections;
        let learned = self.scribe.rows(&job.address, connections, &conversation);
        self.watch.done(outcome, self.tasks.len());
        let gone = |_| Error::Internal("the writer of the stage ended".to_owned());
        self.sender.send(learned).await.map_err(gone)
    }

    fn back(&self, back: Back<Job>) {
        // Queues that stopped want nothing back.
        let _ = self.backs.send(back);
    }
}

fn got_to_tls(seen: &smtp::Conversation) -> bool {
    seen.tls.outcome != TlsOutcome::NotAttempted
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
