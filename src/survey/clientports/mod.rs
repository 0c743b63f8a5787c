//! The ports that mail clients use, in the stage `probe`: `domains` and `hosts` in, `endpoints` and
//! `certificates` out, each port of an address asked over at most two connections. Only with
//! `--clients`, or in a deep survey.
//!
//! [`wanted`] knows which ports of which hosts, `pace` says when each may be dialled, [`story`] what
//! it is asked next, and [`rows`] makes rows of what it did, one for each host name that leads there.
//! No login is ever tried.

mod rows;
mod story;
mod wanted;

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::Context;
use super::chains::Known;
use super::dialling::{self, Dial};
use super::endpoints::{self, Address, Hosts};
use super::faults;
use super::learned::Learned;
use super::settings::Screen;
use super::traced::Traced;
use super::trust::Trust;
use crate::certificate;
use crate::error::Result;
use crate::order::Order;
use crate::pace::{Clearance, Heard, MachineKey, Owners, Pace, Rules, Target};
use crate::probe::conversation::{self, Conversation, Patience, Plan};
use crate::probe::tls;
use crate::table::Store;
use crate::table::codes::{ErrorCode, Protocol, Role, TcpOutcome};
use crate::table::rows::{Ehlo, EndpointRow, TableName};
use crate::trace;
use rows::Scribe;
use story::{Next, Story};
use wanted::Wanted;

/// A port on its way through the queues.
struct Job {
    address: Address,
    protocol: Protocol,
    /// None before the first connection: most jobs only wait.
    story: Option<Box<Story>>,
}

/// Asks every port that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, trust: Arc<Trust>) -> Result<()> {
    let (hosts, open, done) = {
        let store = context.store();
        let (hosts, jobs) = jobs(&store, store.order(), &context.tables.owners)?;
        if jobs.is_empty() {
            return Ok(());
        }
        let done = committed(&store)?;
        let is_open = |job: &Job| !done.contains(&job.address.socket);
        (
            Arc::new(hosts),
            Vec::from_iter(jobs.into_iter().filter(is_open)),
            done.len(),
        )
    };
    if open.is_empty() {
        return Ok(());
    }
    let total = (open.len() + done) as u64;
    let watch = context.screen.stage("clients", "ports", total, done as u64);
    // Whether port 25 is closed on our side says nothing of other ports.
    let rules = context.tables.rules(context.settings);
    let excluded = rules.excluded();
    let (open, spared): (Vec<_>, Vec<_>) = open
        .into_iter()
        .map(target)
        .partition(|target| hosts.leads_to(&target.load.address, &excluded));
    let limits = context.settings.limits.clients();
    let pace = endpoints::pace_of(context, rules.clone(), limits)?;
    let asking = Asking {
        pace: pace.clone(),
        ehlo: context.settings.ehlo.clone(),
        window: context.settings.limits.window,
        client: Arc::default(),
        traced: Traced::hosts(context)?,
        scribe: Scribe {
            hosts,
            trust,
            known: Known::read(context)?,
        },
        rules,
    };
    let spare = |mut target: Target<Job>| {
        asking.end(&mut target, ErrorCode::Excluded);
        target.load
    };
    let spared = spared.into_iter().map(spare).collect();
    dialling::run(context, asking, pace, (open, spared), watch).await
}

/// How many ports are left to be asked, for a dry run: those that may be dialled.
///
/// # Errors
/// When a table cannot be read.
pub fn open(store: &Store, owners: &Owners, rules: &Rules) -> Result<u64> {
    let (hosts, jobs) = jobs(store, store.order(), owners)?;
    if jobs.is_empty() {
        return Ok(0);
    }
    let done = committed(store)?;
    let excluded = rules.excluded();
    let is_dialled = |job: &&Job| {
        let socket = job.address.socket;
        let may = rules.forbids(socket.ip()).is_none() && hosts.leads_to(&job.address, &excluded);
        may && !done.contains(&socket)
    };
    Ok(jobs.iter().filter(is_dialled).count() as u64)
}

/// Every port of every address that a host leads to, in the order of work.
fn jobs(store: &Store, order: Order, owners: &Owners) -> Result<(Hosts, Vec<Job>)> {
    let wanted = Wanted::read(store)?;
    let hosts = match wanted.is_empty() {
        true => Hosts::default(),
        false => Hosts::read(store, Role::Client)?,
    };
    let ports = hosts.ports(order, owners, |host| wanted.ports(host));
    let jobs = ports.into_iter().filter_map(|address| {
        let protocol = wanted.protocol(hosts.name_of(&address), address.socket.port())?;
        Some(Job {
            address,
            protocol,
            story: None,
        })
    });
    let jobs = jobs.collect();
    Ok((hosts, jobs))
}

