//! `survey.log`: what happened to a survey, one line an event, the time first.
//!
//! [`Logbook`] is a screen that writes down what it shows. Lines are appended and flushed one by
//! one. A line that cannot be written never ends a survey: the screen says so once, and what the
//! survey itself cannot write ends it soon enough. Mailbox names are left out, whoever said them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use time::OffsetDateTime;

use super::settings::{Screen, Watch};
use super::tally::Tally;
use crate::pace::Outlook;
use crate::text::{self, count, duration};

/// Name of the file.
const NAME: &str = "survey.log";

/// A screen and the file beside it.
pub struct Logbook {
    screen: Arc<dyn Screen>,
    file: Arc<LogFile>,
}

/// The file; none before it is opened.
#[derive(Default)]
struct LogFile(Mutex<Open>);

#[derive(Default)]
struct Open {
    file: Option<File>,
    /// Whether a line was not written whole.
    torn: bool,
    /// Whether the screen said so.
    told: bool,
}

impl Logbook {
    /// A log that is not open yet: what is noted meanwhile is only shown.
    pub fn new(screen: Arc<dyn Screen>) -> Arc<Self> {
        Arc::new(Self {
            screen,
            file: Arc::default(),
        })
    }

    /// Opens the log of a survey directory; what is there stays.
    pub fn open(&self, dir: &Path) {
        let opened = open(&dir.join(NAME));
        match opened {
            Ok(open) => *self.file.lock() = open,
            Err(err) => self.complain(&err),
        }
    }

    /// Writes an event down without showing it: a word for its kind, and what happened.
    pub fn event(&self, kind: &str, words: &str) {
        if let Err(err) = self.file.write(kind, words) {
            self.complain(&err);
        }
    }

    /// Shows a line of a trace and writes it down.
    pub fn trace(&self, words: &str) {
        self.screen.note(words);
        self.event("trace", words);
    }

    fn complain(&self, err: &std::io::Error) {
        if !std::mem::replace(&mut self.file.lock().told, true) {
            self.screen
                .note(&format!("{NAME}: {err}; the survey goes on without it"));
        }
    }
}

impl Screen for Logbook {
    fn note(&self, text: &str) {
        self.screen.note(text);
        self.event("note", text);
    }

    fn stage(
        &self,
        name: &'static str,
        unit: &'static str,
        total: u64,
        done: u64,
    ) -> Arc<dyn Watch> {
        let words = format!(
            "{name} begins: {} {unit}, {} of them done",
            count(total),
            count(done)
        );
        self.event("stage", &words);
        Arc::new(Logged {
            watch: self.screen.stage(name, unit, total, done),
            file: self.file.clone(),
            name,
            unit,
            started: Instant::now(),
            tally: Mutex::new(Some(Tally::new(total, done))),
        })
    }
}

/// The progress of a stage, and the line that the log gets at its end.
struct Logged {
    watch: Arc<dyn Watch>,
    file: Arc<LogFile>,
    name: &'static str,
    unit: &'static str,
    started: Instant,
    /// None once the end is written down.
    tally: Mutex<Option<Tally>>,
}

impl Logged {
    fn tally(&self) -> MutexGuard<'_, Option<Tally>> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, how: &str) {
        let Some(tally) = self.tally().take() else {
            return;
        };
        let words = format!(
            "{} {how}: {} of {} {} after {}; {}",
            self.name,
            count(tally.done),
            count(tally.total),
            self.unit,
            duration(self.started.elapsed().as_secs()),
            tally.outcomes()
        );
        // The next line that the log gets says what is wrong with it.
        let _ = self.file.write("stage", words.trim_end_matches("; "));
    }
}

impl Watch for Logged {
    fn done(&self, outcome: &'static str, in_flight: usize) {
        if let Some(tally) = self.tally().as_mut() {
            tally.add(outcome, in_flight);
        }
        self.watch.done(outcome, in_flight);
    }

    fn outlook(&self, ahead: Outlook) {
        self.watch.outlook(ahead);
    }

    fn finish(&self) {
        self.end("ends");
        self.watch.finish();
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        self.end("is broken off");
    }
}

fn open(path: &Path) -> std::io::Result<Open> {
    let mut file = File::options()
        .create(true)
        .read(true)
        .append(true)
        .open(path)?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(Open {
        file: Some(file),
        // A crash may have left half a line.
        torn: last != [b'\n'],
        told: false,
    })
}

impl LogFile {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, kind: &str, words: &str) -> std::io::Result<()> {
        let mut open = self.lock();
        let Open { file, torn, .. } = &mut *open;
        let Some(file) = file else {
            return Ok(());
        };
        let line_end = if *torn { "\n" } else { "" };
        let line = format!("{line_end}{} {kind} {}\n", now(), clean(words));
        let written = file.write_all(line.as_bytes()).and_then(|()| file.flush());
        *torn = written.is_err();
        written
    }
}

/// The wall clock to the millisecond.
fn now() -> String {
    let now = OffsetDateTime::now_utc();
    let (hour, minute, second, milli) = now.to_hms_milli();
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z",
        now.date()
    )
}

/// One line, without what a terminal would act on and without mailbox names.
fn clean(words: &str) -> String {
    text::without_mailboxes(&text::one_line(words))
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::*;

    struct Silent;

    impl Screen for Silent {
        fn note(&self, _: &str) {}

        fn stage(&self, _: &'static str, _: &'static str, _: u64, _: u64) -> Arc<dyn Watch> {
            Arc::new(Nobody)
        }
    }

    struct Nobody;

    impl Watch for Nobody {
        fn done(&self, _: &'static str, _: usize) {}
        fn outlook(&self, _: Outlook) {}
        fn finish(&self) {}
    }

    /// The lines without their times, which have to be times.
    fn lines(dir: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(dir.join(NAME)).expect("a log");
        let lines = text.lines().map(|line| {
            let (time, rest) = line.split_once(' ').expect("a time and words");
            OffsetDateTime::parse(time, &Rfc3339).unwrap_or_else(|err| panic!("{err} in {line}"));
            rest.to_owned()
        });
        lines.collect()
    }

    #[test]
    fn a_stage_leaves_a_line_when_it_ends_and_when_it_is_broken_off() {
        let dir = tempfile::tempdir().expect("a directory");
        let book = Logbook::new(Arc::new(Silent));
        book.note("before it is open");
        book.open(dir.path());
        let watch = book.stage("dns", "domains", 2, 1);
        watch.done("exists", 0);
        watch.finish();
        drop(watch);
        book.stage("hosts", "mail hosts", 3, 0).done("found", 1);
        book.event("end", "by somebody@example.cz\n");
        assert_eq!(
            lines(dir.path()),
            [
                "stage dns begins: 2 domains, 1 of them done",
                "stage dns ends: 2 of 2 domains after 0 s; 1 exists",
                "stage hosts begins: 3 mail hosts, 0 of them done",
                "stage hosts is broken off: 1 of 3 mail hosts after 0 s; 1 found",
                "end by …@example.cz\\x0a",
            ]
        );
    }

    #[test]
    fn a_line_after_a_torn_one_stands_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join(NAME), "2026-01-01T00:00:00Z note ha").expect("writes");
        let book = Logbook::new(Arc::new(Silent));
        book.open(dir.path());
        book.note("whole");
        assert_eq!(lines(dir.path()), ["note ha", "note whole"]);
    }

    #[test]
    fn a_log_that_cannot_be_written_ends_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join(NAME)).expect("a folder in its place");
        let book = Logbook::new(Arc::new(Silent));
        book.open(dir.path());
        book.note("shown all the same");
    }
}
