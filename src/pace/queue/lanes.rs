//! Who waits where: one queue per operator, and in it one lane per prefix.
//!
//! A heap holds the operators by the moment of their turn, each operator has a heap of its lanes,
//! and a lane a heap of what is not due yet. Whatever is busy waits as a whole, so that a step costs
//! the logarithm of what waits, however much that is.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use tokio::time::Instant;

use super::Target;
use crate::pace::budget::Verdict;
use crate::pace::special::prefix_of;
use crate::table::codes::ErrorCode;

/// What waits.
pub struct Lanes<T> {
    operators: HashMap<Arc<str>, Operator>,
    lanes: HashMap<(Arc<str>, IpNet), Lane<T>>,
    /// Operators by the moment of their turn. Where a turn was brought forward, the entry that it
    /// had before is still here; only the one that agrees with [`Operator::due`] counts.
    turns: Turns<Arc<str>>,
    left: u64,
    /// Connections that they will take.
    connections: u64,
    /// When the last of them becomes due.
    latest: Option<Instant>,
}

/// Soonest first.
type Turns<K> = BinaryHeap<Reverse<(Instant, K)>>;

struct Operator {
    /// Its lanes by the moment of their turn; only the entry that agrees with [`Lane::due`] counts.
    lanes: Turns<IpNet>,
    due: Instant,
    /// Connections that its targets will take.
    connections: u64,
}

struct Lane<T> {
    ready: VecDeque<Waiting<T>>,
    later: BinaryHeap<Later<T>>,
    due: Instant,
    /// Connections that its targets will take.
    connections: u64,
}

/// A target without what its lane knows.
struct Waiting<T> {
    ip: IpAddr,
    port: u16,
    extra: bool,
    more: u8,
    load: T,
}

/// Not before that moment; soonest first.
struct Later<T>(Instant, Waiting<T>);

/// What became of one target, and what has to wait with it.
struct Ruled<T> {
    step: Step<T>,
    /// When the lane takes its next turn, if it waits with the target.
    lane_until: Option<Instant>,
    /// Until when the whole operator waits.
    operator_until: Option<Instant>,
}

/// What one step came to.
pub enum Step<T> {
    /// It may be dialled.
    Go(Target<T>),
    /// It will not be.
    Never(ErrorCode, Target<T>),
    /// Somebody has to wait; others may not.
    Moved,
    /// Nothing before that moment; nothing at all where there is none.
    Wait(Option<Instant>),
}

impl<T> Lanes<T> {
    /// Nobody waits.
    pub fn new() -> Self {
        Self {
            operators: HashMap::new(),
            lanes: HashMap::new(),
            turns: BinaryHeap::new(),
            left: 0,
            connections: 0,
            latest: None,
        }
    }

    /// How many wait.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// When the last of them becomes due, budgets aside.
    pub fn latest(&self) -> Option<Instant> {
        self.latest
    }

    /// How many connections they will take, as far as can be foreseen.
    pub fn connections(&self) -> u64 {
        self.connections
    }

    /// The same for each operator.
    pub fn by_operator(&self) -> impl Iterator<Item = (&Arc<str>, u64)> {
        let operators = self.operators.iter();
        operators.map(|(name, one)| (name, one.connections))
    }

    /// The same for the longest lane: one operator in one prefix.
    pub fn longest_lane(&self) -> u64 {
        let lanes = self.lanes.values();
        lanes.map(|lane| lane.connections).max().unwrap_or(0)
    }

