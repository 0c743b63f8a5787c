//! One queue per operator: targets wait as values, not as tasks.
//!
//! A heap holds each operator by the moment its turn comes. What may be dialled now is gathered,
//! journalled with one sync, and handed out; everything else waits as a value of some hundred bytes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::budget::{Clearance, Pace, Paid, Verdict};
use crate::error::Result;
use crate::stop::Stop;
use crate::table::codes::ErrorCode;

/// Dials journalled with one sync at the most.
const BATCH: usize = 64;
/// How often limiters are tidied.
const TIDY: Duration = Duration::from_secs(30);

/// An address to be dialled, with whatever the prober wants back.
pub struct Target<T> {
    /// Address and port.
    pub address: SocketAddr,
    /// Operator that is charged.
    pub operator: Arc<str>,
    /// What the prober needs.
    pub load: T,
}

/// What the queues say of a target.
pub enum Ruling<T> {
    /// It may be dialled.
    Go(Clearance, Target<T>),
    /// It will not be.
    Never(ErrorCode, Target<T>),
}

/// What the prober says of a target it was given.
pub enum Back<T> {
    /// It is done with.
    Done,
    /// It wants another connection, not before that moment.
    Again(Target<T>, Instant),
}

/// Runs the queues until every target is done with, or a stop is asked for.
///
/// Rulings come out of the first channel; each `Ruling::Go` has to be answered on the second.
#[expect(clippy::type_complexity, reason = "taken apart where it is called")]
pub fn start<T: Send + 'static>(
    pace: Arc<Pace>,
    targets: Vec<Target<T>>,
    stop: Stop,
) -> (
    mpsc::Receiver<Ruling<T>>,
    mpsc::UnboundedSender<Back<T>>,
    tokio::task::JoinHandle<Result<()>>,
) {
    let (rulings, receiver) = mpsc::channel(BATCH);
    let (sender, backs) = mpsc::unbounded_channel();
    let mut queues = Queues {
        pace,
        operators: HashMap::new(),
        heap: BinaryHeap::new(),
        left: 0,
        out: 0,
    };
    let now = Instant::now();
    for target in targets {
        queues.add(target, now);
    }
    let task = tokio::spawn(queues.run(rulings, backs, stop));
    (receiver, sender, task)
}

struct Queues<T> {
    pace: Arc<Pace>,
    operators: HashMap<Arc<str>, Queue<T>>,
    /// Operators by the moment of their turn. Where a turn was brought forward, the entry that it
    /// had before is still here; only the one that agrees with `Queue::due` counts.
    heap: BinaryHeap<Reverse<(Instant, Arc<str>)>>,
    /// Targets that wait.
    left: usize,
    /// Targets handed out and not yet back.
    out: usize,
}

struct Queue<T> {
    ready: VecDeque<(Target<T>, Paid)>,
    later: Vec<(Instant, Target<T>, Paid)>,
    /// When its turn comes.
    due: Instant,
}

enum Step<T> {
    Ruling(Ruling<T>),
    Charged(Target<T>),
    /// Nothing of this operator before that moment.
    Wait(Instant),
    /// Nothing of anybody before that moment.
    AllBusy(Instant),
}

