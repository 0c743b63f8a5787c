//! The policies of MTA-STS in the stage `probe`: `hosts` in, `sts_policies` and `certificates` out,
//! each policy got once (RFC 8461 3.3).
//!
//! `web` has the addresses, and says whether a host is asked once more; `pace` says when each may be
//! dialled, and [`rows`] makes rows of what it did.

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
use super::settings::Screen;
use super::traced::Traced;
use super::trust::Trust;
use super::web::{self, HTTPS, Host, Next, Seen, Story};
use crate::error::Result;
use crate::pace::{Clearance, Owners, Pace, Rules, Target};
use crate::probe::{https, tls};
use crate::table::codes::{ErrorCode, Role};
use crate::table::rows::{CertificateRow, StsPolicyRow, TableName};
use crate::table::{Batch, Flush, Store};
use crate::trace;

/// Where a policy stands (RFC 8461 3.2).
const PATH: &str = "/.well-known/mta-sts.txt";

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
    let is_open = |host: &Host| !done.contains(host.domain());
    let open = web::hosts(&context.store(), &rules, Role::Policy, is_open)?;
    let (total, before) = ((open.len() + done.len()) as u64, done.len() as u64);
    if open.is_empty() {
        return Ok(());
    }
    let watch = context.screen.stage("policies", "policies", total, before);
    let targets = targets(context, open);
    let pace = web::pace_of(context, rules.clone());
    let getting = Getting {
        pace: pace.clone(),
        user_agent: web::user_agent(context.settings),
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
    let is_open = |host: &Host| !done.contains(host.domain());
    let open = web::hosts(store, rules, Role::Policy, is_open)?;
    Ok(web::dialled(&open, rules))
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

/// What can be dialled, and what cannot.
fn targets(context: &Context<'_>, open: Vec<Host>) -> (Vec<Target<Job>>, Vec<Job>) {
    let (mut targets, mut others) = (Vec::new(), Vec::new());
    for host in open {
        let address = host.address(0, HTTPS);
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
            wants_body: true,
            patience: https::Patience::default(),
        };
        let client = self.client.clone();
        target.load.story().connections += 1;
        let get = async move { https::get(clearance, &plan, Some(&client)).await };
        trace::scope(trace, get)
    }

    fn unconnected(seen: &https::Exchange) -> Option<ErrorCode> {
        seen.tcp.error
    }

    fn take(&mut self, target: &mut Target<Job>, exchange: https::Exchange) -> Option<Instant> {
        self.pace.heard(&target.operator, web::heard(&exchange));
        let seen = Seen {
            ip: Some(target.address.ip()),
            operator: Some(target.operator.clone()),
            exchange,
        };
        let job = &mut target.load;
        let more = job.host.address(job.at + 1, HTTPS).is_some();
        let hidden = job.host.hidden;
        let now = Instant::now();
        let (at, when) = match job.story().take(seen, more, hidden, rows::answers) {
            Next::Write => return None,
            Next::Elsewhere => (job.at + 1, now),
            Next::AfterLocalFault => (job.at, now + faults::PAUSE),
            Next::Confirm => (0, now + self.window / 2),
        };
        job.at = at;
        if let Some(address) = job.host.address(at, HTTPS) {
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
