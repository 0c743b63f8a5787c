//! The stage `hosts`: `domains` in, `hosts` out, each name that will be dialled once, with its roles;
//! and the zones nobody asked about yet.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;

use super::asking::{self, Ask};
use super::settings::Settings;
use super::traced::Traced;
use super::{Context, Stage, zones};
use crate::certificate;
use crate::dns;
use crate::error::Result;
use crate::pace::Excluded;
use crate::spool::{Entry, Spool, SpoolWriter};
use crate::table::Rows;
use crate::table::codes::{ErrorCode, Outcome, Role};
use crate::table::row::Moment;
use crate::table::rows::{ClientHost, HostRow, Mx, MxRecord, TableName};

#[derive(Deserialize)]
struct DomainFacts {
    domain: String,
    mx: Mx,
    mta_sts: StsRecord,
    clients: Vec<ClientHost>,
}

/// Columns of `domains` that tell of a [`StsRecord`].
pub const STS_RECORD: [&str; 2] = ["mta_sts.outcome", "mta_sts.count"];

/// Whether a domain has an MTA-STS record.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct StsRecord {
    outcome: Outcome,
    count: u16,
}

impl StsRecord {
    /// The host of the policy: where there is exactly one record. Several are none (RFC 8461 3.1).
    pub fn host(self, domain: &str) -> Option<String> {
        let is_one = self.outcome == Outcome::Found && self.count == 1;
        is_one.then(|| format!("mta-sts.{domain}"))
    }
}

/// Asks about every host that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, client: &Arc<dns::Client>) -> Result<()> {
    asking::run::<HostRow>(context, client, &spool(context)?).await?;
    zones::run(context, client).await?;
    let tables = [TableName::Hosts, TableName::Zones];
    context.store().finish(Stage::Hosts.as_str(), &tables)
}

/// The distinct hosts, with their roles and how many domains lean on each. Made anew by every process:
/// the domains may have changed since the last one.
fn spool(context: &Context<'_>) -> Result<Spool> {
    let dir = context.settings.out.join("spool/hosts");
    let store = context.store();
    let mut writer = SpoolWriter::create(&dir, store.order())?.folding(roles);
    let columns: Vec<_> = ["domain", "mx", "clients"]
        .into_iter()
        .chain(STS_RECORD)
        .collect();
    for batch in store.scan::<DomainFacts>(TableName::Domains, &columns) {
        for domain in batch? {
            for host in of(&domain.domain, &domain.mx) {
                writer.push(host, Role::Mx.as_str())?;
            }
            for host in of_clients(&domain.clients) {
                writer.push(host, Role::Client.as_str())?;
            }
            if let Some(host) = domain.mta_sts.host(&domain.domain) {
                writer.push(&host, Role::Policy.as_str())?;
            }
        }
    }
    writer.finish()
}

/// The roles of a host, each once.
fn roles<'a>(pushed: &[&'a str]) -> Result<Cow<'a, str>> {
    let mut roles = pushed.to_vec();
    roles.sort_unstable();
    roles.dedup();
    Ok(match roles.as_slice() {
        [only] => Cow::Borrowed(*only),
        several => Cow::Owned(several.join(" ")),
    })
}

/// The distinct mail hosts of a domain.
pub fn of<'a>(domain: &'a str, mx: &'a Mx) -> Vec<&'a str> {
    let mut hosts: Vec<_> = MxRecord::hosts(mx.kind, domain, &mx.records).collect();
    hosts.sort_unstable();
    hosts
}

/// The distinct hosts that the mail clients of a domain use.
pub fn of_clients(clients: &[ClientHost]) -> Vec<&str> {
    let hosts = clients.iter().map(|client| client.host.as_str());
    let mut hosts: Vec<_> = hosts.filter(|host| *host != ".").collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

impl Ask for HostRow {
    const STAGE: (&'static str, &'static str, TableName) = ("hosts", "hosts", TableName::Hosts);

    type Rows = Rows<Self>;

    fn begin(entry: Entry, _: &Settings) -> Result<Self> {
        let has = |role: &Role| entry.payload.split(' ').any(|word| word == role.as_str());
        let roles = [Role::Mx, Role::Client, Role::Policy]
            .into_iter()
            .filter(has)
            .collect();
        Ok(Self {
            host: entry.key,
            domains: entry.count,
            roles,
            ..Self::default()
        })
    }

    fn key(&self) -> &str {
        &self.host
    }

    fn traced(context: &Context<'_>) -> Result<Traced> {
        Traced::hosts(context)
    }

    async fn ask(mut self, client: Arc<dns::Client>) -> Self {
        dns::host::ask(&client, &mut self, certificate::usable).await;
        self
    }

    fn spared(&self, excluded: &Excluded) -> Option<Self> {
        excluded.domain(&self.host).then(|| {
            let mut row = self.clone();
            row.observed_at = Moment::now();
            for (outcome, error) in [
                (&mut row.addresses.outcome, &mut row.addresses.error),
                (&mut row.a.outcome, &mut row.a.error),
                (&mut row.aaaa.outcome, &mut row.aaaa.error),
                (&mut row.tlsa.outcome, &mut row.tlsa.error),
            ] {
                (*outcome, *error) = (Outcome::NotAttempted, Some(ErrorCode::Excluded));
            }
            row
        })
    }

    fn has_failed(&self) -> bool {
        dns::host::has_failed(self)
    }

    fn panicked(mut self) -> Self {
        self.addresses.outcome = Outcome::Failed;
        self.addresses.error = Some(ErrorCode::InternalError);
        self
    }

    fn outcome(&self) -> &'static str {
        self.addresses.outcome.as_str()
    }
}
