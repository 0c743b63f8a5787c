//! `dials.journal`: reservations of connections, so that caps hold over crashes.
//!
//! A connection is reserved here, and the reservation is on the disk, before it is dialled; when the
//! conversation ends that is noted too, with the moment when it began. A reservation without an end
//! is doubtful: after a crash it counts as dialled at the moment of the resume, which ends it. What
//! machine an address was seen to be, and until when an operator is paused, is noted as well. One that
//! outlives surveys is kept short by [`tidy`].

mod tidy;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::budget::MachineKey;
use crate::error::{Error, Result};
use crate::table::row::Moment;
pub use tidy::tidy;

/// Name of the file.
const NAME: &str = "dials.journal";

/// Bytes of a line that are read; the lines written here are much shorter.
const LINE: u64 = 4_096;

/// An open journal, or none: where only rates hold, no process has to know what an earlier one did.
#[derive(Clone)]
pub struct Journal(Option<Arc<Inner>>);

struct Inner {
    path: PathBuf,
    file: Mutex<File>,
    /// Ends, machines and pauses not written yet. They go out with the next reservations: what gets lost
    /// makes a dial doubtful, which errs on the side of the stranger.
    ended: Mutex<String>,
}

/// What earlier processes did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// When they dialled.
    pub dials: HashMap<SocketAddr, Vec<Moment>>,
    /// What machines the addresses were seen to be.
    pub machines: Vec<(SocketAddr, Vec<MachineKey>)>,
    /// Until when they paused operators; the last pause of each.
    pub pauses: HashMap<String, Moment>,
    /// When the survey began. What was dialled before counts in windows only.
    pub since: Moment,
}

impl Journal {
    /// Keeps nothing.
    pub fn none() -> Self {
        Self(None)
    }

    /// Opens or makes the journal and reads what earlier processes left in it. `now` is the moment
    /// that doubtful dials count as made.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn open(dir: &Path, now: Moment) -> Result<(Self, Past)> {
        let path = dir.join(NAME);
        let replayed = read(&path, now)?;
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        // The line end first: a crash may have left half a line.
        let mut opened = format!("\nopen {} {}\n", now.0, boot.trim());
        // Doubt ends here: left open, these dials would count as made now at every later resume.
        for address in &replayed.doubtful {
            opened.push_str(&end(*address, now));
        }
        file.write_all(opened.as_bytes())
            .map_err(Error::io("write", &path))?;
        file.sync_data().map_err(Error::io("sync", &path))?;
        // A new file is only there for sure when its folder says so.
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(Error::io("sync", dir))?;
        let inner = Inner {
            path,
            file: Mutex::new(file),
            ended: Mutex::default(),
        };
        Ok((Self(Some(Arc::new(inner))), replayed.past))
    }

    /// Reserves connections: returns when they are on the disk.
    ///
    /// # Errors
    /// When writing or syncing fails.
    pub async fn reserve(&self, addresses: Vec<SocketAddr>) -> Result<()> {
        let Some(inner) = self.0.clone() else {
            return Ok(());
        };
        let write = move || {
            let mut lines = std::mem::take(&mut *inner.ended());
            let now = Moment::now().0;
            for to in addresses {
                lines.push_str(&format!("dial {now} {to}\n"));
            }
            inner.write(&lines)
        };
        tokio::task::spawn_blocking(write)
            .await
            .map_err(|err| Error::Internal(format!("journal: {err}")))?
    }

    /// Notes that a conversation ended that was dialled `at` that moment.
    pub fn ended(&self, address: SocketAddr, at: Moment) {
        self.add(|| end(address, at));
    }

    /// Notes what machine an address was seen to be. Where the line is lost in a crash, the machine
    /// is met anew.
    pub(super) fn same_machine(&self, address: SocketAddr, keys: &[MachineKey]) {
        self.add(|| same(address, keys));
    }

    /// Notes that an operator is asked nothing until that moment.
    pub(super) fn paused(&self, operator: &str, until: Moment) {
        self.add(|| paused(operator, until));
    }

    /// A line that goes out with the next reservations.
    fn add(&self, line: impl FnOnce() -> String) {
        if let Some(inner) = &self.0 {
            inner.ended().push_str(&line());
        }
    }
}

impl Inner {
    fn ended(&self) -> MutexGuard<'_, String> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, lines: &str) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(lines.as_bytes())
            .map_err(Error::io("write", &self.path))?;
        file.sync_data().map_err(Error::io("sync", &self.path))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut *self.ended());
        // Nobody is left to tell of an error; the dials stay doubtful then.
        let _ = self.write(&lines);
    }
}

fn end(address: SocketAddr, at: Moment) -> String {
    format!("end {} {address}\n", at.0)
}

fn same(address: SocketAddr, keys: &[MachineKey]) -> String {
    let keys = keys.iter().map(|key| format!(" {:x}", key.0));
    format!("same {address}{}\n", keys.collect::<String>())
}

fn paused(operator: &str, until: Moment) -> String {
    format!("pause {} {operator}\n", until.0)
}

/// What a journal says.
#[derive(Debug, Default)]
struct Replayed {
    past: Past,
    /// Whose dials have no end, one for each dial.
    doubtful: Vec<SocketAddr>,
}

/// What a journal says; nothing where there is none.
fn read(path: &Path, now: Moment) -> Result<Replayed> {
    match File::open(path) {
        Ok(file) => replay(BufReader::new(file), now).map_err(Error::io("read", path)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Replayed::default()),
        Err(err) => Err(Error::io("read", path)(err)),
    }
}

