//! What asking for policies and for webmail have in common: the hosts with their addresses, the budgets,
//! who asks, and when a host is asked once more.

mod asker;
mod attempts;
mod hosts;

use std::collections::HashSet;
use std::sync::Arc;

use super::Context;
use super::settings::Settings;
use crate::error::Result;
use crate::pace::{Heard, Journal, OperatorRates, Pace, Past, Rules};
use crate::probe::https::Exchange;
use crate::table::Store;
use crate::table::rows::TableName;

pub use asker::{Asker, Page};
pub use attempts::{Next, Seen, Story};
pub use hosts::{Host, read as hosts};

/// The port of HTTPS (RFC 9110 4.2.2).
pub const HTTPS: u16 = 443;
/// The status that asks to come back later (RFC 6585 4).
const TOO_MANY_REQUESTS: u16 = 429;

/// The budgets for HTTPS. They have no total, so that nothing has to be kept for a later process.
fn pace_of(context: &Context<'_>, rules: Rules) -> Arc<Pace> {
    let limits = context.settings.limits.https();
    let (rates, usual) = (context.tables.rates(), limits.operator_rate);
    // What the table allows mail is no more than that for the web.
    let rates: OperatorRates = Arc::new(move |operator| rates(operator).map(|own| own.min(usual)));
    Pace::new(limits, rules, rates, Journal::none(), &Past::default())
}

/// Who asks: with a way to reach us (RFC 9110 10.1.5).
fn user_agent(settings: &Settings) -> String {
    let name = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    let (contact, ehlo) = (&settings.contact, &settings.ehlo);
    let words = match contact.is_empty() {
        true => format!("{name} ({ehlo})"),
        false => format!("{name} (+{contact}; {ehlo})"),
    };
    // Letters that cannot stand in a header field stand in addresses of nobody.
    words.replace(|letter: char| !matches!(letter, ' '..='~'), "?")
}

/// How a host received us.
fn heard(exchange: &Exchange) -> Heard {
    match exchange.status {
        Some(TOO_MANY_REQUESTS) => Heard::PutOff,
        Some(_) => Heard::Well,
        None => Heard::Nothing,
    }
}

/// The domains whose row is in a table already.
///
/// # Errors
/// When the table cannot be read.
pub fn committed(store: &Store, table: TableName) -> Result<HashSet<String>> {
    let mut done = HashSet::new();
    store.keys(table, |domain| {
        done.insert(domain.to_owned());
        Ok(())
    })?;
    Ok(done)
}

/// How many of some hosts may be dialled, for a dry run.
pub fn dialled(hosts: &[Host], rules: &Rules) -> u64 {
    let excluded = rules.excluded();
    let is_dialled = |host: &&Host| host.address(0, HTTPS).is_some() && !host.is_spared(&excluded);
    hosts.iter().filter(is_dialled).count() as u64
}
