//! "Every server": one finding from what the addresses of all mail hosts say.
//!
//! An address that was not reached is left out when another address of its host was. A host of which
//! no address was reached makes the check unknown, unless a server that was reached fails it.

use crate::table::codes::Outcome;
use crate::table::rows::Finding;
use crate::verdict::case::{Case, Endpoint, MailHost, fail, not_applicable, pass, unknown};
use crate::verdict::facts::Answered;
use crate::verdict::parameters::{Parameters, Unreached};

/// What one server says of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// It does what the check asks for; the word becomes the reason of a pass.
    Yes(&'static str),
    /// It does not, and why.
    No(&'static str),
    /// That could not be measured, and why.
    Open(&'static str),
    /// It takes no part: what the check presupposes is not there.
    Apart,
}

/// What the servers of a domain say, summed up.
#[derive(Default)]
struct Sum {
    reached: usize,
    total: usize,
    yes: Option<&'static str>,
    no: Option<&'static str>,
    open: Option<&'static str>,
    apart: bool,
}

impl Sum {
    fn add(&mut self, says: Says) {
        match says {
            // A pass that leans on another name's handshake says so.
            Says::Yes(word) if word == SHARED => self.yes = Some(word),
            Says::Yes(word) => _ = self.yes.get_or_insert(word),
            Says::No(word) => _ = self.no.get_or_insert(word),
            Says::Open(word) => _ = self.open.get_or_insert(word),
            Says::Apart => self.apart = true,
        }
    }

    fn host<'a>(
        &mut self,
        host: &MailHost<'a>,
        unreached: Unreached,
        ask: &impl Fn(&MailHost<'a>, &Endpoint<'a>) -> Says,
    ) {
        if let Some(word) = hidden(host).filter(|_| unreached == Unreached::Unknown) {
            self.add(Says::Open(word));
        }
        let dialled = || host.endpoints.iter().filter(|one| !one.server.special);
        let any_reached = dialled().any(|one| one.server.reached);
        for endpoint in dialled() {
            self.total += 1;
            if endpoint.server.reached {
                self.reached += 1;
                self.add(ask(host, endpoint));
            } else if !any_reached && unreached == Unreached::Unknown {
                self.add(Says::Open(endpoint.server.starttls.as_str()));
            }
        }
    }

    fn finding(self, nothing: &'static str) -> Finding {
        let with_count = |word: &str| format!("{word}:{}/{}", self.reached, self.total);
        match (self.no, self.open, self.yes) {
            (Some(word), _, _) => fail(with_count(word)),
            (None, Some(word), _) => unknown(with_count(word)),
            (None, None, Some(word)) => pass(with_count(word)),
            (None, None, None) if self.apart => not_applicable(nothing),
            (None, None, None) => unknown(with_count("unreached")),
        }
    }
}

/// The reason of a pass by a chain that another name was shown.
pub const SHARED: &str = "shared_chain";

/// Why the addresses of a host are not all known; none where they are.
pub fn hidden(host: &MailHost<'_>) -> Option<&'static str> {
    match host.facts {
        None => Some("host_unknown"),
        Some(facts) => match facts.addresses {
            Outcome::Failed | Outcome::NotAttempted => Some("addresses_unknown"),
            Outcome::Found if host.endpoints.is_empty() => Some("not_asked"),
            Outcome::Found | Outcome::Absent => None,
        },
    }
}

/// Asks every server that was reached. `nothing` is the reason where none of them takes part.
pub fn every<'a>(
    case: &Case<'a>,
    parameters: &Parameters,
    nothing: &'static str,
    ask: impl Fn(&MailHost<'a>, &Endpoint<'a>) -> Says,
) -> Finding {
    if let Some(finding) = case.no_mail() {
        return finding;
    }
    let mut sum = Sum::default();
    for host in &case.hosts {
        sum.host(host, parameters.unreached, &ask);
    }
    // Hosts that were not asked about are hosts that were not reached.
    let more = case.more_hosts();
    if let Some(why) = more.filter(|_| parameters.unreached == Unreached::Unknown) {
        sum.add(Says::Open(why));
    }
    sum.finding(nothing)
}

/// The same for some hosts alone.
pub fn of_hosts<'h, 'a: 'h>(
    hosts: impl IntoIterator<Item = &'h MailHost<'a>>,
    parameters: &Parameters,
    nothing: &'static str,
    ask: impl Fn(&MailHost<'a>, &Endpoint<'a>) -> Says,
) -> Finding {
    let mut sum = Sum::default();
    for host in hosts {
        sum.host(host, parameters.unreached, &ask);
    }
    sum.finding(nothing)
}

/// A question to what is behind STARTTLS: servers that certainly have none take no part, and of
/// those of which that is not known neither is the answer.
pub fn behind_starttls<'a>(
    ask: impl Fn(&MailHost<'a>, &Endpoint<'a>) -> Says,
) -> impl Fn(&MailHost<'a>, &Endpoint<'a>) -> Says {
    move |host, endpoint| match endpoint.server.starttls {
        Answered::Works => ask(host, endpoint),
        none if none.is_none() => Says::Apart,
        open => Says::Open(open.as_str()),
    }
}
