//! The stage `dns`: the spool of domains in, `domains` and `zones` out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::asking::{self, Ask};
use super::log::Logbook;
use super::settings::Screen;
use super::traced::Traced;
use super::{Context, Stage};
use crate::dns::domain::Walk;
use crate::dns::{self, preflight};
use crate::error::{Error, Result};
use crate::spool::{Entry, Spool};
use crate::stop::Stop;
use crate::table::codes::{ErrorCode, Existence, Outcome};
use crate::table::rows::{DomainRow, TableName, ZoneRow};
use crate::table::{Batch, Flush};
use crate::targets::{Facts, name};
use crate::text::duration;

/// How often a resolver that fell silent is tried again, and how many times.
const RECOVERY: (Duration, u32) = (Duration::from_secs(5), 24);

/// Asks about every domain that is not committed yet.
///
/// # Errors
/// The reason to stop; what was learned until then is committed.
pub async fn run(context: &Context<'_>, client: &Arc<dns::Client>, spool: &Spool) -> Result<()> {
    asking::run::<Walk>(context, client, spool).await?;
    let tables = [TableName::Domains, TableName::Zones];
    context.store().finish(Stage::Dns.as_str(), &tables)
}

impl Ask for Walk {
    const STAGE: (&'static str, &'static str, TableName) = ("dns", "domains", TableName::Domains);

    type Rows = Rows;

    fn begin(entry: Entry) -> Result<Self> {
        let facts = Facts::of(&entry.payload)?;
        let mut walk = Self::new(&entry.key, name::unicode(&entry.key));
        walk.row.rank = facts.rank;
        walk.row.tags = facts.tags;
        walk.row.stratum = facts.stratum;
        walk.row.weight = facts.weight;
        Ok(walk)
    }

    fn key(&self) -> &str {
        &self.row.domain
    }

    fn traced(context: &Context<'_>) -> Result<Traced> {
        Ok(Traced::domains(context))
    }

    async fn ask(mut self, client: Arc<dns::Client>) -> Self {
        Self::ask(&mut self, &client).await;
        self
    }

    fn has_failed(&self) -> bool {
        Self::has_failed(self)
    }

    fn panicked(mut self) -> Self {
        self.row.existence = Existence::Failed;
        self.row.mx.outcome = Outcome::Failed;
        self.row.mx.error = Some(ErrorCode::InternalError);
        self
    }

    fn outcome(&self) -> &'static str {
        self.row.existence.as_str()
    }
}

/// Rows gathered for one commit: a domain never without its zone.
#[derive(Default)]
pub struct Rows {
    domains: Vec<DomainRow>,
    zones: Vec<ZoneRow>,
}

impl Flush for Rows {
    type Item = Walk;

    fn add(&mut self, walk: Walk) -> usize {
        self.domains.push(walk.row);
        self.zones.extend(walk.zone);
        self.domains.len()
    }

    fn take(&mut self) -> Result<Vec<Batch>> {
        let batches = vec![Batch::new(&self.zones)?, Batch::new(&self.domains)?];
        *self = Self::default();
        Ok(batches)
    }
}

/// While a resolver is silent everybody waits; if it stays so, the survey stops.
pub async fn watch_resolver(
    client: Arc<dns::Client>,
    resolvers: Vec<SocketAddr>,
    names: preflight::Names,
    stop: Stop,
    screen: Arc<Logbook>,
) {
    loop {
        tokio::select! {
            () = client.health().trouble() => {}
            () = stop.requested() => return,
        }
        let silent_since = Instant::now();
        let mut tries = 0;
        while !preflight::answers(&client, resolvers.len(), &names).await {
            if tries == 0 {
                screen.note("the resolvers are silent; everybody waits until they answer again");
            }
            tries += 1;
            if tries >= RECOVERY.1 {
                stop.request(silent(&resolvers));
                return;
            }
            tokio::time::sleep(RECOVERY.0).await;
        }
        if tries > 0 {
            let after = duration(silent_since.elapsed().as_secs());
            screen.note(&format!("the resolvers answer again, after {after}"));
        }
        client.health().recovered(tries > 0);
    }
}

fn silent(resolvers: &[SocketAddr]) -> Error {
    let list: Vec<_> = resolvers.iter().map(SocketAddr::to_string).collect();
    Error::Resolver {
        resolver: list.join(", "),
        problem: "stopped answering; mend it and run the same command again, nothing of this was \
                  written down as an answer"
            .to_owned(),
    }
}
