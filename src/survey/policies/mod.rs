//! The policies of MTA-STS in the stage `probe`: `hosts` in, `sts_policies` and `certificates` out,
//! each policy got once (RFC 8461 3.3).
//!
//! [`hosts`] has the addresses, `pace` says when each may be dialled, [`attempts`] whether a host is
//! asked once more, and [`rows`] makes rows of what it did.

mod attempts;
mod hosts;
mod rows;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::chains::Known;
use super::faults::{self, Faults};
use super::settings::{Screen, Settings};
use super::traced::Traced;
use super::{Context, Watch};
use crate::certificate::TrustStore;
use crate::error::{Error, Result};
use crate::pace::{
    self, Back, Clearance, Heard, Journal, OperatorRates, Pace, Past, Queues, Rules, Ruling, Target,
};
use crate::probe::{https, tls};
use crate::table::codes::ErrorCode;
use crate::table::rows::{CertificateRow, StsPolicyRow, TableName};
use crate::table::{Batch, Flush, Store, Writer};
use crate::trace;
use attempts::{Next, Seen, Story};
use hosts::Host;

/// Where a policy stands (RFC 8461 3.2).
const PATH: &str = "/.well-known/mta-sts.txt";
/// The status that asks to come back later (RFC 6585 4).
const TOO_MANY_REQUESTS: u16 = 429;

/// What is learned of one policy: committed together.
#[derive(Default)]
struct Learned {
    policies: Vec<StsPolicyRow>,
    certificates: Vec<CertificateRow>,
}

/// A host on its way through the queues.
struct Job {
    host: Host,
    /// Place of the address that is asked.
    at: usize,
    /// None before the first connection: most jobs only wait.
    story: Option<Box<Story>>,
}

impl Job {
    fn story(&mut self) -> &mut Story {
        self.story.get_or_insert_default()
    }
}

/// Gets every policy that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, trust: Arc<TrustStore>) -> Result<()> {
    let rules = context.tables.rules(context.settings);
    let done = committed(&context.store())?;
    let open = hosts::read(&context.store(), &rules, |domain| !done.contains(domain))?;
    let (total, before) = ((open.len() + done.len()) as u64, done.len() as u64);
    if open.is_empty() {
        return Ok(());
    }
    let watch = context.screen.stage("policies", "policies", total, before);
    let writer = Writer::start(context.store.clone(), Learned::default());
    let got = get_all(context, rules, open, trust, writer.sender(), watch.clone()).await;
    writer.close().await?;
    got?;
    watch.finish();
    Ok(())
}

/// How many policies are left to be got, for a dry run: those whose host may be dialled.
///
/// # Errors
/// When a table cannot be read.
pub fn open(store: &Store, rules: &Rules) -> Result<u64> {
    let done = committed(store)?;
    let open = hosts::read(store, rules, |domain| !done.contains(domain))?;
    let excluded = rules.excluded();
    let is_dialled = |host: &&Host| host.address(0).is_some() && !host.is_spared(&excluded);
    let dialled = open.iter().filter(is_dialled);
    Ok(dialled.count() as u64)
}

/// The domains that are committed already.
fn committed(store: &Store) -> Result<HashSet<String>> {
    #[derive(Deserialize)]
    struct Key {
        domain: String,
    }
    let mut done = HashSet::new();
    for batch in store.scan::<Key>(TableName::StsPolicies, &["domain"]) {
        done.extend(batch?.into_iter().map(|key| key.domain));
    }
    Ok(done)
}

/// The budgets for HTTPS. They have no total, so that nothing has to be kept for a later process.
fn pace_of(context: &Context<'_>, rules: Rules) -> Arc<Pace> {
    let limits = context.settings.limits.https();
    let (rates, usual) = (context.tables.rates(), limits.operator_rate);
    // What the table allows mail is no more than that for the web.
    let rates: OperatorRates = Arc::new(move |operator| rates(operator).map(|own| own.min(usual)));
    Pace::new(limits, rules, rates, Journal::none(), &Past::default())
}

/// Who asks: with a way to reach us (RFC 9110 10.1.5).
fn user_agent(settings: &Settings) -> String {
    let name = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    let (contact, ehlo) = (&settings.contact, &settings.ehlo);
    let words = match contact.is_empty() {
        true => format!("{name} ({ehlo})"),
        false => format!("{name} (+{contact}; {ehlo})"),
    };
    // Letters that cannot stand in a header field stand in addresses of nobody.
    words.replace(|letter: char| !matches!(letter, ' '..='~'), "?")
}

