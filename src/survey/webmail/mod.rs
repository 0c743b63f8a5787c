//! Webmail in the stage `probe`: `domains` and `hosts` in, `webmail` and `certificates` out, and at the
//! end what of it belongs to `domains`.
//!
//! `web` has the addresses, and says whether a host is asked once more; `pace` says when each may be
//! dialled, [`story`] what is asked next, and [`rows`] makes rows of what the host did.

mod redirect;
mod rows;
mod story;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::Context;
use super::chains::Known;
use super::dialling::{self, Dial};
use super::settings::Screen;
use super::traced::Traced;
use super::trust::Trust;
use super::web::{self, HTTPS, Host, Seen};
use crate::error::{Error, Result};
use crate::pace::{Clearance, Owners, Pace, Rules, Target};
use crate::probe::{https, tls};
use crate::table::client_codes::ClientService;
use crate::table::codes::{ErrorCode, Role};
use crate::table::rows::{CertificateRow, ClientHost, DomainRow, TableName, Web, WebmailRow};
use crate::table::{Batch, Flush, Store};
use crate::trace;
use story::{Step, Told};

/// What is asked for: what browsers show who types the name.
const PATH: &str = "/";

/// What is learned of one host: committed together.
#[derive(Default)]
struct Learned {
    webmail: Vec<WebmailRow>,
    certificates: Vec<CertificateRow>,
}

/// A host on its way through the queues.
struct Job {
    host: Host,
    /// None before the first connection: most jobs only wait.
    told: Option<Box<Told>>,
}

impl Job {
    fn told(&mut self) -> &mut Told {
        self.told.get_or_insert_default()
    }
}

/// Asks every webmail host that is not committed yet, and writes down for each domain what that came
/// to.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, trust: Arc<Trust>) -> Result<()> {
    if !context.settings.clients {
        return Ok(());
    }
    let rules = context.tables.rules(context.settings);
    let done = committed(&context.store())?;
    let open = left(&context.store(), &rules, &done)?;
    let (total, before) = ((open.len() + done.len()) as u64, done.len() as u64);
    if !open.is_empty() {
        let watch = context.screen.stage("webmail", "hosts", total, before);
        let targets = targets(context, open);
        let pace = web::pace_of(context, rules.clone());
        let asking = Asking {
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
        dialling::run(context, asking, pace, targets, watch).await?;
    }
    note(context).await
}

/// How many hosts are left to be asked, for a dry run: those that may be dialled.
///
/// # Errors
/// When a table cannot be read.
pub fn open(store: &Store, rules: &Rules) -> Result<u64> {
    let open = left(store, rules, &committed(store)?)?;
    Ok(web::dialled(&open, rules))
}

/// The hosts that are left.
fn left(store: &Store, rules: &Rules, done: &HashSet<String>) -> Result<Vec<Host>> {
    #[derive(Deserialize)]
    struct Clients {
        domain: String,
        clients: Vec<ClientHost>,
    }
    let mut wanted = HashSet::new();
    for batch in store.scan::<Clients>(TableName::Domains, &["domain", "clients"]) {
        let rows = batch?.into_iter();
        let is_open = |row: &Clients| !done.contains(&row.domain);
        let clients = rows.filter(is_open).flat_map(|row| row.clients);
        let webmail = clients.filter(|client| client.service == ClientService::Webmail);
        wanted.extend(webmail.map(|client| client.host));
    }
    let is_wanted = |host: &Host| wanted.contains(&host.name);
    web::hosts(store, rules, Role::Client, is_wanted)
}

/// The domains that are committed already.
fn committed(store: &Store) -> Result<HashSet<String>> {
    let mut done = HashSet::new();
    store.keys(TableName::Webmail, |domain| {
        done.insert(domain.to_owned());
        Ok(())
    })?;
    Ok(done)
}

/// Writes down for each domain what its webmail does. Whoever was killed before that does it again.
async fn note(context: &Context<'_>) -> Result<()> {
    let store = context.store.clone();
    let work = move || {
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut webmail: HashMap<String, Web> = HashMap::new();
        for batch in store.scan::<WebmailRow>(TableName::Webmail, &[]) {
            webmail.extend(
                batch?
                    .into_iter()
                    .map(|row| (row.domain.clone(), row.web())),
            );
        }
        if webmail.is_empty() {
            return Ok(());
        }
        let domains = store.scan::<DomainRow>(TableName::Domains, &[]);
        let batches = domains.map(|batch| {
            let mut rows = batch?;
            for row in &mut rows {
                row.web = webmail.get(&row.domain).cloned().unwrap_or_default();
            }
            Store::batch_of(&rows)
        });
        store.replace(TableName::Domains, batches)
    };
    let noted = tokio::task::spawn_blocking(work).await;
    noted.map_err(|err| Error::Internal(format!("webmail: {err}")))?
}

/// What can be dialled, and what cannot.
fn targets(context: &Context<'_>, open: Vec<Host>) -> (Vec<Target<Job>>, Vec<Job>) {
    let (mut targets, mut others) = (Vec::new(), Vec::new());
    for host in open {
        let address = host.address(0, HTTPS);
        let job = Job { host, told: None };
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

struct Asking {
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

impl Dial for Asking {
    const NAME: &'static str = "webmail";

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
            wants_body: false,
            patience: https::Patience::default(),
        };
        let told = target.load.told();
        told.dials();
        let client = (told.step != Step::Http).then(|| self.client.clone());
        let get = async move { https::get(clearance, &plan, client.as_deref()).await };
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
        let Job { host, told } = &mut target.load;
        let told = told.get_or_insert_default();
        let (address, when) = told.take(host, seen, self.window / 2)?;
        target.operator = host.operator(address.ip(), &self.owners);
        target.address = address;
        Some(when)
    }

    fn end(&self, target: &mut Target<Job>, error: ErrorCode) {
        let ip = target.address.ip();
        target.load.told().end(ip, error);
    }

    fn learned(&self, mut job: Job) -> (&'static str, Learned) {
        let told = job.told.take().unwrap_or_default();
        let (row, certificates) = rows::row(&job.host, &told, &self.trust, &self.known);
        let outcome = row.http.answer.as_str();
        let learned = Learned {
            webmail: vec![row],
            certificates,
        };
        (outcome, learned)
    }
}

impl Flush for Learned {
    type Item = Self;

    fn add(&mut self, learned: Self) -> usize {
        self.webmail.extend(learned.webmail);
        self.certificates.extend(learned.certificates);
        self.webmail.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        let batches = vec![Batch::new(&self.certificates)?, Batch::new(&self.webmail)?];
        *self = Self::default();
        Ok(batches)
    }
}
