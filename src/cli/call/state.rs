//! What servers got from earlier checks: a journal of dials in the state directory of the user, which
//! one check at a time works with, so that several calls in a row do no more than one.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::pace::{self, WINDOW};
use crate::survey::Ledger;
use crate::table::row::Moment;

/// Folder below the state directory of a user.
const FOLDER: &str = "mailcensus";
/// How much longer than a window dials are kept: as long as an address is among them, it is known which
/// others are the same machine. Clocks are set, and windows have margins, too.
const LONGER: Duration = Duration::from_secs(24 * 60 * 60);

/// The state directory, locked.
pub struct State {
    dir: PathBuf,
    since: Moment,
    /// Ends with this.
    _lock: File,
}

impl State {
    /// Opens the directory, made if it is not there, and waits until no other check works with it;
    /// forgets what no longer counts.
    ///
    /// # Errors
    /// When nobody says where it is, or it cannot be written.
    pub fn open(given: Option<&Path>, window: Duration) -> Result<Self> {
        let dir = match given {
            Some(dir) => dir.to_owned(),
            None => usual(std::env::var_os("XDG_STATE_HOME"), std::env::var_os("HOME"))?,
        };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&dir);
        made.map_err(Error::io("create", &dir))?;
        let lock = lock(&dir.join("lock"))?;
        // Another call may have had a longer window.
        let usual = Duration::from_secs(u64::from(WINDOW.usual));
        let since = Moment::now();
        let window = window.max(usual);
        pace::tidy(&dir, since, window + LONGER, pace::longest_pause(window))?;
        Ok(Self {
            dir,
            since,
            _lock: lock,
        })
    }

    /// The journal, for a survey that begins now.
    pub fn ledger(&self) -> Ledger {
        Ledger {
            dir: self.dir.clone(),
            since: self.since,
        }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// The state directory of a user (XDG Base Directory Specification).
fn usual(state_home: Option<OsString>, home: Option<OsString>) -> Result<PathBuf> {
    let absolute =
        |path: Option<OsString>| path.map(PathBuf::from).filter(|path| path.is_absolute());
    let below_home = || absolute(home).map(|home| home.join(".local/state"));
    let base = absolute(state_home).or_else(below_home);
    base.map(|base| base.join(FOLDER)).ok_or_else(|| {
        Error::Usage(
            "neither XDG_STATE_HOME nor HOME says where the dials of earlier calls are kept; name a \
             folder by --state"
                .to_owned(),
        )
    })
}

fn lock(path: &Path) -> Result<File> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(Error::io("create", path))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(err)) => return Err(Error::io("lock", path)(err)),
    }
    eprintln!("mailcensus: another check is running; waiting until it is done");
    file.lock().map_err(Error::io("lock", path))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_user_is_where_users_keep_state() {
        let of = |state: Option<&str>, home: Option<&str>| {
            usual(state.map(OsString::from), home.map(OsString::from)).ok()
        };
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(of(Some("/s"), Some("/h")), path("/s/mailcensus"));
        let below_home = path("/h/.local/state/mailcensus");
        assert_eq!(of(None, Some("/h")), below_home);
        assert_eq!(of(Some("relative"), Some("/h")), below_home);
        assert_eq!(of(Some(""), Some("/h")), below_home);
        assert_eq!(of(None, None), None);
        assert_eq!(of(None, Some("")), None);
    }

    #[test]
    fn a_machine_is_known_for_a_day() {
        let dir = tempfile::tempdir().expect("a directory");
        let now = Moment::now();
        let ago = |hours: i64| now.0 - hours * 3_600_000_000;
        let mut text = format!("pause {} Clock\n", i64::MAX);
        for (address, hours) in [
            ("192.0.2.1:25", 1),
            ("192.0.2.2:25", 23),
            ("192.0.2.3:25", 30),
        ] {
            let at = ago(hours);
            text.push_str(&format!(
                "dial {at} {address}\nend {at} {address}\nsame {address} abc\n"
            ));
        }
        std::fs::write(dir.path().join("dials.journal"), text).expect("writes");
        let state = State::open(Some(dir.path()), Duration::from_secs(600)).expect("opens");
        let (_, past) = pace::Journal::open(state.dir(), Moment::now()).expect("reads");
        assert_eq!(past.machines.len(), 2, "{past:?}");
        let until = past.pauses["Clock"];
        assert!(until.0 < ago(-1), "no longer than pauses are: {until:?}");
    }

    #[test]
    fn one_check_at_a_time_and_nobody_else_looks_in() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a directory");
        let below = dir.path().join("a/b");
        let window = Duration::from_secs(600);
        let first = State::open(Some(&below), window).expect("opens");
        let mode = below.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let waiting = std::thread::spawn(move || {
            State::open(Some(&below), window).expect("opens");
        });
        std::thread::sleep(Duration::from_millis(200));
        assert!(!waiting.is_finished(), "two at a time");
        drop(first);
        waiting.join().expect("the second one has its turn");
    }
}
