//! The stage `dns`: the spool of domains in, `domains` and `zones` out.

use std::net::IpAddr;
use std::sync::Arc;

use super::asking::{self, Ask};
use super::settings::Settings;
use super::traced::Traced;
use super::{Context, Stage};
use crate::dns;
use crate::dns::domain::Walk;
use crate::error::Result;
use crate::pace::{Excluded, Operators, Owners};
use crate::spool::{Entry, Spool};
use crate::table::codes::{ErrorCode, Existence, MxKind, Outcome};
use crate::table::rows::{DomainRow, TableName, ZoneRow};
use crate::table::{Batch, Flush};
use crate::targets::{Facts, name};

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

    fn begin(entry: Entry, settings: &Settings) -> Result<Self> {
        let facts = Facts::of(&entry.payload)?;
        let walk = Self::new(&entry.key, name::unicode(&entry.key));
        let mut walk = walk.with_clients(settings.clients);
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

    fn spared(&self, excluded: &Excluded) -> Option<Self> {
        let is_spared = excluded.domain(&self.row.domain);
        is_spared.then(|| self.clone().excluded())
    }

    fn conclude(mut self, owners: &Owners) -> Self {
        self.row.mail_operator = mail_operator(&self.row, &owners.operators);
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

/// Who runs the mail of a domain: whoever runs its first mail host.
fn mail_operator(row: &DomainRow, operators: &Operators) -> Option<String> {
    let is_host = |host: &&str| *host != "." && host.parse::<IpAddr>().is_err();
    let host = match row.mx.kind? {
        MxKind::Explicit => row
            .mx
            .records
            .iter()
            .map(|record| record.host.as_str())
            .find(is_host)?,
        MxKind::Implicit => &row.domain,
        MxKind::Null | MxKind::None => return None,
    };
    Some(operators.of_mail(host))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::rows::{Mx, MxRecord};

    fn operator(kind: Option<MxKind>, hosts: &[&str]) -> Option<String> {
        let table = "[[operator]]\nname = \"Big\"\nmx = [\"big.net\"]\n";
        let record = |(preference, host): (u16, &&str)| MxRecord {
            preference,
            host: (*host).to_owned(),
        };
        let row = DomainRow {
            domain: "www.example.cz".to_owned(),
            mx: Mx {
                kind,
                records: (0..).zip(hosts).map(record).collect(),
                ..Mx::default()
            },
            ..DomainRow::default()
        };
        mail_operator(&row, &Operators::parse("table", table).expect("a table"))
    }

    #[test]
    fn the_first_mail_host_says_who_runs_the_mail() {
        use MxKind::{Explicit, Implicit, Null};
        let some = |name: &str| Some(name.to_owned());
        let explicit = |hosts: &[&str]| operator(Some(Explicit), hosts);
        assert_eq!(explicit(&["mx.big.net", "mx.other.net"]), some("Big"));
        assert_eq!(explicit(&["mx.other.net", "mx.big.net"]), some("other.net"));
        assert_eq!(explicit(&[".", "192.0.2.1", "mx.big.net"]), some("Big"));
        assert_eq!(explicit(&["192.0.2.1"]), None);
        assert_eq!(operator(Some(Implicit), &[]), some("example.cz"));
        assert_eq!(operator(Some(Null), &["."]), None);
        assert_eq!(operator(Some(MxKind::None), &[]), None);
        assert_eq!(operator(None, &[]), None);
    }
}