/// Reads a journal line by line. What is no line (damaged, torn, too long) is passed over; the
/// others count.
fn replay(mut journal: impl BufRead, now: Moment) -> io::Result<Replayed> {
    let mut past = Past::default();
    // Reservations whose end was not noted, by the place of their time in `past`.
    let mut open = HashMap::new();
    let mut line = Vec::new();
    let mut is_start = true;
    loop {
        line.clear();
        if journal.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let is_end = line.ends_with(b"\n");
        if let (true, true, Ok(line)) = (is_start, is_end, str::from_utf8(&line)) {
            take_in(line, now, &mut past, &mut open);
        }
        is_start = is_end;
    }
    let mut doubtful = Vec::new();
    for (address, places) in open {
        if let Some(times) = past.dials.get_mut(&address) {
            for place in places {
                times[place] = now;
                doubtful.push(address);
            }
        }
    }
    Ok(Replayed { past, doubtful })
}

fn take_in(line: &str, now: Moment, past: &mut Past, open: &mut HashMap<SocketAddr, Vec<usize>>) {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    // A clock that was set back must not make a dial look far away.
    let moment = |at: &str| at.parse().ok().map(|at| Moment(at).min(now));
    match words.as_slice() {
        ["dial", at, to] => {
            let (Some(at), Ok(to)) = (moment(at), to.parse()) else {
                return;
            };
            let times = past.dials.entry(to).or_default();
            open.entry(to).or_default().push(times.len());
            times.push(at);
        }
        ["end", at, to] => {
            let (Some(at), Ok(to)) = (moment(at), to.parse()) else {
                return;
            };
            let place = open.get_mut(&to).and_then(Vec::pop);
            if let (Some(place), Some(times)) = (place, past.dials.get_mut(&to)) {
                times[place] = at;
            }
            if open.get(&to).is_some_and(Vec::is_empty) {
                open.remove(&to);
            }
        }
        ["same", to, keys @ ..] => past.machines.extend(machine(to, keys)),
        ["pause", ..] => past.pauses.extend(pause(line)),
        _ => {}
    }
}

fn machine(to: &str, keys: &[&str]) -> Option<(SocketAddr, Vec<MachineKey>)> {
    let key = |key: &&str| u64::from_str_radix(key, 16).ok().map(MachineKey);
    Some((to.parse().ok()?, keys.iter().filter_map(key).collect()))
}

/// Names of operators may have blanks in them.
fn pause(line: &str) -> Option<(String, Moment)> {
    let (until, operator) = line.trim_end().strip_prefix("pause ")?.split_once(' ')?;
    Some((operator.to_owned(), Moment(until.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn dials(text: &str, now: i64) -> HashMap<SocketAddr, Vec<Moment>> {
        let replayed = replay(text.as_bytes(), Moment(now));
        replayed.expect("reads").past.dials
    }

    #[test]
    fn a_dial_without_an_end_counts_as_made_now() {
        let text = "open 1 boot\ndial 10 192.0.2.1:25\nend 15 192.0.2.1:25\ndial 20 192.0.2.1:25\n\
                    dial 30 [2001:db8::1]:25\ndial 40 192.0.2.9:2";
        let past = dials(text, 100);
        assert_eq!(past[&to("192.0.2.1:25")], [Moment(15), Moment(100)]);
        assert_eq!(past[&to("[2001:db8::1]:25")], [Moment(100)]);
        assert!(
            !past.contains_key(&to("192.0.2.9:2")),
            "a torn line never happened"
        );
    }

    #[test]
    fn a_clock_set_back_does_not_forgive() {
        let past = dials("dial 500 192.0.2.1:25\nend 500 192.0.2.1:25\n", 100);
        assert_eq!(past[&to("192.0.2.1:25")], [Moment(100)]);
    }

    #[test]
    fn a_line_that_is_too_long_or_damaged_is_passed_over_as_a_whole() {
        let mut bytes = vec![b'x'; LINE as usize];
        bytes.extend(b"dial 1 192.0.2.1:25\n\xff 1 192.0.2.2:25\ndial 1 192.0.2.3:25\n");
        let past = replay(&bytes[..], Moment(100)).expect("reads").past;
        assert_eq!(past.dials.len(), 1, "{past:?}");
        assert!(past.dials.contains_key(&to("192.0.2.3:25")));
    }

    #[test]
    fn doubt_is_counted_once() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("dials.journal");
        std::fs::write(path, "dial 10 192.0.2.1:25\ndial 20 192.0.2.1:25\n").expect("writes");
        for now in [100, 200, 300] {
            let (_, past) = Journal::open(dir.path(), Moment(now)).expect("opens");
            let times = &past.dials[&to("192.0.2.1:25")];
            assert_eq!(times, &[Moment(100), Moment(100)], "at {now}");
        }
    }

    #[tokio::test]
    async fn reservations_survive_the_process() {
        let dir = tempfile::tempdir().expect("a directory");
        let (journal, past) = Journal::open(dir.path(), Moment(1)).expect("opens");
        assert_eq!(past, Past::default());
        journal
            .reserve(vec![to("192.0.2.1:25"), to("192.0.2.2:25")])
            .await
            .expect("reserves");
        journal.ended(to("192.0.2.1:25"), Moment(7));
        let keys = [MachineKey(0xabc), MachineKey(1)];
        journal.same_machine(to("192.0.2.1:25"), &keys);
        drop(journal);
        let later = Moment(Moment::now().0 + 1_000_000);
        let (_, past) = Journal::open(dir.path(), later).expect("opens again");
        assert_eq!(past.dials[&to("192.0.2.2:25")], [later]);
        assert_eq!(past.dials[&to("192.0.2.1:25")], [Moment(7)]);
        assert_eq!(past.machines, [(to("192.0.2.1:25"), keys.to_vec())]);
    }
}
