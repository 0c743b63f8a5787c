//! The mail servers of the stage `probe`: `hosts` in, `endpoints` and `certificates` out, each address
//! asked over a few connections.
//!
//! [`addresses`] turns hosts into distinct addresses, `pace` says when each may be dialled,
//! [`agenda`] what it is asked next and [`names`] which of its names is, [`story`] remembers what it
//! did ([`attempts`] to get TLS, what it [`told`] bare hellos, to whom it showed which chain:
//! [`sights`]), and [`rows`] makes rows of that, one for each host name that leads there;
//! [`versions`] and [`facts`] are what it adds up to.

mod addresses;
mod agenda;
mod attempts;
pub mod facts;
mod names;
mod rows;
mod sights;
mod story;
#[cfg(test)]
mod tests;
pub mod told;
pub mod versions;

use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;
use tokio::time::Instant;

use super::Context;
use super::chains::Known;
use super::dialling::{self, Dial};
use super::faults;
use super::learned::Learned;
use super::settings::{Screen, Settings};
use super::tables::Tables;
use super::traced::Traced;
use super::trust::Trust;
use crate::certificate;
use crate::dns;
use crate::error::Result;
use crate::pace::{Clearance, Heard, Journal, Limits, MachineKey, Pace, Rules, Target};
use crate::probe::tls::Keys;
use crate::probe::{smtp, tls};
use crate::table::Store;
use crate::table::codes::{ErrorCode, Protocol, Role};
use crate::table::row::Moment;
use crate::table::rows::{EndpointRow, TableName, TlsaAgain};
use crate::trace;
pub use addresses::{Address, Host, Hosts};
pub use agenda::CONNECTIONS;
use agenda::{Ask, ServerName, What};
use names::Names;
use rows::Scribe;
pub use rows::base;
use story::{Next, Story};

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
pub async fn run(
    context: &Context<'_>,
    client: &Arc<dns::Client>,
    trust: Arc<Trust>,
    rules: Rules,
) -> Result<()> {
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
        clients: Clients::default(),
        traced: Traced::hosts(context)?,
        scribe: Scribe {
            hosts,
            trust,
            known: Known::read(context)?,
        },
        rules,
        resolver: client.clone(),
        limits: context.settings.limits.clone(),
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

/// Budgets within these limits, as earlier processes and the pre-flight left them.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn pace_of(context: &Context<'_>, rules: Rules, limits: Limits) -> Result<Arc<Pace>> {
    pace_with(context.settings, context.tables, rules, limits)
}

/// The same without the rest of a survey.
///
/// # Errors
/// As [`pace_of`].
pub fn pace_with(
    settings: &Settings,
    tables: &Tables,
    rules: Rules,
    limits: Limits,
) -> Result<Arc<Pace>> {
    let ledger = settings.ledger.as_ref();
    let dir = ledger.map_or(&settings.out, |ledger| &ledger.dir);
    let (journal, mut past) = Journal::open(dir, Moment::now())?;
    past.since = ledger.map_or(Moment::default(), |ledger| ledger.since);
    let rates = tables.rates();
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
        more: agenda::first().more(),
        load: Job {
            address,
            story: None,
        },
    }
}

/// Who shakes hands: with a hybrid group, without, and for one kind of key.
struct Clients {
    hybrid: Arc<tls::Client>,
    classical: Arc<tls::Client>,
    rsa: Arc<tls::Client>,
    elliptic: Arc<tls::Client>,
}

impl Default for Clients {
    fn default() -> Self {
        Self {
            hybrid: Arc::default(),
            classical: Arc::new(tls::Client::classical()),
            rsa: Arc::new(tls::Client::only(Keys::Rsa)),
            elliptic: Arc::new(tls::Client::only(Keys::Elliptic)),
        }
    }
}

struct Probing {
    pace: Arc<Pace>,
    plan: Arc<smtp::Plan>,
    clients: Clients,
    traced: Traced,
    scribe: Scribe,
    rules: Rules,
    /// For TLSA records that are asked for again.
    resolver: Arc<dns::Client>,
    limits: Limits,
}

/// What was seen over one connection, and learned because of it.
struct Seen {
    conversation: smtp::Conversation,
    /// The TLSA records of a name, asked for again.
    again: Option<(ServerName, TlsaAgain)>,
}

impl Dial for Probing {
    const NAME: &'static str = "probe";

    type Job = Job;
    type Seen = Seen;
    type Learned = Learned<EndpointRow>;

    fn forbids(&self, target: &mut Target<Job>) -> Option<ErrorCode> {
        let Job { address, story } = &mut target.load;
        let before = address.asked();
        match self.rules.forbids(address.socket.ip()) {
            None if !address.spare(&self.scribe.hosts, &self.rules.excluded()) => {
                Some(ErrorCode::Excluded)
            }
            forbidden => {
                if let Some(story) = story.as_mut().filter(|_| before != address.asked()) {
                    // What was seen may be of a name that is left alone now.
                    story.begin_anew();
                }
                forbidden
            }
        }
    }

