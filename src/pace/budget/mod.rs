//! What each address, prefix and operator may get, and the permission to dial.
//!
//! Rates are governor's. The budget of one address is an exact window instead of governor's bucket,
//! which would let six connections through in ten minutes where three are allowed.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use ipnet::IpNet;
use tokio::time::Instant;

use super::journal::{Journal, Past};
use super::limits::Limits;
use super::special::{Special, prefix_of};
use crate::table::codes::ErrorCode;
use crate::table::row::Moment;

/// How soon to look again at something that is in use.
const SOON: Duration = Duration::from_millis(50);
/// Between a charge and its packet lies a write to the journal: windows are kept longer by this.
const MARGIN: Duration = Duration::from_secs(1);

/// Which addresses may be dialled at all.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The only prefixes that may be dialled; empty outside the lab.
    lab: Vec<IpNet>,
    /// Whether this machine has IPv6.
    has_ipv6: bool,
    /// Why nobody can be reached from here, over IPv4 and over IPv6.
    unreachable: [Option<ErrorCode>; 2],
    special: Special,
}

impl Rules {
    /// The rules of a lab, or of the Internet when no prefix is given.
    pub fn new(lab: Vec<IpNet>, has_ipv6: bool) -> Self {
        Self {
            lab,
            has_ipv6,
            unreachable: [None, None],
            special: Special::default(),
        }
    }

    /// The same rules from a place from where nobody can be reached over IPv4, or IPv6, for these
    /// reasons.
    pub fn unreachable(self, ipv4: Option<ErrorCode>, ipv6: Option<ErrorCode>) -> Self {
        Self {
            unreachable: [ipv4, ipv6],
            ..self
        }
    }

    /// Why an address is never dialled.
    pub fn forbids(&self, ip: IpAddr) -> Option<ErrorCode> {
        let special = match self.lab.as_slice() {
            [] => self.special.contains(ip),
            lab => !lab.iter().any(|net| net.contains(&ip)),
        };
        if special {
            Some(ErrorCode::SpecialPurpose)
        } else if ip.is_ipv6() && !self.has_ipv6 {
            Some(ErrorCode::NoIpv6Vantage)
        } else {
            self.unreachable[usize::from(ip.is_ipv6())]
        }
    }
}

/// What may be done about a target now.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be dialled; the budgets are charged.
    Go,
    /// Something of this target is in use or used up until then.
    Later(Instant),
    /// Its operator's turn comes then.
    OperatorBusy(Instant),
    /// The total is used up until then.
    AllBusy(Instant),
    /// Never in this survey.
    Never(ErrorCode),
}

/// Rates that a waiting target has paid already.
#[derive(Debug, Default, Clone, Copy)]
pub struct Paid {
    prefix: bool,
    operator: bool,
}

/// The budgets of a survey.
pub struct Pace {
    limits: Limits,
    rules: Rules,
    journal: Journal,
    clock: DefaultClock,
    total: DefaultDirectRateLimiter,
    operators: DefaultKeyedRateLimiter<Arc<str>>,
    prefixes: DefaultKeyedRateLimiter<IpNet>,
    ledger: Mutex<Ledger>,
}

#[derive(Default)]
struct Ledger {
    addresses: HashMap<SocketAddr, Address>,
    open_in_prefix: HashMap<IpNet, u32>,
    open: u32,
}

#[derive(Default)]
struct Address {
    /// The last dials, oldest first; never more than the window allows.
    recent: Vec<Instant>,
    total: u32,
    /// Dials by earlier processes.
    inherited: u32,
    is_open: bool,
}

impl Pace {
    /// Budgets that go on where earlier processes left them.
    pub fn new(limits: Limits, rules: Rules, journal: Journal, past: &Past) -> Arc<Self> {
        let mut ledger = Ledger::default();
        for (address, times) in past {
            ledger.addresses.insert(*address, inherited(times, &limits));
        }
        Arc::new(Self {
            total: RateLimiter::direct(evenly(limits.rate)),
            operators: RateLimiter::keyed(evenly(limits.operator_rate)),
            prefixes: RateLimiter::keyed(evenly(limits.prefix_rate)),
            clock: DefaultClock::default(),
            ledger: Mutex::new(ledger),
            limits,
            rules,
            journal,
        })
    }

