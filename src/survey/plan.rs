//! `--dry-run`: what would be done, without sending anything.

use std::collections::HashMap;
use std::fmt;

use ipnet::IpNet;

use super::Stage;
use super::same;
use super::scratch::Scratch;
use super::settings::Settings;
use super::tables::Tables;
use crate::dns::preflight;
use crate::error::Result;
use crate::order::Order;
use crate::pace::{self, DEEP};
use crate::table::Store;
use crate::table::codes::Role;
use crate::table::manifest::{Counts, ListSummary, Manifest};
use crate::table::tls_codes::Depth;
use crate::targets;
use crate::text::{count, duration};

/// DNS queries for a domain that exists and takes mail, about; what many domains share not counted.
const QUERIES: u64 = 12;
/// The same for the hosts that its mail clients use.
const CLIENT_QUERIES: u64 = 11;
/// Connections to a mail server.
const CONNECTIONS: u64 = super::endpoints::CONNECTIONS as u64;
/// Operators that are named.
const NAMED: usize = 20;

/// What would be done.
#[derive(Debug, Clone)]
pub struct Plan {
    counts: Counts,
    /// DNS queries ahead.
    queries: u64,
    /// None without a budget.
    dns_seconds: Option<u64>,
    contacts: Option<Contacts>,
    /// Whether more is asked than the DNS and these contacts.
    depth: Depth,
    /// Seconds that its connections to an address take at the most.
    spread: u64,
}

/// Who would be contacted: known once the mail hosts are.
#[derive(Debug, Clone)]
struct Contacts {
    hosts: u64,
    /// MTA-STS policies that are left.
    policies: u64,
    /// Webmail hosts that are left.
    webmail: u64,
    /// Ports for mail clients that are left.
    ports: u64,
    /// Addresses that were asked already.
    done: u64,
    /// Addresses that are left.
    addresses: u64,
    /// Connections to the busiest ones.
    operators: Vec<(String, u64)>,
    operators_in_all: u64,
    seconds: u64,
    /// Seconds before a negative is asked about once more.
    until_confirmed: u64,
}

/// Says what a survey would do. Where the stage `hosts` of its directory is finished already, the
/// connections are those that it would open; else only the DNS can be foreseen.
///
/// # Errors
/// When a list cannot be read, or the directory cannot be.
pub fn dry_run(settings: &Settings) -> Result<Plan> {
    let tables = Tables::read(settings)?;
    let scratch = Scratch::new()?;
    let order = Order::new(settings.seed.unwrap_or_default());
    for resolver in &settings.dns.resolvers {
        preflight::admissible(*resolver, settings.trust_ad)?;
    }
    let read = targets::ingest(&settings.input, scratch.path(), order)?;
    let counts = read.counts();
    let rate = u64::from(settings.dns.rate) * settings.dns.resolvers.len() as u64;
    let contacts = contacts(settings, &tables, &read.lists)?;
    // The mail hosts are known: every question of the DNS has been asked.
    let queries = match contacts {
        Some(_) => 0,
        None if settings.clients => counts.domains * (QUERIES + CLIENT_QUERIES),
        None => counts.domains * QUERIES,
    };
    Ok(Plan {
        counts,
        queries,
        dns_seconds: queries.checked_div(rate),
        contacts,
        depth: settings.depth,
        spread: (settings.limits.deep().window * (pace::DEEP - 1)).as_secs(),
    })
}

