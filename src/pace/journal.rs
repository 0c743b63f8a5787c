//! `dials.journal`: reservations of connections, so that caps hold over crashes.
//!
//! A connection is reserved here, and the reservation is on the disk, before it is dialled; when the
//! conversation ends that is noted too. A reservation without an end is doubtful: after a crash it
//! counts as dialled at the moment of the resume. What machine an address was seen to be is noted
//! as well.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::budget::MachineKey;
use crate::error::{Error, Result};
use crate::table::row::Moment;

/// An open journal.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    path: PathBuf,
    file: Mutex<File>,
    /// Ends and machines not written yet. They go out with the next reservations: what gets lost
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
}

impl Journal {
    /// Opens or makes the journal and reads what earlier processes left in it. `now` is the moment
    /// that doubtful dials count as made.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn open(dir: &Path, now: Moment) -> Result<(Self, Past)> {
        let path = dir.join("dials.journal");
        let text = match std::fs::read(&path) {
            // A damaged line is passed over; the others count.
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(err) => return Err(Error::io("read", &path)(err)),
        };
        let past = replay(&text, now);
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        // The line end first: a crash may have left half a line.
        let opened = format!("\nopen {} {}\n", now.0, boot.trim());
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
        Ok((Self(Arc::new(inner)), past))
    }

    /// Reserves connections: returns when they are on the disk.
    ///
    /// # Errors
    /// When writing or syncing fails.
    pub async fn reserve(&self, addresses: Vec<SocketAddr>) -> Result<()> {
        let inner = self.0.clone();
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

    /// Notes that a conversation ended.
    pub fn ended(&self, address: SocketAddr) {
        self.0.ended().push_str(&format!("end {address}\n"));
    }

    /// Notes what machine an address was seen to be. Where the line is lost in a crash, the machine
    /// is met anew.
    pub(super) fn same_machine(&self, address: SocketAddr, keys: &[MachineKey]) {
        let mut line = format!("same {address}");
        for key in keys {
            line.push_str(&format!(" {:x}", key.0));
        }
        line.push('\n');
        self.0.ended().push_str(&line);
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

fn replay(text: &str, now: Moment) -> Past {
    let mut past = Past::default();
    // Reservations whose end was not noted, by the place of their time in `past`.
    let mut open: HashMap<SocketAddr, Vec<usize>> = HashMap::new();
    for line in text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
    {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["dial", at, to] => {
                let (Ok(at), Ok(to)) = (at.parse(), to.parse()) else {
                    continue;
                };
                let times = past.dials.entry(to).or_default();
                open.entry(to).or_default().push(times.len());
                // A clock that was set back must not make a dial look far away.
                times.push(Moment(at).min(now));
            }
            ["end", to] => {
                if let Some(places) = to.parse().ok().and_then(|to: SocketAddr| open.get_mut(&to)) {
                    places.pop();
                }
            }
            ["same", to, keys @ ..] => past.machines.extend(machine(to, keys)),
            _ => {}
        }
    }
    for (address, places) in open {
        if let Some(times) = past.dials.get_mut(&address) {
            for place in places {
                times[place] = now;
            }
        }
    }
    past
}

fn machine(to: &str, keys: &[&str]) -> Option<(SocketAddr, Vec<MachineKey>)> {
    let key = |key: &&str| u64::from_str_radix(key, 16).ok().map(MachineKey);
    Some((to.parse().ok()?, keys.iter().filter_map(key).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_dial_without_an_end_counts_as_made_now() {
        let text = "open 1 boot\ndial 10 192.0.2.1:25\nend 192.0.2.1:25\ndial 20 192.0.2.1:25\n\
                    dial 30 [2001:db8::1]:25\ndial 40 192.0.2.9:2";
        let past = replay(text, Moment(100)).dials;
        assert_eq!(past[&to("192.0.2.1:25")], [Moment(10), Moment(100)]);
        assert_eq!(past[&to("[2001:db8::1]:25")], [Moment(100)]);
        assert!(
            !past.contains_key(&to("192.0.2.9:2")),
            "a torn line never happened"
        );
    }

    #[test]
    fn a_clock_set_back_does_not_forgive() {
        let past = replay("dial 500 192.0.2.1:25\nend 192.0.2.1:25\n", Moment(100)).dials;
        assert_eq!(past[&to("192.0.2.1:25")], [Moment(100)]);
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
        journal.ended(to("192.0.2.1:25"));
        let keys = [MachineKey(0xabc), MachineKey(1)];
        journal.same_machine(to("192.0.2.1:25"), &keys);
        drop(journal);
        let later = Moment(Moment::now().0 + 1_000_000);
        let (_, past) = Journal::open(dir.path(), later).expect("opens again");
        assert_eq!(past.dials[&to("192.0.2.2:25")], [later]);
        assert!(past.dials[&to("192.0.2.1:25")][0] < later);
        assert_eq!(past.machines, [(to("192.0.2.1:25"), keys.to_vec())]);
    }
}