async fn get_all(
    context: &Context<'_>,
    rules: Rules,
    open: Vec<Host>,
    trust: Arc<TrustStore>,
    sender: mpsc::Sender<Learned>,
    watch: Arc<dyn Watch>,
) -> Result<()> {
    let (targets, others) = targets(context, open);
    let pace = pace_of(context, rules.clone());
    let Queues {
        mut rulings,
        backs,
        mut notes,
        mut ahead,
        task,
    } = pace::start(pace.clone(), targets, context.stop.clone());
    let mut stage = Getting {
        context,
        pace,
        user_agent: user_agent(context.settings),
        client: Arc::default(),
        traced: Traced::hosts(context)?,
        known: Known::read(&context.store())?,
        trust,
        rules,
        tasks: JoinSet::new(),
        sender,
        backs,
        watch,
        faults: Faults::default(),
    };
    for job in others {
        stage.write(job).await?;
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

/// What can be dialled, and what cannot.
fn targets(context: &Context<'_>, open: Vec<Host>) -> (Vec<Target<Job>>, Vec<Job>) {
    let (mut targets, mut others) = (Vec::new(), Vec::new());
    for host in open {
        let address = host.address(0);
        let job = Job {
            host,
            at: 0,
            story: None,
        };
        match address {
            Some(address) => targets.push(Target {
                address,
                operator: job.host.operator(address.ip(), &context.tables.owners),
                extra: false,
                load: job,
            }),
            None => others.push(job),
        }
    }
    (targets, others)
}

/// What came of one connection; no exchange when a stop came before the connection was there.
type Asked = (Target<Job>, Option<https::Exchange>);

struct Getting<'a> {
    context: &'a Context<'a>,
    pace: Arc<Pace>,
    user_agent: String,
    client: Arc<tls::Client>,
    traced: Traced,
    known: Known,
    trust: Arc<TrustStore>,
    rules: Rules,
    tasks: JoinSet<std::result::Result<Asked, Box<Target<Job>>>>,
    sender: mpsc::Sender<Learned>,
    backs: mpsc::UnboundedSender<Back<Job>>,
    watch: Arc<dyn Watch>,
    faults: Faults,
}

impl Getting<'_> {
    /// Exclusions are looked at once more: the files may have changed since the queues let it go,
    /// and only here are the names known.
    async fn go(&mut self, clearance: Clearance, target: Target<Job>) -> Result<()> {
        match self.forbidden(&target) {
            None => self.start(clearance, target),
            Some(error) => {
                drop(clearance);
                self.back(Back::Done);
                self.never(error, target).await?;
            }
        }
        Ok(())
    }

    fn forbidden(&self, target: &Target<Job>) -> Option<ErrorCode> {
        let is_spared = target.load.host.is_spared(&self.rules.excluded());
        let spared = is_spared.then_some(ErrorCode::Excluded);
        self.rules.forbids(target.address.ip()).or(spared)
    }

    fn start(&mut self, clearance: Clearance, mut target: Target<Job>) {
        let host = target.load.host.name.clone();
        let trace = self
            .traced
            .of_address(target.address, [host.as_str()].into_iter());
        let plan = https::Plan {
            host,
            path: PATH,
            user_agent: self.user_agent.clone(),
            patience: https::Patience::default(),
        };
        let client = self.client.clone();
        target.load.story().connections += 1;
        self.tasks.spawn(async move {
            let get = async move { https::get(clearance, &plan, &client).await };
            match tokio::spawn(trace::scope(trace, get)).await {
                Ok(exchange) => Ok((target, exchange)),
                Err(_) => Err(Box::new(target)),
            }
        });
    }

    async fn settle(
        &mut self,
        joined: std::result::Result<
            std::result::Result<Asked, Box<Target<Job>>>,
            tokio::task::JoinError,
        >,
    ) -> Result<()> {
        let asked = joined.map_err(|err| Error::Internal(format!("policies: {err}")))?;
        match asked {
            Ok((target, Some(exchange))) => self.asked(target, exchange).await,
            // The next run asks again.
            Ok((_, None)) => {
                self.back(Back::Done);
                Ok(())
            }
            // A panic in the probe costs this policy, not the survey.
            Err(target) => {
                self.back(Back::Done);
                self.never(ErrorCode::InternalError, *target).await
            }
        }
    }

    async fn asked(&mut self, mut target: Target<Job>, exchange: https::Exchange) -> Result<()> {
        let is_local = exchange.tcp.error == Some(ErrorCode::LocalFault);
        self.faults.count(is_local, self.context.stop);
        let heard = match exchange.status {
            Some(TOO_MANY_REQUESTS) => Heard::PutOff,
            Some(_) => Heard::Well,
            None => Heard::Nothing,
        };
        self.pace.heard(&target.operator, heard);
        let seen = Seen {
            ip: Some(target.address.ip()),
            operator: Some(target.operator.clone()),
            exchange,
        };
        let job = &mut target.load;
        let more = job.host.address(job.at + 1).is_some();
        let hidden = job.host.hidden;
        let now = Instant::now();
        let (at, when) = match job.story().take(seen, more, hidden) {
            Next::Write => {
                self.back(Back::Done);
                return self.write(target.load).await;
            }
            Next::Elsewhere => (job.at + 1, now),
            Next::AfterLocalFault => (job.at, now + faults::PAUSE),
            Next::Confirm => (0, now + self.context.settings.limits.window / 2),
        };
        job.at = at;
        if let Some(address) = job.host.address(at) {
            target.operator = job.host.operator(address.ip(), &self.context.tables.owners);
            target.address = address;
        }
        self.back(Back::Again(target, when));
        Ok(())
    }

    /// No connection is had for the target; what earlier ones saw stays.
    async fn never(&mut self, error: ErrorCode, mut target: Target<Job>) -> Result<()> {
        let ip: IpAddr = target.address.ip();
        target.load.story().end(ip, error);
        self.write(target.load).await
    }

    async fn write(&mut self, mut job: Job) -> Result<()> {
        let story = job.story.take().unwrap_or_default();
        let (row, certificates) = rows::row(&job.host, &story, &self.trust, &self.known);
        let outcome = row.error.map_or(row.outcome.as_str(), ErrorCode::as_str);
        self.watch.done(outcome, self.tasks.len());
        let learned = Learned {
            policies: vec![row],
            certificates,
        };
        let gone = |_| Error::Internal("the writer of the stage ended".to_owned());
        self.sender.send(learned).await.map_err(gone)
    }

    fn back(&self, back: Back<Job>) {
        // Queues that stopped want nothing back.
        let _ = self.backs.send(back);
    }
}

impl Flush for Learned {
    type Item = Self;

    fn add(&mut self, learned: Self) -> usize {
        self.policies.extend(learned.policies);
        self.certificates.extend(learned.certificates);
        self.policies.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        let batches = vec![Batch::new(&self.certificates)?, Batch::new(&self.policies)?];
        *self = Self::default();
        Ok(batches)
    }
}
