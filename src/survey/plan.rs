//! `--dry-run`: what would be done, without sending anything.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipnet::IpNet;

use super::directory::same_lists;
use super::settings::Settings;
use super::{Stage, machine};
use crate::error::{Error, Result};
use crate::order::Order;
use crate::pace::{self, OperatorRates, Rules};
use crate::table::Store;
use crate::table::manifest::Manifest;
use crate::table::rows::TableName;
use crate::targets;
use crate::text::{count, duration};

/// DNS queries for a domain that exists and takes mail.
const QUERIES: u64 = 8;
/// Operators that are named.
const NAMED: usize = 20;

/// What would be done.
#[derive(Debug, Clone)]
pub struct Plan {
    lines: u64,
    rejects: u64,
    duplicates: u64,
    domains: u64,
    /// None without a budget.
    dns_seconds: Option<u64>,
    contacts: Option<Contacts>,
}

/// Who would be contacted: known once the mail hosts are.
#[derive(Debug, Clone)]
struct Contacts {
    hosts: u64,
    addresses: u64,
    operators: Vec<(String, u64)>,
    seconds: u64,
}

/// Says what a survey would do. Where the stage `hosts` of its directory is finished already, the
/// connections are those that it would open; else only the DNS can be foreseen.
///
/// # Errors
/// When a list cannot be read, or the directory cannot be.
pub fn dry_run(settings: &Settings) -> Result<Plan> {
    let scratch = Scratch::new()?;
    let order = Order::new(settings.seed.unwrap_or_default());
    let read = targets::ingest(&settings.lists, &scratch.0, order)?;
    let domains = read.spool.keys();
    let rate = u64::from(settings.dns.rate) * settings.dns.resolvers.len() as u64;
    Ok(Plan {
        lines: read.lists.iter().map(|list| list.lines).sum(),
        rejects: read.lists.iter().map(|list| list.rejects).sum(),
        duplicates: read.duplicates(),
        domains,
        dns_seconds: (domains * QUERIES).checked_div(rate),
        contacts: contacts(settings)?,
    })
}

fn contacts(settings: &Settings) -> Result<Option<Contacts>> {
    let dir = &settings.out;
    let Some(manifest) = Manifest::read(dir)? else {
        return Ok(None);
    };
    let order = Order::new(u64::from_str_radix(&manifest.seed, 16).unwrap_or_default());
    same_lists(&manifest, settings)?;
    let store = Store::look(dir, &manifest.survey, order)?;
    if !store.is_finished(Stage::Hosts.as_str()) {
        return Ok(None);
    }
    let hosts = super::endpoints::Hosts::read(&store)?;
    let mut operators: HashMap<String, u64> = HashMap::new();
    let mut prefixes: HashMap<IpNet, u64> = HashMap::new();
    let rules = Rules::new(settings.lab.clone(), machine::vantage(settings).ipv6);
    let mut addresses = hosts.addresses(order);
    addresses.retain(|address| rules.forbids(address.socket.ip()).is_none());
    for ip in addresses.iter().map(|address| address.socket.ip()) {
        *operators.entry(pace::operator_of(ip)).or_default() += 1;
        *prefixes.entry(pace::prefix_of(ip)).or_default() += 1;
    }
    let counts = operators
        .iter()
        .map(|(name, count)| (name.as_str(), *count));
    // No operator has a rate of its own.
    let rates: OperatorRates = Arc::new(|_| None);
    let limits = &settings.limits;
    let seconds = pace::expected(counts, prefixes.into_values(), limits, &rates);
    let mut operators: Vec<_> = operators.into_iter().collect();
    operators.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    operators.truncate(NAMED);
    Ok(Some(Contacts {
        hosts: store.rows(TableName::Hosts),
        addresses: addresses.len() as u64,
        operators,
        seconds,
    }))
}

/// A folder that goes when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("mailcensus-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(Error::io("create", Path::new(&path)))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} lines: {} domains, {} duplicates, {} rejects",
            count(self.lines),
            count(self.domains),
            count(self.duplicates),
            count(self.rejects)
        )?;
        writeln!(
            f,
            "DNS: some {} queries, {}",
            count(self.domains * QUERIES),
            self.dns_seconds
                .map_or("without a budget".to_owned(), |seconds| format!(
                    "{} at the budget of the resolvers",
                    duration(seconds)
                ))
        )?;
        let Some(contacts) = &self.contacts else {
            return write!(
                f,
                "Mail servers: known after the stage hosts (--stage dns, then --stage hosts); \
                 each address gets one connection; further ones, later, where it refuses the \
                 server name or a negative has to be confirmed"
            );
        };
        writeln!(
            f,
            "Mail servers: {} hosts, {} addresses, as many connections and some more to confirm \
             negatives, at least {}",
            count(contacts.hosts),
            count(contacts.addresses),
            duration(contacts.seconds)
        )?;
        write!(f, "Connections by operator:")?;
        for (operator, addresses) in &contacts.operators {
            write!(f, "\n  {:>9}  {operator}", count(*addresses))?;
        }
        Ok(())
    }
}
