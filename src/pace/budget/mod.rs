//! What each address, machine, prefix and operator may get, and the permission to dial.
//!
//! [`Pace::admit`] looks at every budget before it charges any, so that nothing is paid and not
//! used. [`clearance`] is the permission that comes of it, [`rate`] has rates and windows,
//! [`operator`] what becomes of an operator that puts us off, [`machines`] which addresses are one
//! machine.

mod clearance;
mod machines;
mod operator;
mod rate;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use tokio::time::Instant;

use super::journal::{Journal, Past};
use super::limits::Limits;
use super::rules::Rules;
use super::special::prefix_of;
use crate::stop::Stop;
use crate::table::codes::ErrorCode;
use crate::table::row::Moment;
pub use clearance::{Clearance, Open};
pub use machines::MachineKey;
use machines::Machines;
use operator::Operator;
pub use operator::{Heard, longest_pause};
pub use rate::interval;
use rate::{Rate, Window};

/// How soon to look again at something that is in use.
const SOON: Duration = Duration::from_millis(50);
/// New connections per second to an operator, where it is not the usual number.
pub type OperatorRates = Arc<dyn Fn(&str) -> Option<u32> + Send + Sync>;

/// What may be done about a target now.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be dialled; the budgets are charged.
    Go,
    /// Its address or its machine is in use or used up until then.
    Later(Instant),
    /// Its prefix is in use, or its turn comes then.
    PrefixBusy(Instant),
    /// Its operator's turn comes then.
    OperatorBusy(Instant),
    /// The total is used up until then.
    AllBusy(Instant),
    /// Never in this survey.
    Never(ErrorCode),
}

/// The budgets of a survey.
pub struct Pace {
    limits: Limits,
    rules: Rules,
    rates: OperatorRates,
    journal: Journal,
    books: Mutex<Books>,
}

struct Books {
    addresses: HashMap<SocketAddr, Address>,
    machines: Machines,
    prefixes: HashMap<IpNet, Prefix>,
    operators: HashMap<Arc<str>, Operator>,
    total: Rate,
    open: u32,
    /// What is worth saying and not said yet.
    notes: Vec<String>,
}

#[derive(Default)]
struct Address {
    window: Window,
    total: u32,
    /// Dials by earlier processes.
    inherited: u32,
    machine: Option<u32>,
    is_open: bool,
}

struct Prefix {
    rate: Rate,
    open: u32,
}

impl Pace {
    /// Budgets that go on where earlier processes left them. `rates` tells the rate of an operator
    /// that has one of its own.
    pub fn new(
        limits: Limits,
        rules: Rules,
        rates: OperatorRates,
        journal: Journal,
        past: &Past,
    ) -> Arc<Self> {
        let mut books = Books {
            addresses: HashMap::new(),
            machines: Machines::default(),
            prefixes: HashMap::new(),
            operators: HashMap::new(),
            total: Rate::per_second(limits.rate, Instant::now()),
            open: 0,
            notes: Vec::new(),
        };
        for (address, times) in &past.dials {
            let inherited = inherited(times, past.since, &limits);
            books.addresses.insert(*address, inherited);
        }
        for (address, keys) in &past.machines {
            books.same_machine(*address, keys, limits.in_window);
        }
        let pace = Self {
            limits,
            rules,
            rates,
            journal,
            books: Mutex::new(books),
        };
        pace.go_on_pausing(&past.pauses);
        Arc::new(pace)
    }

    fn go_on_pausing(&self, pauses: &HashMap<String, Moment>) {
        let (now, pause) = (Instant::now(), self.limits.pause);
        for (name, until) in pauses {
            let left = since(Moment::now(), *until);
            if left > Duration::ZERO {
                let operator = Operator::paused(self.usual_rate(name, now), left, pause, now);
                self.books()
                    .operators
                    .insert(name.as_str().into(), operator);
            }
        }
    }

    /// The journal of dials.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The limits in force.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether an address may be dialled now; if so, it is charged for it. `extra`: out of the
    /// connections that are kept for asking once more.
    pub fn admit(&self, to: SocketAddr, operator: &Arc<str>, extra: bool) -> Verdict {
        if let Some(error) = self.rules.forbids(to.ip()) {
            return Verdict::Never(error);
        }
        let now = Instant::now();
        let mut books = self.books();
        if let Some(verdict) = books.objection(to, operator, extra, now, self) {
            return verdict;
        }
        books.charge(to, operator, now, self);
        Verdict::Go
    }

    /// How long an address has to be left alone before it may be dialled, by its own window, that of
    /// its machine and a pause of its operator.
    pub fn rest(&self, to: SocketAddr, operator: &str) -> Duration {
        let now = Instant::now();
        let mut books = self.books();
        let pause = books.operators.get(operator);
        let pause = pause.map_or(Duration::ZERO, |one| one.pause_left(now));
        let busy = books.address_busy(to, now, &self.limits);
        busy.map_or(pause, |at| at.saturating_duration_since(now).max(pause))
    }