    /// Gives back memory that was taken in advance.
    pub fn shrink(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.ready.shrink_to_fit();
        }
    }

    /// Puts a target in its lane, not to leave before `at`.
    pub fn add(&mut self, target: Target<T>, at: Instant, now: Instant) {
        let (name, prefix) = (target.operator, prefix_of(target.address.ip()));
        let waiting = Waiting {
            ip: target.address.ip(),
            port: target.address.port(),
            extra: target.extra,
            more: target.more,
            load: target.load,
        };
        let connections = waiting.connections();
        self.left += 1;
        self.connections += connections;
        self.latest = self.latest.max(Some(at));
        let operator = self.operators.entry(name.clone()).or_insert_with(|| {
            self.turns.push(Reverse((at, name.clone())));
            Operator {
                lanes: BinaryHeap::new(),
                due: at,
                connections: 0,
            }
        });
        operator.connections += connections;
        let lane = self.lanes.entry((name.clone(), prefix)).or_insert_with(|| {
            operator.lanes.push(Reverse((at, prefix)));
            Lane {
                ready: VecDeque::new(),
                later: BinaryHeap::new(),
                due: at,
                connections: 0,
            }
        });
        lane.connections += connections;
        if at < lane.due {
            lane.due = at;
            operator.lanes.push(Reverse((at, prefix)));
        }
        if at < operator.due {
            operator.due = at;
            self.turns.push(Reverse((at, name)));
        }
        match at <= now {
            true => lane.ready.push_back(waiting),
            false => lane.later.push(Later(at, waiting)),
        }
    }

    /// Lets the first one whose turn it is try.
    pub fn step(
        &mut self,
        now: Instant,
        admit: impl FnOnce(SocketAddr, &Arc<str>, bool) -> Verdict,
    ) -> Step<T> {
        let Some(Reverse((due, name))) = self.turns.pop() else {
            return Step::Wait(None);
        };
        if due > now {
            self.turns.push(Reverse((due, name)));
            return Step::Wait(Some(due));
        }
        match self.operators.get_mut(&name) {
            Some(operator) if operator.due == due => {}
            _ => return Step::Moved,
        }
        let (step, busy_until) = self.step_of(&name, now, admit);
        let Some(operator) = self.operators.get_mut(&name) else {
            return step;
        };
        if let Step::Go(target) | Step::Never(_, target) = &step {
            let connections = connections(target.more);
            operator.connections -= connections;
            self.connections -= connections;
            self.left -= 1;
        }
        match operator.lanes.peek() {
            Some(Reverse((next, _))) => {
                operator.due = busy_until.map_or(*next, |until| until.max(*next));
                self.turns.push(Reverse((operator.due, name)));
            }
            None => drop(self.operators.remove(&name)),
        }
        step
    }

    /// One step of an operator; and until when it is busy as a whole.
    fn step_of(
        &mut self,
        name: &Arc<str>,
        now: Instant,
        admit: impl FnOnce(SocketAddr, &Arc<str>, bool) -> Verdict,
    ) -> (Step<T>, Option<Instant>) {
        let moved = (Step::Moved, None);
        let Some(operator) = self.operators.get_mut(name) else {
            return moved;
        };
        let Some(Reverse((due, prefix))) = operator.lanes.pop() else {
            return moved;
        };
        if due > now {
            operator.lanes.push(Reverse((due, prefix)));
            return moved;
        }
        let key = (name.clone(), prefix);
        let Some(lane) = self.lanes.get_mut(&key).filter(|lane| lane.due == due) else {
            return moved;
        };
        lane.wake(now);
        let mut step = Step::Moved;
        if let Some(waiting) = lane.ready.pop_front() {
            let address = SocketAddr::new(waiting.ip, waiting.port);
            let verdict = admit(address, name, waiting.extra);
            let ruled = lane.rule(verdict, waiting, name);
            if let Some(until) = ruled.lane_until {
                lane.due = until;
                operator.lanes.push(Reverse((until, prefix)));
                return (ruled.step, ruled.operator_until);
            }
            step = ruled.step;
            if let Step::Go(target) | Step::Never(_, target) = &step {
                lane.connections -= connections(target.more);
            }
        }
        if !lane.requeue(now, prefix, &mut operator.lanes) {
            self.lanes.remove(&key);
        }
        (step, None)
    }
}

impl<T> Lane<T> {
    /// What becomes of the first one that is ready.
    fn rule(&mut self, verdict: Verdict, waiting: Waiting<T>, operator: &Arc<str>) -> Ruled<T> {
        let (step, lane, all) = match verdict {
            Verdict::Go => (Step::Go(waiting.into_target(operator)), None, None),
            Verdict::Never(error) => {
                let target = waiting.into_target(operator);
                (Step::Never(error, target), None, None)
            }
            Verdict::Later(at) => {
                self.later.push(Later(at, waiting));
                (Step::Moved, None, None)
            }
            Verdict::PrefixBusy(at) => {
                self.ready.push_front(waiting);
                (Step::Moved, Some(at), None)
            }
            // What holds up more than the lane leaves it its place.
            Verdict::OperatorBusy(at) => {
                self.ready.push_front(waiting);
                (Step::Moved, Some(self.due), Some(at))
            }
            Verdict::AllBusy(at) => {
                self.ready.push_front(waiting);
                (Step::Wait(Some(at)), Some(self.due), None)
            }
        };
        Ruled {
            step,
            lane_until: lane,
            operator_until: all,
        }
    }

    /// What became due is ready.
    fn wake(&mut self, now: Instant) {
        while self.later.peek().is_some_and(|later| later.0 <= now) {
            self.ready.extend(self.later.pop().map(|later| later.1));
        }
    }

    /// Takes its next turn, if anybody waits in it.
    fn requeue(&mut self, now: Instant, prefix: IpNet, turns: &mut Turns<IpNet>) -> bool {
        let soonest = || self.later.peek().map(|later| later.0);
        let next = match self.ready.is_empty() {
            true => soonest(),
            false => Some(now),
        };
        let Some(next) = next else {
            return false;
        };
        self.due = next;
        turns.push(Reverse((next, prefix)));
        true
    }
}

/// Connections that a target will take, this one and those that follow.
fn connections(more: u8) -> u64 {
    u64::from(more) + 1
}

impl<T> Waiting<T> {
    fn connections(&self) -> u64 {
        connections(self.more)
    }

    fn into_target(self, operator: &Arc<str>) -> Target<T> {
        Target {
            address: SocketAddr::new(self.ip, self.port),
            operator: operator.clone(),
            extra: self.extra,
            more: self.more,
            load: self.load,
        }
    }
}

impl<T> Ord for Later<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // The heap gives the greatest first.
        other.0.cmp(&self.0)
    }
}

impl<T> PartialOrd for Later<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Later<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Later<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_takes_little_room() {
        // Beside the load: address, port, one flag and one count, where address, operator and what was paid
        // took 64 bytes once.
        assert_eq!(size_of::<Waiting<[u64; 8]>>(), 88);
        assert_eq!(size_of::<Later<[u64; 8]>>(), 104);
    }
}
