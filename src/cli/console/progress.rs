//! The progress of one stage: two lines that move on a terminal, a line now and then elsewhere, and
//! one line that stays when it is over.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::eta::{Speed, seconds_left};
use crate::pace::Outlook;
use crate::survey::{Tally, Watch};
use crate::text::{count, duration};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The words first, so that 80 columns show all of them; the bar takes what is left. The last line
/// is empty: what the terminal echoes there, as `^C`, wraps no line.
const RUNNING: &str = "{prefix} {wide_bar}\n    {wide_msg}\n ";

/// The progress of one stage.
pub struct Progress {
    name: &'static str,
    unit: &'static str,
    started: Instant,
    bar: Option<(MultiProgress, ProgressBar)>,
    inner: Mutex<Inner>,
}

struct Inner {
    tally: Tally,
    speed: Speed,
    /// When the last plain line was written.
    written: Instant,
    over: bool,
}

impl Progress {
    /// A stage that begins.
    pub fn new(
        name: &'static str,
        unit: &'static str,
        tally: Tally,
        bars: Option<&MultiProgress>,
    ) -> Self {
        let now = Instant::now();
        let bar = bars.map(|bars| {
            let bar = bars.add(ProgressBar::new(tally.total));
            bar.set_style(style());
            (bars.clone(), bar)
        });
        let progress = Self {
            name,
            unit,
            started: now,
            bar,
            inner: Mutex::new(Inner {
                speed: Speed::new(now, tally.done),
                tally,
                written: now,
                over: false,
            }),
        };
        progress.tick();
        progress
    }

    /// Shows how far it is; says whether it goes on.
    pub fn tick(&self) -> bool {
        let mut inner = self.inner();
        if inner.over {
            return false;
        }
        let now = Instant::now();
        let done = inner.tally.done;
        let rate = inner.speed.per_second(now, done);
        match &self.bar {
            Some((_, bar)) => {
                bar.set_position(done);
                bar.set_prefix(self.head(&inner.tally, rate));
                bar.set_message(tail(&inner.tally, rate));
                bar.tick();
            }
            None if now - inner.written >= LINE_EVERY => {
                inner.written = now;
                let head = self.head(&inner.tally, rate);
                eprintln!("{head}; {}", tail(&inner.tally, rate));
            }
            None => {}
        }
        true
    }

    /// Leaves one line that stays: the stage is over, or was broken off.
    pub fn close(&self) {
        let mut inner = self.inner();
        if std::mem::replace(&mut inner.over, true) {
            return;
        }
        let line = self.last(&inner.tally, self.started.elapsed());
        match &self.bar {
            // Text above the bars: nothing that is drawn later touches it.
            Some((bars, bar)) => {
                bar.finish_and_clear();
                bars.remove(bar);
                bars.suspend(|| eprintln!("{line}"));
            }
            None => eprintln!("{line}"),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `probe: 14,210 of 61,000 addresses, 3 operators paused, 41 min`.
    fn head(&self, tally: &Tally, rate: f64) -> String {
        let paused = match tally.ahead.paused {
            0 => String::new(),
            1 => ", 1 operator paused".to_owned(),
            many => format!(", {} operators paused", count(u64::from(many))),
        };
        let left = match seconds_left(tally, rate) {
            Some(0) => String::new(),
            Some(seconds) => format!(", {}", duration(seconds)),
            None => ", no ETA yet".to_owned(),
        };
        format!(
            "{}: {} of {} {}{paused}{left}",
            self.name,
            count(tally.done),
            count(tally.total),
            self.unit
        )
    }

    /// `probe: 61,000 addresses in 41 min; 52,000 tls, 9,000 timeout`.
    fn last(&self, tally: &Tally, took: Duration) -> String {
        let of = match tally.left() {
            0 => String::new(),
            _ => format!(" of {}", count(tally.total)),
        };
        let outcomes = match tally.outcomes() {
            none if none.is_empty() => none,
            outcomes => format!("; {outcomes}"),
        };
        format!(
            "{}: {}{of} {} in {}{outcomes}",
            self.name,
            count(tally.done),
            self.unit,
            duration(took.as_secs())
        )
    }
}

/// `47.9/s, 38 in flight; 9,800 tls, 1,200 timeout`.
fn tail(tally: &Tally, rate: f64) -> String {
    let rate = format!("{rate:.1}/s, {} in flight", tally.in_flight);
    match tally.outcomes() {
        none if none.is_empty() => rate,
        outcomes => format!("{rate}; {outcomes}"),
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template(RUNNING)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

impl Watch for Progress {
    fn done(&self, outcome: &'static str, in_flight: usize) {
        self.inner().tally.add(outcome, in_flight);
    }

    fn outlook(&self, ahead: Outlook) {
        self.inner().tally.ahead = ahead;
    }

    fn finish(&self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probing() -> (Progress, Tally) {
        let mut tally = Tally::new(61_000, 14_000);
        for _ in 0..200 {
            tally.add("tls", 38);
        }
        for _ in 0..10 {
            tally.add("timeout", 38);
        }
        tally.ahead = Outlook {
            left: 46_790,
            paused: 3,
            seconds: 2_500,
        };
        (
            Progress::new("probe", "addresses", tally.clone(), None),
            tally,
        )
    }

    #[test]
    fn the_first_line_says_what_is_done_what_waits_and_how_long_it_takes() {
        let (progress, mut tally) = probing();
        let head = progress.head(&tally, 47.9);
        assert_eq!(
            head,
            "probe: 14,210 of 61,000 addresses, 3 operators paused, 41 min"
        );
        assert_eq!(
            tail(&tally, 47.9),
            "47.9/s, 38 in flight; 200 tls, 10 timeout"
        );
        tally.ahead = Outlook::default();
        let head = progress.head(&tally, 0.0);
        assert_eq!(head, "probe: 14,210 of 61,000 addresses, no ETA yet");
    }

    #[test]
    fn the_widest_first_line_fits_eighty_columns() {
        let mut tally = Tally::new(9_876_543, 8_876_543);
        tally.ahead = Outlook {
            left: 1_000_000,
            paused: 123,
            seconds: 999_999,
        };
        let (progress, _) = probing();
        let head = progress.head(&tally, 1.0);
        assert!(head.len() < 80, "{} columns: {head}", head.len());
    }

    #[test]
    fn the_last_line_has_the_total_and_the_time() {
        let (progress, mut tally) = probing();
        let line = progress.last(&tally, Duration::from_secs(150));
        assert_eq!(
            line,
            "probe: 14,210 of 61,000 addresses in 2 min; 200 tls, 10 timeout"
        );
        tally.done = 61_000;
        let line = progress.last(&tally, Duration::from_secs(2_460));
        assert!(
            line.starts_with("probe: 61,000 addresses in 41 min; "),
            "{line}"
        );
    }
}