    /// Makes the permission for a dial that was charged and journalled.
    pub(super) fn clear(
        self: &Arc<Self>,
        to: SocketAddr,
        operator: &Arc<str>,
        stop: &Stop,
    ) -> Clearance {
        Clearance::of(self, to, operator, stop)
    }

    /// Takes note of how an operator received us: it is slowed down, paused or given up when its
    /// servers put us off, and comes back when they talk to us.
    pub fn heard(&self, operator: &Arc<str>, heard: Heard) {
        let now = Instant::now();
        let mut books = self.books();
        let usual = || Operator::new(self.usual_rate(operator, now));
        let entry = books.operators.entry(operator.clone());
        let entry = entry.or_insert_with(usual);
        let before = entry.pause_left(now);
        let word = entry.heard(heard, now, self.limits.pause);
        let pause = entry.pause_left(now);
        if pause > before {
            let micros = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
            let until = Moment::now().0.saturating_add(micros);
            self.journal.paused(operator, Moment(until));
        }
        books.note(operator, word);
    }

    /// Says what machine an address was seen to be: all addresses with one of these keys share the
    /// window of one. What was not known is also in the journal, so that it holds over crashes.
    pub fn same_machine(&self, address: SocketAddr, keys: &[MachineKey]) {
        if keys.is_empty() {
            return;
        }
        let most = self.limits.in_window;
        let is_new = self.books().same_machine(address, keys, most);
        if is_new {
            self.journal.same_machine(address, keys);
        }
    }

