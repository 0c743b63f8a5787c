//! The stage `hosts`: `domains` in, `hosts` out, each mail host once; and the zones nobody asked
//! about yet.

use std::sync::Arc;

use serde::Deserialize;

use super::asking::{self, Ask};
use super::traced::Traced;
use super::{Context, Stage, zones};
use crate::certificate;
use crate::dns;
use crate::error::Result;
use crate::pace::Excluded;
use crate::spool::{Entry, Spool, SpoolWriter};
use crate::table::Rows;
use crate::table::codes::{ErrorCode, MxKind, Outcome, Role};
use crate::table::row::Moment;
use crate::table::rows::{HostRow, Mx, MxRecord, TableName};

#[derive(Deserialize)]
struct DomainFacts {
    domain: String,
    mx: Mx,
}

/// Asks about every mail host that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, client: &Arc<dns::Client>) -> Result<()> {
    asking::run::<HostRow>(context, client, &spool(context)?).await?;
    zones::run(context, client).await?;
    let tables = [TableName::Hosts, TableName::Zones];
    context.store().finish(Stage::Hosts.as_str(), &tables)
}

/// The distinct mail hosts, with how many domains lean on each. Made anew by every process: the
/// domains may have changed since the last one.
fn spool(context: &Context<'_>) -> Result<Spool> {
    let dir = context.settings.out.join("spool/hosts");
    let store = context.store();
    let mut writer = SpoolWriter::create(&dir, store.order())?;
    for batch in store.scan::<DomainFacts>(TableName::Domains, &["domain", "mx"]) {
        for domain in batch? {
            for host in of(&domain.domain, &domain.mx) {
                writer.push(host, "")?;
            }
        }
    }
    writer.finish()
}

/// The distinct mail hosts of a domain.
pub fn of<'a>(domain: &'a str, mx: &'a Mx) -> Vec<&'a str> {
    match mx.kind {
        Some(MxKind::Explicit) => {
            let records = MxRecord::naming_hosts(&mx.records);
            let mut hosts: Vec<_> = records.map(|record| record.host.as_str()).collect();
            hosts.sort_unstable();
            hosts
        }
        Some(MxKind::Implicit) => vec![domain],
        _ => Vec::new(),
    }
}

impl Ask for HostRow {
    const STAGE: (&'static str, &'static str, TableName) =
        ("hosts", "mail hosts", TableName::Hosts);

    type Rows = Rows<Self>;

    fn begin(entry: Entry) -> Result<Self> {
        Ok(Self {
            host: entry.key,
            domains: entry.count,
            roles: vec![Role::Mx],
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
