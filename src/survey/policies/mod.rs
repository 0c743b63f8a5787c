//! The policies of MTA-STS in the stage `probe`: `hosts` in, `sts_policies` and `certificates` out,
//! each policy got once (RFC 8461 3.3).
//!
//! `web` has the addresses, and says whether a host is asked once more; `pace` says when each may be
//! dialled, and [`rows`] makes rows of what it did.

mod rows;

use std::sync::Arc;

use tokio::time::Instant;

use super::Context;
use super::dialling::{self, Dial};
use super::faults;
use super::learned::Learned;
use super::settings::Screen;
use super::trust::Trust;
use super::web::{self, Asker, HTTPS, Host, Next, Page, Story};
use crate::error::Result;
use crate::pace::{Clearance, Rules, Target};
use crate::probe::https;
use crate::table::Store;
use crate::table::codes::{ErrorCode, Role};
use crate::table::rows::{StsPolicyRow, TableName};

/// Where a policy stands (RFC 8461 3.2).
const PATH: &str = "/.well-known/mta-sts.txt";

/// A host on its way through the queues.
struct Job {
    host: Host,
    /// Place of the address that is asked.
    at: usize,
    /// None before the first connection: most jobs only wait.
    story: Option<Box<Story>>,
}

impl Job {
    fn of(host: Host) -> Self {
        Self {
            host,
            at: 0,
            story: None,
        }
    }

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
    let done = web::committed(&context.store(), TableName::StsPolicies)?;
    let is_open = |host: &Host| !done.contains(host.domain());
    let open = web::hosts(&context.store(), &rules, Role::Policy, is_open)?;
    let (total, before) = ((open.len() + done.len()) as u64, done.len() as u64);
    if open.is_empty() {
        return Ok(());
    }
    let watch = context.screen.stage("policies", "policies", total, before);
    let getting = Getting(Asker::new(context, trust, rules)?);
    let (pace, targets) = (getting.0.pace.clone(), getting.0.targets(open, Job::of));
    dialling::run(context, getting, pace, targets, watch).await
}

/// How many policies are left to be got, for a dry run: those whose host may be dialled.
///
/// # Errors
/// When a table cannot be read.
pub fn open(store: &Store, rules: &Rules) -> Result<u64> {
    let done = web::committed(store, TableName::StsPolicies)?;
    let is_open = |host: &Host| !done.contains(host.domain());
    let open = web::hosts(store, rules, Role::Policy, is_open)?;
    Ok(web::dialled(&open, rules))
}

struct Getting(Asker);

impl Dial for Getting {
    const NAME: &'static str = "policies";

    type Job = Job;
    type Seen = https::Exchange;
    type Learned = Learned<StsPolicyRow>;

    fn forbids(&self, target: &mut Target<Job>) -> Option<ErrorCode> {
        self.0.forbids(&target.load.host, target.address.ip())
    }

    fn talk(
        &self,
        clearance: Clearance,
        target: &mut Target<Job>,
    ) -> impl Future<Output = Option<https::Exchange>> + Send + 'static {
        let page = Page {
            path: PATH,
            wants_body: true,
            is_secure: true,
        };
        target.load.story().connections += 1;
        self.0.get(clearance, &target.load.host, page)
    }

    fn unconnected(seen: &https::Exchange) -> Option<ErrorCode> {
        seen.tcp.error
    }

    fn take(&mut self, target: &mut Target<Job>, exchange: https::Exchange) -> Option<Instant> {
        let seen = self.0.seen(target, exchange);
        let job = &mut target.load;
        let more = job.host.address(job.at + 1, HTTPS).is_some();
        let hidden = job.host.hidden;
        let now = Instant::now();
        let (at, when) = match job.story().take(seen, more, hidden, rows::answers) {
            Next::Write => return None,
            Next::Elsewhere => (job.at + 1, now),
            Next::AfterLocalFault => (job.at, now + faults::PAUSE),
            Next::Confirm => (0, now + self.0.window / 2),
        };
        job.at = at;
        if let Some(address) = job.host.address(at, HTTPS) {
            target.operator = self.0.operator(&job.host, address.ip());
            target.address = address;
        }
        Some(when)
    }

    fn end(&self, target: &mut Target<Job>, error: ErrorCode) {
        let ip = target.address.ip();
        target.load.story().end(ip, error);
    }

    fn learned(&self, mut job: Job) -> (&'static str, Learned<StsPolicyRow>) {
        let story = job.story.take().unwrap_or_default();
        let (row, certificates) = rows::row(&job.host, &story, &self.0.trust, &self.0.known);
        let outcome = row.error.map_or(row.outcome.as_str(), ErrorCode::as_str);
        let learned = Learned {
            rows: vec![row],
            certificates,
        };
        (outcome, learned)
    }
}
