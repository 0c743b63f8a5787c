//! `--depth deep`: every suite, group and version of the servers whose TLS works, over at most 60
//! more connections to each address, spread over hours. `endpoints` in, `hellos` out, and what they
//! add up to back into `endpoints`.
//!
//! [`exam`] says what is asked next, from what was [`known`] and said before: [`state`] is what that
//! adds up to, [`preference`] whose order counts. [`rows`] keeps every hello as it happens, so that a
//! survey goes on after a crash where it was; [`merge`] adds the findings to the row of the address.

mod exam;
mod known;
mod merge;
mod preference;
mod rows;
mod state;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::time::Instant;

use super::Context;
use super::dialling::{self, Dial};
use super::endpoints;
use super::faults;
use super::settings::Screen;
use super::traced::Traced;
use crate::error::Result;
use crate::pace::{Clearance, DEEP, Pace, Rules, Target};
use crate::probe::hello::Answer;
use crate::probe::{smtp, tls};
use crate::table::codes::{ErrorCode, Protocol, TlsOutcome};
use crate::table::rows::{EndpointRow, HelloRow, TableName};
use crate::table::{Batch, Flush, Store};
use crate::trace;
use exam::{Exam, Said};
use known::Known;

/// An address and port.
type Key = (String, u16);

/// An address on its way through the queues.
struct Job {
    address: SocketAddr,
    /// Every host that leads there.
    hosts: Vec<String>,
    /// The server name that is sent.
    sni: Option<String>,
    exam: Exam,
    local_faults: u16,
    /// Hellos that are not committed yet.
    fresh: Vec<HelloRow>,
}

/// Asks every address whose TLS works until there is nothing more to ask, and rewrites its row.
///
/// # Errors
/// The reason to stop; what was said until then is committed.
pub async fn run(context: &Context<'_>, rules: Rules) -> Result<()> {
    let (targets, done) = targets(&context.store())?;
    let total = targets.len() as u64 + done;
    let watch = context.screen.stage("deep", "addresses", total, done);
    let limits = context.settings.limits.deep();
    let pace = endpoints::pace_of(context, rules.clone(), limits)?;
    let examining = Examining {
        pace: pace.clone(),
        plan: smtp::Plan {
            ehlo: context.settings.ehlo.clone(),
            sni: None,
            handshake: smtp::Handshake::Full,
            patience: smtp::Patience::default(),
        },
        client: Arc::default(),
        traced: Traced::hosts(context)?,
        rules,
    };
    dialling::run(context, examining, pace, (targets, Vec::new()), watch).await?;
    tokio::task::block_in_place(|| rewrite(&mut context.store()))
}

/// The addresses that are asked something, and how many are done with.
fn targets(store: &Store) -> Result<(Vec<Target<Job>>, u64)> {
    let mut said = said(store)?;
    let mut hosts: HashMap<String, Vec<String>> = HashMap::new();
    let mut openers = Vec::new();
    for batch in store.scan::<EndpointRow>(TableName::Endpoints, &[]) {
        let rows = batch?.into_iter();
        for row in rows.filter(|row| row.protocol == Protocol::Smtp) {
            hosts
                .entry(row.ip.clone())
                .or_default()
                .push(row.host.clone());
            // Rows that have their findings are done with.
            let is_open = is_asked(&row) && row.ciphers.accepted.is_empty();
            openers.extend(is_open.then_some(row));
        }
    }
    let order = store.order();
    openers.sort_by_cached_key(|row| order.hash(&row.ip));
    let all = openers.len() as u64;
    let mut targets = Vec::new();
    for row in openers {
        let Ok(ip) = row.ip.parse::<IpAddr>() else {
            continue;
        };
        let exam = exam(&row, said.remove(&(row.ip.clone(), row.port)));
        if exam.next().is_none() {
            continue;
        }
        targets.push(target(SocketAddr::new(ip, row.port), &row, &hosts, exam));
    }
    let done = all - targets.len() as u64;
    Ok((targets, done))
}

fn target(
    address: SocketAddr,
    row: &EndpointRow,
    hosts: &HashMap<String, Vec<String>>,
    exam: Exam,
) -> Target<Job> {
    Target {
        address,
        operator: Arc::from(row.operator.as_str()),
        extra: false,
        more: more(&exam),
        load: Job {
            address,
            hosts: hosts.get(&row.ip).cloned().unwrap_or_default(),
            sni: row.tls.sni.clone(),
            exam,
            local_faults: 0,
            fresh: Vec::new(),
        },
    }
}

/// Connections that may follow the next one.
fn more(exam: &Exam) -> u8 {
    let most = usize::try_from(DEEP).unwrap_or_default();
    u8::try_from(most.saturating_sub(exam.said.len() + 1)).unwrap_or(u8::MAX)
}

/// Whether a row is that of connections to a mail server whose TLS works. Ports that mail clients use
/// get two connections and no more.
fn is_asked(row: &EndpointRow) -> bool {
    let is_relay = row.protocol == Protocol::Smtp;
    let works = matches!(
        row.tls.outcome,
        TlsOutcome::Completed | TlsOutcome::HelloOnly
    );
    is_relay && works && row.connections > 0
}

