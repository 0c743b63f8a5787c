//! Who may be asked again when: an address that had its connections is left alone for a while.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::explain::Facts;
use crate::cli::call::Call;
use crate::cli::json::moment;
use crate::cli::page::Page;
use crate::error::Result;
use crate::pace::{Journal, Pace, Rules};
use crate::table::codes::ErrorCode;
use crate::table::row::Moment;
use crate::table::rows::EndpointRow;
use crate::text::duration;

/// The budgets as the check left them.
pub struct Rests {
    pace: Arc<Pace>,
    now: Moment,
}

/// A port of an address that was not asked everything.
#[derive(Debug, Serialize)]
pub struct Rest {
    /// The address.
    ip: String,
    /// The port.
    port: u16,
    /// When it may be asked again; RFC 3339, none where that is now.
    again_at: Option<String>,
    /// The same in seconds from now.
    again_in_seconds: u64,
}

impl Rests {
    /// Reads what the journal says now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(call: &Call) -> Result<Self> {
        let now = Moment::now();
        let (_, past) = Journal::open(call.state.dir(), now)?;
        let rules = Rules::new(call.settings.lab.clone(), true);
        let limits = call.settings.limits.clone();
        let pace = Pace::new(limits, rules, Arc::new(|_| None), Journal::none(), &past);
        Ok(Self { pace, now })
    }

    /// The ports that a domain leans on and that were not asked everything, for want of budget.
    pub fn of(&self, facts: &Facts) -> Vec<Rest> {
        let clients = facts.clients.iter().map(|client| &client.host);
        let endpoints = facts.hosts.iter().chain(clients);
        let endpoints = endpoints.flat_map(|host| &host.endpoints);
        let rows = endpoints.map(|seen| seen.speaker.as_ref().unwrap_or(&seen.row));
        let rows = rows.filter(|row| lacks(row));
        let ports: BTreeMap<SocketAddr, &str> = rows
            .filter_map(|row| Some((socket(row)?, row.operator.as_str())))
            .collect();
        let rest = |(port, operator)| self.rest(port, operator);
        ports.into_iter().map(rest).collect()
    }

    fn rest(&self, port: SocketAddr, operator: &str) -> Rest {
        let left = self.pace.rest(port, operator);
        // Whoever comes a moment too early comes in vain.
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        let micros = i64::try_from(Duration::from_secs(seconds).as_micros()).unwrap_or(0);
        let at = Moment(self.now.0.saturating_add(micros));
        Rest {
            ip: port.ip().to_string(),
            port: port.port(),
            again_at: (seconds > 0).then(|| moment(at)).flatten(),
            again_in_seconds: seconds,
        }
    }

    /// Says so on a page.
    pub fn tell(&self, page: &mut Page, facts: &Facts) {
        let rests = self.of(facts);
        if rests.is_empty() {
            return;
        }
        page.gap();
        page.words(0, "Not asked yet");
        page.words(
            2,
            "Three connections in ten minutes are what a port of an address, or a machine with \
             several, gets from us. What is unknown for want of more (budget, sni_budget) is asked by \
             the same command later. What was seen only once (unconfirmed) counts when --wait, which \
             waits some minutes, sees it again.",
        );
        for rest in rests {
            let port = format!("{} port {}", rest.ip, rest.port);
            let words = match &rest.again_at {
                Some(at) => {
                    let at = at.get(..19).unwrap_or(at).replace('T', " ");
                    let left = duration(rest.again_in_seconds);
                    format!("from {at} UTC on, in {left}")
                }
                None => "now, as far as the last minutes go".to_owned(),
            };
            page.entry(2, &port, 32, &words);
        }
    }
}

/// Whether something was not asked for want of budget.
fn lacks(row: &EndpointRow) -> bool {
    let budget = Some(ErrorCode::Budget);
    let of_name = Some(ErrorCode::SniBudget);
    row.tcp.error == budget
        || row.tls.error == of_name
        || row.hellos.iter().any(|hello| hello.error == budget)
        || row.attempts.iter().any(|attempt| attempt.error == budget)
}

fn socket(row: &EndpointRow) -> Option<SocketAddr> {
    let ip: IpAddr = row.ip.parse().ok()?;
    Some(SocketAddr::new(ip, row.port))
}