    /// What is worth saying and was not said yet.
    pub(super) fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.books().notes)
    }

    /// For each operator: how long it is paused, and from one connection to the next.
    pub(super) fn waits<'a>(
        &self,
        operators: impl Iterator<Item = (&'a Arc<str>, u64)>,
    ) -> Vec<(Duration, Duration, u64)> {
        let now = Instant::now();
        let books = self.books();
        let wait = |(name, left): (&Arc<str>, u64)| match books.operators.get(name) {
            Some(operator) => (operator.pause_left(now), operator.interval(), left),
            None => (Duration::ZERO, self.usual_rate(name, now).interval, left),
        };
        operators.map(wait).collect()
    }

    /// Forgets what is as if it had never been.
    pub(super) fn tidy(&self) {
        let (now, length) = (Instant::now(), self.limits.window + self.limits.margin);
        let mut books = self.books();
        books.operators.retain(|_, one| !one.is_usual(now));
        books.operators.shrink_to_fit();
        books
            .prefixes
            .retain(|_, prefix| prefix.open > 0 || prefix.rate.next > now);
        books.prefixes.shrink_to_fit();
        books.machines.tidy(now, length);
        for address in books.addresses.values_mut() {
            if address.window.is_over(now, length) {
                address.window = Window::default();
            }
        }
    }

    fn usual_rate(&self, operator: &str, now: Instant) -> Rate {
        let number = (self.rates)(operator).unwrap_or(self.limits.operator_rate);
        Rate::per_second(number, now)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    /// What stands against a dial: first what holds for everybody, then what holds for fewer.
    fn objection(
        &mut self,
        to: SocketAddr,
        operator: &Arc<str>,
        extra: bool,
        now: Instant,
        pace: &Pace,
    ) -> Option<Verdict> {
        let limits = &pace.limits;
        let operator = self.operators.get(operator);
        if operator.is_some_and(Operator::is_given_up) {
            return Some(Verdict::Never(ErrorCode::Budget));
        }
        if let Some(error) = self.used_up(to, extra, limits) {
            return Some(Verdict::Never(error));
        }
        if self.open >= limits.open {
            return Some(Verdict::AllBusy(now + SOON));
        }
        if self.total.next > now {
            return Some(Verdict::AllBusy(self.total.next));
        }
        let is_too_far = |at: Instant| at.saturating_duration_since(now) > limits.patience;
        match operator.map(Operator::next) {
            Some(next) if is_too_far(next) => return Some(Verdict::Never(ErrorCode::Budget)),
            Some(next) if next > now => return Some(Verdict::OperatorBusy(next)),
            _ => {}
        }
        match self.prefixes.get(&prefix_of(to.ip())) {
            Some(prefix) if prefix.rate.next > now => {
                return Some(Verdict::PrefixBusy(prefix.rate.next));
            }
            Some(prefix) if prefix.open >= limits.prefix_open => {
                return Some(Verdict::PrefixBusy(now + SOON));
            }
            _ => {}
        }
        self.address_busy(to, now, limits)
            .map(|at| match is_too_far(at) {
                true => Verdict::Never(ErrorCode::Budget),
                false => Verdict::Later(at),
            })
    }

    fn used_up(&self, to: SocketAddr, extra: bool, limits: &Limits) -> Option<ErrorCode> {
        let address = self.addresses.get(&to);
        let (total, inherited) = address.map_or((0, 0), |one| (one.total, one.inherited));
        let most = limits.in_survey + if extra { limits.extra } else { 0 };
        match (total >= most, inherited) {
            (false, _) => None,
            (true, 0) => Some(ErrorCode::Budget),
            (true, _) => Some(ErrorCode::RateCapped),
        }
    }

    fn address_busy(&mut self, to: SocketAddr, now: Instant, limits: &Limits) -> Option<Instant> {
        let address = self.addresses.get(&to)?;
        let (length, most) = (limits.window + limits.margin, limits.in_window);
        let machine = address
            .machine
            .and_then(|node| self.machines.busy_until(node, now, length, most));
        let own = address.window.busy_until(now, length, most);
        let busy = address.is_open.then_some(now + SOON);
        machine.max(own).max(busy)
    }

    fn charge(&mut self, to: SocketAddr, operator: &Arc<str>, now: Instant, pace: &Pace) {
        let most = pace.limits.in_window;
        let address = self.addresses.entry(to).or_default();
        address.window.note(now, most);
        address.total += 1;
        address.is_open = true;
        if let Some(node) = address.machine {
            self.machines.note(node, now, most);
        }
        let prefix = self.prefixes.entry(prefix_of(to.ip()));
        let prefix = prefix.or_insert_with(|| Prefix {
            rate: Rate::per_second(pace.limits.prefix_rate, now),
            open: 0,
        });
        prefix.rate.charge(now);
        prefix.open += 1;
        let entry = self.operators.entry(operator.clone());
        let word = entry
            .or_insert_with(|| Operator::new(pace.usual_rate(operator, now)))
            .charge(now);
        self.note(operator, word);
        self.total.charge(now);
        self.open += 1;
    }

    /// A connection that was charged for leaves now. The total is the limit of our own line, and
    /// stays as charged.
    fn departed(&mut self, to: SocketAddr, operator: &str, now: Instant, most: u32) {
        if let Some(address) = self.addresses.get_mut(&to) {
            // There is one at a time: the newest is this one.
            let charged = address.window.times().last().copied();
            address.window.moved(charged, now, most);
            if let Some(node) = address.machine {
                self.machines.moved(node, charged, now, most);
            }
        }
        if let Some(prefix) = self.prefixes.get_mut(&prefix_of(to.ip())) {
            prefix.rate.departed(now);
        }
        if let Some(operator) = self.operators.get_mut(operator) {
            operator.departed(now);
        }
    }

    fn release(&mut self, to: SocketAddr) {
        if let Some(address) = self.addresses.get_mut(&to) {
            address.is_open = false;
        }
        if let Some(prefix) = self.prefixes.get_mut(&prefix_of(to.ip())) {
            prefix.open -= 1;
        }
        self.open -= 1;
    }

    /// Says whether that was news.
    fn same_machine(&mut self, to: SocketAddr, keys: &[MachineKey], most: u32) -> bool {
        let address = self.addresses.entry(to).or_default();
        let before = address.machine;
        if before.is_some_and(|node| self.machines.has(node, keys)) {
            return false;
        }
        address.machine = self.machines.join(before, keys, most);
        // Later dials are charged to the machine as well; the earlier ones are brought along.
        if let (None, Some(node)) = (before, address.machine) {
            for at in address.window.times() {
                self.machines.note(node, *at, most);
            }
        }
        true
    }

    fn note(&mut self, operator: &str, word: Option<String>) {
        self.notes
            .extend(word.map(|word| format!("operator {operator}: {word}")));
    }
}

/// From one moment to a later one; zero where it is not later.
fn since(from: Moment, to: Moment) -> Duration {
    Duration::from_micros(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0))
}

/// Budget of an address that earlier processes dialled; those of this survey since that moment.
fn inherited(times: &[Moment], began: Moment, limits: &Limits) -> Address {
    let (now, wall) = (Instant::now(), Moment::now());
    let mut window = Window::default();
    for at in times {
        let age = since(*at, wall);
        if age < limits.window + limits.aftermath + limits.margin {
            let at = now.checked_sub(age).unwrap_or(now) + limits.aftermath;
            window.note(at, limits.in_window);
        }
    }
    let of_survey = times.iter().filter(|at| **at >= began).count();
    let total = u32::try_from(of_survey).unwrap_or(u32::MAX);
    Address {
        window,
        total,
        inherited: total,
        ..Address::default()
    }
}