fn contacts(
    settings: &Settings,
    tables: &Tables,
    lists: &[ListSummary],
) -> Result<Option<Contacts>> {
    let dir = &settings.out;
    let Some(manifest) = Manifest::read(dir)? else {
        return Ok(None);
    };
    same::input(&manifest, settings, &same::hashes_of(lists))?;
    let order = manifest.order()?;
    let store = Store::look(dir, &manifest.survey, order)?;
    if !store.is_finished(Stage::Hosts.as_str()) {
        return Ok(None);
    }
    let hosts = super::endpoints::Hosts::read(&store, Role::Mx)?;
    let mut operators: HashMap<String, u64> = HashMap::new();
    let mut prefixes: HashMap<IpNet, u64> = HashMap::new();
    let rules = tables.rules(settings);
    let excluded = rules.excluded();
    let done = super::endpoints::committed(&store)?;
    let mut addresses = hosts.addresses(order, &tables.owners);
    addresses.retain(|address| {
        let ip = address.socket.ip();
        rules.forbids(ip).is_none()
            && hosts.leads_to(address, &excluded)
            && !done.contains(&ip.to_string())
    });
    for address in &addresses {
        *operators.entry(address.operator.to_string()).or_default() += CONNECTIONS;
        *prefixes
            .entry(pace::prefix_of(address.socket.ip()))
            .or_default() += CONNECTIONS;
    }
    let counts = operators
        .iter()
        .map(|(name, count)| (name.as_str(), *count));
    let rates = tables.rates();
    let seconds = pace::expected(counts, prefixes.into_values(), &settings.limits, &rates);
    let operators_in_all = operators.len() as u64;
    let mut operators: Vec<(String, u64)> = operators.into_iter().collect();
    operators.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    operators.truncate(NAMED);
    Ok(Some(Contacts {
        hosts: hosts.count(),
        policies: super::policies::open(&store, &rules)?,
        webmail: match settings.clients {
            true => super::webmail::open(&store, &rules)?,
            false => 0,
        },
        ports: super::clientports::open(&store, &tables.owners, &rules)?,
        done: done.len() as u64,
        addresses: addresses.len() as u64,
        operators,
        operators_in_all,
        seconds,
        until_confirmed: (settings.limits.window / 2).as_secs(),
    }))
}

impl fmt::Display for Contacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connections by operator:")?;
        let all = self.addresses * CONNECTIONS;
        let mut rest = all;
        for (operator, connections) in &self.operators {
            rest -= connections;
            let share = 100.0 * *connections as f64 / all as f64;
            let number = count(*connections);
            write!(f, "\n  {number:>9}  {share:>5.1} %  {operator}")?;
        }
        let others = self.operators_in_all - self.operators.len() as u64;
        if others > 0 {
            let share = 100.0 * rest as f64 / all as f64;
            let (number, others) = (count(rest), count(others));
            write!(f, "\n  {number:>9}  {share:>5.1} %  {others} others")?;
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.usual(f)?;
        match self.depth {
            Depth::Standard => Ok(()),
            Depth::Deep => write!(
                f,
                "\nIn depth: up to {DEEP} more connections to each address whose TLS works, the \
                 last some {} after the first",
                duration(self.spread)
            ),
        }
    }
}

impl Plan {
    fn usual(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.counts)?;
        match (&self.contacts, self.dns_seconds) {
            (Some(_), _) => writeln!(f, "DNS: done")?,
            (None, seconds) => writeln!(
                f,
                "DNS: some {} queries, {}",
                count(self.queries),
                seconds.map_or("without a budget".to_owned(), |seconds| format!(
                    "{} at the budget of the resolvers",
                    duration(seconds)
                ))
            )?,
        }
        let Some(contacts) = &self.contacts else {
            return write!(
                f,
                "Mail servers: known after the stage hosts (--stage dns, then --stage hosts); \
                 each address whose TLS works gets {CONNECTIONS} connections, the others one; \
                 further ones, later, where something is refused or has to be confirmed"
            );
        };
        if contacts.policies > 0 {
            let number = count(contacts.policies);
            writeln!(f, "MTA-STS policies: {number} left, a connection each")?;
        }
        if contacts.webmail > 0 {
            let number = count(contacts.webmail);
            writeln!(f, "Webmail hosts: {number} left, two connections each")?;
        }
        if contacts.ports > 0 {
            let number = count(contacts.ports);
            let most = pace::CLIENT_PORT;
            writeln!(
                f,
                "Ports for mail clients: {number} left, at most {most} connections each"
            )?;
        }
        if contacts.addresses == 0 {
            return write!(f, "Mail servers: nobody is left to be asked");
        }
        let done = match contacts.done {
            0 => String::new(),
            done => format!(" ({} are done)", count(done)),
        };
        writeln!(
            f,
            "Mail servers: {} hosts, {} addresses{done}, {CONNECTIONS} connections to each whose \
             TLS works, at least {}; where negatives have to be confirmed, {} longer at the least",
            count(contacts.hosts),
            count(contacts.addresses),
            duration(contacts.seconds),
            duration(contacts.until_confirmed)
        )?;
        write!(f, "{contacts}")
    }
}
