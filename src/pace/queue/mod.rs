//! The queues: targets wait as values, not as tasks.
//!
//! What may be dialled now is gathered from the [`lanes`], journalled with one sync, and handed out;
//! everything else waits as a value of less than a hundred bytes. Whoever was dialled before goes
//! first: what is known of a target takes more room than a target, so that few shall be begun and
//! not done with.

mod lanes;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::budget::{Clearance, Pace};
use super::outlook::{Ahead, Outlook};
use crate::error::Result;
use crate::stop::Stop;
use crate::table::codes::ErrorCode;
use lanes::{Lanes, Step};

/// Dials journalled with one sync at the most.
const BATCH: usize = 64;
/// How often books are tidied.
const TIDY: Duration = Duration::from_secs(30);
/// How often the queues say what lies ahead.
const TELL: Duration = Duration::from_secs(1);

/// An address to be dialled, with whatever the prober wants back.
pub struct Target<T> {
    /// Address and port.
    pub address: SocketAddr,
    /// Operator that is charged.
    pub operator: Arc<str>,
    /// Whether it may use the connections that are kept for asking once more.
    pub extra: bool,
    /// Connections that will follow this one, as far as the prober can foresee.
    pub more: u8,
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

/// Running queues.
pub struct Queues<T> {
    /// What they say of the targets; each `Ruling::Go` has to be answered on `backs`. Ends when every
    /// target is done with, or a stop was asked for.
    pub rulings: mpsc::Receiver<Ruling<T>>,
    /// The answers.
    pub backs: mpsc::UnboundedSender<Back<T>>,
    /// What is worth saying: an operator was slowed down, paused, asked again, given up.
    pub notes: mpsc::UnboundedReceiver<String>,
    /// What lies ahead.
    pub ahead: watch::Receiver<Outlook>,
    /// The task, which ends with an error when the journal cannot be written.
    pub task: JoinHandle<Result<()>>,
}

/// Runs the queues until every target is done with, or a stop is asked for.
pub fn start<T: Send + 'static>(pace: Arc<Pace>, targets: Vec<Target<T>>, stop: Stop) -> Queues<T> {
    let (rulings, receiver) = mpsc::channel(BATCH);
    let (sender, backs) = mpsc::unbounded_channel();
    let (said, notes) = mpsc::unbounded_channel();
    let (told, ahead) = watch::channel(Outlook::default());
    let now = Instant::now();
    let mut lanes = Lanes::new();
    for target in targets {
        lanes.add(target, now, now);
    }
    lanes.shrink();
    let keeper = Keeper {
        pace,
        begun: Lanes::new(),
        lanes,
        put_off: Vec::new(),
        out: 0,
        rulings,
        said,
        told,
        stop,
    };
    Queues {
        rulings: receiver,
        backs: sender,
        notes,
        ahead,
        task: tokio::spawn(keeper.run(backs)),
    }
}

/// Who keeps the queues.
struct Keeper<T> {
    pace: Arc<Pace>,
    /// Targets that were dialled before.
    begun: Lanes<T>,
    /// The others.
    lanes: Lanes<T>,
    /// Targets that would have to wait for longer than anybody does here.
    put_off: Vec<Target<T>>,
    /// Targets handed out and not yet back.
    out: u64,
    rulings: mpsc::Sender<Ruling<T>>,
    said: mpsc::UnboundedSender<String>,
    told: watch::Sender<Outlook>,
    stop: Stop,
}

impl<T: Send + 'static> Keeper<T> {
    async fn run(mut self, mut backs: mpsc::UnboundedReceiver<Back<T>>) -> Result<()> {
        let mut tidied = Instant::now();
        let mut told = None;
        while self.left() + self.out > 0 && !self.stop.is_requested() {
            let (decided, charged, wake) = self.gather();
            if !self.hand_out(decided, charged).await? {
                return Ok(());
            }
            if told.is_none_or(|told: Instant| told.elapsed() >= TELL) {
                self.told.send_replace(self.ahead());
                told = Some(Instant::now());
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
                () = self.stop.requested() => {}
            }
            while let Ok(back) = backs.try_recv() {
                self.take_back(back);
            }
            self.say();
        }
        Ok(())
    }

    /// Journals what was charged, and hands everything out; says whether to go on.
    async fn hand_out(&mut self, decided: Vec<Ruling<T>>, charged: Vec<Target<T>>) -> Result<bool> {
        if !charged.is_empty() {
            let addresses = charged.iter().map(|target| target.address).collect();
            self.pace.journal().reserve(addresses).await?;
        }
        for ruling in decided {
            if self.stop.is_requested() || self.rulings.send(ruling).await.is_err() {
                return Ok(false);
            }
        }
        for target in charged {
            let clearance = self
                .pace
                .clear(target.address, &target.operator, &self.stop);
            self.out += 1;
            let ruling = Ruling::Go(clearance, target);
            if self.stop.is_requested() || self.rulings.send(ruling).await.is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn take_back(&mut self, back: Back<T>) {
        self.out -= 1;
        let now = Instant::now();
        let patience = self.pace.limits().patience;
        match back {
            Back::Done => {}
            Back::Again(target, at) if at.saturating_duration_since(now) > patience => {
                self.put_off.push(target);
            }
            Back::Again(target, at) => self.begun.add(target, at, now),
        }
    }

    fn say(&self) {
        for note in self.pace.take_notes() {
            // Who does not listen wants nothing said.
            let _ = self.said.send(note);
        }
    }

    /// Everything that can be decided now, and when to look again.
    fn gather(&mut self) -> (Vec<Ruling<T>>, Vec<Target<T>>, Instant) {
        let now = Instant::now();
        let pace = &self.pace;
        let admit = |to, operator: &Arc<str>, extra| pace.admit(to, operator, extra);
        let put_off = self.put_off.drain(..);
        let never = |target| Ruling::Never(ErrorCode::Budget, target);
        let (mut decided, mut charged) = (Vec::from_iter(put_off.map(never)), Vec::new());
        let mut look = now + TELL;
        for lanes in [&mut self.begun, &mut self.lanes] {
            while decided.len() + charged.len() < BATCH {
                match lanes.step(now, admit) {
                    Step::Go(target) => charged.push(target),
                    Step::Never(error, target) => decided.push(Ruling::Never(error, target)),
                    Step::Moved => {}
                    Step::Wait(at) => {
                        look = at.map_or(look, |at| at.min(look));
                        break;
                    }
                }
            }
        }
        let is_full = decided.len() + charged.len() >= BATCH;
        (decided, charged, if is_full { now } else { look })
    }

    fn left(&self) -> u64 {
        self.begun.left() + self.lanes.left() + self.put_off.len() as u64
    }

    fn ahead(&self) -> Outlook {
        let now = Instant::now();
        let until = |at: Instant| at.saturating_duration_since(now);
        let both = [&self.begun, &self.lanes];
        let mut operators: HashMap<&Arc<str>, u64> = HashMap::new();
        for (name, connections) in both.iter().flat_map(|lanes| lanes.by_operator()) {
            *operators.entry(name).or_default() += connections;
        }
        let latest = both.iter().filter_map(|lanes| lanes.latest()).max();
        Ahead {
            left: self.left(),
            connections: both.iter().map(|lanes| lanes.connections()).sum(),
            operators: self.pace.waits(operators.into_iter()),
            longest_lane: both.iter().map(|lanes| lanes.longest_lane()).sum(),
            latest: latest.map_or(Duration::ZERO, until),
        }
        .outlook(self.out, self.pace.limits())
    }
}