    /// The journal of dials.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Whether an address may be dialled now; if so, it is charged for it. Rates that were paid but
    /// not used stay paid.
    pub fn admit(&self, to: SocketAddr, operator: &Arc<str>, paid: &mut Paid) -> Verdict {
        if let Some(error) = self.rules.forbids(to.ip()) {
            return Verdict::Never(error);
        }
        let now = Instant::now();
        let prefix = prefix_of(to.ip());
        let mut ledger = self.ledger();
        if let Some(verdict) = ledger.objection(to, prefix, now, &self.limits) {
            return verdict;
        }
        if !paid.prefix {
            match self.prefixes.check_key(&prefix) {
                Ok(()) => paid.prefix = true,
                Err(not) => return Verdict::Later(self.moment(now, &not)),
            }
        }
        if !paid.operator {
            match self.operators.check_key(operator) {
                Ok(()) => paid.operator = true,
                Err(not) => return Verdict::OperatorBusy(self.moment(now, &not)),
            }
        }
        if let Err(not) = self.total.check() {
            return Verdict::AllBusy(self.moment(now, &not));
        }
        ledger.charge(to, prefix, now);
        Verdict::Go
    }

    /// Makes the permission for a dial that was charged and journalled.
    pub(super) fn clear(self: &Arc<Self>, to: SocketAddr) -> Clearance {
        Clearance(Open {
            address: to,
            pace: self.clone(),
        })
    }

    /// Forgets limiters that are full again anyway.
    pub fn tidy(&self) {
        self.operators.retain_recent();
        self.prefixes.retain_recent();
        self.operators.shrink_to_fit();
        self.prefixes.shrink_to_fit();
    }

    fn moment(&self, now: Instant, not: &NotUntil<<DefaultClock as Clock>::Instant>) -> Instant {
        now + not.wait_time_from(self.clock.now())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn objection(
        &mut self,
        to: SocketAddr,
        prefix: IpNet,
        now: Instant,
        limits: &Limits,
    ) -> Option<Verdict> {
        if self.open >= limits.open {
            return Some(Verdict::AllBusy(now + SOON));
        }
        if let Some(address) = self.addresses.get_mut(&to) {
            if address.total >= limits.in_survey {
                let error = match address.inherited {
                    0 => ErrorCode::Budget,
                    _ => ErrorCode::RateCapped,
                };
                return Some(Verdict::Never(error));
            }
            let window = limits.window + MARGIN;
            address.recent.retain(|dialled| *dialled + window > now);
            if address.recent.len() >= limits.in_window as usize {
                return Some(Verdict::Later(address.recent[0] + window));
            }
            if address.is_open {
                return Some(Verdict::Later(now + SOON));
            }
        }
        let open = self.open_in_prefix.get(&prefix).copied().unwrap_or(0);
        (open >= limits.prefix_open).then(|| Verdict::Later(now + SOON))
    }

    fn charge(&mut self, to: SocketAddr, prefix: IpNet, now: Instant) {
        let address = self.addresses.entry(to).or_default();
        address.recent.push(now);
        address.total += 1;
        address.is_open = true;
        *self.open_in_prefix.entry(prefix).or_default() += 1;
        self.open += 1;
    }

    fn release(&mut self, to: SocketAddr) {
        if let Some(address) = self.addresses.get_mut(&to) {
            address.is_open = false;
        }
        let prefix = prefix_of(to.ip());
        if let Some(open) = self.open_in_prefix.get_mut(&prefix) {
            *open -= 1;
            if *open == 0 {
                self.open_in_prefix.remove(&prefix);
            }
        }
        self.open -= 1;
    }
}

/// Permission to open one connection to one address. Only the queues make it; dialling consumes it.
#[must_use]
pub struct Clearance(Open);

impl Clearance {
    /// The address it is for.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    pub(super) fn into_open(self) -> Open {
        self.0
    }
}

/// An open connection in the books. Dropping it says that the conversation ended.
#[must_use]
pub struct Open {
    address: SocketAddr,
    pace: Arc<Pace>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.pace.ledger().release(self.address);
        self.pace.journal.ended(self.address);
    }
}

/// At most so many a second, at even distances: no bursts.
fn evenly(per_second: u32) -> Quota {
    let rate = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(rate).allow_burst(NonZeroU32::MIN)
}

/// Budget of an address that earlier processes dialled.
fn inherited(times: &[Moment], limits: &Limits) -> Address {
    let (now, wall) = (Instant::now(), Moment::now());
    let mut recent: Vec<Instant> = times
        .iter()
        .map(|at| Duration::from_micros(u64::try_from(wall.0 - at.0).unwrap_or(0)))
        .filter(|age| *age < limits.window + MARGIN)
        .map(|age| now.checked_sub(age).unwrap_or(now))
        .collect();
    recent.sort();
    let total = u32::try_from(times.len()).unwrap_or(u32::MAX);
    Address {
        recent,
        total,
        inherited: total,
        is_open: false,
    }
}
