//! A survey that will not live long: started, watched by what it leaves on the disk, and killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it runs between two looks at it. It stands still while it is looked at, so that what
/// was seen is what is killed.
const SLICE: Duration = Duration::from_millis(2);

/// The stretches of a survey, in their order; the last five are short.
pub const STRETCHES: [&str; 7] = [
    "dns",
    "hosts",
    "zones",
    "probe",
    "compaction",
    "verdict",
    "ending",
];

/// A running survey.
pub struct Victim {
    child: Child,
    out: PathBuf,
    /// Rows of `endpoints` and `sts_policies` when everybody is asked.
    probed: u64,
    started: Instant,
}

impl Victim {
    /// Starts a survey; its words go to a file.
    pub fn start(command: &mut Command, out: &Path, probed: u64) -> Self {
        let mut words = fs::File::options();
        let words = words.create(true).append(true);
        let words = words.open(out.with_extension("words")).expect("opens");
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(words)
            .spawn()
            .expect("nsenter");
        Self {
            child,
            out: out.to_owned(),
            probed,
            started: Instant::now(),
        }
    }

    /// Sends a signal to this process alone.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.expect("kill").success(), "{signal} to {pid}");
    }

    /// Waits until something is so, or the process has ended.
    pub fn wait_until(&mut self, mut what: impl FnMut(&Path) -> bool) -> bool {
        while self.exited().is_none() {
            if what(&self.out) {
                return true;
            }
            std::thread::sleep(SLICE);
        }
        false
    }

    /// The exit code, if it has ended.
    pub fn exited(&mut self) -> Option<Option<i32>> {
        let status = self.child.try_wait().expect("a child of ours");
        status.map(|status| status.code())
    }

    /// Waits for the end, which must come in time.
    #[track_caller]
    pub fn end_within(&mut self, patience: Duration) -> Option<i32> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(code) = self.exited() {
                return code;
            }
            if Instant::now() > deadline {
                self.child.kill().expect("a child of ours");
                panic!("still there after {patience:?}");
            }
            std::thread::sleep(SLICE);
        }
    }

    /// Kills it when it has been in a stretch, or in a later one, for so long; none when it ended
    /// before. Tells where it was killed, and when.
    pub fn kill_in(mut self, stretch: &str, after: Duration) -> Option<(&'static str, Duration)> {
        let place = |name: &str| STRETCHES.iter().position(|other| *other == name);
        let mut since = None;
        loop {
            std::thread::sleep(SLICE);
            if self.exited().is_some() {
                return None;
            }
            self.signal("-STOP");
            let now = self.stretch();
            let passed = place(now) > place(stretch);
            if now == stretch || passed {
                let since: &mut Instant = since.get_or_insert_with(Instant::now);
                if passed || since.elapsed() >= after {
                    self.child.kill().expect("a child of ours");
                    self.child.wait().expect("a child of ours");
                    return Some((now, self.started.elapsed()));
                }
            }
            self.signal("-CONT");
        }
    }

    /// Where it is, by its log. The stages `dns` and `hosts` commit when they are over.
    fn stretch(&self) -> &'static str {
        let log = fs::read_to_string(self.out.join("parts.jsonl")).unwrap_or_default();
        let finished =
            |stage: &str| log.contains(&format!("{{\"finished\":{{\"stage\":\"{stage}\"}}}}"));
        let of = |line: &str, table: &str| {
            line.starts_with(&format!("{{\"part\":{{\"table\":\"{table}\""))
        };
        let part = |line: &&str| of(line, "endpoints") || of(line, "sts_policies");
        if !finished("dns") {
            "dns"
        } else if !finished("hosts") {
            match log.contains("{\"part\":{\"table\":\"hosts\"") {
                true => "zones",
                false => "hosts",
            }
        } else if !finished("probe") {
            let rows = |line: &str| {
                let part: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
                part["part"]["rows"].as_u64().unwrap_or(0)
            };
            let rows: u64 = log.lines().filter(part).map(rows).sum();
            match rows >= self.probed {
                true => "compaction",
                false => "probe",
            }
        } else if !finished("verdict") {
            "verdict"
        } else {
            "ending"
        }
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
