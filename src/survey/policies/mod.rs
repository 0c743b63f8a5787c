//! The policies of MTA-STS in the stage `probe`: `hosts` in, `sts_policies` and `certificates` out,
//! each policy got once (RFC 8461 3.3).
//!
//! [`hosts`] has the addresses, `pace` says when each may be dialled, [`attempts`] whether a host is
//! asked once more, and [`rows`] makes rows of what it did.

mod attempts;
mod hosts;
mod rows;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::Context;
use super::chains::Known;
use super::dialling::{self, Dial};
use super::faults;
use super::settings::{Screen, Settings};
use super::traced::Traced;
use super::trust::Trust;
use crate::error::Result;
use crate::pace::{Clearance, Heard, Journal, OperatorRates, Owners, Pace, Past, Rules, Target};
use crate::probe::{https, tls};
use crate::table::codes::ErrorCode;
use crate::table::rows::{CertificateRow, StsPolicyRow, TableName};
use crate::table::{Batch, Flush, Store};
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
pub async fn run(context: &Context<'_>, trust: Arc<Trust>) -> Result<()> {
    let rules = context.tables.rules(context.settings);
    let done = committed(&context.store())?;
    let open = hosts::read(&context.store(), &rules, |domain| !done.contains(domain))?;
    let (total, before) = ((open.len() + done.len()) as u64, done.len() as u64);
    if open.is_empty() {
        return Ok(());
    }
    let watch = context.screen.stage("policies", "policies", total, before);
    let targets = targets(context, open);
    let pace = pace_of(context, rules.clone());
    let getting = Getting {
        pace: pace.clone(),
        user_agent: user_agent(context.settings),
        client: Arc::default(),
        traced: Traced::hosts(context)?,
        known: Known::read(&context.store())?,
        owners: context.tables.owners.clone(),
        trust,
        rules,
        window: context.settings.limits.window,
    };
    dialling::run(context, getting, pace, targets, watch).await
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
                more: 0,
                load: job,
            }),
            None => others.push(job),
        }
    }
    (targets, others)
}

struct Getting {
    pace: Arc<Pace>,
    user_agent: String,
    client: Arc<tls::Client>,
    traced: Traced,
    known: Known,
    owners: Owners,
    trust: Arc<Trust>,
    rules: Rules,
    /// Of connections to one mail server, for want of another measure of what is later.
    window: Duration,
}

impl Dial for Getting {
    const NAME: &'static str = "policies";

    type Job = Job;
    type Seen = https::Exchange;
    type Learned = Learned;

    fn forbids(&self, target: &mut Target<Job>) -> Option<ErrorCode> {
        let is_spared = target.load.host.is_spared(&self.rules.excluded());
        let spared = is_spared.then_some(ErrorCode::Excluded);
        self.rules.forbids(target.address.ip()).or(spared)
    }

    fn talk(
        &self,
        clearance: Clearance,
        target: &mut Target<Job>,
    ) -> impl Future<Output = Option<https::Exchange>> + Send + 'static {
        let host = target.load.host.name.clone();
        let names = [host.as_str()].into_iter();
        let trace = self.traced.of_address(target.address, names);
        let plan = https::Plan {
            host,
            path: PATH,
            user_agent: self.user_agent.clone(),
            patience: https::Patience::default(),
        };
        let client = self.client.clone();
        target.load.story().connections += 1;
        let get = async move { https::get(clearance, &plan, &client).await };
        trace::scope(trace, get)
    }

    fn unconnected(seen: &https::Exchange) -> Option<ErrorCode> {
        seen.tcp.error
    }

    fn take(&mut self, target: &mut Target<Job>, exchange: https::Exchange) -> Option<Instant> {
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
            Next::Write => return None,
            Next::Elsewhere => (job.at + 1, now),
            Next::AfterLocalFault => (job.at, now + faults::PAUSE),
            Next::Confirm => (0, now + self.window / 2),
        };
        job.at = at;
        if let Some(address) = job.host.address(at) {
            target.operator = job.host.operator(address.ip(), &self.owners);
            target.address = address;
        }
        Some(when)
    }

    fn end(&self, target: &mut Target<Job>, error: ErrorCode) {
        let ip = target.address.ip();
        target.load.story().end(ip, error);
    }

    fn learned(&self, mut job: Job) -> (&'static str, Learned) {
        let story = job.story.take().unwrap_or_default();
        let (row, certificates) = rows::row(&job.host, &story, &self.trust, &self.known);
        let outcome = row.error.map_or(row.outcome.as_str(), ErrorCode::as_str);
        let learned = Learned {
            policies: vec![row],
            certificates,
        };
        (outcome, learned)
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