/// The ports that are committed already.
fn committed(store: &Store) -> Result<HashSet<SocketAddr>> {
    #[derive(Deserialize)]
    struct Key {
        ip: String,
        port: u16,
        protocol: Protocol,
    }
    let mut done = HashSet::new();
    for batch in store.scan::<Key>(TableName::Endpoints, &["ip", "port", "protocol"]) {
        let keys = batch?.into_iter();
        let keys = keys.filter(|key| key.protocol != Protocol::Smtp);
        done.extend(keys.filter_map(|key| {
            let ip: IpAddr = key.ip.parse().ok()?;
            Some(SocketAddr::new(ip, key.port))
        }));
    }
    Ok(done)
}

fn target(job: Job) -> Target<Job> {
    Target {
        address: job.address.socket,
        operator: job.address.operator.clone(),
        extra: false,
        more: 1,
        load: job,
    }
}

struct Asking {
    pace: Arc<Pace>,
    ehlo: String,
    /// Of connections to one address.
    window: Duration,
    client: Arc<tls::Client>,
    traced: Traced,
    scribe: Scribe,
    rules: Rules,
}

impl Dial for Asking {
    const NAME: &'static str = "clients";

    type Job = Job;
    type Seen = Conversation;
    type Learned = Learned<EndpointRow>;

    fn forbids(&self, target: &mut Target<Job>) -> Option<ErrorCode> {
        let address = &mut target.load.address;
        match self.rules.forbids(address.socket.ip()) {
            None if !address.spare(&self.scribe.hosts, &self.rules.excluded()) => {
                Some(ErrorCode::Excluded)
            }
            forbidden => forbidden,
        }
    }

    fn talk(
        &self,
        clearance: Clearance,
        target: &mut Target<Job>,
    ) -> impl Future<Output = Option<Conversation>> + Send + 'static {
        let (client, hosts) = (self.client.clone(), &self.scribe.hosts);
        let Job {
            address,
            protocol,
            story,
        } = &mut target.load;
        let names = hosts.of(address).map(|host| host.host.as_str());
        let trace = self.traced.of_address(address.socket, names);
        let protocol = *protocol;
        let story = story.get_or_insert_default();
        story.connections += 1;
        let ask = story.ask();
        let is_named = ask.as_ref().is_none_or(|ask| ask.is_named);
        let plan = Plan {
            ehlo: self.ehlo.clone(),
            sni: is_named.then(|| hosts.name_of(address).to_owned()),
            handshake: ask.map(|ask| ask.handshake()).unwrap_or_default(),
            patience: Patience::default(),
        };
        let talk = async move { conversation::talk(clearance, protocol, &plan, &client).await };
        trace::scope(trace, talk)
    }

    fn unconnected(seen: &Conversation) -> Option<ErrorCode> {
        seen.tcp.error
    }

    fn take(&mut self, target: &mut Target<Job>, seen: Conversation) -> Option<Instant> {
        self.tell(target, &seen);
        let story = target.load.story.get_or_insert_default();
        let now = Instant::now();
        target.more = 0;
        match story.take(seen) {
            Next::Write => None,
            Next::AfterLocalFault => Some(now + faults::PAUSE),
            Next::Again if story.is_silent() => Some(now + self.window / 2),
            Next::Again => Some(now),
        }
    }

    fn end(&self, target: &mut Target<Job>, error: ErrorCode) {
        let story = target.load.story.get_or_insert_default();
        story.end(error);
    }

    fn learned(&self, mut job: Job) -> (&'static str, Learned<EndpointRow>) {
        let story = job.story.take().unwrap_or_default();
        self.scribe.rows(&job.address, job.protocol, &story)
    }
}

impl Asking {
    /// Tells the budgets how we were received, and by which machine.
    fn tell(&self, target: &Target<Job>, seen: &Conversation) {
        let answered = |ehlo: &Ehlo| !ehlo.capabilities.is_empty();
        let is_well = answered(&seen.ehlo) || answered(&seen.ehlo_tls);
        let heard = match (seen.put_off, seen.tcp.outcome) {
            (true, _) => Heard::PutOff,
            (false, TcpOutcome::Connected) if is_well => Heard::Well,
            _ => Heard::Nothing,
        };
        self.pace.heard(&target.operator, heard);
        let leaf = seen.chain.first();
        let spki = leaf.and_then(|der| certificate::row(der).spki_sha256);
        let key = spki.as_deref().map(MachineKey::of_leaf);
        self.pace.same_machine(target.address, key.as_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::Job;

    #[test]
    fn a_job_that_waits_takes_little_room() {
        assert!(size_of::<Job>() <= 120);
    }
}
