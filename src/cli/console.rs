//! What the operator sees while a survey runs: bars on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::pace::Outlook;
use crate::survey::Watch;
use crate::text::{count, duration};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// How often the words behind a bar are made anew.
const BAR_EVERY: Duration = Duration::from_millis(100);

const BAR: &str = "{prefix:>8} [{bar:24}] {human_pos}/{human_len}  {rate}  ETA {eta}  {wide_msg}";

/// The screen.
pub struct Console {
    bars: Option<MultiProgress>,
}

impl Console {
    /// Bars if standard error is a terminal.
    pub fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bars =
            is_terminal.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        Self { bars }
    }

    /// Takes the bars away.
    pub fn clear(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl crate::survey::Screen for Console {
    fn note(&self, text: &str) {
        match &self.bars {
            Some(bars) => drop(bars.println(format!("mailcensus: {text}"))),
            None => eprintln!("mailcensus: {text}"),
        }
    }

    fn stage(
        &self,
        name: &'static str,
        unit: &'static str,
        total: u64,
        done: u64,
    ) -> Arc<dyn Watch> {
        let bar = self.bars.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new(total));
            bar.set_style(style());
            bar.set_prefix(name);
            bar.set_position(done);
            bar.reset_eta();
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        let now = Instant::now();
        let tally = Tally {
            done,
            inherited: done,
            in_flight: 0,
            ahead: Outlook::default(),
            outcomes: BTreeMap::new(),
            shown: now,
            shown_done: None,
        };
        Arc::new(Progress {
            name,
            unit,
            total,
            started: now,
            bar,
            tally: Mutex::new(tally),
        })
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template(BAR)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "rate",
            |state: &ProgressState, line: &mut dyn std::fmt::Write| {
                let _ = write!(line, "{:.1}/s", state.per_sec());
            },
        )
        .progress_chars("=> ")
}

/// The progress of one stage.
struct Progress {
    name: &'static str,
    unit: &'static str,
    total: u64,
    started: Instant,
    bar: Option<ProgressBar>,
    tally: Mutex<Tally>,
}

struct Tally {
    done: u64,
    /// Done by earlier processes.
    inherited: u64,
    in_flight: usize,
    ahead: Outlook,
    outcomes: BTreeMap<&'static str, u64>,
    shown: Instant,
    /// How many were done when that was.
    shown_done: Option<u64>,
}

impl Watch for Progress {
    fn done(&self, outcome: &'static str, in_flight: usize) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.done += 1;
        tally.in_flight = in_flight;
        *tally.outcomes.entry(outcome).or_default() += 1;
        let every = if self.bar.is_some() {
            BAR_EVERY
        } else {
            LINE_EVERY
        };
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        if tally.shown.elapsed() >= every {
            self.show(&mut tally);
        }
    }

    fn outlook(&self, ahead: Outlook) {
        self.tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ahead = ahead;
    }

    fn finish(&self) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        if tally.shown_done != Some(tally.done) {
            self.show(&mut tally);
        }
        if let Some(bar) = &self.bar {
            bar.finish();
        }
    }
}

impl Progress {
    fn show(&self, tally: &mut Tally) {
        tally.shown = Instant::now();
        tally.shown_done = Some(tally.done);
        let outcomes: Vec<_> = tally
            .outcomes
            .iter()
            .map(|(what, n)| format!("{} {what}", count(*n)))
            .collect();
        let outcomes = outcomes.join(", ");
        match &self.bar {
            Some(bar) => bar.set_message(format!("{} in flight  {outcomes}", tally.in_flight)),
            None => eprintln!("{}", self.line(tally, &outcomes)),
        }
    }

    fn line(&self, tally: &Tally, outcomes: &str) -> String {
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let rate = (tally.done - tally.inherited) as f64 / seconds;
        let left = self.total.saturating_sub(tally.done);
        let eta = match left {
            0 => String::new(),
            _ if rate > 0.0 => format!(", ETA {}", duration((left as f64 / rate).round() as u64)),
            _ => ", ETA unknown".to_owned(),
        };
        format!(
            "{}: {} of {} {}, {rate:.1}/s{eta}, {} in flight; {outcomes}",
            self.name,
            count(tally.done),
            count(self.total),
            self.unit,
            tally.in_flight
        )
    }
}
