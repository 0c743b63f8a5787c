//! A journal that outlives surveys keeps what still counts, and nothing else.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::{NAME, end, paused, read, same};
use crate::error::{Error, Result};
use crate::table::row::Moment;

/// Rewrites the journal in a directory without dials older than `keep`, without machines that were not
/// dialled since, and without pauses that are over; none is longer than `longest`, since clocks are
/// set. Doubtful dials count as made now. Nobody else may
/// have it open.
///
/// # Errors
/// When it cannot be read or written; then it is as it was.
pub fn tidy(dir: &Path, now: Moment, keep: Duration, longest: Duration) -> Result<()> {
    let path = dir.join(NAME);
    if !path.exists() {
        return Ok(());
    }
    let mut past = read(&path, now)?.past;
    let micros = |length: Duration| i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
    let oldest = Moment(now.0.saturating_sub(micros(keep)));
    let latest = Moment(now.0.saturating_add(micros(longest)));
    past.dials.retain(|_, times| {
        times.retain(|at| *at > oldest);
        !times.is_empty()
    });
    past.machines
        .retain(|(address, _)| past.dials.contains_key(address));
    past.pauses.retain(|_, until| {
        *until = (*until).min(latest);
        *until > now
    });
    let mut lines = String::new();
    for (to, times) in &past.dials {
        for at in times {
            lines.push_str(&format!("dial {} {to}\n{}", at.0, end(*to, *at)));
        }
    }
    lines.extend(past.machines.iter().map(|(to, keys)| same(*to, keys)));
    let pauses = past.pauses.iter();
    lines.extend(pauses.map(|(operator, until)| paused(operator, *until)));
    replace(&path, &lines)
}

/// After a crash there is the old file or the new one.
fn replace(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new).map_err(Error::io("create", &new))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(Error::io("write", &new))?;
    std::fs::rename(&new, path).map_err(Error::io("rename", &new))
}

#[cfg(test)]
mod tests {
    use super::super::{Journal, Past};
    use super::*;

    const KEEP: Duration = Duration::from_secs(5);
    const LONGEST: Duration = Duration::from_secs(40);

    fn past(dir: &Path, now: i64) -> Past {
        Journal::open(dir, Moment(now)).expect("opens").1
    }

    #[test]
    fn what_no_longer_counts_goes_and_the_rest_stays() {
        let dir = tempfile::tempdir().expect("a directory");
        let text = "dial 1000000 192.0.2.1:25\nend 1000000 192.0.2.1:25\n\
                    dial 9000000 192.0.2.1:25\nend 9500000 192.0.2.1:25\n\
                    dial 1000000 192.0.2.2:25\nend 1000000 192.0.2.2:25\n\
                    dial 2000000 192.0.2.3:25\n\
                    same 192.0.2.1:25 abc 1\nsame 192.0.2.2:25 abc\n\
                    pause 9000000 Over\npause 12000000 Still on\n\
                    pause 99000000 Clock\n";
        std::fs::write(dir.path().join(NAME), text).expect("writes");
        tidy(dir.path(), Moment(10_000_000), KEEP, LONGEST).expect("tidies");
        let left = past(dir.path(), 10_000_000);
        let address = |text: &str| text.parse::<std::net::SocketAddr>().expect("an address");
        assert_eq!(left.dials.len(), 2, "{left:?}");
        assert_eq!(left.dials[&address("192.0.2.1:25")], [Moment(9_500_000)]);
        let doubtful = &left.dials[&address("192.0.2.3:25")];
        assert_eq!(doubtful, &[Moment(10_000_000)], "a dial without an end");
        assert_eq!(left.machines.len(), 1);
        assert_eq!(left.pauses.len(), 2);
        assert_eq!(left.pauses["Clock"], Moment(50_000_000));
        assert!(left.pauses.contains_key("Still on"));
        // However often it is written anew.
        for _ in 0..3 {
            tidy(dir.path(), Moment(10_000_000), KEEP, LONGEST).expect("tidies");
        }
        assert_eq!(past(dir.path(), 10_000_000), left);
        tidy(dir.path(), Moment(90_000_000), KEEP, LONGEST).expect("tidies");
        assert_eq!(past(dir.path(), 90_000_000), Past::default());
    }

    #[test]
    fn where_there_is_none_none_is_made() {
        let dir = tempfile::tempdir().expect("a directory");
        tidy(dir.path(), Moment(1), KEEP, LONGEST).expect("tidies");
        assert!(!dir.path().join(NAME).exists());
    }
}