    fn talk(
        &self,
        clearance: Clearance,
        target: &mut Target<Job>,
    ) -> impl Future<Output = Option<Seen>> + Send + 'static {
        let hosts = &self.scribe.hosts;
        let Job { address, story } = &mut target.load;
        let names = hosts.of(address).map(|host| host.host.as_str());
        let trace = self.traced.of_address(address.socket, names);
        let story = story.get_or_insert_default();
        story.connections += 1;
        let ask = story.ask();
        let doubt = self.in_doubt(address, story, &ask);
        let (plan, client) = (self.plan(&ask.what, address), self.client(&ask.what));
        let resolver = self.resolver.clone();
        let talk = async move {
            let conversation = smtp::talk(clearance, &plan, &client).await?;
            let again = match doubt.filter(|_| !conversation.chain.is_empty()) {
                Some((name, base)) => Some((name, ask_again(&resolver, &base).await)),
                None => None,
            };
            Some(Seen {
                conversation,
                again,
            })
        };
        trace::scope(trace, talk)
    }

    fn unconnected(seen: &Seen) -> Option<ErrorCode> {
        seen.conversation.tcp.error
    }

    fn take(&mut self, target: &mut Target<Job>, seen: Seen) -> Option<Instant> {
        let Seen {
            conversation,
            again,
        } = seen;
        self.tell(target, &conversation);
        let mismatch = self.scribe.is_mismatch(&target.load.address, &conversation);
        let story = target.load.story();
        if let Some((name, again)) = again {
            story.sights.note_again(name, again);
        }
        let ask = match story.take(conversation, mismatch) {
            Next::AfterLocalFault => return Some(Instant::now() + faults::PAUSE),
            Next::Ask(ask) => ask,
            Next::Write => self.for_a_name(&mut target.load)?,
        };
        target.extra = ask.extra;
        target.more = ask.more();
        Some(Instant::now() + ask.wait.of(self.limits.window))
    }

    fn end(&self, target: &mut Target<Job>, error: ErrorCode) {
        target.load.story().end(error);
    }

    fn learned(&self, mut job: Job) -> (&'static str, Learned<EndpointRow>) {
        let story = job.story.take().unwrap_or_default();
        self.scribe.rows(&job.address, &story)
    }
}

impl Probing {
    /// What is asked for the sake of one name, once the address itself is done with.
    fn for_a_name(&self, job: &mut Job) -> Option<Ask> {
        let story = job.story.get_or_insert_default();
        let ask = Names::of(&self.scribe.hosts, &job.address, story).next(&self.limits)?;
        story.go_on(ask.clone());
        Some(ask)
    }

    /// The name whose TLSA records are to be asked for again after a connection, and their base.
    fn in_doubt(
        &self,
        address: &Address,
        story: &Story,
        ask: &Ask,
    ) -> Option<(ServerName, String)> {
        // Names of an address may be many, and certificates long.
        if !matches!(ask.what, What::Full { .. }) {
            return None;
        }
        let names = Names::of(&self.scribe.hosts, address, story);
        let doubtful = names.in_doubt(ask)?;
        let (_, host) = names.all().find(|(name, _)| *name == doubtful)?;
        let base = host.tlsa.base.clone();
        Some((doubtful, base.unwrap_or_else(|| host.host.clone())))
    }

    /// What is said over a connection.
    fn plan(&self, what: &What, address: &Address) -> smtp::Plan {
        let (name, handshake) = match what {
            What::Full { name, .. } => (name, smtp::Handshake::Full),
            What::Bare { name, hello } => (name, smtp::Handshake::Bare(hello.clone())),
        };
        let sni = match name {
            ServerName::None => None,
            ServerName::MostUsed => Some(self.scribe.hosts.name_of(address).to_owned()),
            ServerName::Of(place) => Some(self.scribe.hosts.name_at(*place).to_owned()),
        };
        smtp::Plan {
            sni,
            handshake,
            ..(*self.plan).clone()
        }
    }

    fn client(&self, what: &What) -> Arc<tls::Client> {
        match what {
            What::Full {
                keys: Some(Keys::Rsa),
                ..
            } => self.clients.rsa.clone(),
            What::Full {
                keys: Some(Keys::Elliptic),
                ..
            } => self.clients.elliptic.clone(),
            What::Full { hybrid: false, .. } => self.clients.classical.clone(),
            _ => self.clients.hybrid.clone(),
        }
    }

    /// Tells the budgets how we were received, and by which machine.
    fn tell(&self, target: &Target<Job>, seen: &smtp::Conversation) {
        self.pace.heard(&target.operator, heard(seen));
        self.pace.same_machine(target.address, &keys(seen));
    }
}

/// Asks for TLSA records right after a handshake: those of the stage before may be days old.
async fn ask_again(resolver: &dns::Client, base: &str) -> TlsaAgain {
    let observed_at = Moment::now();
    let tlsa = dns::host::tlsa(resolver, base, certificate::usable).await;
    TlsaAgain {
        observed_at,
        outcome: tlsa.outcome,
        error: tlsa.error,
        security: tlsa.security,
        records: tlsa.records,
    }
}

/// How a mail server received us.
pub fn heard(seen: &smtp::Conversation) -> Heard {
    match (seen.put_off, seen.ehlo.code) {
        (true, _) => Heard::PutOff,
        (false, Some(250)) => Heard::Well,
        _ => Heard::Nothing,
    }
}

/// What the machine behind an address is known by.
pub fn keys(seen: &smtp::Conversation) -> Vec<MachineKey> {
    let leaf = seen.chain().first();
    let spki = leaf.and_then(|der| certificate::row(der).spki_sha256);
    let greeting = seen
        .banner
        .as_deref()
        .filter(|_| seen.banner_code == Some(220));
    let name = greeting.and_then(MachineKey::of_greeting);
    let leaf = spki.as_deref().map(MachineKey::of_leaf);
    leaf.into_iter().chain(name).collect()
}