impl<T: Send + 'static> Queues<T> {
    async fn run(
        mut self,
        rulings: mpsc::Sender<Ruling<T>>,
        mut backs: mpsc::UnboundedReceiver<Back<T>>,
        stop: Stop,
    ) -> Result<()> {
        let mut tidied = Instant::now();
        while self.left + self.out > 0 && !stop.is_requested() {
            let (decided, charged, wake) = self.gather();
            if !charged.is_empty() {
                let addresses = charged.iter().map(|target| target.address).collect();
                self.pace.journal().reserve(addresses).await?;
            }
            let cleared = charged
                .into_iter()
                .map(|target| Ruling::Go(self.pace.clear(target.address), target));
            for ruling in decided.into_iter().chain(cleared.collect::<Vec<_>>()) {
                self.out += usize::from(matches!(ruling, Ruling::Go(..)));
                if stop.is_requested() || rulings.send(ruling).await.is_err() {
                    return Ok(());
                }
            }
            if tidied.elapsed() > TIDY {
                self.pace.tidy();
                tidied = Instant::now();
            }
            tokio::select! {
                back = backs.recv() => match back {
                    Some(back) => self.take_back(back),
                    None => return Ok(()),
                },
                () = tokio::time::sleep_until(wake) => {}
                () = stop.requested() => {}
            }
            while let Ok(back) = backs.try_recv() {
                self.take_back(back);
            }
        }
        Ok(())
    }

    fn take_back(&mut self, back: Back<T>) {
        self.out -= 1;
        if let Back::Again(target, at) = back {
            self.add(target, at);
        }
    }

    fn add(&mut self, target: Target<T>, at: Instant) {
        self.left += 1;
        let operator = target.operator.clone();
        let queue = self.operators.entry(operator.clone()).or_insert_with(|| {
            self.heap.push(Reverse((at, operator.clone())));
            Queue {
                ready: VecDeque::new(),
                later: Vec::new(),
                due: at,
            }
        });
        if at < queue.due {
            queue.due = at;
            self.heap.push(Reverse((at, operator)));
        }
        if at <= Instant::now() {
            queue.ready.push_back((target, Paid::default()));
        } else {
            queue.later.push((at, target, Paid::default()));
        }
    }

    /// Everything that can be decided now, and when to look again.
    fn gather(&mut self) -> (Vec<Ruling<T>>, Vec<Target<T>>, Instant) {
        let now = Instant::now();
        let (mut decided, mut charged) = (Vec::new(), Vec::new());
        let mut wake = now + Duration::from_secs(1);
        while decided.len() + charged.len() < BATCH {
            let Some(Reverse((due, operator))) = self.heap.pop() else {
                break;
            };
            if due > now {
                wake = wake.min(due);
                self.heap.push(Reverse((due, operator)));
                break;
            }
            if self.operators.get(&operator).map(|queue| queue.due) != Some(due) {
                continue;
            }
            let (step, next) = self.step(&operator, now);
            match step {
                Some(Step::Ruling(ruling)) => decided.push(ruling),
                Some(Step::Charged(target)) => charged.push(target),
                Some(Step::AllBusy(at)) => {
                    self.heap.push(Reverse((due, operator)));
                    wake = wake.min(at);
                    break;
                }
                Some(Step::Wait(_)) | None => {}
            }
            match (next, self.operators.get_mut(&operator)) {
                (Some(at), Some(queue)) => {
                    queue.due = at;
                    self.heap.push(Reverse((at, operator)));
                }
                _ => drop(self.operators.remove(&operator)),
            }
        }
        if decided.len() + charged.len() >= BATCH {
            wake = now;
        }
        (decided, charged, wake)
    }

    /// One target of an operator; and when its turn comes again, if it has more.
    fn step(&mut self, operator: &Arc<str>, now: Instant) -> (Option<Step<T>>, Option<Instant>) {
        let Some(queue) = self.operators.get_mut(operator) else {
            return (None, None);
        };
        let mut at = 0;
        while at < queue.later.len() {
            if queue.later[at].0 <= now {
                let (_, target, paid) = queue.later.swap_remove(at);
                queue.ready.push_back((target, paid));
            } else {
                at += 1;
            }
        }
        let step = queue.ready.pop_front().map(|(target, mut paid)| {
            match self.pace.admit(target.address, &target.operator, &mut paid) {
                Verdict::Go => Step::Charged(target),
                Verdict::Never(error) => Step::Ruling(Ruling::Never(error, target)),
                Verdict::Later(at) => {
                    queue.later.push((at, target, paid));
                    Step::Wait(now)
                }
                Verdict::OperatorBusy(at) => {
                    queue.ready.push_front((target, paid));
                    Step::Wait(at)
                }
                Verdict::AllBusy(at) => {
                    queue.ready.push_front((target, paid));
                    Step::AllBusy(at)
                }
            }
        });
        if matches!(step, Some(Step::Ruling(_) | Step::Charged(_))) {
            self.left -= 1;
        }
        let soonest = queue.later.iter().map(|(at, ..)| *at).min();
        let next = match (&step, queue.ready.is_empty()) {
            (Some(Step::Wait(at)), false) => Some(*at),
            (_, false) => Some(now),
            (_, true) => soonest,
        };
        (step, next)
    }
}
