//! The books of one operator: its rate, and how it is slowed down, paused and given up when its
//! servers put us off.
//!
//! A temporary refusal halves the rate; [`IN_A_ROW`] without a conversation that went well in
//! between pause the operator, twice as long each time; after [`PAUSES`] pauses it is left alone.
//! Every [`CLEAN`] conversations that went well double the rate again, up to the usual one.

use std::time::Duration;

use tokio::time::Instant;

use super::rate::Rate;
use crate::text::duration;

/// Temporary refusals in a row that pause an operator.
const IN_A_ROW: u32 = 5;
/// Pauses without one conversation that went well in between, after which the operator is given up:
/// 70 minutes in all by default.
const PAUSES: u32 = 3;
/// Conversations in a row that have to go well before the rate is doubled again.
const CLEAN: u32 = 10;
/// The lowest rate: one connection a minute.
const SLOWEST: Duration = Duration::from_secs(60);

/// What a conversation says of our welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The server talked to us.
    Well,
    /// It put us off: 4xx, or words like "too many connections".
    PutOff,
    /// Neither: no connection, silence, a block list.
    Nothing,
}

/// The longest pause there is, where the first one is so long.
pub fn longest_pause(first: Duration) -> Duration {
    first * 2_u32.pow(PAUSES - 1)
}

/// The books of one operator.
#[derive(Debug)]
pub struct Operator {
    usual: Duration,
    rate: Rate,
    /// Temporary refusals in a row.
    refusals: u32,
    /// Conversations in a row that went well, while the rate is not the usual one.
    clean: u32,
    /// Pauses without a conversation that went well in between.
    pauses: u32,
    paused_until: Option<Instant>,
    given_up: bool,
}

impl Operator {
    /// An operator that nothing is known of.
    pub fn new(rate: Rate) -> Self {
        Self {
            usual: rate.interval,
            rate,
            refusals: 0,
            clean: 0,
            pauses: 0,
            paused_until: None,
            given_up: false,
        }
    }

    /// An operator that an earlier process paused; no longer than pauses are, since clocks are set.
    pub fn paused(rate: Rate, left: Duration, first: Duration, now: Instant) -> Self {
        Self {
            pauses: 1,
            paused_until: Some(now + left.min(longest_pause(first))),
            ..Self::new(rate)
        }
    }

    /// Whether it is left alone for the rest of the survey.
    pub fn is_given_up(&self) -> bool {
        self.given_up
    }

    /// When the next connection may go.
    pub fn next(&self) -> Instant {
        self.paused_until
            .map_or(self.rate.next, |until| until.max(self.rate.next))
    }

    /// From one connection to the next, as things are.
    pub fn interval(&self) -> Duration {
        self.rate.interval
    }

    /// How long it is still paused.
    pub fn pause_left(&self, now: Instant) -> Duration {
        self.paused_until
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// A connection goes now. Says so when it is the first one after a pause.
    pub fn charge(&mut self, now: Instant) -> Option<String> {
        self.rate.charge(now);
        let resumed = self.paused_until.take();
        resumed.map(|_| "asked again after its pause".to_owned())
    }

    /// A connection that was charged for earlier goes only now.
    pub fn departed(&mut self, now: Instant) {
        self.rate.departed(now);
    }

    /// Takes note of a conversation; `first` is the length of the first pause. Gives what is worth
    /// saying: one refusal alone is everyday greylisting and is not.
    pub fn heard(&mut self, heard: Heard, now: Instant, first: Duration) -> Option<String> {
        match heard {
            Heard::Nothing => None,
            Heard::Well => self.went_well(),
            // What comes back during a pause was begun before it.
            Heard::PutOff if self.given_up || self.pause_left(now) > Duration::ZERO => None,
            Heard::PutOff => self.put_off(now, first),
        }
    }

    fn went_well(&mut self) -> Option<String> {
        (self.refusals, self.pauses) = (0, 0);
        if self.rate.interval == self.usual {
            return None;
        }
        self.clean += 1;
        if self.clean < CLEAN {
            return None;
        }
        self.clean = 0;
        self.rate.interval = (self.rate.interval / 2).max(self.usual);
        let restored = self.rate.interval == self.usual;
        restored.then(|| "back at its usual rate".to_owned())
    }

    fn put_off(&mut self, now: Instant, first: Duration) -> Option<String> {
        self.clean = 0;
        self.refusals += 1;
        let slower = self.rate.interval * 2;
        self.rate.interval = slower.min(SLOWEST.max(self.usual));
        self.rate.next = self.rate.next.max(now + self.rate.interval);
        if self.refusals < IN_A_ROW {
            let first_word = self.refusals == 2 && self.pauses == 0;
            return first_word.then(|| "temporary refusals, slowed down".to_owned());
        }
        self.refusals = 0;
        if self.pauses == PAUSES {
            self.given_up = true;
            return Some(format!(
                "still refuses after {PAUSES} pauses; its remaining addresses are not asked"
            ));
        }
        let pause = first * 2_u32.pow(self.pauses);
        self.pauses += 1;
        self.paused_until = Some(now + pause);
        let length = duration(pause.as_secs());
        Some(format!(
            "{IN_A_ROW} temporary refusals in a row, paused for {length}"
        ))
    }

    /// Whether nothing would be lost by forgetting it.
    pub fn is_usual(&self, now: Instant) -> bool {
        let quiet = self.refusals == 0 && self.pauses == 0 && !self.given_up;
        quiet && self.rate.interval == self.usual && self.next() <= now
    }
}
