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
use crate::certificate;
use crate::error::Result;
use crate::pace::{Clearance, Heard, Journal, Limits, MachineKey, Pace, Rules, Target};
use crate::probe::{smtp, tls};
use crate::table::codes::{ErrorCode, Protocol, Role};
use crate::table::row::Moment;
use crate::table::rows::{CertificateRow, EndpointRow, TableName};
use crate::table::{Batch, Flush, Store};
use crate::trace;
pub use addresses::{Address, Host, Hosts, SMTP};
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
pub async fn run(context: &Context<'_>, trust: Arc<Trust>, rules: Rules) -> Result<()> {
    let hosts = Arc::new(Hosts::read(&context.store(), Role::Mx)?);
    let done = committed(&context.store())?;
    let order = context.store().order();
    let open: Vec<Address> = hosts
        .addresses(order, &context.tables.owners)
        .into_iter()
        .filter(|address| !done.contains(&address.socket.ip().to_string()))
        .collect();
    let total = (open.len() + done.len()) as u64;
    let before = done.len() as u64;
    let watch = context.screen.stage("probe", "addresses", total, before);
    let excluded = rules.excluded();
    // Whom nobody but an excluded host leads to would only hold up the queues.
    let (open, spared): (Vec<_>, Vec<_>) = open
        .into_iter()
        .map(target)
        .partition(|target| hosts.leads_to(&target.load.address, &excluded));
    let pace = pace_of(context, rules.clone(), context.settings.limits.clone())?;
    let probing = Probing {
        pace: pace.clone(),
        plan: Arc::new(plan(context)),
        client: Arc::default(),
        traced: Traced::hosts(context)?,
        scribe: Scribe {
            hosts,
            trust,
            known: Known::read(&context.store())?,
        },
        rules,
        window: context.settings.limits.window,
    };
    let spare = |mut target: Target<Job>| {
        probing.end(&mut target, ErrorCode::Excluded);
        target.load
    };
    let spared = spared.into_iter().map(spare).collect();
    dialling::run(context, probing, pace, (open, spared), watch).await
}

/// The addresses that are committed already.
///
/// # Errors
/// When the table cannot be read.
pub fn committed(store: &Store) -> Result<HashSet<String>> {
    #[derive(Deserialize)]
    struct Key {
        ip: String,
        protocol: Protocol,
    }
    let mut done = HashSet::new();
    for batch in store.scan::<Key>(TableName::Endpoints, &["ip", "protocol"]) {
        let relays = batch?.into_iter();
        let relays = relays.filter(|key| key.protocol == Protocol::Smtp);
        done.extend(relays.map(|key| key.ip));
    }
    Ok(done)
}

/// The budgets of this survey, as earlier processes and the pre-flight left them.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn pace_of(context: &Context<'_>, rules: Rules, limits: Limits) -> Result<Arc<Pace>> {
    let (journal, past) = Journal::open(&context.settings.out, Moment::now())?;
    let rates = context.tables.rates();
    Ok(Pace::new(limits, rules, rates, journal, &past))
}

fn plan(context: &Context<'_>) -> smtp::Plan {
    smtp::Plan {
        ehlo: context.settings.ehlo.clone(),
        sni: None,
        handshake: smtp::Handshake::Full,
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

struct Probing {
    pace: Arc<Pace>,
    plan: Arc<smtp::Plan>,
    client: Arc<tls::Client>,
    traced: Traced,
    scribe: Scribe,
    rules: Rules,
    /// Of connections to one address.
    window: Duration,
}

impl Dial for Probing {
    const NAME: &'static str = "probe";

    type Job = Job;
    type Seen = smtp::Conversation;
    type Learned = Learned;

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
    ) -> impl Future<Output = Option<smtp::Conversation>> + Send + 'static {
        let (client, hosts) = (self.client.clone(), &self.scribe.hosts);
        let Job { address, story } = &mut target.load;
        let names = hosts.of(address).map(|host| host.host.as_str());
        let trace = self.traced.of_address(address.socket, names);
        let story = story.get_or_insert_default();
        story.connections += 1;
        let sni = (!story.without_sni).then(|| hosts.name_of(address).to_owned());
        let plan = smtp::Plan {
            sni,
            ..(*self.plan).clone()
        };
        let talk = async move { smtp::talk(clearance, &plan, &client).await };
        trace::scope(trace, talk)
    }

    fn unconnected(seen: &smtp::Conversation) -> Option<ErrorCode> {
        seen.tcp.error
    }

    fn take(&mut self, target: &mut Target<Job>, seen: smtp::Conversation) -> Option<Instant> {
        self.tell(target, &seen);
        let mismatch = self.scribe.is_mismatch(&target.load.address, &seen);
        let wait = match target.load.story().take(seen, mismatch) {
            Next::Write => return None,
            Next::AfterLocalFault => faults::PAUSE,
            Next::WithoutName => self.window / 10,
            Next::Confirm => {
                target.extra = true;
                self.window / 2
            }
        };
        Some(Instant::now() + wait)
    }

    fn end(&self, target: &mut Target<Job>, error: ErrorCode) {
        target.load.story().end(error);
    }

    fn learned(&self, mut job: Job) -> (&'static str, Learned) {
        let story = job.story.take().unwrap_or_default();
        self.scribe.rows(&job.address, &story)
    }
}

impl Probing {
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