fn exam(row: &EndpointRow, said: Option<Vec<HelloRow>>) -> Exam {
    let mut exam = Exam {
        known: Known::of(row),
        ..Exam::default()
    };
    rows::resume(&mut exam, said.unwrap_or_default());
    exam
}

/// The hellos of every address, in their order.
fn said(store: &Store) -> Result<HashMap<Key, Vec<HelloRow>>> {
    let mut said: HashMap<Key, Vec<HelloRow>> = HashMap::new();
    for batch in store.scan::<HelloRow>(TableName::Hellos, &[]) {
        for row in batch? {
            said.entry((row.ip.clone(), row.port))
                .or_default()
                .push(row);
        }
    }
    for rows in said.values_mut() {
        rows.sort_by_key(|row| row.number);
    }
    Ok(said)
}

/// Adds the findings to the rows of the addresses that were asked. A row that has them already stays:
/// a crash may have come after this. Whoever shook hands accepts a suite at least, and before nobody
/// listed it.
fn rewrite(store: &mut Store) -> Result<()> {
    let mut said = said(store)?;
    store.rewrite::<EndpointRow>(TableName::Endpoints, |row| {
        if is_asked(row) && row.ciphers.accepted.is_empty() {
            let said = said.remove(&(row.ip.clone(), row.port));
            let exam = exam(row, said);
            merge::fill(row, &exam);
        }
    })
}

struct Examining {
    pace: Arc<Pace>,
    plan: smtp::Plan,
    client: Arc<tls::Client>,
    traced: Traced,
    rules: Rules,
}

impl Dial for Examining {
    const NAME: &'static str = "deep";

    type Job = Job;
    type Seen = smtp::Conversation;
    type Learned = Hellos;

    fn forbids(&self, target: &mut Target<Job>) -> Option<ErrorCode> {
        let excluded = self.rules.excluded();
        let spared = || target.load.hosts.iter().all(|host| excluded.host(host));
        match self.rules.forbids(target.address.ip()) {
            None if spared() => Some(ErrorCode::Excluded),
            forbidden => forbidden,
        }
    }

    fn talk(
        &self,
        clearance: Clearance,
        target: &mut Target<Job>,
    ) -> impl Future<Output = Option<smtp::Conversation>> + Send + 'static {
        let job = &target.load;
        let hosts = job.hosts.iter().map(String::as_str);
        let trace = self.traced.of_address(job.address, hosts);
        let hello = job.exam.next();
        let plan = smtp::Plan {
            sni: job.sni.clone(),
            // Nobody is in the queues who has nothing to ask.
            handshake: hello.map_or(smtp::Handshake::Full, smtp::Handshake::Bare),
            ..self.plan.clone()
        };
        let client = self.client.clone();
        trace::scope(
            trace,
            async move { smtp::talk(clearance, &plan, &client).await },
        )
    }

    fn unconnected(seen: &smtp::Conversation) -> Option<ErrorCode> {
        seen.tcp.error
    }

    fn take(&mut self, target: &mut Target<Job>, seen: smtp::Conversation) -> Option<Instant> {
        self.pace.heard(&target.operator, endpoints::heard(&seen));
        let job = &mut target.load;
        if seen.tcp.error == Some(ErrorCode::LocalFault) && job.local_faults < faults::TRIES {
            job.local_faults += 1;
            return Some(Instant::now() + faults::PAUSE);
        }
        let hello = job.exam.next()?;
        job.exam.said.push(Said {
            hello,
            observed_at: seen.observed_at,
            answer: answer(seen),
        });
        job.fresh.extend(rows::of_last(&job.exam, job.address));
        target.more = more(&target.load.exam);
        // The budgets say when.
        target.load.exam.next().map(|_| Instant::now())
    }

    fn between(&self, target: &mut Target<Job>) -> Option<Hellos> {
        Some(Hellos(std::mem::take(&mut target.load.fresh)))
    }

    /// What was not asked stays unknown.
    fn end(&self, _: &mut Target<Job>, _: ErrorCode) {}

    fn learned(&self, job: Job) -> (&'static str, Hellos) {
        let word = match job.exam.next() {
            None => "complete",
            Some(_) => "incomplete",
        };
        (word, Hellos(job.fresh))
    }
}

/// What a conversation says of its hello, without certificates, which are known.
fn answer(seen: smtp::Conversation) -> Answer {
    let mut answer = endpoints::told::answer(seen);
    if let Some(flight) = &mut answer.flight {
        flight.chain = Vec::new();
    }
    answer
}

/// Hellos on their way into their table.
#[derive(Default)]
struct Hellos(Vec<HelloRow>);

impl Flush for Hellos {
    type Item = Self;

    fn add(&mut self, hellos: Self) -> usize {
        self.0.extend(hellos.0);
        self.0.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        Ok(vec![Batch::new(&std::mem::take(&mut self.0))?])
    }
}
