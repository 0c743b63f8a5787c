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

use serde::Deserialize;
use tokio::time::Instant;

use super::Context;
use super::dialling::{self, Dial};
use super::learned::Learned;
use super::settings::Screen;
use super::trust::Trust;
use super::web::{self, Asker, Host, Page};
use crate::error::{Error, Result};
use crate::pace::{Clearance, Rules, Target};
use crate::probe::https;
use crate::table::Store;
use crate::table::client_codes::ClientService;
use crate::table::codes::{ErrorCode, Role};
use crate::table::rows::{ClientHost, DomainRow, TableName, Web, WebmailRow};
use story::{Step, Told};

/// What is asked for: what browsers show who types the name.
const PATH: &str = "/";

/// A host on its way through the queues.
struct Job {
    host: Host,
    /// None before the first connection: most jobs only wait.
    told: Option<Box<Told>>,
}

impl Job {
    fn of(host: Host) -> Self {
        Self { host, told: None }
    }

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
    let done = web::committed(&context.store(), TableName::Webmail)?;
    let open = left(&context.store(), &rules, &done)?;
    let (total, before) = ((open.len() + done.len()) as u64, done.len() as u64);
    if !open.is_empty() {
        let watch = context.screen.stage("webmail", "hosts", total, before);
        let asking = Asking(Asker::new(context, trust, rules)?);
        let (pace, targets) = (asking.0.pace.clone(), asking.0.targets(open, Job::of));
        dialling::run(context, asking, pace, targets, watch).await?;
    }
    note(context).await
}

/// How many hosts are left to be asked, for a dry run: those that may be dialled.
///
/// # Errors
/// When a table cannot be read.
pub fn open(store: &Store, rules: &Rules) -> Result<u64> {
    let done = web::committed(store, TableName::Webmail)?;
    let open = left(store, rules, &done)?;
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

/// Writes down for each domain what its webmail does. Whoever was killed before that does it again;
/// where it was done, the domains are read and left alone.
async fn note(context: &Context<'_>) -> Result<()> {
    let store = context.store.clone();
    let work = move || {
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut webmail: HashMap<String, Web> = HashMap::new();
        for batch in store.scan::<WebmailRow>(TableName::Webmail, &[]) {
            let rows = batch?.into_iter();
            webmail.extend(rows.map(|row| (row.domain.clone(), row.web())));
        }
        let of = |domain: &str| webmail.get(domain).cloned().unwrap_or_default();
        if is_noted(&store, of)? {
            return Ok(());
        }
        let domains = store.scan::<DomainRow>(TableName::Domains, &[]);
        let batches = domains.map(|batch| {
            let mut rows = batch?;
            for row in &mut rows {
                row.web = of(&row.domain);
            }
            Store::batch_of(&rows)
        });
        store.replace(TableName::Domains, batches)
    };
    let noted = tokio::task::spawn_blocking(work).await;
    noted.map_err(|err| Error::Internal(format!("webmail: {err}")))?
}

/// Whether every domain has what its webmail does.
fn is_noted(store: &Store, of: impl Fn(&str) -> Web) -> Result<bool> {
    #[derive(Deserialize)]
    struct Noted {
        domain: String,
        web: Web,
    }
    for batch in store.scan::<Noted>(TableName::Domains, &["domain", "web"]) {
        if batch?.iter().any(|row| row.web != of(&row.domain)) {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Asking(Asker);

impl Dial for Asking {
    const NAME: &'static str = "webmail";

    type Job = Job;
    type Seen = https::Exchange;
    type Learned = Learned<WebmailRow>;

    fn forbids(&self, target: &mut Target<Job>) -> Option<ErrorCode> {
        self.0.forbids(&target.load.host, target.address.ip())
    }

    fn talk(
        &self,
        clearance: Clearance,
        target: &mut Target<Job>,
    ) -> impl Future<Output = Option<https::Exchange>> + Send + 'static {
        let told = target.load.told();
        told.dials();
        let page = Page {
            path: PATH,
            wants_body: false,
            is_secure: told.step != Step::Http,
        };
        self.0.get(clearance, &target.load.host, page)
    }

    fn unconnected(seen: &https::Exchange) -> Option<ErrorCode> {
        seen.tcp.error
    }

    fn take(&mut self, target: &mut Target<Job>, exchange: https::Exchange) -> Option<Instant> {
        let seen = self.0.seen(target, exchange);
        let Job { host, told } = &mut target.load;
        let told = told.get_or_insert_default();
        let (address, when) = told.take(host, seen, self.0.window / 2)?;
        target.operator = self.0.operator(host, address.ip());
        target.address = address;
        Some(when)
    }

    fn end(&self, target: &mut Target<Job>, error: ErrorCode) {
        let ip = target.address.ip();
        target.load.told().end(ip, error);
    }

    fn learned(&self, mut job: Job) -> (&'static str, Learned<WebmailRow>) {
        let told = job.told.take().unwrap_or_default();
        let (row, certificates) = rows::row(&job.host, &told, &self.0.trust, &self.0.known);
        let outcome = row.http.answer.as_str();
        let learned = Learned {
            rows: vec![row],
            certificates,
        };
        (outcome, learned)
    }
}
